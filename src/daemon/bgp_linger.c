/* SPDX-License-Identifier: ISC */
#include "daemon/bgp_linger.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

#define LINGERERS	128	/* at once; more are closed at once */
#define LINGER_TIME	SECONDS(5)

struct lingerer {
	struct list link;
	struct loop *l;
	int fd;
	struct loop_fd *ready;
	struct loop_timer timer;
};

static struct list lingerers = { &lingerers, &lingerers };
static unsigned n_lingerers;

static void
lingerer_free(struct lingerer *g)
{
	list_remove(&g->link);
	n_lingerers--;
	loop_timer_clear(g->l, &g->timer);
	loop_fd_free(g->ready);
	close(g->fd);
	mem_free(g);
}

static void
on_time(void *ctx)
{
	lingerer_free(ctx);
}

static void
on_ready(void *ctx, int events)
{
	struct lingerer *g = ctx;
	static uint8_t nowhere[65536];
	ssize_t n = recv(g->fd, nowhere, sizeof(nowhere), MSG_DONTWAIT);

	(void)events;
	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	lingerer_free(g);
}

void
bgp_linger(struct loop *l, int fd)
{
	struct lingerer *g = n_lingerers < LINGERERS ?
	    mem_zalloc(sizeof(*g)) : NULL;

	if (g != NULL)
		g->ready = loop_fd_new(l, fd, on_ready, g);
	if (g == NULL || g->ready == NULL) {
		mem_free(g);
		close(fd);
		return;
	}
	shutdown(fd, SHUT_WR);
	g->l = l;
	g->fd = fd;
	list_push_back(&lingerers, &g->link);
	n_lingerers++;
	loop_timer_init(&g->timer, on_time, g);
	loop_timer_in(l, &g->timer, LINGER_TIME);
	loop_fd_want(g->ready, UV_READABLE);
}

void
bgp_linger_done(void)
{
	LIST_EACH_SAFE(g, &lingerers, struct lingerer, link)
		lingerer_free(g);
}

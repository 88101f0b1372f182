/* SPDX-License-Identifier: ISC */
/*
 * Answers the next Warren's "explain" (wire/ask.h): a peer of this tunnel
 * connects to our link-local address, says one line, and the client program
 * of this host writes what it finds straight to that connection.
 *
 * Nothing can be changed this way.  Only the derived addresses of configured
 * peers are answered, some at a time, for some seconds each.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/wireguard.h"
#include "sys/spawn.h"
#include "sys/tcp.h"
#include "wire/ask.h"

#define AT_ONCE		4
#define PATIENCE	SECONDS(5)

struct asker {
	struct list link;		/* in tunnel.askers */
	struct tunnel *t;
	int fd;				/* -1: the child has it */
	struct loop_fd *ready;		/* of fd, then of the child */
	struct loop_timer timer;
	struct spawn_child child;	/* pidfd -1: none yet */
	char key[WG_KEY_BASE64];	/* the peer's */
	char line[ASK_LINE];
	size_t n;
};

static void
asker_free(struct asker *a)
{
	int status;

	list_remove(&a->link);
	a->t->n_askers--;
	loop_timer_clear(&a->t->p.d->loop, &a->timer);
	a->ready = loop_fd_free(a->ready);
	if (a->fd >= 0)
		close(a->fd);
	if (a->child.pidfd >= 0) {
		if (spawn_reap(&a->child, &status) == -EAGAIN) {
			kill(a->child.pid, SIGKILL);
			spawn_wait(&a->child);
		}
		close(a->child.pidfd);
	}
	mem_free(a);
}

static void
on_late(void *ctx)
{
	asker_free(ctx);
}

static void
on_child(void *ctx, int events)
{
	(void)events;
	asker_free(ctx);
}

/* The client writes to the connection; we only wait for its end. */
static void
answer(struct asker *a, const struct ask_line *ask)
{
	char path[4096], to[IP_TEXT], from[IP_TEXT], hops[12];
	const char *argv[16] = { path, "-s",
	    a->t->p.d->opt.socket };
	int n = 3;

	if (ask->json)
		argv[n++] = "-j";
	argv[n++] = "explain";
	argv[n++] = ip_text(ask->to, to);
	argv[n++] = "from";
	argv[n++] = ip_text(ask->from, from);
	argv[n++] = "hops";
	snprintf(hops, sizeof(hops), "%u", ask->hops);
	argv[n++] = hops;
	argv[n++] = "in";
	argv[n++] = a->t->iface;
	argv[n++] = "by";
	argv[n++] = a->key;
	argv[n] = NULL;
	a->ready = loop_fd_free(a->ready);
	if (spawn_find("warren", path, sizeof(path)) < 0 ||
	    spawn_writing((char *const *)(uintptr_t)argv, a->fd,
	    &a->child) < 0) {
		asker_free(a);
		return;
	}
	close(a->fd);
	a->fd = -1;
	a->ready = loop_fd_new(&a->t->p.d->loop, a->child.pidfd, on_child, a);
	if (a->ready != NULL)
		loop_fd_want(a->ready, UV_READABLE);
	loop_timer_in(&a->t->p.d->loop, &a->timer, PATIENCE);
}

static void
on_line(void *ctx, int events)
{
	struct asker *a = ctx;
	struct ask_line ask;
	char *end;
	ssize_t n;

	(void)events;
	n = recv(a->fd, a->line + a->n, sizeof(a->line) - 1 - a->n,
	    MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0)
		a->n += (size_t)n;
	a->line[a->n] = '\0';
	end = strchr(a->line, '\n');
	if (end != NULL)
		*end = '\0';
	if (end != NULL && ask_parse(a->line, &ask))
		answer(a, &ask);
	else if (n <= 0 || end != NULL || a->n == sizeof(a->line) - 1)
		asker_free(a);
}

static const struct tunnel_peer *
peer_at(const struct tunnel *t, struct ip ip)
{
	for (unsigned i = 0; i < t->n_peers; i++)
		if (ip_eq(t->peer[i].link_local, ip))
			return &t->peer[i];
	return NULL;
}

static void
welcome(struct tunnel *t, const struct tunnel_peer *p, int fd)
{
	struct asker *a = mem_zalloc(sizeof(*a));

	if (a == NULL) {
		close(fd);
		return;
	}
	a->t = t;
	a->fd = fd;
	a->child.pidfd = -1;
	wg_key_to_base64(a->key, p->cf->public_key);
	list_push_back(&t->askers, &a->link);
	t->n_askers++;
	loop_timer_init(&a->timer, on_late, a);
	loop_timer_in(&t->p.d->loop, &a->timer, PATIENCE);
	a->ready = loop_fd_new(&t->p.d->loop, fd, on_line, a);
	if (a->ready == NULL)
		asker_free(a);
	else
		loop_fd_want(a->ready, UV_READABLE);
}

static void
on_connection(void *ctx, int events)
{
	struct tunnel *t = ctx;
	const struct tunnel_peer *p;
	struct tcp_end peer, local;
	int fd;

	(void)events;
	while ((fd = tcp_accept(t->ask_fd, &peer, &local)) >= 0) {
		p = peer_at(t, peer.ip);
		if (p != NULL && t->n_askers < AT_ONCE)
			welcome(t, p, fd);
		else
			close(fd);
	}
}

void
tunnel_answers(struct tunnel *t)
{
	struct tcp_end at = { .ip = t->link_local, .port = ASK_PORT,
	    .scope = t->ifindex };
	struct tcp_opt opt = { .iface = t->iface, .freebind = true };

	tunnel_answers_done(t);
	if (!t->p.cf->wg.explain || ip_is_none(t->link_local))
		return;
	t->ask_fd = tcp_listen(FAMILY_IP6, &at, &opt);
	if (t->ask_fd < 0) {
		proto_log(&t->p, CONF_LOG_WARNING, "explain: cannot listen "
		    "on %s port %d: %s", t->iface, ASK_PORT,
		    strerrordesc_np(-t->ask_fd));
		t->ask_fd = -1;
		return;
	}
	t->ask_ready = loop_fd_new(&t->p.d->loop, t->ask_fd, on_connection,
	    t);
	if (t->ask_ready != NULL)
		loop_fd_want(t->ask_ready, UV_READABLE);
}

void
tunnel_answers_done(struct tunnel *t)
{
	LIST_EACH_SAFE(a, &t->askers, struct asker, link)
		asker_free(a);
	t->ask_ready = loop_fd_free(t->ask_ready);
	if (t->ask_fd >= 0)
		close(t->ask_fd);
	t->ask_fd = -1;
}

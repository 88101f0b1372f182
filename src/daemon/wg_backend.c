/* SPDX-License-Identifier: ISC */
#include "daemon/wg_backend.h"

#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/spawn.h"
#include "sys/uapi_client.h"
#include "sys/wgnl.h"
#include "wg/genl.h"

#define REQUEST_TIME	SECONDS(5)
#define RETRY		MILLISECONDS(20)
#define START_TIME	SECONDS(10)
#define MAKE_TIME	SECONDS(2)	/* of a link, in the kernel */
#define REQUEST_MAX	(64u << 20)

enum pending {
	NOTHING, GET, SET
};

struct wg_backend {
	struct daemon *d;
	char iface[IFACE_NAME];
	struct wg_backend_cb cb;
	void *ctx;
	struct wgnl *kernel;		/* NULL: userspace */
	struct uapi_client *client;
	struct loop_fd *ready;
	struct loop_timer timer;	/* the client's, and retries */
	struct text request;		/* the one under way, for a retry */
	enum pending pending;
	bool retry;			/* the timer is for a retry */
	struct instant give_up;		/* retries until then */
	struct spawn_child child;	/* pid 0: not ours, or none */
	struct loop_fd *child_end;
};

bool
wg_backend_busy(const struct wg_backend *b)
{
	return b->pending != NOTHING;
}

bool
wg_backend_kernel(const struct wg_backend *b)
{
	return b->kernel != NULL;
}

bool
wg_backend_exists(const char *iface)
{
	char path[64 + IFACE_NAME];

	if (uapi_client_alive(iface))
		return true;
	snprintf(path, sizeof(path), "/sys/class/net/%s", iface);
	return access(path, F_OK) == 0 || if_nametoindex(iface) != 0;
}

static void kernel_get(struct wg_backend *b);
static void pump(struct wg_backend *b);
static void send_request(struct wg_backend *b);

static void
on_ready(void *ctx, int events)
{
	struct wg_backend *b = ctx;

	(void)events;
	uapi_client_ready(b->client, loop_now());
	pump(b);
}

static void
on_timer(void *ctx)
{
	struct wg_backend *b = ctx;

	if (b->retry) {
		b->retry = false;
		if (b->kernel != NULL)
			kernel_get(b);
		else
			send_request(b);
		return;
	}
	uapi_client_tick(b->client, loop_now());
	pump(b);
}

/*
 * The client may have closed its socket and opened another one with the same
 * number, so what is watched is made anew each time.
 */
static void
pump(struct wg_backend *b)
{
	int fd = uapi_client_fd(b->client);
	short ev = uapi_client_events(b->client);

	b->ready = loop_fd_free(b->ready);
	if (fd >= 0)
		b->ready = loop_fd_new(&b->d->loop, fd, on_ready, b);
	if (b->ready != NULL)
		loop_fd_want(b->ready, (ev & 1 ? UV_READABLE : 0) |
		    (ev & 4 ? UV_WRITABLE : 0));
	if (!b->retry)
		loop_timer_at(&b->d->loop, &b->timer,
		    uapi_client_deadline(b->client));
}

/* What is still being started: its socket, or the kernel's link. */
static bool
try_again(struct wg_backend *b, int err)
{
	if (err != -ENOENT && err != -ECONNREFUSED && err != -EPIPE &&
	    err != -ENODEV)
		return false;
	if (instant_due(b->give_up, loop_now()))
		return false;
	b->retry = true;
	loop_timer_in(&b->d->loop, &b->timer, RETRY);
	return true;
}

static void
forget_request(struct wg_backend *b)
{
	if (b->request.s != NULL && b->request.cap > 0)
		mem_wipe(b->request.s, b->request.n);
	text_clear(&b->request);
	b->pending = NOTHING;
}

static void
answered(void *ctx, int err, struct bytes reply)
{
	struct wg_backend *b = ctx;
	enum pending was = b->pending;
	struct wg_uapi_dump dump;

	if (err != 0 && try_again(b, err))
		return;
	forget_request(b);
	b->give_up = INSTANT_ZERO;	/* it lives: no patience from now on */
	if (err != 0) {
		b->cb.died(b->ctx, strerrordesc_np(-err));
		return;
	}
	err = wg_uapi_dump_parse(&dump, reply);
	if (err != 0) {
		b->cb.died(b->ctx, "its answer makes no sense");
		return;
	}
	if (was == SET)
		b->cb.set(b->ctx, -dump.error);
	else
		b->cb.got(b->ctx, &dump);
	wg_uapi_dump_done(&dump);
}

static void
send_request(struct wg_backend *b)
{
	int err = uapi_client_request(b->client, bytes_of(b->request.s,
	    b->request.n), loop_now(), REQUEST_TIME, answered, b);

	if (err != 0 && !try_again(b, err)) {
		forget_request(b);
		b->cb.died(b->ctx, strerrordesc_np(-err));
		return;
	}
	pump(b);
}

/* The kernel answers at once. */
static int
add_message(void *ctx, const struct nl_msg *m)
{
	return wg_genl_dump_add(ctx, m);
}

static void
kernel_get(struct wg_backend *b)
{
	struct wg_genl_dump g = { 0 };
	struct wg_uapi_dump dump = { 0 };
	uint8_t buf[128];
	struct wr w = wr_of(buf, sizeof(buf));
	int err;

	b->pending = NOTHING;
	wg_genl_get(&w, wgnl_family(b->kernel), 0, b->iface);
	err = wgnl_dump(b->kernel, bytes_of(buf, wr_len(&w)), add_message,
	    &g);
	if (err < 0)
		wg_genl_dump_done(&g);
	if (err == -EINTR)
		return;		/* changed under us: the next poll sees it */
	if (err < 0 && try_again(b, err)) {
		b->pending = GET;
		return;
	}
	b->give_up = INSTANT_ZERO;
	if (err < 0) {
		b->cb.died(b->ctx, strerrordesc_np(-err));
		return;
	}
	wg_genl_dump_end(&g, &dump);
	b->cb.got(b->ctx, &dump);
	wg_uapi_dump_done(&dump);
}

static void
kernel_set(struct wg_backend *b, const struct ws_changes *c)
{
	struct wg_genl *g = mem_alloc(sizeof(*g));
	int err = -ENOMEM;

	if (g != NULL) {
		wg_genl_begin(g, wgnl_family(b->kernel), b->iface, &c->device,
		    wgnl_send, b->kernel);
		for (size_t i = 0; i < c->n_peers; i++)
			wg_genl_peer(g, &c->peer[i]);
		err = wg_genl_end(g);
	}
	mem_free(g);
	b->cb.set(b->ctx, err);
}

void
wg_backend_get(struct wg_backend *b)
{
	if (b->kernel != NULL) {
		kernel_get(b);
		return;
	}
	b->pending = GET;
	text_add(&b->request, "get=1\n\n");
	send_request(b);
}

void
wg_backend_set(struct wg_backend *b, const struct ws_changes *c)
{
	if (b->kernel != NULL) {
		kernel_set(b, c);
		return;
	}
	b->pending = SET;
	wg_uapi_print_set(&b->request, &c->device);
	for (size_t i = 0; i < c->n_peers; i++)
		wg_uapi_print_peer(&b->request, &c->peer[i]);
	wg_uapi_print_end(&b->request);
	if (b->request.bad) {
		forget_request(b);
		b->cb.set(b->ctx, -ENOMEM);
		return;
	}
	send_request(b);
}

static void
forget_child(struct wg_backend *b)
{
	if (b->child.pid == 0)
		return;
	b->child_end = loop_fd_free(b->child_end);
	close(b->child.pidfd);
	b->child.pid = 0;
}

static void
on_child_end(void *ctx, int events)
{
	struct wg_backend *b = ctx;
	char why[64];
	int status = 0;

	(void)events;
	if (spawn_reap(&b->child, &status) == -EAGAIN)
		return;
	forget_child(b);
	snprintf(why, sizeof(why), "warren-wg ended with status %d", status);
	b->cb.died(b->ctx, why);
}

/* What was under way is lost with the device. */
static void
drop_request(struct wg_backend *b)
{
	b->retry = false;
	if (b->kernel != NULL)
		return;
	forget_request(b);
	loop_timer_clear(&b->d->loop, &b->timer);
	b->ready = loop_fd_free(b->ready);
	b->client = uapi_client_free(b->client);
}

/*
 * Asked for, not waited for: we may be inside one of rtnl's callbacks.  The
 * first get is tried until the link is there.
 */
static int
open_kernel(struct wg_backend *b, uint64_t cookie, bool *ret_found)
{
	struct nl_link_want l = { .name = b->iface, .kind = "wireguard" };
	int err;

	b->pending = NOTHING;
	b->retry = false;
	loop_timer_clear(&b->d->loop, &b->timer);
	*ret_found = if_nametoindex(b->iface) != 0;
	if (*ret_found)
		return 0;
	err = rtnl_link_add(b->d->rtnl, &l, cookie);
	if (err == 0)
		err = rtnl_flush(b->d->rtnl);
	b->give_up = instant_add(loop_now(), MAKE_TIME);
	return err;
}

static int
open_userspace(struct wg_backend *b, bool *ret_found)
{
	int err;

	drop_request(b);
	err = uapi_client_new(b->iface, &b->client);
	if (err < 0)
		return err;
	*ret_found = uapi_client_alive(b->iface);
	if (*ret_found)
		return 0;
	forget_child(b);
	err = spawn_tunnel(b->iface, &b->child);
	if (err < 0) {
		b->child.pid = 0;
		return err;
	}
	b->give_up = instant_add(loop_now(), START_TIME);
	b->child_end = loop_fd_new(&b->d->loop, b->child.pidfd, on_child_end,
	    b);
	if (b->child_end != NULL)
		loop_fd_want(b->child_end, UV_READABLE);
	return 0;
}

int
wg_backend_open(struct wg_backend *b, uint64_t cookie, bool *ret_found)
{
	*ret_found = false;
	return b->kernel != NULL ? open_kernel(b, cookie, ret_found) :
	    open_userspace(b, ret_found);
}

struct wg_backend *
wg_backend_new(struct daemon *d, const char *iface, enum conf_wg_backend kind,
    const struct wg_backend_cb *cb, void *ctx)
{
	struct wg_backend *b = mem_zalloc(sizeof(*b));
	int err;

	if (b == NULL)
		return NULL;
	b->d = d;
	b->cb = *cb;
	b->ctx = ctx;
	snprintf(b->iface, sizeof(b->iface), "%s", iface);
	text_init(&b->request, REQUEST_MAX);
	loop_timer_init(&b->timer, on_timer, b);
	/* One that lives in userspace already stays there. */
	if (kind != CONF_BACKEND_USERSPACE && (kind == CONF_BACKEND_KERNEL ||
	    !uapi_client_alive(iface))) {
		err = wgnl_new(&b->kernel);
		if (err < 0)
			b->kernel = NULL;
	}
	if (b->kernel == NULL && kind == CONF_BACKEND_KERNEL)
		return wg_backend_free(b);
	return b;
}

struct wg_backend *
wg_backend_free(struct wg_backend *b)
{
	if (b == NULL)
		return NULL;
	drop_request(b);
	forget_child(b);
	if (b->kernel != NULL)
		wgnl_free(b->kernel);
	loop_timer_clear(&b->d->loop, &b->timer);
	text_done(&b->request);
	mem_free(b);
	return NULL;
}

/* SPDX-License-Identifier: ISC */
#include "sys/wgnl.h"

#include <errno.h>
#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/wireguard.h>
#include <poll.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/netlink.h"

#define RCVBUF		(1u << 20)
/* The kernel answers within the call; waiting longer means it never will. */
#define PATIENCE_MS	5000

struct wgnl {
	int fd;
	uint32_t port, seq;
	uint16_t family;
	uint8_t buf[NETLINK_RECV];
};

/* One datagram; waits, for a generic family may be worked on elsewhere. */
static int
receive(struct wgnl *w)
{
	struct pollfd p = { .fd = w->fd, .events = POLLIN };
	int n = netlink_recv(w->fd, w->buf, sizeof(w->buf));

	if (n != 0)
		return n;
	n = poll(&p, 1, PATIENCE_MS);
	if (n < 0)
		return -errno;
	if (n == 0)
		return -ETIMEDOUT;
	n = netlink_recv(w->fd, w->buf, sizeof(w->buf));
	return n != 0 ? n : -ETIMEDOUT;
}

struct exchange {
	int (*msg)(void *ctx, const struct nl_msg *m);
	void *ctx;
	bool over, torn;
	int err;
};

static void
take(struct wgnl *w, struct exchange *x, const struct nl_msg *m)
{
	struct nl_ack ack;
	int err;

	if (m->seq != w->seq || m->port != w->port)
		return;			/* of an exchange that was given up */
	x->torn |= (m->flags & NLM_F_DUMP_INTR) != 0;
	if (nl_ack_parse(m, &ack)) {
		x->over = true;
		if (ack.err && !x->err)
			x->err = ack.err;
	} else if (!x->err && x->msg) {
		err = x->msg(x->ctx, m);
		if (err)
			x->err = err;
	}
}

/*
 * One request, whose number we set, until its acknowledgement or the end of
 * its dump.  An error of the caller's reads the rest, so that the socket is
 * clean for the next one.
 */
static int
exchange(struct wgnl *w, struct bytes request, struct exchange *x)
{
	uint8_t *copy = mem_alloc(request.n);
	struct nl_msg m;
	struct rd r;
	int n;

	if (!copy)
		return -ENOMEM;
	memcpy(copy, request.p, request.n);
	w->seq++;
	memcpy(copy + offsetof(struct nlmsghdr, nlmsg_seq), &w->seq,
	    sizeof(w->seq));
	n = netlink_send(w->fd, bytes_of(copy, request.n));
	mem_wipe(copy, request.n);
	mem_free(copy);
	while (n >= 0 && !x->over) {
		n = receive(w);
		if (n <= 0)
			break;
		r = rd_of(bytes_of(w->buf, (size_t)n));
		while (nl_next(&r, &m))
			take(w, x, &m);
		mem_wipe(w->buf, (size_t)n);
	}
	if (n < 0)
		return n;
	return x->err ? x->err : x->torn ? -EINTR : 0;
}

static int
on_family(void *ctx, const struct nl_msg *m)
{
	struct rd r = rd_of(m->body);
	uint16_t *family = ctx;
	struct nl_attr a;

	rd_take(&r, sizeof(struct genlmsghdr));
	while (nl_attr_next(&r, &a))
		if (a.type == CTRL_ATTR_FAMILY_ID)
			*family = nl_attr_u16(&a, 0);
	return 0;
}

static int
resolve(struct wgnl *w)
{
	struct genlmsghdr h = { .cmd = CTRL_CMD_GETFAMILY, .version = 1 };
	struct exchange x = { .msg = on_family, .ctx = &w->family };
	uint8_t buf[64];
	struct wr wr = wr_of(buf, sizeof(buf));
	size_t at = nl_begin(&wr, GENL_ID_CTRL, NLM_F_ACK, 0);
	int err;

	nl_put_raw(&wr, &h, sizeof(h));
	nl_put_str(&wr, CTRL_ATTR_FAMILY_NAME, WG_GENL_NAME);
	nl_end(&wr, at);
	err = exchange(w, bytes_of(buf, wr_len(&wr)), &x);
	return err ? err : w->family ? 0 : -ENOENT;
}

int
wgnl_new(struct wgnl **ret_wgnl)
{
	struct wgnl *w = mem_zalloc(sizeof(*w));
	int err;

	*ret_wgnl = NULL;
	if (!w)
		return -ENOMEM;
	w->fd = netlink_open(NETLINK_GENERIC, 0, RCVBUF, &w->port);
	err = w->fd < 0 ? w->fd : resolve(w);
	if (err) {
		wgnl_free(w);
		return err;
	}
	*ret_wgnl = w;
	return 0;
}

struct wgnl *
wgnl_free(struct wgnl *w)
{
	if (!w)
		return NULL;
	if (w->fd >= 0)
		close(w->fd);
	mem_wipe(w, sizeof(*w));
	mem_free(w);
	return NULL;
}

uint16_t
wgnl_family(const struct wgnl *w)
{
	return w->family;
}

int
wgnl_send(void *wgnl, struct bytes message)
{
	struct exchange x = { .msg = NULL };

	return exchange(wgnl, message, &x);
}

int
wgnl_dump(struct wgnl *w, struct bytes request,
    int (*msg)(void *ctx, const struct nl_msg *m), void *ctx)
{
	struct exchange x = { .msg = msg, .ctx = ctx };

	return exchange(w, request, &x);
}

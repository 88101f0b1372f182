/* SPDX-License-Identifier: ISC */
/*
 * One epoll descriptor stands for three: the socket that watches and scans,
 * the one that asks, and an eventfd that says "call me again".
 *
 * Scans and events share a socket.  The kernel puts both in its queue as they
 * happen, so a route that a scan shows and that is gone a moment later is
 * heard of in that order; with two sockets it could be the other way round.
 *
 * NLM_F_REPLACE of routes, as Linux does it:
 *  - IPv4: takes the place of the first route with the same prefix, TOS and
 *    metric in the table, whoever made it; other metrics are left alone.
 *  - IPv6: likewise for prefix and metric.  All next hops of a multipath
 *    route go when one is replaced, by one or by several.  A route that can
 *    be part of a multipath (it has a gateway) prefers to replace another
 *    such; where there is none, it takes the place of whatever has the metric.
 *    A multipath comes in as its first hop, which replaces, and the others,
 *    which join it; so there is never a gap, but should a later hop be
 *    refused, what was there before is gone and so are the new hops.
 *  - IPv6 NLM_F_CREATE alone joins a new hop to the route that is there.
 * So: REPLACE | CREATE to set and EXCL | CREATE to add, in both families.
 */
#include "sys/rtnl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/netlink.h"
#include "sys/rtnl_ask.h"

#define RCVBUF			(8u << 20)
#define DATAGRAMS_A_TURN	8
#define SCAN_RETRIES		4
#define PROTO_BIRD		12

struct scan {
	bool wanted;
	uint32_t table;		/* 0: all */
	uint8_t proto;		/* 0: all */
	unsigned retries;
};

struct rtnl {
	struct rtnl_ops ops;
	void *ctx;
	int epoll, kick, watch;
	uint32_t watch_port;
	struct scan scan[NL_NDUMPS];	/* that wait */
	struct scan now;		/* the one under way */
	enum nl_dump what;		/* of it */
	bool scanning, torn;
	uint32_t seq;			/* of its request */
	struct rtnl_ask ask;
	bool full;			/* somebody was sent away */
	bool inside;			/* rtnl_readable() is under way */
	struct nl_route route;		/* room to parse into */
	uint8_t buf[NETLINK_RECV];
};

static void
kick(struct rtnl *r)
{
	uint64_t one = 1;

	(void)!write(r->kick, &one, sizeof(one));
}

static void
on_done(void *ctx, uint64_t cookie, int err, const char *text)
{
	struct rtnl *r = ctx;

	if (r->ops.done)
		r->ops.done(r->ctx, cookie, err, text);
}

/*
 * The kernel tells everybody of what we ask for, us as well: a million routes
 * would come back as a million events and drown the others.  So this socket
 * takes no news of BIRD's routes (protocol 12) that were asked for by us.  A
 * filter sees numbers as if they stood in network order.
 */
static int
filter_echo(int fd, uint32_t port)
{
	const uint16_t first = htons(RTM_NEWROUTE), second =
	    htons(RTM_DELROUTE);
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
		    offsetof(struct nlmsghdr, nlmsg_pid)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, htonl(port), 0, 6),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS,
		    offsetof(struct nlmsghdr, nlmsg_type)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, first, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, second, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, NLMSG_HDRLEN +
		    offsetof(struct rtmsg, rtm_protocol)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROTO_BIRD, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
	};
	const struct sock_fprog prog = { .filter = code,
	    .len = sizeof(code) / sizeof(code[0]) };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog,
	    sizeof(prog)) < 0 ? -errno : 0;
}

static int
watch_fd(int epoll, int fd)
{
	struct epoll_event ev = { .events = EPOLLIN, .data.fd = fd };

	return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &ev) < 0 ? -errno : 0;
}

static int
open_all(struct rtnl *r)
{
	const uint32_t groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
	    RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
	int err;

	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	r->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (r->epoll < 0 || r->kick < 0)
		return -errno;
	r->watch = netlink_open(NETLINK_ROUTE, groups, RCVBUF,
	    &r->watch_port);
	if (r->watch < 0)
		return r->watch;
	err = rtnl_ask_init(&r->ask, r->kick, on_done, r);
	if (!err)
		err = filter_echo(r->watch, r->ask.port);
	if (!err)
		err = watch_fd(r->epoll, r->kick);
	if (!err)
		err = watch_fd(r->epoll, r->watch);
	if (!err)
		err = watch_fd(r->epoll, r->ask.fd);
	return err;
}

int
rtnl_new(const struct rtnl_ops *ops, void *ctx, struct rtnl **ret_rtnl)
{
	struct rtnl *r = mem_zalloc(sizeof(*r));
	int err;

	*ret_rtnl = NULL;
	if (!r)
		return -ENOMEM;
	r->ops = *ops;
	r->ctx = ctx;
	r->epoll = r->kick = r->watch = r->ask.fd = -1;
	list_init(&r->ask.batches);
	list_init(&r->ask.spent);
	err = open_all(r);
	if (err) {
		rtnl_free(r);
		return err;
	}
	*ret_rtnl = r;
	return 0;
}

static void
close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

struct rtnl *
rtnl_free(struct rtnl *r)
{
	if (!r)
		return NULL;
	rtnl_ask_close(&r->ask);
	close_fd(r->watch);
	close_fd(r->kick);
	close_fd(r->epoll);
	mem_free(r);
	return NULL;
}

int
rtnl_fd(const struct rtnl *r)
{
	return r->epoll;
}

/* A wish for a scan joins one that waits already. */
static void
scan_want(struct scan *s, uint32_t table, uint8_t proto)
{
	if (s->wanted && s->table != table)
		table = 0;
	if (s->wanted && s->proto != proto)
		proto = 0;
	*s = (struct scan){ .wanted = true, .table = table, .proto = proto };
}

int
rtnl_scan(struct rtnl *r, unsigned what, uint32_t table, uint8_t proto)
{
	for (unsigned i = 0; i < NL_NDUMPS; i++) {
		bool routes = i == NL_DUMP_ROUTES4 || i == NL_DUMP_ROUTES6;

		if (what & 1u << i && 1u << i & RTNL_SCAN_ALL)
			scan_want(&r->scan[i], routes ? table : 0,
			    routes ? proto : 0);
	}
	kick(r);
	return 0;
}

uint32_t
rtnl_scan_table(const struct rtnl *r)
{
	return r->now.table;
}

bool
rtnl_scanning(const struct rtnl *r)
{
	for (unsigned i = 0; i < NL_NDUMPS; i++)
		if (r->scan[i].wanted)
			return true;
	return r->scanning;
}

static void
scan_end(struct rtnl *r, int err)
{
	/* A table that nothing was ever put in does not exist: it is empty. */
	if (err == -ENOENT && r->now.table)
		err = 0;
	/* Something changed while it was walked, and a part may be missing. */
	if (err == 0 && r->torn)
		err = -EINTR;
	r->scanning = false;
	if (err == -EINTR && !r->scan[r->what].wanted &&
	    r->now.retries < SCAN_RETRIES) {
		r->scan[r->what] = r->now;
		r->scan[r->what].retries++;
		r->scan[r->what].wanted = true;
	}
	if (r->ops.scan_end)
		r->ops.scan_end(r->ctx, r->what, err);
	if (rtnl_scanning(r))
		kick(r);
}

static void
scan_start(struct rtnl *r, enum nl_dump what)
{
	uint8_t buf[128];
	struct wr w = wr_of(buf, sizeof(buf));
	int err;

	r->what = what;
	r->now = r->scan[what];
	r->scan[what].wanted = false;
	r->scanning = true;
	r->torn = false;
	nl_dump_put(&w, what, ++r->seq, r->now.table, r->now.proto);
	if (r->ops.scan_begin)
		r->ops.scan_begin(r->ctx, what);
	err = netlink_send(r->watch, bytes_of(buf, wr_len(&w)));
	if (err)
		scan_end(r, err);
}

static void
scan_next(struct rtnl *r)
{
	for (unsigned i = 0; i < NL_NDUMPS && !r->scanning; i++)
		if (r->scan[i].wanted) {
			scan_start(r, (enum nl_dump)i);
			return;
		}
}

/* Kernels that cannot narrow a dump send all of it. */
static bool
scan_asked_for(const struct rtnl *r, const struct nl_route *rt)
{
	return (!r->now.table || r->now.table == rt->table) &&
	    (!r->now.proto || r->now.proto == rt->proto);
}

static void
show(struct rtnl *r, const struct nl_msg *m, struct rtnl_origin from)
{
	struct nl_link l;
	struct nl_addr a;

	from.gone = m->type == RTM_DELLINK || m->type == RTM_DELADDR ||
	    m->type == RTM_DELROUTE;
	if (nl_route_parse(m, &r->route)) {
		if (r->ops.route &&
		    (!from.scan || scan_asked_for(r, &r->route)))
			r->ops.route(r->ctx, &r->route, from);
	} else if (nl_addr_parse(m, &a)) {
		if (r->ops.addr)
			r->ops.addr(r->ctx, &a, from);
	} else if (nl_link_parse(m, &l)) {
		if (r->ops.link)
			r->ops.link(r->ctx, &l, from);
	}
}

static void
message(struct rtnl *r, const struct nl_msg *m)
{
	bool scan = r->scanning && m->port == r->watch_port &&
	    m->seq == r->seq;
	struct nl_ack ack;

	if (scan && m->flags & NLM_F_DUMP_INTR)
		r->torn = true;
	if (nl_ack_parse(m, &ack)) {
		if (scan)
			scan_end(r, ack.err);
		return;
	}
	show(r, m, (struct rtnl_origin){ .scan = scan,
	    .own = m->port == r->ask.port,
	    .replaces = !scan && m->flags & NLM_F_REPLACE });
}

static int
watch_receive(struct rtnl *r)
{
	struct nl_msg m;
	struct rd rd;
	int n;

	for (unsigned i = 0; i < DATAGRAMS_A_TURN; i++) {
		n = netlink_recv(r->watch, r->buf, sizeof(r->buf));
		if (n == -ENOBUFS) {
			if (r->ops.overrun)
				r->ops.overrun(r->ctx);
			continue;
		}
		if (n <= 0)
			return n;
		rd = rd_of(bytes_of(r->buf, (size_t)n));
		while (nl_next(&rd, &m))
			message(r, &m);
	}
	return 0;
}

static void
make_room(struct rtnl *r)
{
	if (!r->full || rtnl_pending(r) > RTNL_QUEUE / 2)
		return;
	r->full = false;
	if (r->ops.room)
		r->ops.room(r->ctx);
}

int
rtnl_readable(struct rtnl *r)
{
	uint64_t n;
	int err;

	if (r->inside)		/* a callback that waits for the next one */
		return -EDEADLK;
	r->inside = true;
	(void)!read(r->kick, &n, sizeof(n));
	err = watch_receive(r);
	scan_next(r);
	if (!err)
		err = rtnl_ask_receive(&r->ask);
	make_room(r);
	rtnl_flush(r);
	r->inside = false;
	return err;
}

static int
queue(struct rtnl *r, const struct rtnl_request *q)
{
	int err = rtnl_pending(r) < RTNL_QUEUE ? rtnl_ask_queue(&r->ask, q) :
	    -EAGAIN;

	if (err == -EAGAIN)
		r->full = true;
	return err;
}

int
rtnl_route_set(struct rtnl *r, const struct nl_route *route, uint64_t cookie)
{
	return queue(r, &(struct rtnl_request){ .kind = ASK_ROUTE_PUT,
	    .flags = NLM_F_CREATE | NLM_F_REPLACE, .cookie = cookie,
	    .route = route });
}

int
rtnl_route_add(struct rtnl *r, const struct nl_route *route, uint64_t cookie)
{
	return queue(r, &(struct rtnl_request){ .kind = ASK_ROUTE_PUT,
	    .flags = NLM_F_CREATE | NLM_F_EXCL, .cookie = cookie,
	    .route = route });
}

int
rtnl_route_del(struct rtnl *r, const struct nl_route *route, uint64_t cookie)
{
	return queue(r, &(struct rtnl_request){ .kind = ASK_ROUTE_DEL,
	    .cookie = cookie, .route = route });
}

int
rtnl_addr_set(struct rtnl *r, const struct nl_addr *a, uint64_t cookie)
{
	return queue(r, &(struct rtnl_request){ .kind = ASK_ADDR_PUT,
	    .flags = NLM_F_CREATE | NLM_F_REPLACE, .cookie = cookie,
	    .addr = a });
}

int
rtnl_addr_del(struct rtnl *r, const struct nl_addr *a, uint64_t cookie)
{
	return queue(r, &(struct rtnl_request){ .kind = ASK_ADDR_DEL,
	    .cookie = cookie, .addr = a });
}

/*
 * The kernel brings a link up before it looks at how it shall make
 * addresses, so that is said first and by itself.  Where there is no IPv6 it
 * fails, and no matter.
 */
static int
link_no_addr_gen(struct rtnl *r, const struct nl_link_want *l)
{
	struct nl_link_want only = { .index = l->index,
	    .name = l->index ? NULL : l->name, .no_addr_gen = true };

	return queue(r, &(struct rtnl_request){ .kind = ASK_LINK_SET,
	    .silent = true, .link = &only });
}

int
rtnl_link_set(struct rtnl *r, const struct nl_link_want *l, uint64_t cookie)
{
	struct nl_link_want rest = *l;
	int err;

	if (l->no_addr_gen) {
		err = link_no_addr_gen(r, l);
		if (err)
			return err;
	}
	rest.no_addr_gen = false;
	return queue(r, &(struct rtnl_request){ .kind = ASK_LINK_SET,
	    .cookie = cookie, .link = &rest });
}

int
rtnl_link_add(struct rtnl *r, const struct nl_link_want *l, uint64_t cookie)
{
	struct nl_link_want made = { .name = l->name, .kind = l->kind,
	    .mtu = l->mtu };

	return queue(r, &(struct rtnl_request){ .kind = ASK_LINK_NEW,
	    .flags = NLM_F_CREATE | NLM_F_EXCL, .cookie = cookie,
	    .link = &made });
}

int
rtnl_link_del(struct rtnl *r, const struct nl_link_want *l, uint64_t cookie)
{
	return queue(r, &(struct rtnl_request){ .kind = ASK_LINK_DEL,
	    .cookie = cookie, .link = l });
}

int
rtnl_rule_add(struct rtnl *r, const struct nl_rule *rule, uint64_t cookie)
{
	return queue(r, &(struct rtnl_request){ .kind = ASK_RULE_PUT,
	    .flags = NLM_F_CREATE | NLM_F_EXCL, .cookie = cookie,
	    .rule = rule });
}

int
rtnl_rule_del(struct rtnl *r, const struct nl_rule *rule, uint64_t cookie)
{
	return queue(r, &(struct rtnl_request){ .kind = ASK_RULE_DEL,
	    .cookie = cookie, .rule = rule });
}

int
rtnl_flush(struct rtnl *r)
{
	if (rtnl_ask_send(&r->ask))
		kick(r);
	return 0;
}

unsigned
rtnl_pending(const struct rtnl *r)
{
	return r->ask.waiting + r->ask.sent;
}

static int64_t
monotonic_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int
rtnl_settle(struct rtnl *r, int timeout_ms)
{
	int64_t end = monotonic_ms() + timeout_ms;
	int err = rtnl_flush(r);

	while (!err && (rtnl_pending(r) || rtnl_scanning(r))) {
		struct pollfd p = { .fd = r->epoll, .events = POLLIN };
		int64_t left = end - monotonic_ms();

		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
			return -errno;
		err = rtnl_readable(r);
	}
	return err;
}

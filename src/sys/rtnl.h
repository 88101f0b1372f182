/* SPDX-License-Identifier: ISC */
/*
 * The kernel's links, addresses, routes and rules: watched and changed.
 *
 *	rtnl_new(&ops, ctx, &r);
 *	poll rtnl_fd(r) for reading; when it is ready, rtnl_readable(r);
 *	rtnl_scan(r, RTNL_SCAN_ALL, 0, 0);	what there is now
 *	rtnl_route_set(r, &route, cookie); …	queue changes
 *	rtnl_flush(r);				and send them
 *
 * Watching.  Events and the answers of scans come through one socket, so the
 * order of what the owner is told is the order in which it happened in the
 * kernel.  A scan is bracketed by scan_begin() and scan_end(): the owner marks
 * what it knows, unmarks what it is shown, and at scan_end(err 0) sweeps the
 * rest; with err the scan did not see everything and nothing may be swept.
 * When the kernel had to drop events overrun() is called, and the owner
 * asks for a scan of everything.  The kernel removes the IPv4 routes of a
 * link that goes down, and those whose prefsrc goes, without a word for each:
 * after link() or addr() has told of such a thing, scan the routes.
 *
 * Changing.  Requests are queued by the call and leave in batches, many in
 * one send, by rtnl_flush() or the next rtnl_readable(); nothing waits for an
 * answer, nor for the kernel to work through routes: a thread sends those.
 * done() is called once for every request, in the order in which they were
 * queued, with its cookie and 0 or a negative errno: -EEXIST, -ESRCH (no
 * such route), -EINVAL (prefsrc is no local address, say), -ENODEV,
 * -ENETUNREACH, …; -ENOBUFS where its answer was lost and only a scan can
 * tell.  At most RTNL_QUEUE wait; past that the calls return -EAGAIN, and
 * room() is called when half of them are done.
 *
 * IPv6 routes of one (prefix, metric, table) are, to the kernel, next hops of
 * one route: adding is joining.  So rtnl_route_set(), which replaces,
 * is right for both families whatever was there; see rtnl.c for the facts.
 *
 * Callbacks come out of rtnl_readable() and rtnl_settle() alone.  They may
 * queue requests and ask for scans, and must not free or settle (-EDEADLK).
 * Errors are negative errno.  One thread.
 */
#ifndef WARREN_SYS_RTNL_H
#define WARREN_SYS_RTNL_H

#include "wire/netlink_route.h"

#define RTNL_QUEUE	65536		/* requests that may wait */

struct rtnl;

enum {
	RTNL_SCAN_LINKS		= 1 << NL_DUMP_LINKS,
	RTNL_SCAN_ADDRS		= 1 << NL_DUMP_ADDRS,
	RTNL_SCAN_ROUTES4	= 1 << NL_DUMP_ROUTES4,
	RTNL_SCAN_ROUTES6	= 1 << NL_DUMP_ROUTES6,
	RTNL_SCAN_ROUTES	= RTNL_SCAN_ROUTES4 | RTNL_SCAN_ROUTES6,
	RTNL_SCAN_ALL		= RTNL_SCAN_LINKS | RTNL_SCAN_ADDRS |
				  RTNL_SCAN_ROUTES,
};

/* Where a thing that the owner is shown comes from. */
struct rtnl_origin {
	bool gone;	/* it was removed */
	bool scan;	/* part of a scan, not news */
	bool own;	/* the echo of a request of this rtnl; there is none
			 * for routes of protocol 12, done() says it all */
	bool replaces;	/* a route that took the place of another */
};

/* Any may be NULL.  The structs are good until the callback returns. */
struct rtnl_ops {
	void (*link)(void *ctx, const struct nl_link *l,
	    struct rtnl_origin from);
	void (*addr)(void *ctx, const struct nl_addr *a,
	    struct rtnl_origin from);
	void (*route)(void *ctx, const struct nl_route *r,
	    struct rtnl_origin from);
	void (*scan_begin)(void *ctx, enum nl_dump what);
	void (*scan_end)(void *ctx, enum nl_dump what, int err);
	void (*overrun)(void *ctx);
	/* text: the kernel's own words on the error, or "". */
	void (*done)(void *ctx, uint64_t cookie, int err, const char *text);
	void (*room)(void *ctx);
};

/* *ops is copied. */
int rtnl_new(const struct rtnl_ops *ops, void *ctx, struct rtnl **ret_rtnl);
/* Requests that were not sent are dropped, without done().  Gives NULL. */
struct rtnl *rtnl_free(struct rtnl *r);

int rtnl_fd(const struct rtnl *r);
/*
 * Reads a bounded amount, so that the loop gets its turn; the descriptor stays
 * ready while there is more.  An error is one of the socket itself.
 */
int rtnl_readable(struct rtnl *r);

/*
 * Scans, one after the other, in the order links, addresses, routes.  What is
 * still waiting and asked for again is scanned once; what is under way is
 * scanned again.  Routes may be narrowed to one table or protocol (0: all).
 */
int rtnl_scan(struct rtnl *r, unsigned what, uint32_t table, uint8_t proto);
/* Of the scan under way, its brackets included; 0: all tables. */
uint32_t rtnl_scan_table(const struct rtnl *r);
bool rtnl_scanning(const struct rtnl *r);

/*
 * Make it so, whatever and whoever's was at (prefix, metric, table) before: for
 * routes that are known to be ours.  Should the kernel refuse a later hop of an
 * IPv6 multipath, what was there before is gone.
 */
int rtnl_route_set(struct rtnl *r, const struct nl_route *route,
    uint64_t cookie);
/* For new ones: -EEXIST where anything is at (prefix, metric, table). */
int rtnl_route_add(struct rtnl *r, const struct nl_route *route,
    uint64_t cookie);
/* All hops.  Only prefix, metric, table and proto are looked at. */
int rtnl_route_del(struct rtnl *r, const struct nl_route *route,
    uint64_t cookie);

/* Adds it or changes its flags; IFA_F_NOPREFIXROUTE and NODAD in a->flags. */
int rtnl_addr_set(struct rtnl *r, const struct nl_addr *a, uint64_t cookie);
int rtnl_addr_del(struct rtnl *r, const struct nl_addr *a, uint64_t cookie);

/* It is made down, with name, kind and MTU; set the rest when done() came. */
int rtnl_link_add(struct rtnl *r, const struct nl_link_want *l,
    uint64_t cookie);
int rtnl_link_set(struct rtnl *r, const struct nl_link_want *l,
    uint64_t cookie);
int rtnl_link_del(struct rtnl *r, const struct nl_link_want *l,
    uint64_t cookie);

/* With a priority: the kernel gives twins without one different ones. */
int rtnl_rule_add(struct rtnl *r, const struct nl_rule *rule, uint64_t cookie);
int rtnl_rule_del(struct rtnl *r, const struct nl_rule *rule, uint64_t cookie);

/* Sends as much as the window lets; the rest follows from _readable(). */
int rtnl_flush(struct rtnl *r);
/* Requests queued or unanswered. */
unsigned rtnl_pending(const struct rtnl *r);
/*
 * Waits until all that was queued is done and scanned, for start and end of a
 * program and for tests.  The callbacks are called meanwhile.  -ETIMEDOUT
 * after that many milliseconds.
 */
int rtnl_settle(struct rtnl *r, int timeout_ms);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * How outer packets would go if there were no tunnel, and the host routes that
 * keep them going so.
 *
 * A route into a tunnel that covers the endpoint of one of its peers takes the
 * tunnel's own packets into the tunnel.  So the endpoint gets a route of its
 * own (/32, /128) by the way that it had without.  Once both are there the
 * kernel cannot be asked for that way any more: it has to be known what it
 * would be.  For that a struct underlay mirrors all routes of other
 * programs that cover an address on its watch list, and no others.
 *
 *	if (ul_watch(&u, ips, n))	a new one is among them:
 *		ask for a scan of the routes
 *	ul_seen(), ul_gone()		each route and piece of news
 *	ul_scan_begin(), ul_scan_end()	around the routes of a scan
 *
 *	ul_judge_init(&j, ip);
 *	ul_judge_mirror(&j, &u, table, sort, ctx);
 *	ul_judge_route(&j, r, what);	and our own routes
 *	if (ul_judge_captured(&j))
 *		ul_host_route(&j, table, &r);
 *
 * Host routes carry a protocol number of their own, so that they are neither
 * taken for BGP's nor learned; and the best metric but the one that a person's
 * "ip route add" has, which so is not in the way of theirs, and wins.
 *
 * Pure; one thread.  Out of memory sticks in "failed" until the next scan.
 */
#ifndef WARREN_PLAN_UNDERLAY_H
#define WARREN_PLAN_UNDERLAY_H

#include "base/list.h"
#include "wire/netlink_route.h"

#define UL_PROTO	87		/* of host routes; 'W' */
#define UL_METRIC	1

struct underlay {
	struct ip *watch;		/* in order, no two alike */
	unsigned n_watch;
	struct list routes;		/* struct ul_route, in underlay.c */
	uint16_t round;			/* number of the scan */
	bool failed;
};

/* What a route is to the outer packets to an address that it covers. */
enum ul_kind {
	UL_NOTHING,			/* not in use now */
	UL_WAY,				/* a way, or a wall */
	UL_CAPTURES			/* into the very tunnel */
};

struct ul_judge {
	struct ip ip;
	int capture_len;		/* of the longest; -1: none */
	struct prefix capture;
	bool has_way;
	struct nl_route way;		/* the longest, then by metric */
};

typedef enum ul_kind ul_sort(void *ctx, struct ip ip,
    const struct nl_route *r);

void ul_init(struct underlay *u);
void ul_done(struct underlay *u);

/* v in order, without doubles; copied.  True: one of them is new. */
bool ul_watch(struct underlay *u, const struct ip *v, unsigned n);
/* Is one of the watched addresses inside? */
bool ul_watches(const struct underlay *u, const struct prefix *net);

/* True where that is news for a watched address. */
bool ul_seen(struct underlay *u, const struct nl_route *r, bool replaces);
bool ul_gone(struct underlay *u, const struct nl_route *r);
/*
 * Of one family and table, 0 being all; whole: what it has not shown is
 * forgotten, true if any.
 */
void ul_scan_begin(struct underlay *u, bool ip4, uint32_t table);
bool ul_scan_end(struct underlay *u, bool ip4, uint32_t table, bool whole);

void ul_judge_init(struct ul_judge *j, struct ip ip);
void ul_judge_route(struct ul_judge *j, const struct nl_route *r,
    enum ul_kind kind);
void ul_judge_mirror(struct ul_judge *j, const struct underlay *u,
    uint32_t table, ul_sort *sort, void *ctx);
/* Would the packets go into the tunnel, or might they, by the metrics? */
bool ul_judge_captured(const struct ul_judge *j);
/* By the way that there is; without one it is a wall ("unreachable"). */
void ul_host_route(const struct ul_judge *j, uint32_t table,
    struct nl_route *ret);

/* Do both forward alike? */
bool ul_same(const struct nl_route *a, const struct nl_route *b);
/*
 * The whole Internet by another name (0/0, its parts down to /7; ::/0 and
 * 2000::/3): no way to a certain host, and never meant as one.
 */
bool ul_is_default(const struct prefix *net);

#endif

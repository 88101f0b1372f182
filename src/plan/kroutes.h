/* SPDX-License-Identifier: ISC */
/*
 * Which routes the kernel should have of ours, which it has, and so what to
 * change.
 *
 * One struct kr_plan is one table of the kernel and one family.  Its owner
 * tells what the routing table wants (kr_want, kr_unwant), what the kernel
 * shows (kr_seen, kr_gone, scans), and takes changes out:
 *
 *	while (kr_next(&k, &change))
 *		send it, with change.cookie
 *	kr_done(&k, cookie, err);		for each, in the order sent
 *
 * A plan does not keep routes but digests of them (kr_digest), so that
 * "what is wanted" and "what is there" compare as two numbers; whoever sends a
 * change builds the route again from the table.  What we have sent counts
 * as being there until its answer says otherwise.  A route that the kernel
 * refused is not sent again until it changes or a scan has come by.
 *
 * Routes of ours that were there before us are adopted: where one is wanted as
 * it is, nothing is sent.  Where it is not, or is wanted otherwise, it stays
 * while the plan is held (kr_hold), and is replaced or goes after
 * kr_release(): that is what makes a restart lose no packet.  A route of
 * somebody else's at the same place (net and metric) is never replaced: ours
 * waits until it is gone.
 *
 * Pure; one thread.  Out of memory sticks in "failed"; the owner asks for a
 * scan later, which brings everything right again.
 */
#ifndef WARREN_PLAN_KROUTES_H
#define WARREN_PLAN_KROUTES_H

#include "base/list.h"
#include "plan/netmap.h"
#include "rib/attrs.h"
#include "wire/netlink_route.h"

enum kr_change_kind {
	KR_NONE, KR_SET, KR_DEL
};

struct kr_change {
	enum kr_change_kind kind;
	struct prefix net;
	uint32_t metric;
	uint32_t cookie;
};

struct kr_entry {
	struct netmap_entry head;	/* net.asn is the metric */
	struct list dirty;		/* in the plan's dirty, or unlinked */
	uint64_t want, have;		/* digests; 0 is none */
	uint16_t pending;		/* sent and not answered */
	uint16_t seen;			/* in which scan, or since then */
	bool foreign : 1;		/* somebody else's is in the place */
	bool refused : 1;		/* the kernel would not have it */
	int16_t err;			/* why */
};

struct kr_plan {
	struct netmap routes;		/* struct kr_entry */
	struct netmap odd;		/* wanted with another metric */
	struct list dirty;
	struct hash_key key;
	uint32_t metric;		/* the usual one */
	bool held, scanning, failed;
	bool sweeping, settling, leaving;
	uint16_t round;			/* number of the scan, */
	uint16_t sweep_round;		/* and of the one swept after */
	uint32_t sweep_at, settle_at;
	uint32_t n_have, n_refused, n_pending;
};

void kr_init(struct kr_plan *k, uint32_t metric, const struct hash_key *key);
void kr_done_all(struct kr_plan *k);

/* What the table wants; digest is not 0. */
void kr_want(struct kr_plan *k, const struct prefix *net, uint32_t metric,
    uint64_t digest);
void kr_unwant(struct kr_plan *k, const struct prefix *net);

/* What the kernel shows: ours, or (own false) somebody else's. */
void kr_seen(struct kr_plan *k, const struct prefix *net, uint32_t metric,
    uint64_t digest, bool own);
void kr_gone(struct kr_plan *k, const struct prefix *net, uint32_t metric,
    bool own);
/* Between them the owner calls kr_seen() for each route there is. */
void kr_scan_begin(struct kr_plan *k);
void kr_scan_end(struct kr_plan *k, bool whole);
/*
 * A slice of what a whole scan, kr_release() and kr_leave() leave to do, which
 * is to look at all routes: true while there is more.
 */
bool kr_sweep(struct kr_plan *k, uint32_t budget);

/* While held, what is there of ours stays as it is. */
void kr_hold(struct kr_plan *k);
void kr_release(struct kr_plan *k);
/* From now on nothing is wanted; kr_want() must not be called any more. */
void kr_leave(struct kr_plan *k);

/* False when there is nothing to do. */
bool kr_next(struct kr_plan *k, struct kr_change *ret);
/* Puts a change back that could not be sent now. */
void kr_again(struct kr_plan *k, const struct kr_change *c);
/* True where the route is now refused and was not before: worth a word. */
bool kr_done(struct kr_plan *k, uint32_t cookie, int err);
/* The entry behind a cookie of a change that is not answered yet. */
const struct kr_entry *kr_at(const struct kr_plan *k, uint32_t cookie);
const struct kr_entry *kr_find(const struct kr_plan *k,
    const struct prefix *net);

/* What decides whether two routes forward alike; never 0. */
uint64_t kr_digest(const struct kr_plan *k, const struct nl_route *r);

/*
 * The kernel's route for one of ours: dest and hops as resolved, krt_*
 * from the attributes.  False where the kernel cannot have it (no hops).
 */
bool kr_build(struct nl_route *ret, const struct prefix *net,
    const struct attrs_edit *a, enum rt_dest dest,
    const struct nexthop *hop, unsigned n_hops, uint32_t table,
    uint32_t metric);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * Which peer of a WireGuard interface should have which prefix: what is
 * listed for it in the configuration, and what the routing table sends to it.
 *
 * A route goes to the peer whose listed prefixes have its next hop (the
 * longest match; the peer's derived link-local address is among them).  A
 * route without a next hop, straight to the interface, goes to the only peer
 * where there is one, else to nobody.  What is listed for one peer is never
 * given to another by a route of the very same prefix.
 *
 *	ai_peers(&a, n);			numbers 0 to n-1
 *	ai_list(&a, peer, &net); …		the configuration
 *	ai_had_nothing(&a); ai_has(&a, &net, peer); …	the device, as it is
 *	ai_route(&a, &net, gw); ai_unroute(&a, &net);	the table's news
 *	while (ai_next(&a, &change))		program it
 *
 * A prefix that moves from one peer to another is one change, "give it to the
 * new one", which the device does in one step.  A change given out counts as
 * done.  While held, nothing is taken away that nobody wants: the routes may
 * still come back.  Pure; one thread.  Out of memory sticks in "failed".
 */
#ifndef WARREN_PLAN_ALLOWEDIPS_H
#define WARREN_PLAN_ALLOWEDIPS_H

#include "base/list.h"
#include "plan/netmap.h"
#include "wg/allowedips.h"

#define AI_NOBODY	(-1)

struct ai_change {
	struct prefix net;
	int peer;
	bool remove;
};

struct ai_entry {
	struct netmap_entry head;
	struct list dirty;
	struct ip gw;			/* of the route */
	bool route;			/* there is one */
	int32_t listed, routed, have;	/* peers, or AI_NOBODY */
};

struct ai_plan {
	struct netmap nets;		/* struct ai_entry */
	struct list dirty;
	struct wg_allowedips trie;	/* of what is listed */
	struct wg_allowed_owner *owner;	/* one for each peer */
	unsigned n_peers;
	bool held, failed;
};

void ai_init(struct ai_plan *a, const struct hash_key *key);
void ai_done(struct ai_plan *a);

/* Forgets all lists; routes are kept and find their peers again. */
void ai_peers(struct ai_plan *a, unsigned n);
void ai_list(struct ai_plan *a, int peer, const struct prefix *net);
/* After the last ai_list(): who gets the routes that are known. */
void ai_listed(struct ai_plan *a);

void ai_had_nothing(struct ai_plan *a);
void ai_has(struct ai_plan *a, const struct prefix *net, int peer);

void ai_route(struct ai_plan *a, const struct prefix *net, struct ip gw);
void ai_unroute(struct ai_plan *a, const struct prefix *net);

void ai_hold(struct ai_plan *a);
void ai_release(struct ai_plan *a);

int ai_peer_of(const struct ai_plan *a, struct ip gw);
/* Who should have the net now. */
int ai_wanted(const struct ai_plan *a, const struct ai_entry *e);
bool ai_next(struct ai_plan *a, struct ai_change *ret);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * A map from nets to entries of one size, for the plans of this folder.
 *
 * The caller's entry begins with a struct netmap_entry.  Entries never move
 * and have dense numbers (base/slab.h), so that one can be named in a cookie
 * and the map can be walked while it changes.  A net is a prefix of any kind
 * with all of its fields; plans put a metric where ROAs have their AS number.
 *
 *	struct netmap_entry *e = netmap_get(&m, &net);	finds or makes
 *	for (i = 0; i < netmap_top(&m); i++)
 *		if ((e = netmap_at(&m, i)) != NULL)
 *			...
 *
 * Out of memory: NULL, and nothing has changed.  One thread.
 */
#ifndef WARREN_PLAN_NETMAP_H
#define WARREN_PLAN_NETMAP_H

#include "base/hash.h"
#include "base/ip.h"
#include "base/slab.h"

struct netmap_entry {
	struct prefix net;
	uint32_t id;
	uint32_t chain;			/* the next one in its bucket */
};

struct netmap {
	struct slab slab;
	struct hash_key key;
	/*
	 * One bucket more for each entry more, split off from one that there
	 * is: so it grows without ever doing much at once.
	 */
	uint32_t *bucket;
	uint32_t n_buckets, cap_buckets;
	uint32_t mask;			/* covers them all */
};

/* size is that of the caller's entry. */
void netmap_init(struct netmap *m, size_t size, const struct hash_key *key);
void netmap_done(struct netmap *m);

void *netmap_find(const struct netmap *m, const struct prefix *net);
/* A new entry is all zeros but for its head. */
void *netmap_get(struct netmap *m, const struct prefix *net);
void netmap_remove(struct netmap *m, struct netmap_entry *e);

uint32_t netmap_top(const struct netmap *m);
/* NULL where the number is not in use. */
void *netmap_at(const struct netmap *m, uint32_t id);
uint32_t netmap_count(const struct netmap *m);

#endif

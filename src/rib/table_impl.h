/* SPDX-License-Identifier: ISC */
/* The inside of a table, for the files of this folder. */
#ifndef WARREN_RIB_TABLE_IMPL_H
#define WARREN_RIB_TABLE_IMPL_H

#include "rib/table.h"

#define NET_LINKED	0x01	/* stands in the log */
#define NET_NEXT	0x02	/* some feed's next: look before moving it */
#define NET_SIDE	0x04	/* which hash it stands in */

#define HOST_BUCKETS	64

struct net_hash {		/* nets.c */
	uint32_t *cell;		/* [16 * groups]; NULL: there is none */
	void *room;		/* that they stand in */
	uint32_t groups;
	uint32_t used, dead;	/* cells */
	uint8_t id_bits;	/* of a cell; the rest are of the hash */
};

struct rt_empty {		/* a net that lost its last route, and when */
	uint32_t net, seq;
};

/*
 * The nets that rt_prefetch() has come upon, for those who will search for
 * them next, in the same order.  Only a guess: RT_NONE, or one to look at.
 */
struct rt_foreseen {
	uint32_t id[RT_PREFETCH_MAX];
	unsigned n, at;
};

struct rt_igp {			/* a table that hosts of ours resolve in */
	struct list link;
	struct rt_feed feed;		/* its table is NULL once freed */
	const struct rt_table *igp;	/* to be compared alone */
	unsigned hosts;
};

struct rt_table {
	char *name;
	enum net_kind kind;
	struct attrs_pool *pool;
	uint64_t seed;
	struct slab nets, routes;

	struct net_hash hash, old;	/* of the nets; old goes soon */
	uint8_t side;			/* NET_SIDE of those in hash */
	uint32_t moved;			/* nets below it are not in old */
	uint32_t len_count[129];	/* nets of each length */
	struct rt_foreseen foreseen;
	size_t n_nets, n_routes;	/* nets that have routes */

	uint32_t log_first, log_last, seq;
	struct rt_empty *empties;	/* a ring, oldest first */
	uint32_t empty_first, n_empties, cap_empties;
	struct list feeds;
	unsigned any_feeds;
	/*
	 * While there are such: when the best route of each net last changed,
	 * so that the other feeds pass over what is no news to them.
	 */
	uint32_t *best_seq, n_best_seq;

	struct rt_src **src;
	uint32_t n_src, cap_src;
	uint32_t *src_hash;		/* [n_buckets], chains of numbers */
	uint32_t n_buckets, bucket_mask, src_hand;
	uint32_t *src_free, n_src_free;
	struct rt_src *last_src;	/* got last; or NULL */

	const struct iface_set *ifaces;
	uint64_t ifaces_seen;
	struct list host[HOST_BUCKETS];
	unsigned n_hosts;
	struct list igps;		/* struct rt_igp */
	bool hosts_changed;		/* a scan is due */
	bool scanning;
	uint32_t scan_pos;

	struct instant epoch;
	bool epoch_set;
};

/* Of an address, in a net. */
static inline unsigned
addr_bytes(enum net_kind kind)
{
	return kind == NET_IP4 || kind == NET_ROA4 ? 4 : 16;
}

static inline bool
is_roa(enum net_kind kind)
{
	return kind == NET_ROA4 || kind == NET_ROA6;
}

/*
 * A net's "srcs" has a bit for each of its routes, which some sources share:
 * who finds his own missing has no route there, and need not look for it.
 */
static inline uint8_t
src_bit(const struct rt_src *s)
{
	return (uint8_t)(1u << s->number % 8);
}

static inline struct rt_net *
net_at(const struct rt_table *t, uint32_t id)
{
	return slab_at(&t->nets, id);
}

static inline struct rt_route *
route_at(const struct rt_table *t, uint32_t id)
{
	return slab_at(&t->routes, id);
}

/* feed.c: the log.  Moves the net to its end and wakes who waits. */
void rt_log_bump(struct rt_table *t, uint32_t id, bool best_changed);
void rt_log_unlink(struct rt_table *t, uint32_t id);
/* Remembers a net that became empty; false when out of memory. */
bool rt_log_empty(struct rt_table *t, uint32_t id);
/* Frees what every feed has passed; true while there is more. */
bool rt_log_reclaim(struct rt_table *t, uint32_t budget);

/* nets.c */
bool rt_nets_init(struct rt_table *t);
void rt_nets_done(struct rt_table *t);
size_t rt_nets_bytes(const struct rt_table *t);
/* Part of what a grown hash has left to do. */
void rt_nets_move(struct rt_table *t, uint32_t budget);
/* For one that was foreseen, perhaps, and is to be changed. */
uint32_t rt_net_find(struct rt_table *t, const struct prefix *p);
/* Finds or makes; RT_NONE when out of memory. */
uint32_t rt_net_get(struct rt_table *t, const struct prefix *p);
void rt_net_free(struct rt_table *t, uint32_t id);
/* It will be freed soon: its cell is fetched.  The net itself is read. */
void rt_net_prefetch_cell(const struct rt_table *t, uint32_t id);
uint32_t rt_net_asn(const struct rt_table *t, const struct rt_net *n);
/* What the ROAs of just this prefix say of one of length "want". */
enum rt_roa rt_net_roa(const struct rt_table *t, struct ip ip, unsigned len,
    unsigned want, uint32_t asn);

/* src.c */
void rt_srcs_done(struct rt_table *t);

/* table.c */
/* Chooses anew; true when the best route is another one. */
bool rt_choose(struct rt_table *t, uint32_t net_id);
/* Counts a net's best route, instead of the one that was, as preferred. */
void rt_count_best(struct rt_table *t, uint32_t was, uint32_t best);

/* host.c */
void rt_hosts_init(struct rt_table *t);
void rt_hosts_done(struct rt_table *t);
bool rt_hosts_work(struct rt_table *t, uint32_t budget);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * Routing tables.
 *
 * A table maps nets to routes: for each net a list, the best route first.
 * Who announces is a struct rt_src (an owner, such as one channel of a BGP
 * neighbour, and a path id); a net has at most one route of each source.
 *
 *	net ---> route (best) ---> route ---> ...
 *	 |
 *	 +-- in a hash by prefix, and in the log
 *
 * The log.  All nets stand in one list, ordered by when their best route last
 * changed.  Whoever follows a table (rt_feed) is a position in that list:
 * what lies behind it is news.  A new follower starts at the beginning, so
 * the first full feed, the news, and a feed after "reload out" are the same
 * code; a net that flaps stands in the list once, so a slow follower costs
 * nothing and sees only the newest state.  A net without routes stays until
 * every follower has passed it.
 *
 * Nets and routes have dense 32-bit ids (base/slab.h) and never move, so that
 * a table can be walked in slices while it changes, and a set of nets is a
 * bitmap.
 *
 * One thread.  The table allocates; out of memory is an answer (RT_NO_MEMORY).
 */
#ifndef WARREN_RIB_TABLE_H
#define WARREN_RIB_TABLE_H

#include "base/slab.h"
#include "base/time.h"
#include "rib/attrs.h"
#include "rib/iface.h"

/* The grain of a route's age: 32 bits of it last for four years. */
#define RT_TICK	(SECONDS(1) / 32)

#define RT_NONE	SLAB_NONE	/* no net, no route, no source */

struct rt_table;
struct rt_src;
struct rt_feed;

enum rt_flag {
	RT_FILTERED	= 1 << 0,	/* kept, but rejected on import */
	RT_STALE	= 1 << 1,	/* waits to be announced again */
	RT_LLGR_STALE	= 1 << 2,
	RT_PREFERRED	= 1 << 3	/* the table's: counted in its rt_src */
};

struct rt_route {
	const struct attrs *attrs;
	uint32_t next;			/* in the net's list, or RT_NONE */
	uint32_t net;			/* net id */
	uint32_t changed;		/* RT_TICKs since the table was made */
	uint32_t src : 24;		/* number of its rt_src */
	uint32_t flags : 8;		/* enum rt_flag */
};

struct rt_net {
	uint32_t routes;		/* best first, or RT_NONE */
	uint32_t older, newer;		/* net ids in the log */
	uint32_t seq;			/* grows along the log */
	uint8_t len;
	uint8_t flags;			/* the table's */
	uint8_t max;			/* ROA */
	uint8_t srcs;			/* whose routes: the table's */
	uint8_t addr[];			/* 4 or 16 bytes; then asn for ROA */
};

/* How routes of one kind of owner compare.  One for each protocol. */
struct rt_class {
	const char *name;		/* "BGP", as show protocols has it */
	unsigned rank;			/* decides between classes */
	/* Is a better than b?  Both of this class, of equal preference. */
	bool (*better)(const struct rt_table *t, const struct rt_route *a,
	    const struct rt_route *b);
	/*
	 * For classes where "better" is no total order (MED, RFC 4271
	 * 9.1.2.2): choose among all of the class, beginning with the one
	 * that "better" has found.  Asked when an owner has choose_all.
	 */
	uint32_t (*choose)(const struct rt_table *t, uint32_t first);
	/* As good as the best, but for tie-breaks?  NULL: never. */
	bool (*mergable)(const struct rt_table *t,
	    const struct rt_route *best, const struct rt_route *r);
};

/* Who announces.  The owner embeds it, names it, and outlives its sources. */
struct rt_owner {
	const struct rt_class *cls;
	const char *name;		/* of the protocol instance */
	void *ctx;
	/*
	 * What the decision process and exports ask of a BGP neighbour; kept
	 * here, for they ask it of pipes' copies, too.  See bgp/.
	 */
	uint32_t router_id, as, local_as;
	struct ip addr;
	uint32_t ifindex;		/* of the session, or 0 */
	uint32_t default_local_pref, default_med;
	uint32_t cost;			/* to next hops that are direct */
	bool internal, interior;	/* of our AS; or of our confederation */
	bool rr_client;
	bool path_metric, med_metric, igp_metric, prefer_older;
	bool choose_all;		/* cls->choose decides, as needed */
	/*
	 * Told of each route that it announces, also of one that is the same,
	 * and of each that goes (attrs NULL) or is filtered out.  NULL: not.
	 */
	void (*watch)(struct rt_owner *o, const struct rt_src *s,
	    const struct prefix *net, const struct attrs *attrs);
};

struct rt_src {
	struct rt_owner *owner;
	/*
	 * Who made its routes, which counts where they are compared: the owner
	 * itself, but of a pipe the pipe's copy of the one before it, whose
	 * ctx names it and must not be followed.
	 */
	const struct rt_owner *origin;
	uint32_t path_id;		/* ADD-PATH; 0 without */
	uint32_t number;		/* index in the table's sources */
	uint32_t routes;		/* how many are in the table, */
	uint32_t filtered;		/* of them marked RT_FILTERED */
	uint32_t preferred;		/* of them best of their nets */
	uint32_t chain;			/* the table's */
};

struct rt_table *rt_table_new(const char *name, enum net_kind kind,
    struct attrs_pool *pool, const struct hash_key *key);
/* An empty one of the same kind, whose sets are in the same pool. */
struct rt_table *rt_table_sibling(const struct rt_table *t, const char *name);
/* No set that names a host of this table may outlive it. */
struct rt_table *rt_table_free(struct rt_table *t);
const char *rt_table_name(const struct rt_table *t);
enum net_kind rt_table_kind(const struct rt_table *t);
struct attrs_pool *rt_table_pool(const struct rt_table *t);

/*
 * Finds or makes; NULL when out of memory.  One with a path id may be given
 * up when it has no routes: keep no pointer to it.
 */
struct rt_src *rt_src_get_for(struct rt_table *t, struct rt_owner *o,
    const struct rt_owner *origin, uint32_t path_id);
/* NULL: there is none. */
struct rt_src *rt_src_find_for(const struct rt_table *t,
    const struct rt_owner *o, const struct rt_owner *origin,
    uint32_t path_id);

/* Of one that is its own origin. */
static inline struct rt_src *
rt_src_get(struct rt_table *t, struct rt_owner *o, uint32_t path_id)
{
	return rt_src_get_for(t, o, o, path_id);
}

static inline struct rt_src *
rt_src_find(const struct rt_table *t, const struct rt_owner *o,
    uint32_t path_id)
{
	return rt_src_find_for(t, o, o, path_id);
}

const struct rt_src *rt_src_at(const struct rt_table *t, uint32_t number);
/* When the owner ends; all its routes must be gone. */
void rt_owner_done(struct rt_table *t, struct rt_owner *o);
/* Its routes in the table, and how many of them are RT_FILTERED. */
void rt_owner_counts(const struct rt_table *t, const struct rt_owner *o,
    uint32_t *ret_routes, uint32_t *ret_filtered);

/* How many of its routes are the best of their nets. */
uint32_t rt_owner_preferred(const struct rt_table *t,
    const struct rt_owner *o);

enum rt_result {
	RT_SAME,		/* was there already, word for word */
	RT_CHANGED,		/* added or replaced */
	RT_REMOVED,
	RT_ABSENT,		/* a withdrawal of what was not there */
	RT_NO_MEMORY
};

/* Takes its own count on attrs.  flags: RT_FILTERED or 0. */
enum rt_result rt_announce(struct rt_table *t, struct rt_src *src,
    const struct prefix *net, const struct attrs *attrs, uint8_t flags,
    struct instant now);
enum rt_result rt_withdraw(struct rt_table *t, struct rt_src *src,
    const struct prefix *net, struct instant now);

/*
 * Says that these nets will be announced or withdrawn now, so that what that
 * touches is fetched for all of them together: in a large table much of an
 * announcement's time is waiting for memory.  Their cells are asked for
 * first, as early as can be.
 */
#define RT_PREFETCH_MAX	32
void rt_prefetch_cells(const struct rt_table *t, const struct prefix *v,
    unsigned n);
/* src: who will; NULL is one that has not announced anything yet. */
void rt_prefetch(struct rt_table *t, const struct rt_src *src,
    const struct prefix *v, unsigned n);

/*
 * All routes of an owner at once, or a slice of it: walks at most "budget"
 * nets from *pos (0 at first) and returns true while there is more to do.
 */
bool rt_mark_stale(struct rt_table *t, const struct rt_owner *o,
    uint32_t *pos, uint32_t budget);
/* Marks, and what was stale before goes. */
bool rt_age(struct rt_table *t, const struct rt_owner *o, uint32_t *pos,
    uint32_t budget, struct instant now);
bool rt_flush_stale(struct rt_table *t, const struct rt_owner *o,
    uint32_t *pos, uint32_t budget, struct instant now);
bool rt_flush(struct rt_table *t, const struct rt_owner *o, uint32_t *pos,
    uint32_t budget, struct instant now);

/*
 * Of the stale ones each becomes another set, and has "flag" from now on.
 * modify() gives a counted set, its argument perhaps, or NULL: it goes.
 */
bool rt_modify_stale(struct rt_table *t, const struct rt_owner *o,
    uint32_t *pos, uint32_t budget, struct instant now,
    const struct attrs *(*modify)(struct attrs_pool *p,
    const struct attrs *a), enum rt_flag flag);

/* Looking things up. */
uint32_t rt_find(const struct rt_table *t, const struct prefix *net);
/* The most specific net that has a usable route and covers net. */
uint32_t rt_longest(const struct rt_table *t, const struct prefix *net);
struct prefix rt_prefix(const struct rt_table *t, uint32_t net_id);
const struct rt_net *rt_net_at(const struct rt_table *t, uint32_t id);
const struct rt_route *rt_route_at(const struct rt_table *t, uint32_t id);
/* Best route that may be used, NULL when there is none. */
const struct rt_route *rt_best(const struct rt_table *t, uint32_t net_id);
const struct rt_route *rt_next(const struct rt_table *t,
    const struct rt_route *r);
/* Every net that has a route; start with RT_NONE, ends with RT_NONE. */
uint32_t rt_walk(const struct rt_table *t, uint32_t after);
size_t rt_count_nets(const struct rt_table *t);
size_t rt_count_routes(const struct rt_table *t);
size_t rt_bytes(const struct rt_table *t);
/*
 * Multipath: the next hops of the best route and of those that are as good,
 * each once, in order, at most "max".  hops_of gives those of one route;
 * false: it does not take part.
 */
typedef bool rt_hops_fn(void *ctx, const struct rt_route *r,
    const struct nexthop **ret_hops, unsigned *ret_n);
unsigned rt_merge_hops(const struct rt_table *t, const struct rt_route *best,
    rt_hops_fn *hops_of, void *ctx, struct nexthop *ret, unsigned max);
/* When a route was last changed. */
struct instant rt_changed(const struct rt_table *t, const struct rt_route *r);

/*
 * What the packets of a route really do: its own dest and next hops, or
 * those of its host as they resolve now.
 */
enum rt_dest rt_resolve(const struct attrs *a, const struct nexthop **ret_hops,
    unsigned *ret_n);

static inline bool
rt_usable(const struct rt_route *r)
{
	return !(r->flags & RT_FILTERED);
}

/* RFC 4271 9.1.2.1; like BIRD, an unresolvable route loses but is kept. */
bool rt_resolvable(const struct rt_route *r);

/* RFC 6811: what the ROAs of a ROA table say of an announcement. */
enum rt_roa {
	RT_ROA_UNKNOWN, RT_ROA_VALID, RT_ROA_INVALID
};
enum rt_roa rt_roa_check(const struct rt_table *t, const struct prefix *net,
    uint32_t asn);

/*
 * Hosts: recursive next hops.  A host is an address that routes name as
 * their next hop, resolved once for all of them: directly on a link
 * (HOST_DIRECT), or through the best route of an IGP table that covers it.
 * When its resolution changes, every net with a route through it is chosen
 * anew and stands in the log again.
 */
enum rt_host_mode {
	HOST_DIRECT, HOST_RECURSIVE,
	HOST_GLOBAL,	/* direct; link_local only where ip is on no link */
	HOST_ONLINK	/* on this link, whatever its addresses say */
};

struct rt_host {
	struct list link;		/* in the table's hosts */
	struct rt_table *of;		/* table whose routes use it */
	struct rt_table *igp;		/* HOST_RECURSIVE: looked up there */
	struct ip ip;			/* the next hop */
	struct ip link_local;		/* the gateway instead, or IP_NONE */
	uint32_t ifindex;		/* not RECURSIVE: this link, or 0 */
	uint32_t refs;			/* attribute sets */
	uint8_t mode;			/* enum rt_host_mode */
	uint8_t dest;			/* enum rt_dest, NONE: not resolved */
	uint8_t n_hops;
	bool changed;			/* nets must be chosen anew, */
	bool scanning;			/* and are just now */
	uint32_t igp_metric;		/* UINT32_MAX: unknown */
	struct nexthop hop[NEXTHOPS_MAX];
};

/*
 * Finds or makes; resolved at once.  The set that is interned with it takes
 * the count, so pass it to attrs_edit_set_host() and forget it.
 */
struct rt_host *rt_host_get(struct rt_table *t, enum rt_host_mode mode,
    struct rt_table *igp, struct ip ip, struct ip link_local,
    uint32_t ifindex);

/* Interfaces that hosts resolve on; set once, before the first host. */
void rt_table_set_ifaces(struct rt_table *t, const struct iface_set *s);

/*
 * Deferred work: resolving hosts anew after interfaces or IGP tables have
 * changed, choosing anew, dropping empty nets.  The owner calls it before it
 * waits for events; true while there is more to do.
 */
bool rt_table_work(struct rt_table *t, uint32_t budget, struct instant now);

/* Following a table. */
struct rt_feed {
	struct list link;		/* in the table's feeds */
	struct rt_table *table;
	uint32_t next;			/* net id, or RT_NONE: all seen */
	/* Told once when news arrive after all was seen; may be NULL. */
	void (*wake)(struct rt_feed *f);
	void *ctx;
	/* When set, also told of changes behind the best route (ADD-PATH). */
	bool any;
	uint32_t seen;			/* place in the log; all until there */
};

void rt_feed_start(struct rt_feed *f, struct rt_table *t,
    void (*wake)(struct rt_feed *f), void *ctx);
/* At the place of another one, which has its "any", too. */
void rt_feed_start_at(struct rt_feed *f, const struct rt_feed *at,
    void (*wake)(struct rt_feed *f), void *ctx);
void rt_feed_stop(struct rt_feed *f);		/* no-op if not started */
/* One at the same place will hear no more: f follows for both. */
void rt_feed_join(struct rt_feed *f, const struct rt_feed *gone);
/* Those who follow a table, in the order of their starts; NULL: first, end. */
struct rt_feed *rt_feed_after(const struct rt_table *t,
    const struct rt_feed *f);
void rt_feed_rewind(struct rt_feed *f);		/* everything again */
/* The next net with news, RT_NONE when all was seen. */
uint32_t rt_feed_next(struct rt_feed *f);
/* Gives back what rt_feed_next() has just given. */
void rt_feed_back(struct rt_feed *f, uint32_t id);
bool rt_feed_idle(const struct rt_feed *f);

/* A set of net ids that grows as needed: what was exported to whom. */
struct rt_bitmap {
	uint64_t *w;
	uint32_t n;			/* words */
	uint32_t count;			/* bits set */
};

void rt_bitmap_init(struct rt_bitmap *b);
void rt_bitmap_done(struct rt_bitmap *b);
bool rt_bitmap_has(const struct rt_bitmap *b, uint32_t id);
bool rt_bitmap_set(struct rt_bitmap *b, uint32_t id);	/* false: no memory */
void rt_bitmap_clear(struct rt_bitmap *b, uint32_t id);
/* Of one that was just made; false: no memory. */
bool rt_bitmap_copy(struct rt_bitmap *b, const struct rt_bitmap *from);
/* All of another one's, too. */
bool rt_bitmap_join(struct rt_bitmap *b, const struct rt_bitmap *other);

#endif

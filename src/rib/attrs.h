/* SPDX-License-Identifier: ISC */
/*
 * Attribute sets: all that a route says besides where it leads.
 *
 * A set is immutable and interned: equal sets are one object, so equality is
 * a pointer comparison, a million routes share a hundred thousand sets, and
 * the export of a table groups routes by pointer.  Sets are counted:
 * attrs_ref/attrs_unref; whoever stores a pointer holds a count.
 *
 * Attributes have a 16-bit id.  0 to 255 are BGP path attributes under their
 * own type code; above are the kernel's, the protocols' own and the user's
 * (CONFIG: "attribute int my_attr;").  Variable-length values are kept in
 * their BGP wire form (AS paths with 4-octet ASNs, community lists in network
 * order), so that decoding and encoding is a copy.
 *
 * To make or change one, fill a struct attrs_edit, which starts as a view of
 * an existing set (or of nothing) and copies only when something is written,
 * then attrs_intern() it.  An edit borrows what is put into it until then.
 *
 * One thread.  Out of memory: NULL.
 */
#ifndef WARREN_RIB_ATTRS_H
#define WARREN_RIB_ATTRS_H

#include "base/hash.h"
#include "base/ip.h"

struct attrs_pool;
struct rt_host;

/* Where a route comes from; names as in filters (source = RTS_BGP). */
enum rt_source {
	RTS_NONE, RTS_STATIC, RTS_INHERIT, RTS_DEVICE, RTS_STATIC_DEVICE,
	RTS_REDIRECT, RTS_BGP, RTS_PIPE, RTS_RPKI, RTS_WIREGUARD, RTS_NSOURCES
};

enum rt_dest {			/* RTD_* in filters */
	RTD_NONE, RTD_UNICAST, RTD_BLACKHOLE, RTD_UNREACHABLE, RTD_PROHIBIT,
	RTD_NDESTS
};

enum rt_scope {			/* SCOPE_* in filters */
	SCOPE_HOST, SCOPE_LINK, SCOPE_SITE, SCOPE_ORGANIZATION, SCOPE_UNIVERSE
};

#define NEXTHOP_ONLINK	0x01

struct nexthop {
	struct ip gw;		/* IP_NONE: the link itself */
	uint32_t ifindex;	/* 0 in a set that names its host instead */
	uint8_t flags;		/* NEXTHOP_ */
	uint8_t weight;		/* 0 to 255, meaning 1 to 256 */
};

#define NEXTHOPS_MAX	16	/* of one route */

enum attr_type {
	ATTR_NONE, ATTR_U32, ATTR_IP, ATTR_PATH, ATTR_CLIST, ATTR_ECLIST,
	ATTR_LCLIST, ATTR_STRING, ATTR_OPAQUE, ATTR_BOOL, ATTR_PREFIX
};

/* Ids past BGP's own. */
enum attr_id {
	/* BGP, by type code; the ones the decision process reads */
	ATTR_BGP_ORIGIN = 1, ATTR_BGP_PATH = 2, ATTR_BGP_NEXT_HOP = 3,
	ATTR_BGP_MED = 4, ATTR_BGP_LOCAL_PREF = 5, ATTR_BGP_ATOMIC_AGGR = 6,
	ATTR_BGP_AGGREGATOR = 7, ATTR_BGP_COMMUNITY = 8,
	ATTR_BGP_ORIGINATOR_ID = 9, ATTR_BGP_CLUSTER_LIST = 10,
	ATTR_BGP_EXT_COMMUNITY = 16, ATTR_BGP_AIGP = 26,
	ATTR_BGP_LARGE_COMMUNITY = 32, ATTR_BGP_OTC = 35,
	ATTR_KRT = 0x100,	/* krt_source, krt_metric, krt_prefsrc, ... */
	ATTR_KRT_SOURCE = 0x100, ATTR_KRT_METRIC, ATTR_KRT_PREFSRC,
	ATTR_KRT_REALM, ATTR_KRT_SCOPE,
	ATTR_KRT_METRICS = 0x120,	/* + RTAX_ number: krt_mtu, ... */
	ATTR_IGP_METRIC = 0x200,	/* generic igp_metric */
	ATTR_PIPED,		/* who announced it before all pipes: a name */
	ATTR_USER = 0x400	/* + the number of the declared attribute */
};

/*
 * In an edit: set since it was begun, say by the export filter.  Shares the
 * octet with the flags of BGP, whose low four bits are unused; sets never
 * have it.
 */
#define ATTR_FRESH	0x01

/* BGP attribute flags as received, for unknown ones that are passed on. */
struct attr {
	uint16_t id;
	uint8_t type;		/* enum attr_type */
	uint8_t flags;
	uint32_t n;		/* bytes at p; 0 for U32 and BOOL */
	union {
		uint32_t u;
		const uint8_t *p;	/* IP: 16 bytes; NEXT_HOP 16, 32 */
	};
};

/*
 * Inside a set attributes are packed: 8 bytes and the value.  Read them
 * through attrs_get() and attrs_at().
 */
struct attrs {
	uint32_t refs;
	uint32_t hash;
	struct rt_host *host;		/* recursive next hop, or NULL */
	struct ip from;			/* the router that told us */
	uint32_t size;			/* of the whole object */
	uint16_t preference;
	uint8_t source, dest, scope;	/* enums above */
	uint8_t n_hops, n_attrs, pad;
	/* then struct nexthop[n_hops], packed attributes, values */
};

struct attrs_pool *attrs_pool_new(const struct hash_key *key);
struct attrs_pool *attrs_pool_free(struct attrs_pool *p);  /* must be empty */
size_t attrs_pool_count(const struct attrs_pool *p);
size_t attrs_pool_bytes(const struct attrs_pool *p);

/* One of them in a set; v is its number, or where its value stands. */
struct attrs_packed {
	uint16_t id;
	uint8_t type, flags;
	uint32_t v;
};

static inline const struct nexthop *
attrs_hops(const struct attrs *a)
{
	return (const struct nexthop *)(const void *)(a + 1);
}

static inline const struct attrs_packed *
attrs_packed(const struct attrs *a)
{
	return (const struct attrs_packed *)(const void *)(attrs_hops(a) +
	    a->n_hops);
}

static inline bool
attr_is_number(uint8_t type)
{
	return type == ATTR_U32 || type == ATTR_BOOL;
}

/* The i-th, in order of id; 0 <= i < n_attrs. */
static inline struct attr
attrs_at(const struct attrs *a, unsigned i)
{
	const struct attrs_packed *k = &attrs_packed(a)[i];
	struct attr at = { .id = k->id, .type = k->type, .flags = k->flags };
	const uint8_t *value = (const uint8_t *)a + k->v;
	uint16_t n;

	if (attr_is_number(k->type)) {
		at.u = k->v;
		return at;
	}
	memcpy(&n, value, sizeof(n));
	at.n = n;
	at.p = value + sizeof(n);
	return at;
}

/* False when there is none.  ret->p points into the set. */
static inline bool
attrs_get(const struct attrs *a, uint16_t id, struct attr *ret)
{
	const struct attrs_packed *k = attrs_packed(a);

	for (unsigned i = 0; i < a->n_attrs && k[i].id <= id; i++)
		if (k[i].id == id) {
			*ret = attrs_at(a, i);
			return true;
		}
	return false;
}

uint32_t attrs_u32(const struct attrs *a, uint16_t id, uint32_t or_else);

static inline const struct attrs *
attrs_ref(const struct attrs *a)
{
	((struct attrs *)(uintptr_t)a)->refs++;	/* the one mutable field */
	return a;
}

/* NULL is fine.  Frees with the last count (and unrefs its host). */
void attrs_unref(struct attrs_pool *p, const struct attrs *a);

#define ATTRS_EDIT_MAX	64	/* attributes in one set */

/*
 * A set under construction.  Until the first write it is only a view of
 * "base"; from then on v[0..n) is the whole, sorted by id.
 */
struct attrs_edit {
	const struct attrs *base;	/* what it was made from, or NULL */
	bool changed;
	bool failed;			/* too many attributes: stays */
	struct rt_host *host;
	struct ip from;
	uint16_t preference;
	uint8_t source, dest, scope, n_hops;
	uint8_t n;
	bool own_hops, own_v;		/* copied yet? */
	struct nexthop hop[NEXTHOPS_MAX];
	struct attr v[ATTRS_EDIT_MAX];
};

/* base may be NULL: an empty set, preference 0, dest none. */
void attrs_edit_init(struct attrs_edit *e, const struct attrs *base);
bool attrs_edit_get(const struct attrs_edit *e, uint16_t id,
    struct attr *ret);
void attrs_edit_set(struct attrs_edit *e, struct attr at);
void attrs_edit_set_u32(struct attrs_edit *e, uint16_t id, uint32_t u);
void attrs_edit_set_bytes(struct attrs_edit *e, uint16_t id,
    enum attr_type type, struct bytes b);
void attrs_edit_unset(struct attrs_edit *e, uint16_t id);
unsigned attrs_edit_count(const struct attrs_edit *e);
struct attr attrs_edit_at(const struct attrs_edit *e, unsigned i);
const struct nexthop *attrs_edit_hops(const struct attrs_edit *e,
    unsigned *ret_n);
void attrs_edit_set_hops(struct attrs_edit *e, const struct nexthop *h,
    unsigned n);
/* The scalar fields: set "changed" with them. */
void attrs_edit_set_preference(struct attrs_edit *e, uint16_t pref);
void attrs_edit_set_dest(struct attrs_edit *e, enum rt_dest dest);
void attrs_edit_set_host(struct attrs_edit *e, struct rt_host *host);

/*
 * A counted reference to the set that equals the edit; base itself when
 * nothing changed.  NULL when out of memory or e->failed.
 */
const struct attrs *attrs_intern(struct attrs_pool *p, struct attrs_edit *e);

#endif

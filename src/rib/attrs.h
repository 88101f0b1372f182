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
 * A set is one piece of memory: this, the next hops, the router that told us
 * (where that is not the host), and the attributes, packed in order of id.
 * Read them through attrs_from(), attrs_hops(), attrs_next() and attrs_get().
 */
struct attrs {
	uint32_t refs;
	uint32_t hash;
	uint64_t merit;			/* see below */
	struct rt_host *host;		/* recursive next hop, or NULL */
	uint16_t preference;
	uint8_t n_hops, n_attrs;
	uint32_t source : 4, dest : 4, scope : 3;	/* enums above */
	uint32_t from : 2;		/* enum attrs_from_where */
	uint32_t size : 19;		/* of the whole */
};

/*
 * What most decisions of BGP hang on, worked out once for each set: local
 * preference, then hops, then origin, so that the larger is the better.  0
 * where that is not the whole truth: there is no local preference, an AIGP, or
 * a path that is not just one sequence.
 */
#define ATTRS_SIZE_MAX	((1u << 19) - 1)

enum attrs_from_where {
	FROM_NOWHERE, FROM_HOST, FROM_HERE	/* 16 bytes */
};

struct attrs_pool *attrs_pool_new(const struct hash_key *key);
struct attrs_pool *attrs_pool_free(struct attrs_pool *p);  /* must be empty */
size_t attrs_pool_count(const struct attrs_pool *p);
size_t attrs_pool_bytes(const struct attrs_pool *p);

static inline const struct nexthop *
attrs_hops(const struct attrs *a)
{
	return (const struct nexthop *)(const void *)(a + 1);
}

static inline bool
attr_is_number(uint8_t type)
{
	return type == ATTR_U32 || type == ATTR_BOOL;
}

/* The router that told us; IP_NONE where nobody did. */
struct ip attrs_from(const struct attrs *a);

/*
 * What stands before each value.  A number has as many bytes as it needs, the
 * lowest first.  ATTR_LONG: the length follows in 16 bits.  A next hop that is
 * the host's own is not written down: then type is ATTR_OF_HOST, and n is how
 * many addresses it has.
 */
struct attrs_packed {
	uint16_t id;
	uint8_t type : 4, flags : 4;	/* the upper four of the flags */
	uint8_t n;
};

#define ATTR_LONG	255
#define ATTR_OF_HOST	15

/* The host's address, or its two, as the value of a next hop. */
void attrs_host_hop(const struct attrs *a, unsigned n, struct attr *ret);

static inline const uint8_t *
attrs_begin(const struct attrs *a)
{
	return (const uint8_t *)(attrs_hops(a) + a->n_hops) +
	    (a->from == FROM_HERE ? sizeof(struct ip) : 0);
}

/*
 * The attributes in order of id: start with attrs_begin(); false at the end.
 * ret->p points into the set.
 */
static inline bool
attrs_next(const struct attrs *a, const uint8_t **pos, struct attr *ret)
{
	const uint8_t *p = *pos;
	struct attrs_packed k;
	uint16_t n;

	if (p == (const uint8_t *)a + a->size)
		return false;
	memcpy(&k, p, sizeof(k));
	p += sizeof(k);
	n = k.n;
	ret->id = k.id;
	ret->type = k.type;
	ret->flags = (uint8_t)(k.flags << 4);
	ret->n = 0;
	if (attr_is_number(k.type)) {
		/* The four octets up to its end; those in front go. */
		p += n;
		ret->u = (uint32_t)((uint64_t)le32_get(p - 4) >>
		    (32 - 8 * n));
	} else if (k.type == ATTR_OF_HOST) {
		attrs_host_hop(a, n, ret);
	} else {
		if (n == ATTR_LONG) {
			memcpy(&n, p, sizeof(n));
			p += sizeof(n);
		}
		ret->n = n;
		ret->p = p;
		p += n;
	}
	*pos = p;
	return true;
}

/* The i-th, in order of id; 0 <= i < n_attrs. */
static inline struct attr
attrs_at(const struct attrs *a, unsigned i)
{
	const uint8_t *pos = attrs_begin(a);
	struct attr at = { 0 };

	do
		attrs_next(a, &pos, &at);
	while (i-- > 0);
	return at;
}

/* The attribute behind p; its own header is k. */
static inline const uint8_t *
attrs_skip(const uint8_t *p, struct attrs_packed k)
{
	uint16_t n = k.n;

	p += sizeof(k);
	if (k.type == ATTR_OF_HOST)
		return p;
	if (n == ATTR_LONG) {
		memcpy(&n, p, sizeof(n));
		p += sizeof(n);
	}
	return p + n;
}

/* False when there is none, *ret as it was.  ret->p points into the set. */
static inline bool
attrs_get(const struct attrs *a, uint16_t id, struct attr *ret)
{
	const uint8_t *p = attrs_begin(a), *end = (const uint8_t *)a + a->size;
	struct attrs_packed k;

	for (; p != end; p = attrs_skip(p, k)) {
		memcpy(&k, p, sizeof(k));
		if (k.id >= id)
			return k.id == id && attrs_next(a, &p, ret);
	}
	return false;
}

/*
 * As attrs_next(), of those alone whose ids are bits of "ids"; ends behind the
 * last of these.
 */
static inline bool
attrs_next_of(const struct attrs *a, uint32_t ids, const uint8_t **pos,
    struct attr *ret)
{
	const uint8_t *end = (const uint8_t *)a + a->size;
	struct attrs_packed k;

	for (; *pos != end; *pos = attrs_skip(*pos, k)) {
		memcpy(&k, *pos, sizeof(k));
		if (k.id >= 32 || ids >> k.id == 0)
			break;
		if (ids >> k.id & 1)
			return attrs_next(a, pos, ret);
	}
	return false;
}

uint32_t attrs_u32(const struct attrs *a, uint16_t id, uint32_t or_else);

static inline const struct attrs *
attrs_ref(const struct attrs *a)
{
	((struct attrs *)(uintptr_t)a)->refs++;	/* all that ever changes */
	return a;
}

/* NULL is fine.  Frees with the last count (and unrefs its host). */
void attrs_unref(struct attrs_pool *p, const struct attrs *a);

#define ATTRS_VALUE_MAX	UINT16_MAX	/* bytes of a value */
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

/*
 * The same where it stands, of an edit that has been written to; NULL when it
 * has not been, or there is none.
 */
static inline const struct attr *
attrs_edit_own(const struct attrs_edit *e, uint16_t id)
{
	/* Mostly behind all others. */
	for (unsigned i = e->n; i > 0 && e->v[i - 1].id >= id; i--)
		if (e->v[i - 1].id == id)
			return &e->v[i - 1];
	return NULL;
}

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

/*
 * The same in two steps, for who has something else to do while the place of
 * the set comes from memory.  The draft is the pool's, until its next one.
 */
bool attrs_draft(struct attrs_pool *p, struct attrs_edit *e);
const struct attrs *attrs_intern_draft(struct attrs_pool *p);

#endif

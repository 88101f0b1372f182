/* SPDX-License-Identifier: ISC */
/*
 * Values of the filter language.
 *
 * A value is 24 bytes and is passed by value or const pointer.  What does not
 * fit stands elsewhere and is borrowed: in the arena of the configuration
 * (constants), in the scratch arena of the run (results), or in the route
 * that is filtered.  All of these outlive the run; nothing is freed.
 *
 * AS paths and community lists are in BGP's wire form, paths with 4-octet
 * ASNs; see path.h and list.h.  Numbers inside a value are in host order.
 */
#ifndef WARREN_FILTER_VALUE_H
#define WARREN_FILTER_VALUE_H

#include "base/arena.h"
#include "base/ip.h"
#include "base/text.h"

struct filter_set;		/* set.h */
struct filter_prefixes;		/* prefixes.h */
struct filter_mask;		/* mask.h */

/* VOID is also the type of an expression that is known only at run time. */
enum filter_type {
	FT_VOID, FT_BOOL, FT_INT, FT_PAIR, FT_QUAD, FT_IP, FT_PREFIX,
	FT_STRING, FT_BYTESTRING, FT_RD, FT_EC, FT_LC, FT_PATH, FT_CLIST,
	FT_ECLIST, FT_LCLIST, FT_MASK, FT_SET, FT_PREFIX_SET,
	/* enumerations: each is a type of its own */
	FT_ENUM,
	FT_ENUM_RTS = FT_ENUM, FT_ENUM_RTD, FT_ENUM_SCOPE, FT_ENUM_ORIGIN,
	FT_ENUM_ROA, FT_ENUM_NET, FT_ENUM_AF, FT_NTYPES
};

struct filter_value {
	uint8_t type;			/* enum filter_type */
	uint32_t n;			/* bytes at p */
	union {
		uint32_t u;		/* bool, int, pair, quad, enum */
		uint64_t u64;		/* rd, ec */
		uint32_t lc[3];
		struct ip ip;
		const uint8_t *p;	/* bytestring, path, lists */
		const char *s;		/* string; n is not kept */
		const struct prefix *prefix;
		const struct filter_set *set;	/* NULL: the empty set */
		const struct filter_prefixes *prefixes;
		const struct filter_mask *mask;
	};
};

static inline struct filter_value
filter_value_u(enum filter_type type, uint32_t u)
{
	return (struct filter_value){ .type = (uint8_t)type, .u = u };
}

/* The same in place: the bytes that nobody reads are left as they are. */
static inline void
filter_value_put(struct filter_value *v, enum filter_type type, uint32_t u)
{
	v->type = (uint8_t)type;
	v->u = u;
}

static inline struct filter_value
filter_value_bytes(enum filter_type type, struct bytes b)
{
	return (struct filter_value){ .type = (uint8_t)type,
	    .n = (uint32_t)b.n, .p = b.p };
}

static inline struct bytes
filter_value_b(const struct filter_value *v)
{
	return bytes_of(v->p, v->n);
}

static inline bool
filter_type_is_enum(unsigned type)
{
	return type >= FT_ENUM && type < FT_NTYPES;
}

/* "int", "prefix", "enum rts", …; as they stand in messages. */
const char *filter_type_name(enum filter_type type);
/* What FOR gives for each of these; VOID when it cannot be walked. */
enum filter_type filter_type_element(enum filter_type type);
/* May a set hold it? */
bool filter_type_in_set(enum filter_type type);

/* They may differ in type; a quad equals its IPv4 address. */
bool filter_value_same(const struct filter_value *a,
    const struct filter_value *b);
/* Order for < and <=: false when these two have none. */
bool filter_value_order(const struct filter_value *a,
    const struct filter_value *b, int *ret);
/* The operator ~.  False when it does not apply to these two. */
bool filter_value_match(const struct filter_value *a,
    const struct filter_value *b, bool *ret);
/*
 * False for what reads as "not there": VOID, and a path or list that stands
 * for an attribute that is absent (p is NULL).
 */
bool filter_value_defined(const struct filter_value *v);
/* The whole of s, against a shell pattern with * and ?. */
bool filter_pattern_match(const char *pattern, const char *s);
/* As print and eval show it. */
void filter_value_text(const struct filter_value *v, struct text *out);

/* "10.0.0.1" as an address may stand where a quad is wanted. */
static inline bool
filter_value_is_ip4(const struct filter_value *v)
{
	return v->type == FT_IP && ip_is4(v->ip);
}

/* Named constants: RTS_BGP, NET_IP4, ORIGIN_IGP, …  False if unknown. */
bool filter_enum_find(const char *name, struct filter_value *ret);
/* The name of a value of an enumeration, or NULL. */
const char *filter_enum_name(const struct filter_value *v);

#endif

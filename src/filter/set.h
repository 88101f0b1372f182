/* SPDX-License-Identifier: ISC */
/*
 * Sets of numbers, pairs, quads, addresses, communities: ranges in order.
 *
 * Every element has a key of 128 bits that sorts as the element does, so one
 * sorted array and one binary search serve all types.  The one thing that is
 * not a range of keys, a pair set like (1..5000, 7), is a box; boxes stand
 * apart and are few.
 *
 * Built by adding, then filter_set_finish(), which sorts and joins; from then
 * on immutable.  Lives in the arena.
 */
#ifndef WARREN_FILTER_SET_H
#define WARREN_FILTER_SET_H

#include "filter/value.h"

typedef unsigned __int128 filter_key;	/* a number, not a struct */

struct filter_range {
	filter_key lo, hi;
};

struct filter_narrow {		/* the same, of types whose keys fit */
	uint32_t lo, hi;
};

struct filter_box {		/* pairs: both halves in range */
	uint16_t lo[2], hi[2];
};

struct filter_set {
	uint8_t type;		/* enum filter_type of the elements */
	bool failed;		/* out of memory while adding */
	uint32_t n, cap, n_boxes, cap_boxes;
	struct filter_range *v;
	struct filter_narrow *narrow;	/* NULL where keys are wider */
	struct filter_box *boxes;
	struct arena *arena;
};

/* NULL when out of memory. */
struct filter_set *filter_set_new(struct arena *a, enum filter_type type);
/* Both of the set's type (a quad where there is an IPv4 address is not). */
void filter_set_add(struct filter_set *s, const struct filter_value *lo,
    const struct filter_value *hi);
/* (alo..ahi, blo..bhi) */
void filter_set_add_pairs(struct filter_set *s, uint16_t alo, uint16_t ahi,
    uint16_t blo, uint16_t bhi);
void filter_set_finish(struct filter_set *s);

/* The type of v and of the set must fit: filter_set_takes(). */
bool filter_set_has(const struct filter_set *s, const struct filter_value *v);
bool filter_set_has_key(const struct filter_set *s, filter_key k);
/* Of a finished set of numbers, pairs, quads or an enumeration. */
bool filter_set_has_u32(const struct filter_set *s, uint32_t k);
bool filter_set_takes(const struct filter_set *s,
    const struct filter_value *v);
bool filter_set_same(const struct filter_set *a, const struct filter_set *b);
void filter_set_text(const struct filter_set *s, struct text *out);

/* Key of a value that may stand in a set. */
filter_key filter_key_of(const struct filter_value *v);
struct filter_value filter_key_value(enum filter_type type, filter_key k);

#endif

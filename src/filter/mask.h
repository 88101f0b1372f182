/* SPDX-License-Identifier: ISC */
/*
 * AS path masks: [= * 1 2..5 [7, 8] ? 9+ =].
 *
 * A mask is a row of items; matching walks the path once and keeps the set of
 * places in the row that may be next (a nondeterministic automaton), so it
 * never backtracks.  An AS set in the path is one element that equals each
 * of its members.
 */
#ifndef WARREN_FILTER_MASK_H
#define WARREN_FILTER_MASK_H

#include "filter/set.h"

#define FILTER_MASK_MAX	255		/* items */

enum filter_mask_kind {
	MASK_ANY_RUN,			/* * */
	MASK_ANY,			/* ? */
	MASK_RANGE,			/* 1, 1..5 */
	MASK_SET			/* [1, 2]; NULL holds nothing */
};

struct filter_mask_item {
	uint8_t kind;			/* enum filter_mask_kind */
	bool loop;			/* followed by + */
	uint32_t lo, hi;
	const struct filter_set *set;
};

struct filter_mask {
	unsigned n;
	struct filter_mask_item v[];
};

bool filter_mask_match(const struct filter_mask *m, struct bytes path);
bool filter_mask_same(const struct filter_mask *a,
    const struct filter_mask *b);
void filter_mask_text(const struct filter_mask *m, struct text *out);

#endif

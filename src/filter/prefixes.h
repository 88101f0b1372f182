/* SPDX-License-Identifier: ISC */
/*
 * Prefix sets: [ 10.0.0.0/8{16,24}, 192.0.2.0/24+, … ].
 *
 * A pattern NET/LEN{LO,HI} matches a prefix whose length lies in LO to HI and
 * whose first bits, as many as the shorter of the two has, are those of NET.
 * So each pattern speaks of two sorts of lengths: LEN and longer (prefixes
 * inside of NET) and shorter than LEN (prefixes around NET).
 *
 * The set is a path-compressed binary trie.  Each node carries two bit sets
 * over lengths:
 *
 *	in	patterns at this node and above it: their lengths
 *		from LEN on.  Asked at the last node above the prefix.
 *	around	patterns at this node and below it: their lengths short
 *		of LEN.  Asked at the first node at or below the prefix.
 *
 * so a look-up is one walk down and two bits, however many patterns there
 * are.  One set holds one family.  Built by adding, then _finish(); immutable
 * from then on; lives in the arena.
 */
#ifndef WARREN_FILTER_PREFIXES_H
#define WARREN_FILTER_PREFIXES_H

#include "filter/value.h"

struct filter_pattern {
	struct filter_pattern *next;	/* in order of address, len, lo, hi */
	struct prefix net;
	uint8_t lo, hi;
};

struct filter_prefixes {
	uint8_t family;		/* enum family; NONE while empty */
	bool failed;		/* out of memory */
	uint8_t words;		/* uint64_t in each bit set */
	uint32_t n;
	struct prefix_node *root;
	struct filter_pattern *patterns;
	struct arena *arena;
};

struct filter_prefixes *filter_prefixes_new(struct arena *a);
/* False when the family is not that of the others. */
bool filter_prefixes_add(struct filter_prefixes *s, const struct prefix *net,
    unsigned lo, unsigned hi);
void filter_prefixes_finish(struct filter_prefixes *s);

bool filter_prefixes_has(const struct filter_prefixes *s,
    const struct prefix *net);
bool filter_prefixes_same(const struct filter_prefixes *a,
    const struct filter_prefixes *b);
void filter_prefixes_text(const struct filter_prefixes *s, struct text *out);

#endif

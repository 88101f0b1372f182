/* SPDX-License-Identifier: ISC */
/*
 * AS paths as the filter language sees them, in wire form with 4-octet ASNs
 * (RFC 4271 section 4.3, RFC 6793): segments of type, count, ASNs.
 *
 * Reading stops at the first segment that does not fit; whoever decoded the
 * path has seen to it that there is none.  Results that are new lie in the
 * arena; p is NULL when it is out of memory.
 */
#ifndef WARREN_FILTER_PATH_H
#define WARREN_FILTER_PATH_H

#include "filter/set.h"

enum filter_segment {
	SEGMENT_SET = 1, SEGMENT_SEQUENCE, SEGMENT_CONFED_SEQUENCE,
	SEGMENT_CONFED_SET
};

/* One after the other: all ASNs, however they are grouped. */
struct filter_path_walk {
	struct bytes rest;		/* from the next segment on */
	const uint8_t *asn;		/* next one in this segment */
	uint8_t left;			/* in this segment */
	uint8_t type;			/* of this segment */
};

static inline struct filter_path_walk
filter_path_walk(struct bytes path)
{
	return (struct filter_path_walk){ .rest = path };
}

/* The next segment as a whole; false at the end. */
bool filter_path_segment(struct filter_path_walk *w);
bool filter_path_next(struct filter_path_walk *w, uint32_t *ret_asn);

/* RFC 4271 9.1.2.2 and RFC 5065 5.3: a set counts one, confederations none. */
unsigned filter_path_len(struct bytes path);
/* These give 0 where there is no such ASN. */
uint32_t filter_path_first(struct bytes path);
uint32_t filter_path_last(struct bytes path);
uint32_t filter_path_last_nonaggregated(struct bytes path);

bool filter_path_has(struct bytes path, uint32_t asn);
bool filter_path_has_any(struct bytes path, const struct filter_set *s);

struct bytes filter_path_prepend(struct arena *a, struct bytes path,
    uint32_t asn);
/* Keeps the ASNs whose membership in s equals "keep". */
struct bytes filter_path_select(struct arena *a, struct bytes path,
    const struct filter_set *s, bool keep);
struct bytes filter_path_remove(struct arena *a, struct bytes path,
    uint32_t asn);
/* "1 2 {3 4} (5 6)" */
void filter_path_text(struct bytes path, struct text *out);

#endif

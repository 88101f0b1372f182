/* SPDX-License-Identifier: ISC */
/*
 * Community lists: items of 4 (clist: communities, cluster ids), 8 (eclist)
 * or 12 (lclist) bytes, in network order as in an UPDATE.  Order is kept, and
 * adding what is there already changes nothing.
 *
 * The type argument is FT_CLIST, FT_ECLIST or FT_LCLIST.  Results lie in the
 * arena, or are the list itself when nothing changes; p is NULL when it is out
 * of memory.
 *
 * A tail is the room behind the list that was made last: what is added to that
 * one is written there.  Whoever else holds the same list has another end.
 */
#ifndef WARREN_FILTER_LIST_H
#define WARREN_FILTER_LIST_H

#include "filter/set.h"

struct filter_tail {
	struct arena *mem;
	uint8_t *end;			/* of the list; NULL at first */
	size_t left;			/* room from there on */
};

/* Bytes of an item. */
unsigned filter_list_width(enum filter_type type);
/* The item at p: pair (of a clist), ec or lc. */
struct filter_value filter_list_item(enum filter_type type, const uint8_t *p);
/* May v be an item of such a list?  Addresses and numbers may, in a clist. */
bool filter_list_takes(enum filter_type type, const struct filter_value *v);
/* May s hold items of such a list? */
bool filter_list_takes_set(enum filter_type type, const struct filter_set *s);

/* v is one that filter_list_takes(). */
bool filter_list_has(enum filter_type type, struct bytes list,
    const struct filter_value *v);
/* Of a clist: this number. */
bool filter_list_has_u32(struct bytes list, uint32_t u);
bool filter_list_has_any(enum filter_type type, struct bytes list,
    const struct filter_set *s);
struct bytes filter_list_add(struct filter_tail *t, enum filter_type type,
    struct bytes list, const struct filter_value *v);
struct bytes filter_list_remove(struct filter_tail *t, enum filter_type type,
    struct bytes list, const struct filter_value *v);
struct bytes filter_list_union(struct arena *a, enum filter_type type,
    struct bytes list, struct bytes more);
/* Keeps the items whose membership equals "keep". */
struct bytes filter_list_select(struct filter_tail *t, enum filter_type type,
    struct bytes list, const struct filter_set *s, bool keep);
struct bytes filter_list_select_list(struct filter_tail *t,
    enum filter_type type, struct bytes list, struct bytes among, bool keep);
/* Smallest (or largest); all zero for an empty list. */
struct filter_value filter_list_least(enum filter_type type,
    struct bytes list, bool largest);
void filter_list_text(enum filter_type type, struct bytes list,
    struct text *out);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * A hash table of links inside the things that it holds.  The caller hashes
 * (with a secret, where others choose the keys) and compares.  It grows by
 * itself; when memory is out it only becomes slower, so adding cannot fail.
 */
#ifndef WARREN_WG_TABLE_H
#define WARREN_WG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wg_link {
	struct wg_link *next;
	uint64_t hash;
	bool in;		/* a table */
};

struct wg_table {
	struct wg_link **bucket;
	size_t mask, n;
	struct wg_link *one;	/* the bucket before there is memory */
};

void wg_table_init(struct wg_table *t);
void wg_table_done(struct wg_table *t);		/* links are the caller's */
void wg_table_add(struct wg_table *t, struct wg_link *l, uint64_t hash);
void wg_table_remove(struct wg_table *t, struct wg_link *l);

/* Links with that hash, one after the other; NULL ends. */
struct wg_link *wg_table_first(const struct wg_table *t, uint64_t hash);
struct wg_link *wg_table_next(const struct wg_link *l);

#endif

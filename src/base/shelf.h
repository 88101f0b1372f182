/* SPDX-License-Identifier: ISC */
/*
 * Small objects of many sizes, put close together: to each size, in steps of
 * eight octets, belongs a list of those that were freed, and what is new is
 * cut from blocks.  No object has a header, so the size must be known when it
 * is freed.  Blocks are given back when the last object goes.  Objects are
 * aligned to eight octets, and large ones are the heap's.
 */
#ifndef WARREN_BASE_SHELF_H
#define WARREN_BASE_SHELF_H

#include <stddef.h>
#include <stdint.h>

#define SHELF_SIZES	64		/* up to 512 octets */

struct shelf_block;

struct shelf {
	struct shelf_block *blocks;	/* newest first */
	uint8_t *at;			/* in the newest: where room begins, */
	size_t left;			/* and how much there is */
	void *freed[SHELF_SIZES];	/* chained through the objects */
	size_t objects;			/* that live in blocks */
	size_t bytes;			/* memory held */
};

/* All zeros is an empty shelf, too. */
void shelf_init(struct shelf *s);
void shelf_done(struct shelf *s);	/* must be empty */
/* NULL when out of memory. */
void *shelf_alloc(struct shelf *s, size_t size);
/* size: as it was asked for. */
void shelf_free(struct shelf *s, void *p, size_t size);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * Objects of one size, packed in chunks that never move, each with a small
 * dense number that can stand for its pointer in half the room.  Freed ones
 * are given out again first.  Walking the numbers from 0 to slab_top() sees
 * every object that lived during the whole walk, however much the slab grew
 * meanwhile: that is how tables are walked in slices.  Of the room that a large
 * slab has taken in advance only what was given out costs memory.
 */
#ifndef WARREN_BASE_SLAB_H
#define WARREN_BASE_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SLAB_NONE	UINT32_MAX
#define SLAB_CHUNK_BITS	12		/* objects in a chunk, as a power */

struct slab {
	size_t size;			/* of an object, rounded up to 8 */
	uint8_t **chunk;
	uint64_t **live;		/* a bit for each object of the chunk */
	uint32_t n_chunks, cap_chunks;
	uint32_t top;			/* numbers below it were given out */
	uint32_t free_head;		/* chained through the free objects */
	uint32_t used;
};

void slab_init(struct slab *s, size_t size);
void slab_done(struct slab *s);		/* frees all objects with it */

/* A zeroed object, NULL when out of memory.  ret_id may be NULL. */
void *slab_alloc(struct slab *s, uint32_t *ret_id);
void slab_free(struct slab *s, uint32_t id);

static inline void *
slab_at(const struct slab *s, uint32_t id)
{
	return s->chunk[id >> SLAB_CHUNK_BITS] +
	    (size_t)(id & ((1u << SLAB_CHUNK_BITS) - 1)) * s->size;
}

static inline uint32_t
slab_top(const struct slab *s)
{
	return s->top;
}

/* False for a number that is free or was never given out. */
static inline bool
slab_is_live(const struct slab *s, uint32_t id)
{
	const uint32_t in = id & ((1u << SLAB_CHUNK_BITS) - 1);

	return id < s->top &&
	    (s->live[id >> SLAB_CHUNK_BITS][in / 64] >> (id % 64) & 1);
}

size_t slab_bytes(const struct slab *s);	/* memory held */

#endif

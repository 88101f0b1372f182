/* SPDX-License-Identifier: ISC */
#include "base/slab.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

#define CHUNK	(1u << SLAB_CHUNK_BITS)

/*
 * Memory is got for one chunk, and in a slab of so many for a span of them at
 * a time, which is several megabytes and may be put into large pages.
 */
#define SPAN		64u

void
slab_init(struct slab *s, size_t size)
{
	assert(size <= SIZE_MAX / 2 / CHUNK);
	*s = (struct slab){ .size = size ? (size + 7) & ~(size_t)7 : 8,
	    .free_head = SLAB_NONE };
}

/* How many chunks the i-th one was made with. */
static uint32_t
span_at(uint32_t i)
{
	return i < SPAN ? 1 : SPAN;
}

void
slab_done(struct slab *s)
{
	size_t size = s->size;

	for (uint32_t i = 0; i < s->n_chunks; i += span_at(i)) {
		mem_free(s->chunk[i]);
		mem_free(s->live[i]);
	}
	mem_free(s->chunk);
	mem_free(s->live);
	slab_init(s, size);
}

static bool
grow_tables(struct slab *s)
{
	uint32_t cap = s->cap_chunks ? s->cap_chunks * 2 : 4;
	uint8_t **chunk = mem_resize(s->chunk, cap, sizeof(*chunk));
	uint64_t **live;

	if (!chunk)
		return false;
	s->chunk = chunk;
	live = mem_resize(s->live, cap, sizeof(*live));
	if (!live)
		return false;
	s->live = live;
	s->cap_chunks = cap;
	return true;
}

static bool
add_chunks(struct slab *s)
{
	const uint32_t n = span_at(s->n_chunks);
	uint8_t *chunk;
	uint64_t *live;

	/* The last number of all is SLAB_NONE: leave its chunk out. */
	if (s->n_chunks + n > (SLAB_NONE >> SLAB_CHUNK_BITS))
		return false;
	while (s->n_chunks + n > s->cap_chunks)
		if (!grow_tables(s))
			return false;
	chunk = mem_array(n, CHUNK * s->size);
	live = mem_array(n, CHUNK / 64 * sizeof(*live));
	if (!chunk || !live) {
		mem_free(chunk);
		mem_free(live);
		return false;
	}
	for (uint32_t i = 0; i < n; i++, s->n_chunks++) {
		s->chunk[s->n_chunks] = chunk + i * CHUNK * s->size;
		s->live[s->n_chunks] = live + i * (CHUNK / 64);
	}
	return true;
}

static uint64_t *
live_word(const struct slab *s, uint32_t id)
{
	return &s->live[id >> SLAB_CHUNK_BITS][(id & (CHUNK - 1)) / 64];
}

void *
slab_alloc(struct slab *s, uint32_t *ret_id)
{
	uint32_t id = s->free_head;
	void *p;

	if (id != SLAB_NONE) {
		p = slab_at(s, id);
		memcpy(&s->free_head, p, sizeof(s->free_head));
		memset(p, 0, s->size);
	} else {
		if (s->top == s->n_chunks << SLAB_CHUNK_BITS &&
		    !add_chunks(s))
			return NULL;
		id = s->top++;
		p = slab_at(s, id);	/* zero since its chunk was made */
	}
	*live_word(s, id) |= (uint64_t)1 << (id % 64);
	s->used++;
	if (ret_id)
		*ret_id = id;
	return p;
}

void
slab_free(struct slab *s, uint32_t id)
{
	assert(slab_is_live(s, id));
	memcpy(slab_at(s, id), &s->free_head, sizeof(s->free_head));
	s->free_head = id;
	*live_word(s, id) &= ~((uint64_t)1 << (id % 64));
	s->used--;
}

size_t
slab_bytes(const struct slab *s)
{
	return (s->top + CHUNK - 1) / CHUNK * (CHUNK * s->size + CHUNK / 8) +
	    s->cap_chunks * (sizeof(*s->chunk) + sizeof(*s->live));
}

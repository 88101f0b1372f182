/* SPDX-License-Identifier: ISC */
#include "base/shelf.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/mem.h"

#define STEP	8u
#define BLOCK	65536u

struct shelf_block {
	struct shelf_block *next;
	uint64_t room[];
};

void
shelf_init(struct shelf *s)
{
	*s = (struct shelf){ .blocks = NULL };
}

static void
give_back(struct shelf *s)
{
	struct shelf_block *next;

	for (struct shelf_block *b = s->blocks; b; b = next) {
		next = b->next;
		mem_free(b);
		s->bytes -= BLOCK;
	}
	s->blocks = NULL;
	s->left = 0;
	memset(s->freed, 0, sizeof(s->freed));
}

void
shelf_done(struct shelf *s)
{
	assert(s->objects == 0);
	give_back(s);
}

/* 0 for up to 8 octets, 1 for up to 16, ... */
static size_t
class_of(size_t size)
{
	return size ? (size - 1) / STEP : 0;
}

static void
chain(struct shelf *s, void *p, size_t class)
{
	memcpy(p, &s->freed[class], sizeof(s->freed[class]));
	s->freed[class] = p;
}

static bool
add_block(struct shelf *s)
{
	struct shelf_block *b = mem_alloc(BLOCK);

	if (!b)
		return false;
	if (s->left)	/* what is left of the last one will do for less */
		chain(s, s->at, class_of(s->left));
	b->next = s->blocks;
	s->blocks = b;
	s->at = (uint8_t *)b->room;
	s->left = BLOCK - sizeof(*b);
	s->bytes += BLOCK;
	return true;
}

void *
shelf_alloc(struct shelf *s, size_t size)
{
	const size_t class = class_of(size), taken = (class + 1) * STEP;
	void *p;

	if (class >= SHELF_SIZES) {
		p = mem_alloc(size);
		s->bytes += p ? size : 0;
		return p;
	}
	p = s->freed[class];
	if (p) {
		memcpy(&s->freed[class], p, sizeof(s->freed[class]));
	} else {
		if (s->left < taken && !add_block(s))
			return NULL;
		p = s->at;
		s->at += taken;
		s->left -= taken;
	}
	s->objects++;
	return p;
}

void
shelf_free(struct shelf *s, void *p, size_t size)
{
	const size_t class = class_of(size);

	if (class >= SHELF_SIZES) {
		mem_free(p);
		s->bytes -= size;
		return;
	}
	chain(s, p, class);
	if (--s->objects == 0)
		give_back(s);
}

/* SPDX-License-Identifier: ISC */
/*
 * Blocks in a chain, newest first; the first one ever made is the last of the
 * chain and survives a reset.  A large thing gets a block of its own, put
 * behind the head so that the head's room is not lost.
 */
#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#define ALIGN		_Alignof(max_align_t)
#define BLOCK_MIN	((size_t)2048)
#define BLOCK_MAX	((size_t)65536)

struct block {
	struct block *next;
	size_t used, cap;
	_Alignas(max_align_t) uint8_t data[];
};

struct arena {
	struct block *head;
	size_t next_cap;	/* of the next block */
	size_t held;
	bool failed;
};

struct arena *
arena_new(void)
{
	struct arena *a = mem_zalloc(sizeof(*a));

	if (a) {
		a->next_cap = BLOCK_MIN;
		a->held = sizeof(*a);
	}
	return a;
}

static void
free_blocks(struct block *b)
{
	while (b) {
		struct block *next = b->next;

		mem_free(b);
		b = next;
	}
}

struct arena *
arena_free(struct arena *a)
{
	if (a) {
		free_blocks(a->head);
		mem_free(a);
	}
	return NULL;
}

void
arena_reset(struct arena *a)
{
	struct block *first = a->head;

	a->failed = false;
	if (!first)
		return;
	while (first->next) {
		struct block *next = first->next;

		mem_free(first);
		first = next;
	}
	first->used = 0;
	a->head = first;
	a->held = sizeof(*a) + sizeof(*first) + first->cap;
}

static struct block *
block_new(struct arena *a, size_t n)
{
	bool own = n > a->next_cap / 4;
	size_t cap = own ? n : a->next_cap;
	struct block *b;

	if (cap > SIZE_MAX - sizeof(*b))
		return NULL;
	b = mem_alloc(sizeof(*b) + cap);
	if (!b)
		return NULL;
	b->used = 0;
	b->cap = cap;
	a->held += sizeof(*b) + cap;
	if (own && a->head) {
		b->next = a->head->next;
		a->head->next = b;
	} else {
		b->next = a->head;
		a->head = b;
	}
	if (!own && a->next_cap < BLOCK_MAX)
		a->next_cap *= 2;
	return b;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	struct block *b = a->head;
	void *p;

	if (n > SIZE_MAX - ALIGN) {
		a->failed = true;
		return NULL;
	}
	n = ((n ? n : 1) + ALIGN - 1) & ~(ALIGN - 1);
	if (!b || b->cap - b->used < n)
		b = block_new(a, n);
	if (!b) {
		a->failed = true;
		return NULL;
	}
	p = b->data + b->used;
	b->used += n;
	return memset(p, 0, n);
}

void *
arena_array(struct arena *a, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n))
		n = SIZE_MAX;		/* which arena_alloc() refuses */
	return arena_alloc(a, n);
}

void *
arena_dup(struct arena *a, const void *p, size_t n)
{
	void *d = arena_alloc(a, n);

	if (d && n)
		memcpy(d, p, n);
	return d;
}

char *
arena_strdup(struct arena *a, const char *s)
{
	return arena_dup(a, s, strlen(s) + 1);
}

char *
arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *d;

	n = strnlen(s, n);
	d = arena_alloc(a, n + 1);
	if (d)
		memcpy(d, s, n);
	return d;
}

char *
arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *s;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	s = arena_alloc(a, n < 0 ? SIZE_MAX : (size_t)n + 1);
	if (!s)
		return NULL;
	va_start(ap, fmt);
	vsnprintf(s, (size_t)n + 1, fmt, ap);
	va_end(ap);
	return s;
}

bool
arena_failed(const struct arena *a)
{
	return a->failed;
}

size_t
arena_size(const struct arena *a)
{
	return a->held;
}

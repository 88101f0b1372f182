/* SPDX-License-Identifier: ISC */
/*
 * A heap of deadlines.  A struct timer sits inside the thing that it wakes;
 * one that was never set is not in the heap (pos is 0).
 */
#ifndef WARREN_BASE_HEAP_H
#define WARREN_BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/time.h"

struct timer {
	struct instant at;
	size_t pos;		/* 1-based place in the heap, 0 when not set */
};

struct heap {
	struct timer **v;
	size_t n, cap;
};

void heap_init(struct heap *h);
void heap_done(struct heap *h);
/* Sets or moves.  False when out of memory, and then t is as it was. */
bool heap_set(struct heap *h, struct timer *t, struct instant at);
void heap_clear(struct heap *h, struct timer *t);	/* no-op if not set */
/* The earliest, which stays in the heap; NULL when empty. */
struct timer *heap_first(const struct heap *h);
/* INSTANT_NEVER when empty. */
struct instant heap_deadline(const struct heap *h);

#endif

/* SPDX-License-Identifier: ISC */
/* Counts what the program has allocated and not given back. */
#ifndef WARREN_TESTS_SIM_HEAP_COUNT_H
#define WARREN_TESTS_SIM_HEAP_COUNT_H

#include "base/arena.h"
#include "base/shelf.h"
#include "base/slab.h"

extern long heap_blocks;
/*
 * While "heap_may_fail", one in so many allocations does; 0: none.  The dice
 * are the owner's, so that a run can be had again.
 */
extern unsigned heap_fails_in;
extern int heap_may_fail;
extern unsigned long long heap_failed;
/* So many allocations go well, then so many fail; -1: none by number. */
extern long heap_fails_at, heap_fails_many;
unsigned heap_dice(unsigned below);		/* the program's */

void *__real_malloc(size_t n);
void *__real_calloc(size_t count, size_t n);
void *__real_realloc(void *old, size_t n);
void __real_free(void *p);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t count, size_t n);
void *__wrap_realloc(void *old, size_t n);
void __wrap_free(void *p);
void *__real_shelf_alloc(struct shelf *s, size_t size);
void *__wrap_shelf_alloc(struct shelf *s, size_t size);
void *__real_slab_alloc(struct slab *s, uint32_t *ret_id);
void *__wrap_slab_alloc(struct slab *s, uint32_t *ret_id);
void *__real_arena_alloc(struct arena *a, size_t n);
void *__wrap_arena_alloc(struct arena *a, size_t n);

#endif

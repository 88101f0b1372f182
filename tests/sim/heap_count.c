/* SPDX-License-Identifier: ISC */
/* What is allocated now; the linker sends all calls here (--wrap). */
#include "heap_count.h"

long heap_blocks;
unsigned heap_fails_in;
int heap_may_fail;
unsigned long long heap_failed;
long heap_fails_at = -1, heap_fails_many;

/* Is it the turn of those that fail in a row? */
static int
its_turn(void)
{
	if (heap_fails_at < 0)
		return 0;
	if (heap_fails_at > 0) {
		heap_fails_at--;
		return 0;
	}
	if (heap_fails_many > 0)
		return heap_fails_many--, 1;
	return 0;
}

static int
fails(void)
{
	if (!heap_may_fail || (!its_turn() &&
	    (!heap_fails_in || heap_dice(heap_fails_in))))
		return 0;
	heap_failed++;
	return 1;
}

void *
__wrap_malloc(size_t n)
{
	void *p = fails() ? NULL : __real_malloc(n);

	heap_blocks += p != NULL;
	return p;
}

void *
__wrap_calloc(size_t count, size_t n)
{
	void *p = fails() ? NULL : __real_calloc(count, n);

	heap_blocks += p != NULL;
	return p;
}

void *
__wrap_realloc(void *old, size_t n)
{
	void *p = fails() ? NULL : __real_realloc(old, n);

	heap_blocks += !old && p;
	return p;
}

void
__wrap_free(void *p)
{
	heap_blocks -= p != NULL;
	__real_free(p);
}

/* What comes from the heap by the block fails as often as what does not. */
void *
__wrap_shelf_alloc(struct shelf *s, size_t size)
{
	return fails() ? NULL : __real_shelf_alloc(s, size);
}

void *
__wrap_slab_alloc(struct slab *s, uint32_t *ret_id)
{
	return fails() ? NULL : __real_slab_alloc(s, ret_id);
}

void *
__wrap_arena_alloc(struct arena *a, size_t n)
{
	return fails() ? NULL : __real_arena_alloc(a, n);
}

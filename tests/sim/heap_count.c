/* SPDX-License-Identifier: ISC */
/* What is allocated now; the linker sends all calls here (--wrap). */
#include "heap_count.h"

long heap_blocks;
unsigned heap_fails_in;
int heap_may_fail;
unsigned long long heap_failed;

static int
fails(void)
{
	if (!heap_may_fail || !heap_fails_in || heap_dice(heap_fails_in))
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

/* SPDX-License-Identifier: ISC */
#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LARGE_PAGE	((uintptr_t)2 << 20)

/* Allocations left before they fail; negative is "never". */
static long fuse = -1;

void
mem_fail_after(long n)
{
	__atomic_store_n(&fuse, n, __ATOMIC_RELAXED);
}

static bool
blown(void)
{
	long n = __atomic_load_n(&fuse, __ATOMIC_RELAXED);

	if (n > 0)
		__atomic_store_n(&fuse, n - 1, __ATOMIC_RELAXED);
	return n == 0;
}

/* malloc(0) may be NULL, which would read as "out of memory". */
static size_t
at_least_one(size_t n)
{
	return n ? n : 1;
}

void *
mem_alloc(size_t n)
{
	return blown() ? NULL : malloc(at_least_one(n));
}

void *
mem_zalloc(size_t n)
{
	return blown() ? NULL : calloc(1, at_least_one(n));
}

/*
 * What is read here and there in tens of megabytes waits less for the page
 * tables, and is brought in by fewer faults, when its pages are large.  The
 * kernel is asked; where it has none, nothing changes.
 */
static void *
in_large_pages(void *p, size_t n)
{
	const uintptr_t mask = ~(LARGE_PAGE - 1);
	const uintptr_t from = ((uintptr_t)p + LARGE_PAGE - 1) & mask;
	const uintptr_t to = ((uintptr_t)p + n) & mask;

	if (p && from < to)
		madvise((void *)from, to - from, MADV_HUGEPAGE);
	return p;
}

void *
mem_array(size_t count, size_t size)
{
	size_t n;

	/* calloc() would see it too, but a sanitizer's stops the program. */
	if (__builtin_mul_overflow(count, size, &n) || blown())
		return NULL;
	return in_large_pages(calloc(1, at_least_one(n)), n);
}

void *
mem_resize(void *p, size_t count, size_t size)
{
	size_t n;

	if (__builtin_mul_overflow(count, size, &n) || blown())
		return NULL;
	return realloc(p, at_least_one(n));
}

void
mem_free(void *p)
{
	free(p);
}

char *
mem_strdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *d = mem_alloc(n);

	return d ? memcpy(d, s, n) : NULL;
}

void
mem_wipe(void *p, size_t n)
{
	if (n)
		explicit_bzero(p, n);
}

/* SPDX-License-Identifier: ISC */
/*
 * The heap, with one seam for tests.
 *
 * Everything in the core allocates through here.  NULL means that memory is
 * out; every caller handles it.  mem_fail_after(n) makes the (n+1)th
 * allocation fail and all after it, until mem_fail_after(-1); the torture
 * test walks n upward.  One thread, but for mem_alloc/_free themselves.
 *
 * An array of megabytes is put into large pages where the kernel has them.
 */
#ifndef WARREN_BASE_MEM_H
#define WARREN_BASE_MEM_H

#include <stddef.h>

void *mem_alloc(size_t n);			/* contents undefined */
void *mem_zalloc(size_t n);
void *mem_array(size_t count, size_t size);	/* zeroed, overflow checked */
void *mem_resize(void *p, size_t count, size_t size);
void mem_free(void *p);				/* NULL is fine */
char *mem_strdup(const char *s);

/* Overwrites with zeros that the compiler may not leave out. */
void mem_wipe(void *p, size_t n);

void mem_fail_after(long n);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * An arena: many allocations, one free.  A configuration generation lives in
 * one.  Allocations are zeroed and aligned for any type.  A failure sticks:
 * arena_failed() tells at the end; each call still gives NULL by itself.
 */
#ifndef WARREN_BASE_ARENA_H
#define WARREN_BASE_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
struct arena *arena_free(struct arena *a);	/* NULL in, NULL out */
void arena_reset(struct arena *a);	/* keeps the first block: for scratch */

void *arena_alloc(struct arena *a, size_t n);
void *arena_array(struct arena *a, size_t count, size_t size);
void *arena_dup(struct arena *a, const void *p, size_t n);
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

bool arena_failed(const struct arena *a);
size_t arena_size(const struct arena *a);	/* bytes held */

#define arena_new_of(a, type)	((type *)arena_alloc((a), sizeof(type)))

#endif

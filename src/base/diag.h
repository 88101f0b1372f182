/* SPDX-License-Identifier: ISC */
/*
 * Diagnostics about a text that a person wrote: where, what, how to mend it.
 *
 * A diag_list collects them in order, errors and warnings; the printer shows
 * FILE:LINE:COL: message, then the line itself with a caret.  Sources are
 * kept by the list as long as it lives.
 */
#ifndef WARREN_BASE_DIAG_H
#define WARREN_BASE_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"

/* A place in one of the sources of a diag_list. */
struct span {
	uint16_t file;		/* number from diag_source(); 0 is none */
	uint16_t len;		/* in bytes; 0 is a point */
	uint32_t line, col;	/* from 1; col counts bytes */
};

enum diag_level {
	DIAG_ERROR, DIAG_WARNING
};

struct diag {
	enum diag_level level;
	struct span at;
	char *message;
	char *hint;		/* "did you mean 'import'?", or NULL */
};

struct diag_list;

struct diag_list *diag_list_new(unsigned max);	/* past max: counted only */
struct diag_list *diag_list_free(struct diag_list *l);
/* Copies name and text; returns the file's number, 0 (no file) on failure. */
uint16_t diag_source(struct diag_list *l, const char *name,
    struct bytes text);
const char *diag_source_name(const struct diag_list *l, uint16_t file);

void diag_add(struct diag_list *l, enum diag_level level, struct span at,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
void diag_vadd(struct diag_list *l, enum diag_level level, struct span at,
    const char *fmt, va_list ap) __attribute__((format(printf, 4, 0)));
/* To the one added last. */
void diag_hint(struct diag_list *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

unsigned diag_errors(const struct diag_list *l);
unsigned diag_warnings(const struct diag_list *l);
unsigned diag_count(const struct diag_list *l);
const struct diag *diag_get(const struct diag_list *l, unsigned i);
/* One, as "FILE:LINE:COL: message" and a caret line. */
void diag_print(const struct diag_list *l, const struct diag *d,
    struct text *out);
void diag_print_all(const struct diag_list *l, struct text *out);

/* The word of candidates nearest to word by edit distance, NULL if none is. */
const char *diag_nearest(struct bytes word, const char *const *candidates,
    size_t n);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * Text that grows, up to a limit it was born with.  Past the limit, or out
 * of memory, "bad" sticks and nothing more is added.  Always ends in NUL.
 */
#ifndef WARREN_BASE_TEXT_H
#define WARREN_BASE_TEXT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct text {
	char *s;		/* never NULL after text_init() */
	size_t n, cap, max;
	bool bad;
	bool secret;		/* wiped when it grows, at the end */
};

void text_init(struct text *t, size_t max);
void text_done(struct text *t);
void text_clear(struct text *t);	/* empty again, memory kept */
void text_add(struct text *t, const char *s);
void text_addn(struct text *t, const char *s, size_t n);
void text_addc(struct text *t, char c);
void text_printf(struct text *t, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void text_vprintf(struct text *t, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

#endif

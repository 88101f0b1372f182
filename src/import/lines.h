/* SPDX-License-Identifier: ISC */
/*
 * A text as lines and words, and what is to be said about them.  All that is
 * handed out lives in the arena.
 */
#ifndef WARREN_IMPORT_LINES_H
#define WARREN_IMPORT_LINES_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/text.h"

#define IMPORT_WORDS	200		/* of one line; the rest is cut off */
#define IMPORT_LINE	(1u << 20)	/* longest line */

struct import_line {
	unsigned no;
	const char *text;		/* without the blanks around it */
	unsigned n;
	const char **w;			/* n words, and NULL behind */
	const unsigned *at;		/* where each begins in text */
};

/* Something was not carried over as it stood. */
struct import_note {
	struct import_note *next;	/* of the same object */
	const struct import_line *line;
	const char *why;
};

struct import_notes {
	struct import_note *first, **end;
};

struct import {
	struct arena *a;
	const char *file;
	struct bytes rest;
	unsigned line;
	struct import_note **all;	/* of the whole file */
	unsigned n_all, cap_all;
};

/*
 * The next line that says something, or NULL at the end.  A line that begins
 * with one of "skip" says nothing.
 */
const struct import_line *import_next(struct import *im, const char *skip);
/* Are these the words from word i on?  "a b c", each in full. */
bool import_is(const struct import_line *l, unsigned i, const char *words);
/* The word, or "" where there is none. */
const char *import_word(const struct import_line *l, unsigned i);
/* All from word i on, as it stands. */
const char *import_from(const struct import_line *l, unsigned i);
/* The same line without its first word. */
const struct import_line *import_shift(struct import *im,
    const struct import_line *l);

/* Another text in the place of that line. */
const struct import_line *import_make(struct import *im,
    const struct import_line *l, const char *text);

void import_notes_init(struct import_notes *n);
/* The reason is formatted; the line may be NULL: nothing happens then. */
void import_note(struct import *im, struct import_notes *to,
    const struct import_line *l, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
/* As comments, each behind the indent. */
void import_notes_print(const struct import *im,
    const struct import_notes *n, const char *indent, struct text *out);
/* Everything that was noted, by line. */
void import_notes_all(struct import *im, struct text *out);

/* A whole decimal number no greater than max. */
bool import_number(const char *s, uint32_t max, uint32_t *ret);

#endif

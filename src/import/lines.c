/* SPDX-License-Identifier: ISC */
#include "import/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

/* What would end a comment, or drive a terminal, becomes a blank. */
static char *
clean_copy(struct import *im, struct bytes b)
{
	const size_t n = b.n < IMPORT_LINE ? b.n : IMPORT_LINE - 1;
	char *s = arena_strndup(im->a, "", 0);

	if (n > 0)
		s = arena_alloc(im->a, n + 1);
	if (s == NULL)
		return NULL;
	for (size_t i = 0; i < n; i++)
		s[i] = b.p[i] < ' ' || b.p[i] == 0x7f ? ' ' : (char)b.p[i];
	s[n] = '\0';
	return s;
}

/* False: out of memory. */
static bool
split(struct import *im, struct import_line *l, const char *text)
{
	const char *starts[IMPORT_WORDS];
	unsigned at[IMPORT_WORDS], n = 0;
	const char *s = text;

	for (;;) {
		const char *from;

		while (is_blank(*s))
			s++;
		if (*s == '\0' || n == IMPORT_WORDS)
			break;
		from = s;
		while (*s != '\0' && !is_blank(*s))
			s++;
		at[n] = (unsigned)(from - text);
		starts[n] = arena_strndup(im->a, from, (size_t)(s - from));
		if (starts[n++] == NULL)
			return false;
	}
	l->n = n;
	l->text = text;
	l->w = arena_array(im->a, n + 1, sizeof(*l->w));
	l->at = arena_dup(im->a, at, n * sizeof(*at) + 1);
	if (l->w == NULL || l->at == NULL)
		return false;
	memcpy(l->w, starts, n * sizeof(*starts));
	return true;
}

/* Cuts one line off the rest, without the blanks around it. */
static struct bytes
cut(struct import *im)
{
	const uint8_t *end = memchr(im->rest.p, '\n', im->rest.n);
	struct bytes b = im->rest;
	size_t used;

	if (end != NULL)
		b.n = (size_t)(end - b.p);
	used = end != NULL ? b.n + 1 : b.n;
	im->rest = bytes_of(im->rest.p + used, im->rest.n - used);
	im->line++;
	while (b.n > 0 && is_blank((char)b.p[0]))
		b = bytes_of(b.p + 1, b.n - 1);
	while (b.n > 0 && is_blank((char)b.p[b.n - 1]))
		b.n--;
	return b;
}

const struct import_line *
import_next(struct import *im, const char *skip)
{
	struct import_line *l;
	struct bytes b;
	char *text;

	do {
		if (im->rest.n == 0)
			return NULL;
		b = cut(im);
	} while (b.n == 0 || b.p[0] == '\0' ||
	    strchr(skip, b.p[0]) != NULL);
	l = arena_new_of(im->a, struct import_line);
	text = clean_copy(im, b);
	if (l == NULL || text == NULL || !split(im, l, text))
		return NULL;
	l->no = im->line;
	return l;
}

bool
import_is(const struct import_line *l, unsigned i, const char *words)
{
	while (*words != '\0') {
		const size_t n = strcspn(words, " ");

		if (i >= l->n || strlen(l->w[i]) != n ||
		    memcmp(l->w[i], words, n) != 0)
			return false;
		i++;
		words += n + (words[n] == ' ');
	}
	return true;
}

const char *
import_word(const struct import_line *l, unsigned i)
{
	return i < l->n ? l->w[i] : "";
}

const char *
import_from(const struct import_line *l, unsigned i)
{
	return i < l->n ? l->text + l->at[i] : "";
}

const struct import_line *
import_shift(struct import *im, const struct import_line *l)
{
	struct import_line *s = arena_dup(im->a, l, sizeof(*l));

	if (s == NULL || l->n == 0)
		return l;
	s->n--;
	s->w++;
	s->at++;
	return s;
}

const struct import_line *
import_make(struct import *im, const struct import_line *l,
    const char *text)
{
	struct import_line *n = arena_new_of(im->a, struct import_line);

	if (n == NULL || text == NULL || !split(im, n, text))
		return NULL;
	n->no = l->no;
	return n;
}

void
import_notes_init(struct import_notes *n)
{
	n->first = NULL;
	n->end = &n->first;
}

static void
remember(struct import *im, struct import_note *n)
{
	struct import_note **more;

	if (im->n_all == im->cap_all) {
		const unsigned cap = im->cap_all ? im->cap_all * 2 : 16;

		more = arena_array(im->a, cap, sizeof(*more));
		if (more == NULL)
			return;
		if (im->n_all > 0)
			memcpy(more, im->all, im->n_all * sizeof(*more));
		im->all = more;
		im->cap_all = cap;
	}
	im->all[im->n_all++] = n;
}

void
import_note(struct import *im, struct import_notes *to,
    const struct import_line *l, const char *fmt, ...)
{
	struct import_note *n;
	char why[256];
	va_list ap;

	if (l == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	/* What is worked out twice (for two families) is said once. */
	for (n = to->first; n != NULL; n = n->next)
		if (n->line == l && strcmp(n->why, why) == 0)
			return;
	n = arena_new_of(im->a, struct import_note);
	if (n == NULL)
		return;
	n->line = l;
	n->why = arena_strdup(im->a, why);
	if (n->why == NULL)
		return;
	*to->end = n;
	to->end = &n->next;
	remember(im, n);
}

void
import_notes_print(const struct import *im, const struct import_notes *n,
    const char *indent, struct text *out)
{
	for (const struct import_note *i = n->first; i != NULL; i = i->next)
		text_printf(out, "%s# %s:%u: %s: %s\n", indent, im->file,
		    i->line->no, i->line->text, i->why);
}

static int
by_line(const void *a, const void *b)
{
	const struct import_note *const *x = a, *const *y = b;

	if ((*x)->line->no != (*y)->line->no)
		return (*x)->line->no < (*y)->line->no ? -1 : 1;
	return strcmp((*x)->why, (*y)->why);
}

void
import_notes_all(struct import *im, struct text *out)
{
	const struct import_note *last = NULL;

	if (im->n_all == 0)
		return;
	qsort(im->all, im->n_all, sizeof(*im->all), by_line);
	for (unsigned i = 0; i < im->n_all; i++) {
		const struct import_note *n = im->all[i];

		if (last != NULL && by_line(&n, &last) == 0)
			continue;
		text_printf(out, "%s:%u: %s: %s\n", im->file, n->line->no,
		    n->line->text, n->why);
		last = n;
	}
}

bool
import_number(const char *s, uint32_t max, uint32_t *ret)
{
	uint64_t n = 0;

	if (*s == '\0')
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return false;
		n = n * 10 + (uint64_t)(*s - '0');
		if (n > max)
			return false;
	}
	*ret = (uint32_t)n;
	return true;
}

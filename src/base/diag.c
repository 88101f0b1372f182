/* SPDX-License-Identifier: ISC */
#include "base/diag.h"

#include <stdio.h>

#include "base/mem.h"

#define MESSAGE_MAX	((size_t)4096)
#define LINE_SHOWN	((size_t)512)	/* bytes of a source line, at most */
#define WORD_MAX	((size_t)48)	/* for diag_nearest() */

struct source {
	char *name;
	char *text;
	size_t n;
};

struct diag_list {
	struct source *source;
	struct diag *v;
	unsigned n_sources, n, cap, max;
	unsigned errors, warnings;
	bool last_kept;
};

struct diag_list *
diag_list_new(unsigned max)
{
	struct diag_list *l = mem_zalloc(sizeof(*l));

	if (l)
		l->max = max;
	return l;
}

struct diag_list *
diag_list_free(struct diag_list *l)
{
	if (!l)
		return NULL;
	for (unsigned i = 0; i < l->n; i++) {
		mem_free(l->v[i].message);
		mem_free(l->v[i].hint);
	}
	for (unsigned i = 0; i < l->n_sources; i++) {
		mem_free(l->source[i].name);
		mem_free(l->source[i].text);
	}
	mem_free(l->v);
	mem_free(l->source);
	mem_free(l);
	return NULL;
}

uint16_t
diag_source(struct diag_list *l, const char *name, struct bytes text)
{
	struct source s = { .n = text.n };
	struct source *v;

	if (l->n_sources == UINT16_MAX)
		return 0;
	v = mem_resize(l->source, l->n_sources + 1, sizeof(*v));
	if (!v)
		return 0;
	l->source = v;
	s.name = mem_strdup(name);
	s.text = mem_alloc(text.n);
	if (!s.name || !s.text) {
		mem_free(s.name);
		mem_free(s.text);
		return 0;
	}
	if (text.n)
		memcpy(s.text, text.p, text.n);
	v[l->n_sources++] = s;
	return (uint16_t)l->n_sources;
}

static const struct source *
source_at(const struct diag_list *l, uint16_t file)
{
	return file && file <= l->n_sources ? &l->source[file - 1] : NULL;
}

const char *
diag_source_name(const struct diag_list *l, uint16_t file)
{
	const struct source *s = source_at(l, file);

	return s ? s->name : NULL;
}

/* A new string, NULL when out of memory. */
static char *format(const char *fmt, va_list ap)
    __attribute__((format(printf, 1, 0)));

static char *
format(const char *fmt, va_list ap)
{
	struct text t;
	char *s;

	text_init(&t, MESSAGE_MAX);
	text_vprintf(&t, fmt, ap);
	s = t.n ? mem_strdup(t.s) : NULL;
	text_done(&t);
	return s;
}

static bool
reserve(struct diag_list *l)
{
	unsigned cap = l->cap ? l->cap * 2 : 8;
	struct diag *v;

	if (l->n < l->cap)
		return true;
	v = mem_resize(l->v, cap, sizeof(*v));
	if (!v)
		return false;
	l->v = v;
	l->cap = cap;
	return true;
}

void
diag_vadd(struct diag_list *l, enum diag_level level, struct span at,
    const char *fmt, va_list ap)
{
	struct diag d = { .level = level, .at = at };

	if (level == DIAG_ERROR)
		l->errors++;
	else
		l->warnings++;
	l->last_kept = false;
	if (l->n >= l->max || !reserve(l))
		return;
	d.message = format(fmt, ap);
	if (!d.message)
		return;
	l->v[l->n++] = d;
	l->last_kept = true;
}

void
diag_add(struct diag_list *l, enum diag_level level, struct span at,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_vadd(l, level, at, fmt, ap);
	va_end(ap);
}

void
diag_hint(struct diag_list *l, const char *fmt, ...)
{
	struct diag *d;
	va_list ap;

	if (!l->last_kept)
		return;
	d = &l->v[l->n - 1];
	mem_free(d->hint);
	va_start(ap, fmt);
	d->hint = format(fmt, ap);
	va_end(ap);
}

unsigned
diag_errors(const struct diag_list *l)
{
	return l->errors;
}

unsigned
diag_warnings(const struct diag_list *l)
{
	return l->warnings;
}

unsigned
diag_count(const struct diag_list *l)
{
	return l->n;
}

const struct diag *
diag_get(const struct diag_list *l, unsigned i)
{
	return i < l->n ? &l->v[i] : NULL;
}

/* Without its newline; false when the source has no such line. */
static bool
find_line(const struct source *s, uint32_t line, struct bytes *ret)
{
	const char *p = s->text, *end = s->text + s->n, *stop;

	if (line == 0)
		return false;
	while (--line) {
		p = memchr(p, '\n', (size_t)(end - p));
		if (!p)
			return false;
		p++;
	}
	stop = memchr(p, '\n', (size_t)(end - p));
	stop = stop ? stop : end;
	if (stop > p && stop[-1] == '\r')
		stop--;
	*ret = bytes_of(p, (size_t)(stop - p));
	return true;
}

/* Bytes that go on a UTF-8 character take no column of the screen. */
static bool
takes_column(uint8_t c)
{
	return (c & 0xc0) != 0x80;
}

static void
print_line(struct bytes line, struct span at, struct text *out)
{
	size_t col = at.col - 1, i;
	size_t shown = line.n < LINE_SHOWN ? line.n : LINE_SHOWN;

	if (at.col == 0 || col > shown)
		return;
	text_add(out, "  ");
	for (i = 0; i < shown; i++)	/* no escape reaches the terminal */
		text_addc(out, line.p[i] < ' ' && line.p[i] != '\t' ? '?' :
		    (char)line.p[i]);
	text_add(out, "\n  ");
	for (i = 0; i < col; i++)
		if (takes_column(line.p[i]))
			text_addc(out, line.p[i] == '\t' ? '\t' : ' ');
	text_addc(out, '^');
	for (i = col + 1; i < col + at.len && i < shown; i++)
		if (takes_column(line.p[i]))
			text_addc(out, '~');
	text_addc(out, '\n');
}

void
diag_print(const struct diag_list *l, const struct diag *d, struct text *out)
{
	const struct source *s = source_at(l, d->at.file);
	struct bytes line;

	if (s)
		text_printf(out, "%s:%u:%u: ", s->name, (unsigned)d->at.line,
		    (unsigned)d->at.col);
	if (d->level == DIAG_WARNING)
		text_add(out, "warning: ");
	text_add(out, d->message);
	if (d->hint)
		text_printf(out, "; %s", d->hint);
	text_addc(out, '\n');
	if (s && find_line(s, d->at.line, &line))
		print_line(line, d->at, out);
}

void
diag_print_all(const struct diag_list *l, struct text *out)
{
	unsigned total = l->errors + l->warnings;

	for (unsigned i = 0; i < l->n; i++)
		diag_print(l, &l->v[i], out);
	if (total > l->n)
		text_printf(out, "and %u more\n", total - l->n);
}

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

/*
 * Edit distance where two neighbours that changed places count as one error
 * ("optimal string alignment").  Both words are at most WORD_MAX long.
 */
static unsigned
distance(struct bytes a, struct bytes b)
{
	unsigned rows[3][WORD_MAX + 1];
	unsigned *before = rows[0], *above = rows[1], *row = rows[2];

	for (size_t j = 0; j <= b.n; j++)
		above[j] = (unsigned)j;
	for (size_t i = 1; i <= a.n; i++) {
		unsigned *spare = before;

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= b.n; j++) {
			bool differ = lower(a.p[i - 1]) != lower(b.p[j - 1]);

			row[j] = least(above[j - 1] + differ,
			    least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1])
				row[j] = least(row[j], before[j - 2] + 1);
		}
		before = above;
		above = row;
		row = spare;
	}
	return above[b.n];
}

const char *
diag_nearest(struct bytes word, const char *const *candidates, size_t n)
{
	const char *best = NULL;
	/* One slip in three letters; a word of one letter resembles none. */
	unsigned allowed = word.n < 2 ? 0 : word.n < 6 ? 1 :
	    (unsigned)word.n / 3;

	if (word.n == 0 || word.n > WORD_MAX)
		return NULL;
	for (size_t i = 0; i < n; i++) {
		struct bytes c = bytes_str(candidates[i]);
		unsigned d;

		if (c.n > WORD_MAX)
			continue;
		d = distance(word, c);
		if (d <= allowed && (!best || d < allowed)) {
			best = candidates[i];
			allowed = d;
		}
	}
	return best;
}

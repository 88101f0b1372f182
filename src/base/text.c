/* SPDX-License-Identifier: ISC */
#include "base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

/* What s points to before the first byte: never written, being constant. */
#define EMPTY	((char *)"")

void
text_init(struct text *t, size_t max)
{
	*t = (struct text){ .s = EMPTY, .max = max };
}

void
text_done(struct text *t)
{
	if (t->cap && t->secret)
		mem_wipe(t->s, t->cap);
	if (t->cap)
		mem_free(t->s);
	text_init(t, t->max);
}

void
text_clear(struct text *t)
{
	if (t->cap)
		t->s[0] = '\0';
	t->n = 0;
	t->bad = false;
}

/* Moved by hand where what is left behind must not be. */
static char *
resize(struct text *t, size_t cap)
{
	char *s;

	if (!t->secret || !t->cap)
		return mem_resize(t->cap ? t->s : NULL, cap, 1);
	s = mem_alloc(cap);
	if (!s)
		return NULL;
	memcpy(s, t->s, t->n + 1);
	mem_wipe(t->s, t->cap);
	mem_free(t->s);
	return s;
}

/* Room for n more and the NUL. */
static bool
reserve(struct text *t, size_t n)
{
	size_t need, cap;
	char *s;

	if (t->bad || n > t->max - t->n)
		goto bad;
	need = t->n + n;
	if (need < t->cap)
		return true;
	cap = need < 64 ? 64 : need > SIZE_MAX / 2 - 1 ? need : need * 2;
	if (cap > t->max)
		cap = t->max;
	if (cap == SIZE_MAX)
		goto bad;
	s = resize(t, cap + 1);
	if (!s)
		goto bad;
	t->s = s;
	t->cap = cap + 1;
	return true;
bad:
	t->bad = true;
	return false;
}

void
text_addn(struct text *t, const char *s, size_t n)
{
	if (n == 0 || !reserve(t, n))
		return;
	memcpy(t->s + t->n, s, n);
	t->n += n;
	t->s[t->n] = '\0';
}

void
text_add(struct text *t, const char *s)
{
	text_addn(t, s, strlen(s));
}

void
text_addc(struct text *t, char c)
{
	text_addn(t, &c, 1);
}

void
text_printf(struct text *t, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	text_vprintf(t, fmt, ap);
	va_end(ap);
}

void
text_vprintf(struct text *t, const char *fmt, va_list ap)
{
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (n < 0)
		t->bad = true;
	if (n <= 0 || !reserve(t, (size_t)n))
		return;
	vsnprintf(t->s + t->n, (size_t)n + 1, fmt, ap);
	t->n += (size_t)n;
}

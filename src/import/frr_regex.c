/* SPDX-License-Identifier: ISC */
#include "import/frr_regex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALL_DIGITS	0x3ff
#define MANY		11		/* more digits than a number has */

/* Behind the bracket that closes the one at s, or NULL. */
static const char *
close_group(const char *s)
{
	int depth = 0;
	bool class = false;

	for (; *s != '\0'; s++) {
		if (*s == '\\' && s[1] != '\0')
			s++;
		else if (class)
			class = *s != ']';
		else if (*s == '[')
			class = true;
		else if (*s == '(')
			depth++;
		else if (*s == ')' && --depth == 0)
			return s + 1;
	}
	return NULL;
}

/* Behind the alternative that begins at s: at '|' or at the end. */
static const char *
alternative_end(const char *s, const char *end)
{
	while (s < end && *s != '|') {
		const char *skip = *s == '(' ? close_group(s) : NULL;

		if (*s == '\\' && s + 1 < end)
			s += 2;
		else
			s = skip != NULL && skip <= end ? skip : s + 1;
	}
	return s;
}

static void
put(struct frr_alternatives *a, const char *s)
{
	if (a->n == FRR_ALTERNATIVES || strlen(s) >= FRR_REGEX)
		a->bad = true;
	else
		strcpy(a->s[a->n++], s);
}

static void expand(struct frr_alternatives *a, const char *s,
    unsigned depth);

/* head, then one alternative after another, then tail. */
static void
expand_group(struct frr_alternatives *a, const char *head, size_t n_head,
    const char *from, const char *end, const char *tail, unsigned depth)
{
	for (;;) {
		const char *stop = alternative_end(from, end);
		char buf[FRR_REGEX];
		const int n = snprintf(buf, sizeof(buf), "%.*s%.*s%s",
		    (int)n_head, head, (int)(stop - from), from, tail);

		if (n < 0 || (size_t)n >= sizeof(buf))
			a->bad = true;
		else
			expand(a, buf, depth + 1);
		if (stop >= end || a->bad)
			return;
		from = stop + 1;
	}
}

/*
 * Groups that stand for any further path keep their place as '@': "(_.*)?",
 * "( [0-9]+)*".
 */
static size_t
whatever_follows(const char *s)
{
	static const char *const forms[] = {
		"(_.*)?", "( .*)?", "(_[0-9]+)*", "( [0-9]+)*", "(_.*)*",
		"(_[0-9]*)*", "(_.+)?", "( .+)?"
	};

	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
		if (strncmp(s, forms[i], strlen(forms[i])) == 0)
			return strlen(forms[i]);
	return 0;
}

/* The first group, if any, is written out; what is left has none. */
static void
expand(struct frr_alternatives *a, const char *s, unsigned depth)
{
	const char *open = strchr(s, '('), *behind;
	char buf[FRR_REGEX];
	size_t skip;

	if (depth > 40 || a->bad) {
		a->bad = true;
		return;
	}
	if (open == NULL) {
		put(a, s);
		return;
	}
	skip = whatever_follows(open);
	if (skip > 0) {
		snprintf(buf, sizeof(buf), "%.*s@%s", (int)(open - s), s,
		    open + skip);
		expand(a, buf, depth + 1);
		return;
	}
	behind = close_group(open);
	if (behind == NULL || *behind == '*' || *behind == '+' ||
	    *behind == '{') {
		a->bad = true;
		return;
	}
	if (*behind == '?') {
		snprintf(buf, sizeof(buf), "%.*s%s", (int)(open - s), s,
		    behind + 1);
		expand(a, buf, depth + 1);
	}
	expand_group(a, s, (size_t)(open - s), open + 1, behind - 1,
	    behind + (*behind == '?'), depth);
}

void
frr_expand(const char *regex, struct frr_alternatives *ret)
{
	ret->n = 0;
	ret->bad = strlen(regex) >= FRR_REGEX || strchr(regex, '@') != NULL;
	if (!ret->bad)
		expand_group(ret, "", 0, regex, regex + strlen(regex), "", 0);
}

/* "[0-9]", "[^1]", "5", "."; what else "." may be is not asked. */
static bool
read_class(const char **s, uint16_t *ret)
{
	const char *c = *s;
	bool no = false;

	*ret = 0;
	if (*c >= '0' && *c <= '9') {
		*ret = (uint16_t)(1u << (*c - '0'));
		*s = c + 1;
		return true;
	}
	if (strncmp(c, "\\d", 2) == 0) {
		*ret = ALL_DIGITS;
		*s = c + 2;
		return true;
	}
	if (*c++ != '[')
		return false;
	if (*c == '^') {
		no = true;
		c++;
	}
	for (; *c != ']'; c++) {
		char to;

		if (*c < '0' || *c > '9')
			return false;
		to = c[1] == '-' && c[2] >= *c && c[2] <= '9' ? c[2] : *c;
		for (char d = *c; d <= to; d++)
			*ret |= (uint16_t)(1u << (d - '0'));
		if (c[1] == '-')
			c += 2;
	}
	/* What is not a digit would be taken as well. */
	if (no)
		return false;
	*s = c + 1;
	return *ret != 0;
}

static unsigned
read_count(const char **s)
{
	unsigned n = 0;

	while (**s >= '0' && **s <= '9' && n < 100)
		n = n * 10 + (unsigned)(*(*s)++ - '0');
	return n;
}

static bool
read_repeat(const char **s, uint8_t *min, uint8_t *max)
{
	unsigned lo, hi;

	*min = *max = 1;
	switch (**s) {
	case '*': *min = 0; *max = MANY; (*s)++; return true;
	case '+': *max = MANY; (*s)++; return true;
	case '?': *min = 0; (*s)++; return true;
	case '{': break;
	default: return true;
	}
	(*s)++;
	lo = hi = read_count(s);
	if (**s == ',') {
		(*s)++;
		hi = **s == '}' ? MANY : read_count(s);
	}
	if (**s != '}' || hi < lo)
		return false;
	(*s)++;
	*min = (uint8_t)(lo > MANY ? MANY : lo);
	*max = (uint8_t)(hi > MANY ? MANY : hi);
	return true;
}

bool
frr_digits_read(const char **s, struct frr_digits *ret)
{
	ret->n = 0;
	while (**s == '[' || (**s >= '0' && **s <= '9') || **s == '\\') {
		if (ret->n == FRR_DIGITS)
			return false;
		if (!read_class(s, &ret->item[ret->n].class) ||
		    !read_repeat(s, &ret->item[ret->n].min,
		    &ret->item[ret->n].max))
			return false;
		ret->n++;
	}
	return ret->n > 0;
}

struct walk {
	const struct frr_digits *d;
	struct frr_ranges *out;
	uint64_t max;
	unsigned steps;
	bool bad;
};

static void
put_range(struct walk *w, uint64_t lo, uint64_t hi)
{
	struct frr_ranges *r = w->out;

	if (lo > w->max)
		return;
	if (hi > w->max)
		hi = w->max;
	if (r->n > 0 && r->r[r->n - 1].hi + (uint64_t)1 == lo) {
		r->r[r->n - 1].hi = (uint32_t)hi;
		return;
	}
	if (r->n == FRR_RANGES) {
		w->bad = true;
		return;
	}
	r->r[r->n].lo = (uint32_t)lo;
	r->r[r->n++].hi = (uint32_t)hi;
}

/* One number's digits, as classes; in order, so that ranges come sorted. */
static void
fixed(struct walk *w, const uint16_t *class, unsigned n, unsigned i,
    uint64_t value)
{
	uint64_t size = 1;
	unsigned k = i;

	if (w->bad || ++w->steps > 20000) {
		w->bad = true;
		return;
	}
	for (unsigned left = i; left < n; left++)
		size *= 10;
	if (value * size > w->max)
		return;
	while (k < n && class[k] == ALL_DIGITS)
		k++;
	if (k == n && (i > 0 || n == 0)) {
		put_range(w, value * size, value * size + size - 1);
		return;
	}
	for (unsigned d = i == 0 && n > 1; d < 10; d++)
		if (class[i] & 1u << d)
			fixed(w, class, n, i + 1, value * 10 + d);
}

/* All ways to spend the repetitions. */
static void
spend(struct walk *w, unsigned item, uint16_t class[10], unsigned n,
    unsigned want)
{
	if (w->bad || n > want || ++w->steps > 20000) {
		w->bad = w->bad || w->steps > 20000;
		return;
	}
	if (item == w->d->n) {
		if (n == want)
			fixed(w, class, n, 0, 0);
		return;
	}
	for (unsigned k = 0; k <= w->d->item[item].max && n <= want; k++) {
		if (k >= w->d->item[item].min)
			spend(w, item + 1, class, n, want);
		if (n < 10)
			class[n] = w->d->item[item].class;
		n++;
	}
}

static int
by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;	/* lo is first */

	return *x < *y ? -1 : *x > *y;
}

/* Two ways to repeat may lead to the same number. */
static void
merge(struct frr_ranges *r)
{
	unsigned n = 0;

	qsort(r->r, r->n, sizeof(r->r[0]), by_number);
	for (unsigned i = 1; i < r->n; i++) {
		if (r->r[i].lo > r->r[n].hi + (uint64_t)1)
			r->r[++n] = r->r[i];
		else if (r->r[i].hi > r->r[n].hi)
			r->r[n].hi = r->r[i].hi;
	}
	r->n = r->n > 0 ? n + 1 : 0;
}

bool
frr_digits_ranges(const struct frr_digits *d, uint32_t max,
    struct frr_ranges *ret)
{
	struct walk w = { .d = d, .out = ret, .max = max };
	uint16_t class[10];

	ret->n = 0;
	for (unsigned want = 1; want <= 10; want++)
		spend(&w, 0, class, 0, want);
	merge(ret);
	return !w.bad && ret->n > 0;
}

void
frr_ranges_print(const struct frr_ranges *r, struct text *out)
{
	for (unsigned i = 0; i < r->n; i++) {
		text_printf(out, "%s%u", i > 0 ? ", " : "", r->r[i].lo);
		if (r->r[i].hi != r->r[i].lo)
			text_printf(out, "..%u", r->r[i].hi);
	}
}

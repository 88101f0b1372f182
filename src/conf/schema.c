/* SPDX-License-Identifier: ISC */
#include "conf/schema.h"

#include "base/time.h"
#include "conf/unserved.h"
#include "conf/value.h"

#define SETS_MAX	4
#define WORDS_MAX	160	/* that are compared with a misspelt one */

static void *
field(void *base, const struct conf_row *r)
{
	return (char *)base + r->at;
}

static const void *
const_field(const void *base, const struct conf_row *r)
{
	return (const char *)base + r->at;
}

static int64_t
seconds(int64_t s)
{
	return s < 0 ? -1 : SECONDS(s);
}

static void
set_number(const struct conf_row *r, void *base, int64_t v)
{
	switch ((enum conf_row_type)r->type) {
	case ROW_SWITCH:
		*(bool *)field(base, r) = v != 0;
		break;
	case ROW_NUMBER:
		*(uint32_t *)field(base, r) = (uint32_t)v;
		break;
	case ROW_NUMBER16:
		*(uint16_t *)field(base, r) = (uint16_t)v;
		break;
	case ROW_NUMBER8: case ROW_ENUM:
		*(uint8_t *)field(base, r) = (uint8_t)v;
		break;
	case ROW_TIME:
		*(int64_t *)field(base, r) = v;
		break;
	case ROW_OWN: case ROW_STRING: case ROW_IP: case ROW_NET:
	case ROW_POINTER: case ROW_UNSERVED:
		break;
	}
}

void
conf_rows_defaults(const struct conf_rows *r, void *base)
{
	for (size_t i = 0; i < r->n; i++)
		set_number(&r->row[i], base, r->row[i].type == ROW_TIME ?
		    seconds(r->row[i].def) : r->row[i].def);
}

static void
parse_time(struct conf_parser *p, const struct conf_row *r, void *base)
{
	const struct span at = p->tok.at;
	int64_t v;

	if (!conf_time(p, &v))
		return;
	if (v < SECONDS(r->lo) || v > SECONDS(r->hi))
		conf_error(p, conf_span_from(p, at),
		    "out of range: %lld to %lld seconds", (long long)r->lo,
		    (long long)r->hi);
	else
		set_number(r, base, v);
}

static void
parse_number(struct conf_parser *p, const struct conf_row *r, void *base)
{
	uint32_t v;

	if (conf_number_in(p, (uint32_t)r->lo, (uint32_t)r->hi, &v))
		set_number(r, base, v);
}

static void
parse_string(struct conf_parser *p, const struct conf_row *r, void *base)
{
	char *s;

	if (!(r->flags & ROW_SECRET)) {
		const char *copy = conf_expect_string(p, "a string");

		if (copy != NULL)
			*(const char **)field(base, r) = copy;
		return;
	}
	if (!conf_is_string(p)) {
		conf_unexpected(p, "a string");
		return;
	}
	s = conf_secret_alloc(p, p->tok.text.n + 1);
	if (s == NULL)
		return;
	memcpy(s, p->tok.text.p, p->tok.text.n);
	*(const char **)field(base, r) = s;
	conf_take(p);
}

static void
parse_enum(struct conf_parser *p, const struct conf_row *r, void *base)
{
	struct bytes word = p->tok.text;
	size_t n = 0;

	for (; r->names[n] != NULL; n++)
		if (*r->names[n] != '\0' &&
		    conf_accept_word(p, r->names[n])) {
			set_number(r, base, (int64_t)n);
			return;
		}
	if (!conf_is(p, TOK_WORD)) {
		conf_unexpected(p, "a word");
		return;
	}
	conf_error(p, p->tok.at, "'%.*s' is no value of '%s'", (int)word.n,
	    (const char *)word.p, r->words);
	conf_suggest(p, word, r->names, n);
}

static void
parse_value(struct conf_parser *p, const struct conf_row *r, void *base)
{
	bool on;

	switch ((enum conf_row_type)r->type) {
	case ROW_OWN:
		r->own(p, base);
		break;
	case ROW_SWITCH:
		if (conf_switch(p, &on))
			set_number(r, base, on);
		break;
	case ROW_NUMBER: case ROW_NUMBER16: case ROW_NUMBER8:
		parse_number(p, r, base);
		break;
	case ROW_TIME:
		parse_time(p, r, base);
		break;
	case ROW_STRING:
		parse_string(p, r, base);
		break;
	case ROW_IP:
		conf_ip(p, field(base, r));
		break;
	case ROW_NET:
		conf_net(p, field(base, r));
		break;
	case ROW_ENUM:
		parse_enum(p, r, base);
		break;
	case ROW_POINTER: case ROW_UNSERVED:
		break;
	}
}

/* The word n of the row's words; n is 0 when there are fewer. */
static struct bytes
word_of(const struct conf_row *r, unsigned n)
{
	const char *s = r->words, *end;

	if (s == NULL)
		return bytes_of("", 0);
	for (; n > 0; n--) {
		s = strchr(s, ' ');
		if (s == NULL)
			return bytes_of("", 0);
		s++;
	}
	end = strchrnul(s, ' ');
	return bytes_of(s, (size_t)(end - s));
}

/* Do the first n words of both agree? */
static bool
agree(const struct conf_row *a, const struct conf_row *b, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (!bytes_eq(word_of(a, i), word_of(b, i)))
			return false;
	return true;
}

/*
 * A row whose word n is the current one and that begins as "so_far" does;
 * of several the one that ends there.
 */
static const struct conf_row *
step(const struct conf_parser *p, const struct conf_rows *sets, size_t n_sets,
    const struct conf_row *so_far, unsigned n)
{
	const struct conf_row *found = NULL;

	if (!conf_is(p, TOK_WORD))
		return NULL;
	for (size_t s = 0; s < n_sets; s++)
		for (size_t i = 0; i < sets[s].n; i++) {
			const struct conf_row *r = &sets[s].row[i];

			if (r->words == NULL ||
			    !bytes_eq(word_of(r, n), p->tok.text) ||
			    (so_far != NULL && !agree(r, so_far, n)))
				continue;
			if (found == NULL || word_of(r, n + 1).n == 0)
				found = r;
		}
	return found;
}

/* What may follow the n words taken, for an error. */
static void
expected_next(struct conf_parser *p, const struct conf_row *r, unsigned n)
{
	const struct bytes want = word_of(r, n);
	char word[32];

	if (want.n >= sizeof(word))
		return;
	memcpy(word, want.p, want.n);
	word[want.n] = '\0';
	conf_expect_word(p, word);
}

bool
conf_rows_parse(struct conf_parser *p, const struct conf_rows *sets,
    size_t n_sets, void *base, const struct conf_row **ret_row)
{
	const struct span at = p->tok.at;
	const struct conf_row *r = step(p, sets, n_sets, NULL, 0), *next;
	unsigned n = 1;

	if (r == NULL)
		return false;
	for (;; n++) {
		conf_take(p);
		next = step(p, sets, n_sets, r, n);
		if (next == NULL)
			break;
		r = next;
	}
	if (ret_row != NULL)
		*ret_row = r;
	p->row_at = conf_span_from(p, at);
	if (r->type == ROW_UNSERVED)
		conf_unserved(p, p->row_at, r->words);
	else if (word_of(r, n).n != 0)
		expected_next(p, r, n);
	else
		parse_value(p, r, base);
	return true;
}

void
conf_rows_unknown(struct conf_parser *p, const struct conf_rows *sets,
    size_t n_sets, const char *const *more, const char *where)
{
	static const size_t longest = 32;
	const char *words[WORDS_MAX];
	char text[WORDS_MAX][32];
	const struct bytes word = p->tok.text;
	size_t n = 0;

	if (!conf_is_name(p)) {
		conf_unexpected(p, "a statement");
		return;
	}
	for (size_t s = 0; s < n_sets; s++)
		for (size_t i = 0; i < sets[s].n && n < WORDS_MAX; i++) {
			struct bytes w = word_of(&sets[s].row[i], 0);

			if (w.n == 0 || w.n >= longest)
				continue;
			memcpy(text[n], w.p, w.n);
			text[n][w.n] = '\0';
			words[n] = text[n];
			n++;
		}
	for (; more != NULL && *more != NULL && n < WORDS_MAX; more++)
		words[n++] = *more;
	conf_error(p, p->tok.at, "unknown word '%.*s' %s",
	    (int)(word.n > 40 ? 40 : word.n), (const char *)word.p, where);
	conf_suggest(p, word, words, n);
}

static bool
same_string(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool
same(const struct conf_row *r, const void *a, const void *b)
{
	switch ((enum conf_row_type)r->type) {
	case ROW_SWITCH: case ROW_NUMBER8: case ROW_ENUM:
		return *(const uint8_t *)a == *(const uint8_t *)b;
	case ROW_NUMBER:
		return *(const uint32_t *)a == *(const uint32_t *)b;
	case ROW_NUMBER16:
		return *(const uint16_t *)a == *(const uint16_t *)b;
	case ROW_TIME:
		return *(const int64_t *)a == *(const int64_t *)b;
	case ROW_STRING:
		return same_string(*(const char *const *)a,
		    *(const char *const *)b);
	case ROW_IP:
		return ip_eq(*(const struct ip *)a, *(const struct ip *)b);
	case ROW_NET:
		return prefix_eq(a, b);
	case ROW_OWN: case ROW_POINTER: case ROW_UNSERVED:
		break;
	}
	return true;
}

unsigned
conf_rows_differ(const struct conf_rows *rows, const void *a, const void *b)
{
	unsigned flags = 0;

	for (size_t i = 0; i < rows->n; i++) {
		const struct conf_row *r = &rows->row[i];
		const unsigned soft = r->flags &
		    (ROW_SOFT | ROW_IMPORT | ROW_EXPORT);

		if (!same(r, const_field(a, r), const_field(b, r)))
			flags |= soft != 0 ? soft : CONF_HARD;
	}
	return flags;
}

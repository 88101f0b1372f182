/* SPDX-License-Identifier: ISC */
#include "conf/lexer.h"

#include <stdio.h>

#include "base/mem.h"
#include "conf/config.h"
#include "conf/source.h"

#define DEPTH_MAX	8	/* of includes, as in BIRD */
#define SOURCES_MAX	4096

/* A text being read.  "after" is where reading goes on when it ends. */
struct source {
	char *name;
	char *text;
	size_t n, pos;
	uint32_t line, col;
	uint16_t file;
	uint8_t depth;
	const struct source *by;	/* who includes it, or NULL */
	struct source *after;
};

struct conf_lexer {
	const struct conf_io *io;
	struct diag_list *diags;
	struct source **all;
	unsigned n_all, cap_all;
	struct source *s;		/* being read; NULL before the first */
	bool spaced;
};

struct conf_lexer *
conf_lexer_new(const struct conf_io *io, struct diag_list *diags)
{
	struct conf_lexer *l = mem_zalloc(sizeof(*l));

	if (l != NULL) {
		l->io = io;
		l->diags = diags;
	}
	return l;
}

static void
source_free(struct source *s)
{
	if (s->text != NULL)
		mem_wipe(s->text, s->n);
	mem_free(s->text);
	mem_free(s->name);
	mem_free(s);
}

struct conf_lexer *
conf_lexer_free(struct conf_lexer *l)
{
	if (l == NULL)
		return NULL;
	for (unsigned i = 0; i < l->n_all; i++)
		source_free(l->all[i]);
	mem_free(l->all);
	mem_free(l);
	return NULL;
}

unsigned
conf_lexer_files(const struct conf_lexer *l)
{
	unsigned n = 0;

	for (unsigned i = 0; i < l->n_all; i++)
		if (l->all[i]->file >= n)
			n = l->all[i]->file + 1u;
	return n;
}

const char *
conf_lexer_file(const struct conf_lexer *l, unsigned file)
{
	for (unsigned i = 0; i < l->n_all; i++)
		if (l->all[i]->file == file)
			return l->all[i]->name;
	return "";
}

static bool
sources_grow(struct conf_lexer *l)
{
	unsigned cap = l->cap_all ? l->cap_all * 2 : 8;
	struct source **all;

	if (l->n_all < l->cap_all)
		return true;
	all = mem_resize(l->all, cap, sizeof(struct source *));
	if (all == NULL)
		return false;
	l->all = all;
	l->cap_all = cap;
	return true;
}

/* Takes over text, also when it fails. */
static struct source *
source_add(struct conf_lexer *l, const char *name, char *text, size_t n)
{
	struct source *s = mem_zalloc(sizeof(*s));

	if (s == NULL) {
		mem_wipe(text, n);
		mem_free(text);
		return NULL;
	}
	s->text = text;
	s->n = n;
	s->line = s->col = 1;
	s->name = mem_strdup(name);
	if (s->name == NULL || !sources_grow(l)) {
		source_free(s);
		return NULL;
	}
	s->file = conf_source_show(l->diags, name, bytes_of(text, n));
	l->all[l->n_all++] = s;
	return s;
}

/* A diagnostic at the span when it cannot be read; NULL: nobody asked. */
static struct source *
source_read(struct conf_lexer *l, const char *name, const struct span *at)
{
	const char *why = "cannot be read";
	struct source *s = NULL;
	char *text = NULL;
	size_t n = 0;

	if (l->n_all >= SOURCES_MAX)
		why = "is one file too many";
	else if (conf_source_read(l->io, name, &text, &n, &why))
		s = source_add(l, name, text, n);
	if (s != NULL)
		return s;
	if (at != NULL)
		diag_add(l->diags, DIAG_ERROR, *at, "%s: %s", name, why);
	else
		diag_add(l->diags, DIAG_ERROR, (struct span){ 0 },
		    "cannot open %s: %s; \"-c FILE\" names another", name,
		    why);
	return NULL;
}

bool
conf_lexer_open(struct conf_lexer *l, const char *name)
{
	struct source *s = source_read(l, name, NULL);

	if (s == NULL)
		return false;
	l->s = s;
	return true;
}

bool
conf_lexer_text(struct conf_lexer *l, const char *name, struct bytes text)
{
	char *copy = mem_alloc(text.n + 1);
	struct source *s;

	if (copy == NULL)
		return false;
	if (text.n != 0)
		memcpy(copy, text.p, text.n);
	s = source_add(l, name, copy, text.n);
	if (s == NULL)
		return false;
	l->s = s;
	return true;
}

bool
conf_lexer_beside(struct conf_lexer *l, const struct conf_token *path,
    struct bytes *ret_text, uint16_t *ret_file)
{
	char *full = conf_source_path(conf_lexer_file(l, path->at.file),
	    path->text);
	struct source *s = NULL;

	if (full != NULL)
		s = source_read(l, full, &path->at);
	else
		diag_add(l->diags, DIAG_ERROR, path->at, "out of memory");
	mem_free(full);
	if (s == NULL)
		return false;
	*ret_text = bytes_of(s->text, s->n);
	*ret_file = s->file;
	return true;
}

/* The byte i places on, or -1 past the end. */
static int
look(const struct source *s, size_t i)
{
	return s->n - s->pos > i ? (unsigned char)s->text[s->pos + i] : -1;
}

static void
skip(struct source *s, size_t n)
{
	for (; n > 0 && s->pos < s->n; n--, s->pos++) {
		if (s->text[s->pos] == '\n') {
			s->line++;
			s->col = 1;
		} else {
			s->col++;
		}
	}
}

static struct span
here(const struct source *s, size_t len)
{
	return (struct span){ .file = s->file, .line = s->line, .col = s->col,
	    .len = (uint16_t)(len > 0xffff ? 0xffff : len) };
}

static bool
is_digit(int c)
{
	return c >= '0' && c <= '9';
}

static bool
is_hex(int c)
{
	return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool
is_alpha(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool
is_space(int c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' ||
	    c == '\v';
}

static size_t
run_of(const struct source *s, size_t from, bool (*is)(int))
{
	size_t n = 0;

	while (is(look(s, from + n)))
		n++;
	return n;
}

static void
skip_comment(struct conf_lexer *l, struct source *s)
{
	const struct span at = here(s, 2);

	skip(s, 2);
	while (look(s, 0) >= 0 && !(look(s, 0) == '*' && look(s, 1) == '/'))
		skip(s, 1);
	if (look(s, 0) < 0)
		diag_add(l->diags, DIAG_ERROR, at, "comment without an end");
	skip(s, 2);
}

/* True when there was any. */
static bool
skip_blank(struct conf_lexer *l, struct source *s)
{
	const size_t was = s->pos;

	for (;;) {
		if (is_space(look(s, 0)))
			skip(s, 1);
		else if (look(s, 0) == '#')
			while (look(s, 0) >= 0 && look(s, 0) != '\n')
				skip(s, 1);
		else if (look(s, 0) == '/' && look(s, 1) == '*')
			skip_comment(l, s);
		else
			return s->pos != was;
	}
}

static struct conf_token
token(struct source *s, int kind, size_t n)
{
	struct conf_token t = { .kind = kind, .at = here(s, n),
	    .text = bytes_of(s->text + s->pos, n) };

	skip(s, n);
	return t;
}

static struct conf_token
quoted(struct conf_lexer *l, struct source *s, int quote)
{
	struct conf_token t;
	size_t n = 1;

	while (look(s, n) >= 0 && look(s, n) != quote && look(s, n) != '\n')
		n++;
	if (look(s, n) != quote) {
		diag_add(l->diags, DIAG_ERROR, here(s, n),
		    "no closing %c on this line", quote);
		return token(s, TOK_BAD, n);
	}
	t = token(s, quote == '"' ? TOK_STRING : TOK_QUOTED, n + 1);
	t.text = bytes_of(t.text.p + 1, n - 1);
	return t;
}

/* Length of a dotted IPv4 address that starts "from" places on, or 0. */
static size_t
dotted(const struct source *s, size_t from)
{
	size_t n = 0, digits;

	for (int i = 0; i < 4; i++) {
		digits = run_of(s, from + n, is_digit);
		if (digits == 0)
			return 0;
		n += digits;
		if (i < 3 && look(s, from + n++) != '.')
			return 0;
	}
	return n;
}

/*
 * "hex:" and pairs, or at least 16 pairs, with colons between all of them or
 * none: 1090:20a0:30b0:40c0:50d0:60e0:70f0:8000 is an address.
 */
static size_t
hex_pairs(const struct source *s)
{
	size_t n = 0, pairs = 0;
	bool marked = false, spread = false;

	if (s->n - s->pos > 4 && memcmp(s->text + s->pos, "hex:", 4) == 0) {
		n = 4;
		marked = true;
	}
	while (is_hex(look(s, n)) && is_hex(look(s, n + 1))) {
		n += 2;
		if (++pairs == 1)
			spread = look(s, n) == ':';
		if (!spread)
			continue;
		if (look(s, n) != ':' || !is_hex(look(s, n + 1)) ||
		    !is_hex(look(s, n + 2)))
			break;
		n++;
	}
	if (is_hex(look(s, n)) || is_alpha(look(s, n)))
		return 0;
	return marked || pairs >= 16 ? n : 0;
}

/* Length of what may be an IPv6 address, or 0. */
static size_t
colons(const struct source *s)
{
	unsigned count = 0;
	bool twice = false;
	size_t n, last = 0, v4;

	for (n = 0; is_hex(look(s, n)) || look(s, n) == ':'; n++) {
		if (look(s, n) != ':')
			continue;
		twice |= look(s, n + 1) == ':';
		last = n + 1;
		count++;
	}
	if (!twice && count < 3)
		return 0;
	v4 = dotted(s, last);
	return v4 != 0 ? last + v4 : n;
}

/* 65000:1, 10.0.0.1:1, 2:65000:1 */
static size_t
distinguisher(const struct source *s)
{
	size_t n = dotted(s, 0), digits;
	unsigned parts = 1;

	if (n == 0)
		n = run_of(s, 0, is_digit);
	while (n != 0 && look(s, n) == ':' && parts < 3) {
		digits = run_of(s, n + 1, is_digit);
		if (digits == 0)
			break;
		n += 1 + digits;
		parts++;
	}
	return parts > 1 && !is_alpha(look(s, n)) ? n : 0;
}

static struct conf_token
address(struct conf_lexer *l, struct source *s, size_t n)
{
	struct conf_token t = token(s, TOK_IP, n);
	char buf[64];

	if (n >= sizeof(buf)) {
		t.kind = TOK_BAD;
	} else {
		memcpy(buf, t.text.p, n);
		buf[n] = '\0';
		if (!ip_parse(buf, &t.ip))
			t.kind = TOK_BAD;
	}
	if (t.kind == TOK_BAD)
		diag_add(l->diags, DIAG_ERROR, t.at, "'%.*s' is no address",
		    (int)(n > 60 ? 60 : n), (const char *)t.text.p);
	return t;
}

static unsigned
digit_value(int c)
{
	return (unsigned)(is_digit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
}

static struct conf_token
number(struct conf_lexer *l, struct source *s)
{
	const bool hex = look(s, 0) == '0' && look(s, 1) == 'x' &&
	    is_hex(look(s, 2));
	const size_t from = hex ? 2 : 0;
	size_t n = run_of(s, from, hex ? is_hex : is_digit);
	struct conf_token t = token(s, TOK_NUMBER, from + n);
	uint64_t v = 0;

	for (size_t i = from; i < t.text.n && v <= UINT32_MAX; i++)
		v = v * (hex ? 16 : 10) + digit_value(t.text.p[i]);
	if (v > UINT32_MAX) {
		diag_add(l->diags, DIAG_ERROR, t.at,
		    "number is larger than 4294967295");
		t.kind = TOK_BAD;
	}
	t.number = (uint32_t)v;
	return t;
}

static const struct {
	char text[3];
	int kind;
} pairs[] = {
	{ "==", TOK_EQ }, { "!=", TOK_NEQ }, { "<=", TOK_LEQ },
	{ ">=", TOK_GEQ }, { "!~", TOK_NMA }, { "&&", TOK_AND },
	{ "||", TOK_OR }, { "..", TOK_DOTS }, { "[=", TOK_PATH_OPEN },
	{ "=]", TOK_PATH_CLOSE }, { "++", TOK_CONCAT },
};

static struct conf_token
sign(struct conf_lexer *l, struct source *s)
{
	const int c = look(s, 0);
	struct conf_token t;
	size_t n = 1;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (c == pairs[i].text[0] && look(s, 1) == pairs[i].text[1])
			return token(s, pairs[i].kind, 2);
	if (c > ' ' && c < 127 && strchr("={}:;,.()+*/%<>~[]?!|-&@$", c))
		return token(s, c, 1);
	/* One message for a run of the same nonsense, as UTF-8 is. */
	while (c >= 127 && look(s, n) >= 127)
		n++;
	t = token(s, TOK_BAD, n);
	if (c > ' ' && c < 127)
		diag_add(l->diags, DIAG_ERROR, t.at,
		    "'%c' means nothing here", c);
	else
		diag_add(l->diags, DIAG_ERROR, t.at,
		    "character 0x%02x means nothing outside of a string",
		    (unsigned)c);
	return t;
}

static struct conf_token
scan(struct conf_lexer *l, struct source *s)
{
	const int c = look(s, 0);
	size_t n;

	if (c == '"' || c == '\'')
		return quoted(l, s, c);
	if (is_hex(c) || c == ':' || c == 'h') {
		if ((n = hex_pairs(s)) != 0)
			return token(s, TOK_HEX, n);
		if ((n = colons(s)) != 0)
			return address(l, s, n);
		if ((n = distinguisher(s)) != 0)
			return token(s, TOK_RD, n);
		if ((n = dotted(s, 0)) != 0)
			return address(l, s, n);
	}
	if (is_digit(c))
		return number(l, s);
	if (is_alpha(c)) {
		for (n = 1; is_alpha(look(s, n)) || is_digit(look(s, n)); n++)
			;
		return token(s, TOK_WORD, n);
	}
	return sign(l, s);
}

/* Reads what an include names, so that it comes next, in order. */
struct including {
	struct conf_lexer *l;
	struct source *by;		/* who includes */
	struct source **link;		/* where the next file is hung in */
	struct span at;
};

static bool
include_one(void *arg, const char *path)
{
	struct including *in = arg;
	struct source *s;

	for (const struct source *b = in->by; b != NULL; b = b->by)
		if (strcmp(b->name, path) == 0) {
			diag_add(in->l->diags, DIAG_ERROR, in->at,
			    "%s includes itself", path);
			return true;
		}
	s = source_read(in->l, path, &in->at);
	if (s == NULL)
		return in->l->n_all < SOURCES_MAX;
	s->by = in->by;
	s->depth = (uint8_t)(in->by->depth + 1);
	s->after = in->by;
	*in->link = s;
	in->link = &s->after;
	return true;
}

static void
include(struct conf_lexer *l, struct bytes pattern, struct span at)
{
	struct source *first = l->s;
	struct including in = { .l = l, .by = l->s, .link = &first, .at = at };
	const char *why = "cannot be read";
	char *path;

	if (l->s->depth >= DEPTH_MAX) {
		diag_add(l->diags, DIAG_ERROR, at,
		    "includes are nested more than %d deep", DEPTH_MAX);
		return;
	}
	path = conf_source_path(l->s->name, pattern);
	if (path == NULL)
		diag_add(l->diags, DIAG_ERROR, at, "out of memory");
	else if (!l->io->glob(l->io->ctx, path, include_one, &in, &why))
		diag_add(l->diags, DIAG_ERROR, at, "%s: %s", path, why);
	mem_free(path);
	l->s = first;
}

/* At the word include: true when a file name and ; follow. */
static bool
try_include(struct conf_lexer *l)
{
	struct source *s = l->s;
	const struct source was = *s;
	struct conf_token name;

	skip_blank(l, s);
	if (look(s, 0) != '"') {
		*s = was;
		return false;
	}
	name = quoted(l, s, '"');
	if (name.kind == TOK_BAD)
		return true;
	skip_blank(l, s);
	if (look(s, 0) != ';') {
		diag_add(l->diags, DIAG_ERROR, here(s, 1),
		    "expected ';' after the name of the file");
		return true;
	}
	skip(s, 1);
	include(l, name.text, name.at);
	return true;
}

/* The next token of the text that is being read, or TOK_EOF at its end. */
static struct conf_token
next_here(struct conf_lexer *l)
{
	l->spaced |= skip_blank(l, l->s);
	if (look(l->s, 0) < 0)
		return (struct conf_token){ .kind = TOK_EOF,
		    .at = here(l->s, 0), .text = bytes_of("", 0) };
	return scan(l, l->s);
}

struct conf_token
conf_lexer_next(struct conf_lexer *l)
{
	struct conf_token t = { .kind = TOK_EOF, .text = bytes_of("", 0) };

	l->spaced = false;
	while (l->s != NULL) {
		t = next_here(l);
		if (t.kind == TOK_EOF && l->s->after != NULL)
			l->s = l->s->after;
		else if (t.kind != TOK_WORD ||
		    !bytes_eq(t.text, bytes_str("include")) || !try_include(l))
			break;
		l->spaced = true;
	}
	t.spaced = l->spaced;
	return t;
}

static const char *
sign_text(const struct conf_token *t, char *buf, size_t n)
{
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i].kind == t->kind) {
			snprintf(buf, n, "'%s'", pairs[i].text);
			return buf;
		}
	snprintf(buf, n, "'%c'", t->kind);
	return buf;
}

const char *
conf_token_text(const struct conf_token *t, char *buf, size_t n)
{
	const int len = (int)(t->text.n > 30 ? 30 : t->text.n);
	const char *s = (const char *)t->text.p;

	switch (t->kind) {
	case TOK_EOF:
		return "the end of the file";
	case TOK_BAD:
		return "an error";
	case TOK_STRING:	/* may be a key: never shown */
		return "a string";
	case TOK_NUMBER:
		snprintf(buf, n, "number %.*s", len, s);
		return buf;
	case TOK_IP:
		snprintf(buf, n, "address %.*s", len, s);
		return buf;
	case TOK_HEX:
		return "a byte string";
	case TOK_WORD: case TOK_QUOTED: case TOK_RD:
		snprintf(buf, n, "'%.*s'", len, s);
		return buf;
	default:
		return sign_text(t, buf, n);
	}
}

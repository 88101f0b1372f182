/* SPDX-License-Identifier: ISC */
#include "conf/parser.h"

#include <stdio.h>

#include "base/mem.h"
#include "filter/value.h"

/* Kept at the front of what conf_secret_alloc() gives. */
struct conf_secret {
	struct conf_secret *next;
	size_t n;
	max_align_t data[];
};

void
conf_error(struct conf_parser *p, struct span at, const char *fmt, ...)
{
	va_list ap;

	if (p->failed)
		return;
	va_start(ap, fmt);
	diag_vadd(p->diags, DIAG_ERROR, at, fmt, ap);
	va_end(ap);
	p->failed = true;
}

void
conf_complain(struct conf_parser *p, struct span at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_vadd(p->diags, DIAG_ERROR, at, fmt, ap);
	va_end(ap);
}

void
conf_warn(struct conf_parser *p, struct span at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	diag_vadd(p->diags, DIAG_WARNING, at, fmt, ap);
	va_end(ap);
}

void
conf_unexpected(struct conf_parser *p, const char *what)
{
	char buf[CONF_TOKEN_TEXT];

	if (p->tok.kind != TOK_BAD)
		conf_error(p, p->tok.at, "expected %s, found %s", what,
		    conf_token_text(&p->tok, buf, sizeof(buf)));
	p->failed = true;
}

void
conf_suggest(struct conf_parser *p, struct bytes word,
    const char *const *words, size_t n)
{
	const char *near = diag_nearest(word, words, n);

	if (near != NULL)
		diag_hint(p->diags, "did you mean '%s'?", near);
}

bool
conf_no_memory(struct conf_parser *p)
{
	conf_error(p, p->tok.at, "out of memory");
	return false;
}

const struct conf_token *
conf_peek2(struct conf_parser *p)
{
	if (!p->have_ahead)
		p->ahead = conf_lexer_next(p->lexer);
	p->have_ahead = true;
	return &p->ahead;
}

/* So that a block without its end can be called by its name. */
static void
note_word(struct conf_parser *p, const struct conf_token *t)
{
	struct conf_block *s = &p->statement;

	if (s->n < 3 && (t->kind == TOK_WORD || t->kind == TOK_QUOTED ||
	    t->kind == TOK_STRING))
		s->word[s->n++] = t->text;
}

struct conf_token
conf_take(struct conf_parser *p)
{
	const struct conf_token t = p->tok;

	note_word(p, &t);
	if (t.kind == '{') {
		if (p->braces < CONF_BLOCKS)
			p->block[p->braces] = p->statement;
		p->braces++;
	}
	if (t.kind == '}' && p->braces > 0)
		p->braces--;
	/* Behind the end of a block we are in a statement around it. */
	if (p->level > p->braces)
		p->level = p->braces;
	p->last = t.at;
	p->tok = p->have_ahead ? p->ahead : conf_lexer_next(p->lexer);
	p->have_ahead = false;
	return t;
}

bool
conf_is(const struct conf_parser *p, int kind)
{
	return !p->failed && p->tok.kind == kind;
}

static bool
is_the_word(const struct conf_token *t, const char *word)
{
	return t->kind == TOK_WORD && bytes_eq(t->text, bytes_str(word));
}

bool
conf_is_word(const struct conf_parser *p, const char *word)
{
	return !p->failed && is_the_word(&p->tok, word);
}

bool
conf_is2_word(struct conf_parser *p, const char *word)
{
	return !p->failed && is_the_word(conf_peek2(p), word);
}

bool
conf_accept(struct conf_parser *p, int kind)
{
	if (!conf_is(p, kind))
		return false;
	conf_take(p);
	return true;
}

bool
conf_accept_word(struct conf_parser *p, const char *word)
{
	if (!conf_is_word(p, word))
		return false;
	conf_take(p);
	return true;
}

bool
conf_accept_words(struct conf_parser *p, const char *w1, const char *w2)
{
	if (!conf_is_word(p, w1) || !conf_is2_word(p, w2))
		return false;
	conf_take(p);
	conf_take(p);
	return true;
}

/* Nothing in a block begins so: the one around must have ended before. */
static bool
is_outside(const struct conf_parser *p)
{
	return p->braces > 0 && (p->tok.kind == TOK_EOF ||
	    is_the_word(&p->tok, "protocol") ||
	    is_the_word(&p->tok, "template") ||
	    (p->tok.at.col == 1 && is_the_word(&p->tok, "function")));
}

static void
missing_brace(struct conf_parser *p)
{
	const unsigned i = p->braces - 1;
	const struct conf_block *b = &p->block[i < CONF_BLOCKS ? i : 0];
	char name[80] = "";
	size_t n = 0;

	for (unsigned w = 0; w < b->n && n + 1 < sizeof(name); w++)
		n += (size_t)snprintf(name + n, sizeof(name) - n, "%s%.*s",
		    w > 0 ? " " : "",
		    (int)(b->word[w].n > 24 ? 24 : b->word[w].n),
		    (const char *)b->word[w].p);
	conf_complain(p, p->tok.at, "a '}' is missing before this: the block "
	    "of '%s' begins at %s:%u", name,
	    diag_source_name(p->diags, b->at.file), b->at.line);
}

/* As if all the braces that are open stood here. */
static bool
close_here(struct conf_parser *p)
{
	if (!p->closing)
		missing_brace(p);
	p->braces--;
	p->closing = p->braces > 0;
	if (p->level > p->braces)
		p->level = p->braces;
	return true;
}

bool
conf_expect(struct conf_parser *p, int kind)
{
	struct conf_token want = { .kind = kind };
	char buf[CONF_TOKEN_TEXT];

	if (p->failed)
		return false;
	if (kind == '}' && is_outside(p))
		return close_here(p);
	if (conf_accept(p, kind))
		return true;
	conf_unexpected(p, conf_token_text(&want, buf, sizeof(buf)));
	return false;
}

bool
conf_expect_word(struct conf_parser *p, const char *word)
{
	char buf[CONF_TOKEN_TEXT];

	if (p->failed)
		return false;
	if (conf_accept_word(p, word))
		return true;
	snprintf(buf, sizeof(buf), "'%s'", word);
	conf_unexpected(p, buf);
	return false;
}

bool
conf_is_name(const struct conf_parser *p)
{
	return conf_is(p, TOK_WORD) || conf_is(p, TOK_QUOTED);
}

bool
conf_expect_name(struct conf_parser *p, const char *what,
    struct conf_token *ret)
{
	if (p->failed)
		return false;
	if (!conf_is_name(p)) {
		conf_unexpected(p, what);
		return false;
	}
	*ret = conf_take(p);
	return true;
}

bool
conf_is_string(struct conf_parser *p)
{
	const struct filter_value *v;
	const struct conf_symbol *y;

	if (!conf_is_name(p))
		return conf_is(p, TOK_STRING);
	y = conf_symbol_find(p, p->tok.text);
	if (y == NULL || y->kind != CONF_SYM_CONSTANT || y->value == NULL)
		return false;
	v = y->value;
	if (v->type != FT_STRING)
		return false;
	p->tok.kind = TOK_STRING;
	p->tok.text = bytes_str(v->s);
	return true;
}

const char *
conf_expect_string(struct conf_parser *p, const char *what)
{
	if (p->failed)
		return NULL;
	if (!conf_is_string(p)) {
		conf_unexpected(p, what);
		return NULL;
	}
	return conf_copy(p, conf_take(p).text);
}

struct span
conf_span_from(const struct conf_parser *p, struct span first)
{
	uint32_t end = p->last.col + p->last.len;

	if (p->last.file == first.file && p->last.line == first.line &&
	    end > first.col && end - first.col <= 0xffff)
		first.len = (uint16_t)(end - first.col);
	return first;
}

bool
conf_at_end(struct conf_parser *p, int close)
{
	p->level = p->braces;
	p->statement = (struct conf_block){ .at = p->tok.at };
	return p->tok.kind == close || p->tok.kind == TOK_EOF ||
	    (close == '}' && is_outside(p));
}

/*
 * After a block a statement may be over without a ';'.  It is not where what
 * follows stands on the same line, as in 10.0.0.0/8{16,24}, 10.1.0.0/16.
 */
static bool
over_after_block(const struct conf_parser *p)
{
	return p->tok.kind == TOK_WORD && !is_the_word(&p->tok, "else") &&
	    (p->tok.at.line != p->last.line ||
	    p->tok.at.file != p->last.file);
}

void
conf_skip_statement(struct conf_parser *p)
{
	const unsigned level = p->level;
	bool took = level > 0;		/* outside of blocks we must go on */
	int kind;

	for (; (kind = p->tok.kind) != TOK_EOF; took = true) {
		if ((kind == '}' && p->braces <= level) ||
		    (took && is_outside(p)))
			break;
		conf_take(p);
		if (p->braces > level)
			continue;
		if (kind == ';' || (kind == '}' && over_after_block(p)))
			break;
	}
	if (level == 0)
		p->braces = 0;
	p->failed = p->skipping = false;
}

/* Where the next word is on another line, the place is behind the last. */
static void
missing_semicolon(struct conf_parser *p)
{
	struct span at = p->last;

	if (p->tok.kind == TOK_BAD || (p->tok.kind != TOK_EOF &&
	    p->tok.at.line == at.line && p->tok.at.file == at.file)) {
		conf_unexpected(p, "';'");
		return;
	}
	at.col += at.len;
	at.len = 0;
	conf_error(p, at, "expected ';'");
}

void
conf_end_statement(struct conf_parser *p)
{
	if (!p->failed && !p->closing && !conf_accept(p, ';'))
		missing_semicolon(p);
	if (p->failed)
		conf_skip_statement(p);
}

bool
conf_nest(struct conf_parser *p)
{
	if (p->depth >= CONF_NEST_MAX) {
		conf_error(p, p->tok.at, "nested more than %d deep",
		    CONF_NEST_MAX);
		return false;
	}
	p->depth++;
	return true;
}

void
conf_unnest(struct conf_parser *p)
{
	p->depth--;
}

void *
conf_alloc(struct conf_parser *p, size_t n)
{
	void *v = arena_alloc(p->arena, n);

	if (v == NULL)
		conf_no_memory(p);
	return v;
}

char *
conf_copy(struct conf_parser *p, struct bytes b)
{
	char *s = arena_strndup(p->arena, (const char *)b.p, b.n);

	if (s == NULL)
		conf_no_memory(p);
	return s;
}

void *
conf_secret_alloc(struct conf_parser *p, size_t n)
{
	struct conf_secret *s = conf_alloc(p, sizeof(*s) + n);

	if (s == NULL)
		return NULL;
	s->n = n;
	s->next = p->config->secrets;
	p->config->secrets = s;
	return s->data;
}

struct config *
config_free(struct config *c)
{
	struct arena *a;

	if (c == NULL)
		return NULL;
	for (struct conf_secret *s = c->secrets; s != NULL; s = s->next)
		mem_wipe(s->data, s->n);
	a = c->arena;
	arena_free(a);
	return NULL;
}

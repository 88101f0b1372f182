/* SPDX-License-Identifier: ISC */
/*
 * The parser's inside, shared by the files of conf/ that parse.
 *
 * Recursive descent over one current token and one more.  Errors stick: after
 * conf_error() the parser is "failed", and then conf_is(), conf_accept() and
 * conf_expect() say false without a word, so that a parsing function reads
 * like the grammar and one mistake gives one message.  Whoever loops over
 * statements clears it:
 *
 *	while (!conf_at_end(p, '}')) {
 *		parse_statement(p);
 *		conf_end_statement(p);	 the ';', or skipping to it
 *	}
 *
 * A loop over a list ("while (conf_accept(p, ','))") ends by itself.
 *
 * Names live in scopes.  conf_symbol_find() looks from the innermost
 * outwards; conf_symbol_define() complains of a second one in the same scope.
 * A name may be any word: no word is reserved.
 *
 * What filter/ gives is in conf/filter_parse.h.
 */
#ifndef WARREN_CONF_PARSER_H
#define WARREN_CONF_PARSER_H

#include "base/arena.h"
#include "conf/config.h"
#include "conf/lexer.h"

#define CONF_NEST_MAX	64	/* parentheses, blocks */

#define CONF_BLOCKS	16	/* open ones that are known by name */

struct conf_block {
	struct span at;			/* of the first word */
	struct bytes word[3];		/* "protocol" "bgp" "x" */
	unsigned n;
};

struct conf_scope {
	struct conf_scope *up;
	struct conf_symbol *chains[32];
	unsigned slots;		/* free for filter/: variables so far */
};

struct conf_parser {
	struct config *config;
	struct arena *arena;		/* the configuration's */
	struct diag_list *diags;
	struct conf_lexer *lexer;
	const struct conf_io *io;
	struct conf_token tok;		/* the current one */
	struct conf_token ahead;
	bool have_ahead;
	struct span last;		/* of the token taken last */
	struct span row_at;		/* words of the row being parsed */
	bool failed;
	bool skip_unserved;		/* CONF_SKIP_UNSERVED */
	bool skipping;			/* failed, but by no error */
	bool drop_proto;		/* the one at hand is left out */
	unsigned depth;
	unsigned braces;		/* how many are open */
	struct conf_block statement;	/* being parsed: how it began */
	struct conf_block block[CONF_BLOCKS];	/* of the open braces */
	bool closing;			/* a '}' is missing: all end here */
	unsigned level;			/* and were where the statement began */
	struct conf_scope *scope;
	struct conf_scope *global;
	void *filter_state;		/* free for filter/: function at hand */

	/* conf/'s own: */
	struct conf_symbol **symbols_end;
	struct conf_proto **protocols_end;
	struct conf_table **tables_end;
	unsigned counts[CONF_NKINDS];	/* unnamed protocols so far */
	/* BIRD 1.6's, see bird16.h: the first such word, and where. */
	const char *old_word;
	struct span old_at;
	bool old_family;
	bool one_family;		/* the whole file is one of its */
	uint8_t one_family_kind;	/* enum net_kind, at the end */
	uint16_t listen_port;		/* listen bgp port N; 0: not said */
	unsigned n_attributes;
};

/* Messages.  conf_error() sets failed and is silent when it is set. */
void conf_error(struct conf_parser *p, struct span at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* An error that does not stop the statement: the syntax is right. */
void conf_complain(struct conf_parser *p, struct span at, const char *fmt,
    ...) __attribute__((format(printf, 3, 4)));
void conf_warn(struct conf_parser *p, struct span at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* "expected WHAT, found TOKEN"; nothing more after a TOK_BAD. */
void conf_unexpected(struct conf_parser *p, const char *what);
/* Adds "did you mean" to the error before, where a word is near. */
void conf_suggest(struct conf_parser *p, struct bytes word,
    const char *const *words, size_t n);
bool conf_no_memory(struct conf_parser *p);	/* complains; false */

/* Tokens. */
const struct conf_token *conf_peek2(struct conf_parser *p);
struct conf_token conf_take(struct conf_parser *p);
bool conf_is(const struct conf_parser *p, int kind);
bool conf_is_word(const struct conf_parser *p, const char *word);
bool conf_is2_word(struct conf_parser *p, const char *word);
bool conf_accept(struct conf_parser *p, int kind);
bool conf_accept_word(struct conf_parser *p, const char *word);
/* All of "next hop self", or nothing. At most two words are looked at. */
bool conf_accept_words(struct conf_parser *p, const char *w1,
    const char *w2);
bool conf_expect(struct conf_parser *p, int kind);
bool conf_expect_word(struct conf_parser *p, const char *word);
/* A TOK_WORD or TOK_QUOTED. */
bool conf_is_name(const struct conf_parser *p);
bool conf_expect_name(struct conf_parser *p, const char *what,
    struct conf_token *ret);
/* Its text, copied; NULL and an error when there is none. */
/* A string, or a constant that is one, which the token then becomes. */
bool conf_is_string(struct conf_parser *p);
const char *conf_expect_string(struct conf_parser *p, const char *what);
/* From the first token to the one taken last, if on one line. */
struct span conf_span_from(const struct conf_parser *p, struct span first);

/*
 * Statements.  conf_at_end() also says that one begins here, which is where
 * skipping comes back to: out of every brace that it opened.
 */
bool conf_at_end(struct conf_parser *p, int close);
/*
 * Skips to behind the ';', or to before the '}' of the block around, and
 * clears failed.
 */
void conf_skip_statement(struct conf_parser *p);
/* A ';', or, when that is not there or failed, as above. */
void conf_end_statement(struct conf_parser *p);
/* Guards recursion: false, with an error, past CONF_NEST_MAX. */
bool conf_nest(struct conf_parser *p);
void conf_unnest(struct conf_parser *p);

/* Copies in the arena; NULL (and complained) when out of memory. */
char *conf_copy(struct conf_parser *p, struct bytes b);
void *conf_alloc(struct conf_parser *p, size_t n);
#define conf_new(p, type)	((type *)conf_alloc((p), sizeof(type)))
/* In the arena, and wiped by config_free(). */
void *conf_secret_alloc(struct conf_parser *p, size_t n);

/* Names. */
void conf_scope_push(struct conf_parser *p);
void conf_scope_pop(struct conf_parser *p);
struct conf_symbol *conf_symbol_find(const struct conf_parser *p,
    struct bytes name);
/* Only in the innermost scope. */
struct conf_symbol *conf_symbol_here(const struct conf_parser *p,
    struct bytes name);
/*
 * Into the innermost scope.  Complains, naming the place of the first, when
 * it has the name already; NULL then and when out of memory.
 */
struct conf_symbol *conf_symbol_define(struct conf_parser *p,
    const struct conf_token *name, enum conf_symbol_kind kind);
const char *conf_symbol_kind_name(enum conf_symbol_kind kind);

#endif

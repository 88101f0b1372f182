/* SPDX-License-Identifier: ISC */
/*
 * Words of a configuration text, with where they stand.
 *
 * The lexer gives one token after another and never fails: what is no token
 * of the language is TOK_BAD, after a diagnostic.  Keywords are ordinary
 * words; the parser decides by context.  Comments, in both spellings, and
 * white space vanish.
 *
 * include "PATTERN"; at the beginning of a line is carried out here, as in
 * BIRD, so that it may stand anywhere: in a list, in a block.  The files come
 * from the owner's conf_io.
 *
 * Token texts point into the sources, which live until conf_lexer_done().
 */
#ifndef WARREN_CONF_LEXER_H
#define WARREN_CONF_LEXER_H

#include "base/diag.h"
#include "base/ip.h"

struct conf_io;

/* A token of one character is that character. */
enum conf_tok {
	TOK_EOF = 0,
	TOK_BAD = 256,
	TOK_NUMBER,		/* .number: 123, 0x7f */
	TOK_IP,			/* .ip: 10.0.0.1, fe80::1 */
	TOK_WORD,		/* .text: keyword or name */
	TOK_QUOTED,		/* .text: 'a-name', without the quotes */
	TOK_STRING,		/* .text: "…", without the quotes */
	TOK_HEX,		/* .text: hex:01:02…, or 16 pairs and more */
	TOK_RD,			/* .text: 65000:1, 10.0.0.1:1, 2:65000:1 */
	TOK_EQ,			/* == */
	TOK_NEQ,		/* != */
	TOK_LEQ,		/* <= */
	TOK_GEQ,		/* >= */
	TOK_NMA,		/* !~ */
	TOK_AND,		/* && */
	TOK_OR,			/* || */
	TOK_DOTS,		/* .. */
	TOK_PATH_OPEN,		/* [= */
	TOK_PATH_CLOSE,		/* =] */
	TOK_CONCAT		/* ++ */
};

struct conf_token {
	int kind;		/* enum conf_tok, or a character */
	bool spaced;		/* white space or a comment stood before it */
	struct span at;
	struct bytes text;	/* as it stands, but for quotes */
	uint32_t number;
	struct ip ip;
};

struct conf_lexer;

/* Where errors go and files come from; both borrowed. */
struct conf_lexer *conf_lexer_new(const struct conf_io *io,
    struct diag_list *diags);
/* Wipes the sources: there are keys in them.  NULL in, NULL out. */
struct conf_lexer *conf_lexer_free(struct conf_lexer *l);

/* Begins with this file.  False, and a diagnostic, when it cannot be read. */
bool conf_lexer_open(struct conf_lexer *l, const char *name);
/* The same with a text that is at hand; copied.  False: out of memory. */
bool conf_lexer_text(struct conf_lexer *l, const char *name,
    struct bytes text);

/* The next one; TOK_EOF for ever after the last. */
struct conf_token conf_lexer_next(struct conf_lexer *l);

/* Names of the files read so far; .file of a span is the index. */
unsigned conf_lexer_files(const struct conf_lexer *l);
const char *conf_lexer_file(const struct conf_lexer *l, unsigned file);

/*
 * A file that the parser reads itself, such as a wg-quick file, named by a
 * string of this text: borrowed until conf_lexer_free().  False after a
 * diagnostic at the token.
 */
bool conf_lexer_beside(struct conf_lexer *l, const struct conf_token *path,
    struct bytes *ret_text, uint16_t *ret_file);

/* How a token is called in an error: "'foo'", "number 12", "end of file". */
const char *conf_token_text(const struct conf_token *t, char *buf, size_t n);
#define CONF_TOKEN_TEXT	48

#endif

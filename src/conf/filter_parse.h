/* SPDX-License-Identifier: ISC */
/*
 * The filter language: text to programs of filter/.
 *
 * Part of the parser (conf/parser.h): each function begins at the current
 * token, takes what belongs to it and leaves errors the parser's way.  Those
 * that give a pointer give NULL after an error.
 *
 * A Pratt parser builds typed nodes; types are checked as they are built, so
 * that a message points to the place.  Precedence is BIRD's: && and || are
 * equal and bind least, then comparisons, + - ++, * /, !, and the dot.
 */
#ifndef WARREN_CONF_FILTER_PARSE_H
#define WARREN_CONF_FILTER_PARSE_H

#include "base/diag.h"
#include "filter/value.h"

struct conf_io;
struct conf_parser;
struct conf_symbol;
struct conf_token;
struct config;
struct filter;

/* After the word "filter": NAME { … }, with variables in front of the {. */
void conf_parse_filter(struct conf_parser *p);
/* After "function": NAME(TYPE ARG; …) [-> TYPE] { … }. */
void conf_parse_function(struct conf_parser *p);
/* After "define": NAME = EXPR (without the ';'). */
void conf_parse_define(struct conf_parser *p);
/* After "attribute": TYPE NAME (without the ';'). */
void conf_parse_attribute(struct conf_parser *p);
/* The same with a name and type at hand; NULL after an error. */
const struct conf_symbol *conf_declare_attribute(struct conf_parser *p,
    const struct conf_token *name, enum filter_type type);
/* After "eval": EXPR, whose value is told as a warning (no ';'). */
void conf_parse_eval(struct conf_parser *p);

/*
 * Where a filter may stand, after "import" or "filter" or "where":
 * NAME, { … }, and for _where an expression.  *ret_name gets the name, or
 * NULL where it has none.
 */
const struct filter *conf_parse_filter_use(struct conf_parser *p,
    const char **ret_name);
const struct filter *conf_parse_where(struct conf_parser *p);

/*
 * An expression that must be constant, as numbers and addresses of options
 * may be (a define, (2*X), …).  type FT_VOID takes any.  False after an error.
 * conf_parse_const_atom() takes no operators: a literal, a define, or an
 * expression in parentheses, where "10 as 65000" and the like may follow.
 */
bool conf_parse_const(struct conf_parser *p, enum filter_type type,
    struct filter_value *ret);
bool conf_parse_const_atom(struct conf_parser *p, enum filter_type type,
    struct filter_value *ret);

/*
 * Text from the control socket, against the names of a configuration that
 * runs: "eval EXPR", "show route where EXPR", "show route filter F".  The
 * program lives in the arena; diags get the errors.
 */
enum conf_filter_text {
	CONF_TEXT_EXPR, CONF_TEXT_WHERE, CONF_TEXT_FILTER
};

const struct filter *conf_filter_text(const struct config *c,
    enum conf_filter_text kind, struct bytes text, struct arena *arena,
    struct diag_list *diags);

#endif

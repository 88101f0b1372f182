/* SPDX-License-Identifier: ISC */
/*
 * Between the files that parse the filter language.  A parsing function gives
 * a node, or NULL after an error that has been told.
 */
#ifndef WARREN_CONF_FILTER_IMPL_H
#define WARREN_CONF_FILTER_IMPL_H

#include "conf/filter_parse.h"
#include "conf/parser.h"
#include "filter/build.h"

/* The function or filter whose body is being read; parser.filter_state. */
struct fp_body {
	struct filter_function *fn;	/* NULL in a filter */
	unsigned slots;			/* most that were in use at once */
	unsigned elses;			/* "else if" one after another */
};

/* Binding strength; a higher one binds tighter. */
enum fp_level {
	FP_ANY, FP_LOGIC, FP_COMPARE, FP_SUM, FP_PRODUCT, FP_NOT
};

/*
 * n, after telling b's error, if it has one, where n is NULL.  That is a
 * mistake of meaning: parsing goes on, and what is built of NULL is NULL.
 */
struct filter_node *fp_checked(struct conf_parser *p, struct span at,
    const struct filter_build *b, struct filter_node *n);

struct filter_node *fp_expr(struct conf_parser *p, enum fp_level least);
/* A literal, name, call or parenthesis with its methods; no operators. */
struct filter_node *fp_operand(struct conf_parser *p);
/* EXPR, … up to a token that it does not take: no brackets, may be empty. */
void fp_args(struct conf_parser *p, int close, struct filter_chain *ret);
/* .name or .name(x), behind the dot. */
struct filter_node *fp_method(struct conf_parser *p, struct filter_node *x);
/* (EXPR, …) behind the name of a function. */
struct filter_node *fp_call(struct conf_parser *p, struct conf_token name,
    const struct filter_function *fn);

/* A symbol that stands for a value, NULL if the name has another use. */
const struct conf_symbol *fp_value_symbol(const struct conf_parser *p,
    const struct conf_token *t);
/* The attribute of that name, the user's too; NULL when there is none. */
const struct filter_attr *fp_attr(struct conf_parser *p,
    const struct conf_token *t);
bool fp_enum(const struct conf_token *t, struct filter_value *ret);
/* The token's text with a NUL; too long a one is cut and so matches nothing. */
#define FP_NAME	64
const char *fp_name(const struct conf_token *t, char buf[FP_NAME]);

/* Evaluates; complains at the span when it is not constant. */
bool fp_const(struct conf_parser *p, struct span at,
    const struct filter_node *n, enum filter_type type,
    struct filter_value *ret);

/* IP '/' LEN, from the address on: the current token is the '/'. */
bool fp_prefix(struct conf_parser *p, const struct conf_token *ip,
    struct prefix *ret);
/* Behind the '['; up to and with the ']'. */
struct filter_node *fp_set(struct conf_parser *p, uint32_t line);
/* Items up to a token that is no ','; of case and of sets. */
bool fp_set_items(struct conf_parser *p, struct filter_set **ret_set,
    struct filter_prefixes **ret_prefixes);
/* Behind the '[='. */
struct filter_node *fp_mask(struct conf_parser *p, uint32_t line);
/* After '(' when "rt," and the like stand there: the kind of community. */
bool fp_ec_kind(struct conf_parser *p, uint32_t *ret);

/* TYPE, "int set" too; VOID when the current token begins none. */
enum filter_type fp_type(struct conf_parser *p);
/* A type with a name behind it: a declaration. */
bool fp_is_declaration(struct conf_parser *p);
struct conf_symbol *fp_declare(struct conf_parser *p, enum filter_type type,
    const struct conf_token *name);
/* A name that means nothing; "what" it is not.  Suggests a near one. */
void fp_unknown(struct conf_parser *p, const struct conf_token *t,
    const char *what);
/* Words that begin statements, in turn; NULL past the last. */
const char *fp_statement_word(unsigned i);
/* One statement, with its ';'.  NULL also for one that does nothing. */
struct filter_node *fp_statement(struct conf_parser *p);
/* { STATEMENT … }, in a scope of its own. */
struct filter_node *fp_block(struct conf_parser *p);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * Building programs: what the parser calls, one function for each form of
 * the language.
 *
 * A builder makes nodes in its arena.  Each call checks types as far as they
 * are known and folds what is constant.  It gives NULL, and says why in
 * b->error, when the program would be wrong; NULL for an argument gives NULL
 * and leaves the error alone, so that the caller asks once.
 *
 * Variables are slots of a frame, numbered by the caller: a function's
 * arguments first, then locals, which may share slots where their blocks do
 * not overlap.
 */
#ifndef WARREN_FILTER_BUILD_H
#define WARREN_FILTER_BUILD_H

#include "filter/attr.h"
#include "filter/mask.h"

struct filter;
struct filter_node;
struct filter_function;

#define FILTER_SLOTS_MAX	255	/* variables of one function */
#define FILTER_DEPTH_MAX	1000	/* operators within operators */

struct filter_build {
	struct arena *arena;
	char error[160];
};

/* Operators and methods.  The comment is how it is written. */
enum filter_op {
	FO_NONE,
	FO_ADD, FO_SUBTRACT, FO_MULTIPLY, FO_DIVIDE,	/* + - * / */
	FO_AND, FO_OR, FO_NOT,				/* && || ! */
	FO_EQ, FO_NEQ, FO_LT, FO_LE,	/* > and >= with arguments swapped */
	FO_MATCH, FO_NOT_MATCH,				/* ~ !~ */
	FO_CONCAT,					/* ++, append */
	FO_PAIR, FO_LC,			/* (a, b) (a, b, c) */
	FO_DEFINED, FO_FORMAT, FO_FROM_HEX,
	FO_IS_V4, FO_TYPE, FO_IP, FO_RD, FO_LEN, FO_MAXLEN, FO_ASN,
	FO_SRC, FO_DST, FO_IP_MASK, FO_FIRST, FO_LAST, FO_LAST_NONAGG,
	FO_DATA, FO_DATA1, FO_DATA2, FO_MIN, FO_MAX, FO_EMPTY,
	FO_PREPEND, FO_LIST_ADD, FO_DELETE, FO_FILTER,
	FO_ROA_CHECK,			/* with filter_build_roa() */
	/* Forms that have a function of their own below. */
	FO_CONST, FO_EC, FO_MASK, FO_MASK_ITEM, FO_ATTR, FO_ATTR_SET,
	FO_ATTR_UNSET, FO_VAR, FO_VAR_SET, FO_CALL, FO_DROP, FO_IF,
	FO_CASE, FO_FOR, FO_BLOCK, FO_PRINT, FO_RETURN, FO_END, FO_ALIKE,
	FO_NOPS
};

/* Nodes in a row: statements of a block, arguments of a call. */
struct filter_chain {
	struct filter_node *first, *last;
	unsigned n;
	bool broken;			/* one was NULL */
};

void filter_chain_add(struct filter_chain *c, struct filter_node *n);

enum filter_type filter_node_type(const struct filter_node *n);
unsigned filter_op_arity(enum filter_op op);
/* By name, "len": FO_NONE when there is none.  arity counts the object. */
enum filter_op filter_method_find(const char *name);
/* In turn, for hints: NULL past the last. */
const char *filter_method_at(unsigned i);

struct filter_node *filter_build_const(struct filter_build *b, uint32_t line,
    const struct filter_value *v);
/* As many of x, y, z as the operator takes. */
struct filter_node *filter_build_op(struct filter_build *b, uint32_t line,
    enum filter_op op, struct filter_node *x, struct filter_node *y,
    struct filter_node *z);

/* kind: type and subtype (2 is rt, 3 is ro), or FILTER_EC_GENERIC. */
#define FILTER_EC_GENERIC	0x10000u
struct filter_node *filter_build_ec(struct filter_build *b, uint32_t line,
    uint32_t kind, struct filter_node *key, struct filter_node *value);
/* False when value does not fit beside this key; key is an int or an IPv4. */
bool filter_ec(uint32_t kind, const struct filter_value *key, uint32_t value,
    uint64_t *ret);

/* One item of a mask that is known, and one that is an expression. */
struct filter_node *filter_build_mask_item(struct filter_build *b,
    uint32_t line, const struct filter_mask_item *it);
struct filter_node *filter_build_mask_expr(struct filter_build *b,
    uint32_t line, struct filter_node *x);
/* The item before has a "+" behind it.  False when that may not be. */
bool filter_mask_loop(struct filter_build *b, struct filter_chain *items);
struct filter_node *filter_build_mask(struct filter_build *b, uint32_t line,
    struct filter_chain *items);

/* roa_check(table), or (table, net, asn) where both are given. */
struct filter_node *filter_build_roa(struct filter_build *b, uint32_t line,
    const char *table, struct filter_node *net, struct filter_node *asn);

struct filter_node *filter_build_attr(struct filter_build *b, uint32_t line,
    const struct filter_attr *at);
struct filter_node *filter_build_attr_set(struct filter_build *b,
    uint32_t line, const struct filter_attr *at, struct filter_node *x);
struct filter_node *filter_build_attr_unset(struct filter_build *b,
    uint32_t line, const struct filter_attr *at);

struct filter_node *filter_build_var(struct filter_build *b, uint32_t line,
    unsigned slot, enum filter_type type);
struct filter_node *filter_build_var_set(struct filter_build *b,
    uint32_t line, unsigned slot, enum filter_type type,
    struct filter_node *x);
/* What a variable is that nobody has set: empty list, or VOID. */
struct filter_node *filter_build_unset(struct filter_build *b, uint32_t line,
    enum filter_type type);

struct filter_node *filter_build_call(struct filter_build *b, uint32_t line,
    const struct filter_function *fn, struct filter_chain *args);
struct filter_node *filter_build_drop(struct filter_build *b, uint32_t line,
    struct filter_node *x);
/* otherwise may be NULL: none. */
struct filter_node *filter_build_if(struct filter_build *b, uint32_t line,
    struct filter_node *cond, struct filter_node *then,
    struct filter_node *otherwise, bool has_otherwise);

/* A clause of case; set is NULL for else. */
struct filter_arm {
	struct filter_arm *next;
	const struct filter_set *set;
	const struct filter_prefixes *prefixes;
	bool otherwise;
	const struct filter_node *body;
};

struct filter_node *filter_build_case(struct filter_build *b, uint32_t line,
    struct filter_node *x, struct filter_arm *arms);
struct filter_node *filter_build_for(struct filter_build *b, uint32_t line,
    unsigned slot, enum filter_type type, struct filter_node *over,
    struct filter_node *body);
struct filter_node *filter_build_block(struct filter_build *b, uint32_t line,
    struct filter_chain *c);
struct filter_node *filter_build_print(struct filter_build *b, uint32_t line,
    struct filter_chain *args, bool newline);
/* In a filter x must be a bool: accept or reject. */
struct filter_node *filter_build_return(struct filter_build *b, uint32_t line,
    struct filter_node *x);
struct filter_node *filter_build_end(struct filter_build *b, uint32_t line,
    bool accept, struct filter_chain *message);

/*
 * A function, known from its head on so that it may call itself.
 * filter_function_end() gives it its body.
 */
struct filter_function *filter_function_new(struct filter_build *b,
    const char *name);
bool filter_function_arg(struct filter_build *b, struct filter_function *fn,
    enum filter_type type);
void filter_function_returns(struct filter_function *fn,
    enum filter_type type);
/* VOID when it has not been said. */
enum filter_type filter_function_type(const struct filter_function *fn);
void filter_function_end(struct filter_function *fn,
    const struct filter_node *body, unsigned slots);

/* name may be NULL.  The body of a WHERE or an EXPR is an expression. */
enum filter_kind {
	FILTER_BODY, FILTER_WHERE, FILTER_EXPR
};

struct filter *filter_build_program(struct filter_build *b, const char *name,
    enum filter_kind kind, struct filter_node *body, unsigned slots);

/* The value of a constant expression; in the builder's arena. */
bool filter_eval_const(struct filter_build *b, const struct filter_node *n,
    struct filter_value *ret);
/*
 * Makes a constant of another type where the language does so by itself: an
 * IPv4 address to a quad, [] to a prefix set.  False: it has not that type.
 */
bool filter_value_promote(struct filter_build *b, struct filter_value *v,
    enum filter_type type);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * Statements of filters and functions.
 */
#include "conf/filter_impl.h"

#include "filter/prefixes.h"
#include "filter/set.h"

static struct fp_body *
body_of(struct conf_parser *p)
{
	return p->filter_state;
}

static const struct {
	const char *name;
	enum filter_type type;
} types[] = {
	{ "int", FT_INT }, { "bool", FT_BOOL }, { "ip", FT_IP },
	{ "prefix", FT_PREFIX }, { "rd", FT_RD }, { "pair", FT_PAIR },
	{ "quad", FT_QUAD }, { "ec", FT_EC }, { "lc", FT_LC },
	{ "string", FT_STRING }, { "bytestring", FT_BYTESTRING },
	{ "bgpmask", FT_MASK }, { "bgppath", FT_PATH },
	{ "clist", FT_CLIST }, { "eclist", FT_ECLIST },
	{ "lclist", FT_LCLIST },
};

/* enum NAME, for what BIRD calls its enumerations. */
static const struct {
	const char *name;
	enum filter_type type;
} enums[] = {
	{ "rts", FT_ENUM_RTS }, { "rtd", FT_ENUM_RTD },
	{ "scope", FT_ENUM_SCOPE }, { "bgp_origin", FT_ENUM_ORIGIN },
	{ "roa", FT_ENUM_ROA }, { "net_type", FT_ENUM_NET },
	{ "nettype", FT_ENUM_NET },
	{ "af", FT_ENUM_AF },
};

static enum filter_type
type_word(const struct conf_token *t)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (t->kind == TOK_WORD &&
		    bytes_eq(t->text, bytes_str(types[i].name)))
			return types[i].type;
	return FT_VOID;
}

static enum filter_type
enum_type(struct conf_parser *p)
{
	struct conf_token t;

	if (!conf_expect_name(p, "an enumeration", &t))
		return FT_VOID;
	for (size_t i = 0; i < sizeof(enums) / sizeof(enums[0]); i++)
		if (bytes_eq(t.text, bytes_str(enums[i].name)))
			return enums[i].type;
	conf_error(p, t.at, "no enumeration '%.*s'", (int)t.text.n,
	    (const char *)t.text.p);
	return FT_VOID;
}

enum filter_type
fp_type(struct conf_parser *p)
{
	enum filter_type type = FT_VOID;

	if (p->failed)
		return FT_VOID;
	if (conf_accept_word(p, "enum"))
		type = enum_type(p);
	else if ((type = type_word(&p->tok)) != FT_VOID)
		conf_take(p);
	if (type == FT_VOID || !conf_accept_word(p, "set"))
		return type;
	if (type == FT_PREFIX)
		return FT_PREFIX_SET;
	if (!filter_type_in_set(type)) {
		conf_error(p, p->last, "there are no sets of %s",
		    filter_type_name(type));
		return FT_VOID;
	}
	return FT_SET;
}

bool
fp_is_declaration(struct conf_parser *p)
{
	int next;

	if (p->failed || (type_word(&p->tok) == FT_VOID &&
	    !conf_is_word(p, "enum")))
		return false;
	next = conf_peek2(p)->kind;
	return next == TOK_WORD || next == TOK_QUOTED;
}

struct conf_symbol *
fp_declare(struct conf_parser *p, enum filter_type type,
    const struct conf_token *name)
{
	struct conf_symbol *y;

	if (p->failed)
		return NULL;
	if (p->scope->slots >= FILTER_SLOTS_MAX) {
		conf_error(p, name->at, "more than %u variables",
		    FILTER_SLOTS_MAX);
		return NULL;
	}
	y = conf_symbol_define(p, name, CONF_SYM_VARIABLE);
	if (!y)
		return NULL;
	y->type = (uint8_t)type;
	y->slot = p->scope->slots++;
	if (p->scope->slots > body_of(p)->slots)
		body_of(p)->slots = p->scope->slots;
	return y;
}

/* TYPE NAME; or TYPE NAME = EXPR; */
static struct filter_node *
declaration(struct conf_parser *p)
{
	struct filter_build b = { .arena = p->arena };
	enum filter_type type = fp_type(p);
	struct filter_node *x, *n = NULL;
	struct conf_symbol *y;
	struct conf_token name;

	if (!conf_expect_name(p, "a name", &name))
		return NULL;
	/* Its own value does not see it: int x = x + 1 is about another. */
	x = conf_accept(p, '=') ? fp_expr(p, FP_ANY) :
	    filter_build_unset(&b, name.at.line, type);
	y = fp_declare(p, type, &name);
	if (y && x)
		n = fp_checked(p, name.at, &b, filter_build_var_set(&b,
		    name.at.line, y->slot, type, x));
	conf_expect(p, ';');
	return n;
}

/* "else:" is a clause of case, not the other half of an if. */
static bool
accept_else(struct conf_parser *p)
{
	if (!conf_is_word(p, "else") || conf_peek2(p)->kind == ':')
		return false;
	conf_take(p);
	return true;
}

/* A statement that is alone has a scope of its own, too. */
static struct filter_node *
branch(struct conf_parser *p)
{
	struct filter_build b = { .arena = p->arena };
	struct filter_chain c = { .first = NULL };
	const struct span at = p->tok.at;

	if (p->failed)
		return NULL;
	if (conf_is(p, '{'))
		return fp_block(p);
	conf_scope_push(p);
	if (!conf_accept(p, ';'))
		filter_chain_add(&c, fp_statement(p));
	conf_scope_pop(p);
	return fp_checked(p, at, &b, filter_build_block(&b, at.line, &c));
}

#define ELSES_MAX	(FILTER_DEPTH_MAX / 2)

static struct filter_node *
if_statement(struct conf_parser *p)
{
	struct filter_build b = { .arena = p->arena };
	struct filter_node *cond, *then, *other = NULL;
	const struct span at = p->last;
	bool has;

	cond = fp_expr(p, FP_ANY);
	if (!conf_expect_word(p, "then"))
		return NULL;
	then = branch(p);
	has = accept_else(p);
	if (has && conf_accept_word(p, "if")) {
		if (++body_of(p)->elses > ELSES_MAX)
			conf_error(p, p->last, "more than %u times else if",
			    ELSES_MAX);
		else
			other = if_statement(p);
		body_of(p)->elses--;
	} else if (has) {
		other = branch(p);
	}
	return fp_checked(p, at, &b, filter_build_if(&b, at.line, cond, then,
	    other, has));
}

/* for [TYPE] NAME in EXPR do STATEMENT */
static struct filter_node *
for_statement(struct conf_parser *p)
{
	struct filter_build b = { .arena = p->arena };
	const struct span at = p->last;
	bool declares = fp_is_declaration(p);
	enum filter_type type = declares ? fp_type(p) : FT_VOID;
	const struct conf_symbol *y;
	struct filter_node *over, *n;
	struct conf_token name;

	if (!conf_expect_name(p, "a loop variable", &name) ||
	    !conf_expect_word(p, "in"))
		return NULL;
	over = fp_expr(p, FP_ANY);
	if (!conf_expect_word(p, "do"))
		return NULL;
	conf_scope_push(p);
	y = declares ? fp_declare(p, type, &name) :
	    fp_value_symbol(p, &name);
	if (!p->failed && (!y || y->kind != CONF_SYM_VARIABLE))
		conf_error(p, name.at, "'%.*s' is no variable",
		    (int)name.text.n, (const char *)name.text.p);
	n = branch(p);
	conf_scope_pop(p);
	if (p->failed)
		return NULL;
	return fp_checked(p, conf_span_from(p, at), &b, filter_build_for(&b,
	    at.line, y->slot, y->type, over, n));
}

/* One that is skipped, for it is not served, is no mistake. */
static void
add_statement(struct conf_parser *p, struct filter_chain *c)
{
	struct filter_node *n = fp_statement(p);

	if (n || !p->skipping)
		filter_chain_add(c, n);
}

/* Does a clause of case begin here?  Constants begin no statement. */
static bool
at_clause(struct conf_parser *p)
{
	const struct conf_symbol *y;
	struct filter_value v;

	if (p->failed)
		return false;
	switch (p->tok.kind) {
	case TOK_NUMBER: case TOK_IP: case TOK_RD: case '(': case '!':
	case '-': case '+':
		return true;
	case TOK_WORD:
		if (conf_is_word(p, "else"))
			return conf_peek2(p)->kind == ':';
		if (fp_enum(&p->tok, &v))
			return true;
		y = fp_value_symbol(p, &p->tok);
		return y && y->kind == CONF_SYM_CONSTANT;
	default:
		return false;
	}
}

/* Statements up to the next clause. */
static struct filter_node *
clause_body(struct conf_parser *p)
{
	struct filter_build b = { .arena = p->arena };
	struct filter_chain c = { .first = NULL };
	const struct span at = p->tok.at;

	conf_scope_push(p);
	while (!conf_at_end(p, '}') && !at_clause(p)) {
		if (!conf_accept(p, ';'))
			add_statement(p, &c);
		if (p->failed)
			conf_skip_statement(p);
	}
	conf_scope_pop(p);
	return fp_checked(p, at, &b, filter_build_block(&b, at.line, &c));
}

static bool
clause(struct conf_parser *p, enum filter_type type, struct filter_arm *arm)
{
	const struct span at = p->tok.at;
	struct filter_prefixes *prefixes = NULL;
	struct filter_set *set = NULL;
	struct filter_value probe = { .type = (uint8_t)type };

	if (conf_accept_word(p, "else"))
		arm->otherwise = true;
	else if (!fp_set_items(p, &set, &prefixes))
		return false;
	arm->set = set;
	arm->prefixes = prefixes;
	if (type != FT_VOID && set && type != FT_IP && type != FT_QUAD &&
	    !filter_set_takes(set, &probe)) {
		conf_error(p, conf_span_from(p, at), "case of %s, not %s",
		    filter_type_name(type), filter_type_name(set->type));
		return false;
	}
	if (!conf_expect(p, ':'))
		return false;
	arm->body = clause_body(p);
	return arm->body != NULL;
}

static struct filter_node *
case_statement(struct conf_parser *p)
{
	struct filter_build b = { .arena = p->arena };
	struct filter_arm *first = NULL, **end = &first;
	const struct span at = p->last;
	struct filter_node *x = fp_expr(p, FP_ANY);
	bool broken = false;

	if (!conf_expect(p, '{') || !conf_nest(p))
		return NULL;
	while (!conf_at_end(p, '}')) {
		struct filter_arm *arm = conf_new(p, struct filter_arm);

		if (!arm || !x || !clause(p, filter_node_type(x), arm)) {
			broken = true;
			conf_skip_statement(p);
			continue;
		}
		*end = arm;
		end = &arm->next;
	}
	conf_unnest(p);
	if (!conf_expect(p, '}') || broken)
		return NULL;
	return fp_checked(p, conf_span_from(p, at), &b,
	    filter_build_case(&b, at.line, x, first));
}

static struct filter_node *
return_statement(struct conf_parser *p)
{
	struct filter_build b = { .arena = p->arena };
	const struct span at = p->last;
	struct fp_body *body = body_of(p);
	struct filter_node *x = NULL;
	enum filter_type want, got;

	if (!conf_is(p, ';')) {
		x = fp_expr(p, FP_ANY);
		if (!x)
			return NULL;
	}
	want = !body->fn ? FT_BOOL : filter_function_type(body->fn);
	got = x ? filter_node_type(x) : FT_VOID;
	if (want != FT_VOID && (got != FT_VOID || !x) && got != want) {
		conf_error(p, conf_span_from(p, at),
		    "cannot return %s here, but %s", filter_type_name(got),
		    filter_type_name(want));
		return NULL;
	}
	return fp_checked(p, at, &b, filter_build_return(&b, at.line, x));
}

static struct filter_node *
unset_statement(struct conf_parser *p)
{
	struct filter_build b = { .arena = p->arena };
	const struct filter_attr *at;
	struct conf_token t;

	if (!conf_expect(p, '(') || !conf_expect_name(p, "an attribute", &t))
		return NULL;
	at = fp_attr(p, &t);
	if (!at) {
		conf_error(p, t.at, "'%.*s' is no attribute", (int)t.text.n,
		    (const char *)t.text.p);
		return NULL;
	}
	if (!conf_expect(p, ')'))
		return NULL;
	return fp_checked(p, t.at, &b,
	    filter_build_attr_unset(&b, t.at.line, at));
}

/* What stands on the left of "=": exactly one of them is set. */
struct target {
	struct conf_token name;
	const struct conf_symbol *var;
	const struct filter_attr *attr;
};

static struct filter_node *
target_get(struct conf_parser *p, struct filter_build *b,
    const struct target *t)
{
	return fp_checked(p, t->name.at, b, t->attr ?
	    filter_build_attr(b, t->name.at.line, t->attr) :
	    filter_build_var(b, t->name.at.line, t->var->slot,
	    t->var->type));
}

static struct filter_node *
target_set(struct conf_parser *p, struct filter_build *b,
    const struct target *t, struct filter_node *x)
{
	return fp_checked(p, conf_span_from(p, t->name.at), b, t->attr ?
	    filter_build_attr_set(b, t->name.at.line, t->attr, x) :
	    filter_build_var_set(b, t->name.at.line, t->var->slot,
	    t->var->type, x));
}

/* TARGET = EXPR, or TARGET.METHOD(…), which keeps the result. */
static struct filter_node *
assignment(struct conf_parser *p, const struct target *t)
{
	struct filter_build b = { .arena = p->arena };
	struct filter_node *x;

	if (conf_accept(p, '=')) {
		x = fp_expr(p, FP_ANY);
		return target_set(p, &b, t, x);
	}
	if (!conf_is(p, '.')) {
		conf_unexpected(p, "'=' or a method");
		return NULL;
	}
	x = target_get(p, &b, t);
	while (conf_accept(p, '.'))
		x = fp_method(p, x);
	return target_set(p, &b, t, x);
}

static const char *const words[] = {
	"if", "for", "case", "return", "accept", "reject", "print", "printn",
	"unset", "int", "bool", "ip", "prefix", "pair", "quad", "ec", "lc",
	"string", "bgppath", "clist", "eclist", "lclist",
};

const char *
fp_statement_word(unsigned i)
{
	return i < sizeof(words) / sizeof(words[0]) ? words[i] : NULL;
}

static struct filter_node *
named_statement(struct conf_parser *p)
{
	struct filter_build b = { .arena = p->arena };
	struct target t = { .name = p->tok };
	const struct conf_symbol *y;

	if (!conf_is_name(p)) {
		conf_unexpected(p, "a statement");
		return NULL;
	}
	conf_take(p);
	y = fp_value_symbol(p, &t.name);
	if (y && y->kind == CONF_SYM_FUNCTION && y->function)
		return fp_checked(p, t.name.at, &b, filter_build_drop(&b,
		    t.name.at.line, fp_call(p, t.name, y->function)));
	if (y && y->kind == CONF_SYM_VARIABLE)
		t.var = y;
	else
		t.attr = fp_attr(p, &t.name);
	if (t.var || t.attr)
		return assignment(p, &t);
	fp_unknown(p, &t.name, "no statement, and nothing that can be set");
	return NULL;
}

static struct filter_node *
print_statement(struct conf_parser *p, bool newline)
{
	struct filter_build b = { .arena = p->arena };
	const struct span at = p->last;
	struct filter_chain args;

	fp_args(p, ';', &args);
	return fp_checked(p, at, &b, filter_build_print(&b, at.line, &args,
	    newline));
}

static struct filter_node *
end_statement(struct conf_parser *p, bool accept)
{
	struct filter_build b = { .arena = p->arena };
	const struct span at = p->last;
	struct filter_chain args;

	fp_args(p, ';', &args);
	return fp_checked(p, at, &b, filter_build_end(&b, at.line, accept,
	    &args));
}

/* The ones that end with a ';'. */
static struct filter_node *
simple_statement(struct conf_parser *p)
{
	if (conf_accept_word(p, "accept"))
		return end_statement(p, true);
	if (conf_accept_word(p, "reject") || conf_accept_word(p, "error"))
		return end_statement(p, false);
	if (conf_accept_word(p, "return"))
		return return_statement(p);
	if (conf_accept_word(p, "print"))
		return print_statement(p, true);
	if (conf_accept_word(p, "printn"))
		return print_statement(p, false);
	if (conf_is_word(p, "unset") && conf_peek2(p)->kind == '(') {
		conf_take(p);
		return unset_statement(p);
	}
	return named_statement(p);
}

static struct filter_node *
compound_or_simple(struct conf_parser *p)
{
	struct filter_node *n;

	if (conf_is(p, '{'))
		return fp_block(p);
	if (conf_accept_word(p, "if"))
		return if_statement(p);
	if (conf_accept_word(p, "for"))
		return for_statement(p);
	if (conf_accept_word(p, "case"))
		return case_statement(p);
	if (fp_is_declaration(p))
		return declaration(p);
	n = simple_statement(p);
	if (!p->failed && !conf_accept(p, ';'))
		conf_unexpected(p, "';'");
	return n;
}

struct filter_node *
fp_statement(struct conf_parser *p)
{
	struct filter_node *n;

	if (p->failed || !conf_nest(p))
		return NULL;
	n = compound_or_simple(p);
	conf_unnest(p);
	return n;
}

struct filter_node *
fp_block(struct conf_parser *p)
{
	struct filter_build b = { .arena = p->arena };
	struct filter_chain c = { .first = NULL };
	const struct span at = p->tok.at;

	if (!conf_expect(p, '{'))
		return NULL;
	conf_scope_push(p);
	while (!conf_at_end(p, '}')) {
		if (conf_accept(p, ';'))
			continue;
		add_statement(p, &c);
		if (p->failed)
			conf_skip_statement(p);
	}
	conf_scope_pop(p);
	if (!conf_expect(p, '}') || c.broken)
		return NULL;
	return fp_checked(p, at, &b, filter_build_block(&b, at.line, &c));
}

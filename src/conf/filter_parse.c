/* SPDX-License-Identifier: ISC */
/*
 * Definitions: filters, functions, constants, attributes, and filters in
 * place.
 */
#include "conf/filter_parse.h"

#include "conf/filter_impl.h"
#include "conf/value.h"
#include "filter/filter.h"

/* A name for something global; one that is taken is an error. */
static struct conf_symbol *
define(struct conf_parser *p, const char *what, enum conf_symbol_kind kind)
{
	struct conf_token name;

	if (!conf_expect_name(p, what, &name))
		return NULL;
	return conf_symbol_define(p, &name, kind);
}

/* Variables in front of the '{', as BIRD 1 had them. */
static void
early_variables(struct conf_parser *p, struct filter_chain *c)
{
	while (fp_is_declaration(p))
		filter_chain_add(c, fp_statement(p));
}

/* [VARIABLES] { … }, in the scope that has the arguments. */
static struct filter_node *
body(struct conf_parser *p)
{
	struct filter_build b = { .arena = p->arena };
	struct filter_chain c = { .first = NULL };
	const struct span at = p->tok.at;

	early_variables(p, &c);
	filter_chain_add(&c, fp_block(p));
	if (p->failed || c.broken)
		return NULL;
	if (c.n == 1)
		return c.first;
	return fp_checked(p, at, &b, filter_build_block(&b, at.line, &c));
}

static const struct filter *
program(struct conf_parser *p, const char *name, enum filter_kind kind)
{
	struct filter_build b = { .arena = p->arena };
	struct fp_body state = { .fn = NULL };
	void *outer = p->filter_state;
	const struct span at = p->tok.at;
	struct filter_node *n;
	const struct filter *f;

	p->filter_state = &state;
	conf_scope_push(p);
	p->scope->slots = 0;
	n = kind == FILTER_BODY ? body(p) : fp_expr(p, FP_ANY);
	conf_scope_pop(p);
	p->filter_state = outer;
	if (!n || p->failed)
		return NULL;
	f = filter_build_program(&b, name, kind, n, state.slots);
	if (!f)
		conf_error(p, conf_span_from(p, at), "%s", b.error);
	return f;
}

void
conf_parse_filter(struct conf_parser *p)
{
	struct conf_symbol *y = define(p, "the name of a filter",
	    CONF_SYM_FILTER);

	if (y)
		y->filter = program(p, y->name, FILTER_BODY);
}

/* TYPE NAME; TYPE NAME … up to the ')' */
static void
arguments(struct conf_parser *p, struct filter_function *fn)
{
	struct filter_build b = { .arena = p->arena };
	enum filter_type type;
	struct conf_token name;

	if (!conf_expect(p, '(') || conf_accept(p, ')'))
		return;
	do {
		type = fp_type(p);
		if (type == FT_VOID)
			conf_unexpected(p, "a type");
		if (!conf_expect_name(p, "the name of an argument", &name) ||
		    !fp_declare(p, type, &name))
			return;
		if (!filter_function_arg(&b, fn, type))
			conf_error(p, name.at, "%s", b.error);
	} while (conf_accept(p, ';') || conf_accept(p, ','));
	conf_expect(p, ')');
}

/* -> TYPE */
static void
returns(struct conf_parser *p, struct filter_function *fn)
{
	enum filter_type type;

	if (!conf_accept(p, '-') || !conf_expect(p, '>'))
		return;
	type = fp_type(p);
	if (type == FT_VOID)
		conf_unexpected(p, "a type");
	filter_function_returns(fn, type);
}

void
conf_parse_function(struct conf_parser *p)
{
	struct filter_build b = { .arena = p->arena };
	struct conf_symbol *y = define(p, "the name of a function",
	    CONF_SYM_FUNCTION);
	struct fp_body state = { .fn = NULL };
	struct filter_node *n;

	if (!y)
		return;
	state.fn = filter_function_new(&b, y->name);
	if (!state.fn) {
		conf_no_memory(p);
		return;
	}
	y->function = state.fn;
	p->filter_state = &state;
	conf_scope_push(p);
	p->scope->slots = 0;
	arguments(p, state.fn);
	returns(p, state.fn);
	n = body(p);
	conf_scope_pop(p);
	p->filter_state = NULL;
	if (n)
		filter_function_end(state.fn, n, state.slots);
}

void
conf_parse_define(struct conf_parser *p)
{
	struct conf_token name;
	struct filter_value *v;
	struct conf_symbol *y;

	/* The value first: a constant cannot be made of itself. */
	if (!conf_expect_name(p, "the name of a constant", &name) ||
	    !conf_expect(p, '='))
		return;
	v = conf_new(p, struct filter_value);
	if (!v || !conf_parse_const(p, FT_VOID, v))
		return;
	y = conf_symbol_define(p, &name, CONF_SYM_CONSTANT);
	if (!y)
		return;
	y->type = v->type;
	y->value = v;
}

static bool
number_taken(const struct config *c, unsigned number)
{
	const struct conf_attribute *a = c->attributes;

	while (a && a->id != filter_attr_id(number))
		a = a->next;
	return a != NULL;
}

/*
 * Appends; numbers come from names, so that a reload finds them again.
 * code: BGP's, or 0.
 */
static struct conf_attribute *
attribute_new(struct conf_parser *p, struct conf_symbol *y, uint8_t code)
{
	struct conf_attribute **end = &p->config->attributes;
	struct conf_attribute *a = conf_new(p, struct conf_attribute);
	unsigned number = filter_attr_number(y->name);

	if (!a)
		return NULL;
	while (number_taken(p->config, number))
		number = (number + 1) % FILTER_ATTR_USERS;
	while (*end)
		end = &(*end)->next;
	*end = a;
	a->name = y->name;
	a->at = y->at;
	a->id = code != 0 ? code : filter_attr_id(number);
	a->type = (uint8_t)filter_attr_wire(y->type);
	return a;
}

const struct conf_symbol *
conf_declare_attribute(struct conf_parser *p, const struct conf_token *name,
    enum filter_type type)
{
	struct conf_symbol *y = conf_symbol_define(p, name,
	    CONF_SYM_ATTRIBUTE);

	if (!y)
		return NULL;
	y->type = (uint8_t)type;
	y->attribute = attribute_new(p, y, 0);
	return y;
}

/* MP_REACH_NLRI and _UNREACH_NLRI, AS4_PATH and _AGGREGATOR, or named. */
static bool
is_bgps_own(uint32_t code)
{
	return code == 14 || code == 15 || code == 17 || code == 18 ||
	    filter_attr_by_id((uint16_t)code) != NULL;
}

/* bgp CODE bytestring NAME: one that BGP carries and nothing here knows. */
static void
bgp_attribute(struct conf_parser *p)
{
	const struct span at = p->tok.at;
	struct conf_token name;
	struct conf_symbol *y;
	uint32_t code;

	if (!conf_number_in(p, 1, 255, &code))
		return;
	if (is_bgps_own(code)) {
		conf_error(p, at, "Warren knows attribute %u of BGP itself",
		    (unsigned)code);
		return;
	}
	if (!conf_expect_word(p, "bytestring") ||
	    !conf_expect_name(p, "the name of an attribute", &name))
		return;
	y = conf_symbol_define(p, &name, CONF_SYM_ATTRIBUTE);
	if (y == NULL)
		return;
	y->type = FT_BYTESTRING;
	y->attribute = attribute_new(p, y, (uint8_t)code);
}

void
conf_parse_attribute(struct conf_parser *p)
{
	const struct span at = p->tok.at;
	enum filter_type type;
	struct conf_token name;

	if (conf_accept_word(p, "bgp")) {
		bgp_attribute(p);
		return;
	}
	type = fp_type(p);
	if (type == FT_VOID) {
		conf_unexpected(p, "the type of an attribute");
		return;
	}
	if (!filter_attr_wire(type)) {
		conf_error(p, at, "attributes cannot be of type %s",
		    filter_type_name(type));
		return;
	}
	if (conf_expect_name(p, "the name of an attribute", &name))
		conf_declare_attribute(p, &name, type);
}

void
conf_parse_eval(struct conf_parser *p)
{
	const struct span at = p->tok.at;
	struct filter_value v;
	struct text t;

	if (!conf_parse_const(p, FT_VOID, &v))
		return;
	text_init(&t, 4096);
	filter_value_text(&v, &t);
	conf_warn(p, conf_span_from(p, at), "%s", t.s);
	text_done(&t);
}

const struct filter *
conf_parse_filter_use(struct conf_parser *p, const char **ret_name)
{
	const struct conf_symbol *y;
	struct conf_token t;

	*ret_name = NULL;
	if (p->failed)
		return NULL;
	if (conf_is(p, '{') || fp_is_declaration(p))
		return program(p, NULL, FILTER_BODY);
	if (!conf_expect_name(p, "a filter", &t))
		return NULL;
	y = conf_symbol_find(p, t.text);
	if (!y || y->kind != CONF_SYM_FILTER) {
		conf_error(p, t.at, "there is no filter '%.*s'",
		    (int)t.text.n, (const char *)t.text.p);
		return NULL;
	}
	*ret_name = y->name;
	if (!y->filter)			/* it had an error, told already */
		p->failed = p->failed || diag_errors(p->diags) == 0;
	return y->filter;
}

const struct filter *
conf_parse_where(struct conf_parser *p)
{
	return p->failed ? NULL : program(p, NULL, FILTER_WHERE);
}

static bool
parse_const(struct conf_parser *p, enum filter_type type, bool atom,
    struct filter_value *ret)
{
	const struct span at = p->tok.at;

	if (p->failed)
		return false;
	return fp_const(p, at, atom ? fp_operand(p) : fp_expr(p, FP_ANY),
	    type, ret);
}

bool
conf_parse_const(struct conf_parser *p, enum filter_type type,
    struct filter_value *ret)
{
	return parse_const(p, type, false, ret);
}

bool
conf_parse_const_atom(struct conf_parser *p, enum filter_type type,
    struct filter_value *ret)
{
	return parse_const(p, type, true, ret);
}

/* The names of a configuration, once more, in the parser's global scope. */
static bool
borrow_symbols(struct conf_parser *p, const struct config *c)
{
	for (const struct conf_symbol *y = c->symbols; y; y = y->next) {
		const struct conf_token name = { .kind = TOK_WORD,
		    .text = bytes_str(y->name), .at = y->at };
		struct conf_symbol *mine = conf_symbol_define(p, &name,
		    y->kind);

		if (!mine)
			return false;
		mine->type = y->type;
		mine->def = y->def;
		mine->slot = y->slot;
	}
	return true;
}

static const struct filter *
parse_text(struct conf_parser *p, enum conf_filter_text kind)
{
	const struct filter *f = NULL;
	const char *name;

	conf_take(p);
	if (kind == CONF_TEXT_FILTER)
		f = conf_parse_filter_use(p, &name);
	else
		f = program(p, NULL, kind == CONF_TEXT_WHERE ? FILTER_WHERE :
		    FILTER_EXPR);
	conf_accept(p, ';');
	if (f && !conf_is(p, TOK_EOF))
		conf_unexpected(p, "nothing more");
	return p->failed || diag_errors(p->diags) ? NULL : f;
}

/* A command may not include anything. */
static bool
no_read(void *ctx, const char *path, struct text *ret, const char **ret_why)
{
	(void)ctx;
	(void)path;
	(void)ret;
	*ret_why = "not from here";
	return false;
}

static bool
no_glob(void *ctx, const char *pattern,
    bool (*each)(void *arg, const char *path), void *arg,
    const char **ret_why)
{
	(void)ctx;
	(void)pattern;
	(void)each;
	(void)arg;
	*ret_why = "not from here";
	return false;
}

const struct filter *
conf_filter_text(const struct config *c, enum conf_filter_text kind,
    struct bytes text, struct arena *arena, struct diag_list *diags)
{
	static const struct conf_io no_files = { .read = no_read,
	    .glob = no_glob };
	struct config scratch = { .arena = arena };
	struct conf_parser p = { .config = &scratch, .arena = arena,
	    .diags = diags, .io = &no_files };
	const struct filter *f = NULL;

	p.symbols_end = &scratch.symbols;
	p.lexer = conf_lexer_new(&no_files, diags);
	conf_scope_push(&p);
	p.global = p.scope;
	if (p.lexer && p.global && borrow_symbols(&p, c) &&
	    conf_lexer_text(p.lexer, "command", text))
		f = parse_text(&p, kind);
	conf_lexer_free(p.lexer);
	return f;
}

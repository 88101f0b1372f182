/* SPDX-License-Identifier: ISC */
/*
 * Expressions: operands with their methods, and a loop over operators that
 * asks of each how strongly it binds.
 */
#include "conf/filter_impl.h"
#include "conf/unserved.h"

#include <string.h>

struct filter_node *
fp_checked(struct conf_parser *p, struct span at,
    const struct filter_build *b, struct filter_node *n)
{
	if (n)
		return n;
	if (b->error[0] != '\0' && !p->failed)
		conf_complain(p, at, "%s", b->error);
	return NULL;
}

const char *
fp_name(const struct conf_token *t, char buf[FP_NAME])
{
	size_t n = t->text.n < FP_NAME ? t->text.n : 0;

	if (n)
		memcpy(buf, t->text.p, n);
	buf[n] = '\0';
	return buf;
}

static struct filter_node *
constant(struct conf_parser *p, const struct conf_token *t,
    struct filter_value v)
{
	struct filter_build b = { .arena = p->arena };

	return fp_checked(p, t->at, &b, filter_build_const(&b, t->at.line,
	    &v));
}

bool
fp_const(struct conf_parser *p, struct span at, const struct filter_node *n,
    enum filter_type type, struct filter_value *ret)
{
	struct filter_build b = { .arena = p->arena };

	if (!n || p->failed) {
		p->failed = true;	/* told already */
		return false;
	}
	if (!filter_eval_const(&b, n, ret)) {
		conf_error(p, conf_span_from(p, at), "%s", b.error);
		return false;
	}
	if (type == FT_VOID || filter_value_promote(&b, ret, type))
		return true;
	conf_error(p, conf_span_from(p, at), "expected %s, got %s",
	    filter_type_name(type), filter_type_name(ret->type));
	return false;
}

bool
fp_enum(const struct conf_token *t, struct filter_value *ret)
{
	char name[FP_NAME];

	return t->kind == TOK_WORD && filter_enum_find(fp_name(t, name), ret);
}

const struct conf_symbol *
fp_value_symbol(const struct conf_parser *p, const struct conf_token *t)
{
	const struct conf_symbol *y;

	if (t->kind != TOK_WORD && t->kind != TOK_QUOTED)
		return NULL;
	y = conf_symbol_find(p, t->text);
	if (!y)
		return NULL;
	switch (y->kind) {
	case CONF_SYM_CONSTANT: case CONF_SYM_VARIABLE:
	case CONF_SYM_ATTRIBUTE: case CONF_SYM_FUNCTION:
		return y;
	default:
		return NULL;
	}
}

const struct filter_attr *
fp_attr(struct conf_parser *p, const struct conf_token *t)
{
	const struct conf_symbol *y = fp_value_symbol(p, t);
	const struct filter_attr *known;
	struct filter_attr *at;
	char name[FP_NAME];

	if (!y && t->kind == TOK_WORD &&
	    (known = filter_attr_find(fp_name(t, name))) != NULL)
		return known;
	if (!y)
		y = conf_unserved_attr(p, t);
	if (!y || y->kind != CONF_SYM_ATTRIBUTE || !y->attribute)
		return NULL;
	at = conf_new(p, struct filter_attr);
	if (at)
		*at = filter_attr_user(y->name, y->type,
		    y->attribute->id);
	return at;
}

void
fp_args(struct conf_parser *p, int close, struct filter_chain *ret)
{
	*ret = (struct filter_chain){ .first = NULL };
	if (conf_is(p, close))
		return;
	do {
		filter_chain_add(ret, fp_expr(p, FP_ANY));
	} while (conf_accept(p, ','));
	ret->broken = ret->broken || p->failed;
}

struct filter_node *
fp_call(struct conf_parser *p, struct conf_token name,
    const struct filter_function *fn)
{
	struct filter_build b = { .arena = p->arena };
	struct filter_chain args;

	if (!conf_expect(p, '('))
		return NULL;
	fp_args(p, ')', &args);
	if (!conf_expect(p, ')'))
		return NULL;
	return fp_checked(p, conf_span_from(p, name.at), &b,
	    filter_build_call(&b, name.at.line, fn, &args));
}

/* NAME(x, y): what may also be written x.NAME(y). */
static const struct {
	const char *name;
	enum filter_op op;
} calls[] = {
	{ "defined", FO_DEFINED }, { "prepend", FO_PREPEND },
	{ "append", FO_CONCAT }, { "add", FO_LIST_ADD },
	{ "delete", FO_DELETE }, { "filter", FO_FILTER },
	{ "format", FO_FORMAT }, { "from_hex", FO_FROM_HEX },
};
#define N_CALLS	(sizeof(calls) / sizeof(calls[0]))

static enum filter_op
call_op(const struct conf_token *t)
{
	for (size_t i = 0; i < N_CALLS; i++)
		if (bytes_eq(t->text, bytes_str(calls[i].name)))
			return calls[i].op;
	return FO_NONE;
}

static struct filter_node *
op_call(struct conf_parser *p, struct conf_token name, enum filter_op op)
{
	struct filter_build b = { .arena = p->arena };
	struct filter_node *x, *y = NULL;

	if (!conf_expect(p, '('))
		return NULL;
	x = fp_expr(p, FP_ANY);
	if (filter_op_arity(op) == 2) {
		if (!conf_expect(p, ','))
			return NULL;
		y = fp_expr(p, FP_ANY);
	}
	if (!conf_expect(p, ')'))
		return NULL;
	return fp_checked(p, conf_span_from(p, name.at), &b,
	    filter_build_op(&b, name.at.line, op, x, y, NULL));
}

static struct filter_node *
roa_check(struct conf_parser *p, struct conf_token name)
{
	struct filter_build b = { .arena = p->arena };
	struct filter_node *net = NULL, *asn = NULL;
	const struct conf_symbol *table;
	struct conf_token t;

	if (!conf_expect(p, '(') || !conf_expect_name(p, "a ROA table", &t))
		return NULL;
	table = conf_symbol_find(p, t.text);
	if (!table || table->kind != CONF_SYM_TABLE) {
		conf_error(p, t.at, "'%.*s' is no table", (int)t.text.n,
		    (const char *)t.text.p);
		return NULL;
	}
	if (table->table && table->table->kind != NET_ROA4 &&
	    table->table->kind != NET_ROA6) {
		conf_error(p, t.at, "table '%s' holds no ROAs", table->name);
		return NULL;
	}
	if (conf_accept(p, ',')) {
		net = fp_expr(p, FP_ANY);
		if (!conf_expect(p, ','))
			return NULL;
		asn = fp_expr(p, FP_ANY);
	}
	if (!conf_expect(p, ')'))
		return NULL;
	return fp_checked(p, conf_span_from(p, name.at), &b,
	    filter_build_roa(&b, name.at.line, table->name, net, asn));
}

static struct filter_node *
symbol_value(struct conf_parser *p, const struct conf_token *t,
    const struct conf_symbol *y)
{
	struct filter_build b = { .arena = p->arena };
	const struct filter_attr *at;

	switch (y->kind) {
	case CONF_SYM_CONSTANT:
		if (!y->value) {
			conf_error(p, t->at, "'%s' has no value yet", y->name);
			return NULL;
		}
		return constant(p, t,
		    *(const struct filter_value *)y->value);
	case CONF_SYM_VARIABLE:
		return fp_checked(p, t->at, &b, filter_build_var(&b,
		    t->at.line, y->slot, y->type));
	case CONF_SYM_FUNCTION:
		return y->function ? fp_call(p, *t, y->function) : NULL;
	default:
		at = fp_attr(p, t);
		return at ? fp_checked(p, t->at, &b,
		    filter_build_attr(&b, t->at.line, at)) : NULL;
	}
}

/* Every name that may stand for a value, nearest to a misspelt one. */
void
fp_unknown(struct conf_parser *p, const struct conf_token *t,
    const char *what)
{
	const char *words[128];
	const struct conf_symbol *y = conf_symbol_find(p, t->text);
	const struct filter_attr *at;
	char name[FP_NAME];
	size_t n = 0;

	if (p->failed)
		return;
	if (y && y->kind == CONF_SYM_UNSERVED) {
		conf_unserved_name(p, t);
		return;
	}
	if (y) {
		conf_error(p, t->at, "'%s' is a %s and %s", y->name,
		    conf_symbol_kind_name(y->kind), what);
		return;
	}
	if (conf_is_unserved_value(t->text)) {
		conf_unserved(p, t->at, fp_name(t, name));
		return;
	}
	conf_error(p, t->at, "'%.*s' is %s", (int)t->text.n,
	    (const char *)t->text.p, what);
	for (unsigned i = 0; (at = filter_attr_at(i)) && n < 128; i++)
		words[n++] = at->name;
	for (size_t i = 0; i < N_CALLS && n < 128; i++)
		words[n++] = calls[i].name;
	for (unsigned i = 0; (words[n] = fp_statement_word(i)) && n < 120;
	    i++)
		n++;
	for (y = p->config->symbols; y && n < 128; y = y->next)
		words[n++] = y->name;
	conf_suggest(p, t->text, words, n);
}

static struct filter_node *
word(struct conf_parser *p)
{
	struct filter_build b = { .arena = p->arena };
	const struct conf_token t = conf_take(p);
	const struct conf_symbol *y = fp_value_symbol(p, &t);
	const struct filter_attr *at;
	struct filter_value v;
	enum filter_op op;

	if (y)
		return symbol_value(p, &t, y);
	if (bytes_eq(t.text, bytes_str("true")) ||
	    bytes_eq(t.text, bytes_str("false")))
		return constant(p, &t, filter_value_u(FT_BOOL,
		    t.text.p[0] == 't'));
	if (fp_enum(&t, &v))
		return constant(p, &t, v);
	at = fp_attr(p, &t);
	if (at)
		return fp_checked(p, t.at, &b,
		    filter_build_attr(&b, t.at.line, at));
	op = call_op(&t);
	if (op != FO_NONE && conf_is(p, '('))
		return op_call(p, t, op);
	if (bytes_eq(t.text, bytes_str("roa_check")))
		return roa_check(p, t);
	if (bytes_eq(t.text, bytes_str("aspa_check")))
		conf_unserved(p, t.at, "aspa_check");
	fp_unknown(p, &t, "not known here");
	return NULL;
}

/* ADDRESS, ADDRESS/LEN, ADDRESS/LEN max N as ASN */
static struct filter_node *
address(struct conf_parser *p)
{
	const struct conf_token t = conf_take(p);
	struct filter_value v = { .type = FT_IP, .ip = t.ip };
	struct prefix *net;

	if (!conf_is(p, '/'))
		return constant(p, &t, v);
	net = conf_new(p, struct prefix);
	if (!net || !fp_prefix(p, &t, net))
		return NULL;
	v = (struct filter_value){ .type = FT_PREFIX, .prefix = net };
	return constant(p, &t, v);
}

/* 65000:1 (type 0), 10.0.0.1:1 (type 1), 4200000000:1 and 2:65000:1 (2). */
static bool
rd_value(struct bytes s, uint64_t *ret)
{
	uint64_t part[3] = { 0 };
	unsigned n = 0, dots = 0;
	struct ip ip = IP_NONE;
	char head[IP_TEXT];
	size_t i, ip_len = 0;

	for (i = 0; i < s.n && n < 3; i++) {
		if (s.p[i] == ':') {
			n++;
		} else if (s.p[i] == '.') {
			dots++;
		} else {
			part[n] = part[n] * 10 + (uint64_t)(s.p[i] - '0');
			if (part[n] > UINT32_MAX && !dots)
				return false;
		}
		if (n == 0)
			ip_len = i + 1;
	}
	if (dots) {
		if (ip_len >= sizeof(head))
			return false;
		memcpy(head, s.p, ip_len);
		head[ip_len] = '\0';
		if (n != 1 || !ip_parse(head, &ip) || part[1] > UINT16_MAX)
			return false;
		*ret = (uint64_t)1 << 48 | (uint64_t)ip_to4(ip) << 16 | part[1];
		return true;
	}
	if (n == 2) {
		if (part[0] > 2 || (part[0] != 0 && part[2] > UINT16_MAX) ||
		    (part[0] == 0 && part[1] > UINT16_MAX))
			return false;
		*ret = part[0] == 0 ? part[1] << 32 | part[2] :
		    part[0] << 48 | part[1] << 16 | part[2];
		return true;
	}
	if (part[0] <= UINT16_MAX) {
		*ret = part[0] << 32 | part[1];
		return n == 1 && part[1] <= UINT32_MAX;
	}
	*ret = (uint64_t)2 << 48 | part[0] << 16 | part[1];
	return n == 1 && part[1] <= UINT16_MAX;
}

static struct filter_node *
distinguisher(struct conf_parser *p)
{
	const struct conf_token t = conf_take(p);
	struct filter_value v = { .type = FT_RD };

	if (rd_value(t.text, &v.u64))
		return constant(p, &t, v);
	conf_error(p, t.at, "'%.*s' is no route distinguisher",
	    (int)t.text.n, (const char *)t.text.p);
	return NULL;
}

static struct filter_node *
string(struct conf_parser *p)
{
	const struct conf_token t = conf_take(p);
	struct filter_value v = { .type = FT_STRING };

	v.s = conf_copy(p, t.text);
	return v.s ? constant(p, &t, v) : NULL;
}

static int
hex_value(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* hex:01:23:ab, where the colons, and with many pairs the word, may lack. */
static struct filter_node *
hex_bytes(struct conf_parser *p)
{
	const struct conf_token t = conf_take(p);
	uint8_t *to = conf_alloc(p, t.text.n + 1);
	size_t i = 0, n = 0;

	if (!to)
		return NULL;
	if (t.text.n >= 4 && memcmp(t.text.p, "hex:", 4) == 0)
		i = 4;
	for (; i + 1 < t.text.n; i++) {
		int hi = hex_value(t.text.p[i]);

		if (hi >= 0)
			to[n++] = (uint8_t)(hi << 4 |
			    hex_value(t.text.p[++i]));
	}
	return constant(p, &t, filter_value_bytes(FT_BYTESTRING,
	    bytes_of(to, n)));
}

static struct filter_node *
community(struct conf_parser *p, struct span at, uint32_t kind)
{
	struct filter_build b = { .arena = p->arena };
	struct filter_node *key, *value;

	if (!conf_expect(p, ','))
		return NULL;
	key = fp_expr(p, FP_ANY);
	if (!conf_expect(p, ','))
		return NULL;
	value = fp_expr(p, FP_ANY);
	if (!conf_expect(p, ')'))
		return NULL;
	return fp_checked(p, conf_span_from(p, at), &b,
	    filter_build_ec(&b, at.line, kind, key, value));
}

/* (x), (x, y), (x, y, z), (rt, x, y) */
static struct filter_node *
parenthesis(struct conf_parser *p)
{
	struct filter_build b = { .arena = p->arena };
	const struct span at = conf_take(p).at;
	struct filter_node *v[3] = { NULL };
	unsigned n = 0;
	uint32_t kind;

	if (fp_ec_kind(p, &kind))
		return community(p, at, kind);
	do {
		v[n++] = fp_expr(p, FP_ANY);
	} while (n < 3 && conf_accept(p, ','));
	if (!conf_expect(p, ')'))
		return NULL;
	if (n == 1)
		return v[0];
	return fp_checked(p, conf_span_from(p, at), &b, filter_build_op(&b,
	    at.line, n == 2 ? FO_PAIR : FO_LC, v[0], v[1], v[2]));
}

/* +empty+, -empty-, --empty--, ---empty---: BIRD's empty constants. */
static struct filter_node *
empty(struct conf_parser *p)
{
	static const enum filter_type of[] = { FT_CLIST, FT_ECLIST,
	    FT_LCLIST };
	const struct conf_token t = p->tok;
	const int sign = t.kind;
	unsigned n = 0;

	while (conf_accept(p, sign))
		n++;
	if (!conf_expect_word(p, "empty"))
		return NULL;
	for (unsigned i = 0; i < n; i++)
		conf_expect(p, sign);
	if (p->failed || n > (sign == '+' ? 1 : 3))
		return NULL;
	return constant(p, &t, filter_value_bytes(sign == '+' ? FT_PATH :
	    of[n - 1], bytes_of(NULL, 0)));
}

static struct filter_node *
primary(struct conf_parser *p)
{
	struct conf_token t = p->tok;

	switch (t.kind) {
	case TOK_NUMBER:
		conf_take(p);
		return constant(p, &t, filter_value_u(FT_INT, t.number));
	case TOK_WORD:
	case TOK_QUOTED:
		return word(p);
	case TOK_IP:
		return address(p);
	case TOK_RD:
		return distinguisher(p);
	case TOK_STRING:
		return string(p);
	case TOK_HEX:
		return hex_bytes(p);
	case '(':
		return parenthesis(p);
	case '[':
		conf_take(p);
		return fp_set(p, t.at.line);
	case TOK_PATH_OPEN:
		conf_take(p);
		return fp_mask(p, t.at.line);
	case '+':
	case '-':
		return empty(p);
	default:
		conf_unexpected(p, "an expression");
		return NULL;
	}
}

struct filter_node *
fp_method(struct conf_parser *p, struct filter_node *x)
{
	struct filter_build b = { .arena = p->arena };
	struct filter_node *y = NULL;
	struct conf_token t;
	const char *words[64];
	char name[FP_NAME];
	enum filter_op op;
	size_t n = 0;

	if (!conf_expect_name(p, "a method", &t))
		return NULL;
	op = filter_method_find(fp_name(&t, name));
	if (op == FO_NONE) {
		conf_error(p, t.at, "no method '%s'", name);
		while (n < 64 && (words[n] = filter_method_at((unsigned)n)))
			n++;
		conf_suggest(p, t.text, words, n);
		return NULL;
	}
	if (filter_op_arity(op) == 2) {
		if (!conf_expect(p, '('))
			return NULL;
		y = fp_expr(p, FP_ANY);
		if (!conf_expect(p, ')'))
			return NULL;
	}
	return fp_checked(p, t.at, &b, filter_build_op(&b, t.at.line, op, x,
	    y, NULL));
}

struct filter_node *
fp_operand(struct conf_parser *p)
{
	struct filter_node *x = NULL;

	if (p->failed || !conf_nest(p))
		return NULL;
	x = primary(p);
	while (conf_accept(p, '.'))
		x = fp_method(p, x);
	conf_unnest(p);
	return x;
}

static struct filter_node *
unary(struct conf_parser *p)
{
	struct filter_build b = { .arena = p->arena };
	const struct span at = p->tok.at;
	struct filter_node *x;

	if (!conf_is(p, '!'))
		return fp_operand(p);
	if (!conf_nest(p))
		return NULL;
	conf_take(p);
	x = unary(p);
	conf_unnest(p);
	return fp_checked(p, conf_span_from(p, at), &b,
	    filter_build_op(&b, at.line, FO_NOT, x, NULL, NULL));
}

struct infix {
	int token;
	enum fp_level level;
	enum filter_op op;
	bool swap;			/* a > b is b < a */
};

static const struct infix infixes[] = {
	{ TOK_AND, FP_LOGIC, FO_AND, false },
	{ TOK_OR, FP_LOGIC, FO_OR, false },
	{ '=', FP_COMPARE, FO_EQ, false },
	{ TOK_EQ, FP_COMPARE, FO_EQ, false },
	{ TOK_NEQ, FP_COMPARE, FO_NEQ, false },
	{ '<', FP_COMPARE, FO_LT, false },
	{ '>', FP_COMPARE, FO_LT, true },
	{ TOK_LEQ, FP_COMPARE, FO_LE, false },
	{ TOK_GEQ, FP_COMPARE, FO_LE, true },
	{ '~', FP_COMPARE, FO_MATCH, false },
	{ TOK_NMA, FP_COMPARE, FO_NOT_MATCH, false },
	{ '+', FP_SUM, FO_ADD, false },
	{ '-', FP_SUM, FO_SUBTRACT, false },
	{ TOK_CONCAT, FP_SUM, FO_CONCAT, false },
	{ '*', FP_PRODUCT, FO_MULTIPLY, false },
	{ '/', FP_PRODUCT, FO_DIVIDE, false },
};

static const struct infix *
infix_at(const struct conf_parser *p)
{
	for (size_t i = 0; i < sizeof(infixes) / sizeof(infixes[0]); i++)
		if (conf_is(p, infixes[i].token))
			return &infixes[i];
	return NULL;
}

/* Comparisons do not chain: a = b = c is an error, as in BIRD. */
static struct filter_node *
infix(struct conf_parser *p, const struct infix *i, struct span at,
    struct filter_node *x)
{
	struct filter_build b = { .arena = p->arena };
	uint32_t line = conf_take(p).at.line;
	struct filter_node *y = fp_expr(p, i->level + 1);
	const struct infix *then = infix_at(p);

	if (i->level == FP_COMPARE && then && then->level == FP_COMPARE) {
		conf_error(p, p->tok.at,
		    "comparisons do not chain: use parentheses");
		return NULL;
	}
	if (p->failed)
		return NULL;
	return fp_checked(p, conf_span_from(p, at), &b, filter_build_op(&b,
	    line, i->op, i->swap ? y : x, i->swap ? x : y, NULL));
}

struct filter_node *
fp_expr(struct conf_parser *p, enum fp_level least)
{
	const struct span at = p->tok.at;
	const struct infix *i;
	struct filter_node *x;

	if (p->failed || !conf_nest(p))
		return NULL;
	x = unary(p);
	while ((i = infix_at(p)) && i->level >= least)
		x = infix(p, i, at, x);
	conf_unnest(p);
	return x;
}

/* SPDX-License-Identifier: ISC */
/*
 * Operators, and the table that says of each what it takes and gives.
 */
#include "filter/list.h"
#include "filter/node_impl.h"
#include "filter/prefixes.h"

#include <stdarg.h>
#include <stdio.h>

enum filter_flow
filter_fail(struct filter_run *r, const struct filter_node *n,
    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->error, sizeof(r->error), fmt, ap);
	va_end(ap);
	r->line = n->line;
	return FLOW_ERROR;
}

enum filter_flow
filter_no_memory(struct filter_run *r, const struct filter_node *n)
{
	if (r->e)
		r->e->no_memory = true;
	return filter_fail(r, n, "Out of memory");
}

static enum filter_flow
wrong_type(struct filter_run *r, const struct filter_node *n, unsigned arg,
    enum filter_type want, enum filter_type got)
{
	return filter_fail(r, n,
	    "Argument %u of %s must be of type %s, got type %s", arg,
	    filter_op_rows[n->op].name, filter_type_name(want),
	    filter_type_name(got));
}

enum filter_flow
filter_eval_two(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret_a, struct filter_value *ret_b)
{
	enum filter_flow f = filter_eval_node(r, n->a, ret_a);

	return f != FLOW_NEXT ? f : filter_eval_node(r, n->b, ret_b);
}

enum filter_flow
filter_eval_typed(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret_a, struct filter_value *ret_b)
{
	const struct filter_op_row *row = &filter_op_rows[n->op];
	enum filter_flow f = filter_eval_two(r, n, ret_a, ret_b);

	if (f != FLOW_NEXT)
		return f;
	if (ret_a->type != row->arg[0])
		return wrong_type(r, n, 1, row->arg[0], ret_a->type);
	if (ret_b->type != row->arg[1])
		return wrong_type(r, n, 2, row->arg[1], ret_b->type);
	return FLOW_NEXT;
}

static enum filter_flow
eval_arithmetic(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a, b;
	enum filter_flow f = filter_eval_typed(r, n, &a, &b);

	if (f != FLOW_NEXT)
		return f;
	switch (n->op) {
	case FO_ADD:
		a.u += b.u;
		break;
	case FO_SUBTRACT:
		a.u -= b.u;
		break;
	case FO_MULTIPLY:
		a.u *= b.u;
		break;
	default:
		if (b.u == 0)
			return filter_fail(r, n, "Division by zero");
		a.u /= b.u;
	}
	*ret = a;
	return FLOW_NEXT;
}

/*
 * The second one only when the first has not decided; whoever reads the
 * result sees to its type, as in BIRD.
 */
static enum filter_flow
eval_and_or(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	enum filter_flow f = filter_eval_node(r, n->a, ret);

	if (f != FLOW_NEXT)
		return f;
	if (ret->type != FT_BOOL)
		return wrong_type(r, n, 1, FT_BOOL, ret->type);
	if (!!ret->u == (n->op == FO_OR))
		return FLOW_NEXT;
	return filter_eval_node(r, n->b, ret);
}

static enum filter_flow
eval_not(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	enum filter_flow f = filter_eval_node(r, n->a, ret);

	if (f != FLOW_NEXT)
		return f;
	if (ret->type != FT_BOOL)
		return wrong_type(r, n, 1, FT_BOOL, ret->type);
	ret->u = !ret->u;
	return FLOW_NEXT;
}

static enum filter_flow
eval_eq(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a, b;
	enum filter_flow f = filter_eval_two(r, n, &a, &b);

	if (f != FLOW_NEXT)
		return f;
	filter_value_put(ret, FT_BOOL,
	    filter_value_same(&a, &b) == (n->op == FO_EQ));
	return FLOW_NEXT;
}

static enum filter_flow
eval_order(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a, b;
	enum filter_flow f = filter_eval_two(r, n, &a, &b);
	int c;

	if (f != FLOW_NEXT)
		return f;
	if (!filter_value_order(&a, &b, &c))
		return filter_fail(r, n,
		    "Can't compare values of incompatible types");
	filter_value_put(ret, FT_BOOL, n->op == FO_LT ? c < 0 : c <= 0);
	return FLOW_NEXT;
}

static enum filter_flow
match(struct filter_run *r, const struct filter_node *n,
    const struct filter_value *a, const struct filter_value *b,
    struct filter_value *ret)
{
	bool is;

	if (!filter_value_match(a, b, &is))
		return filter_fail(r, n, "%s applied on %s and %s",
		    n->op == FO_MATCH ? "~" : "!~", filter_type_name(a->type),
		    filter_type_name(b->type));
	filter_value_put(ret, FT_BOOL, is == (n->op == FO_MATCH));
	return FLOW_NEXT;
}

enum filter_flow
filter_eval_match(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a, b;
	enum filter_flow f = filter_eval_two(r, n, &a, &b);

	return f != FLOW_NEXT ? f : match(r, n, &a, &b, ret);
}

/* Fused forms: the constant is read where it stands. */
static enum filter_flow
eval_match_const(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = filter_eval_node(r, n->a, &a);

	return f != FLOW_NEXT ? f : match(r, n, &a, &n->b->k, ret);
}

static enum filter_flow
eval_net_in(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	if (!r->e)
		return filter_fail(r, n, "No route at hand");
	filter_value_put(ret, FT_BOOL,
	    filter_prefixes_has(n->b->k.prefixes, &r->e->net) ==
	    (n->op == FO_MATCH));
	return FLOW_NEXT;
}

/* a is of the constant's type, or not there. */
static enum filter_flow
eval_eq_number(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = filter_eval_node(r, n->a, &a);

	if (f != FLOW_NEXT)
		return f;
	filter_value_put(ret, FT_BOOL, (a.type == n->b->type &&
	    a.u == n->b->k.u) == (n->op == FO_EQ));
	return FLOW_NEXT;
}

/* x - 20; a zero to divide by is not fused. */
static enum filter_flow
eval_int_const(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	const uint32_t k = n->b->k.u;
	enum filter_flow f = filter_eval_node(r, n->a, ret);

	if (f != FLOW_NEXT)
		return f;
	if (ret->type != FT_INT)
		return wrong_type(r, n, 1, FT_INT, ret->type);
	if (n->op == FO_ADD)
		ret->u += k;
	else if (n->op == FO_SUBTRACT)
		ret->u -= k;
	else if (n->op == FO_MULTIPLY)
		ret->u *= k;
	else
		ret->u /= k;
	return FLOW_NEXT;
}

/* x < 20, and 20 < x, which is how x > 20 comes. */
static enum filter_flow
eval_order_number(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	const bool left = n->a->op == FO_CONST;
	const uint32_t k = left ? n->a->k.u : n->b->k.u;
	enum filter_flow f = filter_eval_node(r, left ? n->b : n->a, ret);
	bool is;

	if (f != FLOW_NEXT)
		return f;
	if (ret->type != FT_INT)
		return eval_order(r, n, ret);
	if (n->op == FO_LT)
		is = left ? k < ret->u : ret->u < k;
	else
		is = left ? k <= ret->u : ret->u <= k;
	filter_value_put(ret, FT_BOOL, is);
	return FLOW_NEXT;
}

/* A number of the route: nothing is done twice when it is read twice. */
static bool
is_plain_int(const struct filter_node *n)
{
	return n->type == FT_INT && (n->op == FO_ATTR || n->op == FO_VAR ||
	    (n->op >= FO_LEN && n->op <= FO_MAX && n->a->op == FO_ATTR));
}

static bool
is_const_int(const struct filter_node *n)
{
	return n->op == FO_CONST && n->type == FT_INT;
}

static filter_eval *
fused_numbers(enum filter_op op, const struct filter_node *a,
    const struct filter_node *b)
{
	if (op == FO_LT || op == FO_LE)
		return (is_const_int(a) && is_plain_int(b)) ||
		    (is_plain_int(a) && is_const_int(b)) ?
		    eval_order_number : NULL;
	if (op < FO_ADD || op > FO_DIVIDE || !is_const_int(b) ||
	    (op == FO_DIVIDE && b->k.u == 0))
		return NULL;
	return eval_int_const;
}

static bool
is_number(unsigned type)
{
	return type == FT_INT || type == FT_BOOL || type == FT_PAIR ||
	    filter_type_is_enum(type);
}

filter_eval *
filter_eval_fused(enum filter_op op, const struct filter_node *a,
    const struct filter_node *b)
{
	if (a->op == FO_CONST && (op == FO_MATCH || op == FO_NOT_MATCH) &&
	    filter_is_list_attr(b) && filter_type_element(b->type) == a->type)
		return filter_eval_item_in_attr;
	if (fused_numbers(op, a, b))
		return fused_numbers(op, a, b);
	if (b->op != FO_CONST)
		return NULL;
	if ((op == FO_EQ || op == FO_NEQ) && is_number(b->type) &&
	    a->type == b->type)
		return eval_eq_number;
	if (op != FO_MATCH && op != FO_NOT_MATCH)
		return NULL;
	if (b->type == FT_PREFIX_SET && a->op == FO_ATTR &&
	    a->attr->kind == FA_NET)
		return eval_net_in;
	return eval_match_const;
}

static enum filter_flow
eval_pair(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a, b;
	enum filter_flow f = filter_eval_typed(r, n, &a, &b);

	if (f != FLOW_NEXT)
		return f;
	if (a.u > UINT16_MAX || b.u > UINT16_MAX)
		return filter_fail(r, n,
		    "(%u, %u) is no pair: parts go to 65535", a.u, b.u);
	filter_value_put(ret, FT_PAIR, a.u << 16 | b.u);
	return FLOW_NEXT;
}

static enum filter_flow
eval_lc(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	const struct filter_node *arg[3] = { n->a, n->b, n->c };
	struct filter_value lc = { .type = FT_LC }, v[3];

	for (unsigned i = 0; i < 3; i++) {
		enum filter_flow f = filter_eval_node(r, arg[i], &v[i]);

		if (f != FLOW_NEXT)
			return f;
	}
	for (unsigned i = 0; i < 3; i++) {
		if (v[i].type != FT_INT)
			return wrong_type(r, n, i + 1, FT_INT, v[i].type);
		lc.lc[i] = v[i].u;
	}
	*ret = lc;
	return FLOW_NEXT;
}

static enum filter_flow
eval_defined(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = filter_eval_node(r, n->a, &a);

	if (f == FLOW_NEXT)
		filter_value_put(ret, FT_BOOL, filter_value_defined(&a));
	return f;
}

#define ANY	FT_VOID

const struct filter_op_row filter_op_rows[FO_ROA_CHECK + 1] = {
[FO_ADD] = { "+", eval_arithmetic, 2, { FT_INT, FT_INT }, FT_INT, true },
[FO_SUBTRACT] = { "-", eval_arithmetic, 2, { FT_INT, FT_INT }, FT_INT, true },
[FO_MULTIPLY] = { "*", eval_arithmetic, 2, { FT_INT, FT_INT }, FT_INT, true },
[FO_DIVIDE] = { "/", eval_arithmetic, 2, { FT_INT, FT_INT }, FT_INT, true },
[FO_AND] = { "&&", eval_and_or, 2, { FT_BOOL, FT_BOOL }, FT_BOOL, true },
[FO_OR] = { "||", eval_and_or, 2, { FT_BOOL, FT_BOOL }, FT_BOOL, true },
[FO_NOT] = { "!", eval_not, 1, { FT_BOOL }, FT_BOOL, true },
[FO_EQ] = { "=", eval_eq, 2, { ANY, ANY }, FT_BOOL, true },
[FO_NEQ] = { "!=", eval_eq, 2, { ANY, ANY }, FT_BOOL, true },
[FO_LT] = { "<", eval_order, 2, { ANY, ANY }, FT_BOOL, true },
[FO_LE] = { "<=", eval_order, 2, { ANY, ANY }, FT_BOOL, true },
[FO_MATCH] = { "~", filter_eval_match, 2, { ANY, ANY }, FT_BOOL, true },
[FO_NOT_MATCH] = { "!~", filter_eval_match, 2, { ANY, ANY }, FT_BOOL, true },
[FO_CONCAT] = { "++", filter_eval_concat, 2, { ANY, ANY }, ANY, true },
[FO_PAIR] = { "(,)", eval_pair, 2, { FT_INT, FT_INT }, FT_PAIR, true },
[FO_LC] = { "(,,)", eval_lc, 3, { FT_INT, FT_INT, FT_INT }, FT_LC, true },
[FO_DEFINED] = { "defined", eval_defined, 1, { ANY }, FT_BOOL, true },
[FO_FORMAT] = { "format", filter_eval_format, 1, { ANY }, FT_STRING, true },
[FO_FROM_HEX] = { "from_hex", filter_eval_from_hex, 1, { FT_STRING },
    FT_BYTESTRING, true },
[FO_IS_V4] = { "is_v4", filter_eval_is_v4, 1, { FT_IP }, FT_BOOL, true },
[FO_TYPE] = { "type", filter_eval_type, 1, { FT_PREFIX }, FT_ENUM_NET, true },
[FO_IP] = { "ip", filter_eval_ip, 1, { FT_PREFIX }, FT_IP, true },
[FO_RD] = { "rd", filter_eval_rd, 1, { FT_PREFIX }, FT_RD, true },
[FO_LEN] = { "len", filter_eval_len, 1, { ANY }, FT_INT, true },
[FO_MAXLEN] = { "maxlen", filter_eval_maxlen, 1, { FT_PREFIX }, FT_INT,
    true },
[FO_ASN] = { "asn", filter_eval_asn, 1, { ANY }, FT_INT, true },
[FO_SRC] = { "src", filter_eval_src, 1, { FT_PREFIX }, FT_PREFIX, true },
[FO_DST] = { "dst", filter_eval_src, 1, { FT_PREFIX }, FT_PREFIX, true },
[FO_IP_MASK] = { "mask", filter_eval_ip_mask, 2, { FT_IP, FT_INT }, FT_IP,
    true },
[FO_FIRST] = { "first", filter_eval_first, 1, { FT_PATH }, FT_INT, true },
[FO_LAST] = { "last", filter_eval_last, 1, { FT_PATH }, FT_INT, true },
[FO_LAST_NONAGG] = { "last_nonaggregated", filter_eval_last_nonagg, 1,
    { FT_PATH }, FT_INT, true },
[FO_DATA] = { "data", filter_eval_data, 1, { ANY }, FT_INT, true },
[FO_DATA1] = { "data1", filter_eval_data1, 1, { FT_LC }, FT_INT, true },
[FO_DATA2] = { "data2", filter_eval_data2, 1, { FT_LC }, FT_INT, true },
[FO_MIN] = { "min", filter_eval_min, 1, { ANY }, ANY, true },
[FO_MAX] = { "max", filter_eval_max, 1, { ANY }, ANY, true },
[FO_EMPTY] = { "empty", filter_eval_empty, 1, { ANY }, ANY, true },
[FO_PREPEND] = { "prepend", filter_eval_prepend, 2, { FT_PATH, FT_INT },
    FT_PATH, true },
[FO_LIST_ADD] = { "add", filter_eval_list_add, 2, { ANY, ANY }, ANY, true },
[FO_DELETE] = { "delete", filter_eval_delete, 2, { ANY, ANY }, ANY, true },
[FO_FILTER] = { "filter", filter_eval_filter, 2, { ANY, ANY }, ANY, true },
[FO_ROA_CHECK] = { "roa_check", filter_eval_roa, 2, { FT_PREFIX, FT_INT },
    FT_ENUM_ROA, false },
};

enum filter_type
filter_op_type(enum filter_op op, enum filter_type first)
{
	enum filter_type type = filter_op_rows[op].type;

	if (type != FT_VOID)
		return type;
	if (op == FO_MIN || op == FO_MAX)
		return filter_type_element(first);
	return first;
}

unsigned
filter_op_arity(enum filter_op op)
{
	return filter_op_rows[op].n;
}

/* SPDX-License-Identifier: ISC */
/*
 * Literals of sets, of prefix sets and of path masks.
 */
#include "conf/filter_impl.h"

#include "filter/prefixes.h"
#include "filter/set.h"

bool
fp_prefix(struct conf_parser *p, const struct conf_token *ip,
    struct prefix *ret)
{
	unsigned bits = ip_is4(ip->ip) ? 32 : 128;
	struct conf_token len;
	char text[PREFIX_TEXT];

	if (!conf_expect(p, '/'))
		return false;
	if (!conf_is(p, TOK_NUMBER)) {
		conf_unexpected(p, "a prefix length");
		return false;
	}
	len = conf_take(p);
	if (len.number > bits) {
		conf_error(p, len.at, "prefix length goes to %u", bits);
		return false;
	}
	*ret = prefix_of(ip->ip, len.number);
	if (ret->kind == NET_NONE) {
		conf_error(p, ip->at, "no prefix of IPv6 lies in ::ffff:0:0");
		return false;
	}
	if (!ip_eq(ret->ip, ip->ip)) {
		conf_error(p, conf_span_from(p, ip->at),
		    "address bits after the prefix: write %s",
		    prefix_text(ret, text));
		return false;
	}
	if (!conf_is_word(p, "max") || conf_peek2(p)->kind != TOK_NUMBER)
		return true;
	conf_take(p);
	len = conf_take(p);
	if (len.number < ret->len || len.number > bits) {
		conf_error(p, len.at, "maximal length is %u to %u", ret->len,
		    bits);
		return false;
	}
	ret->kind = ret->kind == NET_IP4 ? NET_ROA4 : NET_ROA6;
	ret->max = (uint8_t)len.number;
	if (!conf_expect_word(p, "as"))
		return false;
	if (!conf_is(p, TOK_NUMBER)) {
		conf_unexpected(p, "an AS number");
		return false;
	}
	ret->asn = conf_take(p).number;
	return true;
}

/* What stands behind NET/LEN in a prefix set: +, -, {LO,HI} or nothing. */
static bool
pattern_range(struct conf_parser *p, const struct prefix *net, unsigned *lo,
    unsigned *hi)
{
	const struct span at = p->tok.at;

	*lo = *hi = net->len;
	if (conf_accept(p, '+')) {
		*hi = prefix_bits(net);
		return true;
	}
	if (conf_accept(p, '-')) {
		*lo = 0;
		return true;
	}
	if (!conf_accept(p, '{'))
		return true;
	*lo = p->tok.number;
	if (!conf_expect(p, TOK_NUMBER) || !conf_expect(p, ','))
		return false;
	*hi = p->tok.number;
	if (!conf_expect(p, TOK_NUMBER) || !conf_expect(p, '}'))
		return false;
	if (*lo <= *hi && *hi <= prefix_bits(net))
		return true;
	conf_error(p, conf_span_from(p, at),
	    "invalid prefix pattern range {%u,%u}", *lo, *hi);
	return false;
}

static bool
add_pattern(struct conf_parser *p, struct filter_prefixes **set,
    const struct prefix *net, struct span at)
{
	unsigned lo, hi;

	if (!pattern_range(p, net, &lo, &hi))
		return false;
	if (!*set)
		*set = filter_prefixes_new(p->arena);
	if (!*set)
		return conf_no_memory(p);
	if (filter_prefixes_add(*set, net, lo, hi))
		return true;
	conf_error(p, conf_span_from(p, at),
	    "IPv4 and IPv6 prefixes in one set");
	return false;
}

bool
fp_ec_kind(struct conf_parser *p, uint32_t *ret)
{
	const int then = p->failed ? TOK_EOF : conf_peek2(p)->kind;

	if (conf_is_word(p, "unknown") && then == TOK_NUMBER) {
		conf_take(p);
		*ret = conf_take(p).number & 0xffff;
		return true;
	}
	if (then != ',')
		return false;
	if (conf_accept_word(p, "rt"))
		*ret = 2;
	else if (conf_accept_word(p, "ro"))
		*ret = 3;
	else if (conf_accept_word(p, "generic"))
		*ret = FILTER_EC_GENERIC;
	else
		return false;
	return true;
}

/* One part of (a, b..c, *): all of them if it is '*'. */
struct part {
	struct filter_value lo, hi;
	bool any;
};

static bool
const_expr(struct conf_parser *p, enum filter_type type,
    struct filter_value *ret)
{
	const struct span at = p->tok.at;

	return fp_const(p, at, fp_expr(p, FP_SUM), type, ret);
}

static bool
part(struct conf_parser *p, struct part *ret)
{
	*ret = (struct part){ .any = conf_accept(p, '*') };
	if (ret->any)
		return true;
	if (!const_expr(p, FT_VOID, &ret->lo))
		return false;
	ret->hi = ret->lo;
	return !conf_accept(p, TOK_DOTS) ||
	    const_expr(p, ret->lo.type, &ret->hi);
}

static bool
is_range(const struct part *x)
{
	return x->any || x->lo.u != x->hi.u;
}

/* Numbers only, in order, and not above max. */
static bool
check_parts(struct conf_parser *p, struct span at, struct part *v, unsigned n,
    uint32_t max)
{
	for (unsigned i = 0; i < n; i++) {
		if (v[i].any) {
			v[i].lo = filter_value_u(FT_INT, 0);
			v[i].hi = filter_value_u(FT_INT, max);
		}
		if (v[i].lo.type != FT_INT || v[i].hi.u > max ||
		    v[i].lo.u > v[i].hi.u) {
			conf_error(p, conf_span_from(p, at),
			    "part %u is no range within 0..%u", i + 1, max);
			return false;
		}
	}
	return true;
}

/* The set at hand; items of another type are an error. */
static struct filter_set *
set_for(struct conf_parser *p, struct filter_set **set, struct span at,
    enum filter_type type)
{
	if (!*set)
		*set = filter_set_new(p->arena, type);
	if (!*set) {
		conf_no_memory(p);
		return NULL;
	}
	if ((*set)->type == type)
		return *set;
	conf_error(p, conf_span_from(p, at), "%s in a set of %s",
	    filter_type_name(type), filter_type_name((*set)->type));
	return NULL;
}

static bool
add_range(struct conf_parser *p, struct filter_set **set, struct span at,
    const struct filter_value *lo, const struct filter_value *hi)
{
	struct filter_set *s;

	if (!filter_type_in_set(lo->type) || lo->type != hi->type) {
		conf_error(p, conf_span_from(p, at), "%s cannot be in a set",
		    filter_type_name(lo->type));
		return false;
	}
	if (filter_key_of(lo) > filter_key_of(hi)) {
		conf_error(p, conf_span_from(p, at),
		    "the range ends before it begins");
		return false;
	}
	s = set_for(p, set, at, lo->type);
	if (s)
		filter_set_add(s, lo, hi);
	return s != NULL;
}

/* The literal after "..", of the same form as the one before it. */
static bool
closing_tuple(struct conf_parser *p, unsigned n, uint32_t max,
    struct part *ret)
{
	const struct span at = p->tok.at;

	if (!conf_expect(p, '('))
		return false;
	for (unsigned i = 0; i < n; i++)
		if ((i > 0 && !conf_expect(p, ',')) || !part(p, &ret[i]))
			return false;
	if (!conf_expect(p, ')') || !check_parts(p, at, ret, n, max))
		return false;
	for (unsigned i = 0; i < n; i++)
		if (is_range(&ret[i])) {
			conf_error(p, conf_span_from(p, at),
			    "a range within a range");
			return false;
		}
	return true;
}

static struct filter_value
pair_of(uint32_t a, uint32_t b)
{
	return filter_value_u(FT_PAIR, a << 16 | b);
}

static bool
add_pair(struct conf_parser *p, struct filter_set **set, struct span at,
    struct part *v)
{
	struct filter_value lo, hi;
	struct filter_set *s;
	struct part w[2];

	if (!check_parts(p, at, v, 2, UINT16_MAX))
		return false;
	if (!is_range(&v[0]) && !is_range(&v[1]) &&
	    conf_accept(p, TOK_DOTS)) {
		if (!closing_tuple(p, 2, UINT16_MAX, w))
			return false;
		lo = pair_of(v[0].lo.u, v[1].lo.u);
		hi = pair_of(w[0].lo.u, w[1].lo.u);
		return add_range(p, set, at, &lo, &hi);
	}
	s = set_for(p, set, at, FT_PAIR);
	if (s)
		filter_set_add_pairs(s, (uint16_t)v[0].lo.u,
		    (uint16_t)v[0].hi.u, (uint16_t)v[1].lo.u,
		    (uint16_t)v[1].hi.u);
	return s != NULL;
}

/* Behind a range only "*" may stand, so that the whole is one range. */
static bool
add_lc(struct conf_parser *p, struct filter_set **set, struct span at,
    struct part *v)
{
	struct filter_value lo = { .type = FT_LC }, hi = { .type = FT_LC };
	struct part w[3];
	bool ranged = false;

	if (!check_parts(p, at, v, 3, UINT32_MAX))
		return false;
	for (unsigned i = 0; i < 3; i++) {
		if (ranged && !v[i].any) {
			conf_error(p, conf_span_from(p, at),
			    "behind a range only * may stand");
			return false;
		}
		ranged = ranged || is_range(&v[i]);
		lo.lc[i] = v[i].lo.u;
		hi.lc[i] = v[i].hi.u;
	}
	if (!ranged && conf_accept(p, TOK_DOTS)) {
		if (!closing_tuple(p, 3, UINT32_MAX, w))
			return false;
		for (unsigned i = 0; i < 3; i++)
			hi.lc[i] = w[i].lo.u;
	}
	return add_range(p, set, at, &lo, &hi);
}

static bool
add_ec(struct conf_parser *p, struct filter_set **set, struct span at,
    uint32_t kind)
{
	struct filter_value key, lo = { .type = FT_EC }, hi = lo;
	struct part v;
	uint64_t probe;

	if (!conf_expect(p, ',') || !const_expr(p, FT_VOID, &key) ||
	    !conf_expect(p, ',') || !part(p, &v) || !conf_expect(p, ')'))
		return false;
	if (v.any) {
		v.lo = filter_value_u(FT_INT, 0);
		v.hi = filter_value_u(FT_INT,
		    filter_ec(kind, &key, UINT32_MAX, &probe) ? UINT32_MAX :
		    UINT16_MAX);
	}
	if (v.lo.type != FT_INT || !filter_ec(kind, &key, v.lo.u, &lo.u64) ||
	    !filter_ec(kind, &key, v.hi.u, &hi.u64)) {
		conf_error(p, conf_span_from(p, at),
		    "no such extended community");
		return false;
	}
	return add_range(p, set, at, &lo, &hi);
}

/* ( … ): the number of parts says what it is. */
static bool
tuple(struct conf_parser *p, struct filter_set **set, struct span at)
{
	struct filter_value hi;
	struct part v[3];
	unsigned n = 0;
	uint32_t kind;

	conf_take(p);
	if (fp_ec_kind(p, &kind))
		return add_ec(p, set, at, kind);
	do {
		if (!part(p, &v[n++]))
			return false;
	} while (n < 3 && conf_accept(p, ','));
	if (!conf_expect(p, ')'))
		return false;
	if (n == 2)
		return add_pair(p, set, at, v);
	if (n == 3)
		return add_lc(p, set, at, v);
	if (v[0].any || is_range(&v[0])) {
		conf_error(p, conf_span_from(p, at), "one number expected");
		return false;
	}
	hi = v[0].lo;
	if (conf_accept(p, TOK_DOTS) && !const_expr(p, hi.type, &hi))
		return false;
	return add_range(p, set, at, &v[0].lo, &hi);
}

/* A pattern of a prefix set, or a value or range of another set. */
static bool
atom(struct conf_parser *p, struct filter_set **set,
    struct filter_prefixes **prefixes, struct span at)
{
	struct filter_value lo, hi;
	struct filter_node *n;

	if (conf_is(p, TOK_IP) && conf_peek2(p)->kind == '/') {
		const struct conf_token ip = conf_take(p);
		struct prefix net;

		return fp_prefix(p, &ip, &net) &&
		    add_pattern(p, prefixes, &net, at);
	}
	/* A constant of type prefix has its "+" for itself. */
	n = conf_is_name(p) ? fp_operand(p) : fp_expr(p, FP_SUM);
	if (!fp_const(p, at, n, FT_VOID, &lo))
		return false;
	if (lo.type == FT_PREFIX)
		return add_pattern(p, prefixes, lo.prefix, at);
	if (conf_is(p, '+') || conf_is(p, '-') || conf_is(p, '*') ||
	    conf_is(p, '/')) {
		conf_error(p, p->tok.at, "put the expression in parentheses");
		return false;
	}
	hi = lo;
	if (conf_accept(p, TOK_DOTS) && !const_expr(p, lo.type, &hi))
		return false;
	return add_range(p, set, at, &lo, &hi);
}

bool
fp_set_items(struct conf_parser *p, struct filter_set **ret_set,
    struct filter_prefixes **ret_prefixes)
{
	*ret_set = NULL;
	*ret_prefixes = NULL;
	do {
		const struct span at = p->tok.at;

		if (conf_is(p, '(') ? !tuple(p, ret_set, at) :
		    !atom(p, ret_set, ret_prefixes, at))
			return false;
		if (*ret_set && *ret_prefixes) {
			conf_error(p, conf_span_from(p, at),
			    "prefixes and other values in one set");
			return false;
		}
	} while (conf_accept(p, ','));
	if (*ret_set)
		filter_set_finish(*ret_set);
	if (*ret_prefixes)
		filter_prefixes_finish(*ret_prefixes);
	if ((*ret_set && (*ret_set)->failed) ||
	    (*ret_prefixes && (*ret_prefixes)->failed))
		return conf_no_memory(p);
	return !p->failed;
}

struct filter_node *
fp_set(struct conf_parser *p, uint32_t line)
{
	struct filter_build b = { .arena = p->arena };
	struct filter_value v = { .type = FT_SET };
	struct filter_prefixes *prefixes = NULL;
	struct filter_set *set = NULL;

	if (!conf_is(p, ']') && !fp_set_items(p, &set, &prefixes))
		return NULL;
	if (!conf_expect(p, ']'))
		return NULL;
	v.set = set;
	if (prefixes) {
		v.type = FT_PREFIX_SET;
		v.prefixes = prefixes;
	}
	return fp_checked(p, p->last, &b, filter_build_const(&b, line, &v));
}

/* A set inside of a mask. */
static struct filter_node *
mask_set(struct conf_parser *p, struct filter_build *b, uint32_t line)
{
	return filter_build_mask_expr(b, line, fp_set(p, line));
}

static struct filter_node *
mask_number(struct conf_parser *p, struct filter_build *b, uint32_t line)
{
	struct filter_mask_item it = { .kind = MASK_RANGE,
	    .lo = p->tok.number, .hi = p->tok.number };

	conf_take(p);
	if (conf_accept(p, TOK_DOTS)) {
		it.hi = p->tok.number;
		if (!conf_expect(p, TOK_NUMBER))
			return NULL;
	}
	return filter_build_mask_item(b, line, &it);
}

static struct filter_node *
mask_item(struct conf_parser *p, struct filter_build *b, uint32_t line)
{
	static const struct filter_mask_item run = { .kind = MASK_ANY_RUN };
	static const struct filter_mask_item any = { .kind = MASK_ANY };
	struct filter_node *x;

	if (conf_is(p, TOK_NUMBER))
		return mask_number(p, b, line);
	if (conf_accept(p, '*'))
		return filter_build_mask_item(b, line, &run);
	if (conf_accept(p, '?'))
		return filter_build_mask_item(b, line, &any);
	if (conf_accept(p, '['))
		return mask_set(p, b, line);
	if (conf_accept(p, '(')) {
		x = fp_expr(p, FP_ANY);
		return conf_expect(p, ')') ?
		    filter_build_mask_expr(b, line, x) : NULL;
	}
	if (conf_is_name(p) && fp_value_symbol(p, &p->tok))
		return filter_build_mask_expr(b, line, fp_operand(p));
	conf_unexpected(p, "an item of a path mask");
	return NULL;
}

struct filter_node *
fp_mask(struct conf_parser *p, uint32_t line)
{
	struct filter_build b = { .arena = p->arena };
	struct filter_chain items = { .first = NULL };
	const struct span at = p->last;

	while (!p->failed && !conf_accept(p, TOK_PATH_CLOSE)) {
		if (!conf_accept(p, '+'))
			filter_chain_add(&items, mask_item(p, &b, line));
		else if (!filter_mask_loop(&b, &items))
			items.broken = true;
	}
	return fp_checked(p, conf_span_from(p, at), &b,
	    filter_build_mask(&b, line, &items));
}

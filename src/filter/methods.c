/* SPDX-License-Identifier: ISC */
/*
 * What is asked of values: bgp_path.len, net.ip, add(bgp_community, x).
 */
#include "filter/enums.h"
#include "filter/list.h"
#include "filter/node_impl.h"
#include "filter/path.h"

#include <string.h>

/* The one argument, of the type that the operator's row demands. */
static enum filter_flow
object(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	enum filter_flow f = filter_eval_node(r, n->a, ret);
	unsigned want = filter_op_rows[n->op].arg[0];

	if (f == FLOW_NEXT && want != FT_VOID && ret->type != want)
		return filter_fail(r, n, ".%s wants %s, got %s",
		    filter_op_rows[n->op].name, filter_type_name(want),
		    filter_type_name(ret->type));
	return f;
}

static enum filter_flow
not_for(struct filter_run *r, const struct filter_node *n,
    const struct filter_value *v)
{
	return filter_fail(r, n, "%s does not apply to %s",
	    filter_op_rows[n->op].name, filter_type_name(v->type));
}

static enum filter_flow
number(struct filter_value *ret, uint32_t u)
{
	filter_value_put(ret, FT_INT, u);
	return FLOW_NEXT;
}

static bool
is_list(unsigned type)
{
	return type == FT_CLIST || type == FT_ECLIST || type == FT_LCLIST;
}

enum filter_flow
filter_eval_is_v4(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = object(r, n, &a);

	if (f == FLOW_NEXT)
		filter_value_put(ret, FT_BOOL, ip_is4(a.ip));
	return f;
}

enum filter_flow
filter_eval_type(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = object(r, n, &a);

	if (f == FLOW_NEXT)
		filter_value_put(ret, FT_ENUM_NET,
		    filter_enum_of_net(a.prefix->kind));
	return f;
}

enum filter_flow
filter_eval_ip(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = object(r, n, &a);

	if (f == FLOW_NEXT)
		*ret = (struct filter_value){ .type = FT_IP,
		    .ip = a.prefix->ip };
	return f;
}

/* No table of ours holds VPN routes, nor any with two prefixes. */
enum filter_flow
filter_eval_rd(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	enum filter_flow f = object(r, n, ret);

	return f != FLOW_NEXT ? f : filter_fail(r, n, "VPN address expected");
}

enum filter_flow
filter_eval_src(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	enum filter_flow f = object(r, n, ret);

	return f != FLOW_NEXT ? f :
	    filter_fail(r, n, "Flow or SADR expected");
}

enum filter_flow
filter_eval_len(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = object(r, n, &a);

	if (f != FLOW_NEXT)
		return f;
	if (a.type == FT_PREFIX)
		return number(ret, a.prefix->len);
	if (a.type == FT_PATH)
		return number(ret, filter_path_len(filter_value_b(&a)));
	if (is_list(a.type))
		return number(ret, a.n / filter_list_width(a.type));
	return not_for(r, n, &a);
}

static bool
is_roa(const struct prefix *p)
{
	return p->kind == NET_ROA4 || p->kind == NET_ROA6;
}

enum filter_flow
filter_eval_maxlen(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = object(r, n, &a);

	if (f != FLOW_NEXT)
		return f;
	if (!is_roa(a.prefix))
		return filter_fail(r, n, "ROA expected");
	return number(ret, a.prefix->max);
}

enum filter_flow
filter_eval_asn(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = object(r, n, &a);

	if (f != FLOW_NEXT)
		return f;
	if (a.type == FT_PAIR)
		return number(ret, a.u >> 16);
	if (a.type == FT_LC)
		return number(ret, a.lc[0]);
	if (a.type != FT_PREFIX)
		return not_for(r, n, &a);
	if (!is_roa(a.prefix))
		return filter_fail(r, n, "ROA expected");
	return number(ret, a.prefix->asn);
}

enum filter_flow
filter_eval_data(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = object(r, n, &a);

	if (f != FLOW_NEXT)
		return f;
	if (a.type != FT_PAIR)
		return not_for(r, n, &a);
	return number(ret, a.u & 0xffff);
}

enum filter_flow
filter_eval_data1(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = object(r, n, &a);

	return f != FLOW_NEXT ? f : number(ret, a.lc[1]);
}

enum filter_flow
filter_eval_data2(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = object(r, n, &a);

	return f != FLOW_NEXT ? f : number(ret, a.lc[2]);
}

enum filter_flow
filter_eval_ip_mask(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a, b;
	enum filter_flow f = filter_eval_typed(r, n, &a, &b);
	unsigned max;

	if (f != FLOW_NEXT)
		return f;
	max = ip_is4(a.ip) ? 32 : 128;
	*ret = (struct filter_value){ .type = FT_IP,
	    .ip = ip_mask(a.ip, b.u < max ? b.u : max) };
	return FLOW_NEXT;
}

enum filter_flow
filter_eval_first(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = object(r, n, &a);

	return f != FLOW_NEXT ? f :
	    number(ret, filter_path_first(filter_value_b(&a)));
}

enum filter_flow
filter_eval_last(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = object(r, n, &a);

	return f != FLOW_NEXT ? f :
	    number(ret, filter_path_last(filter_value_b(&a)));
}

enum filter_flow
filter_eval_last_nonagg(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = object(r, n, &a);

	return f != FLOW_NEXT ? f :
	    number(ret, filter_path_last_nonaggregated(filter_value_b(&a)));
}

static enum filter_flow
least(struct filter_run *r, const struct filter_node *n, bool largest,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = object(r, n, &a);

	if (f != FLOW_NEXT)
		return f;
	if (!is_list(a.type))
		return not_for(r, n, &a);
	*ret = filter_list_least(a.type, filter_value_b(&a), largest);
	return FLOW_NEXT;
}

enum filter_flow
filter_eval_min(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	return least(r, n, false, ret);
}

enum filter_flow
filter_eval_max(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	return least(r, n, true, ret);
}

enum filter_flow
filter_eval_empty(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = object(r, n, &a);

	if (f != FLOW_NEXT)
		return f;
	if (a.type != FT_PATH && !is_list(a.type))
		return not_for(r, n, &a);
	*ret = filter_value_bytes(a.type, bytes_of(NULL, 0));
	return FLOW_NEXT;
}

/* A result in bytes: p is NULL when there was no memory for it. */
static enum filter_flow
made(struct filter_run *r, const struct filter_node *n, unsigned type,
    struct bytes b, struct filter_value *ret)
{
	if (!b.p)
		return filter_no_memory(r, n);
	*ret = filter_value_bytes(type, b);
	return FLOW_NEXT;
}

/* What is as long as before is what was before, set or not. */
static enum filter_flow
chosen(struct filter_run *r, const struct filter_node *n,
    const struct filter_value *old, struct bytes b, struct filter_value *ret)
{
	if (b.p && b.n == old->n) {
		*ret = *old;
		return FLOW_NEXT;
	}
	return made(r, n, old->type, b, ret);
}

/* Lists that nobody has set have no p; results must have one. */
static struct bytes
list_of(const struct filter_value *v)
{
	static const uint8_t nothing[1];

	return v->p ? filter_value_b(v) : bytes_of(nothing, 0);
}

enum filter_flow
filter_eval_prepend(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a, b;
	enum filter_flow f = filter_eval_typed(r, n, &a, &b);

	if (f != FLOW_NEXT)
		return f;
	return made(r, n, FT_PATH,
	    filter_path_prepend(r->mem, list_of(&a), b.u), ret);
}

enum filter_flow
filter_eval_list_add(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a, b;
	enum filter_flow f = filter_eval_two(r, n, &a, &b);

	if (f != FLOW_NEXT)
		return f;
	if (!is_list(a.type))
		return not_for(r, n, &a);
	if (b.type == a.type)
		return chosen(r, n, &a, filter_list_union(r->mem, a.type,
		    list_of(&a), list_of(&b)), ret);
	if (!filter_list_takes(a.type, &b))
		return filter_fail(r, n, "Can't add %s to %s",
		    filter_type_name(b.type), filter_type_name(a.type));
	return made(r, n, a.type,
	    filter_list_add(&r->tail, a.type, list_of(&a), &b), ret);
}

static enum filter_flow
path_select(struct filter_run *r, const struct filter_node *n,
    const struct filter_value *a, const struct filter_value *b,
    struct filter_value *ret)
{
	bool keep = n->op == FO_FILTER;

	if (b->type == FT_INT && !keep)
		return chosen(r, n, a,
		    filter_path_remove(r->mem, list_of(a), b->u), ret);
	if (b->type != FT_SET || (b->set && b->set->type != FT_INT))
		return filter_fail(r, n, "Can't %s bgppath by %s",
		    filter_op_rows[n->op].name, filter_type_name(b->type));
	return chosen(r, n, a,
	    filter_path_select(r->mem, list_of(a), b->set, keep), ret);
}

static enum filter_flow
list_select(struct filter_run *r, const struct filter_node *n,
    const struct filter_value *a, const struct filter_value *b,
    struct filter_value *ret)
{
	bool keep = n->op == FO_FILTER;
	struct bytes out = bytes_of(NULL, 0);

	if (b->type == a->type)
		out = filter_list_select_list(&r->tail, a->type, list_of(a),
		    list_of(b), keep);
	else if (b->type == FT_SET && filter_list_takes_set(a->type, b->set))
		out = filter_list_select(&r->tail, a->type, list_of(a), b->set,
		    keep);
	else if (!keep && filter_list_takes(a->type, b))
		out = filter_list_remove(&r->tail, a->type, list_of(a), b);
	else
		return filter_fail(r, n, "Can't %s %s by %s",
		    filter_op_rows[n->op].name, filter_type_name(a->type),
		    filter_type_name(b->type));
	return chosen(r, n, a, out, ret);
}

enum filter_flow
filter_eval_delete(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a, b;
	enum filter_flow f = filter_eval_two(r, n, &a, &b);

	if (f != FLOW_NEXT)
		return f;
	if (a.type == FT_PATH)
		return path_select(r, n, &a, &b, ret);
	if (is_list(a.type))
		return list_select(r, n, &a, &b, ret);
	return not_for(r, n, &a);
}

enum filter_flow
filter_eval_filter(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	return filter_eval_delete(r, n, ret);	/* n->op tells them apart */
}

#define STRING_MAX	4096

enum filter_flow
filter_eval_concat(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a, b;
	enum filter_flow f = filter_eval_two(r, n, &a, &b);
	uint8_t *p;

	if (f != FLOW_NEXT)
		return f;
	if (a.type != b.type ||
	    (a.type != FT_STRING && a.type != FT_BYTESTRING))
		return filter_fail(r, n, "Can't append %s to %s",
		    filter_type_name(b.type), filter_type_name(a.type));
	if (a.type == FT_STRING) {
		a.n = (uint32_t)strnlen(a.s, STRING_MAX);
		b.n = (uint32_t)strnlen(b.s, STRING_MAX);
	}
	if ((size_t)a.n + b.n > STRING_MAX)
		return filter_fail(r, n, "Text of more than %u bytes",
		    STRING_MAX);
	p = arena_alloc(r->mem, (size_t)a.n + b.n + 1);
	if (!p)
		return filter_no_memory(r, n);
	if (a.n)
		memcpy(p, a.p, a.n);
	if (b.n)
		memcpy(p + a.n, b.p, b.n);
	*ret = filter_value_bytes(a.type, bytes_of(p, a.n + b.n));
	return FLOW_NEXT;
}

enum filter_flow
filter_eval_format(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = object(r, n, &a);
	struct text t;

	if (f != FLOW_NEXT)
		return f;
	text_init(&t, STRING_MAX);
	filter_value_text(&a, &t);
	*ret = (struct filter_value){ .type = FT_STRING,
	    .s = arena_strndup(r->mem, t.s, t.n) };
	text_done(&t);
	return ret->s ? FLOW_NEXT : filter_no_memory(r, n);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

enum filter_flow
filter_eval_from_hex(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	struct filter_value a;
	enum filter_flow f = object(r, n, &a);
	uint8_t *p;
	size_t k = 0;

	if (f != FLOW_NEXT)
		return f;
	p = arena_alloc(r->mem, strlen(a.s) / 2 + 1);
	if (!p)
		return filter_no_memory(r, n);
	for (const char *s = a.s; *s; s += 2) {
		while (*s == ':' || *s == '-' || *s == ' ')
			s++;
		if (!*s)
			break;
		if (hex_digit(s[0]) < 0 || hex_digit(s[1]) < 0)
			return filter_fail(r, n, "Not hexadecimal");
		p[k++] = (uint8_t)(hex_digit(s[0]) << 4 | hex_digit(s[1]));
	}
	*ret = filter_value_bytes(FT_BYTESTRING, bytes_of(p, k));
	return FLOW_NEXT;
}

/* roa_check(table): this route's prefix and the last ASN of its path. */
static enum filter_flow
roa_subject(struct filter_run *r, const struct filter_node *n,
    const struct prefix **ret_net, uint32_t *ret_asn)
{
	struct filter_value net = { .n = 0 }, asn = net;
	enum filter_flow f;
	struct attr path;

	if (n->a) {
		f = filter_eval_typed(r, n, &net, &asn);
		*ret_net = net.prefix;
		*ret_asn = asn.u;
		return f;
	}
	if (!r->e || !attrs_edit_get(&r->e->a, ATTR_BGP_PATH, &path))
		return filter_fail(r, n, "Missing AS_PATH attribute");
	*ret_net = &r->e->net;
	*ret_asn = filter_path_last(bytes_of(path.p, path.n));
	return FLOW_NEXT;
}

enum filter_flow
filter_eval_roa(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	const struct rt_table *t = NULL;
	const struct prefix *net = NULL;
	uint32_t asn = 0;
	enum filter_flow f = roa_subject(r, n, &net, &asn);

	if (f != FLOW_NEXT)
		return f;
	if (r->env && r->env->roa_table)
		t = r->env->roa_table(r->env->ctx, n->table);
	if (!t)
		return filter_fail(r, n, "No ROA table '%s'", n->table);
	if (rt_table_kind(t) != NET_ROA4 && rt_table_kind(t) != NET_ROA6)
		return filter_fail(r, n, "Table '%s' holds no ROAs", n->table);
	filter_value_put(ret, FT_ENUM_ROA, RT_ROA_UNKNOWN);
	if (prefix_is4(net) == (rt_table_kind(t) == NET_ROA4))
		ret->u = rt_roa_check(t, net, asn);
	return FLOW_NEXT;
}

static const struct {
	const char *name;
	enum filter_op op;
} methods[] = {
	{ "is_v4", FO_IS_V4 }, { "type", FO_TYPE }, { "ip", FO_IP },
	{ "rd", FO_RD }, { "len", FO_LEN }, { "maxlen", FO_MAXLEN },
	{ "asn", FO_ASN }, { "src", FO_SRC }, { "dst", FO_DST },
	{ "mask", FO_IP_MASK }, { "first", FO_FIRST }, { "last", FO_LAST },
	{ "last_nonaggregated", FO_LAST_NONAGG }, { "data", FO_DATA },
	{ "data1", FO_DATA1 }, { "data2", FO_DATA2 }, { "min", FO_MIN },
	{ "max", FO_MAX }, { "empty", FO_EMPTY }, { "reset", FO_EMPTY },
	{ "prepend", FO_PREPEND }, { "append", FO_CONCAT },
	{ "add", FO_LIST_ADD }, { "delete", FO_DELETE },
	{ "filter", FO_FILTER },
};

#define N_METHODS	(sizeof(methods) / sizeof(methods[0]))

enum filter_op
filter_method_find(const char *name)
{
	for (size_t i = 0; i < N_METHODS; i++)
		if (strcmp(methods[i].name, name) == 0)
			return methods[i].op;
	return FO_NONE;
}

const char *
filter_method_at(unsigned i)
{
	return i < N_METHODS ? methods[i].name : NULL;
}

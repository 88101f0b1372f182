/* SPDX-License-Identifier: ISC */
/*
 * Community lists of the route, looked into and changed where they lie: what
 * most filters spend their time on.
 */
#include "filter/list.h"
#include "filter/node_impl.h"

bool
filter_is_list_attr(const struct filter_node *n)
{
	return n->op == FO_ATTR && n->attr->kind == FA_EXT &&
	    filter_type_element(n->type) != FT_VOID && n->type != FT_PATH;
}

/* p is NULL where there is none. */
static inline struct bytes
list_of(const struct attr *at)
{
	if (!at || attr_is_number(at->type))
		return bytes_of(NULL, 0);
	return bytes_of(at->p, at->n);
}

static inline const struct attr *
find(const struct rt_edit *e, uint16_t id, struct attr *room)
{
	if (e->a.own_v)
		return attrs_edit_own(&e->a, id);
	return attrs_edit_get(&e->a, id, room) ? room : NULL;
}

/* (1, 2) ~ bgp_community */
enum filter_flow
filter_eval_item_in_attr(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	const struct filter_attr *at = n->b->attr;
	struct bytes list;
	struct attr room;
	bool has;

	if (!r->e)
		return filter_eval_match(r, n, ret);
	list = list_of(find(r->e, at->id, &room));
	has = at->type == FT_CLIST ? filter_list_has_u32(list, n->a->k.u) :
	    filter_list_has(at->type, list, &n->a->k);
	filter_value_put(ret, FT_BOOL, has == (n->op == FO_MATCH));
	return FLOW_NEXT;
}

/*
 * attr.add(x), .delete(x), .filter(x) as statements: assignments to attr of
 * what an operator makes of attr.  What x does to the route comes second.
 */
static bool
is_simple(const struct filter_node *n)
{
	if (n->op == FO_PAIR || n->op == FO_LC || n->op == FO_EC)
		return is_simple(n->a) && is_simple(n->b) &&
		    (!n->c || is_simple(n->c));
	return n->op == FO_CONST || n->op == FO_VAR;
}

bool
filter_is_list_change(const struct filter_attr *at,
    const struct filter_node *x)
{
	return (x->op == FO_LIST_ADD || x->op == FO_DELETE ||
	    x->op == FO_FILTER) && filter_is_list_attr(x->a) &&
	    x->a->attr == at && is_simple(x->b);
}

/* False: it is another case, or a mistake. */
static bool
changed(struct filter_run *r, const struct filter_node *op, struct bytes old,
    const struct filter_value *v, struct bytes *ret)
{
	static const uint8_t nothing[1];
	const enum filter_type type = op->a->attr->type;

	if (!old.p)
		old.p = nothing;
	if (op->op != FO_LIST_ADD && v->type == FT_SET &&
	    filter_list_takes_set(type, v->set))
		*ret = filter_list_select(&r->tail, type, old, v->set,
		    op->op == FO_FILTER);
	else if (op->op == FO_FILTER || !filter_list_takes(type, v))
		return false;
	else if (op->op == FO_LIST_ADD)
		*ret = filter_list_add(&r->tail, type, old, v);
	else
		*ret = filter_list_remove(&r->tail, type, old, v);
	return true;
}

/* One that was written before is written again where it stands. */
static inline void
put(struct attrs_edit *e, const struct filter_attr *at, struct attr *own,
    struct bytes b)
{
	if (own && own->type == at->wire && (own->flags & ATTR_FRESH) &&
	    b.n <= ATTRS_VALUE_MAX) {
		own->p = b.p;
		own->n = (uint32_t)b.n;
	} else {
		attrs_edit_set_bytes(e, at->id, at->wire, b);
	}
}

enum filter_flow
filter_eval_list_change(struct filter_run *r, const struct filter_node *n,
    struct filter_value *ret)
{
	const struct filter_attr *at = n->attr;
	const struct filter_node *x = n->a->b;
	const struct filter_value *v = &x->k;
	const struct attr *now;
	struct bytes old, new;
	enum filter_flow f;
	struct attr room;

	if (!r->e)
		return filter_attr_set(r, n, ret);
	if (x->op != FO_CONST) {
		f = filter_eval_node(r, x, ret);
		if (f != FLOW_NEXT)
			return f;
		v = ret;
	}
	now = find(r->e, at->id, &room);
	old = list_of(now);
	if (!changed(r, n->a, old, v, &new))
		return filter_attr_set(r, n, ret);
	if (!new.p)
		return filter_no_memory(r, n);
	put(&r->e->a, at, now == &room ? NULL : (struct attr *)(uintptr_t)now,
	    new.n == old.n ? old : new);
	filter_value_put(ret, FT_VOID, 0);
	return FLOW_NEXT;
}

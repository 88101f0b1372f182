/* SPDX-License-Identifier: ISC */
/*
 * Do two programs do the same?  Two trees walked side by side.
 *
 * Functions may call themselves, so a pair of functions that is being (or has
 * been) compared is taken for the same: if they differ, the walk that met
 * them first says so, and the whole answer is no.
 */
#include <string.h>

#include "filter/node_impl.h"
#include "filter/prefixes.h"

#define PAIRS_MAX	512	/* functions reached from one filter */

struct pairs {
	struct {
		const struct filter_function *a, *b;
	} v[PAIRS_MAX];
	unsigned n;
};

static bool same(struct pairs *p, const struct filter_node *a,
    const struct filter_node *b);

static bool
same_function(struct pairs *p, const struct filter_function *a,
    const struct filter_function *b)
{
	for (unsigned i = 0; i < p->n; i++)
		if (p->v[i].a == a && p->v[i].b == b)
			return true;
	if (p->n == PAIRS_MAX)
		return false;	/* a reload too much does no harm */
	p->v[p->n].a = a;
	p->v[p->n++].b = b;
	return a->n_args == b->n_args && a->slots == b->slots &&
	    memcmp(a->arg, b->arg, a->n_args) == 0 &&
	    same(p, a->body, b->body);
}

static bool
same_attr(const struct filter_attr *a, const struct filter_attr *b)
{
	return a->kind == b->kind && a->type == b->type && a->id == b->id &&
	    a->is_bit == b->is_bit && a->bit == b->bit;
}

static bool
same_arms(struct pairs *p, const struct filter_arm *a,
    const struct filter_arm *b)
{
	for (; a && b; a = a->next, b = b->next) {
		if (a->otherwise != b->otherwise ||
		    !a->prefixes != !b->prefixes ||
		    !filter_set_same(a->set, b->set) ||
		    !same(p, a->body, b->body))
			return false;
		if (a->prefixes &&
		    !filter_prefixes_same(a->prefixes, b->prefixes))
			return false;
	}
	return !a && !b;
}

static bool
same_item(const struct filter_mask_item *a, const struct filter_mask_item *b)
{
	return a->kind == b->kind && a->loop == b->loop && a->lo == b->lo &&
	    a->hi == b->hi && filter_set_same(a->set, b->set);
}

static bool
same_payload(struct pairs *p, const struct filter_node *a,
    const struct filter_node *b)
{
	switch (a->op) {
	case FO_CONST:
		return a->k.type == b->k.type &&
		    filter_value_same(&a->k, &b->k);
	case FO_MASK_ITEM:
		return same_item(&a->item, &b->item);
	case FO_ATTR: case FO_ATTR_SET: case FO_ATTR_UNSET:
		return same_attr(a->attr, b->attr);
	case FO_CALL:
		return same_function(p, a->fn, b->fn);
	case FO_CASE:
		return same_arms(p, a->arms, b->arms);
	case FO_ROA_CHECK:
		return strcmp(a->table, b->table) == 0;
	default:
		return a->n == b->n && a->vtype == b->vtype &&
		    a->flag == b->flag;
	}
}

static bool
same_node(struct pairs *p, const struct filter_node *a,
    const struct filter_node *b)
{
	return a->op == b->op && a->type == b->type &&
	    same_payload(p, a, b) && same(p, a->a, b->a) &&
	    same(p, a->b, b->b) && same(p, a->c, b->c);
}

/* A row of nodes, which may be one or none. */
static bool
same(struct pairs *p, const struct filter_node *a,
    const struct filter_node *b)
{
	for (; a && b; a = a->next, b = b->next)
		if (!same_node(p, a, b))
			return false;
	return !a && !b;
}

bool
filter_same(const struct filter *a, const struct filter *b)
{
	struct pairs p;

	if (!a || !b)
		return a == b;
	p.n = 0;
	return a->kind == b->kind && same(&p, a->body, b->body);
}

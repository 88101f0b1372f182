/* SPDX-License-Identifier: ISC */
#include "daemon/announced.h"

#include <stdlib.h>

#include "base/mem.h"

static int
compare(const void *a, const void *b)
{
	const struct announced_route *x = a, *y = b;
	int c = prefix_cmp(&x->net, &y->net);

	return c != 0 ? c : (x->path_id > y->path_id) -
	    (x->path_id < y->path_id);
}

static bool
append(struct announced_list *l, const struct prefix *net, uint32_t path_id)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 16;
		struct announced_route *v = mem_resize(l->v, cap, sizeof(*v));

		if (v == NULL)
			return false;
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = (struct announced_route){ *net, path_id };
	return true;
}

void
announced_done(struct announced *a)
{
	mem_free(a->said.v);
	mem_free(a->saying.v);
	*a = (struct announced){ 0 };
}

void
announced_begin(struct announced *a)
{
	a->saying.n = 0;
	a->failed = false;
}

void
announced_add(struct announced *a, struct proto_channel *c,
    const struct prefix *net, uint32_t path_id, const struct attrs *attrs)
{
	/* What is not remembered could not be withdrawn. */
	if (append(&a->saying, net, path_id))
		rt_channel_update(c->rc, net, path_id, attrs, loop_now());
	else
		a->failed = true;
}

static void
withdraw(struct proto *p, const struct announced_route *r)
{
	struct proto_channel *c = proto_channel(p,
	    (enum net_kind)r->net.kind);

	if (c != NULL && c->state == CHANNEL_UP)
		rt_channel_update(c->rc, &r->net, r->path_id, NULL,
		    loop_now());
}

/* Both in order: what is in the old list alone. */
static void
withdraw_rest(struct announced *a, struct proto *p)
{
	size_t k = 0;

	for (size_t i = 0; i < a->said.n; i++) {
		const struct announced_route *r = &a->said.v[i];

		while (k < a->saying.n && compare(&a->saying.v[k], r) < 0)
			k++;
		if (k == a->saying.n || compare(&a->saying.v[k], r) != 0)
			withdraw(p, r);
	}
}

static void
sort(struct announced_list *l)
{
	if (l->n > 1)
		qsort(l->v, l->n, sizeof(*l->v), compare);
}

/* Remembers both: what was said before may still stand. */
static void
keep_both(struct announced *a)
{
	for (size_t i = 0; i < a->saying.n; i++)
		if (!append(&a->said, &a->saying.v[i].net,
		    a->saying.v[i].path_id))
			break;
	sort(&a->said);
}

void
announced_end(struct announced *a, struct proto *p)
{
	struct announced_list said = a->said;

	if (a->failed) {
		keep_both(a);
		return;
	}
	sort(&a->saying);
	withdraw_rest(a, p);
	a->said = a->saying;
	a->saying = said;
}

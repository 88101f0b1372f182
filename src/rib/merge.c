/* SPDX-License-Identifier: ISC */
/* Routes that are as good as the best: their next hops together. */
#include "rib/table_impl.h"

static int
hop_cmp(const struct nexthop *a, const struct nexthop *b)
{
	if (a->ifindex != b->ifindex)
		return a->ifindex < b->ifindex ? -1 : 1;
	return ip_cmp(a->gw, b->gw);
}

/* Keeps them in order, each once, whatever routes stand first. */
static unsigned
put(struct nexthop *v, unsigned n, unsigned max, const struct nexthop *h)
{
	unsigned at = 0;

	while (at < n && hop_cmp(&v[at], h) < 0)
		at++;
	if (at == max || (at < n && hop_cmp(&v[at], h) == 0))
		return n;
	for (unsigned i = n < max ? n : max - 1; i > at; i--)
		v[i] = v[i - 1];
	v[at] = *h;
	return n < max ? n + 1 : n;
}

static bool
mergable(const struct rt_table *t, const struct rt_route *best,
    const struct rt_route *r)
{
	const struct rt_class *cls = t->src[best->src]->origin->cls;

	return cls->mergable && rt_usable(r) &&
	    t->src[r->src]->origin->cls == cls &&
	    r->attrs->preference == best->attrs->preference &&
	    cls->mergable(t, best, r);
}

unsigned
rt_merge_hops(const struct rt_table *t, const struct rt_route *best,
    rt_hops_fn *hops_of, void *ctx, struct nexthop *ret, unsigned max)
{
	const struct nexthop *hops;
	unsigned n = 0, k;

	for (const struct rt_route *r = best; r; r = rt_next(t, r)) {
		if (r != best && !mergable(t, best, r))
			continue;
		if (!hops_of(ctx, r, &hops, &k))
			continue;
		for (unsigned i = 0; i < k; i++)
			n = put(ret, n, max, &hops[i]);
	}
	return n;
}

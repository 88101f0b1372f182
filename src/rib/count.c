/* SPDX-License-Identifier: ISC */
/* How many routes an owner has in a table, and of which kind. */
#include "rib/table_impl.h"

void
rt_count_best(struct rt_table *t, uint32_t net_id)
{
	uint32_t id = rt_net_at(t, net_id)->routes;

	for (bool first = true; id != RT_NONE; first = false) {
		struct rt_route *r = slab_at(&t->routes, id);
		bool best = first && rt_usable(r);

		if (best != !!(r->flags & RT_PREFERRED)) {
			r->flags ^= RT_PREFERRED;
			t->src[r->src]->preferred += best ? 1u : UINT32_MAX;
		}
		id = r->next;
	}
}

void
rt_owner_counts(const struct rt_table *t, const struct rt_owner *o,
    uint32_t *ret_routes, uint32_t *ret_filtered)
{
	*ret_routes = *ret_filtered = 0;
	for (uint32_t i = 0; i < t->n_src; i++)
		if (t->src[i] && t->src[i]->owner == o) {
			*ret_routes += t->src[i]->routes;
			*ret_filtered += t->src[i]->filtered;
		}
}

uint32_t
rt_owner_preferred(const struct rt_table *t, const struct rt_owner *o)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < t->n_src; i++)
		if (t->src[i] && t->src[i]->owner == o)
			n += t->src[i]->preferred;
	return n;
}

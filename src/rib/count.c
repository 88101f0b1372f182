/* SPDX-License-Identifier: ISC */
/* How many routes an owner has in a table, and of which kind. */
#include "rib/table_impl.h"

static void
prefer(struct rt_table *t, uint32_t id, bool best)
{
	struct rt_route *r = route_at(t, id);
	/* Read before the flags, which stand in one word with it, change. */
	struct rt_src *src = t->src[r->src];

	if (best != !!(r->flags & RT_PREFERRED)) {
		r->flags ^= RT_PREFERRED;
		src->preferred += best ? 1u : UINT32_MAX;
	}
}

void
rt_count_best(struct rt_table *t, uint32_t was, uint32_t best)
{
	if (was != best)
		prefer(t, was, false);
	prefer(t, best, rt_usable(route_at(t, best)));
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

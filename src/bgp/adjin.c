/* SPDX-License-Identifier: ISC */
/*
 * "import table": what a neighbour has said, as it was before the filter, in
 * a table of the channel's own, whose attribute sets are the same objects as
 * the routing table's.  A reload then asks this table, and not the neighbour.
 *
 * Stale routes (a lost session, a refresh) are stale in both tables.
 */
#include "bgp/neighbour_impl.h"

bool
bgp_adj_init(struct bgp_chan *c)
{
	c->adj_at = RT_NONE;
	if (!c->cfg.import_table)
		return true;
	c->adj = rt_table_sibling(c->cfg.table, "import");
	if (!c->adj)
		return false;
	c->adj_owner = c->ch.owner;
	return true;
}

void
bgp_adj_done(struct bgp_chan *c)
{
	c->adj = rt_table_free(c->adj);
}

/* More than the receive limit are not kept either. */
static bool
is_full(struct bgp_chan *c, const struct prefix *net)
{
	const struct rt_limit *l = &c->ch.receive_limit;

	if (l->action <= LIMIT_WARN || l->max == 0 ||
	    rt_count_routes(c->adj) < l->max)
		return false;
	return rt_find(c->adj, net) == RT_NONE;
}

void
bgp_adj_update(struct bgp_chan *c, const struct prefix *net,
    uint32_t path_id, const struct attrs *attrs)
{
	struct rt_src *s;

	if (!attrs) {
		s = rt_src_find(c->adj, &c->adj_owner, path_id);
		if (s)
			rt_withdraw(c->adj, s, net, c->n->now);
		return;
	}
	if (is_full(c, net))
		return;
	s = rt_src_get(c->adj, &c->adj_owner, path_id);
	if (!s || rt_announce(c->adj, s, net, attrs, 0, c->n->now) ==
	    RT_NO_MEMORY)
		bgp_no_memory(c->n);
}

void
bgp_stale_begin(struct bgp_chan *c, bool drops)
{
	c->marking = true;
	c->mark_drops = drops;
	c->mark_pos = c->adj_mark_pos = 0;
	c->ch.flush_pos = c->adj_pos = 0;
}

static bool
mark(struct bgp_chan *c, uint32_t budget)
{
	return c->mark_drops ? rt_channel_age(&c->ch, &c->mark_pos, budget,
	    c->n->now) : rt_mark_stale(c->cfg.table, &c->ch.owner,
	    &c->mark_pos, budget);
}

static bool
mark_adj(struct bgp_chan *c, uint32_t budget)
{
	if (!c->adj)
		return false;
	return c->mark_drops ? rt_age(c->adj, &c->adj_owner,
	    &c->adj_mark_pos, budget, c->n->now) : rt_mark_stale(c->adj,
	    &c->adj_owner, &c->adj_mark_pos, budget);
}

bool
bgp_stale_mark(struct bgp_chan *c, uint32_t budget)
{
	if (c->marking) {
		c->marking = mark(c, budget);
		c->marking |= mark_adj(c, budget);
	}
	return c->marking;
}

bool
bgp_stale_end(struct bgp_chan *c, uint32_t budget)
{
	bool more = rt_channel_end_refresh(&c->ch, budget, c->n->now);

	if (!c->adj)
		return more;
	more |= rt_flush_stale(c->adj, &c->adj_owner, &c->adj_pos, budget,
	    c->n->now);
	if (!more)
		c->adj_pos = 0;
	rt_table_work(c->adj, budget, c->n->now);
	return more;
}

void
bgp_adj_reload(struct bgp_chan *c)
{
	c->adj_reload = true;
	c->adj_at = RT_NONE;
}

static void
again(struct bgp_chan *c, uint32_t id)
{
	const struct prefix net = rt_prefix(c->adj, id);
	uint32_t at = rt_net_at(c->adj, id)->routes;

	while (at != RT_NONE) {
		const struct rt_route *r = rt_route_at(c->adj, at);

		at = r->next;
		/* Stale: it is said again, and filtered then, or goes. */
		if (r->flags & RT_STALE)
			continue;
		c->ch.flags = bgp_llgr_flag(r->attrs);
		rt_channel_alike_begin(&c->ch, r->attrs);
		if (rt_channel_update(&c->ch, &net,
		    rt_src_at(c->adj, r->src)->path_id, r->attrs,
		    c->n->now) == RT_NO_MEMORY)
			bgp_no_memory(c->n);
	}
}

bool
bgp_adj_work(struct bgp_chan *c, uint32_t budget)
{
	bool more;

	if (!c->adj)
		return false;
	more = rt_table_work(c->adj, budget, c->n->now);
	for (; c->adj_reload && budget > 0; budget--) {
		c->adj_at = rt_walk(c->adj, c->adj_at);
		if (c->adj_at == RT_NONE)
			c->adj_reload = false;
		else
			again(c, c->adj_at);
	}
	rt_channel_alike_end(&c->ch);
	return c->adj_reload || more;
}

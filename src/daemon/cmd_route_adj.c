/* SPDX-License-Identifier: ISC */
/*
 * "show route import table NAME.ipv4" and "export table": what a neighbour
 * has said before our filter, and what it was told after it.  The first is a
 * table of the channel's; the second is not kept but worked out, route by
 * route, from what the channel has exported.
 */
#include <string.h>

#include "bgp/neighbour.h"
#include "conf/protos.h"
#include "daemon/bgp.h"
#include "daemon/route_impl.h"

/* The neighbour's channel that a table of ours stands for; NULL: gone. */
static struct bgp_neighbour *
neighbour(const struct daemon *d, const struct route_adj *a,
    struct proto_channel **ret_channel, unsigned *ret_i)
{
	struct proto *p = ctl_proto_by_number(d, a->proto);
	struct proto_channel *c = p && p->ops == &bgp_ops ? proto_channel(p,
	    a->t.kind) : NULL;
	struct bgp_neighbour *n = c ? bgp_proto_neighbour(p) : NULL;
	const int i = n ? bgp_proto_channel(p, c) : -1;

	*ret_channel = c;
	*ret_i = (unsigned)i;
	return i >= 0 ? n : NULL;
}

/* The table as it is now; NULL: there is none (any more). */
static struct rt_table *
find(const struct daemon *d, const struct route_adj *a)
{
	struct proto_channel *c;
	struct bgp_neighbour *n;
	unsigned i;

	n = neighbour(d, a, &c, &i);
	if (n == NULL)
		return NULL;
	if (!a->export)
		return (struct rt_table *)(uintptr_t)
		    bgp_neighbour_import_table(n, i);
	return bgp_neighbour_channel_up(n, i) ? c->table->t : NULL;
}

static bool
add(struct ctl_client *c, struct route_show *s, const struct proto *p,
    enum net_kind kind, bool export)
{
	struct route_adj *a = &s->adj[s->n_adj];
	const struct proto_channel *ch = proto_channel(p, kind);

	if (s->n_adj == ROUTE_ADJ_MAX || s->n_tables == ROUTE_TABLES)
		return true;
	if (ch == NULL || p->ops != &bgp_ops ||
	    (!export && !ch->cf->import_table)) {
		ctl_end(c, 9001, "No %s table in channel %s.%s", export ?
		    "export" : "import", p->name, conf_net_word(kind));
		return false;
	}
	*a = (struct route_adj){ .t = { .name = export ? s->export_name :
	    s->import_name, .kind = kind, .users = 1 }, .proto = p->number,
	    .export = export };
	s->n_adj++;
	s->table[s->n_tables++] = &a->t;
	s->tables_said = true;
	return true;
}

/* Behind "import table" or "export table". */
bool
route_take_adj(struct ctl_client *c, struct ctl_words *w,
    struct route_show *s, bool export)
{
	enum net_kind kind;
	const struct proto *p = route_take_proto(c, w, &kind);

	strcpy(s->import_name, "import");
	strcpy(s->export_name, "export");
	if (p == NULL)
		return false;
	if (kind != NET_NONE)
		return add(c, s, p, kind, export);
	LIST_EACH(ch, &p->channels, struct proto_channel, link)
		if (!add(c, s, p, (enum net_kind)ch->cf->kind, export))
			return false;
	return true;
}

struct route_adj *
route_adj_of(struct route_show *s, const struct dtable *t)
{
	for (unsigned i = 0; i < s->n_adj; i++)
		if (&s->adj[i].t == t)
			return &s->adj[i];
	return NULL;
}

bool
route_adj_refresh(struct ctl_client *c, struct route_adj *a)
{
	struct rt_table *t = find(c->d, a);

	if (t == NULL || (a->t.t != NULL && a->t.t != t)) {
		ctl_end(c, 8005, "Channel is down");
		return false;
	}
	a->t.t = t;
	return true;
}

bool
route_adj_told(struct ctl_client *c, const struct route_adj *a,
    const struct rt_route *r, struct rt_edit *e, const struct attrs **ret)
{
	struct proto_channel *ch;
	struct bgp_neighbour *n;
	struct rt_edit told;
	struct attrs_edit was;
	const struct nexthop *hops;
	unsigned i, n_hops;

	n = neighbour(c->d, a, &ch, &i);
	if (n == NULL || !bgp_neighbour_has_told(n, i, r->net) ||
	    (!ch->rc->all_paths && !ch->rc->secondary &&
	    rt_best(a->t.t, r->net) != r) ||
	    rt_channel_would_export(ch->rc, r, e) == RT_REJECT)
		return false;
	told = *e;
	*ret = bgp_neighbour_would_tell(n, i, &told);
	if (*ret == NULL)
		return false;
	/* Of ours is what the line says, of BGP's what was told. */
	was = e->a;
	attrs_edit_init(&e->a, *ret);
	e->a.host = was.host;
	e->a.from = was.from;
	e->a.preference = was.preference;
	e->a.source = was.source;
	e->a.dest = was.dest;
	e->a.scope = was.scope;
	hops = attrs_edit_hops(&was, &n_hops);
	attrs_edit_set_hops(&e->a, hops, n_hops);
	return true;
}

/* SPDX-License-Identifier: ISC */
/* What a neighbour shows. */
#include "bgp/neighbour_impl.h"

const struct bgp_neighbour_config *
bgp_neighbour_config(const struct bgp_neighbour *n)
{
	return &n->cfg;
}

const struct bgp_session *
bgp_neighbour_session(const struct bgp_neighbour *n)
{
	if (n->est >= 0)
		return n->s[n->est];
	if (n->s[BGP_ACCEPTED] &&
	    bgp_session_state(n->s[BGP_ACCEPTED]) >
	    bgp_session_state(n->s[BGP_DIALLED]))
		return n->s[BGP_ACCEPTED];
	return n->s[BGP_DIALLED];
}

const struct bgp_session *
bgp_neighbour_conn(const struct bgp_neighbour *n, enum bgp_conn conn)
{
	return n->s[conn];
}

size_t
bgp_neighbour_queued(const struct bgp_neighbour *n, unsigned i)
{
	return n->chan[i].queue.octets;
}

bool
bgp_neighbour_established(const struct bgp_neighbour *n)
{
	return n->est >= 0;
}

bool
bgp_neighbour_gr_active(const struct bgp_neighbour *n)
{
	return n->gr_active;
}

struct instant
bgp_neighbour_gr_deadline(const struct bgp_neighbour *n)
{
	return n->gr_until;
}

const struct bgp_link *
bgp_neighbour_link_of(const struct bgp_neighbour *n)
{
	return &n->link[n->est >= 0 ? n->est : BGP_DIALLED];
}

const struct bgp_link *
bgp_neighbour_conn_link(const struct bgp_neighbour *n, enum bgp_conn conn)
{
	return &n->link[conn];
}

struct rt_channel *
bgp_neighbour_channel(struct bgp_neighbour *n, unsigned i)
{
	return &n->chan[i].ch;
}

bool
bgp_neighbour_channel_up(const struct bgp_neighbour *n, unsigned i)
{
	return n->est >= 0 && n->chan[i].up;
}

void
bgp_neighbour_next_hop(const struct bgp_neighbour *n, unsigned i,
    struct ip *ret_hop, struct ip *ret_link_local)
{
	*ret_hop = n->chan[i].hop;
	*ret_link_local = n->chan[i].hop_ll;
}

const struct rt_table *
bgp_neighbour_import_table(const struct bgp_neighbour *n, unsigned i)
{
	return n->chan[i].adj;
}

bool
bgp_neighbour_has_told(const struct bgp_neighbour *n, unsigned i,
    uint32_t net_id)
{
	const struct bgp_chan *c = &n->chan[i];
	uint16_t who;

	if (!c->group || !rt_bitmap_has(&c->group->ch.exported, net_id))
		return false;
	who = bgp_group_hidden(c->group, net_id);
	/* Of several bgp_neighbour_would_tell() knows more. */
	return who == 0 || who == BGP_SEVERAL || bgp_hidden_slot(who) !=
	    c->slot;
}

const struct attrs *
bgp_neighbour_would_tell(struct bgp_neighbour *n, unsigned i,
    struct rt_edit *e)
{
	struct bgp_chan *c = &n->chan[i];

	return n->est >= 0 && c->up && c->group ? bgp_export_told(c, e) :
	    NULL;
}

static void
on_message(void *ctx, struct bytes whole)
{
	const struct bgp_looker *l = ctx;

	l->n->ops->message(l->n, l->conn, whole, l->n->ctx);
}

static void
on_state(void *ctx, enum bgp_state was, enum bgp_state is)
{
	const struct bgp_looker *l = ctx;

	l->n->ops->state(l->n, l->conn, was, is, l->n->ctx);
}

void
bgp_neighbour_look_on(struct bgp_neighbour *n, enum bgp_conn conn)
{
	const struct bgp_watch w = { .ctx = &n->looker[conn],
	    .message = n->ops->message ? on_message : NULL,
	    .state = n->ops->state ? on_state : NULL };

	n->looker[conn] = (struct bgp_looker){ n, conn };
	bgp_session_watch(n->s[conn], &w);
}

static void
watched(const struct bgp_chan *c, bool post, const struct rt_src *s,
    const struct prefix *net, const struct attrs *attrs)
{
	struct bgp_neighbour *n = c->n;

	n->ops->route(n, (unsigned)(c - n->chan), post, net, s->path_id,
	    attrs, n->ctx);
}

static void
watch_before(struct rt_owner *o, const struct rt_src *s,
    const struct prefix *net, const struct attrs *attrs)
{
	watched(o->ctx, false, s, net, attrs);
}

static void
watch_after(struct rt_owner *o, const struct rt_src *s,
    const struct prefix *net, const struct attrs *attrs)
{
	watched(o->ctx, true, s, net, attrs);
}

void
bgp_neighbour_monitor(struct bgp_neighbour *n, bool before, bool after)
{
	n->monitor_before = before;
	n->monitor_after = after;
	for (unsigned i = 0; i < n->cfg.n_channels; i++)
		bgp_monitor_chan(&n->chan[i]);
}

void
bgp_monitor_chan(struct bgp_chan *c)
{
	c->adj_owner.watch = c->n->monitor_before ? watch_before : NULL;
	c->ch.owner.watch = c->n->monitor_after ? watch_after : NULL;
}

void *
bgp_neighbour_ctx(const struct bgp_neighbour *n)
{
	return n->ctx;
}

struct bgp_neighbour *
bgp_neighbour_of(const struct rt_channel *c)
{
	const struct bgp_chan *chan = c->ctx;

	return chan->n;
}

struct bgp_neighbour *
bgp_neighbour_of_src(const struct rt_src *s)
{
	const struct bgp_chan *chan = s->owner->ctx;

	return chan->n;
}

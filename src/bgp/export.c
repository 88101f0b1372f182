/* SPDX-License-Identifier: ISC */
/*
 * What a route becomes on its way to a neighbour: RFC 4271 5 and 9.2, RFC
 * 4456 (reflection), RFC 1997 (well-known communities).
 */
#include "bgp/neighbour_impl.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

#define PATH_ROOM	8192	/* of a path that is exported */

enum {	/* RFC 1997, RFC 3765, RFC 8326 */
	GRACEFUL_SHUTDOWN = 0xffff0000,
	NO_EXPORT = 0xffffff01, NO_ADVERTISE = 0xffffff02,
	NO_EXPORT_SUBCONFED = 0xffffff03
};

/*
 * The neighbour that a route came from, through pipes or not; NULL when it is
 * not BGP's.
 */
static const struct rt_owner *
learnt_from(const struct rt_edit *e)
{
	const struct rt_owner *o = e->src->origin;

	return o->cls == &bgp_rt_class ? o : NULL;
}

static bool
is_from(const struct rt_owner *from, const struct bgp_chan *c)
{
	return from && from->ctx == c;
}

static bool
has_community(const struct attrs_edit *e, uint32_t want)
{
	struct attr at;

	if (!attrs_edit_get(e, ATTR_BGP_COMMUNITY, &at))
		return false;
	for (uint32_t i = 0; i + 4 <= at.n; i += 4)
		if (be32_get(at.p + i) == want)
			return true;
	return false;
}

/* But for where it comes from. */
static enum rt_verdict
may_go(const struct bgp_chan *c, const struct rt_edit *e)
{
	const struct rt_owner *from = learnt_from(e);
	const struct bgp_neighbour *n = c->n;
	const bool internal = bgp_is_internal(n);

	if (from && internal && from->internal && !n->cfg.rr_client &&
	    !from->rr_client)
		return RT_REJECT;
	if (!bgp_role_exportable(n, &e->a))
		return RT_REJECT;
	/* RFC 9494 4.3: only to who knows what it means. */
	if (e->route && e->route->flags & RT_LLGR_STALE && !n->caps.llgr)
		return RT_REJECT;
	if (!n->cfg.interpret_communities)
		return RT_ACCEPT;
	if (has_community(&e->a, NO_ADVERTISE))
		return RT_REJECT;
	if (!internal && has_community(&e->a, NO_EXPORT_SUBCONFED))
		return RT_REJECT;
	if (!bgp_is_interior(n) && has_community(&e->a, NO_EXPORT))
		return RT_REJECT;
	return RT_ACCEPT;
}

static enum rt_verdict
preexport(struct rt_channel *ch, struct rt_edit *e)
{
	const struct bgp_chan *c = bgp_chan_of(ch);

	return is_from(learnt_from(e), c) ? RT_REJECT : may_go(c, e);
}

/* Is this what was exported last, as it stands? */
static bool
is_last(const struct bgp_group *g, const struct rt_edit *e)
{
	return !e->a.changed && e->a.base && e->a.base == g->cache_in &&
	    e->src == g->cache_src;
}

static enum rt_verdict
group_preexport(struct rt_channel *ch, struct rt_edit *e)
{
	const struct bgp_group *g = ch->ctx;

	/* With others, it is only hidden from him. */
	if (g->n_members == 1 && is_from(learnt_from(e), bgp_group_first(g)))
		return RT_REJECT;
	/* The last net had the same set, and went. */
	if (is_last(g, e) && !(e->route && e->route->flags & RT_LLGR_STALE))
		return RT_ACCEPT;
	return may_go(bgp_group_first(g), e);
}

/* Next hops. */

static const struct iface *
iface_of_session(const struct bgp_neighbour *n)
{
	const struct bgp_link *l = &n->link[n->est];

	if (!n->cfg.ifaces)
		return NULL;
	if (l->ifindex)
		return iface_by_index(n->cfg.ifaces, l->ifindex);
	return iface_of_local(n->cfg.ifaces, l->local);
}

void
bgp_export_find_hop(struct bgp_chan *c)
{
	const struct bgp_neighbour *n = c->n;
	const struct ip local = n->link[n->est].local;
	const struct iface *i = iface_of_session(n);
	const bool want4 = bgp_fam_is4(c->cfg.fam);

	c->hop = c->hop_ll = IP_NONE;
	if (!ip_is_none(c->cfg.next_hop_address)) {
		c->hop = c->cfg.next_hop_address;
	} else if (want4 == ip_is4(local) || (want4 && c->ext)) {
		c->hop = local;
	} else if (i) {
		c->hop = iface_global(i, want4 ? FAMILY_IP4 : FAMILY_IP6);
		if (ip_is_none(c->hop) && !want4)
			c->hop = iface_link_local(i);
	}
	if (ip_is_none(c->hop) || ip_is4(c->hop) || !n->cfg.direct)
		return;
	/* RFC 2545 section 3: the link-local one too, on a common link. */
	if (ip_is_link_local(c->hop)) {
		c->hop_ll = c->hop;
		c->hop = i ? iface_global(i, FAMILY_IP6) : IP_NONE;
		if (ip_is_none(c->hop))
			c->hop = c->hop_ll;
	} else if (i) {
		c->hop_ll = iface_link_local(i);
	}
}

static bool
rule_says(uint8_t rule, bool from_internal)
{
	switch ((enum bgp_hop_rule)rule) {
	case BGP_HOP_YES:
		return true;
	case BGP_HOP_EBGP:
		return !from_internal;
	case BGP_HOP_IBGP:
		return from_internal;
	case BGP_HOP_NO:
		break;
	}
	return false;
}

static bool
fits_family(const struct bgp_chan *c, struct ip hop)
{
	return ip_is4(hop) == bgp_fam_is4(c->cfg.fam) || c->ext;
}

/* Both ends of the way would be on one LAN: RFC 4271 5.1.3, third party. */
static bool
same_link(const struct bgp_chan *c, uint32_t ifindex)
{
	return c->n->cfg.direct && c->n->cfg.shared_link && ifindex != 0 &&
	    ifindex == c->n->link[c->n->est].ifindex;
}

/* May the next hop that the route has stand as it is? */
static bool
keep_hop(const struct bgp_chan *c, const struct rt_edit *e,
    const struct attr *at)
{
	const struct rt_owner *from = learnt_from(e);
	const bool internal = from && from->internal;
	struct ip hop = ip_from6(at->p);

	if (rule_says(c->cfg.next_hop_keep, internal))
		return true;
	if (rule_says(c->cfg.next_hop_self, internal))
		return false;
	if (at->flags & ATTR_FRESH)
		return true;
	if (!fits_family(c, hop) || ip_is_link_local(hop))
		return false;
	if (bgp_is_interior(c->n))
		return true;
	return from && same_link(c, from->ifindex);
}

/* A route that is not BGP's may be passed on with the gateway that it has. */
static struct ip
usable_gateway(const struct bgp_chan *c, const struct rt_edit *e)
{
	const struct rt_owner *from = learnt_from(e);
	const struct nexthop *h;
	unsigned n;

	if (rule_says(c->cfg.next_hop_self, from && from->internal))
		return IP_NONE;
	if (!e->route || rt_resolve(e->route->attrs, &h, &n) != RTD_UNICAST ||
	    n == 0 || ip_is_none(h->gw) || ip_is_link_local(h->gw) ||
	    !fits_family(c, h->gw))
		return IP_NONE;
	if (bgp_is_internal(c->n) || same_link(c, h->ifindex))
		return h->gw;
	return IP_NONE;
}

/*
 * False: there is none that the neighbour could use.  *ret_self: the way
 * leads through us.
 */
static bool
set_next_hop(const struct bgp_chan *c, struct rt_edit *e, uint8_t room[32],
    bool *ret_self)
{
	struct ip hop = c->hop, ll = c->hop_ll, gw;
	struct attr at;

	*ret_self = false;
	if (attrs_edit_get(&e->a, ATTR_BGP_NEXT_HOP, &at) &&
	    keep_hop(c, e, &at)) {
		hop = ip_from6(at.p);
		ll = at.n == 32 ? ip_from6(at.p + 16) : IP_NONE;
		if (!c->n->cfg.shared_link)
			ll = IP_NONE;
	} else {
		gw = usable_gateway(c, e);
		*ret_self = ip_is_none(gw);
		if (!ip_is_none(gw)) {
			hop = gw;
			ll = IP_NONE;
		}
	}
	if (ip_is_none(hop) || !fits_family(c, hop))
		return false;
	memcpy(room, hop.b, 16);
	memcpy(room + 16, ll.b, 16);
	attrs_edit_set_bytes(&e->a, ATTR_BGP_NEXT_HOP, ATTR_IP,
	    bytes_of(room, ip_is_none(ll) ? 16 : 32));
	return true;
}

/* The rest of the attributes. */

static void
reflect(const struct bgp_chan *c, struct rt_edit *e, uint8_t *room)
{
	struct attr at;
	uint32_t n = 0;

	if (!attrs_edit_get(&e->a, ATTR_BGP_ORIGINATOR_ID, &at))
		attrs_edit_set_u32(&e->a, ATTR_BGP_ORIGINATOR_ID,
		    e->src->origin->router_id);
	be32_put(room, c->n->cfg.cluster_id);
	if (attrs_edit_get(&e->a, ATTR_BGP_CLUSTER_LIST, &at)) {
		n = at.n < PATH_ROOM - 4 ? at.n : PATH_ROOM - 4;
		memcpy(room + 4, at.p, n);
	}
	attrs_edit_set_bytes(&e->a, ATTR_BGP_CLUSTER_LIST, ATTR_CLIST,
	    bytes_of(room, n + 4));
}

static bool
to_internal(const struct bgp_chan *c, struct rt_edit *e, uint8_t *room)
{
	const struct rt_owner *from = learnt_from(e);
	struct attr at;

	if (!attrs_edit_get(&e->a, ATTR_BGP_PATH, &at))
		attrs_edit_set_bytes(&e->a, ATTR_BGP_PATH, ATTR_PATH,
		    bytes_of(room, 0));
	if (!attrs_edit_get(&e->a, ATTR_BGP_LOCAL_PREF, &at))
		attrs_edit_set_u32(&e->a, ATTR_BGP_LOCAL_PREF,
		    c->n->cfg.default_local_pref);
	if (from && from->internal)
		reflect(c, e, room);
	return true;
}

/* type 0: nothing is put in front. */
static bool
set_path(struct rt_edit *e, struct bytes path, uint8_t type, uint32_t asn,
    uint8_t *room)
{
	struct wr w = wr_of(room, PATH_ROOM);

	if (type)
		bgp_path_prepend(&w, path, type, asn);
	else
		wr_bytes(&w, path);
	if (!w.bad)
		attrs_edit_set_bytes(&e->a, ATTR_BGP_PATH, ATTR_PATH,
		    bytes_of(room, wr_len(&w)));
	return !w.bad;
}

static struct bytes
path_of(const struct rt_edit *e)
{
	struct attr at;

	return attrs_edit_get(&e->a, ATTR_BGP_PATH, &at) ?
	    bytes_of(at.p, at.n) : bytes_of(NULL, 0);
}

/* Another member of our confederation, RFC 5065 section 5.3. */
static bool
to_member(const struct bgp_chan *c, struct rt_edit *e, uint8_t *room)
{
	struct attr at;

	if (!set_path(e, path_of(e), BGP_AS_CONFED_SEQUENCE,
	    c->n->cfg.local_as, room))
		return false;
	if (!attrs_edit_get(&e->a, ATTR_BGP_LOCAL_PREF, &at))
		attrs_edit_set_u32(&e->a, ATTR_BGP_LOCAL_PREF,
		    c->n->cfg.default_local_pref);
	attrs_edit_unset(&e->a, ATTR_BGP_ORIGINATOR_ID);
	attrs_edit_unset(&e->a, ATTR_BGP_CLUSTER_LIST);
	return true;
}

static bool
to_external(const struct bgp_chan *c, struct rt_edit *e, uint8_t *room)
{
	struct bytes path = path_of(e);
	uint8_t stripped[PATH_ROOM];
	struct wr w = wr_of(stripped, sizeof(stripped));
	struct attr at;

	if (c->n->cfg.confed_id) {
		if (!bgp_path_strip(&w, path))
			return false;
		path = bytes_of(stripped, wr_len(&w));
	}
	if (!set_path(e, path, c->n->cfg.rs_client ? 0 : BGP_AS_SEQUENCE,
	    bgp_public_as(&c->n->cfg), room))
		return false;
	if (!c->n->cfg.allow_local_pref)
		attrs_edit_unset(&e->a, ATTR_BGP_LOCAL_PREF);
	/* RFC 4271 5.1.4: what a neighbour said is not for the next one. */
	if (attrs_edit_get(&e->a, ATTR_BGP_MED, &at) &&
	    !(at.flags & ATTR_FRESH) && !c->n->cfg.allow_med)
		attrs_edit_unset(&e->a, ATTR_BGP_MED);
	attrs_edit_unset(&e->a, ATTR_BGP_ORIGINATOR_ID);
	attrs_edit_unset(&e->a, ATTR_BGP_CLUSTER_LIST);
	bgp_role_export(c->n, &e->a);
	return true;
}

/* RFC 8326 section 4; false: there is no room for one community more. */
static bool
drain(const struct bgp_chan *c, struct rt_edit *e, uint8_t room[PATH_ROOM])
{
	struct attr at = { 0 };

	if (bgp_is_interior(c->n))
		attrs_edit_set_u32(&e->a, ATTR_BGP_LOCAL_PREF, 0);
	if (has_community(&e->a, GRACEFUL_SHUTDOWN))
		return true;
	attrs_edit_get(&e->a, ATTR_BGP_COMMUNITY, &at);
	if (at.n > PATH_ROOM - 4)
		return false;
	if (at.n)
		memcpy(room, at.p, at.n);
	be32_put(room + at.n, GRACEFUL_SHUTDOWN);
	attrs_edit_set_bytes(&e->a, ATTR_BGP_COMMUNITY, ATTR_CLIST,
	    bytes_of(room, at.n + 4));
	return true;
}

/* Only what goes on the wire makes two sets different. */
static void
strip(struct rt_edit *e)
{
	for (unsigned i = attrs_edit_count(&e->a); i-- > 0;) {
		const uint16_t id = attrs_edit_at(&e->a, i).id;

		if (id > UINT8_MAX)
			attrs_edit_unset(&e->a, id);
	}
	attrs_edit_set_host(&e->a, NULL);
	attrs_edit_set_hops(&e->a, NULL, 0);
	attrs_edit_set_dest(&e->a, RTD_NONE);
	attrs_edit_set_preference(&e->a, 0);
	e->a.from = IP_NONE;
	e->a.source = RTS_NONE;
	e->a.scope = SCOPE_UNIVERSE;
}

/* What the set becomes on its way out; counted, NULL: not to be sent. */
static const struct attrs *
export_attrs(struct bgp_group *g, struct rt_edit *e)
{
	static bool (*const to[])(const struct bgp_chan *c,
	    struct rt_edit *e, uint8_t *room) = {
		[BGP_EBGP] = to_external, [BGP_IBGP] = to_internal,
		[BGP_CONFED] = to_member
	};
	const struct bgp_chan *c = bgp_group_first(g);
	uint8_t hop[32], room[PATH_ROOM], aigp[BGP_AIGP_ROOM];
	uint8_t drained[PATH_ROOM];
	bool self;
	const struct attrs *out;
	struct attr at;

	if (!set_next_hop(c, e, hop, &self))
		return NULL;
	bgp_aigp_export(c, e, self, learnt_from(e), aigp);
	if (!attrs_edit_get(&e->a, ATTR_BGP_ORIGIN, &at))
		attrs_edit_set_u32(&e->a, ATTR_BGP_ORIGIN, learnt_from(e) ?
		    BGP_ORIGIN_INCOMPLETE : BGP_ORIGIN_IGP);
	if (!to[c->n->codec.peer](c, e, room))
		return NULL;
	if (c->n->cfg.draining && !drain(c, e, drained))
		return NULL;
	strip(e);
	out = attrs_intern(rt_table_pool(c->cfg.table), &e->a);
	if (!out && !e->a.failed)
		g->no_memory = true;
	return out;
}

/* Where a next hop leads to may be another thing by the next batch. */
void
bgp_export_forget(struct bgp_group *g)
{
	struct attrs_pool *p = rt_table_pool(g->ch.table);

	attrs_unref(p, g->cache_in);
	attrs_unref(p, g->cache_out);
	g->cache_in = g->cache_out = NULL;
}

/* Neighbouring nets mostly share their set: what it becomes is remembered. */
const struct attrs *
bgp_export_cached(struct bgp_group *g, struct rt_edit *e)
{
	const struct attrs *in = e->a.changed ? NULL : e->a.base;
	const struct rt_src *src = e->src;
	const struct attrs *out;

	if (is_last(g, e))
		return attrs_ref(g->cache_out);
	out = export_attrs(g, e);
	if (!in || !out)
		return out;
	bgp_export_forget(g);
	g->cache_in = attrs_ref(in);
	g->cache_out = attrs_ref(out);
	g->cache_src = src;
	g->cache_hidden = bgp_export_hidden_from(g, e, out);
	return out;
}

/* Whom it must not be sent to. */

/* A route that leads to the peer itself is of no use to it. */
static bool
is_hop(const struct bgp_chan *c, const struct attr *hop)
{
	const struct ip peer = c->n->link[c->n->est].remote;

	return ip_eq(ip_from6(hop->p), peer) ||
	    (hop->n == 32 && ip_eq(ip_from6(hop->p + 16), peer));
}

const struct attrs *
bgp_export_told(struct bgp_chan *c, struct rt_edit *e)
{
	const bool was = c->group->no_memory;
	const struct attrs *out = export_attrs(c->group, e);
	struct attr hop;

	c->group->no_memory = was;
	if (!out || !attrs_get(out, ATTR_BGP_NEXT_HOP, &hop) ||
	    !is_hop(c, &hop))
		return out;
	attrs_unref(rt_table_pool(c->cfg.table), out);
	return NULL;
}

static bool
is_hidden(const struct bgp_chan *c, const struct rt_edit *e,
    const struct attr *hop)
{
	return is_from(learnt_from(e), c) || is_hop(c, hop);
}

/* The one of them that it came from.  A pipe's copy only names it. */
static const struct bgp_chan *
member_of(const struct bgp_group *g, const struct rt_edit *e)
{
	const struct rt_owner *from = learnt_from(e);
	const struct bgp_chan *c;

	if (!from)
		return NULL;
	if (from == e->src->owner) {
		c = from->ctx;
		return c->group == g ? c : NULL;
	}
	for (uint16_t i = 0; i < g->n_slots; i++)
		if (is_from(from, g->member[i]))
			return g->member[i];
	return NULL;
}

uint16_t
bgp_export_hidden_from(const struct bgp_group *g, const struct rt_edit *e,
    const struct attrs *out)
{
	const struct bgp_chan *from = member_of(g, e);
	uint16_t who = from ? (uint16_t)(from->slot + 1) : 0;
	struct attr hop;

	if (!attrs_get(out, ATTR_BGP_NEXT_HOP, &hop) ||
	    ip_eq(ip_from6(hop.p), bgp_group_first(g)->hop))
		return who;
	for (uint16_t i = 0; i < g->n_slots; i++) {
		if (!g->member[i] || !is_hop(g->member[i], &hop) ||
		    (who && bgp_hidden_slot(who) == i))
			continue;
		if (who)
			return BGP_SEVERAL;
		who = (uint16_t)((i + 1) | BGP_HOP_ITSELF);
	}
	return who;
}

/* Takes over attrs. */
static void
put_news(struct bgp_group *g, const struct prefix *net, uint32_t whom,
    const struct attrs *attrs)
{
	if (attrs && attrs != g->cache_out)
		g->octets += attrs->size;
	g->news[g->n_news++] = (struct bgp_news){ .net = *net, .whom = whom,
	    .attrs = attrs };
}

/* Those who may have been told of it. */
static uint32_t
all_told_of(const struct bgp_group *g, uint32_t id)
{
	const uint16_t hidden = bgp_group_hidden(g, id);

	return hidden && hidden != BGP_SEVERAL ?
	    BGP_ALL_BUT | bgp_hidden_slot(hidden) : BGP_TO_ALL;
}

/* It counts as rejected there, as it would without a group. */
static void
count_withheld(struct bgp_chan *c)
{
	c->own_updates.accepted--;
	c->own_updates.rejected++;
}

static bool
was_hidden(const struct bgp_group *g, uint32_t id, uint16_t slot)
{
	const uint16_t who = bgp_group_hidden(g, id);

	return who != 0 && who != BGP_SEVERAL && bgp_hidden_slot(who) == slot;
}

/* To each one by itself. */
static void
tell_several(struct bgp_group *g, uint32_t id, const struct prefix *net,
    const struct rt_edit *e, const struct attrs *out)
{
	struct attr hop;

	if (!attrs_get(out, ATTR_BGP_NEXT_HOP, &hop))
		return;
	for (uint16_t i = 0; i < g->n_slots; i++) {
		struct bgp_chan *c = g->member[i];

		if (!c)
			continue;
		if (!is_hidden(c, e, &hop)) {
			put_news(g, net, BGP_TO_ONE | i, attrs_ref(out));
			continue;
		}
		if (is_from(learnt_from(e), c))
			count_withheld(c);
		if (!g->ch.had || was_hidden(g, id, i))
			continue;
		put_news(g, net, BGP_TO_ONE | i, NULL);
		c->own_withdraws.accepted++;
	}
}

/* To all but one, who may have been told of another way before. */
static void
tell_others(struct bgp_group *g, uint32_t id, const struct prefix *net,
    uint16_t hidden, const struct attrs *out)
{
	const uint16_t slot = bgp_hidden_slot(hidden);

	if (bgp_is_withheld(hidden))
		count_withheld(g->member[slot]);
	if (g->n_members > 1)
		put_news(g, net, BGP_ALL_BUT | slot, attrs_ref(out));
	if (!g->ch.had || was_hidden(g, id, slot))
		return;
	put_news(g, net, BGP_TO_ONE | slot, NULL);
	g->member[slot]->own_withdraws.accepted++;
}

/* False: no memory. */
static bool
tell(struct bgp_group *g, uint32_t id, const struct prefix *net,
    const struct rt_edit *e, const struct attrs *out)
{
	const uint16_t hidden = out == g->cache_out &&
	    e->src == g->cache_src ? g->cache_hidden :
	    bgp_export_hidden_from(g, e, out);

	if (hidden == 0)
		put_news(g, net, BGP_TO_ALL, attrs_ref(out));
	else if (hidden == BGP_SEVERAL)
		tell_several(g, id, net, e, out);
	else
		tell_others(g, id, net, hidden, out);
	return bgp_group_hide(g, id, hidden);
}

static bool
group_emit(struct rt_channel *ch, uint32_t id, const struct prefix *net,
    struct rt_edit *e)
{
	struct bgp_group *g = ch->ctx;
	const struct attrs *out;

	if (!bgp_send_room(g))
		return false;
	out = e ? bgp_export_cached(g, e) : NULL;
	if (out) {
		if (!tell(g, id, net, e, out))
			g->no_memory = true;
		attrs_unref(rt_table_pool(ch->table), out);
		return true;
	}
	/* Without a next hop it is withdrawn: harmless if it never was. */
	put_news(g, net, all_told_of(g, id), NULL);
	return bgp_group_hide(g, id, 0);
}

static void
group_limit(struct rt_channel *ch, struct rt_limit *l, const char *which)
{
	struct bgp_chan *c = bgp_group_first(ch->ctx);

	(void)l;
	c->ch.export_limit.hit = true;
	bgp_note(c->n, BGP_NOTE_LIMIT, c, which);
}

static void
wake_one(const struct bgp_chan *c)
{
	if (c->n->ops->wake)
		c->n->ops->wake(c->n, c->n->ctx);
}

/* Whoever has nothing to send yet; who has will ask for more by itself. */
static void
group_wake(struct rt_channel *ch)
{
	const struct bgp_group *g = ch->ctx;

	for (uint16_t i = 0; i < g->n_slots; i++)
		if (g->member[i] && bgp_is_hungry(g->member[i])) {
			wake_one(g->member[i]);
			return;
		}
}

const struct rt_channel_ops bgp_group_ops = {
	.preexport = group_preexport, .limit = group_limit,
	.wake = group_wake, .emit = group_emit,
	.paths_begin = bgp_paths_net_begin,
	.emit_path = bgp_paths_emit, .paths_end = bgp_paths_net_end,
};

/* Of a neighbour's own channel, through which it imports. */

static void
limit_hit(struct rt_channel *ch, struct rt_limit *l, const char *which)
{
	struct bgp_chan *c = bgp_chan_of(ch);

	(void)l;
	bgp_note(c->n, BGP_NOTE_LIMIT, c, which);
}

static void
bogus(struct rt_channel *ch, const struct prefix *net)
{
	struct bgp_chan *c = bgp_chan_of(ch);
	char text[64 + PREFIX_TEXT];
	char prefix[PREFIX_TEXT];

	snprintf(text, sizeof(text), "Ignoring bogus route %s",
	    prefix_text(net, prefix));
	bgp_note(c->n, BGP_NOTE_UPDATE, c, text);
}

static void
look(struct rt_channel *ch)
{
	bgp_group_look(bgp_chan_of(ch));
}

const struct rt_channel_ops bgp_channel_ops = {
	.preexport = preexport, .bogus = bogus, .limit = limit_hit,
	.look = look,
};

void
bgp_export_begin(struct bgp_chan *c)
{
	c->fed = c->refreshed = false;
	bgp_export_find_hop(c);
	if (c->group)
		return;
	bgp_paths_begin(c);
	c->ch.all_paths = c->all_paths;
	c->ch.export_limit.hit = false;
	c->ch.exporting = bgp_group_enter(c);
	if (!c->ch.exporting)
		bgp_no_memory(c->n);
}

void
bgp_export_again(struct bgp_chan *c)
{
	bgp_paths_again(c);
	if (!bgp_group_restart(c)) {
		c->ch.exporting = false;
		bgp_no_memory(c->n);
	}
}

void
bgp_export_end(struct bgp_chan *c)
{
	if (c->ch.exporting)
		bgp_paths_end(c);
	c->ch.exporting = false;
	bgp_group_leave(c);
	bgp_queue_done(&c->queue);
	c->ch.exported.count = 0;
}

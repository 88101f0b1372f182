/* SPDX-License-Identifier: ISC */
/*
 * From an UPDATE to the tables: RFC 4271 sections 6.3 and 9.1, what the codec
 * could not judge alone, and the attribute set that all its NLRI share.
 */
#include "bgp/neighbour_impl.h"

/* The longest path that an extended message can carry, made 4 octets wide. */
#define PATH_MAX_BYTES	(2 * BGP_MESSAGE_EXT_MAX)

/* How each attribute is kept in a set; what is not here is opaque. */
static enum attr_type
type_of(uint8_t code)
{
	switch (code) {
	case BGP_ATTR_ORIGIN: case BGP_ATTR_MED: case BGP_ATTR_LOCAL_PREF:
	case BGP_ATTR_ORIGINATOR_ID: case BGP_ATTR_OTC:
		return ATTR_U32;
	case BGP_ATTR_AS_PATH:
		return ATTR_PATH;
	case BGP_ATTR_COMMUNITIES: case BGP_ATTR_CLUSTER_LIST:
		return ATTR_CLIST;
	case BGP_ATTR_EXT_COMMUNITIES:
		return ATTR_ECLIST;
	case BGP_ATTR_LARGE_COMMUNITIES:
		return ATTR_LCLIST;
	default:
		return ATTR_OPAQUE;
	}
}

static uint32_t
number(struct bytes b)
{
	return b.n == 1 ? b.p[0] : b.n == 4 ? be32_get(b.p) : 0;
}

/* Those that the importer makes otherwise, or that end here. */
static bool
set_apart(const struct bgp_attr *a)
{
	switch (a->code) {
	case BGP_ATTR_AS_PATH: case BGP_ATTR_NEXT_HOP:
	case BGP_ATTR_AGGREGATOR: case BGP_ATTR_AS4_PATH:
	case BGP_ATTR_AS4_AGGREGATOR:
		return true;
	default:
		/* RFC 4271 5: an unknown one that is not transitive ends. */
		return !bgp_attr_name(a->code) && !(a->flags & BGP_TRANSITIVE);
	}
}

static void
put_plain(struct attrs_edit *e, const struct bgp_update *u)
{
	for (unsigned i = 0; i < u->n_attrs; i++) {
		const struct bgp_attr *a = &u->attrs[i];
		struct attr at = { .id = a->code,
		    .type = (uint8_t)type_of(a->code), .flags = a->flags };

		if (set_apart(a))
			continue;
		if (at.type == ATTR_U32) {
			at.u = number(a->value);
		} else {
			at.n = (uint32_t)a->value.n;
			at.p = a->value.p;
		}
		attrs_edit_set(e, at);
	}
}

/* AGGREGATOR with a 4-octet AS always: RFC 6793 4.2.3. */
static void
put_aggregator(struct bgp_neighbour *n, struct attrs_edit *e,
    const struct bgp_update *u, uint8_t room[8])
{
	const struct bgp_attr *a = bgp_update_attr(u, BGP_ATTR_AGGREGATOR);
	const struct bgp_attr *a4 = bgp_update_attr(u,
	    BGP_ATTR_AS4_AGGREGATOR);

	if (!a)
		return;
	if (n->codec.as4) {
		memcpy(room, a->value.p, 8);
	} else if (be16_get(a->value.p) == BGP_AS_TRANS && a4) {
		memcpy(room, a4->value.p, 8);
	} else {
		be32_put(room, be16_get(a->value.p));
		memcpy(room + 4, a->value.p + 2, 4);
	}
	attrs_edit_set_bytes(e, ATTR_BGP_AGGREGATOR, ATTR_OPAQUE,
	    bytes_of(room, 8));
}

static struct bytes
path_of(struct bgp_neighbour *n, const struct bgp_update *u, uint8_t *room)
{
	const struct bgp_attr *a = bgp_update_attr(u, BGP_ATTR_AS_PATH);
	const struct bgp_attr *a4 = bgp_update_attr(u, BGP_ATTR_AS4_PATH);
	struct wr w = wr_of(room, PATH_MAX_BYTES);

	if (!a)
		return bytes_of(NULL, 0);
	if (n->codec.as4)
		return a->value;
	bgp_aspath_to4(&w, a->value, a4 ? a4->value : bytes_of(NULL, 0));
	return bytes_of(room, wr_len(&w));
}

static bool
has_cluster(const struct bgp_neighbour *n, const struct bgp_update *u)
{
	const struct bgp_attr *a = bgp_update_attr(u, BGP_ATTR_CLUSTER_LIST);

	for (size_t i = 0; a && i + 4 <= a->value.n; i += 4)
		if (be32_get(a->value.p + i) == n->cfg.cluster_id)
			return true;
	return false;
}

/*
 * It has been here before.  That is no fault of the neighbour's: many send
 * back what they got and leave it to us to see it.
 */
static bool
is_loop(const struct bgp_neighbour *n, const struct bgp_update *u,
    struct bytes path)
{
	const uint32_t confed = n->cfg.confed_id;
	const struct bgp_attr *a = bgp_update_attr(u, BGP_ATTR_ORIGINATOR_ID);

	return bgp_path_count(path, n->cfg.local_as) >
	    n->cfg.allow_local_as || (confed && bgp_path_count(path, confed) >
	    n->cfg.allow_local_as) ||
	    (a && be32_get(a->value.p) == n->cfg.router_id) ||
	    has_cluster(n, u);
}

/* NULL: fit to be imported; else why it counts as withdrawn. */
static const char *
unacceptable(const struct bgp_neighbour *n, const struct bgp_update *u,
    struct bytes path)
{
	if (n->codec.peer == BGP_EBGP && n->cfg.enforce_first_as &&
	    bgp_path_first(path) != n->caps.peer_asn)
		return "the path does not begin with the neighbor's AS";
	/* RFC 9774 section 3. */
	if (!n->cfg.allow_as_sets && bgp_path_has_set(path))
		return "a set of AS numbers in the path";
	return bgp_role_leak(n, u);
}

/* What BIRD prefers: the global next hop where it is used directly. */
static bool
prefers_global(const struct bgp_chan *c, bool direct)
{
	switch ((enum bgp_hop_prefer)c->cfg.next_hop_prefer) {
	case BGP_PREFER_GLOBAL:
		return true;
	case BGP_PREFER_LOCAL:
		return false;
	case BGP_PREFER_DEFAULT:
		break;
	}
	return direct;
}

static struct rt_host *
host_of(struct bgp_chan *c, struct ip hop, struct ip ll)
{
	const struct bgp_neighbour *n = c->n;
	const bool lone = ip_is_link_local(hop);
	struct rt_table *igp = ip_is4(hop) ? c->cfg.igp4 : c->cfg.igp6;
	uint32_t ifindex = n->link[n->est].ifindex;
	const bool direct = c->cfg.gateway_direct || lone || !igp;
	const bool global = prefers_global(c, direct);

	if (!n->cfg.direct || !ip_is_link_local(ll))
		ll = IP_NONE;
	if (c->cfg.onlink && ifindex)
		return rt_host_get(c->cfg.table, HOST_ONLINK, NULL, hop,
		    global ? IP_NONE : ll, ifindex);
	if (!direct)
		return rt_host_get(c->cfg.table, HOST_RECURSIVE, igp, hop,
		    global ? IP_NONE : ll, 0);
	if (ip_is_none(ll) && !lone)
		ifindex = 0;
	return rt_host_get(c->cfg.table, global && !ip_is_none(ll) ?
	    HOST_GLOBAL : HOST_DIRECT, NULL, hop, ll, ifindex);
}

static void
put_next_hop(struct bgp_chan *c, struct attrs_edit *e, struct ip hop,
    struct ip ll, uint8_t room[32])
{
	/* RFC 2545 and its liberal readers: a lone link-local may be first. */
	if (ip_is_link_local(hop))
		ll = IP_NONE;
	memcpy(room, hop.b, 16);
	memcpy(room + 16, ll.b, 16);
	attrs_edit_set_bytes(e, ATTR_BGP_NEXT_HOP, ATTR_IP,
	    bytes_of(room, ip_is_none(ll) ? 16 : 32));
	attrs_edit_set_host(e, host_of(c, hop, ll));
}

/* The set that all NLRI share, as a draft.  False: there is none. */
static bool
draft_of(struct bgp_chan *c, const struct bgp_update *u, struct bytes path,
    struct ip hop, struct ip ll)
{
	struct bgp_neighbour *n = c->n;
	uint8_t hop_room[32], aggregator[8];
	struct attrs_edit e;
	struct attr at;

	attrs_edit_init(&e, NULL);
	e.source = RTS_BGP;
	e.dest = RTD_UNICAST;
	e.scope = SCOPE_UNIVERSE;
	e.preference = c->cfg.preference;
	e.from = n->link[n->est].remote;
	put_plain(&e, u);
	put_aggregator(n, &e, u, aggregator);
	attrs_edit_set_bytes(&e, ATTR_BGP_PATH, ATTR_PATH, path);
	if (!attrs_edit_get(&e, ATTR_BGP_LOCAL_PREF, &at))
		attrs_edit_set_u32(&e, ATTR_BGP_LOCAL_PREF,
		    n->cfg.default_local_pref);
	bgp_role_import(n, &e);
	if (!c->cfg.aigp)
		attrs_edit_unset(&e, ATTR_BGP_AIGP);
	put_next_hop(c, &e, hop, ll, hop_room);
	if (e.host && attrs_draft(rt_table_pool(c->cfg.table), &e))
		return true;
	if (!e.failed)
		bgp_no_memory(n);
	return false;
}

/* attrs NULL withdraws. */
static void
import_net(struct bgp_chan *c, const struct prefix *p, uint32_t path_id,
    const struct attrs *attrs)
{
	if (c->adj)
		bgp_adj_update(c, p, path_id, attrs);
	if (rt_channel_update(&c->ch, p, path_id, attrs, c->n->now) ==
	    RT_NO_MEMORY)
		bgp_no_memory(c->n);
}

/* Some of the NLRI, which the table is told of beforehand. */
struct batch {
	struct bgp_nlri it;
	unsigned n;
	struct prefix net[RT_PREFETCH_MAX];
	uint32_t path_id[RT_PREFETCH_MAX];
};

static void
next_batch(const struct bgp_chan *c, struct batch *b)
{
	for (b->n = 0; b->n < RT_PREFETCH_MAX &&
	    bgp_nlri_next(&b->it, &b->net[b->n], &b->path_id[b->n]); b->n++)
		;
	rt_prefetch_cells(c->cfg.table, b->net, b->n);
}

static void
first_batch(const struct bgp_chan *c, struct bytes nlri, struct batch *ret)
{
	const bool add_path = c->n->codec.add_path_rx &
	    BGP_FAM_BIT(c->cfg.fam);

	ret->it = bgp_nlri_of(c->cfg.fam, add_path, nlri);
	next_batch(c, ret);
}

/* Its cells have come: the rest. */
static void
prefetch(struct bgp_chan *c, const struct batch *b)
{
	const struct rt_src *src = b->n ? rt_src_find(c->cfg.table,
	    &c->ch.owner, b->path_id[0]) : NULL;

	rt_prefetch(c->cfg.table, src, b->net, b->n);
}

/* The first batch has been asked for. */
static void
walk(struct bgp_chan *c, struct batch *b, const struct attrs *attrs)
{
	c->ch.flags = bgp_llgr_flag(attrs);
	if (attrs)
		rt_channel_alike_begin(&c->ch, attrs);
	while (b->n) {
		for (unsigned i = 0; i < b->n; i++)
			import_net(c, &b->net[i], b->path_id[i], attrs);
		next_batch(c, b);
		prefetch(c, b);
	}
}

void
bgp_import_pause(struct bgp_neighbour *n)
{
	for (unsigned i = 0; i < n->cfg.n_channels; i++)
		rt_channel_alike_end(&n->chan[i].ch);
}

static void
unreach(struct bgp_chan *c, struct bytes nlri)
{
	struct batch b;

	first_batch(c, nlri, &b);
	prefetch(c, &b);
	walk(c, &b, NULL);
}

static struct bgp_chan *
chan_of(struct bgp_neighbour *n, enum bgp_fam fam)
{
	for (unsigned i = 0; i < n->cfg.n_channels; i++)
		if (n->chan[i].cfg.fam == fam && n->chan[i].up)
			return &n->chan[i];
	return NULL;
}

/* What the NLRI get is drafted; false: they count as withdrawn. */
static bool
draft(struct bgp_chan *c, struct ip hop, struct ip ll)
{
	struct bgp_neighbour *n = c->n;
	const struct bgp_update *u = n->u;
	uint8_t room[PATH_MAX_BYTES];
	const char *why;
	struct bytes path;

	if (u->verdict == BGP_WITHDRAW)
		return false;
	path = path_of(n, u, room);
	if (is_loop(n, u, path))
		return false;
	why = unacceptable(n, u, path);
	if (!why && ip_is_none(hop) && ip_is_none(ll))
		why = "no next hop";
	if (!why)
		return draft_of(c, u, path, ip_is_none(hop) ? ll : hop, ll);
	bgp_note(n, BGP_NOTE_UPDATE, c, why);
	return false;
}

/* What is read while cells, nets and sets come from memory is other things. */
static void
reach(struct bgp_neighbour *n, enum bgp_fam fam, struct bytes nlri,
    struct ip hop, struct ip ll)
{
	struct bgp_chan *c = chan_of(n, fam);
	const struct attrs *attrs = NULL;
	struct batch b;
	bool drafted;

	if (!c || nlri.n == 0)
		return;
	first_batch(c, nlri, &b);
	drafted = draft(c, hop, ll);
	prefetch(c, &b);
	if (drafted)
		attrs = attrs_intern_draft(rt_table_pool(c->cfg.table));
	if (drafted && !attrs)
		bgp_no_memory(n);
	walk(c, &b, attrs);
	attrs_unref(rt_table_pool(c->cfg.table), attrs);
}

static void
end_of_rib(struct bgp_neighbour *n, enum bgp_fam fam)
{
	struct bgp_chan *c = chan_of(n, fam);

	if (!c)
		return;
	if (c->import == BGP_IMPORT_STALE) {
		c->import = BGP_IMPORT_SWEEPING;
		c->ch.flush_pos = c->adj_pos = 0;
	}
	bgp_note(n, BGP_NOTE_EOR, c, NULL);
}

void
bgp_import_update(struct bgp_neighbour *n, struct bytes body)
{
	struct bgp_update *u = n->u;
	struct bgp_chan *c;
	enum bgp_fam fam;

	n->codec.local_pref = n->cfg.allow_local_pref;
	bgp_update_decode(&n->codec, body, u);
	if (u->verdict != BGP_OK)
		bgp_note(n, BGP_NOTE_UPDATE, NULL, u->why);
	if (u->verdict == BGP_RESET) {
		bgp_session_fail(n->s[n->est], n->now, &u->error);
		return;
	}
	if (bgp_update_is_eor(u, &fam)) {
		end_of_rib(n, fam);
		return;
	}
	c = chan_of(n, BGP_FAM_IP4);
	if (c && u->withdrawn.n)
		unreach(c, u->withdrawn);
	c = u->unreach.there ? chan_of(n, u->unreach.fam) : NULL;
	if (c)
		unreach(c, u->unreach.nlri);
	reach(n, BGP_FAM_IP4, u->nlri, u->next_hop, IP_NONE);
	if (u->reach.there)
		reach(n, u->reach.fam, u->reach.nlri, u->reach.next_hop,
		    u->reach.link_local);
}

/* SPDX-License-Identifier: ISC */
/*
 * Packing.  News are gathered from the table a batch at a time, arranged so
 * that withdrawals come first and nets with one attribute set stand together,
 * and written as UPDATEs as full as they get.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "bgp/neighbour_impl.h"

#define FEW_NEWS	64	/* not worth the memory */

/* To bring news with one set together in time that is linear in them. */
struct bgp_groups {
	uint16_t cell[2 * BGP_BATCH];		/* group + 1, by its set */
	const struct attrs *set[BGP_BATCH + 1];	/* of each group */
	uint16_t of[BGP_BATCH];			/* the group of each of news */
	uint32_t at[BGP_BATCH + 1];		/* how many; then, where to */
	struct bgp_news out[BGP_BATCH];
	uint32_t n;
};

/* Group 0 is what is withdrawn. */
static uint16_t
group_of(struct bgp_groups *g, const struct attrs *set)
{
	uint32_t at = (uint32_t)hash_mix((uintptr_t)set) &
	    (2 * BGP_BATCH - 1);

	if (!set)
		return 0;
	while (g->cell[at] && g->set[g->cell[at] - 1u] != set)
		at = (at + 1) & (2 * BGP_BATCH - 1);
	if (!g->cell[at]) {
		g->set[g->n++] = set;
		g->cell[at] = (uint16_t)g->n;
	}
	return g->cell[at] - 1u;
}

/* Groups stand in the order in which they came, and so do nets in them. */
static void
group(struct bgp_groups *g, struct bgp_news *v, uint32_t n)
{
	uint32_t at = 0, count;

	memset(g->cell, 0, sizeof(g->cell));
	memset(g->at, 0, sizeof(g->at));
	g->n = 1;
	for (uint32_t i = 0; i < n; i++) {
		g->of[i] = group_of(g, v[i].attrs);
		g->at[g->of[i]]++;
	}
	for (uint32_t k = 0; k < g->n; k++, at += count) {
		count = g->at[k];
		g->at[k] = at;
	}
	for (uint32_t i = 0; i < n; i++)
		g->out[g->at[g->of[i]]++] = v[i];
	memcpy(v, g->out, n * sizeof(*v));
}

static int
by_attrs(const void *va, const void *vb)
{
	const struct bgp_news *a = va, *b = vb;

	if (a->attrs != b->attrs)
		return (uintptr_t)a->attrs < (uintptr_t)b->attrs ? -1 : 1;
	return 0;
}

static void
bring_together(struct bgp_chan *c)
{
	if (!c->groups && c->n_news > FEW_NEWS)
		c->groups = mem_alloc(sizeof(*c->groups));
	if (c->groups)
		group(c->groups, c->news, c->n_news);
	else	/* few, or no memory for the quick way */
		qsort(c->news, c->n_news, sizeof(*c->news), by_attrs);
}

void
bgp_send_free(struct bgp_chan *c)
{
	mem_free(c->groups);
	mem_free(c->news);
	c->groups = NULL;
	c->news = NULL;
}

static void
put_path(struct wr *w, struct bytes path4, bool as4)
{
	uint8_t *mark;

	if (as4) {
		bgp_attr_put(w, BGP_TRANSITIVE, BGP_ATTR_AS_PATH, path4);
		return;
	}
	mark = bgp_attr_begin(w, BGP_TRANSITIVE, BGP_ATTR_AS_PATH);
	bgp_aspath_to2(w, path4);
	bgp_attr_end(w, mark);
}

/* RFC 6793 4.2.2: what an old speaker has to carry for us. */
static void
put_as4(struct wr *w, const struct attrs *a)
{
	const uint8_t flags = BGP_OPTIONAL | BGP_TRANSITIVE;
	struct attr at;
	uint8_t *mark;

	if (attrs_get(a, ATTR_BGP_PATH, &at) &&
	    bgp_aspath_wide(bytes_of(at.p, at.n))) {
		mark = bgp_attr_begin(w, flags, BGP_ATTR_AS4_PATH);
		bgp_aspath_as4(w, bytes_of(at.p, at.n));
		bgp_attr_end(w, mark);
	}
	if (attrs_get(a, ATTR_BGP_AGGREGATOR, &at) && at.n == 8 &&
	    be32_get(at.p) > UINT16_MAX)
		bgp_attr_put(w, flags, BGP_ATTR_AS4_AGGREGATOR,
		    bytes_of(at.p, at.n));
}

static void
put_aggregator(struct wr *w, const struct attr *at, bool as4)
{
	uint8_t two[6];
	uint32_t asn;

	if (as4 || at->n != 8) {
		bgp_attr_put(w, BGP_OPTIONAL | BGP_TRANSITIVE,
		    BGP_ATTR_AGGREGATOR, bytes_of(at->p, at->n));
		return;
	}
	asn = be32_get(at->p);
	be16_put(two, asn > UINT16_MAX ? BGP_AS_TRANS : (uint16_t)asn);
	memcpy(two + 2, at->p + 4, 4);
	bgp_attr_put(w, BGP_OPTIONAL | BGP_TRANSITIVE, BGP_ATTR_AGGREGATOR,
	    bytes_of(two, 6));
}

static void
put_attr(struct wr *w, const struct attr *at, bool as4)
{
	const uint8_t code = (uint8_t)at->id;
	uint8_t flags = bgp_attr_name(code) ? bgp_attr_flags(code) :
	    at->flags & (BGP_OPTIONAL | BGP_TRANSITIVE);
	const uint8_t origin = (uint8_t)at->u;

	flags |= at->flags & BGP_PARTIAL;
	if (code == BGP_ATTR_AS_PATH)
		put_path(w, bytes_of(at->p, at->n), as4);
	else if (code == BGP_ATTR_AGGREGATOR)
		put_aggregator(w, at, as4);
	else if (code == BGP_ATTR_ORIGIN)
		bgp_attr_put(w, flags, code, bytes_of(&origin, 1));
	else if (at->type == ATTR_U32)
		bgp_attr_put_u32(w, flags, code, at->u);
	else if (at->n || code == BGP_ATTR_ATOMIC_AGGREGATE ||
	    !bgp_attr_name(code))
		bgp_attr_put(w, flags, code, bytes_of(at->p, at->n));
}

/* All but MP_REACH_NLRI; NEXT_HOP only in the old form. */
static void
put_attrs(struct wr *w, const struct bgp_chan *c, const struct attrs *a,
    bool mp)
{
	const bool as4 = c->n->codec.as4;

	for (unsigned i = 0; i < a->n_attrs; i++) {
		const struct attr at = attrs_at(a, i);

		if (at.id > UINT8_MAX)
			continue;
		if (at.id != ATTR_BGP_NEXT_HOP)
			put_attr(w, &at, as4);
		else if (!mp)
			bgp_attr_put(w, BGP_TRANSITIVE, BGP_ATTR_NEXT_HOP,
			    bytes_of(at.p + 12, 4));
	}
	if (!as4)
		put_as4(w, a);
}

static bool
wants_mp(const struct bgp_chan *c)
{
	return c->cfg.fam != BGP_FAM_IP4 || c->ext;
}

static size_t
limit(const struct bgp_chan *c)
{
	return c->n->codec.ext_message ? BGP_MESSAGE_EXT_MAX :
	    BGP_MESSAGE_MAX;
}

/* As many of the run as fit below "max"; at least how many are there. */
static uint32_t
put_nlri(const struct bgp_chan *c, struct wr *w, const struct bgp_news *v,
    uint32_t n, size_t max)
{
	uint32_t i = 0;

	while (i < n && wr_len(w) + bgp_nlri_size(&v[i].net,
	    c->all_paths) <= max) {
		bgp_nlri_put(w, &v[i].net, c->all_paths, v[i].path_id);
		i++;
	}
	return i;
}

static uint32_t
encode_withdraw(const struct bgp_chan *c, struct wr *w,
    const struct bgp_news *v, uint32_t n)
{
	uint8_t *message = bgp_message_begin(w, BGP_TYPE_UPDATE);
	uint8_t *withdrawn = bgp_length_begin(w), *attrs, *mp;
	const size_t max = BGP_MESSAGE_MAX - 4;
	uint32_t took = 0;

	if (!wants_mp(c))
		took = put_nlri(c, w, v, n, max);
	bgp_length_end(w, withdrawn);
	attrs = bgp_length_begin(w);
	if (wants_mp(c)) {
		mp = bgp_mp_unreach_begin(w, c->cfg.fam);
		took = put_nlri(c, w, v, n, max);
		bgp_attr_end(w, mp);
	}
	bgp_length_end(w, attrs);
	bgp_message_end(w, message);
	return took;
}

/* Where there is no global next hop speakers differ in what they send. */
static uint8_t *
begin_reach(const struct bgp_chan *c, struct wr *w, const struct attr *at)
{
	struct ip hop = ip_from6(at->p);
	struct ip ll = at->n == 32 ? ip_from6(at->p + 16) : IP_NONE;

	if (ip_is_link_local(hop))
		switch ((enum bgp_ll_format)c->cfg.ll_format) {
		case BGP_LL_DOUBLE:
			break;
		case BGP_LL_SINGLE:
			ll = IP_NONE;
			break;
		case BGP_LL_NATIVE:
			ll = hop;
			hop = IP_NONE;
			break;
		}
	return bgp_mp_reach_begin(w, c->cfg.fam, hop, ll);
}

/* 0: the attributes alone are too long for a message (RFC 8654 section 4). */
static uint32_t
encode_reach(const struct bgp_chan *c, struct wr *w,
    const struct bgp_news *v, uint32_t n, struct bytes attrs)
{
	uint8_t *message = bgp_message_begin(w, BGP_TYPE_UPDATE);
	uint8_t *length, *mp;
	struct attr hop;
	size_t max = BGP_MESSAGE_MAX;
	uint32_t took;

	if (attrs.n + 128 > max)
		max = limit(c);
	wr_be16(w, 0);
	length = bgp_length_begin(w);
	if (wants_mp(c)) {
		if (!attrs_get(v->attrs, ATTR_BGP_NEXT_HOP, &hop) ||
		    wr_len(w) + attrs.n + 64 > max)
			return 0;
		mp = begin_reach(c, w, &hop);
		took = put_nlri(c, w, v, n, max - attrs.n);
		bgp_attr_end(w, mp);
		wr_bytes(w, attrs);
		bgp_length_end(w, length);
	} else {
		if (wr_len(w) + attrs.n + 8 > max)
			return 0;
		wr_bytes(w, attrs);
		bgp_length_end(w, length);
		took = put_nlri(c, w, v, n, max);
	}
	bgp_message_end(w, message);
	return took;
}

/* How many, from the first on, share its set. */
static uint32_t
run_length(const struct bgp_news *v, uint32_t n)
{
	uint32_t i = 1;

	while (i < n && v[i].attrs == v->attrs)
		i++;
	return i;
}

static void
drop(struct bgp_chan *c, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		attrs_unref(rt_table_pool(c->cfg.table),
		    c->news[c->sent + i].attrs);
	c->sent += n;
}

/* The run's first nets can only be withdrawn: they say too much. */
static uint32_t
give_up(struct bgp_chan *c, struct wr *w, uint32_t n)
{
	bgp_note(c->n, BGP_NOTE_UPDATE, c,
	    "attributes too long for a message: withdrawn instead");
	return encode_withdraw(c, w, &c->news[c->sent], n);
}

/* False when memory is out. */
static bool
send_run(struct bgp_chan *c, uint32_t n)
{
	struct bgp_session *s = c->n->s[c->n->est];
	uint8_t buf[BGP_MESSAGE_EXT_MAX], room[BGP_MESSAGE_EXT_MAX];
	const struct attrs *a = c->news[c->sent].attrs;
	struct wr aw = wr_of(room, sizeof(room));

	if (a)
		put_attrs(&aw, c, a, wants_mp(c));
	while (n > 0 && bgp_session_want(s)) {
		struct wr w = wr_of(buf, sizeof(buf));
		const struct bgp_news *v = &c->news[c->sent];
		uint32_t took = 0;

		if (a && !aw.bad)
			took = encode_reach(c, &w, v, n,
			    bytes_of(room, wr_len(&aw)));
		if (took == 0) {
			w = wr_of(buf, sizeof(buf));
			took = a ? give_up(c, &w, n) :
			    encode_withdraw(c, &w, v, n);
		}
		if (!bgp_session_send(s, c->n->now,
		    bytes_of(buf, wr_len(&w))))
			return false;
		drop(c, took);
		n -= took;
	}
	return true;
}

/* Once all that there is has been told. */
static void
all_told(struct bgp_chan *c)
{
	uint8_t buf[64];
	struct wr w = wr_of(buf, sizeof(buf));
	const bool first = !c->fed;

	if (first)
		bgp_eor_encode(&w, c->cfg.fam);
	else if (c->refreshed && c->n->caps.enhanced_refresh)
		bgp_refresh_encode(&w, c->cfg.fam, BGP_REFRESH_END);
	if (!bgp_session_want(c->n->s[c->n->est]))
		return;
	if (wr_len(&w) && !bgp_session_send(c->n->s[c->n->est], c->n->now,
	    bytes_of(buf, wr_len(&w)))) {
		bgp_no_memory(c->n);
		return;
	}
	c->fed = true;
	c->refreshed = false;
	if (first)
		bgp_note(c->n, BGP_NOTE_EOR_SENT, c, NULL);
	bgp_send_free(c);
}

static void
send_batch(struct bgp_chan *c)
{
	if (!c->sorted)
		bring_together(c);
	c->sorted = true;
	while (c->sent < c->n_news &&
	    bgp_session_want(c->n->s[c->n->est]))
		if (!send_run(c, run_length(&c->news[c->sent],
		    c->n_news - c->sent))) {
			bgp_no_memory(c->n);
			return;
		}
	if (c->sent == c->n_news)
		c->n_news = c->sent = 0;
}

/* A batch from the table; true when there is more to gather. */
static bool
gather(struct bgp_chan *c, uint32_t budget)
{
	const uint32_t before = c->ch.feed.next;
	bool more;

	c->sorted = false;
	bgp_export_forget(c);
	more = rt_channel_export(&c->ch, budget < BGP_BATCH ? budget :
	    BGP_BATCH);
	/* There was room: only memory can be what is missing. */
	if (c->no_memory || (more && c->n_news == 0 &&
	    c->ch.feed.next == before))
		bgp_no_memory(c->n);
	return more;
}

bool
bgp_send_news(struct bgp_chan *c, uint32_t budget)
{
	const struct bgp_session *s = c->n->s[c->n->est];
	bool more = true;

	if (c->n_news == 0)
		more = gather(c, budget);
	if (c->n_news)
		send_batch(c);
	if (c->n_news)
		return bgp_session_want(s);
	if (!rt_feed_idle(&c->ch.feed))
		return more && bgp_session_want(s);
	if (!c->fed || c->refreshed || c->news)
		all_told(c);
	return false;
}

/* SPDX-License-Identifier: ISC */
/*
 * Packing.  News are gathered from the table a batch at a time, arranged so
 * that withdrawals come first and nets with one attribute set stand together,
 * written as UPDATEs as full as they get, and given to all members of the
 * group whom they are for.
 */
#include <stdlib.h>

#include "base/mem.h"
#include "bgp/neighbour_impl.h"

#define FEW_NEWS	64	/* not worth the memory */
#define CHUNK		65536	/* octets, and a longest message */
#define CELLS		16384	/* a power of two, twice BGP_NEWS_MAX */

/* To bring news with one set together in time that is linear in them. */
struct bgp_sort {
	uint16_t cell[CELLS];			/* run + 1, by its set */
	const struct bgp_news *first[BGP_NEWS_MAX];	/* of each run */
	uint16_t of[BGP_NEWS_MAX];		/* the run of each of news */
	uint32_t at[BGP_NEWS_MAX];		/* how many; then, where to */
	struct bgp_news out[BGP_NEWS_MAX];
	uint32_t n;
};

/* UPDATEs that become a chunk, and whom which part of them is for. */
struct mark {
	uint32_t to, whom;		/* it begins where the last one ends */
};

struct bgp_draft {
	struct mark mark[BGP_GROUP_MAX];
	unsigned n_marks;
	uint32_t n;
	uint8_t b[CHUNK + BGP_MESSAGE_EXT_MAX];
};

static bool
same_run(const struct bgp_news *a, const struct bgp_news *b)
{
	return a->attrs == b->attrs && a->whom == b->whom;
}

static uint16_t
run_of(struct bgp_sort *s, const struct bgp_news *v)
{
	uint32_t at = (uint32_t)hash_mix((uintptr_t)v->attrs ^
	    (uint64_t)v->whom << 48) & (CELLS - 1);

	while (s->cell[at] && !same_run(s->first[s->cell[at] - 1u], v))
		at = (at + 1) & (CELLS - 1);
	if (!s->cell[at]) {
		s->at[s->n] = 0;
		s->first[s->n++] = v;
		s->cell[at] = (uint16_t)s->n;
	}
	return s->cell[at] - 1u;
}

/* Counts become places, for withdrawals or for the others. */
static uint32_t
places(struct bgp_sort *s, uint32_t at, bool withdrawn)
{
	for (uint32_t k = 0; k < s->n; k++) {
		const uint32_t count = s->at[k];

		if (!s->first[k]->attrs != withdrawn)
			continue;
		s->at[k] = at;
		at += count;
	}
	return at;
}

/* Runs stand in the order in which they came, and so do nets in them. */
static void
sort(struct bgp_sort *s, struct bgp_news *v, uint32_t n)
{
	memset(s->cell, 0, sizeof(s->cell));
	s->n = 0;
	for (uint32_t i = 0; i < n; i++) {
		s->of[i] = run_of(s, &v[i]);
		s->at[s->of[i]]++;
	}
	places(s, places(s, 0, true), false);
	for (uint32_t i = 0; i < n; i++)
		s->out[s->at[s->of[i]]++] = v[i];
	memcpy(v, s->out, n * sizeof(*v));
}

static int
by_attrs(const void *va, const void *vb)
{
	const struct bgp_news *a = va, *b = vb;

	if (a->attrs != b->attrs)
		return (uintptr_t)a->attrs < (uintptr_t)b->attrs ? -1 : 1;
	return (a->whom > b->whom) - (a->whom < b->whom);
}

static void
bring_together(struct bgp_group *g)
{
	if (!g->sort && g->n_news > FEW_NEWS)
		g->sort = mem_alloc(sizeof(*g->sort));
	if (g->sort)
		sort(g->sort, g->news, g->n_news);
	else	/* few, or no memory for the quick way */
		qsort(g->news, g->n_news, sizeof(*g->news), by_attrs);
}

bool
bgp_send_room(struct bgp_group *g)
{
	if (!g->news)
		g->news = mem_array(BGP_NEWS_MAX, sizeof(*g->news));
	return g->news && g->octets < BGP_BATCH_OCTETS &&
	    g->n_news + g->n_slots + 1 < BGP_NEWS_MAX;
}

static void
drop_news(struct bgp_group *g)
{
	for (uint32_t i = 0; i < g->n_news; i++)
		attrs_unref(rt_table_pool(g->ch.table), g->news[i].attrs);
	g->n_news = g->octets = 0;
}

void
bgp_send_free(struct bgp_group *g)
{
	drop_news(g);
	mem_free(g->sort);
	mem_free(g->news);
	mem_free(g->draft);
	g->sort = NULL;
	g->news = NULL;
	g->draft = NULL;
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

	/* A filter has set one that has no name. */
	if (flags == 0 && !bgp_attr_name(code))
		flags = BGP_OPTIONAL | BGP_TRANSITIVE;
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

/* Chunks. */

/* Nobody knows any more what he has been told. */
static void
all_fail(const struct bgp_group *g)
{
	for (uint16_t i = 0; i < g->n_slots; i++)
		if (g->member[i])
			bgp_no_memory(g->member[i]->n);
}

static bool
is_for(uint32_t whom, uint16_t slot)
{
	const uint16_t one = (uint16_t)whom;

	if (whom & BGP_TO_ONE)
		return slot == one;
	return !(whom & BGP_ALL_BUT) || slot != one;
}

/* False: no memory. */
static bool
give(struct bgp_chan *m, const struct bgp_draft *d, struct bgp_chunk *k)
{
	uint32_t from = 0, to = 0;

	for (unsigned i = 0; i < d->n_marks; i++) {
		if (is_for(d->mark[i].whom, m->slot)) {
			to = d->mark[i].to;
			continue;
		}
		if (to > from && !bgp_queue_put(&m->queue, k, from, to))
			return false;
		from = to = d->mark[i].to;
	}
	return to == from || bgp_queue_put(&m->queue, k, from, to);
}

/* To whom it may concern.  False: no memory. */
static bool
hand_out(struct bgp_group *g)
{
	struct bgp_draft *d = g->draft;
	struct bgp_chunk *k = mem_alloc(sizeof(*k) + d->n);

	if (!k)
		return false;
	k->refs = 1;
	memcpy(k->b, d->b, d->n);
	for (uint16_t i = 0; i < g->n_slots; i++) {
		struct bgp_chan *m = g->member[i];

		if (!m)
			continue;
		if (!give(m, d, k))
			bgp_no_memory(m->n);
		if (m->n->ops->wake)
			m->n->ops->wake(m->n, m->n->ctx);
	}
	bgp_chunk_unref(k);
	d->n = d->n_marks = 0;
	return true;
}

/* Room for a message.  False: no memory. */
static bool
draft_room(struct bgp_group *g, uint32_t whom)
{
	struct bgp_draft *d = g->draft;

	if (d->n > CHUNK || (d->n_marks == BGP_GROUP_MAX &&
	    d->mark[d->n_marks - 1].whom != whom))
		return hand_out(g);
	return true;
}

/* Where the next message goes. */
static struct wr
draft_wr(struct bgp_draft *d)
{
	return wr_of(d->b + d->n, BGP_MESSAGE_EXT_MAX);
}

static void
draft_add(struct bgp_draft *d, const struct wr *w, uint32_t whom)
{
	d->n += (uint32_t)wr_len(w);
	if (d->n_marks == 0 || d->mark[d->n_marks - 1].whom != whom)
		d->mark[d->n_marks++].whom = whom;
	d->mark[d->n_marks - 1].to = d->n;
}

/* How many, from the first on, go together. */
static uint32_t
run_length(const struct bgp_news *v, uint32_t n)
{
	uint32_t i = 1;

	while (i < n && same_run(&v[i], v))
		i++;
	return i;
}

/* The first nets can only be withdrawn: they say too much. */
static uint32_t
give_up(const struct bgp_chan *c, struct wr *w, const struct bgp_news *v,
    uint32_t n)
{
	bgp_note(c->n, BGP_NOTE_UPDATE, NULL,
	    "attributes too long for a message: withdrawn instead");
	return encode_withdraw(c, w, v, n);
}

/* False when memory is out. */
static bool
write_run(struct bgp_group *g, const struct bgp_news *v, uint32_t n)
{
	const struct bgp_chan *c = bgp_group_first(g);
	uint8_t room[BGP_MESSAGE_EXT_MAX];
	struct wr aw = wr_of(room, sizeof(room));

	if (v->attrs)
		put_attrs(&aw, c, v->attrs, wants_mp(c));
	while (n > 0) {
		uint32_t took = 0;
		struct wr w;

		if (!draft_room(g, v->whom))
			return false;
		w = draft_wr(g->draft);
		if (v->attrs && !aw.bad)
			took = encode_reach(c, &w, v, n,
			    bytes_of(room, wr_len(&aw)));
		if (took == 0) {
			w = draft_wr(g->draft);
			took = v->attrs ? give_up(c, &w, v, n) :
			    encode_withdraw(c, &w, v, n);
		}
		draft_add(g->draft, &w, v->whom);
		v += took;
		n -= took;
	}
	return true;
}

/* All news that there are.  False: no memory. */
static bool
write_news(struct bgp_group *g)
{
	uint32_t n;

	if (!g->draft)
		g->draft = mem_alloc(sizeof(*g->draft));
	if (!g->draft)
		return false;
	g->draft->n = g->draft->n_marks = 0;
	bring_together(g);
	for (uint32_t i = 0; i < g->n_news; i += n) {
		n = run_length(&g->news[i], g->n_news - i);
		if (!write_run(g, &g->news[i], n))
			return false;
	}
	return hand_out(g);
}

/* The pace. */

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
	if (wr_len(&w) && !bgp_session_send(c->n->s[c->n->est], c->n->now,
	    bytes_of(buf, wr_len(&w)))) {
		bgp_no_memory(c->n);
		return;
	}
	c->fed = true;
	c->refreshed = false;
	if (first)
		bgp_note(c->n, BGP_NOTE_EOR_SENT, c, NULL);
}

/* Those who would hold up the others, and their memory, go their own way. */
static void
leave_behind(struct bgp_group *g)
{
	for (uint16_t i = 0; g->n_members > 1 && i < g->n_slots; i++) {
		struct bgp_chan *m = g->member[i];

		if (m && m->queue.octets > BGP_GROUP_WINDOW &&
		    !bgp_group_split(m))
			bgp_no_memory(m->n);
	}
}

/* A batch from the table to the members; true when there is more. */
static bool
step(struct bgp_group *g, uint32_t budget)
{
	const struct bgp_group *ahead = bgp_group_ahead(g);
	const uint32_t before = g->ch.feed.next;
	bool more;

	leave_behind(g);
	g->moved = true;
	g->no_memory = false;
	bgp_export_forget(g);
	g->ch.out = bgp_group_first(g)->ch.out;
	g->ch.until = ahead ? &ahead->ch.feed : NULL;
	more = rt_channel_export(&g->ch, budget < BGP_BATCH ? budget :
	    BGP_BATCH);
	g->ch.until = NULL;
	/* There was room: only memory can be what is missing. */
	if (g->no_memory || (more && g->n_news == 0 &&
	    g->ch.feed.next == before) || (g->n_news && !write_news(g)))
		all_fail(g);
	drop_news(g);
	return more;
}

/* True while there is more to gather. */
static bool
advance(struct bgp_chan *c, uint32_t budget)
{
	struct bgp_group *g = c->group;
	bool more = true;

	if (g->hold.ns != 0 && !instant_due(g->hold, c->n->now))
		return false;
	g->hold = INSTANT_ZERO;
	if (!rt_feed_idle(&g->ch.feed))
		more = step(g, budget);
	if (rt_feed_idle(&g->ch.feed)) {
		bgp_export_forget(g);
		bgp_send_free(g);
	}
	g = bgp_group_meet(g);
	return more && !rt_feed_idle(&g->ch.feed);
}

static bool
drain(struct bgp_chan *c)
{
	if (bgp_queue_drain(&c->queue, c->n->s[c->n->est], c->n->now))
		return true;
	bgp_no_memory(c->n);
	return false;
}

bool
bgp_send_news(struct bgp_chan *c, uint32_t budget)
{
	bool more;

	if (!drain(c) || !bgp_is_hungry(c))
		return false;
	more = advance(c, budget);
	if (!drain(c) || !bgp_is_hungry(c))
		return false;
	if (rt_feed_idle(&c->group->ch.feed) && (!c->fed || c->refreshed))
		all_told(c);
	return more;
}

/* SPDX-License-Identifier: ISC */
/* What a tap says, and what it has heard. */
#ifndef TESTS_UNIT_BGP_NEIGHBOUR_SAY_H
#define TESTS_UNIT_BGP_NEIGHBOUR_SAY_H

#include "neighbour_lab.h"

/* Attributes under construction. */
struct say {
	uint8_t b[8192];
	struct wr w;
};

static inline void
say_init(struct say *s)
{
	s->w = wr_of(s->b, sizeof(s->b));
}

static inline void
say_origin(struct say *s, uint8_t origin)
{
	bgp_attr_put(&s->w, BGP_TRANSITIVE, BGP_ATTR_ORIGIN,
	    bytes_of(&origin, 1));
}

/* One sequence; numbers up to a 0.  width 2 or 4. */
static inline void
say_path_as(struct say *s, uint8_t flags, uint8_t code, unsigned width, ...)
{
	uint8_t *m = bgp_attr_begin(&s->w, flags, code), *n;
	va_list ap;

	va_start(ap, width);
	for (uint32_t a = va_arg(ap, uint32_t), k = 0; a;
	    a = va_arg(ap, uint32_t), k++) {
		if (k == 0) {
			wr_u8(&s->w, BGP_AS_SEQUENCE);
			n = wr_take(&s->w, 1);
			*n = 0;
		}
		(*n)++;
		if (width == 4)
			wr_be32(&s->w, a);
		else
			wr_be16(&s->w, (uint16_t)a);
	}
	va_end(ap);
	bgp_attr_end(&s->w, m);
}

#define say_path(s, ...) say_path_as(s, BGP_TRANSITIVE, BGP_ATTR_AS_PATH, 4, \
    __VA_ARGS__, 0)
#define say_no_path(s) say_path_as(s, BGP_TRANSITIVE, BGP_ATTR_AS_PATH, 4, 0)

static inline void
say_hop(struct say *s, const char *hop)
{
	const struct ip ip = ip_of(hop);

	bgp_attr_put(&s->w, BGP_TRANSITIVE, BGP_ATTR_NEXT_HOP,
	    bytes_of(ip.b + 12, 4));
}

static inline void
say_u32(struct say *s, uint8_t code, uint32_t v)
{
	bgp_attr_put_u32(&s->w, bgp_attr_flags(code), code, v);
}

/* A list of words: communities, a cluster list. */
static inline void
say_words(struct say *s, uint8_t code, unsigned n, const uint32_t *v)
{
	uint8_t *m = bgp_attr_begin(&s->w, bgp_attr_flags(code), code);

	for (unsigned i = 0; i < n; i++)
		wr_be32(&s->w, v[i]);
	bgp_attr_end(&s->w, m);
}

/* ORIGIN IGP, one path, next hop: what every IPv4 UPDATE has. */
static inline void
say_usual(struct say *s, uint32_t asn, const char *hop)
{
	say_init(s);
	say_origin(s, BGP_ORIGIN_IGP);
	if (asn)
		say_path(s, asn);
	else
		say_no_path(s);
	say_hop(s, hop);
}

static inline void
tap_send(struct tap *t, struct bytes b)
{
	assert_true(bgp_session_send(t->s, now, b) || t->may_fail);
	settle();
}

static inline void
put_nlri(struct wr *w, const char *net)
{
	const struct prefix p = net_of(net);

	bgp_nlri_put(w, &p, false, 0);
}

/* s NULL: withdrawn.  IPv4, the old way. */
static inline void
tap_says(struct tap *t, const struct say *s, const char *net)
{
	uint8_t b[BGP_MESSAGE_MAX];
	struct wr w = wr_of(b, sizeof(b));
	uint8_t *m = bgp_message_begin(&w, BGP_TYPE_UPDATE), *l;

	l = bgp_length_begin(&w);
	if (!s)
		put_nlri(&w, net);
	bgp_length_end(&w, l);
	l = bgp_length_begin(&w);
	if (s)
		wr_bytes(&w, bytes_of(s->b, wr_len(&s->w)));
	bgp_length_end(&w, l);
	if (s)
		put_nlri(&w, net);
	bgp_message_end(&w, m);
	assert_false(w.bad);
	tap_send(t, bytes_of(b, wr_len(&w)));
}

/* By MP_REACH_NLRI, or MP_UNREACH_NLRI where s is NULL; s has no NEXT_HOP. */
static inline void
tap_says_mp(struct tap *t, const struct say *s, const char *net, struct ip hop,
    struct ip ll)
{
	const struct prefix p = net_of(net);
	const enum bgp_fam f = prefix_is4(&p) ? BGP_FAM_IP4 : BGP_FAM_IP6;
	uint8_t b[BGP_MESSAGE_MAX];
	struct wr w = wr_of(b, sizeof(b));
	uint8_t *m = bgp_message_begin(&w, BGP_TYPE_UPDATE), *l, *mp;

	wr_be16(&w, 0);
	l = bgp_length_begin(&w);
	mp = s ? bgp_mp_reach_begin(&w, f, hop, ll) :
	    bgp_mp_unreach_begin(&w, f);
	put_nlri(&w, net);
	bgp_attr_end(&w, mp);
	if (s)
		wr_bytes(&w, bytes_of(s->b, wr_len(&s->w)));
	bgp_length_end(&w, l);
	bgp_message_end(&w, m);
	assert_false(w.bad);
	tap_send(t, bytes_of(b, wr_len(&w)));
}

static inline void
tap_says_eor(struct tap *t, enum bgp_fam f)
{
	uint8_t b[64];
	struct wr w = wr_of(b, sizeof(b));

	bgp_eor_encode(&w, f);
	tap_send(t, bytes_of(b, wr_len(&w)));
}

static inline void
tap_says_refresh(struct tap *t, enum bgp_fam f, enum bgp_refresh_kind kind)
{
	uint8_t b[64];
	struct wr w = wr_of(b, sizeof(b));

	bgp_refresh_encode(&w, f, kind);
	tap_send(t, bytes_of(b, wr_len(&w)));
}

/* What was heard of one net since the mark: the last word counts. */
enum word {
	SILENCE, WITHDRAWN, ANNOUNCED
};

struct heard {
	enum word word;
	struct bgp_update u;
	struct ip hop, ll;
};

static inline bool
mentions(enum bgp_fam f, struct bytes nlri, const struct prefix *net)
{
	struct bgp_nlri it = bgp_nlri_of(f, false, nlri);
	struct prefix p;

	while (bgp_nlri_next(&it, &p, NULL))
		if (prefix_eq(&p, net))
			return true;
	assert_false(it.bad);
	return false;
}

static inline void
hear_update(const struct bgp_codec *c, struct bytes body,
    const struct prefix *net, struct heard *h)
{
	const enum bgp_fam f = prefix_is4(net) ? BGP_FAM_IP4 : BGP_FAM_IP6;
	struct bgp_update u;

	/* All that we send is well-formed. */
	assert_int_equal(bgp_update_decode(c, body, &u), BGP_OK);
	if ((f == BGP_FAM_IP4 && mentions(f, u.withdrawn, net)) ||
	    (u.unreach.there && u.unreach.fam == f &&
	    mentions(f, u.unreach.nlri, net)))
		*h = (struct heard){ .word = WITHDRAWN };
	if (f == BGP_FAM_IP4 && mentions(f, u.nlri, net))
		*h = (struct heard){ .word = ANNOUNCED, .u = u,
		    .hop = u.next_hop };
	if (u.reach.there && u.reach.fam == f &&
	    mentions(f, u.reach.nlri, net))
		*h = (struct heard){ .word = ANNOUNCED, .u = u,
		    .hop = u.reach.next_hop, .ll = u.reach.link_local };
}

static inline enum word
hear(const struct tap *t, const char *net, struct heard *h)
{
	const struct prefix p = net_of(net);

	*h = (struct heard){ .word = SILENCE };
	for (size_t at = t->mark; at + BGP_HEADER <= t->log_n;) {
		const uint8_t *m = t->log + at;
		const size_t n = be16_get(m + 16);

		if (m[18] == BGP_TYPE_UPDATE && n > BGP_HEADER)
			hear_update(&t->codec, bytes_of(m + BGP_HEADER,
			    n - BGP_HEADER), &p, h);
		at += n;
	}
	return h->word;
}

static inline void
forget(struct tap *t)
{
	t->mark = t->log_n;
	memset(t->refreshes, 0, sizeof(t->refreshes));
}

static inline uint32_t
heard_u32(const struct heard *h, uint8_t code, uint32_t or_else)
{
	const struct bgp_attr *a = bgp_update_attr(&h->u, code);

	return !a ? or_else : a->value.n == 1 ? a->value.p[0] :
	    be32_get(a->value.p);
}

/* The path that was heard is one sequence of these; up to a 0. */
static inline void
heard_path(const struct heard *h, ...)
{
	const struct bgp_attr *a = bgp_update_attr(&h->u, BGP_ATTR_AS_PATH);
	struct bgp_aspath_seg seg = { 0 };
	struct rd r;
	unsigned i = 0;
	va_list ap;

	assert_non_null(a);
	r = rd_of(a->value);
	if (a->value.n)
		assert_true(bgp_aspath_next(&r, true, &seg));
	va_start(ap, h);
	for (uint32_t want; (want = va_arg(ap, uint32_t)) != 0; i++) {
		assert_true(i < seg.n);
		assert_int_equal(be32_get(seg.asns.p + 4 * i), want);
	}
	va_end(ap);
	assert_int_equal(seg.n, i);
	assert_int_equal(rd_left(&r), 0);
}

/* The route of a net that came from a neighbour, NULL: none. */
static inline const struct rt_route *
route_of(const struct nb *b, const char *net)
{
	const struct prefix p = net_of(net);
	const struct rt_table *t = b->r->t[!prefix_is4(&p)];
	const uint32_t id = rt_find(t, &p);

	if (id == RT_NONE || rt_net_at(t, id)->routes == RT_NONE)
		return NULL;
	for (const struct rt_route *r = rt_route_at(t,
	    rt_net_at(t, id)->routes); r; r = rt_next(t, r))
		if (bgp_neighbour_of_src(rt_src_at(t, r->src)) == b->n)
			return r;
	return NULL;
}

/* Whose route is best; NULL: nobody's. */
static inline const struct bgp_neighbour *
best_of(const struct router *r, const char *net)
{
	const struct prefix p = net_of(net);
	const struct rt_table *t = r->t[!prefix_is4(&p)];
	const uint32_t id = rt_find(t, &p);
	const struct rt_route *best = id == RT_NONE ? NULL : rt_best(t, id);

	return best ? bgp_neighbour_of_src(rt_src_at(t, best->src)) : NULL;
}

#endif

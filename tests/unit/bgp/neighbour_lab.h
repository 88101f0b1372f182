/* SPDX-License-Identifier: ISC */
/*
 * Routers, their neighbours and "taps" in virtual time.  A tap is a bare
 * session with the test behind it: it says what it is told to and writes down
 * every octet that it hears.  A neighbour's other end is a tap or a neighbour
 * of another router.
 *
 *	router_new, nb_config, nb_new, tap_new	build
 *	wire_tap() or wire_nbs()		join
 *	settle(), pass(span)			let it run
 */
#ifndef TESTS_UNIT_BGP_NEIGHBOUR_LAB_H
#define TESTS_UNIT_BGP_NEIGHBOUR_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/mem.h"
#include "bgp/neighbour_impl.h"

#define WIRE_MAX	(4u << 20)
#define N_NBS		6

struct wire {				/* on the way to one end */
	uint8_t *b;
	size_t n;
	bool eof;
};

struct router {
	struct attrs_pool *pool;
	struct rt_table *t[2];		/* by enum bgp_fam */
	struct iface_set ifaces;
	struct rt_channel origin[2];
};

struct tap;

struct nb {
	struct router *r;
	struct bgp_neighbour *n;
	struct ip addr;			/* its own */
	bool up[BGP_NCONNS];
	bool wants;			/* asked to dial */
	unsigned told[BGP_NOTE_HANDED_OVER + 1];
	char text[128];
	struct bgp_cause cause;
	struct nb *peer;
	struct tap *tap;
	struct wire in[BGP_NCONNS];
};

struct tap {
	struct bgp_session *s;
	struct nb *nb;
	struct bgp_codec codec;
	bool up;
	bool may_fail;			/* out of memory, say */
	enum bgp_conn conn;		/* of the neighbour that we are on */
	struct wire in;
	uint8_t *log;			/* all that was heard */
	size_t log_n, mark;		/* looked at from mark on */
	unsigned refreshes[3];		/* heard, by subtype */
	unsigned ups, downs;
	struct bgp_cause cause;
};

static struct instant now;
static struct nb nbs[N_NBS];
static struct tap taps[N_NBS];
static unsigned n_nbs, n_taps;
static bool unplugged;			/* nobody gets through */

static inline struct ip
ip_of(const char *s)
{
	struct ip ip;

	assert_true(ip_parse(s, &ip));
	return ip;
}

static inline struct prefix
net_of(const char *s)
{
	struct prefix p;

	assert_true(prefix_parse(s, &p));
	return p;
}

/* Routers. */

static inline bool
origin_emit(struct rt_channel *c, uint32_t id, const struct prefix *net,
    struct rt_edit *e)
{
	(void)c;
	(void)id;
	(void)net;
	(void)e;
	return true;
}

static const struct rt_class origin_class = { .name = "Static", .rank = 9 };
static const struct rt_channel_ops origin_ops = { .emit = origin_emit };

static inline void
router_init(struct router *r)
{
	static const struct hash_key key = { { 1, 2 } };

	memset(r, 0, sizeof(*r));
	r->pool = attrs_pool_new(&key);
	iface_set_init(&r->ifaces);
	for (unsigned f = 0; f < 2; f++) {
		r->t[f] = rt_table_new(f ? "master6" : "master4",
		    f ? NET_IP6 : NET_IP4, r->pool, &key);
		rt_table_set_ifaces(r->t[f], &r->ifaces);
		r->origin[f] = (struct rt_channel){ .table = r->t[f],
		    .owner = { .cls = &origin_class, .name = "static1" },
		    .ops = &origin_ops, .in.constant = RT_ACCEPT };
		rt_channel_start(&r->origin[f], false);
	}
}

static inline void
router_addr(struct router *r, uint32_t index, const char *addr, unsigned len)
{
	const struct ip ip = ip_of(addr);
	const struct iface_addr a = { .ip = ip, .net = prefix_of(ip, len),
	    .scope = ip_is_link_local(ip) ? SCOPE_LINK : SCOPE_UNIVERSE };

	assert_non_null(iface_set_link(&r->ifaces, index, "eth",
	    IFACE_UP | IFACE_ADMIN_UP | IFACE_LINK_UP, 1500, 0));
	assert_true(iface_set_addr(&r->ifaces, index, &a));
}

/* edit: may be NULL */
static inline void
originate(struct router *r, const struct prefix *net, bool on,
    void (*edit)(struct attrs_edit *e))
{
	struct rt_channel *c = &r->origin[!prefix_is4(net)];
	const struct attrs *a = NULL;
	struct attrs_edit e;

	attrs_edit_init(&e, NULL);
	e.source = RTS_STATIC;
	e.dest = RTD_BLACKHOLE;
	e.preference = 200;
	if (edit)
		edit(&e);
	if (on) {
		a = attrs_intern(r->pool, &e);
		assert_non_null(a);
	}
	rt_channel_update(c, net, 0, a, now);
	attrs_unref(r->pool, a);
}

static inline void
originate_text(struct router *r, const char *net, bool on)
{
	const struct prefix p = net_of(net);

	originate(r, &p, on, NULL);
}

static inline void
router_done(struct router *r)
{
	for (unsigned f = 0; f < 2; f++) {
		rt_channel_stop(&r->origin[f]);
		while (rt_channel_flush(&r->origin[f], UINT32_MAX, now))
			;
		assert_int_equal(rt_count_routes(r->t[f]), 0);
	}
	assert_int_equal(attrs_pool_count(r->pool), 0);
	for (unsigned f = 0; f < 2; f++)
		rt_table_free(r->t[f]);
	attrs_pool_free(r->pool);
	iface_set_done(&r->ifaces);
}

/* Neighbours. */

static inline void
nb_dial(struct bgp_neighbour *n, void *ctx)
{
	struct nb *b = ctx;

	(void)n;
	b->wants = true;
}

static inline void
put_wire(struct wire *w, struct bytes b)
{
	assert_true(w->n + b.n <= WIRE_MAX);
	if (b.n)
		memcpy(w->b + w->n, b.p, b.n);
	w->n += b.n;
}

/* The far end of one of a neighbour's connections. */
static inline struct wire *
far_wire(struct nb *b, enum bgp_conn conn)
{
	if (b->peer)
		return &b->peer->in[!conn];
	return b->tap && b->tap->conn == conn ? &b->tap->in : NULL;
}

static inline void
nb_hang_up(struct bgp_neighbour *n, enum bgp_conn conn, void *ctx)
{
	struct nb *b = ctx;
	struct wire *w = far_wire(b, conn);

	if (!b->up[conn]) {
		if (conn == BGP_DIALLED)
			b->wants = false;
		return;
	}
	b->up[conn] = false;
	b->in[conn].n = 0;
	b->in[conn].eof = false;
	if (w) {
		put_wire(w, bgp_neighbour_tx(n, conn));
		w->eof = true;
	}
}

static inline void
nb_wake(struct bgp_neighbour *n, void *ctx)
{
	(void)n;
	(void)ctx;
}

static inline void
nb_note(struct bgp_neighbour *n, const struct bgp_note_info *i, void *ctx)
{
	struct nb *b = ctx;
	size_t k = i->text ? strlen(i->text) : 0;

	(void)n;
	b->told[i->what]++;
	if (k >= sizeof(b->text))
		k = sizeof(b->text) - 1;
	if (i->text) {
		memcpy(b->text, i->text, k);
		b->text[k] = '\0';
	}
	if (i->cause)
		b->cause = *i->cause;
}

static const struct bgp_neighbour_ops nb_ops = {
	.dial = nb_dial, .hang_up = nb_hang_up, .wake = nb_wake,
	.note = nb_note,
};

/* Both families, BIRD's defaults, everything offered. */
static inline struct bgp_neighbour_config
nb_config(struct router *r, uint32_t local_as, uint32_t peer_as)
{
	struct bgp_neighbour_config c = { .name = "n",
	    .local_as = local_as, .router_id = 0x01010101,
	    .cluster_id = 0x01010101, .remote = ip_of("10.0.0.2"),
	    .direct = true, .interpret_communities = true,
	    .path_metric = true, .igp_metric = true,
	    .default_local_pref = 100, .gr_helper = true, .gr_able = true,
	    .n_channels = 2,
	    .ifaces = &r->ifaces };

	bgp_session_config_init(&c.session);
	c.session.open.asn = local_as;
	c.session.open.id = c.router_id;
	c.session.open.hold = 90;
	c.session.open.as4 = c.session.open.refresh = true;
	c.session.open.enhanced_refresh = true;
	c.session.open.has_gr = true;
	c.session.open.gr_time = 120;
	c.session.demand.peer_asn = peer_as;
	c.session.seed = 1;
	for (unsigned f = 0; f < 2; f++)
		c.channel[f] = (struct bgp_channel_config){
		    .fam = (enum bgp_fam)f, .table = r->t[f],
		    .preference = 100, .gateway_direct = true,
		    .in.constant = RT_ACCEPT, .out.constant = RT_ACCEPT };
	return c;
}

static inline struct nb *
nb_new(struct router *r, const struct bgp_neighbour_config *c,
    const char *addr)
{
	struct nb *b = &nbs[n_nbs++];

	assert_true(n_nbs <= N_NBS);
	*b = (struct nb){ .r = r, .addr = ip_of(addr) };
	for (unsigned k = 0; k < BGP_NCONNS; k++)
		b->in[k].b = malloc(WIRE_MAX);
	b->n = bgp_neighbour_new(c, &nb_ops, b);
	assert_non_null(b->n);
	return b;
}

static inline void
nb_link(struct nb *b, enum bgp_conn conn, bool up)
{
	const struct bgp_link l = { .local = b->addr,
	    .remote = bgp_neighbour_config(b->n)->remote, .ifindex = 1 };

	b->up[conn] = up;
	bgp_neighbour_link(b->n, conn, now, up, up ? 0 : 104, &l);
}

/* Taps. */

static inline struct bgp_session_config
tap_config(uint32_t asn, uint32_t id)
{
	struct bgp_session_config c;

	bgp_session_config_init(&c);
	c.open.asn = asn;
	c.open.id = id;
	c.open.hold = 90;
	c.open.families = BGP_FAM_ALL;
	c.open.has_mp = true;
	c.open.as4 = c.open.refresh = true;
	c.open.enhanced_refresh = true;
	c.passive = true;
	c.seed = id;
	return c;
}

static inline struct tap *
tap_new(struct nb *b, const struct bgp_session_config *c)
{
	struct tap *t = &taps[n_taps++];

	assert_true(n_taps <= N_NBS);
	*t = (struct tap){ .nb = b, .s = bgp_session_new(c) };
	assert_non_null(t->s);
	t->in.b = malloc(WIRE_MAX);
	t->log = malloc(WIRE_MAX);
	b->tap = t;
	bgp_session_start(t->s, now);
	return t;
}

static inline void
tap_drain(struct tap *t)
{
	struct bgp_out out;

	while (bgp_session_poll(t->s, &out)) {
		switch (out.kind) {
		case BGP_UP:
			t->ups++;
			bgp_caps_codec(out.caps, &t->codec);
			break;
		case BGP_REFRESH:
			t->refreshes[out.refresh.subtype]++;
			break;
		case BGP_DOWN: case BGP_FAILED:
			t->downs++;
			t->cause = *out.cause;
			break;
		case BGP_HANG_UP:
			if (t->up)
				put_wire(&t->nb->in[t->conn],
				    bgp_session_tx(t->s));
			t->nb->in[t->conn].eof = t->up;
			t->up = false;
			break;
		case BGP_UPDATE: case BGP_DIAL: case BGP_OPENED:
			break;
		}
	}
}

static inline bool
tap_settle(struct tap *t)
{
	const struct bytes b = bgp_session_tx(t->s);
	bool busy = false;
	size_t took;

	if (b.n && t->up) {
		put_wire(&t->nb->in[t->conn], b);
		bgp_session_sent(t->s, now, b.n);
		busy = true;
	}
	if (t->in.n) {
		took = bgp_session_rx(t->s, now,
		    bytes_of(t->in.b, t->in.n));
		assert_true(t->log_n + took <= WIRE_MAX);
		memcpy(t->log + t->log_n, t->in.b, took);
		t->log_n += took;
		tap_drain(t);
		memmove(t->in.b, t->in.b + took, t->in.n - took);
		t->in.n -= took;
		busy = true;
	} else if (t->in.eof) {
		t->in.eof = t->up = false;
		bgp_session_link(t->s, now, false, 0);
		busy = true;
	}
	tap_drain(t);
	return busy;
}

/* The tap dials. */
static inline bool
tap_dials(struct tap *t)
{
	t->conn = BGP_ACCEPTED;
	if (!bgp_neighbour_accept(t->nb->n, now))
		return false;
	nb_link(t->nb, BGP_ACCEPTED, true);
	t->up = true;
	bgp_session_link(t->s, now, true, 0);
	tap_drain(t);
	return true;
}

/* The connection is lost without a word. */
static inline void
tap_cut(struct tap *t)
{
	t->up = false;
	t->in.n = 0;
	t->in.eof = false;
	t->nb->in[t->conn].n = 0;
	bgp_session_link(t->s, now, false, 104);
	tap_drain(t);
	t->nb->in[t->conn].eof = false;
	nb_link(t->nb, t->conn, false);
}

/* The world. */

static inline void
wire_nbs(struct nb *a, struct nb *b)
{
	a->peer = b;
	b->peer = a;
}

/* What it asked for happens: a connection, or none. */
static inline void
nb_connects(struct nb *b)
{
	struct nb *p = b->peer;
	struct tap *t = b->tap;

	b->wants = false;
	if (!unplugged && t && !t->up &&
	    bgp_session_state(t->s) == BGP_ACTIVE) {
		t->conn = BGP_DIALLED;
		t->up = true;
		bgp_session_link(t->s, now, true, 0);
		nb_link(b, BGP_DIALLED, true);
	} else if (!unplugged && p && p->n &&
	    bgp_neighbour_accept(p->n, now)) {
		nb_link(p, BGP_ACCEPTED, true);
		nb_link(b, BGP_DIALLED, true);
	} else {
		nb_link(b, BGP_DIALLED, false);
	}
}

static inline bool
nb_settle(struct nb *b)
{
	bool busy = b->wants;

	if (b->wants)
		nb_connects(b);
	for (unsigned k = 0; k < BGP_NCONNS; k++) {
		const enum bgp_conn conn = (enum bgp_conn)k;
		const struct bytes out = bgp_neighbour_tx(b->n, conn);
		struct wire *in = &b->in[k], *w = far_wire(b, conn);
		size_t n = in->n;

		if (out.n && b->up[k] && w) {
			put_wire(w, out);
			bgp_neighbour_sent(b->n, conn, now, out.n);
			busy = true;
		}
		if (n) {
			n = bgp_neighbour_rx(b->n, conn, now,
			    bytes_of(in->b, n));
			if (in->n >= n) {	/* the call may hang up */
				memmove(in->b, in->b + n, in->n - n);
				in->n -= n;
			}
			busy = true;
		} else if (in->eof) {
			in->eof = false;
			nb_link(b, conn, false);
			busy = true;
		}
	}
	for (unsigned f = 0; f < 2; f++)
		rt_table_work(b->r->t[f], 1000, now);
	busy = bgp_neighbour_work(b->n, now, 4096) || busy;
	for (unsigned k = 0; k < BGP_NCONNS; k++)
		busy = busy || (b->up[k] && far_wire(b, (enum bgp_conn)k) &&
		    bgp_neighbour_tx(b->n, (enum bgp_conn)k).n);
	return busy;
}

static inline void
settle(void)
{
	for (unsigned i = 0, busy = 1; busy; i++) {
		busy = 0;
		assert_true(i < 100000);
		for (unsigned k = 0; k < n_nbs; k++)
			if (nbs[k].n)
				busy |= nb_settle(&nbs[k]);
		for (unsigned k = 0; k < n_taps; k++)
			busy |= tap_settle(&taps[k]);
	}
}

static inline void
pass(int64_t span)
{
	const struct instant end = instant_add(now, span);

	for (;;) {
		struct instant at = end;

		for (unsigned k = 0; k < n_nbs; k++)
			if (nbs[k].n)
				at = instant_min(at,
				    bgp_neighbour_deadline(nbs[k].n));
		for (unsigned k = 0; k < n_taps; k++)
			at = instant_min(at, bgp_session_deadline(taps[k].s));
		if (at.ns > now.ns)
			now = at;
		for (unsigned k = 0; k < n_nbs; k++)
			if (nbs[k].n)
				bgp_neighbour_tick(nbs[k].n, now);
		for (unsigned k = 0; k < n_taps; k++) {
			bgp_session_tick(taps[k].s, now);
			tap_drain(&taps[k]);
		}
		settle();
		if (instant_due(end, now))
			return;
	}
}

static inline void
nb_start(struct nb *b)
{
	bgp_neighbour_start(b->n, now);
	pass(SECONDS(10));
}

static inline void
lab_start(void)
{
	now = (struct instant){ SECONDS(1000) };
	n_nbs = n_taps = 0;
	unplugged = false;
}

static inline void
nb_done(struct nb *b)
{
	const struct bgp_error down = { .code = BGP_ERR_CEASE,
	    .subcode = BGP_CEASE_SHUTDOWN };

	bgp_neighbour_stop(b->n, now, &down);
	while (bgp_neighbour_work(b->n, now, 100))
		;
	assert_true(bgp_neighbour_gone(b->n));
	b->n = bgp_neighbour_free(b->n);
}

/* Neighbours and taps; routers are the test's own. */
static inline void
lab_end(void)
{
	for (unsigned k = 0; k < n_nbs; k++)
		if (nbs[k].n)
			nb_done(&nbs[k]);
	for (unsigned k = 0; k < n_nbs; k++)
		for (unsigned conn = 0; conn < BGP_NCONNS; conn++)
			free(nbs[k].in[conn].b);
	for (unsigned k = 0; k < n_taps; k++) {
		bgp_session_free(taps[k].s);
		free(taps[k].in.b);
		free(taps[k].log);
	}
	n_nbs = n_taps = 0;
}

#endif

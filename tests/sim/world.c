/* SPDX-License-Identifier: ISC */
/* Routers and connections that live, fail and die. */
#include "world.h"

#include <stdarg.h>

#define RECOVERY	SECONDS(40)

/* Memory may be out in what is between these. */
static void
hard_times(bool on)
{
	heap_may_fail = on && !sim.peace;
}

unsigned
heap_dice(unsigned below)
{
	return draw(below);
}

uint32_t
draw(uint32_t below)
{
	sim.rng += 0x9e3779b97f4a7c15u;
	return (uint32_t)(hash_mix(sim.rng) >> 16) % below;
}

void
wrong(const char *format, ...)
{
	va_list ap;

	if (sim.wrong++ >= 10)
		return;
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	fputc('\n', stderr);
}

struct instant
after(int64_t span)
{
	return instant_add(sim.now, span);
}

void
event_set(struct event *e, int64_t span)
{
	const int was = heap_may_fail;

	heap_may_fail = 0;
	heap_set(&sim.heap, &e->t, after(span));
	heap_may_fail = was;
}

static void
event_clear(struct event *e)
{
	heap_clear(&sim.heap, &e->t);
}

static int64_t
delay(void)
{
	return MILLISECONDS(1 + draw(60));
}

/* Names and numbers. */

struct end *
other_end(const struct end *e)
{
	return &e->link->end[!e->side];
}

struct ip
loopback_of(const struct router *r)
{
	const uint8_t b[16] = { 0xfd, [13] = 1, [14] = (uint8_t)(r->i >> 8),
	    [15] = (uint8_t)r->i };

	return sim.v6_links ? ip_from6(b) : ip4(0x0a640000u + r->i);
}

struct ip
addr_of(const struct end *e)
{
	const unsigned i = (unsigned)(e->link - sim.l) * 4 + 1 + e->side;
	const uint8_t b[16] = { 0xfd, [7] = 1, [13] = (uint8_t)(i >> 16),
	    [14] = (uint8_t)(i >> 8), [15] = (uint8_t)i };

	if (e->link->kind == INT)
		return loopback_of(e->r);
	return sim.v6_links ? ip_from6(b) : ip4(0x0a000000u + i);
}

uint32_t
igp_cost(const struct router *a, const struct router *b)
{
	return sim.cost[a->i % MAX_AS_SIZE][b->i % MAX_AS_SIZE];
}

uint32_t
public_as(const struct router *r)
{
	return r->confed ? r->confed : r->as;
}

bool
net_on(const struct net *n, const struct router *r)
{
	for (unsigned i = 0; i < n->n_from; i++)
		if (n->from[i] == r->i)
			return r->alive && n->on[i];
	return false;
}

/* What neighbours ask for. */

static struct conn *
conn_of(struct end *e, enum bgp_conn c)
{
	return &e->link->conn[c == BGP_DIALLED ? e->side : !e->side];
}

static enum bgp_conn
conn_seen(const struct end *e, const struct conn *c)
{
	return e->side == c->dialler ? BGP_DIALLED : BGP_ACCEPTED;
}

static void
on_dial(struct bgp_neighbour *n, void *ctx)
{
	(void)n;
	event_set(&conn_of(ctx, BGP_DIALLED)->dialling, delay());
}

static void
way_reset(struct way *w)
{
	event_clear(&w->due);
	w->n = 0;
	w->eof = false;
}

static size_t
way_put(struct way *w, struct bytes b)
{
	size_t n = b.n < PIPE_BYTES - w->n ? b.n : PIPE_BYTES - w->n;

	if (n == 0)
		return 0;
	if (w->n + n > w->cap) {
		w->cap = 2 * (w->n + n);
		w->b = __real_realloc(w->b, w->cap);
	}
	memcpy(w->b + w->n, b.p, n);
	w->n += n;
	if (!w->due.t.pos)
		event_set(&w->due, delay());
	return n;
}

static void
on_hang_up(struct bgp_neighbour *n, enum bgp_conn conn, void *ctx)
{
	struct end *e = ctx;
	struct conn *c = conn_of(e, conn);
	struct way *w = &c->to[!e->side];

	if (!c->up) {
		if (conn == BGP_DIALLED)
			event_clear(&c->dialling);
		return;
	}
	way_put(w, bgp_neighbour_tx(n, conn));
	c->up = false;
	way_reset(&c->to[e->side]);
	w->eof = true;
	if (!w->due.t.pos)
		event_set(&w->due, delay());
}

static void
on_wake(struct bgp_neighbour *n, void *ctx)
{
	struct end *e = ctx;

	(void)n;
	e->stir = true;
	event_set(&e->r->work, 0);
}

static void
on_note(struct bgp_neighbour *n, const struct bgp_note_info *i, void *ctx)
{
	struct end *e = ctx;

	(void)n;
	if (i->what == BGP_NOTE_UP) {
		e->down_at = INSTANT_NEVER;
		sim.sessions++;
	} else if (i->what == BGP_NOTE_DOWN) {
		e->down_at = sim.now;
		e->may_keep = sim.gr ? SECONDS(sim.gr_time) + (sim.llgr ?
		    SECONDS(sim.llgr_time) : 0) : 0;
	} else if (i->what == BGP_NOTE_UPDATE) {
		wrong("router %u: an UPDATE was not accepted: %s", e->r->i,
		    i->text);
	}
}

static const struct bgp_neighbour_ops ops = {
	.dial = on_dial, .hang_up = on_hang_up, .wake = on_wake,
	.note = on_note,
};

/* What neighbours have to say goes into the pipes. */
static void
pump(struct end *e)
{
	for (unsigned k = 0; e->n && k < BGP_NCONNS; k++) {
		struct conn *c = conn_of(e, (enum bgp_conn)k);
		size_t n = !c->up ? 0 : way_put(&c->to[!e->side],
		    bgp_neighbour_tx(e->n, (enum bgp_conn)k));

		if (n == 0)
			continue;
		hard_times(true);
		bgp_neighbour_sent(e->n, (enum bgp_conn)k, sim.now, n);
		hard_times(false);
	}
	if (e->n)
		heap_set(&sim.heap, &e->wake.t,
		    bgp_neighbour_deadline(e->n));
}

static void
link_state(struct end *e, enum bgp_conn conn, bool up)
{
	const struct bgp_link at = { .local = addr_of(e),
	    .remote = addr_of(other_end(e)),
	    .ifindex = e->link->kind == INT ? 0 :
	    1 + (uint32_t)(e->link - sim.l) };

	hard_times(true);
	bgp_neighbour_link(e->n, conn, sim.now, up, up ? 0 : 104, &at);
	hard_times(false);
	pump(e);
}

/* A connection breaks; both ends, if they live, learn of it. */
void
conn_cut(struct conn *c)
{
	const bool was = c->up;

	c->up = false;
	event_clear(&c->dialling);
	way_reset(&c->to[0]);
	way_reset(&c->to[1]);
	for (unsigned side = 0; was && side < 2; side++) {
		struct end *e = &c->link->end[side];

		if (e->n)
			link_state(e, conn_seen(e, c), false);
	}
}

void
link_cut(struct link *l)
{
	conn_cut(&l->conn[0]);
	conn_cut(&l->conn[1]);
}

static void
conn_dialled(void *ctx)
{
	struct conn *c = ctx;
	struct end *e = &c->link->end[c->dialler], *o = other_end(e);
	bool taken;

	if (!e->n)
		return;
	/* A stale connection of ours: the old socket is long closed. */
	way_reset(&c->to[0]);
	way_reset(&c->to[1]);
	hard_times(true);
	taken = c->link->up && o->n && bgp_neighbour_accept(o->n, sim.now);
	hard_times(false);
	if (!taken) {
		link_state(e, BGP_DIALLED, false);
		return;
	}
	c->up = true;
	link_state(o, BGP_ACCEPTED, true);
	if (c->up)
		link_state(e, BGP_DIALLED, true);
}

static void
way_arrived(void *ctx)
{
	struct way *w = ctx;
	struct end *e = w->to;
	const enum bgp_conn conn = conn_seen(e, w->conn);
	size_t n = w->n, took;

	if (!e->link->up) {		/* lost; TCP tries again */
		event_set(&w->due, SECONDS(1));
		return;
	}
	if (!e->n)
		return;
	if (n > 1 && chance(50))
		n = 1 + draw((uint32_t)n);
	hard_times(true);
	took = n ? bgp_neighbour_rx(e->n, conn, sim.now,
	    bytes_of(w->b, n)) : 0;
	hard_times(false);
	sim.rx_bytes += took;
	if (w->n >= took) {	/* the call may have closed and emptied it */
		memmove(w->b, w->b + took, w->n - took);
		w->n -= took;
	}
	if (w->n) {
		event_set(&w->due, delay());
	} else if (w->eof) {
		w->eof = false;
		w->conn->up = false;
		link_state(e, conn, false);
		return;
	}
	pump(e);
}

/* An end of a link. */

void
iface_state(const struct end *e)
{
	struct router *r = e->r;
	const uint32_t index = 1 + (uint32_t)(e->link - sim.l);
	const struct iface_addr a = { .ip = addr_of(e),
	    .net = prefix_of(addr_of(e), sim.v6_links ? 126 : 30),
	    .scope = SCOPE_UNIVERSE };

	if (!r->alive || e->link->kind == INT)
		return;
	iface_set_link(&r->ifaces, index, "l", e->link->up ? IFACE_UP : 0,
	    1500, 0);
	iface_set_addr(&r->ifaces, index, &a);
	event_set(&r->work, 0);
}

static void
end_start(struct end *e)
{
	struct bgp_neighbour_config c;

	end_config(e, &c);
	c.session.connect_delay = SECONDS(draw(5));
	c.session.seed = draw(UINT32_MAX);
	e->down_at = sim.now;
	e->may_keep = 0;
	e->n = bgp_neighbour_new(&c, &ops, e);
	bgp_neighbour_set_recovering(e->n, e->r->recovered.t.pos != 0);
	bgp_neighbour_start(e->n, sim.now);
	if (e->off)
		end_stop(e);
	pump(e);
}

static void
end_free(struct end *e)
{
	e->want_reload = false;
	if (!e->n)
		return;
	while (bgp_neighbour_work(e->n, sim.now, UINT32_MAX))
		;
	if (!bgp_neighbour_gone(e->n))
		wrong("router %u: a stopped neighbour is not gone", e->r->i);
	bgp_neighbour_free(e->n);
	e->n = NULL;
	event_clear(&e->wake);
	link_cut(e->link);
}

/* "disable" */
void
end_stop(struct end *e)
{
	const struct bgp_error why = { .code = BGP_ERR_CEASE,
	    .subcode = BGP_CEASE_SHUTDOWN };

	e->off = true;
	if (!e->n)
		return;
	bgp_neighbour_stop(e->n, sim.now, &why);
	pump(e);
	event_set(&e->r->work, 0);
}

/* "enable" */
void
end_resume(struct end *e)
{
	if (!e->off)
		return;
	e->off = false;
	if (e->n)
		bgp_neighbour_start(e->n, sim.now);
	pump(e);
}

static void
ask_again(struct end *e)
{
	bool asked;

	if (!e->want_reload)
		return;
	hard_times(true);
	asked = !bgp_neighbour_established(e->n) ||
	    bgp_neighbour_reload_in(e->n, bgp_neighbour_channel(e->n, 0),
	    sim.now);
	hard_times(false);
	if (!asked) {
		event_set(&e->r->work, MILLISECONDS(100));
		return;
	}
	e->want_reload = false;
}

/* "reload in"; a peer that knows no refresh is met anew, as in the daemon. */
void
end_reload(struct end *e)
{
	if (!e->n)
		return;
	if (!e->refresh || !other_end(e)->refresh) {
		if (!e->off) {
			end_stop(e);
			end_resume(e);
		}
		return;
	}
	e->want_reload = true;
	ask_again(e);
	pump(e);
}

/* A new configuration with another policy. */
void
end_vary(struct end *e)
{
	struct bgp_neighbour_config c;

	e->variant = !e->variant;
	if (!e->n)
		return;
	end_config(e, &c);
	hard_times(true);
	bgp_neighbour_configure(e->n, &c);
	hard_times(false);
	pump(e);
	end_reload(e);
	event_set(&e->r->work, 0);
}

/* Routers. */

static bool
no_emit(struct rt_channel *c, uint32_t id, const struct prefix *net,
    struct rt_edit *e)
{
	(void)c;
	(void)id;
	(void)net;
	(void)e;
	return true;
}

static const struct rt_class origin_class = { .name = "Static", .rank = 9 };
static const struct rt_channel_ops origin_ops = { .emit = no_emit };

static void
tell(struct rt_channel *c, const struct prefix *p, struct attrs_edit *e,
    bool on)
{
	struct attrs_pool *pool = rt_table_pool(c->table);
	const struct attrs *a = on ? attrs_intern(pool, e) : NULL;

	rt_channel_update(c, p, 0, a, sim.now);
	attrs_unref(pool, a);
}

void
net_announce(struct net *n, unsigned k, bool on)
{
	struct router *r = &sim.r[n->from[k]];
	struct attrs_edit e;
	uint8_t comms[12];
	unsigned c = 0;

	n->on[k] = on;
	if (!r->alive)
		return;
	attrs_edit_init(&e, NULL);
	e.source = RTS_STATIC;
	e.dest = RTD_BLACKHOLE;
	e.preference = 200;
	be32_put(comms, (uint32_t)TAG_CLASS << 16 | CUSTOMER);
	if (n->action != NONE)
		be32_put(comms + 4 * ++c, (uint32_t)TAG_ACTION << 16 |
		    n->action);
	if (n->known)
		be32_put(comms + 4 * ++c, n->known);
	attrs_edit_set_bytes(&e, ATTR_BGP_COMMUNITY, ATTR_CLIST,
	    bytes_of(comms, 4 * (c + 1)));
	attrs_edit_set_u32(&e, ATTR_BGP_ORIGIN, n->origin_code[k]);
	attrs_edit_set_u32(&e, ATTR_BGP_LOCAL_PREF, 5000);
	tell(&r->origin, &n->p, &e, on);
	event_set(&r->work, 0);
}

/* The IGP: how r reaches another one's loopback. */
void
igp_tell(const struct router *to, struct router *r)
{
	const struct prefix p = prefix_host(loopback_of(to));
	const struct nexthop hop = { .gw = loopback_of(to), .ifindex = 1 };
	struct attrs_edit e;

	if (!r->alive || to == r || to->igp_area != r->igp_area)
		return;
	attrs_edit_init(&e, NULL);
	e.source = RTS_STATIC;
	e.dest = RTD_UNICAST;
	e.preference = 200;
	attrs_edit_set_hops(&e, &hop, 1);
	attrs_edit_set_u32(&e, ATTR_IGP_METRIC, igp_cost(r, to));
	tell(&r->hosts, &p, &e, to->alive);
	event_set(&r->work, 0);
}

static void
igp_spread(struct router *r)
{
	for (unsigned i = 0; i < sim.n_routers; i++) {
		igp_tell(r, &sim.r[i]);
		igp_tell(&sim.r[i], r);
	}
}

static void
origin_init(struct rt_channel *c, struct rt_table *t)
{
	*c = (struct rt_channel){ .table = t,
	    .owner = { .cls = &origin_class, .name = "static1" },
	    .ops = &origin_ops, .in.constant = RT_ACCEPT };
	rt_channel_start(c, false);
}

void
router_start(struct router *r, bool restarted)
{
	const struct hash_key key = { { draw(UINT32_MAX), 7 } };

	r->alive = true;
	r->pool = attrs_pool_new(&key);
	r->table = rt_table_new("master", sim.v6 ? NET_IP6 : NET_IP4,
	    r->pool, &key);
	r->igp = rt_table_new("igp", sim.v6_links ? NET_IP6 : NET_IP4,
	    r->pool, &key);
	iface_set_init(&r->ifaces);
	rt_table_set_ifaces(r->table, &r->ifaces);
	rt_table_set_ifaces(r->igp, &r->ifaces);
	origin_init(&r->origin, r->table);
	origin_init(&r->hosts, r->igp);
	igp_spread(r);
	if (sim.gr && restarted)
		event_set(&r->recovered, RECOVERY);
	for (unsigned i = 0; i < r->n_ends; i++) {
		iface_state(r->end[i]);
		end_start(r->end[i]);
	}
	for (unsigned i = 0; i < sim.n_nets; i++)
		for (unsigned k = 0; k < sim.net[i].n_from; k++)
			if (sim.net[i].from[k] == r->i)
				net_announce(&sim.net[i], k,
				    sim.net[i].on[k]);
}

/* A table that all have left. */
static void
table_free(struct router *r, struct rt_table *t)
{
	if (rt_count_routes(t))
		wrong("router %u leaves %zu routes behind in %s", r->i,
		    rt_count_routes(t), rt_table_name(t));
	rt_table_free(t);
}

/*
 * Without a word, as kill -9 does it, and the kernel closes the sockets; or
 * as "restart" does, which is the same to the peers.
 */
void
router_stop(struct router *r, bool abandon)
{
	const struct bgp_error down = { .code = BGP_ERR_CEASE,
	    .subcode = BGP_CEASE_SHUTDOWN };

	r->alive = false;
	event_clear(&r->recovered);
	for (unsigned i = 0; i < r->n_ends; i++) {
		struct end *e = r->end[i];

		link_cut(e->link);
		if (abandon)
			bgp_neighbour_abandon(e->n, sim.now);
		bgp_neighbour_stop(e->n, sim.now, &down);
		end_free(e);
	}
	event_clear(&r->work);
	igp_spread(r);
	rt_channel_stop(&r->origin);
	rt_channel_stop(&r->hosts);
	while (rt_channel_flush(&r->origin, UINT32_MAX, sim.now) ||
	    rt_channel_flush(&r->hosts, UINT32_MAX, sim.now))
		;
	table_free(r, r->table);
	table_free(r, r->igp);
	if (attrs_pool_count(r->pool))
		wrong("router %u leaves %zu attribute sets behind", r->i,
		    attrs_pool_count(r->pool));
	attrs_pool_free(r->pool);
	iface_set_done(&r->ifaces);
}

static void
router_work(void *ctx)
{
	struct router *r = ctx;
	bool more;

	hard_times(true);
	more = rt_table_work(r->igp, 50, sim.now);
	more = rt_table_work(r->table, 50, sim.now) || more;
	hard_times(false);
	for (unsigned i = 0; i < r->n_ends; i++) {
		struct end *e = r->end[i];

		if (!e->n)
			continue;
		e->stir = false;
		hard_times(true);
		more = bgp_neighbour_work(e->n, sim.now, 5) || more;
		hard_times(false);
		ask_again(e);
		pump(e);
		more = more || e->stir;
	}
	if (more)
		event_set(&r->work, MICROSECONDS(100));
}

static void
router_recovered(void *ctx)
{
	struct router *r = ctx;

	for (unsigned i = 0; i < r->n_ends; i++) {
		bgp_neighbour_set_recovering(r->end[i]->n, false);
		pump(r->end[i]);
	}
}

static void
end_tick(void *ctx)
{
	struct end *e = ctx;

	hard_times(true);
	bgp_neighbour_tick(e->n, sim.now);
	hard_times(false);
	pump(e);
}

/* Ties the events of what plan.c has drawn. */
static void
link_wire(struct link *l)
{
	for (unsigned d = 0; d < 2; d++) {
		struct conn *c = &l->conn[d];
		struct end *e = &l->end[d];

		c->link = l;
		c->dialler = d;
		c->dialling = (struct event){ .fire = conn_dialled,
		    .ctx = c };
		e->wake = (struct event){ .fire = end_tick, .ctx = e };
		for (unsigned t = 0; t < 2; t++) {
			struct way *w = &c->to[t];

			w->conn = c;
			w->to = &l->end[t];
			w->due = (struct event){ .fire = way_arrived,
			    .ctx = w };
		}
	}
}

void
world_wire(void)
{
	for (unsigned i = 0; i < sim.n_links; i++)
		link_wire(&sim.l[i]);
	for (unsigned i = 0; i < sim.n_routers; i++) {
		struct router *r = &sim.r[i];

		r->work = (struct event){ .fire = router_work, .ctx = r };
		r->recovered = (struct event){ .fire = router_recovered,
		    .ctx = r };
	}
}

bool
world_step(struct instant until)
{
	struct timer *t = heap_first(&sim.heap);
	struct event *e = (struct event *)(void *)t;

	if (!t || t->at.ns > until.ns) {
		sim.now = until;
		return false;
	}
	if (t->at.ns > sim.now.ns)
		sim.now = t->at;
	heap_clear(&sim.heap, t);
	e->fire(e->ctx);
	return true;
}

/* SPDX-License-Identifier: ISC */
/*
 * Many routers in one process, in virtual time: the same neighbours, tables
 * and channels as in the daemon, joined by pipes that delay, cut and die.
 *
 *	sim_bgp [SEEDS [FIRST]]
 *
 * Each seed draws a topology of routers with an AS each, then a while of
 * chaos: links go down and come up, connections are reset, routers die and
 * start again, prefixes are announced and withdrawn, filters prefer odd
 * things.  Then the chaos ends, the network settles, and every table must be
 * what a plain search of the graph says: the shortest path to every prefix
 * that is announced, nothing else, and each path made of links that stand.
 * A seed that fails prints how to run it alone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/heap.h"
#include "base/mem.h"
#include "bgp/neighbour.h"

#define MAX_ROUTERS	28
#define MAX_LINKS	80
#define MAX_EVENTS	256
#define N_NETS		4	/* that a router may announce */
#define PIPE_BYTES	(1u << 17)

#define CHAOS		SECONDS(600)
/* Long enough for every timer of a session, too short to forgive GR's. */
#define PEACE		SECONDS(280)
#define RECOVERY	SECONDS(40)

struct end;

struct way {			/* bytes on their way to one end */
	struct timer due;
	uint8_t *b;
	size_t n;
	bool eof;
	struct end *to;
	unsigned gen;
};

/* One connection: dialled by side "from" of a link. */
struct conn {
	bool up;
	unsigned gen;
	struct way to[2];		/* toward side 0, side 1 */
	struct timer dialling;
	bool pending;
};

struct link {
	unsigned r[2];			/* the routers at its sides */
	bool up;
	struct conn conn[2];		/* dialled by side 0, by side 1 */
};

struct end {			/* a router's neighbour over a link */
	struct link *link;
	unsigned side;
	struct bgp_neighbour *n;
	struct timer wake;
	bool stir;			/* ops->wake was called */
};

struct router {
	unsigned i;
	bool alive;
	struct attrs_pool *pool;
	struct rt_table *table;
	struct iface_set ifaces;
	struct rt_channel origin;	/* of its own nets */
	bool announced[N_NETS];
	struct end *end[MAX_LINKS];
	struct timer work;
	struct timer recovered;		/* from its restart */
};

static struct sim {
	uint64_t rng;
	struct instant now;
	struct heap heap;
	struct router r[MAX_ROUTERS];
	unsigned n_routers;
	struct link l[MAX_LINKS];
	unsigned n_links;
	struct end ends[MAX_LINKS][2];
	bool gr, peace;
	unsigned long long rx_bytes;
} sim;

static uint32_t
draw(uint32_t below)
{
	sim.rng += 0x9e3779b97f4a7c15u;
	return (uint32_t)(hash_mix(sim.rng) >> 16) % below;
}

static struct instant
after(int64_t span)
{
	return instant_add(sim.now, span);
}

static int64_t
delay(void)
{
	return MILLISECONDS(1 + draw(60));
}

static uint32_t
asn_of(unsigned router)
{
	return 65000 + router;
}

static struct ip
addr_of(const struct link *l, unsigned side)
{
	const unsigned i = (unsigned)(l - sim.l);

	return ip4(0x0a000000u + i * 4 + 1 + side);
}

static struct prefix
net_of(unsigned router, unsigned k)
{
	return prefix_of(ip4(0xac100000u + router * 0x400 + k * 0x100), 24);
}

/* What neighbours ask for. */

static struct conn *
conn_of(struct end *e, enum bgp_conn c)
{
	return &e->link->conn[c == BGP_DIALLED ? e->side : !e->side];
}

static struct end *
other_end(struct end *e)
{
	return &sim.ends[e->link - sim.l][!e->side];
}

static void
on_dial(struct bgp_neighbour *n, void *ctx)
{
	struct end *e = ctx;
	struct conn *c = conn_of(e, BGP_DIALLED);

	(void)n;
	c->pending = true;
	heap_set(&sim.heap, &c->dialling, after(delay()));
}

static void
way_reset(struct way *w)
{
	heap_clear(&sim.heap, &w->due);
	w->n = 0;
	w->eof = false;
}

static void
on_hang_up(struct bgp_neighbour *n, enum bgp_conn conn, void *ctx)
{
	struct end *e = ctx;
	struct conn *c = conn_of(e, conn);
	struct way *w = &c->to[!e->side];
	const struct bytes last = bgp_neighbour_tx(n, conn);

	if (!c->up) {
		c->pending = false;
		return;
	}
	if (last.n && w->n + last.n <= PIPE_BYTES) {
		memcpy(w->b + w->n, last.p, last.n);
		w->n += last.n;
	}
	c->up = false;
	way_reset(&c->to[e->side]);
	w->eof = true;
	if (!w->due.pos)
		heap_set(&sim.heap, &w->due, after(delay()));
}

static void
on_wake(struct bgp_neighbour *n, void *ctx)
{
	struct end *e = ctx;
	struct router *r = &sim.r[e->link->r[e->side]];

	(void)n;
	e->stir = true;
	heap_set(&sim.heap, &r->work, sim.now);
}

static const struct bgp_neighbour_ops ops = {
	.dial = on_dial, .hang_up = on_hang_up, .wake = on_wake,
};

/* What neighbours have to say goes into the pipes. */
static void
pump(struct end *e)
{
	for (unsigned k = 0; k < BGP_NCONNS; k++) {
		struct conn *c = conn_of(e, (enum bgp_conn)k);
		struct way *w = &c->to[!e->side];
		struct bytes b = bgp_neighbour_tx(e->n, (enum bgp_conn)k);
		size_t n = b.n < PIPE_BYTES - w->n ? b.n : PIPE_BYTES - w->n;

		if (!c->up || n == 0)
			continue;
		memcpy(w->b + w->n, b.p, n);
		w->n += n;
		if (!w->due.pos)
			heap_set(&sim.heap, &w->due, after(delay()));
		bgp_neighbour_sent(e->n, (enum bgp_conn)k, sim.now, n);
	}
	heap_set(&sim.heap, &e->wake, bgp_neighbour_deadline(e->n));
}

static void
link_state(struct end *e, enum bgp_conn conn, bool up)
{
	const struct bgp_link at = { .local = addr_of(e->link, e->side),
	    .remote = addr_of(e->link, !e->side),
	    .ifindex = 1 + (uint32_t)(e->link - sim.l) };

	bgp_neighbour_link(e->n, conn, sim.now, up, up ? 0 : 104, &at);
	pump(e);
}

/* A connection breaks; both ends, if they live, learn of it. */
static void
cut(struct link *l, unsigned dialler)
{
	struct conn *c = &l->conn[dialler];
	const bool was = c->up;

	c->up = c->pending = false;
	heap_clear(&sim.heap, &c->dialling);
	way_reset(&c->to[0]);
	way_reset(&c->to[1]);
	if (!was)
		return;
	for (unsigned side = 0; side < 2; side++) {
		struct end *e = &sim.ends[l - sim.l][side];

		if (e->n)
			link_state(e, side == dialler ? BGP_DIALLED :
			    BGP_ACCEPTED, false);
	}
}

static void
dialled(struct link *l, unsigned side)
{
	struct conn *c = &l->conn[side];
	struct end *e = &sim.ends[l - sim.l][side], *o = other_end(e);

	c->pending = false;
	if (!e->n)
		return;
	/* A stale connection of ours: the old socket is long closed. */
	way_reset(&c->to[0]);
	way_reset(&c->to[1]);
	if (!l->up || !o->n || !bgp_neighbour_accept(o->n, sim.now)) {
		link_state(e, BGP_DIALLED, false);
		return;
	}
	c->up = true;
	link_state(o, BGP_ACCEPTED, true);
	if (c->up)
		link_state(e, BGP_DIALLED, true);
}

static void
arrived(struct way *w, struct link *l, unsigned dialler)
{
	struct end *e = w->to;
	const enum bgp_conn conn = e->side == dialler ? BGP_DIALLED :
	    BGP_ACCEPTED;
	size_t n = w->n, took;

	if (!e->n)
		return;
	if (n > 1)
		n = 1 + draw((uint32_t)n);
	took = n ? bgp_neighbour_rx(e->n, conn, sim.now,
	    bytes_of(w->b, n)) : 0;
	sim.rx_bytes += took;
	if (w->n >= took) {	/* the call may have closed and emptied it */
		memmove(w->b, w->b + took, w->n - took);
		w->n -= took;
	}
	if (w->n)
		heap_set(&sim.heap, &w->due, after(delay()));
	else if (w->eof) {
		w->eof = false;
		l->conn[dialler].up = false;
		link_state(e, conn, false);
		return;
	}
	pump(e);
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
announce(struct router *r, unsigned k, bool on)
{
	const struct prefix net = net_of(r->i, k);
	const struct attrs *a = NULL;
	struct attrs_edit e;

	attrs_edit_init(&e, NULL);
	e.source = RTS_STATIC;
	e.dest = RTD_BLACKHOLE;
	e.preference = 200;
	r->announced[k] = on;
	if (on)
		a = attrs_intern(r->pool, &e);
	rt_channel_update(&r->origin, &net, 0, a, sim.now);
	attrs_unref(r->pool, a);
	heap_set(&sim.heap, &r->work, sim.now);
}

static void
iface_state(const struct link *l, unsigned side)
{
	struct router *r = &sim.r[l->r[side]];
	const uint32_t index = 1 + (uint32_t)(l - sim.l);
	const struct iface_addr a = { .ip = addr_of(l, side),
	    .net = prefix_of(addr_of(l, side), 30), .scope = SCOPE_UNIVERSE };

	if (!r->alive)
		return;
	iface_set_link(&r->ifaces, index, "l", l->up ? IFACE_UP : 0, 1500, 0);
	iface_set_addr(&r->ifaces, index, &a);
	heap_set(&sim.heap, &r->work, sim.now);
}

static void
end_start(struct router *r, struct link *l, unsigned side)
{
	struct end *e = &sim.ends[l - sim.l][side];
	struct bgp_neighbour_config c = { .name = "n",
	    .local_as = asn_of(r->i), .router_id = 0x0a640000u + r->i,
	    .cluster_id = r->i, .remote = addr_of(l, !side), .direct = true,
	    .interpret_communities = true, .path_metric = true,
	    .igp_metric = true, .default_local_pref = 100, .gr_helper = true,
	    .n_channels = 1, .ifaces = &r->ifaces };

	bgp_session_config_init(&c.session);
	c.session.open.asn = c.local_as;
	c.session.open.id = c.router_id;
	c.session.open.hold = 90;
	c.session.open.as4 = c.session.open.refresh = true;
	c.session.open.enhanced_refresh = draw(2);
	c.session.open.has_gr = c.gr_able = sim.gr;
	c.session.open.gr_time = 120;
	c.session.demand.peer_asn = asn_of(l->r[!side]);
	c.session.connect_delay = SECONDS(draw(5));
	c.session.connect_retry = SECONDS(20);
	c.session.error_wait_min = SECONDS(2);
	c.session.error_wait_max = SECONDS(10);
	c.session.seed = draw(UINT32_MAX);
	c.channel[0] = (struct bgp_channel_config){ .fam = BGP_FAM_IP4,
	    .table = r->table, .preference = 100, .gateway_direct = true,
	    .in.constant = RT_ACCEPT, .out.constant = RT_ACCEPT };
	e->link = l;
	e->side = side;
	e->n = bgp_neighbour_new(&c, &ops, e);
	bgp_neighbour_set_recovering(e->n, r->recovered.pos != 0);
	bgp_neighbour_start(e->n, sim.now);
	pump(e);
}

static void
router_start(struct router *r)
{
	const struct hash_key key = { { draw(UINT32_MAX), 7 } };

	r->alive = true;
	r->pool = attrs_pool_new(&key);
	r->table = rt_table_new("master4", NET_IP4, r->pool, &key);
	iface_set_init(&r->ifaces);
	rt_table_set_ifaces(r->table, &r->ifaces);
	r->origin = (struct rt_channel){ .table = r->table,
	    .owner = { .cls = &origin_class, .name = "static1" },
	    .ops = &origin_ops, .in.constant = RT_ACCEPT };
	rt_channel_start(&r->origin, false);
	if (sim.gr && sim.now.ns > SECONDS(1000))
		heap_set(&sim.heap, &r->recovered, after(RECOVERY));
	for (unsigned i = 0; i < sim.n_links; i++)
		for (unsigned side = 0; side < 2; side++)
			if (sim.l[i].r[side] == r->i) {
				iface_state(&sim.l[i], side);
				end_start(r, &sim.l[i], side);
			}
	for (unsigned k = 0; k < N_NETS; k++)
		announce(r, k, draw(2));
}

/* Without a word, as kill -9 does it; the kernel closes the sockets. */
static void
router_stop(struct router *r)
{
	const struct bgp_error down = { .code = BGP_ERR_CEASE,
	    .subcode = BGP_CEASE_SHUTDOWN };

	r->alive = false;
	heap_clear(&sim.heap, &r->recovered);
	for (unsigned i = 0; i < sim.n_links; i++)
		for (unsigned side = 0; side < 2; side++) {
			struct end *e = &sim.ends[i][side];

			if (sim.l[i].r[side] != r->i || !e->n)
				continue;
			bgp_neighbour_stop(e->n, sim.now, &down);
			while (bgp_neighbour_work(e->n, sim.now, UINT32_MAX))
				;
			bgp_neighbour_free(e->n);
			e->n = NULL;
			heap_clear(&sim.heap, &e->wake);
			cut(&sim.l[i], 0);
			cut(&sim.l[i], 1);
		}
	heap_clear(&sim.heap, &r->work);
	rt_channel_stop(&r->origin);
	while (rt_channel_flush(&r->origin, UINT32_MAX, sim.now))
		;
	if (rt_count_routes(r->table) || attrs_pool_count(r->pool)) {
		fprintf(stderr, "router %u leaves routes or sets behind\n",
		    r->i);
		abort();
	}
	rt_table_free(r->table);
	attrs_pool_free(r->pool);
	iface_set_done(&r->ifaces);
}

static void
router_work(struct router *r)
{
	bool more = rt_table_work(r->table, 50, sim.now);

	for (unsigned i = 0; i < sim.n_links; i++)
		for (unsigned side = 0; side < 2; side++) {
			struct end *e = &sim.ends[i][side];

			if (sim.l[i].r[side] != r->i || !e->n)
				continue;
			e->stir = false;
			more = bgp_neighbour_work(e->n, sim.now, 5) || more;
			pump(e);
			more = more || e->stir;
		}
	if (more)
		heap_set(&sim.heap, &r->work, after(MICROSECONDS(100)));
}

static void
router_recovered(struct router *r)
{
	for (unsigned i = 0; i < sim.n_links; i++)
		for (unsigned side = 0; side < 2; side++)
			if (sim.l[i].r[side] == r->i && sim.ends[i][side].n) {
				bgp_neighbour_set_recovering(
				    sim.ends[i][side].n, false);
				pump(&sim.ends[i][side]);
			}
}

/* The world. */

static void
make_topology(void)
{
	sim.n_routers = 20 + draw(MAX_ROUTERS - 20 + 1);
	sim.n_links = 0;
	for (unsigned i = 0; i < sim.n_routers; i++)
		sim.r[i].i = i;
	for (unsigned i = 1; i < sim.n_routers + 15; i++) {
		const unsigned a = i < sim.n_routers ? i :
		    draw(sim.n_routers);
		const unsigned b = i < sim.n_routers ? draw(i) :
		    draw(sim.n_routers);
		struct link *l = &sim.l[sim.n_links];

		if (a == b)
			continue;
		*l = (struct link){ .r = { a, b }, .up = true };
		for (unsigned d = 0; d < 2; d++)
			for (unsigned t = 0; t < 2; t++) {
				l->conn[d].to[t].b = mem_alloc(PIPE_BYTES);
				l->conn[d].to[t].to =
				    &sim.ends[sim.n_links][t];
			}
		sim.n_links++;
	}
}

static void
chaos(void)
{
	struct router *r = &sim.r[draw(sim.n_routers)];
	struct link *l = &sim.l[draw(sim.n_links)];

	switch (draw(6)) {
	case 0:
		if (r->alive)
			router_stop(r);
		else
			router_start(r);
		break;
	case 1:
		l->up = !l->up;
		iface_state(l, 0);
		iface_state(l, 1);
		if (!l->up && draw(2)) {	/* else only timers tell */
			cut(l, 0);
			cut(l, 1);
		}
		break;
	case 2:
		cut(l, draw(2));
		break;
	case 3:
		if (r->alive)
			for (unsigned i = 0; i < sim.n_links; i++)
				if (sim.l[i].r[0] == r->i && sim.ends[i][0].n)
					bgp_neighbour_reload_in(
					    sim.ends[i][0].n,
					    bgp_neighbour_channel(
					    sim.ends[i][0].n, 0), sim.now);
		break;
	default:
		if (r->alive)
			announce(r, draw(N_NETS), draw(2));
		break;
	}
}

static void
make_peace(void)
{
	sim.peace = true;
	for (unsigned i = 0; i < sim.n_links; i++)
		if (!sim.l[i].up && draw(3)) {
			sim.l[i].up = true;
			iface_state(&sim.l[i], 0);
			iface_state(&sim.l[i], 1);
		}
	for (unsigned i = 0; i < sim.n_routers; i++)
		if (!sim.r[i].alive && draw(3))
			router_start(&sim.r[i]);
	/* A link that is down carries nothing, and both sides know. */
	for (unsigned i = 0; i < sim.n_links; i++)
		if (!sim.l[i].up) {
			cut(&sim.l[i], 0);
			cut(&sim.l[i], 1);
		}
}

static void
fire(struct timer *t)
{
	for (unsigned i = 0; i < sim.n_routers; i++)
		if (t == &sim.r[i].work) {
			router_work(&sim.r[i]);
			return;
		} else if (t == &sim.r[i].recovered) {
			router_recovered(&sim.r[i]);
			return;
		}
	for (unsigned i = 0; i < sim.n_links; i++)
		for (unsigned side = 0; side < 2; side++) {
			struct link *l = &sim.l[i];
			struct end *e = &sim.ends[i][side];

			if (t == &e->wake) {
				bgp_neighbour_tick(e->n, sim.now);
				pump(e);
				return;
			}
			if (t == &l->conn[side].dialling) {
				dialled(l, side);
				return;
			}
			for (unsigned to = 0; to < 2; to++)
				if (t == &l->conn[side].to[to].due) {
					if (l->up)
						arrived(&l->conn[side].to[to],
						    l, side);
					else	/* lost; TCP tries again */
						heap_set(&sim.heap, t,
						    after(SECONDS(1)));
					return;
				}
		}
}

static void
run(void)
{
	struct instant next_chaos = after(SECONDS(60));
	const struct instant peace = after(CHAOS), end = after(CHAOS + PEACE);

	while (!instant_due(end, sim.now)) {
		struct instant next = heap_deadline(&sim.heap);
		struct timer *t;

		if (!sim.peace)
			next = instant_min(next, next_chaos);
		next = instant_min(next, end);
		if (next.ns > sim.now.ns)
			sim.now = next;
		if (!sim.peace && instant_due(peace, sim.now))
			make_peace();
		if (!sim.peace && instant_due(next_chaos, sim.now)) {
			chaos();
			next_chaos = after(MILLISECONDS(draw(15000)));
		}
		t = heap_first(&sim.heap);
		if (t && instant_due(t->at, sim.now)) {
			heap_clear(&sim.heap, t);
			fire(t);
		}
	}
}

/* The judgement. */

static void
distances(unsigned from, unsigned *dist)
{
	unsigned queue[MAX_ROUTERS], head = 0, tail = 0;

	for (unsigned i = 0; i < sim.n_routers; i++)
		dist[i] = UINT32_MAX;
	if (!sim.r[from].alive)
		return;
	dist[from] = 0;
	queue[tail++] = from;
	while (head < tail) {
		const unsigned at = queue[head++];

		for (unsigned i = 0; i < sim.n_links; i++)
			for (unsigned side = 0; side < 2; side++) {
				const unsigned to = sim.l[i].r[!side];

				if (sim.l[i].r[side] != at || !sim.l[i].up ||
				    !sim.r[to].alive ||
				    dist[to] != UINT32_MAX)
					continue;
				dist[to] = dist[at] + 1;
				queue[tail++] = to;
			}
	}
}

static bool
adjacent(unsigned a, unsigned b)
{
	for (unsigned i = 0; i < sim.n_links; i++)
		if (sim.l[i].up &&
		    ((sim.l[i].r[0] == a && sim.l[i].r[1] == b) ||
		    (sim.l[i].r[0] == b && sim.l[i].r[1] == a)))
			return true;
	return false;
}

/* Every hop of the path is a link that stands. */
static bool
path_stands(unsigned at, const struct attrs *a)
{
	struct attr path;
	struct bgp_aspath_seg seg;
	struct rd r;

	if (!attrs_get(a, ATTR_BGP_PATH, &path))
		return true;
	r = rd_of(bytes_of(path.p, path.n));
	while (bgp_aspath_next(&r, true, &seg))
		for (unsigned i = 0; i < seg.n; i++) {
			const unsigned to = be32_get(seg.asns.p + 4 * i) -
			    65000;

			if (!adjacent(at, to))
				return false;
			at = to;
		}
	return true;
}

static bool
judge_net(const struct router *r, unsigned from, unsigned k, unsigned dist)
{
	const struct prefix net = net_of(from, k);
	const uint32_t id = rt_find(r->table, &net);
	const struct rt_route *best = id == RT_NONE ? NULL :
	    rt_best(r->table, id);
	const bool want = sim.r[from].alive && sim.r[from].announced[k] &&
	    dist != UINT32_MAX;
	struct attr path = { 0 };
	unsigned hops;
	char text[PREFIX_TEXT];

	if (best)
		attrs_get(best->attrs, ATTR_BGP_PATH, &path);
	hops = bgp_aspath_hops(bytes_of(path.p, path.n), true);
	if (want == (best != NULL) && (!best || (hops == dist &&
	    path_stands(r->i, best->attrs) && (r->i == from ||
	    rt_resolvable(best)))))
		return true;
	fprintf(stderr, "router %u, %s: %s, %u hops; wanted: %s, %u hops\n",
	    r->i, prefix_text(&net, text), best ? "a route" : "none", hops,
	    want ? "a route" : "none", dist);
	return false;
}

static bool
judge(void)
{
	unsigned dist[MAX_ROUTERS];
	bool good = true;

	for (unsigned from = 0; from < sim.n_routers; from++) {
		distances(from, dist);
		for (unsigned i = 0; i < sim.n_routers; i++)
			for (unsigned k = 0; k < N_NETS && sim.r[i].alive;
			    k++)
				good = judge_net(&sim.r[i], from, k,
				    dist[i]) && good;
	}
	return good;
}

static bool
play(uint32_t seed)
{
	bool good;

	memset(&sim, 0, sizeof(sim));
	sim.rng = seed;
	sim.now = (struct instant){ SECONDS(1000) };
	sim.gr = draw(2);
	heap_init(&sim.heap);
	make_topology();
	for (unsigned i = 0; i < sim.n_routers; i++)
		router_start(&sim.r[i]);
	run();
	good = judge();
	for (unsigned i = 0; i < sim.n_routers; i++)
		if (sim.r[i].alive)
			router_stop(&sim.r[i]);
	for (unsigned i = 0; i < sim.n_links; i++)
		for (unsigned d = 0; d < 2; d++)
			for (unsigned t = 0; t < 2; t++)
				mem_free(sim.l[i].conn[d].to[t].b);
	heap_done(&sim.heap);
	return good;
}

int
main(int argc, char **argv)
{
	const uint32_t seeds = argc > 1 ? (uint32_t)atoi(argv[1]) : 20;
	const uint32_t first = argc > 2 ? (uint32_t)atoi(argv[2]) : 1;

	for (uint32_t s = first; s < first + seeds; s++)
		if (!play(s)) {
			printf("seed %u fails: %s 1 %u\n", s, argv[0], s);
			return 1;
		}
	printf("%u seeds converge, %llu octets read in the last\n", seeds,
	    sim.rx_bytes);
	return 0;
}

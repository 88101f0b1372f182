/* SPDX-License-Identifier: ISC */
/*
 * Chaos, then peace, then judgement.
 *
 *	sim_bgp [--seed N] [--seeds HOW_MANY] [--size small|medium|large]
 *	    [--torture ONE_IN]
 *
 * Each seed draws a world (plan.c), then a while in which links go down and
 * come up, connections break, routers die and start again, neighbours are
 * disabled and enabled, prefixes are announced and withdrawn, policies change
 * and routes are asked for anew.  On the way no route may outlive its session
 * by more than graceful restart allows.  Then the chaos ends, the network
 * settles, and: the sessions that can stand do; every table has the routes
 * that the oracle says, attribute for attribute, the right one first, and
 * none besides; packets loop nowhere; and after the end no octet of memory
 * is left.  A seed that fails says how to run it alone.
 *
 * With --torture one in so many allocations fails during the chaos.  What is
 * lost with them comes back by itself: the judgement is the same.
 */
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "world.h"

/* Long enough for every timer of a session and of graceful restart, too short
 * to forgive a peer that never says End-of-RIB. */
#define PEACE	SECONDS(285)

#define CPU_MAX	120			/* seconds, for one seed */

struct sim sim;

/* The chaos. */

static void
toggle_link(struct link *l)
{
	l->up = !l->up;
	iface_state(&l->end[0]);
	iface_state(&l->end[1]);
	if (!l->up && draw(2))		/* else only timers tell */
		link_cut(l);
}

static void
kill_or_raise(struct router *r)
{
	if (!r->alive)
		router_start(r, draw(2));
	else
		router_stop(r, draw(2));
}

/* Quickly enough that its neighbours may have kept everything. */
static void
restart(struct router *r)
{
	if (r->alive)
		router_stop(r, draw(2));
	router_start(r, true);
}

static void
change_costs(void)
{
	plan_measure();
	for (unsigned i = 0; i < sim.n_routers; i++)
		for (unsigned k = 0; k < sim.n_routers; k++)
			igp_tell(&sim.r[i], &sim.r[k]);
}

static void
chaos(void)
{
	struct router *r = &sim.r[draw(sim.n_routers)];
	struct link *l = &sim.l[draw(sim.n_links)];
	struct net *n = &sim.net[draw(sim.n_nets)];
	struct end *e = &l->end[draw(2)];
	const unsigned k = draw(n->n_from);

	switch (draw(20)) {
	case 0:
		kill_or_raise(r);
		break;
	case 1:
		restart(r);
		break;
	case 2: case 3:
		toggle_link(l);
		break;
	case 4: case 5:
		conn_cut(&l->conn[draw(2)]);
		break;
	case 6:
		(e->off ? end_resume : end_stop)(e);
		break;
	case 7: case 8:
		end_reload(e);
		break;
	case 9:
		if (e->n)
			bgp_neighbour_reload_out(e->n,
			    bgp_neighbour_channel(e->n, 0));
		break;
	case 10: case 11: case 12:
		if (l->kind == EXT)
			end_vary(e);
		break;
	case 13:
		change_costs();
		break;
	default:
		net_announce(n, k, !n->on[k]);
		break;
	}
}

static void
make_peace(void)
{
	sim.peace = true;
	for (unsigned i = 0; i < sim.n_routers; i++)
		if (!sim.r[i].alive && chance(80))
			router_start(&sim.r[i], draw(2));
	for (unsigned i = 0; i < sim.n_links; i++) {
		struct link *l = &sim.l[i];

		if (!l->up && chance(70)) {
			l->up = true;
			iface_state(&l->end[0]);
			iface_state(&l->end[1]);
		}
		/* A link that is down carries nothing; both sides know. */
		if (!l->up)
			link_cut(l);
		for (unsigned s = 0; s < 2; s++)
			if (chance(70))
				end_resume(&l->end[s]);
	}
}

/* On the way: what has no session any more, and no grace, is gone. */
static void
look_at_end(const struct end *e)
{
	const struct rt_channel *c = bgp_neighbour_channel(e->n, 0);
	uint32_t routes = 0, filtered = 0;

	if (bgp_neighbour_established(e->n) ||
	    instant_sub(sim.now, e->down_at) <= e->may_keep + SECONDS(2))
		return;
	rt_owner_counts(e->r->table, &c->owner, &routes, &filtered);
	if (routes)
		wrong("router %u has %u routes of router %u, whose session "
		    "ended %llds ago", e->r->i, routes, other_end(e)->r->i,
		    (long long)(instant_sub(sim.now, e->down_at) /
		    SECONDS(1)));
}

static void
look_around(void)
{
	for (unsigned i = 0; i < 2 * sim.n_links; i++)
		if (sim.l[i / 2].end[i & 1].n)
			look_at_end(&sim.l[i / 2].end[i & 1]);
}

static void
run_until(struct instant end)
{
	while (world_step(end))
		;
}

static void
run(void)
{
	const bool large = sim.n_routers > 60;
	const unsigned moves = large ? 60 + draw(60) : 20 + draw(60);
	struct instant end;

	run_until(after(SECONDS(20 + draw(40))));
	for (unsigned i = 0; i < moves; i++) {
		chaos();
		run_until(after(MILLISECONDS(draw(draw(4) ? 3000 : 40000))));
		if (i % 8 == 0)
			look_around();
	}
	make_peace();
	end = after(PEACE);
	while (sim.now.ns < end.ns) {
		run_until(instant_min(end, after(SECONDS(50))));
		look_around();
	}
}

/* The judgement. */

static void
judge_session(const struct link *l)
{
	const bool want = l->up && l->end[0].r->alive && l->end[1].r->alive &&
	    !l->end[0].off && !l->end[1].off;

	for (unsigned s = 0; s < 2; s++) {
		const struct end *e = &l->end[s];

		if (e->n && bgp_neighbour_established(e->n) != want)
			wrong("router %u and %u: %s", e->r->i,
			    other_end(e)->r->i, want ? "no session" :
			    "a session that cannot be");
	}
}

/* One after the other, wherever the segments end. */
static unsigned
ases_of(struct bytes path, uint8_t type, uint32_t *ret, unsigned max)
{
	struct rd r = rd_of(path);
	struct bgp_aspath_seg seg;
	unsigned n = 0;

	while (bgp_aspath_next(&r, true, &seg))
		for (unsigned i = 0; seg.type == type && i < seg.n &&
		    n < max; i++)
			ret[n++] = be32_get(seg.asns.p + 4 * i);
	return n;
}

static bool
same_path(const struct attrs *a, const struct oroute *x)
{
	uint32_t v[PATH_ASES + 1];
	struct attr at = { 0 };
	struct bytes path;

	attrs_get(a, ATTR_BGP_PATH, &at);
	path = bytes_of(at.p, at.n);
	return ases_of(path, BGP_AS_CONFED_SEQUENCE, v, PATH_ASES + 1) ==
	    x->n_conf && memcmp(v, x->conf, x->n_conf * sizeof(*v)) == 0 &&
	    ases_of(path, BGP_AS_SEQUENCE, v, PATH_ASES + 1) == x->n_path &&
	    memcmp(v, x->path, x->n_path * sizeof(*v)) == 0;
}

/* As a set: the order is not said. */
static bool
same_list(const struct attrs *a, uint16_t id, const uint32_t *v, unsigned n,
    bool ordered)
{
	struct attr at = { 0 };

	attrs_get(a, id, &at);
	if (at.n != 4 * n)
		return false;
	for (unsigned i = 0; i < n; i++) {
		bool found = false;

		for (unsigned k = ordered ? i : 0; k < (ordered ? i + 1 : n);
		    k++)
			found = found || be32_get(at.p + 4 * k) == v[i];
		if (!found)
			return false;
	}
	return true;
}

static bool
same_hop(const struct attrs *a, const struct oroute *x)
{
	struct attr at;

	return attrs_get(a, ATTR_BGP_NEXT_HOP, &at) &&
	    ip_eq(ip_from6(at.p), x->hop);
}

/* NULL: it is this route; else what differs. */
static const char *
differs(const struct router *r, const struct rt_route *have,
    const struct oroute *x)
{
	const struct rt_owner *o = rt_src_at(r->table, have->src)->owner;
	const struct attrs *a = have->attrs;
	const uint32_t med = attrs_u32(a, ATTR_BGP_MED, NONE);

	if (o != (x->via ? &bgp_neighbour_channel(x->via->n, 0)->owner :
	    &r->origin.owner))
		return "source";
	if (!x->via)
		return NULL;
	if (!same_path(a, x))
		return "path";
	if (!same_hop(a, x))
		return "next hop";
	if (attrs_u32(a, ATTR_BGP_LOCAL_PREF, 0) != x->lp)
		return "local pref";
	if (med != (x->med_said ? x->med : NONE))
		return "MED";
	if (attrs_u32(a, ATTR_BGP_ORIGIN, 9) != x->origin)
		return "origin";
	if (!same_list(a, ATTR_BGP_COMMUNITY, x->comm, x->n_comm, false))
		return "communities";
	if (!same_list(a, ATTR_BGP_CLUSTER_LIST, x->cluster, x->n_clusters,
	    true) || attrs_u32(a, ATTR_BGP_ORIGINATOR_ID, 0) !=
	    x->originator)
		return "reflection";
	if (!rt_resolvable(have))
		return "resolution";
	return have->flags & (RT_STALE | RT_LLGR_STALE) ? "freshness" : NULL;
}

/* The one of v that it is nearest to. */
static const char *
unexpected(const struct router *r, const struct rt_route *have,
    const struct oroute *v, unsigned n, unsigned *ret_which)
{
	const char *why = "presence";

	for (*ret_which = 0; *ret_which < n; ++*ret_which) {
		const char *d = differs(r, have, &v[*ret_which]);

		if (!d)
			return NULL;
		if (strcmp(d, "source") != 0)
			why = d;
	}
	return why;
}

static const struct rt_route *
first_route(const struct router *r, uint32_t id)
{
	if (id == RT_NONE || rt_net_at(r->table, id)->routes == RT_NONE)
		return NULL;
	return rt_route_at(r->table, rt_net_at(r->table, id)->routes);
}

static unsigned
judge_net(const struct router *r, const struct net *net)
{
	const uint32_t id = rt_find(r->table, &net->p);
	const struct rt_route *have = first_route(r, id);
	const struct rt_route *best = have ? rt_best(r->table, id) : NULL;
	struct oroute v[CANDIDATES];
	const unsigned want = oracle_routes(r, v);
	unsigned n = 0, which = 0;
	char text[PREFIX_TEXT];

	prefix_text(&net->p, text);
	for (; have; have = rt_next(r->table, have)) {
		const char *why = rt_usable(have) ?
		    unexpected(r, have, v, want, &which) : NULL;

		n += rt_usable(have);
		if (why)
			wrong("router %u, %s: a route of %s is wrong: %s",
			    r->i, text,
			    rt_src_at(r->table, have->src)->owner->name, why);
		else if (have == best && which != 0 &&
		    oracle_order(&v[0], &v[which]) != 0)
			wrong("router %u, %s: the wrong one is best", r->i,
			    text);
	}
	if (n != want)
		wrong("router %u, %s: %u routes; wanted %u", r->i, text, n,
		    want);
	return n;
}

static void
judge_nets(void)
{
	unsigned found[MAX_ROUTERS] = { 0 };

	for (unsigned i = 0; i < sim.n_nets; i++) {
		if (!oracle_solve(&sim.net[i]))
			wrong("net %u has no stable state", i);
		for (unsigned k = 0; k < sim.n_routers; k++)
			if (sim.r[k].alive)
				found[k] += judge_net(&sim.r[k],
				    &sim.net[i]);
	}
	for (unsigned k = 0; k < sim.n_routers; k++) {
		uint32_t id = RT_NONE;
		unsigned n = 0;

		while (sim.r[k].alive && (id = rt_walk(sim.r[k].table,
		    id)) != RT_NONE)
			for (const struct rt_route *p = first_route(
			    &sim.r[k], id); p; p = rt_next(sim.r[k].table, p))
				n += rt_usable(p);
		if (n != found[k])
			wrong("router %u has routes that nobody made", k);
	}
}

/* Where a packet goes; r itself: delivered; NULL: dropped. */
static const struct router *
forward(const struct router *r, const struct net *net)
{
	const uint32_t id = rt_find(r->table, &net->p);
	const struct rt_route *best = id == RT_NONE ? NULL :
	    rt_best(r->table, id);
	const struct rt_owner *o;
	struct attr at;

	if (!best || !r->alive)
		return NULL;
	o = rt_src_at(r->table, best->src)->owner;
	if (o == &r->origin.owner)
		return r;
	if (!attrs_get(best->attrs, ATTR_BGP_NEXT_HOP, &at))
		return NULL;
	for (unsigned i = 0; i < r->n_ends; i++)
		if (ip_eq(addr_of(other_end(r->end[i])), ip_from6(at.p)))
			return other_end(r->end[i])->r;
	for (unsigned i = 0; i < sim.n_routers; i++)
		if (ip_eq(loopback_of(&sim.r[i]), ip_from6(at.p)))
			return &sim.r[i];
	return NULL;
}

static void
judge_loops(const struct net *net)
{
	for (unsigned i = 0; i < sim.n_routers; i++) {
		const struct router *at = &sim.r[i], *next;
		unsigned hops = 0;

		if (!at->alive)
			continue;
		while ((next = forward(at, net)) != NULL && next != at &&
		    hops++ <= sim.n_routers)
			at = next;
		if (hops > sim.n_routers)
			wrong("packets from router %u go in circles", i);
		else if (!next && at != &sim.r[i])
			wrong("packets from router %u are lost at %u", i,
			    at->i);
	}
}

static void
judge(void)
{
	for (unsigned i = 0; i < sim.n_links; i++)
		judge_session(&sim.l[i]);
	judge_nets();
	for (unsigned i = 0; i < sim.n_nets; i++)
		judge_loops(&sim.net[i]);
	if (sim.lang.env.errors && !heap_fails_in)
		wrong("filters: %s", sim.lang.notes.s);
}

/* What the runs have seen; the children write it. */
struct tally {
	unsigned routers, most;
	unsigned long long sessions, bytes, failed;
};

static struct tally *tally;

static bool
play(uint32_t seed, const char *size)
{
	const long before = heap_blocks;

	plan_make(seed, size);
	world_wire();
	for (unsigned i = 0; i < sim.n_routers; i++)
		router_start(&sim.r[i], false);
	run();
	judge();
	for (unsigned i = 0; i < sim.n_routers; i++)
		if (sim.r[i].alive)
			router_stop(&sim.r[i], false);
	plan_free();
	if (heap_blocks != before)
		wrong("%ld pieces of memory are not given back",
		    heap_blocks - before);
	tally->routers += sim.n_routers;
	if (sim.n_routers > tally->most)
		tally->most = sim.n_routers;
	tally->bytes += sim.rx_bytes;
	tally->sessions += sim.sessions;
	tally->failed += heap_failed;
	return sim.wrong == 0;
}

/*
 * In a process of its own: what one seed does hangs on no other, one that
 * crashes or never ends has failed like any other, and memory lies the same
 * way each time.
 */
static bool
play_alone(uint32_t seed, const char *size)
{
	const struct rlimit enough = { CPU_MAX, CPU_MAX };
	int status = 0;
	const pid_t pid = fork();

	if (pid == 0) {
		setrlimit(RLIMIT_CPU, &enough);
		exit(!play(seed, size));
	}
	return pid > 0 && waitpid(pid, &status, 0) == pid && status == 0;
}

static const char *
option(int argc, char **argv, const char *name, const char *or_else)
{
	for (int i = 1; i + 1 < argc; i++)
		if (strcmp(argv[i], name) == 0)
			return argv[i + 1];
	return or_else;
}

/* Where things lie decides about orders that mean nothing: no dice there. */
static void
nail_addresses(char **argv)
{
	const int now = personality(0xffffffff);

	if (now != -1 && !(now & ADDR_NO_RANDOMIZE) &&
	    personality((unsigned long)now | ADDR_NO_RANDOMIZE) != -1)
		execv("/proc/self/exe", argv);
}

int
main(int argc, char **argv)
{
	const uint32_t first = (uint32_t)atoi(option(argc, argv, "--seed",
	    "1"));
	const uint32_t many = (uint32_t)atoi(option(argc, argv, "--seeds",
	    "1"));
	const char *size = option(argc, argv, "--size", "");
	const char *torture = option(argc, argv, "--torture", "0");
	unsigned failed = 0;

	nail_addresses(argv);
	heap_fails_in = (unsigned)atoi(torture);
	setvbuf(stderr, NULL, _IONBF, 0);
	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (uint32_t s = first; s < first + many; s++)
		if (!play_alone(s, size)) {
			fprintf(stderr, "seed fails: %s --seed %u%s%s%s%s\n",
			    argv[0], s, *size ? " --size " : "", size,
			    heap_fails_in ? " --torture " : "",
			    heap_fails_in ? torture : "");
			failed++;
		}
	printf("%u seeds, %u fail; %u routers, at most %u at once; %llu "
	    "sessions, %llu octets, %llu allocations failed\n", many, failed,
	    tally->routers, tally->most, tally->sessions, tally->bytes,
	    tally->failed);
	return failed != 0;
}

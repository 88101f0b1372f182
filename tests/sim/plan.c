/* SPDX-License-Identifier: ISC */
/*
 * Who is there.  Customers and providers form no circle and everybody prefers
 * what customers tell to what peers tell, and that to what providers tell, so
 * that there is one state in which all come to rest, whatever happens on the
 * way there (Gao and Rexford, "Stable Internet routing without global
 * coordination").  Filters may take routes away from that at will.
 */
#include "world.h"

enum shape { SINGLE, MESH, REFLECTED, CONFEDERATED };

struct system {				/* an AS, as others see it */
	enum shape shape;
	unsigned first, size;
};

#define MAX_SYSTEMS	MAX_ROUTERS

static struct plan {
	struct system s[MAX_SYSTEMS];
	unsigned n;
	unsigned most;			/* routers of an AS */
	unsigned collectors;
} plan;

/* Policies. */

static void
policy_draw(const struct end *e, struct policy *p)
{
	const struct router *far = other_end(e)->r;

	memset(p, 0, sizeof(*p));
	p->lp = 4000 - 1000 * (uint32_t)e->rel + 20 * draw(8);
	p->in_reject = chance(30) ? draw(sim.n_nets) : NONE;
	p->out_reject = chance(30) ? draw(sim.n_nets) : NONE;
	p->longest = chance(15) ? (uint8_t)(sim.v6 ? 46 : 25) : 255;
	p->action = chance(20) ? (uint8_t)draw(4) : 255;
	p->max_path = chance(15) ? (uint8_t)(2 + draw(8)) : 255;
	p->avoid = chance(10) ?
	    public_as(&sim.r[draw(sim.n_routers)]) : 0;
	if (p->avoid == public_as(far))
		p->avoid = 0;
	p->valley_free = !sim.roles || chance(50);
	p->prepend = (uint8_t)(chance(25) ? 1 + draw(3) : 0);
	p->med = (sim.med_always || sim.med_groups) && chance(50) ?
	    draw(4) * 10 : NONE;
	p->mark = (uint8_t)(chance(10) ? draw(4) : 255);
}

/* As people write them: one filter for many neighbours of a kind. */
static void
policy_share(struct end *e, struct policy *p)
{
	for (unsigned i = 0; i < e->r->n_ends; i++) {
		const struct end *o = e->r->end[i];
		struct policy mine = *p;

		if (o >= e || o->link->kind != EXT || o->rel != e->rel)
			continue;
		*p = o->policy[0];
		p->out_of = &o->policy[0];
		p->lp = mine.lp;
		p->in_reject = mine.in_reject;
		p->longest = mine.longest;
		p->action = mine.action;
		p->max_path = mine.max_path;
		p->avoid = mine.avoid;
		return;
	}
}

static void
say_net(FILE *f, uint32_t net)
{
	char text[PREFIX_TEXT];

	if (net != NONE)
		fprintf(f, "\tif net ~ [ %s ] then reject;\n",
		    prefix_text(&sim.net[net].p, text));
}

static void
say_in(FILE *f, const struct end *e, const struct policy *p)
{
	if (e->link->kind == CONF) {
		fprintf(f, "\tbgp_local_pref = bgp_local_pref - 1;\n");
		return;
	}
	fprintf(f, "\tbgp_community.delete([(%u, *)]);\n", TAG_CLASS);
	say_net(f, p->in_reject);
	if (p->longest != 255)
		fprintf(f, "\tif net.len > %u then reject;\n", p->longest);
	if (p->action != 255)
		fprintf(f, "\tif (%u, %u) ~ bgp_community then reject;\n",
		    TAG_ACTION, p->action);
	if (p->max_path != 255)
		fprintf(f, "\tif bgp_path.len > %u then reject;\n",
		    p->max_path);
	if (p->avoid)
		fprintf(f, "\tif bgp_path ~ [= * %u * =] then reject;\n",
		    p->avoid);
	fprintf(f, "\tbgp_local_pref = %u;\n", p->lp);
	fprintf(f, "\tbgp_community.add((%u, %u));\n", TAG_CLASS, e->rel);
}

static void
say_out(FILE *f, const struct end *e, const struct policy *p)
{
	if (e->link->kind == CONF)
		return;
	if (p->silent) {
		fprintf(f, "\treject;\n");
		return;
	}
	say_net(f, p->out_reject);
	if (p->valley_free && e->rel != CUSTOMER)
		fprintf(f, "\tif !((%u, %u) ~ bgp_community) then reject;\n",
		    TAG_CLASS, CUSTOMER);
	for (unsigned i = 0; i < p->prepend; i++)
		fprintf(f, "\tbgp_path.prepend(%u);\n", public_as(e->r));
	if (p->med != NONE)
		fprintf(f, "\tbgp_med = %u;\n", p->med);
	if (p->mark != 255)
		fprintf(f, "\tbgp_community.add((%u, %u));\n", TAG_ACTION,
		    p->mark);
}

static void
policies_say(FILE *f)
{
	for (unsigned i = 0; i < sim.n_links; i++)
		for (unsigned s = 0; s < 2 * VARIANTS; s++) {
			struct end *e = &sim.l[i].end[s & 1];
			struct policy *p = &e->policy[s / 2];

			if (e->link->kind == INT)
				continue;
			fprintf(f, "filter in%u_%u {\n", i, s);
			say_in(f, e, p);
			fprintf(f, "\taccept;\n}\nfilter out%u_%u {\n", i, s);
			say_out(f, e, p);
			fprintf(f, "\taccept;\n}\n");
		}
}

static const struct filter *
compiled(const char *way, unsigned link, unsigned s)
{
	const struct filter *f;
	char name[32];

	snprintf(name, sizeof(name), "%s%u_%u", way, link, s);
	f = lang_filter(&sim.lang, name);
	if (!f)
		wrong("no filter %s", name);
	return f;
}

static void
policies_compile(void)
{
	char *text;
	size_t n;
	FILE *f = open_memstream(&text, &n);

	policies_say(f);
	fclose(f);
	if (!lang_load(&sim.lang, text))
		wrong("the filters do not parse");
	__real_free(text);	/* it is libc's */
	for (unsigned i = 0; i < sim.n_links; i++)
		for (unsigned s = 0; s < 2 * VARIANTS; s++) {
			struct end *e = &sim.l[i].end[s & 1];

			if (e->link->kind == INT)
				continue;
			e->policy[s / 2].in = compiled("in", i, s);
			e->policy[s / 2].out = e->policy[s / 2].out_of ?
			    e->policy[s / 2].out_of->out :
			    compiled("out", i, s);
		}
}

/* Links. */

static struct link *
join(struct router *a, struct router *b, enum kind kind)
{
	struct link *l = &sim.l[sim.n_links];

	if (sim.n_links == MAX_LINKS)
		return NULL;
	sim.n_links++;
	l->kind = kind;
	l->up = true;
	for (unsigned s = 0; s < 2; s++) {
		struct end *e = &l->end[s];

		e->link = l;
		e->side = s;
		e->r = s ? b : a;
		e->refresh = chance(90);
		e->as4 = true;
		e->keep_filtered = chance(30);
		e->down_at = INSTANT_ZERO;
	}
	return l;
}

static void
join_ext(struct router *a, struct router *b, enum rel a_is_to_b)
{
	static const enum rel opposite[] = { [CUSTOMER] = PROVIDER,
	    [PEER] = PEER, [PROVIDER] = CUSTOMER };
	const bool as4 = public_as(a) > UINT16_MAX ||
	    public_as(b) > UINT16_MAX || chance(80);
	struct link *l = join(a, b, EXT);

	for (unsigned s = 0; l && s < 2; s++) {
		l->end[s].rel = s ? a_is_to_b : opposite[a_is_to_b];
		l->end[s].role = sim.roles;
		l->end[s].as4 = as4;
	}
}

/*
 * One with links to others.  Not a reflector: of several paths of its own that
 * tie, its clients would choose by the path's number, which is chance.
 */
static struct router *
any_of(const struct system *s)
{
	struct router *r;

	do {
		r = &sim.r[s->first + draw(s->size)];
	} while (r->reflector);
	return r;
}

static bool
related(const struct system *a, const struct system *b)
{
	for (unsigned i = 0; i < sim.n_links; i++)
		for (unsigned s = 0; s < 2; s++) {
			const unsigned x = sim.l[i].end[s].r->i;
			const unsigned y = sim.l[i].end[!s].r->i;

			if (x - a->first < a->size && y - b->first < b->size)
				return true;
		}
	return false;
}

static void
relate(const struct system *a, const struct system *b, enum rel a_is_to_b)
{
	if (a == b || related(a, b))
		return;
	join_ext(any_of(a), any_of(b), a_is_to_b);
	if (chance(15))
		join_ext(any_of(a), any_of(b), a_is_to_b);
}

static void
market(void)
{
	const unsigned n = plan.n;

	for (unsigned i = 1; i < n; i++)
		for (unsigned k = 0; k < 1 + draw(2); k++)
			relate(&plan.s[i], &plan.s[n > 40 && chance(50) ?
			    draw(i < 12 ? i : 12) : draw(i)], CUSTOMER);
	for (unsigned i = 0; i < n / 2; i++)
		relate(&plan.s[draw(n)], &plan.s[draw(n)], PEER);
}

/* Someone who listens to all paths and says nothing. */
static void
collector(struct router *r)
{
	for (unsigned k = 0; k < 3; k++) {
		struct router *far = any_of(&plan.s[draw(plan.n)]);
		struct link *l;

		join_ext(r, far, CUSTOMER);
		l = &sim.l[sim.n_links - 1];
		l->end[0].add_path_rx = l->end[1].add_path_tx = true;
	}
}

/* Inside an AS. */

static void
mesh(unsigned first, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		for (unsigned k = 0; k < i; k++)
			join(&sim.r[first + i], &sim.r[first + k], INT);
}

static void
join_client(struct router *rr, struct router *client, bool all_paths)
{
	struct link *l = join(rr, client, INT);

	if (!l)
		return;
	l->end[0].rr_client = true;
	l->end[0].add_path_tx = l->end[1].add_path_rx = all_paths;
}

static void
reflect(const struct system *s)
{
	struct router *r = &sim.r[s->first];
	const unsigned n_rr = 1 + draw(2);
	const bool one_cluster = draw(2);

	mesh(s->first, n_rr);
	for (unsigned i = 0; i < n_rr; i++) {
		r[i].reflector = true;
		r[i].cluster = one_cluster ? r[0].id : r[i].id;
	}
	for (unsigned i = n_rr; i < s->size; i++) {
		const bool all = draw(2);

		join_client(&r[draw(n_rr)], &r[i], all);
		for (unsigned k = 0; k < n_rr; k++)
			if (one_cluster || chance(40)) {
				const struct link *last =
				    &sim.l[sim.n_links - 1];

				if (last->end[0].r != &r[k])
					join_client(&r[k], &r[i], all);
			}
	}
}

/* Members of one or two routers, connected at random. */
static void
confederate(const struct system *s)
{
	unsigned first[MAX_AS_SIZE], size[MAX_AS_SIZE], n = 0;

	for (unsigned at = 0; at < s->size; n++) {
		first[n] = s->first + at;
		size[n] = at + 1 < s->size ? 1 + draw(2) : 1;
		at += size[n];
		for (unsigned i = 0; i < size[n]; i++) {
			struct router *r = &sim.r[first[n] + i];

			r->confed = r->as;
			r->as = 64700 + first[n] - s->first;
			r->igp_area = first[n];
		}
		mesh(first[n], size[n]);
	}
	for (unsigned i = 1; i < n; i++)
		for (unsigned k = 0; k < 1 + draw(2); k++) {
			const unsigned o = draw(i);

			join(&sim.r[first[i] + draw(size[i])],
			    &sim.r[first[o] + draw(size[o])], CONF);
		}
}

static void
populate(struct system *s, unsigned number)
{
	s->first = sim.n_routers;
	s->size = plan.most > 1 ? 1 + draw(plan.most) : 1;
	s->shape = s->size == 1 ? SINGLE : 1 + draw(s->size > 2 ? 3 : 1);
	for (unsigned i = 0; i < s->size; i++) {
		struct router *r = &sim.r[sim.n_routers];

		r->i = sim.n_routers++;
		r->as = number & 1 ? 200000 + number : 1000 + number;
		r->id = r->cluster = hash_mix(r->i + 77) & 0x7fffffff;
		r->igp_area = s->first;
	}
}

static void
inside(const struct system *s)
{
	switch (s->shape) {
	case SINGLE:
		break;
	case MESH:
		mesh(s->first, s->size);
		break;
	case REFLECTED:
		reflect(s);
		break;
	case CONFEDERATED:
		confederate(s);
		break;
	}
}

static void
gather_ends(void)
{
	for (unsigned i = 0; i < 2 * sim.n_links; i++)
		sim.l[i / 2].end[i & 1].r->n_ends++;
	for (unsigned i = 0; i < sim.n_routers; i++) {
		sim.r[i].end = calloc(sim.r[i].n_ends + 1,
		    sizeof(struct end *));
		sim.r[i].n_ends = 0;
	}
	for (unsigned i = 0; i < 2 * sim.n_links; i++) {
		struct end *e = &sim.l[i / 2].end[i & 1];

		e->r->end[e->r->n_ends++] = e;
	}
}

static void
net_draw(struct net *n, unsigned i, unsigned routers)
{
	static const uint32_t known[] = { 0xffffff01, 0xffffff02,
	    0xffffff03 };
	const uint8_t b[16] = { 0x20, 0x01, 0x0d, 0xb8, (uint8_t)i };
	const unsigned len = sim.v6 ? 44 + draw(4) : 24 + draw(3);

	n->p = prefix_of(sim.v6 ? ip_from6(b) : ip4(0xac100000u + i * 0x100),
	    len);
	n->action = chance(30) ? draw(4) : NONE;
	n->known = chance(8) ? known[draw(3)] : 0;
	n->n_from = chance(75) ? 1 : 1 + draw(NET_ORIGINS);
	for (unsigned k = 0; k < n->n_from; k++) {
		n->from[k] = draw(routers);
		n->on[k] = draw(2);
		n->origin_code[k] = draw(2) * BGP_ORIGIN_INCOMPLETE;
		for (unsigned o = 0; o < k; o++)
			if (n->from[o] == n->from[k])
				n->n_from = k;
	}
}

static void
ease(void)
{
	sim.v6 = chance(35);
	sim.v6_links = sim.v6 || chance(25);
	sim.gr = draw(2);
	sim.gr_notify = draw(2);
	sim.llgr = sim.gr && draw(2);
	sim.hold = (uint16_t)(30 + 30 * draw(3));
	sim.gr_time = (uint16_t)(10 + draw(80));
	sim.llgr_time = 10 + draw(70);
	sim.roles = chance(30);
	sim.med_always = chance(30);
	for (unsigned i = 0; i < MAX_AS_SIZE * MAX_AS_SIZE; i++)
		sim.cost[i / MAX_AS_SIZE][i % MAX_AS_SIZE] = 1;
}

/* Where reflectors choose for others all ways are of one length. */
void
plan_measure(void)
{
	for (unsigned i = 0; i < plan.n; i++)
		if (plan.s[i].shape == REFLECTED)
			return;
	for (unsigned i = 0; i < MAX_AS_SIZE * MAX_AS_SIZE; i++)
		sim.cost[i / MAX_AS_SIZE][i % MAX_AS_SIZE] =
		    (uint8_t)(1 + draw(5));
}

static void
sizes(const char *size)
{
	const uint32_t dice = draw(1000);

	plan.most = 1 + draw(6);
	if (strcmp(size, "large") == 0 || (!*size && dice < 30)) {
		plan.n = 120 + draw(150);
		plan.most = draw(3) ? 1 : 2;
	} else if (strcmp(size, "medium") == 0 || (!*size && dice < 80)) {
		plan.n = 12 + draw(30);
		plan.most = 1 + draw(3);
	} else {
		plan.n = 3 + draw(7);
	}
	plan.collectors = draw(2);
}

void
plan_make(uint32_t seed, const char *size)
{
	unsigned routers;

	sim.rng = seed;
	sim.now = (struct instant){ SECONDS(1000) };
	sim.r = calloc(MAX_ROUTERS, sizeof(*sim.r));
	sim.l = calloc(MAX_LINKS, sizeof(*sim.l));
	sim.net = calloc(MAX_NETS, sizeof(*sim.net));
	heap_init(&sim.heap);
	lang_init(&sim.lang);
	ease();
	sizes(size);
	for (unsigned i = 0; i < plan.n; i++)
		if (sim.n_routers + MAX_AS_SIZE < MAX_ROUTERS)
			populate(&plan.s[i], i);
		else
			plan.n = i;
	sim.med_groups = !sim.med_always && sim.n_routers == plan.n &&
	    draw(2);
	plan_measure();
	for (unsigned i = 0; i < plan.n; i++)
		inside(&plan.s[i]);
	market();
	routers = sim.n_routers;
	for (unsigned i = 0; i < plan.collectors; i++) {
		struct system s;
		const unsigned most = plan.most;

		plan.most = 1;
		populate(&s, plan.n + i);
		plan.most = most;
		collector(&sim.r[s.first]);
	}
	sim.n_nets = routers > 100 ? 80 : 6 + 2 * routers;
	if (sim.n_nets > MAX_NETS)
		sim.n_nets = MAX_NETS;
	for (unsigned i = 0; i < sim.n_nets; i++)
		net_draw(&sim.net[i], i, routers);
	gather_ends();
	for (unsigned i = 0; i < 2 * VARIANTS * sim.n_links; i++) {
		struct end *e = &sim.l[i / 4].end[i & 1];
		struct policy *p = &e->policy[i / 2 % VARIANTS];

		policy_draw(e, p);
		p->silent = e->r->i >= routers;
		if (e->link->kind == EXT && chance(40))
			policy_share(e, p);
	}
	policies_compile();
}

void
plan_free(void)
{
	for (unsigned i = 0; i < sim.n_routers; i++)
		free(sim.r[i].end);
	for (unsigned i = 0; i < sim.n_links; i++)
		for (unsigned k = 0; k < 4; k++)
			__real_free(sim.l[i].conn[k / 2].to[k & 1].b);
	free(sim.r);
	free(sim.l);
	free(sim.net);
	heap_done(&sim.heap);
	lang_done(&sim.lang);
}

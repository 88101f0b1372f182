/* SPDX-License-Identifier: ISC */
/*
 * What the tables must be: routers take turns to choose, by the rules as they
 * are documented, from what their neighbours have chosen, until nobody changes
 * his mind.  Plain structs and loops, nothing of what is under test; and done
 * twice, in two orders, to see that there is but one answer.
 */
#include "world.h"

#define ROUNDS		400

#define NO_EXPORT	0xffffff01u
#define NO_ADVERTISE	0xffffff02u
#define NO_SUBCONFED	0xffffff03u

struct choice {
	bool there;
	struct oroute route;
};

static struct choice choices[2][MAX_ROUTERS];
static struct choice *now;
static const struct net *net;

/* What is in a route. */

static bool
marked(const struct oroute *x, uint32_t community)
{
	for (unsigned i = 0; i < x->n_comm; i++)
		if (x->comm[i] == community)
			return true;
	return false;
}

static void
mark(struct oroute *x, uint32_t community)
{
	if (!marked(x, community) && x->n_comm < COMMS)
		x->comm[x->n_comm++] = community;
}

static void
unmark_class(struct oroute *x)
{
	unsigned n = 0;

	for (unsigned i = 0; i < x->n_comm; i++)
		if (x->comm[i] >> 16 != TAG_CLASS)
			x->comm[n++] = x->comm[i];
	x->n_comm = n;
}

static bool
in_list(const uint32_t *v, unsigned n, uint32_t x)
{
	for (unsigned i = 0; i < n; i++)
		if (v[i] == x)
			return true;
	return false;
}

static void
put_first(uint32_t *v, unsigned *n, unsigned max, uint32_t x)
{
	if (*n == max) {
		wrong("the oracle's room is too small");
		return;
	}
	memmove(v + 1, v, *n * sizeof(*v));
	v[0] = x;
	(*n)++;
}

static enum kind
kind_of(const struct oroute *x)
{
	return x->via ? x->via->link->kind : EXT;
}

/* The way of a route from one router to another. */

static uint32_t
net_number(void)
{
	return (uint32_t)(net - sim.net);
}

static bool
may_leave(const struct end *o, const struct oroute *x)
{
	const struct policy *p = &o->policy[o->variant];
	const enum kind to = o->link->kind;

	if (x->via == o)
		return false;
	if (to == INT && x->via && kind_of(x) == INT && !o->rr_client &&
	    !x->via->rr_client)
		return false;
	if (marked(x, NO_ADVERTISE) ||
	    (to != INT && marked(x, NO_SUBCONFED)) ||
	    (to == EXT && marked(x, NO_EXPORT)))
		return false;
	if (to != EXT)
		return true;
	return !p->silent && p->out_reject != net_number() &&
	    (o->rel == CUSTOMER || x->class == CUSTOMER);
}

static void
leave_ext(const struct end *o, struct oroute *x)
{
	const struct policy *p = &o->policy[o->variant];

	for (unsigned i = 0; i < 1u + p->prepend; i++)
		put_first(x->path, &x->n_path, PATH_ASES, public_as(o->r));
	x->n_conf = x->n_clusters = 0;
	x->originator = 0;
	x->med_said = p->med != NONE;
	x->med = x->med_said ? p->med : 0;
	if (p->mark != 255)
		mark(x, (uint32_t)TAG_ACTION << 16 | p->mark);
	x->hop = addr_of(o);
}

static void
leave_conf(const struct end *o, struct oroute *x)
{
	put_first(x->conf, &x->n_conf, CONF_ASES, o->r->as);
	x->n_clusters = 0;
	x->originator = 0;
	x->hop = addr_of(o);
}

static void
leave_int(const struct end *o, struct oroute *x)
{
	if (!x->via || kind_of(x) != INT) {
		x->hop = loopback_of(o->r);
		x->border = o->r->i;
		return;
	}
	if (!x->originator)
		x->originator = other_end(x->via)->r->id;
	put_first(x->cluster, &x->n_clusters, CLUSTERS, o->r->cluster);
}

static bool
may_enter(const struct end *e, const struct oroute *x)
{
	const struct router *r = e->r;
	const struct policy *p = &e->policy[e->variant];

	if (in_list(x->path, x->n_path, r->as) ||
	    in_list(x->conf, x->n_conf, r->as) ||
	    (r->confed && in_list(x->path, x->n_path, r->confed)) ||
	    x->originator == r->id || ip_eq(x->hop, addr_of(e)) ||
	    in_list(x->cluster, x->n_clusters, r->cluster))
		return false;
	if (e->link->kind != EXT)
		return true;
	return p->in_reject != net_number() && net->p.len <= p->longest &&
	    !marked(x, (uint32_t)TAG_ACTION << 16 | p->action) &&
	    x->n_path <= p->max_path &&
	    !(p->avoid && in_list(x->path, x->n_path, p->avoid));
}

static void
enter(const struct end *e, struct oroute *x)
{
	const struct policy *p = &e->policy[e->variant];

	x->via = e;
	x->igp = 0;
	if (e->link->kind == INT)
		x->igp = igp_cost(e->r, &sim.r[x->border]);
	if (e->link->kind == CONF)
		x->lp--;
	if (e->link->kind != EXT)
		return;
	x->lp = p->lp;
	x->class = e->rel;
	unmark_class(x);
	mark(x, (uint32_t)TAG_CLASS << 16 | e->rel);
}

/* What of x gets to the other side of o's link. */
static bool
transfer(const struct end *o, const struct oroute *x, struct oroute *ret)
{
	const struct end *e = other_end(o);

	if (!may_leave(o, x))
		return false;
	*ret = *x;
	switch (o->link->kind) {
	case EXT:
		leave_ext(o, ret);
		break;
	case CONF:
		leave_conf(o, ret);
		break;
	case INT:
		leave_int(o, ret);
		break;
	}
	if (!may_enter(e, ret))
		return false;
	enter(e, ret);
	return true;
}

/* Choosing, RFC 4271 9.1.2 in the order of the manual. */

static uint32_t
identifier(const struct oroute *x)
{
	return x->originator ? x->originator : other_end(x->via)->r->id;
}

static uint32_t
first_as(const struct oroute *x)
{
	return x->n_path ? x->path[0] : 0;
}

int
oracle_order(const struct oroute *a, const struct oroute *b)
{
	const int64_t step[] = {
		(int64_t)b->lp - a->lp,
		(int64_t)a->n_path - b->n_path,
		(int64_t)a->origin - b->origin,
		sim.med_always || first_as(a) == first_as(b) ?
		    (int64_t)a->med - b->med : 0,
		(kind_of(a) != EXT) - (kind_of(b) != EXT),
		(int64_t)a->igp - b->igp,
		(int64_t)identifier(a) - identifier(b),
		(int64_t)a->n_clusters - b->n_clusters,
		ip_cmp(addr_of(other_end(a->via)), addr_of(other_end(b->via)))
	};

	for (unsigned i = 0; i < sizeof(step) / sizeof(step[0]); i++)
		if (step[i])
			return step[i] < 0 ? -1 : 1;
	return 0;
}

static bool
beaten_at_home(const struct oroute *x, const struct oroute *v, unsigned n)
{
	for (unsigned i = 0; sim.med_groups && i < n; i++)
		if (v[i].via && first_as(&v[i]) == first_as(x) &&
		    oracle_order(&v[i], x) < 0)
			return true;
	return false;
}

static unsigned
best_of(const struct oroute *v, unsigned n)
{
	unsigned best = n;

	for (unsigned i = 0; i < n; i++) {
		if (!v[i].via)
			return i;
		if (!beaten_at_home(&v[i], v, n) && (best == n ||
		    oracle_order(&v[i], &v[best]) < 0))
			best = i;
	}
	return best;
}

static void
own_route(const struct router *r, struct oroute *ret)
{
	memset(ret, 0, sizeof(*ret));
	ret->lp = 5000;
	for (unsigned i = 0; i < net->n_from; i++)
		if (net->from[i] == r->i)
			ret->origin = net->origin_code[i];
	ret->class = CUSTOMER;
	ret->border = r->i;
	mark(ret, (uint32_t)TAG_CLASS << 16 | CUSTOMER);
	if (net->action != NONE)
		mark(ret, (uint32_t)TAG_ACTION << 16 | net->action);
	if (net->known)
		mark(ret, net->known);
}

static bool
stands(const struct link *l)
{
	return l->up && l->end[0].r->alive && l->end[1].r->alive &&
	    !l->end[0].off && !l->end[1].off;
}

static unsigned
candidates(const struct router *r, struct oroute *ret, unsigned max)
{
	unsigned n = 0;

	if (net_on(net, r))
		own_route(r, &ret[n++]);
	for (unsigned i = 0; i < r->n_ends; i++) {
		const struct end *o = other_end(r->end[i]);
		struct oroute all[CANDIDATES / 2];
		unsigned n_all;

		if (!stands(o->link))
			continue;
		if (!o->add_path_tx) {
			n += now[o->r->i].there && n < max &&
			    transfer(o, &now[o->r->i].route, &ret[n]);
			continue;
		}
		n_all = candidates(o->r, all, CANDIDATES / 2);
		for (unsigned k = 0; k < n_all && n < max; k++)
			n += transfer(o, &all[k], &ret[n]);
	}
	return n;
}

static bool
turn(const struct router *r)
{
	struct oroute v[CANDIDATES];
	const unsigned n = r->alive ? candidates(r, v, CANDIDATES) : 0;
	struct choice next = { .there = n > 0 }, *c = &now[r->i];

	if (n)
		next.route = v[best_of(v, n)];
	if (memcmp(&next, c, sizeof(next)) == 0)
		return false;
	*c = next;
	return true;
}

static bool
settle(bool backwards)
{
	const unsigned n = sim.n_routers;
	bool moved = true;

	now = choices[backwards];
	memset(now, 0, sizeof(choices[0]));
	for (unsigned k = 0; k < ROUNDS && moved; k++) {
		moved = false;
		for (unsigned i = 0; i < n; i++)
			moved = turn(&sim.r[backwards ? n - 1 - i : i]) ||
			    moved;
	}
	return !moved;
}

bool
oracle_solve(const struct net *about)
{
	net = about;
	return settle(true) && settle(false) && memcmp(choices[0],
	    choices[1], sizeof(choices[0][0]) * sim.n_routers) == 0;
}

unsigned
oracle_routes(const struct router *r, struct oroute *ret)
{
	const unsigned n = candidates(r, ret, CANDIDATES);
	struct oroute first;
	unsigned best;

	if (n == 0)
		return 0;
	best = best_of(ret, n);
	first = ret[best];
	ret[best] = ret[0];
	ret[0] = first;
	return n;
}

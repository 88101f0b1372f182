/* SPDX-License-Identifier: ISC */
/*
 * The decision process, RFC 4271 9.1.2.2, in the order that BIRD documents.
 * Each step says who wins, or leaves it to the next one.
 */
#include "bgp/neighbour_impl.h"

/* A route as the decision sees it: what its attributes say, read once. */
struct side {
	const struct rt_route *r;
	const struct rt_owner *o;
	uint32_t local_pref, origin, med, router_id;
	struct bytes path, clusters, aigp;
};

#define BIT(id)		((uint32_t)1 << (id))
#define DECIDING	(BIT(ATTR_BGP_ORIGIN) | BIT(ATTR_BGP_PATH) | \
	BIT(ATTR_BGP_MED) | BIT(ATTR_BGP_LOCAL_PREF) | \
	BIT(ATTR_BGP_ORIGINATOR_ID) | BIT(ATTR_BGP_CLUSTER_LIST) | \
	BIT(ATTR_BGP_AIGP))

static void
read_attr(struct side *s, const struct attr *at)
{
	switch (at->id) {
	case ATTR_BGP_ORIGIN:
		s->origin = at->u;
		break;
	case ATTR_BGP_PATH:
		s->path = bytes_of(at->p, at->n);
		break;
	case ATTR_BGP_MED:
		s->med = at->u;
		break;
	case ATTR_BGP_LOCAL_PREF:
		s->local_pref = at->u;
		break;
	case ATTR_BGP_ORIGINATOR_ID:
		s->router_id = at->u;
		break;
	case ATTR_BGP_CLUSTER_LIST:
		s->clusters = bytes_of(at->p, at->n);
		break;
	case ATTR_BGP_AIGP:
		s->aigp = bytes_of(at->p, at->n);
		break;
	}
}

static void
side_init(struct side *s, const struct rt_table *t, const struct rt_route *r)
{
	const struct rt_owner *o = rt_src_at(t, r->src)->origin;
	const uint8_t *pos = attrs_begin(r->attrs);
	struct attr at;

	*s = (struct side){ .r = r, .o = o,
	    .local_pref = o->default_local_pref, .med = o->default_med,
	    .router_id = o->router_id,
	    .origin = BGP_ORIGIN_INCOMPLETE };
	while (attrs_next_of(r->attrs, DECIDING, &pos, &at))
		read_attr(s, &at);
}

/* Nearly all paths are one sequence. */
static unsigned
hops(const struct side *s)
{
	const struct bytes p = s->path;

	if (p.n > 2 && p.p[0] == BGP_AS_SEQUENCE && p.n == 2 + 4u * p.p[1])
		return p.p[1];
	return bgp_aspath_hops(p, true);
}

static uint32_t
neighbour_as(const struct rt_route *r)
{
	struct attr at;

	return attrs_get(r->attrs, ATTR_BGP_PATH, &at) ?
	    bgp_path_first_outside(bytes_of(at.p, at.n)) : 0;
}

static uint32_t
igp_metric(const struct side *s)
{
	return bgp_way_metric(s->o, s->r->attrs->host);
}

/* RFC 7311 section 4.1: who has none loses. */
static uint64_t
aigp(const struct side *s)
{
	return s->aigp.n == 0 ? BGP_AIGP_NONE :
	    bgp_aigp_total(s->aigp, igp_metric(s));
}

static bool
meds_compare(const struct side *a, const struct side *b)
{
	return a->o->med_metric || b->o->med_metric ||
	    neighbour_as(a->r) == neighbour_as(b->r);
}

/* Is it BGP that decides between them? */
static bool
bgp_comparable(const struct rt_table *t, const struct rt_route *a,
    const struct rt_route *b)
{
	return rt_usable(a) && rt_usable(b) &&
	    a->attrs->preference == b->attrs->preference &&
	    rt_src_at(t, a->src)->origin->cls == &bgp_rt_class;
}

#define HIGHER(x, y) do { if ((x) != (y)) return (x) > (y); } while (0)
#define LOWER(x, y) do { if ((x) != (y)) return (x) < (y); } while (0)

/* LONG: one line for each step of the decision. */
static bool
better_in_full(const struct rt_table *t, const struct rt_route *ra,
    const struct rt_route *rb)
{
	struct side a, b;

	side_init(&a, t, ra);
	side_init(&b, t, rb);
	HIGHER(rt_resolvable(ra), rt_resolvable(rb));
	LOWER(ra->flags & RT_LLGR_STALE, rb->flags & RT_LLGR_STALE);
	HIGHER(a.local_pref, b.local_pref);
	LOWER(aigp(&a), aigp(&b));
	if (a.o->path_metric || b.o->path_metric)
		LOWER(hops(&a), hops(&b));
	LOWER(a.origin, b.origin);
	if (a.med != b.med && meds_compare(&a, &b))
		return a.med < b.med;
	LOWER(a.o->interior, b.o->interior);
	if (a.o->igp_metric && b.o->igp_metric)
		LOWER(igp_metric(&a), igp_metric(&b));
	/* RFC 5004: among external routes the older one may stay. */
	if ((a.o->prefer_older || b.o->prefer_older) &&
	    !a.o->interior && !b.o->interior && a.o != b.o)
		return ra->changed < rb->changed;
	LOWER(a.router_id, b.router_id);
	LOWER(a.clusters.n, b.clusters.n);
	if (a.o != b.o)
		return ip_cmp(a.o->addr, b.o->addr) < 0;
	return rt_src_at(t, ra->src)->path_id < rt_src_at(t, rb->src)->path_id;
}

static const struct rt_owner *
origin_of(const struct rt_table *t, const struct rt_route *r)
{
	return rt_src_at(t, r->src)->origin;
}

/* Most often the first steps decide, which each set has worked out. */
static bool
better(const struct rt_table *t, const struct rt_route *a,
    const struct rt_route *b)
{
	const uint64_t ma = a->attrs->merit, mb = b->attrs->merit;

	if (ma && mb && ma != mb && rt_resolvable(a) == rt_resolvable(b) &&
	    !((a->flags ^ b->flags) & RT_LLGR_STALE) &&
	    (origin_of(t, a)->path_metric || origin_of(t, b)->path_metric))
		return ma > mb;
	return better_in_full(t, a, b);
}

/* Has a route of the same neighbouring AS that is better? */
static bool
beaten(const struct rt_table *t, const struct rt_route *r,
    const struct rt_route *first)
{
	const uint32_t as = neighbour_as(r);

	for (const struct rt_route *o = first; o; o = rt_next(t, o))
		if (o != r && bgp_comparable(t, o, r) &&
		    neighbour_as(o) == as && better(t, o, r))
			return true;
	return false;
}

/*
 * "deterministic med": the best of each neighbouring AS first, then the best
 * of these, so that the order in which they came does not matter.
 */
static uint32_t
choose(const struct rt_table *t, uint32_t first)
{
	const struct rt_route *head = rt_route_at(t, first), *best = NULL;
	uint32_t id = first, best_id = first;

	for (; id != RT_NONE; id = rt_route_at(t, id)->next) {
		const struct rt_route *r = rt_route_at(t, id);

		if (!bgp_comparable(t, r, head) || beaten(t, r, head))
			continue;
		if (!best || better(t, r, best)) {
			best = r;
			best_id = id;
		}
	}
	return best_id;
}

/* Nothing but identifiers, age and addresses would decide between them. */
static bool
mergable(const struct rt_table *t, const struct rt_route *ra,
    const struct rt_route *rb)
{
	struct side a, b;

	side_init(&a, t, ra);
	side_init(&b, t, rb);
	return rt_resolvable(ra) && rt_resolvable(rb) &&
	    !((ra->flags ^ rb->flags) & RT_LLGR_STALE) &&
	    a.local_pref == b.local_pref && aigp(&a) == aigp(&b) &&
	    (!(a.o->path_metric || b.o->path_metric) ||
	    hops(&a) == hops(&b)) && a.origin == b.origin &&
	    (a.med == b.med || !meds_compare(&a, &b)) &&
	    a.o->interior == b.o->interior &&
	    (!(a.o->igp_metric && b.o->igp_metric) ||
	    igp_metric(&a) == igp_metric(&b));
}

const struct rt_class bgp_rt_class = {
	.name = "BGP", .rank = 4, .better = better, .choose = choose,
	.mergable = mergable,
};

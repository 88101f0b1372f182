/* SPDX-License-Identifier: ISC */
/*
 * The decision process, RFC 4271 9.1.2.2, in the order that BIRD documents.
 * Each step says who wins, or leaves it to the next one.
 */
#include "bgp/neighbour_impl.h"

struct side {
	const struct rt_route *r;
	const struct rt_owner *o;
	const struct bgp_neighbour_config *cfg;
};

static struct side
side_of(const struct rt_table *t, const struct rt_route *r)
{
	const struct rt_owner *o = rt_src_at(t, r->src)->owner;
	const struct bgp_chan *c = o->ctx;

	return (struct side){ .r = r, .o = o, .cfg = &c->n->cfg };
}

static uint32_t
number(const struct side *s, uint16_t id, uint32_t or_else)
{
	return attrs_u32(s->r->attrs, id, or_else);
}

static struct bytes
value(const struct side *s, uint16_t id)
{
	struct attr at;

	return attrs_get(s->r->attrs, id, &at) ? bytes_of(at.p, at.n) :
	    bytes_of(NULL, 0);
}

static uint32_t
neighbour_as(const struct side *s)
{
	return bgp_path_first_outside(value(s, ATTR_BGP_PATH));
}

static bool
interior(const struct side *s)
{
	const struct bgp_chan *c = s->o->ctx;

	return bgp_is_interior(c->n);
}

static uint32_t
router_id(const struct side *s)
{
	return number(s, ATTR_BGP_ORIGINATOR_ID, s->o->router_id);
}

static uint32_t
igp_metric(const struct side *s)
{
	return bgp_way_metric(s->o->ctx, s->r->attrs->host);
}

/* RFC 7311 section 4.1: who has none loses. */
static uint64_t
aigp(const struct side *s)
{
	const struct bytes v = value(s, ATTR_BGP_AIGP);

	return v.n == 0 ? BGP_AIGP_NONE : bgp_aigp_total(v, igp_metric(s));
}

static bool
meds_compare(const struct side *a, const struct side *b)
{
	return a->cfg->med_metric || b->cfg->med_metric ||
	    neighbour_as(a) == neighbour_as(b);
}

/* Is it BGP that decides between them? */
static bool
bgp_comparable(const struct rt_table *t, const struct rt_route *a,
    const struct rt_route *b)
{
	return rt_usable(a) && rt_usable(b) &&
	    a->attrs->preference == b->attrs->preference &&
	    rt_src_at(t, a->src)->owner->cls == &bgp_rt_class;
}

#define HIGHER(x, y) do { if ((x) != (y)) return (x) > (y); } while (0)
#define LOWER(x, y) do { if ((x) != (y)) return (x) < (y); } while (0)

/* LONG: one line for each step of the decision. */
static bool
better(const struct rt_table *t, const struct rt_route *ra,
    const struct rt_route *rb)
{
	const struct side a = side_of(t, ra), b = side_of(t, rb);

	HIGHER(rt_resolvable(ra), rt_resolvable(rb));
	LOWER(ra->flags & RT_LLGR_STALE, rb->flags & RT_LLGR_STALE);
	HIGHER(number(&a, ATTR_BGP_LOCAL_PREF, a.cfg->default_local_pref),
	    number(&b, ATTR_BGP_LOCAL_PREF, b.cfg->default_local_pref));
	LOWER(aigp(&a), aigp(&b));
	if (a.cfg->path_metric || b.cfg->path_metric)
		LOWER(bgp_aspath_hops(value(&a, ATTR_BGP_PATH), true),
		    bgp_aspath_hops(value(&b, ATTR_BGP_PATH), true));
	LOWER(number(&a, ATTR_BGP_ORIGIN, BGP_ORIGIN_INCOMPLETE),
	    number(&b, ATTR_BGP_ORIGIN, BGP_ORIGIN_INCOMPLETE));
	if (meds_compare(&a, &b))
		LOWER(number(&a, ATTR_BGP_MED, a.cfg->default_med),
		    number(&b, ATTR_BGP_MED, b.cfg->default_med));
	LOWER(interior(&a), interior(&b));
	if (a.cfg->igp_metric && b.cfg->igp_metric)
		LOWER(igp_metric(&a), igp_metric(&b));
	/* RFC 5004: among external routes the older one may stay. */
	if ((a.cfg->prefer_older || b.cfg->prefer_older) &&
	    !interior(&a) && !interior(&b) && a.o != b.o)
		return ra->changed < rb->changed;
	LOWER(router_id(&a), router_id(&b));
	LOWER(value(&a, ATTR_BGP_CLUSTER_LIST).n,
	    value(&b, ATTR_BGP_CLUSTER_LIST).n);
	if (a.o != b.o)
		return ip_cmp(a.o->addr, b.o->addr) < 0;
	return rt_src_at(t, ra->src)->path_id < rt_src_at(t, rb->src)->path_id;
}

/* Has a route of the same neighbouring AS that is better? */
static bool
beaten(const struct rt_table *t, const struct rt_route *r,
    const struct rt_route *first)
{
	const struct side s = side_of(t, r);
	const uint32_t as = neighbour_as(&s);

	for (const struct rt_route *o = first; o; o = rt_next(t, o)) {
		struct side so;

		if (o == r || !bgp_comparable(t, o, r))
			continue;
		so = side_of(t, o);
		if (neighbour_as(&so) == as && better(t, o, r))
			return true;
	}
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
	const struct side a = side_of(t, ra), b = side_of(t, rb);

	return rt_resolvable(ra) && rt_resolvable(rb) &&
	    !((ra->flags ^ rb->flags) & RT_LLGR_STALE) &&
	    number(&a, ATTR_BGP_LOCAL_PREF, a.cfg->default_local_pref) ==
	    number(&b, ATTR_BGP_LOCAL_PREF, b.cfg->default_local_pref) &&
	    aigp(&a) == aigp(&b) &&
	    (!(a.cfg->path_metric || b.cfg->path_metric) ||
	    bgp_aspath_hops(value(&a, ATTR_BGP_PATH), true) ==
	    bgp_aspath_hops(value(&b, ATTR_BGP_PATH), true)) &&
	    number(&a, ATTR_BGP_ORIGIN, BGP_ORIGIN_INCOMPLETE) ==
	    number(&b, ATTR_BGP_ORIGIN, BGP_ORIGIN_INCOMPLETE) &&
	    (!meds_compare(&a, &b) ||
	    number(&a, ATTR_BGP_MED, a.cfg->default_med) ==
	    number(&b, ATTR_BGP_MED, b.cfg->default_med)) &&
	    interior(&a) == interior(&b) &&
	    (!(a.cfg->igp_metric && b.cfg->igp_metric) ||
	    igp_metric(&a) == igp_metric(&b));
}

const struct rt_class bgp_rt_class = {
	.name = "BGP", .rank = 4, .better = better, .choose = choose,
	.mergable = mergable,
};

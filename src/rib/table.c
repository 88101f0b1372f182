/* SPDX-License-Identifier: ISC */
#include "rib/table.h"

#include <assert.h>

#include "base/mem.h"
#include "rib/table_impl.h"


struct rt_table *
rt_table_new(const char *name, enum net_kind kind, struct attrs_pool *pool,
    const struct hash_key *key)
{
	struct rt_table *t = mem_zalloc(sizeof(*t));

	if (!t)
		return NULL;
	t->name = mem_strdup(name);
	if (!t->name || !rt_nets_init(t)) {
		mem_free(t->name);
		mem_free(t);
		return NULL;
	}
	t->kind = kind;
	t->pool = pool;
	t->seed = key->k[0] ^ key->k[1];
	slab_init(&t->nets, sizeof(struct rt_net) + addr_bytes(kind) +
	    (is_roa(kind) ? 4 : 0));
	slab_init(&t->routes, sizeof(struct rt_route));
	t->log_first = t->log_last = RT_NONE;
	list_init(&t->feeds);
	rt_hosts_init(t);
	return t;
}

struct rt_table *
rt_table_sibling(const struct rt_table *t, const char *name)
{
	const struct hash_key key = { { t->seed, 0 } };

	return rt_table_new(name, t->kind, t->pool, &key);
}

struct rt_table *
rt_table_free(struct rt_table *t)
{
	if (!t)
		return NULL;
	for (uint32_t i = 0; i < slab_top(&t->routes); i++)
		if (slab_is_live(&t->routes, i))
			attrs_unref(t->pool, route_at(t, i)->attrs);
	rt_hosts_done(t);
	while (!list_empty(&t->feeds))
		rt_feed_stop(container_of(t->feeds.next, struct rt_feed,
		    link));
	rt_srcs_done(t);
	mem_free(t->best_seq);
	mem_free(t->empties);
	rt_nets_done(t);
	slab_done(&t->nets);
	slab_done(&t->routes);
	mem_free(t->name);
	mem_free(t);
	return NULL;
}

const char *
rt_table_name(const struct rt_table *t)
{
	return t->name;
}

enum net_kind
rt_table_kind(const struct rt_table *t)
{
	return t->kind;
}

struct attrs_pool *
rt_table_pool(const struct rt_table *t)
{
	return t->pool;
}

void
rt_table_set_ifaces(struct rt_table *t, const struct iface_set *s)
{
	t->ifaces = s;
	t->ifaces_seen = s->generation;
}

/* Nets. */

struct prefix
rt_prefix(const struct rt_table *t, uint32_t net_id)
{
	const struct rt_net *n = net_at(t, net_id);
	struct prefix p = { .kind = (uint8_t)t->kind, .len = n->len,
	    .max = n->max };

	p.ip = addr_bytes(t->kind) == 4 ? ip_from4(n->addr) :
	    ip_from6(n->addr);
	if (is_roa(t->kind))
		p.asn = rt_net_asn(t, n);
	return p;
}

const struct rt_net *
rt_net_at(const struct rt_table *t, uint32_t id)
{
	return net_at(t, id);
}

const struct rt_route *
rt_route_at(const struct rt_table *t, uint32_t id)
{
	return route_at(t, id);
}

const struct rt_route *
rt_next(const struct rt_table *t, const struct rt_route *r)
{
	return r->next == RT_NONE ? NULL : route_at(t, r->next);
}

const struct rt_route *
rt_best(const struct rt_table *t, uint32_t net_id)
{
	const struct rt_net *n = net_at(t, net_id);
	const struct rt_route *r;

	if (n->routes == RT_NONE)
		return NULL;
	r = route_at(t, n->routes);
	return rt_usable(r) ? r : NULL;
}

enum rt_roa
rt_roa_check(const struct rt_table *t, const struct prefix *net, uint32_t asn)
{
	enum rt_roa found = RT_ROA_UNKNOWN;

	for (unsigned len = 0; len <= net->len; len++) {
		if (!t->len_count[len])
			continue;
		switch (rt_net_roa(t, ip_mask(net->ip, len), len, net->len,
		    asn)) {
		case RT_ROA_VALID:
			return RT_ROA_VALID;
		case RT_ROA_INVALID:
			found = RT_ROA_INVALID;
			break;
		case RT_ROA_UNKNOWN:
			break;
		}
	}
	return found;
}

uint32_t
rt_walk(const struct rt_table *t, uint32_t after)
{
	for (uint32_t id = after == RT_NONE ? 0 : after + 1;
	    id < slab_top(&t->nets); id++)
		if (slab_is_live(&t->nets, id) &&
		    net_at(t, id)->routes != RT_NONE)
			return id;
	return RT_NONE;
}

size_t
rt_count_nets(const struct rt_table *t)
{
	return t->n_nets;
}

size_t
rt_count_routes(const struct rt_table *t)
{
	return t->n_routes;
}

size_t
rt_bytes(const struct rt_table *t)
{
	return sizeof(*t) + rt_nets_bytes(t) + slab_bytes(&t->routes);
}

struct instant
rt_changed(const struct rt_table *t, const struct rt_route *r)
{
	return instant_add(t->epoch, (int64_t)r->changed * RT_TICK);
}

/* Which one is best. */

enum rt_dest
rt_resolve(const struct attrs *a, const struct nexthop **ret_hops,
    unsigned *ret_n)
{
	if (a->host) {
		*ret_hops = a->host->hop;
		*ret_n = a->host->n_hops;
		return a->host->dest;
	}
	*ret_hops = attrs_hops(a);
	*ret_n = a->n_hops;
	return a->dest;
}

bool
rt_resolvable(const struct rt_route *r)
{
	return (r->attrs->host ? r->attrs->host->dest : r->attrs->dest) ==
	    RTD_UNICAST;
}

static const struct rt_class *
class_of(const struct rt_table *t, const struct rt_route *r)
{
	return t->src[r->src]->origin->cls;
}

static bool
chooses_all(const struct rt_table *t, uint32_t id)
{
	return t->src[route_at(t, id)->src]->origin->choose_all;
}

/* Is a better than b?  Neither: what stands first stays first. */
static bool
better(const struct rt_table *t, const struct rt_route *a,
    const struct rt_route *b)
{
	const struct rt_class *ca, *cb;

	if (rt_usable(a) != rt_usable(b))
		return rt_usable(a);
	if (a->attrs->preference != b->attrs->preference)
		return a->attrs->preference > b->attrs->preference;
	ca = class_of(t, a);
	cb = class_of(t, b);
	if (ca != cb)
		return ca->rank > cb->rank;
	return ca->better && ca->better(t, a, b);
}

static void
move_to_front(struct rt_table *t, struct rt_net *n, uint32_t id)
{
	uint32_t *at = &n->routes;

	while (*at != id)
		at = &route_at(t, *at)->next;
	*at = route_at(t, id)->next;
	route_at(t, id)->next = n->routes;
	n->routes = id;
}

bool
rt_choose(struct rt_table *t, uint32_t net_id)
{
	struct rt_net *n = net_at(t, net_id);
	const uint32_t first = n->routes;
	const struct rt_class *cls;
	uint32_t best = first;

	if (first == RT_NONE)
		return false;
	if (route_at(t, first)->next == RT_NONE) {
		rt_count_best(t, first, first);
		return false;
	}
	for (uint32_t i = route_at(t, first)->next; i != RT_NONE;
	    i = route_at(t, i)->next)
		if (better(t, route_at(t, i), route_at(t, best)))
			best = i;
	if (best != first)
		move_to_front(t, n, best);
	cls = class_of(t, route_at(t, best));
	if (chooses_all(t, best) && cls->choose &&
	    rt_usable(route_at(t, best))) {
		best = cls->choose(t, best);
		if (best != n->routes)
			move_to_front(t, n, best);
	}
	rt_count_best(t, first, best);
	return best != first;
}

/* Announcing. */

/* Where the source's route hangs in the net's list, or would. */
static uint32_t *
link_of(const struct rt_table *t, struct rt_net *n, uint32_t src)
{
	uint32_t *at = &n->routes;

	while (*at != RT_NONE) {
		struct rt_route *r = route_at(t, *at);

		if (r->src == src)
			break;
		at = &r->next;
	}
	return at;
}

/*
 * Puts a new route into the net's list: behind the best one, so that a long
 * list need not be walked.
 */
static void
put_in(const struct rt_table *t, struct rt_net *n, uint32_t id)
{
	uint32_t *at = n->routes == RT_NONE ? &n->routes :
	    &route_at(t, n->routes)->next;

	route_at(t, id)->next = *at;
	*at = id;
}

static uint32_t
ticks(struct rt_table *t, struct instant now)
{
	if (!t->epoch_set) {
		t->epoch_set = true;
		t->epoch = now;
	}
	return (uint32_t)(instant_sub(now, t->epoch) / RT_TICK);
}

/* After a route of the net was put in, changed, or taken out (RT_NONE). */
static void
settle(struct rt_table *t, uint32_t net_id, uint32_t touched,
    uint32_t was_first)
{
	struct rt_net *n = net_at(t, net_id);
	bool best;

	if (was_first != RT_NONE && was_first != touched &&
	    touched != RT_NONE && n->routes == was_first) {
		/* Only the newcomer can have overtaken the best. */
		if (!chooses_all(t, touched) &&
		    !chooses_all(t, was_first)) {
			best = better(t, route_at(t, touched),
			    route_at(t, was_first));
			if (best) {
				move_to_front(t, n, touched);
				rt_count_best(t, was_first, touched);
			}
			rt_log_bump(t, net_id, best);
			return;
		}
	}
	best = rt_choose(t, net_id) || was_first == touched ||
	    n->routes != was_first;
	rt_log_bump(t, net_id, best);
}

static enum rt_result
replace(struct rt_table *t, uint32_t id, const struct attrs *attrs,
    uint8_t flags, struct instant now)
{
	struct rt_route *r = route_at(t, id);
	struct rt_src *src = t->src[r->src];
	const uint8_t kept = r->flags & RT_PREFERRED;

	if (r->attrs == attrs &&
	    (r->flags & ~(unsigned)(RT_STALE | RT_PREFERRED)) == flags) {
		r->flags = flags | kept;
		return RT_SAME;
	}
	src->filtered += (uint32_t)!!(flags & RT_FILTERED) -
	    (uint32_t)!!(r->flags & RT_FILTERED);
	attrs_ref(attrs);
	attrs_unref(t->pool, r->attrs);
	r->attrs = attrs;
	r->flags = flags | kept;
	r->changed = ticks(t, now);
	settle(t, r->net, id, net_at(t, r->net)->routes);
	return RT_CHANGED;
}

static enum rt_result
announce(struct rt_table *t, struct rt_src *src, const struct prefix *net,
    const struct attrs *attrs, uint8_t flags, struct instant now)
{
	const uint32_t net_id = rt_net_get(t, net);
	struct rt_route *r;
	struct rt_net *n;
	uint32_t id, first;

	if (net_id == RT_NONE)
		return RT_NO_MEMORY;
	n = net_at(t, net_id);
	if (n->srcs & src_bit(src)) {
		id = *link_of(t, n, src->number);
		if (id != RT_NONE)
			return replace(t, id, attrs, flags, now);
	}
	r = slab_alloc(&t->routes, &id);
	if (!r) {
		if (n->routes == RT_NONE && !(n->flags & NET_LINKED))
			rt_net_free(t, net_id);
		return RT_NO_MEMORY;
	}
	*r = (struct rt_route){ .attrs = attrs_ref(attrs), .net = net_id,
	    .changed = ticks(t, now), .src = src->number, .flags = flags };
	first = n->routes;
	put_in(t, n, id);
	n->srcs |= src_bit(src);
	t->n_nets += first == RT_NONE;
	t->n_routes++;
	src->routes++;
	src->filtered += (flags & RT_FILTERED) != 0;
	settle(t, net_id, id, first);
	return RT_CHANGED;
}

enum rt_result
rt_announce(struct rt_table *t, struct rt_src *src, const struct prefix *net,
    const struct attrs *attrs, uint8_t flags, struct instant now)
{
	const enum rt_result r = announce(t, src, net, attrs, flags, now);

	if (src->owner->watch && r != RT_NO_MEMORY)
		src->owner->watch(src->owner, src, net,
		    flags & RT_FILTERED ? NULL : attrs);
	return r;
}

/* Before the route goes. */
static void
tell_gone(const struct rt_table *t, const struct rt_route *r)
{
	const struct rt_src *s = t->src[r->src];
	const struct prefix net = rt_prefix(t, r->net);

	if (!(r->flags & RT_FILTERED))
		s->owner->watch(s->owner, s, &net, NULL);
}

/* at: where it hangs in its net's list. */
static void
take_out_of(struct rt_table *t, uint32_t *at)
{
	const uint32_t id = *at;
	struct rt_route *r = route_at(t, id);
	struct rt_src *src = t->src[r->src];
	const uint32_t net_id = r->net;
	struct rt_net *n = net_at(t, net_id);
	const uint32_t first = n->routes;

	if (src->owner->watch)
		tell_gone(t, r);
	*at = r->next;
	src->routes--;
	src->filtered -= (r->flags & RT_FILTERED) != 0;
	src->preferred -= (r->flags & RT_PREFERRED) != 0;
	attrs_unref(t->pool, r->attrs);
	slab_free(&t->routes, id);
	t->n_routes--;
	if (n->routes == RT_NONE) {
		t->n_nets--;
		n->srcs = 0;
		rt_log_bump(t, net_id, true);
		rt_log_empty(t, net_id);
	} else if (id != first && !src->origin->choose_all &&
	    !chooses_all(t, first)) {
		rt_log_bump(t, net_id, false);	/* it was not the best */
	} else {
		settle(t, net_id, RT_NONE, first);
	}
}

static void
take_out(struct rt_table *t, uint32_t id)
{
	const struct rt_route *r = route_at(t, id);

	take_out_of(t, link_of(t, net_at(t, r->net), r->src));
}

enum rt_result
rt_withdraw(struct rt_table *t, struct rt_src *src, const struct prefix *net,
    struct instant now)
{
	const uint32_t net_id = rt_net_find(t, net);
	uint32_t *at;

	(void)now;
	if (net_id == RT_NONE || !(net_at(t, net_id)->srcs & src_bit(src)))
		return RT_ABSENT;
	at = link_of(t, net_at(t, net_id), src->number);
	if (*at == RT_NONE)
		return RT_ABSENT;
	take_out_of(t, at);
	return RT_REMOVED;
}

/* All routes of an owner. */

typedef void visit_fn(struct rt_table *t, uint32_t id);

static void
visit_mark(struct rt_table *t, uint32_t id)
{
	route_at(t, id)->flags |= RT_STALE;
}

static void
visit_age(struct rt_table *t, uint32_t id)
{
	if (route_at(t, id)->flags & RT_STALE)
		take_out(t, id);
	else
		visit_mark(t, id);
}

static void
visit_flush_stale(struct rt_table *t, uint32_t id)
{
	if (route_at(t, id)->flags & RT_STALE)
		take_out(t, id);
}

static void
visit_flush(struct rt_table *t, uint32_t id)
{
	take_out(t, id);
}

/* Routes are walked by id, which neither sees twice nor misses any. */
static bool
each_route(struct rt_table *t, const struct rt_owner *o, uint32_t *pos,
    uint32_t budget, visit_fn *v)
{
	for (; *pos < slab_top(&t->routes) && budget > 0; budget--, (*pos)++)
		if (slab_is_live(&t->routes, *pos) &&
		    t->src[route_at(t, *pos)->src]->owner == o)
			v(t, *pos);
	return *pos < slab_top(&t->routes);
}

bool
rt_mark_stale(struct rt_table *t, const struct rt_owner *o, uint32_t *pos,
    uint32_t budget)
{
	return each_route(t, o, pos, budget, visit_mark);
}

bool
rt_age(struct rt_table *t, const struct rt_owner *o, uint32_t *pos,
    uint32_t budget, struct instant now)
{
	(void)now;
	return each_route(t, o, pos, budget, visit_age);
}

bool
rt_flush_stale(struct rt_table *t, const struct rt_owner *o, uint32_t *pos,
    uint32_t budget, struct instant now)
{
	(void)now;
	return each_route(t, o, pos, budget, visit_flush_stale);
}

bool
rt_flush(struct rt_table *t, const struct rt_owner *o, uint32_t *pos,
    uint32_t budget, struct instant now)
{
	(void)now;
	return each_route(t, o, pos, budget, visit_flush);
}

bool
rt_modify_stale(struct rt_table *t, const struct rt_owner *o, uint32_t *pos,
    uint32_t budget, struct instant now,
    const struct attrs *(*modify)(struct attrs_pool *p,
    const struct attrs *a), enum rt_flag flag)
{
	for (; *pos < slab_top(&t->routes) && budget > 0; budget--, (*pos)++) {
		struct rt_route *r = slab_is_live(&t->routes, *pos) ?
		    route_at(t, *pos) : NULL;
		const struct attrs *a;

		if (!r || !(r->flags & RT_STALE) || t->src[r->src]->owner != o)
			continue;
		a = modify(t->pool, r->attrs);
		if (a)
			replace(t, *pos, a, (uint8_t)(r->flags | flag), now);
		else
			take_out(t, *pos);
		attrs_unref(t->pool, a);
	}
	return *pos < slab_top(&t->routes);
}

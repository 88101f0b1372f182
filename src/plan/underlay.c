/* SPDX-License-Identifier: ISC */
#include "plan/underlay.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The kernel's own numbers; the core includes none of its headers. */
enum {
	TYPE_UNICAST = 1, TYPE_UNREACHABLE = 7, HOP_ONLINK = 4
};

struct ul_route {
	struct list link;
	uint16_t seen;			/* in which scan, or since then */
	struct nl_route r;
};

void
ul_init(struct underlay *u)
{
	memset(u, 0, sizeof(*u));
	list_init(&u->routes);
}

static void
forget(struct ul_route *e)
{
	list_remove(&e->link);
	mem_free(e);
}

void
ul_done(struct underlay *u)
{
	LIST_EACH_SAFE(e, &u->routes, struct ul_route, link)
		forget(e);
	mem_free(u->watch);
	ul_init(u);
}

/* The first watched address that is not before ip. */
static unsigned
at_or_after(const struct underlay *u, struct ip ip)
{
	unsigned lo = 0, hi = u->n_watch;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;

		if (ip_cmp(u->watch[mid], ip) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool
ul_watches(const struct underlay *u, const struct prefix *net)
{
	/* IPv4's addresses lie among the IPv6 ones. */
	for (unsigned i = at_or_after(u, net->ip); i < u->n_watch; i++) {
		if (prefix_has_ip(net, u->watch[i]))
			return true;
		if (prefix_is4(net) || !ip_is4(u->watch[i]))
			return false;
	}
	return false;
}

static bool
has(const struct underlay *u, struct ip ip)
{
	unsigned i = at_or_after(u, ip);

	return i < u->n_watch && ip_eq(u->watch[i], ip);
}

bool
ul_watch(struct underlay *u, const struct ip *v, unsigned n)
{
	struct ip *copy = mem_array(n + 1, sizeof(*copy));
	bool news = false;

	if (copy == NULL) {
		u->failed = true;
		return false;
	}
	for (unsigned i = 0; i < n; i++) {
		news |= !has(u, v[i]);
		copy[i] = v[i];
	}
	mem_free(u->watch);
	u->watch = copy;
	u->n_watch = n;
	LIST_EACH_SAFE(e, &u->routes, struct ul_route, link)
		if (!ul_watches(u, &e->r.dst))
			forget(e);
	return news;
}

static bool
same_place(const struct nl_route *a, const struct nl_route *b)
{
	return a->table == b->table && a->metric == b->metric &&
	    prefix_eq(&a->dst, &b->dst);
}

/* Twins of one metric, which routers' advertisements make, differ in this. */
static bool
same_first_hop(const struct nl_route *a, const struct nl_route *b)
{
	if (a->n_hops == 0 || b->n_hops == 0)
		return a->n_hops == b->n_hops;
	return a->hop[0].oif == b->hop[0].oif &&
	    ip_eq(a->hop[0].via, b->hop[0].via);
}

static struct ul_route *
find(struct underlay *u, const struct nl_route *r)
{
	LIST_EACH(e, &u->routes, struct ul_route, link)
		if (same_place(&e->r, r) && same_first_hop(&e->r, r))
			return e;
	return NULL;
}

static void
forget_place(struct underlay *u, const struct nl_route *r)
{
	LIST_EACH_SAFE(e, &u->routes, struct ul_route, link)
		if (same_place(&e->r, r))
			forget(e);
}

/* Whether a hop is dead matters as well. */
static bool
is_unchanged(const struct nl_route *a, const struct nl_route *b)
{
	for (unsigned i = 0; i < a->n_hops && i < b->n_hops; i++)
		if (a->hop[i].flags != b->hop[i].flags)
			return false;
	return ul_same(a, b);
}

bool
ul_seen(struct underlay *u, const struct nl_route *r, bool replaces)
{
	struct ul_route *e;
	bool same;

	if (!ul_watches(u, &r->dst))
		return false;
	if (replaces)
		forget_place(u, r);
	e = find(u, r);
	same = e != NULL && is_unchanged(&e->r, r);
	if (e == NULL) {
		e = mem_zalloc(sizeof(*e));
		if (e == NULL) {
			u->failed = true;
			return false;
		}
		list_push_back(&u->routes, &e->link);
	}
	e->r = *r;
	e->seen = u->round;
	return !same;
}

bool
ul_gone(struct underlay *u, const struct nl_route *r)
{
	struct ul_route *e = find(u, r);

	if (e != NULL)
		forget(e);
	return e != NULL;
}

static bool
is_scanned(const struct ul_route *e, bool ip4, uint32_t table)
{
	return prefix_is4(&e->r.dst) == ip4 &&
	    (table == 0 || e->r.table == table);
}

void
ul_scan_begin(struct underlay *u, bool ip4, uint32_t table)
{
	u->round++;
	/* The others are not asked about. */
	LIST_EACH(e, &u->routes, struct ul_route, link)
		if (!is_scanned(e, ip4, table))
			e->seen = u->round;
}

bool
ul_scan_end(struct underlay *u, bool ip4, uint32_t table, bool whole)
{
	bool news = false;

	if (!whole || u->failed) {
		u->failed = false;
		return false;
	}
	LIST_EACH_SAFE(e, &u->routes, struct ul_route, link) {
		if (!is_scanned(e, ip4, table) || e->seen == u->round)
			continue;
		forget(e);
		news = true;
	}
	return news;
}

void
ul_judge_init(struct ul_judge *j, struct ip ip)
{
	j->ip = ip;
	j->capture_len = -1;
	j->capture = (struct prefix){ 0 };
	j->has_way = false;
}

static bool
is_better(const struct nl_route *a, const struct nl_route *b)
{
	return a->dst.len != b->dst.len ? a->dst.len > b->dst.len :
	    a->metric < b->metric;
}

void
ul_judge_route(struct ul_judge *j, const struct nl_route *r,
    enum ul_kind kind)
{
	if (kind == UL_NOTHING || !prefix_has_ip(&r->dst, j->ip))
		return;
	if (kind == UL_WAY) {
		if (!j->has_way || is_better(r, &j->way))
			j->way = *r;
		j->has_way = true;
	} else if (r->dst.len > j->capture_len) {
		j->capture_len = r->dst.len;
		j->capture = r->dst;
	}
}

void
ul_judge_mirror(struct ul_judge *j, const struct underlay *u, uint32_t table,
    ul_sort *sort, void *ctx)
{
	LIST_EACH(e, &u->routes, struct ul_route, link)
		if (e->r.table == table && prefix_has_ip(&e->r.dst, j->ip))
			ul_judge_route(j, &e->r, sort(ctx, j->ip, &e->r));
}

bool
ul_judge_captured(const struct ul_judge *j)
{
	return j->capture_len >= 0 &&
	    (!j->has_way || j->way.dst.len <= j->capture_len);
}

/* What the kernel counts up itself, or what is true of that route alone. */
static void
hops_of(struct nl_route *r, const struct nl_route *way)
{
	r->type = way->type;
	r->scope = way->scope;
	r->prefsrc = way->prefsrc;
	r->metric_set = way->metric_set;
	memcpy(r->metrics, way->metrics, sizeof(r->metrics));
	memcpy(r->congctl, way->congctl, sizeof(r->congctl));
	for (unsigned i = 0; i < way->n_hops; i++) {
		r->hop[i] = way->hop[i];
		r->hop[i].flags &= HOP_ONLINK;
	}
	r->n_hops = way->n_hops;
}

void
ul_host_route(const struct ul_judge *j, uint32_t table, struct nl_route *ret)
{
	nl_route_init(ret);
	if (j->has_way && j->way.type == TYPE_UNICAST && j->way.n_hops > 0)
		hops_of(ret, &j->way);
	else
		ret->type = TYPE_UNREACHABLE;
	ret->dst = prefix_host(j->ip);
	ret->table = table;
	ret->proto = UL_PROTO;
	ret->metric = UL_METRIC;
}

static bool
same_hop(const struct nl_hop *a, const struct nl_hop *b)
{
	return a->oif == b->oif && ip_eq(a->via, b->via) &&
	    (a->flags & HOP_ONLINK) == (b->flags & HOP_ONLINK);
}

static bool
same_metrics(const struct nl_route *a, const struct nl_route *b)
{
	if (a->metric_set != b->metric_set ||
	    strncmp(a->congctl, b->congctl, NL_CONGCTL) != 0)
		return false;
	for (unsigned i = 0; i < NL_METRICS; i++)
		if (a->metric_set & 1u << i && a->metrics[i] != b->metrics[i])
			return false;
	return true;
}

bool
ul_same(const struct nl_route *a, const struct nl_route *b)
{
	if (a->type != b->type || a->table != b->table ||
	    a->metric != b->metric || a->n_hops != b->n_hops ||
	    !prefix_eq(&a->dst, &b->dst) || !same_metrics(a, b) ||
	    !ip_eq(a->prefsrc, b->prefsrc))
		return false;
	for (unsigned i = 0; i < a->n_hops; i++)
		if (!same_hop(&a->hop[i], &b->hop[i]) || (a->n_hops > 1 &&
		    a->hop[i].weight != b->hop[i].weight))
			return false;
	return true;
}

bool
ul_is_default(const struct prefix *net)
{
	return net->len < (prefix_is4(net) ? 8 : 4);
}

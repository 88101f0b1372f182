/* SPDX-License-Identifier: ISC */
/*
 * An entry is in the dirty list when want and have differ, or may.  kr_next()
 * looks again before it gives a change out, so being dirty for nothing costs
 * nothing but the look.
 */
#include "plan/kroutes.h"

#include <errno.h>
#include <stdlib.h>

/* The kernel's own numbers; the core includes none of its headers. */
enum {
	TYPE_UNSPEC = 0, TYPE_UNICAST = 1, TYPE_BLACKHOLE = 6,
	TYPE_UNREACHABLE = 7, TYPE_PROHIBIT = 8,
	HOP_ONLINK = 4, SCOPE_OF_LINK = 253
};

void
kr_init(struct kr_plan *k, uint32_t metric, const struct hash_key *key)
{
	memset(k, 0, sizeof(*k));
	netmap_init(&k->routes, sizeof(struct kr_entry), key);
	netmap_init(&k->odd, sizeof(struct netmap_entry) + sizeof(uint64_t),
	    key);
	list_init(&k->dirty);
	k->key = *key;
	k->metric = metric;
}

void
kr_done_all(struct kr_plan *k)
{
	netmap_done(&k->routes);
	netmap_done(&k->odd);
	list_init(&k->dirty);
}

struct odd {
	struct netmap_entry head;
	uint32_t metric;
};

static struct prefix
at_metric(const struct prefix *net, uint32_t metric)
{
	struct prefix p = *net;

	p.asn = metric;
	return p;
}

static struct kr_entry *
entry_find(const struct kr_plan *k, const struct prefix *net, uint32_t metric)
{
	struct prefix p = at_metric(net, metric);

	return netmap_find(&k->routes, &p);
}

static struct kr_entry *
entry_get(struct kr_plan *k, const struct prefix *net, uint32_t metric)
{
	struct prefix p = at_metric(net, metric);
	struct kr_entry *e = netmap_get(&k->routes, &p);

	if (e == NULL)
		k->failed = true;
	else if (e->dirty.next == NULL)
		list_init(&e->dirty);
	return e;
}

static void
entry_set_have(struct kr_plan *k, struct kr_entry *e, uint64_t digest)
{
	k->n_have += (digest != 0);
	k->n_have -= (e->have != 0);
	e->have = digest;
}

static void
entry_set_refused(struct kr_plan *k, struct kr_entry *e, int err)
{
	k->n_refused += (err != 0);
	k->n_refused -= e->refused;
	e->refused = err != 0;
	e->err = (int16_t)err;
}

/* Dirty if there is something to do, forgotten if nothing is left of it. */
static void
entry_settle(struct kr_plan *k, struct kr_entry *e)
{
	if (e->want != e->have) {
		if (list_empty(&e->dirty))
			list_push_back(&k->dirty, &e->dirty);
		return;
	}
	list_remove(&e->dirty);
	if (e->want == 0 && e->pending == 0 && !e->foreign) {
		entry_set_refused(k, e, 0);
		netmap_remove(&k->routes, &e->head);
	}
}

static void
unwant_at(struct kr_plan *k, const struct prefix *net, uint32_t metric)
{
	struct kr_entry *e = entry_find(k, net, metric);

	if (e == NULL)
		return;
	e->want = 0;
	entry_set_refused(k, e, 0);
	entry_settle(k, e);
}

/* The metric that the net is wanted with now. */
static uint32_t
metric_of(const struct kr_plan *k, const struct prefix *net)
{
	const struct odd *o = netmap_find(&k->odd, net);

	return o ? o->metric : k->metric;
}

static void
set_metric(struct kr_plan *k, const struct prefix *net, uint32_t metric)
{
	struct odd *o = netmap_find(&k->odd, net);

	if (metric == k->metric) {
		if (o != NULL)
			netmap_remove(&k->odd, &o->head);
		return;
	}
	if (o == NULL)
		o = netmap_get(&k->odd, net);
	if (o == NULL)
		k->failed = true;
	else
		o->metric = metric;
}

void
kr_want(struct kr_plan *k, const struct prefix *net, uint32_t metric,
    uint64_t digest)
{
	uint32_t was = metric_of(k, net);
	struct kr_entry *e;

	e = entry_get(k, net, metric);
	if (e == NULL)
		return;
	if (e->want != digest)
		entry_set_refused(k, e, 0);
	e->want = digest;
	entry_settle(k, e);
	if (was != metric) {
		/* The new one first in the list: no gap between them. */
		set_metric(k, net, metric);
		unwant_at(k, net, was);
	}
}

void
kr_unwant(struct kr_plan *k, const struct prefix *net)
{
	unwant_at(k, net, metric_of(k, net));
	set_metric(k, net, k->metric);
}

void
kr_seen(struct kr_plan *k, const struct prefix *net, uint32_t metric,
    uint64_t digest, bool own)
{
	struct kr_entry *e;

	if (!own) {
		e = entry_find(k, net, metric);
		/* Of strangers only those in our way are remembered. */
		if (e == NULL && metric != k->metric)
			return;
	}
	e = entry_get(k, net, metric);
	if (e == NULL)
		return;
	e->seen = k->round;
	if (e->pending > 0)
		return;	/* older than what we have sent meanwhile */
	e->foreign = !own;
	entry_set_have(k, e, own ? digest : 0);
	entry_settle(k, e);
}

void
kr_gone(struct kr_plan *k, const struct prefix *net, uint32_t metric, bool own)
{
	struct kr_entry *e = entry_find(k, net, metric);

	if (e == NULL || e->pending > 0)
		return;
	if (own)
		entry_set_have(k, e, 0);
	else
		e->foreign = false;
	entry_settle(k, e);
}

/* Numbers are used again: what was seen long ago must not look like now. */
static void
forget_rounds(struct kr_plan *k)
{
	for (uint32_t i = 0; i < netmap_top(&k->routes); i++) {
		struct kr_entry *e = netmap_at(&k->routes, i);

		if (e != NULL)
			e->seen = 0;
	}
	k->round = 1;
}

/* What a whole scan did not show is not there. */
static void
sweep_one(struct kr_plan *k, struct kr_entry *e)
{
	if (e->pending > 0)
		return;
	entry_set_refused(k, e, 0);
	if (e->seen != k->sweep_round && e->seen != k->round) {
		e->foreign = false;
		entry_set_have(k, e, 0);
	}
	entry_settle(k, e);
}

static void
settle_one(struct kr_plan *k, struct kr_entry *e)
{
	if (k->leaving) {
		e->want = 0;
		entry_set_refused(k, e, 0);
	}
	entry_settle(k, e);
}

/* A slice of a walk over all entries. */
static void
walk(struct kr_plan *k, bool *on, uint32_t *at, uint32_t budget,
    void (*visit)(struct kr_plan *k, struct kr_entry *e))
{
	for (; *on && budget > 0; budget--) {
		struct kr_entry *e;

		if (*at == netmap_top(&k->routes)) {
			*on = false;
			return;
		}
		e = netmap_at(&k->routes, (*at)++);
		if (e != NULL)
			visit(k, e);
	}
}

void
kr_scan_begin(struct kr_plan *k)
{
	k->scanning = true;
	if (++k->round == 0) {
		walk(k, &k->sweeping, &k->sweep_at, UINT32_MAX, sweep_one);
		forget_rounds(k);
	}
}

void
kr_scan_end(struct kr_plan *k, bool whole)
{
	k->scanning = false;
	if (!whole)
		return;
	k->failed = false;
	k->sweeping = true;
	k->sweep_round = k->round;
	k->sweep_at = 0;
}

bool
kr_sweep(struct kr_plan *k, uint32_t budget)
{
	walk(k, &k->sweeping, &k->sweep_at, budget, sweep_one);
	walk(k, &k->settling, &k->settle_at, budget, settle_one);
	return k->sweeping || k->settling;
}

void
kr_hold(struct kr_plan *k)
{
	k->held = true;
}

static void
settle_all(struct kr_plan *k)
{
	k->settling = true;
	k->settle_at = 0;
}

/* All that was passed over while held is still out of step: find it. */
void
kr_release(struct kr_plan *k)
{
	if (!k->held)
		return;
	k->held = false;
	settle_all(k);
}

void
kr_leave(struct kr_plan *k)
{
	k->held = false;
	k->leaving = true;
	settle_all(k);
}

static enum kr_change_kind
change_of(const struct kr_plan *k, const struct kr_entry *e)
{
	if (e->want == e->have || e->refused || e->foreign)
		return KR_NONE;
	/* What is there of ours is as good as what is known so far. */
	if (k->held && e->have != 0)
		return KR_NONE;
	return e->want == 0 ? KR_DEL : KR_SET;
}

bool
kr_next(struct kr_plan *k, struct kr_change *ret)
{
	while (!list_empty(&k->dirty)) {
		struct kr_entry *e = container_of(k->dirty.next,
		    struct kr_entry, dirty);
		enum kr_change_kind kind = change_of(k, e);

		list_remove(&e->dirty);
		if (kind == KR_NONE)
			continue;
		*ret = (struct kr_change){ .kind = kind, .net = e->head.net,
		    .metric = e->head.net.asn, .cookie = e->head.id };
		ret->net.asn = 0;
		e->pending++;
		k->n_pending++;
		e->seen = k->round;
		entry_set_have(k, e, e->want);
		return true;
	}
	return false;
}

void
kr_again(struct kr_plan *k, const struct kr_change *c)
{
	struct kr_entry *e = netmap_at(&k->routes, c->cookie);

	e->pending--;
	k->n_pending--;
	/* Neither number can be a digest of what is there: send it again. */
	entry_set_have(k, e, c->kind == KR_DEL ? UINT64_MAX : 0);
	entry_settle(k, e);
}

bool
kr_done(struct kr_plan *k, uint32_t cookie, int err)
{
	struct kr_entry *e = netmap_at(&k->routes, cookie);
	bool news = false;

	if (e == NULL || e->pending == 0)
		return false;
	e->pending--;
	k->n_pending--;
	e->seen = k->round;
	if (err == -ESRCH && e->have == 0)
		err = 0;	/* gone before we came: as we wanted it */
	if (err != 0 && e->pending == 0) {
		news = e->want != 0 && !e->refused && err != -ENOBUFS;
		entry_set_refused(k, e, e->want != 0 ? err : 0);
		entry_set_have(k, e, 0);
	}
	entry_settle(k, e);
	return news;
}

const struct kr_entry *
kr_at(const struct kr_plan *k, uint32_t cookie)
{
	return netmap_at(&k->routes, cookie);
}

const struct kr_entry *
kr_find(const struct kr_plan *k, const struct prefix *net)
{
	return entry_find(k, net, metric_of(k, net));
}

/* A hop in 28 bytes of fixed layout, for sorting and hashing. */
#define HOP_BYTES	28

static int
hop_cmp(const void *a, const void *b)
{
	return memcmp(a, b, HOP_BYTES);
}

static void
hop_write(struct wr *w, const struct nl_hop *h, unsigned n_hops)
{
	wr_bytes(w, bytes_of(h->via.b, 16));
	wr_be32(w, h->oif);
	/* The weight of an only hop means nothing. */
	wr_be32(w, n_hops > 1 && h->weight > 0 ? h->weight : 1);
	wr_be32(w, h->flags & HOP_ONLINK);
}

/*
 * Without the scope, which the kernel makes up for some routes, and without
 * the order of the hops, which IPv6 does not keep.
 */
uint64_t
kr_digest(const struct kr_plan *k, const struct nl_route *r)
{
	uint8_t buf[32 + NL_CONGCTL + NL_METRICS * 4 + NL_HOPS * HOP_BYTES];
	struct wr w = wr_of(buf, sizeof(buf));
	unsigned n = r->n_hops < NL_HOPS ? r->n_hops : NL_HOPS;
	uint64_t h;

	wr_u8(&w, r->type);
	wr_bytes(&w, bytes_of(r->prefsrc.b, 16));
	wr_be32(&w, r->realm);
	wr_be32(&w, r->metric_set);
	for (unsigned i = 0; i < NL_METRICS; i++)
		if (r->metric_set & 1u << i)
			wr_be32(&w, r->metrics[i]);
	wr_bytes(&w, bytes_of(r->congctl, NL_CONGCTL));
	uint8_t *hops = w.p;

	for (unsigned i = 0; i < n; i++)
		hop_write(&w, &r->hop[i], n);
	qsort(hops, n, HOP_BYTES, hop_cmp);
	h = hash_keyed(&k->key, bytes_of(buf, wr_len(&w)));
	return h == 0 || h == UINT64_MAX ? 1 : h;
}

static uint8_t
type_of(enum rt_dest dest)
{
	switch (dest) {
	case RTD_UNICAST:
		return TYPE_UNICAST;
	case RTD_BLACKHOLE:
		return TYPE_BLACKHOLE;
	case RTD_UNREACHABLE:
		return TYPE_UNREACHABLE;
	case RTD_PROHIBIT:
		return TYPE_PROHIBIT;
	case RTD_NONE: case RTD_NDESTS:
		break;
	}
	return TYPE_UNSPEC;
}

static void
build_krt(struct nl_route *r, const struct attrs_edit *a)
{
	struct attr at;

	if (attrs_edit_get(a, ATTR_KRT_PREFSRC, &at) && at.n == 16)
		memcpy(r->prefsrc.b, at.p, 16);
	if (attrs_edit_get(a, ATTR_KRT_REALM, &at))
		r->realm = at.u;
	if (r->metric == 0 && attrs_edit_get(a, ATTR_KRT_METRIC, &at))
		r->metric = at.u;
	if (attrs_edit_get(a, ATTR_KRT_SCOPE, &at))
		r->scope = (uint8_t)at.u;
	for (unsigned i = 1; i < NL_METRICS; i++) {
		if (!attrs_edit_get(a, (uint16_t)(ATTR_KRT_METRICS + i), &at))
			continue;
		if (at.type == ATTR_STRING) {
			const size_t n = strnlen((const char *)at.p, at.n);

			if (n < NL_CONGCTL)
				memcpy(r->congctl, at.p, n);
			continue;
		}
		r->metric_set |= 1u << i;
		r->metrics[i] = at.u;
	}
}

bool
kr_build(struct nl_route *ret, const struct prefix *net,
    const struct attrs_edit *a, enum rt_dest dest,
    const struct nexthop *hop, unsigned n_hops, uint32_t table,
    uint32_t metric)
{
	nl_route_init(ret);
	ret->dst = *net;
	ret->table = table;
	ret->metric = metric;
	ret->type = type_of(dest);
	/* What has no gateway may be one for other routes. */
	if (dest == RTD_UNICAST && n_hops > 0 && ip_is_none(hop->gw))
		ret->scope = SCOPE_OF_LINK;
	build_krt(ret, a);
	if (dest != RTD_UNICAST)
		return ret->type != TYPE_UNSPEC;
	for (unsigned i = 0; i < n_hops && i < NL_HOPS; i++)
		ret->hop[ret->n_hops++] = (struct nl_hop){ .via = hop[i].gw,
		    .oif = hop[i].ifindex,
		    .weight = (uint16_t)(hop[i].weight + 1),
		    .flags = hop[i].flags & NEXTHOP_ONLINK ? HOP_ONLINK :
		    0 };
	return ret->n_hops > 0;
}

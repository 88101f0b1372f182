/* SPDX-License-Identifier: ISC */
/*
 * The way of the outer packets: how big they may be.  That it does not lead
 * back into the tunnel is underlay.c's.
 *
 * The kernel is asked, with the tunnel's mark, so rules and tables of the
 * person count.  Its routes change without a word that would be cheap to
 * follow in a full table, so a slice of the peers is asked about with each
 * poll, and all of them when a link changes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/underlay.h"
#include "daemon/wireguard.h"

/* IPv6 needs 1280 at least; 1500 less 80 is what fits over anything usual. */
#define MTU_UNKNOWN	1420
#define MTU_LEAST	1280
#define MTU_MOST	8940	/* more is the loopback's, and no real way's */
#define OVER_IP4	60	/* 20 + 8 + 32 */
#define OVER_IP6	80
#define SLICE		64

const struct wg_endpoint *
tunnel_peer_outer(const struct tunnel_peer *p)
{
	return wg_endpoint_known(&p->endpoint) ? &p->endpoint :
	    &p->configured;
}

static bool
same_way(const struct route_way *a, const struct route_way *b)
{
	return a->oif == b->oif && a->mtu == b->mtu && a->table == b->table &&
	    prefix_eq(&a->match, &b->match);
}

static void
tell_moved(struct tunnel *t, const struct tunnel_peer *p)
{
	LIST_EACH(o, &t->p.d->protos, struct proto, link)
		if (o->ops->tunnel_moved != NULL)
			o->ops->tunnel_moved(o, t, p);
}

/* True when something has changed; if the way leads astray, others mend. */
static bool
ask(struct tunnel *t, struct tunnel_peer *p)
{
	const struct wg_endpoint *e = tunnel_peer_outer(p);
	struct route_way was = p->way;

	p->asked = e->addr;
	p->way = (struct route_way){ 0 };
	if (wg_endpoint_known(e) && route_ask(t->ask, e->addr, e->scope,
	    t->p.cf->wg.fwmark, &p->way) < 0)
		p->way = (struct route_way){ 0 };
	if (same_way(&was, &p->way))
		return false;
	tell_moved(t, p);
	if (tunnel_by_index(t->p.d, p->way.oif) != NULL)
		underlay_endpoint(t->p.d, e->addr, &p->way);
	return true;
}

static uint32_t
mtu_to(const struct tunnel *t, const struct tunnel_peer *p)
{
	const struct iface *i = iface_by_index(&t->p.d->ifaces, p->way.oif);
	uint32_t over = ip_is4(p->asked) ? OVER_IP4 : OVER_IP6;
	uint32_t mtu = p->way.mtu;

	if (i == NULL || p->way.oif == t->ifindex)
		return MTU_UNKNOWN;
	if (mtu == 0 || mtu > i->mtu)
		mtu = i->mtu;
	if (mtu < MTU_LEAST + over)
		return MTU_LEAST;
	return mtu - over > MTU_MOST ? MTU_MOST : mtu - over;
}

uint32_t
tunnel_way_mtu(const struct tunnel *t)
{
	uint32_t least = MTU_MOST;

	for (unsigned i = 0; i < t->n_peers; i++)
		if (mtu_to(t, &t->peer[i]) < least)
			least = mtu_to(t, &t->peer[i]);
	return t->n_peers == 0 ? MTU_UNKNOWN : least;
}

void
tunnel_underlay(struct tunnel *t, bool all)
{
	unsigned n = all || t->n_peers < SLICE ? t->n_peers : SLICE;
	bool news = false;

	if (t->ask == NULL && route_ask_new(&t->ask) < 0)
		return;
	for (unsigned i = 0; i < n; i++) {
		t->ask_next = (t->ask_next + 1) % t->n_peers;
		news |= ask(t, &t->peer[t->ask_next]);
	}
	/* A link's own MTU is no news of the way. */
	if (news || all)
		tunnel_link_mtu(t);
	if (news || all)
		tunnel_mtu_look(t);
	underlay_poll(t->p.d);
}

void
tunnel_underlay_done(struct tunnel *t)
{
	t->ask = route_ask_free(t->ask);
	mem_free(t->outer);
	t->outer = NULL;
	t->n_outer = 0;
	t->outer_stale = true;
}

static int
compare(const void *a, const void *b)
{
	return ip_cmp(*(const struct ip *)a, *(const struct ip *)b);
}

/* Where the peers are, and where they will be called again, in order. */
static bool
outer_list(struct tunnel *t)
{
	struct ip *v;

	if (!t->running || t->state == TUNNEL_DOWN)
		return false;
	if (!t->outer_stale)
		return true;
	v = mem_resize(t->outer, 2 * t->n_peers + 1, sizeof(*v));
	if (v == NULL)
		return false;
	t->outer = v;
	t->n_outer = 0;
	for (unsigned i = 0; i < t->n_peers; i++) {
		const struct tunnel_peer *p = &t->peer[i];

		if (wg_endpoint_known(tunnel_peer_outer(p)))
			v[t->n_outer++] = tunnel_peer_outer(p)->addr;
		if (p->insist && wg_endpoint_known(&p->configured))
			v[t->n_outer++] = p->configured.addr;
	}
	qsort(v, t->n_outer, sizeof(*v), compare);
	t->outer_stale = false;
	return true;
}

static unsigned
first_outer(const struct tunnel *t, struct ip ip)
{
	unsigned lo = 0, hi = t->n_outer;

	while (lo < hi) {
		unsigned mid = (lo + hi) / 2;

		if (ip_cmp(t->outer[mid], ip) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

bool
tunnel_has_endpoint(struct tunnel *t, struct ip ip)
{
	unsigned i = outer_list(t) ? first_outer(t, ip) : 0;

	return outer_list(t) && i < t->n_outer && ip_eq(t->outer[i], ip);
}

void
tunnel_endpoints_in(struct tunnel *t, const struct prefix *net,
    void (*each)(void *ctx, struct ip ip), void *ctx)
{
	if (!outer_list(t))
		return;
	for (unsigned i = first_outer(t, net->ip); i < t->n_outer; i++) {
		/* IPv4's lie among the IPv6 ones. */
		if (ip_is4(t->outer[i]) != (net->kind == NET_IP4))
			continue;
		if (!prefix_has_ip(net, t->outer[i]))
			break;
		if (i == 0 || !ip_eq(t->outer[i], t->outer[i - 1]))
			each(ctx, t->outer[i]);
	}
}

struct tunnel *
tunnel_by_index(const struct daemon *d, uint32_t ifindex)
{
	LIST_EACH(p, &d->protos, struct proto, link)
		if (p->ops == &wireguard_ops && tunnel_of(p)->running &&
		    ifindex != 0 && tunnel_of(p)->ifindex == ifindex)
			return tunnel_of(p);
	return NULL;
}

void
tunnel_tell_moved(struct tunnel *t, struct ip ip)
{
	for (unsigned i = 0; i < t->n_peers; i++)
		if (ip_eq(tunnel_peer_outer(&t->peer[i])->addr, ip))
			tell_moved(t, &t->peer[i]);
}

void
tunnel_endpoint_moved(struct tunnel *t, const struct tunnel_peer *p)
{
	t->outer_stale = true;
	tell_moved(t, p);
	if (wg_endpoint_known(tunnel_peer_outer(p)))
		underlay_endpoint(t->p.d, tunnel_peer_outer(p)->addr, NULL);
	if (p->insist && wg_endpoint_known(&p->configured))
		underlay_endpoint(t->p.d, p->configured.addr, NULL);
}

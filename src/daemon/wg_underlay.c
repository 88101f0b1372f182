/* SPDX-License-Identifier: ISC */
/*
 * The way of the outer packets: how big they may be, and that it never leads
 * back into the tunnel.
 *
 * The kernel is asked, with the tunnel's mark, so rules and tables of the
 * person count.  Its routes change without a word that would be cheap to
 * follow in a full table, so a slice of the peers is asked about with each
 * poll, and all of them when a link changes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/wireguard.h"

/* IPv6 needs 1280 at least; 1500 less 80 is what fits over anything usual. */
#define MTU_UNKNOWN	1420
#define MTU_LEAST	1280
#define MTU_MOST	8940	/* more is the loopback's, and no real way's */
#define OVER_IP4	60	/* 20 + 8 + 32 */
#define OVER_IP6	80
#define SLICE		64

static const struct wg_endpoint *
outer_of(const struct tunnel_peer *p)
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

/* True when something has changed. */
static bool
ask(struct tunnel *t, struct tunnel_peer *p)
{
	const struct wg_endpoint *e = outer_of(p);
	struct route_way was = p->way;

	if (!ip_eq(p->asked, e->addr)) {
		p->asked = e->addr;
		t->outer_stale = true;
	}
	p->way = (struct route_way){ 0 };
	if (wg_endpoint_known(e) && route_ask(t->ask, e->addr, e->scope,
	    t->p.cf->wg.fwmark, &p->way) < 0)
		p->way = (struct route_way){ 0 };
	return !same_way(&was, &p->way);
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
tunnel_mtu(const struct tunnel *t)
{
	uint32_t least = MTU_MOST;

	if (t->p.cf->wg.mtu != 0)
		return t->p.cf->wg.mtu;
	for (unsigned i = 0; i < t->n_peers; i++)
		if (mtu_to(t, &t->peer[i]) < least)
			least = mtu_to(t, &t->peer[i]);
	return t->n_peers == 0 ? MTU_UNKNOWN : least;
}

static bool
loops(const struct tunnel *t)
{
	for (unsigned i = 0; i < t->n_peers; i++)
		if (t->peer[i].way.oif == t->ifindex && t->ifindex != 0)
			return true;
	return false;
}

/* All kernel protocols offer their routes to us once more. */
static void
export_anew(struct tunnel *t)
{
	t->refused = false;
	LIST_EACH(p, &t->p.d->protos, struct proto, link)
		if (p->ops == &kernel_ops && p->state == PROTO_UP)
			proto_reload(p, false, true);
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
	if (news && (t->refused || loops(t)))
		export_anew(t);
	/* A link's own MTU is no news of the way. */
	if ((news || all) && !loops(t))
		tunnel_link_mtu(t);
}

void
tunnel_underlay_done(struct tunnel *t)
{
	t->ask = route_ask_free(t->ask);
	mem_free(t->outer);
	t->outer = NULL;
	t->n_outer = 0;
	t->outer_stale = true;
	t->refused = false;
}

static int
compare(const void *a, const void *b)
{
	return ip_cmp(*(const struct ip *)a, *(const struct ip *)b);
}

/* Where the peers are, in order; that of the last answer to each. */
static bool
outer_list(struct tunnel *t)
{
	struct ip *v;

	if (!t->outer_stale)
		return true;
	v = mem_resize(t->outer, t->n_peers + 1, sizeof(*v));
	if (v == NULL)
		return false;
	t->outer = v;
	t->n_outer = 0;
	for (unsigned i = 0; i < t->n_peers; i++)
		if (wg_endpoint_known(outer_of(&t->peer[i])))
			v[t->n_outer++] = outer_of(&t->peer[i])->addr;
	qsort(v, t->n_outer, sizeof(*v), compare);
	t->outer_stale = false;
	return true;
}

/* Were net routed into the tunnel: would packets to ip go there? */
static bool
captures(struct tunnel *t, const struct prefix *net, uint32_t table,
    struct ip ip)
{
	struct route_way way;

	if (ip_is_link_local(ip))
		return false;	/* it has its link, and needs no route */
	if (route_ask(t->ask, ip, 0, t->p.cf->wg.fwmark, &way) < 0)
		return true;	/* it would be the only way */
	if (way.table != table)
		return false;	/* a rule takes them elsewhere */
	return way.oif == t->ifindex || way.match.len <= net->len;
}

static struct tunnel *
by_index(const struct daemon *d, uint32_t ifindex)
{
	LIST_EACH(p, &d->protos, struct proto, link)
		if (p->ops == &wireguard_ops && tunnel_of(p)->running &&
		    tunnel_of(p)->ifindex == ifindex)
			return tunnel_of(p);
	return NULL;
}

static bool
refuse(struct tunnel *t, const struct prefix *net, struct ip ip)
{
	char buf[PREFIX_TEXT], at[IP_TEXT];

	if (!t->refused)
		proto_log(&t->p, CONF_LOG_WARNING,
		    "%s is not routed into %s: the endpoint %s would be "
		    "reached through its own tunnel; give it a route of its "
		    "own (\"ip route add %s via ...\") or use fwmark and a "
		    "rule", prefix_text(net, buf), t->iface, ip_text(ip, at),
		    at);
	t->refused = true;
	return true;
}

bool
tunnel_would_loop(const struct daemon *d, const struct prefix *net,
    uint32_t ifindex, uint32_t table)
{
	struct tunnel *t = ifindex ? by_index(d, ifindex) : NULL;
	unsigned lo = 0, hi;

	if (t == NULL || (t->ask == NULL && route_ask_new(&t->ask) < 0) ||
	    !outer_list(t))
		return false;
	for (hi = t->n_outer; lo < hi; ) {
		unsigned mid = (lo + hi) / 2;

		if (ip_cmp(t->outer[mid], net->ip) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < t->n_outer; lo++) {
		/* IPv4's lie among the IPv6 ones. */
		if (ip_is4(t->outer[lo]) != (net->kind == NET_IP4))
			continue;
		if (!prefix_has_ip(net, t->outer[lo]))
			break;
		if (captures(t, net, table, t->outer[lo]))
			return refuse(t, net, t->outer[lo]);
	}
	return false;
}

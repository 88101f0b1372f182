/* SPDX-License-Identifier: ISC */
/*
 * "underlay guard": a neighbour behind a tunnel announces no route that takes
 * what lies under the tunnel.  What that is, is plan/guard.h's; here it is put
 * together, and together again when addresses, the peer, or the way to it
 * change.  Routes that came before are then judged anew, as after a reload.
 */
#include <string.h>

#include "daemon/bgp.h"
#include "daemon/underlay.h"
#include "daemon/vrf.h"
#include "daemon/wireguard.h"
#include "plan/underlay.h"

/* Addresses come and go in bursts. */
#define SETTLE		SECONDS(1)

static struct tunnel *
tunnel_to(const struct bgp *b)
{
	const struct conf_bgp *cf = &b->p.cf->bgp;
	struct daemon *d = b->p.d;
	const struct iface *i;

	if (cf->wg_iface != NULL)
		return tunnel_by_iface(d, cf->wg_iface);
	if (ip_is_none(b->remote.ip))
		return NULL;
	i = vrf_iface_to(&b->p, b->remote.ip, b->remote.scope, NULL);
	if (i != NULL)
		return tunnel_by_iface(d, i->name);
	return cf->multihop != 0 ? underlay_tunnel_to(d, b->remote.ip) :
	    NULL;
}

static const struct tunnel_peer *
peer_at(const struct bgp *b, const struct tunnel *t)
{
	const struct conf_bgp *cf = &b->p.cf->bgp;

	if (cf->wg_to != NULL)
		return tunnel_peer_by_name(t, cf->wg_to->name);
	return t->n_peers == 1 ? &t->peer[0] :
	    tunnel_peer_of(t, b->remote.ip);
}

static bool
is_of_tunnel(const struct daemon *d, const struct iface *i)
{
	LIST_EACH(p, &d->protos, struct proto, link)
		if (p->ops == &wireguard_ops &&
		    strcmp(p->cf->wg.iface, i->name) == 0)
			return true;
	return false;
}

/* One to one and dummies are no nets of others that we sit on. */
static bool
is_lan(const struct bgp *b, const struct iface *i)
{
	return i->flags & IFACE_UP && !(i->flags & (IFACE_LOOPBACK |
	    IFACE_POINTOPOINT | IFACE_NOARP | IFACE_GONE)) &&
	    vrf_has(&b->p, i) && !is_of_tunnel(b->p.d, i);
}

static void
add_lans(const struct bgp *b, struct guard *g)
{
	LIST_EACH(i, &b->p.d->ifaces.all, struct iface, link) {
		if (!is_lan(b, i))
			continue;
		LIST_EACH(a, &i->addrs, struct iface_addr, link)
			if (!ip_is_link_local(a->ip) &&
			    a->net.len < prefix_bits(&a->net))
				guard_lan(g, &a->net, i->name);
	}
}

static void
put_together(struct bgp *b, struct guard *ret)
{
	struct tunnel *t = b->p.cf->bgp.underlay_guard ? tunnel_to(b) : NULL;
	const struct tunnel_peer *p = t ? peer_at(b, t) : NULL;
	const struct wg_endpoint *e = p ? tunnel_peer_outer(p) : NULL;

	guard_init(ret);
	b->guard.ifindex = t ? t->ifindex : 0;
	if (t == NULL)
		return;
	add_lans(b, ret);
	if (e != NULL && wg_endpoint_known(e) && !ip_is_link_local(e->addr))
		guard_endpoint(ret, e->addr, underlay_match(b->p.d, e->addr,
		    &p->way), t->iface);
	guard_seal(ret);
}

/* Is a route of this neighbour in the table that takes the endpoint? */
static bool
is_taken(const struct bgp *b, const struct guard_net *e)
{
	for (unsigned i = 0; i < b->n_chans; i++) {
		const struct rt_channel *c = bgp_neighbour_channel(b->n, i);
		unsigned len = prefix_bits(&e->net);

		if (b->chan[i]->cf->kind != e->net.kind)
			continue;
		for (; len > 0 && len >= e->way_len; len--) {
			struct prefix net = prefix_of(e->net.ip, len);
			uint32_t id = net.kind == NET_NONE ? RT_NONE :
			    rt_find(c->table, &net);
			const struct rt_route *r = id == RT_NONE ? NULL :
			    rt_best(c->table, id);

			for (; r != NULL; r = rt_next(c->table, r))
				if (rt_src_at(c->table, r->src)->owner ==
				    &c->owner && !ul_is_default(&net))
					return true;
		}
	}
	return false;
}

/* A peer that roams is no reason to ask for a whole table again. */
static bool
matters(const struct bgp *b, const struct guard *was)
{
	const struct guard *is = &b->guard.set;
	struct guard one = { .n = 1 };

	if (b->guard.refused > 0 && guard_is_stricter(was, is))
		return true;
	for (unsigned i = 0; i < is->n; i++) {
		one.v = &is->v[i];
		if (guard_is_stricter(&one, was) &&
		    (is->v[i].kind == GUARD_LAN || is_taken(b, &is->v[i])))
			return true;
	}
	return false;
}

static void
judge_anew(void *ctx)
{
	struct bgp *b = ctx;

	if (!bgp_neighbour_established(b->n))
		return;
	b->guard.refused = 0;
	proto_trace(&b->p, CONF_DEBUG_EVENTS,
	    "What lies under the tunnel has changed");
	for (unsigned i = 0; i < b->n_chans; i++)
		if (!proto_reload_channel(b->chan[i], true, false))
			proto_log(&b->p, CONF_LOG_WARNING, "Our LANs or the "
			    "peer's endpoint have changed, and its routes "
			    "cannot be asked for again");
}

/* What would pass now is news when it is refused again. */
static void
unsay(struct bgp *b)
{
	struct bgp_guard *g = &b->guard;
	const struct guard_net *which;
	unsigned n = 0;

	for (unsigned i = 0; i < g->n_said && i < BGP_GUARD_SAID; i++)
		if (guard_judge(&g->set, &g->said[i], &which) != GUARD_PASSES)
			g->said[n++] = g->said[i];
	g->n_said = n;
}

void
bgp_guard_look(struct bgp *b, bool anew)
{
	struct guard was = b->guard.set;

	if (!b->running)
		return;
	put_together(b, &b->guard.set);
	if (!guard_same(&was, &b->guard.set)) {
		unsay(b);
		if (anew && matters(b, &was) &&
		    !loop_timer_is_set(&b->guard.settle))
			loop_timer_in(&b->p.d->loop, &b->guard.settle,
			    SETTLE);
	}
	guard_done(&was);
}

void
bgp_guard_moved(struct proto *p, const struct tunnel *t,
    const struct tunnel_peer *peer)
{
	struct bgp *b = bgp_of(p);

	if (b->running && b->guard.ifindex == t->ifindex &&
	    peer_at(b, t) == peer)
		bgp_guard_look(b, true);
}

void
bgp_guard_start(struct bgp *b)
{
	loop_timer_init(&b->guard.settle, judge_anew, b);
	b->guard.refused = 0;
	b->guard.n_said = 0;
	bgp_guard_look(b, false);
}

void
bgp_guard_stop(struct bgp *b)
{
	loop_timer_clear(&b->p.d->loop, &b->guard.settle);
	guard_done(&b->guard.set);
}

static void
say(struct bgp *b, const struct prefix *net, const struct guard_net *which)
{
	char text[PREFIX_TEXT], lan[PREFIX_TEXT], ip[IP_TEXT];

	prefix_text(net, text);
	if (which->kind == GUARD_LAN)
		proto_log(&b->p, CONF_LOG_WARNING, "%s is refused: it %s "
		    "%s, our own LAN on %s; \"underlay guard off\" lets it "
		    "in", text, prefix_eq(net, &which->net) ? "is" :
		    "is a part of", prefix_text(&which->net, lan),
		    which->name);
	else
		proto_log(&b->p, CONF_LOG_WARNING, "%s is refused: it covers "
		    "%s, where %s reaches this very peer; \"underlay guard "
		    "off\" lets it in", text, ip_text(which->net.ip, ip),
		    which->name);
}

/* Each net once, and not for ever. */
static void
say_once(struct bgp *b, const struct prefix *net,
    const struct guard_net *which)
{
	struct bgp_guard *g = &b->guard;

	for (unsigned i = 0; i < g->n_said && i < BGP_GUARD_SAID; i++)
		if (prefix_eq(&g->said[i], net))
			return;
	if (g->n_said < BGP_GUARD_SAID) {
		g->said[g->n_said++] = *net;
		say(b, net, which);
	} else if (g->n_said == BGP_GUARD_SAID) {
		g->n_said++;
		proto_log(&b->p, CONF_LOG_WARNING, "More routes are refused "
		    "that would take our LANs or the peer's endpoint; see "
		    "\"show route filtered\", with \"import keep filtered\"");
	}
}

bool
bgp_guard_refuses(void *ctx, const struct prefix *net)
{
	struct bgp *b = ctx;
	const struct guard_net *which;

	if (b->guard.set.n == 0 ||
	    guard_judge(&b->guard.set, net, &which) == GUARD_PASSES)
		return false;
	b->guard.refused++;
	say_once(b, net, which);
	return true;
}

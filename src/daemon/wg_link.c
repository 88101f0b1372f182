/* SPDX-License-Identifier: ISC */
/* What belongs to a tunnel's link, and not to WireGuard. */
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "daemon/wireguard.h"
#include "sys/sysctl.h"

enum ask {			/* in cookies, for the answer's words */
	ASK_LINK, ASK_ADDR, ASK_DEL
};

static void
set_addr(struct tunnel *t, struct ip ip, unsigned len)
{
	struct nl_addr a = { .index = t->ifindex, .local = ip,
	    .len = (uint8_t)len, .flags = ip_is4(ip) ? 0 : IFA_F_NODAD,
	    .scope = ip_is_link_local(ip) ? RT_SCOPE_LINK :
	    RT_SCOPE_UNIVERSE };

	rtnl_addr_set(t->p.d->rtnl, &a, PROTO_COOKIE(&t->p, ASK_ADDR));
}

static void
del_addr(struct tunnel *t, struct ip ip, unsigned len)
{
	struct nl_addr a = { .index = t->ifindex, .local = ip,
	    .len = (uint8_t)len };

	rtnl_addr_del(t->p.d->rtnl, &a, PROTO_COOKIE(&t->p, ASK_DEL));
}

static void
forward(struct tunnel *t)
{
	struct sysctl_forward f = { 0 };
	int err;

	if (!t->p.cf->wg.forward)
		return;
	err = sysctl_forward(t->iface, &f);
	if (err < 0)
		proto_log(&t->p, CONF_LOG_ERROR,
		    "Forwarding cannot be switched on: %s; run "
		    "\"sysctl -w net.ipv4.ip_forward=1\" outside of this "
		    "container", strerrordesc_np(-err));
	else if (f.strict_rp_filter)
		proto_log(&t->p, CONF_LOG_WARNING,
		    "Strict reverse-path filtering may drop what comes in; "
		    "\"sysctl -w net.ipv4.conf.%s.rp_filter=2\" mends it",
		    t->iface);
}

static bool
has_addr(const struct tunnel *t, struct ip ip, unsigned len)
{
	const struct iface *i = iface_by_index(&t->p.d->ifaces, t->ifindex);

	if (i == NULL)
		return false;
	LIST_EACH(a, &i->addrs, struct iface_addr, link)
		if (ip_eq(a->ip, ip) && a->net.len == len)
			return true;
	return false;
}

/* The way of the outer packets has changed. */
void
tunnel_link_mtu(struct tunnel *t)
{
	struct nl_link_want l = { .index = t->ifindex,
	    .mtu = tunnel_mtu(t) };

	if (t->ifindex == 0 || !t->link_done || t->mtu == l.mtu)
		return;
	proto_log(&t->p, CONF_LOG_INFO, "MTU of %s: %u, was %u", t->iface,
	    l.mtu, t->mtu);
	t->mtu = l.mtu;
	rtnl_link_set(t->p.d->rtnl, &l, PROTO_COOKIE(&t->p, ASK_LINK));
	tunnel_nft(t->p.d);
}

void
tunnel_link_up(struct tunnel *t)
{
	const struct conf_wireguard *w = &t->p.cf->wg;
	struct nl_link_want l = { .index = t->ifindex, .state = NL_LINK_UP,
	    .no_addr_gen = true };

	tunnel_underlay(t, true);
	t->mtu = l.mtu = tunnel_mtu(t);
	tunnel_nft(t->p.d);
	rtnl_link_set(t->p.d->rtnl, &l, PROTO_COOKIE(&t->p, ASK_LINK));
	if (!ip_is_none(t->link_local) && !has_addr(t, t->link_local, 64))
		set_addr(t, t->link_local, 64);
	for (const struct conf_wg_addr *a = w->addrs; a != NULL; a = a->next)
		if (!has_addr(t, a->ip, a->len))
			set_addr(t, a->ip, a->len);
	rtnl_flush(t->p.d->rtnl);
	forward(t);
	t->link_done = true;
}

static bool
lists(const struct conf_wireguard *w, const struct conf_wg_addr *x)
{
	for (const struct conf_wg_addr *a = w->addrs; a != NULL; a = a->next)
		if (ip_eq(a->ip, x->ip) && a->len == x->len)
			return true;
	return false;
}

void
tunnel_link_change(struct tunnel *t, const struct conf_wireguard *old,
    struct ip old_link_local)
{
	const struct conf_wireguard *w = &t->p.cf->wg;

	if (t->ifindex == 0 || !t->link_done)
		return;
	if (!ip_is_none(old_link_local) &&
	    !ip_eq(old_link_local, t->link_local))
		del_addr(t, old_link_local, 64);
	for (const struct conf_wg_addr *a = old->addrs; a; a = a->next)
		if (!lists(w, a))
			del_addr(t, a->ip, a->len);
	tunnel_link_up(t);
}

void
tunnel_link_del(struct tunnel *t)
{
	struct nl_link_want l = { .index = t->ifindex };

	if (t->ifindex != 0)
		rtnl_link_del(t->p.d->rtnl, &l,
		    PROTO_COOKIE(&t->p, ASK_DEL));
	rtnl_flush(t->p.d->rtnl);
}

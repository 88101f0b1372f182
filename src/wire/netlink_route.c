/* SPDX-License-Identifier: ISC */
#include "wire/netlink_route.h"

#include <sys/socket.h>

#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

/*
 * Reads the fixed header of a message into *hdr and leaves a reader over the
 * attributes behind it.
 */
static bool
header(const struct nl_msg *m, void *hdr, size_t n, struct rd *ret)
{
	const uint8_t *p;

	*ret = rd_of(m->body);
	p = rd_take(ret, n);
	if (p)
		memcpy(hdr, p, n);
	return p != NULL;
}

static void
link_kind(struct bytes nest, struct nl_link *l)
{
	struct rd r = rd_of(nest);
	struct nl_attr a;

	while (nl_attr_next(&r, &a))
		if (a.type == IFLA_INFO_KIND)
			nl_attr_str(&a, l->kind, sizeof(l->kind));
}

static void
link_attr(const struct nl_attr *a, struct nl_link *l)
{
	switch (a->type) {
	case IFLA_IFNAME:
		nl_attr_str(a, l->name, sizeof(l->name));
		break;
	case IFLA_MTU:
		l->mtu = nl_attr_u32(a, 0);
		break;
	case IFLA_MASTER:
		l->master = nl_attr_u32(a, 0);
		break;
	case IFLA_OPERSTATE:
		l->operstate = nl_attr_u8(a, 0);
		break;
	case IFLA_CARRIER:
		l->carrier = nl_attr_u8(a, 0) != 0;
		break;
	case IFLA_LINKINFO:
		link_kind(a->v, l);
		break;
	default:
		break;
	}
}

bool
nl_link_parse(const struct nl_msg *m, struct nl_link *ret_link)
{
	struct ifinfomsg h;
	struct nl_attr a;
	struct rd r;

	if (m->type != RTM_NEWLINK && m->type != RTM_DELLINK)
		return false;
	/* Bridges speak of their ports here, under their own family. */
	if (!header(m, &h, sizeof(h), &r) || h.ifi_family != AF_UNSPEC ||
	    h.ifi_index <= 0)
		return false;
	memset(ret_link, 0, sizeof(*ret_link));
	ret_link->index = (uint32_t)h.ifi_index;
	ret_link->flags = h.ifi_flags;
	ret_link->type = h.ifi_type;
	ret_link->carrier = (h.ifi_flags & IFF_LOWER_UP) != 0;
	while (nl_attr_next(&r, &a))
		link_attr(&a, ret_link);
	return !r.bad && ret_link->name[0] != '\0';
}

/*
 * An address of the message's own family.  IPv6 addresses inside
 * ::ffff:0:0/96 would read as IPv4 ones from here on: no network has them.
 */
static struct ip
own_ip(const struct nl_attr *a, uint8_t af)
{
	struct ip ip = nl_attr_ip(a);

	return ip_is4(ip) == (af == AF_INET) ? ip : IP_NONE;
}

bool
nl_addr_parse(const struct nl_msg *m, struct nl_addr *ret_addr)
{
	struct ip local = IP_NONE, address = IP_NONE;
	struct ifaddrmsg h;
	struct nl_attr a;
	struct rd r;

	if (m->type != RTM_NEWADDR && m->type != RTM_DELADDR)
		return false;
	if (!header(m, &h, sizeof(h), &r) ||
	    (h.ifa_family != AF_INET && h.ifa_family != AF_INET6))
		return false;
	memset(ret_addr, 0, sizeof(*ret_addr));
	ret_addr->index = h.ifa_index;
	ret_addr->flags = h.ifa_flags;
	ret_addr->len = h.ifa_prefixlen;
	ret_addr->scope = h.ifa_scope;
	while (nl_attr_next(&r, &a)) {
		if (a.type == IFA_LOCAL)
			local = own_ip(&a, h.ifa_family);
		else if (a.type == IFA_ADDRESS)
			address = own_ip(&a, h.ifa_family);
		else if (a.type == IFA_BROADCAST)
			ret_addr->broadcast = own_ip(&a, h.ifa_family);
		else if (a.type == IFA_FLAGS)
			ret_addr->flags = nl_attr_u32(&a, h.ifa_flags);
	}
	/* IFA_ADDRESS is the other end, or ourselves where there is none. */
	ret_addr->local = ip_is_none(local) ? address : local;
	if (!ip_is_none(local) && !ip_eq(local, address))
		ret_addr->peer = address;
	return !r.bad && !ip_is_none(ret_addr->local) &&
	    h.ifa_prefixlen <= (h.ifa_family == AF_INET ? 32 : 128);
}

/* RTA_VIA: a family in host order, then an address of that family. */
static struct ip
via_ip(const struct nl_attr *a)
{
	struct nl_attr addr = { .v = a->v };
	uint16_t af;

	if (a->v.n < sizeof(af))
		return IP_NONE;
	memcpy(&af, a->v.p, sizeof(af));
	addr.v.p += sizeof(af);
	addr.v.n -= sizeof(af);
	return af == AF_INET || af == AF_INET6 ?
	    own_ip(&addr, (uint8_t)af) : IP_NONE;
}

static void
hop_attr(const struct nl_attr *a, uint8_t af, struct nl_hop *h)
{
	if (a->type == RTA_GATEWAY)
		h->via = own_ip(a, af);
	else if (a->type == RTA_VIA)
		h->via = via_ip(a);
	else if (a->type == RTA_OIF)
		h->oif = nl_attr_u32(a, 0);
}

static void
multipath(struct bytes v, uint8_t af, struct nl_route *rt)
{
	struct rd r = rd_of(v), sub;
	struct rtnexthop nh;
	struct nl_attr a;
	struct nl_hop *h;
	const uint8_t *p;

	while (rd_left(&r) >= sizeof(nh)) {
		p = rd_take(&r, sizeof(nh));
		memcpy(&nh, p, sizeof(nh));
		if (nh.rtnh_len < sizeof(nh))
			return;
		sub = rd_sub(&r, nh.rtnh_len - sizeof(nh));
		if (r.bad)
			return;
		if (rt->n_hops == NL_HOPS) {
			rt->cut = true;
			return;
		}
		h = &rt->hop[rt->n_hops++];
		*h = (struct nl_hop){ .oif = (uint32_t)nh.rtnh_ifindex,
		    .weight = (uint16_t)(nh.rtnh_hops + 1),
		    .flags = nh.rtnh_flags };
		while (nl_attr_next(&sub, &a))
			hop_attr(&a, af, h);
		rd_take(&r, (4 - nh.rtnh_len % 4) % 4);
	}
}

static void
metrics(struct bytes v, struct nl_route *rt)
{
	struct rd r = rd_of(v);
	struct nl_attr a;

	while (nl_attr_next(&r, &a)) {
		if (a.type == RTAX_CC_ALGO) {
			size_t n = strnlen((const char *)a.v.p, a.v.n);

			if (n < NL_CONGCTL)
				memcpy(rt->congctl, a.v.p, n);
			continue;
		}
		if (a.type == 0 || a.type >= NL_METRICS || a.v.n != 4)
			continue;
		rt->metrics[a.type] = nl_attr_u32(&a, 0);
		rt->metric_set |= 1u << a.type;
	}
}

/* As own_ip(), but for one thing: "::" is an address of prefixes. */
static bool
prefix_ip(const struct nl_attr *a, uint8_t af, struct ip *ret)
{
	*ret = own_ip(a, af);
	return !ip_is_none(*ret) || (af == AF_INET6 && a->v.n == 16 &&
	    !ip_is4(nl_attr_ip(a)));
}

/* False where the length is more than the family has, or the bits lack. */
static bool
route_prefix(struct prefix *p, uint8_t af, bool has, struct ip ip,
    uint8_t len)
{
	if (len > (af == AF_INET ? 32 : 128) || (len != 0 && !has))
		return false;
	if (af == AF_INET && !has)
		ip = ip4(0);
	*p = prefix_of(ip, len);
	return true;
}

struct route_read {
	struct ip dst, src;
	bool has_dst, has_src;
	struct nl_hop one;	/* what is not in RTA_MULTIPATH */
	uint8_t af;
};

static void
route_attr(const struct nl_attr *a, struct route_read *rr,
    struct nl_route *rt)
{
	switch (a->type) {
	case RTA_DST:
		rr->has_dst = prefix_ip(a, rr->af, &rr->dst);
		break;
	case RTA_SRC:
		rr->has_src = prefix_ip(a, rr->af, &rr->src);
		break;
	case RTA_PREFSRC:
		rt->prefsrc = own_ip(a, rr->af);
		break;
	case RTA_TABLE:
		rt->table = nl_attr_u32(a, rt->table);
		break;
	case RTA_PRIORITY:
		rt->metric = nl_attr_u32(a, 0);
		break;
	case RTA_FLOW:
		rt->realm = nl_attr_u32(a, 0);
		break;
	case RTA_NH_ID:
		rt->nhid = nl_attr_u32(a, 0);
		break;
	case RTA_PREF:
		rt->pref = nl_attr_u8(a, 0);
		break;
	case RTA_METRICS:
		metrics(a->v, rt);
		break;
	case RTA_MULTIPATH:
		multipath(a->v, rr->af, rt);
		break;
	default:
		hop_attr(a, rr->af, &rr->one);
		break;
	}
}

/* The types that a routing daemon deals in, but for the kernel's own. */
static bool
type_known(uint8_t type)
{
	return type == RTN_UNICAST || type == RTN_BLACKHOLE ||
	    type == RTN_UNREACHABLE || type == RTN_PROHIBIT;
}

static bool
route_head(const struct nl_msg *m, struct rtmsg *h, struct rd *r)
{
	if (m->type != RTM_NEWROUTE && m->type != RTM_DELROUTE)
		return false;
	if (!header(m, h, sizeof(*h), r))
		return false;
	/* RTM_F_CLONED: an entry of the cache, not of the table. */
	return (h->rtm_family == AF_INET || h->rtm_family == AF_INET6) &&
	    type_known(h->rtm_type) && !(h->rtm_flags & RTM_F_CLONED);
}

bool
nl_route_parse(const struct nl_msg *m, struct nl_route *ret_route)
{
	struct nl_route *rt = ret_route;
	struct route_read rr = { .one = { .weight = 1 } };
	struct rtmsg h;
	struct nl_attr a;
	struct rd r;

	if (!route_head(m, &h, &r))
		return false;
	memset(rt, 0, offsetof(struct nl_route, hop));
	rt->table = h.rtm_table;
	rt->flags = h.rtm_flags & ~0xffu;
	rt->type = h.rtm_type;
	rt->proto = h.rtm_protocol;
	rt->scope = h.rtm_scope;
	rt->tos = h.rtm_tos;
	rr.af = h.rtm_family;
	rr.one.flags = (uint8_t)h.rtm_flags;
	while (nl_attr_next(&r, &a))
		route_attr(&a, &rr, rt);
	if (r.bad || !route_prefix(&rt->dst, rr.af, rr.has_dst, rr.dst,
	    h.rtm_dst_len))
		return false;
	if (h.rtm_src_len != 0 && !route_prefix(&rt->src, rr.af, rr.has_src,
	    rr.src, h.rtm_src_len))
		return false;
	if (rt->type != RTN_UNICAST)
		rt->n_hops = 0;
	else if (rt->n_hops == 0)
		rt->hop[rt->n_hops++] = rr.one;
	return true;
}

uint32_t
nl_route_mtu(const struct nl_msg *m)
{
	struct nl_route rt = { 0 };
	struct rtmsg h;
	struct nl_attr a;
	struct rd r;

	if (m->type != RTM_NEWROUTE || !header(m, &h, sizeof(h), &r))
		return 0;
	while (nl_attr_next(&r, &a))
		if (a.type == RTA_METRICS)
			metrics(a.v, &rt);
	return rt.metrics[RTAX_MTU];
}

static void
rule_attr(const struct nl_attr *a, struct nl_rule *r)
{
	switch (a->type) {
	case FRA_PRIORITY:
		r->priority = nl_attr_u32(a, 0);
		break;
	case FRA_TABLE:
		r->table = nl_attr_u32(a, r->table);
		break;
	case FRA_FWMARK:
		r->mark = nl_attr_u32(a, 0);
		break;
	case FRA_FWMASK:
		r->mask = nl_attr_u32(a, 0);
		break;
	case FRA_SUPPRESS_PREFIXLEN:
		r->suppress = (int)nl_attr_u32(a, UINT32_MAX);
		break;
	case FRA_PROTOCOL:
		r->proto = nl_attr_u8(a, 0);
		break;
	default:
		break;
	}
}

bool
nl_rule_parse(const struct nl_msg *m, struct nl_rule *ret_rule)
{
	struct fib_rule_hdr h;
	struct nl_attr a;
	struct rd r;

	if (m->type != RTM_NEWRULE && m->type != RTM_DELRULE)
		return false;
	if (!header(m, &h, sizeof(h), &r) || h.action != FR_ACT_TO_TBL ||
	    (h.family != AF_INET && h.family != AF_INET6))
		return false;
	memset(ret_rule, 0, sizeof(*ret_rule));
	ret_rule->family = h.family == AF_INET ? FAMILY_IP4 : FAMILY_IP6;
	ret_rule->table = h.table;
	ret_rule->invert = (h.flags & FIB_RULE_INVERT) != 0;
	ret_rule->suppress = -1;
	while (nl_attr_next(&r, &a))
		rule_attr(&a, ret_rule);
	return !r.bad;
}

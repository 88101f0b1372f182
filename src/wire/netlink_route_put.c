/* SPDX-License-Identifier: ISC */
#include "wire/netlink_route.h"

#include <sys/socket.h>

#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>

#define PROTO_BIRD	12	/* RTPROT_BIRD: what scripts look for */
#define IP6_METRIC	1024	/* the kernel's, where none is said */

void
nl_route_init(struct nl_route *r)
{
	memset(r, 0, sizeof(*r));
	r->table = RT_TABLE_MAIN;
	r->proto = PROTO_BIRD;
	r->type = RTN_UNICAST;
	r->scope = RT_SCOPE_UNIVERSE;
}

static uint8_t
family_number(enum family f)
{
	return f == FAMILY_IP4 ? AF_INET : AF_INET6;
}

/* Tables past 255 do not fit the header; the attribute is what counts. */
static uint8_t
table_byte(uint32_t table)
{
	return table < 256 ? (uint8_t)table : RT_TABLE_UNSPEC;
}

static void
put_prefix(struct wr *w, uint16_t type, const struct prefix *p)
{
	size_t n = prefix_is4(p) ? 4 : 16;

	if (p->len != 0)
		nl_put(w, type, bytes_of(p->ip.b + 16 - n, n));
}

/* An IPv6 gateway of an IPv4 route needs RTA_VIA, with the family in it. */
static void
put_via(struct wr *w, bool route4, struct ip via)
{
	uint8_t v[18];
	uint16_t af = AF_INET6;

	if (ip_is_none(via))
		return;
	if (ip_is4(via) == route4) {
		nl_put_ip(w, RTA_GATEWAY, via);
		return;
	}
	memcpy(v, &af, 2);
	memcpy(v + 2, via.b, 16);
	nl_put(w, RTA_VIA, bytes_of(v, sizeof(v)));
}

static void
put_multipath(struct wr *w, const struct nl_route *r)
{
	size_t at = nl_nest(w, RTA_MULTIPATH), nh_at;
	struct rtnexthop nh;

	for (unsigned i = 0; i < r->n_hops && i < NL_HOPS; i++) {
		const struct nl_hop *h = &r->hop[i];

		nh = (struct rtnexthop){ .rtnh_flags = h->flags &
		    RTNH_F_ONLINK, .rtnh_ifindex = (int)h->oif,
		    .rtnh_hops = (uint8_t)(h->weight ? h->weight - 1 : 0) };
		nh_at = wr_len(w);
		nl_put_raw(w, &nh, sizeof(nh));
		put_via(w, prefix_is4(&r->dst), h->via);
		if (!w->bad) {
			nh.rtnh_len = (unsigned short)(wr_len(w) - nh_at);
			memcpy(w->start + nh_at, &nh, sizeof(nh));
		}
	}
	nl_nest_end(w, at);
}

static void
put_hops(struct wr *w, const struct nl_route *r)
{
	if (r->n_hops > 1) {
		put_multipath(w, r);
		return;
	}
	if (r->n_hops == 0)
		return;
	put_via(w, prefix_is4(&r->dst), r->hop[0].via);
	if (r->hop[0].oif)
		nl_put_u32(w, RTA_OIF, r->hop[0].oif);
}

static void
put_metrics(struct wr *w, const struct nl_route *r)
{
	size_t at;

	if (!r->metric_set && r->congctl[0] == '\0')
		return;
	at = nl_nest(w, RTA_METRICS);
	for (uint16_t i = 1; i < NL_METRICS; i++)
		if (r->metric_set & 1u << i)
			nl_put_u32(w, i, r->metrics[i]);
	if (r->congctl[0] != '\0')
		nl_put_str(w, RTAX_CC_ALGO, r->congctl);
	nl_nest_end(w, at);
}

/*
 * The metric is part of what a route is called.  IPv6 takes 0 for 1024 when
 * adding and for "any" when deleting, so 1024 is said in full.
 */
static void
put_key(struct wr *w, const struct nl_route *r)
{
	uint32_t metric = r->metric;

	if (metric == 0 && !prefix_is4(&r->dst))
		metric = IP6_METRIC;
	put_prefix(w, RTA_DST, &r->dst);
	if (r->src.kind != NET_NONE)
		put_prefix(w, RTA_SRC, &r->src);
	nl_put_u32(w, RTA_TABLE, r->table);
	if (metric)
		nl_put_u32(w, RTA_PRIORITY, metric);
}

void
nl_route_put(struct wr *w, uint16_t flags, uint32_t seq,
    const struct nl_route *r)
{
	struct rtmsg h = { .rtm_family = family_number(prefix_family(&r->dst)),
	    .rtm_dst_len = r->dst.len, .rtm_src_len = r->src.len,
	    .rtm_tos = r->tos, .rtm_table = table_byte(r->table),
	    .rtm_protocol = r->proto, .rtm_scope = r->scope,
	    .rtm_type = r->type };
	size_t at = nl_begin(w, RTM_NEWROUTE, flags, seq);

	if (r->n_hops == 1)
		h.rtm_flags = r->hop[0].flags & RTNH_F_ONLINK;
	nl_put_raw(w, &h, sizeof(h));
	put_key(w, r);
	if (!ip_is_none(r->prefsrc))
		nl_put_ip(w, RTA_PREFSRC, r->prefsrc);
	if (r->realm)
		nl_put_u32(w, RTA_FLOW, r->realm);
	if (r->pref)
		nl_put_u8(w, RTA_PREF, r->pref);
	put_metrics(w, r);
	put_hops(w, r);
	nl_end(w, at);
}

void
nl_route_put_del(struct wr *w, uint16_t flags, uint32_t seq,
    const struct nl_route *r)
{
	/* Type 0 and scope "nowhere" are the kernel's words for "any". */
	struct rtmsg h = { .rtm_family = family_number(prefix_family(&r->dst)),
	    .rtm_dst_len = r->dst.len, .rtm_src_len = r->src.len,
	    .rtm_tos = r->tos, .rtm_table = table_byte(r->table),
	    .rtm_protocol = r->proto, .rtm_scope = RT_SCOPE_NOWHERE };
	size_t at = nl_begin(w, RTM_DELROUTE, flags, seq);

	nl_put_raw(w, &h, sizeof(h));
	put_key(w, r);
	nl_end(w, at);
}

static void
put_addr(struct wr *w, uint16_t type, uint16_t flags, uint32_t seq,
    const struct nl_addr *a)
{
	struct ifaddrmsg h = {
	    .ifa_family = ip_is4(a->local) ? AF_INET : AF_INET6,
	    .ifa_prefixlen = a->len, .ifa_flags = (uint8_t)a->flags,
	    .ifa_scope = a->scope, .ifa_index = a->index };
	size_t at = nl_begin(w, type, flags, seq);

	nl_put_raw(w, &h, sizeof(h));
	nl_put_ip(w, IFA_LOCAL, a->local);
	nl_put_ip(w, IFA_ADDRESS, ip_is_none(a->peer) ? a->local : a->peer);
	if (!ip_is_none(a->broadcast))
		nl_put_ip(w, IFA_BROADCAST, a->broadcast);
	nl_put_u32(w, IFA_FLAGS, a->flags);
	nl_end(w, at);
}

void
nl_addr_put(struct wr *w, uint16_t flags, uint32_t seq,
    const struct nl_addr *a)
{
	put_addr(w, RTM_NEWADDR, flags, seq, a);
}

void
nl_addr_put_del(struct wr *w, uint16_t flags, uint32_t seq,
    const struct nl_addr *a)
{
	put_addr(w, RTM_DELADDR, flags, seq, a);
}

static void
put_rule(struct wr *w, uint16_t type, uint16_t flags, uint32_t seq,
    const struct nl_rule *r)
{
	struct fib_rule_hdr h = { .family = family_number(r->family),
	    .table = table_byte(r->table), .action = FR_ACT_TO_TBL,
	    .flags = r->invert ? FIB_RULE_INVERT : 0 };
	size_t at = nl_begin(w, type, flags, seq);

	nl_put_raw(w, &h, sizeof(h));
	nl_put_u32(w, FRA_TABLE, r->table);
	if (r->priority)
		nl_put_u32(w, FRA_PRIORITY, r->priority);
	if (r->mask) {
		nl_put_u32(w, FRA_FWMARK, r->mark);
		nl_put_u32(w, FRA_FWMASK, r->mask);
	}
	if (r->suppress >= 0)
		nl_put_u32(w, FRA_SUPPRESS_PREFIXLEN, (uint32_t)r->suppress);
	if (r->proto)
		nl_put_u8(w, FRA_PROTOCOL, r->proto);
	nl_end(w, at);
}

void
nl_rule_put(struct wr *w, uint16_t flags, uint32_t seq,
    const struct nl_rule *r)
{
	put_rule(w, RTM_NEWRULE, flags, seq, r);
}

void
nl_rule_put_del(struct wr *w, uint16_t flags, uint32_t seq,
    const struct nl_rule *r)
{
	put_rule(w, RTM_DELRULE, flags, seq, r);
}

static void
put_no_addr_gen(struct wr *w)
{
	size_t spec = nl_nest(w, IFLA_AF_SPEC);
	size_t inet6 = nl_nest(w, AF_INET6);

	nl_put_u8(w, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	nl_nest_end(w, inet6);
	nl_nest_end(w, spec);
}

static void
put_link(struct wr *w, uint16_t type, uint16_t flags, uint32_t seq,
    const struct nl_link_want *l)
{
	struct ifinfomsg h = { .ifi_family = AF_UNSPEC,
	    .ifi_index = (int)l->index,
	    .ifi_flags = l->state == NL_LINK_UP ? IFF_UP : 0,
	    .ifi_change = l->state != NL_LINK_AS_IS ? IFF_UP : 0 };
	size_t at = nl_begin(w, type, flags, seq), info;

	nl_put_raw(w, &h, sizeof(h));
	if (l->name)
		nl_put_str(w, IFLA_IFNAME, l->name);
	if (l->mtu)
		nl_put_u32(w, IFLA_MTU, l->mtu);
	if (l->kind) {
		info = nl_nest(w, IFLA_LINKINFO);
		nl_put_str(w, IFLA_INFO_KIND, l->kind);
		nl_nest_end(w, info);
	}
	if (l->no_addr_gen)
		put_no_addr_gen(w);
	nl_end(w, at);
}

void
nl_link_put_new(struct wr *w, uint16_t flags, uint32_t seq,
    const struct nl_link_want *l)
{
	put_link(w, RTM_NEWLINK, flags, seq, l);
}

void
nl_link_put_set(struct wr *w, uint16_t flags, uint32_t seq,
    const struct nl_link_want *l)
{
	struct nl_link_want set = *l;

	set.kind = NULL;
	put_link(w, RTM_NEWLINK, flags, seq, &set);
}

void
nl_link_put_del(struct wr *w, uint16_t flags, uint32_t seq,
    const struct nl_link_want *l)
{
	struct nl_link_want named = { .index = l->index,
	    .name = l->index ? NULL : l->name };

	put_link(w, RTM_DELLINK, flags, seq, &named);
}

static void
dump_links(struct wr *w)
{
	struct ifinfomsg h = { .ifi_family = AF_UNSPEC };

	nl_put_raw(w, &h, sizeof(h));
	nl_put_u32(w, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
}

static void
dump_routes(struct wr *w, uint8_t af, uint32_t table, uint8_t proto)
{
	struct rtmsg h = { .rtm_family = af, .rtm_protocol = proto };

	nl_put_raw(w, &h, sizeof(h));
	if (table)
		nl_put_u32(w, RTA_TABLE, table);
}

void
nl_route_put_get(struct wr *w, uint32_t seq, struct ip dst, struct ip src,
    uint32_t oif, uint32_t mark, bool match)
{
	struct rtmsg h = { .rtm_family = ip_is4(dst) ? AF_INET : AF_INET6,
	    .rtm_dst_len = ip_is4(dst) ? 32 : 128,
	    .rtm_flags = match ? RTM_F_FIB_MATCH : 0 };
	size_t at = nl_begin(w, RTM_GETROUTE, 0, seq);

	/* It says "main" of any table unless asked for the true one. */
	if (ip_is4(dst))
		h.rtm_flags |= RTM_F_LOOKUP_TABLE;
	if (!ip_is_none(src))
		h.rtm_src_len = h.rtm_dst_len;
	nl_put_raw(w, &h, sizeof(h));
	nl_put_ip(w, RTA_DST, dst);
	if (!ip_is_none(src))
		nl_put_ip(w, RTA_SRC, src);
	if (oif != 0)
		nl_put_u32(w, RTA_OIF, oif);
	if (mark != 0)
		nl_put_u32(w, RTA_MARK, mark);
	nl_end(w, at);
}

void
nl_dump_put(struct wr *w, enum nl_dump what, uint32_t seq, uint32_t table,
    uint8_t proto)
{
	static const uint16_t type[NL_NDUMPS] = {
		[NL_DUMP_LINKS] = RTM_GETLINK, [NL_DUMP_ADDRS] = RTM_GETADDR,
		[NL_DUMP_ROUTES4] = RTM_GETROUTE,
		[NL_DUMP_ROUTES6] = RTM_GETROUTE,
		[NL_DUMP_RULES4] = RTM_GETRULE, [NL_DUMP_RULES6] = RTM_GETRULE,
	};
	struct ifaddrmsg addr = { .ifa_family = AF_UNSPEC };
	struct fib_rule_hdr rule = { .family = what == NL_DUMP_RULES4 ?
	    AF_INET : AF_INET6 };
	size_t at = nl_begin(w, type[what], NLM_F_DUMP, seq);

	if (what == NL_DUMP_LINKS)
		dump_links(w);
	else if (what == NL_DUMP_ADDRS)
		nl_put_raw(w, &addr, sizeof(addr));
	else if (what == NL_DUMP_ROUTES4 || what == NL_DUMP_ROUTES6)
		dump_routes(w, what == NL_DUMP_ROUTES4 ? AF_INET : AF_INET6,
		    table, proto);
	else
		nl_put_raw(w, &rule, sizeof(rule));
	nl_end(w, at);
}

/* SPDX-License-Identifier: ISC */
/*
 * rtnetlink: links, addresses, routes and rules as structs, in both ways.
 *
 * The parsers take the message that nl_next() gave and say whether it was
 * understood; a message of a family, type or kind that Warren has no use for
 * (MPLS, bridge, multicast routes) is not.  The builders append one whole
 * message.  Constants of fields that are the kernel's own numbers (IFF_*,
 * IFA_F_*, RTN_*, RTPROT_*, RT_SCOPE_*, RTNH_F_*) keep their meaning from
 * <linux/rtnetlink.h>, <linux/if.h> and <linux/if_addr.h>.
 *
 * Pure: no sockets.  Allocates nothing.
 */
#ifndef WARREN_WIRE_NETLINK_ROUTE_H
#define WARREN_WIRE_NETLINK_ROUTE_H

#include "wire/netlink.h"

#define NL_IFNAME	16	/* IFNAMSIZ, with the NUL */
#define NL_HOPS		64	/* most next hops of one route that we keep */
#define NL_CONGCTL	16	/* with its NUL */
#define NL_METRICS	18	/* RTAX_* numbers, 1 to 17 */

struct nl_link {
	uint32_t index;
	uint32_t master;	/* bridge, bond or VRF that it is in, or 0 */
	uint32_t mtu;
	uint32_t flags;		/* IFF_* */
	uint16_t type;		/* ARPHRD_* */
	uint8_t operstate;	/* IF_OPER_* */
	bool carrier;
	char name[NL_IFNAME];
	char kind[NL_IFNAME];	/* "wireguard", "veth", … or "" */
};

struct nl_addr {
	uint32_t index;		/* of its link */
	uint32_t flags;		/* IFA_F_* */
	struct ip local;	/* the address of this end */
	struct ip peer;		/* IP_NONE: none, an ordinary subnet */
	struct ip broadcast;	/* IP_NONE: none */
	uint8_t len;		/* prefix length, of the peer if there is one */
	uint8_t scope;		/* RT_SCOPE_* */
};

struct nl_hop {
	struct ip via;		/* IP_NONE: directly on the link.  May be IPv6
				 * in an IPv4 route (RTA_VIA) */
	uint32_t oif;		/* link index, or 0 */
	uint16_t weight;	/* 1 to 256; 1 where it does not matter */
	uint8_t flags;		/* RTNH_F_*: DEAD, LINKDOWN, ONLINK */
};

/*
 * A unicast route has one hop or more; the other types have none (IPv6 gives
 * them one on lo, which the parser takes away).
 */
struct nl_route {
	struct prefix dst;
	struct prefix src;	/* IPv6 source-specific; kind NET_NONE: none */
	uint32_t table;
	uint32_t metric;	/* IPv6: 0 asks the kernel for its 1024 */
	uint32_t flags;		/* RTM_F_* */
	uint8_t type;		/* RTN_* */
	uint8_t proto;		/* RTPROT_*; BIRD, and we, have 12 */
	uint8_t scope;		/* RT_SCOPE_* */
	uint8_t tos;
	uint8_t pref;		/* of an IPv6 router: 0, 1 high, 3 low */
	bool cut;		/* had more hops than NL_HOPS */
	uint32_t nhid;		/* nexthop object, 0: none */
	uint32_t realm;
	struct ip prefsrc;	/* IP_NONE: none */
	uint32_t metric_set;	/* bit n: metrics[n] was given */
	uint32_t metrics[NL_METRICS];	/* RTAX_MTU, RTAX_ADVMSS, … */
	char congctl[NL_CONGCTL];	/* RTAX_CC_ALGO; "": none */
	unsigned n_hops;
	struct nl_hop hop[NL_HOPS];
};

/* "not from all fwmark 0x77 lookup 7711" and the like. */
struct nl_rule {
	enum family family;
	uint32_t priority;	/* 0: the kernel's choice */
	uint32_t table;
	uint32_t mark, mask;	/* mask 0: the rule looks at no mark */
	int suppress;		/* drop results of this length or less; -1 */
	bool invert;		/* "not" */
	uint8_t proto;		/* RTPROT_* */
};

bool nl_link_parse(const struct nl_msg *m, struct nl_link *ret_link);
bool nl_addr_parse(const struct nl_msg *m, struct nl_addr *ret_addr);
/*
 * Unicast, blackhole, unreachable and prohibit routes of IPv4 and IPv6; not
 * the kernel's local ones and not its cache.  Clears all of *ret_route but
 * the unused hops.
 */
bool nl_route_parse(const struct nl_msg *m, struct nl_route *ret_route);
bool nl_rule_parse(const struct nl_msg *m, struct nl_rule *ret_rule);

/* An empty unicast route: scope universe, table main, proto 12, no hops. */
void nl_route_init(struct nl_route *r);

/* flags: NLM_F_* besides NLM_F_REQUEST, which is always set. */
void nl_route_put(struct wr *w, uint16_t flags, uint32_t seq,
    const struct nl_route *r);
/* Looks at prefix, tos, metric, table and proto (0: any) only. */
void nl_route_put_del(struct wr *w, uint16_t flags, uint32_t seq,
    const struct nl_route *r);
void nl_addr_put(struct wr *w, uint16_t flags, uint32_t seq,
    const struct nl_addr *a);
void nl_addr_put_del(struct wr *w, uint16_t flags, uint32_t seq,
    const struct nl_addr *a);
void nl_rule_put(struct wr *w, uint16_t flags, uint32_t seq,
    const struct nl_rule *r);
void nl_rule_put_del(struct wr *w, uint16_t flags, uint32_t seq,
    const struct nl_rule *r);

/* What to change of a link that stands, or to have of a new one. */
struct nl_link_want {
	uint32_t index;		/* 0: named by name */
	const char *name;	/* NULL with an index: keep its name */
	const char *kind;	/* for a new one, "wireguard" */
	uint32_t mtu;		/* 0: leave */
	enum { NL_LINK_AS_IS, NL_LINK_UP, NL_LINK_DOWN } state;
	bool no_addr_gen;	/* no automatic link-local (IPv6) address */
};

void nl_link_put_new(struct wr *w, uint16_t flags, uint32_t seq,
    const struct nl_link_want *l);
void nl_link_put_set(struct wr *w, uint16_t flags, uint32_t seq,
    const struct nl_link_want *l);
void nl_link_put_del(struct wr *w, uint16_t flags, uint32_t seq,
    const struct nl_link_want *l);

enum nl_dump { NL_DUMP_LINKS, NL_DUMP_ADDRS, NL_DUMP_ROUTES4,
	NL_DUMP_ROUTES6, NL_DUMP_RULES4, NL_DUMP_RULES6, NL_NDUMPS };

/*
 * Which way do packets to dst go?  The answer is one RTM_NEWROUTE: with match
 * the route as it stands in its table, else what comes of it for dst (and
 * the path's MTU where the kernel has learned of one).  src: IP_NONE; oif,
 * mark: 0, none.
 */
void nl_route_put_get(struct wr *w, uint32_t seq, struct ip dst,
    struct ip src, uint32_t oif, uint32_t mark, bool match);
/* The MTU in such an answer, which nl_route_parse() takes with match only. */
uint32_t nl_route_mtu(const struct nl_msg *m);	/* 0: none, or no answer */

/* table and proto narrow a dump of routes; 0: all of them. */
void nl_dump_put(struct wr *w, enum nl_dump what, uint32_t seq,
    uint32_t table, uint8_t proto);

#endif

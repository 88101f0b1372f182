/* SPDX-License-Identifier: ISC */
/*
 * Messages are made here by the kernel's own structs and macros, not by the
 * builders under test; the builders are tested by reading back and, for one
 * message, byte by byte.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sys/socket.h>

#include <linux/fib_rules.h>
#include <linux/if.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>

#include "wire/netlink_route.h"

static uint8_t buf[8192];
static size_t len;

/* The making of messages, as the kernel does it. */
static void
msg(uint16_t type, const void *head, size_t n)
{
	struct nlmsghdr h = { .nlmsg_type = type, .nlmsg_seq = 7,
	    .nlmsg_pid = 99 };

	memset(buf, 0xa5, sizeof(buf));
	memcpy(buf, &h, sizeof(h));
	memcpy(buf + sizeof(h), head, n);
	len = NLMSG_HDRLEN + NLMSG_ALIGN(n);
}

static void
attr(uint16_t type, const void *p, size_t n)
{
	struct rtattr a = { .rta_len = (unsigned short)RTA_LENGTH(n),
	    .rta_type = type };

	memcpy(buf + len, &a, sizeof(a));
	memcpy(buf + len + sizeof(a), p, n);
	len += RTA_SPACE(n);
}

static void
attr_u32(uint16_t type, uint32_t v)
{
	attr(type, &v, sizeof(v));
}

static struct nl_msg
finish(void)
{
	uint32_t n = (uint32_t)len;
	struct nl_msg m;
	struct rd r;

	memcpy(buf, &n, sizeof(n));
	r = rd_of(bytes_of(buf, len));
	assert_true(nl_next(&r, &m));
	assert_int_equal(m.seq, 7);
	assert_int_equal(m.port, 99);
	assert_int_equal(rd_left(&r), 0);
	assert_false(nl_next(&r, &m) || r.bad);
	r = rd_of(bytes_of(buf, len));
	assert_true(nl_next(&r, &m));
	return m;
}

static struct ip
ip(const char *s)
{
	struct ip a;

	assert_true(ip_parse(s, &a));
	return a;
}

#define assert_ip(a, s)	assert_true(ip_eq((a), ip(s)))

static struct rtmsg
rt4(uint8_t dst_len)
{
	return (struct rtmsg){ .rtm_family = AF_INET, .rtm_dst_len = dst_len,
	    .rtm_table = RT_TABLE_MAIN, .rtm_protocol = 12,
	    .rtm_type = RTN_UNICAST };
}

static void
test_messages(void **state)
{
	struct nlmsghdr h = { .nlmsg_len = 17, .nlmsg_type = 20 };
	uint8_t b[48] = { 0 };
	struct nl_msg m;
	struct rd r;

	(void)state;
	/* One of 17 bytes is padded to 20; the last lacks its padding. */
	memcpy(b, &h, sizeof(h));
	h.nlmsg_type = 21;
	memcpy(b + 20, &h, sizeof(h));
	r = rd_of(bytes_of(b, 37));
	assert_true(nl_next(&r, &m));
	assert_int_equal(m.type, 20);
	assert_int_equal(m.body.n, 1);
	assert_true(nl_next(&r, &m));
	assert_int_equal(m.type, 21);
	assert_false(nl_next(&r, &m));
	assert_false(r.bad);

	r = rd_of(bytes_of(b, 36));	/* cut */
	assert_true(nl_next(&r, &m));
	assert_false(nl_next(&r, &m));
	assert_true(r.bad);

	for (uint32_t n = 0; n < 16; n++) {
		memcpy(b, &n, sizeof(n));
		r = rd_of(bytes_of(b, 37));
		assert_false(nl_next(&r, &m));
		assert_true(r.bad);
	}
	memset(b, 0xff, 4);
	r = rd_of(bytes_of(b, 37));
	assert_false(nl_next(&r, &m));
	assert_true(r.bad);
}

static void
test_ack(void **state)
{
	struct nlmsghdr asked = { .nlmsg_len = 19, .nlmsg_seq = 7 };
	int err = -ENETUNREACH;
	struct nl_ack ack;
	struct nl_msg m;

	(void)state;
	msg(NLMSG_ERROR, &err, sizeof(err));
	memcpy(buf + len, &asked, sizeof(asked));
	len += NLMSG_ALIGN(19);		/* the whole request stands there */
	attr(NLMSGERR_ATTR_MSG, "no way", 7);
	m = finish();
	m.flags = NLM_F_ACK_TLVS;
	assert_true(nl_ack_parse(&m, &ack));
	assert_int_equal(ack.err, -ENETUNREACH);
	assert_int_equal(ack.seq, 7);
	assert_string_equal(ack.text, "no way");

	msg(NLMSG_ERROR, &err, sizeof(err));
	memcpy(buf + len, &asked, sizeof(asked));
	len += sizeof(asked);		/* its header alone */
	attr(NLMSGERR_ATTR_MSG, "no way", 7);
	m = finish();
	m.flags = NLM_F_ACK_TLVS | NLM_F_CAPPED;
	assert_true(nl_ack_parse(&m, &ack));
	assert_string_equal(ack.text, "no way");

	msg(NLMSG_ERROR, &err, 2);
	len -= 4;
	m = finish();
	assert_false(nl_ack_parse(&m, &ack));

	err = 0;
	msg(NLMSG_DONE, &err, sizeof(err));
	m = finish();
	assert_true(nl_ack_parse(&m, &ack));
	assert_int_equal(ack.err, 0);
	m.type = RTM_NEWROUTE;
	assert_false(nl_ack_parse(&m, &ack));
}

static void
test_route_plain(void **state)
{
	struct rtmsg h = rt4(16);
	struct nl_route rt;
	struct nl_msg m;

	(void)state;
	h.rtm_flags = RTNH_F_ONLINK;
	msg(RTM_NEWROUTE, &h, sizeof(h));
	attr(RTA_DST, "\x0a\x01\0\0", 4);
	attr_u32(RTA_TABLE, 70000);
	attr_u32(RTA_PRIORITY, 32);
	attr(RTA_PREFSRC, "\xc0\0\2\1", 4);
	attr(RTA_GATEWAY, "\xc0\0\2\x9", 4);
	attr_u32(RTA_OIF, 5);
	attr_u32(RTA_FLOW, 3);
	m = finish();
	assert_true(nl_route_parse(&m, &rt));
	assert_ip(rt.dst.ip, "10.1.0.0");
	assert_int_equal(rt.dst.len, 16);
	assert_int_equal(rt.dst.kind, NET_IP4);
	assert_int_equal(rt.table, 70000);
	assert_int_equal(rt.metric, 32);
	assert_int_equal(rt.proto, 12);
	assert_int_equal(rt.realm, 3);
	assert_ip(rt.prefsrc, "192.0.2.1");
	assert_int_equal(rt.n_hops, 1);
	assert_ip(rt.hop[0].via, "192.0.2.9");
	assert_int_equal(rt.hop[0].oif, 5);
	assert_int_equal(rt.hop[0].weight, 1);
	assert_int_equal(rt.hop[0].flags, RTNH_F_ONLINK);
}

static void
test_route_default(void **state)
{
	struct rtmsg h = rt4(0);
	struct nl_route rt;
	struct nl_msg m;

	(void)state;
	msg(RTM_DELROUTE, &h, sizeof(h));
	attr_u32(RTA_OIF, 5);
	m = finish();
	assert_true(nl_route_parse(&m, &rt));
	assert_ip(rt.dst.ip, "0.0.0.0");
	assert_int_equal(rt.dst.kind, NET_IP4);
	assert_int_equal(rt.dst.len, 0);
	assert_true(ip_is_none(rt.hop[0].via));

	h.rtm_family = AF_INET6;
	msg(RTM_NEWROUTE, &h, sizeof(h));
	m = finish();
	assert_true(nl_route_parse(&m, &rt));
	assert_int_equal(rt.dst.kind, NET_IP6);
	assert_ip(rt.dst.ip, "::");
}

/* One hop of a multipath, behind what stands in b. */
static size_t
hop(uint8_t *b, size_t n, int oif, unsigned weight, uint16_t type,
    const void *via, size_t via_n)
{
	struct rtnexthop nh = { .rtnh_ifindex = oif,
	    .rtnh_hops = (uint8_t)(weight - 1) };
	struct rtattr a = { .rta_len = (unsigned short)RTA_LENGTH(via_n),
	    .rta_type = type };

	nh.rtnh_len = (unsigned short)(sizeof(nh) + RTA_SPACE(via_n));
	memcpy(b + n, &nh, sizeof(nh));
	memcpy(b + n + sizeof(nh), &a, sizeof(a));
	memcpy(b + n + sizeof(nh) + sizeof(a), via, via_n);
	return n + nh.rtnh_len;
}

static void
test_route_multipath(void **state)
{
	struct rtmsg h = rt4(24);
	uint8_t nest[256] = { 0 }, via[18] = { 0 };
	uint16_t af = AF_INET6;
	struct nl_route rt;
	struct nl_msg m;
	size_t n;

	(void)state;
	memcpy(via, &af, 2);
	memcpy(via + 2, ip("fe80::7").b, 16);
	n = hop(nest, 0, 3, 4, RTA_GATEWAY, "\xc0\0\2\x9", 4);
	n = hop(nest, n, 5, 256, RTA_VIA, via, sizeof(via));
	msg(RTM_NEWROUTE, &h, sizeof(h));
	attr(RTA_DST, "\x0a\x01\2\0", 4);
	attr(RTA_MULTIPATH, nest, n);
	m = finish();
	assert_true(nl_route_parse(&m, &rt));
	assert_int_equal(rt.n_hops, 2);
	assert_int_equal(rt.hop[0].weight, 4);
	assert_ip(rt.hop[0].via, "192.0.2.9");
	assert_int_equal(rt.hop[1].weight, 256);
	assert_int_equal(rt.hop[1].oif, 5);
	assert_ip(rt.hop[1].via, "fe80::7");
	assert_false(rt.cut);

	/* A hop that says it is longer than the rest is not believed. */
	nest[0] = 0xff;
	msg(RTM_NEWROUTE, &h, sizeof(h));
	attr(RTA_DST, "\x0a\x01\2\0", 4);
	attr(RTA_MULTIPATH, nest, n);
	m = finish();
	assert_true(nl_route_parse(&m, &rt));
	assert_int_equal(rt.hop[0].oif, 0);
}

static void
test_route_many_hops(void **state)
{
	struct rtmsg h = rt4(24);
	uint8_t nest[4096];
	struct nl_route rt;
	struct nl_msg m;
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 100; i++)
		n = hop(nest, n, i + 1, 1, RTA_GATEWAY, "\xc0\0\2\x9", 4);
	msg(RTM_NEWROUTE, &h, sizeof(h));
	attr(RTA_DST, "\x0a\x01\2\0", 4);
	attr(RTA_MULTIPATH, nest, n);
	m = finish();
	assert_true(nl_route_parse(&m, &rt));
	assert_int_equal(rt.n_hops, NL_HOPS);
	assert_true(rt.cut);
}

/* "ip route get": the question, and the MTU in an answer of the cache. */
static void
test_route_get(void **state)
{
	static const uint8_t question[] = {
		0, 0, 0, 0, 26, 0, 1, 0, 7, 0, 0, 0, 0, 0, 0, 0,
		2, 32, 32, 0, 0, 0, 0, 0, 0, 0x30, 0, 0,
		8, 0, 1, 0, 192, 0, 2, 1, 8, 0, 2, 0, 192, 0, 2, 7,
		8, 0, 16, 0, 0x77, 0, 0, 0,
	};
	struct rtmsg h = rt4(32);
	uint8_t out[128], metric[8] = { 8, 0, RTAX_MTU };
	struct wr w = wr_of(out, sizeof(out));
	uint32_t mtu = 1380;
	struct nl_msg m;

	(void)state;
	nl_route_put_get(&w, 7, ip_from4((const uint8_t[]){ 192, 0, 2, 1 }),
	    ip_from4((const uint8_t[]){ 192, 0, 2, 7 }), 0, 0x77, true);
	assert_int_equal(wr_len(&w), sizeof(question));
	assert_int_equal(out[0], sizeof(question));
	assert_memory_equal(out + 4, question + 4, sizeof(question) - 4);

	h.rtm_flags = RTM_F_CLONED;
	memcpy(metric + 4, &mtu, 4);
	msg(RTM_NEWROUTE, &h, sizeof(h));
	attr(RTA_METRICS, metric, 8);
	m = finish();
	assert_int_equal(nl_route_mtu(&m), 1380);
	msg(RTM_NEWROUTE, &h, sizeof(h));
	m = finish();
	assert_int_equal(nl_route_mtu(&m), 0);
	msg(RTM_NEWLINK, &h, sizeof(h));
	attr(RTA_METRICS, metric, 8);
	m = finish();
	assert_int_equal(nl_route_mtu(&m), 0);
}

static void
test_route_refused(void **state)
{
	struct rtmsg good = rt4(16), h;
	struct nl_route rt;
	struct nl_msg m;

	(void)state;
	h = good;
	h.rtm_type = RTN_LOCAL;
	msg(RTM_NEWROUTE, &h, sizeof(h));
	m = finish();
	assert_false(nl_route_parse(&m, &rt));
	h = good;
	h.rtm_flags = RTM_F_CLONED;
	msg(RTM_NEWROUTE, &h, sizeof(h));
	m = finish();
	assert_false(nl_route_parse(&m, &rt));
	h = good;
	h.rtm_dst_len = 33;
	msg(RTM_NEWROUTE, &h, sizeof(h));
	m = finish();
	assert_false(nl_route_parse(&m, &rt));
	h = good;
	h.rtm_family = AF_BRIDGE;
	msg(RTM_NEWROUTE, &h, sizeof(h));
	m = finish();
	assert_false(nl_route_parse(&m, &rt));
	msg(RTM_NEWLINK, &good, sizeof(good));
	m = finish();
	assert_false(nl_route_parse(&m, &rt));
	msg(RTM_NEWROUTE, &good, sizeof(good) - 4);
	m = finish();
	assert_false(nl_route_parse(&m, &rt));
}

/* An attribute that is too short, or longer than the message. */
static void
test_attributes_lie(void **state)
{
	struct rtmsg h = rt4(16);
	struct nl_route rt;
	struct nl_msg m;

	(void)state;
	/* Only with all four bytes of the address is it one. */
	for (unsigned i = 0; i < 12; i++) {
		struct rtattr a = { .rta_type = RTA_DST,
		    .rta_len = (unsigned short)i };

		msg(RTM_NEWROUTE, &h, sizeof(h));
		memcpy(buf + len, &a, sizeof(a));
		memcpy(buf + len + 4, "\x0a\x01\0\0", 4);
		len += 8;
		m = finish();
		assert_int_equal(nl_route_parse(&m, &rt), i == 8);
	}
}

static void
test_link(void **state)
{
	struct ifinfomsg h = { .ifi_index = 9, .ifi_flags = IFF_UP,
	    .ifi_type = 65534 };
	uint8_t kind[16] = { 14, 0, 1, 0, 'w', 'i', 'r', 'e', 'g', 'u', 'a',
	    'r', 'd', 0 };
	uint16_t n = 14, t = 1;
	struct nl_link l;
	struct nl_msg m;

	(void)state;
	memcpy(kind, &n, 2);
	memcpy(kind + 2, &t, 2);
	msg(RTM_NEWLINK, &h, sizeof(h));
	attr(IFLA_IFNAME, "wg0", 4);
	attr_u32(IFLA_MTU, 1420);
	attr(IFLA_OPERSTATE, "\6", 1);
	attr(IFLA_CARRIER, "\1", 1);
	attr(IFLA_LINKINFO, kind, sizeof(kind));
	m = finish();
	assert_true(nl_link_parse(&m, &l));
	assert_int_equal(l.index, 9);
	assert_int_equal(l.mtu, 1420);
	assert_int_equal(l.operstate, 6);
	assert_true(l.carrier);
	assert_string_equal(l.name, "wg0");
	assert_string_equal(l.kind, "wireguard");

	msg(RTM_NEWLINK, &h, sizeof(h));
	attr(IFLA_IFNAME, "a-name-of-more-than-it-may-have", 32);
	m = finish();
	assert_true(nl_link_parse(&m, &l));
	assert_int_equal(strlen(l.name), NL_IFNAME - 1);

	h.ifi_family = AF_BRIDGE;
	msg(RTM_DELLINK, &h, sizeof(h));
	attr(IFLA_IFNAME, "wg0", 4);
	m = finish();
	assert_false(nl_link_parse(&m, &l));
}

static void
test_addr(void **state)
{
	struct ifaddrmsg h = { .ifa_family = AF_INET, .ifa_prefixlen = 32,
	    .ifa_flags = 0x80, .ifa_index = 4 };
	struct nl_addr a;
	struct nl_msg m;

	(void)state;
	msg(RTM_NEWADDR, &h, sizeof(h));
	attr(IFA_ADDRESS, "\x0a\0\0\2", 4);
	attr(IFA_LOCAL, "\x0a\0\0\1", 4);
	attr_u32(IFA_FLAGS, 0x280);
	m = finish();
	assert_true(nl_addr_parse(&m, &a));
	assert_ip(a.local, "10.0.0.1");
	assert_ip(a.peer, "10.0.0.2");
	assert_int_equal(a.flags, 0x280);
	assert_int_equal(a.index, 4);

	msg(RTM_NEWADDR, &h, sizeof(h));
	attr(IFA_ADDRESS, "\x0a\0\0\1", 4);
	attr(IFA_LOCAL, "\x0a\0\0\1", 4);
	m = finish();
	assert_true(nl_addr_parse(&m, &a));
	assert_true(ip_is_none(a.peer));
	assert_int_equal(a.flags, 0x80);

	h.ifa_family = AF_INET6;
	h.ifa_prefixlen = 64;
	msg(RTM_DELADDR, &h, sizeof(h));
	attr(IFA_ADDRESS, ip("fe80::1").b, 16);
	m = finish();
	assert_true(nl_addr_parse(&m, &a));
	assert_ip(a.local, "fe80::1");
	assert_true(ip_is_none(a.peer));

	msg(RTM_NEWADDR, &h, sizeof(h));
	attr(IFA_ADDRESS, "\x0a\0\0\1", 4);	/* of the other family */
	m = finish();
	assert_false(nl_addr_parse(&m, &a));
}

/* What the builders write, read again. */
static struct nl_msg
reread(struct wr *w)
{
	struct rd r = rd_of(bytes_of(w->start, wr_len(w)));
	struct nl_msg m;

	assert_false(w->bad);
	assert_true(nl_next(&r, &m));
	assert_int_equal(rd_left(&r), 0);
	return m;
}

static void
round_trip(const struct nl_route *rt)
{
	struct wr w = wr_of(buf, sizeof(buf));
	struct nl_route back;
	struct nl_msg m;

	nl_route_put(&w, NLM_F_CREATE, 1, rt);
	m = reread(&w);
	assert_int_equal(m.flags, NLM_F_REQUEST | NLM_F_CREATE);
	assert_true(nl_route_parse(&m, &back));
	assert_true(prefix_eq(&back.dst, &rt->dst));
	assert_int_equal(back.table, rt->table);
	assert_int_equal(back.metric, rt->metric);
	assert_int_equal(back.type, rt->type);
	assert_int_equal(back.metric_set, rt->metric_set);
	assert_memory_equal(back.metrics, rt->metrics, sizeof(rt->metrics));
	assert_true(ip_eq(back.prefsrc, rt->prefsrc));
	assert_int_equal(back.n_hops, rt->n_hops);
	for (unsigned i = 0; i < rt->n_hops; i++) {
		assert_true(ip_eq(back.hop[i].via, rt->hop[i].via));
		assert_int_equal(back.hop[i].oif, rt->hop[i].oif);
		assert_int_equal(back.hop[i].weight, rt->hop[i].weight);
		assert_int_equal(back.hop[i].flags, rt->hop[i].flags);
	}
}

static void
test_route_round_trip(void **state)
{
	struct nl_route rt;

	(void)state;
	nl_route_init(&rt);
	rt.dst = prefix_of(ip("10.1.0.0"), 16);
	rt.table = 1000;
	rt.metric = 32;
	rt.prefsrc = ip("192.0.2.1");
	rt.metric_set = 1u << RTAX_MTU | 1u << RTAX_ADVMSS;
	rt.metrics[RTAX_MTU] = 1300;
	rt.metrics[RTAX_ADVMSS] = 1260;
	rt.n_hops = 1;
	rt.hop[0] = (struct nl_hop){ .via = ip("fe80::1"), .oif = 3,
	    .weight = 1, .flags = RTNH_F_ONLINK };
	round_trip(&rt);
	rt.n_hops = 2;
	rt.hop[1] = (struct nl_hop){ .via = ip("192.0.2.7"), .oif = 4,
	    .weight = 256 };
	round_trip(&rt);
	rt.n_hops = 0;
	rt.type = RTN_UNREACHABLE;
	round_trip(&rt);

	nl_route_init(&rt);
	rt.dst = prefix_of(ip("2001:db8::"), 32);
	rt.metric = 1024;
	rt.n_hops = 1;
	rt.hop[0] = (struct nl_hop){ .via = ip("fe80::1"), .oif = 3,
	    .weight = 1 };
	round_trip(&rt);
	rt.dst = prefix_of(ip("::"), 0);
	round_trip(&rt);
	rt.dst = prefix_of(ip("0.0.0.0"), 0);
	round_trip(&rt);
}

static void
test_route_bytes(void **state)
{
	struct rtmsg h = rt4(16);
	struct wr w;
	uint8_t out[256];
	uint16_t flags = NLM_F_REQUEST | NLM_F_ACK;
	uint32_t port = 0;
	struct nl_route rt;

	(void)state;
	msg(RTM_NEWROUTE, &h, sizeof(h));
	attr(RTA_DST, "\x0a\x01\0\0", 4);
	attr_u32(RTA_TABLE, RT_TABLE_MAIN);
	attr_u32(RTA_PRIORITY, 32);
	attr(RTA_GATEWAY, "\xc0\0\2\x9", 4);
	attr_u32(RTA_OIF, 5);
	finish();
	memcpy(buf + 6, &flags, 2);
	memcpy(buf + 12, &port, 4);

	nl_route_init(&rt);
	rt.dst = prefix_of(ip("10.1.0.0"), 16);
	rt.metric = 32;
	rt.n_hops = 1;
	rt.hop[0] = (struct nl_hop){ .via = ip("192.0.2.9"), .oif = 5 };
	w = wr_of(out, sizeof(out));
	nl_route_put(&w, NLM_F_ACK, 7, &rt);
	assert_int_equal(wr_len(&w), len);
	assert_memory_equal(out, buf, len);
}

/* IPv6 without a metric is 1024, when deleting as when adding. */
static void
test_route_del(void **state)
{
	struct wr w = wr_of(buf, sizeof(buf));
	struct nl_route rt;
	struct nl_msg m;
	struct nl_attr a;
	struct rtmsg h;
	uint32_t metric = 0;
	struct rd r;

	(void)state;
	nl_route_init(&rt);
	rt.dst = prefix_of(ip("2001:db8::"), 32);
	rt.n_hops = 1;
	nl_route_put_del(&w, 0, 1, &rt);
	m = reread(&w);
	assert_int_equal(m.type, RTM_DELROUTE);
	r = rd_of(m.body);
	memcpy(&h, rd_take(&r, sizeof(h)), sizeof(h));
	assert_int_equal(h.rtm_scope, RT_SCOPE_NOWHERE);
	assert_int_equal(h.rtm_type, RTN_UNSPEC);
	while (nl_attr_next(&r, &a)) {
		assert_int_not_equal(a.type, RTA_OIF);
		assert_int_not_equal(a.type, RTA_GATEWAY);
		if (a.type == RTA_PRIORITY)
			metric = nl_attr_u32(&a, 0);
	}
	assert_int_equal(metric, 1024);
}

static void
test_others_round_trip(void **state)
{
	struct nl_addr a = { .index = 3, .local = ip("10.0.0.1"),
	    .peer = ip("10.0.0.2"), .len = 32,
	    .flags = IFA_F_NOPREFIXROUTE }, a2;
	struct nl_rule r = { .family = FAMILY_IP6, .priority = 100,
	    .table = 7711, .mark = 0x77, .mask = 0xff, .suppress = 0,
	    .invert = true, .proto = 12 }, r2;
	struct nl_link_want want = { .name = "wg0", .kind = "wireguard",
	    .mtu = 1420 };
	struct nl_link l;
	struct nl_msg m;
	struct wr w;
	uint32_t index = 5;

	(void)state;
	w = wr_of(buf, sizeof(buf));
	nl_addr_put(&w, NLM_F_CREATE, 1, &a);
	m = reread(&w);
	assert_true(nl_addr_parse(&m, &a2));
	assert_memory_equal(&a, &a2, sizeof(a));

	w = wr_of(buf, sizeof(buf));
	nl_rule_put(&w, NLM_F_CREATE, 1, &r);
	m = reread(&w);
	assert_true(nl_rule_parse(&m, &r2));
	assert_memory_equal(&r, &r2, sizeof(r));

	w = wr_of(buf, sizeof(buf));
	nl_link_put_new(&w, NLM_F_CREATE, 1, &want);
	memcpy(buf + NLMSG_HDRLEN + 4, &index, 4);
	m = reread(&w);
	assert_true(nl_link_parse(&m, &l));
	assert_string_equal(l.name, "wg0");
	assert_string_equal(l.kind, "wireguard");
	assert_int_equal(l.mtu, 1420);
}

/* A message that does not fit leaves no half of itself. */
static void
test_no_room(void **state)
{
	struct nl_route rt;
	size_t whole, at;
	struct wr w;

	(void)state;
	nl_route_init(&rt);
	rt.dst = prefix_of(ip("10.1.0.0"), 16);
	rt.n_hops = 2;
	rt.hop[0] = rt.hop[1] = (struct nl_hop){ .via = ip("fe80::1"),
	    .oif = 3, .weight = 1 };
	w = wr_of(buf, sizeof(buf));
	nl_route_put(&w, 0, 1, &rt);
	whole = wr_len(&w);
	for (size_t cap = 0; cap < whole; cap++) {
		w = wr_of(buf, cap);
		at = wr_len(&w);
		nl_route_put(&w, 0, 1, &rt);
		assert_true(w.bad);
		nl_undo(&w, at);
		assert_false(w.bad);
		assert_int_equal(wr_len(&w), 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_ack),
		cmocka_unit_test(test_route_plain),
		cmocka_unit_test(test_route_default),
		cmocka_unit_test(test_route_multipath),
		cmocka_unit_test(test_route_many_hops),
		cmocka_unit_test(test_route_get),
		cmocka_unit_test(test_route_refused),
		cmocka_unit_test(test_attributes_lie),
		cmocka_unit_test(test_link),
		cmocka_unit_test(test_addr),
		cmocka_unit_test(test_route_round_trip),
		cmocka_unit_test(test_route_bytes),
		cmocka_unit_test(test_route_del),
		cmocka_unit_test(test_others_round_trip),
		cmocka_unit_test(test_no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

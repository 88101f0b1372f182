/* SPDX-License-Identifier: ISC */
/* From an UPDATE to the table. */
#include "neighbour_say.h"

#define NET	"192.0.2.0/24"
#define NET6	"2001:db8:1::/48"

static struct router r;
static struct nb *b;
static struct tap *t;

static struct bgp_neighbour_config
begin(uint32_t local_as, uint32_t peer_as)
{
	lab_start();
	router_init(&r);
	router_addr(&r, 1, "10.0.0.1", 24);
	router_addr(&r, 1, "2001:db8::1", 64);
	router_addr(&r, 1, "fe80::1", 64);
	return nb_config(&r, local_as, peer_as);
}

static void
go(const struct bgp_neighbour_config *c, const struct bgp_session_config *s)
{
	struct bgp_session_config own = tap_config(c->session.demand.peer_asn,
	    0x02020202);

	b = nb_new(&r, c, "10.0.0.1");
	t = tap_new(b, s ? s : &own);
	nb_start(b);
	assert_true(bgp_neighbour_established(b->n));
}

static void
end(void)
{
	lab_end();
	router_done(&r);
}

static struct attr
attr_of(const char *net, uint16_t id)
{
	const struct rt_route *rt = route_of(b, net);
	struct attr at = { 0 };

	assert_non_null(rt);
	attrs_get(rt->attrs, id, &at);
	return at;
}

static void
route_comes_and_goes(void **state)
{
	const struct bgp_neighbour_config c = begin(65001, 65002);
	const uint32_t comms[] = { 65002u << 16 | 7, 0xffff0000 };
	struct say s;
	struct attr at;
	const struct rt_route *rt;

	(void)state;
	go(&c, NULL);
	say_usual(&s, 65002, "10.0.0.2");
	say_u32(&s, BGP_ATTR_MED, 20);
	say_words(&s, BGP_ATTR_COMMUNITIES, 2, comms);
	tap_says(t, &s, NET);
	rt = route_of(b, NET);
	assert_non_null(rt);
	assert_int_equal(rt->attrs->preference, 100);
	assert_int_equal(rt->attrs->source, RTS_BGP);
	assert_true(ip_eq(attrs_from(rt->attrs), ip_of("10.0.0.2")));
	assert_true(rt_resolvable(rt));
	assert_int_equal(attr_of(NET, ATTR_BGP_MED).u, 20);
	assert_int_equal(attr_of(NET, ATTR_BGP_LOCAL_PREF).u, 100);
	at = attr_of(NET, ATTR_BGP_COMMUNITY);
	assert_int_equal(at.n, 8);
	assert_int_equal(be32_get(at.p), comms[0]);
	at = attr_of(NET, ATTR_BGP_PATH);
	assert_int_equal(bgp_aspath_hops(bytes_of(at.p, at.n), true), 1);
	at = attr_of(NET, ATTR_BGP_NEXT_HOP);
	assert_int_equal(at.n, 16);
	assert_true(ip_eq(ip_from6(at.p), ip_of("10.0.0.2")));
	/* Replaced, not added. */
	say_usual(&s, 65002, "10.0.0.3");
	tap_says(t, &s, NET);
	assert_int_equal(rt_count_routes(r.t[0]), 1);
	assert_int_equal(attr_of(NET, ATTR_BGP_MED).type, 0);
	tap_says(t, NULL, NET);
	assert_null(route_of(b, NET));
	end();
}

static void
own_as_in_the_path(void **state)
{
	struct bgp_neighbour_config c = begin(65001, 65002);
	struct say s;

	(void)state;
	go(&c, NULL);
	say_usual(&s, 65002, "10.0.0.2");
	tap_says(t, &s, NET);
	assert_non_null(route_of(b, NET));
	/* A loop is as good as a withdrawal, RFC 4271 9.1.2. */
	say_init(&s);
	say_origin(&s, BGP_ORIGIN_IGP);
	say_path(&s, 65002, 65003, 65001);
	say_hop(&s, "10.0.0.2");
	tap_says(t, &s, NET);
	assert_null(route_of(b, NET));
	c.allow_local_as = 1;
	bgp_neighbour_configure(b->n, &c);
	settle();
	tap_says(t, &s, NET);
	assert_non_null(route_of(b, NET));
	say_init(&s);
	say_origin(&s, BGP_ORIGIN_IGP);
	say_path(&s, 65002, 65001, 65001);
	say_hop(&s, "10.0.0.2");
	tap_says(t, &s, NET);
	assert_null(route_of(b, NET));
	assert_true(bgp_neighbour_established(b->n));
	end();
}

static void
first_as(void **state)
{
	struct bgp_neighbour_config c = begin(65001, 65002);
	struct say s;

	(void)state;
	go(&c, NULL);
	say_usual(&s, 65009, "10.0.0.2");
	tap_says(t, &s, NET);
	assert_non_null(route_of(b, NET));
	c.enforce_first_as = true;
	bgp_neighbour_configure(b->n, &c);
	settle();
	tap_says(t, &s, NET);
	assert_null(route_of(b, NET));
	say_usual(&s, 65002, "10.0.0.2");
	tap_says(t, &s, NET);
	assert_non_null(route_of(b, NET));
	end();
}

static void
reflection_loops(void **state)
{
	struct bgp_neighbour_config c = begin(65001, 65001);
	const uint32_t others[] = { 0x05050505 };
	const uint32_t ours[] = { 0x05050505, 0x0a0a0a0a };
	struct say s;

	(void)state;
	c.cluster_id = 0x0a0a0a0a;
	go(&c, NULL);
	say_usual(&s, 0, "10.0.0.2");
	say_u32(&s, BGP_ATTR_LOCAL_PREF, 150);
	say_u32(&s, BGP_ATTR_ORIGINATOR_ID, 0x03030303);
	say_words(&s, BGP_ATTR_CLUSTER_LIST, 1, others);
	tap_says(t, &s, NET);
	assert_int_equal(attr_of(NET, ATTR_BGP_LOCAL_PREF).u, 150);
	assert_int_equal(attr_of(NET, ATTR_BGP_CLUSTER_LIST).n, 4);

	say_usual(&s, 0, "10.0.0.2");
	say_u32(&s, BGP_ATTR_LOCAL_PREF, 150);
	say_u32(&s, BGP_ATTR_ORIGINATOR_ID, c.router_id);
	tap_says(t, &s, NET);
	assert_null(route_of(b, NET));

	say_usual(&s, 0, "10.0.0.2");
	say_u32(&s, BGP_ATTR_LOCAL_PREF, 150);
	say_words(&s, BGP_ATTR_CLUSTER_LIST, 2, ours);
	tap_says(t, &s, NET);
	assert_null(route_of(b, NET));
	end();
}

/* RFC 7606: the session stays, the route goes. */
static void
treat_as_withdraw(void **state)
{
	const struct bgp_neighbour_config c = begin(65001, 65002);
	struct say s;

	(void)state;
	go(&c, NULL);
	say_usual(&s, 65002, "10.0.0.2");
	tap_says(t, &s, NET);
	assert_non_null(route_of(b, NET));
	say_init(&s);
	say_origin(&s, 3);		/* there is none */
	say_path(&s, 65002);
	say_hop(&s, "10.0.0.2");
	tap_says(t, &s, NET);
	assert_null(route_of(b, NET));
	assert_int_equal(b->told[BGP_NOTE_UPDATE], 1);
	assert_true(bgp_neighbour_established(b->n));
	/* And one attribute less is a withdrawal, too. */
	say_usual(&s, 65002, "10.0.0.2");
	tap_says(t, &s, NET);
	say_init(&s);
	say_origin(&s, BGP_ORIGIN_IGP);
	say_hop(&s, "10.0.0.2");
	tap_says(t, &s, NET);
	assert_null(route_of(b, NET));
	assert_true(bgp_neighbour_established(b->n));
	end();
}

static void
malformed_resets(void **state)
{
	const struct bgp_neighbour_config c = begin(65001, 65002);
	struct say s;
	uint8_t mp[] = { 0x80, BGP_ATTR_MP_REACH, 2, 0, 1 };

	(void)state;
	go(&c, NULL);
	say_usual(&s, 65002, "10.0.0.2");
	tap_says(t, &s, NET);
	wr_bytes(&s.w, bytes_of(mp, sizeof(mp)));
	tap_says(t, &s, NET);
	assert_false(bgp_neighbour_established(b->n));
	assert_null(route_of(b, NET));
	assert_int_equal(t->cause.blame, BGP_BLAME_REMOTE);
	assert_int_equal(t->cause.code, BGP_ERR_UPDATE);
	assert_int_equal(b->told[BGP_NOTE_DOWN], 1);
	end();
}

static void
local_pref_from_outside(void **state)
{
	struct bgp_neighbour_config c = begin(65001, 65002);
	struct say s;

	(void)state;
	c.default_local_pref = 120;
	go(&c, NULL);
	say_usual(&s, 65002, "10.0.0.2");
	say_u32(&s, BGP_ATTR_LOCAL_PREF, 500);
	tap_says(t, &s, NET);
	assert_int_equal(attr_of(NET, ATTR_BGP_LOCAL_PREF).u, 120);
	c.allow_local_pref = true;
	bgp_neighbour_configure(b->n, &c);
	settle();
	tap_says(t, &s, NET);
	assert_int_equal(attr_of(NET, ATTR_BGP_LOCAL_PREF).u, 500);
	end();
}

/* RFC 6793: a 2-octet peer, and what it carries for others in AS4_PATH. */
static void
old_speaker(void **state)
{
	struct bgp_neighbour_config c = begin(65001, 65002);
	struct bgp_session_config tc = tap_config(65002, 0x02020202);
	const uint8_t flags = BGP_OPTIONAL | BGP_TRANSITIVE;
	const uint8_t agg[] = { 0x5b, 0xa0, 9, 9, 9, 9 };
	const uint8_t agg4[] = { 0, 3, 0, 0, 9, 9, 9, 9 };
	struct bgp_aspath_seg seg;
	struct attr at;
	struct say s;
	struct rd rd;

	(void)state;
	tc.open.as4 = false;
	go(&c, &tc);
	say_init(&s);
	say_origin(&s, BGP_ORIGIN_IGP);
	say_path_as(&s, BGP_TRANSITIVE, BGP_ATTR_AS_PATH, 2, 65002,
	    BGP_AS_TRANS, 65005, 0);
	say_hop(&s, "10.0.0.2");
	bgp_attr_put(&s.w, flags, BGP_ATTR_AGGREGATOR, bytes_of(agg, 6));
	say_path_as(&s, flags, BGP_ATTR_AS4_PATH, 4, 200000, 65005, 0);
	bgp_attr_put(&s.w, flags, BGP_ATTR_AS4_AGGREGATOR, bytes_of(agg4, 8));
	tap_says(t, &s, NET);
	at = attr_of(NET, ATTR_BGP_PATH);
	rd = rd_of(bytes_of(at.p, at.n));
	assert_int_equal(bgp_aspath_hops(bytes_of(at.p, at.n), true), 3);
	assert_int_equal(bgp_path_first(bytes_of(at.p, at.n)), 65002);
	assert_int_equal(bgp_path_count(bytes_of(at.p, at.n), 200000), 1);
	assert_int_equal(bgp_path_count(bytes_of(at.p, at.n), BGP_AS_TRANS),
	    0);
	assert_true(bgp_aspath_next(&rd, true, &seg));
	at = attr_of(NET, ATTR_BGP_AGGREGATOR);
	assert_int_equal(at.n, 8);
	assert_int_equal(be32_get(at.p), 0x30000);
	/* AS4_ attributes end here. */
	assert_int_equal(attr_of(NET, BGP_ATTR_AS4_PATH).type, 0);
	end();
}

static void
ipv6_next_hops(void **state)
{
	const struct bgp_neighbour_config c = begin(65001, 65002);
	const struct nexthop *h;
	struct attr at;
	struct say s;
	unsigned n;

	(void)state;
	go(&c, NULL);
	say_init(&s);
	say_origin(&s, BGP_ORIGIN_IGP);
	say_path(&s, 65002);
	tap_says_mp(t, &s, NET6, ip_of("2001:db8::2"), ip_of("fe80::2"));
	at = attr_of(NET6, ATTR_BGP_NEXT_HOP);
	assert_int_equal(at.n, 32);
	assert_int_equal(rt_resolve(route_of(b, NET6)->attrs, &h, &n),
	    RTD_UNICAST);
	assert_true(ip_eq(h->gw, ip_of("2001:db8::2")));
	assert_int_equal(h->ifindex, 1);
	/* The global one is on no link of ours: then the other. */
	tap_says_mp(t, &s, NET6, ip_of("2001:db9::2"), ip_of("fe80::2"));
	assert_int_equal(rt_resolve(route_of(b, NET6)->attrs, &h, &n),
	    RTD_UNICAST);
	assert_true(ip_eq(h->gw, ip_of("fe80::2")));
	tap_says_mp(t, &s, NET6, ip_of("2001:db8::2"), IP_NONE);
	assert_int_equal(rt_resolve(route_of(b, NET6)->attrs, &h, &n),
	    RTD_UNICAST);
	assert_true(ip_eq(h->gw, ip_of("2001:db8::2")));
	/* A link-local one alone: on the session's link. */
	tap_says_mp(t, &s, NET6, ip_of("fe80::2"), IP_NONE);
	assert_int_equal(rt_resolve(route_of(b, NET6)->attrs, &h, &n),
	    RTD_UNICAST);
	assert_true(ip_eq(h->gw, ip_of("fe80::2")));
	tap_says_mp(t, NULL, NET6, IP_NONE, IP_NONE);
	assert_null(route_of(b, NET6));
	end();
}

/* "next hop prefer": link-local even where the global one would do. */
static void
prefers_link_local(void **state)
{
	struct bgp_neighbour_config c = begin(65001, 65002);
	const struct nexthop *h;
	struct say s;
	unsigned n;

	(void)state;
	c.channel[1].next_hop_prefer = BGP_PREFER_LOCAL;
	go(&c, NULL);
	say_init(&s);
	say_origin(&s, BGP_ORIGIN_IGP);
	say_path(&s, 65002);
	tap_says_mp(t, &s, NET6, ip_of("2001:db8::2"), ip_of("fe80::2"));
	assert_int_equal(rt_resolve(route_of(b, NET6)->attrs, &h, &n),
	    RTD_UNICAST);
	assert_true(ip_eq(h->gw, ip_of("fe80::2")));
	end();
}

/* "onlink": a gateway that no address of ours covers. */
static void
onlink_next_hops(void **state)
{
	struct bgp_neighbour_config c = begin(65001, 65002);
	const struct nexthop *h;
	struct say s;
	unsigned n;

	(void)state;
	c.channel[0].onlink = true;
	go(&c, NULL);
	say_usual(&s, 65002, "172.16.7.7");
	tap_says(t, &s, NET);
	assert_int_equal(rt_resolve(route_of(b, NET)->attrs, &h, &n),
	    RTD_UNICAST);
	assert_true(ip_eq(h->gw, ip_of("172.16.7.7")));
	assert_int_equal(h->ifindex, 1);
	assert_int_equal(h->flags, NEXTHOP_ONLINK);
	end();
}

/* RFC 8950: IPv4 nets behind an IPv6 next hop. */
static void
ipv4_by_ipv6_next_hop(void **state)
{
	struct bgp_neighbour_config c = begin(65001, 65002);
	struct bgp_session_config tc = tap_config(65002, 0x02020202);
	const struct nexthop *h;
	struct say s;
	unsigned n;

	(void)state;
	c.channel[0].ext_nexthop = true;
	tc.open.ext_nexthop = BGP_FAM_BIT(BGP_FAM_IP4);
	go(&c, &tc);
	say_init(&s);
	say_origin(&s, BGP_ORIGIN_IGP);
	say_path(&s, 65002);
	tap_says_mp(t, &s, NET, ip_of("2001:db8::2"), ip_of("fe80::2"));
	assert_int_equal(rt_resolve(route_of(b, NET)->attrs, &h, &n),
	    RTD_UNICAST);
	assert_true(ip_eq(h->gw, ip_of("2001:db8::2")));
	/* The old way goes on. */
	say_usual(&s, 65002, "10.0.0.2");
	tap_says(t, &s, NET);
	assert_int_equal(rt_resolve(route_of(b, NET)->attrs, &h, &n),
	    RTD_UNICAST);
	assert_true(ip_eq(h->gw, ip_of("10.0.0.2")));
	end();
}

static void
unknown_attributes(void **state)
{
	const struct bgp_neighbour_config c = begin(65001, 65002);
	const uint8_t v[] = { 1, 2, 3 };
	struct attr at;
	struct say s;

	(void)state;
	go(&c, NULL);
	say_usual(&s, 65002, "10.0.0.2");
	bgp_attr_put(&s.w, BGP_OPTIONAL | BGP_TRANSITIVE, 99,
	    bytes_of(v, 3));
	bgp_attr_put(&s.w, BGP_OPTIONAL, 100, bytes_of(v, 3));
	tap_says(t, &s, NET);
	at = attr_of(NET, 99);
	assert_int_equal(at.n, 3);
	assert_int_equal(at.flags & (BGP_OPTIONAL | BGP_TRANSITIVE |
	    BGP_PARTIAL), BGP_OPTIONAL | BGP_TRANSITIVE | BGP_PARTIAL);
	assert_int_equal(attr_of(NET, 100).type, 0);
	end();
}

static void
martians(void **state)
{
	static const char *const never[] = { "127.0.0.0/8", "224.0.0.0/4",
	    "0.1.0.0/16" };
	const struct bgp_neighbour_config c = begin(65001, 65002);
	struct say s;

	(void)state;
	go(&c, NULL);
	say_usual(&s, 65002, "10.0.0.2");
	for (size_t i = 0; i < sizeof(never) / sizeof(never[0]); i++) {
		tap_says(t, &s, never[i]);
		assert_null(route_of(b, never[i]));
	}
	tap_says(t, &s, "0.0.0.0/0");
	assert_non_null(route_of(b, "0.0.0.0/0"));
	end();
}

static unsigned n_watched, n_gone;

static void
on_route(struct bgp_neighbour *n, unsigned i, bool post_policy,
    const struct prefix *net, uint32_t path_id, const struct attrs *attrs,
    void *ctx)
{
	(void)n;
	(void)i;
	(void)net;
	(void)path_id;
	(void)ctx;
	assert_false(post_policy);
	n_watched++;
	n_gone += attrs == NULL;
}

static size_t
kept(void)
{
	return rt_count_routes(bgp_neighbour_import_table(b->n, 0));
}

static void
set_filter(struct bgp_neighbour_config *c, enum rt_verdict v)
{
	c->channel[0].in.constant = v;
	bgp_neighbour_configure(b->n, c);
	assert_true(bgp_neighbour_reload_in(b->n,
	    bgp_neighbour_channel(b->n, 0), now));
	settle();
}

/* "import table": what a filter refused is there when it is another one. */
static void
import_table(void **state)
{
	struct bgp_neighbour_config c = begin(65001, 65002);
	struct bgp_neighbour_ops ops;
	unsigned asked;
	struct say s;

	(void)state;
	c.channel[0].import_table = true;
	c.channel[0].in.constant = RT_REJECT;
	c.channel[0].receive_limit = (struct rt_limit){ .max = 2,
	    .action = LIMIT_BLOCK };
	go(&c, NULL);
	asked = t->refreshes[BGP_REFRESH_REQUEST];
	assert_null(bgp_neighbour_import_table(b->n, 1));
	say_usual(&s, 65002, "10.0.0.2");
	tap_says(t, &s, NET);
	assert_null(route_of(b, NET));
	assert_int_equal(kept(), 1);
	set_filter(&c, RT_ACCEPT);
	assert_non_null(route_of(b, NET));
	assert_int_equal(t->refreshes[BGP_REFRESH_REQUEST], asked);
	set_filter(&c, RT_REJECT);
	assert_null(route_of(b, NET));
	/* Whoever looks on is told, and the limit counts what is kept. */
	ops = *b->n->ops;
	ops.route = on_route;
	b->n->ops = &ops;
	n_watched = n_gone = 0;
	bgp_neighbour_monitor(b->n, true, false);
	tap_says(t, &s, "198.51.100.0/24");
	tap_says(t, &s, "203.0.113.0/24");
	assert_int_equal(kept(), 2);
	assert_int_equal(n_watched, 1);
	tap_says(t, NULL, NET);
	assert_int_equal(kept(), 1);
	assert_int_equal(n_gone, 1);
	bgp_neighbour_monitor(b->n, false, false);
	tap_cut(t);
	settle();
	assert_int_equal(kept(), 0);
	end();
}

static void
import_limit(void **state)
{
	struct bgp_neighbour_config c = begin(65001, 65002);
	struct say s;

	(void)state;
	c.channel[0].import_limit = (struct rt_limit){ .max = 2,
	    .action = LIMIT_BLOCK };
	go(&c, NULL);
	say_usual(&s, 65002, "10.0.0.2");
	tap_says(t, &s, "192.0.2.0/26");
	tap_says(t, &s, "192.0.2.64/26");
	assert_int_equal(b->told[BGP_NOTE_LIMIT], 0);
	tap_says(t, &s, "192.0.2.128/26");
	tap_says(t, &s, "192.0.2.192/26");
	assert_int_equal(b->told[BGP_NOTE_LIMIT], 1);
	assert_string_equal(b->text, "import");
	assert_int_equal(rt_count_routes(r.t[0]), 2);
	tap_says(t, &s, "192.0.2.0/26");	/* an old one may change */
	tap_says(t, NULL, "192.0.2.0/26");
	tap_says(t, &s, "192.0.2.128/26");
	assert_non_null(route_of(b, "192.0.2.128/26"));
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(route_comes_and_goes),
		cmocka_unit_test(own_as_in_the_path),
		cmocka_unit_test(first_as),
		cmocka_unit_test(reflection_loops),
		cmocka_unit_test(treat_as_withdraw),
		cmocka_unit_test(malformed_resets),
		cmocka_unit_test(local_pref_from_outside),
		cmocka_unit_test(old_speaker),
		cmocka_unit_test(ipv6_next_hops),
		cmocka_unit_test(prefers_link_local),
		cmocka_unit_test(onlink_next_hops),
		cmocka_unit_test(ipv4_by_ipv6_next_hop),
		cmocka_unit_test(unknown_attributes),
		cmocka_unit_test(martians),
		cmocka_unit_test(import_table),
		cmocka_unit_test(import_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

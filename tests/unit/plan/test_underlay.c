/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/underlay.h"

#include <linux/rtnetlink.h>

enum { ETH = 2, WLAN = 3, TUNNEL = 9, MAIN = 254 };

static struct ip
ip(const char *s)
{
	struct ip a;

	assert_true(ip_parse(s, &a));
	return a;
}

static struct nl_route
route(const char *net, const char *via, uint32_t oif, uint32_t metric)
{
	struct nl_route r;

	nl_route_init(&r);
	assert_true(prefix_parse(net, &r.dst));
	r.proto = RTPROT_DHCP;
	r.metric = metric;
	r.n_hops = 1;
	r.hop[0] = (struct nl_hop){ .oif = oif, .weight = 1,
	    .via = via ? ip(via) : IP_NONE };
	return r;
}

static void
seen(struct underlay *u, const char *net, const char *via, uint32_t oif,
    uint32_t metric)
{
	struct nl_route r = route(net, via, oif, metric);

	ul_seen(u, &r, false);
}

static enum ul_kind
sort(void *ctx, struct ip a, const struct nl_route *r)
{
	(void)ctx;
	(void)a;
	return r->hop[0].oif == TUNNEL ? UL_CAPTURES : UL_WAY;
}

static struct ul_judge
judge(const struct underlay *u, const char *a)
{
	struct ul_judge j;

	ul_judge_init(&j, ip(a));
	ul_judge_mirror(&j, u, MAIN, sort, NULL);
	return j;
}

static void
watch(struct underlay *u, const char *a, const char *b)
{
	struct ip v[2] = { ip(a), b ? ip(b) : IP_NONE };

	assert_true(ul_watch(u, v, b ? 2 : 1));
}

static void
mirrors_what_covers(void **st)
{
	struct nl_route r = route("10.0.0.0/8", "192.0.2.1", ETH, 0);
	struct prefix net = { 0 };
	struct underlay u;

	(void)st;
	ul_init(&u);
	assert_false(ul_seen(&u, &r, false));
	watch(&u, "10.1.2.3", "2001:db8::1");
	assert_true(ul_seen(&u, &r, false));
	r = route("10.2.0.0/16", "192.0.2.1", ETH, 0);
	assert_false(ul_seen(&u, &r, false));
	assert_true(prefix_parse("::/0", &net) && ul_watches(&u, &net));
	assert_true(prefix_parse("0.0.0.0/0", &net) && ul_watches(&u, &net));
	assert_true(prefix_parse("2001:db8::/32", &net) &&
	    ul_watches(&u, &net));
	assert_true(prefix_parse("2001:db9::/32", &net) &&
	    !ul_watches(&u, &net));
	assert_true(prefix_parse("11.0.0.0/8", &net) && !ul_watches(&u, &net));
	/* No longer watched: its routes are forgotten. */
	assert_false(ul_watch(&u, u.watch + 1, 1));
	assert_int_equal(u.n_watch, 1);
	assert_true(list_empty(&u.routes));
	ul_done(&u);
}

/* IPv6's whole range has IPv4's in its middle. */
static void
families_do_not_mix(void **st)
{
	struct prefix all6;
	struct underlay u;

	(void)st;
	ul_init(&u);
	watch(&u, "10.1.2.3", NULL);
	assert_true(prefix_parse("::/0", &all6));
	assert_false(ul_watches(&u, &all6));
	ul_done(&u);
}

static void
longest_then_metric(void **st)
{
	struct ul_judge j;
	struct nl_route r;
	struct underlay u;

	(void)st;
	ul_init(&u);
	watch(&u, "203.0.113.2", NULL);
	seen(&u, "0.0.0.0/0", "192.0.2.1", ETH, 100);
	seen(&u, "0.0.0.0/0", "198.51.100.1", WLAN, 600);
	j = judge(&u, "203.0.113.2");
	assert_false(ul_judge_captured(&j));
	seen(&u, "0.0.0.0/0", NULL, TUNNEL, 32);
	j = judge(&u, "203.0.113.2");
	assert_true(ul_judge_captured(&j));
	assert_int_equal(j.capture.len, 0);
	ul_host_route(&j, MAIN, &r);
	assert_int_equal(r.hop[0].oif, ETH);
	assert_int_equal(r.dst.len, 32);
	assert_int_equal(r.proto, UL_PROTO);
	assert_true(ip_eq(r.hop[0].via, ip("192.0.2.1")));
	/* The cable is out: the other one, and then none. */
	r = route("0.0.0.0/0", "192.0.2.1", ETH, 100);
	assert_true(ul_gone(&u, &r));
	assert_false(ul_gone(&u, &r));
	j = judge(&u, "203.0.113.2");
	ul_host_route(&j, MAIN, &r);
	assert_int_equal(r.hop[0].oif, WLAN);
	r = route("0.0.0.0/0", "198.51.100.1", WLAN, 600);
	assert_true(ul_gone(&u, &r));
	j = judge(&u, "203.0.113.2");
	assert_true(ul_judge_captured(&j));
	ul_host_route(&j, MAIN, &r);
	assert_int_equal(r.type, RTN_UNREACHABLE);
	assert_int_equal(r.n_hops, 0);
	ul_done(&u);
}

static void
longer_needs_nothing(void **st)
{
	struct ul_judge j;
	struct underlay u;

	(void)st;
	ul_init(&u);
	watch(&u, "192.0.2.7", NULL);
	seen(&u, "0.0.0.0/0", NULL, TUNNEL, 32);
	seen(&u, "192.0.2.0/24", NULL, ETH, 0);
	j = judge(&u, "192.0.2.7");
	assert_false(ul_judge_captured(&j));
	/* A part of the LAN through the tunnel: on the link then, too. */
	seen(&u, "192.0.2.0/25", NULL, TUNNEL, 32);
	j = judge(&u, "192.0.2.7");
	assert_true(ul_judge_captured(&j));
	assert_int_equal(j.way.hop[0].oif, ETH);
	ul_done(&u);
}

static void
other_tables_do_not_count(void **st)
{
	struct nl_route r = route("0.0.0.0/0", "192.0.2.1", ETH, 0);
	struct ul_judge j;
	struct underlay u;

	(void)st;
	ul_init(&u);
	watch(&u, "203.0.113.2", NULL);
	r.table = 100;
	assert_true(ul_seen(&u, &r, false));
	seen(&u, "0.0.0.0/0", NULL, TUNNEL, 32);
	j = judge(&u, "203.0.113.2");
	assert_true(ul_judge_captured(&j));
	assert_false(j.has_way);
	ul_done(&u);
}

static void
scans_sweep_their_family(void **st)
{
	struct nl_route r = route("0.0.0.0/0", "192.0.2.9", ETH, 100);
	struct ul_judge j;
	struct underlay u;

	(void)st;
	ul_init(&u);
	watch(&u, "203.0.113.2", "2001:db8::1");
	seen(&u, "0.0.0.0/0", "192.0.2.1", ETH, 100);
	seen(&u, "::/0", "fe80::1", ETH, 100);
	seen(&u, "::/0", "fe80::2", ETH, 100);	/* a twin */
	ul_scan_begin(&u, true, 0);
	ul_scan_end(&u, true, 0, false);
	ul_scan_begin(&u, true, 100);
	ul_scan_end(&u, true, 100, true);
	assert_true(judge(&u, "203.0.113.2").has_way);
	/* Replaced, not joined. */
	assert_true(ul_seen(&u, &r, true));
	j = judge(&u, "203.0.113.2");
	assert_true(ip_eq(j.way.hop[0].via, ip("192.0.2.9")));
	ul_scan_begin(&u, true, MAIN);
	ul_scan_end(&u, true, MAIN, true);
	assert_false(judge(&u, "203.0.113.2").has_way);
	assert_true(judge(&u, "2001:db8::1").has_way);
	r = route("::/0", "fe80::1", ETH, 100);
	assert_true(ul_gone(&u, &r));
	assert_true(judge(&u, "2001:db8::1").has_way);
	ul_done(&u);
}

static void
host_routes_compare(void **st)
{
	struct nl_route r = route("0.0.0.0/0", "192.0.2.1", ETH, 100), a, b;
	struct ul_judge j;

	(void)st;
	r.metric_set = 1u << RTAX_MTU;
	r.metrics[RTAX_MTU] = 1400;
	r.hop[0].flags = RTNH_F_ONLINK | RTNH_F_LINKDOWN;
	ul_judge_init(&j, ip("203.0.113.2"));
	ul_judge_route(&j, &r, UL_WAY);
	assert_false(ul_judge_captured(&j));
	ul_host_route(&j, MAIN, &a);
	b = a;
	assert_int_equal(a.hop[0].flags, RTNH_F_ONLINK);
	assert_int_equal(a.metrics[RTAX_MTU], 1400);
	assert_true(ul_same(&a, &b));
	b.metrics[RTAX_MTU] = 1300;
	assert_false(ul_same(&a, &b));
	b = a;
	b.hop[0].oif = WLAN;
	assert_false(ul_same(&a, &b));
	b = a;
	b.type = RTN_UNREACHABLE;
	b.n_hops = 0;
	assert_false(ul_same(&a, &b));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mirrors_what_covers),
		cmocka_unit_test(families_do_not_mix),
		cmocka_unit_test(longest_then_metric),
		cmocka_unit_test(longer_needs_nothing),
		cmocka_unit_test(other_tables_do_not_count),
		cmocka_unit_test(scans_sweep_their_family),
		cmocka_unit_test(host_routes_compare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

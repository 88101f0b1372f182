/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/allowedips.h"

static const struct hash_key key = { { 1, 2 } };

static struct prefix
net(const char *s)
{
	struct prefix p;

	assert_true(prefix_parse(s, &p));
	return p;
}

static struct ip
addr(const char *s)
{
	struct ip ip;

	assert_true(ip_parse(s, &ip));
	return ip;
}

static void
list(struct ai_plan *a, int peer, const char *s)
{
	struct prefix p = net(s);

	ai_list(a, peer, &p);
}

static void
route(struct ai_plan *a, const char *s, const char *gw)
{
	struct prefix p = net(s);

	ai_route(a, &p, gw ? addr(gw) : IP_NONE);
}

static void
unroute(struct ai_plan *a, const char *s)
{
	struct prefix p = net(s);

	ai_unroute(a, &p);
}

static void
expect(struct ai_plan *a, const char *s, int peer, bool removed)
{
	struct ai_change c;
	struct prefix p = net(s);

	assert_true(ai_next(a, &c));
	assert_true(prefix_eq(&c.net, &p));
	assert_int_equal(c.peer, peer);
	assert_int_equal(c.remove, removed);
}

static void
expect_none(struct ai_plan *a)
{
	struct ai_change c;

	assert_false(ai_next(a, &c));
}

/* Two peers, each with its host route. */
static void
hub(struct ai_plan *a)
{
	ai_init(a, &key);
	ai_peers(a, 2);
	list(a, 0, "10.0.0.10/32");
	list(a, 1, "10.0.0.11/32");
	ai_listed(a);
	expect(a, "10.0.0.10/32", 0, false);
	expect(a, "10.0.0.11/32", 1, false);
	expect_none(a);
}

static void
route_goes_to_the_peer_of_its_next_hop(void **st)
{
	struct ai_plan a;

	(void)st;
	hub(&a);
	route(&a, "192.168.1.0/24", "10.0.0.10");
	expect(&a, "192.168.1.0/24", 0, false);
	route(&a, "192.168.1.0/24", "10.0.0.10");
	expect_none(&a);
	/* Moves in one step. */
	route(&a, "192.168.1.0/24", "10.0.0.11");
	expect(&a, "192.168.1.0/24", 1, false);
	expect_none(&a);
	unroute(&a, "192.168.1.0/24");
	expect(&a, "192.168.1.0/24", 1, true);
	expect_none(&a);
	/* There and back before anybody looked. */
	route(&a, "192.168.2.0/24", "10.0.0.10");
	unroute(&a, "192.168.2.0/24");
	expect_none(&a);
	assert_int_equal(netmap_count(&a.nets), 2);
	ai_done(&a);
}

static void
nobody_for_an_unknown_next_hop(void **st)
{
	struct ai_plan a;

	(void)st;
	hub(&a);
	route(&a, "192.168.1.0/24", "10.0.0.12");
	route(&a, "192.168.2.0/24", NULL);
	expect_none(&a);
	/* The peer comes with a new configuration. */
	ai_peers(&a, 3);
	list(&a, 0, "10.0.0.10/32");
	list(&a, 1, "10.0.0.11/32");
	list(&a, 2, "10.0.0.12/32");
	ai_listed(&a);
	expect(&a, "192.168.1.0/24", 2, false);
	expect(&a, "10.0.0.12/32", 2, false);
	expect_none(&a);
	ai_done(&a);
}

static void
list_beats_route(void **st)
{
	struct ai_plan a;

	(void)st;
	hub(&a);
	route(&a, "10.0.0.10/32", "10.0.0.11");
	expect_none(&a);
	unroute(&a, "10.0.0.10/32");
	expect_none(&a);
	/* No longer listed: the route's turn. */
	route(&a, "10.0.0.10/32", "10.0.0.11");
	ai_peers(&a, 2);
	list(&a, 1, "10.0.0.11/32");
	ai_listed(&a);
	expect(&a, "10.0.0.10/32", 1, false);
	expect_none(&a);
	ai_done(&a);
}

static void
found_ones_stay_while_held(void **st)
{
	struct prefix old = net("192.168.1.0/24"), gone = net("192.168.9.0/24");
	struct ai_plan a;

	(void)st;
	hub(&a);
	ai_hold(&a);
	ai_has(&a, &old, 0);
	ai_has(&a, &gone, 1);
	expect_none(&a);
	route(&a, "192.168.1.0/24", "10.0.0.10");
	expect_none(&a);		/* it is there: adopted */
	ai_release(&a);
	expect(&a, "192.168.9.0/24", 1, true);
	expect_none(&a);
	ai_done(&a);
}

static void
new_device_gets_all(void **st)
{
	struct ai_plan a;

	(void)st;
	hub(&a);
	route(&a, "192.168.1.0/24", "10.0.0.10");
	expect(&a, "192.168.1.0/24", 0, false);
	ai_had_nothing(&a);
	expect(&a, "10.0.0.10/32", 0, false);
	expect(&a, "10.0.0.11/32", 1, false);
	expect(&a, "192.168.1.0/24", 0, false);
	expect_none(&a);
	ai_done(&a);
}

static void
an_only_peer_with_any_needs_no_parts(void **st)
{
	struct ai_plan a;

	(void)st;
	ai_init(&a, &key);
	ai_peers(&a, 1);
	list(&a, 0, "0.0.0.0/0");
	ai_listed(&a);
	expect(&a, "0.0.0.0/0", 0, false);
	route(&a, "192.168.1.0/24", "10.0.0.1");
	route(&a, "192.168.2.0/24", NULL);
	expect_none(&a);
	route(&a, "2001:db8::/32", "fe80::1");
	expect_none(&a);		/* fe80::1 is nobody's */
	route(&a, "2001:db8::/32", NULL);
	expect(&a, "2001:db8::/32", 0, false);
	ai_done(&a);
}

static void
a_part_of_the_address_space_is_no_cover(void **st)
{
	struct ai_plan a;

	(void)st;
	ai_init(&a, &key);
	ai_peers(&a, 1);
	list(&a, 0, "10.1.0.0/24");
	ai_listed(&a);
	expect(&a, "10.1.0.0/24", 0, false);
	/* Its first address is covered, the rest is not. */
	route(&a, "10.1.0.0/16", NULL);
	expect(&a, "10.1.0.0/16", 0, false);
	ai_done(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(route_goes_to_the_peer_of_its_next_hop),
		cmocka_unit_test(nobody_for_an_unknown_next_hop),
		cmocka_unit_test(list_beats_route),
		cmocka_unit_test(found_ones_stay_while_held),
		cmocka_unit_test(new_device_gets_all),
		cmocka_unit_test(an_only_peer_with_any_needs_no_parts),
		cmocka_unit_test(a_part_of_the_address_space_is_no_cover),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

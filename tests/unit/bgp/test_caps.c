/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bgp/caps.h"

struct pair {
	struct bgp_open ours, theirs;
	struct bgp_demand demand;
	struct bgp_caps caps;
	struct bgp_error err;
};

static struct pair
pair(void)
{
	struct pair p = { .demand = { .peer_asn = 65002 } };

	bgp_open_init(&p.ours);
	p.ours.asn = 65001;
	p.ours.id = 1;
	p.ours.hold = 240;
	p.ours.families = BGP_FAM_ALL;
	p.theirs = p.ours;
	p.theirs.asn = 65002;
	p.theirs.id = 2;
	return p;
}

/* 0 when it is agreed, else the subcode of the OPEN error. */
static int
talk(struct pair *p)
{
	if (bgp_caps_negotiate(&p->ours, &p->theirs, &p->demand, &p->caps,
	    &p->err))
		return 0;
	assert_int_equal(p->err.code, BGP_ERR_OPEN);
	return p->err.subcode;
}

static void
plain(void **state)
{
	struct pair p = pair();
	struct bgp_codec c;

	(void)state;
	assert_int_equal(talk(&p), 0);
	assert_int_equal(p.caps.peer, BGP_EBGP);
	assert_int_equal(p.caps.families, BGP_FAM_ALL);
	assert_int_equal(p.caps.hold, 240);
	assert_int_equal(p.caps.keepalive, 80);
	assert_false(p.caps.as4 || p.caps.gr || p.caps.refresh);
	bgp_caps_codec(&p.caps, &c);
	assert_int_equal(c.peer, BGP_EBGP);
	assert_int_equal(c.families, BGP_FAM_ALL);
	assert_false(c.as4 || c.confed);
}

static void
who_it_is(void **state)
{
	struct pair p = pair();

	(void)state;
	p.demand.peer_asn = 65003;
	assert_int_equal(talk(&p), BGP_OPEN_AS);
	p.demand = (struct bgp_demand){ .internal = true };
	assert_int_equal(talk(&p), BGP_OPEN_AS);
	p.demand = (struct bgp_demand){ .external = true };
	assert_int_equal(talk(&p), 0);
	p.demand = (struct bgp_demand){ 0 };
	assert_int_equal(talk(&p), 0);

	p.theirs.asn = 65001;
	assert_int_equal(talk(&p), 0);
	assert_int_equal(p.caps.peer, BGP_IBGP);
	p.demand.external = true;
	assert_int_equal(talk(&p), BGP_OPEN_AS);
	/* The same identifier: not within an AS, RFC 6286. */
	p.demand = (struct bgp_demand){ .internal = true };
	p.theirs.id = 1;
	assert_int_equal(talk(&p), BGP_OPEN_ID);
	p = pair();
	p.theirs.id = 1;
	assert_int_equal(talk(&p), 0);
}

static void
hold_times(void **state)
{
	static const struct {
		uint16_t ours, theirs, keepalive, hold, want;
	} t[] = {
		{ 240, 90, 0, 90, 30 },
		{ 90, 240, 0, 90, 30 },
		{ 240, 0, 0, 0, 0 },
		{ 0, 240, 0, 0, 0 },
		{ 240, 120, 60, 120, 30 },	/* scaled down */
		{ 240, 240, 60, 240, 60 },
		{ 3, 240, 0, 3, 1 },
		{ 240, 3, 10, 3, 1 },		/* never zero */
		{ 65535, 65535, 0, 65535, 21845 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct pair p = pair();

		p.ours.hold = t[i].ours;
		p.theirs.hold = t[i].theirs;
		p.demand.keepalive = t[i].keepalive;
		assert_int_equal(talk(&p), 0);
		assert_int_equal(p.caps.hold, t[i].hold);
		assert_int_equal(p.caps.keepalive, t[i].want);
	}
}

static void
hold_too_short(void **state)
{
	struct pair p = pair();

	(void)state;
	p.demand.hold_min = 30;
	p.theirs.hold = 29;
	assert_int_equal(talk(&p), BGP_OPEN_HOLD);
	assert_int_equal(be16_get(bgp_error_data(&p.err).p), 29);
	p.theirs.hold = 30;
	assert_int_equal(talk(&p), 0);
}

static void
families(void **state)
{
	struct pair p = pair();

	(void)state;
	p.theirs.families = BGP_FAM_BIT(BGP_FAM_IP6);
	assert_int_equal(talk(&p), 0);
	assert_int_equal(p.caps.families, BGP_FAM_BIT(BGP_FAM_IP6));
	/* Nothing in common. */
	p.ours.families = BGP_FAM_BIT(BGP_FAM_IP4);
	assert_int_equal(talk(&p), BGP_OPEN_CAPABILITY);
	assert_int_equal(bgp_error_data(&p.err).n, 6);
	assert_int_equal(bgp_error_data(&p.err).p[0], BGP_CAP_MP);
	assert_int_equal(bgp_error_data(&p.err).p[3], BGP_AFI_IP4);
}

static void
both_must_say_it(void **state)
{
	struct pair p = pair();

	(void)state;
	p.ours.as4 = p.ours.refresh = p.ours.enhanced_refresh = true;
	p.ours.ext_message = true;
	assert_int_equal(talk(&p), 0);
	assert_false(p.caps.as4 || p.caps.refresh ||
	    p.caps.enhanced_refresh || p.caps.ext_message);
	p.theirs.as4 = p.theirs.enhanced_refresh = p.theirs.ext_message = true;
	assert_int_equal(talk(&p), 0);
	assert_true(p.caps.as4 && p.caps.ext_message);
	assert_false(p.caps.enhanced_refresh);	/* not without plain refresh */
	p.theirs.refresh = true;
	assert_int_equal(talk(&p), 0);
	assert_true(p.caps.refresh && p.caps.enhanced_refresh);
}

static void
demands(void **state)
{
	struct pair p = pair();

	(void)state;
	p.demand.require_as4 = true;
	assert_int_equal(talk(&p), BGP_OPEN_CAPABILITY);
	assert_int_equal(bgp_error_data(&p.err).p[0], BGP_CAP_AS4);
	p = pair();
	p.demand.require_families = BGP_FAM_BIT(BGP_FAM_IP6);
	assert_int_equal(talk(&p), 0);
	p.theirs.families = BGP_FAM_BIT(BGP_FAM_IP4);
	assert_int_equal(talk(&p), BGP_OPEN_CAPABILITY);
	assert_int_equal(bgp_error_data(&p.err).p[3], BGP_AFI_IP6);
	p = pair();
	p.demand.require_gr = true;
	assert_int_equal(talk(&p), BGP_OPEN_CAPABILITY);
	p.theirs.has_gr = true;
	assert_int_equal(talk(&p), 0);
}

/* RFC 9234 section 4.2: five pairs and no other. */
static void
roles(void **state)
{
	static const uint8_t good[][2] = {
		{ BGP_ROLE_PROVIDER, BGP_ROLE_CUSTOMER },
		{ BGP_ROLE_CUSTOMER, BGP_ROLE_PROVIDER },
		{ BGP_ROLE_RS, BGP_ROLE_RS_CLIENT },
		{ BGP_ROLE_RS_CLIENT, BGP_ROLE_RS },
		{ BGP_ROLE_PEER, BGP_ROLE_PEER },
	};

	(void)state;
	for (uint8_t a = 0; a < BGP_NROLES + 1; a++) {
		for (uint8_t b = 0; b < BGP_NROLES + 1; b++) {
			struct pair p = pair();
			int want = a == BGP_NROLES ? 0 : BGP_OPEN_ROLE;

			for (unsigned i = 0; i < 5; i++) {
				if (good[i][0] == a && good[i][1] == b)
					want = 0;
			}
			p.ours.role = a == BGP_NROLES ? BGP_ROLE_NONE : a;
			p.theirs.role = b;
			assert_int_equal(talk(&p), want);
		}
	}
}

static void
role_missing(void **state)
{
	struct pair p = pair();

	(void)state;
	p.ours.role = BGP_ROLE_CUSTOMER;
	assert_int_equal(talk(&p), 0);
	p.demand.role_strict = true;
	assert_int_equal(talk(&p), BGP_OPEN_ROLE);
	p = pair();
	p.theirs.role = BGP_ROLE_CONFLICT;
	assert_int_equal(talk(&p), BGP_OPEN_ROLE);
	/* Roles are between ASes. */
	p.theirs.asn = p.ours.asn;
	p.demand.peer_asn = p.ours.asn;
	assert_int_equal(talk(&p), 0);
}

static void
add_path(void **state)
{
	struct pair p = pair();

	(void)state;
	p.ours.add_path[BGP_FAM_IP4] = BGP_ADD_PATH_RX;
	p.theirs.add_path[BGP_FAM_IP4] = BGP_ADD_PATH_RX | BGP_ADD_PATH_TX;
	p.ours.add_path[BGP_FAM_IP6] = BGP_ADD_PATH_RX | BGP_ADD_PATH_TX;
	p.theirs.add_path[BGP_FAM_IP6] = BGP_ADD_PATH_RX;
	assert_int_equal(talk(&p), 0);
	assert_int_equal(p.caps.add_path_rx, BGP_FAM_BIT(BGP_FAM_IP4));
	assert_int_equal(p.caps.add_path_tx, BGP_FAM_BIT(BGP_FAM_IP6));
	p.theirs.families = BGP_FAM_BIT(BGP_FAM_IP4);
	assert_int_equal(talk(&p), 0);
	assert_int_equal(p.caps.add_path_tx, 0);
}

static void
restarts(void **state)
{
	struct pair p = pair();

	(void)state;
	p.theirs.has_gr = true;
	p.theirs.gr_time = 90;
	p.theirs.gr_restarting = p.theirs.gr_notification = true;
	p.theirs.gr_families = BGP_FAM_ALL;
	p.theirs.gr_forwarding = BGP_FAM_BIT(BGP_FAM_IP4);
	assert_int_equal(talk(&p), 0);
	assert_false(p.caps.gr);
	p.ours.has_gr = true;
	p.ours.families = BGP_FAM_BIT(BGP_FAM_IP4);
	assert_int_equal(talk(&p), 0);
	assert_true(p.caps.gr && p.caps.gr_peer_restarting);
	assert_false(p.caps.gr_notification);
	assert_int_equal(p.caps.gr_time, 90);
	assert_int_equal(p.caps.gr_families, BGP_FAM_BIT(BGP_FAM_IP4));
	assert_int_equal(p.caps.gr_forwarding, BGP_FAM_BIT(BGP_FAM_IP4));
}

static void
confederation(void **state)
{
	struct pair p = pair();
	struct bgp_codec c;

	(void)state;
	p.demand.confed_id = 100;
	assert_int_equal(talk(&p), 0);
	bgp_caps_codec(&p.caps, &c);
	assert_int_equal(c.peer, BGP_EBGP);
	assert_false(c.confed);
	p.demand.confed = true;
	assert_int_equal(talk(&p), 0);
	bgp_caps_codec(&p.caps, &c);
	assert_int_equal(c.peer, BGP_CONFED);
	assert_true(c.confed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain),
		cmocka_unit_test(who_it_is),
		cmocka_unit_test(hold_times),
		cmocka_unit_test(hold_too_short),
		cmocka_unit_test(families),
		cmocka_unit_test(both_must_say_it),
		cmocka_unit_test(demands),
		cmocka_unit_test(roles),
		cmocka_unit_test(role_missing),
		cmocka_unit_test(add_path),
		cmocka_unit_test(restarts),
		cmocka_unit_test(confederation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

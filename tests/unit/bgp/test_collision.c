/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bgp/collision.h"

static const struct bgp_speaker low = { 1, 65001 }, high = { 2, 65000 };

static void
nothing_to_decide(void **state)
{
	(void)state;
	for (int in = BGP_NONE; in <= BGP_ESTABLISHED; in++) {
		for (int out = BGP_NONE; out <= BGP_ACTIVE; out++) {
			assert_int_equal(bgp_collision((enum bgp_state)out,
			    (enum bgp_state)in, low, high),
			    BGP_COLLISION_NONE);
			assert_int_equal(bgp_collision((enum bgp_state)in,
			    (enum bgp_state)out, low, high),
			    BGP_COLLISION_NONE);
		}
	}
	/* Nobody has said who they are. */
	assert_int_equal(bgp_collision(BGP_OPENSENT, BGP_OPENSENT, low, high),
	    BGP_COLLISION_NONE);
}

static void
established_stays(void **state)
{
	(void)state;
	assert_int_equal(bgp_collision(BGP_ESTABLISHED, BGP_OPENCONFIRM, low,
	    high), BGP_COLLISION_CLOSE_IN);
	assert_int_equal(bgp_collision(BGP_ESTABLISHED, BGP_OPENSENT, low,
	    high), BGP_COLLISION_CLOSE_IN);
	assert_int_equal(bgp_collision(BGP_OPENCONFIRM, BGP_ESTABLISHED, high,
	    low), BGP_COLLISION_CLOSE_OUT);
}

/* Both sides see the same two connections from their ends, and agree. */
static void
both_agree(void **state)
{
	static const struct bgp_speaker who[] = {
		{ 1, 65001 }, { 2, 65001 }, { 2, 65002 }, { 0xffffffff, 1 },
	};

	(void)state;
	for (unsigned a = 0; a < 4; a++) {
		for (unsigned b = 0; b < 4; b++) {
			enum bgp_collision at_a, at_b;

			if (a == b)
				continue;
			at_a = bgp_collision(BGP_OPENCONFIRM,
			    BGP_OPENCONFIRM, who[a], who[b]);
			at_b = bgp_collision(BGP_OPENCONFIRM,
			    BGP_OPENCONFIRM, who[b], who[a]);
			assert_int_not_equal(at_a, BGP_COLLISION_NONE);
			assert_int_not_equal(at_a, at_b);
		}
	}
}

static void
higher_dials(void **state)
{
	const struct bgp_speaker same_id = { 1, 65002 };

	(void)state;
	assert_int_equal(bgp_collision(BGP_OPENCONFIRM, BGP_OPENCONFIRM,
	    high, low), BGP_COLLISION_CLOSE_IN);
	assert_int_equal(bgp_collision(BGP_OPENCONFIRM, BGP_OPENCONFIRM,
	    low, high), BGP_COLLISION_CLOSE_OUT);
	/* Before the loser is established, and its routes come and go. */
	assert_int_equal(bgp_collision(BGP_OPENCONFIRM, BGP_OPENSENT, high,
	    low), BGP_COLLISION_CLOSE_IN);
	assert_int_equal(bgp_collision(BGP_OPENCONFIRM, BGP_OPENSENT, low,
	    high), BGP_COLLISION_CLOSE_OUT);
	assert_int_equal(bgp_collision(BGP_OPENSENT, BGP_OPENCONFIRM, low,
	    high), BGP_COLLISION_CLOSE_OUT);
	/* RFC 6286: the same identifier in two ASes. */
	assert_int_equal(bgp_collision(BGP_OPENCONFIRM, BGP_OPENCONFIRM,
	    same_id, low), BGP_COLLISION_CLOSE_IN);
}

static void
incoming(void **state)
{
	(void)state;
	for (int st = BGP_NONE; st < BGP_ESTABLISHED; st++)
		assert_int_equal(bgp_collision_incoming((enum bgp_state)st,
		    true), BGP_INCOMING_ACCEPT);
	assert_int_equal(bgp_collision_incoming(BGP_ESTABLISHED, true),
	    BGP_INCOMING_REPLACE);
	assert_int_equal(bgp_collision_incoming(BGP_ESTABLISHED, false),
	    BGP_INCOMING_REJECT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_to_decide),
		cmocka_unit_test(established_stays),
		cmocka_unit_test(both_agree),
		cmocka_unit_test(higher_dials),
		cmocka_unit_test(incoming),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

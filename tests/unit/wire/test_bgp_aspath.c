/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "wire/bgp_update.h"
#include "hex.h"

static void
merges_to(const char *path2, const char *as4_path, const char *want)
{
	uint8_t room[512];
	struct wr w = wr_of(room, sizeof(room));
	struct bytes a = hex(path2), b = hex(as4_path), c = hex(want);

	bgp_aspath_to4(&w, a, b);
	assert_false(w.bad);
	assert_int_equal(wr_len(&w), c.n);
	assert_memory_equal(room, c.p, c.n);
	hex_free(a);
	hex_free(b);
	hex_free(c);
}

static void
to4(void **state)
{
	(void)state;
	merges_to("", "", "");
	/* No AS4_PATH: only wider. */
	merges_to("02 02 0064 00c8", "", "02 02 00000064 000000c8");
	/* The tail is known better. */
	merges_to("02 03 0064 5ba0 5ba0", "02 02 fbf00001 fbf00002",
	    "02 01 00000064 02 02 fbf00001 fbf00002");
	/* All of it is. */
	merges_to("02 01 5ba0", "02 01 fbf00001", "02 01 fbf00001");
	/* Longer than the path: someone has lied, RFC 6793 4.2.3. */
	merges_to("02 01 5ba0", "02 02 fbf00001 fbf00002",
	    "02 01 00005ba0");
	/* A set is one hop. */
	merges_to("02 01 0064 01 03 0001 0002 0003", "01 01 fbf00001",
	    "02 01 00000064 01 01 fbf00001");
	/* Confederations count nothing and stay in front. */
	merges_to("03 01 0009 02 01 5ba0", "02 01 fbf00001",
	    "03 01 00000009 02 01 fbf00001");
	/* In an AS4_PATH they are thrown out, section 6. */
	merges_to("02 02 0064 5ba0", "03 01 fbf00009 02 01 fbf00001",
	    "02 01 00000064 02 01 fbf00001");
}

static void
to2(void **state)
{
	uint8_t room[64];
	struct wr w = wr_of(room, sizeof(room));
	struct bytes a = hex("02 02 00000064 fbf00001 01 01 0000ffff");
	struct bytes want = hex("02 02 0064 5ba0 01 01 ffff");

	(void)state;
	bgp_aspath_to2(&w, a);
	assert_true(bytes_eq(bytes_of(room, wr_len(&w)), want));
	assert_true(bgp_aspath_wide(a));
	hex_free(a);
	hex_free(want);
	a = hex("02 01 0000ffff");
	assert_false(bgp_aspath_wide(a));
	hex_free(a);
}

/* What we send to an old speaker comes back whole. */
static void
there_and_back(void **state)
{
	uint8_t two[64], as4[64], back[64];
	struct wr w2 = wr_of(two, 64), w4 = wr_of(as4, 64);
	struct wr wb = wr_of(back, 64);
	struct bytes a = hex("02 02 00000064 fbf00001 01 02 fbf00002 00000001");

	(void)state;
	bgp_aspath_to2(&w2, a);
	bgp_aspath_as4(&w4, a);
	bgp_aspath_to4(&wb, bytes_of(two, wr_len(&w2)),
	    bytes_of(as4, wr_len(&w4)));
	assert_true(bytes_eq(bytes_of(back, wr_len(&wb)), a));
	hex_free(a);
}

static void
hops(void **state)
{
	struct bytes a = hex("03 02 0000000100000002 02 03"
	    "00000001 00000002 00000003 01 02 00000004 00000005"
	    "04 01 00000009");

	(void)state;
	assert_int_equal(bgp_aspath_hops(a, true), 4);
	assert_int_equal(bgp_aspath_hops(bytes_of(NULL, 0), true), 0);
	hex_free(a);
}

static void
broken(void **state)
{
	static const char *const wrong[] = {
		"02", "02 01", "02 01 000000", "02 00", "00 01 00000001",
		"05 01 00000001", "02 01 00000001 02",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct bytes a = hex(wrong[i]);
		struct rd r = rd_of(a);
		struct bgp_aspath_seg seg;

		while (bgp_aspath_next(&r, true, &seg))
			continue;
		assert_true(r.bad);
		hex_free(a);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to4),
		cmocka_unit_test(to2),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(hops),
		cmocka_unit_test(broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

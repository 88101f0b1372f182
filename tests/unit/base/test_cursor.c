/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cursor.h"

static void
past_the_end_sticks(void **st)
{
	struct rd r = rd_of(bytes_of("\1\2\3", 3));

	(void)st;
	assert_int_equal(rd_be16(&r), 0x0102);
	assert_false(r.bad);
	assert_int_equal(rd_be16(&r), 0);
	assert_true(r.bad);
	assert_int_equal(rd_u8(&r), 0);
	assert_int_equal(rd_left(&r), 0);
}

static void
nothing_at_null_is_good(void **st)
{
	struct rd r = rd_of((struct bytes){ NULL, 0 }), sub;
	struct wr w = wr_of(NULL, 0);

	(void)st;
	rd_bytes(&r, 0);
	sub = rd_sub(&r, 0);
	assert_false(r.bad);
	assert_false(sub.bad);
	rd_u8(&sub);
	assert_true(sub.bad);
	wr_bytes(&w, (struct bytes){ NULL, 0 });
	assert_false(w.bad);
	wr_u8(&w, 1);
	assert_true(w.bad);
}

static void
a_part_has_its_own_end(void **st)
{
	struct rd r = rd_of(bytes_of("abcd", 4)), sub = rd_sub(&r, 2);

	(void)st;
	assert_int_equal(rd_left(&r), 2);
	assert_int_equal(rd_be32(&sub), 0);
	assert_true(sub.bad);
	assert_false(r.bad);
	assert_int_equal(rd_be16(&r), 'c' << 8 | 'd');
	sub = rd_sub(&r, 1);
	assert_true(sub.bad);
	assert_true(r.bad);
}

static void
room_runs_out(void **st)
{
	uint8_t b[4] = { 0 };
	struct wr w = wr_of(b, 3);

	(void)st;
	wr_be16(&w, 0x0102);
	wr_be16(&w, 0x0304);
	assert_true(w.bad);
	assert_int_equal(wr_len(&w), 2);
	wr_u8(&w, 5);
	assert_memory_equal(b, "\1\2\0\0", 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(past_the_end_sticks),
		cmocka_unit_test(nothing_at_null_is_good),
		cmocka_unit_test(a_part_has_its_own_end),
		cmocka_unit_test(room_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

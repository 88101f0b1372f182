/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "wire/echo.h"

static void
layout(void **state)
{
	static const uint8_t want[ECHO_SIZE] = { 128, 0, 0, 0, 0x12, 0x34,
	    0xab, 0xcd, 'W', 'l', 'i', 'v', 0, 30, 0, 0 };
	const struct echo e = { .id = 0x1234, .seq = 0xabcd,
	    .every = MILLISECONDS(300) };
	uint8_t buf[ECHO_SIZE];

	(void)state;
	echo_encode(buf, &e);
	assert_memory_equal(buf, want, sizeof(want));
}

static void
round_trip(void **state)
{
	struct echo e = { .answer = true, .id = 1, .seq = 65535,
	    .every = SECONDS(15), .padding = 3 }, got;
	uint8_t buf[ECHO_SIZE + 3] = { 0 };

	(void)state;
	echo_encode(buf, &e);
	assert_true(echo_decode(buf, sizeof(buf), &got));
	assert_true(got.answer);
	assert_int_equal(got.seq, 65535);
	assert_int_equal(got.every, SECONDS(15));
	assert_int_equal(got.padding, 3);
	/* Longer than it can say. */
	e.every = SECONDS(100000);
	echo_encode(buf, &e);
	assert_true(echo_decode(buf, sizeof(buf), &got));
	assert_int_equal(got.every, 65535 * ECHO_UNIT);
}

static void
refused(void **state)
{
	const struct echo e = { .id = 1 };
	uint8_t buf[ECHO_SIZE + 1] = { 0 };
	struct echo got;

	(void)state;
	echo_encode(buf, &e);
	assert_true(echo_decode(buf, ECHO_SIZE, &got));
	for (size_t n = 0; n < ECHO_SIZE; n++)
		assert_false(echo_decode(buf, n, &got));
	assert_false(echo_decode(buf, sizeof(buf), &got));
	for (unsigned i = 0; i < 12; i++) {
		if (i >= 2 && i < 8)
			continue;
		buf[i] ^= 0x40;
		assert_false(echo_decode(buf, ECHO_SIZE, &got));
		buf[i] ^= 0x40;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layout),
		cmocka_unit_test(round_trip),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* The small ones: clock, entropy, sysctl's reading half. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <time.h>

#include "sys/clock.h"
#include "sys/entropy.h"
#include "sys/sysctl.h"

static void
test_clock(void **state)
{
	struct instant a = clock_now(), b;
	struct timespec ms = { .tv_nsec = 2000000 };

	(void)state;
	nanosleep(&ms, NULL);
	b = clock_now();
	assert_true(instant_sub(b, a) >= MILLISECONDS(2));
	assert_true(instant_sub(b, a) < SECONDS(60));
	assert_true(clock_wall().s > 1700000000);
	assert_in_range(clock_wall().ns, 0, 999999999);
}

static void
test_entropy(void **state)
{
	uint8_t a[64] = { 0 }, b[64] = { 0 };
	unsigned seen = 0;

	(void)state;
	entropy_fill(a, sizeof(a));
	entropy_fill(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	for (int i = 0; i < 1000; i++) {
		uint32_t v = entropy_below(5);

		assert_true(v < 5);
		seen |= 1u << v;
	}
	assert_int_equal(seen, 0x1f);
	assert_int_equal(entropy_below(1), 0);
}

static void
test_sysctl(void **state)
{
	static const char *const bad[] = { "", "ipv4/../../kernel/pid_max",
		"/ipv4/ip_forward", "ipv4//ip_forward", "ipv4/.", ".." };
	long v = -1;

	(void)state;
	assert_int_equal(sysctl_get("ipv4/ip_forward", &v), 0);
	assert_in_range(v, 0, 1);
	/* Nothing is written where it is right already. */
	assert_int_equal(sysctl_set("ipv4/ip_forward", v), 0);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(sysctl_get(bad[i], &v), -EINVAL);
	assert_int_equal(sysctl_if_get(FAMILY_IP4, "no-such-if0",
	    "forwarding", &v), -ENOENT);
	assert_int_equal(sysctl_if_get(FAMILY_IP4, "../all", "forwarding",
	    &v), -EINVAL);
	assert_int_equal(sysctl_if_get(FAMILY_IP4, "lo", "rp_filter", &v), 0);
	assert_false(sysctl_forwards(FAMILY_IP4, "no-such-if0"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_clock),
		cmocka_unit_test(test_entropy),
		cmocka_unit_test(test_sysctl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

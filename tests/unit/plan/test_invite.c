/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/invite.h"

/* Of a pool, with taken nets up to a NULL; "" where it is full. */
static void
picks(const char *want, const char *pool, const char *const *taken)
{
	struct prefix p, v[8];
	char buf[IP_TEXT];
	struct ip ip;
	unsigned n = 0;

	assert_true(prefix_parse(pool, &p));
	for (; taken[n] != NULL; n++)
		assert_true(prefix_parse(taken[n], &v[n]));
	ip = invite_pick(&p, v, n);
	if (want[0] == '\0')
		assert_true(ip_is_none(ip));
	else
		assert_string_equal(ip_text(ip, buf), want);
}

#define PICKS(want, pool, ...) \
	picks(want, pool, (const char *const[]){ __VA_ARGS__ })

static void
the_lowest_that_is_free(void **state)
{
	(void)state;
	PICKS("10.0.0.65", "10.0.0.64/26", NULL);
	PICKS("10.0.0.67", "10.0.0.64/26", "10.0.0.65/32", "10.0.0.66/32",
	    "10.0.0.68/32", NULL);
	PICKS("10.0.0.80", "10.0.0.64/26", "10.0.0.64/28", NULL);
	PICKS("10.0.0.80", "10.0.0.64/26", "10.0.0.64/30", "10.0.0.64/28",
	    NULL);
	PICKS("fd00::1", "fd00::/112", NULL);
	PICKS("fd00::100", "fd00::/112", "fd00::/120", NULL);
	PICKS("10.1.0.0", "10.0.0.0/15", "10.0.0.0/16", NULL);
}

static void
a_pool_ends(void **state)
{
	(void)state;
	PICKS("10.0.0.2", "10.0.0.0/30", "10.0.0.1/32", NULL);
	PICKS("", "10.0.0.0/30", "10.0.0.1/32", "10.0.0.2/32", NULL);
	PICKS("", "10.0.0.0/30", "10.0.0.0/8", NULL);
	PICKS("", "255.255.255.252/30", "255.255.255.252/30", NULL);
	PICKS("", "fd00::/126", "fd00::/16", NULL);
	PICKS("fd00::3", "fd00::/126", "fd00::1/128", "fd00::2/128", NULL);
}

static void
small_pools_have_no_ends(void **state)
{
	(void)state;
	PICKS("10.0.0.0", "10.0.0.0/31", NULL);
	PICKS("10.0.0.1", "10.0.0.0/31", "10.0.0.0/32", NULL);
	PICKS("10.0.0.7", "10.0.0.7/32", NULL);
	PICKS("", "10.0.0.7/32", "10.0.0.7/32", NULL);
	PICKS("fd00::7", "fd00::7/128", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_lowest_that_is_free),
		cmocka_unit_test(a_pool_ends),
		cmocka_unit_test(small_pools_have_no_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

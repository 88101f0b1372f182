/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "plan/guard.h"

static struct prefix
net(const char *s)
{
	struct prefix p;

	assert_true(prefix_parse(s, &p));
	return p;
}

static void
lan(struct guard *g, const char *s, const char *name)
{
	struct prefix p = net(s);

	guard_lan(g, &p, name);
}

static void
endpoint(struct guard *g, const char *s, unsigned len)
{
	struct ip ip;

	assert_true(ip_parse(s, &ip));
	guard_endpoint(g, ip, len, "wg0");
}

static enum guard_verdict
judge(const struct guard *g, const char *s)
{
	const struct guard_net *which;
	struct prefix p = net(s);

	return guard_judge(g, &p, &which);
}

static void
lans_by_harm(void **st)
{
	const struct guard_net *which;
	struct prefix p = net("192.168.1.77/32");
	struct guard g;

	(void)st;
	guard_init(&g);
	lan(&g, "192.168.1.0/24", "eth1");
	lan(&g, "10.0.0.0/8", "eth2");
	lan(&g, "10.1.0.0/16", "eth3");		/* inside another */
	lan(&g, "fd42::/64", "eth1");
	lan(&g, "192.168.1.0/24", "eth4");	/* twice */
	guard_seal(&g);
	assert_int_equal(g.n, 3);
	assert_int_equal(judge(&g, "192.168.1.0/24"), GUARD_LAN);
	assert_int_equal(judge(&g, "192.168.1.128/25"), GUARD_LAN);
	assert_int_equal(guard_judge(&g, &p, &which), GUARD_LAN);
	assert_string_equal(which->name, "eth1");
	assert_int_equal(judge(&g, "10.1.2.0/24"), GUARD_LAN);
	assert_int_equal(judge(&g, "10.255.255.255/32"), GUARD_LAN);
	assert_int_equal(judge(&g, "fd42::/65"), GUARD_LAN);
	/* Aggregates, neighbours, and everything. */
	assert_int_equal(judge(&g, "192.168.0.0/16"), GUARD_PASSES);
	assert_int_equal(judge(&g, "192.168.0.0/24"), GUARD_PASSES);
	assert_int_equal(judge(&g, "192.168.2.0/24"), GUARD_PASSES);
	assert_int_equal(judge(&g, "11.0.0.0/8"), GUARD_PASSES);
	assert_int_equal(judge(&g, "fd42:0:0:1::/64"), GUARD_PASSES);
	assert_int_equal(judge(&g, "0.0.0.0/0"), GUARD_PASSES);
	assert_int_equal(judge(&g, "128.0.0.0/1"), GUARD_PASSES);
	assert_int_equal(judge(&g, "::/0"), GUARD_PASSES);
	guard_done(&g);
}

static void
endpoints_by_length(void **st)
{
	struct guard g;

	(void)st;
	guard_init(&g);
	endpoint(&g, "203.0.113.2", 0);
	endpoint(&g, "198.51.100.9", 24);
	endpoint(&g, "2001:db8::7", 0);
	guard_seal(&g);
	assert_int_equal(judge(&g, "203.0.113.0/24"), GUARD_ENDPOINT);
	assert_int_equal(judge(&g, "203.0.113.2/32"), GUARD_ENDPOINT);
	assert_int_equal(judge(&g, "200.0.0.0/8"), GUARD_PASSES);
	assert_int_equal(judge(&g, "203.0.0.0/8"), GUARD_ENDPOINT);
	assert_int_equal(judge(&g, "203.0.114.0/24"), GUARD_PASSES);
	assert_int_equal(judge(&g, "203.0.113.4/30"), GUARD_PASSES);
	/* The underlay's /24 is longer, as long, shorter. */
	assert_int_equal(judge(&g, "198.51.0.0/16"), GUARD_PASSES);
	assert_int_equal(judge(&g, "198.51.100.0/24"), GUARD_ENDPOINT);
	assert_int_equal(judge(&g, "198.51.100.0/28"), GUARD_ENDPOINT);
	/* All that there is. */
	assert_int_equal(judge(&g, "0.0.0.0/0"), GUARD_PASSES);
	assert_int_equal(judge(&g, "128.0.0.0/1"), GUARD_PASSES);
	assert_int_equal(judge(&g, "2000::/3"), GUARD_PASSES);
	assert_int_equal(judge(&g, "2001:db8::/32"), GUARD_ENDPOINT);
	guard_done(&g);
}

static void
compares(void **st)
{
	struct guard a, b;

	(void)st;
	guard_init(&a);
	guard_init(&b);
	assert_true(guard_same(&a, &b));
	lan(&a, "192.168.1.0/24", "eth1");
	guard_seal(&a);
	assert_true(guard_is_stricter(&a, &b));
	assert_false(guard_is_stricter(&b, &a));
	lan(&b, "192.168.1.0/24", "eth1");
	endpoint(&b, "203.0.113.2", 24);
	guard_seal(&b);
	assert_false(guard_is_stricter(&a, &b));
	endpoint(&a, "203.0.113.2", 0);
	guard_seal(&a);
	assert_true(guard_is_stricter(&a, &b));
	assert_false(guard_is_stricter(&b, &a));
	assert_false(guard_same(&a, &b));
	guard_done(&a);
	guard_done(&b);
}

static void
out_of_memory(void **st)
{
	struct guard g;

	(void)st;
	guard_init(&g);
	mem_fail_after(0);
	lan(&g, "192.168.1.0/24", "eth1");
	mem_fail_after(-1);
	assert_true(g.failed);
	guard_seal(&g);
	assert_int_equal(judge(&g, "192.168.1.0/24"), GUARD_PASSES);
	guard_done(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lans_by_harm),
		cmocka_unit_test(endpoints_by_length),
		cmocka_unit_test(compares),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

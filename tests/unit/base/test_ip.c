/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>

#include "base/ip.h"

static uint32_t seed = 7;

static uint32_t
dice(void)
{
	seed = seed * 1664525 + 1013904223;
	return seed >> 8;
}

static struct ip
addr(const char *s)
{
	struct ip a = IP_NONE;

	if (!ip_parse(s, &a))
		fail_msg("not an address: %s", s);
	return a;
}

static struct prefix
net(const char *s)
{
	struct prefix p = { .kind = NET_NONE };

	if (!prefix_parse(s, &p))
		fail_msg("not a prefix: %s", s);
	return p;
}

static void
addresses_in_and_out(void **st)
{
	static const char *const pairs[][2] = {
		{ "0.0.0.0", "0.0.0.0" },
		{ "255.255.255.255", "255.255.255.255" },
		{ "::", "::" },
		{ "::1", "::1" },
		{ "1::", "1::" },
		{ "2001:DB8::0001", "2001:db8::1" },
		{ "2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1" },
		{ "2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "2001:db8::1:1:1:1:1", "2001:db8:0:1:1:1:1:1" },
		{ "1:0:0:2:0:0:0:3", "1:0:0:2::3" },
		{ "0:0:0:0:0:0:0:0", "::" },
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "64:ff9b::192.0.2.33", "64:ff9b::c000:221" },
		{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
		{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
		{ "fe80::1:2:3:4", "fe80::1:2:3:4" },
		{ "::102:304", "::1.2.3.4" },
		{ "::1:0", "::0.1.0.0" },
	};
	char buf[IP_TEXT];

	(void)st;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		assert_string_equal(ip_text(addr(pairs[i][0]), buf),
		    pairs[i][1]);
}

static void
not_addresses(void **st)
{
	static const char *const bad[] = {
		"", "1", "1.2.3", "1.2.3.4.5", "1.2.3.4 ", " 1.2.3.4",
		"1.2.3.256", "01.2.3.4", "1.2.3.04", "1..3.4", "1.2.3.",
		"+1.2.3.4", "0x1.2.3.4", "1.2.3.4/32", ":", ":::", "1:",
		":1", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
		"1:2:3:4:5:6:7::8", "::1:2:3:4:5:6:7:8", "12345::",
		"g::", "fe80::1%eth0", "::1.2.3", "::1.2.3.4.5",
		"1.2.3.4::", "1:2:3:4:5:6:7:1.2.3.4", "::1.2.3.4:5",
		"4294967297.1.1.1",
	};
	struct ip a = IP_NONE;

	(void)st;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (ip_parse(bad[i], &a))
			fail_msg("taken for an address: '%s'", bad[i]);
	assert_true(ip_is_none(a));
}

/* The C library is the second source, where it follows RFC 5952. */
static void
agrees_with_the_c_library(void **st)
{
	char mine[IP_TEXT], theirs[INET6_ADDRSTRLEN];
	uint8_t b[16];

	(void)st;
	for (int i = 0; i < 20000; i++) {
		struct ip a;

		for (int k = 0; k < 16; k += 2)
			be16_put(b + k, (uint16_t)(dice() % 3 ? 0 : dice()));
		a = ip_from6(b);
		if (memcmp(b, (uint8_t[12]){ 0 }, 10) == 0)
			continue;	/* dotted there, always */
		inet_ntop(AF_INET6, b, theirs, sizeof(theirs));
		assert_string_equal(ip_text(a, mine), theirs);
		assert_true(ip_eq(addr(theirs), a));
	}
}

static void
prefixes_in_and_out(void **st)
{
	struct prefix roa = net("10.0.0.0/8");
	char buf[PREFIX_TEXT];

	(void)st;
	roa.kind = NET_ROA4;
	roa.max = 24;
	roa.asn = 64500;
	assert_string_equal(prefix_text(&roa, buf), "10.0.0.0/8-24 AS64500");
	roa = net("2001:db8::/32");
	roa.kind = NET_ROA6;
	roa.max = 128;
	roa.asn = UINT32_MAX;
	assert_string_equal(prefix_text(&roa, buf),
	    "2001:db8::/32-128 AS4294967295");
	roa = net("0.0.0.0/0");
	assert_string_equal(prefix_text(&roa, buf), "0.0.0.0/0");
	roa = net("::/0");
	assert_string_equal(prefix_text(&roa, buf), "::/0");
	roa = net("192.0.2.1");
	assert_string_equal(prefix_text(&roa, buf), "192.0.2.1/32");
	roa = net("2001:db8::1");
	assert_string_equal(prefix_text(&roa, buf), "2001:db8::1/128");
}

static void
not_prefixes(void **st)
{
	static const char *const bad[] = {
		"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.1/8", "/8",
		"10.0.0.0/08", "10.0.0.0/8 ", "10.0.0.0/-1", "10.0.0.0/8/8",
		"::1/127", "::/129", "10/8", "::ffff:10.0.0.0/104",
		"::ffff:0:0/96",
	};
	struct prefix p;

	(void)st;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (prefix_parse(bad[i], &p))
			fail_msg("taken for a prefix: '%s'", bad[i]);
}

static void
bits(void **st)
{
	struct ip a = addr("192.0.2.129");

	(void)st;
	assert_true(ip_eq(ip_mask(a, 25), addr("192.0.2.128")));
	assert_true(ip_eq(ip_mask(a, 0), addr("0.0.0.0")));
	assert_true(ip_eq(ip_mask(a, 32), a));
	assert_true(ip_eq(ip_mask(addr("2001:db8:ffff::"), 33),
	    addr("2001:db8:8000::")));
	assert_true(ip_eq(ip_mask(addr("ffff::"), 0), addr("::")));
	assert_true(ip_bit(a, 0));
	assert_false(ip_bit(a, 2));
	assert_true(ip_bit(a, 31));
	assert_true(ip_bit(addr("::1"), 127));
	assert_int_equal(ip_common(a, a), 32);
	assert_int_equal(ip_common(a, addr("192.0.2.1")), 24);
	assert_int_equal(ip_common(a, addr("64.0.2.1")), 0);
	assert_int_equal(ip_common(a, addr("2001::")), 0);
	assert_int_equal(ip_common(addr("::1"), addr("::2")), 126);
	assert_int_equal(ip_common(addr("::1"), addr("::1")), 128);
}

static void
kinds_of_address(void **st)
{
	(void)st;
	assert_true(ip_is_multicast(addr("239.1.1.1")));
	assert_true(ip_is_multicast(addr("ff02::1")));
	assert_false(ip_is_multicast(addr("240.0.0.1")));
	assert_true(ip_is_loopback(addr("127.9.9.9")));
	assert_true(ip_is_loopback(addr("::1")));
	assert_false(ip_is_loopback(addr("::2")));
	assert_true(ip_is_link_local(addr("febf::1")));
	assert_false(ip_is_link_local(addr("fec0::1")));
	assert_true(ip_is4(addr("0.0.0.0")));
	assert_false(ip_is_none(addr("0.0.0.0")));
	assert_true(ip_is_none(addr("::")));
}

static void
covering(void **st)
{
	struct prefix all = net("0.0.0.0/0"), ten = net("10.0.0.0/8"),
	    sub = net("10.1.0.0/16"), six = net("::/0"), none = { 0 };

	(void)st;
	assert_true(prefix_covers(&all, &ten));
	assert_true(prefix_covers(&ten, &ten));
	assert_true(prefix_covers(&ten, &sub));
	assert_false(prefix_covers(&sub, &ten));
	assert_false(prefix_covers(&six, &ten));
	assert_false(prefix_covers(&six, &none));
	assert_false(prefix_covers(&none, &six));
	assert_true(prefix_has_ip(&ten, addr("10.255.0.1")));
	assert_false(prefix_has_ip(&ten, addr("11.0.0.0")));
	assert_false(prefix_has_ip(&six, addr("11.0.0.0")));
	assert_true(prefix_has_ip(&six, addr("::")));
}

static void
order_is_total(void **st)
{
	struct prefix v[] = {
		net("0.0.0.0/0"), net("10.0.0.0/8"), net("10.0.0.0/16"),
		net("10.1.0.0/16"), net("::/0"), net("2001:db8::/32"),
	};
	struct prefix roa = v[1];

	(void)st;
	for (int i = 0; i < 6; i++)
		for (int k = 0; k < 6; k++) {
			int c = prefix_cmp(&v[i], &v[k]);

			assert_true(i < k ? c < 0 : i > k ? c > 0 : c == 0);
			assert_int_equal(prefix_eq(&v[i], &v[k]), i == k);
		}
	roa.kind = NET_ROA4;
	assert_int_not_equal(prefix_cmp(&roa, &v[1]), 0);
	assert_false(prefix_eq(&roa, &v[1]));
}

static void
too_long_is_no_prefix(void **st)
{
	(void)st;
	assert_int_equal(prefix_of(addr("10.0.0.0"), 33).kind, NET_NONE);
	assert_int_equal(prefix_of(addr("::2"), 129).kind, NET_NONE);
	assert_int_equal(prefix_host(addr("::2")).len, 128);
}

static void
bogus_nets(void **st)
{
	static const char *const bogus[] = { "0.1.2.0/24", "0.0.0.1/32",
	    "127.0.0.0/8", "127.1.0.0/16", "224.0.0.0/4", "239.1.0.0/16",
	    "255.255.255.255/32", "::1/128", "::2/128", "::3:0/112",
	    "::1:0:0:0/80", "::127.0.0.0/104", "fe80::/10", "fe80::/64",
	    "ff00::/8", "ff02::/16" };
	static const char *const fine[] = { "0.0.0.0/0", "0.0.0.0/1",
	    "0.0.0.0/8", "0.0.0.0/32", "128.0.0.0/1", "126.0.0.0/7",
	    "169.254.0.0/16", "240.0.0.0/4", "255.255.255.0/24", "::/0",
	    "::/1", "::/96", "::/128", "::1.2.3.0/120", "0:0:0:1::/64",
	    "1::/16", "2001:db8::/32", "fc00::/7", "fe00::/9", "fec0::/10" };
	struct prefix p;

	(void)st;
	for (size_t i = 0; i < sizeof(bogus) / sizeof(bogus[0]); i++) {
		p = net(bogus[i]);
		if (!prefix_is_bogus(&p))
			fail_msg("taken for a net: '%s'", bogus[i]);
	}
	for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
		p = net(fine[i]);
		if (prefix_is_bogus(&p))
			fail_msg("taken for bogus: '%s'", fine[i]);
	}
	p = net("127.0.0.0/8");
	p.kind = NET_ROA4;
	assert_false(prefix_is_bogus(&p));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_in_and_out),
		cmocka_unit_test(not_addresses),
		cmocka_unit_test(agrees_with_the_c_library),
		cmocka_unit_test(prefixes_in_and_out),
		cmocka_unit_test(not_prefixes),
		cmocka_unit_test(bits),
		cmocka_unit_test(kinds_of_address),
		cmocka_unit_test(covering),
		cmocka_unit_test(order_is_total),
		cmocka_unit_test(too_long_is_no_prefix),
		cmocka_unit_test(bogus_nets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

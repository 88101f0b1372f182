/* SPDX-License-Identifier: ISC */
/* Prefix sets against the definition, pattern by pattern. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "filter/prefixes.h"

struct pattern {
	struct prefix net;
	unsigned lo, hi;
};

static uint64_t seed = 88172645463325252u;

static uint32_t
rnd(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 33) % below;
}

/* The guide: the first min(len1, len2) bits alike, lo <= len1 <= hi. */
static bool
one_has(const struct pattern *p, const struct prefix *net)
{
	unsigned min = net->len < p->net.len ? net->len : p->net.len;

	return prefix_family(net) == prefix_family(&p->net) &&
	    net->len >= p->lo && net->len <= p->hi &&
	    ip_common(net->ip, p->net.ip) >= min;
}

/* Few distinct bits, so that prefixes meet; sometimes any. */
static struct ip
random_ip(bool four)
{
	struct ip ip;

	if (four)
		return ip4(rnd(4) << 30 | rnd(8) << 20 | rnd(4) << 8 |
		    (rnd(8) == 0 ? rnd(256) : 0));
	memset(&ip, 0, sizeof(ip));
	ip.b[0] = 0x20;
	ip.b[1] = (uint8_t)rnd(3);
	ip.b[7] = (uint8_t)(rnd(4) << 6);
	ip.b[8] = (uint8_t)(rnd(4) << 5);
	ip.b[15] = (uint8_t)rnd(4);
	return ip;
}

static struct prefix
random_prefix(bool four)
{
	return prefix_of(random_ip(four), rnd(four ? 33 : 129));
}

static void
check_against_definition(bool four, unsigned n)
{
	struct arena *a = arena_new();
	struct filter_prefixes *s = filter_prefixes_new(a);
	struct pattern v[40];

	for (unsigned i = 0; i < n; i++) {
		unsigned max = four ? 32 : 128, kind = rnd(4);

		v[i].net = random_prefix(four);
		v[i].lo = kind == 1 ? 0 : kind == 2 ? rnd(max + 1) :
		    v[i].net.len;
		v[i].hi = kind == 0 ? max : kind == 2 ?
		    v[i].lo + rnd(max + 1 - v[i].lo) : v[i].net.len;
		assert_true(filter_prefixes_add(s, &v[i].net, v[i].lo,
		    v[i].hi));
	}
	filter_prefixes_finish(s);
	for (unsigned k = 0; k < 400; k++) {
		struct prefix net = random_prefix(four);
		bool want = false;

		for (unsigned i = 0; i < n; i++)
			want = want || one_has(&v[i], &net);
		assert_int_equal(filter_prefixes_has(s, &net), want);
	}
	arena_free(a);
}

static void
test_random_sets(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 150; i++) {
		check_against_definition(true, rnd(40));
		check_against_definition(false, rnd(40));
	}
}

static bool
has(const char *pattern, unsigned lo, unsigned hi, const char *net)
{
	struct arena *a = arena_new();
	struct filter_prefixes *s = filter_prefixes_new(a);
	struct prefix p, q;
	bool is;

	assert_true(prefix_parse(pattern, &p));
	assert_true(prefix_parse(net, &q));
	assert_true(filter_prefixes_add(s, &p, lo, hi));
	filter_prefixes_finish(s);
	is = filter_prefixes_has(s, &q);
	arena_free(a);
	return is;
}

/* The examples of BIRD's guide. */
static void
test_guide(void **state)
{
	(void)state;
	assert_true(has("1.0.0.0/8", 15, 17, "1.2.0.0/16"));
	assert_false(has("1.0.0.0/8", 0, 8, "1.0.0.0/16"));
	assert_true(has("0.0.0.0/0", 20, 24, "99.1.2.0/24"));
	assert_false(has("0.0.0.0/0", 20, 24, "99.1.0.0/16"));
	assert_true(has("1.2.3.4/32", 0, 32, "1.2.0.0/16"));
	assert_true(has("1.2.3.4/32", 0, 32, "0.0.0.0/0"));
	assert_false(has("1.2.3.4/32", 0, 32, "1.3.0.0/16"));
	assert_true(has("::/0", 128, 128, "2001:db8::1/128"));
	assert_false(has("10.0.0.0/8", 8, 32, "2001:db8::/32"));
}

static void
test_families_do_not_mix(void **state)
{
	struct arena *a = arena_new();
	struct filter_prefixes *s = filter_prefixes_new(a);
	struct prefix four, six;

	(void)state;
	assert_true(prefix_parse("10.0.0.0/8", &four));
	assert_true(prefix_parse("2001:db8::/32", &six));
	assert_false(filter_prefixes_has(s, &four));	/* empty */
	assert_true(filter_prefixes_add(s, &four, 8, 8));
	assert_false(filter_prefixes_add(s, &six, 32, 32));
	arena_free(a);
}

static void
test_same_in_any_order(void **state)
{
	struct arena *a = arena_new();
	struct filter_prefixes *s = filter_prefixes_new(a);
	struct filter_prefixes *t = filter_prefixes_new(a);
	struct prefix p, q;

	(void)state;
	assert_true(prefix_parse("10.0.0.0/8", &p));
	assert_true(prefix_parse("10.1.0.0/16", &q));
	filter_prefixes_add(s, &p, 8, 24);
	filter_prefixes_add(s, &q, 16, 16);
	filter_prefixes_add(t, &q, 16, 16);
	filter_prefixes_add(t, &p, 8, 24);
	filter_prefixes_finish(s);
	filter_prefixes_finish(t);
	assert_true(filter_prefixes_same(s, t));
	t = filter_prefixes_new(a);
	filter_prefixes_add(t, &q, 16, 16);
	filter_prefixes_add(t, &p, 8, 25);
	filter_prefixes_finish(t);
	assert_false(filter_prefixes_same(s, t));
	arena_free(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_sets),
		cmocka_unit_test(test_guide),
		cmocka_unit_test(test_families_do_not_mix),
		cmocka_unit_test(test_same_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

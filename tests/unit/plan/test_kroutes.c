/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/kroutes.h"

#include <errno.h>
#include <stdio.h>
#include <linux/rtnetlink.h>

static const struct hash_key key = { { 3, 4 } };

static struct prefix
net(const char *s)
{
	struct prefix p;

	assert_true(prefix_parse(s, &p));
	return p;
}

static struct kr_change
expect(struct kr_plan *k, enum kr_change_kind kind, const char *s,
    uint32_t metric)
{
	struct prefix p = net(s);
	struct kr_change c;

	assert_true(kr_next(k, &c));
	assert_int_equal(c.kind, kind);
	assert_true(prefix_eq(&c.net, &p));
	assert_int_equal(c.metric, metric);
	return c;
}

static void
expect_none(struct kr_plan *k)
{
	struct kr_change c;

	assert_false(kr_next(k, &c));
}

static void
want(struct kr_plan *k, const char *s, uint32_t metric, uint64_t digest)
{
	struct prefix p = net(s);

	kr_want(k, &p, metric, digest);
}

static void
unwant(struct kr_plan *k, const char *s)
{
	struct prefix p = net(s);

	kr_unwant(k, &p);
}

static void
seen(struct kr_plan *k, const char *s, uint32_t metric, uint64_t digest,
    bool own)
{
	struct prefix p = net(s);

	kr_seen(k, &p, metric, digest, own);
}

static void
set_change_delete(void **st)
{
	struct kr_plan k;
	struct kr_change c;

	(void)st;
	kr_init(&k, 32, &key);
	want(&k, "10.0.0.0/8", 32, 7);
	c = expect(&k, KR_SET, "10.0.0.0/8", 32);
	expect_none(&k);
	assert_false(kr_done(&k, c.cookie, 0));
	want(&k, "10.0.0.0/8", 32, 7);
	expect_none(&k);
	want(&k, "10.0.0.0/8", 32, 8);
	c = expect(&k, KR_SET, "10.0.0.0/8", 32);
	kr_done(&k, c.cookie, 0);
	unwant(&k, "10.0.0.0/8");
	c = expect(&k, KR_DEL, "10.0.0.0/8", 32);
	kr_done(&k, c.cookie, -ESRCH);
	expect_none(&k);
	assert_int_equal(netmap_count(&k.routes), 0);
	assert_int_equal(k.n_have, 0);
	kr_done_all(&k);
}

static void
new_metric_goes_in_before_the_old_goes_out(void **st)
{
	struct kr_plan k;

	(void)st;
	kr_init(&k, 32, &key);
	want(&k, "10.0.0.0/8", 32, 7);
	kr_done(&k, expect(&k, KR_SET, "10.0.0.0/8", 32).cookie, 0);
	want(&k, "10.0.0.0/8", 99, 7);
	kr_done(&k, expect(&k, KR_SET, "10.0.0.0/8", 99).cookie, 0);
	kr_done(&k, expect(&k, KR_DEL, "10.0.0.0/8", 32).cookie, 0);
	unwant(&k, "10.0.0.0/8");
	kr_done(&k, expect(&k, KR_DEL, "10.0.0.0/8", 99).cookie, 0);
	assert_int_equal(netmap_count(&k.routes), 0);
	assert_int_equal(netmap_count(&k.odd), 0);
	kr_done_all(&k);
}

static void
adopted_routes_are_not_touched(void **st)
{
	struct kr_plan k;

	(void)st;
	kr_init(&k, 32, &key);
	kr_hold(&k);
	kr_scan_begin(&k);
	seen(&k, "10.0.0.0/8", 32, 7, true);
	seen(&k, "10.1.0.0/16", 32, 7, true);
	seen(&k, "10.2.0.0/16", 32, 7, true);
	kr_scan_end(&k, true);
	while (kr_sweep(&k, 1))
		;
	expect_none(&k);
	want(&k, "10.0.0.0/8", 32, 7);
	expect_none(&k);
	/* Nor replaced while the others have not had their say; new ones go. */
	want(&k, "10.1.0.0/16", 32, 9);
	expect_none(&k);
	want(&k, "10.3.0.0/16", 32, 9);
	kr_done(&k, expect(&k, KR_SET, "10.3.0.0/16", 32).cookie, 0);
	want(&k, "10.1.0.0/16", 32, 8);
	expect_none(&k);
	kr_release(&k);
	while (kr_sweep(&k, 1))
		;
	kr_done(&k, expect(&k, KR_SET, "10.1.0.0/16", 32).cookie, 0);
	kr_done(&k, expect(&k, KR_DEL, "10.2.0.0/16", 32).cookie, 0);
	expect_none(&k);
	assert_int_equal(k.n_have, 3);
	kr_done_all(&k);
}

/* The next scan may begin before all was swept after the last one. */
static void
scans_in_a_row(void **st)
{
	struct kr_plan k;

	(void)st;
	kr_init(&k, 32, &key);
	kr_scan_begin(&k);
	seen(&k, "10.0.0.0/8", 32, 7, true);
	seen(&k, "10.1.0.0/16", 32, 7, true);
	kr_scan_end(&k, true);
	while (kr_sweep(&k, 1))
		;
	want(&k, "10.0.0.0/8", 32, 7);
	want(&k, "10.1.0.0/16", 32, 7);
	kr_scan_begin(&k);
	seen(&k, "10.0.0.0/8", 32, 7, true);
	kr_scan_end(&k, true);
	kr_scan_begin(&k);
	while (kr_sweep(&k, 1))
		;
	kr_done(&k, expect(&k, KR_SET, "10.1.0.0/16", 32).cookie, 0);
	expect_none(&k);
	kr_scan_end(&k, true);
	while (kr_sweep(&k, 1))
		;
	kr_done(&k, expect(&k, KR_SET, "10.0.0.0/8", 32).cookie, 0);
	expect_none(&k);
	kr_done_all(&k);
}

static void
leaving_takes_all_away_in_slices(void **st)
{
	struct kr_plan k;
	uint32_t slices = 0;
	struct kr_change c;

	(void)st;
	kr_init(&k, 32, &key);
	for (uint32_t i = 0; i < 100; i++) {
		char s[32];

		snprintf(s, sizeof(s), "10.%u.0.0/16", i);
		want(&k, s, 32, 7);
		assert_true(kr_next(&k, &c));
		kr_done(&k, c.cookie, 0);
	}
	kr_leave(&k);
	expect_none(&k);
	while (kr_sweep(&k, 10))
		slices++;
	assert_in_range(slices, 9, 10);
	for (uint32_t i = 0; i < 100; i++) {
		assert_true(kr_next(&k, &c));
		assert_int_equal(c.kind, KR_DEL);
		kr_done(&k, c.cookie, 0);
	}
	expect_none(&k);
	assert_int_equal(k.n_have, 0);
	assert_int_equal(netmap_count(&k.routes), 0);
	kr_done_all(&k);
}

static void
lost_routes_come_back_with_a_scan(void **st)
{
	struct kr_plan k;

	(void)st;
	kr_init(&k, 32, &key);
	want(&k, "10.0.0.0/8", 32, 7);
	want(&k, "10.1.0.0/16", 32, 7);
	kr_done(&k, expect(&k, KR_SET, "10.0.0.0/8", 32).cookie, 0);
	kr_done(&k, expect(&k, KR_SET, "10.1.0.0/16", 32).cookie, 0);
	kr_scan_begin(&k);
	seen(&k, "10.1.0.0/16", 32, 7, true);
	seen(&k, "10.9.0.0/16", 32, 7, true);
	kr_scan_end(&k, true);
	while (kr_sweep(&k, 1))
		;
	/* In no order to rely on. */
	struct kr_change c;
	unsigned set = 0, del = 0;

	while (kr_next(&k, &c)) {
		set += c.kind == KR_SET && c.net.len == 8;
		del += c.kind == KR_DEL && c.net.len == 16;
		kr_done(&k, c.cookie, 0);
	}
	assert_int_equal(set, 1);
	assert_int_equal(del, 1);
	/* A scan that did not see all proves nothing. */
	kr_scan_begin(&k);
	kr_scan_end(&k, false);
	expect_none(&k);
	kr_done_all(&k);
}

static void
what_is_under_way_is_not_judged_by_an_older_scan(void **st)
{
	struct kr_plan k;
	struct kr_change c;

	(void)st;
	kr_init(&k, 32, &key);
	kr_scan_begin(&k);
	want(&k, "10.0.0.0/8", 32, 7);
	c = expect(&k, KR_SET, "10.0.0.0/8", 32);
	kr_done(&k, c.cookie, 0);
	kr_scan_end(&k, true);
	while (kr_sweep(&k, 1))
		;
	expect_none(&k);
	want(&k, "10.0.0.0/8", 32, 8);
	c = expect(&k, KR_SET, "10.0.0.0/8", 32);
	seen(&k, "10.0.0.0/8", 32, 7, true);
	kr_done(&k, c.cookie, 0);
	expect_none(&k);
	kr_done_all(&k);
}

static void
refused_once_is_told_once(void **st)
{
	struct prefix p = net("10.0.0.0/8");
	struct kr_plan k;

	(void)st;
	kr_init(&k, 32, &key);
	want(&k, "10.0.0.0/8", 32, 7);
	assert_true(kr_done(&k, expect(&k, KR_SET, "10.0.0.0/8", 32).cookie,
	    -EINVAL));
	assert_int_equal(kr_find(&k, &p)->err, -EINVAL);
	assert_int_equal(k.n_refused, 1);
	want(&k, "10.0.0.0/8", 32, 7);
	expect_none(&k);
	/* A scan gives it another chance, and so does a change. */
	kr_scan_begin(&k);
	kr_scan_end(&k, true);
	while (kr_sweep(&k, 1))
		;
	assert_true(kr_done(&k, expect(&k, KR_SET, "10.0.0.0/8", 32).cookie,
	    -EINVAL));
	want(&k, "10.0.0.0/8", 32, 8);
	kr_done(&k, expect(&k, KR_SET, "10.0.0.0/8", 32).cookie, 0);
	assert_int_equal(k.n_refused, 0);
	kr_done_all(&k);
}

static void
a_strangers_place_is_respected(void **st)
{
	struct prefix p = net("10.0.0.0/8");
	struct kr_plan k;

	(void)st;
	kr_init(&k, 32, &key);
	seen(&k, "10.0.0.0/8", 32, 1, false);
	want(&k, "10.0.0.0/8", 32, 7);
	expect_none(&k);
	kr_gone(&k, &p, 32, false);
	kr_done(&k, expect(&k, KR_SET, "10.0.0.0/8", 32).cookie, 0);
	kr_done_all(&k);
}

static void
no_room_means_again(void **st)
{
	struct kr_plan k;
	struct kr_change c;

	(void)st;
	kr_init(&k, 32, &key);
	want(&k, "10.0.0.0/8", 32, 7);
	c = expect(&k, KR_SET, "10.0.0.0/8", 32);
	kr_again(&k, &c);
	kr_done(&k, expect(&k, KR_SET, "10.0.0.0/8", 32).cookie, 0);
	unwant(&k, "10.0.0.0/8");
	c = expect(&k, KR_DEL, "10.0.0.0/8", 32);
	kr_again(&k, &c);
	kr_done(&k, expect(&k, KR_DEL, "10.0.0.0/8", 32).cookie, 0);
	assert_int_equal(netmap_count(&k.routes), 0);
	kr_done_all(&k);
}

static void
digest_sees_what_forwards(void **st)
{
	struct kr_plan k;
	struct nl_route a, b;

	(void)st;
	kr_init(&k, 32, &key);
	nl_route_init(&a);
	a.n_hops = 2;
	a.hop[0] = (struct nl_hop){ .oif = 2, .via = ip4(1), .weight = 1 };
	a.hop[1] = (struct nl_hop){ .oif = 3, .via = ip4(2), .weight = 1 };
	b = a;
	b.hop[0] = a.hop[1];
	b.hop[1] = a.hop[0];
	b.scope = RT_SCOPE_LINK;
	b.hop[0].flags = RTNH_F_LINKDOWN;
	assert_true(kr_digest(&k, &a) == kr_digest(&k, &b));
	b.hop[0].weight = 2;
	assert_false(kr_digest(&k, &a) == kr_digest(&k, &b));
	b = a;
	b.prefsrc = ip4(9);
	assert_false(kr_digest(&k, &a) == kr_digest(&k, &b));
	b = a;
	b.metric_set = 1u << RTAX_MTU;
	b.metrics[RTAX_MTU] = 1400;
	assert_false(kr_digest(&k, &a) == kr_digest(&k, &b));
	kr_done_all(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_change_delete),
		cmocka_unit_test(new_metric_goes_in_before_the_old_goes_out),
		cmocka_unit_test(adopted_routes_are_not_touched),
		cmocka_unit_test(scans_in_a_row),
		cmocka_unit_test(leaving_takes_all_away_in_slices),
		cmocka_unit_test(lost_routes_come_back_with_a_scan),
		cmocka_unit_test(
		    what_is_under_way_is_not_judged_by_an_older_scan),
		cmocka_unit_test(refused_once_is_told_once),
		cmocka_unit_test(a_strangers_place_is_respected),
		cmocka_unit_test(no_room_means_again),
		cmocka_unit_test(digest_sees_what_forwards),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

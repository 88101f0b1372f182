/* SPDX-License-Identifier: ISC */
/* The hash of a table's nets against a plain array, while it grows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/mem.h"
#include "rib/table.h"

#define N	20000

static const struct hash_key key = { { 3, 4 } };
static const struct rt_class cls = { .name = "T", .rank = 1 };
static const struct instant now = { SECONDS(5) };

static const struct attrs *
some(struct attrs_pool *p)
{
	struct attrs_edit e;

	attrs_edit_init(&e, NULL);
	attrs_edit_set_preference(&e, 100);
	attrs_edit_set_dest(&e, RTD_BLACKHOLE);
	return attrs_intern(p, &e);
}

static struct prefix
net_of(enum net_kind kind, uint32_t i)
{
	uint8_t b[16] = { 0x20, 0x01 };
	struct prefix p;

	if (kind == NET_IP4)
		return prefix_of(ip4(i << 8), 24);
	be32_put(b + 4, i);
	p = prefix_of(ip_from6(b), 64);
	if (kind == NET_ROA6) {
		p.kind = NET_ROA6;
		p.max = 64;
		p.asn = i % 7;
	}
	return p;
}

static void
check(const struct rt_table *t, enum net_kind kind, const bool *there,
    uint32_t from, uint32_t step)
{
	for (uint32_t i = from; i < N; i += step) {
		const struct prefix p = net_of(kind, i);
		const uint32_t id = rt_find(t, &p);
		struct prefix got;

		if (!there[i]) {
			assert_true(id == RT_NONE || !rt_best(t, id));
			continue;
		}
		assert_int_not_equal(id, RT_NONE);
		got = rt_prefix(t, id);
		assert_true(prefix_eq(&p, &got));
	}
}

/* Nets come and go, so that some go while they are being moved. */
static void
nets_are_found(enum net_kind kind)
{
	static bool there[N];
	struct attrs_pool *pool = attrs_pool_new(&key);
	struct rt_table *t = rt_table_new("t", kind, pool, &key);
	struct rt_owner o = { .cls = &cls, .name = "o" };
	struct rt_src *s = rt_src_get(t, &o, 0);
	const struct attrs *a = some(pool);
	uint32_t x = 1;

	for (uint32_t i = 0; i < N; i++)
		there[i] = false;
	for (uint32_t k = 0; k < 6 * N; k++) {
		const uint32_t i = (x = x * 1664525 + 1013904223) % N;
		const struct prefix p = net_of(kind, i);
		const bool add = k < 3 * N ? x >> 30 : !(x >> 30);

		assert_int_equal(add ? rt_announce(t, s, &p, a, 0, now) :
		    rt_withdraw(t, s, &p, now), add ? there[i] ? RT_SAME :
		    RT_CHANGED : there[i] ? RT_REMOVED : RT_ABSENT);
		there[i] = add;
		if (k % 5 == 0)
			rt_table_work(t, 100, now);
		if (k % 2048 == 0)
			check(t, kind, there, k / 2048 % 16, 16);
	}
	check(t, kind, there, 0, 1);
	for (uint32_t pos = 0; rt_flush(t, &o, &pos, 64, now);)
		rt_table_work(t, 100, now);
	assert_int_equal(rt_count_nets(t), 0);
	rt_owner_done(t, &o);
	rt_table_free(t);
	attrs_unref(pool, a);
	attrs_pool_free(pool);
}

static void
ip4_nets(void **state)
{
	(void)state;
	nets_are_found(NET_IP4);
}

static void
ip6_nets(void **state)
{
	(void)state;
	nets_are_found(NET_IP6);
}

static void
roas(void **state)
{
	(void)state;
	nets_are_found(NET_ROA6);
}

/* Without memory nothing is lost, and it goes on when there is some. */
static void
memory_comes_back(void **state)
{
	static bool there[N];
	struct attrs_pool *pool = attrs_pool_new(&key);
	struct rt_table *t = rt_table_new("t", NET_IP4, pool, &key);
	struct rt_owner o = { .cls = &cls, .name = "o" };
	struct rt_src *s = rt_src_get(t, &o, 0);
	const struct attrs *a = some(pool);
	uint32_t refused = 0;

	(void)state;
	for (uint32_t i = 0; i < N; i++) {
		const struct prefix p = net_of(NET_IP4, i);

		mem_fail_after(i % 1000 < 500 ? 0 : -1);
		there[i] = rt_announce(t, s, &p, a, 0, now) == RT_CHANGED;
		refused += !there[i];
	}
	mem_fail_after(-1);
	assert_true(refused > 0 && refused < N / 2);
	check(t, NET_IP4, there, 0, 1);
	for (uint32_t pos = 0; rt_flush(t, &o, &pos, UINT32_MAX, now);)
		;
	rt_owner_done(t, &o);
	rt_table_free(t);
	attrs_unref(pool, a);
	attrs_pool_free(pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ip4_nets),
		cmocka_unit_test(ip6_nets),
		cmocka_unit_test(roas),
		cmocka_unit_test(memory_comes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "rib/attrs.h"
#include "rib/table.h"

static const struct hash_key key = { { 1, 2 } };

static const struct attrs *
make(struct attrs_pool *p, uint32_t med, const char *path)
{
	struct attrs_edit e;

	attrs_edit_init(&e, NULL);
	attrs_edit_set_u32(&e, ATTR_BGP_MED, med);
	attrs_edit_set_bytes(&e, ATTR_BGP_PATH, ATTR_PATH, bytes_str(path));
	attrs_edit_set_u32(&e, ATTR_BGP_ORIGIN, 0);
	return attrs_intern(p, &e);
}

static void
equal_sets_are_one(void **state)
{
	struct attrs_pool *p = attrs_pool_new(&key);
	const struct attrs *a = make(p, 10, "abcd");
	const struct attrs *b = make(p, 10, "abcd");
	const struct attrs *c = make(p, 11, "abcd");

	(void)state;
	assert_ptr_equal(a, b);
	assert_ptr_not_equal(a, c);
	assert_int_equal(attrs_pool_count(p), 2);
	attrs_unref(p, a);
	attrs_unref(p, b);
	assert_int_equal(attrs_pool_count(p), 1);
	attrs_unref(p, c);
	attrs_pool_free(p);
}

static void
attributes_are_sorted_and_found(void **state)
{
	struct attrs_pool *p = attrs_pool_new(&key);
	const struct attrs *a = make(p, 10, "abcd");
	struct attr at;

	(void)state;
	assert_int_equal(a->n_attrs, 3);
	assert_int_equal(attrs_at(a, 0).id, ATTR_BGP_ORIGIN);
	assert_int_equal(attrs_at(a, 1).id, ATTR_BGP_PATH);
	assert_true(attrs_get(a, ATTR_BGP_PATH, &at));
	assert_int_equal(at.n, 4);
	assert_memory_equal(at.p, "abcd", 4);
	assert_int_equal(attrs_u32(a, ATTR_BGP_MED, 0), 10);
	assert_int_equal(attrs_u32(a, ATTR_BGP_LOCAL_PREF, 77), 77);
	attrs_unref(p, a);
	attrs_pool_free(p);
}

static void
an_edit_copies_only_on_write(void **state)
{
	struct attrs_pool *p = attrs_pool_new(&key);
	const struct attrs *a = make(p, 10, "abcd"), *b, *c;
	struct attrs_edit e;

	(void)state;
	attrs_edit_init(&e, a);
	b = attrs_intern(p, &e);
	assert_ptr_equal(a, b);
	attrs_edit_unset(&e, ATTR_BGP_LOCAL_PREF);
	assert_false(e.changed);
	attrs_edit_unset(&e, ATTR_BGP_MED);
	c = attrs_intern(p, &e);
	assert_ptr_not_equal(a, c);
	assert_int_equal(c->n_attrs, 2);
	attrs_edit_set_u32(&e, ATTR_BGP_MED, 10);
	attrs_unref(p, c);
	c = attrs_intern(p, &e);
	assert_ptr_equal(a, c);	/* the way back leads to the same set */
	attrs_unref(p, a);
	attrs_unref(p, b);
	attrs_unref(p, c);
	attrs_pool_free(p);
}

/* Of any size, and next to each other. */
static void
values_come_back(void **state)
{
	static const uint32_t number[] = { 0, 1, 255, 256, 0x10000, 0xffffff,
		0x1000000, UINT32_MAX };
	static const size_t size[] = { 0, 1, 254, 255, 256, 60000 };
	static uint8_t room[60000];
	struct attrs_pool *p = attrs_pool_new(&key);
	const struct attrs *a;
	struct attrs_edit e;
	struct attr at;

	(void)state;
	for (size_t i = 0; i < sizeof(room); i++)
		room[i] = (uint8_t)(i * 31);
	attrs_edit_init(&e, NULL);
	e.from = ip4(0x0a000001);
	e.source = RTS_BGP;
	for (uint16_t i = 0; i < 8; i++)
		attrs_edit_set_u32(&e, (uint16_t)(ATTR_USER + 2 * i),
		    number[i]);
	for (uint16_t i = 0; i < 6; i++)
		attrs_edit_set_bytes(&e, (uint16_t)(ATTR_USER + 2 * i + 1),
		    ATTR_OPAQUE, bytes_of(room + i, size[i] - (i == 5 ? 5 :
		    0)));
	a = attrs_intern(p, &e);
	assert_non_null(a);
	assert_int_equal(a->n_attrs, 14);
	assert_true(ip_eq(attrs_from(a), e.from));
	assert_int_equal(a->source, RTS_BGP);
	for (uint16_t i = 0; i < 8; i++)
		assert_true(attrs_u32(a, (uint16_t)(ATTR_USER + 2 * i), 77) ==
		    number[i]);
	for (uint16_t i = 0; i < 6; i++) {
		assert_true(attrs_get(a, (uint16_t)(ATTR_USER + 2 * i + 1),
		    &at));
		assert_int_equal(at.n, size[i] - (i == 5 ? 5 : 0));
		assert_memory_equal(at.p, room + i, at.n);
	}
	assert_false(attrs_get(a, ATTR_USER - 1, &at));
	assert_false(attrs_get(a, ATTR_USER + 99, &at));
	attrs_unref(p, a);
	attrs_pool_free(p);
}

/* What the host knows is not written down, and read all the same. */
static void
the_host_is_the_next_hop(void **state)
{
	struct attrs_pool *p = attrs_pool_new(&key);
	struct rt_table *t = rt_table_new("t", NET_IP6, p, &key);
	struct ip two[2];
	const struct attrs *a, *b;
	struct attrs_edit e;
	struct attr at;

	(void)state;
	assert_true(ip_parse("2001:db8::1", &two[0]));
	assert_true(ip_parse("fe80::1", &two[1]));
	attrs_edit_init(&e, NULL);
	attrs_edit_set_host(&e, rt_host_get(t, HOST_DIRECT, NULL, two[0],
	    two[1], 1));
	e.from = two[0];
	for (unsigned n = 1; n <= 2; n++) {
		attrs_edit_set_bytes(&e, ATTR_BGP_NEXT_HOP, ATTR_IP,
		    bytes_of(two[0].b, 16 * n));
		a = attrs_intern(p, &e);
		assert_true(attrs_get(a, ATTR_BGP_NEXT_HOP, &at));
		assert_int_equal(at.type, ATTR_IP);
		assert_int_equal(at.n, 16 * n);
		assert_memory_equal(at.p, two[0].b, at.n);
		assert_true(ip_eq(attrs_from(a), two[0]));
		attrs_unref(p, a);
	}
	/* Another one than the host, as a filter may set it. */
	attrs_edit_set_bytes(&e, ATTR_BGP_NEXT_HOP, ATTR_IP,
	    bytes_of(two[1].b, 16));
	e.from = two[1];
	b = attrs_intern(p, &e);
	assert_true(attrs_get(b, ATTR_BGP_NEXT_HOP, &at));
	assert_memory_equal(at.p, two[1].b, 16);
	assert_true(ip_eq(attrs_from(b), two[1]));
	attrs_unref(p, b);
	rt_table_free(t);
	attrs_pool_free(p);
}

static void
too_many_attributes_fail(void **state)
{
	struct attrs_pool *p = attrs_pool_new(&key);
	struct attrs_edit e;

	(void)state;
	attrs_edit_init(&e, NULL);
	for (uint16_t i = 0; i < ATTRS_EDIT_MAX; i++)
		attrs_edit_set_u32(&e, (uint16_t)(ATTR_USER + i), i);
	assert_false(e.failed);
	attrs_edit_set_u32(&e, ATTR_USER - 1, 0);
	assert_true(e.failed);
	assert_null(attrs_intern(p, &e));
	attrs_pool_free(p);
}

static const struct attrs *
numbered(struct attrs_pool *p, uint32_t i)
{
	struct attrs_edit e;

	attrs_edit_init(&e, NULL);
	attrs_edit_set_u32(&e, ATTR_BGP_MED, i);
	return attrs_intern(p, &e);
}

/* The hash grows while sets come and go; each is always found. */
static void
each_is_found_while_the_hash_grows(void **state)
{
	enum { N = 20000, STEPS = 200000 };
	static const struct attrs *set[N];
	struct attrs_pool *p = attrs_pool_new(&key);
	size_t count = 0;
	uint64_t r = 1;

	(void)state;
	for (uint32_t step = 0; step < STEPS; step++) {
		/* First it grows, later it lives on and shrinks. */
		uint32_t i = (uint32_t)((r = hash_mix(r + step)) % N);
		bool there = set[i] != NULL, drop = (r >> 32) % 100 <
		    (step < STEPS / 2 ? 30 : 70);
		const struct attrs *a;

		if (drop && there) {
			attrs_unref(p, set[i]);
			set[i] = NULL;
			count--;
			continue;
		}
		a = numbered(p, i);
		if (there) {
			assert_ptr_equal(a, set[i]);
			attrs_unref(p, a);
		} else {
			assert_int_equal(attrs_u32(a, ATTR_BGP_MED, 0), i);
			set[i] = a;
			count++;
		}
		assert_int_equal(attrs_pool_count(p), count);
	}
	for (uint32_t i = 0; i < N; i++) {
		attrs_unref(p, set[i]);
		set[i] = NULL;
	}
	attrs_pool_free(p);
}

/* Two tables at a time: what is moved for one new set is bounded. */
static void
the_hash_grows_in_steps(void **state)
{
	enum { N = 70000 };
	static const struct attrs *set[N];
	struct attrs_pool *p = attrs_pool_new(&key);
	size_t before = attrs_pool_bytes(p), shrunk = 0;
	uint32_t grown_at = 0;

	(void)state;
	for (uint32_t i = 0; i < N; i++) {
		size_t now;

		set[i] = numbered(p, i);
		now = attrs_pool_bytes(p);
		if (now > before + 65536) {
			grown_at = i;
		} else if (now < before) {
			/* An eighth of the old one's cells for each. */
			assert_true(i - grown_at >= (before - now) /
			    sizeof(void *) / 8 - 1);
			shrunk++;
		}
		before = now;
	}
	assert_true(shrunk >= 4);
	for (uint32_t i = 0; i < N; i++)
		attrs_unref(p, set[i]);
	attrs_pool_free(p);
}

/* At any place; what there was is whole, and goes on later. */
static void
out_of_memory(void **state)
{
	enum { N = 3000 };
	static const struct attrs *set[N];
	struct attrs_pool *p = attrs_pool_new(&key);
	uint32_t failed = 0;

	(void)state;
	for (uint32_t i = 0; i < N; i++) {
		mem_fail_after(i % 2);
		set[i] = numbered(p, i);
		mem_fail_after(i % 5 ? 0 : -1);
		failed += !set[i];
		if (!set[i])
			set[i] = numbered(p, i);
		mem_fail_after(-1);
		if (!set[i])
			set[i] = numbered(p, i);
		assert_non_null(set[i]);
	}
	assert_true(failed > 0);
	for (uint32_t i = 0; i < N; i++) {
		assert_ptr_equal(numbered(p, i), set[i]);
		attrs_unref(p, set[i]);
		attrs_unref(p, set[i]);
	}
	assert_int_equal(attrs_pool_count(p), 0);
	attrs_pool_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_sets_are_one),
		cmocka_unit_test(attributes_are_sorted_and_found),
		cmocka_unit_test(an_edit_copies_only_on_write),
		cmocka_unit_test(values_come_back),
		cmocka_unit_test(the_host_is_the_next_hop),
		cmocka_unit_test(too_many_attributes_fail),
		cmocka_unit_test(each_is_found_while_the_hash_grows),
		cmocka_unit_test(the_hash_grows_in_steps),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

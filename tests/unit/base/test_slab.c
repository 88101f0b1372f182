/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/slab.h"

#include <string.h>

static void
numbers_are_dense_and_used_again(void **st)
{
	struct slab s;
	uint32_t id;
	char *p;

	(void)st;
	slab_init(&s, 13);
	assert_int_equal(s.size, 16);
	for (uint32_t i = 0; i < 10000; i++) {
		p = slab_alloc(&s, &id);
		assert_int_equal(id, i);
		assert_ptr_equal(p, slab_at(&s, id));
		memset(p, (int)(i % 100 + 1), 13);
	}
	assert_int_equal(slab_top(&s), 10000);
	for (uint32_t i = 0; i < 10000; i++)
		assert_int_equal(((char *)slab_at(&s, i))[12], i % 100 + 1);
	slab_free(&s, 77);
	slab_free(&s, 5000);
	assert_int_equal(s.used, 9998);
	assert_false(slab_is_live(&s, 77));
	assert_true(slab_is_live(&s, 78));
	p = slab_alloc(&s, &id);
	assert_int_equal(id, 5000);
	for (int i = 0; i < 13; i++)
		assert_int_equal(p[i], 0);
	slab_alloc(&s, &id);
	assert_int_equal(id, 77);
	slab_alloc(&s, &id);
	assert_int_equal(id, 10000);
	assert_false(slab_is_live(&s, 10001));
	assert_false(slab_is_live(&s, SLAB_NONE));
	assert_true(slab_bytes(&s) >= 10000 * 16);
	slab_done(&s);
	assert_int_equal(slab_bytes(&s), 0);
}

/* Chunks that were got by the span, and memory that ends in one. */
static void
large_one_is_whole(void **st)
{
	const uint32_t many = 64 * 4096;
	struct slab s;
	uint32_t id, *p;

	(void)st;
	slab_init(&s, sizeof(*p));
	for (uint32_t i = 0; i < many; i++)
		slab_alloc(&s, NULL);
	mem_fail_after(1);
	assert_null(slab_alloc(&s, &id));
	mem_fail_after(-1);
	assert_int_equal(slab_top(&s), many);
	for (uint32_t i = many; i < 3 * many; i++) {
		p = slab_alloc(&s, &id);
		assert_int_equal(id, i);
		assert_int_equal(*p, 0);
		*p = i;
	}
	for (uint32_t i = many; i < 3 * many; i++) {
		p = slab_at(&s, i);
		assert_int_equal(*p, i);
	}
	assert_true(slab_is_live(&s, 3 * many - 1));
	assert_false(slab_is_live(&s, 3 * many));
	slab_done(&s);
}

static void
walk_sees_the_living(void **st)
{
	struct slab s;
	unsigned seen = 0;

	(void)st;
	slab_init(&s, 8);
	for (int i = 0; i < 100; i++)
		slab_alloc(&s, NULL);
	for (uint32_t i = 0; i < 100; i += 3)
		slab_free(&s, i);
	for (uint32_t i = 0; i < slab_top(&s); i++) {
		if (slab_is_live(&s, i))
			seen++;
		if (i < 50)
			slab_alloc(&s, NULL);
	}
	assert_in_range(seen, 66, 116);
	slab_done(&s);
}

static void
out_of_memory_leaves_it_whole(void **st)
{
	struct slab s;
	uint32_t id;

	(void)st;
	for (int i = 0; i < 4; i++) {
		slab_init(&s, 64);
		mem_fail_after(i);
		assert_null(slab_alloc(&s, &id));
		mem_fail_after(-1);
		assert_int_equal(s.used, 0);
		assert_non_null(slab_alloc(&s, &id));
		assert_int_equal(id, 0);
		slab_done(&s);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_dense_and_used_again),
		cmocka_unit_test(large_one_is_whole),
		cmocka_unit_test(walk_sees_the_living),
		cmocka_unit_test(out_of_memory_leaves_it_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

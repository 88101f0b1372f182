/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/mem.h"

#include <string.h>

static void
zeroed_aligned_and_apart(void **st)
{
	struct arena *a = arena_new();
	char *v[500];

	(void)st;
	for (size_t i = 0; i < 500; i++) {
		size_t n = i * 37 % 3000;

		v[i] = arena_alloc(a, n);
		assert_int_equal((uintptr_t)v[i] % _Alignof(max_align_t), 0);
		for (size_t k = 0; k < n; k++)
			assert_int_equal(v[i][k], 0);
		memset(v[i], (int)(i & 0x7f), n);
	}
	for (size_t i = 0; i < 500; i++)
		for (size_t k = 0; k < i * 37 % 3000; k++)
			assert_int_equal(v[i][k], i & 0x7f);
	assert_false(arena_failed(a));
	assert_true(arena_size(a) > 500 * 1000);
	assert_null(arena_free(a));
}

static void
reset_keeps_one_block(void **st)
{
	struct arena *a = arena_new();
	size_t small;
	char *first;

	(void)st;
	first = arena_alloc(a, 16);
	small = arena_size(a);
	memset(first, 1, 16);
	for (int i = 0; i < 1000; i++)
		arena_alloc(a, 500);
	arena_alloc(a, 1 << 20);
	assert_true(arena_size(a) > 1 << 20);
	arena_reset(a);
	assert_int_equal(arena_size(a), small);
	assert_ptr_equal(arena_alloc(a, 16), first);
	assert_int_equal(first[0], 0);
	arena_free(a);
}

static void
strings(void **st)
{
	struct arena *a = arena_new();

	(void)st;
	assert_string_equal(arena_strdup(a, "north"), "north");
	assert_string_equal(arena_strndup(a, "northern", 5), "north");
	assert_string_equal(arena_strndup(a, "no", 5), "no");
	assert_string_equal(arena_printf(a, "%s-%d", "a", 7), "a-7");
	assert_memory_equal(arena_dup(a, "x\0y", 3), "x\0y", 3);
	arena_free(a);
}

static void
failure_sticks(void **st)
{
	struct arena *a = arena_new();

	(void)st;
	assert_null(arena_array(a, SIZE_MAX / 2, 3));
	assert_true(arena_failed(a));
	arena_reset(a);
	assert_false(arena_failed(a));
	mem_fail_after(0);
	assert_null(arena_printf(a, "%d", 1));
	mem_fail_after(-1);
	assert_non_null(arena_alloc(a, 1));
	assert_true(arena_failed(a));
	assert_null(arena_free(a));
	assert_null(arena_free(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zeroed_aligned_and_apart),
		cmocka_unit_test(reset_keeps_one_block),
		cmocka_unit_test(strings),
		cmocka_unit_test(failure_sticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"

static void
overflow_is_out_of_memory(void **st)
{
	(void)st;
	assert_null(mem_array(SIZE_MAX / 2, 4));
	assert_null(mem_resize(NULL, SIZE_MAX / 2, 4));
}

static void
nothing_is_not_null(void **st)
{
	void *p = mem_alloc(0), *q = mem_array(0, 8);

	(void)st;
	assert_non_null(p);
	assert_non_null(q);
	mem_free(p);
	mem_free(q);
	mem_free(NULL);
}

static void
fuse_blows_and_stays_blown(void **st)
{
	void *a, *b;

	(void)st;
	mem_fail_after(2);
	a = mem_zalloc(8);
	b = mem_strdup("b");
	assert_non_null(a);
	assert_non_null(b);
	assert_null(mem_alloc(8));
	assert_null(mem_array(1, 8));
	assert_null(mem_resize(a, 2, 8));	/* a is as it was */
	mem_fail_after(-1);
	a = mem_resize(a, 2, 8);
	assert_non_null(a);
	mem_free(a);
	mem_free(b);
}

static void
wiped_is_zero(void **st)
{
	char s[] = "secret", z[sizeof(s)] = "";

	(void)st;
	mem_wipe(s, sizeof(s));
	assert_memory_equal(s, z, sizeof(s));
	mem_wipe(NULL, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(overflow_is_out_of_memory),
		cmocka_unit_test(nothing_is_not_null),
		cmocka_unit_test(fuse_blows_and_stays_blown),
		cmocka_unit_test(wiped_is_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

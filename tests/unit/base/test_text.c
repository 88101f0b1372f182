/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"

#include <string.h>

static void
grows(void **st)
{
	struct text t;

	(void)st;
	text_init(&t, 100000);
	assert_string_equal(t.s, "");
	for (int i = 0; i < 1000; i++)
		text_printf(&t, "%d,", i);
	assert_false(t.bad);
	assert_int_equal(strlen(t.s), t.n);
	assert_memory_equal(t.s, "0,1,2,3,", 8);
	assert_string_equal(t.s + t.n - 4, "999,");
	text_clear(&t);
	assert_string_equal(t.s, "");
	text_add(&t, "a");
	text_addn(&t, "bcd", 2);
	text_addc(&t, 'e');
	assert_string_equal(t.s, "abce");
	text_done(&t);
	assert_string_equal(t.s, "");
}

static void
limit_sticks(void **st)
{
	struct text t;

	(void)st;
	text_init(&t, 4);
	text_add(&t, "abcd");
	assert_false(t.bad);
	text_addc(&t, 'e');
	assert_true(t.bad);
	text_clear(&t);
	text_printf(&t, "%05d", 1);
	text_add(&t, "x");
	assert_true(t.bad);
	assert_string_equal(t.s, "");
	text_done(&t);
}

static void
out_of_memory_sticks(void **st)
{
	struct text t;

	(void)st;
	text_init(&t, 4096);
	mem_fail_after(0);
	text_add(&t, "a");
	mem_fail_after(-1);
	text_add(&t, "b");
	assert_true(t.bad);
	assert_string_equal(t.s, "");
	text_done(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows),
		cmocka_unit_test(limit_sticks),
		cmocka_unit_test(out_of_memory_sticks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/diag.h"
#include "base/mem.h"

static void
shows_the_place(void **st)
{
	struct diag_list *l = diag_list_new(10);
	uint16_t f = diag_source(l, "w.conf",
	    bytes_str("one\n\timprt all;\nlast"));
	struct text t;

	(void)st;
	text_init(&t, 4096);
	diag_add(l, DIAG_ERROR, (struct span){ f, 5, 2, 2 },
	    "unknown word '%s'", "imprt");
	diag_hint(l, "did you mean '%s'?", "import");
	diag_add(l, DIAG_WARNING, (struct span){ f, 0, 3, 5 }, "no end");
	diag_print_all(l, &t);
	assert_string_equal(t.s,
	    "w.conf:2:2: unknown word 'imprt'; did you mean 'import'?\n"
	    "  \timprt all;\n"
	    "  \t^~~~~\n"
	    "w.conf:3:5: warning: no end\n"
	    "  last\n"
	    "      ^\n");
	assert_int_equal(diag_errors(l), 1);
	assert_int_equal(diag_warnings(l), 1);
	assert_string_equal(diag_source_name(l, f), "w.conf");
	text_done(&t);
	diag_list_free(l);
}

static void
past_max_is_counted_only(void **st)
{
	struct diag_list *l = diag_list_new(2);
	struct text t;

	(void)st;
	text_init(&t, 4096);
	for (int i = 0; i < 5; i++) {
		diag_add(l, DIAG_ERROR, (struct span){ 0 }, "e%d", i);
		diag_hint(l, "h%d", i);
	}
	assert_int_equal(diag_errors(l), 5);
	assert_int_equal(diag_count(l), 2);
	assert_string_equal(diag_get(l, 1)->hint, "h1");
	assert_null(diag_get(l, 2));
	diag_print_all(l, &t);
	assert_string_equal(t.s, "e0; h0\ne1; h1\nand 3 more\n");
	text_done(&t);
	diag_list_free(l);
}

static void
places_outside_the_text(void **st)
{
	struct diag_list *l = diag_list_new(9);
	uint16_t f = diag_source(l, "w", bytes_str("ab\x1b""c\n"));
	struct text t;

	(void)st;
	text_init(&t, 4096);
	diag_add(l, DIAG_ERROR, (struct span){ f, 1, 9, 1 }, "a");
	diag_add(l, DIAG_ERROR, (struct span){ f, 900, 1, 4 }, "b");
	diag_add(l, DIAG_ERROR, (struct span){ f, 1, 1, 7 }, "c");
	diag_add(l, DIAG_ERROR, (struct span){ 7, 1, 0, 0 }, "d");
	diag_print_all(l, &t);
	assert_string_equal(t.s, "w:9:1: a\nw:1:4: b\n  ab?c\n     ^\n"
	    "w:1:7: c\nd\n");
	text_done(&t);
	diag_list_free(l);
}

static void
nearest(void **st)
{
	const char *const words[] = { "import", "export", "neighbor", "as" };

	(void)st;
#define NEAR(w)	diag_nearest(bytes_str(w), words, 4)
	assert_string_equal(NEAR("imprt"), "import");
	assert_string_equal(NEAR("xeport"), "export");
	assert_string_equal(NEAR("neighbour"), "neighbor");
	assert_string_equal(NEAR("sa"), "as");
	assert_null(NEAR("q"));
	assert_null(NEAR(""));
	assert_null(NEAR("protocol"));
}

static void
out_of_memory_is_counted(void **st)
{
	(void)st;
	for (long i = 0; i < 12; i++) {
		struct diag_list *l = diag_list_new(4);
		uint16_t f;

		mem_fail_after(i);
		f = diag_source(l, "w", bytes_str("x"));
		diag_add(l, DIAG_ERROR, (struct span){ f, 1, 1, 1 }, "m");
		diag_hint(l, "h");
		mem_fail_after(-1);
		assert_int_equal(diag_errors(l), 1);
		assert_true(diag_count(l) <= 1);
		diag_list_free(l);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_the_place),
		cmocka_unit_test(past_max_is_counted_only),
		cmocka_unit_test(places_outside_the_text),
		cmocka_unit_test(nearest),
		cmocka_unit_test(out_of_memory_is_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

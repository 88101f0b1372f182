/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/ask.h"

static void
a_question(void **state)
{
	struct ask_line l;
	char buf[IP_TEXT];

	(void)state;
	assert_true(ask_parse("192.0.2.1 198.51.100.7 16", &l));
	assert_string_equal(ip_text(l.to, buf), "192.0.2.1");
	assert_string_equal(ip_text(l.from, buf), "198.51.100.7");
	assert_int_equal(l.hops, 16);
	assert_false(l.json);
	assert_true(ask_parse("2001:db8::1 fe80::1 0 json", &l));
	assert_true(l.json);
}

static void
no_question(void **state)
{
	static const char *const bad[] = { "", "192.0.2.1", "192.0.2.1 ",
	    "192.0.2.1 192.0.2.2", "192.0.2.1 192.0.2.2 x",
	    "192.0.2.1 2001:db8::1 1", "192.0.2.1 192.0.2.2 17",
	    "192.0.2.1 192.0.2.2 1 yaml", "192.0.2.1 192.0.2.2 1 json x",
	    "192.0.2.1  192.0.2.2 1", "-s 192.0.2.2 1",
	    "192.0.2.1 192.0.2.2 99999999999999999999" };
	struct ask_line l;

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(ask_parse(bad[i], &l));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_question),
		cmocka_unit_test(no_question),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* The manual is part of the product: its examples are right, and complete. */
#include "world.h"

#include <stdlib.h>

#include "conf/bfd.h"

static char *manual;

static int
read_manual(void **state)
{
	FILE *f = fopen(WARREN_SOURCE "/doc/man/warren.conf.5", "r");
	size_t n;

	(void)state;
	manual = calloc(1, 1 << 20);
	if (f == NULL || manual == NULL)
		return -1;
	n = fread(manual, 1, (1 << 20) - 1, f);
	fclose(f);
	return n > 0 ? 0 : -1;
}

static int
free_manual(void **state)
{
	(void)state;
	free(manual);
	return 0;
}

static void
test_examples(void **state)
{
	static const char from[] = ".Bd -literal\n", to[] = ".Ed\n";
	const char *at = manual, *end;
	unsigned n = 0;

	(void)state;
	while ((at = strstr(at, from)) != NULL) {
		char *text;

		at += sizeof(from) - 1;
		end = strstr(at, to);
		assert_non_null(end);
		text = strndup(at, (size_t)(end - at));
		config_free(good(text));
		free(text);
		n++;
	}
	assert_int_equal(n, 3);
}

static void
check_rows(const struct conf_rows *r)
{
	char item[128];

	for (size_t i = 0; i < r->n; i++) {
		if (r->row[i].words == NULL || r->row[i].help == NULL)
			continue;
		snprintf(item, sizeof(item), ".It Ic %s",
		    r->row[i].words);
		if (strstr(manual, item) == NULL)
			fail_msg("the manual lacks '%s'", r->row[i].words);
	}
}

static void
test_every_option(void **state)
{
	(void)state;
	check_rows(&conf_proto_rows);
	check_rows(&conf_bfd_option_rows);
	check_rows(&conf_channel_rows);
	for (int k = CONF_DEVICE; k < CONF_NKINDS; k++) {
		check_rows(&conf_kind_of((enum conf_kind)k)->rows);
		check_rows(&conf_kind_of((enum conf_kind)k)->channel_rows);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_examples),
		cmocka_unit_test(test_every_option),
	};

	return cmocka_run_group_tests(tests, read_manual, free_manual);
}

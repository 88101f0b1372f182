/* SPDX-License-Identifier: ISC */
/* Of the control socket what is pure: words, framing, JSON, dates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/ctl_impl.h"

static struct ctl_words w;

static void
splits(const char *line, ...)
{
	const char *want;
	unsigned n = 0;
	va_list ap;

	assert_true(ctl_split(&w, line));
	va_start(ap, line);
	while ((want = va_arg(ap, const char *)) != NULL) {
		assert_true(n < w.n);
		assert_string_equal(w.w[n++].s, want);
	}
	va_end(ap);
	assert_int_equal(w.n, n);
}

static void
test_split(void **state)
{
	(void)state;
	splits("", NULL);
	splits("  \t ", NULL);
	splits("show  protocols\tall", "show", "protocols", "all", NULL);
	splits("show protocols \"b*\"", "show", "protocols", "b*", NULL);
	assert_true(w.w[2].quoted);
	assert_false(w.w[1].quoted);
	assert_int_equal(w.w[2].at, 15);
	assert_int_equal(w.w[2].end, 19);
	splits("debug b1 {states,routes}", "debug", "b1", "{", "states", ",",
	    "routes", "}", NULL);
	splits("a\"b c\"d", "a", "b c", "d", NULL);
	splits("\"\"", "", NULL);
	assert_true(w.w[0].quoted);
}

static void
test_split_refuses(void **state)
{
	char line[CTL_LINE + 1];

	(void)state;
	assert_false(ctl_split(&w, "configure \"no end"));
	memset(line, 'a', CTL_LINE);
	line[CTL_LINE] = '\0';
	assert_false(ctl_split(&w, line));
	line[CTL_LINE - 1] = '\0';
	assert_true(ctl_split(&w, line));
	for (unsigned i = 0; i < CTL_LINE; i++)
		line[i] = i % 2 ? ' ' : 'a';
	line[2 * CTL_WORDS] = '\0';
	assert_true(ctl_split(&w, line));
	assert_int_equal(w.n, CTL_WORDS);
	line[2 * CTL_WORDS] = 'a';
	line[2 * CTL_WORDS + 1] = '\0';
	assert_false(ctl_split(&w, line));
}

static int
match(const char *word)
{
	static const char *const list[] = { "status", "static", "stat",
	    "protocols", NULL };

	assert_true(ctl_split(&w, word));
	return ctl_match(&w.w[0], list);
}

static void
test_match(void **state)
{
	(void)state;
	assert_int_equal(match("status"), 0);
	assert_int_equal(match("statu"), 0);
	assert_int_equal(match("stat"), 2);	/* whole, not a beginning */
	assert_int_equal(match("sta"), -2);
	assert_int_equal(match("p"), 3);
	assert_int_equal(match("px"), -1);
	assert_int_equal(match("protocolss"), -1);
	assert_int_equal(match("\"status\""), -1);
	assert_int_equal(match("\"\""), -1);
}

static void
test_take(void **state)
{
	static const char *const list[] = { "all", "off", NULL };

	(void)state;
	assert_true(ctl_split(&w, "al in x"));
	assert_false(ctl_take(&w, "all"));
	assert_int_equal(ctl_take_one(&w, list), 0);
	assert_true(ctl_take(&w, "in"));
	assert_int_equal(ctl_take_one(&w, list), -1);
	assert_string_equal(ctl_peek(&w)->s, "x");
	assert_true(ctl_take(&w, "x"));
	assert_null(ctl_peek(&w));
	assert_false(ctl_take(&w, "x"));
	assert_int_equal(ctl_take_one(&w, list), -1);
}

/* As BIRD 2.0.12 was seen to do it. */
static void
test_framing(void **state)
{
	struct ctl_reply r = { .last = 0 };

	(void)state;
	text_init(&r.out, 4096);
	ctl_reply_line(&r, 1007, false, "Table master4:");
	ctl_reply_line(&r, 1007, false, "10.0.0.0/24 …");
	ctl_reply_line(&r, 1008, false, "\tType: static univ");
	ctl_reply_line(&r, 1007, false, "10.1.0.0/24");
	ctl_reply_line(&r, 1007, false, "");
	ctl_reply_line(&r, 0, true, "");
	assert_string_equal(r.out.s, "1007-Table master4:\n 10.0.0.0/24 …\n"
	    "1008-\tType: static univ\n1007-10.1.0.0/24\n \n0000 \n");
	/* The next answer begins with its code again. */
	text_clear(&r.out);
	ctl_reply_line(&r, 1007, false, "a");
	ctl_reply_line(&r, 1007, true, "b");
	assert_string_equal(r.out.s, "1007-a\n1007 b\n");
	/* A text cannot forge a line. */
	text_clear(&r.out);
	ctl_reply_line(&r, 13, true, "x\n0000 \033[2J\177");
	assert_string_equal(r.out.s, "0013 x?0000 ?[2J?\n");
	text_done(&r.out);
}

static void
test_json(void **state)
{
	struct text t;
	struct json j;

	(void)state;
	text_init(&t, 4096);
	json_begin(&j, &t);
	json_open(&j, NULL, '{');
	json_str(&j, "a", "q\"\\\n\001é");
	json_str(&j, "b", NULL);
	json_open(&j, "c", '[');
	json_int(&j, NULL, -5);
	json_u64(&j, NULL, UINT64_MAX);
	json_open(&j, NULL, '{');
	json_close(&j, '}');
	json_close(&j, ']');
	json_bool(&j, "d", true);
	json_wall(&j, "e", (struct wall){ 0 });
	json_wall(&j, "f", (struct wall){ 1000000000, 42999999 });
	json_close(&j, '}');
	assert_string_equal(t.s, "{\"a\":\"q\\\"\\\\\\u000a\\u0001é\","
	    "\"b\":null,\"c\":[-5,18446744073709551615,{}],\"d\":true,"
	    "\"e\":null,\"f\":\"2001-09-09T01:46:40.042Z\"}");
	text_done(&t);
}

static void
shows(const char *fmt, int64_t ago, const char *want)
{
	struct conf_timeformat f = { .recent = fmt, .limit = SECONDS(100),
	    .old = "%F" };
	struct wall t = { 1000000000, 987654321 };
	struct wall now = { t.s + ago, t.ns };
	struct text out;

	text_init(&out, 512);
	ctl_wall_text(&out, &f, t, now);
	assert_string_equal(out.s, want);
	text_done(&out);
}

static void
test_dates(void **state)
{
	(void)state;
	setenv("TZ", "UTC", 1);
	shows("%T", 0, "01:46:40");
	shows("%T.%3f", 5, "01:46:40.987");
	shows("%T.%f", 99, "01:46:40.987654");
	shows("%1f%%3f %6f", 5, "9%3f 987654");
	shows("%T.%3f", 100, "2001-09-09");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_split_refuses),
		cmocka_unit_test(test_match),
		cmocka_unit_test(test_take),
		cmocka_unit_test(test_framing),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_dates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/text.h"
#include "conf/config.h"
#include "conf/lexer.h"
#include "conf/source.h"

/* A world of a few files; the last has no name. */
struct world {
	const char *name, *text;
};

static bool
world_read(void *ctx, const char *path, struct text *ret, const char **why)
{
	for (const struct world *w = ctx; w->name != NULL; w++)
		if (strcmp(w->name, path) == 0) {
			text_add(ret, w->text);
			return true;
		}
	*why = "no such file";
	return false;
}

/* The only wildcard here is a star at the end. */
static bool
world_glob(void *ctx, const char *pattern,
    bool (*each)(void *, const char *), void *arg, const char **why)
{
	const size_t n = strlen(pattern);

	(void)why;
	if (n == 0 || pattern[n - 1] != '*')
		return each(arg, pattern);
	for (const struct world *w = ctx; w->name != NULL; w++)
		if (strncmp(w->name, pattern, n - 1) == 0)
			each(arg, w->name);
	return true;
}

/* "kind:text@line:col " of all tokens; then the messages. */
static void
scan_world(struct world *w, struct text *out)
{
	const struct conf_io io = { w, world_read, world_glob };
	struct diag_list *d = diag_list_new(100);
	struct conf_lexer *l = conf_lexer_new(&io, d);
	struct conf_token t;

	assert_true(conf_lexer_open(l, w[0].name));
	for (int i = 0; i < 1000; i++) {
		t = conf_lexer_next(l);
		if (t.kind == TOK_EOF)
			break;
		text_printf(out, "%.*s@%u:%u ", (int)t.text.n,
		    (const char *)t.text.p, t.at.line, t.at.col);
	}
	assert_int_equal(conf_lexer_next(l).kind, TOK_EOF);
	for (unsigned i = 0; i < diag_count(d); i++)
		text_printf(out, "[%s:%u:%u %s]",
		    diag_source_name(d, diag_get(d, i)->at.file),
		    diag_get(d, i)->at.line, diag_get(d, i)->at.col,
		    diag_get(d, i)->message);
	conf_lexer_free(l);
	diag_list_free(d);
}

static void
check(const char *text, const char *want)
{
	struct world w[] = { { "a", text }, { NULL, NULL } };
	struct text out;

	text_init(&out, 1 << 20);
	scan_world(w, &out);
	assert_string_equal(out.s, want);
	text_done(&out);
}

static struct conf_token
one(const char *text)
{
	const struct conf_io io = { NULL, world_read, world_glob };
	struct diag_list *d = diag_list_new(100);
	struct conf_lexer *l = conf_lexer_new(&io, d);
	struct conf_token t;

	assert_true(conf_lexer_text(l, "a", bytes_str(text)));
	t = conf_lexer_next(l);
	conf_lexer_free(l);
	diag_list_free(d);
	return t;
}

static void
test_places(void **state)
{
	(void)state;
	check("router id 1;\n  foo",
	    "router@1:1 id@1:8 1@1:11 ;@1:12 foo@2:3 ");
	check("a # b\nc /* d\n e */ f",
	    "a@1:1 c@2:1 f@3:7 ");
	check("", "");
}

static void
test_signs(void **state)
{
	(void)state;
	check("a!=b !~ <= >= && || .. [= =] == ++ ! ~",
	    "a@1:1 !=@1:2 b@1:4 !~@1:6 <=@1:9 >=@1:12 &&@1:15 ||@1:18 "
	    "..@1:21 [=@1:24 =]@1:27 ==@1:30 ++@1:33 !@1:36 ~@1:38 ");
	assert_int_equal(one("[=").kind, TOK_PATH_OPEN);
	assert_int_equal(one("[1").kind, '[');
}

static void
test_numbers(void **state)
{
	(void)state;
	assert_int_equal(one("0x7f").number, 127);
	assert_int_equal(one("4294967295").number, 4294967295u);
	check("10s 1..5", "10@1:1 s@1:3 1@1:5 ..@1:6 5@1:8 ");
	check("4294967296", "4294967296@1:1 "
	    "[a:1:1 number is larger than 4294967295]");
	check("99999999999999999999999", "99999999999999999999999@1:1 "
	    "[a:1:1 number is larger than 4294967295]");
}

static void
test_addresses(void **state)
{
	(void)state;
	assert_int_equal(one("10.0.0.1").kind, TOK_IP);
	assert_int_equal(one("::").kind, TOK_IP);
	assert_int_equal(one("fe80::1%eth0").kind, TOK_IP);
	assert_int_equal(one("1:2:3:4:5:6:7:8").kind, TOK_IP);
	assert_int_equal(one("::ffff:10.0.0.1").kind, TOK_IP);
	assert_int_equal(one("dead").kind, TOK_WORD);
	assert_int_equal(one("fd00::/8").kind, TOK_IP);
	check("fe80::1%eth0", "fe80::1@1:1 %@1:8 eth0@1:9 ");
	check("10.0.0.0/8{8,24}+",
	    "10.0.0.0@1:1 /@1:9 8@1:10 {@1:11 8@1:12 ,@1:13 24@1:14 }@1:16 "
	    "+@1:17 ");
	check("1.2.3.400", "1.2.3.400@1:1 "
	    "[a:1:1 '1.2.3.400' is no address]");
	check("1::2::3", "1::2::3@1:1 [a:1:1 '1::2::3' is no address]");
}

static void
test_pairs_and_labels(void **state)
{
	(void)state;
	check("1: accept; 2:reject; else:", "1@1:1 :@1:2 accept@1:4 ;@1:10 "
	    "2@1:12 :@1:13 reject@1:14 ;@1:20 else@1:22 :@1:26 ");
	assert_int_equal(one("65000:1").kind, TOK_RD);
	assert_int_equal(one("10.0.0.1:1").kind, TOK_RD);
	assert_int_equal(one("2:65000:1").kind, TOK_RD);
	assert_int_equal(one("hex:01:02").kind, TOK_HEX);
	assert_int_equal(one("00112233445566778899aabbccddeeff").kind,
	    TOK_HEX);
}

static void
test_strings(void **state)
{
	(void)state;
	check("\"a b\" 'x-y.z'", "a b@1:1 x-y.z@1:7 ");
	check("\"a b\nc", "\"a b@1:1 c@2:1 "
	    "[a:1:1 no closing \" on this line]");
	check("a /* b", "a@1:1 [a:1:3 comment without an end]");
	check("\xc3\xa4 x", "\xc3\xa4@1:1 x@1:4 "
	    "[a:1:1 character 0xc3 means nothing outside of a string]");
}

static void
test_include(void **state)
{
	struct world w[] = {
		{ "/etc/a.conf", "x;\ninclude \"d/*\";\ny" },
		{ "/etc/d/1", "one {" }, { "/etc/d/2", "} two" },
		{ NULL, NULL }
	};
	struct text out;

	(void)state;
	text_init(&out, 1 << 20);
	scan_world(w, &out);
	assert_string_equal(out.s, "x@1:1 ;@1:2 one@1:1 {@1:5 }@1:1 two@1:3 "
	    "y@3:1 ");
	text_done(&out);
}

static void
test_include_trouble(void **state)
{
	(void)state;
	check("include \"b\"; c", "c@1:14 [a:1:9 b: no such file]");
	check("include \"b\" c", "c@1:13 "
	    "[a:1:13 expected ';' after the name of the file]");
	check("include = 1", "include@1:1 =@1:9 1@1:11 ");
}

static void
test_include_itself(void **state)
{
	struct world w[] = {
		{ "a", "include \"b\";\nx" },
		{ "b", "include \"a\";\ninclude \"c\";\ny" },
		{ "c", "include \"b\";\nz" }, { NULL, NULL }
	};
	struct text out;

	(void)state;
	text_init(&out, 1 << 20);
	scan_world(w, &out);
	assert_string_equal(out.s, "z@2:1 y@3:1 x@2:1 "
	    "[b:1:9 a includes itself][c:1:9 b includes itself]");
	text_done(&out);
}

static void
test_include_depth(void **state)
{
	struct world w[] = {
		{ "0", "include \"1\";" }, { "1", "include \"2\";" },
		{ "2", "include \"3\";" }, { "3", "include \"4\";" },
		{ "4", "include \"5\";" }, { "5", "include \"6\";" },
		{ "6", "include \"7\";" }, { "7", "include \"8\";" },
		{ "8", "include \"9\";" }, { "9", "deep" }, { NULL, NULL }
	};
	struct text out;

	(void)state;
	text_init(&out, 1 << 20);
	scan_world(w, &out);
	assert_string_equal(out.s,
	    "[8:1:9 includes are nested more than 8 deep]");
	text_done(&out);
}

static void
check_shown(const char *text, const char *want)
{
	struct diag_list *d = diag_list_new(10);
	struct span at = { .line = 1, .col = 1, .len = 1 };
	struct text out;

	at.file = conf_source_show(d, "a", bytes_str(text));
	diag_add(d, DIAG_ERROR, at, "x");
	text_init(&out, 1 << 16);
	diag_print_all(d, &out);
	assert_non_null(strstr(out.s, want));
	text_done(&out);
	diag_list_free(d);
}

static void
test_secrets_are_not_shown(void **state)
{
	(void)state;
	check_shown("private key \"abcd\"; x", "private key \"****\"; x");
	check_shown("preshared key \"abc", "preshared key \"***");
	check_shown("password \"pw\";", "password \"**\";");
	check_shown("PrivateKey = abcd=", "PrivateKey =******");
	check_shown("private key file \"/a\";", "private key file \"/a\";");
	check_shown("public key \"abcd\";", "public key \"abcd\";");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_signs),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_pairs_and_labels),
		cmocka_unit_test(test_strings),
		cmocka_unit_test(test_include),
		cmocka_unit_test(test_include_trouble),
		cmocka_unit_test(test_include_itself),
		cmocka_unit_test(test_include_depth),
		cmocka_unit_test(test_secrets_are_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

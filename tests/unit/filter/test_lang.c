/* SPDX-License-Identifier: ISC */
/* The filter language, from text to verdict. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "lang.h"

static const struct {
	const char *expr, *value;
} values[] = {
	{ "1 + 2 * 3", "7" }, { "10 - 3 - 2", "5" }, { "100 / 7", "14" },
	{ "0 - 1", "4294967295" }, { "0x1F", "31" },
	/* && and || are equals and go from left to right, as in BIRD */
	{ "true || false && false", "FALSE" },
	{ "true || (false && false)", "TRUE" },
	{ "1 = 2 || 2 = 2", "TRUE" }, { "!true || true", "TRUE" },
	{ "3 > 4", "FALSE" }, { "4 >= 4", "TRUE" }, { "1 == 1", "TRUE" },
	{ "1 != 1", "FALSE" }, { "1 = true", "FALSE" },
	{ "5 ~ [1..4, 7..9]", "FALSE" }, { "7 ~ [1..4, 7..9]", "TRUE" },
	{ "7 !~ [1..4, 7..9]", "FALSE" }, { "5 ~ []", "FALSE" },
	{ "(1,2)", "(1,2)" }, { "(1,2,3)", "(1, 2, 3)" },
	{ "(1+2, 3*4)", "(3,12)" }, { "(3,5) ~ [(*,5)]", "TRUE" },
	{ "(3,6) ~ [(*,5)]", "FALSE" },
	{ "(65000,10) ~ [(64512..65534, 5..20)]", "TRUE" },
	{ "(65000,21) ~ [(64512..65534, 5..20)]", "FALSE" },
	{ "(2,9) ~ [(1,5)..(2,9)]", "TRUE" },
	{ "(1,5,3) ~ [(1,2..6,*)]", "TRUE" },
	{ "(1,7,3) ~ [(1,2..6,*)]", "FALSE" },
	{ "(rt,10,20)", "(rt, 10, 20)" }, { "(ro,70000,2)", "(ro, 70000, 2)" },
	{ "(rt,1.2.3.4,5)", "(rt, 1.2.3.4, 5)" },
	{ "(generic,0x43000001,2)", "(generic, 0x43000001, 0x2)" },
	{ "(rt,10,20) ~ [(rt,10,*)]", "TRUE" },
	{ "(ro,10,20) ~ [(rt,10,*)]", "FALSE" },
	{ "1.2.3.4.mask(8)", "1.0.0.0" }, { "10.0.0.0/8.len", "8" },
	{ "10.0.0.0/8.ip", "10.0.0.0" },
	{ "2001:db8::/32.type = NET_IP6", "TRUE" },
	{ "::1.is_v4", "FALSE" }, { "1.2.3.4.is_v4", "TRUE" },
	{ "1.2.3.4 ~ 1.2.0.0/16", "TRUE" },
	{ "1.2.0.0/16 ~ 1.2.3.0/24", "FALSE" },
	{ "1.2.3.4 ~ [1.2.3.0..1.2.3.9]", "TRUE" },
	{ "\"abc\" ~ \"a*\"", "TRUE" }, { "\"abc\" ~ \"a?d\"", "FALSE" },
	{ "\"a\" < \"b\"", "TRUE" }, { "\"a\" ++ \"b\"", "ab" },
	{ "RTS_BGP", "(enum 30)11" }, { "RTD_BLACKHOLE", "(enum 34)2" },
	{ "[3, 1, 2]", "[1, 2, 3]" }, { "[1..3, 7]", "[1..3, 7]" },
	{ "[10.0.0.0/8{16,24}]", "[10.0.0.0/8{0.1.255.0}]" },
	{ "[= * 1..5 ? [7,8] 9 + =]", "[= * 1..5 ? [7, 8] 9 + =]" },
	{ "prepend(prepend(+empty+, 5), 6)", "(path 6 5)" },
	{ "prepend(prepend(+empty+, 5), 6) ~ [= * 5 =]", "TRUE" },
	{ "prepend(prepend(+empty+, 5), 6) ~ [= 5 * =]", "FALSE" },
	{ "5 ~ prepend(+empty+, 5)", "TRUE" },
	{ "delete(prepend(prepend(+empty+, 5), 6), [5])", "(path 6)" },
	{ "filter(prepend(prepend(+empty+, 5), 6), [5])", "(path 5)" },
	{ "+empty+.last", "0" },
	{ "add(add(-empty-, (1,2)), (1,2))", "(clist (1,2))" },
	{ "add(add(-empty-, (5,2)), (1,9)).min", "(1,9)" },
	{ "add(--empty--, (rt,1,2))", "(eclist (rt, 1, 2))" },
	{ "add(---empty---, (1,2,3)).len", "1" },
	{ "7 ~ add(-empty-, 7)", "TRUE" },
	{ "delete(add(add(-empty-,(1,2)),(3,4)), [(1,*)])", "(clist (3,4))" },
	{ "(1,2).asn + (1,2).data", "3" }, { "(1,2,3).data2", "3" },
	{ "format((1,2))", "(1,2)" }, { "65000:1", "65000:1" },
	{ "hex: = from_hex(\" \")", "TRUE" },
	{ "hex:01:02:ff", "01:02:ff" }, { "from_hex(\"0aFF\")", "0a:ff" },
	{ "(10.0.0.0/8 max 24 as 65000).maxlen", "24" },
	{ "net", "10.1.2.0/24" }, { "net ~ [10.0.0.0/8+]", "TRUE" },
	{ "proto", "s1" }, { "source = RTS_STATIC", "TRUE" },
	{ "preference", "200" }, { "gw", "::" }, { "weight", "1" },
	{ "bgp_med", "(void)" }, { "defined(bgp_med)", "FALSE" },
	/* absent stands before everything, and equals nothing */
	{ "bgp_med = 5", "FALSE" }, { "bgp_med < 5", "TRUE" },
	{ "bgp_path", "(path )" }, { "bgp_path.len", "0" },
	{ "defined(bgp_path)", "FALSE" }, { "bgp_path ~ [= * =]", "TRUE" },
	/* mistakes */
	{ "1 / 0", "Division by zero" },
	{ "bgp_med + 1", "Argument 1 of + must be of type int, got type void" },
	{ "bgp_med ~ [1]", "~ applied on void and set" },
	{ "1 + true", "Argument 2 of + must be of type int, got type bool" },
	{ "!net", "Argument 1 of ! must be of type bool, got type prefix" },
	{ "1 < true",
	    "Arguments of < must be of the same type, not int and bool" },
	{ "1 = 2 = 3", "comparisons do not chain: use parentheses" },
	{ "10.0.0.1/8", "address bits after the prefix: write 10.0.0.0/8" },
	{ "10.0.0.0/33", "prefix length goes to 32" },
	{ "(70000, 1)", "(70000, 1) is no pair: parts go to 65535" },
	{ "(rt,70000,70000)", "No such extended community" },
	{ "[1, (1,2)]", "pair in a set of int" },
	{ "[10.0.0.0/8, 2001:db8::/32]",
	    "IPv4 and IPv6 prefixes in one set" },
	{ "[10.0.0.0/8{24,16}]", "invalid prefix pattern range {24,16}" },
	{ "[5..3]", "the range ends before it begins" },
	{ "[= + 1 =]", "Path mask iterator '+' cannot be first" },
	{ "net.foo", "no method 'foo'" },
	{ "rip_metric", "Warren does not serve 'rip_metric'" },
	{ "flow4", "Warren does not serve 'flow4'" },
	{ "NET_EVPN", "Warren does not serve 'NET_EVPN'" },
	{ "nonesuch", "'nonesuch' is not known here" },
	{ "net.first", "Argument 1 of first must be of type bgppath, got "
	    "type prefix" },
	{ "include \"/etc/passwd\";", "/etc/passwd: not from here" },
	{ "1 2", "expected nothing more, found number 2" },
	{ "(1", "expected ')', found the end of the file" },
};

static void
test_values(void **state)
{
	struct lang l;
	struct text t;

	(void)state;
	lang_init(&l);
	text_init(&t, 10000);
	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strcmp(lang_eval(&l, values[i].expr, &t),
		    values[i].value) != 0)
			fail_msg("%s is %s, not %s", values[i].expr, t.s,
			    values[i].value);
	text_done(&t);
	lang_done(&l);
}

/* Runs filter t of the program; what it printed and noted, and A or R. */
static void
check_program(const char *program, const char *want)
{
	struct lang l;
	struct text t;

	lang_init(&l);
	text_init(&t, 10000);
	if (!lang_load(&l, program)) {
		lang_errors(&l, &t);
		fail_msg("%s", t.s);
	}
	text_add(&t, lang_run(&l, "t") == RT_ACCEPT ? "A" : "R");
	text_add(&l.printed, l.notes.s);
	text_add(&l.printed, t.s);
	assert_string_equal(l.printed.s, want);
	text_done(&t);
	lang_done(&l);
}

static void
test_statements(void **state)
{
	(void)state;
	check_program("filter t { if net.len > 20 then accept; reject; }",
	    "A");
	check_program("filter t { if false then print 1; else if true then "
	    "print 2; else print 3; reject \"no \", 5; }", "2\nno 5\nR");
	check_program("filter t { int x = 5; { int x = 6; print x; } "
	    "print x; return true; }", "6\n5\nA");
	check_program("filter t int a; { a = 3; print a; accept; }",
	    "3\nA");
	check_program("filter t { bgppath p; p.prepend(1); clist c; "
	    "c.add((1,2)); print p, c; int i; print i; accept; }",
	    "(path 1)(clist (1,2))\n(void)\nA");
	check_program("filter t { for int a in prepend(prepend(+empty+,1),2) "
	    "do { printn a; printn \",\"; } for pair c in add(-empty-, (1,2)) "
	    "do print c.data; accept; }", "2,1,2\nA");
	check_program("filter t { print NET_VPN4 > NET_ROA6, "
	    "RTS_STATIC < RTS_OSPF, RTS_RIP ~ [RTS_REDIRECT..RTS_BGP]; "
	    "accept; }", "FALSETRUETRUE\nA");
	check_program("filter t { print defined(delete(bgp_path, [1])), "
	    "defined(add(-empty-, (1,1))); accept; }", "FALSETRUE\nA");
	check_program("filter t { krt_lock_mtu = true; krt_lock_rtt = true; "
	    "unset(krt_lock_mtu); print krt_lock_rtt; accept; }",
	    "(void)\nA");
	check_program("filter t { int i = bgp_med; accept; }",
	    "t, line 1: Variable is of type int, not void\nR");
	check_program("filter t { enum net_type x = NET_IP4; "
	    "enum net_type set s = [NET_IP4, NET_IP6]; "
	    "print x = net.type, x ~ s; accept; }", "TRUETRUE\nA");
	/* Items of lists of each width, first, last and absent. */
	check_program("filter t { bgp_community.add((1,2)); "
	    "bgp_community.add((3,4)); print (1,2) ~ bgp_community, "
	    "(3,4) ~ bgp_community, (2,1) !~ bgp_community; "
	    "bgp_large_community.add((1,2,3)); "
	    "bgp_large_community.add((1,2,4)); "
	    "print (1,2,4) ~ bgp_large_community, "
	    "(1,2,5) ~ bgp_large_community; "
	    "bgp_ext_community.add((rt,1,2)); "
	    "print (rt,1,2) ~ bgp_ext_community, "
	    "(ro,1,2) !~ bgp_ext_community; accept; }",
	    "TRUETRUETRUE\nTRUEFALSE\nTRUETRUE\nA");
	check_program("filter t { preference = 7; int i = 3; "
	    "print preference > 6, preference < 7, 7 <= preference, i >= 4, "
	    "i - 1, 10 - i, i * 2, i / 2, bgp_path.len < 1; accept; }",
	    "TRUEFALSETRUEFALSE27" "61TRUE\nA");
	/* As in BIRD, what no print follows is not told. */
	check_program("filter t { printn \"x\"; accept; }", "A");
	check_program("filter t { print \"end\"; }",
	    "end\nt, line 1: Neither accept nor reject\nR");
	check_program("filter t {\n\nprint 1 / (net.len - 24); accept; }",
	    "t, line 3: Division by zero\nR");
}

static void
test_case(void **state)
{
	(void)state;
	check_program("function f(int n) { case n { 1: print \"one\"; "
	    "print \"uno\"; 2..4, 9: print \"some\"; (5+1): print \"six\"; "
	    "else: print \"else\"; } }\n"
	    "filter t { f(1); f(3); f(9); f(6); f(5); accept; }",
	    "one\nuno\nsome\nsome\nsix\nelse\nA");
	check_program("define HOME = 7;\n"
	    "filter t { case net.type { NET_IP6: print 6; NET_IP4: print 4; }"
	    " case 7 { HOME: if true then print \"h\"; else: print \"e\"; }"
	    " case net { 10.0.0.0/8+: print \"ten\"; else: print \"?\"; }"
	    " case 8 { 7: print \"no\"; } accept; }",
	    "4\nh\nten\nA");
}

static void
test_functions(void **state)
{
	(void)state;
	check_program("function fact(int n) -> int { if n < 2 then return 1; "
	    "return n * fact(n - 1); }\n"
	    "filter t { print fact(10); accept; }", "3628800\nA");
	check_program("function f(int x) { if x = 1 then accept; return 3; }\n"
	    "filter t { print f(2); print f(1); reject; }", "3\nA");
	check_program("function f(int a; int b) int c; { c = a + b; "
	    "return c; } filter t { print f(1, f(2, f(3, 4))); accept; }",
	    "10\nA");
	check_program("function f() { print \"f\"; } filter t { f(); "
	    "accept; }", "f\nA");
	check_program("function f(int n) { return f(n + 1); }\n"
	    "filter t { print f(0); accept; }",
	    "t, line 1: Functions call each other too deep\nR");
	check_program("function f(int n) { if n = 0 then return 0; "
	    "return f(n - 1) + f(n - 1); } filter t { print f(40); accept; }",
	    "t, line 1: Too many calls\nR");
	check_program("function f(int n) { if n = 0 then return \"a\"; "
	    "return n; } filter t { print f(0), f(1); print f(0) + 1; "
	    "accept; }", "a1\nt, line 1: Argument 1 of + must be of type "
	    "int, got type string\nR");
}

static void
test_route(void **state)
{
	(void)state;
	check_program("filter t { bgp_med = 7; bgp_origin = ORIGIN_EGP; "
	    "bgp_next_hop = 1.2.3.4; bgp_originator_id = 5.6.7.8; "
	    "krt_lock_mtu = true; krt_prefsrc = 9.9.9.9; "
	    "print bgp_med, \" \", bgp_origin, \" \", bgp_next_hop, \" \", "
	    "bgp_originator_id, \" \", krt_lock_mtu, krt_lock_rtt, "
	    "krt_prefsrc; unset(bgp_med); print defined(bgp_med); "
	    "preference = 333; from = 1.1.1.1; dest = RTD_UNREACHABLE; "
	    "print preference, \" \", from, \" \", dest; accept; }",
	    "7 (enum 31)1 1.2.3.4 5.6.7.8 TRUEFALSE9.9.9.9\nFALSE\n"
	    "333 1.1.1.1 (enum 34)3\nA");
	check_program("attribute int my; attribute lclist ml; "
	    "attribute string ms;\n"
	    "filter t { print defined(my), ml; my = 5; ml.add((1,2,3)); "
	    "ms = \"text\"; print my, ml, ms; unset(my); print my; accept; }",
	    "FALSE(lclist )\n5(lclist (1, 2, 3))text\n(void)\nA");
	check_program("filter t { bgp_path.prepend(1); bgp_path.prepend(2); "
	    "bgp_path.delete(1); bgp_community.add((1,2)); "
	    "bgp_community.add((3,4)); bgp_community.delete([(1,*)]); "
	    "print bgp_path, bgp_community; bgp_path.empty; "
	    "print defined(bgp_path); accept; }",
	    "(path 2)(clist (3,4))\nFALSE\nA");
	check_program("filter t { dest = RTD_UNICAST; accept; }",
	    "t, line 1: Destination can be changed only to blackhole, "
	    "unreachable or prohibit\nR");
	check_program("filter t { weight = 5; accept; }",
	    "t, line 1: Weight of a route without next hop\nR");
	check_program("filter t { preference = 70000; accept; }",
	    "t, line 1: Preference 70000 is not within 0 to 65535\nR");
}

static void
test_next_hops(void **state)
{
	struct iface_addr addr = { .scope = SCOPE_UNIVERSE };
	struct lang l;
	unsigned n;

	(void)state;
	lang_init(&l);
	assert_non_null(iface_set_link(&l.ifaces, 3, "eth0", IFACE_UP |
	    IFACE_ADMIN_UP | IFACE_LINK_UP, 1500, 0));
	assert_true(ip_parse("192.0.2.1", &addr.ip));
	assert_true(prefix_parse("192.0.2.0/24", &addr.net));
	assert_true(iface_set_addr(&l.ifaces, 3, &addr));
	assert_true(lang_load(&l,
	    "filter t { gw = 192.0.2.7; weight = 9; print gw, \" \", ifname, "
	    "\" \", ifindex, \" \", weight; accept; }\n"
	    "filter bad { gw = 198.51.100.1; accept; }\n"
	    "filter own { gw = 192.0.2.1; accept; }\n"
	    "filter dev { ifname = \"eth0\"; accept; }"));
	assert_int_equal(lang_run(&l, "t"), RT_ACCEPT);
	assert_string_equal(l.printed.s, "192.0.2.7 eth0 3 9\n");
	assert_int_equal(l.e.a.dest, RTD_UNICAST);
	assert_int_equal(attrs_edit_hops(&l.e.a, &n)->weight, 8);
	assert_int_equal(n, 1);
	assert_int_equal(lang_run(&l, "bad"), RT_REJECT);
	assert_int_equal(lang_run(&l, "own"), RT_REJECT);
	assert_int_equal(lang_run(&l, "dev"), RT_ACCEPT);
	assert_true(ip_is_none(attrs_edit_hops(&l.e.a, &n)->gw));
	assert_int_equal(l.env.errors, 2);
	lang_done(&l);
}

static void
test_roa(void **state)
{
	static const struct hash_key key = { .k = { 5, 6 } };
	struct attrs_edit e;
	const struct attrs *a;
	struct prefix roa;
	struct rt_src *src;
	struct lang l;

	(void)state;
	(void)key;
	lang_init(&l);
	attrs_edit_init(&e, NULL);
	a = attrs_intern(l.pool, &e);
	assert_true(prefix_parse("10.1.0.0/16", &roa));
	roa.kind = NET_ROA4;
	roa.max = 24;
	roa.asn = 65000;
	src = rt_src_get(l.roa4, &l.owner, 0);
	assert_int_equal(rt_announce(l.roa4, src, &roa, a, 0, INSTANT_ZERO),
	    RT_CHANGED);
	assert_true(lang_load(&l, "roa4 table r4;\n"
	    "filter t { print roa_check(r4, net, 65000), "
	    "roa_check(r4, net, 65001), roa_check(r4, 11.0.0.0/8, 65000), "
	    "roa_check(r4, 10.1.2.0/25, 65000), "
	    "roa_check(r4, 2001:db8::/32, 65000); bgp_path.prepend(65000); "
	    "if roa_check(r4) = ROA_VALID then accept; reject; }\n"
	    "filter nopath { print roa_check(r4); accept; }"));
	assert_int_equal(lang_run(&l, "nopath"), RT_REJECT);
	assert_int_equal(lang_run(&l, "t"), RT_ACCEPT);
	assert_string_equal(l.printed.s, "(enum 35)1(enum 35)2(enum 35)0"
	    "(enum 35)2(enum 35)0\n");
	rt_withdraw(l.roa4, src, &roa, INSTANT_ZERO);
	rt_owner_done(l.roa4, &l.owner);
	attrs_unref(l.pool, a);
	lang_done(&l);
}

/* Every mistake of a file is told, with its place; none is told twice. */
static void
test_errors_of_a_file(void **state)
{
	struct lang l;

	(void)state;
	lang_init(&l);
	assert_false(lang_load(&l,
	    "filter a { bgp_pth = 5; accept; }\n"
	    "filter b { if 5 then accept; int x = \"s\"; net = 1.0.0.0/8; }\n"
	    "function f() -> int { return true; }\n"
	    "filter c { f(1); print f(); accept; }\n"
	    "define a = 5;\n"
	    "filter d { bgp_atomic_aggr = hex:01:02; unset(gw); accept }\n"));
	assert_int_equal(diag_errors(l.diags), 10);
	assert_string_equal(diag_get(l.diags, 0)->hint,
	    "did you mean 'bgp_path'?");
	assert_int_equal(diag_get(l.diags, 1)->at.line, 2);
	assert_int_equal(diag_get(l.diags, 3)->at.col, 43);
	assert_string_equal(diag_get(l.diags, 3)->message,
	    "Attribute net is read-only");
	lang_done(&l);
}

static void
test_asks_roa(void **state)
{
	static const struct {
		const char *name;
		bool r4, s4;
	} want[] = {
		{ "plain", false, false }, { "direct", true, false },
		{ "called", false, true }, { "arms", true, false },
		{ "loop", false, false },
	};
	struct lang l;

	(void)state;
	lang_init(&l);
	assert_true(lang_load(&l, "roa4 table r4; roa4 table s4;\n"
	    "function f(int x) { return "
	    "roa_check(s4, net, x) = ROA_VALID; }\n"
	    "function g(int x) { if x > 5 then return g(x - 1); "
	    "return false; }\n"
	    "filter plain { accept; }\n"
	    "filter direct { if !(roa_check(r4) = ROA_INVALID) "
	    "then accept; }\n"
	    "filter called { if net.len > 3 && f(7) then accept; }\n"
	    "filter arms { case net.len { 1: accept; else: print "
	    "roa_check(r4); } }\n"
	    "filter loop { if g(9) then accept; }"));
	for (unsigned i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		const struct filter *f = lang_filter(&l, want[i].name);

		assert_int_equal(filter_asks_roa(f, "r4"), want[i].r4);
		assert_int_equal(filter_asks_roa(f, "s4"), want[i].s4);
	}
	assert_false(filter_asks_roa(NULL, "r4"));
	lang_done(&l);
}

static void
test_same(void **state)
{
	struct lang l;

	(void)state;
	lang_init(&l);
	assert_true(lang_load(&l,
	    "define S = [10.0.0.0/8+, 11.0.0.0/8];\n"
	    "function f(int n) { if n = 0 then return 1; return f(n - 1); }\n"
	    "function g(int n) { if n = 0 then return 2; return g(n - 1); }\n"
	    "function h(int n) { if n = 0 then return 1; return h(n - 1); }\n"
	    "filter a { if net ~ S then accept; print f(1); reject; }\n"
	    "filter b { if net ~ [11.0.0.0/8, 10.0.0.0/8+] then accept;\n"
	    "	print f(1); reject; }\n"
	    "filter c { if net ~ S then accept; print g(1); reject; }\n"
	    "filter d { if net ~ S then accept; print h(1); reject; }\n"
	    "filter e { if net !~ S then accept; print f(1); reject; }\n"
	    "filter x { bgp_med = 1; accept; }\n"
	    "filter y { bgp_local_pref = 1; accept; }\n"));
	assert_true(filter_same(lang_filter(&l, "a"), lang_filter(&l, "a")));
	assert_true(filter_same(lang_filter(&l, "a"), lang_filter(&l, "b")));
	assert_false(filter_same(lang_filter(&l, "a"), lang_filter(&l, "c")));
	assert_true(filter_same(lang_filter(&l, "a"), lang_filter(&l, "d")));
	assert_false(filter_same(lang_filter(&l, "a"), lang_filter(&l, "e")));
	assert_false(filter_same(lang_filter(&l, "x"), lang_filter(&l, "y")));
	assert_false(filter_same(lang_filter(&l, "a"), NULL));
	assert_true(filter_same(NULL, NULL));
	lang_done(&l);
}

/* A million runs must not cost memory: scratch is used again. */
static void
test_runs_do_not_grow(void **state)
{
	struct lang l;
	size_t before;

	(void)state;
	lang_init(&l);
	assert_true(lang_load(&l, "roa4 table r4;\n"
	    "function ours() { return net ~ [10.0.0.0/8{16,24}, "
	    "192.168.0.0/16+]; }\n"
	    "function worse(int x) { bgp_community.add((64511, x)); "
	    "if (64511, 3) ~ bgp_community then { "
	    "bgp_community.delete([(64511, 1..2)]); return 3; } return x; }\n"
	    "filter t { bgp_path.prepend(1); "
	    "if ! ours() || roa_check(r4, net, bgp_path.last) = ROA_INVALID "
	    "then reject; "
	    "if bgp_path.len > 10 || bgp_path ~ [= * 7 [8, 9] ? =] || "
	    "bgp_path ~ [23456, 64496..64511] then reject; "
	    "bgp_med = worse(2) * 100; "
	    "for int asn in bgp_path do bgp_local_pref = asn; "
	    "case bgp_path.first { 1, 3..4: bgp_local_pref = 200; "
	    "else: bgp_local_pref = 100; } "
	    "bgp_large_community.add((1, 2, 3)); "
	    "bgp_ext_community.add((rt, 1, bgp_path.len)); "
	    "if bgp_large_community ~ [(1, *, *)] then preference = 50; "
	    "accept; }"));
	for (unsigned i = 0; i < 10; i++) {
		attrs_edit_init(&l.e.a, NULL);
		lang_run(&l, "t");
	}
	before = arena_size(l.env.scratch);
	mem_fail_after(0);		/* not one allocation more */
	for (unsigned i = 0; i < 1000; i++) {
		attrs_edit_init(&l.e.a, NULL);
		assert_int_equal(lang_run(&l, "t"), RT_ACCEPT);
	}
	mem_fail_after(-1);
	assert_int_equal(arena_size(l.env.scratch), before);
	lang_done(&l);
}

/* What is added or taken away in place is nobody else's. */
static void
test_lists_of_the_route(void **state)
{
	(void)state;
	check_program("filter t clist a; clist b; clist c; { "
	    "bgp_community.add((1,1)); a = bgp_community; "
	    "bgp_community.add((2,2)); b = bgp_community; a.add((3,3)); "
	    "bgp_community.delete([(1,1)]); c = bgp_community; "
	    "bgp_community.add((4,4)); c.add((5,5)); "
	    "print a, b, c, bgp_community; accept; }",
	    "(clist (1,1) (3,3))(clist (1,1) (2,2))(clist (2,2) (5,5))"
	    "(clist (2,2) (4,4))\nA");
	check_program("filter t { for int i in prepend(prepend(prepend("
	    "prepend(prepend(+empty+, 5), 4), 3), 2), 1) do "
	    "bgp_community.add((i, i)); "
	    "for int i in prepend(prepend(+empty+, 5), 7) do "
	    "printn (i, i) ~ bgp_community; print; "
	    "bgp_community.filter([(1..3,*), (5,5)]); print bgp_community; "
	    "bgp_community.delete([(2,1..9)]); "
	    "bgp_community.delete((5,5)); bgp_community.delete((9,9)); "
	    "print bgp_community, (3,3) ~ bgp_community, "
	    "(5,5) !~ bgp_community; accept; }",
	    "FALSETRUE\n(clist (1,1) (2,2) (3,3) (5,5))\n"
	    "(clist (1,1) (3,3))TRUETRUE\nA");
	check_program("filter t { bgp_large_community.add((1, 2, 3)); "
	    "bgp_large_community.add((1, 2, 3)); "
	    "bgp_large_community.add((1, 2, 4)); "
	    "bgp_ext_community.add((rt, 1, 2)); "
	    "bgp_ext_community.add((ro, 1, 2)); "
	    "bgp_large_community.delete([(1, 2, 4..9)]); "
	    "bgp_ext_community.filter([(ro, 1, *)]); "
	    "print bgp_large_community, bgp_ext_community, "
	    "(1, 2, 4) ~ bgp_large_community; accept; }",
	    "(lclist (1, 2, 3))(eclist (ro, 1, 2))FALSE\nA");
	/* Of what is not there nothing can be taken, and then it is not. */
	check_program("filter t { bgp_community.delete([(1,*)]); "
	    "print defined(bgp_community); bgp_community.add((1,1)); "
	    "bgp_community.delete((1,1)); print defined(bgp_community); "
	    "accept; }", "FALSE\nTRUE\nA");
	check_program("function f() { bgp_community.add((7,7)); return 1; } "
	    "filter t { bgp_community.add((f(), 1)); print bgp_community; "
	    "accept; }", "(clist (1,1))\nA");
}

/* Whatever runs out of memory says so and leaves nothing broken. */
static void
test_out_of_memory(void **state)
{
	struct lang l;
	bool ok = false;

	(void)state;
	for (long n = 0; n < 300 && !ok; n++) {
		lang_init(&l);
		mem_fail_after(n);
		ok = lang_load(&l, "define S = [1..5, 7];\n"
		    "filter t { if net ~ [10.0.0.0/8+] && 5 ~ S then accept; "
		    "print \"x\"; reject; }");
		mem_fail_after(-1);
		lang_done(&l);
	}
	assert_true(ok);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_statements),
		cmocka_unit_test(test_case),
		cmocka_unit_test(test_functions),
		cmocka_unit_test(test_route),
		cmocka_unit_test(test_next_hops),
		cmocka_unit_test(test_roa),
		cmocka_unit_test(test_errors_of_a_file),
		cmocka_unit_test(test_same),
		cmocka_unit_test(test_runs_do_not_grow),
		cmocka_unit_test(test_lists_of_the_route),
		cmocka_unit_test(test_out_of_memory),
		cmocka_unit_test(test_asks_roa),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

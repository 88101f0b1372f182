/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "import/import.h"

static struct text out, notes;

static void
run(const char *in)
{
	text_done(&out);
	text_done(&notes);
	text_init(&out, 1 << 22);
	text_init(&notes, 1 << 20);
	import_frr("f", bytes_of((const uint8_t *)in, strlen(in)), &out,
	    &notes);
}

static int
setup(void **state)
{
	(void)state;
	text_init(&out, 1);
	text_init(&notes, 1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	text_done(&out);
	text_done(&notes);
	return 0;
}

static void
has(const char *s)
{
	if (strstr(out.s, s) == NULL)
		fail_msg("\"%s\" is not in:\n%s", s, out.s);
}

static void
lacks(const char *s)
{
	if (strstr(out.s, s) != NULL)
		fail_msg("\"%s\" is in:\n%s", s, out.s);
}

static void
noted(const char *s)
{
	if (strstr(notes.s, s) == NULL)
		fail_msg("\"%s\" is not in:\n%s", s, notes.s);
}

static void
test_neighbor(void **state)
{
	(void)state;
	run("router bgp 65000\n bgp router-id 1.2.3.4\n"
	    " neighbor 10.0.0.1 remote-as 65001\n"
	    " neighbor 10.0.0.1 description a \"b\" c\n"
	    " neighbor 10.0.0.1 password p;w\n"
	    " neighbor 10.0.0.1 ebgp-multihop\n"
	    " neighbor 10.0.0.1 route-map X in\n"
	    "route-map X permit 10\n");
	has("router id 1.2.3.4;");
	has("protocol bgp peer_10_0_0_1 {");
	has("description \"a b c\";");
	has("local as 65000;\n\tneighbor 10.0.0.1 as 65001;");
	has("password \"p;w\";");
	has("multihop 255;");
	has("if !rm_in_X() then reject;");
	has("export none;");
	assert_string_equal(notes.s, "");
}

/* RFC 8212: by version, by profile, and when it is switched off. */
static void
test_policy(void **state)
{
	static const char body[] = "router bgp 1\n"
	    " neighbor 10.0.0.1 remote-as 2\n";
	char buf[256];

	(void)state;
	run(body);
	has("import none;");
	has("export none;");
	snprintf(buf, sizeof(buf), "frr version 7.3\n%s", body);
	run(buf);
	has("import all;");
	snprintf(buf, sizeof(buf), "frr defaults datacenter\n%s", body);
	run(buf);
	has("import all;");
	has("hold time 9;");
	snprintf(buf, sizeof(buf), "%s no bgp ebgp-requires-policy\n", body);
	run(buf);
	has("import all;");
	run("router bgp 1\n neighbor 10.0.0.1 remote-as internal\n");
	has("neighbor 10.0.0.1 as 1;");
	has("import all;");
}

static void
test_groups(void **state)
{
	(void)state;
	run("router bgp 1\n no bgp default ipv4-unicast\n"
	    " neighbor G peer-group\n neighbor G remote-as 1\n"
	    " neighbor G timers 5 15\n"
	    " neighbor 10.0.0.1 peer-group G\n"
	    " neighbor fd00::1 peer-group G\n"
	    " neighbor fd00::1 timers 6 18\n"
	    " bgp listen range 10.1.0.0/16 peer-group G\n"
	    " address-family ipv6 unicast\n"
	    "  neighbor G activate\n  neighbor G route-reflector-client\n"
	    "  no neighbor 10.0.0.1 activate\n exit-address-family\n");
	has("hold time 18;");
	has("neighbor range 10.1.0.0/16 as 1;");
	has("rr client;");
	lacks("\tipv4 {\n\t\tadd");
	noted("f:6: neighbor 10.0.0.1 peer-group G: no address family");
}

static void
test_vrf(void **state)
{
	(void)state;
	run("vrf red\n ip route 10.0.0.0/8 1.1.1.1\nexit-vrf\n"
	    "router bgp 1\n neighbor 10.0.0.1 remote-as 1\n"
	    "router bgp 1 vrf red\n neighbor 10.0.0.2 remote-as 1\nexit\n"
	    "ip route 11.0.0.0/8 Null0\n");
	lacks("\troute 10.0.0.0/8");
	lacks("neighbor 10.0.0.2 as");
	has("route 11.0.0.0/8 blackhole;");
	noted("f:6: router bgp 1 vrf red: ");
}

static void
test_prefix_lists(void **state)
{
	(void)state;
	run("router bgp 1\n neighbor 10.0.0.1 remote-as 2\n"
	    " neighbor 10.0.0.1 prefix-list A in\n"
	    " neighbor 10.0.0.1 prefix-list B out\n"
	    "ip prefix-list A seq 10 permit 10.0.0.0/8 le 24\n"
	    "ip prefix-list A seq 5 permit 11.0.0.0/8 ge 9\n"
	    "ip prefix-list A seq 15 permit 12.0.0.0/8 ge 10 le 12\n"
	    "ip prefix-list B deny any\n");
	has("define pl_A = [\n\t11.0.0.0/8{9,32},\n\t10.0.0.0/8{8,24},\n"
	    "\t12.0.0.0/8{10,12}\n];");
	has("if net ~ [ 0.0.0.0/0+ ] then return false;");
	has("if !(net ~ pl_A) then reject;");
	has("if !(pl_B()) then reject;");
}

/* Each regular expression, and what it is; NULL: it cannot be said. */
static void
test_paths(void **state)
{
	static const struct {
		const char *regex, *want;
	} v[] = {
		{ "^$", "if bgp_path.len = 0 then" },
		{ ".*", "if true then" },
		{ "^65000$", "bgp_path ~ [= 65000 =]" },
		{ "^65000_", "bgp_path ~ [= 65000 * =]" },
		{ "_65000_", "bgp_path ~ [= * 65000 * =]" },
		{ "_65000$", "bgp_path ~ [= * 65000 =]" },
		{ "^65000 65001$", "bgp_path ~ [= 65000 65001 =]" },
		{ "^[0-9]+$", "bgp_path ~ [= ? =]" },
		{ "^65000_[0-9]+$", "bgp_path ~ [= 65000 ? =]" },
		{ "^65000_.*_65001$", "bgp_path ~ [= 65000 ? * 65001 =]" },
		{ "^65000_.*$", "bgp_path ~ [= 65000 * =]" },
		{ "^65000(_.*)?$", "bgp_path ~ [= 65000 * =]" },
		{ "^(1|2)$", "(bgp_path ~ [= 1 =] || bgp_path ~ [= 2 =])" },
		{ "^65000(_65000)*$", "delete(bgp_path, [65000]).len = 0" },
		{ "_6451[2-9]_", "[= * [64512..64519] * =]" },
		{ "_4242[0-9]{6}_", "[= * [4242000000..4242999999] * =]" },
		{ "^65[0-9]$", "[= [650..659] =]" },
		{ "^1", "[= [1, 10..19, 100..199," },
		{ "65000", NULL }, { "_(65)*_", NULL }, { "[^1]", NULL },
		{ "^1{2}.{3}$", NULL }, { "_1_.*2_", NULL },
	};
	char buf[512];

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		snprintf(buf, sizeof(buf), "router bgp 1\n"
		    " neighbor 10.0.0.1 remote-as 2\n"
		    " neighbor 10.0.0.1 filter-list A in\n"
		    "bgp as-path access-list A permit %s\n", v[i].regex);
		run(buf);
		if (v[i].want != NULL)
			has(v[i].want);
		else
			noted("left out");
	}
}

static void
test_communities(void **state)
{
	static const struct {
		const char *list, *want;
	} v[] = {
		{ "standard A permit 1:2 no-export",
		    "if (1,2) ~ bgp_community && (65535,65281) ~" },
		{ "expanded A permit _1:2_", "bgp_community ~ [(1,2)]" },
		{ "expanded A permit ^1:2$", "bgp_community.len = 1 && " },
		{ "expanded A permit _1:.*", "bgp_community ~ [(1,*)]" },
		{ "expanded A permit _1:[0-9]+_", "[(1,*)]" },
		{ "expanded A permit _65000:1[0-9][0-9]_",
		    "[(65000,100..199)]" },
		{ "expanded A permit 65000:1",
		    "[(65000,1), (65000,10..19), (65000,100..199), "
		    "(65000,1000..1999), (65000,10000..19999)]" },
	};
	char buf[512];

	(void)state;
	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		snprintf(buf, sizeof(buf), "router bgp 1\n"
		    " neighbor 10.0.0.1 remote-as 2\n"
		    " neighbor 10.0.0.1 route-map M in\n"
		    "route-map M permit 1\n match community A\n"
		    "bgp community-list %s\n", v[i].list);
		run(buf);
		has(v[i].want);
	}
}

static void
test_maps(void **state)
{
	(void)state;
	run("router bgp 1\n neighbor 10.0.0.1 remote-as 2\n"
	    " neighbor 10.0.0.1 route-map M in\n"
	    "route-map M deny 20\n match probability 3\n"
	    "route-map M permit 10\n match metric 5\n set metric +7\n"
	    " set as-path prepend 1 2\n set community 1:2 3:4 additive\n"
	    " set weight 100\n on-match goto 30\n"
	    "route-map M permit 30\n call N\n set src 1.1.1.1\n"
	    "route-map N permit 10\n call M\n");
	has("if at <= 10 && defined(bgp_med) && bgp_med = 5 then {");
	has("\t\tbgp_path.prepend(2);\n\t\tbgp_path.prepend(1);");
	has("preference = 101;");
	lacks("bgp_community.empty");
	lacks("krt_prefsrc");
	has("if !rm_in_N() then return false;");
	noted("match probability 3: Warren cannot ask this");
	noted("it calls itself");
}

/* EdgeOS, as somebody has published it. */
static void
test_set(void **state)
{
	(void)state;
	run("set protocols bgp 4242421869 parameters router-id 10.1.1.1\n"
	    "set protocols bgp 4242421869 neighbor 10.132.0.1 description "
	    "'iBGP'\n"
	    "set protocols bgp 4242421869 neighbor 10.132.0.1 nexthop-self\n"
	    "set protocols bgp 4242421869 neighbor 10.132.0.1 remote-as "
	    "4242421869\n"
	    "set protocols bgp 4242421869 neighbor 10.132.0.1 "
	    "soft-reconfiguration inbound\n"
	    "set interfaces ethernet eth0 address dhcp\n");
	has("router id 10.1.1.1;");
	has("description \"iBGP\";");
	has("neighbor 10.132.0.1 as 4242421869;");
	has("next hop self on;");
	has("import table on;");
	has("export where source = RTS_BGP");
	noted("f:6: set interfaces ethernet");
}

static void
test_secrets(void **state)
{
	(void)state;
	run("password hunter2\nenable password hunter3\nrouter bgp 1\n"
	    " neighbor 10.0.0.1 remote-as 2\n"
	    " neighbor 10.0.0.1 password sec\"ret\n");
	assert_null(strstr(notes.s, "hunter"));
	assert_null(strstr(notes.s, "ret"));
	lacks("hunter");
}

/* Out of memory, wherever: no crash, and it is told. */
static void
test_memory(void **state)
{
	(void)state;
	for (long i = 0; i < 400; i++) {
		mem_fail_after(i);
		run("router bgp 1\n neighbor 10.0.0.1 remote-as 2\n"
		    " neighbor 10.0.0.1 route-map M in\n"
		    "ip route 1.0.0.0/8 Null0\n"
		    "ip prefix-list A permit any\n"
		    "route-map M permit 1\n match ip address prefix-list A\n"
		    " set community 1:2\nfoo\n");
		mem_fail_after(-1);
	}
	assert_false(out.bad);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_neighbor),
		cmocka_unit_test(test_policy), cmocka_unit_test(test_groups),
		cmocka_unit_test(test_vrf),
		cmocka_unit_test(test_prefix_lists),
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_communities),
		cmocka_unit_test(test_maps), cmocka_unit_test(test_secrets),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_memory),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

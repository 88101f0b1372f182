/* SPDX-License-Identifier: ISC */
#include "world.h"

#define KEY1	"xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
#define KEY2	"TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0="

static const char *const changes[] = {
	[CONF_SAME] = "same", [CONF_RECONFIGURE] = "reconfigure",
	[CONF_RESTART] = "restart", [CONF_ADDED] = "added",
	[CONF_REMOVED] = "removed"
};

/* "NAME CHANGE [in] [out]; …" */
static void
check(const char *old, const char *new, const char *want)
{
	struct config *a = good(old), *b = good(new);
	struct conf_diff *d = conf_diff(a, b);
	struct text out;

	text_init(&out, 4096);
	for (unsigned i = 0; i < d->n; i++)
		text_printf(&out, "%s%s %s%s%s", i ? "; " : "",
		    d->proto[i].new ? d->proto[i].new->name :
		    d->proto[i].old->name, changes[d->proto[i].change],
		    d->proto[i].import_changed ? " in" : "",
		    d->proto[i].export_changed ? " out" : "");
	assert_string_equal(out.s, want);
	text_done(&out);
	mem_free(d);
	config_free(a);
	config_free(b);
}

#define BGP(body, channel) \
	"filter f { if net.len > 24 then reject; accept; }\n" \
	"function g(int x) { return x > 5; }\n" \
	"protocol bgp b { local as 1; neighbor 10.0.0.1 as 1; " body "\n" \
	"ipv4 { " channel " }; }"

static void
test_nothing_changed(void **state)
{
	(void)state;
	check(BGP("", "import filter f; export where g(bgp_med);"),
	    "# other lines\n\n" BGP("", "import filter f; "
	    "export where g(bgp_med);"), "b same");
	check(BGP("password \"a\";", ""), BGP("password \"a\";", ""),
	    "b same");
}

/* No session falls because BFD's options change, but "accept" is hard. */
static void
test_bfd(void **state)
{
#define BFD(s)	"protocol bfd f { " s " }"
	(void)state;
	check(BFD("interface \"e*\" { interval 50 ms; };"),
	    BFD("interface \"e*\" { min rx interval 50 ms; "
	    "min tx interval 50 ms; };"), "f same");
	check(BFD("interface \"e*\" { interval 50 ms; };"),
	    BFD("interface \"e*\" { interval 60 ms; };"), "f reconfigure");
	check(BFD("interface \"e\" { authentication simple; "
	    "password \"a\"; };"), BFD("interface \"e\" { "
	    "authentication simple; password \"b\"; };"), "f reconfigure");
	check(BFD(""), BFD("neighbor 10.0.0.1;"), "f reconfigure");
	check(BFD(""), BFD("accept ipv4;"), "f restart");
	check(BGP("", ""), BGP("bfd;", ""), "b reconfigure");
	check(BGP("bfd;", ""), BGP("bfd graceful;", ""), "b reconfigure");
	check(BGP("bfd { multiplier 3; };", ""),
	    BGP("bfd { multiplier 4; };", ""), "b reconfigure");
}

static void
test_soft_changes(void **state)
{
	(void)state;
	check(BGP("", ""), BGP("description \"x\";", ""), "b reconfigure");
	check(BGP("", "import all;"), BGP("", "import none;"),
	    "b reconfigure in");
	check(BGP("", "import where net.len > 8;"),
	    BGP("", "import where net.len > 9;"), "b reconfigure in");
	check(BGP("", "export filter f;"), BGP("", "export all;"),
	    "b reconfigure out");
	check(BGP("", ""), BGP("", "import limit 5;"), "b reconfigure");
	check(BGP("", ""), BGP("", "next hop self;"), "b reconfigure out");
	check(BGP("", ""), BGP("", "preference 7;"), "b reconfigure in");
}

/* A filter is what it does, through the functions that it calls. */
static void
test_function_behind_a_filter(void **state)
{
	(void)state;
	check("function g() { return true; } filter f { if g() then accept; }\n"
	    "protocol kernel { ipv4 { export filter f; }; }",
	    "function g() { return false; } filter f { if g() then accept; }\n"
	    "protocol kernel { ipv4 { export filter f; }; }",
	    "kernel1 reconfigure out");
}

static void
test_hard_changes(void **state)
{
	(void)state;
	check(BGP("", ""), BGP("hold time 5;", ""), "b restart");
	check(BGP("", ""), BGP("local 10.0.0.9;", ""), "b restart");
	check(BGP("", ""), BGP("password \"a\";", ""), "b restart");
	check(BGP("password \"a\";", ""), BGP("password \"b\";", ""),
	    "b restart");
	check(BGP("", ""), BGP("ipv6;", ""), "b restart");
	check(BGP("", ""), BGP("", "add paths;"), "b restart");
	check("ipv4 table t; " BGP("", ""),
	    "ipv4 table t; " BGP("", "table t;"), "b restart");
	check("protocol kernel { ipv4; }",
	    "protocol kernel { kernel table 9; ipv4; }", "kernel1 restart");
	check("protocol device x { }", "protocol direct x { }", "x restart");
}

static void
test_added_and_removed(void **state)
{
	(void)state;
	check("protocol device a {} protocol direct d { ipv4; }",
	    "protocol device c {} protocol direct d { ipv4; }",
	    "c added; d same; a removed");
}

static void
test_router_id(void **state)
{
	(void)state;
	check("router id 1.1.1.1; protocol device {}" BGP("", ""),
	    "router id 1.1.1.2; protocol device {}" BGP("", ""),
	    "device1 same; b restart");
	check("router id 1.1.1.1; " BGP("router id 5.5.5.5;", ""),
	    "router id 1.1.1.2; " BGP("router id 5.5.5.5;", ""), "b same");
}

static void
test_static(void **state)
{
	static const char one[] =
	    "protocol static { ipv4; route 10.0.0.0/8 reject; }";

	(void)state;
	check(one, one, "static1 same");
	check(one, "protocol static { ipv4; route 10.0.0.0/8 blackhole; }",
	    "static1 reconfigure");
	check(one, "protocol static { ipv4; route 10.0.0.0/8 reject; "
	    "route 11.0.0.0/8 reject; }", "static1 reconfigure");
	check("protocol static { ipv4; route 10.0.0.0/8 via 10.0.0.1; }",
	    "protocol static { ipv4; route 10.0.0.0/8 via 10.0.0.1 onlink "
	    "dev \"x\"; }", "static1 reconfigure");
}

#define WG(body, peer) \
	"protocol wireguard w { private key file \"k\"; " body \
	" peer p { " peer " }; }"

static void
test_wireguard(void **state)
{
	(void)state;
	check(WG("", "public key \"" KEY1 "\";"),
	    WG("", "public key \"" KEY1 "\";"), "w same");
	check(WG("", "public key \"" KEY1 "\";"),
	    WG("", "public key \"" KEY2 "\";"), "w reconfigure");
	check(WG("", "public key \"" KEY1 "\";"),
	    WG("listen port 5;", "public key \"" KEY1 "\";"),
	    "w reconfigure");
	check(WG("", "public key \"" KEY1 "\";"),
	    WG("address 10.0.0.1/24;", "public key \"" KEY1 "\";"),
	    "w reconfigure");
	check(WG("", "public key \"" KEY1 "\";"),
	    WG("backend kernel;", "public key \"" KEY1 "\";"), "w restart");
	check(WG("", "public key \"" KEY1 "\"; preshared key \"" KEY2 "\";"),
	    WG("", "public key \"" KEY1 "\"; preshared key \"" KEY1 "\";"),
	    "w reconfigure");
}

/* A peer's key is who the neighbor is. */
static void
test_neighbor_behind_a_key(void **state)
{
	static const char bgp[] = "protocol bgp b { local as 1; neighbor "
	    "wireguard \"w\" \"p\" as 1; ipv4; }";
	char a[1024], b[1024];

	(void)state;
	snprintf(a, sizeof(a), "%s%s",
	    WG("", "public key \"" KEY1 "\";"), bgp);
	snprintf(b, sizeof(b), "%s%s",
	    WG("", "public key \"" KEY2 "\";"), bgp);
	check(a, b, "w reconfigure; b restart");
}

static void
test_from_nothing(void **state)
{
	struct config *c = good("log stderr all; protocol device {}");
	struct conf_diff *d = conf_diff(NULL, c);

	(void)state;
	assert_int_equal(d->n, 1);
	assert_int_equal(d->proto[0].change, CONF_ADDED);
	assert_true(d->logs_changed);
	mem_free(d);
	config_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_changed),
		cmocka_unit_test(test_bfd),
		cmocka_unit_test(test_soft_changes),
		cmocka_unit_test(test_function_behind_a_filter),
		cmocka_unit_test(test_hard_changes),
		cmocka_unit_test(test_added_and_removed),
		cmocka_unit_test(test_router_id),
		cmocka_unit_test(test_static),
		cmocka_unit_test(test_wireguard),
		cmocka_unit_test(test_neighbor_behind_a_key),
		cmocka_unit_test(test_from_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

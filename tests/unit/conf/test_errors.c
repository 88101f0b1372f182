/* SPDX-License-Identifier: ISC */
#include "world.h"

#define KEY1	"xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
#define BGP(body) \
	"protocol bgp b { local as 1; neighbor 10.0.0.1 as 1; ipv4;\n" \
	body "\n}"

static void
test_words(void **state)
{
	(void)state;
	says("routr id 1;", "1:1: unknown word 'routr' outside of a protocol; "
	    "did you mean 'router'?\n");
	says("router idd 1;", "1:8: expected 'id', found 'idd'\n");
	says("protocol bpg x { a; }",
	    "1:10: there is no protocol 'bpg'; did you mean 'bgp'?\n");
	says(BGP("neighbour 10.0.0.2;"), "2:1: unknown word 'neighbour' in "
	    "protocol bgp; did you mean 'neighbor'?\n");
	says(BGP("hold tim 5;"), "2:6: expected 'time', found 'tim'\n");
	says(BGP("passive maybe;"), "2:9: expected on or off, found "
	    "'maybe'\n");
	says(BGP("passive onn;"), "2:9: expected on or off, found 'onn'; did "
	    "you mean 'on'?\n");
	says("protocol device { sacn time 1; }", "1:19: unknown word 'sacn' "
	    "in protocol device; did you mean 'scan'?\n");
	says("protocol kernel { ipv4 { imprt all; }; }", "1:26: unknown word "
	    "'imprt' in a channel; did you mean 'import'?\n");
	says("log stderr { eror };", "1:14: expected one of the classes, "
	    "found 'eror'; did you mean 'error'?\n");
}

/* Words of BIRD's language that Warren refuses, each by its name. */
static void
test_not_served(void **state)
{
	(void)state;
	says("protocol ospf v3 { area 0 { interface \"x\"; }; }",
	    "1:10: Warren does not serve 'ospf'\n");
	says("protocol rip {}", "1:10: Warren does not serve 'rip'\n");
	says("protocol babel { randomize router id; }",
	    "1:10: Warren does not serve 'babel'\n");
	says("vpn4 table x;", "1:1: Warren does not serve 'vpn4'\n");
	says("mpls domain d;", "1:1: Warren does not serve 'mpls domain'\n");
	says("protocol bfd { interface \"e\" { password \"x\" { id 1; "
	    "generate from \"2026-01-01\"; }; authentication simple; }; }",
	    "1:53: Warren does not serve 'times of a password'\n");
	says(BGP("flow4;"), "2:1: Warren does not serve 'flow4'\n");
	says(BGP("ipv6 mpls { import all; };"),
	    "2:1: Warren does not serve 'ipv6 mpls'\n");
	says(BGP("vrf \"red\";"), "");
	says(BGP("authentication ao;"),
	    "1:14: 'authentication ao' needs 'keys', one of them not "
	    "deprecated\n");
}

#define BFD(s)	"protocol bfd {\n" s "\n}\n"

static void
test_bfd(void **state)
{
	(void)state;
	says(BFD("interface \"e\" { authentication keyed md5; };"),
	    "2:17: authentication needs a password\n");
	says(BFD("interface \"e\" { authentication simple; "
	    "password \"12345678901234567\"; };"),
	    "2:49: too long: at most 16 octets with this "
	    "authentication\n");
	says(BFD("interface \"e\" { authentication keyed sha2; };"),
	    "2:38: expected md5 or sha1, found 'sha2'\n");
	says(BFD("multihop { interval 0; };"),
	    "2:21: out of range: 1 us to 4294 s\n");
	says(BFD("multihop { multiplier 256; };"),
	    "2:23: 256 is out of range: 1 to 255\n");
	says(BFD("multihop { speed 3; };"),
	    "2:12: unknown word 'speed' in the options of a BFD session\n");
	says(BFD("neighbor 10.0.0.1 multihop;"),
	    "2:10: 'multihop' needs a local address\n");
	says(BFD("neighbor 10.0.0.1 dev \"e\" local 10.0.0.2 multihop;"),
	    "2:10: 'multihop' and an interface exclude each other\n");
	says(BFD("neighbor fe80::1;"), "2:10: a link-local neighbor needs "
	    "its interface: dev \"…\"\n");
	says(BFD("neighbor 10.0.0.1 local ::1;"), "2:10: the local address "
	    "and the neighbor's differ in family\n");
}

static void
test_values(void **state)
{
	(void)state;
	says(BGP("hold time 65536;"),
	    "2:11: out of range: 0 to 65535 seconds\n");
	says(BGP("local port 70000;"),
	    "2:12: 70000 is out of range: 1 to 65535\n");
	says(BGP("local as 0;"),
	    "2:10: 0 is out of range: 1 to 4294967295\n");
	says(BGP("local as 4294967296;"),
	    "2:10: number is larger than 4294967295\n");
	says(BGP("local role boss;"),
	    "2:12: 'boss' is no value of 'local role'\n");
	says(BGP("local role custmer;"), "2:12: 'custmer' is no value of "
	    "'local role'; did you mean 'customer'?\n");
	says(BGP("error wait time 60, 5;"), "2:17: warning: the first is the "
	    "least, and is more than the second\n");
	says("router id 0;", "1:11: this is no number or IPv4 address other "
	    "than zero\n");
	says("router id fe80::1;", "1:11: this is no number or IPv4 address "
	    "other than zero\n");
	says("router id \"x\";",
	    "1:11: expected a number or an IPv4 address, found a string\n");
	says(BGP("description x;"), "2:13: expected a string, found 'x'\n");
	says(BGP("interface \"a-name-that-is-too-long\";"),
	    "2:11: 'a-name-that-is-too-long' cannot be the name of an "
	    "interface\n");
}

static void
test_prefixes(void **state)
{
	(void)state;
	says("protocol static { ipv4;\nroute 10.0.0.1/8 reject;\n"
	    "route 10.0.0.0/33 reject;\nroute 2001:db8::/32 blackhole;\n"
	    "route 10.0.0.0 reject;\nroute 10.0.0.0/8 blackholed;\n"
	    "route 10.0.0.0/8 via fe80::1;\nroute 10.0.0.0/8 max 4 as 1;\n"
	    "route 10.0.0.0/8 via 10.0.0.1 onlink; }",
	    "2:7: the address has bits set past its length 8; the network is "
	    "10.0.0.0/8\n"
	    "3:15: prefix length 33 is more than 32\n"
	    "4:7: the route is ipv6, and the channel ipv4\n"
	    "5:16: expected '/', found 'reject'\n"
	    "6:18: expected via, recursive, blackhole, unreachable or "
	    "prohibit, found 'blackholed'; did you mean 'blackhole'?\n"
	    "7:22: a link-local address needs an interface: ADDRESS%IFACE\n"
	    "8:22: 4 is out of range: 8 to 32\n"
	    "9:22: warning: onlink means nothing without an interface: "
	    "ADDRESS%IFACE\n");
	says("protocol static { route 10.0.0.0/8 reject; roa4; }\n"
	    "protocol static { }",
	    "1:44: there is no roa4 table\n"
	    "2:1: no channel: say \"ipv4;\", \"ipv6;\", \"roa4;\" or "
	    "\"roa6;\"\n");
}

static void
test_signs(void **state)
{
	(void)state;
	says("router id 1", "1:12: expected ';'\n");
	says("router id 1\nhostname \"x\";", "1:12: expected ';'\n");
	says("router id 1 2;", "1:13: expected ';', found number 2\n");
	says("}", "1:1: '}' without a '{'\n");
	says("protocol device {",
	    "1:18: a '}' is missing before this: the block of "
	    "'protocol device' begins at a:1\n");
	says("protocol kernel { ipv4 { export all } }",
	    "1:37: expected ';', found '}'\n"
	    "1:39: expected ';', found '}'\n");
	says("log stderr { eror, bug }; log stderr { bag };",
	    "1:14: expected one of the classes, found 'eror'; did you mean "
	    "'error'?\n"
	    "1:40: expected one of the classes, found 'bag'; did you mean "
	    "'bug'?\n");
	says("\"abc", "1:1: no closing \" on this line\n");
	says("protocol bgp { local as \xc2\xa0" "1; }",
	    "1:25: character 0xc2 means nothing outside of a string\n");
}

static void
test_names(void **state)
{
	(void)state;
	says("protocol device a {}\nprotocol device a {}",
	    "2:17: 'a' is defined already (protocol, a:1)\n");
	says("ipv4 table t;\nipv6 table t;",
	    "2:12: 't' is defined already (table, a:1)\n");
	says("ipv6 table master4;", "1:12: table 'master4' is ipv4\n");
	says("protocol bgp a from t {}",
	    "1:21: there is no template 't'\n");
	says("template kernel t {}\nprotocol bgp a from t {}",
	    "2:21: 't' is a template for protocol kernel\n");
	says("protocol kernel { ipv4 { table x; }; }",
	    "1:32: there is no table 'x'\n");
	says("protocol kernel { ipv4 { table master6; }; }",
	    "1:32: table 'master6' is of another kind\n");
	says("protocol kernel { ipv4; ipv4; }",
	    "1:25: second channel 'ipv4' in one protocol\n");
	says("protocol kernel { roa4; }",
	    "1:19: protocol kernel has no channel 'roa4'\n");
	says("protocol static { ipv4; ipv6; }", "1:25: protocol static has "
	    "one channel, and that is 'ipv4' here\n");
}

static void
test_bgp_sense(void **state)
{
	(void)state;
	says("protocol bgp b { neighbor 10.0.0.1 as 1; ipv4; }",
	    "1:14: local as is missing\n");
	says("protocol bgp b { local as 1; ipv4; }",
	    "1:14: neighbor is missing\n"
	    "1:14: the neighbor's as is missing\n");
	says("protocol bgp b { local as 1; neighbor 10.0.0.1; ipv4; }",
	    "1:39: the neighbor's as is missing\n");
	says("protocol bgp b { local as 1; neighbor 10.0.0.1 as 1; }",
	    "1:14: no channel: say \"ipv4 { … };\" or \"ipv6 { … };\"\n");
	says("protocol bgp b { local as 1; neighbor 10.0.0.1 as 2; ipv4; }",
	    "1:54: eBGP needs an explicit import policy (RFC 8212)\n"
	    "1:54: eBGP needs an explicit export policy (RFC 8212)\n");
	says("protocol bgp b { local as 1; neighbor fe80::1 as 1; ipv6; }",
	    "1:39: a link-local neighbor needs its interface: neighbor "
	    "ADDRESS%IFACE\n");
	says("protocol bgp b { local fe80::1 as 1; neighbor 10.0.0.1 as 1; "
	    "ipv4; }", "1:47: the local address and the neighbor's differ in "
	    "family\n");
	says(BGP("hold time 2; strict bind; enforce first as;"),
	    "1:14: 'hold time' is zero or at least 3 seconds\n"
	    "1:14: 'strict bind' needs a local address\n"
	    "1:14: 'enforce first as' is for eBGP only\n");
	says("protocol bgp b { local as 1; neighbor 10.0.0.1 as 1;\n"
	    "ipv4 { gateway direct; missing lladdr self; }; vrf default; }",
	    "2:24: warning: 'missing lladdr' means nothing any more\n"
	    "2:1: 'gateway direct' is for neighbors on a common link "
	    "only\n");
	says(BGP("rs client; local role peer; confederation member;"),
	    "1:14: 'rs client' is for eBGP only\n"
	    "1:14: 'local role' is for eBGP only\n"
	    "1:14: 'confederation member' without 'confederation'\n");
}

static void
test_kernel_sense(void **state)
{
	(void)state;
	says("protocol kernel { ipv4; }\nprotocol kernel { ipv4; ipv6; }",
	    "2:19: kernel table 254 has an ipv4 channel in 'kernel1' "
	    "already\n");
	says("protocol kernel { }", "1:1: no channel: say \"ipv4 { … };\" or "
	    "\"ipv6 { … };\"\n");
	says("protocol device {}\nprotocol device d {}",
	    "2:17: there is a protocol device already: 'device1'\n");
	says("ipv6 table t; protocol pipe { ipv4; peer table t; }",
	    "1:48: table 't' is of another kind\n");
	says("protocol pipe { peer table master4; }",
	    "1:28: a pipe needs two tables\n");
}

static void
test_mrt_sense(void **state)
{
	(void)state;
	says("protocol mrt m { filename \"x\"; period 5; }",
	    "1:14: table is missing\n");
	says("protocol mrt m { table \"*\"; period 5; }",
	    "1:14: filename is missing\n");
	says("protocol mrt m { table master4; filename \"x\"; }",
	    "1:14: period is missing\n");
	says("protocol mrt m { ipv4; }",
	    "1:18: protocol mrt has no channel 'ipv4'\n");
}

#define RPKI(body) "protocol rpki r { roa4 { table t; }; " body " }"

static void
test_rpki_sense(void **state)
{
	(void)state;
	says("roa4 table t;\n" RPKI("remote 10.0.0.1; transport ssh { };"),
	    "2:65: Warren does not serve 'transport ssh'; let an ssh of its "
	    "own forward a port, and use 'transport tcp'\n");
	says("roa4 table t;\n" RPKI(""), "2:15: remote is missing\n");
	says("roa4 table t;\nprotocol rpki r { remote \"c\"; }",
	    "2:15: no channel: say \"roa4;\", \"roa6;\" or both\n");
	says("roa4 table t;\n" RPKI("remote 10.0.0.1; remote \"c\";"),
	    "2:62: one protocol has one cache\n");
	says("roa4 table t;\n" RPKI("remote \"c\"; expire keep 599;"),
	    "2:62: 599 is out of range: 600 to 172800\n");
	says("roa4 table t;\n" RPKI("remote \"c\"; max version 3;"),
	    "2:62: 3 is out of range: 0 to 2\n");
	says("protocol rpki r { ipv4; }",
	    "1:19: protocol rpki has no channel 'ipv4'\n");
}

static void
test_wireguard_sense(void **state)
{
	(void)state;
	says("protocol wireguard w { private key \"abc\"; listen prot 5;\n"
	    "peer \"a\" { endpoint \"foo\"; };\n"
	    "peer \"a\" { public key \"" KEY1 "\"; };\npeer { };\n"
	    "address 10.0.0.1/33; link local 10.0.0.1; mtu 5; }",
	    "1:36: this is no WireGuard key, which is 44 characters of "
	    "base64\n"
	    "1:50: expected 'port', found 'prot'\n"
	    "2:21: an endpoint is HOST:PORT or [ADDRESS]:PORT\n"
	    "3:6: second peer 'a'\n"
	    "4:6: expected the name of the peer, found '{'\n"
	    "5:17: prefix length 33 is more than 32\n"
	    "5:33: a link-local address is of fe80::/10\n"
	    "5:47: 5 is out of range: 576 to 65535\n");
	says("protocol wireguard w { peer a { }; }",
	    "1:20: private key is missing: say \"private key file …\", which "
	    "is made if need be\n"
	    "1:29: the public key of peer 'a' is missing\n");
	says("protocol wireguard w { private key file \"k\"; listen port 5;\n"
	    "peer a { public key \"" KEY1 "\"; };\n"
	    "peer b { public key \"" KEY1 "\"; }; }\n"
	    "protocol wireguard v { private key file \"k\"; listen port 5;\n"
	    "interface \"w\"; }",
	    "3:21: peer 'a' has this key already\n"
	    "4:20: interface 'w' is that of 'w' already\n"
	    "4:20: listen port 5 is that of 'w' already\n");
	says("protocol wireguard a_name_of_many_letters { "
	    "private key file \"k\"; }", "1:20: the name is too long for an "
	    "interface: say \"interface …\"\n");
}

static void
test_filters(void **state)
{
	(void)state;
	says("protocol kernel { ipv4 { export fliter f; import filter f; }; }",
	    "1:33: expected all, none, filter or where, found 'fliter'\n"
	    "1:57: there is no filter 'f'\n");
	says("filter f { accpt; }\nrouter idd 1;",
	    "1:12: 'accpt' is no statement, and nothing that can be set; did "
	    "you mean 'accept'?\n"
	    "2:8: expected 'id', found 'idd'\n");
}

/* As a person sees it: every mistake of a file in one go. */
static void
test_golden(void **state)
{
	struct world w[] = { { "/etc/warren/warren.conf",
	    "router id 10.0.0.1;\n"
	    "protocol bgp up {\n"
	    "\tlocal as 65000;\n"
	    "\tneighbour 10.0.0.2 as 65001;\n"
	    "\tpassword \"secret\" \"secret\";\n"
	    "\tipv4 { import all; exprot none; };\n"
	    "}\n"
	    "protocol ospf { ipv4; }\n" }, { NULL, NULL } };
	struct text out;

	(void)state;
	text_init(&out, 1 << 16);
	assert_null(world_parse(w, &out));
	assert_string_equal(out.s,
	    "/etc/warren/warren.conf:4:2: unknown word 'neighbour' in "
	    "protocol bgp; did you mean 'neighbor'?\n"
	    "  \tneighbour 10.0.0.2 as 65001;\n"
	    "  \t^~~~~~~~~\n"
	    "/etc/warren/warren.conf:5:20: expected ';', found a string\n"
	    "  \tpassword \"******\" \"secret\";\n"
	    "  \t                  ^~~~~~~~\n"
	    "/etc/warren/warren.conf:6:21: unknown word 'exprot' in a "
	    "channel; did you mean 'export'?\n"
	    "  \tipv4 { import all; exprot none; };\n"
	    "  \t                   ^~~~~~\n"
	    "/etc/warren/warren.conf:8:10: Warren does not serve 'ospf'\n"
	    "  protocol ospf { ipv4; }\n"
	    "           ^~~~\n");
	text_done(&out);
}

static void
test_missing_file(void **state)
{
	struct world w[] = { { NULL, NULL } };
	const struct conf_io io = { w, world_read, world_glob };
	struct diag_list *d = diag_list_new(10);

	(void)state;
	assert_null(conf_parse(&io, "/nowhere", d));
	assert_int_equal(diag_errors(d), 1);
	assert_string_equal(diag_get(d, 0)->message,
	    "cannot open /nowhere: no such file; \"-c FILE\" names another");
	diag_list_free(d);
	says("include \"x\";\nprotocol wireguard w { config file \"y\"; }",
	    "1:9: x: no such file\n2:36: y: no such file\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_not_served),
		cmocka_unit_test(test_bfd),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_signs),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_bgp_sense),
		cmocka_unit_test(test_kernel_sense),
		cmocka_unit_test(test_mrt_sense),
		cmocka_unit_test(test_rpki_sense),
		cmocka_unit_test(test_wireguard_sense),
		cmocka_unit_test(test_filters),
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_missing_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

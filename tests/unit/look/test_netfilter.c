/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "look/netfilter.h"

#define CHAIN(policy) "{\"chain\":{\"family\":\"inet\",\"table\":\"t\"," \
	"\"name\":\"f\",\"handle\":1,\"type\":\"filter\",\"hook\":" \
	"\"forward\",\"prio\":0,\"policy\":\"" policy "\"}}"
#define MATCH(left, right) "{\"match\":{\"op\":\"==\",\"left\":" left \
	",\"right\":" right "}}"
#define RULE(chain, expr) ",{\"rule\":{\"family\":\"inet\",\"table\":\"t\"," \
	"\"chain\":\"" chain "\",\"handle\":7,\"expr\":[" expr "]}}"
#define IIF "{\"meta\":{\"key\":\"iifname\"}}"
#define DADDR "{\"payload\":{\"protocol\":\"ip\",\"field\":\"daddr\"}}"
#define DPORT "{\"payload\":{\"protocol\":\"udp\",\"field\":\"dport\"}}"
#define STATE "{\"ct\":{\"key\":\"state\"}}"
#define MARK "{\"meta\":{\"key\":\"mark\"}}"
#define ACCEPT "{\"accept\":null}"
#define DROP "{\"drop\":null}"

static struct netfilter_verdict
judge(const char *list, const char *l4, uint16_t port)
{
	struct flow flow = { .iif = "wg0", .oif = "lan0", .l4 = l4,
	    .dport = port };
	struct netfilter_verdict v;
	struct netfilter *n;
	char json[8192];

	ip_parse("192.168.1.5", &flow.dst);
	ip_parse("10.0.0.2", &flow.src);
	snprintf(json, sizeof(json), "{\"nftables\":[%s]}", list);
	n = netfilter_parse(json);
	assert_non_null(n);
	netfilter_judge(n, "forward", &flow, &v);
	netfilter_free(n);
	return v;
}

#define PASSES(list) assert_int_equal(judge(list, NULL, 0).sentence, \
	NETFILTER_PASSES)
#define DROPS(list) assert_int_equal(judge(list, NULL, 0).sentence, \
	NETFILTER_DROPS)
#define UNCLEAR(list) assert_int_equal(judge(list, NULL, 0).sentence, \
	NETFILTER_UNCLEAR)

static void
policies(void **state)
{
	(void)state;
	PASSES(CHAIN("accept"));
	DROPS(CHAIN("drop"));
	assert_string_equal(judge(CHAIN("drop"), NULL, 0).where,
	    "table inet t, chain f: policy drop");
}

static void
rules_in_their_order(void **state)
{
	(void)state;
	PASSES(CHAIN("drop") RULE("f", MATCH(IIF, "\"wg*\"") "," ACCEPT));
	DROPS(CHAIN("drop") RULE("f", MATCH(IIF, "\"eth0\"") "," ACCEPT));
	DROPS(CHAIN("accept") RULE("f", MATCH(DADDR, "{\"prefix\":{\"addr\":"
	    "\"192.168.0.0\",\"len\":16}}") "," DROP) RULE("f", ACCEPT));
	PASSES(CHAIN("accept") RULE("f", MATCH(DADDR, "\"192.168.1.6\"") ","
	    DROP));
	PASSES(CHAIN("drop") RULE("f", MATCH(IIF, "{\"set\":[\"eth0\",\"wg0\"]"
	    "}") "," ACCEPT));
}

/* What an answer may do, the first packet may not. */
static void
the_first_packet(void **state)
{
	(void)state;
	DROPS(CHAIN("drop") RULE("f", MATCH(STATE,
	    "[\"established\",\"related\"]") "," ACCEPT));
	PASSES(CHAIN("drop") RULE("f", MATCH(STATE,
	    "[\"established\",\"new\"]") "," ACCEPT));
}

static void
what_is_not_known(void **state)
{
	(void)state;
	UNCLEAR(CHAIN("drop") RULE("f", MATCH(MARK, "1") "," ACCEPT));
	UNCLEAR(CHAIN("accept") RULE("f", MATCH(MARK, "1") "," DROP));
	UNCLEAR(CHAIN("accept") RULE("f", MATCH(DPORT, "53") "," DROP));
	DROPS(CHAIN("accept") RULE("f", MATCH(MARK, "1") "," DROP)
	    RULE("f", DROP));
	assert_int_equal(judge(CHAIN("accept") RULE("f", MATCH(DPORT, "53")
	    "," DROP), "udp", 53).sentence, NETFILTER_DROPS);
	assert_int_equal(judge(CHAIN("accept") RULE("f", MATCH(DPORT, "53")
	    "," DROP), "udp", 54).sentence, NETFILTER_PASSES);
	assert_int_equal(judge(CHAIN("accept") RULE("f", MATCH(DPORT, "53")
	    "," DROP), "tcp", 53).sentence, NETFILTER_PASSES);
}

static void
jumps(void **state)
{
	(void)state;
	DROPS(CHAIN("accept") RULE("f", "{\"jump\":{\"target\":\"g\"}}")
	    RULE("g", DROP));
	PASSES(CHAIN("accept") RULE("f", "{\"jump\":{\"target\":\"g\"}}")
	    RULE("g", "{\"return\":null}") RULE("g", DROP));
	/* One that calls itself ends. */
	PASSES(CHAIN("accept") RULE("f", "{\"jump\":{\"target\":\"g\"}}")
	    RULE("g", "{\"jump\":{\"target\":\"g\"}}"));
}

#define VMAP(list) "{\"vmap\":{\"key\":" IIF ",\"data\":{\"set\":[" \
	list "]}}}"
#define COMMENT "{\"xt\":{\"type\":\"match\",\"name\":\"comment\"}}"
#define POLICY "{\"xt\":{\"type\":\"match\",\"name\":\"policy\"}}"

static void
verdict_maps(void **state)
{
	(void)state;
	PASSES(CHAIN("drop") RULE("f", VMAP("[\"lo\"," DROP "],[\"wg0\","
	    ACCEPT "]")));
	DROPS(CHAIN("accept") RULE("f", VMAP("[\"wg0\",{\"jump\":"
	    "{\"target\":\"g\"}}]")) RULE("g", DROP));
	DROPS(CHAIN("drop") RULE("f", VMAP("[\"eth0\"," ACCEPT "]")));
	PASSES(CHAIN("drop") RULE("f", "{\"vmap\":{\"key\":" IIF
	    ",\"data\":\"@m\"}}") ",{\"map\":{\"family\":\"inet\",\"table\":"
	    "\"t\",\"name\":\"m\",\"elem\":[[\"wg0\"," ACCEPT "]]}}");
	UNCLEAR(CHAIN("drop") RULE("f", "{\"vmap\":{\"key\":" MARK
	    ",\"data\":{\"set\":[[1," ACCEPT "]]}}}"));
}

/* What iptables has left in the ruleset. */
static void
foreign_matches(void **state)
{
	(void)state;
	PASSES(CHAIN("drop") RULE("f", COMMENT "," ACCEPT));
	UNCLEAR(CHAIN("drop") RULE("f", POLICY "," ACCEPT));
}

static void
who_drops(void **state)
{
	struct netfilter_verdict v = judge(CHAIN("accept") RULE("f",
	    "{\"jump\":{\"target\":\"g\"}}") RULE("g", DROP), NULL, 0);

	(void)state;
	assert_string_equal(v.family, "inet");
	assert_string_equal(v.table, "t");
	assert_string_equal(v.chain, "f");
	assert_non_null(strstr(v.where, "chain g"));
}

static void
masquerading(void **state)
{
	static const char json[] = "{\"nftables\":[{\"table\":{\"family\":"
	    "\"ip\",\"name\":\"n\"}},{\"chain\":{\"family\":\"ip\",\"table\""
	    ":\"n\",\"name\":\"p\",\"type\":\"nat\",\"hook\":\"postrouting\""
	    "}},{\"rule\":{\"family\":\"ip\",\"table\":\"n\",\"chain\":\"p\","
	    "\"handle\":2,\"expr\":[{\"match\":{\"op\":\"==\",\"left\":"
	    "{\"meta\":{\"key\":\"oifname\"}},\"right\":\"wg0\"}},"
	    "{\"masquerade\":null}]}}]}";
	struct netfilter *n = netfilter_parse(json);
	struct flow flow = { .oif = "wg0" };

	(void)state;
	ip_parse("10.0.0.2", &flow.src);
	ip_parse("10.0.0.3", &flow.dst);
	assert_true(netfilter_masquerades(n, &flow));
	flow.oif = "eth0";
	assert_false(netfilter_masquerades(n, &flow));
	assert_true(netfilter_has_table(n, "n"));
	assert_true(netfilter_has_chain(n, "p"));
	assert_false(netfilter_has_chain(n, "n"));
	netfilter_free(n);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(policies),
		cmocka_unit_test(rules_in_their_order),
		cmocka_unit_test(the_first_packet),
		cmocka_unit_test(what_is_not_known),
		cmocka_unit_test(jumps),
		cmocka_unit_test(verdict_maps),
		cmocka_unit_test(foreign_matches),
		cmocka_unit_test(who_drops),
		cmocka_unit_test(masquerading),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/*
 * Whole messages and what the RFCs want done about them: RFC 7606 attribute
 * by attribute (and RFC 6793, 7311, 7607, 8092, 8669, 8950, 9234), then OPEN,
 * NOTIFICATION and ROUTE-REFRESH.  Each row says by which section.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "wire/bgp_open.h"
#include "wire/bgp_update.h"
#include "hex.h"

#define ORIGIN	"40010100"
#define PATH	"4002060201" "0000fde9"
#define HOP	"4003040a000002"
#define BASE	ORIGIN PATH HOP
#define NLRI	"18c00002"
#define GLOBAL	"20010db8000000000000000000000001"
#define LINK	"fe800000000000000000000000000001"
#define NET6	"3020010db80001"
/* MP_REACH_NLRI of IPv6, one net. */
#define REACH6	"800e1c000201" "10" GLOBAL "00" NET6

enum { E = 1, I = 2, OLD = 4, AIGP = 8, ADD = 16, EI = E | I };

struct row {
	const char *what;
	unsigned how;			/* peers and settings */
	enum bgp_verdict verdict;
	const char *withdrawn, *attrs, *nlri;
};

static const struct row rows[] = {
	/* 3 (c): Optional and Transitive only, other bits are nothing. */
	{ "ORIGIN optional", EI, BGP_WITHDRAW, "", "c0010100" PATH HOP, NLRI },
	{ "ORIGIN not transitive", EI, BGP_WITHDRAW, "",
	    "00010100" PATH HOP, NLRI },
	{ "ORIGIN partial", EI, BGP_OK, "", "60010100" PATH HOP, NLRI },
	{ "ORIGIN, low bits set", EI, BGP_OK, "", "4f010100" PATH HOP, NLRI },
	{ "ORIGIN of extended length", EI, BGP_OK, "",
	    "5001000100" PATH HOP, NLRI },
	{ "AS_PATH optional", EI, BGP_WITHDRAW, "",
	    ORIGIN "c0020602010000fde9" HOP, NLRI },
	{ "NEXT_HOP optional", EI, BGP_WITHDRAW, "",
	    ORIGIN PATH "c003040a000002", NLRI },
	{ "MED well-known", EI, BGP_WITHDRAW, "", BASE "40040400000001",
	    NLRI },
	{ "LOCAL_PREF optional", I, BGP_WITHDRAW, "", BASE "c0050400000064",
	    NLRI },
	{ "ATOMIC_AGGREGATE optional", EI, BGP_WITHDRAW, "", BASE "c00600",
	    NLRI },
	{ "AGGREGATOR not transitive", EI, BGP_WITHDRAW, "",
	    BASE "8007080000fde90a000001", NLRI },
	{ "COMMUNITIES not transitive", EI, BGP_WITHDRAW, "",
	    BASE "800804fde90001", NLRI },
	{ "ORIGINATOR_ID transitive", I, BGP_WITHDRAW, "",
	    BASE "c009040a000001", NLRI },
	{ "CLUSTER_LIST transitive", I, BGP_WITHDRAW, "",
	    BASE "c00a040a000001", NLRI },
	{ "MP_REACH_NLRI transitive", EI, BGP_WITHDRAW, "",
	    ORIGIN PATH "c00e1c00020110" GLOBAL "00" NET6, "" },
	{ "LARGE COMMUNITIES not transitive", EI, BGP_WITHDRAW, "",
	    BASE "80200c000000010000000200000003", NLRI },
	{ "OTC not transitive", EI, BGP_WITHDRAW, "", BASE "8023040000fde9",
	    NLRI },
	/* RFC 7311 3.2: malformed, and as if it were not there. */
	{ "AIGP transitive", EI | AIGP, BGP_DISCARD, "",
	    BASE "c01a0b01000b0000000000000007", NLRI },
	{ "AIGP", EI | AIGP, BGP_OK, "", BASE "801a0b01000b0000000000000007",
	    NLRI },
	{ "AIGP of another kind of TLV", EI | AIGP, BGP_OK, "",
	    BASE "801a03020003", NLRI },
	{ "AIGP with a short TLV", EI | AIGP, BGP_DISCARD, "",
	    BASE "801a0a01000a00000000000007", NLRI },
	{ "AIGP whose TLV runs over", EI | AIGP, BGP_DISCARD, "",
	    BASE "801a0402000b00", NLRI },
	{ "AIGP where nobody wants it", EI, BGP_DISCARD, "",
	    BASE "801a0b01000b0000000000000007", NLRI },

	/* 3 (d) and 3 (e): what must be there. */
	{ "no ORIGIN", EI, BGP_WITHDRAW, "", PATH HOP, NLRI },
	{ "no AS_PATH", EI, BGP_WITHDRAW, "", ORIGIN HOP, NLRI },
	{ "no NEXT_HOP", EI, BGP_WITHDRAW, "", ORIGIN PATH, NLRI },
	{ "nothing", EI, BGP_WITHDRAW, "", "", NLRI },
	{ "IPv6 and no ORIGIN", EI, BGP_WITHDRAW, "", PATH REACH6, "" },
	{ "IPv6 needs no NEXT_HOP", EI, BGP_OK, "", ORIGIN PATH REACH6, "" },
	{ "both families, one next hop", EI, BGP_WITHDRAW, "",
	    ORIGIN PATH REACH6, NLRI },
	/* RFC 8205 without an agreement: the path is missing. */
	{ "BGPsec_PATH for AS_PATH", EI, BGP_WITHDRAW, "",
	    ORIGIN HOP "8021080008000100000000", NLRI },

	/* 3 (g). */
	{ "MED twice", EI, BGP_DISCARD, "",
	    BASE "80040400000001" "80040400000002", NLRI },
	{ "the second one malformed", EI, BGP_DISCARD, "",
	    BASE "80040400000001" "800401ff", NLRI },
	{ "an unknown one twice", EI, BGP_DISCARD, "",
	    BASE "c0c80100" "c0c80101", NLRI },
	{ "MP_REACH_NLRI twice", EI, BGP_RESET, "",
	    ORIGIN PATH REACH6 REACH6, "" },
	{ "MP_UNREACH_NLRI twice", EI, BGP_RESET, "",
	    "800f03000201" "800f03000201", "" },

	/* 4: where attributes run over what there is. */
	{ "two octets left", EI, BGP_WITHDRAW, "", BASE "8004", NLRI },
	{ "one octet left", EI, BGP_WITHDRAW, "", BASE "80", NLRI },
	{ "an extended length cut off", EI, BGP_WITHDRAW, "", BASE "900400",
	    NLRI },
	{ "a value that runs over", EI, BGP_WITHDRAW, "",
	    BASE "800405000000", NLRI },
	/* 5.2: and nothing that could be withdrawn. */
	{ "runs over, without NLRI", EI, BGP_RESET, "18c00002",
	    BASE "8004", "" },
	{ "wrong flags, without NLRI", EI, BGP_RESET, "", "c0010100", "" },
	{ "discarded, without NLRI", EI, BGP_DISCARD, "", "40060100", "" },
	{ "only MP_UNREACH_NLRI", EI, BGP_WITHDRAW, "", "c00f03000201", "" },

	/* 5.3 and RFC 4271 6.3: NLRI. */
	{ "a prefix of 33 bits", EI, BGP_RESET, "", BASE, "21c000020100" },
	{ "a prefix cut off", EI, BGP_RESET, "", BASE, "18c000" },
	{ "a withdrawn one of 33 bits", EI, BGP_RESET, "21c000020100", "",
	    "" },
	{ "a default route", EI, BGP_OK, "", BASE, "00" },
	{ "the same twice", EI, BGP_OK, "", BASE, NLRI NLRI },
	{ "IPv6 of 129 bits", EI, BGP_RESET, "",
	    ORIGIN PATH "800e1700020110" GLOBAL "00" "8120", "" },
	{ "a path id cut off", EI | ADD, BGP_RESET, "", BASE, "000000" },
	{ "a path id and nothing", EI | ADD, BGP_RESET, "", BASE,
	    "00000001" },
	{ "a path id", EI | ADD, BGP_OK, "", BASE, "00000001" NLRI },

	/* 7.1 to 7.16. */
	{ "ORIGIN 3", EI, BGP_WITHDRAW, "", "40010103" PATH HOP, NLRI },
	{ "ORIGIN of 0 octets", EI, BGP_WITHDRAW, "", "400100" PATH HOP,
	    NLRI },
	{ "ORIGIN of 2", EI, BGP_WITHDRAW, "", "4001020000" PATH HOP, NLRI },
	{ "a segment of type 0", EI, BGP_WITHDRAW, "",
	    ORIGIN "40020600010000fde9" HOP, NLRI },
	{ "a segment of type 5", EI, BGP_WITHDRAW, "",
	    ORIGIN "40020605010000fde9" HOP, NLRI },
	{ "a confederation's segment", EI, BGP_WITHDRAW, "",
	    ORIGIN "40020603010000fde9" HOP, NLRI },
	{ "a segment of nobody", EI, BGP_WITHDRAW, "",
	    ORIGIN "4002020200" HOP, NLRI },
	{ "a segment that runs over", EI, BGP_WITHDRAW, "",
	    ORIGIN "40020602020000fde9" HOP, NLRI },
	{ "a segment cut off", EI, BGP_WITHDRAW, "",
	    ORIGIN "40020702010000fde902" HOP, NLRI },
	{ "numbers of the other width", EI, BGP_WITHDRAW, "",
	    ORIGIN "4002040201fde9" HOP, NLRI },
	{ "2-octet numbers", EI | OLD, BGP_OK, "", ORIGIN "4002040201fde9"
	    HOP, NLRI },
	{ "AS 0 (RFC 7607)", EI, BGP_WITHDRAW, "",
	    ORIGIN "40020a02020000fde900000000" HOP, NLRI },
	{ "an empty path", I, BGP_OK, "", ORIGIN "400200" HOP, NLRI },
	{ "NEXT_HOP of 3 octets", EI, BGP_WITHDRAW, "",
	    ORIGIN PATH "4003030a0000", NLRI },
	{ "NEXT_HOP of 16", EI, BGP_WITHDRAW, "",
	    ORIGIN PATH "400310" GLOBAL, NLRI },
	{ "MED of 5 octets", EI, BGP_WITHDRAW, "", BASE "8004050000000001",
	    NLRI },
	{ "LOCAL_PREF from outside", E, BGP_DISCARD, "",
	    BASE "40050400000064", NLRI },
	{ "and malformed", E, BGP_DISCARD, "", BASE "400501ff", NLRI },
	{ "LOCAL_PREF of 0 octets", I, BGP_WITHDRAW, "", BASE "400500",
	    NLRI },
	{ "ATOMIC_AGGREGATE of 1", EI, BGP_DISCARD, "", BASE "40060100",
	    NLRI },
	{ "AGGREGATOR of 6", EI, BGP_DISCARD, "", BASE "c00706fde90a000001",
	    NLRI },
	{ "AGGREGATOR of 6, as it should be", EI | OLD, BGP_OK, "",
	    ORIGIN "4002040201fde9" HOP "c00706fde90a000001", NLRI },
	{ "AGGREGATOR of 8 from an old one", EI | OLD, BGP_DISCARD, "",
	    ORIGIN "4002040201fde9" HOP "c007080000fde90a000001", NLRI },
	{ "COMMUNITIES of 6", EI, BGP_WITHDRAW, "",
	    BASE "c00806fde90001fde9", NLRI },
	{ "ORIGINATOR_ID of 5", I, BGP_WITHDRAW, "", BASE "8009050a00000100",
	    NLRI },
	{ "ORIGINATOR_ID of 5 from outside", E, BGP_DISCARD, "",
	    BASE "8009050a00000100", NLRI },
	{ "CLUSTER_LIST of 0", I, BGP_WITHDRAW, "", BASE "800a00", NLRI },
	{ "CLUSTER_LIST of 6 from outside", E, BGP_DISCARD, "",
	    BASE "800a060a0000010a00", NLRI },
	{ "EXTENDED COMMUNITIES of 0", EI, BGP_WITHDRAW, "", BASE "c01000",
	    NLRI },
	{ "IPv6 ones of 8", EI, BGP_WITHDRAW, "",
	    BASE "c019080002fde900000001", NLRI },
	{ "LARGE COMMUNITIES of 13 (RFC 8092 5)", EI, BGP_WITHDRAW, "",
	    BASE "c0200d00000001000000020000000300", NLRI },
	{ "OTC of 5 (RFC 9234 5)", EI, BGP_WITHDRAW, "",
	    BASE "c023050000fde900", NLRI },
	{ "Prefix-SID cut off (RFC 8669 6)", EI, BGP_DISCARD, "",
	    BASE "c0280301000a", NLRI },
	/* RFC 6793 3, 6: only from old ones, and never worth more. */
	{ "AS4_PATH from a new one", EI, BGP_DISCARD, "",
	    BASE "c0110602010000fde9", NLRI },
	{ "AS4_PATH of type 0 from a new one", EI, BGP_DISCARD, "",
	    BASE "c0110600010000fde9", NLRI },
	{ "AS4_PATH of type 0 from an old one", EI | OLD, BGP_DISCARD, "",
	    ORIGIN "4002040201fde9" HOP "c0110600010000fde9", NLRI },
	{ "AS4_PATH cut off", EI | OLD, BGP_DISCARD, "",
	    ORIGIN "4002040201fde9" HOP "c0110402010000", NLRI },
	{ "AS4_PATH", EI | OLD, BGP_OK, "",
	    ORIGIN "40020402015ba0" HOP "c011060201fa56ea01", NLRI },
	{ "AS4_AGGREGATOR of 6", EI | OLD, BGP_DISCARD, "",
	    ORIGIN "4002040201fde9" HOP "c01206fde90a000001", NLRI },
	/* RFC 4271 5, 6.3. */
	{ "unknown and well-known", EI, BGP_RESET, "", BASE "40c80100",
	    NLRI },
	{ "unknown, optional, transitive", EI, BGP_OK, "", BASE "c0c80100",
	    NLRI },
	{ "unknown, empty", EI, BGP_OK, "", BASE "c0c800", NLRI },
	{ "unknown, not transitive", EI, BGP_DISCARD, "", BASE "80c80100",
	    NLRI },
	{ "Traffic Engineering (7.13): unknown", EI, BGP_DISCARD, "",
	    BASE "801801ff", NLRI },
	/* 7.11, 7.12, RFC 2545, 8950. */
	{ "MP_REACH_NLRI of 4 octets", EI, BGP_RESET, "",
	    ORIGIN PATH "800e0400020100", "" },
	{ "a next hop that runs over", EI, BGP_RESET, "",
	    ORIGIN PATH "800e0700020110200100", "" },
	{ "a next hop of 0 octets", EI, BGP_RESET, "",
	    ORIGIN PATH "800e0c0002010000" NET6, "" },
	{ "a next hop of 24", EI, BGP_RESET, "", ORIGIN PATH
	    "800e24000201180000000000000000" GLOBAL "00" NET6, "" },
	{ "two next hops", EI, BGP_OK, "", ORIGIN PATH "800e2c00020120"
	    GLOBAL LINK "00" NET6, "" },
	{ "an IPv4 next hop of IPv6", EI, BGP_RESET, "",
	    ORIGIN PATH "800e10000201040a00000200" NET6, "" },
	{ "an IPv6 next hop of IPv4 unasked", EI, BGP_WITHDRAW, "",
	    ORIGIN PATH "800e1900010110" GLOBAL "00" NLRI, "" },
	{ "one of 12 octets", EI, BGP_RESET, "", ORIGIN PATH
	    "800e150001010c0000000000000000000000000018c00002", "" },
	{ "a reserved octet that is not 0", EI, BGP_OK, "",
	    ORIGIN PATH "800e1c00020110" GLOBAL "05" NET6, "" },
	{ "nobody's AFI", EI, BGP_OK, "", ORIGIN PATH "800e074004470000ffff",
	    "" },
	{ "MP_UNREACH_NLRI of 2 octets", EI, BGP_RESET, "", "800f020002",
	    "" },
	{ "withdrawn IPv6 of 129 bits", EI, BGP_RESET, "",
	    "800f050002018120", "" },
	{ "withdrawn IPv6 cut off", EI, BGP_RESET, "", "800f050002013020",
	    "" },
	{ "End-of-RIB", EI, BGP_OK, "", "", "" },
	{ "End-of-RIB of IPv6", EI, BGP_OK, "", "800f03000201", "" },
	/* The order is the sender's own: 3 (i). */
	{ "MP_REACH_NLRI last", EI, BGP_OK, "", BASE REACH6, NLRI },
	{ "backwards", EI, BGP_OK, "", REACH6 HOP PATH ORIGIN, NLRI },
};

static enum bgp_verdict
judge(const struct row *r, enum bgp_peer_type peer)
{
	static struct bgp_update u;
	static uint8_t room[4096];
	const struct bgp_codec c = { .peer = peer, .as4 = !(r->how & OLD),
	    .families = BGP_FAM_ALL, .aigp = r->how & AIGP,
	    .add_path_rx = r->how & ADD ? BGP_FAM_ALL : 0 };
	struct wr w = wr_of(room, sizeof(room));
	struct bytes part[3] = { hex(r->withdrawn), hex(r->attrs),
	    hex(r->nlri) };

	for (unsigned i = 0; i < 3; i++) {
		if (i < 2)
			wr_be16(&w, (uint16_t)part[i].n);
		wr_bytes(&w, part[i]);
		hex_free(part[i]);
	}
	return bgp_update_decode(&c, bytes_of(room, wr_len(&w)), &u);
}

static void
updates(void **state)
{
	unsigned bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (unsigned p = 0; p < 2; p++) {
			const enum bgp_verdict v = judge(&rows[i],
			    p ? BGP_IBGP : BGP_EBGP);

			if (!(rows[i].how & (p ? I : E)) ||
			    v == rows[i].verdict)
				continue;
			print_error("%s, %s: %d, not %d\n", rows[i].what,
			    p ? "inside" : "outside", v, rows[i].verdict);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

struct open_row {
	const char *what;
	int subcode;			/* -1: it is fine */
	const char *body;
};

/* Version, AS, hold time, identifier; a capability in a parameter. */
#define FIELDS	"04fde9005a0a000001"
#define CAP(n2, n, cap)	FIELDS n2 "02" n cap

static const struct open_row opens[] = {
	{ "plain", -1, FIELDS "00" },
	{ "version 3", 1, "03fde9005a0a00000100" },
	{ "version 5", 1, "05fde9005a0a00000100" },
	{ "AS 0 (RFC 7607)", 2, "040000005a0a00000100" },
	{ "identifier 0 (RFC 6286)", 3, "04fde9005a0000000000" },
	{ "a multicast identifier is one", -1, "04fde9005ae000000100" },
	{ "hold time 0", -1, "04fde900000a00000100" },
	{ "hold time 1", 6, "04fde900010a00000100" },
	{ "hold time 2", 6, "04fde900020a00000100" },
	{ "hold time 3", -1, "04fde900030a00000100" },
	{ "authentication", 4, FIELDS "04" "01020000" },
	{ "a parameter of type 7", 4, FIELDS "02" "0700" },
	{ "parameters that run over", 0, FIELDS "04" "0200" },
	{ "something behind them", 0, FIELDS "00" "00" },
	{ "a parameter that runs over", 0, FIELDS "02" "0204" },
	{ "a capability that runs over", 0, CAP("04", "02", "0104") },
	{ "a capability cut off", 0, CAP("03", "01", "01") },
	{ "an empty parameter", -1, CAP("02", "00", "") },
	{ "an unknown capability", -1, CAP("05", "03", "fa0100") },
	{ "a Multiprotocol of 3", 0, CAP("07", "05", "0103000100") },
	{ "a Multiprotocol", -1, CAP("08", "06", "010400010001") },
	{ "4-octet AS of 0 octets", 0, CAP("04", "02", "4100") },
	{ "4-octet AS of 5", 0, CAP("09", "07", "41050000fde900") },
	{ "4-octet AS 0", 2, CAP("08", "06", "410400000000") },
	{ "4-octet AS", -1, CAP("08", "06", "41040000fde9") },
	{ "two AS numbers", 2, CAP("08", "06", "41040000fdea") },
	{ "restart of 1 octet", 0, CAP("05", "03", "400100") },
	{ "restart with half a family", 0, CAP("08", "06", "40040078" "0001") },
	{ "restart without a family", -1, CAP("06", "04", "40020078") },
	{ "ADD-PATH of 3 octets", 0, CAP("07", "05", "4503000101") },
	{ "ADD-PATH 4 is nothing", -1, CAP("08", "06", "450400010104") },
	{ "a role of 0 octets", 0, CAP("04", "02", "0900") },
	{ "a role of 2", 0, CAP("06", "04", "09020000") },
	{ "a role", -1, CAP("05", "03", "090103") },
	{ "extended next hop of 5", 0, CAP("09", "07", "0505000100010000") },
	{ "extended parameters (RFC 9072)", -1, FIELDS "ffff0009" "020006"
	    "010400010001" },
	{ "and cut off", 0, FIELDS "ffff0009" "0200" },
};

static void
open_messages(void **state)
{
	unsigned bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++) {
		struct bytes b = hex(opens[i].body);
		struct bgp_error e = { 0 };
		struct bgp_open o;
		const int got = bgp_open_decode(b, &o, &e) ? -1 :
		    e.code == BGP_ERR_OPEN ? e.subcode : 255;

		if (got != opens[i].subcode) {
			print_error("%s: %d, not %d\n", opens[i].what, got,
			    opens[i].subcode);
			bad++;
		}
		hex_free(b);
	}
	assert_int_equal(bad, 0);
}

struct header_row {
	const char *what;
	unsigned length, type;
	bool ext;			/* RFC 8654 was agreed on */
	int subcode;
};

static const struct header_row headers[] = {
	{ "18 octets", 18, 4, false, 2 },
	{ "KEEPALIVE", 19, 4, false, -1 },
	{ "KEEPALIVE of 20", 20, 4, false, 2 },
	{ "OPEN of 28", 28, 1, false, 2 },
	{ "OPEN", 29, 1, false, -1 },
	{ "OPEN of 4097", 4097, 1, true, 2 },
	{ "UPDATE of 22", 22, 2, false, 2 },
	{ "UPDATE", 23, 2, false, -1 },
	{ "UPDATE of 4096", 4096, 2, false, -1 },
	{ "UPDATE of 4097", 4097, 2, false, 2 },
	{ "UPDATE of 4097, agreed on", 4097, 2, true, -1 },
	{ "UPDATE of 65535", 65535, 2, true, -1 },
	{ "NOTIFICATION of 20", 20, 3, false, 2 },
	{ "NOTIFICATION", 21, 3, false, -1 },
	{ "type 0", 19, 0, false, 3 },
	{ "type 6", 23, 6, false, 3 },
	{ "type 255", 23, 255, false, 3 },
};

static void
header_fields(void **state)
{
	unsigned bad = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		const struct header_row *r = &headers[i];
		uint8_t b[BGP_HEADER];
		struct bgp_header h;
		struct bgp_error e = { 0 };
		int got;

		memset(b, 0xff, 16);
		b[16] = (uint8_t)(r->length >> 8);
		b[17] = (uint8_t)r->length;
		b[18] = (uint8_t)r->type;
		got = bgp_header_decode(b, r->ext, &h, &e) ? -1 :
		    e.code == BGP_ERR_HEADER ? e.subcode : 255;
		if (got != r->subcode) {
			print_error("%s: %d, not %d\n", r->what, got,
			    r->subcode);
			bad++;
		}
	}
	assert_int_equal(bad, 0);
}

/* RFC 7313 5: only the begin and the end must have the right length. */
static void
refreshes(void **state)
{
	static const struct {
		const char *body;
		bool ok;
	} r[] = {
		{ "00010001", true }, { "00010101", true },
		{ "00010201", true }, { "00010901", true },
		{ "00ff0001", true }, { "000100", false }, { "", false },
		{ "0001010100", false }, { "0001020100", false },
		{ "0001000101", true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(r) / sizeof(r[0]); i++) {
		struct bytes b = hex(r[i].body);
		struct bgp_refresh out;
		struct bgp_error e = { 0 };
		const bool ok = bgp_refresh_decode(b, &out, &e);

		assert_int_equal(ok, r[i].ok);
		if (!ok) {
			assert_int_equal(e.code, BGP_ERR_REFRESH);
			assert_int_equal(e.subcode, BGP_REFRESH_LENGTH);
		}
		hex_free(b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(updates), cmocka_unit_test(open_messages),
		cmocka_unit_test(header_fields), cmocka_unit_test(refreshes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

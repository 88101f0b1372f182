/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "wire/bgp_update.h"
#include "hex.h"

static struct bgp_update u;

static struct bgp_codec
codec(enum bgp_peer_type peer)
{
	return (struct bgp_codec){ .peer = peer, .as4 = true,
	    .confed = peer == BGP_CONFED, .families = BGP_FAM_ALL };
}

/* withdrawn, attributes and NLRI in hex, put together with right lengths. */
static enum bgp_verdict
decode(const struct bgp_codec *c, const char *withdrawn, const char *attrs,
    const char *nlri)
{
	static uint8_t room[9000];
	struct wr w = wr_of(room, sizeof(room));
	struct bytes wd = hex(withdrawn), at = hex(attrs), nl = hex(nlri);

	wr_be16(&w, (uint16_t)wd.n);
	wr_bytes(&w, wd);
	wr_be16(&w, (uint16_t)at.n);
	wr_bytes(&w, at);
	wr_bytes(&w, nl);
	hex_free(wd);
	hex_free(at);
	hex_free(nl);
	assert_false(w.bad);
	return bgp_update_decode(c, bytes_of(room, wr_len(&w)), &u);
}

#define ORIGIN	"40 01 01 00 "
#define PATH	"40 02 06 02 01 0000fde9 "
#define HOP	"40 03 04 0a000002 "
#define BASE	ORIGIN PATH HOP
#define NLRI	"18 c00002"

struct attr_case {
	const char *attr;
	enum bgp_verdict ebgp, ibgp;
	uint8_t subcode;		/* for a verdict that is not OK */
};

/* One attribute beside the three that must be there. */
static const struct attr_case cases[] = {
	{ "80 04 04 00000001", BGP_OK, BGP_OK, 0 },
	{ "80 04 03 000001", BGP_WITHDRAW, BGP_WITHDRAW, 5 },
	{ "c0 04 04 00000001", BGP_WITHDRAW, BGP_WITHDRAW, 4 },
	{ "40 05 04 00000064", BGP_DISCARD, BGP_OK, 9 },
	{ "40 05 03 000064", BGP_DISCARD, BGP_WITHDRAW, 0 },
	{ "40 06 00", BGP_OK, BGP_OK, 0 },
	{ "40 06 01 00", BGP_DISCARD, BGP_DISCARD, 5 },
	{ "c0 07 08 0000fde9 0a000001", BGP_OK, BGP_OK, 0 },
	{ "c0 07 06 fde9 0a000001", BGP_DISCARD, BGP_DISCARD, 9 },
	{ "c0 07 08 00000000 0a000001", BGP_DISCARD, BGP_DISCARD, 9 },
	{ "c0 08 04 fde90001", BGP_OK, BGP_OK, 0 },
	{ "c0 08 00", BGP_WITHDRAW, BGP_WITHDRAW, 5 },
	{ "c0 08 05 fde9000100", BGP_WITHDRAW, BGP_WITHDRAW, 5 },
	{ "80 09 04 0a000001", BGP_DISCARD, BGP_OK, 9 },
	{ "80 09 03 0a0000", BGP_DISCARD, BGP_WITHDRAW, 0 },
	{ "80 0a 08 0a000001 0a000002", BGP_DISCARD, BGP_OK, 9 },
	{ "80 0a 00", BGP_DISCARD, BGP_WITHDRAW, 0 },
	{ "c0 10 08 0002fde900000001", BGP_OK, BGP_OK, 0 },
	{ "c0 10 07 0002fde9000000", BGP_WITHDRAW, BGP_WITHDRAW, 5 },
	{ "c0 11 06 02 01 fbf00001", BGP_DISCARD, BGP_DISCARD, 9 },
	{ "c0 12 08 fbf00001 0a000001", BGP_DISCARD, BGP_DISCARD, 9 },
	{ "c0 19 14 000220010db80000000000000000000000000001", BGP_OK,
	    BGP_OK, 0 },
	{ "c0 19 00", BGP_WITHDRAW, BGP_WITHDRAW, 5 },
	{ "80 1a 0b 01 000b 0000000000000064", BGP_DISCARD, BGP_DISCARD, 9 },
	{ "c0 20 0c 0000fde9 00000001 00000002", BGP_OK, BGP_OK, 0 },
	{ "c0 20 06 0000fde9 0000", BGP_WITHDRAW, BGP_WITHDRAW, 5 },
	{ "c0 20 0b 0000fde9 00000001 000000", BGP_WITHDRAW, BGP_WITHDRAW,
	    5 },
	{ "c0 23 04 0000fde9", BGP_OK, BGP_OK, 0 },
	{ "c0 23 03 0000fd", BGP_WITHDRAW, BGP_WITHDRAW, 5 },
	{ "c0 28 0a 01 0007 00000000000064", BGP_OK, BGP_OK, 0 },
	{ "c0 28 02 0100", BGP_DISCARD, BGP_DISCARD, 9 },
	{ "c0 fd 04 deadbeef", BGP_OK, BGP_OK, 0 },
	{ "80 fd 04 deadbeef", BGP_DISCARD, BGP_DISCARD, 9 },
	{ "40 fd 04 deadbeef", BGP_RESET, BGP_RESET, 2 },
	/* Longer than what is left: the NLRI are where they were. */
	{ "c0 08 ff fde90001", BGP_WITHDRAW, BGP_WITHDRAW, 5 },
	{ "50 08 00", BGP_WITHDRAW, BGP_WITHDRAW, 5 },
	{ "c0", BGP_WITHDRAW, BGP_WITHDRAW, 5 },
	{ "90 0e 00ff 0001", BGP_WITHDRAW, BGP_WITHDRAW, 5 },
	/* There already. */
	{ ORIGIN, BGP_DISCARD, BGP_DISCARD, 1 },
	{ PATH, BGP_DISCARD, BGP_DISCARD, 1 },
	/* Multiprotocol: what cannot be read cannot be withdrawn. */
	{ "80 0e 04 0002 01 00", BGP_RESET, BGP_RESET, 9 },
	{ "80 0e 0a 0002 01 05 0a00000100 00", BGP_RESET, BGP_RESET, 9 },
	{ "80 0f 02 0002", BGP_RESET, BGP_RESET, 9 },
	{ "80 0f 05 0002 01 81 20", BGP_RESET, BGP_RESET, 9 },
	{ "80 0f 04 0002 01 00", BGP_OK, BGP_OK, 0 },
	{ "80 0f 03 0001 80 80 0f 03 0001 80", BGP_RESET, BGP_RESET, 1 },
	/* Of a family that we have not agreed on. */
	{ "80 0f 03 0001 80", BGP_OK, BGP_OK, 0 },
	{ "80 0e 09 4004 47 00 00 1234 5678", BGP_OK, BGP_OK, 0 },
};

static void
attribute_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char attrs[300];
		const struct bgp_codec e = codec(BGP_EBGP);
		const struct bgp_codec c = codec(BGP_IBGP);

		snprintf(attrs, sizeof(attrs), BASE "%s", cases[i].attr);
		if (decode(&e, "", attrs, NLRI) != cases[i].ebgp)
			fail_msg("eBGP %s: %d", cases[i].attr, u.verdict);
		if (cases[i].subcode && u.verdict != BGP_OK)
			assert_int_equal(u.error.subcode, cases[i].subcode);
		if (u.verdict != BGP_OK)
			assert_non_null(u.why);
		if (decode(&c, "", attrs, NLRI) != cases[i].ibgp)
			fail_msg("iBGP %s: %d", cases[i].attr, u.verdict);
	}
}

static void
good(void **state)
{
	const struct bgp_codec c = codec(BGP_EBGP);

	(void)state;
	/* Out of order, extended length where it is not needed. */
	assert_int_equal(decode(&c, "08 0a", "c0 08 04 fde90001" HOP
	    "50 02 0006 02 01 0000fde9" ORIGIN, NLRI), BGP_OK);
	assert_int_equal(u.n_attrs, 4);
	for (unsigned i = 1; i < u.n_attrs; i++)
		assert_true(u.attrs[i - 1].code < u.attrs[i].code);
	assert_int_equal(u.attrs[1].value.n, 6);
	assert_int_equal(u.attrs[1].flags, BGP_TRANSITIVE);
	assert_true(ip_eq(u.next_hop, ip4(0x0a000002)));
	assert_int_equal(u.withdrawn.n, 2);
	assert_int_equal(u.nlri.n, 4);
	assert_null(bgp_update_attr(&u, BGP_ATTR_MED));
	assert_ptr_equal(bgp_update_attr(&u, BGP_ATTR_COMMUNITIES),
	    &u.attrs[3]);
}

static void
discarded_are_left_out(void **state)
{
	const struct bgp_codec c = codec(BGP_EBGP);

	(void)state;
	assert_int_equal(decode(&c, "", BASE "40 05 04 00000064"
	    "c0 08 04 fde90001", NLRI), BGP_DISCARD);
	assert_int_equal(u.bad_attr, BGP_ATTR_LOCAL_PREF);
	assert_null(bgp_update_attr(&u, BGP_ATTR_LOCAL_PREF));
	assert_non_null(bgp_update_attr(&u, BGP_ATTR_COMMUNITIES));
}

static void
unknown_becomes_partial(void **state)
{
	const struct bgp_codec c = codec(BGP_EBGP);

	(void)state;
	assert_int_equal(decode(&c, "", BASE "c0 fd 01 00", NLRI), BGP_OK);
	assert_int_equal(bgp_update_attr(&u, 0xfd)->flags, BGP_OPTIONAL |
	    BGP_TRANSITIVE | BGP_PARTIAL);
}

static void
strongest_wins(void **state)
{
	const struct bgp_codec c = codec(BGP_EBGP);

	(void)state;
	assert_int_equal(decode(&c, "", BASE "40 06 01 00 c0 08 00"
	    "80 0f 02 0002", NLRI), BGP_RESET);
	assert_int_equal(u.bad_attr, BGP_ATTR_MP_UNREACH);
	assert_int_equal(decode(&c, "", BASE "40 06 01 00 c0 08 00", NLRI),
	    BGP_WITHDRAW);
	assert_int_equal(u.bad_attr, BGP_ATTR_COMMUNITIES);
	/* Of two alike, the first. */
	assert_int_equal(decode(&c, "", BASE "c0 20 00 c0 08 00", NLRI),
	    BGP_WITHDRAW);
	assert_int_equal(u.bad_attr, BGP_ATTR_LARGE_COMMUNITIES);
}

/* The NOTIFICATION carries the whole attribute: RFC 4271 6.3. */
static void
error_data(void **state)
{
	const struct bgp_codec c = codec(BGP_EBGP);
	struct bytes want = hex("80 0f 02 0002");

	(void)state;
	decode(&c, "", BASE "80 0f 02 0002", NLRI);
	assert_int_equal(u.error.code, BGP_ERR_UPDATE);
	assert_true(bytes_eq(bgp_error_data(&u.error), want));
	hex_free(want);
	decode(&c, "", ORIGIN HOP, NLRI);
	assert_int_equal(u.error.subcode, BGP_UPDATE_MISSING);
	assert_int_equal(bgp_error_data(&u.error).n, 1);
	assert_int_equal(bgp_error_data(&u.error).p[0], BGP_ATTR_AS_PATH);
}

static void
mandatory(void **state)
{
	const struct bgp_codec c = codec(BGP_EBGP);

	(void)state;
	assert_int_equal(decode(&c, "", PATH HOP, NLRI), BGP_WITHDRAW);
	assert_int_equal(decode(&c, "", ORIGIN HOP, NLRI), BGP_WITHDRAW);
	assert_int_equal(decode(&c, "", ORIGIN PATH, NLRI), BGP_WITHDRAW);
	/* With MP_REACH the next hop is in there. */
	assert_int_equal(decode(&c, "", ORIGIN PATH
	    "80 0e 16 0002 01 10 20010db8000000000000000000000001 00 00",
	    ""), BGP_OK);
	/* Nothing is announced: nothing must be there. */
	assert_int_equal(decode(&c, "08 0a", "", ""), BGP_OK);
}

/* RFC 7606 5.2: an error and nothing to withdraw. */
static void
error_without_nlri(void **state)
{
	const struct bgp_codec c = codec(BGP_EBGP);

	(void)state;
	assert_int_equal(decode(&c, "", BASE "c0 08 00", ""), BGP_RESET);
	assert_int_equal(decode(&c, "", BASE "40 06 01 00", ""), BGP_DISCARD);
	/* Only MP_UNREACH, with wrong flags: it says all there is to say. */
	assert_int_equal(decode(&c, "", "c0 0f 03 0002 01", ""),
	    BGP_WITHDRAW);
}

static void
lengths(void **state)
{
	static const char *const wrong[] = {
		"0001", "0000", "0000 0001", "0002 08 0a", "ffff 0000",
		"0000 ffff",
	};
	const struct bgp_codec c = codec(BGP_EBGP);

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct bytes b = hex(wrong[i]);

		assert_int_equal(bgp_update_decode(&c, b, &u), BGP_RESET);
		assert_int_equal(u.error.subcode, BGP_UPDATE_LIST);
		hex_free(b);
	}
}

static void
bad_nlri(void **state)
{
	struct bgp_codec c = codec(BGP_EBGP);

	(void)state;
	assert_int_equal(decode(&c, "", BASE, "21 c000020001"), BGP_RESET);
	assert_int_equal(u.error.subcode, BGP_UPDATE_NETWORK);
	assert_int_equal(decode(&c, "", BASE, "18 c000"), BGP_RESET);
	assert_int_equal(decode(&c, "18 c000", "", ""), BGP_RESET);
	assert_int_equal(decode(&c, "21 c000020001", "", ""), BGP_RESET);
	/* With path identifiers, the same octets are too short. */
	assert_int_equal(decode(&c, "", BASE, "00"), BGP_OK);
	c.add_path_rx = BGP_FAM_BIT(BGP_FAM_IP4);
	assert_int_equal(decode(&c, "", BASE, "00"), BGP_RESET);
	assert_int_equal(decode(&c, "", BASE, "00000001 00"), BGP_OK);
}

static void
paths(void **state)
{
	static const struct {
		const char *attr;
		enum bgp_verdict ebgp, confed;
	} t[] = {
		{ "40 02 00", BGP_OK, BGP_OK },
		{ "40 02 06 02 01 00000000", BGP_WITHDRAW, BGP_WITHDRAW },
		{ "40 02 02 02 00", BGP_WITHDRAW, BGP_WITHDRAW },
		{ "40 02 06 05 01 00000001", BGP_WITHDRAW, BGP_WITHDRAW },
		{ "40 02 05 02 01 000000", BGP_WITHDRAW, BGP_WITHDRAW },
		{ "40 02 06 03 01 00000001", BGP_WITHDRAW, BGP_OK },
		{ "40 02 06 04 01 00000001", BGP_WITHDRAW, BGP_OK },
		{ "40 02 06 01 01 00000001", BGP_OK, BGP_OK },
	};
	const struct bgp_codec e = codec(BGP_EBGP), c = codec(BGP_CONFED);

	(void)state;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		char attrs[200];

		snprintf(attrs, sizeof(attrs), ORIGIN HOP "%s", t[i].attr);
		assert_int_equal(decode(&e, "", attrs, NLRI), t[i].ebgp);
		assert_int_equal(decode(&c, "", attrs, NLRI), t[i].confed);
	}
}

static void
old_speaker(void **state)
{
	struct bgp_codec c = codec(BGP_EBGP);

	(void)state;
	c.as4 = false;
	assert_int_equal(decode(&c, "", ORIGIN HOP "40 02 04 02 01 5ba0"
	    "c0 11 06 02 01 fbf00001", NLRI), BGP_OK);
	assert_non_null(bgp_update_attr(&u, BGP_ATTR_AS4_PATH));
	/* Malformed, or with AS 0: only that attribute goes. */
	assert_int_equal(decode(&c, "", ORIGIN HOP "40 02 04 02 01 5ba0"
	    "c0 11 06 00 01 fbf00001", NLRI), BGP_DISCARD);
	assert_null(bgp_update_attr(&u, BGP_ATTR_AS4_PATH));
	assert_int_equal(decode(&c, "", ORIGIN HOP "40 02 04 02 01 5ba0"
	    "c0 11 06 02 01 00000000", NLRI), BGP_DISCARD);
	/* An old speaker has aggregated since: RFC 6793 4.2.3. */
	assert_int_equal(decode(&c, "", ORIGIN HOP "40 02 04 02 01 5ba0"
	    "c0 07 06 0064 0a000001 c0 12 08 fbf00001 0a000001"
	    "c0 11 06 02 01 fbf00001", NLRI), BGP_OK);
	assert_null(bgp_update_attr(&u, BGP_ATTR_AS4_PATH));
	assert_null(bgp_update_attr(&u, BGP_ATTR_AS4_AGGREGATOR));
	assert_non_null(bgp_update_attr(&u, BGP_ATTR_AGGREGATOR));
}

#define GLOBAL	"20010db8000000000000000000000001"
#define LINK	"fe800000000000000000000000000001"

static void
next_hops(void **state)
{
	struct bgp_codec c = codec(BGP_EBGP);
	struct ip global, link;

	(void)state;
	assert_true(ip_parse("2001:db8::1", &global));
	assert_true(ip_parse("fe80::1", &link));
	assert_int_equal(decode(&c, "", ORIGIN PATH "80 0e 26 0002 01 20"
	    GLOBAL LINK "00 00", ""), BGP_OK);
	assert_true(u.reach.there);
	assert_int_equal(u.reach.fam, BGP_FAM_IP6);
	assert_true(ip_eq(u.reach.next_hop, global));
	assert_true(ip_eq(u.reach.link_local, link));
	/* A link-local one alone, in three fashions. */
	assert_int_equal(decode(&c, "", ORIGIN PATH "80 0e 16 0002 01 10"
	    LINK "00 00", ""), BGP_OK);
	assert_true(ip_is_none(u.reach.next_hop));
	assert_true(ip_eq(u.reach.link_local, link));
	assert_int_equal(decode(&c, "", ORIGIN PATH "80 0e 26 0002 01 20"
	    LINK LINK "00 00", ""), BGP_OK);
	assert_true(ip_is_none(u.reach.next_hop));
	assert_true(ip_eq(u.reach.link_local, link));
	assert_int_equal(decode(&c, "", ORIGIN PATH "80 0e 26 0002 01 20"
	    "00000000000000000000000000000000" LINK "00 00", ""), BGP_OK);
	assert_true(ip_is_none(u.reach.next_hop));
	assert_true(ip_eq(u.reach.link_local, link));
	/* IPv4 over IPv6, only where agreed upon: RFC 8950. */
	assert_int_equal(decode(&c, "", ORIGIN PATH "80 0e 16 0001 01 10"
	    GLOBAL "00 00", ""), BGP_WITHDRAW);
	assert_int_equal(u.reach.nlri.n, 1);
	c.ext_nexthop = BGP_FAM_BIT(BGP_FAM_IP4);
	assert_int_equal(decode(&c, "", ORIGIN PATH "80 0e 16 0001 01 10"
	    GLOBAL "00 00", ""), BGP_OK);
	assert_int_equal(decode(&c, "", ORIGIN PATH "80 0e 0a 0001 01 04"
	    "0a000001 00 00", ""), BGP_OK);
	assert_true(ip_eq(u.reach.next_hop, ip4(0x0a000001)));
}

static void
other_families(void **state)
{
	struct bgp_codec c = codec(BGP_EBGP);

	(void)state;
	c.families = BGP_FAM_BIT(BGP_FAM_IP6);
	assert_int_equal(decode(&c, "08 0a", BASE, NLRI), BGP_OK);
	assert_true(u.ignored_family);
	assert_int_equal(u.nlri.n, 0);
	assert_int_equal(u.withdrawn.n, 0);
	c.families = BGP_FAM_BIT(BGP_FAM_IP4);
	/* Not ours, so we do not judge what is in it. */
	assert_int_equal(decode(&c, "", "80 0f 05 0002 01 81 20", ""),
	    BGP_OK);
	assert_true(u.ignored_family);
	assert_false(u.unreach.there);
}

static void
end_of_rib(void **state)
{
	const struct bgp_codec c = codec(BGP_EBGP);
	enum bgp_fam fam;

	(void)state;
	decode(&c, "", "", "");
	assert_true(bgp_update_is_eor(&u, &fam));
	assert_int_equal(fam, BGP_FAM_IP4);
	decode(&c, "", "80 0f 03 0002 01", "");
	assert_true(bgp_update_is_eor(&u, &fam));
	assert_int_equal(fam, BGP_FAM_IP6);
	decode(&c, "", "80 0f 03 0002 80", "");
	assert_false(bgp_update_is_eor(&u, &fam));
	decode(&c, "08 0a", "", "");
	assert_false(bgp_update_is_eor(&u, &fam));
	decode(&c, "", "80 0f 04 0002 01 00", "");
	assert_false(bgp_update_is_eor(&u, &fam));
	decode(&c, "", ORIGIN, "");
	assert_false(bgp_update_is_eor(&u, &fam));
	for (unsigned f = 0; f < BGP_NFAMS; f++) {
		uint8_t room[64];
		struct wr w = wr_of(room, sizeof(room));

		bgp_eor_encode(&w, (enum bgp_fam)f);
		bgp_update_decode(&c, bytes_of(room + BGP_HEADER,
		    wr_len(&w) - BGP_HEADER), &u);
		assert_true(bgp_update_is_eor(&u, &fam));
		assert_int_equal(fam, f);
	}
}

/* As many attributes as can be, backwards. */
static void
all_codes(void **state)
{
	static uint8_t room[4 + 256 * 3 + 40];
	const struct bgp_codec c = codec(BGP_EBGP);
	struct wr w = wr_of(room, sizeof(room));
	uint8_t *mark;

	(void)state;
	wr_be16(&w, 0);
	mark = bgp_length_begin(&w);
	for (int code = 255; code >= 41; code--) {
		bgp_attr_put(&w, BGP_OPTIONAL | BGP_TRANSITIVE,
		    (uint8_t)code, bytes_of(NULL, 0));
	}
	bgp_length_end(&w, mark);
	assert_int_equal(bgp_update_decode(&c, bytes_of(room, wr_len(&w)),
	    &u), BGP_OK);
	assert_int_equal(u.n_attrs, 255 - 41 + 1);
	for (unsigned i = 0; i < u.n_attrs; i++)
		assert_int_equal(u.attrs[i].code, 41 + i);
}

static void
nlri_walk(void **state)
{
	struct bytes b = hex("00000007 0f 0aff 00000008 20 01020304"
	    "00000009 00");
	struct bgp_nlri it = bgp_nlri_of(BGP_FAM_IP4, true, b);
	struct prefix p;
	uint32_t id;
	char text[PREFIX_TEXT];

	(void)state;
	assert_true(bgp_nlri_next(&it, &p, &id));
	assert_int_equal(id, 7);
	assert_string_equal(prefix_text(&p, text), "10.254.0.0/15");
	assert_true(bgp_nlri_next(&it, &p, &id));
	assert_string_equal(prefix_text(&p, text), "1.2.3.4/32");
	assert_true(bgp_nlri_next(&it, &p, NULL));
	assert_string_equal(prefix_text(&p, text), "0.0.0.0/0");
	assert_false(bgp_nlri_next(&it, &p, &id));
	assert_false(it.bad);
	hex_free(b);
}

static void
nlri_mapped(void **state)
{
	struct bytes b = hex("60 00000000000000000000ffff"
	    "40 20010db800000001 80 00000000000000000000ffff01020304"
	    "5f 00000000000000000000ffff");
	struct bgp_nlri it = bgp_nlri_of(BGP_FAM_IP6, false, b);
	struct prefix p;
	char text[PREFIX_TEXT];

	(void)state;
	assert_true(bgp_nlri_next(&it, &p, NULL));
	assert_string_equal(prefix_text(&p, text), "2001:db8:0:1::/64");
	assert_true(bgp_nlri_next(&it, &p, NULL));
	assert_int_equal(p.len, 95);
	assert_false(ip_is4(p.ip));
	assert_false(bgp_nlri_next(&it, &p, NULL));
	assert_false(it.bad);
	hex_free(b);
}

static void
nlri_round(void **state)
{
	(void)state;
	for (unsigned len = 0; len <= 128; len++) {
		uint8_t room[32];
		struct wr w = wr_of(room, sizeof(room));
		struct prefix p, got;
		struct bgp_nlri it;
		struct ip a;
		uint32_t id;
		bool ip6 = len > 32;

		assert_true(ip_parse(ip6 ?
		    "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" :
		    "255.255.255.255", &a));
		p = prefix_of(a, len);
		bgp_nlri_put(&w, &p, len % 2, len);
		assert_int_equal(wr_len(&w), bgp_nlri_size(&p, len % 2));
		it = bgp_nlri_of(ip6 ? BGP_FAM_IP6 : BGP_FAM_IP4, len % 2,
		    bytes_of(room, wr_len(&w)));
		assert_true(bgp_nlri_next(&it, &got, &id));
		assert_true(prefix_eq(&p, &got));
		assert_int_equal(id, len % 2 ? len : 0);
	}
}

/* What we write, we read: next hops, lengths long and short. */
static void
encode_round(void **state)
{
	static uint8_t room[3000], big[600];
	const struct bgp_codec c = codec(BGP_IBGP);
	struct wr w = wr_of(room, sizeof(room));
	struct bytes body;
	uint8_t *message, *attrs, *attr;
	struct prefix p;
	struct ip hop, link;

	(void)state;
	assert_true(ip_parse("2001:db8::1", &hop));
	assert_true(ip_parse("fe80::1", &link));
	assert_true(prefix_parse("2001:db8:7::/48", &p));
	message = bgp_message_begin(&w, BGP_TYPE_UPDATE);
	bgp_length_end(&w, bgp_length_begin(&w));
	attrs = bgp_length_begin(&w);
	bgp_attr_put(&w, BGP_TRANSITIVE, BGP_ATTR_ORIGIN, bytes_of(big, 1));
	bgp_attr_put(&w, BGP_TRANSITIVE, BGP_ATTR_AS_PATH, bytes_of(NULL, 0));
	bgp_attr_put_u32(&w, BGP_OPTIONAL, BGP_ATTR_MED, 77);
	bgp_attr_put(&w, BGP_OPTIONAL | BGP_TRANSITIVE, BGP_ATTR_COMMUNITIES,
	    bytes_of(big, 600));
	attr = bgp_mp_reach_begin(&w, BGP_FAM_IP6, hop, link);
	bgp_nlri_put(&w, &p, false, 0);
	bgp_attr_end(&w, attr);
	attr = bgp_mp_unreach_begin(&w, BGP_FAM_IP6);
	bgp_nlri_put(&w, &p, false, 0);
	bgp_attr_end(&w, attr);
	bgp_length_end(&w, attrs);
	bgp_message_end(&w, message);
	assert_false(w.bad);
	assert_int_equal(be16_get(room + 16), wr_len(&w));
	body = bytes_of(room + BGP_HEADER, wr_len(&w) - BGP_HEADER);
	assert_int_equal(bgp_update_decode(&c, body, &u), BGP_OK);
	assert_true(ip_eq(u.reach.next_hop, hop));
	assert_true(ip_eq(u.reach.link_local, link));
	assert_int_equal(u.reach.nlri.n, 7);
	assert_int_equal(u.unreach.nlri.n, 7);
	assert_int_equal(u.n_attrs, 4);
	assert_int_equal(be32_get(u.attrs[2].value.p), 77);
	assert_int_equal(u.attrs[3].value.n, 600);
}

static void
names(void **state)
{
	(void)state;
	assert_string_equal(bgp_attr_name(BGP_ATTR_AS_PATH), "AS_PATH");
	assert_null(bgp_attr_name(0));
	assert_null(bgp_attr_name(99));
	assert_int_equal(bgp_attr_flags(BGP_ATTR_ORIGIN), BGP_TRANSITIVE);
	assert_int_equal(bgp_attr_flags(BGP_ATTR_MED), BGP_OPTIONAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attribute_cases),
		cmocka_unit_test(good),
		cmocka_unit_test(discarded_are_left_out),
		cmocka_unit_test(unknown_becomes_partial),
		cmocka_unit_test(strongest_wins),
		cmocka_unit_test(error_data),
		cmocka_unit_test(mandatory),
		cmocka_unit_test(error_without_nlri),
		cmocka_unit_test(lengths),
		cmocka_unit_test(bad_nlri),
		cmocka_unit_test(paths),
		cmocka_unit_test(old_speaker),
		cmocka_unit_test(next_hops),
		cmocka_unit_test(other_families),
		cmocka_unit_test(end_of_rib),
		cmocka_unit_test(all_codes),
		cmocka_unit_test(nlri_walk),
		cmocka_unit_test(nlri_mapped),
		cmocka_unit_test(nlri_round),
		cmocka_unit_test(encode_round),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

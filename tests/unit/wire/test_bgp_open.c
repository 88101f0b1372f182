/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "wire/bgp_open.h"
#include "hex.h"

/* Version 4, AS 65001, hold 180, identifier 10.0.0.2. */
#define FIXED	"04 fde9 00b4 0a000002 "

/* 0 when it decodes, else code << 8 | subcode. */
static unsigned
decode(const char *text, struct bgp_open *ret)
{
	struct bytes b = hex(text);
	struct bgp_error e;
	bool ok = bgp_open_decode(b, ret, &e);

	ret->params = bytes_of(NULL, 0);
	hex_free(b);
	return ok ? 0 : (unsigned)(e.code << 8 | e.subcode);
}

static void
bare(void **state)
{
	struct bgp_open o;

	(void)state;
	assert_int_equal(decode(FIXED "00", &o), 0);
	assert_int_equal(o.asn, 65001);
	assert_int_equal(o.hold, 180);
	assert_int_equal(o.id, 0x0a000002);
	assert_int_equal(o.families, BGP_FAM_BIT(BGP_FAM_IP4));
	assert_false(o.has_mp);
	assert_int_equal(o.role, BGP_ROLE_NONE);
}

static void
fixed_fields(void **state)
{
	struct bgp_open o;

	(void)state;
	assert_int_equal(decode("03 fde9 00b4 0a000002 00", &o), 0x201);
	assert_int_equal(decode("04 0000 00b4 0a000002 00", &o), 0x202);
	assert_int_equal(decode("04 fde9 00b4 00000000 00", &o), 0x203);
	assert_int_equal(decode("04 fde9 0001 0a000002 00", &o), 0x206);
	assert_int_equal(decode("04 fde9 0002 0a000002 00", &o), 0x206);
	assert_int_equal(decode("04 fde9 0000 0a000002 00", &o), 0);
	assert_int_equal(decode("04 fde9 0003 e0000001 00", &o), 0);
	/* An authentication parameter (1), long gone. */
	assert_int_equal(decode(FIXED "03 01 01 00", &o), 0x204);
	/* Lengths that do not fit. */
	assert_int_equal(decode(FIXED "01", &o), 0x200);
	assert_int_equal(decode(FIXED "00 00", &o), 0x200);
	assert_int_equal(decode(FIXED "04 02 03 01 00", &o), 0x200);
	assert_int_equal(decode("04 fde9", &o), 0x200);
}

static void
capabilities(void **state)
{
	struct bgp_open o;

	(void)state;
	assert_int_equal(decode(FIXED "4a 02 48"
	    "01 04 0001 00 01   01 04 0002 00 01   01 04 0001 00 80"
	    "02 00   46 00   06 00   41 04 0000fde9"
	    "40 0a c078 0001 01 80 0002 01 00"
	    "45 08 0001 01 03 0002 01 04"
	    "05 06 0001 0001 0002"
	    "09 01 03"
	    "47 07 0001 01 80 000e10", &o), 0);
	assert_true(o.has_mp);
	assert_int_equal(o.families, BGP_FAM_UNICAST);
	assert_true(o.refresh && o.enhanced_refresh && o.ext_message);
	assert_true(o.as4);
	assert_int_equal(o.asn, 65001);
	assert_true(o.has_gr && o.gr_restarting && o.gr_notification);
	assert_int_equal(o.gr_time, 120);
	assert_int_equal(o.gr_families, BGP_FAM_UNICAST);
	assert_int_equal(o.gr_forwarding, BGP_FAM_BIT(BGP_FAM_IP4));
	assert_int_equal(o.add_path[BGP_FAM_IP4], 3);
	assert_int_equal(o.add_path[BGP_FAM_IP6], 0);	/* 4 means nothing */
	assert_int_equal(o.ext_nexthop, BGP_FAM_BIT(BGP_FAM_IP4));
	assert_int_equal(o.role, BGP_ROLE_CUSTOMER);
	assert_true(o.has_llgr);
	assert_int_equal(o.llgr_time[BGP_FAM_IP4], 3600);
	assert_int_equal(o.llgr_forwarding, BGP_FAM_BIT(BGP_FAM_IP4));
}

/* One parameter for each capability, as old speakers do. */
static void
singlets(void **state)
{
	struct bgp_open o;

	(void)state;
	assert_int_equal(decode(FIXED "0e 02 06 01 04 0002 00 01"
	    "02 02 02 00  02 00", &o), 0);
	assert_int_equal(o.families, BGP_FAM_BIT(BGP_FAM_IP6));
	assert_true(o.refresh);
}

static void
malformed_capabilities(void **state)
{
	static const char *const wrong[] = {
		"04 02 02 01 0a",		/* longer than there is */
		"04 02 02 41 00",		/* no number in it */
		"04 02 02 09 00",
		"08 02 06 09 04 00000001",
		"0f 02 0d 40 0b f112 0001 01 0f 0002 01 00 02",
		"07 02 05 01 03 0001 01",
		"03 02 01 02",			/* half a capability */
	};
	struct bgp_open o;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char text[200];

		snprintf(text, sizeof(text), FIXED "%s", wrong[i]);
		assert_int_equal(decode(text, &o), 0x200);
	}
}

static void
as_numbers(void **state)
{
	struct bgp_open o;

	(void)state;
	/* AS_TRANS with the real one beside it. */
	assert_int_equal(decode("04 5ba0 00b4 0a000002 08 02 06 41 04 fbf00035",
	    &o), 0);
	assert_int_equal(o.asn, 4226809909u);
	assert_int_equal(decode(FIXED "08 02 06 41 04 00000000", &o), 0x202);
	/* Two that are both someone's. */
	assert_int_equal(decode(FIXED "08 02 06 41 04 00030006", &o), 0x202);
}

static void
two_roles(void **state)
{
	struct bgp_open o;

	(void)state;
	assert_int_equal(decode(FIXED "08 02 06 09 01 03 09 01 03", &o), 0);
	assert_int_equal(o.role, BGP_ROLE_CUSTOMER);
	assert_int_equal(decode(FIXED "08 02 06 09 01 03 09 01 04", &o), 0);
	assert_int_equal(o.role, BGP_ROLE_CONFLICT);
}

static void
extended_params(void **state)
{
	struct bgp_open o;

	(void)state;
	assert_int_equal(decode(FIXED "ff ff 0009 02 0006 01 04 0002 00 01",
	    &o), 0);
	assert_true(o.params_ext);
	assert_int_equal(o.families, BGP_FAM_BIT(BGP_FAM_IP6));
	/* RFC 9072: the first length may be anything but 0. */
	assert_int_equal(decode(FIXED "0c ff 0009 02 0006 01 04 0002 00 01",
	    &o), 0);
	assert_int_equal(decode(FIXED "ff ff 000a 02 0006 01 04 0002 00 01",
	    &o), 0x200);
}

static void
unknown_are_kept(void **state)
{
	struct bytes b = hex(FIXED "0b 02 09 80 00 02 00 4b 03 aabbcc");
	struct bgp_open o;
	struct bgp_error e;
	struct bgp_cap_iter it;
	struct bgp_cap cap;

	(void)state;
	assert_true(bgp_open_decode(b, &o, &e));
	it = bgp_cap_iter_of(&o);
	assert_true(bgp_cap_next(&it, &cap));
	assert_int_equal(cap.code, 128);
	assert_true(bgp_cap_next(&it, &cap));
	assert_int_equal(cap.code, BGP_CAP_REFRESH);
	assert_true(bgp_cap_next(&it, &cap));
	assert_int_equal(cap.code, 75);
	assert_int_equal(cap.value.n, 3);
	assert_false(bgp_cap_next(&it, &cap));
	hex_free(b);
}

static void
hostname(void **state)
{
	struct bgp_open o;

	(void)state;
	/* "hub", "vpn" with an escape in it. */
	assert_int_equal(decode(FIXED "0c 02 0a 49 08 03 687562 03 761b6e",
	    &o), 0);
	assert_string_equal(o.hostname, "hub");
	assert_string_equal(o.domain, "v?n");
}

static void
full(struct bgp_open *o)
{
	bgp_open_init(o);
	o->hold = 90;
	o->asn = 4242420001u;
	o->id = 0x0a000001;
	o->families = BGP_FAM_ALL;
	o->has_mp = true;
	o->as4 = o->refresh = o->enhanced_refresh = o->ext_message = true;
	o->has_gr = true;
	o->gr_restarting = true;
	o->gr_time = 4095;
	o->gr_families = BGP_FAM_ALL;
	o->gr_forwarding = BGP_FAM_BIT(BGP_FAM_IP6);
	o->has_llgr = true;
	o->llgr_families = BGP_FAM_BIT(BGP_FAM_IP6);
	o->llgr_time[BGP_FAM_IP6] = 0xffffff;
	o->add_path[BGP_FAM_IP4] = BGP_ADD_PATH_TX;
	o->add_path[BGP_FAM_IP6] = BGP_ADD_PATH_RX;
	o->ext_nexthop = BGP_FAM_BIT(BGP_FAM_IP4);
	o->role = BGP_ROLE_PEER;
	strcpy(o->hostname, "east");
	strcpy(o->domain, "example.net");
}

static void
round_trip(const struct bgp_open *o, bool want_ext)
{
	uint8_t room[BGP_MESSAGE_MAX];
	struct wr w = wr_of(room, sizeof(room));
	struct bgp_header h;
	struct bgp_open got;
	struct bgp_error e;

	bgp_open_encode(&w, o);
	assert_false(w.bad);
	assert_true(bgp_header_decode(room, false, &h, &e));
	assert_int_equal(h.type, BGP_TYPE_OPEN);
	assert_int_equal(h.length, wr_len(&w));
	assert_true(bgp_open_decode(bytes_of(room + BGP_HEADER,
	    wr_len(&w) - BGP_HEADER), &got, &e));
	assert_int_equal(got.params_ext, want_ext);
	got.params = bytes_of(NULL, 0);
	got.params_ext = false;
	assert_memory_equal(&got, o, sizeof(got));
}

static void
round_trips(void **state)
{
	struct bgp_open o;

	(void)state;
	full(&o);
	round_trip(&o, false);
	memset(o.hostname, 'h', BGP_HOSTNAME_MAX);
	memset(o.domain, 'd', BGP_HOSTNAME_MAX);
	round_trip(&o, false);

	bgp_open_init(&o);
	o.asn = 1;
	o.id = 1;
	o.families = BGP_FAM_BIT(BGP_FAM_IP6);
	o.has_mp = true;
	round_trip(&o, false);
}

static void
no_room(void **state)
{
	uint8_t room[64];
	struct bgp_open o;

	(void)state;
	full(&o);
	for (size_t n = 0; n < sizeof(room); n++) {
		struct wr w = wr_of(room, n);

		bgp_open_encode(&w, &o);
		assert_true(w.bad);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bare),
		cmocka_unit_test(fixed_fields),
		cmocka_unit_test(capabilities),
		cmocka_unit_test(singlets),
		cmocka_unit_test(malformed_capabilities),
		cmocka_unit_test(as_numbers),
		cmocka_unit_test(two_roles),
		cmocka_unit_test(extended_params),
		cmocka_unit_test(unknown_are_kept),
		cmocka_unit_test(hostname),
		cmocka_unit_test(round_trips),
		cmocka_unit_test(no_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "wire/bgp.h"
#include "hex.h"

static void
header(uint8_t b[BGP_HEADER], uint16_t length, uint8_t type)
{
	memset(b, 0xff, 16);
	be16_put(b + 16, length);
	b[18] = type;
}

static uint16_t
verdict(uint16_t length, uint8_t type, bool ext)
{
	uint8_t b[BGP_HEADER];
	struct bgp_header h;
	struct bgp_error e = { 0 };

	header(b, length, type);
	if (bgp_header_decode(b, ext, &h, &e)) {
		assert_int_equal(h.length, length);
		assert_int_equal(h.type, type);
		return 0;
	}
	return (uint16_t)(e.code << 8 | e.subcode);
}

static void
header_lengths(void **state)
{
	(void)state;
	assert_int_equal(verdict(19, BGP_TYPE_KEEPALIVE, false), 0);
	assert_int_equal(verdict(20, BGP_TYPE_KEEPALIVE, true), 0x102);
	assert_int_equal(verdict(18, BGP_TYPE_KEEPALIVE, false), 0x102);
	assert_int_equal(verdict(28, BGP_TYPE_OPEN, false), 0x102);
	assert_int_equal(verdict(29, BGP_TYPE_OPEN, false), 0);
	assert_int_equal(verdict(22, BGP_TYPE_UPDATE, false), 0x102);
	assert_int_equal(verdict(23, BGP_TYPE_UPDATE, false), 0);
	assert_int_equal(verdict(20, BGP_TYPE_NOTIFICATION, false), 0x102);
	assert_int_equal(verdict(21, BGP_TYPE_NOTIFICATION, false), 0);
	assert_int_equal(verdict(19, 0, false), 0x103);
	assert_int_equal(verdict(19, 6, false), 0x103);
}

static void
header_extended(void **state)
{
	(void)state;
	assert_int_equal(verdict(4096, BGP_TYPE_UPDATE, false), 0);
	assert_int_equal(verdict(4097, BGP_TYPE_UPDATE, false), 0x102);
	assert_int_equal(verdict(65535, BGP_TYPE_UPDATE, true), 0);
	assert_int_equal(verdict(65535, BGP_TYPE_NOTIFICATION, true), 0);
	assert_int_equal(verdict(4097, BGP_TYPE_OPEN, true), 0x102);
}

static void
header_faults_carry_data(void **state)
{
	uint8_t b[BGP_HEADER];
	struct bgp_header h;
	struct bgp_error e;
	struct bytes data;

	(void)state;
	header(b, 5, BGP_TYPE_UPDATE);
	assert_false(bgp_header_decode(b, false, &h, &e));
	data = bgp_error_data(&e);
	assert_int_equal(data.n, 2);
	assert_int_equal(be16_get(data.p), 5);

	header(b, 19, 99);
	assert_false(bgp_header_decode(b, false, &h, &e));
	data = bgp_error_data(&e);
	assert_int_equal(data.n, 1);
	assert_int_equal(data.p[0], 99);

	header(b, 19, BGP_TYPE_KEEPALIVE);
	b[7] = 0;
	assert_false(bgp_header_decode(b, false, &h, &e));
	assert_int_equal(e.code, BGP_ERR_HEADER);
	assert_int_equal(e.subcode, BGP_HEADER_SYNC);
}

static void
keepalive(void **state)
{
	uint8_t room[19];
	struct wr w = wr_of(room, sizeof(room));
	struct bytes want = hex("ffffffffffffffffffffffffffffffff001304");

	(void)state;
	bgp_keepalive_encode(&w);
	assert_false(w.bad);
	assert_true(bytes_eq(bytes_of(room, wr_len(&w)), want));
	bgp_keepalive_encode(&w);
	assert_true(w.bad);
	hex_free(want);
}

static bool
refresh(const char *text, struct bgp_refresh *ret)
{
	struct bytes b = hex(text);
	struct bgp_error e;
	bool ok = bgp_refresh_decode(b, ret, &e);

	if (!ok) {
		assert_int_equal(e.code, BGP_ERR_REFRESH);
		assert_int_equal(e.subcode, BGP_REFRESH_LENGTH);
		assert_true(bytes_eq(bgp_error_data(&e), b));
	}
	hex_free(b);
	return ok;
}

static void
refreshes(void **state)
{
	struct bgp_refresh r;

	(void)state;
	assert_true(refresh("0001 00 01", &r));
	assert_int_equal(r.fam, BGP_FAM_IP4);
	assert_int_equal(r.subtype, BGP_REFRESH_REQUEST);
	assert_true(refresh("0002 02 01", &r));
	assert_int_equal(r.fam, BGP_FAM_IP6);
	assert_int_equal(r.subtype, BGP_REFRESH_END);
	assert_true(refresh("0001 00 80", &r));
	assert_int_equal(r.fam, BGP_NFAMS);
	/* The filters of RFC 5291 behind a plain request are no fault ... */
	assert_true(refresh("0001 00 01 01 80 0000", &r));
	/* ... behind the others they are (RFC 7313). */
	assert_false(refresh("0001 01 01 00", &r));
	assert_false(refresh("0001 02 01 00", &r));
	assert_false(refresh("0001 00", &r));
	assert_false(refresh("", &r));
}

static void
refresh_round(void **state)
{
	(void)state;
	for (unsigned f = 0; f < BGP_NFAMS; f++) {
		uint8_t room[64];
		struct wr w = wr_of(room, sizeof(room));
		struct bgp_refresh r;
		struct bgp_error e;

		bgp_refresh_encode(&w, (enum bgp_fam)f, BGP_REFRESH_BEGIN);
		assert_int_equal(wr_len(&w), 23);
		assert_true(bgp_refresh_decode(bytes_of(room + BGP_HEADER, 4),
		    &r, &e));
		assert_int_equal(r.fam, f);
		assert_int_equal(r.subtype, BGP_REFRESH_BEGIN);
	}
}

static void
notification_round(void **state)
{
	uint8_t room[BGP_MESSAGE_MAX];
	struct wr w = wr_of(room, sizeof(room));
	struct bgp_error e = bgp_error_u16(BGP_ERR_OPEN, BGP_OPEN_HOLD, 2);
	struct bgp_error got;

	(void)state;
	bgp_notification_encode(&w, &e);
	bgp_notification_decode(bytes_of(room + BGP_HEADER,
	    wr_len(&w) - BGP_HEADER), &got);
	assert_int_equal(got.code, e.code);
	assert_int_equal(got.subcode, e.subcode);
	assert_true(bytes_eq(bgp_error_data(&got), bgp_error_data(&e)));
}

static void
notification_is_cut(void **state)
{
	static uint8_t big[60000], room[BGP_MESSAGE_MAX + 10];
	struct wr w = wr_of(room, sizeof(room));
	struct bgp_error e = bgp_error_of(BGP_ERR_UPDATE,
	    BGP_UPDATE_LENGTH, bytes_of(big, sizeof(big)));

	(void)state;
	bgp_notification_encode(&w, &e);
	assert_false(w.bad);
	assert_int_equal(wr_len(&w), BGP_MESSAGE_MAX);
}

static void
shutdown_round(void **state)
{
	static const char text[] = "Wartung bis 14 Uhr \xe2\x80\x94 bald";
	uint8_t room[BGP_SHUTDOWN_MAX + 1];
	struct bgp_error e;

	(void)state;
	bgp_shutdown_error(BGP_CEASE_SHUTDOWN, bytes_str(text), room, &e);
	assert_true(bytes_eq(bgp_shutdown_text(&e), bytes_str(text)));
	bgp_shutdown_error(BGP_CEASE_RESET, bytes_str(""), room, &e);
	assert_int_equal(bgp_error_data(&e).n, 0);
	assert_int_equal(bgp_shutdown_text(&e).n, 0);
}

/* A long text is cut where a character ends. */
static void
shutdown_is_cut(void **state)
{
	char text[600];
	uint8_t room[BGP_SHUTDOWN_MAX + 1];
	struct bgp_error e;

	(void)state;
	for (unsigned i = 0; i < 200; i++)
		memcpy(text + 3 * i, "\xe2\x82\xac", 3);
	bgp_shutdown_error(BGP_CEASE_SHUTDOWN, bytes_of(text, 600), room, &e);
	assert_int_equal(bgp_shutdown_text(&e).n, 255);
	text[0] = 'x';
	text[1] = 'y';
	text[2] = 'z';
	bgp_shutdown_error(BGP_CEASE_SHUTDOWN, bytes_of(text + 1, 599), room,
	    &e);
	assert_int_equal(bgp_shutdown_text(&e).n, 254);
}

static void
shutdown_suspicious(void **state)
{
	static const char *const wrong[] = {
		"05 41 42",		/* shorter than it says */
		"02 c0 80",		/* overlong NUL */
		"03 ed a0 80",		/* a surrogate */
		"01 0a",		/* would break a log line */
		"01 1b",		/* would colour a terminal */
		"02 c2 9b",		/* so would this */
		"04 f4 90 80 80",	/* past the last character */
		"02 e2 82",		/* half a character */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct bytes b = hex(wrong[i]);
		struct bgp_error e = bgp_error_of(BGP_ERR_CEASE,
		    BGP_CEASE_SHUTDOWN, b);

		assert_int_equal(bgp_shutdown_text(&e).n, 0);
		hex_free(b);
	}
}

static void
texts(void **state)
{
	(void)state;
	assert_string_equal(bgp_error_text(6, 2), "Administrative shutdown");
	assert_string_equal(bgp_error_text(6, 77), "Cease");
	assert_false(bgp_error_known(6, 77));
	assert_true(bgp_error_known(4, 0));
	assert_string_equal(bgp_error_text(200, 1), "Unknown error");
}

static void
families(void **state)
{
	(void)state;
	for (unsigned f = 0; f < BGP_NFAMS; f++) {
		assert_int_equal(bgp_fam_of(bgp_fam_afi((enum bgp_fam)f),
		    bgp_fam_safi((enum bgp_fam)f)), f);
	}
	assert_int_equal(bgp_fam_of(1, 2), BGP_FAM_IP4_MC);
	assert_int_equal(bgp_fam_of(2, 2), BGP_FAM_IP6_MC);
	assert_int_equal(bgp_fam_of(1, 128), BGP_NFAMS);
	assert_int_equal(bgp_fam_of(25, 70), BGP_NFAMS);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header_lengths),
		cmocka_unit_test(header_extended),
		cmocka_unit_test(header_faults_carry_data),
		cmocka_unit_test(keepalive),
		cmocka_unit_test(refreshes),
		cmocka_unit_test(refresh_round),
		cmocka_unit_test(notification_round),
		cmocka_unit_test(notification_is_cut),
		cmocka_unit_test(shutdown_round),
		cmocka_unit_test(shutdown_is_cut),
		cmocka_unit_test(shutdown_suspicious),
		cmocka_unit_test(texts),
		cmocka_unit_test(families),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

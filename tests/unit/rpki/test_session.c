/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "rpki/session.h"

#include "base/cursor.h"
#include "base/mem.h"

/* A cache that says what a test wants, and what came of it. */
static struct rtr_session *s;
static struct instant now;
static unsigned dials, hang_ups, begins, fulls, ends, adds, dels, expired;
static char note[256];
static struct prefix last;

static struct rtr_config
config(void)
{
	return (struct rtr_config){ .version_max = 1,
	    .refresh = { SECONDS(3600), false },
	    .retry = { SECONDS(600), false },
	    .expire = { SECONDS(7200), false }, .ip4 = true, .ip6 = true };
}

static void
drain(void)
{
	struct rtr_out o;

	while (rtr_session_poll(s, &o)) {
		dials += o.kind == RTR_OUT_DIAL;
		hang_ups += o.kind == RTR_OUT_HANG_UP;
		begins += o.kind == RTR_OUT_BEGIN;
		fulls += o.kind == RTR_OUT_BEGIN && o.full;
		ends += o.kind == RTR_OUT_END;
		adds += o.kind == RTR_OUT_ROA && o.announce;
		dels += o.kind == RTR_OUT_ROA && !o.announce;
		expired += o.kind == RTR_OUT_EXPIRED;
		if (o.kind == RTR_OUT_ROA)
			last = o.roa;
		if (o.kind == RTR_OUT_NOTE)
			snprintf(note, sizeof(note), "%s", o.text);
	}
}

static void
forget(void)
{
	dials = hang_ups = begins = fulls = ends = adds = dels = expired = 0;
	note[0] = '\0';
}

static int
setup(void **state)
{
	struct rtr_config cfg = config();

	(void)state;
	now = (struct instant){ SECONDS(1000) };
	s = rtr_session_new(&cfg);
	forget();
	rtr_session_start(s, now);
	drain();
	return s == NULL || dials != 1;
}

static int
teardown(void **state)
{
	(void)state;
	s = rtr_session_free(s);
	return 0;
}

static enum rtr_state
state_now(void)
{
	struct rtr_status st;

	rtr_session_status(s, &st);
	return st.state;
}

/* What the session has to send: type, and the fields behind. */
static struct rtr_pdu
sent(void)
{
	struct bytes b = rtr_session_tx(s);
	static uint8_t copy[2 * RTR_PDU_MAX];
	struct rtr_pdu p = { .type = 0xff };
	size_t took;

	assert_true(b.n > 0 && b.n <= sizeof(copy));
	memcpy(copy, b.p, b.n);
	assert_int_equal(rtr_decode(bytes_of(copy, b.n), &p, &took), RTR_OK);
	rtr_session_sent(s, b.n);
	return p;
}

static void
assert_reset_query(uint8_t version)
{
	struct rtr_pdu p = sent();

	assert_int_equal(p.type, RTR_RESET_QUERY);
	assert_int_equal(p.version, version);
}

static void
assert_serial_query(uint16_t session, uint32_t serial)
{
	struct rtr_pdu p = sent();

	assert_int_equal(p.type, RTR_SERIAL_QUERY);
	assert_int_equal(p.session, session);
	assert_int_equal(p.serial, serial);
}

static uint8_t version = 1;

static void
head(struct wr *w, enum rtr_type type, uint16_t session, uint32_t len)
{
	wr_u8(w, version);
	wr_u8(w, (uint8_t)type);
	wr_be16(w, session);
	wr_be32(w, len);
}

static void
give(struct wr *w)
{
	size_t done = 0, n = wr_len(w);

	assert_false(w->bad);
	while (done < n) {
		done += rtr_session_rx(s, now, bytes_of(w->start + done,
		    n - done));
		drain();
	}
}

static void
say(enum rtr_type type, uint16_t session)
{
	uint8_t buf[16];
	struct wr w = wr_of(buf, sizeof(buf));

	head(&w, type, session, 8);
	give(&w);
}

static void
say_serial(enum rtr_type type, uint16_t session, uint32_t serial)
{
	uint8_t buf[32];
	struct wr w = wr_of(buf, sizeof(buf));
	const bool end = type == RTR_END_OF_DATA && version > 0;

	head(&w, type, session, end ? 24 : 12);
	wr_be32(&w, serial);
	if (end) {
		wr_be32(&w, 30);	/* refresh */
		wr_be32(&w, 5);
		wr_be32(&w, 600);
	}
	give(&w);
}

static void
say_roa(bool announce, uint32_t net, uint8_t len, uint8_t max, uint32_t asn)
{
	uint8_t buf[32];
	struct wr w = wr_of(buf, sizeof(buf));

	head(&w, RTR_IPV4_PREFIX, 0, 20);
	wr_u8(&w, announce);
	wr_u8(&w, len);
	wr_u8(&w, max);
	wr_u8(&w, 0);
	wr_be32(&w, net);
	wr_be32(&w, asn);
	give(&w);
}

static void
say_error(enum rtr_error code, const char *text)
{
	uint8_t buf[RTR_PDU_MAX];
	struct wr w = wr_of(buf, sizeof(buf));

	w.p += rtr_put_error(buf, version, code, bytes_of(NULL, 0), text);
	give(&w);
}

static void
wait_for_it(void)
{
	now = rtr_session_deadline(s);
	assert_false(instant_is_never(now));
	rtr_session_tick(s, now);
	drain();
}

/* Connected, two ROAs, session 7 and serial 1. */
static void
synchronize(void)
{
	version = 1;
	rtr_session_link(s, now, true);
	assert_reset_query(1);
	say(RTR_CACHE_RESPONSE, 7);
	say_roa(true, 0x0a000000, 8, 24, 64500);
	say_roa(true, 0x0b000000, 8, 8, 64501);
	assert_int_equal(begins, 0);
	say_serial(RTR_END_OF_DATA, 7, 1);
}

static void
test_first(void **state)
{
	struct rtr_status st;

	(void)state;
	synchronize();
	assert_int_equal(fulls, 1);
	assert_int_equal(adds, 2);
	assert_int_equal(ends, 1);
	assert_int_equal(last.kind, NET_ROA4);
	assert_int_equal(last.max, 8);
	assert_int_equal(last.asn, 64501);
	rtr_session_status(s, &st);
	assert_int_equal(st.state, RTR_ESTABLISHED);
	assert_int_equal(st.serial, 1);
	assert_true(st.refresh == SECONDS(30) && st.retry == SECONDS(5));
	assert_true(instant_sub(st.expire_at, now) == SECONDS(600));
	/* After the refresh time, and by a notify. */
	wait_for_it();
	assert_serial_query(7, 1);
	say(RTR_CACHE_RESPONSE, 7);
	say_serial(RTR_END_OF_DATA, 7, 1);
	say_serial(RTR_SERIAL_NOTIFY, 7, 1);
	assert_int_equal(rtr_session_tx(s).n, 0);
	say_serial(RTR_SERIAL_NOTIFY, 7, 2);
	assert_serial_query(7, 1);
	forget();
	say(RTR_CACHE_RESPONSE, 7);
	say_roa(false, 0x0a000000, 8, 24, 64500);
	assert_int_equal(dels, 0);
	say_serial(RTR_END_OF_DATA, 7, 2);
	assert_int_equal(begins, 1);
	assert_int_equal(fulls, 0);
	assert_int_equal(dels, 1);
}

/* "keep", and what is out of bounds. */
static void
test_intervals(void **state)
{
	struct rtr_config cfg = config();
	struct rtr_status st;

	(void)state;
	cfg.refresh.keep = true;
	cfg.expire.span = SECONDS(1000);
	rtr_session_configure(s, &cfg);
	synchronize();
	rtr_session_status(s, &st);
	assert_true(st.refresh == SECONDS(3600));
	assert_true(st.retry == SECONDS(5));
	assert_true(st.expire == SECONDS(600));
}

/* An answer that breaks off changes nothing. */
static void
test_broken_off(void **state)
{
	(void)state;
	synchronize();
	wait_for_it();
	sent();
	forget();
	say(RTR_CACHE_RESPONSE, 7);
	say_roa(false, 0x0a000000, 8, 24, 64500);
	rtr_session_link(s, now, false);
	drain();
	assert_int_equal(begins + dels + expired, 0);
	assert_int_equal(state_now(), RTR_FAST_RECONNECT);
	wait_for_it();
	assert_int_equal(dials, 1);
	rtr_session_link(s, now, true);
	assert_serial_query(7, 1);
	/* Not fast twice in a row, but after the retry time. */
	rtr_session_link(s, now, false);
	assert_int_equal(state_now(), RTR_TRANSPORT_ERROR);
	assert_true(instant_sub(rtr_session_deadline(s), now) == SECONDS(5));
	/* A question that was hung up on without a word is not asked again. */
	wait_for_it();
	rtr_session_link(s, now, true);
	assert_reset_query(1);
}

static void
test_cache_reset(void **state)
{
	(void)state;
	synchronize();
	wait_for_it();
	assert_serial_query(7, 1);
	forget();
	say(RTR_CACHE_RESET, 0);
	assert_reset_query(1);
	say(RTR_CACHE_RESPONSE, 9);
	say_roa(true, 0x0c000000, 8, 8, 1);
	say_serial(RTR_END_OF_DATA, 9, 100);
	assert_int_equal(fulls, 1);
	assert_int_equal(adds, 1);
	say_serial(RTR_SERIAL_NOTIFY, 9, 101);
	assert_serial_query(9, 100);
}

/* RFC 8210 5.1: another session ends this one. */
static void
test_other_session(void **state)
{
	struct rtr_pdu p;

	(void)state;
	synchronize();
	say_serial(RTR_SERIAL_NOTIFY, 8, 5);
	p = sent();
	assert_int_equal(p.type, RTR_ERROR_REPORT);
	assert_int_equal(p.session, RTR_CORRUPT_DATA);
	assert_int_equal(p.inner.n, 12);
	assert_int_equal(hang_ups, 1);
	assert_int_equal(expired, 0);
	wait_for_it();
	rtr_session_link(s, now, true);
	assert_reset_query(1);
}

static void
test_expiry(void **state)
{
	(void)state;
	synchronize();
	forget();
	rtr_session_link(s, now, false);
	for (unsigned i = 0; i < 1000 && expired == 0; i++) {
		wait_for_it();
		if (state_now() == RTR_CONNECTING)
			rtr_session_link(s, now, false);
	}
	assert_int_equal(expired, 1);
	assert_string_equal(note, "All ROAs expired");
	assert_true(now.ns == SECONDS(1600));
}

/* RFC 8210 7: either way down to version 0. */
static void
test_downgrade(void **state)
{
	struct rtr_status st;

	(void)state;
	rtr_session_link(s, now, true);
	assert_reset_query(1);
	version = 0;
	say_error(RTR_BAD_VERSION, "");
	assert_int_equal(hang_ups, 1);
	wait_for_it();
	rtr_session_link(s, now, true);
	assert_reset_query(0);
	say(RTR_CACHE_RESPONSE, 3);
	say_roa(true, 0x0a000000, 8, 24, 64500);
	say_serial(RTR_END_OF_DATA, 3, 1);
	rtr_session_status(s, &st);
	assert_int_equal(st.state, RTR_ESTABLISHED);
	assert_int_equal(st.version, 0);
	assert_true(st.refresh == SECONDS(3600));
	/* Another version in the middle is an error. */
	version = 1;
	say_serial(RTR_SERIAL_NOTIFY, 3, 2);
	assert_int_equal(sent().session, RTR_UNEXPECTED_VERSION);
}

static void
test_answers_in_version_0(void **state)
{
	struct rtr_status st;

	(void)state;
	rtr_session_link(s, now, true);
	assert_reset_query(1);
	version = 0;
	say_serial(RTR_SERIAL_NOTIFY, 3, 2);	/* not yet agreed: ignored */
	say(RTR_CACHE_RESPONSE, 3);
	say_serial(RTR_END_OF_DATA, 3, 1);
	rtr_session_status(s, &st);
	assert_int_equal(st.version, 0);
	assert_int_equal(hang_ups, 0);
	assert_int_equal(st.state, RTR_ESTABLISHED);
}

static void
test_no_data(void **state)
{
	(void)state;
	rtr_session_link(s, now, true);
	sent();
	version = 1;
	say_error(RTR_NO_DATA, "not\x1byet");
	assert_string_equal(note, "No Data Available: not?yet");
	assert_int_equal(state_now(), RTR_NO_DATA_YET);
	assert_int_equal(hang_ups, 0);
	say_serial(RTR_SERIAL_NOTIFY, 1, 1);
	assert_reset_query(1);
	say_error(RTR_NO_DATA, "");
	wait_for_it();
	assert_reset_query(1);
}

/* What may not come, or not now, or not so. */
static void
test_wrong(void **state)
{
	static const struct {
		uint8_t bytes[24];
		uint8_t n;
		uint8_t code;
	} bad[] = {
		{ { 1, 5, 0, 0, 0, 0, 0, 8 }, 8, RTR_BAD_TYPE },
		{ { 2, 3, 0, 0, 0, 0, 0, 8 }, 8, RTR_BAD_VERSION },
		{ { 1, 3, 0, 7, 0, 0, 0, 9 }, 9, RTR_CORRUPT_DATA },
		{ { 1, 2, 0, 0, 0, 0, 0, 8 }, 8, RTR_INVALID_REQUEST },
		{ { 1, 8, 0, 0, 0, 0, 0, 8 }, 8, RTR_CORRUPT_DATA },
		{ { 1, 4, 0, 0, 0, 0, 0, 20, 1, 8, 33, 0 }, 20,
		    RTR_CORRUPT_DATA },
		{ { 1, 4, 0, 0, 0, 0, 0, 20, 1, 8, 7, 0 }, 20,
		    RTR_CORRUPT_DATA },
		{ { 1, 7, 0, 7, 0, 0, 0, 24 }, 24, RTR_CORRUPT_DATA },
	};

	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct rtr_pdu p;

		setup(state);
		rtr_session_link(s, now, true);
		sent();
		assert_int_equal(rtr_session_rx(s, now,
		    bytes_of(bad[i].bytes, bad[i].n)), bad[i].n);
		p = sent();
		assert_int_equal(p.type, RTR_ERROR_REPORT);
		assert_int_equal(p.session, bad[i].code);
		drain();
		assert_int_equal(hang_ups, 1);
		assert_int_equal(state_now(), RTR_FATAL_ERROR);
		teardown(state);
	}
	setup(state);
	/* An Error Report is never answered. */
	rtr_session_link(s, now, true);
	sent();
	version = 1;
	say_error(RTR_INTERNAL, "on fire");
	assert_int_equal(rtr_session_tx(s).n, 0);
	assert_int_equal(hang_ups, 1);
}

/* Byte by byte it is the same. */
static void
test_pieces(void **state)
{
	static const uint8_t in[] = {
		1, 3, 0, 7, 0, 0, 0, 8,
		1, 6, 0, 0, 0, 0, 0, 32, 1, 32, 48, 0,
		0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0, 0, 0xfb, 0xf4,
		1, 7, 0, 7, 0, 0, 0, 24, 0, 0, 0, 1, 0, 0, 0, 30,
		0, 0, 0, 5, 0, 0, 2, 88,
		1, 0, 0, 7, 0, 0, 0, 12, 0, 0, 0, 2
	};
	char text[PREFIX_TEXT];

	(void)state;
	rtr_session_link(s, now, true);
	sent();
	for (size_t i = 0; i < sizeof(in); i++) {
		assert_int_equal(rtr_session_rx(s, now, bytes_of(in + i, 1)),
		    1);
		drain();
	}
	assert_int_equal(adds, 1);
	assert_string_equal(prefix_text(&last, text),
	    "2001:db8::/32-48 AS64500");
	assert_serial_query(7, 1);
}

/* A cache that says nothing is hung up on. */
static void
test_silence(void **state)
{
	(void)state;
	rtr_session_link(s, now, true);
	wait_for_it();
	assert_int_equal(hang_ups, 1);
	assert_string_equal(note, "No answer");
	assert_int_equal(state_now(), RTR_TRANSPORT_ERROR);
	wait_for_it();
	assert_int_equal(dials, 2);
}

static void
test_reset(void **state)
{
	(void)state;
	synchronize();
	rtr_session_reset(s, now);
	assert_reset_query(1);
	say(RTR_CACHE_RESPONSE, 7);
	say_serial(RTR_END_OF_DATA, 7, 1);
	assert_int_equal(fulls, 2);
	wait_for_it();
	assert_serial_query(7, 1);
}

static void
test_no_memory(void **state)
{
	(void)state;
	version = 1;
	rtr_session_link(s, now, true);
	sent();
	say(RTR_CACHE_RESPONSE, 7);
	mem_fail_after(0);
	say_roa(true, 0x0a000000, 8, 24, 64500);
	mem_fail_after(-1);
	assert_int_equal(sent().session, RTR_INTERNAL);
	assert_int_equal(state_now(), RTR_FATAL_ERROR);
}

int
main(void)
{
#define TEST(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_first), TEST(test_intervals),
		TEST(test_broken_off), TEST(test_cache_reset),
		TEST(test_other_session), TEST(test_expiry),
		TEST(test_downgrade), TEST(test_answers_in_version_0),
		TEST(test_no_data), cmocka_unit_test_teardown(test_wrong,
		    teardown), TEST(test_pieces), TEST(test_silence),
		TEST(test_reset), TEST(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

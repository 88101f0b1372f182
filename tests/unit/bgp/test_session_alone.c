/* SPDX-License-Identifier: ISC */
/* One session; the test is the peer. */
#include "session_ends.h"

static void
alone(struct end *e, struct bgp_session_config *c)
{
	now = (struct instant){ SECONDS(1000) };
	end_init(e, c);
	bgp_session_start(e->s, now);
	drain(e);
}

static void
tick_at(struct end *e, int64_t span)
{
	const struct instant until = instant_add(now, span);

	while (bgp_session_deadline(e->s).ns <= until.ns) {
		if (bgp_session_deadline(e->s).ns > now.ns)
			now = bgp_session_deadline(e->s);
		bgp_session_tick(e->s, now);
		drain(e);
	}
	now = until;
}

static void
dialling(void **state)
{
	struct bgp_session_config c = config(65001, 1);
	struct end e;
	char text[BGP_CAUSE_TEXT];

	(void)state;
	alone(&e, &c);
	assert_int_equal(bgp_session_state(e.s), BGP_ACTIVE);
	tick_at(&e, SECONDS(3));
	assert_int_equal(e.told[BGP_DIAL], 0);
	tick_at(&e, SECONDS(2));
	assert_int_equal(e.told[BGP_DIAL], 1);
	assert_int_equal(bgp_session_state(e.s), BGP_CONNECT);
	/* No answer at all: the old attempt goes, a new one comes. */
	tick_at(&e, SECONDS(120));
	assert_int_equal(e.told[BGP_DIAL], 2);
	assert_int_equal(e.told[BGP_HANG_UP], 1);
	link_down(&e, 111);
	assert_int_equal(bgp_session_state(e.s), BGP_ACTIVE);
	assert_int_equal(e.told[BGP_FAILED], 1);
	assert_int_equal(e.told[BGP_HANG_UP], 1);
	assert_string_equal(bgp_cause_text(&e.cause, text), "Socket: ");
	assert_int_equal(e.cause.err, 111);
	tick_at(&e, SECONDS(89));
	assert_int_equal(e.told[BGP_DIAL], 2);
	tick_at(&e, SECONDS(31));
	assert_int_equal(e.told[BGP_DIAL], 3);
	end_done(&e);
}

static void
dial_now(void **state)
{
	struct bgp_session_config c = config(65001, 1);
	struct end e;

	(void)state;
	alone(&e, &c);
	bgp_session_dial_now(e.s, now);
	drain(&e);
	assert_int_equal(e.told[BGP_DIAL], 1);
	/* Twice at once is one. */
	bgp_session_dial_now(e.s, now);
	drain(&e);
	assert_int_equal(e.told[BGP_DIAL], 1);
	/* A SYN that got lost before the tunnel stood is sent again. */
	now = instant_add(now, SECONDS(2));
	bgp_session_dial_now(e.s, now);
	drain(&e);
	assert_int_equal(e.told[BGP_DIAL], 2);
	assert_int_equal(e.told[BGP_HANG_UP], 1);
	end_done(&e);
	/* Who only listens does not dial. */
	c.passive = true;
	alone(&e, &c);
	bgp_session_dial_now(e.s, now);
	tick_at(&e, SECONDS(10000));
	assert_int_equal(e.told[BGP_DIAL], 0);
	end_done(&e);
}

/* Up to OPENSENT, with our OPEN swallowed. */
static void
open_sent(struct end *e, struct bgp_session_config *c)
{
	alone(e, c);
	bgp_session_dial_now(e->s, now);
	drain(e);
	link_up(e);
	assert_int_equal(bgp_session_state(e->s), BGP_OPENSENT);
}

static void
feed_open(struct end *e, const struct bgp_open *o)
{
	uint8_t buf[BGP_MESSAGE_MAX];
	struct wr w = wr_of(buf, sizeof(buf));

	bgp_open_encode(&w, o);
	feed(e, buf, wr_len(&w), sizeof(buf));
}

static void
error_waits(void **state)
{
	static const int waits[] = { 60, 120, 240, 300, 300 };
	struct bgp_session_config c = config(65001, 1);
	struct bgp_open o = config(65002, 2).open;
	struct end e;

	(void)state;
	c.demand.peer_asn = 65003;
	open_sent(&e, &c);
	/* A connection that breaks is no error and does not count as one. */
	link_down(&e, 104);
	bgp_session_dial_now(e.s, now);
	drain(&e);
	link_up(&e);
	for (unsigned i = 0; i < 5; i++) {
		feed_open(&e, &o);
		assert_int_equal(bgp_session_state(e.s), BGP_IDLE);
		assert_int_equal(e.cause.blame, BGP_BLAME_LOCAL);
		assert_int_equal(e.cause.subcode, BGP_OPEN_AS);
		assert_int_equal(e.told[BGP_HANG_UP], i + 1);
		/* A handshake does not help against a wrong AS number. */
		bgp_session_dial_now(e.s, now);
		tick_at(&e, SECONDS(waits[i]) - 1);
		assert_int_equal(bgp_session_state(e.s), BGP_IDLE);
		tick_at(&e, 1);
		assert_int_equal(bgp_session_state(e.s), BGP_CONNECT);
		link_up(&e);
	}
	/* Long ago: forgotten. */
	tick_at(&e, SECONDS(1));
	feed_open(&e, &o);
	assert_int_equal(instant_sub(bgp_session_timer(e.s,
	    BGP_TIMER_START), now), SECONDS(60));
	end_done(&e);
}

static void
bad_header(void **state)
{
	static const uint8_t junk[] = "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n";
	struct bgp_session_config c = config(65001, 1);
	struct end e;

	(void)state;
	open_sent(&e, &c);
	feed(&e, junk, sizeof(junk) - 1, 5);
	assert_int_equal(bgp_session_state(e.s), BGP_IDLE);
	assert_int_equal(e.cause.code, BGP_ERR_HEADER);
	assert_int_equal(e.cause.subcode, BGP_HEADER_SYNC);
	end_done(&e);
}

/* Judged as soon as the header is there, not when more comes. */
static void
bad_length(void **state)
{
	struct bgp_session_config c = config(65001, 1);
	struct end e;
	uint8_t h[BGP_HEADER];

	(void)state;
	for (unsigned piece = 1; piece <= BGP_HEADER; piece += 6) {
		open_sent(&e, &c);
		memset(h, 0xff, sizeof(h));
		be16_put(h + 16, 4097);
		h[18] = BGP_TYPE_UPDATE;
		feed(&e, h, sizeof(h), piece);
		assert_int_equal(bgp_session_state(e.s), BGP_IDLE);
		assert_int_equal(e.cause.subcode, BGP_HEADER_LENGTH);
		end_done(&e);
	}
}

/* RFC 6608: the subcode says where we were. */
static void
unexpected(void **state)
{
	struct bgp_session_config c = config(65001, 1);
	struct bgp_open o = config(65002, 2).open;
	uint8_t keepalive[BGP_HEADER], upd[23];
	struct wr w = wr_of(keepalive, sizeof(keepalive));
	struct end e;

	(void)state;
	bgp_keepalive_encode(&w);
	update(upd, sizeof(upd));
	open_sent(&e, &c);
	feed(&e, keepalive, sizeof(keepalive), 100);
	assert_int_equal(e.cause.code, BGP_ERR_FSM);
	assert_int_equal(e.cause.subcode, BGP_FSM_OPENSENT);
	end_done(&e);

	open_sent(&e, &c);
	feed_open(&e, &o);
	assert_int_equal(bgp_session_state(e.s), BGP_OPENCONFIRM);
	feed(&e, upd, sizeof(upd), 100);
	assert_int_equal(e.cause.subcode, BGP_FSM_OPENCONFIRM);
	end_done(&e);

	open_sent(&e, &c);
	feed_open(&e, &o);
	feed(&e, keepalive, sizeof(keepalive), 100);
	assert_int_equal(bgp_session_state(e.s), BGP_ESTABLISHED);
	feed_open(&e, &o);
	assert_int_equal(e.cause.subcode, BGP_FSM_ESTABLISHED);
	assert_int_equal(e.told[BGP_DOWN], 1);
	end_done(&e);
}

static void
silent_peer(void **state)
{
	struct bgp_session_config c = config(65001, 1);
	struct end e;

	(void)state;
	open_sent(&e, &c);
	tick_at(&e, SECONDS(239));
	assert_int_equal(bgp_session_state(e.s), BGP_OPENSENT);
	tick_at(&e, SECONDS(1));
	assert_int_equal(e.told[BGP_FAILED], 1);
	assert_int_equal(e.cause.code, BGP_ERR_HOLD);
	end_done(&e);
}

/* The owner reports a close that was our own wish: old news. */
static void
closed_after_hang_up(void **state)
{
	struct bgp_session_config c = config(65001, 1);
	struct bgp_open o = config(65002, 2).open;
	struct end e;

	(void)state;
	c.demand.peer_asn = 65003;
	open_sent(&e, &c);
	feed_open(&e, &o);
	link_down(&e, 104);
	assert_int_equal(e.told[BGP_FAILED], 1);
	assert_int_equal(bgp_session_cause(e.s)->blame, BGP_BLAME_LOCAL);
	assert_int_equal(bgp_session_counters(e.s)->retries, 1);
	end_done(&e);
}

static void
collision_loser(void **state)
{
	const struct bgp_error e = bgp_error_of(BGP_ERR_CEASE,
	    BGP_CEASE_COLLISION, bytes_of(NULL, 0));
	struct bgp_session_config c = config(65001, 1);
	struct bgp_open o = config(65002, 2).open;
	struct end in, out;

	(void)state;
	open_sent(&in, &c);
	feed_open(&in, &o);
	bgp_session_stop(in.s, now, &e);
	drain(&in);
	assert_int_equal(bgp_session_state(in.s), BGP_IDLE);
	assert_int_equal(bgp_session_counters(in.s)->retries, 1);
	end_init(&out, &c);
	bgp_session_inherit(out.s, in.s);
	assert_int_equal(bgp_session_counters(out.s)->retries, 1);
	assert_int_equal(bgp_session_counters(out.s)->rx_messages, 1);
	end_done(&in);
	end_done(&out);
}

/* The session that the peer had dialled failed; ours waits in its stead. */
static void
wait_is_inherited(void **state)
{
	struct bgp_session_config c = config(65001, 1);
	struct bgp_open o = config(65002, 2).open;
	struct end in, out;

	(void)state;
	c.demand.peer_asn = 65003;
	open_sent(&in, &c);
	feed_open(&in, &o);
	end_init(&out, &c);
	bgp_session_inherit(out.s, in.s);
	end_done(&in);
	tick_at(&out, SECONDS(59));
	assert_int_equal(bgp_session_state(out.s), BGP_IDLE);
	tick_at(&out, SECONDS(1));
	assert_int_equal(bgp_session_state(out.s), BGP_CONNECT);
	end_done(&out);
}

/* Every allocation fails once: nothing leaks, nothing hangs. */
static void
torture(void **state)
{
	static uint8_t buf[BGP_MESSAGE_EXT_MAX];

	(void)state;
	update(buf, sizeof(buf));
	for (long n = 0; n < 20; n++) {
		struct bgp_session_config c = config(65001, 1);
		struct bgp_open o = config(65002, 2).open;
		uint8_t keepalive[BGP_HEADER];
		struct wr w = wr_of(keepalive, sizeof(keepalive));
		struct end e;

		alone(&e, &c);
		bgp_session_dial_now(e.s, now);
		drain(&e);
		mem_fail_after(n);
		link_up(&e);
		feed_open(&e, &o);
		bgp_keepalive_encode(&w);
		feed(&e, keepalive, sizeof(keepalive), 4);
		feed(&e, buf, sizeof(buf), 1000);
		(void)bgp_session_send(e.s, now, bytes_of(buf, sizeof(buf)));
		drain(&e);
		mem_fail_after(-1);
		if (bgp_session_state(e.s) == BGP_IDLE) {
			assert_int_equal(e.cause.blame, BGP_BLAME_MEMORY);
			tick_at(&e, SECONDS(60));
			assert_int_equal(bgp_session_state(e.s), BGP_CONNECT);
		}
		end_done(&e);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialling),
		cmocka_unit_test(dial_now),
		cmocka_unit_test(error_waits),
		cmocka_unit_test(bad_header),
		cmocka_unit_test(bad_length),
		cmocka_unit_test(unexpected),
		cmocka_unit_test(silent_peer),
		cmocka_unit_test(closed_after_hang_up),
		cmocka_unit_test(collision_loser),
		cmocka_unit_test(wait_is_inherited),
		cmocka_unit_test(torture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

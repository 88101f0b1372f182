/* SPDX-License-Identifier: ISC */
/* Two sessions wired to each other. */
#include "session_ends.h"

/* What is on the way arrives; a closed connection is seen at the other end. */
static bool
deliver(struct end *e, size_t piece)
{
	const size_t n = e->wire_n;

	if (!n && !(e->up && !e->peer->up))
		return false;
	if (n) {
		uint8_t *copy = malloc(n);

		memcpy(copy, e->wire, n);
		e->wire_n = 0;
		if (e->up)
			feed(e, copy, n, piece);
		free(copy);
	}
	if (e->up && !e->peer->up)
		link_down(e, 0);
	return true;
}

static void
settle(struct end *a, struct end *b, size_t piece)
{
	bool busy = true;

	while (busy) {
		busy = deliver(a, piece);
		busy = deliver(b, piece) || busy;
		drain(a);
		drain(b);
	}
}

static void
wait_until(struct end *a, struct end *b, struct instant until)
{
	for (;;) {
		struct instant at = instant_min(bgp_session_deadline(a->s),
		    bgp_session_deadline(b->s));

		if (at.ns > until.ns)
			break;
		if (at.ns > now.ns)
			now = at;
		bgp_session_tick(a->s, now);
		drain(a);
		bgp_session_tick(b->s, now);
		drain(b);
		if (a->wants && bgp_session_state(b->s) == BGP_ACTIVE) {
			link_up(a);
			link_up(b);
		}
		settle(a, b, 4096);
	}
	now = until;
}

static void
pass(struct end *a, struct end *b, int64_t span)
{
	wait_until(a, b, instant_add(now, span));
}

/* a dials, b waits. */
static void
wire_up(struct end *a, struct end *b, const struct bgp_session_config *ca,
    struct bgp_session_config *cb)
{
	now = (struct instant){ SECONDS(1000) };
	cb->passive = true;
	end_init(a, ca);
	end_init(b, cb);
	a->peer = b;
	b->peer = a;
	bgp_session_start(a->s, now);
	bgp_session_start(b->s, now);
	drain(a);
	drain(b);
	assert_int_equal(bgp_session_state(a->s), BGP_ACTIVE);
	pass(a, b, SECONDS(5));
}

static void
wire_up_default(struct end *a, struct end *b)
{
	struct bgp_session_config ca = config(65001, 1), cb = config(65002, 2);

	wire_up(a, b, &ca, &cb);
	assert_int_equal(bgp_session_state(a->s), BGP_ESTABLISHED);
	assert_int_equal(bgp_session_state(b->s), BGP_ESTABLISHED);
}

static void
back_to_back(void **state)
{
	struct end a, b;

	(void)state;
	wire_up_default(&a, &b);
	assert_int_equal(a.told[BGP_UP], 1);
	assert_int_equal(b.told[BGP_UP], 1);
	assert_int_equal(a.told[BGP_OPENED], 1);
	assert_int_equal(a.caps.peer_asn, 65002);
	assert_int_equal(a.caps.hold, 90);
	assert_true(a.caps.as4 && a.caps.refresh && a.caps.ext_message);
	assert_int_equal(bgp_session_peer_open(b.s)->asn, 65001);
	assert_int_equal(bgp_session_counters(a.s)->established, 1);
	/* An hour of KEEPALIVEs: every 22.5 to 30 s. */
	pass(&a, &b, SECONDS(3600));
	assert_int_equal(bgp_session_state(a.s), BGP_ESTABLISHED);
	assert_int_equal(a.told[BGP_DOWN] + b.told[BGP_DOWN], 0);
	assert_in_range(bgp_session_counters(a.s)->tx_keepalives, 120, 161);
	assert_int_equal(bgp_session_counters(a.s)->rx_keepalives,
	    bgp_session_counters(b.s)->tx_keepalives);
	end_done(&a);
	end_done(&b);
}

static void
no_hold_timer(void **state)
{
	struct bgp_session_config ca = config(65001, 1), cb = config(65002, 2);
	struct end a, b;

	(void)state;
	cb.open.hold = 0;
	wire_up(&a, &b, &ca, &cb);
	assert_int_equal(bgp_session_state(a.s), BGP_ESTABLISHED);
	assert_true(instant_is_never(bgp_session_deadline(a.s)));
	assert_true(instant_is_never(bgp_session_deadline(b.s)));
	end_done(&a);
	end_done(&b);
}

static void
hold_expires(void **state)
{
	struct end a, b;
	char text[BGP_CAUSE_TEXT];

	(void)state;
	wire_up_default(&a, &b);
	b.stalled = true;	/* b's KEEPALIVEs get lost */
	pass(&a, &b, SECONDS(88));
	assert_int_equal(a.told[BGP_DOWN], 0);
	pass(&a, &b, SECONDS(2));
	assert_int_equal(a.told[BGP_DOWN], 1);
	assert_int_equal(a.told[BGP_HANG_UP], 1);
	assert_string_equal(bgp_cause_text(&a.cause, text),
	    "BGP Error: Hold timer expired");
	/* It is a dead link, nobody's fault: no long wait. */
	assert_int_equal(b.told[BGP_DOWN], 1);
	assert_string_equal(bgp_cause_text(&b.cause, text),
	    "Received: Hold timer expired");
	b.stalled = false;
	pass(&a, &b, SECONDS(6));
	assert_int_equal(bgp_session_state(a.s), BGP_ESTABLISHED);
	end_done(&a);
	end_done(&b);
}

/* STYLE's open question: an owner that has no time does not kill its peer. */
static void
busy_owner(void **state)
{
	struct end a, b;

	(void)state;
	wire_up_default(&a, &b);
	b.stalled = true;
	pass(&a, &b, SECONDS(80));
	bgp_session_busy(a.s, now);
	pass(&a, &b, SECONDS(80));
	assert_int_equal(bgp_session_state(a.s), BGP_ESTABLISHED);
	end_done(&a);
	end_done(&b);
}

static void
stop_with_text(void **state)
{
	static const char why[] = "moving house";
	uint8_t room[BGP_SHUTDOWN_MAX + 1];
	struct end a, b;
	struct bgp_error e;
	char text[BGP_CAUSE_TEXT];

	(void)state;
	wire_up_default(&a, &b);
	bgp_shutdown_error(BGP_CEASE_SHUTDOWN, bytes_str(why), room, &e);
	bgp_session_stop(a.s, now, &e);
	drain(&a);
	settle(&a, &b, 7);
	assert_int_equal(a.told[BGP_DOWN], 1);
	assert_int_equal(bgp_session_state(a.s), BGP_IDLE);
	assert_false(bgp_session_enabled(a.s));
	assert_true(instant_is_never(bgp_session_deadline(a.s)));
	assert_int_equal(b.told[BGP_DOWN], 1);
	assert_string_equal(bgp_cause_text(&b.cause, text),
	    "Received: Administrative shutdown \"moving house\"");
	/* Started again, it comes back. */
	bgp_session_start(a.s, now);
	drain(&a);
	pass(&a, &b, SECONDS(6));
	assert_int_equal(bgp_session_state(b.s), BGP_ESTABLISHED);
	assert_int_equal(bgp_session_counters(a.s)->retries, 0);
	end_done(&a);
	end_done(&b);
}

static void
stop_quietly(void **state)
{
	const struct bgp_error none = { 0 };
	struct end a, b;
	char text[BGP_CAUSE_TEXT];

	(void)state;
	wire_up_default(&a, &b);
	bgp_session_stop(a.s, now, &none);
	drain(&a);
	assert_int_equal(b.wire_n, 0);
	settle(&a, &b, 4096);
	assert_int_equal(b.cause.blame, BGP_BLAME_SOCKET);
	assert_string_equal(bgp_cause_text(&b.cause, text),
	    "Socket: Connection closed");
	end_done(&a);
	end_done(&b);
}

/* All lengths of message, in all sizes of piece. */
static void
updates_in_pieces(void **state)
{
	static uint8_t buf[BGP_MESSAGE_EXT_MAX];
	static const size_t pieces[] = { 1, 3, 18, 19, 20, 4096, 100000 };
	static const size_t sizes[] = { 23, 24, 4096, 5000, 65535, 23 };

	(void)state;
	for (size_t p = 0; p < sizeof(pieces) / sizeof(pieces[0]); p++) {
		struct bgp_session_config ca = config(65001, 1);
		struct bgp_session_config cb = config(65002, 2);
		struct end a, b;
		size_t octets = 0;

		ca.tx_high = 100000;
		wire_up(&a, &b, &ca, &cb);
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			size_t n = update(buf, sizes[i]);

			assert_true(bgp_session_send(a.s, now,
			    bytes_of(buf, n)));
			octets += n - BGP_HEADER;
		}
		drain(&a);
		settle(&a, &b, pieces[p]);
		assert_int_equal(b.told[BGP_UPDATE], 6);
		assert_int_equal(b.updates_octets, octets);
		assert_int_equal(bgp_session_counters(a.s)->tx_updates, 6);
		assert_int_equal(bgp_session_counters(b.s)->rx_updates, 6);
		end_done(&a);
		end_done(&b);
	}
}

/* One at a time: nothing is taken while something waits to be polled. */
static void
back_pressure(void **state)
{
	uint8_t buf[46];
	struct end a, b;
	struct bgp_out out;

	(void)state;
	wire_up_default(&a, &b);
	update(buf, 23);
	update(buf + 23, 23);
	assert_int_equal(bgp_session_rx(a.s, now, bytes_of(buf, 46)), 23);
	assert_int_equal(bgp_session_rx(a.s, now, bytes_of(buf + 23, 23)), 0);
	assert_true(bgp_session_poll(a.s, &out));
	assert_int_equal(out.kind, BGP_UPDATE);
	assert_ptr_equal(out.update.p, buf + BGP_HEADER);
	assert_false(bgp_session_poll(a.s, &out));
	assert_int_equal(bgp_session_rx(a.s, now, bytes_of(buf + 23, 23)),
	    23);
	end_done(&a);
	end_done(&b);
}

static void
queue_is_bounded(void **state)
{
	static uint8_t buf[4096];
	struct bgp_session_config ca = config(65001, 1), cb = config(65002, 2);
	struct end a, b;
	unsigned sent = 0;

	(void)state;
	ca.tx_high = 12000;
	wire_up(&a, &b, &ca, &cb);
	update(buf, sizeof(buf));
	a.stalled = true;
	while (bgp_session_send(a.s, now, bytes_of(buf, sizeof(buf))))
		sent++;
	assert_int_equal(sent, 3);
	assert_false(bgp_session_want(a.s));
	assert_int_equal(bgp_session_queued(a.s), 3 * sizeof(buf));
	memcpy(b.wire, bgp_session_tx(a.s).p, 5000);
	b.wire_n = 5000;
	bgp_session_sent(a.s, now, 5000);
	assert_true(bgp_session_want(a.s));
	/* What waits moves to the front to make room, and stays what it is. */
	for (unsigned i = 0; i < 2; i++)
		assert_true(bgp_session_send(a.s, now, bytes_of(buf, 4096)));
	a.stalled = false;
	flush(&a);
	settle(&a, &b, 4096);
	assert_int_equal(b.told[BGP_UPDATE], 5);
	assert_int_equal(b.told[BGP_DOWN], 0);
	end_done(&a);
	end_done(&b);
}

/* RFC 4271 8.2.2: who sends UPDATEs needs no KEEPALIVE beside them. */
static void
updates_keep_alive(void **state)
{
	uint8_t buf[23];
	struct end a, b;
	uint64_t before;

	(void)state;
	wire_up_default(&a, &b);
	update(buf, sizeof(buf));
	before = bgp_session_counters(a.s)->tx_keepalives;
	for (unsigned i = 0; i < 30; i++) {
		assert_true(bgp_session_send(a.s, now, bytes_of(buf, 23)));
		drain(&a);
		pass(&a, &b, SECONDS(10));
	}
	assert_int_equal(bgp_session_counters(a.s)->tx_keepalives, before);
	assert_int_equal(b.told[BGP_DOWN], 0);
	end_done(&a);
	end_done(&b);
}

/* What has begun to go out is finished, the rest makes way for last words. */
static void
last_words_overtake(void **state)
{
	static uint8_t buf[4096];
	const struct bgp_error e = bgp_error_of(BGP_ERR_CEASE,
	    BGP_CEASE_RESET, bytes_of(NULL, 0));
	struct end a, b;
	struct bytes tx;

	(void)state;
	wire_up_default(&a, &b);
	update(buf, sizeof(buf));
	a.stalled = true;
	for (unsigned i = 0; i < 10; i++)
		assert_true(bgp_session_send(a.s, now, bytes_of(buf, 4096)));
	bgp_session_sent(a.s, now, 4096 + 96);
	bgp_session_stop(a.s, now, &e);
	tx = bgp_session_tx(a.s);
	assert_int_equal(tx.n, 4000 + 21);
	assert_int_equal(tx.p[4000 + 18], BGP_TYPE_NOTIFICATION);
	end_done(&a);
	end_done(&b);
}

/* RFC 9687: the peer's KEEPALIVEs come, but it reads nothing. */
static void
send_hold(void **state)
{
	struct end a, b;
	char text[BGP_CAUSE_TEXT];

	(void)state;
	wire_up_default(&a, &b);
	a.stalled = true;
	/* b would give up on a first, were it not stalled in another way. */
	for (unsigned i = 0; i < 60; i++) {
		pass(&a, &b, SECONDS(8));
		bgp_session_busy(b.s, now);
	}
	assert_int_equal(a.told[BGP_DOWN], 0);
	for (unsigned i = 0; i < 5; i++) {
		pass(&a, &b, SECONDS(8));
		bgp_session_busy(b.s, now);
	}
	assert_int_equal(a.told[BGP_DOWN], 1);
	assert_string_equal(bgp_cause_text(&a.cause, text),
	    "BGP Error: Send hold timer expired");
	end_done(&a);
	end_done(&b);
}

/* One that reads an octet now and then is slow, and not dead. */
static void
send_hold_of_the_slow(void **state)
{
	struct end a, b;

	(void)state;
	wire_up_default(&a, &b);
	a.stalled = true;
	for (unsigned i = 0; i < 180; i++) {
		pass(&a, &b, SECONDS(8));
		bgp_session_busy(b.s, now);
		if (i % 50 == 49)
			bgp_session_sent(a.s, now, 1);
	}
	assert_int_equal(a.told[BGP_DOWN], 0);
	for (unsigned i = 0; i < 40; i++) {
		pass(&a, &b, SECONDS(8));
		bgp_session_busy(b.s, now);
	}
	assert_int_equal(a.told[BGP_DOWN], 1);
	end_done(&a);
	end_done(&b);
}

static void
refreshes(void **state)
{
	uint8_t buf[64];
	struct wr w = wr_of(buf, sizeof(buf));
	struct end a, b;

	(void)state;
	wire_up_default(&a, &b);
	bgp_refresh_encode(&w, BGP_FAM_IP6, BGP_REFRESH_REQUEST);
	/* Not agreed on: ignored, though it shows that the peer lives. */
	bgp_refresh_encode(&w, BGP_FAM_IP6, BGP_REFRESH_BEGIN);
	feed(&a, buf, wr_len(&w), 1000);
	assert_int_equal(a.told[BGP_REFRESH], 1);
	assert_int_equal(bgp_session_state(a.s), BGP_ESTABLISHED);
	/* Too short: RFC 7313 section 5. */
	be16_put(buf + 16, 21);
	feed(&a, buf, 21, 1000);
	assert_int_equal(a.cause.code, BGP_ERR_REFRESH);
	end_done(&a);
	end_done(&b);
}

static void
owner_fails_it(void **state)
{
	const struct bgp_error e = bgp_error_of(BGP_ERR_UPDATE,
	    BGP_UPDATE_LIST, bytes_of(NULL, 0));
	struct end a, b;

	(void)state;
	wire_up_default(&a, &b);
	bgp_session_fail(a.s, now, &e);
	drain(&a);
	settle(&a, &b, 4096);
	assert_int_equal(b.cause.blame, BGP_BLAME_REMOTE);
	assert_int_equal(b.cause.code, BGP_ERR_UPDATE);
	assert_true(bgp_session_enabled(a.s));
	assert_int_equal(bgp_session_counters(a.s)->retries, 1);
	/* A minute later both try again. */
	pass(&a, &b, SECONDS(59));
	assert_int_equal(bgp_session_state(a.s), BGP_IDLE);
	pass(&a, &b, SECONDS(62));
	assert_int_equal(bgp_session_state(a.s), BGP_ESTABLISHED);
	end_done(&a);
	end_done(&b);
}

/* Gone before the owner looked: it never was. */
static void
up_and_down_unseen(void **state)
{
	struct bgp_session_config c = config(65001, 1);
	struct bgp_open o = config(65002, 2).open;
	uint8_t buf[BGP_MESSAGE_MAX];
	struct wr w = wr_of(buf, sizeof(buf));
	struct bgp_out out;
	struct end e;
	size_t at;

	(void)state;
	now = (struct instant){ SECONDS(1000) };
	c.passive = true;
	end_init(&e, &c);
	bgp_session_start(e.s, now);
	drain(&e);
	link_up(&e);
	bgp_open_encode(&w, &o);
	bgp_keepalive_encode(&w);
	at = bgp_session_rx(e.s, now, bytes_of(buf, wr_len(&w)));
	assert_true(bgp_session_poll(e.s, &out));
	assert_int_equal(out.kind, BGP_OPENED);
	bgp_session_rx(e.s, now, bytes_of(buf + at, wr_len(&w) - at));
	assert_int_equal(bgp_session_state(e.s), BGP_ESTABLISHED);
	link_down(&e, 104);
	assert_int_equal(e.told[BGP_UP] + e.told[BGP_DOWN], 0);
	assert_int_equal(e.told[BGP_FAILED], 1);
	end_done(&e);
}

static void
connection_lost(void **state)
{
	const struct bgp_error e = bgp_error_of(BGP_ERR_UPDATE,
	    BGP_UPDATE_LIST, bytes_of(NULL, 0));
	struct end a, b;

	(void)state;
	wire_up_default(&a, &b);
	link_down(&a, 104);
	settle(&a, &b, 4096);
	assert_int_equal(a.told[BGP_DOWN], 1);
	assert_int_equal(a.told[BGP_HANG_UP], 0);
	assert_int_equal(a.cause.err, 104);
	/* What is in force stays to be read: graceful restart needs it. */
	assert_non_null(bgp_session_caps(a.s));
	pass(&a, &b, SECONDS(6));
	assert_int_equal(a.told[BGP_UP], 2);
	/* And it does not count as an error when one comes. */
	bgp_session_fail(a.s, now, &e);
	assert_int_equal(instant_sub(bgp_session_timer(a.s,
	    BGP_TIMER_START), now), SECONDS(60));
	end_done(&a);
	end_done(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(back_to_back),
		cmocka_unit_test(no_hold_timer),
		cmocka_unit_test(hold_expires),
		cmocka_unit_test(busy_owner),
		cmocka_unit_test(stop_with_text),
		cmocka_unit_test(stop_quietly),
		cmocka_unit_test(updates_in_pieces),
		cmocka_unit_test(back_pressure),
		cmocka_unit_test(queue_is_bounded),
		cmocka_unit_test(updates_keep_alive),
		cmocka_unit_test(last_words_overtake),
		cmocka_unit_test(send_hold),
		cmocka_unit_test(send_hold_of_the_slow),
		cmocka_unit_test(refreshes),
		cmocka_unit_test(owner_fails_it),
		cmocka_unit_test(up_and_down_unseen),
		cmocka_unit_test(connection_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

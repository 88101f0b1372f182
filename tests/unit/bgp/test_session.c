/* SPDX-License-Identifier: ISC */
/*
 * Sessions in virtual time: alone, with the test as the peer, and two of them
 * wired to each other.  Each end has an owner that does what the contract in
 * session.h says and remembers what it was told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/mem.h"
#include "bgp/session.h"

#define WIRE_MAX	(1u << 20)

struct end {
	struct bgp_session *s;
	struct end *peer;
	bool up;			/* the connection stands */
	bool wants;			/* asked to dial */
	bool stalled;			/* the peer does not read */
	unsigned told[BGP_OPENED + 1];	/* how often, by kind */
	struct bgp_cause cause;
	struct bgp_caps caps;
	size_t updates_octets;
	uint8_t *wire;			/* on the way to this end */
	size_t wire_n;
};

static struct instant now;

static struct bgp_session_config
config(uint32_t asn, uint32_t id)
{
	struct bgp_session_config c;

	bgp_session_config_init(&c);
	c.open.asn = asn;
	c.open.id = id;
	c.open.hold = 90;
	c.open.families = BGP_FAM_ALL;
	c.open.as4 = c.open.refresh = c.open.ext_message = true;
	c.seed = id;
	return c;
}

static void
end_init(struct end *e, const struct bgp_session_config *c)
{
	*e = (struct end){ .s = bgp_session_new(c),
	    .wire = malloc(WIRE_MAX) };
	assert_non_null(e->s);
	assert_non_null(e->wire);
}

static void
end_done(struct end *e)
{
	e->s = bgp_session_free(e->s);
	free(e->wire);
}

static void
flush(struct end *e)
{
	const struct bytes b = bgp_session_tx(e->s);
	size_t n = b.n;

	if (!n || e->stalled)
		return;
	if (e->peer) {
		assert_true(e->peer->wire_n + n <= WIRE_MAX);
		memcpy(e->peer->wire + e->peer->wire_n, b.p, n);
		e->peer->wire_n += n;
	}
	bgp_session_sent(e->s, now, n);
}

static void
drain(struct end *e)
{
	struct bgp_out out;

	while (bgp_session_poll(e->s, &out)) {
		e->told[out.kind]++;
		switch (out.kind) {
		case BGP_DIAL:
			e->wants = true;
			break;
		case BGP_HANG_UP:
			flush(e);
			e->up = e->wants = false;
			break;
		case BGP_UP: case BGP_OPENED:
			e->caps = *out.caps;
			break;
		case BGP_UPDATE:
			e->updates_octets += out.update.n;
			break;
		case BGP_DOWN: case BGP_FAILED:
			e->cause = *out.cause;
			break;
		case BGP_REFRESH:
			break;
		}
	}
	flush(e);
}

/* Bytes to a session, in pieces of at most "piece". */
static void
feed(struct end *e, const uint8_t *p, size_t n, size_t piece)
{
	while (n) {
		size_t k = n < piece ? n : piece;
		size_t took = bgp_session_rx(e->s, now, bytes_of(p, k));

		assert_true(took <= k);
		drain(e);
		p += took;
		n -= took;
	}
}

static void
link_up(struct end *e)
{
	e->up = true;
	e->wants = false;
	bgp_session_link(e->s, now, true, 0);
	drain(e);
}

static void
link_down(struct end *e, int err)
{
	e->up = e->wants = false;
	bgp_session_link(e->s, now, false, err);
	drain(e);
}

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

static size_t
update(uint8_t *buf, size_t n_octets)
{
	struct wr w = wr_of(buf, n_octets);
	uint8_t *mark = bgp_message_begin(&w, BGP_TYPE_UPDATE);

	memset(wr_take(&w, n_octets - BGP_HEADER), 0, n_octets - BGP_HEADER);
	bgp_message_end(&w, mark);
	assert_false(w.bad);
	return n_octets;
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
		struct end a, b;
		size_t octets = 0;

		wire_up_default(&a, &b);
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
	ca.tx_high = 10000;
	wire_up(&a, &b, &ca, &cb);
	update(buf, sizeof(buf));
	a.stalled = true;
	while (bgp_session_send(a.s, now, bytes_of(buf, sizeof(buf))))
		sent++;
	assert_int_equal(sent, 3);
	assert_false(bgp_session_want(a.s));
	assert_int_equal(bgp_session_queued(a.s), 3 * sizeof(buf));
	bgp_session_sent(a.s, now, 5000);
	assert_true(bgp_session_want(a.s));
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

/* Alone, with the test as the peer. */
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

static void
connection_lost(void **state)
{
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
	end_done(&a);
	end_done(&b);
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
		cmocka_unit_test(back_to_back),
		cmocka_unit_test(no_hold_timer),
		cmocka_unit_test(hold_expires),
		cmocka_unit_test(busy_owner),
		cmocka_unit_test(stop_with_text),
		cmocka_unit_test(stop_quietly),
		cmocka_unit_test(updates_in_pieces),
		cmocka_unit_test(back_pressure),
		cmocka_unit_test(queue_is_bounded),
		cmocka_unit_test(last_words_overtake),
		cmocka_unit_test(send_hold),
		cmocka_unit_test(dialling),
		cmocka_unit_test(dial_now),
		cmocka_unit_test(error_waits),
		cmocka_unit_test(bad_header),
		cmocka_unit_test(bad_length),
		cmocka_unit_test(unexpected),
		cmocka_unit_test(silent_peer),
		cmocka_unit_test(refreshes),
		cmocka_unit_test(owner_fails_it),
		cmocka_unit_test(connection_lost),
		cmocka_unit_test(collision_loser),
		cmocka_unit_test(wait_is_inherited),
		cmocka_unit_test(torture),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* Two sessions on a line that loses what it is told to, in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "bfd/session.h"
#include "crypto/crypto.h"

#define DELAY	MILLISECONDS(2)
#define QUEUE	64

struct datagram {
	uint8_t b[BFD_PACKET_MAX];
	size_t n;
	struct instant at;
};

struct end {
	struct bfd_session *s;
	struct bfd_session_config c;
	struct datagram q[QUEUE];	/* on the way here */
	unsigned head, n;
	unsigned ups, downs, sent, polls, finals, refused;
	struct instant changed, last_sent, shortest_at;
	int64_t shortest;		/* between two that were sent */
};

struct line {
	struct end e[2];
	struct instant now;
	unsigned loss[2];		/* percent, towards e[i] */
	uint32_t random;
	struct crypto *crypto;
};

static const uint8_t secret[] = "otter";
static const struct bfd_key key = { .id = 3, .n = 5, .secret = secret };

static struct line *
line_new(void)
{
	struct line *l = mem_zalloc(sizeof(*l));

	l->random = 12345;
	l->now.ns = SECONDS(1000);
	l->crypto = crypto_new();
	for (unsigned i = 0; i < 2; i++)
		l->e[i].c = (struct bfd_session_config){ .discr = 100 + i,
		    .min_rx = MILLISECONDS(10), .min_tx = MILLISECONDS(100),
		    .idle_tx = SECONDS(1), .mult = 5, .seed = 77 + i,
		    .crypto = l->crypto, .keys = &key, .n_keys = 1 };
	return l;
}

static void
line_start(struct line *l)
{
	for (unsigned i = 0; i < 2; i++) {
		l->e[i].s = bfd_session_new(&l->e[i].c);
		l->e[i].shortest = INT64_MAX;
		bfd_session_start(l->e[i].s, l->now);
	}
}

static void
line_free(struct line *l)
{
	bfd_session_free(l->e[0].s);
	bfd_session_free(l->e[1].s);
	crypto_free(l->crypto);
	mem_free(l);
}

static bool
is_lost(struct line *l, unsigned to)
{
	l->random = l->random * 1664525 + 1013904223;
	return (l->random >> 16) % 100 < l->loss[to];
}

static void
look(struct line *l, struct end *e)
{
	switch (bfd_session_poll(e->s)) {
	case BFD_NEWS_UP:
		e->ups++;
		break;
	case BFD_NEWS_DOWN:
		e->downs++;
		break;
	case BFD_NEWS_CHANGED: case BFD_NEWS_NONE:
		return;
	}
	e->changed = l->now;
}

static void
count(struct line *l, struct end *e, const uint8_t *b)
{
	if (e->sent++ > 0 && !(b[1] & 0x10) &&
	    instant_sub(l->now, e->last_sent) < e->shortest)
		e->shortest = instant_sub(l->now, e->last_sent);
	e->last_sent = l->now;
	e->polls += b[1] >> 5 & 1;
	e->finals += b[1] >> 4 & 1;
}

static void
transmit(struct line *l, unsigned i)
{
	struct end *to = &l->e[1 - i];
	uint8_t buf[BFD_PACKET_MAX];
	size_t n;

	while ((n = bfd_session_tx(l->e[i].s, l->now, buf, sizeof(buf)))) {
		struct datagram *d = &to->q[(to->head + to->n) % QUEUE];

		count(l, &l->e[i], buf);
		if (is_lost(l, 1 - i) || to->n == QUEUE)
			continue;
		memcpy(d->b, buf, n);
		d->n = n;
		d->at = instant_add(l->now, DELAY);
		to->n++;
	}
}

static void
receive(struct line *l, struct end *e)
{
	while (e->n > 0 && instant_due(e->q[e->head].at, l->now)) {
		struct datagram *d = &e->q[e->head];
		struct bfd_packet p;

		assert_null(bfd_decode(bytes_of(d->b, d->n), &p));
		if (bfd_session_rx(e->s, l->now, bytes_of(d->b, d->n), &p))
			e->refused++;
		look(l, e);
		e->head = (e->head + 1) % QUEUE;
		e->n--;
	}
}

static struct instant
next_event(const struct line *l)
{
	struct instant at = INSTANT_NEVER;

	for (unsigned i = 0; i < 2; i++) {
		at = instant_min(at, bfd_session_deadline(l->e[i].s));
		if (l->e[i].n > 0)
			at = instant_min(at, l->e[i].q[l->e[i].head].at);
	}
	return at;
}

static void
run(struct line *l, int64_t span)
{
	const struct instant end = instant_add(l->now, span);
	unsigned turns = 0;

	for (;;) {
		struct instant at = next_event(l);

		if (instant_sub(at, end) >= 0)
			break;
		if (instant_sub(at, l->now) > 0)
			l->now = at;
		for (unsigned i = 0; i < 2; i++) {
			bfd_session_tick(l->e[i].s, l->now);
			look(l, &l->e[i]);
			receive(l, &l->e[i]);
			transmit(l, i);
		}
		assert_true(turns++ < 1000000);
	}
	l->now = end;
}

static bool
both(const struct line *l, enum bfd_state st)
{
	return bfd_session_state(l->e[0].s) == st &&
	    bfd_session_state(l->e[1].s) == st;
}

static void
comes_up_and_speeds_up(void **state)
{
	struct line *l = line_new();

	(void)state;
	line_start(l);
	run(l, SECONDS(4));
	assert_true(both(l, BFD_UP));
	assert_int_equal(l->e[0].ups, 1);
	for (unsigned i = 0; i < 2; i++) {
		assert_true(l->e[i].polls > 0);
		assert_true(l->e[i].finals > 0);
		assert_int_equal(bfd_session_tx_interval(l->e[i].s),
		    MILLISECONDS(100));
		assert_int_equal(bfd_session_detect_time(l->e[i].s),
		    MILLISECONDS(500));
		l->e[i].sent = l->e[i].polls = 0;
		l->e[i].shortest = INT64_MAX;
	}
	run(l, SECONDS(10));
	/* Jitter: 75 to 100 percent of 100 ms, so 100 to 134 in 10 s. */
	for (unsigned i = 0; i < 2; i++) {
		assert_in_range(l->e[i].sent, 100, 134);
		assert_int_equal(l->e[i].polls, 0);
		assert_true(l->e[i].shortest >= MILLISECONDS(75));
	}
	line_free(l);
}

/* Section 6.8.3: while it is down, once in idle_tx and no oftener. */
static void
is_slow_while_down(void **state)
{
	struct line *l = line_new();

	(void)state;
	l->loss[0] = l->loss[1] = 100;
	line_start(l);
	run(l, SECONDS(100));
	assert_true(both(l, BFD_DOWN));
	assert_in_range(l->e[0].sent, 99, 135);
	assert_true(l->e[0].shortest >= MILLISECONDS(750));
	line_free(l);
}

static void
cut_is_detected_in_time(void **state)
{
	struct line *l = line_new();
	struct instant cut;

	(void)state;
	line_start(l);
	run(l, SECONDS(5));
	cut = l->now;
	l->loss[0] = l->loss[1] = 100;
	run(l, SECONDS(2));
	for (unsigned i = 0; i < 2; i++) {
		int64_t took = instant_sub(l->e[i].changed, cut);

		assert_int_equal(l->e[i].downs, 1);
		assert_true(took > MILLISECONDS(390));
		assert_true(took <= MILLISECONDS(502));
		assert_int_equal(bfd_session_diag(l->e[i].s),
		    BFD_DIAG_TIMEOUT);
		assert_true(bfd_session_failed(l->e[i].s));
		assert_int_equal(bfd_session_remote_discr(l->e[i].s), 0);
	}
	l->loss[0] = l->loss[1] = 0;
	run(l, SECONDS(5));
	assert_true(both(l, BFD_UP));
	line_free(l);
}

/* One direction is enough, and the other end learns it from us. */
static void
half_a_cut(void **state)
{
	struct line *l = line_new();

	(void)state;
	line_start(l);
	run(l, SECONDS(5));
	l->loss[0] = 100;
	run(l, SECONDS(2));
	assert_int_equal(l->e[0].downs, 1);
	assert_int_equal(l->e[1].downs, 1);
	assert_int_equal(bfd_session_diag(l->e[0].s), BFD_DIAG_TIMEOUT);
	assert_true(bfd_session_failed(l->e[1].s));
	assert_int_equal(bfd_session_state(l->e[0].s), BFD_DOWN);
	/* It hears nothing of an answer, so it never gets up again. */
	assert_int_not_equal(bfd_session_state(l->e[1].s), BFD_UP);
	line_free(l);
}

static void
loss_is_borne(void **state)
{
	struct line *l = line_new();

	(void)state;
	l->loss[0] = l->loss[1] = 10;
	line_start(l);
	run(l, SECONDS(60));
	assert_true(l->e[0].ups > 0);
	assert_true(l->e[0].ups + l->e[1].ups <= 4);
	assert_true(both(l, BFD_UP));
	line_free(l);
}

static void
operator_takes_it_down(void **state)
{
	struct line *l = line_new();

	(void)state;
	line_start(l);
	run(l, SECONDS(5));
	bfd_session_stop(l->e[0].s, l->now);
	run(l, MILLISECONDS(50));
	assert_int_equal(bfd_session_state(l->e[0].s), BFD_ADMIN_DOWN);
	assert_int_equal(bfd_session_state(l->e[1].s), BFD_DOWN);
	assert_int_equal(bfd_session_diag(l->e[1].s), BFD_DIAG_NEIGHBOUR);
	assert_int_equal(l->e[1].downs, 1);
	/* RFC 5882 3.2: no news of the path. */
	assert_false(bfd_session_failed(l->e[1].s));
	assert_int_equal(bfd_session_remote_state(l->e[1].s),
	    BFD_ADMIN_DOWN);
	bfd_session_start(l->e[0].s, l->now);
	run(l, SECONDS(5));
	assert_true(both(l, BFD_UP));
	line_free(l);
}

static void
passive_waits(void **state)
{
	struct line *l = line_new();

	(void)state;
	l->e[0].c.passive = l->e[1].c.passive = true;
	line_start(l);
	run(l, SECONDS(20));
	assert_int_equal(l->e[0].sent + l->e[1].sent, 0);
	l->e[1].c.passive = false;
	bfd_session_configure(l->e[1].s, l->now, &l->e[1].c);
	run(l, SECONDS(5));
	assert_true(both(l, BFD_UP));
	line_free(l);
}

/* Slower while up: by poll, and nobody takes it for a failure. */
static void
timers_change_by_poll(void **state)
{
	struct line *l = line_new();

	(void)state;
	line_start(l);
	run(l, SECONDS(5));
	l->e[0].polls = 0;
	l->e[0].c.min_tx = l->e[0].c.min_rx = MILLISECONDS(700);
	bfd_session_configure(l->e[0].s, l->now, &l->e[0].c);
	/* Not before the peer has said F. */
	assert_int_equal(bfd_session_tx_interval(l->e[0].s),
	    MILLISECONDS(100));
	run(l, SECONDS(10));
	assert_true(l->e[0].polls > 0);
	assert_int_equal(bfd_session_tx_interval(l->e[0].s),
	    MILLISECONDS(700));
	assert_int_equal(bfd_session_tx_interval(l->e[1].s),
	    MILLISECONDS(700));
	assert_int_equal(bfd_session_detect_time(l->e[1].s),
	    MILLISECONDS(3500));
	l->e[0].c.min_tx = l->e[0].c.min_rx = MILLISECONDS(50);
	bfd_session_configure(l->e[0].s, l->now, &l->e[0].c);
	run(l, SECONDS(10));
	assert_int_equal(bfd_session_tx_interval(l->e[0].s),
	    MILLISECONDS(50));
	assert_int_equal(l->e[0].downs + l->e[1].downs, 0);
	line_free(l);
}

static void
each_kind_of_authentication(void **state)
{
	(void)state;
	for (uint8_t auth = 0; auth < BFD_NAUTHS; auth++) {
		struct line *l = line_new();

		l->e[0].c.auth = l->e[1].c.auth = auth;
		l->loss[0] = 5;
		line_start(l);
		run(l, SECONDS(30));
		assert_true(both(l, BFD_UP));
		assert_int_equal(l->e[0].refused + l->e[1].refused, 0);
		line_free(l);
	}
}

static void
wrong_key_never_comes_up(void **state)
{
	static const uint8_t other[] = "weasel";
	static const struct bfd_key wrong[] = {
		{ .id = 3, .n = 5, .secret = other },
		{ .id = 4, .n = 5, .secret = secret },
	};

	(void)state;
	for (unsigned i = 0; i < 2; i++)
		for (uint8_t auth = 1; auth < BFD_NAUTHS; auth++) {
			struct line *l = line_new();

			l->e[0].c.auth = l->e[1].c.auth = auth;
			l->e[1].c.keys = &wrong[i];
			line_start(l);
			run(l, SECONDS(10));
			assert_true(both(l, BFD_DOWN));
			assert_true(l->e[0].refused > 0);
			line_free(l);
		}
}

static void
kinds_must_agree(void **state)
{
	(void)state;
	for (uint8_t a = 0; a < BFD_NAUTHS; a++)
		for (uint8_t b = 0; b < BFD_NAUTHS; b++) {
			struct line *l = line_new();

			l->e[0].c.auth = a;
			l->e[1].c.auth = b;
			line_start(l);
			run(l, SECONDS(5));
			assert_int_equal(both(l, BFD_UP), a == b);
			line_free(l);
		}
}

/* A packet that was heard before is refused by the meticulous. */
static void
replay_is_refused(void **state)
{
	struct line *l = line_new();
	struct bfd_packet p;
	struct datagram d;

	(void)state;
	l->e[0].c.auth = l->e[1].c.auth = BFD_AUTH_SHA1_METICULOUS;
	line_start(l);
	run(l, SECONDS(5));
	while (l->e[0].n == 0)
		run(l, MILLISECONDS(1));
	d = l->e[0].q[l->e[0].head];
	run(l, MILLISECONDS(10));
	assert_null(bfd_decode(bytes_of(d.b, d.n), &p));
	assert_string_equal(bfd_session_rx(l->e[0].s, l->now,
	    bytes_of(d.b, d.n), &p), "sequence number out of the window");
	line_free(l);
}

/* One says that its session ends, and has another one a moment later. */
static void
new_session_has_its_own_numbers(void **state)
{
	struct line *l = line_new();
	struct end *e = &l->e[1];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		l->e[i].c.auth = BFD_AUTH_SHA1;
		l->e[i].c.mult = 20;
	}
	line_start(l);
	run(l, SECONDS(5));
	assert_int_equal(bfd_session_state(l->e[0].s), BFD_UP);
	bfd_session_stop(e->s, l->now);
	run(l, SECONDS(1));
	assert_int_equal(bfd_session_state(l->e[0].s), BFD_DOWN);
	for (unsigned i = 1; i <= 2; i++) {
		bfd_session_free(e->s);
		e->c.discr = 200 + i;
		e->c.seed = 424242 * i;
		e->s = bfd_session_new(&e->c);
		bfd_session_start(e->s, l->now);
		/* The first of them is heard, and goes at once. */
		while (i == 1 && bfd_session_remote_discr(l->e[0].s) != 201)
			run(l, MILLISECONDS(1));
	}
	run(l, SECONDS(10));
	assert_int_equal(bfd_session_state(l->e[0].s), BFD_UP);
	assert_int_equal(bfd_session_state(e->s), BFD_UP);
	line_free(l);
}

static void
every_bit_is_under_the_digest(void **state)
{
	struct line *l = line_new();
	struct datagram d;

	(void)state;
	l->e[0].c.auth = l->e[1].c.auth = BFD_AUTH_MD5;
	line_start(l);
	while (l->e[0].n == 0)
		run(l, MILLISECONDS(1));
	d = l->e[0].q[l->e[0].head];
	for (unsigned bit = 0; bit < d.n * 8; bit++) {
		struct bfd_packet p;

		d.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (bfd_decode(bytes_of(d.b, d.n), &p) == NULL)
			assert_non_null(bfd_session_rx(l->e[0].s, l->now,
			    bytes_of(d.b, d.n), &p));
		d.b[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	line_free(l);
}

static void
path_down_is_at_once(void **state)
{
	struct line *l = line_new();

	(void)state;
	line_start(l);
	run(l, SECONDS(5));
	bfd_session_path_down(l->e[0].s, l->now);
	assert_int_equal(bfd_session_poll(l->e[0].s), BFD_NEWS_DOWN);
	assert_int_equal(bfd_session_diag(l->e[0].s), BFD_DIAG_PATH);
	assert_true(bfd_session_failed(l->e[0].s));
	line_free(l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(comes_up_and_speeds_up),
		cmocka_unit_test(is_slow_while_down),
		cmocka_unit_test(cut_is_detected_in_time),
		cmocka_unit_test(half_a_cut),
		cmocka_unit_test(loss_is_borne),
		cmocka_unit_test(operator_takes_it_down),
		cmocka_unit_test(passive_waits),
		cmocka_unit_test(timers_change_by_poll),
		cmocka_unit_test(each_kind_of_authentication),
		cmocka_unit_test(wrong_key_never_comes_up),
		cmocka_unit_test(kinds_must_agree),
		cmocka_unit_test(replay_is_refused),
		cmocka_unit_test(new_session_has_its_own_numbers),
		cmocka_unit_test(every_bit_is_under_the_digest),
		cmocka_unit_test(path_down_is_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

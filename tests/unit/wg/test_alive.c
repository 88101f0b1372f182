/* SPDX-License-Identifier: ISC */
/* A peer behind a line that loses, delays, ends and sleeps: virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "wg/alive.h"

#define QUEUE	128

struct line {
	struct alive a;
	struct instant now;
	struct {
		struct instant at;
		uint16_t seq;
	} q[QUEUE];			/* answers on their way */
	unsigned head, n;
	int64_t rtt, jitter;
	unsigned loss;			/* of 1000, there and back */
	bool cut, stock;
	uint32_t random;
	unsigned sent, lives, deaths, damped, backs, mutes;
	struct instant changed;
};

static struct line l;

static int
setup(void **state)
{
	(void)state;
	l = (struct line){ .now = { SECONDS(1000) }, .random = 4711,
	    .rtt = MILLISECONDS(20), .jitter = MILLISECONDS(10) };
	alive_init(&l.a, 12345);
	return 0;
}

static uint32_t
dice(uint32_t n)
{
	l.random = l.random * 1103515245 + 12345;
	return (l.random >> 8) % n;
}

static void
news(void)
{
	switch (alive_poll(&l.a)) {
	case ALIVE_NEWS_NONE:	return;
	case ALIVE_NEWS_LIVE:	l.lives++;	break;
	case ALIVE_NEWS_DEAD:	l.deaths++;	break;
	case ALIVE_NEWS_DAMPED:	l.damped++;	break;
	case ALIVE_NEWS_BACK:	l.backs++;	break;
	case ALIVE_NEWS_MUTE:	l.mutes++;	break;
	}
	l.changed = l.now;
}

static void
carry(uint16_t seq)
{
	const unsigned i = (l.head + l.n) % QUEUE;

	l.sent++;
	if (l.cut || l.stock || dice(1000) < l.loss)
		return;
	assert_true(l.n < QUEUE);
	l.q[i].seq = seq;
	l.q[i].at = instant_add(l.now, l.rtt + (l.jitter ?
	    dice((uint32_t)l.jitter) : 0));
	l.n++;
}

static void
run(int64_t span)
{
	const struct instant end = instant_add(l.now, span);
	uint16_t seq;

	for (;;) {
		struct instant at = alive_deadline(&l.a);

		if (l.n > 0)
			at = instant_min(at, l.q[l.head].at);
		if (at.ns > end.ns)
			break;
		if (at.ns > l.now.ns)
			l.now = at;
		if (l.n > 0 && instant_due(l.q[l.head].at, l.now)) {
			seq = l.q[l.head].seq;
			l.head = (l.head + 1) % QUEUE;
			l.n--;
			if (!l.cut)
				alive_answer(&l.a, l.now, seq);
		} else if (alive_tick(&l.a, l.now, &seq)) {
			carry(seq);
		}
		news();
	}
	l.now = end;
}

static void
begin(void)
{
	alive_handshake(&l.a, l.now);
	run(SECONDS(3));
	assert_int_equal(l.lives, 1);
	assert_int_equal(l.a.state, ALIVE_LIVE);
}

static void
dies_within(int64_t span)
{
	const struct instant was = l.now;
	const unsigned deaths = l.deaths;

	l.cut = true;
	run(span);
	assert_int_equal(l.deaths, deaths + 1);
	assert_true(alive_is_gone(&l.a));
	assert_true(instant_sub(l.changed, was) <= span);
}

static void
silent_without_handshake(void **state)
{
	(void)state;
	run(SECONDS(1000));
	assert_int_equal(l.sent, 0);
}

/* Some probes at first, then at most one after a handshake, then none. */
static void
stock_peer(void **state)
{
	unsigned first;

	(void)state;
	l.stock = true;
	alive_handshake(&l.a, l.now);
	run(SECONDS(100));
	first = l.sent;
	assert_in_range(first, 1, 4);
	run(SECONDS(3600));
	assert_int_equal(l.sent, first);
	for (unsigned i = 0; i < 30 * 24; i++) {
		alive_handshake(&l.a, l.now);
		run(SECONDS(120));
	}
	assert_in_range(l.sent, first + 5, first + 35);
	assert_int_equal(l.lives + l.deaths + l.mutes, 0);
	/* It turns into a Warren. */
	l.stock = false;
	alive_heard(&l.a, l.now, MILLISECONDS(300));
	run(SECONDS(1));
	assert_int_equal(l.lives, 1);
}

/* It asks, and does not answer: not more than a probe in minutes. */
static void
asks_and_is_mute(void **state)
{
	(void)state;
	l.stock = true;
	for (unsigned i = 0; i < 3600; i++) {
		alive_heard(&l.a, l.now, MILLISECONDS(300));
		run(SECONDS(1));
	}
	assert_in_range(l.sent, 2, 40);
}

static void
dead_within_a_second(void **state)
{
	(void)state;
	begin();
	for (unsigned i = 0; i < 500; i++) {
		run(SECONDS(700) + dice(1000000000));
		assert_int_equal(l.deaths, i);
		dies_within(MILLISECONDS(950));
		run(SECONDS(3));
		l.cut = false;
		run(MILLISECONDS(1500));
		assert_int_equal(l.backs, i + 1);
		assert_int_equal(l.damped, 0);
	}
	assert_int_equal(alive_loss_percent(&l.a, l.now), 0);
}

static void
measures(void **state)
{
	(void)state;
	l.jitter = 0;
	begin();
	run(SECONDS(60));
	assert_in_range(l.a.rtt, MILLISECONDS(19), MILLISECONDS(21));
	assert_int_equal(alive_loss_percent(&l.a, l.now), 0);
	l.loss = 250;
	run(SECONDS(60));
	assert_in_range(alive_loss_percent(&l.a, l.now), 10, 45);
}

/* One in ten is lost, at random, for ten hours. */
static void
lossy_is_not_dead(void **state)
{
	(void)state;
	begin();
	l.loss = 100;
	run(SECONDS(36000));
	assert_int_equal(l.deaths, 0);
	for (unsigned i = 0; i < 200; i++) {
		run(SECONDS(700) + dice(1000000000));
		dies_within(MILLISECONDS(1000));
		l.cut = false;
		run(SECONDS(10));
		assert_int_equal(l.backs, i + 1);
	}
}

/* A long way: it takes longer, and is as sure. */
static void
far_away(void **state)
{
	(void)state;
	l.rtt = MILLISECONDS(600);
	l.jitter = MILLISECONDS(100);
	begin();
	run(SECONDS(3600));
	assert_int_equal(l.deaths, 0);
	dies_within(MILLISECONDS(2600));
}

/* The way gets longer, by and by: no death. */
static void
buffers_fill(void **state)
{
	(void)state;
	begin();
	for (unsigned i = 0; i < 20; i++) {
		l.rtt += MILLISECONDS(40);
		run(MILLISECONDS(300));
	}
	run(SECONDS(10));
	assert_int_equal(l.deaths, 0);
}

static void
sleeps(int64_t span)
{
	l.now = instant_add(l.now, span);
	l.n = 0;		/* what came meanwhile is lost */
}

static void
own_sleep(void **state)
{
	(void)state;
	begin();
	for (unsigned i = 0; i < 100; i++) {
		run(SECONDS(5) + dice(1000000000));
		sleeps(MILLISECONDS(300) + dice(1000000000));
		run(SECONDS(1));
	}
	assert_int_equal(l.deaths, 0);
	/* The machine slept, and its network wakes up later. */
	sleeps(SECONDS(3600));
	l.cut = true;
	run(SECONDS(4));
	assert_int_equal(l.deaths, 0);
	l.cut = false;
	run(SECONDS(4));
	assert_int_equal(l.deaths, 0);
	/* It is no excuse for long. */
	sleeps(SECONDS(3600));
	dies_within(SECONDS(7));
}

static void
flaps_are_damped(void **state)
{
	static const unsigned want[] = { 0, 2, 4, 8, 16, 32, 60, 60 };

	(void)state;
	begin();
	for (unsigned i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		const struct instant was = l.now;
		int64_t took;

		dies_within(MILLISECONDS(950));
		l.cut = false;
		while (l.backs < i + 1)
			run(MILLISECONDS(100));
		took = instant_sub(l.now, was);
		assert_in_range(took, SECONDS(want[i]),
		    SECONDS(want[i] + 3));
		run(SECONDS(1));
	}
	assert_int_equal(l.damped, 7);
	/* Forgotten after ten quiet minutes. */
	run(SECONDS(601));
	dies_within(MILLISECONDS(950));
	l.cut = false;
	run(SECONDS(3));
	assert_int_equal(l.a.state, ALIVE_LIVE);
}

/* In the hold-down it goes again: not back before it held for all of it. */
static void
hold_down_begins_anew(void **state)
{
	(void)state;
	begin();
	for (unsigned i = 0; i < 4; i++) {
		dies_within(MILLISECONDS(950));
		l.cut = false;
		while (!(l.backs == i + 1 || (i == 3 && l.damped == 3)))
			run(MILLISECONDS(10));
	}
	assert_int_equal(l.a.state, ALIVE_DAMPED);	/* for 8 s */
	run(SECONDS(5));
	l.cut = true;
	run(SECONDS(2));
	assert_int_equal(l.a.state, ALIVE_DEAD);
	assert_int_equal(l.deaths, 4);
	l.cut = false;
	run(SECONDS(8));
	assert_int_equal(l.backs, 3);
	run(SECONDS(3));
	assert_int_equal(l.backs, 4);
}

/* Dead for a day: hardly asked, and noticed at once by its own doing. */
static void
long_dead(void **state)
{
	unsigned was;

	(void)state;
	begin();
	dies_within(SECONDS(1));
	run(SECONDS(86400));
	was = l.sent;
	run(SECONDS(3600));
	assert_in_range(l.sent - was, 100, 300);
	l.cut = false;
	alive_heard(&l.a, l.now, 0);
	run(MILLISECONDS(300));
	assert_int_equal(l.backs, 1);
}

/* A firewall begins to drop echo requests: handshakes go on. */
static void
gone_mute(void **state)
{
	(void)state;
	begin();
	dies_within(SECONDS(1));
	run(SECONDS(10));
	alive_handshake(&l.a, l.now);
	run(SECONDS(20));
	assert_int_equal(l.mutes, 1);
	assert_false(alive_is_gone(&l.a));
	/* And a handshake with one that comes back is one. */
	l.cut = false;
	alive_heard(&l.a, l.now, 0);
	run(SECONDS(5));
	assert_int_equal(l.a.state, ALIVE_LIVE);
}

/* With many peers: each is asked less often, and by both ends. */
static void
paced(void **state)
{
	unsigned was;

	(void)state;
	begin();
	alive_heard(&l.a, l.now, SECONDS(10));
	run(SECONDS(20));
	was = l.sent;
	run(SECONDS(1000));
	assert_in_range(l.sent - was, 90, 120);
	assert_int_equal(alive_every(&l.a), ALIVE_PACE);
	dies_within(MILLISECONDS(10700));
	alive_set_pace(&l.a, SECONDS(100));
	assert_int_equal(alive_every(&l.a), ALIVE_PACE_MOST);
}

static void
new_device(void **state)
{
	(void)state;
	begin();
	dies_within(SECONDS(1));
	alive_reset(&l.a, l.now);
	assert_false(alive_is_gone(&l.a));
	l.cut = false;
	alive_handshake(&l.a, l.now);
	run(SECONDS(1));
	assert_int_equal(l.lives, 2);
}

/* Answers to what was never asked, twice, or in another order. */
static void
forged(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 65536; i++)
		alive_answer(&l.a, l.now, (uint16_t)i);
	assert_int_equal(l.a.state, ALIVE_QUIET);
	begin();
	l.cut = true;
	for (unsigned i = 0; i < 200; i++) {
		alive_answer(&l.a, l.now, (uint16_t)(l.a.total + 1));
		alive_answer(&l.a, l.now, (uint16_t)(l.a.floor - 1));
		run(MILLISECONDS(5));
	}
	assert_int_equal(l.deaths, 1);
}

#define TEST(name)	cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(silent_without_handshake), TEST(stock_peer),
		TEST(asks_and_is_mute), TEST(dead_within_a_second),
		TEST(measures), TEST(lossy_is_not_dead), TEST(far_away),
		TEST(buffers_fill), TEST(own_sleep), TEST(flaps_are_damped),
		TEST(hold_down_begins_anew), TEST(long_dead),
		TEST(gone_mute), TEST(paced), TEST(new_device), TEST(forged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

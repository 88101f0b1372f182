/* SPDX-License-Identifier: ISC */
/* Section 6 of the paper, rule by rule, in virtual time. */
#include "rig.h"

#include "wg/device_impl.h"

static struct rig r;
static struct node *const a = &r.node[0], *const b = &r.node[1];

static int
setup(void **state)
{
	(void)state;
	rig_init(&r, 2, 1);
	rig_pair(&r, 0, 1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	rig_done(&r);
	return 0;
}

static void
establish(void)
{
	rig_ping(&r, 0, 1, 60);
	rig_run(&r, SECONDS(1));
	assert_int_equal(b->delivered, 1);
	assert_int_equal(a->sent[WG_MSG_INITIATION], 1);
	assert_int_equal(b->sent[WG_MSG_RESPONSE], 1);
}

/* Traffic both ways each second, so that only the clock makes handshakes. */
static void
chat(unsigned seconds)
{
	for (unsigned i = 0; i < seconds; i++) {
		rig_ping(&r, 0, 1, 60);
		rig_run(&r, MILLISECONDS(500));
		rig_ping(&r, 1, 0, 60);
		rig_run(&r, MILLISECONDS(500));
	}
}

/* 6.2: the initiator rekeys when it sends and 120 s have passed. */
static void
test_rekey_after_time(void **state)
{
	(void)state;
	establish();
	chat(118);
	assert_int_equal(a->sent[WG_MSG_INITIATION], 1);
	chat(3);
	assert_int_equal(a->sent[WG_MSG_INITIATION], 2);
	assert_int_equal(b->sent[WG_MSG_INITIATION], 0);
	assert_int_equal(b->delivered, 1 + 121);
	assert_int_equal(a->delivered, 121);
	chat(600);
	assert_int_equal(b->delivered, 1 + 721);
	assert_int_equal(a->delivered, 721);
	assert_int_equal(b->sent[WG_MSG_INITIATION], 0);
	assert_in_range(a->sent[WG_MSG_INITIATION], 6, 7);
}

/* 6.2: who only receives rekeys at 165 s, once, to be able to answer. */
static void
test_rekey_on_receive(void **state)
{
	(void)state;
	establish();
	/* Keepalives of a's own would rekey: they count as sending. */
	rig_run(&r, SECONDS(118));
	assert_int_equal(a->sent[WG_MSG_INITIATION], 1);
	rig_run(&r, SECONDS(44));	/* 163 s after the handshake */
	rig_ping(&r, 1, 0, 60);
	rig_run(&r, MILLISECONDS(100));
	assert_int_equal(a->sent[WG_MSG_INITIATION], 1);
	rig_run(&r, SECONDS(3));
	rig_ping(&r, 1, 0, 60);
	rig_run(&r, MILLISECONDS(100));
	assert_int_equal(a->sent[WG_MSG_INITIATION], 2);
	assert_int_equal(a->events[WG_EVENT_HANDSHAKE], 2);
	rig_run(&r, MILLISECONDS(100));
	assert_int_equal(b->events[WG_EVENT_HANDSHAKE], 2);
	/* And once again in the next session. */
	rig_run(&r, SECONDS(163));
	rig_ping(&r, 1, 0, 60);
	rig_run(&r, MILLISECONDS(100));
	assert_int_equal(a->sent[WG_MSG_INITIATION], 2);
	rig_run(&r, SECONDS(3));
	rig_ping(&r, 1, 0, 60);
	rig_run(&r, MILLISECONDS(100));
	assert_int_equal(a->sent[WG_MSG_INITIATION], 3);
}

/* 6.1: an old session neither sends nor receives after 180 s. */
static void
test_reject_after_time(void **state)
{
	struct wg_peer_info info;
	uint8_t old[256];
	size_t n;

	(void)state;
	establish();
	rig_ping(&r, 1, 0, 60);
	n = b->sent_n;
	memcpy(old, b->sent_data, n);
	rig_run(&r, SECONDS(180));
	assert_int_equal(rig_receive(&r, a, old, n, &b->self, 0),
	    WG_WHY_EXPIRED);
	assert_int_equal(rig_ping(&r, 0, 1, 60), WG_DONE);
	assert_int_equal(a->whys[WG_WHY_STAGED], 2);
	assert_int_equal(a->sent[WG_MSG_INITIATION], 2);
	rig_run(&r, SECONDS(1));
	assert_int_equal(b->delivered, 2);
	rig_info(&r, 0, 1, &info);
	assert_int_equal(info.last_handshake.s, r.now.date.s - 1);
}

/* 6.4: again after 5 s and up to 333 ms, given up after 90 s. */
static void
test_retry(void **state)
{
	struct instant last = r.now.at;
	unsigned n = 1, jittered = 0;

	(void)state;
	b->deaf = true;
	rig_ping(&r, 0, 1, 60);
	assert_int_equal(a->sent[WG_MSG_INITIATION], 1);
	while (a->events[WG_EVENT_GAVE_UP] == 0) {
		int64_t gap;

		rig_run(&r, MILLISECONDS(1));
		if (a->sent[WG_MSG_INITIATION] == n)
			continue;
		n = a->sent[WG_MSG_INITIATION];
		gap = instant_sub(r.now.at, last);
		assert_in_range(gap, SECONDS(5), MILLISECONDS(5335));
		jittered += gap > MILLISECONDS(5050);
		last = r.now.at;
	}
	assert_in_range(instant_sub(r.now.at, (struct instant){
	    .ns = SECONDS(1000) }), SECONDS(90), SECONDS(96));
	assert_in_range(n, 17, 18);
	assert_true(jittered > 8);
	/* Then silence, and what waited is gone. */
	b->deaf = false;
	rig_run(&r, SECONDS(600));
	assert_int_equal(a->sent[WG_MSG_INITIATION], n);
	assert_int_equal(b->delivered, 0);
	/* Nor is anything left of the handshake, 540 s later. */
	assert_true(crypto_is_zero(wg_peer_find(a->dev,
	    b->public_key)->noise.ephemeral, WG_KEY));
	/* A new packet starts a new row of tries. */
	rig_ping(&r, 0, 1, 60);
	rig_run(&r, SECONDS(1));
	assert_int_equal(b->delivered, 1);
}

/* A new packet within the row restarts the 90 s. */
static void
test_retry_goes_on(void **state)
{
	(void)state;
	b->deaf = true;
	rig_ping(&r, 0, 1, 60);
	for (int i = 0; i < 4; i++) {
		rig_run(&r, SECONDS(60));
		rig_ping(&r, 0, 1, 60);
	}
	assert_int_equal(a->events[WG_EVENT_GAVE_UP], 0);
	rig_run(&r, SECONDS(100));
	assert_int_equal(a->events[WG_EVENT_GAVE_UP], 1);
}

/* 6.5: data received and nothing sent for 10 s: one empty packet. */
static void
test_passive_keepalive(void **state)
{
	(void)state;
	establish();
	assert_int_equal(b->keepalives, 0);
	rig_run(&r, SECONDS(8));
	assert_int_equal(b->keepalives, 0);
	rig_run(&r, SECONDS(2));
	assert_int_equal(b->keepalives, 1);
	rig_run(&r, SECONDS(60));
	assert_int_equal(b->keepalives, 1);
	assert_int_equal(a->whys[WG_WHY_KEEPALIVE], 1);
	/* A keepalive is not answered by one. */
	assert_int_equal(a->keepalives, 0);
}

/* Of two that arrive within the 10 s, the second gets its own. */
static void
test_another_keepalive(void **state)
{
	(void)state;
	establish();
	rig_run(&r, SECONDS(5));
	rig_ping(&r, 0, 1, 60);
	rig_run(&r, SECONDS(5));
	assert_int_equal(b->keepalives, 1);
	rig_run(&r, SECONDS(10));
	assert_int_equal(b->keepalives, 2);
	rig_run(&r, SECONDS(60));
	assert_int_equal(b->keepalives, 2);
}

/* An answer within the 10 s is keepalive enough. */
static void
test_no_passive_keepalive(void **state)
{
	(void)state;
	establish();
	rig_run(&r, SECONDS(5));
	rig_ping(&r, 1, 0, 60);
	rig_run(&r, SECONDS(9));
	assert_int_equal(b->keepalives, 0);
	rig_run(&r, SECONDS(2));
	assert_int_equal(a->keepalives, 1);
}

/* 6.5: sent data, heard nothing for 15 s: a new handshake. */
static void
test_new_handshake(void **state)
{
	(void)state;
	establish();
	rig_run(&r, SECONDS(30));
	b->deaf = true;
	for (int i = 0; i < 149; i++) {
		rig_ping(&r, 0, 1, 60);	/* more of it postpones nothing */
		rig_run(&r, MILLISECONDS(100));
	}
	assert_int_equal(a->sent[WG_MSG_INITIATION], 1);
	rig_run(&r, MILLISECONDS(500));
	assert_int_equal(a->sent[WG_MSG_INITIATION], 2);
	b->deaf = false;
	rig_run(&r, SECONDS(6));
	assert_int_equal(a->sent[WG_MSG_INITIATION], 3);
	assert_int_equal(a->events[WG_EVENT_HANDSHAKE], 2);
}

/* It too is jittered, so that two ends do not do it together. */
static void
test_new_handshake_jitter(void **state)
{
	int64_t least = INT64_MAX, most = 0;

	for (uint64_t seed = 1; seed < 20; seed++) {
		struct instant start;
		int64_t gap;

		teardown(state);
		rig_init(&r, 2, seed);
		rig_pair(&r, 0, 1);
		establish();
		rig_run(&r, SECONDS(30));
		b->deaf = true;
		start = r.now.at;
		rig_ping(&r, 0, 1, 60);
		while (a->sent[WG_MSG_INITIATION] == 1)
			rig_run(&r, MILLISECONDS(1));
		gap = instant_sub(r.now.at, start);
		least = gap < least ? gap : least;
		most = gap > most ? gap : most;
	}
	assert_in_range(least, SECONDS(15), MILLISECONDS(15100));
	assert_in_range(most, MILLISECONDS(15200), MILLISECONDS(15334));
}

/* Any authentic packet is sign of life, a keepalive also. */
static void
test_no_new_handshake(void **state)
{
	(void)state;
	establish();
	rig_run(&r, SECONDS(30));
	rig_ping(&r, 0, 1, 60);
	rig_run(&r, SECONDS(60));
	assert_int_equal(a->sent[WG_MSG_INITIATION], 1);
}

/* Persistent keepalive: a handshake at once, then every 25 s. */
static void
test_persistent(void **state)
{
	unsigned before;

	(void)state;
	rig_peer(&r, 0, 1, true, 25);
	rig_run(&r, SECONDS(1));
	assert_int_equal(a->sent[WG_MSG_INITIATION], 1);
	assert_int_equal(a->events[WG_EVENT_HANDSHAKE], 1);
	before = a->keepalives;
	rig_run(&r, SECONDS(75));
	assert_int_equal(a->keepalives - before, 3);
	/* Each packet either way postpones it. */
	before = a->keepalives;
	for (int i = 0; i < 4; i++) {
		rig_ping(&r, 1, 0, 60);
		rig_run(&r, SECONDS(5));
		rig_ping(&r, 0, 1, 60);
		rig_run(&r, SECONDS(5));
	}
	assert_int_equal(a->keepalives, before);
	/* It goes on for ever, even while nobody answers. */
	b->deaf = true;
	rig_run(&r, SECONDS(1000));
	b->deaf = false;
	before = a->events[WG_EVENT_HANDSHAKE];
	rig_run(&r, SECONDS(31));
	assert_int_equal(a->events[WG_EVENT_HANDSHAKE], before + 1);
	rig_peer(&r, 0, 1, true, 0);
	rig_run(&r, SECONDS(30));
	before = a->keepalives;
	rig_run(&r, SECONDS(100));
	assert_int_equal(a->keepalives, before);
}

/* 6.3: after 540 s without a new session no key is left. */
static void
test_zero(void **state)
{
	uint8_t old[256];
	size_t n;

	(void)state;
	establish();
	n = a->sent_n;
	memcpy(old, a->sent_data, n);
	rig_run(&r, SECONDS(538));
	assert_int_equal(rig_receive(&r, b, old, n, &a->self, 0),
	    WG_WHY_EXPIRED);
	rig_run(&r, SECONDS(2));
	assert_int_equal(rig_receive(&r, b, old, n, &a->self, 0),
	    WG_WHY_UNKNOWN_INDEX);
	assert_true(instant_is_never(wg_device_deadline(a->dev)));
	assert_true(instant_is_never(wg_device_deadline(b->dev)));
}

/* Trying in vain does not keep old keys any longer. */
static void
test_zero_after_giving_up(void **state)
{
	(void)state;
	establish();
	rig_run(&r, SECONDS(200));
	b->deaf = true;
	rig_ping(&r, 0, 1, 60);
	rig_run(&r, SECONDS(100));
	assert_int_equal(a->events[WG_EVENT_GAVE_UP], 1);
	rig_run(&r, SECONDS(240));	/* 540 s and the handshake */
	assert_true(instant_is_never(wg_device_deadline(a->dev)));
}

/* Both begin at the same moment: nobody waits for a timer. */
static void
test_both_begin(void **state)
{
	(void)state;
	rig_peer(&r, 1, 0, true, 0);
	rig_ping(&r, 0, 1, 60);
	rig_ping(&r, 1, 0, 60);
	rig_run(&r, MILLISECONDS(100));
	assert_int_equal(a->delivered, 1);
	assert_int_equal(b->delivered, 1);
	rig_run(&r, SECONDS(20));
	assert_int_equal(a->sent[WG_MSG_INITIATION], 1);
	assert_int_equal(b->sent[WG_MSG_INITIATION], 1);
}

/* A responder whose answer is used by nobody tries by itself after 5 s. */
static void
test_held(void **state)
{
	(void)state;
	rig_ping(&r, 0, 1, 60);
	rig_run(&r, MILLISECONDS(21));
	assert_int_equal(b->sent[WG_MSG_RESPONSE], 1);
	rig_done(&r);		/* the initiator forgets all */
	rig_init(&r, 2, 1);
	rig_pair(&r, 0, 1);
	rig_ping(&r, 0, 1, 60);
	rig_run(&r, MILLISECONDS(30));
	a->deaf = true;
	rig_ping(&r, 1, 0, 60);
	assert_int_equal(b->sent[WG_MSG_INITIATION], 0);
	rig_run(&r, MILLISECONDS(100));
	a->deaf = false;
	rig_run(&r, SECONDS(6));
	assert_int_equal(a->delivered, 1);
	assert_int_equal(b->delivered, 1);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_rekey_after_time), T(test_rekey_on_receive),
		T(test_reject_after_time), T(test_retry),
		T(test_retry_goes_on), T(test_passive_keepalive),
		T(test_another_keepalive), T(test_no_passive_keepalive),
		T(test_new_handshake), T(test_no_new_handshake),
		T(test_persistent), T(test_zero), T(test_both_begin),
		T(test_held), T(test_new_handshake_jitter),
		T(test_zero_after_giving_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include "wg/alive.h"

#include <string.h>

/* From the first probe that is lost; so many in a row are a death. */
#define FAST		MILLISECONDS(40)
#define LOST_MOST	10
#define ANSWERS_BACK	3
/* How long an answer is waited for. */
#define PATIENCE_FIRST	MILLISECONDS(250)
#define PATIENCE_LEAST	MILLISECONDS(100)
#define PATIENCE_MOST	SECONDS(2)
#define PATIENCE_MORE	MILLISECONDS(20)
/* A tick so late says that we, or the machine, did nothing meanwhile. */
#define LATE		MILLISECONDS(200)
#define ASLEEP		SECONDS(2)
#define WAKING		SECONDS(5)
/* Of a peer that does not answer; see alive_handshake(). */
#define TRIES		4
#define AGAIN_FIRST	SECONDS(60)
#define AGAIN_MOST	SECONDS(3600)
#define HEARD_FIRST	SECONDS(5)
#define HEARD_MOST	SECONDS(600)
#define DEAD_EVERY	SECONDS(1)
#define DEAD_EVERY_MOST	SECONDS(15)
#define DEAD_PATIENCE	60	/* then it is asked ever less often */
#define MUTE_AFTER	SECONDS(2)
#define MUTE_WAIT	SECONDS(5)
#define HOLD_MOST	60	/* seconds */
#define FORGET		SECONDS(600)

void
alive_init(struct alive *a, uint32_t seed)
{
	memset(a, 0, sizeof(*a));
	a->deadline = a->send_at = a->mute_at = INSTANT_NEVER;
	a->until = a->died_at = INSTANT_NEVER;
	a->pace = ALIVE_PACE;
	a->random = seed;
	a->total = a->floor = seed & 0xffff;
}

static struct instant *
sent_at(struct alive *a, uint32_t n)
{
	return &a->sent[n % ALIVE_RING];
}

int64_t
alive_patience(const struct alive *a)
{
	const int64_t t = a->rtt + 4 * a->rtt_var + PATIENCE_MORE;

	if (a->rtt == 0)
		return PATIENCE_FIRST;
	return t < PATIENCE_LEAST ? PATIENCE_LEAST :
	    t > PATIENCE_MOST ? PATIENCE_MOST : t;
}

static int64_t
every(const struct alive *a)
{
	return a->wish > a->pace ? a->wish : a->pace;
}

/* Up to an eighth less, so that many peers do not ask in step. */
static int64_t
jittered(struct alive *a, int64_t span)
{
	a->random = a->random * 1664525 + 1013904223;
	return span - span / 8 * (a->random >> 16) / 65536;
}

/* Those since the last answer that have had their time. */
static unsigned
lost(struct alive *a, struct instant now)
{
	const int64_t t = alive_patience(a);
	unsigned n = 0;

	if (a->total - a->floor > ALIVE_RING)
		a->floor = a->total - ALIVE_RING;
	for (uint32_t i = a->floor; i != a->total; i++, n++)
		if (!instant_due(instant_add(*sent_at(a, i), t), now))
			break;
	return n;
}

static void
plan(struct alive *a, struct instant now)
{
	struct instant at = a->send_at;

	if (a->state != ALIVE_QUIET && a->floor != a->total &&
	    lost(a, now) == 0)
		at = instant_min(at, instant_add(*sent_at(a, a->floor),
		    alive_patience(a)));
	if (a->state == ALIVE_DAMPED)
		at = instant_min(at, a->until);
	if (a->state == ALIVE_DEAD)
		at = instant_min(at, a->mute_at);
	a->deadline = instant_due(at, now) ? now : at;
}

void
alive_reset(struct alive *a, struct instant now)
{
	a->state = ALIVE_QUIET;
	a->send_at = a->mute_at = INSTANT_NEVER;
	a->floor = a->total;
	a->tries = a->fruitless = 0;
	a->try_after = INSTANT_ZERO;
	a->wish = 0;
	plan(a, now);
}

void
alive_set_pace(struct alive *a, int64_t pace)
{
	a->pace = pace < ALIVE_PACE ? ALIVE_PACE :
	    pace > ALIVE_PACE_MOST ? ALIVE_PACE_MOST : pace;
}

int64_t
alive_every(const struct alive *a)
{
	return a->pace;
}

static void
try_some(struct alive *a, struct instant now, unsigned n)
{
	a->tries = n;
	a->tried = 0;
	a->send_at = now;
}

/*
 * A stock peer is asked four times when it first comes, and then once after
 * a handshake, after ever longer times: a phone has just been awake then.
 */
void
alive_handshake(struct alive *a, struct instant now)
{
	int64_t wait = AGAIN_FIRST;

	if (a->state == ALIVE_DEAD) {
		a->send_at = now;
		/* It took both directions, long after: why no answer? */
		if (instant_is_never(a->mute_at) &&
		    instant_sub(now, a->died_at) > MUTE_AFTER)
			a->mute_at = instant_add(now, MUTE_WAIT);
	} else if (a->state == ALIVE_QUIET && a->tries == 0 &&
	    instant_due(a->try_after, now)) {
		try_some(a, now, a->fruitless == 0 ? TRIES : 1);
		for (unsigned i = 0; i < a->fruitless && wait < AGAIN_MOST;
		    i++)
			wait *= 2;
		a->fruitless++;
		a->try_after = instant_add(now, wait);
	}
	plan(a, now);
}

/* Who asks has a kernel that answers, as a rule. */
void
alive_heard(struct alive *a, struct instant now, int64_t wish)
{
	a->wish = wish > ALIVE_PACE_MOST ? ALIVE_PACE_MOST : wish;
	if (a->state == ALIVE_DEAD &&
	    instant_sub(now, *sent_at(a, a->total - 1)) > FAST)
		a->send_at = now;
	if (a->state == ALIVE_QUIET && a->tries == 0 &&
	    instant_due(a->hear_after, now)) {
		a->hear_wait = a->hear_wait == 0 ? HEARD_FIRST :
		    2 * a->hear_wait;
		if (a->hear_wait > HEARD_MOST)
			a->hear_wait = HEARD_MOST;
		a->hear_after = instant_add(now, a->hear_wait);
		try_some(a, now, 2);
	}
	plan(a, now);
}

static void
measure(struct alive *a, int64_t rtt)
{
	const int64_t off = rtt > a->rtt ? rtt - a->rtt : a->rtt - rtt;

	if (a->rtt == 0) {
		a->rtt = rtt > 0 ? rtt : 1;
		a->rtt_var = rtt / 2;
		return;
	}
	/* RFC 6298, section 2 */
	a->rtt_var += (off - a->rtt_var) / 4;
	a->rtt += (rtt - a->rtt) / 8;
	if (a->rtt < 1)
		a->rtt = 1;
}

static void
go_live(struct alive *a, struct instant now, enum alive_news news)
{
	a->state = ALIVE_LIVE;
	a->news = news;
	a->floor = a->total;
	a->answered = 0;	/* what was lost before is another story */
	a->known = 0;
	a->fruitless = a->tries = 0;
	a->hear_wait = 0;
	a->hear_after = INSTANT_ZERO;
	a->send_at = instant_add(now, jittered(a, every(a)));
}

static int64_t
hold_down(const struct alive *a)
{
	int64_t s = 1;

	for (unsigned i = 1; i < a->deaths && s < HOLD_MOST; i++)
		s *= 2;
	return SECONDS(a->deaths <= 1 ? 0 : s > HOLD_MOST ? HOLD_MOST : s);
}

static void
come_back(struct alive *a, struct instant now)
{
	const int64_t hold = hold_down(a);

	if (hold == 0) {
		go_live(a, now, ALIVE_NEWS_BACK);
		return;
	}
	a->state = ALIVE_DAMPED;
	a->news = ALIVE_NEWS_DAMPED;
	a->until = instant_add(now, hold);
	a->floor = a->total;
	a->send_at = instant_add(now, jittered(a, every(a)));
}

void
alive_answer(struct alive *a, struct instant now, uint16_t seq)
{
	const uint16_t back = (uint16_t)(a->total - 1 - seq);
	const uint32_t n = a->total - 1 - back;

	if (back >= a->known || back >= ALIVE_RING ||
	    a->answered >> back & 1)
		return;
	a->answered |= UINT64_C(1) << back;
	measure(a, instant_sub(now, *sent_at(a, n)));
	if ((int32_t)(n + 1 - a->floor) > 0)
		a->floor = n + 1;
	switch (a->state) {
	case ALIVE_QUIET:
		go_live(a, now, ALIVE_NEWS_LIVE);
		break;
	case ALIVE_DEAD:
		a->send_at = instant_add(now, FAST);
		if (++a->streak >= ANSWERS_BACK)
			come_back(a, now);
		break;
	case ALIVE_LIVE: case ALIVE_DAMPED:
		/* No more hurry. */
		if (a->hurry)
			a->send_at = instant_add(now,
			    jittered(a, every(a)));
		a->hurry = false;
		break;
	}
	plan(a, now);
}

static void
die(struct alive *a, struct instant now)
{
	if (a->state == ALIVE_LIVE) {
		if (!instant_is_never(a->died_at) &&
		    instant_sub(now, a->died_at) > FORGET)
			a->deaths = 0;
		a->deaths++;
		a->news = ALIVE_NEWS_DEAD;
	}
	a->state = ALIVE_DEAD;
	a->died_at = now;
	a->mute_at = INSTANT_NEVER;
	a->streak = 0;
	a->hurry = false;
	a->floor = a->total;
	a->wish = 0;
	a->send_at = instant_add(now, DEAD_EVERY);
}

static void
go_mute(struct alive *a)
{
	a->state = ALIVE_QUIET;
	a->news = ALIVE_NEWS_MUTE;
	a->send_at = a->mute_at = INSTANT_NEVER;
	a->tries = 0;
	a->fruitless = 1;
	a->floor = a->total;
}

/* Nothing was sent or read for a while, and it was our own fault. */
static void
woke(struct alive *a, struct instant now)
{
	if (instant_sub(now, a->deadline) > ASLEEP)
		a->trust_at = instant_add(now, WAKING);
	if (a->state == ALIVE_QUIET)
		return;
	a->floor = a->total;
	a->hurry = false;
	a->send_at = now;
}

static int64_t
dead_pause(const struct alive *a, struct instant now)
{
	const int64_t pause = instant_sub(now, a->died_at) / DEAD_PATIENCE;

	if (a->streak > 0)
		return FAST;
	return pause < DEAD_EVERY ? DEAD_EVERY :
	    pause > DEAD_EVERY_MOST ? DEAD_EVERY_MOST : pause;
}

/* What has happened by now; how long until the next probe but one. */
static int64_t
look(struct alive *a, struct instant now)
{
	static const int64_t pause[TRIES] = { MILLISECONDS(200), SECONDS(1),
	    SECONDS(3), 0 };
	const unsigned n = a->state == ALIVE_QUIET ? 0 : lost(a, now);

	switch (a->state) {
	case ALIVE_QUIET:
		return pause[a->tried % TRIES];
	case ALIVE_DEAD:
		if (n > 0) {
			a->streak = 0;
			a->floor += n;
		}
		if (instant_due(a->mute_at, now))
			go_mute(a);
		return dead_pause(a, now);
	case ALIVE_DAMPED:
		if (n == 0 && instant_due(a->until, now))
			go_live(a, now, ALIVE_NEWS_BACK);
		break;
	case ALIVE_LIVE:
		break;
	}
	if (n >= LOST_MOST && instant_due(a->trust_at, now)) {
		die(a, now);
		return DEAD_EVERY;
	}
	if (n > 0 && !a->hurry) {
		a->hurry = true;
		a->send_at = now;
	}
	return a->hurry ? FAST : jittered(a, every(a));
}

static uint16_t
probe(struct alive *a, struct instant now, int64_t next)
{
	const uint32_t n = a->total++;

	*sent_at(a, n) = now;
	a->answered <<= 1;
	if (a->known < ALIVE_RING)
		a->known++;
	a->send_at = instant_add(now, next);
	if (a->state == ALIVE_QUIET) {
		a->tried++;
		if (--a->tries == 0)
			a->send_at = INSTANT_NEVER;
	}
	return (uint16_t)n;
}

bool
alive_tick(struct alive *a, struct instant now, uint16_t *ret_seq)
{
	int64_t next;
	bool send;

	if (!instant_due(a->deadline, now))
		return false;
	if (instant_sub(now, a->deadline) > LATE)
		woke(a, now);
	next = look(a, now);
	send = instant_due(a->send_at, now);
	if (send)
		*ret_seq = probe(a, now, next);
	plan(a, now);
	return send;
}

struct instant
alive_deadline(const struct alive *a)
{
	return a->deadline;
}

enum alive_news
alive_poll(struct alive *a)
{
	const enum alive_news n = a->news;

	a->news = ALIVE_NEWS_NONE;
	return n;
}

bool
alive_is_gone(const struct alive *a)
{
	return a->state == ALIVE_DEAD || a->state == ALIVE_DAMPED;
}

int
alive_loss_percent(const struct alive *a, struct instant now)
{
	unsigned n = 0, gone = 0;

	for (unsigned i = 0; i < a->known; i++) {
		const struct instant at = a->sent[(a->total - 1 - i) %
		    ALIVE_RING];

		if (a->answered >> i & 1) {
			n++;
		} else if (instant_sub(now, at) >= alive_patience(a)) {
			n++;
			gone++;
		}
	}
	return n == 0 ? -1 : (int)(gone * 100 / n);
}

/* SPDX-License-Identifier: ISC */
#include "bfd/session.h"

#include <assert.h>

#include "base/hash.h"
#include "base/mem.h"
#include "bfd/session_impl.h"

struct bfd_session *
bfd_session_new(const struct bfd_session_config *config)
{
	struct bfd_session *s = mem_zalloc(sizeof(*s));

	if (!s)
		return NULL;
	assert(config->discr != 0 && config->mult != 0);
	s->cfg = *config;
	s->random = config->seed;
	s->state = BFD_ADMIN_DOWN;
	s->remote.state = BFD_DOWN;
	s->remote.min_rx = MICROSECONDS(1);	/* section 6.8.1 */
	s->tx_at = s->detect_at = s->forget_at = INSTANT_NEVER;
	s->tx_seq = (uint32_t)hash_mix(config->seed ^ config->discr);
	s->desired_tx = s->used_tx = config->idle_tx;
	s->required_rx = s->used_rx = config->min_rx;
	return s;
}

struct bfd_session *
bfd_session_free(struct bfd_session *s)
{
	mem_free(s);
	return NULL;
}

static int64_t
longer(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

int64_t
bfd_session_tx_interval(const struct bfd_session *s)
{
	return longer(s->used_tx, s->remote.min_rx);
}

/* Section 6.8.4. */
int64_t
bfd_session_detect_time(const struct bfd_session *s)
{
	return s->remote.mult * longer(s->used_rx, s->remote.min_tx);
}

/* Section 6.8.7: may we speak at all? */
static bool
may_send(const struct bfd_session *s)
{
	return !(s->cfg.passive && s->remote.discr == 0);
}

/* And by the clock, or only when there is something to say? */
static bool
is_periodic(const struct bfd_session *s)
{
	if (!may_send(s) || s->remote.min_rx == 0)
		return false;
	if (s->state == BFD_ADMIN_DOWN && s->silent)
		return false;
	return !(s->remote.demand && s->state == BFD_UP &&
	    s->remote.state == BFD_UP && !s->polling);
}

/* 75 to 100 percent, at most 90 where the peer counts to one. */
static int64_t
jittered(struct bfd_session *s, int64_t span)
{
	const uint64_t most = s->cfg.mult == 1 ? 15 : 25;

	s->random = s->random * 6364136223846793005u + 1442695040888963407u;
	return span / 100 * 75 + span / 1000 *
	    (int64_t)((s->random >> 33) % (most * 10 + 1));
}

static void
schedule(struct bfd_session *s, struct instant now)
{
	if (!is_periodic(s)) {
		s->tx_at = INSTANT_NEVER;
		return;
	}
	s->tx_at = instant_add(s->last_tx,
	    jittered(s, bfd_session_tx_interval(s)));
	if (instant_sub(s->tx_at, now) < 0)
		s->tx_at = now;
}

static void
begin_poll(struct bfd_session *s)
{
	if (s->polling)
		s->poll_again = true;	/* the F may be of the old values */
	s->polling = true;
	s->send_now = true;
}

/* What shall hold, and what may hold already: section 6.8.3. */
static void
set_timers(struct bfd_session *s, struct instant now)
{
	const int64_t tx = s->state == BFD_UP ? s->cfg.min_tx :
	    s->cfg.idle_tx;
	const int64_t rx = s->cfg.min_rx;
	const bool changed = tx != s->desired_tx || rx != s->required_rx;

	s->desired_tx = tx;
	s->required_rx = rx;
	if (s->state != BFD_UP) {
		s->polling = s->poll_again = false;
		s->used_tx = tx;
		s->used_rx = rx;
	} else if (changed) {
		/* Slower sending and faster listening wait for the F. */
		if (tx < s->used_tx)
			s->used_tx = tx;
		if (rx > s->used_rx)
			s->used_rx = rx;
		begin_poll(s);
	}
	schedule(s, now);
}

static void
end_poll(struct bfd_session *s, struct instant now)
{
	if (!s->polling)
		return;
	s->polling = false;
	if (s->poll_again) {
		s->poll_again = false;
		begin_poll(s);
		return;
	}
	s->used_tx = s->desired_tx;
	s->used_rx = s->required_rx;
	schedule(s, now);
}

static void
tell(struct bfd_session *s, enum bfd_state was)
{
	if (s->state == BFD_UP) {
		s->news = BFD_NEWS_UP;
		s->counters.ups++;
	} else if (was == BFD_UP) {
		s->news = BFD_NEWS_DOWN;
	} else if (s->news == BFD_NEWS_NONE) {
		s->news = BFD_NEWS_CHANGED;
	}
}

static void
step(struct bfd_session *s, struct instant now, enum bfd_event ev)
{
	const enum bfd_state was = s->state;
	const struct bfd_edge e = bfd_fsm_next(was, ev);

	if (e.next == was)
		return;
	s->state = (enum bfd_state)e.next;
	s->diag = e.diag;
	if (was == BFD_UP)
		s->failed = s->state == BFD_DOWN &&
		    ev != BFD_EV_RX_ADMIN_DOWN;
	s->send_now = true;		/* section 6.8.7, last but one */
	set_timers(s, now);
	tell(s, was);
}

void
bfd_session_configure(struct bfd_session *s, struct instant now,
    const struct bfd_session_config *config)
{
	const uint32_t discr = s->cfg.discr;
	const bool mult = s->cfg.mult != config->mult;

	if (s->cfg.auth != config->auth)
		s->seq_known = false;
	s->cfg = *config;
	s->cfg.discr = discr;
	set_timers(s, now);
	s->send_now |= mult;
}

void
bfd_session_start(struct bfd_session *s, struct instant now)
{
	s->silent = false;
	s->last_tx = now;
	step(s, now, BFD_EV_ENABLE);
	/* The first one spreads like the others, but does not wait long. */
	if (may_send(s))
		s->tx_at = instant_add(now, jittered(s, s->used_tx) / 16);
	s->send_now = false;
}

void
bfd_session_stop(struct bfd_session *s, struct instant now)
{
	step(s, now, BFD_EV_DISABLE);
	s->detect_at = s->forget_at = INSTANT_NEVER;
}

void
bfd_session_path_down(struct bfd_session *s, struct instant now)
{
	step(s, now, BFD_EV_PATH_DOWN);
}

static void
remember(struct bfd_session *s, const struct bfd_packet *p)
{
	s->remote.discr = p->my_discr;
	s->remote.state = (enum bfd_state)p->state;
	s->remote.diag = p->diag;
	s->remote.demand = p->demand;
	s->remote.mult = p->mult;
	s->remote.min_tx = MICROSECONDS(p->min_tx);
	s->remote.min_rx = MICROSECONDS(p->min_rx);
}

static enum bfd_event
event_of(uint8_t state)
{
	static const uint8_t events[BFD_NSTATES] = {
		[BFD_ADMIN_DOWN] = BFD_EV_RX_ADMIN_DOWN,
		[BFD_DOWN] = BFD_EV_RX_DOWN, [BFD_INIT] = BFD_EV_RX_INIT,
		[BFD_UP] = BFD_EV_RX_UP
	};

	return (enum bfd_event)events[state];
}

/*
 * When the sequence number is forgotten: section 6.8.1 wants twice the
 * detection time.  While a session is down its peer says a packet each
 * second, and may make a new session with a number of its own at any time:
 * with a multiplier of 20 that one would be refused for 40 s, so a few
 * packets that did not come are enough.
 */
static int64_t
forget_time(const struct bfd_session *s)
{
	const int64_t span = 2 * bfd_session_detect_time(s);
	const int64_t few = longer(SECONDS(3),
	    3 * longer(s->used_rx, s->remote.min_tx));

	return s->state != BFD_UP && span > few ? few : span;
}

/* The rest of section 6.8.6. */
const char *
bfd_session_rx(struct bfd_session *s, struct instant now, struct bytes raw,
    const struct bfd_packet *p)
{
	const int64_t interval = bfd_session_tx_interval(s);
	const bool periodic = is_periodic(s);
	const char *why;

	if (s->state == BFD_ADMIN_DOWN)
		return "administratively down";
	if (p->your_discr != 0 && p->your_discr != s->cfg.discr)
		return "not our discriminator";
	why = bfd_auth_check(s, raw, p);
	if (why) {
		s->counters.rx_bad++;
		return why;
	}
	s->counters.rx++;
	remember(s, p);
	if (p->final)
		end_poll(s, now);
	step(s, now, event_of(p->state));
	if (p->poll)
		s->final_due = true;
	s->detect_at = instant_add(now, bfd_session_detect_time(s));
	s->forget_at = instant_add(now, forget_time(s));
	if (interval != bfd_session_tx_interval(s) ||
	    periodic != is_periodic(s))
		schedule(s, now);
	return NULL;
}

/* Nothing was heard for a detection time. */
static void
detect(struct bfd_session *s, struct instant now)
{
	s->detect_at = INSTANT_NEVER;
	s->remote.discr = 0;
	s->remote.min_rx = MICROSECONDS(1);
	s->remote.state = BFD_DOWN;
	s->remote.demand = false;
	s->final_due = false;
	step(s, now, BFD_EV_TIMEOUT);
	schedule(s, now);
}

void
bfd_session_tick(struct bfd_session *s, struct instant now)
{
	if (instant_due(s->detect_at, now))
		detect(s, now);
	if (instant_due(s->forget_at, now)) {
		s->forget_at = INSTANT_NEVER;
		s->seq_known = false;	/* section 6.8.1 */
	}
}

static struct bfd_packet
compose(struct bfd_session *s, bool final)
{
	return (struct bfd_packet){ .diag = s->diag,
	    .state = (uint8_t)s->state, .final = final,
	    .poll = s->polling && !final, .mult = s->cfg.mult,
	    .my_discr = s->cfg.discr, .your_discr = s->remote.discr,
	    .min_tx = (uint32_t)(s->desired_tx / MICROSECONDS(1)),
	    .min_rx = (uint32_t)(s->required_rx / MICROSECONDS(1)) };
}

size_t
bfd_session_tx(struct bfd_session *s, struct instant now, uint8_t *buf,
    size_t cap)
{
	const bool final = s->final_due;
	struct wr w = wr_of(buf, cap);
	struct bfd_packet p;

	if (!may_send(s) || !(final || s->send_now ||
	    instant_due(s->tx_at, now)))
		return 0;
	p = compose(s, final);
	s->final_due = false;
	/* An answer has no P bit, so a poll still has to be sent. */
	s->send_now = final && s->send_now && s->polling;
	s->silent = s->state == BFD_ADMIN_DOWN;
	s->last_tx = now;
	schedule(s, now);
	if (!bfd_auth_seal(s, now, &w, &p))
		return 0;
	s->counters.tx++;
	return wr_len(&w);
}

struct instant
bfd_session_deadline(const struct bfd_session *s)
{
	struct instant at = instant_min(s->detect_at, s->forget_at);

	if (may_send(s) && (s->final_due || s->send_now))
		return INSTANT_ZERO;
	return instant_min(at, s->tx_at);
}

enum bfd_news
bfd_session_poll(struct bfd_session *s)
{
	const enum bfd_news n = s->news;

	s->news = BFD_NEWS_NONE;
	return n;
}

enum bfd_state
bfd_session_state(const struct bfd_session *s)
{
	return s->state;
}

enum bfd_state
bfd_session_remote_state(const struct bfd_session *s)
{
	return s->remote.state;
}

uint8_t
bfd_session_diag(const struct bfd_session *s)
{
	return s->diag;
}

uint8_t
bfd_session_remote_diag(const struct bfd_session *s)
{
	return s->remote.diag;
}

uint32_t
bfd_session_discr(const struct bfd_session *s)
{
	return s->cfg.discr;
}

uint32_t
bfd_session_remote_discr(const struct bfd_session *s)
{
	return s->remote.discr;
}

bool
bfd_session_failed(const struct bfd_session *s)
{
	return s->failed;
}

const struct bfd_session_counters *
bfd_session_counters(const struct bfd_session *s)
{
	return &s->counters;
}

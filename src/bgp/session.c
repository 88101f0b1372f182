/* SPDX-License-Identifier: ISC */
/*
 * The session acts: bgp_fsm_next() decides, bgp_session_step() carries out.
 * Everything else here turns what the owner says into events.
 */
#include "base/mem.h"
#include "bgp/session_impl.h"

void
bgp_session_config_init(struct bgp_session_config *c)
{
	*c = (struct bgp_session_config){
		.connect_delay = SECONDS(5),
		.connect_retry = SECONDS(120),
		.hold_open = SECONDS(240),
		.error_wait_min = SECONDS(60),
		.error_wait_max = SECONDS(300),
		.error_forget = SECONDS(300),
		.tx_high = 64 * 1024,
	};
	bgp_open_init(&c->open);
	c->open.hold = 240;
}

/* Splitmix: good enough to keep routers out of step. */
static uint64_t
roll(struct bgp_session *s)
{
	uint64_t x = s->dice += 0x9e3779b97f4a7c15u;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

/* RFC 4271 section 10: three quarters to all of it. */
static int64_t
jitter(struct bgp_session *s, int64_t span)
{
	return span - span / 4 + (int64_t)(roll(s) % 1024) * (span / 4) / 1024;
}

static void
timer_set(struct bgp_session *s, enum bgp_timer t, struct instant now,
    int64_t span)
{
	s->timer[t] = instant_add(now, span);
}

static void
timer_clear(struct bgp_session *s, enum bgp_timer t)
{
	s->timer[t] = INSTANT_NEVER;
}

void
bgp_session_keepalive_later(struct bgp_session *s, struct instant now)
{
	if (s->caps.keepalive)
		timer_set(s, BGP_TIMER_KEEPALIVE, now,
		    jitter(s, SECONDS(s->caps.keepalive)));
	else
		timer_clear(s, BGP_TIMER_KEEPALIVE);
}

struct bgp_cause
bgp_cause_of(enum bgp_blame blame, const struct bgp_error *e)
{
	struct bgp_error inner = *e;
	struct bgp_cause c = { .blame = blame,
	    .hard = e->code == BGP_ERR_CEASE &&
	    e->subcode == BGP_CEASE_HARD_RESET };
	struct bytes text;

	bgp_hard_reset_inner(e, &inner);
	text = bgp_shutdown_text(&inner);
	c.code = inner.code;
	c.subcode = inner.subcode;
	c.n_text = (uint8_t)text.n;
	if (text.n)
		memcpy(c.text, text.p, text.n);
	return c;
}

void
bgp_session_blame(struct bgp_session *s, const struct bgp_error *e)
{
	s->error = *e;
	s->cause = bgp_cause_of(BGP_BLAME_LOCAL, e);
}

static void
blame_code(struct bgp_session *s, uint8_t code, uint8_t subcode)
{
	const struct bgp_error e = bgp_error_of(code, subcode,
	    bytes_of(NULL, 0));

	bgp_session_blame(s, &e);
}

/*
 * Ahead of UPDATEs that have not begun to go out: they are of no use any
 * more, and the socket may not take them.
 */
static void
send_notification(struct bgp_session *s, struct instant now)
{
	uint8_t room[BGP_MESSAGE_MAX];
	struct wr w = wr_of(room, sizeof(room));

	if (s->error.code == BGP_ERR_NONE)
		return;
	if (s->state == BGP_ESTABLISHED)
		bgp_session_tx_cut(s);
	bgp_notification_encode(&w, &s->error);
	if (bgp_session_tx_put(s, now, bytes_of(room, wr_len(&w))))
		s->counters.tx_messages++;
}

static bool
send_open(struct bgp_session *s, struct instant now)
{
	uint8_t room[BGP_MESSAGE_MAX];
	struct wr w = wr_of(room, sizeof(room));

	s->ours = s->cfg.open;
	s->ours.params = bytes_of(NULL, 0);
	bgp_open_encode(&w, &s->ours);
	s->counters.tx_messages++;
	return bgp_session_tx_put(s, now, bytes_of(room, wr_len(&w)));
}

static bool
send_keepalive(struct bgp_session *s, struct instant now)
{
	uint8_t room[BGP_HEADER];
	struct wr w = wr_of(room, sizeof(room));

	bgp_keepalive_encode(&w);
	s->counters.tx_messages++;
	s->counters.tx_keepalives++;
	return bgp_session_tx_put(s, now, bytes_of(room, wr_len(&w)));
}

/* The queue stays for as long as it holds last words. */
static void
hang_up(struct bgp_session *s)
{
	for (unsigned t = 0; t < BGP_NTIMERS; t++)
		timer_clear(s, (enum bgp_timer)t);
	s->pending &= ~(BGP_PENDING(BGP_DIAL) | BGP_PENDING(BGP_OPENED) |
	    BGP_PENDING(BGP_UPDATE) | BGP_PENDING(BGP_REFRESH));
	if (s->linked)
		s->pending |= BGP_PENDING(BGP_HANG_UP);
	s->linked = false;
	bgp_session_rx_free(s);
	if (s->error.code == BGP_ERR_NONE)
		bgp_session_tx_free(s);
}

/* An owner that has not yet heard of UP hears of no DOWN either. */
static void
tell_end(struct bgp_session *s, enum bgp_state was, enum bgp_event ev)
{
	const bool knew = was == BGP_ESTABLISHED &&
	    !(s->pending & BGP_PENDING(BGP_UP));

	s->pending &= ~BGP_PENDING(BGP_UP);
	if (knew)
		s->pending |= BGP_PENDING(BGP_DOWN);
	else if (was != BGP_IDLE && ev != EV_STOP)
		s->pending |= BGP_PENDING(BGP_FAILED);
}

/*
 * Who deserves a long wait?  Those with whom the protocol went wrong and will
 * again: not a lost connection, not a timer that tells of one, not a Cease,
 * unless it says that something must be mended first.
 */
static bool
is_error(const struct bgp_cause *c)
{
	switch (c->blame) {
	case BGP_BLAME_NONE: case BGP_BLAME_SOCKET:
		return false;
	case BGP_BLAME_MEMORY:
		return true;
	case BGP_BLAME_LOCAL: case BGP_BLAME_REMOTE:
		break;
	}
	if (c->code == BGP_ERR_CEASE)
		return c->subcode == BGP_CEASE_MAX_PREFIX ||
		    c->subcode == BGP_CEASE_DECONFIGURED ||
		    c->subcode == BGP_CEASE_RESOURCES;
	return c->code != BGP_ERR_HOLD && c->code != BGP_ERR_SEND_HOLD;
}

static void
penalize(struct bgp_session *s, struct instant now)
{
	const bool again = !instant_is_never(s->last_error) &&
	    instant_sub(now, s->last_error) <= s->cfg.error_forget;

	s->error_wait = again ? 2 * s->error_wait : s->cfg.error_wait_min;
	if (s->error_wait > s->cfg.error_wait_max)
		s->error_wait = s->cfg.error_wait_max;
	s->last_error = now;
}

/* In IDLE, and not because we were told to stop. */
static void
plan_restart(struct bgp_session *s, struct instant now)
{
	s->penalized = is_error(&s->cause);
	if (s->penalized)
		penalize(s, now);
	timer_set(s, BGP_TIMER_START, now, s->penalized ? s->error_wait : 0);
}

/* What belongs to a state and not to the way into it. */
static void
enter(struct bgp_session *s, struct instant now, enum bgp_state was,
    enum bgp_event ev)
{
	if (s->state == BGP_IDLE || s->state == BGP_ACTIVE) {
		tell_end(s, was, ev);
		hang_up(s);
	}
	if (s->state == BGP_IDLE && s->enabled)
		plan_restart(s, now);
	if (s->state == BGP_ESTABLISHED) {
		s->counters.established++;
		s->pending |= BGP_PENDING(BGP_UP);
	}
}

static void
act_retry(struct bgp_session *s, struct instant now, enum bgp_event ev)
{
	if (s->cfg.passive)
		timer_clear(s, BGP_TIMER_RETRY);
	else
		timer_set(s, BGP_TIMER_RETRY, now, jitter(s, ev == EV_LISTEN ?
		    s->cfg.connect_delay : s->cfg.connect_retry));
}

static void
act_hold(struct bgp_session *s, struct instant now)
{
	if (s->caps.hold)
		timer_set(s, BGP_TIMER_HOLD, now, SECONDS(s->caps.hold));
	else
		timer_clear(s, BGP_TIMER_HOLD);
}

static void
act_connect(struct bgp_session *s, struct instant now)
{
	if (s->linked)		/* one that did not come up in time */
		hang_up(s);
	s->dialled = now;
	s->pending |= BGP_PENDING(BGP_DIAL);
}

/* False when out of memory. */
static bool
act(struct bgp_session *s, struct instant now, enum bgp_event ev,
    uint16_t what)
{
	bool ok = true;

	if (what & DO_OPEN) {
		ok = send_open(s, now);
		timer_set(s, BGP_TIMER_HOLD, now, s->cfg.hold_open);
	}
	if (what & DO_KEEPALIVE) {
		ok = ok && send_keepalive(s, now);
		bgp_session_keepalive_later(s, now);
	}
	if (what & DO_HOLD)
		act_hold(s, now);
	if (what & DO_CONNECT)
		act_connect(s, now);
	if (what & DO_RETRY)
		act_retry(s, now, ev);
	if (what & DO_NO_RETRY)
		timer_clear(s, BGP_TIMER_RETRY);
	if (what & DO_COUNT)
		s->counters.retries++;
	if (what & DO_NO_COUNT)
		s->counters.retries = 0;
	return ok;
}

/* One event.  Last words first, then doors, then the new state's business. */
void
bgp_session_step(struct bgp_session *s, struct instant now, enum bgp_event ev)
{
	const enum bgp_state was = s->state;
	const struct bgp_edge e = bgp_fsm_next(was, ev);

	if (e.act & DO_FSM_ERROR)	/* RFC 6608: the subcode is the state */
		blame_code(s, BGP_ERR_FSM, (uint8_t)(was - BGP_OPENSENT +
		    BGP_FSM_OPENSENT));
	if (e.act & (DO_NOTIFY | DO_FSM_ERROR))
		send_notification(s, now);
	s->state = (enum bgp_state)e.next;
	if (was != s->state && s->watch.state)
		s->watch.state(s->watch.ctx, was, s->state);
	if (was != s->state)
		enter(s, now, was, ev);
	s->error.code = BGP_ERR_NONE;
	if (!act(s, now, ev, e.act))
		bgp_session_out_of_memory(s, now);
}

/* No room even for last words: just close, and try again later. */
void
bgp_session_out_of_memory(struct bgp_session *s, struct instant now)
{
	s->error = bgp_error_of(BGP_ERR_CEASE, BGP_CEASE_RESOURCES,
	    bytes_of(NULL, 0));
	s->cause = (struct bgp_cause){ .blame = BGP_BLAME_MEMORY };
	bgp_session_step(s, now, EV_DROP);
}

void
bgp_session_watch(struct bgp_session *s, const struct bgp_watch *w)
{
	s->watch = *w;
}

struct bgp_session *
bgp_session_new(const struct bgp_session_config *config)
{
	struct bgp_session *s = mem_zalloc(sizeof(*s));

	if (!s)
		return NULL;
	s->state = BGP_IDLE;
	s->last_error = INSTANT_NEVER;
	for (unsigned t = 0; t < BGP_NTIMERS; t++)
		timer_clear(s, (enum bgp_timer)t);
	s->dice = config->seed;
	bgp_session_configure(s, config);
	return s;
}

struct bgp_session *
bgp_session_free(struct bgp_session *s)
{
	if (!s)
		return NULL;
	bgp_session_rx_free(s);
	bgp_session_tx_free(s);
	mem_free(s->params);
	mem_free(s);
	return NULL;
}

void
bgp_session_configure(struct bgp_session *s,
    const struct bgp_session_config *config)
{
	s->cfg = *config;
}

static void
begin(struct bgp_session *s, struct instant now)
{
	const bool wait = s->cfg.passive ||
	    (s->cfg.connect_delay > 0 && !s->penalized);

	timer_clear(s, BGP_TIMER_START);
	s->penalized = false;
	bgp_session_step(s, now, wait ? EV_LISTEN : EV_START);
}

void
bgp_session_start(struct bgp_session *s, struct instant now)
{
	if (s->enabled)
		return;
	s->enabled = true;
	s->penalized = false;
	begin(s, now);
}

void
bgp_session_start_late(struct bgp_session *s, struct instant now,
    int64_t wait)
{
	if (s->enabled)
		return;
	s->enabled = s->penalized = true;
	timer_set(s, BGP_TIMER_START, now, wait);
}

bool
bgp_session_is_penalized(const struct bgp_session *s)
{
	return s->state == BGP_IDLE && s->enabled && s->penalized;
}

void
bgp_session_stop(struct bgp_session *s, struct instant now,
    const struct bgp_error *why)
{
	const bool lost = why->code == BGP_ERR_CEASE &&
	    why->subcode == BGP_CEASE_COLLISION;

	s->enabled = false;
	timer_clear(s, BGP_TIMER_START);
	if (s->state == BGP_IDLE)
		return;
	bgp_session_blame(s, why);
	if (why->code == BGP_ERR_NONE)
		s->cause.blame = BGP_BLAME_NONE;
	bgp_session_step(s, now, lost ? EV_DROP : EV_STOP);
}

void
bgp_session_fail(struct bgp_session *s, struct instant now,
    const struct bgp_error *why)
{
	if (s->state == BGP_IDLE)
		return;
	bgp_session_blame(s, why);
	bgp_session_step(s, now, why->code == BGP_ERR_CEASE ? EV_DROP :
	    EV_MALFORMED);
}

/* A dial that began this second has not had its chance yet. */
void
bgp_session_dial_now(struct bgp_session *s, struct instant now)
{
	if (s->cfg.passive || !s->enabled)
		return;
	if (s->state == BGP_ACTIVE || (s->state == BGP_CONNECT &&
	    instant_sub(now, s->dialled) >= SECONDS(1)))
		bgp_session_step(s, now, EV_RETRY);
}

void
bgp_session_dial_soon(struct bgp_session *s, struct instant now)
{
	if (s->cfg.passive || !s->enabled || s->penalized)
		return;
	if (s->state == BGP_IDLE)
		begin(s, now);
	if (s->state == BGP_ACTIVE)
		timer_set(s, BGP_TIMER_RETRY, now, jitter(s, SECONDS(1)));
}

static void
linked_up(struct bgp_session *s, struct instant now)
{
	if (s->state != BGP_CONNECT && s->state != BGP_ACTIVE)
		return;
	bgp_session_rx_free(s);
	bgp_session_tx_free(s);
	s->has_caps = false;
	s->linked = true;
	s->pending &= ~(BGP_PENDING(BGP_DIAL) | BGP_PENDING(BGP_HANG_UP));
	bgp_session_step(s, now, EV_TCP_UP);
}

void
bgp_session_link(struct bgp_session *s, struct instant now, bool up, int err)
{
	if (up) {
		linked_up(s, now);
		return;
	}
	if (!s->linked)		/* we have hung up already */
		return;
	s->linked = false;
	s->cause = (struct bgp_cause){ .blame = BGP_BLAME_SOCKET,
	    .err = err };
	bgp_session_step(s, now, EV_TCP_DOWN);
}

static void
timer_fired(struct bgp_session *s, struct instant now, enum bgp_timer t)
{
	switch (t) {
	case BGP_TIMER_START:
		begin(s, now);
		break;
	case BGP_TIMER_RETRY:
		bgp_session_step(s, now, EV_RETRY);
		break;
	case BGP_TIMER_HOLD:
		blame_code(s, BGP_ERR_HOLD, 0);
		bgp_session_step(s, now, EV_HOLD);
		break;
	case BGP_TIMER_KEEPALIVE:
		bgp_session_step(s, now, EV_KEEP);
		break;
	case BGP_TIMER_SEND_HOLD:
		blame_code(s, BGP_ERR_SEND_HOLD, 0);
		bgp_session_step(s, now, EV_SEND_HOLD);
		break;
	case BGP_NTIMERS:
		break;
	}
}

void
bgp_session_tick(struct bgp_session *s, struct instant now)
{
	for (unsigned t = 0; t < BGP_NTIMERS; t++) {
		if (!instant_due(s->timer[t], now))
			continue;
		timer_clear(s, (enum bgp_timer)t);
		timer_fired(s, now, (enum bgp_timer)t);
	}
}

void
bgp_session_busy(struct bgp_session *s, struct instant now)
{
	if (s->state >= BGP_OPENCONFIRM)
		act_hold(s, now);
}

/* Ends first, so that what follows finds the owner with clean hands. */
bool
bgp_session_poll(struct bgp_session *s, struct bgp_out *ret_out)
{
	static const enum bgp_out_kind order[] = {
		BGP_DOWN, BGP_FAILED, BGP_HANG_UP, BGP_DIAL, BGP_OPENED,
		BGP_UP, BGP_UPDATE, BGP_REFRESH,
	};
	unsigned i = 0;

	if (!s->pending)
		return false;
	while (!(s->pending & BGP_PENDING(order[i])))
		i++;
	s->pending &= ~BGP_PENDING(order[i]);
	*ret_out = (struct bgp_out){ .kind = order[i] };
	switch (ret_out->kind) {
	case BGP_DOWN: case BGP_FAILED:
		ret_out->cause = &s->cause;
		break;
	case BGP_OPENED: case BGP_UP:
		ret_out->caps = &s->caps;
		break;
	case BGP_UPDATE:
		ret_out->update = s->update;
		break;
	case BGP_REFRESH:
		ret_out->refresh = s->refresh;
		break;
	case BGP_DIAL:
		s->linked = true;
		break;
	case BGP_HANG_UP:
		break;
	}
	return true;
}

struct instant
bgp_session_deadline(const struct bgp_session *s)
{
	struct instant at = INSTANT_NEVER;

	for (unsigned t = 0; t < BGP_NTIMERS; t++)
		at = instant_min(at, s->timer[t]);
	return at;
}

enum bgp_state
bgp_session_state(const struct bgp_session *s)
{
	return s->state;
}

bool
bgp_session_enabled(const struct bgp_session *s)
{
	return s->enabled;
}

const struct bgp_caps *
bgp_session_caps(const struct bgp_session *s)
{
	return s->has_caps ? &s->caps : NULL;
}

const struct bgp_open *
bgp_session_our_open(const struct bgp_session *s)
{
	return &s->ours;
}

const struct bgp_open *
bgp_session_peer_open(const struct bgp_session *s)
{
	return s->has_theirs ? &s->theirs : NULL;
}

const struct bgp_cause *
bgp_session_cause(const struct bgp_session *s)
{
	return &s->cause;
}

const struct bgp_counters *
bgp_session_counters(const struct bgp_session *s)
{
	return &s->counters;
}

struct instant
bgp_session_timer(const struct bgp_session *s, enum bgp_timer t)
{
	return s->timer[t];
}

void
bgp_session_inherit(struct bgp_session *to, const struct bgp_session *from)
{
	to->counters = from->counters;
	to->last_error = from->last_error;
	to->error_wait = from->error_wait;
	to->cause = from->cause;
	if (from->state != BGP_IDLE || to->state != BGP_IDLE)
		return;
	to->enabled = from->enabled;
	to->penalized = from->penalized;
	to->timer[BGP_TIMER_START] = from->timer[BGP_TIMER_START];
}

/* SPDX-License-Identifier: ISC */
/*
 * Section 6 of the paper.  Each function is an event; what it means for the
 * five timers is all in here.
 *
 *	retransmit	an initiation was sent: again after 5 s and jitter,
 *			until 90 s after the first of the row
 *	keepalive	data came and we sent nothing back for 10 s
 *	new handshake	we sent data and nothing came back for 15 s
 *	zero		no new session for 3 * 180 s: forget the keys
 *	persistent	nothing went either way for the configured time
 *
 * A timer that moves later leaves the heap as it is: the peer wakes too
 * early, looks and sleeps again.  So a packet costs no work in the heap.
 */
#include "wg/device_impl.h"

static void
set(struct wg_peer *p, enum wg_timer t, struct instant at)
{
	p->due[t] = at;
	/* It is in the heap already, so this needs no memory. */
	if (at.ns < p->timer.at.ns)
		(void)heap_set(&p->dev->heap, &p->timer, at);
}

static void
clear(struct wg_peer *p, enum wg_timer t)
{
	p->due[t] = INSTANT_NEVER;
}

static bool
pending(const struct wg_peer *p, enum wg_timer t)
{
	return !instant_is_never(p->due[t]);
}

static int64_t
jitter(struct wg_peer *p)
{
	return wg_device_random32(p->dev, (uint32_t)REKEY_JITTER + 1);
}

void
wg_timers_init(struct wg_peer *p)
{
	for (unsigned t = 0; t < WG_N_TIMERS; t++)
		p->due[t] = INSTANT_NEVER;
	p->hold_initiation = p->hold_opening =
	    (struct instant){ .ns = INT64_MIN };
}

void
wg_timers_stop(struct wg_peer *p)
{
	wg_timers_init(p);
	p->another_keepalive = p->lastminute = false;
	(void)heap_set(&p->dev->heap, &p->timer, INSTANT_NEVER);
}

/* We let routing choose our address anew: it may be the old one's fault. */
static void
forget_source(struct wg_peer *p)
{
	p->endpoint.src = IP_NONE;
	p->endpoint.src_if = 0;
}

static void
zero_later(struct wg_peer *p, const struct wg_now *now)
{
	set(p, WG_TIMER_ZERO, instant_add(now->at, 3 * REJECT_AFTER_TIME));
}

static void
give_up(struct wg_peer *p, const struct wg_now *now)
{
	clear(p, WG_TIMER_KEEPALIVE);
	wg_peer_purge(p);
	if (!pending(p, WG_TIMER_ZERO))
		zero_later(p, now);
	wg_out_event(p->dev, WG_EVENT_GAVE_UP, p, IP_NONE);
}

static void
retransmit(struct wg_peer *p, const struct wg_now *now)
{
	if (instant_sub(now->at, p->trying_since) >= REKEY_ATTEMPT_TIME) {
		give_up(p, now);
		return;
	}
	forget_source(p);
	wg_handshake_initiate(p, now, true);
}

static void
keepalive(struct wg_peer *p, const struct wg_now *now)
{
	wg_peer_send_keepalive(p, now);
	if (!p->another_keepalive)
		return;
	p->another_keepalive = false;
	set(p, WG_TIMER_KEEPALIVE, instant_add(now->at, KEEPALIVE_TIMEOUT));
}

static void
new_handshake(struct wg_peer *p, const struct wg_now *now)
{
	forget_source(p);
	wg_handshake_initiate(p, now, false);
}

static void
zero(struct wg_peer *p, const struct wg_now *now)
{
	(void)now;
	wg_handshake_clear(p);
	wg_keypairs_clear(p);
}

static void
persistent(struct wg_peer *p, const struct wg_now *now)
{
	if (p->keepalive)
		wg_peer_send_keepalive(p, now);
}

void
wg_timers_run(struct wg_peer *p, const struct wg_now *now)
{
	static void (*const expired[WG_N_TIMERS])(struct wg_peer *p,
	    const struct wg_now *now) = {
		[WG_TIMER_RETRANSMIT] = retransmit,
		[WG_TIMER_KEEPALIVE] = keepalive,
		[WG_TIMER_NEW_HANDSHAKE] = new_handshake,
		[WG_TIMER_ZERO] = zero,
		[WG_TIMER_PERSISTENT] = persistent,
	};
	struct instant next = INSTANT_NEVER;

	for (unsigned t = 0; t < WG_N_TIMERS; t++) {
		if (!instant_due(p->due[t], now->at))
			continue;
		clear(p, t);
		expired[t](p, now);
	}
	for (unsigned t = 0; t < WG_N_TIMERS; t++)
		next = instant_min(next, p->due[t]);
	(void)heap_set(&p->dev->heap, &p->timer, next);
}

/* Any authenticated packet, of either direction and kind. */
static void
traversal(struct wg_peer *p, const struct wg_now *now)
{
	if (p->keepalive)
		set(p, WG_TIMER_PERSISTENT,
		    instant_add(now->at, SECONDS(p->keepalive)));
}

void
wg_timers_data_sent(struct wg_peer *p, const struct wg_now *now)
{
	if (!pending(p, WG_TIMER_NEW_HANDSHAKE))
		set(p, WG_TIMER_NEW_HANDSHAKE, instant_add(now->at,
		    KEEPALIVE_TIMEOUT + REKEY_TIMEOUT + jitter(p)));
}

void
wg_timers_data_received(struct wg_peer *p, const struct wg_now *now)
{
	if (pending(p, WG_TIMER_KEEPALIVE))
		p->another_keepalive = true;
	else
		set(p, WG_TIMER_KEEPALIVE,
		    instant_add(now->at, KEEPALIVE_TIMEOUT));
}

void
wg_timers_any_sent(struct wg_peer *p, const struct wg_now *now)
{
	clear(p, WG_TIMER_KEEPALIVE);
	traversal(p, now);
}

void
wg_timers_any_received(struct wg_peer *p, const struct wg_now *now)
{
	clear(p, WG_TIMER_NEW_HANDSHAKE);
	traversal(p, now);
}

void
wg_timers_initiated(struct wg_peer *p, const struct wg_now *now)
{
	set(p, WG_TIMER_RETRANSMIT,
	    instant_add(now->at, REKEY_TIMEOUT + jitter(p)));
}

/*
 * A session is wanted, but the last handshake is too recent.  The kernel
 * forgets it until the next packet; we come back by ourselves.
 */
void
wg_timers_initiation_held(struct wg_peer *p)
{
	if (!pending(p, WG_TIMER_RETRANSMIT))
		set(p, WG_TIMER_RETRANSMIT, p->hold_initiation);
}

void
wg_timers_handshake_complete(struct wg_peer *p, const struct wg_now *now)
{
	clear(p, WG_TIMER_RETRANSMIT);
	p->lastminute = false;
	p->last_handshake = now->date;
	wg_out_event(p->dev, WG_EVENT_HANDSHAKE, p, IP_NONE);
}

void
wg_timers_session_derived(struct wg_peer *p, const struct wg_now *now)
{
	zero_later(p, now);
}

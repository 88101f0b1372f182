/* SPDX-License-Identifier: ISC */
/*
 * The send queue: whole messages one after the other in one buffer, of which
 * the first may have gone out in part.  It grows up to the high-water mark and
 * one batch beyond, and goes away with the connection.
 */
#include "base/mem.h"
#include "bgp/session_impl.h"

#define TX_FIRST	((size_t)4096)

size_t
bgp_session_queued(const struct bgp_session *s)
{
	return s->tx_n - s->tx_at;
}

struct bytes
bgp_session_tx(const struct bgp_session *s)
{
	return bytes_of(s->tx ? s->tx + s->tx_at : NULL,
	    bgp_session_queued(s));
}

void
bgp_session_tx_free(struct bgp_session *s)
{
	mem_free(s->tx);
	s->tx = NULL;
	s->tx_at = s->tx_n = s->tx_cap = s->tx_partial = 0;
	s->timer[BGP_TIMER_SEND_HOLD] = INSTANT_NEVER;
}

/* Room for n more octets, moving what is there to the front first. */
static bool
tx_room(struct bgp_session *s, size_t n)
{
	const size_t queued = bgp_session_queued(s);
	size_t cap = s->tx_cap ? s->tx_cap : TX_FIRST;
	uint8_t *p;

	if (s->tx_cap - s->tx_n >= n)
		return true;
	if (s->tx_at && s->tx_cap - queued >= n) {
		memmove(s->tx, s->tx + s->tx_at, queued);
		s->tx_at = 0;
		s->tx_n = queued;
		return true;
	}
	while (cap - queued < n)
		cap *= 2;
	p = mem_alloc(cap);
	if (!p)
		return false;
	if (queued)
		memcpy(p, s->tx + s->tx_at, queued);
	mem_free(s->tx);
	s->tx = p;
	s->tx_at = 0;
	s->tx_n = queued;
	s->tx_cap = cap;
	return true;
}

/*
 * RFC 9687: longer than any hold time, 8 minutes at least.  An operator who
 * wants no hold timer wants this one neither.
 */
static void
send_hold_set(struct bgp_session *s, struct instant now)
{
	const int64_t twice = SECONDS(2 * (int64_t)s->caps.hold);
	int64_t span = s->cfg.send_hold;

	if (span == 0)
		span = twice > SECONDS(480) ? twice : SECONDS(480);
	s->timer[BGP_TIMER_SEND_HOLD] = span < 0 ||
	    s->state < BGP_OPENCONFIRM || s->caps.hold == 0 ||
	    bgp_session_queued(s) == 0 ? INSTANT_NEVER :
	    instant_add(now, span);
}

bool
bgp_session_tx_put(struct bgp_session *s, struct instant now, struct bytes b)
{
	if (!tx_room(s, b.n))
		return false;
	memcpy(s->tx + s->tx_n, b.p, b.n);
	s->tx_n += b.n;
	if (instant_is_never(s->timer[BGP_TIMER_SEND_HOLD]))
		send_hold_set(s, now);
	return true;
}

void
bgp_session_tx_cut(struct bgp_session *s)
{
	s->tx_n = s->tx_at + s->tx_partial;
}

/* Steps over n octets that went out, message by message. */
static void
tx_advance(struct bgp_session *s, size_t n)
{
	while (n) {
		size_t left = s->tx_partial;

		if (left == 0)
			left = be16_get(s->tx + s->tx_at + 16);
		if (n < left) {
			s->tx_partial = left - n;
			s->tx_at += n;
			return;
		}
		s->tx_partial = 0;
		s->tx_at += left;
		n -= left;
	}
}

void
bgp_session_sent(struct bgp_session *s, struct instant now, size_t n)
{
	if (n > bgp_session_queued(s))
		n = bgp_session_queued(s);
	if (n == 0)
		return;
	s->counters.tx_bytes += n;
	tx_advance(s, n);
	if (bgp_session_queued(s)) {
		send_hold_set(s, now);
		return;
	}
	s->tx_at = s->tx_n = 0;
	s->timer[BGP_TIMER_SEND_HOLD] = INSTANT_NEVER;
	if (!s->linked || s->tx_cap > TX_FIRST)
		bgp_session_tx_free(s);
}

bool
bgp_session_want(const struct bgp_session *s)
{
	return s->state == BGP_ESTABLISHED &&
	    bgp_session_queued(s) <= s->cfg.tx_high;
}

size_t
bgp_session_room(const struct bgp_session *s)
{
	const size_t queued = bgp_session_queued(s);

	return queued < s->cfg.tx_high ? s->cfg.tx_high - queued : 1;
}

static void
count(struct bgp_counters *c, struct bytes b)
{
	while (b.n >= BGP_HEADER) {
		const uint16_t n = be16_get(b.p + 16);

		c->tx_messages++;
		c->tx_updates += b.p[18] == BGP_TYPE_UPDATE;
		c->tx_refreshes += b.p[18] == BGP_TYPE_REFRESH;
		b.p += n;
		b.n -= n;
	}
}

bool
bgp_session_send(struct bgp_session *s, struct instant now,
    struct bytes messages)
{
	if (!bgp_session_want(s))
		return false;
	if (!bgp_session_tx_put(s, now, messages))
		return false;
	count(&s->counters, messages);
	/* RFC 4271 8.2.2: an UPDATE is as good as a KEEPALIVE. */
	bgp_session_keepalive_later(s, now);
	return true;
}

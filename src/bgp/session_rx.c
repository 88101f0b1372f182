/* SPDX-License-Identifier: ISC */
/*
 * What comes in: bytes to messages, messages to events.  A message that lies
 * whole in the bytes given is looked at where it is; only one that comes in
 * parts is put together in a buffer.
 */
#include "base/mem.h"
#include "bgp/session_impl.h"

#define RX_FIRST	((size_t)BGP_MESSAGE_MAX)

void
bgp_session_rx_free(struct bgp_session *s)
{
	mem_free(s->rx);
	s->rx = NULL;
	s->rx_n = s->rx_cap = 0;
}

static void
malformed(struct bgp_session *s, struct instant now,
    const struct bgp_error *e)
{
	bgp_session_blame(s, e);
	bgp_session_step(s, now, EV_MALFORMED);
}

/* The OPEN outlives the bytes it came in: so must its parameters. */
static bool
keep_open(struct bgp_session *s, const struct bgp_open *o)
{
	uint8_t *params = NULL;

	if (o->params.n) {
		params = mem_alloc(o->params.n);
		if (!params)
			return false;
		memcpy(params, o->params.p, o->params.n);
	}
	mem_free(s->params);
	s->params = params;
	s->theirs = *o;
	s->theirs.params.p = params;
	s->has_theirs = true;
	return true;
}

static void
rx_open(struct bgp_session *s, struct instant now, struct bytes body)
{
	struct bgp_open o;
	struct bgp_error e;

	if (s->state != BGP_OPENSENT) {
		bgp_session_step(s, now, EV_OPEN);
		return;
	}
	if (!bgp_open_decode(body, &o, &e)) {
		malformed(s, now, &e);
		return;
	}
	if (!keep_open(s, &o)) {
		bgp_session_out_of_memory(s, now);
		return;
	}
	if (!bgp_caps_negotiate(&s->ours, &o, &s->cfg.demand, &s->caps, &e)) {
		malformed(s, now, &e);
		return;
	}
	s->has_caps = true;
	bgp_session_step(s, now, EV_OPEN);
	if (s->state == BGP_OPENCONFIRM)
		s->pending |= BGP_PENDING(BGP_OPENED);
}

static void
rx_update(struct bgp_session *s, struct instant now, struct bytes body)
{
	s->counters.rx_updates++;
	bgp_session_step(s, now, EV_UPDATE);
	if (s->state != BGP_ESTABLISHED)
		return;
	s->update = body;
	s->pending |= BGP_PENDING(BGP_UPDATE);
}

/* What we did not ask for by a capability is ignored: RFC 2918, RFC 7313. */
static bool
refresh_wanted(const struct bgp_session *s, const struct bgp_refresh *r)
{
	if (r->fam == BGP_NFAMS || !(s->caps.families & BGP_FAM_BIT(r->fam)))
		return false;
	return r->subtype == BGP_REFRESH_REQUEST ||
	    (s->caps.enhanced_refresh && r->subtype <= BGP_REFRESH_END);
}

static void
rx_refresh(struct bgp_session *s, struct instant now, struct bytes body)
{
	struct bgp_error e = { .code = BGP_ERR_HEADER,
	    .subcode = BGP_HEADER_TYPE, .n_own = 1,
	    .own = { BGP_TYPE_REFRESH } };

	s->counters.rx_refreshes++;
	if (s->state == BGP_ESTABLISHED && (!s->caps.refresh ||
	    !bgp_refresh_decode(body, &s->refresh, &e))) {
		malformed(s, now, &e);
		return;
	}
	bgp_session_step(s, now, EV_UPDATE);
	if (s->state == BGP_ESTABLISHED && refresh_wanted(s, &s->refresh))
		s->pending |= BGP_PENDING(BGP_REFRESH);
}

static void
rx_notification(struct bgp_session *s, struct instant now, struct bytes body)
{
	struct bgp_error e;

	bgp_notification_decode(body, &e);
	s->cause = bgp_cause_of(BGP_BLAME_REMOTE, &e);
	bgp_session_step(s, now, EV_NOTIFIED);
}

static void
rx_message(struct bgp_session *s, struct instant now, enum bgp_type type,
    struct bytes body)
{
	s->counters.rx_messages++;
	s->counters.rx_bytes += body.n + BGP_HEADER;
	if (s->watch.message)
		s->watch.message(s->watch.ctx, bytes_of(body.p - BGP_HEADER,
		    body.n + BGP_HEADER));
	switch (type) {
	case BGP_TYPE_OPEN:
		rx_open(s, now, body);
		break;
	case BGP_TYPE_UPDATE:
		rx_update(s, now, body);
		break;
	case BGP_TYPE_NOTIFICATION:
		rx_notification(s, now, body);
		break;
	case BGP_TYPE_KEEPALIVE:
		s->counters.rx_keepalives++;
		bgp_session_step(s, now, EV_KEEPALIVE);
		break;
	case BGP_TYPE_REFRESH:
		rx_refresh(s, now, body);
		break;
	}
}

/* False when there is no header yet, or when it ended the session. */
static bool
rx_header(struct bgp_session *s, struct instant now, struct bytes b,
    struct bgp_header *ret)
{
	struct bgp_error e;

	if (b.n < BGP_HEADER)
		return false;
	if (bgp_header_decode(b.p, s->state >= BGP_OPENCONFIRM &&
	    s->caps.ext_message, ret, &e))
		return true;
	malformed(s, now, &e);
	return false;
}

static bool
rx_room(struct bgp_session *s, size_t n)
{
	uint8_t *p;

	if (s->rx_n == 0 && n <= RX_FIRST && s->rx_cap > RX_FIRST)
		bgp_session_rx_free(s);	/* a long one was here */
	if (n <= s->rx_cap)
		return true;
	n = n < RX_FIRST ? RX_FIRST : n;
	p = mem_resize(s->rx, n, 1);
	if (!p)
		return false;
	s->rx = p;
	s->rx_cap = n;
	return true;
}

/* Moves up to where the buffer holds "want" octets. */
static size_t
rx_fill(struct bgp_session *s, struct instant now, struct bytes in,
    size_t want)
{
	size_t n = want - s->rx_n;

	if (n > in.n)
		n = in.n;
	if (!rx_room(s, want)) {
		bgp_session_out_of_memory(s, now);
		return in.n;
	}
	memcpy(s->rx + s->rx_n, in.p, n);
	s->rx_n += n;
	return n;
}

/* A message that has begun in earlier bytes: to its header, to its end. */
static size_t
rx_part(struct bgp_session *s, struct instant now, struct bytes in)
{
	struct bgp_header h;
	size_t n = 0;

	if (s->rx_n < BGP_HEADER) {
		n = rx_fill(s, now, in, BGP_HEADER);
		if (s->rx_n < BGP_HEADER)
			return n;
	}
	if (!rx_header(s, now, bytes_of(s->rx, s->rx_n), &h))
		return in.n;
	if (n)			/* the rest in another round */
		return n;
	if (s->rx_n < h.length)
		return rx_fill(s, now, in, h.length);
	s->rx_n = 0;
	rx_message(s, now, (enum bgp_type)h.type,
	    bytes_of(s->rx + BGP_HEADER, h.length - (size_t)BGP_HEADER));
	return 0;
}

static size_t
rx_whole(struct bgp_session *s, struct instant now, struct bytes in)
{
	struct bgp_header h;

	if (!rx_header(s, now, in, &h))
		return s->linked ? rx_fill(s, now, in, BGP_HEADER) : in.n;
	if (in.n < h.length)
		return rx_fill(s, now, in, h.length);
	rx_message(s, now, (enum bgp_type)h.type,
	    bytes_of(in.p + BGP_HEADER, h.length - (size_t)BGP_HEADER));
	return h.length;
}

static bool
rx_is_whole(const struct bgp_session *s)
{
	return s->rx_n >= BGP_HEADER && s->rx_n == be16_get(s->rx + 16);
}

size_t
bgp_session_rx(struct bgp_session *s, struct instant now, struct bytes in)
{
	size_t at = 0;

	while (s->linked && s->state >= BGP_OPENSENT && !s->pending &&
	    (at < in.n || rx_is_whole(s))) {
		const struct bytes rest = bytes_of(in.p + at, in.n - at);

		at += s->rx_n ? rx_part(s, now, rest) :
		    rx_whole(s, now, rest);
	}
	if (s->linked && s->state >= BGP_OPENSENT)
		return at;
	bgp_session_rx_free(s);		/* nobody is there to listen */
	return in.n;
}

/* SPDX-License-Identifier: ISC */
/*
 * Sessions in virtual time: alone, with the test as the peer, and two of them
 * wired to each other.  Each end has an owner that does what the contract in
 * session.h says and remembers what it was told.
 */
#ifndef TESTS_UNIT_BGP_SESSION_ENDS_H
#define TESTS_UNIT_BGP_SESSION_ENDS_H

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

static inline struct bgp_session_config
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

static inline void
end_init(struct end *e, const struct bgp_session_config *c)
{
	*e = (struct end){ .s = bgp_session_new(c),
	    .wire = malloc(WIRE_MAX) };
	assert_non_null(e->s);
	assert_non_null(e->wire);
}

static inline void
end_done(struct end *e)
{
	e->s = bgp_session_free(e->s);
	free(e->wire);
}

static inline void
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

static inline void
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
static inline void
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

static inline void
link_up(struct end *e)
{
	e->up = true;
	e->wants = false;
	bgp_session_link(e->s, now, true, 0);
	drain(e);
}

static inline void
link_down(struct end *e, int err)
{
	e->up = e->wants = false;
	bgp_session_link(e->s, now, false, err);
	drain(e);
}

static inline size_t
update(uint8_t *buf, size_t n_octets)
{
	struct wr w = wr_of(buf, n_octets);
	uint8_t *mark = bgp_message_begin(&w, BGP_TYPE_UPDATE);

	memset(wr_take(&w, n_octets - BGP_HEADER), 0, n_octets - BGP_HEADER);
	bgp_message_end(&w, mark);
	assert_false(w.bad);
	return n_octets;
}

#endif

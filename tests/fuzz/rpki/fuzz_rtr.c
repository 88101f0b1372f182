/* SPDX-License-Identifier: ISC */
/*
 * What a cache may send: the codec by itself, then a session that is fed in
 * pieces, ticked, hung up on and dialled again, as the bytes say.
 */
#include <stdlib.h>
#include <string.h>

#include "rpki/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct instant now;

#define MUST(x)	do { if (!(x)) abort(); } while (0)

/* Every view lies within what was decoded; an error can be reported. */
static void
codec(const uint8_t *data, size_t n)
{
	uint8_t out[RTR_PDU_MAX];
	struct rtr_pdu p, e;
	size_t took, len;

	if (rtr_decode(bytes_of(data, n), &p, &took) == RTR_MORE)
		return;
	MUST(took <= n && p.raw.n <= n);
	len = rtr_put_error(out, 1, RTR_CORRUPT_DATA, p.raw, "fuzz");
	MUST(rtr_decode(bytes_of(out, len), &e, &took) == RTR_OK);
	MUST(took == len && e.type == RTR_ERROR_REPORT);
	MUST(e.inner.n <= p.raw.n && e.text.n == 4);
}

static void
drain(struct rtr_session *s, unsigned most)
{
	struct rtr_out o;

	while (most-- > 0 && rtr_session_poll(s, &o)) {
		if (o.kind == RTR_OUT_DIAL)
			rtr_session_link(s, now, true);
		else if (o.kind == RTR_OUT_ROA)
			MUST(o.roa.len <= o.roa.max &&
			    o.roa.max <= prefix_bits(&o.roa));
		else if (o.kind == RTR_OUT_NOTE)
			MUST(strlen(o.text) < 200);
	}
	rtr_session_sent(s, rtr_session_tx(s).n);
}

static void
feed(struct rtr_session *s, const uint8_t *data, size_t n)
{
	size_t took;

	while (n > 0) {
		took = rtr_session_rx(s, now, bytes_of(data, n));
		MUST(took <= n);
		data += took;
		n -= took;
		drain(s, 1000000);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct rtr_config cfg = { .version_max = 1,
	    .refresh = { SECONDS(3600) }, .retry = { SECONDS(600) },
	    .expire = { SECONDS(7200) }, .ip4 = true, .ip6 = true };
	struct rtr_session *s;
	size_t piece;

	codec(data, n);
	s = rtr_session_new(&cfg);
	if (s == NULL)
		return 0;
	now = INSTANT_ZERO;
	rtr_session_start(s, now);
	drain(s, 100);
	/* A byte says how much comes next, or what happens instead. */
	while (n > 0) {
		const uint8_t c = *data++;

		n--;
		if (c >= 0xf8) {
			now = instant_min(rtr_session_deadline(s),
			    instant_add(now, SECONDS(10000)));
			rtr_session_tick(s, now);
			if (c >= 0xfe)
				rtr_session_link(s, now, false);
			if (c == 0xfd)
				rtr_session_reset(s, now);
		}
		piece = c < n ? c : n;
		feed(s, data, piece);
		data += piece;
		n -= piece;
		drain(s, c);
	}
	rtr_session_stop(s);
	drain(s, 100);
	rtr_session_free(s);
	return 0;
}

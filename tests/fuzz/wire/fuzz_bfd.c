/* SPDX-License-Identifier: ISC */
/*
 * What is decoded is encoded as the same, and a live session takes any
 * packets, one after the other, each behind an octet of its length.
 */
#include <stdlib.h>

#include "bfd/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
round_trip(const struct bfd_packet *p)
{
	uint8_t buf[BFD_PACKET_MAX], *secret;
	struct wr w = wr_of(buf, sizeof(buf));
	struct bfd_packet q;

	bfd_encode(&w, p, &secret);
	if (w.bad || bfd_decode(bytes_of(buf, wr_len(&w)), &q) != NULL)
		abort();
	if (q.state != p->state || q.my_discr != p->my_discr ||
	    q.auth != p->auth || q.seq != p->seq ||
	    q.secret.n != p->secret.n || q.min_rx != p->min_rx)
		abort();
}

static void
feed(struct bfd_session *s, struct instant *now, struct bytes b)
{
	uint8_t buf[BFD_PACKET_MAX];
	struct bfd_packet p;

	if (bfd_decode(b, &p) != NULL)
		return;
	round_trip(&p);
	bfd_session_rx(s, *now, b, &p);
	/* An answer to one packet is not a storm. */
	for (unsigned i = 0; bfd_session_tx(s, *now, buf, sizeof(buf)); i++)
		if (i > 2)
			abort();
	bfd_session_poll(s);
	if (instant_due(bfd_session_deadline(s), *now))
		bfd_session_tick(s, *now);
	*now = instant_add(*now, MILLISECONDS(100));
	bfd_session_tick(s, *now);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t password[] = { 'x' };
	static const struct bfd_key key = { .id = 1, .n = 1,
	    .secret = password };
	struct bfd_session_config c = { .discr = 1, .mult = 3,
	    .min_rx = MILLISECONDS(10), .min_tx = MILLISECONDS(100),
	    .idle_tx = SECONDS(1), .keys = &key, .n_keys = 1 };
	struct instant now = { .ns = SECONDS(1) };
	struct bfd_session *s;
	struct rd r = rd_of(bytes_of(data, size));

	c.auth = rd_u8(&r) & 1;
	s = bfd_session_new(&c);
	if (s == NULL)
		return 0;
	bfd_session_start(s, now);
	while (rd_left(&r) > 0) {
		size_t n = rd_u8(&r);

		n = n < rd_left(&r) ? n : rd_left(&r);
		feed(s, &now, rd_bytes(&r, n));
	}
	bfd_session_free(s);
	return 0;
}

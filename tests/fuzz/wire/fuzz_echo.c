/* SPDX-License-Identifier: ISC */
/*
 * What is decoded is encoded as the same; and an alive takes any answers and
 * questions at any time, and never asks in a storm.  First a packet, then
 * records of an octet of what and one of how long.
 */
#include <stdlib.h>

#include "base/cursor.h"
#include "wg/alive.h"
#include "wire/echo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
round_trip(struct bytes in)
{
	uint8_t buf[ECHO_SIZE];
	struct echo e, again;

	if (!echo_decode(in.p, in.n, &e))
		return;
	echo_encode(buf, &e);
	again = e;
	again.padding = 0;
	echo_encode(buf, &again);
	if (!echo_decode(buf, sizeof(buf), &again) ||
	    again.seq != e.seq || again.id != e.id ||
	    again.every != e.every || again.answer != e.answer)
		abort();
}

static void
tick(struct alive *a, struct instant now)
{
	uint16_t seq;

	if (alive_tick(a, now, &seq) && instant_due(alive_deadline(a), now) &&
	    alive_tick(a, now, &seq) && alive_tick(a, now, &seq))
		abort();
	alive_poll(a);
	if (alive_loss_percent(a, now) > 100)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rd r = rd_of(bytes_of(data, size));
	struct instant now = { .ns = SECONDS(1) };
	struct alive a;

	round_trip(bytes_of(data, size));
	alive_init(&a, 1);
	while (rd_left(&r) >= 2) {
		const uint8_t what = rd_u8(&r), wait = rd_u8(&r);

		switch (what & 7) {
		case 0:
			alive_handshake(&a, now);
			break;
		case 1: case 2: case 3:
			alive_answer(&a, now, (uint16_t)(a.total - 1 -
			    (what >> 3)));
			break;
		case 4:
			alive_heard(&a, now, wait * ECHO_UNIT);
			break;
		case 5:
			alive_set_pace(&a, wait * ECHO_UNIT);
			break;
		case 6:
			if (what == 0xfe)
				alive_reset(&a, now);
			break;
		default:
			now = instant_add(now, SECONDS(wait));
		}
		tick(&a, now);
		now = instant_add(now, wait & 1 ? MILLISECONDS(wait) :
		    (int64_t)wait * 1000);
		tick(&a, now);
	}
	return 0;
}

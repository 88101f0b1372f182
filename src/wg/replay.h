/* SPDX-License-Identifier: ISC */
/*
 * The sliding window over a session's counters, in the manner of RFC 6479:
 * a ring of words, one of which is always being cleared, so the window moves
 * without shifting.  8192 bits, of which 8128 look back.  A value.
 */
#ifndef WARREN_WG_REPLAY_H
#define WARREN_WG_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#define WG_REPLAY_BITS		8192
#define WG_REPLAY_WINDOW	(WG_REPLAY_BITS - 64)
/* REJECT-AFTER-MESSAGES: no counter from here on is used or accepted. */
#define WG_REJECT_AFTER_MESSAGES	(UINT64_MAX - WG_REPLAY_BITS)
#define WG_REKEY_AFTER_MESSAGES		((uint64_t)1 << 60)

/* All zeros is a fresh one.  next is one more than the highest seen. */
struct wg_replay {
	uint64_t next;
	uint64_t bits[WG_REPLAY_BITS / 64];
};

/*
 * True, and noted, when counter is new; false when it was seen, is too old
 * to tell, or not allowed.  Ask only about authentic packets.
 */
bool wg_replay_accept(struct wg_replay *r, uint64_t counter);

#endif

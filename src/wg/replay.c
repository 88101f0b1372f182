/* SPDX-License-Identifier: ISC */
#include "wg/replay.h"

#define WORDS	(WG_REPLAY_BITS / 64)

/* Clears the words between the highest counter so far and the new one. */
static void
advance(struct wg_replay *r, uint64_t counter)
{
	uint64_t from = r->next ? (r->next - 1) / 64 : 0;
	uint64_t words = counter / 64 - from;

	if (words > WORDS)
		words = WORDS;
	for (uint64_t i = 1; i <= words; i++)
		r->bits[(from + i) % WORDS] = 0;
	r->next = counter + 1;
}

bool
wg_replay_accept(struct wg_replay *r, uint64_t counter)
{
	uint64_t *word = &r->bits[counter / 64 % WORDS];
	uint64_t bit = (uint64_t)1 << counter % 64;

	if (counter >= WG_REJECT_AFTER_MESSAGES)
		return false;
	if (counter >= r->next)
		advance(r, counter);
	else if (r->next - 1 - counter > WG_REPLAY_WINDOW)
		return false;
	if (*word & bit)
		return false;
	*word |= bit;
	return true;
}

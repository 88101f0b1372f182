/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "wg/replay.h"

static void
test_edges(void **state)
{
	static struct wg_replay r;
	const uint64_t w = WG_REPLAY_WINDOW;

	(void)state;
	memset(&r, 0, sizeof(r));
	assert_true(wg_replay_accept(&r, 0));
	assert_false(wg_replay_accept(&r, 0));
	assert_true(wg_replay_accept(&r, 1));
	assert_true(wg_replay_accept(&r, 9));
	assert_true(wg_replay_accept(&r, 8));
	assert_false(wg_replay_accept(&r, 8));
	assert_false(wg_replay_accept(&r, 9));
	/* Exactly at the edge of the window, and one past it. */
	assert_true(wg_replay_accept(&r, w + 2));
	assert_true(wg_replay_accept(&r, 2));
	assert_false(wg_replay_accept(&r, 2));
	assert_false(wg_replay_accept(&r, 1));
	assert_true(wg_replay_accept(&r, w + 3));
	assert_false(wg_replay_accept(&r, 2));
	assert_true(wg_replay_accept(&r, 3));
	/* A jump of more than the whole ring forgets all that was in it. */
	assert_true(wg_replay_accept(&r, w * 5));
	assert_false(wg_replay_accept(&r, w + 4));
	assert_true(wg_replay_accept(&r, w * 4));
	for (uint64_t c = w * 4 + 1; c < w * 5; c++)
		assert_true(wg_replay_accept(&r, c));
	assert_false(wg_replay_accept(&r, w * 5));
}

static void
test_last(void **state)
{
	static struct wg_replay r;
	/* 2^64 - 2^13 - 1 */
	const uint64_t limit = 0xffffffffffffdfff;

	(void)state;
	memset(&r, 0, sizeof(r));
	assert_int_equal(WG_REJECT_AFTER_MESSAGES, limit);
	assert_true(wg_replay_accept(&r, limit - 1));
	assert_false(wg_replay_accept(&r, limit));
	assert_false(wg_replay_accept(&r, UINT64_MAX));
	assert_true(wg_replay_accept(&r, limit - 2));
	assert_false(wg_replay_accept(&r, 0));
}

/* Against a plain array of flags, with counters that jump about. */
static void
test_oracle(void **state)
{
	static struct wg_replay r;
	static uint8_t seen[200000];
	uint64_t top = 0, x = 7;

	(void)state;
	memset(&r, 0, sizeof(r));
	for (int i = 0; i < 400000; i++) {
		uint64_t c;
		bool want;

		x = x * 6364136223846793005u + 1442695040888963407u;
		switch (x >> 60) {
		case 0:
			c = top + (x >> 33) % 300;
			break;
		case 1:
			c = (x >> 33) % (top + 1);
			break;
		default:
			c = top + 10 - (x >> 33) % (top < 9000 ? top + 10 :
			    9000);
			break;
		}
		if (c >= sizeof(seen))
			c = sizeof(seen) - 1;
		want = !seen[c] && (c >= top || top - c <= WG_REPLAY_WINDOW);
		assert_int_equal(wg_replay_accept(&r, c), want);
		if (want)
			seen[c] = 1;
		if (want && c > top)
			top = c;
	}
	assert_true(top > 100000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_last),
		cmocka_unit_test(test_oracle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

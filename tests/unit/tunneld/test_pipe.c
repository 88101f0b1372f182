/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "tunneld/pipe.h"

static void
batches_come_out_in_order(void **state)
{
	struct pipe *p = pipe_new();
	struct batch *in[8], *b;
	unsigned n;

	(void)state;
	assert_non_null(p);
	assert_null(pipe_next(p));
	for (unsigned round = 0; round < 5; round++) {
		for (n = 0; (b = pipe_take(p, round & 1)); n++) {
			assert_true(n < 8);
			assert_int_equal(b->n, 0);
			assert_int_equal(b->inbound, round & 1);
			in[n] = b;
			pipe_submit(p, b);
		}
		assert_true(n >= 2);
		for (unsigned i = 0; i < n; i++) {
			assert_ptr_equal(pipe_next(p), in[i]);
			pipe_release(p, in[i]);
		}
		assert_null(pipe_next(p));
	}
	pipe_free(p);
}

static void
taken_twice_is_the_same(void **state)
{
	struct pipe *p = pipe_new();
	struct batch *b = pipe_take(p, false);

	(void)state;
	assert_ptr_equal(pipe_take(p, true), b);
	pipe_free(p);
}

/* Fills a batch with packets of n bytes; how many there was room for. */
static size_t
fill(struct batch *b, size_t n)
{
	uint8_t *room, *last = b->bytes;
	size_t cap;

	while ((room = batch_room(b, &cap))) {
		assert_true(cap >= BATCH_LONGEST && n <= cap);
		assert_true(room >= last + WG_HEADROOM);
		memset(room - WG_HEADROOM, 0xaa,
		    WG_HEADROOM + n + WG_TAILROOM);
		last = room + n + WG_TAILROOM;
		assert_true(last <= b->bytes + BATCH_BYTES);
		batch_put(b, n);
		assert_ptr_equal(b->v[b->n - 1]->data, room);
		assert_int_equal(b->v[b->n - 1]->len, n);
		assert_int_equal(b->v[b->n - 1]->step, WG_NEW);
	}
	return b->n;
}

static void
room_around_each_packet(void **state)
{
	struct pipe *p = pipe_new();

	(void)state;
	assert_int_equal(fill(pipe_take(p, false), 1420), BATCH_PACKETS);
	assert_int_equal(fill(pipe_take(p, false), 1), BATCH_PACKETS);
	assert_int_equal(fill(pipe_take(p, false), 65535), 3);
	assert_true(fill(pipe_take(p, false), 9000) >= 16);
	pipe_free(p);
}

static void
full_is_full(void **state)
{
	struct pipe *p = pipe_new();
	struct batch *b = pipe_take(p, true);

	(void)state;
	for (unsigned i = 0; i < BATCH_PACKETS; i++)
		assert_non_null(batch_add(b));
	assert_null(batch_add(b));
	pipe_free(p);
}

static void
no_memory_is_no_pipe(void **state)
{
	struct pipe *p = NULL;
	long n = 0;

	(void)state;
	for (; !p; n++) {
		mem_fail_after(n);
		p = pipe_new();
		mem_fail_after(-1);
	}
	assert_true(n > 5);
	pipe_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(batches_come_out_in_order),
		cmocka_unit_test(taken_twice_is_the_same),
		cmocka_unit_test(room_around_each_packet),
		cmocka_unit_test(full_is_full),
		cmocka_unit_test(no_memory_is_no_pipe),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

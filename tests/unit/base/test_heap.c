/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/heap.h"
#include "base/mem.h"

#define N 300

static uint32_t seed = 1;

static uint32_t
dice(uint32_t n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static struct instant
at(int64_t ns)
{
	return (struct instant){ .ns = ns };
}

/* The earliest of those that are set, by looking at all of them. */
static int64_t
earliest(const struct timer *t)
{
	int64_t first = INT64_MAX;

	for (int i = 0; i < N; i++)
		if (t[i].pos && t[i].at.ns < first)
			first = t[i].at.ns;
	return first;
}

static void
agrees_with_a_plain_search(void **st)
{
	static struct timer t[N];
	struct heap h;

	(void)st;
	heap_init(&h);
	assert_null(heap_first(&h));
	for (int i = 0; i < 20000; i++) {
		struct timer *one = &t[dice(N)];

		if (dice(3) == 0)
			heap_clear(&h, one);
		else
			assert_true(heap_set(&h, one, at(dice(1000))));
		assert_true(heap_deadline(&h).ns == earliest(t));
		if (h.n)
			assert_true(heap_first(&h)->pos == 1);
	}
	for (int64_t last = 0; h.n; ) {
		assert_true(heap_deadline(&h).ns >= last);
		last = heap_deadline(&h).ns;
		heap_clear(&h, heap_first(&h));
	}
	assert_true(instant_is_never(heap_deadline(&h)));
	heap_done(&h);
}

static void
out_of_memory_leaves_the_timer(void **st)
{
	struct timer t = { .at = { 5 } };
	struct heap h;

	(void)st;
	heap_init(&h);
	mem_fail_after(0);
	assert_false(heap_set(&h, &t, at(9)));
	mem_fail_after(-1);
	assert_int_equal(t.at.ns, 5);
	assert_int_equal(t.pos, 0);
	heap_set(&h, &t, at(9));
	heap_done(&h);
	assert_int_equal(t.pos, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_a_plain_search),
		cmocka_unit_test(out_of_memory_leaves_the_timer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

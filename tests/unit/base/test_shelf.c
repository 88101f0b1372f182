/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/shelf.h"

#define N	4000

static size_t
size_of(unsigned i)
{
	return 1 + (i * 7919u) % 700;
}

/* Each is written full, so that any overlap shows. */
static void
objects_are_apart(void **state)
{
	static uint8_t *p[N];
	struct shelf s;

	(void)state;
	shelf_init(&s);
	for (unsigned round = 0; round < 3; round++) {
		for (unsigned i = 0; i < N; i++) {
			if (p[i])
				continue;
			p[i] = shelf_alloc(&s, size_of(i));
			assert_non_null(p[i]);
			assert_int_equal((uintptr_t)p[i] % 8, 0);
			memset(p[i], (int)(i & 0xff), size_of(i));
		}
		for (unsigned i = 0; i < N; i++)
			for (size_t k = 0; k < size_of(i); k++)
				assert_int_equal(p[i][k], i & 0xff);
		for (unsigned i = round % 2; i < N; i += 2) {
			shelf_free(&s, p[i], size_of(i));
			p[i] = NULL;
		}
	}
	for (unsigned i = 0; i < N; i++)
		if (p[i])
			shelf_free(&s, p[i], size_of(i));
	assert_int_equal(s.bytes, 0);
	shelf_done(&s);
}

static void
freed_ones_are_taken_again(void **state)
{
	struct shelf s;
	size_t held;
	void *p[64];

	(void)state;
	shelf_init(&s);
	for (unsigned i = 0; i < 64; i++)
		p[i] = shelf_alloc(&s, 100);
	held = s.bytes;
	for (unsigned round = 0; round < 100; round++) {
		for (unsigned i = 1; i < 64; i++)
			shelf_free(&s, p[i], 100);
		for (unsigned i = 1; i < 64; i++)
			p[i] = shelf_alloc(&s, 97 + round % 8);
	}
	assert_int_equal(s.bytes, held);
	for (unsigned i = 0; i < 64; i++)
		shelf_free(&s, p[i], 100);
	assert_int_equal(s.bytes, 0);
	shelf_done(&s);
}

static void
out_of_memory(void **state)
{
	struct shelf s;
	void *p, *large;

	(void)state;
	shelf_init(&s);
	mem_fail_after(0);
	assert_null(shelf_alloc(&s, 8));
	assert_null(shelf_alloc(&s, 8000));
	mem_fail_after(-1);
	p = shelf_alloc(&s, 8);
	mem_fail_after(0);
	assert_null(shelf_alloc(&s, 8000));
	large = shelf_alloc(&s, 512);	/* there is room in the block */
	mem_fail_after(-1);
	assert_non_null(large);
	shelf_free(&s, p, 8);
	shelf_free(&s, large, 512);
	assert_int_equal(s.bytes, 0);
	shelf_done(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_apart),
		cmocka_unit_test(freed_ones_are_taken_again),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

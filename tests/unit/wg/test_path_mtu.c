/* SPDX-License-Identifier: ISC */
/* Ways that are narrower than they look, in virtual time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "wg/path_mtu.h"

#define WAIT	MILLISECONDS(120)

static struct path_mtu m;
static struct instant now;
static unsigned fits, sent, news, loss;
static uint32_t seed;

static int
setup(void **state)
{
	(void)state;
	path_mtu_init(&m);
	now.ns = SECONDS(1000);
	sent = news = loss = 0;
	fits = 1420;
	seed = 99;
	return 0;
}

static bool
is_lost(void)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 8) % 1000 < loss;
}

static void
run(int64_t span)
{
	const struct instant end = instant_add(now, span);

	while (m.at.ns <= end.ns) {
		unsigned size;

		if (m.at.ns > now.ns)
			now = m.at;
		size = path_mtu_tick(&m, now, WAIT);
		if (size != 0) {
			sent++;
			assert_in_range(size, PATH_MTU_LEAST + 1, m.top);
			if (size <= fits && !is_lost()) {
				now = instant_add(now, MILLISECONDS(20));
				path_mtu_answer(&m, now, size);
			}
		}
		news += path_mtu_poll(&m);
	}
	now = end;
}

static void
all_is_well(void **state)
{
	(void)state;
	path_mtu_begin(&m, now, 1420);
	run(SECONDS(1));
	assert_int_equal(m.found, 1420);
	assert_int_equal(sent, 1);
	assert_int_equal(news, 1);
	run(SECONDS(3600));
	assert_int_equal(news, 1);
	assert_in_range(sent, 20, 40);
}

static void
every_width(void **state)
{
	(void)state;
	for (unsigned top = 1281; top < 9000; top += 373)
		for (fits = PATH_MTU_LEAST; fits <= top; fits += 7) {
			path_mtu_begin(&m, now, top);
			sent = 0;
			run(SECONDS(10));
			assert_in_range(m.found, fits - 3, fits);
			assert_in_range(sent, 1, 60);
		}
}

static void
narrower_and_wide_again(void **state)
{
	(void)state;
	path_mtu_begin(&m, now, 1420);
	run(SECONDS(100));
	fits = 1333;
	run(SECONDS(125));
	assert_in_range(m.found, 1329, 1333);
	sent = 0;
	run(SECONDS(3600));
	assert_in_range(m.found, 1329, 1333);
	assert_in_range(sent, 40, 120);
	assert_int_equal(news, 2);
	/* A little wider, then all of it. */
	fits = 1390;
	run(SECONDS(722));
	assert_in_range(m.found, 1386, 1390);
	fits = 1420;
	run(SECONDS(722));
	assert_int_equal(m.found, 1420);
	assert_int_equal(news, 4);
}

/* Not even the least: that is what an interface can have. */
static void
hopeless(void **state)
{
	(void)state;
	fits = 0;
	path_mtu_begin(&m, now, 1420);
	run(SECONDS(10));
	assert_in_range(m.found, PATH_MTU_LEAST, PATH_MTU_LEAST);
	run(SECONDS(3600));
	assert_in_range(m.found, PATH_MTU_LEAST, PATH_MTU_LEAST);
	fits = 1420;
	run(SECONDS(722));
	assert_int_equal(m.found, 1420);
}

/* Losses at random are taken for a narrow way rarely, and not for long. */
static void
lossy(void **state)
{
	unsigned wrong = 0;

	(void)state;
	loss = 100;
	path_mtu_begin(&m, now, 1420);
	for (unsigned i = 0; i < 24 * 60; i++) {
		run(SECONDS(60));
		wrong += m.found != 1420;
	}
	assert_in_range(wrong, 0, 30);
}

/* Nothing is blamed on the size while small ones are lost, too. */
static void
held(void **state)
{
	(void)state;
	path_mtu_begin(&m, now, 1420);
	run(SECONDS(1));
	fits = 0;
	for (unsigned i = 0; i < 1000; i++) {
		path_mtu_hold(&m, now);
		run(MILLISECONDS(1000));
	}
	fits = 1420;
	run(SECONDS(300));
	assert_int_equal(m.found, 1420);
	assert_int_equal(news, 1);
}

static void
stops(void **state)
{
	(void)state;
	path_mtu_begin(&m, now, 1420);
	path_mtu_stop(&m);
	run(SECONDS(3600));
	assert_int_equal(sent, 0);
	path_mtu_answer(&m, now, 1420);
	assert_int_equal(m.found, 0);
	path_mtu_begin(&m, now, PATH_MTU_LEAST);
	run(SECONDS(3600));
	assert_int_equal(sent, 0);
}

#define TEST(name)	cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_is_well), TEST(every_width),
		TEST(narrower_and_wide_again), TEST(hopeless), TEST(lossy),
		TEST(held), TEST(stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

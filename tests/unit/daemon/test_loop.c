/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/loop.h"

#include <string.h>
#include <unistd.h>

struct world {
	struct loop loop;
	struct loop_timer timer[3];
	struct loop_work work[2];
	char told[32];
	int left[2];
};

static struct world w;

static void
tell(char c)
{
	size_t n = strlen(w.told);

	if (n + 1 < sizeof(w.told))
		w.told[n] = c;
}

static void
fire_a(void *ctx)
{
	(void)ctx;
	tell('a');
	/* One that is set and one that is due may both be cleared. */
	loop_timer_clear(&w.loop, &w.timer[2]);
}

static void
fire_b(void *ctx)
{
	(void)ctx;
	tell('b');
	loop_stop(&w.loop);
}

static void
fire_c(void *ctx)
{
	(void)ctx;
	tell('c');
}

static void
setup(void)
{
	memset(&w, 0, sizeof(w));
	assert_int_equal(loop_init(&w.loop), 0);
}

static void
timers_fire_in_order_and_can_be_cleared(void **st)
{
	(void)st;
	setup();
	loop_timer_init(&w.timer[0], fire_a, NULL);
	loop_timer_init(&w.timer[1], fire_b, NULL);
	loop_timer_init(&w.timer[2], fire_c, NULL);
	loop_timer_in(&w.loop, &w.timer[1], MILLISECONDS(20));
	loop_timer_in(&w.loop, &w.timer[2], MILLISECONDS(1));
	loop_timer_in(&w.loop, &w.timer[0], 0);
	loop_run(&w.loop);
	assert_string_equal(w.told, "ab");
	assert_false(loop_timer_is_set(&w.timer[1]));
	loop_done(&w.loop);
}

static bool
work_x(void *ctx)
{
	(void)ctx;
	tell('x');
	return --w.left[0] > 0;
}

static bool
work_y(void *ctx)
{
	(void)ctx;
	tell('y');
	if (--w.left[1] > 0)
		return true;
	loop_stop(&w.loop);
	return false;
}

static void
work_takes_turns(void **st)
{
	(void)st;
	setup();
	w.left[0] = 2;
	w.left[1] = 4;
	loop_work_init(&w.work[0], work_x, NULL);
	loop_work_init(&w.work[1], work_y, NULL);
	loop_work_add(&w.loop, &w.work[0]);
	loop_work_add(&w.loop, &w.work[1]);
	loop_work_add(&w.loop, &w.work[0]);	/* no second time */
	loop_run(&w.loop);
	assert_string_equal(w.told, "xyxyyy");
	assert_false(loop_work_queued(&w.work[0]));
	loop_done(&w.loop);
}

static int pipe_fd[2];
static struct loop_fd *reader;

static void
on_pipe(void *ctx, int events)
{
	char c;

	(void)ctx;
	assert_true(events & UV_READABLE);
	assert_int_equal(read(pipe_fd[0], &c, 1), 1);
	tell(c);
	if (c != 'z')
		return;
	reader = loop_fd_free(reader);	/* from within its own callback */
	loop_stop(&w.loop);
}

static void
descriptors_are_heard_while_there_is_work(void **st)
{
	(void)st;
	setup();
	assert_int_equal(pipe(pipe_fd), 0);
	reader = loop_fd_new(&w.loop, pipe_fd[0], on_pipe, NULL);
	assert_non_null(reader);
	loop_fd_want(reader, UV_READABLE);
	assert_int_equal(write(pipe_fd[1], "z", 1), 1);
	w.left[0] = 1000;
	loop_work_init(&w.work[0], work_x, NULL);
	loop_work_add(&w.loop, &w.work[0]);
	loop_run(&w.loop);
	assert_true(w.left[0] > 900);
	assert_non_null(strchr(w.told, 'z'));
	loop_work_clear(&w.work[0]);
	loop_done(&w.loop);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(timers_fire_in_order_and_can_be_cleared),
		cmocka_unit_test(work_takes_turns),
		cmocka_unit_test(descriptors_are_heard_while_there_is_work),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tunneld/loop.h"

struct pair {
	struct loop *loop;
	struct watch watch;
	struct pair *other;
	unsigned calls;
	int in, out;
};

static struct instant
boottime(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);
	return (struct instant){ ts.tv_sec * SECONDS(1) + ts.tv_nsec };
}

static void
called(void *arg, uint32_t events)
{
	struct pair *p = arg;

	assert_true(events & EPOLLIN);
	p->calls++;
	if (p->other)
		loop_forget(p->loop, &p->other->watch);
}

static void
pair_init(struct pair *p, struct loop *l)
{
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	*p = (struct pair){ .loop = l, .in = fd[0], .out = fd[1],
	    .watch = { -1, called, p } };
	assert_int_equal(loop_watch(l, &p->watch, p->in, EPOLLIN), 0);
	assert_int_equal(write(p->out, "x", 1), 1);
}

static void
pair_done(struct pair *p)
{
	loop_forget(p->loop, &p->watch);
	close(p->in);
	close(p->out);
}

static void
ready_is_called(void **state)
{
	struct loop l;
	struct pair p;

	(void)state;
	assert_int_equal(loop_init(&l), 0);
	pair_init(&p, &l);
	assert_int_equal(loop_turn(&l, INSTANT_NEVER), 0);
	assert_int_equal(p.calls, 1);
	pair_done(&p);
	loop_done(&l);
}

/* Both are ready in one turn; whoever is first forgets the other. */
static void
forgotten_is_not_called(void **state)
{
	struct loop l;
	struct pair a, b;

	(void)state;
	assert_int_equal(loop_init(&l), 0);
	pair_init(&a, &l);
	pair_init(&b, &l);
	a.other = &b;
	b.other = &a;
	assert_int_equal(loop_turn(&l, INSTANT_NEVER), 0);
	assert_int_equal(a.calls + b.calls, 1);
	pair_done(&a);
	pair_done(&b);
	loop_done(&l);
}

static void
deadline_ends_the_wait(void **state)
{
	struct instant start = boottime(), wake;
	struct loop l;

	(void)state;
	assert_int_equal(loop_init(&l), 0);
	wake = instant_add(start, MILLISECONDS(30));
	assert_int_equal(loop_turn(&l, wake), 0);
	assert_true(instant_due(wake, boottime()));
	/* One that has passed, twice: it must not sleep for ever. */
	assert_int_equal(loop_turn(&l, wake), 0);
	assert_int_equal(loop_turn(&l, wake), 0);
	assert_int_equal(loop_turn(&l, INSTANT_ZERO), 0);
	loop_done(&l);
}

static void
nearer_deadline_takes_over(void **state)
{
	struct instant start = boottime();
	struct loop l;
	struct pair p;

	(void)state;
	assert_int_equal(loop_init(&l), 0);
	pair_init(&p, &l);
	assert_int_equal(loop_turn(&l, instant_add(start, SECONDS(3600))), 0);
	assert_int_equal(p.calls, 1);
	loop_forget(&l, &p.watch);
	assert_int_equal(loop_turn(&l, instant_add(start, MILLISECONDS(20))),
	    0);
	assert_true(instant_sub(boottime(), start) < SECONDS(60));
	pair_done(&p);
	loop_done(&l);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ready_is_called),
		cmocka_unit_test(forgotten_is_not_called),
		cmocka_unit_test(deadline_ends_the_wait),
		cmocka_unit_test(nearer_deadline_takes_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

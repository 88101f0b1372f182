/* SPDX-License-Identifier: ISC */
/*
 * The loop of the control plane: libuv for descriptors, one heap of
 * deadlines, and a queue of work that is done in slices.
 *
 * Deadlines are instants of CLOCK_BOOTTIME, so a machine that has slept finds
 * them due when it wakes.  Work is what could stall the loop if it were
 * done in one go (exports, flushes): run() does a bounded part of it and says
 * whether there is more; everybody's turn comes before the second turn of
 * anyone, and descriptors are looked at in between.
 *
 * Timers and works stand inside what they serve and must be cleared before
 * that is freed.  Callbacks may set, clear and free anything, themselves
 * included.  One thread.
 */
#ifndef WARREN_DAEMON_LOOP_H
#define WARREN_DAEMON_LOOP_H

#include <stdbool.h>
#include <uv.h>

#include "base/heap.h"
#include "base/list.h"
#include "base/time.h"

struct loop {
	uv_loop_t uv;
	uv_poll_t wake;			/* the timerfd */
	uv_prepare_t prepare;
	uv_idle_t idle;			/* keeps the loop from waiting */
	int timer_fd;
	struct instant armed;		/* what the timerfd is set to */
	struct heap timers;
	struct list late;		/* timers for which was no room */
	struct list work;
	/* Before the loop waits: true while there is more to do. */
	bool (*before_wait)(void *ctx);
	void *ctx;
	bool stopping;
};

struct loop_timer {
	struct timer t;
	struct list late;		/* zeroed: not there */
	struct instant late_at;
	void (*fire)(void *ctx);
	void *ctx;
};

struct loop_work {
	struct list link;		/* zeroed: not queued */
	bool (*run)(void *ctx);		/* true: call me again */
	void *ctx;
};

/* 0 or a negative errno. */
int loop_init(struct loop *l);
void loop_done(struct loop *l);
void loop_run(struct loop *l);		/* until loop_stop() */
void loop_stop(struct loop *l);

struct instant loop_now(void);

void loop_timer_init(struct loop_timer *t, void (*fire)(void *ctx),
    void *ctx);
void loop_timer_at(struct loop *l, struct loop_timer *t, struct instant at);
void loop_timer_in(struct loop *l, struct loop_timer *t, int64_t span);
void loop_timer_clear(struct loop *l, struct loop_timer *t);
bool loop_timer_is_set(const struct loop_timer *t);

void loop_work_init(struct loop_work *w, bool (*run)(void *ctx), void *ctx);
void loop_work_add(struct loop *l, struct loop_work *w);
void loop_work_clear(struct loop_work *w);
bool loop_work_queued(const struct loop_work *w);

/* A descriptor that is watched; the descriptor stays the caller's. */
struct loop_fd;

/* events: UV_READABLE, UV_WRITABLE; an error shows as both. */
struct loop_fd *loop_fd_new(struct loop *l, int fd,
    void (*ready)(void *ctx, int events), void *ctx);
void loop_fd_want(struct loop_fd *f, int events);	/* 0: nothing */
/* Before the descriptor is closed.  NULL in, NULL out. */
struct loop_fd *loop_fd_free(struct loop_fd *f);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * Waiting for descriptors and for one deadline, on epoll.
 *
 * A struct watch sits inside the thing that it calls.  The deadline is on
 * CLOCK_BOOTTIME, so that a machine waking from sleep is late, not deaf.
 * From within a call, watches may be added, changed and forgotten, and
 * freed after that.  Errors are negative errno.  One thread.
 */
#ifndef WARREN_TUNNELD_LOOP_H
#define WARREN_TUNNELD_LOOP_H

#include <sys/epoll.h>

#include "base/time.h"

#define LOOP_EVENTS	32

struct watch {
	int fd;			/* -1 when not watched */
	void (*ready)(void *arg, uint32_t events);
	void *arg;
};

struct loop {
	int epoll, timer;
	struct watch timer_watch;
	struct instant armed;
	struct epoll_event now[LOOP_EVENTS];	/* being called */
	int n;
};

int loop_init(struct loop *l);
void loop_done(struct loop *l);

/* Calls w->ready(w->arg) at events of epoll(7) on fd. */
int loop_watch(struct loop *l, struct watch *w, int fd, uint32_t events);
int loop_change(struct loop *l, struct watch *w, uint32_t events);
/* No-op for one that is not watched.  The descriptor stays open. */
void loop_forget(struct loop *l, struct watch *w);

/* Sleeps until something is ready or wake has come; then calls. */
int loop_turn(struct loop *l, struct instant wake);

#endif

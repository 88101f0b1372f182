/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stddef.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "tunneld/loop.h"

static void
timer_ready(void *arg, uint32_t events)
{
	struct loop *l = arg;
	uint64_t times;

	(void)events;
	if (read(l->timer, &times, sizeof(times)) > 0)
		l->armed = INSTANT_NEVER;
}

int
loop_init(struct loop *l)
{
	int err;

	*l = (struct loop){ .armed = INSTANT_NEVER,
	    .timer_watch = { .fd = -1, .ready = timer_ready, .arg = l } };
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (l->epoll < 0)
		return -errno;
	l->timer = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
	if (l->timer < 0) {
		err = -errno;
		close(l->epoll);
		return err;
	}
	return loop_watch(l, &l->timer_watch, l->timer, EPOLLIN);
}

void
loop_done(struct loop *l)
{
	close(l->timer);
	close(l->epoll);
}

int
loop_watch(struct loop *l, struct watch *w, int fd, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };

	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &e) < 0)
		return -errno;
	w->fd = fd;
	return 0;
}

int
loop_change(struct loop *l, struct watch *w, uint32_t events)
{
	struct epoll_event e = { .events = events, .data.ptr = w };

	return epoll_ctl(l->epoll, EPOLL_CTL_MOD, w->fd, &e) < 0 ? -errno : 0;
}

void
loop_forget(struct loop *l, struct watch *w)
{
	if (w->fd < 0)
		return;
	(void)epoll_ctl(l->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	w->fd = -1;
	/* What was ready in this turn and not called yet will not be. */
	for (int i = 0; i < l->n; i++) {
		if (l->now[i].data.ptr == w)
			l->now[i].data.ptr = NULL;
	}
}

/* A deadline of 0 would disarm the timer; 1 ns after boot is as late. */
static void
arm(struct loop *l, struct instant wake)
{
	struct itimerspec it = { 0 };
	int64_t ns = wake.ns > 0 ? wake.ns : 1;

	if (wake.ns == l->armed.ns)
		return;
	if (!instant_is_never(wake)) {
		it.it_value.tv_sec = ns / SECONDS(1);
		it.it_value.tv_nsec = ns % SECONDS(1);
	}
	if (timerfd_settime(l->timer, TFD_TIMER_ABSTIME, &it, NULL) == 0)
		l->armed = wake;
}

int
loop_turn(struct loop *l, struct instant wake)
{
	struct watch *w;

	arm(l, wake);
	l->n = epoll_wait(l->epoll, l->now, LOOP_EVENTS, -1);
	if (l->n < 0) {
		l->n = 0;
		return errno == EINTR ? 0 : -errno;
	}
	for (int i = 0; i < l->n; i++) {
		w = l->now[i].data.ptr;
		if (w)
			w->ready(w->arg, l->now[i].events);
	}
	l->n = 0;
	return 0;
}

/* SPDX-License-Identifier: ISC */
#include "daemon/loop.h"

#include <errno.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/clock.h"

/*
 * So long, and one piece of work more, before descriptors and timers are
 * looked at again.
 */
#define TURN	MILLISECONDS(10)
#define LATE_LOOK	MILLISECONDS(50)	/* is there memory again? */

struct instant
loop_now(void)
{
	return clock_now();
}

/* The timerfd stands at the earliest deadline. */
static void
arm(struct loop *l)
{
	struct instant at = heap_deadline(&l->timers);
	struct itimerspec ts = { 0 };

	if (!list_empty(&l->late))
		at = instant_min(at, instant_add(loop_now(), LATE_LOOK));
	if (at.ns == l->armed.ns)
		return;
	l->armed = at;
	if (!instant_is_never(at)) {
		/* All zeros would disarm it. */
		int64_t ns = at.ns > 0 ? at.ns : 1;

		ts.it_value.tv_sec = ns / SECONDS(1);
		ts.it_value.tv_nsec = ns % SECONDS(1);
	}
	timerfd_settime(l->timer_fd, TFD_TIMER_ABSTIME, &ts, NULL);
}

static bool
is_late(const struct loop_timer *t)
{
	return t->late.next != NULL && !list_empty(&t->late);
}

/* Those that there was no memory for: now perhaps, or at once if it is time. */
static void
catch_up(struct loop *l, struct instant now)
{
	LIST_EACH_SAFE(t, &l->late, struct loop_timer, late) {
		const bool due = instant_due(t->late_at, now);

		if (!due && !heap_set(&l->timers, &t->t, t->late_at))
			continue;
		list_remove(&t->late);
		if (due) {
			t->fire(t->ctx);
			return;		/* the list may be another one */
		}
	}
}

static void
fire_due(struct loop *l)
{
	struct instant now = loop_now();
	struct timer *t;

	catch_up(l, now);
	while ((t = heap_first(&l->timers)) != NULL &&
	    instant_due(t->at, now)) {
		struct loop_timer *lt = container_of(t, struct loop_timer, t);

		heap_clear(&l->timers, t);
		lt->fire(lt->ctx);
	}
}

static void
on_timer_fd(uv_poll_t *h, int status, int events)
{
	struct loop *l = h->data;
	uint64_t n;

	(void)status;
	(void)events;
	while (read(l->timer_fd, &n, sizeof(n)) > 0)
		;
	l->armed = INSTANT_NEVER;
	fire_due(l);
}

/* Work that has waited goes on in the next turn, before what comes after. */
static void
put_off(struct loop *l, struct list *turn)
{
	while (!list_empty(turn)) {
		struct list *w = turn->prev;

		list_remove(w);
		list_push_front(&l->work, w);
	}
}

static void
run_work(struct loop *l)
{
	const struct instant end = instant_add(loop_now(), TURN);
	struct list turn;

	list_init(&turn);
	while (!list_empty(&l->work)) {
		struct list *w = l->work.next;

		list_remove(w);
		list_push_back(&turn, w);
	}
	while (!list_empty(&turn)) {
		struct loop_work *w = container_of(turn.next,
		    struct loop_work, link);

		list_remove(&w->link);
		if (w->run(w->ctx))	/* else it may be gone */
			loop_work_add(l, w);
		if (instant_due(end, loop_now()))
			break;
	}
	put_off(l, &turn);
}

static void
on_idle(uv_idle_t *h)
{
	(void)h;
}

/* The last thing before the loop waits. */
static void
on_prepare(uv_prepare_t *h)
{
	struct loop *l = h->data;
	bool more = false;

	if (l->before_wait != NULL)
		more = l->before_wait(l->ctx);
	run_work(l);
	fire_due(l);
	if (more || !list_empty(&l->work))
		uv_idle_start(&l->idle, on_idle);
	else
		uv_idle_stop(&l->idle);
	arm(l);
}

int
loop_init(struct loop *l)
{
	memset(l, 0, sizeof(*l));
	heap_init(&l->timers);
	list_init(&l->work);
	list_init(&l->late);
	l->armed = INSTANT_NEVER;
	l->timer_fd = timerfd_create(CLOCK_BOOTTIME,
	    TFD_NONBLOCK | TFD_CLOEXEC);
	if (l->timer_fd < 0)
		return -errno;
	if (uv_loop_init(&l->uv) != 0)
		return -ENOMEM;
	uv_poll_init(&l->uv, &l->wake, l->timer_fd);
	uv_prepare_init(&l->uv, &l->prepare);
	uv_idle_init(&l->uv, &l->idle);
	l->wake.data = l->prepare.data = l->idle.data = l;
	uv_poll_start(&l->wake, UV_READABLE, on_timer_fd);
	uv_prepare_start(&l->prepare, on_prepare);
	return 0;
}

void
loop_done(struct loop *l)
{
	uv_close((uv_handle_t *)&l->wake, NULL);
	uv_close((uv_handle_t *)&l->prepare, NULL);
	uv_close((uv_handle_t *)&l->idle, NULL);
	uv_run(&l->uv, UV_RUN_NOWAIT);
	uv_run(&l->uv, UV_RUN_NOWAIT);
	uv_loop_close(&l->uv);
	close(l->timer_fd);
	heap_done(&l->timers);
}

void
loop_run(struct loop *l)
{
	while (!l->stopping)
		uv_run(&l->uv, UV_RUN_ONCE);
}

void
loop_stop(struct loop *l)
{
	l->stopping = true;
	uv_idle_start(&l->idle, on_idle);
}

void
loop_timer_init(struct loop_timer *t, void (*fire)(void *ctx), void *ctx)
{
	*t = (struct loop_timer){ .fire = fire, .ctx = ctx };
}

/* Out of memory must not lose a deadline: see catch_up(). */
void
loop_timer_at(struct loop *l, struct loop_timer *t, struct instant at)
{
	if (is_late(t))
		list_remove(&t->late);
	if (instant_is_never(at)) {
		heap_clear(&l->timers, &t->t);
	} else if (!heap_set(&l->timers, &t->t, at)) {
		t->late_at = at;
		list_push_back(&l->late, &t->late);
	}
}

void
loop_timer_in(struct loop *l, struct loop_timer *t, int64_t span)
{
	loop_timer_at(l, t, instant_add(loop_now(), span));
}

void
loop_timer_clear(struct loop *l, struct loop_timer *t)
{
	heap_clear(&l->timers, &t->t);
	if (is_late(t))
		list_remove(&t->late);
}

bool
loop_timer_is_set(const struct loop_timer *t)
{
	return t->t.pos != 0 || is_late(t);
}

void
loop_work_init(struct loop_work *w, bool (*run)(void *ctx), void *ctx)
{
	list_init(&w->link);
	w->run = run;
	w->ctx = ctx;
}

void
loop_work_add(struct loop *l, struct loop_work *w)
{
	if (list_empty(&w->link))
		list_push_back(&l->work, &w->link);
}

void
loop_work_clear(struct loop_work *w)
{
	if (w->link.next != NULL)
		list_remove(&w->link);
}

bool
loop_work_queued(const struct loop_work *w)
{
	return w->link.next != NULL && !list_empty(&w->link);
}

struct loop_fd {
	uv_poll_t poll;
	int want;
	void (*ready)(void *ctx, int events);
	void *ctx;
};

static void
on_ready(uv_poll_t *h, int status, int events)
{
	struct loop_fd *f = h->data;

	f->ready(f->ctx, status < 0 ? UV_READABLE | UV_WRITABLE : events);
}

struct loop_fd *
loop_fd_new(struct loop *l, int fd, void (*ready)(void *ctx, int events),
    void *ctx)
{
	struct loop_fd *f = mem_zalloc(sizeof(*f));

	if (f == NULL || uv_poll_init(&l->uv, &f->poll, fd) != 0) {
		mem_free(f);
		return NULL;
	}
	f->poll.data = f;
	f->ready = ready;
	f->ctx = ctx;
	return f;
}

void
loop_fd_want(struct loop_fd *f, int events)
{
	if (f->want == events)
		return;
	f->want = events;
	if (events != 0)
		uv_poll_start(&f->poll, events, on_ready);
	else
		uv_poll_stop(&f->poll);
}

static void
on_closed(uv_handle_t *h)
{
	mem_free(h->data);
}

struct loop_fd *
loop_fd_free(struct loop_fd *f)
{
	if (f != NULL) {
		uv_poll_stop(&f->poll);
		uv_close((uv_handle_t *)&f->poll, on_closed);
	}
	return NULL;
}

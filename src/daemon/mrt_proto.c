/* SPDX-License-Identifier: ISC */
/* The mrt protocol: a dump of some tables every so often. */
#include "daemon/mrt.h"
#include "daemon/proto.h"

static const struct rt_class mrt_class = { .name = "MRT" };

struct mrt {
	struct proto p;
	struct mrt_dump *dump;		/* the one under way, or NULL */
	struct loop_timer timer;
	struct loop_work work;
	bool running;
};

static struct mrt *
mrt_of(struct proto *p)
{
	return (struct mrt *)(uintptr_t)p;
}

static bool
mrt_work(void *ctx)
{
	struct mrt *m = ctx;
	const char *table, *why;

	if (mrt_dump_step(m->dump))
		return true;
	why = mrt_dump_error(m->dump, &table);
	if (why != NULL)
		proto_log(&m->p, CONF_LOG_ERROR, "MRT dump of table %s: %s",
		    table, why);
	else
		proto_trace(&m->p, CONF_DEBUG_EVENTS, "Table dump is done");
	m->dump = mrt_dump_free(m->dump);
	return false;
}

static void
on_timer(void *ctx)
{
	struct mrt *m = ctx;
	const struct conf_mrt *cf = &m->p.cf->mrt;
	const struct mrt_what what = { .table = cf->table,
	    .pattern = cf->pattern, .filter = cf->filter, .gen = m->p.gen,
	    .filename = cf->filename,
	    .always_add_path = cf->always_add_path };

	loop_timer_in(&m->p.d->loop, &m->timer, cf->period);
	if (m->dump != NULL) {
		proto_log(&m->p, CONF_LOG_WARNING, "The last dump is not "
		    "done, this one is left out");
		return;
	}
	proto_trace(&m->p, CONF_DEBUG_EVENTS, "Table dump begins");
	m->dump = mrt_dump_new(m->p.d, &what);
	if (m->dump == NULL)
		proto_log(&m->p, CONF_LOG_ERROR, "Out of memory");
	else
		loop_work_add(&m->p.d->loop, &m->work);
}

static void
mrt_start(struct proto *p)
{
	struct mrt *m = mrt_of(p);

	loop_work_init(&m->work, mrt_work, m);
	loop_timer_init(&m->timer, on_timer, m);
	loop_timer_in(&p->d->loop, &m->timer, p->cf->mrt.period);
	m->running = true;
	proto_up(p);
}

static void
mrt_shutdown(struct proto *p)
{
	struct mrt *m = mrt_of(p);

	if (m->running) {
		loop_timer_clear(&p->d->loop, &m->timer);
		loop_work_clear(&m->work);
	}
	m->dump = mrt_dump_free(m->dump);
	m->running = false;
	proto_stopped(p);
}

const struct proto_ops mrt_ops = {
	.kind = CONF_MRT,
	.cls = &mrt_class,
	.size = sizeof(struct mrt),
	.start = mrt_start,
	.shutdown = mrt_shutdown,
};

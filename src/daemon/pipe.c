/* SPDX-License-Identifier: ISC */
/*
 * The pipe protocol: two tables that tell each other their best routes.
 *
 *	table --export--> here.out | there --> peer table
 *	table <-- here | there.out <--import-- peer table
 *
 * Filters act on the way out of a table only; what comes in at the other end
 * was filtered already.  A route keeps its source and attributes and gets
 * this pipe as its announcer, so it does not come back through it; who
 * announced it first, which filters and people see, is an attribute.
 */
#include <string.h>

#include "daemon/proto.h"

struct pipe {
	struct proto p;
	struct rt_channel there;	/* at the peer table */
	struct dtable *peer;
	struct loop_work work;
	bool running, flushing;
};

static const struct rt_class pipe_class = { .name = "Pipe", .rank = 1 };

static struct pipe *
pipe_of(const struct proto *p)
{
	return container_of(p, struct pipe, p);
}

/* News of one side is an announcement to the other. */
static bool
carry(struct rt_channel *to, const struct prefix *net, struct rt_edit *e)
{
	struct attrs_pool *pool = rt_table_pool(to->table);
	const struct attrs *set;
	struct attr first;
	enum rt_result r;

	if (e == NULL) {
		rt_channel_update(to, net, 0, NULL, loop_now());
		return true;
	}
	if (e->src != NULL && !attrs_edit_get(&e->a, ATTR_PIPED, &first)) {
		first = (struct attr){ .id = ATTR_PIPED, .type = ATTR_STRING,
		    .p = (const uint8_t *)e->src->owner->name,
		    .n = (uint32_t)strlen(e->src->owner->name) + 1 };
		attrs_edit_set(&e->a, first);
	}
	set = attrs_intern(pool, &e->a);
	if (set == NULL)
		return e->a.failed;	/* else it is offered again */
	r = rt_channel_update(to, net, 0, set, loop_now());
	attrs_unref(pool, set);
	return r != RT_NO_MEMORY;
}

static bool
here_emit(struct proto_channel *c, uint32_t id, const struct prefix *net,
    struct rt_edit *e)
{
	(void)id;
	return carry(&pipe_of(c->p)->there, net, e);
}

static bool
there_emit(struct rt_channel *rc, uint32_t id, const struct prefix *net,
    struct rt_edit *e)
{
	struct proto_channel *c = rc->ctx;

	(void)id;
	return carry(c->rc, net, e);
}

static void
there_wake(struct rt_channel *rc)
{
	struct proto_channel *c = rc->ctx;

	loop_work_add(&c->p->d->loop, &pipe_of(c->p)->work);
}

static const struct rt_channel_ops there_ops = {
	.wake = there_wake,
	.emit = there_emit,
};

static bool
there_work(void *ctx)
{
	struct pipe *pi = ctx;

	if (!pi->flushing)
		return rt_channel_export(&pi->there, 512);
	if (rt_channel_flush(&pi->there, 4096, loop_now()))
		return true;
	pi->flushing = false;
	proto_stopped(&pi->p);
	return false;
}

/* import is what leaves the peer table; here nothing is judged twice. */
static void
configure(struct pipe *pi, struct proto_channel *c)
{
	channel_configure(c, &pi->there);
	pi->there.out = pi->there.in;
	pi->there.in = c->rc->in =
	    (struct rt_filter){ .constant = RT_ACCEPT };
}

static struct proto_channel *
only_channel(struct proto *p)
{
	return list_empty(&p->channels) ? NULL :
	    container_of(p->channels.next, struct proto_channel, link);
}

static void
pipe_start(struct proto *p)
{
	struct proto_channel *c = only_channel(p);
	struct pipe *pi = pipe_of(p);

	pi->peer = daemon_table(p->d, p->cf->pipe.peer->name);
	if (c == NULL || pi->peer == NULL || pi->peer == c->table) {
		proto_stop(p, PROTO_GOAL_DOWN, "No table to speak with");
		return;
	}
	pi->peer->users++;
	pi->running = true;
	pi->there = (struct rt_channel){ .table = pi->peer->t,
	    .ops = &there_ops, .ctx = c, .owner = c->rc->owner };
	loop_work_init(&pi->work, there_work, pi);
	proto_up(p);
	configure(pi, c);
	rt_channel_start(&pi->there, true);
	loop_work_add(&p->d->loop, &pi->work);
}

static void
pipe_shutdown(struct proto *p)
{
	struct pipe *pi = pipe_of(p);

	if (!pi->running) {
		proto_stopped(p);
		return;
	}
	rt_channel_stop(&pi->there);
	pi->flushing = true;
	loop_work_add(&p->d->loop, &pi->work);
}

static void
pipe_cleanup(struct proto *p)
{
	struct pipe *pi = pipe_of(p);

	if (!pi->running)
		return;
	loop_work_clear(&pi->work);
	pi->peer->users--;
	pi->running = false;
}

static bool
pipe_reconfigure(struct proto *p, const struct conf_proto *old)
{
	struct pipe *pi = pipe_of(p);

	(void)old;
	if (!pi->running)
		return true;
	configure(pi, only_channel(p));
	rt_channel_refeed(&pi->there);
	loop_work_add(&p->d->loop, &pi->work);
	return true;
}

static bool
pipe_reload(struct proto *p, struct proto_channel *c)
{
	struct pipe *pi = pipe_of(p);

	(void)c;
	rt_channel_refeed(&pi->there);
	loop_work_add(&p->d->loop, &pi->work);
	return true;
}

static void
pipe_info(const struct proto *p, struct text *out)
{
	const struct proto_channel *c = container_of(p->channels.next,
	    struct proto_channel, link);

	if (!list_empty(&p->channels))
		text_printf(out, "%s <=> ", c->table->name);
	text_printf(out, "%s", p->cf->pipe.peer->name);
}

const struct rt_channel *
pipe_there(const struct proto *p)
{
	return pipe_of(p)->running && p->state == PROTO_UP ?
	    &pipe_of(p)->there : NULL;
}

const struct proto_ops pipe_ops = {
	.kind = CONF_PIPE,
	.cls = &pipe_class,
	.size = sizeof(struct pipe),
	.start = pipe_start,
	.shutdown = pipe_shutdown,
	.cleanup = pipe_cleanup,
	.reconfigure = pipe_reconfigure,
	.reload_in = pipe_reload,
	.info = pipe_info,
	.emit = here_emit,
};

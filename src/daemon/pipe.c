/* SPDX-License-Identifier: ISC */
/*
 * The pipe protocol: two tables that tell each other their routes, all of
 * them, as BIRD does: what the filter keeps out makes way for the next one.
 *
 *	table --export--> here.out | there --> peer table
 *	table <-- here | there.out <--import-- peer table
 *
 * Filters act on the way out of a table only; what comes in at the other end
 * was filtered already.  A route keeps its attributes and gets this pipe as
 * its announcer, so it does not come back through it.  Who made it, which
 * decides how it compares, whom it is told to and what people see, goes
 * along as the pipe's own copy; so do the names of the tables that the route
 * has been in, and may not come back to through other pipes.
 */
#include <string.h>

#include "base/mem.h"
#include "daemon/proto.h"

/* Who made routes, beyond the pipe.  Lives until the pipe stops. */
struct origin {
	struct list link;
	struct rt_owner o;
	char *tables;			/* each with its zero */
	size_t n_tables;		/* octets of that */
	char name[];
};

struct told {
	const struct rt_owner *origin;
	uint32_t path_id;
};

struct pipe {
	struct proto p;
	struct rt_channel_ops here_ops;
	struct rt_channel there;	/* at the peer table */
	struct dtable *peer;
	struct loop_work work;
	struct list origins;		/* of both sides; used last, first */
	struct told *told;		/* paths of the net at hand */
	size_t n_told, told_room;
	bool running, flushing;
};

static const struct rt_class pipe_class = { .name = "Pipe", .rank = 1 };

static struct pipe *
pipe_of(const struct proto *p)
{
	return container_of(p, struct pipe, p);
}

static struct pipe *
pipe_at(const struct rt_channel *rc)
{
	const struct proto_channel *c = rc->ctx;

	return pipe_of(c->p);
}

/* NULL: it has come through no pipe. */
static const struct origin *
trail_of(const struct rt_src *s)
{
	return s->origin == s->owner ? NULL :
	    container_of(s->origin, struct origin, o);
}

static bool
has_been(const struct rt_src *s, const struct rt_table *t)
{
	const struct origin *o = trail_of(s);
	const char *name = rt_table_name(t);

	for (size_t at = 0; o && at < o->n_tables;
	    at += strlen(o->tables + at) + 1)
		if (strcmp(o->tables + at, name) == 0)
			return true;
	return false;
}

static unsigned
pipes_passed(const struct rt_src *s)
{
	const struct origin *o = trail_of(s);
	unsigned n = 0;

	for (size_t at = 0; o && at < o->n_tables;
	    at += strlen(o->tables + at) + 1)
		n++;
	return n;
}

/* May it go on to that table? */
static enum rt_verdict
may_pass(const struct pipe *pi, const struct rt_edit *e,
    const struct rt_table *to)
{
	const uint32_t max = pi->p.cf->pipe.max_generation;

	if (has_been(e->src, to))
		return RT_REJECT;
	if (pipes_passed(e->src) < max)
		return RT_ACCEPT;
	proto_log(&pi->p, CONF_LOG_WARNING, "Route overpiped (%u hops of %u "
	    "configured)", pipes_passed(e->src) + 1, max);
	return RT_REJECT;
}

/* Is o the copy of what s is, as it comes from that table? */
static bool
is_copy(const struct origin *o, const struct rt_src *s, const char *table)
{
	const struct origin *before = trail_of(s);
	const size_t n = before ? before->n_tables : 0;

	return strcmp(o->name, s->origin->name) == 0 && o->n_tables > n &&
	    strcmp(o->tables + n, table) == 0 &&
	    (n == 0 || memcmp(o->tables, before->tables, n) == 0);
}

static struct origin *
origin_new(struct pipe *pi, const struct rt_src *s, const char *table)
{
	const struct origin *before = trail_of(s);
	const size_t n = before ? before->n_tables : 0;
	const size_t name = strlen(s->origin->name) + 1;
	const size_t last = strlen(table) + 1;
	struct origin *o = mem_zalloc(sizeof(*o) + name + n + last);

	if (o == NULL)
		return NULL;
	memcpy(o->name, s->origin->name, name);
	o->tables = o->name + name;
	o->n_tables = n + last;
	if (n != 0)
		memcpy(o->tables, before->tables, n);
	memcpy(o->tables + n, table, last);
	list_push_front(&pi->origins, &o->link);
	return o;
}

/* Up to date: a neighbour may have come back as another. */
static const struct rt_owner *
origin_of(struct pipe *pi, const struct rt_edit *e)
{
	const char *table = rt_table_name(e->table);
	struct origin *o = NULL;

	LIST_EACH(known, &pi->origins, struct origin, link)
		if (is_copy(known, e->src, table)) {
			o = known;
			list_remove(&o->link);
			list_push_front(&pi->origins, &o->link);
			break;
		}
	if (o == NULL)
		o = origin_new(pi, e->src, table);
	if (o == NULL)
		return NULL;
	o->o = *e->src->origin;
	o->o.name = o->name;
	o->o.watch = NULL;
	return &o->o;
}

static void
forget_origins(struct pipe *pi)
{
	LIST_EACH_SAFE(o, &pi->origins, struct origin, link) {
		list_remove(&o->link);
		mem_free(o);
	}
	mem_free(pi->told);
	pi->told = NULL;
	pi->n_told = pi->told_room = 0;
}

static bool
note_told(struct pipe *pi, const struct rt_owner *origin, uint32_t path_id)
{
	const size_t room = pi->told_room ? pi->told_room * 2 : 8;
	struct told *v;

	if (pi->n_told == pi->told_room) {
		v = mem_resize(pi->told, room, sizeof(*v));
		if (v == NULL)
			return false;
		pi->told = v;
		pi->told_room = room;
	}
	pi->told[pi->n_told++] = (struct told){ origin, path_id };
	return true;
}

static bool
was_told(const struct pipe *pi, const struct rt_src *s)
{
	for (size_t i = 0; i < pi->n_told; i++)
		if (pi->told[i].origin == s->origin &&
		    pi->told[i].path_id == s->path_id)
			return true;
	return false;
}

/* Recursive next hops are to be resolved for the nets of that table, too. */
static bool
take_host(struct rt_edit *e, struct rt_table *to)
{
	const struct rt_host *h = e->a.host;
	struct rt_host *own;

	if (h == NULL)
		return true;
	own = rt_host_get(to, (enum rt_host_mode)h->mode, h->igp, h->ip,
	    h->link_local, h->ifindex);
	if (own != NULL)
		attrs_edit_set_host(&e->a, own);
	return own != NULL;
}

/* One path of one side is an announcement to the other. */
static bool
carry(struct pipe *pi, struct rt_channel *to, const struct prefix *net,
    struct rt_edit *e)
{
	struct attrs_pool *pool = rt_table_pool(to->table);
	const struct rt_owner *origin = origin_of(pi, e);
	const struct attrs *set;
	enum rt_result r;

	if (origin == NULL || !take_host(e, to->table) ||
	    !note_told(pi, origin, e->src->path_id))
		return false;
	set = attrs_intern(pool, &e->a);
	if (set == NULL)
		return e->a.failed;	/* else it is offered again */
	r = rt_channel_update_for(to, origin, net, e->src->path_id, set,
	    loop_now());
	attrs_unref(pool, set);
	return r != RT_NO_MEMORY;
}

/* Those paths that were told of once, and not now. */
static void
withdraw_rest(const struct pipe *pi, struct rt_channel *to,
    const struct prefix *net)
{
	const uint32_t id = rt_find(to->table, net);
	uint32_t next = id == RT_NONE ? RT_NONE :
	    rt_net_at(to->table, id)->routes;

	while (next != RT_NONE) {
		const struct rt_route *r = rt_route_at(to->table, next);
		const struct rt_src *s = rt_src_at(to->table, r->src);

		next = r->next;
		if (s->owner == &to->owner && !was_told(pi, s))
			rt_channel_update_for(to, s->origin, net, s->path_id,
			    NULL, loop_now());
	}
}

/* From the table to its peer. */

static enum rt_verdict
here_preexport(struct rt_channel *rc, struct rt_edit *e)
{
	const struct pipe *pi = pipe_at(rc);

	return may_pass(pi, e, pi->there.table);
}

static bool
pipe_begin(struct rt_channel *rc, uint32_t id)
{
	(void)id;
	pipe_at(rc)->n_told = 0;
	return true;
}

static bool
here_emit(struct rt_channel *rc, uint32_t id, const struct prefix *net,
    struct rt_edit *e)
{
	struct pipe *pi = pipe_at(rc);

	(void)id;
	return carry(pi, &pi->there, net, e);
}

static bool
here_end(struct rt_channel *rc, uint32_t id, const struct prefix *net)
{
	struct pipe *pi = pipe_at(rc);

	(void)id;
	withdraw_rest(pi, &pi->there, net);
	return true;
}

/* And from there. */

static enum rt_verdict
there_preexport(struct rt_channel *rc, struct rt_edit *e)
{
	const struct proto_channel *c = rc->ctx;

	return may_pass(pipe_at(rc), e, c->rc->table);
}

static bool
there_emit(struct rt_channel *rc, uint32_t id, const struct prefix *net,
    struct rt_edit *e)
{
	struct proto_channel *c = rc->ctx;

	(void)id;
	return carry(pipe_at(rc), c->rc, net, e);
}

static bool
there_end(struct rt_channel *rc, uint32_t id, const struct prefix *net)
{
	struct proto_channel *c = rc->ctx;

	(void)id;
	withdraw_rest(pipe_at(rc), c->rc, net);
	return true;
}

static void
there_wake(struct rt_channel *rc)
{
	struct proto_channel *c = rc->ctx;

	loop_work_add(&c->p->d->loop, &pipe_of(c->p)->work);
}

static const struct rt_channel_ops there_ops = {
	.preexport = there_preexport,
	.wake = there_wake,
	.paths_begin = pipe_begin,
	.emit_path = there_emit,
	.paths_end = there_end,
};

/* The channel's own, but for what a pipe does with all paths of a net. */
static void
take_all_paths(struct pipe *pi, struct proto_channel *c)
{
	if (!pi->here_ops.paths_begin) {
		pi->here_ops = *c->rc->ops;
		pi->here_ops.preexport = here_preexport;
		pi->here_ops.paths_begin = pipe_begin;
		pi->here_ops.emit_path = here_emit;
		pi->here_ops.paths_end = here_end;
	}
	c->rc->ops = &pi->here_ops;
	c->rc->all_paths = true;
}

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
	    .ops = &there_ops, .ctx = c, .owner = c->rc->owner,
	    .all_paths = true };
	take_all_paths(pi, c);
	list_init(&pi->origins);
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
	forget_origins(pi);
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
};

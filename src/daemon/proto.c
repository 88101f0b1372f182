/* SPDX-License-Identifier: ISC */
#include "daemon/proto.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/bgp.h"
#include "sys/clock.h"

#define START_AGAIN	SECONDS(1)

#define EXPORT_SLICE	512
#define FLUSH_SLICE	4096

static const struct proto_ops *const kinds[CONF_NKINDS] = {
	[CONF_DEVICE] = &device_ops,
	[CONF_DIRECT] = &direct_ops,
	[CONF_KERNEL] = &kernel_ops,
	[CONF_STATIC] = &static_ops,
	[CONF_PIPE] = &pipe_ops,
	[CONF_BGP] = &bgp_ops,
	[CONF_WIREGUARD] = &wireguard_ops,
	[CONF_RPKI] = &rpki_ops,
	[CONF_BFD] = &bfd_ops,
	[CONF_MRT] = &mrt_ops,
	[CONF_BMP] = &bmp_ops,
};

static void __attribute__((format(printf, 2, 0)))
vset(struct proto *p, const char *fmt, va_list ap)
{
	vsnprintf(p->message, sizeof(p->message), fmt, ap);
	p->said = false;
}

void
proto_note(struct proto *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vset(p, fmt, ap);
	va_end(ap);
}

void
proto_log(const struct proto *p, unsigned class, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vmsg(&p->d->log, class, p->name, fmt, ap);
	va_end(ap);
}

void
proto_trace(const struct proto *p, unsigned bit, const char *fmt, ...)
{
	unsigned said = p->debug_by_hand ? p->debug :
	    p->cf->debug | p->d->gen->config->debug_protocols;
	va_list ap;

	if (!(said & bit) && !p->d->opt.debug)
		return;
	va_start(ap, fmt);
	log_vmsg(&p->d->log, CONF_LOG_TRACE, p->name, fmt, ap);
	va_end(ap);
}

const char *
proto_state_name(const struct proto *p)
{
	static const char *const name[] = {
		"down", "start", "up", "stop", "flush"
	};

	return name[p->state];
}

static void
set_state(struct proto *p, enum proto_state s)
{
	if (p->state == s)
		return;
	p->state = s;
	p->since = clock_wall();
	proto_trace(p, CONF_DEBUG_STATES, "State changed to %s",
	    proto_state_name(p));
}

/* What rib/channel.h asks of us, handed on to the protocol. */
static enum rt_verdict
on_preexport(struct rt_channel *rc, struct rt_edit *e)
{
	struct proto_channel *c = rc->ctx;

	return c->p->ops->preexport ? c->p->ops->preexport(c, e) : RT_ACCEPT;
}

static bool
on_emit(struct rt_channel *rc, uint32_t id, const struct prefix *net,
    struct rt_edit *e)
{
	struct proto_channel *c = rc->ctx;

	c->blocked = !c->p->ops->emit(c, id, net, e);
	return !c->blocked;
}

static void
on_wake(struct rt_channel *rc)
{
	struct proto_channel *c = rc->ctx;

	loop_work_add(&c->p->d->loop, &c->work);
}

static void
on_limit(struct rt_channel *rc, struct rt_limit *l, const char *which)
{
	struct proto_channel *c = rc->ctx;
	struct proto *p = c->p;

	proto_log(p, CONF_LOG_WARNING, "%s limit of %u routes hit", which,
	    l->max);
	if (l->action < LIMIT_RESTART)
		return;
	proto_note(p, "Route limit exceeded");
	p->over_limit = true;
	p->restarting = l->action == LIMIT_RESTART;
	if (l->action == LIMIT_DISABLE) {
		p->disabled = true;
		p->goal = PROTO_GOAL_DOWN;
	}
	/* Not from within the table's own work. */
	loop_work_add(&p->d->loop, &p->next);
}

static void
on_bogus(struct rt_channel *rc, const struct prefix *net)
{
	const struct proto_channel *c = rc->ctx;
	char text[PREFIX_TEXT];

	proto_log(c->p, CONF_LOG_WARNING, "Ignoring bogus route %s",
	    prefix_text(net, text));
}

static const struct rt_channel_ops channel_ops = {
	.preexport = on_preexport,
	.bogus = on_bogus,
	.limit = on_limit,
	.wake = on_wake,
	.emit = on_emit,
};

static bool
same_program(const void *a, const void *b)
{
	return filter_same(a, b);
}

static void
policy(struct rt_filter *f, const struct conf_policy *cf,
    struct filter_env *env)
{
	*f = (struct rt_filter){ .constant = cf->kind == CONF_POLICY_ALL ?
	    RT_ACCEPT : RT_REJECT };
	if (cf->kind == CONF_POLICY_FILTER) {
		f->run = filter_run;
		f->run_alike = filter_run_alike;
		f->program = cf->filter;
		f->env = env;
		f->same = same_program;
	}
}

static void
limit(struct rt_limit *l, const struct conf_limit *cf)
{
	l->max = cf->max;
	l->action = cf->action;
}

void
channel_configure(struct proto_channel *c, struct rt_channel *rc)
{
	policy(&rc->in, &c->cf->import, &c->p->d->filters);
	policy(&rc->out, &c->cf->export, &c->p->d->filters);
	limit(&rc->receive_limit, &c->cf->receive_limit);
	limit(&rc->import_limit, &c->cf->import_limit);
	limit(&rc->export_limit, &c->cf->export_limit);
	rc->preference = c->cf->preference;
	rc->keep_filtered = c->cf->keep_filtered;
	rc->any_news = c->p->cf->kind == CONF_KERNEL &&
	    c->p->cf->kernel.merge_paths;
}

static void
all_flushed(struct proto *p)
{
	LIST_EACH(c, &p->channels, struct proto_channel, link)
		if (c->state != CHANNEL_DOWN)
			return;
	if (p->state == PROTO_FLUSH)
		loop_work_add(&p->d->loop, &p->next);
}

static bool
channel_work(void *ctx)
{
	struct proto_channel *c = ctx;
	struct instant now = loop_now();

	switch (c->state) {
	case CHANNEL_DOWN:
		return false;
	case CHANNEL_FLUSH:
		if (rt_channel_flush(c->rc, FLUSH_SLICE, now))
			return true;
		c->state = CHANNEL_DOWN;
		all_flushed(c->p);
		return false;
	case CHANNEL_UP:
		break;
	}
	if (c->ending_refresh)
		c->ending_refresh = rt_channel_end_refresh(c->rc, FLUSH_SLICE,
		    now);
	c->blocked = false;
	if (rt_channel_export(c->rc, EXPORT_SLICE) || c->ending_refresh)
		return !c->blocked || c->ending_refresh;
	c->fed = true;
	if (c->p->ops->drained != NULL)
		c->p->ops->drained(c);
	return false;
}

void
channel_room(struct proto_channel *c)
{
	if (c->state == CHANNEL_UP)
		loop_work_add(&c->p->d->loop, &c->work);
}

void
channel_start(struct proto_channel *c, bool export)
{
	if (c->state != CHANNEL_DOWN)
		return;
	c->state = CHANNEL_UP;
	c->fed = false;
	c->ending_refresh = false;
	channel_configure(c, c->rc);
	rt_channel_start(c->rc, export);
	loop_work_add(&c->p->d->loop, &c->work);
}

void
channel_stop(struct proto_channel *c)
{
	if (c->state != CHANNEL_UP)
		return;
	rt_channel_stop(c->rc);
	c->state = CHANNEL_FLUSH;
	loop_work_add(&c->p->d->loop, &c->work);
}

void
channel_begin_refresh(struct proto_channel *c)
{
	c->ending_refresh = false;
	rt_channel_begin_refresh(c->rc);
}

void
channel_end_refresh(struct proto_channel *c)
{
	c->ending_refresh = true;
	loop_work_add(&c->p->d->loop, &c->work);
}

struct proto *
proto_of_src(const struct rt_src *s)
{
	const struct proto_channel *c = s->owner->ctx;

	if (s->owner->cls == &bgp_rt_class)
		return &((struct bgp *)bgp_neighbour_ctx(
		    bgp_neighbour_of_src(s)))->p;
	return c->p;
}

struct proto_channel *
proto_channel(const struct proto *p, enum net_kind kind)
{
	LIST_EACH(c, &p->channels, struct proto_channel, link)
		if (c->cf->kind == kind && !c->cf->multicast)
			return c;
	return NULL;
}

static bool
channel_new(struct proto *p, const struct conf_channel *cf)
{
	struct proto_channel *c = mem_zalloc(sizeof(*c));

	if (c == NULL)
		return false;
	c->p = p;
	c->cf = cf;
	c->table = daemon_table(p->d, cf->table->name);
	if (c->table == NULL) {
		mem_free(c);
		return false;
	}
	c->table->users++;
	c->rc = &c->own;
	c->own.owner.cls = p->ops->cls;
	c->own.owner.name = p->name;
	c->own.owner.ctx = c;
	c->own.table = c->table->t;
	c->own.ops = &channel_ops;
	c->own.ctx = c;
	loop_work_init(&c->work, channel_work, c);
	list_push_back(&p->channels, &c->link);
	return true;
}

static void
channel_free(struct proto_channel *c)
{
	loop_work_clear(&c->work);
	c->table->users--;
	list_remove(&c->link);
	mem_free(c);
}

static bool proto_next(void *ctx);

static void
start_again(void *ctx)
{
	struct proto *p = ctx;

	if (p->disabled || p->goal == PROTO_GOAL_REMOVED)
		return;
	p->goal = PROTO_GOAL_UP;
	p->restarting = p->state != PROTO_DOWN;
	loop_work_add(&p->d->loop, &p->next);
}

void
proto_starved(struct proto *p)
{
	proto_stop(p, PROTO_GOAL_DOWN, "Out of memory");
	loop_timer_in(&p->d->loop, &p->again, START_AGAIN);
}

struct proto *
proto_new(struct daemon *d, const struct conf_proto *cf, struct generation *g)
{
	static uint32_t numbers;
	const struct proto_ops *ops = kinds[cf->kind];
	struct proto *p = ops ? mem_zalloc(ops->size) : NULL;

	if (p == NULL)
		return NULL;
	p->d = d;
	p->ops = ops;
	p->cf = cf;
	p->gen = generation_ref(g);
	p->name = mem_strdup(cf->name);
	p->number = ++numbers;
	p->disabled = cf->disabled;
	p->since = clock_wall();
	list_init(&p->channels);
	list_init(&p->link);
	list_init(&p->watch);
	if (ops->route != NULL)
		list_push_back(&d->watchers, &p->watch);
	loop_work_init(&p->next, proto_next, p);
	loop_timer_init(&p->again, start_again, p);
	if (p->name == NULL || (ops->init != NULL && !ops->init(p)))
		goto fail;
	for (const struct conf_channel *c = cf->channels; c; c = c->next)
		if (!channel_new(p, c))
			goto fail;
	return p;
fail:
	proto_free(p);
	return NULL;
}

void
proto_free(struct proto *p)
{
	loop_work_clear(&p->next);
	loop_timer_clear(&p->d->loop, &p->again);
	LIST_EACH_SAFE(c, &p->channels, struct proto_channel, link)
		channel_free(c);
	list_remove(&p->link);
	list_remove(&p->watch);
	if (p->d->asked == p)
		p->d->asked = NULL;
	if (p->then_gen != NULL)
		generation_unref(p->then_gen);
	generation_unref(p->gen);
	mem_free(p->own_cf);
	mem_free(p->name);
	mem_free(p);
}

void
proto_start(struct proto *p)
{
	if (p->state != PROTO_DOWN || !p->d->ready || p->disabled)
		return;
	p->goal = PROTO_GOAL_UP;
	p->restarting = false;
	proto_trace(p, CONF_DEBUG_STATES, "Starting");
	set_state(p, PROTO_START);
	p->ops->start(p);
}

void
proto_up(struct proto *p)
{
	if (p->state != PROTO_START)
		return;
	set_state(p, PROTO_UP);
	if (p->ops->own_channels)
		return;
	LIST_EACH(c, &p->channels, struct proto_channel, link)
		channel_start(c, p->ops->emit != NULL ||
			    c->rc->all_paths);
}

void
proto_connecting(struct proto *p)
{
	if (p->state == PROTO_UP)
		set_state(p, PROTO_START);
}

static void
begin_stop(struct proto *p)
{
	if (p->state != PROTO_START && p->state != PROTO_UP)
		return;
	set_state(p, PROTO_STOP);
	if (p->ops->shutdown != NULL)
		p->ops->shutdown(p);
	else
		proto_stopped(p);
}

void
proto_stopped(struct proto *p)
{
	if (p->state != PROTO_STOP)
		return;
	set_state(p, PROTO_FLUSH);
	LIST_EACH(c, &p->channels, struct proto_channel, link)
		channel_stop(c);
	all_flushed(p);
}

/* Puts the new configuration's instance in the place of the old one. */
static void
replace(struct proto *p)
{
	const struct conf_proto *cf = p->then;
	struct generation *g = p->then_gen;
	struct daemon *d = p->d;
	struct proto *n;

	p->then_gen = NULL;
	n = proto_new(d, cf, g);
	if (n == NULL) {
		log_msg(&d->log, CONF_LOG_ERROR, cf->name, "Out of memory");
	} else {
		n->by_hand = p->by_hand;
		n->disabled = p->by_hand ? p->disabled : cf->disabled;
		list_insert_before(&p->link, &n->link);
	}
	proto_free(p);
	if (g != NULL)
		generation_unref(g);
	if (n != NULL && !d->shutting_down)
		proto_start(n);
}

/* Down at last. */
static void
went_down(struct proto *p)
{
	if (p->ops->cleanup != NULL)
		p->ops->cleanup(p);
	set_state(p, PROTO_DOWN);
	if (p->then != NULL) {
		replace(p);
	} else if (p->goal == PROTO_GOAL_REMOVED) {
		struct daemon *d = p->d;

		proto_free(p);
		daemon_recovery_check(d);
		daemon_went_down(d);
	} else if (p->restarting && !p->d->shutting_down) {
		proto_start(p);
	} else {
		daemon_went_down(p->d);
	}
}

/* The work item: one step toward the goal. */
static bool
proto_next(void *ctx)
{
	struct proto *p = ctx;

	switch (p->state) {
	case PROTO_DOWN:
		if (p->then != NULL || p->goal == PROTO_GOAL_REMOVED)
			went_down(p);
		else
			proto_start(p);
		return false;
	case PROTO_START: case PROTO_UP:
		if (p->goal != PROTO_GOAL_UP || p->restarting)
			begin_stop(p);
		return false;
	case PROTO_STOP:
		return false;
	case PROTO_FLUSH:
		LIST_EACH(c, &p->channels, struct proto_channel, link)
			if (c->state != CHANNEL_DOWN)
				return false;
		went_down(p);
		return false;
	}
	return false;
}

void
proto_stop(struct proto *p, enum proto_goal then, const char *why)
{
	if (why != NULL && why[0] != '\0')
		proto_note(p, "%s", why);
	p->goal = then;
	p->restarting = then == PROTO_GOAL_UP;
	loop_work_add(&p->d->loop, &p->next);
}

/* Neighbours that are told of it (RFC 9003) look at said, too. */
static void
say(struct proto *p, const char *text)
{
	snprintf(p->message, sizeof(p->message), "%s", text);
	p->said = text[0] != '\0';
}

void
proto_enable(struct proto *p, const char *text)
{
	p->disabled = false;
	p->by_hand = p->cf->disabled;
	say(p, text);
	p->goal = PROTO_GOAL_UP;
	if (p->state == PROTO_DOWN)
		loop_work_add(&p->d->loop, &p->next);
	else if (p->state != PROTO_UP && p->state != PROTO_START)
		p->restarting = true;
}

void
proto_disable(struct proto *p, const char *text)
{
	p->disabled = true;
	p->by_hand = !p->cf->disabled;
	say(p, text);
	proto_log(p, CONF_LOG_INFO, "Disabled");
	proto_stop(p, PROTO_GOAL_DOWN, NULL);
}

void
proto_restart(struct proto *p, const char *text)
{
	proto_log(p, CONF_LOG_INFO, "Restarted");
	say(p, text);
	proto_stop(p, PROTO_GOAL_UP, NULL);
}

bool
proto_reload_channel(struct proto_channel *c, bool in, bool out)
{
	struct proto *p = c->p;
	bool done = true;

	if (p->state != PROTO_UP || c->state != CHANNEL_UP)
		return true;
	if (in && (p->ops->reload_in == NULL || !p->ops->reload_in(p, c)))
		done = false;
	if (out && p->ops->reload_out != NULL) {
		p->ops->reload_out(p, c);
	} else if (out && c->rc->exporting) {
		rt_channel_refeed(c->rc);
		c->fed = false;
		loop_work_add(&p->d->loop, &c->work);
	}
	return done;
}

bool
proto_reload(struct proto *p, bool in, bool out)
{
	bool done = true;

	LIST_EACH(c, &p->channels, struct proto_channel, link)
		if (!proto_reload_channel(c, in, out))
			done = false;
	return done;
}

/* The channel of the new configuration that stands for an old one. */
static const struct conf_channel *
channel_in(const struct conf_proto *cf, const struct conf_channel *old)
{
	const struct conf_channel *c = conf_proto_channel_like(cf, old);

	return c != NULL &&
	    strcmp(c->table->name, old->table->name) == 0 ? c : NULL;
}

static unsigned
count_channels(const struct conf_proto *cf)
{
	unsigned n = 0;

	for (const struct conf_channel *c = cf->channels; c; c = c->next)
		n++;
	return n;
}

static bool
adopt_channels(struct proto *p, const struct conf_proto *cf)
{
	unsigned n = 0;

	LIST_EACH(c, &p->channels, struct proto_channel, link) {
		if (channel_in(cf, c->cf) == NULL)
			return false;
		n++;
	}
	if (n != count_channels(cf))
		return false;
	LIST_EACH(c, &p->channels, struct proto_channel, link) {
		c->cf = channel_in(cf, c->cf);
		channel_configure(c, c->rc);
	}
	return true;
}

static void
restart_as(struct proto *p, const struct conf_proto *cf, struct generation *g)
{
	if (p->then_gen != NULL)
		generation_unref(p->then_gen);
	p->then = cf;
	p->then_gen = generation_ref(g);
	proto_stop(p, PROTO_GOAL_UP, NULL);
}

/* Only an import that cannot be asked for again makes a session fall. */
static void
refilter(struct proto *p, const struct conf_diff_proto *diff)
{
	bool done = true;

	if (p->state != PROTO_UP)
		return;
	LIST_EACH(c, &p->channels, struct proto_channel, link) {
		const unsigned bit = 1u << c->cf->kind;

		done &= proto_reload_channel(c, diff->import_changed &&
		    diff->import_kinds & bit, diff->export_changed &&
		    diff->export_kinds & bit);
	}
	if (!done) {
		proto_log(p, CONF_LOG_INFO,
		    "Cannot ask for the routes again, restarting");
		proto_restart(p, "");
	}
}

void
proto_reconfigure(struct proto *p, const struct conf_diff_proto *diff,
    struct generation *g, bool soft)
{
	const struct conf_proto *cf = diff->new, *old = p->cf;
	bool running = p->state == PROTO_START || p->state == PROTO_UP;
	struct generation *was = p->gen;

	if (diff->change == CONF_RESTART || p->then != NULL ||
	    (!running && p->state != PROTO_DOWN) ||
	    !adopt_channels(p, cf)) {
		restart_as(p, cf, g);
		return;
	}
	p->cf = cf;
	p->gen = generation_ref(g);
	if (running && p->ops->reconfigure != NULL &&
	    !p->ops->reconfigure(p, old)) {
		/* It goes down as what it came up as. */
		generation_unref(p->gen);
		p->cf = old;
		p->gen = was;
		restart_as(p, cf, g);
		return;
	}
	if (!p->by_hand && cf->disabled != p->disabled) {
		p->disabled = cf->disabled;
		proto_stop(p, cf->disabled ? PROTO_GOAL_DOWN : PROTO_GOAL_UP,
		    NULL);
		p->restarting = false;
	} else if (!soft)
		refilter(p, diff);
	generation_unref(was);
}

/* SPDX-License-Identifier: ISC */
#include "daemon/roa.h"

#include "base/mem.h"
#include "daemon/proto.h"

#define FEED_SLICE	8192

struct roa_watch {
	struct daemon *d;
	struct dtable *table;
	struct rt_feed feed;
	struct loop_work work;
	struct loop_timer timer;
	bool primed;			/* what was there has been passed */
	struct instant first;		/* change; while the timer is set */
};

static void
times(const struct roa_watch *w, int64_t *ret_min, int64_t *ret_max)
{
	const struct conf_table *cf = config_table(w->d->gen->config,
	    w->table->name);

	*ret_min = cf ? cf->settle_min : SECONDS(1);
	*ret_max = cf ? cf->settle_max : SECONDS(20);
}

static void
changed(struct roa_watch *w)
{
	struct instant now = loop_now(), at;
	int64_t min, max;

	times(w, &min, &max);
	if (!loop_timer_is_set(&w->timer))
		w->first = now;
	at = instant_min(instant_add(now, min), instant_add(w->first, max));
	loop_timer_at(&w->d->loop, &w->timer, at);
}

static bool
drain(void *ctx)
{
	struct roa_watch *w = ctx;
	unsigned n = 0;

	while (n < FEED_SLICE && rt_feed_next(&w->feed) != RT_NONE)
		n++;
	if (n > 0 && w->primed)
		changed(w);
	if (n < FEED_SLICE)
		w->primed = true;
	return n == FEED_SLICE;
}

static void
on_news(struct rt_feed *f)
{
	struct roa_watch *w = f->ctx;

	loop_work_add(&w->d->loop, &w->work);
}

static bool
asks(const struct roa_watch *w, const struct conf_policy *cf)
{
	return cf->kind == CONF_POLICY_FILTER &&
	    filter_asks_roa(cf->filter, w->table->name);
}

static void
judge_again(const struct roa_watch *w, struct proto_channel *c)
{
	struct proto *p = c->p;
	const bool in = asks(w, &c->cf->import);
	const bool out = asks(w, &c->cf->export);

	if (!in && !out)
		return;
	proto_trace(p, CONF_DEBUG_EVENTS,
	    "Automatic RPKI reload, table %s has changed", w->table->name);
	if (!proto_reload_channel(c, in, out))
		proto_log(p, CONF_LOG_WARNING, "ROAs have changed, and its "
		    "routes cannot be asked for again");
}

static void
settled(void *ctx)
{
	const struct roa_watch *w = ctx;

	LIST_EACH(p, &w->d->protos, struct proto, link) {
		if (p->state != PROTO_UP)
			continue;
		LIST_EACH(c, &p->channels, struct proto_channel, link)
			if (c->cf->rpki_reload)
				judge_again(w, c);
	}
}

struct roa_watch *
roa_watch_new(struct daemon *d, struct dtable *t)
{
	struct roa_watch *w = mem_zalloc(sizeof(*w));

	if (w == NULL)
		return NULL;
	w->d = d;
	w->table = t;
	loop_work_init(&w->work, drain, w);
	loop_timer_init(&w->timer, settled, w);
	rt_feed_start(&w->feed, t->t, on_news, w);
	drain(w);
	return w;
}

struct roa_watch *
roa_watch_free(struct roa_watch *w)
{
	if (w == NULL)
		return NULL;
	rt_feed_stop(&w->feed);
	loop_work_clear(&w->work);
	loop_timer_clear(&w->d->loop, &w->timer);
	mem_free(w);
	return NULL;
}

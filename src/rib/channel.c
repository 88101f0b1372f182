/* SPDX-License-Identifier: ISC */
#include "rib/channel.h"

static void
woken(struct rt_feed *f)
{
	struct rt_channel *c = f->ctx;

	if (c->ops->wake)
		c->ops->wake(c);
}

/* News of what is behind the best route as well? */
static bool
wants_any(const struct rt_channel *c)
{
	return c->all_paths || c->any_news || c->secondary;
}

void
rt_channel_start(struct rt_channel *c, bool export)
{
	c->importing = true;
	c->flush_pos = 0;
	c->imported = c->filtered = 0;
	c->import_updates = c->import_withdraws = (struct rt_counts){ 0 };
	c->export_updates = c->export_withdraws = (struct rt_counts){ 0 };
	c->receive_limit.hit = c->import_limit.hit = false;
	rt_bitmap_init(&c->exported);
	c->exporting = false;
	if (export)
		rt_channel_export_begin(c);
}

void
rt_channel_export_begin(struct rt_channel *c)
{
	if (c->exporting)
		return;
	c->exporting = true;
	c->export_limit.hit = false;
	c->feed.any = wants_any(c);
	rt_feed_start(&c->feed, c->table, woken, c);
}

bool
rt_channel_export_begin_at(struct rt_channel *c, const struct rt_channel *at)
{
	if (!rt_bitmap_copy(&c->exported, &at->exported))
		return false;
	c->exporting = true;
	c->export_limit.hit = false;
	c->feed.any = at->feed.any;
	rt_feed_start_at(&c->feed, &at->feed, woken, c);
	return true;
}

struct rt_channel *
rt_channel_next(const struct rt_table *t, const struct rt_channel *after)
{
	const struct rt_feed *f = after ? &after->feed : NULL;

	while ((f = rt_feed_after(t, f)) != NULL)
		if (f->wake == woken)
			return f->ctx;
	return NULL;
}

bool
rt_filter_same(const struct rt_filter *a, const struct rt_filter *b)
{
	if (!a->program || !b->program)
		return a->program == b->program && a->constant == b->constant;
	if (a->run != b->run || a->env != b->env)
		return false;
	return a->program == b->program || (a->same && a->same == b->same &&
	    a->same(a->program, b->program));
}

void
rt_channel_look(struct rt_channel *c)
{
	if (c->ops && c->ops->look)
		c->ops->look(c);
}

void
rt_channel_export_end(struct rt_channel *c)
{
	if (!c->exporting)
		return;
	c->exporting = false;
	rt_feed_stop(&c->feed);
	rt_bitmap_done(&c->exported);
}

void
rt_channel_stop(struct rt_channel *c)
{
	rt_channel_export_end(c);
	rt_channel_alike_end(c);
	c->importing = false;
	c->flush_pos = 0;
}

bool
rt_channel_flush(struct rt_channel *c, uint32_t budget, struct instant now)
{
	if (rt_flush(c->table, &c->owner, &c->flush_pos, budget, now))
		return true;
	c->imported = c->filtered = 0;
	c->flush_pos = 0;
	rt_owner_done(c->table, &c->owner);
	return false;
}

static enum rt_verdict
judge(const struct rt_filter *f, struct rt_edit *e)
{
	return f->program ? f->run(f->program, e, f->env) : f->constant;
}

static enum rt_verdict
judge_import(struct rt_channel *c, struct rt_edit *e)
{
	c->known.seen = NULL;
	if (!c->alike_of || c->alike_of != e->a.base || !c->in.program ||
	    !c->in.run_alike)
		return judge(&c->in, e);
	return c->in.run_alike(c->in.program, e, c->in.env, &c->known);
}

/* What the filter's last run came to. */
static void
learn(struct rt_channel *c, enum rt_verdict verdict, const struct attrs *set)
{
	struct rt_alike *m = &c->known;

	if (!m->seen)
		return;
	attrs_unref(rt_table_pool(c->table), m->set);
	*m = (struct rt_alike){ .from = m->seen, .verdict = verdict,
	    .set = set ? attrs_ref(set) : NULL };
}

void
rt_channel_alike_begin(struct rt_channel *c, const struct attrs *attrs)
{
	if (c->alike_of == attrs)
		return;
	rt_channel_alike_end(c);
	c->alike_of = attrs_ref(attrs);
}

void
rt_channel_alike_end(struct rt_channel *c)
{
	if (!c->alike_of)
		return;
	attrs_unref(rt_table_pool(c->table), c->known.set);
	attrs_unref(rt_table_pool(c->table), c->alike_of);
	c->known = (struct rt_alike){ .from = NULL };
	c->alike_of = NULL;
}

/* One more route would be too many.  True: it must not come in. */
static bool
over(struct rt_channel *c, struct rt_limit *l, uint32_t count,
    const char *which)
{
	if (l->action == LIMIT_NONE || l->max == 0 || count < l->max)
		return false;
	if (!l->hit) {
		l->hit = true;
		if (c->ops->limit)
			c->ops->limit(c, l, which);
	}
	return l->action != LIMIT_WARN;
}

/* Counts what the source's routes have become. */
static void
recount(struct rt_channel *c, const struct rt_src *s, uint32_t routes,
    uint32_t filtered)
{
	c->filtered += s->filtered - filtered;
	c->imported += (s->routes - s->filtered) - (routes - filtered);
}

static enum rt_result
withdraw(struct rt_channel *c, struct rt_src *s, const struct prefix *net,
    struct instant now)
{
	const uint32_t routes = s->routes, filtered = s->filtered;
	const enum rt_result r = rt_withdraw(c->table, s, net, now);

	recount(c, s, routes, filtered);
	return r;
}

static enum rt_result
announce(struct rt_channel *c, struct rt_src *s, const struct prefix *net,
    const struct attrs *attrs, uint8_t flags, struct instant now)
{
	const uint32_t routes = s->routes, filtered = s->filtered;
	const enum rt_result r = rt_announce(c->table, s, net, attrs, flags,
	    now);

	recount(c, s, routes, filtered);
	return r;
}

static enum rt_result
put(struct rt_channel *c, struct rt_src *s, struct rt_edit *e, uint8_t flags,
    struct instant now)
{
	const struct attrs *a = attrs_intern(rt_table_pool(c->table), &e->a);
	enum rt_result r;

	if (!a)
		return RT_NO_MEMORY;
	learn(c, flags & RT_FILTERED ? RT_REJECT : RT_ACCEPT, a);
	r = announce(c, s, &e->net, a, flags, now);
	attrs_unref(rt_table_pool(c->table), a);
	return r;
}

static enum rt_result
import_withdraw(struct rt_channel *c, struct rt_src *s,
    const struct prefix *net, struct instant now)
{
	const enum rt_result r = s ? withdraw(c, s, net, now) : RT_ABSENT;

	c->import_withdraws.received++;
	if (r == RT_REMOVED)
		c->import_withdraws.accepted++;
	else
		c->import_withdraws.ignored++;
	return r;
}

static bool
is_there(const struct rt_channel *c, const struct rt_src *s,
    const struct prefix *net)
{
	const uint32_t id = rt_find(c->table, net);
	const struct rt_route *r;

	if (id == RT_NONE || rt_net_at(c->table, id)->routes == RT_NONE)
		return false;
	for (r = rt_route_at(c->table, rt_net_at(c->table, id)->routes); r;
	    r = rt_next(c->table, r))
		if (r->src == s->number)
			return true;
	return false;
}

/* Filtered out: kept for the curious, or gone. */
static enum rt_result
import_rejected(struct rt_channel *c, struct rt_src *s, struct rt_edit *e,
    struct instant now)
{
	c->import_updates.filtered++;
	if (c->keep_filtered)
		return put(c, s, e, RT_FILTERED, now);
	learn(c, RT_REJECT, NULL);
	return withdraw(c, s, &e->net, now);
}

static enum rt_result
counted(struct rt_channel *c, enum rt_result r)
{
	if (r == RT_CHANGED)
		c->import_updates.accepted++;
	else if (r == RT_SAME)
		c->import_updates.ignored++;
	else
		c->import_updates.rejected++;
	return r;
}

/* Before the filter, of which nothing is known then. */
static enum rt_result
import_refused(struct rt_channel *c, struct rt_src *s,
    const struct prefix *net, const struct attrs *attrs, struct instant now)
{
	struct rt_edit e = { .net = *net };

	c->known.seen = NULL;
	attrs_edit_init(&e.a, attrs);
	if (e.a.preference == 0)
		attrs_edit_set_preference(&e.a, c->preference);
	return import_rejected(c, s, &e, now);
}

/* "import all", without limits: nothing to ask, nothing to change. */
static bool
takes_all(const struct rt_channel *c, const struct attrs *attrs)
{
	return !c->in.program && c->in.constant == RT_ACCEPT &&
	    c->receive_limit.action == LIMIT_NONE &&
	    c->import_limit.action == LIMIT_NONE && attrs->preference != 0;
}

static enum rt_result
import_judged(struct rt_channel *c, struct rt_src *s,
    const struct prefix *net, const struct attrs *attrs, struct instant now)
{
	struct rt_edit e;

	if (c->receive_limit.action != LIMIT_NONE &&
	    !is_there(c, s, net) && over(c, &c->receive_limit,
	    c->imported + c->filtered, "receive")) {
		c->import_updates.rejected++;
		return RT_ABSENT;
	}
	e.net = *net;
	e.table = c->table;
	e.src = s;
	e.route = NULL;
	e.no_memory = false;
	attrs_edit_init(&e.a, attrs);
	if (e.a.preference == 0)
		attrs_edit_set_preference(&e.a, c->preference);
	if (judge_import(c, &e) == RT_REJECT)
		return e.no_memory ? RT_NO_MEMORY :
		    import_rejected(c, s, &e, now);
	if (c->import_limit.action != LIMIT_NONE && !is_there(c, s, net) &&
	    over(c, &c->import_limit, c->imported, "import")) {
		c->import_updates.rejected++;
		return RT_ABSENT;
	}
	return counted(c, put(c, s, &e, c->flags, now));
}

static enum rt_result
refuse_bogus(struct rt_channel *c, const struct prefix *net)
{
	c->import_updates.rejected++;
	if (c->ops && c->ops->bogus)
		c->ops->bogus(c, net);
	return RT_ABSENT;
}

enum rt_result
rt_channel_update_for(struct rt_channel *c, const struct rt_owner *origin,
    const struct prefix *net, uint32_t path_id, const struct attrs *attrs,
    struct instant now)
{
	struct rt_src *s = attrs ?
	    rt_src_get_for(c->table, &c->owner, origin, path_id) :
	    rt_src_find_for(c->table, &c->owner, origin, path_id);

	if (!attrs)
		return import_withdraw(c, s, net, now);
	if (!s)
		return RT_NO_MEMORY;
	c->import_updates.received++;
	if (prefix_is_bogus(net))
		return refuse_bogus(c, net);
	if (c->refuses && c->refuses(c->refuses_ctx, net))
		return import_refused(c, s, net, attrs, now);
	if (takes_all(c, attrs))
		return counted(c, announce(c, s, net, attrs, c->flags, now));
	return import_judged(c, s, net, attrs, now);
}

enum rt_result
rt_channel_update(struct rt_channel *c, const struct prefix *net,
    uint32_t path_id, const struct attrs *attrs, struct instant now)
{
	return rt_channel_update_for(c, &c->owner, net, path_id, attrs, now);
}

enum rt_verdict
rt_channel_would_export(struct rt_channel *c, const struct rt_route *r,
    struct rt_edit *ret_edit)
{
	const struct rt_src *s = rt_src_at(c->table, r->src);

	ret_edit->net = rt_prefix(c->table, r->net);
	ret_edit->table = c->table;
	ret_edit->src = s;
	ret_edit->route = r;
	ret_edit->no_memory = false;
	attrs_edit_init(&ret_edit->a, r->attrs);
	if (s->owner == &c->owner)
		return RT_REJECT;
	if (c->ops->preexport &&
	    c->ops->preexport(c, ret_edit) == RT_REJECT)
		return RT_REJECT;
	return judge(&c->out, ret_edit);
}

/* As above, and counted as "Export updates" has it. */
static bool
export_wants(struct rt_channel *c, const struct rt_route *r,
    struct rt_edit *e, bool has)
{
	const struct rt_src *s = rt_src_at(c->table, r->src);

	e->no_memory = false;
	c->export_updates.received++;
	if (s->owner == &c->owner) {
		c->export_updates.rejected++;
		return false;
	}
	/* "export none": nothing of the route needs to be read. */
	if (!c->out.program && c->out.constant == RT_REJECT) {
		c->export_updates.filtered++;
		return false;
	}
	e->net = rt_prefix(c->table, r->net);
	e->table = c->table;
	e->src = s;
	e->route = r;
	attrs_edit_init(&e->a, r->attrs);
	if (c->ops->preexport && c->ops->preexport(c, e) == RT_REJECT) {
		c->export_updates.rejected++;
		return false;
	}
	if (judge(&c->out, e) == RT_REJECT) {
		c->export_updates.filtered++;
		return false;
	}
	if (!has && over(c, &c->export_limit, c->exported.count, "export")) {
		c->export_updates.rejected++;
		return false;
	}
	return true;
}

/* "secondary": what is rejected makes way for the next one. */
static bool
wanted_of(struct rt_channel *c, const struct rt_route *r, struct rt_edit *e,
    bool has)
{
	if (export_wants(c, r, e, has))
		return true;
	while (c->secondary && !e->no_memory &&
	    (r = rt_next(c->table, r)) != NULL)
		if (rt_usable(r) && export_wants(c, r, e, has))
			return true;
	return false;
}

/* False: the protocol had no room. */
static bool
export_net(struct rt_channel *c, uint32_t id)
{
	const struct rt_route *r = rt_best(c->table, id);
	const bool has = rt_bitmap_has(&c->exported, id);
	struct prefix net;
	struct rt_edit e;

	c->had = has;
	if (r && wanted_of(c, r, &e, has)) {
		if (!has && !rt_bitmap_set(&c->exported, id))
			return false;
		if (!c->ops->emit(c, id, &e.net, &e)) {
			if (!has)
				rt_bitmap_clear(&c->exported, id);
			return false;
		}
		c->export_updates.accepted++;
		return true;
	}
	if (r && e.no_memory)
		return false;
	if (!has)
		return true;
	if (!r)
		c->export_withdraws.received++;
	net = rt_prefix(c->table, id);
	if (!c->ops->emit(c, id, &net, NULL))
		return false;
	rt_bitmap_clear(&c->exported, id);
	c->export_withdraws.accepted++;
	return true;
}

/* ADD-PATH, RFC 7911.  The limit counts nets. */
static bool
export_paths(struct rt_channel *c, uint32_t id)
{
	const struct prefix net = rt_prefix(c->table, id);
	const bool had = rt_bitmap_has(&c->exported, id);
	uint32_t next = rt_net_at(c->table, id)->routes;
	bool has = false;
	struct rt_edit e;

	if (!c->ops->paths_begin(c, id))
		return false;
	while (next != RT_NONE) {
		const struct rt_route *r = rt_route_at(c->table, next);

		next = r->next;
		if (!rt_usable(r))
			continue;
		if (!export_wants(c, r, &e, had || has)) {
			if (e.no_memory)
				return false;
			continue;
		}
		if (!rt_bitmap_set(&c->exported, id) ||
		    !c->ops->emit_path(c, id, &net, &e))
			return false;
		c->export_updates.accepted++;
		has = true;
	}
	if (!c->ops->paths_end(c, id, &net))
		return false;
	if (had && !has) {
		rt_bitmap_clear(&c->exported, id);
		c->export_withdraws.accepted++;
	}
	return true;
}

bool
rt_channel_export(struct rt_channel *c, uint32_t budget)
{
	if (!c->exporting)
		return false;
	for (; budget > 0; budget--) {
		uint32_t id;

		if (c->until && c->until->next == c->feed.next)
			return false;
		id = rt_feed_next(&c->feed);
		if (id == RT_NONE)
			return false;
		if (!(c->all_paths ? export_paths : export_net)(c, id)) {
			rt_feed_back(&c->feed, id);
			return true;
		}
	}
	return !rt_feed_idle(&c->feed);
}

void
rt_channel_refeed(struct rt_channel *c)
{
	if (!c->exporting)
		return;
	if (c->feed.any == wants_any(c)) {
		rt_feed_rewind(&c->feed);
		return;
	}
	rt_feed_stop(&c->feed);
	c->feed.any = wants_any(c);
	rt_feed_start(&c->feed, c->table, woken, c);
}

void
rt_channel_begin_refresh(struct rt_channel *c)
{
	uint32_t pos = 0;

	while (rt_mark_stale(c->table, &c->owner, &pos, UINT32_MAX))
		;
	c->flush_pos = 0;
}

/* After some of its routes went by themselves. */
static void
recount_all(struct rt_channel *c)
{
	uint32_t routes = 0, filtered = 0;

	rt_owner_counts(c->table, &c->owner, &routes, &filtered);
	c->imported = routes - filtered;
	c->filtered = filtered;
}

bool
rt_channel_age(struct rt_channel *c, uint32_t *pos, uint32_t budget,
    struct instant now)
{
	const bool more = rt_age(c->table, &c->owner, pos, budget, now);

	recount_all(c);
	return more;
}

bool
rt_channel_end_refresh(struct rt_channel *c, uint32_t budget,
    struct instant now)
{
	const bool more = rt_flush_stale(c->table, &c->owner, &c->flush_pos,
	    budget, now);

	recount_all(c);
	if (!more)
		c->flush_pos = 0;
	return more;
}

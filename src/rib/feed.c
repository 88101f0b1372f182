/* SPDX-License-Identifier: ISC */
#include <assert.h>

#include "base/mem.h"
#include "rib/table_impl.h"

#define EMPTIES_AHEAD	8

/*
 *	log_first                              log_last
 *	   |                                      |
 *	   v   newer -->                          v
 *	  net <-> net <-> net <-> net <-> net <-> net
 *	           ^               ^
 *	           feed a          feed b          feed c: has seen all
 *
 * seq grows along the list.  When it has counted to its end the whole list
 * is numbered anew, once in four billion changes.
 */

static void
renumber(struct rt_table *t)
{
	uint32_t seq = 0;

	for (uint32_t id = t->log_first; id != RT_NONE;
	    id = net_at(t, id)->newer) {
		net_at(t, id)->seq = ++seq;
		if (id < t->n_best_seq)
			t->best_seq[id] = seq;
	}
	LIST_EACH(f, &t->feeds, struct rt_feed, link)
		f->seen = 0;
	for (uint32_t i = 0; i < t->n_empties; i++) {
		struct rt_empty *e = &t->empties[(t->empty_first + i) %
		    t->cap_empties];

		/* One that came back to life is told by its routes. */
		e->seq = slab_is_live(&t->nets, e->net) ?
		    net_at(t, e->net)->seq : 0;
	}
	t->seq = seq;
}

/* Feeds that would have come to id next go on behind it. */
static void
step_aside(struct rt_table *t, struct rt_net *n, uint32_t id)
{
	if (!(n->flags & NET_NEXT))
		return;
	n->flags &= (uint8_t)~NET_NEXT;
	LIST_EACH(f, &t->feeds, struct rt_feed, link) {
		if (f->next != id)
			continue;
		f->next = n->newer;
		if (f->next != RT_NONE)
			net_at(t, f->next)->flags |= NET_NEXT;
	}
}

void
rt_log_unlink(struct rt_table *t, uint32_t id)
{
	struct rt_net *n = net_at(t, id);

	if (!(n->flags & NET_LINKED))
		return;
	step_aside(t, n, id);
	if (n->older != RT_NONE)
		net_at(t, n->older)->newer = n->newer;
	else
		t->log_first = n->newer;
	if (n->newer != RT_NONE)
		net_at(t, n->newer)->older = n->older;
	else
		t->log_last = n->older;
	n->flags &= (uint8_t)~NET_LINKED;
}

static void
append(struct rt_table *t, struct rt_net *n, uint32_t id)
{
	if (t->seq == UINT32_MAX)
		renumber(t);
	n->seq = ++t->seq;
	n->newer = RT_NONE;
	n->older = t->log_last;
	if (t->log_last != RT_NONE)
		net_at(t, t->log_last)->newer = id;
	else
		t->log_first = id;
	t->log_last = id;
	n->flags |= NET_LINKED;
}

/* Out of memory: some feeds will hear some things twice. */
static void
best_seq_room(struct rt_table *t, uint32_t n)
{
	uint32_t *bigger, cap = t->n_best_seq;

	if (n <= cap)
		return;
	cap = n > cap * 2 ? n : cap * 2;
	bigger = mem_resize(t->best_seq, cap, sizeof(*bigger));
	if (!bigger)
		return;
	for (uint32_t i = t->n_best_seq; i < cap; i++)
		bigger[i] = UINT32_MAX;
	t->best_seq = bigger;
	t->n_best_seq = cap;
}

static void
best_seq_begin(struct rt_table *t)
{
	best_seq_room(t, slab_top(&t->nets));
	for (uint32_t id = t->log_first; id != RT_NONE;
	    id = net_at(t, id)->newer)
		if (id < t->n_best_seq)
			t->best_seq[id] = net_at(t, id)->seq;
}

static void
best_seq_end(struct rt_table *t)
{
	mem_free(t->best_seq);
	t->best_seq = NULL;
	t->n_best_seq = 0;
}

static bool
is_no_news(const struct rt_feed *f, uint32_t id)
{
	return !f->any && id < f->table->n_best_seq &&
	    f->table->best_seq[id] <= f->seen;
}

void
rt_log_bump(struct rt_table *t, uint32_t id, bool best_changed)
{
	struct rt_net *n = net_at(t, id);

	if ((n->flags & NET_LINKED) && !best_changed && !t->any_feeds)
		return;
	if (t->log_last != id || !(n->flags & NET_LINKED)) {
		rt_log_unlink(t, id);
		append(t, n, id);
	} else {
		if (t->seq == UINT32_MAX)
			renumber(t);
		n->seq = ++t->seq;
	}
	if (best_changed && t->any_feeds) {
		best_seq_room(t, id + 1);
		if (id < t->n_best_seq)
			t->best_seq[id] = n->seq;
	}
	LIST_EACH(f, &t->feeds, struct rt_feed, link)
		if (f->next == RT_NONE && (best_changed || f->any)) {
			f->next = id;
			f->seen = n->seq - 1;
			n->flags |= NET_NEXT;
			if (f->wake)
				f->wake(f);
		}
}

bool
rt_log_empty(struct rt_table *t, uint32_t id)
{
	if (t->n_empties == t->cap_empties) {
		const uint32_t cap = t->cap_empties ? t->cap_empties * 2 : 64;
		struct rt_empty *ring = mem_array(cap, sizeof(*ring));

		if (!ring)
			return false;	/* the net stays, unused, for reuse */
		for (uint32_t i = 0; i < t->n_empties; i++)
			ring[i] = t->empties[(t->empty_first + i) %
			    t->cap_empties];
		mem_free(t->empties);
		t->empties = ring;
		t->cap_empties = cap;
		t->empty_first = 0;
	}
	t->empties[(t->empty_first + t->n_empties++) % t->cap_empties] =
	    (struct rt_empty){ .net = id, .seq = net_at(t, id)->seq };
	return true;
}

/* The place of the slowest feed. */
static uint32_t
slowest(const struct rt_table *t)
{
	uint32_t seq = UINT32_MAX;

	LIST_EACH(f, &t->feeds, struct rt_feed, link)
		if (f->next != RT_NONE && net_at(t, f->next)->seq < seq)
			seq = net_at(t, f->next)->seq;
	return seq;
}

/* What will be freed after a few others is fetched meanwhile. */
static void
look_ahead(const struct rt_table *t)
{
	const uint32_t far = 2 * EMPTIES_AHEAD, near = EMPTIES_AHEAD;
	const struct rt_empty *e = t->empties;
	uint32_t id;

	if (t->n_empties > far)
		__builtin_prefetch(net_at(t, e[(t->empty_first + far) %
		    t->cap_empties].net), 1);
	if (t->n_empties <= near)
		return;
	id = e[(t->empty_first + near) % t->cap_empties].net;
	if (slab_is_live(&t->nets, id))
		rt_net_prefetch_cell(t, id);
}

bool
rt_log_reclaim(struct rt_table *t, uint32_t budget)
{
	const uint32_t passed = t->n_empties ? slowest(t) : 0;

	for (; t->n_empties; budget--) {
		const struct rt_empty e = t->empties[t->empty_first];

		if (e.seq >= passed)
			return false;
		if (budget == 0)
			return true;
		look_ahead(t);
		t->empty_first = (t->empty_first + 1) % t->cap_empties;
		t->n_empties--;
		if (slab_is_live(&t->nets, e.net) &&
		    net_at(t, e.net)->routes == RT_NONE &&
		    net_at(t, e.net)->seq == e.seq)
			rt_net_free(t, e.net);
	}
	mem_free(t->empties);
	t->empties = NULL;
	t->cap_empties = t->empty_first = 0;
	return false;
}

void
rt_feed_start(struct rt_feed *f, struct rt_table *t,
    void (*wake)(struct rt_feed *f), void *ctx)
{
	const bool any = f->any;

	*f = (struct rt_feed){ .table = t, .wake = wake, .ctx = ctx,
	    .next = RT_NONE, .any = any };
	list_push_back(&t->feeds, &f->link);
	if (any && t->any_feeds++ == 0)
		best_seq_begin(t);
	rt_feed_rewind(f);
}

void
rt_feed_stop(struct rt_feed *f)
{
	if (!f->table)
		return;
	if (f->any && --f->table->any_feeds == 0)
		best_seq_end(f->table);
	list_remove(&f->link);
	f->table = NULL;
	f->next = RT_NONE;
}

static void
point(struct rt_feed *f, uint32_t id)
{
	f->next = id;
	if (id != RT_NONE)
		net_at(f->table, id)->flags |= NET_NEXT;
}

void
rt_feed_start_at(struct rt_feed *f, const struct rt_feed *at,
    void (*wake)(struct rt_feed *f), void *ctx)
{
	struct rt_table *t = at->table;

	*f = (struct rt_feed){ .table = t, .wake = wake, .ctx = ctx,
	    .any = at->any, .seen = at->seen };
	list_push_back(&t->feeds, &f->link);
	if (f->any && t->any_feeds++ == 0)
		best_seq_begin(t);
	point(f, at->next);
}

void
rt_feed_join(struct rt_feed *f, const struct rt_feed *gone)
{
	if (gone->seen < f->seen)
		f->seen = gone->seen;
}

struct rt_feed *
rt_feed_after(const struct rt_table *t, const struct rt_feed *f)
{
	struct list *next = f ? f->link.next : t->feeds.next;

	return next == &t->feeds ? NULL :
	    container_of(next, struct rt_feed, link);
}

void
rt_feed_rewind(struct rt_feed *f)
{
	const bool idle = rt_feed_idle(f);

	f->seen = 0;
	point(f, f->table->log_first);
	if (idle && f->next != RT_NONE && f->wake)
		f->wake(f);
}

uint32_t
rt_feed_next(struct rt_feed *f)
{
	uint32_t id;

	while ((id = f->next) != RT_NONE) {
		point(f, net_at(f->table, id)->newer);
		if (!is_no_news(f, id))
			break;
	}
	return id;
}

void
rt_feed_back(struct rt_feed *f, uint32_t id)
{
	point(f, id);
}

bool
rt_feed_idle(const struct rt_feed *f)
{
	return f->next == RT_NONE;
}

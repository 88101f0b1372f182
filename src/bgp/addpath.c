/* SPDX-License-Identifier: ISC */
/*
 * ADD-PATH outward, RFC 7911: which paths of which net the peer has been told
 * of, and with what.  So each path is withdrawn once and told again only when
 * it is another one.  The path id on the wire is the number of the route's
 * source in the table, and one.
 */
#include "base/mem.h"
#include "bgp/neighbour_impl.h"

struct told {
	const struct attrs *attrs;	/* counted; NULL: tell it again */
	uint32_t src;
	uint32_t next : 31;		/* of the net, or NO_NEXT */
	uint32_t seen : 1;
};

#define NO_NEXT	0x7fffffffu

void
bgp_paths_begin(struct bgp_chan *c)
{
	slab_init(&c->paths.told, sizeof(struct told));
	c->paths.head = NULL;
	c->paths.n = 0;
}

void
bgp_paths_end(struct bgp_chan *c)
{
	struct slab *s = &c->paths.told;

	for (uint32_t i = 0; i < slab_top(s); i++)
		if (slab_is_live(s, i))
			attrs_unref(rt_table_pool(c->cfg.table),
			    ((struct told *)slab_at(s, i))->attrs);
	slab_done(s);
	mem_free(c->paths.head);
	c->paths.head = NULL;
	c->paths.n = 0;
}

void
bgp_paths_again(struct bgp_chan *c)
{
	struct slab *s = &c->paths.told;

	for (uint32_t i = 0; i < slab_top(s); i++)
		if (slab_is_live(s, i)) {
			struct told *t = slab_at(s, i);

			attrs_unref(rt_table_pool(c->cfg.table), t->attrs);
			t->attrs = NULL;
		}
}

static bool
head_room(struct bgp_chan *c, uint32_t net_id)
{
	uint32_t n = c->paths.n, *head;

	if (net_id < n)
		return true;
	n = net_id + net_id / 2 + 64;
	head = mem_resize(c->paths.head, n, sizeof(*head));
	if (!head)
		return false;
	for (uint32_t i = c->paths.n; i < n; i++)
		head[i] = NO_NEXT;
	c->paths.head = head;
	c->paths.n = n;
	return true;
}

static struct told *
told_at(const struct bgp_chan *c, uint32_t i)
{
	return i == NO_NEXT ? NULL : slab_at(&c->paths.told, i);
}

static struct told *
find(const struct bgp_chan *c, uint32_t net_id, uint32_t src)
{
	struct told *t = told_at(c, c->paths.head[net_id]);

	while (t && t->src != src)
		t = told_at(c, t->next);
	return t;
}

/* The one member of a group that is told of all paths. */
static struct bgp_chan *
follower(const struct rt_channel *ch)
{
	return bgp_group_first(ch->ctx);
}

bool
bgp_paths_net_begin(struct rt_channel *ch, uint32_t net_id)
{
	struct bgp_chan *c = follower(ch);

	if (!bgp_send_room(c->group) || !head_room(c, net_id))
		return false;
	for (struct told *t = told_at(c, c->paths.head[net_id]); t;
	    t = told_at(c, t->next))
		t->seen = false;
	return true;
}

static void
put_news(struct bgp_chan *c, const struct prefix *net, uint32_t src,
    const struct attrs *attrs)
{
	struct bgp_group *g = c->group;

	g->news[g->n_news++] = (struct bgp_news){ .net = *net,
	    .path_id = src + 1, .attrs = attrs };
	g->octets += attrs ? attrs->size : 0;
}

/* Takes over out, which differs from what it was told. */
static bool
tell(struct bgp_chan *c, uint32_t net_id, const struct prefix *net,
    struct rt_edit *e, struct told *t, const struct attrs *out)
{
	uint32_t id;

	if (!bgp_send_room(c->group))
		return false;
	if (!t) {
		t = slab_alloc(&c->paths.told, &id);
		if (!t)
			return false;
		*t = (struct told){ .src = e->src->number,
		    .next = c->paths.head[net_id] };
		c->paths.head[net_id] = id;
	}
	attrs_unref(rt_table_pool(c->cfg.table), t->attrs);
	t->attrs = attrs_ref(out);
	t->seen = true;
	put_news(c, net, e->src->number, out);
	return true;
}

bool
bgp_paths_emit(struct rt_channel *ch, uint32_t net_id,
    const struct prefix *net, struct rt_edit *e)
{
	struct bgp_chan *c = follower(ch);
	struct told *t = find(c, net_id, e->src->number);
	const struct attrs *out = bgp_export_cached(c->group, e);
	bool ok = true;

	if (!out)		/* not to be told: withdrawn if it was */
		return true;
	if (bgp_export_hidden_from(c->group, e, out)) {
		attrs_unref(rt_table_pool(c->cfg.table), out);
		return true;
	}
	if (!t || t->attrs != out) {
		ok = tell(c, net_id, net, e, t, out);
		if (ok)
			return true;
	} else {
		t->seen = true;
	}
	attrs_unref(rt_table_pool(c->cfg.table), out);
	return ok;
}

bool
bgp_paths_net_end(struct rt_channel *ch, uint32_t net_id,
    const struct prefix *net)
{
	struct bgp_chan *c = follower(ch);
	uint32_t prev = NO_NEXT, i = c->paths.head[net_id], next;

	for (; i != NO_NEXT; i = next) {
		struct told *t = told_at(c, i);

		next = t->next;
		if (t->seen) {
			prev = i;
			continue;
		}
		if (!bgp_send_room(c->group))
			return false;
		put_news(c, net, t->src, NULL);
		attrs_unref(rt_table_pool(c->cfg.table), t->attrs);
		if (prev == NO_NEXT)
			c->paths.head[net_id] = next;
		else
			told_at(c, prev)->next = next;
		slab_free(&c->paths.told, i);
	}
	return true;
}

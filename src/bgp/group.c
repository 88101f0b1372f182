/* SPDX-License-Identifier: ISC */
/*
 * Update groups: channels whose peers are to be told the same.
 *
 * A group is a place in the log of the table and what its members have been
 * told until there.  There may be several groups of one policy, at different
 * places: the first one in the table's list, which all others follow; those
 * who came later and begin at the start; those who could not keep pace.
 * Groups that come to the same place know the same, and become one.
 */
#include "base/mem.h"
#include "bgp/neighbour_impl.h"

/* For how long those who come later wait for each other. */
#define HOLD	SECONDS(1)

/* The groups of a table in the order of their starts. */
static struct bgp_group *
next_group(const struct rt_table *t, const struct bgp_group *after)
{
	struct rt_channel *ch = rt_channel_next(t, after ? &after->ch : NULL);

	while (ch && ch->ops != &bgp_group_ops)
		ch = rt_channel_next(t, ch);
	return ch ? ch->ctx : NULL;
}

struct bgp_chan *
bgp_group_first(const struct bgp_group *g)
{
	unsigned i = 0;

	while (!g->member[i])
		i++;
	return g->member[i];
}

/* Policies. */

static bool
same_neighbour(const struct bgp_neighbour *a, const struct bgp_neighbour *b)
{
	const struct bgp_neighbour_config *x = &a->cfg, *y = &b->cfg;

	return a->codec.peer == b->codec.peer &&
	    a->codec.as4 == b->codec.as4 &&
	    a->codec.ext_message == b->codec.ext_message &&
	    a->caps.llgr == b->caps.llgr && a->caps.role == b->caps.role &&
	    x->local_as == y->local_as && x->confed_id == y->confed_id &&
	    bgp_public_as(x) == bgp_public_as(y) &&
	    x->cluster_id == y->cluster_id &&
	    x->draining == y->draining &&
	    x->rr_client == y->rr_client && x->rs_client == y->rs_client &&
	    x->interpret_communities == y->interpret_communities &&
	    x->allow_local_pref == y->allow_local_pref &&
	    x->allow_med == y->allow_med &&
	    x->default_local_pref == y->default_local_pref &&
	    x->direct == y->direct && x->shared_link == y->shared_link &&
	    a->link[a->est].ifindex == b->link[b->est].ifindex;
}

/* What it is told hangs on itself in more ways than can be shared. */
static bool
is_alone(const struct bgp_chan *c)
{
	return c->all_paths || c->ch.secondary ||
	    (c->ch.export_limit.action != LIMIT_NONE &&
	    c->ch.export_limit.max != 0);
}

/* Would both be told the same of every route, in the same octets? */
static bool
same_policy(const struct bgp_chan *a, const struct bgp_chan *b)
{
	if (a == b)
		return true;
	if (is_alone(a) || is_alone(b))
		return false;
	return a->cfg.table == b->cfg.table && a->cfg.fam == b->cfg.fam &&
	    a->ext == b->ext && ip_eq(a->hop, b->hop) &&
	    ip_eq(a->hop_ll, b->hop_ll) &&
	    a->cfg.next_hop_self == b->cfg.next_hop_self &&
	    a->cfg.next_hop_keep == b->cfg.next_hop_keep &&
	    a->cfg.ll_format == b->cfg.ll_format &&
	    a->cfg.aigp == b->cfg.aigp &&
	    a->cfg.aigp_originate == b->cfg.aigp_originate &&
	    same_neighbour(a->n, b->n) &&
	    rt_filter_same(&a->ch.out, &b->ch.out);
}

static uint32_t
policy_of(const struct bgp_chan *c)
{
	uint32_t top = 0;

	for (struct bgp_group *g = next_group(c->cfg.table, NULL); g;
	    g = next_group(c->cfg.table, g)) {
		if (g != c->group && same_policy(c, bgp_group_first(g)))
			return g->policy;
		if (g->policy > top)
			top = g->policy;
	}
	return top + 1;
}

/* What it is due: is another one on its way, it may get company meanwhile. */
static struct instant
hold_until(const struct bgp_group *g, struct instant now)
{
	for (struct bgp_group *o = next_group(g->ch.table, NULL); o;
	    o = next_group(g->ch.table, o))
		if (o != g && o->policy == g->policy && o->moved &&
		    !rt_feed_idle(&o->ch.feed))
			return instant_add(now, HOLD);
	return INSTANT_ZERO;
}

/* Who waits for company has waited long enough. */
static void
release(const struct bgp_group *g)
{
	for (struct bgp_group *o = next_group(g->ch.table, NULL); o;
	    o = next_group(g->ch.table, o))
		if (o != g && o->policy == g->policy && o->hold.ns != 0) {
			o->hold = INSTANT_ZERO;
			bgp_group_ops.wake(&o->ch);
		}
}

/* Whom a net is hidden from. */

uint16_t
bgp_group_hidden(const struct bgp_group *g, uint32_t net_id)
{
	return net_id < g->n_hidden ? g->hidden[net_id] : 0;
}

static bool
hide_room(struct bgp_group *g, uint32_t n)
{
	uint16_t *v;

	if (n <= g->n_hidden)
		return true;
	n += n / 2 + 64;
	v = mem_resize(g->hidden, n, sizeof(*v));
	if (!v)
		return false;
	memset(v + g->n_hidden, 0, (n - g->n_hidden) * sizeof(*v));
	g->hidden = v;
	g->n_hidden = n;
	return true;
}

bool
bgp_group_hide(struct bgp_group *g, uint32_t net_id, uint16_t who)
{
	const uint16_t was = bgp_group_hidden(g, net_id);

	if (was == who)
		return true;
	if (!hide_room(g, net_id + 1))
		return false;
	if (bgp_is_withheld(was))
		g->member[bgp_hidden_slot(was)]->n_hidden--;
	if (bgp_is_withheld(who))
		g->member[bgp_hidden_slot(who)]->n_hidden++;
	g->hidden[net_id] = who;
	return true;
}

static bool
is_just(uint16_t who, uint16_t slot)
{
	return who != 0 && who != BGP_SEVERAL && bgp_hidden_slot(who) == slot;
}

/* One more: two are several. */
static void
hide_also(struct bgp_group *g, uint32_t net_id, uint16_t who)
{
	const uint16_t was = bgp_group_hidden(g, net_id);

	bgp_group_hide(g, net_id, was && was != who ? BGP_SEVERAL : who);
}

/* Members. */

static struct rt_counts
difference(const struct rt_counts *a, const struct rt_counts *b)
{
	return (struct rt_counts){ .received = a->received - b->received,
	    .rejected = a->rejected - b->rejected,
	    .filtered = a->filtered - b->filtered,
	    .ignored = a->ignored - b->ignored,
	    .accepted = a->accepted - b->accepted };
}

static struct rt_counts
sum(const struct rt_counts *a, const struct rt_counts *b)
{
	return (struct rt_counts){ .received = a->received + b->received,
	    .rejected = a->rejected + b->rejected,
	    .filtered = a->filtered + b->filtered,
	    .ignored = a->ignored + b->ignored,
	    .accepted = a->accepted + b->accepted };
}

void
bgp_group_look(struct bgp_chan *c)
{
	const struct rt_channel *g = c->group ? &c->group->ch : NULL;

	if (!g)
		return;
	c->ch.export_updates = sum(&g->export_updates, &c->own_updates);
	c->ch.export_withdraws = sum(&g->export_withdraws,
	    &c->own_withdraws);
	c->ch.exported.count = g->exported.count - c->n_hidden;
}

/* Free slots for so many more. */
static bool
slots_room(struct bgp_group *g, unsigned n)
{
	const unsigned free_ones = g->n_slots - g->n_members;
	struct bgp_chan **v;

	if (n <= free_ones)
		return true;
	n -= free_ones;
	if (g->n_slots + n > BGP_GROUP_MAX)
		return false;
	v = mem_resize(g->member, g->n_slots + n, sizeof(*v));
	if (!v)
		return false;
	for (unsigned i = 0; i < n; i++)
		v[g->n_slots + i] = NULL;
	g->member = v;
	g->n_slots = (uint16_t)(g->n_slots + n);
	return true;
}

/* There is a slot. */
static void
put(struct bgp_group *g, struct bgp_chan *c)
{
	uint16_t i = 0;

	while (g->member[i])
		i++;
	g->member[i] = c;
	g->n_members++;
	c->group = g;
	c->slot = i;
	c->n_hidden = 0;
	c->own_updates = difference(&c->ch.export_updates,
	    &g->ch.export_updates);
	c->own_withdraws = difference(&c->ch.export_withdraws,
	    &g->ch.export_withdraws);
}

static void
group_free(struct bgp_group *g)
{
	rt_channel_export_end(&g->ch);
	bgp_send_free(g);
	bgp_export_forget(g);
	mem_free(g->hidden);
	mem_free(g->member);
	mem_free(g);
}

/* For c, not yet in it, and not yet following the table. */
static struct bgp_group *
group_new(const struct bgp_chan *c)
{
	struct bgp_group *g = mem_zalloc(sizeof(*g));

	if (!g)
		return NULL;
	g->ch = (struct rt_channel){ .table = c->cfg.table,
	    .ops = &bgp_group_ops, .ctx = g, .out = c->ch.out,
	    .all_paths = c->all_paths, .secondary = c->ch.secondary,
	    .export_limit = c->ch.export_limit };
	if (slots_room(g, 1))
		return g;
	mem_free(g);
	return NULL;
}

/* One that has not left the start, other than its own. */
static struct bgp_group *
at_start(const struct bgp_chan *c, uint32_t policy)
{
	struct bgp_group *g = next_group(c->cfg.table, NULL);

	while (g && (g == c->group || g->policy != policy || g->moved))
		g = next_group(c->cfg.table, g);
	return g;
}

bool
bgp_group_enter(struct bgp_chan *c)
{
	const uint32_t policy = policy_of(c);
	struct bgp_group *g = at_start(c, policy);

	if (g && slots_room(g, 1)) {
		put(g, c);
		return true;
	}
	g = group_new(c);
	if (!g)
		return false;
	g->policy = policy;
	put(g, c);
	rt_channel_export_begin(&g->ch);
	g->hold = hold_until(g, c->n->now);
	return true;
}

void
bgp_group_leave(struct bgp_chan *c)
{
	struct bgp_group *g = c->group;

	if (!g)
		return;
	bgp_group_look(c);
	for (uint32_t i = 0; i < g->n_hidden; i++)
		if (is_just(g->hidden[i], c->slot))
			bgp_group_hide(g, i, 0);
	g->member[c->slot] = NULL;
	c->group = NULL;
	if (--g->n_members > 0)
		return;
	release(g);
	group_free(g);
}

/* What one that goes is known to have not been told. */
static bool
hidden_alone(struct bgp_group *to, const struct bgp_group *g, uint16_t slot)
{
	if (!hide_room(to, g->n_hidden))
		return false;
	for (uint32_t i = 0; i < g->n_hidden; i++)
		if (is_just(g->hidden[i], slot))
			to->hidden[i] = (uint16_t)(1 |
			    (g->hidden[i] & BGP_HOP_ITSELF));
		else if (g->hidden[i] == BGP_SEVERAL)
			to->hidden[i] = BGP_SEVERAL;
	return true;
}

bool
bgp_group_split(struct bgp_chan *c)
{
	struct bgp_group *g = c->group, *own;
	const uint32_t n = c->n_hidden;

	if (g->n_members == 1)
		return true;
	own = group_new(c);
	if (!own || !hidden_alone(own, g, c->slot) ||
	    !rt_channel_export_begin_at(&own->ch, &g->ch)) {
		if (own)
			group_free(own);
		bgp_group_leave(c);
		return false;
	}
	own->policy = g->policy;
	own->moved = true;
	bgp_group_leave(c);
	put(own, c);
	c->n_hidden = n;
	return true;
}

/* Becoming one. */

/* Nets that one has been told of, and the other has not: up to where? */
static uint32_t
knows_more(const struct rt_bitmap *b, const struct rt_bitmap *than)
{
	for (uint32_t i = b->n; i-- > 0;)
		if (b->w[i] & ~(i < than->n ? than->w[i] : 0))
			return (i + 1) * 64;
	return 0;
}

/*
 * The only one of a group that has been told less than those it joins: most
 * likely because it is from that one.
 */
static void
hide_unknown(struct bgp_group *g, const struct rt_bitmap *all,
    const struct rt_bitmap *known, uint16_t who)
{
	for (uint32_t i = 0; i < all->n; i++) {
		uint64_t w = all->w[i] & ~(i < known->n ? known->w[i] : 0);

		for (; w; w &= w - 1)
			hide_also(g, i * 64 +
			    (uint32_t)__builtin_ctzll(w), who);
	}
}

static void
take_members(struct bgp_group *g, struct bgp_group *from)
{
	uint16_t slot[BGP_GROUP_MAX];

	for (uint16_t i = 0; i < from->n_slots; i++) {
		struct bgp_chan *c = from->member[i];

		if (!c)
			continue;
		bgp_group_look(c);
		put(g, c);
		slot[i] = c->slot;
	}
	for (uint32_t i = 0; i < from->n_hidden; i++) {
		const uint16_t who = from->hidden[i];

		if (who == BGP_SEVERAL)
			hide_also(g, i, who);
		else if (who)
			hide_also(g, i, (uint16_t)((slot[bgp_hidden_slot(
			    who)] + 1) | (who & BGP_HOP_ITSELF)));
	}
}

static uint32_t
max_of(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* False: no memory, or too many members; nothing has changed then. */
static bool
absorb(struct bgp_group *g, struct bgp_group *from)
{
	struct bgp_chan *one = g->n_members == 1 ? bgp_group_first(g) : NULL;
	struct bgp_chan *other = from->n_members == 1 ?
	    bgp_group_first(from) : NULL;
	struct rt_bitmap had;
	uint32_t room = from->n_hidden;

	if (one)
		room = max_of(room, knows_more(&from->ch.exported,
		    &g->ch.exported));
	if (other)
		room = max_of(room, knows_more(&g->ch.exported,
		    &from->ch.exported));
	/*
	 * With more than one, what only these have been told of counts as
	 * told to all: at worst somebody hears of a withdrawal for nothing.
	 */
	if (!slots_room(g, from->n_members) || !hide_room(g, room) ||
	    !rt_bitmap_copy(&had, &g->ch.exported))
		return false;
	if (!rt_bitmap_join(&g->ch.exported, &from->ch.exported)) {
		rt_bitmap_done(&had);
		return false;
	}
	take_members(g, from);
	if (one)
		hide_unknown(g, &from->ch.exported, &had,
		    (uint16_t)(one->slot + 1));
	if (other)
		hide_unknown(g, &had, &from->ch.exported,
		    (uint16_t)(other->slot + 1));
	rt_bitmap_done(&had);
	rt_feed_join(&g->ch.feed, &from->ch.feed);
	group_free(from);
	return true;
}

bool
bgp_group_restart(struct bgp_chan *c)
{
	struct bgp_group *g;

	if (!bgp_group_split(c))
		return false;
	c->group->policy = policy_of(c);
	g = at_start(c, c->group->policy);
	if (g && absorb(g, c->group))
		return true;
	g = c->group;
	g->ch.export_limit = c->ch.export_limit;
	g->ch.all_paths = c->all_paths;
	g->ch.secondary = c->ch.secondary;
	bgp_export_forget(g);
	rt_channel_refeed(&g->ch);
	g->moved = false;
	g->hold = hold_until(g, c->n->now);
	return true;
}

const struct bgp_group *
bgp_group_ahead(const struct bgp_group *g)
{
	struct bgp_group *o = next_group(g->ch.table, NULL);

	while (o != g && o->policy != g->policy)
		o = next_group(g->ch.table, o);
	return o == g ? NULL : o;
}

struct bgp_group *
bgp_group_meet(struct bgp_group *g)
{
	bool after = false;		/* g, in the list */
	struct bgp_group *o, *next;

	for (o = next_group(g->ch.table, NULL); o; o = next) {
		next = next_group(g->ch.table, o);
		if (o == g) {
			after = true;
			continue;
		}
		if (o->policy != g->policy ||
		    o->ch.feed.next != g->ch.feed.next)
			continue;
		if (after ? absorb(g, o) : absorb(o, g)) {
			g = after ? g : o;
			release(g);
			break;
		}
	}
	return g;
}

/* SPDX-License-Identifier: ISC */
#include "plan/allowedips.h"

#include "base/mem.h"

void
ai_init(struct ai_plan *a, const struct hash_key *key)
{
	memset(a, 0, sizeof(*a));
	netmap_init(&a->nets, sizeof(struct ai_entry), key);
	wg_allowedips_init(&a->trie);
	list_init(&a->dirty);
}

void
ai_done(struct ai_plan *a)
{
	wg_allowedips_done(&a->trie);
	mem_free(a->owner);
	a->owner = NULL;
	netmap_done(&a->nets);
	list_init(&a->dirty);
}

static struct ai_entry *
entry_get(struct ai_plan *a, const struct prefix *net)
{
	struct ai_entry *e = netmap_get(&a->nets, net);

	if (e == NULL) {
		a->failed = true;
	} else if (e->dirty.next == NULL) {
		list_init(&e->dirty);
		e->listed = e->routed = e->have = AI_NOBODY;
	}
	return e;
}

/* An only peer that has everything needs not be told of each part. */
static bool
is_covered(const struct ai_plan *a, const struct ai_entry *e)
{
	struct prefix all = prefix_of(e->head.net.ip, 0);
	const struct ai_entry *any = netmap_find(&a->nets, &all);

	return a->n_peers == 1 && e->listed == AI_NOBODY && any != NULL &&
	    any->listed == 0;
}

int
ai_wanted(const struct ai_plan *a, const struct ai_entry *e)
{
	(void)a;
	return e->listed != AI_NOBODY ? e->listed : e->routed;
}

static void
entry_settle(struct ai_plan *a, struct ai_entry *e)
{
	if (ai_wanted(a, e) != e->have) {
		if (list_empty(&e->dirty))
			list_push_back(&a->dirty, &e->dirty);
		return;
	}
	list_remove(&e->dirty);
	if (e->have == AI_NOBODY && !e->route)
		netmap_remove(&a->nets, &e->head);
}

static void
settle_all(struct ai_plan *a)
{
	for (uint32_t i = 0; i < netmap_top(&a->nets); i++) {
		struct ai_entry *e = netmap_at(&a->nets, i);

		if (e != NULL)
			entry_settle(a, e);
	}
}

void
ai_peers(struct ai_plan *a, unsigned n)
{
	wg_allowedips_done(&a->trie);
	wg_allowedips_init(&a->trie);
	mem_free(a->owner);
	a->owner = mem_array(n ? n : 1, sizeof(*a->owner));
	a->n_peers = a->owner ? n : 0;
	a->failed |= a->owner == NULL;
	for (unsigned i = 0; i < a->n_peers; i++)
		wg_allowed_owner_init(&a->owner[i]);
	for (uint32_t i = 0; i < netmap_top(&a->nets); i++) {
		struct ai_entry *e = netmap_at(&a->nets, i);

		if (e != NULL)
			e->listed = AI_NOBODY;
	}
}

void
ai_list(struct ai_plan *a, int peer, const struct prefix *net)
{
	struct ai_entry *e = entry_get(a, net);

	if (e == NULL || (unsigned)peer >= a->n_peers)
		return;
	e->listed = peer;
	if (!wg_allowedips_insert(&a->trie, net, &a->owner[peer]))
		a->failed = true;
}

int
ai_peer_of(const struct ai_plan *a, struct ip gw)
{
	const struct wg_allowed_owner *o;

	if (ip_is_none(gw))
		return a->n_peers == 1 ? 0 : AI_NOBODY;
	o = ip_is4(gw) ? wg_allowedips_lookup4(&a->trie, gw.b + 12) :
	    wg_allowedips_lookup6(&a->trie, gw.b);
	return o ? (int)(o - a->owner) : AI_NOBODY;
}

static void
entry_route(struct ai_plan *a, struct ai_entry *e)
{
	e->routed = e->route && !is_covered(a, e) ? ai_peer_of(a, e->gw) :
	    AI_NOBODY;
}

void
ai_listed(struct ai_plan *a)
{
	for (uint32_t i = 0; i < netmap_top(&a->nets); i++) {
		struct ai_entry *e = netmap_at(&a->nets, i);

		if (e == NULL)
			continue;
		entry_route(a, e);
		entry_settle(a, e);
	}
}

void
ai_had_nothing(struct ai_plan *a)
{
	for (uint32_t i = 0; i < netmap_top(&a->nets); i++) {
		struct ai_entry *e = netmap_at(&a->nets, i);

		if (e == NULL)
			continue;
		e->have = AI_NOBODY;
		entry_settle(a, e);
	}
}

void
ai_has(struct ai_plan *a, const struct prefix *net, int peer)
{
	struct ai_entry *e = entry_get(a, net);

	if (e == NULL)
		return;
	e->have = peer;
	entry_settle(a, e);
}

void
ai_route(struct ai_plan *a, const struct prefix *net, struct ip gw)
{
	struct ai_entry *e = entry_get(a, net);

	if (e == NULL)
		return;
	e->route = true;
	e->gw = gw;
	entry_route(a, e);
	entry_settle(a, e);
}

void
ai_unroute(struct ai_plan *a, const struct prefix *net)
{
	struct ai_entry *e = netmap_find(&a->nets, net);

	if (e == NULL)
		return;
	e->route = false;
	e->routed = AI_NOBODY;
	entry_settle(a, e);
}

void
ai_hold(struct ai_plan *a)
{
	a->held = true;
}

void
ai_release(struct ai_plan *a)
{
	if (!a->held)
		return;
	a->held = false;
	settle_all(a);
}

bool
ai_next(struct ai_plan *a, struct ai_change *ret)
{
	while (!list_empty(&a->dirty)) {
		struct ai_entry *e = container_of(a->dirty.next,
		    struct ai_entry, dirty);
		int want = ai_wanted(a, e);

		list_remove(&e->dirty);
		if (want == e->have || (want == AI_NOBODY && a->held))
			continue;
		*ret = (struct ai_change){ .net = e->head.net,
		    .peer = want == AI_NOBODY ? e->have : want,
		    .remove = want == AI_NOBODY };
		e->have = want;
		entry_settle(a, e);
		return true;
	}
	return false;
}

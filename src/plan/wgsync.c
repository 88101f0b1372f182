/* SPDX-License-Identifier: ISC */
#include "plan/wgsync.h"

#include <stdlib.h>

#include "base/mem.h"

bool
ws_changes_any(const struct ws_changes *c)
{
	return c->device_changed || c->n_peers > 0;
}

void
ws_changes_done(struct ws_changes *c)
{
	mem_wipe(&c->device, sizeof(c->device));
	if (c->peer != NULL)
		mem_wipe(c->peer, c->n_peers * sizeof(*c->peer));
	mem_free(c->peer);
	mem_free(c->allowed);
	memset(c, 0, sizeof(*c));
}

static void
compare_device(const struct ws_want *w, const struct wg_uapi_dump *have,
    struct ws_changes *c)
{
	struct wg_uapi_device_set *s = &c->device;

	if (!have->has_private_key ||
	    !crypto_equal(have->private_key, w->private_key, WG_KEY)) {
		s->has_private_key = true;
		memcpy(s->private_key, w->private_key, WG_KEY);
	}
	if (w->listen_port != 0 && have->listen_port != w->listen_port) {
		s->has_listen_port = true;
		s->listen_port = w->listen_port;
	}
	if (have->fwmark != w->fwmark) {
		s->has_fwmark = true;
		s->fwmark = w->fwmark;
	}
	c->device_changed = s->has_private_key || s->has_listen_port ||
	    s->has_fwmark;
}

/* Sets *s to what peer w needs; have is NULL when it is not there. */
static void
compare_peer(const struct ws_peer *w, const struct wg_peer_info *have,
    struct wg_peer_set *s)
{
	memset(s, 0, sizeof(*s));
	memcpy(s->public_key, w->public_key, WG_KEY);
	s->update_only = have != NULL;
	if (have ? !crypto_equal(have->psk, w->psk, WG_KEY) :
	    !crypto_is_zero(w->psk, WG_KEY)) {
		s->has_psk = true;
		memcpy(s->psk, w->psk, WG_KEY);
	}
	if ((have ? have->keepalive : 0) != w->keepalive) {
		s->has_keepalive = true;
		s->keepalive = w->keepalive;
	}
	if (wg_endpoint_known(&w->endpoint) && (have == NULL ||
	    !wg_endpoint_known(&have->endpoint) || (w->insist &&
	    !wg_endpoint_eq(&w->endpoint, &have->endpoint)))) {
		s->has_endpoint = true;
		s->endpoint = w->endpoint;
	}
}

static bool
says_something(const struct wg_peer_set *s)
{
	return !s->update_only || s->remove || s->has_psk ||
	    s->has_keepalive || s->has_endpoint || s->replace_allowed ||
	    s->n_allowed > 0;
}

/* Keys of the wanted peers in order, to find a number by a key. */
struct index {
	const struct ws_want *want;
	uint32_t *v;
};

static int
by_key(const void *a, const void *b, void *want)
{
	const struct ws_peer *p = ((const struct ws_want *)want)->peers;

	return memcmp(p[*(const uint32_t *)a].public_key,
	    p[*(const uint32_t *)b].public_key, WG_KEY);
}

static bool
index_init(struct index *x, const struct ws_want *w)
{
	x->want = w;
	x->v = mem_array(w->n_peers ? w->n_peers : 1, sizeof(*x->v));
	if (x->v == NULL)
		return false;
	for (size_t i = 0; i < w->n_peers; i++)
		x->v[i] = (uint32_t)i;
	qsort_r(x->v, w->n_peers, sizeof(*x->v), by_key,
	    (void *)(uintptr_t)w);
	return true;
}

static int
index_find(const struct index *x, const uint8_t key[WG_KEY])
{
	size_t lo = 0, hi = x->want->n_peers;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;
		uint32_t i = x->v[mid];
		int cmp = memcmp(x->want->peers[i].public_key, key, WG_KEY);

		if (cmp == 0)
			return (int)i;
		if (cmp < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return -1;
}

struct allowed_run {
	int peer;
	struct wg_allowed a;
};

static int
by_peer(const void *a, const void *b)
{
	const struct allowed_run *x = a, *y = b;

	if (x->peer != y->peer)
		return x->peer < y->peer ? -1 : 1;
	/* What is given comes before what is taken. */
	if (x->a.remove != y->a.remove)
		return x->a.remove ? 1 : -1;
	return prefix_cmp(&x->a.prefix, &y->a.prefix);
}

/* All changes of allowed ips, by peer; NULL with *ret_n 0 is none. */
static bool
drain_allowed(struct ai_plan *ai, struct allowed_run **ret, size_t *ret_n)
{
	struct allowed_run *v = NULL, *grown;
	struct ai_change ch;
	size_t n = 0, cap = 0;

	while (ai_next(ai, &ch)) {
		if (n == cap) {
			cap = cap ? cap * 2 : 64;
			grown = mem_resize(v, cap, sizeof(*v));
			if (grown == NULL) {
				ai->failed = true;
				mem_free(v);
				return false;
			}
			v = grown;
		}
		v[n++] = (struct allowed_run){ .peer = ch.peer,
		    .a = { .prefix = ch.net, .remove = ch.remove } };
	}
	if (n > 0)
		qsort(v, n, sizeof(*v), by_peer);
	*ret = v;
	*ret_n = n;
	return true;
}

static size_t
count_wanted(const struct ai_plan *ai)
{
	return netmap_count(&ai->nets);
}

/* Where single ones cannot be taken away: the whole list of the peer. */
static void
replace_list(const struct ai_plan *ai, int peer, struct wg_peer_set *s,
    struct ws_changes *c)
{
	s->replace_allowed = true;
	s->allowed = c->allowed + c->n_allowed;
	s->n_allowed = 0;
	for (uint32_t i = 0; i < netmap_top(&ai->nets); i++) {
		const struct ai_entry *e = netmap_at(&ai->nets, i);

		if (e == NULL || e->have != peer)
			continue;
		c->allowed[c->n_allowed++] = (struct wg_allowed){
		    .prefix = e->head.net };
		s->n_allowed++;
	}
}

static void
give_allowed(const struct ws_want *w, const struct ai_plan *ai,
    const struct allowed_run *v, size_t n, struct wg_peer_set *s,
    struct ws_changes *c)
{
	if (n == 0)
		return;
	if (v[n - 1].a.remove && !w->can_remove) {
		replace_list(ai, v[0].peer, s, c);
		return;
	}
	s->allowed = c->allowed + c->n_allowed;
	s->n_allowed = n;
	for (size_t i = 0; i < n; i++)
		c->allowed[c->n_allowed++] = v[i].a;
}

/* Turns sets (one for each wanted peer) and runs into the result. */
static bool
assemble(const struct ws_want *w, const struct ai_plan *ai,
    struct wg_peer_set *sets, struct ws_changes *c)
{
	struct allowed_run *v = NULL;
	size_t n = 0, at = 0;

	if (!drain_allowed((struct ai_plan *)(uintptr_t)ai, &v, &n))
		return false;
	c->allowed = mem_array(n + count_wanted(ai) + 1, sizeof(*c->allowed));
	if (c->allowed == NULL) {
		mem_free(v);
		return false;
	}
	while (at < n && v[at].peer < 0)
		at++;
	for (size_t i = 0; i < w->n_peers; i++) {
		size_t from = at;

		while (at < n && (size_t)v[at].peer == i)
			at++;
		give_allowed(w, ai, v + from, at - from, &sets[i], c);
		if (says_something(&sets[i]))
			c->peer[c->n_peers++] = sets[i];
	}
	mem_free(v);
	return true;
}

/* What the device has, told to the ai_plan and taken from the sets. */
static void
compare_peers(const struct ws_want *w, const struct wg_uapi_dump *have,
    const struct index *x, struct ai_plan *ai, struct wg_peer_set *sets)
{
	ai_had_nothing(ai);
	for (size_t i = 0; i < w->n_peers; i++)
		compare_peer(&w->peers[i], NULL, &sets[i]);
	for (size_t i = 0; i < have->n_peers; i++) {
		const struct wg_uapi_peer *p = &have->peers[i];
		int k = index_find(x, p->info.public_key);

		if (k < 0)
			continue;
		compare_peer(&w->peers[k], &p->info, &sets[k]);
		for (size_t j = 0; j < p->info.n_allowed; j++)
			ai_has(ai, &have->allowed[p->first_allowed + j], k);
	}
}

/* At the end, so that a prefix that moves on has moved before. */
static void
remove_others(const struct wg_uapi_dump *have, const struct index *x,
    struct ws_changes *c)
{
	for (size_t i = 0; i < have->n_peers; i++) {
		const uint8_t *key = have->peers[i].info.public_key;
		struct wg_peer_set *s = &c->peer[c->n_peers];

		if (index_find(x, key) >= 0)
			continue;
		memcpy(s->public_key, key, WG_KEY);
		s->remove = s->update_only = true;
		c->n_peers++;
	}
}

static bool
start(size_t n_sets, size_t n_changes, struct wg_peer_set **ret_sets,
    struct ws_changes *c)
{
	memset(c, 0, sizeof(*c));
	*ret_sets = mem_array(n_sets + 1, sizeof(**ret_sets));
	c->peer = mem_array(n_changes + 1, sizeof(*c->peer));
	return *ret_sets != NULL && c->peer != NULL;
}

static void
finish(struct wg_peer_set *sets, size_t n, bool ok, struct ws_changes *c)
{
	if (sets != NULL)
		mem_wipe(sets, n * sizeof(*sets));
	mem_free(sets);
	if (!ok)
		ws_changes_done(c);
}

bool
ws_compare(const struct ws_want *want, const struct wg_uapi_dump *have,
    struct ai_plan *allowed, struct ws_changes *ret)
{
	struct index x = { 0 };
	struct wg_peer_set *sets = NULL;
	bool ok;

	ok = start(want->n_peers, want->n_peers + have->n_peers, &sets, ret) &&
	    index_init(&x, want);
	if (ok) {
		compare_device(want, have, ret);
		compare_peers(want, have, &x, allowed, sets);
		ok = assemble(want, allowed, sets, ret);
		if (ok)
			remove_others(have, &x, ret);
	}
	mem_free(x.v);
	finish(sets, want->n_peers, ok, ret);
	return ok;
}

bool
ws_allowed(const struct ws_want *want, struct ai_plan *allowed,
    struct ws_changes *ret)
{
	struct wg_peer_set *sets = NULL;
	bool ok;

	ok = start(want->n_peers, want->n_peers, &sets, ret);
	for (size_t i = 0; ok && i < want->n_peers; i++) {
		memcpy(sets[i].public_key, want->peers[i].public_key, WG_KEY);
		sets[i].update_only = true;
	}
	if (ok)
		ok = assemble(want, allowed, sets, ret);
	finish(sets, want->n_peers, ok, ret);
	return ok;
}

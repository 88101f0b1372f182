/* SPDX-License-Identifier: ISC */
/*
 * Sources: who announces.  A neighbour that sends ADD-PATH has one for each
 * path identifier that it has used, so they are found by a hash, and those
 * that have lost their last route are given up before there are more of them.
 *
 * There may be as many as routes, so nothing is done to all of them at once.
 * The hash has a bucket more with each source: the entries of one of its
 * buckets are shared out between that one and the new one ("linear hashing").
 * Who has no route any more is found by a hand that goes round.
 */
#include <assert.h>

#include "base/mem.h"
#include "rib/table_impl.h"

#define SRC_MAX		(1u << 24)
#define SWEEP_FROM	64	/* sources; below, none is given up */
#define SWEEP		4	/* looked at for a new one */

static uint32_t
bucket(const struct rt_table *t, const struct rt_owner *o,
    const struct rt_owner *origin, uint32_t path_id)
{
	const uint64_t who = (uintptr_t)o ^ (uint64_t)(uintptr_t)origin * 31;

	const uint32_t h = (uint32_t)hash_mix(t->seed ^ who ^
	    (uint64_t)path_id << 32);
	const uint32_t at = h & t->bucket_mask;

	return at < t->n_buckets ? at : h & t->bucket_mask >> 1;
}

static uint32_t *
bucket_of(struct rt_table *t, const struct rt_src *s)
{
	return &t->src_hash[bucket(t, s->owner, s->origin, s->path_id)];
}

static void
chain_in(struct rt_table *t, struct rt_src *s)
{
	uint32_t *b = bucket_of(t, s);

	s->chain = *b;
	*b = s->number;
}

static void
drop(struct rt_table *t, struct rt_src *s)
{
	uint32_t *at = bucket_of(t, s);

	assert(s->routes == 0);
	while (*at != s->number)
		at = &t->src[*at]->chain;
	*at = s->chain;
	if (t->last_src == s)
		t->last_src = NULL;
	t->src[s->number] = NULL;
	t->src_free[t->n_src_free++] = s->number;
	mem_free(s);
}

/* One bucket more, for some of those of another one. */
static void
split(struct rt_table *t)
{
	const uint32_t new = t->n_buckets;
	uint32_t i, next, *from;

	if (new == t->cap_src)
		return;
	if ((new & (new - 1)) == 0)
		t->bucket_mask = new ? 2 * new - 1 : 0;
	t->n_buckets++;
	t->src_hash[new] = RT_NONE;
	if (new == 0)
		return;
	from = &t->src_hash[new & t->bucket_mask >> 1];
	i = *from;
	*from = RT_NONE;
	for (; i != RT_NONE; i = next) {
		next = t->src[i]->chain;
		chain_in(t, t->src[i]);
	}
}

static bool
grow(struct rt_table *t)
{
	const uint32_t cap = t->cap_src ? t->cap_src * 2 : 8;
	struct rt_src **src;
	uint32_t *hash, *empty;

	if (cap > SRC_MAX)
		return false;
	src = mem_resize(t->src, cap, sizeof(*src));
	if (!src)
		return false;
	t->src = src;
	empty = mem_resize(t->src_free, cap, sizeof(*empty));
	if (!empty)
		return false;
	t->src_free = empty;
	hash = mem_resize(t->src_hash, cap, sizeof(*hash));
	if (!hash)
		return false;
	t->src_hash = hash;
	t->cap_src = cap;
	return true;
}

static bool
may_go(const struct rt_src *s)
{
	return s && s->routes == 0 && (s->path_id || s->origin != s->owner);
}

/* The ids that a peer has used and left: some of them. */
static void
sweep(struct rt_table *t)
{
	for (uint32_t i = 0; i < SWEEP; i++) {
		t->src_hand = t->src_hand + 1 < t->n_src ? t->src_hand + 1 : 0;
		if (may_go(t->src[t->src_hand]))
			drop(t, t->src[t->src_hand]);
	}
}

static bool
number_for(struct rt_table *t, uint32_t *ret)
{
	if (t->n_src_free == 0 && t->n_src >= SWEEP_FROM)
		sweep(t);
	if (t->n_src_free) {
		*ret = t->src_free[--t->n_src_free];
		return true;
	}
	if (t->n_src == t->cap_src && !grow(t))
		return false;
	*ret = t->n_src;
	t->src[t->n_src++] = NULL;
	split(t);
	return true;
}

static bool
is_it(const struct rt_src *s, const struct rt_owner *o,
    const struct rt_owner *origin, uint32_t path_id)
{
	return s->owner == o && s->origin == origin && s->path_id == path_id;
}

struct rt_src *
rt_src_find_for(const struct rt_table *t, const struct rt_owner *o,
    const struct rt_owner *origin, uint32_t path_id)
{
	uint32_t i;

	if (t->last_src && is_it(t->last_src, o, origin, path_id))
		return t->last_src;
	i = t->n_buckets ? t->src_hash[bucket(t, o, origin, path_id)] : RT_NONE;
	while (i != RT_NONE && !is_it(t->src[i], o, origin, path_id))
		i = t->src[i]->chain;
	return i == RT_NONE ? NULL : t->src[i];
}

struct rt_src *
rt_src_get_for(struct rt_table *t, struct rt_owner *o,
    const struct rt_owner *origin, uint32_t path_id)
{
	struct rt_src *s = rt_src_find_for(t, o, origin, path_id);
	uint32_t number;

	if (s) {
		t->last_src = s;
		return s;
	}
	s = mem_zalloc(sizeof(*s));
	if (!s || !number_for(t, &number)) {
		mem_free(s);
		return NULL;
	}
	*s = (struct rt_src){ .owner = o, .origin = origin,
	    .path_id = path_id, .number = number };
	t->src[number] = s;
	chain_in(t, s);
	return s;
}

const struct rt_src *
rt_src_at(const struct rt_table *t, uint32_t number)
{
	return t->src[number];
}

void
rt_owner_done(struct rt_table *t, struct rt_owner *o)
{
	for (uint32_t i = 0; i < t->n_src; i++)
		if (t->src[i] && t->src[i]->owner == o)
			drop(t, t->src[i]);
}

void
rt_srcs_done(struct rt_table *t)
{
	for (uint32_t i = 0; i < t->n_src; i++)
		mem_free(t->src[i]);
	mem_free(t->src);
	mem_free(t->src_free);
	mem_free(t->src_hash);
}

/* SPDX-License-Identifier: ISC */
#include "plan/netmap.h"

#include "base/mem.h"

#define FIRST_BUCKETS	64	/* a power of two */

void
netmap_init(struct netmap *m, size_t size, const struct hash_key *key)
{
	slab_init(&m->slab, size);
	m->key = *key;
	m->bucket = NULL;
	m->n_buckets = m->cap_buckets = m->mask = 0;
}

void
netmap_done(struct netmap *m)
{
	slab_done(&m->slab);
	mem_free(m->bucket);
	m->bucket = NULL;
	m->n_buckets = m->cap_buckets = m->mask = 0;
}

/* The fields one by one: a struct prefix has holes. */
static uint32_t
place(const struct netmap *m, const struct prefix *p)
{
	uint8_t b[24];
	uint32_t at;

	memcpy(b, p->ip.b, 16);
	b[16] = p->kind;
	b[17] = p->len;
	b[18] = p->max;
	b[19] = 0;
	be32_put(b + 20, p->asn);
	at = (uint32_t)hash_keyed(&m->key, bytes_of(b, sizeof(b))) & m->mask;
	/* What is not split yet stands in the lower half. */
	return at < m->n_buckets ? at : at & m->mask >> 1;
}

static bool
same(const struct prefix *a, const struct prefix *b)
{
	return ip_eq(a->ip, b->ip) && a->len == b->len &&
	    a->kind == b->kind && a->max == b->max && a->asn == b->asn;
}

void *
netmap_find(const struct netmap *m, const struct prefix *net)
{
	uint32_t id;

	if (m->n_buckets == 0)
		return NULL;
	id = m->bucket[place(m, net)];
	while (id != SLAB_NONE) {
		struct netmap_entry *e = slab_at(&m->slab, id);

		if (same(&e->net, net))
			return e;
		id = e->chain;
	}
	return NULL;
}

static void
hang(struct netmap *m, struct netmap_entry *e)
{
	uint32_t *b = &m->bucket[place(m, &e->net)];

	e->chain = *b;
	*b = e->id;
}

static bool
first_buckets(struct netmap *m)
{
	m->bucket = mem_array(FIRST_BUCKETS, sizeof(*m->bucket));
	if (m->bucket == NULL)
		return false;
	for (uint32_t i = 0; i < FIRST_BUCKETS; i++)
		m->bucket[i] = SLAB_NONE;
	m->n_buckets = m->cap_buckets = FIRST_BUCKETS;
	m->mask = FIRST_BUCKETS - 1;
	return true;
}

/* Without memory it goes on working, only slower. */
static void
split_one(struct netmap *m)
{
	uint32_t id, next, from;

	if (m->n_buckets == m->cap_buckets) {
		uint32_t *b = mem_resize(m->bucket, 2 * (size_t)m->n_buckets,
		    sizeof(*b));

		if (b == NULL)
			return;
		m->bucket = b;
		m->cap_buckets *= 2;
	}
	if (m->n_buckets > m->mask)
		m->mask = m->mask * 2 + 1;
	from = m->n_buckets & m->mask >> 1;
	id = m->bucket[from];
	m->bucket[from] = m->bucket[m->n_buckets++] = SLAB_NONE;
	for (; id != SLAB_NONE; id = next) {
		struct netmap_entry *e = slab_at(&m->slab, id);

		next = e->chain;
		hang(m, e);
	}
}

void *
netmap_get(struct netmap *m, const struct prefix *net)
{
	struct netmap_entry *e = netmap_find(m, net);
	uint32_t id;

	if (e != NULL)
		return e;
	if (m->n_buckets == 0 && !first_buckets(m))
		return NULL;
	if (m->slab.used >= m->n_buckets)
		split_one(m);
	e = slab_alloc(&m->slab, &id);
	if (e == NULL)
		return NULL;
	e->net = *net;
	e->id = id;
	hang(m, e);
	return e;
}

void
netmap_remove(struct netmap *m, struct netmap_entry *e)
{
	uint32_t *at = &m->bucket[place(m, &e->net)];

	while (*at != e->id) {
		struct netmap_entry *o = slab_at(&m->slab, *at);

		at = &o->chain;
	}
	*at = e->chain;
	slab_free(&m->slab, e->id);
}

uint32_t
netmap_top(const struct netmap *m)
{
	return slab_top(&m->slab);
}

void *
netmap_at(const struct netmap *m, uint32_t id)
{
	return slab_is_live(&m->slab, id) ? slab_at(&m->slab, id) : NULL;
}

uint32_t
netmap_count(const struct netmap *m)
{
	return m->slab.used;
}

/* SPDX-License-Identifier: ISC */
#include "plan/netmap.h"

#include "base/mem.h"

#define FIRST_BUCKETS	64

void
netmap_init(struct netmap *m, size_t size, const struct hash_key *key)
{
	slab_init(&m->slab, size);
	m->key = *key;
	m->bucket = NULL;
	m->n_buckets = 0;
}

void
netmap_done(struct netmap *m)
{
	slab_done(&m->slab);
	mem_free(m->bucket);
	m->bucket = NULL;
	m->n_buckets = 0;
}

/* The fields one by one: a struct prefix has holes. */
static uint32_t
place(const struct netmap *m, const struct prefix *p)
{
	uint8_t b[24];

	memcpy(b, p->ip.b, 16);
	b[16] = p->kind;
	b[17] = p->len;
	b[18] = p->max;
	b[19] = 0;
	be32_put(b + 20, p->asn);
	return (uint32_t)hash_keyed(&m->key, bytes_of(b, sizeof(b))) &
	    (m->n_buckets - 1);
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
grow(struct netmap *m)
{
	uint32_t n = m->n_buckets ? m->n_buckets * 2 : FIRST_BUCKETS;
	uint32_t *b = mem_array(n, sizeof(*b));

	if (b == NULL)
		return false;
	for (uint32_t i = 0; i < n; i++)
		b[i] = SLAB_NONE;
	mem_free(m->bucket);
	m->bucket = b;
	m->n_buckets = n;
	for (uint32_t i = 0; i < netmap_top(m); i++) {
		struct netmap_entry *e = netmap_at(m, i);

		if (e != NULL)
			hang(m, e);
	}
	return true;
}

void *
netmap_get(struct netmap *m, const struct prefix *net)
{
	struct netmap_entry *e = netmap_find(m, net);
	uint32_t id;

	if (e != NULL)
		return e;
	/* A full map goes on working, only slower, without memory. */
	if (m->slab.used >= m->n_buckets && !grow(m) && m->n_buckets == 0)
		return NULL;
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

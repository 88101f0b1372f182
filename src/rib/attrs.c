/* SPDX-License-Identifier: ISC */
#include "rib/attrs.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "rib/table.h"

/*
 * In memory a set is its header, the next hops, the packed attributes, and
 * then the values: each a 16-bit length and the bytes.  Interning builds just
 * that in the pool's scratch room, hashes it from "host" on, and compares
 * with memcmp, so padding is always zero.
 */
/*
 * The pool's hash is open addressing.  A cell is a pointer, whose lowest bits
 * are some of the hash, so that a probe seldom reads a set that is not the one
 * sought; 0 is a cell never used, CELL_DEAD one that was freed.
 */
#define CELL_TAG	((uintptr_t)7)
#define CELL_DEAD	((uintptr_t)1)

#define CONTENT	offsetof(struct attrs, host)
#define VALUE_MAX	UINT16_MAX

struct attrs_pool {
	struct hash_key key;
	uintptr_t *cell;
	uint32_t mask;
	size_t count, dead, bytes;
	uint8_t *scratch;
	size_t scratch_cap;
};

struct attrs_pool *
attrs_pool_new(const struct hash_key *key)
{
	struct attrs_pool *p = mem_zalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->key = *key;
	p->mask = 255;
	p->cell = mem_array(p->mask + 1, sizeof(*p->cell));
	p->scratch_cap = 4096;
	p->scratch = mem_alloc(p->scratch_cap);
	if (!p->cell || !p->scratch) {
		mem_free(p->cell);
		mem_free(p->scratch);
		mem_free(p);
		return NULL;
	}
	return p;
}

struct attrs_pool *
attrs_pool_free(struct attrs_pool *p)
{
	if (!p)
		return NULL;
	assert(p->count == 0);
	mem_free(p->cell);
	mem_free(p->scratch);
	mem_free(p);
	return NULL;
}

size_t
attrs_pool_count(const struct attrs_pool *p)
{
	return p->count;
}

size_t
attrs_pool_bytes(const struct attrs_pool *p)
{
	return p->bytes + (p->mask + (size_t)1) * sizeof(*p->cell) +
	    p->scratch_cap;
}

uint32_t
attrs_u32(const struct attrs *a, uint16_t id, uint32_t or_else)
{
	struct attr at;

	return attrs_get(a, id, &at) && attr_is_number(at.type) ? at.u :
	    or_else;
}

static uintptr_t
cell_of(const struct attrs *a)
{
	return (uintptr_t)a | a->hash >> 29;
}

/* The set that a cell holds; NULL for one that is free. */
static struct attrs *
cell_set(uintptr_t cell)
{
	return (struct attrs *)(cell & ~CELL_TAG);
}

static void
cell_free(struct attrs_pool *p, const struct attrs *a)
{
	const uintptr_t cell = cell_of(a);
	uint32_t at = a->hash & p->mask;

	for (; p->cell[at] != cell; at = (at + 1) & p->mask)
		assert(p->cell[at]);
	if (p->cell[(at + 1) & p->mask]) {
		p->cell[at] = CELL_DEAD;
		p->dead++;
	} else {
		p->cell[at] = 0;	/* no probe went on from here */
	}
}

void
attrs_unref(struct attrs_pool *p, const struct attrs *a)
{
	if (!a)
		return;
	assert(a->refs > 0);
	if (--((struct attrs *)(uintptr_t)a)->refs > 0)
		return;
	cell_free(p, a);
	if (a->host)
		a->host->refs--;
	p->count--;
	p->bytes -= a->size;
	mem_free((void *)(uintptr_t)a);
}

/* Under construction. */

void
attrs_edit_init(struct attrs_edit *e, const struct attrs *base)
{
	e->base = base;
	e->changed = e->failed = false;
	e->own_hops = e->own_v = !base;
	e->n = 0;
	e->host = base ? base->host : NULL;
	e->from = base ? base->from : IP_NONE;
	e->preference = base ? base->preference : 0;
	e->source = base ? base->source : RTS_NONE;
	e->dest = base ? base->dest : RTD_NONE;
	e->scope = base ? base->scope : SCOPE_UNIVERSE;
	e->n_hops = base ? base->n_hops : 0;
}

unsigned
attrs_edit_count(const struct attrs_edit *e)
{
	return e->own_v ? e->n : e->base->n_attrs;
}

struct attr
attrs_edit_at(const struct attrs_edit *e, unsigned i)
{
	return e->own_v ? e->v[i] : attrs_at(e->base, i);
}

/* Where id stands, or would; in e->v. */
static unsigned
place(const struct attrs_edit *e, uint16_t id)
{
	unsigned i = 0;

	while (i < e->n && e->v[i].id < id)
		i++;
	return i;
}

bool
attrs_edit_get(const struct attrs_edit *e, uint16_t id, struct attr *ret)
{
	unsigned i;

	if (!e->own_v)
		return attrs_get(e->base, id, ret);
	i = place(e, id);
	if (i == e->n || e->v[i].id != id)
		return false;
	*ret = e->v[i];
	return true;
}

static void
own(struct attrs_edit *e)
{
	e->changed = true;
	if (e->own_v)
		return;
	e->own_v = true;
	e->n = e->base->n_attrs < ATTRS_EDIT_MAX ? e->base->n_attrs :
	    ATTRS_EDIT_MAX;
	for (unsigned i = 0; i < e->n; i++)
		e->v[i] = attrs_at(e->base, i);
}

void
attrs_edit_set(struct attrs_edit *e, struct attr at)
{
	unsigned i;

	own(e);
	at.flags |= ATTR_FRESH;
	i = place(e, at.id);
	if (!attr_is_number(at.type) && at.n > VALUE_MAX) {
		e->failed = true;
		return;
	}
	if (i == e->n || e->v[i].id != at.id) {
		if (e->n == ATTRS_EDIT_MAX) {
			e->failed = true;
			return;
		}
		memmove(&e->v[i + 1], &e->v[i], (e->n - i) * sizeof(at));
		e->n++;
	}
	e->v[i] = at;
}

/* The flags of what is replaced are kept: the encoder decides the rest. */
static uint8_t
old_flags(const struct attrs_edit *e, uint16_t id)
{
	struct attr old;

	return attrs_edit_get(e, id, &old) ? old.flags : 0;
}

void
attrs_edit_set_u32(struct attrs_edit *e, uint16_t id, uint32_t u)
{
	attrs_edit_set(e, (struct attr){ .id = id, .type = ATTR_U32,
	    .flags = old_flags(e, id), .u = u });
}

void
attrs_edit_set_bytes(struct attrs_edit *e, uint16_t id, enum attr_type type,
    struct bytes b)
{
	attrs_edit_set(e, (struct attr){ .id = id, .type = (uint8_t)type,
	    .flags = old_flags(e, id), .n = (uint32_t)b.n, .p = b.p });
}

void
attrs_edit_unset(struct attrs_edit *e, uint16_t id)
{
	struct attr old;
	unsigned i;

	if (!attrs_edit_get(e, id, &old))
		return;
	own(e);
	i = place(e, id);
	e->n--;
	memmove(&e->v[i], &e->v[i + 1], (e->n - i) * sizeof(e->v[0]));
}

const struct nexthop *
attrs_edit_hops(const struct attrs_edit *e, unsigned *ret_n)
{
	*ret_n = e->n_hops;
	return e->own_hops ? e->hop : attrs_hops(e->base);
}

void
attrs_edit_set_hops(struct attrs_edit *e, const struct nexthop *h, unsigned n)
{
	assert(n <= NEXTHOPS_MAX);
	/* Padding stays zero: sets are compared as memory. */
	memset(e->hop, 0, n * sizeof(*h));
	for (unsigned i = 0; i < n; i++) {
		e->hop[i].gw = h[i].gw;
		e->hop[i].ifindex = h[i].ifindex;
		e->hop[i].flags = h[i].flags;
		e->hop[i].weight = h[i].weight;
	}
	e->n_hops = (uint8_t)n;
	e->own_hops = e->changed = true;
}

void
attrs_edit_set_preference(struct attrs_edit *e, uint16_t pref)
{
	e->changed |= e->preference != pref;
	e->preference = pref;
}

void
attrs_edit_set_dest(struct attrs_edit *e, enum rt_dest dest)
{
	e->changed |= e->dest != dest;
	e->dest = (uint8_t)dest;
}

void
attrs_edit_set_host(struct attrs_edit *e, struct rt_host *host)
{
	e->changed |= e->host != host;
	e->host = host;
}

/* Interning. */

static size_t
edit_size(const struct attrs_edit *e, unsigned n)
{
	size_t size = sizeof(struct attrs) +
	    e->n_hops * sizeof(struct nexthop) +
	    n * sizeof(struct attrs_packed);

	for (unsigned i = 0; i < n; i++) {
		const struct attr at = attrs_edit_at(e, i);

		if (!attr_is_number(at.type))
			size += sizeof(uint16_t) + at.n;
	}
	return size;
}

static void
build(struct attrs *a, const struct attrs_edit *e, unsigned n, size_t size)
{
	struct attrs_packed *k;
	uint8_t *value;
	unsigned n_hops;
	const struct nexthop *hops = attrs_edit_hops(e, &n_hops);

	memset(a, 0, sizeof(*a));
	a->host = e->host;
	a->from = e->from;
	a->size = (uint32_t)size;
	a->preference = e->preference;
	a->source = e->source;
	a->dest = e->dest;
	a->scope = e->scope;
	a->n_hops = (uint8_t)n_hops;
	a->n_attrs = (uint8_t)n;
	if (n_hops)
		memcpy(a + 1, hops, n_hops * sizeof(*hops));
	k = (struct attrs_packed *)(uintptr_t)attrs_packed(a);
	value = (uint8_t *)(k + n);
	for (unsigned i = 0; i < n; i++) {
		const struct attr at = attrs_edit_at(e, i);
		const uint16_t len = (uint16_t)at.n;

		k[i] = (struct attrs_packed){ .id = at.id, .type = at.type,
		    .flags = at.flags & (uint8_t)~ATTR_FRESH, .v = at.u };
		if (attr_is_number(at.type))
			continue;
		k[i].v = (uint32_t)(value - (uint8_t *)a);
		memcpy(value, &len, sizeof(len));
		if (len)
			memcpy(value + sizeof(len), at.p, len);
		value += sizeof(len) + len;
	}
}

static void
put(uintptr_t *cells, uint32_t mask, const struct attrs *a)
{
	uint32_t at = a->hash & mask;

	while (cells[at])
		at = (at + 1) & mask;
	cells[at] = cell_of(a);
}

/* A quarter of the cells is never used, or one at least; else no memory. */
static bool
cell_room(struct attrs_pool *p)
{
	const size_t cells = p->mask + (size_t)1, used = p->count + p->dead;
	const size_t want = p->count * 2 >= cells ? cells * 2 : cells;
	uintptr_t *cell;

	if ((used + 1) * 4 <= cells * 3)
		return true;
	cell = mem_array(want, sizeof(*cell));
	if (!cell)
		return used + 1 < cells;
	for (size_t i = 0; i < cells; i++)
		if (cell_set(p->cell[i]))
			put(cell, (uint32_t)(want - 1), cell_set(p->cell[i]));
	mem_free(p->cell);
	p->cell = cell;
	p->mask = (uint32_t)(want - 1);
	p->dead = 0;
	return true;
}

static struct attrs *
find(const struct attrs_pool *p, const struct attrs *a, uint32_t hash)
{
	uintptr_t cell;

	for (uint32_t at = hash & p->mask; (cell = p->cell[at]) != 0;
	    at = (at + 1) & p->mask) {
		struct attrs *old = cell_set(cell);

		if (old && (cell & CELL_TAG) == hash >> 29 &&
		    old->hash == hash && old->size == a->size &&
		    memcmp((uint8_t *)old + CONTENT,
		    (const uint8_t *)a + CONTENT, a->size - CONTENT) == 0)
			return old;
	}
	return NULL;
}

static bool
room(struct attrs_pool *p, size_t size)
{
	uint8_t *bigger;

	if (size <= p->scratch_cap)
		return true;
	bigger = mem_alloc(size * 2);
	if (!bigger)
		return false;
	mem_free(p->scratch);
	p->scratch = bigger;
	p->scratch_cap = size * 2;
	return true;
}

const struct attrs *
attrs_intern(struct attrs_pool *p, struct attrs_edit *e)
{
	struct attrs *a, *new;
	uint32_t hash;
	unsigned n;
	size_t size;

	if (e->failed)
		return NULL;
	if (e->base && !e->changed)
		return attrs_ref(e->base);
	n = attrs_edit_count(e);
	size = edit_size(e, n);
	if (!room(p, size))
		return NULL;
	a = (struct attrs *)(void *)p->scratch;
	build(a, e, n, size);
	hash = (uint32_t)hash_keyed(&p->key,
	    bytes_of((uint8_t *)a + CONTENT, size - CONTENT));
	new = find(p, a, hash);
	if (new)
		return attrs_ref(new);
	new = cell_room(p) ? mem_alloc(size) : NULL;
	if (!new)
		return NULL;
	memcpy(new, a, size);
	new->refs = 1;
	new->hash = hash;
	put(p->cell, p->mask, new);
	if (new->host)
		new->host->refs++;
	p->bytes += size;
	p->count++;
	return new;
}

/* SPDX-License-Identifier: ISC */
#include "rib/attrs.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "base/shelf.h"
#include "rib/table.h"

/*
 * Interning builds a set in the pool's scratch room, hashes it from "host" on,
 * and compares with memcmp, so padding is always zero.
 */
/*
 * The pool's hash is open addressing.  A cell is a pointer, whose lowest bits
 * are some of the hash, so that a probe seldom reads a set that is not the one
 * sought; 0 is a cell never used, CELL_DEAD one that was freed.
 *
 * When it gets too full another one is made, and each new set moves some cells
 * of the old one there.  It is filled to three quarters at most: at the start
 * a quarter of its size is free at least, and MOVES times that is more than
 * the old one has.
 */
#define CELL_TAG	((uintptr_t)7)
#define CELL_DEAD	((uintptr_t)1)
#define CELLS_FIRST	256u
#define MOVES		8u

#define CONTENT	offsetof(struct attrs, host)

struct cells {
	uintptr_t *v;			/* NULL: there are none */
	uint32_t mask;
};

struct attrs_pool {
	struct hash_key key;
	struct cells cells, old;	/* each set stands in one of them */
	uint32_t moved;			/* cells of the old one */
	size_t count, used;		/* used: of cells, with dead ones */
	struct attrs *recent[2];	/* what was interned, the last first */
	struct attrs *drafted;		/* the draft is this one, or NULL */
	struct shelf shelf;		/* of the sets */
	uint8_t *scratch;
	size_t scratch_cap;
};

static bool
cells_make(struct cells *ret, size_t n)
{
	*ret = (struct cells){ .v = mem_array(n, sizeof(*ret->v)),
	    .mask = (uint32_t)(n - 1) };
	return ret->v != NULL;
}

static size_t
cells_bytes(const struct cells *c)
{
	return c->v ? (c->mask + (size_t)1) * sizeof(*c->v) : 0;
}

struct attrs_pool *
attrs_pool_new(const struct hash_key *key)
{
	struct attrs_pool *p = mem_zalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->key = *key;
	p->scratch_cap = 4096;
	p->scratch = mem_alloc(p->scratch_cap);
	if (!cells_make(&p->cells, CELLS_FIRST) || !p->scratch) {
		mem_free(p->cells.v);
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
	shelf_done(&p->shelf);
	mem_free(p->cells.v);
	mem_free(p->old.v);
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
	return p->shelf.bytes + cells_bytes(&p->cells) +
	    cells_bytes(&p->old) + p->scratch_cap;
}

uint32_t
attrs_u32(const struct attrs *a, uint16_t id, uint32_t or_else)
{
	struct attr at;

	return attrs_get(a, id, &at) && attr_is_number(at.type) ? at.u :
	    or_else;
}

struct ip
attrs_from(const struct attrs *a)
{
	switch ((enum attrs_from_where)a->from) {
	case FROM_HOST:
		return a->host->ip;
	case FROM_HERE:
		return ip_from6((const uint8_t *)(attrs_hops(a) + a->n_hops));
	case FROM_NOWHERE:
		break;
	}
	return IP_NONE;
}

/* In a host the two stand as they do in a value. */
void
attrs_host_hop(const struct attrs *a, unsigned n, struct attr *ret)
{
	_Static_assert(offsetof(struct rt_host, link_local) ==
	    offsetof(struct rt_host, ip) + sizeof(struct ip), "one value");
	ret->type = ATTR_IP;
	ret->p = a->host->ip.b;
	ret->n = n * (uint32_t)sizeof(struct ip);
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

/* The cell of a set; NULL: it is not in these. */
static uintptr_t *
cells_find(const struct cells *c, const struct attrs *a)
{
	const uintptr_t cell = cell_of(a);
	uint32_t at = a->hash & c->mask;

	for (; c->v[at] != cell; at = (at + 1) & c->mask)
		if (!c->v[at])
			return NULL;
	return &c->v[at];
}

static void
cell_free(struct attrs_pool *p, const struct attrs *a)
{
	uintptr_t *at = cells_find(&p->cells, a);

	if (!at) {
		*cells_find(&p->old, a) = CELL_DEAD;
	} else if (p->cells.v[(at - p->cells.v + 1) & p->cells.mask]) {
		*at = CELL_DEAD;
	} else {
		*at = 0;	/* no probe went on from here */
		p->used--;
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
	for (unsigned i = 0; i < 2; i++)
		if (p->recent[i] == a)
			p->recent[i] = NULL;
	if (p->drafted == a)
		p->drafted = NULL;
	if (a->host)
		a->host->refs--;
	p->count--;
	shelf_free(&p->shelf, (void *)(uintptr_t)a, a->size);
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
	e->from = base ? attrs_from(base) : IP_NONE;
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

bool
attrs_edit_get(const struct attrs_edit *e, uint16_t id, struct attr *ret)
{
	const struct attr *own;

	if (!e->own_v)
		return attrs_get(e->base, id, ret);
	own = attrs_edit_own(e, id);
	if (!own)
		return false;
	*ret = *own;
	return true;
}

static void
own(struct attrs_edit *e)
{
	const uint8_t *pos;

	e->changed = true;
	if (e->own_v)
		return;
	e->own_v = true;
	e->n = e->base->n_attrs < ATTRS_EDIT_MAX ? e->base->n_attrs :
	    ATTRS_EDIT_MAX;
	pos = attrs_begin(e->base);
	for (unsigned i = 0; i < e->n; i++)
		attrs_next(e->base, &pos, &e->v[i]);
}

/* Where id is to be written, with the flags it had; NULL: no room for it. */
static struct attr *
place(struct attrs_edit *e, uint16_t id)
{
	unsigned i;

	own(e);
	for (i = e->n; i > 0 && e->v[i - 1].id >= id; i--)
		if (e->v[i - 1].id == id)
			return &e->v[i - 1];
	if (e->n == ATTRS_EDIT_MAX) {
		e->failed = true;
		return NULL;
	}
	for (unsigned k = e->n++; k > i; k--)
		e->v[k] = e->v[k - 1];
	e->v[i].flags = 0;
	return &e->v[i];
}

/* The flags of what is replaced are kept: the encoder decides the rest. */
static void
put_attr(struct attrs_edit *e, struct attr at, bool keep_flags)
{
	struct attr *to;

	if (!attr_is_number(at.type) && at.n > ATTRS_VALUE_MAX) {
		e->failed = true;
		return;
	}
	to = place(e, at.id);
	if (!to)
		return;
	at.flags |= ATTR_FRESH | (keep_flags ? to->flags : 0);
	*to = at;
}

void
attrs_edit_set(struct attrs_edit *e, struct attr at)
{
	put_attr(e, at, false);
}

void
attrs_edit_set_u32(struct attrs_edit *e, uint16_t id, uint32_t u)
{
	put_attr(e, (struct attr){ .id = id, .type = ATTR_U32, .u = u },
	    true);
}

void
attrs_edit_set_bytes(struct attrs_edit *e, uint16_t id, enum attr_type type,
    struct bytes b)
{
	put_attr(e, (struct attr){ .id = id, .type = (uint8_t)type,
	    .n = (uint32_t)b.n, .p = b.p }, true);
}

void
attrs_edit_unset(struct attrs_edit *e, uint16_t id)
{
	struct attr old, *at;

	if (!attrs_edit_get(e, id, &old))
		return;
	own(e);
	at = (struct attr *)(uintptr_t)attrs_edit_own(e, id);
	e->n--;
	memmove(at, at + 1, (size_t)(&e->v[e->n] - at) * sizeof(*at));
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

/* At most; ATTRS_SIZE_MAX + 1 when that would be too much. */
static size_t
room_for(const struct attrs_edit *e, unsigned n)
{
	size_t size = sizeof(struct attrs) + sizeof(struct ip) +
	    e->n_hops * sizeof(struct nexthop);

	for (unsigned i = 0; i < n; i++)
		size += sizeof(struct attrs_packed) + sizeof(uint32_t) +
		    e->v[i].n;
	return size <= ATTRS_SIZE_MAX ? size : ATTRS_SIZE_MAX + 1;
}

/* How many of the host's addresses a next hop is; 0: it is another one. */
static uint8_t
host_hops(const struct attrs_edit *e, const struct attr *at)
{
	const uint32_t one = sizeof(struct ip);

	if (at->id != ATTR_BGP_NEXT_HOP || at->type != ATTR_IP || !e->host ||
	    (at->n != one && at->n != 2 * one) ||
	    memcmp(at->p, e->host->ip.b, at->n) != 0)
		return 0;
	return (uint8_t)(at->n / one);
}

static uint8_t *
pack_number(uint8_t *p, struct attrs_packed *k, uint32_t u)
{
	for (k->n = 0; u; u >>= 8, k->n++)
		*p++ = (uint8_t)u;
	return p;
}

static uint8_t *
pack_bytes(uint8_t *p, struct attrs_packed *k, const struct attr *at)
{
	const uint16_t n = (uint16_t)at->n;

	if (n < ATTR_LONG) {
		k->n = (uint8_t)n;
	} else {
		k->n = ATTR_LONG;
		memcpy(p, &n, sizeof(n));
		p += sizeof(n);
	}
	if (n)
		memcpy(p, at->p, n);
	return p + n;
}

static uint8_t *
pack(uint8_t *p, const struct attrs_edit *e, const struct attr *at)
{
	struct attrs_packed k = { .id = at->id, .type = at->type & 0x0f,
	    .flags = at->flags >> 4, .n = host_hops(e, at) };
	uint8_t *end = p + sizeof(k);

	if (k.n)
		k.type = ATTR_OF_HOST;
	else if (attr_is_number(at->type))
		end = pack_number(end, &k, at->u);
	else
		end = pack_bytes(end, &k, at);
	memcpy(p, &k, sizeof(k));
	return end;
}

static enum attrs_from_where
from_where(const struct attrs_edit *e)
{
	if (ip_is_none(e->from))
		return FROM_NOWHERE;
	return e->host && ip_eq(e->from, e->host->ip) ? FROM_HOST : FROM_HERE;
}

/* Hops of a path that is one sequence (type 2, RFC 4271 4.3); -1: it is not. */
static int
plain_hops(const struct attr *at)
{
	return at->n > 2 && at->p[0] == 2 && at->n == 2 + 4u * at->p[1] ?
	    at->p[1] : -1;
}

static uint64_t
merit_of(const struct attrs_edit *e)
{
	uint32_t pref = 0, origin = 2;
	bool has_pref = false;
	int hops = -1;

	for (unsigned i = 0; i < e->n && e->v[i].id <= ATTR_BGP_AIGP; i++) {
		const struct attr *at = &e->v[i];

		if (at->id == ATTR_BGP_ORIGIN)
			origin = at->u;
		else if (at->id == ATTR_BGP_PATH)
			hops = plain_hops(at);
		else if (at->id == ATTR_BGP_AIGP)
			return 0;
		else if (at->id == ATTR_BGP_LOCAL_PREF) {
			has_pref = true;
			pref = at->u;
		}
	}
	if (!has_pref || hops < 0 || origin > 2)
		return 0;
	return (uint64_t)pref << 32 | (uint32_t)(255 - hops) << 8 |
	    (3 - origin);
}

static void
build(struct attrs *a, const struct attrs_edit *e, unsigned n)
{
	unsigned n_hops;
	const struct nexthop *hops = attrs_edit_hops(e, &n_hops);
	uint8_t *p;

	*a = (struct attrs){ .host = e->host, .preference = e->preference,
	    .source = e->source, .dest = e->dest, .scope = e->scope,
	    .from = from_where(e), .n_hops = (uint8_t)n_hops,
	    .n_attrs = (uint8_t)n, .merit = merit_of(e) };
	if (n_hops)
		memcpy(a + 1, hops, n_hops * sizeof(*hops));
	p = (uint8_t *)(uintptr_t)attrs_begin(a);
	if (a->from == FROM_HERE)
		memcpy(p - sizeof(e->from), e->from.b, sizeof(e->from));
	for (unsigned i = 0; i < n; i++)
		p = pack(p, e, &e->v[i]);
	a->size = (uint32_t)(p - (uint8_t *)a);
}

static void
put(struct attrs_pool *p, const struct attrs *a)
{
	const struct cells *c = &p->cells;
	uint32_t at = a->hash & c->mask;

	while (c->v[at])
		at = (at + 1) & c->mask;
	c->v[at] = cell_of(a);
	p->used++;
}

/* Some of the old cells; their sets are read side by side. */
static void
move_some(struct attrs_pool *p)
{
	uintptr_t *from = p->old.v + p->moved;

	for (unsigned i = 0; i < MOVES; i++)
		__builtin_prefetch(cell_set(from[i]));
	for (unsigned i = 0; i < MOVES; i++)
		if (cell_set(from[i])) {
			put(p, cell_set(from[i]));
			from[i] = CELL_DEAD;
		}
	p->moved += MOVES;
	if (p->moved > p->old.mask) {
		mem_free(p->old.v);
		p->old.v = NULL;
	}
}

/* A quarter of the cells is never used, or one at least; else no memory. */
static bool
cell_room(struct attrs_pool *p)
{
	const size_t n = p->cells.mask + (size_t)1;
	struct cells more;

	if (p->old.v)
		move_some(p);
	if ((p->used + 1) * 4 <= n * 3)
		return true;
	if (p->old.v || !cells_make(&more, p->count * 2 >= n ? n * 2 : n))
		return p->used + 1 < n;
	p->old = p->cells;
	p->cells = more;
	p->moved = 0;
	p->used = 0;
	return true;
}

static bool
is_same(const struct attrs *old, const struct attrs *a)
{
	return old->size == a->size && memcmp((const uint8_t *)old + CONTENT,
	    (const uint8_t *)a + CONTENT, a->size - CONTENT) == 0;
}

static struct attrs *
find_in(const struct cells *c, const struct attrs *a)
{
	uintptr_t cell;

	for (uint32_t at = a->hash & c->mask; (cell = c->v[at]) != 0;
	    at = (at + 1) & c->mask) {
		struct attrs *old = cell_set(cell);

		if (old && (cell & CELL_TAG) == a->hash >> 29 &&
		    old->hash == a->hash && is_same(old, a))
			return old;
	}
	return NULL;
}

static struct attrs *
find(const struct attrs_pool *p, const struct attrs *a)
{
	struct attrs *old = find_in(&p->cells, a);

	return old || !p->old.v ? old : find_in(&p->old, a);
}

/* One of the two before, mostly what came in and what a filter made of it. */
static struct attrs *
find_recent(const struct attrs_pool *p, const struct attrs *a)
{
	for (unsigned i = 0; i < 2; i++)
		if (p->recent[i] && is_same(p->recent[i], a))
			return p->recent[i];
	return NULL;
}

static void
note_recent(struct attrs_pool *p, struct attrs *a)
{
	if (p->recent[0] == a)
		return;
	p->recent[1] = p->recent[0];
	p->recent[0] = a;
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

bool
attrs_draft(struct attrs_pool *p, struct attrs_edit *e)
{
	struct attrs *a;
	size_t size;

	own(e);
	size = room_for(e, e->n);
	e->failed |= size > ATTRS_SIZE_MAX;
	if (e->failed || !room(p, size))
		return false;
	a = (struct attrs *)(void *)p->scratch;
	build(a, e, e->n);
	p->drafted = find_recent(p, a);
	if (p->drafted)
		return true;
	a->hash = (uint32_t)hash_keyed(&p->key,
	    bytes_of((uint8_t *)a + CONTENT, a->size - CONTENT));
	__builtin_prefetch(&p->cells.v[a->hash & p->cells.mask], 1);
	if (p->old.v)
		__builtin_prefetch(&p->old.v[a->hash & p->old.mask]);
	return true;
}

static struct attrs *
new_set(struct attrs_pool *p, const struct attrs *a)
{
	struct attrs *new = cell_room(p) ? shelf_alloc(&p->shelf, a->size) :
	    NULL;

	if (!new)
		return NULL;
	memcpy(new, a, a->size);
	new->refs = 0;
	put(p, new);
	if (new->host)
		new->host->refs++;
	p->count++;
	return new;
}

const struct attrs *
attrs_intern_draft(struct attrs_pool *p)
{
	const struct attrs *a = (const struct attrs *)(void *)p->scratch;
	struct attrs *set = p->drafted;

	if (!set)
		set = find(p, a);
	if (!set)
		set = new_set(p, a);
	if (!set)
		return NULL;
	note_recent(p, set);
	return attrs_ref(set);
}

const struct attrs *
attrs_intern(struct attrs_pool *p, struct attrs_edit *e)
{
	if (e->base && !e->changed)
		return e->failed ? NULL : attrs_ref(e->base);
	return attrs_draft(p, e) ? attrs_intern_draft(p) : NULL;
}

/* SPDX-License-Identifier: ISC */
/* Nets by prefix: the hash of a table. */
#include "base/mem.h"
#include "rib/table_impl.h"

/*
 * The hash is open addressing over 32-bit cells: 26 bits of net id + 2 (0 is
 * a cell never used, 1 one that was freed), and 6 bits of the hash above, so
 * that a probe rarely has to look at a net that is not the one sought.
 */
#define CELL_BITS	26
#define CELL_ID		((1u << CELL_BITS) - 1)
#define CELL_DEAD	1u
#define NETS_MAX	(CELL_ID - 2)

static uint64_t
key_hash(const struct rt_table *t, const uint8_t *addr, unsigned len)
{
	uint64_t a, b;

	if (addr_bytes(t->kind) == 4)
		return hash_mix(t->seed ^
		    ((uint64_t)be32_get(addr) << 8 | len));
	a = be64_get(addr);
	b = be64_get(addr + 8);
	return hash_mix(hash_mix(t->seed ^ a) + (b ^ (uint64_t)len << 56));
}

static void
net_key(const struct prefix *p, uint8_t addr[16])
{
	if (prefix_is4(p))
		memcpy(addr, p->ip.b + 12, 4);
	else
		memcpy(addr, p->ip.b, 16);
}

uint32_t
rt_net_asn(const struct rt_table *t, const struct rt_net *n)
{
	uint32_t asn;

	memcpy(&asn, n->addr + addr_bytes(t->kind), sizeof(asn));
	return asn;
}

static bool
net_is(const struct rt_table *t, const struct rt_net *n, const uint8_t *addr,
    const struct prefix *p)
{
	if (n->len != p->len || memcmp(n->addr, addr, addr_bytes(t->kind)) != 0)
		return false;
	return !is_roa(t->kind) ||
	    (n->max == p->max && rt_net_asn(t, n) == p->asn);
}

static uint32_t
cell_of(uint64_t h, uint32_t id)
{
	return (uint32_t)(h >> 58) << CELL_BITS | (id + 2);
}

uint32_t
rt_find(const struct rt_table *t, const struct prefix *p)
{
	uint8_t addr[16];
	uint64_t h;
	uint32_t at, cell;

	net_key(p, addr);
	h = key_hash(t, addr, p->len);
	for (at = (uint32_t)h & t->hash_mask; (cell = t->hash[at]) != 0;
	    at = (at + 1) & t->hash_mask) {
		if (cell == CELL_DEAD || cell >> CELL_BITS != h >> 58)
			continue;
		if (net_is(t, net_at(t, (cell & CELL_ID) - 2), addr, p))
			return (cell & CELL_ID) - 2;
	}
	return RT_NONE;
}

/* The net that find would look at first, if there is one. */
static uint32_t
candidate(const struct rt_table *t, uint64_t h)
{
	uint32_t at, cell;

	for (at = (uint32_t)h & t->hash_mask; (cell = t->hash[at]) != 0;
	    at = (at + 1) & t->hash_mask)
		if (cell != CELL_DEAD && cell >> CELL_BITS == h >> 58)
			return (cell & CELL_ID) - 2;
	return RT_NONE;
}

/*
 * Three rounds, as each step needs what the one before has brought: cells,
 * nets, routes.  In each the misses of all nets are under way together.
 */
void
rt_prefetch(const struct rt_table *t, const struct prefix *v, unsigned n)
{
	uint64_t h[RT_PREFETCH_MAX];
	uint32_t id[RT_PREFETCH_MAX];
	uint8_t addr[16];

	for (unsigned i = 0; i < n; i++) {
		net_key(&v[i], addr);
		h[i] = key_hash(t, addr, v[i].len);
		__builtin_prefetch(&t->hash[h[i] & t->hash_mask], 1);
	}
	for (unsigned i = 0; i < n; i++) {
		id[i] = candidate(t, h[i]);
		if (id[i] != RT_NONE)
			__builtin_prefetch(net_at(t, id[i]), 1);
	}
	for (unsigned i = 0; i < n; i++)
		if (id[i] != RT_NONE && net_at(t, id[i])->routes != RT_NONE)
			__builtin_prefetch(route_at(t,
			    net_at(t, id[i])->routes), 1);
}

static bool
rehash(struct rt_table *t, uint32_t mask)
{
	uint32_t *hash = mem_array((size_t)mask + 1, sizeof(*hash));

	if (!hash)
		return false;
	for (uint32_t i = 0; i <= t->hash_mask; i++) {
		const uint32_t id = (t->hash[i] & CELL_ID) - 2;
		const struct rt_net *n;
		uint64_t h;
		uint32_t at;

		if (t->hash[i] <= CELL_DEAD)
			continue;
		n = net_at(t, id);
		h = key_hash(t, n->addr, n->len);
		for (at = (uint32_t)h & mask; hash[at]; at = (at + 1) & mask)
			;
		hash[at] = cell_of(h, id);
	}
	mem_free(t->hash);
	t->hash = hash;
	t->hash_mask = mask;
	t->hash_dead = 0;
	return true;
}

/* Keeps a quarter of the cells never used; false when out of memory. */
static bool
hash_room(struct rt_table *t)
{
	const uint64_t cells = (uint64_t)t->hash_mask + 1;

	if ((t->hash_used + t->hash_dead + 1) * (uint64_t)4 <= cells * 3)
		return true;
	return rehash(t, t->hash_used * (uint64_t)2 >= cells ?
	    t->hash_mask * 2 + 1 : t->hash_mask);
}

uint32_t
rt_net_get(struct rt_table *t, const struct prefix *p)
{
	uint32_t id = rt_find(t, p), at;
	struct rt_net *n;
	uint64_t h;

	if (id != RT_NONE)
		return id;
	if (!hash_room(t))
		return RT_NONE;
	n = slab_alloc(&t->nets, &id);
	if (!n)
		return RT_NONE;
	if (id >= NETS_MAX) {
		slab_free(&t->nets, id);
		return RT_NONE;
	}
	n->routes = n->older = n->newer = RT_NONE;
	n->len = p->len;
	n->max = p->max;
	net_key(p, n->addr);
	if (is_roa(t->kind))
		memcpy(n->addr + addr_bytes(t->kind), &p->asn, sizeof(p->asn));
	h = key_hash(t, n->addr, n->len);
	for (at = (uint32_t)h & t->hash_mask; t->hash[at] > CELL_DEAD;
	    at = (at + 1) & t->hash_mask)
		;
	t->hash_dead -= t->hash[at] == CELL_DEAD;
	t->hash[at] = cell_of(h, id);
	t->hash_used++;
	t->len_count[n->len]++;
	return id;
}

void
rt_net_free(struct rt_table *t, uint32_t id)
{
	const struct rt_net *n = net_at(t, id);
	const uint64_t h = key_hash(t, n->addr, n->len);
	const uint32_t cell = cell_of(h, id);
	uint32_t at = (uint32_t)h & t->hash_mask;

	while (t->hash[at] != cell)
		at = (at + 1) & t->hash_mask;
	t->hash[at] = CELL_DEAD;
	t->hash_used--;
	t->hash_dead++;
	t->len_count[n->len]--;
	rt_log_unlink(t, id);
	slab_free(&t->nets, id);
}

void
rt_net_prefetch_cell(const struct rt_table *t, uint32_t id)
{
	const struct rt_net *n = net_at(t, id);

	__builtin_prefetch(&t->hash[key_hash(t, n->addr, n->len) &
	    t->hash_mask], 1);
}

/* All ROAs of one prefix share a hash, and so one run of cells. */
enum rt_roa
rt_net_roa(const struct rt_table *t, struct ip ip, unsigned len, unsigned want,
    uint32_t asn)
{
	const struct prefix p = { .ip = ip, .kind = (uint8_t)t->kind };
	enum rt_roa found = RT_ROA_UNKNOWN;
	uint8_t addr[16];
	uint32_t at, cell;
	uint64_t h;

	net_key(&p, addr);
	h = key_hash(t, addr, len);
	for (at = (uint32_t)h & t->hash_mask; (cell = t->hash[at]) != 0;
	    at = (at + 1) & t->hash_mask) {
		const uint32_t id = (cell & CELL_ID) - 2;
		const struct rt_net *n;

		if (cell == CELL_DEAD || cell >> CELL_BITS != h >> 58)
			continue;
		n = net_at(t, id);
		if (n->len != len || !rt_best(t, id) ||
		    memcmp(n->addr, addr, addr_bytes(t->kind)) != 0)
			continue;
		if (asn != 0 && rt_net_asn(t, n) == asn && want <= n->max)
			return RT_ROA_VALID;
		found = RT_ROA_INVALID;
	}
	return found;
}

/* SPDX-License-Identifier: ISC */
/* Nets by prefix: the hash of a table. */
#include "base/mem.h"
#include "rib/table_impl.h"

/*
 * The hash is groups of 16 cells, a line of the cache each.  A net stands in
 * the group that its hash names, or in the next one with room; a group that
 * has a cell never used ends a search.  A cell is a net's number + 2 (0 is
 * never used, 1 was freed), and above it as many bits of the hash as there is
 * room for, so that a search hardly ever reads a net that is not the one
 * sought.
 *
 * When it gets too full a larger one is made, and each new net moves some of
 * the old ones, in the order of their numbers, in which nets are read at the
 * speed of memory.  Meanwhile there are two: new nets go to t->hash, and
 * NET_SIDE says where a net stands.  The cell of one that was moved is left
 * in t->old, where it does no harm: a cell is only a hint at a net.
 */
#define GROUP		16u	/* cells */
#define LINE		(GROUP * sizeof(uint32_t))
#define FIRST_GROUPS	10u	/* doubled, it has room for 1,064,960 */
#define CELL_DEAD	1u
#define ID_BITS_MAX	28	/* leaves four bits of the hash */
#define MOVES		32	/* for a new net, while there is t->old */
#define FREED_LEN	255	/* length of a net that is no more */
#define PREFETCH_DEPTH	8	/* routes of a net */
#define LONGEST_AHEAD	3	/* lengths */

/* For as many nets as may stand in it, and for numbers up to "top". */
static bool
hash_make(struct net_hash *ret, uint32_t groups, uint32_t top)
{
	const uint32_t cells = groups * GROUP;
	unsigned id_bits = 1;

	while ((cells > top ? cells : top) + 2 >= (uint64_t)1 << id_bits)
		id_bits++;
	if (id_bits > ID_BITS_MAX)
		return false;
	*ret = (struct net_hash){ .groups = groups, .id_bits = id_bits,
	    .room = mem_array((size_t)groups + 1, LINE) };
	/* Groups shall be lines: there is one more for that. */
	ret->cell = (uint32_t *)(((uintptr_t)ret->room + LINE - 1) &
	    ~(uintptr_t)(LINE - 1));
	return ret->room != NULL;
}

static inline uint64_t
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

static inline bool
has_addr(const struct rt_table *t, const struct rt_net *n, const uint8_t *addr)
{
	return addr_bytes(t->kind) == 4 ? memcmp(n->addr, addr, 4) == 0 :
	    memcmp(n->addr, addr, 16) == 0;
}

static bool
net_is(const struct rt_table *t, const struct rt_net *n, const uint8_t *addr,
    const struct prefix *p)
{
	if (n->len != p->len || !has_addr(t, n, addr))
		return false;
	return !is_roa(t->kind) ||
	    (n->max == p->max && rt_net_asn(t, n) == p->asn);
}

static uint32_t *
group_at(const struct net_hash *h, uint32_t group)
{
	return h->cell + (size_t)group * GROUP;
}

static uint32_t
group_of(const struct net_hash *h, uint64_t hash)
{
	return (uint32_t)((hash >> 32) * h->groups >> 32);
}

static uint32_t
group_after(const struct net_hash *h, uint32_t group)
{
	return group + 1 == h->groups ? 0 : group + 1;
}

static uint32_t
cell_of(const struct net_hash *h, uint64_t hash, uint32_t id)
{
	return (uint32_t)hash << h->id_bits | (id + 2);
}

static uint32_t
cell_id(const struct net_hash *h, uint32_t cell)
{
	return (cell & (((uint32_t)1 << h->id_bits) - 1)) - 2;
}

/* A search: the nets whose tag is the one sought, group by group. */
struct probe {
	const struct net_hash *h;
	uint32_t group, tag;
	uint32_t found;			/* in the group, a bit for each */
};

/* What a machine compares at a time. */
typedef uint32_t four_cells __attribute__((vector_size(16)));

#define ALIKE(i) \
	((four_cells)(four[i] >> shift == all) & \
	((four_cells){ 1, 2, 4, 8 } << 4 * (i)))

/* Which cells of a group, less their lowest bits, are "want": a bit each. */
static inline uint32_t
alike(const uint32_t cell[GROUP], unsigned shift, uint32_t want)
{
	const four_cells *four = (const four_cells *)(const void *)cell;
	const four_cells all = { want, want, want, want };
	const four_cells bits = ALIKE(0) | ALIKE(1) | ALIKE(2) | ALIKE(3);

	return bits[0] | bits[1] | bits[2] | bits[3];
}

/* A search that comes to a cell never used is over.  It is mostly the last. */
static inline bool
has_unused(const uint32_t cell[GROUP])
{
	return cell[GROUP - 1] == 0 || alike(cell, 0, 0) != 0;
}

static inline uint32_t
tag_of(const struct net_hash *h, uint64_t hash)
{
	return (uint32_t)hash << h->id_bits >> h->id_bits;
}

static inline struct probe
probe_of(const struct net_hash *h, uint64_t hash)
{
	struct probe p = { .h = h, .group = group_of(h, hash),
	    .tag = tag_of(h, hash) };

	p.found = alike(group_at(h, p.group), h->id_bits, p.tag);
	return p;
}

/* The next candidate; RT_NONE: no more. */
static inline uint32_t
probe_next(struct probe *p)
{
	const uint32_t *group = group_at(p->h, p->group);

	for (;;) {
		while (p->found) {
			const uint32_t cell = group[__builtin_ctz(p->found)];

			p->found &= p->found - 1;
			if (cell > CELL_DEAD)	/* their tag is 0 */
				return cell_id(p->h, cell);
		}
		if (has_unused(group))
			return RT_NONE;
		p->group = group_after(p->h, p->group);
		group = group_at(p->h, p->group);
		p->found = alike(group, p->h->id_bits, p->tag);
	}
}

static uint32_t
find_in(const struct rt_table *t, const struct net_hash *h, uint64_t hash,
    const uint8_t *addr, const struct prefix *p)
{
	struct probe at = probe_of(h, hash);
	uint32_t id;

	while ((id = probe_next(&at)) != RT_NONE)
		if (net_is(t, net_at(t, id), addr, p))
			return id;
	return RT_NONE;
}

static uint32_t
find(const struct rt_table *t, uint64_t hash, const uint8_t *addr,
    const struct prefix *p)
{
	const uint32_t id = find_in(t, &t->hash, hash, addr, p);

	return id != RT_NONE || !t->old.cell ? id :
	    find_in(t, &t->old, hash, addr, p);
}

uint32_t
rt_find(const struct rt_table *t, const struct prefix *p)
{
	uint8_t addr[16];

	net_key(p, addr);
	return find(t, key_hash(t, addr, p->len), addr, p);
}

/* The next one, if that is the net sought.  It may have been freed since. */
static inline uint32_t
foreseen(struct rt_table *t, const uint8_t *addr, const struct prefix *p)
{
	struct rt_foreseen *f = &t->foreseen;
	const uint32_t id = f->at < f->n ? f->id[f->at++] : RT_NONE;

	return id != RT_NONE && net_is(t, net_at(t, id), addr, p) ? id :
	    RT_NONE;
}

uint32_t
rt_net_find(struct rt_table *t, const struct prefix *p)
{
	uint8_t addr[16];
	uint32_t id;

	net_key(p, addr);
	id = foreseen(t, addr, p);
	return id != RT_NONE ? id :
	    find(t, key_hash(t, addr, p->len), addr, p);
}

static void
prefetch_group(const struct rt_table *t, uint64_t hash)
{
	__builtin_prefetch(group_at(&t->hash, group_of(&t->hash, hash)), 1);
	if (t->old.cell)
		__builtin_prefetch(group_at(&t->old, group_of(&t->old,
		    hash)), 1);
}

/* The net that a search would read first, most likely; or RT_NONE. */
static uint32_t
candidate(const struct net_hash *h, uint64_t hash)
{
	const uint32_t *cell = group_at(h, group_of(h, hash));
	const uint32_t found = alike(cell, h->id_bits, tag_of(h, hash));
	const uint32_t first = found ? cell[__builtin_ctz(found)] : 0;

	return first > CELL_DEAD ? cell_id(h, first) : RT_NONE;
}

/* The best one is compared with what comes: a set is two lines, mostly. */
static void
prefetch_attrs(const struct rt_route *r)
{
	__builtin_prefetch(r->attrs);
	__builtin_prefetch((const uint8_t *)r->attrs + LINE);
}

/*
 * Routes of all nets side by side, as far down their lists as DEPTH: the best
 * one, and the others where the source may have one among them.
 */
static void
prefetch_routes(const struct rt_table *t, const struct rt_src *src,
    uint32_t *id, unsigned n)
{
	uint32_t deep = 0;
	unsigned left = n;

	_Static_assert(RT_PREFETCH_MAX <= 32, "a bit for each");
	for (unsigned depth = 0; left && depth < PREFETCH_DEPTH; depth++) {
		left = 0;
		for (unsigned i = 0; i < n; i++) {
			if (id[i] == RT_NONE)
				continue;
			if (depth == 0) {
				const struct rt_net *net = net_at(t, id[i]);

				if (src && net->srcs & src_bit(src))
					deep |= 1u << i;
				id[i] = net->routes;
			} else {
				if (depth == 1)
					prefetch_attrs(route_at(t, id[i]));
				id[i] = deep >> i & 1 ?
				    route_at(t, id[i])->next : RT_NONE;
			}
			if (id[i] == RT_NONE)
				continue;
			__builtin_prefetch(route_at(t, id[i]), 1);
			left++;
		}
	}
}

void
rt_prefetch_cells(const struct rt_table *t, const struct prefix *v, unsigned n)
{
	uint8_t addr[16];

	for (unsigned i = 0; i < n; i++) {
		net_key(&v[i], addr);
		prefetch_group(t, key_hash(t, addr, v[i].len));
	}
}

/*
 * In rounds, as each step needs what the one before has brought: nets, then
 * routes.  In each the misses of all nets are under way together.
 */
void
rt_prefetch(struct rt_table *t, const struct rt_src *src,
    const struct prefix *v, unsigned n)
{
	uint32_t id[RT_PREFETCH_MAX];
	uint8_t addr[16];
	uint64_t hash;

	for (unsigned i = 0; i < n; i++) {
		net_key(&v[i], addr);
		hash = key_hash(t, addr, v[i].len);
		id[i] = candidate(&t->hash, hash);
		if (id[i] == RT_NONE && t->old.cell)
			id[i] = candidate(&t->old, hash);
		if (id[i] != RT_NONE)
			__builtin_prefetch(net_at(t, id[i]), 1);
		t->foreseen.id[i] = id[i];
	}
	t->foreseen.n = n;
	t->foreseen.at = 0;
	prefetch_routes(t, src, id, n);
}

bool
rt_nets_init(struct rt_table *t)
{
	return hash_make(&t->hash, FIRST_GROUPS, 0);
}

void
rt_nets_done(struct rt_table *t)
{
	mem_free(t->hash.room);
	mem_free(t->old.room);
}

size_t
rt_nets_bytes(const struct rt_table *t)
{
	return slab_bytes(&t->nets) +
	    ((size_t)t->hash.groups + t->old.groups) * LINE;
}

static void
put_in(struct net_hash *h, uint64_t hash, uint32_t id)
{
	uint32_t group = group_of(h, hash), free, *cell;

	while (!(free = alike(group_at(h, group), 1, CELL_DEAD >> 1)))
		group = group_after(h, group);
	cell = group_at(h, group) + __builtin_ctz(free);
	h->dead -= *cell == CELL_DEAD;
	h->used++;
	*cell = cell_of(h, hash, id);
}

/* The nets from t->moved on: those that must move are counted in *ret. */
static uint32_t
to_move(struct rt_table *t, uint32_t budget, uint64_t hash[MOVES],
    uint32_t id[MOVES], unsigned *ret)
{
	uint32_t n = 0;

	for (*ret = 0; n < budget && n < MOVES &&
	    t->moved < slab_top(&t->nets); n++, t->moved++) {
		const struct rt_net *net = net_at(t, t->moved);

		if (!slab_is_live(&t->nets, t->moved) ||
		    (net->flags & NET_SIDE) == t->side)
			continue;
		hash[*ret] = key_hash(t, net->addr, net->len);
		id[*ret] = t->moved;
		__builtin_prefetch(group_at(&t->hash, group_of(&t->hash,
		    hash[(*ret)++])), 1);
	}
	return n;
}

/* Moves some nets from t->old, and frees it when none is left. */
void
rt_nets_move(struct rt_table *t, uint32_t budget)
{
	uint64_t hash[MOVES];
	uint32_t id[MOVES], looked_at;
	unsigned n;

	while (t->old.cell && budget > 0) {
		looked_at = to_move(t, budget, hash, id, &n);
		budget -= looked_at;
		for (unsigned i = 0; i < n; i++) {
			net_at(t, id[i])->flags ^= NET_SIDE;
			put_in(&t->hash, hash[i], id[i]);
		}
		if (t->moved < slab_top(&t->nets))
			continue;
		mem_free(t->old.room);
		t->old = (struct net_hash){ .cell = NULL };
	}
}

/* Fewer than 13 of 16 cells are in use, or were; false: out of memory. */
static bool
hash_room(struct rt_table *t)
{
	const uint32_t groups = t->hash.groups;
	struct net_hash h;

	if (t->hash.used + t->hash.dead < groups * (GROUP * 13 / 16))
		return true;
	rt_nets_move(t, UINT32_MAX);
	if (!hash_make(&h, t->hash.used < groups * (GROUP / 2) ? groups :
	    groups * 2, slab_top(&t->nets)))
		return false;
	t->old = t->hash;
	t->hash = h;
	t->side ^= NET_SIDE;
	t->moved = 0;
	return true;
}

uint32_t
rt_net_get(struct rt_table *t, const struct prefix *p)
{
	uint8_t addr[16];
	struct rt_net *n;
	uint64_t hash;
	uint32_t id;

	net_key(p, addr);
	id = foreseen(t, addr, p);
	if (id != RT_NONE)
		return id;
	hash = key_hash(t, addr, p->len);
	id = find(t, hash, addr, p);
	if (id != RT_NONE)
		return id;
	if (!hash_room(t))
		return RT_NONE;
	n = slab_alloc(&t->nets, &id);
	if (!n)
		return RT_NONE;
	n->routes = n->older = n->newer = RT_NONE;
	n->len = p->len;
	n->max = p->max;
	n->flags = t->side;
	memcpy(n->addr, addr, addr_bytes(t->kind));
	if (is_roa(t->kind))
		memcpy(n->addr + addr_bytes(t->kind), &p->asn, sizeof(p->asn));
	put_in(&t->hash, hash, id);
	t->len_count[n->len]++;
	rt_nets_move(t, MOVES);
	return id;
}

/* A group with a cell never used is where searches end anyway. */
static void
take_from(struct net_hash *h, uint64_t hash, uint32_t id)
{
	const uint32_t want = cell_of(h, hash, id);
	uint32_t group = group_of(h, hash), it;
	bool unused;

	while (!(it = alike(group_at(h, group), 0, want)))
		group = group_after(h, group);
	unused = has_unused(group_at(h, group));
	group_at(h, group)[__builtin_ctz(it)] = unused ? 0 : CELL_DEAD;
	h->dead += !unused;
	h->used--;
}

void
rt_net_free(struct rt_table *t, uint32_t id)
{
	struct rt_net *n = net_at(t, id);

	take_from((n->flags & NET_SIDE) == t->side ? &t->hash : &t->old,
	    key_hash(t, n->addr, n->len), id);
	t->len_count[n->len]--;
	rt_log_unlink(t, id);
	n->len = FREED_LEN;	/* there may still be a cell in t->old */
	slab_free(&t->nets, id);
}

void
rt_net_prefetch_cell(const struct rt_table *t, uint32_t id)
{
	const struct rt_net *n = net_at(t, id);

	prefetch_group(t, key_hash(t, n->addr, n->len));
}

/* The next shorter length below "above" that some net has; -1: none. */
static int
length_below(const struct rt_table *t, int above)
{
	int len = above - 1;

	while (len >= 0 && !t->len_count[len])
		len--;
	return len;
}

/* A few lengths at a time, whose cells come from memory together. */
uint32_t
rt_longest(const struct rt_table *t, const struct prefix *net)
{
	struct prefix p[LONGEST_AHEAD];
	int len = length_below(t, net->len + 1);
	unsigned n;

	while (len >= 0) {
		for (n = 0; n < LONGEST_AHEAD && len >= 0; n++) {
			p[n] = *net;
			p[n].len = (uint8_t)len;
			p[n].ip = ip_mask(net->ip, p[n].len);
			len = length_below(t, len);
		}
		rt_prefetch_cells(t, p, n);
		for (unsigned i = 0; i < n; i++) {
			const uint32_t id = rt_find(t, &p[i]);

			if (id != RT_NONE && rt_best(t, id))
				return id;
		}
	}
	return RT_NONE;
}

/* What one net says of it, in a run of nets that share a hash. */
static enum rt_roa
net_roa(const struct rt_table *t, uint32_t id, const uint8_t *addr,
    unsigned len, unsigned want, uint32_t asn)
{
	const struct rt_net *n = net_at(t, id);

	if (n->len != len || !has_addr(t, n, addr) || !rt_best(t, id))
		return RT_ROA_UNKNOWN;
	return asn != 0 && rt_net_asn(t, n) == asn && want <= n->max ?
	    RT_ROA_VALID : RT_ROA_INVALID;
}

/* All ROAs of one prefix share a hash, and so one search. */
enum rt_roa
rt_net_roa(const struct rt_table *t, struct ip ip, unsigned len, unsigned want,
    uint32_t asn)
{
	const struct prefix p = { .ip = ip, .kind = (uint8_t)t->kind };
	enum rt_roa found = RT_ROA_UNKNOWN, one;
	uint8_t addr[16];
	uint64_t hash;

	net_key(&p, addr);
	hash = key_hash(t, addr, len);
	for (const struct net_hash *h = &t->hash; h && h->cell;
	    h = h == &t->hash ? &t->old : NULL) {
		struct probe at = probe_of(h, hash);
		uint32_t id;

		while ((id = probe_next(&at)) != RT_NONE) {
			one = net_roa(t, id, addr, len, want, asn);
			if (one == RT_ROA_VALID)
				return one;
			if (one == RT_ROA_INVALID)
				found = one;
		}
	}
	return found;
}

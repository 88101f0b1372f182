/* SPDX-License-Identifier: ISC */
/*
 * Keys are two words in host order with the address at the top, so that
 * comparing the first n bits is a shift, and an IPv4 key lies in the first
 * word alone.  A node without owner always has two children.
 */
#include "wg/allowedips.h"

#include "base/mem.h"

struct key {
	uint64_t hi, lo;
};

struct wg_allowed_node {
	struct key key;
	struct wg_allowed_node *child[2], *parent;
	struct wg_allowed_owner *owner;	/* NULL: only a fork */
	struct list link;		/* in owner->nodes */
	uint8_t len;
	bool six;
};

static struct key
key4(const uint8_t a[4])
{
	return (struct key){ .hi = (uint64_t)be32_get(a) << 32 };
}

static struct key
key6(const uint8_t a[16])
{
	return (struct key){ .hi = be64_get(a), .lo = be64_get(a + 8) };
}

/* Are the first len bits alike? */
static inline bool
alike(struct key a, struct key b, unsigned len)
{
	uint64_t hi = a.hi ^ b.hi, lo = a.lo ^ b.lo;

	if (len == 0)
		return true;
	if (len <= 64)
		return hi >> (64 - len) == 0;
	return hi == 0 && lo >> (128 - len) == 0;
}

static unsigned
common(struct key a, struct key b)
{
	if (a.hi != b.hi)
		return (unsigned)__builtin_clzll(a.hi ^ b.hi);
	if (a.lo != b.lo)
		return 64 + (unsigned)__builtin_clzll(a.lo ^ b.lo);
	return 128;
}

/* The first n bits, the rest cleared. */
static struct key
first_bits(struct key k, unsigned n)
{
	k.hi &= n >= 64 ? UINT64_MAX : ~(UINT64_MAX >> n);
	k.lo &= n >= 128 ? UINT64_MAX : n <= 64 ? 0 :
	    ~(UINT64_MAX >> (n - 64));
	return k;
}

/* Bit n from the left; n < 128. */
static inline unsigned
bit(struct key k, unsigned n)
{
	return n < 64 ? k.hi >> (63 - n) & 1 : k.lo >> (127 - n) & 1;
}

static struct key
key_of(const struct prefix *p)
{
	return prefix_is4(p) ? key4(p->ip.b + 12) : key6(p->ip.b);
}

static struct prefix
prefix_at(const struct wg_allowed_node *n)
{
	struct prefix p = { .kind = n->six ? NET_IP6 : NET_IP4,
	    .len = n->len };

	if (n->six) {
		be64_put(p.ip.b, n->key.hi);
		be64_put(p.ip.b + 8, n->key.lo);
	} else {
		p.ip = ip4((uint32_t)(n->key.hi >> 32));
	}
	return p;
}

void
wg_allowedips_init(struct wg_allowedips *t)
{
	t->root4 = t->root6 = NULL;
}

void
wg_allowed_owner_init(struct wg_allowed_owner *o)
{
	list_init(&o->nodes);
	o->n = 0;
}

static void
disown(struct wg_allowed_node *n)
{
	list_remove(&n->link);
	n->owner->n--;
	n->owner = NULL;
}

/* Goes down to a leaf, frees it, goes on from its parent. */
static void
free_all(struct wg_allowed_node *n)
{
	while (n) {
		struct wg_allowed_node *up = n->parent;

		if (n->child[0]) {
			n = n->child[0];
			continue;
		}
		if (n->child[1]) {
			n = n->child[1];
			continue;
		}
		if (up)
			up->child[up->child[1] == n] = NULL;
		if (n->owner)
			disown(n);
		mem_free(n);
		n = up;
	}
}

void
wg_allowedips_done(struct wg_allowedips *t)
{
	free_all(t->root4);
	free_all(t->root6);
	wg_allowedips_init(t);
}

static struct wg_allowed_node *
node_new(struct key key, unsigned len, bool six)
{
	struct wg_allowed_node *n = mem_zalloc(sizeof(*n));

	if (!n)
		return NULL;
	n->key = key;
	n->len = (uint8_t)len;
	n->six = six;
	list_init(&n->link);
	return n;
}

static void
own(struct wg_allowed_node *n, struct wg_allowed_owner *owner)
{
	if (n->owner == owner)
		return;
	if (n->owner)
		disown(n);
	n->owner = owner;
	list_push_back(&owner->nodes, &n->link);
	owner->n++;
}

static void
adopt(struct wg_allowed_node *parent, struct wg_allowed_node *child)
{
	parent->child[bit(child->key, parent->len)] = child;
	child->parent = parent;
}

/*
 * Walks down as long as nodes cover the prefix.  Gives the link where the
 * walk ended: at the node itself, at one that does not cover, or at none.
 */
static struct wg_allowed_node **
descend(struct wg_allowed_node **link, struct key key, unsigned len,
    struct wg_allowed_node **ret_parent)
{
	*ret_parent = NULL;
	while (*link && (*link)->len < len &&
	    alike((*link)->key, key, (*link)->len)) {
		*ret_parent = *link;
		link = &(*link)->child[bit(key, (*link)->len)];
	}
	return link;
}

/* Puts new in the place of *link, which is not within a node of new. */
static bool
insert_at(struct wg_allowed_node **link, struct wg_allowed_node *parent,
    struct wg_allowed_node *new)
{
	struct wg_allowed_node *old = *link, *top = new;
	unsigned n = old ? common(old->key, new->key) : 0;

	if (old && n < new->len) {	/* neither within the other: fork */
		top = node_new(first_bits(new->key, n), n, new->six);
		if (!top)
			return false;
		adopt(top, new);
	}
	if (old)
		adopt(top, old);
	top->parent = parent;
	*link = top;
	return true;
}

bool
wg_allowedips_insert(struct wg_allowedips *t, const struct prefix *p,
    struct wg_allowed_owner *owner)
{
	struct wg_allowed_node *parent, *new, **link;
	struct key key = first_bits(key_of(p), p->len);

	link = descend(prefix_is4(p) ? &t->root4 : &t->root6, key, p->len,
	    &parent);
	if (*link && (*link)->len == p->len &&
	    alike((*link)->key, key, p->len)) {
		own(*link, owner);
		return true;
	}
	new = node_new(key, p->len, !prefix_is4(p));
	if (!new)
		return false;
	if (!insert_at(link, parent, new)) {
		mem_free(new);
		return false;
	}
	own(new, owner);
	return true;
}

/* Takes out a node without owner that is no fork, and such ones above it. */
static void
prune(struct wg_allowedips *t, struct wg_allowed_node *n)
{
	while (n && !n->owner && !(n->child[0] && n->child[1])) {
		struct wg_allowed_node *up = n->parent;
		struct wg_allowed_node *only =
		    n->child[0] ? n->child[0] : n->child[1];

		if (only)
			only->parent = up;
		if (up)
			up->child[up->child[1] == n] = only;
		else if (n->six)
			t->root6 = only;
		else
			t->root4 = only;
		mem_free(n);
		n = up;
	}
}

bool
wg_allowedips_remove(struct wg_allowedips *t, const struct prefix *p,
    struct wg_allowed_owner *owner)
{
	struct wg_allowed_node *parent, *n;
	struct key key = key_of(p);

	n = *descend(prefix_is4(p) ? &t->root4 : &t->root6, key, p->len,
	    &parent);
	if (!n || n->owner != owner || n->len != p->len ||
	    !alike(n->key, key, p->len))
		return false;
	disown(n);
	prune(t, n);
	return true;
}

void
wg_allowedips_remove_all(struct wg_allowedips *t,
    struct wg_allowed_owner *owner)
{
	while (!list_empty(&owner->nodes)) {
		struct wg_allowed_node *n = container_of(owner->nodes.next,
		    struct wg_allowed_node, link);

		disown(n);
		prune(t, n);
	}
}

static struct wg_allowed_owner *
lookup(const struct wg_allowed_node *n, struct key key, unsigned bits)
{
	struct wg_allowed_owner *best = NULL;

	while (n && alike(n->key, key, n->len)) {
		if (n->owner)
			best = n->owner;
		if (n->len == bits)
			break;
		n = n->child[bit(key, n->len)];
	}
	return best;
}

struct wg_allowed_owner *
wg_allowedips_lookup4(const struct wg_allowedips *t, const uint8_t addr[4])
{
	return lookup(t->root4, key4(addr), 32);
}

struct wg_allowed_owner *
wg_allowedips_lookup6(const struct wg_allowedips *t, const uint8_t addr[16])
{
	return lookup(t->root6, key6(addr), 128);
}

void
wg_allowed_owner_each(const struct wg_allowed_owner *o,
    void (*fn)(void *arg, const struct prefix *prefix), void *arg)
{
	LIST_EACH(n, &o->nodes, struct wg_allowed_node, link) {
		struct prefix p = prefix_at(n);

		fn(arg, &p);
	}
}

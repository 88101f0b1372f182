/* SPDX-License-Identifier: ISC */
#include "filter/prefixes.h"

#include <stdlib.h>

typedef unsigned __int128 bits128;	/* an address, first bit highest */

struct prefix_node {
	bits128 addr;
	struct prefix_node *child[2];
	uint8_t depth;
	uint64_t set[];			/* words of "in", words of "around" */
};

#define WORDS4	1			/* lengths 0 to 32 */
#define WORDS6	3			/* lengths 0 to 128 */

static bits128
bits_of(struct ip ip)
{
	if (ip_is4(ip))
		return (bits128)ip_to4(ip) << 96;
	return (bits128)be64_get(ip.b) << 64 | be64_get(ip.b + 8);
}

static unsigned
bit_at(bits128 a, unsigned n)
{
	return (unsigned)(a >> (127 - n)) & 1;
}

static unsigned
common(bits128 a, bits128 b)
{
	bits128 x = a ^ b;
	uint64_t high = (uint64_t)(x >> 64), low = (uint64_t)x;

	if (high)
		return (unsigned)__builtin_clzll(high);
	return low ? 64 + (unsigned)__builtin_clzll(low) : 128;
}

static bits128
masked(bits128 a, unsigned len)
{
	return len ? a & ~(bits128)0 << (128 - len) : 0;
}

static bool
has_len(const uint64_t *set, unsigned len)
{
	return set[len / 64] >> (len % 64) & 1;
}

static void
add_lens(uint64_t *set, unsigned lo, unsigned hi)
{
	for (unsigned l = lo; l <= hi; l++)
		set[l / 64] |= (uint64_t)1 << (l % 64);
}

static struct prefix_node *
node_new(struct filter_prefixes *s, bits128 addr, unsigned depth)
{
	struct prefix_node *n = arena_alloc(s->arena,
	    sizeof(*n) + 2 * s->words * sizeof(n->set[0]));

	if (!n) {
		s->failed = true;
		return NULL;
	}
	n->addr = masked(addr, depth);
	n->depth = (uint8_t)depth;
	return n;
}

struct filter_prefixes *
filter_prefixes_new(struct arena *a)
{
	struct filter_prefixes *s = arena_new_of(a, struct filter_prefixes);

	if (s)
		s->arena = a;
	return s;
}

/* Finds or makes the node of addr/len; splits an edge where it must. */
static struct prefix_node *
node_get(struct filter_prefixes *s, bits128 addr, unsigned len)
{
	struct prefix_node **at = &s->root, *n, *mid;

	for (;;) {
		unsigned same;

		n = *at;
		if (!n)
			return *at = node_new(s, addr, len);
		same = common(addr, n->addr);
		if (same > len)
			same = len;
		if (same < n->depth) {
			mid = node_new(s, addr, same);
			if (!mid)
				return NULL;
			mid->child[bit_at(n->addr, same)] = n;
			*at = mid;
			if (same == len)
				return mid;
			n = mid;
		} else if (n->depth == len) {
			return n;
		}
		at = &n->child[bit_at(addr, n->depth)];
	}
}

static int
pattern_cmp(const struct filter_pattern *a, const struct filter_pattern *b)
{
	int c = prefix_cmp(&a->net, &b->net);

	if (c)
		return c;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return a->hi < b->hi ? -1 : a->hi > b->hi;
}

static void
keep_pattern(struct filter_prefixes *s, const struct prefix *net,
    unsigned lo, unsigned hi)
{
	struct filter_pattern *p = arena_new_of(s->arena,
	    struct filter_pattern);

	if (!p) {
		s->failed = true;
		return;
	}
	p->net = *net;
	p->lo = (uint8_t)lo;
	p->hi = (uint8_t)hi;
	p->next = s->patterns;
	s->patterns = p;
	s->n++;
}

bool
filter_prefixes_add(struct filter_prefixes *s, const struct prefix *net,
    unsigned lo, unsigned hi)
{
	enum family f = prefix_family(net);
	struct prefix_node *n;

	if (s->family != FAMILY_NONE && s->family != f)
		return false;
	if (s->family == FAMILY_NONE) {
		s->family = (uint8_t)f;
		s->words = f == FAMILY_IP4 ? WORDS4 : WORDS6;
		s->root = node_new(s, 0, 0);
		if (!s->root)
			return true;
	}
	n = node_get(s, bits_of(net->ip), net->len);
	if (!n)
		return true;
	add_lens(n->set, lo > net->len ? lo : net->len, hi);
	if (lo < net->len)
		add_lens(n->set + s->words, lo,
		    hi < net->len ? hi : net->len - 1u);
	keep_pattern(s, net, lo, hi);
	return true;
}

/* "in" flows down, "around" flows up; at most 129 deep. */
static void
spread(struct prefix_node *n, unsigned words)
{
	for (unsigned i = 0; i < 2; i++) {
		struct prefix_node *c = n->child[i];

		if (!c)
			continue;
		for (unsigned w = 0; w < words; w++)
			c->set[w] |= n->set[w];
		spread(c, words);
		for (unsigned w = 0; w < words; w++)
			n->set[words + w] |= c->set[words + w];
	}
}

static int
pattern_ptr_cmp(const void *x, const void *y)
{
	const struct filter_pattern *const *a = x, *const *b = y;

	return pattern_cmp(*a, *b);
}

/* For printing, and so that the order of writing makes no difference. */
static void
sort_patterns(struct filter_prefixes *s)
{
	struct filter_pattern **v = arena_array(s->arena, s->n, sizeof(*v));
	uint32_t i = 0;

	if (!v) {
		s->failed = true;
		return;
	}
	for (struct filter_pattern *p = s->patterns; p; p = p->next)
		v[i++] = p;
	qsort(v, s->n, sizeof(*v), pattern_ptr_cmp);
	for (i = 0; i + 1 < s->n; i++)
		v[i]->next = v[i + 1];
	v[s->n - 1]->next = NULL;
	s->patterns = v[0];
}

void
filter_prefixes_finish(struct filter_prefixes *s)
{
	if (s->n == 0 || s->failed)
		return;
	spread(s->root, s->words);
	sort_patterns(s);
}

bool
filter_prefixes_has(const struct filter_prefixes *s, const struct prefix *net)
{
	const struct prefix_node *n = s->root, *c;
	const unsigned len = net->len;
	bits128 addr;

	if (!n || prefix_family(net) != s->family)
		return false;
	addr = bits_of(net->ip);
	while (n->depth < len) {
		c = n->child[bit_at(addr, n->depth)];
		if (!c)
			return has_len(n->set, len);
		if (common(addr, c->addr) < (c->depth < len ? c->depth : len))
			return has_len(n->set, len);
		if (c->depth > len)
			return has_len(n->set, len) ||
			    has_len(c->set + s->words, len);
		n = c;
	}
	return has_len(n->set, len) || has_len(n->set + s->words, len);
}

bool
filter_prefixes_same(const struct filter_prefixes *a,
    const struct filter_prefixes *b)
{
	const struct filter_pattern *x = a->patterns, *y = b->patterns;

	for (; x && y; x = x->next, y = y->next)
		if (pattern_cmp(x, y) != 0)
			return false;
	return !x && !y;
}

/*
 * BIRD shows the accepted lengths as a mask with a bit for each, and no more
 * of the address than the longest of them.
 */
static void
pattern_text(const struct filter_pattern *p, struct text *out)
{
	char net[PREFIX_TEXT], mask[IP_TEXT];
	struct prefix shown = p->net;
	bits128 m = 0;
	struct ip ip;

	if (p->hi < shown.len)
		shown = prefix_of(shown.ip, p->hi);
	text_add(out, prefix_text(&shown, net));
	if (p->hi == 0)
		return;
	for (unsigned l = p->lo ? p->lo : 1; l <= p->hi; l++)
		m |= (bits128)1 << (128 - l);
	be64_put(ip.b, (uint64_t)(m >> 64));
	be64_put(ip.b + 8, (uint64_t)m);
	if (prefix_is4(&p->net))
		ip = ip4((uint32_t)(m >> 96));
	text_printf(out, "{%s}", ip_text(ip, mask));
}

void
filter_prefixes_text(const struct filter_prefixes *s, struct text *out)
{
	text_addc(out, '[');
	for (const struct filter_pattern *p = s->patterns; p; p = p->next) {
		pattern_text(p, out);
		if (p->next)
			text_add(out, ", ");
	}
	text_addc(out, ']');
}

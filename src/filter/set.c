/* SPDX-License-Identifier: ISC */
#include "filter/set.h"

#include <stdlib.h>

struct filter_set *
filter_set_new(struct arena *a, enum filter_type type)
{
	struct filter_set *s = arena_new_of(a, struct filter_set);

	if (s) {
		s->type = (uint8_t)type;
		s->arena = a;
	}
	return s;
}

filter_key
filter_key_of(const struct filter_value *v)
{
	switch (v->type) {
	case FT_IP:
		return (filter_key)be64_get(v->ip.b) << 64 |
		    be64_get(v->ip.b + 8);
	case FT_EC:
	case FT_RD:
		return v->u64;
	case FT_LC:
		return (filter_key)v->lc[0] << 64 |
		    (filter_key)v->lc[1] << 32 | v->lc[2];
	default:
		return v->u;
	}
}

struct filter_value
filter_key_value(enum filter_type type, filter_key k)
{
	struct filter_value v = { .type = (uint8_t)type };

	switch (v.type) {
	case FT_IP:
		be64_put(v.ip.b, (uint64_t)(k >> 64));
		be64_put(v.ip.b + 8, (uint64_t)k);
		break;
	case FT_EC:
	case FT_RD:
		v.u64 = (uint64_t)k;
		break;
	case FT_LC:
		v.lc[0] = (uint32_t)(k >> 64);
		v.lc[1] = (uint32_t)(k >> 32);
		v.lc[2] = (uint32_t)k;
		break;
	default:
		v.u = (uint32_t)k;
	}
	return v;
}

/* Room for one more in an array that lives in the arena. */
static void *
grow(struct filter_set *s, void *v, uint32_t n, uint32_t *cap, size_t size)
{
	void *bigger;

	if (n < *cap)
		return v;
	bigger = arena_array(s->arena, *cap ? *cap * 2 : 8, size);
	if (!bigger) {
		s->failed = true;
		return NULL;
	}
	if (n)
		memcpy(bigger, v, n * size);
	*cap = *cap ? *cap * 2 : 8;
	return bigger;
}

static void
add_range(struct filter_set *s, filter_key lo, filter_key hi)
{
	struct filter_range *v = grow(s, s->v, s->n, &s->cap, sizeof(*v));

	if (!v)
		return;
	s->v = v;
	v[s->n++] = (struct filter_range){ .lo = lo, .hi = hi };
}

void
filter_set_add(struct filter_set *s, const struct filter_value *lo,
    const struct filter_value *hi)
{
	add_range(s, filter_key_of(lo), filter_key_of(hi));
}

/* Few first halves become ranges, many a box. */
#define BOX_FROM	64

void
filter_set_add_pairs(struct filter_set *s, uint16_t alo, uint16_t ahi,
    uint16_t blo, uint16_t bhi)
{
	struct filter_box *b;

	if (blo == 0 && bhi == 0xffff) {
		add_range(s, (filter_key)alo << 16,
		    (filter_key)ahi << 16 | bhi);
		return;
	}
	if (ahi - alo < BOX_FROM) {
		for (uint32_t x = alo; x <= ahi; x++)
			add_range(s, (filter_key)x << 16 | blo,
			    (filter_key)x << 16 | bhi);
		return;
	}
	b = grow(s, s->boxes, s->n_boxes, &s->cap_boxes, sizeof(*b));
	if (!b)
		return;
	s->boxes = b;
	b[s->n_boxes++] = (struct filter_box){ .lo = { alo, blo },
	    .hi = { ahi, bhi } };
}

static int
range_cmp(const void *x, const void *y)
{
	const struct filter_range *a = x, *b = y;

	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	return a->hi < b->hi ? -1 : a->hi > b->hi;
}

static bool
is_narrow(unsigned type)
{
	return type != FT_IP && type != FT_EC && type != FT_RD &&
	    type != FT_LC;
}

static void
narrow(struct filter_set *s)
{
	if (!is_narrow(s->type))
		return;
	s->narrow = arena_array(s->arena, s->n, sizeof(*s->narrow));
	if (!s->narrow) {
		s->failed = true;
		return;
	}
	for (uint32_t i = 0; i < s->n; i++)
		s->narrow[i] = (struct filter_narrow){
		    .lo = (uint32_t)s->v[i].lo, .hi = (uint32_t)s->v[i].hi };
}

/* Sorts, and joins what overlaps, so that a search finds its only range. */
void
filter_set_finish(struct filter_set *s)
{
	uint32_t n = 0;

	if (s->n == 0)
		return;
	qsort(s->v, s->n, sizeof(s->v[0]), range_cmp);
	for (uint32_t i = 1; i < s->n; i++) {
		if (s->v[i].lo > s->v[n].hi)
			s->v[++n] = s->v[i];
		else if (s->v[i].hi > s->v[n].hi)
			s->v[n].hi = s->v[i].hi;
	}
	s->n = n + 1;
	narrow(s);
}

static bool
in_boxes(const struct filter_set *s, uint32_t pair)
{
	uint16_t a = (uint16_t)(pair >> 16), b = (uint16_t)pair;

	for (uint32_t i = 0; i < s->n_boxes; i++) {
		const struct filter_box *x = &s->boxes[i];

		if (a >= x->lo[0] && a <= x->hi[0] && b >= x->lo[1] &&
		    b <= x->hi[1])
			return true;
	}
	return false;
}

bool
filter_set_has_key(const struct filter_set *s, filter_key k)
{
	uint32_t lo = 0, hi = s->n;

	if (is_narrow(s->type))
		return k <= UINT32_MAX &&
		    filter_set_has_u32(s, (uint32_t)k);
	while (lo < hi) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (k > s->v[mid].hi)
			lo = mid + 1;
		else if (k < s->v[mid].lo)
			hi = mid;
		else
			return true;
	}
	return false;
}

/* So many ranges are faster read in a row. */
#define SCAN_MAX	8

bool
filter_set_has_u32(const struct filter_set *s, uint32_t k)
{
	const struct filter_narrow *v = s->narrow;
	uint32_t lo = 0, hi = s->n;

	while (hi - lo > SCAN_MAX) {
		uint32_t mid = lo + (hi - lo) / 2;

		if (k < v[mid].lo)
			hi = mid;
		else
			lo = mid;
	}
	for (; lo < hi; lo++)
		if (k <= v[lo].hi) {
			if (k >= v[lo].lo)
				return true;
			break;
		}
	return s->n_boxes && in_boxes(s, k);
}

/* A quad may be looked up among IPv4 addresses, and is one then. */
bool
filter_set_has(const struct filter_set *s, const struct filter_value *v)
{
	struct filter_value as;

	if (!s)
		return false;
	if (is_narrow(s->type))
		return filter_set_has_u32(s, v->u);
	as = *v;
	if (s->type == FT_IP && v->type != FT_IP) {
		as.type = FT_IP;
		as.ip = ip4(v->u);
	}
	return filter_set_has_key(s, filter_key_of(&as));
}

/* Are all elements IPv4 addresses, so that they can be quads? */
static bool
set_is_ip4(const struct filter_set *s)
{
	return s->type == FT_IP && s->n > 0 &&
	    s->v[0].lo >> 32 == 0xffff && s->v[s->n - 1].hi >> 32 == 0xffff;
}

bool
filter_set_takes(const struct filter_set *s, const struct filter_value *v)
{
	if (!s || s->type == v->type)
		return true;
	return v->type == FT_QUAD && set_is_ip4(s);
}

bool
filter_set_same(const struct filter_set *a, const struct filter_set *b)
{
	if (!a || !b)
		return a == b;
	return a->type == b->type && a->n == b->n &&
	    a->n_boxes == b->n_boxes &&
	    (!a->n || memcmp(a->v, b->v, a->n * sizeof(a->v[0])) == 0) &&
	    (!a->n_boxes || memcmp(a->boxes, b->boxes,
	    a->n_boxes * sizeof(a->boxes[0])) == 0);
}

void
filter_set_text(const struct filter_set *s, struct text *out)
{
	const char *sep = "";

	text_addc(out, '[');
	for (uint32_t i = 0; s && i < s->n; i++, sep = ", ") {
		struct filter_value v = filter_key_value(s->type, s->v[i].lo);

		text_add(out, sep);
		filter_value_text(&v, out);
		if (s->v[i].lo == s->v[i].hi)
			continue;
		v = filter_key_value(s->type, s->v[i].hi);
		text_add(out, "..");
		filter_value_text(&v, out);
	}
	for (uint32_t i = 0; s && i < s->n_boxes; i++, sep = ", ")
		text_printf(out, "%s(%u..%u,%u..%u)", sep, s->boxes[i].lo[0],
		    s->boxes[i].hi[0], s->boxes[i].lo[1], s->boxes[i].hi[1]);
	text_addc(out, ']');
}

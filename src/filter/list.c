/* SPDX-License-Identifier: ISC */
#include "filter/list.h"

unsigned
filter_list_width(enum filter_type type)
{
	return type == FT_CLIST ? 4 : type == FT_ECLIST ? 8 : 12;
}

struct filter_value
filter_list_item(enum filter_type type, const uint8_t *p)
{
	struct filter_value v = { .type = FT_PAIR };

	if (type == FT_CLIST) {
		v.u = be32_get(p);
	} else if (type == FT_ECLIST) {
		v.type = FT_EC;
		v.u64 = be64_get(p);
	} else {
		v.type = FT_LC;
		for (unsigned i = 0; i < 3; i++)
			v.lc[i] = be32_get(p + 4 * i);
	}
	return v;
}

/* Writes v as an item; returns its width. */
static unsigned
put_item(uint8_t *p, const struct filter_value *v)
{
	switch (v->type) {
	case FT_EC:
		be64_put(p, v->u64);
		return 8;
	case FT_LC:
		for (unsigned i = 0; i < 3; i++)
			be32_put(p + 4 * i, v->lc[i]);
		return 12;
	case FT_IP:
		be32_put(p, ip_to4(v->ip));
		return 4;
	default:
		be32_put(p, v->u);
		return 4;
	}
}

bool
filter_list_takes(enum filter_type type, const struct filter_value *v)
{
	if (type == FT_CLIST)
		return v->type == FT_PAIR || v->type == FT_QUAD ||
		    v->type == FT_INT || filter_value_is_ip4(v);
	return v->type == (type == FT_ECLIST ? FT_EC : FT_LC);
}

bool
filter_list_takes_set(enum filter_type type, const struct filter_set *s)
{
	const struct filter_value quad = { .type = FT_QUAD };

	if (!s)
		return true;
	if (type == FT_CLIST)
		return s->type == FT_PAIR || s->type == FT_INT ||
		    filter_set_takes(s, &quad);
	return s->type == (type == FT_ECLIST ? FT_EC : FT_LC);
}

/* What a machine compares at a time. */
typedef uint32_t four_items __attribute__((vector_size(16)));

static inline four_items
alike(const uint8_t *p, four_items want)
{
	four_items x;

	memcpy(&x, p, sizeof(x));
	return (four_items)(x == want);
}

/* Four at a time; the last four may be some of those before. */
static bool
has_item4(struct bytes list, const uint8_t *item)
{
	uint32_t want, x;
	four_items found;

	memcpy(&want, item, 4);
	if (list.n < sizeof(found)) {
		for (size_t i = 0; i + 4 <= list.n; i += 4) {
			memcpy(&x, list.p + i, 4);
			if (x == want)
				return true;
		}
		return false;
	}
	found = alike(list.p + (list.n & ~(size_t)3) - sizeof(found),
	    (four_items){ want, want, want, want });
	for (size_t i = 0; i + sizeof(found) <= list.n; i += sizeof(found))
		found |= alike(list.p + i,
		    (four_items){ want, want, want, want });
	return (found[0] | found[1] | found[2] | found[3]) != 0;
}

bool
filter_list_has_u32(struct bytes list, uint32_t u)
{
	uint8_t item[4];

	be32_put(item, u);
	return has_item4(list, item);
}

static bool
has_item(struct bytes list, const uint8_t *item, unsigned width)
{
	uint64_t want, x;

	if (width == 4)
		return has_item4(list, item);
	memcpy(&want, item, 8);
	for (size_t i = 0; i + width <= list.n; i += width) {
		memcpy(&x, list.p + i, 8);
		if (x == want && (width == 8 ||
		    memcmp(list.p + i + 8, item + 8, 4) == 0))
			return true;
	}
	return false;
}

bool
filter_list_has(enum filter_type type, struct bytes list,
    const struct filter_value *v)
{
	uint8_t item[12];

	put_item(item, v);
	return has_item(list, item, filter_list_width(type));
}

/* The item at p as the set s wants it. */
static bool
in_set(enum filter_type type, const struct filter_set *s, const uint8_t *p)
{
	struct filter_value v;

	if (type == FT_CLIST && s && s->narrow)
		return filter_set_has_u32(s, be32_get(p));
	v = filter_list_item(type, p);
	return filter_set_has(s, &v);
}

bool
filter_list_has_any(enum filter_type type, struct bytes list,
    const struct filter_set *s)
{
	unsigned w = filter_list_width(type);

	for (size_t i = 0; i + w <= list.n; i += w)
		if (in_set(type, s, list.p + i))
			return true;
	return false;
}

/* So many items more than are asked for, so that adding copies once. */
#define SPARE		4

/* The list again, with room behind it. */
static uint8_t *
copied(struct filter_tail *t, struct bytes list, unsigned w)
{
	const size_t left = SPARE * (size_t)w;
	uint8_t *p = arena_alloc(t->mem, list.n + left);

	if (!p)
		return NULL;
	if (list.n)
		memcpy(p, list.p, list.n);
	t->end = p + list.n;
	t->left = left;
	return p;
}

struct bytes
filter_list_add(struct filter_tail *t, enum filter_type type,
    struct bytes list, const struct filter_value *v)
{
	uint8_t item[12];
	unsigned w = filter_list_width(type);

	put_item(item, v);
	if (has_item(list, item, w))
		return list;
	if (list.p + list.n != t->end || t->left < w)
		list.p = copied(t, list, w);
	if (!list.p)
		return bytes_of(NULL, 0);
	memcpy(t->end, item, w);
	t->end += w;
	t->left -= w;
	return bytes_of(list.p, list.n + w);
}

struct bytes
filter_list_union(struct arena *a, enum filter_type type, struct bytes list,
    struct bytes more)
{
	unsigned w = filter_list_width(type);
	uint8_t *p;
	size_t n = list.n;

	if (more.n == 0)
		return list;
	p = arena_alloc(a, list.n + more.n);
	if (!p)
		return bytes_of(NULL, 0);
	if (n)
		memcpy(p, list.p, n);
	for (size_t i = 0; i + w <= more.n; i += w) {
		if (has_item(bytes_of(p, n), more.p + i, w))
			continue;
		memcpy(p + n, more.p + i, w);
		n += w;
	}
	return bytes_of(p, n);
}

/* Among what: one item or a list, a set, or one range of numbers. */
struct among {
	enum filter_type type;
	unsigned width;
	struct bytes list;
	const struct filter_set *set;
	uint32_t lo, span;
};

typedef bool is_among(const struct among *m, const uint8_t *p);

static bool
among_list(const struct among *m, const uint8_t *p)
{
	return has_item(m->list, p, m->width);
}

static bool
among_set(const struct among *m, const uint8_t *p)
{
	return in_set(m->type, m->set, p);
}

static bool
among_range(const struct among *m, const uint8_t *p)
{
	return be32_get(p) - m->lo <= m->span;
}

/* Most lists stay as they are: a copy is made with the first item to go. */
static inline __attribute__((always_inline)) struct bytes
select_items(struct filter_tail *t, unsigned w, struct bytes list,
    is_among *is, const struct among *m, bool keep)
{
	const uint8_t *at = list.p, *end = list.p + list.n;
	uint8_t *p, *to;

	while (at != end && is(m, at) == keep)
		at += w;
	if (at == end)
		return list;
	p = copied(t, list, 0);
	if (!p)
		return bytes_of(NULL, 0);
	to = p + (at - list.p);
	for (at += w; at != end; at += w) {
		if (is(m, at) != keep)
			continue;
		memcpy(to, at, w);
		to += w;
	}
	t->left = (size_t)(t->end - to);
	t->end = to;
	return bytes_of(p, (size_t)(to - p));
}

/* A list is whole items, but for one that somebody declared to be a list. */
static struct bytes
whole(struct bytes list, unsigned w)
{
	list.n -= list.n % w;
	return list;
}

struct bytes
filter_list_select(struct filter_tail *t, enum filter_type type,
    struct bytes list, const struct filter_set *s, bool keep)
{
	struct among m = { .type = type, .set = s };
	const unsigned w = filter_list_width(type);

	if (type != FT_CLIST || !s || !s->narrow || s->n != 1 || s->n_boxes)
		return select_items(t, w, whole(list, w), among_set, &m, keep);
	m.lo = s->narrow->lo;
	m.span = s->narrow->hi - m.lo;
	return select_items(t, 4, whole(list, 4), among_range, &m, keep);
}

struct bytes
filter_list_select_list(struct filter_tail *t, enum filter_type type,
    struct bytes list, struct bytes among, bool keep)
{
	const unsigned w = filter_list_width(type);
	const struct among m = { .width = w, .list = among };

	return select_items(t, w, whole(list, w), among_list, &m, keep);
}

struct bytes
filter_list_remove(struct filter_tail *t, enum filter_type type,
    struct bytes list, const struct filter_value *v)
{
	uint8_t item[12];
	unsigned w = put_item(item, v);

	return filter_list_select_list(t, type, list, bytes_of(item, w),
	    false);
}

/* Network order makes bytes sort as the numbers do. */
struct filter_value
filter_list_least(enum filter_type type, struct bytes list, bool largest)
{
	static const uint8_t none[12];
	unsigned w = filter_list_width(type);
	const uint8_t *best = NULL;

	for (size_t i = 0; i + w <= list.n; i += w)
		if (!best ||
		    (memcmp(list.p + i, best, w) > 0) == largest)
			best = list.p + i;
	return filter_list_item(type, best ? best : none);
}

void
filter_list_text(enum filter_type type, struct bytes list, struct text *out)
{
	unsigned w = filter_list_width(type);

	for (size_t i = 0; i + w <= list.n; i += w) {
		struct filter_value v = filter_list_item(type, list.p + i);

		if (i)
			text_addc(out, ' ');
		filter_value_text(&v, out);
	}
}

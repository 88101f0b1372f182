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

static bool
has_item4(struct bytes list, const uint8_t *item)
{
	uint32_t want, x;

	memcpy(&want, item, 4);
	for (size_t i = 0; i + 4 <= list.n; i += 4) {
		memcpy(&x, list.p + i, 4);
		if (x == want)
			return true;
	}
	return false;
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

struct bytes
filter_list_add(struct arena *a, enum filter_type type, struct bytes list,
    const struct filter_value *v)
{
	uint8_t item[12], *p;
	unsigned w = filter_list_width(type);

	put_item(item, v);
	if (has_item(list, item, w))
		return list;
	p = arena_alloc(a, list.n + w);
	if (!p)
		return bytes_of(NULL, 0);
	if (list.n)
		memcpy(p, list.p, list.n);
	memcpy(p + list.n, item, w);
	return bytes_of(p, list.n + w);
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

/* Among what: one item, a list, or a set. */
struct among {
	const struct filter_set *set;
	struct bytes list;
	bool is_set;
};

static struct bytes
select_items(struct arena *a, enum filter_type type, struct bytes list,
    const struct among *m, bool keep)
{
	unsigned w = filter_list_width(type);
	uint8_t *p = arena_alloc(a, list.n ? list.n : 1);
	size_t n = 0;

	if (!p)
		return bytes_of(NULL, 0);
	for (size_t i = 0; i + w <= list.n; i += w) {
		bool in = m->is_set ? in_set(type, m->set, list.p + i) :
		    has_item(m->list, list.p + i, w);

		if (in != keep)
			continue;
		memcpy(p + n, list.p + i, w);
		n += w;
	}
	return bytes_of(p, n);
}

struct bytes
filter_list_select(struct arena *a, enum filter_type type, struct bytes list,
    const struct filter_set *s, bool keep)
{
	const struct among m = { .set = s, .is_set = true };

	return select_items(a, type, list, &m, keep);
}

struct bytes
filter_list_select_list(struct arena *a, enum filter_type type,
    struct bytes list, struct bytes among, bool keep)
{
	const struct among m = { .list = among };

	return select_items(a, type, list, &m, keep);
}

struct bytes
filter_list_remove(struct arena *a, enum filter_type type, struct bytes list,
    const struct filter_value *v)
{
	uint8_t item[12];
	unsigned w = put_item(item, v);

	return filter_list_select_list(a, type, list, bytes_of(item, w),
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

/* SPDX-License-Identifier: ISC */
#include "filter/mask.h"

#include "filter/path.h"

/* Places in the row: bit i says that item i may be next. */
struct places {
	uint64_t w[(FILTER_MASK_MAX + 1 + 63) / 64];
};

static bool
at(const struct places *p, unsigned i)
{
	return p->w[i / 64] >> (i % 64) & 1;
}

/* Also where one gets from there for nothing: past each "*". */
static void
put(struct places *p, const struct filter_mask *m, unsigned i)
{
	for (;; i++) {
		p->w[i / 64] |= (uint64_t)1 << (i % 64);
		if (i == m->n || m->v[i].kind != MASK_ANY_RUN)
			break;
	}
}

static bool
item_has(const struct filter_mask_item *it, uint32_t asn)
{
	if (it->kind == MASK_SET)
		return it->set && filter_set_has_u32(it->set, asn);
	return asn >= it->lo && asn <= it->hi;
}

/* Does the item match this element: n ASNs of which one will do? */
static bool
item_matches(const struct filter_mask_item *it, const uint8_t *asn, unsigned n)
{
	if (it->kind == MASK_ANY || it->kind == MASK_ANY_RUN)
		return true;
	for (unsigned i = 0; i < n; i++)
		if (item_has(it, be32_get(asn + 4 * i)))
			return true;
	return false;
}

static struct places
step(const struct filter_mask *m, const struct places *now,
    const uint8_t *asn, unsigned n)
{
	struct places next = { { 0 } };

	for (unsigned i = 0; i < m->n; i++) {
		const struct filter_mask_item *it = &m->v[i];

		if (!at(now, i) || !item_matches(it, asn, n))
			continue;
		if (it->kind == MASK_ANY_RUN || it->loop)
			put(&next, m, i);
		if (it->kind != MASK_ANY_RUN)
			put(&next, m, i + 1);
	}
	return next;
}

/*
 * The same with few enough items that the places are one word: a bit for each
 * item, and one for the end.
 */
struct few {
	const struct filter_mask *m;
	uint64_t runs;			/* the items "*" */
	uint64_t any;			/* these, and "?" */
	uint64_t stay;			/* those that may come again */
};

static struct few
few_of(const struct filter_mask *m)
{
	struct few f = { .m = m };

	for (unsigned i = 0; i < m->n; i++) {
		const struct filter_mask_item *it = &m->v[i];
		const uint64_t bit = (uint64_t)1 << i;

		if (it->kind == MASK_ANY_RUN)
			f.runs |= bit;
		if (it->kind == MASK_ANY_RUN || it->kind == MASK_ANY)
			f.any |= bit;
		if (it->kind == MASK_ANY_RUN || it->loop)
			f.stay |= bit;
	}
	return f;
}

/* And where one gets from there for nothing. */
static uint64_t
past_runs(const struct few *f, uint64_t p)
{
	for (uint64_t more; (more = (p & f->runs) << 1 & ~p) != 0;)
		p |= more;
	return p;
}

static uint64_t
step_few(const struct few *f, uint64_t now, const uint8_t *asn, unsigned n)
{
	uint64_t hit = now & f->any;
	uint64_t ask = now & ~f->any & ~((uint64_t)1 << f->m->n);

	for (; ask; ask &= ask - 1)
		if (item_matches(&f->m->v[__builtin_ctzll(ask)], asn, n))
			hit |= ask & -ask;
	return past_runs(f, (hit & f->stay) | (hit & ~f->runs) << 1);
}

static bool
match_few(const struct filter_mask *m, struct bytes path)
{
	struct filter_path_walk w = filter_path_walk(path);
	const struct few f = few_of(m);
	uint64_t now = past_runs(&f, 1);

	while (now && filter_path_segment(&w)) {
		if (w.type == SEGMENT_SET || w.type == SEGMENT_CONFED_SET) {
			now = step_few(&f, now, w.asn, w.left);
			continue;
		}
		for (unsigned i = 0; i < w.left && now; i++)
			now = step_few(&f, now, w.asn + 4 * i, 1);
	}
	return now >> m->n & 1;
}

static bool
match_many(const struct filter_mask *m, struct bytes path)
{
	struct filter_path_walk w = filter_path_walk(path);
	struct places now = { { 0 } };

	put(&now, m, 0);
	while (filter_path_segment(&w)) {
		if (w.type == SEGMENT_SET || w.type == SEGMENT_CONFED_SET) {
			now = step(m, &now, w.asn, w.left);
			continue;
		}
		for (unsigned i = 0; i < w.left; i++)
			now = step(m, &now, w.asn + 4 * i, 1);
	}
	return at(&now, m->n);
}

bool
filter_mask_match(const struct filter_mask *m, struct bytes path)
{
	return m->n < 64 ? match_few(m, path) : match_many(m, path);
}

bool
filter_mask_same(const struct filter_mask *a, const struct filter_mask *b)
{
	if (a->n != b->n)
		return false;
	for (unsigned i = 0; i < a->n; i++) {
		const struct filter_mask_item *x = &a->v[i], *y = &b->v[i];

		if (x->kind != y->kind || x->loop != y->loop ||
		    x->lo != y->lo || x->hi != y->hi ||
		    !filter_set_same(x->set, y->set))
			return false;
	}
	return true;
}

static void
item_text(const struct filter_mask_item *it, struct text *out)
{
	switch ((enum filter_mask_kind)it->kind) {
	case MASK_ANY_RUN:
		text_add(out, "* ");
		break;
	case MASK_ANY:
		text_add(out, "? ");
		break;
	case MASK_RANGE:
		if (it->lo == it->hi)
			text_printf(out, "%u ", it->lo);
		else
			text_printf(out, "%u..%u ", it->lo, it->hi);
		break;
	case MASK_SET:
		filter_set_text(it->set, out);
		text_addc(out, ' ');
		break;
	}
	if (it->loop)
		text_add(out, "+ ");
}

void
filter_mask_text(const struct filter_mask *m, struct text *out)
{
	text_add(out, "[= ");
	for (unsigned i = 0; i < m->n; i++)
		item_text(&m->v[i], out);
	text_add(out, "=]");
}

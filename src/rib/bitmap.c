/* SPDX-License-Identifier: ISC */
#include "base/mem.h"
#include "rib/table.h"

void
rt_bitmap_init(struct rt_bitmap *b)
{
	*b = (struct rt_bitmap){ 0 };
}

void
rt_bitmap_done(struct rt_bitmap *b)
{
	mem_free(b->w);
	rt_bitmap_init(b);
}

bool
rt_bitmap_has(const struct rt_bitmap *b, uint32_t id)
{
	return id / 64 < b->n && (b->w[id / 64] >> id % 64 & 1);
}

bool
rt_bitmap_set(struct rt_bitmap *b, uint32_t id)
{
	if (id / 64 >= b->n) {
		const uint32_t n = (id / 64 + 1) * 3 / 2 + 16;
		uint64_t *w = mem_resize(b->w, n, sizeof(*w));

		if (!w)
			return false;
		memset(w + b->n, 0, (n - b->n) * sizeof(*w));
		b->w = w;
		b->n = n;
	}
	b->count += !rt_bitmap_has(b, id);
	b->w[id / 64] |= (uint64_t)1 << id % 64;
	return true;
}

void
rt_bitmap_clear(struct rt_bitmap *b, uint32_t id)
{
	if (!rt_bitmap_has(b, id))
		return;
	b->count--;
	b->w[id / 64] &= ~((uint64_t)1 << id % 64);
}

bool
rt_bitmap_copy(struct rt_bitmap *b, const struct rt_bitmap *from)
{
	rt_bitmap_init(b);
	return rt_bitmap_join(b, from);
}

bool
rt_bitmap_join(struct rt_bitmap *b, const struct rt_bitmap *other)
{
	if (other->n > b->n) {
		uint64_t *w = mem_resize(b->w, other->n, sizeof(*w));

		if (!w)
			return false;
		memset(w + b->n, 0, (other->n - b->n) * sizeof(*w));
		b->w = w;
		b->n = other->n;
	}
	for (uint32_t i = 0; i < other->n; i++)
		b->w[i] |= other->w[i];
	b->count = 0;
	for (uint32_t i = 0; i < b->n; i++)
		for (uint64_t w = b->w[i]; w; w &= w - 1)
			b->count++;
	return true;
}

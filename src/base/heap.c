/* SPDX-License-Identifier: ISC */
#include "base/heap.h"

#include "base/mem.h"

void
heap_init(struct heap *h)
{
	*h = (struct heap){ 0 };
}

void
heap_done(struct heap *h)
{
	for (size_t i = 0; i < h->n; i++)
		h->v[i]->pos = 0;
	mem_free(h->v);
	heap_init(h);
}

static void
place(struct heap *h, size_t i, struct timer *t)
{
	h->v[i] = t;
	t->pos = i + 1;
}

static void
sift_up(struct heap *h, size_t i, struct timer *t)
{
	while (i > 0 && t->at.ns < h->v[(i - 1) / 2]->at.ns) {
		place(h, i, h->v[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	place(h, i, t);
}

static void
sift_down(struct heap *h, size_t i, struct timer *t)
{
	size_t c;

	while ((c = 2 * i + 1) < h->n) {
		if (c + 1 < h->n && h->v[c + 1]->at.ns < h->v[c]->at.ns)
			c++;
		if (t->at.ns <= h->v[c]->at.ns)
			break;
		place(h, i, h->v[c]);
		i = c;
	}
	place(h, i, t);
}

/* The place i is free: t goes there, or up, or down. */
static void
settle(struct heap *h, size_t i, struct timer *t)
{
	if (i > 0 && t->at.ns < h->v[(i - 1) / 2]->at.ns)
		sift_up(h, i, t);
	else
		sift_down(h, i, t);
}

static bool
reserve(struct heap *h)
{
	size_t cap = h->cap ? h->cap * 2 : 16;
	struct timer **v;

	if (h->n < h->cap)
		return true;
	v = mem_resize(h->v, cap, sizeof(struct timer *));
	if (!v)
		return false;
	h->v = v;
	h->cap = cap;
	return true;
}

bool
heap_set(struct heap *h, struct timer *t, struct instant at)
{
	if (t->pos) {
		t->at = at;
		settle(h, t->pos - 1, t);
		return true;
	}
	if (!reserve(h))
		return false;
	t->at = at;
	sift_up(h, h->n++, t);
	return true;
}

void
heap_clear(struct heap *h, struct timer *t)
{
	size_t i = t->pos - 1;
	struct timer *last;

	if (!t->pos)
		return;
	t->pos = 0;
	last = h->v[--h->n];
	if (last != t)
		settle(h, i, last);
}

struct timer *
heap_first(const struct heap *h)
{
	return h->n ? h->v[0] : NULL;
}

struct instant
heap_deadline(const struct heap *h)
{
	return h->n ? h->v[0]->at : INSTANT_NEVER;
}

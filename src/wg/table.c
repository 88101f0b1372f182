/* SPDX-License-Identifier: ISC */
#include "wg/table.h"

#include "base/mem.h"

void
wg_table_init(struct wg_table *t)
{
	*t = (struct wg_table){ 0 };
}

void
wg_table_done(struct wg_table *t)
{
	mem_free(t->bucket);
	wg_table_init(t);
}

static struct wg_link **
bucket_of(struct wg_table *t, uint64_t hash)
{
	return t->bucket ? &t->bucket[hash & t->mask] : &t->one;
}

static void
push(struct wg_table *t, struct wg_link *l)
{
	struct wg_link **b = bucket_of(t, l->hash);

	l->next = *b;
	*b = l;
}

static void
grow(struct wg_table *t)
{
	size_t size = t->bucket ? (t->mask + 1) * 2 : 16;
	struct wg_table new = { .mask = size - 1, .n = t->n,
	    .bucket = mem_array(size, sizeof(new.bucket[0])) };
	size_t old = t->bucket ? t->mask + 1 : 1;

	if (!new.bucket)
		return;
	for (size_t i = 0; i < old; i++) {
		struct wg_link *l = t->bucket ? t->bucket[i] : t->one;

		while (l) {
			struct wg_link *next = l->next;

			push(&new, l);
			l = next;
		}
	}
	mem_free(t->bucket);
	*t = new;
}

void
wg_table_add(struct wg_table *t, struct wg_link *l, uint64_t hash)
{
	if (!t->bucket || t->n > t->mask)
		grow(t);
	l->hash = hash;
	l->in = true;
	push(t, l);
	t->n++;
}

void
wg_table_remove(struct wg_table *t, struct wg_link *l)
{
	struct wg_link **at = bucket_of(t, l->hash);

	if (!l->in)
		return;
	while (*at != l)
		at = &(*at)->next;
	*at = l->next;
	l->in = false;
	t->n--;
}

static struct wg_link *
find(struct wg_link *l, uint64_t hash)
{
	while (l && l->hash != hash)
		l = l->next;
	return l;
}

struct wg_link *
wg_table_first(const struct wg_table *t, uint64_t hash)
{
	return find(t->bucket ? t->bucket[hash & t->mask] : t->one, hash);
}

struct wg_link *
wg_table_next(const struct wg_link *l)
{
	return find(l->next, l->hash);
}

/* SPDX-License-Identifier: ISC */
/*
 * A ring of links inside the things that it holds.  An empty list and an
 * unlinked link both point to themselves.
 */
#ifndef WARREN_BASE_LIST_H
#define WARREN_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list {
	struct list *next, *prev;
};

#define container_of(ptr, type, member)					\
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))

/* Not safe against removal of the current one: use _safe for that. */
#define LIST_EACH(it, head, type, member)				\
	for (type *it = container_of((head)->next, type, member);	\
	    &it->member != (head);					\
	    it = container_of(it->member.next, type, member))

#define LIST_EACH_SAFE(it, head, type, member)				\
	for (type *it = container_of((head)->next, type, member),	\
	    *it##_next = container_of(it->member.next, type, member);	\
	    &it->member != (head);					\
	    it = it##_next,						\
	    it##_next = container_of(it##_next->member.next, type, member))

static inline void
list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool
list_empty(const struct list *l)
{
	return l->next == l;
}

static inline void
list_insert_before(struct list *at, struct list *l)
{
	l->next = at;
	l->prev = at->prev;
	at->prev->next = l;
	at->prev = l;
}

static inline void
list_push_back(struct list *head, struct list *l)
{
	list_insert_before(head, l);
}

static inline void
list_push_front(struct list *head, struct list *l)
{
	list_insert_before(head->next, l);
}

static inline void
list_remove(struct list *l)
{
	l->prev->next = l->next;
	l->next->prev = l->prev;
	list_init(l);
}

#endif

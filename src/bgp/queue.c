/* SPDX-License-Identifier: ISC */
/*
 * What a member of a group has to send yet: pieces of chunks that it shares
 * with the others.  They are copied into the session's own queue as fast as
 * that drains, so that a slow peer costs its place in a list and no copy.
 */
#include "base/mem.h"
#include "bgp/neighbour_impl.h"

struct bgp_chunk *
bgp_chunk_ref(struct bgp_chunk *k)
{
	k->refs++;
	return k;
}

void
bgp_chunk_unref(struct bgp_chunk *k)
{
	if (--k->refs == 0)
		mem_free(k);
}

static bool
room(struct bgp_queue *q)
{
	const uint32_t cap = q->cap ? 2 * q->cap : 16;
	struct bgp_piece *v;

	if (q->n < q->cap)
		return true;
	if (q->at > 0) {
		memmove(q->v, q->v + q->at, (q->n - q->at) * sizeof(*q->v));
		q->n -= q->at;
		q->at = 0;
		return true;
	}
	v = mem_resize(q->v, cap, sizeof(*v));
	if (!v)
		return false;
	q->v = v;
	q->cap = cap;
	return true;
}

bool
bgp_queue_put(struct bgp_queue *q, struct bgp_chunk *k, uint32_t from,
    uint32_t to)
{
	if (!room(q))
		return false;
	q->v[q->n++] = (struct bgp_piece){ .chunk = bgp_chunk_ref(k),
	    .from = from, .to = to };
	q->octets += to - from;
	return true;
}

/* Whole messages from the front, at least one, some more than "want". */
static uint32_t
cut(const struct bgp_piece *p, size_t want)
{
	uint32_t at = p->from;

	if (p->to - at <= want)
		return p->to;
	do
		at += be16_get(p->chunk->b + at + 16);
	while (at < p->to && at - p->from < want);
	return at;
}

bool
bgp_queue_drain(struct bgp_queue *q, struct bgp_session *s,
    struct instant now)
{
	while (q->at < q->n && bgp_session_want(s)) {
		struct bgp_piece *p = &q->v[q->at];
		const uint32_t to = cut(p, bgp_session_room(s));

		if (!bgp_session_send(s, now, bytes_of(p->chunk->b + p->from,
		    to - p->from)))
			return false;
		q->octets -= to - p->from;
		p->from = to;
		if (to < p->to)
			break;
		bgp_chunk_unref(p->chunk);
		q->at++;
	}
	if (q->at == q->n && q->cap)
		bgp_queue_done(q);
	return true;
}

void
bgp_queue_done(struct bgp_queue *q)
{
	for (uint32_t i = q->at; i < q->n; i++)
		bgp_chunk_unref(q->v[i].chunk);
	mem_free(q->v);
	*q = (struct bgp_queue){ 0 };
}

/* SPDX-License-Identifier: ISC */
#include <assert.h>

#include "base/mem.h"
#include "tunneld/pipe.h"

enum { RING = 4, LANE = 0, ALIGN = 16 };

struct pipe {
	struct batch *ring[RING];
	/* Counters: tail <= done <= head <= tail + RING. */
	unsigned head, done, tail;
};

static struct batch *
batch_free(struct batch *b)
{
	if (b) {
		if (b->bytes)
			mem_wipe(b->bytes, BATCH_BYTES);
		mem_free(b->bytes);
		mem_free(b);
	}
	return NULL;
}

static struct batch *
batch_new(void)
{
	struct batch *b = mem_zalloc(sizeof(*b));

	if (!b)
		return NULL;
	b->bytes = mem_alloc(BATCH_BYTES);
	if (!b->bytes)
		return batch_free(b);
	for (size_t i = 0; i < BATCH_PACKETS; i++)
		b->v[i] = &b->packet[i];
	return b;
}

struct pipe *
pipe_new(void)
{
	struct pipe *p = mem_zalloc(sizeof(*p));

	if (!p)
		return NULL;
	for (unsigned i = 0; i < RING; i++) {
		p->ring[i] = batch_new();
		if (!p->ring[i])
			return pipe_free(p);
	}
	return p;
}

struct pipe *
pipe_free(struct pipe *p)
{
	if (p) {
		for (unsigned i = 0; i < RING; i++)
			batch_free(p->ring[i]);
		mem_free(p);
	}
	return NULL;
}

struct batch *
pipe_take(struct pipe *p, bool inbound)
{
	struct batch *b = p->ring[p->head % RING];

	if (p->head - p->tail == RING)
		return NULL;
	b->n = b->used = 0;
	b->inbound = inbound;
	return b;
}

void
pipe_submit(struct pipe *p, struct batch *b)
{
	assert(b == p->ring[p->head % RING]);
	p->head++;
	wg_packets_crypt(b->v, b->n, LANE);
	p->done = p->head;
}

struct batch *
pipe_next(struct pipe *p)
{
	return p->tail != p->done ? p->ring[p->tail % RING] : NULL;
}

void
pipe_release(struct pipe *p, struct batch *b)
{
	assert(b == p->ring[p->tail % RING]);
	p->tail++;
}

struct wg_packet *
batch_add(struct batch *b)
{
	struct wg_packet *pkt;

	if (b->n == BATCH_PACKETS)
		return NULL;
	pkt = b->v[b->n++];
	*pkt = (struct wg_packet){ 0 };
	return pkt;
}

uint8_t *
batch_room(struct batch *b, size_t *ret_cap)
{
	size_t around = WG_HEADROOM + WG_TAILROOM;

	if (b->n == BATCH_PACKETS ||
	    BATCH_BYTES - b->used < BATCH_LONGEST + around)
		return NULL;
	*ret_cap = BATCH_BYTES - b->used - around;
	return b->bytes + b->used + WG_HEADROOM;
}

void
batch_put(struct batch *b, size_t n)
{
	struct wg_packet *pkt = batch_add(b);

	pkt->data = b->bytes + b->used + WG_HEADROOM;
	pkt->len = (uint32_t)n;
	b->used += WG_HEADROOM + n + WG_TAILROOM;
	b->used = (b->used + ALIGN - 1) & ~(size_t)(ALIGN - 1);
}

/* SPDX-License-Identifier: ISC */
/*
 * Batches of packets on their way through the three stages of wg/device.h.
 *
 *	b = pipe_take(p, inbound);	NULL: all are under way
 *	...fill b, then stage 1...
 *	pipe_submit(p, b);		stage 2, by whom it may
 *	while ((b = pipe_next(p)))	in the order of submitting
 *		...stage 3, send or deliver...
 *		pipe_release(p, b);
 *
 * Batches are a ring and come out in the order in which they went in, however
 * many threads do stage 2 and whenever each is done: that keeps the packets
 * of a peer in order.  What an inbound batch points to (the buffers of a
 * udp_rx) must stay until it is released; so the owner empties the pipe
 * before it uses that udp_rx again.
 *
 * This is the seam for workers.  Today there is one lane, the caller's, and
 * pipe_submit() does the work itself: what it submits is next at once.
 *
 * Nothing allocates after pipe_new().  All calls are the device thread's.
 */
#ifndef WARREN_TUNNELD_PIPE_H
#define WARREN_TUNNELD_PIPE_H

#include "wg/device.h"

#define BATCH_PACKETS	128
/* Room for as many of a usual MTU, or at least one of the longest. */
#define BATCH_BYTES	(256u << 10)
#define BATCH_LONGEST	65536

struct batch {
	struct wg_packet *v[BATCH_PACKETS];
	size_t n;
	bool inbound;
	size_t used;			/* of bytes; outbound only */
	uint8_t *bytes;
	struct wg_packet packet[BATCH_PACKETS];
};

struct pipe;

/* NULL when out of memory. */
struct pipe *pipe_new(void);
struct pipe *pipe_free(struct pipe *p);		/* wipes the packets */

struct batch *pipe_take(struct pipe *p, bool inbound);
void pipe_submit(struct pipe *p, struct batch *b);
struct batch *pipe_next(struct pipe *p);
void pipe_release(struct pipe *p, struct batch *b);

/* One more packet in b, its data not set, or NULL when b is full. */
struct wg_packet *batch_add(struct batch *b);
/*
 * Where an outbound packet may be written: *ret_cap bytes with room for what
 * WireGuard adds around them, or NULL when a longest one has no place.
 */
uint8_t *batch_room(struct batch *b, size_t *ret_cap);
/* n bytes were written there: a packet of b. */
void batch_put(struct batch *b, size_t n);

#endif

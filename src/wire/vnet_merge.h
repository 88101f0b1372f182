/* SPDX-License-Identifier: ISC */
/*
 * The reverse of wire/vnet.h's cutter: TCP packets that continue one another
 * become one super-packet for a TUN with IFF_VNET_HDR, so that the kernel's
 * stack is walked once for all of them.  Cutting the super-packet again
 * gives the very packets back, but for an IPv4 identification that means
 * nothing.
 *
 *	vnet_merge_init(&m, write, arg);
 *	vnet_merge_add(&m, packet, n); ...
 *	vnet_merge_flush(&m);
 *
 * write() is called with a virtio header and the pieces that belong behind
 * it, for each packet or super-packet.  Packets of one TCP connection keep
 * their order, and so do all that are no candidates; between the two
 * no order is kept.  Packets are borrowed until the flush and the first
 * of each run is written to.  Only those are merged whose checksums are
 * right; all others pass as they are, for the kernel to judge.
 *
 * What must be alike follows the kernel's own GRO: addresses, ports, class,
 * hop limit, DF, TCP options, acknowledgement.  Nothing allocates.
 */
#ifndef WARREN_WIRE_VNET_MERGE_H
#define WARREN_WIRE_VNET_MERGE_H

#include "wire/vnet.h"

#define VNET_MERGE_FLOWS	8	/* connections open at a time */
#define VNET_MERGE_PIECES	64	/* packets in one super-packet */

typedef void vnet_merge_write(void *arg, const struct bytes *v, size_t n);

struct vnet_flow {
	uint8_t *first;			/* the first packet */
	size_t ip, head;		/* where TCP and the payload begin */
	size_t size;			/* payload of each but the last */
	size_t total;			/* length of all as one packet */
	uint32_t next;			/* sequence number of what may follow */
	bool closed;			/* nothing may */
	size_t n;
	struct bytes v[VNET_MERGE_PIECES + 1];	/* v[0]: virtio header */
};

struct vnet_merge {
	vnet_merge_write *write;
	void *arg;
	size_t n;
	struct vnet_flow flow[VNET_MERGE_FLOWS];
};

void vnet_merge_init(struct vnet_merge *m, vnet_merge_write *write, void *arg);
void vnet_merge_add(struct vnet_merge *m, uint8_t *p, size_t n);
void vnet_merge_flush(struct vnet_merge *m);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * What a TUN device with IFF_VNET_HDR gives and takes: a virtio network
 * header (virtio 1.2, 5.1.6), then an IP packet that may be many in one.
 *
 * Reading, a cutter makes wire packets of it: checksums that the kernel left
 * to the "hardware" are completed, a TCP or UDP super-packet is cut at
 * gso_size with lengths, IPv4 identification, sequence numbers and flags as
 * a network card would set them.
 *
 *	if (vnet_cut_init(&cut, what_was_read))
 *		while ((n = vnet_cut_next(&cut, room, cap)) > 0)
 *			...one packet of n bytes
 *
 * The cutter borrows the bytes until it is done.  Nothing allocates.
 */
#ifndef WARREN_WIRE_VNET_H
#define WARREN_WIRE_VNET_H

#include "base/bytes.h"

#define VNET_HDR_SIZE	10

/* The header in the machine's own byte order, as TUN has it by default. */
struct vnet_hdr {
	uint8_t flags, gso_type;
	uint16_t hdr_len, gso_size, csum_start, csum_offset;
};

enum {
	VNET_NEEDS_CSUM	= 1,	/* flags */
	VNET_DATA_VALID	= 2,	/* its checksums were looked at */
	VNET_GSO_NONE	= 0,	/* gso_type */
	VNET_GSO_TCP4	= 1,
	VNET_GSO_TCP6	= 4,
	VNET_GSO_UDP	= 5,
	VNET_GSO_ECN	= 0x80	/* may be added to one of the TCP types */
};

struct vnet_hdr vnet_hdr_get(const uint8_t p[VNET_HDR_SIZE]);
void vnet_hdr_put(uint8_t p[VNET_HDR_SIZE], struct vnet_hdr h);

struct vnet_cut {
	struct bytes pkt;	/* without the virtio header */
	struct vnet_hdr h;
	size_t head;		/* IP and TCP or UDP header of each piece */
	size_t off;		/* payload given so far */
	unsigned count;		/* packets given so far */
};

/* False where the header contradicts the packet: drop it. */
bool vnet_cut_init(struct vnet_cut *c, struct bytes in);
/*
 * The next packet, copied to out; its length, or 0 when there are no more.
 * A packet longer than cap ends the cutting, and what is left is lost.
 */
size_t vnet_cut_next(struct vnet_cut *c, uint8_t *out, size_t cap);

#endif

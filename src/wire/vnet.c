/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "wire/checksum.h"
#include "wire/vnet.h"

enum {
	IP4_LEN = 2, IP4_ID = 4, IP4_SUM = 10, IP4_MIN = 20,
	IP6_LEN = 4, IP6_MIN = 40,
	TCP_SEQ = 4, TCP_OFF = 12, TCP_FLAGS = 13, TCP_SUM = 16, TCP_MIN = 20,
	UDP_LEN = 4, UDP_SUM = 6, UDP_MIN = 8,
	PROTO_TCP = 6, PROTO_UDP = 17,
	FIN = 0x01, PSH = 0x08, CWR = 0x80
};

struct vnet_hdr
vnet_hdr_get(const uint8_t p[VNET_HDR_SIZE])
{
	struct vnet_hdr h = { .flags = p[0], .gso_type = p[1] };

	memcpy(&h.hdr_len, p + 2, 2);
	memcpy(&h.gso_size, p + 4, 2);
	memcpy(&h.csum_start, p + 6, 2);
	memcpy(&h.csum_offset, p + 8, 2);
	return h;
}

void
vnet_hdr_put(uint8_t p[VNET_HDR_SIZE], struct vnet_hdr h)
{
	p[0] = h.flags;
	p[1] = h.gso_type;
	memcpy(p + 2, &h.hdr_len, 2);
	memcpy(p + 4, &h.gso_size, 2);
	memcpy(p + 6, &h.csum_start, 2);
	memcpy(p + 8, &h.csum_offset, 2);
}

static unsigned
kind(const struct vnet_hdr *h)
{
	return h->gso_type & (unsigned)~VNET_GSO_ECN;
}

/* Length of the IP header when sane, else 0. */
static size_t
ip_header(struct bytes pkt)
{
	size_t n;

	if (pkt.n >= IP6_MIN && pkt.p[0] >> 4 == 6)
		return IP6_MIN;
	if (pkt.n < IP4_MIN || pkt.p[0] >> 4 != 4)
		return 0;
	n = (size_t)(pkt.p[0] & 15) * 4;
	return n >= IP4_MIN && n <= pkt.n ? n : 0;
}

/*
 * Where each piece's payload begins; 0 if that cannot be.  hdr_len is not
 * believed: for forwarded packets it can be the length of the first buffer.
 */
static size_t
gso_head(struct bytes pkt, const struct vnet_hdr *h)
{
	bool six = pkt.p[0] >> 4 == 6;
	size_t ip = ip_header(pkt), l4 = h->csum_start, n;

	if (ip == 0 || l4 < ip || h->gso_size == 0)
		return 0;
	switch (kind(h)) {
	case VNET_GSO_TCP4:
	case VNET_GSO_TCP6:
		if (six != (kind(h) == VNET_GSO_TCP6) || l4 + TCP_MIN > pkt.n ||
		    h->csum_offset != TCP_SUM)
			return 0;
		n = (size_t)(pkt.p[l4 + TCP_OFF] >> 4) * 4;
		return n >= TCP_MIN && l4 + n <= pkt.n ? l4 + n : 0;
	case VNET_GSO_UDP:
		return l4 + UDP_MIN <= pkt.n && h->csum_offset == UDP_SUM ?
		    l4 + UDP_MIN : 0;
	default:
		return 0;
	}
}

bool
vnet_cut_init(struct vnet_cut *c, struct bytes in)
{
	*c = (struct vnet_cut){ 0 };
	if (in.n <= VNET_HDR_SIZE)
		return false;
	c->h = vnet_hdr_get(in.p);
	c->pkt = bytes_of(in.p + VNET_HDR_SIZE, in.n - VNET_HDR_SIZE);
	if (c->h.gso_type != VNET_GSO_NONE) {
		c->head = gso_head(c->pkt, &c->h);
		return c->head != 0;
	}
	return !(c->h.flags & VNET_NEEDS_CSUM) ||
	    (size_t)c->h.csum_start + c->h.csum_offset + 2 <= c->pkt.n;
}

/* CHECKSUM_PARTIAL: the field holds the pseudo-header's sum already. */
static size_t
whole(struct vnet_cut *c, uint8_t *out, size_t cap)
{
	size_t start = c->h.csum_start, at = start + c->h.csum_offset;
	uint64_t sum;

	if (c->count++ > 0 || c->pkt.n > cap)
		return 0;
	memcpy(out, c->pkt.p, c->pkt.n);
	if (c->h.flags & VNET_NEEDS_CSUM) {
		sum = checksum_add(0, bytes_of(out + start, c->pkt.n - start));
		checksum_put(out + at, sum);
		/* UDP's "no checksum" is 0, so a sum of 0 is sent as ~0. */
		if (c->h.csum_offset == UDP_SUM && be16_get(out + at) == 0)
			be16_put(out + at, 0xffff);
	}
	return c->pkt.n;
}

/* The IP header of one piece, "len" long with all that follows. */
static void
fix_ip(uint8_t *ip, size_t len, unsigned nth)
{
	if (ip[0] >> 4 == 6) {
		be16_put(ip + IP6_LEN, (uint16_t)(len - IP6_MIN));
		return;
	}
	be16_put(ip + IP4_LEN, (uint16_t)len);
	be16_put(ip + IP4_ID, (uint16_t)(be16_get(ip + IP4_ID) + nth));
	be16_put(ip + IP4_SUM, 0);
	checksum_put(ip + IP4_SUM, checksum_add(0,
	    bytes_of(ip, (size_t)(ip[0] & 15) * 4)));
}

/* FIN and PSH belong to the last piece, CWR (RFC 3168 6.1.2) to the first. */
static void
fix_tcp(uint8_t *tcp, size_t off, bool first, bool last)
{
	be32_put(tcp + TCP_SEQ, be32_get(tcp + TCP_SEQ) + (uint32_t)off);
	if (!first)
		tcp[TCP_FLAGS] &= (uint8_t)~CWR;
	if (!last)
		tcp[TCP_FLAGS] &= (uint8_t)~(FIN | PSH);
}

static void
fix_sum(const uint8_t *ip, uint8_t *l4, size_t len, bool udp)
{
	uint8_t *at = l4 + (udp ? UDP_SUM : TCP_SUM);
	uint64_t sum;

	be16_put(at, 0);
	sum = checksum_pseudo(ip, udp ? PROTO_UDP : PROTO_TCP, (uint32_t)len);
	checksum_put(at, checksum_add(sum, bytes_of(l4, len)));
	if (udp && be16_get(at) == 0)
		be16_put(at, 0xffff);
}

size_t
vnet_cut_next(struct vnet_cut *c, uint8_t *out, size_t cap)
{
	bool udp = kind(&c->h) == VNET_GSO_UDP, last;
	size_t l4 = c->h.csum_start, left, take, len;

	if (c->head == 0)
		return whole(c, out, cap);
	left = c->pkt.n - c->head - c->off;
	if (left == 0 && c->count > 0)
		return 0;
	take = left < c->h.gso_size ? left : c->h.gso_size;
	last = take == left;
	len = c->head + take;
	if (len > cap || len > UINT16_MAX)
		return 0;
	memcpy(out, c->pkt.p, c->head);
	memcpy(out + c->head, c->pkt.p + c->head + c->off, take);
	fix_ip(out, len, c->count);
	if (udp)
		be16_put(out + l4 + UDP_LEN, (uint16_t)(len - l4));
	else
		fix_tcp(out + l4, c->off, c->count == 0, last);
	fix_sum(out, out + l4, len - l4, udp);
	c->off += take;
	c->count++;
	return len;
}

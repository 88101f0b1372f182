/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "wire/checksum.h"
#include "wire/vnet_merge.h"

enum {
	IP4_LEN = 2, IP4_ID = 4, IP4_FRAG = 6, IP4_SUM = 10, IP4 = 20,
	IP6_LEN = 4, IP6 = 40, DF = 0x4000,
	TCP_SEQ = 4, TCP_ACK = 8, TCP_OFF = 12, TCP_FLAGS = 13, TCP_WINDOW = 14,
	TCP_SUM = 16, TCP_URG = 18,
	TCP = 20, PROTO_TCP = 6, PSH = 0x08, ACK = 0x10,
	TOTAL_MAX = 65535
};

/* What a packet is to the merger. */
enum kind {
	OTHER,		/* of no TCP connection, as far as one can see */
	ORDERED,	/* of one, but to be left alone */
	CANDIDATE
};

struct look {
	enum kind kind;
	size_t ip, head;
};

void
vnet_merge_init(struct vnet_merge *m, vnet_merge_write *write, void *arg)
{
	m->write = write;
	m->arg = arg;
	m->n = 0;
}

/* Length of a plain IP header with the whole of TCP's behind it, else 0. */
static size_t
plain_ip(const uint8_t *p, size_t n)
{
	if (n >= IP4 + TCP && p[0] == 0x45 && p[9] == PROTO_TCP &&
	    be16_get(p + IP4_LEN) == n &&
	    (be16_get(p + IP4_FRAG) & ~DF) == 0)
		return IP4;
	if (n >= IP6 + TCP && p[0] >> 4 == 6 && p[6] == PROTO_TCP &&
	    (size_t)be16_get(p + IP6_LEN) + IP6 == n)
		return IP6;
	return 0;
}

static bool
sums_are_right(const uint8_t *p, size_t n, size_t ip)
{
	uint64_t sum;

	if (ip == IP4 &&
	    checksum_fold(checksum_add(0, bytes_of(p, IP4))) != 0xffff)
		return false;
	sum = checksum_pseudo(p, PROTO_TCP, (uint32_t)(n - ip));
	sum = checksum_add(sum, bytes_of(p + ip, n - ip));
	return checksum_fold(sum) == 0xffff;
}

static struct look
look_at(const uint8_t *p, size_t n)
{
	struct look k = { .ip = plain_ip(p, n) };

	if (k.ip == 0)
		return k;
	k.kind = ORDERED;
	k.head = k.ip + (size_t)(p[k.ip + TCP_OFF] >> 4) * 4;
	if (k.head >= k.ip + TCP && k.head < n && n <= TOTAL_MAX &&
	    (p[k.ip + TCP_FLAGS] & ~PSH) == ACK && sums_are_right(p, n, k.ip))
		k.kind = CANDIDATE;
	return k;
}

static bool
same_connection(const struct vnet_flow *f, const uint8_t *p, size_t ip)
{
	size_t from = ip == IP4 ? 12 : 8;

	/* Addresses and, right behind them, the ports. */
	return f->ip == ip && memcmp(f->first + from, p + from,
	    ip + 4 - from) == 0;
}

static bool
same_ip(const struct vnet_flow *f, const uint8_t *p)
{
	const uint8_t *q = f->first;

	if (f->ip == IP6)	/* class and label; hop limit */
		return memcmp(q, p, 4) == 0 && q[7] == p[7];
	if (q[1] != p[1] || q[8] != p[8] ||
	    memcmp(q + IP4_FRAG, p + IP4_FRAG, 2) != 0)
		return false;
	/* Cutting counts it up; with DF it means nothing (RFC 6864, 4.1). */
	return (be16_get(p + IP4_FRAG) & DF) ||
	    be16_get(p + IP4_ID) == (uint16_t)(be16_get(q + IP4_ID) + f->n);
}

static bool
continues(const struct vnet_flow *f, const uint8_t *p, size_t n,
    const struct look *k)
{
	const uint8_t *a = f->first + f->ip, *b = p + k->ip;

	return !f->closed && f->n < VNET_MERGE_PIECES && k->head == f->head &&
	    n - k->head <= f->size && f->total + n - k->head <= TOTAL_MAX &&
	    be32_get(b + TCP_SEQ) == f->next && same_ip(f, p) &&
	    memcmp(a + TCP_ACK, b + TCP_ACK, 5) == 0 &&
	    memcmp(a + TCP_WINDOW, b + TCP_WINDOW, 2) == 0 &&
	    memcmp(a + TCP_URG, b + TCP_URG, k->head - k->ip - TCP_URG) == 0;
}

static void
append(struct vnet_flow *f, const uint8_t *p, size_t n)
{
	size_t payload = n - f->head;

	f->v[++f->n] = bytes_of(p + f->head, payload);
	f->total += payload;
	f->next += (uint32_t)payload;
	f->first[f->ip + TCP_FLAGS] |= p[f->ip + TCP_FLAGS] & PSH;
	f->closed = payload < f->size || (p[f->ip + TCP_FLAGS] & PSH);
}

static void
begin(struct vnet_flow *f, uint8_t *p, size_t n, const struct look *k)
{
	f->first = p;
	f->ip = k->ip;
	f->head = k->head;
	f->size = n - k->head;
	f->total = n;
	f->next = be32_get(p + k->ip + TCP_SEQ) + (uint32_t)f->size;
	f->closed = p[k->ip + TCP_FLAGS] & PSH;
	f->n = 1;
	f->v[1] = bytes_of(p, n);
}

/* Makes the first packet's headers those of the whole. */
static struct vnet_hdr
crown(struct vnet_flow *f)
{
	uint8_t *p = f->first;
	uint16_t sum;

	if (f->ip == IP4) {
		be16_put(p + IP4_LEN, (uint16_t)f->total);
		be16_put(p + IP4_SUM, 0);
		checksum_put(p + IP4_SUM, checksum_add(0, bytes_of(p, IP4)));
	} else {
		be16_put(p + IP6_LEN, (uint16_t)(f->total - IP6));
	}
	sum = checksum_fold(checksum_pseudo(p, PROTO_TCP,
	    (uint32_t)(f->total - f->ip)));
	memcpy(p + f->ip + TCP_SUM, &sum, 2);
	return (struct vnet_hdr){ .flags = VNET_NEEDS_CSUM,
	    .gso_type = f->ip == IP4 ? VNET_GSO_TCP4 : VNET_GSO_TCP6,
	    .hdr_len = (uint16_t)f->head, .gso_size = (uint16_t)f->size,
	    .csum_start = (uint16_t)f->ip, .csum_offset = TCP_SUM };
}

static void
flush_flow(struct vnet_merge *m, struct vnet_flow *f)
{
	struct vnet_hdr h = { .flags = VNET_DATA_VALID };
	uint8_t header[VNET_HDR_SIZE];

	if (f->n > 1)
		h = crown(f);
	vnet_hdr_put(header, h);
	f->v[0] = bytes_of(header, sizeof(header));
	m->write(m->arg, f->v, f->n + 1);
	f->n = 0;
}

static void
pass(struct vnet_merge *m, const uint8_t *p, size_t n)
{
	static const uint8_t header[VNET_HDR_SIZE];
	struct bytes v[2] = { { header, sizeof(header) }, { p, n } };

	m->write(m->arg, v, 2);
}

static struct vnet_flow *
find(struct vnet_merge *m, const uint8_t *p, size_t ip)
{
	for (size_t i = 0; i < m->n; i++) {
		if (m->flow[i].n > 0 && same_connection(&m->flow[i], p, ip))
			return &m->flow[i];
	}
	return NULL;
}

/* A free place; all have to go when none is. */
static struct vnet_flow *
place(struct vnet_merge *m)
{
	if (m->n == VNET_MERGE_FLOWS)
		vnet_merge_flush(m);
	return &m->flow[m->n++];
}

void
vnet_merge_add(struct vnet_merge *m, uint8_t *p, size_t n)
{
	struct look k = look_at(p, n);
	struct vnet_flow *f = NULL;

	if (k.kind != OTHER)
		f = find(m, p, k.ip);
	if (k.kind == CANDIDATE && f && continues(f, p, n, &k)) {
		append(f, p, n);
		return;
	}
	if (f)
		flush_flow(m, f);
	if (k.kind == CANDIDATE)
		begin(f ? f : place(m), p, n, &k);
	else
		pass(m, p, n);
}

void
vnet_merge_flush(struct vnet_merge *m)
{
	for (size_t i = 0; i < m->n; i++) {
		if (m->flow[i].n > 0)
			flush_flow(m, &m->flow[i]);
	}
	m->n = 0;
}

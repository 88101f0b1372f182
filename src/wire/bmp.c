/* SPDX-License-Identifier: ISC */
#include "wire/bmp.h"

#include "wire/bgp.h"

#define FLAG_IPV6	0x80
#define FLAG_POST	0x40
#define FLAG_AS2	0x20

#define MESSAGE_MAX	(1u << 20)	/* nobody sends such a one */

static bool
has_peer(enum bmp_type t)
{
	return t != BMP_INITIATION && t != BMP_TERMINATION;
}

void
bmp_ip(struct wr *w, struct ip ip)
{
	uint8_t room[16] = { 0 };

	memcpy(room, ip.b, 16);
	if (ip_is4(ip))
		memset(room, 0, 12);
	wr_bytes(w, bytes_of(room, 16));
}

uint8_t *
bmp_begin(struct wr *w, enum bmp_type type, const struct bmp_peer *p)
{
	uint8_t *mark = wr_take(w, BMP_HEADER);

	if (mark == NULL)
		return NULL;
	mark[0] = BMP_VERSION;
	mark[5] = (uint8_t)type;
	if (p == NULL)
		return mark;
	wr_u8(w, 0);			/* a global instance */
	wr_u8(w, (uint8_t)((ip_is4(p->ip) ? 0 : FLAG_IPV6) |
	    (p->post_policy ? FLAG_POST : 0) | (p->as2 ? FLAG_AS2 : 0)));
	wr_be32(w, 0);
	wr_be32(w, 0);			/* no distinguisher */
	bmp_ip(w, p->ip);
	wr_be32(w, p->as);
	wr_be32(w, p->id);
	wr_be32(w, p->s);
	wr_be32(w, p->us);
	return mark;
}

void
bmp_end(struct wr *w, uint8_t *mark)
{
	if (!w->bad && mark != NULL)
		be32_put(mark + 1, (uint32_t)(w->p - mark));
}

void
bmp_tlv(struct wr *w, uint16_t type, struct bytes value)
{
	wr_be16(w, type);
	wr_be16(w, (uint16_t)value.n);
	wr_bytes(w, value);
}

/* Reading. */

static bool
read_peer(struct rd *r, struct bmp_peer *p)
{
	const uint8_t type = rd_u8(r), flags = rd_u8(r);
	struct bytes ip;

	rd_be32(r);
	rd_be32(r);
	ip = rd_bytes(r, 16);
	if (r->bad || type > 2)
		return false;
	p->ip = flags & FLAG_IPV6 ? ip_from6(ip.p) : ip_from4(ip.p + 12);
	p->post_policy = flags & FLAG_POST;
	p->as2 = flags & FLAG_AS2;
	p->as = rd_be32(r);
	p->id = rd_be32(r);
	p->s = rd_be32(r);
	p->us = rd_be32(r);
	return !r->bad && p->us < 1000000;
}

/* A whole BGP message of the type. */
static bool
read_bgp(struct rd *r, uint8_t type)
{
	struct bytes head = rd_bytes(r, BGP_HEADER);
	uint16_t n;

	if (r->bad || head.p[18] != type)
		return false;
	n = be16_get(head.p + 16);
	if (n < BGP_HEADER)
		return false;
	rd_bytes(r, n - (size_t)BGP_HEADER);
	return !r->bad;
}

static bool
read_tlvs(struct rd *r)
{
	while (!r->bad && rd_left(r) > 0) {
		rd_be16(r);
		rd_bytes(r, rd_be16(r));
	}
	return !r->bad;
}

static bool
read_stats(struct rd *r)
{
	for (uint32_t n = rd_be32(r); n > 0 && !r->bad; n--) {
		rd_be16(r);
		rd_bytes(r, rd_be16(r));
	}
	return !r->bad && rd_left(r) == 0;
}

static bool
read_down(struct rd *r)
{
	switch (rd_u8(r)) {
	case BMP_DOWN_LOCAL: case BMP_DOWN_REMOTE:
		return read_bgp(r, BGP_TYPE_NOTIFICATION) && rd_left(r) == 0;
	case BMP_DOWN_LOCAL_EVENT:
		rd_be16(r);
		return !r->bad && rd_left(r) == 0;
	case BMP_DOWN_REMOTE_SILENT: case BMP_DOWN_DECONFIGURED:
		return !r->bad && rd_left(r) == 0;
	default:
		return false;
	}
}

static bool
read_up(struct rd *r)
{
	rd_bytes(r, 16 + 2 + 2);
	return read_bgp(r, BGP_TYPE_OPEN) && read_bgp(r, BGP_TYPE_OPEN) &&
	    read_tlvs(r);
}

static bool
read_body(enum bmp_type type, struct rd *r)
{
	switch (type) {
	case BMP_ROUTE_MONITORING:
		return read_bgp(r, BGP_TYPE_UPDATE) && rd_left(r) == 0;
	case BMP_STATISTICS:
		return read_stats(r);
	case BMP_PEER_DOWN:
		return read_down(r);
	case BMP_PEER_UP:
		return read_up(r);
	case BMP_INITIATION: case BMP_TERMINATION: case BMP_ROUTE_MIRRORING:
		return read_tlvs(r);
	}
	return false;
}

int
bmp_decode(struct bytes b, struct bmp_message *ret)
{
	struct rd r;
	uint32_t n;

	if (b.n < BMP_HEADER)
		return 0;
	n = be32_get(b.p + 1);
	if (b.p[0] != BMP_VERSION || n < BMP_HEADER || n > MESSAGE_MAX ||
	    b.p[5] > BMP_ROUTE_MIRRORING)
		return -1;
	if (b.n < n)
		return 0;
	*ret = (struct bmp_message){ .type = (enum bmp_type)b.p[5] };
	r = rd_of(bytes_of(b.p + BMP_HEADER, n - BMP_HEADER));
	ret->has_peer = has_peer(ret->type);
	if (ret->has_peer && !read_peer(&r, &ret->peer))
		return -1;
	ret->body = bytes_of(r.p, rd_left(&r));
	return read_body(ret->type, &r) ? (int)n : -1;
}

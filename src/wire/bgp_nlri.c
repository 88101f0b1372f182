/* SPDX-License-Identifier: ISC */
/* NLRI both ways, and what surrounds them in an UPDATE that we write. */
#include "wire/bgp_update.h"

struct bgp_nlri
bgp_nlri_of(enum bgp_fam fam, bool add_path, struct bytes b)
{
	return (struct bgp_nlri){ .r = rd_of(b), .ip6 = !bgp_fam_is4(fam),
	    .add_path = add_path };
}

/* The first bits of an address, the rest zero; "left" octets are there. */
static struct ip
ip4_of_bits(const uint8_t *p, size_t left, unsigned bits)
{
	uint32_t a = 0;

	if (left >= 4)		/* some may be the next prefix's */
		a = be32_get(p);
	else
		for (unsigned i = 0; i < (bits + 7) / 8; i++)
			a |= (uint32_t)p[i] << (24 - 8 * i);
	return ip4(a & (uint32_t)(0xffffffff00000000u >> bits));
}

static struct ip
ip6_of_bits(const uint8_t *p, unsigned bits)
{
	const unsigned octets = (bits + 7) / 8;
	uint8_t addr[16] = { 0 };

	memcpy(addr, p, octets);
	if (bits % 8)
		addr[octets - 1] &= (uint8_t)(0xff00 >> bits % 8);
	return ip_from6(addr);
}

/* One of them, with host bits cleared. */
static inline bool
nlri_read(struct bgp_nlri *it, struct prefix *ret, uint32_t *ret_path_id)
{
	const uint8_t *p;
	unsigned bits;
	size_t left;

	*ret_path_id = it->add_path ? rd_be32(&it->r) : 0;
	bits = rd_u8(&it->r);
	left = rd_left(&it->r);
	p = rd_take(&it->r, (bits + 7) / 8);
	if (!p || bits > (it->ip6 ? 128 : 32)) {
		it->bad = true;
		return false;
	}
	*ret = (struct prefix){ .len = (uint8_t)bits,
	    .kind = it->ip6 ? NET_IP6 : NET_IP4, .ip = it->ip6 ?
	    ip6_of_bits(p, bits) : ip4_of_bits(p, left, bits) };
	return true;
}

/*
 * An IPv6 prefix inside ::ffff:0:0/96 is nothing that is ever routed, and a
 * struct ip would take it for IPv4: passed over.
 */
bool
bgp_nlri_next(struct bgp_nlri *it, struct prefix *ret, uint32_t *ret_path_id)
{
	uint32_t path_id;

	do {
		if (it->bad || !rd_left(&it->r))
			return false;
		if (!nlri_read(it, ret, &path_id))
			return false;
	} while (it->ip6 && ip_is4(ret->ip));
	if (ret_path_id)
		*ret_path_id = path_id;
	return true;
}

void
bgp_nlri_put(struct wr *w, const struct prefix *p, bool add_path,
    uint32_t path_id)
{
	const uint8_t *addr = prefix_is4(p) ? p->ip.b + 12 : p->ip.b;

	if (add_path)
		wr_be32(w, path_id);
	wr_u8(w, p->len);
	wr_bytes(w, bytes_of(addr, (p->len + 7u) / 8u));
}

uint8_t *
bgp_length_begin(struct wr *w)
{
	return wr_take(w, 2);
}

void
bgp_length_end(struct wr *w, uint8_t *mark)
{
	if (w->bad)
		return;
	if (w->p - mark - 2 > 0xffff) {
		w->bad = true;
		return;
	}
	be16_put(mark, (uint16_t)(w->p - mark - 2));
}

uint8_t *
bgp_attr_begin(struct wr *w, uint8_t flags, uint8_t code)
{
	wr_u8(w, flags | BGP_EXTENDED);
	wr_u8(w, code);
	return bgp_length_begin(w);
}

void
bgp_attr_end(struct wr *w, uint8_t *mark)
{
	bgp_length_end(w, mark);
}

void
bgp_attr_put(struct wr *w, uint8_t flags, uint8_t code, struct bytes value)
{
	if (value.n > 0xffff)
		w->bad = true;
	flags &= (uint8_t)~BGP_EXTENDED;
	wr_u8(w, value.n > 255 ? flags | BGP_EXTENDED : flags);
	wr_u8(w, code);
	if (value.n > 255)
		wr_be16(w, (uint16_t)value.n);
	else
		wr_u8(w, (uint8_t)value.n);
	wr_bytes(w, value);
}

void
bgp_attr_put_u32(struct wr *w, uint8_t flags, uint8_t code, uint32_t v)
{
	uint8_t b[4];

	be32_put(b, v);
	bgp_attr_put(w, flags, code, bytes_of(b, 4));
}

static void
put_hops(struct wr *w, struct ip next_hop, struct ip link_local)
{
	if (ip_is4(next_hop)) {
		wr_u8(w, 4);
		wr_bytes(w, bytes_of(next_hop.b + 12, 4));
	} else if (ip_is_none(link_local)) {
		wr_u8(w, 16);
		wr_bytes(w, bytes_of(next_hop.b, 16));
	} else {
		wr_u8(w, 32);
		wr_bytes(w, bytes_of(next_hop.b, 16));
		wr_bytes(w, bytes_of(link_local.b, 16));
	}
}

uint8_t *
bgp_mp_reach_begin(struct wr *w, enum bgp_fam fam, struct ip next_hop,
    struct ip link_local)
{
	uint8_t *mark = bgp_attr_begin(w, BGP_OPTIONAL, BGP_ATTR_MP_REACH);

	wr_be16(w, bgp_fam_afi(fam));
	wr_u8(w, bgp_fam_safi(fam));
	put_hops(w, next_hop, link_local);
	wr_u8(w, 0);
	return mark;
}

uint8_t *
bgp_mp_unreach_begin(struct wr *w, enum bgp_fam fam)
{
	uint8_t *mark = bgp_attr_begin(w, BGP_OPTIONAL, BGP_ATTR_MP_UNREACH);

	wr_be16(w, bgp_fam_afi(fam));
	wr_u8(w, bgp_fam_safi(fam));
	return mark;
}

void
bgp_eor_encode(struct wr *w, enum bgp_fam fam)
{
	uint8_t *message = bgp_message_begin(w, BGP_TYPE_UPDATE);
	uint8_t *attrs;

	wr_be16(w, 0);
	attrs = bgp_length_begin(w);
	if (fam != BGP_FAM_IP4)
		bgp_attr_end(w, bgp_mp_unreach_begin(w, fam));
	bgp_length_end(w, attrs);
	bgp_message_end(w, message);
}

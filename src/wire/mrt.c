/* SPDX-License-Identifier: ISC */
#include "wire/mrt.h"

#define MRT_HEADER		12
#define TABLE_DUMP_V2		13
#define PEER_INDEX_TABLE	1
#define RIB_IPV4_UNICAST	2
#define RIB_IPV6_UNICAST	4
#define RIB_ADDPATH		6	/* more than those without */

#define BGP4MP			16
#define BGP4MP_STATE_CHANGE_AS4	5
/* RFC 8050: both, and neither. */
static const uint8_t message_subtypes[2][2] = {	/* [as4][add_path] */
	{ 1, 8 }, { 4, 9 }
};

#define PEER_IPV6		0x01
#define PEER_AS4		0x02

static uint8_t *
begin_of(struct wr *w, uint32_t time, uint16_t type, uint16_t subtype)
{
	uint8_t *p = wr_take(w, MRT_HEADER);

	if (p == NULL)
		return NULL;
	be32_put(p, time);
	be16_put(p + 4, type);
	be16_put(p + 6, subtype);
	return p;
}

static uint8_t *
begin(struct wr *w, uint32_t time, uint16_t subtype)
{
	return begin_of(w, time, TABLE_DUMP_V2, subtype);
}

static void
end(struct wr *w, uint8_t *mark)
{
	if (!w->bad && mark != NULL)
		be32_put(mark + 8, (uint32_t)(w->p - mark - MRT_HEADER));
}

static void
put_peer(struct wr *w, const struct mrt_peer *p)
{
	const bool is4 = ip_is4(p->ip);

	wr_u8(w, is4 ? PEER_AS4 : PEER_AS4 | PEER_IPV6);
	wr_be32(w, p->router_id);
	wr_bytes(w, is4 ? bytes_of(p->ip.b + 12, 4) : bytes_of(p->ip.b, 16));
	wr_be32(w, p->as);
}

void
mrt_peer_index(struct wr *w, uint32_t time, uint32_t collector,
    const char *view, const struct mrt_peer *peer, unsigned n)
{
	struct bytes name = bytes_str(view);
	uint8_t *mark = begin(w, time, PEER_INDEX_TABLE);

	if (name.n > MRT_NAME_MAX)
		name.n = MRT_NAME_MAX;
	wr_be32(w, collector);
	wr_be16(w, (uint16_t)name.n);
	wr_bytes(w, name);
	wr_be16(w, (uint16_t)n);
	for (unsigned i = 0; i < n; i++)
		put_peer(w, &peer[i]);
	end(w, mark);
}

uint8_t *
mrt_rib_begin(struct wr *w, uint32_t time, uint32_t seq,
    const struct prefix *net, bool add_path)
{
	const bool is4 = prefix_is4(net);
	const size_t n = (net->len + 7u) / 8;
	uint8_t *mark = begin(w, time, (uint16_t)((is4 ? RIB_IPV4_UNICAST :
	    RIB_IPV6_UNICAST) + (add_path ? RIB_ADDPATH : 0)));

	wr_be32(w, seq);
	wr_u8(w, net->len);
	wr_bytes(w, bytes_of(net->ip.b + (is4 ? 12 : 0), n));
	wr_be16(w, 0);
	return mark;
}

void
mrt_rib_end(struct wr *w, uint8_t *mark, const struct prefix *net,
    unsigned entries)
{
	/* The count stands behind the prefix. */
	if (!w->bad && mark != NULL)
		be16_put(mark + MRT_HEADER + 5 + (net->len + 7u) / 8,
		    (uint16_t)entries);
	end(w, mark);
}

uint8_t *
mrt_entry_begin(struct wr *w, unsigned peer, uint32_t originated,
    bool add_path, uint32_t path_id)
{
	uint8_t *len;

	wr_be16(w, (uint16_t)peer);
	wr_be32(w, originated);
	if (add_path)
		wr_be32(w, path_id);
	len = wr_take(w, 2);
	return len;
}

void
mrt_entry_end(struct wr *w, uint8_t *mark)
{
	size_t n = mark ? (size_t)(w->p - mark - 2) : 0;

	if (w->bad || mark == NULL)
		return;
	if (n > UINT16_MAX)
		w->bad = true;
	else
		be16_put(mark, (uint16_t)n);
}

static void
put_as(struct wr *w, uint32_t as, bool as4)
{
	if (as4)
		wr_be32(w, as);
	else	/* RFC 6793: AS_TRANS */
		wr_be16(w, as > UINT16_MAX ? 23456 : (uint16_t)as);
}

static void
put_ip(struct wr *w, struct ip ip, bool is4)
{
	wr_bytes(w, is4 ? bytes_of(ip.b + 12, 4) : bytes_of(ip.b, 16));
}

static void
put_link(struct wr *w, const struct mrt_link *l, bool as4)
{
	/* One that never was connected has no address of ours yet. */
	const bool is4 = ip_is4(l->peer);

	put_as(w, l->peer_as, as4);
	put_as(w, l->local_as, as4);
	wr_be16(w, (uint16_t)l->ifindex);
	wr_be16(w, is4 ? 1 : 2);
	put_ip(w, l->peer, is4);
	put_ip(w, l->local, is4);
}

void
mrt_bgp4mp_message(struct wr *w, uint32_t time, const struct mrt_link *l,
    struct bytes message)
{
	uint8_t *mark = begin_of(w, time, BGP4MP,
	    message_subtypes[l->as4][l->add_path]);

	put_link(w, l, l->as4);
	wr_bytes(w, message);
	end(w, mark);
}

void
mrt_bgp4mp_state(struct wr *w, uint32_t time, const struct mrt_link *l,
    unsigned was, unsigned is)
{
	uint8_t *mark = begin_of(w, time, BGP4MP, BGP4MP_STATE_CHANGE_AS4);

	put_link(w, l, true);
	wr_be16(w, (uint16_t)was);
	wr_be16(w, (uint16_t)is);
	end(w, mark);
}

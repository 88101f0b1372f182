/* SPDX-License-Identifier: ISC */
/*
 * MRT table dumps: TABLE_DUMP_V2 of RFC 6396, and RFC 8050 for routes with a
 * path id; and what neighbours say, BGP4MP of the same.  Writing only.
 *
 *	mrt_peer_index(&w, …);			first in a file
 *	mark = mrt_rib_begin(&w, …);		then for each net
 *		e = mrt_entry_begin(&w, …);
 *		... path attributes, AS numbers of four octets ...
 *		mrt_entry_end(&w, e);
 *	mrt_rib_end(&w, mark, count);
 *
 * A writer that has run out of room is bad, as ever; the record is then of no
 * use.
 */
#ifndef WARREN_WIRE_MRT_H
#define WARREN_WIRE_MRT_H

#include "base/cursor.h"
#include "base/ip.h"

#define MRT_NAME_MAX	255
#define MRT_ENTRIES_MAX	65535

struct mrt_peer {
	uint32_t router_id;
	struct ip ip;			/* IP_NONE: IPv6, all zero */
	uint32_t as;
};

void mrt_peer_index(struct wr *w, uint32_t time, uint32_t collector,
    const char *view, const struct mrt_peer *peer, unsigned n);
/* net: NET_IP4 or NET_IP6. */
uint8_t *mrt_rib_begin(struct wr *w, uint32_t time, uint32_t seq,
    const struct prefix *net, bool add_path);
void mrt_rib_end(struct wr *w, uint8_t *mark, const struct prefix *net,
    unsigned entries);
uint8_t *mrt_entry_begin(struct wr *w, unsigned peer, uint32_t originated,
    bool add_path, uint32_t path_id);
void mrt_entry_end(struct wr *w, uint8_t *mark);

/* A BGP connection, for BGP4MP. */
struct mrt_link {
	uint32_t peer_as, local_as;
	struct ip peer, local;
	uint32_t ifindex;
	bool as4;			/* its paths have AS numbers of 4 */
	bool add_path;			/* NLRI have path ids, RFC 8050 */
};

#define MRT_BGP4MP_HEAD	60	/* what a record has besides the message */

/* Whole records. */
void mrt_bgp4mp_message(struct wr *w, uint32_t time,
    const struct mrt_link *l, struct bytes message);
void mrt_bgp4mp_state(struct wr *w, uint32_t time, const struct mrt_link *l,
    unsigned was, unsigned is);

#endif

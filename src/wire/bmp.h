/* SPDX-License-Identifier: ISC */
/*
 * The BGP Monitoring Protocol, RFC 7854: messages to a station, and back, for
 * tests.  A message is begun, filled, and ended, which writes its length:
 *
 *	mark = bmp_begin(&w, BMP_ROUTE_MONITORING, &peer);
 *	... a whole BGP UPDATE ...
 *	bmp_end(&w, mark);
 *
 * A writer without room is bad, as ever.
 */
#ifndef WARREN_WIRE_BMP_H
#define WARREN_WIRE_BMP_H

#include "base/cursor.h"
#include "base/ip.h"

#define BMP_HEADER	6
#define BMP_PEER_HEADER	42
#define BMP_VERSION	3

enum bmp_type {
	BMP_ROUTE_MONITORING, BMP_STATISTICS, BMP_PEER_DOWN, BMP_PEER_UP,
	BMP_INITIATION, BMP_TERMINATION, BMP_ROUTE_MIRRORING
};

struct bmp_peer {			/* 4.2 */
	struct ip ip;
	uint32_t as, id;
	bool post_policy;		/* L flag; of monitored routes */
	bool as2;			/* A flag: old AS_PATHs */
	uint32_t s, us;			/* when; 0: unknown */
};

enum bmp_down {				/* 4.9 */
	BMP_DOWN_LOCAL = 1,		/* a NOTIFICATION of ours follows */
	BMP_DOWN_LOCAL_EVENT = 2,	/* the number of the event */
	BMP_DOWN_REMOTE = 3,		/* a NOTIFICATION of the peer's */
	BMP_DOWN_REMOTE_SILENT = 4,
	BMP_DOWN_DECONFIGURED = 5
};

enum bmp_stat {				/* 4.8 */
	BMP_STAT_REJECTED = 0,		/* 32 bits, a counter */
	BMP_STAT_ADJ_IN = 7,		/* 64 bits, routes */
	BMP_STAT_LOC_RIB = 8,
	BMP_STAT_ADJ_IN_FAMILY = 9,	/* AFI, SAFI, 64 bits */
	BMP_STAT_LOC_RIB_FAMILY = 10
};

#define BMP_TLV_STRING	0		/* 4.4 */
#define BMP_TLV_DESCR	1
#define BMP_TLV_NAME	2
#define BMP_TLV_REASON	1		/* 4.5, of a termination */
#define BMP_REASON_ADMIN	0

/* peer NULL where the type has none. */
uint8_t *bmp_begin(struct wr *w, enum bmp_type type,
    const struct bmp_peer *peer);
void bmp_end(struct wr *w, uint8_t *mark);
void bmp_tlv(struct wr *w, uint16_t type, struct bytes value);
/* The address as 16 octets, IPv4 at their end. */
void bmp_ip(struct wr *w, struct ip ip);

struct bmp_message {
	enum bmp_type type;
	bool has_peer;
	struct bmp_peer peer;
	struct bytes body;		/* behind the peer's header */
};

/*
 * The first message of b: how long it is, 0 when it is not whole yet, -1 when
 * it is none.  Strict: what follows the headers must have the form of the
 * type.
 */
int bmp_decode(struct bytes b, struct bmp_message *ret);

#endif

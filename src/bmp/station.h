/* SPDX-License-Identifier: ISC */
/*
 * What a BMP station (RFC 7854) is told: the messages, in order, and the
 * bytes that wait for it.  It has no socket and no clock.
 *
 *	s = bmp_station_new(&config, pool);	Initiation
 *	bmp_station_peer_up(s, …);		then for each peer
 *	bmp_station_route(s, …);		routes; those that share a set
 *						go in one UPDATE
 *	b = bmp_station_tx(s);			write it, and say how much
 *	bmp_station_sent(s, n);
 *	if (bmp_station_failed(s))		too much waits, or no memory:
 *		bmp_station_free(s);		begin anew with a new one
 *
 * Attribute sets are borrowed for the call, but for the last one, of which it
 * keeps a count.  Paths are sent with AS numbers of four octets.  One thread.
 */
#ifndef WARREN_BMP_STATION_H
#define WARREN_BMP_STATION_H

#include "bgp/session.h"
#include "rib/attrs.h"
#include "wire/bmp.h"

struct bmp_station;

struct bmp_config {
	const char *name, *descr;	/* borrowed for the call */
	size_t limit;			/* octets that may wait */
};

struct bmp_link {
	struct ip local;
	uint16_t local_port, remote_port;
};

struct bmp_route {
	enum bgp_fam fam;
	bool add_path;			/* NLRI have path ids */
	struct prefix net;
	uint32_t path_id;
	const struct attrs *attrs;	/* NULL: withdrawn */
};

struct bmp_counts {
	uint32_t rejected;		/* by the import filter, ever */
	bool adj_in;			/* there is such a table: */
	uint64_t in[BGP_NFAMS];		/* routes before the filter */
	uint64_t rib[BGP_NFAMS];	/* and after it */
	uint8_t families;
};

/* NULL: out of memory.  The pool is that of the sets. */
struct bmp_station *bmp_station_new(const struct bmp_config *config,
    struct attrs_pool *pool);
struct bmp_station *bmp_station_free(struct bmp_station *s);

void bmp_station_peer_up(struct bmp_station *s, const struct bmp_peer *peer,
    const struct bmp_link *link, const struct bgp_open *sent,
    const struct bgp_open *received);
void bmp_station_peer_down(struct bmp_station *s,
    const struct bmp_peer *peer, const struct bgp_cause *why);
void bmp_station_route(struct bmp_station *s, const struct bmp_peer *peer,
    const struct bmp_route *r);
void bmp_station_eor(struct bmp_station *s, const struct bmp_peer *peer,
    enum bgp_fam fam);
void bmp_station_stats(struct bmp_station *s, const struct bmp_peer *peer,
    const struct bmp_counts *c);
/* The last message. */
void bmp_station_end(struct bmp_station *s, uint16_t reason);

/* What waits; borrowed until the next call. */
struct bytes bmp_station_tx(struct bmp_station *s);
void bmp_station_sent(struct bmp_station *s, size_t n);
size_t bmp_station_queued(const struct bmp_station *s);
bool bmp_station_failed(const struct bmp_station *s);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * The bmp protocol: what BGP neighbours do and say, told to a station (RFC
 * 7854).  All BGP protocols are monitored; they call these as things happen.
 */
#ifndef WARREN_DAEMON_BMP_H
#define WARREN_DAEMON_BMP_H

#include "daemon/bgp.h"

/* A neighbour was made: does any station want its routes? */
void bmp_attach(struct bgp *b);
void bmp_peer_up(struct bgp *b);
void bmp_peer_down(struct bgp *b, const struct bgp_cause *why);
/* End-of-RIB has come on the neighbour's channel i. */
void bmp_eor(struct bgp *b, unsigned i);
void bmp_route(struct bgp *b, unsigned i, bool post_policy,
    const struct prefix *net, uint32_t path_id, const struct attrs *attrs);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * The path attributes of a route as an MRT table dump has them (RFC 6396
 * 4.3.4): AS numbers of four octets, and of MP_REACH_NLRI the next hop alone.
 * A route that knows nothing of BGP has none.  Pure.
 */
#ifndef WARREN_BGP_MRT_H
#define WARREN_BGP_MRT_H

#include "base/cursor.h"
#include "base/ip.h"

struct attrs;

void bgp_mrt_attrs(struct wr *w, const struct attrs *a, enum family family);

/* All of them; NEXT_HOP, an IPv4 one, only where it is asked for. */
void bgp_monitor_attrs(struct wr *w, const struct attrs *a, bool next_hop);

#endif

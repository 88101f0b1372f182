/* SPDX-License-Identifier: ISC */
/*
 * Which address of a pool an invited client gets.  Pure.
 */
#ifndef WARREN_PLAN_INVITE_H
#define WARREN_PLAN_INVITE_H

#include "base/ip.h"

/*
 * The lowest address of pool that lies in none of the n nets of taken: neither
 * in a peer's list nor one of the interface's own.  Of an IPv4 pool the first
 * and the last address are nobody's (unless it is a /31 or /32), of an IPv6
 * pool the first (RFC 4291 2.6.1, the routers' anycast address).  IP_NONE when
 * it is full.
 */
struct ip invite_pick(const struct prefix *pool, const struct prefix *taken,
    unsigned n);

#endif

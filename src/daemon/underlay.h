/* SPDX-License-Identifier: ISC */
/*
 * Host routes for endpoints: a route into a tunnel that covers the endpoint of
 * one of its peers does not take the outer packets with it.
 *
 * Of every such endpoint, and of no other, a route of its own stands in the
 * kernel (protocol UL_PROTO, metric UL_METRIC; plan/underlay.h), by the way
 * that there is without the tunnel.  It is there before the route that makes
 * it necessary, follows the underlay and the endpoint, and goes when nothing
 * covers the endpoint any more.  While the underlay has no way it is an
 * "unreachable", so that the packets wait instead of going round in circles.
 *
 * A route to everywhere (ul_is_default()) spares the endpoints of all tunnels,
 * so that one tunnel does not depend on another; others those of their own.
 * Where a rule takes a tunnel's marked packets to another table, nothing is
 * needed, and there is nothing.
 *
 * They stay with the tunnels when warrend ends, and are found again by the
 * protocol number; "down" takes them away.  One thread.
 */
#ifndef WARREN_DAEMON_UNDERLAY_H
#define WARREN_DAEMON_UNDERLAY_H

#include "daemon/daemon.h"

struct route_way;
struct tunnel;

/* The upper half of the cookies of its requests; no protocol's number. */
#define UNDERLAY_COOKIE		UINT32_MAX

bool underlay_open(struct daemon *d);
void underlay_close(struct daemon *d);

/* What links.c is told by the kernel. */
void underlay_route(struct daemon *d, const struct nl_route *r,
    struct rtnl_origin from);
void underlay_scan(struct daemon *d, enum nl_dump what, bool begin, int err);
void underlay_answer(struct daemon *d, uint32_t n, int err,
    const char *text);
void underlay_links(struct daemon *d);

/*
 * The kernel protocol is about to ask for a route of ours.  False: there is
 * no room for what has to go before it; offer it again.
 */
bool underlay_export(struct daemon *d, const struct nl_route *r);
/* … or one is wanted no more. */
void underlay_unexport(struct daemon *d, const struct prefix *net);

/* A peer is at ip now; way as the kernel says, or NULL where not asked. */
void underlay_endpoint(struct daemon *d, struct ip ip,
    const struct route_way *way);
/* With each poll: some are looked at again, for rules change silently. */
void underlay_poll(struct daemon *d);
/* Looks at all, at once: tunnels have gone. */
void underlay_now(struct daemon *d);

/*
 * How long the prefix of the underlay's own route to ip is, host routes of
 * ours not counted: 0 where there is no better than a default.
 */
unsigned underlay_match(struct daemon *d, struct ip ip,
    const struct route_way *way);
/* The tunnel of ours that packets to ip go to now, or NULL. */
struct tunnel *underlay_tunnel_to(struct daemon *d, struct ip ip);

#endif

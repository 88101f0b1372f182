/* SPDX-License-Identifier: ISC */
/*
 * Asking the kernel which way packets go, with its rules and marks and all.
 *
 *	route_ask_new(&a);
 *	route_ask(a, dst, 0, mark, &way);
 *
 * The kernel answers within the call.  Errors are negative errno:
 * -ENETUNREACH and the like where there is no way.  One thread.
 */
#ifndef WARREN_SYS_ROUTE_ASK_H
#define WARREN_SYS_ROUTE_ASK_H

#include "wire/netlink_route.h"

struct route_ask;

struct route_way {
	struct prefix match;	/* the route that decided */
	uint32_t table;		/* … and where it stands */
	uint32_t oif;		/* the first hop's */
	uint32_t mtu;		/* the path's, as far as known; 0 */
};

int route_ask_new(struct route_ask **ret_ask);
struct route_ask *route_ask_free(struct route_ask *a);	/* gives NULL */
/* oif of a link-local dst, else 0; mark 0: none. */
int route_ask(struct route_ask *a, struct ip dst, uint32_t oif,
    uint32_t mark, struct route_way *ret_way);

/*
 * Do packets to dst from src, an address of ours, leave by that interface?
 * False also where src is ours no more; true where there is no way at all.
 */
bool route_ask_fits(struct route_ask *a, struct ip dst, struct ip src,
    uint32_t ifindex, uint32_t mark);

/* All of the route that decided last: good until the next question. */
const struct nl_route *route_ask_route(const struct route_ask *a);
/* Of several next hops, the one that packets of ours to dst take. */
const struct nl_hop *route_ask_hop(const struct route_ask *a);

#endif

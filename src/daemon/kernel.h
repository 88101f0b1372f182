/* SPDX-License-Identifier: ISC */
/* What others may ask a kernel protocol. */
#ifndef WARREN_DAEMON_KERNEL_H
#define WARREN_DAEMON_KERNEL_H

#include "wire/netlink_route.h"

struct proto;

/* refused and what follows it: the last that the kernel would not have. */
struct kernel_view {
	uint32_t routes, refused;
	struct prefix net;
	int err;			/* negative errno */
	struct ip prefsrc;		/* that it had, or IP_NONE */
};

void kernel_look(const struct proto *p, struct kernel_view *ret);
/* Is the net's route wanted and not in the kernel?  The "!" of show route. */
bool kernel_refuses(const struct proto *p, const struct prefix *net);
/* All routes to ip that it wants in the kernel, the shortest first. */
void kernel_routes_to(struct proto *p, struct ip ip,
    void (*each)(void *ctx, const struct nl_route *r), void *ctx);

#endif

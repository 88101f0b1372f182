/* SPDX-License-Identifier: ISC */
/*
 * A protocol's VRF: the links that it may use are those whose master is the
 * VRF's device, and its sockets are bound to that.  Without "vrf" all links
 * are its, as in BIRD.
 */
#ifndef WARREN_DAEMON_VRF_H
#define WARREN_DAEMON_VRF_H

#include "daemon/proto.h"

/* Is a VRF asked for that is not there?  Then "message" tells of it. */
bool vrf_missing(struct proto *p);
bool vrf_has(const struct proto *p, const struct iface *i);
/* iface_of_neighbour() among the protocol's links. */
const struct iface *vrf_iface_to(const struct proto *p, struct ip ip,
    uint32_t ifindex, struct ip *ret_local);

#endif

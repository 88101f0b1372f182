/* SPDX-License-Identifier: ISC */
/* What others tell BGP's side of the daemon, and ask it. */
#ifndef WARREN_DAEMON_BGP_H
#define WARREN_DAEMON_BGP_H

#include "daemon/proto.h"

struct bgp_neighbour;
struct tunnel;
struct tunnel_peer;

/* A handshake: whoever is reached through this peer can be dialled now. */
void bgp_tunnel_peer_up(const struct tunnel *t, const struct tunnel_peer *p);
/* NULL while the protocol is down. */
struct bgp_neighbour *bgp_proto_neighbour(const struct proto *p);
/* Local port, remote port and address of the standing connection, as text. */
void bgp_proto_address(const struct proto *p, struct ip *ret_remote,
    uint32_t *ret_ifindex);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * What the kernel says of links, addresses and routes, brought to those who
 * want to know: links and addresses into daemon.ifaces, routes and answers to
 * the protocols.
 */
#ifndef WARREN_DAEMON_LINKS_H
#define WARREN_DAEMON_LINKS_H

#include "daemon/daemon.h"

/* Opens netlink and asks for everything; ready() once it was all seen. */
int links_open(struct daemon *d, void (*ready)(struct daemon *d));
void links_close(struct daemon *d);
/* Tells the protocols of changed interfaces; then forgets the gone ones. */
void links_tell(struct daemon *d);
/* BIRD's rule: the lowest IPv4 address that is not loopback; 0: none. */
uint32_t links_router_id(const struct daemon *d,
    const struct conf_pattern *from);
/* Does an interface pattern list have it?  An empty list has all. */
bool links_match(const struct conf_pattern *list, const struct iface *i,
    const struct iface_addr *a);

#endif

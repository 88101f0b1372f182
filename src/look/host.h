/* SPDX-License-Identifier: ISC */
/*
 * What a host is like at this moment, as the kernel and its WireGuard devices
 * say it: evidence for "explain" and "doctor".
 *
 * Each call asks and waits, a moment at most; for a program that a person
 * runs, not for a daemon.  Errors are negative errno.
 */
#ifndef WARREN_LOOK_HOST_H
#define WARREN_LOOK_HOST_H

#include "base/ip.h"
#include "wg/uapi.h"
#include "wire/netlink_route.h"

/*
 * A WireGuard device, the kernel's or a userspace one's.  -ENODEV: it is no
 * WireGuard interface, or there is no such interface; -EACCES: become root.
 * What it has of private keys is wiped.  wg_uapi_dump_done() in the end.
 */
int look_wg(const char *iface, struct wg_uapi_dump *ret);
/*
 * The peer that the device gives packets to this address, by the longest of
 * all allowed ips, and which of them; -1: nobody.
 */
int look_wg_peer(const struct wg_uapi_dump *d, struct ip ip,
    struct prefix *ret_net);

/*
 * The most specific route of the kernel's that says no to an address:
 * blackhole, unreachable or prohibit.  False: there is none.
 */
bool look_barrier(struct ip to, struct nl_route *ret);
/* The MTU of an interface; 0: there is none of that name. */
unsigned look_mtu(const char *iface);

/* The address that the host would send from; false: no way there. */
bool look_source(struct ip to, struct ip *ret);
bool look_own_address(struct ip ip);
/* What the interface's sysctl comes to: the greater of its own and all's. */
long look_rp_filter(const char *iface);

#endif

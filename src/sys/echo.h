/* SPDX-License-Identifier: ISC */
/*
 * A raw ICMPv6 socket for the packets of wire/echo.h, on one interface: the
 * kernel drops all others before they cost us anything, and fills in the
 * checksum.  Errors are negative errno.  Never blocks.
 */
#ifndef WARREN_SYS_ECHO_H
#define WARREN_SYS_ECHO_H

#include "base/bytes.h"
#include "base/ip.h"

/* From "local", a link-local address of that interface. */
int echo_open(const char *iface, uint32_t ifindex, struct ip local);
/* -EMSGSIZE where it does not fit: it is never sent in pieces. */
int echo_send(int fd, struct ip to, uint32_t ifindex, struct bytes b);
/* At once, and not through rtnetlink's queue: for the moment of a probe. */
int echo_set_mtu(int fd, const char *iface, unsigned mtu);
/* Octets, maybe more than cap; -EAGAIN: nothing is there. */
int echo_recv(int fd, uint8_t *buf, size_t cap, struct ip *ret_from);

#endif

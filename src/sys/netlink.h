/* SPDX-License-Identifier: ISC */
/*
 * A netlink socket: opened, sized, read and written, nothing more.
 *
 * Non-blocking and close-on-exec, with extended acknowledgements, without
 * the echo of the request in them, and with strict checking of dumps where
 * the kernel has it.  Errors are negative errno.
 */
#ifndef WARREN_SYS_NETLINK_H
#define WARREN_SYS_NETLINK_H

#include "base/bytes.h"

/* A datagram of the kernel's never exceeds this when read into as much. */
#define NETLINK_RECV	32768

/*
 * family: NETLINK_ROUTE or NETLINK_GENERIC; groups: RTMGRP_* or 0; rcvbuf in
 * bytes, forced past the system's limit where we may.  Gives the descriptor;
 * ret_port, when not NULL, is the address that the kernel gave us.
 */
int netlink_open(int family, uint32_t groups, size_t rcvbuf,
    uint32_t *ret_port);
/* What the socket really holds; the kernel counts its own overhead in it. */
size_t netlink_rcvbuf(int fd);
int netlink_send(int fd, struct bytes b);
/*
 * One datagram from the kernel: its size; 0 when there is none now;
 * -ENOBUFS when some were lost.  Datagrams from anybody else are skipped.
 */
int netlink_recv(int fd, void *buf, size_t cap);

#endif

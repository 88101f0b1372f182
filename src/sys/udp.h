/* SPDX-License-Identifier: ISC */
/*
 * The two UDP sockets of a tunnel, IPv4 and IPv6 on one port, in batches.
 *
 * Each datagram comes with the address it was sent to, and may be sent from
 * one, so that a host of many addresses answers from the one it was called
 * on.  Runs of datagrams of one size to one place travel as one message
 * where the kernel can cut (UDP_SEGMENT) and join (UDP_GRO) them.  As with
 * the kernel's WireGuard, IPv4 is sent without "don't fragment", and what
 * is too long for the path is fragmented.
 *
 *	err = udp_open(&u, port, mark);
 *	poll u.fd[0] and u.fd[1], either of which may be -1; when readable:
 *	udp_recv(rx, u.fd[i]);
 *	while (udp_recv_next(rx, &datagram)) ...
 *	udp_send(tx, &u, v, n);
 *
 * Errors are negative errno.  Not blocking, but that udp_send() waits a
 * little for a full socket.  A udp_rx or udp_tx belongs to one thread.
 */
#ifndef WARREN_SYS_UDP_H
#define WARREN_SYS_UDP_H

#include "base/ip.h"

struct udp_rx;
struct udp_tx;

struct udp {
	int fd[2];			/* IPv4, IPv6; -1 where there is none */
	uint16_t port;
	bool gso[2];			/* UDP_SEGMENT may be used */
};

struct udp_path {
	struct ip to;			/* the other side */
	struct ip from;			/* ours, IP_NONE: the kernel chooses */
	uint32_t from_if;		/* the interface that it came in by */
	uint32_t scope;			/* interface of a link-local "to" */
	uint16_t port;			/* the other side's */
};

struct udp_datagram {
	uint8_t *p;
	size_t n;
	struct udp_path path;
	uint8_t ds;			/* TOS or traffic class, with ECN */
	bool stale_source;		/* by udp_send: "from" is not ours */
};

/* port 0 is a random one, the same for both families; see ret->port. */
int udp_open(struct udp *ret, uint16_t port, uint32_t mark);
void udp_close(struct udp *u);
int udp_set_mark(struct udp *u, uint32_t mark);

/* NULL when out of memory. */
struct udp_rx *udp_rx_new(void);
struct udp_rx *udp_rx_free(struct udp_rx *rx);
/* Takes what is there, up to a batch; messages, 0 for none, or an error. */
int udp_recv(struct udp_rx *rx, int fd);
/* One by one what udp_recv() took; the bytes are good until the next one. */
bool udp_recv_next(struct udp_rx *rx, struct udp_datagram *ret);

struct udp_tx *udp_tx_new(void);
struct udp_tx *udp_tx_free(struct udp_tx *tx);
/*
 * Sends all, in order within each family; how many were given to the kernel.
 * What the kernel does not take is lost, as on any network.
 */
size_t udp_send(struct udp_tx *tx, struct udp *u, struct udp_datagram *v,
    size_t n);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * TCP sockets as BGP wants them.
 *
 * Non-blocking, close-on-exec, without Nagle's delay, with the class of
 * service of network control (CS6).  Descriptors are the caller's.  Errors
 * are negative errno.
 */
#ifndef WARREN_SYS_SOCKET_H
#define WARREN_SYS_SOCKET_H

#include "base/ip.h"

#define SOCKET_BGP_PORT	179

/* One end of a connection. */
struct socket_end {
	struct ip ip;		/* IP_NONE: any */
	uint16_t port;		/* 0: any */
	uint32_t scope;		/* link index, for a link-local address */
};

struct socket_opt {
	const char *iface;	/* bind to the device; NULL or "": no */
	/*
	 * Hop limit of what we send, 0: the system's.  RFC 5082 (GTSM) has
	 * 255 here and min_ttl 255 less the hops allowed between, plus 1.
	 */
	uint8_t ttl, min_ttl;
	bool freebind;		/* the address need not be there yet */
};

/*
 * A listening socket.  family says which any-address IP_NONE means; an IPv6
 * one never takes IPv4 connections.
 */
int socket_listen(enum family f, const struct socket_end *local,
    const struct socket_opt *opt);
/*
 * The next connection: its descriptor, -EAGAIN when there is none; failures
 * of a single connection (ECONNABORTED and the like) are skipped.
 */
int socket_accept(int fd, struct socket_end *ret_peer,
    struct socket_end *ret_local);

/*
 * Begins to connect: gives the descriptor at once, or the error.  When it
 * becomes writable, socket_connected() has 0 or what went wrong.
 * password: TCP MD5 (RFC 2385), NULL or "" for none.
 */
int socket_connect(const struct socket_end *local,
    const struct socket_end *peer, const struct socket_opt *opt,
    const char *password);
int socket_connected(int fd);

/* For connections that come out of accept(). */
int socket_set_ttl(int fd, uint8_t ttl, uint8_t min_ttl);
/*
 * TCP MD5 for one peer on a listening socket, before it connects; len is
 * how much of the address counts (32, 128 for one host).  NULL takes the
 * password away (-ENOENT where there was none).
 */
int socket_set_md5(int fd, const struct socket_end *peer, uint8_t len,
    const char *password);
int socket_ends(int fd, struct socket_end *ret_local,
    struct socket_end *ret_peer);

#endif

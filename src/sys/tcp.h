/* SPDX-License-Identifier: ISC */
/*
 * TCP sockets as BGP wants them.
 *
 * Non-blocking, close-on-exec, without Nagle's delay, with the class of
 * service of network control (CS6).  Descriptors are the caller's.  Errors
 * are negative errno.
 */
#ifndef WARREN_SYS_TCP_H
#define WARREN_SYS_TCP_H

#include "base/ip.h"

#define TCP_BGP_PORT	179

/* One end of a connection. */
struct tcp_end {
	struct ip ip;		/* IP_NONE: any */
	uint16_t port;		/* 0: any */
	uint32_t scope;		/* link index, for a link-local address */
};

#define TCP_AO_SECRET_MAX	80

/* A key of TCP-AO (RFC 5925); the secret is borrowed. */
struct tcp_ao_key {
	uint8_t send_id, recv_id;
	uint8_t n;			/* octets of the secret */
	bool first;			/* to begin with, and asked for */
	const char *algorithm;		/* the kernel's: "hmac(sha1)" */
	const uint8_t *secret;
};

struct tcp_opt {
	const char *iface;	/* bind to the device; NULL or "": no */
	/*
	 * Hop limit of what we send, 0: the system's.  RFC 5082 (GTSM) has
	 * 255 here and min_ttl 255 less the hops allowed between, plus 1.
	 */
	uint8_t ttl, min_ttl;
	bool freebind;		/* the address need not be there yet */
	const struct tcp_ao_key *ao;	/* tcp_connect()'s; n_ao of them */
	unsigned n_ao;
};

/*
 * A listening socket.  family says which any-address IP_NONE means; an IPv6
 * one never takes IPv4 connections.
 */
int tcp_listen(enum family f, const struct tcp_end *local,
    const struct tcp_opt *opt);
/*
 * The next connection: its descriptor, -EAGAIN when there is none; failures
 * of a single connection (ECONNABORTED and the like) are skipped.
 */
int tcp_accept(int fd, struct tcp_end *ret_peer,
    struct tcp_end *ret_local);

/*
 * Begins to connect: gives the descriptor at once, or the error.  When it
 * becomes writable, tcp_connected() has 0 or what went wrong.
 * password: TCP MD5 (RFC 2385), NULL or "" for none.
 */
int tcp_connect(const struct tcp_end *local,
    const struct tcp_end *peer, const struct tcp_opt *opt,
    const char *password);
int tcp_connected(int fd);

/* For connections that come out of accept(). */
int tcp_set_ttl(int fd, uint8_t ttl, uint8_t min_ttl);
/*
 * TCP MD5 for one peer on a listening socket, before it connects; len is
 * how much of the address counts (32, 128 for one host).  NULL takes the
 * password away (-ENOENT where there was none).
 */
int tcp_set_md5(int fd, const struct tcp_end *peer, uint8_t len,
    const char *password);
/*
 * TCP-AO for one peer on a listening socket; _del takes the key away.
 * ifindex: of the VRF, or 0.  -ENOPROTOOPT: the kernel has not got it, which
 * tcp_ao_served() says before.
 */
bool tcp_ao_served(void);
int tcp_ao_add(int fd, const struct tcp_end *peer,
    const struct tcp_ao_key *key);
int tcp_ao_del(int fd, const struct tcp_end *peer,
    const struct tcp_ao_key *key);
int tcp_ends(int fd, struct tcp_end *ret_local,
    struct tcp_end *ret_peer);

#endif

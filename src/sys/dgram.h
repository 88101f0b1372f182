/* SPDX-License-Identifier: ISC */
/*
 * Small datagrams with a TTL, as BFD wants them: one socket that hears
 * everybody, and for each session one that sends.
 *
 * Errors are negative errno.  Descriptors are the caller's, and not blocking.
 */
#ifndef WARREN_SYS_DGRAM_H
#define WARREN_SYS_DGRAM_H

#include "base/ip.h"

struct dgram_end {
	struct ip ip;
	uint16_t port;
	uint32_t scope;			/* interface of a link-local ip */
};

struct dgram_info {
	struct dgram_end from;
	struct ip to;
	uint32_t ifindex;		/* that it came in by */
	int ttl;			/* -1: the kernel did not say */
};

/*
 * at->ip IP_NONE: every address of the family.  zero_checksum: IPv6 packets
 * without one are taken, too (RFC 6935).
 */
int dgram_listen(enum family f, const struct dgram_end *at,
    bool zero_checksum);
/*
 * Sends to "to", with TTL 255, from a free port of 49152 to 65535 (RFC 5881
 * section 4) and, unless iface is NULL, through that interface only.
 */
int dgram_connect(const struct dgram_end *from, const struct dgram_end *to,
    const char *iface);
/* Octets; -EAGAIN: nothing is there. */
int dgram_recv(int fd, uint8_t *buf, size_t cap, struct dgram_info *ret);

#endif

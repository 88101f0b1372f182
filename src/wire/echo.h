/* SPDX-License-Identifier: ISC */
/*
 * The echo requests (RFC 4443, 4.1) by which one Warren asks whether the
 * tunnel to another one carries packets, and their answers.  The kernel of
 * the other end answers, so what is sent comes back as it was:
 *
 *	0   type 128, answer 129	1   code 0
 *	2   checksum, the kernel's	4   identifier, the socket's
 *	6   number
 *	8   "Wliv"
 *	12  between two requests, at most, in 10 ms (0: not said)
 *	14  how many octets of padding follow
 *
 * Without state.
 */
#ifndef WARREN_WIRE_ECHO_H
#define WARREN_WIRE_ECHO_H

#include "base/bytes.h"
#include "base/time.h"

#define ECHO_SIZE	16
#define ECHO_MAGIC	0x576c6976u	/* at octet 8 */
#define ECHO_REQUEST	128
#define ECHO_ANSWER	129
#define ECHO_UNIT	MILLISECONDS(10)

struct echo {
	bool answer;
	uint16_t id, seq;
	int64_t every;
	uint16_t padding;
};

/* buf has ECHO_SIZE octets; those of the padding are the caller's. */
void echo_encode(uint8_t buf[ECHO_SIZE], const struct echo *e);
/* Of n octets, the first of them at head.  False: not one of these. */
bool echo_decode(const uint8_t *head, size_t n, struct echo *ret);

#endif

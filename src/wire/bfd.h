/* SPDX-License-Identifier: ISC */
/*
 * BFD control packets: RFC 5880 sections 4.1 to 4.4.
 *
 * bfd_decode() makes the checks of section 6.8.6 that need no session, and
 * gives views into the bytes.  bfd_encode() writes the packet with the room
 * for its authentication, which whoever has the key then fills: the digest
 * is over the packet with the key in the digest's place.
 *
 * Intervals are microseconds, as on the wire.
 */
#ifndef WARREN_WIRE_BFD_H
#define WARREN_WIRE_BFD_H

#include "base/cursor.h"

#define BFD_VERSION	1
#define BFD_HEADER	24
#define BFD_PACKET_MAX	(BFD_HEADER + 28)
#define BFD_PORT_DIRECT		3784	/* RFC 5881 */
#define BFD_PORT_MULTIHOP	4784	/* RFC 5883 */

enum bfd_state {			/* as on the wire */
	BFD_ADMIN_DOWN, BFD_DOWN, BFD_INIT, BFD_UP, BFD_NSTATES
};

enum bfd_diag {
	BFD_DIAG_NONE, BFD_DIAG_TIMEOUT, BFD_DIAG_ECHO, BFD_DIAG_NEIGHBOUR,
	BFD_DIAG_RESET, BFD_DIAG_PATH, BFD_DIAG_CONCATENATED,
	BFD_DIAG_ADMIN, BFD_DIAG_REVERSE, BFD_NDIAGS
};

enum bfd_auth {
	BFD_AUTH_NONE, BFD_AUTH_SIMPLE, BFD_AUTH_MD5, BFD_AUTH_MD5_METICULOUS,
	BFD_AUTH_SHA1, BFD_AUTH_SHA1_METICULOUS, BFD_NAUTHS
};

#define BFD_PASSWORD_MAX	16	/* of BFD_AUTH_SIMPLE, and of MD5 */
#define BFD_SHA1_KEY_MAX	20

struct bfd_packet {
	uint8_t diag;			/* may be one that we do not know */
	uint8_t state;			/* enum bfd_state */
	bool poll, final, cpi, demand;
	uint8_t mult;			/* not zero */
	uint32_t my_discr;		/* not zero */
	uint32_t your_discr;
	uint32_t min_tx, min_rx, min_echo_rx;
	uint8_t auth;			/* enum bfd_auth */
	uint8_t key_id;
	uint32_t seq;			/* MD5 and SHA1 */
	/* The password, or the digest; with bfd_encode() only n counts. */
	struct bytes secret;
	size_t length;			/* of the whole; trailing is ignored */
};

/* NULL: good.  Else what is wrong, in a few words. */
const char *bfd_decode(struct bytes in, struct bfd_packet *ret);
/*
 * Appends; *ret_secret is where the password or digest goes, zeroed, and
 * NULL without authentication.  w is bad when it had no room.
 */
void bfd_encode(struct wr *w, const struct bfd_packet *p,
    uint8_t **ret_secret);

const char *bfd_state_text(uint8_t state);	/* "AdminDown" */
const char *bfd_diag_text(uint8_t diag);
size_t bfd_digest_size(uint8_t auth);		/* 16, 20; 0: no digest */

#endif

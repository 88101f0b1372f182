/* SPDX-License-Identifier: ISC */
/*
 * WireGuard's four messages (section 5.4 of the paper), bytes <-> structs.
 *
 * Numbers are little endian on the wire.  The first byte is the type, the
 * next three are zero.  The structs point into the bytes that they were
 * decoded from, or hold small copies; nothing is checked here but length and
 * type.  Only the transport message has a length of its own.
 */
#ifndef WARREN_WIRE_WG_H
#define WARREN_WIRE_WG_H

#include "base/bytes.h"

enum wg_msg_type {
	WG_MSG_NONE, WG_MSG_INITIATION, WG_MSG_RESPONSE, WG_MSG_COOKIE,
	WG_MSG_TRANSPORT
};

#define WG_INITIATION_LEN	148
#define WG_RESPONSE_LEN		92
#define WG_COOKIE_LEN		64
#define WG_TRANSPORT_HEADER	16
#define WG_TRANSPORT_MIN	32	/* a keepalive: header and tag */
#define WG_MACS_LEN		32	/* mac1, mac2: end of the first two */
#define WG_TIMESTAMP_LEN	12	/* TAI64N */

struct wg_initiation {
	uint32_t sender;
	uint8_t ephemeral[32];
	uint8_t enc_static[32 + 16];
	uint8_t enc_timestamp[WG_TIMESTAMP_LEN + 16];
};

struct wg_response {
	uint32_t sender, receiver;
	uint8_t ephemeral[32];
	uint8_t enc_nothing[16];
};

struct wg_cookie_reply {
	uint32_t receiver;
	uint8_t nonce[24];
	uint8_t enc_cookie[16 + 16];
};

/* What the bytes are; WG_MSG_NONE when the length does not fit the type. */
enum wg_msg_type wg_msg_type(struct bytes b);

/* Each takes bytes that wg_msg_type() gave that type; false for others. */
bool wg_initiation_decode(struct wg_initiation *ret, struct bytes b);
bool wg_response_decode(struct wg_response *ret, struct bytes b);
bool wg_cookie_reply_decode(struct wg_cookie_reply *ret, struct bytes b);

/* The macs' bytes are zeroed, for the caller to fill. */
void wg_initiation_encode(uint8_t out[WG_INITIATION_LEN],
    const struct wg_initiation *m);
void wg_response_encode(uint8_t out[WG_RESPONSE_LEN],
    const struct wg_response *m);
void wg_cookie_reply_encode(uint8_t out[WG_COOKIE_LEN],
    const struct wg_cookie_reply *m);

/* The header of a transport message, in the path of every packet. */
static inline void
wg_transport_encode(uint8_t out[WG_TRANSPORT_HEADER], uint32_t receiver,
    uint64_t counter)
{
	le32_put(out, WG_MSG_TRANSPORT);
	le32_put(out + 4, receiver);
	le64_put(out + 8, counter);
}

static inline uint32_t
wg_transport_receiver(const uint8_t *b)
{
	return le32_get(b + 4);
}

static inline uint64_t
wg_transport_counter(const uint8_t *b)
{
	return le64_get(b + 8);
}

#endif

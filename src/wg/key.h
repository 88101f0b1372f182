/* SPDX-License-Identifier: ISC */
/*
 * Keys as people and files write them, and what follows from a key.
 *
 * All text conversions take time that does not depend on the key's bytes.
 * Functions that print write a NUL behind the text.
 */
#ifndef WARREN_WG_KEY_H
#define WARREN_WG_KEY_H

#include "base/ip.h"
#include "crypto/crypto.h"

#define WG_KEY		CRYPTO_KEY
#define WG_KEY_BASE64	45	/* 44 characters and the NUL */
#define WG_KEY_HEX	65

/* Base64 of RFC 4648, as wg(8): exactly 44 characters, "=" at the end. */
bool wg_key_from_base64(uint8_t ret[WG_KEY], struct bytes text);
void wg_key_to_base64(char ret[WG_KEY_BASE64], const uint8_t key[WG_KEY]);
/* Exactly 64 hexadecimal digits of either case; printed in lower case. */
bool wg_key_from_hex(uint8_t ret[WG_KEY], struct bytes text);
void wg_key_to_hex(char ret[WG_KEY_HEX], const uint8_t key[WG_KEY]);

/* Makes a private key out of 32 random bytes, in place: clamped. */
void wg_key_private(uint8_t key[WG_KEY]);
/* False for a key without a usable public half. */
bool wg_key_public(uint8_t ret[WG_KEY], const uint8_t private_key[WG_KEY]);

/*
 * The link-local address of the interface that has this public key: fe80::
 * and as interface identifier the first 8 bytes of BLAKE2s-256, keyed with
 * the ASCII of "warren link local", of the public key's 32 bytes, with the
 * universal/local bit (0x02 of the first byte) cleared, for it is not made
 * from a hardware address (RFC 4291, 2.5.1).  An identifier of all zeros is
 * the routers' anycast address (RFC 4291, 2.6.1) and becomes ::1.  Both ends
 * know each other's public key, so each knows the other's address.  IP_NONE
 * only when memory is out.
 */
struct ip wg_link_local(const uint8_t public_key[WG_KEY]);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * The primitives of WireGuard behind one header; libraries do the work.
 *
 * BLAKE2s and ChaCha20-Poly1305 in bulk are OpenSSL's, fetched once by
 * crypto_new(); X25519, XChaCha20-Poly1305 and single small seals are
 * libsodium's, which needs no context for them.
 *
 * A struct crypto belongs to one thread.  A struct crypto_aead is one key for
 * many packets: it has a lane for each thread that uses it, lane numbers are
 * the caller's, and two threads may work at once on one key in two lanes.
 * Making and freeing it is one thread's, while no other is in it.
 *
 * False means that a library failed (no memory), that a ciphertext is not
 * authentic, or for X25519 that the result is the zero point.  Outputs are
 * then wiped.  No key leaves by any other way than a parameter.
 */
#ifndef WARREN_CRYPTO_CRYPTO_H
#define WARREN_CRYPTO_CRYPTO_H

#include "base/bytes.h"

#define CRYPTO_KEY	32	/* X25519 keys, AEAD keys, preshared keys */
#define CRYPTO_TAG	16
#define CRYPTO_HASH	32
#define CRYPTO_XNONCE	24

struct crypto;
struct crypto_aead;

/* NULL when a primitive is missing or memory is out. */
struct crypto *crypto_new(void);
struct crypto *crypto_free(struct crypto *c);	/* NULL in, NULL out */

/* BLAKE2s-256 of a and b, one after the other (RFC 7693). */
bool crypto_blake2s(struct crypto *c, uint8_t ret[CRYPTO_HASH], struct bytes a,
    struct bytes b);
/* Keyed BLAKE2s; ret_n from 1 to 32, key of 1 to 32 bytes. */
bool crypto_mac(struct crypto *c, uint8_t *ret, size_t ret_n,
    struct bytes key, struct bytes msg);
/* HMAC over BLAKE2s (RFC 2104 with a block of 64); key of at most 64. */
bool crypto_hmac(struct crypto *c, uint8_t ret[CRYPTO_HASH],
    struct bytes key, struct bytes a, struct bytes b);
/*
 * The paper's KDFn, RFC 5869 over crypto_hmac(): n (1 to 3) blocks of 32
 * bytes out of the chaining key and the input.  ret may be the chaining key.
 */
bool crypto_kdf(struct crypto *c, uint8_t (*ret)[CRYPTO_HASH], unsigned n,
    const uint8_t chaining[CRYPTO_HASH], struct bytes input);

/*
 * Nothing new is built on these; RFC 5880 and RFC 2385 ask for them.  False
 * where a library of today is told not to have them.
 */
#define CRYPTO_MD5	16
#define CRYPTO_SHA1	20
bool crypto_md5(struct crypto *c, uint8_t ret[CRYPTO_MD5], struct bytes msg);
bool crypto_sha1(struct crypto *c, uint8_t ret[CRYPTO_SHA1],
    struct bytes msg);

/* X25519 (RFC 7748). */
void crypto_x25519_clamp(uint8_t key[CRYPTO_KEY]);
bool crypto_x25519_public(uint8_t ret[CRYPTO_KEY],
    const uint8_t private_key[CRYPTO_KEY]);
bool crypto_x25519(uint8_t ret[CRYPTO_KEY],
    const uint8_t private_key[CRYPTO_KEY],
    const uint8_t public_key[CRYPTO_KEY]);

/*
 * ChaCha20-Poly1305 (RFC 8439) with WireGuard's nonce: four zero bytes and
 * the counter, little endian.  Bulk; in place: seal puts the tag behind the
 * n bytes, open takes n bytes of which the last 16 are the tag.
 */
struct crypto_aead *crypto_aead_new(const struct crypto *c,
    const uint8_t key[CRYPTO_KEY], unsigned lanes);
struct crypto_aead *crypto_aead_free(struct crypto_aead *a);
bool crypto_aead_seal(struct crypto_aead *a, unsigned lane, uint64_t counter,
    uint8_t *buf, size_t n);
bool crypto_aead_open(struct crypto_aead *a, unsigned lane, uint64_t counter,
    uint8_t *buf, size_t n);

/* The same for one message under a key used once; out may be in. */
void crypto_seal(uint8_t *out, const uint8_t key[CRYPTO_KEY],
    uint64_t counter, struct bytes in, struct bytes ad);
bool crypto_open(uint8_t *out, const uint8_t key[CRYPTO_KEY],
    uint64_t counter, struct bytes in, struct bytes ad);

/* XChaCha20-Poly1305, for cookie replies. */
void crypto_xseal(uint8_t *out, const uint8_t key[CRYPTO_KEY],
    const uint8_t nonce[CRYPTO_XNONCE], struct bytes in, struct bytes ad);
bool crypto_xopen(uint8_t *out, const uint8_t key[CRYPTO_KEY],
    const uint8_t nonce[CRYPTO_XNONCE], struct bytes in, struct bytes ad);

/* In time that does not depend on the contents. */
bool crypto_equal(const void *a, const void *b, size_t n);
bool crypto_is_zero(const void *p, size_t n);

/*
 * Text of secrets, also in constant time.  From: the whole text must be
 * exactly n bytes' worth.  To: writes a NUL behind; cap has room for it.
 */
bool crypto_from_base64(uint8_t *ret, size_t n, struct bytes text);
void crypto_to_base64(char *ret, size_t cap, struct bytes b);
bool crypto_from_hex(uint8_t *ret, size_t n, struct bytes text);
void crypto_to_hex(char *ret, size_t cap, struct bytes b);

#endif

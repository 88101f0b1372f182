/* SPDX-License-Identifier: ISC */
/*
 * The handshake Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s, section 5.4 of the
 * WireGuard paper, on the structs of wire/wg.h.  No macs, timers, indices'
 * tables or peers' lists here: only keys.
 *
 *	initiator				responder
 *	wg_noise_initiate()	--initiation-->	wg_noise_open()	who is it?
 *						wg_noise_respond()
 *	wg_noise_finish()	<--response--	   (keys)
 *	   (keys)
 *
 * A responder keeps nothing between the two messages, since it answers at
 * once.  So it does not disturb a handshake that it has begun itself, and
 * two peers that begin at the same moment both succeed at once, where an
 * implementation with one state for both roles loses both and waits for a
 * timer.  The messages are the same.
 *
 * Randomness is an argument.  False means that nothing was changed but the
 * outputs; intermediate secrets are wiped either way.  One thread.
 */
#ifndef WARREN_WG_NOISE_H
#define WARREN_WG_NOISE_H

#include "base/time.h"
#include "crypto/crypto.h"
#include "wg/key.h"
#include "wire/wg.h"

struct wg_identity {
	bool set;
	uint8_t private_key[WG_KEY], public_key[WG_KEY];
};

/* What this end knows of one other. */
struct wg_noise {
	uint8_t remote_static[WG_KEY];
	uint8_t psk[WG_KEY];
	uint8_t static_static[WG_KEY];	/* DH of both; zero if impossible */
	uint8_t timestamp[WG_TIMESTAMP_LEN];	/* the latest it has used */
	/* An initiation of ours that waits for its response. */
	bool pending;
	uint8_t ephemeral[WG_KEY], hash[CRYPTO_HASH], chaining[CRYPTO_HASH];
};

/* An initiation whose sender is known but not yet believed. */
struct wg_noise_opening {
	uint8_t remote_static[WG_KEY], remote_ephemeral[WG_KEY];
	uint8_t hash[CRYPTO_HASH], chaining[CRYPTO_HASH];
};

/* Keys of a session; the caller wipes them. */
struct wg_noise_keys {
	uint8_t send[WG_KEY], recv[WG_KEY];
};

/* False, and not set, for a key of zeros or without a public half. */
bool wg_identity_set(struct wg_identity *id, const uint8_t key[WG_KEY]);

/* After the peer's key or the identity changed; forgets what is pending. */
void wg_noise_init(struct wg_noise *n, const struct wg_identity *id,
    const uint8_t remote_static[WG_KEY]);
void wg_noise_rekey(struct wg_noise *n, const struct wg_identity *id);
void wg_noise_clear(struct wg_noise *n);	/* what is pending */
void wg_noise_done(struct wg_noise *n);		/* wipes all */

/*
 * TAI64N of a date, rounded down to 2^24 ns so that it tells little about
 * this machine's clock.
 */
void wg_tai64n(uint8_t ret[WG_TIMESTAMP_LEN], struct wall date);

/* sender is this end's index.  ephemeral: 32 random bytes. */
bool wg_noise_initiate(struct wg_noise *n, struct crypto *c,
    const struct wg_identity *id, const uint8_t ephemeral[WG_KEY],
    const uint8_t timestamp[WG_TIMESTAMP_LEN], uint32_t sender,
    struct wg_initiation *ret);

/* Who claims to have sent m. */
bool wg_noise_open(struct wg_noise_opening *ret, struct crypto *c,
    const struct wg_identity *id, const struct wg_initiation *m);
void wg_noise_opening_wipe(struct wg_noise_opening *o);

/*
 * Proves it: the timestamp is authentic and later than all before, and is
 * noted.  n is the one of o->remote_static.
 */
bool wg_noise_accept(struct wg_noise *n, struct crypto *c,
    struct wg_noise_opening *o, const struct wg_initiation *m);

/* Then the answer; sender is this end's index, receiver the other's. */
bool wg_noise_respond(const struct wg_noise *n, struct crypto *c,
    struct wg_noise_opening *o, const uint8_t ephemeral[WG_KEY],
    uint32_t sender, uint32_t receiver, struct wg_response *ret,
    struct wg_noise_keys *ret_keys);

/* The response to the pending initiation, which ends if it is authentic. */
bool wg_noise_finish(struct wg_noise *n, struct crypto *c,
    const struct wg_identity *id, const struct wg_response *m,
    struct wg_noise_keys *ret_keys);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * mac1, mac2 and cookies (sections 5.3, 5.4.4 and 5.4.7 of the paper), and
 * the limit on handshakes from one source.
 *
 * mac1 shows that a sender knows whom it talks to, so that a stranger gets no
 * answer at all.  Under load a sender must show as well, by mac2, that it
 * receives at its address: it gets a cookie, a MAC of that address under a
 * secret of ours that changes every two minutes.  Then it is counted by its
 * address.
 */
#ifndef WARREN_WG_COOKIE_H
#define WARREN_WG_COOKIE_H

#include "base/hash.h"
#include "base/time.h"
#include "crypto/crypto.h"
#include "wg/endpoint.h"
#include "wg/key.h"
#include "wire/wg.h"

#define WG_COOKIE		16
#define WG_COOKIE_MAX_AGE	SECONDS(120)
#define WG_COOKIE_LATENCY	SECONDS(5)	/* we stop using one earlier */

/* The device's half: checks and gives cookies. */
struct wg_checker {
	uint8_t mac1_key[CRYPTO_KEY], cookie_key[CRYPTO_KEY];
	uint8_t secret[CRYPTO_KEY];
	struct instant secret_until;
};

enum wg_macs {
	WG_MACS_BAD,		/* drop without a word */
	WG_MACS_1,		/* mac1 is right */
	WG_MACS_2		/* and so is mac2 */
};

bool wg_checker_set_key(struct wg_checker *k, struct crypto *c,
    const uint8_t public_key[WG_KEY]);
/* When true, give 32 random bytes to wg_checker_set_secret() first. */
bool wg_checker_stale(const struct wg_checker *k, struct instant now);
void wg_checker_set_secret(struct wg_checker *k, struct instant now,
    const uint8_t random[CRYPTO_KEY]);
/* msg is a whole initiation or response.  mac2 only if want2. */
enum wg_macs wg_checker_check(const struct wg_checker *k, struct crypto *c,
    struct bytes msg, const struct wg_endpoint *from, bool want2);
/* The answer to msg; nonce is random. */
bool wg_checker_reply(const struct wg_checker *k, struct crypto *c,
    struct bytes msg, const struct wg_endpoint *from,
    const uint8_t nonce[CRYPTO_XNONCE], struct wg_cookie_reply *ret);

/* A peer's half: uses cookies. */
struct wg_cookie {
	uint8_t mac1_key[CRYPTO_KEY], cookie_key[CRYPTO_KEY];
	uint8_t cookie[WG_COOKIE];
	struct instant until;		/* when not to use it any more */
	bool has_cookie, has_mac1;
	uint8_t mac1[16];		/* of what was sent last */
};

bool wg_cookie_init(struct wg_cookie *k, struct crypto *c,
    const uint8_t public_key[WG_KEY]);
/* Fills the last 32 bytes of a message of n bytes. */
bool wg_cookie_add_macs(struct wg_cookie *k, struct crypto *c,
    struct instant now, uint8_t *msg, size_t n);
/* False when it is not an answer to what was sent last. */
bool wg_cookie_take(struct wg_cookie *k, struct instant now,
    const struct wg_cookie_reply *m);

/*
 * A token bucket for each source address (/64 in IPv6): 20 a second, 5 at
 * once.  A fixed table; when it has no room for one more, the answer is no.
 */
struct wg_ratelimit;

struct wg_ratelimit *wg_ratelimit_new(const struct hash_key *key);
struct wg_ratelimit *wg_ratelimit_free(struct wg_ratelimit *r);
bool wg_ratelimit_allow(struct wg_ratelimit *r, struct instant now,
    struct ip source);

#endif

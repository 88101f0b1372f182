/* SPDX-License-Identifier: ISC */
#include "wg/cookie.h"

#include "base/mem.h"

#define MAC	16

static bool
label_key(struct crypto *c, uint8_t ret[CRYPTO_KEY], const char *label,
    const uint8_t public_key[WG_KEY])
{
	return crypto_blake2s(c, ret, bytes_str(label),
	    bytes_of(public_key, WG_KEY));
}

static bool
label_keys(struct crypto *c, uint8_t mac1[CRYPTO_KEY],
    uint8_t cookie[CRYPTO_KEY], const uint8_t public_key[WG_KEY])
{
	return label_key(c, mac1, "mac1----", public_key) &&
	    label_key(c, cookie, "cookie--", public_key);
}

/* mac1 is of all before it, mac2 of all before it, mac1 included. */
static bool
mac1_of(struct crypto *c, uint8_t ret[MAC], const uint8_t key[CRYPTO_KEY],
    struct bytes msg)
{
	return crypto_mac(c, ret, MAC, bytes_of(key, CRYPTO_KEY),
	    bytes_of(msg.p, msg.n - 2 * MAC));
}

static bool
mac2_of(struct crypto *c, uint8_t ret[MAC], const uint8_t cookie[WG_COOKIE],
    struct bytes msg)
{
	return crypto_mac(c, ret, MAC, bytes_of(cookie, WG_COOKIE),
	    bytes_of(msg.p, msg.n - MAC));
}

static bool
cookie_for(const struct wg_checker *k, struct crypto *c,
    uint8_t ret[WG_COOKIE], const struct wg_endpoint *from)
{
	uint8_t source[18];

	memcpy(source, from->addr.b, 16);
	be16_put(source + 16, from->port);
	return crypto_mac(c, ret, WG_COOKIE, bytes_of(k->secret, CRYPTO_KEY),
	    bytes_of(source, sizeof(source)));
}

bool
wg_checker_set_key(struct wg_checker *k, struct crypto *c,
    const uint8_t public_key[WG_KEY])
{
	return label_keys(c, k->mac1_key, k->cookie_key, public_key);
}

bool
wg_checker_stale(const struct wg_checker *k, struct instant now)
{
	return instant_due(k->secret_until, now);
}

void
wg_checker_set_secret(struct wg_checker *k, struct instant now,
    const uint8_t random[CRYPTO_KEY])
{
	memcpy(k->secret, random, CRYPTO_KEY);
	k->secret_until = instant_add(now, WG_COOKIE_MAX_AGE);
}

enum wg_macs
wg_checker_check(const struct wg_checker *k, struct crypto *c,
    struct bytes msg, const struct wg_endpoint *from, bool want2)
{
	uint8_t mac[MAC], cookie[WG_COOKIE];
	bool ok;

	if (msg.n < 2 * MAC || !mac1_of(c, mac, k->mac1_key, msg) ||
	    !crypto_equal(mac, msg.p + msg.n - 2 * MAC, MAC))
		return WG_MACS_BAD;
	if (!want2)
		return WG_MACS_1;
	ok = cookie_for(k, c, cookie, from) && mac2_of(c, mac, cookie, msg) &&
	    crypto_equal(mac, msg.p + msg.n - MAC, MAC);
	mem_wipe(cookie, sizeof(cookie));
	return ok ? WG_MACS_2 : WG_MACS_1;
}

bool
wg_checker_reply(const struct wg_checker *k, struct crypto *c,
    struct bytes msg, const struct wg_endpoint *from,
    const uint8_t nonce[CRYPTO_XNONCE], struct wg_cookie_reply *ret)
{
	uint8_t cookie[WG_COOKIE];

	if (msg.n < 2 * MAC + 8 || !cookie_for(k, c, cookie, from))
		return false;
	ret->receiver = le32_get(msg.p + 4);	/* its sender's index */
	memcpy(ret->nonce, nonce, sizeof(ret->nonce));
	crypto_xseal(ret->enc_cookie, k->cookie_key, nonce,
	    bytes_of(cookie, sizeof(cookie)),
	    bytes_of(msg.p + msg.n - 2 * MAC, MAC));
	mem_wipe(cookie, sizeof(cookie));
	return true;
}

bool
wg_cookie_init(struct wg_cookie *k, struct crypto *c,
    const uint8_t public_key[WG_KEY])
{
	memset(k, 0, sizeof(*k));
	return label_keys(c, k->mac1_key, k->cookie_key, public_key);
}

bool
wg_cookie_add_macs(struct wg_cookie *k, struct crypto *c, struct instant now,
    uint8_t *msg, size_t n)
{
	struct bytes b = bytes_of(msg, n);

	if (!mac1_of(c, msg + n - 2 * MAC, k->mac1_key, b))
		return false;
	memcpy(k->mac1, msg + n - 2 * MAC, MAC);
	k->has_mac1 = true;
	if (!k->has_cookie || instant_due(k->until, now)) {
		memset(msg + n - MAC, 0, MAC);
		return true;
	}
	return mac2_of(c, msg + n - MAC, k->cookie, b);
}

bool
wg_cookie_take(struct wg_cookie *k, struct instant now,
    const struct wg_cookie_reply *m)
{
	uint8_t cookie[WG_COOKIE];

	if (!k->has_mac1 || !crypto_xopen(cookie, k->cookie_key, m->nonce,
	    bytes_of(m->enc_cookie, sizeof(m->enc_cookie)),
	    bytes_of(k->mac1, MAC)))
		return false;
	memcpy(k->cookie, cookie, sizeof(cookie));
	mem_wipe(cookie, sizeof(cookie));
	k->has_cookie = true;
	k->has_mac1 = false;	/* one answer to one message */
	k->until = instant_add(now, WG_COOKIE_MAX_AGE - WG_COOKIE_LATENCY);
	return true;
}

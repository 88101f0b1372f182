/* SPDX-License-Identifier: ISC */
/*
 * Which library does what is decided by measurement: OpenSSL is 1.4 to 2.1
 * times as fast as libsodium at the size of a full packet if its context is
 * kept and only the nonce set, libsodium is faster below 500 bytes and needs
 * no context, and only OpenSSL has BLAKE2s.  For X25519 there is no winner;
 * libsodium takes raw keys without deriving the public half again.
 */
#include "crypto/crypto.h"

#include <assert.h>

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <sodium.h>

#include "base/mem.h"
#include "crypto/crypto_impl.h"

#define BLAKE2S_BLOCK	64

struct crypto *
crypto_new(void)
{
	struct crypto *c = mem_zalloc(sizeof(*c));

	if (!c)
		return NULL;
	if (sodium_init() < 0)		/* chooses the fast code paths */
		return crypto_free(c);
	c->chapoly = EVP_CIPHER_fetch(NULL, "ChaCha20-Poly1305", NULL);
	c->blake2s = EVP_MD_fetch(NULL, "BLAKE2S-256", NULL);
	c->blake2smac = EVP_MAC_fetch(NULL, "BLAKE2SMAC", NULL);
	c->md = EVP_MD_CTX_new();
	if (c->blake2smac)
		c->mac = EVP_MAC_CTX_new(c->blake2smac);
	if (!c->chapoly || !c->blake2s || !c->md || !c->mac)
		return crypto_free(c);
	return c;
}

struct crypto *
crypto_free(struct crypto *c)
{
	if (!c)
		return NULL;
	EVP_MAC_CTX_free(c->mac);
	EVP_MD_CTX_free(c->md);
	EVP_MAC_free(c->blake2smac);
	EVP_MD_free(c->blake2s);
	EVP_CIPHER_free(c->chapoly);
	mem_free(c);
	return NULL;
}

/* An empty run of bytes may come with a NULL pointer; the libraries differ. */
static bool
md_add(EVP_MD_CTX *md, struct bytes b)
{
	return b.n == 0 || EVP_DigestUpdate(md, b.p, b.n) == 1;
}

static bool
hash3(struct crypto *c, uint8_t ret[CRYPTO_HASH], struct bytes x,
    struct bytes a, struct bytes b)
{
	bool ok = EVP_DigestInit_ex2(c->md, c->blake2s, NULL) == 1 &&
	    md_add(c->md, x) && md_add(c->md, a) && md_add(c->md, b) &&
	    EVP_DigestFinal_ex(c->md, ret, NULL) == 1;

	if (!ok)
		mem_wipe(ret, CRYPTO_HASH);
	return ok;
}

bool
crypto_blake2s(struct crypto *c, uint8_t ret[CRYPTO_HASH], struct bytes a,
    struct bytes b)
{
	return hash3(c, ret, a, b, bytes_of(NULL, 0));
}

bool
crypto_mac(struct crypto *c, uint8_t *ret, size_t ret_n, struct bytes key,
    struct bytes msg)
{
	size_t size = ret_n;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
		OSSL_PARAM_construct_end()
	};
	bool ok = EVP_MAC_init(c->mac, key.p, key.n, params) == 1 &&
	    (msg.n == 0 || EVP_MAC_update(c->mac, msg.p, msg.n) == 1) &&
	    EVP_MAC_final(c->mac, ret, &size, ret_n) == 1 && size == ret_n;

	if (!ok)
		mem_wipe(ret, ret_n);
	return ok;
}

bool
crypto_hmac(struct crypto *c, uint8_t ret[CRYPTO_HASH], struct bytes key,
    struct bytes a, struct bytes b)
{
	uint8_t pad[BLAKE2S_BLOCK] = { 0 }, inner[CRYPTO_HASH];
	bool ok;

	assert(key.n <= sizeof(pad));
	memcpy(pad, key.p, key.n);
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36;
	ok = hash3(c, inner, bytes_of(pad, sizeof(pad)), a, b);
	for (size_t i = 0; i < sizeof(pad); i++)
		pad[i] ^= 0x36 ^ 0x5c;
	ok = ok && hash3(c, ret, bytes_of(pad, sizeof(pad)),
	    bytes_of(inner, sizeof(inner)), bytes_of(NULL, 0));
	mem_wipe(pad, sizeof(pad));
	mem_wipe(inner, sizeof(inner));
	if (!ok)
		mem_wipe(ret, CRYPTO_HASH);
	return ok;
}

bool
crypto_kdf(struct crypto *c, uint8_t (*ret)[CRYPTO_HASH], unsigned n,
    const uint8_t chaining[CRYPTO_HASH], struct bytes input)
{
	uint8_t secret[CRYPTO_HASH], prev[CRYPTO_HASH];
	struct bytes before = bytes_of(NULL, 0);
	bool ok;

	assert(n >= 1 && n <= 3);
	ok = crypto_hmac(c, secret, bytes_of(chaining, CRYPTO_HASH), input,
	    bytes_of(NULL, 0));
	for (uint8_t i = 1; ok && i <= n; i++) {
		ok = crypto_hmac(c, prev, bytes_of(secret, sizeof(secret)),
		    before, bytes_of(&i, 1));
		memcpy(ret[i - 1], prev, sizeof(prev));
		before = bytes_of(ret[i - 1], CRYPTO_HASH);
	}
	if (!ok)
		mem_wipe(ret, (size_t)n * CRYPTO_HASH);
	mem_wipe(secret, sizeof(secret));
	mem_wipe(prev, sizeof(prev));
	return ok;
}

void
crypto_x25519_clamp(uint8_t key[CRYPTO_KEY])
{
	key[0] &= 248;
	key[31] = (key[31] & 127) | 64;
}

bool
crypto_x25519_public(uint8_t ret[CRYPTO_KEY],
    const uint8_t private_key[CRYPTO_KEY])
{
	if (crypto_scalarmult_curve25519_base(ret, private_key) == 0 &&
	    !crypto_is_zero(ret, CRYPTO_KEY))
		return true;
	mem_wipe(ret, CRYPTO_KEY);
	return false;
}

bool
crypto_x25519(uint8_t ret[CRYPTO_KEY], const uint8_t private_key[CRYPTO_KEY],
    const uint8_t public_key[CRYPTO_KEY])
{
	/* Libsodium refuses points of small order before it multiplies. */
	if (crypto_scalarmult_curve25519(ret, private_key, public_key) == 0 &&
	    !crypto_is_zero(ret, CRYPTO_KEY))
		return true;
	mem_wipe(ret, CRYPTO_KEY);
	return false;
}

static void
nonce_of(uint8_t nonce[12], uint64_t counter)
{
	memset(nonce, 0, 4);
	le64_put(nonce + 4, counter);
}

void
crypto_seal(uint8_t *out, const uint8_t key[CRYPTO_KEY], uint64_t counter,
    struct bytes in, struct bytes ad)
{
	uint8_t nonce[12];

	nonce_of(nonce, counter);
	crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, in.p, in.n, ad.p,
	    ad.n, NULL, nonce, key);
}

bool
crypto_open(uint8_t *out, const uint8_t key[CRYPTO_KEY], uint64_t counter,
    struct bytes in, struct bytes ad)
{
	uint8_t nonce[12];

	if (in.n < CRYPTO_TAG)
		return false;
	nonce_of(nonce, counter);
	if (crypto_aead_chacha20poly1305_ietf_decrypt(out, NULL, NULL, in.p,
	    in.n, ad.p, ad.n, nonce, key) == 0)
		return true;
	mem_wipe(out, in.n - CRYPTO_TAG);
	return false;
}

void
crypto_xseal(uint8_t *out, const uint8_t key[CRYPTO_KEY],
    const uint8_t nonce[CRYPTO_XNONCE], struct bytes in, struct bytes ad)
{
	crypto_aead_xchacha20poly1305_ietf_encrypt(out, NULL, in.p, in.n,
	    ad.p, ad.n, NULL, nonce, key);
}

bool
crypto_xopen(uint8_t *out, const uint8_t key[CRYPTO_KEY],
    const uint8_t nonce[CRYPTO_XNONCE], struct bytes in, struct bytes ad)
{
	if (in.n < CRYPTO_TAG)
		return false;
	if (crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL, in.p,
	    in.n, ad.p, ad.n, nonce, key) == 0)
		return true;
	mem_wipe(out, in.n - CRYPTO_TAG);
	return false;
}

bool
crypto_equal(const void *a, const void *b, size_t n)
{
	return sodium_memcmp(a, b, n) == 0;
}

bool
crypto_is_zero(const void *p, size_t n)
{
	return sodium_is_zero(p, n) == 1;
}

bool
crypto_from_base64(uint8_t *ret, size_t n, struct bytes text)
{
	size_t got;

	if (text.n == (n + 2) / 3 * 4 &&
	    sodium_base642bin(ret, n, (const char *)text.p, text.n, NULL, &got,
	    NULL, sodium_base64_VARIANT_ORIGINAL) == 0 && got == n)
		return true;
	mem_wipe(ret, n);
	return false;
}

void
crypto_to_base64(char *ret, size_t cap, struct bytes b)
{
	sodium_bin2base64(ret, cap, b.p, b.n, sodium_base64_VARIANT_ORIGINAL);
}

bool
crypto_from_hex(uint8_t *ret, size_t n, struct bytes text)
{
	size_t got;

	if (text.n == n * 2 &&
	    sodium_hex2bin(ret, n, (const char *)text.p, text.n, NULL, &got,
	    NULL) == 0 && got == n)
		return true;
	mem_wipe(ret, n);
	return false;
}

void
crypto_to_hex(char *ret, size_t cap, struct bytes b)
{
	sodium_bin2hex(ret, cap, b.p, b.n);
}

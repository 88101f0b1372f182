/* SPDX-License-Identifier: ISC */
/*
 * A key for many packets: one OpenSSL context for each lane, made by the
 * first packet in that lane, with the key set once.  Setting a nonce alone
 * keeps the key schedule: 1.4 us for a full packet instead of 3.5.
 *
 * Short messages go to libsodium, which needs no context and has less to do
 * before the first byte: half of OpenSSL's time up to 512 bytes (an
 * acknowledgement of TCP, a keepalive), as much as it at 1024.
 */
#include "crypto/crypto.h"

#include <assert.h>

#include <openssl/evp.h>

#include "base/mem.h"
#include "crypto/crypto_impl.h"

#define SHORT	768

struct crypto_aead {
	const EVP_CIPHER *cipher;	/* the struct crypto's */
	uint8_t key[CRYPTO_KEY];
	unsigned lanes;
	EVP_CIPHER_CTX *ctx[];
};

struct crypto_aead *
crypto_aead_new(const struct crypto *c, const uint8_t key[CRYPTO_KEY],
    unsigned lanes)
{
	struct crypto_aead *a = mem_zalloc(sizeof(*a) +
	    lanes * sizeof(a->ctx[0]));

	if (!a)
		return NULL;
	a->cipher = c->chapoly;
	a->lanes = lanes;
	memcpy(a->key, key, CRYPTO_KEY);
	return a;
}

struct crypto_aead *
crypto_aead_free(struct crypto_aead *a)
{
	if (!a)
		return NULL;
	/* OpenSSL cleanses a context's key when it frees it. */
	for (unsigned i = 0; i < a->lanes; i++)
		EVP_CIPHER_CTX_free(a->ctx[i]);
	mem_wipe(a, sizeof(*a));
	mem_free(a);
	return NULL;
}

static EVP_CIPHER_CTX *
lane_open(struct crypto_aead *a, unsigned lane)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	if (!ctx)
		return NULL;
	if (EVP_CipherInit_ex2(ctx, a->cipher, a->key, NULL, 1, NULL) != 1) {
		EVP_CIPHER_CTX_free(ctx);
		return NULL;
	}
	return a->ctx[lane] = ctx;
}

/* The lane's context, ready for a message; enc is 1 to seal, 0 to open. */
static EVP_CIPHER_CTX *
lane_start(struct crypto_aead *a, unsigned lane, uint64_t counter, int enc)
{
	uint8_t nonce[12] = { 0 };
	EVP_CIPHER_CTX *ctx;

	assert(lane < a->lanes);
	ctx = a->ctx[lane] ? a->ctx[lane] : lane_open(a, lane);
	le64_put(nonce + 4, counter);
	if (!ctx || EVP_CipherInit_ex2(ctx, NULL, NULL, nonce, enc, NULL) != 1)
		return NULL;
	return ctx;
}

bool
crypto_aead_seal(struct crypto_aead *a, unsigned lane, uint64_t counter,
    uint8_t *buf, size_t n)
{
	EVP_CIPHER_CTX *ctx;
	int got = 0;

	if (n < SHORT) {
		crypto_seal(buf, a->key, counter, bytes_of(buf, n),
		    bytes_of(NULL, 0));
		return true;
	}
	ctx = lane_start(a, lane, counter, 1);
	return ctx && n <= INT32_MAX &&
	    EVP_CipherUpdate(ctx, buf, &got, buf, (int)n) == 1 &&
	    EVP_CipherFinal_ex(ctx, buf + n, &got) == 1 &&
	    EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, CRYPTO_TAG,
	    buf + n) == 1;
}

bool
crypto_aead_open(struct crypto_aead *a, unsigned lane, uint64_t counter,
    uint8_t *buf, size_t n)
{
	EVP_CIPHER_CTX *ctx;
	uint8_t end[16];
	int got = 0;

	if (n < CRYPTO_TAG || n > INT32_MAX)
		return false;
	if (n < SHORT)
		return crypto_open(buf, a->key, counter, bytes_of(buf, n),
		    bytes_of(NULL, 0));
	n -= CRYPTO_TAG;
	ctx = lane_start(a, lane, counter, 0);
	if (!ctx)
		return false;
	if (EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, CRYPTO_TAG,
	    buf + n) == 1 &&
	    EVP_CipherUpdate(ctx, buf, &got, buf, (int)n) == 1 &&
	    EVP_CipherFinal_ex(ctx, end, &got) == 1)
		return true;
	mem_wipe(buf, n);	/* never leave what was not authentic */
	return false;
}

/* SPDX-License-Identifier: ISC */
/* Digests that old protocols ask for. */
#include "crypto/crypto.h"

#include "base/mem.h"
#include "crypto/crypto_impl.h"

static bool
digest(struct crypto *c, const char *name, uint8_t *ret, size_t n,
    struct bytes msg)
{
	EVP_MD *md = EVP_MD_fetch(NULL, name, NULL);
	bool ok = md != NULL && (size_t)EVP_MD_get_size(md) == n &&
	    EVP_DigestInit_ex2(c->md, md, NULL) == 1 &&
	    (msg.n == 0 || EVP_DigestUpdate(c->md, msg.p, msg.n) == 1) &&
	    EVP_DigestFinal_ex(c->md, ret, NULL) == 1;

	EVP_MD_free(md);
	if (!ok)
		mem_wipe(ret, n);
	return ok;
}

bool
crypto_md5(struct crypto *c, uint8_t ret[CRYPTO_MD5], struct bytes msg)
{
	return digest(c, "MD5", ret, CRYPTO_MD5, msg);
}

bool
crypto_sha1(struct crypto *c, uint8_t ret[CRYPTO_SHA1], struct bytes msg)
{
	return digest(c, "SHA1", ret, CRYPTO_SHA1, msg);
}

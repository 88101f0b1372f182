/* SPDX-License-Identifier: ISC */
/* What the files of this folder share. */
#ifndef WARREN_CRYPTO_CRYPTO_IMPL_H
#define WARREN_CRYPTO_CRYPTO_IMPL_H

#include <openssl/evp.h>

struct crypto {
	EVP_CIPHER *chapoly;
	EVP_MD *blake2s;
	EVP_MAC *blake2smac;
	EVP_MD_CTX *md;		/* used again for every hash */
	EVP_MAC_CTX *mac;
};

#endif

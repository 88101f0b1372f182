/* SPDX-License-Identifier: ISC */
/*
 * Hashing.  hash_keyed() is SipHash-1-3 with a secret key, for tables whose
 * keys a peer can choose; hash_mix() is a fast mixer for numbers that pass
 * through a secret seed first.
 */
#ifndef WARREN_BASE_HASH_H
#define WARREN_BASE_HASH_H

#include "base/bytes.h"

struct hash_key {
	uint64_t k[2];
};

uint64_t hash_keyed(const struct hash_key *key, struct bytes b);

static inline uint64_t
hash_mix(uint64_t x)
{
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	x ^= x >> 32;
	x *= 0xd6e8feb86659fd93u;
	x ^= x >> 32;
	return x;
}

#endif

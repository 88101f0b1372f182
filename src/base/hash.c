/* SPDX-License-Identifier: ISC */
/*
 * SipHash (Aumasson and Bernstein, 2012) with one round a word and three at
 * the end: enough against chosen keys in a table, at half SipHash-2-4's price.
 */
#include "base/hash.h"

struct state {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t
rotl(uint64_t x, unsigned n)
{
	return x << n | x >> (64 - n);
}

static inline void
sip_round(struct state *s)
{
	s->v0 += s->v1;
	s->v2 += s->v3;
	s->v1 = rotl(s->v1, 13) ^ s->v0;
	s->v3 = rotl(s->v3, 16) ^ s->v2;
	s->v0 = rotl(s->v0, 32);
	s->v2 += s->v1;
	s->v0 += s->v3;
	s->v1 = rotl(s->v1, 17) ^ s->v2;
	s->v3 = rotl(s->v3, 21) ^ s->v0;
	s->v2 = rotl(s->v2, 32);
}

static inline void
absorb(struct state *s, uint64_t m)
{
	s->v3 ^= m;
	sip_round(s);
	s->v0 ^= m;
}

uint64_t
hash_keyed(const struct hash_key *key, struct bytes b)
{
	struct state s = {
		.v0 = key->k[0] ^ 0x736f6d6570736575u,
		.v1 = key->k[1] ^ 0x646f72616e646f6du,
		.v2 = key->k[0] ^ 0x6c7967656e657261u,
		.v3 = key->k[1] ^ 0x7465646279746573u,
	};
	uint64_t last = (uint64_t)b.n << 56;
	size_t i;

	for (i = 0; b.n - i >= 8; i += 8)
		absorb(&s, le64_get(b.p + i));
	for (unsigned shift = 0; i < b.n; i++, shift += 8)
		last |= (uint64_t)b.p[i] << shift;
	absorb(&s, last);
	s.v2 ^= 0xff;
	for (int r = 0; r < 3; r++)
		sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

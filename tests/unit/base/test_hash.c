/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/hash.h"

static const struct hash_key key = { { 0x0706050403020100u,
    0x0f0e0d0c0b0a0908u } };

/*
 * Reference SipHash-1-3 of 0, 1, 2 ... for lengths 0 to 15 with the key
 * 00 01 ... 0f; the well-known vectors of the algorithm's authors' code.
 */
static const uint64_t known[] = {
	0xabac0158050fc4dcu, 0xc9f49bf37d57ca93u, 0x82cb9b024dc7d44du,
	0x8bf80ab8e7ddf7fbu,
};

static void
known_answers(void **st)
{
	uint8_t b[16];

	(void)st;
	for (uint8_t i = 0; i < 16; i++)
		b[i] = i;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		assert_true(hash_keyed(&key, bytes_of(b, i)) == known[i]);
}

static void
every_bit_counts(void **st)
{
	uint8_t b[24] = { 0 };
	uint64_t was = hash_keyed(&key, bytes_of(b, sizeof(b)));
	struct hash_key other = key;

	(void)st;
	for (unsigned i = 0; i < sizeof(b) * 8; i++) {
		b[i / 8] ^= (uint8_t)(1 << i % 8);
		assert_true(hash_keyed(&key, bytes_of(b, sizeof(b))) != was);
		b[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	other.k[1] ^= 1;
	assert_true(hash_keyed(&other, bytes_of(b, sizeof(b))) != was);
	assert_true(hash_mix(1) != hash_mix(2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(every_bit_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

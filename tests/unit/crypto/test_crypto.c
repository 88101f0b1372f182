/* SPDX-License-Identifier: ISC */
/* Vectors are the RFCs' own; the rest was computed with another library. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "crypto/crypto.h"

static struct crypto *c;

static struct bytes
unhex(uint8_t *buf, const char *hex)
{
	size_t n = strlen(hex) / 2;

	assert_true(crypto_from_hex(buf, n, bytes_str(hex)));
	return bytes_of(buf, n);
}

static void
expect(const uint8_t *got, size_t n, const char *hex)
{
	uint8_t want[256];

	assert_int_equal(strlen(hex), 2 * n);
	unhex(want, hex);
	assert_memory_equal(got, want, n);
}

static int
setup(void **state)
{
	(void)state;
	c = crypto_new();
	return c ? 0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	c = crypto_free(c);
	return 0;
}

/* RFC 7693, appendix B, and a hash in two parts. */
static void
test_blake2s(void **state)
{
	uint8_t out[32];

	(void)state;
	assert_true(crypto_blake2s(c, out, bytes_str("abc"),
	    bytes_of(NULL, 0)));
	expect(out, 32, "508c5e8c327c14e2e1a72ba34eeb452f"
	    "37458b209ed63a294d999b4c86675982");
	assert_true(crypto_blake2s(c, out, bytes_str("a"), bytes_str("bc")));
	expect(out, 32, "508c5e8c327c14e2e1a72ba34eeb452f"
	    "37458b209ed63a294d999b4c86675982");
}

static void
test_mac(void **state)
{
	uint8_t key[32], out[32];

	(void)state;
	for (uint8_t i = 0; i < 32; i++)
		key[i] = i;
	assert_true(crypto_mac(c, out, 16, bytes_of(key, 32),
	    bytes_str("abc")));
	expect(out, 16, "61ba5f165c194692e09d12520cc4c74a");
	assert_true(crypto_mac(c, out, 32, bytes_of(key, 32),
	    bytes_of(NULL, 0)));
	expect(out, 32, "48a8997da407876b3d79c0d92325ad3b"
	    "89cbb754d86ab71aee047ad345fd2c49");
	assert_true(crypto_hmac(c, out, bytes_of(key, 32),
	    bytes_str("hello "), bytes_str("world")));
	expect(out, 32, "ab8de334c780c9f8619f195f50dc4653"
	    "044dc0a584c7398a3b89c2a8206ee1b6");
}

static void
test_kdf(void **state)
{
	static const char *const want[3] = {
		"fbff6119f265251560576e82518f61ae"
		"b420cff55b5dcf649475b758a01f3951",
		"a534dd2f7d3e7e614508dba7c675d5cf"
		"1008b383670cd8fd46231aa38bbfb618",
		"618328297d2af9af1df2c2ef6bba1ab4"
		"1ddfb8e0fd0ee8bdb7ef237790eba011"
	};
	uint8_t out[3][32], chaining[32] = { 0 };

	(void)state;
	for (unsigned n = 1; n <= 3; n++) {
		assert_true(crypto_kdf(c, out, n, chaining,
		    bytes_str("input")));
		for (unsigned i = 0; i < n; i++)
			expect(out[i], 32, want[i]);
	}
}

/* RFC 7748, section 5.2; both ends agree; no zero point. */
static void
test_x25519(void **state)
{
	uint8_t k[32], u[32], pub_k[32], pub_u[32], x[32], y[32];
	uint8_t zero[32] = { 0 }, one[32] = { 1 };

	(void)state;
	unhex(k, "a546e36bf0527c9d3b16154b82465edd"
	    "62144c0ac1fc5a18506a2244ba449ac4");
	unhex(u, "e6db6867583030db3594c1a424b15f7c"
	    "726624ec26b3353b10a903a6d0ab1c4c");
	assert_true(crypto_x25519(x, k, u));
	expect(x, 32, "c3da55379de9c6908e94ea4df28d084f"
	    "32eccf03491c71f754b4075577a28552");
	assert_true(crypto_x25519_public(pub_k, k));
	assert_true(crypto_x25519_public(pub_u, u));
	assert_true(crypto_x25519(x, k, pub_u));
	assert_true(crypto_x25519(y, u, pub_k));
	assert_memory_equal(x, y, 32);
	assert_false(crypto_x25519(x, k, zero));
	assert_true(crypto_is_zero(x, 32));
	assert_false(crypto_x25519(x, k, one));	/* a point of order 4 */
	assert_true(crypto_is_zero(x, 32));
}

/* RFC 8439, appendix A.5, whose nonce begins with four zeros as ours. */
static void
test_seal_rfc8439(void **state)
{
	static const char text[] = "Internet-Drafts are draft documents valid"
	    " for a maximum of six months and may be updated, replaced, or "
	    "obsoleted by other documents at any time. It is inappropriate "
	    "to use Internet-Drafts as reference material or to cite them "
	    "other than as /\xe2\x80\x9cwork in progress./\xe2\x80\x9d";
	uint8_t key[32], ad[12], out[sizeof(text) + 16], back[sizeof(text)];
	const size_t n = sizeof(text) - 1;
	const uint64_t nonce = 0x0807060504030201;

	(void)state;
	unhex(key, "1c9240a5eb55d38af333888604f6b5f0"
	    "473917c1402b80099dca5cbc207075c0");
	unhex(ad, "f33388860000000000004e91");
	assert_int_equal(n, 265);
	crypto_seal(out, key, nonce, bytes_of(text, n), bytes_of(ad, 12));
	expect(out, 16, "64a0861575861af460f062c79be643bd");
	expect(out + n, 16, "eead9d67890cbb22392336fea1851f38");
	assert_true(crypto_open(back, key, nonce, bytes_of(out, n + 16),
	    bytes_of(ad, 12)));
	assert_memory_equal(back, text, n);
	out[0] ^= 1;
	assert_false(crypto_open(back, key, nonce, bytes_of(out, n + 16),
	    bytes_of(ad, 12)));
	assert_true(crypto_is_zero(back, n));
	assert_false(crypto_open(back, key, nonce, bytes_of(out, 15),
	    bytes_of(ad, 12)));
}

/* The bulk way and the other library give the same, at all sizes. */
static void
test_bulk(void **state)
{
	uint8_t key[32] = { 7 }, buf[1600], want[1600], plain[1600];
	struct crypto_aead *a = crypto_aead_new(c, key, 2);
	struct crypto_aead *b = crypto_aead_new(c, key, 1);

	(void)state;
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] = (uint8_t)(i * 31);
	for (size_t n = 0; n + 16 <= sizeof(buf); n += n < 130 ||
	    (n > 740 && n < 790) ? 1 : 47) {
		uint64_t counter = n << 40 | n;

		memcpy(buf, plain, n);
		assert_true(crypto_aead_seal(a, n & 1, counter, buf, n));
		crypto_seal(want, key, counter, bytes_of(plain, n),
		    bytes_of(NULL, 0));
		assert_memory_equal(buf, want, n + 16);
		assert_true(crypto_aead_open(b, 0, counter, buf, n + 16));
		assert_memory_equal(buf, plain, n);

		memcpy(buf, want, n + 16);
		buf[n / 2] ^= 0x80;
		assert_false(crypto_aead_open(b, 0, counter, buf, n + 16));
		assert_true(crypto_is_zero(buf, n));
		memcpy(buf, want, n + 16);
		assert_false(crypto_aead_open(b, 0, counter + 1, buf,
		    n + 16));
	}
	assert_false(crypto_aead_open(b, 0, 0, buf, 15));
	crypto_aead_free(a);
	crypto_aead_free(b);
	assert_null(crypto_aead_free(NULL));
}

/* draft-irtf-cfrg-xchacha-03, appendix A.3.1: key 80..9f, nonce 40..57. */
static void
test_xseal(void **state)
{
	static const char text[] = "Ladies and Gentlemen of the class of '99:"
	    " If I could offer you only one tip for the future, sunscreen "
	    "would be it.";
	const size_t n = sizeof(text) - 1;
	uint8_t key[32], nonce[24], ad[12], out[sizeof(text) + 16];
	uint8_t back[sizeof(text)];

	(void)state;
	for (uint8_t i = 0; i < 32; i++)
		key[i] = 0x80 + i;
	for (uint8_t i = 0; i < 24; i++)
		nonce[i] = 0x40 + i;
	unhex(ad, "50515253c0c1c2c3c4c5c6c7");
	crypto_xseal(out, key, nonce, bytes_of(text, n), bytes_of(ad, 12));
	expect(out + n, 16, "c0875924c1c7987947deafd8780acf49");
	assert_true(crypto_xopen(back, key, nonce, bytes_of(out, n + 16),
	    bytes_of(ad, 12)));
	assert_memory_equal(back, text, n);
	nonce[23] ^= 1;
	assert_false(crypto_xopen(back, key, nonce, bytes_of(out, n + 16),
	    bytes_of(ad, 12)));
}

static void
test_base64(void **state)
{
	static const char *const bad[] = {
		"", "AAAA", "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHy",
		"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyB=",	/* bits */
		"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA",
		"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eH A=",
		"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAA",
		"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=A",
	};
	static const char good[] =
	    "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=";
	uint8_t key[32];
	char text[65];

	(void)state;
	assert_true(crypto_from_base64(key, 32, bytes_str(good)));
	for (uint8_t i = 0; i < 32; i++)
		assert_int_equal(key[i], i + 1);
	crypto_to_base64(text, 45, bytes_of(key, 32));
	assert_string_equal(text, good);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(crypto_from_base64(key, 32, bytes_str(bad[i])));
	assert_true(crypto_from_hex(key, 2, bytes_str("aBc0")));
	crypto_to_hex(text, 5, bytes_of(key, 2));
	assert_string_equal(text, "abc0");
	assert_false(crypto_from_hex(key, 2, bytes_str("abcg")));
	assert_false(crypto_from_hex(key, 2, bytes_str("abc")));
	assert_false(crypto_from_hex(key, 2, bytes_str("abcd0")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blake2s),
		cmocka_unit_test(test_mac),
		cmocka_unit_test(test_kdf),
		cmocka_unit_test(test_x25519),
		cmocka_unit_test(test_seal_rfc8439),
		cmocka_unit_test(test_bulk),
		cmocka_unit_test(test_xseal),
		cmocka_unit_test(test_base64),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}

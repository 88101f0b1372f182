/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "crypto/crypto.h"

/* RFC 1321 A.5 and RFC 3174 7.3: "abc". */
static void
known_answers(void **state)
{
	static const uint8_t md5[] = { 0x90, 0x01, 0x50, 0x98, 0x3c, 0xd2,
	    0x4f, 0xb0, 0xd6, 0x96, 0x3f, 0x7d, 0x28, 0xe1, 0x7f, 0x72 };
	static const uint8_t sha1[] = { 0xa9, 0x99, 0x3e, 0x36, 0x47, 0x06,
	    0x81, 0x6a, 0xba, 0x3e, 0x25, 0x71, 0x78, 0x50, 0xc2, 0x6c,
	    0x9c, 0xd0, 0xd8, 0x9d };
	struct crypto *c = crypto_new();
	uint8_t out[CRYPTO_SHA1];

	(void)state;
	assert_non_null(c);
	assert_true(crypto_md5(c, out, bytes_str("abc")));
	assert_memory_equal(out, md5, sizeof(md5));
	assert_true(crypto_sha1(c, out, bytes_str("abc")));
	assert_memory_equal(out, sha1, sizeof(sha1));
	assert_true(crypto_md5(c, out, bytes_of(NULL, 0)));
	crypto_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

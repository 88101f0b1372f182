/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "wire/wg.h"

/* Where each field stands: the figures of the paper's section 5.4. */
static void
test_layout(void **state)
{
	uint8_t b[WG_INITIATION_LEN];
	struct wg_initiation i = { .sender = 0x04030201 };
	struct wg_response r = { .sender = 0x04030201,
	    .receiver = 0x08070605 };
	struct wg_cookie_reply k = { .receiver = 0x04030201 };

	(void)state;
	i.ephemeral[0] = 0xe0;
	i.enc_static[0] = 0xe1;
	i.enc_timestamp[27] = 0xe2;
	memset(b, 0xff, sizeof(b));
	wg_initiation_encode(b, &i);
	assert_int_equal(le32_get(b), 1);
	assert_int_equal(b[4], 1);
	assert_int_equal(b[7], 4);
	assert_int_equal(b[8], 0xe0);
	assert_int_equal(b[40], 0xe1);
	assert_int_equal(b[115], 0xe2);
	for (size_t n = 116; n < 148; n++)
		assert_int_equal(b[n], 0);

	r.ephemeral[31] = 0xe3;
	r.enc_nothing[15] = 0xe4;
	wg_response_encode(b, &r);
	assert_int_equal(le32_get(b), 2);
	assert_int_equal(b[4], 1);
	assert_int_equal(b[11], 8);
	assert_int_equal(b[43], 0xe3);
	assert_int_equal(b[59], 0xe4);
	assert_int_equal(b[91], 0);

	k.nonce[23] = 0xe5;
	k.enc_cookie[31] = 0xe6;
	wg_cookie_reply_encode(b, &k);
	assert_int_equal(le32_get(b), 3);
	assert_int_equal(b[4], 1);
	assert_int_equal(b[31], 0xe5);
	assert_int_equal(b[63], 0xe6);

	wg_transport_encode(b, 0x04030201, 0x0807060504030201);
	assert_int_equal(le32_get(b), 4);
	assert_int_equal(b[4], 1);
	assert_int_equal(b[8], 1);
	assert_int_equal(b[15], 8);
	assert_int_equal(wg_transport_receiver(b), 0x04030201);
	assert_int_equal(wg_transport_counter(b), 0x0807060504030201);
}

/* decode(encode(x)) = x */
static void
test_round_trip(void **state)
{
	struct wg_initiation i, i2;
	struct wg_response r, r2;
	struct wg_cookie_reply k, k2;
	uint8_t b[WG_INITIATION_LEN];

	(void)state;
	for (size_t n = 0; n < sizeof(i); n++)
		((uint8_t *)&i)[n] = (uint8_t)(n * 3 + 1);
	memcpy(&r, &i, sizeof(r));
	memcpy(&k, &i, sizeof(k));
	wg_initiation_encode(b, &i);
	assert_true(wg_initiation_decode(&i2, bytes_of(b, 148)));
	assert_memory_equal(&i, &i2, sizeof(i));
	assert_false(wg_response_decode(&r2, bytes_of(b, 148)));
	wg_response_encode(b, &r);
	assert_true(wg_response_decode(&r2, bytes_of(b, 92)));
	assert_memory_equal(&r, &r2, sizeof(r));
	assert_false(wg_cookie_reply_decode(&k2, bytes_of(b, 92)));
	wg_cookie_reply_encode(b, &k);
	assert_true(wg_cookie_reply_decode(&k2, bytes_of(b, 64)));
	assert_memory_equal(&k, &k2, sizeof(k));
	assert_false(wg_initiation_decode(&i2, bytes_of(b, 64)));
}

/* Type and length must fit; the reserved bytes must be zero. */
static void
test_type(void **state)
{
	uint8_t b[200] = { 0 };

	(void)state;
	for (unsigned type = 0; type < 8; type++)
		for (size_t n = 0; n <= sizeof(b); n++) {
			enum wg_msg_type want = WG_MSG_NONE;

			if ((type == 1 && n == 148) || (type == 2 && n == 92)
			    || (type == 3 && n == 64) || (type == 4 &&
			    n >= 32))
				want = (enum wg_msg_type)type;
			b[0] = (uint8_t)type;
			assert_int_equal(wg_msg_type(bytes_of(b, n)), want);
			for (int i = 1; i < 4; i++) {
				b[i] = 1;
				assert_int_equal(wg_msg_type(bytes_of(b, n)),
				    WG_MSG_NONE);
				b[i] = 0;
			}
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

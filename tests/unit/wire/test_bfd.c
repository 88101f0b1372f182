/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "wire/bfd.h"

/* Section 4.1: Up, poll, three times 100 ms and 10 ms. */
static const uint8_t plain[] = {
	0x20, 0xe0, 3, 24, 0, 0, 0, 7, 0, 0, 0, 9,
	0, 0x01, 0x86, 0xa0, 0, 0, 0x27, 0x10, 0, 0, 0, 0
};

static void
is_decoded(void **state)
{
	struct bfd_packet p;

	(void)state;
	assert_null(bfd_decode(bytes_of(plain, sizeof(plain)), &p));
	assert_int_equal(p.state, BFD_UP);
	assert_int_equal(p.diag, BFD_DIAG_NONE);
	assert_true(p.poll);
	assert_false(p.final || p.demand || p.cpi);
	assert_int_equal(p.mult, 3);
	assert_int_equal(p.my_discr, 7);
	assert_int_equal(p.your_discr, 9);
	assert_int_equal(p.min_tx, 100000);
	assert_int_equal(p.min_rx, 10000);
	assert_int_equal(p.auth, BFD_AUTH_NONE);
}

static const char *
with(unsigned at, uint8_t value)
{
	uint8_t b[sizeof(plain)];
	struct bfd_packet p;

	memcpy(b, plain, sizeof(b));
	b[at] = value;
	return bfd_decode(bytes_of(b, sizeof(b)), &p);
}

/* Section 6.8.6, check by check. */
static void
is_refused(void **state)
{
	struct bfd_packet p;

	(void)state;
	assert_non_null(bfd_decode(bytes_of(plain, 23), &p));
	assert_string_equal(with(0, 0x00), "wrong version");
	assert_string_equal(with(0, 0x40), "wrong version");
	assert_string_equal(with(3, 23), "wrong length");
	assert_string_equal(with(3, 25), "wrong length");
	assert_string_equal(with(2, 0), "detection multiplier is zero");
	assert_string_equal(with(1, 0xc1), "multipoint bit is set");
	assert_string_equal(with(7, 0), "discriminator is zero");
	/* Without our discriminator only Down and AdminDown may come. */
	assert_non_null(with(11, 0));
	assert_string_equal(with(1, 0xc4), "authentication section too short");
}

static void
down_needs_no_discriminator(void **state)
{
	uint8_t b[sizeof(plain)];
	struct bfd_packet p;

	(void)state;
	memcpy(b, plain, sizeof(b));
	b[11] = 0;
	b[1] = BFD_DOWN << 6;
	assert_null(bfd_decode(bytes_of(b, sizeof(b)), &p));
	b[1] = BFD_ADMIN_DOWN << 6;
	assert_null(bfd_decode(bytes_of(b, sizeof(b)), &p));
	b[1] = BFD_INIT << 6;
	assert_non_null(bfd_decode(bytes_of(b, sizeof(b)), &p));
}

static void
goes_round(void **state)
{
	(void)state;
	for (uint8_t auth = 0; auth < BFD_NAUTHS; auth++) {
		struct bfd_packet p = { .state = BFD_INIT, .diag = 3,
		    .mult = 5, .my_discr = 1, .your_discr = 2, .min_tx = 3,
		    .min_rx = 4, .min_echo_rx = 5, .final = true,
		    .auth = auth, .key_id = 6, .seq = 0xfffffffe }, q;
		uint8_t buf[BFD_PACKET_MAX], *secret;
		struct wr w = wr_of(buf, sizeof(buf));

		p.secret.n = 9;
		bfd_encode(&w, &p, &secret);
		assert_false(w.bad);
		assert_int_equal(secret != NULL, auth != BFD_AUTH_NONE);
		assert_null(bfd_decode(bytes_of(buf, wr_len(&w)), &q));
		assert_int_equal(q.length, wr_len(&w));
		assert_int_equal(q.state, p.state);
		assert_int_equal(q.diag, p.diag);
		assert_true(q.final && !q.poll);
		assert_int_equal(q.min_tx, p.min_tx);
		assert_int_equal(q.auth, auth);
		if (auth == BFD_AUTH_NONE)
			continue;
		assert_int_equal(q.key_id, 6);
		assert_ptr_equal(q.secret.p, secret);
		assert_int_equal(q.secret.n, auth == BFD_AUTH_SIMPLE ? 9 :
		    bfd_digest_size(auth));
		if (auth != BFD_AUTH_SIMPLE)
			assert_int_equal(q.seq, p.seq);
		/* One octet less, whatever the length says. */
		assert_non_null(bfd_decode(bytes_of(buf, wr_len(&w) - 1),
		    &q));
		buf[BFD_HEADER + 1]++;
		assert_non_null(bfd_decode(bytes_of(buf, wr_len(&w)), &q));
		buf[BFD_HEADER] = 77;
		assert_non_null(bfd_decode(bytes_of(buf, wr_len(&w)), &q));
	}
}

static void
no_room_is_bad(void **state)
{
	struct bfd_packet p = { .mult = 1, .auth = BFD_AUTH_SHA1 };
	uint8_t buf[BFD_PACKET_MAX], *secret;

	(void)state;
	for (size_t n = 0; n < BFD_PACKET_MAX; n++) {
		struct wr w = wr_of(buf, n);

		bfd_encode(&w, &p, &secret);
		assert_true(w.bad);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_decoded),
		cmocka_unit_test(is_refused),
		cmocka_unit_test(down_needs_no_discriminator),
		cmocka_unit_test(goes_round),
		cmocka_unit_test(no_room_is_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

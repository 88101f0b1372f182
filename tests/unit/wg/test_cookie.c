/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "wg/cookie.h"

static struct crypto *c;
static struct wg_checker checker;
static struct wg_cookie cookie;
static struct wg_endpoint from;
static uint8_t msg[WG_INITIATION_LEN];

static struct instant
at(int64_t s)
{
	return (struct instant){ .ns = SECONDS(s) };
}

static enum wg_macs
check(bool want2)
{
	return wg_checker_check(&checker, c, bytes_of(msg, sizeof(msg)),
	    &from, want2);
}

static int
setup(void **state)
{
	uint8_t key[32] = { 9 }, secret[32] = { 5 };

	(void)state;
	c = crypto_new();
	memset(&checker, 0, sizeof(checker));
	assert_true(wg_checker_set_key(&checker, c, key));
	assert_true(wg_checker_stale(&checker, at(0)));
	wg_checker_set_secret(&checker, at(0), secret);
	assert_true(wg_cookie_init(&cookie, c, key));
	from = (struct wg_endpoint){ .addr = ip4(0xc0000201), .port = 99 };
	memset(msg, 0x55, sizeof(msg));
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	c = crypto_free(c);
	return 0;
}

static void
test_mac1(void **state)
{
	(void)state;
	assert_int_equal(check(false), WG_MACS_BAD);
	assert_true(wg_cookie_add_macs(&cookie, c, at(0), msg, sizeof(msg)));
	assert_int_equal(check(false), WG_MACS_1);
	assert_int_equal(check(true), WG_MACS_1);
	assert_true(crypto_is_zero(msg + sizeof(msg) - 16, 16));
	for (size_t i = 0; i < sizeof(msg) - 16; i++) {
		msg[i] ^= 1;
		assert_int_equal(check(true), WG_MACS_BAD);
		msg[i] ^= 1;
	}
}

static void
take_cookie(int64_t s)
{
	struct wg_cookie_reply r;
	uint8_t nonce[24] = { 3 };

	assert_true(wg_cookie_add_macs(&cookie, c, at(s), msg, sizeof(msg)));
	assert_true(wg_checker_reply(&checker, c, bytes_of(msg, sizeof(msg)),
	    &from, nonce, &r));
	assert_int_equal(r.receiver, 0x55555555);
	r.enc_cookie[0] ^= 1;
	assert_false(wg_cookie_take(&cookie, at(s), &r));
	r.enc_cookie[0] ^= 1;
	assert_true(wg_cookie_take(&cookie, at(s), &r));
	assert_false(wg_cookie_take(&cookie, at(s), &r));
}

static void
test_mac2(void **state)
{
	uint8_t other[32] = { 6 };

	(void)state;
	take_cookie(0);
	assert_true(wg_cookie_add_macs(&cookie, c, at(1), msg, sizeof(msg)));
	assert_int_equal(check(true), WG_MACS_2);
	from.port++;
	assert_int_equal(check(true), WG_MACS_1);
	from.port--;
	from.addr.b[15]++;
	assert_int_equal(check(true), WG_MACS_1);
	from.addr.b[15]--;
	assert_int_equal(check(true), WG_MACS_2);

	assert_false(wg_checker_stale(&checker, at(119)));
	assert_true(wg_checker_stale(&checker, at(120)));
	wg_checker_set_secret(&checker, at(120), other);
	assert_int_equal(check(true), WG_MACS_1);
}

/* The sender stops using a cookie 5 s before it could be refused. */
static void
test_cookie_age(void **state)
{
	(void)state;
	take_cookie(0);
	assert_true(wg_cookie_add_macs(&cookie, c, at(114), msg,
	    sizeof(msg)));
	assert_int_equal(check(true), WG_MACS_2);
	assert_true(wg_cookie_add_macs(&cookie, c, at(115), msg,
	    sizeof(msg)));
	assert_int_equal(check(true), WG_MACS_1);
}

static void
test_ratelimit(void **state)
{
	struct hash_key key = { .k = { 1, 2 } };
	struct wg_ratelimit *r = wg_ratelimit_new(&key);
	struct ip a = ip4(0x0a000001), b = ip4(0x0a000002);
	struct ip six = { .b = { 0x20, 1 } }, near = six, far = six;
	int got = 0;

	(void)state;
	for (int i = 0; i < 10; i++)
		got += wg_ratelimit_allow(r, at(100), a);
	assert_int_equal(got, 5);
	assert_true(wg_ratelimit_allow(r, at(100), b));
	/* 20 a second from then on, however often it is asked. */
	got = 0;
	for (int ms = 1; ms <= 2000; ms++)
		got += wg_ratelimit_allow(r, (struct instant){
		    .ns = SECONDS(100) + MILLISECONDS(ms) }, a);
	assert_int_equal(got, 40);
	/* An IPv6 source is its /64. */
	near.b[15] = 9;
	far.b[7] = 9;
	for (int i = 0; i < 5; i++)
		assert_true(wg_ratelimit_allow(r, at(200), six));
	assert_false(wg_ratelimit_allow(r, at(200), near));
	assert_true(wg_ratelimit_allow(r, at(200), far));
	/* A flood of sources fills the table; it empties by itself. */
	got = 0;
	for (uint32_t i = 0; i < 100000; i++)
		got += wg_ratelimit_allow(r, at(300), ip4(i << 8));
	assert_true(got > 8000 && got <= 16384);
	assert_true(wg_ratelimit_allow(r, at(301), ip4(1)));
	wg_ratelimit_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_mac1, setup, teardown),
		cmocka_unit_test_setup_teardown(test_mac2, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cookie_age, setup,
		    teardown),
		cmocka_unit_test(test_ratelimit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

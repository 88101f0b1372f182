/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "wg/noise.h"

static struct crypto *c;
static struct wg_identity alice, bob;
static struct wg_noise a, b;	/* alice's view of bob, bob's of alice */
static uint8_t eph_a[32], eph_b[32];

static void
fill(uint8_t *p, uint8_t v)
{
	for (uint8_t i = 0; i < 32; i++)
		p[i] = (uint8_t)(v + i * 7);
}

static int
setup(void **state)
{
	uint8_t key[32];

	(void)state;
	c = crypto_new();
	fill(key, 1);
	assert_true(wg_identity_set(&alice, key));
	fill(key, 2);
	assert_true(wg_identity_set(&bob, key));
	fill(eph_a, 3);
	fill(eph_b, 4);
	wg_noise_init(&a, &alice, bob.public_key);
	wg_noise_init(&b, &bob, alice.public_key);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	c = crypto_free(c);
	return 0;
}

static bool
initiate(struct wg_initiation *m, int64_t s)
{
	uint8_t stamp[WG_TIMESTAMP_LEN];

	wg_tai64n(stamp, (struct wall){ .s = s });
	return wg_noise_initiate(&a, c, &alice, eph_a, stamp, 0x1111, m);
}

static bool
answer(const struct wg_initiation *m, struct wg_response *r,
    struct wg_noise_keys *k)
{
	struct wg_noise_opening o;

	if (!wg_noise_open(&o, c, &bob, m))
		return false;
	assert_memory_equal(o.remote_static, alice.public_key, 32);
	return wg_noise_accept(&b, c, &o, m) &&
	    wg_noise_respond(&b, c, &o, eph_b, 0x2222, m->sender, r, k);
}

static void
test_handshake(void **state)
{
	struct wg_noise_keys ka, kb;
	struct wg_initiation m;
	struct wg_response r;

	(void)state;
	assert_true(initiate(&m, 1000));
	assert_true(a.pending);
	assert_true(answer(&m, &r, &kb));
	assert_int_equal(r.sender, 0x2222);
	assert_int_equal(r.receiver, 0x1111);
	assert_true(wg_noise_finish(&a, c, &alice, &r, &ka));
	assert_false(a.pending);
	assert_memory_equal(ka.send, kb.recv, 32);
	assert_memory_equal(ka.recv, kb.send, 32);
	assert_memory_not_equal(ka.send, ka.recv, 32);
	/* The ephemeral key is gone: the same response does not do again. */
	assert_true(crypto_is_zero(a.ephemeral, 32));
	assert_false(wg_noise_finish(&a, c, &alice, &r, &ka));
}

static void
test_psk(void **state)
{
	struct wg_noise_keys ka, kb, ka2;
	struct wg_initiation m;
	struct wg_response r;

	(void)state;
	fill(a.psk, 9);
	assert_true(initiate(&m, 1000));
	assert_true(answer(&m, &r, &kb));
	/* A wrong psk fails, and does not spoil the handshake. */
	assert_false(wg_noise_finish(&a, c, &alice, &r, &ka));
	assert_true(a.pending);
	memset(a.psk, 0, 32);
	assert_true(wg_noise_finish(&a, c, &alice, &r, &ka));
	assert_memory_equal(ka.send, kb.recv, 32);

	fill(a.psk, 9);
	fill(b.psk, 9);
	assert_true(initiate(&m, 1001));
	assert_true(answer(&m, &r, &kb));
	assert_true(wg_noise_finish(&a, c, &alice, &r, &ka2));
	assert_memory_equal(ka2.send, kb.recv, 32);
	assert_memory_not_equal(ka2.send, ka.send, 32);
}

static void
test_replayed(void **state)
{
	struct wg_noise_keys k;
	struct wg_initiation m, older;
	struct wg_response r;

	(void)state;
	assert_true(initiate(&older, 999));
	assert_true(initiate(&m, 1000));
	assert_true(answer(&m, &r, &k));
	assert_false(answer(&m, &r, &k));
	assert_false(answer(&older, &r, &k));
	assert_true(initiate(&m, 1001));
	assert_true(answer(&m, &r, &k));
}

/* Each bit of each message counts. */
static void
test_forged(void **state)
{
	struct wg_noise_keys k;
	struct wg_initiation m, bad;
	struct wg_response r, worse;
	uint8_t *p = (uint8_t *)&bad, *q = (uint8_t *)&worse;

	(void)state;
	assert_true(initiate(&m, 1000));
	for (size_t i = offsetof(struct wg_initiation, ephemeral);
	    i < sizeof(m); i++) {
		bad = m;
		p[i] ^= 1;
		assert_false(answer(&bad, &r, &k));
	}
	assert_true(answer(&m, &r, &k));
	for (size_t i = offsetof(struct wg_response, ephemeral);
	    i < sizeof(r); i++) {
		worse = r;
		q[i] ^= 1;
		assert_false(wg_noise_finish(&a, c, &alice, &worse, &k));
	}
	assert_true(wg_noise_finish(&a, c, &alice, &r, &k));
	/* A key of small order is no identity to talk to. */
	memset(bad.ephemeral, 0, 32);
	assert_false(answer(&bad, &r, &k));
}

/* To a third party the initiation says nothing. */
static void
test_stranger(void **state)
{
	struct wg_noise_opening o;
	struct wg_identity eve, none = { 0 };
	struct wg_initiation m;
	uint8_t key[32], zero[32] = { 0 };

	(void)state;
	fill(key, 50);
	assert_true(wg_identity_set(&eve, key));
	assert_true(initiate(&m, 1));
	assert_false(wg_noise_open(&o, c, &eve, &m));
	assert_false(wg_noise_open(&o, c, &none, &m));
	assert_false(wg_identity_set(&none, zero));
	assert_false(wg_noise_initiate(&a, c, &none, eph_a, zero, 1, &m));
	assert_false(a.pending);
}

static void
test_timestamp(void **state)
{
	static const uint8_t want[12] = { 0x40, 0, 0, 0, 0x5f, 0xee, 0x66,
	    0x0a, 0x05, 0, 0, 0 };	/* 10 s after .s */
	uint8_t got[12];

	(void)state;
	wg_tai64n(got, (struct wall){ .s = 0x5fee6600, .ns = 0x05ffffff });
	assert_memory_equal(got, want, 12);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_handshake, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_psk, setup, teardown),
		cmocka_unit_test_setup_teardown(test_replayed, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_forged, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_stranger, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(test_timestamp, setup,
		    teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

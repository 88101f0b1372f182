/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "wg/endpoint.h"
#include "wg/key.h"

/* The public half as wg(8) gives it. */
static void
test_public(void **state)
{
	uint8_t key[32], pub[32];
	char text[WG_KEY_BASE64];

	(void)state;
	memset(key, 7, sizeof(key));
	wg_key_private(key);
	assert_int_equal(key[0], 0);
	assert_int_equal(key[31], 0x47);
	assert_true(wg_key_public(pub, key));
	wg_key_to_base64(text, pub);
	assert_string_equal(text,
	    "E75P6uryBMf9M1j8nAByGIHRdCeBKCJ+xnTzf3/pe20=");
}

static void
test_link_local(void **state)
{
	uint8_t key[32];
	struct ip a, b;

	(void)state;
	for (unsigned i = 0; i < 64; i++) {
		memset(key, (int)i, sizeof(key));
		a = wg_link_local(key);
		assert_true(ip_is_link_local(a));
		assert_int_equal(be64_get(a.b), (uint64_t)0xfe80 << 48);
		assert_int_equal(a.b[8] & 0x02, 0);
		assert_true(ip_eq(a, wg_link_local(key)));
		key[31] ^= 1;
		b = wg_link_local(key);
		assert_false(ip_eq(a, b));
	}
}

static void
endpoint(const char *text)
{
	struct wg_endpoint e;
	char buf[WG_ENDPOINT_TEXT];

	assert_true(wg_endpoint_parse(&e, bytes_str(text)));
	assert_string_equal(wg_endpoint_text(&e, buf), text);
}

static uint32_t
scope_of(void *arg, const char *name)
{
	(void)arg;
	return strcmp(name, "eth0") == 0 ? 2 : 0;
}

static void
test_endpoint(void **state)
{
	static const char *const bad[] = {
		"", ":", ":1", "192.0.2.1", "192.0.2.1:", "192.0.2.1:65536",
		"192.0.2.1:-1", "192.0.2.1:1x", "2001:db8::1:51820",
		"[2001:db8::1]", "[2001:db8::1]:", "[2001:db8::1]1",
		"[192.0.2.1]:1", "[fe80::1%]:1", "[fe80::1%eth0]:1",
		"[fe80::1%0]:1", "example.net:1", "[", "[]:1",
		"192.0.2.1:+1", " 192.0.2.1:1", "192.0.2.1:00000000001",
	};
	struct wg_endpoint e;

	(void)state;
	endpoint("192.0.2.1:51820");
	endpoint("[2001:db8::1]:1");
	endpoint("[fe80::1%3]:65535");
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(wg_endpoint_parse(&e, bytes_str(bad[i])));
	assert_false(wg_endpoint_parse(&e, bytes_of("1.2.3.4\0:1", 10)));
	assert_true(wg_endpoint_parse_scoped(&e,
	    bytes_str("[fe80::1%eth0]:7"), scope_of, NULL));
	assert_int_equal(e.scope, 2);
	assert_false(wg_endpoint_parse_scoped(&e,
	    bytes_str("[fe80::1%eth1]:7"), scope_of, NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_public),
		cmocka_unit_test(test_link_local),
		cmocka_unit_test(test_endpoint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

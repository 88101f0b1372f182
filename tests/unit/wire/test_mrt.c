/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "hex.h"
#include "wire/mrt.h"

static uint8_t buf[256];

static void
assert_bytes(const struct wr *w, const char *text)
{
	struct bytes b = hex(text);

	assert_false(w->bad);
	assert_int_equal(wr_len(w), b.n);
	assert_memory_equal(w->start, b.p, b.n);
	hex_free(b);
}

static struct prefix
net_of(const char *text)
{
	struct prefix p;

	assert_true(prefix_parse(text, &p));
	return p;
}

/* RFC 6396 4.3.1 */
static void
test_peers(void **state)
{
	struct mrt_peer peer[2] = { { .as = 0 }, { .router_id = 0x01020304,
	    .ip = ip4(0xc0000201), .as = 4200000000u } };
	struct wr w = wr_of(buf, sizeof(buf));

	(void)state;
	mrt_peer_index(&w, 0x6b010b5b, 0x01010101, "tab", peer, 2);
	assert_bytes(&w, "6b010b5b 000d 0001 00000031 01010101 "
	    "0003 746162 0002 "
	    "03 00000000 00000000 00000000 00000000 00000000 00000000 "
	    "02 01020304 c0000201 fa56ea00");
}

/* 4.3.2, and RFC 8050 4.1 */
static void
test_rib(void **state)
{
	struct prefix net = net_of("10.128.0.0/9");
	struct wr w = wr_of(buf, sizeof(buf));
	uint8_t *mark, *e;

	(void)state;
	mark = mrt_rib_begin(&w, 7, 3, &net, false);
	e = mrt_entry_begin(&w, 1, 5, false, 9);
	wr_be32(&w, 0x40010100);
	mrt_entry_end(&w, e);
	e = mrt_entry_begin(&w, 0, 6, false, 0);
	mrt_entry_end(&w, e);
	mrt_rib_end(&w, mark, &net, 2);
	assert_bytes(&w, "00000007 000d 0002 0000001d 00000003 09 0a80 0002 "
	    "0001 00000005 0004 40010100 0000 00000006 0000");

	net = net_of("2001:db8::/32");
	w = wr_of(buf, sizeof(buf));
	mark = mrt_rib_begin(&w, 7, 3, &net, true);
	e = mrt_entry_begin(&w, 1, 5, true, 9);
	mrt_entry_end(&w, e);
	mrt_rib_end(&w, mark, &net, 1);
	assert_bytes(&w, "00000007 000d 000a 00000017 00000003 "
	    "20 20010db8 0001 0001 00000005 00000009 0000");
	net = net_of("::/0");
	w = wr_of(buf, sizeof(buf));
	mark = mrt_rib_begin(&w, 7, 3, &net, false);
	mrt_rib_end(&w, mark, &net, 0);
	assert_bytes(&w, "00000007 000d 0004 00000007 00000003 00 0000");
}

/* However little room there is. */
static void
test_room(void **state)
{
	struct prefix net = net_of("10.0.0.0/8");
	struct mrt_peer peer = { .as = 1 };

	(void)state;
	for (size_t n = 0; n < 33; n++) {
		struct wr w = wr_of(buf, n);
		uint8_t *mark = mrt_rib_begin(&w, 7, 3, &net, true);
		uint8_t *e = mrt_entry_begin(&w, 1, 5, true, 9);

		mrt_entry_end(&w, e);
		mrt_rib_end(&w, mark, &net, 1);
		assert_int_equal(w.bad, n < 32);
		w = wr_of(buf, n);
		mrt_peer_index(&w, 0, 0, "x", &peer, 1);
		assert_true(w.bad);
	}
}

/* RFC 6396 4.4.2, 4.4.3, RFC 8050 3 */
static void
test_messages(void **state)
{
	struct mrt_link l = { .peer_as = 65002, .local_as = 4200000000u,
	    .peer = ip4(0x0a000002), .local = ip4(0x0a000001), .ifindex = 3,
	    .as4 = true };
	const uint8_t message[] = { 0xff, 0xee };
	struct wr w = wr_of(buf, sizeof(buf));

	(void)state;
	mrt_bgp4mp_message(&w, 7, &l, bytes_of(message, 2));
	assert_bytes(&w, "00000007 0010 0004 00000016"
	    "0000fdea fa56ea00 0003 0001 0a000002 0a000001 ffee");
	l.as4 = false;
	l.add_path = true;
	w = wr_of(buf, sizeof(buf));
	mrt_bgp4mp_message(&w, 7, &l, bytes_of(message, 2));
	assert_bytes(&w, "00000007 0010 0008 00000012"
	    "fdea 5ba0 0003 0001 0a000002 0a000001 ffee");
	assert_true(wr_len(&w) <= 2 + MRT_BGP4MP_HEAD);
}

static void
test_states(void **state)
{
	struct mrt_link l = { .peer_as = 1, .local_as = 2, .ifindex = 0 };
	struct wr w = wr_of(buf, sizeof(buf));

	(void)state;
	l.peer.b[0] = 0xfe;
	l.peer.b[15] = 1;
	mrt_bgp4mp_state(&w, 9, &l, 3, 6);
	assert_bytes(&w, "00000009 0010 0005 00000030"
	    "00000001 00000002 0000 0002"
	    "fe000000000000000000000000000001"
	    "00000000000000000000000000000000 0003 0006");
	assert_true(wr_len(&w) <= MRT_BGP4MP_HEAD);
	w = wr_of(buf, 20);
	mrt_bgp4mp_state(&w, 9, &l, 3, 6);
	assert_true(w.bad);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_peers),
		cmocka_unit_test(test_rib),
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_messages),
		cmocka_unit_test(test_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

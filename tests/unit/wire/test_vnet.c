/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/checksum.h"
#include "wire/vnet.h"

enum { V = VNET_HDR_SIZE, SIZE = 1000, PAYLOAD = 2500 };

static uint8_t in[V + 65536], out[65536];

static size_t
put_ip(bool six, uint8_t proto, size_t l4_len)
{
	uint8_t *ip = in + V;

	memset(ip, 0, 40);
	if (six) {
		ip[0] = 0x60;
		be16_put(ip + 4, (uint16_t)l4_len);
		ip[6] = proto;
		ip[7] = 64;
		memcpy(ip + 8, "\xfd\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf"
		    "\xfd\7\6\5\4\3\2\1\0\1\2\3\4\5\6\7", 32);
		return 40;
	}
	ip[0] = 0x45;
	be16_put(ip + 2, (uint16_t)(20 + l4_len));
	be16_put(ip + 4, 0xfffe);	/* the identification wraps */
	ip[8] = 64;
	ip[9] = proto;
	memcpy(ip + 12, "\x0a\0\0\1\x0a\0\0\2", 8);
	return 20;
}

/* A super-packet of TCP with 12 bytes of options, or of UDP. */
static struct bytes
super(bool six, bool udp, size_t payload)
{
	size_t head = udp ? 8 : 32, ip = put_ip(six, udp ? 17 : 6,
	    head + payload);
	uint8_t *l4 = in + V + ip;

	memset(l4, 0, head);
	be16_put(l4, 1234);
	be16_put(l4 + 2, 80);
	if (udp) {
		be16_put(l4 + 4, (uint16_t)(head + payload));
	} else {
		be32_put(l4 + 4, 0xfffffff0);	/* the sequence wraps */
		l4[12] = 8 << 4;
		l4[13] = 0x80 | 0x10 | 0x08 | 0x01; /* CWR ACK PSH FIN */
	}
	for (size_t i = 0; i < payload; i++)
		l4[head + i] = (uint8_t)(i * 31 + (i >> 8));
	vnet_hdr_put(in, (struct vnet_hdr){ .flags = VNET_NEEDS_CSUM,
	    .gso_type = udp ? VNET_GSO_UDP : six ? VNET_GSO_TCP6 :
	    VNET_GSO_TCP4 | VNET_GSO_ECN, .hdr_len = 9, .gso_size = SIZE,
	    .csum_start = (uint16_t)ip, .csum_offset = udp ? 6 : 16 });
	return bytes_of(in, V + ip + head + payload);
}

static void
check_sums(const uint8_t *p, size_t n, bool udp)
{
	size_t ip = p[0] >> 4 == 6 ? 40 : 20;
	uint64_t sum;

	if (ip == 20)
		assert_int_equal(checksum_fold(checksum_add(0,
		    bytes_of(p, 20))), 0xffff);
	sum = checksum_pseudo(p, udp ? 17 : 6, (uint32_t)(n - ip));
	assert_int_equal(checksum_fold(checksum_add(sum,
	    bytes_of(p + ip, n - ip))), 0xffff);
}

static void
check_piece(const uint8_t *p, size_t n, unsigned nth, bool six, bool udp)
{
	size_t ip = six ? 40 : 20, head = ip + (udp ? 8 : 32);
	bool last = nth == 2;
	const uint8_t *l4 = p + ip;

	assert_int_equal(n, head + (last ? 500 : SIZE));
	assert_memory_equal(p + head, in + V + head + nth * SIZE, n - head);
	if (six) {
		assert_int_equal(be16_get(p + 4), n - 40);
	} else {
		assert_int_equal(be16_get(p + 2), n);
		assert_int_equal(be16_get(p + 4), (0xfffe + nth) & 0xffff);
	}
	if (udp) {
		assert_int_equal(be16_get(l4 + 4), n - ip);
	} else {
		assert_int_equal(be32_get(l4 + 4),
		    (uint32_t)(0xfffffff0 + nth * SIZE));
		assert_int_equal(l4[13], 0x10 | (nth == 0 ? 0x80 : 0) |
		    (last ? 0x09 : 0));
	}
	check_sums(p, n, udp);
}

static void
check_cut(bool six, bool udp)
{
	struct bytes b = super(six, udp, PAYLOAD);
	struct vnet_cut c;
	size_t n;
	unsigned nth = 0;

	assert_true(vnet_cut_init(&c, b));
	while ((n = vnet_cut_next(&c, out, sizeof(out))) > 0)
		check_piece(out, n, nth++, six, udp);
	assert_int_equal(nth, 3);
	assert_int_equal(vnet_cut_next(&c, out, sizeof(out)), 0);
}

static void
super_packets_are_cut(void **state)
{
	(void)state;
	check_cut(false, false);
	check_cut(true, false);
	check_cut(false, true);
	check_cut(true, true);
}

static void
exact_multiple_has_no_empty_piece(void **state)
{
	struct vnet_cut c;
	unsigned nth = 0;

	(void)state;
	assert_true(vnet_cut_init(&c, super(false, false, 2 * SIZE)));
	while (vnet_cut_next(&c, out, sizeof(out)) > 0)
		nth++;
	assert_int_equal(nth, 2);
	assert_int_equal(out[20 + 13] & 0x09, 0x09);
}

static void
header_alone_is_one_packet(void **state)
{
	struct vnet_cut c;

	(void)state;
	assert_true(vnet_cut_init(&c, super(true, false, 0)));
	assert_int_equal(vnet_cut_next(&c, out, sizeof(out)), 72);
	check_sums(out, 72, false);
	assert_int_equal(vnet_cut_next(&c, out, sizeof(out)), 0);
}

static void
partial_checksum_is_completed(void **state)
{
	struct bytes b = super(false, true, 33);
	struct vnet_cut c;
	uint16_t sum;
	size_t n;

	(void)state;
	sum = checksum_fold(checksum_pseudo(in + V, 17, 41));
	memcpy(in + V + 26, &sum, 2);
	checksum_put(in + V + 10, checksum_add(0, bytes_of(in + V, 20)));
	in[1] = VNET_GSO_NONE;
	assert_true(vnet_cut_init(&c, b));
	n = vnet_cut_next(&c, out, sizeof(out));
	assert_int_equal(n, 61);
	check_sums(out, n, true);
	assert_int_equal(vnet_cut_next(&c, out, sizeof(out)), 0);
}

static void
plain_packet_is_left_alone(void **state)
{
	struct bytes b = super(true, false, 100);
	struct vnet_cut c;

	(void)state;
	memset(in, 0, V);
	assert_true(vnet_cut_init(&c, b));
	assert_int_equal(vnet_cut_next(&c, out, sizeof(out)), b.n - V);
	assert_memory_equal(out, in + V, b.n - V);
}

static void
nonsense_is_refused(void **state)
{
	struct bytes b = super(false, false, PAYLOAD);
	struct vnet_cut c;
	struct vnet_hdr good = vnet_hdr_get(in), h;

	(void)state;
	assert_false(vnet_cut_init(&c, bytes_of(in, V)));
	assert_false(vnet_cut_init(&c, bytes_of(in, V + 19)));
	assert_false(vnet_cut_init(&c, bytes_of(in, V + 40)));
	h = good;
	h.gso_size = 0;
	vnet_hdr_put(in, h);
	assert_false(vnet_cut_init(&c, b));
	h = good;
	h.csum_start = 65535;
	vnet_hdr_put(in, h);
	assert_false(vnet_cut_init(&c, b));
	h.gso_type = VNET_GSO_NONE;
	vnet_hdr_put(in, h);
	assert_false(vnet_cut_init(&c, b));
	h = good;
	h.gso_type = VNET_GSO_TCP6;	/* of an IPv4 packet */
	vnet_hdr_put(in, h);
	assert_false(vnet_cut_init(&c, b));
	h.gso_type = 3;			/* UFO, never asked for */
	vnet_hdr_put(in, h);
	assert_false(vnet_cut_init(&c, b));
	vnet_hdr_put(in, good);
	in[V + 20 + 12] = 4 << 4;	/* TCP header of 16 bytes */
	assert_false(vnet_cut_init(&c, b));
	in[V + 20 + 12] = 8 << 4;
	in[V] = 0x44;			/* IP header of 16 bytes */
	assert_false(vnet_cut_init(&c, b));
}

static void
too_long_ends_it(void **state)
{
	struct vnet_cut c;

	(void)state;
	assert_true(vnet_cut_init(&c, super(false, false, PAYLOAD)));
	assert_int_equal(vnet_cut_next(&c, out, 1000), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(super_packets_are_cut),
		cmocka_unit_test(exact_multiple_has_no_empty_piece),
		cmocka_unit_test(header_alone_is_one_packet),
		cmocka_unit_test(partial_checksum_is_completed),
		cmocka_unit_test(plain_packet_is_left_alone),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(too_long_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

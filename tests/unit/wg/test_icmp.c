/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "wg/icmp.h"

static uint8_t out[WG_ICMP_MAX];

/* A correct sum of words, the checksum's own included, is all ones. */
static uint32_t
sum(const uint8_t *p, size_t n)
{
	uint32_t s = 0;

	for (size_t i = 0; i < n; i++)
		s += i & 1 ? p[i] : (uint32_t)p[i] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

static struct bytes
packet4(uint8_t *p, size_t n, uint8_t proto)
{
	memset(p, 0, n);
	p[0] = 0x45;
	be16_put(p + 2, (uint16_t)n);
	p[8] = 64;
	p[9] = proto;
	be32_put(p + 12, 0x0a000001);
	be32_put(p + 16, 0x0a000902);
	return bytes_of(p, n);
}

static struct bytes
packet6(uint8_t *p, size_t n, uint8_t next)
{
	memset(p, 0, n);
	p[0] = 0x60;
	be16_put(p + 4, (uint16_t)(n - 40));
	p[6] = next;
	p[8] = 0xfd;
	p[23] = 1;
	p[24] = 0xfd;
	p[39] = 2;
	return bytes_of(p, n);
}

static void
test_ip4(void **state)
{
	uint8_t p[1400];
	struct bytes in = packet4(p, 100, 17);
	size_t n = wg_icmp_unreachable(out, in);

	(void)state;
	assert_int_equal(n, 20 + 8 + 100);
	assert_int_equal(out[0], 0x45);
	assert_int_equal(be16_get(out + 2), n);
	assert_int_equal(sum(out, 20), 0xffff);
	assert_int_equal(out[9], 1);
	assert_int_equal(be32_get(out + 12), 0x0a000902);
	assert_int_equal(be32_get(out + 16), 0x0a000001);
	assert_int_equal(out[20], 3);
	assert_int_equal(out[21], 1);
	assert_int_equal(sum(out + 20, n - 20), 0xffff);
	assert_memory_equal(out + 28, p, 100);
	/* Padding behind the packet is not quoted; long ones are cut. */
	in = packet4(p, 101, 17);
	in.n = 120;
	assert_int_equal(wg_icmp_unreachable(out, in), 28 + 101);
	assert_int_equal(sum(out + 20, 8 + 101), 0xffff);
	assert_int_equal(wg_icmp_unreachable(out, packet4(p, 1400, 17)),
	    576);
}

static void
test_ip4_silence(void **state)
{
	static const uint32_t nobody[] = { 0, 0x7f000001, 0xe0000001,
	    0xffffffff, 0xf0000001 };
	uint8_t p[100];
	struct bytes in;

	(void)state;
	for (size_t i = 0; i < sizeof(nobody) / sizeof(nobody[0]); i++) {
		in = packet4(p, 100, 17);
		be32_put(p + 12, nobody[i]);
		assert_int_equal(wg_icmp_unreachable(out, in), 0);
		in = packet4(p, 100, 17);
		be32_put(p + 16, nobody[i]);
		assert_int_equal(wg_icmp_unreachable(out, in), 0);
	}
	for (unsigned type = 0; type < 256; type++) {
		bool query = type == 0 || type == 8 || type == 9 ||
		    type == 10 || (type >= 13 && type <= 18);

		in = packet4(p, 100, 1);
		p[20] = (uint8_t)type;
		assert_int_equal(wg_icmp_unreachable(out, in) != 0, query);
	}
	in = packet4(p, 100, 17);
	be16_put(p + 6, 0x2000);	/* the first fragment */
	assert_int_not_equal(wg_icmp_unreachable(out, in), 0);
	be16_put(p + 6, 0x2001);
	assert_int_equal(wg_icmp_unreachable(out, in), 0);
	in = packet4(p, 20, 1);		/* no ICMP header to look at */
	assert_int_equal(wg_icmp_unreachable(out, in), 0);
	in = packet4(p, 100, 17);
	p[0] = 0x44;
	assert_int_equal(wg_icmp_unreachable(out, in), 0);
	p[0] = 0x55;
	assert_int_equal(wg_icmp_unreachable(out, in), 0);
	assert_int_equal(wg_icmp_unreachable(out, bytes_of(p, 0)), 0);
}

static void
check_sum6(size_t n)
{
	uint8_t pseudo[32 + 8 + 1280] = { 0 };

	memcpy(pseudo, out + 8, 32);
	be32_put(pseudo + 32, (uint32_t)(n - 40));
	pseudo[39] = 58;
	memcpy(pseudo + 40, out + 40, n - 40);
	assert_int_equal(sum(pseudo, n), 0xffff);
}

static void
test_ip6(void **state)
{
	uint8_t p[1400];
	struct bytes in = packet6(p, 99, 17);
	size_t n = wg_icmp_unreachable(out, in);

	(void)state;
	assert_int_equal(n, 48 + 99);
	assert_int_equal(out[0], 0x60);
	assert_int_equal(be16_get(out + 4), n - 40);
	assert_int_equal(out[6], 58);
	assert_memory_equal(out + 8, p + 24, 16);
	assert_memory_equal(out + 24, p + 8, 16);
	assert_int_equal(out[40], 1);
	assert_int_equal(out[41], 3);
	check_sum6(n);
	assert_memory_equal(out + 48, p, 99);
	assert_int_equal(wg_icmp_unreachable(out, packet6(p, 1400, 17)),
	    1280);
	check_sum6(1280);
}

static void
test_ip6_silence(void **state)
{
	uint8_t p[100];
	struct bytes in;

	(void)state;
	in = packet6(p, 100, 17);
	p[24] = 0xff;
	assert_int_equal(wg_icmp_unreachable(out, in), 0);
	in = packet6(p, 100, 17);
	memset(p + 8, 0, 16);
	assert_int_equal(wg_icmp_unreachable(out, in), 0);
	for (unsigned type = 0; type < 256; type++) {
		in = packet6(p, 100, 58);
		p[40] = (uint8_t)type;
		assert_int_equal(wg_icmp_unreachable(out, in) != 0,
		    type >= 128 && type != 137);
		/* The same behind a hop-by-hop header of 16 bytes. */
		in = packet6(p, 100, 0);
		p[40] = 58;
		p[41] = 1;
		p[56] = (uint8_t)type;
		assert_int_equal(wg_icmp_unreachable(out, in) != 0,
		    type >= 128 && type != 137);
	}
	in = packet6(p, 100, 44);	/* fragments: the first, another */
	p[40] = 17;
	p[43] = 1;
	assert_int_not_equal(wg_icmp_unreachable(out, in), 0);
	p[43] = 9;
	assert_int_equal(wg_icmp_unreachable(out, in), 0);
	in = packet6(p, 100, 60);	/* a header that runs out */
	p[40] = 60;
	p[41] = 20;
	assert_int_equal(wg_icmp_unreachable(out, in), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ip4),
		cmocka_unit_test(test_ip4_silence),
		cmocka_unit_test(test_ip6),
		cmocka_unit_test(test_ip6_silence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

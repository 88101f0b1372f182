/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "wire/checksum.h"

/* The example of RFC 1071, section 3. */
static void
rfc1071_example(void **state)
{
	static const uint8_t data[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5,
	    0xf6, 0xf7 };
	uint16_t sum = checksum_fold(checksum_add(0, bytes_of(data, 8)));
	uint8_t at[2];

	(void)state;
	assert_int_equal(be16_get((uint8_t *)&sum), 0xddf2);
	checksum_put(at, checksum_add(0, bytes_of(data, 8)));
	assert_int_equal(be16_get(at), 0xffff - 0xddf2);
}

/* The slow way: words in network order, carries folded one by one. */
static uint16_t
slow(const uint8_t *p, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		sum += i % 2 ? p[i] : (uint32_t)p[i] << 8;
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)sum;
}

static void
all_lengths_agree_with_the_slow_way(void **state)
{
	uint8_t data[200], at[2];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 151 + 255 - i / 3);
	for (size_t n = 0; n <= sizeof(data); n++) {
		checksum_put(at, checksum_add(0, bytes_of(data, n)));
		assert_int_equal(be16_get(at),
		    (uint16_t)~slow(data, n));
	}
}

static void
many_ones_do_not_overflow(void **state)
{
	static uint8_t ones[65535];
	uint64_t sum = 0;

	(void)state;
	memset(ones, 0xff, sizeof(ones));
	for (int i = 0; i < 1000; i++)
		sum = checksum_add(sum, bytes_of(ones, 65534));
	assert_int_equal(checksum_fold(sum), 0xffff);
}

static void
pseudo_header(void **state)
{
	uint8_t ip[40] = { 0x45 }, flat[40];

	(void)state;
	for (int i = 8; i < 40; i++)
		ip[i] = (uint8_t)(i * 7);
	memcpy(flat, ip + 12, 8);
	memcpy(flat + 8, "\0\6\1\2", 4);
	assert_int_equal(checksum_fold(checksum_pseudo(ip, 6, 0x102)),
	    checksum_fold(checksum_add(0, bytes_of(flat, 12))));
	ip[0] = 0x60;
	memcpy(flat, ip + 8, 32);
	memcpy(flat + 32, "\0\0\1\2\0\0\0\21", 8);
	assert_int_equal(checksum_fold(checksum_pseudo(ip, 17, 0x102)),
	    checksum_fold(checksum_add(0, bytes_of(flat, 40))));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rfc1071_example),
		cmocka_unit_test(all_lengths_agree_with_the_slow_way),
		cmocka_unit_test(many_ones_do_not_overflow),
		cmocka_unit_test(pseudo_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

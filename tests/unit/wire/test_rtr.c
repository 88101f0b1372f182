/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "hex.h"
#include "wire/rtr.h"

static enum rtr_result
decode(struct bytes b, struct rtr_pdu *ret)
{
	size_t took;
	enum rtr_result r = rtr_decode(b, ret, &took);

	assert_int_equal(took, r == RTR_OK ? ret->raw.n : 0);
	return r;
}

/* The figures of RFC 8210 section 5. */
static void
test_figures(void **state)
{
	struct bytes b = hex("01 04 0000 00000014 01 08 18 00 0a000000 "
	    "0000fbf4");
	char text[PREFIX_TEXT];
	struct rtr_pdu p;

	(void)state;
	assert_int_equal(decode(b, &p), RTR_OK);
	assert_true(p.announce);
	assert_string_equal(prefix_text(&p.roa, text),
	    "10.0.0.0/8-24 AS64500");
	hex_free(b);
	b = hex("01 06 0000 00000020 00 20 30 00 "
	    "20010db8 00000000 00000000 00000001 fffffffe");
	assert_int_equal(decode(b, &p), RTR_OK);
	assert_false(p.announce);
	assert_string_equal(prefix_text(&p.roa, text),
	    "2001:db8::/32-48 AS4294967294");
	hex_free(b);
	b = hex("01 07 00ff 00000018 00000009 0000001e 00000005 00000258");
	assert_int_equal(decode(b, &p), RTR_OK);
	assert_int_equal(p.session, 255);
	assert_int_equal(p.serial, 9);
	assert_true(p.intervals && p.refresh == 30 && p.retry == 5 &&
	    p.expire == 600);
	hex_free(b);
	b = hex("00 07 00ff 0000000c 00000009");
	assert_int_equal(decode(b, &p), RTR_OK);
	assert_false(p.intervals);
	hex_free(b);
	b = hex("01 0a 0002 00000015 00000002 abcd 00000003 6e6f21");
	assert_int_equal(decode(b, &p), RTR_OK);
	assert_int_equal(p.session, RTR_NO_DATA);
	assert_int_equal(p.inner.n, 2);
	assert_true(bytes_eq(p.text, bytes_str("no!")));
	hex_free(b);
}

/* ::ffff:0:0/96 has no prefix of ours. */
static void
test_mapped(void **state)
{
	struct bytes b = hex("01 06 0000 00000020 01 68 68 00 "
	    "00000000 00000000 0000ffff 0a000000 00000001");
	struct rtr_pdu p;

	(void)state;
	assert_int_equal(decode(b, &p), RTR_OK);
	assert_int_equal(p.roa.kind, NET_NONE);
	hex_free(b);
}

static void
test_wrong(void **state)
{
	static const struct {
		const char *hex;
		uint8_t error;
	} bad[] = {
		{ "02 03 0000 00000008", RTR_BAD_VERSION },
		{ "01 05 0000 00000008", RTR_BAD_TYPE },
		{ "00 09 0000 00000020", RTR_BAD_TYPE },
		{ "01 03 0000 00000007", RTR_CORRUPT_DATA },
		{ "01 03 0000 0000000c", RTR_CORRUPT_DATA },
		{ "01 07 0000 0000000c", RTR_CORRUPT_DATA },
		{ "00 07 0000 00000018", RTR_CORRUPT_DATA },
		{ "01 09 0000 00001001", RTR_CORRUPT_DATA },
		{ "01 0a 0000 ffffffff", RTR_CORRUPT_DATA },
		{ "01 04 0000 00000014 01 21 21 00 0a000000 00000001",
		    RTR_CORRUPT_DATA },
		{ "01 04 0000 00000014 01 10 0f 00 0a000000 00000001",
		    RTR_CORRUPT_DATA },
		{ "01 0a 0000 00000010 00000001 00000000",
		    RTR_CORRUPT_DATA },
		{ "01 0a 0000 00000012 00000000 00000001 abcd",
		    RTR_CORRUPT_DATA },
	};

	(void)state;
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct bytes b = hex(bad[i].hex);
		struct rtr_pdu p;

		assert_int_equal(decode(b, &p), RTR_WRONG);
		assert_int_equal(p.error, bad[i].error);
		assert_true(p.raw.n <= b.n);
		hex_free(b);
	}
}

/* Not all there: for every length but the whole. */
static void
test_more(void **state)
{
	struct bytes b = hex("01 07 00ff 00000018 00000009 0000001e "
	    "00000005 00000258");
	struct rtr_pdu p;

	(void)state;
	for (size_t n = 0; n < b.n; n++)
		assert_int_equal(decode(bytes_of(b.p, n), &p), RTR_MORE);
	hex_free(b);
}

static void
test_put(void **state)
{
	static uint8_t big[RTR_PDU_MAX * 2];
	static const uint8_t serial[] = { 1, 1, 0, 7, 0, 0, 0, 12, 0, 0, 0,
	    9 };
	static const uint8_t reset[] = { 0, 2, 0, 0, 0, 0, 0, 8 };
	uint8_t out[RTR_PDU_MAX];
	struct rtr_pdu p;
	size_t n;

	(void)state;
	assert_int_equal(rtr_put_serial_query(out, 1, 7, 9), 12);
	assert_memory_equal(out, serial, 12);
	assert_int_equal(rtr_put_reset_query(out, 0), 8);
	assert_memory_equal(out, reset, 8);
	n = rtr_put_error(out, 1, RTR_BAD_TYPE, bytes_of(big, sizeof(big)),
	    "because");
	assert_int_equal(n, RTR_PDU_MAX);
	assert_int_equal(decode(bytes_of(out, n), &p), RTR_OK);
	assert_int_equal(p.session, RTR_BAD_TYPE);
	assert_true(bytes_eq(p.text, bytes_str("because")));
	assert_string_equal(rtr_error_text(2), "No Data Available");
	assert_string_equal(rtr_error_text(99), "Unknown Error");
	assert_string_equal(rtr_type_text(5), "Unknown");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_figures),
		cmocka_unit_test(test_mapped),
		cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_more),
		cmocka_unit_test(test_put),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

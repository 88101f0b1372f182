/* SPDX-License-Identifier: ISC */
/* On the loopback, in whatever namespace the test runs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <errno.h>
#include <cmocka.h>
#include <poll.h>
#include <string.h>

#include "sys/udp.h"

enum { N = 40 };

static struct udp a, b;
static struct udp_rx *rx;
static struct udp_tx *tx;
static uint8_t bytes[N][1500];

static int
setup(void **state)
{
	(void)state;
	rx = udp_rx_new();
	tx = udp_tx_new();
	return rx && tx && udp_open(&a, 0, 0) == 0 && udp_open(&b, 0, 0) == 0 ?
	    0 : -1;
}

static int
teardown(void **state)
{
	(void)state;
	udp_close(&a);
	udp_close(&b);
	rx = udp_rx_free(rx);
	tx = udp_tx_free(tx);
	return 0;
}

static struct udp_datagram
datagram(unsigned i, size_t n, bool six)
{
	static const uint8_t one[16] = { [15] = 1 };

	memset(bytes[i], (int)i + 1, n);
	return (struct udp_datagram){ .p = bytes[i], .n = n,
	    .path = { .port = b.port,
	    .to = six ? ip_from6(one) : ip4(0x7f000001) } };
}

/* Reads until n have come or nothing does. */
static unsigned
receive(int fd, struct udp_datagram *got, uint8_t (*copy)[1500], unsigned n)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	unsigned have = 0;

	while (have < n && poll(&p, 1, 2000) > 0 && udp_recv(rx, fd) > 0) {
		while (have < n && udp_recv_next(rx, &got[have])) {
			assert_true(got[have].n <= 1500);
			memcpy(copy[have], got[have].p, got[have].n);
			have++;
		}
	}
	return have;
}

static void
check(bool six, const size_t *sizes, unsigned n, uint8_t ds)
{
	static uint8_t copy[N][1500];
	struct udp_datagram v[N], got[N];

	for (unsigned i = 0; i < n; i++) {
		v[i] = datagram(i, sizes[i], six);
		v[i].ds = ds;
	}
	assert_int_equal(udp_send(tx, &a, v, n), n);
	assert_int_equal(receive(b.fd[six], got, copy, n), n);
	for (unsigned i = 0; i < n; i++) {
		assert_int_equal(got[i].n, sizes[i]);
		assert_memory_equal(copy[i], bytes[i], sizes[i]);
		assert_int_equal(got[i].path.port, a.port);
		assert_true(ip_eq(got[i].path.to, v[i].path.to));
		assert_true(ip_eq(got[i].path.from, v[i].path.to));
		assert_int_equal(got[i].ds, ds);
	}
}

static void
runs_of_one_size(void **state)
{
	size_t sizes[N];

	(void)state;
	for (unsigned i = 0; i < N; i++)
		sizes[i] = i < 20 ? 1400 : 96;
	sizes[19] = 500;
	check(false, sizes, N, 0);
	if (b.fd[1] >= 0)
		check(true, sizes, N, 0);
}

static void
all_sizes_mixed(void **state)
{
	size_t sizes[N];

	(void)state;
	for (unsigned i = 0; i < N; i++)
		sizes[i] = 1 + (i * 577) % 1499;
	check(false, sizes, N, 2);
	if (b.fd[1] >= 0)
		check(true, sizes, N, 1);
}

static void
one_port_for_both(void **state)
{
	struct udp c;

	(void)state;
	assert_int_not_equal(a.port, 0);
	assert_int_equal(udp_open(&c, a.port, 0), -EADDRINUSE);
	assert_int_equal(c.fd[0], -1);
	assert_int_equal(c.fd[1], -1);
}

static void
source_is_kept(void **state)
{
	static uint8_t copy[N][1500];
	struct udp_datagram d = datagram(0, 100, false), got;

	(void)state;
	d.path.from = ip4(0x7f000005);
	assert_int_equal(udp_send(tx, &a, &d, 1), 1);
	assert_int_equal(receive(b.fd[0], &got, copy, 1), 1);
	assert_int_equal(ip_to4(got.path.to), 0x7f000005);
	assert_false(d.stale_source);
}

static void
source_that_is_gone_is_left_out(void **state)
{
	static uint8_t copy[N][1500];
	struct udp_datagram v[3], got[3];

	(void)state;
	for (unsigned i = 0; i < 3; i++) {
		v[i] = datagram(i, 100, false);
		v[i].path.from = ip4(0xcb007101);	/* 203.0.113.1 */
	}
	assert_int_equal(udp_send(tx, &a, v, 3), 3);
	assert_int_equal(receive(b.fd[0], got, copy, 3), 3);
	assert_int_equal(ip_to4(got[0].path.to), 0x7f000001);
	assert_true(v[0].stale_source && v[2].stale_source);
}

static void
no_address_is_passed_over(void **state)
{
	struct udp_datagram v[2] = { datagram(0, 10, false),
	    datagram(1, 10, false) }, got;
	static uint8_t copy[N][1500];

	(void)state;
	v[0].path.to = IP_NONE;
	assert_int_equal(udp_send(tx, &a, v, 2), 1);
	assert_int_equal(receive(b.fd[0], &got, copy, 1), 1);
	assert_int_equal(copy[0][0], 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(runs_of_one_size, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(all_sizes_mixed, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(one_port_for_both, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(source_is_kept, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    source_that_is_gone_is_left_out, setup, teardown),
		cmocka_unit_test_setup_teardown(no_address_is_passed_over,
		    setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

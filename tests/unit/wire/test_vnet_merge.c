/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "wire/checksum.h"
#include "wire/vnet_merge.h"

enum { MAX = 200, ROOM = 1600, ACK = 0x10, PSH = 0x08, FIN = 0x01 };

static uint8_t packet[MAX][ROOM], kept[MAX][ROOM];
static size_t length[MAX];
static unsigned n_packets;

static uint8_t written[70000];
static size_t writes, pieces[MAX];
static unsigned back;		/* packets that came out of cutting again */

static void
setup(void)
{
	n_packets = back = 0;
	writes = 0;
}

/* A TCP packet with 12 bytes of options; its payload depends on seq only. */
static uint8_t *
add(bool six, uint16_t port, uint32_t seq, size_t payload, uint8_t flags)
{
	uint8_t *p = packet[n_packets], *t;
	size_t ip = six ? 40 : 20, n = ip + 32 + payload;

	memset(p, 0, ip + 32);
	t = p + ip;
	if (six) {
		p[0] = 0x60;
		be16_put(p + 4, (uint16_t)(n - 40));
		p[6] = 6;
		p[7] = 60;
		p[8] = p[24] = 0xfd;
		p[39] = 1;
	} else {
		p[0] = 0x45;
		be16_put(p + 2, (uint16_t)n);
		be16_put(p + 4, (uint16_t)n_packets);
		p[8] = 60;
		p[9] = 6;
		p[12] = p[16] = 10;
	}
	be16_put(t, port);
	be32_put(t + 4, seq);
	t[12] = 8 << 4;
	t[13] = flags;
	for (size_t i = 0; i < payload; i++)
		t[32 + i] = (uint8_t)((seq + i) * 7);
	length[n_packets++] = n;
	return p;
}

static void
sum(uint8_t *p, size_t n)
{
	size_t ip = p[0] >> 4 == 6 ? 40 : 20;

	if (ip == 20) {
		be16_put(p + 10, 0);
		checksum_put(p + 10, checksum_add(0, bytes_of(p, 20)));
	}
	be16_put(p + ip + 16, 0);
	checksum_put(p + ip + 16, checksum_add(checksum_pseudo(p, 6,
	    (uint32_t)(n - ip)), bytes_of(p + ip, n - ip)));
}

/* Each packet that comes out must be one that went in, and is ticked off. */
static void
came_back(const uint8_t *p, size_t n)
{
	for (unsigned i = 0; i < n_packets; i++) {
		if (length[i] == n && memcmp(kept[i], p, n) == 0) {
			length[i] = 0;
			back++;
			return;
		}
	}
	fail_msg("a packet of %zu bytes that was never put in", n);
}

static void
write_it(void *arg, const struct bytes *v, size_t n)
{
	static uint8_t out[70000];
	struct vnet_cut c;
	size_t len = 0;

	(void)arg;
	for (size_t i = 0; i < n; i++) {
		memcpy(written + len, v[i].p, v[i].n);
		len += v[i].n;
	}
	pieces[writes++] = n - 1;
	assert_true(vnet_cut_init(&c, bytes_of(written, len)));
	while ((len = vnet_cut_next(&c, out, sizeof(out))) > 0)
		came_back(out, len);
}

static void
run(void)
{
	static struct vnet_merge m;
	unsigned n = n_packets;

	memcpy(kept, packet, sizeof(kept));
	vnet_merge_init(&m, write_it, NULL);
	for (unsigned i = 0; i < n; i++)
		vnet_merge_add(&m, packet[i], length[i]);
	vnet_merge_flush(&m);
	assert_int_equal(back, n);
}

static void
sum_all(void)
{
	for (unsigned i = 0; i < n_packets; i++)
		sum(packet[i], length[i]);
}

static void
a_stream_becomes_one(void **state)
{
	(void)state;
	for (int six = 0; six < 2; six++) {
		setup();
		for (unsigned i = 0; i < 10; i++)
			add(six, 1, 0xfffff000 + i * 1000, 1000, ACK);
		add(six, 1, 0xfffff000 + 10000, 300, ACK | PSH);
		sum_all();
		run();
		assert_int_equal(writes, 1);
		assert_int_equal(pieces[0], 11);
	}
}

static void
streams_do_not_mix(void **state)
{
	(void)state;
	setup();
	for (unsigned i = 0; i < 10; i++) {
		add(false, 1, i * 1000, 1000, ACK);
		add(false, 2, i * 500, 500, ACK);
		add(true, 1, i * 1000, 1000, ACK);
	}
	for (unsigned i = 0; i < n_packets; i++)	/* one counter each */
		if (packet[i][0] == 0x45)
			be16_put(packet[i] + 4, (uint16_t)(i / 3));
	sum_all();
	run();
	assert_int_equal(writes, 3);
}

static void
what_differs_is_not_merged(void **state)
{
	static const struct { int at; uint8_t v; } other[] = {
		{ 1, 2 },		/* ECN */
		{ 8, 59 },		/* TTL */
		{ 6, 0x40 },		/* DF */
		{ 6, 0x20 },		/* a fragment */
		{ 4, 9 },		/* identification out of order */
		{ 20 + 11, 1 },		/* acknowledgement */
		{ 20 + 15, 1 },		/* window */
		{ 20 + 13, ACK | FIN },
		{ 20 + 13, ACK | 0x80 },	/* CWR */
		{ 20 + 25, 1 },		/* options */
		{ 20 + 7, 1 },		/* a hole in the sequence */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
		setup();
		add(false, 1, 0, 1000, ACK);
		add(false, 1, 1000, 1000, ACK)[other[i].at] = other[i].v;
		sum_all();
		run();
		assert_int_equal(writes, 2);
	}
}

static void
shorter_or_pushed_ends_it(void **state)
{
	(void)state;
	setup();
	add(false, 1, 0, 1000, ACK);
	add(false, 1, 1000, 999, ACK);
	add(false, 1, 1999, 999, ACK | PSH);
	add(false, 1, 2998, 999, ACK);
	add(false, 1, 3997, 1000, ACK);		/* longer: a new one */
	sum_all();
	run();
	assert_int_equal(writes, 4);
}

static void
wrong_checksums_pass_untouched(void **state)
{
	(void)state;
	setup();
	for (unsigned i = 0; i < 4; i++)
		add(i & 1, 1, i / 2 * 1000, 1000, ACK);
	sum_all();
	packet[2][20 + 16] ^= 1;
	packet[3][40 + 32] ^= 1;
	run();
	assert_int_equal(writes, 4);
}

static void
pure_ack_keeps_its_place(void **state)
{
	(void)state;
	setup();
	add(false, 1, 0, 1000, ACK);
	add(false, 1, 1000, 0, ACK);
	add(false, 1, 1000, 1000, ACK);
	sum_all();
	run();
	assert_int_equal(writes, 3);
	assert_int_equal(be32_get(written + VNET_HDR_SIZE + 24), 1000);
}

static void
more_connections_than_places(void **state)
{
	(void)state;
	setup();
	for (unsigned i = 0; i < 3 * (VNET_MERGE_FLOWS + 3); i++)
		add(true, (uint16_t)(i % (VNET_MERGE_FLOWS + 3)),
		    i / (VNET_MERGE_FLOWS + 3) * 100, 100, ACK);
	sum_all();
	run();
}

static void
no_longer_than_an_ip_packet(void **state)
{
	(void)state;
	setup();
	for (unsigned i = 0; i < 60; i++)
		add(false, 1, i * 1400, 1400, ACK);
	sum_all();
	run();
	assert_int_equal(writes, 2);
	setup();
	for (unsigned i = 0; i < 100; i++)
		add(true, 1, i, 1, ACK);
	sum_all();
	run();
	assert_int_equal(writes, 2);
	assert_int_equal(pieces[0], VNET_MERGE_PIECES);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_becomes_one),
		cmocka_unit_test(streams_do_not_mix),
		cmocka_unit_test(what_differs_is_not_merged),
		cmocka_unit_test(shorter_or_pushed_ends_it),
		cmocka_unit_test(wrong_checksums_pass_untouched),
		cmocka_unit_test(pure_ack_keeps_its_place),
		cmocka_unit_test(more_connections_than_places),
		cmocka_unit_test(no_longer_than_an_ip_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
#include <errno.h>

#include "rig.h"

#include "base/mem.h"
#include "wg/device_impl.h"

static struct rig r;
static struct node *const a = &r.node[0], *const b = &r.node[1];

static int
setup(void **state)
{
	(void)state;
	rig_init(&r, 2, 1);
	rig_pair(&r, 0, 1);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	rig_done(&r);
	return 0;
}

static struct wg_peer *
peer(unsigned i, unsigned j)
{
	return wg_peer_find(r.node[i].dev, r.node[j].public_key);
}

static void
establish(void)
{
	rig_ping(&r, 0, 1, 60);
	rig_run(&r, SECONDS(1));
	assert_int_equal(b->delivered, 1);
}

/* Of every size, both families, both ways: the same bytes come out. */
static void
test_sizes(void **state)
{
	uint8_t p[RIG_ROOM];

	(void)state;
	establish();
	for (size_t n = 40; n <= 1420; n += n < 100 || n > 1382 ? 1 : 37) {
		unsigned i = n & 1;
		struct node *from = &r.node[i], *to = &r.node[!i];
		size_t padded = n > 1408 ? 1420 : (n + 15) & ~(size_t)15;

		for (int family = 0; family < 2; family++) {
			rig_send(&r, i, p, family ?
			    rig_packet4(p, i, !i, n) :
			    rig_packet6(p, i, !i, n));
			assert_int_equal(from->sent_n, padded + 32);
			assert_int_equal(from->sent_ds, 0);
			rig_run(&r, MILLISECONDS(30));
			assert_int_equal(to->last_n, n);
			assert_memory_equal(to->last, p, n);
		}
	}
	assert_int_equal(wg_padded(0, 1420), 0);
	assert_int_equal(wg_padded(1421, 1420), 1436);
	assert_int_equal(wg_padded(2840, 1420), 2840);
	assert_int_equal(wg_padded(20, 1280), 32);
}

/* Both ends count each byte of each datagram. */
static void
test_counters(void **state)
{
	struct wg_peer_info at_a, at_b;

	(void)state;
	establish();
	for (int i = 0; i < 10; i++) {
		rig_ping(&r, 0, 1, 1000);
		rig_ping(&r, 1, 0, 100);
	}
	rig_run(&r, SECONDS(1));
	rig_info(&r, 0, 1, &at_a);
	rig_info(&r, 1, 0, &at_b);
	assert_int_equal(at_a.tx_bytes, at_b.rx_bytes);
	assert_int_equal(at_b.tx_bytes, at_a.rx_bytes);
	assert_int_equal(at_a.tx_bytes, 148 + 96 + 10 * (1008 + 32));
	assert_int_equal(at_b.tx_bytes, 92 + 10 * (112 + 32));
	assert_int_equal(at_a.last_handshake.s, 1700000000);
	assert_int_equal(at_a.last_handshake.ns, MILLISECONDS(40));
	assert_int_equal(at_b.last_handshake.ns, MILLISECONDS(60));
	assert_int_equal(at_a.n_allowed, 2);
}

static void
test_psk(void **state)
{
	struct wg_peer_set s = { .has_psk = true, .psk = { 1, 2, 3 } };

	(void)state;
	memcpy(s.public_key, b->public_key, 32);
	assert_int_equal(wg_device_set_peer(a->dev, r.now, &s), 0);
	rig_ping(&r, 0, 1, 60);
	rig_run(&r, SECONDS(2));
	assert_int_equal(b->delivered, 0);
	assert_int_equal(a->whys[WG_WHY_FORGED], 1);
	memcpy(s.public_key, a->public_key, 32);
	assert_int_equal(wg_device_set_peer(b->dev, r.now, &s), 0);
	rig_run(&r, SECONDS(5));
	assert_int_equal(b->delivered, 1);
}

static void
test_roaming(void **state)
{
	struct wg_peer_info info;
	unsigned before;

	(void)state;
	establish();
	before = b->events[WG_EVENT_ROAMED];
	assert_int_equal(before, 1);	/* b has learnt where a is */
	a->self.addr = ip4(0xcb007109);
	a->self.port = 1024;
	rig_ping(&r, 1, 0, 60);		/* into the void */
	rig_run(&r, SECONDS(1));
	assert_int_equal(a->delivered, 0);
	rig_ping(&r, 0, 1, 60);
	rig_run(&r, SECONDS(1));
	rig_info(&r, 1, 0, &info);
	assert_true(wg_endpoint_eq(&info.endpoint, &a->self));
	assert_int_equal(b->events[WG_EVENT_ROAMED], before + 1);
	rig_ping(&r, 1, 0, 60);
	rig_run(&r, SECONDS(1));
	assert_int_equal(a->delivered, 1);
}

/* Only authentic and new packets move the endpoint. */
static void
test_no_roaming(void **state)
{
	struct wg_endpoint evil = { .addr = ip4(0x01020304), .port = 5 };
	struct wg_peer_info info;
	uint8_t msg[RIG_ROOM], copy[RIG_ROOM];
	size_t n;

	(void)state;
	establish();
	rig_ping(&r, 0, 1, 60);
	n = a->sent_n;
	memcpy(msg, a->sent_data, n);
	rig_run(&r, SECONDS(1));
	memcpy(copy, msg, n);
	assert_int_equal(rig_receive(&r, b, copy, n, &evil, 0),
	    WG_WHY_REPLAYED);
	memcpy(copy, msg, n);
	copy[8]++;
	assert_int_equal(rig_receive(&r, b, copy, n, &evil, 0),
	    WG_WHY_FORGED);
	rig_info(&r, 1, 0, &info);
	assert_true(wg_endpoint_eq(&info.endpoint, &a->self));
}

/* The local half is kept for answers, and dropped when a retry is due. */
static void
test_sticky_source(void **state)
{
	struct wg_peer_info info;

	(void)state;
	a->self.src = ip4(0xc0000202);
	a->self.src_if = 3;
	establish();
	rig_info(&r, 1, 0, &info);
	assert_true(ip_eq(info.endpoint.src, a->self.src));
	assert_int_equal(info.endpoint.src_if, 3);
	rig_run(&r, SECONDS(30));
	a->deaf = true;
	rig_ping(&r, 1, 0, 60);
	rig_run(&r, SECONDS(16));
	rig_info(&r, 1, 0, &info);
	assert_true(ip_is_none(info.endpoint.src));
	assert_int_equal(info.endpoint.src_if, 0);
}

static void
test_source_check(void **state)
{
	uint8_t p[RIG_ROOM];

	(void)state;
	establish();
	rig_packet4(p, 7, 1, 60);
	rig_send(&r, 0, p, 60);
	rig_packet6(p, 7, 1, 60);
	rig_send(&r, 0, p, 60);
	rig_run(&r, SECONDS(1));
	assert_int_equal(b->delivered, 1);
	assert_int_equal(b->whys[WG_WHY_SOURCE], 2);
	assert_int_equal(wg_device_dropped(b->dev, WG_WHY_SOURCE), 2);
}

/* A packet that says it is longer than it is; one that has a tail. */
static void
test_inner_length(void **state)
{
	uint8_t p[RIG_ROOM];

	(void)state;
	establish();
	rig_packet4(p, 0, 1, 60);
	be16_put(p + 2, 65);		/* more than the padding to 64 */
	rig_send(&r, 0, p, 60);
	rig_packet4(p, 0, 1, 60);
	be16_put(p + 2, 19);
	rig_send(&r, 0, p, 60);
	rig_packet6(p, 0, 1, 60);
	be16_put(p + 4, 25);
	rig_send(&r, 0, p, 60);
	rig_run(&r, SECONDS(1));
	assert_int_equal(b->delivered, 1);
	assert_int_equal(b->whys[WG_WHY_MALFORMED], 3);
	rig_packet4(p, 0, 1, 60);
	be16_put(p + 2, 40);
	rig_send(&r, 0, p, 60);
	rig_run(&r, SECONDS(1));
	assert_int_equal(b->last_n, 40);
	/* From the TUN: no IP at all, or too short. */
	memset(p, 0, 60);
	assert_int_equal(rig_send(&r, 0, p, 60), WG_DONE);
	rig_packet4(p, 0, 1, 60);
	rig_send(&r, 0, p, 19);
	rig_packet6(p, 0, 1, 60);
	rig_send(&r, 0, p, 39);
	assert_int_equal(a->whys[WG_WHY_MALFORMED], 3);
}

static uint32_t
header_sum(const uint8_t *p)
{
	uint32_t s = 0;

	for (int i = 0; i < 20; i += 2)
		s += be16_get(p + i);
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

static void
ecn(uint8_t inner, uint8_t mark, uint8_t outer, uint8_t want)
{
	uint8_t p[RIG_ROOM];

	rig_packet4(p, 0, 1, 60);
	p[1] = 0xb8 | inner;
	be16_put(p + 10, 0);
	be16_put(p + 10, (uint16_t)~header_sum(p));
	assert_int_equal(header_sum(p), 0xffff);
	r.mark = mark;
	rig_send(&r, 0, p, 60);
	assert_int_equal(a->sent_ds, outer);
	rig_run(&r, MILLISECONDS(30));
	assert_int_equal(b->last[1], 0xb8 | want);
	assert_int_equal(header_sum(b->last), 0xffff);

	rig_packet6(p, 0, 1, 60);
	p[0] = 0x6b;
	p[1] = (uint8_t)(0x80 | inner << 4 | 5);
	rig_send(&r, 0, p, 60);
	assert_int_equal(a->sent_ds, outer);
	rig_run(&r, MILLISECONDS(30));
	assert_int_equal(b->last[0], 0x6b);
	assert_int_equal(b->last[1], 0x80 | want << 4 | 5);
	r.mark = 0;
}

static void
test_ecn(void **state)
{
	(void)state;
	rig_ping(&r, 0, 1, 60);
	assert_int_equal(a->sent_ds, 0x88);
	rig_run(&r, SECONDS(1));
	assert_int_equal(b->sent_ds, 0x88);
	for (uint8_t in = 0; in < 3; in++)
		ecn(in, 0, in, in);
	ecn(3, 0, 2, 3);
	ecn(0, 3, 0, 0);	/* no ECN inside: the mark is lost */
	ecn(1, 3, 1, 3);
	ecn(2, 3, 2, 3);
	ecn(3, 3, 2, 3);
}

static void
test_unreachable(void **state)
{
	uint8_t p[RIG_ROOM];
	unsigned n;

	(void)state;
	rig_packet4(p, 0, 200, 60);
	rig_send(&r, 0, p, 60);
	assert_int_equal(a->whys[WG_WHY_NO_PEER], 1);
	assert_int_equal(a->events[WG_EVENT_NO_PEER], 1);
	assert_int_equal(a->delivered, 1);
	assert_int_equal(a->last_n, 28 + 60);
	assert_int_equal(be32_get(a->last + 12), 0x0a0000c9);
	assert_int_equal(be32_get(a->last + 16), 0x0a000001);
	assert_int_equal(a->last[20], 3);
	assert_int_equal(a->last[21], 1);
	rig_packet6(p, 0, 200, 60);
	rig_send(&r, 0, p, 60);
	assert_int_equal(a->delivered, 2);
	assert_int_equal(a->last[40], 1);
	assert_int_equal(a->last[41], 3);
	/* A peer without an endpoint. */
	assert_int_equal(rig_ping(&r, 1, 0, 60), WG_DONE);
	assert_int_equal(b->whys[WG_WHY_NO_ENDPOINT], 1);
	assert_int_equal(b->events[WG_EVENT_NO_ENDPOINT], 1);
	assert_int_equal(b->delivered, 1);
	/* A flood is answered 50 times at once and 250 times a second. */
	rig_packet4(p, 0, 200, 60);
	for (int i = 0; i < 1000; i++)
		rig_send(&r, 0, p, 60);
	assert_int_equal(a->delivered, 50);
	for (int i = 0; i < 1000; i++) {
		rig_run(&r, MILLISECONDS(1));
		rig_send(&r, 0, p, 60);
	}
	n = a->delivered - 50;
	assert_in_range(n, 249, 251);
	assert_int_equal(a->sent[WG_MSG_INITIATION], 0);
}

/* 128 wait for the handshake; then the oldest give way. */
static void
test_staged(void **state)
{
	uint8_t p[RIG_ROOM];

	(void)state;
	for (uint16_t i = 0; i < 200; i++) {
		rig_packet4(p, 0, 1, 60);
		be16_put(p + 4, i);
		rig_send(&r, 0, p, 60);
	}
	assert_int_equal(peer(0, 1)->n_staged, 128);
	rig_run(&r, SECONDS(1));
	assert_int_equal(b->delivered, 128);
	assert_int_equal(be16_get(b->last + 4), 199);
	assert_int_equal(peer(0, 1)->n_staged, 0);
	assert_int_equal(a->dev->staged_bytes, 0);
	/* Padded like all others, within the MTU. */
	wg_keypairs_clear(peer(0, 1));
	rig_run(&r, SECONDS(5));
	rig_ping(&r, 0, 1, 1415);
	rig_run(&r, SECONDS(1));
	assert_int_equal(b->last_n, 1415);
	assert_int_equal(a->sent_n, 1420 + 32);
	/* No keepalive was needed to tell b that the session stands. */
	assert_int_equal(a->keepalives, 0);
}

/* A packet of the last session that comes late is taken, both ways. */
static void
test_late(void **state)
{
	uint8_t from_a[256], from_b[256];
	size_t n;

	(void)state;
	establish();
	rig_ping(&r, 0, 1, 60);
	n = a->sent_n;
	memcpy(from_a, a->sent_data, n);
	rig_ping(&r, 1, 0, 60);
	memcpy(from_b, b->sent_data, n);
	while (r.n_fly)
		free(r.fly[--r.n_fly]);
	rig_run(&r, SECONDS(5));
	wg_handshake_initiate(peer(0, 1), &r.now, false);
	rig_drain(&r, a);
	rig_run(&r, SECONDS(1));
	assert_int_equal(b->events[WG_EVENT_HANDSHAKE], 2);
	assert_int_equal(rig_receive(&r, b, from_a, n, &a->self, 0),
	    WG_WHY_NONE);
	assert_int_equal(rig_receive(&r, a, from_b, n, &b->self, 0),
	    WG_WHY_NONE);
	assert_int_equal(a->delivered, 1);
	assert_int_equal(b->delivered, 2);
}

static void
initiate(void)
{
	struct wg_peer *p = peer(0, 1);

	p->hold_initiation.ns = INT64_MIN;
	wg_handshake_initiate(p, &r.now, false);
	rig_drain(&r, a);
}

/* Whoever does not know our key gets no answer, load or not. */
static void
test_wrong_mac1(void **state)
{
	uint8_t msg[148];

	(void)state;
	b->deaf = true;
	initiate();
	memcpy(msg, a->sent_data, 148);
	msg[147 - 16] ^= 1;
	assert_int_equal(rig_receive(&r, b, msg, 148, &a->self, 0),
	    WG_WHY_FORGED);
	assert_int_equal(b->sent[WG_MSG_RESPONSE], 0);
	msg[147 - 16] ^= 1;
	assert_int_equal(rig_receive(&r, b, msg, 148, &a->self, 0),
	    WG_WHY_HANDSHAKE);
}

/* A response to a number that is a session's, not a handshake's. */
static void
test_wrong_index(void **state)
{
	struct wg_response m = { .sender = 1 };
	uint8_t msg[WG_RESPONSE_LEN];

	(void)state;
	establish();
	m.receiver = peer(1, 0)->current->index.number;
	wg_response_encode(msg, &m);
	assert_true(wg_cookie_add_macs(&peer(0, 1)->cookie, a->dev->crypto,
	    r.now.at, msg, sizeof(msg)));
	assert_int_equal(rig_receive(&r, b, msg, sizeof(msg), &a->self, 0),
	    WG_WHY_UNKNOWN_INDEX);
}

/* Initiations of one peer that come too close together are dropped. */
static void
test_spacing(void **state)
{
	(void)state;
	initiate();
	rig_run(&r, MILLISECONDS(18));
	initiate();
	rig_run(&r, MILLISECONDS(21));
	initiate();
	rig_run(&r, SECONDS(1));
	assert_int_equal(b->whys[WG_WHY_BUSY], 1);
	assert_int_equal(b->sent[WG_MSG_RESPONSE], 2);
}

/* 6.2: by count, as soon as a packet goes out. */
static void
test_rekey_after_messages(void **state)
{
	(void)state;
	establish();
	peer(0, 1)->current->counter = WG_REKEY_AFTER_MESSAGES - 1;
	rig_run(&r, SECONDS(5));
	rig_ping(&r, 0, 1, 60);
	assert_int_equal(a->sent[WG_MSG_INITIATION], 1);
	rig_ping(&r, 0, 1, 60);
	assert_int_equal(a->sent[WG_MSG_INITIATION], 2);
	rig_run(&r, SECONDS(1));
	assert_int_equal(b->delivered, 3);
	/* The responder does so as well. */
	rig_run(&r, SECONDS(5));
	peer(1, 0)->current->counter = WG_REKEY_AFTER_MESSAGES + 1;
	rig_ping(&r, 1, 0, 60);
	assert_int_equal(b->sent[WG_MSG_INITIATION], 1);
}

/* 6.1: the last counter is used, and then no more. */
static void
test_reject_after_messages(void **state)
{
	(void)state;
	establish();
	peer(0, 1)->current->counter = WG_REJECT_AFTER_MESSAGES - 1;
	assert_int_equal(rig_ping(&r, 0, 1, 60), WG_SEND);
	rig_run(&r, MILLISECONDS(30));
	assert_int_equal(b->delivered, 2);
	assert_int_equal(rig_ping(&r, 0, 1, 60), WG_DONE);
	rig_run(&r, SECONDS(6));
	assert_int_equal(b->delivered, 3);
}

/* Under load: a cookie first, and mac2 with it opens the door. */
static void
test_cookie(void **state)
{
	(void)state;
	wg_device_under_load(b->dev, r.now);
	rig_ping(&r, 0, 1, 60);
	rig_run(&r, MILLISECONDS(500));
	assert_int_equal(b->sent[WG_MSG_COOKIE], 1);
	assert_int_equal(b->sent[WG_MSG_RESPONSE], 0);
	rig_run(&r, MILLISECONDS(4400));
	for (int i = 0; i < 6; i++) {
		wg_device_under_load(b->dev, r.now);
		rig_run(&r, MILLISECONDS(100));
	}
	assert_int_equal(a->sent[WG_MSG_INITIATION], 2);
	assert_int_equal(b->sent[WG_MSG_COOKIE], 1);
	assert_int_equal(b->sent[WG_MSG_RESPONSE], 1);
	assert_int_equal(b->delivered, 1);
}

/* Load is counted by the device itself, and ends by itself. */
static void
test_load(void **state)
{
	uint8_t msg[148], copy[148];
	unsigned cookies;

	(void)state;
	rig_done(&r);
	rig_init_load(&r, 2, 1, 10);
	rig_pair(&r, 0, 1);
	rig_ping(&r, 0, 1, 60);
	memcpy(msg, a->sent_data, 148);
	for (int i = 0; i < 30; i++) {
		memcpy(copy, msg, 148);
		rig_receive(&r, b, copy, 148, &a->self, 0);
	}
	assert_int_equal(b->sent[WG_MSG_RESPONSE], 1);
	assert_int_equal(b->sent[WG_MSG_COOKIE], 20);
	/* A stranger's, with a wrong mac1, gets nothing at all. */
	memcpy(copy, msg, 148);
	copy[120] ^= 1;
	assert_int_equal(rig_receive(&r, b, copy, 148, &a->self, 0),
	    WG_WHY_FORGED);
	assert_int_equal(b->sent[WG_MSG_COOKIE], 20);
	rig_run(&r, SECONDS(3));
	cookies = b->sent[WG_MSG_COOKIE];
	memcpy(copy, msg, 148);
	assert_int_equal(rig_receive(&r, b, copy, 148, &a->self, 0),
	    WG_WHY_FORGED);	/* a replay, and no load: no cookie */
	assert_int_equal(b->sent[WG_MSG_COOKIE], cookies);
}

/* With a cookie a source is limited to 20 a second. */
static void
test_source_limit(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++) {
		wg_device_under_load(b->dev, r.now);
		rig_ping(&r, 0, 1, 60);
		rig_run(&r, MILLISECONDS(100));
	}
	assert_true(peer(0, 1)->cookie.has_cookie);
	for (int i = 0; i < 40; i++) {
		struct wg_peer *p = peer(0, 1);

		p->hold_initiation.ns = INT64_MIN;
		wg_device_under_load(b->dev, r.now);
		wg_handshake_initiate(p, &r.now, true);
		rig_drain(&r, a);
		rig_run(&r, MILLISECONDS(20));
	}
	rig_run(&r, MILLISECONDS(100));
	/* Five at once, then one in 50 ms. */
	assert_in_range(b->sent[WG_MSG_RESPONSE], 19, 22);
	assert_in_range(b->whys[WG_WHY_BUSY], 18, 21);
}

static void
test_private_key(void **state)
{
	struct wg_peer_set s = { 0 };
	uint8_t key[32], none[32] = { 0 };

	(void)state;
	establish();
	/* Its own key is no peer, neither now nor later. */
	memcpy(s.public_key, a->public_key, 32);
	assert_int_equal(wg_device_set_peer(a->dev, r.now, &s), 0);
	assert_int_equal(wg_device_n_peers(a->dev), 1);
	assert_int_equal(wg_device_set_private_key(a->dev, r.now,
	    b->private_key), 0);
	assert_int_equal(wg_device_n_peers(a->dev), 0);
	assert_int_equal(wg_device_set_private_key(a->dev, r.now,
	    a->private_key), 0);
	rig_peer(&r, 0, 1, true, 0);
	/* Sessions of the old key are not sent in any more. */
	rig_run(&r, SECONDS(6));
	rig_ping(&r, 0, 1, 60);
	rig_run(&r, SECONDS(1));
	assert_int_equal(b->delivered, 2);
	memset(key, 5, 32);
	assert_int_equal(wg_device_set_private_key(a->dev, r.now, key), 0);
	rig_ping(&r, 0, 1, 60);
	rig_run(&r, SECONDS(1));
	assert_int_equal(b->delivered, 2);
	assert_int_equal(wg_device_set_private_key(a->dev, r.now, none), 0);
	assert_false(wg_device_private_key(a->dev, key));
	assert_true(crypto_is_zero(key, 32));
	rig_ping(&r, 0, 1, 60);
	rig_run(&r, SECONDS(20));
	assert_int_equal(b->delivered, 2);
}

static void
test_down(void **state)
{
	(void)state;
	establish();
	wg_device_down(a->dev);
	assert_false(wg_device_is_up(a->dev));
	assert_int_equal(rig_ping(&r, 0, 1, 60), WG_DONE);
	rig_ping(&r, 1, 0, 60);
	rig_run(&r, SECONDS(1));
	assert_int_equal(a->whys[WG_WHY_DOWN], 2);
	assert_true(instant_is_never(wg_device_deadline(a->dev)));
	wg_device_up(a->dev, r.now);
	rig_ping(&r, 0, 1, 60);
	rig_run(&r, SECONDS(1));
	assert_int_equal(b->delivered, 2);
}

/* Short, long, of unknown type; to indices that nobody has. */
static void
test_noise_on_the_line(void **state)
{
	uint8_t m[200];

	(void)state;
	establish();
	for (size_t n = 0; n < sizeof(m); n++)
		for (uint8_t type = 0; type < 6; type++) {
			memset(m, 0xee, sizeof(m));
			le32_put(m, type);
			rig_receive(&r, b, m, n, &a->self, 0);
			le32_put(m, type | 0x100);
			assert_int_equal(rig_receive(&r, b, m, n, &a->self,
			    0), WG_WHY_MALFORMED);
		}
	assert_int_equal(b->delivered, 1);
	rig_ping(&r, 0, 1, 60);
	rig_run(&r, SECONDS(1));
	assert_int_equal(b->delivered, 2);
}

static void
test_set_peer_errors(void **state)
{
	struct wg_allowed bad = { .prefix = { .kind = NET_ROA4 } };
	struct wg_peer_set s = { .public_key = { 9 }, .allowed = &bad,
	    .n_allowed = 1 };

	(void)state;
	assert_int_equal(wg_device_set_peer(a->dev, r.now, &s), -EINVAL);
	bad.prefix = (struct prefix){ .kind = NET_IP4, .len = 33 };
	assert_int_equal(wg_device_set_peer(a->dev, r.now, &s), -EINVAL);
	assert_int_equal(wg_device_n_peers(a->dev), 1);
	s.n_allowed = 0;
	mem_fail_after(0);
	assert_int_equal(wg_device_set_peer(a->dev, r.now, &s), -ENOMEM);
	mem_fail_after(-1);
	assert_int_equal(wg_device_n_peers(a->dev), 1);
}

/* Memory that runs out anywhere in a handshake loses time, nothing else. */
static void
test_no_memory(void **state)
{
	(void)state;
	for (long n = 0; n < 30; n++) {
		setup(NULL);
		mem_fail_after(n);
		rig_ping(&r, 0, 1, 60);
		rig_run(&r, SECONDS(1));
		mem_fail_after(-1);
		rig_run(&r, SECONDS(100));
		rig_ping(&r, 0, 1, 60);
		rig_run(&r, SECONDS(8));
		assert_true(b->delivered > 0);
		teardown(NULL);
	}
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_sizes), T(test_counters), T(test_psk),
		T(test_roaming), T(test_no_roaming), T(test_sticky_source),
		T(test_source_check), T(test_inner_length), T(test_ecn),
		T(test_unreachable), T(test_staged), T(test_late),
		T(test_wrong_mac1), T(test_wrong_index), T(test_spacing),
		T(test_rekey_after_messages), T(test_reject_after_messages),
		T(test_cookie), T(test_load), T(test_source_limit),
		T(test_private_key), T(test_down),
		T(test_noise_on_the_line), T(test_set_peer_errors),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

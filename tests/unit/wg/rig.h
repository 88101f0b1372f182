/* SPDX-License-Identifier: ISC */
/*
 * Some devices and the network between them, in virtual time.
 *
 * A node's address is 192.0.2.N+1, its tunnel address 10.0.0.N+1 and
 * fd00::N+1.  Datagrams take "delay" and up to "spread" more (so that they
 * overtake), and one in "loss" thousandths is lost, by a seeded dice.  All
 * that happened is counted.
 */
#ifndef WARREN_TEST_WG_RIG_H
#define WARREN_TEST_WG_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "wg/device.h"
#include "wire/wg.h"

#define RIG_NODES	3
#define RIG_FLYING	4096
#define RIG_ROOM	2048

struct flying {
	struct instant at;
	uint64_t order;
	struct wg_endpoint from, to;
	uint8_t ds;
	size_t n;
	uint8_t data[RIG_ROOM];
};

struct node {
	struct wg_device *dev;
	uint8_t private_key[32], public_key[32];
	struct wg_endpoint self;
	bool deaf;			/* nothing reaches it */
	unsigned sent[WG_MSG_TRANSPORT + 1];	/* messages by type */
	unsigned keepalives;		/* among the transport ones */
	unsigned events[WG_EVENT_NO_ENDPOINT + 1];
	unsigned delivered, whys[WG_WHY_DOWN + 1];
	uint8_t last[RIG_ROOM];		/* delivered, or the device's own */
	size_t last_n;
	uint8_t sent_ds;		/* of its last datagram */
	uint8_t sent_data[RIG_ROOM];
	size_t sent_n;
};

struct rig {
	struct wg_now now;
	uint64_t dice;
	int64_t delay, spread;
	unsigned loss;			/* per thousand */
	uint8_t mark;			/* ORed into ds on the way */
	unsigned n_nodes;
	struct node node[RIG_NODES];
	struct flying *fly[RIG_FLYING];
	size_t n_fly;
	uint64_t order;
};

static inline uint32_t
rig_dice(struct rig *r, uint32_t n)
{
	r->dice = r->dice * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(r->dice >> 33) % n;
}

static inline void
rig_random(void *arg, void *p, size_t n)
{
	struct rig *r = arg;

	for (size_t i = 0; i < n; i++)
		((uint8_t *)p)[i] = (uint8_t)rig_dice(r, 256);
}

static inline struct prefix
rig_net(const char *s)
{
	struct prefix p;

	assert_true(prefix_parse(s, &p));
	return p;
}

static inline void
rig_init_load(struct rig *r, unsigned nodes, uint64_t seed, unsigned load)
{
	memset(r, 0, sizeof(*r));
	r->dice = seed * 2 + 1;
	r->delay = MILLISECONDS(20);
	r->now.at.ns = SECONDS(1000);
	r->now.date.s = 1700000000;
	r->n_nodes = nodes;
	for (unsigned i = 0; i < nodes; i++) {
		struct wg_device_options o = { .random = rig_random,
		    .arg = r, .lanes = 2, .load = load };
		struct node *n = &r->node[i];

		n->dev = wg_device_new(&o);
		assert_non_null(n->dev);
		rig_random(r, n->private_key, 32);
		wg_key_private(n->private_key);
		assert_true(wg_key_public(n->public_key, n->private_key));
		assert_int_equal(wg_device_set_private_key(n->dev, r->now,
		    n->private_key), 0);
		n->self.addr = ip4(0xc0000201 + i);
		n->self.port = 51820;
		wg_device_up(n->dev, r->now);
	}
}

static inline void
rig_init(struct rig *r, unsigned nodes, uint64_t seed)
{
	rig_init_load(r, nodes, seed, 0);
}

static inline void
rig_done(struct rig *r)
{
	for (unsigned i = 0; i < r->n_nodes; i++)
		wg_device_free(r->node[i].dev);
	for (size_t i = 0; i < r->n_fly; i++)
		free(r->fly[i]);
}

static inline void
rig_fly(struct rig *r, struct node *n, const uint8_t *data, size_t len,
    const struct wg_endpoint *to, uint8_t ds)
{
	enum wg_msg_type type = wg_msg_type(bytes_of(data, len));
	struct flying *f;

	assert_int_not_equal(type, WG_MSG_NONE);
	assert_true(len <= RIG_ROOM);
	n->sent[type]++;
	n->keepalives += type == WG_MSG_TRANSPORT && len == 32;
	n->sent_ds = ds;
	n->sent_n = len;
	memcpy(n->sent_data, data, len);
	if (rig_dice(r, 1000) < r->loss || r->n_fly == RIG_FLYING)
		return;
	f = malloc(sizeof(*f));
	assert_non_null(f);
	f->at = instant_add(r->now.at, r->delay);
	if (r->spread)
		f->at.ns += rig_dice(r, (uint32_t)(r->spread / 1000)) * 1000;
	f->order = r->order++;
	f->from = n->self;
	f->to = *to;
	f->ds = ds | r->mark;
	f->n = len;
	memcpy(f->data, data, len);
	r->fly[r->n_fly++] = f;
}

static inline void
rig_deliver(struct node *n, const uint8_t *p, size_t len)
{
	n->delivered++;
	n->last_n = len;
	memcpy(n->last, p, len);
}

static inline void
rig_drain(struct rig *r, struct node *n)
{
	struct wg_out o;

	while (wg_device_poll(n->dev, &o)) {
		switch (o.kind) {
		case WG_OUT_DATAGRAM:
			rig_fly(r, n, o.data.p, o.data.n, &o.endpoint, o.ds);
			break;
		case WG_OUT_PACKET:
			rig_deliver(n, o.data.p, o.data.n);
			break;
		case WG_OUT_EVENT:
			n->events[o.event]++;
			break;
		case WG_OUT_NONE:
			fail();
		}
	}
}

/* From the TUN of node i; what became of it. */
static inline enum wg_step
rig_send(struct rig *r, unsigned i, const uint8_t *data, size_t len)
{
	uint8_t buf[WG_HEADROOM + RIG_ROOM + WG_TAILROOM];
	struct wg_packet k = { .data = buf + WG_HEADROOM,
	    .len = (uint32_t)len }, *v = &k;
	struct node *n = &r->node[i];

	assert_true(len <= RIG_ROOM - WG_HEADROOM - WG_TAILROOM);
	memcpy(k.data, data, len);
	wg_device_from_tun(n->dev, r->now, &v, 1);
	assert_true(k.step == WG_SEND || k.step == WG_DONE);
	n->whys[k.why]++;
	if (k.step == WG_SEND)
		rig_fly(r, n, k.data, k.len, &k.endpoint, k.ds);
	rig_drain(r, n);
	return k.step;
}

/* A datagram into node n as it stands. */
static inline enum wg_why
rig_receive(struct rig *r, struct node *n, uint8_t *data, size_t len,
    const struct wg_endpoint *from, uint8_t ds)
{
	struct wg_packet k = { .data = data, .len = (uint32_t)len,
	    .endpoint = *from, .ds = ds }, *v = &k;

	wg_device_from_net(n->dev, r->now, &v, 1);
	assert_true(k.step == WG_DELIVER || k.step == WG_DONE);
	n->whys[k.why]++;
	if (k.step == WG_DELIVER)
		rig_deliver(n, k.data, k.len);
	rig_drain(r, n);
	return k.why;
}

static inline void
rig_land(struct rig *r, size_t at)
{
	struct flying *f = r->fly[at];

	r->fly[at] = r->fly[--r->n_fly];
	for (unsigned i = 0; i < r->n_nodes; i++) {
		struct node *n = &r->node[i];

		if (wg_endpoint_eq(&n->self, &f->to) && !n->deaf)
			rig_receive(r, n, f->data, f->n, &f->from, f->ds);
	}
	free(f);
}

/* The next to land, by time and then by order; n_fly if none. */
static inline size_t
rig_next(const struct rig *r)
{
	size_t best = r->n_fly;

	for (size_t i = 0; i < r->n_fly; i++)
		if (best == r->n_fly ||
		    r->fly[i]->at.ns < r->fly[best]->at.ns ||
		    (r->fly[i]->at.ns == r->fly[best]->at.ns &&
		    r->fly[i]->order < r->fly[best]->order))
			best = i;
	return best;
}

static inline void
rig_set_time(struct rig *r, struct instant at)
{
	int64_t ns = at.ns - r->now.at.ns + r->now.date.ns;

	r->now.at = at;
	r->now.date.s += ns / SECONDS(1);
	r->now.date.ns = (int32_t)(ns % SECONDS(1));
}

/* Lets span pass and all that is due in it happen. */
static inline void
rig_run(struct rig *r, int64_t span)
{
	struct instant end = instant_add(r->now.at, span);

	for (;;) {
		size_t next = rig_next(r);
		struct instant at = next < r->n_fly ? r->fly[next]->at :
		    INSTANT_NEVER;

		for (unsigned i = 0; i < r->n_nodes; i++)
			at = instant_min(at,
			    wg_device_deadline(r->node[i].dev));
		if (at.ns > end.ns)
			break;
		if (at.ns > r->now.at.ns)
			rig_set_time(r, at);
		if (next < r->n_fly && r->fly[next]->at.ns <= r->now.at.ns)
			rig_land(r, next);
		for (unsigned i = 0; i < r->n_nodes; i++) {
			wg_device_tick(r->node[i].dev, r->now);
			rig_drain(r, &r->node[i]);
		}
	}
	rig_set_time(r, end);
}

/* Tells node i of node j: its key, where it is, its tunnel addresses. */
static inline void
rig_peer(struct rig *r, unsigned i, unsigned j, bool endpoint,
    uint16_t keepalive)
{
	struct wg_allowed allowed[2] = { 0 };
	struct wg_peer_set s = { .allowed = allowed, .n_allowed = 2,
	    .has_endpoint = endpoint, .endpoint = r->node[j].self,
	    .has_keepalive = true, .keepalive = keepalive };

	memcpy(s.public_key, r->node[j].public_key, 32);
	allowed[0].prefix = prefix_host(ip4(0x0a000001 + j));
	allowed[1].prefix = rig_net("fd00::1");
	allowed[1].prefix.ip.b[15] = (uint8_t)(1 + j);
	assert_int_equal(wg_device_set_peer(r->node[i].dev, r->now, &s), 0);
	rig_drain(r, &r->node[i]);
}

/* The two of them know each other; only i knows where j is. */
static inline void
rig_pair(struct rig *r, unsigned i, unsigned j)
{
	rig_peer(r, i, j, true, 0);
	rig_peer(r, j, i, false, 0);
}

/* A UDP-like packet from tunnel address i to j, of n bytes. */
static inline size_t
rig_packet4(uint8_t *p, unsigned i, unsigned j, size_t n)
{
	memset(p, (int)n, n);
	p[0] = 0x45;
	p[1] = 0;
	be16_put(p + 2, (uint16_t)n);
	be32_put(p + 4, 0);
	p[8] = 64;
	p[9] = 17;
	be16_put(p + 10, 0);
	be32_put(p + 12, 0x0a000001 + i);
	be32_put(p + 16, 0x0a000001 + j);
	return n;
}

static inline size_t
rig_packet6(uint8_t *p, unsigned i, unsigned j, size_t n)
{
	memset(p, (int)n, n);
	memset(p, 0, 40);
	p[0] = 0x60;
	be16_put(p + 4, (uint16_t)(n - 40));
	p[6] = 17;
	p[8] = p[24] = 0xfd;
	p[23] = (uint8_t)(1 + i);
	p[39] = (uint8_t)(1 + j);
	return n;
}

static inline enum wg_step
rig_ping(struct rig *r, unsigned i, unsigned j, size_t n)
{
	uint8_t p[RIG_ROOM];

	return rig_send(r, i, p, rig_packet4(p, i, j, n));
}

static inline void
rig_info(struct rig *r, unsigned i, unsigned j, struct wg_peer_info *ret)
{
	const struct wg_peer *p = wg_device_find_peer(r->node[i].dev,
	    r->node[j].public_key);

	assert_non_null(p);
	wg_peer_info(p, ret);
}

#endif

/* SPDX-License-Identifier: ISC */
/* The three stages by hand, as an owner with workers calls them. */
#include <pthread.h>

#include "rig.h"

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

#define BATCH	16

struct batch {
	uint8_t buf[BATCH][WG_HEADROOM + 128 + WG_TAILROOM];
	struct wg_packet k[BATCH], *v[BATCH];
};

static void
fill(struct batch *t)
{
	for (uint16_t i = 0; i < BATCH; i++) {
		t->k[i] = (struct wg_packet){
		    .data = t->buf[i] + WG_HEADROOM, .len = 60 };
		t->v[i] = &t->k[i];
		rig_packet4(t->k[i].data, 0, 1, 60);
		be16_put(t->k[i].data + 4, i);
	}
}

/* The three stages by hand; workers in any order and any lane. */
static void
test_stages(void **state)
{
	static struct batch t;

	(void)state;
	establish();
	fill(&t);
	wg_device_outbound(a->dev, r.now, t.v, BATCH);
	for (int i = BATCH - 1; i >= 0; i--)
		wg_packets_crypt(&t.v[i], 1, i & 1);
	wg_device_commit(a->dev, r.now, t.v, BATCH);
	for (int i = 0; i < BATCH; i++) {
		assert_int_equal(t.k[i].step, WG_SEND);
		assert_true(wg_endpoint_eq(&t.k[i].endpoint, &b->self));
		if (i)
			assert_int_equal(wg_transport_counter(t.k[i].data),
			    wg_transport_counter(t.k[i - 1].data) + 1);
		t.k[i].step = WG_NEW;
		t.k[i].endpoint = a->self;
	}
	wg_device_inbound(b->dev, r.now, t.v, BATCH);
	for (int i = BATCH - 1; i >= 0; i--)
		wg_packets_crypt(&t.v[i], 1, i & 1);
	wg_device_commit(b->dev, r.now, t.v, BATCH);
	for (int i = 0; i < BATCH; i++) {
		assert_int_equal(t.k[i].step, WG_DELIVER);
		assert_int_equal(be16_get(t.k[i].data + 4), i);
		assert_int_equal(t.k[i].len, 60);
	}
}

static void *
worker(void *arg)
{
	struct batch *t = arg;

	/* Both threads work on one key at once, each in its own lane. */
	wg_packets_crypt(t->v, BATCH, t->k[0].owner ? 1 : 0);
	return NULL;
}

/* Threads that share nothing but the keypairs; for TSan to look at. */
static void
test_threads(void **state)
{
	static struct batch t[2];
	pthread_t id;

	(void)state;
	establish();
	for (int round = 0; round < 50; round++) {
		for (int i = 0; i < 2; i++) {
			fill(&t[i]);
			t[i].k[0].owner = i ? t : NULL;
			wg_device_outbound(a->dev, r.now, t[i].v, BATCH);
		}
		assert_int_equal(pthread_create(&id, NULL, worker, &t[1]),
		    0);
		worker(&t[0]);
		pthread_join(id, NULL);
		for (int i = 0; i < 2; i++) {
			wg_device_commit(a->dev, r.now, t[i].v, BATCH);
			for (int k = 0; k < BATCH; k++)
				t[i].k[k].endpoint = a->self;
			wg_device_from_net(b->dev, r.now, t[i].v, BATCH);
			for (int k = 0; k < BATCH; k++)
				assert_int_equal(t[i].k[k].step, WG_DELIVER);
		}
	}
}

/* The peer goes while its packets are with the workers. */
static void
test_removed_in_flight(void **state)
{
	struct wg_peer_set gone = { .remove = true };
	static struct batch t;

	(void)state;
	establish();
	fill(&t);
	wg_device_outbound(a->dev, r.now, t.v, BATCH);
	memcpy(gone.public_key, b->public_key, 32);
	assert_int_equal(wg_device_set_peer(a->dev, r.now, &gone), 0);
	assert_int_equal(wg_device_n_peers(a->dev), 0);
	wg_packets_crypt(t.v, BATCH, 1);
	wg_device_commit(a->dev, r.now, t.v, BATCH);
	for (int i = 0; i < BATCH; i++) {
		assert_int_equal(t.k[i].step, WG_DONE);
		assert_int_equal(t.k[i].why, WG_WHY_DOWN);
		assert_null(t.k[i].keypair);
	}
}

/* The session is replaced meanwhile; a packet is given up by its owner. */
static void
test_retired_in_flight(void **state)
{
	static struct batch t;
	struct wg_peer *p;

	(void)state;
	establish();
	fill(&t);
	wg_device_outbound(a->dev, r.now, t.v, BATCH);
	p = peer(0, 1);
	wg_keypairs_clear(p);
	assert_null(p->current);
	wg_packets_crypt(t.v, BATCH - 1, 1);	/* all but the last */
	wg_device_commit(a->dev, r.now, t.v, BATCH);
	assert_int_equal(t.k[0].step, WG_SEND);
	assert_int_equal(t.k[BATCH - 1].step, WG_DONE);
	assert_int_equal(p->refs, 1);
	/* A second commit does nothing. */
	wg_device_commit(a->dev, r.now, t.v, BATCH);
	assert_int_equal(t.k[0].step, WG_SEND);
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_stages), T(test_threads), T(test_removed_in_flight),
		T(test_retired_in_flight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

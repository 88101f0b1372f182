/* SPDX-License-Identifier: ISC */
/*
 * A device that is made anew knows where its peers were; they do not know
 * that their sessions with it are gone.
 */
#include "rig.h"

static struct rig r;
static uint8_t packet[100];

static void
says(unsigned i, unsigned j)
{
	rig_packet4(packet, i, j, sizeof(packet));
	assert_int_equal(rig_send(&r, i, packet, sizeof(packet)), WG_SEND);
}

/* Node j dies and comes again, with the same key. */
static void
reborn(unsigned j)
{
	struct wg_device_options o = { .random = rig_random, .arg = &r };
	struct node *n = &r.node[j];

	wg_device_free(n->dev);
	n->dev = wg_device_new(&o);
	assert_non_null(n->dev);
	assert_int_equal(wg_device_set_private_key(n->dev, r.now,
	    n->private_key), 0);
	wg_device_up(n->dev, r.now);
	memset(n->sent, 0, sizeof(n->sent));
}

static void
start(void)
{
	rig_init(&r, 2, 7);
	rig_pair(&r, 0, 1);
	rig_packet4(packet, 0, 1, sizeof(packet));
	rig_send(&r, 0, packet, sizeof(packet));
	rig_run(&r, SECONDS(1));
	assert_int_equal(r.node[1].delivered, 1);
	/* So that no handshake is too recent. */
	rig_run(&r, SECONDS(30));
	reborn(1);
}

static void
is_called_at_once(void **state)
{
	(void)state;
	start();
	rig_peer(&r, 1, 0, true, 0);
	says(0, 1);
	rig_run(&r, MILLISECONDS(200));
	assert_int_equal(r.node[1].whys[WG_WHY_UNKNOWN_INDEX], 1);
	assert_int_equal(r.node[1].sent[WG_MSG_INITIATION], 1);
	says(0, 1);
	rig_run(&r, MILLISECONDS(200));
	assert_int_equal(r.node[1].delivered, 2);
	rig_done(&r);
}

static void
not_from_another_address(void **state)
{
	(void)state;
	start();
	rig_peer(&r, 1, 0, true, 0);
	r.node[0].self.port++;
	says(0, 1);
	rig_run(&r, MILLISECONDS(200));
	assert_int_equal(r.node[1].whys[WG_WHY_UNKNOWN_INDEX], 1);
	assert_int_equal(r.node[1].sent[WG_MSG_INITIATION], 0);
	rig_done(&r);
}

static void
not_where_no_endpoint_is_known(void **state)
{
	(void)state;
	start();
	rig_peer(&r, 1, 0, false, 0);
	says(0, 1);
	rig_run(&r, MILLISECONDS(200));
	assert_int_equal(r.node[1].sent[WG_MSG_INITIATION], 0);
	rig_done(&r);
}

/* However much is forged in its name. */
static void
no_more_than_any_packet_would(void **state)
{
	uint8_t junk[64] = { 4 };

	(void)state;
	start();
	rig_peer(&r, 1, 0, true, 0);
	r.node[0].deaf = true;
	for (unsigned i = 0; i < 1000; i++) {
		junk[4] = (uint8_t)i;
		junk[5] = (uint8_t)(i >> 8);
		rig_receive(&r, &r.node[1], junk, sizeof(junk),
		    &r.node[0].self, 0);
		rig_run(&r, MILLISECONDS(10));
	}
	assert_in_range(r.node[1].sent[WG_MSG_INITIATION], 2, 3);
	/* And no longer than a row of tries. */
	rig_run(&r, SECONDS(100));
	assert_in_range(r.node[1].sent[WG_MSG_INITIATION], 15, 20);
	assert_int_equal(r.node[1].events[WG_EVENT_GAVE_UP], 1);
	rig_done(&r);
}

/* With a session that stands, junk is junk. */
static void
not_with_a_session(void **state)
{
	uint8_t junk[64] = { 4 };

	(void)state;
	start();
	rig_peer(&r, 1, 0, true, 0);
	says(0, 1);
	rig_run(&r, SECONDS(10));
	assert_int_equal(r.node[1].sent[WG_MSG_INITIATION], 1);
	rig_receive(&r, &r.node[1], junk, sizeof(junk), &r.node[0].self, 0);
	rig_run(&r, SECONDS(1));
	assert_int_equal(r.node[1].sent[WG_MSG_INITIATION], 1);
	rig_done(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_called_at_once),
		cmocka_unit_test(not_from_another_address),
		cmocka_unit_test(not_where_no_endpoint_is_known),
		cmocka_unit_test(no_more_than_any_packet_would),
		cmocka_unit_test(not_with_a_session),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/*
 * Three devices that all know each other, on a bad line, for hours of
 * virtual time: loss, reordering, restarts, new addresses, load.  Whatever
 * happens, no packet comes out twice or changed, nobody sends more
 * handshakes than the protocol allows, and when the line is good again
 * everybody reaches everybody.
 *
 * usage: wg_sim [FIRST-SEED [LAST-SEED]]
 */
#include <stdio.h>
#include <string.h>

#include "../unit/wg/rig.h"

#define MINUTES		20
#define MARK		28		/* where in a packet its number is */

static struct rig r;
static uint32_t sent;			/* numbers given out */
static uint8_t seen[1 << 20];
static unsigned counted[RIG_NODES];

/* A delivered packet is one that was sent, and for the first time. */
static void
check(unsigned i)
{
	struct node *n = &r.node[i];
	uint8_t p[RIG_ROOM];
	uint32_t number;

	if (n->delivered == counted[i])
		return;
	assert_int_equal(n->delivered, counted[i] + 1);
	counted[i]++;
	if (n->last[9] == 1)		/* ICMP of its own device */
		return;
	number = be32_get(n->last + MARK);
	assert_true(number < sent);
	assert_int_equal(seen[number]++, 0);
	rig_packet4(p, n->last[15] - 1u, i, n->last_n);
	be32_put(p + MARK, number);
	assert_memory_equal(n->last, p, n->last_n);
}

static void
send_numbered(unsigned i, unsigned j)
{
	uint8_t p[RIG_ROOM];
	size_t n = 60 + rig_dice(&r, 1300);

	assert_true(sent < sizeof(seen));
	rig_packet4(p, i, j, n);
	be32_put(p + MARK, sent++);
	rig_send(&r, i, p, n);
	check(i);
}

/* One thing at a time, so that each delivery is looked at. */
static void
pass(int64_t span)
{
	struct instant end = instant_add(r.now.at, span);

	while (r.now.at.ns < end.ns) {
		size_t next = rig_next(&r);
		struct instant at = next < r.n_fly ?
		    instant_min(r.fly[next]->at, end) : end;

		for (unsigned i = 0; i < r.n_nodes; i++)
			at = instant_min(at,
			    wg_device_deadline(r.node[i].dev));
		if (at.ns > r.now.at.ns)
			rig_set_time(&r, at);
		if (next < r.n_fly &&
		    instant_due(r.fly[next]->at, r.now.at))
			rig_land(&r, next);
		for (unsigned i = 0; i < r.n_nodes; i++) {
			wg_device_tick(r.node[i].dev, r.now);
			rig_drain(&r, &r.node[i]);
			check(i);
		}
	}
}

static void
misfortune(void)
{
	struct node *n = &r.node[rig_dice(&r, RIG_NODES)];

	switch (rig_dice(&r, 6)) {
	case 0:				/* restarts, its sessions are lost */
		wg_device_down(n->dev);
		wg_device_up(n->dev, r.now);
		rig_drain(&r, n);
		break;
	case 1:				/* its address changes */
		n->self.port++;
		break;
	case 2:
		wg_device_under_load(n->dev, r.now);
		break;
	case 3:
		n->deaf = !n->deaf;
		break;
	case 4:
		r.loss = rig_dice(&r, 400);
		break;
	default:
		r.spread = MILLISECONDS(rig_dice(&r, 200) + 1);
		break;
	}
}

static void
all_to_all(void)
{
	for (unsigned i = 0; i < RIG_NODES; i++)
		for (unsigned j = 0; j < RIG_NODES; j++)
			if (i != j)
				send_numbered(i, j);
}

/* Good weather, and everybody told where the others are. */
static void
heal(void)
{
	uint32_t first;

	r.loss = 0;
	r.spread = MILLISECONDS(2);
	for (unsigned i = 0; i < RIG_NODES; i++)
		r.node[i].deaf = false;
	for (unsigned i = 0; i < RIG_NODES; i++)
		for (unsigned j = 0; j < RIG_NODES; j++)
			if (i != j)
				rig_peer(&r, i, j, true, 25);
	for (int i = 0; i < 40; i++) {
		all_to_all();
		pass(SECONDS(1));
	}
	first = sent;
	all_to_all();
	pass(SECONDS(1));
	for (uint32_t i = first; i < sent; i++)
		assert_int_equal(seen[i], 1);
}

static void
run(uint64_t seed)
{
	unsigned limit;

	memset(seen, 0, sizeof(seen));
	memset(counted, 0, sizeof(counted));
	sent = 0;
	rig_init(&r, RIG_NODES, seed);
	for (unsigned i = 0; i < RIG_NODES; i++)
		for (unsigned j = 0; j < RIG_NODES; j++)
			if (i != j)
				rig_peer(&r, i, j, true, j == 0 ? 25 : 0);
	for (int s = 0; s < MINUTES * 60; s++) {
		if (rig_dice(&r, 20) == 0)
			misfortune();
		if (rig_dice(&r, 3))
			send_numbered(rig_dice(&r, 3), rig_dice(&r, 3));
		pass(SECONDS(1));
	}
	heal();
	/* Two peers each, one initiation in 5 s at most, some restarts. */
	limit = 2 * (MINUTES * 60 + 41) / 5 + 2 * 100;
	for (unsigned i = 0; i < RIG_NODES; i++)
		assert_true(r.node[i].sent[WG_MSG_INITIATION] <= limit);
	rig_done(&r);
}

int
main(int argc, char **argv)
{
	uint64_t first = argc > 1 ? strtoull(argv[1], NULL, 0) : 1;
	uint64_t last = argc > 2 ? strtoull(argv[2], NULL, 0) :
	    argc > 1 ? first : 20;

	for (uint64_t seed = first; seed <= last; seed++) {
		printf("seed %llu\n", (unsigned long long)seed);
		fflush(stdout);
		run(seed);
	}
	return 0;
}

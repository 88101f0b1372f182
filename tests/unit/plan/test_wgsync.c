/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/wgsync.h"

static const struct hash_key key = { { 5, 6 } };

struct world {
	struct ai_plan ai;
	struct ws_peer peer[3];
	struct ws_want want;
	struct wg_uapi_peer have_peer[3];
	struct prefix allowed[8];
	struct wg_uapi_dump have;
	struct ws_changes c;
};

static struct prefix
net(const char *s)
{
	struct prefix p;

	assert_true(prefix_parse(s, &p));
	return p;
}

/* Peers 'A' and 'B', wanted and there, with a host route each. */
static void
two(struct world *ret)
{
	struct world w = { .want = { .n_peers = 2, .listen_port = 51820,
	    .can_remove = true } };

	memset(w.want.private_key, 'k', WG_KEY);
	for (unsigned i = 0; i < 2; i++) {
		w.allowed[i] = net(i ? "10.0.0.11/32" : "10.0.0.10/32");
		memset(w.peer[i].public_key, (int)('A' + i), WG_KEY);
		memset(w.have_peer[i].info.public_key, (int)('A' + i), WG_KEY);
		w.have_peer[i].info.n_allowed = 1;
		w.have_peer[i].first_allowed = i;
	}
	memset(w.have.private_key, 'k', WG_KEY);
	w.have.has_private_key = true;
	w.have.listen_port = 51820;
	w.have.n_peers = 2;
	w.have.n_allowed = 2;
	*ret = w;
	ai_init(&ret->ai, &key);
}

static void
compare(struct world *w)
{
	w->want.peers = w->peer;
	w->have.peers = w->have_peer;
	w->have.allowed = w->allowed;
	ai_peers(&w->ai, (unsigned)w->want.n_peers);
	for (unsigned i = 0; i < 2 && i < w->want.n_peers; i++) {
		struct prefix p = net(i ? "10.0.0.11/32" : "10.0.0.10/32");

		ai_list(&w->ai, (int)i, &p);
	}
	ai_listed(&w->ai);
	assert_true(ws_compare(&w->want, &w->have, &w->ai, &w->c));
}

static void
world_done(struct world *w)
{
	ws_changes_done(&w->c);
	ai_done(&w->ai);
}

static void
a_device_that_is_right_is_left_alone(void **st)
{
	struct world w;

	(void)st;
	two(&w);
	/* It has roamed: not where the configuration says. */
	w.peer[0].endpoint = (struct wg_endpoint){ .addr = ip4(1), .port = 1 };
	w.have_peer[0].info.endpoint =
	    (struct wg_endpoint){ .addr = ip4(2), .port = 2 };
	compare(&w);
	assert_false(ws_changes_any(&w.c));
	ws_changes_done(&w.c);
	w.peer[0].insist = true;
	compare(&w);
	assert_int_equal(w.c.n_peers, 1);
	assert_true(w.c.peer[0].has_endpoint);
	assert_true(w.c.peer[0].update_only);
	assert_int_equal(w.c.peer[0].endpoint.port, 1);
	assert_int_equal(w.c.peer[0].n_allowed, 0);
	world_done(&w);
}

static void
an_empty_device_gets_everything(void **st)
{
	struct world w;

	(void)st;
	two(&w);
	memset(&w.have, 0, sizeof(w.have));
	w.want.fwmark = 7;
	w.peer[1].keepalive = 25;
	memset(w.peer[1].psk, 's', WG_KEY);
	compare(&w);
	assert_true(w.c.device.has_private_key);
	assert_true(w.c.device.has_listen_port);
	assert_true(w.c.device.has_fwmark);
	assert_false(w.c.device.replace_peers);
	assert_int_equal(w.c.n_peers, 2);
	assert_false(w.c.peer[0].update_only);
	assert_int_equal(w.c.peer[0].n_allowed, 1);
	assert_int_equal(w.c.peer[1].keepalive, 25);
	assert_true(w.c.peer[1].has_psk);
	world_done(&w);
}

static void
a_prefix_leaves_before_its_peer_goes(void **st)
{
	struct world w;

	(void)st;
	two(&w);
	/* B goes, and what was its own is A's from now on. */
	w.want.n_peers = 1;
	struct prefix p = net("10.0.0.11/32");

	ai_peers(&w.ai, 1);
	ai_route(&w.ai, &p, ip4(0x0a00000a));
	compare(&w);
	assert_int_equal(w.c.n_peers, 2);
	assert_int_equal(w.c.peer[0].public_key[0], 'A');
	assert_int_equal(w.c.peer[0].n_allowed, 1);
	assert_true(w.c.peer[1].remove);
	assert_int_equal(w.c.peer[1].public_key[0], 'B');
	world_done(&w);
}

static void
without_removal_the_list_is_replaced(void **st)
{
	struct world w;

	(void)st;
	two(&w);
	w.allowed[2] = net("192.168.9.0/24");
	w.have_peer[1].info.n_allowed = 2;
	w.have.n_allowed = 3;
	compare(&w);
	assert_int_equal(w.c.n_peers, 1);
	assert_int_equal(w.c.peer[0].n_allowed, 1);
	assert_true(w.c.peer[0].allowed[0].remove);
	ws_changes_done(&w.c);
	w.want.can_remove = false;
	compare(&w);
	assert_int_equal(w.c.n_peers, 1);
	assert_true(w.c.peer[0].replace_allowed);
	assert_int_equal(w.c.peer[0].n_allowed, 1);
	assert_int_equal(w.c.peer[0].allowed[0].prefix.len, 32);
	world_done(&w);
}

static void
routes_alone_touch_nothing_else(void **st)
{
	struct prefix p = net("192.168.1.0/24");
	struct world w;

	(void)st;
	two(&w);
	compare(&w);
	ws_changes_done(&w.c);
	ai_route(&w.ai, &p, ip4(0x0a00000b));
	assert_true(ws_allowed(&w.want, &w.ai, &w.c));
	assert_false(w.c.device_changed);
	assert_int_equal(w.c.n_peers, 1);
	assert_int_equal(w.c.peer[0].public_key[0], 'B');
	assert_true(w.c.peer[0].update_only);
	assert_int_equal(w.c.peer[0].n_allowed, 1);
	assert_false(w.c.peer[0].has_keepalive);
	world_done(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_that_is_right_is_left_alone),
		cmocka_unit_test(an_empty_device_gets_everything),
		cmocka_unit_test(a_prefix_leaves_before_its_peer_goes),
		cmocka_unit_test(without_removal_the_list_is_replaced),
		cmocka_unit_test(routes_alone_touch_nothing_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

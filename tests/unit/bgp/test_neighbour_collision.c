/* SPDX-License-Identifier: ISC */
/* Two that dial each other in the same moment. */
#include "neighbour_say.h"

#define NET	"192.0.2.0/24"

static struct router r, r2;
static struct nb *b;
static struct tap *t;

static void
begin(void)
{
	lab_start();
	router_init(&r);
	router_addr(&r, 1, "10.0.0.1", 24);
	router_addr(&r, 1, "2001:db8::1", 64);
	router_addr(&r, 1, "fe80::1", 64);
}

static void
end(void)
{
	lab_end();
	router_done(&r);
}

static void
collision(void **state)
{
	struct bgp_neighbour_config c;
	struct nb *b2;

	(void)state;
	for (unsigned higher = 0; higher < 2; higher++) {
		begin();
		router_init(&r2);
		router_addr(&r2, 1, "10.0.0.2", 24);
		c = nb_config(&r, 65001, 65002);
		c.session.open.id = c.router_id = higher ? 9 : 1;
		b = nb_new(&r, &c, "10.0.0.1");
		c = nb_config(&r2, 65002, 65001);
		c.session.open.id = c.router_id = 5;
		c.remote = ip_of("10.0.0.1");
		b2 = nb_new(&r2, &c, "10.0.0.2");
		wire_nbs(b, b2);
		bgp_neighbour_start(b->n, now);
		bgp_neighbour_start(b2->n, now);
		bgp_neighbour_dial_now(b->n, now);
		bgp_neighbour_dial_now(b2->n, now);
		pass(SECONDS(1));
		assert_true(bgp_neighbour_established(b->n));
		assert_true(bgp_neighbour_established(b2->n));
		/* RFC 4271 6.8: the one that the larger id has dialled. */
		assert_int_equal(b->up[BGP_DIALLED], higher);
		assert_int_equal(b->up[BGP_ACCEPTED], !higher);
		assert_int_equal(b2->up[BGP_ACCEPTED], higher);
		originate_text(&r, NET, true);
		settle();
		assert_non_null(route_of(b2, NET));
		pass(SECONDS(300));
		assert_int_equal(b->told[BGP_NOTE_UP], 1);
		assert_int_equal(b->told[BGP_NOTE_DOWN], 0);
		lab_end();
		router_done(&r);
		router_done(&r2);
	}
}

static void
go_with_higher(void)
{
	const struct bgp_session_config tc = tap_config(65002, 0x09090909);
	struct bgp_neighbour_config c;

	begin();
	c = nb_config(&r, 65001, 65002);
	c.session.open.id = c.router_id = 1;
	b = nb_new(&r, &c, "10.0.0.1");
	t = tap_new(b, &tc);
	bgp_neighbour_start(b->n, now);
}

/* As BIRD does, when our OPEN finds it still dialling. */
static void
peer_gives_up_its_dial(void **state)
{
	(void)state;
	go_with_higher();
	assert_true(bgp_neighbour_accept(b->n, now));
	nb_link(b, BGP_ACCEPTED, true);
	bgp_neighbour_dial_now(b->n, now);
	settle();
	b->in[BGP_ACCEPTED].eof = b->up[BGP_ACCEPTED];
	settle();
	pass(SECONDS(1));
	assert_true(bgp_neighbour_established(b->n));
	end();
}

/* Each end has given up the connection that the other one kept. */
static void
collision_costs_both(void **state)
{
	const struct bgp_error e = { .code = BGP_ERR_CEASE,
	    .subcode = BGP_CEASE_COLLISION };

	(void)state;
	go_with_higher();
	bgp_neighbour_dial_now(b->n, now);
	nb_connects(b);
	bgp_session_fail(t->s, now, &e);
	tap_drain(t);
	settle();
	assert_false(bgp_neighbour_established(b->n));
	assert_int_equal(b->cause.subcode, BGP_CEASE_COLLISION);
	pass(SECONDS(1));
	assert_true(bgp_neighbour_established(b->n));
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(collision),
		cmocka_unit_test(peer_gives_up_its_dial),
		cmocka_unit_test(collision_costs_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

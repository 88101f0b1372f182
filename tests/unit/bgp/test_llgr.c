/* SPDX-License-Identifier: ISC */
/* RFC 9494: routes of a lost peer as the last choice, for long. */
#include "neighbour_say.h"

#define NET	"192.0.2.0/24"
#define NET2	"198.51.100.0/24"
#define STALE	0xffff0006u
#define NO_LLGR	0xffff0007u

static struct router r;
static struct nb *in, *other, *able, *plain;
static struct tap *ti, *tother, *ta, *tp;

static struct nb *
add(struct bgp_neighbour_config *c, struct bgp_session_config *tc,
    const char *remote, struct tap **ret_tap)
{
	struct nb *b;

	c->remote = ip_of(remote);
	b = nb_new(&r, c, "10.0.0.1");
	*ret_tap = tap_new(b, tc);
	nb_start(b);
	assert_true(bgp_neighbour_established(b->n));
	return b;
}

static struct bgp_session_config
lived(uint32_t as, uint16_t gr_time, uint32_t llgr_time)
{
	struct bgp_session_config tc = tap_config(as, as);

	tc.open.has_gr = tc.open.has_llgr = true;
	tc.open.gr_time = gr_time;
	tc.open.gr_families = BGP_FAM_ALL;
	if (llgr_time)
		tc.open.llgr_families = BGP_FAM_ALL;
	tc.open.llgr_time[0] = tc.open.llgr_time[1] = llgr_time;
	return tc;
}

/* A feeder; a second one; a listener with LLGR, and one without. */
static void
begin(struct bgp_session_config tc)
{
	struct bgp_neighbour_config c;

	lab_start();
	router_init(&r);
	router_addr(&r, 1, "10.0.0.1", 24);
	c = nb_config(&r, 65001, 65002);
	c.session.open.has_llgr = true;
	in = add(&c, &tc, "10.0.0.2", &ti);
	c = nb_config(&r, 65001, 65003);
	tc = tap_config(65003, 65003);
	other = add(&c, &tc, "10.0.0.3", &tother);
	c = nb_config(&r, 65001, 65004);
	c.session.open.has_llgr = true;
	tc = lived(65004, 0, 0);
	able = add(&c, &tc, "10.0.0.4", &ta);
	c = nb_config(&r, 65001, 65005);
	tc = tap_config(65005, 65005);
	plain = add(&c, &tc, "10.0.0.5", &tp);
}

static void
end(void)
{
	lab_end();
	router_done(&r);
}

static void
say(const char *net, uint32_t community)
{
	struct say s;

	say_usual(&s, 65002, "10.0.0.2");
	if (community)
		say_words(&s, BGP_ATTR_COMMUNITIES, 1, &community);
	tap_says(ti, &s, net);
}

static void
lose(void)
{
	unplugged = true;
	tap_cut(ti);
	settle();
}

static void
ages(void **state)
{
	struct heard h;
	struct say s;

	(void)state;
	begin(lived(65002, 60, 1000));
	say(NET, 0);
	say(NET2, NO_LLGR);
	say_usual(&s, 65003, "10.0.0.3");
	assert_int_equal(hear(tp, NET, &h), ANNOUNCED);
	lose();
	pass(SECONDS(50));
	assert_false(route_of(in, NET)->flags & RT_LLGR_STALE);
	assert_non_null(route_of(in, NET2));
	forget(ta);
	forget(tp);
	pass(SECONDS(11));
	/* Marked, told to who knows the mark, taken from who does not. */
	assert_true(route_of(in, NET)->flags & RT_LLGR_STALE);
	assert_null(route_of(in, NET2));
	assert_true(bgp_neighbour_gr_active(in->n));
	assert_int_equal(hear(ta, NET, &h), ANNOUNCED);
	assert_int_equal(heard_u32(&h, BGP_ATTR_COMMUNITIES, 0), STALE);
	assert_int_equal(hear(tp, NET, &h), WITHDRAWN);
	assert_int_equal(hear(ta, NET2, &h), WITHDRAWN);
	/* Any other route is better, even one that is longer. */
	say_init(&s);
	say_origin(&s, BGP_ORIGIN_INCOMPLETE);
	say_path(&s, 65003, 65010, 65011);
	say_hop(&s, "10.0.0.3");
	tap_says(tother, &s, NET);
	assert_ptr_equal(best_of(&r, NET), other->n);
	assert_int_equal(hear(tp, NET, &h), ANNOUNCED);
	pass(SECONDS(980));
	assert_non_null(route_of(in, NET));
	pass(SECONDS(25));
	assert_null(route_of(in, NET));
	assert_false(bgp_neighbour_gr_active(in->n));
	end();
}

/* No restart time at all: at once. */
static void
at_once(void **state)
{
	struct bgp_session_config tc = lived(65002, 0, 1000);

	(void)state;
	tc.open.gr_families = 0;
	begin(tc);
	say(NET, 0);
	lose();
	pass(SECONDS(1));
	assert_true(route_of(in, NET)->flags & RT_LLGR_STALE);
	pass(SECONDS(1001));
	assert_null(route_of(in, NET));
	end();
}

static void
come_back(bool kept)
{
	struct bgp_session_config tc = lived(65002, 60, 1000);

	begin(tc);
	say(NET, 0);
	say(NET2, 0);
	lose();
	pass(SECONDS(100));
	assert_true(route_of(in, NET)->flags & RT_LLGR_STALE);
	tc.open.gr_restarting = true;
	tc.open.llgr_forwarding = kept ? BGP_FAM_ALL : 0;
	bgp_session_configure(ti->s, &tc);
	unplugged = false;
	for (unsigned i = 0; i < 60 && !bgp_neighbour_established(in->n); i++)
		pass(SECONDS(10));
	assert_true(bgp_neighbour_established(in->n));
	if (!kept) {
		pass(SECONDS(1));
		assert_null(route_of(in, NET));
		end();
		return;
	}
	/* What it tells again is as good as new, the rest goes. */
	assert_true(route_of(in, NET)->flags & RT_LLGR_STALE);
	say(NET, 0);
	assert_false(route_of(in, NET)->flags & RT_LLGR_STALE);
	assert_non_null(route_of(in, NET2));
	tap_says_eor(ti, BGP_FAM_IP4);
	tap_says_eor(ti, BGP_FAM_IP6);
	pass(SECONDS(1));
	assert_null(route_of(in, NET2));
	assert_non_null(route_of(in, NET));
	assert_false(bgp_neighbour_gr_active(in->n));
	end();
}

static void
comes_back(void **state)
{
	(void)state;
	come_back(true);
	come_back(false);
}

/* A peer's own mark counts as ours does. */
static void
marked_by_others(void **state)
{
	struct heard h;
	struct say s;

	(void)state;
	begin(lived(65002, 60, 0));
	say(NET, STALE);
	assert_int_equal(hear(ta, NET, &h), ANNOUNCED);
	assert_int_equal(hear(tp, NET, &h), SILENCE);
	say_init(&s);
	say_origin(&s, BGP_ORIGIN_INCOMPLETE);
	say_path(&s, 65003, 65010, 65011);
	say_hop(&s, "10.0.0.3");
	tap_says(tother, &s, NET);
	assert_ptr_equal(best_of(&r, NET), other->n);
	/* The mark goes, the route is better again. */
	say(NET, 0);
	assert_ptr_equal(best_of(&r, NET), in->n);
	/* Without a stale time nothing is kept beyond the restart time. */
	lose();
	pass(SECONDS(62));
	assert_null(route_of(in, NET));
	end();
}

/* Our own OPEN, as somebody who restarts. */
static void
restarting(void **state)
{
	struct bgp_neighbour_config c;
	struct bgp_session_config tc = lived(65002, 60, 0);
	const struct bgp_open *o;

	(void)state;
	lab_start();
	router_init(&r);
	router_addr(&r, 1, "10.0.0.1", 24);
	c = nb_config(&r, 65001, 65002);
	c.session.open.has_llgr = c.gr_able = true;
	c.channel[0].llgr = true;
	c.channel[0].llgr_time = 86400;
	c.remote = ip_of("10.0.0.2");
	in = nb_new(&r, &c, "10.0.0.1");
	ti = tap_new(in, &tc);
	bgp_neighbour_set_recovering(in->n, true);
	nb_start(in);
	o = bgp_session_peer_open(ti->s);
	assert_true(o->has_llgr);
	assert_int_equal(o->llgr_families, BGP_FAM_BIT(BGP_FAM_IP4));
	assert_int_equal(o->llgr_forwarding, BGP_FAM_BIT(BGP_FAM_IP4));
	assert_int_equal(o->llgr_time[BGP_FAM_IP4], 86400);
	end();
}

/* RFC 8538: a NOTIFICATION keeps routes, a hard reset does not. */
static void
notifications(void **state)
{
	struct bgp_session_config tc = lived(65002, 60, 0);
	const struct bgp_error reset = { .code = BGP_ERR_CEASE,
	    .subcode = BGP_CEASE_RESET };
	const struct bgp_error hard = { .code = BGP_ERR_CEASE,
	    .subcode = BGP_CEASE_HARD_RESET };
	const struct bgp_error down = { .code = BGP_ERR_CEASE,
	    .subcode = BGP_CEASE_SHUTDOWN };
	struct bgp_neighbour_config c;

	(void)state;
	tc.open.gr_notification = true;
	for (unsigned i = 0; i < 3; i++) {
		lab_start();
		router_init(&r);
		router_addr(&r, 1, "10.0.0.1", 24);
		c = nb_config(&r, 65001, 65002);
		c.session.open.gr_notification = true;
		in = add(&c, &tc, "10.0.0.2", &ti);
		say(NET, 0);
		if (i < 2) {
			bgp_session_stop(ti->s, now, i ? &hard : &reset);
			tap_drain(ti);
			settle();
			assert_int_equal(route_of(in, NET) != NULL, i == 0);
		} else {
			bgp_neighbour_stop(in->n, now, &down);
			settle();
			assert_true(ti->cause.hard);
			assert_int_equal(ti->cause.subcode,
			    BGP_CEASE_SHUTDOWN);
		}
		end();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ages),
		cmocka_unit_test(at_once),
		cmocka_unit_test(comes_back),
		cmocka_unit_test(marked_by_others),
		cmocka_unit_test(restarting),
		cmocka_unit_test(notifications),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

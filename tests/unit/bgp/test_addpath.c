/* SPDX-License-Identifier: ISC */
/*
 * RFC 7911: a router with two or more feeders tells another one of all their
 * paths, and a third one of the best.
 */
#include "neighbour_say.h"

#define NET	"192.0.2.0/24"
#define NET2	"198.51.100.0/24"

static struct router r, far;
static struct nb *in[3], *out, *there, *plain;
static struct tap *ti[3], *tp;
static bool one_lan;			/* next hops may be third parties */

static struct nb *
add(uint32_t as, const char *remote, struct tap **ret_tap)
{
	struct bgp_neighbour_config c = nb_config(&r, 65001, as);
	struct bgp_session_config tc = tap_config(as, as);
	struct nb *b;

	c.remote = ip_of(remote);
	c.shared_link = one_lan;
	b = nb_new(&r, &c, "10.0.0.1");
	*ret_tap = tap_new(b, &tc);
	nb_start(b);
	assert_true(bgp_neighbour_established(b->n));
	return b;
}

static void
begin(uint8_t ours, uint8_t theirs)
{
	struct bgp_neighbour_config c;

	lab_start();
	router_init(&r);
	router_init(&far);
	router_addr(&r, 1, "10.0.0.1", 24);
	router_addr(&far, 1, "10.0.0.9", 24);
	in[0] = add(65010, "10.0.0.10", &ti[0]);
	in[1] = add(65011, "10.0.0.11", &ti[1]);
	plain = add(65012, "10.0.0.12", &tp);
	c = nb_config(&r, 65001, 65009);
	c.remote = ip_of("10.0.0.9");
	c.shared_link = one_lan;
	c.channel[0].add_paths = ours;
	out = nb_new(&r, &c, "10.0.0.1");
	c = nb_config(&far, 65009, 65001);
	c.remote = ip_of("10.0.0.1");
	c.router_id = c.session.open.id = 0x09090909;
	c.session.seed = 77;
	c.channel[0].add_paths = theirs;
	there = nb_new(&far, &c, "10.0.0.9");
	wire_nbs(out, there);
	bgp_neighbour_start(there->n, now);
	nb_start(out);
	pass(SECONDS(20));
	assert_true(bgp_neighbour_established(out->n));
	assert_true(bgp_neighbour_established(there->n));
}

static void
end(void)
{
	lab_end();
	router_done(&r);
	router_done(&far);
}

static void
say(unsigned i, const char *net, uint32_t beyond)
{
	struct say s;
	char hop[16] = "10.0.0.10";

	hop[8] = (char)('0' + i);
	say_init(&s);
	say_origin(&s, BGP_ORIGIN_IGP);
	say_path(&s, 65010 + i, beyond);
	say_hop(&s, hop);
	tap_says(ti[i], &s, net);
}

/* How many routes of the net the far router has. */
static unsigned
count(const char *net)
{
	const struct prefix p = net_of(net);
	const struct rt_table *t = far.t[0];
	const uint32_t id = rt_find(t, &p);
	unsigned n = 0;

	if (id == RT_NONE || rt_net_at(t, id)->routes == RT_NONE)
		return 0;
	for (const struct rt_route *x = rt_route_at(t,
	    rt_net_at(t, id)->routes); x; x = rt_next(t, x))
		n++;
	return n;
}

/* Is there a route whose path ends with this AS? */
static bool
has_origin(const char *net, uint32_t as)
{
	const struct prefix p = net_of(net);
	const struct rt_table *t = far.t[0];
	const uint32_t id = rt_find(t, &p);
	struct attr at;

	if (id == RT_NONE || rt_net_at(t, id)->routes == RT_NONE)
		return false;
	for (const struct rt_route *x = rt_route_at(t,
	    rt_net_at(t, id)->routes); x; x = rt_next(t, x))
		if (attrs_get(x->attrs, ATTR_BGP_PATH, &at) &&
		    be32_get(at.p + at.n - 4) == as)
			return true;
	return false;
}

static uint64_t
told(void)
{
	return bgp_session_counters(bgp_neighbour_session(out->n))->
	    tx_updates;
}

static void
all_paths(void **state)
{
	struct heard h;
	uint64_t before;

	(void)state;
	begin(BGP_ADD_PATH_TX | BGP_ADD_PATH_RX, BGP_ADD_PATH_RX);
	say(0, NET, 70000);
	say(1, NET, 70001);
	assert_int_equal(count(NET), 2);
	assert_true(has_origin(NET, 70000) && has_origin(NET, 70001));
	/* Who gets the best alone hears nothing of another one's change. */
	assert_int_equal(hear(tp, NET, &h), ANNOUNCED);
	forget(tp);
	before = told();
	say(1, NET, 70002);
	assert_int_equal(hear(tp, NET, &h), SILENCE);
	assert_int_equal(told(), before + 1);
	assert_int_equal(count(NET), 2);
	assert_true(has_origin(NET, 70002));
	assert_false(has_origin(NET, 70001));
	/* The best one goes. */
	tap_says(ti[0], NULL, NET);
	assert_int_equal(count(NET), 1);
	assert_true(has_origin(NET, 70002));
	assert_int_equal(hear(tp, NET, &h), ANNOUNCED);
	tap_says(ti[1], NULL, NET);
	assert_int_equal(count(NET), 0);
	/* What was withdrawn is not withdrawn again. */
	before = told();
	say(0, NET2, 70000);
	assert_int_equal(told(), before + 1);
	assert_int_equal(count(NET2), 1);
	end();
}

static void
one_way_only(void **state)
{
	(void)state;
	begin(BGP_ADD_PATH_RX, BGP_ADD_PATH_RX | BGP_ADD_PATH_TX);
	say(0, NET, 70000);
	say(1, NET, 70001);
	assert_int_equal(count(NET), 1);
	tap_says(ti[0], NULL, NET);
	assert_int_equal(count(NET), 1);
	assert_true(has_origin(NET, 70001));
	end();
}

static void
told_again(void **state)
{
	uint64_t before;

	(void)state;
	begin(BGP_ADD_PATH_TX, BGP_ADD_PATH_RX);
	say(0, NET, 70000);
	say(1, NET, 70001);
	before = told();
	bgp_neighbour_reload_in(there->n,
	    bgp_neighbour_channel(there->n, 0), now);
	settle();
	assert_int_equal(told(), before + 2);
	assert_int_equal(count(NET), 2);
	/* A feeder's session ends: its paths, and no others. */
	tap_cut(ti[0]);
	settle();
	pass(SECONDS(200));
	assert_false(has_origin(NET, 70000));
	assert_int_equal(count(NET), 1);
	end();
}

/* Nobody is told of what he has said himself. */
static void
not_back(void **state)
{
	uint64_t before;

	(void)state;
	begin(BGP_ADD_PATH_TX | BGP_ADD_PATH_RX,
	    BGP_ADD_PATH_TX | BGP_ADD_PATH_RX);
	before = told();
	originate_text(&far, NET, true);
	settle();
	assert_ptr_equal(best_of(&r, NET), out->n);
	assert_int_equal(told(), before);
	say(0, NET, 70000);
	assert_int_equal(told(), before + 1);
	originate_text(&far, NET, false);
	settle();
	assert_int_equal(told(), before + 1);
	end();
}

/* Nor of a way that leads to himself. */
static void
not_by_himself(void **state)
{
	uint64_t before;
	struct say s;

	(void)state;
	one_lan = true;
	begin(BGP_ADD_PATH_TX, BGP_ADD_PATH_RX);
	one_lan = false;
	before = told();
	say_init(&s);
	say_origin(&s, BGP_ORIGIN_IGP);
	say_path(&s, 65010);
	say_hop(&s, "10.0.0.9");
	tap_says(ti[0], &s, NET);
	assert_ptr_equal(best_of(&r, NET), in[0]->n);
	assert_int_equal(told(), before);
	say(1, NET, 70001);
	assert_int_equal(told(), before + 1);
	assert_int_equal(count(NET), 1);
	end();
}

/* More nets than a batch has room for, all of them with two paths. */
static void
many(void **state)
{
	const char *net = "172.16.0.16/28";

	(void)state;
	begin(BGP_ADD_PATH_TX, BGP_ADD_PATH_RX);
	for (unsigned i = 0; i < 6000; i++) {
		const struct prefix p = { .ip = ip_from4((uint8_t[]){ 172,
		    (uint8_t)(16 + i / 256 / 16), (uint8_t)(i / 16),
		    (uint8_t)(i % 16 * 16) }), .len = 28,
		    .kind = NET_IP4 };

		originate(&r, &p, true, NULL);
	}
	settle();
	assert_int_equal(count(net), 1);
	say(0, net, 70000);
	assert_int_equal(count(net), 2);
	assert_int_equal(rt_count_routes(far.t[0]), 6001);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_paths),
		cmocka_unit_test(one_way_only),
		cmocka_unit_test(told_again),
		cmocka_unit_test(not_back),
		cmocka_unit_test(not_by_himself),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

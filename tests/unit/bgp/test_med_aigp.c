/* SPDX-License-Identifier: ISC */
/*
 * The decision among several neighbours: MED, age, AIGP (RFC 4271 9.1.2.2,
 * RFC 5004, RFC 7311).
 */
#include "neighbour_say.h"

#define NET	"192.0.2.0/24"

static struct router r;
static struct nb *in[4], *out;
static struct tap *ti[4], *to;

static struct nb *
add(struct bgp_neighbour_config *c, const char *remote, uint32_t id,
    struct tap **ret_tap)
{
	struct bgp_session_config tc = tap_config(c->session.demand.peer_asn,
	    id);
	struct nb *b;

	c->remote = ip_of(remote);
	b = nb_new(&r, c, "10.0.0.1");
	*ret_tap = tap_new(b, &tc);
	nb_start(b);
	assert_true(bgp_neighbour_established(b->n));
	return b;
}

static void
begin(void)
{
	lab_start();
	router_init(&r);
	router_addr(&r, 1, "10.0.0.1", 24);
}

static void
end(void)
{
	lab_end();
	router_done(&r);
}

static void
add_in(unsigned i, uint32_t as, void (*edit)(struct bgp_neighbour_config *c))
{
	struct bgp_neighbour_config c = nb_config(&r, 65001, as);
	char remote[] = "10.0.0.2";

	remote[7] = (char)('2' + i);
	if (edit)
		edit(&c);
	in[i] = add(&c, remote, 0x0a000002 + i, &ti[i]);
}

static void
say_med(unsigned i, uint32_t as, uint32_t med)
{
	char hop[] = "10.0.0.2";
	struct say s;

	hop[7] = (char)('2' + i);
	say_usual(&s, as, hop);
	say_u32(&s, BGP_ATTR_MED, med);
	tap_says(ti[i], &s, NET);
}

static void
deterministic(struct bgp_neighbour_config *c)
{
	c->deterministic_med = true;
}

/*
 * A and B are of one AS, C of another, and by id A < C < B.  A beats C beats
 * B, and B's MED beats A's: pairs alone have no winner.
 */
static const struct bgp_neighbour *
three(const unsigned order[3], void (*edit)(struct bgp_neighbour_config *c))
{
	static const uint32_t as[] = { 65010, 65020, 65010 };
	static const uint32_t med[] = { 20, 0, 10 };
	const struct bgp_neighbour *best;

	begin();
	for (unsigned i = 0; i < 3; i++)
		add_in(i, as[i], edit);
	for (unsigned k = 0; k < 3; k++)
		say_med(order[k], as[order[k]], med[order[k]]);
	best = best_of(&r, NET);
	best = best == in[0]->n ? (void *)1 : best == in[1]->n ? (void *)2 :
	    best == in[2]->n ? (void *)3 : NULL;
	end();
	return best;
}

static void
deterministic_med(void **state)
{
	static const unsigned orders[][3] = { { 0, 1, 2 }, { 0, 2, 1 },
	    { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 } };
	bool differs = false;

	(void)state;
	/* B wins its AS by MED; C wins over B by identifier. */
	for (unsigned i = 0; i < 6; i++)
		assert_ptr_equal(three(orders[i], deterministic), (void *)2);
	for (unsigned i = 0; i < 6; i++)
		differs |= three(orders[i], NULL) != (void *)2;
	assert_true(differs);
}

/* The loser of a group decides when it goes and comes. */
static void
deterministic_med_moves(void **state)
{
	(void)state;
	begin();
	add_in(0, 65010, deterministic);
	add_in(1, 65020, deterministic);
	add_in(2, 65010, deterministic);
	say_med(0, 65010, 20);
	say_med(1, 65020, 0);
	assert_ptr_equal(best_of(&r, NET), in[0]->n);
	say_med(2, 65010, 10);
	assert_ptr_equal(best_of(&r, NET), in[1]->n);
	tap_says(ti[2], NULL, NET);
	assert_ptr_equal(best_of(&r, NET), in[0]->n);
	end();
}

static void
older(struct bgp_neighbour_config *c)
{
	c->prefer_older = true;
}

static void
prefer_older(void **state)
{
	struct say s;

	(void)state;
	for (unsigned on = 0; on < 2; on++) {
		begin();
		add_in(0, 65010, on ? older : NULL);
		add_in(1, 65020, on ? older : NULL);
		say_usual(&s, 65020, "10.0.0.3");
		tap_says(ti[1], &s, NET);
		pass(SECONDS(5));
		say_usual(&s, 65010, "10.0.0.2");
		tap_says(ti[0], &s, NET);
		assert_ptr_equal(best_of(&r, NET), in[on]->n);
		end();
	}
}

/* AIGP. */

static void
with_aigp(struct bgp_neighbour_config *c)
{
	c->channel[0].aigp = true;
}

static void
say_aigp(unsigned i, uint32_t as, uint64_t metric)
{
	uint8_t v[11] = { 1, 0, 11 };
	char hop[] = "10.0.0.2";
	struct say s;

	hop[7] = (char)('2' + i);
	be64_put(v + 3, metric);
	say_usual(&s, as, hop);
	bgp_attr_put(&s.w, BGP_OPTIONAL, BGP_ATTR_AIGP, bytes_of(v, 11));
	tap_says(ti[i], &s, NET);
}

static void
aigp_decides(void **state)
{
	struct say s;

	(void)state;
	begin();
	add_in(0, 65010, with_aigp);
	add_in(1, 65020, with_aigp);
	add_in(2, 65030, NULL);
	say_aigp(0, 65010, 500);
	say_aigp(1, 65020, UINT64_C(1) << 40);
	assert_ptr_equal(best_of(&r, NET), in[0]->n);
	say_aigp(1, 65020, 499);
	assert_ptr_equal(best_of(&r, NET), in[1]->n);
	/* None is worse than any; from where it is not wanted it is none. */
	tap_says(ti[0], NULL, NET);
	say_aigp(2, 65030, 1);
	assert_ptr_equal(best_of(&r, NET), in[1]->n);
	say_usual(&s, 65010, "10.0.0.2");
	tap_says(ti[0], &s, NET);
	assert_ptr_equal(best_of(&r, NET), in[1]->n);
	end();
}

static void
add_out(bool aigp, bool originate_it)
{
	struct bgp_neighbour_config c = nb_config(&r, 65001, 65099);

	c.channel[0].aigp = aigp;
	c.channel[0].aigp_originate = originate_it;
	out = add(&c, "10.0.0.9", 0x0a000009, &to);
	/* The decoder of the tap discards it else. */
	to->codec.aigp = true;
}

static uint64_t
heard_aigp(const char *net)
{
	const struct bgp_attr *a;
	struct heard h;

	assert_int_equal(hear(to, net, &h), ANNOUNCED);
	a = bgp_update_attr(&h.u, BGP_ATTR_AIGP);
	if (!a)
		return UINT64_MAX;
	assert_int_equal(a->value.n, 11);
	assert_int_equal(a->value.p[0], 1);
	return be64_get(a->value.p + 3);
}

static void
costs_7(struct attrs_edit *e)
{
	attrs_edit_set_u32(e, ATTR_IGP_METRIC, 7);
}

static void
aigp_is_passed_on(void **state)
{
	const struct prefix own = net_of("198.51.100.0/24");

	(void)state;
	begin();
	add_in(0, 65010, with_aigp);
	add_out(true, true);
	say_aigp(0, 65010, 500);
	assert_int_equal(heard_aigp(NET), 500);
	originate(&r, &own, true, NULL);
	settle();
	assert_int_equal(heard_aigp("198.51.100.0/24"), 0);
	originate(&r, &own, true, costs_7);
	settle();
	assert_int_equal(heard_aigp("198.51.100.0/24"), 7);
	end();
	begin();
	add_in(0, 65010, with_aigp);
	add_out(true, false);
	originate(&r, &own, true, costs_7);
	settle();
	assert_int_equal(heard_aigp("198.51.100.0/24"), UINT64_MAX);
	end();
	begin();
	add_in(0, 65010, with_aigp);
	add_out(false, false);
	say_aigp(0, 65010, 500);
	assert_int_equal(heard_aigp(NET), UINT64_MAX);
	end();
}

/* The way to the next hop is added where we become the next hop. */
static void
recursive(struct bgp_neighbour_config *c)
{
	with_aigp(c);
	c->channel[0].gateway_direct = false;
	c->channel[0].igp4 = r.t[0];
}

static void
via_far(struct attrs_edit *e)
{
	e->dest = RTD_UNICAST;
	attrs_edit_set_hops(e, &(struct nexthop){ .gw = ip_of("10.0.0.7"),
	    .ifindex = 1 }, 1);
	attrs_edit_set_u32(e, ATTR_IGP_METRIC, 30);
}

static void
aigp_accumulates(void **state)
{
	const struct prefix igp = net_of("172.16.0.0/16");
	uint8_t v[15] = { 9, 0, 4, 1, 1, 0, 11 };
	struct heard h;
	struct say s;

	(void)state;
	begin();
	originate(&r, &igp, true, via_far);
	settle();
	add_in(0, 65010, recursive);
	add_out(true, false);
	be64_put(v + 7, 500);
	say_usual(&s, 65010, "172.16.0.1");
	bgp_attr_put(&s.w, BGP_OPTIONAL, BGP_ATTR_AIGP, bytes_of(v, 15));
	tap_says(ti[0], &s, NET);
	assert_int_equal(hear(to, NET, &h), ANNOUNCED);
	/* Other TLVs stay as they are. */
	be64_put(v + 7, 530);
	assert_memory_equal(bgp_update_attr(&h.u, BGP_ATTR_AIGP)->value.p, v,
	    15);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(deterministic_med),
		cmocka_unit_test(deterministic_med_moves),
		cmocka_unit_test(prefer_older),
		cmocka_unit_test(aigp_decides),
		cmocka_unit_test(aigp_is_passed_on),
		cmocka_unit_test(aigp_accumulates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* Multipath: which routes are as good as the best; and RFC 9774. */
#include "neighbour_say.h"

#define NET	"192.0.2.0/24"

static struct router r;
static struct nb *in[4];
static struct tap *ti[4];

static void
add(unsigned i, uint32_t as, bool sets)
{
	struct bgp_neighbour_config c = nb_config(&r, 65001, as);
	struct bgp_session_config tc = tap_config(as, 0x0a000002 + i);
	char remote[] = "10.0.0.2";

	remote[7] = (char)('2' + i);
	c.remote = ip_of(remote);
	c.allow_as_sets = sets;
	in[i] = nb_new(&r, &c, "10.0.0.1");
	ti[i] = tap_new(in[i], &tc);
	nb_start(in[i]);
	assert_true(bgp_neighbour_established(in[i]->n));
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

static bool
hops_of(void *ctx, const struct rt_route *x, const struct nexthop **ret_hops,
    unsigned *ret_n)
{
	const struct bgp_neighbour *not = ctx;

	return bgp_neighbour_of_src(rt_src_at(r.t[0], x->src)) != not &&
	    rt_resolve(x->attrs, ret_hops, ret_n) == RTD_UNICAST;
}

/* The last octets of the next hops, as digits; "not" does not take part. */
static unsigned
merged(const struct bgp_neighbour *not, unsigned max)
{
	const struct prefix p = net_of(NET);
	struct nexthop hop[NEXTHOPS_MAX];
	unsigned n, digits = 0;

	n = rt_merge_hops(r.t[0], rt_best(r.t[0], rt_find(r.t[0], &p)),
	    hops_of, (void *)(uintptr_t)not, hop, max);
	for (unsigned i = 0; i < n; i++)
		digits = digits * 10 + hop[i].gw.b[15];
	return digits;
}

static void
say(unsigned i, uint32_t as, uint8_t code, uint32_t v)
{
	char hop[] = "10.0.0.2";
	struct say s;

	hop[7] = (char)('2' + i);
	say_usual(&s, as, hop);
	if (code)
		say_u32(&s, code, v);
	tap_says(ti[i], &s, NET);
}

static void
as_good(void **state)
{
	struct say s;

	(void)state;
	begin();
	add(0, 65010, false);
	add(1, 65020, false);
	add(2, 65030, false);
	/* Whoever comes first, the order is one. */
	say(2, 65030, 0, 0);
	say(0, 65010, 0, 0);
	say(1, 65020, 0, 0);
	assert_int_equal(merged(NULL, 16), 234);
	assert_int_equal(merged(NULL, 2), 23);
	assert_int_equal(merged(in[1]->n, 16), 24);
	/* MED is compared among routes of one AS only. */
	say(1, 65020, BGP_ATTR_MED, 5);
	assert_int_equal(merged(NULL, 16), 234);
	say_init(&s);
	say_origin(&s, BGP_ORIGIN_IGP);
	say_path(&s, 65030, 65031);
	say_hop(&s, "10.0.0.4");
	tap_says(ti[2], &s, NET);
	assert_int_equal(merged(NULL, 16), 23);
	say_init(&s);
	say_origin(&s, BGP_ORIGIN_EGP);
	say_path(&s, 65020);
	say_hop(&s, "10.0.0.3");
	tap_says(ti[1], &s, NET);
	assert_int_equal(merged(NULL, 16), 2);
	/* The same gateway is there once. */
	say_usual(&s, 65020, "10.0.0.2");
	tap_says(ti[1], &s, NET);
	assert_int_equal(merged(NULL, 16), 2);
	end();
}

static void
med_of_one_as(void **state)
{
	(void)state;
	begin();
	add(0, 65010, false);
	add(1, 65010, false);
	say(0, 65010, BGP_ATTR_MED, 5);
	say(1, 65010, BGP_ATTR_MED, 5);
	assert_int_equal(merged(NULL, 16), 23);
	say(1, 65010, BGP_ATTR_MED, 6);
	assert_int_equal(merged(NULL, 16), 2);
	end();
}

static void
inside_and_outside(void **state)
{
	struct say s;

	(void)state;
	begin();
	add(0, 65010, false);
	add(1, 65001, false);
	say(0, 65010, 0, 0);
	say_usual(&s, 65010, "10.0.0.3");
	tap_says(ti[1], &s, NET);
	assert_non_null(route_of(in[1], NET));
	assert_int_equal(merged(NULL, 16), 2);
	end();
}

/* RFC 9494 4.3: what is stale is the last choice, and none of several. */
static void
stale_and_fresh(void **state)
{
	const uint32_t llgr_stale = 0xffff0006;
	struct say s;

	(void)state;
	begin();
	add(0, 65010, false);
	add(1, 65020, false);
	say(0, 65010, 0, 0);
	say(1, 65020, 0, 0);
	assert_int_equal(merged(NULL, 16), 23);
	say_usual(&s, 65010, "10.0.0.2");
	say_words(&s, BGP_ATTR_COMMUNITIES, 1, &llgr_stale);
	tap_says(ti[0], &s, NET);
	assert_true(route_of(in[0], NET)->flags & RT_LLGR_STALE);
	assert_int_equal(merged(NULL, 16), 3);
	end();
}

/* RFC 9774: a set is a withdrawal, unless it is allowed. */
static void
as_sets(void **state)
{
	struct say s;
	uint8_t *m;

	(void)state;
	for (unsigned allowed = 0; allowed < 2; allowed++) {
		begin();
		add(0, 65010, allowed);
		say(0, 65010, 0, 0);
		assert_non_null(route_of(in[0], NET));
		say_init(&s);
		say_origin(&s, BGP_ORIGIN_IGP);
		m = bgp_attr_begin(&s.w, BGP_TRANSITIVE, BGP_ATTR_AS_PATH);
		wr_be16(&s.w, BGP_AS_SEQUENCE << 8 | 1);
		wr_be32(&s.w, 65010);
		wr_be16(&s.w, BGP_AS_SET << 8 | 2);
		wr_be32(&s.w, 65011);
		wr_be32(&s.w, 65012);
		bgp_attr_end(&s.w, m);
		say_hop(&s, "10.0.0.2");
		tap_says(ti[0], &s, NET);
		assert_int_equal(route_of(in[0], NET) != NULL, allowed);
		assert_true(bgp_neighbour_established(in[0]->n));
		end();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_good),
		cmocka_unit_test(med_of_one_as),
		cmocka_unit_test(inside_and_outside),
		cmocka_unit_test(stale_and_fresh),
		cmocka_unit_test(as_sets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* RFC 9234 section 5: routes that only go down to customers. */
#include "neighbour_say.h"

#define NET	"192.0.2.0/24"

static struct router r;
static struct nb *in, *out;
static struct tap *ti, *to;

static const uint8_t partner[] = {
	[BGP_ROLE_PROVIDER] = BGP_ROLE_CUSTOMER,
	[BGP_ROLE_CUSTOMER] = BGP_ROLE_PROVIDER,
	[BGP_ROLE_RS] = BGP_ROLE_RS_CLIENT,
	[BGP_ROLE_RS_CLIENT] = BGP_ROLE_RS,
	[BGP_ROLE_PEER] = BGP_ROLE_PEER
};

static struct nb *
add(uint32_t as, const char *remote, uint8_t role, struct tap **ret_tap)
{
	struct bgp_neighbour_config c = nb_config(&r, 65001, as);
	struct bgp_session_config tc = tap_config(as, as);
	struct nb *b;

	c.remote = ip_of(remote);
	c.session.open.role = role;
	tc.open.role = role == BGP_ROLE_NONE ? role : partner[role];
	b = nb_new(&r, &c, "10.0.0.1");
	*ret_tap = tap_new(b, &tc);
	nb_start(b);
	assert_true(bgp_neighbour_established(b->n));
	return b;
}

static void
begin(uint8_t role_in, uint8_t role_out)
{
	lab_start();
	router_init(&r);
	router_addr(&r, 1, "10.0.0.1", 24);
	in = add(65002, "10.0.0.2", role_in, &ti);
	out = add(65003, "10.0.0.3", role_out, &to);
}

static void
end(void)
{
	lab_end();
	router_done(&r);
}

static void
say(uint32_t otc)
{
	struct say s;

	say_usual(&s, 65002, "10.0.0.2");
	if (otc)
		say_u32(&s, BGP_ATTR_OTC, otc);
	tap_says(ti, &s, NET);
}

/* What the table has: the OTC, 0 without one, 1 when there is no route. */
static uint32_t
imported(uint8_t role_in, uint32_t otc)
{
	const struct rt_route *got;
	uint32_t is;

	begin(role_in, BGP_ROLE_NONE);
	say(otc);
	got = route_of(in, NET);
	is = got ? attrs_u32(got->attrs, ATTR_BGP_OTC, 0) : 1;
	end();
	return is;
}

static void
ingress(void **state)
{
	(void)state;
	assert_int_equal(imported(BGP_ROLE_NONE, 0), 0);
	assert_int_equal(imported(BGP_ROLE_NONE, 65009), 65009);
	/* From below: none may be there. */
	assert_int_equal(imported(BGP_ROLE_PROVIDER, 0), 0);
	assert_int_equal(imported(BGP_ROLE_PROVIDER, 65002), 1);
	assert_int_equal(imported(BGP_ROLE_RS, 0), 0);
	assert_int_equal(imported(BGP_ROLE_RS, 65009), 1);
	/* From above: set when it is not. */
	assert_int_equal(imported(BGP_ROLE_CUSTOMER, 0), 65002);
	assert_int_equal(imported(BGP_ROLE_CUSTOMER, 65009), 65009);
	assert_int_equal(imported(BGP_ROLE_RS_CLIENT, 0), 65002);
	/* From aside: the peer's own. */
	assert_int_equal(imported(BGP_ROLE_PEER, 0), 65002);
	assert_int_equal(imported(BGP_ROLE_PEER, 65002), 65002);
	assert_int_equal(imported(BGP_ROLE_PEER, 65009), 1);
}

/* As above, of what goes out. */
static uint32_t
exported(uint8_t role_out, uint32_t otc)
{
	struct heard h;
	uint32_t is = 1;

	begin(BGP_ROLE_NONE, role_out);
	say(otc);
	if (hear(to, NET, &h) == ANNOUNCED)
		is = heard_u32(&h, BGP_ATTR_OTC, 0);
	end();
	return is;
}

static void
egress(void **state)
{
	(void)state;
	assert_int_equal(exported(BGP_ROLE_NONE, 0), 0);
	assert_int_equal(exported(BGP_ROLE_NONE, 65009), 65009);
	assert_int_equal(exported(BGP_ROLE_PROVIDER, 0), 65001);
	assert_int_equal(exported(BGP_ROLE_PROVIDER, 65009), 65009);
	assert_int_equal(exported(BGP_ROLE_RS, 0), 65001);
	assert_int_equal(exported(BGP_ROLE_PEER, 0), 65001);
	assert_int_equal(exported(BGP_ROLE_PEER, 65009), 1);
	assert_int_equal(exported(BGP_ROLE_CUSTOMER, 0), 0);
	assert_int_equal(exported(BGP_ROLE_CUSTOMER, 65009), 1);
	assert_int_equal(exported(BGP_ROLE_RS_CLIENT, 65009), 1);
}

/* A route that becomes one for customers only is taken back. */
static void
taken_back(void **state)
{
	struct heard h;

	(void)state;
	begin(BGP_ROLE_NONE, BGP_ROLE_CUSTOMER);
	say(0);
	assert_int_equal(hear(to, NET, &h), ANNOUNCED);
	forget(to);
	say(65009);
	assert_int_equal(hear(to, NET, &h), WITHDRAWN);
	end();
}

/* Inside the AS the mark travels, whatever the role says. */
static void
inside(void **state)
{
	struct heard h;

	(void)state;
	lab_start();
	router_init(&r);
	router_addr(&r, 1, "10.0.0.1", 24);
	in = add(65002, "10.0.0.2", BGP_ROLE_CUSTOMER, &ti);
	out = add(65001, "10.0.0.3", BGP_ROLE_NONE, &to);
	say(0);
	assert_int_equal(hear(to, NET, &h), ANNOUNCED);
	assert_int_equal(heard_u32(&h, BGP_ATTR_OTC, 0), 65002);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ingress),
		cmocka_unit_test(egress),
		cmocka_unit_test(taken_back),
		cmocka_unit_test(inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

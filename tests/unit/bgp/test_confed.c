/* SPDX-License-Identifier: ISC */
/* RFC 5065: AS 65100 outside; inside, we are 65001 and others 65002, 65003. */
#include "neighbour_say.h"

#define NET	"192.0.2.0/24"
#define CONFED	65100u

static struct router r;
static struct nb *in, *out;
static struct tap *ti, *to;

/* Members are 65001 to 65003. */
static struct nb *
add(uint32_t as, const char *remote, struct tap **ret_tap)
{
	struct bgp_neighbour_config c = nb_config(&r, 65001, as);
	struct bgp_session_config tc = tap_config(as, as +
	    (uint32_t)remote[strlen(remote) - 1]);
	struct nb *b;

	c.remote = ip_of(remote);
	c.confed_id = CONFED;
	c.confed_member = as <= 65003;
	c.allow_as_sets = true;
	tc.demand.peer_asn = c.confed_member ? 65001 : CONFED;
	if (c.confed_member) {
		tc.demand.confed_id = CONFED;
		tc.demand.confed = true;
	}
	b = nb_new(&r, &c, "10.0.0.1");
	*ret_tap = tap_new(b, &tc);
	nb_start(b);
	assert_true(bgp_neighbour_established(b->n));
	return b;
}

static void
begin(uint32_t as_in, uint32_t as_out)
{
	lab_start();
	router_init(&r);
	router_addr(&r, 1, "10.0.0.1", 24);
	in = add(as_in, "10.0.0.2", &ti);
	out = add(as_out, "10.0.0.3", &to);
}

static void
end(void)
{
	lab_end();
	router_done(&r);
}

/* Segments: type, count, numbers; ends with 0. */
static void
say_segs(struct say *s, ...)
{
	uint8_t *m;
	va_list ap;

	say_init(s);
	say_origin(s, BGP_ORIGIN_IGP);
	m = bgp_attr_begin(&s->w, BGP_TRANSITIVE, BGP_ATTR_AS_PATH);
	va_start(ap, s);
	for (unsigned t; (t = va_arg(ap, unsigned)) != 0;) {
		const unsigned n = va_arg(ap, unsigned);

		wr_u8(&s->w, (uint8_t)t);
		wr_u8(&s->w, (uint8_t)n);
		for (unsigned i = 0; i < n; i++)
			wr_be32(&s->w, va_arg(ap, uint32_t));
	}
	va_end(ap);
	bgp_attr_end(&s->w, m);
	say_hop(s, "10.0.0.2");
}

static void
heard_segs(const struct heard *h, ...)
{
	const struct bgp_attr *a = bgp_update_attr(&h->u, BGP_ATTR_AS_PATH);
	struct bgp_aspath_seg seg = { 0 };
	struct rd r2;
	va_list ap;

	assert_non_null(a);
	r2 = rd_of(a->value);
	va_start(ap, h);
	for (unsigned t; (t = va_arg(ap, unsigned)) != 0;) {
		const unsigned n = va_arg(ap, unsigned);

		assert_true(bgp_aspath_next(&r2, true, &seg));
		assert_int_equal(seg.type, t);
		assert_int_equal(seg.n, n);
		for (unsigned i = 0; i < n; i++)
			assert_int_equal(be32_get(seg.asns.p + 4 * i),
			    va_arg(ap, uint32_t));
	}
	va_end(ap);
	assert_int_equal(rd_left(&r2), 0);
}

static void
to_a_member(void **state)
{
	struct heard h;
	struct say s;

	(void)state;
	begin(65002, 65003);
	say_segs(&s, BGP_AS_CONFED_SEQUENCE, 1, 65002u, BGP_AS_SEQUENCE, 2,
	    70000u, 70001u, 0);
	say_u32(&s, BGP_ATTR_LOCAL_PREF, 250);
	say_u32(&s, BGP_ATTR_MED, 7);
	tap_says(ti, &s, NET);
	assert_int_equal(hear(to, NET, &h), ANNOUNCED);
	heard_segs(&h, BGP_AS_CONFED_SEQUENCE, 2, 65001u, 65002u,
	    BGP_AS_SEQUENCE, 2, 70000u, 70001u, 0);
	/* As if it were one AS: section 5.3. */
	assert_int_equal(heard_u32(&h, BGP_ATTR_LOCAL_PREF, 0), 250);
	assert_int_equal(heard_u32(&h, BGP_ATTR_MED, 0), 7);
	assert_true(ip_eq(h.hop, ip_of("10.0.0.2")));
	end();
}

static void
from_outside_in(void **state)
{
	struct heard h;
	struct say s;

	(void)state;
	begin(70000, 65003);
	say_usual(&s, 70000, "10.0.0.2");
	tap_says(ti, &s, NET);
	assert_int_equal(hear(to, NET, &h), ANNOUNCED);
	heard_segs(&h, BGP_AS_CONFED_SEQUENCE, 1, 65001u,
	    BGP_AS_SEQUENCE, 1, 70000u, 0);
	assert_int_equal(heard_u32(&h, BGP_ATTR_LOCAL_PREF, 0), 100);
	end();
}

static void
to_the_outside(void **state)
{
	struct heard h;
	struct say s;

	(void)state;
	begin(65002, 70009);
	say_segs(&s, BGP_AS_CONFED_SEQUENCE, 1, 65002u, BGP_AS_CONFED_SET, 1,
	    65003u, BGP_AS_SEQUENCE, 1, 70000u, 0);
	say_u32(&s, BGP_ATTR_LOCAL_PREF, 250);
	tap_says(ti, &s, NET);
	assert_int_equal(hear(to, NET, &h), ANNOUNCED);
	heard_segs(&h, BGP_AS_SEQUENCE, 2, CONFED, 70000u, 0);
	assert_null(bgp_update_attr(&h.u, BGP_ATTR_LOCAL_PREF));
	assert_true(ip_eq(h.hop, ip_of("10.0.0.1")));
	forget(to);
	/* One that was born inside has no number left but the whole's. */
	say_segs(&s, BGP_AS_CONFED_SEQUENCE, 1, 65002u, 0);
	tap_says(ti, &s, NET);
	assert_int_equal(hear(to, NET, &h), ANNOUNCED);
	heard_segs(&h, BGP_AS_SEQUENCE, 1, CONFED, 0);
	forget(to);
	/* What a filter prepended stands before the members. */
	say_segs(&s, BGP_AS_SEQUENCE, 1, 64999u, BGP_AS_CONFED_SEQUENCE, 1,
	    65002u, BGP_AS_SEQUENCE, 1, 70000u, 0);
	tap_says(ti, &s, NET);
	assert_int_equal(hear(to, NET, &h), ANNOUNCED);
	heard_segs(&h, BGP_AS_SEQUENCE, 2, CONFED, 64999u, BGP_AS_SEQUENCE,
	    1, 70000u, 0);
	end();
}

static void
loops(void **state)
{
	struct say s;

	(void)state;
	begin(65002, 65003);
	say_segs(&s, BGP_AS_CONFED_SEQUENCE, 2, 65002u, 65001u, 0);
	tap_says(ti, &s, NET);
	assert_null(route_of(in, NET));
	say_segs(&s, BGP_AS_CONFED_SEQUENCE, 1, 65002u, BGP_AS_SEQUENCE, 2,
	    70000u, CONFED, 0);
	tap_says(ti, &s, NET);
	assert_null(route_of(in, NET));
	say_segs(&s, BGP_AS_CONFED_SEQUENCE, 1, 65002u, BGP_AS_SEQUENCE, 1,
	    70000u, 0);
	tap_says(ti, &s, NET);
	assert_non_null(route_of(in, NET));
	end();
	/* From outside such segments are an error: section 4. */
	begin(70000, 65003);
	say_segs(&s, BGP_AS_CONFED_SEQUENCE, 1, 65002u, BGP_AS_SEQUENCE, 1,
	    70000u, 0);
	tap_says(ti, &s, NET);
	assert_null(route_of(in, NET));
	end();
}

static enum word
with_community(uint32_t as_out, uint32_t community)
{
	struct heard h;
	struct say s;
	enum word is;

	begin(70000, as_out);
	say_usual(&s, 70000, "10.0.0.2");
	say_words(&s, BGP_ATTR_COMMUNITIES, 1, &community);
	tap_says(ti, &s, NET);
	is = hear(to, NET, &h);
	end();
	return is;
}

static void
communities(void **state)
{
	(void)state;
	assert_int_equal(with_community(65001, 0xffffff01), ANNOUNCED);
	assert_int_equal(with_community(65003, 0xffffff01), ANNOUNCED);
	assert_int_equal(with_community(70009, 0xffffff01), SILENCE);
	assert_int_equal(with_community(65001, 0xffffff03), ANNOUNCED);
	assert_int_equal(with_community(65003, 0xffffff03), SILENCE);
	assert_int_equal(with_community(70009, 0xffffff03), SILENCE);
	assert_int_equal(with_community(65001, 0xffffff02), SILENCE);
}

/* A member's route is an internal one: RFC 5065 section 5.2. */
static void
decision(void **state)
{
	struct say s;

	(void)state;
	begin(65002, 70009);
	say_segs(&s, BGP_AS_CONFED_SEQUENCE, 1, 65002u, BGP_AS_SEQUENCE, 1,
	    70000u, 0);
	tap_says(ti, &s, NET);
	assert_ptr_equal(best_of(&r, NET), in->n);
	/* As long, for a member does not count; and from outside. */
	say_usual(&s, 70009, "10.0.0.3");
	tap_says(to, &s, NET);
	assert_ptr_equal(best_of(&r, NET), out->n);
	end();
	/* MED is compared when the AS beyond the confederation is one. */
	begin(65002, 65003);
	say_segs(&s, BGP_AS_CONFED_SEQUENCE, 1, 65002u, BGP_AS_SEQUENCE, 1,
	    70000u, 0);
	say_u32(&s, BGP_ATTR_MED, 20);
	tap_says(ti, &s, NET);
	say_segs(&s, BGP_AS_CONFED_SEQUENCE, 1, 65003u, BGP_AS_SEQUENCE, 1,
	    70000u, 0);
	say_u32(&s, BGP_ATTR_MED, 10);
	tap_says(to, &s, NET);
	assert_ptr_equal(best_of(&r, NET), out->n);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_a_member),
		cmocka_unit_test(from_outside_in),
		cmocka_unit_test(to_the_outside),
		cmocka_unit_test(loops),
		cmocka_unit_test(communities),
		cmocka_unit_test(decision),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

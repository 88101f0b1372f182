/* SPDX-License-Identifier: ISC */
/*
 * The decision, a test for each step in the order that BIRD documents: two
 * neighbours announce one net, alike but for what the step looks at (and for
 * what comes after it, which says the contrary).  Each is tried in both orders
 * of arrival.
 */
#include "neighbour_say.h"

#define NET	"192.0.2.0/24"

/* One of the two competitors. */
struct side {
	uint32_t as;
	uint32_t pref, med;
	uint8_t origin;
	unsigned hops;			/* of the path; 0: 1 */
	uint32_t id;
	uint32_t originator;
	unsigned clusters;
	const char *hop;
};

static struct router r;
static struct nb *b[2];
static struct tap *t[2];
static void (*tune)(struct bgp_neighbour_config *c, unsigned i);

static void
join(unsigned i, const struct side *s)
{
	struct bgp_neighbour_config c = nb_config(&r, 65001, s->as);
	const struct bgp_session_config tc = tap_config(s->as, s->id);

	c.remote = ip_of(i ? "10.0.0.3" : "10.0.0.2");
	if (tune)
		tune(&c, i);
	b[i] = nb_new(&r, &c, "10.0.0.1");
	t[i] = tap_new(b[i], &tc);
	nb_start(b[i]);
	assert_true(bgp_neighbour_established(b[i]->n));
}

static void
say_side(unsigned i, const struct side *s)
{
	const uint32_t clusters[] = { 71, 72, 73 };
	const bool inside = s->as == 65001;
	struct say y;
	uint8_t *m;

	say_init(&y);
	say_origin(&y, s->origin);
	m = bgp_attr_begin(&y.w, BGP_TRANSITIVE, BGP_ATTR_AS_PATH);
	wr_u8(&y.w, BGP_AS_SEQUENCE);
	wr_u8(&y.w, (uint8_t)(s->hops ? s->hops : 1));
	for (unsigned k = 0; k < (s->hops ? s->hops : 1); k++)
		wr_be32(&y.w, inside ? 65002 : s->as);
	bgp_attr_end(&y.w, m);
	say_hop(&y, s->hop ? s->hop : i ? "10.0.0.3" : "10.0.0.2");
	if (s->med)
		say_u32(&y, BGP_ATTR_MED, s->med);
	if (inside)
		say_u32(&y, BGP_ATTR_LOCAL_PREF, s->pref ? s->pref : 100);
	if (s->originator)
		say_u32(&y, BGP_ATTR_ORIGINATOR_ID, s->originator);
	if (s->clusters)
		say_words(&y, BGP_ATTR_CLUSTER_LIST, s->clusters, clusters);
	tap_says(t[i], &y, NET);
}

/* Who wins must not depend on who comes first. */
static void
wins(const struct side *winner, const struct side *loser)
{
	for (unsigned order = 0; order < 2; order++) {
		lab_start();
		router_init(&r);
		router_addr(&r, 1, "10.0.0.1", 24);
		join(0, winner);
		join(1, loser);
		say_side(order, order ? loser : winner);
		say_side(!order, order ? winner : loser);
		assert_ptr_equal(best_of(&r, NET), b[0]->n);
		/* The loser takes its place when it goes, and gives it back. */
		tap_says(t[0], NULL, NET);
		assert_ptr_equal(best_of(&r, NET), b[1]->n);
		say_side(0, winner);
		assert_ptr_equal(best_of(&r, NET), b[0]->n);
		lab_end();
		router_done(&r);
	}
}

static void
resolvable(void **state)
{
	const struct side w = { .as = 65001, .id = 9, .pref = 50 };
	const struct side l = { .as = 65001, .id = 2, .pref = 200,
	    .hop = "198.51.100.1" };

	(void)state;
	wins(&w, &l);
}

static void
local_pref(void **state)
{
	const struct side w = { .as = 65001, .id = 9, .pref = 200,
	    .hops = 5 };
	const struct side l = { .as = 65001, .id = 2, .pref = 150 };

	(void)state;
	wins(&w, &l);
}

static void
path_length(void **state)
{
	const struct side w = { .as = 65002, .id = 9, .hops = 2,
	    .origin = BGP_ORIGIN_INCOMPLETE, .med = 9 };
	const struct side l = { .as = 65002, .id = 2, .hops = 3, .med = 1 };

	(void)state;
	wins(&w, &l);
}

static void
no_path_metric(struct bgp_neighbour_config *c, unsigned i)
{
	(void)i;
	c->path_metric = false;
}

static void
path_length_off(void **state)
{
	const struct side w = { .as = 65002, .id = 2, .hops = 5 };
	const struct side l = { .as = 65003, .id = 9, .hops = 1 };

	(void)state;
	tune = no_path_metric;
	wins(&w, &l);
	tune = NULL;
}

static void
origin(void **state)
{
	const struct side igp = { .as = 65002, .id = 9, .med = 9 };
	const struct side egp = { .as = 65002, .id = 5, .med = 5,
	    .origin = BGP_ORIGIN_EGP };
	const struct side unknown = { .as = 65002, .id = 2, .med = 1,
	    .origin = BGP_ORIGIN_INCOMPLETE };

	(void)state;
	wins(&igp, &egp);
	wins(&egp, &unknown);
}

static void
med(void **state)
{
	const struct side w = { .as = 65002, .id = 9, .med = 10 };
	const struct side l = { .as = 65002, .id = 2, .med = 20 };
	const struct side none = { .as = 65002, .id = 10 };

	(void)state;
	wins(&w, &l);
	wins(&none, &w);	/* default med: 0 */
}

static void
always_med(struct bgp_neighbour_config *c, unsigned i)
{
	c->med_metric = i == 0;
}

static void
med_of_two_neighbours(void **state)
{
	const struct side low = { .as = 65002, .id = 9, .med = 10 };
	const struct side high = { .as = 65003, .id = 2, .med = 20 };

	(void)state;
	wins(&high, &low);	/* not comparable: by id */
	tune = always_med;
	wins(&low, &high);
	tune = NULL;
}

static void
poor_default(struct bgp_neighbour_config *c, unsigned i)
{
	(void)i;
	c->default_med = UINT32_MAX;
}

static void
med_missing(void **state)
{
	const struct side w = { .as = 65002, .id = 9, .med = 10 };
	const struct side none = { .as = 65002, .id = 2 };

	(void)state;
	tune = poor_default;
	wins(&w, &none);
	tune = NULL;
}

static void
external(void **state)
{
	const struct side w = { .as = 65002, .id = 9 };
	const struct side l = { .as = 65001, .id = 2 };

	(void)state;
	wins(&w, &l);
}

static void
id(void **state)
{
	const struct side w = { .as = 65002, .id = 0x01ffffff };
	const struct side l = { .as = 65003, .id = 0x02000000 };

	(void)state;
	wins(&w, &l);
}

/* RFC 4456 section 9: the originator's counts instead. */
static void
originator(void **state)
{
	const struct side w = { .as = 65001, .id = 9, .originator = 3 };
	const struct side l = { .as = 65001, .id = 4 };

	(void)state;
	wins(&w, &l);
}

static void
cluster_length(void **state)
{
	const struct side w = { .as = 65001, .id = 9, .originator = 3,
	    .clusters = 1 };
	const struct side l = { .as = 65001, .id = 4, .originator = 3,
	    .clusters = 2 };

	(void)state;
	wins(&w, &l);
}

static void
address(void **state)
{
	const struct side w = { .as = 65001, .id = 9, .originator = 3,
	    .clusters = 1 };

	(void)state;
	wins(&w, &w);		/* 10.0.0.2 before 10.0.0.3 */
}

/* RFC 5004: the older one stays. */
static void
stay(struct bgp_neighbour_config *c, unsigned i)
{
	(void)i;
	c->prefer_older = true;
}

static void
older(void **state)
{
	const struct side w = { .as = 65002, .id = 9 };
	const struct side l = { .as = 65003, .id = 2 };

	(void)state;
	lab_start();
	router_init(&r);
	router_addr(&r, 1, "10.0.0.1", 24);
	tune = stay;
	join(0, &w);
	join(1, &l);
	tune = NULL;
	say_side(0, &w);
	pass(SECONDS(3));
	say_side(1, &l);
	assert_ptr_equal(best_of(&r, NET), b[0]->n);
	lab_end();
	router_done(&r);
}

/* An owner's preference is above all of this. */
static void
preference(struct bgp_neighbour_config *c, unsigned i)
{
	c->channel[0].preference = i ? 100 : 101;
}

static void
preferred(void **state)
{
	const struct side w = { .as = 65001, .id = 9, .pref = 1 };
	const struct side l = { .as = 65001, .id = 2, .pref = 500 };

	(void)state;
	tune = preference;
	wins(&w, &l);
	tune = NULL;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(preferred),
		cmocka_unit_test(resolvable),
		cmocka_unit_test(local_pref),
		cmocka_unit_test(path_length),
		cmocka_unit_test(path_length_off),
		cmocka_unit_test(origin),
		cmocka_unit_test(med),
		cmocka_unit_test(med_of_two_neighbours),
		cmocka_unit_test(med_missing),
		cmocka_unit_test(external),
		cmocka_unit_test(id),
		cmocka_unit_test(originator),
		cmocka_unit_test(cluster_length),
		cmocka_unit_test(address),
		cmocka_unit_test(older),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

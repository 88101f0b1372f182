/* SPDX-License-Identifier: ISC */
/* From the table to an UPDATE: two neighbours of one router, a tap on each. */
#include "neighbour_say.h"

#define NET	"192.0.2.0/24"
#define NET6	"2001:db8:1::/48"

static struct router r;
static struct nb *in, *out;
static struct tap *ti, *to;

static void
begin(void)
{
	lab_start();
	router_init(&r);
	router_addr(&r, 1, "10.0.0.1", 24);
	router_addr(&r, 1, "2001:db8::1", 64);
	router_addr(&r, 1, "fe80::1", 64);
	in = out = NULL;
	ti = to = NULL;
}

static struct nb *
add(struct bgp_neighbour_config *c, const char *remote, uint32_t id,
    struct tap **ret_tap)
{
	struct bgp_session_config tc = tap_config(c->session.demand.peer_asn,
	    id);
	struct nb *b;

	c->remote = ip_of(remote);
	for (unsigned f = 0; f < 2; f++)
		if (c->channel[f].ext_nexthop)
			tc.open.ext_nexthop |= BGP_FAM_BIT(f);
	b = nb_new(&r, c, "10.0.0.1");
	*ret_tap = tap_new(b, &tc);
	nb_start(b);
	assert_true(bgp_neighbour_established(b->n));
	return b;
}

static void
add_in(uint32_t as)
{
	struct bgp_neighbour_config c = nb_config(&r, 65001, as);

	in = add(&c, "10.0.0.2", 0x02020202, &ti);
}

static void
add_out(uint32_t as)
{
	struct bgp_neighbour_config c = nb_config(&r, 65001, as);

	out = add(&c, "10.0.0.3", 0x03030303, &to);
}

static void
end(void)
{
	lab_end();
	router_done(&r);
}

static void
to_outside(void **state)
{
	const uint32_t comm = 65002u << 16 | 5;
	const uint8_t large[12] = { 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3 };
	const uint8_t opaque[] = { 7, 7 };
	struct heard h;
	struct say s;

	(void)state;
	begin();
	add_in(65002);
	add_out(4200000001);
	say_init(&s);
	say_origin(&s, BGP_ORIGIN_EGP);
	say_path(&s, 65002, 65010);
	say_hop(&s, "10.0.0.2");
	say_u32(&s, BGP_ATTR_MED, 20);
	say_words(&s, BGP_ATTR_COMMUNITIES, 1, &comm);
	bgp_attr_put(&s.w, BGP_OPTIONAL | BGP_TRANSITIVE,
	    BGP_ATTR_LARGE_COMMUNITIES, bytes_of(large, 12));
	bgp_attr_put(&s.w, BGP_OPTIONAL | BGP_TRANSITIVE, 99,
	    bytes_of(opaque, 2));
	tap_says(ti, &s, NET);
	assert_int_equal(hear(to, NET, &h), ANNOUNCED);
	heard_path(&h, 65001, 65002, 65010, 0);
	assert_true(ip_eq(h.hop, ip_of("10.0.0.1")));
	assert_int_equal(heard_u32(&h, BGP_ATTR_ORIGIN, 9), BGP_ORIGIN_EGP);
	assert_null(bgp_update_attr(&h.u, BGP_ATTR_MED));
	assert_null(bgp_update_attr(&h.u, BGP_ATTR_LOCAL_PREF));
	assert_int_equal(heard_u32(&h, BGP_ATTR_COMMUNITIES, 0), comm);
	assert_memory_equal(bgp_update_attr(&h.u,
	    BGP_ATTR_LARGE_COMMUNITIES)->value.p, large, 12);
	assert_true(bgp_update_attr(&h.u, 99)->flags & BGP_PARTIAL);
	/* Never back to where it came from. */
	assert_int_equal(hear(ti, NET, &h), SILENCE);
	forget(to);
	tap_says(ti, NULL, NET);
	assert_int_equal(hear(to, NET, &h), WITHDRAWN);
	end();
}

static void
to_inside(void **state)
{
	struct heard h;
	struct say s;

	(void)state;
	begin();
	add_in(65002);
	add_out(65001);
	say_usual(&s, 65002, "10.0.0.2");
	say_u32(&s, BGP_ATTR_MED, 20);
	tap_says(ti, &s, NET);
	assert_int_equal(hear(to, NET, &h), ANNOUNCED);
	heard_path(&h, 65002, 0);
	/* As it came: RFC 4271 5.1.3. */
	assert_true(ip_eq(h.hop, ip_of("10.0.0.2")));
	assert_int_equal(heard_u32(&h, BGP_ATTR_MED, 0), 20);
	assert_int_equal(heard_u32(&h, BGP_ATTR_LOCAL_PREF, 0), 100);
	assert_null(bgp_update_attr(&h.u, BGP_ATTR_ORIGINATOR_ID));
	/* Our own routes. */
	originate_text(&r, "198.51.100.0/24", true);
	settle();
	assert_int_equal(hear(to, "198.51.100.0/24", &h), ANNOUNCED);
	heard_path(&h, 0);
	assert_true(ip_eq(h.hop, ip_of("10.0.0.1")));
	assert_int_equal(heard_u32(&h, BGP_ATTR_ORIGIN, 9), BGP_ORIGIN_IGP);
	end();
}

static enum rt_verdict
set_med(const void *program, struct rt_edit *e, void *env)
{
	struct attr at = { .id = ATTR_BGP_MED, .type = ATTR_U32,
	    .flags = ATTR_FRESH, .u = 77 };

	(void)program;
	(void)env;
	attrs_edit_set(&e->a, at);
	return RT_ACCEPT;
}

static void
med_goes_out(void **state)
{
	struct bgp_neighbour_config c;
	struct heard h;
	struct say s;

	(void)state;
	begin();
	add_in(65002);
	c = nb_config(&r, 65001, 65003);
	c.channel[0].out = (struct rt_filter){ .run = set_med,
	    .program = &r };
	out = add(&c, "10.0.0.3", 0x03030303, &to);
	say_usual(&s, 65002, "10.0.0.2");
	say_u32(&s, BGP_ATTR_MED, 20);
	tap_says(ti, &s, NET);
	assert_int_equal(hear(to, NET, &h), ANNOUNCED);
	assert_int_equal(heard_u32(&h, BGP_ATTR_MED, 0), 77);
	/* "allow bgp_med", "allow bgp_local_pref" */
	c.channel[0].out = (struct rt_filter){ .constant = RT_ACCEPT };
	c.allow_med = c.allow_local_pref = true;
	bgp_neighbour_configure(out->n, &c);
	forget(to);
	settle();
	to->codec.local_pref = true;
	assert_int_equal(hear(to, NET, &h), ANNOUNCED);
	assert_int_equal(heard_u32(&h, BGP_ATTR_MED, 0), 20);
	assert_int_equal(heard_u32(&h, BGP_ATTR_LOCAL_PREF, 0), 100);
	end();
}

static void
well_known_communities(void **state)
{
	static const struct {
		uint32_t community;
		bool inside, outside;
	} rows[] = {
		{ 0xffffff01, true, false },	/* NO_EXPORT */
		{ 0xffffff02, false, false },	/* NO_ADVERTISE */
		{ 0xffffff03, true, false },	/* NO_EXPORT_SUBCONFED */
		{ 0xffff029a, true, true },	/* BLACKHOLE is advice */
		{ 65002u << 16 | 1, true, true },
	};
	struct bgp_neighbour_config c;
	struct nb *inside;
	struct tap *ts;
	struct heard h;
	struct say s;

	(void)state;
	begin();
	add_in(65002);
	add_out(65003);
	c = nb_config(&r, 65001, 65001);
	inside = add(&c, "10.0.0.4", 0x04040404, &ts);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		forget(to);
		forget(ts);
		say_usual(&s, 65002, "10.0.0.2");
		say_words(&s, BGP_ATTR_COMMUNITIES, 1, &rows[i].community);
		tap_says(ti, &s, NET);
		assert_int_equal(hear(to, NET, &h) == ANNOUNCED,
		    rows[i].outside);
		assert_int_equal(hear(ts, NET, &h) == ANNOUNCED,
		    rows[i].inside);
		tap_says(ti, NULL, NET);
	}
	/* A route that had none and gets one is withdrawn. */
	say_usual(&s, 65002, "10.0.0.2");
	tap_says(ti, &s, NET);
	forget(to);
	say_words(&s, BGP_ATTR_COMMUNITIES, 1, &rows[0].community);
	tap_says(ti, &s, NET);
	assert_int_equal(hear(to, NET, &h), WITHDRAWN);
	c.interpret_communities = false;
	bgp_neighbour_configure(inside->n, &c);
	say_usual(&s, 65002, "10.0.0.2");
	say_words(&s, BGP_ATTR_COMMUNITIES, 1, &rows[1].community);
	forget(ts);
	tap_says(ti, &s, NET);
	assert_int_equal(hear(ts, NET, &h), ANNOUNCED);
	end();
}

static void
next_hop_rules(void **state)
{
	struct bgp_neighbour_config c;
	struct heard h;
	struct say s;

	(void)state;
	begin();
	add_in(65002);
	c = nb_config(&r, 65001, 65001);
	c.channel[0].next_hop_self = BGP_HOP_IBGP;
	out = add(&c, "10.0.0.3", 0x03030303, &to);
	say_usual(&s, 65002, "10.0.0.77");
	tap_says(ti, &s, NET);
	hear(to, NET, &h);
	assert_true(ip_eq(h.hop, ip_of("10.0.0.77")));
	c.channel[0].next_hop_self = BGP_HOP_EBGP;
	bgp_neighbour_configure(out->n, &c);
	settle();
	hear(to, NET, &h);
	assert_true(ip_eq(h.hop, ip_of("10.0.0.1")));
	c.channel[0].next_hop_address = ip_of("10.0.0.99");
	bgp_neighbour_configure(out->n, &c);
	settle();
	hear(to, NET, &h);
	assert_true(ip_eq(h.hop, ip_of("10.0.0.99")));
	/* Nobody is told to send packets to himself. */
	c.channel[0].next_hop_self = BGP_HOP_NO;
	c.channel[0].next_hop_address = IP_NONE;
	bgp_neighbour_configure(out->n, &c);
	settle();
	forget(to);
	say_usual(&s, 65002, "10.0.0.3");
	tap_says(ti, &s, NET);
	assert_int_equal(hear(to, NET, &h), WITHDRAWN);
	end();
}

/* RFC 4271 5.1.3: on one LAN a third party may be named, else never. */
static void
third_party(void **state)
{
	struct bgp_neighbour_config c;
	struct heard h;
	struct say s;

	(void)state;
	begin();
	add_in(65002);
	c = nb_config(&r, 65001, 65003);
	c.shared_link = true;
	out = add(&c, "10.0.0.3", 0x03030303, &to);
	say_usual(&s, 65002, "10.0.0.2");
	tap_says(ti, &s, NET);
	hear(to, NET, &h);
	assert_true(ip_eq(h.hop, ip_of("10.0.0.2")));
	c.channel[0].next_hop_self = BGP_HOP_YES;
	bgp_neighbour_configure(out->n, &c);
	settle();
	hear(to, NET, &h);
	assert_true(ip_eq(h.hop, ip_of("10.0.0.1")));
	c.channel[0].next_hop_self = BGP_HOP_NO;
	c.channel[0].next_hop_keep = BGP_HOP_EBGP;
	c.shared_link = false;
	bgp_neighbour_configure(out->n, &c);
	settle();
	hear(to, NET, &h);
	assert_true(ip_eq(h.hop, ip_of("10.0.0.2")));
	end();
}

static void
reflection(void **state)
{
	const uint32_t cluster = 0x0c0c0c0c;
	struct bgp_neighbour_config c;
	const struct bgp_attr *a;
	struct heard h;
	struct say s;

	(void)state;
	begin();
	add_in(65001);
	add_out(65001);
	say_usual(&s, 65002, "10.0.0.2");
	say_u32(&s, BGP_ATTR_LOCAL_PREF, 130);
	tap_says(ti, &s, NET);
	/* RFC 4271 9.2: what came from inside stays with us ... */
	assert_int_equal(hear(to, NET, &h), SILENCE);
	c = nb_config(&r, 65001, 65001);
	c.rr_client = true;
	c.cluster_id = 0x0d0d0d0d;
	bgp_neighbour_configure(out->n, &c);
	settle();
	/* ... unless it is reflected, RFC 4456. */
	assert_int_equal(hear(to, NET, &h), ANNOUNCED);
	heard_path(&h, 65002, 0);
	assert_int_equal(heard_u32(&h, BGP_ATTR_ORIGINATOR_ID, 0),
	    0x02020202);
	a = bgp_update_attr(&h.u, BGP_ATTR_CLUSTER_LIST);
	assert_int_equal(a->value.n, 4);
	assert_int_equal(be32_get(a->value.p), 0x0d0d0d0d);
	assert_int_equal(heard_u32(&h, BGP_ATTR_LOCAL_PREF, 0), 130);
	assert_true(ip_eq(h.hop, ip_of("10.0.0.2")));
	/* Ours goes in front; the originator stays. */
	say_u32(&s, BGP_ATTR_ORIGINATOR_ID, 0x0e0e0e0e);
	say_words(&s, BGP_ATTR_CLUSTER_LIST, 1, &cluster);
	tap_says(ti, &s, NET);
	hear(to, NET, &h);
	assert_int_equal(heard_u32(&h, BGP_ATTR_ORIGINATOR_ID, 0),
	    0x0e0e0e0e);
	a = bgp_update_attr(&h.u, BGP_ATTR_CLUSTER_LIST);
	assert_int_equal(a->value.n, 8);
	assert_int_equal(be32_get(a->value.p), 0x0d0d0d0d);
	assert_int_equal(be32_get(a->value.p + 4), cluster);
	/* What a client says goes to those that are none. */
	forget(ti);
	say_usual(&s, 65003, "10.0.0.3");
	say_u32(&s, BGP_ATTR_LOCAL_PREF, 130);
	tap_says(to, &s, "198.51.100.0/24");
	assert_int_equal(hear(ti, "198.51.100.0/24", &h), ANNOUNCED);
	assert_int_equal(heard_u32(&h, BGP_ATTR_ORIGINATOR_ID, 0),
	    0x03030303);
	end();
}

/* What reflectors add stays inside. */
static void
reflected_then_outside(void **state)
{
	const uint32_t cluster = 0x0c0c0c0c;
	struct heard h;
	struct say s;

	(void)state;
	begin();
	add_in(65001);
	add_out(65003);
	say_usual(&s, 65002, "10.0.0.2");
	say_u32(&s, BGP_ATTR_LOCAL_PREF, 130);
	say_u32(&s, BGP_ATTR_ORIGINATOR_ID, 0x0e0e0e0e);
	say_words(&s, BGP_ATTR_CLUSTER_LIST, 1, &cluster);
	tap_says(ti, &s, NET);
	assert_int_equal(hear(to, NET, &h), ANNOUNCED);
	heard_path(&h, 65001, 65002, 0);
	assert_null(bgp_update_attr(&h.u, BGP_ATTR_ORIGINATOR_ID));
	assert_null(bgp_update_attr(&h.u, BGP_ATTR_CLUSTER_LIST));
	assert_null(bgp_update_attr(&h.u, BGP_ATTR_LOCAL_PREF));
	end();
}

static void
route_server(void **state)
{
	struct bgp_neighbour_config c;
	struct heard h;
	struct say s;

	(void)state;
	begin();
	add_in(65002);
	c = nb_config(&r, 65001, 65003);
	c.rs_client = c.allow_med = c.shared_link = true;
	out = add(&c, "10.0.0.3", 0x03030303, &to);
	say_usual(&s, 65002, "10.0.0.2");
	say_u32(&s, BGP_ATTR_MED, 5);
	tap_says(ti, &s, NET);
	hear(to, NET, &h);
	heard_path(&h, 65002, 0);
	assert_int_equal(heard_u32(&h, BGP_ATTR_MED, 0), 5);
	assert_true(ip_eq(h.hop, ip_of("10.0.0.2")));
	end();
}

static void
ipv6_over_an_ipv4_session(void **state)
{
	struct heard h;

	(void)state;
	begin();
	add_out(65003);
	originate_text(&r, NET6, true);
	settle();
	assert_int_equal(hear(to, NET6, &h), ANNOUNCED);
	assert_true(ip_eq(h.hop, ip_of("2001:db8::1")));
	assert_true(ip_eq(h.ll, ip_of("fe80::1")));
	forget(to);
	originate_text(&r, NET6, false);
	settle();
	assert_int_equal(hear(to, NET6, &h), WITHDRAWN);
	assert_true(h.u.n_attrs == 0);
	end();
}

/* RFC 8950 over a link-local session: no address plan at all. */
static void
ipv4_over_link_local(void **state)
{
	struct bgp_neighbour_config c;
	struct bgp_session_config tc = tap_config(65003, 0x03030303);
	struct heard h;

	(void)state;
	lab_start();
	router_init(&r);
	router_addr(&r, 1, "fe80::1", 64);
	c = nb_config(&r, 65001, 65003);
	c.remote = ip_of("fe80::3");
	c.channel[0].ext_nexthop = true;
	tc.open.ext_nexthop = BGP_FAM_BIT(BGP_FAM_IP4);
	out = nb_new(&r, &c, "fe80::1");
	to = tap_new(out, &tc);
	nb_start(out);
	originate_text(&r, NET, true);
	originate_text(&r, NET6, true);
	settle();
	assert_int_equal(hear(to, NET, &h), ANNOUNCED);
	assert_true(h.u.reach.there);
	assert_true(ip_eq(h.ll, ip_of("fe80::1")));
	assert_int_equal(hear(to, NET6, &h), ANNOUNCED);
	assert_true(ip_eq(h.ll, ip_of("fe80::1")));
	forget(to);
	originate_text(&r, NET, false);
	settle();
	assert_int_equal(hear(to, NET, &h), WITHDRAWN);
	end();
}

/* Was it heard so, behind AFI 2 and SAFI 1? */
static bool
heard_hop(const struct tap *t, uint8_t len, const char *a, const char *b)
{
	uint8_t want[4 + 32] = { 0, 2, 1, len };
	const struct ip hop = ip_of(a), ll = ip_of(b);

	memcpy(want + 4, hop.b, 16);
	memcpy(want + 20, ll.b, 16);
	for (size_t i = 0; i + 4 + len <= t->log_n; i++)
		if (memcmp(t->log + i, want, 4u + len) == 0)
			return true;
	return false;
}

/* "link local next hop format". */
static void
lone_link_local_formats(void **state)
{
	struct bgp_neighbour_config c;
	struct bgp_session_config tc = tap_config(65003, 0x03030303);

	(void)state;
	for (uint8_t f = BGP_LL_DOUBLE; f <= BGP_LL_NATIVE; f++) {
		lab_start();
		router_init(&r);
		router_addr(&r, 1, "fe80::1", 64);
		c = nb_config(&r, 65001, 65003);
		c.remote = ip_of("fe80::3");
		c.channel[1].ll_format = f;
		out = nb_new(&r, &c, "fe80::1");
		to = tap_new(out, &tc);
		nb_start(out);
		originate_text(&r, NET6, true);
		settle();
		assert_int_equal(heard_hop(to, 32, "fe80::1", "fe80::1"),
		    f == BGP_LL_DOUBLE);
		assert_int_equal(heard_hop(to, 16, "fe80::1", "::"),
		    f == BGP_LL_SINGLE);
		assert_int_equal(heard_hop(to, 32, "::", "fe80::1"),
		    f == BGP_LL_NATIVE);
		in = NULL;
		end();
	}
}

static bool
heard_drained(const struct heard *h)
{
	const struct bgp_attr *a = bgp_update_attr(&h->u,
	    BGP_ATTR_COMMUNITIES);

	return a && be32_get(a->value.p + a->value.n - 4) == 0xffff0000;
}

/* RFC 8326: told at once, and taken back at once. */
static void
graceful_shutdown(void **state)
{
	struct heard h;

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		begin();
		add_out(i ? 65001 : 65003);
		originate_text(&r, NET, true);
		settle();
		assert_int_equal(hear(to, NET, &h), ANNOUNCED);
		assert_false(heard_drained(&h));
		forget(to);
		bgp_neighbour_set_draining(out->n, true);
		settle();
		assert_int_equal(hear(to, NET, &h), ANNOUNCED);
		assert_true(heard_drained(&h));
		if (i)
			assert_int_equal(heard_u32(&h, BGP_ATTR_LOCAL_PREF,
			    7), 0);
		else
			assert_null(bgp_update_attr(&h.u,
			    BGP_ATTR_LOCAL_PREF));
		forget(to);
		bgp_neighbour_set_draining(out->n, false);
		settle();
		assert_int_equal(hear(to, NET, &h), ANNOUNCED);
		assert_false(heard_drained(&h));
		end();
	}
}

/* Who shares an export with it is told nothing of that. */
static void
graceful_shutdown_of_one(void **state)
{
	struct bgp_neighbour_config c;
	struct heard h;
	struct tap *other;

	(void)state;
	begin();
	add_out(65003);
	c = nb_config(&r, 65001, 65003);
	add(&c, "10.0.0.4", 0x04040404, &other);
	originate_text(&r, NET, true);
	settle();
	forget(to);
	forget(other);
	bgp_neighbour_set_draining(out->n, true);
	settle();
	assert_int_equal(hear(to, NET, &h), ANNOUNCED);
	assert_true(heard_drained(&h));
	assert_int_not_equal(hear(other, NET, &h), ANNOUNCED);
	originate_text(&r, "198.51.100.0/24", true);
	settle();
	assert_int_equal(hear(to, "198.51.100.0/24", &h), ANNOUNCED);
	assert_true(heard_drained(&h));
	assert_int_equal(hear(other, "198.51.100.0/24", &h), ANNOUNCED);
	assert_false(heard_drained(&h));
	end();
}

static void
to_an_old_speaker(void **state)
{
	struct bgp_neighbour_config c;
	struct bgp_session_config tc = tap_config(65003, 0x03030303);
	const uint8_t agg[] = { 0, 3, 0, 0, 9, 9, 9, 9 };
	const struct bgp_attr *a;
	struct heard h;
	struct say s;

	(void)state;
	begin();
	add_in(4200000001);
	c = nb_config(&r, 65001, 65003);
	c.remote = ip_of("10.0.0.3");
	tc.open.as4 = false;
	out = nb_new(&r, &c, "10.0.0.1");
	to = tap_new(out, &tc);
	nb_start(out);
	say_init(&s);
	say_origin(&s, BGP_ORIGIN_IGP);
	say_path(&s, 4200000001, 65007);
	say_hop(&s, "10.0.0.2");
	bgp_attr_put(&s.w, BGP_OPTIONAL | BGP_TRANSITIVE,
	    BGP_ATTR_AGGREGATOR, bytes_of(agg, 8));
	tap_says(ti, &s, NET);
	assert_int_equal(hear(to, NET, &h), ANNOUNCED);
	a = bgp_update_attr(&h.u, BGP_ATTR_AS_PATH);
	assert_int_equal(a->value.n, 2 + 3 * 2);
	assert_int_equal(be16_get(a->value.p + 2), 65001);
	assert_int_equal(be16_get(a->value.p + 4), BGP_AS_TRANS);
	a = bgp_update_attr(&h.u, BGP_ATTR_AS4_PATH);
	assert_non_null(a);
	assert_int_equal(be32_get(a->value.p + 6), 4200000001);
	a = bgp_update_attr(&h.u, BGP_ATTR_AGGREGATOR);
	assert_int_equal(a->value.n, 6);
	assert_int_equal(be16_get(a->value.p), BGP_AS_TRANS);
	a = bgp_update_attr(&h.u, BGP_ATTR_AS4_AGGREGATOR);
	assert_int_equal(be32_get(a->value.p), 0x30000);
	end();
}

static struct prefix
numbered(unsigned first, unsigned i)
{
	return (struct prefix){ .ip = ip_from4((uint8_t[]){ 172,
	    (uint8_t)first, (uint8_t)i, 0 }), .len = 24, .kind = NET_IP4 };
}

/*
 * In one batch what goes is said before what comes: a peer at its limit has
 * room then.  Few are arranged in another way than many.
 */
static void
withdrawals_first(void **state)
{
	struct bgp_update u;
	struct prefix p;
	bool came;

	(void)state;
	for (unsigned n = 3; n <= 200; n += 197) {
		begin();
		add_out(65003);
		for (unsigned i = 0; i < n; i++) {
			p = numbered(16, i);
			originate(&r, &p, true, NULL);
		}
		settle();
		forget(to);
		for (unsigned i = 0; i < n; i++) {
			p = numbered(17, i);
			originate(&r, &p, true, NULL);
		}
		for (unsigned i = 0; i < n; i++) {
			p = numbered(16, i);
			originate(&r, &p, false, NULL);
		}
		settle();
		came = false;
		for (size_t at = to->mark; at < to->log_n;
		    at += be16_get(to->log + at + 16)) {
			if (to->log[at + 18] != BGP_TYPE_UPDATE)
				continue;
			assert_int_equal(bgp_update_decode(&to->codec,
			    bytes_of(to->log + at + BGP_HEADER,
			    be16_get(to->log + at + 16) -
			    (size_t)BGP_HEADER), &u), BGP_OK);
			assert_false(came && u.withdrawn.n > 0);
			came = came || u.nlri.n > 0;
		}
		assert_true(came);
		end();
	}
}

/* 255 numbers fill a segment: another is put before it. */
static void
full_segment(void **state)
{
	uint8_t *m;
	const struct bgp_attr *a;
	struct heard h;
	struct say s;

	(void)state;
	begin();
	add_in(65002);
	add_out(65003);
	say_init(&s);
	say_origin(&s, BGP_ORIGIN_IGP);
	m = bgp_attr_begin(&s.w, BGP_TRANSITIVE, BGP_ATTR_AS_PATH);
	wr_u8(&s.w, BGP_AS_SEQUENCE);
	wr_u8(&s.w, 255);
	for (unsigned i = 0; i < 255; i++)
		wr_be32(&s.w, 65002);
	bgp_attr_end(&s.w, m);
	say_hop(&s, "10.0.0.2");
	tap_says(ti, &s, NET);
	assert_int_equal(hear(to, NET, &h), ANNOUNCED);
	a = bgp_update_attr(&h.u, BGP_ATTR_AS_PATH);
	assert_int_equal(a->value.n, 6 + 2 + 255 * 4);
	assert_int_equal(a->value.p[1], 1);
	assert_int_equal(be32_get(a->value.p + 2), 65001);
	assert_int_equal(a->value.p[7], 255);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(to_outside),
		cmocka_unit_test(to_inside),
		cmocka_unit_test(med_goes_out),
		cmocka_unit_test(well_known_communities),
		cmocka_unit_test(next_hop_rules),
		cmocka_unit_test(third_party),
		cmocka_unit_test(reflection),
		cmocka_unit_test(reflected_then_outside),
		cmocka_unit_test(route_server),
		cmocka_unit_test(ipv6_over_an_ipv4_session),
		cmocka_unit_test(ipv4_over_link_local),
		cmocka_unit_test(lone_link_local_formats),
		cmocka_unit_test(graceful_shutdown),
		cmocka_unit_test(graceful_shutdown_of_one),
		cmocka_unit_test(to_an_old_speaker),
		cmocka_unit_test(withdrawals_first),
		cmocka_unit_test(full_segment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/*
 * Update groups: whatever happens to neighbours that share one, each peer has
 * in the end been told what it would have been told alone.
 */
#include <stdio.h>

#include "neighbour_say.h"

#define PEERS	5
#define NETS	40
#define TURNS	300
#define SEEDS	16

static struct router r;
static struct nb *nb[PEERS];
static struct tap *tap[PEERS];
static bool internal;
static uint64_t dice;

static unsigned
roll(unsigned n)
{
	dice = dice * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((dice >> 33) % n);
}

/* The peers. */

static struct ip
addr_of(unsigned i)
{
	struct ip ip = ip_of("10.0.0.2");

	ip.b[15] = (uint8_t)(2 + i);
	return ip;
}

/* A filter that is two programs, which do the same. */
static const uint8_t odd_a = 1, odd_b = 1;

static enum rt_verdict
no_odd(const void *program, struct rt_edit *e, void *env)
{
	(void)env;
	return e->net.ip.b[14] & *(const uint8_t *)program ? RT_REJECT :
	    RT_ACCEPT;
}

static bool
same_program(const void *a, const void *b)
{
	return *(const uint8_t *)a == *(const uint8_t *)b;
}

static struct bgp_neighbour_config
config_of(unsigned i, bool filtered)
{
	struct bgp_neighbour_config c = nb_config(&r, 65001, internal ?
	    65001 : 65002 + i);

	c.remote = addr_of(i);
	c.rr_client = internal;
	c.gr_helper = false;
	if (filtered)
		c.channel[0].out = (struct rt_filter){ .run = no_odd,
		    .program = i & 1 ? &odd_a : &odd_b,
		    .same = same_program };
	return c;
}

static void
add_peer(unsigned i)
{
	const struct bgp_neighbour_config c = config_of(i, false);
	struct bgp_session_config tc = tap_config(c.session.demand.peer_asn,
	    0x02020200 + i);

	tc.send_hold = -1;
	nb[i] = nb_new(&r, &c, "10.0.0.1");
	tap[i] = tap_new(nb[i], &tc);
	nb_start(nb[i]);
	assert_true(bgp_neighbour_established(nb[i]->n));
}

static struct bgp_chan *
chan(unsigned i)
{
	return &nb[i]->n->chan[0];
}

static void
begin(unsigned peers)
{
	lab_start();
	router_init(&r);
	router_addr(&r, 1, "10.0.0.1", 24);
	for (unsigned i = 0; i < peers; i++)
		add_peer(i);
}

static void
end(void)
{
	lab_end();
	router_done(&r);
}

/* What they say. */

static struct prefix
net_no(unsigned k)
{
	struct ip ip = ip_of("20.0.0.0");

	ip.b[14] = (uint8_t)k;
	return prefix_of(ip, 24);
}

/* tap_says() lets all settle; here others shall be in the middle of it. */
static void
say_net(unsigned i, unsigned k, bool on)
{
	const struct prefix p = net_no(k);
	uint8_t b[BGP_MESSAGE_MAX];
	struct wr w = wr_of(b, sizeof(b));
	uint8_t *m = bgp_message_begin(&w, BGP_TYPE_UPDATE), *l;
	struct say s;
	char hop[32];

	snprintf(hop, sizeof(hop), "10.0.0.%u", internal ? 2 + roll(PEERS) :
	    2 + i);
	say_usual(&s, internal ? 0 : 65002 + i, hop);
	if (internal)
		say_u32(&s, BGP_ATTR_LOCAL_PREF, 100 + roll(3));
	else
		say_u32(&s, BGP_ATTR_MED, roll(3));
	l = bgp_length_begin(&w);
	if (!on)
		bgp_nlri_put(&w, &p, false, 0);
	bgp_length_end(&w, l);
	l = bgp_length_begin(&w);
	if (on)
		wr_bytes(&w, bytes_of(s.b, wr_len(&s.w)));
	bgp_length_end(&w, l);
	if (on)
		bgp_nlri_put(&w, &p, false, 0);
	bgp_message_end(&w, m);
	if (tap[i]->ups > tap[i]->downs)
		bgp_session_send(tap[i]->s, now, bytes_of(b, wr_len(&w)));
}

/* What they know. */

static void
know(bool *known, bool value, struct bytes nlri)
{
	struct bgp_nlri it = bgp_nlri_of(BGP_FAM_IP4, false, nlri);
	struct prefix p;

	while (bgp_nlri_next(&it, &p, NULL))
		known[p.ip.b[14]] = value;
}

static void
replay(const struct tap *t, bool *known)
{
	struct bgp_update u;

	for (size_t at = 0; at + BGP_HEADER <= t->log_n;) {
		const uint8_t *m = t->log + at;
		const size_t n = be16_get(m + 16);

		if (m[18] == BGP_TYPE_OPEN)
			memset(known, 0, NETS * sizeof(*known));
		at += n;
		if (m[18] != BGP_TYPE_UPDATE)
			continue;
		assert_int_equal(bgp_update_decode(&t->codec,
		    bytes_of(m + BGP_HEADER, n - BGP_HEADER), &u), BGP_OK);
		know(known, false, u.withdrawn);
		know(known, true, u.nlri);
	}
}

static bool
should_know(unsigned i, unsigned k, bool *ret_counts)
{
	const struct prefix p = net_no(k);
	const uint32_t id = rt_find(r.t[0], &p);
	const struct rt_route *best = id == RT_NONE ? NULL :
	    rt_best(r.t[0], id);
	const struct rt_owner *o;
	struct attr hop;

	*ret_counts = false;
	if (!best || (chan(i)->ch.out.program && k & 1))
		return false;
	o = rt_src_at(r.t[0], best->src)->owner;
	if (o == &chan(i)->ch.owner)
		return false;
	*ret_counts = true;
	return !(attrs_get(best->attrs, ATTR_BGP_NEXT_HOP, &hop) &&
	    internal && ip_eq(ip_from6(hop.p), addr_of(i)));
}

static void
check(void)
{
	for (unsigned i = 0; i < PEERS; i++) {
		bool known[256] = { 0 }, counts;
		unsigned n = 0;

		replay(tap[i], known);
		for (unsigned k = 0; k < NETS; k++) {
			assert_int_equal(known[k], should_know(i, k,
			    &counts));
			n += counts;
		}
		rt_channel_look(&chan(i)->ch);
		/* What "several" were not told counts as told. */
		if (!internal)
			assert_int_equal(chan(i)->ch.exported.count, n);
	}
}

/* What befalls them. */

static void
unstall(void)
{
	for (unsigned i = 0; i < PEERS; i++)
		if (tap[i]->up)
			nb[i]->up[tap[i]->conn] = true;
}

static void
turn(bool *filtered)
{
	const unsigned i = roll(PEERS), k = roll(NETS);
	const struct prefix p = net_no(k);
	struct bgp_neighbour_config c;

	switch (roll(20)) {
	case 0: case 1: case 2: case 3: case 4: case 5:
		say_net(i, k, true);
		break;
	case 6: case 7: case 8:
		say_net(i, k, false);
		break;
	case 9:
		originate(&r, &p, roll(2), NULL);
		break;
	case 10:
		bgp_neighbour_reload_out(nb[i]->n, &chan(i)->ch);
		break;
	case 11:
		filtered[i] = roll(2);
		c = config_of(i, filtered[i]);
		bgp_neighbour_configure(nb[i]->n, &c);
		break;
	case 12:	/* the socket takes nothing for a while */
		if (tap[i]->up)
			nb[i]->up[tap[i]->conn] = roll(2);
		break;
	case 13:
		if (roll(4))
			break;
		unstall();
		settle();
		if (tap[i]->up)
			tap_cut(tap[i]);
		break;
	case 14:
		pass(MILLISECONDS(300));
		break;
	default:
		bgp_neighbour_work(nb[i]->n, now, 1 + roll(4));
		nb_settle(nb[roll(PEERS)]);
		tap_settle(tap[roll(PEERS)]);
		break;
	}
}

static void
run(uint64_t seed)
{
	bool filtered[PEERS] = { 0 };

	dice = seed * 7919 + 1;
	internal = seed & 1;
	begin(PEERS);
	for (unsigned i = 0; i < TURNS; i++)
		turn(filtered);
	unstall();
	pass(SECONDS(200));
	for (unsigned i = 0; i < PEERS; i++)
		assert_true(bgp_neighbour_established(nb[i]->n));
	check();
	/* Those who do the same, who have all the same been told, are one. */
	for (unsigned i = 1; i < PEERS; i++)
		assert_int_equal(chan(i)->group == chan(0)->group,
		    filtered[i] == filtered[0]);
	end();
}

static void
anything(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < SEEDS; seed++)
		run(seed);
}

/* Nets that each have a set of their own: many octets. */
static void
many(unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		struct attrs_edit e;
		uint8_t mark[4];
		struct ip ip = ip_of("30.0.0.0");
		const struct attrs *a;
		struct prefix p;

		be32_put(ip.b + 12, 0x1e000000u + i * 256);
		p = prefix_of(ip, 24);
		attrs_edit_init(&e, NULL);
		e.source = RTS_STATIC;
		e.dest = RTD_BLACKHOLE;
		e.preference = 200;
		be32_put(mark, i);
		attrs_edit_set_bytes(&e, ATTR_BGP_COMMUNITY, ATTR_CLIST,
		    bytes_of(mark, 4));
		a = attrs_intern(r.pool, &e);
		assert_non_null(a);
		rt_channel_update(&r.origin[0], &p, 0, a, now);
		attrs_unref(r.pool, a);
	}
}

/* One that does not read is left behind, holds little, and comes back. */
static void
left_behind(void **state)
{
	(void)state;
	internal = false;
	begin(3);
	assert_ptr_equal(chan(0)->group, chan(1)->group);
	assert_int_equal(chan(0)->group->n_members, 3);
	nb[1]->up[tap[1]->conn] = false;
	many(40000);
	for (unsigned i = 0; i < 200; i++) {
		nb_settle(nb[0]);
		nb_settle(nb[2]);
		tap_settle(tap[0]);
		tap_settle(tap[2]);
	}
	assert_true(rt_feed_idle(&chan(0)->group->ch.feed));
	assert_ptr_equal(chan(0)->group, chan(2)->group);
	assert_ptr_not_equal(chan(0)->group, chan(1)->group);
	assert_true(chan(1)->queue.octets < BGP_GROUP_WINDOW + 1000000);
	assert_false(rt_feed_idle(&chan(1)->group->ch.feed));
	nb[1]->up[tap[1]->conn] = true;
	settle();
	assert_ptr_equal(chan(0)->group, chan(1)->group);
	rt_channel_look(&chan(1)->ch);
	assert_int_equal(chan(1)->ch.exported.count, 40000);
	end();
}

/* Peers that come when there is much to tell share a run of their own. */
static void
latecomers(void **state)
{
	(void)state;
	internal = false;
	begin(1);
	many(20000);
	bgp_neighbour_work(nb[0]->n, now, 100);
	for (unsigned i = 1; i < 4; i++) {
		const struct bgp_neighbour_config c = config_of(i, false);
		const struct bgp_session_config tc = tap_config(65002 + i, i);

		nb[i] = nb_new(&r, &c, "10.0.0.1");
		tap[i] = tap_new(nb[i], &tc);
		bgp_neighbour_start(nb[i]->n, now);
	}
	now = instant_add(now, SECONDS(5));
	for (unsigned i = 1; i < 4; i++)
		bgp_neighbour_tick(nb[i]->n, now);
	for (unsigned k = 0; k < 8; k++)
		for (unsigned i = 1; i < 4; i++) {
			nb_settle(nb[i]);
			tap_settle(tap[i]);
		}
	assert_ptr_equal(chan(1)->group, chan(2)->group);
	assert_ptr_equal(chan(1)->group, chan(3)->group);
	assert_ptr_not_equal(chan(0)->group, chan(1)->group);
	assert_false(chan(1)->group->moved);
	pass(SECONDS(2));
	for (unsigned i = 0; i < 4; i++) {
		assert_ptr_equal(chan(0)->group, chan(i)->group);
		assert_int_equal(nb[i]->told[BGP_NOTE_EOR_SENT], 2);
	}
	end();
}

/* One encoding: what the others get is the very same octets. */
static void
same_octets(void **state)
{
	size_t mark[3];

	(void)state;
	internal = false;
	begin(3);
	for (unsigned i = 0; i < 3; i++)
		mark[i] = tap[i]->log_n;
	many(3000);
	settle();
	assert_true(tap[0]->log_n - mark[0] > 3000 * 30);
	for (unsigned i = 1; i < 3; i++) {
		assert_int_equal(tap[i]->log_n - mark[i],
		    tap[0]->log_n - mark[0]);
		assert_memory_equal(tap[i]->log + mark[i],
		    tap[0]->log + mark[0], tap[0]->log_n - mark[0]);
	}
	end();
}

/* Memory runs out at each place in turn: sessions may end, nothing leaks. */
static void
out_of_memory(void **state)
{
	(void)state;
	internal = false;
	for (long n = 0; n < 40; n++) {
		begin(3);
		for (unsigned i = 0; i < 3; i++)
			tap[i]->may_fail = true;
		many(30);
		mem_fail_after(n);
		bgp_neighbour_reload_out(nb[0]->n, &chan(0)->ch);
		for (unsigned k = 0; k < 4; k++)
			for (unsigned i = 0; i < 3; i++)
				bgp_neighbour_work(nb[i]->n, now, 10);
		mem_fail_after(-1);
		end();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(anything),
		cmocka_unit_test(left_behind),
		cmocka_unit_test(latecomers),
		cmocka_unit_test(same_octets),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

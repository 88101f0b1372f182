/* SPDX-License-Identifier: ISC */
/*
 * A neighbour's life: feeds, refreshes, graceful restarts, and memory that
 * runs out in the midst of it.
 */
#include "neighbour_say.h"

#define NET	"192.0.2.0/24"
#define NET2	"198.51.100.0/24"
#define NET6	"2001:db8:1::/48"

static struct router r;
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
go_with(const struct bgp_neighbour_config *c,
    const struct bgp_session_config *tc)
{
	b = nb_new(&r, c, "10.0.0.1");
	t = tap_new(b, tc);
	nb_start(b);
}

static struct bgp_session_config
restarting_tap(bool back)
{
	struct bgp_session_config tc = tap_config(65002, 0x02020202);

	tc.open.has_gr = true;
	tc.open.gr_time = 60;
	tc.open.gr_families = BGP_FAM_ALL;
	tc.open.gr_restarting = back;
	tc.open.gr_forwarding = back ? BGP_FAM_ALL : 0;
	return tc;
}

static void
go(void)
{
	const struct bgp_neighbour_config c = nb_config(&r, 65001, 65002);
	const struct bgp_session_config tc = restarting_tap(false);

	go_with(&c, &tc);
	assert_true(bgp_neighbour_established(b->n));
}

static void
end(void)
{
	lab_end();
	router_done(&r);
}

/* What was heard since the mark. */
struct tally {
	unsigned updates, full, eor4, eor6, announced, withdrawn;
	size_t longest;
	bool eor_last;
};

static unsigned
count_nlri(enum bgp_fam f, struct bytes nlri)
{
	struct bgp_nlri it = bgp_nlri_of(f, false, nlri);
	struct prefix p;
	unsigned n = 0;

	while (bgp_nlri_next(&it, &p, NULL))
		n++;
	assert_false(it.bad);
	return n;
}

static struct tally
tally(const struct tap *tap)
{
	struct tally y = { 0 };
	struct bgp_update u;
	enum bgp_fam f;

	for (size_t at = tap->mark; at + BGP_HEADER <= tap->log_n;) {
		const uint8_t *m = tap->log + at;
		const size_t n = be16_get(m + 16);

		at += n;
		if (m[18] != BGP_TYPE_UPDATE)
			continue;
		y.updates++;
		y.full += n > BGP_MESSAGE_MAX - 20;
		if (n > y.longest)
			y.longest = n;
		assert_int_equal(bgp_update_decode(&tap->codec,
		    bytes_of(m + BGP_HEADER, n - BGP_HEADER), &u), BGP_OK);
		y.eor_last = bgp_update_is_eor(&u, &f);
		if (y.eor_last) {
			y.eor4 += f == BGP_FAM_IP4;
			y.eor6 += f == BGP_FAM_IP6;
			continue;
		}
		y.announced += count_nlri(BGP_FAM_IP4, u.nlri);
		y.withdrawn += count_nlri(BGP_FAM_IP4, u.withdrawn);
		if (u.reach.there)
			y.announced += count_nlri(u.reach.fam, u.reach.nlri);
		if (u.unreach.there)
			y.withdrawn += count_nlri(u.unreach.fam,
			    u.unreach.nlri);
	}
	return y;
}

static void
many(unsigned n, bool six, bool on)
{
	struct ip ip = six ? ip_of("2001:db8::") : ip_of("20.0.0.0");

	for (unsigned i = 0; i < n; i++) {
		struct prefix p;

		if (six)
			be32_put(ip.b + 4, i);
		else
			be32_put(ip.b + 12, 0x14000000u + i * 256);
		p = prefix_of(ip, six ? 64 : 24);
		originate(&r, &p, on, NULL);
	}
}

static void
packing(bool six)
{
	/* A /24 takes 4 octets, a /64 nine. */
	const unsigned each = six ? 9 : 4;
	const unsigned least = 10000 * each / (BGP_MESSAGE_MAX - 20);
	struct tally y;

	begin();
	many(10000, six, true);
	go();
	y = tally(t);
	assert_int_equal(y.announced, 10000);
	assert_int_equal(y.withdrawn, 0);
	assert_true(y.longest <= BGP_MESSAGE_MAX);
	/* Batches of 4096 nets each end in a shorter one; two End-of-RIB. */
	assert_true(y.updates <= least + 3 + 2);
	assert_true(y.full + 3 >= least);
	assert_int_equal(y.eor4, 1);
	assert_int_equal(y.eor6, 1);
	forget(t);
	many(10000, six, false);
	settle();
	y = tally(t);
	assert_int_equal(y.announced, 0);
	assert_int_equal(y.withdrawn, 10000);
	assert_true(y.updates <= least + 3);
	assert_int_equal(y.eor4 + y.eor6, 0);
	end();
}

static void
packing4(void **state)
{
	(void)state;
	packing(false);
}

static void
packing6(void **state)
{
	(void)state;
	packing(true);
}

static void
end_of_rib_is_last(void **state)
{
	struct tally y;

	(void)state;
	begin();
	many(5, false, true);
	go();
	y = tally(t);
	assert_true(y.eor_last);
	assert_int_equal(y.eor4, 1);
	assert_int_equal(y.eor6, 1);
	assert_int_equal(b->told[BGP_NOTE_EOR_SENT], 2);
	/* Once for each session, and not with the news. */
	forget(t);
	originate_text(&r, NET, true);
	settle();
	y = tally(t);
	assert_int_equal(y.announced, 1);
	assert_int_equal(y.eor4, 0);
	tap_cut(t);
	pass(SECONDS(60));
	y = tally(t);
	assert_int_equal(y.eor4, 1);
	assert_int_equal(y.announced, 1 + 6);
	end();
}

static void
refresh_out(void **state)
{
	struct tally y;

	(void)state;
	begin();
	many(5, false, true);
	go();
	forget(t);
	tap_says_refresh(t, BGP_FAM_IP4, BGP_REFRESH_REQUEST);
	y = tally(t);
	assert_int_equal(y.announced, 5);
	assert_int_equal(t->refreshes[BGP_REFRESH_BEGIN], 1);
	assert_int_equal(t->refreshes[BGP_REFRESH_END], 1);
	assert_int_equal(y.eor4, 0);
	/* Order: BoRR, the routes, EoRR. */
	assert_int_equal(t->log[t->mark + 18], BGP_TYPE_REFRESH);
	assert_int_equal(t->log[t->log_n - 5], BGP_TYPE_REFRESH);
	/* The same by the operator's hand. */
	forget(t);
	bgp_neighbour_reload_out(b->n, bgp_neighbour_channel(b->n, 0));
	settle();
	assert_int_equal(tally(t).announced, 5);
	end();
}

static void
refresh_in(void **state)
{
	struct say s;

	(void)state;
	begin();
	go();
	say_usual(&s, 65002, "10.0.0.2");
	tap_says(t, &s, NET);
	tap_says(t, &s, NET2);
	forget(t);
	assert_true(bgp_neighbour_reload_in(b->n,
	    bgp_neighbour_channel(b->n, 0), now));
	settle();
	assert_int_equal(t->refreshes[BGP_REFRESH_REQUEST], 1);
	tap_says_refresh(t, BGP_FAM_IP4, BGP_REFRESH_BEGIN);
	assert_non_null(route_of(b, NET));
	tap_says(t, &s, NET2);
	assert_non_null(route_of(b, NET));
	tap_says_refresh(t, BGP_FAM_IP4, BGP_REFRESH_END);
	assert_null(route_of(b, NET));
	assert_non_null(route_of(b, NET2));
	end();
}

static void
refresh_unknown(void **state)
{
	struct bgp_neighbour_config c;
	struct bgp_session_config tc = tap_config(65002, 0x02020202);

	(void)state;
	begin();
	c = nb_config(&r, 65001, 65002);
	tc.open.refresh = tc.open.enhanced_refresh = false;
	go_with(&c, &tc);
	assert_true(bgp_neighbour_established(b->n));
	assert_false(bgp_neighbour_reload_in(b->n,
	    bgp_neighbour_channel(b->n, 0), now));
	end();
}

/* Graceful restart, we are the helper. */

static void
announce_two(void)
{
	struct say s;

	say_usual(&s, 65002, "10.0.0.2");
	tap_says(t, &s, NET);
	tap_says(t, &s, NET2);
	say_init(&s);
	say_origin(&s, BGP_ORIGIN_IGP);
	say_path(&s, 65002);
	tap_says_mp(t, &s, NET6, ip_of("2001:db8::2"), IP_NONE);
	tap_says_eor(t, BGP_FAM_IP4);
	tap_says_eor(t, BGP_FAM_IP6);
	assert_int_equal(b->told[BGP_NOTE_EOR], 2);
}

static void
tap_restarts(bool kept)
{
	struct bgp_session_config tc = restarting_tap(true);

	tc.open.gr_forwarding = kept ? BGP_FAM_ALL : 0;
	bgp_session_configure(t->s, &tc);
	tap_cut(t);
	settle();
}

static void
helper_keeps(void **state)
{
	struct say s;

	(void)state;
	begin();
	go();
	announce_two();
	tap_restarts(true);
	assert_false(bgp_neighbour_established(b->n));
	assert_true(bgp_neighbour_gr_active(b->n));
	assert_int_equal(b->told[BGP_NOTE_GR_BEGIN], 1);
	assert_non_null(route_of(b, NET));
	pass(SECONDS(10));
	assert_true(bgp_neighbour_established(b->n));
	assert_true(bgp_neighbour_gr_active(b->n));
	assert_non_null(route_of(b, NET));
	say_usual(&s, 65002, "10.0.0.2");
	tap_says(t, &s, NET);
	tap_says_eor(t, BGP_FAM_IP4);
	assert_non_null(route_of(b, NET));
	assert_null(route_of(b, NET2));
	assert_non_null(route_of(b, NET6));
	assert_true(bgp_neighbour_gr_active(b->n));
	tap_says_eor(t, BGP_FAM_IP6);
	assert_null(route_of(b, NET6));
	assert_false(bgp_neighbour_gr_active(b->n));
	assert_int_equal(b->told[BGP_NOTE_GR_END], 1);
	end();
}

static void
helper_waits_its_time(void **state)
{
	(void)state;
	begin();
	go();
	announce_two();
	unplugged = true;
	tap_restarts(true);
	pass(SECONDS(59));
	assert_non_null(route_of(b, NET));
	assert_non_null(route_of(b, NET6));
	pass(SECONDS(2));
	assert_null(route_of(b, NET));
	assert_null(route_of(b, NET6));
	assert_false(bgp_neighbour_gr_active(b->n));
	end();
}

static void
helper_without_f_bit(void **state)
{
	(void)state;
	begin();
	go();
	announce_two();
	tap_restarts(false);
	assert_non_null(route_of(b, NET));
	pass(SECONDS(10));
	assert_true(bgp_neighbour_established(b->n));
	assert_null(route_of(b, NET));
	assert_null(route_of(b, NET6));
	assert_false(bgp_neighbour_gr_active(b->n));
	end();
}

static void
helper_hears_no_end_of_rib(void **state)
{
	(void)state;
	begin();
	go();
	announce_two();
	tap_restarts(true);
	pass(SECONDS(10));
	pass(SECONDS(280));
	assert_non_null(route_of(b, NET));
	pass(SECONDS(20));
	assert_null(route_of(b, NET));
	assert_true(bgp_neighbour_established(b->n));
	end();
}

/* RFC 4724 4.2: what one restart left stale, the next one does not keep. */
static void
restarts_twice(void **state)
{
	struct say s;

	(void)state;
	begin();
	go();
	announce_two();
	tap_restarts(true);
	pass(SECONDS(10));
	say_usual(&s, 65002, "10.0.0.2");
	tap_says(t, &s, NET);
	tap_restarts(true);
	assert_non_null(route_of(b, NET));
	assert_null(route_of(b, NET2));
	end();
}

static void
shutdown_is_no_restart(void **state)
{
	const struct bgp_error e = { .code = BGP_ERR_CEASE,
	    .subcode = BGP_CEASE_SHUTDOWN };

	(void)state;
	begin();
	go();
	announce_two();
	bgp_session_stop(t->s, now, &e);
	tap_drain(t);
	settle();
	assert_null(route_of(b, NET));
	assert_false(bgp_neighbour_gr_active(b->n));
	assert_int_equal(b->cause.blame, BGP_BLAME_REMOTE);
	end();
}

static void
not_a_helper(void **state)
{
	struct bgp_neighbour_config c;
	const struct bgp_session_config tc = restarting_tap(false);

	(void)state;
	begin();
	c = nb_config(&r, 65001, 65002);
	c.gr_helper = c.session.open.has_gr = false;
	go_with(&c, &tc);
	announce_two();
	tap_cut(t);
	settle();
	assert_null(route_of(b, NET));
	end();
}

/* A helped peer dials in while its old connection still looks alive. */
static void
replaced_by_a_new_connection(void **state)
{
	(void)state;
	begin();
	go();
	announce_two();
	/* The peer's side dies without our socket's knowing. */
	t->up = false;
	t->in.n = 0;
	bgp_session_link(t->s, now, false, 104);
	tap_drain(t);
	t->nb->in[t->conn].n = 0;
	t->nb->in[t->conn].eof = false;
	assert_true(bgp_neighbour_established(b->n));
	{
		const struct bgp_session_config tc = restarting_tap(true);

		bgp_session_configure(t->s, &tc);
	}
	pass(SECONDS(1));
	assert_true(tap_dials(t));
	settle();
	assert_true(bgp_neighbour_established(b->n));
	assert_non_null(route_of(b, NET));
	assert_true(bgp_neighbour_gr_active(b->n));
	tap_says_eor(t, BGP_FAM_IP4);
	tap_says_eor(t, BGP_FAM_IP6);
	assert_null(route_of(b, NET));
	/* But not so soon: that is the loser of a collision. */
	pass(SECONDS(1));
	assert_false(bgp_neighbour_accept(b->n, now));
	assert_true(bgp_neighbour_established(b->n));
	pass(SECONDS(1));
	assert_true(bgp_neighbour_accept(b->n, now));
	assert_false(bgp_neighbour_established(b->n));
	end();
}

/* RFC 4271 8.1.1, DampPeerOscillations: nobody comes in while we wait. */
static void
nonsense_is_punished(void **state)
{
	const uint8_t zeros[BGP_HEADER] = { 0 };

	(void)state;
	begin();
	go();
	assert_true(bgp_neighbour_established(b->n));
	bgp_neighbour_rx(b->n, t->conn, now, bytes_of(zeros, sizeof(zeros)));
	settle();
	assert_false(bgp_neighbour_established(b->n));
	assert_false(bgp_neighbour_accept(b->n, now));
	pass(SECONDS(50));
	assert_false(bgp_neighbour_accept(b->n, now));
	pass(SECONDS(40));
	assert_true(bgp_neighbour_established(b->n));
	end();
}

/* One that had announced too much. */
static void
late_start(void **state)
{
	struct bgp_neighbour_config c;
	const struct bgp_session_config tc = restarting_tap(false);

	(void)state;
	begin();
	c = nb_config(&r, 65001, 65002);
	b = nb_new(&r, &c, "10.0.0.1");
	t = tap_new(b, &tc);
	bgp_neighbour_start_late(b->n, now, SECONDS(30));
	pass(SECONDS(29));
	assert_false(bgp_neighbour_accept(b->n, now));
	assert_int_equal(bgp_session_state(bgp_neighbour_session(b->n)),
	    BGP_IDLE);
	pass(SECONDS(20));
	assert_true(bgp_neighbour_established(b->n));
	end();
}

/* We restart ourselves. */
static void
recovering(void **state)
{
	const struct bgp_neighbour_config *pc;
	struct bgp_neighbour_config c;
	const struct bgp_session_config tc = restarting_tap(false);
	const struct bgp_open *o;

	(void)state;
	begin();
	c = nb_config(&r, 65001, 65002);
	many(3, false, true);
	b = nb_new(&r, &c, "10.0.0.1");
	t = tap_new(b, &tc);
	bgp_neighbour_set_recovering(b->n, true);
	nb_start(b);
	assert_true(bgp_neighbour_established(b->n));
	pc = bgp_neighbour_config(b->n);
	assert_int_equal(pc->n_channels, 2);
	o = bgp_session_peer_open(t->s);
	assert_true(o->gr_restarting);
	assert_int_equal(o->gr_forwarding, BGP_FAM_UNICAST);
	assert_int_equal(tally(t).updates, 0);
	bgp_neighbour_set_recovering(b->n, false);
	settle();
	assert_int_equal(tally(t).announced, 3);
	assert_int_equal(tally(t).eor4, 1);
	tap_cut(t);
	pass(SECONDS(10));
	assert_false(bgp_session_peer_open(t->s)->gr_restarting);
	/* Nothing was kept for a peer that has lost us otherwise. */
	assert_int_equal(bgp_session_peer_open(t->s)->gr_forwarding, 0);
	end();
}

static void
abandoned(void **state)
{
	(void)state;
	begin();
	go();
	announce_two();
	bgp_neighbour_abandon(b->n, now);
	settle();
	assert_non_null(route_of(b, NET));
	assert_non_null(route_of(b, NET6));
	/* Without a word: a NOTIFICATION would end it for the peer. */
	assert_int_equal(t->downs, 1);
	assert_int_equal(t->cause.blame, BGP_BLAME_SOCKET);
	end();
}

static void
hold_timer(void **state)
{
	(void)state;
	begin();
	go();
	announce_two();
	/* The wire swallows all. */
	b->up[BGP_DIALLED] = false;
	t->up = false;
	unplugged = true;
	pass(SECONDS(91));
	assert_false(bgp_neighbour_established(b->n));
	assert_int_equal(b->cause.code, BGP_ERR_HOLD);
	end();
}

static void
export_limit(void **state)
{
	struct bgp_neighbour_config c;
	const struct bgp_session_config tc = restarting_tap(false);

	(void)state;
	begin();
	c = nb_config(&r, 65001, 65002);
	c.channel[0].export_limit = (struct rt_limit){ .max = 2,
	    .action = LIMIT_BLOCK };
	many(5, false, true);
	go_with(&c, &tc);
	assert_int_equal(tally(t).announced, 2);
	assert_int_equal(b->told[BGP_NOTE_LIMIT], 1);
	assert_string_equal(b->text, "export");
	end();
}

/* A peer that does not read: what changes meanwhile is told once. */
static void
slow_peer(void **state)
{
	struct heard h;

	(void)state;
	begin();
	go();
	forget(t);
	unplugged = true;
	b->up[BGP_DIALLED] = false;	/* the socket takes nothing */
	many(100000, false, true);
	while (bgp_neighbour_work(b->n, now, 1000))
		;
	assert_true(bgp_session_queued(bgp_neighbour_session(b->n)) <
	    64 * 1024 + 2 * BGP_MESSAGE_MAX);
	many(100000, false, false);
	many(10, false, true);
	b->up[BGP_DIALLED] = true;
	settle();
	/* Told of what was in the queue and the batch, not of all. */
	assert_true(tally(t).announced < 50000);
	assert_int_equal(hear(t, "20.0.0.0/24", &h), ANNOUNCED);
	assert_int_equal(hear(t, "20.0.100.0/24", &h), WITHDRAWN);
	assert_int_equal(hear(t, "20.195.80.0/24", &h), SILENCE);
	/* The ten were told twice, and never withdrawn. */
	assert_int_equal(tally(t).announced - tally(t).withdrawn, 20);
	end();
}

/* Memory runs out at each place in turn. */
static void
life(void)
{
	const struct bgp_neighbour_config c = nb_config(&r, 65001, 65002);
	struct say s;

	b->n = bgp_neighbour_new(&c, &nb_ops, b);
	if (!b->n)
		return;
	bgp_neighbour_start(b->n, now);
	pass(SECONDS(10));
	say_usual(&s, 65002, "10.0.0.2");
	for (unsigned i = 0; i < 3; i++)
		if (bgp_session_want(t->s)) {
			tap_says(t, &s, NET);
			say_u32(&s, BGP_ATTR_MED, i);
			tap_says(t, &s, NET2);
			tap_says_refresh(t, BGP_FAM_IP4, BGP_REFRESH_REQUEST);
		}
	if (t->up)
		tap_cut(t);
	pass(SECONDS(20));
}

static void
out_of_memory(void **state)
{
	const struct bgp_session_config tc = restarting_tap(false);

	(void)state;
	for (long n = 0; n < 400; n++) {
		begin();
		many(3, false, true);
		b = &nbs[n_nbs++];
		*b = (struct nb){ .r = &r, .addr = ip_of("10.0.0.1") };
		for (unsigned k = 0; k < BGP_NCONNS; k++)
			b->in[k].b = malloc(WIRE_MAX);
		t = tap_new(b, &tc);
		t->may_fail = true;
		mem_fail_after(n);
		life();
		mem_fail_after(-1);
		pass(SECONDS(700));	/* and heals, once there is some */
		if (b->n)
			assert_true(bgp_neighbour_established(b->n));
		end();
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packing4),
		cmocka_unit_test(packing6),
		cmocka_unit_test(end_of_rib_is_last),
		cmocka_unit_test(refresh_out),
		cmocka_unit_test(refresh_in),
		cmocka_unit_test(refresh_unknown),
		cmocka_unit_test(helper_keeps),
		cmocka_unit_test(helper_waits_its_time),
		cmocka_unit_test(helper_without_f_bit),
		cmocka_unit_test(helper_hears_no_end_of_rib),
		cmocka_unit_test(restarts_twice),
		cmocka_unit_test(shutdown_is_no_restart),
		cmocka_unit_test(not_a_helper),
		cmocka_unit_test(replaced_by_a_new_connection),
		cmocka_unit_test(nonsense_is_punished),
		cmocka_unit_test(late_start),
		cmocka_unit_test(recovering),
		cmocka_unit_test(abandoned),
		cmocka_unit_test(hold_timer),
		cmocka_unit_test(export_limit),
		cmocka_unit_test(slow_peer),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

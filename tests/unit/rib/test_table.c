/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "rib/channel.h"

static const struct hash_key key = { { 3, 4 } };

#define N_NETS	64
#define N_SRC	4
#define N_FEEDS	3

static bool
by_med(const struct rt_table *t, const struct rt_route *a,
    const struct rt_route *b)
{
	(void)t;
	return attrs_u32(a->attrs, ATTR_BGP_MED, 0) <
	    attrs_u32(b->attrs, ATTR_BGP_MED, 0);
}

static const struct rt_class cls = { .name = "T", .rank = 1,
    .better = by_med };

static const struct attrs *
med(struct attrs_pool *p, uint32_t m)
{
	struct attrs_edit e;

	attrs_edit_init(&e, NULL);
	attrs_edit_set_preference(&e, 100);
	attrs_edit_set_dest(&e, RTD_BLACKHOLE);
	attrs_edit_set_u32(&e, ATTR_BGP_MED, m);
	return attrs_intern(p, &e);
}

static struct prefix
net_of(unsigned i)
{
	return prefix_of(ip4(0x0a000000u + (i << 12)), 20 + i % 5);
}

/* One piece of news, into the follower's own picture of best MEDs. */
static void
follow(struct rt_table *t, struct rt_feed *f, uint32_t *seen)
{
	const uint32_t id = rt_feed_next(f);
	const struct rt_route *r;

	if (id == RT_NONE)
		return;
	r = rt_best(t, id);
	for (unsigned i = 0; i < N_NETS; i++) {
		const struct prefix want = net_of(i), got = rt_prefix(t, id);

		if (prefix_eq(&want, &got))
			seen[i] = r ? attrs_u32(r->attrs, ATTR_BGP_MED, 0) : 0;
	}
}

/*
 * Random news against a plain model, with followers of different speed: in
 * the end each follower's picture is the table.
 */
static void
followers_end_with_the_same_picture(void **state)
{
	struct attrs_pool *p = attrs_pool_new(&key);
	struct rt_table *t = rt_table_new("t", NET_IP4, p, &key);
	struct rt_owner o[N_SRC];
	struct rt_src *s[N_SRC];
	uint32_t model[N_NETS][N_SRC];		/* MED, 0 for none */
	uint32_t seen[N_FEEDS][N_NETS] = { 0 };
	struct rt_feed f[N_FEEDS] = { 0 };
	const struct instant now = { SECONDS(5) };

	(void)state;
	memset(model, 0, sizeof(model));
	srandom(1);
	for (unsigned i = 0; i < N_SRC; i++) {
		o[i] = (struct rt_owner){ .cls = &cls, .name = "o" };
		s[i] = rt_src_get(t, &o[i], 0);
	}
	for (unsigned i = 0; i < N_FEEDS; i++)
		rt_feed_start(&f[i], t, NULL, NULL);

	for (unsigned step = 0; step < 20000 + 1000; step++) {
		const unsigned n = (unsigned)random() % N_NETS;
		const unsigned who = (unsigned)random() % N_SRC;
		const struct prefix net = net_of(n);

		if (step < 20000 && random() % 3) {
			const uint32_t m = 1 + (uint32_t)random() % 9;
			const struct attrs *a = med(p, m);

			assert_int_equal(rt_announce(t, s[who], &net, a, 0,
			    now), model[n][who] == m ? RT_SAME : RT_CHANGED);
			attrs_unref(p, a);
			model[n][who] = m;
		} else if (step < 20000) {
			assert_int_equal(rt_withdraw(t, s[who], &net, now),
			    model[n][who] ? RT_REMOVED : RT_ABSENT);
			model[n][who] = 0;
		}
		for (unsigned k = 0; k < N_FEEDS; k++)
			if (step >= 20000 || random() % (1 + k * 50) == 0)
				follow(t, &f[k], seen[k]);
		rt_table_work(t, 100, now);
	}
	for (unsigned i = 0; i < N_NETS; i++) {
		uint32_t best = 0;

		for (unsigned k = 0; k < N_SRC; k++)
			if (model[i][k] && (!best || model[i][k] < best))
				best = model[i][k];
		for (unsigned k = 0; k < N_FEEDS; k++)
			assert_int_equal(seen[k][i], best);
	}
	for (unsigned i = 0; i < N_SRC; i++) {
		uint32_t pos = 0;

		while (rt_flush(t, &o[i], &pos, 7, now))
			;
		rt_owner_done(t, &o[i]);
	}
	assert_int_equal(rt_count_routes(t), 0);
	assert_int_equal(rt_count_nets(t), 0);
	for (unsigned k = 0; k < N_FEEDS; k++)
		while (rt_feed_next(&f[k]) != RT_NONE)
			;
	rt_table_work(t, 100, now);
	/* Empty nets that all have passed are really gone. */
	assert_int_equal(t ? rt_walk(t, RT_NONE) : 0, RT_NONE);
	for (unsigned i = 0; i < N_NETS; i++) {
		const struct prefix net = net_of(i);

		assert_int_equal(rt_find(t, &net), RT_NONE);
	}
	rt_table_free(t);
	assert_int_equal(attrs_pool_count(p), 0);
	attrs_pool_free(p);
}

static void
longest_match_agrees_with_a_scan(void **state)
{
	struct attrs_pool *p = attrs_pool_new(&key);
	struct rt_table *t = rt_table_new("t", NET_IP4, p, &key);
	struct rt_owner o = { .cls = &cls, .name = "o" };
	struct rt_src *s = rt_src_get(t, &o, 0);
	const struct attrs *a = med(p, 1);
	struct prefix all[500];

	(void)state;
	srandom(2);
	for (unsigned i = 0; i < 500; i++) {
		all[i] = prefix_of(ip4(0x0a000000u |
		    ((uint32_t)random() & 0xffff)), (unsigned)random() % 33);
		rt_announce(t, s, &all[i], a, 0, INSTANT_ZERO);
	}
	for (unsigned i = 0; i < 2000; i++) {
		const struct prefix q = prefix_host(ip4(0x0a000000u |
		    ((uint32_t)random() & 0x1ffff)));
		const uint32_t id = rt_longest(t, &q);
		const struct prefix got = id == RT_NONE ? q : rt_prefix(t, id);
		int want = -1;

		for (unsigned k = 0; k < 500; k++)
			if (prefix_covers(&all[k], &q) && all[k].len > want)
				want = all[k].len;
		assert_int_equal(id == RT_NONE ? -1 : got.len, want);
	}
	attrs_unref(p, a);
	rt_table_free(t);
	attrs_pool_free(p);
}

static void
roas_say_valid_invalid_unknown(void **state)
{
	struct attrs_pool *p = attrs_pool_new(&key);
	struct rt_table *t = rt_table_new("r", NET_ROA4, p, &key);
	struct rt_owner o = { .cls = &cls, .name = "o" };
	struct rt_src *s = rt_src_get(t, &o, 0);
	const struct attrs *a = med(p, 1);
	struct prefix roa = prefix_of(ip4(0xac140000), 16);
	struct prefix net = prefix_of(ip4(0xac140100), 24);

	(void)state;
	roa.kind = NET_ROA4;
	roa.max = 24;
	roa.asn = 64500;
	rt_announce(t, s, &roa, a, 0, INSTANT_ZERO);
	roa.asn = 64501;
	roa.max = 20;
	rt_announce(t, s, &roa, a, 0, INSTANT_ZERO);
	assert_int_equal(rt_roa_check(t, &net, 64500), RT_ROA_VALID);
	assert_int_equal(rt_roa_check(t, &net, 64501), RT_ROA_INVALID);
	assert_int_equal(rt_roa_check(t, &net, 0), RT_ROA_INVALID);
	net = prefix_of(ip4(0xac150100), 24);
	assert_int_equal(rt_roa_check(t, &net, 64500), RT_ROA_UNKNOWN);
	attrs_unref(p, a);
	rt_table_free(t);
	attrs_pool_free(p);
}

static const struct attrs *
via(struct attrs_pool *p, struct rt_host *h, uint32_t m)
{
	struct attrs_edit e;

	attrs_edit_init(&e, NULL);
	attrs_edit_set_preference(&e, 100);
	attrs_edit_set_dest(&e, RTD_UNICAST);
	attrs_edit_set_u32(&e, ATTR_BGP_MED, m);
	attrs_edit_set_host(&e, h);
	return attrs_intern(p, &e);
}

static bool
resolvable_first(const struct rt_table *t, const struct rt_route *a,
    const struct rt_route *b)
{
	if (rt_resolvable(a) != rt_resolvable(b))
		return rt_resolvable(a);
	return by_med(t, a, b);
}

static const struct rt_class resolving = { .name = "R", .rank = 2,
    .better = resolvable_first };

/* 10.1.0.2 and 10.1.0.9 do not answer any more; the link is up. */
static bool
is_cut(const void *ctx, uint32_t ifindex, struct ip ip)
{
	const unsigned *which = ctx;

	return ifindex == 3 && ((*which & 1 && ip_to4(ip) == 0x0a010002) ||
	    (*which & 2 && ip_to4(ip) == 0x0a010009));
}

/* Who is cut off is as if there were no link, for that one alone. */
static void
cut_off(struct rt_table *t, uint32_t id, struct iface_set *ifs,
    const struct attrs *a, const struct attrs *b)
{
	const struct nexthop *hops;
	unsigned n, cut;

	ifs->cut = is_cut;
	ifs->cut_ctx = &cut;
	for (unsigned i = 1; i <= 4; i++) {
		cut = i % 4;
		ifs->generation++;
		while (rt_table_work(t, 10, INSTANT_ZERO))
			;
		assert_ptr_equal(rt_best(t, id)->attrs, cut == 1 ? b : a);
		assert_int_equal(rt_resolve(a, &hops, &n), cut & 1 ?
		    RTD_UNREACHABLE : RTD_UNICAST);
		assert_int_equal(rt_resolve(b, &hops, &n), cut & 2 ?
		    RTD_UNREACHABLE : RTD_UNICAST);
		assert_true((iface_of_neighbour(ifs, ip4(0x0a010002), 0,
		    NULL) == NULL) == (cut & 1));
		assert_true((iface_of_cut(ifs, ip4(0x0a010002), 0) !=
		    NULL) == (cut & 1));
	}
	ifs->cut = NULL;
}

/* Its hosts are those of another table, and not of the next at its place. */
static void
an_igp_table_goes(void **state)
{
	struct attrs_pool *p = attrs_pool_new(&key);
	struct rt_table *t = rt_table_new("t", NET_IP4, p, &key);
	struct rt_table *igp = rt_table_new("igp", NET_IP4, p, &key);
	struct rt_owner o = { .cls = &resolving, .name = "o" };
	const struct prefix far = prefix_of(ip4(0x0a020000), 16);
	const struct prefix net = prefix_of(ip4(0xc0a80000), 16);
	const struct nexthop *hops;
	const struct attrs *a, *b;
	struct attrs_edit e;
	unsigned n;

	(void)state;
	attrs_edit_init(&e, NULL);
	attrs_edit_set_dest(&e, RTD_UNICAST);
	attrs_edit_set_hops(&e, &(struct nexthop){ .gw = ip4(0x0a010009),
	    .ifindex = 3 }, 1);
	a = attrs_intern(p, &e);
	rt_announce(igp, rt_src_get(igp, &o, 0), &far, a, 0, INSTANT_ZERO);
	b = via(p, rt_host_get(t, HOST_RECURSIVE, igp, ip4(0x0a020005),
	    IP_NONE, 0), 1);
	rt_host_get(t, HOST_RECURSIVE, igp, ip4(0x0a020006), IP_NONE, 0);
	rt_announce(t, rt_src_get(t, &o, 0), &net, b, 0, INSTANT_ZERO);
	assert_int_equal(rt_resolve(b, &hops, &n), RTD_UNICAST);
	rt_table_free(igp);
	while (rt_table_work(t, 10, INSTANT_ZERO))
		;
	assert_int_equal(rt_resolve(b, &hops, &n), RTD_UNREACHABLE);
	rt_withdraw(t, rt_src_get(t, &o, 0), &net, INSTANT_ZERO);
	attrs_unref(p, a);
	attrs_unref(p, b);
	rt_table_free(t);
	attrs_pool_free(p);
}

/* As in BIRD: the ends of an IPv4 subnet are nobody, but of a /31. */
static void
who_is_a_neighbour(void **state)
{
	static const struct { uint32_t ip; unsigned len; bool is; } v[] = {
		{ 0x0a010000, 24, false }, { 0x0a0100ff, 24, false },
		{ 0x0a010001, 24, true }, { 0x0a0100fe, 24, true },
		{ 0x0a010004, 30, false }, { 0x0a010006, 30, true },
		{ 0x0a010007, 30, false }, { 0x0a010004, 31, true },
		{ 0x0a010005, 31, true },
	};
	struct iface_set ifs;
	struct iface_addr at;

	(void)state;
	for (unsigned i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		iface_set_init(&ifs);
		iface_set_link(&ifs, 3, "eth0", IFACE_UP, 1500, 0);
		at = (struct iface_addr){ .ip = ip4(0x0a010005),
		    .net = prefix_of(ip4(0x0a010005), v[i].len) };
		iface_set_addr(&ifs, 3, &at);
		assert_int_equal(iface_of_neighbour(&ifs, ip4(v[i].ip), 0,
		    NULL) != NULL, v[i].is);
		iface_set_done(&ifs);
	}
}

/* When a link goes down the route through it loses, and it is news. */
static void
hosts_follow_interfaces_and_tables(void **state)
{
	struct attrs_pool *p = attrs_pool_new(&key);
	struct rt_table *t = rt_table_new("t", NET_IP4, p, &key);
	struct rt_owner oa = { .cls = &resolving, .name = "a" };
	struct rt_owner ob = { .cls = &resolving, .name = "b" };
	struct iface_set ifs;
	struct iface_addr at = { .ip = ip4(0x0a010001),
	    .net = prefix_of(ip4(0x0a010001), 24) };
	const struct prefix net = prefix_of(ip4(0xc0a80000), 16);
	const struct prefix far = prefix_of(ip4(0x0a020000), 16);
	const struct attrs *a, *b, *c;
	struct rt_feed f = { 0 };
	const struct nexthop *hops;
	struct attrs_edit e;
	uint32_t id;
	unsigned n;

	(void)state;
	iface_set_init(&ifs);
	iface_set_link(&ifs, 3, "eth0", IFACE_UP, 1500, 0);
	iface_set_addr(&ifs, 3, &at);
	rt_table_set_ifaces(t, &ifs);

	a = via(p, rt_host_get(t, HOST_DIRECT, NULL, ip4(0x0a010002), IP_NONE,
	    0), 1);
	b = via(p, rt_host_get(t, HOST_RECURSIVE, t, ip4(0x0a020005), IP_NONE,
	    0), 2);
	rt_announce(t, rt_src_get(t, &oa, 0), &net, a, 0, INSTANT_ZERO);
	rt_announce(t, rt_src_get(t, &ob, 0), &net, b, 0, INSTANT_ZERO);
	id = rt_find(t, &net);
	assert_ptr_equal(rt_best(t, id)->attrs, a);
	assert_int_equal(rt_resolve(a, &hops, &n), RTD_UNICAST);
	assert_int_equal(hops[0].ifindex, 3);
	assert_int_equal(rt_resolve(b, &hops, &n), RTD_UNREACHABLE);

	/* A static route makes b resolvable. */
	attrs_edit_init(&e, NULL);
	attrs_edit_set_preference(&e, 200);
	attrs_edit_set_dest(&e, RTD_UNICAST);
	attrs_edit_set_hops(&e, &(struct nexthop){ .gw = ip4(0x0a010009),
	    .ifindex = 3 }, 1);
	c = attrs_intern(p, &e);
	rt_announce(t, rt_src_get(t, &oa, 1), &far, c, 0, INSTANT_ZERO);
	while (rt_table_work(t, 10, INSTANT_ZERO))
		;
	assert_int_equal(rt_resolve(b, &hops, &n), RTD_UNICAST);
	assert_int_equal(ip_to4(hops[0].gw), 0x0a010009);

	rt_feed_start(&f, t, NULL, NULL);
	while (rt_feed_next(&f) != RT_NONE)
		;
	cut_off(t, id, &ifs, a, b);
	while (rt_feed_next(&f) != RT_NONE)
		;
	assert_ptr_equal(rt_best(t, id)->attrs, a);
	iface_set_link(&ifs, 3, "eth0", 0, 1500, 0);
	while (rt_table_work(t, 10, INSTANT_ZERO))
		;
	assert_int_equal(rt_feed_next(&f), id);
	assert_ptr_equal(rt_best(t, id)->attrs, b);

	rt_feed_stop(&f);
	attrs_unref(p, a);
	attrs_unref(p, b);
	attrs_unref(p, c);
	rt_table_free(t);
	iface_set_done(&ifs);
	assert_int_equal(attrs_pool_count(p), 0);
	attrs_pool_free(p);
}

struct sink {
	unsigned announced, withdrawn;
	bool full;
};

static bool
sink_emit(struct rt_channel *c, uint32_t id, const struct prefix *net,
    struct rt_edit *e)
{
	struct sink *s = c->ctx;

	(void)id;
	(void)net;
	if (s->full)
		return false;
	if (e)
		s->announced++;
	else
		s->withdrawn++;
	return true;
}

static enum rt_verdict
low_med(const void *program, struct rt_edit *e, void *env)
{
	struct attr at;

	(void)env;
	return attrs_edit_get(&e->a, ATTR_BGP_MED, &at) &&
	    at.u < *(const uint32_t *)program ? RT_ACCEPT : RT_REJECT;
}

static void
a_channel_filters_limits_and_remembers(void **state)
{
	static const struct rt_channel_ops ops = { .emit = sink_emit };
	struct attrs_pool *p = attrs_pool_new(&key);
	struct rt_table *t = rt_table_new("t", NET_IP4, p, &key);
	struct sink sink = { 0 };
	const uint32_t below = 5;
	struct rt_channel in = { .owner = { .cls = &cls, .name = "in" },
	    .table = t, .ops = &ops, .ctx = &sink, .keep_filtered = true,
	    .in = { .run = low_med, .program = &below },
	    .import_limit = { .max = 3, .action = LIMIT_BLOCK } };
	struct rt_channel out = { .owner = { .cls = &cls, .name = "out" },
	    .table = t, .ops = &ops, .ctx = &sink,
	    .out = { .constant = RT_ACCEPT } };
	const struct attrs *lo = med(p, 1), *hi = med(p, 7);
	struct prefix n[6];

	(void)state;
	for (unsigned i = 0; i < 6; i++)
		n[i] = net_of(i);
	rt_channel_start(&in, false);
	rt_channel_start(&out, true);
	assert_int_equal(rt_channel_update(&in, &n[0], 0, lo, INSTANT_ZERO),
	    RT_CHANGED);
	rt_channel_update(&in, &n[1], 0, hi, INSTANT_ZERO);
	assert_int_equal(in.imported, 1);
	assert_int_equal(in.filtered, 1);
	assert_false(rt_channel_export(&out, 100));
	assert_int_equal(sink.announced, 1);
	assert_int_equal(out.exported.count, 1);

	/* What was let through and is filtered now is withdrawn. */
	sink.full = true;
	rt_channel_update(&in, &n[0], 0, hi, INSTANT_ZERO);
	assert_true(rt_channel_export(&out, 100));
	sink.full = false;
	assert_false(rt_channel_export(&out, 100));
	assert_int_equal(sink.withdrawn, 1);
	assert_int_equal(in.filtered, 2);

	for (unsigned i = 2; i < 6; i++)
		rt_channel_update(&in, &n[i], 0, lo, INSTANT_ZERO);
	assert_int_equal(in.imported, 3);
	assert_true(in.import_limit.hit);
	assert_int_equal(in.import_updates.rejected, 1);

	/* A refresh drops what is not announced again. */
	rt_channel_begin_refresh(&in);
	rt_channel_update(&in, &n[2], 0, lo, INSTANT_ZERO);
	while (rt_channel_end_refresh(&in, 2, INSTANT_ZERO))
		;
	assert_int_equal(in.imported, 1);
	assert_int_equal(in.filtered, 0);

	rt_channel_stop(&in);
	rt_channel_stop(&out);
	while (rt_channel_flush(&in, 2, INSTANT_ZERO))
		;
	assert_int_equal(rt_count_routes(t), 0);
	attrs_unref(p, lo);
	attrs_unref(p, hi);
	rt_table_free(t);
	attrs_pool_free(p);
}

/* Path ids come and go; a number is free again, and no route is lost. */
static void
sources_are_given_up(void **state)
{
	struct attrs_pool *p = attrs_pool_new(&key);
	struct rt_table *t = rt_table_new("t", NET_IP4, p, &key);
	static const struct rt_class plain = { .name = "T" };
	struct rt_owner o = { .cls = &plain }, o2 = { .cls = &plain };
	const struct prefix net = prefix_of(ip4(0x0a000000), 8);
	const struct attrs *a = via(p, NULL, 1);
	uint32_t routes, filtered, highest = 0;
	struct rt_src *s;

	(void)state;
	rt_announce(t, rt_src_get(t, &o2, 7), &net, a, 0, INSTANT_ZERO);
	for (uint32_t id = 1; id <= 5000; id++) {
		s = rt_src_get(t, &o, id);
		assert_non_null(s);
		assert_ptr_equal(rt_src_find(t, &o, id), s);
		highest = s->number > highest ? s->number : highest;
		rt_announce(t, s, &net, a, 0, INSTANT_ZERO);
		if (id % 100)
			rt_withdraw(t, s, &net, INSTANT_ZERO);
	}
	assert_true(highest < 300);
	rt_owner_counts(t, &o, &routes, &filtered);
	assert_int_equal(routes, 50);
	assert_int_equal(rt_src_find(t, &o, 4900)->routes, 1);
	assert_int_equal(rt_src_find(t, &o2, 7)->routes, 1);
	assert_null(rt_src_find(t, &o, 9999));
	attrs_unref(p, a);
	rt_table_free(t);
	attrs_pool_free(p);
}

/* As many sources as routes: each is found, before and after others go. */
static void
each_route_has_its_source(void **state)
{
	enum { N = 30000 };
	struct attrs_pool *p = attrs_pool_new(&key);
	struct rt_table *t = rt_table_new("t", NET_IP4, p, &key);
	static const struct rt_class plain = { .name = "T" };
	struct rt_owner o = { .cls = &plain };
	const struct attrs *a = via(p, NULL, 1);
	const struct rt_src *s;
	struct prefix net;

	(void)state;
	for (uint32_t id = 1; id <= N; id++) {
		net = prefix_of(ip4(id << 8), 24);
		assert_int_equal(rt_announce(t, rt_src_get(t, &o, id), &net,
		    a, 0, INSTANT_ZERO), RT_CHANGED);
		s = rt_src_find(t, &o, 1 + id / 2);
		assert_non_null(s);
		assert_int_equal(s->path_id, 1 + id / 2);
	}
	for (uint32_t id = 1; id <= N; id++) {
		net = prefix_of(ip4(id << 8), 24);
		s = rt_src_find(t, &o, id);
		assert_int_equal(s->path_id, id);
		assert_int_equal(s->routes, 1);
		assert_ptr_equal(rt_src_at(t, s->number), s);
		if (id % 3)
			rt_withdraw(t, rt_src_get(t, &o, id), &net,
			    INSTANT_ZERO);
	}
	/* New ones take the place of those that are gone. */
	for (uint32_t id = N + 1; id <= N + N / 2; id++) {
		net = prefix_of(ip4(id << 8), 24);
		rt_announce(t, rt_src_get(t, &o, id), &net, a, 0,
		    INSTANT_ZERO);
		assert_true(rt_src_find(t, &o, id)->number < N + 100);
	}
	for (uint32_t id = 3; id <= N; id += 3)
		assert_int_equal(rt_src_find(t, &o, id)->routes, 1);
	assert_int_equal(rt_count_routes(t), N / 3 + N / 2);
	attrs_unref(p, a);
	rt_table_free(t);
	attrs_pool_free(p);
}

/* A follower of the best alone does not hear of what is behind it. */
static void
news_of_any_and_of_the_best(void **state)
{
	struct attrs_pool *p = attrs_pool_new(&key);
	struct rt_table *t = rt_table_new("t", NET_IP4, p, &key);
	static const struct rt_class plain = { .name = "T" };
	struct rt_owner o = { .cls = &plain }, o2 = { .cls = &plain };
	const struct prefix net = prefix_of(ip4(0x0a000000), 8);
	const struct prefix other = prefix_of(ip4(0x0b000000), 8);
	const struct attrs *a = via(p, NULL, 5), *b = via(p, NULL, 1);
	struct rt_feed best = { 0 }, any = { .any = true };

	(void)state;
	rt_feed_start(&best, t, NULL, NULL);
	rt_announce(t, rt_src_get(t, &o, 0), &net, a, 0, INSTANT_ZERO);
	rt_announce(t, rt_src_get(t, &o, 0), &other, a, 0, INSTANT_ZERO);
	rt_feed_start(&any, t, NULL, NULL);
	assert_int_equal(rt_feed_next(&best), rt_find(t, &net));
	assert_int_equal(rt_feed_next(&best), rt_find(t, &other));
	while (rt_feed_next(&any) != RT_NONE)
		;
	rt_announce(t, rt_src_get(t, &o2, 0), &net, b, 0, INSTANT_ZERO);
	assert_int_equal(rt_feed_next(&any), rt_find(t, &net));
	assert_int_equal(rt_feed_next(&any), RT_NONE);
	assert_int_equal(rt_feed_next(&best), RT_NONE);
	/* Given back, it is there again; after a rewind everything is. */
	rt_announce(t, rt_src_get(t, &o, 0), &other, b, 0, INSTANT_ZERO);
	assert_int_equal(rt_feed_next(&best), rt_find(t, &other));
	rt_feed_back(&best, rt_find(t, &other));
	rt_announce(t, rt_src_get(t, &o2, 0), &net, a, 0, INSTANT_ZERO);
	assert_int_equal(rt_feed_next(&best), rt_find(t, &other));
	assert_int_equal(rt_feed_next(&best), RT_NONE);
	rt_feed_rewind(&best);
	assert_int_equal(rt_feed_next(&best), rt_find(t, &other));
	assert_int_equal(rt_feed_next(&best), rt_find(t, &net));
	assert_int_equal(rt_feed_next(&best), RT_NONE);
	rt_feed_stop(&any);
	rt_feed_stop(&best);
	attrs_unref(p, a);
	attrs_unref(p, b);
	rt_table_free(t);
	attrs_pool_free(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(followers_end_with_the_same_picture),
		cmocka_unit_test(longest_match_agrees_with_a_scan),
		cmocka_unit_test(roas_say_valid_invalid_unknown),
		cmocka_unit_test(who_is_a_neighbour),
		cmocka_unit_test(an_igp_table_goes),
		cmocka_unit_test(hosts_follow_interfaces_and_tables),
		cmocka_unit_test(sources_are_given_up),
		cmocka_unit_test(each_route_has_its_source),
		cmocka_unit_test(news_of_any_and_of_the_best),
		cmocka_unit_test(a_channel_filters_limits_and_remembers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

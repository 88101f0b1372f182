/* SPDX-License-Identifier: ISC */
/*
 * The nets of an UPDATE have one set: what a filter makes of one is used for
 * the next where it hangs on the set alone.  It must not show.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "lang.h"

static const char *const nets[] = { "10.1.0.0/16", "10.2.0.0/24",
	"10.3.0.0/20", "192.168.0.0/16", "10.4.0.0/16", "172.16.0.0/12" };

#define N_NETS	(sizeof(nets) / sizeof(nets[0]))

static const struct {
	const char *program;		/* filter t */
	bool knows;			/* is something used again? */
} programs[] = {
	{ "filter t { if net.len > 18 then reject; bgp_med = 7; accept; }",
	    true },
	{ "filter t { bgp_community.add((1,2)); bgp_path.prepend(9); "
	    "if bgp_path.len > 1 then accept; reject; }", true },
	/* The last word is the net's. */
	{ "filter t { bgp_med = 7; if net.len > 18 then reject; accept; }",
	    false },
	{ "filter t { bgp_med = net.len; accept; }", false },
	/* It has been changed before. */
	{ "filter t { if net.len > 18 then bgp_med = 1; "
	    "bgp_local_pref = 7; accept; }", true },
	{ "filter t { bgp_med = net.len; bgp_local_pref = 7; accept; }",
	    false },
	/* It speaks. */
	{ "filter t { print \"x\"; bgp_med = 7; accept; }", true },
	{ "filter t { bgp_med = 7; print bgp_med; accept; }", false },
	{ "filter t { bgp_med = 7; accept \"yes\"; }", false },
	{ "filter t { bgp_med = 7; reject \"no \", net; }", false },
	{ "function say() { print \"y\"; return true; } "
	    "filter t { bgp_med = 7; if say() then accept; reject; }",
	    false },
	/* Through functions. */
	{ "function good() { return net.len < 20; } "
	    "function dear() { bgp_med = 300; return true; } "
	    "filter t { if !good() then reject; if dear() then accept; "
	    "reject; }", true },
	{ "function deep() { if net.len < 20 then bgp_med = 5; } "
	    "function less() { deep(); return true; } "
	    "filter t { if less() then accept; reject; }", false },
	{ "function again(int x) -> bool { if x > 3 then return net.len < 20;"
	    " return again(x + 1); } filter t { bgp_med = 1; "
	    "if again(0) then accept; reject; }", false },
	/* Through variables. */
	{ "filter t int l; { l = net.len; bgp_med = l; accept; }", false },
	{ "filter t { int l = net.len; if l > 18 then reject; bgp_med = 5; "
	    "accept; }", true },
	{ "function f(int x) int y; { y = x + 1; bgp_med = y; return true; } "
	    "filter t { if f(7) then accept; reject; }", true },
	{ "filter t { for int a in bgp_path do if a = net.len then reject; "
	    "accept; }", false },
	/* ROAs. */
	{ "filter t { bgp_med = 1; if roa_check(r4) = ROA_VALID then accept;"
	    " reject; }", false },
	{ "filter t { if roa_check(r4, net, bgp_path.last) = ROA_VALID "
	    "then reject; bgp_med = 3; accept; }", true },
	/* Mistakes are told of each. */
	{ "filter t { if net.len > 18 then reject; "
	    "bgp_med = 1 / (bgp_path.len - 1); accept; }", false },
	{ "filter t { bgp_med = 5; }", false },
	/* Rejected, with what was written before. */
	{ "filter t { if net.len < 18 then accept; bgp_med = 9; "
	    "preference = 3; reject; }", true },
	{ "filter t { case bgp_path.first { 1: bgp_med = 8; "
	    "else: preference = 4; } return bgp_path.len = 1; }", true },
	{ "filter t { accept; }", false }, { "filter t { reject; }", false },
};

static const struct attrs *
set_of(struct lang *l, uint32_t local_pref)
{
	static const uint8_t path[] = { 2, 1, 0, 0, 0, 1 };
	struct attrs_edit e;

	attrs_edit_init(&e, NULL);
	e.source = RTS_BGP;
	e.dest = RTD_BLACKHOLE;
	e.preference = 100;
	attrs_edit_set_bytes(&e, ATTR_BGP_PATH, ATTR_PATH,
	    bytes_of(path, sizeof(path)));
	attrs_edit_set_u32(&e, ATTR_BGP_LOCAL_PREF, local_pref);
	return attrs_intern(l->pool, &e);
}

static void
start(struct lang *l, struct rt_channel *c, struct rt_table *t, bool keep)
{
	static const struct rt_channel_ops ops;
	static const struct rt_class cls = { .name = "BGP" };

	*c = (struct rt_channel){ .owner = { .cls = &cls, .name = "s1" },
	    .table = t, .ops = &ops, .preference = 100, .keep_filtered = keep,
	    .in = { .run = filter_run, .run_alike = filter_run_alike,
	    .program = lang_filter(l, "t"), .env = &l->env } };
	rt_channel_start(c, false);
}

static void
tell_set(const struct attrs *a, struct text *out)
{
	const uint8_t *pos = attrs_begin(a);
	struct attr at;

	text_printf(out, " %u", (unsigned)a->preference);
	while (attrs_next(a, &pos, &at)) {
		text_printf(out, " %u:", (unsigned)at.id);
		if (attr_is_number(at.type))
			text_printf(out, "%u", (unsigned)at.u);
		for (uint32_t i = 0; i < at.n; i++)
			text_printf(out, "%02x", (unsigned)at.p[i]);
	}
	text_addc(out, '\n');
}

/* What is in the table, what was counted, and what was said. */
static void
tell(struct lang *l, const struct rt_channel *c, struct text *out)
{
	const struct rt_counts *n = &c->import_updates;

	for (uint32_t id = RT_NONE;
	    (id = rt_walk(c->table, id)) != RT_NONE;) {
		const struct rt_route *r = rt_route_at(c->table,
		    rt_net_at(c->table, id)->routes);

		text_printf(out, "net %u: flags %u set", (unsigned)id,
		    (unsigned)r->flags);
		tell_set(r->attrs, out);
	}
	text_printf(out, "%u imported, %u filtered; %u, %u, %u, %u, %u\n"
	    "%u errors\n%s%s", c->imported, c->filtered,
	    (unsigned)n->received, (unsigned)n->rejected,
	    (unsigned)n->filtered, (unsigned)n->ignored,
	    (unsigned)n->accepted, (unsigned)l->env.errors, l->printed.s,
	    l->notes.s);
	l->env.errors = 0;
	text_clear(&l->printed);
	text_clear(&l->notes);
}

static void
take_in(struct rt_channel *c, const struct attrs *a)
{
	const struct instant now = { SECONDS(1) };
	struct prefix net;

	for (size_t i = 0; i < N_NETS; i++) {
		prefix_parse(nets[i], &net);
		rt_channel_update(c, &net, 0, a, now);
	}
}

static void
empty(struct rt_channel *c)
{
	const struct instant now = { SECONDS(2) };

	rt_channel_stop(c);
	while (rt_channel_flush(c, 1000, now))
		;
}

static void
check(struct lang *l, bool keep, bool knows)
{
	static const struct hash_key key = { .k = { 3, 4 } };
	struct rt_table *t[2] = { rt_table_new("a", NET_IP4, l->pool, &key),
	    rt_table_new("b", NET_IP4, l->pool, &key) };
	const struct attrs *a = set_of(l, 100), *b = set_of(l, 7);
	struct rt_channel c[2];
	struct text out[2];

	for (int i = 0; i < 2; i++) {
		text_init(&out[i], 10000);
		start(l, &c[i], t[i], keep);
		if (i)
			rt_channel_alike_begin(&c[i], a);
		take_in(&c[i], a);
		if (i) {
			assert_int_equal(c[i].known.from != NULL, knows);
			/* Of another set, and of the first one again. */
			rt_channel_alike_begin(&c[i], b);
		}
		tell(l, &c[i], &out[i]);
		take_in(&c[i], b);
		tell(l, &c[i], &out[i]);
		if (i)
			rt_channel_alike_begin(&c[i], a);
		take_in(&c[i], b);
		take_in(&c[i], a);
		rt_channel_alike_end(&c[i]);
		take_in(&c[i], b);
		tell(l, &c[i], &out[i]);
	}
	assert_string_equal(out[0].s, out[1].s);
	for (int i = 0; i < 2; i++) {
		text_done(&out[i]);
		empty(&c[i]);
		rt_table_free(t[i]);
	}
	attrs_unref(l->pool, a);
	attrs_unref(l->pool, b);
	assert_int_equal(attrs_pool_count(l->pool), 0);
}

static void
it_does_not_show(void **state)
{
	struct lang l;

	(void)state;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++) {
		struct text t;

		lang_init(&l);
		text_init(&t, 10000);
		if (!lang_load(&l, "roa4 table r4;") ||
		    !lang_load(&l, programs[i].program)) {
			lang_errors(&l, &t);
			fail_msg("%s: %s", programs[i].program, t.s);
		}
		print_message("%s\n", programs[i].program);
		check(&l, false, programs[i].knows);
		check(&l, true, programs[i].knows);
		text_done(&t);
		lang_done(&l);
	}
}

/* At whatever allocation: nothing is learnt of what did not come to be. */
static void
out_of_memory(void **state)
{
	static const struct hash_key key = { .k = { 3, 4 } };
	const struct instant now = { SECONDS(1) };
	const struct attrs *a;
	struct rt_channel c;
	struct rt_table *t;
	struct prefix net;
	struct lang l;
	bool ok = false;

	(void)state;
	for (long n = 0; n < 100 && !ok; n++) {
		lang_init(&l);
		assert_true(lang_load(&l, programs[0].program));
		t = rt_table_new("a", NET_IP4, l.pool, &key);
		a = set_of(&l, 100);
		start(&l, &c, t, false);
		rt_channel_alike_begin(&c, a);
		ok = true;
		for (size_t i = 0; i < N_NETS; i++) {
			mem_fail_after(n);
			prefix_parse(nets[i], &net);
			ok &= rt_channel_update(&c, &net, 0, a, now) !=
			    RT_NO_MEMORY;
			mem_fail_after(-1);
		}
		rt_channel_alike_end(&c);
		/* What failed comes again. */
		take_in(&c, a);
		assert_int_equal(rt_count_routes(t), 4);
		empty(&c);
		rt_table_free(t);
		attrs_unref(l.pool, a);
		lang_done(&l);
	}
	assert_true(ok);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_does_not_show),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

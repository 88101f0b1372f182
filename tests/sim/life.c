/* SPDX-License-Identifier: ISC */
/*
 * A session's life with filters, an import table and somebody who is told
 * what came in, once for each allocation in it, which fails: it alone, or it
 * and all after it until the life is over.  Allocations are the heap's, and
 * those of shelves, slabs and arenas: a set, a net, what a filter makes.
 *
 * Afterwards there is memory again, and a peer that says again what it has
 * said only when the session is a new one, or when it is asked to.  The
 * sessions stand, and tables, counters of routes and what was told onwards
 * are those of a life in which nothing failed.  No octet is left.
 */
#include "../unit/bgp/neighbour_say.h"
#include "../unit/filter/lang.h"
#include "heap_count.h"

#define ALL_LIFE	(1L << 30)
#define FAILURES_MIN	200
#define LAST_WORD	3		/* the MED of what is true in the end */

static struct lang lang;
static struct router r;
static struct nb *feeder, *told;
static struct tap *from, *to;
static unsigned heard;			/* of what makes the peer speak */

static const char *const nets[] = { "192.0.2.0/24", "198.51.100.0/24",
	"203.0.113.0/24", "20.1.0.0/16", "20.2.0.0/16", "20.3.0.0/25" };

#define N_NETS	(sizeof(nets) / sizeof(nets[0]))

/* The dice are never thrown here. */
unsigned
heap_dice(unsigned below)
{
	return below - 1;
}

static struct rt_filter
filter_of(const char *name)
{
	return (struct rt_filter){ .run = filter_run,
	    .run_alike = filter_run_alike, .env = &lang.env,
	    .program = lang_filter(&lang, name), .constant = RT_ACCEPT };
}

static struct bgp_neighbour_config
feeder_config(const char *import)
{
	struct bgp_neighbour_config c = nb_config(&r, 65001, 65002);

	for (unsigned f = 0; f < 2; f++) {
		c.channel[f].in = filter_of(import);
		c.channel[f].out.constant = RT_REJECT;
		c.channel[f].keep_filtered = true;
		c.channel[f].import_table = true;
	}
	return c;
}

static struct bgp_neighbour_config
told_config(void)
{
	struct bgp_neighbour_config c = nb_config(&r, 65001, 65003);

	c.name = "m";
	c.remote = ip_of("10.0.0.3");
	for (unsigned f = 0; f < 2; f++)
		c.channel[f].out = filter_of("out");
	return c;
}

/* All nets in one UPDATE. */
static void
says(struct tap *t, const struct say *s)
{
	uint8_t b[BGP_MESSAGE_MAX];
	struct wr w = wr_of(b, sizeof(b));
	uint8_t *m = bgp_message_begin(&w, BGP_TYPE_UPDATE), *l;
	const int was = heap_may_fail;

	wr_be16(&w, 0);
	l = bgp_length_begin(&w);
	wr_bytes(&w, bytes_of(s->b, wr_len(&s->w)));
	bgp_length_end(&w, l);
	for (size_t i = 0; i < N_NETS; i++)
		put_nlri(&w, nets[i]);
	bgp_message_end(&w, m);
	/* The peer's own memory is not what is looked at. */
	heap_may_fail = 0;
	assert_true(bgp_session_send(t->s, now, bytes_of(b, wr_len(&w))));
	heap_may_fail = was;
	settle();
}

static unsigned
reasons(void)
{
	return from->ups + from->refreshes[BGP_REFRESH_REQUEST];
}

static void
says_all(uint32_t med)
{
	static const uint32_t communities[] = { 65002u << 16 | 1,
		65002u << 16 | 2, 65002u << 16 | 77 };
	struct say s;

	if (!bgp_session_want(from->s))
		return;
	heard = reasons();
	say_usual(&s, 65002, "10.0.0.2");
	say_u32(&s, BGP_ATTR_MED, med);
	say_words(&s, BGP_ATTR_COMMUNITIES, 3, communities);
	says(from, &s);
}

/* Two neighbours, wired to taps; false: no memory for them. */
static bool
born(void)
{
	const struct bgp_neighbour_config c = feeder_config("in"),
		d = told_config();

	feeder->n = bgp_neighbour_new(&c, &nb_ops, feeder);
	told->n = bgp_neighbour_new(&d, &nb_ops, told);
	if (!feeder->n || !told->n)
		return false;
	bgp_neighbour_start(feeder->n, now);
	bgp_neighbour_start(told->n, now);
	pass(SECONDS(10));
	return true;
}

static void
life(void)
{
	struct bgp_neighbour_config c = feeder_config("other");

	if (!born())
		return;
	says_all(1);
	says_all(2);
	if (bgp_session_want(from->s))
		tap_says(from, NULL, nets[0]);
	/* Other filters, and all of it out of the import table again. */
	bgp_neighbour_configure(feeder->n, &c);
	bgp_neighbour_reload_in(feeder->n, bgp_neighbour_channel(feeder->n,
	    0), now);
	pass(SECONDS(5));
	c = feeder_config("in");
	bgp_neighbour_configure(feeder->n, &c);
	bgp_neighbour_reload_in(feeder->n, bgp_neighbour_channel(feeder->n,
	    0), now);
	pass(SECONDS(5));
	if (bgp_session_want(to->s))
		tap_says_refresh(to, BGP_FAM_IP4, BGP_REFRESH_REQUEST);
	if (from->up)
		tap_cut(from);
	pass(SECONDS(20));
	says_all(LAST_WORD);
	pass(SECONDS(5));
}

static struct nb *
place_for(const char *addr, struct tap **ret_tap, uint32_t asn)
{
	const struct bgp_session_config tc = tap_config(asn, asn);
	struct nb *b = &nbs[n_nbs++];

	*b = (struct nb){ .r = &r, .addr = ip_of(addr) };
	for (unsigned k = 0; k < BGP_NCONNS; k++)
		b->in[k].b = malloc(WIRE_MAX);
	*ret_tap = tap_new(b, &tc);
	(*ret_tap)->may_fail = true;
	return b;
}

static void
dump_set(const struct attrs *a, struct text *out)
{
	const uint8_t *pos = attrs_begin(a);
	struct attr at;

	text_printf(out, " preference %u", (unsigned)a->preference);
	while (attrs_next(a, &pos, &at)) {
		text_printf(out, " %u:", (unsigned)at.id);
		if (attr_is_number(at.type))
			text_printf(out, "%u", (unsigned)at.u);
		for (uint32_t i = 0; i < at.n; i++)
			text_printf(out, "%02x", (unsigned)at.p[i]);
	}
	text_addc(out, '\n');
}

/* What was told in a session before is of no account. */
static void
mark_last_open(struct tap *t)
{
	for (size_t at = 0; at + BGP_HEADER <= t->log_n;
	    at += be16_get(t->log + at + 16))
		if (t->log[at + 18] == BGP_TYPE_OPEN)
			t->mark = at;
}

/* What is so in the end, of each net. */
static void
dump(struct text *out)
{
	const struct rt_channel *c = bgp_neighbour_channel(feeder->n, 0);
	struct heard h;

	mark_last_open(to);
	for (size_t i = 0; i < N_NETS; i++) {
		const struct rt_route *route = route_of(feeder, nets[i]);

		text_printf(out, "%s: ", nets[i]);
		if (!route)
			text_addc(out, '-');
		else
			text_printf(out, "flags %u", (unsigned)route->flags);
		if (route)
			dump_set(route->attrs, out);
		if (hear(to, nets[i], &h) == ANNOUNCED)
			for (unsigned k = 0; k < h.u.n_attrs; k++)
				text_printf(out, " told %u of %zu",
				    (unsigned)h.u.attrs[k].code,
				    h.u.attrs[k].value.n);
		text_addc(out, '\n');
	}
	text_printf(out, "%u imported, %u filtered\n", c->imported,
	    c->filtered);
}

static void
heal(void)
{
	for (unsigned i = 0; i < 70; i++) {
		pass(SECONDS(10));
		if (reasons() != heard)
			says_all(LAST_WORD);
	}
}

/* With the allocations from "at" on failing, so many.  False: none did. */
static bool
live(long at, long many, struct text *out)
{
	bool failed;

	lab_start();
	router_init(&r);
	router_addr(&r, 1, "10.0.0.1", 24);
	feeder = place_for("10.0.0.1", &from, 65002);
	told = place_for("10.0.0.1", &to, 65003);
	heard = 0;
	heap_failed = 0;
	heap_fails_at = at;
	heap_fails_many = many;
	heap_may_fail = 1;
	life();
	heap_may_fail = 0;
	failed = heap_failed != 0;
	if (feeder->n && told->n) {
		heal();
		assert_true(bgp_neighbour_established(feeder->n));
		assert_true(bgp_neighbour_established(told->n));
		dump(out);
	}
	lab_end();
	router_done(&r);
	return failed;
}

static void
each(long many)
{
	struct text want, got;
	long at, blocks;

	text_init(&want, 100000);
	assert_false(live(-1, 0, &want));
	assert_non_null(strstr(want.s, "4 imported, 2 filtered"));
	for (at = 0;; at++) {
		blocks = heap_blocks;
		text_init(&got, 100000);
		if (!live(at, many, &got))
			break;
		if (got.n && strcmp(got.s, want.s) != 0)
			fail_msg("allocation %ld fails: %s\nnot\n%s", at,
			    got.s, want.s);
		text_done(&got);
		if (heap_blocks != blocks)
			fail_msg("allocation %ld fails: %ld blocks are left",
			    at, heap_blocks - blocks);
	}
	print_message("%ld allocations failed in turn\n", at);
	assert_true(at > FAILURES_MIN);
	text_done(&got);
	text_done(&want);
}

static void
one_fails(void **state)
{
	(void)state;
	each(1);
}

static void
all_fail_from_one_on(void **state)
{
	(void)state;
	each(ALL_LIFE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_fails),
		cmocka_unit_test(all_fail_from_one_on),
	};
	int failed;

	lang_init(&lang);
	lang.env.note = NULL;
	if (!lang_load(&lang,
	    "filter in { if net.len > 24 || net ~ [198.51.0.0/16+] then "
	    "reject; bgp_path.prepend(64999); "
	    "bgp_community.delete([(65002, 1..2)]); "
	    "for int i in bgp_path do bgp_large_community.add((i, 1, 2)); "
	    "if (65002, 77) ~ bgp_community then bgp_local_pref = 200; "
	    "accept; }\n"
	    "filter other { bgp_community.add((1, net.len)); "
	    "bgp_path.prepend(net.len); if net.len = 16 then reject; "
	    "accept; }\n"
	    "filter out { bgp_community.add((7, 7)); "
	    "bgp_path.prepend(65001); bgp_med = net.len; accept; }\n"))
		return 1;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	lang_done(&lang);
	return failed;
}

/* SPDX-License-Identifier: ISC */
/*
 * The table alone: UPDATEs of the made table (../bgp/table.c) go through a
 * neighbour into a table, all in this process, and addresses are looked up.
 *
 *	tablebench PREFIXES [FEEDERS [LOOKUPS]]
 *
 * prints one line of KEY=VALUE pairs; README.md says what they are.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../bgp/bgpbench.h"
#include "bgp/neighbour.h"

#define SLICE		65536	/* octets that a socket gives at a time */
#define WORK		4096	/* nets in a turn, as the daemon has it */

static struct rt_table *table;
static struct attrs_pool *pool;
static struct iface_set ifaces;
static struct instant clock_at;
static u32 lookups = 1000000;
static double longest;		/* of any slice */

/* Of this process alone: others may be at work. */
static double
cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
wake(struct bgp_neighbour *n, void *ctx)
{
	(void)n;
	*(bool *)ctx = true;
}

static void
dial(struct bgp_neighbour *n, void *ctx)
{
	(void)n;
	(void)ctx;
}

static void
hang_up(struct bgp_neighbour *n, enum bgp_conn conn, void *ctx)
{
	(void)n;
	(void)conn;
	(void)ctx;
}

static void
note(struct bgp_neighbour *n, const struct bgp_note_info *i, void *ctx)
{
	(void)n;
	(void)ctx;
	if (i->what == BGP_NOTE_UPDATE || i->what == BGP_NOTE_FAILED)
		die("%s", i->text ? i->text : "the session failed");
}

static const struct bgp_neighbour_ops ops = { .dial = dial,
	.hang_up = hang_up, .wake = wake, .note = note };

static struct bgp_neighbour *
neighbour(int i, bool *woken)
{
	struct bgp_neighbour_config cfg = { .name = "feeder",
		.local_as = 64500, .router_id = 0x64400001,
		.remote = ip4(feeder[i].ip), .direct = true,
		.interpret_communities = true, .enforce_first_as = true,
		.path_metric = true, .igp_metric = true,
		.default_local_pref = 100, .n_channels = 1, .ifaces = &ifaces,
		.channel = { { .fam = BGP_FAM_IP4, .table = table,
		    .preference = 100, .in.constant = RT_ACCEPT,
		    .gateway_direct = true } } };

	bgp_session_config_init(&cfg.session);
	cfg.session.passive = true;
	cfg.session.open.asn = cfg.local_as;
	cfg.session.open.id = cfg.router_id;
	cfg.session.open.hold = 180;
	cfg.session.open.as4 = true;
	cfg.session.demand.peer_asn = feeder[i].as;
	cfg.session.seed = 1;
	return need(bgp_neighbour_new(&cfg, &ops, woken));
}

static void
hear(struct bgp_neighbour *n, const u8 *p, size_t len)
{
	while (len > 0) {
		size_t took = bgp_neighbour_rx(n, BGP_ACCEPTED, clock_at,
		    bytes_of(p, len));

		if (took == 0)
			die("stuck");
		p += took;
		len -= took;
	}
}

/* It hears an OPEN with 4-octet AS numbers and IPv4, and a KEEPALIVE. */
static void
establish(struct bgp_neighbour *n, int i)
{
	const struct bgp_link link = { .local = ip4(0x64400001),
		.remote = ip4(feeder[i].ip), .ifindex = 1 };
	u8 open[64] = { 0 }, *p = open + 19;

	bgp_neighbour_start(n, clock_at);
	if (!bgp_neighbour_accept(n, clock_at))
		die("not accepted");
	bgp_neighbour_link(n, BGP_ACCEPTED, clock_at, true, 0, &link);
	*p++ = 4;
	p = put16(p, feeder[i].as);
	p = put16(p, 180);
	p = put32(p, feeder[i].ip);
	*p++ = 14;
	*p++ = 2;
	*p++ = 12;
	*p++ = 1;
	*p++ = 4;
	p = put16(put16(p, 1), 1);
	*p++ = 65;
	*p++ = 4;
	p = put32(p, feeder[i].as);
	header(open, 1, (u32)(p - open));
	hear(n, open, (size_t)(p - open));
	header(open, 4, 19);
	hear(n, open, 19);
	if (!bgp_neighbour_established(n))
		die("not established");
}

static void
say_nothing(struct bgp_neighbour *n)
{
	struct bytes b;

	while ((b = bgp_neighbour_tx(n, BGP_ACCEPTED)).n > 0)
		bgp_neighbour_sent(n, BGP_ACCEPTED, clock_at, b.n);
}

/* A turn of the loop: some octets of one feeder, then what there is to do. */
static void
turn(struct bgp_neighbour **n, bool *woken, struct stream *s, size_t *at,
    int i)
{
	const size_t left = s[i].len - at[i];
	const size_t len = left < SLICE ? left : SLICE;
	const double t0 = cpu();
	double took;

	hear(n[i], s[i].buf + at[i], len);
	at[i] += len;
	for (int k = 0; k < nfeed; k++)
		if (woken[k])
			woken[k] = bgp_neighbour_work(n[k], clock_at, WORK);
	rt_table_work(table, WORK, clock_at);
	took = cpu() - t0;
	if (took > longest)
		longest = took;
	clock_at.ns += (int64_t)(took * 1e9);
}

/* Not static, so that a profiler can be told to look at it alone. */
double
feed(struct bgp_neighbour **n, bool *woken, struct stream *s)
{
	size_t at[MAXPEER] = { 0 };
	const double t0 = cpu();
	bool more = true;

	while (more) {
		more = false;
		for (int i = 0; i < nfeed; i++)
			if (at[i] < s[i].len) {
				turn(n, woken, s, at, i);
				more = true;
			}
	}
	for (int k = 0; k < nfeed; k++)
		while (woken[k])
			woken[k] = bgp_neighbour_work(n[k], clock_at, WORK);
	return cpu() - t0;
}

/* Longest matches of addresses inside and outside of the table. */
static double
look_up(unsigned *ret_found)
{
	const double t0 = cpu();

	*ret_found = 0;
	for (u32 i = 0; i < lookups; i++) {
		const u64 r = mix(i);
		const u32 a = r & 7 ? (u32)(pfx[r % npfx].hi >> 32) +
		    (u32)(r >> 56) : (u32)(r >> 32);
		const struct prefix host = prefix_host(ip4(a));

		*ret_found += rt_longest(table, &host) != RT_NONE;
	}
	return cpu() - t0;
}

static long
resident(void)
{
	long pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (!f || fscanf(f, "%*d %ld", &pages) != 1)
		die("no statm");
	fclose(f);
	return pages * 4096;
}

static double
drop_all(struct bgp_neighbour **n, bool *woken)
{
	const struct bgp_error why = bgp_error_of(BGP_ERR_CEASE,
	    BGP_CEASE_SHUTDOWN, bytes_of(NULL, 0));
	const double t0 = cpu();

	for (int i = 0; i < nfeed; i++) {
		bgp_neighbour_stop(n[i], clock_at, &why);
		say_nothing(n[i]);
		while (!bgp_neighbour_gone(n[i]))
			bgp_neighbour_work(n[i], clock_at, WORK);
		woken[i] = false;
	}
	while (rt_table_work(table, WORK, clock_at))
		;
	return cpu() - t0;
}

static void
measure(struct bgp_neighbour **n, bool *woken, struct stream *s)
{
	const long before = resident();
	const double in = feed(n, woken, s);
	const size_t paths = rt_count_routes(table);
	const long held = resident() - before;
	unsigned found;
	const double look = look_up(&found);

	printf("prefixes=%u paths=%zu sets=%zu in_s=%.3f ns_path=%.0f "
	    "longest_ms=%.2f B_path=%.1f find_ns=%.0f found=%u ", npfx, paths,
	    attrs_pool_count(pool), in, in * 1e9 / (double)paths,
	    longest * 1e3, (double)held / (double)paths,
	    look * 1e9 / (lookups ? lookups : 1), found);
	printf("drop_s=%.3f\n", drop_all(n, woken));
}

int
main(int argc, char **argv)
{
	static const struct hash_key key = { { 1, 2 } };
	static struct bgp_neighbour *n[MAXPEER];
	static struct stream s[MAXPEER];
	static bool woken[MAXPEER];
	const struct iface_addr a = { .ip = ip4(0x64400001),
		.net = prefix_of(ip4(0x64400001), 10) };

	nfeed = argc > 2 ? atoi(argv[2]) : 1;
	if (argc < 2 || nfeed < 1 || nfeed >= MAXPEER)
		die("usage: tablebench PREFIXES [FEEDERS [LOOKUPS]]");
	if (argc > 3)
		lookups = (u32)atol(argv[3]);
	dut_as = 64500;
	for (int i = 0; i < nfeed; i++)
		feeder[i] = (struct feeder){ .ip = 0x64400101u + (u32)i,
			.as = 64601u + (u32)i };
	build(NULL, (u32)atol(argv[1]), 0);
	for (int i = 0; i < nfeed; i++)
		encode(&s[i], i);
	malloc_trim(0);

	clock_at = (struct instant){ SECONDS(1) };
	pool = attrs_pool_new(&key);
	iface_set_init(&ifaces);
	iface_set_link(&ifaces, 1, "eth0", IFACE_UP | IFACE_ADMIN_UP |
	    IFACE_LINK_UP, 1500, 0);
	iface_set_addr(&ifaces, 1, &a);
	table = rt_table_new("master4", NET_IP4, pool, &key);
	rt_table_set_ifaces(table, &ifaces);
	for (int i = 0; i < nfeed; i++) {
		n[i] = neighbour(i, &woken[i]);
		establish(n[i], i);
	}
	measure(n, woken, s);
	for (int i = 0; i < nfeed; i++)
		bgp_neighbour_free(n[i]);
	rt_table_free(table);
	attrs_pool_free(pool);
	iface_set_done(&ifaces);
	return 0;
}

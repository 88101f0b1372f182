/* SPDX-License-Identifier: ISC */
/*
 * The filters alone: what feed.py made goes through a neighbour with an
 * import filter into two tables, and then each filter is asked about every
 * route, all in this process.
 *
 *	filterbench FOLDER FILTERS IMPORT [FILTER...]
 *
 * prints nanoseconds a route; IMPORT is a filter, or "all".
 */
#include <fcntl.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../../unit/filter/lang.h"
#include "bgp/neighbour.h"

#define SLICE		65536	/* octets that a socket gives at a time */
#define MY_AS		4242420999u
#define PEER_AS		4242420042u

static struct lang lang;
static struct rt_table *table[2];	/* of IPv4, of IPv6 */
static struct instant clock_at = { SECONDS(1) };

static void die(const char *fmt, ...) __attribute__((format(printf, 1, 2),
    noreturn));

static void
die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(1);
}

/* Of this process alone: others may be at work. */
static double
cpu_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static struct bytes
file(const char *folder, const char *name)
{
	char path[512];
	struct stat st;
	int fd;
	void *p;

	snprintf(path, sizeof(path), "%s%s%s", folder, *folder ? "/" : "",
	    name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st) != 0)
		die("%s: cannot be read", path);
	p = mmap(NULL, (size_t)st.st_size + 1, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		die("%s: cannot be mapped", path);
	return bytes_of(p, (size_t)st.st_size);
}

static const struct rt_table *
roa_table(void *ctx, const char *name)
{
	(void)ctx;
	return strcmp(name, "DN42_ROA4") == 0 ? lang.roa4 :
	    strcmp(name, "DN42_ROA6") == 0 ? lang.roa6 : NULL;
}

/* Lines "route NET max N as M;". */
static void
load_roas(struct rt_table *t, struct bytes text)
{
	struct rt_src *s = rt_src_get(t, &lang.owner, 0);
	struct attrs_edit e;
	const struct attrs *a;

	attrs_edit_init(&e, NULL);
	a = attrs_intern(lang.pool, &e);
	for (const char *p = (const char *)text.p, *end = p + text.n; p < end;
	    p = strchr(p, '\n') + 1) {
		struct prefix net;
		unsigned max, asn;
		char word[64];

		if (sscanf(p, "route %63s max %u as %u;", word, &max, &asn) !=
		    3 || !prefix_parse(word, &net))
			die("no ROA: %.40s", p);
		net.kind = rt_table_kind(t);
		net.max = (uint8_t)max;
		net.asn = asn;
		rt_announce(t, s, &net, a, 0, clock_at);
	}
	attrs_unref(lang.pool, a);
}

static void
wake(struct bgp_neighbour *n, void *ctx)
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
	if (i->what == BGP_NOTE_FAILED)
		die("%s", i->text ? i->text : "the session failed");
}

static struct bgp_neighbour *
neighbour(const char *import)
{
	static const struct bgp_neighbour_ops ops = { .dial = wake,
		.hang_up = hang_up, .wake = wake, .note = note };
	struct bgp_neighbour_config cfg = { .name = "feeder",
		.local_as = MY_AS, .router_id = 0xc0000201,
		.remote = ip4(0xc0000202), .direct = true,
		.enforce_first_as = true, .path_metric = true,
		.default_local_pref = 100, .n_channels = 2,
		.ifaces = &lang.ifaces };
	struct bgp_neighbour *n;

	for (unsigned i = 0; i < 2; i++) {
		cfg.channel[i].fam = i ? BGP_FAM_IP6 : BGP_FAM_IP4;
		cfg.channel[i].table = table[i];
		cfg.channel[i].preference = 100;
		cfg.channel[i].gateway_direct = true;
		cfg.channel[i].in = strcmp(import, "all") == 0 ?
		    (struct rt_filter){ .constant = RT_ACCEPT } :
		    (struct rt_filter){ .run = filter_run,
		    .run_alike = filter_run_alike, .env = &lang.env,
		    .program = lang_filter(&lang, import) };
	}
	bgp_session_config_init(&cfg.session);
	cfg.session.passive = true;
	cfg.session.open.asn = cfg.local_as;
	cfg.session.open.id = cfg.router_id;
	cfg.session.open.hold = 180;
	cfg.session.open.as4 = true;
	cfg.session.open.families = BGP_FAM_BIT(BGP_FAM_IP4) |
	    BGP_FAM_BIT(BGP_FAM_IP6);
	cfg.session.demand.peer_asn = PEER_AS;
	cfg.session.seed = 1;
	n = bgp_neighbour_new(&cfg, &ops, NULL);
	if (!n)
		die("no neighbour");
	return n;
}

static void
hear(struct bgp_neighbour *n, struct bytes b)
{
	while (b.n > 0) {
		size_t took = bgp_neighbour_rx(n, BGP_ACCEPTED, clock_at,
		    bytes_of(b.p, b.n < SLICE ? b.n : SLICE));

		if (took == 0)
			die("stuck");
		b = bytes_of(b.p + took, b.n - took);
		for (unsigned i = 0; i < 2; i++)
			rt_table_work(table[i], 4096, clock_at);
	}
}

/* An OPEN that knows both families and 4-octet ASNs, and a KEEPALIVE. */
static void
establish(struct bgp_neighbour *n)
{
	static const uint8_t open[] = { 0, 53, 1, 4, 0x5b, 0xa0, 0, 240,
		192, 0, 2, 2, 24, 2, 22, 1, 4, 0, 1, 0, 1, 1, 4, 0, 2, 0, 1,
		65, 4, 0xfc, 0xde, 0x31, 0x4a, 6, 0, 70, 0 };
	static const uint8_t alive[] = { 0, 19, 4 };
	const struct bgp_link link = { .local = ip4(0xc0000201),
		.remote = ip4(0xc0000202), .ifindex = 1 };
	uint8_t m[16 + sizeof(open)];

	bgp_neighbour_start(n, clock_at);
	if (!bgp_neighbour_accept(n, clock_at))
		die("not accepted");
	bgp_neighbour_link(n, BGP_ACCEPTED, clock_at, true, 0, &link);
	memset(m, 0xff, 16);
	memcpy(m + 16, open, sizeof(open));
	hear(n, bytes_of(m, sizeof(m)));
	memcpy(m + 16, alive, sizeof(alive));
	hear(n, bytes_of(m, 16 + sizeof(alive)));
	if (!bgp_neighbour_established(n))
		die("not established");
}

/* These two are not static: a profiler can be told to look at them alone. */
void feed(struct bgp_neighbour *n, struct bytes updates)
    __attribute__((noinline));
unsigned ask(const struct filter *f) __attribute__((noinline));

void
feed(struct bgp_neighbour *n, struct bytes updates)
{
	hear(n, updates);
}

/* As "show route count filter F" does. */
unsigned
ask(const struct filter *f)
{
	unsigned n = 0;

	for (unsigned i = 0; i < 2; i++)
		for (uint32_t id = RT_NONE;
		    (id = rt_walk(table[i], id)) != RT_NONE;) {
			const struct rt_route *r = rt_best(table[i], id);
			struct rt_edit e = { .table = table[i], .route = r };

			if (!r)
				continue;
			e.net = rt_prefix(table[i], id);
			e.src = rt_src_at(table[i], r->src);
			attrs_edit_init(&e.a, r->attrs);
			n += filter_run(f, &e, &lang.env) == RT_ACCEPT;
		}
	return n;
}

static void
measure(const char *import, struct bytes updates, char **names)
{
	struct bgp_neighbour *n = neighbour(import);
	const struct bgp_error why = bgp_error_of(BGP_ERR_CEASE,
	    BGP_CEASE_SHUTDOWN, bytes_of(NULL, 0));
	size_t routes;
	double t;

	establish(n);
	t = cpu_ns();
	feed(n, updates);
	t = cpu_ns() - t;
	routes = rt_count_routes(table[0]) + rt_count_routes(table[1]);
	printf("%zu routes in %zu sets by import %s: %.0f ms\n", routes,
	    attrs_pool_count(lang.pool), import, t / 1e6);
	for (; *names; names++) {
		const struct filter *f = lang_filter(&lang, *names);
		unsigned yes;

		if (!f)
			die("no filter %s", *names);
		t = cpu_ns();
		yes = ask(f);
		t = cpu_ns() - t;
		printf("%s: %u accepted, %.0f ns\n", *names, yes,
		    t / (double)routes);
	}
	bgp_neighbour_stop(n, clock_at, &why);
	for (struct bytes b; (b = bgp_neighbour_tx(n, BGP_ACCEPTED)).n > 0;)
		bgp_neighbour_sent(n, BGP_ACCEPTED, clock_at, b.n);
	while (!bgp_neighbour_gone(n))
		bgp_neighbour_work(n, clock_at, 4096);
	bgp_neighbour_free(n);
}

/* Their addresses make the feeder a neighbour on a link. */
static void
prepare(const char *folder, struct bytes filters)
{
	static const char *const addrs[] = { "192.0.2.1/24",
		"2001:db8::1/64" };
	static const struct hash_key key = { { 1, 2 } };
	struct text text;

	text_init(&text, 1 << 20);
	text_printf(&text, "roa4 table DN42_ROA4; roa6 table DN42_ROA6;\n"
	    "%.*s", (int)filters.n, (const char *)filters.p);
	if (!lang_load(&lang, text.s))
		die("the filters have errors");
	text_done(&text);
	lang.env.roa_table = roa_table;
	load_roas(lang.roa4, file(folder, "roa4"));
	load_roas(lang.roa6, file(folder, "roa6"));
	iface_set_link(&lang.ifaces, 1, "eth0", IFACE_UP | IFACE_ADMIN_UP |
	    IFACE_LINK_UP, 1500, 0);
	for (unsigned i = 0; i < 2; i++) {
		struct iface_addr a = { .ip = IP_NONE };

		prefix_parse(addrs[i], &a.net);
		a.ip = i ? ip_from6((const uint8_t[16]){ 0x20, 1, 0xd, 0xb8,
		    [15] = 1 }) : ip4(0xc0000201);
		iface_set_addr(&lang.ifaces, 1, &a);
		table[i] = rt_table_new(i ? "master6" : "master4", i ?
		    NET_IP6 : NET_IP4, lang.pool, &key);
		rt_table_set_ifaces(table[i], &lang.ifaces);
	}
}

int
main(int argc, char **argv)
{
	if (argc < 4)
		die("usage: filterbench FOLDER FILTERS IMPORT [FILTER...]");
	lang_init(&lang);
	prepare(argv[1], file("", argv[2]));
	measure(argv[3], file(argv[1], "updates"), argv + 4);
	return 0;
}

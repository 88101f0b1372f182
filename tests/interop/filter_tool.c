/* SPDX-License-Identifier: ISC */
/*
 * What our filters say, in the form of what BIRD says.
 *
 * filter_tool eval < EXPRESSIONS	a line for each: 0023 and the value, or
 *					9001 and the message
 * filter_tool run FILE			defines what the file has, runs filter
 *					"t" on the route 10.1.2.0/24; what it
 *					printed, ERROR, and the verdict
 * filter_tool random FILE		what filter_random.py asks: lines
 *	iface NAME INDEX ADDRESS…	before a "%%", then definitions
 *	roa PREFIX max N as ASN
 *	run PROTOCOL FILTER PREFIX BLOCK DEST
 *					Prints what they print; "! LINE COL
 *					MESSAGE" for each error
 */
#include "../unit/filter/lang.h"

#include "rib/table.h"

#define FILE_MAX	65536
#define JOB_MAX		(16 << 20)

static bool
eval_line(struct lang *l, const char *line, struct text *out)
{
	struct diag_list *d = diag_list_new(10);
	struct arena *a = arena_new();
	const struct filter *f = conf_filter_text(&l->config,
	    CONF_TEXT_EXPR, bytes_str(line), a, d);
	bool ok = false;

	text_clear(out);
	if (f)
		ok = filter_eval_text(f, NULL, &l->env, out);
	else if (diag_count(d))
		text_add(out, diag_get(d, 0)->message);
	arena_free(a);
	diag_list_free(d);
	return ok;
}

static int
eval(struct lang *l)
{
	struct text out;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	text_init(&out, FILE_MAX);
	while ((n = getline(&line, &cap, stdin)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		printf("%s ", eval_line(l, line, &out) ? "0023" : "9001");
		printf("%s\n", out.s);
	}
	free(line);
	text_done(&out);
	return 0;
}

static int
run(struct lang *l, const char *path)
{
	static char s[FILE_MAX];
	FILE *f = fopen(path, "r");
	enum rt_verdict v;
	size_t n;

	if (!f) {
		perror(path);
		return 2;
	}
	n = fread(s, 1, sizeof(s) - 1, f);
	fclose(f);
	s[n] = '\0';
	if (!lang_load(l, s)) {
		puts("REFUSED");
		return 0;
	}
	v = lang_run(l, "t");
	printf("%s%s%s\n", l->printed.s, l->notes.n ? "ERROR\n" : "",
	    v == RT_ACCEPT ? "ACCEPT" : "REJECT");
	return 0;
}

/* ADDRESS/LEN of an interface. */
static void
job_address(struct lang *l, uint32_t index, const char *text)
{
	struct iface_addr a = { .scope = SCOPE_UNIVERSE };
	char ip[IP_TEXT];
	const char *slash = strchr(text, '/');

	if (!slash || (size_t)(slash - text) >= sizeof(ip))
		abort();
	memcpy(ip, text, (size_t)(slash - text));
	ip[slash - text] = '\0';
	if (!ip_parse(ip, &a.ip))
		abort();
	a.net = prefix_of(a.ip, (unsigned)atoi(slash + 1));
	if (strncmp(ip, "127.", 4) == 0 || strcmp(ip, "::1") == 0)
		a.scope = SCOPE_HOST;
	if (!iface_set_addr(&l->ifaces, index, &a))
		abort();
}

static void
job_iface(struct lang *l, char *save)
{
	const char *name = strtok_r(NULL, " ", &save);
	uint32_t index = (uint32_t)atoi(strtok_r(NULL, " ", &save));
	const char *a;

	iface_set_link(&l->ifaces, index, name, IFACE_UP | IFACE_ADMIN_UP |
	    IFACE_LINK_UP | IFACE_MULTICAST, 1500, 0);
	while ((a = strtok_r(NULL, " ", &save)))
		job_address(l, index, a);
}

/* PREFIX max N as ASN */
static void
job_roa(struct lang *l, char *save)
{
	struct prefix net;
	struct attrs_edit e;
	const struct attrs *a;
	struct rt_table *t;

	if (!prefix_parse(strtok_r(NULL, " ", &save), &net))
		abort();
	strtok_r(NULL, " ", &save);
	t = prefix_is4(&net) ? l->roa4 : l->roa6;
	net.kind = prefix_is4(&net) ? NET_ROA4 : NET_ROA6;
	net.max = (uint8_t)atoi(strtok_r(NULL, " ", &save));
	strtok_r(NULL, " ", &save);
	net.asn = (uint32_t)strtoul(strtok_r(NULL, " ", &save), NULL, 10);
	attrs_edit_init(&e, NULL);
	a = attrs_intern(l->pool, &e);
	if (rt_announce(t, rt_src_get(t, &l->owner, 0), &net, a, 0,
	    INSTANT_ZERO) != RT_CHANGED)
		abort();
	attrs_unref(l->pool, a);
}

static void
job_route(struct lang *l, const char *dest)
{
	static const char *const names[] = { [RTD_BLACKHOLE] = "blackhole",
	    [RTD_UNREACHABLE] = "unreachable", [RTD_PROHIBIT] = "prohibit" };
	const struct iface *i = iface_by_name(&l->ifaces, dest);
	struct nexthop h = { .ifindex = i ? i->index : 0 };

	attrs_edit_init(&l->e.a, NULL);
	l->e.a.scope = SCOPE_UNIVERSE;
	l->e.a.source = RTS_STATIC;
	l->e.a.preference = 200;
	l->e.a.dest = RTD_UNICAST;
	if (i)
		attrs_edit_set_hops(&l->e.a, &h, 1);
	for (unsigned d = RTD_BLACKHOLE; d <= RTD_PROHIBIT; d++)
		if (strcmp(dest, names[d]) == 0)
			l->e.a.dest = (uint8_t)d;
	l->e.a.changed = true;
}

/* Interns what the last run made, so that the next may have its memory. */
static const struct attrs *
job_intern(struct lang *l, const struct attrs *old)
{
	const struct attrs *a = attrs_intern(l->pool, &l->e.a);

	if (!a)
		abort();
	attrs_unref(l->pool, old);
	attrs_edit_init(&l->e.a, a);
	return a;
}

/* What it makes of another net with the set a, for the next one. */
static void
job_other(struct lang *l, const struct filter *f, struct rt_alike *m)
{
	const struct prefix net = l->e.net;

	prefix_parse(net.len % 2 ? "10.77.0.0/17" : "2001:db8:7::/48",
	    &l->e.net);
	m->verdict = filter_run_alike(f, &l->e, &l->env, m);
	m->from = m->seen;
	if (m->from && m->verdict == RT_ACCEPT)
		m->set = attrs_intern(l->pool, &l->e.a);
	l->e.net = net;
	text_clear(&l->printed);
	text_clear(&l->notes);
}

/* As the second net of an UPDATE; l->e has the set a, and then the result. */
static const struct attrs *
job_filter(struct lang *l, const struct filter *f, const struct attrs *a)
{
	struct rt_alike m = { .from = NULL };

	job_other(l, f, &m);
	attrs_edit_init(&l->e.a, a);
	if (filter_run_alike(f, &l->e, &l->env, &m) == RT_ACCEPT) {
		a = job_intern(l, a);
		lang_run(l, "dump_all");
	}
	attrs_unref(l->pool, m.set);
	return a;
}

/* PROTOCOL FILTER PREFIX BLOCK DEST */
static void
job_run(struct lang *l, char *save)
{
	const struct filter *f, *block;
	const struct attrs *a;

	l->owner.name = strtok_r(NULL, " ", &save);
	f = lang_filter(l, strtok_r(NULL, " ", &save));
	if (!prefix_parse(strtok_r(NULL, " ", &save), &l->e.net))
		abort();
	block = lang_filter(l, strtok_r(NULL, " ", &save));
	if (!f || !block)
		return;
	job_route(l, strtok_r(NULL, " ", &save));
	if (filter_run_block(block, &l->e, &l->env) != RT_ACCEPT)
		printf("# route refused: %s", l->notes.s);
	a = job_intern(l, NULL);
	a = job_filter(l, f, a);
	if (l->notes.n)
		printf("# %s", l->notes.s);
	fputs(l->printed.s, stdout);
	attrs_unref(l->pool, a);
}

static void
job_head(struct lang *l, char *line)
{
	char *save = NULL;
	const char *word = strtok_r(line, " ", &save);

	if (word && strcmp(word, "iface") == 0)
		job_iface(l, save);
	else if (word && strcmp(word, "roa") == 0)
		job_roa(l, save);
}

static void
job_body(struct lang *l, char *line)
{
	char *save = NULL;
	const char *word = strtok_r(line, " ", &save);

	if (word && strcmp(word, "run") == 0)
		job_run(l, save);
}

/* Runs each line of the head but for the last, which the "%%" follows. */
static void
job_lines(struct lang *l, char *s, void (*each)(struct lang *l, char *line))
{
	char *save = NULL;

	for (char *line = strtok_r(s, "\n", &save); line;
	    line = strtok_r(NULL, "\n", &save))
		each(l, line);
}

static void
job_errors(struct lang *l)
{
	for (size_t i = 0; i < diag_count(l->diags); i++) {
		const struct diag *d = diag_get(l->diags, i);

		printf("! %u %u %s\n", d->at.line, d->at.col, d->message);
	}
}

static int
job(struct lang *l, const char *path)
{
	char *s = calloc(1, JOB_MAX), *again, *body;
	FILE *f = fopen(path, "r");

	if (!f || !s) {
		perror(path);
		return 2;
	}
	if (fread(s, 1, JOB_MAX - 1, f) == 0)
		abort();
	fclose(f);
	body = strstr(s, "%%\n");
	if (!body)
		return 2;
	*body = '\0';
	again = strdup(s);
	job_lines(l, s, job_head);
	lang_load(l, body + 3);
	job_errors(l);
	job_lines(l, again, job_body);
	free(again);
	free(s);
	return 0;
}

int
main(int argc, char **argv)
{
	struct lang l;
	int status = 2;

	lang_init(&l);
	if (argc == 2 && strcmp(argv[1], "eval") == 0)
		status = eval(&l);
	else if (argc == 3 && strcmp(argv[1], "run") == 0)
		status = run(&l, argv[2]);
	else if (argc == 3 && strcmp(argv[1], "random") == 0)
		status = job(&l, argv[2]);
	lang_done(&l);
	return status;
}

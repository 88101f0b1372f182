/* SPDX-License-Identifier: ISC */
/* show bgp ...: the table, one net of it, and what a neighbor has to do. */
#include <stdlib.h>
#include <string.h>

#include "warren/frr_impl.h"

struct path {
	struct ip ip;
	unsigned len;
	bool best, internal, local, stale, valid;
	const char *net, *hop, *med, *pref, *path;
	char origin;
	unsigned order;
};

struct paths {
	struct frr_view *v;
	unsigned family;
	bool foreign;			/* only what BGP did not bring */
	bool self;			/* next hops are our own */
	bool all_best;
	bool told_inside;		/* within the AS all have one */
	struct path *p;
	size_t n, cap;
};

static const char *
attr(const struct json_node *row, const char *name)
{
	return node_text(node_at(row, "attributes"), name);
}

static bool
is_bgp(const struct json_node *row)
{
	return strcmp(node_text(row, "source"), "BGP") == 0;
}

static const char *
any_hop(unsigned family)
{
	return family == 4 ? "0.0.0.0" : "::";
}

/* A global next hop, and perhaps a link-local one behind it. */
static const char *
first_hop(struct arena *a, const char *hop)
{
	return arena_strndup(a, hop, strcspn(hop, " "));
}

static const char *
local_hop(const struct json_node *row, unsigned family)
{
	const struct json_node *h = node_at(row, "nexthops");

	h = h != NULL ? h->child : NULL;
	return h != NULL && *node_text(h, "gw") ? node_text(h, "gw") :
	    any_hop(family);
}

static void
fill(struct paths *ps, struct path *p, const struct json_node *row)
{
	struct arena *a = ps->v->a;
	const struct json_node *peer = frr_peer(ps->v,
	    node_text(row, "protocol"));
	const char *origin = attr(row, "BGP.origin");

	p->local = !is_bgp(row);
	p->internal = !p->local && peer != NULL && !frr_external(peer);
	p->best = node_true(row, "best") || ps->all_best;
	p->stale = node_true(row, "stale");
	p->valid = p->local || strcmp(node_text(row, "dest"), "unicast") == 0;
	p->net = arena_strdup(a, node_text(row, "net"));
	p->hop = ps->self ? any_hop(ps->family) : p->local ?
	    arena_strdup(a, local_hop(row, ps->family)) :
	    first_hop(a, attr(row, "BGP.next_hop"));
	p->med = arena_strdup(a, attr(row, "BGP.med"));
	p->pref = arena_strdup(a, attr(row, "BGP.local_pref"));
	/* From another AS it is not told; ours is what we made of it. */
	if (!p->internal && !ps->told_inside && p->pref != NULL &&
	    strcmp(p->pref, "100") == 0)
		p->pref = "";
	if (ps->told_inside && p->pref != NULL && *p->pref == '\0')
		p->pref = "100";
	p->path = arena_strdup(a, attr(row, "BGP.as_path"));
	p->origin = *origin == 'E' ? 'e' : strcmp(origin, "IGP") == 0 ? 'i' :
	    '?';
}

static bool
address_of(const char *net, struct path *p)
{
	const char *slash = strchr(net, '/');
	char buf[PREFIX_TEXT];

	snprintf(buf, sizeof(buf), "%.*s", (int)strcspn(net, "/"), net);
	p->len = slash ? (unsigned)atoi(slash + 1) : 128;
	return ip_parse(buf, &p->ip);
}

static void
keep_path(void *ctx, const struct json_node *row)
{
	struct paths *ps = ctx;
	struct path *more, p = { .order = (unsigned)ps->n };

	if (frr_family(node_text(row, "net")) != ps->family ||
	    (ps->foreign && is_bgp(row)) ||
	    !address_of(node_text(row, "net"), &p))
		return;
	if (ps->n == ps->cap) {
		ps->cap = ps->cap ? ps->cap * 2 : 256;
		more = realloc(ps->p, ps->cap * sizeof(*more));
		if (more == NULL)
			return;
		ps->p = more;
	}
	fill(ps, &p, row);
	if (p.net != NULL && p.hop != NULL && p.med != NULL &&
	    p.pref != NULL && p.path != NULL)
		ps->p[ps->n++] = p;
}

static int
by_net(const void *a, const void *b)
{
	const struct path *x = a, *y = b;
	const int c = ip_cmp(x->ip, y->ip);

	if (c != 0 || x->len != y->len)
		return c != 0 ? c : x->len < y->len ? -1 : 1;
	if (x->best != y->best)
		return (int)y->best - (int)x->best;
	return x->order < y->order ? -1 : x->order > y->order;
}

static uint64_t
local_as(const struct frr_view *v)
{
	return node_number(node_at(v->peers, "bgp"), "local_as");
}

static void
head(struct frr_view *v)
{
	fprintf(v->out, "BGP table version is %llu, local router ID is %s, "
	    "vrf id 0\nDefault local pref 100, local AS %llu\n"
	    "Status codes:  s suppressed, d damped, h history, * valid, "
	    "> best, = multipath,\n"
	    "               i internal, r RIB-failure, S Stale, R Removed\n"
	    "Nexthop codes: @NNN nexthop's vrf id, < announce-nh-self\n"
	    "Origin codes:  i - IGP, e - EGP, ? - incomplete\n"
	    "RPKI validation codes: V valid, I invalid, N Not found\n\n"
	    "   Network          Next Hop            Metric LocPrf Weight "
	    "Path\n", (unsigned long long)v->version,
	    node_text(v->status, "router_id"),
	    (unsigned long long)local_as(v));
}

/* A column that is too narrow goes on in the next line. */
static void
column(FILE *f, const char *s, int width, int next)
{
	const int left = width - (int)strlen(s);

	fputs(s, f);
	if (left < 1)
		fprintf(f, "\n%*s", next, "");
	else
		fprintf(f, "%*s", left, "");
}

static void
print_path(FILE *f, const struct path *p, bool again)
{
	fprintf(f, "%c%c%c", p->stale ? 'S' : p->valid ? '*' : ' ',
	    p->best ? '>' : ' ', p->internal ? 'i' : ' ');
	if (again)
		fprintf(f, "%17s", "");
	else
		column(f, p->net, 17, 20);
	column(f, p->hop, 16, 36);
	fprintf(f, "%10s%7s%7u %s%s%c\n", p->med, p->pref,
	    p->local ? 32768u : 0, p->path, *p->path ? " " : "", p->origin);
}

/* How many nets there are. */
static size_t
print_paths(struct paths *ps)
{
	size_t nets = 0;

	if (ps->n > 0)
		qsort(ps->p, ps->n, sizeof(*ps->p), by_net);
	for (size_t i = 0; i < ps->n; i++) {
		const bool again = i > 0 && strcmp(ps->p[i].net,
		    ps->p[i - 1].net) == 0;

		print_path(ps->v->out, &ps->p[i], again);
		nets += !again;
	}
	return nets;
}

static bool
has(const struct paths *ps, size_t n, const char *net)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(ps->p[i].net, net) == 0)
			return true;
	return false;
}

/*
 * FRR's table has also what begins here: that is whatever is told to some
 * neighbor without having come from one.
 */
static void
add_local(struct paths *ps)
{
	for (const struct json_node *p = ps->v->peers; p != NULL;
	    p = p->next) {
		const size_t before = ps->n;
		size_t to = before;
		char line[256];

		if (strcmp(node_text(p, "state"), "up") != 0)
			continue;
		snprintf(line, sizeof(line), "show route all export %s where "
		    "source != RTS_BGP", node_text(p, "name"));
		ps->foreign = true;
		frr_ask(ps->v, line, keep_path, ps);
		for (size_t i = before; i < ps->n; i++)
			if (!has(ps, before, ps->p[i].net))
				ps->p[to++] = ps->p[i];
		ps->n = to;
	}
}

static void
read_table(struct paths *ps)
{
	ps->all_best = true;
	add_local(ps);
	ps->foreign = ps->all_best = false;
	frr_ask(ps->v, "show route all where source = RTS_BGP", keep_path,
	    ps);
}

static size_t
count_table(struct frr_view *v, unsigned family)
{
	struct paths ps = { .v = v, .family = family };

	read_table(&ps);
	free(ps.p);
	return ps.n;
}

static void
displayed(struct frr_view *v, size_t nets, size_t paths)
{
	fprintf(v->out, "\nDisplayed  %zu routes and %zu total paths\n",
	    nets, paths);
}

int
frr_table(struct frr_view *v, unsigned family)
{
	struct paths ps = { .v = v, .family = family };
	size_t nets;

	read_table(&ps);
	if (ps.n == 0) {
		fputs("No BGP prefixes displayed, 0 exist\n", v->out);
	} else {
		head(v);
		nets = print_paths(&ps);
		displayed(v, nets, ps.n);
	}
	free(ps.p);
	return v->answer == EXIT_NO_DAEMON ? EXIT_NO_DAEMON : EXIT_OK;
}

/* What stands in a path, without AS_CONFED brackets or the like changed. */
struct detail {
	struct frr_view *v;
	unsigned n, best;
	struct text t;
	char net[PREFIX_TEXT];
};

/* "(65000,1) (1,2)" as FRR has it, "65000:1 1:2". */
static void
communities(const char *label, const char *s, struct text *t)
{
	if (*s == '\0')
		return;
	text_printf(t, "      %s:", label);
	for (; *s != '\0'; s++)
		if (*s == '(')
			text_addc(t, ' ');
		else if (*s == ',')
			text_addc(t, ':');
		else if (*s != ')' && *s != ' ')
			text_addc(t, *s);
	text_addc(t, '\n');
}

static const char *
router_of(const struct json_node *peer)
{
	const char *s = node_text(node_at(peer, "bgp"), "neighbor_id");

	return *s ? s : "0.0.0.0";
}

/* FRR calls "sourced" what is redistributed, and "local" its networks. */
static const char *
kind_of(const struct json_node *row, bool internal)
{
	if (is_bgp(row))
		return internal ? "internal" : "external";
	return strcmp(attr(row, "BGP.origin"), "IGP") == 0 ?
	    "sourced, local" : "sourced";
}

static void
attributes(struct detail *d, const struct json_node *row,
    const struct json_node *peer)
{
	const char *origin = attr(row, "BGP.origin"), *s;
	const bool internal = peer != NULL && !frr_external(peer);

	text_printf(&d->t, "      Origin %s", strcmp(origin, "IGP") == 0 ||
	    strcmp(origin, "EGP") == 0 ? origin : "incomplete");
	if (*(s = attr(row, "BGP.med")))
		text_printf(&d->t, ", metric %s", s);
	s = attr(row, "BGP.local_pref");
	if (*s && (internal || strcmp(s, "100") != 0))
		text_printf(&d->t, ", localpref %s", s);
	if (!is_bgp(row))
		text_add(&d->t, ", weight 32768");
	text_printf(&d->t, ", valid, %s%s\n", kind_of(row, internal),
	    node_true(row, "best") ? ", best" : "");
	communities("Community", attr(row, "BGP.community"), &d->t);
	communities("Large Community", attr(row, "BGP.large_community"),
	    &d->t);
	if (*(s = attr(row, "BGP.originator_id")))
		text_printf(&d->t, "      Originator: %s, Cluster list: %s\n",
		    s, attr(row, "BGP.cluster_list"));
}

static void
updated(const char *since, struct text *t)
{
	struct tm tm = { 0 };
	char buf[64];
	time_t s;

	if (strptime(since, "%Y-%m-%dT%H:%M:%S", &tm) == NULL)
		return;
	s = timegm(&tm);
	localtime_r(&s, &tm);
	if (strftime(buf, sizeof(buf), "%a %b %e %H:%M:%S %Y", &tm) > 0)
		text_printf(t, "      Last update: %s\n", buf);
}

static void
one_entry(void *ctx, const struct json_node *row)
{
	struct detail *d = ctx;
	const struct json_node *peer = frr_peer(d->v,
	    node_text(row, "protocol"));
	const char *path = attr(row, "BGP.as_path");
	const char *hop = attr(row, "BGP.next_hop");

	d->n++;
	if (node_true(row, "best"))
		d->best = d->n;
	snprintf(d->net, sizeof(d->net), "%s", node_text(row, "net"));
	text_printf(&d->t, "  %s\n", *path ? path : "Local");
	if (is_bgp(row))
		text_printf(&d->t, "    %.*s from %s (%s)\n",
		    (int)strcspn(hop, " "), hop, node_text(row, "from"),
		    router_of(peer));
	else
		text_printf(&d->t, "    %s from %s (%s)\n", local_hop(row,
		    frr_family(d->net)), any_hop(frr_family(d->net)),
		    node_text(d->v->status, "router_id"));
	attributes(d, row, peer);
	updated(node_text(row, "since"), &d->t);
}

static void
note_told(void *ctx, const struct json_node *row)
{
	(void)row;
	*(bool *)ctx = true;
}

static void
print_told(struct frr_view *v, const char *net)
{
	bool any = false;

	for (const struct json_node *p = v->peers; p != NULL; p = p->next) {
		bool told = false;
		char line[256];

		if (strcmp(node_text(p, "state"), "up") != 0)
			continue;
		snprintf(line, sizeof(line), "show route %s export %s", net,
		    node_text(p, "name"));
		frr_ask(v, line, note_told, &told);
		if (!told)
			continue;
		fprintf(v->out, any ? " %s" : "  Advertised to non "
		    "peer-group peers:\n  %s",
		    node_text(node_at(p, "bgp"), "neighbor"));
		any = true;
	}
	fputs(any ? "\n" : "  Not advertised to any peer\n", v->out);
}

/* What begins here: asked of each neighbor that is told of it. */
static void
local_entry(struct detail *d, const char *net)
{
	for (const struct json_node *p = d->v->peers; p != NULL && d->n == 0;
	    p = p->next) {
		char line[512];

		if (strcmp(node_text(p, "state"), "up") != 0)
			continue;
		snprintf(line, sizeof(line), "show route %s%s all export %s "
		    "where source != RTS_BGP", strchr(net, '/') ? "" :
		    "for ", net, node_text(p, "name"));
		frr_ask(d->v, line, one_entry, d);
	}
}

int
frr_entry(struct frr_view *v, unsigned family, const char *net)
{
	struct detail d = { .v = v };
	char line[256];

	(void)family;
	text_init(&d.t, 1 << 22);
	local_entry(&d, net);
	if (d.n == 1)
		d.best = 1;
	snprintf(line, sizeof(line), "show route %s%s all where source = "
	    "RTS_BGP", strchr(net, '/') ? "" : "for ", net);
	frr_ask(v, line, one_entry, &d);
	if (d.n == 0) {
		fputs("% Network not in table\n", v->out);
	} else {
		fprintf(v->out, "BGP routing table entry for %s, version "
		    "%llu\nPaths: (%u available, ", d.net,
		    (unsigned long long)v->version, d.n);
		fprintf(v->out, d.best ? "best #%u, table default)\n" :
		    "no best path)\n", d.best);
		print_told(v, d.net);
		fputs(d.t.s, v->out);
	}
	text_done(&d.t);
	return d.n == 0 ? EXIT_WRONG : EXIT_OK;
}

int
frr_adj(struct frr_view *v, unsigned family, const char *who,
    enum frr_adj what)
{
	static const char *const form[] = {
		[FRR_ADJ_ADVERTISED] = "export", [FRR_ADJ_RECEIVED] = "import",
		[FRR_ADJ_ROUTES] = "protocol",
	};
	const struct json_node *p = frr_peer(v, who);
	struct paths ps = { .v = v, .family = family ? family : 4 };
	char line[256];
	size_t nets;

	if (p == NULL) {
		fputs("% No such neighbor or address family\n", v->out);
		return EXIT_WRONG;
	}
	ps.all_best = what != FRR_ADJ_ROUTES;
	ps.told_inside = what == FRR_ADJ_ADVERTISED && !frr_external(p);
	ps.self = what == FRR_ADJ_ADVERTISED && frr_external(p);
	snprintf(line, sizeof(line), "show route all %s %s", form[what],
	    node_text(p, "name"));
	frr_ask(v, line, keep_path, &ps);
	if (ps.n > 0) {
		head(v);
		nets = print_paths(&ps);
		if (what == FRR_ADJ_ROUTES)
			displayed(v, nets, count_table(v, ps.family));
		else
			fprintf(v->out, "\nTotal number of prefixes %zu\n",
			    nets);
	}
	free(ps.p);
	return EXIT_OK;
}

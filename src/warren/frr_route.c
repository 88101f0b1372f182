/* SPDX-License-Identifier: ISC */
/* show ip route, show ipv6 route: zebra's columns. */
#include <stdlib.h>
#include <string.h>

#include "warren/frr_impl.h"

struct line {
	struct ip ip;
	unsigned len;
	bool best;
	const char *s;
};

struct table {
	struct frr_view *v;
	unsigned family;
	struct line *line;
	size_t n, cap;
};

static void
legend(FILE *f, unsigned family)
{
	fprintf(f, "Codes: K - kernel route, C - connected, S - static, "
	    "%s\n", family == 4 ? "R - RIP,\n"
	    "       O - OSPF, I - IS-IS, B - BGP, E - EIGRP, N - NHRP,\n"
	    "       T - Table, v - VNC, V - VNC-Direct, A - Babel, F - PBR,\n"
	    "       f - OpenFabric," : "R - RIPng,\n"
	    "       O - OSPFv3, I - IS-IS, B - BGP, N - NHRP, T - Table,\n"
	    "       v - VNC, V - VNC-Direct, A - Babel, F - PBR,\n"
	    "       f - OpenFabric,");
	fputs("       > - selected route, * - FIB route, q - queued, "
	    "r - rejected, b - backup\n"
	    "       t - trapped, o - offload failure\n\n", f);
}

struct kind {
	char code;
	const char *name;
	unsigned distance;
};

static struct kind
kind_of(const struct frr_view *v, const struct json_node *r)
{
	const char *s = node_text(r, "source");
	const struct json_node *p;

	if (strcmp(s, "BGP") == 0) {
		p = frr_peer(v, node_text(r, "protocol"));
		return (struct kind){ 'B', "bgp",
		    p != NULL && !frr_external(p) ? 200 : 20 };
	}
	if (strcmp(s, "device") == 0)
		return (struct kind){ 'C', "connected", 0 };
	if (strcmp(s, "inherit") == 0)
		return (struct kind){ 'K', "kernel", 0 };
	return (struct kind){ 'S', "static", 1 };
}

static bool
in_fib(const struct json_node *r)
{
	return node_true(r, "best") && !node_true(r, "in_kernel_failed");
}

static void
hop_text(const struct json_node *h, bool weight, struct text *t)
{
	const char *gw = node_text(h, "gw"), *dev = node_text(h, "interface");

	if (*gw != '\0')
		text_printf(t, "via %s, %s", gw, dev);
	else
		text_printf(t, "is directly connected, %s", dev);
	if (weight)
		text_printf(t, ", weight %s", node_text(h, "weight"));
}

static const char *
nowhere(const struct json_node *r)
{
	const char *d = node_text(r, "dest");

	return strcmp(d, "blackhole") == 0 ? "unreachable (blackhole)" :
	    strcmp(d, "prohibited") == 0 ?
	    "unreachable (ICMP admin-prohibited)" :
	    "unreachable (ICMP unreachable)";
}

/* The first hop stands behind the net, the others below it. */
static void
route_text(const struct frr_view *v, const struct json_node *r,
    struct text *t)
{
	const struct kind k = kind_of(v, r);
	const struct json_node *h = node_at(r, "nexthops");
	const bool weight = k.code == 'B' || k.code == 'S';
	const char fib = in_fib(r) ? '*' : ' ';
	size_t width;
	char ago[32];

	frr_ago(node_text(r, "since"), ago, sizeof(ago));
	text_printf(t, "%c%c%c %s", k.code, node_true(r, "best") ? '>' : ' ',
	    fib, node_text(r, "net"));
	if (k.code != 'C')
		text_printf(t, " [%u/0]", k.distance);
	width = t->n;
	h = h != NULL ? h->child : NULL;
	if (h == NULL)
		text_printf(t, " %s%s, %s\n", nowhere(r), weight ?
		    ", weight 1" : "", ago);
	for (bool first = true; h != NULL; h = h->next, first = false) {
		if (first)
			text_addc(t, ' ');
		else
			text_printf(t, "  %c%*s", fib, (int)width - 2, "");
		hop_text(h, weight, t);
		text_printf(t, ", %s\n", ago);
	}
}

static bool
add_line(struct table *t, const char *net, bool best, const char *s)
{
	const char *slash = strchr(net, '/');
	char buf[PREFIX_TEXT];
	struct line *l;

	if (t->n == t->cap) {
		t->cap = t->cap ? t->cap * 2 : 256;
		l = realloc(t->line, t->cap * sizeof(*l));
		if (l == NULL)
			return false;
		t->line = l;
	}
	l = &t->line[t->n];
	snprintf(buf, sizeof(buf), "%.*s", (int)strcspn(net, "/"), net);
	if (!ip_parse(buf, &l->ip))
		return false;
	l->len = slash ? (unsigned)atoi(slash + 1) : 128;
	l->best = best;
	l->s = arena_strdup(t->v->a, s);
	t->n += l->s != NULL;
	return true;
}

static void
keep(void *ctx, const struct json_node *r)
{
	struct table *t = ctx;
	struct text s;

	/* zebra knows of BGP's best alone. */
	if (frr_family(node_text(r, "net")) != t->family ||
	    node_true(r, "filtered") || (!node_true(r, "best") &&
	    strcmp(node_text(r, "source"), "BGP") == 0))
		return;
	text_init(&s, 1 << 16);
	route_text(t->v, r, &s);
	add_line(t, node_text(r, "net"), node_true(r, "best"), s.s);
	text_done(&s);
}

static int
by_net(const void *a, const void *b)
{
	const struct line *x = a, *y = b;
	const int c = ip_cmp(x->ip, y->ip);

	if (c != 0 || x->len != y->len)
		return c != 0 ? c : x->len < y->len ? -1 : 1;
	return (int)y->best - (int)x->best;
}

/* One net: what zebra says of it. */
static void
entry(void *ctx, const struct json_node *r)
{
	struct table *t = ctx;
	const struct kind k = kind_of(t->v, r);
	const struct json_node *h = node_at(r, "nexthops");
	char ago[32];

	if (node_true(r, "filtered"))
		return;
	frr_ago(node_text(r, "since"), ago, sizeof(ago));
	fprintf(t->v->out, "Routing entry for %s\n  Known via \"%s\", "
	    "distance %u, metric 0%s\n  Last update %s ago\n",
	    node_text(r, "net"), k.name, k.distance,
	    node_true(r, "best") ? ", best" : "", ago);
	h = h != NULL ? h->child : NULL;
	if (h == NULL)
		fprintf(t->v->out, "  %c %s\n", in_fib(r) ? '*' : ' ',
		    nowhere(r));
	for (; h != NULL; h = h->next) {
		const char *gw = node_text(h, "gw");

		fprintf(t->v->out, "  %c %s%s %s%s", in_fib(r) ? '*' : ' ',
		    *gw ? gw : "directly connected", ",",
		    *gw ? "via " : "", node_text(h, "interface"));
		fprintf(t->v->out, k.code == 'B' || k.code == 'S' ?
		    ", weight %s\n" : "%.0s\n", node_text(h, "weight"));
	}
	fputc('\n', t->v->out);
	t->n++;
}

int
frr_routes(struct frr_view *v, unsigned family, const char *net)
{
	struct table t = { .v = v, .family = family };
	char line[256];

	if (net != NULL) {
		snprintf(line, sizeof(line), "show route %s%s",
		    strchr(net, '/') ? "" : "for ", net);
		frr_ask(v, line, entry, &t);
		if (t.n == 0)
			fputs("% Network not in table\n", v->out);
		return t.n == 0 ? EXIT_WRONG : EXIT_OK;
	}
	frr_ask(v, "show route", keep, &t);
	legend(v->out, family);
	if (t.n > 0)
		qsort(t.line, t.n, sizeof(*t.line), by_net);
	for (size_t i = 0; i < t.n; i++)
		fputs(t.line[i].s, v->out);
	free(t.line);
	return v->answer == EXIT_NO_DAEMON ? EXIT_NO_DAEMON : EXIT_OK;
}

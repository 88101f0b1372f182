/* SPDX-License-Identifier: ISC */
/* show [ip] bgp ..., show ip route: which of them a line is. */
#include <stdlib.h>
#include <string.h>

#include "warren/frr_impl.h"

#define WORDS	16

struct words {
	char *w[WORDS];
	unsigned n, i;
	char buf[512];
};

static bool
split(struct words *w, const char *line)
{
	char *save = NULL;

	w->n = w->i = 0;
	if (strlen(line) >= sizeof(w->buf))
		return false;
	strcpy(w->buf, line);
	for (char *s = strtok_r(w->buf, " \t", &save); s != NULL;
	    s = strtok_r(NULL, " \t", &save)) {
		if (w->n == WORDS)
			return false;
		w->w[w->n++] = s;
	}
	return true;
}

/* A word, or a beginning of at least so many letters. */
static bool
take(struct words *w, const char *word, size_t least)
{
	const char *s = w->i < w->n ? w->w[w->i] : "";

	if (strlen(s) < least || strncmp(word, s, strlen(s)) != 0)
		return false;
	w->i++;
	return true;
}

struct frr_request {
	enum { R_SUMMARY, R_TABLE, R_ENTRY, R_NEIGHBORS, R_ADJ, R_ROUTES } what;
	unsigned family;		/* 4, 6; 0: both */
	const char *arg;
	enum frr_adj adj;
	bool titled;
};

static bool
is_end(const struct words *w)
{
	return w->i == w->n;
}

/* ... [X [received-routes | advertised-routes | routes]] */
static bool
neighbors(struct words *w, struct frr_request *r)
{
	r->what = R_NEIGHBORS;
	if (is_end(w))
		return true;
	r->arg = w->w[w->i++];
	if (is_end(w))
		return true;
	r->what = R_ADJ;
	if (take(w, "received-routes", 3))
		r->adj = FRR_ADJ_RECEIVED;
	else if (take(w, "advertised-routes", 3))
		r->adj = FRR_ADJ_ADVERTISED;
	else if (take(w, "routes", 2))
		r->adj = FRR_ADJ_ROUTES;
	else
		return false;
	return is_end(w);
}

static bool
bgp(struct words *w, struct frr_request *r)
{
	if (take(w, "ipv4", 4))
		r->family = 4;
	else if (take(w, "ipv6", 4))
		r->family = 6;
	r->titled = !take(w, "unicast", 2);
	if (take(w, "summary", 2)) {
		r->what = R_SUMMARY;
		return is_end(w);
	}
	if (take(w, "neighbors", 2))
		return neighbors(w, r);
	if (r->family == 0)
		r->family = 4;
	if (is_end(w)) {
		r->what = R_TABLE;
		return true;
	}
	r->what = R_ENTRY;
	r->arg = w->w[w->i++];
	if (strchr(r->arg, ':') != NULL)
		r->family = 6;
	return is_end(w) && (frr_family(r->arg) != 0);
}

static bool
parse(struct words *w, struct frr_request *r)
{
	const bool ip = w->n > 1 && strcmp(w->w[1], "ip") == 0;
	const bool six = w->n > 1 && strcmp(w->w[1], "ipv6") == 0;

	if (!take(w, "show", 2))
		return false;
	w->i += ip || six;
	r->family = ip ? 4 : six ? 6 : 0;
	if (take(w, "bgp", 3))
		return bgp(w, r);
	if ((!ip && !six) || !take(w, "route", 2))
		return false;
	r->what = R_ROUTES;
	r->arg = is_end(w) ? NULL : w->w[w->i++];
	return is_end(w) && (r->arg == NULL || frr_family(r->arg) != 0);
}

/* What of ours has the same in JSON. */
static int
as_json(struct client *c, const struct frr_request *r,
    const struct client_how *how)
{
	const char *type = r->family == 6 ? "NET_IP6" : "NET_IP4";
	char line[512];

	switch (r->what) {
	case R_SUMMARY: case R_NEIGHBORS: case R_ADJ:
		snprintf(line, sizeof(line), "show protocols");
		break;
	case R_ENTRY:
		snprintf(line, sizeof(line), "show route for %s all where "
		    "source = RTS_BGP", r->arg);
		break;
	case R_TABLE:
		snprintf(line, sizeof(line), "show route all where "
		    "net.type = %s && source = RTS_BGP", type);
		break;
	case R_ROUTES:
		snprintf(line, sizeof(line), "show route %s%s where "
		    "net.type = %s", r->arg ? "for " : "",
		    r->arg ? r->arg : "", type);
		break;
	}
	return client_ask(c, line, how);
}

static int
serve(struct frr_view *v, const struct frr_request *r)
{
	switch (r->what) {
	case R_SUMMARY:
		return frr_summary(v, r->family);
	case R_TABLE:
		return frr_table(v, r->family);
	case R_ENTRY:
		return frr_entry(v, r->family, r->arg);
	case R_NEIGHBORS:
		return frr_neighbors(v, r->arg);
	case R_ADJ:
		return frr_adj(v, r->family, r->arg, r->adj);
	case R_ROUTES:
		return frr_routes(v, r->family, r->arg);
	}
	return EXIT_USAGE;
}

int
frr_command(struct client *c, const char *line, const struct client_how *how)
{
	struct frr_request r = { .family = 0 };
	struct frr_view v;
	struct words w;
	int status = EXIT_NO_DAEMON;

	if (how->out == NULL || how->codes || !split(&w, line) ||
	    !parse(&w, &r))
		return -1;
	if (how->json)
		return as_json(c, &r, how);
	if (frr_view_init(&v, c, how->out)) {
		v.titled = r.titled;
		status = serve(&v, &r);
	}
	frr_view_done(&v);
	return status;
}

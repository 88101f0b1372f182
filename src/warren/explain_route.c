/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "look/json.h"
#include "warren/explain.h"

static const char *
attribute(const json_t *r, const char *key)
{
	return look_text(json_object_get(r, "attributes"), key);
}

static long long
number(const json_t *r, const char *key, long long or_else)
{
	const char *s = attribute(r, key);

	return *s ? strtoll(s, NULL, 10) : or_else;
}

/* Hops of a path; a set counts as one, a confederation's as none. */
static unsigned
path_length(const char *s)
{
	unsigned n = 0, inside = 0;

	for (; *s != '\0'; s += strcspn(s, " "), s += strspn(s, " ")) {
		if (*s == '(')
			inside = 1;
		else if (*s == '{')
			n++, inside = 1;
		else if (*s == ')' || *s == '}')
			inside = 0;
		else if (!inside)
			n++;
	}
	return n;
}

static int
origin_rank(const char *s)
{
	return strcmp(s, "IGP") == 0 ? 0 : strcmp(s, "EGP") == 0 ? 1 : 2;
}

static bool
is_bgp(const json_t *r)
{
	return strcmp(look_text(r, "source"), "BGP") == 0;
}

static const json_t *
session_of(const struct explain *x, const json_t *r)
{
	const json_t *p;
	size_t i;

	json_array_foreach(x->protocols, i, p)
		if (strcmp(look_text(p, "name"), look_text(r, "protocol")) ==
		    0)
			return json_object_get(p, "bgp");
	return NULL;
}

/* A reflected route counts as the one's that it comes from. */
static const char *
router_id(const struct explain *x, const json_t *r)
{
	const char *s = attribute(r, "BGP.originator_id");

	return *s ? s : look_text(session_of(x, r), "neighbor_id");
}

/* What is left when all attributes are alike. */
static void
last_steps(const struct explain *x, const json_t *best, const json_t *other,
    char *buf, size_t cap)
{
	const char *a = router_id(x, best), *b = router_id(x, other);
	bool in = json_is_true(json_object_get(session_of(x, best),
	    "internal"));
	bool other_in = json_is_true(json_object_get(session_of(x, other),
	    "internal"));

	if (in != other_in)
		snprintf(buf, cap, "internal, and the other one is external");
	else if (in && strcmp(attribute(best, "BGP.next_hop"),
	    attribute(other, "BGP.next_hop")) != 0)
		snprintf(buf, cap, "by the way to its next hop, or then by "
		    "router id: %s, not %s", b, a);
	else if (strcmp(a, b) != 0)
		snprintf(buf, cap, "by router id: %s, not %s", b, a);
	else
		snprintf(buf, cap, "by cluster list, neighbor's address: %s, "
		    "not %s, or path id", look_text(other, "from"),
		    look_text(best, "from"));
}

/* The first step of the decision at which they differ. */
void
explain_why(const struct explain *x, const json_t *best, const json_t *other,
    char *buf, size_t cap)
{
	long long p = json_integer_value(json_object_get(best, "preference"));
	long long q = json_integer_value(json_object_get(other, "preference"));
	long long a, b;

	if (json_is_true(json_object_get(other, "filtered"))) {
		snprintf(buf, cap, "was filtered at import");
	} else if (p != q) {
		snprintf(buf, cap, "lower preference: %lld, not %lld", q, p);
	} else if (strcmp(look_text(other, "dest"), "unreachable") == 0 &&
	    strcmp(look_text(best, "dest"), "unreachable") != 0) {
		snprintf(buf, cap, "its next hop cannot be reached");
	} else if (!is_bgp(best) || !is_bgp(other)) {
		snprintf(buf, cap, "of two equals the other one stays");
	} else if ((a = number(best, "BGP.local_pref", 100)) !=
	    (b = number(other, "BGP.local_pref", 100))) {
		snprintf(buf, cap, "lower local preference: %lld, not %lld",
		    b, a);
	} else if ((a = path_length(attribute(best, "BGP.as_path"))) !=
	    (b = path_length(attribute(other, "BGP.as_path")))) {
		snprintf(buf, cap, "longer AS path: %lld, not %lld", b, a);
	} else if (origin_rank(attribute(best, "BGP.origin")) !=
	    origin_rank(attribute(other, "BGP.origin"))) {
		snprintf(buf, cap, "origin %s, not %s",
		    attribute(other, "BGP.origin"),
		    attribute(best, "BGP.origin"));
	} else if ((a = number(best, "BGP.med", 0)) !=
	    (b = number(other, "BGP.med", 0))) {
		snprintf(buf, cap, "higher MED: %lld, not %lld", b, a);
	} else {
		last_steps(x, best, other, buf, cap);
	}
}

static void
hop_text(const json_t *r, char *buf, size_t cap)
{
	const json_t *hop = json_array_get(json_object_get(r, "nexthops"), 0);
	const char *gw = look_text(hop, "gw");
	const char *iface = look_text(hop, "interface");

	if (hop == NULL)
		snprintf(buf, cap, "%s", look_text(r, "dest"));
	else if (*gw != '\0')
		snprintf(buf, cap, "via %s on %s", gw, iface);
	else
		snprintf(buf, cap, "dev %s", iface);
}

static void
line_of(const json_t *r, char *buf, size_t cap)
{
	const char *path = attribute(r, "BGP.as_path");
	char hop[128];

	hop_text(r, hop, sizeof(hop));
	snprintf(buf, cap, "%s by %s (%s%s%s), %s", look_text(r, "net"),
	    look_text(r, "protocol"), look_text(r, "source"),
	    *path ? ", path " : "", path, hop);
}

static void
take_best(struct explain *x, const json_t *r)
{
	const json_t *hop = json_array_get(json_object_get(r, "nexthops"), 0);

	prefix_parse(look_text(r, "net"), &x->best);
	if (!ip_parse(look_text(hop, "gw"), &x->best_gw))
		x->best_gw = IP_NONE;
	snprintf(x->best_iface, sizeof(x->best_iface), "%s",
	    look_text(hop, "interface"));
}

static bool
is_route_of(const json_t *r, const struct explain *x)
{
	struct prefix net;

	return prefix_parse(look_text(r, "net"), &net) &&
	    (net.kind == NET_IP4 || net.kind == NET_IP6) &&
	    prefix_has_ip(&net, x->to);
}

static void
others(struct explain *x, const json_t *rows, const json_t *best)
{
	char line[400], why[160];
	const json_t *r;
	size_t i;

	json_array_foreach(rows, i, r) {
		if (r == best || !is_route_of(r, x) || strcmp(
		    look_text(r, "table"), look_text(best, "table")) != 0)
			continue;
		line_of(r, line, sizeof(line));
		explain_why(x, best, r, why, sizeof(why));
		explain_more(x, "not %s: %s", line, why);
	}
}

/* What was announced and did not come in, where such are kept. */
static void
refused(struct explain *x)
{
	char command[128], ip[IP_TEXT], line[400];
	const json_t *r;
	json_t *rows;
	size_t i;

	snprintf(command, sizeof(command), "show route table all filtered "
	    "where %s ~ net all", ip_text(x->to, ip));
	rows = explain_asked(x, command);
	json_array_foreach(rows, i, r) {
		if (!is_route_of(r, x) || !is_bgp(r))
			continue;
		line_of(r, line, sizeof(line));
		explain_more(x, "refused: %s: by the import filter, or it "
		    "would take our LAN or the peer's endpoint (\"underlay "
		    "guard\"): the log says so", line);
	}
	json_decref(rows);
}

void
explain_routes(struct explain *x)
{
	char command[128], ip[IP_TEXT], line[400];
	const json_t *r, *best = NULL;
	json_t *rows;
	size_t i;

	snprintf(command, sizeof(command),
	    "show route for %s table all all", ip_text(x->to, ip));
	rows = explain_asked(x, command);
	/* Of several tables, that of the first answer: master4, master6. */
	json_array_foreach(rows, i, r)
		if (best == NULL && is_route_of(r, x) &&
		    json_is_true(json_object_get(r, "best")))
			best = r;
	if (best != NULL) {
		take_best(x, best);
		line_of(best, line, sizeof(line));
		explain_ok(x, "route", "%s, table %s", line,
		    look_text(best, "table"));
		others(x, rows, best);
	} else if (!x->local) {
		explain_ok(x, "route", "no table of warrend's has one");
	}
	if (best != NULL || !x->local)
		refused(x);
	json_decref(rows);
}

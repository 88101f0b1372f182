/* SPDX-License-Identifier: ISC */
/* Neighbors as "protocol bgp". */
#include <string.h>

#include "import/frr_policy_impl.h"

static const char *
value(const struct frr_neighbor *n, enum frr_af af, enum frr_option o)
{
	const struct frr_opt *v = frr_opt(n, af, o);

	return v != NULL && !v->off ? import_word(v->l, v->at) : NULL;
}

static bool
is_active(const struct frr *f, const struct frr_neighbor *n, enum frr_af af)
{
	const struct frr_opt *v = frr_opt(n, af, FRR_O_ACTIVATE);

	if (v != NULL)
		return !v->off;
	return af == FRR_IP4 ? !f->bgp->no_v4 : f->bgp->v6;
}

static bool
is_member(const struct frr_bgp *b, uint32_t as)
{
	for (unsigned i = 0; i < b->n_members; i++)
		if (b->members[i] == as)
			return true;
	return false;
}

/* False: nobody would know whom to expect. */
static bool
read_as(const struct frr *f, struct frr_peer *p)
{
	const char *s = value(p->n, FRR_IP4, FRR_O_REMOTE_AS);

	p->local_as = f->bgp->as;
	if (s == NULL)
		return false;
	if (strcmp(s, "external") == 0) {
		p->external = p->any_as = true;
	} else if (strcmp(s, "internal") == 0) {
		p->as = f->bgp->as;
	} else if (!import_number(s, UINT32_MAX, &p->as)) {
		return false;
	}
	return true;
}

/* local-as N [no-prepend [replace-as]] */
static void
read_local_as(const struct frr *f, struct frr_peer *p)
{
	const struct frr_opt *v = frr_opt(p->n, FRR_IP4, FRR_O_LOCAL_AS);

	if (!p->any_as)
		p->external = p->as != f->bgp->as &&
		    !is_member(f->bgp, p->as);
	if (v == NULL || v->off || !import_number(import_word(v->l, v->at),
	    UINT32_MAX, &p->local_as) || p->local_as == f->bgp->as)
		return;
	p->other_as = true;
	p->no_prepend = import_is(v->l, v->at + 1, "no-prepend");
	p->replace_as = import_is(v->l, v->at + 2, "replace-as");
}

/* What would end a string is left out. */
static void
print_string(const char *key, const char *s, struct text *out)
{
	text_printf(out, "\t%s \"", key);
	for (; *s != '\0'; s++)
		if (*s != '"')
			text_addc(out, *s);
	text_add(out, "\";\n");
}

static void
print_password(struct frr *f, const struct frr_peer *p, struct text *out)
{
	const char *s = value(p->n, FRR_IP4, FRR_O_PASSWORD);

	if (s == NULL)
		return;
	if (strchr(s, '"') != NULL)
		import_note(&f->im, &p->n->notes, p->n->l, "its password "
		    "has a quotation mark in it, which Warren has no way to "
		    "write");
	else
		print_string("password", s, out);
}

/* update-source: an address, or an interface that the file knows one of. */
static void
print_local(struct frr *f, const struct frr_peer *p, struct text *out)
{
	const struct frr_opt *v = frr_opt(p->n, FRR_IP4, FRR_O_SOURCE);
	const char *s = value(p->n, FRR_IP4, FRR_O_SOURCE);
	const enum frr_af af = ip_is4(p->n->ip) ? FRR_IP4 : FRR_IP6;
	const struct frr_iface *i = f->ifaces;
	struct ip ip = IP_NONE;
	char buf[IP_TEXT];

	if (s != NULL && !ip_parse(s, &ip)) {
		while (i != NULL && strcmp(i->name, s) != 0)
			i = i->next;
		ip = i != NULL ? i->ip[af] : IP_NONE;
		if (ip_is_none(ip))
			import_note(&f->im, &p->n->notes, v->l, "the address "
			    "of %s is not in this file: add it behind "
			    "\"local\"", s);
	}
	text_add(out, "\tlocal");
	if (!ip_is_none(ip))
		text_printf(out, " %s", ip_text(ip, buf));
	text_printf(out, " as %u;\n", p->local_as);
}

static void
print_who(struct frr *f, const struct frr_peer *p, struct text *out)
{
	const char *port = value(p->n, FRR_IP4, FRR_O_PORT);
	const char *iface = value(p->n, FRR_IP4, FRR_O_IFACE);
	char buf[PREFIX_TEXT];

	text_add(out, "\tneighbor ");
	if (p->range != NULL)
		text_printf(out, "range %s", prefix_text(&p->range->net,
		    buf));
	else if (p->n->is_iface)
		text_add(out, "range fe80::/10");
	else
		text_add(out, ip_text(p->n->ip, buf));
	if (port != NULL)
		text_printf(out, " port %s", port);
	if (p->any_as)
		text_add(out, " external;\n");
	else
		text_printf(out, " as %u;\n", p->as);
	if (p->n->is_iface) {
		iface = p->n->name;
		import_note(&f->im, &p->n->notes, p->n->l, "Warren does not "
		    "look for the neighbor: it waits to be called by it. Over "
		    "WireGuard, \"neighbor wireguard\" does better");
	}
	if (iface != NULL)
		text_printf(out, "\tinterface \"%s\";\n", iface);
	else if (ip_is_link_local(p->n->ip))
		import_note(&f->im, &p->n->notes, p->n->l,
		    "a link-local neighbor needs an \"interface\"");
}

static void
print_distance(struct frr *f, const struct frr_peer *p, struct text *out)
{
	const char *hops = value(p->n, FRR_IP4, FRR_O_MULTIHOP);
	const char *ttl = value(p->n, FRR_IP4, FRR_O_TTL);
	uint32_t n;

	if (ttl != NULL) {
		text_add(out, "\tttl security on;\n");
		if (import_number(ttl, 254, &n) && n > 1)
			text_printf(out, "\tmultihop %u;\n", n);
	} else if (hops != NULL && p->external) {
		n = 255;
		import_number(hops, 255, &n);
		text_printf(out, "\tmultihop %u;\n", n > 0 ? n : 255);
	} else if (p->external && (f->bgp->no_direct_check ||
	    frr_opt_on(p->n, FRR_IP4, FRR_O_NO_CHECK))) {
		text_add(out, "\tmultihop 1;\n");
	}
}

static void
print_times(struct frr *f, const struct frr_peer *p, struct text *out)
{
	const struct frr_opt *v = frr_opt(p->n, FRR_IP4, FRR_O_TIMERS);
	const char *connect = value(p->n, FRR_IP4, FRR_O_CONNECT);
	uint32_t keep = f->bgp->keepalive, hold = f->bgp->hold;
	uint32_t retry = f->bgp->connect;

	if (v != NULL && !v->off) {
		import_number(import_word(v->l, v->at), 65535, &keep);
		import_number(import_word(v->l, v->at + 1), 65535, &hold);
	}
	if (connect != NULL)
		import_number(connect, 65535, &retry);
	text_printf(out, "\thold time %u;\n", hold);
	if (hold > 0 && keep > 0)
		text_printf(out, "\tkeepalive time %u;\n",
		    keep < hold / 3 ? keep : hold / 3 ? hold / 3 : 1);
	if (retry != 120 && retry > 0)
		text_printf(out, "\tconnect retry time %u;\n", retry);
	if (f->bgp->min_hold > 0)
		text_printf(out, "\tmin hold time %u;\n", f->bgp->min_hold);
}

static void
print_restart(const struct frr *f, const struct frr_peer *p,
    struct text *out)
{
	const struct frr_bgp *b = f->bgp;
	bool on = b->graceful, off = b->graceful_off;

	if (frr_opt_on(p->n, FRR_IP4, FRR_O_GR))
		on = true, off = false;
	if (frr_opt_on(p->n, FRR_IP4, FRR_O_GR_HELPER))
		on = off = false;
	if (frr_opt_on(p->n, FRR_IP4, FRR_O_GR_OFF))
		off = true;
	text_printf(out, "\tgraceful restart %s;\n", off ? "off" :
	    on ? "on" : "aware");
	if (on && b->gr_time > 0)
		text_printf(out, "\tgraceful restart time %u;\n",
		    b->gr_time);
}

/* bfd [MULTIPLIER RX TX] [profile …] [check-control-plane-failure] */
static void
print_bfd(struct frr *f, const struct frr_peer *p, struct text *out)
{
	const struct frr_opt *v = frr_opt(p->n, FRR_IP4, FRR_O_BFD);
	uint32_t n[3];

	if (v == NULL || v->off)
		return;
	for (unsigned i = 0; i < 3; i++)
		if (!import_number(import_word(v->l, v->at + i), 60000,
		    &n[i])) {
			text_add(out, "\tbfd on;\n");
			if (v->at < v->l->n)
				import_note(&f->im, &p->n->notes, v->l,
				    "with BFD's defaults");
			return;
		}
	text_printf(out, "\tbfd { multiplier %u; min rx interval %u ms; "
	    "min tx interval %u ms; };\n", n[0], n[1], n[2]);
}

/* Options of one family in FRR, of the whole session here. */
static bool
in_any(const struct frr *f, const struct frr_neighbor *n, enum frr_option o)
{
	return (is_active(f, n, FRR_IP4) && frr_opt_on(n, FRR_IP4, o)) ||
	    (is_active(f, n, FRR_IP6) && frr_opt_on(n, FRR_IP6, o));
}

static void
print_loops(const struct frr *f, const struct frr_peer *p, struct text *out)
{
	for (unsigned af = 0; af < FRR_AFS; af++) {
		const char *s = value(p->n, af, FRR_O_ALLOWAS);
		uint32_t n = 3;

		if (s == NULL || !is_active(f, p->n, af))
			continue;
		import_number(s, 10, &n);
		text_printf(out, "\tallow local as %u;\n", n);
		return;
	}
}

static void
print_role(const struct frr_peer *p, struct text *out)
{
	const struct frr_opt *v = frr_opt(p->n, FRR_IP4, FRR_O_ROLE);
	const char *s = value(p->n, FRR_IP4, FRR_O_ROLE);

	if (s == NULL)
		return;
	text_printf(out, "\tlocal role %s;\n",
	    strcmp(s, "rs-server") == 0 ? "rs_server" :
	    strcmp(s, "rs-client") == 0 ? "rs_client" : s);
	if (import_is(v->l, v->at + 1, "strict-mode"))
		text_add(out, "\trequire roles on;\n");
}

/* How the best of several routes is found: BGP's options, of each session. */
static void
print_decision(const struct frr *f, const struct frr_peer *p,
    struct text *out)
{
	const struct frr_bgp *b = f->bgp;
	const struct frr_opt *v = frr_opt(p->n, FRR_IP4, FRR_O_FIRST_AS);

	if (b->local_pref != 100)
		text_printf(out, "\tdefault bgp_local_pref %u;\n",
		    b->local_pref);
	if (b->compare_med)
		text_add(out, "\tmed metric on;\n");
	if (b->deterministic_med)
		text_add(out, "\tdeterministic med on;\n");
	if (b->med_worst)
		text_add(out, "\tdefault bgp_med 4294967295;\n");
	if (b->path_ignore)
		text_add(out, "\tpath metric off;\n");
	if (p->external && !b->compare_id)
		text_add(out, "\tprefer older on;\n");
	if (!b->reject_sets)
		text_add(out, "\tallow as sets on;\n");
	if (p->external && (v != NULL ? !v->off : b->enforce_first))
		text_add(out, "\tenforce first as on;\n");
}

static void
print_session(struct frr *f, const struct frr_peer *p, struct text *out)
{
	const struct frr_bgp *b = f->bgp;

	print_password(f, p, out);
	print_distance(f, p, out);
	print_times(f, p, out);
	print_restart(f, p, out);
	print_bfd(f, p, out);
	print_role(p, out);
	if (frr_opt_on(p->n, FRR_IP4, FRR_O_SHUTDOWN))
		text_add(out, "\tdisabled on;\n");
	if (frr_opt_on(p->n, FRR_IP4, FRR_O_PASSIVE))
		text_add(out, "\tpassive on;\n");
	if (frr_opt_on(p->n, FRR_IP4, FRR_O_NO_CAPS))
		text_add(out, "\tcapabilities off;\n");
	if (b->confed != 0) {
		text_printf(out, "\tconfederation %u;\n", b->confed);
		if (!p->external && p->as != b->as)
			text_add(out, "\tconfederation member on;\n");
	}
	if (in_any(f, p->n, FRR_O_RR)) {
		text_add(out, "\trr client;\n");
		if (b->cluster_id != NULL)
			text_printf(out, "\trr cluster id %s;\n",
			    b->cluster_id);
	}
	if (in_any(f, p->n, FRR_O_RS))
		text_add(out, "\trs client;\n");
	print_loops(f, p, out);
	print_decision(f, p, out);
}

/* maximum-prefix N [%] [warning-only | restart M | force] */
static void
print_limits(struct frr *f, const struct frr_peer *p, enum frr_af af,
    struct text *out)
{
	const struct frr_opt *v = frr_opt(p->n, af, FRR_O_MAX);
	const char *most = value(p->n, af, FRR_O_MAX_OUT);
	const char *action = "disable", *kind = "import";
	uint32_t n;

	if (most != NULL && import_number(most, UINT32_MAX, &n))
		text_printf(out, "\t\texport limit %u action block;\n", n);
	if (v == NULL || v->off ||
	    !import_number(import_word(v->l, v->at), UINT32_MAX, &n))
		return;
	for (unsigned i = v->at + 1; i < v->l->n; i++) {
		if (import_is(v->l, i, "warning-only")) {
			action = "warn";
		} else if (import_is(v->l, i, "force")) {
			kind = "receive";
		} else if (import_is(v->l, i, "restart")) {
			action = "restart";
			import_note(&f->im, &p->n->notes, v->l, "the time "
			    "until it starts again is Warren's own");
		}
	}
	text_printf(out, "\t\t%s limit %u action %s;\n", kind, n, action);
}

static bool
reflects(const struct frr *f)
{
	for (const struct frr_neighbor *n = f->bgp->neighbors; n != NULL;
	    n = n->next)
		if (in_any(f, n, FRR_O_RR))
			return true;
	return false;
}

/* It does not change what is reflected, unless told to. */
static void
print_hop(struct frr *f, const struct frr_peer *p, enum frr_af af,
    struct text *out)
{
	const char *self = value(p->n, af, FRR_O_SELF);
	const struct frr_opt *keep = frr_opt(p->n, af, FRR_O_UNCHANGED);
	const bool six = p->n->is_iface || ip_is_link_local(p->n->ip);

	if (self != NULL)
		text_printf(out, "\t\tnext hop self %s;\n", *self == '\0' &&
		    !p->external && reflects(f) ? "ebgp" : "on");
	if (keep != NULL && !keep->off) {
		bool hop = keep->at >= keep->l->n;

		for (unsigned i = keep->at; i < keep->l->n; i++)
			hop = hop || import_is(keep->l, i, "next-hop");
		if (hop)
			text_add(out, "\t\tnext hop keep on;\n");
		if (keep->l->n != keep->at + 1 || !hop)
			import_note(&f->im, &p->n->notes, keep->l,
			    "the next hop alone is carried over");
	}
	if (af == FRR_IP4 && !ip_is4(p->n->ip) && (six ||
	    frr_opt_on(p->n, FRR_IP4, FRR_O_EXTENDED)))
		text_add(out, "\t\textended next hop on;\n");
}

static void
print_channel(struct frr *f, const struct frr_peer *p, enum frr_af af,
    struct text *out)
{
	const bool tx = frr_opt_on(p->n, af, FRR_O_ADDPATH) ||
	    frr_opt_on(p->n, af, FRR_O_ADDPATH_AS);
	const bool rx = !frr_opt_on(p->n, af, FRR_O_NO_RX);
	const struct frr_opt *v = frr_opt(p->n, af, FRR_O_ADDPATH_AS);

	text_printf(out, "\t%s {\n", frr_af_name(af));
	if (frr_opt_on(p->n, af, FRR_O_SOFT))
		text_add(out, "\t\timport table on;\n"
		    "\t\timport keep filtered on;\n");
	print_limits(f, p, af, out);
	print_hop(f, p, af, out);
	if (tx || rx)
		text_printf(out, "\t\tadd paths %s;\n", tx && rx ? "on" :
		    tx ? "tx" : "rx");
	if (v != NULL && !v->off)
		import_note(&f->im, &p->n->notes, v->l,
		    "all paths are announced, not the best of each AS");
	frr_import_print(f, p, af, out);
	frr_export_print(f, p, af, out);
	text_add(out, "\t};\n");
}

static void
print_peer(struct frr *f, const struct frr_peer *p, struct text *out)
{
	const char *about = value(p->n, FRR_IP4, FRR_O_DESCRIPTION);
	const struct frr_opt *v = frr_opt(p->n, FRR_IP4, FRR_O_DESCRIPTION);
	struct text body;

	text_init(&body, 16 << 20);
	if (about != NULL)
		print_string("description", import_from(v->l, v->at), &body);
	print_local(f, p, &body);
	print_who(f, p, &body);
	print_session(f, p, &body);
	for (unsigned af = 0; af < FRR_AFS; af++)
		if (is_active(f, p->n, af))
			print_channel(f, p, af, &body);
	import_notes_print(&f->im, &p->n->notes, "", out);
	text_printf(out, "protocol bgp %s {\n%s}\n\n", p->n->symbol, body.s);
	out->bad = out->bad || body.bad;
	text_done(&body);
}

/* A neighbor that could not start is left out, and it is said why. */
static void
neighbor(struct frr *f, struct frr_peer *p, struct text *out)
{
	const char *why = NULL;

	if (!read_as(f, p))
		why = "it has no remote-as: left out";
	else if (ip_is_none(p->n->ip) && !p->n->is_iface && p->range == NULL)
		why = "this is neither an address nor an interface: left out";
	else if (!is_active(f, p->n, FRR_IP4) &&
	    !is_active(f, p->n, FRR_IP6))
		why = "no address family is active: left out";
	read_local_as(f, p);
	if (p->n->group != NULL)
		text_printf(out, "# peer-group %s\n", p->n->group->name);
	if (why == NULL) {
		print_peer(f, p, out);
		return;
	}
	import_note(&f->im, &p->n->notes, p->n->l, "%s", why);
	import_notes_print(&f->im, &p->n->notes, "", out);
	text_addc(out, '\n');
}

/* The names are wanted before the first filter is printed. */
static void
name_all(struct frr *f)
{
	for (struct frr_neighbor *n = f->bgp->neighbors; n != NULL;
	    n = n->next)
		n->symbol = frr_symbol(f, n->is_group ? "range_" : "peer_",
		    n->name);
}

void
frr_neighbors_print(struct frr *f, struct text *out)
{
	struct frr_peer p;

	if (f->bgp == NULL)
		return;
	name_all(f);
	for (struct frr_neighbor *n = f->bgp->neighbors; n != NULL;
	    n = n->next) {
		if (n->is_group)
			continue;
		p = (struct frr_peer){ .n = n };
		neighbor(f, &p, out);
	}
	for (const struct frr_range *r = f->bgp->ranges; r != NULL;
	    r = r->next) {
		p = (struct frr_peer){ .range = r };
		p.n = frr_neighbor_find(f, r->group);
		if (p.n == NULL)
			import_note(&f->im, &f->bgp->notes, r->l,
			    "there is no such peer-group");
		else
			neighbor(f, &p, out);
	}
}

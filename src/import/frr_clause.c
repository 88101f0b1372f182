/* SPDX-License-Identifier: ISC */
/* What each match and set of a route-map is in Warren. */
#include <string.h>

#include "import/frr_impl.h"

struct ctx {
	struct frr *f;
	struct frr_map *m;
	enum frr_use use;
	const struct import_line *l;
	unsigned at;
	const char *indent;
	struct text *out;
};

static const char *
arg(const struct ctx *c, unsigned i)
{
	return import_word(c->l, c->at + i);
}

static bool
number(const struct ctx *c, unsigned i, uint32_t *ret)
{
	return import_number(arg(c, i), UINT32_MAX, ret);
}

/* A list of this kind, about the net. */
static bool
net_list(struct ctx *c, enum frr_kind k)
{
	frr_list_test(c->f, k, arg(c, 0), c->out);
	return true;
}

static bool
m_address(struct ctx *c)
{
	return net_list(c, FRR_ALIST4);
}

static bool
m_plist(struct ctx *c)
{
	return net_list(c, FRR_PLIST4);
}

static bool
m_address6(struct ctx *c)
{
	return net_list(c, FRR_ALIST6);
}

static bool
m_plist6(struct ctx *c)
{
	return net_list(c, FRR_PLIST6);
}

static bool
m_as_path(struct ctx *c)
{
	return net_list(c, FRR_ASLIST);
}

static bool
prefix_len(struct ctx *c, const char *kind)
{
	uint32_t n;

	if (!number(c, 0, &n))
		return false;
	text_printf(c->out, "net.type = %s && net.len = %u", kind, n);
	return true;
}

static bool
m_len(struct ctx *c)
{
	return prefix_len(c, "NET_IP4");
}

static bool
m_len6(struct ctx *c)
{
	return prefix_len(c, "NET_IP6");
}

static bool
host_list(struct ctx *c, enum frr_kind k, const char *what)
{
	text_printf(c->out, "defined(%s) && ", what);
	frr_list_host_test(c->f, k, arg(c, 0), what, c->out);
	return true;
}

static bool
m_hop(struct ctx *c)
{
	return host_list(c, FRR_ALIST4, "bgp_next_hop");
}

static bool
m_hop_plist(struct ctx *c)
{
	return host_list(c, FRR_PLIST4, "bgp_next_hop");
}

static bool
m_hop_plist6(struct ctx *c)
{
	return host_list(c, FRR_PLIST6, "bgp_next_hop");
}

static bool
m_hop_address(struct ctx *c)
{
	struct ip ip;

	if (!ip_parse(arg(c, 0), &ip))
		return false;
	text_printf(c->out, "defined(bgp_next_hop) && bgp_next_hop = %s",
	    arg(c, 0));
	return true;
}

static bool
m_blackhole(struct ctx *c)
{
	text_add(c->out, "dest = RTD_BLACKHOLE");
	return true;
}

static bool
m_source(struct ctx *c)
{
	return host_list(c, FRR_ALIST4, "from");
}

static bool
m_source_plist(struct ctx *c)
{
	return host_list(c, FRR_PLIST4, "from");
}

static bool
communities(struct ctx *c, enum frr_kind k)
{
	struct frr_list *l = frr_list_find(c->f, k, arg(c, 0));

	if (strcmp(arg(c, 1), "any") == 0)
		return false;
	if (strcmp(arg(c, 1), "exact-match") != 0)
		return net_list(c, k);
	if (l == NULL) {
		text_add(c->out, "false");
		return true;
	}
	l->used_host = true;
	text_printf(c->out, "%s_exact()", frr_list_symbol(c->f, k, l->name));
	return true;
}

static bool
m_community(struct ctx *c)
{
	return communities(c, FRR_CLIST);
}

static bool
m_large(struct ctx *c)
{
	return communities(c, FRR_LCLIST);
}

static bool
m_ext(struct ctx *c)
{
	return communities(c, FRR_ECLIST);
}

static bool
equals(struct ctx *c, const char *what)
{
	uint32_t n;

	if (!number(c, 0, &n))
		return false;
	text_printf(c->out, "defined(%s) && %s = %u", what, what, n);
	return true;
}

/* FRR's routes have a metric of 0 where none came. */
static bool
m_metric(struct ctx *c)
{
	uint32_t n;

	if (!number(c, 0, &n))
		return false;
	if (n != 0)
		return equals(c, "bgp_med");
	text_add(c->out, "(!defined(bgp_med) || bgp_med = 0)");
	return true;
}

static bool
m_pref(struct ctx *c)
{
	return equals(c, "bgp_local_pref");
}

static bool
m_tag(struct ctx *c)
{
	c->f->needs_tag = true;
	return equals(c, "frr_tag");
}

static bool
m_origin(struct ctx *c)
{
	const char *s = arg(c, 0);

	if (strcmp(s, "igp") != 0 && strcmp(s, "egp") != 0 &&
	    strcmp(s, "incomplete") != 0)
		return false;
	text_printf(c->out, "bgp_origin = ORIGIN_%s", *s == 'e' ? "EGP" :
	    s[1] == 'g' ? "IGP" : "INCOMPLETE");
	return true;
}

static bool
m_peer(struct ctx *c)
{
	const struct frr_neighbor *n;
	struct ip ip;

	if (strcmp(arg(c, 0), "local") == 0) {
		/* What begins here, and is on its way into the table. */
		text_add(c->out, c->use == FRR_USE_ORIGIN ? "true" :
		    "false");
		return true;
	}
	if (ip_parse(arg(c, 0), &ip)) {
		text_printf(c->out, "peer = %s", arg(c, 0));
		return true;
	}
	n = c->f->bgp ? frr_neighbor_find(c->f, arg(c, 0)) : NULL;
	if (n == NULL || n->symbol == NULL || c->use != FRR_USE_IN)
		return false;
	text_printf(c->out, "proto = \"%s\"", n->symbol);
	return true;
}

static bool
m_proto(struct ctx *c)
{
	static const char *const map[][2] = {
		{ "bgp", "RTS_BGP" }, { "connected", "RTS_DEVICE" },
		{ "static", "RTS_STATIC" }, { "kernel", "RTS_INHERIT" },
	};

	for (unsigned i = 0; i < 4; i++)
		if (strcmp(arg(c, 0), map[i][0]) == 0)
			return text_printf(c->out, "source = %s",
			    map[i][1]), true;
	return false;
}

static bool
m_iface(struct ctx *c)
{
	text_printf(c->out, "ifname = \"%s\"", arg(c, 0));
	return strchr(arg(c, 0), '"') == NULL;
}

static bool
m_rpki(struct ctx *c)
{
	const char *s = arg(c, 0);
	const char *state = strcmp(s, "valid") == 0 ? "VALID" :
	    strcmp(s, "invalid") == 0 ? "INVALID" :
	    strcmp(s, "notfound") == 0 ? "UNKNOWN" : NULL;

	if (state == NULL)
		return false;
	c->f->needs_rpki = true;
	text_printf(c->out, "frr_rpki() = ROA_%s", state);
	return true;
}

struct row {
	const char *words;		/* behind "match" or "set" */
	bool (*match)(struct ctx *c);
	bool (*set)(struct ctx *c);
};

static const struct row matches[] = {
	{ "ip address prefix-list", m_plist },
	{ "ip address prefix-len", m_len },
	{ "ip address", m_address },
	{ "ip next-hop prefix-list", m_hop_plist },
	{ "ip next-hop address", m_hop_address },
	{ "ip next-hop type blackhole", m_blackhole },
	{ "ip next-hop", m_hop },
	{ "ip route-source prefix-list", m_source_plist },
	{ "ip route-source", m_source },
	{ "ipv6 address prefix-list", m_plist6 },
	{ "ipv6 address prefix-len", m_len6 },
	{ "ipv6 address", m_address6 },
	{ "ipv6 next-hop prefix-list", m_hop_plist6 },
	{ "ipv6 next-hop address", m_hop_address },
	{ "ipv6 next-hop type blackhole", m_blackhole },
	{ "as-path", m_as_path }, { "community", m_community },
	{ "large-community", m_large }, { "extcommunity", m_ext },
	{ "metric", m_metric }, { "local-preference", m_pref },
	{ "tag", m_tag }, { "origin", m_origin }, { "peer", m_peer },
	{ "source-protocol", m_proto }, { "interface", m_iface },
	{ "rpki", m_rpki },
};

static bool put(struct ctx *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static bool
put(struct ctx *c, const char *fmt, ...)
{
	va_list ap;

	text_add(c->out, c->indent);
	va_start(ap, fmt);
	text_vprintf(c->out, fmt, ap);
	va_end(ap);
	text_add(c->out, ";\n");
	return true;
}

/* "+5", "-5" count from what is there. */
static bool
add_or_set(struct ctx *c, const char *what, uint32_t otherwise)
{
	const char *s = arg(c, 0);
	const char sign = *s;
	uint32_t n;

	if (sign != '+' && sign != '-')
		return number(c, 0, &n) && put(c, "%s = %u", what, n);
	if (!import_number(s + 1, UINT32_MAX, &n))
		return false;
	put(c, "if !defined(%s) then %s = %u", what, what, otherwise);
	if (sign == '+')
		return put(c, "%s = %s + %u", what, what, n);
	return put(c, "if %s > %u then %s = %s - %u; else %s = 0", what, n,
	    what, what, n, what);
}

static bool
s_pref(struct ctx *c)
{
	return add_or_set(c, "bgp_local_pref", c->f->bgp ?
	    c->f->bgp->local_pref : 100);
}

static bool
s_metric(struct ctx *c)
{
	return add_or_set(c, "bgp_med", 0);
}

static bool
s_weight(struct ctx *c)
{
	uint32_t n;

	if (!number(c, 0, &n))
		return false;
	return c->use != FRR_USE_IN ||
	    put(c, "preference = %u", frr_preference(c->f, n));
}

static bool
s_tag(struct ctx *c)
{
	uint32_t n;

	c->f->needs_tag = true;
	return number(c, 0, &n) && put(c, "frr_tag = %u", n);
}

static bool
s_origin(struct ctx *c)
{
	const char *s = arg(c, 0);

	return put(c, "bgp_origin = ORIGIN_%s", *s == 'e' ? "EGP" :
	    strcmp(s, "igp") == 0 ? "IGP" : "INCOMPLETE");
}

/* set community A B [additive], set community none */
static bool
community_set(struct ctx *c, const char *list,
    bool (*word)(const char *, struct text *))
{
	const unsigned n = c->l->n - c->at;
	const bool more = n > 0 && import_is(c->l, c->l->n - 1, "additive");

	if (!more)
		put(c, "%s.empty", list);
	if (strcmp(arg(c, 0), "none") == 0)
		return true;
	for (unsigned i = 0; i + more < n; i++) {
		struct text t;
		bool ok;

		text_init(&t, 256);
		ok = word(arg(c, i), &t);
		if (ok)
			put(c, "%s.add(%s)", list, t.s);
		text_done(&t);
		if (!ok)
			return false;
	}
	return true;
}

static bool
s_community(struct ctx *c)
{
	return community_set(c, "bgp_community", frr_community);
}

static bool
s_large(struct ctx *c)
{
	return community_set(c, "bgp_large_community", frr_large_community);
}

static bool
ext_set(struct ctx *c, const char *kind)
{
	for (unsigned i = 0; c->at + i < c->l->n; i++) {
		struct text t;
		bool ok;

		if (strcmp(arg(c, i), "additive") == 0)
			continue;
		text_init(&t, 256);
		ok = frr_ext_community(kind, arg(c, i), &t);
		if (ok)
			put(c, "bgp_ext_community.add(%s)", t.s);
		text_done(&t);
		if (!ok)
			return false;
	}
	return true;
}

static bool
s_rt(struct ctx *c)
{
	return ext_set(c, "rt");
}

static bool
s_soo(struct ctx *c)
{
	return ext_set(c, "soo");
}

static bool
s_ext_none(struct ctx *c)
{
	return put(c, "bgp_ext_community.empty");
}

/* What the entries of a list name, as one set; false: it cannot be. */
static bool
list_as_set(const struct frr_list *l, struct text *out)
{
	bool any = false, alone;

	for (const struct frr_entry *e = l->entries; e != NULL;
	    e = e->next) {
		if (!e->permit)
			return false;
		if (e->expanded) {
			text_add(out, any ? ", " : "");
			if (l->kind != FRR_CLIST || !frr_community_set(
			    import_from(e->l, e->at), out, &alone))
				return false;
			any = true;
			continue;
		}
		for (unsigned i = e->at; i < e->l->n; i++) {
			text_add(out, any ? ", " : "");
			if (!(l->kind == FRR_CLIST ?
			    frr_community(e->l->w[i], out) :
			    frr_large_community(e->l->w[i], out)))
				return false;
			any = true;
		}
	}
	return any;
}

/* set comm-list NAME delete */
static bool
list_delete(struct ctx *c, enum frr_kind k, const char *what)
{
	const struct frr_list *l = frr_list_find(c->f, k, arg(c, 0));
	struct text t;
	bool ok;

	if (l == NULL)
		return true;
	text_init(&t, 1 << 18);
	ok = list_as_set(l, &t) && !t.bad;
	if (ok)
		put(c, "%s.delete([%s])", what, t.s);
	text_done(&t);
	return ok;
}

static bool
s_comm_list(struct ctx *c)
{
	return list_delete(c, FRR_CLIST, "bgp_community");
}

static bool
s_large_list(struct ctx *c)
{
	return list_delete(c, FRR_LCLIST, "bgp_large_community");
}

/* prepend A B C puts A in front of B. */
static bool
s_prepend(struct ctx *c)
{
	uint32_t n;

	if (strcmp(arg(c, 0), "last-as") == 0) {
		if (!import_number(arg(c, 1), 20, &n))
			n = 1;
		for (; n > 0; n--)
			put(c, "if bgp_path.len > 0 then "
			    "bgp_path.prepend(bgp_path.first)");
		return true;
	}
	for (unsigned i = c->l->n; i-- > c->at;)
		if (!import_number(c->l->w[i], UINT32_MAX, &n) ||
		    !put(c, "bgp_path.prepend(%u)", n))
			return false;
	return true;
}

static bool
s_exclude(struct ctx *c)
{
	struct text t;
	uint32_t n;
	bool ok = c->at < c->l->n;

	if (strcmp(arg(c, 0), "all") == 0)
		return put(c, "bgp_path.empty");
	text_init(&t, 1 << 16);
	for (unsigned i = 0; ok && c->at + i < c->l->n; i++) {
		ok = number(c, i, &n);
		text_printf(&t, "%s%u", i > 0 ? ", " : "", n);
	}
	if (ok)
		put(c, "bgp_path.delete([%s])", t.s);
	text_done(&t);
	return ok;
}

static bool
set_hop(struct ctx *c, const char *hop)
{
	put(c, "bgp_next_hop = %s", hop);
	return c->use != FRR_USE_IN || put(c, "gw = %s", hop);
}

static bool
s_hop(struct ctx *c)
{
	struct ip ip;

	return ip_parse(arg(c, 0), &ip) && set_hop(c, arg(c, 0));
}

/* Of what comes in: who sent it.  Of what goes out: ourselves. */
static bool
s_hop_peer(struct ctx *c)
{
	return c->use == FRR_USE_IN && set_hop(c, "from");
}

static bool
s_nothing(struct ctx *c)
{
	(void)c;
	return true;
}

static bool
s_src(struct ctx *c)
{
	struct ip ip;

	return ip_parse(arg(c, 0), &ip) && (c->use != FRR_USE_KERNEL ||
	    put(c, "krt_prefsrc = %s", arg(c, 0)));
}

static bool
s_originator(struct ctx *c)
{
	struct ip ip;

	return ip_parse(arg(c, 0), &ip) && ip_is4(ip) &&
	    put(c, "bgp_originator_id = %s", arg(c, 0));
}

static const struct row sets[] = {
	{ "local-preference", NULL, s_pref }, { "metric", NULL, s_metric },
	{ "weight", NULL, s_weight }, { "tag", NULL, s_tag },
	{ "origin", NULL, s_origin }, { "community", NULL, s_community },
	{ "large-community", NULL, s_large },
	{ "extcommunity rt", NULL, s_rt },
	{ "extcommunity soo", NULL, s_soo },
	{ "extcommunity none", NULL, s_ext_none },
	{ "comm-list", NULL, s_comm_list },
	{ "large-comm-list", NULL, s_large_list },
	{ "as-path prepend", NULL, s_prepend },
	{ "as-path exclude", NULL, s_exclude },
	{ "ip next-hop peer-address", NULL, s_hop_peer },
	{ "ip next-hop unchanged", NULL, s_nothing },
	{ "ip next-hop", NULL, s_hop },
	{ "ipv6 next-hop peer-address", NULL, s_hop_peer },
	{ "ipv6 next-hop prefer-global", NULL, s_nothing },
	{ "ipv6 next-hop global", NULL, s_hop },
	{ "src", NULL, s_src }, { "originator-id", NULL, s_originator },
};

static int
find_row(const struct row *rows, size_t n, const struct import_line *l,
    unsigned *ret_at)
{
	for (size_t i = 0; i < n; i++) {
		unsigned words = 1;

		if (!import_is(l, 1, rows[i].words))
			continue;
		for (const char *s = rows[i].words; *s != '\0'; s++)
			words += *s == ' ';
		*ret_at = 1 + words;
		return (int)i;
	}
	return -1;
}

int
frr_match_row(const struct import_line *l, unsigned *ret_at)
{
	return find_row(matches, sizeof(matches) / sizeof(matches[0]), l,
	    ret_at);
}

int
frr_set_row(const struct import_line *l, unsigned *ret_at)
{
	return find_row(sets, sizeof(sets) / sizeof(sets[0]), l, ret_at);
}

bool
frr_match_print(struct frr *f, struct frr_map *m, enum frr_use use,
    const struct frr_clause *cl, struct text *out)
{
	struct ctx c = { f, m, use, cl->l, cl->at, "", out };

	return cl->row < sizeof(matches) / sizeof(matches[0]) &&
	    matches[cl->row].match(&c);
}

void
frr_set_print(struct frr *f, struct frr_map *m, enum frr_use use,
    const struct frr_clause *cl, const char *indent, struct text *out)
{
	struct ctx c = { f, m, use, cl->l, cl->at, indent, out };

	if (!sets[cl->row].set(&c))
		import_note(&f->im, &m->notes, cl->l,
		    "left out: Warren cannot do this here");
}

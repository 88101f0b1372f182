/* SPDX-License-Identifier: ISC */
/* "router bgp" and what stands in it, read. */
#include <string.h>

#include "import/frr_impl.h"

/* What may stand behind "neighbor X"; a first word alone would be enough. */
static const struct word {
	const char *words;
	uint8_t id;
	bool dir;			/* ends with in or out */
	bool ignore;			/* nothing that matters here */
} words[] = {
	{ "remote-as", FRR_O_REMOTE_AS }, { "local-as", FRR_O_LOCAL_AS },
	{ "description", FRR_O_DESCRIPTION }, { "password", FRR_O_PASSWORD },
	{ "update-source", FRR_O_SOURCE },
	{ "ebgp-multihop", FRR_O_MULTIHOP },
	{ "ttl-security hops", FRR_O_TTL },
	{ "disable-connected-check", FRR_O_NO_CHECK },
	{ "enforce-multihop", FRR_O_NO_CHECK },
	{ "timers connect", FRR_O_CONNECT }, { "timers", FRR_O_TIMERS },
	{ "shutdown", FRR_O_SHUTDOWN }, { "passive", FRR_O_PASSIVE },
	{ "port", FRR_O_PORT }, { "interface", FRR_O_IFACE },
	{ "bfd", FRR_O_BFD },
	{ "capability extended-nexthop", FRR_O_EXTENDED },
	{ "dont-capability-negotiate", FRR_O_NO_CAPS },
	{ "enforce-first-as", FRR_O_FIRST_AS },
	{ "local-role", FRR_O_ROLE }, { "graceful-restart", FRR_O_GR },
	{ "graceful-restart-helper", FRR_O_GR_HELPER },
	{ "graceful-restart-disable", FRR_O_GR_OFF },
	{ "activate", FRR_O_ACTIVATE }, { "route-map", FRR_O_MAP, true },
	{ "prefix-list", FRR_O_PLIST, true },
	{ "distribute-list", FRR_O_ALIST, true },
	{ "filter-list", FRR_O_ASLIST, true },
	{ "next-hop-self", FRR_O_SELF },
	{ "route-reflector-client", FRR_O_RR },
	{ "route-server-client", FRR_O_RS },
	{ "soft-reconfiguration inbound", FRR_O_SOFT },
	{ "default-originate", FRR_O_DEFAULT },
	{ "maximum-prefix", FRR_O_MAX },
	{ "maximum-prefix-out", FRR_O_MAX_OUT },
	{ "allowas-in", FRR_O_ALLOWAS }, { "weight", FRR_O_WEIGHT },
	{ "remove-private-AS", FRR_O_PRIVATE },
	{ "addpath-tx-all-paths", FRR_O_ADDPATH },
	{ "addpath-tx-bestpath-per-AS", FRR_O_ADDPATH_AS },
	{ "disable-addpath-rx", FRR_O_NO_RX },
	{ "attribute-unchanged", FRR_O_UNCHANGED },
	{ "advertisement-interval", 0, false, true },
	{ "capability dynamic", 0, false, true },
	{ "sender-as-path-loop-detection", 0, false, true },
	{ "strict-capability-match", 0, false, true },
	{ "override-capability", 0, false, true },
	{ "capability software-version", 0, false, true },
	{ "capability fqdn", 0, false, true },
};

struct frr_neighbor *
frr_neighbor_find(const struct frr *f, const char *name)
{
	struct frr_neighbor *n = f->bgp ? f->bgp->neighbors : NULL;

	while (n != NULL && strcmp(n->name, name) != 0)
		n = n->next;
	return n;
}

static struct frr_neighbor *
neighbor_new(struct frr *f, const struct import_line *l, const char *name)
{
	struct frr_neighbor *n = arena_new_of(f->im.a, struct frr_neighbor);

	if (n == NULL)
		return NULL;
	n->name = name;
	n->l = l;
	import_notes_init(&n->notes);
	if (!ip_parse(name, &n->ip))
		n->ip = IP_NONE;
	*f->bgp->end = n;
	f->bgp->end = &n->next;
	return n;
}

const struct frr_opt *
frr_opt(const struct frr_neighbor *n, enum frr_af af, enum frr_option o)
{
	const struct frr_opt *v;

	if (o < FRR_O_AF)
		af = FRR_IP4;
	v = &n->opt[af][o];
	if (v->l == NULL && n->group != NULL)
		v = &n->group->opt[af][o];
	return v->l != NULL ? v : NULL;
}

bool
frr_opt_on(const struct frr_neighbor *n, enum frr_af af, enum frr_option o)
{
	const struct frr_opt *v = frr_opt(n, af, o);

	return v != NULL && !v->off;
}

static void
set(struct frr *f, struct frr_neighbor *n, unsigned o,
    const struct import_line *l, unsigned at, bool off)
{
	struct frr_opt *v = &n->opt[o < FRR_O_AF ? FRR_IP4 : f->af][o];
	uint32_t weight;

	*v = (struct frr_opt){ .l = l, .at = at, .off = off };
	if (o == FRR_O_WEIGHT && !off &&
	    import_number(import_word(l, at), 65535, &weight))
		frr_weight(f, weight);
}

/* send-community [both | all | standard | extended | large] */
static void
send_community(struct frr *f, struct frr_neighbor *n,
    const struct import_line *l, unsigned at, bool off)
{
	const char *w = import_word(l, at);
	const bool all = strcmp(w, "all") == 0;
	const bool both = all || strcmp(w, "both") == 0;

	if (both || *w == '\0' || strcmp(w, "standard") == 0)
		set(f, n, FRR_O_SEND, l, at, off);
	if (both || strcmp(w, "extended") == 0)
		set(f, n, FRR_O_SEND_EXT, l, at, off);
	if (all || strcmp(w, "large") == 0)
		set(f, n, FRR_O_SEND_LARGE, l, at, off);
}

static void
set_word(struct frr *f, struct frr_neighbor *n, const struct word *w,
    const struct import_line *l, unsigned at, bool off)
{
	unsigned id = w->id;

	if (w->ignore) {
		if (strcmp(w->words, "advertisement-interval") == 0 && !off)
			import_note(&f->im, &n->notes, l, "Warren does not "
			    "wait before it sends");
		return;
	}
	if (w->dir && import_is(l, at + 1, "out"))
		id++;
	set(f, n, id, l, at, off);
}

static unsigned
count_words(const char *s)
{
	unsigned n = 1;

	for (; *s != '\0'; s++)
		n += *s == ' ';
	return n;
}

/* No password is ever shown. */
static const struct import_line *
hide_secret(struct frr *f, const struct import_line *l)
{
	struct import_line *s;

	if (!import_is(l, 2, "password") || l->n < 4)
		return l;
	s = arena_dup(f->im.a, l, sizeof(*l));
	if (s != NULL)
		s->text = arena_printf(f->im.a, "%.*s...",
		    (int)l->at[3], l->text);
	return s != NULL && s->text != NULL ? s : l;
}

static void
option(struct frr *f, struct frr_neighbor *n, const struct import_line *l,
    unsigned at, bool off)
{
	if (import_is(l, at, "send-community")) {
		send_community(f, n, l, at + 1, off);
		return;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!import_is(l, at, words[i].words))
			continue;
		set_word(f, n, &words[i], l, at + count_words(words[i].words),
		    off);
		return;
	}
	if (!off)
		import_note(&f->im, &n->notes, hide_secret(f, l),
		    "Warren has no such option");
}

static void
join_group(struct frr *f, struct frr_neighbor *n,
    const struct import_line *l, const char *name)
{
	n->group = frr_neighbor_find(f, name);
	if (n->group == n || n->group == NULL || !n->group->is_group) {
		n->group = NULL;
		import_note(&f->im, &n->notes, l, "there is no peer-group %s",
		    name);
	}
}

/* neighbor eth0 interface [v6only] [remote-as N] [peer-group G] */
static void
unnumbered(struct frr *f, struct frr_neighbor *n,
    const struct import_line *l)
{
	unsigned at = 3;

	n->is_iface = true;
	if (import_is(l, at, "v6only")) {
		n->v6only = true;
		at++;
	}
	for (; at + 1 < l->n; at += 2) {
		if (import_is(l, at, "remote-as"))
			set(f, n, FRR_O_REMOTE_AS, l, at + 1, false);
		else if (import_is(l, at, "peer-group"))
			join_group(f, n, l, import_word(l, at + 1));
	}
}

static void
neighbor_line(struct frr *f, const struct import_line *l, bool no)
{
	const char *name = import_word(l, 1);
	struct frr_neighbor *n = frr_neighbor_find(f, name);

	if (n == NULL && !no && l->n > 2)
		n = neighbor_new(f, l, name);
	if (n == NULL)
		return;
	if (import_is(l, 2, "peer-group") && l->n == 3)
		n->is_group = !no;
	else if (import_is(l, 2, "peer-group"))
		join_group(f, n, l, import_word(l, 3));
	else if (import_is(l, 2, "interface") && ip_is_none(n->ip) &&
	    !n->is_group)
		unnumbered(f, n, l);
	else
		option(f, n, l, 2, no);
}

static void
listen_line(struct frr *f, const struct import_line *l)
{
	struct frr_range *r;

	if (import_is(l, 2, "limit"))
		return;
	r = arena_new_of(f->im.a, struct frr_range);
	if (r == NULL || !import_is(l, 2, "range") ||
	    !prefix_parse(import_word(l, 3), &r->net) ||
	    !import_is(l, 4, "peer-group")) {
		import_note(&f->im, &f->bgp->notes, l, "not understood");
		return;
	}
	r->l = l;
	r->group = import_word(l, 5);
	r->next = f->bgp->ranges;
	f->bgp->ranges = r;
}

static void
timers(struct frr_bgp *b, const struct import_line *l)
{
	uint32_t k, h;

	if (import_number(import_word(l, 2), 65535, &k) &&
	    import_number(import_word(l, 3), 65535, &h)) {
		b->keepalive = k;
		b->hold = h;
	}
}

/* bgp confederation identifier N, bgp confederation peers N... */
static void
confederation(struct frr *f, struct frr_bgp *b, const struct import_line *l)
{
	if (import_is(l, 2, "identifier")) {
		import_number(import_word(l, 3), UINT32_MAX, &b->confed);
		return;
	}
	b->members = arena_array(f->im.a, l->n, sizeof(*b->members));
	b->n_members = 0;
	for (unsigned i = 3; b->members != NULL && i < l->n; i++)
		if (import_number(l->w[i], UINT32_MAX,
		    &b->members[b->n_members]))
			b->n_members++;
}

/* Switches: "bgp X", "no bgp X". */
static bool
is_switch(struct frr_bgp *b, const struct import_line *l, bool no)
{
	const struct {
		const char *words;
		bool *to, value;
	} rows[] = {
		{ "ebgp-requires-policy", &b->requires_policy, true },
		{ "network import-check", &b->import_check, true },
		{ "default ipv4-unicast", &b->no_v4, false },
		{ "default ipv6-unicast", &b->v6, true },
		{ "always-compare-med", &b->compare_med, true },
		{ "deterministic-med", &b->deterministic_med, true },
		{ "bestpath as-path ignore", &b->path_ignore, true },
		{ "bestpath as-path multipath-relax", &b->relax, true },
		{ "bestpath compare-routerid", &b->compare_id, true },
		{ "bestpath med missing-as-worst", &b->med_worst, true },
		{ "enforce-first-as", &b->enforce_first, true },
		{ "reject-as-sets", &b->reject_sets, true },
		{ "disable-ebgp-connected-route-check", &b->no_direct_check,
		    true },
		{ "graceful-restart-disable", &b->graceful_off, true },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (import_is(l, 1, rows[i].words))
			return *rows[i].to = rows[i].value != no, true;
	return false;
}

static bool
is_ignored(const struct import_line *l)
{
	static const char *const list[] = {
		"log-neighbor-changes", "default show-hostname",
		"default show-nexthop-hostname", "fast-external-failover",
		"suppress-duplicates", "hard-administrative-reset",
		"client-to-client reflection", "snmp", "default ipv4",
		"default ipv6", "graceful-restart preserve-fw-state",
		"graceful-restart notification", "input-queue-limit",
		"output-queue-limit", "coalesce-time",
		"route-reflector allow-outbound-policy", NULL
	};

	for (unsigned i = 0; list[i] != NULL; i++)
		if (import_is(l, 1, list[i]))
			return true;
	return false;
}

static bool
bgp_number(struct frr_bgp *b, const struct import_line *l)
{
	const struct {
		const char *words;
		unsigned at;
		uint32_t *to;
	} rows[] = {
		{ "default local-preference", 3, &b->local_pref },
		{ "minimum-holdtime", 2, &b->min_hold },
		{ "graceful-restart restart-time", 3, &b->gr_time },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (import_is(l, 1, rows[i].words))
			return import_number(import_word(l, rows[i].at),
			    UINT32_MAX, rows[i].to);
	return false;
}

/* A line that begins with "bgp". */
static void
bgp_line(struct frr *f, const struct import_line *l, bool no)
{
	struct frr_bgp *b = f->bgp;

	if (is_switch(b, l, no) || is_ignored(l) || (!no && bgp_number(b, l)))
		;
	else if (import_is(l, 1, "router-id"))
		b->router_id = import_word(l, 2);
	else if (import_is(l, 1, "cluster-id"))
		b->cluster_id = import_word(l, 2);
	else if (import_is(l, 1, "confederation"))
		confederation(f, b, l);
	else if (import_is(l, 1, "listen"))
		listen_line(f, l);
	else if (import_is(l, 1, "graceful-restart") && l->n == 2)
		b->graceful = !no;
	else if (!no)
		import_note(&f->im, &b->notes, l, "Warren has no such option");
}

/* "10.0.0.0/8", or "10.0.0.0 mask 255.0.0.0", or the class of old. */
static bool
network_of(const struct import_line *l, struct prefix *ret)
{
	const char *s = import_word(l, 1), *slash = strchr(s, '/');
	struct ip ip, mask;
	unsigned len = 0;
	char buf[IP_TEXT];
	uint32_t n;

	if (slash != NULL) {
		if ((size_t)(slash - s) >= sizeof(buf) ||
		    !import_number(slash + 1, 128, &n))
			return false;
		memcpy(buf, s, (size_t)(slash - s));
		buf[slash - s] = '\0';
		if (!ip_parse(buf, &ip))
			return false;
		*ret = prefix_of(ip, n);
		return ret->kind != NET_NONE;
	}
	if (!ip_parse(s, &ip) || !ip_is4(ip))
		return false;
	if (import_is(l, 2, "mask") && ip_parse(import_word(l, 3), &mask) &&
	    ip_is4(mask))
		while (len < 32 && ip_bit(mask, len))
			len++;
	else
		len = ip_to4(ip) < 0x80000000 ? 8 :
		    ip_to4(ip) < 0xc0000000 ? 16 : 24;
	*ret = prefix_of(ip, len);
	return true;
}

/* [metric N] [route-map R], in any order */
static void
origin_options(struct frr_origin *o, unsigned at)
{
	for (; at < o->l->n; at++) {
		if (import_is(o->l, at, "route-map"))
			o->map = import_word(o->l, at + 1);
		else if (import_is(o->l, at, "metric"))
			o->has_metric = import_number(
			    import_word(o->l, at + 1), UINT32_MAX,
			    &o->metric);
	}
}

static void
network_line(struct frr *f, const struct import_line *l)
{
	struct frr_origin *o = arena_new_of(f->im.a, struct frr_origin);
	struct frr_origin **end;

	if (o == NULL)
		return;
	o->l = l;
	if (!network_of(l, &o->net)) {
		import_note(&f->im, &f->bgp->notes, l, "this is no prefix");
		return;
	}
	origin_options(o, 2);
	end = &f->bgp->networks[o->net.kind == NET_IP4 ? FRR_IP4 : FRR_IP6];
	while (*end != NULL)
		end = &(*end)->next;
	*end = o;
}

static void
redistribute_line(struct frr *f, const struct import_line *l)
{
	struct frr_origin *o = arena_new_of(f->im.a, struct frr_origin);
	struct frr_origin **end = &f->bgp->redistribute[f->af];

	if (o == NULL)
		return;
	o->l = l;
	o->what = import_word(l, 1);
	if (strcmp(o->what, "connected") != 0 &&
	    strcmp(o->what, "static") != 0 &&
	    strcmp(o->what, "kernel") != 0) {
		import_note(&f->im, &f->bgp->notes, l,
		    "Warren has no such routes");
		return;
	}
	origin_options(o, 2);
	while (*end != NULL)
		end = &(*end)->next;
	*end = o;
}

static void
distance_line(struct frr *f, const struct import_line *l)
{
	uint32_t *d = f->bgp->distance[f->af];

	if (!import_is(l, 1, "bgp") ||
	    !import_number(import_word(l, 2), 255, &d[0]) ||
	    !import_number(import_word(l, 3), 255, &d[1]))
		import_note(&f->im, &f->bgp->notes, l,
		    "Warren compares BGP routes by BGP's rules alone");
}

/* False: this family is none of ours, and all of it is skipped. */
static bool
family(struct frr *f, const struct import_line *l)
{
	const bool unicast = l->n < 3 || import_is(l, 2, "unicast");

	f->skip_family = true;
	if (unicast && import_is(l, 1, "ipv4"))
		f->af = FRR_IP4;
	else if (unicast && import_is(l, 1, "ipv6"))
		f->af = FRR_IP6;
	else
		return false;
	f->skip_family = false;
	return true;
}

/* Lines of an address family that are not about a neighbor. */
static bool
family_line(struct frr *f, const struct import_line *l, bool no)
{
	struct frr_bgp *b = f->bgp;

	if (import_is(l, 0, "network") && !no)
		network_line(f, l);
	else if (import_is(l, 0, "redistribute") && !no)
		redistribute_line(f, l);
	else if (import_is(l, 0, "distance"))
		distance_line(f, l);
	else if (import_is(l, 0, "table-map"))
		b->table_map[f->af] = import_word(l, 1);
	else if (import_is(l, 0, "maximum-paths ibgp"))
		import_note(&f->im, &b->notes, l,
		    "see \"merge paths\" of the kernel protocol");
	else if (import_is(l, 0, "maximum-paths"))
		import_number(import_word(l, 1), 255, &b->paths[f->af]);
	else if (import_is(l, 0, "aggregate-address") && !no)
		import_note(&f->im, &b->notes, l, "Warren does not aggregate: "
		    "a static route, and a filter that leaves out what is "
		    "inside of it, come closest");
	else if (import_is(l, 0, "neighbor"))
		neighbor_line(f, l, no);
	else
		return false;
	return true;
}

bool
frr_bgp_line(struct frr *f, const struct import_line *l, bool no)
{
	if (import_is(l, 0, "address-family") ||
	    import_is(l, 0, "vnc")) {
		if (!family(f, l))
			import_note(&f->im, &f->bgp->notes, l,
			    "Warren does not serve this family");
		return true;
	}
	if (f->skip_family && !import_is(l, 0, "exit") &&
	    !import_is(l, 0, "router") && !import_is(l, 0, "route-map")) {
		import_note(&f->im, &f->bgp->notes, l, "likewise");
		return true;
	}
	if (family_line(f, l, no))
		return true;
	if (import_is(l, 0, "bgp"))
		bgp_line(f, l, no);
	else if (import_is(l, 0, "timers bgp"))
		timers(f->bgp, l);
	else if (!import_is(l, 0, "no"))
		return false;
	return true;
}

static void
defaults(const struct frr *f, struct frr_bgp *b)
{
	b->requires_policy = !f->datacenter && f->version >= 704;
	b->import_check = f->version >= 704;
	b->enforce_first = f->version >= 1000;
	b->deterministic_med = f->datacenter;
	b->hold = f->datacenter ? 9 : 180;
	b->keepalive = f->datacenter ? 3 : 60;
	b->connect = f->datacenter ? 10 : 120;
	b->local_pref = 100;
	for (unsigned i = 0; i < FRR_AFS; i++) {
		b->distance[i][0] = 20;
		b->distance[i][1] = 200;
	}
}

/* router bgp N; instances, views and VRFs are not served. */
bool
frr_bgp_begin(struct frr *f, const struct import_line *l)
{
	struct frr_bgp *b = f->bgp;
	uint32_t as, high;
	const char *dot = strchr(import_word(l, 2), '.');
	bool ok = import_number(import_word(l, 2), UINT32_MAX, &as);

	if (!ok && dot != NULL && import_number(dot + 1, 65535, &as)) {
		char buf[8] = "";

		memcpy(buf, import_word(l, 2), (size_t)
		    (dot - import_word(l, 2) < 6 ? dot - import_word(l, 2) :
		    0));
		ok = import_number(buf, 65535, &high);
		as |= ok ? high << 16 : 0;
	}
	if (l->n == 2 && b != NULL)
		return f->in = FRR_BGP, true;
	if (!ok || l->n > 3 || (b != NULL && b->as != as)) {
		import_note(&f->im, &f->notes, l, l->n > 3 ? "Warren does "
		    "not serve views and VRFs: a warrend of its own in a "
		    "network namespace can" : "one AS only");
		return false;
	}
	f->in = FRR_BGP;
	f->af = FRR_IP4;
	f->skip_family = false;
	if (b != NULL)
		return true;
	b = f->bgp = arena_new_of(f->im.a, struct frr_bgp);
	if (b == NULL)
		return false;
	b->l = l;
	b->as = as;
	b->end = &b->neighbors;
	import_notes_init(&b->notes);
	defaults(f, b);
	return true;
}

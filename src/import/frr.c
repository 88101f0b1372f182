/* SPDX-License-Identifier: ISC */
/* The reader: which lines belong to what. */
#include <stdlib.h>
#include <string.h>

#include "import/frr_impl.h"

/* Names of FRR's may have any character; ours are [A-Za-z0-9_]. */
static char *
plain_name(struct frr *f, const char *prefix, const char *name)
{
	char *s = arena_printf(f->im.a, "%s%s", prefix, name);

	for (char *c = s; c != NULL && *c != '\0'; c++)
		if (!(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z') &&
		    !(*c >= '0' && *c <= '9'))
			*c = '_';
	return s;
}

static bool
is_taken(const struct frr *f, const char *symbol)
{
	for (const struct frr_symbol *s = f->symbols; s != NULL; s = s->next)
		if (strcmp(s->symbol, symbol) == 0)
			return true;
	return false;
}

const char *
frr_symbol(struct frr *f, const char *prefix, const char *name)
{
	struct frr_symbol *s = f->symbols;
	char *base;

	while (s != NULL && (strcmp(s->prefix, prefix) != 0 ||
	    strcmp(s->name, name) != 0))
		s = s->next;
	if (s != NULL)
		return s->symbol;
	s = arena_new_of(f->im.a, struct frr_symbol);
	base = plain_name(f, prefix, name);
	if (s == NULL || base == NULL)
		return "x";
	s->prefix = prefix;
	s->name = name;
	s->symbol = base;
	for (unsigned i = 2; s->symbol != NULL && is_taken(f, s->symbol); i++)
		s->symbol = arena_printf(f->im.a, "%s_%u", base, i);
	if (s->symbol == NULL)
		return base;
	s->next = f->symbols;
	f->symbols = s;
	return s->symbol;
}

/* Kept sorted, each once; 32768 is that of routes that begin here. */
void
frr_weight(struct frr *f, uint32_t weight)
{
	unsigned i = 0;

	while (i < f->n_weights && f->weight[i] < weight)
		i++;
	if (weight == 0 || f->n_weights == 90 ||
	    (i < f->n_weights && f->weight[i] == weight))
		return;
	memmove(f->weight + i + 1, f->weight + i,
	    (f->n_weights - i) * sizeof(*f->weight));
	f->weight[i] = weight;
	f->n_weights++;
}

unsigned
frr_preference(const struct frr *f, uint32_t weight)
{
	unsigned i = 0;

	while (i < f->n_weights && f->weight[i] <= weight)
		i++;
	return 100 + i;
}

/* What means nothing to a routing program, or is as it should be anyway. */
static bool
is_harmless(const struct import_line *l)
{
	static const char *const words[] = {
		"!", "end", "exit", "exit-address-family", "frr", "service",
		"log", "line", "password", "enable", "debug", "ip forwarding",
		"ipv6 forwarding", "no ip forwarding", "no ipv6 forwarding",
		"no service", "no debug", "domainname", "banner", "zebra",
		"ip nht", "ipv6 nht", "no ip nht", "agentx", "fpm",
		"username", "allow-external-route-update",
		"exec-timeout", "no zebra", "no log", "no banner", "config",
		"configure", "Building", "Current", "write", "exit-vrf",
		"no ipv6 nht", "netns", "no exec-timeout", "no password",
		"no bgp", NULL
	};

	for (unsigned i = 0; words[i] != NULL; i++)
		if (import_is(l, 0, words[i]))
			return true;
	return false;
}

/* "frr version 8.4.4", "frr defaults traditional" */
static void
about_frr(struct frr *f, const struct import_line *l)
{
	const char *s = import_word(l, 2);

	if (import_is(l, 0, "frr version"))
		f->version = (unsigned)atoi(s) * 100 +
		    (strchr(s, '.') ? (unsigned)atoi(strchr(s, '.') + 1) : 0);
	else if (import_is(l, 0, "frr defaults datacenter"))
		f->datacenter = true;
}

/* The beginnings of blocks that Warren has nothing for. */
static bool
is_foreign_block(const struct import_line *l)
{
	static const char *const words[] = {
		"router", "vrf", "pbr-map", "mpls", "nexthop-group", "key",
		"segment-routing", "traffic-eng", "bfd", "l2vpn",
		"affinity-map", "vni", NULL
	};

	for (unsigned i = 0; words[i] != NULL; i++)
		if (import_is(l, 0, words[i]))
			return true;
	return false;
}

static void
begin_iface(struct frr *f, const struct import_line *l)
{
	f->iface = arena_new_of(f->im.a, struct frr_iface);
	f->in = FRR_IFACE;
	if (f->iface == NULL)
		return;
	f->iface->name = import_word(l, 1);
	f->iface->next = f->ifaces;
	f->ifaces = f->iface;
}

/* ip address 10.0.0.1/24: who asks for its address finds it here. */
static void
iface_line(struct frr *f, const struct import_line *l)
{
	const char *s = import_word(l, 2), *slash = strchr(s, '/');
	const size_t n = slash ? (size_t)(slash - s) : strlen(s);
	char buf[IP_TEXT];
	struct ip ip;

	if (import_is(l, 0, "description") || import_is(l, 0, "no shutdown"))
		return;
	if ((import_is(l, 0, "ip address") ||
	    import_is(l, 0, "ipv6 address")) && n < sizeof(buf)) {
		memcpy(buf, s, n);
		buf[n] = '\0';
		if (ip_parse(buf, &ip) && f->iface != NULL)
			f->iface->ip[ip_is4(ip) ? FRR_IP4 : FRR_IP6] = ip;
		import_note(&f->im, &f->notes, l, "addresses of %s are for "
		    "the system to set", f->iface ? f->iface->name : "it");
		return;
	}
	import_note(&f->im, &f->notes, l, "not carried over");
}

static bool
begins_skipped(struct frr *f, const struct import_line *l)
{
	if (import_is(l, 0, "router bgp")) {
		if (frr_bgp_begin(f, l))
			return true;
		f->in = FRR_SKIP;
		return true;
	}
	if (!is_foreign_block(l) || l->n < 2)
		return import_is(l, 0, "bfd") ? (f->in = FRR_SKIP, true) :
		    false;
	import_note(&f->im, &f->notes, l, "Warren does not serve '%s%s%s'",
	    import_word(l, 0), l->n > 1 ? " " : "", import_word(l, 1));
	f->in = import_is(l, 0, "vrf") ? FRR_VRF : FRR_SKIP;
	return true;
}

static void
rpki_line(struct frr *f, const struct import_line *l)
{
	struct frr_rpki *r;
	uint32_t port;
	unsigned at = import_is(l, 1, "tcp") ? 2 : 1;

	if (import_is(l, 0, "rpki cache"))
		at++;
	else if (!import_is(l, 0, "cache")) {
		if (!import_is(l, 0, "exit") && !import_is(l, 0, "rpki"))
			import_note(&f->im, &f->notes, l, "not carried over; "
			    "the cache's own times are used");
		return;
	}
	if (at == 2 && import_is(l, 2, "tcp"))
		at++;
	r = arena_new_of(f->im.a, struct frr_rpki);
	if (r == NULL || !import_number(import_word(l, at + 1), 65535,
	    &port)) {
		import_note(&f->im, &f->notes, l,
		    "only caches over plain TCP can be asked");
		return;
	}
	r->l = l;
	r->host = import_word(l, at);
	r->port = port;
	r->next = f->caches;
	f->caches = r;
}

/* Quotes are not part of what they enclose. */
static void
unquote(char *s)
{
	char *to = s;

	for (; s != NULL && *s != '\0'; s++)
		if (*s != '\'')
			*to++ = *s;
	if (to != NULL)
		*to = '\0';
}

/*
 * EdgeOS and VyOS say the same in words of their own, a line at a time: "set
 * protocols bgp 65000 neighbor 10.0.0.1 nexthop-self".  They ask for no
 * policy.
 */
static bool
set_line(struct frr *f, const struct import_line *l)
{
	const struct import_line *n;
	char *text;

	if (!import_is(l, 0, "set protocols bgp") || l->n < 5)
		return false;
	text = arena_printf(f->im.a, "router bgp %s", l->w[3]);
	n = import_make(&f->im, l, text);
	if (n == NULL || !frr_bgp_begin(f, n))
		return n != NULL;
	f->bgp->requires_policy = false;
	if (import_is(l, 4, "parameters"))
		text = arena_printf(f->im.a, "bgp %s", import_from(l, 5));
	else if (import_is(l, 6, "nexthop-self"))
		text = arena_printf(f->im.a, "neighbor %s next-hop-self",
		    l->w[5]);
	else
		text = arena_strdup(f->im.a, import_from(l, 4));
	unquote(text);
	n = import_make(&f->im, l, text);
	if (n != NULL && !frr_bgp_line(f, n, false))
		import_note(&f->im, &f->notes, l, "not carried over");
	f->in = FRR_TOP;
	return true;
}

/* True: the line began something, or is complete in itself. */
static bool
top_line(struct frr *f, const struct import_line *l)
{
	const bool no = import_is(l, 0, "no");
	const unsigned at = no;

	if (set_line(f, l))
		return true;
	if (import_is(l, 0, "route-map") && frr_map_begin(f, l))
		return f->in = FRR_MAP, true;
	if (import_is(l, 0, "interface"))
		return begin_iface(f, l), true;
	if (import_is(l, 0, "rpki") && l->n == 1)
		return f->in = FRR_RPKI, true;
	if (!no && (frr_static_line(f, l) || begins_skipped(f, l)))
		return true;
	if (import_is(l, at, "frr"))
		return about_frr(f, l), true;
	if (import_is(l, 0, "hostname"))
		return f->hostname = import_word(l, 1), true;
	if (import_is(l, 0, "ip router-id"))
		return f->router_id = import_word(l, 2), true;
	if (import_is(l, 0, "router-id"))
		return f->router_id = import_word(l, 1), true;
	if (import_is(l, 0, "ip protocol bgp route-map"))
		return f->protocol_map[FRR_IP4] = import_word(l, 4), true;
	if (import_is(l, 0, "ipv6 protocol bgp route-map"))
		return f->protocol_map[FRR_IP6] = import_word(l, 4), true;
	return false;
}

/* vtysh tries the block that it is in, then what is around it. */
static void
line(struct frr *f, const struct import_line *l)
{
	const bool no = import_is(l, 0, "no");
	const struct import_line *rest = no ? import_shift(&f->im, l) : l;

	if (import_is(l, 0, "exit-address-family")) {
		f->skip_family = false;
		f->af = FRR_IP4;
		return;
	}
	if (f->in == FRR_VRF && !import_is(l, 0, "exit-vrf") &&
	    !import_is(l, 0, "exit")) {
		import_note(&f->im, &f->notes, l, "likewise");
		return;
	}
	if (!no && frr_list_line(f, l))
		return;
	if (f->in == FRR_BGP && frr_bgp_line(f, rest, no))
		return;
	if (f->in == FRR_MAP && frr_map_line(f, l))
		return;
	if (top_line(f, l))
		return;
	if (import_is(l, 0, "exit") || import_is(l, 0, "end") ||
	    import_is(l, 0, "exit-vrf")) {
		f->in = FRR_TOP;
		return;
	}
	if (f->in == FRR_IFACE)
		iface_line(f, l);
	else if (f->in == FRR_RPKI)
		rpki_line(f, l);
	else if (f->in == FRR_SKIP)
		import_note(&f->im, &f->notes, l, "likewise");
	else if (!is_harmless(l))
		import_note(&f->im, &f->notes, l, "not carried over");
}

/* What the profile and the version of the file mean (RFC 8212: since 7.4). */
static void
defaults(struct frr *f)
{
	if (f->version == 0)
		f->version = 804;
}

/* A first look: the version decides what is meant by what follows. */
static void
find_version(struct frr *f, const char *file, struct bytes text)
{
	struct import im = { .a = f->im.a, .file = file, .rest = text };
	const struct import_line *l;

	while ((l = import_next(&im, "!#")) != NULL)
		if (import_is(l, 0, "frr"))
			about_frr(f, l);
	defaults(f);
}

void
import_frr(const char *file, struct bytes text, struct text *out,
    struct text *notes)
{
	struct arena *a = arena_new();
	struct frr *f = a ? arena_new_of(a, struct frr) : NULL;
	const struct import_line *l;

	if (f == NULL) {
		out->bad = true;
		arena_free(a);
		return;
	}
	f->im.a = a;
	import_notes_init(&f->notes);
	f->routes_end = &f->routes;
	find_version(f, file, text);
	f->im.file = file;
	f->im.rest = text;
	while ((l = import_next(&f->im, "!#")) != NULL)
		line(f, l);
	frr_print(f, out);
	import_notes_all(&f->im, notes);
	out->bad = out->bad || arena_failed(a);
	arena_free(a);
}

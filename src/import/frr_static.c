/* SPDX-License-Identifier: ISC */
/* "ip route" and "ipv6 route". */
#include <string.h>

#include "import/frr_impl.h"

/* What the routes that share a line of ours have in common. */
static bool
same_route(const struct frr_route *a, const struct frr_route *b)
{
	return prefix_eq(&a->net, &b->net) && a->distance == b->distance &&
	    a->tag == b->tag && a->dest == NULL && b->dest == NULL;
}

static bool
is_nowhere(const char *s, const char **ret)
{
	if (strcmp(s, "Null0") == 0 || strcmp(s, "null0") == 0 ||
	    strcmp(s, "blackhole") == 0)
		*ret = "blackhole";
	else if (strcmp(s, "reject") == 0)
		*ret = "unreachable";
	else
		return false;
	return true;
}

/* Behind the next hop.  False: there is something that matters. */
static bool
read_options(struct frr_route *r, unsigned at)
{
	const struct import_line *l = r->l;

	for (; at < l->n; at++) {
		uint32_t n;

		if (import_number(l->w[at], 255, &n))
			r->distance = n;
		else if (import_is(l, at, "tag")) {
			if (!import_number(import_word(l, ++at), UINT32_MAX,
			    &r->tag))
				return false;
		} else if (import_is(l, at, "onlink"))
			r->onlink = true;
		else if (import_is(l, at, "vrf") || import_is(l, at, "table")
		    || import_is(l, at, "nexthop-vrf") ||
		    import_is(l, at, "label") || import_is(l, at, "color") ||
		    import_is(l, at, "segments") || r->iface != NULL)
			return false;
		else
			r->iface = l->w[at];
	}
	return true;
}

/* The prefix, with a length or a mask; the word behind it, or 0. */
static unsigned
read_prefix(const struct import_line *l, struct prefix *ret)
{
	const char *s = import_word(l, 2), *slash = strchr(s, '/');
	struct ip ip, mask;
	unsigned len = 0;
	char buf[IP_TEXT];
	uint32_t n;

	if (slash == NULL) {
		if (!ip_parse(s, &ip) || !ip_parse(import_word(l, 3), &mask) ||
		    !ip_is4(ip) || !ip_is4(mask))
			return 0;
		while (len < 32 && ip_bit(mask, len))
			len++;
		*ret = prefix_of(ip, len);
		return 4;
	}
	if ((size_t)(slash - s) >= sizeof(buf) ||
	    !import_number(slash + 1, 128, &n))
		return 0;
	memcpy(buf, s, (size_t)(slash - s));
	buf[slash - s] = '\0';
	if (!ip_parse(buf, &ip))
		return 0;
	*ret = prefix_of(ip, n);
	return ret->kind != NET_NONE ? 3 : 0;
}

bool
frr_static_line(struct frr *f, const struct import_line *l)
{
	struct frr_route *r;
	unsigned at;

	if (!import_is(l, 0, "ip route") && !import_is(l, 0, "ipv6 route"))
		return false;
	r = arena_new_of(f->im.a, struct frr_route);
	if (r == NULL)
		return true;
	r->l = l;
	r->distance = 1;
	at = read_prefix(l, &r->net);
	if (at == 0 || at >= l->n) {
		import_note(&f->im, &f->notes, l, "not understood");
		return true;
	}
	if (!is_nowhere(l->w[at], &r->dest) && !ip_parse(l->w[at], &r->gw)) {
		r->gw = IP_NONE;
		r->iface = l->w[at];
	}
	if (!read_options(r, at + 1)) {
		import_note(&f->im, &f->notes, l, "not carried over: only "
		    "the main table, a distance, a tag and onlink are");
		return true;
	}
	if (r->distance == 255)
		return true;
	*f->routes_end = r;
	f->routes_end = &r->next;
	return true;
}

/*
 * zebra follows a next hop through other routes.  Where the file itself has
 * a route to it, a recursive one is meant.
 */
static bool
is_recursive(const struct frr *f, const struct frr_route *r)
{
	if (ip_is_none(r->gw) || r->iface != NULL)
		return false;
	for (const struct frr_route *o = f->routes; o != NULL; o = o->next)
		if (o != r && o->net.len > 0 && prefix_has_ip(&o->net, r->gw))
			return true;
	return false;
}

static void
print_hop(const struct frr *f, const struct frr_route *r, bool alone,
    struct text *out)
{
	char gw[IP_TEXT];

	ip_text(r->gw, gw);
	if (r->dest != NULL)
		text_printf(out, " %s", r->dest);
	else if (ip_is_none(r->gw))
		text_printf(out, " via \"%s\"", r->iface);
	else if (alone && is_recursive(f, r))
		text_printf(out, " recursive %s", gw);
	else if (r->iface != NULL)
		text_printf(out, " via %s dev \"%s\"", gw, r->iface);
	else
		text_printf(out, " via %s", gw);
	if (r->onlink && !ip_is_none(r->gw))
		text_add(out, " onlink");
}

/* Distances are to be less than BGP's, or more; nothing is between. */
static unsigned
preference(const struct frr *f, const struct frr_route *r)
{
	const enum frr_af af = r->net.kind == NET_IP4 ? FRR_IP4 : FRR_IP6;
	const uint32_t bgp = f->bgp ? f->bgp->distance[af][0] : 20;

	if (r->distance < bgp && r->distance < 9)
		return 201 - (r->distance ? r->distance : 1);
	if (r->distance < bgp)
		return 192 - (r->distance < 255 ? r->distance / 64 : 3);
	return 99 - r->distance * 98 / 255;
}

static void
print_route(struct frr *f, const struct frr_route *r, struct text *out)
{
	const struct frr_route *more = r->next;
	bool alone = true;
	char net[PREFIX_TEXT];

	for (; more != NULL; more = more->next)
		alone = alone && !same_route(r, more);
	text_printf(out, "\troute %s", prefix_text(&r->net, net));
	print_hop(f, r, alone, out);
	for (more = r->next; more != NULL; more = more->next)
		if (same_route(r, more))
			print_hop(f, more, false, out);
	if (r->distance > 1 || r->tag != 0)
		text_add(out, " {");
	if (r->distance > 1)
		text_printf(out, " preference = %u;", preference(f, r));
	if (r->tag != 0)
		text_printf(out, " frr_tag = %u;", r->tag);
	text_add(out, r->distance > 1 || r->tag != 0 ? " };\n" : ";\n");
	f->needs_tag = f->needs_tag || r->tag != 0;
}

/* Was it printed with one before it? */
static bool
is_done(const struct frr *f, const struct frr_route *r)
{
	for (const struct frr_route *o = f->routes; o != r; o = o->next)
		if (same_route(o, r))
			return true;
	return false;
}

void
frr_static_print(struct frr *f, struct text *out)
{
	for (unsigned af = 0; af < FRR_AFS; af++) {
		const uint8_t kind = af == FRR_IP4 ? NET_IP4 : NET_IP6;
		bool any = false;

		for (const struct frr_route *r = f->routes; r != NULL;
		    r = r->next) {
			if (r->net.kind != kind || is_done(f, r))
				continue;
			if (!any)
				text_printf(out, "protocol static static%s "
				    "{\n\t%s;\n", af == FRR_IP4 ? "4" : "6",
				    frr_af_name(af));
			any = true;
			print_route(f, r, out);
		}
		if (any)
			text_add(out, "}\n\n");
	}
}

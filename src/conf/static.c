/* SPDX-License-Identifier: ISC */
/* Protocol static: the list of routes, and what stands behind each. */
#include <stdlib.h>

#include "conf/bird16.h"
#include "conf/filter_parse.h"
#include "conf/protos.h"
#include "conf/unserved.h"
#include "conf/value.h"

#define AT(f)	offsetof(struct conf_proto, f)

static void
own_igp_table(struct conf_parser *p, void *base)
{
	struct conf_static *s = &((struct conf_proto *)base)->stat;
	const struct conf_table *t = conf_table_ref(p, CONF_NETS_IP);

	if (t != NULL && t->kind == NET_IP4)
		s->igp_table4 = t;
	else if (t != NULL)
		s->igp_table6 = t;
}

static const struct conf_row rows[] = {
	{ "check link", ROW_SWITCH, ROW_SOFT, AT(stat.check_link), .help =
	    "only while there is a carrier" },
	{ "igp table", ROW_OWN, .own = own_igp_table, .help =
	    "where recursive next hops are looked up" },
};

/* dev "eth0", onlink, bfd, weight N; in any order. */
static bool
hop_option(struct conf_parser *p, struct conf_via *v)
{
	const struct span at = p->tok.at;
	uint32_t n;

	if (conf_accept_word(p, "dev")) {
		conf_is_string(p);	/* a constant is one after that */
		v->iface = conf_iface_name(p);
	} else if (conf_accept_word(p, "onlink")) {
		v->onlink = true;
		if (conf_is_word(p, "on") || conf_is_word(p, "off") ||
		    conf_is_word(p, "yes") || conf_is_word(p, "no"))
			conf_switch(p, &v->onlink);
	} else if (conf_accept_word(p, "weight")) {
		if (conf_number_in(p, 1, 256, &n))
			v->weight = (uint16_t)n;
	} else if (conf_accept_word(p, "bfd")) {
		v->bfd = true;
		if (conf_is_word(p, "on") || conf_is_word(p, "off") ||
		    conf_is_word(p, "yes") || conf_is_word(p, "no"))
			conf_switch(p, &v->bfd);
	} else if (conf_is_word(p, "mpls")) {
		conf_unserved(p, at, "mpls");
	} else {
		return false;
	}
	return !p->failed;
}

static struct conf_via *
via(struct conf_parser *p)
{
	struct conf_via *v = conf_new(p, struct conf_via);

	if (v == NULL)
		return NULL;
	v->at = p->tok.at;
	v->weight = 1;
	if (conf_is_string(p)) {
		v->iface = conf_iface_name(p);
	} else if (conf_ip(p, &v->gw) && conf_accept(p, '%')) {
		v->iface = conf_iface_name(p);
	}
	while (!p->failed && hop_option(p, v))
		;
	v->at = conf_span_from(p, v->at);
	if (!p->failed && v->iface == NULL && ip_is_link_local(v->gw))
		conf_error(p, v->at, "a link-local address needs an "
		    "interface: ADDRESS%%IFACE");
	else if (!p->failed && v->iface == NULL && v->onlink)
		conf_warn(p, v->at, "onlink means nothing without an "
		    "interface: ADDRESS%%IFACE");
	return p->failed ? NULL : v;
}

static void
vias(struct conf_parser *p, struct conf_route *r)
{
	struct conf_via **end = &r->vias;

	r->dest = CONF_DEST_VIA;
	do {
		*end = via(p);
		if (*end == NULL)
			return;
		end = &(*end)->next;
	} while (conf_accept_word(p, "via"));
}

static const struct {
	const char *word;
	uint8_t dest;
} sinks[] = {
	{ "blackhole", CONF_DEST_BLACKHOLE }, { "drop", CONF_DEST_BLACKHOLE },
	{ "unreachable", CONF_DEST_UNREACHABLE },
	{ "reject", CONF_DEST_UNREACHABLE },
	{ "prohibit", CONF_DEST_PROHIBIT },
};

static void
destination(struct conf_parser *p, struct conf_route *r)
{
	static const char *const words[] = {
		"via", "recursive", "blackhole", "drop", "unreachable",
		"reject", "prohibit"
	};
	const struct bytes word = p->tok.text;

	/* BIRD 1.6: route … multipath via A weight 2 via B; */
	if (conf_is_word(p, "multipath") && conf_is2_word(p, "via")) {
		conf_bird16_note(p, p->tok.at, p->tok.text, false);
		conf_take(p);
	}
	if (conf_accept_word(p, "via")) {
		vias(p, r);
		return;
	}
	if (conf_accept_word(p, "recursive")) {
		r->dest = CONF_DEST_RECURSIVE;
		conf_ip(p, &r->recursive);
		if (conf_is_word(p, "mpls"))
			conf_unserved(p, p->tok.at, "mpls");
		return;
	}
	for (size_t i = 0; i < sizeof(sinks) / sizeof(sinks[0]); i++)
		if (conf_accept_word(p, sinks[i].word)) {
			r->dest = sinks[i].dest;
			return;
		}
	if (p->failed)
		return;
	conf_unexpected(p, "via, recursive, blackhole, unreachable or "
	    "prohibit");
	conf_suggest(p, word, words, sizeof(words) / sizeof(words[0]));
}

/* max N as N, behind a prefix */
static void
origin(struct conf_parser *p, struct conf_route *r)
{
	const unsigned bits = prefix_bits(&r->net);
	uint32_t max = r->net.len;

	if (conf_accept_word(p, "max") &&
	    !conf_number_in(p, r->net.len, bits, &max))
		return;
	if (!conf_expect_word(p, "as") || !conf_number(p, &r->net.asn))
		return;
	r->net.kind = r->net.kind == NET_IP4 ? NET_ROA4 : NET_ROA6;
	r->net.max = (uint8_t)max;
}

/* The same kind as the channel, and as all others. */
static void
fit(struct conf_parser *p, const struct conf_proto *proto,
    const struct conf_route *r)
{
	const struct conf_channel *c = proto->channels;

	/* What BIRD 1.6 has no channel for shows its family at the end. */
	if (c != NULL && c->one_family && p->one_family_kind == NET_NONE)
		return;
	if (c != NULL && c->kind != r->net.kind)
		conf_error(p, r->at, "the route is %s, and the channel %s",
		    conf_net_word(r->net.kind), conf_net_word(c->kind));
}

struct conf_route *
conf_static_route(struct conf_parser *p, struct conf_proto *proto)
{
	struct conf_route *r = conf_new(p, struct conf_route);
	const char *name;

	if (r == NULL)
		return NULL;
	r->at = p->tok.at;
	if (!conf_net(p, &r->net))
		return NULL;
	r->at = conf_span_from(p, r->at);
	if (conf_is_word(p, "max") || conf_is_word(p, "as"))
		origin(p, r);
	else
		destination(p, r);
	if (conf_is(p, '{'))
		r->filter = conf_parse_filter_use(p, &name);
	fit(p, proto, r);
	if (p->failed)
		return NULL;
	if (proto->stat.routes == NULL)
		proto->stat.last = NULL;
	if (proto->stat.last != NULL)
		proto->stat.last->next = r;
	else
		proto->stat.routes = r;
	proto->stat.last = r;
	proto->stat.n_routes++;
	return r;
}

static bool
statement(struct conf_parser *p, struct conf_proto *proto)
{
	if (!conf_accept_word(p, "route"))
		return false;
	/* All routes are of the channel's kind, so they go with it. */
	if (proto->skipped_channel && proto->channels == NULL) {
		p->failed = p->skipping = true;
		return true;
	}
	if (conf_is_word(p, "aspa") || conf_is_word(p, "mpls"))
		conf_unserved(p, p->tok.at, conf_is_word(p, "aspa") ?
		    "route aspa" : "route mpls");
	else
		conf_static_route(p, proto);
	return true;
}

static void
copy(struct conf_parser *p, struct conf_proto *proto)
{
	struct conf_static *s = &proto->stat;

	s->routes = conf_copy_list(p, s->routes, sizeof(struct conf_route));
	s->last = s->routes;
	while (s->last != NULL && s->last->next != NULL)
		s->last = s->last->next;
}

struct numbered {
	struct conf_route *route;
	size_t n;			/* in the order of the file */
};

static int
numbered_cmp(const void *x, const void *y)
{
	const struct numbered *a = x, *b = y;
	int c = prefix_cmp(&a->route->net, &b->route->net);

	return c != 0 ? c : (a->n > b->n) - (a->n < b->n);
}

/* A net may stand several times: each is a route of its own. */
static void
number(struct conf_parser *p, struct conf_static *s)
{
	struct numbered *v;
	size_t n = 0;

	v = s->n_routes == 0 ? NULL : conf_alloc(p, s->n_routes * sizeof(*v));
	if (v == NULL)
		return;
	for (struct conf_route *r = s->routes; r != NULL; r = r->next, n++)
		v[n] = (struct numbered){ r, n };
	qsort(v, n, sizeof(*v), numbered_cmp);
	for (size_t i = 0; i < n; i++)
		v[i].route->index = i > 0 && prefix_eq(&v[i].route->net,
		    &v[i - 1].route->net) ? v[i - 1].route->index + 1 : 0;
}

static void
check(struct conf_parser *p, struct conf_proto *proto)
{
	struct conf_static *s = &proto->stat;
	const struct conf_channel *c = proto->channels;

	if (c == NULL) {
		conf_complain(p, proto->at, "no channel: say \"ipv4;\", "
		    "\"ipv6;\", \"roa4;\" or \"roa6;\"");
		return;
	}
	/* The channel may have come behind the routes. */
	for (struct conf_route *r = s->routes; r != NULL; r = r->next) {
		p->failed = false;
		fit(p, proto, r);
	}
	p->failed = false;
	number(p, s);
	if (s->igp_table4 == NULL && c->kind == NET_IP4)
		s->igp_table4 = c->table;
	if (s->igp_table6 == NULL && c->kind == NET_IP6)
		s->igp_table6 = c->table;
}

const struct conf_kind_of conf_static_kind = {
	.kind = CONF_STATIC, .word = "static", .shown = "Static",
	.where = "in protocol static",
	.channels = CONF_NETS_IP | CONF_NETS_ROA, .one_channel = true,
	.preference = 200, .rows = CONF_ROWS(rows), .copy = copy,
	.statement = statement, .check = check
};

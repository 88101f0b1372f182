/* SPDX-License-Identifier: ISC */
#include "conf/bird16.h"

#include "conf/value.h"

void
conf_bird16_note(struct conf_parser *p, struct span at, struct bytes word,
    bool family)
{
	if (p->old_word == NULL) {
		p->old_at = at;
		p->old_word = conf_copy(p, word);
		p->old_family = family;
	}
	p->one_family |= family;
}

/* The word at hand, which is taken. */
static void
take_old(struct conf_parser *p, bool family)
{
	const struct conf_token t = conf_take(p);

	conf_bird16_note(p, t.at, t.text, family);
}

/* listen bgp [address ADDR] [port N] [v6only | dual] */
static void
listen(struct conf_parser *p)
{
	const struct span at = p->tok.at;
	struct ip address;
	uint32_t port;

	take_old(p, true);
	conf_expect_word(p, "bgp");
	while (!p->failed && !conf_is(p, ';')) {
		if (conf_accept_word(p, "address")) {
			if (conf_ip(p, &address))
				conf_warn(p, at, "the address is not heeded: "
				    "say 'local ADDRESS' and 'strict bind' "
				    "in protocol bgp");
		} else if (conf_accept_word(p, "port")) {
			if (conf_number_in(p, 1, 65535, &port))
				p->listen_port = (uint16_t)port;
		} else if (!conf_accept_word(p, "v6only") &&
		    !conf_accept_word(p, "dual")) {
			conf_unexpected(p, "address, port, v6only, dual "
			    "or ';'");
		}
	}
}

static bool
is_kind(enum net_kind is, enum net_kind four, enum net_kind six)
{
	return is == four || is == six;
}

/* roa PREFIX max N as ASN: a static route of the table's. */
static void
roa(struct conf_parser *p, struct conf_proto *proto, struct conf_table *t)
{
	struct conf_route *r;

	if (!conf_expect_word(p, "roa"))
		return;
	r = conf_static_route(p, proto);
	if (r == NULL)
		return;
	if (!is_kind(r->net.kind, NET_ROA4, NET_ROA6)) {
		conf_error(p, r->at, "expected: roa PREFIX max N as ASN");
	} else if (proto->stat.routes == r) {
		t->kind = r->net.kind;
		proto->channels->kind = r->net.kind;
	}
}

static void
roa_block(struct conf_parser *p, struct conf_table *t)
{
	struct conf_proto *proto = conf_proto_implied(p, &conf_static_kind,
	    t->at);
	struct conf_channel *c = proto == NULL ? NULL : conf_channel_get(p,
	    proto, &conf_static_kind, NET_ROA4, t->at);

	if (c == NULL)
		return;
	c->table = t;
	c->one_family = true;
	while (!conf_at_end(p, '}')) {
		if (conf_accept(p, ';'))
			continue;
		roa(p, proto, t);
		conf_end_statement(p);
	}
	conf_expect(p, '}');
}

/* roa table NAME [{ roa …; }], which needs no ';'. */
static void
roa_table(struct conf_parser *p, bool *ret_open)
{
	struct conf_token name;
	struct conf_table *t;

	take_old(p, true);
	conf_take(p);
	if (!conf_expect_name(p, "the name of the table", &name))
		return;
	t = conf_table_declare(p, &name, NET_ROA4);
	if (t == NULL)
		return;
	t->one_family = true;
	if (conf_accept(p, '{')) {
		roa_block(p, t);
		*ret_open = p->failed;
	}
}

/* table NAME [sorted] */
static void
plain_table(struct conf_parser *p)
{
	struct conf_token name;
	struct conf_table *t;

	take_old(p, true);
	if (!conf_expect_name(p, "the name of the table", &name))
		return;
	t = conf_table_declare(p, &name, NET_IP4);
	if (t == NULL)
		return;
	t->one_family = true;
	t->sorted = conf_accept_word(p, "sorted");
}

bool
conf_bird16_global(struct conf_parser *p, bool *ret_open)
{
	if (conf_is_word(p, "listen") && conf_is2_word(p, "bgp"))
		listen(p);
	else if (conf_is_word(p, "roa") && conf_is2_word(p, "table"))
		roa_table(p, ret_open);
	else if (conf_is_word(p, "table"))
		plain_table(p);
	else
		return false;
	return true;
}

const struct conf_table *
conf_bird16_master(struct conf_parser *p, struct span at, struct bytes name)
{
	if (!bytes_eq(name, bytes_str("master")))
		return NULL;
	conf_bird16_note(p, at, name, true);
	return p->config->master4;
}

/* route limit N: what is "import limit N action restart" now. */
static void
route_limit(struct conf_parser *p, struct conf_proto *proto)
{
	struct conf_channel *c = proto->channels;
	uint32_t max;

	if (c == NULL)
		c = conf_one_family_channel(p, proto, NET_IP4);
	take_old(p, false);
	conf_take(p);
	if (c == NULL || !conf_number(p, &max))
		return;
	for (; c != NULL; c = c->next)
		c->import_limit = (struct conf_limit){ .max = max,
		    .action = CONF_LIMIT_RESTART };
}

/* mode transparent | opaque: the latter has no successor. */
static void
pipe_mode(struct conf_parser *p)
{
	take_old(p, false);
	if (conf_is_word(p, "opaque"))
		conf_error(p, p->tok.at, "Warren does not serve 'opaque'");
	else
		conf_expect_word(p, "transparent");
}

/* primary ["PATTERN"] ADDRESS | PREFIX */
static void
device_primary(struct conf_parser *p, struct conf_proto *proto)
{
	struct conf_device_iface **end = &proto->device.ifaces;
	struct conf_device_iface *i = conf_new(p, struct conf_device_iface);
	uint8_t len;

	take_old(p, false);
	if (i == NULL)
		return;
	if (conf_is_string(p) && (i->patterns = conf_new(p,
	    struct conf_pattern)) != NULL)
		i->patterns->name = conf_iface_name(p);
	if (!conf_ip_len(p, &i->preferred_net.ip, &len))
		return;
	i->preferred_net = prefix_of(i->preferred_net.ip, len);
	while (*end != NULL)
		end = &(*end)->next;
	*end = i;
}

static void
device_routes(struct conf_parser *p)
{
	bool on;

	take_old(p, false);
	conf_take(p);
	conf_switch(p, &on);	/* the export filter says it today */
}

bool
conf_bird16_proto(struct conf_parser *p, struct conf_proto *proto)
{
	if (proto->kind == CONF_BGP && conf_is_word(p, "route") &&
	    conf_is2_word(p, "limit"))
		route_limit(p, proto);
	else if (proto->kind == CONF_PIPE && conf_is_word(p, "mode"))
		pipe_mode(p);
	else if (proto->kind == CONF_DEVICE && conf_is_word(p, "primary"))
		device_primary(p, proto);
	else if (proto->kind == CONF_KERNEL && conf_is_word(p, "device") &&
	    conf_is2_word(p, "routes"))
		device_routes(p);
	else
		return false;
	return true;
}

static bool
is_one_family(const struct conf_proto *proto)
{
	const struct conf_channel *c = proto->channels;

	return c == NULL || c->one_family;
}

/* 4 or 6, where a protocol shows it; 0: it does not. */
static unsigned
family_of(const struct conf_proto *proto)
{
	const struct conf_route *r = proto->stat.routes;

	if (proto->kind == CONF_STATIC && r != NULL)
		return is_kind(r->net.kind, NET_IP4, NET_ROA4) ? 4 : 6;
	if (proto->kind == CONF_BGP && !ip_is_none(proto->bgp.remote_ip) &&
	    !ip_is_link_local(proto->bgp.remote_ip))
		return ip_is4(proto->bgp.remote_ip) ? 4 : 6;
	return 0;
}

static bool
is_ipv6_file(const struct conf_parser *p)
{
	bool seen[7] = { false };

	for (const struct conf_proto *o = p->config->protocols; o != NULL;
	    o = o->next)
		if (is_one_family(o))
			seen[family_of(o)] = true;
	return seen[6] && !seen[4];
}

static void
tables_to_ipv6(struct conf_parser *p)
{
	for (struct conf_table *t = p->config->tables; t != NULL; t = t->next)
		if (t->one_family)
			t->kind = is_kind(t->kind, NET_ROA4, NET_ROA6) ?
			    NET_ROA6 : NET_IP6;
}

static void
swap_igp(const struct conf_table **four, const struct conf_table **six)
{
	if (*four == NULL || (*four)->kind != NET_IP6)
		return;
	*six = *four;
	*four = NULL;
}

static void
channel_to_ipv6(struct conf_parser *p, struct conf_channel *c)
{
	if (!c->one_family)
		return;
	c->kind = is_kind(c->kind, NET_ROA4, NET_ROA6) ? NET_ROA6 : NET_IP6;
	if (c->table == p->config->master4)
		c->table = NULL;
	swap_igp(&c->igp_table4, &c->igp_table6);
}

/* "master" is the table of the family. */
static void
pipe_to_ipv6(struct conf_parser *p, struct conf_proto *o)
{
	struct conf_channel *c = o->channels;
	const struct conf_table *four = p->config->master4;

	if (o->pipe.peer == four && c != NULL && c->table != NULL &&
	    c->table->one_family)
		o->pipe.peer = p->config->master6;
	else if (c != NULL && c->table == four && o->pipe.peer != NULL &&
	    o->pipe.peer->one_family)
		c->table = p->config->master6;
}

static void
to_ipv6(struct conf_parser *p)
{
	tables_to_ipv6(p);
	for (struct conf_proto *o = p->config->protocols; o; o = o->next) {
		for (struct conf_channel *c = o->channels; c; c = c->next)
			channel_to_ipv6(p, c);
		if (o->kind == CONF_PIPE)
			pipe_to_ipv6(p, o);
		if (o->kind == CONF_STATIC)
			swap_igp(&o->stat.igp_table4, &o->stat.igp_table6);
	}
}

/* Does the word stand in a channel today? */
static bool
is_channels(const char *word)
{
	static const char *const others[] = {
		"listen", "roa", "table", "master"
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(word, others[i]) == 0)
			return false;
	return true;
}

void
conf_bird16_finish(struct conf_parser *p)
{
	const char *family = "IPv4";

	if (p->old_word == NULL)
		return;
	p->one_family_kind = NET_IP4;
	if (p->one_family && is_ipv6_file(p)) {
		family = "IPv6";
		p->one_family_kind = NET_IP6;
		to_ipv6(p);
	}
	if (p->old_family && !is_channels(p->old_word))
		conf_warn(p, p->old_at, "'%s' is a word of BIRD 1.6: what "
		    "has no channel is taken for %s", p->old_word, family);
	else if (p->old_family)
		conf_warn(p, p->old_at, "'%s' outside of a channel: taken "
		    "for %s, as in BIRD 1.6", p->old_word, family);
	else
		conf_warn(p, p->old_at, "'%s' is a word of BIRD 1.6",
		    p->old_word);
}

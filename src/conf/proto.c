/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "conf/bird16.h"
#include "conf/protos.h"
#include "conf/unserved.h"
#include "conf/value.h"

#define AT(f)	offsetof(struct conf_proto, f)
#define NAME_MAX_LEN	64

static const struct conf_kind_of *const kinds[] = {
	&conf_device_kind, &conf_direct_kind, &conf_kernel_kind,
	&conf_static_kind, &conf_pipe_kind, &conf_bgp_kind,
	&conf_wireguard_kind, &conf_rpki_kind, &conf_bfd_kind,
	&conf_bmp_kind,
	&conf_mrt_kind
};

#define N_KINDS	(sizeof(kinds) / sizeof(kinds[0]))

static void
own_debug(struct conf_parser *p, void *base)
{
	struct conf_proto *proto = base;
	uint32_t mask;

	if (conf_mask(p, conf_debug_names, 6, CONF_DEBUG_ALL, &mask))
		proto->debug = (uint8_t)mask;
}

static void
own_router_id(struct conf_parser *p, void *base)
{
	conf_router_id(p, &((struct conf_proto *)base)->router_id);
}

/* "DEVICE" | default */
static void
own_vrf(struct conf_parser *p, void *base)
{
	struct conf_proto *proto = base;

	if (conf_accept_word(p, "default"))
		proto->vrf = NULL;
	else
		proto->vrf = conf_iface_name(p);
}

static void
own_mrtdump(struct conf_parser *p, void *base)
{
	conf_mrt_mask(p, &((struct conf_proto *)base)->mrtdump);
}

static const struct conf_row rows[] = {
	{ "disabled", ROW_SWITCH, ROW_SOFT, AT(disabled), .help =
	    "not started; \"enable\" starts it" },
	{ "description", ROW_STRING, ROW_SOFT, AT(description), .help =
	    "a text that \"show protocols all\" shows" },
	{ "debug", ROW_OWN, .own = own_debug, .help =
	    "all | off | { states, routes, filters, interfaces, events, "
	    "packets }" },
	{ "router id", ROW_OWN, .own = own_router_id, .help =
	    "for this protocol only" },
	{ NULL, ROW_NUMBER, 0, AT(router_id) },
	{ "hostname", ROW_STRING, 0, AT(hostname), .help =
	    "for this protocol only" },
	{ "vrf", ROW_OWN, .own = own_vrf, .help =
	    "\"DEVICE\" | default: where its sockets and neighbors are" },
	{ NULL, ROW_STRING, 0, AT(vrf) },
	{ "mrtdump", ROW_OWN, .own = own_mrtdump, .help =
	    "all | off | { states, messages }: of this neighbor" },
	{ NULL, ROW_NUMBER8, ROW_SOFT, AT(mrtdump) },
};

const struct conf_rows conf_proto_rows = CONF_ROWS(rows);

const struct conf_kind_of *
conf_kind_of(enum conf_kind kind)
{
	for (size_t i = 0; i < N_KINDS; i++)
		if (kinds[i]->kind == kind)
			return kinds[i];
	return NULL;
}

const char *
conf_kind_name(enum conf_kind kind)
{
	const struct conf_kind_of *k = conf_kind_of(kind);

	return k != NULL ? k->shown : "";
}

void *
conf_copy_list(struct conf_parser *p, const void *first, size_t size)
{
	void *head = NULL, **end = &head;

	for (; first != NULL; first = *(void *const *)first) {
		void *copy = arena_dup(p->arena, first, size);

		if (copy == NULL) {
			conf_no_memory(p);
			return head;
		}
		*(void **)copy = NULL;
		*end = copy;
		end = copy;
	}
	return head;
}

static const struct conf_kind_of *
parse_kind(struct conf_parser *p)
{
	const char *words[N_KINDS];
	const struct conf_token t = p->tok;

	for (size_t i = 0; i < N_KINDS; i++) {
		words[i] = kinds[i]->word;
		if (conf_accept_word(p, words[i]))
			return kinds[i];
	}
	if (conf_is_name(p) && conf_is_unserved_proto(t.text)) {
		char word[32];

		snprintf(word, sizeof(word), "%.*s", (int)t.text.n,
		    (const char *)t.text.p);
		conf_unserved(p, t.at, word);
		conf_take(p);
		conf_unserved_block(p);
		return NULL;
	}
	if (!conf_is_name(p)) {
		conf_unexpected(p, "the kind of the protocol");
		return NULL;
	}
	conf_error(p, t.at, "there is no protocol '%.*s'",
	    (int)(t.text.n > 40 ? 40 : t.text.n), (const char *)t.text.p);
	conf_suggest(p, t.text, words, N_KINDS);
	return NULL;
}

/* bgp1, bgp2, …: the next number that is free, as BIRD counts. */
static struct conf_token
default_name(struct conf_parser *p, const struct conf_kind_of *k,
    struct span at)
{
	struct conf_token t = { .kind = TOK_WORD, .at = at };
	char buf[NAME_MAX_LEN];
	char *name;

	do
		snprintf(buf, sizeof(buf), "%s%u", k->word,
		    ++p->counts[k->kind]);
	while (conf_symbol_here(p, bytes_str(buf)) != NULL);
	name = conf_copy(p, bytes_str(buf));
	t.text = bytes_str(name != NULL ? name : "");
	return t;
}

static struct conf_proto *
new_proto(struct conf_parser *p, const struct conf_kind_of *k, bool template,
    struct span at)
{
	struct conf_proto *proto = conf_new(p, struct conf_proto);
	struct conf_token name;
	struct conf_symbol *y;

	if (proto == NULL)
		return NULL;
	proto->kind = k->kind;
	proto->is_template = template;
	proto->unnamed = !conf_is_name(p) || conf_is_word(p, "from");
	name = proto->unnamed ? default_name(p, k, at) : conf_take(p);
	if (name.text.n == 0 || name.text.n >= NAME_MAX_LEN) {
		conf_error(p, name.at, "a name has 1 to %d characters",
		    NAME_MAX_LEN - 1);
		return NULL;
	}
	y = conf_symbol_define(p, &name, template ? CONF_SYM_TEMPLATE :
	    CONF_SYM_PROTOCOL);
	if (y == NULL)
		return NULL;
	y->proto = proto;
	proto->name = y->name;
	proto->at = name.at;
	return proto;
}

static void
defaults(struct conf_parser *p, struct conf_proto *proto,
    const struct conf_kind_of *k)
{
	conf_rows_defaults(&conf_proto_rows, proto);
	conf_rows_defaults(&k->rows, proto);
	proto->debug = p->config->debug_protocols;
	proto->mrtdump = p->config->mrtdump_protocols;
	if (k->init != NULL)
		k->init(p, proto);
}

struct conf_proto *
conf_proto_implied(struct conf_parser *p, const struct conf_kind_of *k,
    struct span at)
{
	const struct conf_token name = default_name(p, k, at);
	struct conf_proto *proto = conf_new(p, struct conf_proto);
	struct conf_symbol *y;

	if (proto == NULL)
		return NULL;
	y = conf_symbol_define(p, &name, CONF_SYM_PROTOCOL);
	if (y == NULL)
		return NULL;
	proto->kind = k->kind;
	proto->unnamed = true;
	y->proto = proto;
	proto->name = y->name;
	proto->at = at;
	defaults(p, proto, k);
	*p->protocols_end = proto;
	p->protocols_end = &proto->next;
	return proto;
}

/* Everything but who it is. */
static void
inherit(struct conf_parser *p, struct conf_proto *proto,
    const struct conf_proto *from, const struct conf_kind_of *k)
{
	const struct conf_proto self = *proto;

	*proto = *from;
	proto->next = NULL;
	proto->name = self.name;
	proto->at = self.at;
	proto->unnamed = self.unnamed;
	proto->is_template = self.is_template;
	proto->from = from->name;
	proto->channels = conf_copy_list(p, from->channels,
	    sizeof(struct conf_channel));
	for (struct conf_channel *c = proto->channels; c; c = c->next)
		c->said = false;
	if (k->copy != NULL)
		k->copy(p, proto);
}

static bool
parse_from(struct conf_parser *p, struct conf_proto *proto,
    const struct conf_kind_of *k)
{
	const struct conf_symbol *y;
	struct conf_token name;

	if (!conf_expect_name(p, "the name of a template", &name))
		return false;
	y = conf_symbol_find(p, name.text);
	if (y != NULL && y->kind == CONF_SYM_UNSERVED) {
		conf_unserved_name(p, &name);
		return false;
	}
	if (y == NULL || (y->kind != CONF_SYM_TEMPLATE &&
	    y->kind != CONF_SYM_PROTOCOL) || y->proto == NULL ||
	    y->proto == proto) {
		conf_error(p, name.at, "there is no template '%.*s'",
		    (int)name.text.n, (const char *)name.text.p);
		return false;
	}
	if (y->proto->kind != proto->kind) {
		conf_error(p, name.at, "'%s' is a template for protocol %s",
		    y->name, conf_kind_of(y->proto->kind)->word);
		return false;
	}
	inherit(p, proto, y->proto, k);
	return true;
}

/*
 * BIRD 1.6 had one family and no channels: what belongs to the channel
 * stood in the protocol.  Is this such a word here?
 */
static bool
one_family_word(struct conf_parser *p)
{
	static const struct {
		const char *word1, *word2;
	} words[] = {
		{ "import", NULL }, { "export", NULL }, { "table", NULL },
		{ "preference", NULL }, { "receive", NULL },
		{ "next", "hop" }, { "add", "paths" }, { "gateway", NULL },
		{ "secondary", NULL }, { "igp", "table" },
		{ "missing", "lladdr" },
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (conf_is_word(p, words[i].word1) && (!words[i].word2 ||
		    conf_is2_word(p, words[i].word2)))
			return true;
	return false;
}

struct conf_channel *
conf_one_family_channel(struct conf_parser *p, struct conf_proto *proto,
    enum net_kind kind)
{
	struct conf_channel *c = proto->channels;

	/* One that stands there is meant, where it is IPv4's. */
	while (c != NULL && c->kind != kind)
		c = c->next;
	if (c != NULL)
		return c;
	c = conf_channel_get(p, proto, conf_kind_of(proto->kind), kind,
	    p->tok.at);
	if (c != NULL)
		c->one_family = true;
	return c;
}

static bool
one_family(struct conf_parser *p, struct conf_proto *proto,
    const struct conf_kind_of *k)
{
	const struct conf_rows sets[] = { conf_channel_rows, k->channel_rows };
	struct conf_channel *c;

	if (!(k->channels & CONF_NET(NET_IP4)) || !one_family_word(p))
		return false;
	/* Static's own igp table is not a channel's. */
	if (conf_is_word(p, "igp") && proto->kind == CONF_STATIC)
		return false;
	if (k->inline_channel) {
		c = proto->channels;
		if (c == NULL)
			c = conf_channel_get(p, proto, k, NET_NONE,
			    p->tok.at);
	} else {
		conf_bird16_note(p, p->tok.at, p->tok.text, true);
		c = conf_one_family_channel(p, proto, NET_IP4);
	}
	if (c == NULL)
		return true;
	return conf_rows_parse(p, sets, 2, c, NULL);
}

static void
statement(struct conf_parser *p, struct conf_proto *proto,
    const struct conf_kind_of *k)
{
	static const char *const channels[] = { "ipv4", "ipv6", NULL };
	const struct conf_rows sets[] = { conf_proto_rows, k->rows };

	if (conf_channel_word(p))
		conf_parse_channel(p, proto, k);
	else if ((k->statement == NULL || !k->statement(p, proto)) &&
	    !conf_bird16_proto(p, proto) && !one_family(p, proto, k) &&
	    !conf_rows_parse(p, sets, 2, proto, NULL))
		conf_rows_unknown(p, sets, 2, channels, k->where);
}

static void
body(struct conf_parser *p, struct conf_proto *proto,
    const struct conf_kind_of *k)
{
	while (!conf_at_end(p, '}')) {
		if (conf_accept(p, ';'))
			continue;
		statement(p, proto, k);
		conf_end_statement(p);
	}
	conf_expect(p, '}');
}

/*
 * Was so much of it skipped that nothing is left?  Its name is not free
 * then, but it is as little a protocol as one of a kind that is not served.
 */
static bool
is_dropped(struct conf_parser *p, struct conf_proto *proto)
{
	if (proto->skipped_channel && p->skip_unserved &&
	    proto->channels == NULL && !proto->is_template) {
		conf_warn(p, proto->at, "'%s' has no channel that is served: "
		    "skipped", proto->name);
		p->drop_proto = true;
	}
	if (p->drop_proto)
		conf_symbol_find(p, bytes_str(proto->name))->kind =
		    CONF_SYM_UNSERVED;
	return p->drop_proto;
}

void
conf_parse_proto(struct conf_parser *p, bool template)
{
	const struct span at = p->tok.at;
	const struct conf_kind_of *k;
	struct conf_proto *proto;
	unsigned errors;

	p->drop_proto = false;
	conf_take(p);
	k = parse_kind(p);
	if (k == NULL)
		return;
	proto = new_proto(p, k, template, at);
	if (proto == NULL)
		return;
	if (!conf_accept_word(p, "from"))
		defaults(p, proto, k);
	else if (!parse_from(p, proto, k)) {
		if (is_dropped(p, proto))
			conf_unserved_block(p);
		return;
	}
	if (!conf_expect(p, '{'))
		return;
	errors = diag_errors(p->diags);
	body(p, proto, k);
	if (is_dropped(p, proto) || template)
		return;
	if (k->finish != NULL)
		k->finish(p, proto);
	*p->protocols_end = proto;
	p->protocols_end = &proto->next;
	/* What is missing may be what was misspelt. */
	if (errors != diag_errors(p->diags))
		proto->broken = true;
}

/* The tables that channels use unless they say another. */
static bool
default_table(struct conf_parser *p, struct conf_channel *c)
{
	const struct conf_table *t = NULL;

	if (c->table != NULL || c->kind == NET_NONE)
		return true;
	if (c->kind == NET_IP4)
		t = p->config->master4;
	else if (c->kind == NET_IP6)
		t = p->config->master6;
	else
		for (t = p->config->tables; t && t->kind != c->kind; )
			t = t->next;
	c->table = t;
	if (t == NULL)
		conf_complain(p, c->at, "there is no %s table",
		    conf_net_word(c->kind));
	return t != NULL;
}

void
conf_check_protos(struct conf_parser *p)
{
	const struct conf_kind_of *k;
	struct conf_proto *proto;
	bool ok;

	conf_bird16_finish(p);
	for (proto = p->config->protocols; proto; proto = proto->next) {
		k = conf_kind_of(proto->kind);
		if (p->one_family && proto->channels == NULL &&
		    proto->kind != CONF_WIREGUARD &&
		    (k->channels & CONF_NET(NET_IP4)))
			conf_one_family_channel(p, proto, p->one_family_kind);
		ok = true;
		for (struct conf_channel *c = proto->channels; c; c = c->next)
			ok &= default_table(p, c);
		/* A channel that was refused was told of already. */
		ok &= proto->channels != NULL || !proto->skipped_channel;
		if (ok && !proto->broken && k->check != NULL)
			k->check(p, proto);
	}
}

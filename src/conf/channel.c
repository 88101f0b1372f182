/* SPDX-License-Identifier: ISC */
#include "conf/filter_parse.h"
#include "conf/protos.h"
#include "conf/unserved.h"
#include "conf/value.h"

#define AT(f)	offsetof(struct conf_channel, f)

static const char *const net_words[NET_NKINDS] = {
	[NET_NONE] = "", [NET_IP4] = "ipv4", [NET_IP6] = "ipv6",
	[NET_ROA4] = "roa4", [NET_ROA6] = "roa6"
};

const char *
conf_net_word(enum net_kind kind)
{
	return net_words[kind];
}

static void
policy(struct conf_parser *p, struct conf_policy *ret)
{
	struct conf_policy y = { .said = true, .at = p->tok.at };

	if (conf_accept_word(p, "none")) {
		y.kind = CONF_POLICY_NONE;
	} else if (conf_accept_word(p, "all")) {
		y.kind = CONF_POLICY_ALL;
	} else if (conf_accept_word(p, "where")) {
		y.kind = CONF_POLICY_FILTER;
		y.filter = conf_parse_where(p);
	} else if (conf_accept_word(p, "filter")) {
		y.kind = CONF_POLICY_FILTER;
		y.filter = conf_parse_filter_use(p, &y.name);
	} else {
		conf_unexpected(p, "all, none, filter or where");
	}
	/* What cannot be told must not be let through. */
	if (p->skipping)
		y = (struct conf_policy){ .said = true, .at = y.at };
	if (!p->failed || p->skipping)
		*ret = y;
}

static void
own_import(struct conf_parser *p, void *base)
{
	policy(p, &((struct conf_channel *)base)->import);
}

static void
own_export(struct conf_parser *p, void *base)
{
	policy(p, &((struct conf_channel *)base)->export);
}

static void
limit(struct conf_parser *p, struct conf_limit *ret)
{
	static const char *const actions[] = {
		[CONF_LIMIT_NONE] = "", [CONF_LIMIT_WARN] = "warn",
		[CONF_LIMIT_BLOCK] = "block",
		[CONF_LIMIT_RESTART] = "restart",
		[CONF_LIMIT_DISABLE] = "disable"
	};
	struct conf_limit l = { .action = CONF_LIMIT_DISABLE };

	if (conf_accept_word(p, "off")) {
		*ret = (struct conf_limit){ 0 };
		return;
	}
	if (!conf_number(p, &l.max))
		return;
	if (conf_accept_word(p, "action") || conf_accept_word(p, "exceed")) {
		struct bytes word = p->tok.text;

		l.action = CONF_LIMIT_NONE;
		for (uint8_t i = CONF_LIMIT_WARN; i <= CONF_LIMIT_DISABLE; i++)
			if (conf_accept_word(p, actions[i]))
				l.action = i;
		if (l.action == CONF_LIMIT_NONE && !p->failed) {
			conf_unexpected(p, "warn, block, restart or disable");
			conf_suggest(p, word, actions + 1, 4);
			return;
		}
	}
	*ret = l;
}

static void
own_import_limit(struct conf_parser *p, void *base)
{
	limit(p, &((struct conf_channel *)base)->import_limit);
}

static void
own_receive_limit(struct conf_parser *p, void *base)
{
	limit(p, &((struct conf_channel *)base)->receive_limit);
}

static void
own_export_limit(struct conf_parser *p, void *base)
{
	limit(p, &((struct conf_channel *)base)->export_limit);
}

static void
own_table(struct conf_parser *p, void *base)
{
	struct conf_channel *c = base;
	const struct span at = p->tok.at;
	const unsigned kinds = c->kind != NET_NONE ? CONF_NET(c->kind) :
	    CONF_NETS_IP | CONF_NETS_ROA;
	const struct conf_table *t = conf_table_ref(p, kinds);

	if (t != NULL) {
		c->table = t;
		c->table_at = at;
	}
}

static void
own_debug(struct conf_parser *p, void *base)
{
	struct conf_channel *c = base;
	uint32_t mask;

	if (conf_mask(p, conf_debug_names, 6, CONF_DEBUG_ALL, &mask)) {
		c->debug = (uint8_t)mask;
		c->debug_said = true;
	}
}

static const struct conf_row rows[] = {
	{ "import", ROW_OWN, .own = own_import, .help =
	    "all | none | filter NAME | filter { … } | where EXPR: which "
	    "routes of the protocol come into the table" },
	{ "export", ROW_OWN, .own = own_export, .help =
	    "the same for routes of the table that go to the protocol" },
	{ "table", ROW_OWN, .own = own_table, .help =
	    "the table; default is the first of the kind" },
	{ "preference", ROW_NUMBER16, ROW_IMPORT, AT(preference), 0, 65535,
	    .help = "of routes that the filter gives none" },
	{ "import limit", ROW_OWN, .own = own_import_limit, .help =
	    "N [action warn|block|restart|disable]: routes accepted" },
	{ "receive limit", ROW_OWN, .own = own_receive_limit, .help =
	    "the same for routes received" },
	{ "export limit", ROW_OWN, .own = own_export_limit, .help =
	    "the same for routes exported" },
	{ "import keep filtered", ROW_SWITCH, ROW_IMPORT, AT(keep_filtered),
	    .help = "keep routes that the import filter rejects, hidden" },
	{ "rpki reload", ROW_SWITCH, ROW_SOFT, AT(rpki_reload), .def = 1,
	    .help = "filter again when a ROA table that it asks changes" },
	{ "debug", ROW_OWN, .own = own_debug, .help =
	    "all | off | { states, routes, filters }" },
	/* BIRD 3's */
	{ "export block", ROW_UNSERVED },
	{ "export settle time", ROW_UNSERVED },
	{ "roa settle time", ROW_UNSERVED },
	{ "route refresh export settle time", ROW_UNSERVED },
};

const struct conf_rows conf_channel_rows = CONF_ROWS(rows);

/* The kind that a word names, NET_NONE if none. */
static enum net_kind
kind_of_word(const struct conf_parser *p)
{
	for (int k = NET_IP4; k < NET_NKINDS; k++)
		if (conf_is_word(p, net_words[k]))
			return (enum net_kind)k;
	return NET_NONE;
}

static bool
is_unserved(const struct conf_parser *p)
{
	return !p->failed && p->tok.kind == TOK_WORD &&
	    conf_is_unserved_net(p->tok.text);
}

bool
conf_channel_word(const struct conf_parser *p)
{
	return kind_of_word(p) != NET_NONE || is_unserved(p);
}

static struct conf_channel *
find(const struct conf_proto *proto, enum net_kind kind, bool multicast)
{
	struct conf_channel *c = proto->channels;

	while (c != NULL && (c->kind != kind || c->multicast != multicast))
		c = c->next;
	return c;
}

static struct conf_channel *
get(struct conf_parser *p, struct conf_proto *proto,
    const struct conf_kind_of *k, enum net_kind kind, bool multicast,
    struct span at)
{
	struct conf_channel *c = find(proto, kind, multicast);
	struct conf_channel **end = &proto->channels;

	if (c != NULL)
		return c;
	c = conf_new(p, struct conf_channel);
	if (c == NULL)
		return NULL;
	while (*end != NULL)
		end = &(*end)->next;
	*end = c;
	c->kind = (uint8_t)kind;
	c->multicast = multicast;
	c->at = at;
	conf_rows_defaults(&conf_channel_rows, c);
	conf_rows_defaults(&k->channel_rows, c);
	c->preference = k->preference;
	c->import.kind = CONF_POLICY_ALL;
	return c;
}

static void
block(struct conf_parser *p, struct conf_channel *c,
    const struct conf_kind_of *k)
{
	const struct conf_rows sets[] = { conf_channel_rows, k->channel_rows };

	while (!conf_at_end(p, '}')) {
		if (conf_accept(p, ';'))
			continue;
		if (!conf_rows_parse(p, sets, 2, c, NULL))
			conf_rows_unknown(p, sets, 2, NULL, "in a channel");
		conf_end_statement(p);
	}
	conf_expect(p, '}');
}

/* "ipv4 mpls", "ipv6 sadr" and the like, and whole words. */
static bool
refuse(struct conf_parser *p, struct conf_proto *proto)
{
	const bool two = conf_is2_word(p, "mpls") || conf_is2_word(p, "sadr");
	const struct span at = p->tok.at;
	struct conf_token t;
	const char *word;

	if (!two && !is_unserved(p))
		return false;
	t = conf_take(p);
	word = conf_copy(p, t.text);
	if (two) {
		t = conf_take(p);
		word = arena_printf(p->arena, "%s %.*s", word ? word : "",
		    (int)t.text.n, (const char *)t.text.p);
	}
	if (word != NULL)
		conf_unserved(p, conf_span_from(p, at), word);
	proto->skipped_channel = true;
	return true;
}

struct conf_channel *
conf_channel_get(struct conf_parser *p, struct conf_proto *proto,
    const struct conf_kind_of *k, enum net_kind kind, struct span at)
{
	return get(p, proto, k, kind, false, at);
}

void
conf_parse_channel(struct conf_parser *p, struct conf_proto *proto,
    const struct conf_kind_of *k)
{
	const struct span at = p->tok.at;
	const enum net_kind kind = kind_of_word(p);
	struct conf_channel *c;
	bool multicast;

	if (refuse(p, proto))
		return;
	conf_take(p);
	multicast = kind != NET_NONE && CONF_NET(kind) & CONF_NETS_IP &&
	    k->kind == CONF_BGP && conf_accept_word(p, "multicast");
	if (!(k->channels & CONF_NET(kind))) {
		conf_error(p, at, "protocol %s has no channel '%s'", k->word,
		    net_words[kind]);
		return;
	}
	c = find(proto, kind, multicast);
	if (c != NULL && c->said) {
		conf_error(p, at, "second channel '%s' in one protocol",
		    conf_channel_name(c));
		return;
	}
	if (k->one_channel && c == NULL && proto->channels != NULL) {
		conf_error(p, at, "protocol %s has one channel, and that is "
		    "'%s' here", k->word, net_words[proto->channels->kind]);
		return;
	}
	c = get(p, proto, k, kind, multicast, at);
	if (c == NULL)
		return;
	c->said = true;
	c->at = at;
	if (conf_accept(p, '{'))
		block(p, c, k);
}

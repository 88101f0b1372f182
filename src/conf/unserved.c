/* SPDX-License-Identifier: ISC */
#include "conf/unserved.h"

#include "conf/filter_parse.h"

/* BIRD's, of 1.6 to 3. */
static const char *const protocols[] = {
	"ospf", "rip", "babel", "radv", "l3vpn", "evpn", "perf",
	"aggregator", "bridge", "snmp"
};

static const char *const nets[] = {
	"vpn4", "vpn6", "flow4", "flow6", "mpls", "eth", "evpn", "aspa",
	"neighbor4", "neighbor6"
};

/* How their attributes begin. */
static const char *const attributes[] = {
	"rip_", "ospf_", "babel_", "ra_", "radv_", "gw_mpls", "gw_mac",
	"mpls_", "bgp_mpls_", "bgp_pmsi_", "aggregated_", "route_target"
};

/* How their constants begin. */
static const char *const constants[] = {
	"NET_ETH", "NET_EVPN", "NET_ASPA", "NET_NEIGHBOR", "ASPA_",
	"MPLS_POLICY_", "RA_PREF_"
};

#define N(array)	(sizeof(array) / sizeof((array)[0]))

static bool
is_one_of(struct bytes word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (bytes_eq(word, bytes_str(words[i])))
			return true;
	return false;
}

bool
conf_is_unserved_proto(struct bytes word)
{
	return is_one_of(word, protocols, N(protocols));
}

bool
conf_is_unserved_net(struct bytes word)
{
	return is_one_of(word, nets, N(nets));
}

static bool
begins(struct bytes name, const char *const *words, size_t n_words)
{
	for (size_t i = 0; i < n_words; i++) {
		const size_t n = strlen(words[i]);

		if (name.n >= n && memcmp(name.p, words[i], n) == 0)
			return true;
	}
	return false;
}

bool
conf_is_unserved_attr(struct bytes name)
{
	return begins(name, attributes, N(attributes));
}

bool
conf_is_unserved_value(struct bytes name)
{
	return begins(name, constants, N(constants)) ||
	    conf_is_unserved_attr(name) || conf_is_unserved_net(name);
}

void
conf_unserved(struct conf_parser *p, struct span at, const char *word)
{
	if (p->failed)
		return;
	p->failed = true;
	if (!p->skip_unserved) {
		conf_complain(p, at, "Warren does not serve '%s'", word);
		return;
	}
	conf_warn(p, at, "Warren does not serve '%s': skipped", word);
	p->skipping = true;
}

void
conf_unserved_name(struct conf_parser *p, const struct conf_token *name)
{
	if (p->skip_unserved)
		conf_unserved_proto(p, name->at,
		    conf_symbol_find(p, name->text)->name);
	p->failed = true;
}

void
conf_unserved_proto(struct conf_parser *p, struct span at, const char *word)
{
	conf_unserved(p, at, word);
	p->drop_proto = p->skipping;
}

/* For later uses of the name, which are to be skipped as well. */
static void
remember(struct conf_parser *p, const struct conf_token *name)
{
	if (conf_symbol_here(p, name->text) == NULL)
		conf_symbol_define(p, name, CONF_SYM_UNSERVED);
}

/* Through the '}' of the first block. */
static void
skip_block(struct conf_parser *p)
{
	const unsigned level = p->braces;

	while (p->tok.kind != TOK_EOF && p->tok.kind != '{' &&
	    p->tok.kind != ';')
		conf_take(p);
	if (p->tok.kind == '{')
		do
			conf_take(p);
		while (p->tok.kind != TOK_EOF && p->braces > level);
}

/*
 * The name is the last word before "from" or the '{': "ospf v2 core", "rip
 * ng", which has none, is remembered as a name that nobody uses.
 */
void
conf_unserved_block(struct conf_parser *p)
{
	struct conf_token name = { .kind = TOK_EOF };

	p->failed = p->skipping = false;
	while (conf_is_name(p) && !conf_is_word(p, "from"))
		name = conf_take(p);
	if (name.kind != TOK_EOF)
		remember(p, &name);
	skip_block(p);
}

void
conf_unserved_table(struct conf_parser *p, struct span at, const char *word)
{
	conf_unserved(p, at, word);
	p->failed = false;
	if (conf_accept_word(p, "table") && conf_is_name(p))
		remember(p, &p->tok);
	p->failed = true;
}

static enum filter_type
attr_type(struct bytes name)
{
	static const char id[] = "_router_id";
	const size_t n = sizeof(id) - 1;

	return name.n > n && memcmp(name.p + name.n - n, id, n) == 0 ?
	    FT_QUAD : FT_INT;
}

const struct conf_symbol *
conf_unserved_attr(struct conf_parser *p, const struct conf_token *t)
{
	struct conf_scope *scope = p->scope;
	const struct conf_symbol *y;

	if (!p->skip_unserved || p->failed || t->kind != TOK_WORD ||
	    !conf_is_unserved_attr(t->text))
		return NULL;
	conf_warn(p, t->at, "Warren does not serve '%.*s': an attribute that "
	    "only filters set", (int)t->text.n, (const char *)t->text.p);
	p->scope = p->global;
	y = conf_declare_attribute(p, t, attr_type(t->text));
	p->scope = scope;
	return y;
}

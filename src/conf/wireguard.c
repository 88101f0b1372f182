/* SPDX-License-Identifier: ISC */
#include "conf/wireguard.h"

#include <stdlib.h>

#include "base/time.h"
#include "conf/protos.h"
#include "conf/value.h"

#define AT(f)	offsetof(struct conf_proto, wg.f)
#define PEER(f)	offsetof(struct conf_wg_peer, f)

static struct conf_wireguard *
wg_of(void *base)
{
	return &((struct conf_proto *)base)->wg;
}

struct conf_wg_peer *
conf_wg_peer_new(struct conf_parser *p, struct conf_wireguard *wg,
    struct span at)
{
	struct conf_wg_peer *peer = conf_new(p, struct conf_wg_peer);
	struct conf_wg_peer **end = &wg->peers;

	if (peer == NULL)
		return NULL;
	while (*end != NULL)
		end = &(*end)->next;
	*end = peer;
	peer->at = at;
	wg->n_peers++;
	return peer;
}

bool
conf_wg_add_addr(struct conf_parser *p, struct conf_wireguard *wg,
    struct span at, struct ip ip, uint8_t len)
{
	struct conf_wg_addr *a = conf_new(p, struct conf_wg_addr);
	struct conf_wg_addr **end = &wg->addrs;

	if (a == NULL)
		return false;
	while (*end != NULL)
		end = &(*end)->next;
	*end = a;
	a->at = at;
	a->ip = ip;
	a->len = len;
	return true;
}

bool
conf_wg_add_prefix(struct conf_parser *p, struct conf_prefix_list **list,
    struct span at, const struct prefix *net)
{
	struct conf_prefix_list *l = conf_new(p, struct conf_prefix_list);

	if (l == NULL)
		return false;
	while (*list != NULL)
		list = &(*list)->next;
	*list = l;
	l->at = at;
	l->net = *net;
	return true;
}

/* The key itself is not named: it may be a real one with one letter lost. */
static void
bad_key(struct conf_parser *p, struct span at)
{
	conf_error(p, at, "this is no WireGuard key, which is 44 characters "
	    "of base64");
}

bool
conf_wg_secret_text(struct conf_parser *p, struct bytes text, struct span at,
    struct conf_wg_secret *ret)
{
	uint8_t *key = conf_secret_alloc(p, CONF_WG_KEY);

	if (key == NULL)
		return false;
	if (!conf_text_key(text, key)) {
		bad_key(p, at);
		return false;
	}
	*ret = (struct conf_wg_secret){ .key = key, .at = at };
	return true;
}

bool
conf_wg_public_text(struct conf_parser *p, struct bytes text, struct span at,
    struct conf_wg_peer *peer)
{
	if (!conf_text_key(text, peer->public_key)) {
		bad_key(p, at);
		return false;
	}
	peer->public_key_said = true;
	peer->public_key_at = at;
	return true;
}

bool
conf_wg_endpoint_text(struct conf_parser *p, struct bytes text,
    struct span at, const char **ret_host, uint16_t *ret_port)
{
	struct bytes host;

	if (!conf_text_endpoint(text, &host, ret_port)) {
		conf_error(p, at, "an endpoint is HOST:PORT or [ADDRESS]:PORT");
		return false;
	}
	*ret_host = conf_copy(p, host);
	return *ret_host != NULL;
}

static bool
need_string(struct conf_parser *p, const char *what)
{
	if (!p->failed && !conf_is_string(p))
		conf_unexpected(p, what);
	return !p->failed;
}

/* "BASE64" | file "NAME" */
static void
secret(struct conf_parser *p, struct conf_wg_secret *ret)
{
	const struct span at = p->tok.at;
	const char *file;

	if (conf_accept_word(p, "file")) {
		file = conf_expect_string(p, "the name of a file");
		if (file != NULL)
			*ret = (struct conf_wg_secret){ .file = file,
			    .at = at };
	} else if (need_string(p, "a key, or file and a name")) {
		struct conf_token t = conf_take(p);

		conf_wg_secret_text(p, t.text, at, ret);
	}
}

/* How an endpoint may begin that stands without quotes. */
static bool
is_bare_endpoint(const struct conf_parser *p)
{
	return conf_is(p, TOK_WORD) || conf_is(p, TOK_IP) ||
	    conf_is(p, TOK_RD) || conf_is(p, TOK_NUMBER) || conf_is(p, '[');
}

/* HOST:PORT as it stands in wg-quick's files: one word up to a space or ;. */
static struct bytes
bare_endpoint(struct conf_parser *p)
{
	struct bytes text = p->tok.text;

	do {
		const struct conf_token t = conf_take(p);

		text.n = (size_t)(t.text.p + t.text.n - text.p);
	} while (!p->tok.spaced && p->tok.kind != TOK_EOF &&
	    p->tok.text.p == text.p + text.n && !conf_is(p, ';') &&
	    !conf_is(p, '}'));
	return text;
}

/* "HOST:PORT", with the quotes or without */
static void
endpoint(struct conf_parser *p, const char **ret_host, uint16_t *ret_port)
{
	const struct span at = p->tok.at;
	struct bytes text;

	/* A constant is a string, too. */
	if (!p->failed && !conf_is_string(p) && is_bare_endpoint(p))
		text = bare_endpoint(p);
	else if (need_string(p, "HOST:PORT"))
		text = conf_take(p).text;
	else
		return;
	conf_wg_endpoint_text(p, text, conf_span_from(p, at), ret_host,
	    ret_port);
}

/* ADDR or ADDR/LEN, … */
static void
prefixes(struct conf_parser *p, struct conf_prefix_list **list)
{
	do {
		const struct span at = p->tok.at;
		struct prefix net;

		if (conf_is(p, TOK_IP) && conf_peek2(p)->kind != '/')
			net = prefix_host(conf_take(p).ip);
		else if (!conf_net(p, &net))
			return;
		if (net.kind != NET_IP4 && net.kind != NET_IP6) {
			conf_error(p, at, "this is no prefix of addresses");
			return;
		}
		conf_wg_add_prefix(p, list, conf_span_from(p, at), &net);
	} while (conf_accept(p, ','));
}

static void
peer_public_key(struct conf_parser *p, void *base)
{
	struct conf_token t;

	if (!need_string(p, "a key"))
		return;
	t = conf_take(p);
	conf_wg_public_text(p, t.text, t.at, base);
}

static void
peer_preshared_key(struct conf_parser *p, void *base)
{
	secret(p, &((struct conf_wg_peer *)base)->preshared);
}

static void
peer_endpoint(struct conf_parser *p, void *base)
{
	struct conf_wg_peer *peer = base;

	peer->endpoint_at = p->tok.at;
	endpoint(p, &peer->endpoint_host, &peer->endpoint_port);
}

static void
peer_keepalive(struct conf_parser *p, void *base)
{
	struct conf_wg_peer *peer = base;
	const struct span at = p->tok.at;
	int64_t t = 0;

	if (!conf_accept_word(p, "off") && !conf_time(p, &t))
		return;
	if (t > SECONDS(65535)) {
		conf_error(p, conf_span_from(p, at),
		    "out of range: 0 to 65535 seconds");
		return;
	}
	peer->keepalive = (uint16_t)(t / SECONDS(1));
	peer->keepalive_said = true;
}

static void
peer_allowed_ips(struct conf_parser *p, void *base)
{
	struct conf_wg_peer *peer = base;

	if (conf_accept_word(p, "any"))
		peer->allowed_any = true;
	else if (!conf_accept_word(p, "none"))
		prefixes(p, &peer->allowed);
	peer->allowed_said = true;
}

static const struct conf_row peer_rows[] = {
	{ "public key", ROW_OWN, .own = peer_public_key, .help =
	    "\"BASE64\": who the peer is" },
	{ "preshared key", ROW_OWN, .own = peer_preshared_key, .help =
	    "\"BASE64\" | file \"NAME\"" },
	{ "endpoint", ROW_OWN, .own = peer_endpoint, .help =
	    "\"HOST:PORT\"; without one the peer comes to us" },
	{ "persistent keepalive", ROW_OWN, .own = peer_keepalive, .help =
	    "SECONDS | off" },
	{ "allowed ips", ROW_OWN, .own = peer_allowed_ips, .help =
	    "any | none | PREFIX, …; default is any for the only peer" },
	{ "disabled", ROW_SWITCH, ROW_SOFT, PEER(disabled), .help =
	    "not given to the interface" },
	{ "description", ROW_STRING, ROW_SOFT, PEER(description), .help =
	    "a text for people" },
};

const struct conf_rows conf_wg_peer_rows = CONF_ROWS(peer_rows);

static struct conf_wg_peer *
peer_by_name(struct conf_wireguard *wg, const char *name,
    const struct conf_wg_peer *but)
{
	struct conf_wg_peer *peer = wg->peers;

	while (peer != NULL && (peer == but || peer->name == NULL ||
	    strcmp(peer->name, name) != 0))
		peer = peer->next;
	return peer;
}

/* A peer of the config file with the same key, which this one overrides. */
static void
override(struct conf_wireguard *wg, struct conf_wg_peer *peer)
{
	struct conf_wg_peer **link = &wg->peers, *old;

	while (*link != NULL && (!(*link)->imported || *link == peer ||
	    memcmp((*link)->public_key, peer->public_key, CONF_WG_KEY) != 0))
		link = &(*link)->next;
	old = *link;
	if (old == NULL)
		return;
	*link = old->next;
	wg->n_peers--;
	if (peer->preshared.file == NULL && peer->preshared.key == NULL)
		peer->preshared = old->preshared;
	if (peer->endpoint_host == NULL) {
		peer->endpoint_host = old->endpoint_host;
		peer->endpoint_port = old->endpoint_port;
		peer->endpoint_at = old->endpoint_at;
	}
	if (!peer->keepalive_said)
		peer->keepalive = old->keepalive;
	if (!peer->allowed_said) {
		peer->allowed = old->allowed;
		peer->allowed_said = old->allowed_said;
	}
}

static bool
peer_name(struct conf_parser *p, struct conf_wireguard *wg,
    struct conf_wg_peer *peer)
{
	const struct conf_token t = p->tok;

	if (!conf_is(p, TOK_STRING) && !conf_is_name(p)) {
		conf_unexpected(p, "the name of the peer");
		return false;
	}
	conf_take(p);
	peer->name = conf_copy(p, t.text);
	if (peer->name == NULL)
		return false;
	if (t.text.n == 0 || t.text.n >= CONF_WG_NAMES)
		conf_error(p, t.at, "a name has 1 to %d characters",
		    CONF_WG_NAMES - 1);
	else if (peer_by_name(wg, peer->name, peer) != NULL)
		conf_error(p, t.at, "second peer '%s'", peer->name);
	return !p->failed;
}

void
conf_wg_peer_block(struct conf_parser *p, struct conf_wireguard *wg)
{
	const struct span at = p->tok.at;
	struct conf_wg_peer *peer = conf_wg_peer_new(p, wg, at);

	if (peer == NULL || !peer_name(p, wg, peer) || !conf_expect(p, '{'))
		return;
	while (!conf_at_end(p, '}')) {
		if (conf_accept(p, ';'))
			continue;
		if (!conf_rows_parse(p, &conf_wg_peer_rows, 1, peer, NULL))
			conf_rows_unknown(p, &conf_wg_peer_rows, 1, NULL,
			    "in a peer");
		conf_end_statement(p);
	}
	conf_expect(p, '}');
	if (peer->public_key_said)
		override(wg, peer);
}

static void
own_peer(struct conf_parser *p, void *base)
{
	conf_wg_peer_block(p, wg_of(base));
}

static void
own_interface(struct conf_parser *p, void *base)
{
	const char *s = conf_iface_name(p);

	if (s != NULL)
		wg_of(base)->iface = s;
}

static void
own_config_file(struct conf_parser *p, void *base)
{
	struct conf_token t;

	if (!need_string(p, "the name of a wg-quick file"))
		return;
	t = conf_take(p);
	conf_wgquick(p, wg_of(base), &t);
}

static void
own_private_key(struct conf_parser *p, void *base)
{
	secret(p, &wg_of(base)->private_key);
}

/* The first one here replaces those of the config file. */
static void
own_address(struct conf_parser *p, void *base)
{
	struct conf_wireguard *wg = wg_of(base);
	const struct span at = p->tok.at;
	struct ip ip;
	uint8_t len;

	if (!conf_ip_len(p, &ip, &len))
		return;
	if (!wg->addrs_said)
		wg->addrs = NULL;
	wg->addrs_said = true;
	conf_wg_add_addr(p, wg, conf_span_from(p, at), ip, len);
}

static void
own_link_local(struct conf_parser *p, void *base)
{
	struct conf_wireguard *wg = wg_of(base);
	const struct span at = p->tok.at;

	wg->link_local = CONF_LL_FIXED;
	if (conf_accept_word(p, "auto"))
		wg->link_local = CONF_LL_AUTO;
	else if (conf_accept_word(p, "none"))
		wg->link_local = CONF_LL_NONE;
	else if (!conf_is(p, TOK_IP) && !conf_is_name(p))
		conf_unexpected(p, "auto, none or an address");
	else if (conf_ip(p, &wg->link_local_ip) &&
	    !ip_is_link_local(wg->link_local_ip))
		conf_error(p, at, "a link-local address is of fe80::/10");
}

static void
own_mtu(struct conf_parser *p, void *base)
{
	if (conf_accept_word(p, "auto"))
		wg_of(base)->mtu = 0;
	else
		conf_number_in(p, 576, 65535, &wg_of(base)->mtu);
}

static void
own_invite_pool(struct conf_parser *p, void *base)
{
	prefixes(p, &wg_of(base)->invite_pool);
}

static void
own_invite_endpoint(struct conf_parser *p, void *base)
{
	endpoint(p, &wg_of(base)->invite_host, &wg_of(base)->invite_port);
}

static const char *const backends[] = { "auto", "kernel", "userspace", NULL };

static const struct conf_row rows[] = {
	{ "interface", ROW_OWN, .own = own_interface, .help =
	    "\"NAME\"; default is the protocol's" },
	{ NULL, ROW_STRING, 0, AT(iface) },
	{ "config file", ROW_OWN, .own = own_config_file, .help =
	    "\"NAME\": a wg-quick file; what stands below overrides it" },
	{ "private key", ROW_OWN, .own = own_private_key, .help =
	    "file \"NAME\", made where there is none, or \"BASE64\"" },
	{ "listen port", ROW_NUMBER16, ROW_SOFT, AT(listen_port), 0, 65535,
	    .help = "default: any free one" },
	{ "fwmark", ROW_NUMBER, ROW_SOFT, AT(fwmark), 0, UINT32_MAX, .help =
	    "of the packets outside" },
	{ "address", ROW_OWN, .own = own_address, .help =
	    "ADDRESS/LEN; may stand several times; none is unnumbered" },
	{ "link local", ROW_OWN, .own = own_link_local, .help =
	    "auto | none | ADDRESS; auto comes from the public key" },
	{ NULL, ROW_NUMBER8, ROW_SOFT, AT(link_local) },
	{ NULL, ROW_IP, ROW_SOFT, AT(link_local_ip) },
	{ "mtu", ROW_OWN, .own = own_mtu, .help =
	    "auto | BYTES; auto is the underlay's path MTU less 80" },
	{ NULL, ROW_NUMBER, ROW_SOFT, AT(mtu) },
	{ "backend", ROW_ENUM, 0, AT(backend), .names = backends, .help =
	    "auto | kernel | userspace" },
	{ "forward", ROW_SWITCH, ROW_SOFT, AT(forward), .help =
	    "switch forwarding on, with rules for this interface" },
	{ "masquerade", ROW_SWITCH, ROW_SOFT, AT(masquerade), .help =
	    "source NAT for what leaves this host from the tunnel" },
	{ "clamp mss", ROW_SWITCH, ROW_SOFT, AT(clamp_mss), .help =
	    "TCP MSS to the tunnel's MTU" },
	{ "invite pool", ROW_OWN, .own = own_invite_pool, .help =
	    "PREFIX, …: addresses for \"warren invite\"" },
	{ "invite endpoint", ROW_OWN, .own = own_invite_endpoint, .help =
	    "\"HOST:PORT\" that an invited client connects to" },
	{ "explain", ROW_SWITCH, ROW_SOFT, AT(explain), .def = 1, .help =
	    "answer the peers' \"warren explain\"" },
	{ "liveness", ROW_SWITCH, ROW_SOFT, AT(liveness), .def = 1, .help =
	    "notice within a second when a peer is dead" },
	{ "run hooks", ROW_SWITCH, ROW_SOFT, AT(run_hooks), .help =
	    "run PostUp and the like of the config file" },
	{ NULL, ROW_NUMBER8, ROW_SOFT, AT(table) },
	{ NULL, ROW_NUMBER, ROW_SOFT, AT(table_number) },
	{ "peer", ROW_OWN, .own = own_peer, .help =
	    "\"NAME\" { … }" },
};

static void
copy(struct conf_parser *p, struct conf_proto *proto)
{
	struct conf_wireguard *wg = &proto->wg;

	wg->addrs = conf_copy_list(p, wg->addrs, sizeof(*wg->addrs));
	wg->invite_pool = conf_copy_list(p, wg->invite_pool,
	    sizeof(*wg->invite_pool));
	wg->peers = conf_copy_list(p, wg->peers, sizeof(*wg->peers));
	for (struct conf_wg_peer *y = wg->peers; y != NULL; y = y->next)
		y->allowed = conf_copy_list(p, y->allowed,
		    sizeof(*y->allowed));
}

static void
check_peer(struct conf_parser *p, struct conf_wireguard *wg,
    struct conf_wg_peer *peer)
{
	if (!peer->public_key_said) {
		conf_complain(p, peer->at, "the public key of peer '%s' is "
		    "missing", peer->name);
		return;
	}
	for (struct conf_wg_peer *o = wg->peers; o != peer; o = o->next)
		if (memcmp(o->public_key, peer->public_key,
		    CONF_WG_KEY) == 0)
			conf_complain(p, peer->public_key_at,
			    "peer '%s' has this key already", o->name);
	if (!peer->allowed_said && wg->n_peers == 1)
		peer->allowed_any = true;
}

struct claim {
	const struct conf_prefix_list *prefix;
	const struct conf_wg_peer *peer;
	size_t n;			/* in the order of the file */
};

static int
claim_cmp(const void *x, const void *y)
{
	const struct claim *a = x, *b = y;
	int c = prefix_cmp(&a->prefix->net, &b->prefix->net);

	return c != 0 ? c : (a->n > b->n) - (a->n < b->n);
}

static struct claim *
claims(struct conf_parser *p, const struct conf_wireguard *wg, size_t *ret_n)
{
	struct claim *v;
	size_t n = 0;

	for (const struct conf_wg_peer *y = wg->peers; y != NULL; y = y->next)
		for (struct conf_prefix_list *l = y->allowed; l; l = l->next)
			n++;
	v = n == 0 ? NULL : conf_alloc(p, n * sizeof(*v));
	*ret_n = v == NULL ? 0 : n;
	n = 0;
	for (const struct conf_wg_peer *y = wg->peers; v && y; y = y->next)
		for (struct conf_prefix_list *l = y->allowed; l;
		    l = l->next, n++)
			v[n] = (struct claim){ l, y, n };
	return v;
}

/* A prefix belongs to one peer only: the last that is given it. */
static void
check_allowed(struct conf_parser *p, const struct conf_wireguard *wg)
{
	const struct conf_wg_peer *any = NULL;
	struct claim *v;
	size_t n;

	for (const struct conf_wg_peer *y = wg->peers; y; y = y->next) {
		if (!y->allowed_any)
			continue;
		if (any != NULL)
			conf_warn(p, y->at, "peer '%s' is allowed any ips "
			    "as well, and this one takes them", any->name);
		any = y;
	}
	v = claims(p, wg, &n);
	if (n > 0)
		qsort(v, n, sizeof(*v), claim_cmp);
	for (size_t i = 1; i < n; i++)
		if (v[i].peer != v[i - 1].peer &&
		    prefix_eq(&v[i].prefix->net, &v[i - 1].prefix->net))
			conf_warn(p, v[i].prefix->at, "peer '%s' has this "
			    "prefix as well, and this one takes it",
			    v[i - 1].peer->name);
}

static void
check_hooks(struct conf_parser *p, const struct conf_wireguard *wg)
{
	const struct conf_string *hook = wg->pre_up ? wg->pre_up :
	    wg->post_up ? wg->post_up :
	    wg->pre_down ? wg->pre_down : wg->post_down;

	if (hook != NULL && !wg->run_hooks)
		conf_warn(p, hook->at,
		    "the hooks of this file do not run without 'run hooks'");
}

/* What two tunnels cannot both have. */
static void
check_others(struct conf_parser *p, const struct conf_proto *proto)
{
	const struct conf_proto *o = p->config->protocols;

	for (; o != proto; o = o->next) {
		if (o->kind != CONF_WIREGUARD || o->wg.iface == NULL)
			continue;
		if (strcmp(o->wg.iface, proto->wg.iface) == 0)
			conf_complain(p, proto->at,
			    "interface '%s' is that of '%s' already",
			    proto->wg.iface, o->name);
		if (proto->wg.listen_port != 0 &&
		    proto->wg.listen_port == o->wg.listen_port)
			conf_complain(p, proto->at,
			    "listen port %u is that of '%s' already",
			    proto->wg.listen_port, o->name);
	}
}

static void
check(struct conf_parser *p, struct conf_proto *proto)
{
	struct conf_wireguard *wg = &proto->wg;

	if (wg->private_key.key == NULL && wg->private_key.file == NULL)
		conf_complain(p, proto->at, "private key is missing: say "
		    "\"private key file …\", which is made if need be");
	for (struct conf_wg_peer *y = wg->peers; y != NULL; y = y->next)
		check_peer(p, wg, y);
	check_allowed(p, wg);
	check_hooks(p, wg);
	check_others(p, proto);
}

/* BGP's neighbor may name it before the checks: right after the block. */
static void
finish(struct conf_parser *p, struct conf_proto *proto)
{
	if (proto->wg.iface != NULL)
		return;
	if (strlen(proto->name) > 15)
		conf_complain(p, proto->at, "the name is too long for an "
		    "interface: say \"interface …\"");
	proto->wg.iface = proto->name;
}

const struct conf_kind_of conf_wireguard_kind = {
	.kind = CONF_WIREGUARD, .word = "wireguard", .shown = "WireGuard",
	.where = "in protocol wireguard", .channels = CONF_NETS_IP,
	.preference = 200, .rows = CONF_ROWS(rows), .copy = copy,
	.finish = finish, .check = check
};

/* SPDX-License-Identifier: ISC */
#include "base/time.h"
#include "conf/bfd.h"
#include "conf/bgp.h"
#include "conf/bird16.h"
#include "conf/unserved.h"
#include "conf/value.h"

#define AT(f)	offsetof(struct conf_proto, bgp.f)

static struct conf_bgp *
bgp_of(void *base)
{
	return &((struct conf_proto *)base)->bgp;
}

static void
as_number(struct conf_parser *p, uint32_t *ret)
{
	conf_number_in(p, 1, UINT32_MAX, ret);
}

static void
port(struct conf_parser *p, uint16_t *ret)
{
	uint32_t n;

	if (conf_number_in(p, 1, 65535, &n))
		*ret = (uint16_t)n;
}

/* local [IP[%IFACE]] [port N] [as N] */
static void
own_local(struct conf_parser *p, void *base)
{
	struct conf_bgp *b = bgp_of(base);

	if (!conf_is_word(p, "port") && !conf_is_word(p, "as") &&
	    !conf_is(p, ';'))
		if (conf_ip(p, &b->local_ip) && conf_accept(p, '%'))
			b->iface = conf_iface_name(p);
	while (!p->failed && !conf_is(p, ';')) {
		if (conf_accept_word(p, "port"))
			port(p, &b->local_port);
		else if (conf_accept_word(p, "as"))
			as_number(p, &b->local_as);
		else
			conf_unexpected(p, "port, as or ';'");
	}
}

/* wireguard "wg0" "east": the two are looked up after the whole file. */
static void
neighbor_wireguard(struct conf_parser *p, struct conf_bgp *b)
{
	b->wg_iface = conf_iface_name(p);
	if (b->wg_iface != NULL && !conf_is_string(p) && conf_is_name(p))
		b->wg_peer = conf_copy(p, conf_take(p).text);
	else if (b->wg_iface != NULL)
		b->wg_peer = conf_expect_string(p, "the name of the peer");
	b->remote_ip = IP_NONE;
	b->remote_range = (struct prefix){ 0 };
}

static void
neighbor_address(struct conf_parser *p, struct conf_bgp *b)
{
	if (conf_accept_word(p, "wireguard")) {
		neighbor_wireguard(p, b);
		return;
	}
	b->wg_iface = b->wg_peer = NULL;
	if (conf_accept_word(p, "range")) {
		conf_net(p, &b->remote_range);
		b->remote_ip = IP_NONE;
		return;
	}
	conf_ip(p, &b->remote_ip);
	b->remote_range = (struct prefix){ 0 };
	if (conf_accept(p, '%'))
		b->iface = conf_iface_name(p);
}

static void
neighbor_option(struct conf_parser *p, struct conf_bgp *b)
{
	if (conf_accept_word(p, "port")) {
		port(p, &b->remote_port);
	} else if (conf_accept_word(p, "as")) {
		b->remote_type = CONF_AS_NUMBER;
		as_number(p, &b->remote_as);
	} else if (conf_accept_word(p, "internal")) {
		b->remote_type = CONF_AS_INTERNAL;
		b->remote_as = 0;
	} else if (conf_accept_word(p, "external")) {
		b->remote_type = CONF_AS_EXTERNAL;
		b->remote_as = 0;
	} else if (conf_accept_word(p, "onlink")) {
		b->onlink = true;
	} else {
		conf_unexpected(p, "port, as, internal, external or ';'");
	}
}

static void
own_neighbor(struct conf_parser *p, void *base)
{
	struct conf_bgp *b = bgp_of(base);
	const struct span at = p->tok.at;

	if (!conf_is_word(p, "port") && !conf_is_word(p, "as") &&
	    !conf_is_word(p, "internal") && !conf_is_word(p, "external") &&
	    !conf_is_word(p, "onlink") && !conf_is(p, ';')) {
		neighbor_address(p, b);
		b->neighbor_at = conf_span_from(p, at);
	}
	while (!p->failed && !conf_is(p, ';'))
		neighbor_option(p, b);
}

static void
own_interface(struct conf_parser *p, void *base)
{
	const char *s = conf_iface_name(p);

	if (s != NULL)
		bgp_of(base)->iface = s;
}

/* PATTERN, …: names of interfaces, not what stands on them. */
static void
own_interface_range(struct conf_parser *p, void *base)
{
	const struct span at = p->tok.at;
	struct conf_pattern *first = conf_patterns(p);

	for (const struct conf_pattern *i = first; i != NULL; i = i->next)
		if (i->net.kind != NET_NONE) {
			conf_error(p, conf_span_from(p, at),
			    "names of interfaces are wanted, not prefixes");
			return;
		}
	bgp_of(base)->iface_range = first;
}

static void
own_direct(struct conf_parser *p, void *base)
{
	(void)p;
	bgp_of(base)->multihop = 0;
	bgp_of(base)->direct_said = true;
	bgp_of(base)->multihop_said = false;
}

static void
own_multihop(struct conf_parser *p, void *base)
{
	uint32_t n = 64;

	if (!conf_is(p, ';') && !conf_number_in(p, 1, 255, &n))
		return;
	/* BIRD 1.4: the gateway, which the route to him has today. */
	if (conf_is_word(p, "via")) {
		struct ip via;

		conf_bird16_note(p, p->tok.at, p->tok.text, false);
		conf_take(p);
		conf_ip(p, &via);
	}
	bgp_of(base)->multihop = (uint8_t)n;
	bgp_of(base)->multihop_said = true;
	bgp_of(base)->direct_said = false;
}

/* switch | graceful | { options } */
static void
own_bfd(struct conf_parser *p, void *base)
{
	struct conf_bgp *b = bgp_of(base);
	bool on = true;

	if (conf_accept_word(p, "graceful")) {
		b->bfd = CONF_BFD_GRACEFUL;
	} else if (conf_is(p, '{')) {
		/* BIRD's: what was said before is not forgotten. */
		struct conf_bfd_options *o = conf_new(p,
		    struct conf_bfd_options);

		if (o == NULL)
			return;
		if (b->bfd_options != NULL)
			*o = *b->bfd_options;
		o->keys = conf_copy_list(p, o->keys,
		    sizeof(struct conf_bfd_key));
		conf_bfd_options(p, o);
		b->bfd_options = o;
		if (b->bfd == CONF_BFD_OFF || o->graceful)
			b->bfd = o->graceful ? CONF_BFD_GRACEFUL :
			    CONF_BFD_ON;
	} else if (conf_switch(p, &on)) {
		b->bfd = on ? CONF_BFD_ON : CONF_BFD_OFF;
	}
}

static void
own_authentication(struct conf_parser *p, void *base)
{
	struct conf_bgp *b = bgp_of(base);

	if (!conf_is_word(p, "none") && !conf_is_word(p, "md5") &&
	    !conf_is_word(p, "ao")) {
		conf_unexpected(p, "none, md5 or ao");
		return;
	}
	b->authentication = conf_is_word(p, "md5");
	b->ao = conf_is_word(p, "ao");
	conf_take(p);
}

static void
own_allow_local_as(struct conf_parser *p, void *base)
{
	uint32_t n = UINT32_MAX;

	if (conf_is(p, ';') || conf_number(p, &n))
		bgp_of(base)->allow_local_as = n;
}

static void
own_rr_cluster_id(struct conf_parser *p, void *base)
{
	conf_router_id(p, &bgp_of(base)->rr_cluster_id);
}

/* on | off | aware */
static void
graceful(struct conf_parser *p, uint8_t *ret)
{
	bool on;

	if (conf_accept_word(p, "aware"))
		*ret = CONF_GR_AWARE;
	else if (conf_switch(p, &on))
		*ret = on ? CONF_GR_ON : CONF_GR_OFF;
}

static void
own_graceful_restart(struct conf_parser *p, void *base)
{
	graceful(p, &bgp_of(base)->graceful_restart);
}

static void
own_llgr(struct conf_parser *p, void *base)
{
	graceful(p, &bgp_of(base)->llgr);
}

/* Subcodes of Cease, RFC 4486, by bit. */
static const struct {
	const char *word1, *word2, *word3;
	uint8_t code;
} ceases[] = {
	{ "prefix", "limit", "hit", 1 },
	{ "administrative", "shutdown", NULL, 2 },
	{ "peer", "deconfigured", NULL, 3 },
	{ "administrative", "reset", NULL, 4 },
	{ "connection", "rejected", NULL, 5 },
	{ "configuration", "change", NULL, 6 },
	{ "connection", "collision", NULL, 7 },
	{ "out", "of", "resources", 8 },
	{ "cease", NULL, NULL, 0 },
};

static void
cease(struct conf_parser *p, uint32_t *mask)
{
	for (size_t i = 0; i < sizeof(ceases) / sizeof(ceases[0]); i++) {
		if (!conf_is_word(p, ceases[i].word1) ||
		    (ceases[i].word2 != NULL &&
		    !conf_is2_word(p, ceases[i].word2)))
			continue;
		conf_take(p);
		if (ceases[i].word2 != NULL)
			conf_take(p);
		if (ceases[i].word3 != NULL)
			conf_expect_word(p, ceases[i].word3);
		*mask |= 1u << ceases[i].code;
		return;
	}
	conf_unexpected(p, "a kind of Cease");
}

static void
own_disable_after_cease(struct conf_parser *p, void *base)
{
	uint32_t mask = 0;
	bool on;

	if (conf_accept(p, '{')) {
		do
			cease(p, &mask);
		while (conf_accept(p, ','));
		conf_expect(p, '}');
	} else if (conf_switch(p, &on) && on) {
		mask = CONF_CEASE_ALL;
	}
	if (!p->failed)
		bgp_of(base)->disable_after_cease = mask;
}

/* What it was called long ago. */
static void
own_start_delay(struct conf_parser *p, void *base)
{
	int64_t t;

	conf_warn(p, p->row_at,
	    "'start delay time' is called 'connect delay time' now");
	if (conf_time(p, &t))
		bgp_of(base)->connect_delay_time = t;
}

static void
own_error_wait(struct conf_parser *p, void *base)
{
	const struct span at = p->tok.at;
	int64_t min, max;

	if (!conf_time(p, &min) || !conf_expect(p, ',') ||
	    !conf_time(p, &max))
		return;
	if (min > max) {
		conf_warn(p, conf_span_from(p, at),
		    "the first is the least, and is more than the second");
		max = min;
	}
	bgp_of(base)->error_wait_min = min;
	bgp_of(base)->error_wait_max = max;
}

static const char *const roles[] = {
	[CONF_ROLE_NONE] = "", [CONF_ROLE_PEER] = "peer",
	[CONF_ROLE_PROVIDER] = "provider", [CONF_ROLE_CUSTOMER] = "customer",
	[CONF_ROLE_RS_SERVER] = "rs_server",
	[CONF_ROLE_RS_CLIENT] = "rs_client", NULL
};

/* One row for each option of the guide's chapter, in its order. */
static const struct conf_row rows[] = {
	{ "local", ROW_OWN, .own = own_local, .help =
	    "[ADDRESS[%IFACE]] [port N] [as N]: who we are" },
	{ NULL, ROW_IP, 0, AT(local_ip) },
	{ NULL, ROW_NUMBER16, 0, AT(local_port), .def = 179 },
	{ NULL, ROW_NUMBER, 0, AT(local_as) },
	{ "neighbor", ROW_OWN, .own = own_neighbor, .help =
	    "ADDRESS[%IFACE] | range PREFIX | wireguard \"IFACE\" \"PEER\" "
	    "[port N] [as N | internal | external]" },
	{ NULL, ROW_IP, 0, AT(remote_ip) },
	{ NULL, ROW_NET, 0, AT(remote_range) },
	{ NULL, ROW_STRING, 0, AT(wg_iface) },
	{ NULL, ROW_STRING, 0, AT(wg_peer) },
	{ NULL, ROW_NUMBER16, 0, AT(remote_port), .def = 179 },
	{ NULL, ROW_NUMBER8, 0, AT(remote_type) },
	{ NULL, ROW_NUMBER, 0, AT(remote_as) },
	{ "interface", ROW_OWN, .own = own_interface, .help =
	    "through which the neighbor is reached" },
	{ "interface range", ROW_OWN, .own = own_interface_range, .help =
	    "PATTERN, …: of a neighbor range: through which it may dial" },
	{ NULL, ROW_STRING, 0, AT(iface) },
	{ "onlink", ROW_SWITCH, 0, AT(onlink), .help =
	    "start without waiting for the neighbor's network" },
	{ "direct", ROW_OWN, .own = own_direct, .help =
	    "the neighbor is on a common link; default for eBGP" },
	{ "multihop", ROW_OWN, .own = own_multihop, .help =
	    "[TTL]: the neighbor is further away; default for iBGP" },
	{ NULL, ROW_NUMBER8, 0, AT(multihop) },
	{ "source address", ROW_IP, 0, AT(local_ip), .help =
	    "as local ADDRESS" },
	{ "dynamic name", ROW_STRING, 0, AT(dynamic_name), .help =
	    "what protocols made for a range begin with" },
	{ "dynamic name digits", ROW_NUMBER8, 0, AT(dynamic_digits), 0, 10,
	    .help = "least digits of their numbers" },
	{ "dynamic limit", ROW_NUMBER, ROW_SOFT, AT(dynamic_limit), 1,
	    UINT32_MAX, 1000, .help = "most that a range may have" },
	{ "strict bind", ROW_SWITCH, 0, AT(strict_bind), .help =
	    "listen on the local address only" },
	{ "free bind", ROW_SWITCH, 0, AT(free_bind), .help =
	    "listen on an address that is not there yet" },
	{ "check link", ROW_SWITCH, 0, AT(check_link), .def = 1, .help =
	    "a link without carrier ends the session" },
	{ "bfd", ROW_OWN, .own = own_bfd, .help =
	    "switch | graceful | { options }: end with the BFD session" },
	{ NULL, ROW_NUMBER8, ROW_SOFT, AT(bfd) },
	{ "ttl security", ROW_SWITCH, 0, AT(ttl_security), .help =
	    "GTSM, RFC 5082" },
	{ "authentication", ROW_OWN, .own = own_authentication, .help =
	    "none | md5 | ao; a password alone means md5" },
	{ NULL, ROW_SWITCH, 0, AT(authentication), .def = 1 },
	{ NULL, ROW_SWITCH, 0, AT(ao) },
	{ "password", ROW_STRING, ROW_SECRET, AT(password), .help =
	    "of TCP MD5, RFC 2385" },
	{ "setkey", ROW_SWITCH, 0, AT(setkey), .def = 1, .help =
	    "means nothing on Linux" },
	{ "keys", ROW_OWN, .own = conf_bgp_ao_keys, .help =
	    "{ key { id N; secret \"TEXT\"; … }; … }: of TCP-AO, RFC 5925" },
	{ "passive", ROW_SWITCH, 0, AT(passive), .help =
	    "never connect, wait to be connected to" },
	{ "confederation", ROW_NUMBER, 0, AT(confederation), 0, UINT32_MAX,
	    .help = "the confederation's AS, RFC 5065" },
	{ "confederation member", ROW_SWITCH, 0, AT(confederation_member),
	    .help = "the neighbor is of the same confederation" },
	{ "rr client", ROW_SWITCH, 0, AT(rr_client), .help =
	    "we reflect routes to it, RFC 4456" },
	{ "rr cluster id", ROW_OWN, .own = own_rr_cluster_id, .help =
	    "default: the router id" },
	{ NULL, ROW_NUMBER, 0, AT(rr_cluster_id) },
	{ "rs client", ROW_SWITCH, 0, AT(rs_client), .help =
	    "we are a route server to it, RFC 7947" },
	{ "allow bgp_local_pref", ROW_SWITCH, 0, AT(allow_local_pref), .help =
	    "send and take LOCAL_PREF with eBGP" },
	{ "allow bgp_med", ROW_SWITCH, 0, AT(allow_med), .help =
	    "pass MED on with eBGP" },
	{ "allow local as", ROW_OWN, .own = own_allow_local_as, .help =
	    "[N]: how often our AS may stand in a received path" },
	{ NULL, ROW_NUMBER, 0, AT(allow_local_as) },
	{ "allow as sets", ROW_SWITCH, 0, AT(allow_as_sets), .help =
	    "take AS_SET and AS_CONFED_SET, against RFC 9774" },
	{ "enforce first as", ROW_SWITCH, 0, AT(enforce_first_as), .help =
	    "a received path must begin with the neighbor's AS" },
	{ "underlay guard", ROW_SWITCH, ROW_IMPORT, AT(underlay_guard),
	    .def = 1, .help = "from behind a tunnel, no routes that take our "
	    "LAN or the peer's endpoint" },
	{ "enable route refresh", ROW_SWITCH, 0, AT(enable_refresh), .def = 1,
	    .help = "RFC 2918" },
	{ "require route refresh", ROW_SWITCH, 0, AT(require_refresh) },
	{ "enable enhanced route refresh", ROW_SWITCH, 0,
	    AT(enable_enhanced_refresh), .def = 1, .help = "RFC 7313" },
	{ "require enhanced route refresh", ROW_SWITCH, 0,
	    AT(require_enhanced_refresh) },
	{ "graceful restart", ROW_OWN, .own = own_graceful_restart, .help =
	    "on | off | aware, RFC 4724" },
	{ NULL, ROW_NUMBER8, 0, AT(graceful_restart), .def = CONF_GR_AWARE },
	{ "graceful restart time", ROW_TIME, 0, AT(graceful_time), 0, 4095,
	    120, .help = "how long the neighbor shall wait for us" },
	{ "min graceful restart time", ROW_TIME, 0, AT(graceful_min_time), 0,
	    4095, -1, .help = "least that we wait for it" },
	{ "max graceful restart time", ROW_TIME, 0, AT(graceful_max_time), 0,
	    4095, -1, .help = "most that we wait for it" },
	{ "require graceful restart", ROW_SWITCH, 0,
	    AT(require_graceful_restart) },
	{ "long lived graceful restart", ROW_OWN, .own = own_llgr, .help =
	    "on | off | aware, RFC 9494" },
	{ NULL, ROW_NUMBER8, 0, AT(llgr), .def = CONF_GR_AWARE },
	{ "long lived stale time", ROW_TIME, 0, AT(llgr_time), 0, 0xffffff,
	    3600, .help = "how long it shall keep our stale routes" },
	{ "min long lived stale time", ROW_TIME, 0, AT(llgr_min_time), 0,
	    0xffffff, -1, .help = "least that we keep its" },
	{ "max long lived stale time", ROW_TIME, 0, AT(llgr_max_time), 0,
	    0xffffff, -1, .help = "most that we keep its" },
	{ "require long lived graceful restart", ROW_SWITCH, 0,
	    AT(require_llgr) },
	{ "interpret communities", ROW_SWITCH, 0, AT(interpret_communities),
	    .def = 1, .help = "heed no-export and its like, RFC 1997" },
	{ "enable as4", ROW_SWITCH, 0, AT(enable_as4), .def = 1, .help =
	    "4-octet AS numbers, RFC 6793" },
	{ "require as4", ROW_SWITCH, 0, AT(require_as4) },
	{ "enable extended messages", ROW_SWITCH, 0,
	    AT(enable_extended_messages), .help =
	    "up to 65535 bytes, RFC 8654" },
	{ "require extended messages", ROW_SWITCH, 0,
	    AT(require_extended_messages) },
	{ "capabilities", ROW_SWITCH, 0, AT(capabilities), .def = 1, .help =
	    "send any" },
	{ "advertise hostname", ROW_SWITCH, 0, AT(advertise_hostname), .help =
	    "tell our hostname" },
	{ "require hostname", ROW_SWITCH, 0, AT(require_hostname) },
	{ "disable after error", ROW_SWITCH, 0, AT(disable_after_error),
	    .help = "instead of starting again" },
	{ "disable after cease", ROW_OWN, .own = own_disable_after_cease,
	    .help = "switch, or { KIND, … } of Cease" },
	{ NULL, ROW_NUMBER, 0, AT(disable_after_cease) },
	{ "hold time", ROW_TIME, 0, AT(hold_time), 0, 65535, 240, .help =
	    "without a message the session ends; 0 is never" },
	{ "min hold time", ROW_TIME, 0, AT(min_hold_time), 0, 65535, .help =
	    "least that the neighbor may propose" },
	{ "startup hold time", ROW_TIME, 0, AT(startup_hold_time), 0, 65535,
	    240, .help = "until the OPEN has come" },
	{ "keepalive time", ROW_TIME, 0, AT(keepalive_time), 1, 65535, -1,
	    .help = "default: a third of the hold time" },
	{ "min keepalive time", ROW_TIME, 0, AT(min_keepalive_time), 0,
	    65535, .help = "least that may come of it" },
	{ "send hold time", ROW_TIME, 0, AT(send_hold_time), 0, 65535, -1,
	    .help = "RFC 9687; default: twice the hold time" },
	{ "connect delay time", ROW_TIME, 0, AT(connect_delay_time), 0, 65535,
	    5, .help = "before the first attempt" },
	{ "start delay time", ROW_OWN, .own = own_start_delay },
	{ "connect retry time", ROW_TIME, 0, AT(connect_retry_time), 0, 65535,
	    120, .help = "between attempts" },
	{ "error wait time", ROW_OWN, .own = own_error_wait, .help =
	    "MIN, MAX: before starting again after an error" },
	{ NULL, ROW_TIME, 0, AT(error_wait_min), .def = 60 },
	{ NULL, ROW_TIME, 0, AT(error_wait_max), .def = 300 },
	{ "error forget time", ROW_TIME, 0, AT(error_forget_time), 0, 65535,
	    300, .help = "two errors this far apart have nothing in common" },
	{ "path metric", ROW_SWITCH, 0, AT(path_metric), .def = 1, .help =
	    "compare the lengths of paths" },
	{ "med metric", ROW_SWITCH, 0, AT(med_metric), .help =
	    "compare MED between different neighboring AS, too" },
	{ "deterministic med", ROW_SWITCH, 0, AT(deterministic_med), .help =
	    "whatever the order of arrival, RFC 4271 9.1.2.2" },
	{ "igp metric", ROW_SWITCH, 0, AT(igp_metric), .def = 1, .help =
	    "compare the distances to next hops" },
	{ "prefer older", ROW_SWITCH, 0, AT(prefer_older), .help =
	    "before comparing router ids, RFC 5004" },
	{ "default bgp_med", ROW_NUMBER, 0, AT(default_med), 0, UINT32_MAX,
	    .help = "of a route without" },
	{ "default bgp_local_pref", ROW_NUMBER, 0, AT(default_local_pref), 0,
	    UINT32_MAX, 100, .help = "of a route without" },
	{ "local role", ROW_ENUM, 0, AT(local_role), .names = roles, .help =
	    "provider | customer | peer | rs_server | rs_client, RFC 9234" },
	{ "require roles", ROW_SWITCH, 0, AT(require_roles) },
	{ "tx size warning", ROW_NUMBER, ROW_SOFT, AT(tx_size_warning), 0,
	    UINT32_MAX, .help = "octets: a warning when so many wait" },
	{ "disable rx", ROW_SWITCH, 0, AT(disable_rx), .help =
	    "for tests: read, and heed nothing of it" },
};

static void
bgp_init(struct conf_parser *p, struct conf_proto *proto)
{
	proto->bgp.dynamic_name = "dynbgp";
	if (p->listen_port != 0)
		proto->bgp.local_port = p->listen_port;
}

const struct conf_kind_of conf_bgp_kind = {
	.kind = CONF_BGP, .word = "bgp", .shown = "BGP",
	.where = "in protocol bgp", .channels = CONF_NETS_IP,
	.preference = 100, .rows = { rows, sizeof(rows) / sizeof(rows[0]) },
	.channel_rows = { conf_bgp_channel_rows, CONF_BGP_CHANNEL_ROWS },
	.init = bgp_init, .check = conf_bgp_check
};

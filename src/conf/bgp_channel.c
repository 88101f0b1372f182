/* SPDX-License-Identifier: ISC */
#include "base/time.h"
#include "conf/bgp.h"
#include "conf/value.h"

#define AT(f)	offsetof(struct conf_channel, f)

static struct conf_channel *
channel_of(void *base)
{
	return base;
}

/* switch | ibgp | ebgp */
static void
next_hop(struct conf_parser *p, uint8_t *ret)
{
	bool on;

	if (conf_accept_word(p, "ibgp"))
		*ret = CONF_NH_IBGP;
	else if (conf_accept_word(p, "ebgp"))
		*ret = CONF_NH_EBGP;
	else if (conf_switch(p, &on))
		*ret = on ? CONF_NH_YES : CONF_NH_NO;
}

static void
own_next_hop_self(struct conf_parser *p, void *base)
{
	next_hop(p, &channel_of(base)->next_hop_self);
}

static void
own_next_hop_keep(struct conf_parser *p, void *base)
{
	struct conf_channel *c = base;

	next_hop(p, &c->next_hop_keep);
	c->next_hop_keep_said = true;
}

static void
own_add_paths(struct conf_parser *p, void *base)
{
	bool on;

	if (conf_accept_word(p, "rx"))
		channel_of(base)->add_paths = CONF_ADD_PATHS_RX;
	else if (conf_accept_word(p, "tx"))
		channel_of(base)->add_paths = CONF_ADD_PATHS_TX;
	else if (conf_switch(p, &on))
		channel_of(base)->add_paths = on ?
		    CONF_ADD_PATHS_RX | CONF_ADD_PATHS_TX : 0;
}

static void
switch3(struct conf_parser *p, uint8_t *ret)
{
	bool on;

	if (conf_switch(p, &on))
		*ret = on ? CONF_ON : CONF_OFF;
}

static void
own_extended_next_hop(struct conf_parser *p, void *base)
{
	switch3(p, &channel_of(base)->extended_next_hop);
}

static void
own_aigp(struct conf_parser *p, void *base)
{
	struct conf_channel *c = base;

	c->aigp_originate = conf_accept_word(p, "originate");
	if (c->aigp_originate)
		c->aigp = CONF_ON;
	else
		switch3(p, &c->aigp);
}

static void
own_graceful_restart(struct conf_parser *p, void *base)
{
	switch3(p, &channel_of(base)->graceful_restart);
}

static void
own_llgr(struct conf_parser *p, void *base)
{
	switch3(p, &channel_of(base)->llgr);
}

/* Once for each kind of table, where next hops are of either family. */
static void
own_igp_table(struct conf_parser *p, void *base)
{
	const struct conf_table *t = conf_table_ref(p, CONF_NETS_IP);

	if (t != NULL && t->kind == NET_IP4)
		channel_of(base)->igp_table4 = t;
	else if (t != NULL)
		channel_of(base)->igp_table6 = t;
}

static void
own_validate(struct conf_parser *p, void *base)
{
	const struct span at = p->row_at;
	bool on;

	(void)base;
	if (conf_switch(p, &on) && on)
		conf_error(p, at, "'validate' is for Flowspec channels only");
}

static void
own_base_table(struct conf_parser *p, void *base)
{
	(void)base;
	conf_error(p, p->row_at, "'base table' is for Flowspec channels only");
}

/* BIRD 2 takes it, says so, and does nothing. */
static void
own_missing_lladdr(struct conf_parser *p, void *base)
{
	(void)base;
	conf_warn(p, p->row_at, "'missing lladdr' means nothing any more");
	if (!conf_accept_word(p, "self") && !conf_accept_word(p, "drop") &&
	    !conf_accept_word(p, "ignore"))
		conf_unexpected(p, "self, drop or ignore");
}

static const char *const gateways[] = { "", "direct", "recursive", NULL };
static const char *const prefers[] = { "", "global", "local", NULL };
static const char *const formats[] = { "", "native", "single", "double",
	NULL };

const struct conf_row conf_bgp_channel_rows[CONF_BGP_CHANNEL_ROWS] = {
	{ "mandatory", ROW_SWITCH, 0, AT(mandatory), .help =
	    "the neighbor must have it, too" },
	{ "next hop keep", ROW_OWN, .own = own_next_hop_keep, .help =
	    "switch | ibgp | ebgp: pass the next hop on as it is" },
	{ NULL, ROW_NUMBER8, ROW_EXPORT, AT(next_hop_keep) },
	{ "next hop self", ROW_OWN, .own = own_next_hop_self, .help =
	    "switch | ibgp | ebgp: always tell our own address" },
	{ NULL, ROW_NUMBER8, ROW_EXPORT, AT(next_hop_self) },
	{ "next hop address", ROW_IP, ROW_EXPORT, AT(next_hop_address),
	    .help = "our own address to tell" },
	{ "next hop prefer", ROW_ENUM, ROW_IMPORT, AT(next_hop_prefer),
	    .names = prefers, .help =
	    "global | local: which, where the neighbor tells both" },
	{ "link local next hop format", ROW_ENUM, ROW_EXPORT,
	    AT(link_local_format), .names = formats, .help =
	    "native | single | double: how, where we have no global one" },
	{ "missing lladdr", ROW_OWN, .own = own_missing_lladdr },
	{ "gateway", ROW_ENUM, ROW_IMPORT, AT(gateway), .names = gateways,
	    .help = "direct | recursive: how a next hop becomes a gateway" },
	{ "igp table", ROW_OWN, .own = own_igp_table, .help =
	    "where next hops are looked up; default: the channel's" },
	{ "import table", ROW_SWITCH, 0, AT(import_table), .help =
	    "keep what is received before the filter" },
	{ "export table", ROW_SWITCH, 0, AT(export_table), .help =
	    "keep what is sent after the filter" },
	{ "secondary", ROW_SWITCH, ROW_EXPORT, AT(secondary), .help =
	    "export the next best where the best is rejected" },
	{ "validate", ROW_OWN, .own = own_validate },
	{ "base table", ROW_OWN, .own = own_base_table },
	{ "extended next hop", ROW_OWN, .own = own_extended_next_hop, .help =
	    "switch: next hops of the other family, RFC 8950" },
	{ NULL, ROW_NUMBER8, 0, AT(extended_next_hop) },
	{ "require extended next hop", ROW_SWITCH, 0,
	    AT(require_extended_next_hop) },
	{ "add paths", ROW_OWN, .own = own_add_paths, .help =
	    "switch | rx | tx: more than the best, RFC 7911" },
	{ NULL, ROW_NUMBER8, 0, AT(add_paths) },
	{ "require add paths", ROW_SWITCH, 0, AT(require_add_paths) },
	{ "aigp", ROW_OWN, .own = own_aigp, .help =
	    "switch | originate, RFC 7311" },
	{ NULL, ROW_NUMBER8, 0, AT(aigp) },
	{ NULL, ROW_SWITCH, 0, AT(aigp_originate) },
	{ "cost", ROW_NUMBER, ROW_IMPORT, AT(cost), 1, UINT32_MAX, .help =
	    "distance to next hops that are direct" },
	{ "graceful restart", ROW_OWN, .own = own_graceful_restart, .help =
	    "switch: restarting role for this family" },
	{ NULL, ROW_NUMBER8, 0, AT(graceful_restart) },
	{ "long lived graceful restart", ROW_OWN, .own = own_llgr, .help =
	    "switch: likewise" },
	{ NULL, ROW_NUMBER8, 0, AT(llgr) },
	{ "long lived stale time", ROW_TIME, 0, AT(llgr_time), 0, 0xffffff,
	    -1 },
	{ "min long lived stale time", ROW_TIME, 0, AT(llgr_min_time), 0,
	    0xffffff, -1 },
	{ "max long lived stale time", ROW_TIME, 0, AT(llgr_max_time), 0,
	    0xffffff, -1 },
	{ "tx size warning", ROW_NUMBER, ROW_SOFT, AT(tx_size_warning), 0,
	    UINT32_MAX, .help = "octets: a warning when so many wait" },
};

/* The tunnel that "neighbor wireguard" names, and the peer in it. */
static void
find_tunnel(struct conf_parser *p, struct conf_bgp *b)
{
	const struct conf_proto *proto = p->config->protocols;
	const struct conf_wg_peer *peer;

	while (proto != NULL && (proto->kind != CONF_WIREGUARD ||
	    strcmp(proto->wg.iface, b->wg_iface) != 0))
		proto = proto->next;
	if (proto == NULL) {
		conf_complain(p, b->neighbor_at,
		    "no protocol wireguard has the interface '%s'",
		    b->wg_iface);
		return;
	}
	if (proto->broken)
		return;
	for (peer = proto->wg.peers; peer != NULL; peer = peer->next)
		if (strcmp(peer->name, b->wg_peer) == 0) {
			b->wg = &proto->wg;
			b->wg_to = peer;
			return;
		}
	conf_complain(p, b->neighbor_at,
	    "protocol wireguard '%s' has no peer '%s'", proto->name,
	    b->wg_peer);
}

static void
check_neighbor(struct conf_parser *p, struct conf_proto *proto)
{
	struct conf_bgp *b = &proto->bgp;

	if (b->wg_iface != NULL)
		find_tunnel(p, b);
	else if (ip_is_none(b->remote_ip) &&
	    b->remote_range.kind == NET_NONE)
		conf_complain(p, proto->at, "neighbor is missing");
	else if (ip_is_link_local(b->remote_ip) && b->iface == NULL)
		conf_complain(p, b->neighbor_at, "a link-local neighbor "
		    "needs its interface: neighbor ADDRESS%%IFACE");
	else if (!ip_is_none(b->remote_ip) && !ip_is_none(b->local_ip) &&
	    ip_is4(b->remote_ip) != ip_is4(b->local_ip))
		conf_complain(p, b->neighbor_at,
		    "the local address and the neighbor's differ in family");
}

static bool
check_as(struct conf_parser *p, struct conf_proto *proto)
{
	struct conf_bgp *b = &proto->bgp;

	if (b->local_as == 0)
		conf_complain(p, proto->at, "local as is missing");
	else if (b->remote_type == CONF_AS_NUMBER && b->remote_as == 0)
		conf_complain(p, b->neighbor_at.line ? b->neighbor_at :
		    proto->at, "the neighbor's as is missing");
	else
		return true;
	return false;
}

/* RFC 8212: with eBGP nothing goes in or out that the file does not say. */
static void
check_policy(struct conf_parser *p, const struct conf_channel *c)
{
	if (!c->import.said)
		conf_complain(p, c->at,
		    "eBGP needs an explicit import policy (RFC 8212)");
	if (!c->export.said)
		conf_complain(p, c->at,
		    "eBGP needs an explicit export policy (RFC 8212)");
}

/* Defaults that hang on what kind of session it is. */
static void
settle(struct conf_proto *proto, struct conf_channel *c)
{
	const struct conf_bgp *b = &proto->bgp;
	const bool confed = b->internal || b->confederation_member;

	if (!c->next_hop_keep_said)
		c->next_hop_keep = b->rs_client ? CONF_NH_YES :
		    b->rr_client ? CONF_NH_IBGP : CONF_NH_NO;
	if (c->gateway == CONF_GW_DEFAULT)
		c->gateway = b->multihop ? CONF_GW_RECURSIVE : CONF_GW_DIRECT;
	if (c->aigp == CONF_DEFAULT)
		c->aigp = confed ? CONF_ON : CONF_OFF;
	/* Over a tunnel without addresses IPv4 needs it. */
	if (c->extended_next_hop == CONF_DEFAULT)
		c->extended_next_hop = b->wg_iface ? CONF_ON : CONF_OFF;
	if (c->graceful_restart == CONF_DEFAULT)
		c->graceful_restart = b->graceful_restart == CONF_GR_ON ?
		    CONF_ON : CONF_OFF;
	if (c->llgr == CONF_DEFAULT)
		c->llgr = b->llgr == CONF_GR_ON ? CONF_ON : CONF_OFF;
	if (c->igp_table4 == NULL && c->kind == NET_IP4)
		c->igp_table4 = c->table;
	if (c->igp_table6 == NULL && c->kind == NET_IP6)
		c->igp_table6 = c->table;
}

static void
settle_session(struct conf_bgp *b)
{
	b->internal = b->remote_type == CONF_AS_INTERNAL ||
	    (b->remote_type == CONF_AS_NUMBER &&
	    b->remote_as == b->local_as);
	if (b->wg_iface != NULL) {
		if (b->iface == NULL)
			b->iface = b->wg_iface;
	} else if (!b->multihop_said && !b->direct_said && b->internal &&
	    !ip_is_link_local(b->remote_ip) &&
	    !ip_is_link_local(b->remote_range.ip) && b->iface == NULL) {
		b->multihop = 64;
	}
	if (b->connect_retry_time == 0)		/* at once would be a storm */
		b->connect_retry_time = SECONDS(1);
	if (b->graceful_restart == CONF_GR_OFF)
		b->llgr = CONF_GR_OFF;
	if (b->multihop)
		b->check_link = false;
	if (!b->authentication)
		b->password = NULL;
}

static void
check_session(struct conf_parser *p, struct conf_proto *proto)
{
	const struct conf_bgp *b = &proto->bgp;

	/* RFC 4271 4.2: zero, or at least three seconds. */
	if (b->hold_time > 0 && b->hold_time < SECONDS(3))
		conf_complain(p, proto->at,
		    "'hold time' is zero or at least 3 seconds");
	if (b->min_hold_time > b->hold_time)
		conf_complain(p, proto->at,
		    "'min hold time' is more than 'hold time'");
	if (b->keepalive_time > b->hold_time)
		conf_complain(p, proto->at,
		    "'keepalive time' is more than 'hold time'");
	if (b->strict_bind && ip_is_none(b->local_ip) && b->wg_iface == NULL)
		conf_complain(p, proto->at,
		    "'strict bind' needs a local address");
	if (b->enforce_first_as && b->internal)
		conf_complain(p, proto->at,
		    "'enforce first as' is for eBGP only");
	for (const struct conf_channel *c = proto->channels; c; c = c->next)
		if (b->multihop && c->gateway == CONF_GW_DIRECT)
			conf_complain(p, c->at, "'gateway direct' is for "
			    "neighbors on a common link only");
}

static void
check_roles(struct conf_parser *p, struct conf_proto *proto)
{
	struct conf_bgp *b = &proto->bgp;

	if (b->rr_client && !b->internal)
		conf_complain(p, proto->at, "'rr client' is for iBGP only");
	if (b->rs_client && b->internal)
		conf_complain(p, proto->at, "'rs client' is for eBGP only");
	if (b->local_role != CONF_ROLE_NONE && b->internal)
		conf_complain(p, proto->at, "'local role' is for eBGP only");
	if (b->require_roles && b->local_role == CONF_ROLE_NONE)
		conf_complain(p, proto->at,
		    "'require roles' without 'local role'");
	if (b->multihop && b->multihop_said && b->iface != NULL)
		conf_complain(p, proto->at,
		    "'multihop' and an interface exclude each other");
	if (b->confederation_member && b->confederation == 0)
		conf_complain(p, proto->at,
		    "'confederation member' without 'confederation'");
}

void
conf_bgp_check(struct conf_parser *p, struct conf_proto *proto)
{
	const bool strict = !p->one_family;

	check_neighbor(p, proto);
	if (!check_as(p, proto))
		return;
	settle_session(&proto->bgp);
	check_session(p, proto);
	conf_bgp_ao_check(p, proto);
	check_roles(p, proto);
	if (proto->channels == NULL)
		conf_complain(p, proto->at, "no channel: say \"ipv4 { … };\" "
		    "or \"ipv6 { … };\"");
	for (struct conf_channel *c = proto->channels; c; c = c->next) {
		if (strict && !proto->bgp.internal &&
		    !proto->bgp.confederation_member)
			check_policy(p, c);
		settle(proto, c);
	}
}

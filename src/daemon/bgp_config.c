/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "daemon/bgp.h"
#include "daemon/vrf.h"
#include "daemon/wireguard.h"
#include "sys/entropy.h"

static const uint8_t role_of[] = {
	[CONF_ROLE_NONE] = BGP_ROLE_NONE, [CONF_ROLE_PEER] = BGP_ROLE_PEER,
	[CONF_ROLE_PROVIDER] = BGP_ROLE_PROVIDER,
	[CONF_ROLE_CUSTOMER] = BGP_ROLE_CUSTOMER,
	[CONF_ROLE_RS_SERVER] = BGP_ROLE_RS,
	[CONF_ROLE_RS_CLIENT] = BGP_ROLE_RS_CLIENT
};

static uint16_t
seconds(int64_t span)
{
	int64_t s = span / SECONDS(1);

	return (uint16_t)(s < 0 ? 0 : s > 65535 ? 65535 : s);
}

/* neighbor wireguard "wg0" "east": the address follows from its key. */
static bool
find_tunnel_peer(struct bgp *b)
{
	const struct conf_bgp *cf = &b->p.cf->bgp;
	struct tunnel *t = tunnel_by_iface(b->p.d, cf->wg_iface);

	b->remote.ip = cf->wg_to ? wg_link_local(cf->wg_to->public_key) :
	    IP_NONE;
	b->remote.scope = t ? t->ifindex : 0;
	if (t != NULL && ip_is_none(b->local.ip))
		b->local.ip = t->link_local;
	b->local.scope = b->remote.scope;
	return b->remote.scope != 0 && !iface_is_cut(&b->p.d->ifaces,
	    b->remote.scope, b->remote.ip);
}

bool
bgp_find_peer(struct bgp *b)
{
	const struct conf_bgp *cf = &b->p.cf->bgp;
	const struct iface *i = NULL;

	b->local = (struct tcp_end){ .ip = cf->local_ip };
	b->remote = (struct tcp_end){ .ip = cf->remote_ip,
	    .port = cf->remote_port };
	if (cf->wg_iface != NULL)
		return find_tunnel_peer(b);
	if (cf->iface != NULL) {
		i = iface_by_name(&b->p.d->ifaces, cf->iface);
		b->remote.scope = b->local.scope = i ? i->index : 0;
	}
	if (cf->multihop != 0)
		return true;
	if (cf->onlink && i != NULL)
		return i->flags & IFACE_UP && !iface_is_cut(
		    &b->p.d->ifaces, i->index, b->remote.ip);
	return vrf_iface_to(&b->p, b->remote.ip,
	    b->remote.scope, NULL) != NULL;
}

const char *
bgp_cannot_start(const struct bgp *b)
{
	const struct conf_bgp *cf = &b->p.cf->bgp;

	if (daemon_router_id(b->p.d, b->p.cf) == 0)
		return "No router id: set one with \"router id\"";
	if (cf->wg_iface == NULL && ip_is_none(cf->remote_ip) &&
	    !bgp_is_range(b))
		return "No neighbor";
	if (cf->ao && !tcp_ao_served())
		return "This kernel has no TCP-AO: it takes Linux 6.7 with "
		    "CONFIG_TCP_AO";
	return NULL;
}

void
bgp_socket_options(const struct bgp *b, struct tcp_opt *ret)
{
	const struct conf_bgp *cf = &b->p.cf->bgp;
	uint8_t hops = cf->multihop ? cf->multihop : 1;

	*ret = (struct tcp_opt){ .ttl = cf->ttl_security ? 255 : hops,
	    .min_ttl = cf->ttl_security ? (uint8_t)(256 - hops) : 0,
	    .freebind = cf->free_bind };
	ret->iface = b->p.cf->vrf;
	if (cf->iface != NULL && cf->multihop == 0 &&
	    (cf->strict_bind || cf->onlink))
		ret->iface = cf->iface;
}

static void
configure_open(const struct bgp *b, struct bgp_session_config *s)
{
	const struct conf_bgp *cf = &b->p.cf->bgp;
	const char *name = b->p.cf->hostname ? b->p.cf->hostname :
	    b->p.d->gen->config->hostname ? b->p.d->gen->config->hostname :
	    b->p.d->hostname;
	struct bgp_open *o = &s->open;

	o->silent = !cf->capabilities;
	o->hold = seconds(cf->hold_time);
	o->asn = cf->local_as;
	o->id = daemon_router_id(b->p.d, b->p.cf);
	o->as4 = cf->enable_as4;
	o->refresh = cf->enable_refresh;
	o->enhanced_refresh = cf->enable_refresh &&
	    cf->enable_enhanced_refresh;
	o->ext_message = cf->enable_extended_messages;
	o->has_gr = cf->graceful_restart != CONF_GR_OFF;
	o->gr_time = cf->graceful_restart == CONF_GR_ON ?
	    seconds(cf->graceful_time) : 0;
	o->gr_notification = o->has_gr;
	o->has_llgr = o->has_gr && cf->llgr != CONF_GR_OFF;
	o->role = role_of[cf->local_role];
	if (cf->advertise_hostname)
		snprintf(o->hostname, sizeof(o->hostname), "%.*s",
		    BGP_HOSTNAME_MAX, name);
}

static bool
requires_add_path(const struct bgp *b)
{
	LIST_EACH(c, &b->p.channels, struct proto_channel, link)
		if (c->cf->require_add_paths)
			return true;
	return false;
}

static bool
requires_ext_nexthop(const struct bgp *b)
{
	LIST_EACH(c, &b->p.channels, struct proto_channel, link)
		if (c->cf->require_extended_next_hop)
			return true;
	return false;
}

static void
configure_session(const struct bgp *b, struct bgp_session_config *s)
{
	const struct conf_bgp *cf = &b->p.cf->bgp;

	bgp_session_config_init(s);
	configure_open(b, s);
	s->demand = (struct bgp_demand){ .peer_asn = cf->remote_as,
	    .external = cf->remote_type == CONF_AS_EXTERNAL,
	    .internal = cf->remote_type == CONF_AS_INTERNAL,
	    .role_strict = cf->require_roles,
	    .require_as4 = cf->require_as4,
	    .require_refresh = cf->require_refresh,
	    .require_enhanced_refresh = cf->require_enhanced_refresh,
	    .require_ext_message = cf->require_extended_messages,
	    .require_add_path = requires_add_path(b),
	    .require_ext_nexthop = requires_ext_nexthop(b),
	    .require_llgr = cf->require_llgr,
	    .require_gr = cf->require_graceful_restart,
	    .require_hostname = cf->require_hostname,
	    .hold_min = seconds(cf->min_hold_time),
	    .keepalive_min = seconds(cf->min_keepalive_time),
	    .keepalive = seconds(cf->keepalive_time) };
	s->passive = cf->passive;
	s->connect_delay = cf->connect_delay_time;
	s->connect_retry = cf->connect_retry_time;
	s->hold_open = cf->startup_hold_time;
	/* Said to be 0 it is off; not said, it is RFC 9687's. */
	s->send_hold = cf->send_hold_time < 0 ? 0 :
	    cf->send_hold_time == 0 ? -1 : cf->send_hold_time;
	s->error_wait_min = cf->error_wait_min;
	s->error_wait_max = cf->error_wait_max;
	s->error_forget = cf->error_forget_time;
	entropy_fill(&s->seed, sizeof(s->seed));
}

static struct rt_table *
igp_table(const struct bgp *b, const struct conf_table *said,
    const struct proto_channel *c, enum net_kind kind)
{
	const struct config *cf = b->p.gen->config;
	const struct conf_table *fallback = kind == NET_IP4 ? cf->master4 :
	    cf->master6;
	struct dtable *t = NULL;

	if (said != NULL)
		t = daemon_table(b->p.d, said->name);
	else if (c->table->kind == kind)
		t = c->table;
	else if (fallback != NULL)
		t = daemon_table(b->p.d, fallback->name);
	return t ? t->t : NULL;
}

static bool
offers_ext_nexthop(const struct bgp *b, const struct conf_channel *cf)
{
	if (cf->extended_next_hop != CONF_DEFAULT)
		return cf->extended_next_hop == CONF_ON;
	/* Over an IPv6 session there is no other way for IPv4 routes. */
	return cf->kind == NET_IP4 && !ip_is4(b->remote.ip);
}

static uint8_t
hop_rule(uint8_t conf)
{
	static const uint8_t rule[] = {
		[CONF_NH_NO] = BGP_HOP_NO, [CONF_NH_YES] = BGP_HOP_YES,
		[CONF_NH_IBGP] = BGP_HOP_IBGP, [CONF_NH_EBGP] = BGP_HOP_EBGP
	};

	return rule[conf];
}

/* The channel's, or else the session's; -1 is neither. */
static uint32_t
stale_seconds(int64_t channel, int64_t session)
{
	const int64_t span = channel >= 0 ? channel : session;

	return span < 0 ? 0 : (uint32_t)(span / SECONDS(1));
}

static const uint8_t hop_prefer[] = {
	[CONF_NH_PREFER_DEFAULT] = BGP_PREFER_DEFAULT,
	[CONF_NH_PREFER_GLOBAL] = BGP_PREFER_GLOBAL,
	[CONF_NH_PREFER_LOCAL] = BGP_PREFER_LOCAL
};

static const uint8_t ll_format[] = {
	[CONF_LL_DEFAULT] = BGP_LL_DOUBLE, [CONF_LL_NATIVE] = BGP_LL_NATIVE,
	[CONF_LL_SINGLE] = BGP_LL_SINGLE, [CONF_LL_DOUBLE] = BGP_LL_DOUBLE
};

static enum bgp_fam
family_of(const struct conf_channel *cf)
{
	if (cf->multicast)
		return cf->kind == NET_IP4 ? BGP_FAM_IP4_MC : BGP_FAM_IP6_MC;
	return cf->kind == NET_IP4 ? BGP_FAM_IP4 : BGP_FAM_IP6;
}

static void
configure_channel(const struct bgp *b, const struct proto_channel *c,
    struct bgp_channel_config *ret)
{
	const struct conf_channel *cf = c->cf;
	struct proto_channel tmp = *c;
	struct rt_channel rc = { 0 };

	channel_configure(&tmp, &rc);
	*ret = (struct bgp_channel_config){
	    .fam = family_of(cf),
	    .table = c->table->t,
	    .igp4 = igp_table(b, cf->igp_table4, c, NET_IP4),
	    .igp6 = igp_table(b, cf->igp_table6, c, NET_IP6),
	    .preference = rc.preference, .in = rc.in, .out = rc.out,
	    .refuses = b->p.cf->bgp.underlay_guard ? bgp_guard_refuses : NULL,
	    .refuses_ctx = (void *)(uintptr_t)b,
	    .receive_limit = rc.receive_limit,
	    .import_limit = rc.import_limit,
	    .export_limit = rc.export_limit,
	    .keep_filtered = rc.keep_filtered,
	    .import_table = cf->import_table,
	    .next_hop_self = hop_rule(cf->next_hop_self),
	    .next_hop_keep = hop_rule(cf->next_hop_keep),
	    .next_hop_address = cf->next_hop_address,
	    .gateway_direct = cf->gateway == CONF_GW_DEFAULT ?
	    b->p.cf->bgp.multihop == 0 : cf->gateway == CONF_GW_DIRECT,
	    .add_paths = cf->add_paths,
	    .llgr = cf->llgr == CONF_ON,
	    .llgr_time = stale_seconds(cf->llgr_time,
	    b->p.cf->bgp.llgr_time),
	    .llgr_min = stale_seconds(cf->llgr_min_time,
	    b->p.cf->bgp.llgr_min_time),
	    .llgr_max = stale_seconds(cf->llgr_max_time,
	    b->p.cf->bgp.llgr_max_time),
	    .mandatory = cf->mandatory,
	    .no_gr = cf->graceful_restart != CONF_ON,
	    .secondary = cf->secondary,
	    .onlink = b->p.cf->bgp.onlink && b->p.cf->bgp.iface != NULL,
	    .next_hop_prefer = hop_prefer[cf->next_hop_prefer],
	    .ll_format = ll_format[cf->link_local_format],
	    .cost = cf->cost,
	    .aigp = cf->aigp == CONF_ON,
	    .aigp_originate = cf->aigp_originate,
	    .ext_nexthop = offers_ext_nexthop(b, cf) };
}

static bool
on_a_lan(const struct bgp *b)
{
	const struct iface *i = vrf_iface_to(&b->p,
	    b->remote.ip, b->remote.scope, NULL);

	return i != NULL && i->flags & IFACE_BROADCAST;
}

void
bgp_configure(struct bgp *b, struct bgp_neighbour_config *ret)
{
	const struct conf_bgp *cf = &b->p.cf->bgp;

	memset(ret, 0, sizeof(*ret));
	*ret = (struct bgp_neighbour_config){ .name = b->p.name,
	    .local_as = cf->local_as, .confed_id = cf->confederation,
	    .confed_member = cf->confederation_member,
	    .router_id = daemon_router_id(b->p.d, b->p.cf),
	    .cluster_id = cf->rr_cluster_id ? cf->rr_cluster_id :
	        daemon_router_id(b->p.d, b->p.cf), .remote = b->remote.ip,
	    .direct = cf->multihop == 0,
	    .shared_link = cf->multihop == 0 && on_a_lan(b),
	    .draining = b->draining,
	    .rr_client = cf->rr_client, .rs_client = cf->rs_client,
	    .interpret_communities = cf->interpret_communities,
	    .allow_local_pref = cf->allow_local_pref,
	    .allow_med = cf->allow_med,
	    .enforce_first_as = cf->enforce_first_as,
	    .allow_local_as = cf->allow_local_as,
	    .allow_as_sets = cf->allow_as_sets,
	    .path_metric = cf->path_metric, .med_metric = cf->med_metric,
	    .deterministic_med = cf->deterministic_med,
	    .igp_metric = cf->igp_metric, .prefer_older = cf->prefer_older,
	    .default_med = cf->default_med,
	    .default_local_pref = cf->default_local_pref,
	    .gr_helper = cf->graceful_restart != CONF_GR_OFF,
	    .gr_able = cf->graceful_restart == CONF_GR_ON,
	    .gr_min = seconds(cf->graceful_min_time),
	    .gr_max = seconds(cf->graceful_max_time),
	    .ifaces = &b->p.d->ifaces };
	configure_session(b, &ret->session);
	b->n_chans = 0;
	LIST_EACH(c, &b->p.channels, struct proto_channel, link) {
		if (b->n_chans == BGP_NFAMS ||
		    (c->cf->kind != NET_IP4 && c->cf->kind != NET_IP6))
			continue;
		b->chan[b->n_chans] = c;
		configure_channel(b, c, &ret->channel[b->n_chans++]);
	}
	ret->n_channels = b->n_chans;
}

/* SPDX-License-Identifier: ISC */
/* What "show protocols all" says of a BGP neighbour. */
#include "daemon/bgp.h"
#include "daemon/cmd_proto_impl.h"

static const char *
state_text(const struct proto *p)
{
	const struct bgp_neighbour *n = bgp_proto_neighbour(p);
	enum bgp_state st;

	if (bgp_of(p)->listening)
		return "Passive";
	if (p->state == PROTO_DOWN || n == NULL)
		return "Down";
	st = bgp_session_state(bgp_neighbour_session(n));
	return st == BGP_ACTIVE && p->cf->bgp.passive ? "Passive" :
	    bgp_state_text(st);
}

static void
say_families(struct ctl_client *c, const char *what, unsigned mask)
{
	struct text t;

	text_init(&t, 256);
	for (unsigned f = 0; f < BGP_NFAMS; f++)
		if (mask & BGP_FAM_BIT(f))
			text_printf(&t, " %s", bgp_fam_text((enum bgp_fam)f));
	ctl_say(c, 1006, "        %s%s", what, t.s);
	text_done(&t);
}

static void
say_graceful(struct ctl_client *c, const struct bgp_open *o)
{
	if (!o->has_gr)
		return;
	ctl_say(c, 1006, "      Graceful restart");
	if (o->gr_families == 0)
		return;
	ctl_say(c, 1006, "        Restart time: %u", o->gr_time);
	if (o->gr_restarting)
		ctl_say(c, 1006, "        Restart recovery");
	say_families(c, "AF supported:", o->gr_families);
	say_families(c, "AF preserved:", o->gr_forwarding);
}

static void
say_long_lived(struct ctl_client *c, const struct bgp_open *o)
{
	uint32_t least = UINT32_MAX;

	if (!o->has_llgr)
		return;
	ctl_say(c, 1006, "      Long-lived graceful restart");
	if (o->llgr_families == 0)
		return;
	for (unsigned f = 0; f < BGP_NFAMS; f++)
		if ((o->llgr_families & BGP_FAM_BIT(f)) &&
		    o->llgr_time[f] < least)
			least = o->llgr_time[f];
	ctl_say(c, 1006, "        LL stale time: %u", least);
	say_families(c, "AF supported:", o->llgr_families);
	say_families(c, "AF preserved:", o->llgr_forwarding);
}

static void
say_add_path(struct ctl_client *c, const struct bgp_open *o)
{
	unsigned rx = 0, tx = 0;

	for (unsigned f = 0; f < BGP_NFAMS; f++) {
		if (o->add_path[f] & BGP_ADD_PATH_RX)
			rx |= BGP_FAM_BIT(f);
		if (o->add_path[f] & BGP_ADD_PATH_TX)
			tx |= BGP_FAM_BIT(f);
	}
	if ((rx | tx) == 0)
		return;
	ctl_say(c, 1006, "      ADD-PATH");
	say_families(c, "RX:", rx);
	say_families(c, "TX:", tx);
}

static void
say_capabilities(struct ctl_client *c, const struct bgp_open *o)
{
	if (o->has_mp) {
		ctl_say(c, 1006, "      Multiprotocol");
		say_families(c, "AF announced:", o->families);
	}
	if (o->refresh)
		ctl_say(c, 1006, "      Route refresh");
	if (o->ext_nexthop) {
		ctl_say(c, 1006, "      Extended next hop");
		say_families(c, "IPv6 nexthop:", o->ext_nexthop);
	}
	if (o->ext_message)
		ctl_say(c, 1006, "      Extended message");
	say_graceful(c, o);
	if (o->as4)
		ctl_say(c, 1006, "      4-octet AS numbers");
	say_add_path(c, o);
	if (o->enhanced_refresh)
		ctl_say(c, 1006, "      Enhanced refresh");
	say_long_lived(c, o);
	if (o->hostname[0] != '\0')
		ctl_say(c, 1006, "      Hostname: %s", o->hostname);
	if (o->role != BGP_ROLE_NONE)
		ctl_say(c, 1006, "      Role: %s", bgp_role_text(o->role));
}

static double
left(struct instant t)
{
	int64_t ns = instant_is_never(t) ? 0 : instant_sub(t, loop_now());

	return ns > 0 ? (double)ns / SECONDS(1) : 0;
}

static void
say_timer(struct ctl_client *c, const char *what, struct instant t,
    unsigned whole)
{
	ctl_say(c, 1006, "    %-17s %.3f/%u", what, left(t), whole);
}

/* While there is no session: what it waits for. */
static void
say_waiting(struct ctl_client *c, const struct proto *p,
    const struct bgp_neighbour *n)
{
	const struct bgp_session *s = bgp_neighbour_session(n);
	enum bgp_state st = bgp_session_state(s);
	struct instant t;

	t = bgp_session_timer(s, BGP_TIMER_START);
	if (st == BGP_IDLE && !instant_is_never(t))
		ctl_say(c, 1006, "    Error wait:       %.3f/-", left(t));
	t = bgp_session_timer(s, BGP_TIMER_RETRY);
	if (st == BGP_ACTIVE && !instant_is_never(t))
		say_timer(c, "Connect delay:", t,
		    (unsigned)(p->cf->bgp.connect_delay_time / SECONDS(1)));
	if (bgp_neighbour_gr_active(n))
		ctl_say(c, 1006, "    Restart timer:    %.3f/-",
		    left(bgp_neighbour_gr_deadline(n)));
}

static void
say_session(struct ctl_client *c, const struct proto *p,
    const struct bgp_neighbour *n)
{
	const struct bgp_neighbour_config *cf = bgp_neighbour_config(n);
	const struct bgp_session *s = bgp_neighbour_session(n);
	const struct bgp_caps *caps = bgp_session_caps(s);
	const struct bgp_open *peer = bgp_session_peer_open(s);
	char ip[IP_TEXT];

	ctl_say(c, 1006, "    Neighbor ID:      %s",
	    ip_text(ip4(caps->peer_id), ip));
	ctl_say(c, 1006, "    Local capabilities");
	say_capabilities(c, bgp_session_our_open(s));
	ctl_say(c, 1006, "    Neighbor capabilities");
	if (peer != NULL)
		say_capabilities(c, peer);
	ctl_say(c, 1006, "    Session:          %s%s%s%s%s",
	    p->cf->bgp.internal ? "internal" : "external",
	    p->cf->bgp.multihop ? " multihop" : "",
	    cf->rr_client ? " route-reflector" : "",
	    cf->rs_client ? " route-server" : "",
	    caps->as4 ? " AS4" : "");
	ctl_say(c, 1006, "    Source address:   %s",
	    ip_text(bgp_neighbour_link_of(n)->local, ip));
	say_timer(c, "Hold timer:", bgp_session_timer(s, BGP_TIMER_HOLD),
	    caps->hold);
	say_timer(c, "Keepalive timer:",
	    bgp_session_timer(s, BGP_TIMER_KEEPALIVE), caps->keepalive);
}

static void
say_address(struct ctl_client *c, const struct proto *p)
{
	const struct conf_bgp *cf = &p->cf->bgp;
	struct ip at = bgp_of(p)->remote.ip;
	char ip[IP_TEXT], net[PREFIX_TEXT];

	if (ip_is_none(at))
		at = cf->remote_ip;
	if (cf->remote_range.kind != NET_NONE)
		ctl_say(c, 1006, "    Neighbor range:   %s",
		    prefix_text(&cf->remote_range, net));
	else if (!ip_is_none(at))
		ctl_say(c, 1006, "    Neighbor address: %s%s%s",
		    ip_text(at, ip), cf->iface || cf->wg_iface ? "%" : "",
		    cf->iface ? cf->iface : cf->wg_iface ? cf->wg_iface : "");
	if (cf->wg_iface != NULL)
		ctl_say(c, 1006, "    Neighbor tunnel:  %s%s%s", cf->wg_iface,
		    cf->wg_peer ? " " : "", cf->wg_peer ? cf->wg_peer : "");
	if (cf->remote_port != 179)
		ctl_say(c, 1006, "    Neighbor port:    %u", cf->remote_port);
}

void
bgp_say_details(struct ctl_client *c, const struct proto *p)
{
	const struct bgp_neighbour *n = bgp_proto_neighbour(p);
	const struct conf_bgp *cf = &p->cf->bgp;
	bool up = n != NULL && bgp_neighbour_established(n);
	uint32_t as = up ?
	    bgp_session_caps(bgp_neighbour_session(n))->peer_asn :
	    cf->remote_as;

	ctl_say(c, 1006, "  BGP state:          %s", state_text(p));
	say_address(c, p);
	if (as != 0)
		ctl_say(c, 1006, "    Neighbor AS:      %u", as);
	ctl_say(c, 1006, "    Local AS:         %u", cf->local_as);
	if (n != NULL && bgp_neighbour_gr_active(n))
		ctl_say(c, 1006, "    Neighbor graceful restart active");
	if (bgp_of(p)->draining)
		ctl_say(c, 1006, "    Graceful shutdown: routes are told with "
		    "GRACEFUL_SHUTDOWN");
	if (up)
		say_session(c, p, n);
	else if (n != NULL)
		say_waiting(c, p, n);
	if (p->message[0] != '\0')
		ctl_say(c, 1006, "    Last error:       %s", p->message);
}

void
bgp_say_channel(struct ctl_client *c, const struct proto *p,
    const struct proto_channel *ch)
{
	const struct bgp_neighbour *n = bgp_proto_neighbour(p);
	int i = n ? bgp_proto_channel(p, ch) : -1;
	char hop[IP_TEXT], ll[IP_TEXT];
	struct ip h, l;

	if (i < 0)
		return;
	if (bgp_neighbour_channel_up(n, (unsigned)i)) {
		bgp_neighbour_next_hop(n, (unsigned)i, &h, &l);
		ctl_say(c, 1006, "    BGP Next hop:   %s%s%s",
		    ip_text(h, hop), ip_is_none(l) ? "" : " ",
		    ip_is_none(l) ? "" : ip_text(l, ll));
	}
	if (bgp_neighbour_config(n)->channel[i].gateway_direct)
		return;
	if (ch->cf->igp_table4 != NULL)
		ctl_say(c, 1006, "    IGP IPv4 table: %s",
		    ch->cf->igp_table4->name);
	if (ch->cf->igp_table6 != NULL)
		ctl_say(c, 1006, "    IGP IPv6 table: %s",
		    ch->cf->igp_table6->name);
}

/* What both sides have agreed on, once they have. */
static void
json_session(struct json *j, const struct bgp_neighbour *n)
{
	const struct bgp_session *s = bgp_neighbour_session(n);
	const struct bgp_caps *caps = bgp_session_caps(s);
	const bool up = bgp_neighbour_established(n);
	char ip[IP_TEXT];

	json_str(j, "neighbor_id", up ? ip_text(ip4(caps->peer_id), ip) :
	    NULL);
	json_u64(j, "hold_time", up ? caps->hold : 0);
	json_u64(j, "keepalive_time", up ? caps->keepalive : 0);
}

void
bgp_json_details(struct json *j, const struct proto *p)
{
	const struct bgp_neighbour *n = bgp_proto_neighbour(p);
	const struct conf_bgp *cf = &p->cf->bgp;
	const struct bgp_counters *k;
	struct ip at = bgp_of(p)->remote.ip;
	char ip[IP_TEXT];

	json_open(j, "bgp", '{');
	json_str(j, "state", state_text(p));
	at = ip_is_none(at) ? cf->remote_ip : at;
	json_str(j, "neighbor", ip_is_none(at) ? NULL : ip_text(at, ip));
	json_u64(j, "neighbor_as", cf->remote_as);
	json_u64(j, "local_as", cf->local_as);
	json_bool(j, "internal", cf->internal);
	json_bool(j, "graceful_shutdown", bgp_of(p)->draining);
	if (n != NULL) {
		k = bgp_session_counters(bgp_neighbour_session(n));
		json_session(j, n);
		json_u64(j, "rx_messages", k->rx_messages);
		json_u64(j, "tx_messages", k->tx_messages);
		json_u64(j, "rx_updates", k->rx_updates);
		json_u64(j, "tx_updates", k->tx_updates);
		json_u64(j, "rx_keepalives", k->rx_keepalives);
		json_u64(j, "tx_keepalives", k->tx_keepalives);
		json_u64(j, "rx_refreshes", k->rx_refreshes);
		json_u64(j, "tx_refreshes", k->tx_refreshes);
		json_u64(j, "rx_bytes", k->rx_bytes);
		json_u64(j, "tx_bytes", k->tx_bytes);
		json_u64(j, "established", bgp_of(p)->established);
		json_bool(j, "graceful_restart", bgp_neighbour_gr_active(n));
	}
	json_close(j, '}');
}

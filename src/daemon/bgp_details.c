/* SPDX-License-Identifier: ISC */
/* "show protocols all" of a BGP neighbour, in BIRD's words. */
#include "daemon/bgp.h"

static void
print_families(struct text *out, uint8_t mask)
{
	for (unsigned f = 0; f < BGP_NFAMS; f++)
		if (mask & BGP_FAM_BIT(f))
			text_printf(out, " %s",
			    bgp_fam_text((enum bgp_fam)f));
	text_addc(out, '\n');
}

static void
print_graceful(struct text *out, const struct bgp_open *o)
{
	text_add(out, "      Graceful restart\n");
	if (o->gr_families == 0)
		return;
	text_printf(out, "        Restart time: %u\n", o->gr_time);
	if (o->gr_restarting)
		text_add(out, "        Restart recovery\n");
	text_add(out, "        AF supported:");
	print_families(out, o->gr_families);
	text_add(out, "        AF preserved:");
	print_families(out, o->gr_forwarding);
}

static void
print_caps(struct text *out, const char *whose, const struct bgp_open *o)
{
	text_printf(out, "    %s capabilities\n", whose);
	if (o->has_mp) {
		text_add(out, "      Multiprotocol\n        AF announced:");
		print_families(out, o->families);
	}
	if (o->refresh)
		text_add(out, "      Route refresh\n");
	if (o->ext_nexthop != 0) {
		text_add(out,
		    "      Extended next hop\n        IPv6 nexthop:");
		print_families(out, o->ext_nexthop);
	}
	if (o->ext_message)
		text_add(out, "      Extended message\n");
	if (o->has_gr)
		print_graceful(out, o);
	if (o->as4)
		text_add(out, "      4-octet AS numbers\n");
	if (o->enhanced_refresh)
		text_add(out, "      Enhanced refresh\n");
	if (o->role < BGP_NROLES)
		text_printf(out, "      Role: %s\n", bgp_role_text(o->role));
	if (o->hostname[0] != '\0')
		text_printf(out, "      Hostname: %s\n", o->hostname);
}

static void
print_timer(struct text *out, const char *name, const struct bgp_session *s,
    enum bgp_timer t, unsigned of)
{
	struct instant at = bgp_session_timer(s, t);
	int64_t left = instant_sub(at, loop_now()) / MILLISECONDS(1);

	if (instant_is_never(at))
		return;
	if (left < 0)
		left = 0;
	text_printf(out, "    %-18s%lld.%03d", name, (long long)(left / 1000),
	    (int)(left % 1000));
	if (of != 0)
		text_printf(out, "/%u", of);
	text_addc(out, '\n');
}

/* What our side says: the session's own, with the families filled in. */
static struct bgp_open
our_open(const struct bgp *b)
{
	const struct bgp_neighbour_config *c = bgp_neighbour_config(b->n);
	struct bgp_open o = c->session.open;

	o.has_mp = true;
	o.families = o.ext_nexthop = 0;
	for (unsigned i = 0; i < c->n_channels; i++) {
		o.families |= BGP_FAM_BIT(c->channel[i].fam);
		if (c->channel[i].ext_nexthop)
			o.ext_nexthop |= BGP_FAM_BIT(c->channel[i].fam);
	}
	if (o.has_gr && c->gr_able)
		o.gr_families = o.families;
	return o;
}

static void
print_session(const struct bgp *b, const struct bgp_session *s,
    struct text *out)
{
	const struct bgp_caps *caps = bgp_session_caps(s);
	const struct bgp_open *theirs = bgp_session_peer_open(s);
	const struct conf_bgp *cf = &b->p.cf->bgp;
	struct bgp_open ours = our_open(b);
	char ip[IP_TEXT];

	if (caps == NULL || theirs == NULL)
		return;
	text_printf(out, "    Neighbor ID:      %s\n",
	    ip_text(ip4(caps->peer_id), ip));
	print_caps(out, "Local", &ours);
	print_caps(out, "Neighbor", theirs);
	text_printf(out, "    Session:          %s%s%s%s%s\n",
	    caps->peer_asn == cf->local_as ? "internal" : "external",
	    cf->multihop ? " multihop" : "",
	    cf->rr_client ? " route-reflector" : "",
	    cf->rs_client ? " route-server" : "", caps->as4 ? " AS4" : "");
	text_printf(out, "    Source address:   %s\n",
	    ip_text(bgp_neighbour_link_of(b->n)->local, ip));
	print_timer(out, "Hold timer:", s, BGP_TIMER_HOLD, caps->hold);
	print_timer(out, "Keepalive timer:", s, BGP_TIMER_KEEPALIVE,
	    caps->keepalive);
	print_timer(out, "Send hold timer:", s, BGP_TIMER_SEND_HOLD, 0);
}

void
bgp_details(const struct proto *p, struct text *out)
{
	const struct bgp *b = bgp_of(p);
	const struct conf_bgp *cf = &p->cf->bgp;
	const struct iface *i = iface_by_index(&p->d->ifaces,
	    b->remote.scope);
	const struct bgp_session *s = b->n ? bgp_neighbour_session(b->n) :
	    NULL;
	char ip[IP_TEXT];

	text_printf(out, "  BGP state:          %s\n", s == NULL ? "Down" :
	    bgp_state_text(bgp_session_state(s)));
	text_printf(out, "    Neighbor address: %s%s%s\n",
	    ip_text(b->n ? b->remote.ip : cf->remote_ip, ip), i ? "%" : "",
	    i ? i->name : "");
	if (cf->remote_as != 0)
		text_printf(out, "    Neighbor AS:      %u\n",
		    cf->remote_as);
	text_printf(out, "    Local AS:         %u\n", cf->local_as);
	if (s == NULL)
		return;
	if (bgp_neighbour_gr_active(b->n))
		text_add(out, "    Neighbor graceful restart active\n");
	print_session(b, s, out);
	if (!bgp_neighbour_established(b->n)) {
		print_timer(out, "Start timer:", s, BGP_TIMER_START, 0);
		print_timer(out, "Connect timer:", s, BGP_TIMER_RETRY, 0);
	}
	if (p->message[0] != '\0')
		text_printf(out, "    Last error:       %s\n", p->message);
}

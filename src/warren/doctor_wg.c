/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "warren/doctor.h"

#define PROTO_BIRD	12	/* of the kernel's routes: ours */
#define WAIT		15	/* seconds that a first handshake may take */
#define SILENT		180
#define NAT_FORGETS	30	/* seconds: the shortest that is seen */

static bool
is_private(struct ip ip)
{
	static const char *const nets[] = { "10.0.0.0/8", "172.16.0.0/12",
	    "192.168.0.0/16", "100.64.0.0/10" };
	struct prefix p;

	for (unsigned i = 0; i < sizeof(nets) / sizeof(nets[0]); i++)
		if (prefix_parse(nets[i], &p) && prefix_has_ip(&p, ip))
			return true;
	return false;
}

/* --- handshakes ---------------------------------------------------------- */

/* Where the peer would reach us, as far as it can be seen from here. */
static bool
reached_at(const struct doctor *d, char *buf, size_t cap)
{
	const json_t *i, *a;
	struct prefix net;
	struct ip ip;
	size_t n, k;

	json_array_foreach(d->interfaces, n, i) {
		if (!doctor_is_lan(d, look_text(i, "name")))
			continue;
		json_array_foreach(json_object_get(i, "addresses"), k, a)
			if (doctor_address(a, &ip, &net) && ip_is4(ip) &&
			    !is_private(ip)) {
				ip_text(ip, buf);
				return true;
			}
	}
	snprintf(buf, cap, "OUR-ADDRESS");
	return false;
}

static void
waits(struct doctor *d, const json_t *t, const json_t *p)
{
	char us[IP_TEXT];

	reached_at(d, us, sizeof(us));
	doctor_finds(d, "waits-for-peer", doctor_mend(d, "there, in the block "
	    "of our key %s: endpoint \"%s:%lld\"; persistent keepalive 25;",
	    look_text(t, "public_key"), us, doctor_number(t, "listen_port")),
	    NULL, "peer %s of %s has no endpoint here and has never called: "
	    "neither end can begin unless it does", look_text(p, "name"),
	    look_text(t, "interface"));
}

/* Our own firewall, before somebody else's. */
static bool
cannot_send(struct doctor *d, const json_t *t, const json_t *p)
{
	struct flow flow = { .l4 = "udp" };
	struct netfilter_verdict v;
	struct route_way way;
	unsigned port;

	if (d->netfilter == NULL ||
	    !doctor_endpoint(look_text(p, "endpoint"), &flow.dst, &port) ||
	    !look_source(flow.dst, &flow.src))
		return false;
	flow.dport = (uint16_t)port;
	flow.oif = doctor_way(d, flow.dst, (uint32_t)doctor_number(t,
	    "fwmark"), &way);
	netfilter_judge(d->netfilter, "output", &flow, &v);
	if (v.sentence != NETFILTER_DROPS)
		return false;
	doctor_finds(d, "firewall-output", doctor_mend(d, "nft 'insert rule "
	    "%s %s %s udp dport %u accept'", v.family, v.table, v.chain,
	    port), NULL, "nftables drops what %s sends to peer %s at %s: %s",
	    look_text(t, "interface"), look_text(p, "name"),
	    look_text(p, "endpoint"), v.where);
	return true;
}

static void
no_handshake(struct doctor *d, const json_t *t, const json_t *p)
{
	const char *endpoint = look_text(p, "endpoint");
	struct ip ip;
	unsigned port = 0;

	if (*endpoint == '\0') {
		waits(d, t, p);
		return;
	}
	if (cannot_send(d, t, p))
		return;
	doctor_endpoint(endpoint, &ip, &port);
	doctor_finds(d, "no-handshake", doctor_mend(d, "there: nft insert "
	    "rule inet filter input udp dport %u accept; in its provider's "
	    "firewall: UDP port %u; and \"wg show\" there must have the peer "
	    "%s", port, port, look_text(t, "public_key")), NULL, "peer %s of "
	    "%s: we have sent %lld bytes to %s and nothing ever came back: a "
	    "firewall, or it does not know our key",
	    look_text(p, "name"), look_text(t, "interface"),
	    doctor_number(p, "tx_bytes"), endpoint);
}

/* --- NAT ----------------------------------------------------------------- */

/* What keeps it open: a statement behind the peer's key. */
static const char *
keep_alive(struct doctor *d, const json_t *p, const struct conf_wg_peer *cf)
{
	char words[64], was[64];
	const char *mend;

	snprintf(was, sizeof(was), "persistent keepalive %u;", cf->keepalive);
	if (cf->keepalive != 0 && (mend = doctor_edit(d, was,
	    "persistent keepalive 25;")) != NULL)
		return mend;
	snprintf(words, sizeof(words), "%s\"", look_text(p, "public_key"));
	return doctor_edit_after(d, words, "persistent keepalive 25;");
}

static void
keepalive(struct doctor *d, const json_t *t, const json_t *p)
{
	const struct conf_wireguard *wg = doctor_conf_wg(d,
	    look_text(t, "interface"));
	const struct conf_wg_peer *cf = doctor_conf_peer(wg,
	    look_text(p, "name"));
	const char *mend, *name = look_text(p, "name");
	char src[IP_TEXT];
	struct ip ip, ours;
	unsigned port;

	/* Whoever has an endpoint configured is the one who calls. */
	if (cf == NULL || cf->endpoint_host == NULL ||
	    (cf->keepalive != 0 && cf->keepalive <= NAT_FORGETS) ||
	    !doctor_endpoint(look_text(p, "endpoint"), &ip, &port) ||
	    !look_source(ip, &ours) || !is_private(ours) || is_private(ip))
		return;
	mend = keep_alive(d, p, cf);
	if (cf->keepalive == 0)
		doctor_finds(d, "no-keepalive", mend ? mend : "say "
		    "\"persistent keepalive 25;\" in the peer's block, then: "
		    "warren configure", mend, "we reach peer %s at %s from "
		    "%s, which is behind NAT, without a persistent keepalive: "
		    "when the NAT forgets us, it cannot reach us", name,
		    look_text(p, "endpoint"), ip_text(ours, src));
	else
		doctor_finds(d, "long-keepalive", mend ? mend : "say "
		    "\"persistent keepalive 25;\" in the peer's block, then: "
		    "warren configure", mend, "we reach peer %s from %s, "
		    "which is behind NAT, with a keepalive of %u s: there are "
		    "NATs that forget after %u", name, ip_text(ours, src),
		    cf->keepalive, NAT_FORGETS);
}

/* WireGuard has followed the peer to where it really is. */
static void
other_endpoint(struct doctor *d, const json_t *t, const json_t *p)
{
	const struct conf_wireguard *wg = doctor_conf_wg(d,
	    look_text(t, "interface"));
	const struct conf_wg_peer *cf = doctor_conf_peer(wg,
	    look_text(p, "name"));
	const char *mend;
	char was[300], now[300];
	struct ip ip;
	unsigned port;

	if (cf == NULL || cf->endpoint_host == NULL ||
	    !json_is_true(json_object_get(p, "alive")) ||
	    !doctor_endpoint(look_text(p, "endpoint"), &ip, &port) ||
	    port == cf->endpoint_port)
		return;
	snprintf(was, sizeof(was), "%s:%u\"", cf->endpoint_host,
	    cf->endpoint_port);
	snprintf(now, sizeof(now), "%s:%u\"", cf->endpoint_host, port);
	mend = doctor_edit(d, was, now);
	doctor_finds(d, "endpoint-port", mend ? mend : "set the peer's listen "
	    "port to the one that is configured here, or configure the one it "
	    "has; see that its firewall opens the same", NULL, "peer %s is "
	    "configured with port %u and speaks from port %u: it works only "
	    "for as long as it calls us", look_text(p, "name"),
	    cf->endpoint_port, port);
}

/* Around the tunnel: by a gateway that another interface has. */
static const char *
around(struct doctor *d, struct ip to, const struct route_way *bad,
    const char *iface)
{
	const int bits = ip_is4(to) ? 32 : 128;
	char ip[IP_TEXT], gw[IP_TEXT], dev[16];
	struct ip via;

	ip_text(to, ip);
	if (route_ask_route(d->ask)->proto != PROTO_BIRD &&
	    bad->match.len == bits)
		return doctor_mend(d, "ip route del %s/%d dev %s", ip, bits,
		    iface);
	if (!doctor_gateway(d, ip_is4(to) ? FAMILY_IP4 : FAMILY_IP6, &via,
	    dev))
		return doctor_mend(d, "ip route add %s/%d via GATEWAY", ip,
		    bits);
	return doctor_mend(d, "ip route add %s/%d via %s dev %s", ip, bits,
	    ip_text(via, gw), dev);
}

static void
endpoint_loop(struct doctor *d, const json_t *t, const json_t *p)
{
	const char *iface = look_text(t, "interface"), *dev;
	struct route_way way;
	struct ip ip;
	unsigned port;

	if (!doctor_endpoint(look_text(p, "endpoint"), &ip, &port))
		return;
	dev = doctor_way(d, ip, (uint32_t)doctor_number(t, "fwmark"), &way);
	if (dev == NULL || strcmp(dev, iface) != 0)
		return;
	doctor_finds(d, "endpoint-loop", around(d, ip, &way, iface), NULL,
	    "the way to %s, where peer %s is, leads through %s itself: the "
	    "tunnel swallows its own packets", look_text(p, "endpoint"),
	    look_text(p, "name"), iface);
}

/* Warrens know of each other within a second. */
static bool
is_dead(const json_t *p)
{
	return strcmp(look_text(json_object_get(p, "liveness"), "state"),
	    "dead") == 0;
}

static void
peer(struct doctor *d, const json_t *t, const json_t *p)
{
	const struct conf_wg_peer *cf = doctor_conf_peer(doctor_conf_wg(d,
	    look_text(t, "interface")), look_text(p, "name"));
	const char *last = look_text(p, "latest_handshake");

	if (*last == '\0' && cf != NULL && cf->invited)
		return;		/* somebody's telephone, in a drawer yet */
	if (*last == '\0') {
		if (doctor_uptime(d) > WAIT &&
		    (doctor_number(p, "tx_bytes") > 0 ||
		    *look_text(p, "endpoint") == '\0') &&
		    doctor_number(p, "rx_bytes") == 0)
			no_handshake(d, t, p);
	} else if (is_dead(p)) {
		doctor_finds(d, "silent-peer", doctor_mend(d, "%s restart %s",
		    doctor_warren(d), look_text(t, "protocol")), NULL, "peer "
		    "%s of %s answered before and does not now: nothing comes "
		    "back from %s", look_text(p, "name"),
		    look_text(t, "interface"), look_text(p, "endpoint"));
	} else if (time(NULL) - doctor_time(last) > SILENT &&
	    doctor_number(p, "keepalive") > 0) {
		doctor_finds(d, "silent-peer", doctor_mend(d, "%s restart %s",
		    doctor_warren(d), look_text(t, "protocol")), NULL, "peer "
		    "%s of %s was heard last at %s, though it should be kept "
		    "alive",
		    look_text(p, "name"), look_text(t, "interface"),
		    last);
	}
	keepalive(d, t, p);
	other_endpoint(d, t, p);
	endpoint_loop(d, t, p);
}

/* --- tunnels ------------------------------------------------------------- */

/* What its protocol said last. */
static const char *
why_down(const struct doctor *d, const json_t *t)
{
	const json_t *p;
	size_t i;

	json_array_foreach(d->protocols, i, p)
		if (strcmp(look_text(p, "name"), look_text(t, "protocol")) ==
		    0)
			return look_text(p, "message");
	return "";
}

void
doctor_wg(struct doctor *d)
{
	const json_t *t, *p;
	size_t i, k;

	json_array_foreach(d->tunnels, i, t) {
		const char *state = look_text(t, "state");

		if (strcmp(state, "running") != 0 && doctor_uptime(d) > WAIT)
			doctor_finds(d, "tunnel-down", doctor_mend(d,
			    "%s restart %s", doctor_warren(d),
			    look_text(t, "protocol")), NULL, "the tunnel %s "
			    "is %s%s%s", look_text(t, "interface"), state,
			    *why_down(d, t) ? ": " : "", why_down(d, t));
		json_array_foreach(json_object_get(t, "peers"), k, p)
			peer(d, t, p);
	}
}

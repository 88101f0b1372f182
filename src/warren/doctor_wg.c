/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "warren/doctor.h"

#define WAIT		15	/* seconds that a first handshake may take */
#define SILENT		180

static time_t
time_of(const char *s)
{
	struct tm tm = { 0 };

	return strptime(s, "%Y-%m-%dT%H:%M:%S", &tm) ? timegm(&tm) : 0;
}

/* For so long has the daemon been there. */
static long
uptime(const struct doctor *d)
{
	return time(NULL) - time_of(look_text(d->status, "started"));
}

/* "192.0.2.1:51820", "[2001:db8::1]:51820" */
static bool
endpoint_of(const char *s, struct ip *ret, unsigned *ret_port)
{
	const char *colon = strrchr(s, ':');
	char ip[80];
	int n;

	if (colon == NULL)
		return false;
	*ret_port = (unsigned)strtoul(colon + 1, NULL, 10);
	n = (int)(colon - s);
	if (s[0] == '[' && n > 2)
		snprintf(ip, sizeof(ip), "%.*s", n - 2, s + 1);
	else
		snprintf(ip, sizeof(ip), "%.*s", n, s);
	return ip_parse(ip, ret);
}

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

static void
no_handshake(struct doctor *d, const json_t *t, const json_t *p)
{
	const char *iface = look_text(t, "interface");
	const char *name = look_text(p, "name");
	const char *endpoint = look_text(p, "endpoint");

	if (*endpoint == '\0')
		doctor_finds(d, "waits-for-peer", "give the peer our endpoint, "
		    "and a persistent keepalive if it is behind NAT", NULL,
		    "peer %s of %s has no endpoint here and has never called: "
		    "neither end can begin unless it does", name, iface);
	else
		doctor_finds(d, "no-handshake", "open that UDP port in the "
		    "far end's firewall and in its provider's, and compare "
		    "the public keys of both ends", NULL, "peer %s of %s: "
		    "we have sent %lld bytes to %s and nothing ever came "
		    "back", name, iface, doctor_number(p, "tx_bytes"),
		    endpoint);
}

static void
keepalive(struct doctor *d, const json_t *t, const json_t *p)
{
	const struct conf_wireguard *wg = doctor_conf_wg(d,
	    look_text(t, "interface"));
	const struct conf_wg_peer *cf = doctor_conf_peer(wg,
	    look_text(p, "name"));
	char src[IP_TEXT];
	struct ip ip, ours;
	unsigned port;

	/* Whoever has an endpoint configured is the one who calls. */
	if (cf == NULL || cf->endpoint_host == NULL || cf->keepalive != 0 ||
	    !endpoint_of(look_text(p, "endpoint"), &ip, &port) ||
	    !look_source(ip, &ours) || !is_private(ours) || is_private(ip))
		return;
	doctor_finds(d, "no-keepalive", "say \"persistent keepalive 25;\" in "
	    "the peer's block, then: warren configure", NULL, "we reach peer "
	    "%s at %s from %s, which is behind NAT, without a persistent "
	    "keepalive: when the NAT forgets us, it cannot reach us",
	    look_text(p, "name"), look_text(p, "endpoint"),
	    ip_text(ours, src));
}

/* WireGuard has followed the peer to where it really is. */
static void
other_endpoint(struct doctor *d, const json_t *t, const json_t *p)
{
	const struct conf_wireguard *wg = doctor_conf_wg(d,
	    look_text(t, "interface"));
	const struct conf_wg_peer *cf = doctor_conf_peer(wg,
	    look_text(p, "name"));
	struct ip ip;
	unsigned port;

	if (cf == NULL || cf->endpoint_host == NULL ||
	    !json_is_true(json_object_get(p, "alive")) ||
	    !endpoint_of(look_text(p, "endpoint"), &ip, &port) ||
	    port == cf->endpoint_port)
		return;
	doctor_finds(d, "endpoint-port", "set the peer's listen port to the "
	    "one that is configured here, or configure the one it has; see "
	    "that its firewall opens the same", NULL, "peer %s is configured "
	    "with port %u and speaks from port %u: it works only for as long "
	    "as it calls us", look_text(p, "name"), cf->endpoint_port, port);
}

static void
endpoint_loop(struct doctor *d, const json_t *t, const json_t *p)
{
	const char *iface = look_text(t, "interface");
	char dev[16] = "";
	struct route_way way;
	struct ip ip;
	unsigned port;

	if (!endpoint_of(look_text(p, "endpoint"), &ip, &port) ||
	    route_ask(d->ask, ip, 0, (uint32_t)doctor_number(t, "fwmark"),
	    &way) < 0 || if_indextoname(way.oif, dev) == NULL ||
	    strcmp(dev, iface) != 0)
		return;
	doctor_finds(d, "endpoint-loop", "ip route add ENDPOINT via GATEWAY; "
	    "or an \"fwmark\" and a rule for it", NULL, "the way to %s, "
	    "where peer %s is, leads through %s itself: the tunnel swallows "
	    "its own packets", look_text(p, "endpoint"),
	    look_text(p, "name"), iface);
}

static void
peer(struct doctor *d, const json_t *t, const json_t *p)
{
	const char *last = look_text(p, "latest_handshake");

	if (*last == '\0') {
		if (uptime(d) > WAIT && (doctor_number(p, "tx_bytes") > 0 ||
		    *look_text(p, "endpoint") == '\0') &&
		    doctor_number(p, "rx_bytes") == 0)
			no_handshake(d, t, p);
	} else if (time(NULL) - time_of(last) > SILENT &&
	    doctor_number(p, "keepalive") > 0) {
		doctor_finds(d, "silent-peer", "warren explain ENDPOINT, and "
		    "look at the far end", NULL, "peer %s of %s was heard "
		    "last at %s, though it should be kept alive",
		    look_text(p, "name"), look_text(t, "interface"),
		    last);
	}
	keepalive(d, t, p);
	other_endpoint(d, t, p);
	endpoint_loop(d, t, p);
}

/* --- addresses ----------------------------------------------------------- */

static bool
overlap(const struct prefix *a, const struct prefix *b)
{
	return prefix_covers(a, b) || prefix_covers(b, a);
}

/* The nets of an interface's addresses, one after another. */
static bool
net_of(const json_t *address, struct prefix *ret)
{
	const char *s = json_string_value(address);
	const char *slash = s ? strchr(s, '/') : NULL;
	char text[80];
	struct ip ip;

	if (slash == NULL)
		return false;
	snprintf(text, sizeof(text), "%.*s", (int)(slash - s), s);
	if (!ip_parse(text, &ip) || ip_is_link_local(ip))
		return false;
	*ret = prefix_of(ip, (unsigned)strtoul(slash + 1, NULL, 10));
	return true;
}

static void
compare_nets(struct doctor *d, const json_t *tunnel, const struct prefix *net)
{
	const json_t *i, *a;
	char x[PREFIX_TEXT], y[PREFIX_TEXT];
	struct prefix other;
	size_t n, k;

	json_array_foreach(d->interfaces, n, i) {
		if (i == tunnel || doctor_is_tunnel(d, look_text(i, "name"))
		    || strcmp(look_text(i, "name"), "lo") == 0)
			continue;
		json_array_foreach(json_object_get(i, "addresses"), k, a)
			if (net_of(a, &other) && other.kind == net->kind &&
			    overlap(net, &other))
				doctor_finds(d, "overlap", "give the tunnel "
				    "other addresses", NULL, "%s of the tunnel "
				    "%s overlaps %s of %s: one hides the other",
				    prefix_text(net, x),
				    look_text(tunnel, "name"),
				    prefix_text(&other, y),
				    look_text(i, "name"));
	}
}

static void
addresses(struct doctor *d)
{
	struct prefix shared, net;
	const json_t *i, *a;
	char text[PREFIX_TEXT];
	size_t n, k;

	prefix_parse("100.64.0.0/10", &shared);
	json_array_foreach(d->interfaces, n, i) {
		if (!doctor_is_tunnel(d, look_text(i, "name")))
			continue;
		json_array_foreach(json_object_get(i, "addresses"), k, a) {
			if (!net_of(a, &net))
				continue;
			if (net.kind == NET_IP4 && prefix_has_ip(&shared,
			    net.ip))
				doctor_finds(d, "shared-space", "give the "
				    "tunnel addresses of another net", NULL,
				    "%s of %s is in 100.64.0.0/10, which "
				    "carriers use for their NAT (RFC 6598): "
				    "it may be on the other side, too",
				    prefix_text(&net, text),
				    look_text(i, "name"));
			compare_nets(d, i, &net);
		}
	}
}

/* --- tunnels ------------------------------------------------------------- */

static long long
mtu_of(const struct doctor *d, const char *iface)
{
	const json_t *i;
	size_t n;

	json_array_foreach(d->interfaces, n, i)
		if (strcmp(look_text(i, "name"), iface) == 0)
			return doctor_number(i, "mtu");
	return 0;
}

/* What the way to a peer carries inside; 0: not known. */
static long long
room_to(const struct doctor *d, const json_t *t, const json_t *p)
{
	char dev[16] = "";
	struct route_way way;
	long long mtu;
	struct ip ip;
	unsigned port;

	if (!endpoint_of(look_text(p, "endpoint"), &ip, &port) ||
	    route_ask(d->ask, ip, 0, (uint32_t)doctor_number(t, "fwmark"),
	    &way) < 0 || if_indextoname(way.oif, dev) == NULL)
		return 0;
	mtu = way.mtu != 0 ? (long long)way.mtu : mtu_of(d, dev);
	return mtu > 80 ? mtu - (ip_is4(ip) ? 60 : 80) : 0;
}

static void
mtu(struct doctor *d, const json_t *t)
{
	const char *iface = look_text(t, "interface");
	long long have = mtu_of(d, iface);
	const json_t *p;
	size_t k;

	json_array_foreach(json_object_get(t, "peers"), k, p) {
		long long room = room_to(d, t, p);

		if (room == 0 || have <= room)
			continue;
		doctor_finds(d, "mtu", "\"mtu auto;\" in protocol wireguard, "
		    "then: warren configure", NULL, "%s has MTU %lld, and the "
		    "way to peer %s carries %lld inside at most: full packets "
		    "are cut or lost", iface, have, look_text(p, "name"),
		    room);
		return;
	}
}

void
doctor_wg(struct doctor *d)
{
	const json_t *t, *p;
	size_t i, k;

	json_array_foreach(d->tunnels, i, t) {
		const char *state = look_text(t, "state");

		if (strcmp(state, "running") != 0 && uptime(d) > WAIT)
			doctor_finds(d, "tunnel-down", "warren show protocols "
			    "all", NULL, "the tunnel %s is %s",
			    look_text(t, "interface"), state);
		json_array_foreach(json_object_get(t, "peers"), k, p)
			peer(d, t, p);
		mtu(d, t);
	}
	addresses(d);
}

/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <time.h>

#include "look/json.h"
#include "sys/sysctl.h"
#include "warren/explain.h"
#include "wg/key.h"

#define PROTO_BIRD	12
#define PROTO_ENDPOINT	87	/* plan/underlay.h */

/* --- the kernel's route -------------------------------------------------- */

static const char *
proto_name(uint8_t proto)
{
	switch (proto) {
	case RTPROT_KERNEL: return "kernel";
	case RTPROT_BOOT: return "boot";
	case RTPROT_STATIC: return "static";
	case RTPROT_RA: return "ra";
	case RTPROT_DHCP: return "dhcp";
	case PROTO_BIRD: return "bird";
	case PROTO_ENDPOINT: return "87 (an endpoint's own, of warrend)";
	default: return "another program";
	}
}

static void
route_text(const struct explain *x, const struct nl_route *r, char *buf,
    size_t cap)
{
	char net[PREFIX_TEXT], gw[IP_TEXT];

	snprintf(buf, cap, "%s%s%s dev %s proto %s metric %" PRIu32 "%s",
	    prefix_text(&r->dst, net), ip_is_none(x->gw) ? "" : " via ",
	    ip_is_none(x->gw) ? "" : ip_text(x->gw, gw), x->oif,
	    proto_name(r->proto), r->metric,
	    r->n_hops > 1 ? ", of several next hops" : "");
}

/* The kernel does something else than the table says. */
static void
compare(struct explain *x, const struct nl_route *r, const char *text)
{
	char net[PREFIX_TEXT];

	if (x->best.kind == NET_NONE)
		explain_ok(x, "kernel", "%s", text);
	else if (prefix_eq(&x->best, &r->dst) && strcmp(x->best_iface,
	    x->oif) == 0)
		explain_ok(x, "kernel", "%s, as in the table", text);
	else if (strcmp(x->best_iface, x->oif) == 0 &&
	    ip_eq(x->best_gw, x->gw))
		explain_ok(x, "kernel", "%s: another route than the table's, "
		    "and the same way", text);
	else if (r->proto == PROTO_BIRD)
		explain_bad(x, "kernel", "warren show protocols all "
		    "\"kernel*\"", "%s, and not %s on %s as in the table: "
		    "is there a kernel protocol that exports it?", text,
		    prefix_text(&x->best, net), x->best_iface);
	else if (prefix_covers(&x->best, &r->dst))
		explain_ok(x, "kernel", "%s: another program's route, more "
		    "specific than or before the table's", text);
	else
		explain_bad(x, "kernel", "warren show protocols all "
		    "\"kernel*\"", "%s: the table's %s is not in the kernel; "
		    "does a kernel protocol export it?", text,
		    prefix_text(&x->best, net));
}

static const char *
barrier_name(const struct nl_route *r)
{
	return r->type == RTN_BLACKHOLE ? "blackhole" :
	    r->type == RTN_PROHIBIT ? "prohibit" : "unreachable";
}

/* There is none, or one that says no. */
static void
no_route(struct explain *x, int err)
{
	char ip[IP_TEXT], net[PREFIX_TEXT], mend[200];
	struct nl_route r;

	ip_text(x->to, ip);
	if (err != -ENETUNREACH && look_barrier(x->to, &r)) {
		prefix_text(&r.dst, net);
		if (r.proto == PROTO_BIRD)
			snprintf(mend, sizeof(mend), "warren show route for %s "
			    "all", ip);
		else
			snprintf(mend, sizeof(mend), "ip route del %s %s "
			    "table %u metric %u", barrier_name(&r), net,
			    r.table, r.metric);
		explain_bad(x, "kernel", mend, "no way to %s: %s %s proto %s "
		    "metric %u says no (%s)", ip, barrier_name(&r), net,
		    proto_name(r.proto), r.metric, strerrordesc_np(-err));
		return;
	}
	if (x->best.kind != NET_NONE)
		snprintf(mend, sizeof(mend), "warren show protocols all "
		    "\"kernel*\"");
	else
		snprintf(mend, sizeof(mend), "ip route add %s/%d dev "
		    "INTERFACE; or announce it where it is, by BGP", ip,
		    ip_is4(x->to) ? 32 : 128);
	explain_bad(x, "kernel", mend, "no way to %s: %s; %s", ip,
	    strerrordesc_np(-err), x->best.kind != NET_NONE ?
	    "the table's route is not in the kernel" :
	    "neither the kernel nor a table has a route");
}

/* The other ways, of which one is ours. */
static void
hops(struct explain *x, const struct nl_route *r)
{
	const struct nl_hop *ours = route_ask_hop(x->ask);
	char dev[IF_NAMESIZE], gw[IP_TEXT];

	for (unsigned i = 0; i < r->n_hops; i++) {
		const struct nl_hop *h = &r->hop[i];

		if (if_indextoname(h->oif, dev) == NULL)
			continue;
		explain_more(x, "%s%s%s dev %s weight %u",
		    h->oif == ours->oif && ip_eq(h->via, ours->via) ?
		    "this flow takes" : "others may take",
		    ip_is_none(h->via) ? "" : " via ", ip_is_none(h->via) ?
		    "" : ip_text(h->via, gw), dev, h->weight);
	}
}

bool
explain_kernel(struct explain *x)
{
	const struct nl_route *r = route_ask_route(x->ask);
	const struct nl_hop *hop;
	struct route_way way;
	char text[256], ip[IP_TEXT];
	int err;

	if (x->local) {
		explain_ok(x, "kernel", "%s is an address of this host",
		    ip_text(x->to, ip));
		return false;
	}
	err = route_ask(x->ask, x->to, 0, 0, &way);
	if (err < 0) {
		no_route(x, err);
		return false;
	}
	hop = route_ask_hop(x->ask);
	if (if_indextoname(hop->oif, x->oif) == NULL)
		x->oif[0] = '\0';
	x->gw = hop->via;
	x->mtu = way.mtu != 0 ? way.mtu : look_mtu(x->oif);
	route_text(x, r, text, sizeof(text));
	compare(x, r, text);
	if (r->n_hops > 1)
		hops(x, r);
	return true;
}

/* --- WireGuard ----------------------------------------------------------- */

/* What warrend says of the peer with that key, or NULL. */
static const json_t *
peer_of(const struct explain *x, const char *key)
{
	const json_t *t, *p;
	size_t i, k;

	json_array_foreach(x->tunnels, i, t)
		json_array_foreach(json_object_get(t, "peers"), k, p)
			if (strcmp(look_text(p, "public_key"), key) == 0)
				return p;
	return NULL;
}

/* What the configuration calls the peer, or its key. */
static const char *
name_of_key(const struct explain *x, const char *key, char *buf, size_t cap)
{
	const json_t *p = peer_of(x, key);

	snprintf(buf, cap, "%s", p ? look_text(p, "name") : key);
	return buf;
}

static void
name_of(struct explain *x, const uint8_t key[WG_KEY], char *buf, size_t cap)
{
	char b64[WG_KEY_BASE64];

	wg_key_to_base64(b64, key);
	name_of_key(x, b64, buf, cap);
}

/* The protocol of the interface that the packet leaves by, or "". */
static const char *
protocol_of(const struct explain *x)
{
	const json_t *t;
	size_t i;

	json_array_foreach(x->tunnels, i, t)
		if (strcmp(look_text(t, "interface"), x->oif) == 0)
			return look_text(t, "protocol");
	return "";
}

static bool
is_tunnel_of_warrend(const struct explain *x)
{
	return *protocol_of(x) != '\0';
}

/* Do routes make its allowed ips, and is there one? */
static bool
has_channel(const struct explain *x)
{
	const json_t *p, *c;
	size_t i, k;

	json_array_foreach(x->protocols, i, p)
		json_array_foreach(json_object_get(p, "channels"), k, c)
			if (x->best.kind != NET_NONE && strcmp(
			    look_text(p, "name"), protocol_of(x)) == 0 &&
			    strcmp(look_text(c, "family"), ip_is4(x->to) ?
			    "ipv4" : "ipv6") == 0)
				return true;
	return false;
}

static void
nobody(struct explain *x)
{
	char mend[200], ip[IP_TEXT];

	ip_text(x->to, ip);
	if (has_channel(x))
		snprintf(mend, sizeof(mend), "warren restart %s",
		    protocol_of(x));
	else if (is_tunnel_of_warrend(x))
		snprintf(mend, sizeof(mend), "%s { export where source = "
		    "RTS_BGP; };  in protocol wireguard of %s, or \"allowed "
		    "ips\" in a peer's block; then: warren configure",
		    ip_is4(x->to) ? "ipv4" : "ipv6", x->oif);
	else
		snprintf(mend, sizeof(mend), "wg set %s peer KEY allowed-ips "
		    "+%s/%d", x->oif, ip, ip_is4(x->to) ? 32 : 128);
	explain_bad(x, "peer", mend, "no peer of %s has %s in its allowed "
	    "ips: WireGuard's routing by key has nobody to encrypt it for "
	    "(\"Required key not available\")", x->oif, ip);
}

/* What fits into the tunnel must fit around it, too. */
static void
tunnel_mtu(struct explain *x, const struct wg_uapi_peer *p,
    const struct route_way *way, const char *dev)
{
	const unsigned more = ip_is4(p->info.endpoint.addr) ? 60 : 80;
	const unsigned inner = look_mtu(x->oif);
	const unsigned outer = way->mtu ? way->mtu : look_mtu(dev);
	char mend[80];

	if (inner == 0 || outer == 0)
		return;
	if (inner + more > outer) {
		snprintf(mend, sizeof(mend), "ip link set %s mtu %u", x->oif,
		    outer - more);
		explain_bad(x, "mtu", mend, "%u in %s, and with %u more %s "
		    "carries only %u: full packets are cut or lost", inner,
		    x->oif, more, dev, outer);
	} else {
		explain_ok(x, "mtu", "%u in %s; %u of the %u of %s with what "
		    "WireGuard adds", inner, x->oif, inner + more, outer,
		    dev);
	}
}

static bool
endpoint(struct explain *x, const struct wg_uapi_dump *d,
    const struct wg_uapi_peer *p, const char *name)
{
	char text[80], dev[16] = "?";
	struct route_way way;
	int err;

	if (!wg_endpoint_known(&p->info.endpoint)) {
		explain_bad(x, "endpoint", "give it an endpoint, or a "
		    "persistent keepalive at its end, so that it calls",
		    "%s has none and has never called: nothing can be sent "
		    "(\"Destination address required\")", name);
		return false;
	}
	wg_endpoint_text(&p->info.endpoint, text);
	err = route_ask(x->ask, p->info.endpoint.addr, p->info.endpoint.scope,
	    d->fwmark, &way);
	if (err < 0) {
		explain_bad(x, "endpoint", "ip route", "%s: no way there: %s",
		    text, strerrordesc_np(-err));
		return false;
	}
	if_indextoname(way.oif, dev);
	if (strcmp(dev, x->oif) == 0) {
		explain_bad(x, "endpoint", "a host route to the endpoint by "
		    "the underlay, or an fwmark with a rule",
		    "%s is reached through %s itself: the tunnel swallows "
		    "its own packets", text, dev);
		return false;
	}
	explain_ok(x, "endpoint", "%s, by %s", text, dev);
	tunnel_mtu(x, p, &way, dev);
	return true;
}

static bool
handshake(struct explain *x, const struct wg_uapi_peer *p, const char *name)
{
	long long age = (long long)time(NULL) - p->info.last_handshake.s;

	if (p->info.last_handshake.s == 0)
		explain_bad(x, "handshake", "open the UDP port of the far end "
		    "in its provider's firewall, and compare the keys on both "
		    "ends", "%s: never; %s", name, p->info.tx_bytes > 0 &&
		    p->info.rx_bytes == 0 ? "we send and nothing comes back" :
		    "nothing was sent yet");
	else if (age > SILENT)
		explain_bad(x, "handshake", "warren show tunnels", "%s: the "
		    "last one %lld s ago; it is not there any more", name,
		    age);
	else
		explain_ok(x, "handshake", "%lld s ago", age);
	return p->info.last_handshake.s != 0 && age <= SILENT;
}

/* Does it answer through the tunnel?  Of a stock peer nobody knows. */
static bool
liveness(struct explain *x, const struct wg_uapi_peer *p, const char *name)
{
	char b64[WG_KEY_BASE64];
	const json_t *life;
	const char *state;

	wg_key_to_base64(b64, p->info.public_key);
	life = json_object_get(peer_of(x, b64), "liveness");
	state = json_string_value(json_object_get(life, "state"));
	if (state == NULL || strcmp(state, "unknown") == 0)
		return true;
	if (strcmp(state, "alive") == 0) {
		explain_ok(x, "liveness", "%s answers through the tunnel "
		    "after %.2f ms", name, (double)json_integer_value(
		    json_object_get(life, "round_trip_us")) / 1000);
		return true;
	}
	explain_bad(x, "liveness", "warren show tunnels", "%s is %s: %s",
	    name, state, strcmp(state, "damped") == 0 ? "it was dead several "
	    "times and has to stay alive for a while" : "nothing comes back "
	    "through the tunnel");
	return false;
}

bool
explain_tunnel(struct explain *x)
{
	struct wg_uapi_dump d;
	char name[80], net[PREFIX_TEXT];
	struct prefix match;
	bool ok = false;
	int k, err = look_wg(x->oif, &d);

	if (err == -ENODEV) {
		explain_ok(x, "mtu", "%u", x->mtu);
		return true;
	}
	x->wg = true;
	if (err < 0) {
		explain_bad(x, "interface", "become root", "%s is "
		    "WireGuard's, and may not be asked: %s", x->oif,
		    strerrordesc_np(-err));
		return false;
	}
	k = look_wg_peer(&d, x->to, &match);
	if (k < 0) {
		nobody(x);
	} else {
		const struct wg_uapi_peer *p = &d.peers[k];

		name_of(x, p->info.public_key, name, sizeof(name));
		explain_ok(x, "peer", "%s: %s is in its allowed ips", name,
		    prefix_text(&match, net));
		x->next_warren = wg_link_local(p->info.public_key);
		ok = endpoint(x, &d, p, name) && handshake(x, p, name) &&
		    liveness(x, p, name);
	}
	wg_uapi_dump_done(&d);
	return ok;
}

/* --- letting it pass ----------------------------------------------------- */

/* WireGuard takes from a peer only what it may send to it. */
static void
cryptokey_source(struct explain *x)
{
	char key[WG_KEY_BASE64], from[IP_TEXT], name[80], mend[200];
	struct wg_uapi_dump d;
	struct prefix match;
	int k;

	if (x->asker == NULL || look_wg(x->iif, &d) != 0)
		return;
	k = look_wg_peer(&d, x->from, &match);
	ip_text(x->from, from);
	if (k >= 0)
		wg_key_to_base64(key, d.peers[k].info.public_key);
	if (k >= 0 && strcmp(key, x->asker) == 0) {
		explain_ok(x, "from", "%s may send as %s on %s", name_of_key(x,
		    x->asker, name, sizeof(name)), from, x->iif);
	} else {
		snprintf(mend, sizeof(mend), "announce %s there, by BGP, or "
		    "add it to that peer's allowed ips here", from);
		explain_bad(x, "from", mend, "%s comes from peer %s of %s and "
		    "is in %s allowed ips: WireGuard drops it", from,
		    name_of_key(x, x->asker, name, sizeof(name)), x->iif,
		    k < 0 ? "nobody's" : "another one's");
	}
	wg_uapi_dump_done(&d);
}

static void
rp_filter(struct explain *x)
{
	struct route_way way;
	char back[16] = "?", mend[100];

	if (!ip_is4(x->to) || look_rp_filter(x->iif) != 1 ||
	    route_ask(x->ask, x->from, 0, 0, &way) < 0)
		return;
	if_indextoname(way.oif, back);
	snprintf(mend, sizeof(mend), "sysctl -w net/ipv4/conf/%s/rp_filter=2",
	    x->iif);
	if (strcmp(back, x->iif) != 0)
		explain_bad(x, "rp_filter", mend, "is strict on %s, and the "
		    "way back is by %s: dropped", x->iif, back);
}

static void
forwarding(struct explain *x)
{
	enum family f = ip_is4(x->to) ? FAMILY_IP4 : FAMILY_IP6;

	if (!sysctl_forwards(f, x->iif))
		explain_bad(x, "forwarding", f == FAMILY_IP4 ?
		    "sysctl -w net.ipv4.ip_forward=1   # or \"forward yes;\" "
		    "in protocol wireguard" :
		    "sysctl -w net.ipv6.conf.all.forwarding=1   # or \"forward "
		    "yes;\" in protocol wireguard", "this host does not "
		    "forward: what comes in by %s and is not for it is "
		    "dropped", x->iif);
	else
		explain_ok(x, "forwarding", "on, in by %s, out by %s", x->iif,
		    x->oif);
}

static void
netfilter(struct explain *x, const char *hook)
{
	struct flow flow = { .oif = x->local ? NULL : x->oif, .dst = x->to,
	    .src = x->forwarded ? x->from : x->source,
	    .iif = x->forwarded ? x->iif : NULL };
	char mend[300];
	struct netfilter_verdict v;
	struct netfilter *n;

	if (netfilter_load(&n) < 0) {
		explain_ok(x, "netfilter", "may not be read: become root");
		return;
	}
	netfilter_judge(n, hook, &flow, &v);
	snprintf(mend, sizeof(mend), "nft 'insert rule %s %s %s %s \"%s\" "
	    "accept'", v.family, v.table, v.chain, strcmp(hook, "input") ?
	    "oifname" : "iifname", strcmp(hook, "input") ? x->oif : x->iif);
	if (v.sentence == NETFILTER_DROPS)
		explain_bad(x, "netfilter", mend, "drops it: %s", v.where);
	else if (v.sentence == NETFILTER_UNCLEAR)
		explain_ok(x, "netfilter", "cannot be known: rules look at "
		    "more than addresses and interfaces");
	else if (v.chains == 0)
		explain_ok(x, "netfilter", "no chain of nftables looks at "
		    "it");
	else
		explain_ok(x, "netfilter", "%u chain%s of nftables let%s it "
		    "pass", v.chains, v.chains == 1 ? "" : "s",
		    v.chains == 1 ? "s" : "");
	netfilter_free(n);
}

/* By which interface it comes in: as told, or that of the way back. */
static bool
comes_in(struct explain *x)
{
	struct route_way way;
	char ip[IP_TEXT], mend[100];

	if (route_ask(x->ask, x->from, 0, 0, &way) == 0 &&
	    (x->iif[0] != '\0' || if_indextoname(way.oif, x->iif) != NULL))
		return true;
	ip_text(x->from, ip);
	snprintf(mend, sizeof(mend), "warren explain %s", ip);
	explain_bad(x, "way back", mend, "there is none to %s", ip);
	return false;
}

void
explain_arriving(struct explain *x)
{
	if (!comes_in(x))
		return;
	cryptokey_source(x);
	rp_filter(x);
	netfilter(x, "input");
}

/* Ours to send, or somebody's to pass on. */
void
explain_passing(struct explain *x)
{
	char ip[IP_TEXT];

	if (x->forwarded) {
		if (comes_in(x)) {
			cryptokey_source(x);
			forwarding(x);
			rp_filter(x);
		}
	} else if (!ip_is_none(x->from)) {
		x->source = x->from;
		explain_ok(x, "source", "%s, as asked for",
		    ip_text(x->from, ip));
	} else if (look_source(x->to, &x->source)) {
		explain_ok(x, "source", "%s", ip_text(x->source, ip));
	}
	netfilter(x, x->forwarded ? "forward" : "output");
}

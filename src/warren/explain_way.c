/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <inttypes.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>
#include <time.h>

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

bool
explain_kernel(struct explain *x)
{
	const struct nl_route *r = route_ask_route(x->ask);
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
		ip_text(x->to, ip);
		snprintf(text, sizeof(text), "ip route get %s", ip);
		explain_bad(x, "kernel", text, "no way to %s: %s", ip,
		    strerrordesc_np(-err));
		return false;
	}
	if (if_indextoname(way.oif, x->oif) == NULL)
		x->oif[0] = '\0';
	x->gw = r->hop[0].via;
	route_text(x, r, text, sizeof(text));
	compare(x, r, text);
	return true;
}

/* --- WireGuard ----------------------------------------------------------- */

/* What the configuration calls the peer, or its key. */
static void
name_of(struct explain *x, const uint8_t key[WG_KEY], char *buf, size_t cap)
{
	char b64[WG_KEY_BASE64];
	const json_t *t, *p;
	size_t i, k;

	wg_key_to_base64(b64, key);
	snprintf(buf, cap, "%s", b64);
	json_array_foreach(x->tunnels, i, t)
		json_array_foreach(json_object_get(t, "peers"), k, p) {
			const char *have = json_string_value(
			    json_object_get(p, "public_key"));

			if (have != NULL && strcmp(have, b64) == 0)
				snprintf(buf, cap, "%s", json_string_value(
				    json_object_get(p, "name")));
		}
}

static bool
is_tunnel_of_warrend(const struct explain *x)
{
	const json_t *t;
	size_t i;

	json_array_foreach(x->tunnels, i, t) {
		const char *name = json_string_value(
		    json_object_get(t, "interface"));

		if (name != NULL && strcmp(name, x->oif) == 0)
			return true;
	}
	return false;
}

static void
nobody(struct explain *x)
{
	char mend[200], ip[IP_TEXT];

	ip_text(x->to, ip);
	if (is_tunnel_of_warrend(x))
		snprintf(mend, sizeof(mend), "ipv4 { export where source = "
		    "RTS_BGP; };  in protocol wireguard of %s, or \"allowed "
		    "ips\" in a peer's block; then: warren configure", x->oif);
	else
		snprintf(mend, sizeof(mend), "wg set %s peer KEY allowed-ips "
		    "+%s/%d", x->oif, ip, ip_is4(x->to) ? 32 : 128);
	explain_bad(x, "peer", mend, "no peer of %s has %s in its allowed "
	    "ips: WireGuard's routing by key has nobody to encrypt it for "
	    "(\"Required key not available\")", x->oif, ip);
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

bool
explain_tunnel(struct explain *x)
{
	struct wg_uapi_dump d;
	char name[80], net[PREFIX_TEXT];
	struct prefix match;
	bool ok = false;
	int k, err = look_wg(x->oif, &d);

	if (err == -ENODEV)
		return true;
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
		ok = endpoint(x, &d, p, name) && handshake(x, p, name);
	}
	wg_uapi_dump_done(&d);
	return ok;
}

/* --- letting it pass ----------------------------------------------------- */

static void
forwarding(struct explain *x)
{
	enum family f = ip_is4(x->to) ? FAMILY_IP4 : FAMILY_IP6;
	long rp = look_rp_filter(x->iif);
	struct route_way way;
	char back[16] = "?", mend[100];

	if (!sysctl_forwards(f, x->iif))
		explain_bad(x, "forwarding", f == FAMILY_IP4 ?
		    "sysctl -w net.ipv4.ip_forward=1 (or \"forward yes;\" in "
		    "protocol wireguard)" :
		    "sysctl -w net.ipv6.conf.all.forwarding=1 (or \"forward "
		    "yes;\" in protocol wireguard)", "this host does not "
		    "forward: what comes in by %s and is not for it is "
		    "dropped", x->iif);
	else
		explain_ok(x, "forwarding", "on, in by %s, out by %s", x->iif,
		    x->oif);
	if (f != FAMILY_IP4 || rp != 1 ||
	    route_ask(x->ask, x->from, 0, 0, &way) < 0)
		return;
	if_indextoname(way.oif, back);
	snprintf(mend, sizeof(mend), "sysctl -w net.ipv4.conf.%s.rp_filter=2",
	    x->iif);
	if (strcmp(back, x->iif) != 0)
		explain_bad(x, "rp_filter", mend, "is strict on %s, and the "
		    "way back is by %s: dropped", x->iif, back);
}

static void
netfilter(struct explain *x)
{
	struct flow flow = { .oif = x->oif, .dst = x->to,
	    .src = x->forwarded ? x->from : x->source,
	    .iif = x->forwarded ? x->iif : NULL };
	struct netfilter_verdict v;
	struct netfilter *n;

	if (netfilter_load(&n) < 0) {
		explain_ok(x, "netfilter", "may not be read: become root");
		return;
	}
	netfilter_judge(n, x->forwarded ? "forward" : "output", &flow, &v);
	if (v.sentence == NETFILTER_DROPS)
		explain_bad(x, "netfilter", "nft -a list ruleset", "drops "
		    "it: %s", v.where);
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

/* Ours to send, or somebody's to pass on. */
void
explain_passing(struct explain *x)
{
	struct route_way way;
	char ip[IP_TEXT];

	if (x->forwarded) {
		if (route_ask(x->ask, x->from, 0, 0, &way) < 0 ||
		    (x->iif[0] == '\0' &&
		    if_indextoname(way.oif, x->iif) == NULL))
			explain_bad(x, "way back", "ip route", "there is none "
			    "to %s", ip_text(x->from, ip));
		else
			forwarding(x);
	} else if (!ip_is_none(x->from)) {
		x->source = x->from;
		explain_ok(x, "source", "%s, as asked for",
		    ip_text(x->from, ip));
	} else if (look_source(x->to, &x->source)) {
		explain_ok(x, "source", "%s", ip_text(x->source, ip));
	}
	netfilter(x);
}

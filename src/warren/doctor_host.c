/* SPDX-License-Identifier: ISC */
#include <net/if.h>
#include <string.h>

#include "sys/sysctl.h"
#include "warren/doctor.h"

/* Interfaces that hosts behind us may be on: neither loopback nor tunnels. */
static bool
is_lan(const struct doctor *d, const char *iface)
{
	return strcmp(iface, "lo") != 0 && !doctor_is_tunnel(d, iface);
}

static bool
announces_lan(struct doctor *d, const char **ret_net, char *buf, size_t cap)
{
	json_t *rows = doctor_asked(d, "show route where source = RTS_DEVICE");
	const json_t *r, *hop;
	size_t i;

	*ret_net = NULL;
	json_array_foreach(rows, i, r) {
		hop = json_array_get(json_object_get(r, "nexthops"), 0);
		if (json_is_true(json_object_get(r, "best")) &&
		    is_lan(d, look_text(hop, "interface"))) {
			snprintf(buf, cap, "%s", look_text(r, "net"));
			*ret_net = buf;
		}
	}
	json_decref(rows);
	return *ret_net != NULL;
}

static bool
tells_somebody(const struct doctor *d)
{
	const json_t *p, *c;
	size_t i, k;

	json_array_foreach(d->protocols, i, p)
		json_array_foreach(json_object_get(p, "channels"), k, c)
			if (strcmp(look_text(p, "proto"), "BGP") == 0 &&
			    doctor_number(c, "exported") > 0)
				return true;
	return false;
}

static bool
is_hub(const struct doctor *d, const char **ret)
{
	const json_t *t;
	size_t i;

	json_array_foreach(d->tunnels, i, t)
		if (json_array_size(json_object_get(t, "peers")) > 1) {
			*ret = look_text(t, "interface");
			return true;
		}
	return false;
}

/* A hub, or who announces a LAN, has others' packets to pass on. */
static void
forwarding(struct doctor *d)
{
	static const char fix[] = "sysctl -w net.ipv4.ip_forward=1";
	static const char mend[] = "\"forward yes;\" in protocol wireguard, "
	    "then \"warren configure\"; or: sysctl -w net.ipv4.ip_forward=1";
	const char *what;
	char net[80];

	if (sysctl_forwards(FAMILY_IP4, "all") ||
	    sysctl_forwards(FAMILY_IP4, "lo"))
		return;
	if (is_hub(d, &what))
		doctor_finds(d, "no-forwarding", mend, fix, "%s has several "
		    "peers, and this host does not forward (ip_forward is 0): "
		    "they cannot reach each other by it", what);
	else if (tells_somebody(d) && announces_lan(d, &what, net,
	    sizeof(net)))
		doctor_finds(d, "no-forwarding", mend, fix, "%s is announced "
		    "by BGP, and this host does not forward (ip_forward is "
		    "0): nothing behind it can be reached", what);
}

static void
rp_filter(struct doctor *d, const char *iface)
{
	char fix[100];

	if (look_rp_filter(iface) != 1)
		return;
	snprintf(fix, sizeof(fix), "sysctl -w net.ipv4.conf.all.rp_filter=2 "
	    "net.ipv4.conf.%s.rp_filter=2", iface);
	doctor_finds(d, "rp-filter", fix, fix, "the reverse-path filter of "
	    "%s is strict (1 is the greater of its own and all's): packets "
	    "whose answer would leave by another way are dropped", iface);
}

/* --- the firewall -------------------------------------------------------- */

static void
listen_port(struct doctor *d, const json_t *t)
{
	struct netfilter_verdict v;
	struct flow flow = { .l4 = "udp" };
	const json_t *i, *a;
	size_t n, k;

	flow.dport = (uint16_t)doctor_number(t, "listen_port");
	if (d->netfilter == NULL || flow.dport == 0)
		return;
	ip_parse("192.0.2.1", &flow.src);	/* anybody */
	json_array_foreach(d->interfaces, n, i)
		json_array_foreach(json_object_get(i, "addresses"), k, a) {
			char text[80];

			flow.iif = look_text(i, "name");
			snprintf(text, sizeof(text), "%.*s",
			    (int)strcspn(json_string_value(a), "/"),
			    json_string_value(a));
			if (!ip_parse(text, &flow.dst) || !ip_is4(flow.dst) ||
			    !is_lan(d, flow.iif))
				continue;
			netfilter_judge(d->netfilter, "input", &flow, &v);
			if (v.sentence != NETFILTER_DROPS)
				continue;
			doctor_finds(d, "firewall-input", "let it in: nft "
			    "insert rule FAMILY TABLE CHAIN udp dport PORT "
			    "accept", NULL, "nftables drops what comes to "
			    "UDP port %u of %s, where %s listens: %s",
			    flow.dport, text, look_text(t, "interface"),
			    v.where);
			return;
		}
}

/* From the tunnel to a LAN and back, between hosts of no matter where. */
static void
forward_rules(struct doctor *d, const char *tunnel)
{
	struct flow flow = { 0 };
	struct netfilter_verdict v;
	const json_t *i;
	size_t n;

	if (d->netfilter == NULL || !sysctl_forwards(FAMILY_IP4, "lo"))
		return;
	ip_parse("192.0.2.1", &flow.src);
	ip_parse("198.51.100.1", &flow.dst);
	json_array_foreach(d->interfaces, n, i) {
		const char *lan = look_text(i, "name");

		if (!is_lan(d, lan))
			continue;
		flow.iif = lan;
		flow.oif = tunnel;
		netfilter_judge(d->netfilter, "forward", &flow, &v);
		if (v.sentence != NETFILTER_DROPS)
			return;
	}
	doctor_finds(d, "firewall-forward", "accept it before: nft insert "
	    "rule FAMILY TABLE CHAIN oifname TUNNEL accept, and iifname "
	    "likewise", NULL, "nftables drops what is forwarded into %s from "
	    "every other interface: %s", tunnel, v.where);
}

void
doctor_host(struct doctor *d)
{
	const json_t *t;
	size_t i;

	forwarding(d);
	json_array_foreach(d->tunnels, i, t) {
		const char *iface = look_text(t, "interface");

		rp_filter(d, iface);
		listen_port(d, t);
		if (json_array_size(d->interfaces) > 2)
			forward_rules(d, iface);
	}
}

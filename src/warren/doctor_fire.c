/* SPDX-License-Identifier: ISC */
/*
 * The firewall: would it drop what comes to a tunnel's port, or what goes
 * through a tunnel?  Rules are never changed by --fix: they are somebody's
 * decision, and the command says what would let the packets through.
 */
#include <net/if.h>
#include <string.h>

#include "sys/sysctl.h"
#include "warren/doctor.h"

#define INPUT		"input"
#define FORWARD		"forward"

/* --- in whose words ------------------------------------------------------ */

static bool
has_ufw(const struct doctor *d)
{
	return netfilter_has_chain(d->netfilter, "ufw-user-input");
}

static const char *
open_port(struct doctor *d, const struct netfilter_verdict *v, const char *l4,
    unsigned port, const char *iface)
{
	char in[40] = "";

	if (strcmp(v->table, "firewalld") == 0)
		return doctor_mend(d, "firewall-cmd --permanent "
		    "--add-port=%u/%s && firewall-cmd --reload", port, l4);
	if (has_ufw(d))
		return doctor_mend(d, "ufw allow %u/%s", port, l4);
	if (iface != NULL)
		snprintf(in, sizeof(in), "iifname \"%s\" ", iface);
	return doctor_mend(d, "nft 'insert rule %s %s %s %s%s dport %u "
	    "accept'", v->family, v->table, v->chain, in, l4, port);
}

static const char *
open_forward(struct doctor *d, const struct netfilter_verdict *v,
    const char *tunnel)
{
	if (strcmp(v->table, "firewalld") == 0)
		return doctor_mend(d, "firewall-cmd --permanent --zone=trusted "
		    "--change-interface=%s && firewall-cmd --reload", tunnel);
	if (has_ufw(d))
		return doctor_mend(d, "ufw route allow in on %s && ufw route "
		    "allow out on %s", tunnel, tunnel);
	if (netfilter_has_chain(d->netfilter, "DOCKER-USER") &&
	    strcmp(v->chain, "FORWARD") == 0)
		return doctor_mend(d, "%s -I DOCKER-USER -i %s -j ACCEPT && "
		    "%s -I DOCKER-USER -o %s -j ACCEPT",
		    strcmp(v->family, "ip6") == 0 ? "ip6tables" : "iptables",
		    tunnel, strcmp(v->family, "ip6") == 0 ? "ip6tables" :
		    "iptables", tunnel);
	return doctor_mend(d, "nft 'insert rule %s %s %s iifname \"%s\" "
	    "accept; insert rule %s %s %s oifname \"%s\" accept'", v->family,
	    v->table, v->chain, tunnel, v->family, v->table, v->chain,
	    tunnel);
}

/* --- what comes to a listen port ----------------------------------------- */

static bool
port_at(struct doctor *d, const json_t *t, struct flow *flow,
    const json_t *address)
{
	struct netfilter_verdict v;
	struct prefix net;
	char text[IP_TEXT];

	if (!doctor_address(address, &flow->dst, &net))
		return false;
	/* From anybody. */
	ip_parse(ip_is4(flow->dst) ? "192.0.2.1" : "2001:db8::1", &flow->src);
	netfilter_judge(d->netfilter, INPUT, flow, &v);
	if (v.sentence != NETFILTER_DROPS)
		return false;
	doctor_finds(d, "firewall-input", open_port(d, &v, "udp", flow->dport,
	    NULL), NULL, "nftables drops what comes to UDP port %u of %s, "
	    "where %s listens: %s", flow->dport, ip_text(flow->dst, text),
	    look_text(t, "interface"), v.where);
	return true;
}

static void
listen_port(struct doctor *d, const json_t *t)
{
	struct flow flow = { .l4 = "udp" };
	const json_t *i, *a;
	size_t n, k;

	flow.dport = (uint16_t)doctor_number(t, "listen_port");
	if (flow.dport == 0)
		return;
	json_array_foreach(d->interfaces, n, i) {
		flow.iif = look_text(i, "name");
		if (!doctor_is_lan(d, flow.iif))
			continue;
		json_array_foreach(json_object_get(i, "addresses"), k, a)
			if (port_at(d, t, &flow, a))
				return;
	}
}

/* --- what goes through --------------------------------------------------- */

static bool
drops(struct doctor *d, const char *tunnel, const char *what,
    const struct flow *flow)
{
	struct netfilter_verdict v;
	char from[IP_TEXT], to[IP_TEXT];

	netfilter_judge(d->netfilter, FORWARD, flow, &v);
	if (v.sentence != NETFILTER_DROPS)
		return false;
	doctor_finds(d, "firewall-forward", open_forward(d, &v, tunnel), NULL,
	    "nftables drops %s (in by %s, out by %s, as from %s to %s): %s",
	    what, flow->iif, flow->oif, ip_text(flow->src, from),
	    ip_text(flow->dst, to), v.where);
	return true;
}

/* From peer to peer. */
static bool
hub(struct doctor *d, const json_t *t, enum family f)
{
	const char *tunnel = look_text(t, "interface");
	struct flow flow = { .iif = tunnel, .oif = tunnel };
	const json_t *p;
	unsigned n = 0;
	size_t i;

	json_array_foreach(json_object_get(t, "peers"), i, p)
		if (n < 2 && doctor_peer_net(p, f, n ? &flow.dst : &flow.src))
			n++;
	return n == 2 && drops(d, tunnel, "what one peer sends another",
	    &flow);
}

static bool
peer_of_tunnel(const json_t *t, enum family f, struct ip *ret)
{
	const json_t *p;
	size_t i;

	json_array_foreach(json_object_get(t, "peers"), i, p)
		if (doctor_peer_net(p, f, ret))
			return true;
	return ip_parse(f == FAMILY_IP4 ? "192.0.2.1" : "2001:db8::1", ret);
}

/* From a LAN into the tunnel, and to one that others were told of. */
static bool
lan(struct doctor *d, const json_t *t, const json_t *i, const json_t *a,
    enum family f)
{
	const char *tunnel = look_text(t, "interface");
	const char *name = look_text(i, "name");
	const char *announced = doctor_announced_lan(d);
	struct flow flow = { .iif = name, .oif = tunnel };
	struct prefix net, told;

	if (!doctor_address(a, &flow.src, &net) ||
	    ip_is4(flow.src) != (f == FAMILY_IP4) ||
	    !peer_of_tunnel(t, f, &flow.dst))
		return false;
	if (announced == NULL || !prefix_parse(announced, &told) ||
	    !prefix_eq(&told, &net))
		return false;
	if (drops(d, tunnel, "what the announced LAN sends into the tunnel",
	    &flow))
		return true;
	flow = (struct flow){ .iif = tunnel, .oif = name, .src = flow.dst,
	    .dst = flow.src };
	return drops(d, tunnel, "what comes to the announced LAN", &flow);
}

/* Nothing at all may go into the tunnel, though we forward for somebody. */
static bool
nobody(struct doctor *d, const json_t *t, enum family f)
{
	const char *tunnel = look_text(t, "interface");
	struct flow flow = { .oif = tunnel }, last = { 0 };
	struct netfilter_verdict v;
	struct prefix net;
	const json_t *i, *a;
	size_t n, k;

	json_array_foreach(d->interfaces, n, i) {
		flow.iif = look_text(i, "name");
		if (!doctor_is_lan(d, flow.iif))
			continue;
		json_array_foreach(json_object_get(i, "addresses"), k, a) {
			if (!doctor_address(a, &flow.src, &net) ||
			    ip_is4(flow.src) != (f == FAMILY_IP4) ||
			    !peer_of_tunnel(t, f, &flow.dst))
				continue;
			netfilter_judge(d->netfilter, FORWARD, &flow, &v);
			if (v.sentence != NETFILTER_DROPS)
				return false;
			last = flow;
		}
	}
	return last.iif != NULL && drops(d, tunnel, "what is forwarded into "
	    "the tunnel from every other interface", &last);
}

static void
forwarding(struct doctor *d, const json_t *t, enum family f)
{
	const json_t *i, *a;
	size_t n, k;

	if (!sysctl_forwards(f, "lo"))
		return;
	if (json_array_size(json_object_get(t, "peers")) > 1) {
		hub(d, t, f);
		return;
	}
	json_array_foreach(d->interfaces, n, i) {
		if (!doctor_is_lan(d, look_text(i, "name")))
			continue;
		json_array_foreach(json_object_get(i, "addresses"), k, a)
			if (lan(d, t, i, a, f))
				return;
	}
	if (json_array_size(d->interfaces) > 3)
		nobody(d, t, f);
}

/* --- the BGP session ----------------------------------------------------- */

bool
doctor_fire_bgp(struct doctor *d, const char *name, struct ip neighbor,
    struct ip local, const char *iface)
{
	struct flow in = { .iif = iface, .src = neighbor, .dst = local,
	    .l4 = "tcp", .dport = 179 };
	struct flow out = { .oif = iface, .src = local, .dst = neighbor,
	    .l4 = "tcp", .dport = 179 };
	struct netfilter_verdict v;
	char ip[IP_TEXT];
	bool inward;

	if (d->netfilter == NULL)
		return false;
	netfilter_judge(d->netfilter, INPUT, &in, &v);
	inward = v.sentence == NETFILTER_DROPS;
	if (!inward)
		netfilter_judge(d->netfilter, "output", &out, &v);
	if (v.sentence != NETFILTER_DROPS)
		return false;
	doctor_finds(d, "bgp-blocked", open_port(d, &v, "tcp", 179,
	    inward ? iface : NULL), NULL, "%s: no BGP session, and nftables "
	    "drops TCP port 179 %s %s: %s", name, inward ? "from" : "to",
	    ip_text(neighbor, ip), v.where);
	return true;
}

void
doctor_fire(struct doctor *d)
{
	const json_t *t;
	size_t i;

	json_array_foreach(d->tunnels, i, t) {
		listen_port(d, t);
		forwarding(d, t, FAMILY_IP4);
		forwarding(d, t, FAMILY_IP6);
	}
}

/* SPDX-License-Identifier: ISC */
/* What tunnels are laid over: addresses, names, MTU. */
#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "warren/doctor.h"

/* --- addresses ----------------------------------------------------------- */

static bool
overlap(const struct prefix *a, const struct prefix *b)
{
	return prefix_covers(a, b) || prefix_covers(b, a);
}

/* Where the address stands in the file, to be made another one. */
static const char *
other_net(struct doctor *d, const char *tunnel, const struct prefix *net)
{
	const struct conf_wireguard *wg = doctor_conf_wg(d, tunnel);
	const struct conf_wg_addr *a = wg ? wg->addrs : NULL;

	while (a != NULL && !prefix_has_ip(net, a->ip))
		a = a->next;
	return doctor_mend(d, "vi +%u %s && %s configure   # an address of "
	    "another net, of 10.0.0.0/8 or fd00::/8 say", a != NULL &&
	    a->at.file == 1 ? a->at.line : 1, d->file, doctor_warren(d));
}

static void
compare_nets(struct doctor *d, const json_t *tunnel, const struct prefix *net)
{
	const json_t *i, *a;
	char x[PREFIX_TEXT], y[PREFIX_TEXT];
	struct prefix other;
	struct ip ip;
	size_t n, k;

	json_array_foreach(d->interfaces, n, i) {
		if (!doctor_is_lan(d, look_text(i, "name")))
			continue;
		json_array_foreach(json_object_get(i, "addresses"), k, a)
			if (doctor_address(a, &ip, &other) &&
			    other.kind == net->kind && overlap(net, &other))
				doctor_finds(d, "overlap", other_net(d,
				    look_text(tunnel, "name"), net), NULL,
				    "%s of the tunnel %s overlaps %s of %s: "
				    "one hides the other",
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
	struct ip ip;
	const json_t *i, *a;
	char text[PREFIX_TEXT];
	size_t n, k;

	prefix_parse("100.64.0.0/10", &shared);
	json_array_foreach(d->interfaces, n, i) {
		if (!doctor_is_tunnel(d, look_text(i, "name")))
			continue;
		json_array_foreach(json_object_get(i, "addresses"), k, a) {
			if (!doctor_address(a, &ip, &net))
				continue;
			if (net.kind == NET_IP4 && prefix_has_ip(&shared,
			    net.ip))
				doctor_finds(d, "shared-space", other_net(d,
				    look_text(i, "name"), &net), NULL,
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

	if (!doctor_endpoint(look_text(p, "endpoint"), &ip, &port) ||
	    route_ask(d->ask, ip, 0, (uint32_t)doctor_number(t, "fwmark"),
	    &way) < 0 || if_indextoname(way.oif, dev) == NULL ||
	    doctor_is_tunnel(d, dev))
		return 0;
	mtu = way.mtu != 0 ? (long long)way.mtu : mtu_of(d, dev);
	return mtu > 80 ? mtu - (ip_is4(ip) ? 60 : 80) : 0;
}

static const char *
smaller(struct doctor *d, const char *iface, long long room)
{
	const struct conf_wireguard *wg = doctor_conf_wg(d, iface);
	const char *mend = NULL;
	char was[40];

	if (wg != NULL && wg->mtu != 0) {
		snprintf(was, sizeof(was), "mtu %u;", wg->mtu);
		mend = doctor_edit(d, was, "mtu auto;");
	}
	return mend ? mend : doctor_mend(d, "ip link set %s mtu %lld", iface,
	    room);
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
		doctor_finds(d, "mtu", smaller(d, iface, room), NULL, "%s has "
		    "MTU %lld, and the way to peer %s carries %lld inside at "
		    "most: full packets are cut or lost", iface, have,
		    look_text(p, "name"), room);
		return;
	}
}

/* --- names --------------------------------------------------------------- */

static bool
gateway4(const struct doctor *d, struct ip *ret, char dev[16])
{
	FILE *f = fopen("/proc/net/route", "re");
	unsigned long dst, gw, flags, mask;
	char line[256];
	bool found = false;

	while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%15s %lx %lx %lx %*d %*d %*d %lx", dev,
		    &dst, &gw, &flags, &mask) != 5 || dst != 0 || gw == 0 ||
		    mask != 0 || doctor_is_tunnel(d, dev))
			continue;
		*ret = ip4(ntohl((uint32_t)gw));
		found = true;
	}
	if (f != NULL)
		fclose(f);
	return found;
}

static bool
gateway6(const struct doctor *d, struct ip *ret, char dev[16])
{
	FILE *f = fopen("/proc/net/ipv6_route", "re");
	char line[256], gw[40];
	unsigned byte, len;
	bool found = false;

	while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%*s %x %*s %*s %32s %*s %*s %*s %*s %15s",
		    &len, gw, dev) != 3 || len != 0 ||
		    strspn(gw, "0") == 32 || doctor_is_tunnel(d, dev))
			continue;
		for (unsigned i = 0; i < 16; i++) {
			sscanf(gw + 2 * i, "%2x", &byte);
			ret->b[i] = (uint8_t)byte;
		}
		found = true;
	}
	if (f != NULL)
		fclose(f);
	return found;
}

bool
doctor_gateway(const struct doctor *d, enum family f, struct ip *ret,
    char dev[16])
{
	return f == FAMILY_IP4 ? gateway4(d, ret, dev) : gateway6(d, ret, dev);
}

/* The tunnel's first endpoint that is a name. */
static const char *
named_endpoint(const struct doctor *d, const char *iface)
{
	const struct conf_wireguard *wg = doctor_conf_wg(d, iface);
	const struct conf_wg_peer *y = wg ? wg->peers : NULL;
	struct ip ip;

	for (; y != NULL; y = y->next)
		if (y->endpoint_host != NULL &&
		    !ip_parse(y->endpoint_host, &ip))
			return y->endpoint_host;
	return NULL;
}

static void
resolver(struct doctor *d, const char *text)
{
	char gw[IP_TEXT], dev[16];
	const char *way, *name;
	struct route_way w;
	struct ip ip, via;

	if (!ip_parse(text, &ip) || (way = doctor_way(d, ip, 0, &w)) == NULL ||
	    !doctor_is_tunnel(d, way) ||
	    (name = named_endpoint(d, way)) == NULL)
		return;
	doctor_finds(d, "resolver-loop", doctor_gateway(d, ip_is4(ip) ?
	    FAMILY_IP4 : FAMILY_IP6, &via, dev) ? doctor_mend(d, "ip route "
	    "add %s/%d via %s dev %s", text, ip_is4(ip) ? 32 : 128,
	    ip_text(via, gw), dev) : "another nameserver in /etc/resolv.conf",
	    NULL, "the nameserver %s is reached by %s, and %s, where %s leads "
	    "to, has to be asked of it: once the tunnel is gone, it stays so",
	    text, way, name, way);
}

static void
resolvers(struct doctor *d)
{
	FILE *f = fopen("/etc/resolv.conf", "re");
	char line[256], word[80];

	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, " nameserver %79s", word) == 1)
			resolver(d, word);
	if (f != NULL)
		fclose(f);
}

/* A peer without an endpoint that has the name of one. */
static void
unresolved(struct doctor *d, const json_t *t, const json_t *p)
{
	const struct conf_wg_peer *cf = doctor_conf_peer(doctor_conf_wg(d,
	    look_text(t, "interface")), look_text(p, "name"));
	struct addrinfo *list;
	int err;

	if (cf == NULL || cf->endpoint_host == NULL ||
	    *look_text(p, "endpoint") != '\0')
		return;
	err = getaddrinfo(cf->endpoint_host, NULL, NULL, &list);
	if (err == 0) {
		freeaddrinfo(list);
		return;
	}
	doctor_finds(d, "endpoint-name", doctor_mend(d, "getent ahosts %s   # "
	    "and see /etc/resolv.conf; or say its address", cf->endpoint_host),
	    NULL, "the endpoint of peer %s, %s, has no address: %s",
	    look_text(p, "name"), cf->endpoint_host, gai_strerror(err));
}

void
doctor_net(struct doctor *d)
{
	const json_t *t, *p;
	size_t i, k;

	json_array_foreach(d->tunnels, i, t) {
		mtu(d, t);
		json_array_foreach(json_object_get(t, "peers"), k, p)
			unresolved(d, t, p);
	}
	addresses(d);
	resolvers(d);
}

/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "sys/sysctl.h"
#include "warren/doctor.h"

#define SETTLED		5	/* seconds after which all was told */

/* What a LAN has and some neighbour was told. */
static bool
is_told(const struct doctor *d, const char *net)
{
	const json_t *p, *c;
	char command[160];
	bool told = false;
	size_t i, k;

	json_array_foreach(d->protocols, i, p)
		json_array_foreach(json_object_get(p, "channels"), k, c) {
			json_t *rows;

			if (told || strcmp(look_text(p, "proto"), "BGP") != 0
			    || doctor_number(c, "exported") == 0)
				continue;
			snprintf(command, sizeof(command), "show route %s "
			    "export %s", net, look_text(p, "name"));
			rows = doctor_asked((struct doctor *)(uintptr_t)d,
			    command);
			told = json_array_size(rows) > 0;
			json_decref(rows);
		}
	return told;
}

static void
find_announced(struct doctor *d)
{
	json_t *rows = doctor_asked(d, "show route where source = RTS_DEVICE");
	const json_t *r, *hop;
	size_t i;

	json_array_foreach(rows, i, r) {
		hop = json_array_get(json_object_get(r, "nexthops"), 0);
		if (d->announced[0] == '\0' &&
		    json_is_true(json_object_get(r, "best")) &&
		    doctor_is_lan(d, look_text(hop, "interface")) &&
		    is_told(d, look_text(r, "net")))
			snprintf(d->announced, sizeof(d->announced), "%s",
			    look_text(r, "net"));
	}
	json_decref(rows);
}

const char *
doctor_announced_lan(const struct doctor *d)
{
	return d->announced[0] != '\0' ? d->announced : NULL;
}

/* Several peers with addresses of the family. */
static bool
is_hub(const struct doctor *d, enum family f, const char **ret)
{
	const json_t *t, *p;
	struct ip ip;
	size_t i, k;

	json_array_foreach(d->tunnels, i, t) {
		unsigned n = 0;

		json_array_foreach(json_object_get(t, "peers"), k, p)
			n += doctor_peer_net(p, f, &ip);
		if (n > 1) {
			*ret = look_text(t, "interface");
			return true;
		}
	}
	return false;
}

/* A hub, or who announces a LAN, has others' packets to pass on. */
static void
forwarding(struct doctor *d, enum family f)
{
	const char *key = f == FAMILY_IP4 ? "net.ipv4.ip_forward" :
	    "net.ipv6.conf.all.forwarding";
	const char *lan = doctor_announced_lan(d), *what, *fix;
	struct prefix net;

	if (sysctl_forwards(f, "all") || sysctl_forwards(f, "lo"))
		return;
	fix = doctor_mend(d, "sysctl -w %s=1", key);
	if (is_hub(d, f, &what))
		doctor_finds(d, "no-forwarding", fix, fix, "%s has several "
		    "peers, and this host does not forward (%s is 0): they "
		    "cannot reach each other by it; \"forward yes;\" in its "
		    "protocol wireguard does it for good", what, key);
	else if (lan != NULL && prefix_parse(lan, &net) &&
	    prefix_is4(&net) == (f == FAMILY_IP4))
		doctor_finds(d, "no-forwarding", fix, fix, "%s is announced "
		    "by BGP, and this host does not forward (%s is 0): "
		    "nothing behind it can be reached; \"forward yes;\" in "
		    "protocol wireguard does it for good", lan, key);
}

static void
rp_filter(struct doctor *d, const char *iface)
{
	const char *fix;

	if (look_rp_filter(iface) != 1)
		return;
	fix = doctor_mend(d, "sysctl -w net/ipv4/conf/all/rp_filter=2 "
	    "net/ipv4/conf/%s/rp_filter=2", iface);
	doctor_finds(d, "rp-filter", fix, fix, "the reverse-path filter of "
	    "%s is strict (1 is the greater of its own and all's): packets "
	    "whose answer would leave by another way are dropped", iface);
}

/* --- the way back -------------------------------------------------------- */

static bool
has_gateway(const json_t *i)
{
	const char *name = look_text(i, "name");
	char line[256], dev[32];
	unsigned long dst;
	bool found = false;
	FILE *f = fopen("/proc/net/route", "re");

	while (f != NULL && !found && fgets(line, sizeof(line), f) != NULL)
		found = sscanf(line, "%31s %lx", dev, &dst) == 2 && dst == 0 &&
		    strcmp(dev, name) == 0;
	if (f != NULL)
		fclose(f);
	return found;
}

/* Whose packets we let into the tunnel, with addresses nobody there knows. */
static void
no_way_back_of(struct doctor *d, const struct conf_proto *p, const json_t *i,
    const json_t *a)
{
	struct flow flow = { .iif = look_text(i, "name"), .oif = p->wg.iface };
	char text[PREFIX_TEXT];
	const char *mend;
	struct prefix net;

	if (!doctor_address(a, &flow.src, &net) || !ip_is4(flow.src) ||
	    net.len > 30 || is_told(d, prefix_text(&net, text)))
		return;
	ip_parse("192.0.2.1", &flow.dst);
	if (netfilter_masquerades(d->netfilter, &flow))
		return;
	mend = doctor_edit_block(d, p->at, "masquerade yes;");
	doctor_finds(d, "no-way-back", mend ? mend : "say \"masquerade yes;\" "
	    "in protocol wireguard, or announce it", NULL, "we forward for "
	    "the hosts of %s (%s) into %s, where nobody is told of them, and "
	    "nothing masquerades them: no answer finds its way back. "
	    "Announcing the net (\"protocol direct\", and an export filter) "
	    "does it without masquerading", text, look_text(i, "name"),
	    p->wg.iface);
}

/* While a session is not there, nobody knows what it would be told. */
static bool
learns(const struct doctor *d)
{
	const json_t *p, *c;
	bool some = false;
	size_t i, k;

	json_array_foreach(d->protocols, i, p) {
		if (strcmp(look_text(p, "proto"), "BGP") != 0)
			continue;
		if (strcmp(look_text(json_object_get(p, "bgp"), "state"),
		    "Established") != 0 || time(NULL) - doctor_time(
		    look_text(p, "since")) < SETTLED)
			return false;
		json_array_foreach(json_object_get(p, "channels"), k, c)
			some |= doctor_number(c, "imported") > 0;
	}
	return some;
}

/*
 * "forward yes" is said for somebody: where a host has one peer, learns
 * routes from there and has a LAN besides its uplink, for the LAN.
 */
static void
no_way_back(struct doctor *d)
{
	const struct conf_proto *p = d->conf ? d->conf->protocols : NULL;
	const json_t *i, *a;
	size_t n, k;

	if (d->netfilter == NULL || !learns(d))
		return;
	for (; p != NULL; p = p->next) {
		if (p->kind != CONF_WIREGUARD || !p->wg.forward ||
		    p->wg.masquerade || p->wg.n_peers != 1)
			continue;
		json_array_foreach(d->interfaces, n, i) {
			if (!doctor_is_lan(d, look_text(i, "name")) ||
			    has_gateway(i))
				continue;
			json_array_foreach(json_object_get(i, "addresses"),
			    k, a)
				no_way_back_of(d, p, i, a);
		}
	}
}

void
doctor_host(struct doctor *d)
{
	const json_t *t;
	size_t i;

	find_announced(d);

	forwarding(d, FAMILY_IP4);
	forwarding(d, FAMILY_IP6);
	json_array_foreach(d->tunnels, i, t)
		rp_filter(d, look_text(t, "interface"));
	no_way_back(d);
}

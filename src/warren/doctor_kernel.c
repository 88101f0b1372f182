/* SPDX-License-Identifier: ISC */
/*
 * The kernel's routes: others' that win over ours, ours that lead to nobody,
 * and those that the kernel would not have.
 */
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sys/rtnl.h"
#include "warren/doctor.h"

#define PROTO_BIRD	12
#define PATIENCE	20000	/* milliseconds, for a big table */
#define ALIENS		512	/* others' routes that are compared */
#define SAMPLES		256	/* of our routes into tunnels */

struct alien {
	struct prefix net;
	uint32_t table, metric;
	struct nl_hop hop;
	uint8_t proto;
};

struct sample {
	struct prefix net;
	uint32_t oif;
};

struct seen {
	struct doctor *d;
	struct alien alien[ALIENS];
	struct sample sample[SAMPLES];
	unsigned n_aliens, n_samples;
	bool second;			/* ours are compared now */
	unsigned said;
};

/* --- others' routes ------------------------------------------------------ */

static bool
is_alien(const struct nl_route *r)
{
	return r->proto != PROTO_BIRD && r->proto != RTPROT_KERNEL &&
	    r->proto != RTPROT_RA && r->dst.len > 0 &&
	    r->type == RTN_UNICAST && r->n_hops > 0;
}

/* Our own host routes for endpoints and neighbours are no rivals. */
static void
compare(struct seen *s, const struct nl_route *r)
{
	char net[PREFIX_TEXT], gw[IP_TEXT], dev[16] = "?", via[IP_TEXT + 8];

	for (unsigned i = 0; i < s->n_aliens && s->said < 3; i++) {
		const struct alien *a = &s->alien[i];

		if (a->table != r->table || a->metric >= r->metric ||
		    !prefix_eq(&a->net, &r->dst) ||
		    if_indextoname(a->hop.oif, dev) == NULL ||
		    (r->n_hops > 0 && a->hop.oif == r->hop[0].oif &&
		    ip_eq(a->hop.via, r->hop[0].via)))
			continue;
		snprintf(via, sizeof(via), "%s%s", ip_is_none(a->hop.via) ?
		    "" : " via ", ip_is_none(a->hop.via) ? "" :
		    ip_text(a->hop.via, gw));
		doctor_finds(s->d, "alien-route", doctor_mend(s->d, "ip route "
		    "del %s%s dev %s proto %u metric %u table %u",
		    prefix_text(&a->net, net), via, dev, a->proto, a->metric,
		    a->table), NULL, "another program's route %s%s dev %s "
		    "(proto %u) has metric %u and wins over ours of metric "
		    "%u", net, via, dev, a->proto, a->metric, r->metric);
		s->said++;
	}
}

static void
on_route(void *ctx, const struct nl_route *r, struct rtnl_origin from)
{
	struct seen *s = ctx;

	if (from.gone || !from.scan)
		return;
	if (s->second && r->proto == PROTO_BIRD) {
		compare(s, r);
	} else if (!s->second && is_alien(r) && s->n_aliens < ALIENS) {
		s->alien[s->n_aliens++] = (struct alien){ r->dst, r->table,
		    r->metric, r->hop[0], r->proto };
	} else if (!s->second && r->proto == PROTO_BIRD &&
	    r->n_hops == 1 && s->n_samples < SAMPLES &&
	    !ip_is_link_local(r->dst.ip)) {
		s->sample[s->n_samples++] = (struct sample){ r->dst,
		    r->hop[0].oif };
	}
}

/* --- routes without a key ------------------------------------------------ */

static bool
has_channel(const struct conf_proto *p, bool four)
{
	const struct conf_channel *c = p ? p->channels : NULL;

	for (; c != NULL; c = c->next)
		if (c->kind == (four ? NET_IP4 : NET_IP6))
			return true;
	return false;
}

static const char *
give_keys(struct doctor *d, const char *iface, bool four)
{
	const struct conf_proto *p = d->conf ? d->conf->protocols : NULL;
	const char *mend = NULL;

	while (p != NULL && (p->kind != CONF_WIREGUARD ||
	    p->wg.iface == NULL || strcmp(p->wg.iface, iface) != 0))
		p = p->next;
	if (p == NULL)
		return "wg set IFACE peer KEY allowed-ips +NET";
	if (!has_channel(p, four))
		mend = doctor_edit_block(d, p->at, four ?
		    "ipv4 { export where source = RTS_BGP; };" :
		    "ipv6 { export where source = RTS_BGP; };");
	return mend ? mend : doctor_mend(d, "%s restart %s", doctor_warren(d),
	    p->name);
}

/* Those that no peer of a tunnel has in its allowed ips. */
static void
keyless(const struct seen *s, const char *iface, bool four)
{
	const unsigned index = if_nametoindex(iface);
	const struct sample *first = NULL;
	struct wg_uapi_dump dump;
	char net[PREFIX_TEXT];
	struct prefix match;
	unsigned n = 0;

	if (index == 0 || look_wg(iface, &dump) != 0)
		return;
	for (unsigned i = 0; i < s->n_samples; i++) {
		const struct sample *r = &s->sample[i];

		if (r->oif != index || prefix_is4(&r->net) != four ||
		    look_wg_peer(&dump, r->net.ip, &match) >= 0)
			continue;
		first = first ? first : r;
		n++;
	}
	wg_uapi_dump_done(&dump);
	if (first != NULL)
		doctor_finds(s->d, "route-no-key", give_keys(s->d, iface,
		    four), NULL, "%u of our routes lead into %s and are in no "
		    "peer's allowed ips, %s is one: WireGuard drops what "
		    "follows them (\"Required key not available\")", n, iface,
		    prefix_text(&first->net, net));
}

/* --- refusals ------------------------------------------------------------ */

static void
refused(struct doctor *d)
{
	const json_t *p, *k;
	const char *src;
	size_t i;

	json_array_foreach(d->protocols, i, p) {
		k = json_object_get(p, "kernel");
		if (doctor_number(k, "refused") == 0)
			continue;
		src = look_text(k, "refused_prefsrc");
		doctor_finds(d, "kernel-refuses", *src ? doctor_mend(d,
		    "ip address add %s/%d dev lo", src, strchr(src, ':') ?
		    128 : 32) : doctor_mend(d, "ip route get %.*s",
		    (int)strcspn(look_text(k, "refused_net"), "/"),
		    look_text(k, "refused_net")), NULL, "%s: the kernel "
		    "refuses %lld of our routes; %s: %s%s%s",
		    look_text(p, "name"), doctor_number(k, "refused"),
		    look_text(k, "refused_net"), look_text(k, "refused_why"),
		    *src ? ", for krt_prefsrc must be an address of this "
		    "host, and is " : "", src);
	}
}

static bool
scan(struct rtnl *r)
{
	return rtnl_scan(r, RTNL_SCAN_ROUTES, 0, 0) == 0 &&
	    rtnl_settle(r, PATIENCE) == 0;
}

void
doctor_kernel(struct doctor *d)
{
	static const struct rtnl_ops ops = { .route = on_route };
	struct seen *s = mem_zalloc(sizeof(*s));
	struct rtnl *r = NULL;
	const json_t *t;
	size_t i;

	refused(d);
	if (s == NULL)
		return;
	s->d = d;
	if (rtnl_new(&ops, s, &r) == 0 && scan(r) && s->n_aliens > 0) {
		s->second = true;
		scan(r);
	}
	rtnl_free(r);
	json_array_foreach(d->tunnels, i, t) {
		keyless(s, look_text(t, "interface"), true);
		keyless(s, look_text(t, "interface"), false);
	}
	mem_free(s);
}

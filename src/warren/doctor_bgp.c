/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <time.h>

#include "warren/doctor.h"

#define FLAPS		5	/* sessions since the start that are many */

#define WHILE		3600	/* one of them in so long is none too many */
#define SETTLED		10	/* seconds after which all was told */

static bool
is_up(const json_t *p)
{
	return strcmp(look_text(json_object_get(p, "bgp"), "state"),
	    "Established") == 0;
}

/* Where a protocol stands in the file. */
static unsigned
line_of(const struct doctor *d, const json_t *p)
{
	const struct conf_proto *cf = doctor_conf_proto(d,
	    look_text(p, "name"));

	return cf != NULL && cf->at.file == 1 ? cf->at.line : 1;
}

/* The peer that a session is most likely meant to run over. */
static const json_t *
likely_peer(const json_t *t, const char *name)
{
	const json_t *peers = json_object_get(t, "peers"), *y, *free = NULL;
	unsigned n_free = 0;
	size_t k;

	json_array_foreach(peers, k, y) {
		if (strcmp(look_text(y, "name"), name) == 0)
			return y;
		if (json_array_size(json_object_get(y, "bgp")) > 0)
			continue;
		free = y;
		n_free++;
	}
	return n_free == 1 ? free : NULL;
}

static const char *
allow(struct doctor *d, const char *dev, const json_t *p, struct ip ip)
{
	const json_t *t, *y = NULL;
	char words[64], more[100], text[IP_TEXT];
	const char *mend = NULL;
	size_t i;

	json_array_foreach(d->tunnels, i, t)
		if (strcmp(look_text(t, "interface"), dev) == 0)
			y = likely_peer(t, look_text(p, "name"));
	snprintf(words, sizeof(words), "%s\"", look_text(y, "public_key"));
	snprintf(more, sizeof(more), "allowed ips %s/%d;", ip_text(ip, text),
	    ip_is4(ip) ? 32 : 128);
	if (y != NULL)
		mend = doctor_edit_after(d, words, more);
	return mend ? mend : doctor_mend(d, "say \"%s\" in the block of the "
	    "peer that it is behind, then: %s configure", more,
	    doctor_warren(d));
}

/* A neighbour on a tunnel that no peer's allowed ips have. */
static void
cryptokey(struct doctor *d, const json_t *p)
{
	const json_t *b = json_object_get(p, "bgp");
	struct wg_uapi_dump dump;
	struct route_way way;
	struct prefix net;
	const char *dev;
	struct ip ip;

	if (!ip_parse(look_text(b, "neighbor"), &ip) ||
	    ip_is_link_local(ip) ||
	    (dev = doctor_way(d, ip, 0, &way)) == NULL ||
	    look_wg(dev, &dump) != 0)
		return;
	if (look_wg_peer(&dump, ip, &net) < 0)
		doctor_finds(d, "neighbor-no-key", allow(d, dev, p, ip),
		    NULL, "%s: the neighbor %s is reached by %s, and is in no "
		    "peer's allowed ips there: WireGuard has no key for it "
		    "(\"Required key not available\")", look_text(p, "name"),
		    look_text(b, "neighbor"), dev);
	wg_uapi_dump_done(&dump);
}

/* Up and quiet: the neighbour's filter, or RFC 8212, lets nothing out. */
static void
quiet(struct doctor *d, const json_t *p, const json_t *c)
{
	const json_t *b = json_object_get(p, "bgp");
	const char *neighbor = look_text(b, "neighbor");
	struct ip ip, us = IP_NONE;
	char text[IP_TEXT];

	if (json_is_true(json_object_get(b, "internal")) ||
	    time(NULL) - doctor_time(look_text(p, "since")) < SETTLED ||
	    strcmp(look_text(c, "import"), "REJECT") == 0)
		return;
	if (!ip_parse(neighbor, &ip) || !look_source(ip, &us))
		us = IP_NONE;
	doctor_finds(d, "neighbor-quiet", doctor_mend(d, "there, if it is "
	    "FRR: vtysh -c 'configure terminal' -c 'route-map ACCEPT-ALL "
	    "permit 10' -c 'router bgp %lld' -c 'address-family %s unicast' "
	    "-c 'neighbor %s route-map ACCEPT-ALL out'", doctor_number(b,
	    "neighbor_as"), look_text(c, "family"), ip_is_none(us) ? "US" :
	    ip_text(us, text)), NULL, "%s is up, %s is told %lld routes of %s "
	    "and has never told one: it has none, or no export policy "
	    "(RFC 8212: without one nothing is told; FRR says \"(Policy)\")",
	    look_text(p, "name"), neighbor, doctor_number(c, "exported"),
	    look_text(c, "family"));
}

static void
all_filtered(struct doctor *d, const json_t *p, const json_t *c)
{
	const json_t *u = json_object_get(c, "import_updates");

	if (doctor_number(c, "imported") > 0 ||
	    doctor_number(c, "filtered") > 0 ||
	    doctor_number(u, "received") == 0 ||
	    doctor_number(u, "filtered") == 0 ||
	    strcmp(look_text(c, "import"), "REJECT") == 0)
		return;
	doctor_finds(d, "all-filtered", doctor_mend(d, "vi +%u %s && %s "
	    "configure", line_of(d, p), d->file, doctor_warren(d)), NULL,
	    "%s: the import filter of %s takes none of what comes (%lld of "
	    "%lld updates were filtered)", look_text(p, "name"), look_text(c,
	    "family"), doctor_number(u, "filtered"), doctor_number(u,
	    "received"));
}

static void
silent_channels(struct doctor *d, const json_t *p)
{
	const json_t *c;
	size_t i;

	json_array_foreach(json_object_get(p, "channels"), i, c) {
		bool tells_none = strcmp(look_text(c, "export"),
		    "REJECT") == 0;
		long long told = doctor_number(c, "exported");

		if (strcmp(look_text(c, "state"), "UP") != 0)
			continue;
		if (!tells_none && told == 0 &&
		    doctor_number(c, "imported") == 0)
			doctor_finds(d, "nothing-said", doctor_mend(d,
			    "vi +%u %s && %s configure", line_of(d, p),
			    d->file, doctor_warren(d)), NULL,
			    "%s is up and tells nothing either way: 0 routes "
			    "imported, 0 exported in %s; \"protocol direct\" "
			    "or \"protocol static\" has something to tell, "
			    "and the export filter must let it out",
			    look_text(p, "name"), look_text(c, "table"));
		else if (told > 0 && doctor_number(json_object_get(c,
		    "import_updates"), "received") == 0)
			quiet(d, p, c);
		else
			all_filtered(d, p, c);
	}
}

static void
flaps(struct doctor *d, const json_t *p)
{
	const json_t *b = json_object_get(p, "bgp");
	long long n = doctor_number(b, "established");

	/* Once in a while is what links do. */
	if (n < FLAPS || n * WHILE < doctor_uptime(d))
		return;
	doctor_finds(d, "flaps", doctor_mend(d, "%s explain %s",
	    doctor_warren(d), look_text(b, "neighbor")), NULL, "%s: this is "
	    "session number %lld in %ld s, the log has why each ended; last: "
	    "%s", look_text(p, "name"), n, doctor_uptime(d),
	    *look_text(p, "message") ? look_text(p, "message") :
	    "it is up now");
}

/* --- routes that should not be ------------------------------------------- */

/* The key of the peer that a session runs over, or "". */
static const char *
key_of(const struct doctor *d, const char *session)
{
	const json_t *t, *y, *b;
	size_t i, k, n;

	json_array_foreach(d->tunnels, i, t)
		json_array_foreach(json_object_get(t, "peers"), k, y)
			json_array_foreach(json_object_get(y, "bgp"), n, b)
				if (strcmp(look_text(b, "name"), session) == 0)
					return look_text(y, "public_key");
	return "";
}

/* Two neighbours that were made from one file. */
static void
same_id(struct doctor *d, size_t i)
{
	const json_t *p = json_array_get(d->protocols, i), *q;
	const char *id = look_text(json_object_get(p, "bgp"), "neighbor_id");
	const char *key = key_of(d, look_text(p, "name")), *other;

	for (size_t k = 0; *id != '\0' && *key != '\0' && k < i; k++) {
		q = json_array_get(d->protocols, k);
		other = key_of(d, look_text(q, "name"));
		/* One router may well have several sessions with us. */
		if (*other == '\0' || strcmp(other, key) == 0 || strcmp(
		    look_text(json_object_get(q, "bgp"), "neighbor_id"), id))
			continue;
		doctor_finds(d, "same-router-id", "on one of them: say "
		    "another \"router id\", then: warren configure", NULL,
		    "%s and %s are two machines with one router id, %s: what "
		    "one of them has told is taken for the other's",
		    look_text(q, "name"), look_text(p, "name"), id);
	}
}

/* Learned, and of no use: nobody knows the way to their next hop. */
static void
no_next_hop(struct doctor *d)
{
	static const char which[] = "primary where source = RTS_BGP && dest = "
	    "RTD_UNREACHABLE";
	char command[160];
	const json_t *r;
	json_t *rows;
	const char *hop;

	snprintf(command, sizeof(command), "show route all %s", which);
	rows = doctor_asked(d, command);
	r = json_array_get(rows, 0);
	hop = look_text(json_object_get(r, "attributes"), "BGP.next_hop");
	if (r != NULL)
		doctor_finds(d, "no-next-hop", doctor_mend(d, "there: \"next "
		    "hop self;\" in the channel of the session with us, or "
		    "here: a route to %.*s", (int)strcspn(hop, " "), hop),
		    NULL, "%zu routes are unreachable, for no way leads to "
		    "their next hop: %s, learned by %s, has %s",
		    json_array_size(rows), look_text(r, "net"),
		    look_text(r, "protocol"), hop);
	json_decref(rows);
}

/* A route from outside inside the net that we sit on. */
static void
covered(struct doctor *d, const char *net, const char *iface)
{
	char command[160];
	const json_t *r;
	json_t *rows;
	size_t i;

	snprintf(command, sizeof(command), "show route in %s primary where "
	    "source = RTS_BGP", net);
	rows = doctor_asked(d, command);
	json_array_foreach(rows, i, r) {
		const json_t *hop = json_array_get(json_object_get(r,
		    "nexthops"), 0);

		if (strcmp(look_text(hop, "interface"), iface) == 0)
			continue;
		doctor_finds(d, "covers-lan", doctor_mend(d, "in the import "
		    "filter of %s: if net ~ [ %s+ ] then reject;",
		    look_text(r, "protocol"), net), NULL, "%s, learned "
		    "by %s, is inside %s, which %s sits on: it takes traffic "
		    "away from our own net", look_text(r, "net"),
		    look_text(r, "protocol"), net, iface);
		break;
	}
	json_decref(rows);
}

static void
own_nets(struct doctor *d)
{
	char net[PREFIX_TEXT];
	const json_t *i, *a;
	struct prefix p;
	struct ip ip;
	size_t n, k;

	json_array_foreach(d->interfaces, n, i) {
		const char *name = look_text(i, "name");

		if (!doctor_is_lan(d, name))
			continue;
		json_array_foreach(json_object_get(i, "addresses"), k, a)
			if (doctor_address(a, &ip, &p))
				covered(d, prefix_text(&p, net), name);
	}
}

void
doctor_bgp(struct doctor *d)
{
	const json_t *p;
	size_t i;

	json_array_foreach(d->protocols, i, p) {
		if (strcmp(look_text(p, "proto"), "BGP") != 0 ||
		    json_is_true(json_object_get(p, "disabled")))
			continue;
		cryptokey(d, p);
		same_id(d, i);
		flaps(d, p);
		if (is_up(p))
			silent_channels(d, p);
		else
			doctor_session(d, p);
	}
	no_next_hop(d);
	own_nets(d);
}

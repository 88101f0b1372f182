/* SPDX-License-Identifier: ISC */
#include <net/if.h>
#include <string.h>
#include <time.h>

#include "warren/doctor.h"

#define FLAPS		5	/* sessions since the start that are many */

static bool
is_up(const json_t *p)
{
	return strcmp(look_text(json_object_get(p, "bgp"), "state"),
	    "Established") == 0;
}

/* A neighbour on a tunnel that no peer's allowed ips have. */
static void
cryptokey(struct doctor *d, const json_t *p)
{
	const json_t *b = json_object_get(p, "bgp");
	struct wg_uapi_dump dump;
	struct route_way way;
	char dev[16] = "";
	struct prefix net;
	struct ip ip;

	if (!ip_parse(look_text(b, "neighbor"), &ip) ||
	    ip_is_link_local(ip) || d->ask == NULL ||
	    route_ask(d->ask, ip, 0, 0, &way) < 0 ||
	    if_indextoname(way.oif, dev) == NULL || look_wg(dev, &dump) != 0)
		return;
	if (look_wg_peer(&dump, ip, &net) < 0)
		doctor_finds(d, "neighbor-no-key", "add it to the allowed ips "
		    "of the peer that it is behind, then: warren configure",
		    NULL, "%s: the neighbor %s is reached by %s, and is in no "
		    "peer's allowed ips there: WireGuard has no key for it "
		    "(\"Required key not available\")", look_text(p, "name"),
		    look_text(b, "neighbor"), dev);
	wg_uapi_dump_done(&dump);
}

static void
down(struct doctor *d, const json_t *p)
{
	const json_t *b = json_object_get(p, "bgp");
	const char *said = look_text(p, "message");

	doctor_finds(d, "session-down", "warren explain NEIGHBOR; warren show "
	    "protocols all NAME", NULL, "%s: no BGP session with %s (%s%s%s)",
	    look_text(p, "name"), look_text(b, "neighbor"),
	    look_text(b, "state"), *said ? ", " : "", said);
}

static void
silent_channels(struct doctor *d, const json_t *p)
{
	const json_t *c;
	size_t i;

	json_array_foreach(json_object_get(p, "channels"), i, c) {
		bool tells_none = strcmp(look_text(c, "export"),
		    "REJECT") == 0;

		if (strcmp(look_text(c, "state"), "UP") != 0)
			continue;
		if (!tells_none && doctor_number(c, "exported") == 0 &&
		    doctor_number(c, "imported") == 0)
			doctor_finds(d, "nothing-said", "announce something: "
			    "\"protocol direct\" or \"protocol static\", and "
			    "an export filter that lets it out", NULL,
			    "%s is up and tells nothing either way: 0 routes "
			    "imported, 0 exported in %s", look_text(p,
			    "name"), look_text(c, "table"));
		if (doctor_number(json_object_get(c, "import_updates"),
		    "received") > 0 && doctor_number(c, "imported") == 0 &&
		    doctor_number(c, "filtered") == 0 && doctor_number(
		    json_object_get(c, "import_updates"), "filtered") > 0 &&
		    strcmp(look_text(c, "import"), "REJECT") != 0)
			doctor_finds(d, "all-filtered", "warren show route "
			    "filtered (with \"import keep filtered\")", NULL,
			    "%s: the import filter takes none of what comes "
			    "(%lld updates)", look_text(p, "name"),
			    doctor_number(json_object_get(c,
			    "import_updates"), "received"));
	}
}

static void
flaps(struct doctor *d, const json_t *p)
{
	long long n = doctor_number(json_object_get(p, "bgp"), "established");

	if (n < FLAPS)
		return;
	doctor_finds(d, "flaps", "warren show protocols all NAME; the log has "
	    "the reasons", NULL, "%s: this is session number %lld since the "
	    "start", look_text(p, "name"), n);
}

/* --- routes that should not be ------------------------------------------- */

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
		doctor_finds(d, "covers-lan", "an import filter that refuses "
		    "it: if net ~ [ NET+ ] then reject;", NULL, "%s, learned "
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
	const json_t *i, *a;
	char text[80], net[PREFIX_TEXT];
	struct prefix p;
	struct ip ip;
	size_t n, k;

	json_array_foreach(d->interfaces, n, i) {
		const char *name = look_text(i, "name");

		if (strcmp(name, "lo") == 0 || doctor_is_tunnel(d, name))
			continue;
		json_array_foreach(json_object_get(i, "addresses"), k, a) {
			const char *s = json_string_value(a);
			int at = (int)strcspn(s, "/");

			snprintf(text, sizeof(text), "%.*s", at, s);
			if (!ip_parse(text, &ip) || ip_is_link_local(ip) ||
			    s[at] == '\0')
				continue;
			p = prefix_of(ip, (unsigned)strtoul(s + at + 1, NULL,
			    10));
			covered(d, prefix_text(&p, net), name);
		}
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
		flaps(d, p);
		if (is_up(p))
			silent_channels(d, p);
		else
			down(d, p);
	}
	own_nets(d);
}

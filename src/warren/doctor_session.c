/* SPDX-License-Identifier: ISC */
/* Why a BGP session is not there: the first cause that has evidence. */
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "warren/doctor.h"

#define YOUNG		5	/* seconds in which it may still come */

/* A protocol, its block in the file, and how the neighbour is reached. */
struct lost {
	const json_t *p;
	const struct conf_proto *cf;	/* NULL: not in the file any more */
	const char *name, *neighbor, *said, *state;
	struct ip ip, local;		/* IP_NONE: not known */
	const char *dev;		/* NULL: no way there */
	struct route_way way;
	struct ip gw;
};

/* The file, at the protocol: where no command can know what is meant. */
static const char *
look_at(struct doctor *d, const struct lost *l)
{
	return doctor_mend(d, "vi +%u %s && %s configure",
	    l->cf != NULL && l->cf->at.file == 1 ? l->cf->at.line : 1,
	    d->file, doctor_warren(d));
}

/* --- what was said ------------------------------------------------------- */

static bool
wrong_as(struct doctor *d, const struct lost *l)
{
	const json_t *b = json_object_get(l->p, "bgp");

	if (strstr(l->said, "Bad peer AS") == NULL)
		return false;
	doctor_finds(d, "wrong-as", look_at(d, l), NULL, "%s: %s (%s): here "
	    "it is AS %lld and we are AS %lld, and one end has another number "
	    "for one of them", l->name, l->said, l->neighbor,
	    doctor_number(b, "neighbor_as"), doctor_number(b, "local_as"));
	return true;
}

/* An IPv4 address of ours that is another number. */
static bool
another_id(const struct doctor *d, const char *id, char *buf, size_t cap)
{
	const json_t *i, *a;
	struct prefix net;
	struct ip ip;
	size_t n, k;

	json_array_foreach(d->interfaces, n, i)
		json_array_foreach(json_object_get(i, "addresses"), k, a) {
			char text[IP_TEXT];

			if (!doctor_address(a, &ip, &net) || !ip_is4(ip) ||
			    strncmp(ip_text(ip, text), "127.", 4) == 0 ||
			    strcmp(text, id) == 0)
				continue;
			snprintf(buf, cap, "router id %s", text);
			return true;
		}
	return false;
}

static bool
same_router_id(struct doctor *d, const struct lost *l)
{
	const char *id = look_text(d->status, "router_id"), *mend = NULL;
	char was[40], now[80];

	if (strstr(l->said, "Bad BGP identifier") == NULL)
		return false;
	snprintf(was, sizeof(was), "router id %s", id);
	if (another_id(d, id, now, sizeof(now)))
		mend = doctor_edit(d, was, now);
	doctor_finds(d, "same-router-id", mend ? mend : look_at(d, l), NULL,
	    "%s: %s (%s): our router id %s is the neighbor's, too; each needs "
	    "one of its own", l->name, l->said, l->neighbor, id);
	return true;
}

static bool
refused(struct doctor *d, const struct lost *l)
{
	if (strstr(l->said, "Connection refused") == NULL)
		return false;
	doctor_finds(d, "bgp-refused", "there: systemctl start warrend (or "
	    "bird, or frr), with us as a neighbor", NULL, "%s: %s is there, "
	    "and refuses TCP port 179: no BGP speaker runs there, or it "
	    "listens on another address", l->name, l->neighbor);
	return true;
}

/* --- the way ------------------------------------------------------------- */

static bool
no_way(struct doctor *d, const struct lost *l)
{
	if (l->dev != NULL || ip_is_none(l->ip) || ip_is_link_local(l->ip) ||
	    d->ask == NULL)
		return false;
	doctor_finds(d, "no-way", doctor_mend(d, "ip route add %s/%d dev "
	    "TUNNEL", l->neighbor, ip_is4(l->ip) ? 32 : 128), NULL,
	    "%s: the kernel has no route to %s", l->name, l->neighbor);
	return true;
}

static bool
not_on_link(struct doctor *d, const struct lost *l)
{
	const char *mend = NULL;
	char gw[IP_TEXT];

	if (l->cf == NULL || l->cf->bgp.multihop != 0 ||
	    strstr(l->said, "on no link") == NULL || l->dev == NULL)
		return false;
	mend = doctor_edit_block(d, l->cf->at, "multihop;");
	doctor_finds(d, "not-on-link", mend ? mend : look_at(d, l), NULL,
	    "%s: %s is on no net of ours (the way is by %s%s%s), and the "
	    "session is not \"multihop\": it waits for such a link", l->name,
	    l->neighbor, l->dev, ip_is_none(l->gw) ? "" : ", via ",
	    ip_is_none(l->gw) ? "" : ip_text(l->gw, gw));
	return true;
}

/* A counter of the kernel's, of this network namespace; -1: has none. */
static long long
counter(const char *name)
{
	char names[8192], values[8192], *n, *v, *more_n, *more_v;
	FILE *f = fopen("/proc/net/netstat", "re");
	long long found = -1;

	while (f != NULL && found < 0 && fgets(names, sizeof(names), f) &&
	    fgets(values, sizeof(values), f)) {
		n = strtok_r(names, " \n", &more_n);
		v = strtok_r(values, " \n", &more_v);
		for (; n != NULL && v != NULL;
		    n = strtok_r(NULL, " \n", &more_n),
		    v = strtok_r(NULL, " \n", &more_v))
			if (strcmp(n, name) == 0)
				found = strtoll(v, NULL, 10);
	}
	if (f != NULL)
		fclose(f);
	return found;
}

static bool
wrong_password(struct doctor *d, const struct lost *l)
{
	const bool ours = l->cf != NULL && l->cf->bgp.password != NULL;
	const char *which = !ours ? "TCPMD5Unexpected" :
	    counter("TCPMD5Failure") > 0 ? "TCPMD5Failure" : "TCPMD5NotFound";
	long long n = counter(which);

	if (n <= 0)
		return false;
	doctor_finds(d, "wrong-password", look_at(d, l), NULL, "%s: no BGP "
	    "session with %s, and the kernel has dropped %lld segments (%s): "
	    "%s", l->name, l->neighbor, n, which, !ours ? "the neighbor has a "
	    "password, and none is said here" :
	    strcmp(which, "TCPMD5Failure") == 0 ? "its password is another "
	    "one" : "there is a password here, and the neighbor has none");
	return true;
}

static bool
wrong_ttl(struct doctor *d, const struct lost *l)
{
	const char *mend;
	long long n;

	if (l->cf == NULL || !l->cf->bgp.ttl_security ||
	    (n = counter("TCPMinTTLDrop")) <= 0)
		return false;
	mend = doctor_edit(d, "ttl security on", "ttl security off");
	if (mend == NULL)
		mend = doctor_edit(d, "ttl security yes", "ttl security no");
	doctor_finds(d, "wrong-ttl", mend ? mend : look_at(d, l), NULL,
	    "%s: \"ttl security\" is on, and the kernel has dropped %lld "
	    "segments whose TTL was too low (TCPMinTTLDrop): %s sends without "
	    "it, or is more hops away than is said here", l->name, n,
	    l->neighbor);
	return true;
}

static bool
blocked(struct doctor *d, const struct lost *l)
{
	return l->dev != NULL && !ip_is_none(l->ip) &&
	    doctor_fire_bgp(d, l->name, l->ip, l->local, l->dev);
}

/* --- what else ----------------------------------------------------------- */

static void
down(struct doctor *d, const struct lost *l)
{
	doctor_finds(d, "session-down", doctor_mend(d, "%s explain %s",
	    doctor_warren(d), l->neighbor), NULL, "%s: no BGP session with %s "
	    "(%s%s%s)", l->name, l->neighbor, l->state, *l->said ? ", " : "",
	    l->said);
}

static void
find_way(struct doctor *d, struct lost *l)
{
	l->gw = l->local = IP_NONE;
	if (!ip_parse(l->neighbor, &l->ip)) {
		l->ip = IP_NONE;
		return;
	}
	l->dev = doctor_way(d, l->ip, 0, &l->way);
	if (l->dev != NULL)
		l->gw = route_ask_route(d->ask)->hop[0].via;
	if (!look_source(l->ip, &l->local))
		l->local = IP_NONE;
}

void
doctor_session(struct doctor *d, const json_t *p)
{
	static bool (*const cause[])(struct doctor *, const struct lost *) = {
		wrong_as, same_router_id, no_way, not_on_link, blocked,
		wrong_password, wrong_ttl, refused
	};
	const json_t *b = json_object_get(p, "bgp");
	struct lost l = { .p = p, .name = look_text(p, "name"),
	    .neighbor = look_text(b, "neighbor"),
	    .said = look_text(p, "message"), .state = look_text(b, "state") };

	l.cf = doctor_conf_proto(d, l.name);
	/* One that only waits for whoever calls lacks nothing. */
	if (l.cf != NULL && l.cf->kind == CONF_BGP &&
	    l.cf->bgp.remote_range.kind != NET_NONE)
		return;
	if (*l.said == '\0' &&
	    time(NULL) - doctor_time(look_text(p, "since")) < YOUNG)
		return;
	find_way(d, &l);
	for (unsigned i = 0; i < sizeof(cause) / sizeof(cause[0]); i++)
		if (cause[i](d, &l))
			return;
	down(d, &l);
}

/* SPDX-License-Identifier: ISC */
/*
 * Says what we make of BGP messages.  Each line of the input is
 *
 *	ebgp|ibgp as2|as4 plain|addpath HEX
 *
 * and becomes a line of output: the verdict, code and subcode, the attribute
 * that made it, how many prefixes are announced and withdrawn, why.
 */
#include <stdio.h>
#include <string.h>

#include "wire/bgp_open.h"
#include "wire/bgp_update.h"

static const char *const verdicts[] = {
	[BGP_OK] = "accept", [BGP_DISCARD] = "attribute-discard",
	[BGP_WITHDRAW] = "treat-as-withdraw", [BGP_RESET] = "session-reset",
};

static size_t
unhex(const char *s, uint8_t *buf, size_t cap)
{
	size_t n = 0;
	unsigned v;

	for (; n < cap && sscanf(s, "%2x", &v) == 1; s += 2)
		buf[n++] = (uint8_t)v;
	return n;
}

struct opinion {
	enum bgp_verdict verdict;
	struct bgp_error error;
	unsigned attr, announced, withdrawn;
	const char *why;
};

static void
say(const struct opinion *o)
{
	const bool ok = o->verdict == BGP_OK;

	printf("%s %u/%u %u +%u -%u %s\n", verdicts[o->verdict],
	    ok ? 0 : o->error.code, ok ? 0 : o->error.subcode, o->attr,
	    o->announced, o->withdrawn, o->why ? o->why : "-");
}

static unsigned
count(const struct bgp_codec *c, enum bgp_fam fam, struct bytes nlri)
{
	struct bgp_nlri it = bgp_nlri_of(fam,
	    c->add_path_rx & BGP_FAM_BIT(fam), nlri);
	struct prefix p;
	unsigned n = 0;

	while (bgp_nlri_next(&it, &p, NULL))
		n++;
	return n;
}

static void
judge_update(const struct bgp_codec *c, struct bytes body)
{
	static struct bgp_update u;
	struct opinion o = { .verdict = bgp_update_decode(c, body, &u),
	    .error = u.error, .attr = u.bad_attr, .why = u.why };

	o.announced = count(c, BGP_FAM_IP4, u.nlri);
	o.withdrawn = count(c, BGP_FAM_IP4, u.withdrawn);
	if (u.reach.there)
		o.announced += count(c, u.reach.fam, u.reach.nlri);
	if (u.unreach.there)
		o.withdrawn += count(c, u.unreach.fam, u.unreach.nlri);
	say(&o);
}

static void
judge_body(const struct bgp_codec *c, enum bgp_type type, struct bytes body)
{
	struct opinion o = { .verdict = BGP_OK };
	struct bgp_open open;
	struct bgp_refresh refresh;
	bool ok = true;

	switch (type) {
	case BGP_TYPE_OPEN:
		ok = bgp_open_decode(body, &open, &o.error);
		break;
	case BGP_TYPE_UPDATE:
		judge_update(c, body);
		return;
	case BGP_TYPE_NOTIFICATION:
		bgp_notification_decode(body, &o.error);
		break;
	case BGP_TYPE_REFRESH:
		ok = bgp_refresh_decode(body, &refresh, &o.error);
		break;
	case BGP_TYPE_KEEPALIVE:
		break;
	}
	o.verdict = ok ? BGP_OK : BGP_RESET;
	say(&o);
}

static void
judge(const struct bgp_codec *c, struct bytes b)
{
	struct bgp_header h;
	struct opinion o = { .verdict = BGP_RESET, .why = "header" };

	if (b.n < BGP_HEADER || !bgp_header_decode(b.p, true, &h, &o.error)) {
		say(&o);
		return;
	}
	if (b.n < h.length) {
		printf("incomplete 0/0 0 +0 -0 -\n");
		return;
	}
	judge_body(c, (enum bgp_type)h.type, bytes_of(b.p + BGP_HEADER,
	    h.length - (size_t)BGP_HEADER));
}

int
main(void)
{
	static char line[3 * BGP_MESSAGE_EXT_MAX], hex[sizeof(line)];
	static uint8_t buf[BGP_MESSAGE_EXT_MAX];
	char peer[8], width[8], paths[8];

	while (fgets(line, sizeof(line), stdin)) {
		struct bgp_codec c = { .families = BGP_FAM_ALL };

		if (sscanf(line, "%7s %7s %7s %s", peer, width, paths,
		    hex) != 4)
			return 1;
		c.peer = strcmp(peer, "ibgp") == 0 ? BGP_IBGP : BGP_EBGP;
		c.as4 = strcmp(width, "as4") == 0;
		if (strcmp(paths, "addpath") == 0)
			c.add_path_rx = BGP_FAM_ALL;
		judge(&c, bytes_of(buf, unhex(hex, buf, sizeof(buf))));
	}
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * Says what we make of BGP messages.  Each line of the input is
 *
 *	ebgp|ibgp as2|as4 plain|addpath HEX
 *
 * and becomes a line of output: the verdict, code and subcode, the attribute
 * that made it, why.
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

static void
say(enum bgp_verdict v, const struct bgp_error *e, unsigned attr,
    const char *why)
{
	printf("%s %u/%u %u %s\n", verdicts[v], v == BGP_OK ? 0 : e->code,
	    v == BGP_OK ? 0 : e->subcode, attr, why ? why : "-");
}

static void
judge_update(const struct bgp_codec *c, struct bytes body)
{
	static struct bgp_update u;

	bgp_update_decode(c, body, &u);
	say(u.verdict, &u.error, u.bad_attr, u.why);
}

static void
judge_body(const struct bgp_codec *c, enum bgp_type type, struct bytes body)
{
	struct bgp_error e = { 0 };
	struct bgp_open open;
	struct bgp_refresh refresh;
	bool ok = true;

	switch (type) {
	case BGP_TYPE_OPEN:
		ok = bgp_open_decode(body, &open, &e);
		break;
	case BGP_TYPE_UPDATE:
		judge_update(c, body);
		return;
	case BGP_TYPE_NOTIFICATION:
		bgp_notification_decode(body, &e);
		break;
	case BGP_TYPE_REFRESH:
		ok = bgp_refresh_decode(body, &refresh, &e);
		break;
	case BGP_TYPE_KEEPALIVE:
		break;
	}
	say(ok ? BGP_OK : BGP_RESET, &e, 0, NULL);
}

static void
judge(const struct bgp_codec *c, struct bytes b)
{
	struct bgp_header h;
	struct bgp_error e = bgp_error_of(BGP_ERR_HEADER, BGP_HEADER_LENGTH,
	    bytes_of(NULL, 0));

	if (b.n < BGP_HEADER || !bgp_header_decode(b.p, true, &h, &e)) {
		say(BGP_RESET, &e, 0, "header");
		return;
	}
	if (b.n < h.length) {
		printf("incomplete 0/0 0 -\n");
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

/* SPDX-License-Identifier: ISC */
/*
 * Which routes of a neighbour behind a tunnel would take what lies under the
 * tunnel: the nets that this host sits on, and the way to the peer itself.
 *
 *	guard_init(&g);
 *	guard_lan(&g, &net, "eth1");		each net of ours
 *	guard_endpoint(&g, ip, len, "wg0");	where the peer is
 *	guard_seal(&g);
 *	if (guard_judge(&g, &net, &which) != GUARD_PASSES)
 *		refuse it, for the sake of which
 *
 * What counts is harm.  A net of ours loses packets to a route that is as long
 * or longer: such are refused.  A shorter one, an aggregate say, loses against
 * the link's own route, and passes.  An endpoint is a single address, which
 * any route that covers it takes that is as long as the underlay's own or
 * longer; but a route to everywhere (ul_is_default()) is a wish of everybody
 * who has it announced, and host routes see to the endpoint then.
 *
 * Pure; one thread.  Out of memory: an entry is missing, "failed" is set.
 */
#ifndef WARREN_PLAN_GUARD_H
#define WARREN_PLAN_GUARD_H

#include "base/ip.h"

#define GUARD_NAME	16

enum guard_verdict {
	GUARD_PASSES, GUARD_LAN, GUARD_ENDPOINT
};

struct guard_net {
	struct prefix net;		/* of an endpoint: the host's */
	uint8_t kind;			/* GUARD_LAN or GUARD_ENDPOINT */
	uint8_t way_len;		/* of the underlay's route there */
	char name[GUARD_NAME];		/* of the interface */
};

struct guard {
	struct guard_net *v;
	unsigned n, n_lans;		/* those come first, once sealed */
	bool failed;
};

void guard_init(struct guard *g);
void guard_done(struct guard *g);
void guard_lan(struct guard *g, const struct prefix *net, const char *name);
void guard_endpoint(struct guard *g, struct ip ip, unsigned way_len,
    const char *name);
void guard_seal(struct guard *g);

enum guard_verdict guard_judge(const struct guard *g,
    const struct prefix *net, const struct guard_net **ret_which);
/* Do both refuse the same? */
bool guard_same(const struct guard *a, const struct guard *b);
/* Does a refuse something that b does not? */
bool guard_is_stricter(const struct guard *a, const struct guard *b);

#endif

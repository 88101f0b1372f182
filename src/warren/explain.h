/* SPDX-License-Identifier: ISC */
/*
 * explain ADDRESS [from ADDRESS]: the whole way of a packet, each step with
 * its evidence, up to the first thing that is wrong.
 *
 *	explain.c	what is asked and the order of the steps
 *	explain_route.c	the routing tables' part: what warrend knows
 *	explain_way.c	the kernel's and WireGuard's part
 *
 * Works without a daemon, too, for what the kernel and WireGuard know.
 */
#ifndef WARREN_WARREN_EXPLAIN_H
#define WARREN_WARREN_EXPLAIN_H

#include <jansson.h>

#include "look/host.h"
#include "look/netfilter.h"
#include "sys/route_ask.h"
#include "warren/warren.h"

#define SILENT		180	/* seconds: REJECT_AFTER_TIME of WireGuard */

struct explain {
	struct ip to, from;		/* from: IP_NONE: this host itself */
	struct client *client;		/* NULL: no daemon */
	struct route_ask *ask;
	unsigned wrong;			/* steps that are */
	struct explain_link {		/* the first of them */
		char host[65], step[40], text[680], mend[680];
	} first;
	bool unseen;			/* the next Warren did not say */
	/* What the steps have found so far: */
	bool local;			/* to is an address of ours */
	bool forwarded;			/* from is none of ours */
	struct prefix best;		/* the table's; NET_NONE: none */
	struct ip best_gw;
	char best_iface[16];
	char oif[16], iif[16];		/* the kernel's; iif when forwarded */
	struct ip gw;			/* IP_NONE: none */
	unsigned mtu;			/* of the way; 0: not known */
	struct ip source;
	bool wg;			/* oif is WireGuard's */
	const char *asker;		/* the key of the peer that asks */
	struct ip next_warren;		/* the peer's derived address */
	json_t *tunnels, *protocols;	/* as shown, or NULL */
};

/* A step that is well. */
void explain_ok(struct explain *x, const char *step, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* One that is not, and the command that mends it (NULL: there is none). */
void explain_bad(struct explain *x, const char *step, const char *mend,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* More about the step before. */
void explain_more(struct explain *x, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* What the daemon answers to a command, as JSON; NULL: nothing usable. */
json_t *explain_asked(struct explain *x, const char *command);

void explain_routes(struct explain *x);
/* Why a route is not the best one; pure. */
void explain_why(const struct explain *x, const json_t *best,
    const json_t *other, char *buf, size_t cap);
/* False: the packet goes no further than this. */
bool explain_kernel(struct explain *x);
bool explain_tunnel(struct explain *x);
void explain_passing(struct explain *x);
/* It is for this host, and comes from elsewhere. */
void explain_arriving(struct explain *x);

#endif

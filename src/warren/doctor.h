/* SPDX-License-Identifier: ISC */
/*
 * doctor [--fix] [-c FILE]: from the configuration to the wire, what is wrong
 * and the command that mends it, one finding after another.
 *
 *	doctor.c	the order of the examination; telling; --fix
 *	doctor_conf.c	the file, the keys, what runs of it
 *	doctor_wg.c	tunnels, peers, addresses
 *	doctor_bgp.c	sessions and routes
 *	doctor_host.c	forwarding, filters, firewall
 *
 * An examination looks and changes nothing.  What it cannot see, for want of
 * root or of a daemon, it leaves out.  A finding has the evidence in its
 * text; a fix is a command that does no harm when it was not needed.
 */
#ifndef WARREN_WARREN_DOCTOR_H
#define WARREN_WARREN_DOCTOR_H

#include <jansson.h>

#include "conf/config.h"
#include "look/host.h"
#include "look/json.h"
#include "look/netfilter.h"
#include "sys/route_ask.h"
#include "warren/warren.h"

struct doctor {
	const char *file;		/* of the configuration */
	struct config *conf;		/* as it lies there; NULL: has errors */
	struct client *client;		/* NULL: no daemon */
	struct route_ask *ask;
	struct netfilter *netfilter;	/* NULL: may not be read */
	json_t *status, *protocols, *tunnels, *interfaces;	/* or NULL */
	json_t *findings;
};

/*
 * code is what it is called in the manual; fix, a command for the shell, is
 * NULL where only a person can mend it, by what mend says.
 */
void doctor_finds(struct doctor *d, const char *code, const char *mend,
    const char *fix, const char *fmt, ...)
    __attribute__((format(printf, 5, 6)));
json_t *doctor_asked(struct doctor *d, const char *command);
long long doctor_number(const json_t *o, const char *key);	/* or 0 */
/* The tunnel's and the peer's block in the file, or NULL. */
const struct conf_wireguard *doctor_conf_wg(const struct doctor *d,
    const char *iface);
const struct conf_wg_peer *doctor_conf_peer(const struct conf_wireguard *wg,
    const char *name);
bool doctor_is_tunnel(const struct doctor *d, const char *iface);

void doctor_conf(struct doctor *d);
void doctor_wg(struct doctor *d);
void doctor_bgp(struct doctor *d);
void doctor_host(struct doctor *d);

#endif

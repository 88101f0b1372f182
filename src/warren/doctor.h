/* SPDX-License-Identifier: ISC */
/*
 * doctor [--fix] [-c FILE]: from the configuration to the wire, what is wrong
 * and the command that mends it, one finding after another.
 *
 *	doctor.c	the order of the examination; telling; --fix
 *	doctor_edit.c	commands that edit the configuration
 *	doctor_conf.c	the file, what runs of it, the clock
 *	doctor_keys.c	keys, and who has which
 *	doctor_wg.c	tunnels and peers
 *	doctor_net.c	addresses, names, MTU
 *	doctor_bgp.c	routes that sessions tell, or not
 *	doctor_session.c	why there is no session
 *	doctor_kernel.c	the kernel's routes against ours
 *	doctor_host.c	forwarding, filters
 *	doctor_fire.c	the firewall
 *	doctor_rivals.c	other programs that have a hand in this
 *
 * An examination looks and changes nothing.  What it cannot see, for want of
 * root or of a daemon, it leaves out.  A finding has the evidence in its
 * text; a fix is a command that does no harm when it was not needed.
 */
#ifndef WARREN_WARREN_DOCTOR_H
#define WARREN_WARREN_DOCTOR_H

#include <jansson.h>
#include <time.h>

#include "conf/config.h"
#include "look/host.h"
#include "look/json.h"
#include "look/netfilter.h"
#include "sys/route_ask.h"
#include "warren/warren.h"

struct doctor {
	const char *file;		/* of the configuration */
	const char *socket;
	char warren[200], mend[1200], dev[16];	/* answers' room */
	char announced[80];	/* a LAN that some neighbour was told of */
	struct config *conf;		/* as it lies there; NULL: has errors */
	struct client *client;		/* NULL: no daemon */
	struct route_ask *ask;
	struct netfilter *netfilter;	/* NULL: may not be read */
	json_t *status, *protocols, *tunnels, *interfaces;	/* or NULL */
	json_t *findings;
};

/* A command; good until the next one. */
const char *doctor_mend(struct doctor *d, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
const char *doctor_warren(struct doctor *d);	/* "warren -s SOCKET" */
/*
 * The commands that put now in the place of was, or more behind the statement
 * that begins with words, at the beginning of the block that begins at a
 * place, or as the first line of all.  NULL where the file does not have it
 * just once, or would be in error afterwards.
 */
const char *doctor_edit(struct doctor *d, const char *was, const char *now);
const char *doctor_edit_after(struct doctor *d, const char *words,
    const char *more);
const char *doctor_edit_block(struct doctor *d, struct span at,
    const char *more);
const char *doctor_edit_top(struct doctor *d, const char *line);

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
const struct conf_proto *doctor_conf_proto(const struct doctor *d,
    const char *name);
bool doctor_is_tunnel(const struct doctor *d, const char *iface);
/* Interfaces that hosts behind us may be on: neither loopback nor tunnels. */
bool doctor_is_lan(const struct doctor *d, const char *iface);
/* "10.0.0.1/24": the address, and its net; false: has none to go by. */
bool doctor_address(const json_t *address, struct ip *ret,
    struct prefix *ret_net);
/* "192.0.2.1:51820", "[2001:db8::1]:51820" */
bool doctor_endpoint(const char *s, struct ip *ret, unsigned *ret_port);
/* The first of a peer's nets of a family, but for a default route. */
bool doctor_peer_net(const json_t *peer, enum family f, struct ip *ret);
/* The name of an interface that the kernel would send by; NULL: no way. */
const char *doctor_way(struct doctor *d, struct ip to, uint32_t mark,
    struct route_way *ret);
/* A default route's that is no tunnel's. */
bool doctor_gateway(const struct doctor *d, enum family f, struct ip *ret,
    char dev[16]);
/* For so many seconds has the daemon been there. */
long doctor_uptime(const struct doctor *d);
long doctor_time(const char *iso);
/* The last handshake of all; 0: never. */
time_t doctor_last_seen(const struct doctor *d);
/* The one that announces to somebody, of nets that a LAN has; or NULL. */
const char *doctor_announced_lan(const struct doctor *d);

void doctor_conf(struct doctor *d);
void doctor_keys(struct doctor *d);
void doctor_net(struct doctor *d);
void doctor_session(struct doctor *d, const json_t *p);
void doctor_kernel(struct doctor *d);
void doctor_fire(struct doctor *d);
/* True where the firewall explains why there is no session. */
bool doctor_fire_bgp(struct doctor *d, const char *name, struct ip neighbor,
    struct ip local, const char *iface);
void doctor_rivals(struct doctor *d);
void doctor_wg(struct doctor *d);
void doctor_bgp(struct doctor *d);
void doctor_host(struct doctor *d);

#endif

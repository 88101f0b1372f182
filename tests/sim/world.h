/* SPDX-License-Identifier: ISC */
/*
 * Many routers in one process, in virtual time: the same neighbours, tables,
 * channels and compiled filters as in the daemon, joined by pipes that delay,
 * cut and die.
 *
 *	plan.c		draws who is there: ASes, routers, links, policies
 *	world.c		routers and connections that live and die
 *	oracle.c	what the tables must be, found without any of it
 *	sim_bgp.c	the chaos, the judgement, main()
 *
 * A link is one BGP session: between ASes or members of a confederation over
 * an interface of its own, inside an AS between loopback addresses, which an
 * "IGP" (a table in each router, told by the simulation) resolves.
 *
 * One seed, one world; the same seed gives the same run, octet by octet.
 */
#ifndef WARREN_TESTS_SIM_WORLD_H
#define WARREN_TESTS_SIM_WORLD_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/filter/lang.h"
#include "base/heap.h"
#include "base/mem.h"
#include "bgp/neighbour.h"
#include "heap_count.h"

#define MAX_ROUTERS	320
#define MAX_LINKS	1400
#define MAX_NETS	160
#define MAX_AS_SIZE	8
#define NET_ORIGINS	3
#define PIPE_BYTES	(1u << 17)

#define NONE		UINT32_MAX
#define VARIANTS	2		/* of each end's policy */

/* What the communities mean that all the policies use. */
#define TAG_CLASS	64512		/* (64512, enum rel): heard from */
#define TAG_ACTION	64513		/* (64513, k): asked for by somebody */

enum kind { EXT, INT, CONF };		/* between ASes, inside, members */
/* What the other one is to me; as a route's class, who it was heard from. */
enum rel { CUSTOMER = 1, PEER, PROVIDER };

struct policy {
	/* in */
	uint32_t lp;			/* EXT */
	uint32_t in_reject;		/* a net, or NONE */
	uint8_t longest;		/* no longer prefixes; 255: any */
	uint8_t action;			/* not with this action; 255: any */
	uint8_t max_path;		/* 255: any */
	uint32_t avoid;			/* no path through it; 0: any */
	/* out */
	bool valley_free;		/* else roles see to it */
	uint32_t out_reject;		/* a net, or NONE */
	uint8_t prepend;
	uint32_t med;			/* NONE: not set */
	uint8_t mark;			/* adds an action; 255: none */
	bool silent;			/* nothing goes out */
	const struct policy *out_of;	/* whose "out" it shares, or NULL */
	/* compiled: */
	const struct filter *in, *out;	/* NULL: all */
};

struct event {				/* something at a time */
	struct timer t;
	void (*fire)(void *ctx);
	void *ctx;
};

struct way {				/* bytes on their way to one end */
	struct event due;
	uint8_t *b;
	size_t n, cap;
	bool eof;
	struct end *to;
	struct conn *conn;
};

struct conn {				/* dialled by side "dialler" */
	struct link *link;
	unsigned dialler;
	bool up;
	struct way to[2];		/* toward side 0, side 1 */
	struct event dialling;
};

struct end {				/* a router's neighbour over a link */
	struct link *link;
	unsigned side;
	struct router *r;
	enum rel rel;			/* EXT: what the other is to us */
	bool rr_client;			/* the other is our client */
	bool add_path_tx, add_path_rx, role, refresh, as4, keep_filtered;
	bool off;			/* stopped by its operator */
	bool want_reload;		/* a refresh is to be asked for */
	unsigned variant;
	struct policy policy[VARIANTS];
	struct bgp_neighbour *n;
	struct event wake;
	bool stir;			/* ops->wake was called */
	struct instant down_at;		/* of the session; NEVER: it is up */
	int64_t may_keep;		/* stale routes, from then on */
};

struct link {
	enum kind kind;
	bool up;
	struct end end[2];
	struct conn conn[2];		/* dialled by side 0, by side 1 */
};

struct router {
	unsigned i;
	uint32_t as, confed;		/* confed 0: in none */
	unsigned igp_area;		/* whose loopbacks it reaches */
	bool reflector;
	uint32_t id, cluster;
	bool alive;
	struct attrs_pool *pool;
	struct rt_table *table, *igp;
	struct iface_set ifaces;
	struct rt_channel origin;	/* of its own nets, */
	struct rt_channel hosts;	/* and of loopbacks, in igp */
	struct end **end;
	unsigned n_ends;
	struct event work;
	struct event recovered;		/* from its restart */
};

struct net {
	struct prefix p;
	uint32_t action;		/* NONE: asks nothing */
	uint32_t known;			/* a well-known community, or 0 */
	unsigned n_from;
	unsigned from[NET_ORIGINS];	/* routers that may announce it */
	bool on[NET_ORIGINS];
	uint32_t origin_code[NET_ORIGINS];
};

struct sim {
	uint64_t rng;
	struct instant now;
	struct heap heap;
	struct lang lang;
	bool v6, v6_links;		/* what is told, and over what */
	bool gr, gr_notify, llgr, roles, med_always, med_groups;
	uint16_t hold, gr_time;
	uint32_t llgr_time;
	bool peace;
	struct router *r;
	unsigned n_routers;
	struct link *l;
	unsigned n_links;
	struct net *net;
	unsigned n_nets;
	uint8_t cost[MAX_AS_SIZE][MAX_AS_SIZE];	/* between loopbacks */
	unsigned long long rx_bytes, sessions, wrong;
};

extern struct sim sim;

/* plan.c */
void plan_make(uint32_t seed, const char *size);
void plan_free(void);
void plan_measure(void);		/* the IGP's costs, anew */

/* config.c */
void end_config(const struct end *e, struct bgp_neighbour_config *ret);

/* world.c */
uint32_t draw(uint32_t below);
static inline bool
chance(uint32_t of_100)
{
	return draw(100) < of_100;
}
struct instant after(int64_t span);
void event_set(struct event *e, int64_t span);
struct end *other_end(const struct end *e);
struct ip addr_of(const struct end *e);
struct ip loopback_of(const struct router *r);
uint32_t igp_cost(const struct router *a, const struct router *b);
uint32_t public_as(const struct router *r);
bool net_on(const struct net *n, const struct router *r);

void router_start(struct router *r, bool restarted);
void router_stop(struct router *r, bool abandon);
void net_announce(struct net *n, unsigned k, bool on);
void igp_tell(const struct router *to, struct router *r);
void iface_state(const struct end *e);
void end_stop(struct end *e);
void end_resume(struct end *e);
void end_reload(struct end *e);
void end_vary(struct end *e);
void link_cut(struct link *l);
void conn_cut(struct conn *c);
void world_wire(void);
/* True when something was to do until "until". */
bool world_step(struct instant until);
/* Complains, once, and counts it. */
void wrong(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* oracle.c: what router r's table must have for a net. */
#define PATH_ASES	48
#define CONF_ASES	12
#define COMMS		8
#define CLUSTERS	6

struct oroute {
	const struct end *via;		/* NULL: its own */
	uint32_t lp, med, origin;
	bool med_said;
	unsigned n_path, n_conf, n_comm, n_clusters;
	uint32_t path[PATH_ASES], conf[CONF_ASES], comm[COMMS];
	uint32_t cluster[CLUSTERS];
	uint32_t originator;		/* 0: none */
	unsigned class;			/* enum rel */
	struct ip hop;
	unsigned border;		/* the router that has this hop */
	uint32_t igp;
};

#define CANDIDATES	128

/* False: it does not settle, or differs by the order of turns. */
bool oracle_solve(const struct net *net);
/* After that: the best first.  Returns how many. */
unsigned oracle_routes(const struct router *r, struct oroute *ret);
/* < 0: a comes first; 0: they differ in the number of their path only. */
int oracle_order(const struct oroute *a, const struct oroute *b);

#endif

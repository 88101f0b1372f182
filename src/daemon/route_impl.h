/* SPDX-License-Identifier: ISC */
/*
 * "show route": what was asked for (cmd_route.c), and how one route is shown
 * (cmd_route_show.c).
 */
#ifndef WARREN_DAEMON_ROUTE_IMPL_H
#define WARREN_DAEMON_ROUTE_IMPL_H

#include "base/arena.h"
#include "daemon/ctl_impl.h"

#define ROUTE_TABLES	1024

enum route_mode {
	ROUTE_ALL, ROUTE_PREEXPORT, ROUTE_EXPORT, ROUTE_NOEXPORT, ROUTE_IMPORT
};

/* cmd_route_adj.c: what stands for an import or an export table. */
#define ROUTE_ADJ_MAX	4

struct route_adj {
	struct dtable t;		/* t.t: NULL until it is looked at */
	uint32_t proto;			/* number */
	bool export;
};

struct route_show {
	struct ctl_job job;
	struct generation *gen;		/* whose names the filter uses */
	struct arena *arena;
	struct filter_env env;
	bool env_made;
	/* What was asked for. */
	bool all, primary, filtered, count, stats, has_for;
	bool tables_said;
	struct prefix net;		/* PREFIX or for …; NET_NONE: all */
	struct prefix within;		/* in …; NET_NONE: everything */
	uint8_t mode;			/* enum route_mode */
	uint32_t peer;			/* of export and the like: number */
	char peer_name[64];
	struct route_adj adj[ROUTE_ADJ_MAX];
	unsigned n_adj;
	struct route_adj *now_adj;	/* the table now is one */
	const struct attrs *told;	/* of the route now; or NULL */
	char import_name[8], export_name[8];
	uint32_t protocol;		/* 0: any */
	char protocol_name[64];
	uint8_t kind;			/* of peer's or its; NET_NONE: all */
	const struct filter *filter;	/* NULL: none */
	struct dtable *table[ROUTE_TABLES];	/* we are a user of each */
	unsigned n_tables, now;
	uint32_t at;			/* net in the table now, or RT_NONE */
	/* What was seen. */
	const struct dtable *headed;	/* whose head was shown last */
	uint64_t shown, routes, nets;	/* of all tables */
	uint64_t was_shown, was_routes, was_nets;	/* … before this */
};

/* The protocol that it is from, also through pipes. */
const char *route_from(const struct rt_edit *e);
void route_text(struct ctl_client *c, const struct route_show *s,
    const char *net, const struct rt_table *t, const struct rt_route *r,
    const struct rt_edit *e, bool best);
void route_json(struct ctl_client *c, const struct route_show *s,
    const struct rt_table *t, const struct rt_route *r,
    const struct rt_edit *e, bool best);
/* NAME, or NAME.CHANNEL; *ret_kind NET_NONE is every channel.  NULL: said. */
struct proto *route_take_proto(struct ctl_client *c, struct ctl_words *w,
    enum net_kind *ret_kind);
bool route_take_adj(struct ctl_client *c, struct ctl_words *w,
    struct route_show *s, bool export);
/* NULL: t is a table like any other. */
struct route_adj *route_adj_of(struct route_show *s, const struct dtable *t);
/* At the beginning of each step.  False: it is gone, and c has been told. */
bool route_adj_refresh(struct ctl_client *c, struct route_adj *a);
/*
 * Of an export table: was this route told?  Fills e with what was, which
 * lasts as long as *ret, counted.
 */
bool route_adj_told(struct ctl_client *c, const struct route_adj *a,
    const struct rt_route *r, struct rt_edit *e, const struct attrs **ret);
/* The kernel does not take it. */
bool route_refused(const struct daemon *d, const struct rt_table *t,
    const struct prefix *net);

#endif

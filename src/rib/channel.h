/* SPDX-License-Identifier: ISC */
/*
 * A channel: where a protocol instance meets a table.
 *
 * Inward, rt_channel_update() passes each announcement through the import
 * filter and the limits into the table.  Outward, rt_channel_export() follows
 * the table, passes each best route through the protocol's own check and the
 * export filter, and hands what is new to the protocol, which is told of a
 * withdrawal only for what it had been given.
 *
 * Filters are a function and a program: the rib does not know the language.
 */
#ifndef WARREN_RIB_CHANNEL_H
#define WARREN_RIB_CHANNEL_H

#include "rib/table.h"

/* A route on its way through a filter. */
struct rt_edit {
	struct prefix net;
	const struct rt_table *table;
	const struct rt_src *src;	/* who announced it; never NULL */
	const struct rt_route *route;	/* when it stands in a table, or NULL */
	bool no_memory;			/* so the filter came to no verdict */
	struct attrs_edit a;
};

enum rt_verdict {
	RT_REJECT, RT_ACCEPT
};

/*
 * What a filter made of the last route, for the next one with the same set.
 * From some place in it on, its verdict and what it writes may hang on the
 * set alone: "from" is that place, NULL while nothing is known.
 */
struct rt_alike {
	const void *from;
	const void *seen;		/* the run came past this place */
	const struct attrs *set;	/* counted; NULL: rejected, not kept */
	enum rt_verdict verdict;
};

struct rt_filter {
	/* program == NULL means: always "constant" */
	enum rt_verdict (*run)(const void *program, struct rt_edit *e,
	    void *env);
	const void *program;
	void *env;			/* what the language needs; opaque */
	enum rt_verdict constant;
	/* Would both do the same to every route?  NULL: only the very same. */
	bool (*same)(const void *program, const void *other);
	/*
	 * As run; may be NULL.  Where it comes to m->from with the set as it
	 * was, it gives m->verdict and makes e->a a view of m->set, if any.
	 * Else it says in m->seen where it came by.
	 */
	enum rt_verdict (*run_alike)(const void *program, struct rt_edit *e,
	    void *env, struct rt_alike *m);
};

enum rt_limit_action {
	LIMIT_NONE, LIMIT_WARN, LIMIT_BLOCK, LIMIT_RESTART, LIMIT_DISABLE
};

struct rt_limit {
	uint32_t max;			/* 0: none */
	uint8_t action;			/* enum rt_limit_action */
	bool hit;
};

struct rt_counts {			/* one line of "Route change stats" */
	uint64_t received, rejected, filtered, ignored, accepted;
};

struct rt_channel;

/* What the protocol gives; all may be NULL. */
struct rt_channel_ops {
	/*
	 * Before the export filter: may the protocol take it at all, and
	 * what must change first?  REJECT: never; ACCEPT: ask the filter.
	 */
	enum rt_verdict (*preexport)(struct rt_channel *c, struct rt_edit *e);
	/* May be NULL: what was to be imported is prefix_is_bogus(). */
	void (*bogus)(struct rt_channel *c, const struct prefix *net);
	/* A limit was hit: called once; the owner acts on c->…limit.action. */
	void (*limit)(struct rt_channel *c, struct rt_limit *l,
	    const char *which);
	/* There is something to export: call rt_channel_export() soon. */
	void (*wake)(struct rt_channel *c);
	/*
	 * One net's news: e->a is what to announce, or e is NULL to withdraw.
	 * False: no room now; export stops and offers it again next time.
	 */
	bool (*emit)(struct rt_channel *c, uint32_t net_id,
	    const struct prefix *net, struct rt_edit *e);
	/*
	 * Instead, of a channel with all_paths: paths_begin(), emit_path()
	 * for each route that is to be known, paths_end(): all others of the
	 * net are to be withdrawn.  After a false all is told again.
	 */
	bool (*paths_begin)(struct rt_channel *c, uint32_t net_id);
	bool (*emit_path)(struct rt_channel *c, uint32_t net_id,
	    const struct prefix *net, struct rt_edit *e);
	bool (*paths_end)(struct rt_channel *c, uint32_t net_id,
	    const struct prefix *net);
	/* Its counters will be looked at: for who keeps them elsewhere. */
	void (*look)(struct rt_channel *c);
};

struct rt_channel {
	struct rt_owner owner;		/* source of what it imports */
	struct rt_table *table;
	const struct rt_channel_ops *ops;
	void *ctx;			/* the protocol's */

	struct rt_filter in, out;
	/* Before "in": a net that is refused, whatever the filter says. */
	bool (*refuses)(void *ctx, const struct prefix *net);
	void *refuses_ctx;
	uint16_t preference;		/* for routes that have none (0) */
	bool keep_filtered;
	uint8_t flags;			/* of what is announced: enum rt_flag */
	bool secondary;			/* the next one, where rejected */
	bool any_news;			/* also of what is behind the best */
	bool all_paths;			/* ADD-PATH; set before exports */
	struct rt_limit receive_limit, import_limit, export_limit;

	/* Kept by the channel: */
	bool importing, exporting;
	const struct attrs *alike_of;	/* counted; of which this is known: */
	struct rt_alike known;
	struct rt_feed feed;
	struct rt_bitmap exported;
	bool had;			/* in emit(): it was exported before */
	/* Exports stop where this one stands; NULL: at the end. */
	const struct rt_feed *until;
	uint32_t imported, filtered;	/* routes in the table now */
	struct rt_counts import_updates, import_withdraws;
	struct rt_counts export_updates, export_withdraws;
	uint32_t flush_pos;
};

/* Fill owner, table, ops, ctx, filters, limits, preference first. */
void rt_channel_start(struct rt_channel *c, bool export);
/*
 * Exports alone, for a protocol whose imports outlive a session (RFC 4724).
 * begin: everything is offered from the start; what was exported before is
 * forgotten.  Both do nothing where it is so already.
 */
void rt_channel_export_begin(struct rt_channel *c);
void rt_channel_export_end(struct rt_channel *c);
/* Ends exports at once; routes it imported stay until rt_channel_flush(). */
void rt_channel_stop(struct rt_channel *c);
/* True while there is more; call until false before freeing. */
bool rt_channel_flush(struct rt_channel *c, uint32_t budget,
    struct instant now);

/* attrs NULL withdraws.  Borrows attrs.  RT_ABSENT: a bogus net. */
enum rt_result rt_channel_update(struct rt_channel *c,
    const struct prefix *net, uint32_t path_id, const struct attrs *attrs,
    struct instant now);
/*
 * What is announced from now on has this set, mostly: what the filter makes of
 * one route may hold for the next.  End it before anything else can happen
 * that filters ask about.
 */
void rt_channel_alike_begin(struct rt_channel *c, const struct attrs *attrs);
void rt_channel_alike_end(struct rt_channel *c);
/* For a pipe: origin is its copy of who made the route; see rt_src. */
enum rt_result rt_channel_update_for(struct rt_channel *c,
    const struct rt_owner *origin, const struct prefix *net,
    uint32_t path_id, const struct attrs *attrs, struct instant now);

/* Hands out at most "budget" nets; true while there is more. */
bool rt_channel_export(struct rt_channel *c, uint32_t budget);
/*
 * From where another one stands, which follows the same table: what that one
 * has exported counts as exported.  False when out of memory.
 */
bool rt_channel_export_begin_at(struct rt_channel *c,
    const struct rt_channel *at);
/* Another one that exports this one's table; begin with NULL. */
struct rt_channel *rt_channel_next(const struct rt_table *t,
    const struct rt_channel *after);
/* Do both judge every route in the same way? */
bool rt_filter_same(const struct rt_filter *a, const struct rt_filter *b);
/* Before its counters are read. */
void rt_channel_look(struct rt_channel *c);
/* Offer everything again, as "reload out" and a changed filter want. */
void rt_channel_refeed(struct rt_channel *c);

/* Route refresh, graceful restart, rescans: what is not seen again goes. */
void rt_channel_begin_refresh(struct rt_channel *c);
/*
 * The same in slices, from *pos = 0 on, true while there is more; and what was
 * stale before goes.  Nothing may be announced until it is done.
 */
bool rt_channel_age(struct rt_channel *c, uint32_t *pos, uint32_t budget,
    struct instant now);
bool rt_channel_end_refresh(struct rt_channel *c, uint32_t budget,
    struct instant now);

/* What would be exported of this route, as "show route export" asks. */
enum rt_verdict rt_channel_would_export(struct rt_channel *c,
    const struct rt_route *r, struct rt_edit *ret_edit);

#endif

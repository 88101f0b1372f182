/* SPDX-License-Identifier: ISC */
/*
 * Filters: programs that look at a route, may change it, and accept or
 * reject it.
 *
 * A struct filter is compiled from text by conf/filter_parse.h into the arena
 * of a configuration.  It is immutable and lives as long as that arena.  To
 * run one, put it into the rib's struct rt_filter:
 *
 *	struct rt_filter f = { .run = filter_run, .program = filter,
 *	    .env = &env };
 *
 * The environment is what filters may know of the world besides the route.
 * One serves all filters of a thread; filter_env_init() makes its memory, and
 * then running a filter does not allocate, unless a result outgrows what the
 * scratch arena has already.
 *
 * What a filter writes into the route lies in the scratch arena, and is good
 * until the next run with the same environment: intern the attributes (or
 * encode them) before that.  A run inside a run (from the print callback,
 * say) is not allowed.
 *
 * A mistake in the program that shows only at run time (a division by zero,
 * an attribute that is not there, the wrong type) rejects the route, is
 * counted in env->errors and told to env->note.
 */
#ifndef WARREN_FILTER_FILTER_H
#define WARREN_FILTER_FILTER_H

#include "filter/value.h"
#include "rib/channel.h"

struct filter;

struct filter_env {
	/* Filled by the owner after filter_env_init(); each may be NULL. */
	const struct iface_set *ifaces;
	/* One line of print, printn, accept "…" or reject "…". */
	void (*print)(void *ctx, const char *line);
	/* A run-time error: "FILTER, line 12: Division by zero". */
	void (*note)(void *ctx, const char *message);
	/* roa_check(); NULL table when there is none of that name. */
	const struct rt_table *(*roa_table)(void *ctx, const char *name);
	void *ctx;

	uint64_t errors;		/* run-time errors so far */

	/* Kept by the filter floor: */
	struct arena *scratch;
	struct filter_value *stack;
	struct text line;		/* what printn has said so far */
};

/* False when out of memory.  Zeroes the owner's part. */
bool filter_env_init(struct filter_env *env);
void filter_env_done(struct filter_env *env);

/* For rt_filter.run.  program is a struct filter, env a struct filter_env. */
enum rt_verdict filter_run(const void *program, struct rt_edit *e, void *env);
/* For rt_filter.run_alike. */
enum rt_verdict filter_run_alike(const void *program, struct rt_edit *e,
    void *env, struct rt_alike *m);

/* The block behind a static route: it accepts unless it says otherwise. */
enum rt_verdict filter_run_block(const struct filter *f, struct rt_edit *e,
    struct filter_env *env);

/* As written: "accept all" filters need no run. */
const char *filter_name(const struct filter *f);	/* NULL: has none */
/*
 * Would both do the same to every route?  Compares structure, through all
 * the functions that they call.  NULL equals NULL.
 */
bool filter_same(const struct filter *a, const struct filter *b);

/* Does its verdict hang on this ROA table?  False for NULL. */
bool filter_asks_roa(const struct filter *f, const char *table);

/*
 * An expression (compiled by conf_parse_expr() and the like) to text, as
 * BIRD's "eval" shows it.  e is the route that it may read, or NULL.  False
 * on a run-time error, and then the text is its message.
 */
bool filter_eval_text(const struct filter *f, struct rt_edit *e,
    struct filter_env *env, struct text *out);

#endif

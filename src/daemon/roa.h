/* SPDX-License-Identifier: ISC */
/*
 * When the ROAs of a table change, the routes that filters have judged by
 * them are judged again.
 *
 * Each ROA table has a watch, which follows it.  After a change it waits for
 * more: "min settle time" after the last, "max settle time" after the first.
 * Then every channel whose filter asks that table (and that has not said
 * "rpki reload off") imports, or exports, everything anew.  One thread.
 */
#ifndef WARREN_DAEMON_ROA_H
#define WARREN_DAEMON_ROA_H

#include "daemon/daemon.h"

struct roa_watch;

/* NULL when out of memory.  What the table has already is no change. */
struct roa_watch *roa_watch_new(struct daemon *d, struct dtable *t);
struct roa_watch *roa_watch_free(struct roa_watch *w);	/* NULL in, out */

#endif

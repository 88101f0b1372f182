/* SPDX-License-Identifier: ISC */
/*
 * Table dumps in MRT format, for the mrt protocol and for "mrt dump".
 *
 * A dump goes over its tables twice, in slices: first for the peers, which
 * stand at the beginning of a file, then for the routes.  What a source
 * announces that was not there the first time is left out: a dump is of what
 * there was when it began.  One thread.
 */
#ifndef WARREN_DAEMON_MRT_H
#define WARREN_DAEMON_MRT_H

#include "daemon/daemon.h"

struct mrt_dump;

struct mrt_what {
	const char *table;
	bool pattern;			/* table is a shell pattern */
	const struct filter *filter;	/* NULL: all */
	struct generation *gen;		/* that filter is of; or NULL */
	const char *filename;		/* strftime(3), and %N */
	bool always_add_path;
};

/* Everything is copied.  NULL: out of memory. */
struct mrt_dump *mrt_dump_new(struct daemon *d, const struct mrt_what *w);
/* A slice of it; true while there is more. */
bool mrt_dump_step(struct mrt_dump *m);
/* Why it ended too early, and at which table; NULL: it did not. */
const char *mrt_dump_error(const struct mrt_dump *m, const char **ret_table);
struct mrt_dump *mrt_dump_free(struct mrt_dump *m);	/* NULL in, out */

#endif

/* SPDX-License-Identifier: ISC */
/*
 * Configurations: read, and put into force, the first and the next ones.
 */
#ifndef WARREN_DAEMON_RECONF_H
#define WARREN_DAEMON_RECONF_H

#include "daemon/daemon.h"

/* How the command line wants configurations to be read. */
static inline enum conf_how
daemon_how(const struct daemon_options *o)
{
	return o->skip_unserved ? CONF_SKIP_UNSERVED : CONF_STRICT;
}

/*
 * Parses and checks.  Diagnostics go to out, or to stderr where out is NULL.
 * NULL after an error.  The caller has the one reference.
 */
struct generation *generation_read(const char *file,
    enum conf_how how, struct text *out);
/* Makes the tables and protocols of it; false when out of memory. */
bool generation_first(struct daemon *d, struct generation *g);

/* Frees tables that neither the configuration nor a channel needs. */
void tables_sweep(struct daemon *d);
void tables_free(struct daemon *d);

#endif

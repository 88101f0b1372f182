/* SPDX-License-Identifier: ISC */
/*
 * "mrtdump": what BGP neighbours say, and their changes of state, into one
 * file (RFC 6396 BGP4MP, RFC 8050).  Who writes asks mrtdump_wants() first.
 * Records are gathered and written once in a turn of the loop.  One thread.
 */
#ifndef WARREN_DAEMON_MRTDUMP_H
#define WARREN_DAEMON_MRTDUMP_H

#include "daemon/daemon.h"
#include "wire/mrt.h"

struct proto;

/* Opens, closes or changes the file, as the configuration in force says. */
void mrtdump_configure(struct daemon *d);
struct mrtdump *mrtdump_free(struct daemon *d);	/* writes what is left */
/* There is a file, and the protocol's mask has the bit (enum conf_mrt_what). */
bool mrtdump_wants(const struct proto *p, unsigned bit);
/* The whole message as it came. */
void mrtdump_message(struct daemon *d, const struct mrt_link *l,
    struct bytes message);
/* States are numbered as in RFC 6396 4.4.1. */
void mrtdump_state(struct daemon *d, const struct mrt_link *l, unsigned was,
    unsigned is);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * The rpki protocol: what a struct rtr_session has not, namely a socket, time
 * and the cache's address; and the way of its records into the ROA tables.
 *
 * As with bgp.h, whatever happens ends in the work item, which does what the
 * session asks for, a slice at a time, offers it what was read, writes, and
 * sets the one timer.
 *
 * The channels start with the first connection and stay: what was learned
 * outlives a connection, until it expires.
 */
#ifndef WARREN_DAEMON_RPKI_H
#define WARREN_DAEMON_RPKI_H

#include "daemon/proto.h"
#include "rpki/session.h"

#define RPKI_BUFFER	16384

struct rpki_resolve;

struct rpki {
	struct proto p;
	struct rtr_session *s;		/* NULL while down */
	struct rpki_resolve *resolving;
	const struct attrs *attrs;	/* of all its routes; while up */
	int fd;				/* -1: none */
	struct loop_fd *ready;
	bool connecting;
	bool broken;			/* fd is of no use any more, */
	int err;			/* because of this */
	uint8_t *buf;			/* RPKI_BUFFER, while connected */
	size_t from, to;
	bool full;			/* between BEGIN and END */
	struct loop_work work;
	struct loop_timer timer;
};

static inline struct rpki *
rpki_of(const struct proto *p)
{
	return (struct rpki *)(uintptr_t)p;
}

/* rpki_io.c */
void rpki_dial(struct rpki *r);
void rpki_offer(struct rpki *r);	/* what was read, to the session */
void rpki_write(struct rpki *r);
void rpki_watch(struct rpki *r);
void rpki_close(struct rpki *r);	/* and asks for no name any more */
void rpki_kick(struct rpki *r);
/* It was connected, or lost: to the session. */
void rpki_linked(struct rpki *r, bool up);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * A thread that hands batches to a netlink socket and does nothing else.
 *
 * The kernel works through a batch of routes before the send returns, and a
 * single route may take it a tenth of a second, when a big node of its trie
 * has to grow (doc/internals/netlink.md).  The loop cannot wait for that.
 *
 *	rtnl_send_init(&s, fd, kick);
 *	rtnl_send_give(&s, octets, mark);	they stay put until it is told
 *	rtnl_send_told(&s, &mark)		of those that went wrong
 *	rtnl_send_close(&s);			waits for the send under way
 *
 * What was given is sent in that order, one after the other.  The thread
 * shares these fields with its owner and nothing else, and begins with the
 * first batch, so that a process may still fork before that.  The eventfd
 * "kick" is written to when it has sent all, and when a send has failed.
 *
 * Private to rtnl_ask.c.
 */
#ifndef WARREN_SYS_RTNL_SEND_H
#define WARREN_SYS_RTNL_SEND_H

#include <pthread.h>

#include "base/bytes.h"

#define RTNL_SEND_JOBS	32		/* a power of two */

struct rtnl_send_job {
	struct bytes b;
	void *mark;
	int err;
};

struct rtnl_send {
	int fd, kick;
	bool running;			/* the thread; the owner's */
	pthread_t thread;
	pthread_mutex_t lock;		/* of what follows */
	pthread_cond_t news;
	bool quit;
	uint32_t given, sent, told;	/* how many: they only grow */
	struct rtnl_send_job job[RTNL_SEND_JOBS];
};

void rtnl_send_init(struct rtnl_send *s, int fd, int kick);
void rtnl_send_close(struct rtnl_send *s);
/* False: it has enough to do, or there is no thread to be had. */
bool rtnl_send_give(struct rtnl_send *s, struct bytes b, void *mark);
/* Has all that was given been sent? */
bool rtnl_send_idle(struct rtnl_send *s);
/* What was given with that mark: may its octets still be looked at? */
bool rtnl_send_holds(struct rtnl_send *s, const void *mark);
/* The next one whose send failed, and its error; 0: there is none. */
int rtnl_send_told(struct rtnl_send *s, void **ret_mark);

#endif

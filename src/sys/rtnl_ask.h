/* SPDX-License-Identifier: ISC */
/*
 * The asking half of sys/rtnl.h: requests in batches, answers in order.
 *
 * The kernel works through all messages of one send before the send returns,
 * and answers those that fail whether asked to or not.  So only the last
 * message of a batch asks for an acknowledgement: when it comes, all before
 * it without an error have gone well.  That saves nearly all the answers.
 * Should the kernel not find room for one, the socket says so (ENOBUFS)
 * before any later answer is read, and what was not heard of is reported
 * as unknown.
 *
 * Batches with routes in them are sent by a thread of its own (rtnl_send.h),
 * which the loop does not wait for.
 *
 * Private to rtnl.c.
 */
#ifndef WARREN_SYS_RTNL_ASK_H
#define WARREN_SYS_RTNL_ASK_H

#include "base/list.h"
#include "sys/rtnl_send.h"
#include "wire/netlink_route.h"

#define RTNL_BATCH_BYTES	32768
#define RTNL_BATCH_REQUESTS	512
#define RTNL_BATCHES		1024	/* most that wait */

/* One request as it was asked for. */
struct rtnl_request {
	enum { ASK_ROUTE_PUT, ASK_ROUTE_DEL, ASK_ADDR_PUT, ASK_ADDR_DEL,
		ASK_LINK_NEW, ASK_LINK_SET, ASK_LINK_DEL, ASK_RULE_PUT,
		ASK_RULE_DEL } kind;
	uint16_t flags;		/* NLM_F_* */
	bool silent;		/* nobody is told how it went */
	uint64_t cookie;
	union {
		const struct nl_route *route;
		const struct nl_addr *addr;
		const struct nl_link_want *link;
		const struct nl_rule *rule;
	};
};

typedef void rtnl_ask_done(void *ctx, uint64_t cookie, int err,
    const char *text);

struct rtnl_ask {
	int fd;
	uint32_t port;
	uint32_t seq;		/* of the next request */
	struct rtnl_send send;
	unsigned window;	/* requests that may be unanswered */
	unsigned waiting, sent;	/* requests not sent, and unanswered */
	unsigned n_batches;
	struct list batches;	/* sent ones first; the last one may grow */
	/* Answered, and their sender's call has not come back yet. */
	struct list spent;
	bool lost;		/* the socket dropped answers */
	rtnl_ask_done *done;
	void *ctx;
};

/* kick: an eventfd whose owner then calls rtnl_ask_receive() and _send(). */
int rtnl_ask_init(struct rtnl_ask *a, int kick, rtnl_ask_done *done,
    void *ctx);
void rtnl_ask_close(struct rtnl_ask *a);
int rtnl_ask_queue(struct rtnl_ask *a, const struct rtnl_request *q);
/* Sends what the window lets; true where something is left to send or tell. */
bool rtnl_ask_send(struct rtnl_ask *a);
/* Reads answers, a bounded number; 0 or the error of the socket. */
int rtnl_ask_receive(struct rtnl_ask *a);

#endif

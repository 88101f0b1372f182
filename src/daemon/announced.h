/* SPDX-License-Identifier: ISC */
/*
 * What a protocol with routes of its own (static, direct) has announced, so
 * that saying all of it anew costs as much as it has, and not a walk through
 * a table in which others have a million.
 *
 *	announced_begin(&a);
 *	announced_add(&a, c, &net, path_id, attrs); …
 *	announced_end(&a, p);		withdraws what was not added again
 *
 * With memory short, nothing is withdrawn until the next time.  One thread.
 */
#ifndef WARREN_DAEMON_ANNOUNCED_H
#define WARREN_DAEMON_ANNOUNCED_H

#include "daemon/proto.h"

struct announced_route {
	struct prefix net;
	uint32_t path_id;
};

struct announced_list {
	struct announced_route *v;
	size_t n, cap;
};

struct announced {
	struct announced_list said, saying;
	bool failed;
};

/* A zeroed one is empty. */
void announced_done(struct announced *a);	/* empty again */
void announced_begin(struct announced *a);
/* The route goes to the table at once; attrs are borrowed. */
void announced_add(struct announced *a, struct proto_channel *c,
    const struct prefix *net, uint32_t path_id, const struct attrs *attrs);
void announced_end(struct announced *a, struct proto *p);

#endif

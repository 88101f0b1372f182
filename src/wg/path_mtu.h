/* SPDX-License-Identifier: ISC */
/*
 * How large a packet gets through a tunnel to a peer that answers (alive.h):
 * large echo requests, while the small ones are answered.
 *
 *	path_mtu_begin(&m, now, top)		top: what should fit
 *	size = path_mtu_tick(&m, now, wait)	at m.at: send one of that size
 *	path_mtu_answer(&m, now, size)		one came back
 *	path_mtu_hold(&m, now)			small ones are lost as well now
 *	if (path_mtu_poll(&m)) … m.found	it is another one than before
 *
 * The top is tried first, and as a rule that is all.  Where it is lost
 * several times the answer is searched for between it and IPv6's least.  What
 * was found is tried again every two minutes, the top every ten.  Pure.
 */
#ifndef WARREN_WG_PATH_MTU_H
#define WARREN_WG_PATH_MTU_H

#include "base/time.h"

#define PATH_MTU_LEAST	1280

struct path_mtu {
	unsigned top, found;		/* 0: not known */
	unsigned lo, hi;		/* it fits; it does not */
	unsigned size, tries;		/* what is being tried */
	bool testing, upward, news;
	struct instant at, up_at;
};

void path_mtu_init(struct path_mtu *m);
/* What was found is kept until something else is. */
void path_mtu_begin(struct path_mtu *m, struct instant now, unsigned top);
void path_mtu_stop(struct path_mtu *m);
/* 0: nothing to send.  wait: how long an answer may take. */
unsigned path_mtu_tick(struct path_mtu *m, struct instant now, int64_t wait);
void path_mtu_answer(struct path_mtu *m, struct instant now, unsigned size);
void path_mtu_hold(struct path_mtu *m, struct instant now);
bool path_mtu_poll(struct path_mtu *m);

#endif

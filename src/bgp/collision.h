/* SPDX-License-Identifier: ISC */
/*
 * Two connections with one peer: which one goes.  RFC 4271 6.8, RFC 6286
 * section 2.3, RFC 4724 section 4.2 for a new one beside an established one.
 *
 * The owner asks whenever one of its two sessions reaches OPENCONFIRM, and
 * stops the loser with Cease / BGP_CEASE_COLLISION.  Once one is established,
 * another that still dials or listens is stopped without a word.
 */
#ifndef WARREN_BGP_COLLISION_H
#define WARREN_BGP_COLLISION_H

#include <stdbool.h>
#include <stdint.h>

#include "bgp/fsm.h"

enum bgp_collision {
	BGP_COLLISION_NONE,		/* nothing to decide yet */
	BGP_COLLISION_CLOSE_OUT,	/* the one that we dialled */
	BGP_COLLISION_CLOSE_IN		/* the one that the peer dialled */
};

struct bgp_speaker {
	uint32_t id, asn;
};

/* out, in: states of the two sessions; BGP_NONE or BGP_IDLE when not there. */
enum bgp_collision bgp_collision(enum bgp_state out, enum bgp_state in,
    struct bgp_speaker ours, struct bgp_speaker theirs);

/*
 * A peer dials while a session with it stands in state st: what to do with
 * the new connection.  gr: graceful restart is in force on the old one.
 */
enum bgp_incoming {
	BGP_INCOMING_ACCEPT,	/* make a second session, collision decides */
	BGP_INCOMING_REPLACE,	/* the peer restarted: old goes, unnotified */
	BGP_INCOMING_REJECT	/* Cease / BGP_CEASE_REJECTED, or just close */
};

enum bgp_incoming bgp_collision_incoming(enum bgp_state st, bool gr);

#endif

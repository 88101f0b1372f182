/* SPDX-License-Identifier: ISC */
/*
 * The inside of a session, for the files of this folder that make it up:
 * session.c (events, actions, what the owner calls), session_rx.c (messages
 * that come in) and session_tx.c (the queue of those that go out).
 */
#ifndef WARREN_BGP_SESSION_IMPL_H
#define WARREN_BGP_SESSION_IMPL_H

#include "bgp/session.h"

#define BGP_PENDING(kind)	(1u << (kind))

struct bgp_session {
	struct bgp_session_config cfg;
	enum bgp_state state;
	bool enabled;			/* started and not stopped */
	bool linked;			/* the owner dials, or is connected */
	bool penalized;			/* BGP_TIMER_START is an error wait */
	struct instant timer[BGP_NTIMERS];
	struct instant dialled;		/* when the last BGP_DIAL was asked */
	uint64_t dice;

	struct bgp_open ours;		/* as sent on this connection */
	struct bgp_open theirs;
	uint8_t *params;		/* what theirs.params points to */
	bool has_theirs, has_caps;
	struct bgp_caps caps;

	struct bgp_error error;		/* for DO_NOTIFY, during one step() */
	struct bgp_cause cause;
	struct instant last_error;	/* NEVER: none to remember */
	int64_t error_wait;

	uint32_t pending;		/* BGP_PENDING() of what to poll */
	struct bytes update;
	struct bgp_refresh refresh;

	uint8_t *rx;			/* a message of which a part came */
	size_t rx_n, rx_cap;
	uint8_t *tx;			/* [tx_at, tx_n) waits */
	size_t tx_at, tx_n, tx_cap;
	size_t tx_partial;		/* octets left of a begun message */

	struct bgp_counters counters;
	struct bgp_watch watch;
};

/* session.c */
void bgp_session_step(struct bgp_session *s, struct instant now,
    enum bgp_event ev);
/* The cause is ours, and so is the NOTIFICATION. */
/* In its own words: what a hard reset is about, not that it is one. */
struct bgp_cause bgp_cause_of(enum bgp_blame blame,
    const struct bgp_error *e);
void bgp_session_blame(struct bgp_session *s, const struct bgp_error *e);
void bgp_session_out_of_memory(struct bgp_session *s, struct instant now);
void bgp_session_keepalive_later(struct bgp_session *s, struct instant now);

/* session_tx.c */
/* False when out of memory. */
bool bgp_session_tx_put(struct bgp_session *s, struct instant now,
    struct bytes b);
/* Drops what has not begun to go out. */
void bgp_session_tx_cut(struct bgp_session *s);
void bgp_session_tx_free(struct bgp_session *s);

/* session_rx.c */
void bgp_session_rx_free(struct bgp_session *s);

#endif

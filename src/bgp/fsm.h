/* SPDX-License-Identifier: ISC */
/*
 * The BGP state machine of RFC 4271 section 8.2.2 as a pure function.
 *
 * It decides and never acts.  session.c turns what happens into events,
 * carries out the actions of the edge in the order of their bits, and sees
 * to what belongs to a state rather than to an edge: entering IDLE or ACTIVE
 * closes the connection and stops the timers, leaving ESTABLISHED tells the
 * owner.
 */
#ifndef WARREN_BGP_FSM_H
#define WARREN_BGP_FSM_H

#include <stdint.h>

enum bgp_state {	/* zero is no state, so an empty table cell shows */
	BGP_NONE, BGP_IDLE, BGP_CONNECT, BGP_ACTIVE,
	BGP_OPENSENT, BGP_OPENCONFIRM, BGP_ESTABLISHED, BGP_NSTATES
};

enum bgp_event {		/* numbers of RFC 4271 section 8.1 */
	EV_START,		/* 1, 3: dial at once */
	EV_LISTEN,		/* 4, 5: wait first */
	EV_STOP,		/* 2: by the operator, with a cause */
	EV_DROP,		/* 8, 23: by ourselves; a collision too */
	EV_RETRY,		/* 9: connect-retry timer */
	EV_HOLD,		/* 10: hold timer */
	EV_KEEP,		/* 11: keepalive timer */
	EV_SEND_HOLD,		/* send hold timer, RFC 9687 */
	EV_TCP_UP,		/* 16, 17 */
	EV_TCP_DOWN,		/* 18 */
	EV_OPEN,		/* 19: valid, and acceptable */
	EV_KEEPALIVE,		/* 26 */
	EV_UPDATE,		/* 27: also a valid ROUTE-REFRESH */
	EV_NOTIFIED,		/* 24, 25 */
	EV_MALFORMED,		/* 21, 22, 28: with a cause */
	BGP_NEVENTS
};

enum bgp_action {	/* carried out in this order */
	DO_NOTIFY	= 1 << 0,	/* NOTIFICATION, event's cause */
	DO_FSM_ERROR	= 1 << 1,	/* NOTIFICATION 5/n, n from the state */
	DO_OPEN		= 1 << 2,	/* send OPEN, hold timer to 4 minutes */
	DO_KEEPALIVE	= 1 << 3,	/* send KEEPALIVE, restart its timer */
	DO_HOLD		= 1 << 4,	/* restart the hold timer */
	DO_CONNECT	= 1 << 5,	/* ask the owner for a TCP connection */
	DO_RETRY	= 1 << 6,	/* restart the connect-retry timer */
	DO_NO_RETRY	= 1 << 7,	/* stop it */
	DO_COUNT	= 1 << 8,	/* ConnectRetryCounter + 1 */
	DO_NO_COUNT	= 1 << 9,	/* ConnectRetryCounter to 0 */
};

struct bgp_edge {
	uint16_t act;
	uint8_t next;			/* enum bgp_state, never BGP_NONE */
};

/* Total: defined for every state but BGP_NONE and every event. */
struct bgp_edge bgp_fsm_next(enum bgp_state st, enum bgp_event ev);

const char *bgp_state_text(enum bgp_state st);	/* "Established" */
const char *bgp_event_text(enum bgp_event ev);	/* "tcp-up" */

#endif

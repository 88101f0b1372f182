/* SPDX-License-Identifier: ISC */
/*
 * RFC 4271 section 8.2.2 as a table.  What would be a guard is an event: the
 * codec has told EV_OPEN from EV_MALFORMED before we are asked.  Where a row
 * differs from the RFC it says so, and doc/deviations.md says why.
 */
#include "bgp/fsm.h"

#define GO(state, actions) { .next = BGP_##state, .act = (actions) }

static const struct bgp_edge edges[BGP_NSTATES][BGP_NEVENTS] = {
[BGP_IDLE] = {
	[EV_START]	= GO(CONNECT,     DO_CONNECT | DO_RETRY),
	[EV_LISTEN]	= GO(ACTIVE,      DO_RETRY),
	[EV_STOP]	= GO(IDLE,        DO_NO_COUNT),
}, [BGP_CONNECT] = {
	[EV_STOP]	= GO(IDLE,        DO_NO_COUNT),
	[EV_RETRY]	= GO(CONNECT,     DO_CONNECT | DO_RETRY),
	[EV_TCP_UP]	= GO(OPENSENT,    DO_OPEN | DO_NO_RETRY),
	[EV_TCP_DOWN]	= GO(ACTIVE,      DO_RETRY),	/* RFC: Idle */
}, [BGP_ACTIVE] = {
	[EV_STOP]	= GO(IDLE,        DO_NO_COUNT),
	[EV_RETRY]	= GO(CONNECT,     DO_CONNECT | DO_RETRY),
	[EV_TCP_UP]	= GO(OPENSENT,    DO_OPEN | DO_NO_RETRY),
	[EV_TCP_DOWN]	= GO(IDLE,        DO_COUNT),
}, [BGP_OPENSENT] = {
	[EV_STOP]	= GO(IDLE,        DO_NOTIFY | DO_NO_COUNT),
	[EV_DROP]	= GO(IDLE,        DO_NOTIFY | DO_COUNT),
	[EV_HOLD]	= GO(IDLE,        DO_NOTIFY | DO_COUNT),
	[EV_TCP_UP]	= GO(OPENSENT,    0),
	[EV_TCP_DOWN]	= GO(ACTIVE,      DO_RETRY),
	[EV_OPEN]	= GO(OPENCONFIRM, DO_KEEPALIVE | DO_HOLD |
					  DO_NO_RETRY),
	[EV_NOTIFIED]	= GO(IDLE,        DO_COUNT),	/* RFC: answered */
	[EV_MALFORMED]	= GO(IDLE,        DO_NOTIFY | DO_COUNT),
}, [BGP_OPENCONFIRM] = {
	[EV_STOP]	= GO(IDLE,        DO_NOTIFY | DO_NO_COUNT),
	[EV_DROP]	= GO(IDLE,        DO_NOTIFY | DO_COUNT),
	[EV_HOLD]	= GO(IDLE,        DO_NOTIFY | DO_COUNT),
	[EV_KEEP]	= GO(OPENCONFIRM, DO_KEEPALIVE),
	[EV_SEND_HOLD]	= GO(IDLE,        DO_NOTIFY | DO_COUNT),
	[EV_TCP_UP]	= GO(OPENCONFIRM, 0),
	[EV_TCP_DOWN]	= GO(IDLE,        DO_COUNT),
	[EV_KEEPALIVE]	= GO(ESTABLISHED, DO_HOLD),
	[EV_NOTIFIED]	= GO(IDLE,        DO_COUNT),
	[EV_MALFORMED]	= GO(IDLE,        DO_NOTIFY | DO_COUNT),
}, [BGP_ESTABLISHED] = {
	[EV_STOP]	= GO(IDLE,        DO_NOTIFY | DO_NO_COUNT),
	[EV_DROP]	= GO(IDLE,        DO_NOTIFY | DO_COUNT),
	[EV_HOLD]	= GO(IDLE,        DO_NOTIFY | DO_COUNT),
	[EV_KEEP]	= GO(ESTABLISHED, DO_KEEPALIVE),
	[EV_SEND_HOLD]	= GO(IDLE,        DO_NOTIFY | DO_COUNT),
	[EV_TCP_UP]	= GO(ESTABLISHED, 0),
	[EV_TCP_DOWN]	= GO(IDLE,        DO_COUNT),
	[EV_KEEPALIVE]	= GO(ESTABLISHED, DO_HOLD),
	[EV_UPDATE]	= GO(ESTABLISHED, DO_HOLD),
	[EV_NOTIFIED]	= GO(IDLE,        DO_COUNT),
	[EV_MALFORMED]	= GO(IDLE,        DO_NOTIFY | DO_COUNT),
} };

/* "In response to any other event", the last clause of each state. */
static const struct bgp_edge otherwise[BGP_NSTATES] = {
	[BGP_IDLE]	  = GO(IDLE, 0),
	[BGP_CONNECT]	  = GO(IDLE, DO_COUNT),
	[BGP_ACTIVE]	  = GO(IDLE, DO_COUNT),
	[BGP_OPENSENT]	  = GO(IDLE, DO_FSM_ERROR | DO_COUNT),
	[BGP_OPENCONFIRM] = GO(IDLE, DO_FSM_ERROR | DO_COUNT),
	[BGP_ESTABLISHED] = GO(IDLE, DO_FSM_ERROR | DO_COUNT),
};

struct bgp_edge
bgp_fsm_next(enum bgp_state st, enum bgp_event ev)
{
	const struct bgp_edge *e = &edges[st][ev];

	if (ev <= EV_LISTEN && st != BGP_IDLE)	/* already started: no event */
		return (struct bgp_edge){ .next = (uint8_t)st };
	return e->next != BGP_NONE ? *e : otherwise[st];
}

const char *
bgp_state_text(enum bgp_state st)
{
	static const char *const names[BGP_NSTATES] = {
		[BGP_NONE] = "None", [BGP_IDLE] = "Idle",
		[BGP_CONNECT] = "Connect", [BGP_ACTIVE] = "Active",
		[BGP_OPENSENT] = "OpenSent",
		[BGP_OPENCONFIRM] = "OpenConfirm",
		[BGP_ESTABLISHED] = "Established",
	};

	return names[st];
}

const char *
bgp_event_text(enum bgp_event ev)
{
	static const char *const names[BGP_NEVENTS] = {
		[EV_START] = "start", [EV_LISTEN] = "listen",
		[EV_STOP] = "stop", [EV_DROP] = "drop",
		[EV_RETRY] = "retry", [EV_HOLD] = "hold",
		[EV_KEEP] = "keep", [EV_SEND_HOLD] = "send-hold",
		[EV_TCP_UP] = "tcp-up", [EV_TCP_DOWN] = "tcp-down",
		[EV_OPEN] = "open", [EV_KEEPALIVE] = "keepalive",
		[EV_UPDATE] = "update", [EV_NOTIFIED] = "notified",
		[EV_MALFORMED] = "malformed",
	};

	return names[ev];
}

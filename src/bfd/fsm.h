/* SPDX-License-Identifier: ISC */
/*
 * BFD's state machine (RFC 5880 sections 6.2 and 6.8.6) as a pure function.
 *
 * It decides and never acts.  What is received is an event by the state that
 * it carries; session.c carries out what the edge says.
 */
#ifndef WARREN_BFD_FSM_H
#define WARREN_BFD_FSM_H

#include "wire/bfd.h"

enum bfd_event {
	BFD_EV_ENABLE,		/* by the operator */
	BFD_EV_DISABLE,
	BFD_EV_TIMEOUT,		/* detection time is over */
	BFD_EV_PATH_DOWN,	/* the link is gone: no need to wait */
	BFD_EV_RX_ADMIN_DOWN, BFD_EV_RX_DOWN, BFD_EV_RX_INIT, BFD_EV_RX_UP,
	BFD_NEVENTS
};

struct bfd_edge {
	uint8_t next;		/* enum bfd_state */
	uint8_t diag;		/* enum bfd_diag, of a change to "next" */
	bool known;		/* so that an empty cell shows */
};

/* Total: defined for every state and every event. */
struct bfd_edge bfd_fsm_next(enum bfd_state st, enum bfd_event ev);

const char *bfd_event_text(enum bfd_event ev);	/* "rx-up" */

#endif

/* SPDX-License-Identifier: ISC */
/* The inside of a session, for the files of this folder. */
#ifndef WARREN_BFD_SESSION_IMPL_H
#define WARREN_BFD_SESSION_IMPL_H

#include "bfd/session.h"

struct bfd_session {
	struct bfd_session_config cfg;
	uint64_t random;
	enum bfd_state state;
	uint8_t diag;
	bool failed;
	struct {
		uint32_t discr;
		enum bfd_state state;
		uint8_t diag, mult;
		bool demand;
		int64_t min_tx, min_rx;
	} remote;

	/* Told to the peer, and in use: they differ during a poll. */
	int64_t desired_tx, used_tx, required_rx, used_rx;
	bool polling, poll_again;
	bool final_due;			/* a poll is to be answered */
	bool send_now;			/* something has changed */
	bool silent;			/* AdminDown, and has said so */

	struct instant tx_at, detect_at, forget_at, last_tx;

	uint32_t tx_seq, rx_seq;	/* of authentication */
	bool seq_known;
	struct instant seq_at;		/* when tx_seq grew last */

	enum bfd_news news;
	struct bfd_session_counters counters;
};

/* auth.c.  NULL: authentic; else why not. */
const char *bfd_auth_check(struct bfd_session *s, struct bytes raw,
    const struct bfd_packet *p);
/* Writes the packet with what the session's kind of authentication adds. */
bool bfd_auth_seal(struct bfd_session *s, struct instant now, struct wr *w,
    struct bfd_packet *p);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * A router's session with an RPKI cache (RFC 6810, RFC 8210), without the
 * connection.
 *
 * It has no clock and no socket.  Its owner gives it time, the state of the
 * link and bytes, and after each gift:
 *
 *	while (rtr_session_poll(s, &out))	things for the owner to do
 *		...
 *	b = rtr_session_tx(s); … rtr_session_sent(s, n);
 *	wake = rtr_session_deadline(s);		when to call _tick() next
 *
 * Records are staged until the cache has said End of Data, and come out
 * between RTR_OUT_BEGIN and RTR_OUT_END, one RTR_OUT_ROA each: an answer that
 * breaks off changes nothing.  BEGIN with "full" means that what is not
 * announced before END is no longer so.  While they come out no bytes are
 * taken, which is the back-pressure; the owner may poll some at a time.
 *
 * RTR_OUT_HANG_UP: write what _tx() still has, as far as that goes at once,
 * close, and call no rtr_session_link(); the session knows.
 *
 * What was learned outlives the connection, until RTR_OUT_EXPIRED.  "now"
 * never runs backwards.  Only staging allocates; without memory the session
 * ends and tries again.  One thread.
 */
#ifndef WARREN_RPKI_SESSION_H
#define WARREN_RPKI_SESSION_H

#include "base/ip.h"
#include "base/time.h"
#include "wire/rtr.h"

struct rtr_session;

enum rtr_state {
	RTR_DOWN,
	RTR_CONNECTING,
	RTR_SYNC_START,		/* asked */
	RTR_SYNC_RUNNING,	/* the cache is answering */
	RTR_ESTABLISHED,	/* all is known */
	RTR_NO_DATA_YET,	/* the cache has none; asked again later */
	RTR_FAST_RECONNECT,	/* at once, or nearly */
	RTR_TRANSPORT_ERROR,	/* waits to dial again, */
	RTR_FATAL_ERROR		/* after an error of the protocol */
};

/* Of timers: what the cache says in End of Data counts unless "keep". */
struct rtr_timer {
	int64_t span;
	bool keep;
};

struct rtr_config {
	uint8_t version_min, version_max;
	struct rtr_timer refresh, retry, expire;
	bool ignore_max_length;		/* takes 32 or 128 */
	bool ip4, ip6;			/* which ROAs are wanted */
};

enum rtr_out_kind {
	RTR_OUT_NONE,
	RTR_OUT_HANG_UP, RTR_OUT_DIAL,
	RTR_OUT_NOTE,			/* .text, for the log */
	RTR_OUT_EXPIRED,		/* nothing is known any more */
	RTR_OUT_BEGIN,			/* .full */
	RTR_OUT_ROA,			/* .roa, .announce */
	RTR_OUT_END
};

struct rtr_out {
	enum rtr_out_kind kind;
	bool full, announce, remote;	/* remote: the cache is to blame */
	struct prefix roa;
	const char *text;		/* good until the next call */
};

/* What "show protocols all" tells. */
struct rtr_status {
	enum rtr_state state;
	uint8_t version;
	bool has_session;		/* session and serial are known */
	uint16_t session;
	uint32_t serial;
	bool has_data;
	struct instant updated;		/* has_data: the last End of Data */
	int64_t refresh, retry, expire;	/* as they are now */
	/* INSTANT_NEVER: does not run. */
	struct instant refresh_at, retry_at, expire_at;
};

/* NULL when out of memory. */
struct rtr_session *rtr_session_new(const struct rtr_config *cfg);
struct rtr_session *rtr_session_free(struct rtr_session *s);

/* No-op unless down. */
void rtr_session_start(struct rtr_session *s, struct instant now);
/* Hangs up; what was learned is the owner's to drop. */
void rtr_session_stop(struct rtr_session *s);
/* Timers of the new one count from the next answer on. */
void rtr_session_configure(struct rtr_session *s,
    const struct rtr_config *cfg);
/* Ask for everything again: now, or when connected. */
void rtr_session_reset(struct rtr_session *s, struct instant now);

/* The dial succeeded; or it failed, or the connection is gone. */
void rtr_session_link(struct rtr_session *s, struct instant now, bool up);
/* How many bytes were taken; less than offered: poll, and offer the rest. */
size_t rtr_session_rx(struct rtr_session *s, struct instant now,
    struct bytes in);
void rtr_session_tick(struct rtr_session *s, struct instant now);
bool rtr_session_poll(struct rtr_session *s, struct rtr_out *ret);
struct bytes rtr_session_tx(const struct rtr_session *s);
void rtr_session_sent(struct rtr_session *s, size_t n);
struct instant rtr_session_deadline(const struct rtr_session *s);

void rtr_session_status(const struct rtr_session *s, struct rtr_status *ret);
const char *rtr_state_text(enum rtr_state st);	/* BIRD's words */

#endif

/* SPDX-License-Identifier: ISC */
/*
 * Is the peer at the other end of a tunnel there?  One struct alive a peer;
 * its owner carries probes to it, which are numbered, and brings the answers:
 *
 *	alive_init(&a, seed)		quiet
 *	alive_handshake(&a, now)	one was completed: worth a try
 *	if (alive_tick(&a, now, &seq))	at alive_deadline(): send this probe
 *	alive_answer(&a, now, seq)	from the peer
 *	alive_heard(&a, now, every)	a probe of the peer's own
 *	switch (alive_poll(&a)) …	after each of these
 *
 *	         answer            10 lost in a row
 *	QUIET ------------> LIVE --------------------> DEAD <----------+
 *	  ^                  ^  \                       |              |
 *	  |                  |   +-- alive_reset()      | 3 answers    |
 *	  |                  |                          v in a row     |
 *	  |                  +------------------------ DAMPED ---------+
 *	  |                     after the hold-down             10 lost
 *	  +--- DEAD, when handshakes go on and nothing answers
 *
 * QUIET is a peer that has never answered, a stock one as a rule: it gets a
 * few probes after a handshake, and ever less of them.  LIVE is asked every
 * "pace", and FAST from the first probe on that is not answered in time.
 * The hold-down is nothing after the first death and doubles with each.
 *
 * A tick that comes late is that of a machine that slept or had no time, and
 * what was lost meanwhile counts for nothing.  Instants are whatever the
 * owner's clock says; they never go backwards.  Pure; one thread.
 */
#ifndef WARREN_WG_ALIVE_H
#define WARREN_WG_ALIVE_H

#include "base/time.h"

#define ALIVE_PACE	MILLISECONDS(300)	/* of few peers */
#define ALIVE_PACE_MOST	SECONDS(15)
#define ALIVE_RING	64

enum alive_state {
	ALIVE_QUIET, ALIVE_LIVE, ALIVE_DEAD, ALIVE_DAMPED
};

enum alive_news {
	ALIVE_NEWS_NONE,
	ALIVE_NEWS_LIVE,	/* it answers, for the first time */
	ALIVE_NEWS_DEAD,
	ALIVE_NEWS_DAMPED,	/* it answers again, and is not trusted yet */
	ALIVE_NEWS_BACK,
	ALIVE_NEWS_MUTE,	/* was dead; lives, but answers no more */
};

struct alive {
	enum alive_state state;
	enum alive_news news;
	struct instant deadline;	/* as told to the owner */
	struct instant send_at;
	struct instant sent[ALIVE_RING];	/* by number */
	uint64_t answered;		/* bit 0 is the last one sent */
	unsigned known;			/* bits of it */
	uint32_t total;			/* the next probe; 16 bits go out */
	uint32_t floor;			/* what came before is settled */
	bool hurry;			/* LIVE, DAMPED: one was lost */
	int64_t pace, wish;		/* ours; the peer's, or 0 */
	int64_t rtt, rtt_var;		/* smoothed; 0: not known */
	uint32_t random;
	/* QUIET */
	unsigned tries, tried, fruitless;
	struct instant try_after, hear_after;
	int64_t hear_wait;
	/* DEAD and DAMPED */
	unsigned streak;		/* answers in a row */
	unsigned deaths;		/* as the hold-down counts them */
	struct instant died_at;		/* the last time; NEVER: not yet */
	struct instant until;		/* of the hold-down */
	struct instant mute_at;
	struct instant trust_at;	/* no death before: we just woke up */
};

void alive_init(struct alive *a, uint32_t seed);
/* Live or dead: begins to ask anew, as one that is known to answer. */
void alive_reset(struct alive *a, struct instant now);
void alive_set_pace(struct alive *a, int64_t pace);

void alive_handshake(struct alive *a, struct instant now);
void alive_answer(struct alive *a, struct instant now, uint16_t seq);
void alive_heard(struct alive *a, struct instant now, int64_t every);
/* True: send the probe *ret_seq, and say that we ask every alive_every(). */
bool alive_tick(struct alive *a, struct instant now, uint16_t *ret_seq);
struct instant alive_deadline(const struct alive *a);
enum alive_news alive_poll(struct alive *a);

int64_t alive_every(const struct alive *a);
/* How long an answer is waited for. */
int64_t alive_patience(const struct alive *a);
/* Was declared dead and is not back: nothing should be sent there. */
bool alive_is_gone(const struct alive *a);
/* Of the last 64 at most, those that had their time; -1: there are none. */
int alive_loss_percent(const struct alive *a, struct instant now);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * A BGP session: one connection's worth of RFC 4271, without the connection.
 *
 * A session has no clock, no socket and no log.  Its owner gives it time and
 * bytes and, after each gift, drains it:
 *
 *	took = bgp_session_rx(s, now, in);	less than offered: poll, retry
 *	while (bgp_session_poll(s, &out))	things for the owner to do
 *		...
 *	b = bgp_session_tx(s);			bytes for the peer: write them,
 *	bgp_session_sent(s, now, wrote);	say how many went
 *	wake = bgp_session_deadline(s);		when to call _tick() next
 *
 * It takes no bytes while anything waits to be polled, which is all the
 * back-pressure there is: an owner that has no time for more
 * just leaves the rest unread.  An UPDATE points into the very bytes given to
 * _rx(), so these stay as they are until _poll() has returned false.  Time
 * that the owner refuses to read counts against the hold timer unless it says
 * so with bgp_session_busy().
 *
 * Connections.  BGP_DIAL asks for one; the owner answers with
 * bgp_session_link(up) or (down).  BGP_HANG_UP: write out what _tx() still
 * holds as far as the socket takes it, then close; nothing is answered.
 * A connection that the peer made gets a session of its own, with
 * config.passive, started and then linked (see bgp/collision.h).  A session
 * may be linked in CONNECT and ACTIVE only; elsewhere it does nothing.  What
 * has come from the socket is given to _rx() before the time to _tick(), so
 * that a KEEPALIVE that waits to be read is seen by the hold timer.
 *
 * After the end of a connection the session starts again by itself, until it
 * is stopped: at once, in ACTIVE with the connect delay, or, after an error of
 * the protocol, from IDLE after the error wait time, which doubles.  "now"
 * never runs backwards.  One thread.  Memory: a small struct; buffers only
 * while a connection stands, the send queue up to config.tx_high and a batch.
 */
#ifndef WARREN_BGP_SESSION_H
#define WARREN_BGP_SESSION_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/time.h"
#include "bgp/caps.h"
#include "bgp/fsm.h"

struct bgp_session;

/* Spans are nanoseconds (base/time.h). */
struct bgp_session_config {
	struct bgp_open open;		/* ours; hostname, role, GR as well */
	struct bgp_demand demand;
	bool passive;			/* never dials */
	int64_t connect_delay;		/* from start to the first dial: 5 s */
	int64_t connect_retry;		/* 120 s */
	int64_t hold_open;		/* startup hold time: 240 s */
	int64_t send_hold;		/* 0: RFC 9687's; <0: off */
	int64_t error_wait_min;		/* 60 s, doubles up to ... */
	int64_t error_wait_max;		/* 300 s */
	int64_t error_forget;		/* 300 s without an error: from min */
	size_t tx_high;			/* 64 KiB; _send() fails above it */
	uint64_t seed;			/* for jitter: the owner's entropy */
};

/* Who ended it, and how. */
enum bgp_blame {
	BGP_BLAME_NONE,
	BGP_BLAME_LOCAL,		/* we sent a NOTIFICATION */
	BGP_BLAME_REMOTE,		/* we received one */
	BGP_BLAME_SOCKET,		/* the connection failed: err, or EOF */
	BGP_BLAME_MEMORY
};

struct bgp_cause {
	enum bgp_blame blame;
	uint8_t code, subcode;		/* LOCAL, REMOTE */
	bool hard;			/* as a hard reset, RFC 8538 */
	int err;			/* SOCKET: errno, 0 for end of file */
	uint8_t n_text;			/* RFC 9003 text, or 0 */
	char text[BGP_SHUTDOWN_MAX + 1];
};

enum bgp_out_kind {
	BGP_DIAL,		/* connect */
	BGP_HANG_UP,		/* flush what fits, close */
	BGP_UP,			/* established: caps */
	BGP_UPDATE,		/* update: the body, undecoded */
	BGP_REFRESH,		/* refresh: of a negotiated family */
	BGP_DOWN,		/* was established: cause */
	BGP_FAILED,		/* never got established: cause */
	BGP_OPENED		/* OPENCONFIRM: time to ask bgp_collision() */
};

/* Borrowed: good until the next call on this session. */
struct bgp_out {
	enum bgp_out_kind kind;
	union {
		const struct bgp_caps *caps;
		struct bytes update;
		struct bgp_refresh refresh;
		const struct bgp_cause *cause;
	};
};

struct bgp_counters {
	uint64_t rx_updates, rx_keepalives, rx_refreshes, rx_messages;
	uint64_t tx_updates, tx_keepalives, tx_refreshes, tx_messages;
	uint64_t rx_bytes, tx_bytes;
	uint32_t established;		/* times */
	uint32_t retries;		/* RFC 4271's ConnectRetryCounter */
};

enum bgp_timer {
	BGP_TIMER_START,	/* error wait, in IDLE */
	BGP_TIMER_RETRY, BGP_TIMER_HOLD, BGP_TIMER_KEEPALIVE,
	BGP_TIMER_SEND_HOLD, BGP_NTIMERS
};

/* Who looks on: called from within; must not call back but to look. */
struct bgp_watch {
	/* A message has come; before it is heeded.  With its header. */
	void (*message)(void *ctx, struct bytes whole);
	void (*state)(void *ctx, enum bgp_state was, enum bgp_state is);
	void *ctx;
};

/* BIRD's defaults; open and demand zeroed but for what an OPEN must have. */
void bgp_session_config_init(struct bgp_session_config *c);

/* Copies *config.  NULL when out of memory. */
struct bgp_session *bgp_session_new(const struct bgp_session_config *config);
/* Accepts NULL and returns NULL, for s = bgp_session_free(s). */
struct bgp_session *bgp_session_free(struct bgp_session *s);
/* Copies *w; its functions may be NULL. */
void bgp_session_watch(struct bgp_session *s, const struct bgp_watch *w);
/* The next connection's configuration; what stands is not touched. */
void bgp_session_configure(struct bgp_session *s,
    const struct bgp_session_config *config);

/* No-op unless stopped. */
void bgp_session_start(struct bgp_session *s, struct instant now);
/* The same after a wait, as after an error of the protocol. */
void bgp_session_start_late(struct bgp_session *s, struct instant now,
    int64_t wait);
/* It waits after such an error: nobody is to be let in meanwhile. */
bool bgp_session_is_penalized(const struct bgp_session *s);
/*
 * To IDLE, and stays there until started.  Where a peer listens it is sent
 * why; why->code BGP_ERR_NONE closes without a word.  Data is copied.
 */
void bgp_session_stop(struct bgp_session *s, struct instant now,
    const struct bgp_error *why);
/*
 * We end it: an UPDATE was malformed (RFC 7606: reset), or there were too many
 * prefixes.  As _stop(), but it starts again.
 */
void bgp_session_fail(struct bgp_session *s, struct instant now,
    const struct bgp_error *why);
/*
 * The way to the peer has just been found to work (a WireGuard handshake):
 * whoever waits to dial, dials now.  The wait after an error of the
 * protocol is not cut short.
 */
void bgp_session_dial_now(struct bgp_session *s, struct instant now);
/* Within a second, where it would wait for longer. */
void bgp_session_dial_soon(struct bgp_session *s, struct instant now);

/* Up: connected.  Down: failed, or closed by the peer; err as in bgp_cause. */
void bgp_session_link(struct bgp_session *s, struct instant now, bool up,
    int err);
/* How many octets were taken. */
size_t bgp_session_rx(struct bgp_session *s, struct instant now,
    struct bytes in);
void bgp_session_tick(struct bgp_session *s, struct instant now);
/* The owner was too busy to read: the hold timer starts anew. */
void bgp_session_busy(struct bgp_session *s, struct instant now);

bool bgp_session_poll(struct bgp_session *s, struct bgp_out *ret_out);
/* What waits to be written; empty when nothing does.  Borrowed. */
struct bytes bgp_session_tx(const struct bgp_session *s);
void bgp_session_sent(struct bgp_session *s, struct instant now, size_t n);
struct instant bgp_session_deadline(const struct bgp_session *s);

/*
 * Queues one or more whole messages, copied.  False, and nothing queued, when
 * not established, above the high-water mark, or out of memory.  A queue
 * below the mark takes any one message.
 */
bool bgp_session_send(struct bgp_session *s, struct instant now,
    struct bytes messages);
/* There is room: established, and the queue is below the mark. */
bool bgp_session_want(const struct bgp_session *s);
size_t bgp_session_queued(const struct bgp_session *s);
/* Octets until the mark is reached, one at least. */
size_t bgp_session_room(const struct bgp_session *s);

enum bgp_state bgp_session_state(const struct bgp_session *s);
/* Started and not stopped: in IDLE it waits for BGP_TIMER_START. */
bool bgp_session_enabled(const struct bgp_session *s);
/* Since the OPEN of this connection, or of the last until there is one. */
const struct bgp_caps *bgp_session_caps(const struct bgp_session *s);
/* Ours, as it was sent last. */
const struct bgp_open *bgp_session_our_open(const struct bgp_session *s);
/* The peer's OPEN, of this or the last connection; NULL before the first. */
const struct bgp_open *bgp_session_peer_open(const struct bgp_session *s);
/* Why the last connection ended; blame NONE when it has not. */
const struct bgp_cause *bgp_session_cause(const struct bgp_session *s);
const struct bgp_counters *bgp_session_counters(const struct bgp_session *s);
/* INSTANT_NEVER when it does not run. */
struct instant bgp_session_timer(const struct bgp_session *s,
    enum bgp_timer t);

/*
 * The other session of the same neighbour goes on with this one's history:
 * counters, the memory of errors, the cause.  Where "from" waits in IDLE to
 * start again, "to", which must be stopped, waits in its stead.
 */
void bgp_session_inherit(struct bgp_session *to,
    const struct bgp_session *from);

/*
 * "Received: Administrative shutdown", "BGP Error: Hold timer expired",
 * "Socket: Connection closed".  For errno other than 0 the owner words the
 * rest.  With the RFC 9003 text in quotes.  Returns buf, of at least
 * BGP_CAUSE_TEXT; "" for no cause.
 */
#define BGP_CAUSE_TEXT	360
char *bgp_cause_text(const struct bgp_cause *c, char *buf);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * A BFD session: RFC 5880 in asynchronous mode, without the echo function,
 * and without a socket, a clock or a log.
 *
 *	s = bfd_session_new(&config);
 *	bfd_session_start(s, now);
 *	why = bfd_session_rx(s, now, bytes, &packet);	what was decoded
 *	bfd_session_tick(s, now);		when _deadline() has come
 *	n = bfd_session_tx(s, now, buf, cap);	0: nothing is to be sent now
 *	news = bfd_session_poll(s);		after each of these
 *
 * Whose packet it is the owner finds out: by your_discr, which is
 * config.discr of the session, or, where that is zero, by the addresses.
 * The owner has also looked at the TTL.
 *
 * Its own transmission is slowed down to idle_tx while it is not up (section
 * 6.8.3: a second at least; BIRD lets the operator say less, and so do we),
 * and changes of the timers while it is up go through a poll sequence.
 *
 * Owner's: config's pointers, as long as the session.  Spans are nanoseconds.
 * One thread.
 */
#ifndef WARREN_BFD_SESSION_H
#define WARREN_BFD_SESSION_H

#include "base/time.h"
#include "bfd/fsm.h"

struct bfd_session;
struct crypto;

struct bfd_key {
	uint8_t id;
	uint8_t n;			/* 1 to BFD_SHA1_KEY_MAX */
	const uint8_t *secret;
};

struct bfd_session_config {
	uint32_t discr;			/* ours, unique, not zero */
	int64_t min_rx, min_tx, idle_tx;
	uint8_t mult;			/* not zero */
	bool passive;			/* until the peer has spoken */
	uint8_t auth;			/* enum bfd_auth */
	const struct bfd_key *keys;	/* the first one is sent */
	unsigned n_keys;
	struct crypto *crypto;		/* may be NULL without digests */
	uint64_t seed;			/* jitter and sequence numbers */
};

enum bfd_news {
	BFD_NEWS_NONE,
	BFD_NEWS_CHANGED,	/* neither the one nor the other */
	BFD_NEWS_UP,
	BFD_NEWS_DOWN		/* was up; see bfd_session_failed() */
};

struct bfd_session_counters {
	uint64_t rx, tx, rx_bad;	/* bad: authentication */
	uint32_t ups;
};

/* NULL when out of memory. */
struct bfd_session *bfd_session_new(const struct bfd_session_config *config);
/* NULL in, NULL out. */
struct bfd_session *bfd_session_free(struct bfd_session *s);
/* Takes over all but the discriminator. */
void bfd_session_configure(struct bfd_session *s, struct instant now,
    const struct bfd_session_config *config);

void bfd_session_start(struct bfd_session *s, struct instant now);
/* AdminDown; send what _tx() has, so that the peer knows, then free it. */
void bfd_session_stop(struct bfd_session *s, struct instant now);
/* The link is gone, or its carrier. */
void bfd_session_path_down(struct bfd_session *s, struct instant now);

/*
 * NULL: taken.  Else why it was discarded.  raw is what the packet was
 * decoded from, which authentication is over.
 */
const char *bfd_session_rx(struct bfd_session *s, struct instant now,
    struct bytes raw, const struct bfd_packet *p);
size_t bfd_session_tx(struct bfd_session *s, struct instant now,
    uint8_t *buf, size_t cap);
void bfd_session_tick(struct bfd_session *s, struct instant now);
struct instant bfd_session_deadline(const struct bfd_session *s);
enum bfd_news bfd_session_poll(struct bfd_session *s);

/* To look at. */
enum bfd_state bfd_session_state(const struct bfd_session *s);
enum bfd_state bfd_session_remote_state(const struct bfd_session *s);
uint8_t bfd_session_diag(const struct bfd_session *s);
uint8_t bfd_session_remote_diag(const struct bfd_session *s);
uint32_t bfd_session_discr(const struct bfd_session *s);
uint32_t bfd_session_remote_discr(const struct bfd_session *s);
/*
 * It went down because the path did: not by us, nor because the peer's
 * operator said so (RFC 5882 section 3.2: that is no news of the path).
 */
bool bfd_session_failed(const struct bfd_session *s);
int64_t bfd_session_tx_interval(const struct bfd_session *s);
int64_t bfd_session_detect_time(const struct bfd_session *s);
const struct bfd_session_counters *bfd_session_counters(
    const struct bfd_session *s);

#endif

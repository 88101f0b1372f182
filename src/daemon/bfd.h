/* SPDX-License-Identifier: ISC */
/*
 * The bfd protocol, and how others ask it for sessions.
 *
 * Whoever wants to know whether a neighbour can be reached fills in the upper
 * half of a struct bfd_request, zeroed before, and calls bfd_request(); a
 * second call with another address is an error, bfd_release() comes first.
 * Requests may come before there is any bfd protocol: as soon as one is up
 * that accepts it, the request gets a session, shared by all who ask for the
 * same neighbour, on the same interface or over several hops.
 *
 * changed() is called from the sessions' own work: it must only note what is
 * to be done, and neither request nor release anything.
 *
 * One thread.
 */
#ifndef WARREN_DAEMON_BFD_H
#define WARREN_DAEMON_BFD_H

#include "bfd/session.h"
#include "daemon/proto.h"

#define BFD_KEYS_MAX	16
#define BFD_CHAINS	64

struct bfd_socket;

/* Copied out of a configuration; zero is "not said". */
struct bfd_options {
	int64_t min_rx, min_tx, idle_tx;
	uint8_t mult, passive, auth;	/* passive: enum conf_switch3 */
	bool auth_said;
	unsigned n_keys;
	struct bfd_key key[BFD_KEYS_MAX];
	uint8_t secret[BFD_KEYS_MAX][CONF_BFD_KEY_MAX];
};

struct bfd_request {
	struct ip remote, local;
	uint32_t ifindex;		/* 0: over several hops */
	/* failed: it was up, and the path failed.  See bfd/session.h. */
	void (*changed)(struct bfd_request *r, bool failed);
	void *ctx;

	struct list link;		/* among all requests */
	struct list in_sess;
	struct daemon *d;
	struct bfd_options opt;
	struct bfd_sess *sess;		/* NULL: none has taken it */
};

struct bfd_sess {
	struct list link;		/* in a chain of bfd_proto */
	struct bfd_proto *b;
	struct bfd_session *s;
	struct ip remote, local;
	uint32_t ifindex;
	char ifname[IFACE_NAME];
	int fd;				/* that sends; -1: not yet */
	int err;			/* why not, as was logged */
	struct bfd_socket *rx;
	struct loop_timer timer;
	struct list requests;
	struct wall since;
	struct bfd_options opt;		/* its keys are used */
};

struct bfd_proto {
	struct proto p;
	struct crypto *crypto;
	struct list chain[BFD_CHAINS];	/* struct bfd_sess, by discriminator */
	struct list sockets;
	struct list own;		/* requests of "neighbor" */
	uint64_t rx_dropped;		/* no session, or the wrong TTL */
};

static inline struct bfd_proto *
bfd_of(const struct proto *p)
{
	return (struct bfd_proto *)(uintptr_t)p;
}

/* opt may be NULL; it is copied. */
void bfd_request(struct bfd_request *r, struct daemon *d,
    const struct conf_bfd_options *opt);
void bfd_release(struct bfd_request *r);	/* no-op when not requested */
bool bfd_requested(const struct bfd_request *r);
/* AdminDown without a session. */
enum bfd_state bfd_request_state(const struct bfd_request *r);

/* bfd_io.c */
bool bfd_listen(struct bfd_sess *s);
void bfd_unlisten(struct bfd_sess *s);
/* Sends what is due, tells the news, sets the timer. */
void bfd_sess_work(struct bfd_sess *s);
void bfd_sess_close(struct bfd_sess *s);

#endif

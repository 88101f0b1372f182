/* SPDX-License-Identifier: ISC */
/*
 * The bgp protocol: what a struct bgp_neighbour has not, namely sockets, time
 * and a way to the peer.
 *
 * Whatever happens (bytes, a deadline, a call of the neighbour's) ends in the
 * work item, which hangs up, dials, offers what was read, lets the neighbour
 * export, writes, and sets the one timer: one place that acts, and nothing
 * that calls back into the neighbour from within its own calls.
 *
 * Bytes that the neighbour does not take now stay in the connection's buffer
 * and the socket is not read meanwhile: that is the back-pressure.
 */
#ifndef WARREN_DAEMON_BGP_H
#define WARREN_DAEMON_BGP_H

#include "bgp/neighbour.h"
#include "daemon/bfd.h"
#include "daemon/proto.h"
#include "plan/guard.h"
#include "sys/tcp.h"

#define BGP_IO_BUFFER	65536

struct bgp;
struct bgp_listener;			/* bgp_bfd.c */
/* Asks for the session that the configuration wants, or gives it back. */
void bgp_bfd_look(struct bgp *b);
/* A session that failed ends the neighbour's. */
void bgp_bfd_obey(struct bgp *b);
/* Is the tunnel to it dead?  Then there is no session while it is. */
bool bgp_is_cut_off(struct bgp *b);

/* bgp_listen.c */

struct bgp_io {
	struct bgp *b;
	enum bgp_conn conn;
	int fd;				/* -1: none */
	struct loop_fd *ready;
	bool connecting;		/* until it becomes writable */
	bool hang_up;			/* asked for by the neighbour, */
	bool last_words;		/* who has said why */
	bool readable;
	uint8_t *buf;			/* BGP_IO_BUFFER, while connected */
	size_t from, to;		/* what it did not take yet */
};

/* bgp_guard.c: no routes that take what lies under the tunnel. */
#define BGP_GUARD_SAID	64

struct bgp_guard {
	struct guard set;		/* empty where it is not guarded */
	uint32_t ifindex;		/* of the tunnel to the neighbour */
	struct loop_timer settle;	/* before routes are judged anew */
	uint64_t refused;		/* since that was done last */
	struct prefix said[BGP_GUARD_SAID];	/* in the log */
	unsigned n_said;
};

struct bgp {
	struct proto p;
	struct bgp_neighbour *n;	/* NULL while down */
	struct bgp_io io[BGP_NCONNS];
	struct loop_work work;
	struct loop_timer timer;
	struct bgp_listener *listener;
	struct tcp_end local, remote;	/* as of the last look */
	bool running;
	bool begun;			/* the neighbour was started */
	bool link_seen;			/* … was on a link that is up */
	bool want_dial;
	bool leaving, abandoned;
	bool draining;			/* RFC 8326, until it is taken back */
	unsigned established;		/* sessions since the start */
	unsigned tx_warned;		/* bit of a channel, and of all */
	bool look_again;		/* a note that concerns the recovery */
	bool over_limit;		/* it goes because of a limit, and */
	struct instant limit_at;	/* went last so, */
	int64_t limit_wait;		/* to come back after; 0: never */
	struct instant settled;		/* a while after the last one */
	/* As the last session had them, for bmp.c. */
	struct ip monitored_ip;
	uint32_t monitored_as, monitored_id;
	struct bgp_guard guard;
	struct bfd_request bfd;
	bool bfd_look;			/* its ends may have changed */
	bool bfd_failed;		/* noted: the work item obeys */
	bool cut_off;			/* see bgp_is_cut_off() */
	/* Of a range: listens, spawns, has no neighbour of its own. */
	bool listening;
	uint32_t spawned;		/* number of the last one's name */
	bool eor[BGP_NFAMS];		/* End-of-RIB received, by channel */
	struct proto_channel *chan[BGP_NFAMS];	/* by channel number */
	unsigned n_chans;
};

static inline struct bgp *
bgp_of(const struct proto *p)
{
	return (struct bgp *)(uintptr_t)p;
}

/* "graceful shutdown" and "… off"; false: it was so already. */
bool bgp_proto_drain(struct proto *p, bool on);
/* NULL while the protocol is down. */
struct bgp_neighbour *bgp_proto_neighbour(const struct proto *p);
/* Number of a channel of ours among the neighbour's; -1: none. */
int bgp_proto_channel(const struct proto *p, const struct proto_channel *c);

/* bgp_config.c: the neighbour's configuration out of the file's. */
void bgp_configure(struct bgp *b, struct bgp_neighbour_config *ret);
/* Where the peer is now; false where that cannot be said yet. */
/* What keeps it from being started at all; NULL: nothing. */
const char *bgp_cannot_start(const struct bgp *b);
bool bgp_find_peer(struct bgp *b);
/* TTL and what else a socket of this neighbour needs. */
void bgp_socket_options(const struct bgp *b, struct tcp_opt *ret);

/* bgp_guard.c: as things are now; anew: judges routes anew if need be. */
void bgp_guard_start(struct bgp *b);
void bgp_guard_stop(struct bgp *b);
void bgp_guard_look(struct bgp *b, bool anew);
void bgp_guard_moved(struct proto *p, const struct tunnel *t,
    const struct tunnel_peer *peer);
bool bgp_guard_refuses(void *ctx, const struct prefix *net);

/* bgp_io.c */
void bgp_kick(struct bgp *b);			/* run the work item soon */
void bgp_io_init(struct bgp *b);
void bgp_io_dial(struct bgp *b);
/* A connection that came in; takes the descriptor. */
void bgp_io_accepted(struct bgp *b, int fd);
void bgp_io_close(struct bgp_io *io);
/* Lost by our own finding; tells the neighbour. */
void bgp_io_lost(struct bgp_io *io, int err);
/* Reads if there is something, and offers what was read. */
void bgp_io_read(struct bgp_io *io);
void bgp_io_write(struct bgp_io *io);
/* "tx size warning": of what waits for a peer who reads too slowly. */
void bgp_io_warn(struct bgp *b);
void bgp_io_watch(struct bgp_io *io);

/*
 * bgp_ao.c: the keys into the options, which _dialled() frees; false: no
 * memory.  And the same keys for a listening socket, or out of it.
 */
bool bgp_ao_dial(const struct bgp *b, struct tcp_opt *opt);
void bgp_ao_dialled(struct tcp_opt *opt);
void bgp_ao_listen(const struct bgp *b, int fd, bool on);
/* bgp_listen.c */
bool bgp_listen(struct bgp *b);
void bgp_unlisten(struct bgp *b);

/* bgp_dynamic.c: "neighbor range", and who comes out of it. */
static inline bool
bgp_is_range(const struct bgp *b)
{
	return b->p.cf->bgp.remote_range.kind != NET_NONE;
}
bool bgp_range_has(const struct bgp *b, const struct tcp_end *peer,
    const struct tcp_end *local);
/* A neighbour for a connection that came in; takes the descriptor. */
void bgp_spawn(struct bgp *range, int fd, const struct tcp_end *peer,
    const struct tcp_end *local);
/* A spawned one whose connection is gone goes, too. */
void bgp_dynamic_look(struct bgp *b);
/* After a new configuration: those of each range follow it. */
void bgp_dynamic_configure(struct daemon *d, const struct conf_diff *diff,
    struct generation *g, bool soft);
/* Behind the range that they came out of, in the list of all. */
void bgp_dynamic_sort(struct daemon *d, struct proto *range);

#endif

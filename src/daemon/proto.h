/* SPDX-License-Identifier: ISC */
/*
 * Protocol instances, and the channels by which they meet the tables.
 *
 *	        proto_start()         proto_up()
 *	  DOWN -------------> START ------------> UP
 *	   ^                    \                 /
 *	   |    proto_stopped()  +----> STOP <---+  proto_stop()
 *	 FLUSH <-------------------------+
 *
 * A kind of protocol is a struct proto_ops and a struct of its own that begins
 * with struct proto.  start() may call proto_up() at once or later;
 * shutdown() likewise proto_stopped().  Then its channels' routes are flushed
 * in slices, and when all are gone cleanup() frees what start() made.  What
 * comes next is in "goal": stay down, start again, or be forgotten.
 *
 * Channels start when the protocol is up (BGP, whose channels depend on what
 * the session has agreed on, starts them itself), and stop with it.  Each has
 * a work item that exports, ends a refresh, or flushes, a slice at a time.
 *
 * The instance holds the generation of the configuration that p->cf points
 * into.  One thread.
 */
#ifndef WARREN_DAEMON_PROTO_H
#define WARREN_DAEMON_PROTO_H

#include "daemon/daemon.h"
#include "rib/channel.h"

struct tunnel;
struct tunnel_peer;

enum proto_state {
	PROTO_DOWN, PROTO_START, PROTO_UP, PROTO_STOP, PROTO_FLUSH
};

enum proto_goal {
	PROTO_GOAL_UP, PROTO_GOAL_DOWN, PROTO_GOAL_REMOVED
};

enum channel_state {
	CHANNEL_DOWN, CHANNEL_UP, CHANNEL_FLUSH
};

struct proto_channel {
	struct list link;		/* in proto.channels */
	struct proto *p;
	const struct conf_channel *cf;
	struct dtable *table;
	struct rt_channel *rc;		/* &own, or the neighbour's */
	struct rt_channel own;
	enum channel_state state;
	bool ending_refresh;		/* stale routes are being flushed */
	bool fed;			/* all that there was was exported */
	bool blocked;			/* emit() had no room */
	struct loop_work work;
};

struct proto {
	struct list link;		/* in daemon.protos */
	struct list watch;		/* in daemon.watchers */
	struct daemon *d;
	const struct proto_ops *ops;
	const struct conf_proto *cf;
	struct generation *gen;		/* of cf */
	/* cf of one that no file names (bgp_dynamic.c), ours to free. */
	struct conf_proto *own_cf;
	char *name;
	enum proto_state state;
	enum proto_goal goal;
	bool restarting;		/* down only to come up again */
	bool disabled;			/* by the configuration or by hand */
	bool by_hand;			/* … and so it stays over a reload */
	bool debug_by_hand;		/* "debug" of the control socket */
	uint8_t debug;			/* … and what it said */
	bool mrtdump_by_hand;		/* likewise, of "mrtdump" */
	uint8_t mrtdump;
	struct wall since;		/* of the state, for "Since" */
	char message[256];		/* "Last error" and the like, or "" */
	bool said;			/* … it is a person's */
	bool over_limit;		/* it stops for that reason */
	struct list channels;		/* struct proto_channel */
	struct loop_work next;		/* does what goal says */
	struct loop_timer again;	/* after it could not start */
	uint32_t number;		/* never used twice, for cookies */
	/* A replacement that starts when this one is gone. */
	const struct conf_proto *then;
	struct generation *then_gen;
};

/* All may be NULL but kind, cls, size and start. */
struct proto_ops {
	enum conf_kind kind;
	const struct rt_class *cls;
	size_t size;			/* of the struct around struct proto */
	bool own_channels;		/* it starts and stops them itself */
	bool (*init)(struct proto *p);		/* false: out of memory */
	void (*start)(struct proto *p);
	void (*shutdown)(struct proto *p);
	/* Back to what it was before start(). */
	void (*cleanup)(struct proto *p);
	/*
	 * p->cf is the new one already, old is the one before.  False: it
	 * has to be restarted.
	 */
	bool (*reconfigure)(struct proto *p, const struct conf_proto *old);
	void (*ifaces)(struct proto *p);	/* links or addresses changed */
	/* Import all anew; false where it cannot. */
	bool (*reload_in)(struct proto *p, struct proto_channel *c);
	/* Export all anew; NULL: the channel's own feed does it. */
	void (*reload_out)(struct proto *p, struct proto_channel *c);
	/* The "Info" column. */
	void (*info)(const struct proto *p, struct text *out);
	/* Lines of "show protocols all", each with its indent and newline. */
	void (*details)(const struct proto *p, struct text *out);
	/* Has it nothing more to wait for in a recovery? */
	bool (*recovered)(const struct proto *p);
	void (*recovery_over)(struct proto *p);

	/* The kernel's routes, whatever the state; see sys/rtnl.h. */
	void (*route)(struct proto *p, const struct nl_route *r,
	    struct rtnl_origin from);
	void (*scan)(struct proto *p, enum nl_dump what, bool begin, int err);
	/* The answer to a request with PROTO_COOKIE(p, n). */
	void (*answer)(struct proto *p, uint32_t n, int err,
	    const char *text);
	void (*room)(struct proto *p);
	/* A handshake: who is reached through this peer can be dialled. */
	void (*tunnel_peer_up)(struct proto *p, const struct tunnel *t,
	    const struct tunnel_peer *peer);
	/* The peer is somewhere else, or reached in another way. */
	void (*tunnel_moved)(struct proto *p, const struct tunnel *t,
	    const struct tunnel_peer *peer);

	/* Of its channels; see rib/channel.h. */
	enum rt_verdict (*preexport)(struct proto_channel *c,
	    struct rt_edit *e);
	bool (*emit)(struct proto_channel *c, uint32_t net_id,
	    const struct prefix *net, struct rt_edit *e);
	/* No news are left for the moment. */
	void (*drained)(struct proto_channel *c);
};

extern const struct proto_ops device_ops, direct_ops, kernel_ops, static_ops,
    pipe_ops, bgp_ops, wireguard_ops, rpki_ops, bfd_ops,
    mrt_ops, bmp_ops;

#define PROTO_COOKIE(p, n)	((uint64_t)(p)->number << 32 | (uint32_t)(n))

/* Made down; NULL when out of memory. */
struct proto *proto_new(struct daemon *d, const struct conf_proto *cf,
    struct generation *g);
void proto_start(struct proto *p);		/* no-op unless down */
void proto_free(struct proto *p);		/* only when down */

/* What the protocol itself says. */
void proto_up(struct proto *p);
void proto_stopped(struct proto *p);
/* From UP back to START: it is trying again. */
void proto_connecting(struct proto *p);
/* It cannot go on: down, and again after a while if it was its own choice. */
void proto_stop(struct proto *p, enum proto_goal then, const char *why);
/* It could not start, for want of memory: down, and tried again soon. */
void proto_starved(struct proto *p);
void proto_note(struct proto *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void proto_log(const struct proto *p, unsigned class, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* Only with "debug { bit }" of the protocol; enum conf_debug. */
void proto_trace(const struct proto *p, unsigned bit, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* What a person does, and says of it ("" where nothing). */
void proto_enable(struct proto *p, const char *text);
void proto_disable(struct proto *p, const char *text);
void proto_restart(struct proto *p, const char *text);
/* False where routes cannot be asked for again. */
bool proto_reload(struct proto *p, bool in, bool out);
bool proto_reload_channel(struct proto_channel *c, bool in, bool out);
/* The same instance under a new configuration. */
void proto_reconfigure(struct proto *p, const struct conf_diff_proto *diff,
    struct generation *g, bool soft);

const char *proto_state_name(const struct proto *p);

void channel_start(struct proto_channel *c, bool export);
/* emit() has room again. */
void channel_room(struct proto_channel *c);
void channel_stop(struct proto_channel *c);
/* Everything imported is announced anew between these two. */
void channel_begin_refresh(struct proto_channel *c);
void channel_end_refresh(struct proto_channel *c);
struct proto_channel *proto_channel(const struct proto *p,
    enum net_kind kind);
/* Who announced a route; never NULL. */
/* static.c: can this next hop be used now? */
bool static_via_works(const struct proto *p, const struct conf_via *v);
/* pipe.c: the end at the peer table; NULL while it is not up. */
const struct rt_channel *pipe_there(const struct proto *p);
struct proto *proto_of_src(const struct rt_src *s);

/* Filters and limits of a channel's configuration into rc. */
void channel_configure(struct proto_channel *c, struct rt_channel *rc);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * A BGP neighbour: sessions with one peer, and the channels that carry its
 * routes into tables and out of them.  RFC 4271, 4760, 2918, 7313, 4724.
 *
 * It has no socket, clock or log; it sees the world through its owner:
 *
 *	bgp_neighbour_start(n, now);
 *	  -> ops->dial(n)			connect to the peer, then
 *	bgp_neighbour_link(n, BGP_DIALLED, now, true, 0, &link);
 *	bgp_neighbour_rx(n, conn, now, bytes)	what the peer says
 *	bgp_neighbour_tx / _sent		what the peer is to be told
 *	bgp_neighbour_tick(n, now)		when _deadline() has come
 *	bgp_neighbour_work(n, now, budget)	after ops->wake, and until false
 *
 * There may be two connections while both sides dial: BGP_DIALLED is ours,
 * BGP_ACCEPTED the peer's (bgp_neighbour_accept() says whether to keep it).
 * The collision is settled inside; the loser gets ops->hang_up.
 *
 * ops are called from within any of these.  They must not call back into the
 * neighbour but to look: they note what is to do.  In hang_up, what
 * bgp_neighbour_tx() gives are the last words: write what the socket takes.
 *
 * When a session ends, its routes go at once, in slices, unless graceful
 * restart keeps them: then they are stale until the peer has told them again
 * (End-of-RIB) or its restart time is over.
 *
 * One thread.
 */
#ifndef WARREN_BGP_NEIGHBOUR_H
#define WARREN_BGP_NEIGHBOUR_H

#include "bgp/session.h"
#include "rib/channel.h"

struct bgp_neighbour;

enum bgp_conn {
	BGP_DIALLED, BGP_ACCEPTED, BGP_NCONNS
};

enum bgp_hop_rule {			/* next hop self, next hop keep */
	BGP_HOP_NO, BGP_HOP_YES, BGP_HOP_EBGP, BGP_HOP_IBGP
};

enum bgp_hop_prefer {	/* of an IPv6 next hop that is two addresses */
	BGP_PREFER_DEFAULT, BGP_PREFER_GLOBAL, BGP_PREFER_LOCAL
};

enum bgp_ll_format {	/* how a lone link-local next hop is told */
	BGP_LL_DOUBLE, BGP_LL_SINGLE, BGP_LL_NATIVE
};

struct bgp_channel_config {
	enum bgp_fam fam;
	struct rt_table *table;
	struct rt_table *igp4, *igp6;	/* for recursive next hops; or NULL */
	uint16_t preference;
	struct rt_filter in, out;
	bool (*refuses)(void *ctx, const struct prefix *net);	/* or NULL */
	void *refuses_ctx;
	struct rt_limit receive_limit, import_limit, export_limit;
	bool keep_filtered;
	bool import_table;		/* fixed when the neighbour is made */
	uint8_t next_hop_self, next_hop_keep;	/* enum bgp_hop_rule */
	struct ip next_hop_address;	/* IP_NONE: found from the session */
	bool gateway_direct;		/* else recursive */
	bool ext_nexthop;		/* RFC 8950, offered */
	bool mandatory;			/* the peer must have the family */
	bool no_gr;			/* RFC 4724: not of this family */
	bool secondary;			/* the next best, where rejected */
	bool onlink;			/* next hops, whatever the addresses */
	uint8_t next_hop_prefer;	/* enum bgp_hop_prefer */
	uint8_t ll_format;		/* enum bgp_ll_format */
	uint32_t cost;			/* to next hops that are direct */
	bool llgr;			/* RFC 9494: we ourselves can */
	uint32_t llgr_time;		/* seconds, told to the peer */
	uint32_t llgr_min, llgr_max;	/* of the peer's; 0: no limit */
	bool aigp, aigp_originate;	/* RFC 7311 */
	uint8_t add_paths;		/* RFC 7911: BGP_ADD_PATH_ bits */
};

struct bgp_neighbour_config {
	const char *name;		/* borrowed, as long as the neighbour */
	struct bgp_session_config session;	/* families: set inside */
	uint32_t local_as, router_id, cluster_id;
	uint32_t confed_id;		/* RFC 5065; 0: we are in none */
	bool confed_member;		/* the peer is in it, too */
	struct ip remote;
	bool direct;			/* single hop */
	bool shared_link;		/* a LAN: third-party next hops */
	bool rr_client, rs_client;
	bool draining;			/* RFC 8326; see _set_draining() */
	bool interpret_communities;
	bool allow_local_pref, allow_med, enforce_first_as;
	uint32_t allow_local_as;
	bool allow_as_sets;
	bool path_metric, med_metric, deterministic_med, igp_metric;
	bool prefer_older;
	uint32_t default_med, default_local_pref;
	bool gr_helper;			/* aware or on: keep stale routes */
	bool gr_able;			/* on: we keep forwarding ourselves */
	uint16_t gr_min, gr_max;	/* of the peer's time; 0: no limit */
	unsigned n_channels;
	struct bgp_channel_config channel[BGP_NFAMS];
	const struct iface_set *ifaces;
};

/* A connection's two ends. */
struct bgp_link {
	struct ip local, remote;
	uint32_t ifindex;		/* direct sessions; else 0 */
};

enum bgp_note {
	BGP_NOTE_UP, BGP_NOTE_DOWN, BGP_NOTE_FAILED,	/* cause */
	BGP_NOTE_UPDATE,	/* RFC 7606 verdict: text says what */
	BGP_NOTE_EOR,		/* End-of-RIB received: channel */
	BGP_NOTE_EOR_SENT,	/* the first full feed is out: channel */
	BGP_NOTE_GR_BEGIN,	/* the peer's routes are kept, stale */
	BGP_NOTE_GR_END,	/* and are fresh again, or gone */
	BGP_NOTE_LIMIT,		/* channel, text: which */
	BGP_NOTE_HANDED_OVER	/* conn's socket is the session's only one */
};

struct bgp_note_info {
	enum bgp_note what;
	const struct bgp_cause *cause;
	struct rt_channel *channel;
	const char *text;
	enum bgp_conn conn;
};

/* None may be NULL but the last three. */
struct bgp_neighbour_ops {
	void (*dial)(struct bgp_neighbour *n, void *ctx);
	void (*hang_up)(struct bgp_neighbour *n, enum bgp_conn conn,
	    void *ctx);
	/* Call bgp_neighbour_work(), look at _tx() and _deadline(). */
	void (*wake)(struct bgp_neighbour *n, void *ctx);
	void (*note)(struct bgp_neighbour *n, const struct bgp_note_info *i,
	    void *ctx);
	/* Each message as it comes, whole, and each change of state. */
	void (*message)(struct bgp_neighbour *n, enum bgp_conn conn,
	    struct bytes whole, void *ctx);
	void (*state)(struct bgp_neighbour *n, enum bgp_conn conn,
	    enum bgp_state was, enum bgp_state is, void *ctx);
	/* A route of channel i is another one, or told anew; see _monitor(). */
	void (*route)(struct bgp_neighbour *n, unsigned i, bool post_policy,
	    const struct prefix *net, uint32_t path_id,
	    const struct attrs *attrs, void *ctx);
};

/* Copies *config but for what its pointers point to.  NULL: no memory. */
struct bgp_neighbour *bgp_neighbour_new(
    const struct bgp_neighbour_config *config,
    const struct bgp_neighbour_ops *ops, void *ctx);
/* Only after bgp_neighbour_gone().  NULL in, NULL out. */
struct bgp_neighbour *bgp_neighbour_free(struct bgp_neighbour *n);

void bgp_neighbour_start(struct bgp_neighbour *n, struct instant now);
/* First it waits, as after an error: the peer had gone too far. */
void bgp_neighbour_start_late(struct bgp_neighbour *n, struct instant now,
    int64_t wait);
/* why: what the peer is told; its routes go, graceful restart or not. */
void bgp_neighbour_stop(struct bgp_neighbour *n, struct instant now,
    const struct bgp_error *why);
/*
 * We restart ourselves and the peer shall keep our routes: connections are
 * dropped without a word (RFC 4724 section 4.1), imports are left alone.
 */
void bgp_neighbour_abandon(struct bgp_neighbour *n, struct instant now);
/* Stopped, and no route of it is left in any table. */
bool bgp_neighbour_gone(const struct bgp_neighbour *n);
/*
 * What can change under a standing session: filters, limits, preference,
 * next hop rules, decision rules, timers of the next session.  The caller
 * has made sure that the rest is the same (conf_diff).
 */
void bgp_neighbour_configure(struct bgp_neighbour *n,
    const struct bgp_neighbour_config *config);

/*
 * A peer dials in.  True: link it as BGP_ACCEPTED; false: close it, also
 * because we wait after an error (RFC 4271 8.1.1, DampPeerOscillations).
 */
bool bgp_neighbour_accept(struct bgp_neighbour *n, struct instant now);
/*
 * Established so lately that whoever dials in now may have lost a collision;
 * tell it so, for if it was started anew it will soon try again.
 */
bool bgp_neighbour_is_young(const struct bgp_neighbour *n,
    struct instant now);
void bgp_neighbour_link(struct bgp_neighbour *n, enum bgp_conn conn,
    struct instant now, bool up, int err, const struct bgp_link *link);
size_t bgp_neighbour_rx(struct bgp_neighbour *n, enum bgp_conn conn,
    struct instant now, struct bytes in);
struct bytes bgp_neighbour_tx(const struct bgp_neighbour *n,
    enum bgp_conn conn);
void bgp_neighbour_sent(struct bgp_neighbour *n, enum bgp_conn conn,
    struct instant now, size_t bytes);
/* The owner did not read for long: see bgp_session_busy(). */
void bgp_neighbour_busy(struct bgp_neighbour *n, struct instant now);
void bgp_neighbour_tick(struct bgp_neighbour *n, struct instant now);
struct instant bgp_neighbour_deadline(const struct bgp_neighbour *n);
/* Exports and clearing away, at most budget nets.  True: more to do. */
bool bgp_neighbour_work(struct bgp_neighbour *n, struct instant now,
    uint32_t budget);
void bgp_neighbour_dial_now(struct bgp_neighbour *n, struct instant now);

/* "reload in": by route refresh; false when the peer has no such thing. */
bool bgp_neighbour_reload_in(struct bgp_neighbour *n, struct rt_channel *c,
    struct instant now);
void bgp_neighbour_reload_out(struct bgp_neighbour *n, struct rt_channel *c);
/*
 * RFC 8326: all that the peer is told has the community GRACEFUL_SHUTDOWN and,
 * within the AS, LOCAL_PREF 0, so that it turns to other ways before the
 * session ends.  Told at once; false takes it back.
 */
void bgp_neighbour_set_draining(struct bgp_neighbour *n, bool on);
/*
 * While we recover from a restart of our own, nothing is exported (RFC 4724
 * 4.1) until the owner ends it for all neighbours; the OPEN says R then.
 */
void bgp_neighbour_set_recovering(struct bgp_neighbour *n, bool on);

/*
 * From now on ops->route is told of routes, as they come in (of a channel with
 * an import table), and as the import filter leaves them; attrs NULL: gone.
 */
void bgp_neighbour_monitor(struct bgp_neighbour *n, bool before, bool after);

/* To look at. */
const struct bgp_neighbour_config *bgp_neighbour_config(
    const struct bgp_neighbour *n);
/* The established one, else the one that is furthest on; never NULL. */
const struct bgp_session *bgp_neighbour_session(const struct bgp_neighbour *n);
const struct bgp_session *bgp_neighbour_conn(const struct bgp_neighbour *n,
    enum bgp_conn conn);	/* NULL: none */
/* Octets of a channel's updates that the session has not taken yet. */
size_t bgp_neighbour_queued(const struct bgp_neighbour *n, unsigned i);
bool bgp_neighbour_established(const struct bgp_neighbour *n);
bool bgp_neighbour_gr_active(const struct bgp_neighbour *n);
/* When the peer's restart time is over. */
struct instant bgp_neighbour_gr_deadline(const struct bgp_neighbour *n);
const struct bgp_link *bgp_neighbour_link_of(const struct bgp_neighbour *n);
const struct bgp_link *bgp_neighbour_conn_link(const struct bgp_neighbour *n,
    enum bgp_conn conn);
/* i < config.n_channels */
struct rt_channel *bgp_neighbour_channel(struct bgp_neighbour *n, unsigned i);
/* What came before the filter; NULL: it is not kept. */
const struct rt_table *bgp_neighbour_import_table(
    const struct bgp_neighbour *n, unsigned i);
/* Channel i has told the peer something of the net. */
bool bgp_neighbour_has_told(const struct bgp_neighbour *n, unsigned i,
    uint32_t net_id);
/*
 * What a route that has passed the export filter is told as, counted; NULL:
 * it is not told.  e is of no use any more.
 */
const struct attrs *bgp_neighbour_would_tell(struct bgp_neighbour *n,
    unsigned i, struct rt_edit *e);
/* False: the family was not negotiated. */
bool bgp_neighbour_channel_up(const struct bgp_neighbour *n, unsigned i);
/* The next hop that we put into what we export on it. */
void bgp_neighbour_next_hop(const struct bgp_neighbour *n, unsigned i,
    struct ip *ret_hop, struct ip *ret_link_local);
void *bgp_neighbour_ctx(const struct bgp_neighbour *n);
/* Whose channel it is; c is from bgp_neighbour_channel(). */
struct bgp_neighbour *bgp_neighbour_of(const struct rt_channel *c);
/* The same of a source whose owner's class is bgp_rt_class. */
struct bgp_neighbour *bgp_neighbour_of_src(const struct rt_src *s);

extern const struct rt_class bgp_rt_class;

#endif

/* SPDX-License-Identifier: ISC */
/*
 * The wireguard protocol: one interface and its peers.
 *
 *	OPENING    the device is found or made, and shows what it has
 *	SETTING    it is told what is missing, the link gets its addresses
 *	RUNNING    polled once a second; the protocol is up
 *	WAITING    the device died; again in a moment
 *
 * From OPENING on the device is only ever compared with what is wanted
 * (plan/wgsync.h), so one that was found running keeps its sessions.  What
 * the polls have shown of the peers is kept when the device dies, and their
 * last endpoints are given to the new one, so that a hub can call peers
 * behind NAT at once.
 *
 * For those who read ("show tunnels"): peer[] in the order of the file.
 * Nothing printable here is a secret but psk and private_key: never print
 * those.
 */
#ifndef WARREN_DAEMON_WIREGUARD_H
#define WARREN_DAEMON_WIREGUARD_H

#include "daemon/proto.h"
#include "daemon/wg_backend.h"
#include "sys/route_ask.h"
#include "wg/alive.h"
#include "wg/path_mtu.h"

enum tunnel_state {
	TUNNEL_DOWN, TUNNEL_OPENING, TUNNEL_SETTING, TUNNEL_RUNNING,
	TUNNEL_WAITING
};

/* A peer whose last handshake is older than this is silent. */
#define TUNNEL_SILENT	180		/* seconds: REJECT_AFTER_TIME */

#define TUNNEL_PLACES	4		/* that are remembered of a peer */

struct tunnel_resolve;			/* wg_resolve.c */

/* wg_alive.c: what is known of a peer's life. */
struct tunnel_live {
	struct tunnel *t;
	struct tunnel_peer *p;
	struct alive a;
	struct loop_timer timer;
	struct instant since;		/* when it died last */
	/* wg_mtu.c */
	struct path_mtu m;
	struct loop_timer mtu_timer;
	uint16_t mtu_seq;
	uint8_t mtu_phase;
	unsigned mtu_said;		/* in the log; 0: nothing */
};

struct tunnel_peer {
	const struct conf_wg_peer *cf;
	uint8_t psk[WG_KEY];		/* secret */
	struct ip link_local;		/* follows from its key */
	struct wg_endpoint configured;	/* as resolved; or not known */
	struct tunnel_resolve *resolving;
	struct instant resolved_at;	/* or tried */
	bool insist;			/* go back to the configured one */
	/* As of the last poll: */
	struct wg_endpoint endpoint;
	struct wall last_handshake;	/* s 0: never */
	uint64_t rx_bytes, tx_bytes;
	uint16_t keepalive;
	size_t n_allowed;
	/* Where it was, the latest first; since s 0: no more. */
	struct tunnel_place {
		struct wg_endpoint at;
		struct wall since;
	} place[TUNNEL_PLACES];
	/* wg_underlay.c: what the kernel said last of the way there. */
	struct ip asked;
	struct route_way way;		/* zeroed: there is none */
	struct tunnel_live *live;	/* ours; NULL: out of memory */
};

struct tunnel {
	struct proto p;
	enum tunnel_state state;
	struct wg_backend *backend;
	char iface[IFACE_NAME];
	uint32_t ifindex;		/* 0: not there */
	uint8_t private_key[WG_KEY];	/* secret */
	uint8_t public_key[WG_KEY];
	struct ip link_local;		/* ours, or IP_NONE */
	uint16_t listen_port;		/* as of the last poll */
	uint32_t fwmark;
	struct tunnel_peer *peer;
	unsigned n_peers;
	struct ai_plan allowed;
	bool running;			/* between start() and cleanup() */
	bool compare;			/* all of it, at the next get */
	bool adopted;			/* the device was there before us */
	bool link_done;			/* addresses, mtu, up: asked for */
	struct loop_work work;		/* sends what has changed */
	struct loop_timer poll;
	struct loop_timer again;	/* WAITING */
	struct instant died_at;		/* for the log */
	unsigned deaths;
	/* wg_underlay.c */
	struct route_ask *ask;
	unsigned ask_next;		/* the peer to ask about */
	struct ip *outer;		/* endpoints, in order */
	unsigned n_outer;
	bool outer_stale;
	uint32_t mtu;			/* as asked for; 0: not yet */
	/* wg_ask.c */
	int ask_fd;			/* -1: not listening */
	struct loop_fd *ask_ready;
	struct list askers;
	unsigned n_askers;
	/* wg_alive.c */
	int echo_fd;			/* -1: nobody is asked */
	struct loop_fd *echo_ready;
	uint16_t echo_id;
	bool some_gone;			/* peers, of ours */
};

static inline struct tunnel *
tunnel_of(const struct proto *p)
{
	return (struct tunnel *)(uintptr_t)p;
}

/* The running tunnel of an interface, or of a name; NULL: none. */
struct tunnel *tunnel_by_iface(const struct daemon *d, const char *iface);
struct tunnel_peer *tunnel_peer_by_name(const struct tunnel *t,
    const char *name);
/* The peer that packets to ip on this tunnel go to, or NULL. */
struct tunnel_peer *tunnel_peer_of(const struct tunnel *t, struct ip ip);
bool tunnel_peer_alive(const struct tunnel_peer *p);
const char *tunnel_state_name(const struct tunnel *t);

/* wg_keys.c: reads, and makes where there is none.  0 or -errno. */
int tunnel_load_key(const struct conf_wg_secret *s, bool make,
    uint8_t ret[WG_KEY]);

/* wg_resolve.c: endpoints' names. */
void tunnel_resolve(struct tunnel *t, struct tunnel_peer *p);
void tunnel_resolve_stop(struct tunnel_peer *p);

/* wg_link.c: addresses, mtu, forwarding; all asked for, not waited for. */
void tunnel_link_up(struct tunnel *t);
void tunnel_link_change(struct tunnel *t, const struct conf_wireguard *old,
    struct ip old_link_local);
void tunnel_link_mtu(struct tunnel *t);
void tunnel_link_del(struct tunnel *t);

/* wg_underlay.c: asks about some peers' ways, or all; acts on what is new. */
void tunnel_underlay(struct tunnel *t, bool all);
void tunnel_underlay_done(struct tunnel *t);
/* What the ways should let through, the least of them. */
uint32_t tunnel_way_mtu(const struct tunnel *t);

/* wg_mtu.c: what the interface's MTU is to be. */
uint32_t tunnel_mtu(const struct tunnel *t);
/* Ways, or who lives, have changed. */
void tunnel_mtu_look(struct tunnel *t);
void tunnel_mtu_answer(struct tunnel_live *l, size_t payload);
void tunnel_mtu_init(struct tunnel_live *l);
void tunnel_mtu_stop(struct tunnel_live *l);
struct tunnel *tunnel_by_index(const struct daemon *d, uint32_t ifindex);
/* Of one that is not down: is one of its peers there, or said to be? */
bool tunnel_has_endpoint(struct tunnel *t, struct ip ip);
void tunnel_endpoints_in(struct tunnel *t, const struct prefix *net,
    void (*each)(void *ctx, struct ip ip), void *ctx);
/* Where its packets go now: where it was seen last, or configured. */
const struct wg_endpoint *tunnel_peer_outer(const struct tunnel_peer *p);
void tunnel_tell_moved(struct tunnel *t, struct ip ip);
void tunnel_endpoint_moved(struct tunnel *t, const struct tunnel_peer *p);

/* wg_nft.c: "masquerade" and "clamp mss", of all tunnels as they are now. */
void tunnel_nft(struct daemon *d);

/* wg_ask.c: begins, or begins anew, to answer the peers' "explain". */
void tunnel_answers(struct tunnel *t);
void tunnel_answers_done(struct tunnel *t);

/* wireguard.c: the peers' routes, where they are asked for. */
void tunnel_announce(struct tunnel *t);

/*
 * wg_alive.c.  tunnel_alive() begins to ask, or to ask as is configured now;
 * tunnel_alive_done() forgets what it knew.
 */
void tunnel_alive(struct tunnel *t);
void tunnel_alive_done(struct tunnel *t);
/* After peers were made, and before one is freed. */
void tunnel_alive_peers(struct tunnel *t);
void tunnel_alive_free(struct tunnel_peer *p);
void tunnel_alive_handshake(struct tunnel *t, struct tunnel_peer *p);
/* It answered once, and does not any more: nothing goes that way. */
bool tunnel_peer_is_gone(const struct tunnel_peer *p);
/* Seconds for which it is damped; 0: it is not. */
unsigned tunnel_peer_damped(const struct tunnel_peer *p);

/* wg_hooks.c: what is its name, for the log. */
void tunnel_hooks(struct tunnel *t, const char *what,
    const struct conf_string *list);
void tunnel_hooks_down(struct tunnel *t);
/* The daemon ends, and they go on without it. */
void tunnel_hooks_done(struct daemon *d);

/* wg_peers.c */
bool tunnel_peers_make(struct tunnel *t);
void tunnel_peers_free(struct tunnel_peer *v, unsigned n);
/* What the whole device should be; ret->peers is the caller's to free. */
bool tunnel_want(const struct tunnel *t, struct ws_want *ret);
void tunnel_want_done(struct ws_want *w);
/* Takes over what a get shows. */
void tunnel_polled(struct tunnel *t, const struct wg_uapi_dump *dump);
/* Who is silent is looked for again. */
void tunnel_look_for_silent(struct tunnel *t);

#endif

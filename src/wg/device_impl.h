/* SPDX-License-Identifier: ISC */
/*
 * The inside of a device, for the files of this folder.
 *
 *	device.c	making, configuration of the interface, tick
 *	peer.c		making, configuration and staged packets of a peer
 *	data.c		the three stages
 *	handshake.c	initiations, responses, cookies: in and out
 *	keypair.c	sessions and their rotation
 *	timers.c	section 6 of the paper
 *	out.c		what the device itself has to send
 *
 * Functions are named after the protocol's events.  "now" is given on by
 * pointer.  See wg/device.h about threads.
 */
#ifndef WARREN_WG_DEVICE_IMPL_H
#define WARREN_WG_DEVICE_IMPL_H

#include "base/heap.h"
#include "base/list.h"
#include "wg/allowedips.h"
#include "wg/cookie.h"
#include "wg/device.h"
#include "wg/noise.h"
#include "wg/replay.h"
#include "wg/table.h"

/* Section 6 of the paper. */
#define REKEY_AFTER_TIME	SECONDS(120)
#define REJECT_AFTER_TIME	SECONDS(180)
#define REKEY_ATTEMPT_TIME	SECONDS(90)
#define REKEY_TIMEOUT		SECONDS(5)
#define REKEY_JITTER		MILLISECONDS(333)
#define KEEPALIVE_TIMEOUT	SECONDS(10)
/* At most so many initiations of one peer are looked at. */
#define INITIATION_SPACING	(SECONDS(1) / 50)

/* A look for the peer of a lost session costs so much time for each peer. */
#define LOST_SPACING		MICROSECONDS(5)

#define WG_KEEPALIVE_LEN	32	/* header and tag of nothing */
#define WG_STAGED_BYTES		((size_t)16 << 20)	/* of all peers */
#define WG_DEFAULT_MTU		1420
#define WG_DEFAULT_LOAD		2000
#define WG_DS_HANDSHAKE		0x88	/* AF41, as the kernel */

enum wg_index_kind {
	WG_INDEX_NONE, WG_INDEX_HANDSHAKE, WG_INDEX_KEYPAIR
};

/* A number of ours that the other end puts into its messages. */
struct wg_index {
	struct wg_link link;
	uint32_t number;
	enum wg_index_kind kind;
};

struct wg_keypair {
	struct wg_index index;
	uint32_t remote;		/* the other end's number */
	unsigned refs;			/* its slot, packets between stages */
	bool initiator;
	bool may_send;
	struct instant born;
	uint64_t counter;		/* of the next packet to send */
	struct wg_peer *peer;		/* holds a reference */
	struct crypto_aead *send, *recv;
	struct wg_replay replay;
};

enum wg_timer {
	WG_TIMER_RETRANSMIT, WG_TIMER_KEEPALIVE, WG_TIMER_NEW_HANDSHAKE,
	WG_TIMER_ZERO, WG_TIMER_PERSISTENT, WG_N_TIMERS
};

/* A copy of a packet that waits for a session. */
struct wg_staged {
	struct list link;
	uint32_t len;
	uint8_t ds;
	uint8_t data[];
};

struct wg_peer {
	struct wg_link by_key;
	struct list link;		/* in the device's peers */
	struct wg_device *dev;
	unsigned refs;			/* the device's and the keypairs' */
	bool dead;			/* removed, waits for its keypairs */

	struct wg_noise noise;
	struct wg_index pending;	/* of the initiation under way */
	struct wg_cookie cookie;
	struct wg_keypair *current, *previous, *next;
	struct wg_endpoint endpoint;
	struct wg_allowed_owner allowed;
	uint16_t keepalive;

	struct list staged;
	size_t n_staged;

	struct timer timer;		/* no later than the earliest due */
	struct instant due[WG_N_TIMERS];
	struct instant trying_since;	/* the first initiation of a row */
	struct instant hold_initiation;	/* none before */
	struct instant hold_opening;	/* of the other end: none before */
	bool another_keepalive;
	bool lastminute;		/* rekeyed because of receiving */

	struct wall last_handshake;
	uint64_t rx_bytes, tx_bytes;
};

struct wg_out_entry {
	struct wg_out out;
	size_t at;			/* data's place in out_bytes */
	uint8_t public_key[WG_KEY];
};

struct wg_device {
	struct wg_device_options o;
	struct crypto *crypto;
	struct wg_identity id;
	struct wg_checker checker;
	struct wg_ratelimit *ratelimit;
	struct hash_key hash_key;
	bool up;

	struct wg_table by_key, by_index;
	struct list peers;
	size_t n_peers;
	struct wg_allowedips allowed;
	struct heap heap;
	size_t staged_bytes;

	struct instant load_since, loaded_until;
	unsigned load;			/* handshakes since load_since */

	struct instant hold_lost;	/* no look at lost sessions before */

	struct instant icmp_last;
	int64_t icmp_tokens;

	struct wg_out_entry *out;
	size_t n_out, out_next, cap_out;
	uint8_t *out_bytes;
	size_t n_out_bytes, cap_out_bytes;

	uint64_t dropped[WG_WHY_DOWN + 1];
};

/* device.c */
void wg_device_random(struct wg_device *d, void *p, size_t n);
uint32_t wg_device_random32(struct wg_device *d, uint32_t below);

/* peer.c */
struct wg_peer *wg_peer_new(struct wg_device *d,
    const uint8_t public_key[WG_KEY]);
void wg_peer_remove(struct wg_peer *p);
void wg_peer_unref(struct wg_peer *p);
struct wg_peer *wg_peer_find(const struct wg_device *d,
    const uint8_t public_key[WG_KEY]);
/* Keeps a copy; false when there is no room. */
bool wg_peer_stage(struct wg_peer *p, struct bytes packet, uint8_t ds);
void wg_peer_purge(struct wg_peer *p);
/* Sends what is staged, or asks for a session to send it in. */
void wg_peer_send_staged(struct wg_peer *p, const struct wg_now *now);
void wg_peer_send_keepalive(struct wg_peer *p, const struct wg_now *now);
/* Forgets all sessions and handshakes, staged packets, timers. */
void wg_peer_stop(struct wg_peer *p);

/* keypair.c */
uint32_t wg_index_unused(struct wg_device *d);	/* a new number */
void wg_index_put(struct wg_device *d, struct wg_index *i,
    enum wg_index_kind kind, uint32_t number);
void wg_index_remove(struct wg_device *d, struct wg_index *i);
struct wg_index *wg_index_find(const struct wg_device *d, uint32_t number);
/* NULL when out of memory.  Has no number yet. */
struct wg_keypair *wg_keypair_new(struct wg_peer *p,
    const struct wg_noise_keys *keys, bool initiator, uint32_t remote,
    const struct wg_now *now);
void wg_keypair_unref(struct wg_keypair *k);
/* Takes over the one reference that it was made with. */
void wg_keypair_install(struct wg_peer *p, struct wg_keypair *k);
/* True when k was waiting for its first packet, and is now current. */
bool wg_keypair_received(struct wg_peer *p, struct wg_keypair *k);
void wg_keypairs_clear(struct wg_peer *p);
bool wg_keypair_may_send(const struct wg_keypair *k,
    const struct wg_now *now);
bool wg_keypair_may_receive(const struct wg_keypair *k,
    const struct wg_now *now);

/* handshake.c */
void wg_handshake_initiate(struct wg_peer *p, const struct wg_now *now,
    bool retry);
void wg_handshake_clear(struct wg_peer *p);
/* Data has come for a session that is not here. */
void wg_handshake_lost_session(struct wg_device *d,
    const struct wg_now *now, const struct wg_endpoint *from);
enum wg_why wg_handshake_receive(struct wg_device *d,
    const struct wg_now *now, struct bytes msg,
    const struct wg_endpoint *from);

/* data.c */
/* len and the padding, a multiple of 16 unless the MTU is in the way. */
size_t wg_padded(size_t len, unsigned mtu);
void wg_data_sent(struct wg_peer *p, const struct wg_now *now, size_t len);
void wg_data_endpoint(struct wg_peer *p, const struct wg_endpoint *from);

/* timers.c */
void wg_timers_init(struct wg_peer *p);
void wg_timers_stop(struct wg_peer *p);
void wg_timers_run(struct wg_peer *p, const struct wg_now *now);
void wg_timers_data_sent(struct wg_peer *p, const struct wg_now *now);
void wg_timers_data_received(struct wg_peer *p, const struct wg_now *now);
void wg_timers_any_sent(struct wg_peer *p, const struct wg_now *now);
void wg_timers_any_received(struct wg_peer *p, const struct wg_now *now);
void wg_timers_initiated(struct wg_peer *p, const struct wg_now *now);
void wg_timers_initiation_held(struct wg_peer *p);
void wg_timers_handshake_complete(struct wg_peer *p,
    const struct wg_now *now);
void wg_timers_session_derived(struct wg_peer *p, const struct wg_now *now);

/* out.c */
/* Room for n bytes that go to "to"; NULL when the queue is full. */
uint8_t *wg_out_datagram(struct wg_device *d, const struct wg_endpoint *to,
    uint8_t ds, size_t n);
void wg_out_undo(struct wg_device *d);		/* of the last one */
void wg_out_packet(struct wg_device *d, struct bytes packet);
void wg_out_event(struct wg_device *d, enum wg_event event,
    const struct wg_peer *p, struct ip ip);
void wg_out_done(struct wg_device *d);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * A WireGuard interface without its I/O.
 *
 * The owner has the TUN, the UDP sockets, the clock and the threads; the
 * device has everything between them.  Packets are the owner's buffers, lent
 * to the device and always given back; they go through three stages, each on
 * a batch (an array of pointers, peers mixed as they come):
 *
 *	1  wg_device_outbound()		packets read from the TUN, or
 *	   wg_device_inbound()		datagrams read from the sockets
 *	2  wg_packets_crypt()		seal or open; any thread
 *	3  wg_device_commit()		counters, timers, replay, source check
 *
 * Each packet's "step" says where it stands.  After stage 1 it is WG_SEAL or
 * WG_OPEN (go on) or WG_DONE (nothing left to do with it: the device dropped
 * it, took a copy, or answered it; "why" tells).  Every packet that is
 * WG_SEAL or WG_OPEN must come to stage 3, even if the owner gives it up
 * (leave out stage 2 and it will be dropped there).  After stage 3 it is
 * WG_SEND (data, len, endpoint and ds are a datagram to send), WG_DELIVER
 * (data and len are an IP packet for the TUN) or WG_DONE.
 *
 * wg_device_from_tun() and wg_device_from_net() do all three inline.
 *
 * After any call that takes "now", drain what the device itself has to send,
 * and sleep no longer than its deadline:
 *
 *	while (wg_device_poll(d, &out))		datagrams, packets, events
 *		...
 *	wake = wg_device_deadline(d);		then wg_device_tick(d, now)
 *
 * Threads.  All calls are the device thread's but one: wg_packets_crypt()
 * works only on the packets that it is given and on their keypairs, which
 * stage 1 pinned for them and stage 3 lets go; so a worker needs no lock and
 * no atomic, only a queue that orders memory (release at hand-over, acquire
 * at taking).  The reference counts of keypairs are touched by stages 1 and
 * 3 alone.  A keypair that is retired meanwhile is wiped when the last of
 * its packets has come back.  Each thread uses its own lane, from 0 to
 * lanes-1; lane 0 is the device thread's.  Commit the packets of one peer
 * and direction in the order in which stage 1 saw them: order on the wire
 * and in the TUN is the owner's to keep (a ring of batches does it).
 *
 * "now" holds both clocks and its "at" never runs backwards.  Entropy comes
 * from the function given at creation, which must not fail.  Calls that can
 * fail return 0 or a negative errno, since that is what the configuration
 * protocol answers with.  Nothing is allocated for a packet, but for copies
 * of those that wait for a handshake (WG_STAGED_MAX for a peer).
 */
#ifndef WARREN_WG_DEVICE_H
#define WARREN_WG_DEVICE_H

#include "base/bytes.h"
#include "base/time.h"
#include "wg/endpoint.h"
#include "wg/key.h"

struct wg_device;
struct wg_peer;
struct wg_keypair;

#define WG_HEADROOM	16	/* before data, of what comes from the TUN */
#define WG_TAILROOM	32	/* behind it: 15 of padding, 16 of tag */
#define WG_STAGED_MAX	128	/* packets of a peer that wait */
#define WG_PEERS_MAX	65536
#define WG_LANES_MAX	256

struct wg_now {
	struct instant at;	/* CLOCK_BOOTTIME */
	struct wall date;	/* CLOCK_REALTIME */
};

enum wg_step {
	WG_NEW, WG_SEAL, WG_OPEN, WG_SEND, WG_DELIVER, WG_DONE
};

/* Why a packet is WG_DONE. */
enum wg_why {
	WG_WHY_NONE,
	WG_WHY_HANDSHAKE,	/* a handshake or cookie message, dealt with */
	WG_WHY_KEEPALIVE,	/* authentic and empty */
	WG_WHY_STAGED,		/* a copy waits for a session */
	WG_WHY_MALFORMED,	/* no message or IP packet of any kind */
	WG_WHY_NO_PEER,		/* no allowed ip covers the destination */
	WG_WHY_NO_ENDPOINT,	/* the peer's address is not known */
	WG_WHY_UNKNOWN_INDEX,	/* no such session here */
	WG_WHY_EXPIRED,		/* session too old or its counter used up */
	WG_WHY_REPLAYED,
	WG_WHY_FORGED,		/* not authentic */
	WG_WHY_SOURCE,		/* the peer may not send from that address */
	WG_WHY_BUSY,		/* rate limited, or no memory */
	WG_WHY_DOWN		/* interface is down, or has no key */
};

/*
 * One packet.  The owner sets data, len, and for datagrams endpoint and ds
 * (the whole TOS or traffic class byte that it came with), and may use
 * "owner" for itself.  For stage 1 from the TUN there must be WG_HEADROOM
 * writable bytes before data and WG_TAILROOM behind data + len; the work is
 * done in place, and data and len move with it.
 */
struct wg_packet {
	uint8_t *data;
	uint32_t len;
	uint8_t step;			/* enum wg_step */
	uint8_t why;			/* enum wg_why */
	uint8_t ds;
	bool crypt_ok;			/* set by stage 2 */
	struct wg_endpoint endpoint;
	void *owner;
	/* The device's, between stages. */
	struct wg_peer *peer;
	struct wg_keypair *keypair;
	uint64_t counter;
};

enum wg_out_kind {
	WG_OUT_NONE,
	WG_OUT_DATAGRAM,	/* send data to endpoint with TOS ds */
	WG_OUT_PACKET,		/* write data to the TUN */
	WG_OUT_EVENT
};

enum wg_event {
	WG_EVENT_NONE,
	WG_EVENT_HANDSHAKE,	/* a session with the peer stands */
	WG_EVENT_ROAMED,	/* the peer is at a new endpoint */
	WG_EVENT_GAVE_UP,	/* 90 s of handshakes without an answer */
	WG_EVENT_NO_PEER,	/* rate limited; "ip" is the destination */
	WG_EVENT_NO_ENDPOINT	/* rate limited */
};

/* data and public_key are borrowed: good until the next call on d. */
struct wg_out {
	enum wg_out_kind kind;
	enum wg_event event;
	const uint8_t *public_key;	/* of the peer, or NULL */
	struct wg_endpoint endpoint;
	struct ip ip;
	struct bytes data;
	uint8_t ds;
};

struct wg_device_options {
	/* Fills p with n unpredictable bytes. */
	void (*random)(void *arg, void *p, size_t n);
	void *arg;
	unsigned lanes;		/* threads that crypt; 0 is taken as 1 */
	unsigned mtu;		/* of the TUN; 0 is taken as 1420 */
	/* Handshake messages in a second that count as load; 0: default. */
	unsigned load;
};

/* Copies *o.  NULL when out of memory.  A new device is down. */
struct wg_device *wg_device_new(const struct wg_device_options *o);
/* No packet may be between stages.  NULL in, NULL out. */
struct wg_device *wg_device_free(struct wg_device *d);

/*
 * Up: sends what waits, starts persistent keepalives.  Down: forgets all
 * sessions and staged packets; drops all packets.
 */
void wg_device_up(struct wg_device *d, struct wg_now now);
void wg_device_down(struct wg_device *d);
bool wg_device_is_up(const struct wg_device *d);
void wg_device_set_mtu(struct wg_device *d, unsigned mtu);
/*
 * The owner's word on load, for as long as a second: handshake messages come
 * in faster than it hands them on, so ask their senders for a cookie.
 */
void wg_device_under_load(struct wg_device *d, struct wg_now now);

/* Stage 1, 2 and 3. */
void wg_device_outbound(struct wg_device *d, struct wg_now now,
    struct wg_packet *const *v, size_t n);
void wg_device_inbound(struct wg_device *d, struct wg_now now,
    struct wg_packet *const *v, size_t n);
void wg_packets_crypt(struct wg_packet *const *v, size_t n, unsigned lane);
void wg_device_commit(struct wg_device *d, struct wg_now now,
    struct wg_packet *const *v, size_t n);

/* All three. */
void wg_device_from_tun(struct wg_device *d, struct wg_now now,
    struct wg_packet *const *v, size_t n);
void wg_device_from_net(struct wg_device *d, struct wg_now now,
    struct wg_packet *const *v, size_t n);

void wg_device_tick(struct wg_device *d, struct wg_now now);
struct instant wg_device_deadline(const struct wg_device *d);
bool wg_device_poll(struct wg_device *d, struct wg_out *ret_out);

/*
 * Configuration.  The listen port and the fwmark are the owner's.  A private
 * key of all zeros is none.  A new key ends the sessions made with the old
 * and removes a peer that has its public half, as in the kernel.
 */
int wg_device_set_private_key(struct wg_device *d, struct wg_now now,
    const uint8_t key[WG_KEY]);
/* False when there is none. */
bool wg_device_private_key(const struct wg_device *d, uint8_t ret[WG_KEY]);
bool wg_device_public_key(const struct wg_device *d, uint8_t ret[WG_KEY]);

struct wg_allowed {
	struct prefix prefix;	/* NET_IP4 or NET_IP6 */
	bool remove;		/* take it from this peer, if it has it */
};

/* What to change of one peer; what has no "has_" is left as it is. */
struct wg_peer_set {
	uint8_t public_key[WG_KEY];
	bool remove;		/* the peer; no error if there is none */
	bool update_only;	/* never make a new one */
	bool replace_allowed;	/* first take all its allowed ips away */
	bool has_psk, has_endpoint, has_keepalive;
	uint8_t psk[WG_KEY];	/* all zeros: none */
	struct wg_endpoint endpoint;
	uint16_t keepalive;	/* seconds, 0: off */
	const struct wg_allowed *allowed;
	size_t n_allowed;
};

/*
 * Applied in the order: remove, update_only, make, psk, endpoint, keepalive,
 * replace_allowed, allowed.  A prefix that another peer has moves to this
 * one in one step.  The device's own public key is passed over silently, as
 * in the kernel.  -ENOMEM may leave the first part of it done; -EINVAL
 * (a prefix of no IP kind), -ENOSPC (WG_PEERS_MAX) change nothing.
 */
int wg_device_set_peer(struct wg_device *d, struct wg_now now,
    const struct wg_peer_set *set);
void wg_device_remove_peers(struct wg_device *d);

/* A peer as it is now.  The psk is a secret: wipe the copy after use. */
struct wg_peer_info {
	uint8_t public_key[WG_KEY];
	uint8_t psk[WG_KEY];
	struct wg_endpoint endpoint;
	uint16_t keepalive;
	struct wall last_handshake;	/* zero: never */
	uint64_t rx_bytes, tx_bytes;	/* of datagrams, as the kernel */
	size_t n_allowed;
};

size_t wg_device_n_peers(const struct wg_device *d);
/* In the order of their making; NULL starts, NULL ends. */
const struct wg_peer *wg_device_next_peer(const struct wg_device *d,
    const struct wg_peer *p);
const struct wg_peer *wg_device_find_peer(const struct wg_device *d,
    const uint8_t public_key[WG_KEY]);
void wg_peer_info(const struct wg_peer *p, struct wg_peer_info *ret);
/* Calls fn with each allowed ip of the peer, in the order of adding. */
void wg_peer_each_allowed(const struct wg_peer *p,
    void (*fn)(void *arg, const struct prefix *prefix), void *arg);

/* What was dropped since creation, by reason. */
uint64_t wg_device_dropped(const struct wg_device *d, enum wg_why why);

#endif

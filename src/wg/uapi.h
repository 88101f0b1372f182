/* SPDX-License-Identifier: ISC */
/*
 * The cross-platform userspace configuration protocol of WireGuard, as text:
 * "get=1" and "set=1" requests of key=value lines, an empty line at the end.
 *
 * Server: one struct wg_uapi for each client's connection.  Give it what was
 * read, and send what stands in the reply afterwards:
 *
 *	took = wg_uapi_feed(u, now, bytes);	less than offered when a reply
 *						is ready: send it, feed the rest
 *	reply = wg_uapi_reply(u);		empty: nothing to send yet
 *	wg_uapi_sent(u);			wipes and forgets the reply
 *
 * When wg_uapi_broken() the stream cannot be understood any more: send the
 * reply, then hang up.  A set is applied as it comes in: interface lines and
 * allowed ips one by one, the other lines of a peer together, before its
 * first allowed ip or at its end.  The first line in error ends the set with
 * its errno, negative as wg(8) expects it; what was applied before it holds.
 * listen_port and fwmark go to hooks of the owner, which return 0 or a
 * negative errno.
 *
 * Client: wg_uapi_print_*() writes a set request, wg_uapi_dump_parse() reads
 * a get reply.  Texts hold private keys: what is here is wiped, the printed
 * text is marked secret and so wiped by text_done(); the caller wipes what it
 * has read.
 */
#ifndef WARREN_WG_UAPI_H
#define WARREN_WG_UAPI_H

#include "base/text.h"
#include "wg/device.h"

#define WG_UAPI_LINE_MAX	256	/* a longer line is an error */
#define WG_UAPI_REPLY_MAX	(256u << 20)

struct wg_uapi;

struct wg_uapi_hooks {
	void *arg;
	int (*set_listen_port)(void *arg, uint16_t port);
	int (*set_fwmark)(void *arg, uint32_t mark);
	uint16_t (*listen_port)(void *arg);
	uint32_t (*fwmark)(void *arg);
	/* Interface number of "eth0" in fe80::1%eth0; may be NULL. */
	uint32_t (*scope)(void *arg, const char *name);
};

/* d must outlive it; *hooks is copied.  NULL when out of memory. */
struct wg_uapi *wg_uapi_new(struct wg_device *d,
    const struct wg_uapi_hooks *hooks);
struct wg_uapi *wg_uapi_free(struct wg_uapi *u);
size_t wg_uapi_feed(struct wg_uapi *u, struct wg_now now, struct bytes in);
struct bytes wg_uapi_reply(const struct wg_uapi *u);
void wg_uapi_sent(struct wg_uapi *u);
bool wg_uapi_broken(const struct wg_uapi *u);

/* The interface part of a set request; what has no "has_" is not written. */
struct wg_uapi_device_set {
	bool has_private_key, has_listen_port, has_fwmark, replace_peers;
	uint8_t private_key[WG_KEY];
	uint16_t listen_port;
	uint32_t fwmark;
};

/* "set=1" and the interface; then any number of peers; then the end. */
void wg_uapi_print_set(struct text *t, const struct wg_uapi_device_set *s);
void wg_uapi_print_peer(struct text *t, const struct wg_peer_set *s);
void wg_uapi_print_end(struct text *t);

struct wg_uapi_peer {
	struct wg_peer_info info;
	size_t first_allowed;		/* in the dump's allowed */
};

/* A whole get reply. */
struct wg_uapi_dump {
	int error;			/* the errno of the reply, 0 or more */
	bool has_private_key;
	uint8_t private_key[WG_KEY];
	uint16_t listen_port;
	uint32_t fwmark;
	struct wg_uapi_peer *peers;
	size_t n_peers;
	struct prefix *allowed;
	size_t n_allowed;
};

/*
 * 0; -EAGAIN when the reply does not end yet (give it all again with more);
 * -EPROTO when it is none; -ENOMEM.  On 0 only, give it to _done later.
 * Serves for the reply to a set as well, which is an errno alone.
 */
int wg_uapi_dump_parse(struct wg_uapi_dump *ret, struct bytes text);
void wg_uapi_dump_done(struct wg_uapi_dump *d);		/* wipes the keys */

#endif

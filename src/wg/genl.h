/* SPDX-License-Identifier: ISC */
/*
 * The kernel's WireGuard configuration protocol (generic netlink family
 * "wireguard"), with the same structs as the text one of wg/uapi.h, so that
 * a back end of either kind looks the same from above.
 *
 * A set is written as one message or several, as large as they may be: each
 * goes to the sink when it is complete, and the sink sends it and waits for
 * its answer.  A peer with more allowed ips than fit goes on in the next
 * message, and what may be said only once is.
 *
 *	wg_genl_begin(&g, family, "wg0", &device_set, sink, ctx);
 *	wg_genl_peer(&g, &peer_set); …
 *	err = wg_genl_end(&g);		the first error of the sink, or 0
 *
 * A get is a dump of several messages: wg_genl_get() writes the request;
 * each message of the answer is given to wg_genl_dump_add(), which puts a
 * peer that was cut in two together again.  When the dump has ended
 * wg_genl_dump_end() gives it, in the shape that wg_uapi_dump_parse() gives.
 *
 * Kernels before 6.16 have no removal of an allowed ip: the attribute makes
 * them answer -EINVAL to the whole message.  Then replace the peer's list.
 *
 * Messages hold keys: the writer's buffer is wiped by _end(); what a sink or
 * a socket buffer keeps is its owner's.  Pure.
 */
#ifndef WARREN_WG_GENL_H
#define WARREN_WG_GENL_H

#include "wg/uapi.h"
#include "wire/netlink.h"

#define WG_GENL_MESSAGE	16384

/* 0 or a negative errno, which is kept and stops the rest. */
typedef int wg_genl_sink(void *ctx, struct bytes message);

struct wg_genl {
	struct wr w;
	uint16_t family;
	char iface[16];
	wg_genl_sink *sink;
	void *ctx;
	int err;
	bool open;			/* a message with a list of peers */
	unsigned peers;			/* in the open message */
	size_t msg_at, peers_at;
	uint8_t buf[WG_GENL_MESSAGE];
};

void wg_genl_begin(struct wg_genl *g, uint16_t family, const char *iface,
    const struct wg_uapi_device_set *s, wg_genl_sink *sink, void *ctx);
void wg_genl_peer(struct wg_genl *g, const struct wg_peer_set *s);
int wg_genl_end(struct wg_genl *g);

/* Writes the request of a dump; NLM_F_DUMP, sequence number seq. */
void wg_genl_get(struct wr *w, uint16_t family, uint32_t seq,
    const char *iface);

/* A get answer that is being put together.  Zeroed to begin with. */
struct wg_genl_dump {
	struct wg_uapi_dump d;
	size_t cap_peers, cap_allowed;
};

/* 0, -ENOMEM, -EPROTO; then, and at any time, _dump_done(). */
int wg_genl_dump_add(struct wg_genl_dump *g, const struct nl_msg *m);
/* The result moves to *ret: wg_uapi_dump_done() it. */
void wg_genl_dump_end(struct wg_genl_dump *g, struct wg_uapi_dump *ret);
void wg_genl_dump_done(struct wg_genl_dump *g);		/* wipes the keys */

#endif

/* SPDX-License-Identifier: ISC */
/*
 * Talks to a userspace WireGuard over its control socket.
 *
 * One client is one interface.  It connects when first asked, sends one
 * request at a time and keeps the others in line; a reply ends at an empty
 * line (the cross-platform UAPI: "errno=N", empty line).  What is in the
 * texts is the caller's business (wg/uapi.h).
 *
 *	uapi_client_new("wg0", &c);
 *	uapi_client_request(c, bytes, now, timeout, done, ctx);
 *	poll uapi_client_fd(c) (it may change: ask after every call; -1 when
 *	there is none) for uapi_client_events(c); uapi_client_ready(c, now);
 *	at uapi_client_deadline(c): uapi_client_tick(c, now).
 *
 * done() is called once for every request, never from within _request():
 * err 0 with the whole reply, or -ENOENT, -ECONNREFUSED (nobody lives
 * there), -ETIMEDOUT, -EPIPE, -EMSGSIZE.  After an error of one, the connection
 * is closed and the others in line fail with it; the next request
 * connects anew.  Requests hold keys: their copies are wiped.  One thread.
 */
#ifndef WARREN_SYS_UAPI_CLIENT_H
#define WARREN_SYS_UAPI_CLIENT_H

#include "base/bytes.h"
#include "base/time.h"

#define UAPI_DIR		"/var/run/wireguard"
#define UAPI_REPLY_MAX		(64u << 20)	/* bytes of one reply */

struct uapi_client;

/*
 * reply is good until it returns.  May call uapi_client_request(), but let
 * some time pass after an error; must not free the client.
 */
typedef void uapi_client_done(void *ctx, int err, struct bytes reply);

int uapi_client_new(const char *iface, struct uapi_client **ret_client);
/* Requests under way are dropped, without done().  Gives NULL. */
struct uapi_client *uapi_client_free(struct uapi_client *c);

/* request: with the empty line at its end.  Copied. */
int uapi_client_request(struct uapi_client *c, struct bytes request,
    struct instant now, int64_t timeout, uapi_client_done *done, void *ctx);
int uapi_client_fd(const struct uapi_client *c);
short uapi_client_events(const struct uapi_client *c);	/* POLLIN, POLLOUT */
void uapi_client_ready(struct uapi_client *c, struct instant now);
struct instant uapi_client_deadline(const struct uapi_client *c);
void uapi_client_tick(struct uapi_client *c, struct instant now);

/* True where somebody accepts connections on the interface's socket. */
bool uapi_client_alive(const char *iface);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * Behind a tunnel: the kernel's WireGuard, or a warren-wg of our own.  Both
 * look the same from here.
 *
 *	wg_backend_new(d, "wg0", CONF_BACKEND_AUTO, &cb, ctx)
 *	wg_backend_open(b, …)		finds the device, or makes it
 *	wg_backend_get(b)		-> cb.got(dump)
 *	wg_backend_set(b, &changes)	-> cb.set(err)
 *
 * One request at a time.  A userspace device needs a moment after it was
 * started; requests wait for it.  cb.died() tells that it is gone (its process
 * ended, or nobody answers): wg_backend_open() makes a new one.  Callbacks
 * come from the loop or, with the kernel, from within the call.
 */
#ifndef WARREN_DAEMON_WG_BACKEND_H
#define WARREN_DAEMON_WG_BACKEND_H

#include "daemon/daemon.h"
#include "plan/wgsync.h"

struct wg_backend;

struct wg_backend_cb {
	void (*got)(void *ctx, const struct wg_uapi_dump *dump);
	void (*set)(void *ctx, int err);	/* 0 or a negative errno */
	void (*died)(void *ctx, const char *why);
};

/* NULL when out of memory, or where the asked-for kind is not to be had. */
struct wg_backend *wg_backend_new(struct daemon *d, const char *iface,
    enum conf_wg_backend kind, const struct wg_backend_cb *cb, void *ctx);
/* The device stays.  NULL in, NULL out. */
struct wg_backend *wg_backend_free(struct wg_backend *b);

/*
 * 0 or a negative errno.  *ret_found: it was there before.  The answer of the
 * kernel, where it is asked for a link, comes with the cookie.
 */
int wg_backend_open(struct wg_backend *b, uint64_t cookie, bool *ret_found);
void wg_backend_get(struct wg_backend *b);
void wg_backend_set(struct wg_backend *b, const struct ws_changes *c);
bool wg_backend_busy(const struct wg_backend *b);
/* Is it a kernel device? */
bool wg_backend_kernel(const struct wg_backend *b);
/* Would one be found there?  For the start, before any is open. */
bool wg_backend_exists(const char *iface);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * The road to the kernel's WireGuard: generic netlink, family "wireguard".
 *
 * What is in the messages is wg/genl.h's business; this carries them.  The
 * kernel works on a request while it is being sent and the answer is there
 * when the call returns, so these calls do not wait for anybody: they return
 * with the result.  The kernel sends no news of handshakes and roaming; poll.
 *
 *	wgnl_new(&w);				-ENOENT: no WireGuard here
 *	wg_genl_begin(&g, wgnl_family(w), "wg0", &s, wgnl_send, w); …
 *	wg_genl_get(&wr, wgnl_family(w), 0, "wg0");
 *	wgnl_dump(w, bytes, add, ctx);
 *
 * Errors are negative errno: -ENODEV (no such interface), -EOPNOTSUPP (it is
 * not WireGuard's), -EPERM, -EINVAL, …  One thread.
 */
#ifndef WARREN_SYS_WGNL_H
#define WARREN_SYS_WGNL_H

#include "wire/netlink.h"

struct wgnl;

/*
 * Resolves the family, which loads the module where it can be loaded;
 * -ENOENT where the kernel has none.
 */
int wgnl_new(struct wgnl **ret_wgnl);
struct wgnl *wgnl_free(struct wgnl *w);		/* gives NULL */
uint16_t wgnl_family(const struct wgnl *w);

/* One message with a request for an acknowledgement; wgnl is a void * so
 * that it is a wg_genl_sink. */
int wgnl_send(void *wgnl, struct bytes message);
/*
 * A dump; msg() is called with each message of the answer and stops it with
 * a negative errno.  A dump that was changed under our hands is -EINTR:
 * throw away what it gave and ask again.  Buffers that held keys are wiped.
 */
int wgnl_dump(struct wgnl *w, struct bytes request,
    int (*msg)(void *ctx, const struct nl_msg *m), void *ctx);

#endif

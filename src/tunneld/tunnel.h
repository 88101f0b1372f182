/* SPDX-License-Identifier: ISC */
/*
 * One WireGuard interface on a real machine: a wg_device between a TUN and
 * two UDP sockets.
 *
 *	tunnel_new(&loop, "wg0", -1, &t);
 *	while (!tunnel_gone(t)) {
 *		wake = tunnel_settle(t);
 *		loop_turn(&loop, wake);
 *	}
 *
 * The sockets are open while the interface is up, as in the kernel.  The
 * configuration protocol works on tunnel_device() and the functions of its
 * hooks; after each use tunnel_settle() has to follow before the loop
 * waits.  Errors are negative errno.  One thread.
 */
#ifndef WARREN_TUNNELD_TUNNEL_H
#define WARREN_TUNNELD_TUNNEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

struct loop;
struct tunnel;
struct wg_device;
struct wg_now;

/* tun_fd: one that has its interface already, or -1 to make "name". */
int tunnel_new(struct loop *l, const char *name, int tun_fd,
    struct tunnel **ret_tunnel);
/* Closes all, and with it the interface; wipes keys and packets. */
struct tunnel *tunnel_free(struct tunnel *t);

/* Sends what the device has to send; the instant to come back at. */
struct instant tunnel_settle(struct tunnel *t);
/* The interface was deleted. */
bool tunnel_gone(const struct tunnel *t);

const char *tunnel_name(const struct tunnel *t);
struct wg_device *tunnel_device(struct tunnel *t);
struct wg_now tunnel_now(void);

/* The hooks of wg/uapi.h; arg is the tunnel. */
int tunnel_set_listen_port(void *arg, uint16_t port);
int tunnel_set_fwmark(void *arg, uint32_t mark);
uint16_t tunnel_listen_port(void *arg);
uint32_t tunnel_fwmark(void *arg);
uint32_t tunnel_scope(void *arg, const char *name);

#endif

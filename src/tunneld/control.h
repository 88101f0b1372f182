/* SPDX-License-Identifier: ISC */
/*
 * The configuration socket of an interface: /var/run/wireguard/IFACE.sock,
 * where wg(8) and warrend speak the protocol of wg/uapi.h.
 *
 * A socket that was left behind by a process that is dead is replaced; one
 * where somebody answers is -EADDRINUSE.  Only the owner may connect (mode
 * 0600).  Removing the socket is how wg-quick and others end a userspace
 * interface: control_gone() tells.  Errors are negative errno.  One thread.
 */
#ifndef WARREN_TUNNELD_CONTROL_H
#define WARREN_TUNNELD_CONTROL_H

#include <stdbool.h>

#define CONTROL_DIR		"/var/run/wireguard"
#define CONTROL_CLIENTS_MAX	64

struct control;
struct loop;
struct tunnel;

/*
 * A socket that listens already, with its file, is taken over as fd; -1
 * makes one.  The name is the tunnel's.
 */
int control_new(struct loop *l, struct tunnel *t, int fd,
    struct control **ret_control);
/* Hangs up on everybody and removes the socket, if it is still ours. */
struct control *control_free(struct control *c);
bool control_gone(const struct control *c);

/* The path of an interface's socket; -ENAMETOOLONG. */
int control_path(const char *iface, char *buf, unsigned cap);
/* A new listening socket there. */
int control_listen(const char *iface);

#endif

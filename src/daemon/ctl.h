/* SPDX-License-Identifier: ISC */
/*
 * The control socket: BIRD's client protocol, spoken by birdc and warren.
 *
 * It reads struct daemon and the instances in it, and changes things by the
 * functions of daemon.h and proto.h only.  Everything about it is private to
 * ctl*.c and cmd_*.c.
 */
#ifndef WARREN_DAEMON_CTL_H
#define WARREN_DAEMON_CTL_H

struct config;
struct ctl;
struct daemon;

/* Listens there: the descriptor, or a negative errno. */
int ctl_socket(const char *path);
/* NULL after a message on stderr: somebody else listens there, say. */
struct ctl *ctl_new(struct daemon *d, const char *path);
/* The sockets of "cli" in a configuration, and no others any more. */
void ctl_configure(struct ctl *c, const struct config *cf);
/* Removes the socket.  NULL in, NULL out. */
struct ctl *ctl_free(struct ctl *c);

#endif

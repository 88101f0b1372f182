/* SPDX-License-Identifier: ISC */
/*
 * Being somebody else, and keeping what a router needs.
 *
 *	privs_find("warren", NULL, &who);	names and numbers
 *	privs_give(&who, "/run/warren");	folders that must be ours
 *	privs_drop(&who);
 *
 * After privs_drop() the process, and what it starts, is that user with
 * CAP_NET_ADMIN, CAP_NET_BIND_SERVICE and CAP_NET_RAW, no other group and no
 * other capability, and has no way back.  Errors are negative errno.
 */
#ifndef WARREN_SYS_PRIVS_H
#define WARREN_SYS_PRIVS_H

#include <sys/types.h>

struct privs {
	uid_t uid;
	gid_t gid;
};

/* user or group may be NULL: stays as it is.  -ENOENT: no such one. */
int privs_find(const char *user, const char *group, struct privs *ret);
/* The folder is made where it is missing. */
int privs_give(const struct privs *who, const char *folder);
int privs_give_fd(const struct privs *who, int fd);
int privs_drop(const struct privs *who);

#endif

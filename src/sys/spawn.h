/* SPDX-License-Identifier: ISC */
/*
 * Starts warren-wg so that it outlives us.
 *
 * The child has its own session, the standard streams on /dev/null (stderr is
 * kept when asked, for the log), no other descriptor of ours, signals at their
 * defaults, and is not killed with us.  Errors are negative errno; a
 * program that cannot be executed is reported by the call itself.
 */
#ifndef WARREN_SYS_SPAWN_H
#define WARREN_SYS_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct spawn_child {
	pid_t pid;
	/*
	 * Readable when the child has ended; the caller's to close, after
	 * spawn_reap().
	 */
	int pidfd;
};

/*
 * Where a program of ours is: beside the running one, in the build's or the
 * source's neighbouring folder, then PATH, then the usual sbin and bin.
 * -ENOENT when nowhere.
 */
int spawn_find(const char *name, char *buf, size_t cap);
/* argv as for execv(), with argv[0] the path of the program. */
int spawn_detached(char *const argv[], bool keep_stderr,
    struct spawn_child *ret_child);
/* The same with out as the child's standard output, and stderr there too. */
int spawn_writing(char *const argv[], int out, struct spawn_child *ret_child);
/*
 * After pidfd became readable: 0 and how it ended (exit status, or 128 + the
 * signal), -EAGAIN while it runs.
 */
int spawn_reap(const struct spawn_child *c, int *ret_status);
/* "warren-wg -f IFACE", found by spawn_find(). */
int spawn_tunnel(const char *iface, struct spawn_child *ret_child);

/* Waits for the end of one that was killed. */
void spawn_wait(const struct spawn_child *c);

#endif

/* SPDX-License-Identifier: ISC */
#include "sys/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool
runnable(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(path, X_OK) == 0;
}

/* True when DIR/MIDDLE/NAME is a program; then its path is in buf. */
static bool
try(char *buf, size_t cap, const char *dir, size_t n, const char *middle,
    const char *name)
{
	int len = snprintf(buf, cap, "%.*s%s/%s", (int)n, dir, middle, name);

	return n > 0 && len > 0 && (size_t)len < cap && runnable(buf);
}

/*
 * Installed, the programs are neighbours; in a build directory each may have
 * a folder of its own name beside or below.
 */
static bool
try_beside(char *buf, size_t cap, const char *name)
{
	char self[PATH_MAX], middle[64];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *slash;
	size_t dir;

	if (n <= 0 || strlen(name) > sizeof(middle) - 8)
		return false;
	self[n] = '\0';
	slash = strrchr(self, '/');
	dir = slash ? (size_t)(slash - self) : 0;
	if (try(buf, cap, self, dir, "", name))
		return true;
	snprintf(middle, sizeof(middle), "/../%s", name);
	if (try(buf, cap, self, dir, middle, name))
		return true;
	snprintf(middle, sizeof(middle), "/src/%s", name);
	return try(buf, cap, self, dir, middle, name);
}

static bool
try_list(char *buf, size_t cap, const char *list, const char *name)
{
	const char *end;

	for (; list && *list; list = *end ? end + 1 : end) {
		end = strchrnul(list, ':');
		/* Empty means the current folder: not for a daemon. */
		if (*list == '/' && try(buf, cap, list,
		    (size_t)(end - list), "", name))
			return true;
	}
	return false;
}

int
spawn_find(const char *name, char *buf, size_t cap)
{
	if (name[0] == '\0' || strchr(name, '/'))
		return -EINVAL;
	if (try_beside(buf, cap, name) ||
	    try_list(buf, cap, getenv("PATH"), name) ||
	    try_list(buf, cap, "/usr/local/sbin:/usr/local/bin:/usr/sbin:"
	    "/usr/bin:/sbin:/bin", name))
		return 0;
	return -ENOENT;
}

static int
set_files(posix_spawn_file_actions_t *fa, bool keep_stderr, int out)
{
	int err = posix_spawn_file_actions_addopen(fa, 0, "/dev/null",
	    O_RDONLY, 0);

	if (!err && out >= 0)
		err = posix_spawn_file_actions_adddup2(fa, out, 1);
	else if (!err)
		err = posix_spawn_file_actions_addopen(fa, 1, "/dev/null",
		    O_WRONLY, 0);
	if (!err && !keep_stderr)
		err = posix_spawn_file_actions_adddup2(fa, 1, 2);
	if (!err)
		err = posix_spawn_file_actions_addclosefrom_np(fa, 3);
	if (!err)
		err = posix_spawn_file_actions_addchdir_np(fa, "/");
	return err;
}

/*
 * SIGPIPE is left as we have it, that is, ignored: the stderr that it shares
 * with us may have no reader any more when we are gone.
 */
static int
set_attributes(posix_spawnattr_t *at)
{
	sigset_t all, none;
	int err;

	sigfillset(&all);
	sigdelset(&all, SIGPIPE);
	sigemptyset(&none);
	err = posix_spawnattr_setsigdefault(at, &all);
	if (!err)
		err = posix_spawnattr_setsigmask(at, &none);
	if (!err)
		err = posix_spawnattr_setflags(at, POSIX_SPAWN_SETSID |
		    POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	return err;
}

static int
spawn(char *const argv[], bool keep_stderr, int out, pid_t *ret_pid)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t at;
	int err;

	err = posix_spawn_file_actions_init(&fa);
	if (err)
		return -err;
	err = posix_spawnattr_init(&at);
	if (err) {
		posix_spawn_file_actions_destroy(&fa);
		return -err;
	}
	err = set_files(&fa, keep_stderr, out);
	if (!err)
		err = set_attributes(&at);
	if (!err)
		err = posix_spawn(ret_pid, argv[0], &fa, &at, argv, environ);
	posix_spawnattr_destroy(&at);
	posix_spawn_file_actions_destroy(&fa);
	return -err;
}

static int
watch(struct spawn_child *c)
{
	c->pidfd = (int)syscall(SYS_pidfd_open, c->pid, 0);
	if (c->pidfd < 0)
		return -errno;
	(void)fcntl(c->pidfd, F_SETFD, FD_CLOEXEC);
	return 0;
}

int
spawn_detached(char *const argv[], bool keep_stderr,
    struct spawn_child *ret_child)
{
	int err = spawn(argv, keep_stderr, -1, &ret_child->pid);

	ret_child->pidfd = -1;
	return err ? err : watch(ret_child);
}

int
spawn_writing(char *const argv[], int out, struct spawn_child *ret_child)
{
	int err = spawn(argv, false, out, &ret_child->pid);

	ret_child->pidfd = -1;
	return err ? err : watch(ret_child);
}

void
spawn_wait(const struct spawn_child *c)
{
	while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
		;
}

int
spawn_reap(const struct spawn_child *c, int *ret_status)
{
	int status;
	pid_t pid;

	do {
		pid = waitpid(c->pid, &status, WNOHANG);
	} while (pid < 0 && errno == EINTR);
	if (pid < 0)
		return -errno;
	if (pid == 0)
		return -EAGAIN;
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) :
	    128 + WTERMSIG(status);
	return 0;
}

int
spawn_tunnel(const char *iface, struct spawn_child *ret_child)
{
	char path[PATH_MAX], foreground[] = "-f", name[64];
	char *argv[] = { path, foreground, name, NULL };
	int err;

	if (strlen(iface) >= sizeof(name) || iface[0] == '-')
		return -EINVAL;
	memcpy(name, iface, strlen(iface) + 1);
	err = spawn_find("warren-wg", path, sizeof(path));
	return err ? err : spawn_detached(argv, true, ret_child);
}

/* SPDX-License-Identifier: ISC */
/* warrend: the control plane of Warren.  See warrend(8). */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "conf/print.h"
#include "daemon/ctl.h"
#include "daemon/daemon.h"
#include "sys/privs.h"

#define CONFIG_DEFAULT	"/etc/warren/warren.conf"
#define SOCKET_FOLDER	"/run/warren"
#define SOCKET_DEFAULT	SOCKET_FOLDER "/warren.ctl"
#define UAPI_FOLDER	"/var/run/wireguard"
#define HEAP_STEP	(4 << 20)	/* tables grow: ask the kernel seldom */

static int
usage(FILE *to)
{
	fputs("usage: warrend [-fdplR] [-c FILE] [-s SOCKET] [-P PIDFILE]\n"
	    "               [-u USER] [-g GROUP] [--skip-unserved]\n"
	    "       warrend --version\n", to);
	return 2;
}

/* -l: configuration and socket here, as BIRD has it. */
static void
use_local(struct daemon_options *o)
{
	o->config = "warren.conf";
	o->socket = "warren.ctl";
}

/* What the build and the tests ask for: the language as it is. */
static int
print_it(void (*print)(struct text *out))
{
	struct text t;

	text_init(&t, 1 << 20);
	print(&t);
	fputs(t.s, stdout);
	text_done(&t);
	return 0;
}

/* -1, or the exit status. */
static int
read_options(struct daemon_options *o, int argc, char **argv)
{
	static const struct option longs[] = {
		{ "skip-unserved", no_argument, NULL, 'S' },
		{ "print-options", no_argument, NULL, 'O' },
		{ "print-words", no_argument, NULL, 'W' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	o->config = CONFIG_DEFAULT;
	o->socket = SOCKET_DEFAULT;
	while ((c = getopt_long(argc, argv, "c:s:P:u:g:fdplRhD:", longs,
	    NULL)) != -1) {
		switch (c) {
		case 'c': o->config = optarg; break;
		case 's': o->socket = optarg; break;
		case 'P': o->pid_file = optarg; break;
		case 'u': o->user = optarg; break;
		case 'g': o->group = optarg; break;
		case 'D': o->debug = true; break;
		case 'f': o->foreground = true; break;
		case 'd': o->foreground = o->debug = true; break;
		case 'p': o->check = true; break;
		case 'l': use_local(o); break;
		case 'R': o->recovery = true; break;
		case 'S': o->skip_unserved = true; break;
		case 'O': return print_it(conf_print_options);
		case 'W': return print_it(conf_print_words);
		case 'V': puts("warrend " WARREN_VERSION); return 0;
		case 'h': usage(stdout); return 0;
		default: return usage(stderr);
		}
	}
	return optind == argc ? -1 : usage(stderr);
}

/*
 * The parent stays until the child says that it runs, or says nothing: so a
 * failure to start is the exit status of the command that a person typed.
 */
static int
daemonise(void)
{
	int fd[2], null;
	uint8_t ok = 0;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) != 0 || (pid = fork()) < 0) {
		perror("warrend");
		exit(1);
	}
	if (pid > 0) {
		close(fd[1]);
		exit(read(fd[0], &ok, 1) == 1 && ok ? 0 : 1);
	}
	close(fd[0]);
	setsid();
	if (chdir("/") != 0)
		perror("warrend: /");
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0) {
		dup2(null, 0);
		dup2(null, 1);
	}
	return fd[1];
}

static void
started(int fd)
{
	uint8_t ok = 1;

	if (fd < 0)
		return;
	if (write(fd, &ok, 1) != 1)
		exit(1);
	close(fd);
	dup2(0, 2);	/* the terminal is the person's again */
}

static bool
complain(const char *what, int err)
{
	if (err < 0)
		fprintf(stderr, "warrend: %s: %s\n", what,
		    strerrordesc_np(-err));
	return err >= 0;
}

/* Locked as long as we live, so that two do not run by accident. */
static bool
write_pid(const char *path, const struct privs *who)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char text[32];
	int fd, n;

	if (path == NULL)
		return true;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (fd < 0 || fcntl(fd, F_SETLK, &lock) != 0) {
		fprintf(stderr, "warrend: %s: %s\n", path,
		    errno == EAGAIN || errno == EACCES ?
		    "another warrend has it" : strerrordesc_np(errno));
		return false;
	}
	if (!complain(path, privs_give_fd(who, fd)))
		return false;
	n = snprintf(text, sizeof(text), "%ld\n", (long)getpid());
	return ftruncate(fd, 0) == 0 && write(fd, text, (size_t)n) == n;
}

/* Paths of the command line, as they are after the change of folder. */
static const char *
absolute(const char *path)
{
	char *cwd, *whole = NULL;

	if (path == NULL || path[0] == '/' ||
	    (cwd = getcwd(NULL, 0)) == NULL)
		return path;
	if (asprintf(&whole, "%s/%s", cwd, path) < 0)
		whole = NULL;
	free(cwd);
	return whole ? whole : path;
}

/* What we make is for who puts the socket there, -u or not. */
static bool
make_socket_folder(const char *path, const struct privs *who)
{
	const char *slash = strrchr(path, '/');
	bool ok = true;
	char *dir;

	if (slash == NULL || slash == path)
		return true;
	dir = strndup(path, (size_t)(slash - path));
	if (dir != NULL && mkdir(dir, 0755) == 0)
		ok = complain(dir, privs_give(who, dir));
	else if (dir != NULL && errno != EEXIST)
		fprintf(stderr, "warrend: %s: %m\n", dir);
	free(dir);
	return ok;
}

/* The folder may not be ours to take it away from: then it is empty. */
static void
remove_pid(const char *path)
{
	if (path != NULL && unlink(path) != 0 && truncate(path, 0) != 0)
		fprintf(stderr, "warrend: %s: %m\n", path);
}

/* As root still: the folder may not be the user's. */
static bool
open_socket(struct daemon_options *o, const struct privs *who)
{
	if (o->user == NULL && o->group == NULL)
		return true;
	o->socket_fd = ctl_socket(o->socket);
	if (o->socket_fd == -EADDRINUSE)
		fprintf(stderr, "warrend: %s: another warrend listens there\n",
		    o->socket);
	else if (complain(o->socket, o->socket_fd) &&
	    lchown(o->socket, who->uid, who->gid) == 0)
		return true;
	return false;
}

/*
 * -u and -g.  All that is opened from here on is the user's: the control
 * socket, warren-wg's sockets, files that are made.
 */
static bool
become(const struct daemon_options *o, const struct privs *who)
{
	bool usual = strncmp(o->socket, SOCKET_FOLDER "/",
	    sizeof(SOCKET_FOLDER)) == 0;

	if (o->user == NULL && o->group == NULL)
		return true;
	return (!usual || complain(SOCKET_FOLDER,
	    privs_give(who, SOCKET_FOLDER))) &&
	    complain(UAPI_FOLDER, privs_give(who, UAPI_FOLDER)) &&
	    complain("-u, -g", privs_drop(who));
}

int
main(int argc, char **argv)
{
	struct daemon_options o = { .socket_fd = -1 };
	struct daemon *d;
	struct privs who;
	int status, ready = -1;

	status = read_options(&o, argc, argv);
	if (status >= 0)
		return status;
	if (o.check)
		return daemon_check(&o);
	if (!complain("-u, -g", privs_find(o.user, o.group, &who)))
		return 1;
	o.ctl_new = ctl_new;
	o.ctl_free = ctl_free;
	o.ctl_configure = ctl_configure;
	umask(0027);
	mallopt(M_TOP_PAD, HEAP_STEP);
	o.config = absolute(o.config);
	o.socket = absolute(o.socket);
	o.pid_file = absolute(o.pid_file);
	if (!make_socket_folder(o.socket, &who))
		return 1;
	if (!o.foreground)
		ready = daemonise();
	if (!write_pid(o.pid_file, &who))
		return 1;
	d = open_socket(&o, &who) && become(&o, &who) ? daemon_new(&o) :
	    NULL;
	if (d == NULL) {
		remove_pid(o.pid_file);
		return 1;
	}
	started(ready);
	status = daemon_run(d);
	daemon_free(d);
	remove_pid(o.pid_file);
	return status;
}

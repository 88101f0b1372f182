/* SPDX-License-Identifier: ISC */
/* warren-wg: a userspace WireGuard interface.  See warren-wg(8). */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "tunneld/control.h"
#include "tunneld/harden.h"
#include "tunneld/log.h"
#include "tunneld/loop.h"
#include "tunneld/tunnel.h"

struct program {
	struct loop loop;
	struct tunnel *tunnel;
	struct control *control;
	struct watch signal_watch;
	int signal_fd;
	bool stop;
};

static int
usage(FILE *to)
{
	fputs("usage: warren-wg [-f|--foreground] INTERFACE\n"
	    "       warren-wg --version\n", to);
	return 2;
}

static void
signal_ready(void *arg, uint32_t events)
{
	struct program *p = arg;
	struct signalfd_siginfo si;

	(void)events;
	if (read(p->signal_fd, &si, sizeof(si)) > 0)
		p->stop = true;
}

/* nohup(1) and its like have SIGHUP ignored, and it stays so. */
static bool
is_ignored(int sig)
{
	struct sigaction sa;

	return sigaction(sig, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN;
}

static int
watch_signals(struct program *p)
{
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	if (!is_ignored(SIGHUP))
		sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	p->signal_fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (p->signal_fd < 0)
		return -errno;
	p->signal_watch = (struct watch){ -1, signal_ready, p };
	return loop_watch(&p->loop, &p->signal_watch, p->signal_fd, EPOLLIN);
}

/* A descriptor that our parent has made for us, as for wireguard-go. */
static int
fd_from_env(const char *name)
{
	const char *s = getenv(name);
	char *end;
	long v;

	if (!s || !*s)
		return -1;
	v = strtol(s, &end, 10);
	if (*end || v < 0 || v > 1 << 20 || fcntl((int)v, F_GETFD) < 0)
		return -1;
	(void)fcntl((int)v, F_SETFD, FD_CLOEXEC);
	return (int)v;
}

static int
failed(const char *what, int err)
{
	log_error("system", "%s: %s", what, strerror(-err));
	return 1;
}

static int
start(struct program *p, const char *name)
{
	int err = loop_init(&p->loop);

	if (!err)
		err = watch_signals(p);
	if (err)
		return failed("cannot start", err);
	err = tunnel_new(&p->loop, name, fd_from_env("WG_TUN_FD"), &p->tunnel);
	if (err == -ENOENT || err == -ENODEV || err == -ENXIO)
		return failed("cannot open /dev/net/tun", err);
	if (err)
		return failed("cannot make the interface", err);
	err = control_new(&p->loop, p->tunnel, fd_from_env("WG_UAPI_FD"),
	    &p->control);
	if (err)
		return failed("cannot listen for wg(8)", err);
	return 0;
}

/*
 * The parent leaves when all is there, so that whoever started us may go on
 * with "wg set".  The child keeps its output only where a log was asked for.
 */
static int
to_background(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t pid;

	if (null < 0 || (pid = fork()) < 0)
		return -errno;
	if (pid > 0)
		_exit(0);
	setsid();
	if (chdir("/") < 0)
		return -errno;
	dup2(null, 0);
	if (!getenv("LOG_LEVEL")) {
		dup2(null, 1);
		dup2(null, 2);
	}
	close(null);
	return 0;
}

static int
run(struct program *p)
{
	struct instant wake;
	int err = 0;

	while (!err && !p->stop && !tunnel_gone(p->tunnel) &&
	    !control_gone(p->control)) {
		wake = tunnel_settle(p->tunnel);
		err = loop_turn(&p->loop, wake);
	}
	return err ? failed("cannot wait", err) : 0;
}

/* The socket goes first: who sees no socket may make the interface anew. */
static void
finish(struct program *p)
{
	p->control = control_free(p->control);
	p->tunnel = tunnel_free(p->tunnel);
	loop_done(&p->loop);
}

int
main(int argc, char **argv)
{
	const char *in_front = getenv("WG_PROCESS_FOREGROUND");
	bool foreground = in_front && strcmp(in_front, "1") == 0;
	static struct program p;
	int err, i = 1;

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		puts("warren-wg " WARREN_VERSION);
		return 0;
	}
	if (i < argc && (strcmp(argv[i], "-f") == 0 ||
	    strcmp(argv[i], "--foreground") == 0)) {
		foreground = true;
		i++;
	}
	if (i + 1 != argc || argv[i][0] == '-' || argv[i][0] == '\0')
		return usage(stderr);
	log_open(argv[i], log_level_parse(getenv("LOG_LEVEL")));
	harden_process();
	err = start(&p, argv[i]);
	if (!err && !foreground && (err = to_background()) < 0)
		err = failed("cannot go to the background", err);
	if (!err) {
		harden_capabilities();
		err = run(&p);
	}
	finish(&p);
	return err;
}

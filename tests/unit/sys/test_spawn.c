/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sys/spawn.h"

static int
run(const char *script, int *ret_status)
{
	char sh[] = "/bin/sh", c[] = "-c", text[256];
	char *argv[] = { sh, c, text, NULL };
	struct spawn_child child;
	struct pollfd p;
	int err;

	snprintf(text, sizeof(text), "%s", script);
	err = spawn_detached(argv, false, &child);
	if (err)
		return err;
	p = (struct pollfd){ .fd = child.pidfd, .events = POLLIN };
	assert_int_equal(poll(&p, 1, 5000), 1);
	err = spawn_reap(&child, ret_status);
	close(child.pidfd);
	return err;
}

static void
test_status(void **state)
{
	int status = -1;

	(void)state;
	assert_int_equal(run("exit 7", &status), 0);
	assert_int_equal(status, 7);
	assert_int_equal(run("kill -9 $$", &status), 0);
	assert_int_equal(status, 128 + SIGKILL);
}

/* A session, a folder and no descriptors but the three. */
static void
test_detached(void **state)
{
	int leak = open("/dev/null", O_RDONLY), status = -1;
	sigset_t usr1;
	char text[200];

	(void)state;
	assert_true(leak >= 3);
	snprintf(text, sizeof(text), "read -r a b c d e sid f < "
	    "/proc/$$/stat; [ \"$sid\" = $$ ]");
	assert_int_equal(run(text, &status), 0);
	assert_int_equal(status, 0);
	assert_int_equal(run("[ \"$PWD\" = / ]", &status), 0);
	assert_int_equal(status, 0);
	snprintf(text, sizeof(text), "[ ! -e /proc/$$/fd/%d ] && "
	    "[ \"$(readlink /proc/$$/fd/2)\" = /dev/null ]", leak);
	assert_int_equal(run(text, &status), 0);
	assert_int_equal(status, 0);

	/* Our mask and our dispositions are ours. */
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	signal(SIGUSR1, SIG_IGN);
	assert_int_equal(run("kill -USR1 $$; exit 0", &status), 0);
	assert_int_equal(status, 128 + SIGUSR1);
	signal(SIGUSR1, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &usr1, NULL);
	close(leak);
}

static void
test_still_running(void **state)
{
	char sleep[] = "/bin/sleep", ten[] = "10";
	char *argv[] = { sleep, ten, NULL };
	struct spawn_child child;
	struct pollfd p;
	int status;

	(void)state;
	assert_int_equal(spawn_detached(argv, true, &child), 0);
	assert_int_equal(spawn_reap(&child, &status), -EAGAIN);
	assert_int_equal(kill(child.pid, SIGKILL), 0);
	p = (struct pollfd){ .fd = child.pidfd, .events = POLLIN };
	assert_int_equal(poll(&p, 1, 5000), 1);
	assert_int_equal(spawn_reap(&child, &status), 0);
	assert_int_equal(status, 128 + SIGKILL);
	close(child.pidfd);
}

static void
test_errors(void **state)
{
	char none[] = "/no/such/program";
	char *argv[] = { none, NULL };
	struct spawn_child child;

	(void)state;
	assert_int_equal(spawn_detached(argv, true, &child), -ENOENT);
	assert_int_equal(spawn_tunnel("-x", &child), -EINVAL);
}

static void
test_find(void **state)
{
	char buf[PATH_MAX], small[8], self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);

	(void)state;
	assert_true(n > 0);
	self[n] = '\0';
	/* Beside ourselves, whatever the PATH. */
	assert_int_equal(setenv("PATH", "bin:", 1), 0);
	assert_int_equal(spawn_find(strrchr(self, '/') + 1, buf,
	    sizeof(buf)), 0);
	assert_string_equal(buf, self);
	assert_int_equal(spawn_find("sh", buf, sizeof(buf)), 0);
	assert_int_equal(buf[0], '/');
	assert_int_equal(spawn_find("sh", small, 3), -ENOENT);
	assert_int_equal(spawn_find("no-such-program", buf, sizeof(buf)),
	    -ENOENT);
	assert_int_equal(spawn_find("../sh", buf, sizeof(buf)), -EINVAL);
	assert_int_equal(spawn_find("", buf, sizeof(buf)), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_detached),
		cmocka_unit_test(test_still_running),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_find),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* SPDX-License-Identifier: ISC */
/* Against a server of our own, under a /run that nobody else sees. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "sys/uapi_client.h"

struct told {
	struct uapi_client *c;
	int err, n;
	char text[256];
	size_t len;
	bool again;		/* ask once more from within */
};

static const struct instant t0 = { .ns = 1000 };
static bool private_run;

static int
setup(void **state)
{
	(void)state;
	if (unshare(CLONE_NEWNS) == 0 &&
	    mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	    mount("run", "/run", "tmpfs", 0, NULL) == 0 &&
	    mkdir("/run/wireguard", 0700) == 0)
		private_run = access(UAPI_DIR, W_OK) == 0;
	return 0;
}

static int
server(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX,
	    .sun_path = UAPI_DIR "/wg0.sock" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	unlink(a.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	assert_int_equal(listen(fd, 4), 0);
	return fd;
}

static void
done(void *ctx, int err, struct bytes reply)
{
	struct told *t = ctx;

	t->n++;
	t->err = err;
	t->len = reply.n;
	snprintf(t->text, sizeof(t->text), "%.*s", (int)(reply.n > 200 ? 200 :
	    reply.n), reply.n ? (const char *)reply.p : "");
	if (t->again) {
		t->again = false;
		assert_int_equal(uapi_client_request(t->c,
		    bytes_str("get=1\n\n"), t0, SECONDS(2), done, t), 0);
	}
}

static void
ask(struct told *t, const char *text)
{
	assert_int_equal(uapi_client_request(t->c, bytes_str(text), t0,
	    SECONDS(2), done, t), 0);
}

static void
turn(struct told *t)
{
	struct pollfd p = { .fd = uapi_client_fd(t->c),
	    .events = uapi_client_events(t->c) };

	if (p.fd >= 0 && poll(&p, 1, 200) > 0)
		uapi_client_ready(t->c, t0);
}

/* What the client has sent, up to its empty line. */
static void
expect(int s, const char *want)
{
	char buf[256];
	ssize_t n = recv(s, buf, sizeof(buf) - 1, 0);

	assert_true(n > 0);
	buf[n] = '\0';
	assert_string_equal(buf, want);
}

static void
say(int s, const char *text)
{
	assert_int_equal(send(s, text, strlen(text), 0), strlen(text));
}

static struct told
client(void)
{
	struct told t = { .n = 0 };

	if (!private_run)
		skip();
	assert_int_equal(uapi_client_new("wg0", &t.c), 0);
	return t;
}

static void
test_nobody(void **state)
{
	struct told t = client();

	(void)state;
	unlink(UAPI_DIR "/wg0.sock");
	assert_false(uapi_client_alive("wg0"));
	ask(&t, "get=1\n\n");
	assert_int_equal(t.n, 0);	/* never from within */
	assert_int_equal(uapi_client_fd(t.c), -1);
	assert_true(instant_due(uapi_client_deadline(t.c), t0));
	uapi_client_tick(t.c, t0);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.err, -ENOENT);
	assert_true(instant_is_never(uapi_client_deadline(t.c)));

	close(server());		/* its file stays behind */
	assert_false(uapi_client_alive("wg0"));
	t.again = true;
	ask(&t, "get=1\n\n");
	uapi_client_tick(t.c, t0);
	assert_int_equal(t.n, 2);	/* that from within comes later */
	assert_int_equal(t.err, -ECONNREFUSED);
	uapi_client_tick(t.c, t0);
	assert_int_equal(t.n, 3);
	uapi_client_free(t.c);
	assert_int_equal(uapi_client_new("../wg0", &t.c), -EINVAL);
}

static void
test_requests(void **state)
{
	struct told t = client();
	int l = server(), s;

	(void)state;
	assert_true(uapi_client_alive("wg0"));
	s = accept(l, NULL, NULL);	/* that was the look */
	close(s);
	ask(&t, "get=1\n\n");
	ask(&t, "set=1\nfwmark=7\n\n");
	s = accept(l, NULL, NULL);
	expect(s, "get=1\n\n");
	say(s, "listen_port=1\nerr");
	turn(&t);
	assert_int_equal(t.n, 0);
	say(s, "no=0\n\n");
	turn(&t);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.err, 0);
	assert_string_equal(t.text, "listen_port=1\nerrno=0\n\n");
	expect(s, "set=1\nfwmark=7\n\n");
	say(s, "errno=0\n\n");
	turn(&t);
	assert_int_equal(t.n, 2);
	assert_string_equal(t.text, "errno=0\n\n");

	/* It hangs up; the next request finds it again. */
	close(s);
	turn(&t);
	assert_int_equal(t.n, 2);
	assert_int_equal(uapi_client_fd(t.c), -1);
	ask(&t, "get=1\n\n");
	s = accept(l, NULL, NULL);
	expect(s, "get=1\n\n");
	close(s);
	turn(&t);
	assert_int_equal(t.n, 3);
	assert_int_equal(t.err, -EPIPE);
	close(l);
	uapi_client_free(t.c);
}

static void
test_silence(void **state)
{
	struct told t = client();
	int l = server(), s;

	(void)state;
	ask(&t, "get=1\n\n");
	ask(&t, "get=1\n\n");
	s = accept(l, NULL, NULL);
	uapi_client_tick(t.c, t0);
	assert_int_equal(t.n, 0);
	assert_int_equal(instant_sub(uapi_client_deadline(t.c), t0),
	    SECONDS(2));
	uapi_client_tick(t.c, instant_add(t0, SECONDS(2)));
	assert_int_equal(t.n, 2);
	assert_int_equal(t.err, -ETIMEDOUT);
	assert_int_equal(uapi_client_fd(t.c), -1);
	close(s);

	/* Dropped in the middle: nobody is told. */
	ask(&t, "get=1\n\n");
	uapi_client_free(t.c);
	assert_int_equal(t.n, 2);
	close(l);
}

static void
test_long_reply(void **state)
{
	struct told t = client();
	int l = server(), s;
	char line[1001];
	size_t total = 0;

	(void)state;
	memset(line, 'x', 999);
	memcpy(line + 999, "\n", 2);
	ask(&t, "get=1\n\n");
	s = accept(l, NULL, NULL);
	for (int i = 0; i < 1000; i++) {
		say(s, line);
		total += 1000;
		turn(&t);
	}
	assert_int_equal(t.n, 0);
	say(s, "errno=0\n\n");
	turn(&t);
	assert_int_equal(t.n, 1);
	assert_int_equal(t.len, total + 9);

	/* What nobody asked for. */
	say(s, "hello");
	turn(&t);
	assert_int_equal(uapi_client_fd(t.c), -1);
	close(s);
	close(l);
	uapi_client_free(t.c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody),
		cmocka_unit_test(test_requests),
		cmocka_unit_test(test_silence),
		cmocka_unit_test(test_long_reply),
	};

	return cmocka_run_group_tests(tests, setup, NULL);
}

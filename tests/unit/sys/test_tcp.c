/* SPDX-License-Identifier: ISC */
/* Over the loopback of whatever machine this is, on ports that are free. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/tcp.h"

static const struct tcp_opt plain;

static struct tcp_end
loopback(enum family f, uint16_t port)
{
	struct tcp_end e = { .port = port };

	assert_true(ip_parse(f == FAMILY_IP4 ? "127.0.0.1" : "::1", &e.ip));
	return e;
}

/* A listener on a free port of the loopback, or -1 where there is no IPv6. */
static int
listener(enum family f, struct tcp_end *at, const struct tcp_opt *opt)
{
	struct tcp_end e = loopback(f, 0);
	struct sockaddr_storage ss;
	socklen_t n = sizeof(ss);
	int fd = tcp_listen(f, &e, opt);

	if (fd == -EADDRNOTAVAIL || fd == -EAFNOSUPPORT)
		return -1;
	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&ss, &n), 0);
	*at = loopback(f, ntohs(f == FAMILY_IP4 ?
	    ((struct sockaddr_in *)&ss)->sin_port :
	    ((struct sockaddr_in6 *)&ss)->sin6_port));
	return fd;
}

static bool
wait_for(int fd, short events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, ms) == 1;
}

static int
get_int(int fd, int level, int name)
{
	int v = -1;
	socklen_t n = sizeof(v);

	assert_int_equal(getsockopt(fd, level, name, &v, &n), 0);
	return v;
}

static void
meet(enum family f)
{
	struct tcp_end at, peer, local, mine;
	struct tcp_opt gtsm = { .ttl = 255 };
	int l = listener(f, &at, &plain), c, s;
	bool six = f == FAMILY_IP6;

	if (l < 0)
		skip();
	assert_int_equal(tcp_accept(l, &peer, &local), -EAGAIN);
	mine = loopback(f, 0);
	c = tcp_connect(&mine, &at, &gtsm, NULL);
	assert_true(c >= 0);
	assert_true(wait_for(l, POLLIN, 2000));
	s = tcp_accept(l, &peer, &local);
	assert_true(s >= 0);
	assert_true(wait_for(c, POLLOUT, 2000));
	assert_int_equal(tcp_connected(c), 0);
	assert_true(ip_eq(local.ip, at.ip));
	assert_int_equal(local.port, at.port);
	assert_true(ip_eq(peer.ip, mine.ip));
	assert_int_equal(tcp_ends(c, &mine, &local), 0);
	assert_int_equal(mine.port, peer.port);
	assert_true(fcntl(s, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(c, F_GETFD) & FD_CLOEXEC);
	for (int i = 0; i < 2; i++) {
		int fd = i ? s : c;

		assert_int_equal(get_int(fd, IPPROTO_TCP, TCP_NODELAY), 1);
		assert_int_equal(six ? get_int(fd, IPPROTO_IPV6, IPV6_TCLASS)
		    : get_int(fd, IPPROTO_IP, IP_TOS), 0xc0);
	}
	assert_int_equal(six ? get_int(c, IPPROTO_IPV6, IPV6_UNICAST_HOPS) :
	    get_int(c, IPPROTO_IP, IP_TTL), 255);
	close(c);
	close(s);
	close(l);
}

static void
test_meet4(void **state)
{
	(void)state;
	meet(FAMILY_IP4);
}

static void
test_meet6(void **state)
{
	(void)state;
	meet(FAMILY_IP6);
}

static void
test_nobody_there(void **state)
{
	struct tcp_end at;
	int l, c;

	(void)state;
	l = listener(FAMILY_IP4, &at, &plain);
	close(l);
	c = tcp_connect(NULL, &at, &plain, NULL);
	if (c < 0) {
		assert_int_equal(c, -ECONNREFUSED);
		return;
	}
	assert_true(wait_for(c, POLLOUT, 2000));
	assert_int_equal(tcp_connected(c), -ECONNREFUSED);
	close(c);
}

/* GTSM: a SYN that has come through a router is as if it had never been. */
static void
test_min_ttl(void **state)
{
	const struct tcp_opt strict = { .ttl = 255, .min_ttl = 255 };
	const struct tcp_opt near = { .ttl = 255 }, far = { .ttl = 254 };
	struct tcp_end at, peer, local;
	int l, c, s;

	(void)state;
	l = listener(FAMILY_IP4, &at, &strict);
	c = tcp_connect(NULL, &at, &far, NULL);
	assert_true(c >= 0);
	assert_false(wait_for(l, POLLIN, 200));
	close(c);
	c = tcp_connect(NULL, &at, &near, NULL);
	assert_true(c >= 0);
	assert_true(wait_for(l, POLLIN, 2000));
	s = tcp_accept(l, &peer, &local);
	assert_true(s >= 0);
	assert_int_equal(tcp_set_ttl(s, 64, 1), 0);
	assert_int_equal(get_int(s, IPPROTO_IP, IP_TTL), 64);
	close(s);
	close(c);
	close(l);
}

static bool
met(int l, const struct tcp_end *at, const char *password)
{
	struct tcp_end peer, local;
	int c = tcp_connect(NULL, at, &plain, password), s;
	bool yes;

	assert_true(c >= 0);
	yes = wait_for(l, POLLIN, 200);
	if (yes) {
		s = tcp_accept(l, &peer, &local);
		assert_true(s >= 0);
		close(s);
	}
	close(c);
	return yes;
}

static void
test_md5(void **state)
{
	struct tcp_end at, from = loopback(FAMILY_IP4, 0);
	char long_one[82];
	int l, err;

	(void)state;
	l = listener(FAMILY_IP4, &at, &plain);
	err = tcp_set_md5(l, &from, 8, "secret");
	if (err == -ENOPROTOOPT || err == -EPERM) {
		close(l);
		skip();
	}
	assert_int_equal(err, 0);
	assert_true(met(l, &at, "secret"));
	assert_false(met(l, &at, "other"));
	assert_false(met(l, &at, NULL));
	assert_int_equal(tcp_set_md5(l, &from, 8, NULL), 0);
	assert_true(met(l, &at, NULL));
	assert_int_equal(tcp_set_md5(l, &from, 8, NULL), -ENOENT);
	memset(long_one, 'x', sizeof(long_one) - 1);
	long_one[81] = '\0';
	assert_int_equal(tcp_set_md5(l, &from, 32, long_one), -EINVAL);
	close(l);
}

static void
test_addresses(void **state)
{
	const struct tcp_opt freebind = { .freebind = true };
	const struct tcp_opt nowhere = { .iface = "no-such-if0" };
	struct tcp_end foreign = { .port = 0 }, any = { .port = 0 };
	int fd;

	(void)state;
	assert_true(ip_parse("203.0.113.77", &foreign.ip));
	assert_int_equal(tcp_listen(FAMILY_IP4, &foreign, &plain),
	    -EADDRNOTAVAIL);
	fd = tcp_listen(FAMILY_IP4, &foreign, &freebind);
	assert_true(fd >= 0);
	close(fd);
	fd = tcp_listen(FAMILY_IP4, &any, &nowhere);
	assert_true(fd == -ENODEV || fd == -EPERM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_meet4),
		cmocka_unit_test(test_meet6),
		cmocka_unit_test(test_nobody_there),
		cmocka_unit_test(test_min_ttl),
		cmocka_unit_test(test_md5),
		cmocka_unit_test(test_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

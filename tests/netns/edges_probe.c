/* SPDX-License-Identifier: ISC */
/*
 * Drives the small parts of sys/ from a shell script:
 *
 *	edges_probe forward IFACE	sysctl_forward()
 *	edges_probe listen 4|6 IP|- IFACE|- [PASSWORD PEER]
 *					prints who came, then what was said
 *	edges_probe connect IP LOCAL|- IFACE|- TTL [PASSWORD]
 *					sends "hello"
 *	edges_probe spawn PROGRAM [ARG]	detached, prints its number and ends
 *
 * Both ends of TCP use port 179.  Errors are names of errno.
 */
#include <errno.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/spawn.h"
#include "sys/sysctl.h"
#include "sys/tcp.h"

static int
say(int err)
{
	printf("%s\n", err ? strerrorname_np(-err) : "0");
	return err != 0;
}

static void
die(const char *what)
{
	fprintf(stderr, "edges_probe: %s\n", what);
	exit(2);
}

static const char *
name(int err)
{
	return err ? strerrorname_np(-err) : "0";
}

static int
forward(char **av)
{
	struct sysctl_forward f;
	int err = sysctl_forward(av[0], &f);

	printf("%s changed %d v4 %s v6 %s strict %d now %d %d\n", name(err),
	    f.changed, name(f.err4), name(f.err6), f.strict_rp_filter,
	    sysctl_forwards(FAMILY_IP4, av[0]),
	    sysctl_forwards(FAMILY_IP6, av[0]));
	return 0;
}

static struct tcp_end
end(const char *ip, uint16_t port, const char *iface)
{
	struct tcp_end e = { .port = port };

	if (strcmp(ip, "-") != 0 && !ip_parse(ip, &e.ip))
		die("bad address");
	if (ip_is_link_local(e.ip))
		e.scope = if_nametoindex(iface);
	return e;
}

static void
wait_for(int fd, short events)
{
	struct pollfd p = { .fd = fd, .events = events };

	if (poll(&p, 1, 3000) != 1) {
		printf("ETIMEDOUT\n");
		exit(1);
	}
}

static int
listen_command(char **av)
{
	struct tcp_opt o = { .iface = strcmp(av[2], "-") ? av[2] : NULL };
	struct tcp_end local = end(av[1], TCP_BGP_PORT, av[2]), peer;
	char text[IP_TEXT], buf[64];
	int fd, c, err;
	ssize_t n;

	fd = tcp_listen(av[0][0] == '6' ? FAMILY_IP6 : FAMILY_IP4, &local,
	    &o);
	if (fd < 0)
		return say(fd);
	if (av[3] && av[4]) {
		peer = end(av[4], 0, av[2]);
		err = tcp_set_md5(fd, &peer, ip_is4(peer.ip) ? 32 : 128,
		    av[3]);
		if (err)
			return say(err);
	}
	printf("listening\n");
	fflush(stdout);
	wait_for(fd, POLLIN);
	c = tcp_accept(fd, &peer, &local);
	if (c < 0)
		return say(c);
	printf("from %s", ip_text(peer.ip, text));
	printf(" to %s port %u scope %s\n", ip_text(local.ip, text),
	    local.port, local.scope ? "some" : "none");
	wait_for(c, POLLIN);
	n = read(c, buf, sizeof(buf));
	printf("heard %.*s\n", n > 0 ? (int)n : 0, buf);
	return 0;
}

static int
connect_command(char **av)
{
	struct tcp_opt o = { .iface = strcmp(av[2], "-") ? av[2] : NULL,
	    .ttl = (uint8_t)atoi(av[3]) };
	struct tcp_end peer = end(av[0], TCP_BGP_PORT, av[2]);
	struct tcp_end local = end(av[1], 0, av[2]);
	int fd = tcp_connect(&local, &peer, &o, av[4]), err;

	if (fd < 0)
		return say(fd);
	wait_for(fd, POLLOUT);
	err = tcp_connected(fd);
	if (!err && write(fd, "hello", 5) != 5)
		err = -errno;
	return say(err);
}

static int
spawn_command(char **av)
{
	struct spawn_child c;
	int err = spawn_detached(av, true, &c);

	if (err)
		return say(err);
	printf("%d\n", (int)c.pid);
	return 0;
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (strcmp(what, "forward") == 0 && argc == 3)
		return forward(argv + 2);
	if (strcmp(what, "listen") == 0 && argc >= 5)
		return listen_command(argv + 2);
	if (strcmp(what, "connect") == 0 && argc >= 6)
		return connect_command(argv + 2);
	if (strcmp(what, "spawn") == 0 && argc >= 3)
		return spawn_command(argv + 2);
	die("what?");
}

/* SPDX-License-Identifier: ISC */
#include "sys/dgram.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sys/entropy.h"

#define CS6		0xc0	/* DSCP of network control, RFC 2474 */
#define PRIO_CONTROL	7	/* TC_PRIO_CONTROL: our own queues as well */
#define PORT_FIRST	49152
#define PORTS		(65536 - PORT_FIRST)
#define PORT_TRIES	64
#define TTL_MAX		255

union address {
	struct sockaddr sa;
	struct sockaddr_in four;
	struct sockaddr_in6 six;
};

static socklen_t
address_of(union address *a, enum family f, const struct dgram_end *e)
{
	memset(a, 0, sizeof(*a));
	if (f == FAMILY_IP4) {
		a->four.sin_family = AF_INET;
		a->four.sin_port = htons(e->port);
		if (!ip_is_none(e->ip))
			memcpy(&a->four.sin_addr, e->ip.b + 12, 4);
		return sizeof(a->four);
	}
	a->six.sin6_family = AF_INET6;
	a->six.sin6_port = htons(e->port);
	if (ip_is_link_local(e->ip))
		a->six.sin6_scope_id = e->scope;
	memcpy(&a->six.sin6_addr, e->ip.b, 16);
	return sizeof(a->six);
}

static int
set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ?
	    -errno : 0;
}

static int
open_socket(enum family f)
{
	int fd = socket(f == FAMILY_IP4 ? AF_INET : AF_INET6,
	    SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	if (f == FAMILY_IP4) {
		(void)set_int(fd, IPPROTO_IP, IP_TOS, CS6);
	} else {
		(void)set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
		(void)set_int(fd, IPPROTO_IPV6, IPV6_TCLASS, CS6);
	}
	(void)set_int(fd, SOL_SOCKET, SO_PRIORITY, PRIO_CONTROL);
	return fd;
}

static int
fail(int fd, int err)
{
	close(fd);
	return err;
}

int
dgram_listen(enum family f, const struct dgram_end *at, bool zero_checksum)
{
	const int level = f == FAMILY_IP4 ? IPPROTO_IP : IPPROTO_IPV6;
	union address a;
	socklen_t n = address_of(&a, f, at);
	int fd = open_socket(f), err;

	if (fd < 0)
		return fd;
	err = set_int(fd, level, f == FAMILY_IP4 ? IP_PKTINFO :
	    IPV6_RECVPKTINFO, 1);
	if (!err)
		err = set_int(fd, level, f == FAMILY_IP4 ? IP_RECVTTL :
		    IPV6_RECVHOPLIMIT, 1);
	if (!err && f == FAMILY_IP6 && zero_checksum)
		err = set_int(fd, IPPROTO_UDP, UDP_NO_CHECK6_RX, 1);
	if (!err && bind(fd, &a.sa, n) < 0)
		err = -errno;
	return err ? fail(fd, err) : fd;
}

static int
bind_some_port(int fd, enum family f, const struct dgram_end *from)
{
	struct dgram_end e = *from;
	union address a;
	socklen_t n;

	for (unsigned i = 0; i < PORT_TRIES; i++) {
		e.port = (uint16_t)(PORT_FIRST + entropy_below(PORTS));
		n = address_of(&a, f, &e);
		if (bind(fd, &a.sa, n) == 0)
			return 0;
		if (errno != EADDRINUSE)
			return -errno;
	}
	return -EADDRINUSE;
}

int
dgram_connect(const struct dgram_end *from, const struct dgram_end *to,
    const char *iface)
{
	const enum family f = ip_is4(to->ip) ? FAMILY_IP4 : FAMILY_IP6;
	union address a;
	socklen_t n = address_of(&a, f, to);
	int fd = open_socket(f), err;

	if (fd < 0)
		return fd;
	err = f == FAMILY_IP4 ? set_int(fd, IPPROTO_IP, IP_TTL, TTL_MAX) :
	    set_int(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, TTL_MAX);
	if (!err && iface != NULL && setsockopt(fd, SOL_SOCKET,
	    SO_BINDTODEVICE, iface, (socklen_t)strlen(iface) + 1) < 0)
		err = -errno;
	if (!err)
		err = bind_some_port(fd, f, from);
	if (!err && connect(fd, &a.sa, n) < 0)
		err = -errno;
	return err ? fail(fd, err) : fd;
}

static void
read_control(struct msghdr *m, struct dgram_info *ret)
{
	struct in6_pktinfo six;
	struct in_pktinfo four;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level == IPPROTO_IP &&
		    c->cmsg_type == IP_PKTINFO) {
			memcpy(&four, CMSG_DATA(c), sizeof(four));
			ret->ifindex = (uint32_t)four.ipi_ifindex;
			ret->to = ip_from4((const uint8_t *)&four.ipi_addr);
		} else if (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&six, CMSG_DATA(c), sizeof(six));
			ret->ifindex = six.ipi6_ifindex;
			ret->to = ip_from6((const uint8_t *)&six.ipi6_addr);
		} else if ((c->cmsg_level == IPPROTO_IP &&
		    c->cmsg_type == IP_TTL) ||
		    (c->cmsg_level == IPPROTO_IPV6 &&
		    c->cmsg_type == IPV6_HOPLIMIT)) {
			memcpy(&ret->ttl, CMSG_DATA(c), sizeof(ret->ttl));
		}
	}
}

static void
end_of(struct dgram_end *e, const union address *a)
{
	if (a->sa.sa_family == AF_INET) {
		e->ip = ip_from4((const uint8_t *)&a->four.sin_addr);
		e->port = ntohs(a->four.sin_port);
	} else {
		e->ip = ip_from6((const uint8_t *)&a->six.sin6_addr);
		e->port = ntohs(a->six.sin6_port);
		e->scope = a->six.sin6_scope_id;
	}
}

int
dgram_recv(int fd, uint8_t *buf, size_t cap, struct dgram_info *ret)
{
	union {
		struct cmsghdr align;
		char room[256];
	} control;
	struct iovec iov = { .iov_base = buf, .iov_len = cap };
	union address a;
	struct msghdr m = { .msg_name = &a, .msg_namelen = sizeof(a),
	    .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
	    .msg_controllen = sizeof(control) };
	ssize_t n = recvmsg(fd, &m, 0);

	if (n < 0)
		return -errno;
	*ret = (struct dgram_info){ .ttl = -1 };
	end_of(&ret->from, &a);
	read_control(&m, ret);
	return (int)n;
}

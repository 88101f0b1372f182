/* SPDX-License-Identifier: ISC */
#include "sys/netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <unistd.h>

static void
set_int(int fd, int level, int name, int value)
{
	/* Each of these is a refinement that old kernels may lack. */
	(void)setsockopt(fd, level, name, &value, sizeof(value));
}

static void
set_options(int fd, size_t rcvbuf)
{
	set_int(fd, SOL_NETLINK, NETLINK_EXT_ACK, 1);
	set_int(fd, SOL_NETLINK, NETLINK_CAP_ACK, 1);
	set_int(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, 1);
	set_int(fd, SOL_SOCKET, SO_RCVBUF, (int)rcvbuf);
	set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, (int)rcvbuf);
}

static int
bind_port(int fd, uint32_t groups, uint32_t *ret_port)
{
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK,
	    .nl_groups = groups };
	socklen_t n = sizeof(sa);

	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&sa, &n) < 0)
		return -errno;
	if (ret_port)
		*ret_port = sa.nl_pid;
	return 0;
}

int
netlink_open(int family, uint32_t groups, size_t rcvbuf, uint32_t *ret_port)
{
	int fd, err;

	fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    family);
	if (fd < 0)
		return -errno;
	set_options(fd, rcvbuf);
	err = bind_port(fd, groups, ret_port);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

size_t
netlink_rcvbuf(int fd)
{
	socklen_t n = sizeof(int);
	int v = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &v, &n) < 0 || v < 0)
		return 0;
	return (size_t)v;
}

int
netlink_send(int fd, struct bytes b)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	ssize_t n;

	do {
		n = sendto(fd, b.p, b.n, 0, (struct sockaddr *)&kernel,
		    sizeof(kernel));
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

int
netlink_recv(int fd, void *buf, size_t cap)
{
	struct sockaddr_nl sa;
	struct iovec iov = { .iov_base = buf, .iov_len = cap };
	struct msghdr m;
	ssize_t n;

	for (;;) {
		m = (struct msghdr){ .msg_name = &sa,
		    .msg_namelen = sizeof(sa), .msg_iov = &iov,
		    .msg_iovlen = 1 };
		n = recvmsg(fd, &m, MSG_DONTWAIT);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		/* Any process may send us something: only port 0 counts. */
		if (m.msg_namelen != sizeof(sa) || sa.nl_pid != 0)
			continue;
		if (m.msg_flags & MSG_TRUNC)
			return -ENOBUFS;
		if (n > 0)
			return (int)n;
	}
}

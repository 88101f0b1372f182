/* SPDX-License-Identifier: ISC */
#include "sys/echo.h"

#include <errno.h>
#include <linux/filter.h>
#include <net/if.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/echo.h"

#define CS6		0xc0	/* DSCP of network control, RFC 2474 */
#define PRIO_CONTROL	7

static struct sockaddr_in6
address_of(struct ip ip, uint32_t ifindex)
{
	struct sockaddr_in6 a = { .sin6_family = AF_INET6,
	    .sin6_scope_id = ifindex };

	memcpy(&a.sin6_addr, ip.b, sizeof(a.sin6_addr));
	return a;
}

static int
set_int(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value)) < 0 ?
	    -errno : 0;
}

/* Other people's pings go over the same tunnel. */
static int
only_ours(int fd)
{
	static struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 8),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ECHO_MAGIC, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog prog = { .len = 4, .filter = code };
	struct icmp6_filter types;

	ICMP6_FILTER_SETBLOCKALL(&types);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REQUEST, &types);
	ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &types);
	if (setsockopt(fd, IPPROTO_ICMPV6, ICMP6_FILTER, &types,
	    sizeof(types)) < 0 || setsockopt(fd, SOL_SOCKET,
	    SO_ATTACH_FILTER, &prog, sizeof(prog)) < 0)
		return -errno;
	return 0;
}

int
echo_open(const char *iface, uint32_t ifindex, struct ip local)
{
	const struct sockaddr_in6 a = address_of(local, ifindex);
	int fd = socket(AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
	    IPPROTO_ICMPV6), err;

	if (fd < 0)
		return -errno;
	err = only_ours(fd);
	if (!err && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, iface,
	    (socklen_t)strlen(iface) + 1) < 0)
		err = -errno;
	if (!err)
		err = set_int(fd, SOL_IPV6, IPV6_FREEBIND, 1);
	if (!err && bind(fd, (const struct sockaddr *)&a, sizeof(a)) < 0)
		err = -errno;
	if (!err)
		err = set_int(fd, IPPROTO_IPV6, IPV6_DONTFRAG, 1);
	(void)set_int(fd, IPPROTO_IPV6, IPV6_TCLASS, CS6);
	(void)set_int(fd, SOL_SOCKET, SO_PRIORITY, PRIO_CONTROL);
	if (err) {
		close(fd);
		return err;
	}
	return fd;
}

int
echo_send(int fd, struct ip to, uint32_t ifindex, struct bytes b)
{
	const struct sockaddr_in6 a = address_of(to, ifindex);

	return sendto(fd, b.p, b.n, MSG_NOSIGNAL | MSG_DONTWAIT,
	    (const struct sockaddr *)&a, sizeof(a)) < 0 ? -errno : 0;
}

int
echo_set_mtu(int fd, const char *iface, unsigned mtu)
{
	struct ifreq r = { .ifr_mtu = (int)mtu };

	if (strlen(iface) >= sizeof(r.ifr_name))
		return -EINVAL;
	memcpy(r.ifr_name, iface, strlen(iface) + 1);
	return ioctl(fd, SIOCSIFMTU, &r) < 0 ? -errno : 0;
}

int
echo_recv(int fd, uint8_t *buf, size_t cap, struct ip *ret_from)
{
	struct sockaddr_in6 a = { 0 };
	socklen_t n_a = sizeof(a);
	ssize_t n = recvfrom(fd, buf, cap, MSG_DONTWAIT | MSG_TRUNC,
	    (struct sockaddr *)&a, &n_a);

	if (n < 0)
		return -errno;
	*ret_from = ip_from6((const uint8_t *)&a.sin6_addr);
	return (int)n;
}

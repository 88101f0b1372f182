/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <libmnl/libmnl.h>

#include "sys/sysctl.h"
#include "sys/tun.h"
#include "wire/vnet.h"

/* Linux 6.2 and later. */
#ifndef TUN_F_USO4
#define TUN_F_USO4	0x20
#define TUN_F_USO6	0x40
#endif
#ifndef TUNGETDEVNETNS
#define TUNGETDEVNETNS	_IO('T', 227)
#endif

#define TUN_OFFLOADS	(TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6 | TUN_F_TSO_ECN)

static int
set_nonblock(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -errno;
	return 0;
}

static int
attach(const char *name, struct tun *t)
{
	struct ifreq ifr = { .ifr_flags = IFF_TUN | IFF_NO_PI | IFF_VNET_HDR };
	int err;

	if (strlen(name) >= sizeof(ifr.ifr_name))
		return -ENAMETOOLONG;
	strcpy(ifr.ifr_name, name);
	t->fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (t->fd < 0)
		return -errno;
	if (ioctl(t->fd, TUNSETIFF, &ifr) < 0) {
		err = -errno;
		close(t->fd);
		t->fd = -1;
		return err;
	}
	memcpy(t->name, ifr.ifr_name, TUN_NAME);
	return 0;
}

/* A kernel without these reads whole packets, which is only slower. */
static void
set_offloads(struct tun *t)
{
	int hdr = VNET_HDR_SIZE;

	(void)ioctl(t->fd, TUNSETVNETHDRSZ, &hdr);
	if (ioctl(t->fd, TUNSETOFFLOAD,
	    (unsigned long)(TUN_OFFLOADS | TUN_F_USO4 | TUN_F_USO6)) == 0)
		return;
	(void)ioctl(t->fd, TUNSETOFFLOAD, (unsigned long)TUN_OFFLOADS);
}

/* As the kernel's WireGuard interface: it has no multicast of its own. */
static int
set_like_wireguard(struct tun *t)
{
	struct ifreq ifr = { 0 };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), err = 0;

	if (s < 0)
		return -errno;
	memcpy(ifr.ifr_name, t->name, TUN_NAME);
	ifr.ifr_mtu = TUN_MTU;
	if (ioctl(s, SIOCSIFMTU, &ifr) < 0)
		err = -errno;
	if (!err && ioctl(s, SIOCGIFFLAGS, &ifr) == 0) {
		ifr.ifr_flags &= ~IFF_MULTICAST;
		ifr.ifr_flags |= IFF_POINTOPOINT | IFF_NOARP;
		(void)ioctl(s, SIOCSIFFLAGS, &ifr);
	}
	close(s);
	return err;
}

static void
learn_link(struct tun *t)
{
	struct ifreq ifr = { 0 };
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (s < 0)
		return;
	memcpy(ifr.ifr_name, t->name, TUN_NAME);
	if (ioctl(s, SIOCGIFMTU, &ifr) == 0)
		t->mtu = (unsigned)ifr.ifr_mtu;
	if (ioctl(s, SIOCGIFFLAGS, &ifr) == 0)
		t->up = ifr.ifr_flags & IFF_UP;
	if (ioctl(s, SIOCGIFINDEX, &ifr) == 0)
		t->ifindex = ifr.ifr_ifindex;
	close(s);
}

/* IFLA_INET6_ADDR_GEN_MODE; without IPv6 there is nothing to switch off. */
static void
set_no_link_local(struct tun *t)
{
	char buf[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nlattr *spec, *inet6;
	struct ifinfomsg *ifi;
	int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (s < 0)
		return;
	nlh->nlmsg_type = RTM_NEWLINK;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_index = t->ifindex;
	spec = mnl_attr_nest_start(nlh, IFLA_AF_SPEC);
	inet6 = mnl_attr_nest_start(nlh, AF_INET6);
	mnl_attr_put_u8(nlh, IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
	mnl_attr_nest_end(nlh, inet6);
	mnl_attr_nest_end(nlh, spec);
	if (send(s, buf, nlh->nlmsg_len, 0) > 0)
		(void)recv(s, buf, sizeof(buf), 0);
	close(s);
}

/*
 * What the kernel's WireGuard sets for its interfaces when they go up: no
 * link-local address, and no ICMP redirects for what a hub passes on from
 * peer to peer by one interface, which takes the switch of "all" too.
 */
static void
set_quiet(struct tun *t)
{
	set_no_link_local(t);
	(void)sysctl_if_set(FAMILY_IP4, "all", "send_redirects", 0);
	(void)sysctl_if_set(FAMILY_IP4, t->name, "send_redirects", 0);
}

static int
watch_links(void)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK,
	    .nl_groups = RTMGRP_LINK };
	int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
	    NETLINK_ROUTE);

	if (s >= 0 && bind(s, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		close(s);
		s = -1;
	}
	return s;
}

static int
set_up(struct tun *t)
{
	int err;

	set_offloads(t);
	learn_link(t);
	set_quiet(t);
	err = set_like_wireguard(t);
	t->link_fd = watch_links();
	learn_link(t);
	if (err)
		tun_close(t);
	return err;
}

int
tun_open(const char *name, struct tun *ret)
{
	int err;

	*ret = (struct tun){ .fd = -1, .link_fd = -1 };
	err = attach(name, ret);
	return err ? err : set_up(ret);
}

int
tun_adopt(int fd, struct tun *ret)
{
	struct ifreq ifr = { 0 };
	int err = set_nonblock(fd);

	*ret = (struct tun){ .fd = fd, .link_fd = -1 };
	if (!err && ioctl(fd, TUNGETIFF, &ifr) < 0)
		err = -errno;
	if (err)
		return err;
	if ((ifr.ifr_flags & (IFF_TUN | IFF_NO_PI | IFF_VNET_HDR)) !=
	    (IFF_TUN | IFF_NO_PI | IFF_VNET_HDR))
		return -EINVAL;
	memcpy(ret->name, ifr.ifr_name, TUN_NAME);
	return set_up(ret);
}

void
tun_close(struct tun *t)
{
	if (t->fd >= 0)
		close(t->fd);
	if (t->link_fd >= 0)
		close(t->link_fd);
	t->fd = t->link_fd = -1;
}

ssize_t
tun_read(struct tun *t, void *buf, size_t cap)
{
	ssize_t n;

	do
		n = read(t->fd, buf, cap);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

int
tun_write(struct tun *t, const struct bytes *v, size_t n)
{
	struct iovec iov[TUN_PIECES];
	ssize_t w;

	if (n > TUN_PIECES)
		return -EINVAL;
	for (size_t i = 0; i < n; i++)
		iov[i] = (struct iovec){ .iov_base = (void *)v[i].p,
		    .iov_len = v[i].n };
	do
		w = writev(t->fd, iov, (int)n);
	while (w < 0 && errno == EINTR);
	return w < 0 ? -errno : 0;
}

static bool
is_alive(struct tun *t)
{
	struct ifreq ifr = { 0 };

	return ioctl(t->fd, TUNGETIFF, &ifr) == 0;
}

/*
 * Looks at the link from within the network namespace that it has gone to,
 * and leaves a socket there that hears of it from now on.
 */
static void
follow(struct tun *t)
{
	int here = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
	int there = ioctl(t->fd, TUNGETDEVNETNS), before = t->link_fd;
	struct ifreq ifr = { 0 };

	if (here >= 0 && there >= 0 && setns(there, CLONE_NEWNET) == 0) {
		if (ioctl(t->fd, TUNGETIFF, &ifr) == 0)
			memcpy(t->name, ifr.ifr_name, TUN_NAME);
		/* The old one is closed last, so that the numbers differ. */
		t->link_fd = watch_links();
		if (before >= 0)
			close(before);
		learn_link(t);
		set_quiet(t);
		if (setns(here, CLONE_NEWNET) < 0)
			abort();	/* else the wrong place */
	}
	if (here >= 0)
		close(here);
	if (there >= 0)
		close(there);
}

static enum tun_event
on_newlink(struct tun *t, const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *attr;
	unsigned mtu = t->mtu;
	bool up = ifi->ifi_flags & IFF_UP;

	mnl_attr_for_each(attr, nlh, sizeof(*ifi)) {
		if (mnl_attr_get_type(attr) == IFLA_MTU &&
		    mnl_attr_validate(attr, MNL_TYPE_U32) >= 0)
			mtu = mnl_attr_get_u32(attr);
	}
	if (up == t->up && mtu == t->mtu)
		return TUN_SAME;
	t->up = up;
	t->mtu = mtu;
	return TUN_CHANGED;
}

/* A link that left this namespace is reported as deleted; is it? */
static enum tun_event
on_dellink(struct tun *t)
{
	if (!is_alive(t))
		return TUN_GONE;
	follow(t);
	return TUN_CHANGED;
}

static enum tun_event
on_message(struct tun *t, const struct nlmsghdr *nlh)
{
	const struct ifinfomsg *ifi;

	if (nlh->nlmsg_type != RTM_NEWLINK && nlh->nlmsg_type != RTM_DELLINK)
		return TUN_SAME;
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifi))
		return TUN_SAME;
	ifi = mnl_nlmsg_get_payload(nlh);
	if (ifi->ifi_index != t->ifindex || ifi->ifi_family != AF_UNSPEC)
		return TUN_SAME;
	return nlh->nlmsg_type == RTM_NEWLINK ? on_newlink(t, nlh) :
	    on_dellink(t);
}

enum tun_event
tun_link_event(struct tun *t)
{
	char buf[16384] __attribute__((aligned(NLMSG_ALIGNTO)));
	const struct nlmsghdr *nlh;
	enum tun_event seen = TUN_SAME, e;
	ssize_t n;
	int left, fd = t->link_fd;

	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		nlh = (const struct nlmsghdr *)buf;
		for (left = (int)n; mnl_nlmsg_ok(nlh, left);
		    nlh = mnl_nlmsg_next(nlh, &left)) {
			e = on_message(t, nlh);
			if (e > seen)
				seen = e;
		}
		if (seen == TUN_GONE || fd != t->link_fd)
			return seen;
	}
	if (n < 0 && errno == ENOBUFS) {	/* messages were lost: look */
		if (!is_alive(t))
			return TUN_GONE;
		follow(t);
		return TUN_CHANGED;
	}
	return seen;
}

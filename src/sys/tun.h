/* SPDX-License-Identifier: ISC */
/*
 * A TUN interface that looks and behaves like the kernel's own WireGuard
 * interface: POINTOPOINT,NOARP, MTU 1420, no IPv6 link-local address made up
 * by the kernel.  Packets pass with a virtio header (wire/vnet.h) and with
 * segmentation offloads where the kernel has them.
 *
 * The link's state is followed by netlink, also into another network
 * namespace: an interface made here and moved to a container goes on working,
 * as the kernel's does, with its UDP sockets left behind in this one.
 *
 *	err = tun_open("wg0", &t);
 *	poll t.fd for packets and t.link_fd for changes;
 *	tun_link_event(&t) when link_fd is readable
 *
 * Errors are negative errno.  Not blocking.  One thread.
 */
#ifndef WARREN_SYS_TUN_H
#define WARREN_SYS_TUN_H

#include <sys/types.h>

#include "base/bytes.h"

#define TUN_MTU		1420
#define TUN_NAME	16		/* IFNAMSIZ */
/* The longest read: a virtio header and a super-packet. */
#define TUN_READ_MAX	(65536 + 64)
#define TUN_PIECES	128

struct tun {
	int fd;
	int link_fd;			/* -1 where links cannot be watched */
	int ifindex;
	unsigned mtu;
	bool up;			/* IFF_UP */
	char name[TUN_NAME];		/* as the kernel gave it */
};

enum tun_event {
	TUN_SAME,			/* nothing that matters */
	TUN_CHANGED,			/* up or mtu are new */
	TUN_GONE			/* the interface was deleted */
};

/* Makes the interface, or takes a persistent one that nobody has open. */
int tun_open(const char *name, struct tun *ret);
/* Takes over a descriptor of /dev/net/tun that has its interface already. */
int tun_adopt(int fd, struct tun *ret);
void tun_close(struct tun *t);

/*
 * One read with its virtio header; -EAGAIN when there is none, -EBADFD when
 * the interface is gone, -EIO while it is down.
 */
ssize_t tun_read(struct tun *t, void *buf, size_t cap);
/*
 * One packet or super-packet in up to TUN_PIECES pieces, the first of them
 * its virtio header.  0 or negative errno.
 */
int tun_write(struct tun *t, const struct bytes *v, size_t n);

enum tun_event tun_link_event(struct tun *t);

#endif

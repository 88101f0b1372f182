/* SPDX-License-Identifier: ISC */
/*
 * The floor of "fib": a bare loop that puts the table's IPv4 prefixes into the
 * kernel, many to a send, and asks for an answer to the last one of each.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bgpbench.h"

#define BATCH	512

struct request {
	struct nlmsghdr h;
	struct rtmsg r;
	struct rtattr da;
	u32 dst;
	struct rtattr ga;
	u32 gw;
	struct rtattr oa;
	u32 oif;
};

static void
fill(struct request *q, const struct pfx *p, u32 gw, u32 oif, u32 seq)
{
	*q = (struct request){
		.h = { .nlmsg_len = sizeof(*q), .nlmsg_type = RTM_NEWROUTE,
		    .nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE |
		    NLM_F_REPLACE, .nlmsg_seq = seq },
		.r = { .rtm_family = AF_INET, .rtm_dst_len = p->len,
		    .rtm_table = RT_TABLE_MAIN, .rtm_protocol = 12,
		    .rtm_type = RTN_UNICAST },
		.da = { 8, RTA_DST }, .ga = { 8, RTA_GATEWAY },
		.oa = { 8, RTA_OIF }, .oif = oif };
	put32((u8 *)&q->dst, (u32)(p->hi >> 32));
	put32((u8 *)&q->gw, gw);
}

static void
answer(int fd)
{
	u8 buf[8192];
	struct nlmsghdr *h = (void *)buf;
	struct nlmsgerr *e = NLMSG_DATA(h);

	if (recv(fd, buf, sizeof buf, 0) < (ssize_t)NLMSG_LENGTH(sizeof *e))
		die("netlink: %s", strerror(errno));
	if (h->nlmsg_type == NLMSG_ERROR && e->error)
		die("netlink: %s", strerror(-e->error));
}

void
fib(u32 gw, const char *dev)
{
	static struct request v[BATCH];
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	u32 oif = if_nametoindex(dev), n = 0;
	double t = now();

	for (u32 i = 0; i < npfx; i++) {
		if (pfx[i].fam == 4)
			fill(&v[n++], &pfx[i], gw, oif, i);
		if (n < BATCH && i + 1 < npfx)
			continue;
		v[n - 1].h.nlmsg_flags |= NLM_F_ACK;
		if (send(fd, v, n * sizeof *v, 0) < 0)
			die("netlink: %s", strerror(errno));
		answer(fd);
		n = 0;
	}
	printf("fib %.3f\n", now() - t);
	close(fd);
}

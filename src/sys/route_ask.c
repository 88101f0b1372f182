/* SPDX-License-Identifier: ISC */
#include "sys/route_ask.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/netlink.h"
#include "wire/netlink_route.h"

#define RCVBUF		(64u << 10)

struct route_ask {
	int fd;
	uint32_t seq;
	uint32_t mtu;
	struct nl_route route;
	struct nl_route flow;		/* n_hops 0: not known */
	uint8_t buf[NETLINK_RECV];
};

int
route_ask_new(struct route_ask **ret_ask)
{
	struct route_ask *a = mem_zalloc(sizeof(*a));

	if (a == NULL)
		return -ENOMEM;
	a->fd = netlink_open(NETLINK_ROUTE, 0, RCVBUF, NULL);
	if (a->fd < 0) {
		int err = a->fd;

		mem_free(a);
		return err;
	}
	*ret_ask = a;
	return 0;
}

struct route_ask *
route_ask_free(struct route_ask *a)
{
	if (a != NULL)
		close(a->fd);
	mem_free(a);
	return NULL;
}

/* 0 when it was understood. */
static int
read_answer(struct route_ask *a, int n, bool match)
{
	struct rd r = rd_of(bytes_of(a->buf, (size_t)n));
	struct nl_msg m;
	struct nl_ack ack;

	while (nl_next(&r, &m)) {
		if (m.seq != a->seq)
			continue;
		if (nl_ack_parse(&m, &ack))
			return ack.err != 0 ? ack.err : -EINVAL;
		a->mtu = nl_route_mtu(&m);
		if (!match && !nl_route_parse(&m, &a->flow))
			a->flow.n_hops = 0;
		return !match || nl_route_parse(&m, &a->route) ? 0 :
		    -ENETUNREACH;
	}
	return -EAGAIN;
}

static int
ask(struct route_ask *a, struct ip dst, struct ip src, uint32_t oif,
    uint32_t mark, bool match)
{
	uint8_t buf[128];
	struct wr w = wr_of(buf, sizeof(buf));
	int n, err;

	nl_route_put_get(&w, ++a->seq, dst, src, oif, mark, match);
	err = netlink_send(a->fd, bytes_of(buf, wr_len(&w)));
	if (err < 0)
		return err;
	do {	/* what is left of others comes first */
		n = netlink_recv(a->fd, a->buf, sizeof(a->buf));
		if (n <= 0)
			return n < 0 ? n : -ENODATA;
		err = read_answer(a, n, match);
	} while (err == -EAGAIN);
	return err;
}

int
route_ask(struct route_ask *a, struct ip dst, uint32_t oif, uint32_t mark,
    struct route_way *ret_way)
{
	struct route_way *way = ret_way;
	int err = ask(a, dst, IP_NONE, oif, mark, true);

	*way = (struct route_way){ 0 };
	a->flow.n_hops = 0;
	if (err < 0)
		return err;
	if (a->route.type != RTN_UNICAST || a->route.n_hops == 0)
		return -ENETUNREACH;
	way->match = a->route.dst;
	way->table = a->route.table;
	way->oif = a->route.hop[0].oif;
	if (ask(a, dst, IP_NONE, oif, mark, false) == 0)
		way->mtu = a->mtu;
	return 0;
}

bool
route_ask_fits(struct route_ask *a, struct ip dst, struct ip src,
    uint32_t ifindex, uint32_t mark)
{
	uint32_t oif = ip_is_link_local(dst) ? ifindex : 0;
	int err = ask(a, dst, src, oif, mark, true);

	if (err < 0)
		return err != -EINVAL && err != -EADDRNOTAVAIL;
	for (unsigned i = 0; i < a->route.n_hops; i++)
		if (a->route.hop[i].oif == ifindex)
			return true;
	return a->route.type != RTN_UNICAST;
}

const struct nl_route *
route_ask_route(const struct route_ask *a)
{
	return &a->route;
}

const struct nl_hop *
route_ask_hop(const struct route_ask *a)
{
	return a->flow.n_hops > 0 ? &a->flow.hop[0] : &a->route.hop[0];
}

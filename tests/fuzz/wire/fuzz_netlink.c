/* SPDX-License-Identifier: ISC */
/*
 * A datagram that pretends to be the kernel's.  A route that was understood
 * and is written again reads as the same route.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/netlink_route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
must(bool ok)
{
	if (!ok)
		abort();
}

static void
again(const struct nl_route *rt)
{
	static uint8_t buf[16384];
	static struct nl_route back;
	struct wr w = wr_of(buf, sizeof(buf));
	struct nl_msg m;
	struct rd r;

	nl_route_put(&w, 0, 1, rt);
	must(!w.bad);
	r = rd_of(bytes_of(buf, wr_len(&w)));
	must(nl_next(&r, &m) && nl_route_parse(&m, &back));
	must(prefix_eq(&back.dst, &rt->dst));
	must(back.table == rt->table || rt->table == 0);
	must(back.n_hops == rt->n_hops);
	for (unsigned i = 0; i < rt->n_hops; i++)
		must(ip_eq(back.hop[i].via, rt->hop[i].via) &&
		    back.hop[i].oif == rt->hop[i].oif);
	must(ip_eq(back.prefsrc, rt->prefsrc));
	must(back.metric_set == rt->metric_set);
}

static void
names_end(const struct nl_link *l)
{
	must(strnlen(l->name, NL_IFNAME) < NL_IFNAME);
	must(strnlen(l->kind, NL_IFNAME) < NL_IFNAME);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct nl_route rt;
	struct rd r = rd_of(bytes_of(data, n));
	struct nl_link l;
	struct nl_addr a;
	struct nl_rule rule;
	struct nl_ack ack;
	struct nl_msg m;

	while (nl_next(&r, &m)) {
		if (nl_route_parse(&m, &rt))
			again(&rt);
		if (nl_link_parse(&m, &l))
			names_end(&l);
		if (nl_addr_parse(&m, &a))
			must(a.len <= 128 && !ip_is_none(a.local));
		nl_rule_parse(&m, &rule);
		if (nl_ack_parse(&m, &ack))
			must(strnlen(ack.text, sizeof(ack.text)) <
			    sizeof(ack.text) && ack.err <= 0);
	}
	return 0;
}

/* SPDX-License-Identifier: ISC */
/*
 * Drives sys/rtnl from a shell script, inside a network namespace:
 *
 *	netlink_probe set|add|del PREFIX [type T] [metric N] [table N]
 *	    [prefsrc IP] [mtu N] [via IP|-] [dev NAME] [weight N] [onlink]
 *	    [next …another hop…]
 *	netlink_probe bulk set|add|del 4|6 COUNT via IP dev NAME
 *	netlink_probe addr set|del NAME IP/LEN [peer IP] [noprefixroute] [nodad]
 *	netlink_probe link add NAME KIND | up|down|del|quiet NAME | mtu NAME N
 *	netlink_probe rule add|del 4|6 MARK TABLE
 *	netlink_probe scan [table N] [proto N]
 *	netlink_probe watch MILLISECONDS
 *	netlink_probe overrun COUNT via IP dev NAME
 *
 * Each result of a request is a line "0" or "ERRNO TEXT".
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/ip.h"
#include "sys/clock.h"
#include "sys/rtnl.h"

struct probe {
	struct rtnl *r;
	unsigned done, failed, room;
	int first_err;
	bool quiet;		/* count, do not print */
	bool events;		/* print what is seen */
	unsigned routes, links, addrs, overruns, scans, torn;
	uint64_t next_cookie;	/* that done() must bring */
	bool disorder;
};

static void
die(const char *what)
{
	fprintf(stderr, "netlink_probe: %s\n", what);
	exit(2);
}

static struct ip
an_ip(const char *s)
{
	struct ip ip;

	if (!s || !ip_parse(s, &ip))
		die("bad address");
	return ip;
}

static void
on_done(void *ctx, uint64_t cookie, int err, const char *text)
{
	struct probe *p = ctx;

	p->done++;
	p->disorder |= cookie != p->next_cookie++;
	if (err) {
		p->failed++;
		if (!p->first_err)
			p->first_err = err;
	}
	if (!p->quiet)
		printf("%s%s%s\n", err ? strerrorname_np(-err) : "0",
		    text[0] ? " " : "", text);
}

static void
on_room(void *ctx)
{
	((struct probe *)ctx)->room++;
}

static const char *
sign(struct rtnl_origin from)
{
	return from.gone ? "-" : from.scan ? "=" : from.replaces ? "~" : "+";
}

static void
on_route(void *ctx, const struct nl_route *rt, struct rtnl_origin from)
{
	struct probe *p = ctx;
	char a[PREFIX_TEXT], b[IP_TEXT];

	p->routes += !from.gone;
	if (!p->events)
		return;
	printf("%sroute %s type %u proto %u table %u metric %u%s", sign(from),
	    prefix_text(&rt->dst, a), rt->type, rt->proto, rt->table,
	    rt->metric, from.own ? " own" : "");
	for (unsigned i = 0; i < rt->n_hops; i++)
		printf(" via %s dev %u weight %u flags %u",
		    ip_is_none(rt->hop[i].via) ? "-" :
		    ip_text(rt->hop[i].via, b), rt->hop[i].oif,
		    rt->hop[i].weight, rt->hop[i].flags);
	printf("\n");
	fflush(stdout);
}

static void
on_link(void *ctx, const struct nl_link *l, struct rtnl_origin from)
{
	struct probe *p = ctx;

	p->links++;
	if (p->events)
		printf("%slink %s kind %s mtu %u up %d carrier %d\n",
		    sign(from), l->name, l->kind[0] ? l->kind : "-", l->mtu,
		    (l->flags & IFF_UP) != 0, l->carrier);
	fflush(stdout);
}

static void
on_addr(void *ctx, const struct nl_addr *a, struct rtnl_origin from)
{
	struct probe *p = ctx;
	char b[IP_TEXT], c[IP_TEXT];

	p->addrs++;
	if (p->events)
		printf("%saddr %s/%u peer %s scope %u\n", sign(from),
		    ip_text(a->local, b), a->len, ip_is_none(a->peer) ? "-" :
		    ip_text(a->peer, c), a->scope);
	fflush(stdout);
}

static void
on_scan_end(void *ctx, enum nl_dump what, int err)
{
	struct probe *p = ctx;

	p->scans++;
	p->torn += err != 0;
	if (p->events)
		printf("scanned %d: %d\n", what, err);
	fflush(stdout);
}

static void
on_overrun(void *ctx)
{
	struct probe *p = ctx;

	p->overruns++;
	if (p->quiet)		/* as an owner does */
		rtnl_scan(p->r, RTNL_SCAN_ALL, 0, 0);
}

static const struct rtnl_ops ops = {
	.link = on_link, .addr = on_addr, .route = on_route,
	.scan_end = on_scan_end, .overrun = on_overrun, .done = on_done,
	.room = on_room,
};

static void
open_probe(struct probe *p)
{
	int err = rtnl_new(&ops, p, &p->r);

	if (err)
		die(strerror(-err));
}

static int
finish(struct probe *p)
{
	int err = rtnl_settle(p->r, 60000);

	if (err)
		die(strerror(-err));
	if (p->disorder)
		die("answers out of order");
	rtnl_free(p->r);
	return p->failed != 0;
}

static uint32_t
index_of(const char *name)
{
	unsigned i = name ? if_nametoindex(name) : 0;

	if (!i)
		die("no such interface");
	return i;
}

static uint8_t
type_of(const char *s)
{
	return strcmp(s, "blackhole") == 0 ? RTN_BLACKHOLE :
	    strcmp(s, "unreachable") == 0 ? RTN_UNREACHABLE :
	    strcmp(s, "prohibit") == 0 ? RTN_PROHIBIT : RTN_UNICAST;
}

static void
one_word(struct nl_route *rt, struct nl_hop *h, const char *k, const char *v)
{
	if (strcmp(k, "type") == 0)
		rt->type = type_of(v);
	else if (strcmp(k, "metric") == 0)
		rt->metric = (uint32_t)atoi(v);
	else if (strcmp(k, "table") == 0)
		rt->table = (uint32_t)atoi(v);
	else if (strcmp(k, "prefsrc") == 0)
		rt->prefsrc = an_ip(v);
	else if (strcmp(k, "via") == 0)
		h->via = strcmp(v, "-") == 0 ? IP_NONE : an_ip(v);
	else if (strcmp(k, "dev") == 0)
		h->oif = index_of(v);
	else if (strcmp(k, "weight") == 0)
		h->weight = (uint16_t)atoi(v);
	else if (strcmp(k, "mtu") == 0) {
		rt->metrics[RTAX_MTU] = (uint32_t)atoi(v);
		rt->metric_set |= 1u << RTAX_MTU;
	} else
		die(k);
}

static void
route_words(struct nl_route *rt, char **av)
{
	struct nl_hop *h = &rt->hop[0];

	*h = (struct nl_hop){ .weight = 1 };
	while (*av) {
		if (strcmp(*av, "next") == 0) {
			rt->n_hops++;
			h = &rt->hop[rt->n_hops];
			*h = (struct nl_hop){ .weight = 1 };
			av++;
		} else if (strcmp(*av, "onlink") == 0) {
			h->flags |= RTNH_F_ONLINK;
			av++;
		} else {
			if (!av[1])
				die("a value is missing");
			one_word(rt, h, av[0], av[1]);
			av += 2;
		}
	}
	rt->n_hops += rt->type == RTN_UNICAST;
}

static int
act(struct rtnl *r, const char *how, const struct nl_route *rt, uint64_t c)
{
	return strcmp(how, "set") == 0 ? rtnl_route_set(r, rt, c) :
	    strcmp(how, "add") == 0 ? rtnl_route_add(r, rt, c) :
	    rtnl_route_del(r, rt, c);
}

static int
route_command(struct probe *p, char **av)
{
	struct nl_route rt;

	nl_route_init(&rt);
	if (!av[1] || !prefix_parse(av[1], &rt.dst))
		die("bad prefix");
	route_words(&rt, av + 2);
	if (act(p->r, av[0], &rt, 0))
		die("queue");
	return finish(p);
}

static struct prefix
numbered(bool v6, uint32_t i)
{
	struct ip ip = IP_NONE;

	if (!v6)
		return prefix_of(ip4(0x0a000000 + (i << 8)), 24);
	ip.b[0] = 0xfd;
	be32_put(ip.b + 2, i);
	return prefix_of(ip, 48);
}

static void
queue_numbered(struct probe *p, const char *how, struct nl_route *rt, bool v6,
    uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		int err;

		rt->dst = numbered(v6, i);
		while ((err = act(p->r, how, rt, i)) == -EAGAIN)
			rtnl_settle(p->r, 60000);
		if (err)
			die(strerror(-err));
	}
}

static int
bulk_command(struct probe *p, char **av)
{
	struct instant start = clock_now();
	struct nl_route rt;

	if (!av[0] || !av[1] || !av[2])
		die("bulk how family count");
	nl_route_init(&rt);
	route_words(&rt, av + 3);
	p->quiet = true;
	queue_numbered(p, av[0], &rt, av[1][0] == '6', (uint32_t)atoi(av[2]));
	finish(p);
	printf("done %u failed %u first %s%s%s\n", p->done, p->failed,
	    p->first_err ? strerrorname_np(-p->first_err) : "0",
	    p->overruns ? " overrun" : "", p->routes ? " echo" : "");
	fprintf(stderr, "%" PRId64 " ms\n",
	    instant_sub(clock_now(), start) / MILLISECONDS(1));
	return 0;
}

static int
addr_command(struct probe *p, char **av)
{
	struct nl_addr a = { 0 };
	char *slash;
	int err;

	if (!av[0] || !av[1] || !av[2] || !(slash = strchr(av[2], '/')))
		die("addr how name ip/len");
	*slash = '\0';
	a.index = index_of(av[1]);
	a.local = an_ip(av[2]);
	a.len = (uint8_t)atoi(slash + 1);
	for (char **w = av + 3; *w; w++) {
		if (strcmp(*w, "noprefixroute") == 0)
			a.flags |= IFA_F_NOPREFIXROUTE;
		else if (strcmp(*w, "nodad") == 0)
			a.flags |= IFA_F_NODAD;
		else if (strcmp(*w, "peer") == 0 && w[1])
			a.peer = an_ip(*++w);
	}
	err = strcmp(av[0], "set") == 0 ? rtnl_addr_set(p->r, &a, 0) :
	    rtnl_addr_del(p->r, &a, 0);
	if (err)
		die(strerror(-err));
	return finish(p);
}

static int
link_command(struct probe *p, char **av)
{
	struct nl_link_want l = { .name = av[1] };
	int err;

	if (!av[0] || !av[1])
		die("link what name");
	if (strcmp(av[0], "add") == 0) {
		l.kind = av[2];
		err = rtnl_link_add(p->r, &l, 0);
	} else if (strcmp(av[0], "del") == 0) {
		err = rtnl_link_del(p->r, &l, 0);
	} else {
		l.state = strcmp(av[0], "down") == 0 ? NL_LINK_DOWN :
		    strcmp(av[0], "mtu") == 0 ? NL_LINK_AS_IS : NL_LINK_UP;
		l.no_addr_gen = strcmp(av[0], "quiet") == 0;
		l.mtu = av[2] ? (uint32_t)atoi(av[2]) : 0;
		err = rtnl_link_set(p->r, &l, 0);
	}
	if (err)
		die(strerror(-err));
	return finish(p);
}

static int
rule_command(struct probe *p, char **av)
{
	struct nl_rule r = { .suppress = -1, .invert = true,
	    .proto = 12, .mask = UINT32_MAX };

	if (!av[0] || !av[1] || !av[2] || !av[3])
		die("rule how family mark table");
	r.family = av[1][0] == '6' ? FAMILY_IP6 : FAMILY_IP4;
	r.mark = (uint32_t)strtoul(av[2], NULL, 0);
	r.table = (uint32_t)atoi(av[3]);
	if (strcmp(av[0], "add") == 0 ? rtnl_rule_add(p->r, &r, 0) :
	    rtnl_rule_del(p->r, &r, 0))
		die("queue");
	return finish(p);
}

static int
scan_command(struct probe *p, char **av)
{
	uint32_t table = 0;
	uint8_t proto = 0;

	for (; av[0] && av[1]; av += 2) {
		if (strcmp(av[0], "table") == 0)
			table = (uint32_t)atoi(av[1]);
		else
			proto = (uint8_t)atoi(av[1]);
	}
	p->events = true;
	rtnl_scan(p->r, RTNL_SCAN_ALL, table, proto);
	return finish(p);
}

static int
watch_command(struct probe *p, char **av)
{
	struct instant end = instant_add(clock_now(),
	    MILLISECONDS(av[0] ? atoi(av[0]) : 1000));
	struct pollfd pfd = { .fd = rtnl_fd(p->r), .events = POLLIN };
	int64_t left;

	p->events = true;
	rtnl_scan(p->r, RTNL_SCAN_ALL, 0, 0);
	while ((left = instant_sub(end, clock_now())) > 0)
		if (poll(&pfd, 1, (int)(left / MILLISECONDS(1)) + 1) > 0 &&
		    rtnl_readable(p->r) < 0)
			die("readable");
	rtnl_free(p->r);
	return 0;
}

/* The watcher sleeps while another one changes more than it can hold. */
static int
overrun_command(struct probe *p, char **av)
{
	struct probe other = { .quiet = true };
	struct nl_route rt;

	if (!av[0])
		die("overrun count");
	p->quiet = true;
	open_probe(&other);
	nl_route_init(&rt);
	route_words(&rt, av + 1);
	/* The other one's own watching half overruns as well, and rescans. */
	queue_numbered(&other, "set", &rt, false, (uint32_t)atoi(av[0]));
	finish(&other);
	rtnl_scan(p->r, RTNL_SCAN_LINKS, 0, 0);
	if (rtnl_settle(p->r, 60000))
		die("settle");
	p->routes = 0;
	rtnl_scan(p->r, RTNL_SCAN_ROUTES4, 0, 12);
	finish(p);
	printf("overruns %s routes %u torn %u\n", p->overruns ? "some" :
	    "none", p->routes, p->torn);
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(struct probe *p, char **av);
		int skip;
	} commands[] = {
		{ "set", route_command, 1 }, { "add", route_command, 1 },
		{ "del", route_command, 1 }, { "bulk", bulk_command, 2 },
		{ "addr", addr_command, 2 }, { "link", link_command, 2 },
		{ "rule", rule_command, 2 }, { "scan", scan_command, 2 },
		{ "watch", watch_command, 2 },
		{ "overrun", overrun_command, 2 },
	};
	struct probe p = { 0 };

	for (size_t i = 0; argc > 1 &&
	    i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		open_probe(&p);
		return commands[i].run(&p, argv + commands[i].skip);
	}
	die("what?");
}

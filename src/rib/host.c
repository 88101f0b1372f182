/* SPDX-License-Identifier: ISC */
#include <assert.h>

#include "base/mem.h"
#include "rib/table_impl.h"

/* With more hosts than this, any change of an IGP table resolves them all. */
#define FEW_HOSTS	32
#define IGP_METRIC_UNKNOWN	UINT32_MAX

void
rt_hosts_init(struct rt_table *t)
{
	for (unsigned i = 0; i < HOST_BUCKETS; i++)
		list_init(&t->host[i]);
	list_init(&t->igps);
}

static struct rt_igp *
igp_of(struct rt_table *t, const struct rt_table *igp)
{
	LIST_EACH(g, &t->igps, struct rt_igp, link)
		if (g->feed.table == igp)
			return g;
	return NULL;
}

static void
igp_unref(struct rt_table *t, const struct rt_table *igp)
{
	struct rt_igp *g = igp ? igp_of(t, igp) : NULL;

	if (!g || --g->hosts > 0)
		return;
	rt_feed_stop(&g->feed);
	list_remove(&g->link);
	mem_free(g);
}

static bool
igp_ref(struct rt_table *t, struct rt_table *igp)
{
	struct rt_igp *g = igp_of(t, igp);

	if (!g) {
		g = mem_zalloc(sizeof(*g));
		if (!g)
			return false;
		g->igp = igp;
		list_push_back(&t->igps, &g->link);
		rt_feed_start(&g->feed, igp, NULL, t);
		while (rt_feed_next(&g->feed) != RT_NONE)
			;	/* what is there now is seen when resolving */
	}
	g->hosts++;
	return true;
}

static void
host_free(struct rt_table *t, struct rt_host *h)
{
	igp_unref(t, h->igp);
	list_remove(&h->link);
	t->n_hosts--;
	mem_free(h);
}

/* What to send to where the host is on the link itself. */
static struct ip
gateway(const struct rt_host *h)
{
	return ip_is_none(h->link_local) ? h->ip : h->link_local;
}

static void
resolve_direct(struct rt_host *h, const struct iface_set *ifaces)
{
	const struct iface *i = ifaces ? iface_of_neighbour(ifaces, h->ip,
	    h->ifindex, NULL) : NULL;
	const bool global = i && h->mode == HOST_GLOBAL;

	if (!i && ifaces && !ip_is_none(h->link_local) && h->ifindex)
		i = iface_of_neighbour(ifaces, h->link_local, h->ifindex,
		    NULL);
	if (!i || iface_of_local(ifaces, h->ip))
		return;
	h->dest = RTD_UNICAST;
	h->n_hops = 1;
	h->hop[0].gw = global ? h->ip : gateway(h);
	h->hop[0].ifindex = i->index;
	h->igp_metric = 0;
}

static void
resolve_onlink(struct rt_host *h, const struct iface_set *ifaces)
{
	const struct iface *i = ifaces ? iface_by_index(ifaces, h->ifindex) :
	    NULL;

	if (!i || !(i->flags & IFACE_UP) || iface_of_local(ifaces, h->ip) ||
	    iface_is_cut(ifaces, i->index, gateway(h)))
		return;
	h->dest = RTD_UNICAST;
	h->n_hops = 1;
	h->hop[0].gw = gateway(h);
	h->hop[0].ifindex = i->index;
	h->hop[0].flags = NEXTHOP_ONLINK;
	h->igp_metric = 0;
}

/* A next hop of another route, as it is for this host. */
static void
borrow_hop(struct rt_host *h, const struct nexthop *hop,
    const struct iface_set *ifaces)
{
	struct nexthop *mine = &h->hop[h->n_hops];
	const struct ip gw = ip_is_none(hop->gw) ? gateway(h) : hop->gw;

	if (ifaces && iface_is_cut(ifaces, hop->ifindex, gw))
		return;
	mine->gw = gw;
	mine->ifindex = hop->ifindex;
	mine->flags = hop->flags;
	mine->weight = hop->weight;
	h->n_hops++;
}

static void
resolve_recursive(struct rt_host *h, const struct iface_set *ifaces)
{
	const struct prefix p = prefix_host(h->ip);
	const uint32_t net = h->igp ? rt_longest(h->igp, &p) : RT_NONE;
	const struct nexthop *hops;
	const struct attrs *a;
	unsigned n;

	if (net == RT_NONE)
		return;
	a = rt_best(h->igp, net)->attrs;
	if (a->host && a->host->mode == HOST_RECURSIVE)
		return;		/* like BIRD: not through another recursive */
	h->dest = (uint8_t)rt_resolve(a, &hops, &n);
	for (unsigned i = 0; h->dest == RTD_UNICAST && i < n; i++)
		borrow_hop(h, &hops[i], ifaces);
	if (h->dest == RTD_UNICAST && h->n_hops == 0) {
		h->dest = RTD_UNREACHABLE;
		return;
	}
	h->igp_metric = attrs_u32(a, ATTR_IGP_METRIC,
	    a->source == RTS_DEVICE ? 0 : IGP_METRIC_UNKNOWN);
}

/* True when it resolves otherwise than before. */
static bool
resolve(struct rt_host *h, const struct iface_set *ifaces)
{
	const struct rt_host was = *h;

	memset(h->hop, 0, sizeof(h->hop));
	h->n_hops = 0;
	h->dest = RTD_UNREACHABLE;
	h->igp_metric = IGP_METRIC_UNKNOWN;
	switch ((enum rt_host_mode)h->mode) {
	case HOST_DIRECT: case HOST_GLOBAL:
		resolve_direct(h, ifaces);
		break;
	case HOST_RECURSIVE:
		resolve_recursive(h, ifaces);
		break;
	case HOST_ONLINK:
		resolve_onlink(h, ifaces);
		break;
	}
	return was.dest != h->dest || was.n_hops != h->n_hops ||
	    was.igp_metric != h->igp_metric ||
	    memcmp(was.hop, h->hop, sizeof(h->hop)) != 0;
}

/*
 * Hosts whose IGP table has been freed are reached by nothing; another table
 * may lie where it was.
 */
static void
forget_freed(struct rt_table *t)
{
	LIST_EACH_SAFE(g, &t->igps, struct rt_igp, link) {
		if (g->feed.table)
			continue;
		for (unsigned i = 0; i < HOST_BUCKETS; i++)
			LIST_EACH(h, &t->host[i], struct rt_host, link) {
				if (h->igp != g->igp)
					continue;
				h->igp = NULL;
				if (resolve(h, t->ifaces))
					h->changed = t->hosts_changed = true;
			}
		list_remove(&g->link);
		mem_free(g);
	}
}

void
rt_hosts_done(struct rt_table *t)
{
	forget_freed(t);
	for (unsigned i = 0; i < HOST_BUCKETS; i++)
		LIST_EACH_SAFE(h, &t->host[i], struct rt_host, link)
			host_free(t, h);
}

struct rt_host *
rt_host_get(struct rt_table *t, enum rt_host_mode mode, struct rt_table *igp,
    struct ip ip, struct ip link_local, uint32_t ifindex)
{
	struct list *bucket = &t->host[hash_mix(ip.q[1] ^ ip.q[0]) %
	    HOST_BUCKETS];
	struct rt_host *h;

	forget_freed(t);
	if (mode != HOST_RECURSIVE)
		igp = NULL;
	LIST_EACH(old, bucket, struct rt_host, link)
		if (old->mode == mode && old->igp == igp &&
		    ip_eq(old->ip, ip) && old->ifindex == ifindex &&
		    ip_eq(old->link_local, link_local))
			return old;
	h = mem_zalloc(sizeof(*h));
	if (!h)
		return NULL;
	if (igp && !igp_ref(t, igp)) {
		mem_free(h);
		return NULL;
	}
	h->of = t;
	h->igp = igp;
	h->mode = (uint8_t)mode;
	h->ip = ip;
	h->link_local = link_local;
	h->ifindex = ifindex;
	list_push_back(bucket, &h->link);
	t->n_hosts++;
	resolve(h, t->ifaces);
	return h;
}

/* Does a change of this net matter to any host? */
static bool
matters(const struct rt_table *t, const struct rt_table *igp,
    const struct prefix *net)
{
	if (t->n_hosts > FEW_HOSTS)
		return true;
	for (unsigned i = 0; i < HOST_BUCKETS; i++)
		LIST_EACH(h, &t->host[i], struct rt_host, link)
			if (h->igp == igp && prefix_has_ip(net, h->ip))
				return true;
	return false;
}

/* Reads the news of the IGP tables; true when hosts must look again. */
static bool
igp_news(struct rt_table *t, uint32_t *budget)
{
	bool news = false;

	LIST_EACH(g, &t->igps, struct rt_igp, link)
		while (*budget > 0 && !rt_feed_idle(&g->feed)) {
			const uint32_t id = rt_feed_next(&g->feed);
			struct prefix p;

			/* What was left was of interest to other feeds. */
			if (id == RT_NONE)
				break;
			p = rt_prefix(g->feed.table, id);
			(*budget)--;
			news = news || matters(t, g->feed.table, &p);
		}
	return news;
}

static bool
igp_waiting(const struct rt_table *t)
{
	LIST_EACH(g, &t->igps, struct rt_igp, link)
		if (!rt_feed_idle(&g->feed))
			return true;
	return false;
}

static void
resolve_all(struct rt_table *t)
{
	for (unsigned i = 0; i < HOST_BUCKETS; i++)
		LIST_EACH_SAFE(h, &t->host[i], struct rt_host, link) {
			if (h->refs == 0)
				host_free(t, h);
			else if (resolve(h, t->ifaces))
				h->changed = t->hosts_changed = true;
		}
}

/* The hosts whose nets the scan that begins (or ends) is about. */
static void
scan_marks(struct rt_table *t, bool begin)
{
	for (unsigned i = 0; i < HOST_BUCKETS; i++)
		LIST_EACH(h, &t->host[i], struct rt_host, link) {
			h->scanning = begin && h->changed;
			if (begin)
				h->changed = false;
		}
}

static void
scan_net(struct rt_table *t, uint32_t id)
{
	const uint32_t first = net_at(t, id)->routes;
	bool best, any = false;

	for (uint32_t r = first; r != RT_NONE; r = route_at(t, r)->next) {
		const struct rt_host *h = route_at(t, r)->attrs->host;

		any = any || (h && h->scanning);
	}
	if (!any)
		return;
	best = route_at(t, first)->attrs->host &&
	    route_at(t, first)->attrs->host->scanning;
	if (rt_choose(t, id) || best)
		rt_log_bump(t, id, true);
	else
		rt_log_bump(t, id, false);
}

/* Hosts changed: choose anew wherever they are used.  True: more to do. */
static bool
scan(struct rt_table *t, uint32_t budget)
{
	if (!t->scanning) {
		if (!t->hosts_changed)
			return false;
		t->hosts_changed = false;
		t->scanning = true;
		t->scan_pos = 0;
		scan_marks(t, true);
	}
	for (; t->scan_pos < slab_top(&t->nets) && budget > 0;
	    budget--, t->scan_pos++)
		if (slab_is_live(&t->nets, t->scan_pos) &&
		    net_at(t, t->scan_pos)->routes != RT_NONE)
			scan_net(t, t->scan_pos);
	if (t->scan_pos < slab_top(&t->nets))
		return true;
	t->scanning = false;
	scan_marks(t, false);
	return t->hosts_changed;
}

bool
rt_hosts_work(struct rt_table *t, uint32_t budget)
{
	bool look;

	forget_freed(t);
	look = igp_news(t, &budget);
	if (t->ifaces && t->ifaces->generation != t->ifaces_seen) {
		t->ifaces_seen = t->ifaces->generation;
		look = true;
	}
	if (look)
		resolve_all(t);
	return scan(t, budget ? budget : 1) || igp_waiting(t);
}

/* Empty nets are withdrawn faster than other work is done. */
#define RECLAIM	4

bool
rt_table_work(struct rt_table *t, uint32_t budget, struct instant now)
{
	const bool more = rt_hosts_work(t, budget);

	(void)now;
	rt_nets_move(t, budget);
	return rt_log_reclaim(t, RECLAIM * budget) || more;
}

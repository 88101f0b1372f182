/* SPDX-License-Identifier: ISC */
/*
 * The static protocol.
 *
 * A route "via" is announced while one of its next hops at least can be
 * reached, with those that can; "recursive" goes by the IGP table; the others
 * always stand.  After any change of links everything is announced anew: what
 * is the same is no news.
 */
#include <string.h>

#include "base/mem.h"
#include "daemon/announced.h"
#include "daemon/bfd.h"
#include "daemon/vrf.h"

static const struct rt_class static_class = { .name = "Static", .rank = 3 };

/* A next hop with "bfd": one request, however many routes go there. */
struct hop_bfd {
	struct list link;
	struct bfd_request r;
	bool used;
};

struct statics {
	struct proto p;
	struct announced said;
	struct list bfd;		/* struct hop_bfd */
	struct loop_work again;		/* a BFD session has changed */
};

static struct statics *
static_of(const struct proto *p)
{
	return (struct statics *)(uintptr_t)p;
}

static struct hop_bfd *
hop_find(const struct proto *p, struct ip gw, uint32_t ifindex)
{
	LIST_EACH(h, &static_of(p)->bfd, struct hop_bfd, link)
		if (ip_eq(h->r.remote, gw) && h->r.ifindex == ifindex)
			return h;
	return NULL;
}

/* The interface that a next hop is reached on now, or NULL. */
static const struct iface *
via_iface(const struct proto *p, const struct conf_via *v)
{
	const struct iface *i = NULL;
	uint32_t need = p->cf->stat.check_link ? IFACE_UP : IFACE_ADMIN_UP;

	if (v->iface != NULL) {
		i = iface_by_name(&p->d->ifaces, v->iface);
		if (i == NULL)
			return NULL;
		if (!ip_is_none(v->gw) && !v->onlink &&
		    vrf_iface_to(p, v->gw, i->index, NULL) == NULL)
			return NULL;
	} else {
		i = vrf_iface_to(p, v->gw, 0, NULL);
	}
	if (i == NULL || i->flags & IFACE_GONE || (i->flags & need) != need ||
	    iface_is_cut(&p->d->ifaces, i->index, v->gw))
		return NULL;
	return i;
}

static bool
is_alive(const struct proto *p, const struct conf_via *v,
    const struct iface *i)
{
	const struct hop_bfd *h;

	if (!v->bfd || ip_is_none(v->gw))
		return true;
	h = hop_find(p, v->gw, i->index);
	return h != NULL && bfd_request_state(&h->r) == BFD_UP;
}

bool
static_via_works(const struct proto *p, const struct conf_via *v)
{
	const struct iface *i = via_iface(p, v);

	return i != NULL && is_alive(p, v, i);
}

/* Heavy ones first, then by address, as BIRD sorts them. */
static bool
stands_before(const struct nexthop *a, const struct nexthop *b)
{
	int c = ip_cmp(a->gw, b->gw);

	if (a->weight != b->weight)
		return a->weight > b->weight;
	return c != 0 ? c < 0 : a->ifindex < b->ifindex;
}

static void
insert_hop(struct nexthop *hop, unsigned n, struct nexthop h)
{
	for (; n > 0 && stands_before(&h, &hop[n - 1]); n--)
		hop[n] = hop[n - 1];
	hop[n] = h;
}

static unsigned
live_hops(const struct proto *p, const struct conf_route *r,
    struct nexthop hop[NEXTHOPS_MAX])
{
	unsigned n = 0;

	memset(hop, 0, NEXTHOPS_MAX * sizeof(*hop));
	for (const struct conf_via *v = r->vias; v != NULL; v = v->next) {
		const struct iface *i = via_iface(p, v);

		if (i == NULL || n == NEXTHOPS_MAX || !is_alive(p, v, i))
			continue;
		insert_hop(hop, n++, (struct nexthop){ .gw = v->gw,
		    .ifindex = i->index,
		    .flags = v->onlink ? NEXTHOP_ONLINK : 0,
		    .weight = (uint8_t)(v->weight ? v->weight - 1 : 0) });
	}
	return n;
}

static bool
set_recursive(struct proto_channel *c, const struct conf_route *r,
    struct attrs_edit *e)
{
	const struct conf_static *s = &c->p->cf->stat;
	const struct conf_table *igp = ip_is4(r->recursive) ? s->igp_table4 :
	    s->igp_table6;
	struct dtable *t = igp ? daemon_table(c->p->d, igp->name) : c->table;
	struct rt_host *h;

	if (t == NULL)
		return false;
	h = rt_host_get(c->rc->table, HOST_RECURSIVE, t->t, r->recursive,
	    IP_NONE, 0);
	if (h == NULL)
		return false;
	attrs_edit_set_dest(e, RTD_UNICAST);
	attrs_edit_set_host(e, h);
	return true;
}

static bool
set_dest(struct proto_channel *c, const struct conf_route *r,
    struct attrs_edit *e, struct nexthop hop[NEXTHOPS_MAX])
{
	unsigned n;

	switch ((enum conf_dest)r->dest) {
	case CONF_DEST_VIA:
		n = live_hops(c->p, r, hop);
		attrs_edit_set_dest(e, RTD_UNICAST);
		attrs_edit_set_hops(e, hop, n);
		return n > 0;
	case CONF_DEST_RECURSIVE:
		return set_recursive(c, r, e);
	case CONF_DEST_BLACKHOLE:
		attrs_edit_set_dest(e, RTD_BLACKHOLE);
		return true;
	case CONF_DEST_UNREACHABLE:
		attrs_edit_set_dest(e, RTD_UNREACHABLE);
		return true;
	case CONF_DEST_PROHIBIT:
		attrs_edit_set_dest(e, RTD_PROHIBIT);
		return true;
	case CONF_DEST_NONE:
		return r->net.kind == NET_ROA4 || r->net.kind == NET_ROA6;
	}
	return false;
}

/* "route 10.0.0.0/8 via … { … }": its block may change it, or refuse. */
static bool
run_block(struct proto_channel *c, const struct conf_route *r,
    struct attrs_edit *a)
{
	struct rt_edit e = { .net = r->net, .table = c->rc->table };

	if (r->filter == NULL)
		return true;
	e.src = rt_src_get(c->rc->table, &c->rc->owner, 0);
	if (e.src == NULL)
		return false;
	e.a = *a;
	if (filter_run_block(r->filter, &e, &c->p->d->filters) == RT_REJECT)
		return false;
	*a = e.a;
	return true;
}

static void
announce(struct proto_channel *c, const struct conf_route *r)
{
	struct attrs_pool *pool = rt_table_pool(c->rc->table);
	struct nexthop hop[NEXTHOPS_MAX];
	const struct attrs *set;
	struct attrs_edit e;

	attrs_edit_init(&e, NULL);
	e.source = RTS_STATIC;
	e.scope = SCOPE_UNIVERSE;
	if (!set_dest(c, r, &e, hop) || !run_block(c, r, &e))
		return;
	set = attrs_intern(pool, &e);
	if (set == NULL)
		return;
	announced_add(&static_of(c->p)->said, c, &r->net, r->index,
	    set);
	attrs_unref(pool, set);
}

static void
on_bfd(struct bfd_request *r, bool failed)
{
	struct statics *s = r->ctx;

	(void)failed;
	loop_work_add(&s->p.d->loop, &s->again);
}

static void
hop_want(struct proto *p, const struct conf_via *v)
{
	const struct iface *i = via_iface(p, v);
	struct hop_bfd *h;

	if (!v->bfd || ip_is_none(v->gw) || i == NULL)
		return;
	h = hop_find(p, v->gw, i->index);
	if (h == NULL) {
		h = mem_zalloc(sizeof(*h));
		if (h == NULL)
			return;
		h->r = (struct bfd_request){ .remote = v->gw,
		    .ifindex = i->index, .changed = on_bfd,
		    .ctx = static_of(p) };
		list_push_back(&static_of(p)->bfd, &h->link);
		bfd_request(&h->r, p->d, NULL);
	}
	h->used = true;
}

/* Sessions for all next hops that want one, and for no others. */
static void
look_at_bfd(struct proto *p)
{
	LIST_EACH(h, &static_of(p)->bfd, struct hop_bfd, link)
		h->used = false;
	for (const struct conf_route *r = p->cf->stat.routes;
	    r != NULL && p->state == PROTO_UP; r = r->next)
		for (const struct conf_via *v = r->vias; v; v = v->next)
			hop_want(p, v);
	LIST_EACH_SAFE(h, &static_of(p)->bfd, struct hop_bfd, link)
		if (!h->used) {
			bfd_release(&h->r);
			list_remove(&h->link);
			mem_free(h);
		}
}

static void
announce_all(struct proto *p)
{
	look_at_bfd(p);
	announced_begin(&static_of(p)->said);
	for (const struct conf_route *r = p->cf->stat.routes; r != NULL;
	    r = r->next) {
		struct proto_channel *c = proto_channel(p,
		    (enum net_kind)r->net.kind);

		if (c != NULL && c->state == CHANNEL_UP)
			announce(c, r);
	}
	announced_end(&static_of(p)->said, p);
}

static void
static_cleanup(struct proto *p)
{
	announced_done(&static_of(p)->said);
}

static bool
on_again(void *ctx)
{
	struct statics *s = ctx;

	if (s->p.state == PROTO_UP)
		announce_all(&s->p);
	return false;
}

static bool
static_init(struct proto *p)
{
	list_init(&static_of(p)->bfd);
	loop_work_init(&static_of(p)->again, on_again, p);
	return true;
}

static void
static_shutdown(struct proto *p)
{
	loop_work_clear(&static_of(p)->again);
	look_at_bfd(p);			/* stopping: it wants none */
	proto_stopped(p);
}

static void
static_start(struct proto *p)
{
	proto_up(p);
	announce_all(p);
}

static bool
static_reconfigure(struct proto *p, const struct conf_proto *old)
{
	/* The same routes again would be filtered again: not with "soft". */
	if (p->state == PROTO_UP && !conf_static_same(old, p->cf))
		announce_all(p);
	return true;
}

static bool
static_reload(struct proto *p, struct proto_channel *c)
{
	(void)c;
	announce_all(p);
	return true;
}

const struct proto_ops static_ops = {
	.kind = CONF_STATIC,
	.cls = &static_class,
	.size = sizeof(struct statics),
	.init = static_init,
	.start = static_start,
	.shutdown = static_shutdown,
	.cleanup = static_cleanup,
	.reconfigure = static_reconfigure,
	.ifaces = announce_all,
	.reload_in = static_reload,
};

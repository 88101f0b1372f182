/* SPDX-License-Identifier: ISC */
/*
 * The direct protocol: a route for each network that an address of ours puts
 * on a link.  All is announced anew when a link or an address changes; equal
 * routes are no news to the table.
 */
#include "daemon/announced.h"
#include "daemon/links.h"
#include "daemon/proto.h"
#include "daemon/vrf.h"

struct direct {
	struct proto p;
	struct announced said;
};

static struct direct *
direct_of(struct proto *p)
{
	return container_of(p, struct direct, p);
}

static const struct rt_class direct_class = { .name = "Direct", .rank = 2 };

static void
announce(struct proto_channel *c, const struct iface *i,
    const struct iface_addr *a)
{
	struct attrs_pool *pool = rt_table_pool(c->rc->table);
	struct nexthop hop = { .ifindex = i->index };
	struct attrs_edit e;
	const struct attrs *set;

	attrs_edit_init(&e, NULL);
	e.source = RTS_DEVICE;
	e.scope = SCOPE_UNIVERSE;
	attrs_edit_set_dest(&e, RTD_UNICAST);
	attrs_edit_set_hops(&e, &hop, 1);
	set = attrs_intern(pool, &e);
	if (set == NULL)
		return;
	announced_add(&direct_of(c->p)->said, c, &a->net, i->index, set);
	attrs_unref(pool, set);
}

static bool
wanted(const struct proto *p, const struct iface *i,
    const struct iface_addr *a)
{
	if (a->secondary || a->scope <= SCOPE_LINK)
		return false;
	return vrf_has(p, i) && links_match(p->cf->direct.patterns, i, a);
}

static void
announce_all(struct proto *p)
{
	uint32_t need = p->cf->direct.check_link ? IFACE_UP : IFACE_ADMIN_UP;

	announced_begin(&direct_of(p)->said);
	LIST_EACH(i, &p->d->ifaces.all, struct iface, link) {
		if ((i->flags & need) != need || i->flags & IFACE_GONE)
			continue;
		LIST_EACH(a, &i->addrs, struct iface_addr, link) {
			struct proto_channel *c = proto_channel(p,
			    (enum net_kind)a->net.kind);

			if (c != NULL && c->state == CHANNEL_UP &&
			    wanted(p, i, a))
				announce(c, i, a);
		}
	}
	announced_end(&direct_of(p)->said, p);
}

static void
direct_start(struct proto *p)
{
	proto_up(p);
	announce_all(p);
}

static void
direct_cleanup(struct proto *p)
{
	announced_done(&direct_of(p)->said);
}

static bool
direct_reconfigure(struct proto *p, const struct conf_proto *old)
{
	if (p->state == PROTO_UP &&
	    old->direct.check_link != p->cf->direct.check_link)
		announce_all(p);
	return true;
}

static bool
direct_reload(struct proto *p, struct proto_channel *c)
{
	(void)c;
	announce_all(p);
	return true;
}

const struct proto_ops direct_ops = {
	.kind = CONF_DIRECT,
	.cls = &direct_class,
	.size = sizeof(struct direct),
	.start = direct_start,
	.cleanup = direct_cleanup,
	.reconfigure = direct_reconfigure,
	.ifaces = announce_all,
	.reload_in = direct_reload,
};

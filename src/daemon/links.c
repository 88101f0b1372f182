/* SPDX-License-Identifier: ISC */
#include "daemon/links.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/proto.h"
#include "daemon/underlay.h"

#ifndef IFF_LOWER_UP
#define IFF_LOWER_UP	0x10000
#endif

#define RTNL_RCVBUF	(8u << 20)
/* News of links come in bursts: routes are scanned when they are over. */
#define RESYNC_DELAY	MILLISECONDS(200)
#define PROTO_OURS	12		/* the kernel's number of BIRD */

/* What a scan has shown, so that the rest can be swept. */
struct seen {
	uint32_t index;
	struct ip ip;			/* IP_NONE: the link itself */
	uint8_t len;
};

struct scan_seen {
	struct seen *v;
	size_t n, cap;
	bool failed;
	void (*ready)(struct daemon *d);
};

static void
see(struct daemon *d, uint32_t index, struct ip ip, uint8_t len)
{
	struct scan_seen *s = d->seen;

	if (s->n == s->cap) {
		size_t cap = s->cap ? s->cap * 2 : 64;
		struct seen *v = mem_resize(s->v, cap, sizeof(*v));

		if (v == NULL) {
			s->failed = true;
			return;
		}
		s->v = v;
		s->cap = cap;
	}
	s->v[s->n++] = (struct seen){ .index = index, .ip = ip, .len = len };
}

static bool
was_seen(const struct daemon *d, uint32_t index, struct ip ip, uint8_t len)
{
	for (size_t i = 0; i < d->seen->n; i++) {
		const struct seen *s = &d->seen->v[i];

		if (s->index == index && ip_eq(s->ip, ip) && s->len == len)
			return true;
	}
	return false;
}

static uint32_t
iface_flags(const struct nl_link *l)
{
	static const struct {
		uint32_t kernel, ours;
	} map[] = {
		{ IFF_UP, IFACE_ADMIN_UP }, { IFF_LOWER_UP, IFACE_LINK_UP },
		{ IFF_LOOPBACK, IFACE_LOOPBACK },
		{ IFF_BROADCAST, IFACE_BROADCAST },
		{ IFF_MULTICAST, IFACE_MULTICAST },
		{ IFF_POINTOPOINT, IFACE_POINTOPOINT },
		{ IFF_NOARP, IFACE_NOARP },
	};
	uint32_t f = 0;

	for (size_t i = 0; i < sizeof(map) / sizeof(map[0]); i++)
		if (l->flags & map[i].kernel)
			f |= map[i].ours;
	if ((f & IFACE_ADMIN_UP) && (f & IFACE_LINK_UP))
		f |= IFACE_UP;
	return f;
}

static void
on_link(void *ctx, const struct nl_link *l, struct rtnl_origin from)
{
	struct daemon *d = ctx;
	const struct iface *i = iface_by_index(&d->ifaces, l->index);
	bool was_up = i != NULL && (i->flags & IFACE_ADMIN_UP);

	if (from.gone) {
		iface_set_gone(&d->ifaces, l->index);
	} else {
		if (from.scan)
			see(d, l->index, IP_NONE, 0);
		iface_set_link(&d->ifaces, l->index, l->name, iface_flags(l),
		    l->mtu, l->master);
	}
	/* The kernel took the routes of a link that went, without a word. */
	if (!from.scan && was_up && (from.gone || !(l->flags & IFF_UP)))
		daemon_resync(d, RTNL_SCAN_ROUTES);
}

static void
on_addr(void *ctx, const struct nl_addr *a, struct rtnl_origin from)
{
	struct daemon *d = ctx;
	struct iface_addr ia = { .ip = a->local, .broadcast = a->broadcast,
	    .net = prefix_of(ip_is_none(a->peer) ? a->local : a->peer,
	    a->len) };

	if (from.gone) {
		iface_set_addr_gone(&d->ifaces, a->index, a->local, a->len);
		daemon_resync(d, RTNL_SCAN_ROUTES);
		return;
	}
	/* Not ours to use before the check for duplicates is over. */
	if (a->flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED))
		return;
	if (!ip_is_none(a->peer))
		ia.peer = a->peer;
	ia.secondary = a->flags & IFA_F_SECONDARY && ip_is4(a->local);
	ia.scope = a->scope == RT_SCOPE_HOST ? SCOPE_HOST :
	    a->scope == RT_SCOPE_LINK ? SCOPE_LINK :
	    a->scope == RT_SCOPE_SITE ? SCOPE_SITE : SCOPE_UNIVERSE;
	if (from.scan)
		see(d, a->index, a->local, a->len);
	iface_set_addr(&d->ifaces, a->index, &ia);
}

static void
on_route(void *ctx, const struct nl_route *r, struct rtnl_origin from)
{
	struct daemon *d = ctx;

	if (r->flags & RTM_F_CLONED || r->tos != 0 ||
	    r->src.kind != NET_NONE)
		return;
	if (!d->ready)
		d->found_routes += r->proto == PROTO_OURS && !from.gone;
	underlay_route(d, r, from);
	LIST_EACH(p, &d->watchers, struct proto, watch)
		p->ops->route(p, r, from);
}

static void
sweep_links(struct daemon *d)
{
	LIST_EACH(i, &d->ifaces.all, struct iface, link)
		if (!was_seen(d, i->index, IP_NONE, 0))
			iface_set_gone(&d->ifaces, i->index);
}

static void
sweep_addrs(struct daemon *d)
{
	LIST_EACH(i, &d->ifaces.all, struct iface, link)
		LIST_EACH_SAFE(a, &i->addrs, struct iface_addr, link)
			if (!was_seen(d, i->index, a->ip, a->net.len))
				iface_set_addr_gone(&d->ifaces, i->index,
				    a->ip, a->net.len);
}

static void
tell_scan(struct daemon *d, enum nl_dump what, bool begin, int err)
{
	LIST_EACH(p, &d->watchers, struct proto, watch)
		if (p->ops->scan != NULL)
			p->ops->scan(p, what, begin, err);
}

static void
on_scan_begin(void *ctx, enum nl_dump what)
{
	struct daemon *d = ctx;

	d->seen->n = 0;
	d->seen->failed = false;
	underlay_scan(d, what, true, 0);
	tell_scan(d, what, true, 0);
}

static void
on_scan_end(void *ctx, enum nl_dump what, int err)
{
	struct daemon *d = ctx;
	bool whole = err == 0 && !d->seen->failed;

	if (whole && what == NL_DUMP_LINKS)
		sweep_links(d);
	if (whole && what == NL_DUMP_ADDRS)
		sweep_addrs(d);
	underlay_scan(d, what, false, err);
	tell_scan(d, what, false, err);
	if (err != 0) {
		log_msg(&d->log, CONF_LOG_WARNING, NULL,
		    "A scan of the kernel was cut short (%s), asking again",
		    strerrordesc_np(-err));
		daemon_resync(d, 1u << what);
	} else if (what == NL_DUMP_ROUTES6 && !d->ready) {
		d->seen->ready(d);
	}
}

static void
on_overrun(void *ctx)
{
	struct daemon *d = ctx;

	log_msg(&d->log, CONF_LOG_WARNING, NULL,
	    "The kernel dropped netlink messages, scanning everything");
	daemon_resync(d, RTNL_SCAN_ALL);
}

/* Whose request it was; the same one's as before, mostly. */
static struct proto *
asker(struct daemon *d, uint32_t number)
{
	if (d->asked != NULL && d->asked->number == number)
		return d->asked;
	LIST_EACH(p, &d->protos, struct proto, link)
		if (p->number == number)
			return d->asked = p;
	return NULL;
}

static void
on_done(void *ctx, uint64_t cookie, int err, const char *text)
{
	struct proto *p = asker(ctx, (uint32_t)(cookie >> 32));

	if (cookie >> 32 == UNDERLAY_COOKIE)
		underlay_answer(ctx, (uint32_t)cookie, err, text);
	if (p != NULL && p->ops->answer != NULL)
		p->ops->answer(p, (uint32_t)cookie, err, text);
}

static void
on_room(void *ctx)
{
	struct daemon *d = ctx;

	LIST_EACH(p, &d->watchers, struct proto, watch)
		if (p->ops->room != NULL)
			p->ops->room(p);
}

static void
on_readable(void *ctx, int events)
{
	struct daemon *d = ctx;
	int err = rtnl_readable(d->rtnl);

	(void)events;
	if (err < 0 && err != -EAGAIN)
		log_msg(&d->log, CONF_LOG_ERROR, NULL, "Netlink: %s",
		    strerrordesc_np(-err));
}

static void
on_resync(void *ctx)
{
	struct daemon *d = ctx;
	unsigned what = d->resync_what;

	d->resync_what = 0;
	rtnl_scan(d->rtnl, what, 0, 0);
}

void
daemon_resync(struct daemon *d, unsigned what)
{
	d->resync_what |= what;
	if (!loop_timer_is_set(&d->resync))
		loop_timer_in(&d->loop, &d->resync, RESYNC_DELAY);
}

static const struct rtnl_ops ops = {
	.link = on_link,
	.addr = on_addr,
	.route = on_route,
	.scan_begin = on_scan_begin,
	.scan_end = on_scan_end,
	.overrun = on_overrun,
	.done = on_done,
	.room = on_room,
};

int
links_open(struct daemon *d, void (*ready)(struct daemon *d))
{
	int err;

	d->seen = mem_zalloc(sizeof(*d->seen));
	if (d->seen == NULL)
		return -ENOMEM;
	d->seen->ready = ready;
	loop_timer_init(&d->resync, on_resync, d);
	if (!underlay_open(d))
		return -ENOMEM;
	err = rtnl_new(&ops, d, &d->rtnl);
	if (err < 0)
		return err;
	d->rtnl_ready = loop_fd_new(&d->loop, rtnl_fd(d->rtnl), on_readable,
	    d);
	if (d->rtnl_ready == NULL)
		return -ENOMEM;
	loop_fd_want(d->rtnl_ready, UV_READABLE);
	return rtnl_scan(d->rtnl, RTNL_SCAN_ALL, 0, 0);
}

void
links_close(struct daemon *d)
{
	loop_timer_clear(&d->loop, &d->resync);
	d->rtnl_ready = loop_fd_free(d->rtnl_ready);
	if (d->rtnl != NULL)
		d->rtnl = rtnl_free(d->rtnl);
	underlay_close(d);
	if (d->seen != NULL)
		mem_free(d->seen->v);
	mem_free(d->seen);
	d->seen = NULL;
}

/* At boot the first address may come after us, and the router id with it. */
static void
find_router_id(struct daemon *d)
{
	const struct config *c = d->gen->config;

	if (d->router_id != 0)
		return;
	d->router_id = links_router_id(d, c->router_id_from);
	if (d->router_id == 0)
		return;
	LIST_EACH_SAFE(p, &d->protos, struct proto, link)
		if (p->ops == &bgp_ops && p->state == PROTO_DOWN &&
		    !d->shutting_down) {
			p->message[0] = '\0';
			proto_start(p);
		}
}

/* interface "eth0" { preferred 10.0.0.1; }; of protocol device. */
static void
prefer(struct daemon *d, const struct conf_device_iface *list,
    const struct iface *i, struct iface_addr *a)
{
	while (list != NULL && !links_match(list->patterns, i, NULL))
		list = list->next;
	iface_set_preferred(&d->ifaces, a, list != NULL &&
	    (ip_eq(a->ip, list->preferred4) ||
	    ip_eq(a->ip, list->preferred6) ||
	    ip_eq(a->ip, list->preferred_link_local) ||
	    (list->preferred_net.kind != NET_NONE &&
	    prefix_has_ip(&list->preferred_net, a->ip))));
}

static void
find_preferred(struct daemon *d)
{
	const struct conf_proto *p = d->gen->config->protocols;

	d->preferred_by = d->gen;
	while (p != NULL && p->kind != CONF_DEVICE)
		p = p->next;
	LIST_EACH(i, &d->ifaces.all, struct iface, link)
		LIST_EACH(a, &i->addrs, struct iface_addr, link)
			prefer(d, p != NULL ? p->device.ifaces : NULL, i, a);
}

void
links_tell(struct daemon *d)
{
	if (d->ifaces.generation != d->ifaces_told ||
	    d->preferred_by != d->gen)
		find_preferred(d);
	if (d->ifaces.generation == d->ifaces_told || !d->ready)
		return;
	d->ifaces_told = d->ifaces.generation;
	find_router_id(d);
	underlay_links(d);
	LIST_EACH_SAFE(p, &d->protos, struct proto, link)
		if (p->ops->ifaces != NULL &&
		    (p->state == PROTO_START || p->state == PROTO_UP))
			p->ops->ifaces(p);
}

bool
links_match(const struct conf_pattern *list, const struct iface *i,
    const struct iface_addr *a)
{
	if (list == NULL)
		return true;
	for (const struct conf_pattern *p = list; p != NULL; p = p->next) {
		if (p->name != NULL && !iface_name_matches(p->name, i->name))
			continue;
		if (p->net.kind != NET_NONE && (a == NULL ||
		    !prefix_has_ip(&p->net, a->ip)))
			continue;
		return !p->negative;
	}
	return false;
}

uint32_t
links_router_id(const struct daemon *d, const struct conf_pattern *from)
{
	uint32_t id = 0;

	LIST_EACH(i, &d->ifaces.all, struct iface, link) {
		if (i->flags & IFACE_LOOPBACK || !(i->flags & IFACE_ADMIN_UP))
			continue;
		LIST_EACH(a, &i->addrs, struct iface_addr, link) {
			if (!ip_is4(a->ip) || a->secondary ||
			    !links_match(from, i, a))
				continue;
			if (id == 0 || ip_to4(a->ip) < id)
				id = ip_to4(a->ip);
		}
	}
	return id;
}

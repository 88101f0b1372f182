/* SPDX-License-Identifier: ISC */
#include "daemon/underlay.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/kernel.h"
#include "daemon/wireguard.h"
#include "plan/underlay.h"

/* One that nothing needs any more is kept so long: routes flap. */
#define IDLE		SECONDS(2)
/* Those that were found, until their tunnels have had time to come up. */
#define FOUND		SECONDS(10)
#define POLL_SLICE	16
#define PROTO_OURS	12		/* what kernel protocols install */
/* Refused that often is worth a word; once, while links change, is not. */
#define REFUSALS	3

/* How much the mirror knows of the routes to it. */
enum known {
	KNOWN_NOT, KNOWN_SOON, KNOWN
};

struct host {
	struct list link;
	struct ip ip;
	uint32_t table;
	uint32_t number;		/* in cookies */
	enum known known;
	bool found;			/* it was there before us */
	bool placed;			/* it was put there, or found */
	bool there;			/* … as "have" says, and still is */
	bool shown;			/* by the scan under way */
	bool elsewhere;			/* a rule has its packets */
	bool idle;			/* … since: */
	struct instant idle_since;
	unsigned refusals;
	unsigned way_len;		/* of the underlay's own route */
	struct nl_route have;
};

struct underlays {
	struct daemon *d;
	struct underlay mirror;
	struct list hosts;
	uint32_t n_hosts, next_number, next_poll;
	bool stale;			/* the mirror's list */
	struct route_ask *ask;
	struct loop_work work;
	struct loop_timer timer;
};

/* --- what a route is ----------------------------------------------------- */

static bool
is_endpoint(const struct daemon *d, struct ip ip)
{
	LIST_EACH(p, &d->protos, struct proto, link)
		if (p->ops == &wireguard_ops &&
		    tunnel_has_endpoint(tunnel_of(p), ip))
			return true;
	return false;
}

static struct tunnel *
tunnel_of_link(const struct daemon *d, const char *name)
{
	LIST_EACH(p, &d->protos, struct proto, link)
		if (p->ops == &wireguard_ops &&
		    strcmp(p->cf->wg.iface, name) == 0)
			return tunnel_of(p);
	return NULL;
}

static enum ul_kind
sort_hop(const struct daemon *d, struct ip ip, const struct nl_route *r,
    const struct nl_hop *hop)
{
	const struct iface *i = iface_by_index(&d->ifaces, hop->oif);
	struct tunnel *t = i ? tunnel_of_link(d, i->name) : NULL;

	if (t != NULL && (tunnel_has_endpoint(t, ip) ||
	    ul_is_default(&r->dst)))
		return UL_CAPTURES;
	return i != NULL && i->flags & IFACE_ADMIN_UP &&
	    !(hop->flags & RTNH_F_DEAD) && (t == NULL ||
	    t->state == TUNNEL_RUNNING) ? UL_WAY : UL_NOTHING;
}

static enum ul_kind
sort(void *ctx, struct ip ip, const struct nl_route *r)
{
	enum ul_kind kind = r->type == RTN_UNICAST ? UL_NOTHING : UL_WAY;

	for (unsigned i = 0; i < r->n_hops && kind != UL_CAPTURES; i++) {
		enum ul_kind k = sort_hop(ctx, ip, r, &r->hop[i]);

		if (k > kind)
			kind = k;
	}
	return kind;
}

struct judging {
	const struct daemon *d;
	struct ul_judge j;
};

static void
judge_own(void *ctx, const struct nl_route *r)
{
	struct judging *g = ctx;

	ul_judge_route(&g->j, r, sort((void *)(uintptr_t)g->d, g->j.ip, r));
}

/* All routes that are ours to keep in that table; 0 is any. */
static void
judge_all_own(struct judging *g, uint32_t table)
{
	LIST_EACH(p, &g->d->protos, struct proto, link)
		if (p->ops == &kernel_ops &&
		    (table == 0 || p->cf->kernel.table == table))
			kernel_routes_to(p, g->j.ip, judge_own, g);
}

static void
judge(const struct underlays *u, const struct host *h, struct judging *ret)
{
	ret->d = u->d;
	ul_judge_init(&ret->j, h->ip);
	ul_judge_mirror(&ret->j, &u->mirror, h->table, sort, u->d);
	judge_all_own(ret, h->table);
}

static bool
is_beyond(const struct daemon *d, struct ip ip)
{
	return ip_is_link_local(ip) || ip_is_loopback(ip) ||
	    ip_is_multicast(ip) || iface_of_local(&d->ifaces, ip) != NULL;
}

/* Does the kernel look there for it?  "default" comes behind "main". */
static bool
decides(uint32_t table, const struct route_way *way)
{
	return way->table == table || (way->table == RT_TABLE_DEFAULT &&
	    table == RT_TABLE_MAIN);
}

/* Do rules take the packets of all its tunnels past that table? */
static bool
is_elsewhere(struct underlays *u, struct ip ip, uint32_t table)
{
	struct route_way way;

	LIST_EACH(p, &u->d->protos, struct proto, link)
		if (p->ops == &wireguard_ops &&
		    tunnel_has_endpoint(tunnel_of(p), ip) &&
		    (route_ask(u->ask, ip, 0, p->cf->wg.fwmark, &way) < 0 ||
		    decides(table, &way)))
			return false;
	return true;
}

/* --- the host routes ----------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
	return ip_cmp(*(const struct ip *)a, *(const struct ip *)b);
}

static void
resync(struct underlays *u)
{
	unsigned what = 0;

	LIST_EACH(h, &u->hosts, struct host, link)
		if (h->known == KNOWN_NOT)
			what |= ip_is4(h->ip) ? RTNL_SCAN_ROUTES4 :
			    RTNL_SCAN_ROUTES6;
	if (what != 0)
		daemon_resync(u->d, what);
}

/* After all that may have added or taken away some. */
static void
settle(struct underlays *u)
{
	struct ip *v = u->stale ? mem_array(u->n_hosts + 1, sizeof(*v)) :
	    NULL;
	unsigned n = 0, k = 0;

	if (v == NULL)
		return;		/* or no memory: the next change tries again */
	LIST_EACH(h, &u->hosts, struct host, link)
		v[n++] = h->ip;
	qsort(v, n, sizeof(*v), compare);
	for (unsigned i = 0; i < n; i++)
		if (i == 0 || !ip_eq(v[i], v[k - 1]))
			v[k++] = v[i];
	ul_watch(&u->mirror, v, k);
	u->stale = false;
	mem_free(v);
	resync(u);
}

static struct host *
host_find(const struct underlays *u, struct ip ip, uint32_t table)
{
	LIST_EACH(h, &u->hosts, struct host, link)
		if (h->table == table && ip_eq(h->ip, ip))
			return h;
	return NULL;
}

static struct host *
host_by_number(const struct underlays *u, uint32_t number)
{
	LIST_EACH(h, &u->hosts, struct host, link)
		if (h->number == number)
			return h;
	return NULL;
}

static struct host *
host_new(struct underlays *u, struct ip ip, uint32_t table)
{
	struct host *h = mem_zalloc(sizeof(*h));

	if (h == NULL)
		return NULL;
	h->ip = ip;
	h->table = table;
	h->number = u->next_number++;
	list_push_back(&u->hosts, &h->link);
	u->n_hosts++;
	u->stale = true;
	return h;
}

static void
host_free(struct underlays *u, struct host *h)
{
	list_remove(&h->link);
	u->n_hosts--;
	u->stale = true;
	mem_free(h);
}

static void
say(const struct underlays *u, const struct host *h,
    const struct prefix *cover)
{
	const struct nl_hop *hop = &h->have.hop[0];
	const struct iface *i = iface_by_index(&u->d->ifaces, hop->oif);
	char ip[IP_TEXT], via[IP_TEXT], net[PREFIX_TEXT];

	ip_text(h->ip, ip);
	if (cover->kind != NET_NONE)
		prefix_text(cover, net);
	else
		snprintf(net, sizeof(net), "a route from before");
	if (h->have.type != RTN_UNICAST)
		log_msg(&u->d->log, CONF_LOG_WARNING, "underlay",
		    "%s: no way to this endpoint but %s into a tunnel, which "
		    "is none; its packets wait for another", ip, net);
	else
		log_msg(&u->d->log, CONF_LOG_INFO, "underlay",
		    "%s: this endpoint gets a route of its own%s%s on %s, "
		    "for %s leads into a tunnel", ip, ip_is_none(hop->via) ?
		    "" : " by ", ip_is_none(hop->via) ? "" :
		    ip_text(hop->via, via), i ? i->name : "?", net);
}

static int
put(struct underlays *u, struct host *h, const struct nl_route *r)
{
	uint64_t cookie = (uint64_t)UNDERLAY_COOKIE << 32 | h->number;
	int err = rtnl_route_set(u->d->rtnl, r, cookie);

	if (err < 0)
		return err;
	h->have = *r;
	h->placed = h->there = h->shown = true;
	h->idle = false;
	return 0;
}

/* 0, or -EAGAIN: the queue to the kernel is full. */
static int
put_judged(struct underlays *u, struct host *h, const struct ul_judge *j)
{
	struct nl_route want;
	bool same;
	int err;

	ul_host_route(j, h->table, &want);
	same = ul_same(&want, &h->have);
	if (h->there && same)
		return 0;
	err = put(u, h, &want);
	if (err == 0 && !same && h->refusals == 0)
		say(u, h, &j->capture);
	return err;
}

static void
take_away(struct underlays *u, struct host *h)
{
	uint64_t cookie = (uint64_t)UNDERLAY_COOKIE << 32 | UINT32_MAX;
	char ip[IP_TEXT];

	/* Even where it may be gone already. */
	if (h->placed) {
		log_msg(&u->d->log, CONF_LOG_INFO, "underlay",
		    "%s: no route leads this endpoint into a tunnel any "
		    "more; its own is removed", ip_text(h->ip, ip));
		if (rtnl_route_del(u->d->rtnl, &h->have, cookie) < 0)
			return;		/* the next look does it */
	}
	host_free(u, h);
}

static int64_t
patience(const struct underlays *u, const struct host *h)
{
	if (u->d->shutting_down)
		return 0;
	if (h->found && instant_sub(loop_now(), u->d->started_at) < FOUND)
		return FOUND;
	return is_endpoint(u->d, h->ip) ? IDLE : 0;
}

static void
not_needed(struct underlays *u, struct host *h)
{
	struct instant due;

	if (!h->idle) {
		h->idle = true;
		h->idle_since = loop_now();
	}
	due = instant_add(h->idle_since, patience(u, h));
	if (instant_due(due, loop_now()))
		take_away(u, h);
	else if (!loop_timer_is_set(&u->timer))
		loop_timer_at(&u->d->loop, &u->timer, due);
}

/* Who asks underlay_match() may want to ask again. */
static void
note_way(struct underlays *u, struct host *h, const struct ul_judge *j)
{
	unsigned len = j->has_way ? j->way.dst.len : 0;

	if (h->way_len == len)
		return;
	h->way_len = len;
	LIST_EACH(p, &u->d->protos, struct proto, link)
		if (p->ops == &wireguard_ops &&
		    tunnel_has_endpoint(tunnel_of(p), h->ip))
			tunnel_tell_moved(tunnel_of(p), h->ip);
}

static bool
is_recovering(const struct underlays *u, const struct host *h)
{
	return h->found && u->d->recovery.active && !u->d->shutting_down;
}

static void
look(struct underlays *u, struct host *h)
{
	struct judging g;

	if (u->d->shutting_down) {
		if (!u->d->keep)
			not_needed(u, h);
		return;
	}
	if (h->known != KNOWN)
		return;
	h->elsewhere = is_elsewhere(u, h->ip, h->table);
	judge(u, h, &g);
	note_way(u, h, &g.j);
	if (is_recovering(u, h)) {
		h->idle = false;
		/* Ways that are ours are not known again yet. */
		if (g.j.has_way)
			put_judged(u, h, &g.j);
	} else if (!ul_judge_captured(&g.j) || !is_endpoint(u->d, h->ip) ||
	    is_beyond(u->d, h->ip) || h->elsewhere) {
		not_needed(u, h);
	} else {
		h->idle = false;
		put_judged(u, h, &g.j);
	}
}

static void
look_at_all(struct underlays *u)
{
	LIST_EACH_SAFE(h, &u->hosts, struct host, link)
		look(u, h);
	settle(u);
}

static bool
work(void *ctx)
{
	look_at_all(ctx);
	return false;
}

static void
look_soon(struct underlays *u)
{
	if (u->n_hosts > 0)
		loop_work_add(&u->d->loop, &u->work);
}

static void
on_timer(void *ctx)
{
	look_soon(ctx);
}

/* --- one that becomes necessary ------------------------------------------ */

/*
 * The mirror knows nothing of it yet, but the kernel can still be asked, for
 * the route in question is not there.  False: one like it is, and only a scan
 * can tell.
 */
static bool
bootstrap(struct underlays *u, struct ip ip, uint32_t table,
    const struct prefix *net, struct ul_judge *ret)
{
	struct nl_route cover = { .dst = *net };
	const struct nl_route *way = route_ask_route(u->ask);
	struct route_way w;

	ul_judge_init(ret, ip);
	ul_judge_route(ret, &cover, UL_CAPTURES);
	LIST_EACH(p, &u->d->protos, struct proto, link) {
		if (p->ops != &wireguard_ops ||
		    !tunnel_has_endpoint(tunnel_of(p), ip) ||
		    route_ask(u->ask, ip, 0, p->cf->wg.fwmark, &w) < 0)
			continue;
		if (decides(table, &w)) {
			ul_judge_route(ret, way, sort(u->d, ip, way));
			return ret->has_way;
		}
	}
	return true;
}

/* Until a scan has found the way: no packet may go round in circles. */
static int
wall_off(struct underlays *u, struct host *h)
{
	struct ul_judge none;
	struct nl_route wall;

	ul_judge_init(&none, h->ip);
	ul_host_route(&none, h->table, &wall);
	return put(u, h, &wall);
}

static int
protect(struct underlays *u, struct ip ip, uint32_t table,
    const struct prefix *net)
{
	struct host *h = host_find(u, ip, table);
	struct ul_judge j;
	bool sure;

	if ((h != NULL && h->there) || is_beyond(u->d, ip) ||
	    is_elsewhere(u, ip, table))
		return 0;
	sure = bootstrap(u, ip, table, net, &j);
	if (!ul_judge_captured(&j))
		return 0;
	if (h == NULL)
		h = host_new(u, ip, table);
	if (h == NULL)
		return -ENOMEM;
	return sure ? put_judged(u, h, &j) : wall_off(u, h);
}

struct exporting {
	struct underlays *u;
	const struct nl_route *r;
	int err;
};

static void
export_to(void *ctx, struct ip ip)
{
	struct exporting *x = ctx;
	int err = protect(x->u, ip, x->r->table, &x->r->dst);

	if (err < 0)
		x->err = err;
}

static struct tunnel *
tunnel_of_route(const struct daemon *d, const struct nl_route *r)
{
	struct tunnel *t = NULL;

	for (unsigned i = 0; i < r->n_hops && t == NULL; i++)
		t = tunnel_by_index(d, r->hop[i].oif);
	return t;
}

bool
underlay_export(struct daemon *d, const struct nl_route *r)
{
	struct exporting x = { .u = d->underlays, .r = r };
	struct tunnel *t = tunnel_of_route(d, r);

	if (t != NULL && ul_is_default(&r->dst)) {
		LIST_EACH(p, &d->protos, struct proto, link)
			if (p->ops == &wireguard_ops)
				tunnel_endpoints_in(tunnel_of(p), &r->dst,
				    export_to, &x);
	} else if (t != NULL) {
		tunnel_endpoints_in(t, &r->dst, export_to, &x);
	}
	settle(x.u);
	underlay_unexport(d, &r->dst);
	return x.err != -EAGAIN;
}

void
underlay_unexport(struct daemon *d, const struct prefix *net)
{
	if (ul_watches(&d->underlays->mirror, net))
		look_soon(d->underlays);
}

static void
protect_own(struct underlays *u, struct ip ip)
{
	struct judging g = { .d = u->d };

	LIST_EACH(p, &u->d->protos, struct proto, link) {
		if (p->ops != &kernel_ops)
			continue;
		ul_judge_init(&g.j, ip);
		kernel_routes_to(p, ip, judge_own, &g);
		if (g.j.capture_len >= 0)
			protect(u, ip, p->cf->kernel.table, &g.j.capture);
	}
}

void
underlay_endpoint(struct daemon *d, struct ip ip, const struct route_way *way)
{
	struct underlays *u = d->underlays;
	struct tunnel *t = way ? tunnel_by_index(d, way->oif) : NULL;

	protect_own(u, ip);
	/* Whoever's route it is that leads it there. */
	if (t != NULL && (ul_is_default(&way->match) ||
	    tunnel_has_endpoint(t, ip)))
		protect(u, ip, way->table, &way->match);
	settle(u);
	look_soon(u);
}

void
underlay_poll(struct daemon *d)
{
	struct underlays *u = d->underlays;
	uint32_t n = 0;

	LIST_EACH(h, &u->hosts, struct host, link) {
		if (n++ < u->next_poll)
			continue;
		if (n > u->next_poll + POLL_SLICE)
			break;
		if (!h->there || is_elsewhere(u, h->ip, h->table) !=
		    h->elsewhere)
			look_soon(u);
	}
	u->next_poll = n > u->next_poll + POLL_SLICE ? n - 1 : 0;
}

void
underlay_now(struct daemon *d)
{
	look_at_all(d->underlays);
	rtnl_flush(d->rtnl);
}

/* --- what the kernel says ------------------------------------------------ */

static bool
is_host_route(const struct nl_route *r)
{
	return r->proto == UL_PROTO && r->metric == UL_METRIC &&
	    r->dst.len == prefix_bits(&r->dst);
}

/* One of ours, from before us or as somebody else has changed it. */
static void
host_route(struct underlays *u, const struct nl_route *r,
    struct rtnl_origin from)
{
	struct host *h = host_find(u, r->dst.ip, r->table);

	if (h == NULL && !from.gone && from.scan) {
		h = host_new(u, r->dst.ip, r->table);
		if (h != NULL)
			h->found = true;
	}
	if (h == NULL)
		return;
	if (!from.gone)
		h->shown = true;
	settle(u);
	if (from.own || (h->there && !from.gone && ul_same(&h->have, r)))
		return;
	h->there = !from.gone;
	if (!from.gone) {
		h->have = *r;
		h->placed = true;
	}
	look_soon(u);
}

void
underlay_route(struct daemon *d, const struct nl_route *r,
    struct rtnl_origin from)
{
	struct underlays *u = d->underlays;

	if (is_host_route(r))
		host_route(u, r, from);
	else if (r->proto != PROTO_OURS && u->n_hosts > 0 &&
	    (from.gone ? ul_gone(&u->mirror, r) :
	    ul_seen(&u->mirror, r, from.replaces)))
		look_soon(u);
}

static bool
is_scanned(const struct host *h, bool ip4, uint32_t table)
{
	return ip_is4(h->ip) == ip4 && (table == 0 || h->table == table);
}

static void
scan_begin(struct underlays *u, bool ip4, uint32_t table)
{
	ul_scan_begin(&u->mirror, ip4, table);
	LIST_EACH(h, &u->hosts, struct host, link) {
		if (!is_scanned(h, ip4, table))
			continue;
		h->shown = false;
		if (h->known == KNOWN_NOT)
			h->known = KNOWN_SOON;
	}
}

static void
scan_end(struct underlays *u, bool ip4, uint32_t table, bool whole)
{
	bool news = ul_scan_end(&u->mirror, ip4, table, whole);

	LIST_EACH(h, &u->hosts, struct host, link) {
		if (!is_scanned(h, ip4, table))
			continue;
		news |= h->known == KNOWN_SOON || !h->shown;
		if (h->known == KNOWN_SOON)
			h->known = whole ? KNOWN : KNOWN_NOT;
		if (whole && !h->shown)
			h->there = false;
	}
	resync(u);
	if (news)
		look_soon(u);
}

void
underlay_scan(struct daemon *d, enum nl_dump what, bool begin, int err)
{
	bool ip4 = what == NL_DUMP_ROUTES4;

	if (!ip4 && what != NL_DUMP_ROUTES6)
		return;
	if (begin)
		scan_begin(d->underlays, ip4, rtnl_scan_table(d->rtnl));
	else
		scan_end(d->underlays, ip4, rtnl_scan_table(d->rtnl),
		    err == 0);
}

/* A gateway that is on no link, mostly: its route goes next, unannounced. */
void
underlay_answer(struct daemon *d, uint32_t n, int err, const char *text)
{
	struct underlays *u = d->underlays;
	struct host *h = host_by_number(u, n);
	char ip[IP_TEXT];

	if (h == NULL)
		return;
	if (err == 0) {
		if (h->have.type == RTN_UNICAST)
			h->refusals = 0;
		return;
	}
	h->there = false;
	if (++h->refusals == REFUSALS)
		log_msg(&d->log, CONF_LOG_ERROR, "underlay",
		    "%s: the kernel refuses its route: %s%s%s%s",
		    ip_text(h->ip, ip), strerrordesc_np(-err),
		    text[0] ? " (" : "", text, text[0] ? ")" : "");
	if (h->have.type == RTN_UNICAST)
		wall_off(u, h);
}

/* IPv4 routes go with links and addresses, without a word. */
void
underlay_links(struct daemon *d)
{
	LIST_EACH(h, &d->underlays->hosts, struct host, link)
		h->there = false;
	look_soon(d->underlays);
}

unsigned
underlay_match(struct daemon *d, struct ip ip, const struct route_way *way)
{
	struct underlays *u = d->underlays;
	struct judging g;

	LIST_EACH(h, &u->hosts, struct host, link) {
		if (!ip_eq(h->ip, ip))
			continue;
		if (h->known != KNOWN)
			return 0;
		judge(u, h, &g);
		return g.j.has_way ? g.j.way.dst.len : 0;
	}
	return tunnel_by_index(d, way->oif) != NULL ? 0 : way->match.len;
}

struct tunnel *
underlay_tunnel_to(struct daemon *d, struct ip ip)
{
	struct route_way way;

	return route_ask(d->underlays->ask, ip, 0, 0, &way) < 0 ? NULL :
	    tunnel_by_index(d, way.oif);
}

bool
underlay_open(struct daemon *d)
{
	struct underlays *u = mem_zalloc(sizeof(*u));

	if (u == NULL || route_ask_new(&u->ask) < 0) {
		mem_free(u);
		return false;
	}
	u->d = d;
	ul_init(&u->mirror);
	list_init(&u->hosts);
	loop_work_init(&u->work, work, u);
	loop_timer_init(&u->timer, on_timer, u);
	d->underlays = u;
	return true;
}

void
underlay_close(struct daemon *d)
{
	struct underlays *u = d->underlays;

	if (u == NULL)
		return;
	LIST_EACH_SAFE(h, &u->hosts, struct host, link)
		host_free(u, h);
	ul_done(&u->mirror);
	u->ask = route_ask_free(u->ask);
	loop_work_clear(&u->work);
	loop_timer_clear(&d->loop, &u->timer);
	mem_free(u);
	d->underlays = NULL;
}

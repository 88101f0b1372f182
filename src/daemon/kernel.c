/* SPDX-License-Identifier: ISC */
/*
 * The kernel protocol: the table on one side, one of the kernel's on the
 * other, kept in step by a kr_plan (plan/kroutes.h).
 *
 * Outward: what the channel exports is told to the plan, what the plan wants
 * changed is built again from the table and queued to the kernel in batches.
 * Inward: the kernel's events and scans are told to the plan, and with
 * "learn" the routes of others are announced to the table.
 *
 * It starts with a scan, and only then exports: so routes of ours that
 * are there already and right are never touched.  Those that nobody wants any
 * more go when the first feed is over, or, after a restart, when the
 * neighbours had their say.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "daemon/kernel.h"
#include "daemon/proto.h"
#include "daemon/underlay.h"
#include "plan/kroutes.h"
#include "plan/underlay.h"

#define OURS		12		/* RTPROT_BIRD */
#define SEND_SLICE	1024
#define SWEEP_SLICE	8192

struct kernel {
	struct proto p;
	struct kr_plan plan;
	struct loop_work send;
	struct loop_timer scan;
	bool running, scanned, leaving, refreshing;
	bool full;			/* the queue to the kernel */
	struct kernel_view last;	/* its refusal alone */
};

static const struct rt_class kernel_class = { .name = "Kernel" };

static struct kernel *
kernel_of(const struct proto *p)
{
	return container_of(p, struct kernel, p);
}

static struct proto_channel *
only_channel(const struct proto *p)
{
	return list_empty(&p->channels) ? NULL :
	    container_of(p->channels.next, struct proto_channel, link);
}

static enum nl_dump
dump_of(const struct proto *p)
{
	const struct proto_channel *c = only_channel(p);

	return c != NULL && c->cf->kind == NET_IP6 ? NL_DUMP_ROUTES6 :
	    NL_DUMP_ROUTES4;
}

static uint32_t
usual_metric(const struct proto *p)
{
	uint32_t m = p->cf->kernel.metric;

	/* What the kernel makes of "none" in IPv6. */
	return m == 0 && dump_of(p) == NL_DUMP_ROUTES6 ? 1024 : m;
}

/* Where the packets of an edited route go, as it resolves now. */
static bool
build(const struct kernel *k, const struct prefix *net,
    const struct attrs_edit *a, struct nl_route *ret)
{
	const struct rt_host *h = a->host;
	enum rt_dest dest = (enum rt_dest)(h ? h->dest : a->dest);
	const struct nexthop *hop;
	unsigned n;

	if (h != NULL) {
		hop = h->hop;
		n = h->n_hops;
	} else {
		hop = attrs_edit_hops(a, &n);
	}
	return kr_build(ret, net, a, dest, hop, n, k->p.cf->kernel.table,
	    usual_metric(&k->p));
}

struct merging {
	struct rt_channel *rc;
	struct rt_edit e;		/* of the route under way */
};

static bool
hops_of(void *ctx, const struct rt_route *r, const struct nexthop **ret_hops,
    unsigned *ret_n)
{
	struct merging *m = ctx;
	const struct attrs_edit *a = &m->e.a;

	if (rt_channel_would_export(m->rc, r, &m->e) == RT_REJECT ||
	    (a->host ? a->host->dest : a->dest) != RTD_UNICAST)
		return false;
	if (a->host) {
		*ret_hops = a->host->hop;
		*ret_n = a->host->n_hops;
	} else {
		*ret_hops = attrs_edit_hops(a, ret_n);
	}
	return true;
}

/* As above, with "merge paths" also through the routes that are as good. */
static bool
build_merged(struct kernel *k, const struct prefix *net,
    const struct rt_edit *e, struct nl_route *ret)
{
	const struct attrs_edit *a = &e->a;
	uint32_t limit = k->p.cf->kernel.merge_limit;
	struct merging m = { .rc = only_channel(&k->p)->rc };
	struct nexthop hop[NL_HOPS];
	unsigned n;

	if (!k->p.cf->kernel.merge_paths || e->route == NULL ||
	    (a->host ? a->host->dest : a->dest) != RTD_UNICAST)
		return build(k, net, a, ret);
	n = rt_merge_hops(e->table, e->route, hops_of, &m, hop,
	    limit < NL_HOPS ? limit : NL_HOPS);
	return kr_build(ret, net, a, RTD_UNICAST, hop, n,
	    k->p.cf->kernel.table, usual_metric(&k->p));
}

/* Never back to where it was learned. */
static enum rt_verdict
kernel_preexport(struct proto_channel *c, struct rt_edit *e)
{
	return e->src->owner == &c->rc->owner ? RT_REJECT : RT_ACCEPT;
}

/* The route that the table has for the net now, once more. */
static bool
rebuild(struct kernel *k, const struct prefix *net, struct nl_route *ret)
{
	struct proto_channel *c = only_channel(&k->p);
	uint32_t id = rt_find(c->rc->table, net);
	const struct rt_route *r;
	struct rt_edit e;

	if (id == RT_NONE || c->state != CHANNEL_UP)
		return false;
	r = rt_best(c->rc->table, id);
	return r != NULL && rt_channel_would_export(c->rc, r, &e) ==
	    RT_ACCEPT && build_merged(k, net, &e, ret);
}

static int
send_change(struct kernel *k, const struct kr_change *ch)
{
	uint64_t cookie = PROTO_COOKIE(&k->p, ch->cookie);
	struct nl_route r;

	if (ch->kind == KR_SET && rebuild(k, &ch->net, &r))
		return rtnl_route_set(k->p.d->rtnl, &r, cookie);
	/* To be set, but gone meanwhile: the table's news are on their way. */
	nl_route_init(&r);
	r.dst = ch->net;
	r.metric = ch->metric;
	r.table = k->p.cf->kernel.table;
	r.type = RTN_UNSPEC;
	return rtnl_route_del(k->p.d->rtnl, &r, cookie);
}

/* False: the kernel has enough to do; room() calls again. */
static bool
sent(struct kernel *k, const struct kr_change *ch, int err)
{
	if (err == -EAGAIN) {
		kr_again(&k->plan, ch);
		k->full = true;
		return false;
	}
	if (err < 0)
		kr_done(&k->plan, ch->cookie, err);
	return true;
}

/* The route is at hand: it needs not be looked up and built once more. */
static void
send_now(struct kernel *k, const struct prefix *net, const struct nl_route *r)
{
	struct kr_change ch;
	int err;

	if (!kr_next(&k->plan, &ch))
		return;
	if (ch.kind == KR_SET && prefix_eq(&ch.net, net) &&
	    ch.metric == r->metric)
		err = rtnl_route_set(k->p.d->rtnl, r, PROTO_COOKIE(&k->p,
		    ch.cookie));
	else
		err = send_change(k, &ch);
	sent(k, &ch, err);
}

static bool
kernel_emit(struct proto_channel *c, uint32_t id, const struct prefix *net,
    struct rt_edit *e)
{
	struct kernel *k = kernel_of(c->p);
	const bool first = list_empty(&k->plan.dirty);
	struct nl_route r;

	(void)id;
	if (k->leaving)		/* all is unwanted by then, and stays so */
		return true;
	if (k->full)
		return false;
	if (e != NULL && build_merged(k, net, e, &r)) {
		/* What keeps endpoints out of a tunnel goes first. */
		if (!underlay_export(c->p->d, &r)) {
			k->full = true;
			return false;
		}
		kr_want(&k->plan, net, r.metric, kr_digest(&k->plan, &r));
		if (first)
			send_now(k, net, &r);
	} else {
		kr_unwant(&k->plan, net);
		underlay_unexport(c->p->d, net);
	}
	if (!list_empty(&k->plan.dirty))
		loop_work_add(&c->p->d->loop, &k->send);
	return true;
}

static void
check_left(struct kernel *k)
{
	if (k->leaving && !k->plan.settling && k->plan.n_have == 0 &&
	    k->plan.n_pending == 0) {
		k->leaving = false;
		proto_stopped(&k->p);
	}
}

static bool
send_work(void *ctx)
{
	struct kernel *k = ctx;
	const bool sweeping = kr_sweep(&k->plan, SWEEP_SLICE);
	struct kr_change ch;

	for (unsigned i = 0; i < SEND_SLICE; i++) {
		if (!kr_next(&k->plan, &ch)) {
			check_left(k);
			return sweeping;
		}
		if (!sent(k, &ch, send_change(k, &ch)))
			return sweeping;
	}
	return true;
}

static void
kernel_room(struct proto *p)
{
	struct kernel *k = kernel_of(p);
	struct proto_channel *c = only_channel(p);

	if (!k->running)
		return;
	loop_work_add(&p->d->loop, &k->send);
	if (k->full && c != NULL)
		channel_room(c);
	k->full = false;
}

/* What a person can do about a refusal. */
static const char *
advice(int err, const struct nl_route *r, bool built)
{
	if (err == -EINVAL && built && !ip_is_none(r->prefsrc))
		return "; krt_prefsrc must be an address of this host: see "
		    "\"ip address\"";
	if (err == -ENETUNREACH)
		return "; its gateway is on no link: see \"ip route get\"";
	if (err == -EPERM)
		return "; warrend needs CAP_NET_ADMIN";
	if (err == -EEXIST)
		return "; somebody else's route is in its place";
	return "";
}

static void
kernel_answer(struct proto *p, uint32_t n, int err, const char *text)
{
	struct kernel *k = kernel_of(p);
	const struct kr_entry *e;
	char buf[PREFIX_TEXT];
	struct nl_route r;
	struct prefix net;
	bool built;

	if (!k->running)
		return;
	e = kr_at(&k->plan, n);
	if (e != NULL && err != 0) {
		net = e->head.net;
		net.asn = 0;
	}
	if (kr_done(&k->plan, n, err)) {
		built = rebuild(k, &net, &r);
		k->last.net = net;
		k->last.err = err;
		k->last.prefsrc = built ? r.prefsrc : IP_NONE;
		proto_log(p, CONF_LOG_ERROR,
		    "The kernel refuses %s: %s%s%s%s%s",
		    prefix_text(&net, buf), strerrordesc_np(-err),
		    text[0] ? " (" : "", text, text[0] ? ")" : "",
		    advice(err, &r, built));
	}
	if (err == -ENOBUFS)
		daemon_resync(p->d, RTNL_SCAN_ROUTES);
	if (k->leaving)
		loop_work_add(&p->d->loop, &k->send);
}

/* What the kernel says of it besides where it goes. */
static void
learn_attrs(struct attrs_edit *e, const struct nl_route *r)
{
	attrs_edit_set_u32(e, ATTR_KRT_SOURCE, r->proto);
	attrs_edit_set_u32(e, ATTR_KRT_METRIC, r->metric);
	if (!ip_is_none(r->prefsrc))
		attrs_edit_set_bytes(e, ATTR_KRT_PREFSRC, ATTR_IP,
		    bytes_of(r->prefsrc.b, 16));
	if (r->realm != 0)
		attrs_edit_set_u32(e, ATTR_KRT_REALM, r->realm);
	if (r->scope != RT_SCOPE_UNIVERSE)
		attrs_edit_set_u32(e, ATTR_KRT_SCOPE, r->scope);
	for (unsigned i = 1; i < NL_METRICS; i++)
		if (r->metric_set & 1u << i)
			attrs_edit_set_u32(e,
			    (uint16_t)(ATTR_KRT_METRICS + i), r->metrics[i]);
	if (r->congctl[0] != '\0')
		attrs_edit_set_bytes(e, ATTR_KRT_METRICS + RTAX_CC_ALGO,
		    ATTR_STRING, bytes_of(r->congctl,
		    strlen(r->congctl)));
}

/* Somebody else's route becomes one of the table's. */
static void
learn(struct kernel *k, const struct nl_route *r, bool gone)
{
	static const uint8_t dest[] = {
		[RTN_UNICAST] = RTD_UNICAST, [RTN_BLACKHOLE] = RTD_BLACKHOLE,
		[RTN_UNREACHABLE] = RTD_UNREACHABLE,
		[RTN_PROHIBIT] = RTD_PROHIBIT
	};
	struct proto_channel *c = only_channel(&k->p);
	struct attrs_pool *pool = rt_table_pool(c->rc->table);
	struct nexthop hop[NEXTHOPS_MAX] = { 0 };
	const struct attrs *set;
	struct attrs_edit e;
	unsigned n = 0;

	if (c->state != CHANNEL_UP || r->type >= sizeof(dest) ||
	    dest[r->type] == RTD_NONE)
		return;
	if (gone) {
		rt_channel_update(c->rc, &r->dst, r->metric, NULL,
		    loop_now());
		return;
	}
	for (unsigned i = 0; i < r->n_hops && n < NEXTHOPS_MAX; i++)
		hop[n++] = (struct nexthop){ .gw = r->hop[i].via,
		    .ifindex = r->hop[i].oif,
		    .flags = r->hop[i].flags & RTNH_F_ONLINK ?
		    NEXTHOP_ONLINK : 0,
		    .weight = (uint8_t)(r->hop[i].weight ?
		    r->hop[i].weight - 1 : 0) };
	attrs_edit_init(&e, NULL);
	e.source = RTS_INHERIT;
	e.scope = SCOPE_UNIVERSE;
	attrs_edit_set_dest(&e, (enum rt_dest)dest[r->type]);
	attrs_edit_set_hops(&e, hop, n);
	learn_attrs(&e, r);
	set = attrs_intern(pool, &e);
	if (set == NULL)
		return;
	rt_channel_update(c->rc, &r->dst, r->metric, set, loop_now());
	attrs_unref(pool, set);
}

/* What others put in, and with "learn all" what the kernel made itself. */
static bool
is_to_learn(const struct conf_kernel *cf, const struct nl_route *r)
{
	return cf->learn && r->proto != RTPROT_REDIRECT && r->proto != OURS &&
	    r->proto != UL_PROTO &&
	    (cf->learn_all || r->proto != RTPROT_KERNEL);
}

static void
kernel_route(struct proto *p, const struct nl_route *r,
    struct rtnl_origin from)
{
	struct kernel *k = kernel_of(p);
	const struct proto_channel *c = only_channel(p);

	if (!k->running || from.own || r->table != p->cf->kernel.table ||
	    r->dst.kind != c->cf->kind)
		return;
	if (r->proto != OURS) {
		if (is_to_learn(&p->cf->kernel, r))
			learn(k, r, from.gone);
		if (from.gone)
			kr_gone(&k->plan, &r->dst, r->metric, false);
		else
			kr_seen(&k->plan, &r->dst, r->metric, 0, false);
	} else if (from.gone) {
		kr_gone(&k->plan, &r->dst, r->metric, true);
	} else {
		kr_seen(&k->plan, &r->dst, r->metric,
		    kr_digest(&k->plan, r), true);
	}
	/* What was taken from us by force is put back with the next scan. */
	if (!from.scan && from.gone && r->proto == OURS)
		daemon_resync(p->d, RTNL_SCAN_ROUTES);
}

/*
 * Of our table alone.  For the local table the kernel walks main's routes as
 * well, in one call: they are in one trie.
 */
static void
ask_scan(struct proto *p)
{
	rtnl_scan(p->d->rtnl, 1u << dump_of(p), p->cf->kernel.table, 0);
}

static void
scan_over(struct kernel *k, int err)
{
	struct proto *p = &k->p;
	struct proto_channel *c = only_channel(p);

	if (!k->plan.scanning)
		return;		/* it had begun before we did */
	kr_scan_end(&k->plan, err == 0);
	if (k->refreshing && err == 0)
		channel_end_refresh(c);
	k->refreshing = false;
	loop_work_add(&p->d->loop, &k->send);
	if (k->scanned || err != 0)
		return;
	k->scanned = true;
	proto_up(p);
	/* To learn, now that there is a channel. */
	if (p->cf->kernel.learn)
		ask_scan(p);
}

static void
kernel_scan(struct proto *p, enum nl_dump what, bool begin, int err)
{
	struct kernel *k = kernel_of(p);
	const uint32_t table = rtnl_scan_table(p->d->rtnl);

	if (!k->running || what != dump_of(p) ||
	    (table != 0 && table != p->cf->kernel.table))
		return;
	if (!begin) {
		scan_over(k, err);
		return;
	}
	kr_scan_begin(&k->plan);
	if (p->cf->kernel.learn && p->state == PROTO_UP) {
		k->refreshing = true;
		channel_begin_refresh(only_channel(p));
	}
}

static void
scan_due(void *ctx)
{
	struct kernel *k = ctx;

	ask_scan(&k->p);
	/* 0: at the start only. */
	if (k->p.cf->kernel.scan_time > 0)
		loop_timer_in(&k->p.d->loop, &k->scan,
		    k->p.cf->kernel.scan_time);
}

static void
kernel_start(struct proto *p)
{
	struct kernel *k = kernel_of(p);

	if (only_channel(p) == NULL) {
		proto_stop(p, PROTO_GOAL_DOWN, "No channel");
		return;
	}
	kr_init(&k->plan, usual_metric(p), &p->d->key);
	kr_hold(&k->plan);
	k->running = true;
	k->scanned = k->leaving = k->refreshing = k->full = false;
	loop_work_init(&k->send, send_work, k);
	loop_timer_init(&k->scan, scan_due, k);
	scan_due(k);
}

/* The table has said all that it knows. */
static void
kernel_drained(struct proto_channel *c)
{
	struct kernel *k = kernel_of(c->p);

	if (c->p->d->recovery.active)
		return;
	kr_release(&k->plan);
	loop_work_add(&c->p->d->loop, &k->send);
}

static void
kernel_recovery_over(struct proto *p)
{
	struct kernel *k = kernel_of(p);
	struct proto_channel *c = only_channel(p);

	/* What is still on its way through the table comes first. */
	if (k->running && c != NULL)
		channel_room(c);
}

static void
kernel_shutdown(struct proto *p)
{
	struct kernel *k = kernel_of(p);
	bool keep = p->cf->kernel.persist ||
	    (p->d->shutting_down && p->d->keep);

	if (!k->running || keep) {
		proto_stopped(p);
		return;
	}
	k->leaving = true;
	kr_leave(&k->plan);
	loop_work_add(&p->d->loop, &k->send);
}

static void
kernel_cleanup(struct proto *p)
{
	struct kernel *k = kernel_of(p);

	if (!k->running)
		return;
	k->running = false;
	underlay_now(p->d);
	loop_work_clear(&k->send);
	loop_timer_clear(&p->d->loop, &k->scan);
	kr_done_all(&k->plan);
}

static bool
kernel_reconfigure(struct proto *p, const struct conf_proto *old)
{
	const struct conf_kernel *a = &old->kernel, *b = &p->cf->kernel;
	struct kernel *k = kernel_of(p);

	if (k->running && a->scan_time != b->scan_time) {
		loop_timer_clear(&p->d->loop, &k->scan);
		if (b->scan_time > 0)
			loop_timer_in(&p->d->loop, &k->scan, b->scan_time);
	}
	return a->table == b->table && a->metric == b->metric &&
	    a->learn == b->learn && a->learn_all == b->learn_all;
}

/* An address that is here now may be the one a refused route wants. */
static void
kernel_ifaces(struct proto *p)
{
	if (kernel_of(p)->running && kernel_of(p)->plan.n_refused > 0)
		daemon_resync(p->d, RTNL_SCAN_ROUTES);
}

static bool
kernel_reload(struct proto *p, struct proto_channel *c)
{
	(void)c;
	ask_scan(p);
	return true;
}

static void
kernel_details(const struct proto *p, struct text *out)
{
	const struct kernel *k = kernel_of(p);

	if (!k->running)
		return;
	text_printf(out, "  Kernel table:   %u\n", p->cf->kernel.table);
	text_printf(out, "  Kernel routes:  %u ours, %u refused%s\n",
	    k->plan.n_have, k->plan.n_refused, k->plan.held ?
	    ", stale ones are kept until recovery is over" : "");
}

void
kernel_look(const struct proto *p, struct kernel_view *ret)
{
	const struct kernel *k = kernel_of(p);

	*ret = k->last;
	ret->routes = k->running ? k->plan.n_have : 0;
	ret->refused = k->running ? k->plan.n_refused : 0;
}

bool
kernel_refuses(const struct proto *p, const struct prefix *net)
{
	const struct kernel *k = kernel_of(p);
	const struct kr_entry *e;

	if (p->ops != &kernel_ops || !k->running)
		return false;
	e = kr_find(&k->plan, net);
	return e != NULL && (e->refused || (e->foreign && e->want != 0));
}

void
kernel_routes_to(struct proto *p, struct ip ip,
    void (*each)(void *ctx, const struct nl_route *r), void *ctx)
{
	struct kernel *k = kernel_of(p);
	const bool ip4 = dump_of(p) == NL_DUMP_ROUTES4;
	const struct kr_entry *e;
	struct nl_route r;

	if (!k->running || k->leaving || ip_is4(ip) != ip4)
		return;
	for (unsigned len = 0; len <= (ip4 ? 32 : 128); len++) {
		struct prefix net = prefix_of(ip, len);

		if (net.kind == NET_NONE)
			continue;
		e = kr_find(&k->plan, &net);
		if (e != NULL && e->want != 0 && rebuild(k, &net, &r))
			each(ctx, &r);
	}
}

const struct proto_ops kernel_ops = {
	.kind = CONF_KERNEL,
	.cls = &kernel_class,
	.size = sizeof(struct kernel),
	.start = kernel_start,
	.shutdown = kernel_shutdown,
	.cleanup = kernel_cleanup,
	.reconfigure = kernel_reconfigure,
	.ifaces = kernel_ifaces,
	.reload_in = kernel_reload,
	.details = kernel_details,
	.recovery_over = kernel_recovery_over,
	.route = kernel_route,
	.scan = kernel_scan,
	.answer = kernel_answer,
	.room = kernel_room,
	.preexport = kernel_preexport,
	.emit = kernel_emit,
	.drained = kernel_drained,
};

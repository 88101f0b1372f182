/* SPDX-License-Identifier: ISC */
#include "daemon/wireguard.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/underlay.h"

#define POLL_EVERY	SECONDS(1)
/* A device that was just started is looked at again this soon. */
#define POLL_SOON	MILLISECONDS(20)
#define AGAIN_FIRST	MILLISECONDS(50)
#define AGAIN_MOST	SECONDS(10)

static const struct rt_class wireguard_class = { .name = "WireGuard",
    .rank = 4 };

const char *
tunnel_state_name(const struct tunnel *t)
{
	static const char *const name[] = {
		"down", "opening", "setting", "running", "waiting"
	};

	return name[t->state];
}

struct tunnel *
tunnel_by_iface(const struct daemon *d, const char *iface)
{
	LIST_EACH(p, &d->protos, struct proto, link)
		if (p->ops == &wireguard_ops && tunnel_of(p)->running &&
		    (strcmp(tunnel_of(p)->iface, iface) == 0 ||
		    strcmp(p->name, iface) == 0))
			return tunnel_of(p);
	return NULL;
}

/* The listed allowed ips as routes of the table, to this interface. */
static void
announce_peer(struct tunnel *t, struct proto_channel *c,
    const struct tunnel_peer *p)
{
	struct attrs_pool *pool = rt_table_pool(c->rc->table);
	struct nexthop hop = { .ifindex = t->ifindex };
	const struct attrs *set;
	struct attrs_edit e;

	attrs_edit_init(&e, NULL);
	e.source = RTS_WIREGUARD;
	e.scope = SCOPE_UNIVERSE;
	attrs_edit_set_dest(&e, RTD_UNICAST);
	attrs_edit_set_hops(&e, &hop, 1);
	set = attrs_intern(pool, &e);
	if (set == NULL)
		return;
	for (const struct conf_prefix_list *l = p->cf->allowed; l; l = l->next)
		if (l->net.kind == c->cf->kind)
			rt_channel_update(c->rc, &l->net, 0, set, loop_now());
	attrs_unref(pool, set);
}

static void
announce(struct tunnel *t, struct proto_channel *c)
{
	if (c->state != CHANNEL_UP)
		return;
	channel_begin_refresh(c);
	for (unsigned i = 0; t->ifindex != 0 && i < t->n_peers; i++)
		if (!tunnel_peer_is_gone(&t->peer[i]))
			announce_peer(t, c, &t->peer[i]);
	channel_end_refresh(c);
}

void
tunnel_announce(struct tunnel *t)
{
	LIST_EACH(c, &t->p.channels, struct proto_channel, link)
		announce(t, c);
}

static enum rt_verdict
wireguard_preexport(struct proto_channel *c, struct rt_edit *e)
{
	(void)c;
	return e->a.source == RTS_WIREGUARD ? RT_REJECT : RT_ACCEPT;
}

/* A route through this interface is its next hop's peer's. */
static bool
wireguard_emit(struct proto_channel *c, uint32_t id,
    const struct prefix *net, struct rt_edit *e)
{
	struct tunnel *t = tunnel_of(c->p);
	const struct rt_host *h = e ? e->a.host : NULL;
	const struct nexthop *hop = h ? h->hop : NULL;
	unsigned n = h ? h->n_hops : 0;

	(void)id;
	if (e != NULL && h == NULL)
		hop = attrs_edit_hops(&e->a, &n);
	loop_work_add(&t->p.d->loop, &t->work);
	for (unsigned i = 0; i < n; i++) {
		if (hop[i].ifindex != t->ifindex || t->ifindex == 0)
			continue;
		ai_route(&t->allowed, net, hop[i].gw);
		return true;
	}
	ai_unroute(&t->allowed, net);
	return true;
}

static void
wireguard_drained(struct proto_channel *c)
{
	struct tunnel *t = tunnel_of(c->p);

	if (c->p->d->recovery.active)
		return;
	LIST_EACH(o, &c->p->channels, struct proto_channel, link)
		if (o->state == CHANNEL_UP && !o->fed)
			return;
	ai_release(&t->allowed);
	loop_work_add(&c->p->d->loop, &t->work);
}

static void
wireguard_recovery_over(struct proto *p)
{
	LIST_EACH(c, &p->channels, struct proto_channel, link)
		channel_room(c);
}

/* The device that there is against the one that is wanted. */
static void
compare(struct tunnel *t, const struct wg_uapi_dump *dump)
{
	struct ws_changes c = { 0 };
	struct ws_want want;
	bool ok;

	if (!tunnel_want(t, &want))
		return;
	ok = ws_compare(&want, dump, &t->allowed, &c);
	tunnel_want_done(&want);
	if (!ok)
		return;		/* no memory: the next poll tries again */
	t->compare = false;
	if (ws_changes_any(&c))
		wg_backend_set(t->backend, &c);
	else if (t->state == TUNNEL_SETTING)
		loop_work_add(&t->p.d->loop, &t->work);
	ws_changes_done(&c);
}

static bool
link_ready(struct tunnel *t)
{
	const struct iface *i = iface_by_name(&t->p.d->ifaces, t->iface);

	if (i == NULL || i->flags & IFACE_GONE)
		return false;
	if (t->ifindex != i->index) {
		t->ifindex = i->index;
		t->link_done = false;
	}
	return true;
}

/* Set, with a link, and that up: then the tunnel runs. */
static void
try_run(struct tunnel *t)
{
	const struct iface *i;

	if (t->state != TUNNEL_SETTING || t->compare || !link_ready(t) ||
	    wg_backend_busy(t->backend))
		return;
	if (!t->link_done) {
		tunnel_hooks(t, "PreUp", t->p.cf->wg.pre_up);
		tunnel_link_up(t);
	}
	i = iface_by_index(&t->p.d->ifaces, t->ifindex);
	if (!(i->flags & IFACE_ADMIN_UP))
		return;
	t->state = TUNNEL_RUNNING;
	t->deaths = 0;
	t->p.message[0] = '\0';
	proto_log(&t->p, CONF_LOG_INFO, "Interface %s is up%s", t->iface,
	    t->adopted ? ", as it was found" : "");
	if (t->p.state == PROTO_START)
		proto_up(&t->p);
	tunnel_announce(t);
	tunnel_answers(t);
	tunnel_alive(t);
	tunnel_hooks(t, "PostUp", t->p.cf->wg.post_up);
	/* One that was found running is news to those who wait for it. */
	t->p.d->ifaces_told = 0;
}

static void
on_got(void *ctx, const struct wg_uapi_dump *dump)
{
	struct tunnel *t = ctx;

	if (dump->error != 0) {
		proto_log(&t->p, CONF_LOG_ERROR, "%s: %s", t->iface,
		    strerrordesc_np(dump->error));
		return;
	}
	if (t->state == TUNNEL_OPENING)
		t->state = TUNNEL_SETTING;
	tunnel_polled(t, dump);
	if (t->compare)
		compare(t, dump);
	else
		tunnel_look_for_silent(t);
	try_run(t);
	if (t->state == TUNNEL_RUNNING)
		tunnel_underlay(t, false);
	/* Routes that moved while we were waiting for this. */
	if (!t->compare && !list_empty(&t->allowed.dirty))
		loop_work_add(&t->p.d->loop, &t->work);
	loop_timer_in(&t->p.d->loop, &t->poll,
	    t->state == TUNNEL_RUNNING ? POLL_EVERY : POLL_SOON);
}

static void
on_set(void *ctx, int err)
{
	struct tunnel *t = ctx;

	if (err != 0) {
		proto_log(&t->p, CONF_LOG_ERROR,
		    "%s refuses its settings: %s%s", t->iface,
		    strerrordesc_np(-err), err == -EADDRINUSE ?
		    "; another program has the listen port: see "
		    "\"ss -lnup\"" : "");
		proto_note(&t->p, "%s", strerrordesc_np(-err));
		t->compare = true;	/* with the next poll */
		loop_timer_in(&t->p.d->loop, &t->poll, POLL_EVERY);
		return;
	}
	loop_work_add(&t->p.d->loop, &t->work);
}

static void
on_died(void *ctx, const char *why)
{
	struct tunnel *t = ctx;
	int64_t wait = AGAIN_FIRST;

	if (!t->running || t->state == TUNNEL_WAITING ||
	    t->state == TUNNEL_DOWN)
		return;
	proto_log(&t->p, CONF_LOG_ERROR, "%s is gone: %s; starting it again",
	    t->iface, why);
	proto_note(&t->p, "%s", why);
	t->state = TUNNEL_WAITING;
	tunnel_alive_done(t);
	t->link_done = false;
	t->ifindex = 0;
	for (unsigned i = 0; i < t->deaths && wait < AGAIN_MOST; i++)
		wait *= 2;
	t->deaths++;
	loop_timer_clear(&t->p.d->loop, &t->poll);
	loop_timer_in(&t->p.d->loop, &t->again, wait);
}

static void
open_device(struct tunnel *t)
{
	int err = wg_backend_open(t->backend, PROTO_COOKIE(&t->p, 0),
	    &t->adopted);

	if (err < 0) {
		on_died(t, err == -ENOENT ?
		    "warren-wg is not installed beside warrend" :
		    strerrordesc_np(-err));
		return;
	}
	t->compare = true;
	wg_backend_get(t->backend);
}

static void
on_again(void *ctx)
{
	struct tunnel *t = ctx;

	t->state = TUNNEL_OPENING;
	/* The old routes' interface number is no more. */
	LIST_EACH(c, &t->p.channels, struct proto_channel, link)
		if (c->state == CHANNEL_UP)
			rt_channel_refeed(c->rc);
	open_device(t);
}

static void
on_poll(void *ctx)
{
	struct tunnel *t = ctx;

	/* Should the answer get lost, the clock goes on. */
	loop_timer_in(&t->p.d->loop, &t->poll, POLL_EVERY);
	if (!wg_backend_busy(t->backend))
		wg_backend_get(t->backend);
}

/* Routes have moved: tell the device which peers have them now. */
static bool
send_allowed(void *ctx)
{
	struct tunnel *t = ctx;
	struct ws_changes c = { 0 };
	struct ws_want want;

	if (!t->running || wg_backend_busy(t->backend) ||
	    (t->state != TUNNEL_RUNNING && t->state != TUNNEL_SETTING))
		return false;
	if (t->compare) {
		loop_timer_in(&t->p.d->loop, &t->poll, 0);
		return false;
	}
	try_run(t);
	if (!tunnel_want(t, &want))
		return false;
	if (ws_allowed(&want, &t->allowed, &c) && ws_changes_any(&c))
		wg_backend_set(t->backend, &c);
	tunnel_want_done(&want);
	ws_changes_done(&c);
	return false;
}

static const struct wg_backend_cb backend_cb = {
	.got = on_got,
	.set = on_set,
	.died = on_died,
};

static bool
load_keys(struct tunnel *t)
{
	const struct conf_wireguard *w = &t->p.cf->wg;
	int err = tunnel_load_key(&w->private_key, true, t->private_key);

	if (err == 0 && !wg_key_public(t->public_key, t->private_key))
		err = -EINVAL;
	if (err != 0) {
		proto_log(&t->p, CONF_LOG_ERROR, "Private key%s%s: %s",
		    w->private_key.file ? " file " : "",
		    w->private_key.file ? w->private_key.file : "",
		    err == -EINVAL ? "no key of WireGuard's" :
		    strerrordesc_np(-err));
		return false;
	}
	t->link_local = w->link_local == CONF_LL_AUTO ?
	    wg_link_local(t->public_key) : w->link_local == CONF_LL_FIXED ?
	    w->link_local_ip : IP_NONE;
	return true;
}

static void
wireguard_start(struct proto *p)
{
	struct tunnel *t = tunnel_of(p);

	snprintf(t->iface, sizeof(t->iface), "%s", p->cf->wg.iface);
	loop_work_init(&t->work, send_allowed, t);
	loop_timer_init(&t->poll, on_poll, t);
	loop_timer_init(&t->again, on_again, t);
	ai_init(&t->allowed, &p->d->key);
	/* Without a channel nobody has to be waited for. */
	if (p->cf->channels != NULL)
		ai_hold(&t->allowed);
	list_init(&t->askers);
	t->ask_fd = t->echo_fd = -1;
	t->running = true;
	if (!load_keys(t) || !tunnel_peers_make(t)) {
		proto_stop(p, PROTO_GOAL_DOWN, "No usable keys");
		return;
	}
	t->backend = wg_backend_new(p->d, t->iface,
	    (enum conf_wg_backend)p->cf->wg.backend, &backend_cb, t);
	if (t->backend == NULL) {
		proto_stop(p, PROTO_GOAL_DOWN,
		    "The kernel has no WireGuard; use backend userspace");
		return;
	}
	t->state = TUNNEL_OPENING;
	tunnel_nft(p->d);
	open_device(t);
}

static void
wireguard_shutdown(struct proto *p)
{
	struct tunnel *t = tunnel_of(p);

	if (!(p->d->shutting_down && p->d->keep)) {
		tunnel_hooks_down(t);	/* whoever ran those of its start */
		tunnel_link_del(t);
	}
	t->state = TUNNEL_DOWN;
	tunnel_nft(p->d);
	underlay_now(p->d);
	proto_stopped(p);
}

static void
wireguard_cleanup(struct proto *p)
{
	struct tunnel *t = tunnel_of(p);

	if (!t->running)
		return;
	t->running = false;
	loop_work_clear(&t->work);
	loop_timer_clear(&p->d->loop, &t->poll);
	loop_timer_clear(&p->d->loop, &t->again);
	t->backend = wg_backend_free(t->backend);
	tunnel_alive_done(t);
	tunnel_peers_free(t->peer, t->n_peers);
	t->peer = NULL;
	t->n_peers = 0;
	tunnel_underlay_done(t);
	tunnel_answers_done(t);
	ai_done(&t->allowed);
	mem_wipe(t->private_key, WG_KEY);
	t->ifindex = 0;
	t->link_done = t->compare = false;
	t->state = TUNNEL_DOWN;
	t->deaths = 0;
}

static bool
wireguard_reconfigure(struct proto *p, const struct conf_proto *old)
{
	struct tunnel *t = tunnel_of(p);
	const struct ip link_local = t->link_local;

	if (strcmp(old->wg.iface, p->cf->wg.iface) != 0 ||
	    old->wg.backend != p->cf->wg.backend)
		return false;
	if (!load_keys(t) || !tunnel_peers_make(t))
		return false;
	tunnel_link_change(t, &old->wg, link_local);
	if (t->state == TUNNEL_RUNNING) {
		tunnel_answers(t);
		tunnel_alive(t);
	}
	tunnel_nft(p->d);
	t->compare = true;
	loop_work_add(&p->d->loop, &t->work);
	tunnel_announce(t);
	return true;
}

static void
wireguard_ifaces(struct proto *p)
{
	struct tunnel *t = tunnel_of(p);
	const struct iface *i;

	if (!t->running)
		return;
	if (t->state == TUNNEL_SETTING) {
		try_run(t);
		return;
	}
	if (t->state != TUNNEL_RUNNING)
		return;
	i = iface_by_index(&p->d->ifaces, t->ifindex);
	if (i == NULL || i->flags & IFACE_GONE)
		on_died(t, "its link was removed");
	else
		tunnel_underlay(t, true);
}

static bool
wireguard_reload(struct proto *p, struct proto_channel *c)
{
	announce(tunnel_of(p), c);
	return true;
}

static void
wireguard_info(const struct proto *p, struct text *out)
{
	const struct tunnel *t = tunnel_of(p);
	unsigned alive = 0;

	if (!t->running) {
		text_add(out, p->message);
		return;
	}
	for (unsigned i = 0; i < t->n_peers; i++)
		alive += tunnel_peer_alive(&t->peer[i]);
	text_printf(out, "%u/%u peers", alive, t->n_peers);
	if (p->message[0] != '\0')
		text_printf(out, "  %s", p->message);
}

static void
wireguard_details(const struct proto *p, struct text *out)
{
	const struct tunnel *t = tunnel_of(p);
	char key[WG_KEY_BASE64], ip[IP_TEXT];

	if (!t->running)
		return;
	wg_key_to_base64(key, t->public_key);
	text_printf(out, "  Interface:      %s\n", t->iface);
	text_printf(out, "  Tunnel state:   %s\n", tunnel_state_name(t));
	text_printf(out, "  Backend:        %s\n",
	    t->backend != NULL && wg_backend_kernel(t->backend) ? "kernel" :
	    "userspace");
	text_printf(out, "  Public key:     %s\n", key);
	text_printf(out, "  Listen port:    %u\n", t->listen_port);
	text_printf(out, "  MTU:            %u%s\n", t->mtu,
	    p->cf->wg.mtu ? "" : ", by the way to the peers");
	if (!ip_is_none(t->link_local))
		text_printf(out, "  Link local:     %s\n",
		    ip_text(t->link_local, ip));
}

static void
wireguard_answer(struct proto *p, uint32_t n, int err, const char *text)
{
	(void)n;
	if (err != 0 && err != -EEXIST && err != -ENODEV && err != -ESRCH &&
	    err != -EADDRNOTAVAIL)
		proto_log(p, CONF_LOG_ERROR,
		    "The kernel refuses a setting of %s: %s%s%s%s",
		    tunnel_of(p)->iface, strerrordesc_np(-err),
		    text[0] ? " (" : "", text, text[0] ? ")" : "");
}

const struct proto_ops wireguard_ops = {
	.kind = CONF_WIREGUARD,
	.cls = &wireguard_class,
	.size = sizeof(struct tunnel),
	.start = wireguard_start,
	.shutdown = wireguard_shutdown,
	.cleanup = wireguard_cleanup,
	.reconfigure = wireguard_reconfigure,
	.ifaces = wireguard_ifaces,
	.reload_in = wireguard_reload,
	.info = wireguard_info,
	.details = wireguard_details,
	.recovery_over = wireguard_recovery_over,
	.answer = wireguard_answer,
	.preexport = wireguard_preexport,
	.emit = wireguard_emit,
	.drained = wireguard_drained,
};

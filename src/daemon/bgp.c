/* SPDX-License-Identifier: ISC */
#include "daemon/bgp.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "conf/bfd.h"
#include "daemon/bmp.h"
#include "daemon/mrtdump.h"
#include "daemon/vrf.h"
#include "daemon/wireguard.h"

/* A batch of the neighbour's, so that its UPDATEs are full: some ms. */
#define WORK_SLICE	4096
/*
 * A neighbour that has not come back this long after our restart is not
 * waited for: its peers' patience (restart time) must not run out meanwhile.
 */
#define COME_BACK	SECONDS(60)

/*
 * FRR says End-of-RIB at once and its routes a second later, when they have
 * been put together, and calls itself restarting for long after its start:
 * after our own restart neither is believed at once.
 */
#define EOR_GRACE	SECONDS(3)

struct bgp_neighbour *
bgp_proto_neighbour(const struct proto *p)
{
	return bgp_of(p)->n;
}

bool
bgp_proto_drain(struct proto *p, bool on)
{
	struct bgp *b = bgp_of(p);

	if (b->draining == on)
		return false;
	b->draining = on;
	proto_log(p, CONF_LOG_INFO, "Graceful shutdown%s", on ? "" :
	    " is off");
	if (b->running) {
		bgp_neighbour_set_draining(b->n, on);
		bgp_kick(b);
	}
	return true;
}

int
bgp_proto_channel(const struct proto *p, const struct proto_channel *c)
{
	const struct bgp *b = bgp_of(p);

	for (unsigned i = 0; i < b->n_chans; i++)
		if (b->chan[i] == c)
			return (int)i;
	return -1;
}

/* What the neighbour asks of us is only noted: bgp_work() does it. */
static void
on_dial(struct bgp_neighbour *n, void *ctx)
{
	struct bgp *b = ctx;

	(void)n;
	b->want_dial = true;
	bgp_kick(b);
}

static void
on_hang_up(struct bgp_neighbour *n, enum bgp_conn conn, void *ctx)
{
	struct bgp *b = ctx;
	struct bgp_io *io = &b->io[conn];
	struct bytes last = bgp_neighbour_tx(n, conn);

	/* Last words, as far as they go: the session may end with us. */
	if (io->fd >= 0 && !io->connecting && last.n > 0)
		io->last_words = send(io->fd, last.p, last.n,
		    MSG_NOSIGNAL | MSG_DONTWAIT) > 0;
	io->hang_up = true;
	bgp_kick(b);
}

static void
on_wake(struct bgp_neighbour *n, void *ctx)
{
	(void)n;
	bgp_kick(ctx);
}

static int
number_of(const struct bgp *b, const struct rt_channel *rc)
{
	for (unsigned i = 0; i < b->n_chans; i++)
		if (bgp_neighbour_channel(b->n, i) == rc)
			return (int)i;
	return -1;
}

static void
say_cause(struct bgp *b, const struct bgp_cause *c)
{
	char text[BGP_CAUSE_TEXT];

	bgp_cause_text(c, text);
	if (c->blame == BGP_BLAME_SOCKET && c->err != 0)
		proto_note(&b->p, "Socket: %s", strerrordesc_np(c->err));
	else
		proto_note(&b->p, "%s", text);
	if (b->p.message[0] != '\0')
		proto_log(&b->p, c->blame == BGP_BLAME_REMOTE ?
		    CONF_LOG_REMOTE : CONF_LOG_INFO, "%s", b->p.message);
}

/* "disable after error" and "disable after cease". */
static bool
disables(const struct conf_bgp *cf, const struct bgp_cause *c)
{
	if (c->blame != BGP_BLAME_LOCAL && c->blame != BGP_BLAME_REMOTE)
		return false;
	if (c->code != BGP_ERR_CEASE)
		return cf->disable_after_error;
	return c->blame == BGP_BLAME_REMOTE && c->subcode < 32 &&
	    cf->disable_after_cease & 1u << c->subcode;
}

static void
went_wrong(struct bgp *b, const struct bgp_cause *c)
{
	if (!b->cut_off)
		say_cause(b, c);
	if (!disables(&b->p.cf->bgp, c))
		return;
	b->p.disabled = true;
	proto_stop(&b->p, PROTO_GOAL_DOWN, NULL);
}

static void
hit_limit(struct bgp *b, const struct bgp_note_info *i)
{
	const struct rt_limit *l[] = { &i->channel->receive_limit,
	    &i->channel->import_limit, &i->channel->export_limit };
	uint8_t worst = LIMIT_NONE;

	for (unsigned k = 0; k < 3; k++)
		if (l[k]->hit && l[k]->action > worst)
			worst = l[k]->action;
	proto_log(&b->p, CONF_LOG_WARNING, "%s limit hit", i->text);
	if (worst < LIMIT_RESTART)
		return;
	b->over_limit = true;
	if (worst == LIMIT_DISABLE)
		b->p.disabled = true;
	proto_stop(&b->p, worst == LIMIT_DISABLE ? PROTO_GOAL_DOWN :
	    PROTO_GOAL_UP, "Route limit exceeded");
}

static void
on_note(struct bgp_neighbour *n, const struct bgp_note_info *i, void *ctx)
{
	struct bgp *b = ctx;
	int k;

	(void)n;
	switch (i->what) {
	case BGP_NOTE_UP:
		b->p.message[0] = '\0';
		memset(b->eor, 0, sizeof(b->eor));
		b->settled = instant_add(loop_now(), EOR_GRACE);
		proto_log(&b->p, CONF_LOG_INFO, "Session established");
		bgp_guard_look(b, false);
		b->established++;
		b->bfd_look = true;
		bmp_peer_up(b);
		proto_up(&b->p);
		break;
	case BGP_NOTE_DOWN:
		bmp_peer_down(b, i->cause);
		/* What a person asked for is no error to be remembered. */
		if (!b->leaving)
			went_wrong(b, i->cause);
		proto_connecting(&b->p);
		break;
	case BGP_NOTE_FAILED:
		if (!b->leaving)
			went_wrong(b, i->cause);
		break;
	case BGP_NOTE_UPDATE:
		proto_log(&b->p, CONF_LOG_REMOTE, "%s", i->text);
		break;
	case BGP_NOTE_EOR:
		k = number_of(b, i->channel);
		if (k >= 0) {
			b->eor[k] = true;
			bmp_eor(b, (unsigned)k);
		}
		b->settled = instant_add(loop_now(), EOR_GRACE);
		proto_trace(&b->p, CONF_DEBUG_EVENTS, "Got End-of-RIB");
		break;
	case BGP_NOTE_EOR_SENT:
		proto_trace(&b->p, CONF_DEBUG_EVENTS, "Sent End-of-RIB");
		break;
	case BGP_NOTE_GR_BEGIN:
		proto_log(&b->p, CONF_LOG_INFO,
		    "Graceful restart: its routes are kept");
		break;
	case BGP_NOTE_GR_END:
		proto_log(&b->p, CONF_LOG_INFO, "Graceful restart is over");
		break;
	case BGP_NOTE_LIMIT:
		hit_limit(b, i);
		break;
	case BGP_NOTE_HANDED_OVER:
		break;
	}
	b->look_again = true;
	bgp_kick(b);
}

static struct mrt_link
mrt_link_of(const struct bgp *b, enum bgp_conn conn)
{
	const struct bgp_session *s = bgp_neighbour_conn(b->n, conn);
	const struct bgp_caps *caps = bgp_session_caps(s);
	const bool agreed = bgp_session_state(s) >= BGP_OPENCONFIRM;
	const struct bgp_link *l = bgp_neighbour_conn_link(b->n, conn);

	return (struct mrt_link){ .local_as = b->p.cf->bgp.local_as,
	    .peer_as = agreed ? caps->peer_asn : b->p.cf->bgp.remote_as,
	    .local = l->local, .peer = b->remote.ip, .ifindex = l->ifindex,
	    .as4 = !agreed || caps->as4,
	    .add_path = agreed && caps->add_path_rx != 0 };
}

static void
on_message(struct bgp_neighbour *n, enum bgp_conn conn, struct bytes whole,
    void *ctx)
{
	struct bgp *b = ctx;
	struct mrt_link l;

	(void)n;
	if (!mrtdump_wants(&b->p, CONF_MRT_MESSAGES))
		return;
	l = mrt_link_of(b, conn);
	mrtdump_message(b->p.d, &l, whole);
}

static void
on_state(struct bgp_neighbour *n, enum bgp_conn conn, enum bgp_state was,
    enum bgp_state is, void *ctx)
{
	struct bgp *b = ctx;
	struct mrt_link l;

	/* The first change comes while the neighbour is being made. */
	if (!mrtdump_wants(&b->p, CONF_MRT_STATES) || b->n != n)
		return;
	l = mrt_link_of(b, conn);
	mrtdump_state(b->p.d, &l, was, is);
}

static void
on_route(struct bgp_neighbour *n, unsigned i, bool post_policy,
    const struct prefix *net, uint32_t path_id, const struct attrs *attrs,
    void *ctx)
{
	/* With the session all of its routes went, as far as one knows. */
	if (bgp_neighbour_established(n))
		bmp_route(ctx, i, post_policy, net, path_id, attrs);
}

static const struct bgp_neighbour_ops neighbour_ops = {
	.dial = on_dial,
	.hang_up = on_hang_up,
	.wake = on_wake,
	.note = on_note,
	.message = on_message,
	.state = on_state,
	.route = on_route,
};

static void
hang_up(struct bgp_io *io)
{
	if (io->hang_up)
		bgp_io_close(io);
}

/* What the channels are called in "show protocols all". */
static void
mirror_channels(struct bgp *b)
{
	for (unsigned i = 0; i < b->n_chans; i++)
		b->chan[i]->state = bgp_neighbour_channel_up(b->n, i) ?
		    CHANNEL_UP : CHANNEL_DOWN;
}

static void
check_gone(struct bgp *b)
{
	struct bgp_error quiet = { .code = BGP_ERR_NONE };

	if (!b->leaving)
		return;
	if (b->abandoned) {
		/* The kernel's routes are nobody's business any more. */
		b->abandoned = false;
		bgp_neighbour_stop(b->n, loop_now(), &quiet);
		bgp_kick(b);
	} else if (bgp_neighbour_gone(b->n)) {
		b->leaving = false;
		for (unsigned i = 0; i < b->n_chans; i++)
			b->chan[i]->state = CHANNEL_DOWN;
		proto_stopped(&b->p);
	}
}

static bool
bgp_work(void *ctx)
{
	struct bgp *b = ctx;
	struct instant next;
	bool more;

	if (b->bfd_failed)
		bgp_bfd_obey(b);
	for (unsigned i = 0; i < BGP_NCONNS; i++)
		hang_up(&b->io[i]);
	if (b->want_dial) {
		b->want_dial = false;
		bgp_io_dial(b);
	}
	for (unsigned i = 0; i < BGP_NCONNS; i++)
		bgp_io_read(&b->io[i]);
	more = bgp_neighbour_work(b->n, loop_now(), WORK_SLICE);
	for (unsigned i = 0; i < BGP_NCONNS; i++) {
		bgp_io_write(&b->io[i]);
		bgp_io_watch(&b->io[i]);
		more |= b->io[i].hang_up;
	}
	bgp_io_warn(b);
	mirror_channels(b);
	if (b->bfd_look)
		bgp_bfd_look(b);
	next = bgp_neighbour_deadline(b->n);
	if (b->p.d->recovery.active && !instant_due(b->settled, loop_now()))
		next = instant_min(next, b->settled);
	loop_timer_at(&b->p.d->loop, &b->timer, next);
	if (b->look_again) {
		b->look_again = false;
		daemon_recovery_check(b->p.d);
	}
	bgp_dynamic_look(b);
	check_gone(b);
	return more && b->running;
}

static void
on_timer(void *ctx)
{
	struct bgp *b = ctx;

	bgp_neighbour_tick(b->n, loop_now());
	b->look_again = b->look_again || b->p.d->recovery.active;
	bgp_kick(b);
}

/* A tunnel can be dialled through at once: no waiting, as for a cable. */
static bool
is_through_tunnel(const struct bgp *b)
{
	const struct iface *i;

	if (b->p.cf->bgp.wg_iface != NULL)
		return true;
	i = vrf_iface_to(&b->p, b->remote.ip,
	    b->remote.scope, NULL);
	return i != NULL && tunnel_by_iface(b->p.d, i->name) != NULL;
}

/* How long the neighbour has to wait that was over a limit; 0: not at all. */
static int64_t
limit_wait(struct bgp *b)
{
	const struct conf_bgp *cf = &b->p.cf->bgp;
	const struct instant now = loop_now();
	const bool again = b->limit_wait != 0 && instant_sub(now,
	    b->limit_at) <= b->limit_wait + cf->error_forget_time;

	if (!b->over_limit)
		return 0;
	b->over_limit = false;
	b->limit_at = now;
	b->limit_wait = again ? 2 * b->limit_wait : cf->error_wait_min;
	if (b->limit_wait > cf->error_wait_max)
		b->limit_wait = cf->error_wait_max;
	return b->limit_wait;
}

static void
begin(struct bgp *b)
{
	int64_t wait;

	if (b->begun || b->leaving || !bgp_listen(b))
		return;
	if (!bgp_find_peer(b)) {
		if (!bgp_is_cut_off(b))
			proto_note(&b->p, "Neighbor is on no link");
		return;
	}
	b->begun = b->bfd_look = true;
	wait = limit_wait(b);
	if (wait > 0) {
		bgp_neighbour_start_late(b->n, loop_now(), wait);
		bgp_kick(b);
		return;
	}
	b->p.message[0] = '\0';
	bgp_neighbour_start(b->n, loop_now());
	if (is_through_tunnel(b))
		bgp_neighbour_dial_now(b->n, loop_now());
	bgp_kick(b);
}

static void
on_range_timer(void *ctx)
{
	daemon_recovery_check(((struct bgp *)ctx)->p.d);
}

/* Who is to come is not known: after our restart all may, for a while. */
static void
start_range(struct bgp *b)
{
	b->listening = true;
	loop_timer_init(&b->timer, on_range_timer, b);
	loop_timer_at(&b->p.d->loop, &b->timer,
	    instant_add(b->p.d->started_at, COME_BACK));
	bgp_listen(b);
}

static void
stop_range(struct bgp *b)
{
	b->listening = false;
	loop_timer_clear(&b->p.d->loop, &b->timer);
	bgp_unlisten(b);
}

static void
bgp_start(struct proto *p)
{
	struct bgp *b = bgp_of(p);
	struct bgp_neighbour_config cfg;
	const char *why = bgp_cannot_start(b);

	if (why != NULL) {
		proto_log(p, CONF_LOG_ERROR, "%s", why);
		proto_stop(p, PROTO_GOAL_DOWN, why);
		return;
	}
	if (bgp_is_range(b)) {
		start_range(b);
		return;
	}
	bgp_find_peer(b);
	bgp_configure(b, &cfg);
	b->n = bgp_neighbour_new(&cfg, &neighbour_ops, b);
	if (b->n == NULL) {
		proto_starved(p);
		return;
	}
	loop_work_init(&b->work, bgp_work, b);
	loop_timer_init(&b->timer, on_timer, b);
	bgp_io_init(b);
	memset(b->eor, 0, sizeof(b->eor));
	b->settled = INSTANT_ZERO;
	b->running = true;
	b->begun = b->want_dial = b->leaving = b->abandoned = false;
	b->bfd_failed = b->bfd_look = false;
	bgp_guard_start(b);
	for (unsigned i = 0; i < b->n_chans; i++)
		b->chan[i]->rc = bgp_neighbour_channel(b->n, i);
	bgp_neighbour_set_recovering(b->n, p->d->recovery.active);
	bmp_attach(b);
	if (vrf_missing(p))
		proto_log(p, CONF_LOG_ERROR, "%s", p->message);
	begin(b);
}

/* What the peer is told: the difference matters to its operator. */
static uint8_t
farewell(const struct proto *p)
{
	if (bgp_of(p)->over_limit)
		return BGP_CEASE_MAX_PREFIX;
	if (p->goal == PROTO_GOAL_REMOVED)
		return BGP_CEASE_DECONFIGURED;
	if (p->then != NULL)
		return BGP_CEASE_CONFIG;
	if (p->over_limit)
		return BGP_CEASE_MAX_PREFIX;
	if (p->disabled || p->d->shutting_down)
		return BGP_CEASE_SHUTDOWN;
	return BGP_CEASE_RESET;
}

static void
bgp_shutdown(struct proto *p)
{
	struct bgp *b = bgp_of(p);
	struct bgp_error why = { .code = BGP_ERR_CEASE,
	    .subcode = farewell(p) };
	uint8_t room[BGP_SHUTDOWN_MAX + 1];

	if (p->said && (why.subcode == BGP_CEASE_SHUTDOWN ||
	    why.subcode == BGP_CEASE_RESET))
		bgp_shutdown_error(why.subcode, bytes_of(p->message,
		    strlen(p->message)), room, &why);
	p->over_limit = false;
	if (!b->running) {
		if (b->listening)
			stop_range(b);
		proto_stopped(p);
		return;
	}
	b->leaving = true;
	b->begun = false;
	if (p->disabled)
		b->over_limit = false;
	bfd_release(&b->bfd);
	bgp_unlisten(b);
	if (p->d->shutting_down && p->d->keep &&
	    p->cf->bgp.graceful_restart == CONF_GR_ON) {
		b->abandoned = true;
		bgp_neighbour_abandon(b->n, loop_now());
	} else {
		bgp_neighbour_stop(b->n, loop_now(), &why);
	}
	bgp_kick(b);
}

static void
bgp_cleanup(struct proto *p)
{
	struct bgp *b = bgp_of(p);

	if (!b->running)
		return;
	b->running = false;
	bgp_guard_stop(b);
	for (unsigned i = 0; i < BGP_NCONNS; i++)
		bgp_io_close(&b->io[i]);
	loop_work_clear(&b->work);
	loop_timer_clear(&p->d->loop, &b->timer);
	for (unsigned i = 0; i < b->n_chans; i++)
		b->chan[i]->rc = &b->chan[i]->own;
	b->n = bgp_neighbour_free(b->n);
}

static bool
bgp_reconfigure(struct proto *p, const struct conf_proto *old)
{
	struct bgp *b = bgp_of(p);
	struct bgp_neighbour_config cfg;

	if (!b->running)
		return true;
	bgp_configure(b, &cfg);
	for (unsigned i = 0; i < b->n_chans; i++)
		b->chan[i]->rc = bgp_neighbour_channel(b->n, i);
	bgp_guard_look(b, false);
	bgp_neighbour_configure(b->n, &cfg);
	/* Its options may be others now; a session that is shared stays. */
	if (!conf_bfd_options_same(old->bgp.bfd_options,
	    p->cf->bgp.bfd_options))
		bfd_release(&b->bfd);
	b->bfd_look = true;
	bgp_kick(b);
	return true;
}

/* A connection over a link that is gone will not come back. */
static bool
is_cut(const struct bgp *b, const struct bgp_io *io)
{
	const struct conf_bgp *cf = &b->p.cf->bgp;
	struct tcp_end local, remote;
	const struct iface *i;
	uint32_t index;

	if (io->fd < 0 || tcp_ends(io->fd, &local, &remote) < 0)
		return false;
	/* check link: without carrier neither. */
	if (cf->check_link && cf->multihop == 0 && !io->connecting) {
		index = bgp_neighbour_link_of(b->n)->ifindex;
		i = iface_by_index(&b->p.d->ifaces, index);
		if (index != 0 && (i == NULL || !(i->flags & IFACE_UP)))
			return true;
	}
	if (remote.scope == 0)
		return false;
	i = iface_by_index(&b->p.d->ifaces, remote.scope);
	return i == NULL || i->flags & IFACE_GONE;
}

/* Was there no link to the neighbour, and is one now? */
static bool
link_is_back(struct bgp *b)
{
	bool was = b->link_seen;

	b->link_seen = vrf_iface_to(&b->p, b->remote.ip,
	    b->remote.scope, NULL) != NULL;
	return b->p.cf->bgp.check_link && b->link_seen && !was;
}

static void
bgp_ifaces(struct proto *p)
{
	struct bgp *b = bgp_of(p);
	struct tcp_end was = b->remote;

	if (b->listening)
		bgp_listen(b);
	if (!b->running || b->leaving)
		return;
	for (unsigned i = 0; i < BGP_NCONNS; i++)
		if (is_cut(b, &b->io[i]))
			bgp_io_lost(&b->io[i], ENETDOWN);
	if (bgp_is_cut_off(b)) {
		bgp_kick(b);
		return;
	}
	if (!b->begun) {
		begin(b);
		return;
	}
	b->bfd_look = true;
	bgp_guard_look(b, true);
	/* The way is there (again): no need to wait for the retry timer. */
	if (bgp_find_peer(b) && (link_is_back(b) ||
	    b->remote.scope != was.scope))
		bgp_neighbour_dial_now(b->n, loop_now());
	bgp_kick(b);
}

static bool
bgp_reload_in(struct proto *p, struct proto_channel *c)
{
	struct bgp *b = bgp_of(p);
	int i = bgp_proto_channel(p, c);

	if (i < 0 || !b->running)
		return false;
	bgp_kick(b);
	return bgp_neighbour_reload_in(b->n, bgp_neighbour_channel(b->n,
	    (unsigned)i), loop_now());
}

static void
bgp_reload_out(struct proto *p, struct proto_channel *c)
{
	struct bgp *b = bgp_of(p);
	int i = bgp_proto_channel(p, c);

	if (i < 0 || !b->running)
		return;
	bgp_neighbour_reload_out(b->n, bgp_neighbour_channel(b->n,
	    (unsigned)i));
	bgp_kick(b);
}

static void
bgp_info(const struct proto *p, struct text *out)
{
	const struct bgp *b = bgp_of(p);
	enum bgp_state st = BGP_IDLE;

	if (b->n != NULL)
		st = bgp_session_state(bgp_neighbour_session(b->n));
	if (b->listening)
		text_add(out, "Passive");
	else if (p->state == PROTO_DOWN || st == BGP_NONE)
		text_add(out, p->message);
	else
		text_printf(out, "%-14s%s", st == BGP_ACTIVE &&
		    p->cf->bgp.passive ? "Passive" : bgp_state_text(st),
		    p->message[0] == '\0' && b->draining ?
		    "Graceful shutdown" : p->message);
}

/* Of a neighbour that is not back yet: is there hope? */
static bool
may_come_back(const struct bgp *b)
{
	const struct conf_bgp *cf = &b->p.cf->bgp;
	struct instant until = instant_add(b->p.d->started_at, COME_BACK);
	const struct tunnel_peer *tp;
	const struct tunnel *t;

	if (instant_due(until, loop_now()))
		return false;
	if (cf->wg_iface == NULL)
		return true;
	/* A peer that was silent before is not waited for. */
	t = tunnel_by_iface(b->p.d, cf->wg_iface);
	if (t == NULL || t->state != TUNNEL_RUNNING)
		return true;
	tp = cf->wg_to ? tunnel_peer_by_name(t, cf->wg_to->name) : NULL;
	return tp == NULL || tunnel_peer_alive(tp);
}

static bool
bgp_recovered(const struct proto *p)
{
	const struct bgp *b = bgp_of(p);
	const struct bgp_caps *caps;

	if (p->cf->bgp.graceful_restart != CONF_GR_ON || p->cf->disabled)
		return true;
	if (b->listening)
		return instant_due(instant_add(p->d->started_at, COME_BACK),
		    loop_now());
	if (!b->running)
		return p->state == PROTO_DOWN;
	if (!bgp_neighbour_established(b->n))
		return !may_come_back(b);
	caps = bgp_session_caps(bgp_neighbour_session(b->n));
	/* RFC 4724 4.1: two that restart do not wait for each other. */
	for (unsigned i = 0; i < b->n_chans; i++)
		if (caps != NULL && caps->gr && !caps->gr_peer_restarting &&
		    bgp_neighbour_channel_up(b->n, i) && !b->eor[i])
			return false;
	return instant_due(b->settled, loop_now());
}

static void
bgp_recovery_over(struct proto *p)
{
	struct bgp *b = bgp_of(p);

	if (!b->running)
		return;
	bgp_neighbour_set_recovering(b->n, false);
	bgp_kick(b);
}

static void
bgp_tunnel_peer_up(struct proto *p, const struct tunnel *t,
    const struct tunnel_peer *peer)
{
	struct bgp *b = bgp_of(p);

	if (!b->running || !b->begun ||
	    bgp_neighbour_established(b->n))
		return;
	if (b->remote.scope != 0 ? b->remote.scope != t->ifindex :
	    vrf_iface_to(p, b->remote.ip, 0, NULL) !=
	    iface_by_index(&p->d->ifaces, t->ifindex))
		return;
	if (tunnel_peer_of(t, b->remote.ip) != peer)
		return;
	bgp_neighbour_dial_now(b->n, loop_now());
	bgp_kick(b);
}

const struct proto_ops bgp_ops = {
	.kind = CONF_BGP,
	.cls = &bgp_rt_class,
	.size = sizeof(struct bgp),
	.own_channels = true,
	.start = bgp_start,
	.shutdown = bgp_shutdown,
	.cleanup = bgp_cleanup,
	.reconfigure = bgp_reconfigure,
	.ifaces = bgp_ifaces,
	.reload_in = bgp_reload_in,
	.reload_out = bgp_reload_out,
	.info = bgp_info,
	.recovered = bgp_recovered,
	.recovery_over = bgp_recovery_over,
	.tunnel_peer_up = bgp_tunnel_peer_up,
	.tunnel_moved = bgp_guard_moved,
};

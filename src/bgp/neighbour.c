/* SPDX-License-Identifier: ISC */
#include "bgp/neighbour.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "bgp/collision.h"
#include "bgp/neighbour_impl.h"

/*
 * Between a peer's return and its End-of-RIB; RFC 4724 4.2 wants a limit,
 * BIRD has none, most have something like this.
 */
#define GR_STALE_TIME	SECONDS(300)

/*
 * When both dial in one moment, as two ends of a tunnel do, the loser may be
 * accepted here after the winner is established.  The peer closes it by then;
 * one that has been started anew does not come as soon.
 */
#define COLLISION_TIME	SECONDS(2)

/* Nets and routes that are only looked at, for one that is worked on. */
#define MARK_AT_ONCE	4

void
bgp_note(struct bgp_neighbour *n, enum bgp_note what, struct bgp_chan *c,
    const char *text)
{
	const struct bgp_note_info i = { .what = what, .text = text,
	    .channel = c ? &c->ch : NULL };

	if (n->ops->note)
		n->ops->note(n, &i, n->ctx);
}

static void
note_cause(struct bgp_neighbour *n, enum bgp_note what, enum bgp_conn conn,
    const struct bgp_cause *cause)
{
	const struct bgp_note_info i = { .what = what, .cause = cause,
	    .conn = conn };

	if (n->ops->note)
		n->ops->note(n, &i, n->ctx);
}

static void
wake(struct bgp_neighbour *n)
{
	if (n->ops->wake)
		n->ops->wake(n, n->ctx);
}

void
bgp_no_memory(struct bgp_neighbour *n)
{
	if (n->est < 0 || n->starved)
		return;
	n->starved = true;
	wake(n);
}

/* Now that nobody is in the middle of one of the session's messages. */
static void
starve(struct bgp_neighbour *n)
{
	const struct bgp_error e = { .code = BGP_ERR_CEASE,
	    .subcode = BGP_CEASE_RESOURCES };

	if (n->starved && n->est >= 0)
		bgp_session_fail(n->s[n->est], n->now, &e);
	n->starved = false;
}

static bool
chan_init(struct bgp_neighbour *n, unsigned i)
{
	struct bgp_chan *c = &n->chan[i];

	c->n = n;
	c->ch.ops = &bgp_channel_ops;
	c->ch.ctx = c;
	c->ch.owner = (struct rt_owner){ .cls = &bgp_rt_class,
	    .name = n->cfg.name, .ctx = c, .addr = n->cfg.remote,
	    .local_as = n->cfg.local_as, .rr_client = n->cfg.rr_client };
	bgp_chan_configure(c, &n->cfg.channel[i]);
	rt_channel_start(&c->ch, false);
	return bgp_adj_init(c);
}

struct bgp_neighbour *
bgp_neighbour_new(const struct bgp_neighbour_config *config,
    const struct bgp_neighbour_ops *ops, void *ctx)
{
	struct bgp_neighbour *n = mem_zalloc(sizeof(*n));
	struct bgp_session_config s;

	if (!n)
		return NULL;
	n->cfg = *config;
	n->ops = ops;
	n->ctx = ctx;
	n->est = -1;
	n->gr_until = INSTANT_NEVER;
	s = bgp_session_config_for(n);
	n->s[BGP_DIALLED] = bgp_session_new(&s);
	if (!n->s[BGP_DIALLED]) {
		mem_free(n);
		return NULL;
	}
	bgp_neighbour_look_on(n, BGP_DIALLED);
	for (unsigned i = 0; i < config->n_channels; i++)
		if (!chan_init(n, i))
			return bgp_neighbour_free(n);
	return n;
}

struct bgp_neighbour *
bgp_neighbour_free(struct bgp_neighbour *n)
{
	if (!n)
		return NULL;
	for (unsigned i = 0; i < n->cfg.n_channels; i++) {
		if (n->chan[i].n == NULL)
			continue;	/* out of memory before it was made */
		bgp_export_end(&n->chan[i]);
		rt_channel_stop(&n->chan[i].ch);
		while (rt_channel_flush(&n->chan[i].ch, UINT32_MAX, n->now))
			;
		bgp_adj_done(&n->chan[i]);
	}
	bgp_session_free(n->s[BGP_DIALLED]);
	bgp_session_free(n->s[BGP_ACCEPTED]);
	mem_free(n->u);
	mem_free(n);
	return NULL;
}

/* Imports. */

static void
sweep(struct bgp_chan *c, bool mark)
{
	if (mark)
		bgp_stale_begin(c, true);
	c->ch.flush_pos = c->adj_pos = 0;
	c->import = BGP_IMPORT_SWEEPING;
}

static bool
any_stale(const struct bgp_neighbour *n)
{
	for (unsigned i = 0; i < n->cfg.n_channels; i++)
		if (n->chan[i].import == BGP_IMPORT_STALE)
			return true;
	return false;
}

static void
gr_end(struct bgp_neighbour *n)
{
	n->gr_until = INSTANT_NEVER;
	if (!n->gr_active)
		return;
	n->gr_active = false;
	bgp_note(n, BGP_NOTE_GR_END, NULL, NULL);
}

/* Which families stay, stale, now that the session is gone: RFC 4724 4.2. */
static uint8_t
gr_keeps(const struct bgp_neighbour *n, const struct bgp_cause *cause)
{
	if (!n->cfg.gr_helper || !n->caps.gr || !n->started)
		return 0;
	if (cause->blame == BGP_BLAME_SOCKET)
		return n->caps.gr_families | bgp_llgr_families(n);
	/* RFC 8538: a NOTIFICATION too, but for a hard reset. */
	if (n->caps.gr_notification && !cause->hard)
		return n->caps.gr_families | bgp_llgr_families(n);
	return 0;
}

/* RFC 4724 4.2: what was stale already is not kept a second time. */
static void
keep_stale(struct bgp_chan *c)
{
	bgp_stale_begin(c, true);
	c->import = BGP_IMPORT_STALE;
	c->llgr = c->aging = false;
	/* RFC 9494 4.2: without plain graceful restart its time is 0. */
	if (!(c->n->caps.gr_families & BGP_FAM_BIT(c->cfg.fam)))
		bgp_llgr_begin(c);
}

static int64_t
gr_time(const struct bgp_neighbour *n)
{
	uint16_t s = n->caps.gr_time;

	if (s < n->cfg.gr_min)
		s = n->cfg.gr_min;
	if (n->cfg.gr_max && s > n->cfg.gr_max)
		s = n->cfg.gr_max;
	return SECONDS(s);
}

static void
channels_down(struct bgp_neighbour *n, uint8_t keep)
{
	for (unsigned i = 0; i < n->cfg.n_channels; i++) {
		struct bgp_chan *c = &n->chan[i];

		if (c->up) {
			bgp_export_end(c);
			if (keep & BGP_FAM_BIT(c->cfg.fam))
				keep_stale(c);
			else
				sweep(c, true);
		} else if (!(keep & BGP_FAM_BIT(c->cfg.fam)) &&
		    c->import == BGP_IMPORT_STALE) {
			sweep(c, false);
		}
		c->up = false;
	}
}

/* We go, and leave everything as it is for our next run. */
static void
exports_end(struct bgp_neighbour *n)
{
	for (unsigned i = 0; i < n->cfg.n_channels; i++) {
		bgp_export_end(&n->chan[i]);
		n->chan[i].up = false;
	}
}

static void
session_down(struct bgp_neighbour *n, enum bgp_conn conn,
    const struct bgp_cause *cause)
{
	const uint8_t keep = gr_keeps(n, cause);

	n->est = -1;
	if (n->abandoned)
		exports_end(n);
	else
		channels_down(n, keep);
	mem_free(n->u);
	n->u = NULL;
	if (n->abandoned) {
		gr_end(n);
	} else if (any_stale(n)) {
		n->gr_active = true;
		n->gr_until = instant_add(n->now, gr_time(n));
		bgp_note(n, BGP_NOTE_GR_BEGIN, NULL, NULL);
	} else {
		gr_end(n);
	}
	note_cause(n, BGP_NOTE_DOWN, conn, cause);
	wake(n);
}

static void
channel_up(struct bgp_neighbour *n, struct bgp_chan *c)
{
	const uint8_t bit = BGP_FAM_BIT(c->cfg.fam);

	/* It is back before we were through: no slices, then. */
	while (bgp_stale_mark(c, UINT32_MAX))
		;
	c->up = n->caps.families & bit;
	c->ext = n->caps.ext_nexthop & bit;
	c->all_paths = n->caps.add_path_tx & bit;
	c->ch.owner.internal = bgp_is_internal(n);
	c->ch.owner.interior = bgp_is_interior(n);
	c->ch.owner.ifindex = n->link[n->est].ifindex;
	c->ch.owner.router_id = n->caps.peer_id;
	c->ch.owner.as = n->caps.peer_asn;
	c->ch.owner.addr = n->link[n->est].remote;
	c->adj_owner = c->ch.owner;
	bgp_monitor_chan(c);
	/* RFC 4724 4.2: kept only if the peer says that it kept forwarding. */
	if (c->import == BGP_IMPORT_STALE && (!c->up || !((c->llgr ?
	    n->caps.llgr_forwarding : n->caps.gr_forwarding) & bit)))
		sweep(c, false);
	if (c->up && !n->recovering)
		bgp_export_begin(c);
}

static void
session_up(struct bgp_neighbour *n, enum bgp_conn conn,
    const struct bgp_caps *caps)
{
	const enum bgp_conn other = conn == BGP_DIALLED ? BGP_ACCEPTED :
	    BGP_DIALLED;
	const struct bgp_error quiet = { .code = BGP_ERR_NONE };

	n->u = mem_alloc(sizeof(*n->u));
	if (!n->u) {
		const struct bgp_error e = { .code = BGP_ERR_CEASE,
		    .subcode = BGP_CEASE_RESOURCES };

		bgp_session_fail(n->s[conn], n->now, &e);
		return;
	}
	n->est = (int)conn;
	n->up_at = n->now;
	n->collided = false;
	n->caps = *caps;
	bgp_caps_codec(&n->caps, &n->codec);
	for (unsigned i = 0; i < n->cfg.n_channels; i++)
		n->codec.aigp |= n->cfg.channel[i].aigp;
	if (n->s[other])
		bgp_session_stop(n->s[other], n->now, &quiet);
	for (unsigned i = 0; i < n->cfg.n_channels; i++)
		channel_up(n, &n->chan[i]);
	if (n->gr_active && any_stale(n))
		n->gr_until = instant_add(n->now, GR_STALE_TIME);
	else
		gr_end(n);
	note_cause(n, BGP_NOTE_UP, conn, NULL);
	wake(n);
}

static void
refresh(struct bgp_neighbour *n, const struct bgp_refresh *r)
{
	for (unsigned i = 0; i < n->cfg.n_channels; i++) {
		struct bgp_chan *c = &n->chan[i];

		if (c->cfg.fam != r->fam || !c->up)
			continue;
		switch (r->subtype) {
		case BGP_REFRESH_REQUEST:
			bgp_neighbour_reload_out(n, &c->ch);
			break;
		case BGP_REFRESH_BEGIN:
			bgp_stale_begin(c, false);
			c->import = BGP_IMPORT_STALE;
			break;
		case BGP_REFRESH_END:
			if (c->import == BGP_IMPORT_STALE)
				sweep(c, false);
			break;
		default:
			break;
		}
	}
	wake(n);
}

/* Two connections. */

static enum bgp_state
state_of(const struct bgp_neighbour *n, enum bgp_conn conn)
{
	return n->s[conn] ? bgp_session_state(n->s[conn]) : BGP_NONE;
}

static void
settle_collision(struct bgp_neighbour *n, enum bgp_conn opened)
{
	const struct bgp_error cease = { .code = BGP_ERR_CEASE,
	    .subcode = BGP_CEASE_COLLISION };
	const struct bgp_open *theirs = bgp_session_peer_open(n->s[opened]);
	const struct bgp_speaker us = { n->cfg.router_id,
	    bgp_public_as(&n->cfg) };

	if (!theirs)
		return;
	switch (bgp_collision(state_of(n, BGP_DIALLED),
	    state_of(n, BGP_ACCEPTED), us,
	    (struct bgp_speaker){ theirs->id, theirs->asn })) {
	case BGP_COLLISION_CLOSE_OUT:
		bgp_session_stop(n->s[BGP_DIALLED], n->now, &cease);
		break;
	case BGP_COLLISION_CLOSE_IN:
		bgp_session_stop(n->s[BGP_ACCEPTED], n->now, &cease);
		n->dead[BGP_ACCEPTED] = true;
		break;
	case BGP_COLLISION_NONE:
		break;
	}
}

/*
 * The peer's connection has ended: ours may be tried again.  What was wrong
 * with it is wrong with the peer, so then ours waits as well.
 */
static void
accepted_ended(struct bgp_neighbour *n)
{
	const struct bgp_error quiet = { .code = BGP_ERR_NONE };
	struct bgp_session *ours = n->s[BGP_DIALLED];

	n->dead[BGP_ACCEPTED] = true;
	if (!n->started)
		return;
	if (bgp_session_is_penalized(n->s[BGP_ACCEPTED]) &&
	    bgp_session_state(ours) < BGP_OPENSENT)
		bgp_session_stop(ours, n->now, &quiet);
	if (!bgp_session_enabled(ours)) {
		bgp_session_inherit(ours, n->s[BGP_ACCEPTED]);
		bgp_session_start(ours, n->now);
	}
}

/*
 * When two dial each other in the same moment, each may give up the
 * connection that the other one keeps, and then there is none.
 */
static void
dial_after_collision(struct bgp_neighbour *n, const struct bgp_cause *cause)
{
	if (cause->code == BGP_ERR_CEASE &&
	    cause->subcode == BGP_CEASE_COLLISION)
		n->collided = true;
	if (!n->collided || !n->started || n->est >= 0 ||
	    state_of(n, BGP_DIALLED) > BGP_ACTIVE ||
	    state_of(n, BGP_ACCEPTED) > BGP_ACTIVE)
		return;
	n->collided = false;
	bgp_session_dial_soon(n->s[BGP_DIALLED], n->now);
}

static void
handle(struct bgp_neighbour *n, enum bgp_conn conn, const struct bgp_out *out)
{
	switch (out->kind) {
	case BGP_DIAL:
		if (n->ops->dial)
			n->ops->dial(n, n->ctx);
		return;
	case BGP_HANG_UP:
		if (n->ops->hang_up)
			n->ops->hang_up(n, conn, n->ctx);
		return;
	case BGP_OPENED:
		settle_collision(n, conn);
		return;
	case BGP_UP:
		session_up(n, conn, out->caps);
		return;
	case BGP_UPDATE:
		if (n->est == (int)conn)
			bgp_import_update(n, out->update);
		return;
	case BGP_REFRESH:
		refresh(n, &out->refresh);
		return;
	case BGP_DOWN:
		if (n->est == (int)conn)
			session_down(n, conn, out->cause);
		break;
	case BGP_FAILED:
		note_cause(n, BGP_NOTE_FAILED, conn, out->cause);
		break;
	}
	if (conn == BGP_ACCEPTED)
		accepted_ended(n);
	dial_after_collision(n, out->cause);
}

/* Sessions may stir each other, so until all are quiet. */
static void
drain(struct bgp_neighbour *n)
{
	struct bgp_out out;
	bool quiet;

	do {
		quiet = true;
		starve(n);
		for (unsigned i = 0; i < BGP_NCONNS; i++)
			while (n->s[i] && bgp_session_poll(n->s[i], &out)) {
				handle(n, (enum bgp_conn)i, &out);
				quiet = false;
			}
	} while (!quiet);
	if (n->dead[BGP_ACCEPTED]) {
		n->s[BGP_ACCEPTED] = bgp_session_free(n->s[BGP_ACCEPTED]);
		n->dead[BGP_ACCEPTED] = false;
	}
}

void
bgp_neighbour_start(struct bgp_neighbour *n, struct instant now)
{
	n->now = now;
	n->started = true;
	n->abandoned = false;
	bgp_session_start(n->s[BGP_DIALLED], now);
	drain(n);
	wake(n);
}

void
bgp_neighbour_start_late(struct bgp_neighbour *n, struct instant now,
    int64_t wait)
{
	n->now = now;
	n->started = true;
	n->abandoned = false;
	bgp_session_start_late(n->s[BGP_DIALLED], now, wait);
	wake(n);
}

static void
stop_all(struct bgp_neighbour *n, const struct bgp_error *why)
{
	n->started = false;
	for (unsigned i = 0; i < BGP_NCONNS; i++)
		if (n->s[i])
			bgp_session_stop(n->s[i], n->now, why);
	n->dead[BGP_ACCEPTED] = n->s[BGP_ACCEPTED] != NULL;
	drain(n);
}

void
bgp_neighbour_stop(struct bgp_neighbour *n, struct instant now,
    const struct bgp_error *why)
{
	uint8_t room[2 + BGP_SHUTDOWN_MAX + 1];
	struct bgp_error hard;

	n->now = now;
	if (n->est >= 0 && n->caps.gr_notification)
		why = bgp_hard_reset(why, room, sizeof(room), &hard);
	stop_all(n, why);
	channels_down(n, 0);
	gr_end(n);
	wake(n);
}

void
bgp_neighbour_abandon(struct bgp_neighbour *n, struct instant now)
{
	const struct bgp_error quiet = { .code = BGP_ERR_NONE };

	n->now = now;
	n->abandoned = true;
	stop_all(n, &quiet);
}

bool
bgp_neighbour_gone(const struct bgp_neighbour *n)
{
	if (n->started || n->s[BGP_ACCEPTED])
		return false;
	for (unsigned i = 0; i < n->cfg.n_channels; i++)
		if (n->chan[i].import != BGP_IMPORT_FRESH)
			return false;
	return true;
}

bool
bgp_neighbour_is_young(const struct bgp_neighbour *n, struct instant now)
{
	return n->est >= 0 && instant_sub(now, n->up_at) < COLLISION_TIME;
}

bool
bgp_neighbour_accept(struct bgp_neighbour *n, struct instant now)
{
	const bool est = n->est >= 0;
	struct bgp_session_config cfg;
	const struct bgp_error quiet = { .code = BGP_ERR_NONE };
	struct bgp_cause eof = { .blame = BGP_BLAME_SOCKET };

	n->now = now;
	if (!n->started || bgp_session_is_penalized(n->s[BGP_DIALLED]))
		return false;
	switch (bgp_collision_incoming(est ? BGP_ESTABLISHED :
	    state_of(n, BGP_DIALLED), est && n->caps.gr &&
	    !bgp_neighbour_is_young(n, now))) {
	case BGP_INCOMING_REJECT:
		return false;
	case BGP_INCOMING_REPLACE:
		if (est) {
			const int old = n->est;

			session_down(n, (enum bgp_conn)old, &eof);
			bgp_session_stop(n->s[old], now, &quiet);
			drain(n);
		}
		break;
	case BGP_INCOMING_ACCEPT:
		break;
	}
	if (n->s[BGP_ACCEPTED]) {	/* a newer try of the same peer */
		bgp_session_stop(n->s[BGP_ACCEPTED], now, &quiet);
		n->dead[BGP_ACCEPTED] = true;
		drain(n);
	}
	cfg = bgp_session_config_for(n);
	cfg.passive = true;
	cfg.connect_delay = 0;
	cfg.seed = ~cfg.seed;
	n->s[BGP_ACCEPTED] = bgp_session_new(&cfg);
	if (!n->s[BGP_ACCEPTED])
		return false;
	bgp_neighbour_look_on(n, BGP_ACCEPTED);
	bgp_session_start(n->s[BGP_ACCEPTED], now);
	drain(n);
	return true;
}

void
bgp_neighbour_link(struct bgp_neighbour *n, enum bgp_conn conn,
    struct instant now, bool up, int err, const struct bgp_link *link)
{
	n->now = now;
	if (!n->s[conn])
		return;
	if (link)
		n->link[conn] = *link;
	bgp_session_link(n->s[conn], now, up, err);
	drain(n);
}

/* What it says next is about routes that are not all marked yet. */
static bool
must_wait(const struct bgp_neighbour *n, enum bgp_conn conn)
{
	if (n->est != (int)conn)
		return false;
	for (unsigned i = 0; i < n->cfg.n_channels; i++)
		if (n->chan[i].marking)
			return true;
	return false;
}

size_t
bgp_neighbour_rx(struct bgp_neighbour *n, enum bgp_conn conn,
    struct instant now, struct bytes in)
{
	size_t took = 0;

	n->now = now;
	while (n->s[conn] && took < in.n && !must_wait(n, conn)) {
		const size_t step = bgp_session_rx(n->s[conn], now,
		    bytes_of(in.p + took, in.n - took));

		took += step;
		drain(n);
		if (step == 0)
			break;
	}
	bgp_import_pause(n);
	return n->s[conn] ? took : in.n;
}

struct bytes
bgp_neighbour_tx(const struct bgp_neighbour *n, enum bgp_conn conn)
{
	return n->s[conn] ? bgp_session_tx(n->s[conn]) : bytes_of(NULL, 0);
}

void
bgp_neighbour_sent(struct bgp_neighbour *n, enum bgp_conn conn,
    struct instant now, size_t bytes)
{
	n->now = now;
	if (!n->s[conn])
		return;
	bgp_session_sent(n->s[conn], now, bytes);
	drain(n);
	if (n->est == (int)conn && bgp_session_want(n->s[conn]))
		wake(n);
}

void
bgp_neighbour_busy(struct bgp_neighbour *n, struct instant now)
{
	n->now = now;
	if (n->est >= 0)
		bgp_session_busy(n->s[n->est], now);
}

static void
gr_timeout(struct bgp_neighbour *n)
{
	struct instant next = INSTANT_NEVER;

	for (unsigned i = 0; i < n->cfg.n_channels; i++) {
		struct bgp_chan *c = &n->chan[i];

		if (c->import != BGP_IMPORT_STALE)
			continue;
		if (bgp_llgr_begin(c))
			next = instant_min(next, c->llgr_until);
		else
			sweep(c, false);
	}
	if (any_stale(n))
		n->gr_until = next;
	else
		gr_end(n);
	wake(n);
}

void
bgp_neighbour_tick(struct bgp_neighbour *n, struct instant now)
{
	n->now = now;
	for (unsigned i = 0; i < BGP_NCONNS; i++)
		if (n->s[i])
			bgp_session_tick(n->s[i], now);
	if (instant_due(n->gr_until, now))
		gr_timeout(n);
	drain(n);
}

struct instant
bgp_neighbour_deadline(const struct bgp_neighbour *n)
{
	struct instant at = n->gr_until;

	for (unsigned i = 0; i < BGP_NCONNS; i++)
		if (n->s[i])
			at = instant_min(at, bgp_session_deadline(n->s[i]));
	for (unsigned i = 0; i < n->cfg.n_channels; i++)
		if (n->chan[i].group && n->chan[i].group->hold.ns > n->now.ns)
			at = instant_min(at, n->chan[i].group->hold);
	return at;
}

static bool
work_chan(struct bgp_neighbour *n, struct bgp_chan *c, uint32_t budget)
{
	bool more = false;

	if (bgp_stale_mark(c, MARK_AT_ONCE * budget))
		return true;
	if (c->import == BGP_IMPORT_SWEEPING) {
		more = bgp_stale_end(c, budget);
		if (!more)
			c->import = BGP_IMPORT_FRESH;
		if (!more && n->gr_active && !any_stale(n))
			gr_end(n);
	}
	more = bgp_adj_work(c, budget) || more;
	more = bgp_llgr_work(c, budget) || more;
	if (n->est >= 0 && c->up && c->group)
		more = bgp_send_news(c, budget) || more;
	return more;
}

bool
bgp_neighbour_work(struct bgp_neighbour *n, struct instant now,
    uint32_t budget)
{
	bool more = false;

	n->now = now;
	if (n->starved)
		drain(n);
	for (unsigned i = 0; i < n->cfg.n_channels; i++)
		more = work_chan(n, &n->chan[i], budget) || more;
	drain(n);
	return more;
}

void
bgp_neighbour_dial_now(struct bgp_neighbour *n, struct instant now)
{
	n->now = now;
	bgp_session_dial_now(n->s[BGP_DIALLED], now);
	drain(n);
}

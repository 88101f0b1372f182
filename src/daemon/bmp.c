/* SPDX-License-Identifier: ISC */
#include "daemon/bmp.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "bmp/station.h"
#include "sys/clock.h"

#define NETS_SLICE	1024		/* of the first dump, in one go */
#define ENOUGH		((size_t)256 << 10)	/* then the dump waits */
#define WRITES_MAX	16
#define RETRY_MIN	SECONDS(1)
#define RETRY_MAX	SECONDS(30)

static const struct rt_class bmp_class = { .name = "BMP" };

struct bmp {
	struct proto p;
	struct list link;		/* in daemon.stations, while it runs */
	struct bmp_station *s;		/* NULL: not connected */
	int fd;
	struct loop_fd *ready;
	bool connecting, running;
	struct loop_timer retry, stats;
	int64_t wait;
	struct loop_work work;
	/* The first dump: neighbour by neighbour, stage by stage. */
	bool dumping;
	uint32_t dump_proto;		/* number of the protocol at hand */
	unsigned dump_stage;		/* channel * 2, plus 1: after filters */
	uint32_t dump_at;
};

static struct bmp *
bmp_of(const struct proto *p)
{
	return (struct bmp *)(uintptr_t)p;
}

static bool
is_established(const struct bgp *b)
{
	return b->running && bgp_neighbour_established(b->n);
}

static struct bmp_peer
peer_of(const struct bgp *b, bool post)
{
	const struct wall now = clock_wall();

	return (struct bmp_peer){ .ip = b->monitored_ip,
	    .as = b->monitored_as, .id = b->monitored_id,
	    .post_policy = post, .s = (uint32_t)now.s,
	    .us = (uint32_t)(now.ns / 1000) };
}

static void
kick(struct bmp *m)
{
	loop_work_add(&m->p.d->loop, &m->work);
}

/* Neighbours. */

void
bmp_attach(struct bgp *b)
{
	bool before = false, after = false;

	LIST_EACH(m, &b->p.d->stations, struct bmp, link) {
		before |= m->s && m->p.cf->bmp.before;
		after |= m->s && m->p.cf->bmp.after;
	}
	bgp_neighbour_monitor(b->n, before, after);
}

static void
attach_all(struct daemon *d)
{
	LIST_EACH(p, &d->protos, struct proto, link)
		if (p->ops == &bgp_ops && bgp_of(p)->running)
			bmp_attach(bgp_of(p));
}

static void
tell_up(struct bmp *m, const struct bgp *b)
{
	const struct bgp_session *s = bgp_neighbour_session(b->n);
	const struct bmp_peer peer = peer_of(b, false);
	struct tcp_end local = { 0 }, remote = { 0 };
	struct bmp_link l;

	for (unsigned i = 0; i < BGP_NCONNS; i++)
		if (b->io[i].fd >= 0 &&
		    bgp_neighbour_conn(b->n, (enum bgp_conn)i) == s)
			tcp_ends(b->io[i].fd, &local, &remote);
	l = (struct bmp_link){ bgp_neighbour_link_of(b->n)->local,
	    local.port, remote.port };
	bmp_station_peer_up(m->s, &peer, &l, bgp_session_our_open(s),
	    bgp_session_peer_open(s));
}

void
bmp_peer_up(struct bgp *b)
{
	const struct bgp_caps *caps = bgp_session_caps(
	    bgp_neighbour_session(b->n));

	b->monitored_ip = b->remote.ip;
	b->monitored_as = caps->peer_asn;
	b->monitored_id = caps->peer_id;
	LIST_EACH(m, &b->p.d->stations, struct bmp, link)
		if (m->s != NULL) {
			tell_up(m, b);
			kick(m);
		}
}

void
bmp_peer_down(struct bgp *b, const struct bgp_cause *why)
{
	const struct bmp_peer peer = peer_of(b, false);

	LIST_EACH(m, &b->p.d->stations, struct bmp, link)
		if (m->s != NULL) {
			bmp_station_peer_down(m->s, &peer, why);
			kick(m);
		}
}

static enum bgp_fam
family(const struct bgp *b, unsigned i)
{
	return bgp_neighbour_config(b->n)->channel[i].fam;
}

static void
tell_eor(struct bmp *m, const struct bgp *b, unsigned i, bool post)
{
	const struct bmp_peer peer = peer_of(b, post);

	if (post ? m->p.cf->bmp.after : m->p.cf->bmp.before &&
	    bgp_neighbour_import_table(b->n, i) != NULL)
		bmp_station_eor(m->s, &peer, family(b, i));
}

void
bmp_eor(struct bgp *b, unsigned i)
{
	LIST_EACH(m, &b->p.d->stations, struct bmp, link)
		if (m->s != NULL) {
			tell_eor(m, b, i, false);
			tell_eor(m, b, i, true);
			kick(m);
		}
}

static struct bmp_route
route_of(const struct bgp *b, unsigned i, const struct prefix *net,
    uint32_t path_id, const struct attrs *attrs)
{
	const struct bgp_caps *caps = bgp_session_caps(
	    bgp_neighbour_session(b->n));
	const enum bgp_fam fam = family(b, i);

	return (struct bmp_route){ .fam = fam, .net = *net,
	    .add_path = caps->add_path_rx & BGP_FAM_BIT(fam),
	    .path_id = path_id, .attrs = attrs };
}

void
bmp_route(struct bgp *b, unsigned i, bool post, const struct prefix *net,
    uint32_t path_id, const struct attrs *attrs)
{
	const struct bmp_route r = route_of(b, i, net, path_id, attrs);
	const struct bmp_peer peer = peer_of(b, post);

	LIST_EACH(m, &b->p.d->stations, struct bmp, link)
		if (m->s != NULL && (post ? m->p.cf->bmp.after :
		    m->p.cf->bmp.before)) {
			bmp_station_route(m->s, &peer, &r);
			kick(m);
		}
}

/* The first dump. */

/* The neighbour at hand, or the next one; NULL: all are done. */
static struct bgp *
dumped(struct bmp *m)
{
	struct bgp *best = NULL;

	LIST_EACH(p, &m->p.d->protos, struct proto, link)
		if (p->ops == &bgp_ops && is_established(bgp_of(p)) &&
		    p->number >= m->dump_proto &&
		    (best == NULL || p->number < best->p.number))
			best = bgp_of(p);
	if (best != NULL && best->p.number != m->dump_proto) {
		m->dump_proto = best->p.number;
		m->dump_stage = 0;
		m->dump_at = RT_NONE;
	}
	return best;
}

static void
dump_net(struct bmp *m, struct bgp *b, unsigned i, bool post,
    const struct rt_table *t)
{
	const struct rt_channel *rc = bgp_neighbour_channel(b->n, i);
	const struct prefix net = rt_prefix(t, m->dump_at);
	const struct bmp_peer peer = peer_of(b, post);

	for (const struct rt_route *r = rt_route_at(t,
	    rt_net_at(t, m->dump_at)->routes); r; r = rt_next(t, r)) {
		const struct rt_src *s = rt_src_at(t, r->src);
		struct bmp_route route;

		if (!rt_usable(r) || (post && s->owner != &rc->owner))
			continue;
		route = route_of(b, i, &net, s->path_id, r->attrs);
		bmp_station_route(m->s, &peer, &route);
	}
}

/* What there is to walk in this stage; NULL: nothing. */
static const struct rt_table *
stage_table(const struct bmp *m, const struct bgp *b, unsigned i, bool post)
{
	if (!bgp_neighbour_channel_up(b->n, i))
		return NULL;
	if (post)
		return m->p.cf->bmp.after ? b->chan[i]->table->t : NULL;
	return m->p.cf->bmp.before ? bgp_neighbour_import_table(b->n, i) :
	    NULL;
}

static void
end_stage(struct bmp *m, struct bgp *b, const struct rt_table *t)
{
	const unsigned i = m->dump_stage / 2;

	if (t != NULL && b->eor[i])
		tell_eor(m, b, i, m->dump_stage % 2);
	m->dump_at = RT_NONE;
	if (++m->dump_stage == 2 * b->n_chans) {
		m->dump_proto++;
		m->dump_stage = 0;
	}
}

static void
dump(struct bmp *m)
{
	for (unsigned n = 0; n < NETS_SLICE && m->dumping; n++) {
		struct bgp *b = dumped(m);
		const struct rt_table *t;
		const unsigned i = m->dump_stage / 2;

		if (b == NULL) {
			m->dumping = false;
			return;
		}
		t = stage_table(m, b, i, m->dump_stage % 2);
		m->dump_at = t ? rt_walk(t, m->dump_at) : RT_NONE;
		if (m->dump_at == RT_NONE)
			end_stage(m, b, t);
		else
			dump_net(m, b, i, m->dump_stage % 2, t);
	}
}

/* The connection. */

static void
hang_up(struct bmp *m)
{
	const bool was = m->s != NULL;

	m->ready = loop_fd_free(m->ready);
	if (m->fd >= 0)
		close(m->fd);
	m->fd = -1;
	m->connecting = m->dumping = false;
	m->s = bmp_station_free(m->s);
	loop_timer_clear(&m->p.d->loop, &m->stats);
	if (was)
		attach_all(m->p.d);
}

static void
lost(struct bmp *m, const char *why)
{
	if (m->s != NULL || m->p.message[0] == '\0')
		proto_log(&m->p, CONF_LOG_INFO, "Station: %s", why);
	proto_note(&m->p, "%s", why);
	hang_up(m);
	proto_connecting(&m->p);
	loop_timer_in(&m->p.d->loop, &m->retry, m->wait);
	m->wait = m->wait * 2 < RETRY_MAX ? m->wait * 2 : RETRY_MAX;
}

static void
flush(struct bmp *m)
{
	for (unsigned i = 0; i < WRITES_MAX; i++) {
		struct bytes b = bmp_station_tx(m->s);
		ssize_t n;

		if (b.n == 0)
			return;
		n = send(m->fd, b.p, b.n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			lost(m, strerrordesc_np(errno));
		if (n < 0)
			return;
		bmp_station_sent(m->s, (size_t)n);
	}
}

static bool
bmp_work(void *ctx)
{
	struct bmp *m = ctx;

	if (m->s == NULL)
		return false;
	if (m->dumping && bmp_station_queued(m->s) < ENOUGH)
		dump(m);
	if (bmp_station_failed(m->s)) {
		lost(m, "It is too slow for what there is to tell");
		return false;
	}
	flush(m);
	if (m->s == NULL)
		return false;
	loop_fd_want(m->ready, UV_READABLE |
	    (bmp_station_queued(m->s) > 0 ? UV_WRITABLE : 0));
	return m->dumping && bmp_station_queued(m->s) < ENOUGH;
}

static void
linked(struct bmp *m)
{
	const struct proto *p = &m->p;
	const struct config *c = p->d->gen->config;
	const struct bmp_config cfg = { .limit =
	    (size_t)p->cf->bmp.limit << 20,
	    .name = p->cf->bmp.name ? p->cf->bmp.name : p->cf->hostname ?
	    p->cf->hostname : c->hostname ? c->hostname : p->d->hostname,
	    .descr = p->cf->bmp.descr ? p->cf->bmp.descr :
	    "Warren " WARREN_VERSION };

	m->connecting = false;
	m->s = bmp_station_new(&cfg, p->d->pool);
	if (m->s == NULL) {
		lost(m, "Out of memory");
		return;
	}
	m->wait = RETRY_MIN;
	m->p.message[0] = '\0';
	m->dumping = true;
	m->dump_proto = 0;
	m->dump_stage = 0;
	m->dump_at = RT_NONE;
	LIST_EACH(o, &p->d->protos, struct proto, link)
		if (o->ops == &bgp_ops && is_established(bgp_of(o)))
			tell_up(m, bgp_of(o));
	attach_all(p->d);
	if (p->cf->bmp.stats > 0)
		loop_timer_in(&p->d->loop, &m->stats, p->cf->bmp.stats);
	proto_up(&m->p);
	kick(m);
}

static void
on_ready(void *ctx, int events)
{
	struct bmp *m = ctx;
	char room[512];
	ssize_t n;
	int err;

	if (m->connecting) {
		err = tcp_connected(m->fd);
		if (err < 0)
			lost(m, strerrordesc_np(-err));
		else
			linked(m);
		return;
	}
	if (events & UV_READABLE) {
		/* A station has nothing to say: it goes, or it is not one. */
		n = recv(m->fd, room, sizeof(room), MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
			lost(m, n ? strerrordesc_np(errno) :
			    "Connection closed");
			return;
		}
	}
	kick(m);
}

static void
on_retry(void *ctx)
{
	struct bmp *m = ctx;
	const struct conf_bmp *cf = &m->p.cf->bmp;
	const struct tcp_end local = { .ip = cf->local_ip };
	const struct tcp_end remote = { .ip = cf->station, .port = cf->port };
	const struct tcp_opt opt = { .iface = m->p.cf->vrf };
	int fd = tcp_connect(&local, &remote, &opt, NULL);

	if (fd < 0) {
		lost(m, strerrordesc_np(-fd));
		return;
	}
	m->fd = fd;
	m->connecting = true;
	m->ready = loop_fd_new(&m->p.d->loop, fd, on_ready, m);
	if (m->ready == NULL)
		lost(m, "Out of memory");
	else
		loop_fd_want(m->ready, UV_WRITABLE);
}

static void
tell_stats(struct bmp *m, const struct bgp *b)
{
	const struct bmp_peer peer = peer_of(b, false);
	struct bmp_counts c = { 0 };

	for (unsigned i = 0; i < b->n_chans; i++) {
		const struct rt_channel *rc = bgp_neighbour_channel(b->n, i);
		const struct rt_table *in = bgp_neighbour_import_table(b->n,
		    i);

		if (!bgp_neighbour_channel_up(b->n, i))
			continue;
		c.families |= BGP_FAM_BIT(family(b, i));
		c.rejected += (uint32_t)rc->import_updates.filtered;
		c.adj_in = c.adj_in || in != NULL;
		c.in[family(b, i)] = in ? rt_count_routes(in) : 0;
		c.rib[family(b, i)] = rc->imported;
	}
	bmp_station_stats(m->s, &peer, &c);
}

static void
on_stats(void *ctx)
{
	struct bmp *m = ctx;

	loop_timer_in(&m->p.d->loop, &m->stats, m->p.cf->bmp.stats);
	LIST_EACH(p, &m->p.d->protos, struct proto, link)
		if (p->ops == &bgp_ops && is_established(bgp_of(p)))
			tell_stats(m, bgp_of(p));
	kick(m);
}

static void
bmp_start(struct proto *p)
{
	struct bmp *m = bmp_of(p);

	m->fd = -1;
	m->wait = RETRY_MIN;
	list_init(&m->link);
	list_push_back(&p->d->stations, &m->link);
	loop_work_init(&m->work, bmp_work, m);
	loop_timer_init(&m->retry, on_retry, m);
	loop_timer_init(&m->stats, on_stats, m);
	m->running = true;
	on_retry(m);
}

static void
bmp_shutdown(struct proto *p)
{
	struct bmp *m = bmp_of(p);

	if (m->running) {
		if (m->s != NULL) {
			bmp_station_end(m->s, BMP_REASON_ADMIN);
			flush(m);
		}
		hang_up(m);
		list_remove(&m->link);
		loop_timer_clear(&p->d->loop, &m->retry);
		loop_work_clear(&m->work);
	}
	m->running = false;
	proto_stopped(p);
}

static void
bmp_info(const struct proto *p, struct text *out)
{
	const struct bmp *m = bmp_of(p);

	if (m->running)
		text_printf(out, "%-14s", m->s ? "Established" :
		    m->connecting ? "Connect" : "Idle");
	text_add(out, p->message);
}

static void
bmp_details(const struct proto *p, struct text *out)
{
	const struct bmp *m = bmp_of(p);
	char ip[IP_TEXT];

	text_printf(out, "  Station:        %s port %u\n",
	    ip_text(p->cf->bmp.station, ip), p->cf->bmp.port);
	if (m->running && m->s != NULL)
		text_printf(out, "  Pending:        %zu of %u MiB\n",
		    bmp_station_queued(m->s) >> 20, p->cf->bmp.limit);
}

const struct proto_ops bmp_ops = {
	.kind = CONF_BMP,
	.cls = &bmp_class,
	.size = sizeof(struct bmp),
	.start = bmp_start,
	.shutdown = bmp_shutdown,
	.info = bmp_info,
	.details = bmp_details,
};

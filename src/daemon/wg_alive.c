/* SPDX-License-Identifier: ISC */
/*
 * Liveness of a tunnel's peers (wg/alive.h): echo requests to the link-local
 * address that follows from a peer's key, which its kernel answers.  So they
 * say that the tunnel carries packets both ways, and nothing of the peer's
 * warrend, which may be killed and started again meanwhile.
 *
 * What follows from a death goes through iface_set.cut: next hops, static
 * routes and neighbours there are out of reach, as if the link were down for
 * them alone.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/wireguard.h"
#include "sys/echo.h"
#include "sys/entropy.h"
#include "wire/echo.h"

#define READS_MAX	64	/* in one turn of the loop */
/* Of all tunnels together: a hundred probes a second. */
#define SHARE		MILLISECONDS(10)

bool
tunnel_peer_is_gone(const struct tunnel_peer *p)
{
	return p->live != NULL && alive_is_gone(&p->live->a);
}

static bool
any_gone(const struct tunnel *t)
{
	for (unsigned i = 0; i < t->n_peers; i++)
		if (tunnel_peer_is_gone(&t->peer[i]))
			return true;
	return false;
}

static bool
is_cut(const void *ctx, uint32_t ifindex, struct ip ip)
{
	const struct daemon *d = ctx;
	const struct tunnel_peer *peer;

	LIST_EACH(p, &d->protos, struct proto, link) {
		const struct tunnel *t = tunnel_of(p);

		if (p->ops != &wireguard_ops || !t->some_gone ||
		    t->ifindex != ifindex || ifindex == 0)
			continue;
		peer = !ip_is_none(ip) ? tunnel_peer_of(t, ip) :
		    t->n_peers == 1 ? &t->peer[0] : NULL;
		return peer != NULL && tunnel_peer_is_gone(peer);
	}
	return false;
}

/* Who is gone has changed: everybody looks again, before the loop waits. */
static void
cut_changed(struct tunnel *t)
{
	struct iface_set *s = &t->p.d->ifaces;

	t->some_gone = any_gone(t);
	s->cut = NULL;
	s->cut_ctx = t->p.d;
	LIST_EACH(p, &t->p.d->protos, struct proto, link)
		if (p->ops == &wireguard_ops && tunnel_of(p)->some_gone)
			s->cut = is_cut;
	s->generation++;
	tunnel_announce(t);
}

static bool
is_watched(const struct tunnel_peer *p)
{
	return p->live != NULL && p->live->a.state != ALIVE_QUIET;
}

/* Many peers are asked less often each. */
static void
pace(const struct daemon *d)
{
	int64_t span = 0;

	LIST_EACH(p, &d->protos, struct proto, link)
		for (unsigned i = 0; p->ops == &wireguard_ops &&
		    i < tunnel_of(p)->n_peers; i++)
			span += is_watched(&tunnel_of(p)->peer[i]) ? SHARE :
			    0;
	LIST_EACH(p, &d->protos, struct proto, link)
		for (unsigned i = 0; p->ops == &wireguard_ops &&
		    i < tunnel_of(p)->n_peers; i++)
			if (tunnel_of(p)->peer[i].live != NULL)
				alive_set_pace(&tunnel_of(p)->peer[i].live->a,
				    span);
}

static void
say_back(struct tunnel_live *l)
{
	const int64_t away = instant_sub(loop_now(), l->since);

	proto_log(&l->t->p, CONF_LOG_INFO,
	    "Peer %s: alive again after %u.%u s; routes through it are used "
	    "again", l->p->cf->name, (unsigned)(away / SECONDS(1)),
	    (unsigned)(away / MILLISECONDS(100) % 10));
}

static void
tell(struct tunnel_live *l, enum alive_news news)
{
	const struct proto *p = &l->t->p;
	const char *name = l->p->cf->name;

	switch (news) {
	case ALIVE_NEWS_NONE:
		return;
	case ALIVE_NEWS_LIVE:
		proto_trace(p, CONF_DEBUG_EVENTS,
		    "Peer %s: answers through the tunnel, and is watched",
		    name);
		break;
	case ALIVE_NEWS_DEAD:
		l->since = loop_now();
		proto_log(p, CONF_LOG_REMOTE, "Peer %s: dead, nothing comes "
		    "back through the tunnel; other routes are taken", name);
		break;
	case ALIVE_NEWS_DAMPED:
		proto_log(p, CONF_LOG_REMOTE, "Peer %s: answers again, but "
		    "was dead %u times of late: not used for %u s", name,
		    l->a.deaths, tunnel_peer_damped(l->p));
		return;
	case ALIVE_NEWS_BACK:
		say_back(l);
		break;
	case ALIVE_NEWS_MUTE:
		proto_log(p, CONF_LOG_REMOTE, "Peer %s: does not answer echo "
		    "requests any more, but handshakes: not watched", name);
		break;
	}
	pace(p->d);
	if (l->a.state == ALIVE_LIVE)
		tunnel_mtu_look(l->t);
	else
		tunnel_mtu_stop(l);
	if (news != ALIVE_NEWS_LIVE)
		cut_changed(l->t);
}

static void
send_probe(struct tunnel_live *l, uint16_t seq)
{
	const struct echo e = { .id = l->t->echo_id, .seq = seq,
	    .every = alive_every(&l->a) };
	uint8_t buf[ECHO_SIZE];

	echo_encode(buf, &e);
	/* What cannot be sent is not answered: no more need be known. */
	(void)echo_send(l->t->echo_fd, l->p->link_local, l->t->ifindex,
	    bytes_of(buf, sizeof(buf)));
}

static void
work(struct tunnel_live *l)
{
	uint16_t seq;

	if (alive_tick(&l->a, loop_now(), &seq))
		send_probe(l, seq);
	loop_timer_at(&l->t->p.d->loop, &l->timer, alive_deadline(&l->a));
	tell(l, alive_poll(&l->a));
}

static struct tunnel_live *
live_of(const struct tunnel *t, struct ip from)
{
	const struct tunnel_peer *p = tunnel_peer_of(t, from);

	return p != NULL && ip_eq(p->link_local, from) ? p->live : NULL;
}

static void
take(struct tunnel *t, const uint8_t head[ECHO_SIZE], size_t n,
    struct ip from)
{
	struct tunnel_live *l = live_of(t, from);
	struct echo e;

	if (l == NULL || !echo_decode(head, n, &e))
		return;
	if (!e.answer)
		alive_heard(&l->a, loop_now(), e.every);
	else if (e.id == t->echo_id)
		alive_answer(&l->a, loop_now(), e.seq);
	else if (e.id == (uint16_t)(t->echo_id + 1))
		tunnel_mtu_answer(l, n);
	work(l);
}

static void
read_some(struct tunnel *t)
{
	uint8_t buf[ECHO_SIZE];
	struct ip from;
	int n;

	for (unsigned i = 0; i < READS_MAX && t->echo_fd >= 0; i++) {
		n = echo_recv(t->echo_fd, buf, sizeof(buf), &from);
		if (n == -EAGAIN)
			return;
		if (n >= (int)sizeof(buf))
			take(t, buf, (size_t)n, from);
	}
}

static void
on_readable(void *ctx, int events)
{
	(void)events;
	read_some(ctx);
}

/* What came while we were busy counts first. */
static void
on_timer(void *ctx)
{
	struct tunnel_live *l = ctx;

	read_some(l->t);
	work(l);
}

static struct tunnel_live *
live_new(void)
{
	struct tunnel_live *l = mem_zalloc(sizeof(*l));

	if (l == NULL)
		return NULL;
	alive_init(&l->a, entropy_u32());
	loop_timer_init(&l->timer, on_timer, l);
	tunnel_mtu_init(l);
	return l;
}

void
tunnel_alive_peers(struct tunnel *t)
{
	for (unsigned i = 0; i < t->n_peers; i++) {
		struct tunnel_peer *p = &t->peer[i];

		if (p->live == NULL)
			p->live = live_new();	/* NULL: not watched */
		if (p->live == NULL)
			continue;
		p->live->t = t;
		p->live->p = p;
	}
}

void
tunnel_alive_free(struct tunnel_peer *p)
{
	if (p->live != NULL) {
		tunnel_mtu_stop(p->live);
		loop_timer_clear(&p->live->t->p.d->loop, &p->live->timer);
	}
	mem_free(p->live);
	p->live = NULL;
}

void
tunnel_alive_handshake(struct tunnel *t, struct tunnel_peer *p)
{
	if (t->echo_fd < 0 || p->live == NULL ||
	    tunnel_peer_of(t, p->link_local) != p)
		return;
	alive_handshake(&p->live->a, loop_now());
	work(p->live);
}

static void
close_socket(struct tunnel *t)
{
	t->echo_ready = loop_fd_free(t->echo_ready);
	if (t->echo_fd >= 0)
		close(t->echo_fd);
	t->echo_fd = -1;
}

static bool
open_socket(struct tunnel *t)
{
	int fd = echo_open(t->iface, t->ifindex, t->link_local);

	if (fd < 0) {
		proto_log(&t->p, CONF_LOG_WARNING, "No liveness on %s: %s",
		    t->iface, strerrordesc_np(-fd));
		return false;
	}
	t->echo_fd = fd;
	if (t->echo_id == 0)
		t->echo_id = (uint16_t)entropy_u32();
	t->echo_ready = loop_fd_new(&t->p.d->loop, fd, on_readable, t);
	if (t->echo_ready == NULL) {
		close_socket(t);
		return false;
	}
	loop_fd_want(t->echo_ready, UV_READABLE);
	return true;
}

void
tunnel_alive_done(struct tunnel *t)
{
	for (unsigned i = 0; i < t->n_peers; i++) {
		struct tunnel_live *l = t->peer[i].live;

		if (l == NULL)
			continue;
		tunnel_mtu_stop(l);
		alive_reset(&l->a, loop_now());
		loop_timer_clear(&t->p.d->loop, &l->timer);
	}
	close_socket(t);
	pace(t->p.d);
	if (t->some_gone)
		cut_changed(t);
}

void
tunnel_alive(struct tunnel *t)
{
	if (!t->p.cf->wg.liveness || ip_is_none(t->link_local) ||
	    t->ifindex == 0) {
		tunnel_alive_done(t);
		return;
	}
	close_socket(t);
	if (!open_socket(t))
		return;
	for (unsigned i = 0; i < t->n_peers; i++)
		if (tunnel_peer_alive(&t->peer[i]))
			tunnel_alive_handshake(t, &t->peer[i]);
	/* A peer that was dead may be no peer any more. */
	if (t->some_gone)
		cut_changed(t);
}

unsigned
tunnel_peer_damped(const struct tunnel_peer *p)
{
	if (p->live == NULL || p->live->a.state != ALIVE_DAMPED)
		return 0;
	return (unsigned)(instant_sub(p->live->a.until, loop_now()) /
	    SECONDS(1)) + 1;
}

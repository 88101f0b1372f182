/* SPDX-License-Identifier: ISC */
#include "daemon/bfd.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/clock.h"
#include "sys/dgram.h"

#define READS_MAX	64	/* in one turn of the loop */
#define TTL_DIRECT	255	/* RFC 5881 section 5: GTSM */

/* Shared by the sessions of a family and kind, or of one local address. */
struct bfd_socket {
	struct list link;
	struct bfd_proto *b;
	enum family family;
	bool multihop;
	struct dgram_end at;
	int fd;
	struct loop_fd *ready;
	unsigned users;
};

static struct bfd_sess *
find_by_discr(const struct bfd_proto *b, uint32_t discr)
{
	LIST_EACH(s, &b->chain[discr % BFD_CHAINS], struct bfd_sess, link)
		if (bfd_session_discr(s->s) == discr)
			return s;
	return NULL;
}

/* Is it from the session's neighbour, and by the session's way? */
static bool
is_of(const struct bfd_sess *s, const struct bfd_socket *sock,
    const struct dgram_info *i)
{
	if (!ip_eq(s->remote, i->from.ip) ||
	    (s->ifindex == 0) != sock->multihop)
		return false;
	return s->ifindex != 0 ? s->ifindex == i->ifindex :
	    ip_eq(s->local, i->to);
}

static struct bfd_sess *
find(const struct bfd_socket *sock, const struct bfd_packet *p,
    const struct dgram_info *i)
{
	struct bfd_sess *s;

	if (p->your_discr != 0) {
		s = find_by_discr(sock->b, p->your_discr);
		return s != NULL && is_of(s, sock, i) ? s : NULL;
	}
	for (unsigned c = 0; c < BFD_CHAINS; c++)
		LIST_EACH(o, &sock->b->chain[c], struct bfd_sess, link)
			if (is_of(o, sock, i))
				return o;
	return NULL;
}

static void
receive(struct bfd_socket *sock, struct bytes raw, const struct dgram_info *i)
{
	struct bfd_proto *b = sock->b;
	struct bfd_packet packet;
	const char *why = bfd_decode(raw, &packet);
	struct bfd_sess *s = NULL;
	char ip[IP_TEXT];

	if (why == NULL && !sock->multihop && i->ttl != TTL_DIRECT)
		why = "wrong TTL";
	if (why == NULL) {
		s = find(sock, &packet, i);
		why = s == NULL ? "no session" : bfd_session_rx(s->s,
		    loop_now(), raw, &packet);
	}
	if (why != NULL) {
		b->rx_dropped++;
		proto_trace(&b->p, CONF_DEBUG_PACKETS,
		    "Bad packet from %s: %s", ip_text(i->from.ip, ip), why);
	}
	if (s != NULL)
		bfd_sess_work(s);
}

static void
on_readable(void *ctx, int events)
{
	struct bfd_socket *sock = ctx;
	uint8_t buf[BFD_PACKET_MAX * 2];
	struct dgram_info info;
	int n;

	(void)events;
	for (unsigned i = 0; i < READS_MAX; i++) {
		n = dgram_recv(sock->fd, buf, sizeof(buf), &info);
		if (n == -EAGAIN || n == -EINTR)
			return;
		if (n >= 0)
			receive(sock, bytes_of(buf, (size_t)n), &info);
	}
}

static struct bfd_socket *
socket_new(struct bfd_proto *b, enum family f, bool multihop,
    const struct dgram_end *at)
{
	struct bfd_socket *k = mem_zalloc(sizeof(*k));
	char ip[IP_TEXT];

	if (k == NULL)
		return NULL;
	k->b = b;
	k->family = f;
	k->multihop = multihop;
	k->at = *at;
	k->fd = dgram_listen(f, at, b->p.cf->bfd.zero_udp6);
	if (k->fd >= 0)
		k->ready = loop_fd_new(&b->p.d->loop, k->fd, on_readable, k);
	if (k->ready == NULL) {
		proto_log(&b->p, CONF_LOG_ERROR,
		    "Cannot listen for BFD on %s port %u: %s",
		    ip_is_none(at->ip) ? "any address" : ip_text(at->ip, ip),
		    at->port, strerrordesc_np(k->fd < 0 ? -k->fd : ENOMEM));
		if (k->fd >= 0)
			close(k->fd);
		mem_free(k);
		return NULL;
	}
	loop_fd_want(k->ready, UV_READABLE);
	list_push_back(&b->sockets, &k->link);
	return k;
}

bool
bfd_listen(struct bfd_sess *s)
{
	struct bfd_proto *b = s->b;
	const bool multihop = s->ifindex == 0;
	const enum family f = ip_is4(s->remote) ? FAMILY_IP4 : FAMILY_IP6;
	struct dgram_end at = { .port = multihop ? BFD_PORT_MULTIHOP :
	    BFD_PORT_DIRECT };

	if (s->rx != NULL)
		return true;
	if (b->p.cf->bfd.strict_bind) {
		at.ip = s->local;
		at.scope = s->ifindex;
	}
	LIST_EACH(k, &b->sockets, struct bfd_socket, link)
		if (k->family == f && k->multihop == multihop &&
		    ip_eq(k->at.ip, at.ip) && k->at.scope == at.scope) {
			s->rx = k;
			break;
		}
	if (s->rx == NULL)
		s->rx = socket_new(b, f, multihop, &at);
	if (s->rx == NULL)
		return false;
	s->rx->users++;
	return true;
}

void
bfd_unlisten(struct bfd_sess *s)
{
	struct bfd_socket *k = s->rx;

	s->rx = NULL;
	if (k == NULL || --k->users > 0)
		return;
	loop_fd_free(k->ready);
	close(k->fd);
	list_remove(&k->link);
	mem_free(k);
}

/* The address may not be there yet: then with the next packet. */
static bool
connect_it(struct bfd_sess *s)
{
	const struct dgram_end from = { .ip = s->local, .scope = s->ifindex };
	const struct dgram_end to = { .ip = s->remote, .scope = s->ifindex,
	    .port = s->ifindex ? BFD_PORT_DIRECT : BFD_PORT_MULTIHOP };
	char ip[IP_TEXT];

	if (s->fd >= 0)
		return true;
	s->fd = dgram_connect(&from, &to, s->ifindex ? s->ifname : NULL);
	if (s->fd >= 0) {
		s->err = 0;
		return true;
	}
	if (s->err != s->fd)
		proto_log(&s->b->p, CONF_LOG_WARNING,
		    "Cannot send BFD to %s: %s", ip_text(s->remote, ip),
		    strerrordesc_np(-s->fd));
	s->err = s->fd;
	s->fd = -1;
	return false;
}

static void
transmit(struct bfd_sess *s)
{
	uint8_t buf[BFD_PACKET_MAX];
	size_t n;

	while ((n = bfd_session_tx(s->s, loop_now(), buf, sizeof(buf))) > 0) {
		if (!connect_it(s))
			return;
		/* The peer's "port unreachable" comes once, as an error. */
		if (send(s->fd, buf, n, MSG_NOSIGNAL) < 0 &&
		    errno == ECONNREFUSED)
			send(s->fd, buf, n, MSG_NOSIGNAL);
	}
}

static void
tell(struct bfd_sess *s, enum bfd_news news)
{
	const bool failed = news == BFD_NEWS_DOWN && bfd_session_failed(s->s);
	char ip[IP_TEXT];

	s->since = clock_wall();
	proto_trace(&s->b->p, CONF_DEBUG_EVENTS,
	    "Session to %s changed to %s: %s", ip_text(s->remote, ip),
	    bfd_state_text((uint8_t)bfd_session_state(s->s)),
	    bfd_diag_text(bfd_session_diag(s->s)));
	LIST_EACH(r, &s->requests, struct bfd_request, in_sess)
		r->changed(r, failed);
}

void
bfd_sess_work(struct bfd_sess *s)
{
	enum bfd_news news;

	transmit(s);
	loop_timer_at(&s->b->p.d->loop, &s->timer,
	    bfd_session_deadline(s->s));
	news = bfd_session_poll(s->s);
	if (news != BFD_NEWS_NONE)
		tell(s, news);
}

void
bfd_sess_close(struct bfd_sess *s)
{
	bfd_session_stop(s->s, loop_now());
	transmit(s);
	loop_timer_clear(&s->b->p.d->loop, &s->timer);
	bfd_unlisten(s);
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

/* SPDX-License-Identifier: ISC */
/*
 * Listening sockets, shared by all neighbours that have the same local end:
 * one for each family and port, or address where "strict bind" asks for it.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/bgp.h"
#include "daemon/vrf.h"

#define ACCEPTS	16		/* in one turn of the loop */

struct bgp_listener {
	struct list link;
	struct daemon *d;
	enum family family;
	struct tcp_end at;
	char vrf[IFACE_NAME];		/* "": in none */
	int fd;				/* -1: it could not be opened */
	struct loop_fd *ready;
	unsigned users;
};

static struct list listeners = { &listeners, &listeners };

static bool
is_remote(const struct bgp *b, const struct tcp_end *peer,
    const struct tcp_end *local)
{
	const struct conf_bgp *cf = &b->p.cf->bgp;

	if (!b->running || !ip_eq(b->remote.ip, peer->ip))
		return false;
	if (ip_is_link_local(peer->ip) && b->remote.scope != 0 &&
	    b->remote.scope != peer->scope)
		return false;
	return ip_is_none(cf->local_ip) || ip_eq(cf->local_ip, local->ip);
}

static struct bgp *
find_neighbour(const struct bgp_listener *l, const struct tcp_end *peer,
    const struct tcp_end *local)
{
	LIST_EACH(p, &l->d->protos, struct proto, link) {
		struct bgp *b = bgp_of(p);

		if (p->ops == &bgp_ops && b->listener == l) {
			bgp_find_peer(b);
			if (is_remote(b, peer, local))
				return b;
		}
	}
	return NULL;
}

/* Of the ranges that the peer is in, the smallest. */
static struct bgp *
find_range(const struct bgp_listener *l, const struct tcp_end *peer,
    const struct tcp_end *local)
{
	struct bgp *found = NULL;

	LIST_EACH(p, &l->d->protos, struct proto, link) {
		struct bgp *b = bgp_of(p);

		if (p->ops == &bgp_ops && b->listener == l &&
		    bgp_range_has(b, peer, local) && (found == NULL ||
		    p->cf->bgp.remote_range.len >
		    found->p.cf->bgp.remote_range.len))
			found = b;
	}
	return found;
}

static void
on_connection(void *ctx, int events)
{
	struct bgp_listener *l = ctx;
	struct tcp_end peer, local;
	char ip[IP_TEXT];
	struct bgp *b;
	int fd;

	(void)events;
	for (unsigned i = 0; i < ACCEPTS; i++) {
		fd = tcp_accept(l->fd, &peer, &local);
		if (fd < 0)
			return;
		b = find_neighbour(l, &peer, &local);
		if (b != NULL) {
			bgp_io_accepted(b, fd);
			continue;
		}
		b = find_range(l, &peer, &local);
		if (b != NULL) {
			bgp_spawn(b, fd, &peer, &local);
			continue;
		}
		log_msg(&l->d->log, CONF_LOG_AUTH, NULL,
		    "Unexpected BGP connection from %s",
		    ip_text(peer.ip, ip));
		close(fd);
	}
}

static void
open_listener(struct bgp_listener *l)
{
	struct tcp_opt opt = { .freebind = true, .iface = l->vrf };
	char ip[IP_TEXT];

	l->fd = tcp_listen(l->family, &l->at, &opt);
	if (l->fd < 0) {
		log_msg(&l->d->log, CONF_LOG_ERROR, NULL,
		    "Cannot listen for BGP on %s port %u: %s%s",
		    ip_is_none(l->at.ip) ? "any address" :
		    ip_text(l->at.ip, ip), l->at.port,
		    strerrordesc_np(-l->fd), l->fd == -EADDRINUSE ?
		    "; another speaker runs here: see \"ss -ltnp\"" : "");
		l->fd = -1;
		return;
	}
	l->ready = loop_fd_new(&l->d->loop, l->fd, on_connection, l);
	if (l->ready != NULL)
		loop_fd_want(l->ready, UV_READABLE);
}

static struct bgp_listener *
listener_get(struct daemon *d, enum family f, const struct tcp_end *at,
    const char *vrf)
{
	struct bgp_listener *l;

	LIST_EACH(o, &listeners, struct bgp_listener, link)
		if (o->d == d && o->family == f && o->at.port == at->port &&
		    o->at.scope == at->scope && ip_eq(o->at.ip, at->ip) &&
		    strcmp(o->vrf, vrf) == 0)
			return o;
	l = mem_zalloc(sizeof(*l));
	if (l == NULL)
		return NULL;
	l->d = d;
	l->family = f;
	l->at = *at;
	snprintf(l->vrf, sizeof(l->vrf), "%s", vrf);
	open_listener(l);
	list_push_back(&listeners, &l->link);
	return l;
}

static void
set_password(const struct bgp *b, const char *password)
{
	const struct prefix *range = &b->p.cf->bgp.remote_range;
	uint8_t bits = ip_is4(b->remote.ip) ? 32 : 128;
	struct tcp_end at = b->remote;

	/* Who comes out of a range has the password of the range. */
	if (b->p.cf->bgp.password == NULL || b->listener->fd < 0 ||
	    b->p.own_cf != NULL)
		return;
	if (bgp_is_range(b)) {
		at = (struct tcp_end){ .ip = range->ip };
		bits = range->len;
	}
	tcp_set_md5(b->listener->fd, &at, bits, password);
}

static enum family
family_of(const struct bgp *b)
{
	if (bgp_is_range(b))
		return prefix_family(&b->p.cf->bgp.remote_range);
	return ip_is4(b->remote.ip) ? FAMILY_IP4 : FAMILY_IP6;
}

bool
bgp_listen(struct bgp *b)
{
	const struct conf_bgp *cf = &b->p.cf->bgp;
	struct tcp_end at = { .port = cf->local_port };

	/* Once it is there: see bgp_ifaces(). */
	if (b->listener != NULL || vrf_missing(&b->p))
		return b->listener != NULL;
	if (cf->strict_bind) {
		at.ip = ip_is_none(cf->local_ip) ? b->local.ip : cf->local_ip;
		if (ip_is_link_local(at.ip))
			at.scope = b->local.scope;
	}
	if (at.port == 0)
		at.port = TCP_BGP_PORT;
	b->listener = listener_get(b->p.d, family_of(b), &at,
	    b->p.cf->vrf ? b->p.cf->vrf : "");
	if (b->listener == NULL)
		return false;
	b->listener->users++;
	set_password(b, cf->password);
	bgp_ao_listen(b, b->listener->fd, true);
	return true;
}

void
bgp_unlisten(struct bgp *b)
{
	struct bgp_listener *l = b->listener;

	if (l == NULL)
		return;
	set_password(b, NULL);
	bgp_ao_listen(b, l->fd, false);
	b->listener = NULL;
	if (--l->users > 0)
		return;
	l->ready = loop_fd_free(l->ready);
	if (l->fd >= 0)
		close(l->fd);
	list_remove(&l->link);
	mem_free(l);
}

/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/rpki.h"
#include "sys/tcp.h"

/* One question for the cache's address; its owner may be gone by then. */
struct rpki_resolve {
	uv_getaddrinfo_t req;
	struct rpki *r;			/* NULL: nobody waits any more */
};

void
rpki_kick(struct rpki *r)
{
	if (r->s != NULL)
		loop_work_add(&r->p.d->loop, &r->work);
}

void
rpki_close(struct rpki *r)
{
	r->ready = loop_fd_free(r->ready);
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	mem_free(r->buf);
	r->buf = NULL;
	r->from = r->to = 0;
	r->connecting = r->broken = false;
	if (r->resolving == NULL)
		return;
	r->resolving->r = NULL;
	uv_cancel((uv_req_t *)&r->resolving->req);
	r->resolving = NULL;
}

/* What was read before the end still counts: the work item sees to both. */
static void
lost(struct rpki *r, int err)
{
	r->broken = true;
	r->err = err;
	rpki_kick(r);
}

/* Read once: others wait for their turn, too. */
static void
receive(struct rpki *r)
{
	ssize_t n;

	if (r->from < r->to)
		return;		/* it has not digested the last */
	n = recv(r->fd, r->buf, RPKI_BUFFER, 0);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0)
		lost(r, n < 0 ? errno : 0);
	else
		r->to = (size_t)n;
}

static void
on_ready(void *ctx, int events)
{
	struct rpki *r = ctx;
	int err;

	if (r->connecting) {
		err = tcp_connected(r->fd);
		r->connecting = false;
		r->buf = err < 0 ? NULL : mem_alloc(RPKI_BUFFER);
		if (r->buf == NULL)
			lost(r, err < 0 ? -err : ENOMEM);
		else
			rpki_linked(r, true);
	} else if (events & UV_READABLE && !r->broken) {
		receive(r);
	}
	rpki_kick(r);
}

static void
connect_to(struct rpki *r, struct ip ip)
{
	const struct conf_rpki *cf = &r->p.cf->rpki;
	struct tcp_end local = { .ip = cf->local_ip };
	struct tcp_end remote = { .ip = ip, .port = cf->port };
	struct tcp_opt opt = { .iface = r->p.cf->vrf };
	int fd = tcp_connect(&local, &remote, &opt, cf->password);

	if (fd < 0) {
		lost(r, -fd);
		return;
	}
	r->fd = fd;
	r->connecting = true;
	r->ready = loop_fd_new(&r->p.d->loop, fd, on_ready, r);
	if (r->ready == NULL)
		lost(r, ENOMEM);
	rpki_watch(r);
}

static struct ip
ip_of(const struct addrinfo *a)
{
	const void *at = a->ai_addr;
	const struct sockaddr_in *s4 = at;
	const struct sockaddr_in6 *s6 = at;

	if (a->ai_family == AF_INET)
		return ip_from4((const uint8_t *)&s4->sin_addr);
	return a->ai_family == AF_INET6 ? ip_from6(s6->sin6_addr.s6_addr) :
	    IP_NONE;
}

/* The first that our own address, if there is one, can reach. */
static struct ip
choose(const struct addrinfo *a, struct ip local)
{
	for (; a != NULL; a = a->ai_next)
		if (!ip_is_none(ip_of(a)) && (ip_is_none(local) ||
		    ip_is4(local) == ip_is4(ip_of(a))))
			return ip_of(a);
	return IP_NONE;
}

static void
on_resolved(uv_getaddrinfo_t *req, int status, struct addrinfo *list)
{
	struct rpki_resolve *q = req->data;
	struct rpki *r = q->r;
	struct ip ip;

	if (r != NULL) {
		r->resolving = NULL;
		ip = status == 0 ? choose(list, r->p.cf->rpki.local_ip) :
		    IP_NONE;
		if (ip_is_none(ip)) {
			proto_log(&r->p, CONF_LOG_WARNING,
			    "%s cannot be resolved: %s",
			    r->p.cf->rpki.remote_host, status < 0 ?
			    uv_strerror(status) : "no address");
			lost(r, 0);
		} else {
			connect_to(r, ip);
		}
	}
	uv_freeaddrinfo(list);
	mem_free(q);
}

static void
resolve(struct rpki *r, const char *host)
{
	static const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct rpki_resolve *q = mem_zalloc(sizeof(*q));

	if (q == NULL) {
		lost(r, ENOMEM);
		return;
	}
	q->r = r;
	q->req.data = q;
	if (uv_getaddrinfo(&r->p.d->loop.uv, &q->req, on_resolved, host,
	    NULL, &hints) == 0) {
		r->resolving = q;
	} else {
		mem_free(q);
		lost(r, ENOMEM);
	}
}

void
rpki_dial(struct rpki *r)
{
	const struct conf_rpki *cf = &r->p.cf->rpki;
	struct ip ip = cf->remote_ip;

	rpki_close(r);
	if (cf->remote_host == NULL || ip_parse(cf->remote_host, &ip))
		connect_to(r, ip);
	else
		resolve(r, cf->remote_host);
}

void
rpki_offer(struct rpki *r)
{
	if (r->from < r->to)
		r->from += rtr_session_rx(r->s, loop_now(),
		    bytes_of(r->buf + r->from, r->to - r->from));
	if (r->from == r->to)
		r->from = r->to = 0;
}

void
rpki_write(struct rpki *r)
{
	struct bytes b = rtr_session_tx(r->s);
	ssize_t n;

	if (r->fd < 0 || r->connecting || r->broken || b.n == 0)
		return;
	n = send(r->fd, b.p, b.n, MSG_NOSIGNAL);
	if (n >= 0)
		rtr_session_sent(r->s, (size_t)n);
	else if (errno != EAGAIN && errno != EINTR)
		lost(r, errno);
}

void
rpki_watch(struct rpki *r)
{
	int want = 0;

	if (r->ready == NULL)
		return;
	if (r->connecting || rtr_session_tx(r->s).n > 0)
		want |= UV_WRITABLE;
	if (!r->connecting && r->from == r->to)
		want |= UV_READABLE;
	loop_fd_want(r->ready, r->broken ? 0 : want);
}

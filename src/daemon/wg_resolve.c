/* SPDX-License-Identifier: ISC */
/* Names of endpoints to addresses, without making anybody wait. */
#include <netdb.h>
#include <stdio.h>

#include "base/mem.h"
#include "daemon/wireguard.h"

struct tunnel_resolve {
	uv_getaddrinfo_t req;
	struct tunnel *t;
	struct tunnel_peer *p;		/* NULL: nobody waits any more */
};

static struct ip
ip_of(const struct sockaddr *sa)
{
	const void *at = sa;

	if (sa->sa_family == AF_INET) {
		const struct sockaddr_in *s4 = at;

		return ip_from4((const uint8_t *)&s4->sin_addr);
	}
	if (sa->sa_family == AF_INET6) {
		const struct sockaddr_in6 *s6 = at;

		return ip_from6(s6->sin6_addr.s6_addr);
	}
	return IP_NONE;
}

/* An address that the name still has is kept: no wandering between many. */
static struct ip
choose(const struct addrinfo *list, struct ip was)
{
	struct ip first = IP_NONE;

	for (const struct addrinfo *a = list; a != NULL; a = a->ai_next) {
		struct ip ip = ip_of(a->ai_addr);

		if (ip_eq(ip, was))
			return was;
		if (ip_is_none(first))
			first = ip;
	}
	return first;
}

static void
found(struct tunnel *t, struct tunnel_peer *p, struct ip ip)
{
	struct wg_endpoint was = p->configured;

	p->configured = (struct wg_endpoint){ .addr = ip,
	    .port = p->cf->endpoint_port };
	/* The first time is no change: the device may know better. */
	if (wg_endpoint_known(&was)) {
		p->insist |= !wg_endpoint_eq(&was, &p->configured);
		if (!p->insist)
			return;
	}
	tunnel_endpoint_moved(t, p);
	t->compare = true;
	loop_work_add(&t->p.d->loop, &t->work);
}

static void
on_resolved(uv_getaddrinfo_t *req, int status, struct addrinfo *list)
{
	struct tunnel_resolve *r = req->data;
	struct tunnel_peer *p = r->p;
	struct ip ip;

	if (p != NULL) {
		p->resolving = NULL;
		ip = status == 0 ? choose(list, p->configured.addr) : IP_NONE;
		if (!ip_is_none(ip))
			found(r->t, p, ip);
		else
			proto_log(&r->t->p, CONF_LOG_WARNING,
			    "Peer %s: %s cannot be resolved: %s",
			    p->cf->name, p->cf->endpoint_host,
			    status < 0 ? uv_strerror(status) : "no address");
	}
	uv_freeaddrinfo(list);
	mem_free(r);
}

void
tunnel_resolve(struct tunnel *t, struct tunnel_peer *p)
{
	static const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM,
	    .ai_flags = AI_ADDRCONFIG };
	struct tunnel_resolve *r;
	struct ip ip;

	p->resolved_at = loop_now();
	if (p->cf->endpoint_host == NULL || p->resolving != NULL)
		return;
	if (ip_parse(p->cf->endpoint_host, &ip)) {
		found(t, p, ip);
		return;
	}
	r = mem_zalloc(sizeof(*r));
	if (r == NULL)
		return;
	r->t = t;
	r->p = p;
	r->req.data = r;
	if (uv_getaddrinfo(&t->p.d->loop.uv, &r->req, on_resolved,
	    p->cf->endpoint_host, NULL, &hints) == 0)
		p->resolving = r;
	else
		mem_free(r);
}

void
tunnel_resolve_stop(struct tunnel_peer *p)
{
	if (p->resolving == NULL)
		return;
	p->resolving->p = NULL;
	uv_cancel((uv_req_t *)&p->resolving->req);
	p->resolving = NULL;
}

/* SPDX-License-Identifier: ISC */
/* The peers of a tunnel: from the configuration, and as polls show them. */
#include <string.h>

#include "base/mem.h"
#include "daemon/wireguard.h"
#include "sys/clock.h"

/* A silent peer's endpoint is looked up again no sooner than this. */
#define RESOLVE_EVERY	SECONDS(15)

bool
tunnel_peer_alive(const struct tunnel_peer *p)
{
	return p->last_handshake.s != 0 &&
	    clock_wall().s - p->last_handshake.s < TUNNEL_SILENT;
}

struct tunnel_peer *
tunnel_peer_by_name(const struct tunnel *t, const char *name)
{
	for (unsigned i = 0; i < t->n_peers; i++)
		if (strcmp(t->peer[i].cf->name, name) == 0)
			return &t->peer[i];
	return NULL;
}

struct tunnel_peer *
tunnel_peer_of(const struct tunnel *t, struct ip ip)
{
	int k = ai_peer_of(&t->allowed, ip);

	return k < 0 || (unsigned)k >= t->n_peers ? NULL : &t->peer[k];
}

void
tunnel_peers_free(struct tunnel_peer *v, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		tunnel_resolve_stop(&v[i]);
		tunnel_alive_free(&v[i]);
		mem_wipe(v[i].psk, sizeof(v[i].psk));
	}
	mem_free(v);
}

/* What is known of the peer of the same key, from before. */
static void
inherit(struct tunnel_peer *p, struct tunnel_peer *old, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		if (memcmp(old[i].cf->public_key, p->cf->public_key,
		    WG_KEY) != 0)
			continue;
		p->configured = old[i].configured;
		p->endpoint = old[i].endpoint;
		p->last_handshake = old[i].last_handshake;
		p->rx_bytes = old[i].rx_bytes;
		p->tx_bytes = old[i].tx_bytes;
		p->asked = old[i].asked;
		p->way = old[i].way;
		p->live = old[i].live;
		old[i].live = NULL;
		memcpy(p->place, old[i].place, sizeof(p->place));
		return;
	}
}

static void
list_allowed(struct tunnel *t, int k)
{
	static const struct prefix any4 = { .kind = NET_IP4,
	    .ip = { .b = { [10] = 0xff, [11] = 0xff } } };
	static const struct prefix any6 = { .kind = NET_IP6 };
	const struct conf_wg_peer *cf = t->peer[k].cf;

	if (cf->allowed_any) {
		ai_list(&t->allowed, k, &any4);
		ai_list(&t->allowed, k, &any6);
	}
	for (const struct conf_prefix_list *l = cf->allowed; l; l = l->next)
		ai_list(&t->allowed, k, &l->net);
	if (t->p.cf->wg.link_local == CONF_LL_AUTO && !cf->allowed_any) {
		struct prefix ll = prefix_host(t->peer[k].link_local);

		ai_list(&t->allowed, k, &ll);
	}
}

static bool
make_peer(struct tunnel *t, struct tunnel_peer *p,
    const struct conf_wg_peer *cf)
{
	int err;

	p->cf = cf;
	p->link_local = wg_link_local(cf->public_key);
	err = tunnel_load_key(&cf->preshared, false, p->psk);
	if (err != 0)
		proto_log(&t->p, CONF_LOG_ERROR,
		    "Peer %s: preshared key file %s: %s; the peer is left out",
		    cf->name, cf->preshared.file, strerrordesc_np(-err));
	return err == 0;
}

bool
tunnel_peers_make(struct tunnel *t)
{
	const struct conf_wireguard *w = &t->p.cf->wg;
	struct tunnel_peer *v = mem_array(w->n_peers + 1, sizeof(*v));
	struct tunnel_peer *old = t->peer;
	unsigned n = 0, n_old = t->n_peers;

	if (v == NULL)
		return false;
	for (const struct conf_wg_peer *cf = w->peers; cf; cf = cf->next)
		if (!cf->disabled && n < w->n_peers && make_peer(t, &v[n], cf))
			inherit(&v[n++], old, n_old);
	t->peer = v;
	t->n_peers = n;
	t->outer_stale = true;
	ai_peers(&t->allowed, n);
	for (unsigned i = 0; i < n; i++)
		list_allowed(t, (int)i);
	ai_listed(&t->allowed);
	for (unsigned i = 0; i < n; i++)
		tunnel_resolve(t, &v[i]);
	tunnel_alive_peers(t);
	tunnel_peers_free(old, n_old);
	return true;
}

bool
tunnel_want(const struct tunnel *t, struct ws_want *ret)
{
	struct ws_peer *v = mem_array(t->n_peers + 1, sizeof(*v));

	if (v == NULL)
		return false;
	memset(ret, 0, sizeof(*ret));
	memcpy(ret->private_key, t->private_key, WG_KEY);
	ret->listen_port = t->p.cf->wg.listen_port;
	ret->fwmark = t->p.cf->wg.fwmark;
	ret->can_remove = !wg_backend_kernel(t->backend);
	ret->peers = v;
	ret->n_peers = t->n_peers;
	for (unsigned i = 0; i < t->n_peers; i++) {
		const struct tunnel_peer *p = &t->peer[i];

		memcpy(v[i].public_key, p->cf->public_key, WG_KEY);
		memcpy(v[i].psk, p->psk, WG_KEY);
		v[i].keepalive = p->cf->keepalive;
		v[i].insist = p->insist;
		/* Where it was seen last, unless that has failed. */
		v[i].endpoint = wg_endpoint_known(&p->endpoint) &&
		    !(p->insist && wg_endpoint_known(&p->configured)) ?
		    p->endpoint : p->configured;
	}
	return true;
}

void
tunnel_want_done(struct ws_want *w)
{
	struct ws_peer *v = (struct ws_peer *)(uintptr_t)w->peers;

	if (v != NULL)
		mem_wipe(v, w->n_peers * sizeof(*v));
	mem_free(v);
	mem_wipe(w, sizeof(*w));
}

static struct tunnel_peer *
by_key(const struct tunnel *t, const uint8_t key[WG_KEY], unsigned guess)
{
	if (guess < t->n_peers && memcmp(t->peer[guess].cf->public_key, key,
	    WG_KEY) == 0)
		return &t->peer[guess];
	for (unsigned i = 0; i < t->n_peers; i++)
		if (memcmp(t->peer[i].cf->public_key, key, WG_KEY) == 0)
			return &t->peer[i];
	return NULL;
}

/* One that goes to and fro is two that have one key. */
static void
remember_place(struct tunnel_peer *p, const struct wg_endpoint *at)
{
	if (!wg_endpoint_known(at) || (p->place[0].since.s != 0 &&
	    wg_endpoint_eq(&p->place[0].at, at)))
		return;
	memmove(&p->place[1], &p->place[0], sizeof(p->place) -
	    sizeof(p->place[0]));
	p->place[0] = (struct tunnel_place){ *at, clock_wall() };
}

static void
peer_polled(struct tunnel *t, struct tunnel_peer *p,
    const struct wg_peer_info *i)
{
	bool news = i->last_handshake.s != p->last_handshake.s ||
	    i->last_handshake.ns != p->last_handshake.ns;
	bool was_alive = tunnel_peer_alive(p);

	if (wg_endpoint_known(&i->endpoint) &&
	    !ip_eq(p->endpoint.addr, i->endpoint.addr)) {
		p->endpoint = i->endpoint;
		tunnel_endpoint_moved(t, p);
	} else if (wg_endpoint_known(&i->endpoint)) {
		p->endpoint = i->endpoint;
	}
	remember_place(p, &i->endpoint);
	p->last_handshake = i->last_handshake;
	p->rx_bytes = i->rx_bytes;
	p->tx_bytes = i->tx_bytes;
	p->keepalive = i->keepalive;
	p->n_allowed = i->n_allowed;
	if (!news || i->last_handshake.s == 0)
		return;
	p->insist = false;
	if (!was_alive)
		proto_log(&t->p, CONF_LOG_INFO,
		    "Peer %s: handshake completed", p->cf->name);
	tunnel_alive_handshake(t, p);
	LIST_EACH(o, &t->p.d->protos, struct proto, link)
		if (o->ops->tunnel_peer_up != NULL && o->state != PROTO_DOWN)
			o->ops->tunnel_peer_up(o, t, p);
}

void
tunnel_polled(struct tunnel *t, const struct wg_uapi_dump *dump)
{
	t->listen_port = dump->listen_port;
	t->fwmark = dump->fwmark;
	for (size_t i = 0; i < dump->n_peers; i++) {
		const struct wg_peer_info *info = &dump->peers[i].info;
		struct tunnel_peer *p = by_key(t, info->public_key,
		    (unsigned)i);

		if (p != NULL)
			peer_polled(t, p, info);
	}
}

void
tunnel_look_for_silent(struct tunnel *t)
{
	struct instant now = loop_now();

	for (unsigned i = 0; i < t->n_peers; i++) {
		struct tunnel_peer *p = &t->peer[i];

		if (p->cf->endpoint_host == NULL || tunnel_peer_alive(p) ||
		    instant_sub(now, p->resolved_at) < RESOLVE_EVERY)
			continue;
		/* It may have wandered off: back to what was configured. */
		if (!wg_endpoint_eq(&p->endpoint, &p->configured))
			p->insist = true;
		tunnel_endpoint_moved(t, p);
		tunnel_resolve(t, p);
	}
}

/* SPDX-License-Identifier: ISC */
#include "wg/genl.h"

#include <errno.h>
#include <sys/socket.h>

#include <linux/genetlink.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/netlink.h>
#include <linux/wireguard.h>

#include "base/mem.h"

/* Newer than the headers of Debian 12: Linux 6.16. */
#define ALLOWED_A_FLAGS		4
#define ALLOWED_F_REMOVE	1u

static size_t
begin(struct wr *w, uint16_t family, uint16_t flags, uint32_t seq,
    uint8_t command, const char *iface)
{
	struct genlmsghdr h = { .cmd = command, .version = WG_GENL_VERSION };
	size_t at = nl_begin(w, family, flags, seq);

	nl_put_raw(w, &h, sizeof(h));
	nl_put_str(w, WGDEVICE_A_IFNAME, iface);
	return at;
}

void
wg_genl_get(struct wr *w, uint16_t family, uint32_t seq, const char *iface)
{
	size_t at = begin(w, family, NLM_F_DUMP, seq, WG_CMD_GET_DEVICE,
	    iface);

	nl_end(w, at);
}

static void
open_message(struct wg_genl *g)
{
	g->w = wr_of(g->buf, sizeof(g->buf));
	g->msg_at = begin(&g->w, g->family, NLM_F_ACK, 0, WG_CMD_SET_DEVICE,
	    g->iface);
	g->open = false;
	g->peers = 0;
}

/* Ends the message and lets it go. */
static void
close_message(struct wg_genl *g)
{
	if (g->open)
		nl_nest_end(&g->w, g->peers_at);
	nl_end(&g->w, g->msg_at);
	if (!g->err)
		g->err = g->w.bad ? -EMSGSIZE :
		    g->sink(g->ctx, bytes_of(g->buf, wr_len(&g->w)));
	mem_wipe(g->buf, sizeof(g->buf));
}

void
wg_genl_begin(struct wg_genl *g, uint16_t family, const char *iface,
    const struct wg_uapi_device_set *s, wg_genl_sink *sink, void *ctx)
{
	memset(g, 0, offsetof(struct wg_genl, buf));
	g->family = family;
	g->sink = sink;
	g->ctx = ctx;
	if (strlen(iface) >= sizeof(g->iface)) {
		g->err = -EINVAL;
		iface = "";
	}
	memcpy(g->iface, iface, strlen(iface) + 1);
	open_message(g);
	if (s->has_private_key)
		nl_put(&g->w, WGDEVICE_A_PRIVATE_KEY,
		    bytes_of(s->private_key, WG_KEY));
	if (s->has_listen_port)
		nl_put_u16(&g->w, WGDEVICE_A_LISTEN_PORT, s->listen_port);
	if (s->has_fwmark)
		nl_put_u32(&g->w, WGDEVICE_A_FWMARK, s->fwmark);
	if (s->replace_peers)
		nl_put_u32(&g->w, WGDEVICE_A_FLAGS, WGDEVICE_F_REPLACE_PEERS);
}

static void
put_endpoint(struct wr *w, const struct wg_endpoint *e)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6,
	    .sin6_scope_id = e->scope };
	struct sockaddr_in four = { .sin_family = AF_INET };

	be16_put((uint8_t *)&six.sin6_port, e->port);
	four.sin_port = six.sin6_port;
	if (ip_is4(e->addr)) {
		memcpy(&four.sin_addr, e->addr.b + 12, 4);
		nl_put(w, WGPEER_A_ENDPOINT, bytes_of(&four, sizeof(four)));
	} else {
		memcpy(&six.sin6_addr, e->addr.b, 16);
		nl_put(w, WGPEER_A_ENDPOINT, bytes_of(&six, sizeof(six)));
	}
}

static void
put_allowed(struct wr *w, const struct wg_allowed *a)
{
	bool four = prefix_is4(&a->prefix);
	size_t at = nl_nest(w, 0), n = four ? 4 : 16;

	nl_put_u16(w, WGALLOWEDIP_A_FAMILY, four ? AF_INET : AF_INET6);
	nl_put(w, WGALLOWEDIP_A_IPADDR, bytes_of(a->prefix.ip.b + 16 - n, n));
	nl_put_u8(w, WGALLOWEDIP_A_CIDR_MASK, a->prefix.len);
	if (a->remove)
		nl_put_u32(w, ALLOWED_A_FLAGS, ALLOWED_F_REMOVE);
	nl_nest_end(w, at);
}

/* first: not the rest of a peer that began in the message before. */
static void
put_peer_head(struct wr *w, const struct wg_peer_set *s, bool first)
{
	uint32_t flags = 0;

	nl_put(w, WGPEER_A_PUBLIC_KEY, bytes_of(s->public_key, WG_KEY));
	if (s->remove)
		flags |= WGPEER_F_REMOVE_ME;
	if (s->update_only)
		flags |= WGPEER_F_UPDATE_ONLY;
	if (first && s->replace_allowed)
		flags |= WGPEER_F_REPLACE_ALLOWEDIPS;
	if (flags)
		nl_put_u32(w, WGPEER_A_FLAGS, flags);
	if (!first)
		return;
	if (s->has_psk)
		nl_put(w, WGPEER_A_PRESHARED_KEY, bytes_of(s->psk, WG_KEY));
	if (s->has_endpoint)
		put_endpoint(w, &s->endpoint);
	if (s->has_keepalive)
		nl_put_u16(w, WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL,
		    s->keepalive);
}

/*
 * As much of the peer as fits, from its allowed ip *at on.  False, and
 * nothing written, when not even the head does.
 */
static bool
put_peer_part(struct wg_genl *g, const struct wg_peer_set *s, size_t *at)
{
	size_t peer, list, one;
	bool first = *at == 0;

	if (!g->open) {
		g->peers_at = nl_nest(&g->w, WGDEVICE_A_PEERS);
		g->open = true;
	}
	peer = nl_nest(&g->w, 0);
	put_peer_head(&g->w, s, first);
	list = nl_nest(&g->w, WGPEER_A_ALLOWEDIPS);
	if (g->w.bad) {
		nl_undo(&g->w, peer);
		return false;
	}
	for (; *at < s->n_allowed; ++*at) {
		one = wr_len(&g->w);
		put_allowed(&g->w, &s->allowed[*at]);
		if (g->w.bad) {
			nl_undo(&g->w, one);
			break;
		}
	}
	nl_nest_end(&g->w, list);
	nl_nest_end(&g->w, peer);
	g->peers++;
	return true;
}

void
wg_genl_peer(struct wg_genl *g, const struct wg_peer_set *s)
{
	size_t at = 0, before;
	bool begun = false;

	while (!g->err && (!begun || at < s->n_allowed)) {
		before = at;
		if (put_peer_part(g, s, &at)) {
			/* Not one allowed ip: what is open is too full. */
			if (begun && at == before && g->peers == 1)
				g->err = -EMSGSIZE;
			begun = true;
			if (at >= s->n_allowed)
				return;
		} else if (g->peers == 0) {
			g->err = -EMSGSIZE;
			return;
		}
		close_message(g);
		open_message(g);
	}
}

int
wg_genl_end(struct wg_genl *g)
{
	close_message(g);
	return g->err;
}

/* Room for one more in an array that grows by doubling. */
static void *
grow(void *p, size_t n, size_t *cap, size_t size)
{
	size_t want = *cap ? *cap * 2 : 16;
	void *q;

	if (n < *cap)
		return p;
	q = mem_resize(p, want, size);
	if (q)
		*cap = want;
	return q;
}

/* As grow(), for what holds keys: the old array is wiped. */
static struct wg_uapi_peer *
grow_peers(struct wg_genl_dump *g)
{
	size_t cap = g->cap_peers ? g->cap_peers * 2 : 16;
	struct wg_uapi_peer *q;

	if (g->d.n_peers < g->cap_peers)
		return g->d.peers;
	q = mem_array(cap, sizeof(*q));
	if (!q)
		return NULL;
	if (g->d.n_peers) {
		memcpy(q, g->d.peers, g->d.n_peers * sizeof(*q));
		mem_wipe(g->d.peers, g->d.n_peers * sizeof(*q));
	}
	mem_free(g->d.peers);
	g->d.peers = q;
	g->cap_peers = cap;
	return q;
}

static void
read_endpoint(struct bytes v, struct wg_endpoint *e)
{
	struct sockaddr_in four;
	struct sockaddr_in6 six;

	if (v.n == sizeof(four)) {
		memcpy(&four, v.p, sizeof(four));
		if (four.sin_family != AF_INET)
			return;
		e->addr = ip_from4((const uint8_t *)&four.sin_addr);
		e->port = be16_get((const uint8_t *)&four.sin_port);
	} else if (v.n == sizeof(six)) {
		memcpy(&six, v.p, sizeof(six));
		if (six.sin6_family != AF_INET6)
			return;
		e->addr = ip_from6((const uint8_t *)&six.sin6_addr);
		e->port = be16_get((const uint8_t *)&six.sin6_port);
		e->scope = six.sin6_scope_id;
	}
}

/* struct __kernel_timespec: seconds and nanoseconds, 64 bits each. */
static void
read_time(struct bytes v, struct wall *t)
{
	int64_t part[2];

	if (v.n != sizeof(part))
		return;
	memcpy(part, v.p, sizeof(part));
	t->s = part[0];
	t->ns = (int32_t)part[1];
}

static bool
read_allowed(struct bytes nest, struct prefix *ret)
{
	struct rd r = rd_of(nest);
	struct nl_attr a;
	struct ip ip = IP_NONE;
	uint16_t family = 0;
	uint8_t len = 0;

	while (nl_attr_next(&r, &a)) {
		if (a.type == WGALLOWEDIP_A_FAMILY)
			family = nl_attr_u16(&a, 0);
		else if (a.type == WGALLOWEDIP_A_IPADDR)
			ip = nl_attr_ip(&a);
		else if (a.type == WGALLOWEDIP_A_CIDR_MASK)
			len = nl_attr_u8(&a, UINT8_MAX);
	}
	if (r.bad || ip_is4(ip) != (family == AF_INET) ||
	    len > (family == AF_INET ? 32 : 128))
		return false;
	*ret = prefix_of(ip, len);
	return true;
}

static int
add_allowed(struct wg_genl_dump *g, struct bytes list)
{
	struct rd r = rd_of(list);
	struct nl_attr a;
	struct prefix p, *q;

	while (nl_attr_next(&r, &a)) {
		if (!read_allowed(a.v, &p))
			continue;
		q = grow(g->d.allowed, g->d.n_allowed, &g->cap_allowed,
		    sizeof(*q));
		if (!q)
			return -ENOMEM;
		g->d.allowed = q;
		q[g->d.n_allowed++] = p;
		g->d.peers[g->d.n_peers - 1].info.n_allowed++;
	}
	return r.bad ? -EPROTO : 0;
}

static int
peer_attr(struct wg_genl_dump *g, const struct nl_attr *a)
{
	struct wg_peer_info *i = &g->d.peers[g->d.n_peers - 1].info;

	switch (a->type) {
	case WGPEER_A_PRESHARED_KEY:
		if (a->v.n == WG_KEY)
			memcpy(i->psk, a->v.p, WG_KEY);
		return 0;
	case WGPEER_A_ENDPOINT:
		read_endpoint(a->v, &i->endpoint);
		return 0;
	case WGPEER_A_PERSISTENT_KEEPALIVE_INTERVAL:
		i->keepalive = nl_attr_u16(a, 0);
		return 0;
	case WGPEER_A_LAST_HANDSHAKE_TIME:
		read_time(a->v, &i->last_handshake);
		return 0;
	case WGPEER_A_RX_BYTES:
		i->rx_bytes = nl_attr_u64(a, 0);
		return 0;
	case WGPEER_A_TX_BYTES:
		i->tx_bytes = nl_attr_u64(a, 0);
		return 0;
	case WGPEER_A_ALLOWEDIPS:
		return add_allowed(g, a->v);
	default:
		return 0;
	}
}

/* The peer of the key: the one that the last message broke off, or a new. */
static int
enter_peer(struct wg_genl_dump *g, const uint8_t *key)
{
	struct wg_uapi_peer *p;

	if (g->d.n_peers && memcmp(g->d.peers[g->d.n_peers - 1]
	    .info.public_key, key, WG_KEY) == 0)
		return 0;
	if (!grow_peers(g))
		return -ENOMEM;
	p = &g->d.peers[g->d.n_peers++];
	memset(p, 0, sizeof(*p));
	memcpy(p->info.public_key, key, WG_KEY);
	p->first_allowed = g->d.n_allowed;
	return 0;
}

static int
add_peer(struct wg_genl_dump *g, struct bytes nest)
{
	struct rd r = rd_of(nest);
	const uint8_t *key = NULL;
	struct nl_attr a;
	int err;

	while (nl_attr_next(&r, &a))
		if (a.type == WGPEER_A_PUBLIC_KEY && a.v.n == WG_KEY)
			key = a.v.p;
	if (!key || r.bad)
		return -EPROTO;
	err = enter_peer(g, key);
	r = rd_of(nest);
	while (!err && nl_attr_next(&r, &a))
		err = peer_attr(g, &a);
	return err;
}

static int
device_attr(struct wg_genl_dump *g, const struct nl_attr *a)
{
	static const uint8_t none[WG_KEY];
	struct rd r;
	struct nl_attr peer;
	int err = 0;

	switch (a->type) {
	case WGDEVICE_A_PRIVATE_KEY:
		if (a->v.n == WG_KEY) {
			memcpy(g->d.private_key, a->v.p, WG_KEY);
			g->d.has_private_key =
			    memcmp(a->v.p, none, WG_KEY) != 0;
		}
		return 0;
	case WGDEVICE_A_LISTEN_PORT:
		g->d.listen_port = nl_attr_u16(a, 0);
		return 0;
	case WGDEVICE_A_FWMARK:
		g->d.fwmark = nl_attr_u32(a, 0);
		return 0;
	case WGDEVICE_A_PEERS:
		r = rd_of(a->v);
		while (!err && nl_attr_next(&r, &peer))
			err = add_peer(g, peer.v);
		return r.bad ? -EPROTO : err;
	default:
		return 0;
	}
}

int
wg_genl_dump_add(struct wg_genl_dump *g, const struct nl_msg *m)
{
	struct rd r = rd_of(m->body);
	struct nl_attr a;
	int err = 0;

	if (!rd_take(&r, sizeof(struct genlmsghdr)))
		return -EPROTO;
	while (!err && nl_attr_next(&r, &a))
		err = device_attr(g, &a);
	return r.bad ? -EPROTO : err;
}

void
wg_genl_dump_end(struct wg_genl_dump *g, struct wg_uapi_dump *ret)
{
	*ret = g->d;
	mem_wipe(g, sizeof(*g));
}

void
wg_genl_dump_done(struct wg_genl_dump *g)
{
	wg_uapi_dump_done(&g->d);
	mem_wipe(g, sizeof(*g));
}

/* SPDX-License-Identifier: ISC */
#include "wg/device_impl.h"

#include <errno.h>

#include "base/mem.h"

static uint64_t
key_hash(const struct wg_device *d, const uint8_t public_key[WG_KEY])
{
	return hash_keyed(&d->hash_key, bytes_of(public_key, WG_KEY));
}

struct wg_peer *
wg_peer_find(const struct wg_device *d, const uint8_t public_key[WG_KEY])
{
	struct wg_link *l = wg_table_first(&d->by_key,
	    key_hash(d, public_key));

	for (; l; l = wg_table_next(l)) {
		struct wg_peer *p = container_of(l, struct wg_peer, by_key);

		if (memcmp(p->noise.remote_static, public_key, WG_KEY) == 0)
			return p;
	}
	return NULL;
}

struct wg_peer *
wg_peer_new(struct wg_device *d, const uint8_t public_key[WG_KEY])
{
	struct wg_peer *p = mem_zalloc(sizeof(*p));

	if (!p)
		return NULL;
	p->dev = d;
	p->refs = 1;
	list_init(&p->staged);
	wg_allowed_owner_init(&p->allowed);
	wg_timers_init(p);
	/* In the heap for life, so that a timer never lacks memory. */
	if (!wg_cookie_init(&p->cookie, d->crypto, public_key) ||
	    !heap_set(&d->heap, &p->timer, INSTANT_NEVER)) {
		mem_free(p);
		return NULL;
	}
	wg_noise_init(&p->noise, &d->id, public_key);
	list_push_back(&d->peers, &p->link);
	wg_table_add(&d->by_key, &p->by_key, key_hash(d, public_key));
	d->n_peers++;
	return p;
}

void
wg_peer_unref(struct wg_peer *p)
{
	if (--p->refs > 0)
		return;
	wg_noise_done(&p->noise);
	mem_wipe(&p->cookie, sizeof(p->cookie));
	mem_free(p);
}

void
wg_peer_remove(struct wg_peer *p)
{
	struct wg_device *d = p->dev;

	wg_allowedips_remove_all(&d->allowed, &p->allowed);
	wg_table_remove(&d->by_key, &p->by_key);
	list_remove(&p->link);
	d->n_peers--;
	p->dead = true;
	p->keepalive = 0;
	wg_peer_stop(p);
	heap_clear(&d->heap, &p->timer);
	wg_peer_unref(p);
}

void
wg_peer_stop(struct wg_peer *p)
{
	wg_peer_purge(p);
	wg_handshake_clear(p);
	wg_keypairs_clear(p);
	wg_timers_stop(p);
}

static void
staged_free(struct wg_peer *p, struct wg_staged *s)
{
	list_remove(&s->link);
	p->n_staged--;
	p->dev->staged_bytes -= sizeof(*s) + s->len;
	mem_wipe(s->data, s->len);
	mem_free(s);
}

static struct wg_staged *
first_staged(struct wg_peer *p)
{
	return list_empty(&p->staged) ? NULL :
	    container_of(p->staged.next, struct wg_staged, link);
}

void
wg_peer_purge(struct wg_peer *p)
{
	struct wg_staged *s;

	while ((s = first_staged(p)))
		staged_free(p, s);
}

bool
wg_peer_stage(struct wg_peer *p, struct bytes packet, uint8_t ds)
{
	size_t size = sizeof(struct wg_staged) + packet.n;
	struct wg_staged *s;

	/* The oldest gives way, as in the kernel. */
	if (p->n_staged >= WG_STAGED_MAX)
		staged_free(p, first_staged(p));
	if (p->dev->staged_bytes + size > WG_STAGED_BYTES)
		return false;
	s = mem_alloc(size);
	if (!s)
		return false;
	s->len = (uint32_t)packet.n;
	s->ds = ds;
	if (packet.n)
		memcpy(s->data, packet.p, packet.n);
	list_push_back(&p->staged, &s->link);
	p->n_staged++;
	p->dev->staged_bytes += size;
	return true;
}

/* Seals one packet into the queue of the device, in its own lane. */
static void
send_now(struct wg_peer *p, const struct wg_now *now,
    const struct wg_staged *s)
{
	struct wg_keypair *k = p->current;
	size_t padded = wg_padded(s->len, p->dev->o.mtu);
	size_t len = padded + WG_KEEPALIVE_LEN;
	uint64_t counter = k->counter++;
	uint8_t *out = wg_out_datagram(p->dev, &p->endpoint, s->ds, len);

	if (!out)
		return;
	wg_transport_encode(out, k->remote, counter);
	memcpy(out + WG_TRANSPORT_HEADER, s->data, s->len);
	memset(out + WG_TRANSPORT_HEADER + s->len, 0, padded - s->len);
	if (!crypto_aead_seal(k->send, 0, counter, out + WG_TRANSPORT_HEADER,
	    padded)) {
		wg_out_undo(p->dev);
		return;
	}
	wg_data_sent(p, now, len);
}

void
wg_peer_send_staged(struct wg_peer *p, const struct wg_now *now)
{
	struct wg_staged *s;

	while ((s = first_staged(p))) {
		if (!wg_keypair_may_send(p->current, now)) {
			wg_handshake_initiate(p, now, false);
			return;
		}
		send_now(p, now, s);
		staged_free(p, s);
	}
}

void
wg_peer_send_keepalive(struct wg_peer *p, const struct wg_now *now)
{
	if (!wg_endpoint_known(&p->endpoint))
		return;
	if (list_empty(&p->staged))
		(void)wg_peer_stage(p, bytes_of(NULL, 0), 0);
	wg_peer_send_staged(p, now);
}

size_t
wg_device_n_peers(const struct wg_device *d)
{
	return d->n_peers;
}

const struct wg_peer *
wg_device_next_peer(const struct wg_device *d, const struct wg_peer *p)
{
	const struct list *l = p ? p->link.next : d->peers.next;

	return l == &d->peers ? NULL : container_of(l, struct wg_peer, link);
}

const struct wg_peer *
wg_device_find_peer(const struct wg_device *d,
    const uint8_t public_key[WG_KEY])
{
	return wg_peer_find(d, public_key);
}

void
wg_peer_info(const struct wg_peer *p, struct wg_peer_info *ret)
{
	*ret = (struct wg_peer_info){ .endpoint = p->endpoint,
	    .keepalive = p->keepalive, .last_handshake = p->last_handshake,
	    .rx_bytes = p->rx_bytes, .tx_bytes = p->tx_bytes,
	    .n_allowed = p->allowed.n };
	memcpy(ret->public_key, p->noise.remote_static, WG_KEY);
	memcpy(ret->psk, p->noise.psk, WG_KEY);
}

void
wg_peer_each_allowed(const struct wg_peer *p,
    void (*fn)(void *arg, const struct prefix *prefix), void *arg)
{
	wg_allowed_owner_each(&p->allowed, fn, arg);
}

static int
check_set(const struct wg_peer_set *s)
{
	for (size_t i = 0; i < s->n_allowed; i++) {
		const struct prefix *p = &s->allowed[i].prefix;

		if ((p->kind != NET_IP4 && p->kind != NET_IP6) ||
		    p->len > prefix_bits(p))
			return -EINVAL;
	}
	return 0;
}

static int
set_allowed(struct wg_peer *p, const struct wg_peer_set *s)
{
	struct wg_allowedips *t = &p->dev->allowed;

	if (s->replace_allowed)
		wg_allowedips_remove_all(t, &p->allowed);
	for (size_t i = 0; i < s->n_allowed; i++) {
		const struct wg_allowed *a = &s->allowed[i];

		if (a->remove)
			(void)wg_allowedips_remove(t, &a->prefix,
			    &p->allowed);
		else if (!wg_allowedips_insert(t, &a->prefix, &p->allowed))
			return -ENOMEM;
	}
	return 0;
}

/* Endpoint and keepalive; true when a keepalive is to go out at once. */
static bool
set_endpoint(struct wg_peer *p, const struct wg_peer_set *s)
{
	bool was_known = wg_endpoint_known(&p->endpoint);
	uint16_t was = p->keepalive;

	if (s->has_endpoint)
		p->endpoint = s->endpoint;
	if (s->has_keepalive)
		p->keepalive = s->keepalive;
	return p->keepalive && (!was || !was_known);
}

int
wg_device_set_peer(struct wg_device *d, struct wg_now now,
    const struct wg_peer_set *set)
{
	struct wg_peer *p = wg_peer_find(d, set->public_key);
	int err = check_set(set);
	bool keepalive;

	if (err)
		return err;
	if (set->remove) {
		if (p)
			wg_peer_remove(p);
		return 0;
	}
	if (!p) {
		if (set->update_only || (d->id.set && memcmp(set->public_key,
		    d->id.public_key, WG_KEY) == 0))
			return 0;
		if (d->n_peers >= WG_PEERS_MAX)
			return -ENOSPC;
		p = wg_peer_new(d, set->public_key);
		if (!p)
			return -ENOMEM;
	}
	if (set->has_psk)
		memcpy(p->noise.psk, set->psk, WG_KEY);
	keepalive = set_endpoint(p, set);
	err = set_allowed(p, set);
	if (!d->up)
		return err;
	if (keepalive)
		wg_peer_send_keepalive(p, &now);
	wg_peer_send_staged(p, &now);
	return err;
}

void
wg_device_remove_peers(struct wg_device *d)
{
	LIST_EACH_SAFE(p, &d->peers, struct wg_peer, link)
		wg_peer_remove(p);
}

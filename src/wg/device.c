/* SPDX-License-Identifier: ISC */
#include "wg/device_impl.h"

#include <assert.h>
#include <errno.h>

#include "base/mem.h"

void
wg_device_random(struct wg_device *d, void *p, size_t n)
{
	d->o.random(d->o.arg, p, n);
}

/* Uniform enough for jitter. */
uint32_t
wg_device_random32(struct wg_device *d, uint32_t below)
{
	uint64_t x;

	wg_device_random(d, &x, sizeof(x));
	return (uint32_t)(x % below);
}

struct wg_device *
wg_device_new(const struct wg_device_options *o)
{
	struct wg_device *d = mem_zalloc(sizeof(*d));

	if (!d)
		return NULL;
	assert(o->lanes <= WG_LANES_MAX);
	d->o = *o;
	d->o.lanes = o->lanes ? o->lanes : 1;
	d->o.load = o->load ? o->load : WG_DEFAULT_LOAD;
	wg_device_set_mtu(d, o->mtu);
	d->checker.secret_until = d->loaded_until =
	    (struct instant){ .ns = INT64_MIN };
	wg_table_init(&d->by_key);
	wg_table_init(&d->by_index);
	wg_allowedips_init(&d->allowed);
	list_init(&d->peers);
	heap_init(&d->heap);
	wg_device_random(d, &d->hash_key, sizeof(d->hash_key));
	d->crypto = crypto_new();
	return d->crypto ? d : wg_device_free(d);
}

struct wg_device *
wg_device_free(struct wg_device *d)
{
	if (!d)
		return NULL;
	wg_device_remove_peers(d);
	wg_out_done(d);
	wg_ratelimit_free(d->ratelimit);
	wg_allowedips_done(&d->allowed);
	wg_table_done(&d->by_key);
	wg_table_done(&d->by_index);
	heap_done(&d->heap);
	crypto_free(d->crypto);
	mem_wipe(d, sizeof(*d));
	mem_free(d);
	return NULL;
}

void
wg_device_up(struct wg_device *d, struct wg_now now)
{
	if (d->up)
		return;
	d->up = true;
	LIST_EACH(p, &d->peers, struct wg_peer, link)
		if (p->keepalive)
			wg_peer_send_keepalive(p, &now);
}

void
wg_device_down(struct wg_device *d)
{
	d->up = false;
	LIST_EACH(p, &d->peers, struct wg_peer, link)
		wg_peer_stop(p);
}

bool
wg_device_is_up(const struct wg_device *d)
{
	return d->up;
}

void
wg_device_set_mtu(struct wg_device *d, unsigned mtu)
{
	d->o.mtu = mtu ? mtu : WG_DEFAULT_MTU;
}

void
wg_device_tick(struct wg_device *d, struct wg_now now)
{
	while (instant_due(heap_deadline(&d->heap), now.at)) {
		struct timer *t = heap_first(&d->heap);

		wg_timers_run(container_of(t, struct wg_peer, timer), &now);
	}
}

struct instant
wg_device_deadline(const struct wg_device *d)
{
	return heap_deadline(&d->heap);
}

/* Sessions made with the old key end; the kernel goes on receiving in them. */
static void
expire(struct wg_peer *p)
{
	wg_handshake_clear(p);
	if (p->next)
		p->next->may_send = false;
	if (p->current)
		p->current->may_send = false;
	p->hold_initiation = (struct instant){ .ns = INT64_MIN };
}

int
wg_device_set_private_key(struct wg_device *d, struct wg_now now,
    const uint8_t key[WG_KEY])
{
	struct wg_identity id = { 0 };
	struct wg_peer *self;
	bool ok = true;

	(void)now;
	wg_identity_set(&id, key);
	if (id.set == d->id.set &&
	    crypto_equal(id.private_key, d->id.private_key, WG_KEY))
		goto out;
	if (id.set)
		ok = wg_checker_set_key(&d->checker, d->crypto,
		    id.public_key);
	if (!ok)
		goto out;
	d->id = id;
	self = id.set ? wg_peer_find(d, id.public_key) : NULL;
	if (self)
		wg_peer_remove(self);
	LIST_EACH(p, &d->peers, struct wg_peer, link) {
		expire(p);
		wg_noise_rekey(&p->noise, &d->id);
	}
out:
	mem_wipe(&id, sizeof(id));
	return ok ? 0 : -ENOMEM;
}

bool
wg_device_private_key(const struct wg_device *d, uint8_t ret[WG_KEY])
{
	memcpy(ret, d->id.private_key, WG_KEY);
	return d->id.set;
}

bool
wg_device_public_key(const struct wg_device *d, uint8_t ret[WG_KEY])
{
	memcpy(ret, d->id.public_key, WG_KEY);
	return d->id.set;
}

uint64_t
wg_device_dropped(const struct wg_device *d, enum wg_why why)
{
	return (unsigned)why <= WG_WHY_DOWN ? d->dropped[why] : 0;
}

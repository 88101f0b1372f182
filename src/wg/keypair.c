/* SPDX-License-Identifier: ISC */
/*
 * Sessions.  A peer has up to three: the one that it sends in, the one
 * before it, for packets still on their way, and the next, which it has
 * answered as responder but not yet seen used, so that the other end may
 * not have it (section 6.3 of the paper).
 */
#include "wg/device_impl.h"

#include "base/mem.h"

uint32_t
wg_index_unused(struct wg_device *d)
{
	uint32_t number;

	do
		wg_device_random(d, &number, sizeof(number));
	while (wg_index_find(d, number));
	return number;
}

void
wg_index_put(struct wg_device *d, struct wg_index *i,
    enum wg_index_kind kind, uint32_t number)
{
	wg_index_remove(d, i);
	i->number = number;
	i->kind = kind;
	/* Random already, and ours: its own hash. */
	wg_table_add(&d->by_index, &i->link, number);
}

void
wg_index_remove(struct wg_device *d, struct wg_index *i)
{
	wg_table_remove(&d->by_index, &i->link);
	i->kind = WG_INDEX_NONE;
}

struct wg_index *
wg_index_find(const struct wg_device *d, uint32_t number)
{
	struct wg_link *l = wg_table_first(&d->by_index, number);

	return l ? container_of(l, struct wg_index, link) : NULL;
}

static void
keypair_free(struct wg_keypair *k)
{
	struct wg_peer *p = k->peer;

	wg_index_remove(p->dev, &k->index);
	crypto_aead_free(k->send);
	crypto_aead_free(k->recv);
	mem_wipe(k, sizeof(*k));
	mem_free(k);
	wg_peer_unref(p);
}

struct wg_keypair *
wg_keypair_new(struct wg_peer *p, const struct wg_noise_keys *keys,
    bool initiator, uint32_t remote, const struct wg_now *now)
{
	struct wg_device *d = p->dev;
	struct wg_keypair *k = mem_zalloc(sizeof(*k));

	if (!k)
		return NULL;
	k->refs = 1;
	k->peer = p;
	p->refs++;
	k->send = crypto_aead_new(d->crypto, keys->send, d->o.lanes);
	k->recv = crypto_aead_new(d->crypto, keys->recv, d->o.lanes);
	if (!k->send || !k->recv) {
		keypair_free(k);
		return NULL;
	}
	k->remote = remote;
	k->initiator = initiator;
	k->may_send = true;
	k->born = now->at;
	return k;
}

void
wg_keypair_unref(struct wg_keypair *k)
{
	if (--k->refs == 0)
		keypair_free(k);
}

/* Takes one out of its slot: no packet finds it any more. */
static void
retire(struct wg_peer *p, struct wg_keypair **slot)
{
	struct wg_keypair *k = *slot;

	*slot = NULL;
	if (!k)
		return;
	wg_index_remove(p->dev, &k->index);
	wg_keypair_unref(k);
}

void
wg_keypair_install(struct wg_peer *p, struct wg_keypair *k)
{
	if (!k->initiator) {
		retire(p, &p->next);
		p->next = k;
		retire(p, &p->previous);
		return;
	}
	retire(p, &p->previous);
	if (p->next) {
		/* Answered, and perhaps used by the other end already. */
		p->previous = p->next;
		p->next = NULL;
		retire(p, &p->current);
	} else {
		p->previous = p->current;
	}
	p->current = k;
}

bool
wg_keypair_received(struct wg_peer *p, struct wg_keypair *k)
{
	if (k != p->next)
		return false;
	retire(p, &p->previous);
	p->previous = p->current;
	p->current = k;
	p->next = NULL;
	return true;
}

void
wg_keypairs_clear(struct wg_peer *p)
{
	retire(p, &p->next);
	retire(p, &p->previous);
	retire(p, &p->current);
}

bool
wg_keypair_may_send(const struct wg_keypair *k, const struct wg_now *now)
{
	return k && k->may_send && k->counter < WG_REJECT_AFTER_MESSAGES &&
	    instant_sub(now->at, k->born) < REJECT_AFTER_TIME;
}

bool
wg_keypair_may_receive(const struct wg_keypair *k, const struct wg_now *now)
{
	return k->replay.next < WG_REJECT_AFTER_MESSAGES &&
	    instant_sub(now->at, k->born) < REJECT_AFTER_TIME;
}

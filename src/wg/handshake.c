/* SPDX-License-Identifier: ISC */
/*
 * Handshake messages, in and out: macs and load first, then Noise, then what
 * it means for the peer.
 */
#include "wg/device_impl.h"

#include "base/mem.h"

/* Macs, counters and timers of an initiation or a response; then away. */
static void
send_handshake(struct wg_peer *p, const struct wg_now *now, uint8_t *msg,
    size_t n)
{
	struct wg_device *d = p->dev;
	uint8_t *out;

	if (!wg_cookie_add_macs(&p->cookie, d->crypto, now->at, msg, n))
		return;
	wg_timers_any_sent(p, now);
	if (!wg_endpoint_known(&p->endpoint))
		return;
	out = wg_out_datagram(d, &p->endpoint, WG_DS_HANDSHAKE, n);
	if (!out)
		return;
	memcpy(out, msg, n);
	p->tx_bytes += n;
}

void
wg_handshake_clear(struct wg_peer *p)
{
	wg_noise_clear(&p->noise);
	wg_index_remove(p->dev, &p->pending);
}

void
wg_handshake_initiate(struct wg_peer *p, const struct wg_now *now,
    bool retry)
{
	struct wg_device *d = p->dev;
	uint8_t ephemeral[WG_KEY], stamp[WG_TIMESTAMP_LEN];
	uint8_t msg[WG_INITIATION_LEN];
	struct wg_initiation m;
	bool ok;

	if (!retry)
		p->trying_since = now->at;
	if (!d->up || !d->id.set || !wg_endpoint_known(&p->endpoint))
		return;
	if (!instant_due(p->hold_initiation, now->at)) {
		wg_timers_initiation_held(p);
		return;
	}
	p->hold_initiation = instant_add(now->at, REKEY_TIMEOUT);
	wg_index_put(d, &p->pending, WG_INDEX_HANDSHAKE, wg_index_unused(d));
	wg_device_random(d, ephemeral, sizeof(ephemeral));
	wg_tai64n(stamp, now->date);
	ok = wg_noise_initiate(&p->noise, d->crypto, &d->id, ephemeral,
	    stamp, p->pending.number, &m);
	mem_wipe(ephemeral, sizeof(ephemeral));
	if (!ok) {
		wg_handshake_clear(p);
		return;
	}
	wg_initiation_encode(msg, &m);
	send_handshake(p, now, msg, sizeof(msg));
	wg_timers_initiated(p, now);
}

/* No session since we were started, and none is being tried for. */
static bool
is_strange(const struct wg_peer *p, const struct wg_now *now)
{
	return p->last_handshake.s == 0 && !p->next &&
	    instant_is_never(p->due[WG_TIMER_RETRANSMIT]) &&
	    instant_due(p->hold_initiation, now->at);
}

/*
 * Where it comes from is a peer with whom we never had a session: we were
 * started anew, and it goes on in one that is gone.  Its own timers would
 * find out after 15 s, or not before 120 s if it has only keepalives to say;
 * so we call it.  Who forges that address gets us to call somebody whom we
 * would call at the first packet, every 5 s at most.  The search is rationed
 * to about 1 % of the time, however much of it comes.
 */
void
wg_handshake_lost_session(struct wg_device *d, const struct wg_now *now,
    const struct wg_endpoint *from)
{
	if (!instant_due(d->hold_lost, now->at))
		return;
	d->hold_lost = instant_add(now->at,
	    (int64_t)d->n_peers * LOST_SPACING);
	LIST_EACH(p, &d->peers, struct wg_peer, link) {
		if (!wg_endpoint_eq(&p->endpoint, from) || !is_strange(p, now))
			continue;
		wg_handshake_initiate(p, now, false);
		return;
	}
}

static void
received(struct wg_peer *p, const struct wg_now *now, size_t n,
    const struct wg_endpoint *from)
{
	wg_data_endpoint(p, from);
	p->rx_bytes += n;
	wg_timers_any_received(p, now);
}

/* Answers an initiation that is known to be the peer's. */
static enum wg_why
respond(struct wg_peer *p, const struct wg_now *now,
    struct wg_noise_opening *o, uint32_t receiver)
{
	struct wg_device *d = p->dev;
	uint8_t ephemeral[WG_KEY], msg[WG_RESPONSE_LEN];
	struct wg_keypair *k = NULL;
	struct wg_noise_keys keys;
	struct wg_response m;
	uint32_t number = wg_index_unused(d);

	wg_device_random(d, ephemeral, sizeof(ephemeral));
	if (wg_noise_respond(&p->noise, d->crypto, o, ephemeral,
	    number, receiver, &m, &keys))
		k = wg_keypair_new(p, &keys, false, receiver, now);
	mem_wipe(ephemeral, sizeof(ephemeral));
	mem_wipe(&keys, sizeof(keys));
	if (!k)
		return WG_WHY_BUSY;
	wg_index_put(d, &k->index, WG_INDEX_KEYPAIR, number);
	wg_keypair_install(p, k);
	p->hold_initiation = instant_add(now->at, REKEY_TIMEOUT);
	wg_response_encode(msg, &m);
	send_handshake(p, now, msg, sizeof(msg));
	wg_timers_session_derived(p, now);
	return WG_WHY_HANDSHAKE;
}

static enum wg_why
receive_initiation(struct wg_device *d, const struct wg_now *now,
    struct bytes msg, const struct wg_endpoint *from)
{
	enum wg_why why = WG_WHY_FORGED;
	struct wg_noise_opening o;
	struct wg_initiation m;
	struct wg_peer *p;

	if (!wg_initiation_decode(&m, msg))
		return WG_WHY_MALFORMED;
	if (!wg_noise_open(&o, d->crypto, &d->id, &m))
		return WG_WHY_FORGED;
	p = wg_peer_find(d, o.remote_static);
	if (p && wg_noise_accept(&p->noise, d->crypto, &o, &m)) {
		if (!instant_due(p->hold_opening, now->at)) {
			why = WG_WHY_BUSY;
		} else {
			p->hold_opening =
			    instant_add(now->at, INITIATION_SPACING);
			received(p, now, msg.n, from);
			why = respond(p, now, &o, m.sender);
		}
	}
	wg_noise_opening_wipe(&o);
	return why;
}

static enum wg_why
receive_response(struct wg_device *d, const struct wg_now *now,
    struct bytes msg, const struct wg_endpoint *from)
{
	struct wg_noise_keys keys;
	struct wg_response m;
	struct wg_index *i;
	struct wg_keypair *k;
	struct wg_peer *p;
	uint32_t number;

	if (!wg_response_decode(&m, msg))
		return WG_WHY_MALFORMED;
	i = wg_index_find(d, m.receiver);
	if (!i || i->kind != WG_INDEX_HANDSHAKE)
		return WG_WHY_UNKNOWN_INDEX;
	p = container_of(i, struct wg_peer, pending);
	if (!wg_noise_finish(&p->noise, d->crypto, &d->id, &m, &keys))
		return WG_WHY_FORGED;
	number = i->number;
	wg_handshake_clear(p);
	k = wg_keypair_new(p, &keys, true, m.sender, now);
	mem_wipe(&keys, sizeof(keys));
	if (!k)
		return WG_WHY_BUSY;
	wg_index_put(d, &k->index, WG_INDEX_KEYPAIR, number);
	wg_keypair_install(p, k);
	received(p, now, msg.n, from);
	wg_timers_session_derived(p, now);
	wg_timers_handshake_complete(p, now);
	/* The other end may not use the session before we did. */
	wg_peer_send_keepalive(p, now);
	return WG_WHY_HANDSHAKE;
}

static enum wg_why
receive_cookie(struct wg_device *d, const struct wg_now *now,
    struct bytes msg)
{
	struct wg_cookie_reply m;
	struct wg_index *i;
	struct wg_peer *p;

	if (!wg_cookie_reply_decode(&m, msg))
		return WG_WHY_MALFORMED;
	i = wg_index_find(d, m.receiver);
	if (!i)
		return WG_WHY_UNKNOWN_INDEX;
	p = i->kind == WG_INDEX_HANDSHAKE ?
	    container_of(i, struct wg_peer, pending) :
	    container_of(i, struct wg_keypair, index)->peer;
	return wg_cookie_take(&p->cookie, now->at, &m) ? WG_WHY_HANDSHAKE :
	    WG_WHY_FORGED;
}

/* Counts one more; under load, and for a second after, true. */
static bool
under_load(struct wg_device *d, const struct wg_now *now)
{
	if (instant_sub(now->at, d->load_since) >= SECONDS(1)) {
		d->load_since = now->at;
		d->load = 0;
	}
	if (++d->load > d->o.load)
		d->loaded_until = instant_add(now->at, SECONDS(1));
	return !instant_due(d->loaded_until, now->at);
}

void
wg_device_under_load(struct wg_device *d, struct wg_now now)
{
	d->loaded_until = instant_add(now.at, SECONDS(1));
}

static void
refresh_secret(struct wg_device *d, const struct wg_now *now)
{
	uint8_t secret[CRYPTO_KEY];

	if (!wg_checker_stale(&d->checker, now->at))
		return;
	wg_device_random(d, secret, sizeof(secret));
	wg_checker_set_secret(&d->checker, now->at, secret);
	mem_wipe(secret, sizeof(secret));
}

static void
send_cookie(struct wg_device *d, struct bytes msg,
    const struct wg_endpoint *from)
{
	uint8_t nonce[CRYPTO_XNONCE], *out;
	struct wg_cookie_reply m;

	wg_device_random(d, nonce, sizeof(nonce));
	if (!wg_checker_reply(&d->checker, d->crypto, msg, from, nonce, &m))
		return;
	out = wg_out_datagram(d, from, 0, WG_COOKIE_LEN);
	if (out)
		wg_cookie_reply_encode(out, &m);
}

/* May this message have its expensive part?  Else why not. */
static enum wg_why
check_macs(struct wg_device *d, const struct wg_now *now, struct bytes msg,
    const struct wg_endpoint *from)
{
	bool load = under_load(d, now);
	enum wg_macs macs;

	if (load)
		refresh_secret(d, now);
	macs = wg_checker_check(&d->checker, d->crypto, msg, from, load);
	if (macs == WG_MACS_BAD)
		return WG_WHY_FORGED;
	if (!load)
		return WG_WHY_NONE;
	if (macs == WG_MACS_1) {
		send_cookie(d, msg, from);
		return WG_WHY_HANDSHAKE;
	}
	if (!d->ratelimit)
		d->ratelimit = wg_ratelimit_new(&d->hash_key);
	return d->ratelimit &&
	    wg_ratelimit_allow(d->ratelimit, now->at, from->addr) ?
	    WG_WHY_NONE : WG_WHY_BUSY;
}

enum wg_why
wg_handshake_receive(struct wg_device *d, const struct wg_now *now,
    struct bytes msg, const struct wg_endpoint *from)
{
	enum wg_msg_type type = wg_msg_type(msg);
	enum wg_why why;

	if (!d->id.set)
		return WG_WHY_DOWN;
	if (type == WG_MSG_COOKIE)
		return receive_cookie(d, now, msg);
	why = check_macs(d, now, msg, from);
	if (why)
		return why;
	return type == WG_MSG_INITIATION ?
	    receive_initiation(d, now, msg, from) :
	    receive_response(d, now, msg, from);
}

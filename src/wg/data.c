/* SPDX-License-Identifier: ISC */
/*
 * The three stages of a packet's way, each a plain loop over a batch.
 */
#include "wg/device_impl.h"

#include "wg/icmp.h"

#define ICMP_COST	(SECONDS(1) / 250)	/* 250 a second, 50 at once */
#define ICMP_FULL	(ICMP_COST * 50)

enum {
	ECN_MASK = 3, ECN_ECT0 = 2, ECN_CE = 3,
	HEADER4 = 20, HEADER6 = 40
};

size_t
wg_padded(size_t len, unsigned mtu)
{
	size_t last = len > mtu ? len % mtu : len;
	size_t padded = (last + 15) & ~(size_t)15;

	/* Not past the MTU; what is longer is a row of packets in one. */
	return len - last + (padded < mtu ? padded : mtu);
}

static bool
is_ip(const uint8_t *p, size_t n, unsigned version)
{
	return n >= (version == 4 ? HEADER4 : HEADER6) &&
	    p[0] >> 4 == version;
}

static uint8_t
inner_ds(const uint8_t *p)
{
	return p[0] >> 4 == 4 ? p[1] : (uint8_t)(p[0] << 4 | p[1] >> 4);
}

/*
 * Outer ECN as the kernel's full-functionality option (RFC 3168, 9.1.1):
 * the inner one, but ECT(0) for CE, whose mark stays inside.  No DSCP: it
 * would tell who is talking.
 */
static uint8_t
encapsulated_ds(const uint8_t *p)
{
	uint8_t ecn = inner_ds(p) & ECN_MASK;

	return ecn == ECN_CE ? ECN_ECT0 : ecn;
}

/* A mark on the way goes on inside (RFC 6040, 4.2), if ECN is spoken there. */
static void
set_ce(uint8_t *p)
{
	uint32_t sum;

	if ((inner_ds(p) & ECN_MASK) == 0)
		return;
	if (p[0] >> 4 == 6) {
		p[1] |= ECN_CE << 4;
		return;
	}
	/* RFC 1624: HC' = ~(~HC + ~m + m') */
	sum = (uint16_t)~be16_get(p + 10) + (uint16_t)~be16_get(p);
	p[1] |= ECN_CE;
	sum += be16_get(p);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	be16_put(p + 10, (uint16_t)~sum);
}

static void
done(struct wg_device *d, struct wg_packet *k, enum wg_why why)
{
	k->step = WG_DONE;
	k->why = (uint8_t)why;
	d->dropped[why]++;
}

static bool
icmp_allowed(struct wg_device *d, const struct wg_now *now)
{
	d->icmp_tokens += instant_sub(now->at, d->icmp_last);
	if (d->icmp_tokens > ICMP_FULL)
		d->icmp_tokens = ICMP_FULL;
	d->icmp_last = now->at;
	if (d->icmp_tokens < ICMP_COST)
		return false;
	d->icmp_tokens -= ICMP_COST;
	return true;
}

/* A TUN takes no errno: tell the sender as a router would. */
static void
unreachable(struct wg_device *d, const struct wg_now *now,
    struct wg_packet *k, const struct wg_peer *p)
{
	uint8_t buf[WG_ICMP_MAX];
	size_t n;

	done(d, k, p ? WG_WHY_NO_ENDPOINT : WG_WHY_NO_PEER);
	if (!icmp_allowed(d, now))
		return;
	n = wg_icmp_unreachable(buf, bytes_of(k->data, k->len));
	if (n)
		wg_out_packet(d, bytes_of(buf, n));
	wg_out_event(d, p ? WG_EVENT_NO_ENDPOINT : WG_EVENT_NO_PEER, p,
	    k->data[0] >> 4 == 4 ? ip_from4(k->data + 16) :
	    ip_from6(k->data + 24));
}

static struct wg_peer *
owner_of(const struct wg_device *d, const uint8_t *p, bool source)
{
	struct wg_allowed_owner *o = p[0] >> 4 == 4 ?
	    wg_allowedips_lookup4(&d->allowed, p + (source ? 12 : 16)) :
	    wg_allowedips_lookup6(&d->allowed, p + (source ? 8 : 24));

	return o ? container_of(o, struct wg_peer, allowed) : NULL;
}

static void
pin(struct wg_packet *k, struct wg_keypair *keypair, uint64_t counter,
    enum wg_step step)
{
	keypair->refs++;
	k->keypair = keypair;
	k->peer = keypair->peer;
	k->counter = counter;
	k->step = (uint8_t)step;
	k->crypt_ok = false;
}

static void
outbound(struct wg_device *d, const struct wg_now *now, struct wg_packet *k)
{
	struct wg_peer *p;
	size_t padded;

	if (!d->up) {
		done(d, k, WG_WHY_DOWN);
		return;
	}
	if (!is_ip(k->data, k->len, 4) && !is_ip(k->data, k->len, 6)) {
		done(d, k, WG_WHY_MALFORMED);
		return;
	}
	p = owner_of(d, k->data, false);
	if (!p || !wg_endpoint_known(&p->endpoint)) {
		unreachable(d, now, k, p);
		return;
	}
	k->ds = encapsulated_ds(k->data);
	/* What waits already goes first. */
	if (!list_empty(&p->staged) || !wg_keypair_may_send(p->current, now)) {
		done(d, k, wg_peer_stage(p, bytes_of(k->data, k->len), k->ds)
		    ? WG_WHY_STAGED : WG_WHY_BUSY);
		wg_peer_send_staged(p, now);
		return;
	}
	padded = wg_padded(k->len, d->o.mtu);
	memset(k->data + k->len, 0, padded - k->len);
	k->len = (uint32_t)padded;
	pin(k, p->current, p->current->counter++, WG_SEAL);
}

void
wg_device_outbound(struct wg_device *d, struct wg_now now,
    struct wg_packet *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		outbound(d, &now, v[i]);
}

static void
inbound(struct wg_device *d, const struct wg_now *now, struct wg_packet *k)
{
	struct bytes msg = bytes_of(k->data, k->len);
	struct wg_keypair *keypair;
	struct wg_index *i;

	if (!d->up) {
		done(d, k, WG_WHY_DOWN);
		return;
	}
	switch (wg_msg_type(msg)) {
	case WG_MSG_NONE:
		done(d, k, WG_WHY_MALFORMED);
		return;
	case WG_MSG_INITIATION: case WG_MSG_RESPONSE: case WG_MSG_COOKIE:
		done(d, k, wg_handshake_receive(d, now, msg, &k->endpoint));
		return;
	case WG_MSG_TRANSPORT:
		break;
	}
	i = wg_index_find(d, wg_transport_receiver(k->data));
	if (!i || i->kind != WG_INDEX_KEYPAIR) {
		wg_handshake_lost_session(d, now, &k->endpoint);
		done(d, k, WG_WHY_UNKNOWN_INDEX);
		return;
	}
	keypair = container_of(i, struct wg_keypair, index);
	if (!wg_keypair_may_receive(keypair, now)) {
		done(d, k, WG_WHY_EXPIRED);
		return;
	}
	pin(k, keypair, wg_transport_counter(k->data), WG_OPEN);
}

void
wg_device_inbound(struct wg_device *d, struct wg_now now,
    struct wg_packet *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		inbound(d, &now, v[i]);
}

static void
seal(struct wg_packet *k, unsigned lane)
{
	wg_transport_encode(k->data - WG_TRANSPORT_HEADER,
	    k->keypair->remote, k->counter);
	k->crypt_ok = crypto_aead_seal(k->keypair->send, lane, k->counter,
	    k->data, k->len);
	if (!k->crypt_ok)
		return;
	k->data -= WG_TRANSPORT_HEADER;
	k->len += WG_KEEPALIVE_LEN;
}

static void
open(struct wg_packet *k, unsigned lane)
{
	k->crypt_ok = crypto_aead_open(k->keypair->recv, lane, k->counter,
	    k->data + WG_TRANSPORT_HEADER, k->len - WG_TRANSPORT_HEADER);
	if (!k->crypt_ok)
		return;
	k->data += WG_TRANSPORT_HEADER;
	k->len -= WG_KEEPALIVE_LEN;
}

void
wg_packets_crypt(struct wg_packet *const *v, size_t n, unsigned lane)
{
	for (size_t i = 0; i < n; i++) {
		if (v[i]->step == WG_SEAL)
			seal(v[i], lane);
		else if (v[i]->step == WG_OPEN)
			open(v[i], lane);
	}
}

/* The session is near its end, by messages or by time (section 6.2). */
static void
keep_fresh_sending(struct wg_peer *p, const struct wg_now *now)
{
	const struct wg_keypair *k = p->current;

	if (k && k->may_send && (k->counter > WG_REKEY_AFTER_MESSAGES ||
	    (k->initiator &&
	    instant_sub(now->at, k->born) >= REKEY_AFTER_TIME)))
		wg_handshake_initiate(p, now, false);
}

/* In time for a passive keepalive to still find a session. */
static void
keep_fresh_receiving(struct wg_peer *p, const struct wg_now *now)
{
	const struct wg_keypair *k = p->current;

	if (p->lastminute || !k || !k->initiator ||
	    instant_sub(now->at, k->born) <
	    REJECT_AFTER_TIME - KEEPALIVE_TIMEOUT - REKEY_TIMEOUT)
		return;
	p->lastminute = true;
	wg_handshake_initiate(p, now, false);
}

void
wg_data_sent(struct wg_peer *p, const struct wg_now *now, size_t len)
{
	p->tx_bytes += len;
	wg_timers_any_sent(p, now);
	if (len != WG_KEEPALIVE_LEN)
		wg_timers_data_sent(p, now);
	keep_fresh_sending(p, now);
}

void
wg_data_endpoint(struct wg_peer *p, const struct wg_endpoint *from)
{
	bool moved = !wg_endpoint_eq(&p->endpoint, from);

	p->endpoint = *from;
	if (moved)
		wg_out_event(p->dev, WG_EVENT_ROAMED, p, IP_NONE);
}

/* The packet's own length, 0 if it is none or longer than what came. */
static size_t
inner_len(const uint8_t *p, size_t n)
{
	size_t len = 0;

	if (is_ip(p, n, 4))
		len = be16_get(p + 2);
	else if (is_ip(p, n, 6))
		len = HEADER6 + (size_t)be16_get(p + 4);
	return len >= HEADER4 && len <= n ? len : 0;
}

static void
deliver(struct wg_device *d, struct wg_packet *k, const struct wg_peer *p)
{
	size_t len = inner_len(k->data, k->len);

	if (len == 0) {
		done(d, k, WG_WHY_MALFORMED);
	} else if (owner_of(d, k->data, true) != p) {
		done(d, k, WG_WHY_SOURCE);
	} else {
		if ((k->ds & ECN_MASK) == ECN_CE)
			set_ce(k->data);
		k->len = (uint32_t)len;
		k->step = WG_DELIVER;
	}
}

static void
commit_opened(struct wg_device *d, const struct wg_now *now,
    struct wg_packet *k)
{
	struct wg_peer *p = k->keypair->peer;

	if (!wg_replay_accept(&k->keypair->replay, k->counter)) {
		done(d, k, WG_WHY_REPLAYED);
		return;
	}
	wg_data_endpoint(p, &k->endpoint);
	if (wg_keypair_received(p, k->keypair)) {
		wg_timers_handshake_complete(p, now);
		wg_peer_send_staged(p, now);
	}
	keep_fresh_receiving(p, now);
	wg_timers_any_received(p, now);
	p->rx_bytes += k->len + WG_KEEPALIVE_LEN;
	if (k->len == 0) {
		done(d, k, WG_WHY_KEEPALIVE);
		return;
	}
	wg_timers_data_received(p, now);
	deliver(d, k, p);
}

static void
commit_sealed(struct wg_packet *k, const struct wg_now *now)
{
	struct wg_peer *p = k->keypair->peer;

	k->endpoint = p->endpoint;
	k->step = WG_SEND;
	wg_data_sent(p, now, k->len);
}

static void
commit(struct wg_device *d, const struct wg_now *now, struct wg_packet *k)
{
	struct wg_keypair *keypair = k->keypair;

	if (k->step != WG_SEAL && k->step != WG_OPEN)
		return;
	if (!d->up || keypair->peer->dead)
		done(d, k, WG_WHY_DOWN);
	else if (!k->crypt_ok)
		done(d, k, WG_WHY_FORGED);
	else if (k->step == WG_SEAL)
		commit_sealed(k, now);
	else
		commit_opened(d, now, k);
	k->keypair = NULL;
	k->peer = NULL;
	wg_keypair_unref(keypair);
}

void
wg_device_commit(struct wg_device *d, struct wg_now now,
    struct wg_packet *const *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		commit(d, &now, v[i]);
}

void
wg_device_from_tun(struct wg_device *d, struct wg_now now,
    struct wg_packet *const *v, size_t n)
{
	wg_device_outbound(d, now, v, n);
	wg_packets_crypt(v, n, 0);
	wg_device_commit(d, now, v, n);
}

void
wg_device_from_net(struct wg_device *d, struct wg_now now,
    struct wg_packet *const *v, size_t n)
{
	wg_device_inbound(d, now, v, n);
	wg_packets_crypt(v, n, 0);
	wg_device_commit(d, now, v, n);
}

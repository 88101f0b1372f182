/* SPDX-License-Identifier: ISC */
/*
 * Any bytes at all into a device, as datagrams and as packets of the TUN,
 * while time passes and the configuration changes.  The input is a row of
 * commands: a byte that says what, a byte or two of length, the bytes.
 *
 * Some datagrams are made authentic on the way (with mac1, or sealed in a
 * session with another device), so that what lies behind the macs and the
 * cipher is reached as well.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "wg/device_impl.h"

#define ROOM	2048

static uint64_t dice;
static struct wg_now now;
static struct wg_device *a, *b;
static const struct wg_endpoint at_a = { .addr.b = { [10] = 0xff,
    [11] = 0xff, [12] = 192, [15] = 1 }, .port = 1 };
static const struct wg_endpoint at_b = { .addr.b = { [10] = 0xff,
    [11] = 0xff, [12] = 192, [15] = 2 }, .port = 2 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
randomly(void *arg, void *p, size_t n)
{
	(void)arg;
	for (size_t i = 0; i < n; i++) {
		dice = dice * 6364136223846793005u + 1442695040888963407u;
		((uint8_t *)p)[i] = (uint8_t)(dice >> 33);
	}
}

static void
drain(struct wg_device *from, struct wg_device *to,
    const struct wg_endpoint *where);

/* A datagram into d; whatever comes out must be an IP packet. */
static void
receive(struct wg_device *d, const uint8_t *p, size_t n,
    const struct wg_endpoint *from, uint8_t ds)
{
	uint8_t *copy = malloc(n ? n : 1);
	struct wg_packet k = { .len = (uint32_t)n, .endpoint = *from,
	    .ds = ds }, *v = &k;

	if (!copy)
		abort();
	if (n)
		memcpy(copy, p, n);
	k.data = copy;
	wg_device_from_net(d, now, &v, 1);
	assert(k.step == WG_DELIVER || k.step == WG_DONE);
	if (k.step == WG_DELIVER) {
		assert(k.len >= 20 && k.len <= n - 32);
		assert(k.data[0] >> 4 == 4 || k.data[0] >> 4 == 6);
	}
	free(copy);
}

static void
drain(struct wg_device *from, struct wg_device *to,
    const struct wg_endpoint *where)
{
	struct wg_out o;

	while (wg_device_poll(from, &o))
		if (o.kind == WG_OUT_DATAGRAM && to)
			receive(to, o.data.p, o.data.n, where, o.ds);
}

static void
exchange(void)
{
	for (int i = 0; i < 4; i++) {
		drain(a, b, &at_a);
		drain(b, a, &at_b);
	}
}

static void
from_tun(struct wg_device *d, const uint8_t *p, size_t n)
{
	uint8_t buf[WG_HEADROOM + ROOM + WG_TAILROOM];
	struct wg_packet k = { .data = buf + WG_HEADROOM,
	    .len = (uint32_t)n }, *v = &k;

	memcpy(k.data, p, n);
	wg_device_from_tun(d, now, &v, 1);
	assert(k.step == WG_SEND || k.step == WG_DONE);
	if (k.step == WG_SEND)
		receive(d == a ? b : a, k.data, k.len,
		    d == a ? &at_a : &at_b, k.ds);
}

/* With a right mac1, as somebody could who knows our public key. */
static void
with_mac(const uint8_t *p, size_t n, bool initiation)
{
	uint8_t msg[WG_INITIATION_LEN] = { 0 };
	size_t len = initiation ? WG_INITIATION_LEN : WG_RESPONSE_LEN;
	struct wg_peer *peer = container_of(a->peers.next, struct wg_peer,
	    link);

	if (list_empty(&a->peers))
		return;
	memcpy(msg, p, n < len ? n : len);
	le32_put(msg, initiation ? WG_MSG_INITIATION : WG_MSG_RESPONSE);
	wg_cookie_add_macs(&peer->cookie, a->crypto, now.at, msg, len);
	receive(b, msg, len, &at_a, 0);
}

/* Sealed in the session with b: any plaintext, authentic. */
static void
sealed(const uint8_t *p, size_t n)
{
	uint8_t msg[16 + ROOM + 16];
	struct wg_peer *peer = container_of(a->peers.next, struct wg_peer,
	    link);
	struct wg_keypair *k;

	if (list_empty(&a->peers) || !peer->current)
		return;
	k = peer->current;
	wg_transport_encode(msg, k->remote, k->counter);
	memcpy(msg + 16, p, n);
	if (crypto_aead_seal(k->send, 0, k->counter++, msg + 16, n))
		receive(b, msg, n + 32, &at_a, p[0]);
}

static void
introduce(struct wg_device *d, struct wg_device *other,
    const struct wg_endpoint *where, uint8_t net, uint16_t keepalive)
{
	struct wg_allowed allowed[2] = { 0 };
	struct wg_peer_set s = { .has_endpoint = true, .endpoint = *where,
	    .has_keepalive = true, .keepalive = keepalive,
	    .allowed = allowed, .n_allowed = 2 };

	wg_device_public_key(other, s.public_key);
	allowed[0].prefix = prefix_of(ip4((uint32_t)net << 24), 8);
	allowed[1].prefix = (struct prefix){ .kind = NET_IP6, .len = 8,
	    .ip.b = { net } };
	assert(wg_device_set_peer(d, now, &s) == 0);
}

static struct wg_device *
device(uint8_t key)
{
	const struct wg_device_options o = { .random = randomly,
	    .load = 20 };
	struct wg_device *d = wg_device_new(&o);
	uint8_t private_key[WG_KEY] = { 8, key };

	if (!d)
		abort();
	assert(wg_device_set_private_key(d, now, private_key) == 0);
	wg_device_up(d, now);
	return d;
}

static void
command(uint8_t what, const uint8_t *p, size_t n)
{
	switch (what % 10) {
	case 0:
		receive(b, p, n, &at_a, what);
		break;
	case 1:
		with_mac(p, n, what & 0x80);
		break;
	case 2: case 3:
		if (n)
			sealed(p, n);
		break;
	case 4: case 5:
		from_tun(what & 0x80 ? a : b, p, n);
		break;
	case 6:
		now.at = instant_add(now.at, n > 1 ?
		    MILLISECONDS(be16_get(p)) * 10 : SECONDS(n));
		now.date.s++;
		wg_device_tick(a, now);
		wg_device_tick(b, now);
		break;
	case 7:
		wg_device_under_load(what & 0x80 ? a : b, now);
		break;
	case 8:
		introduce(a, b, &at_b, 10, (uint16_t)n);
		introduce(b, a, &at_a, 10, 0);
		break;
	default:
		if (what & 0x40)
			wg_device_remove_peers(a);
		else if (what & 0x20)
			wg_device_down(a);
		else
			wg_device_up(a, now);
		break;
	}
	if (what & 0x10)
		drain(b, NULL, NULL);	/* lost */
	else
		exchange();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	dice = 1;
	now = (struct wg_now){ .at.ns = SECONDS(10), .date.s = 1700000000 };
	a = device(1);
	b = device(2);
	introduce(a, b, &at_b, 10, 0);
	introduce(b, a, &at_a, 10, 25);
	exchange();
	for (unsigned i = 0; i < 200 && n >= 3; i++) {
		size_t len = be16_get(data + 1) % (ROOM + 1);

		if (len > n - 3)
			len = n - 3;
		command(data[0], data + 3, len);
		data += 3 + len;
		n -= 3 + len;
	}
	wg_device_free(a);
	wg_device_free(b);
	return 0;
}

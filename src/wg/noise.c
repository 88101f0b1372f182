/* SPDX-License-Identifier: ISC */
#include "wg/noise.h"

#include "base/mem.h"

static const char construction[] = "Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s";
static const char identifier[] = "WireGuard v1 zx2c4 Jason@zx2c4.com";

/* The symmetric state of the Noise framework: h, ck and the last key. */
struct sym {
	struct crypto *c;
	uint8_t *hash, *chaining;
	uint8_t key[CRYPTO_KEY];
	bool ok;		/* sticks at false */
};

static void
mix_hash(struct sym *s, const uint8_t *p, size_t n)
{
	s->ok = s->ok && crypto_blake2s(s->c, s->hash,
	    bytes_of(s->hash, CRYPTO_HASH), bytes_of(p, n));
}

/* KDF1: chaining key alone. */
static void
mix_chain(struct sym *s, const uint8_t *p, size_t n)
{
	uint8_t out[1][CRYPTO_HASH];

	s->ok = s->ok &&
	    crypto_kdf(s->c, out, 1, s->chaining, bytes_of(p, n));
	if (s->ok)
		memcpy(s->chaining, out[0], CRYPTO_HASH);
	mem_wipe(out, sizeof(out));
}

/* KDF2: chaining key and a key for the next AEAD. */
static void
mix_key(struct sym *s, const uint8_t *p, size_t n)
{
	uint8_t out[2][CRYPTO_HASH];

	s->ok = s->ok &&
	    crypto_kdf(s->c, out, 2, s->chaining, bytes_of(p, n));
	if (s->ok) {
		memcpy(s->chaining, out[0], CRYPTO_HASH);
		memcpy(s->key, out[1], CRYPTO_KEY);
	}
	mem_wipe(out, sizeof(out));
}

static void
mix_psk(struct sym *s, const uint8_t psk[WG_KEY])
{
	uint8_t out[3][CRYPTO_HASH];

	s->ok = s->ok &&
	    crypto_kdf(s->c, out, 3, s->chaining, bytes_of(psk, WG_KEY));
	if (s->ok) {
		memcpy(s->chaining, out[0], CRYPTO_HASH);
		mix_hash(s, out[1], CRYPTO_HASH);
		memcpy(s->key, out[2], CRYPTO_KEY);
	}
	mem_wipe(out, sizeof(out));
}

/* Writes n + 16 bytes. */
static void
seal_and_hash(struct sym *s, uint8_t *out, const uint8_t *p, size_t n)
{
	if (!s->ok)
		return;
	crypto_seal(out, s->key, 0, bytes_of(p, n),
	    bytes_of(s->hash, CRYPTO_HASH));
	mix_hash(s, out, n + CRYPTO_TAG);
}

/* Takes n bytes, writes n - 16. */
static void
open_and_hash(struct sym *s, uint8_t *out, const uint8_t *p, size_t n)
{
	s->ok = s->ok && crypto_open(out, s->key, 0, bytes_of(p, n),
	    bytes_of(s->hash, CRYPTO_HASH));
	mix_hash(s, p, n);
}

/* DH into the chaining key, with a new AEAD key or without. */
static void
mix_dh(struct sym *s, const uint8_t private_key[WG_KEY],
    const uint8_t public_key[WG_KEY],
    void (*mix)(struct sym *s, const uint8_t *p, size_t n))
{
	uint8_t dh[CRYPTO_KEY];

	s->ok = s->ok && crypto_x25519(dh, private_key, public_key);
	if (s->ok)
		mix(s, dh, sizeof(dh));
	mem_wipe(dh, sizeof(dh));
}

static void
mix_static_static(struct sym *s, const struct wg_noise *n)
{
	s->ok = s->ok && !crypto_is_zero(n->static_static, WG_KEY);
	mix_key(s, n->static_static, WG_KEY);
}

/* Both ends begin with the responder's static key. */
static struct sym
start(struct crypto *c, uint8_t *hash, uint8_t *chaining,
    const uint8_t responder[WG_KEY])
{
	struct sym s = { .c = c, .hash = hash, .chaining = chaining };

	s.ok = crypto_blake2s(c, chaining, bytes_str(construction),
	    bytes_of(NULL, 0)) &&
	    crypto_blake2s(c, hash, bytes_of(chaining, CRYPTO_HASH),
	    bytes_str(identifier));
	mix_hash(&s, responder, WG_KEY);
	return s;
}

/* Whoever has sent an ephemeral key has mixed it in two ways. */
static void
mix_ephemeral(struct sym *s, const uint8_t public_key[WG_KEY])
{
	mix_hash(s, public_key, WG_KEY);
	mix_chain(s, public_key, WG_KEY);
}

/* The keys of the session, as the initiator sends; ends the handshake. */
static bool
split(struct sym *s, uint8_t initiator[WG_KEY], uint8_t responder[WG_KEY])
{
	uint8_t out[2][CRYPTO_HASH];

	s->ok = s->ok &&
	    crypto_kdf(s->c, out, 2, s->chaining, bytes_of(NULL, 0));
	if (s->ok) {
		memcpy(initiator, out[0], WG_KEY);
		memcpy(responder, out[1], WG_KEY);
	}
	mem_wipe(out, sizeof(out));
	mem_wipe(s->key, sizeof(s->key));
	return s->ok;
}

bool
wg_identity_set(struct wg_identity *id, const uint8_t key[WG_KEY])
{
	mem_wipe(id, sizeof(*id));
	if (crypto_is_zero(key, WG_KEY))
		return false;
	memcpy(id->private_key, key, WG_KEY);
	crypto_x25519_clamp(id->private_key);
	id->set = crypto_x25519_public(id->public_key, id->private_key);
	if (!id->set)
		mem_wipe(id, sizeof(*id));
	return id->set;
}

void
wg_noise_init(struct wg_noise *n, const struct wg_identity *id,
    const uint8_t remote_static[WG_KEY])
{
	memset(n, 0, sizeof(*n));
	memcpy(n->remote_static, remote_static, WG_KEY);
	wg_noise_rekey(n, id);
}

void
wg_noise_rekey(struct wg_noise *n, const struct wg_identity *id)
{
	wg_noise_clear(n);
	if (!id->set)
		mem_wipe(n->static_static, WG_KEY);
	else	/* wipes it itself when it fails */
		(void)crypto_x25519(n->static_static, id->private_key,
		    n->remote_static);
}

void
wg_noise_clear(struct wg_noise *n)
{
	n->pending = false;
	mem_wipe(n->ephemeral, sizeof(n->ephemeral));
	mem_wipe(n->hash, sizeof(n->hash));
	mem_wipe(n->chaining, sizeof(n->chaining));
}

void
wg_noise_done(struct wg_noise *n)
{
	mem_wipe(n, sizeof(*n));
}

void
wg_noise_opening_wipe(struct wg_noise_opening *o)
{
	mem_wipe(o, sizeof(*o));
}

void
wg_tai64n(uint8_t ret[WG_TIMESTAMP_LEN], struct wall date)
{
	/* TAI was 10 s ahead of UTC in 1970; leap seconds do not matter. */
	be64_put(ret, (uint64_t)0x400000000000000a + (uint64_t)date.s);
	be32_put(ret + 8, (uint32_t)date.ns & ~(((uint32_t)1 << 24) - 1));
}

bool
wg_noise_initiate(struct wg_noise *n, struct crypto *c,
    const struct wg_identity *id, const uint8_t ephemeral[WG_KEY],
    const uint8_t timestamp[WG_TIMESTAMP_LEN], uint32_t sender,
    struct wg_initiation *ret)
{
	struct sym s;

	wg_noise_clear(n);
	if (!id->set)
		return false;
	s = start(c, n->hash, n->chaining, n->remote_static);
	memcpy(n->ephemeral, ephemeral, WG_KEY);
	crypto_x25519_clamp(n->ephemeral);
	s.ok = s.ok && crypto_x25519_public(ret->ephemeral, n->ephemeral);
	mix_ephemeral(&s, ret->ephemeral);
	mix_dh(&s, n->ephemeral, n->remote_static, mix_key);
	seal_and_hash(&s, ret->enc_static, id->public_key, WG_KEY);
	mix_static_static(&s, n);
	seal_and_hash(&s, ret->enc_timestamp, timestamp, WG_TIMESTAMP_LEN);
	mem_wipe(s.key, sizeof(s.key));
	ret->sender = sender;
	n->pending = s.ok;
	if (!s.ok)
		wg_noise_clear(n);
	return s.ok;
}

bool
wg_noise_open(struct wg_noise_opening *ret, struct crypto *c,
    const struct wg_identity *id, const struct wg_initiation *m)
{
	struct sym s;

	if (!id->set)
		return false;
	s = start(c, ret->hash, ret->chaining, id->public_key);
	memcpy(ret->remote_ephemeral, m->ephemeral, WG_KEY);
	mix_ephemeral(&s, m->ephemeral);
	mix_dh(&s, id->private_key, m->ephemeral, mix_key);
	open_and_hash(&s, ret->remote_static, m->enc_static,
	    sizeof(m->enc_static));
	mem_wipe(s.key, sizeof(s.key));
	if (!s.ok)
		wg_noise_opening_wipe(ret);
	return s.ok;
}

bool
wg_noise_accept(struct wg_noise *n, struct crypto *c,
    struct wg_noise_opening *o, const struct wg_initiation *m)
{
	struct sym s = { .c = c, .hash = o->hash, .chaining = o->chaining,
	    .ok = true };
	uint8_t timestamp[WG_TIMESTAMP_LEN];

	mix_static_static(&s, n);
	open_and_hash(&s, timestamp, m->enc_timestamp,
	    sizeof(m->enc_timestamp));
	mem_wipe(s.key, sizeof(s.key));
	if (!s.ok || memcmp(timestamp, n->timestamp, sizeof(timestamp)) <= 0)
		return false;
	memcpy(n->timestamp, timestamp, sizeof(timestamp));
	return true;
}

bool
wg_noise_respond(const struct wg_noise *n, struct crypto *c,
    struct wg_noise_opening *o, const uint8_t ephemeral[WG_KEY],
    uint32_t sender, uint32_t receiver, struct wg_response *ret,
    struct wg_noise_keys *ret_keys)
{
	struct sym s = { .c = c, .hash = o->hash, .chaining = o->chaining };
	uint8_t private_key[WG_KEY];
	bool ok;

	memcpy(private_key, ephemeral, WG_KEY);
	crypto_x25519_clamp(private_key);
	s.ok = crypto_x25519_public(ret->ephemeral, private_key);
	mix_ephemeral(&s, ret->ephemeral);
	mix_dh(&s, private_key, o->remote_ephemeral, mix_chain);
	mix_dh(&s, private_key, n->remote_static, mix_chain);
	mem_wipe(private_key, sizeof(private_key));
	mix_psk(&s, n->psk);
	seal_and_hash(&s, ret->enc_nothing, NULL, 0);
	ret->sender = sender;
	ret->receiver = receiver;
	ok = split(&s, ret_keys->recv, ret_keys->send);
	wg_noise_opening_wipe(o);
	return ok;
}

bool
wg_noise_finish(struct wg_noise *n, struct crypto *c,
    const struct wg_identity *id, const struct wg_response *m,
    struct wg_noise_keys *ret_keys)
{
	/* On copies: a forged response must not spoil the handshake. */
	uint8_t hash[CRYPTO_HASH], chaining[CRYPTO_HASH], nothing[1];
	struct sym s = { .c = c, .hash = hash, .chaining = chaining };
	bool ok;

	if (!n->pending || !id->set)
		return false;
	memcpy(hash, n->hash, sizeof(hash));
	memcpy(chaining, n->chaining, sizeof(chaining));
	s.ok = true;
	mix_ephemeral(&s, m->ephemeral);
	mix_dh(&s, n->ephemeral, m->ephemeral, mix_chain);
	mix_dh(&s, id->private_key, m->ephemeral, mix_chain);
	mix_psk(&s, n->psk);
	open_and_hash(&s, nothing, m->enc_nothing, sizeof(m->enc_nothing));
	ok = split(&s, ret_keys->send, ret_keys->recv);
	mem_wipe(hash, sizeof(hash));
	mem_wipe(chaining, sizeof(chaining));
	if (ok)
		wg_noise_clear(n);
	return ok;
}

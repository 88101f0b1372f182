/* SPDX-License-Identifier: ISC */
/* Authentication: RFC 5880 sections 6.7.2 to 6.7.4. */
#include "base/mem.h"
#include "bfd/session_impl.h"
#include "crypto/crypto.h"

#define SEQ_PERIOD	SECONDS(1)	/* how often a plain one grows */

static bool
is_meticulous(uint8_t auth)
{
	return auth == BFD_AUTH_MD5_METICULOUS ||
	    auth == BFD_AUTH_SHA1_METICULOUS;
}

/* Of the packet with the key, padded, where the digest will be. */
static bool
digest(struct bfd_session *s, const struct bfd_key *key, uint8_t *packet,
    size_t n, uint8_t *place, uint8_t ret[BFD_SHA1_KEY_MAX])
{
	const size_t size = bfd_digest_size(s->cfg.auth);
	const size_t len = key->n < size ? key->n : size;

	if (s->cfg.crypto == NULL)
		return false;
	memset(place, 0, size);
	memcpy(place, key->secret, len);
	return size == 16 ? crypto_md5(s->cfg.crypto, ret, bytes_of(packet,
	    n)) : crypto_sha1(s->cfg.crypto, ret, bytes_of(packet, n));
}

static const struct bfd_key *
find_key(const struct bfd_session *s, uint8_t id)
{
	for (unsigned i = 0; i < s->cfg.n_keys; i++)
		if (s->cfg.keys[i].id == id)
			return &s->cfg.keys[i];
	return NULL;
}

/* Not before the last one, nor so far ahead that it must be another's. */
static bool
in_window(const struct bfd_session *s, const struct bfd_packet *p)
{
	const uint32_t ahead = p->seq - s->rx_seq;

	if (!s->seq_known)
		return true;
	return ahead >= (is_meticulous(p->auth) ? 1 : 0) &&
	    ahead <= 3u * p->mult;
}

static bool
digest_is_right(struct bfd_session *s, const struct bfd_key *key,
    struct bytes raw, const struct bfd_packet *p)
{
	const size_t size = bfd_digest_size(p->auth);
	uint8_t copy[BFD_PACKET_MAX], want[BFD_SHA1_KEY_MAX];
	bool ok;

	/* Behind the section there is nothing that we know. */
	if (p->length > sizeof(copy) || p->length > raw.n)
		return false;
	memcpy(copy, raw.p, p->length);
	ok = digest(s, key, copy, p->length, copy + (p->secret.p - raw.p),
	    want) && crypto_equal(want, p->secret.p, size);
	mem_wipe(copy, sizeof(copy));
	mem_wipe(want, sizeof(want));
	return ok;
}

const char *
bfd_auth_check(struct bfd_session *s, struct bytes raw,
    const struct bfd_packet *p)
{
	const struct bfd_key *key;

	if (p->auth != s->cfg.auth)
		return p->auth == BFD_AUTH_NONE ? "no authentication" :
		    "unexpected authentication type";
	if (p->auth == BFD_AUTH_NONE)
		return NULL;
	key = find_key(s, p->key_id);
	if (key == NULL)
		return "no such key id";
	if (p->auth == BFD_AUTH_SIMPLE)
		return p->secret.n == key->n && crypto_equal(p->secret.p,
		    key->secret, key->n) ? NULL : "wrong password";
	if (!in_window(s, p))
		return "sequence number out of the window";
	if (!digest_is_right(s, key, raw, p))
		return "wrong digest";
	s->seq_known = true;
	s->rx_seq = p->seq;
	return NULL;
}

static void
next_seq(struct bfd_session *s, struct instant now)
{
	if (!is_meticulous(s->cfg.auth) &&
	    instant_sub(now, s->seq_at) < SEQ_PERIOD)
		return;
	s->tx_seq++;
	s->seq_at = now;
}

bool
bfd_auth_seal(struct bfd_session *s, struct instant now, struct wr *w,
    struct bfd_packet *p)
{
	const struct bfd_key *key = s->cfg.n_keys ? s->cfg.keys : NULL;
	uint8_t out[BFD_SHA1_KEY_MAX], *place;
	bool ok = true;

	p->auth = s->cfg.auth;
	if (p->auth != BFD_AUTH_NONE) {
		if (key == NULL)
			return false;
		next_seq(s, now);
		p->key_id = key->id;
		p->seq = s->tx_seq;
		p->secret = bytes_of(key->secret, key->n);
	}
	bfd_encode(w, p, &place);
	if (w->bad)
		return false;
	if (p->auth == BFD_AUTH_SIMPLE) {
		memcpy(place, key->secret, key->n);
	} else if (place != NULL) {
		ok = digest(s, key, w->start, wr_len(w), place, out);
		memcpy(place, out, bfd_digest_size(p->auth));
		mem_wipe(out, sizeof(out));
	}
	return ok;
}

/* SPDX-License-Identifier: ISC */
#include "wire/wg.h"

#include "base/cursor.h"

enum wg_msg_type
wg_msg_type(struct bytes b)
{
	if (b.n < 4)
		return WG_MSG_NONE;
	switch (le32_get(b.p)) {
	case WG_MSG_INITIATION:
		return b.n == WG_INITIATION_LEN ? WG_MSG_INITIATION :
		    WG_MSG_NONE;
	case WG_MSG_RESPONSE:
		return b.n == WG_RESPONSE_LEN ? WG_MSG_RESPONSE : WG_MSG_NONE;
	case WG_MSG_COOKIE:
		return b.n == WG_COOKIE_LEN ? WG_MSG_COOKIE : WG_MSG_NONE;
	case WG_MSG_TRANSPORT:
		return b.n >= WG_TRANSPORT_MIN ? WG_MSG_TRANSPORT :
		    WG_MSG_NONE;
	default:
		return WG_MSG_NONE;
	}
}

static void
take(struct rd *r, void *to, size_t n)
{
	const uint8_t *p = rd_take(r, n);

	if (p)
		memcpy(to, p, n);
	else
		memset(to, 0, n);
}

bool
wg_initiation_decode(struct wg_initiation *ret, struct bytes b)
{
	struct rd r = rd_of(b);

	if (wg_msg_type(b) != WG_MSG_INITIATION)
		return false;
	rd_take(&r, 4);
	ret->sender = rd_le32(&r);
	take(&r, ret->ephemeral, sizeof(ret->ephemeral));
	take(&r, ret->enc_static, sizeof(ret->enc_static));
	take(&r, ret->enc_timestamp, sizeof(ret->enc_timestamp));
	rd_take(&r, WG_MACS_LEN);
	return !r.bad && rd_left(&r) == 0;
}

bool
wg_response_decode(struct wg_response *ret, struct bytes b)
{
	struct rd r = rd_of(b);

	if (wg_msg_type(b) != WG_MSG_RESPONSE)
		return false;
	rd_take(&r, 4);
	ret->sender = rd_le32(&r);
	ret->receiver = rd_le32(&r);
	take(&r, ret->ephemeral, sizeof(ret->ephemeral));
	take(&r, ret->enc_nothing, sizeof(ret->enc_nothing));
	rd_take(&r, WG_MACS_LEN);
	return !r.bad && rd_left(&r) == 0;
}

bool
wg_cookie_reply_decode(struct wg_cookie_reply *ret, struct bytes b)
{
	struct rd r = rd_of(b);

	if (wg_msg_type(b) != WG_MSG_COOKIE)
		return false;
	rd_take(&r, 4);
	ret->receiver = rd_le32(&r);
	take(&r, ret->nonce, sizeof(ret->nonce));
	take(&r, ret->enc_cookie, sizeof(ret->enc_cookie));
	return !r.bad && rd_left(&r) == 0;
}

static struct wr
start(uint8_t *out, size_t n, enum wg_msg_type type)
{
	struct wr w = wr_of(out, n);

	memset(out, 0, n);
	wr_le32(&w, type);
	return w;
}

void
wg_initiation_encode(uint8_t out[WG_INITIATION_LEN],
    const struct wg_initiation *m)
{
	struct wr w = start(out, WG_INITIATION_LEN, WG_MSG_INITIATION);

	wr_le32(&w, m->sender);
	wr_bytes(&w, bytes_of(m->ephemeral, sizeof(m->ephemeral)));
	wr_bytes(&w, bytes_of(m->enc_static, sizeof(m->enc_static)));
	wr_bytes(&w, bytes_of(m->enc_timestamp, sizeof(m->enc_timestamp)));
}

void
wg_response_encode(uint8_t out[WG_RESPONSE_LEN], const struct wg_response *m)
{
	struct wr w = start(out, WG_RESPONSE_LEN, WG_MSG_RESPONSE);

	wr_le32(&w, m->sender);
	wr_le32(&w, m->receiver);
	wr_bytes(&w, bytes_of(m->ephemeral, sizeof(m->ephemeral)));
	wr_bytes(&w, bytes_of(m->enc_nothing, sizeof(m->enc_nothing)));
}

void
wg_cookie_reply_encode(uint8_t out[WG_COOKIE_LEN],
    const struct wg_cookie_reply *m)
{
	struct wr w = start(out, WG_COOKIE_LEN, WG_MSG_COOKIE);

	wr_le32(&w, m->receiver);
	wr_bytes(&w, bytes_of(m->nonce, sizeof(m->nonce)));
	wr_bytes(&w, bytes_of(m->enc_cookie, sizeof(m->enc_cookie)));
}

/* SPDX-License-Identifier: ISC */
/* The client's side. */
#include "wg/uapi_impl.h"

#include <errno.h>

#include "base/mem.h"

static void
put(struct text *t, enum wg_uapi_key key, const char *value)
{
	text_printf(t, "%s=%s\n", wg_uapi_word(key), value);
}

static void
put_number(struct text *t, enum wg_uapi_key key, uint32_t n)
{
	text_printf(t, "%s=%u\n", wg_uapi_word(key), n);
}

static void
put_key(struct text *t, enum wg_uapi_key word, const uint8_t key[WG_KEY])
{
	char hex[WG_KEY_HEX];

	wg_key_to_hex(hex, key);
	put(t, word, hex);
	mem_wipe(hex, sizeof(hex));
}

void
wg_uapi_print_set(struct text *t, const struct wg_uapi_device_set *s)
{
	t->secret = true;
	put(t, KEY_SET, "1");
	if (s->has_private_key)
		put_key(t, KEY_PRIVATE_KEY, s->private_key);
	if (s->has_listen_port)
		put_number(t, KEY_LISTEN_PORT, s->listen_port);
	if (s->has_fwmark)
		put_number(t, KEY_FWMARK, s->fwmark);
	if (s->replace_peers)
		put(t, KEY_REPLACE_PEERS, "true");
}

static void
put_allowed(struct text *t, const struct wg_allowed *a)
{
	char addr[IP_TEXT];

	text_printf(t, "%s=%s%s/%u\n", wg_uapi_word(KEY_ALLOWED),
	    a->remove ? "-" : "", ip_text(a->prefix.ip, addr),
	    a->prefix.len);
}

void
wg_uapi_print_peer(struct text *t, const struct wg_peer_set *s)
{
	char endpoint[WG_ENDPOINT_TEXT];

	put_key(t, KEY_PUBLIC_KEY, s->public_key);
	if (s->remove) {
		put(t, KEY_REMOVE, "true");
		return;
	}
	if (s->update_only)
		put(t, KEY_UPDATE_ONLY, "true");
	if (s->has_psk)
		put_key(t, KEY_PRESHARED_KEY, s->psk);
	if (s->has_endpoint)
		put(t, KEY_ENDPOINT,
		    wg_endpoint_text(&s->endpoint, endpoint));
	if (s->has_keepalive)
		put_number(t, KEY_KEEPALIVE, s->keepalive);
	if (s->replace_allowed)
		put(t, KEY_REPLACE_ALLOWED, "true");
	for (size_t i = 0; i < s->n_allowed; i++)
		put_allowed(t, &s->allowed[i]);
}

void
wg_uapi_print_end(struct text *t)
{
	text_addc(t, '\n');
}

/* A dump that grows while it is read. */
struct reader {
	struct wg_uapi_dump *d;
	size_t cap_peers, cap_allowed;
	bool has_errno;
};

/*
 * Room for one more.  The old run is wiped before it is let go, since it
 * holds preshared keys.
 */
static bool
more(void **v, size_t n, size_t *cap, size_t size)
{
	size_t grown = *cap ? *cap * 2 : 16;
	void *new;

	if (n < *cap)
		return true;
	new = mem_array(grown, size);
	if (!new)
		return false;
	if (n) {
		memcpy(new, *v, n * size);
		mem_wipe(*v, n * size);
	}
	mem_free(*v);
	*v = new;
	*cap = grown;
	return true;
}

static int
add_peer(struct reader *r, struct bytes v)
{
	struct wg_uapi_dump *d = r->d;
	struct wg_uapi_peer *p;
	void *peers = d->peers;

	if (!more(&peers, d->n_peers, &r->cap_peers, sizeof(*p)))
		return -ENOMEM;
	d->peers = peers;
	p = &d->peers[d->n_peers];
	memset(p, 0, sizeof(*p));
	p->first_allowed = d->n_allowed;
	if (!wg_key_from_hex(p->info.public_key, v))
		return -EPROTO;
	d->n_peers++;
	return 0;
}

static int
add_allowed(struct reader *r, struct wg_uapi_peer *p, struct bytes v)
{
	struct wg_uapi_dump *d = r->d;
	void *allowed = d->allowed;

	if (!more(&allowed, d->n_allowed, &r->cap_allowed,
	    sizeof(d->allowed[0])))
		return -ENOMEM;
	d->allowed = allowed;
	if (!wg_uapi_prefix(v, &d->allowed[d->n_allowed], NULL))
		return -EPROTO;
	d->n_allowed++;
	p->info.n_allowed++;
	return 0;
}

static int
peer_line(struct reader *r, enum wg_uapi_key key, struct bytes v)
{
	struct wg_uapi_peer *p = &r->d->peers[r->d->n_peers - 1];
	struct wg_peer_info *i = &p->info;
	uint64_t n = 0;
	bool ok = true;

	if (key == KEY_ALLOWED)
		return add_allowed(r, p, v);
	if (key == KEY_PRESHARED_KEY)
		ok = wg_key_from_hex(i->psk, v);
	else if (key == KEY_ENDPOINT)
		ok = wg_endpoint_parse(&i->endpoint, v);
	else if (key >= KEY_KEEPALIVE)
		ok = wg_uapi_number(v, key == KEY_KEEPALIVE ? UINT16_MAX :
		    key == KEY_HANDSHAKE_SEC ? INT64_MAX :
		    key == KEY_HANDSHAKE_NSEC ? 999999999 : UINT64_MAX, &n);
	if (key == KEY_KEEPALIVE)
		i->keepalive = (uint16_t)n;
	else if (key == KEY_HANDSHAKE_SEC)
		i->last_handshake.s = (int64_t)n;
	else if (key == KEY_HANDSHAKE_NSEC)
		i->last_handshake.ns = (int32_t)n;
	else if (key == KEY_RX_BYTES)
		i->rx_bytes = n;
	else if (key == KEY_TX_BYTES)
		i->tx_bytes = n;
	return ok ? 0 : -EPROTO;
}

static int
device_line(struct reader *r, enum wg_uapi_key key, struct bytes v)
{
	struct wg_uapi_dump *d = r->d;
	uint64_t n = 0;
	bool ok = true;

	if (key == KEY_PRIVATE_KEY) {
		ok = wg_key_from_hex(d->private_key, v);
		d->has_private_key = ok &&
		    !crypto_is_zero(d->private_key, WG_KEY);
	} else if (key == KEY_LISTEN_PORT) {
		ok = wg_uapi_number(v, UINT16_MAX, &n);
		d->listen_port = (uint16_t)n;
	} else if (key == KEY_FWMARK) {
		ok = wg_uapi_number(v, UINT32_MAX, &n);
		d->fwmark = (uint32_t)n;
	}
	return ok ? 0 : -EPROTO;
}

/* Servers differ in the sign. */
static int
errno_line(struct reader *r, struct bytes v)
{
	uint64_t n;

	if (v.n && v.p[0] == '-')
		v = bytes_of(v.p + 1, v.n - 1);
	if (!wg_uapi_number(v, INT32_MAX, &n))
		return -EPROTO;
	r->d->error = (int)n;
	r->has_errno = true;
	return 0;
}

static int
read_line(struct reader *r, struct bytes line)
{
	struct bytes v;
	enum wg_uapi_key key = wg_uapi_split(line, &v);

	if (r->has_errno)		/* it is the last */
		return -EPROTO;
	if (key == KEY_ERRNO)
		return errno_line(r, v);
	if (key == KEY_PUBLIC_KEY)
		return add_peer(r, v);
	if (key == KEY_NONE)		/* a newer server's word, or noise */
		return memchr(line.p, '=', line.n) ? 0 : -EPROTO;
	return r->d->n_peers ? peer_line(r, key, v) : device_line(r, key, v);
}

int
wg_uapi_dump_parse(struct wg_uapi_dump *ret, struct bytes text)
{
	struct reader r = { .d = ret };
	int err = 0;

	memset(ret, 0, sizeof(*ret));
	if (text.n < 2 || memcmp(text.p + text.n - 2, "\n\n", 2) != 0)
		return -EAGAIN;
	while (!err && text.n > 1) {
		const uint8_t *end = memchr(text.p, '\n', text.n);
		size_t n = (size_t)(end - text.p);

		err = n ? read_line(&r, bytes_of(text.p, n)) : -EPROTO;
		text = bytes_of(end + 1, text.n - n - 1);
	}
	if (!err && !r.has_errno)
		err = -EPROTO;
	if (err)
		wg_uapi_dump_done(ret);
	return err;
}

void
wg_uapi_dump_done(struct wg_uapi_dump *d)
{
	if (d->peers)
		mem_wipe(d->peers, d->n_peers * sizeof(d->peers[0]));
	mem_free(d->peers);
	mem_free(d->allowed);
	mem_wipe(d, sizeof(*d));
}

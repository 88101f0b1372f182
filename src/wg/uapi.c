/* SPDX-License-Identifier: ISC */
/* The server's side. */
#include "wg/uapi_impl.h"

#include <errno.h>
#include <stdio.h>

#include "base/mem.h"

enum state {
	IDLE, GET, SET
};

/*
 * What was said about a peer is gathered in "peer" and applied at once when
 * its section ends or its first allowed ip comes, for there may be many.
 */
struct wg_uapi {
	struct wg_device *dev;
	struct wg_uapi_hooks hooks;
	enum state state;
	int err;			/* of the set under way */
	bool in_peer, dirty;		/* "peer" is valid, is to be applied */
	bool broken;
	struct wg_peer_set peer;
	size_t n;
	uint8_t line[WG_UAPI_LINE_MAX];
	char *reply;
	size_t n_reply, cap_reply;
};

struct wg_uapi *
wg_uapi_new(struct wg_device *d, const struct wg_uapi_hooks *hooks)
{
	struct wg_uapi *u = mem_zalloc(sizeof(*u));

	if (!u)
		return NULL;
	u->dev = d;
	u->hooks = *hooks;
	return u;
}

struct wg_uapi *
wg_uapi_free(struct wg_uapi *u)
{
	if (!u)
		return NULL;
	wg_uapi_sent(u);
	mem_wipe(u, sizeof(*u));
	mem_free(u);
	return NULL;
}

struct bytes
wg_uapi_reply(const struct wg_uapi *u)
{
	return bytes_of(u->reply, u->n_reply);
}

void
wg_uapi_sent(struct wg_uapi *u)
{
	if (u->reply)
		mem_wipe(u->reply, u->cap_reply);
	mem_free(u->reply);
	u->reply = NULL;
	u->n_reply = u->cap_reply = 0;
}

bool
wg_uapi_broken(const struct wg_uapi *u)
{
	return u->broken;
}

/*
 * The reply has its full size from the start: growing it would leave keys
 * in freed memory.
 */
static bool
reply_start(struct wg_uapi *u, size_t cap)
{
	u->reply = cap <= WG_UAPI_REPLY_MAX ? mem_alloc(cap) : NULL;
	u->cap_reply = u->reply ? cap : 0;
	u->n_reply = 0;
	return u->reply;
}

static void say(struct wg_uapi *u, enum wg_uapi_key key, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static void
say(struct wg_uapi *u, enum wg_uapi_key key, const char *fmt, ...)
{
	char *at = u->reply + u->n_reply;
	size_t room = u->cap_reply - u->n_reply;
	va_list ap;
	int n, m;

	n = snprintf(at, room, "%s=", wg_uapi_word(key));
	if (n < 0 || (size_t)n >= room)
		return;
	va_start(ap, fmt);
	m = vsnprintf(at + n, room - (size_t)n, fmt, ap);
	va_end(ap);
	if (m < 0 || (size_t)(n + m) + 1 >= room)
		return;
	at[n + m] = '\n';
	u->n_reply += (size_t)(n + m) + 1;
}

static void
say_key(struct wg_uapi *u, enum wg_uapi_key word, const uint8_t key[WG_KEY])
{
	char hex[WG_KEY_HEX];

	wg_key_to_hex(hex, key);
	say(u, word, "%s", hex);
	mem_wipe(hex, sizeof(hex));
}

/* The errno is negative, as wg(8) and wireguard-go have it. */
static void
say_end(struct wg_uapi *u, int err)
{
	if (!u->reply && !reply_start(u, 64)) {
		u->broken = true;
		return;
	}
	say(u, KEY_ERRNO, "%d", err);
	if (u->n_reply < u->cap_reply)
		u->reply[u->n_reply++] = '\n';
}

static void
say_allowed(void *arg, const struct prefix *p)
{
	char addr[IP_TEXT];

	say(arg, KEY_ALLOWED, "%s/%u", ip_text(p->ip, addr), p->len);
}

static void
say_peer(struct wg_uapi *u, const struct wg_peer *p)
{
	char endpoint[WG_ENDPOINT_TEXT];
	struct wg_peer_info i;

	wg_peer_info(p, &i);
	say_key(u, KEY_PUBLIC_KEY, i.public_key);
	say_key(u, KEY_PRESHARED_KEY, i.psk);
	say(u, KEY_PROTOCOL_VERSION, "1");
	if (wg_endpoint_known(&i.endpoint))
		say(u, KEY_ENDPOINT, "%s",
		    wg_endpoint_text(&i.endpoint, endpoint));
	say(u, KEY_HANDSHAKE_SEC, "%lld", (long long)i.last_handshake.s);
	say(u, KEY_HANDSHAKE_NSEC, "%ld", (long)i.last_handshake.ns);
	say(u, KEY_TX_BYTES, "%llu", (unsigned long long)i.tx_bytes);
	say(u, KEY_RX_BYTES, "%llu", (unsigned long long)i.rx_bytes);
	say(u, KEY_KEEPALIVE, "%u", i.keepalive);
	wg_peer_each_allowed(p, say_allowed, u);
	mem_wipe(&i, sizeof(i));
}

/* At least as long as the reply will be. */
static size_t
reply_size(const struct wg_device *d)
{
	const struct wg_peer *p = NULL;
	struct wg_peer_info i;
	size_t n = 256;

	while ((p = wg_device_next_peer(d, p))) {
		wg_peer_info(p, &i);
		n += 640 + i.n_allowed * (IP_TEXT + 20);
	}
	mem_wipe(&i, sizeof(i));
	return n;
}

static void
answer_get(struct wg_uapi *u)
{
	const struct wg_peer *p = NULL;
	uint8_t key[WG_KEY];
	uint16_t port = u->hooks.listen_port(u->hooks.arg);
	uint32_t mark = u->hooks.fwmark(u->hooks.arg);

	if (!reply_start(u, reply_size(u->dev))) {
		say_end(u, -ENOMEM);
		return;
	}
	if (wg_device_private_key(u->dev, key))
		say_key(u, KEY_PRIVATE_KEY, key);
	mem_wipe(key, sizeof(key));
	if (port)
		say(u, KEY_LISTEN_PORT, "%u", port);
	if (mark)
		say(u, KEY_FWMARK, "%u", mark);
	while ((p = wg_device_next_peer(u->dev, p)))
		say_peer(u, p);
	say_end(u, 0);
}

/* Applies what was gathered; from then on the peer is not made again. */
static int
flush(struct wg_uapi *u, struct wg_now now)
{
	struct wg_peer_set *s = &u->peer;
	uint8_t public_key[WG_KEY];
	int err;

	if (!u->in_peer || !u->dirty)
		return 0;
	err = wg_device_set_peer(u->dev, now, s);
	memcpy(public_key, s->public_key, WG_KEY);
	mem_wipe(s, sizeof(*s));
	memcpy(s->public_key, public_key, WG_KEY);
	s->update_only = true;
	u->dirty = false;
	return err;
}

static int
set_private_key(struct wg_uapi *u, struct wg_now now, struct bytes v)
{
	uint8_t key[WG_KEY];
	int err = wg_key_from_hex(key, v) ?
	    wg_device_set_private_key(u->dev, now, key) : -EINVAL;

	mem_wipe(key, sizeof(key));
	return err;
}

static int
start_peer(struct wg_uapi *u, struct wg_now now, struct bytes v)
{
	int err = flush(u, now);

	if (err)
		return err;
	mem_wipe(&u->peer, sizeof(u->peer));
	u->in_peer = u->dirty = wg_key_from_hex(u->peer.public_key, v);
	return u->in_peer ? 0 : -EINVAL;
}

static int
set_interface(struct wg_uapi *u, struct wg_now now, enum wg_uapi_key key,
    struct bytes v)
{
	uint64_t n;

	if (key == KEY_PRIVATE_KEY)
		return set_private_key(u, now, v);
	if (key == KEY_LISTEN_PORT && wg_uapi_number(v, UINT16_MAX, &n))
		return u->hooks.set_listen_port(u->hooks.arg, (uint16_t)n);
	if (key == KEY_FWMARK && wg_uapi_number(v, UINT32_MAX, &n))
		return u->hooks.set_fwmark(u->hooks.arg, (uint32_t)n);
	if (key == KEY_REPLACE_PEERS && wg_uapi_is(v, "true")) {
		wg_device_remove_peers(u->dev);
		return 0;
	}
	return -EINVAL;
}

static int
set_allowed(struct wg_uapi *u, struct wg_now now, struct bytes v)
{
	struct wg_allowed a;
	int err;

	if (!wg_uapi_prefix(v, &a.prefix, &a.remove))
		return -EINVAL;
	err = flush(u, now);
	if (err)
		return err;
	u->peer.allowed = &a;
	u->peer.n_allowed = 1;
	u->dirty = true;
	return flush(u, now);
}

static bool
say_true(struct bytes v, bool *ret)
{
	return *ret = wg_uapi_is(v, "true");
}

static int
set_peer(struct wg_uapi *u, struct wg_now now, enum wg_uapi_key key,
    struct bytes v)
{
	struct wg_peer_set *s = &u->peer;
	uint64_t n = 0;
	bool ok = false;

	u->dirty = true;
	if (key == KEY_REMOVE)
		ok = say_true(v, &s->remove);
	else if (key == KEY_UPDATE_ONLY)
		ok = say_true(v, &s->update_only);
	else if (key == KEY_REPLACE_ALLOWED)
		ok = say_true(v, &s->replace_allowed);
	else if (key == KEY_PRESHARED_KEY)
		ok = s->has_psk = wg_key_from_hex(s->psk, v);
	else if (key == KEY_ENDPOINT)
		ok = s->has_endpoint = wg_endpoint_parse_scoped(&s->endpoint,
		    v, u->hooks.scope, u->hooks.arg);
	else if (key == KEY_KEEPALIVE)
		ok = s->has_keepalive = wg_uapi_number(v, UINT16_MAX, &n);
	else if (key == KEY_PROTOCOL_VERSION)
		ok = wg_uapi_is(v, "1");
	else if (key == KEY_ALLOWED)
		return set_allowed(u, now, v);
	if (key == KEY_KEEPALIVE)
		s->keepalive = (uint16_t)n;
	return ok ? 0 : -EINVAL;
}

static int
set_line(struct wg_uapi *u, struct wg_now now, struct bytes line)
{
	struct bytes v;
	enum wg_uapi_key key = wg_uapi_split(line, &v);

	if (key == KEY_PUBLIC_KEY)
		return start_peer(u, now, v);
	if (key == KEY_NONE)
		return -EINVAL;
	return u->in_peer ? set_peer(u, now, key, v) :
	    set_interface(u, now, key, v);
}

/* The empty line. */
static void
end_request(struct wg_uapi *u, struct wg_now now)
{
	if (u->state == SET && !u->err)
		u->err = flush(u, now);
	if (u->state == GET && !u->err)
		answer_get(u);
	else if (u->state != IDLE)
		say_end(u, u->err);
	u->state = IDLE;
	u->err = 0;
	u->in_peer = u->dirty = false;
	mem_wipe(&u->peer, sizeof(u->peer));
}

static void
take_line(struct wg_uapi *u, struct wg_now now, struct bytes line)
{
	if (line.n == 0)
		end_request(u, now);
	else if (u->state == SET)
		u->err = u->err ? u->err : set_line(u, now, line);
	else if (u->state == GET)
		u->err = -EINVAL;	/* a get has no more lines */
	else if (wg_uapi_is(line, "get=1"))
		u->state = GET;
	else if (wg_uapi_is(line, "set=1"))
		u->state = SET;
	else
		u->broken = true;
	if (u->broken)
		say_end(u, -EINVAL);
}

size_t
wg_uapi_feed(struct wg_uapi *u, struct wg_now now, struct bytes in)
{
	size_t took = 0;

	while (took < in.n && u->n_reply == 0 && !u->broken) {
		uint8_t c = in.p[took++];

		if (c == '\n') {
			take_line(u, now, bytes_of(u->line, u->n));
			mem_wipe(u->line, u->n);
			u->n = 0;
		} else if (u->n < sizeof(u->line)) {
			u->line[u->n++] = c;
		} else {
			u->broken = true;
			say_end(u, -EINVAL);
		}
	}
	return took;
}

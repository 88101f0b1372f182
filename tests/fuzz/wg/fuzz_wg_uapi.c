/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a client's requests, in pieces; and as a server's reply.
 * What the server prints of its state the client must be able to read, and
 * what the client prints of that leads to the same state again.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "wg/uapi.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static uint16_t port;
static uint32_t mark;

static void
randomly(void *arg, void *p, size_t n)
{
	(void)arg;
	for (size_t i = 0; i < n; i++)
		((uint8_t *)p)[i] = (uint8_t)rand();
}

static int
set_port(void *arg, uint16_t p)
{
	(void)arg;
	port = p;
	return 0;
}

static int
set_mark(void *arg, uint32_t m)
{
	(void)arg;
	mark = m;
	return 0;
}

static uint16_t
get_port(void *arg)
{
	(void)arg;
	return port;
}

static uint32_t
get_mark(void *arg)
{
	(void)arg;
	return mark;
}

static uint32_t
scope(void *arg, const char *name)
{
	(void)arg;
	return strlen(name) < 4 ? 0 : 7;
}

static const struct wg_now now = { .at.ns = SECONDS(5) };
static const struct wg_uapi_hooks hooks = {
	.set_listen_port = set_port, .set_fwmark = set_mark,
	.listen_port = get_port, .fwmark = get_mark, .scope = scope
};

static struct wg_uapi_dump
dump_of(struct wg_device *d)
{
	struct wg_uapi *u = wg_uapi_new(d, &hooks);
	struct wg_uapi_dump dump;

	if (!u)
		abort();
	wg_uapi_feed(u, now, bytes_str("get=1\n\n"));
	assert(wg_uapi_dump_parse(&dump, wg_uapi_reply(u)) == 0);
	assert(dump.error == 0);
	wg_uapi_free(u);
	return dump;
}

static void
print_peer(struct text *t, const struct wg_uapi_dump *d,
    const struct wg_uapi_peer *p)
{
	struct wg_allowed *v = calloc(p->info.n_allowed + 1, sizeof(*v));
	struct wg_peer_set s = { .has_psk = true, .has_keepalive = true,
	    .has_endpoint = wg_endpoint_known(&p->info.endpoint),
	    .endpoint = p->info.endpoint, .keepalive = p->info.keepalive,
	    .allowed = v, .n_allowed = p->info.n_allowed };

	if (!v)
		abort();
	memcpy(s.public_key, p->info.public_key, WG_KEY);
	memcpy(s.psk, p->info.psk, WG_KEY);
	for (size_t i = 0; i < s.n_allowed; i++)
		v[i].prefix = d->allowed[p->first_allowed + i];
	wg_uapi_print_peer(t, &s);
	free(v);
}

/* Prints a dump as a set request and gives that to a new device. */
static void
again(const struct wg_uapi_dump *d)
{
	const struct wg_device_options o = { .random = randomly };
	struct wg_device *dev = wg_device_new(&o);
	struct wg_uapi *u = wg_uapi_new(dev, &hooks);
	struct wg_uapi_device_set s = { .has_private_key = true };
	struct wg_uapi_dump second;
	struct text t;

	if (!dev || !u)
		abort();
	memcpy(s.private_key, d->private_key, WG_KEY);
	text_init(&t, 1 << 24);
	wg_uapi_print_set(&t, &s);
	for (size_t i = 0; i < d->n_peers; i++)
		print_peer(&t, d, &d->peers[i]);
	wg_uapi_print_end(&t);
	assert(wg_uapi_feed(u, now, bytes_of(t.s, t.n)) == t.n);
	assert(bytes_eq(wg_uapi_reply(u), bytes_str("errno=0\n\n")));
	second = dump_of(dev);
	assert(second.n_peers == d->n_peers);
	assert(second.n_allowed == d->n_allowed);
	for (size_t i = 0; i < d->n_allowed; i++)
		assert(prefix_eq(&d->allowed[i], &second.allowed[i]));
	wg_uapi_dump_done(&second);
	text_done(&t);
	wg_uapi_free(u);
	wg_device_free(dev);
}

static void
serve(const uint8_t *data, size_t n, size_t piece)
{
	const struct wg_device_options o = { .random = randomly };
	struct wg_device *dev = wg_device_new(&o);
	struct wg_uapi *u = wg_uapi_new(dev, &hooks);
	struct wg_uapi_dump d;
	size_t at = 0;

	if (!dev || !u)
		abort();
	while (at < n && !wg_uapi_broken(u)) {
		size_t m = n - at < piece ? n - at : piece;

		at += wg_uapi_feed(u, now, bytes_of(data + at, m));
		if (wg_uapi_reply(u).n == 0)
			continue;
		assert(wg_uapi_dump_parse(&d, wg_uapi_reply(u)) == 0);
		wg_uapi_dump_done(&d);
		wg_uapi_sent(u);
	}
	d = dump_of(dev);
	again(&d);
	wg_uapi_dump_done(&d);
	wg_uapi_free(u);
	wg_device_free(dev);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct wg_uapi_dump d;
	struct wg_endpoint e;

	if (wg_uapi_dump_parse(&d, bytes_of(data, n)) == 0)
		wg_uapi_dump_done(&d);
	if (wg_endpoint_parse(&e, bytes_of(data, n))) {
		char text[WG_ENDPOINT_TEXT];
		struct wg_endpoint f;

		wg_endpoint_text(&e, text);
		assert(wg_endpoint_parse(&f, bytes_str(text)));
		assert(wg_endpoint_eq(&e, &f) || ip_is4(e.addr));
	}
	serve(data, n, n ? 1 + data[0] % 64 : 1);
	return 0;
}

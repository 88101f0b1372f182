/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "sys/clock.h"
#include "sys/entropy.h"
#include "sys/tun.h"
#include "sys/udp.h"
#include "tunneld/log.h"
#include "tunneld/loop.h"
#include "tunneld/pipe.h"
#include "tunneld/source.h"
#include "tunneld/tunnel.h"
#include "wg/device.h"
#include "wire/vnet.h"
#include "wire/vnet_merge.h"

/* Batches taken from one side before the others get their turn. */
enum { TURNS = 4 };

struct tunnel {
	struct loop *loop;
	struct wg_device *device;
	struct pipe *pipe;
	struct tun tun;
	struct udp udp;
	struct udp_rx *rx;
	struct udp_tx *tx;
	struct source *source;
	struct watch tun_watch, link_watch, udp_watch[2];
	struct vnet_cut cut;		/* of what was read from the TUN */
	bool cutting;
	bool gone;
	struct instant retry;		/* to listen, while that fails */
	int complained;			/* of this error, once */
	uint16_t port;			/* wanted; 0: any */
	uint32_t mark;
	struct vnet_merge merge;
	struct udp_datagram out[BATCH_PACKETS];
	uint8_t read[TUN_READ_MAX];
};

struct wg_now
tunnel_now(void)
{
	return (struct wg_now){ .at = clock_now(), .date = clock_wall() };
}

static void
fill_random(void *arg, void *p, size_t n)
{
	(void)arg;
	entropy_fill(p, n);
}

/* Datagrams out. */

static struct udp_datagram
to_datagram(struct tunnel *t, const struct wg_endpoint *e, struct bytes data,
    uint8_t ds, struct instant now)
{
	struct udp_datagram d = { .p = (uint8_t *)data.p, .n = data.n,
	    .ds = ds, .path = { .to = e->addr, .port = e->port,
	    .scope = e->scope } };

	if (source_fits(t->source, e, t->mark, now)) {
		d.path.from = e->src;
		d.path.from_if = e->src_if;
	}
	return d;
}

static struct wg_endpoint
from_path(const struct udp_path *path)
{
	return (struct wg_endpoint){ .addr = path->to, .port = path->port,
	    .scope = path->scope, .src = path->from,
	    .src_if = path->from_if };
}

static void
finish_outbound(struct tunnel *t, struct batch *b, struct instant now)
{
	size_t n = 0;

	for (size_t i = 0; i < b->n; i++) {
		struct wg_packet *p = b->v[i];

		if (p->step == WG_SEND)
			t->out[n++] = to_datagram(t, &p->endpoint,
			    bytes_of(p->data, p->len), p->ds, now);
	}
	if (n > 0)
		udp_send(t->tx, &t->udp, t->out, n);
}

static void
write_tun(void *arg, const struct bytes *v, size_t n)
{
	struct tunnel *t = arg;

	(void)tun_write(&t->tun, v, n);
}

static void
write_packet(struct tunnel *t, struct bytes packet)
{
	static const uint8_t header[VNET_HDR_SIZE];
	struct bytes v[2] = { { header, sizeof(header) }, packet };

	write_tun(t, v, 2);
}

static void
finish_inbound(struct tunnel *t, struct batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		struct wg_packet *p = b->v[i];

		if (p->step == WG_DELIVER)
			vnet_merge_add(&t->merge, p->data, p->len);
	}
	vnet_merge_flush(&t->merge);
}

static void
drain_pipe(struct tunnel *t, struct wg_now now)
{
	struct batch *b;

	while ((b = pipe_next(t->pipe))) {
		wg_device_commit(t->device, now, b->v, b->n);
		if (b->inbound)
			finish_inbound(t, b);
		else
			finish_outbound(t, b, now.at);
		pipe_release(t->pipe, b);
	}
}

static void
log_event(const struct wg_out *out)
{
	char key[WG_KEY_BASE64] = "-", to[WG_ENDPOINT_TEXT], ip[IP_TEXT];

	if (out->public_key)
		wg_key_to_base64(key, out->public_key);
	switch (out->event) {
	case WG_EVENT_HANDSHAKE:
		log_verbose("info", "handshake peer=%s endpoint=%s", key,
		    wg_endpoint_text(&out->endpoint, to));
		break;
	case WG_EVENT_ROAMED:
		log_verbose("remote", "roamed peer=%s endpoint=%s", key,
		    wg_endpoint_text(&out->endpoint, to));
		break;
	case WG_EVENT_GAVE_UP:
		log_verbose("remote", "no answer to handshakes peer=%s", key);
		break;
	case WG_EVENT_NO_PEER:
		log_verbose("config", "no peer has %s",
		    ip_text(out->ip, ip));
		break;
	case WG_EVENT_NO_ENDPOINT:
		log_verbose("config", "no endpoint known peer=%s", key);
		break;
	case WG_EVENT_NONE:
		break;
	}
}

/* What the device itself has to say. */
static void
drain_device(struct tunnel *t)
{
	struct udp_datagram d;
	struct wg_out out;

	while (wg_device_poll(t->device, &out)) {
		switch (out.kind) {
		case WG_OUT_DATAGRAM:
			d = to_datagram(t, &out.endpoint, out.data, out.ds,
			    clock_now());
			udp_send(t->tx, &t->udp, &d, 1);
			break;
		case WG_OUT_PACKET:
			write_packet(t, out.data);
			break;
		case WG_OUT_EVENT:
			log_event(&out);
			break;
		case WG_OUT_NONE:
			break;
		}
	}
}

/* Packets from the TUN. */

/* False when there is nothing more to read for now. */
static bool
read_tun(struct tunnel *t)
{
	ssize_t n = tun_read(&t->tun, t->read, sizeof(t->read));

	if (n == -EBADFD || n == -EFAULT)
		t->gone = true;
	if (n < 0)
		return false;
	t->cutting = vnet_cut_init(&t->cut, bytes_of(t->read, (size_t)n));
	return true;
}

/* False when the TUN has nothing more for now. */
static bool
fill_outbound(struct tunnel *t, struct batch *b)
{
	uint8_t *room;
	size_t n, cap;

	while ((room = batch_room(b, &cap))) {
		if (!t->cutting) {
			if (!read_tun(t))
				return false;
			continue;
		}
		n = vnet_cut_next(&t->cut, room, cap);
		if (n > 0)
			batch_put(b, n);
		else
			t->cutting = false;
	}
	return true;
}

static void link_ready(void *arg, uint32_t events);

static void
tun_ready(void *arg, uint32_t events)
{
	struct tunnel *t = arg;
	struct wg_now now = tunnel_now();
	struct batch *b;
	bool more = true;

	(void)events;
	/* The first packet may overtake the news that the link is up. */
	if (!wg_device_is_up(t->device))
		link_ready(t, 0);
	for (int turn = 0; turn < TURNS && more; turn++) {
		b = pipe_take(t->pipe, false);
		if (!b)
			break;
		more = fill_outbound(t, b);
		if (b->n == 0)
			break;
		wg_device_outbound(t->device, now, b->v, b->n);
		pipe_submit(t->pipe, b);
		drain_pipe(t, now);
	}
	drain_device(t);
}

/* Datagrams from the sockets. */

static void
fill_inbound(struct tunnel *t, struct batch *b)
{
	struct udp_datagram d;
	struct wg_packet *p;

	while (b->n < BATCH_PACKETS && udp_recv_next(t->rx, &d)) {
		p = batch_add(b);
		p->data = d.p;
		p->len = (uint32_t)d.n;
		p->ds = d.ds;
		p->endpoint = from_path(&d.path);
	}
}

static void
udp_ready(struct tunnel *t, int fd)
{
	struct wg_now now = tunnel_now();
	struct batch *b;

	for (int turn = 0; turn < TURNS && udp_recv(t->rx, fd) > 0; turn++) {
		while ((b = pipe_take(t->pipe, true))) {
			fill_inbound(t, b);
			if (b->n == 0)
				break;
			wg_device_inbound(t->device, now, b->v, b->n);
			pipe_submit(t->pipe, b);
			drain_pipe(t, now);
		}
	}
	drain_device(t);
}

static void
udp4_ready(void *arg, uint32_t events)
{
	struct tunnel *t = arg;

	(void)events;
	udp_ready(t, t->udp.fd[0]);
}

static void
udp6_ready(void *arg, uint32_t events)
{
	struct tunnel *t = arg;

	(void)events;
	udp_ready(t, t->udp.fd[1]);
}

/* Up and down. */

static void
close_sockets(struct tunnel *t)
{
	for (int i = 0; i < 2; i++)
		loop_forget(t->loop, &t->udp_watch[i]);
	udp_close(&t->udp);
}

/* The old ones stay when the new cannot be had. */
static int
open_sockets(struct tunnel *t, uint16_t port)
{
	struct udp fresh;
	int err = udp_open(&fresh, port, t->mark);

	if (err)
		return err;
	close_sockets(t);
	t->udp = fresh;
	for (int i = 0; i < 2 && !err; i++) {
		if (fresh.fd[i] >= 0)
			err = loop_watch(t->loop, &t->udp_watch[i],
			    fresh.fd[i], EPOLLIN);
	}
	if (err)
		close_sockets(t);
	return err;
}

static bool
is_open(const struct tunnel *t)
{
	return t->udp.fd[0] >= 0 || t->udp.fd[1] >= 0;
}

static void
go_up(struct tunnel *t)
{
	struct wg_now now = tunnel_now();
	int err = open_sockets(t, t->port);

	t->retry = instant_add(now.at, SECONDS(1));
	if (err) {
		if (err != t->complained)
			log_error("system", "cannot listen on port %u: %s",
			    (unsigned)t->port, strerror(-err));
		t->complained = err;
		return;
	}
	t->complained = 0;
	t->port = t->udp.port;
	wg_device_up(t->device, now);
	log_verbose("info", "up port=%u mtu=%u", (unsigned)t->port,
	    t->tun.mtu);
}

static void
go_down(struct tunnel *t)
{
	wg_device_down(t->device);
	close_sockets(t);
	log_verbose("info", "down");
}

static void
apply_link(struct tunnel *t)
{
	wg_device_set_mtu(t->device, t->tun.mtu);
	if (t->tun.up && !wg_device_is_up(t->device))
		go_up(t);
	else if (!t->tun.up && wg_device_is_up(t->device))
		go_down(t);
}

static void
link_ready(void *arg, uint32_t events)
{
	struct tunnel *t = arg;
	int fd = t->tun.link_fd;

	(void)events;
	if (fd < 0)
		return;
	switch (tun_link_event(&t->tun)) {
	case TUN_SAME:
		break;
	case TUN_CHANGED:
		apply_link(t);
		break;
	case TUN_GONE:
		t->gone = true;
		break;
	}
	if (t->tun.link_fd == fd)
		return;
	/* It is watched from another namespace now; the old fd is closed. */
	loop_forget(t->loop, &t->link_watch);
	if (t->tun.link_fd >= 0)
		(void)loop_watch(t->loop, &t->link_watch, t->tun.link_fd,
		    EPOLLIN);
}

/* Life. */

static int
watch_all(struct tunnel *t)
{
	int err = loop_watch(t->loop, &t->tun_watch, t->tun.fd, EPOLLIN);

	if (!err && t->tun.link_fd >= 0)
		err = loop_watch(t->loop, &t->link_watch, t->tun.link_fd,
		    EPOLLIN);
	return err;
}

static void
init_watches(struct tunnel *t)
{
	t->tun_watch = (struct watch){ -1, tun_ready, t };
	t->link_watch = (struct watch){ -1, link_ready, t };
	t->udp_watch[0] = (struct watch){ -1, udp4_ready, t };
	t->udp_watch[1] = (struct watch){ -1, udp6_ready, t };
}

static int
make_parts(struct tunnel *t)
{
	struct wg_device_options o = { .random = fill_random,
	    .mtu = t->tun.mtu };

	t->device = wg_device_new(&o);
	t->pipe = pipe_new();
	t->rx = udp_rx_new();
	t->tx = udp_tx_new();
	t->source = source_new();
	return t->device && t->pipe && t->rx && t->tx && t->source ? 0 :
	    -ENOMEM;
}

int
tunnel_new(struct loop *l, const char *name, int tun_fd,
    struct tunnel **ret_tunnel)
{
	struct tunnel *t = mem_zalloc(sizeof(*t));
	int err;

	if (!t)
		return -ENOMEM;
	t->loop = l;
	t->udp = (struct udp){ .fd = { -1, -1 } };
	init_watches(t);
	vnet_merge_init(&t->merge, write_tun, t);
	err = tun_fd >= 0 ? tun_adopt(tun_fd, &t->tun) :
	    tun_open(name, &t->tun);
	if (!err)
		err = make_parts(t);
	if (!err)
		err = watch_all(t);
	if (err) {
		tunnel_free(t);
		return err;
	}
	apply_link(t);
	*ret_tunnel = t;
	return 0;
}

struct tunnel *
tunnel_free(struct tunnel *t)
{
	if (!t)
		return NULL;
	close_sockets(t);
	loop_forget(t->loop, &t->tun_watch);
	loop_forget(t->loop, &t->link_watch);
	tun_close(&t->tun);
	wg_device_free(t->device);
	pipe_free(t->pipe);
	udp_rx_free(t->rx);
	udp_tx_free(t->tx);
	source_free(t->source);
	mem_wipe(t, sizeof(*t));
	mem_free(t);
	return NULL;
}

/* The interface is up and its port belongs to somebody else. */
static bool
is_waiting(const struct tunnel *t)
{
	return t->tun.up && !wg_device_is_up(t->device);
}

struct instant
tunnel_settle(struct tunnel *t)
{
	struct wg_now now = tunnel_now();
	struct instant wake;

	if (is_waiting(t) && instant_due(t->retry, now.at))
		go_up(t);
	if (instant_due(wg_device_deadline(t->device), now.at))
		wg_device_tick(t->device, now);
	drain_device(t);
	wake = wg_device_deadline(t->device);
	return is_waiting(t) ? instant_min(wake, t->retry) : wake;
}

bool
tunnel_gone(const struct tunnel *t)
{
	return t->gone;
}

const char *
tunnel_name(const struct tunnel *t)
{
	return t->tun.name;
}

struct wg_device *
tunnel_device(struct tunnel *t)
{
	return t->device;
}

/* A port that the interface has is not opened anew, as in the kernel. */
int
tunnel_set_listen_port(void *arg, uint16_t port)
{
	struct tunnel *t = arg;
	int err;

	if (t->tun.up && !(is_open(t) && port != 0 && port == t->udp.port)) {
		err = open_sockets(t, port);
		if (err)
			return err;
		port = t->udp.port;
		/* The interface came up while its port was not to be had. */
		t->port = port;
		apply_link(t);
	}
	t->port = port;
	return 0;
}

int
tunnel_set_fwmark(void *arg, uint32_t mark)
{
	struct tunnel *t = arg;
	int err = udp_set_mark(&t->udp, mark);

	if (!err)
		t->mark = mark;
	return err;
}

uint16_t
tunnel_listen_port(void *arg)
{
	struct tunnel *t = arg;

	return is_open(t) ? t->udp.port : t->port;
}

uint32_t
tunnel_fwmark(void *arg)
{
	struct tunnel *t = arg;

	return t->mark;
}

/* The link of "fe80::1%eth0", where the sockets are. */
uint32_t
tunnel_scope(void *arg, const char *name)
{
	(void)arg;
	return if_nametoindex(name);
}

/* SPDX-License-Identifier: ISC */
/*
 * The queue of what the device itself has to send: handshakes, keepalives,
 * packets that waited for a session, ICMP errors and events.  Data stands
 * in one growing run of bytes, which starts anew when the queue is empty.
 */
#include "wg/device_impl.h"

#include "base/mem.h"

#define OUT_MAX		((size_t)65536)
#define OUT_BYTES_MAX	((size_t)32 << 20)

static bool
reserve_entry(struct wg_device *d)
{
	size_t cap = d->cap_out ? d->cap_out * 2 : 64;
	void *v;

	if (d->n_out < d->cap_out)
		return true;
	if (cap > OUT_MAX)
		return false;
	v = mem_resize(d->out, cap, sizeof(d->out[0]));
	if (!v)
		return false;
	d->out = v;
	d->cap_out = cap;
	return true;
}

static bool
reserve_bytes(struct wg_device *d, size_t n)
{
	size_t cap = d->cap_out_bytes ? d->cap_out_bytes : 4096;
	void *v;

	while (cap - d->n_out_bytes < n)
		cap *= 2;
	if (cap == d->cap_out_bytes)
		return true;
	if (cap > OUT_BYTES_MAX)
		return false;
	v = mem_resize(d->out_bytes, cap, 1);
	if (!v)
		return false;
	d->out_bytes = v;
	d->cap_out_bytes = cap;
	return true;
}

/* A new last entry with n bytes of data, or NULL. */
static struct wg_out_entry *
push(struct wg_device *d, enum wg_out_kind kind, size_t n)
{
	struct wg_out_entry *e;

	if (!reserve_entry(d) || !reserve_bytes(d, n))
		return NULL;
	e = &d->out[d->n_out++];
	*e = (struct wg_out_entry){ .out = { .kind = kind, .data.n = n },
	    .at = d->n_out_bytes };
	d->n_out_bytes += n;
	return e;
}

uint8_t *
wg_out_datagram(struct wg_device *d, const struct wg_endpoint *to,
    uint8_t ds, size_t n)
{
	struct wg_out_entry *e = push(d, WG_OUT_DATAGRAM, n);

	if (!e)
		return NULL;
	e->out.endpoint = *to;
	e->out.ds = ds;
	return d->out_bytes + e->at;
}

void
wg_out_undo(struct wg_device *d)
{
	d->n_out_bytes = d->out[--d->n_out].at;
}

void
wg_out_packet(struct wg_device *d, struct bytes packet)
{
	struct wg_out_entry *e = push(d, WG_OUT_PACKET, packet.n);

	if (e)
		memcpy(d->out_bytes + e->at, packet.p, packet.n);
}

void
wg_out_event(struct wg_device *d, enum wg_event event,
    const struct wg_peer *p, struct ip ip)
{
	struct wg_out_entry *e = push(d, WG_OUT_EVENT, 0);

	if (!e)
		return;
	e->out.event = event;
	e->out.ip = ip;
	if (!p)
		return;
	memcpy(e->public_key, p->noise.remote_static, WG_KEY);
	e->out.public_key = e->public_key;	/* set right by poll */
	e->out.endpoint = p->endpoint;
}

bool
wg_device_poll(struct wg_device *d, struct wg_out *ret_out)
{
	struct wg_out_entry *e;

	if (d->out_next == d->n_out) {
		d->out_next = d->n_out = d->n_out_bytes = 0;
		return false;
	}
	e = &d->out[d->out_next++];
	*ret_out = e->out;
	ret_out->data.p = d->out_bytes ? d->out_bytes + e->at : NULL;
	if (e->out.public_key)
		ret_out->public_key = e->public_key;
	return true;
}

void
wg_out_done(struct wg_device *d)
{
	mem_free(d->out);
	mem_free(d->out_bytes);
}

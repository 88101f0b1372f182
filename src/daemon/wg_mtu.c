/* SPDX-License-Identifier: ISC */
/*
 * "mtu auto", second half: what really gets through to the peers that answer
 * (wg/path_mtu.h).  The way's own MTU is wg_underlay.c's.
 *
 * A probe that is larger than the interface's MTU now, to see whether more
 * fits again, needs it lifted for a moment; the data plane needs a moment to
 * know of it, too.
 */
#include "daemon/wireguard.h"
#include "sys/echo.h"
#include "wire/echo.h"

#define MOMENT		MILLISECONDS(30)
#define IP6_HEADER	40
#define LARGEST		9000

enum { IDLE, LIFTED, SENT };

static void
send_large(struct tunnel_live *l, unsigned size)
{
	static uint8_t buf[LARGEST];
	const size_t n = size - IP6_HEADER;
	const struct echo e = { .id = (uint16_t)(l->t->echo_id + 1),
	    .seq = ++l->mtu_seq, .every = alive_every(&l->a),
	    .padding = (uint16_t)(n - ECHO_SIZE) };

	if (size > LARGEST || l->t->echo_fd < 0)
		return;
	echo_encode(buf, &e);
	(void)echo_send(l->t->echo_fd, l->p->link_local, l->t->ifindex,
	    bytes_of(buf, n));
}

static bool
any_lifted(const struct tunnel *t)
{
	for (unsigned i = 0; i < t->n_peers; i++)
		if (t->peer[i].live && t->peer[i].live->mtu_phase != IDLE)
			return true;
	return false;
}

static void
put_back(struct tunnel_live *l)
{
	if (l->mtu_phase == IDLE)
		return;
	l->mtu_phase = IDLE;
	if (!any_lifted(l->t) && l->t->echo_fd >= 0)
		(void)echo_set_mtu(l->t->echo_fd, l->t->iface, l->t->mtu);
}

/* Lets less through than its way should. */
static bool
is_narrow(const struct tunnel_peer *p)
{
	return p->live != NULL && p->live->m.found != 0 &&
	    p->live->m.found < p->live->m.top;
}

/* The narrowest peer, or NULL, and what the others let through. */
static const struct tunnel_peer *
narrowest(const struct tunnel *t, unsigned *ret_others)
{
	const struct tunnel_peer *least = NULL;
	unsigned way = tunnel_way_mtu(t), first = way, second = way;

	for (unsigned i = 0; i < t->n_peers; i++) {
		const struct tunnel_peer *p = &t->peer[i];

		if (!is_narrow(p) || p->live->m.found >= second)
			continue;
		second = p->live->m.found;
		if (second < first) {
			second = first;
			first = p->live->m.found;
			least = p;
		}
	}
	*ret_others = second;
	return least;
}

uint32_t
tunnel_mtu(const struct tunnel *t)
{
	const struct tunnel_peer *p;
	unsigned others;

	if (t->p.cf->wg.mtu != 0)
		return t->p.cf->wg.mtu;
	p = narrowest(t, &others);
	return p != NULL ? p->live->m.found : others;
}

static void
arm(struct tunnel_live *l)
{
	loop_timer_at(&l->t->p.d->loop, &l->mtu_timer, l->m.at);
}

/* No peer is asked for more than the others leave for it. */
void
tunnel_mtu_look(struct tunnel *t)
{
	const struct tunnel_peer *least;
	unsigned others;

	if (t->p.cf->wg.mtu != 0)
		return;
	least = narrowest(t, &others);
	for (unsigned i = 0; i < t->n_peers; i++) {
		struct tunnel_live *l = t->peer[i].live;
		unsigned top;

		if (l == NULL || l->a.state != ALIVE_LIVE)
			continue;
		top = least == NULL || least == l->p ? others :
		    least->live->m.found;
		if (l->m.top == top && !instant_is_never(l->m.at))
			continue;
		path_mtu_begin(&l->m, loop_now(), top);
		arm(l);
	}
}

static void
tell(struct tunnel_live *l)
{
	const struct path_mtu *m = &l->m;

	if (!path_mtu_poll(&l->m))
		return;
	if (m->found < m->top)
		proto_log(&l->t->p, CONF_LOG_REMOTE, "Peer %s: packets of "
		    "more than %u bytes get lost on the way, though %u should "
		    "fit", l->p->cf->name, m->found, m->top);
	else if (l->mtu_said != 0)
		proto_log(&l->t->p, CONF_LOG_INFO,
		    "Peer %s: packets of %u bytes get through again",
		    l->p->cf->name, m->found);
	l->mtu_said = m->found < m->top ? m->found : 0;
	tunnel_link_mtu(l->t);
	tunnel_mtu_look(l->t);
}

static void
on_timer(void *ctx)
{
	struct tunnel_live *l = ctx;
	const struct instant now = loop_now();
	unsigned size;

	if (l->mtu_phase == LIFTED) {
		send_large(l, l->m.size);
		l->mtu_phase = SENT;
		loop_timer_in(&l->t->p.d->loop, &l->mtu_timer, MOMENT);
		return;
	}
	put_back(l);
	/* What is lost now is not lost for its size. */
	if (l->a.hurry)
		path_mtu_hold(&l->m, now);
	size = path_mtu_tick(&l->m, now, alive_patience(&l->a) + 3 * MOMENT);
	if (size > l->t->mtu && echo_set_mtu(l->t->echo_fd, l->t->iface,
	    size) == 0) {
		l->mtu_phase = LIFTED;
		loop_timer_in(&l->t->p.d->loop, &l->mtu_timer, MOMENT);
		return;
	}
	if (size != 0)
		send_large(l, size);
	tell(l);
	arm(l);
}

void
tunnel_mtu_answer(struct tunnel_live *l, size_t payload)
{
	path_mtu_answer(&l->m, loop_now(), (unsigned)payload + IP6_HEADER);
	put_back(l);
	tell(l);
	if (!instant_is_never(l->m.at))
		arm(l);
}

void
tunnel_mtu_init(struct tunnel_live *l)
{
	path_mtu_init(&l->m);
	loop_timer_init(&l->mtu_timer, on_timer, l);
}

void
tunnel_mtu_stop(struct tunnel_live *l)
{
	put_back(l);
	path_mtu_stop(&l->m);
	loop_timer_clear(&l->t->p.d->loop, &l->mtu_timer);
}

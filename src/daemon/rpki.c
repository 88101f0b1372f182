/* SPDX-License-Identifier: ISC */
#include "daemon/rpki.h"

#include <string.h>

#define POLL_SLICE	2048

static const struct rt_class rpki_class = { .name = "RPKI", .rank = 3 };

static struct rtr_timer
timer_of(int64_t span, bool keep)
{
	return (struct rtr_timer){ .span = span, .keep = keep };
}

static void
configure(const struct proto *p, struct rtr_config *ret)
{
	const struct conf_rpki *cf = &p->cf->rpki;

	*ret = (struct rtr_config){
	    .version_min = cf->version_min, .version_max = cf->version_max,
	    .refresh = timer_of(cf->refresh, cf->refresh_keep),
	    .retry = timer_of(cf->retry, cf->retry_keep),
	    .expire = timer_of(cf->expire, cf->expire_keep),
	    .ignore_max_length = cf->ignore_max_length,
	    .ip4 = proto_channel(p, NET_ROA4) != NULL,
	    .ip6 = proto_channel(p, NET_ROA6) != NULL };
}

static void
trace_state(struct rpki *r, enum rtr_state was)
{
	struct rtr_status st;

	rtr_session_status(r->s, &st);
	if (st.state != was)
		proto_trace(&r->p, CONF_DEBUG_EVENTS,
		    "Changing from %s to %s state", rtr_state_text(was),
		    rtr_state_text(st.state));
}

static enum rtr_state
state_of(const struct rpki *r)
{
	struct rtr_status st;

	rtr_session_status(r->s, &st);
	return st.state;
}

void
rpki_linked(struct rpki *r, bool up)
{
	rtr_session_link(r->s, loop_now(), up);
	if (!up) {
		proto_connecting(&r->p);
		return;
	}
	r->p.message[0] = '\0';
	proto_up(&r->p);
	LIST_EACH(c, &r->p.channels, struct proto_channel, link)
		channel_start(c, false);
}

static void
refresh(struct rpki *r, bool begin)
{
	LIST_EACH(c, &r->p.channels, struct proto_channel, link) {
		if (c->state != CHANNEL_UP)
			continue;
		if (begin)
			channel_begin_refresh(c);
		else
			channel_end_refresh(c);
	}
}

static void
update(struct rpki *r, const struct rtr_out *o)
{
	struct proto_channel *c = proto_channel(&r->p,
	    (enum net_kind)o->roa.kind);

	if (c != NULL && c->state == CHANNEL_UP)
		rt_channel_update(c->rc, &o->roa, 0,
		    o->announce ? r->attrs : NULL, loop_now());
}

static void
act(struct rpki *r, const struct rtr_out *o)
{
	switch (o->kind) {
	case RTR_OUT_NONE:
		break;
	case RTR_OUT_HANG_UP:
		rpki_write(r);		/* last words */
		rpki_close(r);
		proto_connecting(&r->p);
		break;
	case RTR_OUT_DIAL:
		rpki_dial(r);
		break;
	case RTR_OUT_NOTE:
		proto_log(&r->p, o->remote ? CONF_LOG_REMOTE : CONF_LOG_INFO,
		    "%s", o->text);
		break;
	case RTR_OUT_EXPIRED:
		refresh(r, true);
		refresh(r, false);
		break;
	case RTR_OUT_BEGIN:
		r->full = o->full;
		if (r->full)
			refresh(r, true);
		break;
	case RTR_OUT_ROA:
		update(r, o);
		break;
	case RTR_OUT_END:
		if (r->full)
			refresh(r, false);
		r->full = false;
		break;
	}
}

/* The connection is gone, once all that came by it is digested. */
static void
check_lost(struct rpki *r)
{
	if (!r->broken || r->from < r->to)
		return;
	if (r->err != 0)
		proto_log(&r->p, CONF_LOG_INFO, "Connection: %s",
		    strerrordesc_np(r->err));
	else
		proto_trace(&r->p, CONF_DEBUG_EVENTS,
		    "The connection was closed");
	rpki_close(r);
	rpki_linked(r, false);
}

static bool
rpki_work(void *ctx)
{
	struct rpki *r = ctx;
	const enum rtr_state was = state_of(r);
	unsigned n = 0;
	struct rtr_out o;
	size_t left = r->to - r->from;

	while (n < POLL_SLICE && rtr_session_poll(r->s, &o)) {
		act(r, &o);
		n++;
	}
	if (n < POLL_SLICE) {
		rpki_offer(r);
		check_lost(r);
	}
	rpki_write(r);
	rpki_watch(r);
	loop_timer_at(&r->p.d->loop, &r->timer, rtr_session_deadline(r->s));
	trace_state(r, was);
	/* Until nothing comes of it any more. */
	return n > 0 || left != r->to - r->from;
}

static void
on_timer(void *ctx)
{
	struct rpki *r = ctx;

	rtr_session_tick(r->s, loop_now());
	rpki_kick(r);
}

static bool
make_attrs(struct rpki *r)
{
	struct attrs_edit e;

	attrs_edit_init(&e, NULL);
	e.source = RTS_RPKI;
	e.scope = SCOPE_UNIVERSE;
	r->attrs = attrs_intern(r->p.d->pool, &e);
	return r->attrs != NULL;
}

static void
rpki_start(struct proto *p)
{
	struct rpki *r = rpki_of(p);
	struct rtr_config cfg;

	configure(p, &cfg);
	r->fd = -1;
	r->full = false;
	r->s = rtr_session_new(&cfg);
	if (r->s == NULL || !make_attrs(r)) {
		r->s = rtr_session_free(r->s);
		proto_starved(p);
		return;
	}
	loop_work_init(&r->work, rpki_work, r);
	loop_timer_init(&r->timer, on_timer, r);
	rtr_session_start(r->s, loop_now());
	rpki_kick(r);
}

/* Everything but the routes, which are flushed after this. */
static void
rpki_shutdown(struct proto *p)
{
	struct rpki *r = rpki_of(p);

	if (r->s != NULL) {
		rpki_close(r);
		loop_work_clear(&r->work);
		loop_timer_clear(&p->d->loop, &r->timer);
		r->s = rtr_session_free(r->s);
		attrs_unref(p->d->pool, r->attrs);
	}
	proto_stopped(p);
}

static bool
rpki_reconfigure(struct proto *p, const struct conf_proto *old)
{
	struct rpki *r = rpki_of(p);
	struct rtr_config cfg;

	(void)old;
	configure(p, &cfg);
	if (r->s == NULL)
		return true;
	rtr_session_configure(r->s, &cfg);
	/* Only who is up will be asked to import anew. */
	if (p->state != PROTO_UP)
		rtr_session_reset(r->s, loop_now());
	return true;
}

static bool
rpki_reload(struct proto *p, struct proto_channel *c)
{
	struct rpki *r = rpki_of(p);

	(void)c;
	rtr_session_reset(r->s, loop_now());
	rpki_kick(r);
	return true;
}

static void
rpki_info(const struct proto *p, struct text *out)
{
	const struct rpki *r = rpki_of(p);

	if (r->s != NULL)
		text_add(out, rtr_state_text(state_of(r)));
	else
		text_add(out, p->message);
}

static void
show_timer(struct text *out, const char *name, struct instant at,
    int64_t span)
{
	int64_t left = instant_sub(at, loop_now());

	if (instant_is_never(at))
		text_printf(out, "  %-16s: ---\n", name);
	else
		text_printf(out, "  %-16s: %lld.%03d/%lld\n", name,
		    (long long)(left > 0 ? left / SECONDS(1) : 0),
		    (int)(left > 0 ? left % SECONDS(1) / MILLISECONDS(1) : 0),
		    (long long)(span / SECONDS(1)));
}

static void
show_data(const struct rtr_status *st, struct text *out)
{
	int64_t ago = instant_sub(loop_now(), st->updated);

	if (st->has_session)
		text_printf(out, "  Session ID:       %u\n"
		    "  Serial number:    %u\n", st->session, st->serial);
	else
		text_add(out, "  Session ID:       ---\n"
		    "  Serial number:    ---\n");
	if (st->has_data)
		text_printf(out, "  Last update:      before %lld.%03d s\n",
		    (long long)(ago / SECONDS(1)),
		    (int)(ago % SECONDS(1) / MILLISECONDS(1)));
	else
		text_add(out, "  Last update:      ---\n");
}

static void
rpki_details(const struct proto *p, struct text *out)
{
	const struct rpki *r = rpki_of(p);
	const struct conf_rpki *cf = &p->cf->rpki;
	struct rtr_status st;
	char ip[IP_TEXT];

	if (r->s == NULL)
		return;
	rtr_session_status(r->s, &st);
	text_printf(out, "  Cache server:     %s\n  Cache port:       %u\n"
	    "  Status:           %s\n"
	    "  Transport:        Unprotected over TCP\n"
	    "  Protocol version: %u\n", cf->remote_host ? cf->remote_host :
	    ip_text(cf->remote_ip, ip), cf->port, rtr_state_text(st.state),
	    st.version);
	show_data(&st, out);
	show_timer(out, "Refresh timer", st.refresh_at, st.refresh);
	show_timer(out, "Retry timer", st.retry_at, st.retry);
	show_timer(out, "Expire timer", st.expire_at, st.expire);
	if (proto_channel(p, NET_ROA4) == NULL)
		text_add(out, "  No roa4 channel\n");
	if (proto_channel(p, NET_ROA6) == NULL)
		text_add(out, "  No roa6 channel\n");
}

const struct proto_ops rpki_ops = {
	.kind = CONF_RPKI,
	.cls = &rpki_class,
	.size = sizeof(struct rpki),
	.own_channels = true,
	.start = rpki_start,
	.shutdown = rpki_shutdown,
	.reconfigure = rpki_reconfigure,
	.reload_in = rpki_reload,
	.info = rpki_info,
	.details = rpki_details,
};

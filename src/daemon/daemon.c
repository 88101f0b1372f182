/* SPDX-License-Identifier: ISC */
#include "daemon/daemon.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "daemon/bgp_linger.h"
#include "daemon/links.h"
#include "daemon/mrtdump.h"
#include "daemon/proto.h"
#include "daemon/reconf.h"
#include "daemon/roa.h"
#include "daemon/underlay.h"
#include "daemon/wireguard.h"
#include "sys/clock.h"
#include "sys/entropy.h"

#define TABLE_SLICE	4096
#define MAX_DIAGS	100
/* How long a shutdown may take before it is cut short. */
#define SHUTDOWN_TIME	SECONDS(10)
/* With nobody to wait for, the tables are whole after this. */
#define RECOVERY_LEAST	SECONDS(1)

struct generation *
generation_ref(struct generation *g)
{
	g->refs++;
	return g;
}

void
generation_unref(struct generation *g)
{
	if (g == NULL || --g->refs > 0)
		return;
	config_free(g->config);
	mem_free(g);
}

struct dtable *
daemon_table(const struct daemon *d, const char *name)
{
	LIST_EACH(t, &d->tables, struct dtable, link)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}

struct proto *
daemon_proto(const struct daemon *d, const char *name)
{
	LIST_EACH(p, &d->protos, struct proto, link)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

uint32_t
daemon_router_id(const struct daemon *d, const struct conf_proto *p)
{
	return p->router_id ? p->router_id : d->router_id;
}

static void
end_recovery(struct daemon *d)
{
	d->recovery.active = false;
	loop_timer_clear(&d->loop, &d->recovery.timer);
	log_msg(&d->log, CONF_LOG_INFO, NULL, "Recovery is over");
	LIST_EACH(p, &d->protos, struct proto, link)
		if (p->ops->recovery_over != NULL)
			p->ops->recovery_over(p);
	underlay_now(d);
}

static void
recovery_timeout(void *ctx)
{
	struct daemon *d = ctx;

	if (instant_due(d->recovery.ends, loop_now()))
		end_recovery(d);
	else
		daemon_recovery_check(d);
}

void
daemon_recovery_check(struct daemon *d)
{
	struct instant least = instant_add(d->started_at, RECOVERY_LEAST);

	if (!d->recovery.active || d->shutting_down)
		return;
	LIST_EACH(p, &d->protos, struct proto, link)
		if (!p->disabled && p->ops->recovered != NULL &&
		    !p->ops->recovered(p)) {
			loop_timer_at(&d->loop, &d->recovery.timer,
			    d->recovery.ends);
			return;
		}
	if (instant_due(least, loop_now()))
		end_recovery(d);
	else
		loop_timer_at(&d->loop, &d->recovery.timer, least);
}

static void
begin_recovery(struct daemon *d)
{
	d->recovery.active = true;
	d->recovery.ends = instant_add(d->started_at,
	    d->gen->config->graceful_wait);
	log_msg(&d->log, CONF_LOG_INFO, NULL,
	    "Recovering: %u routes of ours were found in the kernel",
	    d->found_routes);
}

/* All that is there has been seen: now the protocols. */
static void
on_ready(struct daemon *d)
{
	const struct config *c = d->gen->config;

	d->ready = true;
	d->ifaces_told = d->ifaces.generation;
	d->router_id = c->router_id ? c->router_id :
	    links_router_id(d, c->router_id_from);
	if (d->found_routes > 0 || d->opt.recovery)
		begin_recovery(d);
	LIST_EACH_SAFE(p, &d->protos, struct proto, link)
		proto_start(p);
	log_msg(&d->log, CONF_LOG_INFO, NULL, "Started");
	daemon_recovery_check(d);
}

void
daemon_went_down(struct daemon *d)
{
	if (!d->shutting_down)
		return;
	LIST_EACH(p, &d->protos, struct proto, link)
		if (p->state != PROTO_DOWN)
			return;
	loop_stop(&d->loop);
}

/* Whatever waits for nothing but a turn of the loop. */
static bool
before_wait(void *ctx)
{
	struct daemon *d = ctx;
	struct instant now = loop_now();
	bool more = false;

	links_tell(d);
	LIST_EACH(t, &d->tables, struct dtable, link)
		more |= rt_table_work(t->t, TABLE_SLICE, now);
	if (!more)
		iface_set_sweep(&d->ifaces);
	tables_sweep(d);
	if (d->rtnl != NULL)
		rtnl_flush(d->rtnl);
	return more;
}

static void
shutdown_timeout(void *ctx)
{
	struct daemon *d = ctx;

	log_msg(&d->log, CONF_LOG_WARNING, NULL,
	    "Some protocols did not go down in time");
	loop_stop(&d->loop);
}

void
daemon_shutdown(struct daemon *d, bool keep)
{
	if (d->shutting_down)
		return;
	log_msg(&d->log, CONF_LOG_INFO, NULL, "Shutting down%s",
	    keep ? "" : ", and taking everything away");
	d->shutting_down = true;
	d->keep = keep;
	loop_timer_clear(&d->loop, &d->recovery.timer);
	loop_timer_init(&d->cut_short, shutdown_timeout, d);
	loop_timer_in(&d->loop, &d->cut_short, SHUTDOWN_TIME);
	LIST_EACH(p, &d->protos, struct proto, link)
		proto_stop(p, PROTO_GOAL_DOWN, NULL);
	underlay_now(d);
	daemon_went_down(d);
}

static void
on_signal(uv_signal_t *h, int number)
{
	struct daemon *d = h->data;

	switch (number) {
	case SIGHUP:
		daemon_configure(d, NULL, false, false, NULL);
		break;
	case SIGUSR1:
		log_configure(&d->log, d->gen->config);
		break;
	default:
		daemon_shutdown(d, true);
		break;
	}
}

static void
on_print(void *ctx, const char *line)
{
	struct daemon *d = ctx;

	log_print(&d->log, CONF_LOG_INFO, line);
}

static void
on_filter_error(void *ctx, const char *message)
{
	struct daemon *d = ctx;

	log_msg(&d->log, CONF_LOG_WARNING, "filters", "%s", message);
}

static const struct rt_table *
find_roa_table(void *ctx, const char *name)
{
	const struct dtable *t = daemon_table(ctx, name);

	return t ? t->t : NULL;
}

static void
watch_signals(struct daemon *d)
{
	static const int number[] = { SIGHUP, SIGTERM, SIGINT, SIGUSR1 };
	uv_signal_t *h[] = { &d->sig_hup, &d->sig_term, &d->sig_int,
	    &d->sig_usr1 };

	for (unsigned i = 0; i < 4; i++) {
		uv_signal_init(&d->loop.uv, h[i]);
		h[i]->data = d;
		uv_signal_start(h[i], on_signal, number[i]);
	}
	signal(SIGPIPE, SIG_IGN);
}

static void
close_signals(struct daemon *d)
{
	uv_signal_t *h[] = { &d->sig_hup, &d->sig_term, &d->sig_int,
	    &d->sig_usr1 };

	for (unsigned i = 0; i < 4; i++)
		uv_close((uv_handle_t *)h[i], NULL);
}

static bool
open_core(struct daemon *d)
{
	entropy_fill(&d->key, sizeof(d->key));
	iface_set_init(&d->ifaces);
	d->pool = attrs_pool_new(&d->key);
	if (d->pool == NULL || !filter_env_init(&d->filters))
		return false;
	d->filters.ifaces = &d->ifaces;
	d->filters.print = on_print;
	d->filters.note = on_filter_error;
	d->filters.roa_table = find_roa_table;
	d->filters.ctx = d;
	return true;
}

static bool
open_system(struct daemon *d)
{
	int err = loop_init(&d->loop);

	if (err < 0) {
		fprintf(stderr, "warrend: %s\n", strerrordesc_np(-err));
		return false;
	}
	d->loop.before_wait = before_wait;
	d->loop.ctx = d;
	loop_timer_init(&d->recovery.timer, recovery_timeout, d);
	watch_signals(d);
	if (d->opt.ctl_new != NULL) {
		d->ctl = d->opt.ctl_new(d, d->opt.socket);
		if (d->ctl == NULL)
			return false;
	}
	err = links_open(d, on_ready);
	if (err < 0)
		fprintf(stderr, "warrend: netlink: %s\n",
		    strerrordesc_np(-err));
	return err >= 0;
}

struct daemon *
daemon_new(const struct daemon_options *o)
{
	struct daemon *d = mem_zalloc(sizeof(*d));
	struct generation *g;

	if (d == NULL)
		return NULL;
	d->opt = *o;
	list_init(&d->tables);
	list_init(&d->protos);
	list_init(&d->watchers);
	list_init(&d->stations);
	log_init(&d->log, o->foreground, o->debug);
	d->started = d->configured = clock_wall();
	d->started_at = loop_now();
	gethostname(d->hostname, sizeof(d->hostname) - 1);
	g = generation_read(o->config, daemon_how(o), NULL);
	if (g == NULL || !open_core(d))
		goto fail;
	log_configure(&d->log, g->config);
	if (!open_system(d) || !generation_first(d, g))
		goto fail;
	return d;
fail:
	mem_free(d);	/* the process ends: the kernel takes the rest */
	return NULL;
}

int
daemon_run(struct daemon *d)
{
	loop_run(&d->loop);
	return d->exit_status;
}

struct daemon *
daemon_free(struct daemon *d)
{
	LIST_EACH_SAFE(p, &d->protos, struct proto, link)
		if (p->state == PROTO_DOWN)
			proto_free(p);
	if (d->ctl != NULL)
		d->ctl = d->opt.ctl_free(d->ctl);
	mrtdump_free(d);
	links_close(d);
	tables_sweep(d);
	loop_timer_clear(&d->loop, &d->recovery.timer);
	loop_timer_clear(&d->loop, &d->cut_short);
	LIST_EACH(t, &d->tables, struct dtable, link)
		t->watch = roa_watch_free(t->watch);
	close_signals(d);
	tunnel_hooks_done(d);
	bgp_linger_done();
	loop_done(&d->loop);
	if (list_empty(&d->protos)) {
		tables_free(d);
		attrs_pool_free(d->pool);
	}
	iface_set_done(&d->ifaces);
	filter_env_done(&d->filters);
	log_done(&d->log);
	mem_free(d->nft);
	generation_unref(d->gen);
	mem_free(d);
	return NULL;
}

/* SPDX-License-Identifier: ISC */
#include "daemon/reconf.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "daemon/bgp.h"
#include "daemon/links.h"
#include "daemon/mrtdump.h"
#include "daemon/proto.h"
#include "daemon/roa.h"
#include "sys/clock.h"
#include "sys/files.h"

#define MAX_DIAGS	100
#define MAX_DIAG_TEXT	(1u << 20)

static const struct conf_io real_files = {
	.read = files_read, .glob = files_glob, .exists = files_exist
};

static struct generation *
generation_new(struct config *c)
{
	struct generation *g = mem_zalloc(sizeof(*g));

	if (g == NULL) {
		config_free(c);
		return NULL;
	}
	g->config = c;
	g->refs = 1;
	return g;
}

struct generation *
generation_read(const char *file, enum conf_how how, struct text *out)
{
	struct diag_list *diags = diag_list_new(MAX_DIAGS);
	struct config *c;
	struct text t;

	if (diags == NULL)
		return NULL;
	text_init(&t, MAX_DIAG_TEXT);
	c = conf_parse_how(&real_files, file, how, diags);
	diag_print_all(diags, &t);
	if (out != NULL)
		text_add(out, t.s);
	else
		fputs(t.s, stderr);
	text_done(&t);
	diag_list_free(diags);
	return c ? generation_new(c) : NULL;
}

int
daemon_check(const struct daemon_options *o)
{
	struct generation *g = generation_read(o->config, daemon_how(o),
	    NULL);

	generation_unref(g);
	return g != NULL ? 0 : 1;
}

static bool
table_add(struct daemon *d, const struct conf_table *cf)
{
	struct dtable *t = daemon_table(d, cf->name);

	if (t != NULL && t->kind == (enum net_kind)cf->kind) {
		t->configured = true;
		return true;
	}
	t = mem_zalloc(sizeof(*t));
	if (t == NULL)
		return false;
	t->name = mem_strdup(cf->name);
	t->kind = (enum net_kind)cf->kind;
	t->configured = true;
	if (t->name != NULL)
		t->t = rt_table_new(t->name, t->kind, d->pool, &d->key);
	if (t->t == NULL) {
		mem_free(t->name);
		mem_free(t);
		return false;
	}
	rt_table_set_ifaces(t->t, &d->ifaces);
	list_push_back(&d->tables, &t->link);
	if (t->kind == NET_ROA4 || t->kind == NET_ROA6) {
		t->watch = roa_watch_new(d, t);
		return t->watch != NULL;
	}
	return true;
}

static void
table_free(struct dtable *t)
{
	list_remove(&t->link);
	t->watch = roa_watch_free(t->watch);
	rt_table_free(t->t);
	mem_free(t->name);
	mem_free(t);
}

void
tables_sweep(struct daemon *d)
{
	LIST_EACH_SAFE(t, &d->tables, struct dtable, link)
		if (!t->configured && t->users == 0)
			table_free(t);
}

void
tables_free(struct daemon *d)
{
	LIST_EACH_SAFE(t, &d->tables, struct dtable, link)
		table_free(t);
}

static bool
tables_configure(struct daemon *d, const struct config *c)
{
	LIST_EACH(t, &d->tables, struct dtable, link)
		t->configured = false;
	for (const struct conf_table *t = c->tables; t != NULL; t = t->next)
		if (!table_add(d, t))
			return false;
	return true;
}

static bool
add_proto(struct daemon *d, const struct conf_proto *cf,
    struct generation *g)
{
	struct proto *p = proto_new(d, cf, g);

	if (p == NULL) {
		log_msg(&d->log, CONF_LOG_ERROR, cf->name,
		    "This protocol could not be made");
		return false;
	}
	list_push_back(&d->protos, &p->link);
	proto_start(p);
	return true;
}

bool
generation_first(struct daemon *d, struct generation *g)
{
	d->gen = g;
	if (d->ctl != NULL)
		d->opt.ctl_configure(d->ctl, g->config);
	if (!tables_configure(d, g->config))
		return false;
	mrtdump_configure(d);
	for (const struct conf_proto *cf = g->config->protocols; cf != NULL;
	    cf = cf->next)
		add_proto(d, cf, g);
	return true;
}

static void
apply_proto(struct daemon *d, struct conf_diff_proto *x,
    struct generation *g, bool soft)
{
	struct proto *p = daemon_proto(d, x->new ? x->new->name :
	    x->old->name);

	if (x->new == NULL) {
		if (p != NULL)
			proto_stop(p, PROTO_GOAL_REMOVED, NULL);
	} else if (p == NULL) {
		add_proto(d, x->new, g);
	} else {
		/* One that was spawned has the name: it makes room. */
		if (p->own_cf != NULL)
			x->change = CONF_RESTART;
		proto_reconfigure(p, x, g, soft);
	}
}

/* The protocols in the order of the file; those that go come first. */
static void
sort_protos(struct daemon *d, const struct config *c)
{
	for (const struct conf_proto *cf = c->protocols; cf != NULL;
	    cf = cf->next) {
		struct proto *p = daemon_proto(d, cf->name);

		if (p == NULL)
			continue;
		list_remove(&p->link);
		list_push_back(&d->protos, &p->link);
		if (cf->kind == CONF_BGP)
			bgp_dynamic_sort(d, p);
	}
}

static bool
apply(struct daemon *d, struct generation *g, const struct conf_diff *diff,
    bool soft)
{
	struct generation *old = d->gen;

	if (!tables_configure(d, g->config)) {
		tables_configure(d, old->config);
		return false;
	}
	d->gen = g;
	d->configured = clock_wall();
	log_configure(&d->log, g->config);
	mrtdump_configure(d);
	if (d->ctl != NULL)
		d->opt.ctl_configure(d->ctl, g->config);
	d->router_id = g->config->router_id ? g->config->router_id :
	    links_router_id(d, g->config->router_id_from);
	for (unsigned i = 0; i < diff->n; i++) {
		struct conf_diff_proto x = diff->proto[i];

		if (diff->global_restart && x.new != NULL && x.old != NULL &&
		    x.new->kind == CONF_BGP)
			x.change = CONF_RESTART;
		apply_proto(d, &x, g, soft);
	}
	bgp_dynamic_configure(d, diff, g, soft);
	sort_protos(d, g->config);
	generation_unref(old);
	daemon_recovery_check(d);
	return true;
}

bool
daemon_configuring(const struct daemon *d)
{
	LIST_EACH(p, &d->protos, struct proto, link)
		if (p->then != NULL || p->goal == PROTO_GOAL_REMOVED)
			return true;
	return false;
}

/* Takes the reference. */
static enum daemon_configured
put_in_force(struct daemon *d, struct generation *g, bool soft)
{
	struct conf_diff *diff = conf_diff(d->gen->config, g->config);
	bool ok = diff != NULL && apply(d, g, diff, soft);

	mem_free(diff);
	if (!ok) {
		generation_unref(g);
		return DAEMON_CONF_ERROR;
	}
	log_msg(&d->log, CONF_LOG_INFO, NULL, "Reconfigured");
	return daemon_configuring(d) ? DAEMON_CONF_PROGRESS : DAEMON_CONF_DONE;
}

enum daemon_configured
daemon_configure(struct daemon *d, const char *name, bool check, bool soft,
    struct text *out)
{
	struct generation *g;

	if (name == NULL)
		name = d->opt.config;
	log_msg(&d->log, CONF_LOG_INFO, NULL, "Reading configuration from %s",
	    name);
	g = generation_read(name, daemon_how(&d->opt), out);
	if (g == NULL) {
		log_msg(&d->log, CONF_LOG_ERROR, NULL,
		    "%s has errors: nothing was changed", name);
		return DAEMON_CONF_ERROR;
	}
	if (check) {
		generation_unref(g);
		return DAEMON_CONF_OK;
	}
	return put_in_force(d, g, soft);
}

enum daemon_configured
daemon_configure_back(struct daemon *d, struct generation *g)
{
	return put_in_force(d, g, false);
}

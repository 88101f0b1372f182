/* SPDX-License-Identifier: ISC */
/* show status, memory, symbols, bfd sessions; restrict, echo, eval, down. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/arena.h"
#include "conf/filter_parse.h"
#include "daemon/ctl_impl.h"
#include "rib/attrs.h"
#include "sys/clock.h"

#define VERSION	"BIRD 2.19 (Warren " WARREN_VERSION ")"

static const char *
hostname(const struct daemon *d)
{
	return d->gen->config->hostname ? d->gen->config->hostname :
	    d->hostname;
}

static void
say_time(struct ctl_client *c, const char *what, struct wall t)
{
	struct text s;

	text_init(&s, 512);
	ctl_wall_text(&s,
	    ctl_timeformat(c, &c->d->gen->config->tf_base),
	    t, clock_wall());
	ctl_say(c, 1011, "%s %s", what, s.s);
	text_done(&s);
}

static unsigned
waited_for(const struct daemon *d)
{
	unsigned n = 0;

	LIST_EACH(p, &d->protos, struct proto, link)
		n += !p->disabled && p->ops->recovered != NULL &&
		    !p->ops->recovered(p);
	return n;
}

static void
status_json(struct ctl_client *c, const char *id)
{
	const struct daemon *d = c->d;
	struct json j;

	ctl_object_begin(c, &j);
	json_str(&j, "version", VERSION);
	json_str(&j, "router_id", id);
	json_str(&j, "hostname", hostname(d));
	json_str(&j, "file", d->opt.config);
	json_wall(&j, "now", clock_wall());
	json_wall(&j, "started", d->started);
	json_wall(&j, "configured", d->configured);
	json_bool(&j, "recovering", d->recovery.active);
	json_bool(&j, "shutting_down", d->shutting_down);
	ctl_object_end(c, &j);
}

static void
status_text(struct ctl_client *c, const char *id)
{
	const struct daemon *d = c->d;

	ctl_say(c, 1000, VERSION);
	ctl_say(c, 1011, "Router ID is %s", id);
	ctl_say(c, 1011, "Hostname is %s", hostname(d));
	say_time(c, "Current server time is", clock_wall());
	say_time(c, "Last reboot on", d->started);
	say_time(c, "Last reconfiguration on", d->configured);
	if (d->recovery.active) {
		double left = (double)instant_sub(d->recovery.ends,
		    loop_now()) / SECONDS(1);

		ctl_say(c, 24, "Graceful restart recovery in progress");
		ctl_say(c, 24, "  Waiting for %u protocols to recover",
		    waited_for(d));
		ctl_say(c, 24, "  Wait timer is %.3f/%u",
		    left > 0 ? left : 0.0,
		    (unsigned)(d->gen->config->graceful_wait / SECONDS(1)));
	}
	ctl_end(c, 13, d->shutting_down ? "Shutdown in progress" :
	    "Daemon is up and running");
}

void
cmd_show_status(struct ctl_client *c, struct ctl_words *w)
{
	char id[IP_TEXT];

	if (!ctl_no_more(c, w))
		return;
	ip_text(ip4(c->d->router_id), id);
	if (c->json)
		status_json(c, id);
	else
		status_text(c, id);
}

struct size {
	const char *what;
	const char *key;
	size_t used, over;
};

/* Below 10000 of a unit, with one digit behind the point. */
static double
scaled(size_t n, char *ret_unit)
{
	static const char unit[] = " kMGT";
	double v = (double)n;
	unsigned i = 0;

	while (v >= 10000 && i < 4) {
		v /= 1024;
		i++;
	}
	*ret_unit = unit[i];
	return v;
}

static void
memory_row(struct ctl_client *c, const struct size *s)
{
	char u, o;
	double used = scaled(s->used, &u), over = scaled(s->over, &o);

	ctl_say(c, 1018, "%-17s %6.1f %cB %8.1f %cB", s->what, used, u, over,
	    o);
}

static void
count_memory(const struct daemon *d, struct size v[4])
{
	LIST_EACH(t, &d->tables, struct dtable, link)
		v[0].used += rt_bytes(t->t);
	v[1].used = attrs_pool_bytes(d->pool);
	LIST_EACH(p, &d->protos, struct proto, link) {
		v[2].used += p->ops->size;
		LIST_EACH(ch, &p->channels, struct proto_channel, link)
			v[2].used += sizeof(*ch) +
			    ch->rc->exported.n * sizeof(uint64_t);
	}
	v[3].used = arena_size(d->gen->config->arena);
}

void
cmd_show_memory(struct ctl_client *c, struct ctl_words *w)
{
	struct size v[5] = { { "Routing tables:", "tables" },
	    { "Route attributes:", "attributes" },
	    { "Protocols:", "protocols" }, { "Current config:", "config" },
	    { "Total:", "total" } };
	struct json j;

	if (!ctl_no_more(c, w))
		return;
	count_memory(c->d, v);
	for (unsigned i = 0; i < 4; i++)
		v[4].used += v[i].used;
	if (c->json) {
		ctl_object_begin(c, &j);
		for (unsigned i = 0; i < 5; i++)
			json_u64(&j, v[i].key, v[i].used);
		ctl_object_end(c, &j);
		return;
	}
	ctl_say(c, 1018, "BIRD memory usage");
	ctl_say(c, 1018, "                  Effective    Overhead");
	for (unsigned i = 0; i < 5; i++)
		memory_row(c, &v[i]);
	ctl_ok(c);
}

static const char *
symbol_kind(const struct conf_symbol *s)
{
	static const char *const name[] = {
		"undefined", "constant", "function", "filter",
		"protocol template", "routing table", "protocol",
		"custom attribute", "variable"
	};

	return name[s->kind];
}

static void
symbol_row(struct ctl_client *c, const struct conf_symbol *s)
{
	struct json j;

	if (!c->json) {
		ctl_say(c, 1010, "%-8s\t%s", s->name, symbol_kind(s));
		return;
	}
	ctl_row_begin(c, &j);
	json_str(&j, "name", s->name);
	json_str(&j, "kind", symbol_kind(s));
	ctl_row_end(c, &j);
}

void
cmd_show_symbols(struct ctl_client *c, struct ctl_words *w)
{
	static const char *const kinds[] = { "constant", "function", "filter",
	    "template", "table", "protocol", "attribute", NULL };
	const struct config *cf = c->d->gen->config;
	const struct conf_symbol *one = NULL;
	int kind = -1;

	if (ctl_peek(w) != NULL &&
	    (one = config_symbol(cf, ctl_peek(w)->s)) != NULL)
		w->i++;
	else if (ctl_peek(w) != NULL && w->i + 1 == w->n &&
	    ctl_match(ctl_peek(w), kinds) == -1) {
		ctl_end(c, 1010, "%-8s\tundefined", ctl_peek(w)->s);
		return;
	} else if (ctl_peek(w) != NULL &&
	    (kind = ctl_take_one(w, kinds)) < 0) {
		ctl_expected(c, w, "END or a symbol or constant or function "
		    "or filter or template or table or protocol");
		return;
	}
	if (!ctl_no_more(c, w))
		return;
	if (one != NULL && !c->json) {
		ctl_end(c, 1010, "%-8s\t%s", one->name, symbol_kind(one));
		return;
	}
	if (c->json)
		ctl_rows_begin(c);
	for (const struct conf_symbol *s = cf->symbols; s != NULL;
	    s = s->next)
		if ((one == NULL || one == s) && (kind < 0 ||
		    s->kind == CONF_SYM_CONSTANT + kind))
			symbol_row(c, s);
	if (c->json)
		ctl_rows_end(c);
	else
		ctl_ok(c);
}

void
cmd_restrict(struct ctl_client *c, struct ctl_words *w)
{
	if (!ctl_no_more(c, w))
		return;
	c->restricted = true;
	ctl_end(c, 16, "Access restricted");
}

/*
 * Who asks is written down: to take every tunnel down is the one thing that
 * people want to know of afterwards.
 */
void
cmd_down(struct ctl_client *c, struct ctl_words *w)
{
	struct ucred who = { 0 };
	socklen_t n = sizeof(who);

	if (!ctl_no_more(c, w))
		return;
	getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &who, &n);
	log_msg(&c->d->log, CONF_LOG_INFO, "control",
	    "\"down\" by user %u, process %d", (unsigned)who.uid,
	    (int)who.pid);
	ctl_end(c, 7, "Shutdown requested");
	daemon_shutdown(c->d, false);
}

/* Flags in braces, or all, or off, or a number.  False after an error. */
static bool
take_flags(struct ctl_client *c, struct ctl_words *w,
    const char *const *names, unsigned all, unsigned *ret)
{
	static const char *const whole[] = { "all", "off", NULL };
	int i = ctl_take_one(w, whole);

	*ret = i == 0 ? all : 0;
	if (i >= 0)
		return true;
	if (!ctl_take(w, "{"))
		return ctl_expected(c, w, "OFF or '{' or ALL");
	do {
		i = ctl_take_one(w, names);
		if (i < 0)
			return ctl_expected(c, w, "a flag's name");
		*ret |= 1u << i;
	} while (ctl_take(w, ","));
	if (!ctl_take(w, "}"))
		return ctl_expected(c, w, "',' or '}'");
	return true;
}

/* BIRD's size of a buffer of log lines, which are not buffered here. */
static bool
skip_size(struct ctl_client *c, struct ctl_words *w)
{
	const struct ctl_word *at = ctl_peek(w);
	char *end;
	unsigned long n;

	if (at == NULL || at->quoted || at->s[0] < '0' || at->s[0] > '9')
		return true;
	n = strtoul(at->s, &end, 10);
	if (*end != '\0' || n < 256 || n > 65536) {
		ctl_end(c, 9001, "Invalid log buffer size");
		return false;
	}
	w->i++;
	return true;
}

void
cmd_echo(struct ctl_client *c, struct ctl_words *w)
{
	static const char *const names[] = { "debug", "trace", "info",
	    "remote", "warning", "error", "auth", "fatal", "bug", NULL };
	unsigned flags;

	if (!take_flags(c, w, names, CONF_LOG_ALL, &flags) ||
	    !skip_size(c, w) || !ctl_no_more(c, w))
		return;
	c->echo = flags;
	ctl_ok(c);
}

/* The flags of a command, for the protocols that it names. */
static void
set_flags(struct ctl_client *c, struct ctl_words *w,
    const char *const *names, unsigned all,
    void (*set)(struct proto *p, uint8_t flags))
{
	struct ctl_pick pick;
	unsigned flags, n = 0;

	if (!ctl_pick(c, w, &pick) || !take_flags(c, w, names, all, &flags) ||
	    !ctl_no_more(c, w))
		return;
	LIST_EACH(p, &c->d->protos, struct proto, link)
		if (ctl_picked(&pick, p)) {
			set(p, (uint8_t)flags);
			n++;
		}
	if (n == 0)
		ctl_end(c, 8003, "No protocols match");
	else
		ctl_ok(c);
}

static void
set_debug(struct proto *p, uint8_t flags)
{
	p->debug_by_hand = true;
	p->debug = flags;
}

void
cmd_debug(struct ctl_client *c, struct ctl_words *w)
{
	static const char *const names[] = { "states", "routes", "filters",
	    "interfaces", "events", "packets", NULL };

	set_flags(c, w, names, CONF_DEBUG_ALL, set_debug);
}

static void
set_mrtdump(struct proto *p, uint8_t flags)
{
	p->mrtdump_by_hand = true;
	p->mrtdump = flags;
}

void
cmd_mrtdump(struct ctl_client *c, struct ctl_words *w)
{
	static const char *const names[] = { "states", "messages", NULL };

	set_flags(c, w, names, CONF_MRT_STATES | CONF_MRT_MESSAGES,
	    set_mrtdump);
}

/* What print says while an expression is looked at goes to who asked. */
void
cmd_eval(struct ctl_client *c, struct ctl_words *w)
{
	struct diag_list *diags = diag_list_new(1);
	struct arena *arena = arena_new();
	const struct filter *f = NULL;
	const char *s = w->line + (ctl_peek(w) ? ctl_peek(w)->at :
	    strlen(w->line));
	struct text t;

	text_init(&t, 1 << 20);
	if (diags != NULL && arena != NULL)
		f = conf_filter_text(c->d->gen->config, CONF_TEXT_EXPR,
		    bytes_of((const uint8_t *)s, strlen(s)), arena, diags);
	if (f == NULL)
		ctl_end(c, 9001, "%s", diags && diag_count(diags) ?
		    diag_get(diags, 0)->message : "out of memory");
	else if (filter_eval_text(f, NULL, &c->d->filters, &t))
		ctl_end(c, 23, "%s", t.s);
	else
		ctl_end(c, 8008, "runtime error: %s", t.s);
	text_done(&t);
	arena_free(arena);
	diag_list_free(diags);
}

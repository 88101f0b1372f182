/* SPDX-License-Identifier: ISC */
/* show protocols; enable, disable, restart, reload. */
#include <errno.h>
#include <string.h>

#include "base/mem.h"
#include "conf/protos.h"
#include "daemon/bgp.h"
#include "daemon/cmd_proto_impl.h"
#include "daemon/kernel.h"
#include "filter/value.h"
#include "sys/clock.h"

bool
ctl_pick(struct ctl_client *c, struct ctl_words *w, struct ctl_pick *ret)
{
	static const char *const all[] = { "all", NULL };
	const struct ctl_word *at = ctl_peek(w);

	*ret = (struct ctl_pick){ 0 };
	/* A pattern shows, even when a shell has taken its quotes. */
	if (at != NULL && (at->quoted || strpbrk(at->s, "*?") != NULL)) {
		ret->pattern = at->s;
		w->i++;
		return true;
	}
	if (at != NULL && daemon_proto(c->d, at->s) != NULL) {
		ret->name = at->s;
		w->i++;
		return true;
	}
	return ctl_take_one(w, all) == 0 || ctl_expected(c, w,
	    "a protocol's name or a pattern in quotes or ALL");
}

bool
ctl_picked(const struct ctl_pick *k, const struct proto *p)
{
	if (k->name != NULL)
		return strcmp(k->name, p->name) == 0;
	return k->pattern == NULL ||
	    filter_pattern_match(k->pattern, p->name);
}

/* Kinds that have one channel only show its table in the list. */
static const char *
main_table(const struct proto *p)
{
	const enum conf_kind kind = p->ops->kind;
	const struct proto_channel *c;

	if ((kind != CONF_KERNEL && kind != CONF_STATIC) ||
	    list_empty(&p->channels))
		return "---";
	c = container_of(p->channels.next, struct proto_channel, link);
	return c->table->name;
}

static const char *
policy_name(const struct conf_policy *p)
{
	switch ((enum conf_policy_kind)p->kind) {
	case CONF_POLICY_NONE:
		return "REJECT";
	case CONF_POLICY_ALL:
		return "ACCEPT";
	case CONF_POLICY_FILTER:
		break;
	}
	return p->name ? p->name : "(unnamed)";
}

static void
say_limit(struct ctl_client *c, const char *what, const struct rt_limit *l,
    const struct conf_limit *cf)
{
	static const char *const action[] = {
		"none", "warn", "block", "restart", "disable"
	};

	if (cf->action == CONF_LIMIT_NONE)
		return;
	ctl_say(c, 1006, "    %-16s%u%s", what, cf->max,
	    l->hit ? " [HIT]" : "");
	ctl_say(c, 1006, "      Action:       %s", action[cf->action]);
}

static const char *
channel_state(const struct proto_channel *c)
{
	static const char *const name[] = { "DOWN", "UP", "FLUSHING" };

	return name[c->state];
}

static uint32_t
channel_preferred(const struct rt_channel *rc)
{
	return rt_owner_preferred(rc->table, &rc->owner);
}

static void
say_counts(struct ctl_client *c, const struct rt_channel *rc)
{
	const struct rt_counts *u = &rc->import_updates;
	const struct rt_counts *w = &rc->import_withdraws;

	ctl_say(c, 1006, "    Route change stats:     received   rejected   "
	    "filtered    ignored   accepted");
	ctl_say(c, 1006, "      Import updates:     %10lu %10lu %10lu %10lu "
	    "%10lu", u->received, u->rejected, u->filtered, u->ignored,
	    u->accepted);
	ctl_say(c, 1006, "      Import withdraws:   %10lu %10lu        --- "
	    "%10lu %10lu", w->received, w->rejected, w->ignored, w->accepted);
	u = &rc->export_updates;
	w = &rc->export_withdraws;
	ctl_say(c, 1006, "      Export updates:     %10lu %10lu %10lu        "
	    "--- %10lu", u->received, u->rejected, u->filtered, u->accepted);
	ctl_say(c, 1006, "      Export withdraws:   %10lu        ---        "
	    "---        --- %10lu", w->received, w->accepted);
}

static void
say_routes(struct ctl_client *c, const struct proto_channel *ch)
{
	const struct rt_channel *rc = ch->rc;

	rt_channel_look(ch->rc);
	if (ch->cf->keep_filtered)
		ctl_say(c, 1006, "    Routes:         %u imported, %u "
		    "filtered, %u exported, %u preferred", rc->imported,
		    rc->filtered, rc->exported.count, channel_preferred(rc));
	else
		ctl_say(c, 1006, "    Routes:         %u imported, %u "
		    "exported, %u preferred", rc->imported,
		    rc->exported.count, channel_preferred(rc));
	say_counts(c, rc);
}

static void
say_channel(struct ctl_client *c, const struct proto_channel *ch)
{
	const struct conf_channel *cf = ch->cf;

	ctl_say(c, 1006, "  Channel %s", conf_channel_name(cf));
	ctl_say(c, 1006, "    State:          %s", channel_state(ch));
	ctl_say(c, 1006, "    Table:          %s", ch->table->name);
	ctl_say(c, 1006, "    Preference:     %d", cf->preference);
	ctl_say(c, 1006, "    Input filter:   %s", policy_name(&cf->import));
	ctl_say(c, 1006, "    Output filter:  %s", policy_name(&cf->export));
	say_limit(c, "Receive limit:", &ch->rc->receive_limit,
	    &cf->receive_limit);
	say_limit(c, "Import limit:", &ch->rc->import_limit,
	    &cf->import_limit);
	say_limit(c, "Export limit:", &ch->rc->export_limit,
	    &cf->export_limit);
	if (ch->state != CHANNEL_DOWN)
		say_routes(c, ch);
}

/* Of one direction: out of a table, and into the other. */
static void
say_pipe_updates(struct ctl_client *c, const char *what,
    const struct rt_counts *out, const struct rt_counts *in)
{
	ctl_say(c, 1006, "    %s updates:     %10lu %10lu %10lu %10lu %10lu",
	    what, out->received, out->rejected + in->rejected, out->filtered,
	    in->ignored, in->accepted);
}

static void
say_pipe_withdraws(struct ctl_client *c, const char *what,
    const struct rt_counts *out, const struct rt_counts *in)
{
	ctl_say(c, 1006, "    %s withdraws:   %10lu %10lu        --- %10lu "
	    "%10lu", what, out->received, in->rejected, in->ignored,
	    in->accepted);
}

/* One channel seen from both ends; what leaves the peer table is import. */
static void
say_pipe(struct ctl_client *c, const struct proto *p)
{
	const struct proto_channel *ch = container_of(p->channels.next,
	    struct proto_channel, link);
	const struct rt_channel *here = ch->rc, *there = pipe_there(p);
	const char *state = there != NULL ? "up" : "down";
	const struct rt_counts *in, *out;

	ctl_say(c, 1006, "  Channel %s", "main");
	ctl_say(c, 1006, "    Table:          %s", ch->table->name);
	ctl_say(c, 1006, "    Peer table:     %s", p->cf->pipe.peer->name);
	ctl_say(c, 1006, "    Import state:   %s", state);
	ctl_say(c, 1006, "    Export state:   %s", state);
	ctl_say(c, 1006, "    Import filter:  %s",
	    policy_name(&ch->cf->import));
	ctl_say(c, 1006, "    Export filter:  %s",
	    policy_name(&ch->cf->export));
	say_limit(c, "Import limit:", &here->import_limit,
	    &ch->cf->import_limit);
	say_limit(c, "Export limit:", &here->export_limit,
	    &ch->cf->export_limit);
	if (there == NULL)
		return;
	ctl_say(c, 1006, "  Routes:         %u imported, %u exported",
	    here->imported, there->imported);
	ctl_say(c, 1006, "  Route change stats:     received   rejected   "
	    "filtered    ignored   accepted");
	out = &there->export_updates;
	in = &here->import_updates;
	say_pipe_updates(c, "Import", out, in);
	say_pipe_withdraws(c, "Import", &there->export_withdraws,
	    &here->import_withdraws);
	out = &here->export_updates;
	in = &there->import_updates;
	say_pipe_updates(c, "Export", out, in);
	say_pipe_withdraws(c, "Export", &here->export_withdraws,
	    &there->import_withdraws);
}

static void
say_details(struct ctl_client *c, const struct proto *p)
{
	struct text t;

	if (p->cf->description != NULL)
		ctl_say(c, 1006, "  Description:    %s", p->cf->description);
	if (p->message[0] != '\0' && p->ops->kind != CONF_BGP)
		ctl_say(c, 1006, "  Message:        %s", p->message);
	if (p->cf->router_id != 0) {
		char id[IP_TEXT];

		ctl_say(c, 1006, "  Router ID:      %s",
		    ip_text(ip4(p->cf->router_id), id));
	}
	if (p->ops->details != NULL) {
		text_init(&t, 1 << 20);
		p->ops->details(p, &t);
		ctl_say_lines(c, 1006, t.s);
		text_done(&t);
	}
	if (p->ops->kind == CONF_BGP)
		bgp_say_details(c, p);
	if (p->ops->kind == CONF_PIPE && !list_empty(&p->channels)) {
		say_pipe(c, p);
		ctl_say(c, 1006, "%s", "");
		return;
	}
	LIST_EACH(ch, &p->channels, struct proto_channel, link) {
		say_channel(c, ch);
		if (p->ops->kind == CONF_BGP)
			bgp_say_channel(c, p, ch);
	}
	ctl_say(c, 1006, "%s", "");
}

static void
json_counts(struct json *j, const char *key, const struct rt_counts *n)
{
	json_open(j, key, '{');
	json_u64(j, "received", n->received);
	json_u64(j, "rejected", n->rejected);
	json_u64(j, "filtered", n->filtered);
	json_u64(j, "ignored", n->ignored);
	json_u64(j, "accepted", n->accepted);
	json_close(j, '}');
}

static void
json_channel(struct json *j, const struct proto_channel *ch)
{
	const struct rt_channel *rc = ch->rc;

	rt_channel_look(ch->rc);
	json_open(j, NULL, '{');
	json_str(j, "family", conf_channel_name(ch->cf));
	json_str(j, "table", ch->table->name);
	json_str(j, "state", channel_state(ch));
	json_int(j, "preference", ch->cf->preference);
	json_str(j, "import", policy_name(&ch->cf->import));
	json_str(j, "export", policy_name(&ch->cf->export));
	json_u64(j, "imported", rc->imported);
	json_u64(j, "filtered", rc->filtered);
	json_u64(j, "exported", rc->exported.count);
	json_u64(j, "preferred", ch->state == CHANNEL_DOWN ? 0 :
	    channel_preferred(rc));
	json_counts(j, "import_updates", &rc->import_updates);
	json_counts(j, "import_withdraws", &rc->import_withdraws);
	json_counts(j, "export_updates", &rc->export_updates);
	json_counts(j, "export_withdraws", &rc->export_withdraws);
	json_close(j, '}');
}

static void
json_kernel(struct json *j, const struct proto *p)
{
	char net[PREFIX_TEXT], ip[IP_TEXT];
	struct kernel_view v;
	bool some;

	kernel_look(p, &v);
	some = v.refused > 0 && v.err != 0;
	json_open(j, "kernel", '{');
	json_u64(j, "table", p->cf->kernel.table);
	json_u64(j, "routes", v.routes);
	json_u64(j, "refused", v.refused);
	json_str(j, "refused_net", some ? prefix_text(&v.net, net) : NULL);
	json_str(j, "refused_why", some ? strerrordesc_np(-v.err) : NULL);
	json_str(j, "refused_prefsrc", some && v.err == -EINVAL &&
	    !ip_is_none(v.prefsrc) ? ip_text(v.prefsrc, ip) : NULL);
	json_close(j, '}');
}

static void
proto_json(struct ctl_client *c, const struct proto *p, const char *info)
{
	struct json j;

	ctl_row_begin(c, &j);
	json_str(&j, "name", p->name);
	json_str(&j, "proto", conf_kind_name(p->ops->kind));
	json_str(&j, "state", proto_state_name(p));
	json_wall(&j, "since", p->since);
	json_str(&j, "info", info);
	json_str(&j, "description", p->cf->description);
	json_str(&j, "message", p->message[0] ? p->message : NULL);
	json_bool(&j, "disabled", p->disabled);
	if (p->ops->kind == CONF_BGP)
		bgp_json_details(&j, p);
	if (p->ops->kind == CONF_KERNEL)
		json_kernel(&j, p);
	json_open(&j, "channels", '[');
	LIST_EACH(ch, &p->channels, struct proto_channel, link)
		json_channel(&j, ch);
	json_close(&j, ']');
	ctl_row_end(c, &j);
}

static void
proto_text(struct ctl_client *c, const struct proto *p, const char *info,
    bool all)
{
	struct text since;

	text_init(&since, 512);
	ctl_wall_text(&since,
	    ctl_timeformat(c, &c->d->gen->config->tf_protocol),
	    p->since,
	    clock_wall());
	ctl_say(c, 1002, "%-10s %-10s %-10s %-6s %-12s  %s", p->name,
	    conf_kind_name(p->ops->kind), main_table(p), proto_state_name(p),
	    since.s, info);
	text_done(&since);
	if (all)
		say_details(c, p);
}

struct show {
	struct ctl_job job;
	struct ctl_pick pick;
	bool all;
	unsigned done;			/* protocols that were looked at */
	unsigned shown;
	char word[CTL_LINE];		/* of pick */
};

static void
show_one(struct ctl_client *c, struct show *s, const struct proto *p)
{
	struct text info;

	if (s->shown++ == 0 && !c->json)
		ctl_say(c, 2002, "%-10s %-10s %-10s %-6s %-12s  %s", "Name",
		    "Proto", "Table", "State", "Since", "Info");
	text_init(&info, 4096);
	if (p->ops->info != NULL)
		p->ops->info(p, &info);
	if (c->json)
		proto_json(c, p, info.s);
	else
		proto_text(c, p, info.s, s->all);
	text_done(&info);
}

static bool
show_step(struct ctl_client *c, struct ctl_job *job)
{
	struct show *s = (struct show *)job;
	unsigned i = 0;

	LIST_EACH(p, &c->d->protos, struct proto, link) {
		if (i++ < s->done)
			continue;
		s->done++;
		if (ctl_picked(&s->pick, p))
			show_one(c, s, p);
		if (c->r.out.n >= CTL_SLICE)
			return true;
	}
	if (c->json)
		ctl_rows_end(c);
	else if (s->shown == 0)
		ctl_end(c, 8003, "No protocols match");
	return false;
}

static void
show_free(struct ctl_client *c, struct ctl_job *job)
{
	(void)c;
	mem_free(job);
}

void
cmd_show_protocols(struct ctl_client *c, struct ctl_words *w)
{
	static const char *const all[] = { "all", NULL };
	struct ctl_pick pick = { 0 };
	const struct ctl_word *at = ctl_peek(w);
	bool verbose = false;
	struct show *s;

	if (at != NULL && !at->quoted && daemon_proto(c->d, at->s) == NULL)
		verbose = ctl_take_one(w, all) == 0;
	if (ctl_peek(w) != NULL && !ctl_pick(c, w, &pick))
		return;
	if (!verbose)
		verbose = ctl_take_one(w, all) == 0;
	if (!ctl_no_more(c, w))
		return;
	s = mem_zalloc(sizeof(*s));
	if (s == NULL) {
		ctl_end(c, 8000, "Out of memory");
		return;
	}
	s->job = (struct ctl_job){ show_step, show_free };
	s->all = verbose;
	s->pick = pick;
	if (pick.name != NULL)
		s->pick.name = strcpy(s->word, pick.name);
	if (pick.pattern != NULL)
		s->pick.pattern = strcpy(s->word, pick.pattern);
	c->job = &s->job;
	if (c->json)
		ctl_rows_begin(c);
}

static void
enable_one(struct ctl_client *c, struct proto *p, const char *text)
{
	if (!p->disabled) {
		ctl_say(c, 10, "%s: already enabled", p->name);
		return;
	}
	ctl_say(c, 11, "%s: enabled", p->name);
	proto_enable(p, text);
}

static void
disable_one(struct ctl_client *c, struct proto *p, const char *text)
{
	if (p->disabled) {
		ctl_say(c, 8, "%s: already disabled", p->name);
		return;
	}
	ctl_say(c, 9, "%s: disabled", p->name);
	proto_disable(p, text);
}

static void
restart_one(struct ctl_client *c, struct proto *p, const char *text)
{
	if (p->disabled) {
		ctl_say(c, 8, "%s: already disabled", p->name);
		return;
	}
	ctl_say(c, 12, "%s: restarted", p->name);
	proto_restart(p, text);
}

static void
reload(struct ctl_client *c, struct proto *p, bool in, bool out)
{
	if (p->disabled)
		ctl_say(c, 8, "%s: already disabled", p->name);
	else if (p->state != PROTO_UP)
		ctl_say(c, 8, "%s: is not UP", p->name);
	else if (!proto_reload(p, in, out))
		ctl_say(c, 8006, "%s: reload failed", p->name);
	else
		ctl_say(c, 15, "%s: reloading", p->name);
}

static void
reload_one(struct ctl_client *c, struct proto *p, const char *text)
{
	(void)text;
	reload(c, p, true, true);
}

static void
reload_in_one(struct ctl_client *c, struct proto *p, const char *text)
{
	(void)text;
	reload(c, p, true, false);
}

static void
reload_out_one(struct ctl_client *c, struct proto *p, const char *text)
{
	(void)text;
	reload(c, p, false, true);
}

/* None of what is done here takes a protocol off the list at once. */
static void
each(struct ctl_client *c, struct ctl_words *w, bool with_text,
    void (*one)(struct ctl_client *c, struct proto *p, const char *text))
{
	struct ctl_pick pick;
	const struct ctl_word *text = NULL;
	unsigned n = 0;

	if (!ctl_pick(c, w, &pick))
		return;
	if (with_text && ctl_peek(w) != NULL && ctl_peek(w)->quoted)
		text = &w->w[w->i++];
	if (!ctl_no_more(c, w))
		return;
	LIST_EACH_SAFE(p, &c->d->protos, struct proto, link)
		if (ctl_picked(&pick, p)) {
			one(c, p, text != NULL ? text->s : "");
			n++;
		}
	if (n == 0)
		ctl_end(c, 8003, "No protocols match");
	else
		ctl_ok(c);
}

void
cmd_enable(struct ctl_client *c, struct ctl_words *w)
{
	each(c, w, true, enable_one);
}

void
cmd_disable(struct ctl_client *c, struct ctl_words *w)
{
	each(c, w, true, disable_one);
}

void
cmd_restart(struct ctl_client *c, struct ctl_words *w)
{
	each(c, w, true, restart_one);
}

static void
drain(struct ctl_client *c, struct proto *p, bool on)
{
	if (p->ops != &bgp_ops)
		return;
	if (bgp_proto_drain(p, on))
		ctl_say(c, 15, "%s: graceful shutdown%s", p->name,
		    on ? "" : " is off");
	else
		ctl_say(c, 8, "%s: graceful shutdown is %s already", p->name,
		    on ? "on" : "off");
}

static void
drain_one(struct ctl_client *c, struct proto *p, const char *text)
{
	(void)text;
	drain(c, p, true);
}

static void
undrain_one(struct ctl_client *c, struct proto *p, const char *text)
{
	(void)text;
	drain(c, p, false);
}

void
cmd_graceful_shutdown(struct ctl_client *c, struct ctl_words *w)
{
	if (ctl_take(w, "off"))
		each(c, w, false, undrain_one);
	else
		each(c, w, false, drain_one);
}

void
cmd_reload(struct ctl_client *c, struct ctl_words *w)
{
	if (ctl_take(w, "in"))
		each(c, w, false, reload_in_one);
	else if (ctl_take(w, "out"))
		each(c, w, false, reload_out_one);
	else
		each(c, w, false, reload_one);
}

/* SPDX-License-Identifier: ISC */
/* show route: what is asked for, and the walk through the tables. */
#include <string.h>

#include "base/mem.h"
#include "conf/filter_parse.h"
#include "conf/protos.h"
#include "daemon/route_impl.h"

#define NETS_SLICE	512		/* looked at in one go */

enum option {
	O_ALL, O_PRIMARY, O_FILTERED, O_COUNT, O_STATS, O_FOR, O_IN, O_TABLE,
	O_PROTOCOL, O_EXPORT, O_PREEXPORT, O_NOEXPORT, O_IMPORT, O_WHERE,
	O_FILTER
};

static const char *const options[] = {
	"all", "primary", "filtered", "count", "stats", "for", "in", "table",
	"protocol", "export", "preexport", "noexport", "import", "where",
	"filter", NULL
};

static void
show_free(struct ctl_client *c, struct ctl_job *job)
{
	struct route_show *s = (struct route_show *)job;

	(void)c;
	for (unsigned i = 0; i < s->n_tables; i++)
		s->table[i]->users--;
	if (s->env_made)
		filter_env_done(&s->env);
	arena_free(s->arena);
	generation_unref(s->gen);
	mem_free(s);
}

static bool
add_table(struct route_show *s, struct dtable *t)
{
	for (unsigned i = 0; i < s->n_tables; i++)
		if (s->table[i] == t)
			return true;
	if (s->n_tables == ROUTE_TABLES)
		return false;
	t->users++;
	s->table[s->n_tables++] = t;
	return true;
}

/* An address or a prefix; the address is a prefix of its full length. */
static bool
parse_net(const char *text, struct prefix *ret)
{
	struct ip ip;

	if (prefix_parse(text, ret))
		return true;
	if (!ip_parse(text, &ip))
		return false;
	*ret = (struct prefix){ .ip = ip,
	    .kind = ip_is4(ip) ? NET_IP4 : NET_IP6,
	    .len = ip_is4(ip) ? 32 : 128 };
	return true;
}

static bool
take_net(struct ctl_client *c, struct ctl_words *w, struct prefix *ret)
{
	const struct ctl_word *at = ctl_peek(w);

	if (at == NULL || !parse_net(at->s, ret))
		return ctl_expected(c, w, "an address or a prefix");
	w->i++;
	return true;
}

/* NAME, or NAME.CHANNEL; *ret_kind NET_NONE is every channel. */
struct proto *
route_take_proto(struct ctl_client *c, struct ctl_words *w,
    enum net_kind *ret_kind)
{
	const struct ctl_word *at = ctl_peek(w);
	struct proto *p = at ? daemon_proto(c->d, at->s) : NULL;
	const char *dot = at && p == NULL ? strrchr(at->s, '.') : NULL;
	char name[CTL_LINE];

	*ret_kind = NET_NONE;
	if (dot != NULL) {
		snprintf(name, sizeof(name), "%.*s", (int)(dot - at->s),
		    at->s);
		for (int k = NET_IP4; k < NET_NKINDS; k++)
			if (strcmp(conf_net_word((enum net_kind)k),
			    dot + 1) == 0)
				*ret_kind = (enum net_kind)k;
		if (*ret_kind != NET_NONE)
			p = daemon_proto(c->d, name);
		if (p != NULL && proto_channel(p, *ret_kind) == NULL)
			p = NULL;
	}
	if (p == NULL)
		ctl_expected(c, w, "a protocol's name");
	else
		w->i++;
	return p;
}

static bool
take_table(struct ctl_client *c, struct ctl_words *w, struct route_show *s)
{
	const struct ctl_word *at = ctl_peek(w);
	struct dtable *t;

	s->tables_said = true;
	if (ctl_take(w, "all")) {
		LIST_EACH(each, &c->d->tables, struct dtable, link)
			add_table(s, each);
		return true;
	}
	t = at ? daemon_table(c->d, at->s) : NULL;
	if (t == NULL || !add_table(s, t))
		return ctl_expected(c, w, "a table's name or ALL");
	w->i++;
	return true;
}

static bool
take_mode(struct ctl_client *c, struct ctl_words *w, struct route_show *s,
    enum route_mode mode)
{
	const struct proto *p;
	enum net_kind kind;

	if ((mode == ROUTE_IMPORT || mode == ROUTE_EXPORT) &&
	    ctl_take(w, "table"))
		return route_take_adj(c, w, s, mode == ROUTE_EXPORT);
	p = route_take_proto(c, w, &kind);
	if (p == NULL)
		return false;
	s->kind = (uint8_t)kind;
	s->tables_said = false;
	s->mode = (uint8_t)mode;
	s->peer = p->number;
	snprintf(s->peer_name, sizeof(s->peer_name), "%s", p->name);
	return true;
}

static const struct filter *
compile(struct ctl_client *c, struct route_show *s,
    enum conf_filter_text kind, const char *text, size_t n, struct text *why)
{
	struct diag_list *diags = diag_list_new(1);
	const struct filter *f = NULL;

	if (s->arena == NULL)
		s->arena = arena_new();
	if (diags != NULL && s->arena != NULL)
		f = conf_filter_text(c->d->gen->config, kind,
		    bytes_of((const uint8_t *)text, n), s->arena, diags);
	if (f == NULL && why->n == 0)
		text_add(why, diags && diag_count(diags) > 0 ?
		    diag_get(diags, 0)->message : "out of memory");
	diag_list_free(diags);
	return f;
}

/*
 * An expression has no end of its own: it goes as far as it makes sense, and
 * other options may follow.  The longest that does is taken.
 */
static bool
take_filter(struct ctl_client *c, struct ctl_words *w, struct route_show *s,
    enum conf_filter_text kind)
{
	const struct ctl_word *at = ctl_peek(w);
	struct prefix net;
	struct text why;

	if (at == NULL)
		return ctl_expected(c, w, "a filter");
	text_init(&why, CTL_LINE);
	s->filter = NULL;
	for (unsigned end = w->n; end > w->i && s->filter == NULL; end--) {
		if (end < w->n && ctl_match(&w->w[end], options) < 0 &&
		    !parse_net(w->w[end].s, &net))
			continue;
		s->filter = compile(c, s, kind, w->line + at->at,
		    w->w[end - 1].end - at->at, &why);
		if (s->filter != NULL) {
			w->i = end;
			break;
		}
	}
	if (s->filter == NULL)
		ctl_end(c, 9001, "%s", why.s);
	text_done(&why);
	return s->filter != NULL;
}

static bool
take_option(struct ctl_client *c, struct ctl_words *w, struct route_show *s,
    enum option o)
{
	enum net_kind kind;
	struct proto *p;

	switch (o) {
	case O_ALL:
		s->all = true;
		return true;
	case O_PRIMARY:
		s->primary = true;
		return true;
	case O_FILTERED:
		s->filtered = true;
		return true;
	case O_COUNT:
		s->count = s->stats = true;
		return true;
	case O_STATS:
		s->stats = true;
		return true;
	case O_FOR:
		s->has_for = true;
		return take_net(c, w, &s->net);
	case O_IN:
		return take_net(c, w, &s->within);
	case O_TABLE:
		return take_table(c, w, s);
	case O_PROTOCOL:
		p = route_take_proto(c, w, &kind);
		if (p == NULL)
			return false;
		s->protocol = p->number;
		snprintf(s->protocol_name, sizeof(s->protocol_name), "%s",
		    p->name);
		s->kind = (uint8_t)kind;
		s->tables_said = false;
		return true;
	case O_EXPORT:
		return take_mode(c, w, s, ROUTE_EXPORT);
	case O_PREEXPORT:
		return take_mode(c, w, s, ROUTE_PREEXPORT);
	case O_NOEXPORT:
		return take_mode(c, w, s, ROUTE_NOEXPORT);
	case O_IMPORT:
		return take_mode(c, w, s, ROUTE_IMPORT);
	case O_WHERE:
		return take_filter(c, w, s, CONF_TEXT_WHERE);
	case O_FILTER:
		return take_filter(c, w, s, CONF_TEXT_FILTER);
	}
	return false;
}

static bool
take_options(struct ctl_client *c, struct ctl_words *w, struct route_show *s)
{
	while (ctl_peek(w) != NULL) {
		int o;

		if (s->net.kind == NET_NONE &&
		    parse_net(ctl_peek(w)->s, &s->net)) {
			w->i++;
			continue;
		}
		o = ctl_take_one(w, options);
		if (o < 0)
			return ctl_expected(c, w, "END or a prefix or ALL or "
			    "FOR or IN or TABLE or FILTER or WHERE or "
			    "PRIMARY or FILTERED or EXPORT or PREEXPORT or "
			    "NOEXPORT or IMPORT or PROTOCOL or STATS or "
			    "COUNT");
		if (!take_option(c, w, s, (enum option)o))
			return false;
	}
	return true;
}

static void
tables_of(struct route_show *s, const struct proto *p)
{
	LIST_EACH(ch, &p->channels, struct proto_channel, link)
		if (s->mode == ROUTE_ALL || s->mode == ROUTE_IMPORT ||
		    ch->state == CHANNEL_UP)
			add_table(s, ch->table);
}

/* Where nothing was said: those of the protocol, or all main tables. */
static void
default_tables(struct ctl_client *c, struct route_show *s)
{
	const struct proto *p = ctl_proto_by_number(c->d, s->peer ? s->peer :
	    s->protocol);

	if (p != NULL) {
		tables_of(s, p);
		return;
	}
	LIST_EACH(t, &c->d->tables, struct dtable, link)
		if (t->t != NULL && (strcmp(t->name, "master4") == 0 ||
		    strcmp(t->name, "master6") == 0 || t->kind == NET_ROA4 ||
		    t->kind == NET_ROA6))
			add_table(s, t);
}

static struct proto_channel *
channel_at(const struct proto *p, const struct dtable *t)
{
	LIST_EACH(ch, &p->channels, struct proto_channel, link)
		if (ch->table == t)
			return ch;
	return NULL;
}

/* Leaves out the tables that cannot have what is looked for. */
static bool
prepare_tables(struct ctl_client *c, struct route_show *s)
{
	const struct proto *p = ctl_proto_by_number(c->d, s->peer);
	unsigned n = 0;

	if (s->n_tables == 0)
		default_tables(c, s);
	for (unsigned i = 0; i < s->n_tables; i++) {
		struct dtable *t = s->table[i];

		if ((s->net.kind != NET_NONE && s->net.kind != t->kind) ||
		    (s->within.kind != NET_NONE &&
		    s->within.kind != t->kind) ||
		    (s->kind != NET_NONE && s->kind != t->kind) ||
		    (p != NULL && channel_at(p, t) == NULL &&
		    route_adj_of(s, t) == NULL)) {
			t->users--;
			continue;
		}
		s->table[n++] = s->table[i];
	}
	s->n_tables = n;
	if (n == 0)
		ctl_end(c, 9001, "No valid tables");
	return n > 0;
}

static bool
make_env(struct ctl_client *c, struct route_show *s)
{
	if (s->filter == NULL)
		return true;
	s->env_made = filter_env_init(&s->env);
	if (!s->env_made) {
		ctl_end(c, 8000, "Out of memory");
		return false;
	}
	s->env.ifaces = c->d->filters.ifaces;
	s->env.print = c->d->filters.print;
	s->env.note = c->d->filters.note;
	s->env.roa_table = c->d->filters.roa_table;
	s->env.ctx = c->d->filters.ctx;
	return true;
}

static void
show_head(struct ctl_client *c, struct route_show *s, const struct dtable *t)
{
	if (s->count || c->json)
		return;
	if (s->headed != NULL)
		ctl_say(c, 1007, "%s", "");
	ctl_say(c, 1007, "Table %s:", t->name);
	s->headed = t;
}

/* The mode's own question; fills e.  False: this route is not shown. */
static bool
wanted(struct ctl_client *c, struct route_show *s, const struct rt_table *t,
    const struct rt_route *r, struct proto_channel *ch, struct rt_edit *e)
{
	struct rt_filter every = { .constant = RT_ACCEPT }, out;
	enum rt_verdict v;

	*e = (struct rt_edit){ .net = rt_prefix(t, r->net), .table = t,
	    .src = rt_src_at(t, r->src), .route = r };
	attrs_edit_init(&e->a, r->attrs);
	if (s->now_adj != NULL && s->now_adj->export)
		return route_adj_told(c, s->now_adj, r, e, &s->told);
	if (s->mode == ROUTE_ALL || s->now_adj != NULL)
		return true;
	if (ch == NULL)
		return false;
	if (s->mode == ROUTE_IMPORT)
		return e->src->owner == &ch->rc->owner;
	if (ch->state != CHANNEL_UP)
		return false;
	out = ch->rc->out;
	ch->rc->out = every;
	v = rt_channel_would_export(ch->rc, r, e);
	ch->rc->out = out;
	if (v == RT_REJECT || s->mode == ROUTE_PREEXPORT)
		return v == RT_ACCEPT;
	v = rt_channel_would_export(ch->rc, r, e);
	(void)c;
	return (v == RT_ACCEPT) == (s->mode == ROUTE_EXPORT);
}

static bool
is_of_protocol(const struct route_show *s, const struct rt_edit *e)
{
	return s->protocol == 0 ||
	    strcmp(route_from(e), s->protocol_name) == 0;
}

static void
show_route(struct ctl_client *c, struct route_show *s, struct dtable *t,
    const struct rt_route *r, const struct rt_edit *e, bool *first)
{
	const bool best = rt_net_at(t->t, r->net)->routes != RT_NONE &&
	    rt_route_at(t->t, rt_net_at(t->t, r->net)->routes) == r;
	char net[PREFIX_TEXT] = "";

	s->shown++;
	if (s->count)
		return;
	if (c->json) {
		route_json(c, s, t->t, r, e, best);
		return;
	}
	if (s->headed != t)
		show_head(c, s, t);
	if (*first)
		prefix_text(&e->net, net);
	*first = false;
	route_text(c, s, net, t->t, r, e, best);
}

static void
show_net(struct ctl_client *c, struct route_show *s, struct dtable *t,
    struct proto_channel *ch, uint32_t id)
{
	const struct rt_route *r;
	bool first = true, counted = false, pass = false;
	uint32_t at = rt_net_at(t->t, id)->routes;

	for (r = at == RT_NONE ? NULL : rt_route_at(t->t, at); r != NULL;
	    r = rt_next(t->t, r)) {
		bool is_filtered = r->flags & RT_FILTERED;
		struct rt_edit e;

		if (is_filtered != s->filtered && s->mode != ROUTE_IMPORT)
			continue;
		s->routes++;
		s->nets += !counted;
		counted = true;
		if (!pass && wanted(c, s, t->t, r, ch, &e) &&
		    is_of_protocol(s, &e) && (s->filter == NULL ||
		    filter_run(s->filter, &e, &s->env) == RT_ACCEPT))
			show_route(c, s, t, r, &e, &first);
		attrs_unref(c->d->pool, s->told);
		s->told = NULL;
		/* Of a net, the best alone is offered to a neighbour. */
		if (s->mode != ROUTE_ALL && s->mode != ROUTE_IMPORT)
			pass = s->mode != ROUTE_EXPORT || ch == NULL ||
			    !ch->rc->secondary || !first;
		if (s->primary)
			break;
	}
}

/* False: the job has come to an end, and c has been told. */
static bool
find_channel(struct ctl_client *c, struct route_show *s,
    const struct dtable *t, struct proto_channel **ret)
{
	const struct proto *p;

	*ret = NULL;
	s->now_adj = route_adj_of(s, t);
	if (s->now_adj != NULL)
		return route_adj_refresh(c, s->now_adj);
	if (s->mode == ROUTE_ALL)
		return true;
	p = ctl_proto_by_number(c->d, s->peer);
	*ret = p ? channel_at(p, t) : NULL;
	if (p != NULL && *ret != NULL && (s->mode == ROUTE_IMPORT ||
	    (*ret)->state == CHANNEL_UP))
		return true;
	ctl_end(c, 8005, "Channel of %s is down", s->peer_name);
	return false;
}

static bool
fits(const struct route_show *s, const struct prefix *net)
{
	return s->within.kind == NET_NONE ||
	    (net->kind == s->within.kind &&
	    prefix_covers(&s->within, net));
}

static void
say_count(struct ctl_client *c, uint64_t shown, uint64_t routes,
    uint64_t nets, const char *table)
{
	struct json j;

	if (!c->json) {
		ctl_say(c, 1007, "%lu of %lu routes for %lu networks in "
		    "table %s", shown, routes, nets, table);
		return;
	}
	ctl_row_begin(c, &j);
	json_str(&j, "table", table);
	json_u64(&j, "shown", shown);
	json_u64(&j, "routes", routes);
	json_u64(&j, "networks", nets);
	ctl_row_end(c, &j);
}

static void
end_table(struct ctl_client *c, struct route_show *s, const struct dtable *t)
{
	if (s->stats) {
		if (s->headed != t)
			show_head(c, s, t);
		say_count(c, s->shown - s->was_shown,
		    s->routes - s->was_routes, s->nets - s->was_nets,
		    t->name);
	}
	s->was_shown = s->shown;
	s->was_routes = s->routes;
	s->was_nets = s->nets;
	s->now++;
	s->at = RT_NONE;
}

static void
end_all(struct ctl_client *c, struct route_show *s)
{
	if (c->json) {
		ctl_rows_end(c);
		return;
	}
	if (!s->stats || s->n_tables < 2)
		return;
	if (s->headed != NULL)
		ctl_say(c, 1007, "%s", "");
	ctl_end(c, 14, "Total: %lu of %lu routes for %lu networks in %u "
	    "tables", s->shown, s->routes, s->nets, s->n_tables);
}

static bool
walk_step(struct ctl_client *c, struct ctl_job *job)
{
	struct route_show *s = (struct route_show *)job;
	struct dtable *t = s->table[s->now];
	struct proto_channel *ch;

	if (!find_channel(c, s, t, &ch))
		return false;
	if (s->at == RT_NONE && s->tables_said)
		show_head(c, s, t);
	for (unsigned i = 0; i < NETS_SLICE; i++) {
		struct prefix net;

		s->at = rt_walk(t->t, s->at);
		if (s->at == RT_NONE) {
			end_table(c, s, t);
			break;
		}
		net = rt_prefix(t->t, s->at);
		if (fits(s, &net))
			show_net(c, s, t, ch, s->at);
		if (c->r.out.n >= CTL_SLICE)
			return true;
	}
	if (s->now < s->n_tables)
		return true;
	end_all(c, s);
	return false;
}

/* One net in each table; short enough for one go. */
static bool
one_step(struct ctl_client *c, struct ctl_job *job)
{
	struct route_show *s = (struct route_show *)job;

	for (unsigned i = 0; i < s->n_tables; i++) {
		struct dtable *t = s->table[i];
		struct proto_channel *ch;
		uint32_t id;

		if (!find_channel(c, s, t, &ch))
			return false;
		id = s->has_for ? rt_longest(t->t, &s->net) :
		    rt_find(t->t, &s->net);
		if (id != RT_NONE)
			show_net(c, s, t, ch, id);
	}
	if (s->routes == 0)
		ctl_end(c, 8001, "Network not found");
	else if (c->json)
		ctl_rows_end(c);
	return false;
}

void
cmd_show_route(struct ctl_client *c, struct ctl_words *w)
{
	struct route_show *s = mem_zalloc(sizeof(*s));

	if (s == NULL) {
		ctl_end(c, 8000, "Out of memory");
		return;
	}
	s->gen = generation_ref(c->d->gen);
	s->at = RT_NONE;
	if (!take_options(c, w, s) || !make_env(c, s))
		goto fail;
	if (s->filtered && (s->primary || s->mode != ROUTE_ALL)) {
		ctl_end(c, 9001, "Incompatible show route options");
		goto fail;
	}
	if (!prepare_tables(c, s))
		goto fail;
	s->job = (struct ctl_job){ s->net.kind == NET_NONE ? walk_step :
	    one_step, show_free };
	c->job = &s->job;
	if (c->json)
		ctl_rows_begin(c);
	return;
fail:
	show_free(c, &s->job);
}

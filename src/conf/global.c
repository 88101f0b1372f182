/* SPDX-License-Identifier: ISC */
#include "conf/global.h"

#include "base/time.h"
#include "conf/bird16.h"
#include "conf/filter_parse.h"
#include "conf/protos.h"
#include "conf/unserved.h"
#include "conf/value.h"

#define AT(f)	offsetof(struct config, f)

static void
own_router_id(struct conf_parser *p, void *base)
{
	struct config *c = base;

	if (conf_accept_word(p, "from"))
		c->router_id_from = conf_patterns(p);
	else
		conf_router_id(p, &c->router_id);
	c->router_id_said = true;
}

static const char *const log_classes[] = {
	"debug", "trace", "info", "remote", "warning", "error", "auth",
	"fatal", "bug"
};

/* "FILE" [LIMIT "BACKUP"] */
static void
log_file(struct conf_parser *p, struct conf_log *l)
{
	uint32_t limit;

	l->kind = CONF_LOG_FILE;
	l->path = conf_expect_string(p, "the name of a file");
	if (!conf_is(p, TOK_NUMBER) && !conf_is(p, '('))
		return;
	if (conf_number(p, &limit))
		l->limit = limit;
	l->backup = conf_expect_string(p, "the name of the backup file");
}

static void
log_udp(struct conf_parser *p, struct conf_log *l)
{
	uint32_t port = 514;

	l->kind = CONF_LOG_UDP;
	if (conf_is_string(p))
		l->host_name = conf_expect_string(p, "a host");
	else if (!conf_ip(p, &l->host))
		return;
	if (conf_accept_word(p, "port"))
		conf_number_in(p, 1, 65535, &port);
	l->port = (uint16_t)port;
}

static void
log_target(struct conf_parser *p, struct conf_log *l)
{
	if (conf_is_string(p)) {
		log_file(p, l);
	} else if (conf_accept_word(p, "stderr")) {
		l->kind = CONF_LOG_STDERR;
	} else if (conf_accept_word(p, "syslog")) {
		l->kind = CONF_LOG_SYSLOG;
		if (conf_accept_word(p, "name"))
			l->name = conf_expect_string(p, "a name");
	} else if (conf_accept_word(p, "udp")) {
		log_udp(p, l);
	} else {
		conf_unexpected(p, "the name of a file, syslog, stderr or "
		    "udp");
	}
}

static void
own_log(struct conf_parser *p, void *base)
{
	struct config *c = base;
	struct conf_log **end = &c->logs;
	struct conf_log *l = conf_new(p, struct conf_log);
	uint32_t classes;

	if (l == NULL)
		return;
	l->at = p->last;
	log_target(p, l);
	if (!conf_mask(p, log_classes,
	    sizeof(log_classes) / sizeof(log_classes[0]), CONF_LOG_ALL,
	    &classes))
		return;
	l->classes = (uint16_t)classes;
	while (*end != NULL)
		end = &(*end)->next;
	*end = l;
}

static void
cli_block(struct conf_parser *p, struct conf_cli *c)
{
	while (!conf_at_end(p, '}')) {
		if (conf_accept(p, ';'))
			continue;
		if (conf_expect_word(p, "restrict"))
			conf_switch(p, &c->restricted);
		conf_end_statement(p);
	}
	conf_expect(p, '}');
}

static void
own_cli(struct conf_parser *p, void *base)
{
	struct conf_cli **end = &((struct config *)base)->clis;
	struct conf_cli *c = conf_new(p, struct conf_cli);

	if (c == NULL)
		return;
	c->at = p->tok.at;
	c->path = conf_expect_string(p, "the name of a socket");
	if (conf_accept(p, '{'))
		cli_block(p, c);
	while (*end != NULL)
		end = &(*end)->next;
	if (!p->failed)
		*end = c;
}

/* One does it all; a number says nothing about what is to be done. */
static void
own_threads(struct conf_parser *p, void *base)
{
	uint32_t n;

	(void)base;
	conf_number(p, &n);
}

static void
debug_mask(struct conf_parser *p, uint8_t *ret)
{
	uint32_t mask;

	if (conf_mask(p, conf_debug_names, 6, CONF_DEBUG_ALL, &mask))
		*ret = (uint8_t)mask;
}

static void
own_debug_protocols(struct conf_parser *p, void *base)
{
	debug_mask(p, &((struct config *)base)->debug_protocols);
}

static void
own_mrtdump_protocols(struct conf_parser *p, void *base)
{
	conf_mrt_mask(p, &((struct config *)base)->mrtdump_protocols);
}

static void
own_debug_channels(struct conf_parser *p, void *base)
{
	debug_mask(p, &((struct config *)base)->debug_channels);
}

static void
own_debug_tables(struct conf_parser *p, void *base)
{
	debug_mask(p, &((struct config *)base)->debug_tables);
}

struct conf_timeformat
conf_timeformat_iso(bool is_long, unsigned digits)
{
	static const char *const times[] = { "%T", "%T.%3f", "%T.%6f" };
	static const char *const dates[] = {
		"%F %T", "%F %T.%3f", "%F %T.%6f"
	};
	struct conf_timeformat t = { .recent = is_long ? dates[digits] :
	    times[digits] };

	if (!is_long) {
		t.limit = SECONDS(20 * 3600);
		t.old = "%F";
	}
	return t;
}

/* iso long|short [ms|us] */
static void
iso(struct conf_parser *p, struct conf_timeformat *t)
{
	const bool is_long = conf_accept_word(p, "long");
	unsigned digits = 0;

	if (!is_long && !conf_accept_word(p, "short")) {
		conf_unexpected(p, "long or short");
		return;
	}
	if (conf_accept_word(p, "ms"))
		digits = 1;
	else if (conf_accept_word(p, "us"))
		digits = 2;
	*t = conf_timeformat_iso(is_long, digits);
}

static void
own_timeformat(struct conf_parser *p, void *base)
{
	struct config *c = base;
	struct conf_timeformat *t;

	if (conf_accept_word(p, "route"))
		t = &c->tf_route;
	else if (conf_accept_word(p, "protocol"))
		t = &c->tf_protocol;
	else if (conf_accept_word(p, "base"))
		t = &c->tf_base;
	else if (conf_accept_word(p, "log"))
		t = &c->tf_log;
	else {
		conf_unexpected(p, "route, protocol, base or log");
		return;
	}
	if (conf_accept_word(p, "iso")) {
		iso(p, t);
		return;
	}
	t->limit = 0;
	t->old = NULL;
	t->recent = conf_expect_string(p, "a format or iso");
	if (conf_is(p, ';') || !conf_time(p, &t->limit))
		return;
	t->old = conf_expect_string(p, "the format for older times");
}

static const struct conf_row rows[] = {
	{ "log", ROW_OWN, .own = own_log, .help =
	    "\"FILE\" [LIMIT \"BACKUP\"] | syslog [name \"N\"] | stderr | udp "
	    "ADDRESS | \"HOST\" [port N]; then all | { CLASS, … }" },
	{ "debug protocols", ROW_OWN, .own = own_debug_protocols },
	{ "debug channels", ROW_OWN, .own = own_debug_channels },
	{ "debug tables", ROW_OWN, .own = own_debug_tables },
	{ "debug commands", ROW_NUMBER, ROW_SOFT, AT(debug_commands), 0,
	    UINT32_MAX },
	{ "debug latency", ROW_SWITCH, ROW_SOFT, AT(debug_latency) },
	{ "debug latency limit", ROW_TIME, ROW_SOFT, AT(latency_limit), 0,
	    65535, 1 },
	{ "watchdog warning", ROW_TIME, ROW_SOFT, AT(watchdog_warning), 0,
	    65535, 5 },
	{ "watchdog timeout", ROW_TIME, ROW_SOFT, AT(watchdog_timeout), 0,
	    65535 },
	{ "router id", ROW_OWN, .own = own_router_id, .help =
	    "ADDRESS | NUMBER | from PATTERN, …" },
	{ "hostname", ROW_STRING, ROW_SOFT, AT(hostname), .help =
	    "default: the machine's" },
	{ "graceful restart wait", ROW_TIME, ROW_SOFT, AT(graceful_wait), 0,
	    65535, 240, .help = "for protocols to converge after a start" },
	{ "timeformat", ROW_OWN, .own = own_timeformat, .help =
	    "route | protocol | base | log, then \"FORMAT\" [LIMIT "
	    "\"OLDER\"] | iso long|short [ms|us]" },
	{ "mrtdump", ROW_STRING, ROW_SOFT, AT(mrtdump), .help =
	    "\"FILE\": for what \"mrtdump\" of protocols says" },
	{ "mrtdump protocols", ROW_OWN, .own = own_mrtdump_protocols,
	    .help = "all | off | { states, messages }: the default" },
	{ "mpls domain", ROW_UNSERVED },
	{ "cli", ROW_OWN, .own = own_cli, .help =
	    "\"SOCKET\" [{ restrict; }]: another control socket" },
	{ "threads", ROW_OWN, .own = own_threads, .help =
	    "means nothing here" },
	{ "thread group", ROW_UNSERVED },
	{ "cork threshold", ROW_UNSERVED },
};

const struct conf_rows conf_global_rows = CONF_ROWS(rows);

static struct conf_table *
add_table(struct conf_parser *p, const struct conf_token *name,
    enum net_kind kind)
{
	struct conf_table *t = conf_new(p, struct conf_table);
	struct conf_symbol *y;

	if (t == NULL)
		return NULL;
	y = conf_symbol_define(p, name, CONF_SYM_TABLE);
	if (y == NULL)
		return NULL;
	y->table = t;
	t->name = y->name;
	t->at = name->at;
	t->kind = (uint8_t)kind;
	*p->tables_end = t;
	p->tables_end = &t->next;
	return t;
}

bool
conf_global_init(struct conf_parser *p)
{
	struct conf_token name = { .kind = TOK_WORD };
	struct config *c = p->config;
	struct conf_table *t;

	conf_rows_defaults(&conf_global_rows, c);
	c->tf_base.recent = c->tf_log.recent = "%F %T.%3f";
	c->tf_route = c->tf_protocol = (struct conf_timeformat){
	    .recent = "%T.%3f", .limit = SECONDS(20 * 3600), .old = "%F" };
	name.text = bytes_str("master4");
	c->master4 = t = add_table(p, &name, NET_IP4);
	if (t == NULL)
		return false;
	t->implicit = true;
	name.text = bytes_str("master6");
	c->master6 = t = add_table(p, &name, NET_IP6);
	if (t == NULL)
		return false;
	t->implicit = true;
	return true;
}

#define TABLE(f)	offsetof(struct conf_table, f)

static const struct conf_row table_rows[] = {
	{ "sorted", ROW_SWITCH, 0, TABLE(sorted), .help =
	    "keep the routes of a net in order" },
	{ "trie", ROW_SWITCH, 0, TABLE(trie), .help =
	    "means nothing here: there always is one" },
	{ "gc threshold", ROW_NUMBER, 0, TABLE(gc_threshold), 0, UINT32_MAX,
	    .help = "means nothing here" },
	{ "gc period", ROW_TIME, 0, TABLE(gc_period), 0, 65535, .help =
	    "means nothing here" },
	{ "min settle time", ROW_TIME, 0, TABLE(settle_min), 0, 65535, 1 },
	{ "max settle time", ROW_TIME, 0, TABLE(settle_max), 0, 65535, 20 },
};

const struct conf_rows conf_table_rows = CONF_ROWS(table_rows);

static void
table_block(struct conf_parser *p, struct conf_table *t)
{
	while (!conf_at_end(p, '}')) {
		uint32_t mask;

		if (conf_accept(p, ';'))
			continue;
		if (conf_accept_word(p, "debug"))
			conf_mask(p, conf_debug_names, 6, CONF_DEBUG_ALL,
			    &mask);
		else if (!conf_rows_parse(p, &conf_table_rows, 1, t, NULL))
			conf_rows_unknown(p, &conf_table_rows, 1, NULL,
			    "in a table");
		conf_end_statement(p);
	}
	conf_expect(p, '}');
}

/* master4 and master6 may be declared once, to give them options. */
struct conf_table *
conf_table_declare(struct conf_parser *p, const struct conf_token *name,
    enum net_kind kind)
{
	struct conf_table *t;
	struct conf_symbol *y = conf_symbol_here(p, name->text);

	if (y == NULL || y->kind != CONF_SYM_TABLE || !y->table->implicit) {
		t = add_table(p, name, kind);
		if (t != NULL)
			conf_rows_defaults(&conf_table_rows, t);
		return t;
	}
	if (y->table->kind != kind) {
		conf_error(p, name->at, "table '%s' is %s", y->name,
		    conf_net_word(y->table->kind));
		return NULL;
	}
	y->table->implicit = false;
	y->table->at = y->at = name->at;
	conf_rows_defaults(&conf_table_rows, y->table);
	return y->table;
}

/* After "ipv4 table".  BIRD wants no ';' here; only an error needs it. */
static bool
table(struct conf_parser *p, enum net_kind kind)
{
	struct conf_token name;
	struct conf_table *t;

	if (!conf_expect_name(p, "the name of the table", &name))
		return true;
	t = conf_table_declare(p, &name, kind);
	if (t == NULL)
		return true;
	conf_accept_word(p, "sorted");
	if (conf_accept(p, '{'))
		table_block(p, t);
	return p->failed;
}

/* "vpn4 table t", "ipv6 sadr table t" */
static void
unserved_table(struct conf_parser *p)
{
	const struct span at = p->tok.at;
	const char *word = conf_copy(p, conf_take(p).text);

	if (conf_accept_word(p, "sadr"))
		word = "ipv6 sadr";
	if (word != NULL)
		conf_unserved_table(p, conf_span_from(p, at), word);
}

/* "ipv4 table t"; false when it is none. */
static bool
try_table(struct conf_parser *p, bool *ret_open)
{
	for (int k = NET_IP4; k < NET_NKINDS; k++)
		if (conf_is_word(p, conf_net_word((enum net_kind)k))) {
			if (conf_is2_word(p, "sadr")) {
				unserved_table(p);
				return true;
			}
			conf_take(p);
			if (conf_expect_word(p, "table"))
				*ret_open = table(p, (enum net_kind)k);
			return true;
		}
	if (conf_is_name(p) && conf_is2_word(p, "table") &&
	    (conf_is_unserved_net(p->tok.text) ||
	    conf_is_word(p, "neighbor"))) {
		unserved_table(p);
		return true;
	}
	return false;
}

/* Those that end in '}' and need no ';'. */
static bool
try_block(struct conf_parser *p)
{
	if (conf_is_word(p, "protocol"))
		conf_parse_proto(p, false);
	else if (conf_is_word(p, "template"))
		conf_parse_proto(p, true);
	else if (conf_accept_word(p, "filter"))
		conf_parse_filter(p);
	else if (conf_accept_word(p, "function"))
		conf_parse_function(p);
	else
		return false;
	return true;
}

/* Does it want a ';'? */
static bool
leaf(struct conf_parser *p)
{
	static const char *const more[] = {
		"protocol", "template", "filter", "function", "define",
		"attribute", "eval", "ipv4", "ipv6", "roa4", "roa6", "table",
		"include", NULL
	};

	bool open = true;

	if (conf_accept_word(p, "define"))
		conf_parse_define(p);
	else if (conf_accept_word(p, "attribute"))
		conf_parse_attribute(p);
	else if (conf_accept_word(p, "eval"))
		conf_parse_eval(p);
	else if (!try_table(p, &open) && !conf_bird16_global(p, &open) &&
	    !conf_rows_parse(p, &conf_global_rows, 1, p->config, NULL))
		conf_rows_unknown(p, &conf_global_rows, 1, more,
		    "outside of a protocol");
	return open;
}

/* A '}' too many would end everything. */
static void
stray_brace(struct conf_parser *p)
{
	conf_error(p, p->tok.at, "'}' without a '{'");
	p->failed = false;
	conf_take(p);
}

void
conf_global_statement(struct conf_parser *p)
{
	if (conf_at_end(p, '}') && p->tok.kind == '}') {
		stray_brace(p);
	} else if (conf_accept(p, ';')) {
		return;
	} else if (try_block(p)) {
		if (p->failed)
			conf_skip_statement(p);
	} else if (leaf(p)) {
		conf_end_statement(p);
	}
}

/* SPDX-License-Identifier: ISC */
/* Protocol mrt: which table, what of it, how often, and where to. */
#include "base/time.h"
#include "conf/filter_parse.h"
#include "conf/protos.h"
#include "conf/value.h"

#define AT(f)	offsetof(struct conf_proto, mrt.f)

/* NAME, which must be there, or "PATTERN". */
static void
own_table(struct conf_parser *p, void *base)
{
	struct conf_mrt *m = &((struct conf_proto *)base)->mrt;
	const struct conf_table *t;

	if (conf_is(p, TOK_STRING)) {
		m->table = conf_expect_string(p, "a pattern");
		m->pattern = true;
		return;
	}
	t = conf_table_ref(p, CONF_NETS_IP);
	if (t != NULL) {
		m->table = t->name;
		m->pattern = false;
	}
}

static void
own_filter(struct conf_parser *p, void *base)
{
	const char *name;
	const struct filter *f = conf_parse_filter_use(p, &name);

	if (!p->failed)
		((struct conf_proto *)base)->mrt.filter = f;
}

static void
own_where(struct conf_parser *p, void *base)
{
	const struct filter *f = conf_parse_where(p);

	if (!p->failed)
		((struct conf_proto *)base)->mrt.filter = f;
}

static void
own_period(struct conf_parser *p, void *base)
{
	uint32_t n;

	if (conf_number_in(p, 1, INT32_MAX, &n))
		((struct conf_proto *)base)->mrt.period = SECONDS(n);
}

static const struct conf_row rows[] = {
	{ "table", ROW_OWN, .own = own_table, .help =
	    "NAME | \"PATTERN\": which to dump" },
	{ NULL, ROW_STRING, 0, AT(table) },
	{ NULL, ROW_SWITCH, 0, AT(pattern) },
	{ "filter", ROW_OWN, .own = own_filter, .help =
	    "NAME | { … }: the routes that it accepts" },
	{ "where", ROW_OWN, .own = own_where, .help =
	    "EXPR: the routes for which it is true" },
	{ "filename", ROW_STRING, 0, AT(filename), .help =
	    "in strftime's notation; %N is the table" },
	{ "period", ROW_OWN, .own = own_period, .help =
	    "SECONDS between two dumps" },
	{ NULL, ROW_TIME, 0, AT(period) },
	{ "always add path", ROW_SWITCH, 0, AT(always_add_path), .help =
	    "records of RFC 8050 for every route, in the table's order" },
};

static void
check(struct conf_parser *p, struct conf_proto *proto)
{
	if (proto->mrt.table == NULL)
		conf_complain(p, proto->at, "table is missing");
	if (proto->mrt.filename == NULL || *proto->mrt.filename == '\0')
		conf_complain(p, proto->at, "filename is missing");
	if (proto->mrt.period == 0)
		conf_complain(p, proto->at, "period is missing");
}

const struct conf_kind_of conf_mrt_kind = {
	.kind = CONF_MRT, .word = "mrt", .shown = "MRT",
	.where = "in protocol mrt", .rows = CONF_ROWS(rows), .check = check
};

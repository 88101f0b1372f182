/* SPDX-License-Identifier: ISC */
#include "conf/print.h"

#include <stdio.h>

#include "base/text.h"
#include "conf/bfd.h"
#include "conf/filter_impl.h"
#include "conf/protos.h"
#include "filter/attr.h"
#include "filter/enums.h"

/* Numbers that stand for "as far as it goes" are left out. */
static void
range(const struct conf_row *r, struct text *out)
{
	if (r->hi >= INT32_MAX)
		text_printf(out, "%lld...", (long long)r->lo);
	else
		text_printf(out, "%lld\\(en%lld", (long long)r->lo,
		    (long long)r->hi);
}

static void
argument(const struct conf_row *r, struct text *out)
{
	bool first = true;

	switch ((enum conf_row_type)r->type) {
	case ROW_SWITCH:
		text_add(out, "switch");
		break;
	case ROW_NUMBER: case ROW_NUMBER16: case ROW_NUMBER8:
		text_add(out, "number ");
		range(r, out);
		break;
	case ROW_TIME:
		text_add(out, "time ");
		range(r, out);
		break;
	case ROW_STRING:
		text_add(out, "string");
		break;
	case ROW_IP:
		text_add(out, "address");
		break;
	case ROW_NET:
		text_add(out, "prefix");
		break;
	case ROW_ENUM:
		for (unsigned i = 0; r->names[i] != NULL; i++) {
			if (*r->names[i] == '\0')
				continue;
			text_printf(out, "%s%s", first ? "" : "/",
			    r->names[i]);
			first = false;
		}
		break;
	case ROW_OWN: case ROW_POINTER: case ROW_UNSERVED:
		text_add(out, "see above");
		break;
	}
}

static void
default_of(const struct conf_row *r, struct text *out)
{
	switch ((enum conf_row_type)r->type) {
	case ROW_SWITCH:
		text_add(out, r->def != 0 ? "on" : "off");
		return;
	case ROW_NUMBER: case ROW_NUMBER16: case ROW_NUMBER8:
		text_printf(out, "%lld", (long long)r->def);
		return;
	case ROW_TIME:
		if (r->def >= 0) {
			text_printf(out, "%lld s", (long long)r->def);
			return;
		}
		break;
	case ROW_ENUM:
		if (*r->names[r->def] != '\0') {
			text_add(out, r->names[r->def]);
			return;
		}
		break;
	case ROW_STRING: case ROW_IP: case ROW_NET: case ROW_OWN:
	case ROW_POINTER: case ROW_UNSERVED:
		break;
	}
	text_add(out, "\\-");
}

/* What a change means to what runs; parts of a row tell for the whole. */
static const char *
change(const struct conf_rows *set, size_t at)
{
	const struct conf_row *r = &set->row[at];
	unsigned flags = r->flags;
	bool parts = r->type != ROW_OWN;

	for (size_t i = at + 1; i < set->n && set->row[i].words == NULL; i++) {
		flags = parts ? flags & set->row[i].flags :
		    set->row[i].flags;
		parts = true;
	}
	if (!parts)
		return "\\-";
	return flags & ROW_IMPORT ? "import" : flags & ROW_EXPORT ? "export" :
	    flags & ROW_SOFT ? "none" : "restart";
}

static void
table(const char *title, const struct conf_rows *set, bool changes,
    struct text *out)
{
	if (set->n == 0)
		return;
	text_printf(out, ".Ss %s\n"
	    ".Bl -column \"long lived graceful restart\" "
	    "\"number 0\\(en0000000\" \"default\"%s\n"
	    ".It Em option Ta Em argument Ta Em default%s\n", title,
	    changes ? " \"restart\"" : "", changes ? " Ta Em change" : "");
	for (size_t i = 0; i < set->n; i++) {
		const struct conf_row *r = &set->row[i];

		if (r->words == NULL || r->type == ROW_UNSERVED)
			continue;
		text_printf(out, ".It Ic %s Ta ", r->words);
		argument(r, out);
		text_add(out, " Ta ");
		default_of(r, out);
		if (changes)
			text_printf(out, " Ta %s", change(set, i));
		text_add(out, "\n");
	}
	text_add(out, ".El\n");
}

void
conf_print_options(struct text *out)
{
	const struct conf_kind_of *k;
	char title[64];

	table("Table: outside of protocols", &conf_global_rows, false, out);
	table("Table: tables", &conf_table_rows, false, out);
	table("Table: all protocols", &conf_proto_rows, true, out);
	table("Table: channels", &conf_channel_rows, true, out);
	for (int i = CONF_DEVICE; i < CONF_NKINDS; i++) {
		k = conf_kind_of((enum conf_kind)i);
		snprintf(title, sizeof(title), "Table: %s", k->word);
		table(title, &k->rows, true, out);
		snprintf(title, sizeof(title), "Table: channels of %s",
		    k->word);
		table(title, &k->channel_rows, true, out);
	}
	table("Table: peers of a tunnel", &conf_wg_peer_rows, false, out);
	table("Table: BFD sessions", &conf_bfd_option_rows, false, out);
}

/* Each word of each row, and of what may be its value. */
static void
option_words(const struct conf_rows *set, struct text *out)
{
	for (size_t i = 0; i < set->n; i++) {
		const struct conf_row *r = &set->row[i];

		if (r->type == ROW_UNSERVED)
			continue;
		for (const char *s = r->words; s != NULL && *s != '\0'; ) {
			const size_t n = strcspn(s, " ");

			text_printf(out, "option %.*s\n", (int)n, s);
			s += n + (s[n] == ' ');
		}
		for (unsigned j = 0; r->type == ROW_ENUM &&
		    r->names[j] != NULL; j++)
			if (*r->names[j] != '\0')
				text_printf(out, "value %s\n", r->names[j]);
	}
}

static void
filter_words(struct text *out)
{
	const struct filter_enum *e;
	const struct filter_attr *a;
	const char *s;

	for (unsigned i = 0; (s = fp_statement_word(i)) != NULL; i++)
		text_printf(out, "statement %s\n", s);
	for (unsigned i = 0; (a = filter_attr_at(i)) != NULL; i++)
		text_printf(out, "attribute %s\n", a->name);
	for (unsigned i = 0; (e = filter_enum_at(i)) != NULL; i++)
		text_printf(out, "constant %s\n", e->name);
	for (unsigned i = 0; (s = filter_method_at(i)) != NULL; i++)
		text_printf(out, "method %s\n", s);
}

void
conf_print_words(struct text *out)
{
	const struct conf_kind_of *k;

	for (int i = CONF_DEVICE; i < CONF_NKINDS; i++) {
		k = conf_kind_of((enum conf_kind)i);
		text_printf(out, "protocol %s\n", k->word);
		option_words(&k->rows, out);
		option_words(&k->channel_rows, out);
	}
	option_words(&conf_global_rows, out);
	option_words(&conf_table_rows, out);
	option_words(&conf_proto_rows, out);
	option_words(&conf_channel_rows, out);
	option_words(&conf_wg_peer_rows, out);
	option_words(&conf_bfd_option_rows, out);
	filter_words(out);
}

/* SPDX-License-Identifier: ISC */
/* Protocol bmp: the station, and what it is told. */
#include "base/time.h"
#include "conf/protos.h"
#include "conf/value.h"

#define AT(f)	offsetof(struct conf_proto, bmp.f)

#define NAME_MAX_LEN	255

static struct conf_bmp *
bmp_of(void *base)
{
	return &((struct conf_proto *)base)->bmp;
}

/* ip ADDRESS port N, in any order; BIRD has no other. */
static void
own_station(struct conf_parser *p, void *base)
{
	struct conf_bmp *b = bmp_of(base);
	uint32_t n;

	while (!p->failed && !conf_is(p, ';')) {
		if (conf_accept_word(p, "ip"))
			conf_ip(p, &b->station);
		else if (!conf_accept_word(p, "port"))
			conf_unexpected(p, "ip, port or ';'");
		else if (conf_number_in(p, 1, 65535, &n))
			b->port = (uint16_t)n;
	}
}

static void
text(struct conf_parser *p, const char **ret)
{
	const struct span at = p->tok.at;
	const char *s = conf_expect_string(p, "a text");

	if (s != NULL && (*s == '\0' || strlen(s) > NAME_MAX_LEN))
		conf_error(p, at, "a text of 1 to %d octets", NAME_MAX_LEN);
	else if (s != NULL)
		*ret = s;
}

static void
own_name(struct conf_parser *p, void *base)
{
	text(p, &bmp_of(base)->name);
}

static void
own_descr(struct conf_parser *p, void *base)
{
	text(p, &bmp_of(base)->descr);
}

static const struct conf_row rows[] = {
	{ "station address", ROW_OWN, .own = own_station, .help =
	    "ip ADDRESS port N: who is told" },
	{ NULL, ROW_IP, 0, AT(station) },
	{ NULL, ROW_NUMBER16, 0, AT(port) },
	{ "local address", ROW_IP, 0, AT(local_ip), .help =
	    "from which the station is called" },
	{ "system name", ROW_OWN, .own = own_name, .help =
	    "default: our hostname" },
	{ NULL, ROW_STRING, 0, AT(name) },
	{ "system description", ROW_OWN, .own = own_descr, .help =
	    "default: Warren and its version" },
	{ NULL, ROW_STRING, 0, AT(descr) },
	{ "monitoring rib in pre_policy", ROW_SWITCH, 0, AT(before), .help =
	    "routes before the import filter, of channels with an import "
	    "table" },
	{ "monitoring rib in post_policy", ROW_SWITCH, 0, AT(after), .help =
	    "routes as the import filter leaves them" },
	{ "statistics period", ROW_TIME, 0, AT(stats), 0, INT32_MAX, 300,
	    .help = "between two reports; 0 is none" },
	{ "tx buffer limit", ROW_NUMBER, 0, AT(limit), 1, 1u << 20, 1024,
	    .help = "megabytes that may wait for the station" },
};

static void
check(struct conf_parser *p, struct conf_proto *proto)
{
	const struct conf_bmp *b = &proto->bmp;
	bool any = false;

	if (ip_is_none(b->station) || b->port == 0)
		conf_complain(p, proto->at, "the station is missing: "
		    "\"station address ip ADDRESS port N;\"");
	else if (!ip_is_none(b->local_ip) &&
	    ip_is4(b->local_ip) != ip_is4(b->station))
		conf_complain(p, proto->at,
		    "the local address and the station's differ in family");
	for (const struct conf_proto *o = p->config->protocols; o; o = o->next)
		for (const struct conf_channel *c = o->channels;
		    o->kind == CONF_BGP && c; c = c->next)
			any = any || c->import_table;
	if (b->before && !any)
		conf_warn(p, proto->at, "no channel has an 'import table': "
		    "nothing can be told of before the filter");
}

const struct conf_kind_of conf_bmp_kind = {
	.kind = CONF_BMP, .word = "bmp", .shown = "BMP",
	.where = "in protocol bmp", .rows = CONF_ROWS(rows), .check = check
};

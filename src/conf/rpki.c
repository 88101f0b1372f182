/* SPDX-License-Identifier: ISC */
/* Protocol rpki: the cache, and how often it is asked. */
#include "conf/protos.h"
#include "conf/unserved.h"
#include "base/time.h"
#include "conf/value.h"

#define AT(f)	offsetof(struct conf_proto, rpki.f)

static struct conf_rpki *
rpki_of(void *base)
{
	return &((struct conf_proto *)base)->rpki;
}

static void
own_port(struct conf_parser *p, void *base)
{
	uint32_t n;

	if (conf_number_in(p, 1, 65535, &n))
		rpki_of(base)->port = (uint16_t)n;
}

/* ADDRESS | "HOST" [port N] */
static void
own_remote(struct conf_parser *p, void *base)
{
	struct conf_rpki *r = rpki_of(base);
	const struct span at = p->tok.at;

	if (r->remote_host != NULL || !ip_is_none(r->remote_ip)) {
		conf_error(p, at, "one protocol has one cache");
		return;
	}
	if (conf_is(p, TOK_STRING)) {
		r->remote_host = conf_expect_string(p, "a host");
		if (r->remote_host != NULL && *r->remote_host == '\0')
			conf_error(p, at, "a host without a name");
	} else if (!conf_ip(p, &r->remote_ip)) {
		return;
	} else if (ip_is_none(r->remote_ip)) {
		conf_error(p, at, "this is no address of a cache");
	} else if (ip_is_link_local(r->remote_ip)) {
		conf_error(p, at, "a link-local address needs an interface, "
		    "which a cache has not");
	}
	if (!p->failed && conf_accept_word(p, "port"))
		own_port(p, base);
}

static void
interval(struct conf_parser *p, uint32_t lo, uint32_t hi, int64_t *ret,
    bool *ret_keep)
{
	const bool keep = conf_accept_word(p, "keep");
	uint32_t n;

	if (!conf_number_in(p, lo, hi, &n))
		return;
	*ret = SECONDS(n);
	*ret_keep = keep;
}

static void
own_refresh(struct conf_parser *p, void *base)
{
	struct conf_rpki *r = rpki_of(base);

	interval(p, 1, 86400, &r->refresh, &r->refresh_keep);
}

static void
own_retry(struct conf_parser *p, void *base)
{
	struct conf_rpki *r = rpki_of(base);

	interval(p, 1, 7200, &r->retry, &r->retry_keep);
}

static void
own_expire(struct conf_parser *p, void *base)
{
	struct conf_rpki *r = rpki_of(base);

	interval(p, 600, 172800, &r->expire, &r->expire_keep);
}

static const char *const authentications[] = { "none", "md5", NULL };

static const struct conf_row tcp_rows[] = {
	{ "authentication", ROW_ENUM, 0, AT(authentication), .names =
	    authentications, .help =
	    "none | md5: RFC 2385, with the password" },
	{ "password", ROW_STRING, ROW_SECRET, AT(password), .help =
	    "what both ends know" },
};

static const struct conf_rows tcp_set = CONF_ROWS(tcp_rows);

static void
tcp_block(struct conf_parser *p, void *base)
{
	while (!conf_at_end(p, '}')) {
		if (conf_accept(p, ';'))
			continue;
		if (!conf_rows_parse(p, &tcp_set, 1, base, NULL))
			conf_rows_unknown(p, &tcp_set, 1, NULL,
			    "in transport tcp");
		conf_end_statement(p);
	}
	conf_expect(p, '}');
}

static void
own_transport(struct conf_parser *p, void *base)
{
	const struct span at = p->tok.at;

	if (conf_is_word(p, "ssh")) {
		conf_unserved_proto(p, at, "transport ssh");
		diag_hint(p->diags, "let an ssh of its own forward a port, "
		    "and use 'transport tcp'");
		return;
	}
	if (!conf_accept_word(p, "tcp")) {
		conf_unexpected(p, "tcp");
		return;
	}
	if (conf_accept(p, '{'))
		tcp_block(p, base);
}

static const struct conf_row rows[] = {
	{ "remote", ROW_OWN, .own = own_remote, .help =
	    "ADDRESS | \"HOST\" [port N]: the cache" },
	{ NULL, ROW_IP, 0, AT(remote_ip) },
	{ NULL, ROW_STRING, 0, AT(remote_host) },
	{ "port", ROW_OWN, .own = own_port, .help = "of the cache" },
	{ NULL, ROW_NUMBER16, 0, AT(port), .def = 323 },
	{ "local address", ROW_IP, 0, AT(local_ip), .help =
	    "from which the cache is called" },
	{ "refresh", ROW_OWN, .own = own_refresh, .help =
	    "[keep] SECONDS between two questions; \"keep\" (here and in "
	    "the next two) whatever the cache says" },
	{ NULL, ROW_TIME, ROW_SOFT, AT(refresh), .def = 3600 },
	{ NULL, ROW_SWITCH, ROW_SOFT, AT(refresh_keep) },
	{ "retry", ROW_OWN, .own = own_retry, .help =
	    "[keep] SECONDS after one that failed" },
	{ NULL, ROW_TIME, ROW_SOFT, AT(retry), .def = 600 },
	{ NULL, ROW_SWITCH, ROW_SOFT, AT(retry_keep) },
	{ "expire", ROW_OWN, .own = own_expire, .help =
	    "[keep] SECONDS after the last answer all is forgotten" },
	{ NULL, ROW_TIME, ROW_SOFT, AT(expire), .def = 7200 },
	{ NULL, ROW_SWITCH, ROW_SOFT, AT(expire_keep) },
	{ "ignore max length", ROW_SWITCH, 0, AT(ignore_max_length), .help =
	    "take every ROA for all more specific prefixes" },
	{ "min version", ROW_NUMBER8, 0, AT(version_min), 0, 1, .help =
	    "of the RTR protocol" },
	{ "max version", ROW_NUMBER8, 0, AT(version_max), 0, 2, 1, .help =
	    "which is tried first; 2 is as 1" },
	{ "transport", ROW_OWN, .own = own_transport, .help =
	    "tcp [{ authentication none|md5; password \"…\"; }]" },
	{ NULL, ROW_NUMBER8, 0, AT(authentication) },
	{ NULL, ROW_STRING, 0, AT(password) },
};

static void
check(struct conf_parser *p, struct conf_proto *proto)
{
	struct conf_rpki *r = &proto->rpki;

	if (proto->channels == NULL)
		conf_complain(p, proto->at, "no channel: say \"roa4;\", "
		    "\"roa6;\" or both");
	if (r->remote_host == NULL && ip_is_none(r->remote_ip))
		conf_complain(p, proto->at, "remote is missing");
	if (r->version_min > r->version_max)
		conf_complain(p, proto->at, "min version is above max "
		    "version");
	/* Version 2 brings ASPA, which has no place here. */
	if (r->version_max > 1)
		r->version_max = 1;
	if (r->authentication && r->password == NULL)
		conf_complain(p, proto->at, "authentication md5 without a "
		    "password");
	if (!r->authentication)
		r->password = NULL;
}

const struct conf_kind_of conf_rpki_kind = {
	.kind = CONF_RPKI, .word = "rpki", .shown = "RPKI",
	.where = "in protocol rpki", .channels = CONF_NETS_ROA,
	.preference = 100, .rows = CONF_ROWS(rows), .check = check
};

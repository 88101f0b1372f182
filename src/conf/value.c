/* SPDX-License-Identifier: ISC */
#include "conf/value.h"

#include "base/time.h"
#include "conf/bird16.h"
#include "conf/filter_parse.h"
#include "conf/unserved.h"

const char *const conf_debug_names[6] = {
	"states", "routes", "filters", "interfaces", "events", "packets"
};

bool
conf_number(struct conf_parser *p, uint32_t *ret)
{
	struct filter_value v;

	if (p->failed)
		return false;
	if (conf_is(p, TOK_NUMBER)) {
		*ret = conf_take(p).number;
		return true;
	}
	if (!conf_is_name(p) && !conf_is(p, '(')) {
		conf_unexpected(p, "a number");
		return false;
	}
	if (!conf_parse_const_atom(p, FT_INT, &v))
		return false;
	*ret = v.u;
	return true;
}

bool
conf_number_in(struct conf_parser *p, uint32_t lo, uint32_t hi, uint32_t *ret)
{
	const struct span at = p->tok.at;
	uint32_t v;

	if (!conf_number(p, &v))
		return false;
	if (v < lo || v > hi) {
		conf_error(p, conf_span_from(p, at),
		    "%u is out of range: %u to %u", v, lo, hi);
		return false;
	}
	*ret = v;
	return true;
}

bool
conf_time(struct conf_parser *p, int64_t *ret)
{
	static const struct {
		const char *word;
		int64_t ns;
	} units[] = {
		{ "s", SECONDS(1) }, { "ms", MILLISECONDS(1) },
		{ "us", MICROSECONDS(1) }, { "min", SECONDS(60) },
		{ "h", SECONDS(3600) },
	};
	uint32_t n;

	if (!conf_number(p, &n))
		return false;
	*ret = SECONDS(n);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (conf_accept_word(p, units[i].word)) {
			*ret = (int64_t)n * units[i].ns;
			break;
		}
	return true;
}

bool
conf_switch(struct conf_parser *p, bool *ret)
{
	static const char *const words[] = {
		"on", "yes", "true", "off", "no", "false"
	};
	uint32_t n;

	if (p->failed)
		return false;
	for (size_t i = 0; i < 6; i++)
		if (conf_accept_word(p, words[i])) {
			*ret = i < 3;
			return true;
		}
	if (conf_is(p, ';') || conf_is(p, '}')) {
		*ret = true;
		return true;
	}
	if (conf_is(p, TOK_WORD) &&
	    conf_symbol_find(p, p->tok.text) == NULL) {
		struct bytes word = p->tok.text;

		conf_unexpected(p, "on or off");
		conf_suggest(p, word, words, 6);
		return false;
	}
	if (!conf_number(p, &n))
		return false;
	*ret = n != 0;
	return true;
}

bool
conf_ip(struct conf_parser *p, struct ip *ret)
{
	struct filter_value v;

	if (p->failed)
		return false;
	if (conf_is(p, TOK_IP)) {
		*ret = conf_take(p).ip;
		return true;
	}
	if (!conf_is_name(p) && !conf_is(p, '(')) {
		conf_unexpected(p, "an address");
		return false;
	}
	if (!conf_parse_const_atom(p, FT_IP, &v))
		return false;
	*ret = v.ip;
	return true;
}

/* After an address: /LEN, or nothing where that is allowed. */
static bool
length(struct conf_parser *p, struct ip ip, bool must, uint8_t *ret)
{
	const unsigned bits = ip_is4(ip) ? 32 : 128;
	const struct span at = p->tok.at;
	uint32_t len = bits;

	if (must ? !conf_expect(p, '/') : !conf_accept(p, '/')) {
		*ret = (uint8_t)bits;
		return !p->failed;
	}
	if (!conf_number(p, &len))
		return false;
	if (len > bits) {
		conf_error(p, conf_span_from(p, at),
		    "prefix length %u is more than %u", len, bits);
		return false;
	}
	*ret = (uint8_t)len;
	return true;
}

bool
conf_ip_len(struct conf_parser *p, struct ip *ret, uint8_t *ret_len)
{
	return conf_ip(p, ret) && length(p, *ret, false, ret_len);
}

bool
conf_net(struct conf_parser *p, struct prefix *ret)
{
	const struct span at = p->tok.at;
	char text[PREFIX_TEXT];
	struct filter_value v;
	struct ip ip;
	uint8_t len;

	if (p->failed)
		return false;
	if (!conf_is(p, TOK_IP)) {
		if (!conf_is_name(p) && !conf_is(p, '(')) {
			conf_unexpected(p, "a prefix");
			return false;
		}
		if (!conf_parse_const_atom(p, FT_PREFIX, &v))
			return false;
		*ret = *v.prefix;
		return true;
	}
	ip = conf_take(p).ip;
	if (!length(p, ip, true, &len))
		return false;
	*ret = prefix_of(ip, len);
	if (ret->kind == NET_NONE) {
		conf_error(p, conf_span_from(p, at),
		    "such a prefix has no place in a routing table");
		return false;
	}
	if (ip_eq(ret->ip, ip))
		return true;
	conf_error(p, conf_span_from(p, at),
	    "the address has bits set past its length %u", len);
	diag_hint(p->diags, "the network is %s", prefix_text(ret, text));
	return false;
}

bool
conf_router_id(struct conf_parser *p, uint32_t *ret)
{
	const struct span at = p->tok.at;
	struct filter_value v = { .type = FT_IP };
	bool ok = true;

	if (conf_is(p, TOK_IP))
		v.ip = conf_take(p).ip;
	else if (conf_is(p, TOK_NUMBER))
		v = filter_value_u(FT_INT, conf_take(p).number);
	else if (conf_is_name(p) || conf_is(p, '('))
		ok = conf_parse_const_atom(p, FT_VOID, &v);
	else
		conf_unexpected(p, "a number or an IPv4 address");
	if (!ok || p->failed)
		return false;
	if (v.type == FT_INT || v.type == FT_QUAD)
		*ret = v.u;
	else if (filter_value_is_ip4(&v))
		*ret = ip_to4(v.ip);
	else
		ok = false;
	if (!ok || *ret == 0) {
		conf_error(p, conf_span_from(p, at),
		    "this is no number or IPv4 address other than zero");
		return false;
	}
	return true;
}

const char *
conf_iface_name(struct conf_parser *p)
{
	const struct span at = p->tok.at;
	const char *s;

	if (p->failed)
		return NULL;
	if (!conf_is(p, TOK_STRING) && !conf_is_name(p)) {
		conf_unexpected(p, "the name of an interface");
		return NULL;
	}
	s = conf_copy(p, conf_take(p).text);
	if (s != NULL && (*s == '\0' || strlen(s) > 15 || strchr(s, '/'))) {
		conf_error(p, at, "'%s' cannot be the name of an interface",
		    s);
		return NULL;
	}
	return s;
}

static bool
mask_word(struct conf_parser *p, const char *const *names, size_t n,
    uint32_t *mask)
{
	struct bytes word = p->tok.text;

	for (size_t i = 0; i < n; i++)
		if (conf_accept_word(p, names[i])) {
			*mask |= (uint32_t)1 << i;
			return true;
		}
	conf_unexpected(p, "one of the classes");
	conf_suggest(p, word, names, n);
	return false;
}

bool
conf_mask(struct conf_parser *p, const char *const *names, size_t n,
    uint32_t all, uint32_t *ret)
{
	*ret = 0;
	if (conf_accept_word(p, "all")) {
		*ret = all;
		return true;
	}
	if (conf_accept_word(p, "off") || conf_accept_word(p, "none"))
		return true;
	if (!conf_is(p, '{')) {
		conf_unexpected(p, "all, off or '{'");
		return false;
	}
	conf_take(p);
	do {
		if (!mask_word(p, names, n, ret))
			return false;
	} while (conf_accept(p, ','));
	return conf_expect(p, '}');
}

bool
conf_mrt_mask(struct conf_parser *p, uint8_t *ret)
{
	static const char *const names[] = { "states", "messages" };
	uint32_t mask;

	if (!conf_mask(p, names, 2, CONF_MRT_STATES | CONF_MRT_MESSAGES,
	    &mask))
		return false;
	*ret = (uint8_t)mask;
	return true;
}

const struct conf_table *
conf_table_ref(struct conf_parser *p, unsigned kinds)
{
	struct conf_symbol *y;
	struct conf_token name;

	if (!conf_expect_name(p, "the name of a table", &name))
		return NULL;
	y = conf_symbol_find(p, name.text);
	if (y != NULL && y->kind == CONF_SYM_UNSERVED) {
		conf_unserved_name(p, &name);
		return NULL;
	}
	if (y == NULL) {
		const struct conf_table *t = conf_bird16_master(p, name.at,
		    name.text);

		if (t != NULL && kinds & 1u << t->kind)
			return t;
	}
	if (y == NULL || y->kind != CONF_SYM_TABLE) {
		conf_error(p, name.at, "there is no table '%.*s'",
		    (int)name.text.n, (const char *)name.text.p);
		return NULL;
	}
	if (!(kinds & 1u << y->table->kind)) {
		conf_error(p, name.at, "table '%s' is of another kind",
		    y->name);
		return NULL;
	}
	return y->table;
}

static struct conf_pattern *
pattern(struct conf_parser *p)
{
	struct conf_pattern *t = conf_new(p, struct conf_pattern);

	if (t == NULL)
		return NULL;
	t->negative = conf_accept(p, '-');
	if (conf_is(p, TOK_STRING))
		t->name = conf_copy(p, conf_take(p).text);
	if (t->name != NULL && *t->name == '-') {	/* "-eth*" */
		t->negative = !t->negative;
		t->name++;
	}
	if (t->name == NULL && !conf_is(p, TOK_IP) && !conf_is_name(p))
		conf_unexpected(p, "the pattern of an interface's name");
	if (conf_is(p, TOK_IP) || conf_is_name(p))
		conf_net(p, &t->net);
	return p->failed ? NULL : t;
}

struct conf_pattern *
conf_patterns(struct conf_parser *p)
{
	struct conf_pattern *first = NULL, **end = &first;

	do {
		*end = pattern(p);
		if (*end == NULL)
			return NULL;
		end = &(*end)->next;
	} while (conf_accept(p, ','));
	return first;
}

bool
conf_text_number(struct bytes s, uint32_t max, uint32_t *ret)
{
	uint64_t v = 0;

	if (s.n == 0 || s.n > 10)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	*ret = (uint32_t)v;
	return v <= max;
}

static bool
is_ip(struct bytes s)
{
	char buf[IP_TEXT];
	struct ip ip;

	if (s.n >= sizeof(buf))
		return false;
	memcpy(buf, s.p, s.n);
	buf[s.n] = '\0';
	return ip_parse(buf, &ip);
}

/* As wg does, ADDRESS:PORT is taken without brackets, too. */
bool
conf_text_endpoint(struct bytes s, struct bytes *ret_host, uint16_t *ret_port)
{
	const uint8_t *colon = memrchr(s.p, ':', s.n);
	uint32_t port;
	struct bytes host;

	if (colon == NULL)
		return false;
	host = bytes_of(s.p, (size_t)(colon - s.p));
	if (!conf_text_number(bytes_of(colon + 1, s.n - host.n - 1), 65535,
	    &port) || port == 0)
		return false;
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		host = bytes_of(host.p + 1, host.n - 2);
	else if (memchr(host.p, ':', host.n) != NULL && !is_ip(host))
		return false;
	if (host.n == 0 || host.n > 253 || memchr(host.p, ' ', host.n))
		return false;
	*ret_host = host;
	*ret_port = (uint16_t)port;
	return true;
}

static int
base64_value(uint8_t c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

bool
conf_text_key(struct bytes s, uint8_t ret[CONF_WG_KEY])
{
	uint32_t bits = 0;
	unsigned n = 0, have = 0;

	/* 32 bytes are 43 digits, of which the last has two bits to spare. */
	if (s.n != 44 || s.p[43] != '=')
		return false;
	for (size_t i = 0; i < 43; i++) {
		const int v = base64_value(s.p[i]);

		if (v < 0)
			return false;
		bits = (bits << 6 | (uint32_t)v) & 0xffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			ret[n++] = (uint8_t)(bits >> have);
		}
	}
	return (bits & 3) == 0;
}

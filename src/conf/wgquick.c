/* SPDX-License-Identifier: ISC */
/*
 * A wg-quick file, as it is: sections of "Key = value" lines, whose keys may
 * be written in any case.  Lists are separated by commas, "#" begins a
 * comment.
 */
#include "conf/value.h"
#include "conf/wireguard.h"

struct ini {
	struct conf_parser *p;
	struct conf_wireguard *wg;
	struct conf_wg_peer *peer;	/* NULL: in [Interface] */
	bool section;			/* any yet? */
	unsigned peers;
	uint16_t file;
	uint32_t line;
	const uint8_t *start;		/* of the line */
};

struct ini_key {
	const char *name;		/* in lower case */
	void (*set)(struct ini *i, struct bytes v);
};

static struct span
span_of(const struct ini *i, struct bytes b)
{
	return (struct span){ .file = i->file, .line = i->line,
	    .col = (uint32_t)(b.p - i->start) + 1,
	    .len = (uint16_t)(b.n > 0xffff ? 0xffff : b.n) };
}

static bool
is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static struct bytes
trim(struct bytes b)
{
	while (b.n > 0 && is_blank(b.p[0]))
		b = bytes_of(b.p + 1, b.n - 1);
	while (b.n > 0 && is_blank(b.p[b.n - 1]))
		b.n--;
	return b;
}

/* Equal but for case; lower is in lower case. */
static bool
same_key(struct bytes b, const char *lower)
{
	if (b.n != strlen(lower))
		return false;
	for (size_t i = 0; i < b.n; i++) {
		uint8_t c = b.p[i];

		if (c >= 'A' && c <= 'Z')
			c = (uint8_t)(c + 'a' - 'A');
		if (c != (uint8_t)lower[i])
			return false;
	}
	return true;
}

/* The next element of a list, trimmed; false at the end. */
static bool
element(struct bytes *rest, struct bytes *ret)
{
	const uint8_t *comma;

	if (rest->p == NULL)
		return false;
	comma = rest->n != 0 ? memchr(rest->p, ',', rest->n) : NULL;
	if (comma == NULL) {
		*ret = trim(*rest);
		*rest = bytes_of(NULL, 0);
		return true;
	}
	*ret = trim(bytes_of(rest->p, (size_t)(comma - rest->p)));
	*rest = bytes_of(comma + 1, rest->n - (size_t)(comma + 1 - rest->p));
	return true;
}

/* ADDRESS[/LEN] */
static bool
ip_len(struct ini *i, struct bytes v, struct ip *ret, uint8_t *ret_len)
{
	const uint8_t *slash = v.n != 0 ? memchr(v.p, '/', v.n) : NULL;
	const size_t n = slash != NULL ? (size_t)(slash - v.p) : v.n;
	char buf[IP_TEXT];
	uint32_t len, bits;

	if (n < sizeof(buf)) {
		memcpy(buf, v.p, n);
		buf[n] = '\0';
	}
	if (n >= sizeof(buf) || !ip_parse(buf, ret)) {
		conf_error(i->p, span_of(i, v), "this is no address");
		return false;
	}
	bits = len = ip_is4(*ret) ? 32 : 128;
	if (slash != NULL && !conf_text_number(
	    bytes_of(slash + 1, v.n - n - 1), bits, &len)) {
		conf_error(i->p, span_of(i, v),
		    "a prefix length is a number up to %u", bits);
		return false;
	}
	*ret_len = (uint8_t)len;
	return true;
}

static bool
number(struct ini *i, struct bytes v, uint32_t max, uint32_t *ret)
{
	if (conf_text_number(v, max, ret))
		return true;
	conf_error(i->p, span_of(i, v), "expected a number up to %u", max);
	return false;
}

static void
set_private_key(struct ini *i, struct bytes v)
{
	conf_wg_secret_text(i->p, v, span_of(i, v), &i->wg->private_key);
}

static void
set_listen_port(struct ini *i, struct bytes v)
{
	uint32_t n;

	if (number(i, v, 65535, &n))
		i->wg->listen_port = (uint16_t)n;
}

static void
set_fwmark(struct ini *i, struct bytes v)
{
	uint32_t n = 0;

	if (same_key(v, "off")) {
		i->wg->fwmark = 0;
	} else if (v.n > 2 && v.n <= 10 && v.p[0] == '0' && v.p[1] == 'x') {
		for (size_t k = 2; k < v.n; k++) {
			const char *digits = "0123456789abcdefABCDEF";
			const char *d = v.p[k] ? strchr(digits, v.p[k]) : NULL;

			if (d == NULL) {
				number(i, v, UINT32_MAX, &n);
				return;
			}
			n = n << 4 | (uint32_t)(d - digits < 16 ?
			    d - digits : d - digits - 6);
		}
		i->wg->fwmark = n;
	} else if (number(i, v, UINT32_MAX, &n)) {
		i->wg->fwmark = n;
	}
}

static void
set_address(struct ini *i, struct bytes v)
{
	struct bytes e;
	struct ip ip;
	uint8_t len;

	while (element(&v, &e))
		if (!ip_len(i, e, &ip, &len) || !conf_wg_add_addr(i->p,
		    i->wg, span_of(i, e), ip, len))
			return;
}

static void
set_mtu(struct ini *i, struct bytes v)
{
	number(i, v, 65535, &i->wg->mtu);
}

static void
set_table(struct ini *i, struct bytes v)
{
	if (same_key(v, "off")) {
		i->wg->table = CONF_WG_TABLE_OFF;
	} else if (same_key(v, "auto")) {
		i->wg->table = CONF_WG_TABLE_AUTO;
	} else if (same_key(v, "main")) {
		i->wg->table = CONF_WG_TABLE_NUMBER;
		i->wg->table_number = 254;
	} else if (number(i, v, UINT32_MAX, &i->wg->table_number)) {
		i->wg->table = CONF_WG_TABLE_NUMBER;
	}
}

static void
set_dns(struct ini *i, struct bytes v)
{
	conf_warn(i->p, span_of(i, v),
	    "Warren does not serve 'DNS': the resolver is left as it is");
}

static void
set_save(struct ini *i, struct bytes v)
{
	if (!same_key(v, "false"))
		conf_warn(i->p, span_of(i, v), "Warren does not serve "
		    "'SaveConfig': the file is left as it is");
}

static void
hook(struct ini *i, struct bytes v, struct conf_string **list)
{
	struct conf_string *s = conf_new(i->p, struct conf_string);

	if (s == NULL)
		return;
	while (*list != NULL)
		list = &(*list)->next;
	s->at = span_of(i, v);
	s->s = conf_copy(i->p, v);
	if (s->s != NULL)
		*list = s;
}

static void
set_pre_up(struct ini *i, struct bytes v)
{
	hook(i, v, &i->wg->pre_up);
}

static void
set_post_up(struct ini *i, struct bytes v)
{
	hook(i, v, &i->wg->post_up);
}

static void
set_pre_down(struct ini *i, struct bytes v)
{
	hook(i, v, &i->wg->pre_down);
}

static void
set_post_down(struct ini *i, struct bytes v)
{
	hook(i, v, &i->wg->post_down);
}

static const struct ini_key interface_keys[] = {
	{ "privatekey", set_private_key }, { "listenport", set_listen_port },
	{ "fwmark", set_fwmark }, { "address", set_address },
	{ "mtu", set_mtu }, { "table", set_table }, { "dns", set_dns },
	{ "saveconfig", set_save }, { "preup", set_pre_up },
	{ "postup", set_post_up }, { "predown", set_pre_down },
	{ "postdown", set_post_down }, { NULL, NULL }
};

static void
set_public_key(struct ini *i, struct bytes v)
{
	conf_wg_public_text(i->p, v, span_of(i, v), i->peer);
}

static void
set_preshared_key(struct ini *i, struct bytes v)
{
	conf_wg_secret_text(i->p, v, span_of(i, v), &i->peer->preshared);
}

static void
set_endpoint(struct ini *i, struct bytes v)
{
	i->peer->endpoint_at = span_of(i, v);
	conf_wg_endpoint_text(i->p, v, span_of(i, v),
	    &i->peer->endpoint_host, &i->peer->endpoint_port);
}

static void
set_keepalive(struct ini *i, struct bytes v)
{
	uint32_t n = 0;

	if (same_key(v, "off") || number(i, v, 65535, &n))
		i->peer->keepalive = (uint16_t)n;
}

/* As wg does, host bits are cleared without a word. */
static void
set_allowed_ips(struct ini *i, struct bytes v)
{
	struct prefix net;
	struct bytes e;
	struct ip ip;
	uint8_t len;

	i->peer->allowed_said = true;
	while (element(&v, &e)) {
		if (e.n == 0)
			continue;
		if (!ip_len(i, e, &ip, &len))
			return;
		net = prefix_of(ip, len);
		if (!conf_wg_add_prefix(i->p, &i->peer->allowed,
		    span_of(i, e), &net))
			return;
	}
}

static const struct ini_key peer_keys[] = {
	{ "publickey", set_public_key },
	{ "presharedkey", set_preshared_key }, { "endpoint", set_endpoint },
	{ "persistentkeepalive", set_keepalive },
	{ "allowedips", set_allowed_ips }, { NULL, NULL }
};

/* The peers of a file have no names; they are peer1, peer2, … */
static void
begin_peer(struct ini *i, struct bytes line)
{
	i->peer = conf_wg_peer_new(i->p, i->wg, span_of(i, line));
	if (i->peer == NULL)
		return;
	i->peer->imported = true;
	i->peer->name = arena_printf(i->p->arena, "peer%u", ++i->peers);
	if (i->peer->name == NULL)
		conf_no_memory(i->p);
}

static void
section(struct ini *i, struct bytes line)
{
	i->section = true;
	if (same_key(line, "[interface]"))
		i->peer = NULL;
	else if (same_key(line, "[peer]"))
		begin_peer(i, line);
	else
		conf_error(i->p, span_of(i, line),
		    "expected [Interface] or [Peer]");
}

static void
assignment(struct ini *i, struct bytes line)
{
	const struct ini_key *k = i->peer ? peer_keys : interface_keys;
	const uint8_t *eq = memchr(line.p, '=', line.n);
	struct bytes key, value;

	if (eq == NULL || !i->section) {
		conf_error(i->p, span_of(i, line), i->section ?
		    "expected 'Key = value'" :
		    "expected [Interface] or [Peer]");
		return;
	}
	key = trim(bytes_of(line.p, (size_t)(eq - line.p)));
	value = trim(bytes_of(eq + 1, line.n - (size_t)(eq + 1 - line.p)));
	while (k->name != NULL && !same_key(key, k->name))
		k++;
	if (k->name == NULL)
		conf_error(i->p, span_of(i, key), "unknown key '%.*s'",
		    (int)(key.n > 40 ? 40 : key.n), (const char *)key.p);
	else
		k->set(i, value);
}

static void
one_line(struct ini *i, struct bytes line)
{
	const uint8_t *hash = line.n ? memchr(line.p, '#', line.n) : NULL;

	if (hash != NULL)
		line.n = (size_t)(hash - line.p);
	line = trim(line);
	if (line.n == 0)
		return;
	if (line.p[0] == '[')
		section(i, line);
	else
		assignment(i, line);
	i->p->failed = false;		/* one line, one message */
}

void
conf_wgquick(struct conf_parser *p, struct conf_wireguard *wg,
    const struct conf_token *path)
{
	struct ini i = { .p = p, .wg = wg, .line = 1 };
	struct bytes text, line;
	const uint8_t *end;

	if (!conf_lexer_beside(p->lexer, path, &text, &i.file)) {
		p->failed = true;
		return;
	}
	wg->config_file = conf_copy(p, path->text);
	while (text.n > 0) {
		end = memchr(text.p, '\n', text.n);
		line = bytes_of(text.p, end ? (size_t)(end - text.p) : text.n);
		i.start = line.p;
		one_line(&i, line);
		text = bytes_of(text.p + line.n, text.n - line.n);
		if (text.n > 0)
			text = bytes_of(text.p + 1, text.n - 1);
		i.line++;
	}
}

/* SPDX-License-Identifier: ISC */
/* Protocol bfd, and the options of a session. */
#include "conf/bfd.h"
#include "conf/filter_parse.h"
#include "conf/unserved.h"

#include "base/time.h"
#include "conf/value.h"

#define AT(f)	offsetof(struct conf_proto, bfd.f)
#define OPT(f)	offsetof(struct conf_bfd_options, f)

static const uint8_t password_max[] = {
	[CONF_BFD_AUTH_NONE] = 20, [CONF_BFD_AUTH_SIMPLE] = 16,
	[CONF_BFD_AUTH_MD5] = 16, [CONF_BFD_AUTH_MD5_METICULOUS] = 16,
	[CONF_BFD_AUTH_SHA1] = 20, [CONF_BFD_AUTH_SHA1_METICULOUS] = 20
};

/* The wire has 32 bits of microseconds. */
static bool
interval(struct conf_parser *p, int64_t *ret)
{
	const struct span at = p->tok.at;
	int64_t v;

	if (!conf_time(p, &v))
		return false;
	if (v < MICROSECONDS(1) || v > MICROSECONDS(UINT32_MAX)) {
		conf_error(p, conf_span_from(p, at),
		    "out of range: 1 us to 4294 s");
		return false;
	}
	*ret = v;
	return true;
}

static void
own_interval(struct conf_parser *p, void *base)
{
	struct conf_bfd_options *o = base;

	if (interval(p, &o->min_rx))
		o->min_tx = o->min_rx;
}

static void
own_min_rx(struct conf_parser *p, void *base)
{
	interval(p, &((struct conf_bfd_options *)base)->min_rx);
}

static void
own_min_tx(struct conf_parser *p, void *base)
{
	interval(p, &((struct conf_bfd_options *)base)->min_tx);
}

static void
own_idle_tx(struct conf_parser *p, void *base)
{
	interval(p, &((struct conf_bfd_options *)base)->idle_tx);
}

static void
own_passive(struct conf_parser *p, void *base)
{
	bool on;

	if (conf_switch(p, &on))
		((struct conf_bfd_options *)base)->passive = on ? CONF_ON :
		    CONF_OFF;
}

/* none | simple | [meticulous] keyed md5|sha1 */
static void
own_authentication(struct conf_parser *p, void *base)
{
	struct conf_bfd_options *o = base;
	uint8_t meticulous;

	o->auth_said = true;
	o->auth_at = p->row_at;
	o->auth = CONF_BFD_AUTH_NONE;
	if (conf_accept_word(p, "none"))
		return;
	if (conf_accept_word(p, "simple")) {
		o->auth = CONF_BFD_AUTH_SIMPLE;
		return;
	}
	meticulous = conf_accept_word(p, "meticulous");
	if (!meticulous && !conf_is_word(p, "keyed")) {
		conf_unexpected(p, "none, simple, keyed or meticulous keyed");
		return;
	}
	conf_expect_word(p, "keyed");
	if (conf_accept_word(p, "md5"))
		o->auth = (uint8_t)(CONF_BFD_AUTH_MD5 + meticulous);
	else if (conf_accept_word(p, "sha1"))
		o->auth = (uint8_t)(CONF_BFD_AUTH_SHA1 + meticulous);
	else
		conf_unexpected(p, "md5 or sha1");
}

static void
key_option(struct conf_parser *p, struct conf_bfd_key *k)
{
	uint32_t n;

	if (conf_accept_word(p, "id")) {
		if (conf_number_in(p, 0, 255, &n))
			k->id = (uint8_t)n;
	} else if (conf_is_word(p, "generate") || conf_is_word(p, "accept") ||
	    conf_is_word(p, "from") || conf_is_word(p, "to")) {
		conf_unserved(p, p->tok.at, "times of a password");
	} else if (conf_is_word(p, "algorithm")) {
		conf_error(p, p->tok.at, "the algorithm is the same for all "
		    "keys: see 'authentication'");
	} else {
		conf_unexpected(p, "id");
	}
}

static struct conf_bfd_key *
key_text(struct conf_parser *p)
{
	const struct span at = p->tok.at;
	struct filter_value v;
	struct conf_bfd_key *k;
	struct bytes b;
	uint8_t *s;

	if (conf_is_string(p))
		b = conf_take(p).text;
	else if (conf_parse_const(p, FT_BYTESTRING, &v))
		b = bytes_of(v.p, v.n);
	else
		return NULL;
	if (b.n == 0 || b.n > CONF_BFD_KEY_MAX) {
		conf_error(p, at, "a password has 1 to %d octets",
		    CONF_BFD_KEY_MAX);
		return NULL;
	}
	k = conf_new(p, struct conf_bfd_key);
	s = conf_secret_alloc(p, b.n);
	if (k == NULL || s == NULL)
		return NULL;
	memcpy(s, b.p, b.n);
	k->secret = s;
	k->n = (uint8_t)b.n;
	k->at = at;
	return k;
}

/* password "text" [{ id N; }]: numbered from 1, as BIRD does. */
static void
own_password(struct conf_parser *p, void *base)
{
	struct conf_bfd_options *o = base;
	struct conf_bfd_key **end = &o->keys, *k = key_text(p);
	uint8_t id = 1;

	if (k == NULL)
		return;
	for (; *end != NULL; end = &(*end)->next)
		id++;
	k->id = id;
	*end = k;
	if (!conf_accept(p, '{'))
		return;
	while (!conf_at_end(p, '}')) {
		if (conf_accept(p, ';'))
			continue;
		key_option(p, k);
		conf_end_statement(p);
	}
	conf_expect(p, '}');
}

/* passwords { password "text"; key "text" { id N; }; … } */
static void
own_passwords(struct conf_parser *p, void *base)
{
	if (!conf_expect(p, '{'))
		return;
	while (!conf_at_end(p, '}')) {
		if (conf_accept(p, ';'))
			continue;
		if (conf_accept_word(p, "password") ||
		    conf_accept_word(p, "key"))
			own_password(p, base);
		else
			conf_unexpected(p, "password or key");
		conf_end_statement(p);
	}
	conf_expect(p, '}');
}

static const struct conf_row option_rows[] = {
	{ "interval", ROW_OWN, .own = own_interval, .help =
	    "both of the next two" },
	{ "min rx interval", ROW_OWN, .own = own_min_rx, .help =
	    "how often the neighbor may send; default: 10 ms" },
	{ "min tx interval", ROW_OWN, .own = own_min_tx, .help =
	    "how often we send while it is up; default: 100 ms" },
	{ "idle tx interval", ROW_OWN, .own = own_idle_tx, .help =
	    "and while it is not; default: 1 s" },
	{ "multiplier", ROW_NUMBER8, 0, OPT(multiplier), 1, 255, .help =
	    "so many intervals without a packet are too many; default: 5" },
	{ "passive", ROW_OWN, .own = own_passive, .help =
	    "say nothing until the neighbor does" },
	{ "graceful", ROW_SWITCH, 0, OPT(graceful), .help =
	    "of a BGP neighbor: a failure is a graceful restart of his" },
	{ "authentication", ROW_OWN, .own = own_authentication, .help =
	    "none | simple | [meticulous] keyed md5 | sha1" },
	{ "password", ROW_OWN, .own = own_password, .help =
	    "\"TEXT\" [{ id N; }]; the first is sent, all are taken" },
	{ "key", ROW_OWN, .own = own_password, .help =
	    "another word for password" },
	{ "passwords", ROW_OWN, .own = own_passwords, .help =
	    "{ password \"TEXT\"; … }: several" },
};

const struct conf_rows conf_bfd_option_rows = CONF_ROWS(option_rows);

static void
check_options(struct conf_parser *p, const struct conf_bfd_options *o)
{
	for (const struct conf_bfd_key *k = o->keys; k; k = k->next)
		if (k->n > password_max[o->auth])
			conf_complain(p, k->at, "too long: at most %u octets "
			    "with this authentication",
			    password_max[o->auth]);
	if (o->auth != CONF_BFD_AUTH_NONE && o->keys == NULL)
		conf_complain(p, o->auth_at,
		    "authentication needs a password");
	else if (o->auth == CONF_BFD_AUTH_NONE && o->keys != NULL)
		conf_warn(p, o->keys->at,
		    "a password without 'authentication' means nothing");
}

void
conf_bfd_options(struct conf_parser *p, struct conf_bfd_options *o)
{
	conf_expect(p, '{');
	while (!conf_at_end(p, '}')) {
		if (conf_accept(p, ';'))
			continue;
		if (!conf_rows_parse(p, &conf_bfd_option_rows, 1, o, NULL))
			conf_rows_unknown(p, &conf_bfd_option_rows, 1, NULL,
			    "in the options of a BFD session");
		conf_end_statement(p);
	}
	conf_expect(p, '}');
	if (!p->failed)
		check_options(p, o);
}

static bool
same_keys(const struct conf_bfd_key *a, const struct conf_bfd_key *b)
{
	for (; a != NULL && b != NULL; a = a->next, b = b->next)
		if (a->id != b->id || !bytes_eq(bytes_of(a->secret, a->n),
		    bytes_of(b->secret, b->n)))
			return false;
	return a == b;
}

bool
conf_bfd_options_same(const struct conf_bfd_options *a,
    const struct conf_bfd_options *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	return a->min_rx == b->min_rx && a->min_tx == b->min_tx &&
	    a->idle_tx == b->idle_tx && a->multiplier == b->multiplier &&
	    a->passive == b->passive && a->graceful == b->graceful &&
	    a->auth == b->auth &&
	    a->auth_said == b->auth_said && same_keys(a->keys, b->keys);
}

/* accept [ipv4|ipv6] [direct|multihop]: what is not excluded. */
static void
own_accept(struct conf_parser *p, void *base)
{
	struct conf_bfd *b = &((struct conf_proto *)base)->bfd;

	b->ip4 = b->ip6 = b->direct = b->multihop = true;
	while (!p->failed && !conf_is(p, ';') && !conf_is(p, '}')) {
		if (conf_accept_word(p, "ipv4"))
			b->ip6 = false;
		else if (conf_accept_word(p, "ipv6"))
			b->ip4 = false;
		else if (conf_accept_word(p, "direct"))
			b->multihop = false;
		else if (conf_accept_word(p, "multihop"))
			b->direct = false;
		else
			conf_unexpected(p, "ipv4, ipv6, direct or multihop");
	}
}

static void
own_interface(struct conf_parser *p, void *base)
{
	struct conf_bfd_iface **end = &((struct conf_proto *)base)->bfd.ifaces;
	struct conf_bfd_iface *i = conf_new(p, struct conf_bfd_iface);

	if (i == NULL)
		return;
	while (*end != NULL)
		end = &(*end)->next;
	*end = i;
	i->patterns = conf_patterns(p);
	if (conf_is(p, '{'))
		conf_bfd_options(p, &i->opt);
}

static void
own_multihop(struct conf_parser *p, void *base)
{
	struct conf_bfd *b = &((struct conf_proto *)base)->bfd;

	if (!conf_is(p, '{')) {
		conf_unexpected(p, "'{'");
		return;
	}
	memset(&b->multihop_opt, 0, sizeof(b->multihop_opt));
	conf_bfd_options(p, &b->multihop_opt);
}

static void
neighbor_option(struct conf_parser *p, struct conf_bfd_neighbor *n)
{
	if (conf_accept_word(p, "dev"))
		n->iface = conf_iface_name(p);
	else if (conf_accept_word(p, "local"))
		conf_ip(p, &n->local);
	else if (conf_accept_word(p, "multihop"))
		conf_switch(p, &n->multihop);
	else
		conf_unexpected(p, "dev, local, multihop or ';'");
}

static void
check_neighbor(struct conf_parser *p, const struct conf_bfd_neighbor *n)
{
	if (n->multihop && n->iface != NULL)
		conf_error(p, n->at,
		    "'multihop' and an interface exclude each other");
	else if (n->multihop && ip_is_none(n->local))
		conf_error(p, n->at, "'multihop' needs a local address");
	else if (!n->multihop && n->iface == NULL && ip_is_link_local(n->ip))
		conf_error(p, n->at,
		    "a link-local neighbor needs its interface: dev \"…\"");
	else if (!ip_is_none(n->local) && ip_is4(n->local) != ip_is4(n->ip))
		conf_error(p, n->at,
		    "the local address and the neighbor's differ in family");
}

static void
own_neighbor(struct conf_parser *p, void *base)
{
	struct conf_bfd *b = &((struct conf_proto *)base)->bfd;
	struct conf_bfd_neighbor **end = &b->neighbors;
	struct conf_bfd_neighbor *n = conf_new(p, struct conf_bfd_neighbor);

	if (n == NULL)
		return;
	n->at = p->tok.at;
	if (!conf_ip(p, &n->ip))
		return;
	n->at = conf_span_from(p, n->at);
	if (conf_accept(p, '%'))
		n->iface = conf_iface_name(p);
	while (!p->failed && !conf_is(p, ';') && !conf_is(p, '}'))
		neighbor_option(p, n);
	if (!p->failed)
		check_neighbor(p, n);
	while (*end != NULL)
		end = &(*end)->next;
	*end = n;
}

static const struct conf_row rows[] = {
	{ "accept", ROW_OWN, .own = own_accept, .help =
	    "[ipv4 | ipv6] [direct | multihop]: only such sessions" },
	{ NULL, ROW_SWITCH, 0, AT(ip4), .def = 1 },
	{ NULL, ROW_SWITCH, 0, AT(ip6), .def = 1 },
	{ NULL, ROW_SWITCH, 0, AT(direct), .def = 1 },
	{ NULL, ROW_SWITCH, 0, AT(multihop), .def = 1 },
	{ "strict bind", ROW_SWITCH, 0, AT(strict_bind), .help =
	    "listen on the sessions' own addresses only" },
	{ "zero udp6 checksum rx", ROW_SWITCH, 0, AT(zero_udp6), .help =
	    "take IPv6 packets without a checksum" },
	{ "interface", ROW_OWN, .own = own_interface, .help =
	    "PATTERN, … { options }: of sessions there" },
	{ "multihop", ROW_OWN, .own = own_multihop, .help =
	    "{ options }: of sessions over several hops" },
	{ "neighbor", ROW_OWN, .own = own_neighbor, .help =
	    "ADDRESS [dev \"IFACE\"] [local ADDRESS] [multihop switch]" },
};

static void
bfd_copy(struct conf_parser *p, struct conf_proto *proto)
{
	struct conf_bfd *b = &proto->bfd;

	b->ifaces = conf_copy_list(p, b->ifaces,
	    sizeof(struct conf_bfd_iface));
	b->neighbors = conf_copy_list(p, b->neighbors,
	    sizeof(struct conf_bfd_neighbor));
}

const struct conf_kind_of conf_bfd_kind = {
	.kind = CONF_BFD, .word = "bfd", .shown = "BFD",
	.where = "in protocol bfd", .rows = CONF_ROWS(rows),
	.copy = bfd_copy
};

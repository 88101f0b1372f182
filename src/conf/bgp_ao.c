/* SPDX-License-Identifier: ISC */
/* keys { key { … }; … } of protocol bgp: TCP-AO, RFC 5925. */
#include "conf/bgp.h"
#include "conf/filter_parse.h"
#include "conf/value.h"

/* As the kernel calls them. */
static const struct {
	const char *word1, *word2;
	const char *name;
} algorithms[] = {
	{ "hmac", "sha1", "hmac(sha1)" }, { "hmac", "md5", "hmac(md5)" },
	{ "hmac", "sha224", "hmac(sha224)" },
	{ "hmac", "sha256", "hmac(sha256)" },
	{ "hmac", "sha384", "hmac(sha384)" },
	{ "hmac", "sha512", "hmac(sha512)" },
	{ "cmac", "aes128", "cmac(aes128)" }
};

static void
algorithm(struct conf_parser *p, struct conf_ao_key *k)
{
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]);
	    i++) {
		if (!conf_is_word(p, algorithms[i].word1) ||
		    !conf_is2_word(p, algorithms[i].word2))
			continue;
		conf_take(p);
		conf_take(p);
		k->algorithm = algorithms[i].name;
		return;
	}
	conf_unexpected(p, "hmac md5, sha1, sha224, sha256, sha384 or "
	    "sha512, or cmac aes128");
}

static void
keep(struct conf_parser *p, struct conf_ao_key *k, struct span at,
    struct bytes b)
{
	uint8_t *s;

	if (b.n == 0 || b.n > CONF_AO_SECRET_MAX) {
		conf_error(p, at, "a secret has 1 to %d octets",
		    CONF_AO_SECRET_MAX);
		return;
	}
	s = conf_secret_alloc(p, b.n);
	if (s == NULL)
		return;
	memcpy(s, b.p, b.n);
	k->secret = s;
	k->n = (uint8_t)b.n;
}

/* "text", or a bytestring. */
static void
secret(struct conf_parser *p, struct conf_ao_key *k)
{
	const struct span at = p->tok.at;
	struct filter_value v;

	if (conf_is_string(p)) {
		keep(p, k, at, p->tok.text);
		conf_take(p);
	} else if (conf_parse_const(p, FT_BYTESTRING, &v)) {
		keep(p, k, conf_span_from(p, at), bytes_of(v.p, v.n));
	}
}

static void
key_id(struct conf_parser *p, int16_t *send, int16_t *recv)
{
	uint32_t id;

	if (!conf_number_in(p, 0, 255, &id))
		return;
	if (send != NULL)
		*send = (int16_t)id;
	if (recv != NULL)
		*recv = (int16_t)id;
}

static void
option(struct conf_parser *p, struct conf_ao_key *k)
{
	if (conf_accept_word(p, "id"))
		key_id(p, &k->send_id, &k->recv_id);
	else if (conf_accept_words(p, "send", "id"))
		key_id(p, &k->send_id, NULL);
	else if (conf_accept_words(p, "recv", "id"))
		key_id(p, NULL, &k->recv_id);
	else if (conf_accept_word(p, "secret"))
		secret(p, k);
	else if (conf_accept_word(p, "algorithm"))
		algorithm(p, k);
	else if (conf_accept_word(p, "preferred"))
		k->preferred = true;
	else if (conf_accept_word(p, "deprecated"))
		k->deprecated = true;
	else
		conf_unexpected(p, "id, send id, recv id, secret, algorithm, "
		    "preferred or deprecated");
}

static void
check_key(struct conf_parser *p, const struct conf_ao_key *all,
    const struct conf_ao_key *k)
{
	if (k->send_id < 0 || k->recv_id < 0)
		conf_complain(p, k->at, "a key needs its id, or 'send id' "
		    "and 'recv id'");
	if (k->secret == NULL)
		conf_complain(p, k->at, "a key needs its secret");
	if (k->preferred && k->deprecated)
		conf_complain(p, k->at,
		    "a key is either preferred or deprecated");
	for (; all != k; all = all->next)
		if (all->send_id == k->send_id || all->recv_id == k->recv_id)
			conf_complain(p, k->at, "two keys have the same %s "
			    "id", all->send_id == k->send_id ? "send" :
			    "recv");
}

static void
key(struct conf_parser *p, struct conf_ao_key **end)
{
	struct conf_ao_key *k = conf_new(p, struct conf_ao_key);

	if (k == NULL)
		return;
	k->at = p->tok.at;
	k->send_id = k->recv_id = -1;
	k->algorithm = algorithms[0].name;
	if (!conf_expect_word(p, "key") || !conf_expect(p, '{'))
		return;
	while (!conf_at_end(p, '}')) {
		if (conf_accept(p, ';'))
			continue;
		option(p, k);
		conf_end_statement(p);
	}
	conf_expect(p, '}');
	*end = k;
}

void
conf_bgp_ao_keys(struct conf_parser *p, void *base)
{
	struct conf_bgp *b = &((struct conf_proto *)base)->bgp;
	struct conf_ao_key *first = NULL, **end = &first;
	const unsigned errors = diag_errors(p->diags);

	if (!conf_expect(p, '{'))
		return;
	while (!conf_at_end(p, '}')) {
		if (conf_accept(p, ';'))
			continue;
		key(p, end);
		if (*end != NULL)
			end = &(*end)->next;
		conf_end_statement(p);
	}
	conf_expect(p, '}');
	if (errors == diag_errors(p->diags))
		for (const struct conf_ao_key *k = first; k; k = k->next)
			check_key(p, first, k);
	b->ao_keys = first;
}

bool
conf_bgp_ao_same(const struct conf_ao_key *a, const struct conf_ao_key *b)
{
	for (; a != NULL && b != NULL; a = a->next, b = b->next)
		if (a->send_id != b->send_id || a->recv_id != b->recv_id ||
		    strcmp(a->algorithm, b->algorithm) != 0 ||
		    a->preferred != b->preferred ||
		    a->deprecated != b->deprecated ||
		    !bytes_eq(bytes_of(a->secret, a->n),
		    bytes_of(b->secret, b->n)))
			return false;
	return a == b;
}

void
conf_bgp_ao_check(struct conf_parser *p, struct conf_proto *proto)
{
	struct conf_bgp *b = &proto->bgp;
	const struct conf_ao_key *k = b->ao_keys;

	if (!b->ao) {
		b->ao_keys = NULL;	/* perhaps a template's */
		return;
	}
	while (k != NULL && k->deprecated)
		k = k->next;
	if (k == NULL)
		conf_complain(p, proto->at, "'authentication ao' needs "
		    "'keys', one of them not deprecated");
	if (b->remote_range.kind != NET_NONE)
		conf_complain(p, proto->at,
		    "'authentication ao' is not for a range of neighbors");
}

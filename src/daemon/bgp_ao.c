/* SPDX-License-Identifier: ISC */
/* TCP-AO (RFC 5925): the keys of the file for the sockets of a neighbour. */
#include "base/mem.h"
#include "daemon/bgp.h"

/* The one to sign with at first, and to be asked for. */
static const struct conf_ao_key *
first_key(const struct conf_ao_key *keys)
{
	const struct conf_ao_key *first = NULL;

	for (; keys != NULL; keys = keys->next) {
		if (keys->deprecated)
			continue;
		if (keys->preferred)
			return keys;
		if (first == NULL)
			first = keys;
	}
	return first;
}

static struct tcp_ao_key
key_of(const struct conf_ao_key *k, bool first)
{
	return (struct tcp_ao_key){ .send_id = (uint8_t)k->send_id,
	    .recv_id = (uint8_t)k->recv_id, .n = k->n, .secret = k->secret,
	    .algorithm = k->algorithm, .first = first };
}

bool
bgp_ao_dial(const struct bgp *b, struct tcp_opt *opt)
{
	const struct conf_ao_key *all = b->p.cf->bgp.ao_keys;
	const struct conf_ao_key *first = first_key(all);
	struct tcp_ao_key *v;
	unsigned n = 0;

	opt->ao = NULL;
	opt->n_ao = 0;
	for (const struct conf_ao_key *k = all; k != NULL; k = k->next)
		n++;
	if (n == 0)
		return true;
	v = mem_alloc(n * sizeof(*v));
	if (v == NULL)
		return false;
	for (const struct conf_ao_key *k = all; k != NULL; k = k->next)
		v[opt->n_ao++] = key_of(k, k == first);
	opt->ao = v;
	return true;
}

void
bgp_ao_dialled(struct tcp_opt *opt)
{
	mem_free((void *)(uintptr_t)opt->ao);
	opt->ao = NULL;
	opt->n_ao = 0;
}

/* Whoever listens has no current key: the one who dials chooses. */
void
bgp_ao_listen(const struct bgp *b, int fd, bool on)
{
	const struct conf_ao_key *k = b->p.cf->bgp.ao_keys;
	int err;

	for (; fd >= 0 && k != NULL; k = k->next) {
		const struct tcp_ao_key key = key_of(k, false);

		err = on ? tcp_ao_add(fd, &b->remote, &key) :
		    tcp_ao_del(fd, &b->remote, &key);
		if (err < 0 && on)
			proto_log(&b->p, CONF_LOG_ERROR, "The kernel does not "
			    "take key %d/%d: %s", k->send_id, k->recv_id,
			    strerrordesc_np(-err));
	}
}

/* SPDX-License-Identifier: ISC */
#include "wire/bfd.h"

#define FLAG_POLL	0x20
#define FLAG_FINAL	0x10
#define FLAG_CPI	0x08
#define FLAG_AUTH	0x04
#define FLAG_DEMAND	0x02
#define FLAG_MULTIPOINT	0x01
#define SIMPLE_HEAD	3
#define DIGEST_HEAD	8

size_t
bfd_digest_size(uint8_t auth)
{
	switch (auth) {
	case BFD_AUTH_MD5: case BFD_AUTH_MD5_METICULOUS:
		return 16;
	case BFD_AUTH_SHA1: case BFD_AUTH_SHA1_METICULOUS:
		return 20;
	default:
		return 0;
	}
}

/* Sections 4.2 to 4.4: the length follows from the type, or nearly so. */
static const char *
decode_auth(struct rd *r, struct bfd_packet *ret)
{
	const size_t room = rd_left(r);
	uint8_t len;

	ret->auth = rd_u8(r);
	len = rd_u8(r);
	ret->key_id = rd_u8(r);
	if (r->bad || len > room)
		return "authentication section too short";
	if (ret->auth == BFD_AUTH_SIMPLE) {
		if (len <= SIMPLE_HEAD || len > SIMPLE_HEAD + BFD_PASSWORD_MAX)
			return "wrong length of the password";
		ret->secret = rd_bytes(r, (size_t)len - SIMPLE_HEAD);
		return NULL;
	}
	if (bfd_digest_size(ret->auth) == 0)
		return "unknown authentication type";
	if (len != DIGEST_HEAD + bfd_digest_size(ret->auth))
		return "wrong length of the digest";
	rd_u8(r);			/* reserved: ignored */
	ret->seq = rd_be32(r);
	ret->secret = rd_bytes(r, bfd_digest_size(ret->auth));
	return r->bad ? "authentication section too short" : NULL;
}

static void
decode_header(struct rd *r, uint8_t *ret_version, uint8_t *ret_flags,
    struct bfd_packet *ret)
{
	const uint8_t first = rd_u8(r), second = rd_u8(r);

	*ret_version = first >> 5;
	*ret_flags = second & 0x3f;
	*ret = (struct bfd_packet){ .diag = first & 0x1f,
	    .state = second >> 6, .poll = second & FLAG_POLL,
	    .final = second & FLAG_FINAL, .cpi = second & FLAG_CPI,
	    .demand = second & FLAG_DEMAND };
	ret->mult = rd_u8(r);
	ret->length = rd_u8(r);
	ret->my_discr = rd_be32(r);
	ret->your_discr = rd_be32(r);
	ret->min_tx = rd_be32(r);
	ret->min_rx = rd_be32(r);
	ret->min_echo_rx = rd_be32(r);
}

/* Section 6.8.6, in its order, as far as no session is needed. */
const char *
bfd_decode(struct bytes in, struct bfd_packet *ret)
{
	uint8_t version, flags;
	struct rd r = rd_of(in);

	decode_header(&r, &version, &flags, ret);
	if (r.bad)
		return "too short";
	if (version != BFD_VERSION)
		return "wrong version";
	if (ret->length < BFD_HEADER || ret->length > in.n)
		return "wrong length";
	if (ret->mult == 0)
		return "detection multiplier is zero";
	if (flags & FLAG_MULTIPOINT)
		return "multipoint bit is set";
	if (ret->my_discr == 0)
		return "discriminator is zero";
	if (ret->your_discr == 0 && ret->state != BFD_DOWN &&
	    ret->state != BFD_ADMIN_DOWN)
		return "no discriminator of ours in this state";
	if (!(flags & FLAG_AUTH))
		return NULL;
	r = rd_of(bytes_of(in.p + BFD_HEADER, ret->length - BFD_HEADER));
	return decode_auth(&r, ret);
}

static void
encode_auth(struct wr *w, const struct bfd_packet *p, uint8_t **ret_secret)
{
	const bool simple = p->auth == BFD_AUTH_SIMPLE;
	const size_t n = simple ? p->secret.n : bfd_digest_size(p->auth);

	wr_u8(w, p->auth);
	wr_u8(w, (uint8_t)((simple ? SIMPLE_HEAD : DIGEST_HEAD) + n));
	wr_u8(w, p->key_id);
	if (!simple) {
		wr_u8(w, 0);
		wr_be32(w, p->seq);
	}
	*ret_secret = wr_take(w, n);
	if (*ret_secret != NULL)
		memset(*ret_secret, 0, n);
}

void
bfd_encode(struct wr *w, const struct bfd_packet *p, uint8_t **ret_secret)
{
	const size_t start = wr_len(w);
	uint8_t flags = (uint8_t)(p->state << 6);

	flags |= (uint8_t)((p->poll ? FLAG_POLL : 0) |
	    (p->final ? FLAG_FINAL : 0) | (p->cpi ? FLAG_CPI : 0) |
	    (p->demand ? FLAG_DEMAND : 0) | (p->auth ? FLAG_AUTH : 0));
	*ret_secret = NULL;
	wr_u8(w, (uint8_t)(BFD_VERSION << 5 | (p->diag & 0x1f)));
	wr_u8(w, flags);
	wr_u8(w, p->mult);
	wr_u8(w, BFD_HEADER);
	wr_be32(w, p->my_discr);
	wr_be32(w, p->your_discr);
	wr_be32(w, p->min_tx);
	wr_be32(w, p->min_rx);
	wr_be32(w, p->min_echo_rx);
	if (p->auth != BFD_AUTH_NONE)
		encode_auth(w, p, ret_secret);
	if (!w->bad)
		w->start[start + 3] = (uint8_t)(wr_len(w) - start);
}

const char *
bfd_state_text(uint8_t state)
{
	static const char *const names[BFD_NSTATES] = {
		"AdminDown", "Down", "Init", "Up"
	};

	return state < BFD_NSTATES ? names[state] : "?";
}

const char *
bfd_diag_text(uint8_t diag)
{
	static const char *const names[BFD_NDIAGS] = {
		"No diagnostic", "Control detection time expired",
		"Echo function failed", "Neighbor signaled session down",
		"Forwarding plane reset", "Path down",
		"Concatenated path down", "Administratively down",
		"Reverse concatenated path down"
	};

	return diag < BFD_NDIAGS ? names[diag] : "Unknown diagnostic";
}

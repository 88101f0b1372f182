/* SPDX-License-Identifier: ISC */
#include "wire/bgp.h"

struct fam_row {
	uint16_t afi;
	uint8_t safi;
	const char *text;
};

static const struct fam_row fams[BGP_NFAMS] = {
	[BGP_FAM_IP4] = { BGP_AFI_IP4, BGP_SAFI_UNICAST, "ipv4" },
	[BGP_FAM_IP6] = { BGP_AFI_IP6, BGP_SAFI_UNICAST, "ipv6" },
	[BGP_FAM_IP4_MC] = { BGP_AFI_IP4, BGP_SAFI_MULTICAST, "ipv4-mc" },
	[BGP_FAM_IP6_MC] = { BGP_AFI_IP6, BGP_SAFI_MULTICAST, "ipv6-mc" },
};

struct bytes
bgp_error_data(const struct bgp_error *e)
{
	return e->n_own ? bytes_of(e->own, e->n_own) : e->view;
}

struct bgp_error
bgp_error_of(uint8_t code, uint8_t subcode, struct bytes view)
{
	return (struct bgp_error){ .code = code, .subcode = subcode,
	    .view = view };
}

struct bgp_error
bgp_error_u16(uint8_t code, uint8_t subcode, uint16_t v)
{
	struct bgp_error e = { .code = code, .subcode = subcode, .n_own = 2 };

	be16_put(e.own, v);
	return e;
}

enum bgp_fam
bgp_fam_of(uint16_t afi, uint8_t safi)
{
	for (unsigned i = 0; i < BGP_NFAMS; i++) {
		if (fams[i].afi == afi && fams[i].safi == safi)
			return (enum bgp_fam)i;
	}
	return BGP_NFAMS;
}

bool
bgp_fam_is4(enum bgp_fam fam)
{
	return fams[fam].afi == BGP_AFI_IP4;
}

uint16_t
bgp_fam_afi(enum bgp_fam fam)
{
	return fams[fam].afi;
}

uint8_t
bgp_fam_safi(enum bgp_fam fam)
{
	return fams[fam].safi;
}

const char *
bgp_fam_text(enum bgp_fam fam)
{
	return fams[fam].text;
}

/* Shortest message of each type; 0 is no type of ours. */
static uint16_t
shortest(uint8_t type)
{
	static const uint8_t body[] = {
		[BGP_TYPE_OPEN] = 10, [BGP_TYPE_UPDATE] = 4,
		[BGP_TYPE_NOTIFICATION] = 2, [BGP_TYPE_KEEPALIVE] = 0,
		[BGP_TYPE_REFRESH] = 4,
	};

	if (type < BGP_TYPE_OPEN || type > BGP_TYPE_REFRESH)
		return 0;
	return (uint16_t)(BGP_HEADER + body[type]);
}

/*
 * RFC 8654 section 4: OPEN and KEEPALIVE keep the old limit.  A REFRESH that
 * is too short is not the header's fault: RFC 7313 section 5 has a code of
 * its own for that.
 */
static bool
length_ok(const struct bgp_header *h, bool ext)
{
	const bool may_be_long = ext && h->type != BGP_TYPE_OPEN &&
	    h->type != BGP_TYPE_KEEPALIVE;

	if (h->length < BGP_HEADER)
		return false;
	if (h->length > (may_be_long ? BGP_MESSAGE_EXT_MAX : BGP_MESSAGE_MAX))
		return false;
	if (h->type == BGP_TYPE_REFRESH)
		return true;
	if (h->type == BGP_TYPE_KEEPALIVE)
		return h->length == BGP_HEADER;
	return h->length >= shortest(h->type);
}

bool
bgp_header_decode(const uint8_t b[BGP_HEADER], bool ext,
    struct bgp_header *ret, struct bgp_error *ret_err)
{
	for (unsigned i = 0; i < 16; i++) {
		if (b[i] != 0xff) {
			*ret_err = bgp_error_of(BGP_ERR_HEADER,
			    BGP_HEADER_SYNC, bytes_of(NULL, 0));
			return false;
		}
	}
	*ret = (struct bgp_header){ .length = be16_get(b + 16),
	    .type = b[18] };
	if (!length_ok(ret, ext)) {
		*ret_err = bgp_error_u16(BGP_ERR_HEADER, BGP_HEADER_LENGTH,
		    ret->length);
		return false;
	}
	if (shortest(ret->type) == 0) {
		*ret_err = (struct bgp_error){ .code = BGP_ERR_HEADER,
		    .subcode = BGP_HEADER_TYPE, .n_own = 1,
		    .own = { ret->type } };
		return false;
	}
	return true;
}

void
bgp_notification_decode(struct bytes body, struct bgp_error *ret)
{
	struct rd r = rd_of(body);
	const uint8_t code = rd_u8(&r);
	const uint8_t subcode = rd_u8(&r);

	*ret = bgp_error_of(code, subcode, rd_bytes(&r, rd_left(&r)));
}

/*
 * BoRR and EoRR are 4 octets exactly (RFC 7313 section 5).  A plain request
 * may be followed by the filters of RFC 5291, which we never offer: they are
 * stepped over.
 */
bool
bgp_refresh_decode(struct bytes body, struct bgp_refresh *ret,
    struct bgp_error *ret_err)
{
	struct rd r = rd_of(body);

	ret->afi = rd_be16(&r);
	ret->subtype = rd_u8(&r);
	ret->safi = rd_u8(&r);
	ret->fam = bgp_fam_of(ret->afi, ret->safi);
	if (r.bad || (body.n != 4 && (ret->subtype == BGP_REFRESH_BEGIN ||
	    ret->subtype == BGP_REFRESH_END))) {
		*ret_err = bgp_error_of(BGP_ERR_REFRESH, BGP_REFRESH_LENGTH,
		    body);
		return false;
	}
	return true;
}

/* Octets of the UTF-8 character at p, 0 if it is none or cannot be shown. */
static size_t
utf8_char(const uint8_t *p, size_t n)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint32_t c = p[0];
	size_t len = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 :
	    c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;

	if (len == 1)
		return c >= 0x20 && c != 0x7f ? 1 : 0;
	if (len == 0 || len > n)
		return 0;
	c &= 0x7fu >> len;
	for (size_t i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[len] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		return 0;
	return c >= 0xa0 ? len : 0;
}

/* How much of b is whole, printable characters. */
static size_t
utf8_span(struct bytes b)
{
	size_t at = 0, len;

	while (at < b.n && (len = utf8_char(b.p + at, b.n - at)) != 0)
		at += len;
	return at;
}

struct bytes
bgp_shutdown_text(const struct bgp_error *e)
{
	struct rd r = rd_of(bgp_error_data(e));
	const size_t n = rd_u8(&r);
	const struct bytes text = rd_bytes(&r, n);

	if (e->code != BGP_ERR_CEASE || (e->subcode != BGP_CEASE_SHUTDOWN &&
	    e->subcode != BGP_CEASE_RESET))
		return bytes_of(NULL, 0);
	if (r.bad || utf8_span(text) != text.n)
		return bytes_of(NULL, 0);
	return text;
}

bool
bgp_hard_reset_inner(const struct bgp_error *e, struct bgp_error *ret)
{
	const struct bytes data = bgp_error_data(e);

	if (e->code != BGP_ERR_CEASE || e->subcode != BGP_CEASE_HARD_RESET ||
	    data.n < 2)
		return false;
	*ret = bgp_error_of(data.p[0], data.p[1],
	    bytes_of(data.p + 2, data.n - 2));
	return true;
}

uint8_t *
bgp_message_begin(struct wr *w, enum bgp_type type)
{
	uint8_t *p = wr_take(w, BGP_HEADER);

	if (p) {
		memset(p, 0xff, 16);
		be16_put(p + 16, 0);
		p[18] = (uint8_t)type;
	}
	return p;
}

void
bgp_message_end(struct wr *w, uint8_t *mark)
{
	if (w->bad)
		return;
	if (w->p - mark > BGP_MESSAGE_EXT_MAX) {
		w->bad = true;
		return;
	}
	be16_put(mark + 16, (uint16_t)(w->p - mark));
}

void
bgp_keepalive_encode(struct wr *w)
{
	uint8_t *mark = bgp_message_begin(w, BGP_TYPE_KEEPALIVE);

	bgp_message_end(w, mark);
}

void
bgp_refresh_encode(struct wr *w, enum bgp_fam fam, enum bgp_refresh_kind kind)
{
	uint8_t *mark = bgp_message_begin(w, BGP_TYPE_REFRESH);

	wr_be16(w, fams[fam].afi);
	wr_u8(w, (uint8_t)kind);
	wr_u8(w, fams[fam].safi);
	bgp_message_end(w, mark);
}

void
bgp_notification_encode(struct wr *w, const struct bgp_error *e)
{
	uint8_t *mark = bgp_message_begin(w, BGP_TYPE_NOTIFICATION);
	struct bytes data = bgp_error_data(e);

	if (data.n > BGP_MESSAGE_MAX - BGP_HEADER - 2)
		data.n = BGP_MESSAGE_MAX - BGP_HEADER - 2;
	wr_u8(w, e->code);
	wr_u8(w, e->subcode);
	wr_bytes(w, data);
	bgp_message_end(w, mark);
}

void
bgp_shutdown_error(uint8_t subcode, struct bytes text,
    uint8_t room[BGP_SHUTDOWN_MAX + 1], struct bgp_error *ret)
{
	size_t n;

	if (text.n > BGP_SHUTDOWN_MAX)
		text.n = BGP_SHUTDOWN_MAX;
	n = utf8_span(text);
	room[0] = (uint8_t)n;
	if (n)
		memcpy(room + 1, text.p, n);
	*ret = bgp_error_of(BGP_ERR_CEASE, subcode,
	    bytes_of(room, n ? n + 1 : 0));
}

/* SPDX-License-Identifier: ISC */
#include "wire/rtr.h"

#include "base/cursor.h"

#define ERROR_FIXED	16	/* an Error Report with nothing in it */

/* The length that each type must have, RFC 8210 section 5. */
struct shape {
	uint32_t least, most;
};

static struct shape
shape_of(const struct rtr_pdu *p)
{
	switch ((enum rtr_type)p->type) {
	case RTR_SERIAL_NOTIFY: case RTR_SERIAL_QUERY:
		return (struct shape){ 12, 12 };
	case RTR_RESET_QUERY: case RTR_CACHE_RESPONSE: case RTR_CACHE_RESET:
		return (struct shape){ 8, 8 };
	case RTR_IPV4_PREFIX:
		return (struct shape){ 20, 20 };
	case RTR_IPV6_PREFIX:
		return (struct shape){ 32, 32 };
	case RTR_END_OF_DATA:
		return p->version == 0 ? (struct shape){ 12, 12 } :
		    (struct shape){ 24, 24 };
	case RTR_ROUTER_KEY:
		return p->version == 0 ? (struct shape){ 0, 0 } :
		    (struct shape){ 32, RTR_PDU_MAX };
	case RTR_ERROR_REPORT:
		return (struct shape){ ERROR_FIXED, RTR_PDU_MAX };
	}
	return (struct shape){ 0, 0 };
}

static enum rtr_result
wrong(struct rtr_pdu *p, struct bytes in, enum rtr_error error)
{
	p->error = (uint8_t)error;
	p->raw = in;
	return RTR_WRONG;
}

/* Host bits are cleared; what they were means nothing. */
static bool
prefix_body(struct rtr_pdu *p, struct rd *r)
{
	const bool is4 = p->type == RTR_IPV4_PREFIX;
	const uint8_t flags = rd_u8(r), len = rd_u8(r), max = rd_u8(r);
	const uint8_t *addr;

	rd_u8(r);
	addr = rd_take(r, is4 ? 4 : 16);
	if (addr == NULL || len > max || max > (is4 ? 32 : 128))
		return false;
	p->announce = flags & 1;
	p->roa = prefix_of(is4 ? ip_from4(addr) : ip_from6(addr), len);
	if (p->roa.kind != NET_NONE) {
		p->roa.kind = is4 ? NET_ROA4 : NET_ROA6;
		p->roa.max = max;
		p->roa.asn = rd_be32(r);
	}
	return true;
}

static bool
error_body(struct rtr_pdu *p, struct rd *r)
{
	p->inner = rd_bytes(r, rd_be32(r));
	p->text = rd_bytes(r, rd_be32(r));
	return !r->bad && rd_left(r) == 0;
}

static bool
body(struct rtr_pdu *p, struct rd *r)
{
	switch ((enum rtr_type)p->type) {
	case RTR_SERIAL_NOTIFY: case RTR_SERIAL_QUERY:
		p->serial = rd_be32(r);
		break;
	case RTR_END_OF_DATA:
		p->serial = rd_be32(r);
		p->intervals = p->version > 0;
		if (p->intervals) {
			p->refresh = rd_be32(r);
			p->retry = rd_be32(r);
			p->expire = rd_be32(r);
		}
		break;
	case RTR_IPV4_PREFIX: case RTR_IPV6_PREFIX:
		return prefix_body(p, r);
	case RTR_ERROR_REPORT:
		return error_body(p, r);
	case RTR_RESET_QUERY: case RTR_CACHE_RESPONSE: case RTR_CACHE_RESET:
	case RTR_ROUTER_KEY:
		break;
	}
	return !r->bad;
}

enum rtr_result
rtr_decode(struct bytes in, struct rtr_pdu *ret, size_t *ret_took)
{
	struct rd r = rd_of(in);
	struct shape shape;
	uint32_t len;

	*ret = (struct rtr_pdu){ 0 };
	*ret_took = 0;
	if (in.n < RTR_HEADER)
		return RTR_MORE;
	ret->version = rd_u8(&r);
	ret->type = rd_u8(&r);
	ret->session = rd_be16(&r);
	len = rd_be32(&r);
	/* Of a version to come, not even the length is certain. */
	if (ret->version > RTR_VERSION_MAX)
		return wrong(ret, in, RTR_BAD_VERSION);
	shape = shape_of(ret);
	if (shape.most == 0)
		return wrong(ret, bytes_of(in.p, RTR_HEADER), RTR_BAD_TYPE);
	if (len < shape.least || len > shape.most)
		return wrong(ret, bytes_of(in.p, RTR_HEADER),
		    RTR_CORRUPT_DATA);
	if (in.n < len)
		return RTR_MORE;
	ret->raw = bytes_of(in.p, len);
	r = rd_of(ret->raw);
	rd_take(&r, RTR_HEADER);
	if (!body(ret, &r))
		return wrong(ret, ret->raw, RTR_CORRUPT_DATA);
	*ret_took = len;
	return RTR_OK;
}

static void
header(struct wr *w, uint8_t version, enum rtr_type type, uint16_t session,
    uint32_t len)
{
	wr_u8(w, version);
	wr_u8(w, (uint8_t)type);
	wr_be16(w, session);
	wr_be32(w, len);
}

size_t
rtr_put_serial_query(uint8_t out[RTR_QUERY_MAX], uint8_t version,
    uint16_t session, uint32_t serial)
{
	struct wr w = wr_of(out, RTR_QUERY_MAX);

	header(&w, version, RTR_SERIAL_QUERY, session, 12);
	wr_be32(&w, serial);
	return wr_len(&w);
}

size_t
rtr_put_reset_query(uint8_t out[RTR_QUERY_MAX], uint8_t version)
{
	struct wr w = wr_of(out, RTR_QUERY_MAX);

	header(&w, version, RTR_RESET_QUERY, 0, 8);
	return wr_len(&w);
}

size_t
rtr_put_error(uint8_t out[RTR_PDU_MAX], uint8_t version, enum rtr_error code,
    struct bytes about, const char *text)
{
	struct wr w = wr_of(out, RTR_PDU_MAX);
	struct bytes words = bytes_str(text);
	const size_t room = RTR_PDU_MAX - ERROR_FIXED;

	if (words.n > room / 4)
		words.n = room / 4;
	if (about.n > room - words.n)
		about.n = room - words.n;
	header(&w, version, RTR_ERROR_REPORT, (uint16_t)code,
	    (uint32_t)(ERROR_FIXED + about.n + words.n));
	wr_be32(&w, (uint32_t)about.n);
	wr_bytes(&w, about);
	wr_be32(&w, (uint32_t)words.n);
	wr_bytes(&w, words);
	return wr_len(&w);
}

const char *
rtr_error_text(unsigned code)
{
	static const char *const text[] = {
		"Corrupt Data", "Internal Error", "No Data Available",
		"Invalid Request", "Unsupported Protocol Version",
		"Unsupported PDU Type", "Withdrawal of Unknown Record",
		"Duplicate Announcement Received",
		"Unexpected Protocol Version"
	};

	return code < sizeof(text) / sizeof(text[0]) ? text[code] :
	    "Unknown Error";
}

const char *
rtr_type_text(unsigned type)
{
	static const char *const text[] = {
		[RTR_SERIAL_NOTIFY] = "Serial Notify",
		[RTR_SERIAL_QUERY] = "Serial Query",
		[RTR_RESET_QUERY] = "Reset Query",
		[RTR_CACHE_RESPONSE] = "Cache Response",
		[RTR_IPV4_PREFIX] = "IPv4 Prefix",
		[RTR_IPV6_PREFIX] = "IPv6 Prefix",
		[RTR_END_OF_DATA] = "End of Data",
		[RTR_CACHE_RESET] = "Cache Reset",
		[RTR_ROUTER_KEY] = "Router Key",
		[RTR_ERROR_REPORT] = "Error Report"
	};

	return type < sizeof(text) / sizeof(text[0]) && text[type] != NULL ?
	    text[type] : "Unknown";
}

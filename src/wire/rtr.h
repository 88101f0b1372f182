/* SPDX-License-Identifier: ISC */
/*
 * The messages between an RPKI cache and a router: RFC 6810 (version 0) and
 * RFC 8210 (version 1), bytes <-> structs.
 *
 *	r = rtr_decode(bytes, &pdu, &took);
 *
 * looks at the first message of a stream.  RTR_MORE: it is not all there.
 * RTR_WRONG: pdu.error says what is wrong with it and pdu.raw is as much of it
 * as is there, for an Error Report; nothing behind it makes sense.  Bytes that
 * a message points to (raw, inner, text) are the stream's.
 *
 * Versions are taken as they come: whoever holds the session knows which one
 * was agreed on.  A message is at most RTR_PDU_MAX long, which an Error Report
 * and a Router Key could exceed by the figures of the RFC, but not in earnest.
 */
#ifndef WARREN_WIRE_RTR_H
#define WARREN_WIRE_RTR_H

#include "base/bytes.h"
#include "base/ip.h"

#define RTR_VERSION_MAX	1
#define RTR_HEADER	8
#define RTR_PDU_MAX	4096
#define RTR_QUERY_MAX	12

enum rtr_type {
	RTR_SERIAL_NOTIFY = 0, RTR_SERIAL_QUERY = 1, RTR_RESET_QUERY = 2,
	RTR_CACHE_RESPONSE = 3, RTR_IPV4_PREFIX = 4, RTR_IPV6_PREFIX = 6,
	RTR_END_OF_DATA = 7, RTR_CACHE_RESET = 8, RTR_ROUTER_KEY = 9,
	RTR_ERROR_REPORT = 10
};

enum rtr_error {			/* RFC 8210 section 12 */
	RTR_CORRUPT_DATA, RTR_INTERNAL, RTR_NO_DATA, RTR_INVALID_REQUEST,
	RTR_BAD_VERSION, RTR_BAD_TYPE, RTR_UNKNOWN_RECORD, RTR_DUPLICATE,
	RTR_UNEXPECTED_VERSION
};

struct rtr_pdu {
	uint8_t version;
	uint8_t type;			/* enum rtr_type */
	uint16_t session;		/* or the code of an Error Report */
	struct bytes raw;
	uint32_t serial;
	/*
	 * PREFIX: a ROA; kind NET_NONE when no prefix of ours can name it
	 * (it lies in ::ffff:0:0/96).
	 */
	struct prefix roa;
	bool announce;
	/* END_OF_DATA of version 1; seconds. */
	bool intervals;
	uint32_t refresh, retry, expire;
	/* ERROR_REPORT: the message that it is about, and words. */
	struct bytes inner, text;
	uint8_t error;			/* RTR_WRONG: enum rtr_error */
};

enum rtr_result {
	RTR_OK, RTR_MORE, RTR_WRONG
};

/* *ret_took is the length of the message with RTR_OK, else 0. */
enum rtr_result rtr_decode(struct bytes in, struct rtr_pdu *ret,
    size_t *ret_took);

/* What a router sends.  Each gives the length of what it wrote. */
size_t rtr_put_serial_query(uint8_t out[RTR_QUERY_MAX], uint8_t version,
    uint16_t session, uint32_t serial);
size_t rtr_put_reset_query(uint8_t out[RTR_QUERY_MAX], uint8_t version);
/* about may be empty; both are cut to what fits into RTR_PDU_MAX. */
size_t rtr_put_error(uint8_t out[RTR_PDU_MAX], uint8_t version,
    enum rtr_error code, struct bytes about, const char *text);

const char *rtr_error_text(unsigned code);	/* "No Data Available" */
const char *rtr_type_text(unsigned type);	/* "Cache Response" */

#endif

/* SPDX-License-Identifier: ISC */
/*
 * BGP on the wire: the message header, and the messages that are not OPEN
 * (wire/bgp_open.h) or UPDATE (wire/bgp_update.h).  RFC 4271 section 4.
 *
 * Bytes to structs and back.  No state, no allocation.  What a decoder gives
 * borrows from the bytes that it was given.  A writer that runs out of room
 * is "bad" and the caller asks once, at the end.
 *
 * A decoder that finds fault fills a struct bgp_error, which is what a
 * NOTIFICATION says, and returns false.
 */
#ifndef WARREN_WIRE_BGP_H
#define WARREN_WIRE_BGP_H

#include <stdbool.h>

#include "base/bytes.h"
#include "base/cursor.h"

#define BGP_PORT		179
#define BGP_HEADER		19	/* marker, length, type */
#define BGP_MESSAGE_MAX		4096
#define BGP_MESSAGE_EXT_MAX	65535	/* RFC 8654; never OPEN, KEEPALIVE */
#define BGP_AS_TRANS		23456	/* RFC 6793 */
/* Longest text of RFC 9003, without the NUL. */
#define BGP_SHUTDOWN_MAX	255

enum bgp_type {
	BGP_TYPE_OPEN = 1, BGP_TYPE_UPDATE, BGP_TYPE_NOTIFICATION,
	BGP_TYPE_KEEPALIVE, BGP_TYPE_REFRESH
};

/* Address families that we speak; each is also a bit in a mask. */
enum bgp_fam {
	BGP_FAM_IP4, BGP_FAM_IP6, BGP_FAM_IP4_MC, BGP_FAM_IP6_MC, BGP_NFAMS
};
#define BGP_FAM_BIT(fam)	((uint8_t)(1u << (fam)))
#define BGP_FAM_UNICAST \
	((uint8_t)(BGP_FAM_BIT(BGP_FAM_IP4) | BGP_FAM_BIT(BGP_FAM_IP6)))
#define BGP_FAM_ALL		((uint8_t)((1u << BGP_NFAMS) - 1))

enum {
	BGP_AFI_IP4 = 1, BGP_AFI_IP6 = 2,
	BGP_SAFI_UNICAST = 1, BGP_SAFI_MULTICAST
};

/* NOTIFICATION codes; subcodes are named beside their code below. */
enum bgp_code {
	BGP_ERR_NONE, BGP_ERR_HEADER, BGP_ERR_OPEN, BGP_ERR_UPDATE,
	BGP_ERR_HOLD, BGP_ERR_FSM, BGP_ERR_CEASE, BGP_ERR_REFRESH,
	BGP_ERR_SEND_HOLD			/* RFC 9687 */
};
enum {	/* BGP_ERR_HEADER */
	BGP_HEADER_SYNC = 1, BGP_HEADER_LENGTH, BGP_HEADER_TYPE
};
enum {	/* BGP_ERR_OPEN; 11 is RFC 9234's */
	BGP_OPEN_VERSION = 1, BGP_OPEN_AS, BGP_OPEN_ID, BGP_OPEN_PARAM,
	BGP_OPEN_HOLD = 6, BGP_OPEN_CAPABILITY, BGP_OPEN_ROLE = 11
};
enum {	/* BGP_ERR_UPDATE */
	BGP_UPDATE_LIST = 1, BGP_UPDATE_WELL_KNOWN, BGP_UPDATE_MISSING,
	BGP_UPDATE_FLAGS, BGP_UPDATE_LENGTH, BGP_UPDATE_ORIGIN,
	BGP_UPDATE_NEXT_HOP = 8, BGP_UPDATE_OPTIONAL, BGP_UPDATE_NETWORK,
	BGP_UPDATE_AS_PATH
};
enum {	/* BGP_ERR_FSM, RFC 6608 */
	BGP_FSM_OPENSENT = 1, BGP_FSM_OPENCONFIRM, BGP_FSM_ESTABLISHED
};
enum {	/* BGP_ERR_CEASE: RFC 4486, 8538, 9384 */
	BGP_CEASE_MAX_PREFIX = 1, BGP_CEASE_SHUTDOWN, BGP_CEASE_DECONFIGURED,
	BGP_CEASE_RESET, BGP_CEASE_REJECTED, BGP_CEASE_CONFIG,
	BGP_CEASE_COLLISION, BGP_CEASE_RESOURCES, BGP_CEASE_HARD_RESET,
	BGP_CEASE_BFD
};
enum {	/* BGP_ERR_REFRESH, RFC 7313 */
	BGP_REFRESH_LENGTH = 1
};

/* What a NOTIFICATION says, or would say. */
struct bgp_error {
	uint8_t code, subcode;
	uint8_t n_own;		/* data is own[0..n_own), unless 0: then view */
	uint8_t own[6];
	struct bytes view;	/* borrowed from the faulty message */
};

struct bgp_header {
	uint16_t length;	/* whole message, header included */
	uint8_t type;		/* enum bgp_type */
};

struct bgp_refresh {
	uint16_t afi;
	uint8_t safi;
	/* BGP_NFAMS when it is a family that we do not know: ignore it. */
	enum bgp_fam fam;
	uint8_t subtype;	/* enum bgp_refresh_kind; others: ignore */
};

enum bgp_refresh_kind {
	BGP_REFRESH_REQUEST, BGP_REFRESH_BEGIN, BGP_REFRESH_END
};

struct bytes bgp_error_data(const struct bgp_error *e);
struct bgp_error bgp_error_of(uint8_t code, uint8_t subcode,
    struct bytes view);
/* Own data: one 16-bit number. */
struct bgp_error bgp_error_u16(uint8_t code, uint8_t subcode, uint16_t v);
/*
 * What operators know it by, as BIRD words it: "Administrative shutdown".
 * For a pair that has no name, the name of the code; never NULL.
 */
const char *bgp_error_text(uint8_t code, uint8_t subcode);
/* True when the pair has a name of its own. */
bool bgp_error_known(uint8_t code, uint8_t subcode);

/* BGP_NFAMS for a family that we do not speak. */
enum bgp_fam bgp_fam_of(uint16_t afi, uint8_t safi);
uint16_t bgp_fam_afi(enum bgp_fam fam);
uint8_t bgp_fam_safi(enum bgp_fam fam);
bool bgp_fam_is4(enum bgp_fam fam);		/* NLRI are IPv4's */
const char *bgp_fam_text(enum bgp_fam fam);	/* "ipv4", "ipv6-mc" */

/*
 * The first 19 bytes, checked as in RFC 4271 6.1.  ext: extended messages
 * are in force (RFC 8654).  False with *ret_err set.
 */
bool bgp_header_decode(const uint8_t b[BGP_HEADER], bool ext,
    struct bgp_header *ret, struct bgp_error *ret_err);

/*
 * Bodies are what follows the header.  NOTIFICATION never fails on one that
 * the header check let through: code, subcode and data.
 */
void bgp_notification_decode(struct bytes body, struct bgp_error *ret);
bool bgp_refresh_decode(struct bytes body, struct bgp_refresh *ret,
    struct bgp_error *ret_err);
/*
 * The text of a shutdown or reset, RFC 9003, out of a Cease's data: valid
 * UTF-8 without control characters, or else nothing (n is 0).
 */
struct bytes bgp_shutdown_text(const struct bgp_error *e);

/*
 * What a Cease / Hard Reset is about (RFC 8538 section 3.1): the NOTIFICATION
 * that stands in its data.  False for any other one, and for one without.
 */
bool bgp_hard_reset_inner(const struct bgp_error *e, struct bgp_error *ret);

/* A message begins; the returned mark goes to bgp_message_end(). */
uint8_t *bgp_message_begin(struct wr *w, enum bgp_type type);
void bgp_message_end(struct wr *w, uint8_t *mark);

void bgp_keepalive_encode(struct wr *w);
void bgp_refresh_encode(struct wr *w, enum bgp_fam fam,
    enum bgp_refresh_kind kind);
/* Data that would make it longer than 4096 octets is cut. */
void bgp_notification_encode(struct wr *w, const struct bgp_error *e);
/*
 * A Cease with a text (RFC 9003), cut at a character's end to 255 octets.
 * room, of at least 256 octets, holds the data that *ret will borrow.
 */
void bgp_shutdown_error(uint8_t subcode, struct bytes text,
    uint8_t room[BGP_SHUTDOWN_MAX + 1], struct bgp_error *ret);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * The OPEN message and its capabilities: RFC 4271 4.2 and 6.2, RFC 5492,
 * RFC 9072 (extended optional parameters).
 *
 * Decoding judges what one message can show by itself: syntax, version, hold
 * time 1 or 2, identifier 0, AS 0 (RFC 7607).  Whether the peer is the one
 * that was meant, and what both sides have in common, is bgp/caps.h's work.
 */
#ifndef WARREN_WIRE_BGP_OPEN_H
#define WARREN_WIRE_BGP_OPEN_H

#include "wire/bgp.h"

#define BGP_HOSTNAME_MAX	64	/* draft-walton-bgp-hostname */

enum bgp_cap_code {
	BGP_CAP_MP = 1,			/* RFC 4760 */
	BGP_CAP_REFRESH = 2,		/* RFC 2918 */
	BGP_CAP_EXT_NEXTHOP = 5,	/* RFC 8950 */
	BGP_CAP_EXT_MESSAGE = 6,	/* RFC 8654 */
	BGP_CAP_ROLE = 9,		/* RFC 9234 */
	BGP_CAP_GR = 64,		/* RFC 4724 */
	BGP_CAP_AS4 = 65,		/* RFC 6793 */
	BGP_CAP_ADD_PATH = 69,		/* RFC 7911 */
	BGP_CAP_ENHANCED_REFRESH = 70,	/* RFC 7313 */
	BGP_CAP_LLGR = 71,		/* RFC 9494 */
	BGP_CAP_HOSTNAME = 73
};

/* RFC 9234 section 4.1, as numbered there. */
enum bgp_role {
	BGP_ROLE_PROVIDER, BGP_ROLE_RS, BGP_ROLE_RS_CLIENT,
	BGP_ROLE_CUSTOMER, BGP_ROLE_PEER, BGP_NROLES,
	BGP_ROLE_CONFLICT = 254,	/* two that differ, RFC 9234 4.2 */
	BGP_ROLE_NONE = 255
};

enum {	/* ADD-PATH, RFC 7911 section 4: the speaker can ... */
	BGP_ADD_PATH_RX = 1, BGP_ADD_PATH_TX = 2
};

struct bgp_open {
	uint8_t version;		/* 4 */
	uint16_t hold;			/* seconds */
	uint32_t asn;			/* of capability 65 where it is there */
	uint32_t id;			/* host order */

	uint8_t families;		/* mask; IPv4 alone without any MP */
	bool has_mp;			/* there was at least one MP */
	bool silent;			/* encoding: no capabilities at all */
	bool as4, refresh, enhanced_refresh, ext_message;
	bool has_gr, gr_restarting;	/* R bit */
	bool gr_notification;		/* N bit, RFC 8538 */
	uint16_t gr_time;		/* seconds, 12 bits */
	uint8_t gr_families, gr_forwarding;	/* masks; F bit */
	bool has_llgr;
	uint8_t llgr_families, llgr_forwarding;
	uint32_t llgr_time[BGP_NFAMS];	/* seconds, 24 bits */
	uint8_t add_path[BGP_NFAMS];	/* BGP_ADD_PATH_RX | _TX */
	uint8_t ext_nexthop;		/* mask: NLRI over an IPv6 next hop */
	uint8_t role;			/* enum bgp_role */
	char hostname[BGP_HOSTNAME_MAX + 1], domain[BGP_HOSTNAME_MAX + 1];

	/* Optional parameters as received, for bgp_cap_next().  Borrowed. */
	struct bytes params;
	bool params_ext;		/* RFC 9072 form */
};

/* One capability as received, known or not. */
struct bgp_cap {
	uint8_t code;
	struct bytes value;
};

struct bgp_cap_iter {
	struct rd params, caps;
	bool ext;
};

/* What a speaker that offers nothing says. */
void bgp_open_init(struct bgp_open *o);
bool bgp_open_decode(struct bytes body, struct bgp_open *ret,
    struct bgp_error *ret_err);
/* The whole message; params are made from the fields, o->params is unused. */
void bgp_open_encode(struct wr *w, const struct bgp_open *o);

struct bgp_cap_iter bgp_cap_iter_of(const struct bgp_open *o);
bool bgp_cap_next(struct bgp_cap_iter *it, struct bgp_cap *ret);

const char *bgp_role_text(uint8_t role);	/* "provider"; "none" */

#endif

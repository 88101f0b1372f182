/* SPDX-License-Identifier: ISC */
/*
 * What two OPENs have in common, and whether the peer is acceptable.  Pure.
 * RFC 4271 6.2, 6286, 6793, 4724, 7911, 8654, 8950, 9234, 9494.
 */
#ifndef WARREN_BGP_CAPS_H
#define WARREN_BGP_CAPS_H

#include <stdbool.h>
#include <stddef.h>

#include "wire/bgp_open.h"
#include "wire/bgp_update.h"

/* What is in force for both sides of an established session. */
struct bgp_caps {
	enum bgp_peer_type peer;
	uint32_t peer_asn, peer_id;
	uint32_t confed_id;		/* 0: we are in none */
	uint16_t hold, keepalive;	/* seconds; 0: no timers */
	uint8_t families;		/* mask, never empty */
	bool as4, refresh, enhanced_refresh, ext_message;
	uint8_t add_path_rx, add_path_tx;	/* masks of ours */
	uint8_t ext_nexthop;		/* mask */
	uint8_t role, peer_role;	/* enum bgp_role */

	/* Graceful restart: in force when both sides sent the capability. */
	bool gr;
	bool gr_peer_restarting;	/* the peer set R: it has come back */
	bool gr_notification;		/* N bit on both sides, RFC 8538 */
	uint16_t gr_time;		/* the peer's: keep its routes for it */
	/* Masks, within families: what the peer can restart, and kept. */
	uint8_t gr_families, gr_forwarding;
	bool llgr;			/* RFC 9494, spoken by both */
	uint8_t llgr_families, llgr_forwarding;
	uint32_t llgr_time[BGP_NFAMS];	/* the peer's, seconds */
};

/* What we demand of a peer's OPEN, beside our own OPEN. */
struct bgp_demand {
	uint32_t peer_asn;		/* 0: any */
	bool external, internal;	/* any such, if peer_asn is 0 */
	uint32_t confed_id;		/* RFC 5065; 0: we are in none */
	bool confed;			/* an external peer is in it too */
	bool role_strict;		/* RFC 9234 4.2: it must send a role */
	uint8_t require_families;	/* mask: all of them */
	bool require_as4, require_refresh, require_enhanced_refresh;
	bool require_ext_message, require_gr, require_llgr, require_add_path;
	bool require_hostname, require_ext_nexthop;
	uint16_t hold_min;		/* "min hold time"; 0: RFC's own 3 */
	uint16_t keepalive_min;		/* "min keepalive time" */
	uint16_t keepalive;		/* configured; 0: a third of hold */
};

/* False with *ret_err, to be sent.  ours is the OPEN that we sent. */
bool bgp_caps_negotiate(const struct bgp_open *ours,
    const struct bgp_open *theirs, const struct bgp_demand *demand,
    struct bgp_caps *ret, struct bgp_error *ret_err);
/* For decoding what the peer sends and encoding for it; aigp is left off. */
void bgp_caps_codec(const struct bgp_caps *caps, struct bgp_codec *ret);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * The UPDATE message: RFC 4271 4.3, 5 and 6.3, RFC 4760, and the verdicts of
 * RFC 7606.
 *
 *	bgp_update_decode(&codec, body, &u);
 *	if (u.verdict == BGP_RESET)		send u.error, close
 *	else if (u.verdict == BGP_WITHDRAW)	the NLRI count as withdrawn
 *	else					import
 *
 * Nothing is allocated; everything in a struct bgp_update borrows from body.
 * It is large (6 kB): keep one and use it again.
 *
 * Attributes in u.attrs are valid, sorted by code, each there once, and
 * those that RFC 7606 discards are already left out.  MP_REACH_NLRI and
 * MP_UNREACH_NLRI are not among them but in u.reach and u.unreach.  An
 * AS_PATH has the session's width: bgp_aspath_to4() gives 4 octets always.
 * All NLRI have been walked: an iterator over them does not go bad unless
 * the verdict is BGP_RESET.
 *
 * What is left to the importer: AS loops, the first AS, whether the next hop
 * is a usable address, ours, or on the link (0.0.0.0 and 127.0.0.1 pass), OTC's
 * meaning, AS sets (RFC 9774).
 */
#ifndef WARREN_WIRE_BGP_UPDATE_H
#define WARREN_WIRE_BGP_UPDATE_H

#include "base/ip.h"
#include "wire/bgp.h"

enum bgp_attr_code {
	BGP_ATTR_ORIGIN = 1,
	BGP_ATTR_AS_PATH = 2,
	BGP_ATTR_NEXT_HOP = 3,
	BGP_ATTR_MED = 4,
	BGP_ATTR_LOCAL_PREF = 5,
	BGP_ATTR_ATOMIC_AGGREGATE = 6,
	BGP_ATTR_AGGREGATOR = 7,
	BGP_ATTR_COMMUNITIES = 8,
	BGP_ATTR_ORIGINATOR_ID = 9,
	BGP_ATTR_CLUSTER_LIST = 10,
	BGP_ATTR_MP_REACH = 14,
	BGP_ATTR_MP_UNREACH = 15,
	BGP_ATTR_EXT_COMMUNITIES = 16,
	BGP_ATTR_AS4_PATH = 17,
	BGP_ATTR_AS4_AGGREGATOR = 18,
	BGP_ATTR_IP6_EXT_COMMUNITIES = 25,
	BGP_ATTR_AIGP = 26,
	BGP_ATTR_LARGE_COMMUNITIES = 32,
	BGP_ATTR_OTC = 35,
	BGP_ATTR_PREFIX_SID = 40
};

enum {	/* flags of an attribute */
	BGP_OPTIONAL = 0x80, BGP_TRANSITIVE = 0x40, BGP_PARTIAL = 0x20,
	BGP_EXTENDED = 0x10
};

enum { BGP_ORIGIN_IGP, BGP_ORIGIN_EGP, BGP_ORIGIN_INCOMPLETE };

enum {	/* AS_PATH segments; the confederation's are RFC 5065's */
	BGP_AS_SET = 1, BGP_AS_SEQUENCE, BGP_AS_CONFED_SEQUENCE,
	BGP_AS_CONFED_SET
};

enum bgp_peer_type {
	BGP_EBGP, BGP_IBGP, BGP_CONFED
};

/* What decoding and encoding depend on; bgp_caps_codec() fills it. */
struct bgp_codec {
	enum bgp_peer_type peer;
	bool confed;		/* we are in one: its segments may be there */
	bool as4;		/* 4-octet AS numbers in force */
	bool ext_message;
	uint8_t families;	/* masks of what is negotiated */
	uint8_t add_path_rx, add_path_tx;
	uint8_t ext_nexthop;
	bool aigp;		/* accept AIGP: RFC 7311 3.1; off: discard */
	bool local_pref;	/* accept LOCAL_PREF from outside, too */
};

/* In order of strength (RFC 7606 section 2). */
enum bgp_verdict {
	BGP_OK, BGP_DISCARD, BGP_WITHDRAW, BGP_RESET
};

struct bgp_attr {
	uint8_t code, flags;	/* unknown ones have BGP_PARTIAL set */
	struct bytes value;
};

/*
 * MP_REACH_NLRI.  Not there at all, or of a family not negotiated: !there.
 * A link-local address is always in link_local, wherever the peer put it;
 * next_hop is IP_NONE when that was all it sent.
 */
struct bgp_reach {
	bool there;
	enum bgp_fam fam;
	struct ip next_hop, link_local;
	struct bytes nlri;
};

struct bgp_unreach {
	bool there;
	enum bgp_fam fam;
	struct bytes nlri;	/* empty and alone: End-of-RIB */
};

#define BGP_ATTRS_MAX	256

struct bgp_update {
	enum bgp_verdict verdict;
	uint8_t bad_attr;	/* that made the verdict; 0: none did */
	struct bgp_error error;	/* for BGP_RESET to send, else for the log */
	const char *why;	/* static; NULL when all is well */

	struct bytes withdrawn, nlri;	/* IPv4, the oldest way */
	struct ip next_hop;	/* attribute 3; IP_NONE without */
	struct bgp_reach reach;
	struct bgp_unreach unreach;
	/* A family that is not negotiated was ignored: RFC 4760 section 7. */
	bool ignored_family;

	unsigned n_attrs;
	struct bgp_attr attrs[BGP_ATTRS_MAX];
};

/* The verdict is also returned. */
enum bgp_verdict bgp_update_decode(const struct bgp_codec *c,
    struct bytes body, struct bgp_update *ret);
/* End-of-RIB (RFC 4724 section 2), and of which family. */
bool bgp_update_is_eor(const struct bgp_update *u, enum bgp_fam *ret_fam);
/* By code; NULL when it is not there. */
const struct bgp_attr *bgp_update_attr(const struct bgp_update *u,
    uint8_t code);

/* "AS_PATH"; NULL for a code that we do not know. */
const char *bgp_attr_name(uint8_t code);
/* Flags that it is sent with: BGP_OPTIONAL | BGP_TRANSITIVE or part. */
uint8_t bgp_attr_flags(uint8_t code);

/* A walk over NLRI.  bgp_nlri_next() ends with it.bad set if one is wrong. */
struct bgp_nlri {
	struct rd r;
	bool ip6, add_path, bad;
};

struct bgp_nlri bgp_nlri_of(enum bgp_fam fam, bool add_path, struct bytes b);
/* Host bits are cleared.  ret_path_id: 0 without ADD-PATH; may be NULL. */
bool bgp_nlri_next(struct bgp_nlri *it, struct prefix *ret,
    uint32_t *ret_path_id);

/* Encoding.  Lengths are patched by the _end of a pair. */

/* Octets that bgp_nlri_put() takes. */
static inline size_t
bgp_nlri_size(const struct prefix *p, bool add_path)
{
	return (add_path ? 4u : 0u) + 1u + (p->len + 7u) / 8u;
}

void bgp_nlri_put(struct wr *w, const struct prefix *p, bool add_path,
    uint32_t path_id);
/* Extended length only where it must be. */
void bgp_attr_put(struct wr *w, uint8_t flags, uint8_t code,
    struct bytes value);
void bgp_attr_put_u32(struct wr *w, uint8_t flags, uint8_t code, uint32_t v);
/*
 * An attribute whose value is written by the caller, up to 65535 octets: the
 * header always has the extended length.
 */
uint8_t *bgp_attr_begin(struct wr *w, uint8_t flags, uint8_t code);
void bgp_attr_end(struct wr *w, uint8_t *mark);
/*
 * Up to where the NLRI follow; bgp_attr_end() ends it.  link_local is
 * IP_NONE or goes after the global next hop (RFC 2545).  An IPv4 family with
 * an IPv6 next hop is RFC 8950.
 */
uint8_t *bgp_mp_reach_begin(struct wr *w, enum bgp_fam fam,
    struct ip next_hop, struct ip link_local);
uint8_t *bgp_mp_unreach_begin(struct wr *w, enum bgp_fam fam);
/* Any 16-bit length: of withdrawn routes, of the attributes. */
uint8_t *bgp_length_begin(struct wr *w);
void bgp_length_end(struct wr *w, uint8_t *mark);
/* A whole End-of-RIB message. */
void bgp_eor_encode(struct wr *w, enum bgp_fam fam);

/* AS paths.  "4" means segments of 4-octet numbers, "2" of 2-octet ones. */

struct bgp_aspath_seg {
	uint8_t type, n;
	struct bytes asns;	/* n numbers of the path's width */
};

/* False at the end, or at the first broken segment (r->bad). */
static inline bool
bgp_aspath_next(struct rd *r, bool as4, struct bgp_aspath_seg *ret)
{
	if (!rd_left(r))
		return false;
	ret->type = rd_u8(r);
	ret->n = rd_u8(r);
	ret->asns = rd_bytes(r, (size_t)ret->n * (as4 ? 4 : 2));
	if (ret->n == 0 || ret->type < BGP_AS_SET ||
	    ret->type > BGP_AS_CONFED_SET)
		r->bad = true;
	return !r->bad;
}

/* Some number does not fit into 16 bits: AS4_PATH is needed. */
bool bgp_aspath_wide(struct bytes path4);
/* Hops as RFC 4271 9.1.2.2 and RFC 5065 count: a set is 1, confeds are 0. */
unsigned bgp_aspath_hops(struct bytes path, bool as4);
/*
 * A 2-octet path, with the AS4_PATH that came with it (n may be 0), as one
 * 4-octet path: RFC 6793 4.2.3.  Both valid.
 */
void bgp_aspath_to4(struct wr *w, struct bytes path2, struct bytes as4_path);
/* AS_TRANS for what does not fit. */
void bgp_aspath_to2(struct wr *w, struct bytes path4);
/* The value of AS4_PATH: no confederation segments. */
void bgp_aspath_as4(struct wr *w, struct bytes path4);

#endif

/* SPDX-License-Identifier: ISC */
/*
 * Addresses and prefixes: small values, passed by value or const pointer.
 *
 * One type holds both families: an IPv4 address is kept as the IPv4-mapped
 * ::ffff:a.b.c.d, so equality, order and hashing need no family.  All zeros
 * (IP_NONE) is "no address".  0.0.0.0 is ::ffff:0.0.0.0, and is one.
 */
#ifndef WARREN_BASE_IP_H
#define WARREN_BASE_IP_H

#include "base/bytes.h"

struct ip {
	union {
		uint8_t b[16];		/* network order */
		uint64_t q[2];		/* the same bytes, for comparing */
	};
};

#define IP_NONE	((struct ip){ .q = { 0, 0 } })

/* Longest text of an address with its end: INET6_ADDRSTRLEN. */
#define IP_TEXT		46
/* Longest text of a prefix of any kind: "…/128-128 AS4294967295". */
#define PREFIX_TEXT	72

enum family {
	FAMILY_NONE, FAMILY_IP4, FAMILY_IP6
};

/* What a prefix names, and so what kind of table it may stand in. */
enum net_kind {
	NET_NONE, NET_IP4, NET_IP6, NET_ROA4, NET_ROA6, NET_NKINDS
};

/*
 * len counts bits in its own family: 0 to 32 for IPv4.  Host bits are zero
 * in every prefix that these functions give.  max and asn are used by the
 * ROA kinds only, and are zero elsewhere.
 */
struct prefix {
	struct ip ip;
	uint8_t kind;		/* enum net_kind */
	uint8_t len;
	uint8_t max;
	uint32_t asn;
};

static inline struct ip
ip4(uint32_t host_order)
{
	struct ip ip = { .b = { [10] = 0xff, [11] = 0xff } };

	be32_put(ip.b + 12, host_order);
	return ip;
}

static inline struct ip
ip_from4(const uint8_t b[4])
{
	return ip4(be32_get(b));
}

static inline struct ip
ip_from6(const uint8_t b[16])
{
	struct ip ip;

	memcpy(ip.b, b, 16);
	return ip;
}

static inline bool
ip_is_none(struct ip a)
{
	return (a.q[0] | a.q[1]) == 0;
}

static inline bool
ip_is4(struct ip a)
{
	return a.q[0] == 0 && a.b[8] == 0 && a.b[9] == 0 && a.b[10] == 0xff &&
	    a.b[11] == 0xff;
}

/* Host order; only for an address that ip_is4(). */
static inline uint32_t
ip_to4(struct ip a)
{
	return be32_get(a.b + 12);
}

static inline bool
ip_eq(struct ip a, struct ip b)
{
	return a.q[0] == b.q[0] && a.q[1] == b.q[1];
}

static inline int
ip_cmp(struct ip a, struct ip b)
{
	return memcmp(a.b, b.b, 16);
}

/* fe80::/10 */
static inline bool
ip_is_link_local(struct ip a)
{
	return a.b[0] == 0xfe && (a.b[1] & 0xc0) == 0x80;
}

bool ip_is_multicast(struct ip a);
bool ip_is_loopback(struct ip a);

/* The whole of s must be an address; no zone, no length. */
bool ip_parse(const char *s, struct ip *ret);
/* IPv4 dotted, IPv6 as RFC 5952; returns buf, of at least IP_TEXT. */
char *ip_text(struct ip a, char *buf);

static inline enum family
prefix_family(const struct prefix *p)
{
	switch ((enum net_kind)p->kind) {
	case NET_IP4: case NET_ROA4:
		return FAMILY_IP4;
	case NET_IP6: case NET_ROA6:
		return FAMILY_IP6;
	case NET_NONE: case NET_NKINDS:
		break;
	}
	return FAMILY_NONE;
}

static inline bool
prefix_is4(const struct prefix *p)
{
	return p->kind == NET_IP4 || p->kind == NET_ROA4;
}

/* 32 or 128. */
static inline unsigned
prefix_bits(const struct prefix *p)
{
	return prefix_is4(p) ? 32 : 128;
}

/* The address with all but the first len bits (of its family) cleared. */
struct ip ip_mask(struct ip a, unsigned len);
/* Bit n, counted from the left within the family. */
bool ip_bit(struct ip a, unsigned n);
/* How many leading bits, within the family, are alike. */
unsigned ip_common(struct ip a, struct ip b);

/*
 * Host bits are cleared.  Family from the address.  NET_NONE where len is more
 * than the family has, as for what lies in ::ffff:0:0/96, which no IPv6 prefix
 * of ours can name.
 */
struct prefix prefix_of(struct ip a, unsigned len);
/* /32 or /128. */
struct prefix prefix_host(struct ip a);
bool prefix_eq(const struct prefix *a, const struct prefix *b);
/* Family, then address, then length, then max and asn. */
int prefix_cmp(const struct prefix *a, const struct prefix *b);
bool prefix_has_ip(const struct prefix *p, struct ip a);
/* True where in is equal to or more specific than p; same family only. */
bool prefix_covers(const struct prefix *p, const struct prefix *in);
/*
 * A net that no table should have a route for, as BIRD sees it: 0.0.0.0/N is
 * none, but all else in 0.0.0.0/8, and loopback, link-local, multicast and
 * the broadcast address are.  ROAs may be about anything.
 */
bool prefix_is_bogus(const struct prefix *p);
/* "ADDR/LEN" or "ADDR" for a host; host bits set is an error. */
bool prefix_parse(const char *s, struct prefix *ret);
/* As BIRD prints it: "10.0.0.0/8", "10.0.0.0/8-24 AS64500"; returns buf. */
char *prefix_text(const struct prefix *p, char *buf);

#endif

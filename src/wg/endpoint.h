/* SPDX-License-Identifier: ISC */
/*
 * Where a peer is on the Internet: what a datagram came from and what its
 * answer goes to.  A value.
 */
#ifndef WARREN_WG_ENDPOINT_H
#define WARREN_WG_ENDPOINT_H

#include "base/ip.h"

/*
 * src and src_if are the local half, kept so that an answer leaves from the
 * address where the question came in.  The device only carries them; it sets
 * them to "none" (IP_NONE, 0) when the owner should let routing choose anew.
 */
struct wg_endpoint {
	struct ip addr;		/* IP_NONE: not known */
	uint32_t scope;		/* interface of a link-local addr, else 0 */
	uint16_t port;		/* host order */
	struct ip src;
	uint32_t src_if;
};

static inline bool
wg_endpoint_known(const struct wg_endpoint *e)
{
	return !ip_is_none(e->addr) && e->port != 0;
}

/* The remote half only. */
static inline bool
wg_endpoint_eq(const struct wg_endpoint *a, const struct wg_endpoint *b)
{
	return ip_eq(a->addr, b->addr) && a->port == b->port &&
	    a->scope == b->scope;
}

/* "[fe80::1%3]:51820": address, port, scope; longest with its end. */
#define WG_ENDPOINT_TEXT	72

/*
 * "192.0.2.1:51820", "[2001:db8::1]:51820", "[fe80::1%3]:51820" with the
 * scope as a number.  No names: resolving is I/O.
 */
bool wg_endpoint_parse(struct wg_endpoint *ret, struct bytes text);
/* The same; a scope that is a name goes through scope_of (0: unknown). */
bool wg_endpoint_parse_scoped(struct wg_endpoint *ret, struct bytes text,
    uint32_t (*scope_of)(void *arg, const char *name), void *arg);
char *wg_endpoint_text(const struct wg_endpoint *e, char *buf);

#endif

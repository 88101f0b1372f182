/* SPDX-License-Identifier: ISC */
/*
 * The cryptokey routing table: which owner (peer) has which prefix.
 *
 * A binary trie for each family, with runs of single children squeezed into
 * one node: a node is a prefix, its children are longer ones within it.
 *
 *	         10.0.0.0/8 -> A
 *	        /              \
 *	10.1.0.0/16 -> B     10.128.0.0/9	(no owner: only a fork)
 *	                    /               \
 *	          10.128.1.0/24 -> A     10.200.0.0/16 -> C
 *
 * An owner is a struct wg_allowed_owner inside the caller's peer; the nodes
 * that it owns are chained in it, in the order of adding.  Moving a prefix
 * from one owner to another changes one pointer, so no lookup falls between.
 *
 * Lookups take the address as it stands in the packet, and its family, since
 * struct ip cannot tell an IPv4-mapped IPv6 address from an IPv4 one.
 * One thread.  The only error is out of memory, and then nothing changed.
 */
#ifndef WARREN_WG_ALLOWEDIPS_H
#define WARREN_WG_ALLOWEDIPS_H

#include "base/ip.h"
#include "base/list.h"

struct wg_allowed_node;

struct wg_allowed_owner {
	struct list nodes;
	size_t n;
};

struct wg_allowedips {
	struct wg_allowed_node *root4, *root6;
};

void wg_allowedips_init(struct wg_allowedips *t);
void wg_allowedips_done(struct wg_allowedips *t);
void wg_allowed_owner_init(struct wg_allowed_owner *o);

/* Gives p to owner, taking it from whoever has it.  False: out of memory. */
bool wg_allowedips_insert(struct wg_allowedips *t, const struct prefix *p,
    struct wg_allowed_owner *owner);
/* False, and nothing changed, when owner does not have exactly p. */
bool wg_allowedips_remove(struct wg_allowedips *t, const struct prefix *p,
    struct wg_allowed_owner *owner);
void wg_allowedips_remove_all(struct wg_allowedips *t,
    struct wg_allowed_owner *owner);

/* The owner of the longest prefix that has the address, or NULL. */
struct wg_allowed_owner *wg_allowedips_lookup4(const struct wg_allowedips *t,
    const uint8_t addr[4]);
struct wg_allowed_owner *wg_allowedips_lookup6(const struct wg_allowedips *t,
    const uint8_t addr[16]);

void wg_allowed_owner_each(const struct wg_allowed_owner *o,
    void (*fn)(void *arg, const struct prefix *prefix), void *arg);

#endif

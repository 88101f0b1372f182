/* SPDX-License-Identifier: ISC */
/*
 * What is known of this machine's interfaces and their addresses.
 *
 * The owner (the daemon's device protocol, or a simulation) tells of links
 * and addresses; everybody else reads, and finds by "generation" that
 * something changed.  An interface is kept, without IFACE_UP and without
 * addresses, for a moment after it is gone, until iface_set_sweep().
 */
#ifndef WARREN_RIB_IFACE_H
#define WARREN_RIB_IFACE_H

#include "base/ip.h"
#include "base/list.h"

#define IFACE_NAME	16

enum iface_flag {
	IFACE_UP	= 1 << 0,	/* admin up and has carrier */
	IFACE_ADMIN_UP	= 1 << 1,
	IFACE_LINK_UP	= 1 << 2,
	IFACE_LOOPBACK	= 1 << 3,
	IFACE_BROADCAST	= 1 << 4,
	IFACE_MULTICAST	= 1 << 5,
	IFACE_POINTOPOINT = 1 << 6,
	IFACE_NOARP	= 1 << 7,
	IFACE_GONE	= 1 << 8,	/* no longer in the kernel */
};

struct iface_addr {
	struct list link;		/* in iface.addrs */
	struct ip ip;			/* ours */
	struct prefix net;		/* what is on the link through it */
	struct ip peer;			/* point to point, or IP_NONE */
	struct ip broadcast;		/* or IP_NONE */
	uint8_t scope;			/* enum rt_scope */
	bool secondary;
	bool preferred;			/* the owner wants it before others */
};

struct iface {
	struct list link;		/* in iface_set.all */
	uint32_t index;
	char name[IFACE_NAME];
	uint32_t flags;			/* enum iface_flag */
	uint32_t mtu;
	uint32_t master;		/* ifindex, or 0 */
	struct list addrs;		/* struct iface_addr */
};

struct iface_set {
	struct list all;		/* struct iface, in order of index */
	uint64_t generation;		/* grows with every change */
	/*
	 * Is ip out of reach on that link, although the link is up?  IP_NONE
	 * asks for whoever is at the other end.  NULL: everybody is there.
	 * Whoever changes the answer lets generation grow.
	 */
	bool (*cut)(const void *ctx, uint32_t ifindex, struct ip ip);
	const void *cut_ctx;
};

void iface_set_init(struct iface_set *s);
void iface_set_done(struct iface_set *s);

/* New or changed.  NULL when out of memory. */
struct iface *iface_set_link(struct iface_set *s, uint32_t index,
    const char *name, uint32_t flags, uint32_t mtu, uint32_t master);
void iface_set_gone(struct iface_set *s, uint32_t index);
bool iface_set_addr(struct iface_set *s, uint32_t index,
    const struct iface_addr *a);		/* copied */
void iface_set_addr_gone(struct iface_set *s, uint32_t index, struct ip ip,
    unsigned len);
/* Does not outlive the address. */
void iface_set_preferred(struct iface_set *s, struct iface_addr *a, bool on);
void iface_set_sweep(struct iface_set *s);	/* forget the gone ones */

struct iface *iface_by_index(const struct iface_set *s, uint32_t index);
struct iface *iface_by_name(const struct iface_set *s, const char *name);

/*
 * The interface through which ip is a direct neighbour: an address of it
 * covers ip (or has it as its peer).  ifindex narrows the search; 0 is any,
 * which finds nothing for a link-local ip.  *ret_local gets our own address
 * there.  NULL when there is none that is up, or ip is cut off there.
 */
struct iface *iface_of_neighbour(const struct iface_set *s, struct ip ip,
    uint32_t ifindex, struct ip *ret_local);
/* The same among the interfaces of a master, a VRF's device; 0 is any. */
struct iface *iface_of_neighbour_in(const struct iface_set *s, struct ip ip,
    uint32_t ifindex, uint32_t master, struct ip *ret_local);
bool iface_is_cut(const struct iface_set *s, uint32_t ifindex, struct ip ip);
/* The one that it would be, were it not cut off; else NULL. */
struct iface *iface_of_cut(const struct iface_set *s, struct ip ip,
    uint32_t ifindex);
/* Is ip one of our own addresses?  Which interface has it? */
struct iface *iface_of_local(const struct iface_set *s, struct ip ip);
/* BIRD's patterns: "eth*", "-lo" is handled by the caller; '*' and '?'. */
bool iface_name_matches(const char *pattern, const char *name);
/* The preferred, or else first global address of a family; IP_NONE if none. */
struct ip iface_global(const struct iface *i, enum family f);
struct ip iface_link_local(const struct iface *i);

#endif

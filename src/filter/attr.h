/* SPDX-License-Identifier: ISC */
/*
 * Route attributes as filters name them: net, gw, bgp_path, krt_mtu, …
 *
 * One row each; the parser looks names up, and makes rows of its own for what
 * "attribute int x;" declares.  Rows are compared by what they say.
 */
#ifndef WARREN_FILTER_ATTR_H
#define WARREN_FILTER_ATTR_H

#include "filter/value.h"

enum filter_attr_kind {
	FA_NET, FA_FROM, FA_GW, FA_PROTO, FA_SOURCE, FA_SCOPE, FA_DEST,
	FA_IFNAME, FA_IFINDEX, FA_WEIGHT, FA_PREFERENCE, FA_ONLINK,
	FA_EXT			/* in the set, under .id; may be absent */
};

struct filter_attr {
	const char *name;
	uint8_t type;		/* enum filter_type of its value */
	uint8_t kind;		/* enum filter_attr_kind */
	bool readonly;
	bool is_bit;		/* one bit of a number */
	uint8_t bit;
	uint8_t wire;		/* EXT: enum attr_type in the set */
	uint16_t id;		/* EXT: enum attr_id */
};

/* NULL when there is none of that name. */
const struct filter_attr *filter_attr_find(const char *name);
/* All of them in turn, for completion and hints; NULL past the last. */
const struct filter_attr *filter_attr_at(unsigned i);
/* The built-in one that an attribute of a set has; NULL: none. */
const struct filter_attr *filter_attr_by_id(uint16_t id);

/*
 * Of attributes that a user declares: what the set will hold for a value of
 * this type, an enum attr_type; 0 (ATTR_NONE) when there is no way.
 */
unsigned filter_attr_wire(enum filter_type type);
/* The other way round, where it is unambiguous. */
enum filter_type filter_attr_type(unsigned wire);
/*
 * The number of a user's attribute, 0 to FILTER_ATTR_USERS - 1, from its
 * name, so that it is the same after a reload.  When it is taken, try the
 * next (modulo).
 */
#define FILTER_ATTR_USERS	0xf000
unsigned filter_attr_number(const char *name);
uint16_t filter_attr_id(unsigned number);
/*
 * The row of such an attribute, whose id is ATTR_USER and its number, or of
 * one of BGP's that has no name of its own.  The name is borrowed.
 */
struct filter_attr filter_attr_user(const char *name, enum filter_type type,
    uint16_t id);

#endif

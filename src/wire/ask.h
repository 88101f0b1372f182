/* SPDX-License-Identifier: ISC */
/*
 * One Warren asks the next one on the way what it makes of a packet.
 *
 * A TCP connection over the tunnel, between the link-local addresses that
 * follow from the peers' keys, to ASK_PORT; one line
 *
 *	ADDRESS from-ADDRESS hops [json]
 *
 * goes there and a text comes back.  Only peers that the configuration names
 * are answered: nobody else can have such an address on the tunnel.
 */
#ifndef WARREN_WIRE_ASK_H
#define WARREN_WIRE_ASK_H

#include "base/ip.h"

#define ASK_PORT	5182
#define ASK_HOPS	16
#define ASK_LINE	160	/* longest line, with its end */

struct ask_line {
	struct ip to, from;
	unsigned hops;
	bool json;
};

/* The line without its end.  False: it is none. */
bool ask_parse(const char *line, struct ask_line *ret);

#endif

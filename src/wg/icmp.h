/* SPDX-License-Identifier: ISC */
/*
 * The answer to a packet that nobody is there to take.
 *
 * A TUN cannot return an error to the sender, so the device writes back what
 * a router would: ICMP type 3 code 1 (host unreachable) or ICMPv6 type 1
 * code 3 (address unreachable).  The source is the address that could not be
 * reached: one of our own would be refused as a martian when it comes in
 * from the TUN, and this one passes a strict reverse path check, since its
 * route is this interface.  Pure.
 */
#ifndef WARREN_WG_ICMP_H
#define WARREN_WG_ICMP_H

#include "base/bytes.h"

#define WG_ICMP_MAX	1280	/* RFC 4443, 2.4 c; IPv4 stays within 576 */

/*
 * Writes the answer to out, of WG_ICMP_MAX bytes; its length, or 0 where no
 * answer may be sent (RFC 1122, 3.2.2; RFC 4443, 2.4 e): the packet is not
 * whole, an ICMP error or redirect itself, not the first fragment, or to or
 * from multicast, broadcast or no one host.
 */
size_t wg_icmp_unreachable(uint8_t *out, struct bytes packet);

#endif

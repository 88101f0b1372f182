/* SPDX-License-Identifier: ISC */
/*
 * May a peer still be answered from the address that it called?
 *
 * It may while the route to it leaves by the interface where the call came
 * in.  When routing has moved elsewhere since then (another uplink, another
 * gateway), the old address is one that the new way's NAT or provider knows
 * nothing of, and routing is to choose anew.  The kernel's WireGuard looks
 * with every packet; here the kernel is asked once a second for each peer
 * that something is sent to, and a limited number of times at all.
 *
 * One thread.  Where the kernel cannot be asked, all sources are good.
 */
#ifndef WARREN_TUNNELD_SOURCE_H
#define WARREN_TUNNELD_SOURCE_H

#include "base/time.h"
#include "wg/endpoint.h"

struct source;

struct source *source_new(void);	/* NULL: out of memory */
struct source *source_free(struct source *s);	/* gives NULL */
bool source_fits(struct source *s, const struct wg_endpoint *e,
    uint32_t mark, struct instant now);

#endif

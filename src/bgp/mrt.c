/* SPDX-License-Identifier: ISC */
#include "bgp/mrt.h"

#include "rib/attrs.h"
#include "wire/bgp_update.h"

static void
next_hop(struct wr *w, const struct attr *at, enum family family)
{
	uint8_t *mark;

	if (at->n < 16)
		return;
	if (family == FAMILY_IP4 && ip_is4(ip_from6(at->p))) {
		bgp_attr_put(w, BGP_TRANSITIVE, BGP_ATTR_NEXT_HOP,
		    bytes_of(at->p + 12, 4));
		return;
	}
	mark = bgp_attr_begin(w, BGP_OPTIONAL, BGP_ATTR_MP_REACH);
	wr_u8(w, (uint8_t)at->n);
	wr_bytes(w, bytes_of(at->p, at->n));
	bgp_attr_end(w, mark);
}

static void
put(struct wr *w, const struct attr *at)
{
	const uint8_t code = (uint8_t)at->id, low = (uint8_t)at->u;
	uint8_t flags = bgp_attr_name(code) ? bgp_attr_flags(code) :
	    at->flags & (BGP_OPTIONAL | BGP_TRANSITIVE);

	flags |= at->flags & BGP_PARTIAL;
	if (code == BGP_ATTR_ORIGIN)
		bgp_attr_put(w, flags, code, bytes_of(&low, 1));
	else if (at->type == ATTR_U32)
		bgp_attr_put_u32(w, flags, code, at->u);
	else
		bgp_attr_put(w, flags, code, bytes_of(at->p, at->n));
}

void
bgp_mrt_attrs(struct wr *w, const struct attrs *a, enum family family)
{
	for (unsigned i = 0; i < a->n_attrs; i++) {
		const struct attr at = attrs_at(a, i);

		if (at.id > UINT8_MAX)
			break;
		if (at.id == ATTR_BGP_NEXT_HOP)
			next_hop(w, &at, family);
		else
			put(w, &at);
	}
}

void
bgp_monitor_attrs(struct wr *w, const struct attrs *a, bool hop)
{
	for (unsigned i = 0; i < a->n_attrs; i++) {
		const struct attr at = attrs_at(a, i);

		if (at.id > UINT8_MAX)
			break;
		if (at.id != ATTR_BGP_NEXT_HOP)
			put(w, &at);
		else if (hop)
			next_hop(w, &at, FAMILY_IP4);
	}
}

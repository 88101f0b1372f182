/* SPDX-License-Identifier: ISC */
/*
 * Roles and the Only To Customer attribute, RFC 9234 section 5.  The session's
 * own rule (which roles go together) is in caps.c.
 */
#include "bgp/neighbour_impl.h"

/* What our role makes the peer, seen from the tree of customers. */
static bool
peer_is_below(uint8_t ours)		/* a customer */
{
	return ours == BGP_ROLE_PROVIDER || ours == BGP_ROLE_RS;
}

static bool
peer_is_above(uint8_t ours)		/* a provider */
{
	return ours == BGP_ROLE_CUSTOMER || ours == BGP_ROLE_RS_CLIENT;
}

/* Roles hold at the border of an AS only: section 5, last paragraphs. */
static uint8_t
role(const struct bgp_neighbour *n)
{
	return n->codec.peer == BGP_EBGP ? n->caps.role : BGP_ROLE_NONE;
}

const char *
bgp_role_leak(const struct bgp_neighbour *n, const struct bgp_update *u)
{
	const struct bgp_attr *otc = bgp_update_attr(u, BGP_ATTR_OTC);
	const uint8_t ours = role(n);

	if (!otc)
		return NULL;
	if (peer_is_below(ours))
		return "route leak: OTC from a customer";
	if (ours == BGP_ROLE_PEER && be32_get(otc->value.p) !=
	    n->caps.peer_asn)
		return "route leak: OTC of another AS from a peer";
	return NULL;
}

void
bgp_role_import(const struct bgp_neighbour *n, struct attrs_edit *e)
{
	const uint8_t ours = role(n);
	struct attr at;

	if ((peer_is_above(ours) || ours == BGP_ROLE_PEER) &&
	    !attrs_edit_get(e, ATTR_BGP_OTC, &at))
		attrs_edit_set_u32(e, ATTR_BGP_OTC, n->caps.peer_asn);
}

bool
bgp_role_exportable(const struct bgp_neighbour *n, const struct attrs_edit *e)
{
	const uint8_t ours = role(n);
	struct attr at;

	return !(peer_is_above(ours) || ours == BGP_ROLE_PEER) ||
	    !attrs_edit_get(e, ATTR_BGP_OTC, &at);
}

void
bgp_role_export(const struct bgp_neighbour *n, struct attrs_edit *e)
{
	const uint8_t ours = role(n);
	struct attr at;

	if ((peer_is_below(ours) || ours == BGP_ROLE_PEER) &&
	    !attrs_edit_get(e, ATTR_BGP_OTC, &at))
		attrs_edit_set_u32(e, ATTR_BGP_OTC, bgp_public_as(&n->cfg));
}

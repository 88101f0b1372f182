/* SPDX-License-Identifier: ISC */
#include "bgp/collision.h"

/* The larger identifier's connection stays; RFC 6286: then the larger AS's. */
static bool
ours_stays(struct bgp_speaker ours, struct bgp_speaker theirs)
{
	return ours.id != theirs.id ? ours.id > theirs.id :
	    ours.asn > theirs.asn;
}

/*
 * A connection takes part once its OPEN has told who is at the other end,
 * that is, in OPENCONFIRM.  One in OPENSENT is as good as dead when the other
 * is established, but as long as neither is it may still become the winner:
 * if the loser were established first, the peer would end it as soon as it
 * gets our OPEN on the winner, and routes would come and go.  BIRD may give
 * up such a winner while it still dials; then there is none for a moment,
 * and the neighbour dials again at once.
 */
enum bgp_collision
bgp_collision(enum bgp_state out, enum bgp_state in, struct bgp_speaker ours,
    struct bgp_speaker theirs)
{
	if (out < BGP_OPENSENT || in < BGP_OPENSENT)
		return BGP_COLLISION_NONE;
	if (out == BGP_ESTABLISHED)
		return BGP_COLLISION_CLOSE_IN;
	if (in == BGP_ESTABLISHED)
		return BGP_COLLISION_CLOSE_OUT;
	if (out == BGP_OPENSENT && in == BGP_OPENSENT)
		return BGP_COLLISION_NONE;
	return ours_stays(ours, theirs) ? BGP_COLLISION_CLOSE_IN :
	    BGP_COLLISION_CLOSE_OUT;
}

enum bgp_incoming
bgp_collision_incoming(enum bgp_state st, bool gr)
{
	if (st != BGP_ESTABLISHED)
		return BGP_INCOMING_ACCEPT;
	return gr ? BGP_INCOMING_REPLACE : BGP_INCOMING_REJECT;
}

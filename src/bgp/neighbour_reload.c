/* SPDX-License-Identifier: ISC */
/* Telling all anew, and asking for it: RFC 2918, RFC 7313. */
#include "bgp/neighbour_impl.h"

bool
bgp_neighbour_reload_in(struct bgp_neighbour *n, struct rt_channel *ch,
    struct instant now)
{
	struct bgp_chan *c = bgp_chan_of(ch);
	uint8_t buf[32];
	struct wr w = wr_of(buf, sizeof(buf));

	n->now = now;
	if (c->adj) {
		bgp_adj_reload(c);
		if (n->ops->wake)
			n->ops->wake(n, n->ctx);
		return true;
	}
	if (n->est < 0 || !c->up || !n->caps.refresh)
		return false;
	bgp_refresh_encode(&w, c->cfg.fam, BGP_REFRESH_REQUEST);
	return bgp_session_send(n->s[n->est], now, bytes_of(buf, wr_len(&w)));
}

void
bgp_neighbour_reload_out(struct bgp_neighbour *n, struct rt_channel *ch)
{
	struct bgp_chan *c = bgp_chan_of(ch);
	uint8_t buf[32];
	struct wr w = wr_of(buf, sizeof(buf));

	if (n->est < 0 || !c->group)
		return;
	if (n->caps.enhanced_refresh && c->fed) {
		bgp_refresh_encode(&w, c->cfg.fam, BGP_REFRESH_BEGIN);
		c->refreshed = bgp_session_send(n->s[n->est], n->now,
		    bytes_of(buf, wr_len(&w)));
	}
	bgp_export_again(c);
	if (n->ops->wake)
		n->ops->wake(n, n->ctx);
}

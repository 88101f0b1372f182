/* SPDX-License-Identifier: ISC */
/* What our OPEN says: from the channels, and the moment. */
#include "bgp/neighbour_impl.h"

uint32_t
bgp_public_as(const struct bgp_neighbour_config *cfg)
{
	const struct bgp_demand *d = &cfg->session.demand;

	if (cfg->confed_id == 0 || cfg->confed_member || d->internal ||
	    d->peer_asn == cfg->local_as)
		return cfg->local_as;
	return cfg->confed_id;
}

struct bgp_session_config
bgp_session_config_for(const struct bgp_neighbour *n)
{
	struct bgp_session_config s = n->cfg.session;

	s.open.asn = bgp_public_as(&n->cfg);
	s.demand.confed_id = n->cfg.confed_id;
	s.demand.confed = n->cfg.confed_id && n->cfg.confed_member;
	s.open.families = s.open.ext_nexthop = 0;
	for (unsigned i = 0; i < n->cfg.n_channels; i++) {
		const uint8_t bit = BGP_FAM_BIT(n->cfg.channel[i].fam);

		s.open.families |= bit;
		if (n->cfg.channel[i].ext_nexthop)
			s.open.ext_nexthop |= bit;
		s.open.add_path[n->cfg.channel[i].fam] =
		    n->cfg.channel[i].add_paths;
	}
	s.open.has_mp = true;
	bgp_llgr_open(n, &s.open);
	if (s.open.has_gr && n->cfg.gr_able) {
		s.open.gr_families = s.open.families;
		s.open.gr_restarting = n->recovering;
		s.open.gr_forwarding = n->recovering ? s.open.families : 0;
	}
	return s;
}

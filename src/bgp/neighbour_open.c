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

/* "capabilities off": plain RFC 4271, whose peer knows IPv4 alone. */
static void
be_silent(struct bgp_open *o)
{
	struct bgp_open plain;

	bgp_open_init(&plain);
	plain.version = o->version;
	plain.hold = o->hold;
	plain.asn = o->asn;
	plain.id = o->id;
	plain.families = o->families & BGP_FAM_BIT(BGP_FAM_IP4);
	plain.silent = true;
	*o = plain;
}

struct bgp_session_config
bgp_session_config_for(const struct bgp_neighbour *n)
{
	struct bgp_session_config s = n->cfg.session;
	uint8_t gr = 0;

	s.open.asn = bgp_public_as(&n->cfg);
	s.demand.confed_id = n->cfg.confed_id;
	s.demand.confed = n->cfg.confed_id && n->cfg.confed_member;
	s.open.families = s.open.ext_nexthop = 0;
	for (unsigned i = 0; i < n->cfg.n_channels; i++) {
		const uint8_t bit = BGP_FAM_BIT(n->cfg.channel[i].fam);

		s.open.families |= bit;
		if (n->cfg.channel[i].mandatory)
			s.demand.require_families |= bit;
		if (!n->cfg.channel[i].no_gr)
			gr |= bit;
		if (n->cfg.channel[i].ext_nexthop)
			s.open.ext_nexthop |= bit;
		s.open.add_path[n->cfg.channel[i].fam] =
		    n->cfg.channel[i].add_paths;
	}
	s.open.has_mp = true;
	bgp_llgr_open(n, &s.open);
	if (s.open.has_gr && n->cfg.gr_able) {
		s.open.gr_families = gr;
		s.open.gr_restarting = n->recovering;
		s.open.gr_forwarding = n->recovering ? gr : 0;
	}
	if (s.open.silent)
		be_silent(&s.open);
	return s;
}

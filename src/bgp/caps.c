/* SPDX-License-Identifier: ISC */
#include "bgp/caps.h"

static bool
refuse(struct bgp_error *ret_err, uint8_t subcode)
{
	*ret_err = bgp_error_of(BGP_ERR_OPEN, subcode, bytes_of(NULL, 0));
	return false;
}

static bool
asn_ok(const struct bgp_open *ours, const struct bgp_open *theirs,
    const struct bgp_demand *d)
{
	if (d->peer_asn)
		return theirs->asn == d->peer_asn;
	if (d->external)
		return theirs->asn != ours->asn;
	return !d->internal || theirs->asn == ours->asn;
}

/* RFC 6286 section 2.2: only inside an AS must identifiers differ. */
static bool
id_ok(const struct bgp_open *ours, const struct bgp_open *theirs)
{
	return theirs->asn != ours->asn || theirs->id != ours->id;
}

/* RFC 9234 section 4.2, table 2. */
static bool
roles_match(uint8_t ours, uint8_t theirs)
{
	static const uint8_t partner[BGP_NROLES] = {
		[BGP_ROLE_PROVIDER] = BGP_ROLE_CUSTOMER,
		[BGP_ROLE_CUSTOMER] = BGP_ROLE_PROVIDER,
		[BGP_ROLE_RS] = BGP_ROLE_RS_CLIENT,
		[BGP_ROLE_RS_CLIENT] = BGP_ROLE_RS,
		[BGP_ROLE_PEER] = BGP_ROLE_PEER,
	};

	return ours < BGP_NROLES && partner[ours] == theirs;
}

static bool
role_ok(const struct bgp_open *ours, const struct bgp_open *theirs,
    const struct bgp_demand *d)
{
	if (theirs->role == BGP_ROLE_CONFLICT)
		return false;
	if (ours->role == BGP_ROLE_NONE)
		return true;
	if (theirs->role == BGP_ROLE_NONE)
		return !d->role_strict;
	return roles_match(ours->role, theirs->role);
}

/*
 * RFC 5492 section 3: the data names the capabilities that are missed.  Two
 * fit into the error; one is enough to tell the operator.
 */
static bool
missing(struct bgp_error *ret_err, uint8_t cap)
{
	*ret_err = (struct bgp_error){ .code = BGP_ERR_OPEN,
	    .subcode = BGP_OPEN_CAPABILITY, .n_own = 2, .own = { cap, 0 } };
	return false;
}

static bool
missing_family(struct bgp_error *ret_err, uint8_t mask)
{
	unsigned f = 0;

	while (!(mask & BGP_FAM_BIT(f)))
		f++;
	*ret_err = (struct bgp_error){ .code = BGP_ERR_OPEN,
	    .subcode = BGP_OPEN_CAPABILITY, .n_own = 6,
	    .own = { BGP_CAP_MP, 4 } };
	be16_put(ret_err->own + 2, bgp_fam_afi((enum bgp_fam)f));
	ret_err->own[5] = bgp_fam_safi((enum bgp_fam)f);
	return false;
}

static bool
add_path_offered(const struct bgp_open *o)
{
	uint8_t any = 0;

	for (unsigned f = 0; f < BGP_NFAMS; f++)
		any |= o->add_path[f];
	return any != 0;
}

static bool
required_ok(const struct bgp_open *theirs, const struct bgp_demand *d,
    struct bgp_error *ret_err)
{
	const struct {
		bool wanted, there;
		uint8_t cap;
	} rows[] = {
		{ d->require_as4, theirs->as4, BGP_CAP_AS4 },
		{ d->require_refresh, theirs->refresh, BGP_CAP_REFRESH },
		{ d->require_enhanced_refresh, theirs->enhanced_refresh,
		    BGP_CAP_ENHANCED_REFRESH },
		{ d->require_ext_message, theirs->ext_message,
		    BGP_CAP_EXT_MESSAGE },
		{ d->require_gr, theirs->has_gr, BGP_CAP_GR },
		{ d->require_llgr, theirs->has_llgr, BGP_CAP_LLGR },
		{ d->require_add_path, add_path_offered(theirs),
		    BGP_CAP_ADD_PATH },
		{ d->require_hostname, theirs->hostname[0] != '\0',
		    BGP_CAP_HOSTNAME },
		{ d->require_ext_nexthop, theirs->ext_nexthop != 0,
		    BGP_CAP_EXT_NEXTHOP },
	};
	const uint8_t lacks =
	    d->require_families & (uint8_t)~theirs->families;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].wanted && !rows[i].there)
			return missing(ret_err, rows[i].cap);
	}
	return lacks == 0 || missing_family(ret_err, lacks);
}

static bool
acceptable(const struct bgp_open *ours, const struct bgp_open *theirs,
    const struct bgp_demand *d, struct bgp_error *ret_err)
{
	if (!asn_ok(ours, theirs, d))
		return refuse(ret_err, BGP_OPEN_AS);
	if (!id_ok(ours, theirs))
		return refuse(ret_err, BGP_OPEN_ID);
	if (theirs->hold && theirs->hold < d->hold_min) {
		*ret_err = bgp_error_u16(BGP_ERR_OPEN, BGP_OPEN_HOLD,
		    theirs->hold);
		return false;
	}
	if (theirs->asn != ours->asn && !role_ok(ours, theirs, d))
		return refuse(ret_err, BGP_OPEN_ROLE);
	return required_ok(theirs, d, ret_err);
}

/*
 * RFC 4271 4.2 and 4.4: the smaller hold time; keepalives at a third of it,
 * or scaled down as far as the configured ones if hold came out smaller.
 */
static void
times(const struct bgp_open *ours, const struct bgp_open *theirs,
    const struct bgp_demand *d, struct bgp_caps *ret)
{
	const uint16_t hold = ours->hold < theirs->hold ? ours->hold :
	    theirs->hold;
	uint32_t keepalive = hold / 3;

	if (d->keepalive && ours->hold)
		keepalive = (uint32_t)d->keepalive * hold / ours->hold;
	if (keepalive < d->keepalive_min)
		keepalive = d->keepalive_min;
	if (keepalive == 0)
		keepalive = 1;
	ret->hold = hold;
	ret->keepalive = hold ? (uint16_t)keepalive : 0;
}

/* RFC 7911 section 4: one may send what the other can receive. */
static void
add_paths(const struct bgp_open *ours, const struct bgp_open *theirs,
    struct bgp_caps *ret)
{
	for (unsigned f = 0; f < BGP_NFAMS; f++) {
		if (!(ret->families & BGP_FAM_BIT(f)))
			continue;
		if ((ours->add_path[f] & BGP_ADD_PATH_RX) &&
		    (theirs->add_path[f] & BGP_ADD_PATH_TX))
			ret->add_path_rx |= BGP_FAM_BIT(f);
		if ((ours->add_path[f] & BGP_ADD_PATH_TX) &&
		    (theirs->add_path[f] & BGP_ADD_PATH_RX))
			ret->add_path_tx |= BGP_FAM_BIT(f);
	}
}

static void
restarts(const struct bgp_open *ours, const struct bgp_open *theirs,
    struct bgp_caps *ret)
{
	ret->gr = ours->has_gr && theirs->has_gr;
	if (!ret->gr)
		return;
	ret->gr_peer_restarting = theirs->gr_restarting;
	ret->gr_notification = ours->gr_notification &&
	    theirs->gr_notification;
	ret->gr_time = theirs->gr_time;
	ret->gr_families = theirs->gr_families & ret->families;
	ret->gr_forwarding = theirs->gr_forwarding & ret->gr_families;
	if (!ours->has_llgr || !theirs->has_llgr)
		return;		/* RFC 9494 3.1: not without plain GR */
	ret->llgr = true;
	ret->llgr_families = theirs->llgr_families & ret->families;
	ret->llgr_forwarding = theirs->llgr_forwarding & ret->llgr_families;
	memcpy(ret->llgr_time, theirs->llgr_time, sizeof(ret->llgr_time));
}

bool
bgp_caps_negotiate(const struct bgp_open *ours, const struct bgp_open *theirs,
    const struct bgp_demand *demand, struct bgp_caps *ret,
    struct bgp_error *ret_err)
{
	if (!acceptable(ours, theirs, demand, ret_err))
		return false;
	*ret = (struct bgp_caps){
		.peer = theirs->asn == ours->asn ? BGP_IBGP :
		    demand->confed ? BGP_CONFED : BGP_EBGP,
		.confed_id = demand->confed_id,
		.peer_asn = theirs->asn, .peer_id = theirs->id,
		.families = ours->families & theirs->families,
		.as4 = ours->as4 && theirs->as4,
		.refresh = ours->refresh && theirs->refresh,
		.enhanced_refresh = ours->enhanced_refresh &&
		    theirs->enhanced_refresh && ours->refresh &&
		    theirs->refresh,
		.ext_message = ours->ext_message && theirs->ext_message,
		.ext_nexthop = ours->ext_nexthop & theirs->ext_nexthop,
		.role = ours->role, .peer_role = theirs->role,
	};
	if (ret->families == 0)
		return missing_family(ret_err, ours->families ?
		    ours->families : BGP_FAM_UNICAST);
	ret->ext_nexthop &= ret->families;
	times(ours, theirs, demand, ret);
	add_paths(ours, theirs, ret);
	restarts(ours, theirs, ret);
	return true;
}

void
bgp_caps_codec(const struct bgp_caps *caps, struct bgp_codec *ret)
{
	*ret = (struct bgp_codec){
		.peer = caps->peer,
		.confed = caps->confed_id != 0 && caps->peer != BGP_EBGP,
		.as4 = caps->as4,
		.ext_message = caps->ext_message,
		.families = caps->families,
		.add_path_rx = caps->add_path_rx,
		.add_path_tx = caps->add_path_tx,
		.ext_nexthop = caps->ext_nexthop,
	};
}

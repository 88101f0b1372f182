/* SPDX-License-Identifier: ISC */
/* What would stand in a router's configuration about one neighbour. */
#include "world.h"

static struct rt_filter
filter_of(const struct filter *f)
{
	return (struct rt_filter){ .run = filter_run,
	    .run_alike = filter_run_alike, .program = f,
	    .env = &sim.lang.env, .constant = RT_ACCEPT };
}

static void
channel_config(const struct end *e, struct bgp_channel_config *ret)
{
	const struct policy *p = &e->policy[e->variant];
	const bool internal = e->link->kind == INT;

	*ret = (struct bgp_channel_config){
	    .fam = sim.v6 ? BGP_FAM_IP6 : BGP_FAM_IP4,
	    .table = e->r->table, .igp4 = e->r->igp, .igp6 = e->r->igp,
	    .preference = 100, .gateway_direct = !internal,
	    .ext_nexthop = sim.v6_links && !sim.v6,
	    .keep_filtered = e->keep_filtered,
	    .next_hop_self = internal ? BGP_HOP_EBGP : BGP_HOP_YES,
	    .llgr = sim.llgr, .llgr_time = sim.llgr_time,
	    .add_paths = (uint8_t)((e->add_path_rx ? BGP_ADD_PATH_RX : 0) |
	    (e->add_path_tx ? BGP_ADD_PATH_TX : 0)),
	    .in = filter_of(p->in), .out = filter_of(p->out) };
}

static void
session_config(const struct end *e, struct bgp_neighbour_config *c)
{
	static const uint8_t role[] = { [CUSTOMER] = BGP_ROLE_PROVIDER,
	    [PEER] = BGP_ROLE_PEER, [PROVIDER] = BGP_ROLE_CUSTOMER };
	const struct router *r = e->r, *o = other_end(e)->r;
	struct bgp_session_config *s = &c->session;

	bgp_session_config_init(s);
	s->open.asn = c->local_as;
	s->open.id = c->router_id;
	s->open.hold = sim.hold;
	s->open.as4 = e->as4;
	s->open.refresh = e->refresh;
	s->open.enhanced_refresh = e->refresh && (r->i & 1);
	s->open.has_gr = c->gr_able = sim.gr;
	s->open.gr_time = sim.gr_time;
	s->open.gr_notification = sim.gr && sim.gr_notify;
	s->open.has_llgr = sim.gr && sim.llgr;
	s->open.role = e->role ? role[e->rel] : BGP_ROLE_NONE;
	s->demand.peer_asn = e->link->kind == EXT ? public_as(o) : o->as;
	s->connect_retry = SECONDS(20);
	s->error_wait_min = SECONDS(2);
	s->error_wait_max = SECONDS(10);
}

void
end_config(const struct end *e, struct bgp_neighbour_config *ret)
{
	const struct router *r = e->r;

	*ret = (struct bgp_neighbour_config){ .name = "n",
	    .local_as = r->as, .router_id = r->id, .cluster_id = r->cluster,
	    .confed_id = r->confed, .confed_member = e->link->kind == CONF,
	    .remote = addr_of(other_end(e)), .direct = e->link->kind != INT,
	    .rr_client = e->rr_client, .interpret_communities = true,
	    .path_metric = true, .igp_metric = true,
	    .med_metric = sim.med_always,
	    .deterministic_med = sim.med_groups,
	    .default_local_pref = 100, .gr_helper = true, .n_channels = 1,
	    .ifaces = &r->ifaces };
	session_config(e, ret);
	channel_config(e, &ret->channel[0]);
}

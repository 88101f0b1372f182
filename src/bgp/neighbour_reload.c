/* SPDX-License-Identifier: ISC */
/* Other settings; telling all anew, and asking for it: RFC 2918, RFC 7313. */
#include <assert.h>

#include "bgp/neighbour_impl.h"

/* What the configuration says of how its routes compare. */
static void
tell_owner(struct bgp_chan *c)
{
	const struct bgp_neighbour_config *cfg = &c->n->cfg;
	struct rt_owner *o = &c->ch.owner;

	o->default_local_pref = cfg->default_local_pref;
	o->default_med = cfg->default_med;
	o->cost = c->cfg.cost;
	o->path_metric = cfg->path_metric;
	o->med_metric = cfg->med_metric;
	o->igp_metric = cfg->igp_metric;
	o->prefer_older = cfg->prefer_older;
	o->choose_all = cfg->deterministic_med;
}

void
bgp_chan_configure(struct bgp_chan *c, const struct bgp_channel_config *cfg)
{
	const bool hit_in = c->ch.import_limit.hit;
	const bool hit_rx = c->ch.receive_limit.hit;
	const bool hit_out = c->ch.export_limit.hit;

	rt_channel_alike_end(&c->ch);
	c->cfg = *cfg;
	c->ch.table = cfg->table;
	c->ch.in = cfg->in;
	c->ch.out = cfg->out;
	c->ch.refuses = cfg->refuses;
	c->ch.refuses_ctx = cfg->refuses_ctx;
	c->ch.preference = cfg->preference;
	tell_owner(c);
	c->ch.keep_filtered = cfg->keep_filtered;
	c->ch.secondary = cfg->secondary;
	c->ch.receive_limit = cfg->receive_limit;
	c->ch.import_limit = cfg->import_limit;
	c->ch.export_limit = cfg->export_limit;
	c->ch.import_limit.hit = hit_in;
	c->ch.receive_limit.hit = hit_rx;
	c->ch.export_limit.hit = hit_out;
}

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

/*
 * Would a peer be told something else?  A filter behind the same function and
 * context may be another one: that is for its owner to know.
 */
static bool
tells_otherwise(const struct bgp_neighbour *n,
    const struct bgp_neighbour_config *config, unsigned i)
{
	const struct bgp_channel_config *a = &n->chan[i].cfg;
	const struct bgp_channel_config *b = &config->channel[i];

	return n->cfg.draining != config->draining ||
	    n->cfg.rr_client != config->rr_client ||
	    n->cfg.rs_client != config->rs_client ||
	    n->cfg.cluster_id != config->cluster_id ||
	    n->cfg.interpret_communities != config->interpret_communities ||
	    n->cfg.allow_local_pref != config->allow_local_pref ||
	    n->cfg.allow_med != config->allow_med ||
	    n->cfg.default_local_pref != config->default_local_pref ||
	    !rt_filter_same(&a->out, &b->out) ||
	    a->next_hop_self != b->next_hop_self ||
	    a->next_hop_keep != b->next_hop_keep ||
	    !ip_eq(a->next_hop_address, b->next_hop_address) ||
	    a->ll_format != b->ll_format || a->secondary != b->secondary ||
	    a->aigp != b->aigp || a->aigp_originate != b->aigp_originate ||
	    a->export_limit.action != b->export_limit.action ||
	    a->export_limit.max != b->export_limit.max;
}

void
bgp_neighbour_configure(struct bgp_neighbour *n,
    const struct bgp_neighbour_config *config)
{
	struct bgp_session_config s;
	bool again[BGP_NFAMS];

	assert(config->n_channels == n->cfg.n_channels);
	/* Others, who told their peers the same, go on as before. */
	for (unsigned i = 0; i < config->n_channels; i++) {
		again[i] = tells_otherwise(n, config, i);
		if (again[i] && n->chan[i].group &&
		    !bgp_group_split(&n->chan[i]))
			bgp_no_memory(n);
	}
	n->cfg = *config;
	for (unsigned i = 0; i < config->n_channels; i++) {
		struct bgp_chan *c = &n->chan[i];

		assert(config->channel[i].fam == c->cfg.fam);
		bgp_chan_configure(c, &config->channel[i]);
		c->ch.owner.name = config->name;
		c->ch.owner.rr_client = config->rr_client;
		c->adj_owner = c->ch.owner;
		bgp_monitor_chan(c);
		if (c->up && again[i]) {
			bgp_export_find_hop(c);
			bgp_neighbour_reload_out(n, &c->ch);
		}
	}
	s = bgp_session_config_for(n);
	for (unsigned i = 0; i < BGP_NCONNS; i++)
		if (n->s[i])
			bgp_session_configure(n->s[i], &s);
}

void
bgp_neighbour_set_draining(struct bgp_neighbour *n, bool on)
{
	n->cfg.draining = on;
	for (unsigned i = 0; i < n->cfg.n_channels; i++)
		bgp_neighbour_reload_out(n, &n->chan[i].ch);
}

void
bgp_neighbour_set_recovering(struct bgp_neighbour *n, bool on)
{
	struct bgp_session_config s;

	if (n->recovering == on)
		return;
	n->recovering = on;
	s = bgp_session_config_for(n);
	for (unsigned i = 0; i < BGP_NCONNS; i++)
		if (n->s[i])
			bgp_session_configure(n->s[i], &s);
	for (unsigned i = 0; !on && n->est >= 0 && i < n->cfg.n_channels; i++)
		if (n->chan[i].up && !n->chan[i].group)
			bgp_export_begin(&n->chan[i]);
	if (n->ops->wake)
		n->ops->wake(n, n->ctx);
}

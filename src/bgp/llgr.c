/* SPDX-License-Identifier: ISC */
/*
 * Long-lived graceful restart, RFC 9494: when the restart time of a lost peer
 * is over its routes may stay on, as the last choice, for hours or days.
 * And RFC 8538's hard reset, for when they must not.
 */
#include "bgp/neighbour_impl.h"

enum {
	LLGR_STALE = 0xffff0006, NO_LLGR = 0xffff0007
};

static bool
has(const struct attrs *a, uint32_t community)
{
	struct attr at;

	if (!attrs_get(a, ATTR_BGP_COMMUNITY, &at))
		return false;
	for (uint32_t i = 0; i + 4 <= at.n; i += 4)
		if (be32_get(at.p + i) == community)
			return true;
	return false;
}

uint8_t
bgp_llgr_flag(const struct attrs *a)
{
	return a && has(a, LLGR_STALE) ? RT_LLGR_STALE : 0;
}

/* What a route becomes; counted.  NULL: it goes. */
static const struct attrs *
aged(struct attrs_pool *p, const struct attrs *a)
{
	uint8_t room[4 * 256];
	struct attrs_edit e;
	struct attr at;
	uint32_t n = 0;

	if (has(a, NO_LLGR))
		return NULL;
	if (has(a, LLGR_STALE))
		return attrs_ref(a);
	attrs_edit_init(&e, a);
	if (attrs_edit_get(&e, ATTR_BGP_COMMUNITY, &at))
		n = at.n;
	/* So many that there is no room: it loses without the mark. */
	if (n > sizeof(room) - 4)
		return attrs_ref(a);
	if (n)
		memcpy(room, at.p, n);
	be32_put(room + n, LLGR_STALE);
	attrs_edit_set_bytes(&e, ATTR_BGP_COMMUNITY, ATTR_CLIST,
	    bytes_of(room, n + 4));
	return attrs_intern(p, &e);
}

static uint32_t
clamped(const struct bgp_channel_config *cfg, uint32_t s)
{
	if (s < cfg->llgr_min)
		s = cfg->llgr_min;
	return cfg->llgr_max && s > cfg->llgr_max ? cfg->llgr_max : s;
}

/* How long routes may stay when their restart time is over; 0: not. */
static uint32_t
stale_time(const struct bgp_chan *c)
{
	const struct bgp_caps *caps = &c->n->caps;

	if (!c->n->cfg.gr_helper ||
	    !(caps->llgr_families & BGP_FAM_BIT(c->cfg.fam)))
		return 0;
	return clamped(&c->cfg, caps->llgr_time[c->cfg.fam]);
}

uint8_t
bgp_llgr_families(const struct bgp_neighbour *n)
{
	uint8_t mask = 0;

	for (unsigned i = 0; i < n->cfg.n_channels; i++)
		if (stale_time(&n->chan[i]))
			mask |= BGP_FAM_BIT(n->chan[i].cfg.fam);
	return mask;
}

bool
bgp_llgr_begin(struct bgp_chan *c)
{
	const uint32_t s = stale_time(c);

	if (c->n->est >= 0 || c->import != BGP_IMPORT_STALE)
		return false;
	if (c->llgr)
		return !instant_due(c->llgr_until, c->n->now);
	if (s == 0)
		return false;
	c->llgr = c->aging = true;
	c->age_pos = 0;
	c->llgr_until = instant_add(c->n->now, SECONDS((int64_t)s));
	return true;
}

bool
bgp_llgr_work(struct bgp_chan *c, uint32_t budget)
{
	if (c->aging)
		c->aging = rt_modify_stale(c->cfg.table, &c->ch.owner,
		    &c->age_pos, budget, c->n->now, aged, RT_LLGR_STALE);
	return c->aging;
}

void
bgp_llgr_open(const struct bgp_neighbour *n, struct bgp_open *o)
{
	o->llgr_families = o->llgr_forwarding = 0;
	for (unsigned i = 0; o->has_llgr && i < n->cfg.n_channels; i++) {
		const struct bgp_channel_config *c = &n->cfg.channel[i];

		if (!c->llgr)
			continue;
		o->llgr_families |= BGP_FAM_BIT(c->fam);
		o->llgr_time[c->fam] = c->llgr_time;
	}
	if (n->recovering)
		o->llgr_forwarding = o->llgr_families;
}

const struct bgp_error *
bgp_hard_reset(const struct bgp_error *why, uint8_t *room, size_t n,
    struct bgp_error *ret)
{
	struct bytes data = bgp_error_data(why);

	if (why->code == BGP_ERR_NONE)
		return why;
	if (data.n > n - 2)
		data.n = n - 2;
	room[0] = why->code;
	room[1] = why->subcode;
	if (data.n)
		memcpy(room + 2, data.p, data.n);
	*ret = bgp_error_of(BGP_ERR_CEASE, BGP_CEASE_HARD_RESET,
	    bytes_of(room, data.n + 2));
	return ret;
}

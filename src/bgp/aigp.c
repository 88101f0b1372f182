/* SPDX-License-Identifier: ISC */
/*
 * The accumulated IGP metric, RFC 7311: TLVs of which type 1 has a 64-bit
 * metric.  It grows by the cost to the next hop each time that a router puts
 * itself in as the next hop.
 */
#include "bgp/neighbour_impl.h"

#define TLV_METRIC	1
#define TLV_SIZE	11	/* type, length, metric */

/* Where the metric stands in a value, or NULL. */
static const uint8_t *
metric_at(struct bytes v)
{
	size_t at = 0, len;

	while (v.n - at >= 3) {
		len = be16_get(v.p + at + 1);
		if (len < 3 || len > v.n - at)
			return NULL;
		if (v.p[at] == TLV_METRIC)
			return len == TLV_SIZE ? v.p + at + 3 : NULL;
		at += len;
	}
	return NULL;
}

uint32_t
bgp_way_metric(const struct rt_owner *from, const struct rt_host *h)
{
	if (!h)
		return 0;
	if (from && h->mode != HOST_RECURSIVE && h->igp_metric == 0)
		return from->cost;
	return h->igp_metric;
}

uint64_t
bgp_aigp_total(struct bytes value, uint32_t way)
{
	const uint8_t *at = metric_at(value);
	uint64_t base;

	if (!at || way == UINT32_MAX)
		return BGP_AIGP_NONE;
	base = be64_get(at);
	return base > BGP_AIGP_NONE - way ? BGP_AIGP_NONE : base + way;
}

/* What a route that is not BGP's costs us; BGP_AIGP_NONE: unknown. */
static uint64_t
own_metric(const struct attrs_edit *e)
{
	struct attr at;

	if (attrs_edit_get(e, ATTR_IGP_METRIC, &at))
		return at.u == UINT32_MAX ? BGP_AIGP_NONE : at.u;
	switch ((enum rt_source)e->source) {
	case RTS_STATIC: case RTS_DEVICE: case RTS_STATIC_DEVICE:
	case RTS_WIREGUARD:
		return 0;
	case RTS_NONE: case RTS_INHERIT: case RTS_REDIRECT: case RTS_BGP:
	case RTS_PIPE: case RTS_RPKI: case RTS_NSOURCES:
		break;
	}
	return BGP_AIGP_NONE;
}

/* The old TLVs with another metric, or one TLV where there were none. */
static void
put(struct attrs_edit *e, struct bytes old, uint64_t metric,
    uint8_t room[BGP_AIGP_ROOM])
{
	const uint8_t *at = metric_at(old);
	size_t n = TLV_SIZE, where = 3;

	if (at && old.n <= BGP_AIGP_ROOM) {
		n = old.n;
		where = (size_t)(at - old.p);
		memcpy(room, old.p, n);
	} else {
		room[0] = TLV_METRIC;
		be16_put(room + 1, TLV_SIZE);
	}
	be64_put(room + where, metric);
	attrs_edit_set_bytes(e, ATTR_BGP_AIGP, ATTR_OPAQUE,
	    bytes_of(room, n));
}

void
bgp_aigp_export(const struct bgp_chan *c, struct rt_edit *e, bool hop_self,
    const struct rt_owner *from, uint8_t room[BGP_AIGP_ROOM])
{
	struct bytes old = bytes_of(NULL, 0);
	uint64_t metric;
	struct attr at;

	if (!c->cfg.aigp) {
		attrs_edit_unset(&e->a, ATTR_BGP_AIGP);
		return;
	}
	if (!hop_self)
		return;
	if (attrs_edit_get(&e->a, ATTR_BGP_AIGP, &at))
		old = bytes_of(at.p, at.n);
	metric = bgp_aigp_total(old, bgp_way_metric(from, e->a.host));
	if (metric == BGP_AIGP_NONE && old.n == 0 && c->cfg.aigp_originate &&
	    !from)
		metric = own_metric(&e->a);
	if (metric != BGP_AIGP_NONE)
		put(&e->a, old, metric, room);
}

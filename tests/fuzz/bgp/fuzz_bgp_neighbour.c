/* SPDX-License-Identifier: ISC */
/*
 * A live neighbour that hears UPDATEs which the input makes up: attributes in
 * any number and order, most of them nearly right, nets out of a few so that
 * they replace and withdraw each other, both families, refreshes, lost
 * connections and time.  A second neighbour listens, and what it is told must
 * be well-formed.  At the end nothing may be left.
 */
#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "bgp/neighbour_impl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

#define MESSAGE		4096

struct end {
	struct bgp_neighbour *n;
	bool up, wants, peer_dead;
	uint32_t as;
	struct bgp_codec codec;
};

static struct attrs_pool *pool;
static struct rt_table *tables[2];
static struct end ends[2];
static struct instant now;
static struct bgp_update update;

static void
on_dial(struct bgp_neighbour *n, void *ctx)
{
	(void)n;
	((struct end *)ctx)->wants = true;
}

static void
on_hang_up(struct bgp_neighbour *n, enum bgp_conn conn, void *ctx)
{
	(void)n;
	(void)conn;
	((struct end *)ctx)->up = false;
}

static const struct bgp_neighbour_ops ops = {
	.dial = on_dial, .hang_up = on_hang_up,
};

static void
end_init(struct end *e, uint8_t how)
{
	struct bgp_neighbour_config c = { .name = "n", .local_as = 65001,
	    .router_id = 1, .cluster_id = 1,
	    .remote = ip4(0x0a000002u + (uint32_t)(e - ends)),
	    .direct = true, .shared_link = how & 1, .rr_client = how & 2,
	    .interpret_communities = true, .path_metric = true,
	    .default_local_pref = 100, .gr_helper = true, .n_channels = 2 };

	e->as = how & 4 ? 65001 : 65002;
	bgp_session_config_init(&c.session);
	c.session.open.asn = 65001;
	c.session.open.id = 1;
	c.session.open.as4 = !(how & 8);
	c.session.open.refresh = c.session.open.enhanced_refresh = true;
	c.session.open.ext_message = how & 16;
	c.session.open.has_gr = true;
	c.session.connect_delay = 0;
	c.session.error_wait_min = c.session.error_wait_max = SECONDS(1);
	for (unsigned f = 0; f < 2; f++)
		c.channel[f] = (struct bgp_channel_config){
		    .fam = (enum bgp_fam)f, .table = tables[f],
		    .preference = 100, .gateway_direct = true,
		    .next_hop_address = f ? (struct ip){ .b = { 0x20, 1, 13,
		    0xb8, [15] = 1 } } : ip4(0x0a000001),
		    .ext_nexthop = how & 32, .in.constant = RT_ACCEPT,
		    .out.constant = RT_ACCEPT };
	e->up = e->wants = false;
	e->n = bgp_neighbour_new(&c, &ops, e);
	assert(e->n);
	bgp_neighbour_start(e->n, now);
}

/* What is told must be what a strict reader takes. */
static void
listen_to(struct end *e)
{
	struct bytes b = bgp_neighbour_tx(e->n, BGP_DIALLED);
	const size_t all = b.n;

	while (b.n) {
		const uint16_t len = be16_get(b.p + 16);

		assert(len <= b.n);
		if (b.p[18] == BGP_TYPE_UPDATE &&
		    bgp_neighbour_established(e->n)) {
			bgp_update_decode(&e->codec, bytes_of(b.p +
			    BGP_HEADER, (size_t)len - BGP_HEADER), &update);
			assert(update.verdict == BGP_OK);
		}
		b.p += len;
		b.n -= len;
	}
	if (all)
		bgp_neighbour_sent(e->n, BGP_DIALLED, now, all);
}

static void
settle(void)
{
	bool more;

	do {
		more = false;
		for (unsigned i = 0; i < 2; i++) {
			more |= bgp_neighbour_work(ends[i].n, now, 1000);
			if (ends[i].up)
				listen_to(&ends[i]);
		}
		for (unsigned f = 0; f < 2; f++)
			more |= rt_table_work(tables[f], 1000, now);
	} while (more);
}

static void
say(struct end *e, struct bytes b)
{
	bool stuck = false;

	while (e->up && b.n) {
		const size_t took = bgp_neighbour_rx(e->n, BGP_DIALLED, now,
		    b);

		assert(took <= b.n);
		b.p += took;
		b.n -= took;
		if (took > 0)
			continue;
		/* A refresh: it marks its routes first. */
		settle();
		if (stuck)
			return;
		stuck = true;
	}
	settle();
}

/* The peer's half of the opening, with what both have in common. */
static void
connect_end(struct end *e)
{
	const struct bgp_link l = { .local = ip4(0x0a000001),
	    .remote = bgp_neighbour_config(e->n)->remote, .ifindex = 1 };
	uint8_t room[MESSAGE];
	struct wr w = wr_of(room, sizeof(room));
	struct bgp_open o;

	bgp_neighbour_tick(e->n, now);
	if (e->up || !e->wants)
		return;
	e->wants = false;
	e->up = true;
	bgp_neighbour_link(e->n, BGP_DIALLED, now, true, 0, &l);
	settle();
	o = bgp_neighbour_config(e->n)->session.open;
	o.asn = e->as;
	o.id = 2 + (uint32_t)(e - ends);
	o.families = BGP_FAM_ALL;
	o.has_mp = true;
	o.gr_families = o.gr_forwarding = BGP_FAM_ALL;
	o.gr_time = 10;
	o.ext_nexthop = bgp_neighbour_config(e->n)->channel[0].ext_nexthop ?
	    BGP_FAM_BIT(BGP_FAM_IP4) : 0;
	bgp_open_encode(&w, &o);
	bgp_keepalive_encode(&w);
	say(e, bytes_of(room, wr_len(&w)));
	if (!bgp_neighbour_established(e->n))
		return;
	bgp_caps_codec(bgp_session_caps(bgp_neighbour_session(e->n)),
	    &e->codec);
	e->codec.local_pref = e->codec.aigp = true;
}

static void
put_net(struct wr *w, uint8_t which, bool six)
{
	struct ip ip = six ? (struct ip){ .b = { 0x20, 1, 13, 0xb8 } } :
	    ip4(0xc0000200);
	struct prefix p;

	ip.b[six ? 5 : 14] = which & 7;
	p = prefix_of(ip, six ? 48 + (which >> 3 & 1) :
	    24 + (which >> 3 & 1));
	bgp_nlri_put(w, &p, false, 0);
}

/* A value of the length that the code should have, or of another. */
static void
put_attr(struct wr *w, struct rd *r, const struct end *e)
{
	static const uint8_t codes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 16,
	    17, 18, 25, 26, 32, 35, 40, 99, 200 };
	static const uint8_t lengths[] = { 1, 6, 4, 4, 4, 0, 8, 8, 4, 8, 8,
	    6, 8, 20, 11, 12, 4, 10, 3, 5 };
	const uint8_t pick = rd_u8(r), odd = rd_u8(r);
	const size_t i = pick % sizeof(codes);
	uint8_t n = lengths[i], flags = bgp_attr_flags(codes[i]);
	uint8_t v[64];

	if (odd < 8)
		n = odd;
	if (odd >= 8 && odd < 16)
		flags ^= (uint8_t)(0x40 << (odd & 1));
	for (unsigned k = 0; k < sizeof(v); k++)
		v[k] = rd_u8(r);
	if (codes[i] == 1)
		v[0] &= 3;
	if (codes[i] == 2 || codes[i] == 17) {
		v[0] = 1 + v[0] % 4;
		v[1] = 1;
		if (codes[i] == 2 && !e->codec.as4 && odd >= 16)
			n = 4;
	}
	bgp_attr_put(w, flags, codes[i], bytes_of(v, n));
}

static void
say_update(struct end *e, struct rd *r)
{
	const uint8_t how = rd_u8(r), net = rd_u8(r);
	const bool six = how & 1, old = !six && !(how & 2);
	const struct ip hop = six || (how & 4) ? (struct ip){ .b = { 0x20, 1,
	    13, 0xb8, [15] = 9 } } : ip4(0x0a000009);
	const struct ip ll = how & 8 ? (struct ip){ .b = { 0xfe, 0x80,
	    [15] = 9 } } : IP_NONE;
	uint8_t room[MESSAGE], path[] = { 2, 1, 0, 0, 0xfd, 0xea };
	struct wr w = wr_of(room, sizeof(room));
	uint8_t *m = bgp_message_begin(&w, BGP_TYPE_UPDATE), *l, *mp;
	const uint8_t origin = 0;

	l = bgp_length_begin(&w);
	if (how & 16)
		put_net(&w, net >> 4, false);
	bgp_length_end(&w, l);
	l = bgp_length_begin(&w);
	if (how & 32) {
		mp = bgp_mp_unreach_begin(&w, six ? BGP_FAM_IP6 :
		    BGP_FAM_IP4);
		put_net(&w, net >> 4, six);
		bgp_attr_end(&w, mp);
	}
	if (!old) {
		mp = bgp_mp_reach_begin(&w, six ? BGP_FAM_IP6 : BGP_FAM_IP4,
		    hop, ip_is4(hop) ? IP_NONE : ll);
		put_net(&w, net, six);
		bgp_attr_end(&w, mp);
	}
	if (how & 64) {		/* else the input brings all of them */
		bgp_attr_put(&w, BGP_TRANSITIVE, 1, bytes_of(&origin, 1));
		if (e->codec.as4)
			bgp_attr_put(&w, BGP_TRANSITIVE, 2,
			    bytes_of(path, 6));
		else
			bgp_attr_put(&w, BGP_TRANSITIVE, 2,
			    bytes_of("\2\1\xfd\xea", 4));
		bgp_attr_put(&w, BGP_TRANSITIVE, 3, bytes_of(hop.b + 12, 4));
	}
	for (unsigned k = rd_u8(r) % 12; k > 0; k--)
		put_attr(&w, r, e);
	bgp_length_end(&w, l);
	if (old)
		put_net(&w, net, false);
	bgp_message_end(&w, m);
	if (!w.bad)
		say(e, bytes_of(room, wr_len(&w)));
}

static void
say_other(struct end *e, uint8_t what)
{
	uint8_t room[64];
	struct wr w = wr_of(room, sizeof(room));

	if (what & 1)
		bgp_eor_encode(&w, (enum bgp_fam)(what >> 1 & 1));
	else
		bgp_refresh_encode(&w, (enum bgp_fam)(what >> 1 & 1),
		    (enum bgp_refresh_kind)((what >> 2) % 3));
	say(e, bytes_of(room, wr_len(&w)));
}

static void
step(struct end *e, struct rd *r)
{
	const uint8_t op = rd_u8(r);

	switch (op % 8) {
	case 0:
		if (e->up) {
			e->up = false;
			bgp_neighbour_link(e->n, BGP_DIALLED, now, false,
			    104, NULL);
		}
		break;
	case 1:
		now = instant_add(now, SECONDS(op >> 3));
		break;
	case 2:
		say_other(e, rd_u8(r));
		break;
	case 3:
		bgp_neighbour_reload_out(e->n,
		    bgp_neighbour_channel(e->n, op >> 3 & 1));
		break;
	default:
		say_update(e, r);
		break;
	}
	for (unsigned i = 0; i < 2; i++)
		connect_end(&ends[i]);
	settle();
}

static void
end_done(struct end *e)
{
	const struct bgp_error bye = { .code = BGP_ERR_CEASE,
	    .subcode = BGP_CEASE_SHUTDOWN };

	bgp_neighbour_stop(e->n, now, &bye);
	while (bgp_neighbour_work(e->n, now, 100))
		;
	assert(bgp_neighbour_gone(e->n));
	bgp_neighbour_free(e->n);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	const struct hash_key key = { { 3, 4 } };
	struct rd r = rd_of(bytes_of(data, n));

	now = (struct instant){ SECONDS(1000) };
	pool = attrs_pool_new(&key);
	tables[0] = rt_table_new("t4", NET_IP4, pool, &key);
	tables[1] = rt_table_new("t6", NET_IP6, pool, &key);
	for (unsigned i = 0; i < 2; i++)
		end_init(&ends[i], rd_u8(&r));
	for (unsigned i = 0; i < 2; i++)
		connect_end(&ends[i]);
	for (unsigned k = 0; k < 200 && rd_left(&r) > 0 && !r.bad; k++)
		step(&ends[0], &r);
	for (unsigned i = 0; i < 2; i++)
		end_done(&ends[i]);
	assert(rt_count_routes(tables[0]) + rt_count_routes(tables[1]) == 0);
	assert(attrs_pool_count(pool) == 0);
	rt_table_free(tables[0]);
	rt_table_free(tables[1]);
	attrs_pool_free(pool);
	return 0;
}

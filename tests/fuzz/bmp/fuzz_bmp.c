/* SPDX-License-Identifier: ISC */
/*
 * The decoder takes any bytes.  And a station that is told anything, in any
 * order, is sent well-formed messages only.
 */
#include <stdlib.h>

#include "bmp/station.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
decode_all(struct bytes b)
{
	struct bmp_message m;

	while (b.n > 0) {
		int n = bmp_decode(b, &m);

		if (n <= 0)
			return;
		if ((size_t)n > b.n || m.body.n > (size_t)n)
			abort();
		b = bytes_of(b.p + n, b.n - (size_t)n);
	}
}

static void
read_all(struct bmp_station *s)
{
	struct bytes b = bmp_station_tx(s);
	struct bmp_message m;
	int n;

	while (b.n > 0) {
		n = bmp_decode(b, &m);
		if (n <= 0)
			abort();
		bmp_station_sent(s, (size_t)n);
		b = bmp_station_tx(s);
	}
}

static const struct attrs *
set_from(struct attrs_pool *pool, struct rd *r)
{
	static const uint8_t path[] = { 2, 1, 0, 0, 0, 1 };
	struct bytes c = rd_bytes(r, rd_u8(r) & 0x3c);
	struct attrs_edit e;
	uint8_t hop[32] = { 0 };

	attrs_edit_init(&e, NULL);
	attrs_edit_set_u32(&e, ATTR_BGP_ORIGIN, rd_u8(r) % 3u);
	attrs_edit_set_bytes(&e, ATTR_BGP_PATH, ATTR_PATH,
	    bytes_of(path, sizeof(path)));
	hop[15] = rd_u8(r);
	hop[0] = hop[15] & 1 ? 0x20 : 0;
	attrs_edit_set_bytes(&e, ATTR_BGP_NEXT_HOP, ATTR_IP,
	    bytes_of(hop, hop[15] & 2 ? 32 : 16));
	if (c.n)
		attrs_edit_set_bytes(&e, ATTR_BGP_COMMUNITY, ATTR_CLIST, c);
	return attrs_intern(pool, &e);
}

static void
tell_route(struct bmp_station *s, struct attrs_pool *pool,
    const struct bmp_peer *p, struct rd *r)
{
	const uint8_t how = rd_u8(r);
	struct bmp_route route = { .fam = how & 1 ? BGP_FAM_IP6 : BGP_FAM_IP4,
	    .add_path = how & 2, .path_id = how };
	struct ip ip = how & 1 ? ip4(0) : ip4(rd_be32(r));

	if (how & 1) {
		ip.q[0] = ip.q[1] = 0;
		ip.b[0] = 0x20;
		ip.b[5] = rd_u8(r);
	}
	route.net = prefix_of(ip, rd_u8(r) % (how & 1 ? 129u : 33u));
	route.attrs = how & 4 ? set_from(pool, r) : NULL;
	for (unsigned n = how >> 3; n > 0; n--)
		bmp_station_route(s, p, &route);
	attrs_unref(pool, route.attrs);
}

static void
tell_up(struct bmp_station *s, const struct bmp_peer *p, struct rd *r)
{
	const struct bmp_link link = { ip4(1), 179, 179 };
	struct bytes params = rd_bytes(r, rd_u8(r));
	struct bgp_open ours, theirs;

	bgp_open_init(&ours);
	bgp_open_init(&theirs);
	ours.asn = rd_be32(r);
	theirs.asn = p->as;
	theirs.params = params;
	theirs.params_ext = params.n & 1;
	bmp_station_peer_up(s, p, &link, &ours, &theirs);
}

static void
step(struct bmp_station *s, struct attrs_pool *pool, struct rd *r)
{
	const uint8_t what = rd_u8(r);
	const struct bmp_peer p = { .ip = ip4(what & 0x18), .as = what,
	    .post_policy = what & 0x20 };
	const struct bgp_cause why = { .blame = (enum bgp_blame)(what % 5),
	    .code = 6, .subcode = what, .n_text = what & 0x40 ? 4 : 0,
	    .text = "text" };
	const struct bmp_counts c = { .adj_in = what & 0x40,
	    .families = (what >> 3) & BGP_FAM_ALL };

	switch (what & 7) {
	case 0:
		tell_up(s, &p, r);
		break;
	case 1:
		bmp_station_peer_down(s, &p, &why);
		break;
	case 2:
		bmp_station_stats(s, &p, &c);
		break;
	case 3:
		bmp_station_eor(s, &p, what & 0x40 ? BGP_FAM_IP6 :
		    BGP_FAM_IP4);
		break;
	case 4:
		read_all(s);
		break;
	default:
		tell_route(s, pool, &p, r);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct hash_key key = { { 1, 2 } };
	static const struct bmp_config config = { "a", "b", 1 << 16 };
	struct attrs_pool *pool = attrs_pool_new(&key);
	struct bmp_station *s = bmp_station_new(&config, pool);
	struct rd r = rd_of(bytes_of(data, size));

	decode_all(bytes_of(data, size));
	while (rd_left(&r) > 0 && !bmp_station_failed(s))
		step(s, pool, &r);
	bmp_station_end(s, 0);
	read_all(s);
	bmp_station_free(s);
	attrs_pool_free(pool);
	return 0;
}

/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bmp/station.h"
#include "wire/bgp.h"

static const struct hash_key key = { { 1, 2 } };
static const struct bmp_config config = { .name = "us", .descr = "a test",
    .limit = 1 << 20 };
static struct attrs_pool *pool;
static struct bmp_station *s;
static struct bmp_peer peer;

static struct prefix
net_of(const char *text)
{
	struct prefix p;

	assert_true(prefix_parse(text, &p));
	return p;
}

static void
begin(size_t limit)
{
	struct bmp_config c = config;

	c.limit = limit;
	pool = attrs_pool_new(&key);
	s = bmp_station_new(&c, pool);
	assert_non_null(s);
	peer = (struct bmp_peer){ .ip = ip4(0x0a000002), .as = 65002,
	    .id = 0x0a000002, .s = 1700000000 };
}

static void
end(void)
{
	s = bmp_station_free(s);
	attrs_pool_free(pool);
}

/* The next message, which must be there and well formed. */
static struct bmp_message
next(enum bmp_type type)
{
	struct bytes b = bmp_station_tx(s);
	struct bmp_message m;
	int n = bmp_decode(b, &m);

	assert_true(n > 0);
	assert_int_equal(m.type, type);
	bmp_station_sent(s, (size_t)n);
	return m;
}

static void
nothing_more(void)
{
	assert_int_equal(bmp_station_tx(s).n, 0);
	assert_false(bmp_station_failed(s));
}

static const struct attrs *
set_of(uint32_t med, struct ip hop)
{
	static const uint8_t path[] = { 2, 1, 0, 0, 0xfd, 0xea };
	struct attrs_edit e;
	const struct attrs *a;

	attrs_edit_init(&e, NULL);
	attrs_edit_set_u32(&e, ATTR_BGP_ORIGIN, 0);
	attrs_edit_set_bytes(&e, ATTR_BGP_PATH, ATTR_PATH,
	    bytes_of(path, sizeof(path)));
	attrs_edit_set_bytes(&e, ATTR_BGP_NEXT_HOP, ATTR_IP,
	    bytes_of(hop.b, 16));
	attrs_edit_set_u32(&e, ATTR_BGP_MED, med);
	a = attrs_intern(pool, &e);
	assert_non_null(a);
	return a;
}

static void
tell(const char *net, enum bgp_fam fam, const struct attrs *a)
{
	const struct bmp_route r = { .fam = fam, .net = net_of(net),
	    .attrs = a };

	bmp_station_route(s, &peer, &r);
}

static void
says_who_we_are(void **state)
{
	struct bmp_message m;

	(void)state;
	begin(config.limit);
	m = next(BMP_INITIATION);
	assert_int_equal(m.body.n, 4 + 6 + 4 + 2);
	assert_memory_equal(m.body.p, "\0\1\0\6a test\0\2\0\2us", 16);
	bmp_station_end(s, BMP_REASON_ADMIN);
	m = next(BMP_TERMINATION);
	assert_memory_equal(m.body.p, "\0\1\0\2\0\0", 6);
	nothing_more();
	end();
}

/* RFC 7854 4.10: both OPENs, the peer's with what we do not know in it. */
static void
peers_come_and_go(void **state)
{
	static const uint8_t params[] = { 2, 4, 250, 2, 7, 7 };
	const struct bmp_link link = { ip4(0x0a000001), 179, 40000 };
	struct bgp_cause why = { .blame = BGP_BLAME_REMOTE, .code = 6,
	    .subcode = 2, .n_text = 3, .text = "bye" };
	struct bgp_open ours, theirs;
	struct bmp_message m;

	(void)state;
	begin(config.limit);
	next(BMP_INITIATION);
	bgp_open_init(&ours);
	bgp_open_init(&theirs);
	ours.asn = 65001;
	ours.id = theirs.id = 1;
	theirs.asn = 65002;
	theirs.params = bytes_of(params, sizeof(params));
	bmp_station_peer_up(s, &peer, &link, &ours, &theirs);
	m = next(BMP_PEER_UP);
	assert_true(ip_eq(m.peer.ip, peer.ip));
	assert_int_equal(m.peer.as, 65002);
	assert_int_equal(be16_get(m.body.p + 16), 179);
	assert_memory_equal(m.body.p + m.body.n - 6, params, 6);
	bmp_station_peer_down(s, &peer, &why);
	m = next(BMP_PEER_DOWN);
	assert_int_equal(m.body.p[0], BMP_DOWN_REMOTE);
	assert_memory_equal(m.body.p + 20, "\6\2\3bye", 6);
	why = (struct bgp_cause){ .blame = BGP_BLAME_SOCKET };
	bmp_station_peer_down(s, &peer, &why);
	assert_int_equal(next(BMP_PEER_DOWN).body.p[0],
	    BMP_DOWN_REMOTE_SILENT);
	why.blame = BGP_BLAME_MEMORY;
	bmp_station_peer_down(s, &peer, &why);
	assert_int_equal(next(BMP_PEER_DOWN).body.p[0],
	    BMP_DOWN_LOCAL_EVENT);
	nothing_more();
	end();
}

static void
routes_of_one_set_go_together(void **state)
{
	const struct attrs *a, *b;
	struct ip six;
	struct bmp_message m;

	(void)state;
	begin(config.limit);
	next(BMP_INITIATION);
	assert_true(ip_parse("2001:db8::1", &six));
	a = set_of(1, ip4(0x0a000002));
	b = set_of(2, six);
	tell("10.1.0.0/16", BGP_FAM_IP4, a);
	tell("10.2.0.0/16", BGP_FAM_IP4, a);
	tell("10.3.0.0/16", BGP_FAM_IP4, NULL);
	tell("2001:db8:1::/48", BGP_FAM_IP6, b);
	tell("2001:db8:1::/48", BGP_FAM_IP6, NULL);
	peer.post_policy = true;
	tell("2001:db8:1::/48", BGP_FAM_IP6, NULL);
	m = next(BMP_ROUTE_MONITORING);
	assert_false(m.peer.post_policy);
	assert_memory_equal(m.body.p + m.body.n - 6, "\20\12\1\20\12\2", 6);
	m = next(BMP_ROUTE_MONITORING);
	assert_memory_equal(m.body.p + 19, "\0\3\20\12\3\0\0", 7);
	next(BMP_ROUTE_MONITORING);
	next(BMP_ROUTE_MONITORING);
	assert_true(next(BMP_ROUTE_MONITORING).peer.post_policy);
	bmp_station_eor(s, &peer, BGP_FAM_IP4);
	assert_int_equal(next(BMP_ROUTE_MONITORING).body.n, 23);
	nothing_more();
	attrs_unref(pool, a);
	attrs_unref(pool, b);
	end();
}

/* More than one message holds: another one is begun. */
static void
many_routes(void **state)
{
	const struct attrs *a;
	unsigned n = 0;

	(void)state;
	begin(config.limit);
	next(BMP_INITIATION);
	a = set_of(1, ip4(0x0a000002));
	for (unsigned i = 0; i < 2000; i++) {
		const struct bmp_route r = { .fam = BGP_FAM_IP4, .attrs = a,
		    .net = prefix_of(ip4(0x0a000000 + (i << 8)), 24) };

		bmp_station_route(s, &peer, &r);
	}
	while (bmp_station_tx(s).n > 0) {
		assert_true(next(BMP_ROUTE_MONITORING).body.n <=
		    BGP_MESSAGE_MAX);
		n++;
	}
	assert_int_equal(n, 3);
	attrs_unref(pool, a);
	end();
}

static void
statistics(void **state)
{
	const struct bmp_counts c = { .rejected = 3, .adj_in = true,
	    .in = { 5, 0 }, .rib = { 2, 7 }, .families = BGP_FAM_UNICAST };
	struct bmp_message m;

	(void)state;
	begin(config.limit);
	next(BMP_INITIATION);
	bmp_station_stats(s, &peer, &c);
	m = next(BMP_STATISTICS);
	assert_int_equal(be32_get(m.body.p), 7);
	assert_memory_equal(m.body.p + 4, "\0\0\0\4\0\0\0\3\0\7\0\10", 12);
	end();
}

/* Who does not read is given up. */
static void
too_slow(void **state)
{
	(void)state;
	begin(100);
	assert_false(bmp_station_failed(s));
	bmp_station_eor(s, &peer, BGP_FAM_IP4);
	bmp_station_eor(s, &peer, BGP_FAM_IP4);
	assert_true(bmp_station_failed(s));
	end();
}

/* What is cut short, or is nothing of BMP's. */
static void
decoding(void **state)
{
	struct bmp_message m;
	uint8_t room[256];
	struct bytes b;

	(void)state;
	begin(config.limit);
	b = bmp_station_tx(s);
	memcpy(room, b.p, b.n);
	for (size_t n = 0; n < b.n; n++)
		assert_int_equal(bmp_decode(bytes_of(room, n), &m), 0);
	assert_int_equal(bmp_decode(bytes_of(room, b.n), &m), (int)b.n);
	room[0] = 2;
	assert_int_equal(bmp_decode(bytes_of(room, b.n), &m), -1);
	room[0] = BMP_VERSION;
	room[9]++;			/* a TLV that is longer than the rest */
	room[8] = 1;
	assert_int_equal(bmp_decode(bytes_of(room, b.n), &m), -1);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_who_we_are),
		cmocka_unit_test(peers_come_and_go),
		cmocka_unit_test(routes_of_one_set_go_together),
		cmocka_unit_test(many_routes),
		cmocka_unit_test(statistics),
		cmocka_unit_test(too_slow),
		cmocka_unit_test(decoding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

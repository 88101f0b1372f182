/* SPDX-License-Identifier: ISC */
/*
 * A set and a get of the kernel's WireGuard have the same attributes, so what
 * was written to set is read here as if it had been got.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <linux/genetlink.h>
#include <linux/netlink.h>
#include <linux/wireguard.h>

#include "base/mem.h"
#include "wg/genl.h"

enum { FAMILY = 0x1d, MANY = 3000 };

struct sunk {
	struct wg_genl_dump dump;
	unsigned messages, replace_peers, replace_allowed, psks, removes;
	uint32_t peer_flags;	/* of the last peer */
	int err;		/* to give back */
};

static void
look_at_peer(struct sunk *s, struct bytes nest)
{
	struct rd r = rd_of(nest);
	struct nl_attr a;

	s->peer_flags = 0;
	while (nl_attr_next(&r, &a)) {
		if (a.type == WGPEER_A_PRESHARED_KEY)
			s->psks++;
		if (a.type == WGPEER_A_FLAGS)
			s->peer_flags = nl_attr_u32(&a, 0);
	}
	assert_false(r.bad);
	if (s->peer_flags & WGPEER_F_REPLACE_ALLOWEDIPS)
		s->replace_allowed++;
	if (s->peer_flags & WGPEER_F_REMOVE_ME)
		s->removes++;
}

static void
look_at(struct sunk *s, const struct nl_msg *m)
{
	struct rd r = rd_of(m->body), peers;
	struct nl_attr a, peer;
	char name[16] = "";

	rd_take(&r, sizeof(struct genlmsghdr));
	while (nl_attr_next(&r, &a)) {
		if (a.type == WGDEVICE_A_IFNAME)
			nl_attr_str(&a, name, sizeof(name));
		if (a.type == WGDEVICE_A_FLAGS)
			s->replace_peers += nl_attr_u32(&a, 0) ==
			    WGDEVICE_F_REPLACE_PEERS;
		if (a.type != WGDEVICE_A_PEERS)
			continue;
		peers = rd_of(a.v);
		while (nl_attr_next(&peers, &peer))
			look_at_peer(s, peer.v);
		assert_false(peers.bad);
	}
	assert_false(r.bad);
	assert_string_equal(name, "wg0");
}

static int
sink(void *ctx, struct bytes message)
{
	struct rd r = rd_of(message);
	struct sunk *s = ctx;
	struct nl_msg m;

	s->messages++;
	assert_true(message.n <= WG_GENL_MESSAGE);
	assert_true(nl_next(&r, &m));
	assert_int_equal(rd_left(&r), 0);
	assert_int_equal(m.type, FAMILY);
	assert_int_equal(m.flags, NLM_F_REQUEST | NLM_F_ACK);
	look_at(s, &m);
	assert_int_equal(wg_genl_dump_add(&s->dump, &m), 0);
	return s->err;
}

static struct ip
ip(const char *s)
{
	struct ip a;

	assert_true(ip_parse(s, &a));
	return a;
}

static void
test_device(void **state)
{
	struct wg_uapi_device_set dev = { .has_private_key = true,
	    .has_listen_port = true, .has_fwmark = true,
	    .replace_peers = true, .listen_port = 51820, .fwmark = 0x77 };
	struct sunk s = { .messages = 0 };
	struct wg_uapi_dump d;
	struct wg_genl g;

	(void)state;
	memset(dev.private_key, 0x42, WG_KEY);
	wg_genl_begin(&g, FAMILY, "wg0", &dev, sink, &s);
	assert_int_equal(wg_genl_end(&g), 0);
	assert_int_equal(s.messages, 1);
	assert_int_equal(s.replace_peers, 1);
	for (size_t i = 0; i < sizeof(g.buf); i++)
		assert_int_equal(g.buf[i], 0);	/* wiped */
	wg_genl_dump_end(&s.dump, &d);
	assert_true(d.has_private_key);
	assert_memory_equal(d.private_key, dev.private_key, WG_KEY);
	assert_int_equal(d.listen_port, 51820);
	assert_int_equal(d.fwmark, 0x77);
	assert_int_equal(d.n_peers, 0);
}

static void
test_peers(void **state)
{
	const struct wg_allowed allowed[] = {
		{ .prefix = prefix_of(ip("0.0.0.0"), 0) },
		{ .prefix = prefix_of(ip("::"), 0) },
		{ .prefix = prefix_of(ip("10.1.2.0"), 24) },
		{ .prefix = prefix_of(ip("2001:db8::"), 32) },
	};
	struct wg_peer_set p = { .has_psk = true, .has_endpoint = true,
	    .has_keepalive = true, .keepalive = 25, .replace_allowed = true,
	    .endpoint = { .addr = ip("192.0.2.1"), .port = 51820 },
	    .allowed = allowed, .n_allowed = 4 };
	struct wg_uapi_device_set dev = { .replace_peers = false };
	struct sunk s = { .messages = 0 };
	const struct wg_peer_info *i;
	struct wg_genl g;

	(void)state;
	memset(p.public_key, 1, WG_KEY);
	memset(p.psk, 2, WG_KEY);
	wg_genl_begin(&g, FAMILY, "wg0", &dev, sink, &s);
	wg_genl_peer(&g, &p);
	memset(p.public_key, 3, WG_KEY);
	p.endpoint = (struct wg_endpoint){ .addr = ip("fe80::1"),
	    .port = 1, .scope = 4 };
	p.n_allowed = 1;
	wg_genl_peer(&g, &p);
	assert_int_equal(wg_genl_end(&g), 0);
	assert_int_equal(s.messages, 1);
	assert_int_equal(s.replace_peers, 0);
	assert_int_equal(s.replace_allowed, 2);
	assert_int_equal(s.dump.d.n_peers, 2);
	i = &s.dump.d.peers[0].info;
	assert_int_equal(i->n_allowed, 4);
	assert_int_equal(i->keepalive, 25);
	assert_int_equal(i->psk[31], 2);
	assert_int_equal(i->endpoint.port, 51820);
	assert_true(ip_eq(i->endpoint.addr, ip("192.0.2.1")));
	for (size_t n = 0; n < 4; n++)
		assert_true(prefix_eq(&s.dump.d.allowed[n],
		    &allowed[n].prefix));
	i = &s.dump.d.peers[1].info;
	assert_int_equal(s.dump.d.peers[1].first_allowed, 4);
	assert_int_equal(i->endpoint.scope, 4);
	assert_true(ip_eq(i->endpoint.addr, ip("fe80::1")));
	wg_genl_dump_done(&s.dump);
}

/* One peer that goes over several messages, with another behind it. */
static void
test_fragments(void **state)
{
	static struct wg_allowed many[MANY];
	struct wg_peer_set p = { .has_psk = true, .replace_allowed = true,
	    .allowed = many, .n_allowed = MANY };
	struct wg_uapi_device_set dev = { .replace_peers = true };
	struct sunk s = { .messages = 0 };
	struct wg_genl g;

	(void)state;
	for (uint32_t n = 0; n < MANY; n++)
		many[n].prefix = prefix_host(ip4(0x0a000000 + n));
	memset(p.public_key, 9, WG_KEY);
	wg_genl_begin(&g, FAMILY, "wg0", &dev, sink, &s);
	wg_genl_peer(&g, &p);
	memset(p.public_key, 10, WG_KEY);
	p.n_allowed = 0;
	p.remove = true;
	wg_genl_peer(&g, &p);
	assert_int_equal(wg_genl_end(&g), 0);
	assert_true(s.messages > 3);
	/* What replaces does so once, or it would undo what went before. */
	assert_int_equal(s.replace_peers, 1);
	assert_int_equal(s.replace_allowed, 2);
	assert_int_equal(s.removes, 1);
	assert_int_equal(s.psks, 2);
	assert_int_equal(s.dump.d.n_peers, 2);
	assert_int_equal(s.dump.d.peers[0].info.n_allowed, MANY);
	for (uint32_t n = 0; n < MANY; n++)
		assert_true(prefix_eq(&s.dump.d.allowed[n],
		    &many[n].prefix));
	wg_genl_dump_done(&s.dump);
}

static void
test_many_peers(void **state)
{
	struct wg_uapi_device_set dev = { .replace_peers = true };
	struct wg_allowed one = { .prefix = prefix_host(ip4(1)) };
	struct wg_peer_set p = { .allowed = &one, .n_allowed = 1 };
	struct sunk s = { .messages = 0 };
	struct wg_genl g;

	(void)state;
	wg_genl_begin(&g, FAMILY, "wg0", &dev, sink, &s);
	for (uint32_t n = 0; n < 1000; n++) {
		be32_put(p.public_key, n);
		one.prefix = prefix_host(ip4(n));
		wg_genl_peer(&g, &p);
	}
	assert_int_equal(wg_genl_end(&g), 0);
	assert_true(s.messages > 1);
	assert_int_equal(s.dump.d.n_peers, 1000);
	for (uint32_t n = 0; n < 1000; n++) {
		assert_int_equal(be32_get(s.dump.d.peers[n]
		    .info.public_key), n);
		assert_int_equal(s.dump.d.peers[n].first_allowed, n);
	}
	wg_genl_dump_done(&s.dump);
}

static void
test_errors(void **state)
{
	struct wg_uapi_device_set dev = { .replace_peers = false };
	struct sunk s = { .err = -ENODEV };
	struct wg_peer_set p = { .remove = true };
	struct wg_genl g;

	(void)state;
	wg_genl_begin(&g, FAMILY, "wg0", &dev, sink, &s);
	for (int n = 0; n < 2000; n++)
		wg_genl_peer(&g, &p);
	assert_int_equal(wg_genl_end(&g), -ENODEV);
	assert_int_equal(s.messages, 1);	/* the first error ends it */
	wg_genl_dump_done(&s.dump);

	wg_genl_begin(&g, FAMILY, "a-name-too-long-for-it", &dev, sink, &s);
	assert_int_equal(wg_genl_end(&g), -EINVAL);
}

static void
test_no_memory(void **state)
{
	struct wg_uapi_device_set dev = { .replace_peers = false };
	uint8_t buf[256];
	struct wr w = wr_of(buf, sizeof(buf));
	struct wg_genl_dump dump;
	struct sunk s = { .messages = 0 };
	struct wg_allowed one = { .prefix = prefix_host(ip4(1)) };
	struct wg_peer_set p = { .allowed = &one, .n_allowed = 1 };
	struct wg_genl g;
	struct nl_msg m;
	struct rd r;
	int err = -ENOMEM;

	(void)state;
	wg_genl_get(&w, FAMILY, 5, "wg0");
	r = rd_of(bytes_of(buf, wr_len(&w)));
	assert_true(nl_next(&r, &m));
	assert_int_equal(m.flags, NLM_F_REQUEST | NLM_F_DUMP);
	assert_int_equal(m.seq, 5);

	wg_genl_begin(&g, FAMILY, "wg0", &dev, sink, &s);
	wg_genl_peer(&g, &p);
	r = rd_of(bytes_of(g.buf, wr_len(&g.w)));
	nl_nest_end(&g.w, g.peers_at);
	nl_end(&g.w, g.msg_at);
	assert_true(nl_next(&r, &m));
	for (long n = 0; err == -ENOMEM; n++) {
		assert_true(n < 10);
		memset(&dump, 0, sizeof(dump));
		mem_fail_after(n);
		err = wg_genl_dump_add(&dump, &m);
		mem_fail_after(-1);
		wg_genl_dump_done(&dump);
	}
	assert_int_equal(err, 0);
	m.body.n = 3;
	memset(&dump, 0, sizeof(dump));
	assert_int_equal(wg_genl_dump_add(&dump, &m), -EPROTO);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_device),
		cmocka_unit_test(test_peers),
		cmocka_unit_test(test_fragments),
		cmocka_unit_test(test_many_peers),
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

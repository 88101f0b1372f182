/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <stdio.h>

#include "rig.h"

#include "base/mem.h"
#include "wg/uapi.h"

#define KEY_A		"b838ee5a699e056e6b84f8d7e53bd171" \
			"01cb02740cb1ea9935ef300716c6237f"
#define KEY_B		"e02ee864424f7a1c75eeb8beff397777" \
			"d43f4258f64794285c6c776c59831bef"
#define KEY_C		"0d86f3091fb67af7eeebf812accccd7a" \
			"ca85a18c2c2c8117a7947a0a98e00f2e"
#define PSK		"cde47c4f7b88a4492da0139f3f014763" \
			"443c08d122639e6ed895356fe230a9d6"
#define ZERO		"00000000000000000000000000000000" \
			"00000000000000000000000000000000"

static struct rig r;
static struct wg_device *d;
static struct wg_uapi *u;
static uint16_t port;
static uint32_t mark;

static int
set_port(void *arg, uint16_t p)
{
	(void)arg;
	if (p == 1)
		return -EADDRINUSE;
	port = p;
	return 0;
}

static int
set_mark(void *arg, uint32_t m)
{
	(void)arg;
	mark = m;
	return 0;
}

static uint16_t
get_port(void *arg)
{
	(void)arg;
	return port;
}

static uint32_t
get_mark(void *arg)
{
	(void)arg;
	return mark;
}

static int
setup(void **state)
{
	const struct wg_uapi_hooks hooks = { .set_listen_port = set_port,
	    .set_fwmark = set_mark, .listen_port = get_port,
	    .fwmark = get_mark };

	(void)state;
	rig_init(&r, 1, 5);
	d = r.node[0].dev;
	u = wg_uapi_new(d, &hooks);
	port = 0;
	mark = 0;
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	wg_uapi_free(u);
	rig_done(&r);
	return 0;
}

/* Feeds it piece by piece; the reply must come exactly at the end. */
static void
expect_reply(const char *request, const char *reply)
{
	static char got[65536];
	struct bytes b;
	size_t n = strlen(request);

	for (size_t i = 0; i < n; i++) {
		assert_int_equal(wg_uapi_reply(u).n, 0);
		assert_int_equal(wg_uapi_feed(u, r.now,
		    bytes_of(request + i, 1)), 1);
	}
	b = wg_uapi_reply(u);
	assert_true(b.n < sizeof(got));
	memcpy(got, b.p, b.n);
	got[b.n] = '\0';
	assert_string_equal(got, reply);
	assert_int_equal(wg_uapi_feed(u, r.now, bytes_str("x")), 0);
	wg_uapi_sent(u);
	assert_int_equal(wg_uapi_reply(u).n, 0);
}

static void
expect_ok(const char *request)
{
	expect_reply(request, "errno=0\n\n");
}

static void
expect_invalid(const char *request)
{
	expect_reply(request, "errno=-22\n\n");
}

static size_t
n_allowed(const char *hex)
{
	struct wg_peer_info i;
	const struct wg_peer *p;
	uint8_t key[32];

	assert_true(wg_key_from_hex(key, bytes_str(hex)));
	p = wg_device_find_peer(d, key);
	if (!p)
		return SIZE_MAX;
	wg_peer_info(p, &i);
	return i.n_allowed;
}

static void
test_set_and_get(void **state)
{
	(void)state;
	expect_ok("set=1\n"
	    "private_key=" KEY_A "\n"
	    "listen_port=40404\nfwmark=77\n"
	    "replace_peers=true\n"
	    "public_key=" KEY_B "\n"
	    "preshared_key=" PSK "\n"
	    "replace_allowed_ips=true\n"
	    "allowed_ip=198.51.100.4/32\n"
	    "endpoint=[2001:db8::33%2]:51820\n"
	    "public_key=" KEY_C "\n"
	    "replace_allowed_ips=true\n"
	    "persistent_keepalive_interval=21\n"
	    "protocol_version=1\n"
	    "allowed_ip=198.51.100.6/24\n"	/* host bits are set */
	    "allowed_ip=::/0\n"
	    "allowed_ip=10.0.0.1\n"
	    "endpoint=203.0.113.9:4500\n"
	    "\n");
	expect_reply("get=1\n\n",
	    "private_key=" KEY_A "\n"
	    "listen_port=40404\nfwmark=77\n"
	    "public_key=" KEY_B "\n"
	    "preshared_key=" PSK "\n"
	    "protocol_version=1\n"
	    "endpoint=[2001:db8::33%2]:51820\n"
	    "last_handshake_time_sec=0\nlast_handshake_time_nsec=0\n"
	    "tx_bytes=0\nrx_bytes=0\n"
	    "persistent_keepalive_interval=0\n"
	    "allowed_ip=198.51.100.4/32\n"
	    "public_key=" KEY_C "\n"
	    "preshared_key=" ZERO "\n"
	    "protocol_version=1\n"
	    "endpoint=203.0.113.9:4500\n"
	    "last_handshake_time_sec=0\nlast_handshake_time_nsec=0\n"
	    "tx_bytes=148\nrx_bytes=0\n"	/* the keepalive's initiation */
	    "persistent_keepalive_interval=21\n"
	    "allowed_ip=198.51.100.0/24\n"
	    "allowed_ip=::/0\n"
	    "allowed_ip=10.0.0.1/32\n"
	    "errno=0\n\n");
}

static void
test_get_empty(void **state)
{
	(void)state;
	expect_ok("set=1\nprivate_key=" ZERO "\n\n");
	expect_reply("get=1\n\n", "errno=0\n\n");
}

static void
test_flags(void **state)
{
	(void)state;
	expect_ok("set=1\npublic_key=" KEY_B "\nupdate_only=true\n"
	    "allowed_ip=10.0.0.0/8\n\n");
	assert_int_equal(n_allowed(KEY_B), SIZE_MAX);
	expect_ok("set=1\npublic_key=" KEY_B "\nallowed_ip=10.0.0.0/8\n"
	    "allowed_ip=fd00::/8\n\n");
	assert_int_equal(n_allowed(KEY_B), 2);
	expect_ok("set=1\npublic_key=" KEY_B "\nupdate_only=true\n"
	    "allowed_ip=10.1.0.0/16\n\n");
	assert_int_equal(n_allowed(KEY_B), 3);
	/* Taken away by "-"; what is not there, silently. */
	expect_ok("set=1\npublic_key=" KEY_B "\nallowed_ip=-10.0.0.0/8\n"
	    "allowed_ip=-11.0.0.0/8\n\n");
	assert_int_equal(n_allowed(KEY_B), 2);
	/* Moved to another peer. */
	expect_ok("set=1\npublic_key=" KEY_C "\n"
	    "allowed_ip=10.1.0.0/16\n\n");
	assert_int_equal(n_allowed(KEY_B), 1);
	assert_int_equal(n_allowed(KEY_C), 1);
	/* Another's prefix is not mine to remove. */
	expect_ok("set=1\npublic_key=" KEY_B "\n"
	    "allowed_ip=-10.1.0.0/16\n\n");
	assert_int_equal(n_allowed(KEY_C), 1);
	expect_ok("set=1\npublic_key=" KEY_B "\nreplace_allowed_ips=true\n"
	    "allowed_ip=1.0.0.0/8\n\n");
	assert_int_equal(n_allowed(KEY_B), 1);
	expect_ok("set=1\npublic_key=" KEY_B "\n"
	    "replace_allowed_ips=true\n\n");
	assert_int_equal(n_allowed(KEY_B), 0);
	expect_ok("set=1\npublic_key=" KEY_B "\nremove=true\n"
	    "allowed_ip=1.0.0.0/8\n\n");
	assert_int_equal(n_allowed(KEY_B), SIZE_MAX);
	assert_int_equal(n_allowed(KEY_C), 1);
	expect_ok("set=1\npublic_key=" KEY_B "\nremove=true\n\n");
	expect_ok("set=1\nreplace_peers=true\npublic_key=" KEY_B "\n\n");
	assert_int_equal(wg_device_n_peers(d), 1);
	assert_int_equal(n_allowed(KEY_B), 0);
}

static void
test_errors(void **state)
{
	static const char *const bad[] = {
		"private_key=00", "private_key=", "listen_port=65536",
		"listen_port=", "listen_port=-1", "fwmark=4294967296",
		"fwmark=0x1", "replace_peers=false", "public_key=xy",
		"remove=true", "allowed_ip=10.0.0.0/8", "nonsense=1",
		"nonsense", "=", "get=1",
	};
	static const char *const bad_peer[] = {
		"allowed_ip=10.0.0.0/33", "allowed_ip=::/129",
		"allowed_ip=", "allowed_ip=-", "allowed_ip=10.0.0.0/",
		"allowed_ip=10.0.0/8", "allowed_ip=::ffff:1.2.3.4/128",
		"endpoint=1.2.3.4", "endpoint=[fe80::1%nowhere]:1",
		"persistent_keepalive_interval=65536", "remove=1",
		"update_only=", "preshared_key=11", "protocol_version=2",
		"listen_port=1", "rx_bytes=1",
	};
	char text[400];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(text, sizeof(text), "set=1\n%s\nfwmark=9\n\n",
		    bad[i]);
		expect_invalid(text);
	}
	assert_int_equal(mark, 0);
	for (size_t i = 0; i < sizeof(bad_peer) / sizeof(bad_peer[0]); i++) {
		snprintf(text, sizeof(text), "set=1\npublic_key=" KEY_B
		    "\n%s\n\n", bad_peer[i]);
		expect_invalid(text);
	}
	expect_reply("set=1\nlisten_port=1\n\n", "errno=-98\n\n");
	expect_invalid("get=1\nget=1\n\n");
	/* What came before the error holds. */
	expect_invalid("set=1\nfwmark=5\nlisten_port=x\n\n");
	assert_int_equal(mark, 5);
	expect_ok("set=1\n\n");
	assert_false(wg_uapi_broken(u));
}

static void
test_broken(void **state)
{
	char line[WG_UAPI_LINE_MAX + 8];

	(void)state;
	wg_uapi_feed(u, r.now, bytes_str("get=2\n"));
	assert_true(wg_uapi_broken(u));
	assert_int_equal(wg_uapi_reply(u).n, 11);
	teardown(NULL);
	setup(NULL);
	wg_uapi_feed(u, r.now, bytes_str("set=1\n"));
	memset(line, 'a', sizeof(line));
	assert_int_equal(wg_uapi_feed(u, r.now, bytes_of(line,
	    sizeof(line))), WG_UAPI_LINE_MAX + 1);
	assert_true(wg_uapi_broken(u));
}

/* Two requests in one read: the second waits for the first's reply. */
static void
test_pipelined(void **state)
{
	const char *two = "set=1\nfwmark=1\n\nset=1\nfwmark=2\n\n";
	size_t took = wg_uapi_feed(u, r.now, bytes_str(two));

	(void)state;
	assert_int_equal(took, 16);
	assert_int_equal(mark, 1);
	wg_uapi_sent(u);
	took += wg_uapi_feed(u, r.now, bytes_str(two + took));
	assert_int_equal(took, 32);
	assert_int_equal(mark, 2);
}

/* What the client prints, the server takes; what it says, the client reads. */
static void
test_round_trip(void **state)
{
	struct wg_uapi_device_set dev = { .has_private_key = true,
	    .has_listen_port = true, .listen_port = 7, .has_fwmark = true,
	    .fwmark = 0xffffffff, .replace_peers = true };
	struct wg_allowed allowed[3] = { 0 };
	struct wg_peer_set p = { .has_psk = true, .has_endpoint = true,
	    .has_keepalive = true, .keepalive = 25, .replace_allowed = true,
	    .allowed = allowed, .n_allowed = 3 };
	struct wg_uapi_dump dump;
	struct text t;

	(void)state;
	assert_true(wg_key_from_hex(dev.private_key, bytes_str(KEY_A)));
	memset(p.psk, 3, 32);
	assert_true(wg_endpoint_parse(&p.endpoint,
	    bytes_str("[fe80::7%4]:99")));
	allowed[0].prefix = rig_net("10.0.0.0/8");
	allowed[1].prefix = rig_net("::/0");
	allowed[2].prefix = rig_net("0.0.0.0/0");
	text_init(&t, 1 << 20);
	wg_uapi_print_set(&t, &dev);
	for (uint8_t i = 0; i < 100; i++) {
		memset(p.public_key, 1 + i, 32);
		wg_uapi_print_peer(&t, &p);
	}
	p.remove = true;
	wg_uapi_print_peer(&t, &p);	/* the last again */
	wg_uapi_print_end(&t);
	assert_false(t.bad);
	assert_int_equal(wg_uapi_feed(u, r.now, bytes_of(t.s, t.n)), t.n);
	assert_int_equal(wg_uapi_dump_parse(&dump, wg_uapi_reply(u)), 0);
	assert_int_equal(dump.error, 0);
	wg_uapi_dump_done(&dump);
	wg_uapi_sent(u);
	text_done(&t);

	wg_uapi_feed(u, r.now, bytes_str("get=1\n\n"));
	for (size_t n = 0; n < wg_uapi_reply(u).n; n += 97)
		assert_int_equal(wg_uapi_dump_parse(&dump,
		    bytes_of(wg_uapi_reply(u).p, n)), -EAGAIN);
	assert_int_equal(wg_uapi_dump_parse(&dump, wg_uapi_reply(u)), 0);
	assert_true(dump.has_private_key);
	assert_int_equal(dump.listen_port, 7);
	assert_int_equal(dump.fwmark, 0xffffffff);
	assert_int_equal(dump.n_peers, 99);
	/* All had the same prefixes: the last one made got them. */
	assert_int_equal(dump.n_allowed, 0);
	for (uint8_t i = 0; i < 99; i++) {
		const struct wg_peer_info *in = &dump.peers[i].info;

		assert_int_equal(in->public_key[9], 1 + i);
		assert_memory_equal(in->psk, p.psk, 32);
		assert_int_equal(in->keepalive, 25);
		assert_true(wg_endpoint_eq(&in->endpoint, &p.endpoint));
	}
	wg_uapi_dump_done(&dump);
}

static void
test_dump_errors(void **state)
{
	static const char *const bad[] = {
		"errno=0\n\nerrno=0\n\n", "errno=\n\n", "errno=x\n\n",
		"\n\n", "listen_port=1\n\n", "listen_port=70000\nerrno=0\n\n",
		"junk\nerrno=0\n\n", "public_key=1\nerrno=0\n\n",
		"public_key=" KEY_B "\nrx_bytes=a\nerrno=0\n\n",
		"public_key=" KEY_B "\nallowed_ip=1\nerrno=0\n\n",
	};
	struct wg_uapi_dump dump;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(wg_uapi_dump_parse(&dump,
		    bytes_str(bad[i])), -EPROTO);
	assert_int_equal(wg_uapi_dump_parse(&dump, bytes_str("errno=0\n")),
	    -EAGAIN);
	assert_int_equal(wg_uapi_dump_parse(&dump, bytes_str("")), -EAGAIN);
	/* Either sign; words of tomorrow are passed over. */
	assert_int_equal(wg_uapi_dump_parse(&dump,
	    bytes_str("later=1\nerrno=-98\n\n")), 0);
	assert_int_equal(dump.error, 98);
	wg_uapi_dump_done(&dump);
	assert_int_equal(wg_uapi_dump_parse(&dump,
	    bytes_str("errno=22\n\n")), 0);
	assert_int_equal(dump.error, 22);
	wg_uapi_dump_done(&dump);
}

/* Each allocation of a get and of a dump made to fail. */
static void
test_no_memory(void **state)
{
	static const char text[] = "public_key=" KEY_B "\n"
	    "allowed_ip=10.0.0.0/8\nerrno=0\n\n";
	struct wg_uapi_dump dump;
	int err = -ENOMEM;

	(void)state;
	for (long i = 0; err == -ENOMEM; i++) {
		mem_fail_after(i);
		err = wg_uapi_dump_parse(&dump, bytes_str(text));
		mem_fail_after(-1);
		assert_true(i < 10);
	}
	assert_int_equal(err, 0);
	wg_uapi_dump_done(&dump);
	mem_fail_after(0);
	wg_uapi_feed(u, r.now, bytes_str("get=1\n\n"));
	mem_fail_after(-1);
	assert_true(wg_uapi_broken(u));
}

#define T(f)	cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_set_and_get), T(test_get_empty), T(test_flags),
		T(test_errors), T(test_broken), T(test_pipelined),
		T(test_round_trip), T(test_dump_errors), T(test_no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

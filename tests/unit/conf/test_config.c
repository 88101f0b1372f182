/* SPDX-License-Identifier: ISC */
#include "world.h"

#include "base/time.h"

#define KEY1	"xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
#define KEY2	"TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0="

static const struct conf_proto *
proto(const struct config *c, const char *name)
{
	const struct conf_proto *p = config_proto(c, name);

	assert_non_null(p);
	return p;
}

static const struct conf_channel *
channel(const struct config *c, const char *name, enum net_kind kind)
{
	const struct conf_channel *h =
	    conf_proto_channel(proto(c, name), kind);

	assert_non_null(h);
	return h;
}

static bool
is_ip(struct ip a, const char *text)
{
	struct ip b;

	assert_true(ip_parse(text, &b));
	return ip_eq(a, b);
}

/* The VPS of the first job, word for word but for the keys. */
static const char vps[] =
"router id 10.0.0.1;\n"
"protocol device {}\n"
"protocol kernel { graceful restart; ipv4 { export all; import none; }; }\n"
"protocol wireguard wg0 {\n"
"    private key file \"/etc/warren/wg0.key\"; listen port 51820; "
    "address 10.0.0.1/24; forward yes;\n"
"    peer \"east\" { public key \"" KEY1 "\"; allowed ips 10.0.0.10/32; };\n"
"    peer \"west\"   { public key \"" KEY2 "\"; allowed ips 10.0.0.11/32; };\n"
"    ipv4 { import all; export where source = RTS_BGP; };\n"
"}\n"
"template bgp home { local 10.0.0.1 as 65000; graceful restart on; "
    "ipv4 { import all; export where source = RTS_BGP; }; }\n"
"protocol bgp east from home { neighbor 10.0.0.10 as 65010; }\n"
"protocol bgp west   from home { neighbor 10.0.0.11 as 65011; }\n";

/* The example of BIRD's guide. */
static void
test_rpki(void **state)
{
	struct config *c = good("roa4 table r4;\nroa6 table r6;\n"
	    "protocol rpki { debug all; roa4 { table r4; }; "
	    "roa6 { table r6; }; remote \"rtr.example.org\" port 8282; "
	    "retry keep 5; refresh keep 30; expire 600; "
	    "transport tcp { authentication md5; password \"x\"; }; }\n"
	    "protocol rpki two { roa6 { table r6; }; remote 2001:db8::1; "
	    "ignore max length; local address 2001:db8::2; }");
	const struct conf_rpki *r = &proto(c, "rpki1")->rpki;

	(void)state;
	assert_string_equal(r->remote_host, "rtr.example.org");
	assert_int_equal(r->port, 8282);
	assert_true(r->retry == SECONDS(5) && r->retry_keep);
	assert_true(r->refresh == SECONDS(30) && r->refresh_keep);
	assert_true(r->expire == SECONDS(600) && !r->expire_keep);
	assert_string_equal(r->password, "x");
	assert_int_equal(channel(c, "rpki1", NET_ROA4)->preference, 100);
	r = &proto(c, "two")->rpki;
	assert_true(is_ip(r->remote_ip, "2001:db8::1"));
	assert_true(is_ip(r->local_ip, "2001:db8::2"));
	assert_int_equal(r->port, 323);
	assert_int_equal(r->version_max, 1);
	assert_true(r->expire == SECONDS(7200) && r->ignore_max_length);
	assert_null(r->password);
	config_free(c);
}

static void
test_the_vps(void **state)
{
	struct config *c = good(vps);
	const struct conf_proto *p;

	(void)state;
	assert_int_equal(c->router_id, 0x0a000001);
	assert_string_equal(c->files[c->protocols->at.file], "a");
	p = proto(c, "device1");
	assert_true(p->unnamed);
	assert_int_equal(p->kind, CONF_DEVICE);
	p = proto(c, "kernel1");
	assert_true(p->kernel.graceful_restart);
	assert_int_equal(p->kernel.table, 254);
	assert_int_equal(p->channels->import.kind, CONF_POLICY_NONE);
	assert_int_equal(p->channels->export.kind, CONF_POLICY_ALL);
	assert_ptr_equal(p->channels->table, c->master4);
	p = proto(c, "wg0");
	assert_string_equal(p->wg.iface, "wg0");
	assert_string_equal(p->wg.private_key.file, "/etc/warren/wg0.key");
	assert_int_equal(p->wg.listen_port, 51820);
	assert_true(p->wg.forward);
	assert_false(p->wg.masquerade);
	assert_int_equal(p->wg.addrs->len, 24);
	assert_int_equal(p->wg.n_peers, 2);
	assert_string_equal(p->wg.peers->name, "east");
	assert_false(p->wg.peers->allowed_any);
	assert_int_equal(p->wg.peers->allowed->net.len, 32);
	assert_int_equal(p->wg.peers->public_key[0], 0xc5);
	assert_string_equal(p->wg.peers->next->name, "west");
	assert_null(config_proto(c, "home"));
	p = proto(c, "west");
	assert_string_equal(p->from, "home");
	assert_int_equal(p->bgp.local_as, 65000);
	assert_int_equal(p->bgp.remote_as, 65011);
	assert_int_equal(p->bgp.graceful_restart, CONF_GR_ON);
	assert_int_equal(p->bgp.hold_time, SECONDS(240));
	assert_int_equal(p->bgp.multihop, 0);
	assert_false(p->bgp.internal);
	assert_non_null(channel(c, "west", NET_IP4)->export.filter);
	assert_ptr_equal(p->next, NULL);
	config_free(c);
}

static void
test_neighbor_of_a_tunnel(void **state)
{
	struct config *c = good(
	    "protocol wireguard wg0 { private key file \"k\";\n"
	    " peer east { public key \"" KEY1 "\"; }; }\n"
	    "protocol bgp b { local as 1; neighbor wireguard \"wg0\" \"east\" "
	    "as 2; ipv4 { import all; export all; }; }");
	const struct conf_bgp *b = &proto(c, "b")->bgp;

	(void)state;
	assert_ptr_equal(b->wg, &proto(c, "wg0")->wg);
	assert_ptr_equal(b->wg_to, b->wg->peers);
	assert_true(b->wg_to->allowed_any);
	assert_string_equal(b->iface, "wg0");
	assert_int_equal(b->remote_as, 2);
	assert_int_equal(channel(c, "b", NET_IP4)->extended_next_hop,
	    CONF_ON);
	config_free(c);
	says("protocol bgp b { local as 1; neighbor wireguard \"wg0\" \"x\" "
	    "as 2; ipv4 { import all; export all; }; }",
	    "1:39: no protocol wireguard has the interface 'wg0'\n");
	says("protocol wireguard w { private key file \"k\"; }\n"
	    "protocol bgp b { local as 1; neighbor wireguard \"w\" \"x\" "
	    "as 2; ipv4 { import all; export all; }; }",
	    "2:39: protocol wireguard 'w' has no peer 'x'\n");
}

static void
test_wireguard(void **state)
{
	struct config *c = good(
	    "protocol wireguard x { interface \"wg0\"; private key \"" KEY1
	    "\"; fwmark 0x77; address 10.255.255.2/30; "
	    "address fdb7:1dec:4d21:ff::1/64; link local fe80::1; mtu 1400; "
	    "backend userspace; masquerade; clamp mss; "
	    "invite pool 10.0.0.64/26, fd00::/112; "
	    "invite endpoint \"vps.example.net:51820\";\n"
	    "peer \"p\" { public key \"" KEY2 "\"; preshared key \"" KEY1
	    "\"; endpoint \"[2001:db8::1]:5\"; persistent keepalive 25; "
	    "allowed ips 10.0.0.30/32, fd00::30; }; ipv6; }");
	const struct conf_wireguard *w = &proto(c, "x")->wg;

	(void)state;
	assert_string_equal(w->iface, "wg0");
	assert_null(w->private_key.file);
	assert_int_equal(w->private_key.key[0], 0xc5);
	assert_int_equal(w->private_key.key[31], 0x38);
	assert_int_equal(w->fwmark, 0x77);
	assert_true(is_ip(w->addrs->ip, "10.255.255.2"));
	assert_int_equal(w->addrs->next->len, 64);
	assert_int_equal(w->link_local, CONF_LL_FIXED);
	assert_int_equal(w->mtu, 1400);
	assert_int_equal(w->backend, CONF_BACKEND_USERSPACE);
	assert_true(w->masquerade && w->clamp_mss && !w->forward);
	assert_int_equal(w->invite_pool->next->net.len, 112);
	assert_string_equal(w->invite_host, "vps.example.net");
	assert_string_equal(w->peers->endpoint_host, "2001:db8::1");
	assert_int_equal(w->peers->endpoint_port, 5);
	assert_int_equal(w->peers->keepalive, 25);
	assert_false(w->peers->allowed_any);
	assert_int_equal(w->peers->allowed->next->net.len, 128);
	assert_int_equal(channel(c, "x", NET_IP6)->import.kind,
	    CONF_POLICY_ALL);
	config_free(c);
}

static const struct conf_wg_peer *
peer_named(const struct conf_wireguard *w, const char *name)
{
	const struct conf_wg_peer *p = w->peers;

	while (p != NULL && strcmp(p->name, name) != 0)
		p = p->next;
	assert_non_null(p);
	return p;
}

/* What stands in quotes in the examples is taken without them, too. */
static void
test_wireguard_without_quotes(void **state)
{
	struct config *c = good("define EP = \"c.example:3\";\n"
	    "protocol wireguard w { private key file \"k\";\n"
	    "invite endpoint vps-1.example.net:51820;\n"
	    "peer a { public key \"" KEY2 "\"; endpoint 192.0.2.1:5; "
	    "allowed ips none; };\n"
	    "peer b { public key \"" KEY1 "\"; endpoint [2001:db8::1]:6 ; "
	    "allowed ips none; };\n"
	    "peer c { public key "
	    "\"hSDwCYkwp1R0i33ctD73Wg2/Og0mOBr066SpjqqbTmo=\"; endpoint EP; "
	    "allowed ips none; }; }\n"
	    "protocol bgp x { local as 1; neighbor wireguard w b internal; "
	    "ipv4; }");
	const struct conf_wireguard *w = &proto(c, "w")->wg;

	(void)state;
	assert_string_equal(w->invite_host, "vps-1.example.net");
	assert_int_equal(w->invite_port, 51820);
	assert_string_equal(peer_named(w, "a")->endpoint_host, "192.0.2.1");
	assert_int_equal(peer_named(w, "a")->endpoint_port, 5);
	assert_string_equal(peer_named(w, "b")->endpoint_host, "2001:db8::1");
	assert_int_equal(peer_named(w, "b")->endpoint_port, 6);
	assert_string_equal(peer_named(w, "c")->endpoint_host, "c.example");
	assert_string_equal(proto(c, "x")->bgp.wg_peer, "b");
	config_free(c);
}

static struct config *
import(const char *file, const char *block, const char *want)
{
	struct world w[] = {
		{ "/etc/w.conf", block }, { "/etc/wg/a", file },
		{ NULL, NULL }
	};
	struct config *c;
	struct text out;

	text_init(&out, 1 << 20);
	c = world_parse(w, &out);
	assert_string_equal(out.s, want);
	text_done(&out);
	return c;
}

static const char quick[] =
    "# a comment\n"
    "[Interface]\n"
    "PrivateKey = " KEY1 "\r\n"
    "address=10.0.0.1/24, fd00::1/64 # two\n"
    "ListenPort = 51820\nFwMark = 0xCa6c\nMTU = 1380\nTable = off\n"
    "\n"
    "[Peer]\n"
    "PublicKey = " KEY2 "\n"
    "AllowedIPs = 10.0.0.7/24,::/0\nAllowedIPs = 192.0.2.1\n"
    "Endpoint = host.example:1\nPersistentKeepalive = 20\n";

static void
test_wg_quick(void **state)
{
	struct config *c = import(quick,
	    "protocol wireguard a { config file \"wg/a\"; }", "");
	const struct conf_wireguard *w = &proto(c, "a")->wg;

	(void)state;
	assert_int_equal(w->private_key.key[0], 0xc5);
	assert_int_equal(w->listen_port, 51820);
	assert_int_equal(w->fwmark, 0xca6c);
	assert_int_equal(w->mtu, 1380);
	assert_int_equal(w->table, CONF_WG_TABLE_OFF);
	assert_int_equal(w->addrs->next->len, 64);
	assert_string_equal(w->peers->name, "peer1");
	assert_int_equal(w->peers->keepalive, 20);
	assert_true(is_ip(w->peers->allowed->net.ip, "10.0.0.0"));
	assert_int_equal(w->peers->allowed->next->next->net.len, 32);
	assert_string_equal(w->peers->endpoint_host, "host.example");
	config_free(c);
}

static void
test_what_stands_below_overrides(void **state)
{
	struct config *c = import(quick,
	    "protocol wireguard a { config file \"/etc/wg/a\"; mtu 1300;\n"
	    "address 10.9.0.1/32; peer east { public key \"" KEY2 "\";"
	    "persistent keepalive off; }; }", "");
	const struct conf_wireguard *w = &proto(c, "a")->wg;

	(void)state;
	assert_int_equal(w->mtu, 1300);
	assert_true(is_ip(w->addrs->ip, "10.9.0.1"));
	assert_null(w->addrs->next);
	assert_int_equal(w->n_peers, 1);
	assert_string_equal(w->peers->name, "east");
	assert_int_equal(w->peers->keepalive, 0);
	assert_int_equal(w->peers->endpoint_port, 1);
	assert_non_null(w->peers->allowed);
	config_free(c);
}

static void
test_wg_quick_trouble(void **state)
{
	static const char block[] =
	    "protocol wireguard a { config file \"wg/a\"; }";
	struct config *c;

	(void)state;
	assert_null(import("[Interface]\nPrivateKey = abc\nFoo = 1\n"
	    "[Pear]\nBar\n", block,
	    "/etc/wg/a:2:14: this is no WireGuard key, which is 44 characters "
	    "of base64\n  PrivateKey =****\n               ^~~\n"
	    "/etc/wg/a:3:1: unknown key 'Foo'\n  Foo = 1\n  ^~~\n"
	    "/etc/wg/a:4:1: expected [Interface] or [Peer]\n  [Pear]\n"
	    "  ^~~~~~\n"
	    "/etc/wg/a:5:1: expected 'Key = value'\n  Bar\n  ^~~\n"));
	c = import("[Interface]\nPrivateKey = " KEY1 "\nDNS = 1.1.1.1\n"
	    "PostUp = rm -rf /\n", block,
	    "/etc/wg/a:3:7: warning: Warren does not serve 'DNS': the "
	    "resolver is left as it is\n  DNS = 1.1.1.1\n        ^~~~~~~\n"
	    "/etc/wg/a:4:10: warning: the hooks of this file do not run "
	    "without 'run hooks'\n  PostUp = rm -rf /\n"
	    "           ^~~~~~~~\n");
	assert_string_equal(proto(c, "a")->wg.post_up->s, "rm -rf /");
	config_free(c);
}

static void
test_templates(void **state)
{
	struct config *c = good(
	    "template bgp t { local as 1; hold time 30; ipv4 { import none; "
	    "export none; import limit 10; }; }\n"
	    "template bgp u from t { hold time 40; ipv6 { import none; "
	    "export none; }; }\n"
	    "protocol bgp a from u { neighbor 10.0.0.2 as 2; "
	    "ipv4 { import all; }; }\n"
	    "protocol bgp b from a { neighbor 10.0.0.3 as 3; "
	    "hold time 50; }\n"
	    "protocol bgp d from t { neighbor 10.0.0.4 as 1; }");

	(void)state;
	assert_int_equal(proto(c, "a")->bgp.hold_time, SECONDS(40));
	assert_int_equal(proto(c, "b")->bgp.hold_time, SECONDS(50));
	assert_int_equal(proto(c, "d")->bgp.hold_time, SECONDS(30));
	assert_int_equal(channel(c, "a", NET_IP4)->import.kind,
	    CONF_POLICY_ALL);
	assert_int_equal(channel(c, "b", NET_IP4)->import_limit.max, 10);
	assert_int_equal(channel(c, "d", NET_IP4)->import.kind,
	    CONF_POLICY_NONE);
	assert_null(conf_proto_channel(proto(c, "d"), NET_IP6));
	assert_true(proto(c, "d")->bgp.internal);
	assert_int_equal(proto(c, "d")->bgp.multihop, 64);
	assert_int_equal(channel(c, "d", NET_IP4)->gateway,
	    CONF_GW_RECURSIVE);
	assert_int_equal(channel(c, "a", NET_IP4)->gateway, CONF_GW_DIRECT);
	config_free(c);
}

static void
test_default_names(void **state)
{
	struct config *c = good("protocol device {}\n"
	    "protocol kernel kernel2 { ipv4; }\n"
	    "protocol kernel { ipv6; }\n"
	    "protocol kernel { kernel table 5; ipv4; }");

	(void)state;
	assert_non_null(config_proto(c, "device1"));
	assert_non_null(config_proto(c, "kernel1"));
	assert_int_equal(proto(c, "kernel3")->kernel.table, 5);
	config_free(c);
}

static void
test_bgp_options(void **state)
{
	struct config *c = good("define MYAS = 4242420001;\n"
	    "protocol bgp 'peer-1' { local fe80::2 port 1179 as MYAS;\n"
	    "neighbor fe80::1%'wg-a' port 1180 as (MYAS + 1); passive;\n"
	    "error wait time 5, 60; password \"pw\"; ttl security on;\n"
	    "disable after cease { out of resources, peer deconfigured };\n"
	    "local role rs_client; allow local as; allow bgp_med;\n"
	    "min long lived stale time 5; hold time 3500 ms; path metric 0;\n"
	    "default bgp_local_pref 150; rs client; setkey no; bfd off;\n"
	    "router id 1.2.3.4; description \"d\"; disabled; debug all;\n"
	    "ipv4 { import none; export none; add paths tx; aigp originate;\n"
	    "extended next hop; next hop self ebgp; cost 7; mandatory;\n"
	    "gateway recursive; igp table master4; preference 120;\n"
	    "import limit 1000 action block; receive limit off;\n"
	    "import keep filtered; import table; link local next hop format "
	    "single; }; }");
	const struct conf_proto *p = proto(c, "peer-1");
	const struct conf_bgp *b = &p->bgp;
	const struct conf_channel *h = p->channels;

	(void)state;
	assert_true(p->disabled && b->passive && b->ttl_security);
	assert_int_equal(p->router_id, 0x01020304);
	assert_int_equal(p->debug, CONF_DEBUG_ALL);
	assert_string_equal(b->iface, "wg-a");
	assert_int_equal(b->local_port, 1179);
	assert_int_equal(b->remote_port, 1180);
	assert_int_equal(b->remote_as, 4242420002);
	assert_int_equal(b->error_wait_max, SECONDS(60));
	assert_string_equal(b->password, "pw");
	assert_int_equal(b->disable_after_cease, 1 << 8 | 1 << 3);
	assert_int_equal(b->local_role, CONF_ROLE_RS_CLIENT);
	assert_int_equal(b->allow_local_as, UINT32_MAX);
	assert_int_equal(b->hold_time, MILLISECONDS(3500));
	assert_false(b->path_metric || b->setkey || b->bfd);
	assert_true(b->allow_med && b->rs_client);
	assert_int_equal(h->add_paths, CONF_ADD_PATHS_TX);
	assert_true(h->aigp_originate && h->import_table && h->mandatory);
	assert_int_equal(h->extended_next_hop, CONF_ON);
	assert_int_equal(h->next_hop_self, CONF_NH_EBGP);
	assert_int_equal(h->next_hop_keep, CONF_NH_YES);
	assert_int_equal(h->import_limit.action, CONF_LIMIT_BLOCK);
	assert_int_equal(h->receive_limit.action, CONF_LIMIT_NONE);
	assert_int_equal(h->link_local_format, CONF_LL_SINGLE);
	assert_true(h->keep_filtered);
	assert_int_equal(h->preference, 120);
	config_free(c);
}

static void
test_static_routes(void **state)
{
	struct config *c = good("define NET = 172.20.0.0/27;\n"
	    "protocol static s { ipv4;\n"
	    "route NET reject;\n"
	    "route 10.0.0.0/8 via 10.1.1.1 weight 2 via 10.1.1.2%eth0 onlink "
	    "weight 3;\n"
	    "route 10.0.1.0/24 via \"eth0\";\n"
	    "route 10.0.2.0/24 recursive 10.1.1.1 { preference = 5; };\n"
	    "route 10.0.3.0/24 via fe80::1%'wg-a';\n"
	    "route 10.0.4.0/24 via 10.1.1.2 dev \"eth1\"; }\n"
	    "roa4 table r; protocol static q { roa4 { table r; };\n"
	    "route 10.0.0.0/8 max 24 as 65000; route 10.0.0.0/8 as 0; }");
	const struct conf_route *r = proto(c, "s")->stat.routes;

	(void)state;
	assert_int_equal(proto(c, "s")->stat.n_routes, 6);
	assert_int_equal(r->dest, CONF_DEST_UNREACHABLE);
	assert_int_equal(r->net.len, 27);
	r = r->next;
	assert_int_equal(r->vias->weight, 2);
	assert_string_equal(r->vias->next->iface, "eth0");
	assert_true(r->vias->next->onlink);
	r = r->next;
	assert_true(ip_is_none(r->vias->gw));
	r = r->next;
	assert_int_equal(r->dest, CONF_DEST_RECURSIVE);
	assert_non_null(r->filter);
	r = r->next;
	assert_true(is_ip(r->vias->gw, "fe80::1"));
	assert_string_equal(r->next->vias->iface, "eth1");
	r = proto(c, "q")->stat.routes;
	assert_int_equal(r->net.kind, NET_ROA4);
	assert_int_equal(r->net.max, 24);
	assert_int_equal(r->net.asn, 65000);
	assert_int_equal(r->next->net.max, 8);
	config_free(c);
}

static void
test_globals(void **state)
{
	struct config *c = good(
	    "log \"/var/log/w\" 10000 \"/var/log/w.old\" { info, fatal };\n"
	    "log syslog name \"w\" all; log udp 10.0.0.1 port 99 { bug };\n"
	    "debug protocols { states, packets }; debug latency off;\n"
	    "timeformat protocol iso long; timeformat base \"%F\" 60 \"%Y\";\n"
	    "router id from \"eth*\", -10.0.0.0/8; hostname \"h\";\n"
	    "graceful restart wait 60 s; watchdog warning 5 s;\n"
	    "ipv4 table master4 { sorted; }; roa6 table r { gc period 5; };\n"
	    "attribute int mine; ;");

	(void)state;
	assert_int_equal(c->logs->limit, 10000);
	assert_int_equal(c->logs->classes, CONF_LOG_INFO | CONF_LOG_FATAL);
	assert_int_equal(c->logs->next->classes, CONF_LOG_ALL);
	assert_int_equal(c->logs->next->next->port, 99);
	assert_int_equal(c->debug_protocols,
	    CONF_DEBUG_STATES | CONF_DEBUG_PACKETS);
	assert_string_equal(c->tf_protocol.recent, "%F %T");
	assert_int_equal(c->tf_base.limit, SECONDS(60));
	assert_string_equal(c->router_id_from->name, "eth*");
	assert_true(c->router_id_from->next->negative);
	assert_int_equal(c->graceful_wait, SECONDS(60));
	assert_true(c->master4->sorted && !c->master6->sorted);
	assert_int_equal(config_table(c, "r")->kind, NET_ROA6);
	assert_string_equal(c->attributes->name, "mine");
	assert_int_equal(config_symbol(c, "master6")->kind, CONF_SYM_TABLE);
	config_free(c);
}

static void
test_device_direct_pipe(void **state)
{
	struct config *c = good("ipv4 table t; roa4 table q; roa4 table r;\n"
	    "protocol device { scan time 7; interface \"eth0\" "
	    "{ preferred 10.0.0.1; preferred fe80::1; }; }\n"
	    "protocol direct { ipv4; interface \"eth*\", -\"lo\"; "
	    "interface \"wg*\" 10.0.0.0/8; check link; }\n"
	    "protocol pipe { table t; peer table master4; import none; "
	    "export all; }\n"
	    "protocol pipe { peer table r; roa4 { table q; }; }");
	const struct conf_pattern *t = proto(c, "direct1")->direct.patterns;

	(void)state;
	assert_int_equal(proto(c, "device1")->device.scan_time, SECONDS(7));
	assert_true(is_ip(proto(c, "device1")->device.ifaces->preferred4,
	    "10.0.0.1"));
	assert_true(t->next->negative);
	assert_int_equal(t->next->next->net.len, 8);
	assert_string_equal(channel(c, "pipe1", NET_IP4)->table->name, "t");
	assert_ptr_equal(proto(c, "pipe1")->pipe.peer, c->master4);
	assert_int_equal(proto(c, "pipe2")->channels->kind, NET_ROA4);
	config_free(c);
}

/* As on the web page of a man who had BIRD 1.6. */
static void
test_one_family(void **state)
{
	struct world w[] = { { "a",
	    "router id 172.16.0.1;\n"
	    "protocol kernel {\n scan time 20;\n import none;\n"
	    " export filter {\n  if source = RTS_STATIC then reject;\n"
	    "  krt_prefsrc = 172.16.0.1;\n  accept;\n };\n};\n"
	    "protocol device {\n scan time 60;\n}\n"
	    "protocol direct {\n interface \"*\";\n}\n"
	    "protocol bgp {\n local as 65001;\n neighbor 10.0.0.2 as 65001;\n"
	    " graceful restart;\n direct;\n import all;\n export all;\n"
	    " next hop self;\n igp table master4;\n igp metric off;\n}\n" },
	    { NULL, NULL } };
	struct config *c;
	struct text out;

	(void)state;
	text_init(&out, 1 << 16);
	c = world_parse(w, &out);
	assert_string_equal(out.s, "a:4:2: warning: 'import' outside of a "
	    "channel: taken for IPv4, as in BIRD 1.6\n   import none;\n"
	    "   ^~~~~~\n");
	text_done(&out);
	assert_non_null(channel(c, "kernel1", NET_IP4)->export.filter);
	assert_int_equal(channel(c, "bgp1", NET_IP4)->export.kind,
	    CONF_POLICY_ALL);
	assert_int_equal(channel(c, "bgp1", NET_IP4)->next_hop_self,
	    CONF_NH_YES);
	assert_int_equal(proto(c, "bgp1")->bgp.multihop, 0);
	assert_non_null(channel(c, "direct1", NET_IP4));
	config_free(c);
}

static void
test_includes(void **state)
{
	struct world w[] = {
		{ "/etc/w.conf", "roa4 table r;\nprotocol static {\n"
		    "roa4 { table r; };\ninclude \"roa/*\";\n};\n" },
		{ "/etc/roa/1", "route 10.0.0.0/8 as 1;\n" },
		{ "/etc/roa/2", "route 11.0.0.0/8 as 2;\n" },
		{ NULL, NULL }
	};
	struct config *c;
	struct text out;

	(void)state;
	text_init(&out, 1 << 16);
	c = world_parse(w, &out);
	assert_string_equal(out.s, "");
	text_done(&out);
	assert_int_equal(proto(c, "static1")->stat.n_routes, 2);
	assert_string_equal(
	    c->files[proto(c, "static1")->stat.routes->next->at.file],
	    "/etc/roa/2");
	config_free(c);
}

/* Every allocation fails once: no crash, and never half a configuration. */
static void
test_out_of_memory(void **state)
{
	struct world w[] = { { "a", vps }, { NULL, NULL } };
	const struct conf_io io = { w, world_read, world_glob };
	struct config *c = NULL;
	long n = 0;

	(void)state;
	for (; c == NULL && n < 10000; n++) {
		struct diag_list *d = diag_list_new(10);

		mem_fail_after(n);
		c = conf_parse(&io, "a", d);
		mem_fail_after(-1);
		diag_list_free(d);
	}
	assert_non_null(c);
	assert_true(n > 10);
	config_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rpki),
		cmocka_unit_test(test_the_vps),
		cmocka_unit_test(test_neighbor_of_a_tunnel),
		cmocka_unit_test(test_wireguard),
		cmocka_unit_test(test_wireguard_without_quotes),
		cmocka_unit_test(test_wg_quick),
		cmocka_unit_test(test_what_stands_below_overrides),
		cmocka_unit_test(test_wg_quick_trouble),
		cmocka_unit_test(test_templates),
		cmocka_unit_test(test_default_names),
		cmocka_unit_test(test_bgp_options),
		cmocka_unit_test(test_static_routes),
		cmocka_unit_test(test_globals),
		cmocka_unit_test(test_device_direct_pipe),
		cmocka_unit_test(test_one_family),
		cmocka_unit_test(test_includes),
		cmocka_unit_test(test_out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

#!/bin/bash
# SPDX-License-Identifier: ISC
# warrend over the kernel's WireGuard, toward a warren-wg and toward another
# kernel's: BGP fills the allowed ips, prefixes move and go, warrend dies and
# adopts, the link is taken away under its hands.
. "$(dirname "$0")/../netns/lib.sh"
need wg ping
patience=180	# the guest may be an emulated machine

if ! ip link add wgtry type wireguard; then
	skip "$NAME" "the kernel has no WireGuard"
	exit 0
fi
ip link del wgtry

host hub one two
link hub eth1 one eth0 198.51.100.1/24 198.51.100.2/24
link hub eth2 two eth0 203.0.113.1/24 203.0.113.2/24
for h in hub one two; do
	(umask 077; wg genkey > "$TMP/fs/$h/etc/wg0.key")
done
key() { wg pubkey < "$TMP/fs/$1/etc/wg0.key"; }
link hub lan0 hub lan1 10.77.1.1/24

# home NAME AS BACKEND ENDPOINT LAN: a home, with 192.168.50.0/24 as well.
home() {
	cat > "$TMP/fs/$1/etc/warren.conf" <<C
router id 10.0.0.$(($2 - 65000));
log stderr all;
protocol device {}
protocol kernel { graceful restart; ipv4 { export where source = RTS_BGP; }; }
protocol static lan { ipv4; route $5 unreachable; }
protocol static both { ipv4; route 192.168.50.0/24 unreachable; }
protocol wireguard wg0 {
	private key file "/etc/warren/wg0.key"; backend $3;
	address 10.9.0.$(($2 - 65000))/24;
	peer "hub" { public key "$(key hub)"; endpoint "$4:51820";
		persistent keepalive 25; };
	ipv4 { export where source = RTS_BGP; };
}
protocol bgp hub {
	local as $2; neighbor wireguard "wg0" "hub" as 65000;
	graceful restart on;
	ipv4 { import all; export where source = RTS_STATIC; };
}
C
}
home one 65001 userspace 198.51.100.1 192.168.1.0/24
home two 65002 auto 203.0.113.1 192.168.2.0/24
cat > "$TMP/fs/hub/etc/warren.conf" <<C
router id 10.0.0.100;
log stderr all;
protocol device {}
protocol direct { ipv4; interface "lan0"; }
protocol kernel { graceful restart; ipv4 { export where source = RTS_BGP; }; }
protocol wireguard wg0 {
	private key file "/etc/warren/wg0.key"; listen port 51820;
	backend kernel; address 10.9.0.100/24;
	peer "one" { public key "$(key one)"; allowed ips 10.9.0.1/32; };
	peer "two" { public key "$(key two)"; allowed ips 10.9.0.2/32; };
	ipv4 { import all; export where source = RTS_BGP; };
}
template bgp home {
	local as 65000; graceful restart on;
	ipv4 { import all; export where source = RTS_DEVICE; };
}
protocol bgp one from home { neighbor wireguard "wg0" "one" as 65001;
	ipv4 { import filter { preference = 200; accept; }; }; }
protocol bgp two from home { neighbor wireguard "wg0" "two" as 65002; }
C

for h in hub one two; do start $h $h warrend -f; done
route() { ip -n "$1" route show "$2" | grep -q wg0; }
# has PEER PREFIX: is it among the peer's allowed ips on the hub?
has() {
	on hub wg show wg0 allowed-ips | grep -F "$(key "$1")" |
		grep -qF " $2" ||
	on hub wg show wg0 allowed-ips | grep -F "$(key "$1")" |
		grep -qF "	$2"
}
is_kernel() { ip -n "$1" -d link show wg0 | grep -q ' wireguard '; }

check route_one wait_for 'route hub 192.168.1.0/24' 40 || exit 1
check route_two wait_for 'route hub 192.168.2.0/24' 40
check back_one wait_for 'route one 10.77.1.0/24' 20
check kernel_asked is_kernel hub
check kernel_auto is_kernel two
if is_kernel one; then not_ok userspace "a kernel device"; else ok userspace; fi
check allowed_one wait_for 'has one 192.168.1.0/24' 10
check allowed_two wait_for 'has two 192.168.2.0/24' 10
check prefers_one wait_for 'has one 192.168.50.0/24' 10
check ping_one on one ping -c 2 -W 5 10.77.1.1
check ping_two on two ping -c 2 -W 5 10.77.1.1
# Who answers through a kernel's device is alive, and its MTU is looked at.
alive() { on "$1" "$BUILD/src/warren/warren" show tunnels |
	grep -c "liveness: alive"; }
check alive wait_for '[ "$(alive one) $(alive two)" = "1 1" ] &&
	[ "$(alive hub)" = 2 ]' 10

# warrend dies, and takes over what it had: not one packet, not one handshake.
on one ping -i 0.2 -c 50 -W 5 10.77.1.1 > "$TMP/ping" &
ping=$!
before=$(on hub wg show wg0 latest-handshakes)
stop hub KILL
: > "$TMP/one.log"
: > "$TMP/two.log"
sleep 1
start hub hub warrend -f
check adopt_one wait_for 'grep -q "Session established" $TMP/one.log' 40
check adopt_two wait_for 'grep -q "Session established" $TMP/two.log' 40
wait "$ping"
check adopt_none_lost grep -q ' 50 received' "$TMP/ping"
check adopt_same_session test "$before" = "$(on hub wg show wg0 latest-handshakes)"
check adopt_says grep -q 'wg0 is up, as it was found' "$TMP/hub.log"
check adopt_allowed wait_for 'has one 192.168.50.0/24 &&
	has two 192.168.2.0/24' 20

# A prefix moves to the other peer, and goes.
without() {
	sed -i '/^protocol static both/d' "$TMP/fs/$1/etc/warren.conf"
	kill -HUP "${pid[$1]}"
}
without one
check moves wait_for 'has two 192.168.50.0/24 && ! has one 192.168.50.0/24' 20
check moves_alone has one 192.168.1.0/24
without two
check goes wait_for '! has two 192.168.50.0/24' 20
check goes_alone has two 192.168.2.0/24
check goes_ping on two ping -c 2 -W 5 10.77.1.1

# The link is taken away: it is made again, and the homes find it.
ip -n hub link del wg0
check made_again wait_for 'is_kernel hub' 10
check made_ping wait_for 'on one ping -c 1 -W 2 10.77.1.1' 40
check made_allowed wait_for 'has one 192.168.1.0/24' 40

stop hub
check term_keeps is_kernel hub

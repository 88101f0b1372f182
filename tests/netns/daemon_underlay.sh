#!/bin/bash
# SPDX-License-Identifier: ISC
# The way of the outer packets: "mtu auto" follows it, and no route leads an
# endpoint into its own tunnel.
. "$(dirname "$0")/lib.sh"
need wg ping

host home gate vps
link home eth0 gate eth0 192.0.2.2/24 192.0.2.1/24
link gate eth1 vps eth0 203.0.113.1/24 203.0.113.2/24
ip -n home route add default via 192.0.2.1 metric 1000
ip -n vps route add default via 203.0.113.1
on gate sysctl -qw net.ipv4.ip_forward=1
for h in home vps; do
	(umask 077; wg genkey > "$TMP/fs/$h/etc/wg0.key")
done
key() { wg pubkey < "$TMP/fs/$1/etc/wg0.key"; }

cat > "$TMP/fs/vps/etc/warren.conf" <<C
router id 10.0.0.1;
log stderr all;
protocol device {}
protocol kernel { ipv4 { export all; }; }
protocol static { ipv4; route 0.0.0.0/0 blackhole; route 128.0.0.0/1 blackhole;
	route 203.0.113.0/25 blackhole; route 10.66.0.0/16 blackhole; }
filter none_here { if source = RTS_STATIC then reject; accept; }
protocol wireguard wg0 {
	private key file "/etc/warren/wg0.key"; listen port 51820;
	peer "home" { public key "$(key home)"; };
	ipv4 { export none; };
}
protocol bgp home {
	local as 65000; neighbor wireguard "wg0" "home" as 65010;
	ipv4 { import all; export where source = RTS_STATIC; };
}
C
sed -i 's/kernel { ipv4 { export all/kernel { ipv4 { export filter { if source = RTS_STATIC then reject; accept; }/
	/^filter/d' "$TMP/fs/vps/etc/warren.conf"
cat > "$TMP/fs/home/etc/warren.conf" <<C
router id 10.0.0.10;
log stderr all;
protocol device {}
protocol kernel { ipv4 { export all; }; }
protocol wireguard wg0 {
	private key file "/etc/warren/wg0.key";
	peer "vps" { public key "$(key vps)"; endpoint "203.0.113.2:51820";
		persistent keepalive 25; };
	ipv4 { export where source = RTS_BGP; };
}
protocol bgp vps {
	local as 65010; neighbor wireguard "wg0" "vps" as 65000;
	underlay guard off;
	ipv4 { import all; export none; };
}
C
mtu() { ip -n "$1" link show wg0 | grep -q " mtu $2 "; }
routed() { ip -n home route show "$1" | grep -q wg0; }

start vps vps warrend -f
start home home warrend -f
check session wait_for 'routed 10.66.0.0/16' 8
check mtu_of_ethernet wait_for 'mtu home 1440' 3
check mtu_of_hub wait_for 'mtu vps 1440' 3

# What would carry 203.0.113.2 itself comes, and leaves it alone.
own() { ip -n home route show 203.0.113.2 proto 87 | grep -q "$1"; }
check default wait_for 'routed default' 3
check half wait_for 'routed 128.0.0.0/1' 3
check part wait_for 'routed 203.0.113.0/25' 3
check own_way wait_for 'own "via 192.0.2.1 dev eth0"' 3
comes says grep -q '203.0.113.2: this endpoint gets a route of its own' \
	"$TMP/home.log"
check direct on home ping -c 1 -W 20 203.0.113.2

# A person's route for the endpoint is as good: ours makes way for it.
ip -n home route add 203.0.113.2 via 192.0.2.1
check theirs wait_for '! own via' 6
check then_direct on home ping -c 1 -W 20 203.0.113.2

# It goes again, and ours is there before the session notices.
ip -n home route del 203.0.113.2
check again wait_for 'own "via 192.0.2.1"' 5
# (Where that takes a second, liveness sees it, and the session is another.)
check again_session wait_for 'routed 10.66.0.0/16' 10
wait_for "on home \"$BUILD/src/warren/warren\" show tunnels |
	grep -q 'liveness: alive'" 10
sessions() { grep -c 'Session established' "$TMP/home.log"; }
was=$(sessions)

# The way gets narrower, by its link, and by what the route says.
ip -n home link set eth0 mtu 1400
check mtu_of_link wait_for 'mtu home 1340' 4
ip -n home route replace default via 192.0.2.1 metric 1000 mtu 1380
check mtu_of_route wait_for 'mtu home 1320' 4
ip -n home route replace default via 192.0.2.1 metric 1000
ip -n home link set eth0 mtu 1500
check mtu_back wait_for 'mtu home 1440' 4

# A number is a number.
sed -i 's/private key file/mtu 1300; &/' "$TMP/fs/home/etc/warren.conf"
kill -HUP "${pid[home]}"
check mtu_number wait_for 'mtu home 1300' 4
check once test "$(sessions)" = "$was"

# A change that nobody confirms goes away by itself, from tunnels too.
sed -i 's/mtu 1300/mtu 1290/; s/persistent keepalive 25/persistent keepalive 9/' \
	"$TMP/fs/home/etc/warren.conf"
ctl() { on home "$BUILD/src/warren/warren" "$@"; }
keepalive() { on home wg show wg0 persistent-keepalive | grep -q "	$1\$"; }
check unconfirmed ctl configure timeout 8
check unconfirmed_is_there wait_for 'mtu home 1290 && keepalive 9' 8
check undone wait_for 'mtu home 1300 && keepalive 25' 20
check confirmed ctl configure timeout 5
check confirm ctl configure confirm
sleep 6
check confirmed_stays eval 'mtu home 1290 && keepalive 9'
check once_still test "$(sessions)" = "$was"

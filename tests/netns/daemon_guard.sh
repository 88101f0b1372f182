#!/bin/bash
# SPDX-License-Identifier: ISC
# "underlay guard": what a neighbour behind a tunnel announces takes neither
# our LAN nor the way to itself, and the log says so.
. "$(dirname "$0")/lib.sh"
need wg nft

host home lan gate vps
link home eth0 gate eth0 192.0.2.2/24 192.0.2.1/24
link gate eth1 vps eth0 203.0.113.1/24 203.0.113.2/24
link home eth1 lan eth0 192.168.1.1/24 192.168.1.50/24
link home eth2 lan eth1
ip -n home route add default via 192.0.2.1 metric 1000
ip -n vps route add default via 203.0.113.1
ip -n home address add fd42:1::1/64 dev eth1 nodad
ip -n home link add d0 type veth peer name d1
ip -n home link set d1 up
ip -n home link set d0 arp off up
ip -n home address add 172.22.0.1/16 dev d0
on gate sysctl -qw net.ipv4.ip_forward=1
for h in home vps; do
	(umask 077; wg genkey > "$TMP/fs/$h/etc/wg0.key")
done
key() { wg pubkey < "$TMP/fs/$1/etc/wg0.key"; }

nets4='0.0.0.0/0 128.0.0.0/1 10.66.0.0/16 192.168.0.0/16 192.168.1.0/24
	192.168.1.128/25 192.168.1.50/32 192.168.7.64/26 172.22.9.0/24
	203.0.113.0/24 203.0.113.2/32 203.0.0.0/16 203.0.114.0/24'
{
	cat <<C
router id 10.0.0.1;
log stderr all;
protocol device {}
protocol static { ipv6; route ::/0 blackhole; route fd42:1::/64 blackhole;
	route fd42:1::/96 blackhole; route fd42::/16 blackhole; }
protocol static { ipv4;
C
	for n in $nets4; do echo "	route $n blackhole;"; done
	cat <<C
}
protocol wireguard wg0 {
	private key file "/etc/warren/wg0.key"; listen port 51820;
	peer "home" { public key "$(key home)"; };
}
template bgp all_static {
	local as 65000;
	ipv4 { import all; export where source = RTS_STATIC; };
	ipv6 { import all; export where source = RTS_STATIC; };
}
protocol bgp home from all_static {
	neighbor wireguard "wg0" "home" as 65010;
}
# The same to the same, and not through the tunnel.
protocol bgp direct from all_static {
	local 203.0.113.2 as 65000; neighbor 192.0.2.2 as 65010; multihop;
}
C
} > "$TMP/fs/vps/etc/warren.conf"
cat > "$TMP/fs/home/etc/warren.conf" <<C
router id 10.0.0.10;
log stderr all;
ipv4 table beside;
ipv6 table beside6;
protocol device {}
protocol kernel { ipv4 { export all; }; }
protocol kernel { ipv6 { export all; }; }
protocol wireguard wg0 {
	private key file "/etc/warren/wg0.key";
	peer "vps" { public key "$(key vps)"; endpoint "203.0.113.2:51820";
		persistent keepalive 25; };
	ipv4 { export where source = RTS_BGP; };
}
protocol bgp vps {
	local as 65010; neighbor wireguard "wg0" "vps" as 65000;
	ipv4 { import all; import keep filtered; export none; };
	ipv6 { import all; import keep filtered; export none; };
}
protocol bgp direct {
	local 192.0.2.2 as 65010; neighbor 203.0.113.2 as 65000; multihop;
	ipv4 { table beside; import all; export none; };
	ipv6 { table beside6; import all; export none; };
}
C
ctl() { on home warren "$@"; }
has() { ctl "show route table all where net = $1 && proto = \"$2\"" | grep -q "^$1 "; }
filtered() { ctl "show route filtered where net = $1" | grep -q "^$1 "; }
said() { grep -cF " vps: $1 is refused: it $2" "$TMP/home.log"; }

start vps vps warrend -f
start home home warrend -f
check session wait_for 'has 10.66.0.0/16 vps' 10
for n in 0.0.0.0/0 128.0.0.0/1 192.168.0.0/16 192.168.7.64/26 172.22.9.0/24 \
    203.0.114.0/24; do
	check "comes $n" wait_for "has $n vps" 3
done
check comes6 wait_for 'has ::/0 vps && has fd42::/16 vps' 3
for n in 192.168.1.0/24 192.168.1.128/25 192.168.1.50/32 203.0.113.0/24 \
    203.0.113.2/32 203.0.0.0/16; do
	check "refused $n" eval "! has $n vps"
	check "filtered $n" wait_for "filtered $n" 3
done
check refused6 eval '! has fd42:1::/64 vps && ! has fd42:1::/96 vps &&
	filtered fd42:1::/64 && filtered fd42:1::/96'
check counted wait_for 'ctl show protocols all vps |
	grep -qE "imported, 6 filtered"' 3
says() { [ "$(said "$1" "$2")" = 1 ]; }
check says_lan says 192.168.1.0/24 'is 192.168.1.0/24, our own LAN on eth1'
check says_part says 192.168.1.128/25 'is a part of 192.168.1.0/24'
check says_way says 203.0.113.0/24 \
	'covers 203.0.113.2, where wg0 reaches this very peer'
check says_option grep -q '"underlay guard off" lets it in' "$TMP/home.log"

check explained eval 'ctl explain 192.168.1.130 |
	grep -q "refused: 192.168.1.128/25 by vps"'

# Whoever is not behind a tunnel is believed, as by BIRD.
for n in $nets4; do
	check "direct $n" wait_for "has $n direct" 10
done

# A LAN that comes later, and goes again.
ip -n home address add 192.168.7.1/24 dev eth2
check lan_comes wait_for '! has 192.168.7.64/26 vps' 8
check lan_filtered wait_for 'filtered 192.168.7.64/26' 3
ip -n home address del 192.168.7.1/24 dev eth2
check lan_goes wait_for 'has 192.168.7.64/26 vps' 8
ip -n home link set eth1 down
check link_down wait_for 'has 192.168.1.0/24 vps' 8
ip -n home link set eth1 up
check link_up wait_for '! has 192.168.1.0/24 vps' 8

# The peer is somewhere else, and so is what is refused.
ip -n vps address add 203.0.114.2/32 dev lo
ip -n gate route add 203.0.114.2 via 203.0.113.2
# From where it was nothing comes any more: it would be found there again.
on gate nft -f - <<N
table ip away { chain pass { type filter hook forward priority 0;
	ip saddr 203.0.113.2 udp sport 51820 drop; }; }
N
sed -i 's/203.0.113.2:51820/203.0.114.2:51820/' "$TMP/fs/home/etc/warren.conf"
kill -HUP "${pid[home]}"
check moved_to wait_for '! has 203.0.114.0/24 vps' 10
check moved_from wait_for 'has 203.0.113.0/24 vps' 10
check moved_way wait_for 'filtered 203.0.0.0/16' 3

# The underlay has a better route there: nothing of the kind can win.
ip -n home route add 203.0.114.2 via 192.0.2.1
check own_route wait_for 'has 203.0.114.0/24 vps && has 203.0.0.0/16 vps' 10
ip -n home route del 203.0.114.2
check own_route_gone wait_for '! has 203.0.114.0/24 vps' 10

# Killed and started again, with a way that is our own host route now.
stop home KILL
start home home warrend -f
check again wait_for 'has 10.66.0.0/16 vps && has 0.0.0.0/0 vps' 15
check again_refused eval '! has 203.0.114.0/24 vps && filtered 203.0.114.0/24'

# Allowed, by who knows what they do.
sed -i '/^protocol bgp vps/a underlay guard off;' \
	"$TMP/fs/home/etc/warren.conf"
kill -HUP "${pid[home]}"
for n in $nets4; do
	check "allowed $n" wait_for "has $n vps" 8
done
check endpoint_safe wait_for 'ip -n home route get 203.0.114.2 |
	grep -q "via 192.0.2.1 dev eth0"' 3
check still_there eval 'ctl show protocols vps | grep -q Established'
sed -i '/^underlay guard off/d' "$TMP/fs/home/etc/warren.conf"
kill -HUP "${pid[home]}"
check not_allowed wait_for '! has 192.168.1.0/24 vps' 8

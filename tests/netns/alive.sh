#!/bin/bash
# SPDX-License-Identifier: ISC
# Liveness of peers: two routers with two tunnels between them, each over an
# underlay of its own, which is cut in the middle without a link going down.
#
#	       m1 (wg1)
#	la - a <        > b - lb
#	       m2 (wg2)
#
# "a" has a third tunnel, to a phone that is no Warren.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/wglib.sh"
need wg nft ping

host a b m1 m2 la lb phone
link a lan la eth0 192.168.1.1/24 192.168.1.2/24
link b lan lb eth0 192.168.2.1/24 192.168.2.2/24
for i in 1 2; do
	link a eth$i m$i toa 10.$i.1.2/24 10.$i.1.1/24
	link b eth$i m$i tob 10.$i.2.2/24 10.$i.2.1/24
	ip -n a route add 10.$i.2.0/24 via 10.$i.1.1
	ip -n b route add 10.$i.1.0/24 via 10.$i.2.1
	on m$i sysctl -qw net.ipv4.ip_forward=1
	on m$i nft 'add table ip t; add chain ip t f {
		type filter hook forward priority filter; }'
done
ip -n la route add default via 192.168.1.1
ip -n lb route add default via 192.168.2.1
link a ethp phone eth0 10.3.1.2/24 10.3.1.1/24
wg_keys phone
for h in a b; do
	(umask 077; wg genkey > "$TMP/fs/$h/etc/key")
	wg pubkey < "$TMP/fs/$h/etc/key" > "$TMP/$h.pub"
done

conf() {	# HOST NUMBER PEER
	cat <<C
router id 10.0.0.$2;
log stderr all;
protocol device {}
protocol direct { ipv4; interface "lan"; }
protocol kernel { graceful restart; ipv4 { export all; import none; }; }
template wireguard both { private key file "/etc/warren/key"; forward yes; }
protocol wireguard wg1 from both { listen port 51801; address 10.99.1.$2/24;
	peer "$3" { public key "$(pub "$3")"; endpoint "10.1.$((3 - $2)).2:51801"; };
}
protocol wireguard wg2 from both { listen port 51802; address 10.99.2.$2/24;
	peer "$3" { public key "$(pub "$3")"; endpoint "10.2.$((3 - $2)).2:51802"; };
}
template bgp way { local as 6500$2; graceful restart on; }
protocol bgp one from way { neighbor wireguard "wg1" "$3" as 6500$((3 - $2));
	ipv4 { import filter { bgp_local_pref = 200; accept; };
		export where source = RTS_DEVICE; }; }
protocol bgp two from way { neighbor 10.99.2.$((3 - $2)) as 6500$((3 - $2));
	ipv4 { import all; export where source = RTS_DEVICE; }; }
protocol static hop { ipv4; route 10.77.0.0/16 via 10.99.1.$((3 - $2));
	route 10.78.0.0/16 via "wg1"; }
protocol static other { ipv4 { preference 100; };
	route 10.77.0.0/16 via 10.99.2.$((3 - $2)); route 10.78.0.0/16 via "wg2"; }
C
}
conf a 1 b > "$TMP/fs/a/etc/warren.conf"
conf b 2 a > "$TMP/fs/b/etc/warren.conf"
# One of a's tunnels has a list, and makes a route of it.
sed -i '/^protocol wireguard wg1/{
	s/$/ ipv4 { import where net = 10.66.0.0\/16; export none; };/; n
	s/endpoint/allowed ips 192.168.2.0\/24, 10.99.1.2\/32, 10.66.0.0\/16; &/
}' "$TMP/fs/a/etc/warren.conf"
cat >> "$TMP/fs/a/etc/warren.conf" <<C
protocol wireguard wg3 from both { listen port 51803; address 10.99.3.1/24;
	peer "phone" { public key "$(pub phone)"; endpoint "10.3.1.1:51820";
		allowed ips 10.99.3.2/32; }; }
C

by() {	# DEVICE: who carries everything to b's side
	local net
	for net in ${2:-192.168.2.0/24 10.77.0.0/16 10.78.0.0/16}; do
		ip -n a route show "$net" | grep -q "dev $1 " || return 1
	done
}
life() {	# INTERFACE PATTERN
	on a warren show tunnels "$1" | grep -qE "liveness: $2"
}
cut() { on "$1" nft add rule ip t f drop; }
mend() { on "$1" nft flush chain ip t f; }
deaths() { grep -c "Peer $2: dead" "$TMP/$1.log"; }

explained() { on a warren explain 10.99.1.2 > "$TMP/explain.log"
	grep -qE "$1" "$TMP/explain.log"; }

# 20 pings a second from LAN to LAN, COUNT of them; then $lost.
pings_begin() { start ping la ping -n -q -i 0.05 -c "$1" 192.168.2.2; sleep 1; }
pings_end() {
	wait "${pid[ping]}"
	lost=$(awk '/packets transmitted/ { print $1 - $4 }' "$TMP/ping.log")
	mv "$TMP/ping.log" "$TMP/ping.$1.log"
	echo "$1: $lost pings lost"
}

start b b warrend -f
start a a warrend -f
check alive/up wait_for "by wg1 && on la ping -c 1 -W 1 192.168.2.2" 20 || exit 1
check alive/both-live wait_for "life wg1 'alive, round trip [0-9.]+ ms, 0 %' &&
	life wg2 alive" 5
check alive/explained-well explained 'liveness +b answers'
check alive/sessions wait_for \
	'[ "$(on a warren show protocols | grep -c Established)" = 2 ]' 10

check alive/list-there wait_for 'ip -n a route | grep -q "10.66.0.0/16 dev wg1"' 5

# The way of one is cut in the middle: no link goes down.
pings_begin 200
cut m1
check alive/moved wait_for 'by wg2' 8
check alive/says grep -q 'Peer b: dead' "$TMP/a.log"
check alive/explained explained 'liveness +b is dead'
check alive/other-end wait_for 'grep -q "Peer a: dead" "$TMP/b.log"' 5
check alive/shown life wg1 'dead for'
check alive/list-withdrawn wait_for '! ip -n a route | grep -q 10.66.0.0' 3
check alive/session-held eval \
	'on a warren show protocols | grep "^one" | grep -q "Tunnel dead"'
check alive/other-stays eval \
	'on a warren show protocols | grep "^two" | grep -q Established'
pings_end cut
# The hold timers would have taken 90 s and more.
check alive/few-lost test "$lost" -lt 50
pings_begin 120
mend m1
check alive/back wait_for 'by wg1' 15
check alive/list-back wait_for 'ip -n a route | grep -q 10.66.0.0' 5
check alive/session-back wait_for \
	'[ "$(on a warren show protocols | grep -c Established)" = 2 ]' 10
pings_end mended
check alive/none-lost test "$lost" -lt 5

# warrend killed and started again: nobody dies.
was=$(deaths a b)
pings_begin 120
stop b KILL
sleep 1
start b b warrend -f
check alive/killed-back wait_for \
	'[ "$(on b warren show protocols | grep -c Established)" = 2 ]' 15
pings_end killed
check alive/killed-none-lost test "$lost" = 0
check alive/killed-no-death test "$(deaths a b)" = "$was"

# One packet in ten is lost, each way: that is no death.
on m2 nft add rule ip t f numgen random mod 10 == 0 drop
sleep 8
check alive/lossy-lives life wg2 'alive.* [1-9][0-9]? % lost'
check alive/lossy-no-death test "$(deaths a b)" = "$was"
mend m2

# It goes and comes: damped, while the other one carries.
for i in 1 2; do
	wait_for "life wg1 alive && by wg1" 10
	cut m1
	wait_for "life wg1 dead" 5
	mend m1
	wait_for "! life wg1 dead" 5
done
check alive/damped life wg1 'damped for [1-8] s'
check alive/damped-said grep -q 'Peer b: answers again, but' "$TMP/a.log"
check alive/damped-by-other by wg2
check alive/damped-json eval \
	'on a warren -j show tunnels wg1 | grep -q "\"state\":\"damped\""'
check alive/damped-ends wait_for 'by wg1' 20

# A phone with a stock WireGuard: a few questions, and then none.
on phone nft 'add table ip6 t; add chain ip6 t i {
	type filter hook prerouting priority filter; }
	add rule ip6 t i icmpv6 type echo-request counter'
asked() { on phone nft list chain ip6 t i | sed -n 's/.*packets \([0-9]*\) .*/\1/p'; }
start phone-wg0 phone warren-wg -f wg0
wait_for 'on phone wg show wg0' 5
printf '[Interface]\nPrivateKey = %s\nListenPort = 51820\n[Peer]\nPublicKey = %s\nAllowedIPs = 0.0.0.0/0, ::/0\nEndpoint = 10.3.1.2:51803\n' \
	"$(key phone)" "$(pub a)" > "$TMP/phone.conf"
on phone wg setconf wg0 "$TMP/phone.conf"
wg_addr phone wg0 10.99.3.2/24 fe80::77/64
check alive/phone-pings wait_for 'on phone ping -c 1 -W 1 10.99.3.1' 10
sleep 6
n=$(asked)
echo "the phone was asked $n times"
check alive/phone-asked test "$n" -ge 1
check alive/phone-hardly-asked test "$n" -le 4
on phone ping -c 20 -i 0.2 -q 10.99.3.1 > "$TMP/quiet.log"
check alive/phone-then-silence test "$(asked)" = "$n"
stop phone-wg0 KILL
sleep 3
check alive/phone-never-dead eval '! grep -q "Peer phone: dead" "$TMP/a.log"'

# Switched off: nothing is asked, and nobody dies.
sed -i 's/forward yes;/& liveness no;/' "$TMP/fs/a/etc/warren.conf"
on a warren configure > "$TMP/configure.log"
was=$(deaths a b)
check alive/off wait_for "! life wg1 '[ad]'" 5
cut m1
sleep 3
check alive/off-no-death test "$(deaths a b)" = "$was"
for h in a b; do
	stop $h
done

#!/bin/bash
# SPDX-License-Identifier: ISC
# A hub and a home: tunnel, BGP, allowed ips; and what each death does.
. "$(dirname "$0")/lib.sh"
need wg ping

host hub home
link hub net0 home net0 198.51.100.1/24 198.51.100.2/24
link hub lan0 hub lan1 10.77.1.1/24
link home lan0 home lan1 192.168.10.1/24
for h in hub home; do
	(umask 077; wg genkey > "$TMP/fs/$h/etc/wg0.key")
done
hub_key=$(wg pubkey < "$TMP/fs/hub/etc/wg0.key")
home_key=$(wg pubkey < "$TMP/fs/home/etc/wg0.key")

common='
log stderr all;
protocol device {}
protocol direct { ipv4; interface "lan0"; }
protocol kernel { graceful restart; ipv4 { export all; }; }
'
cat > "$TMP/fs/hub/etc/warren.conf" <<C
router id 10.0.0.1;
$common
protocol wireguard wg0 {
	private key file "/etc/warren/wg0.key"; listen port 51820; forward yes;
	peer "home" { public key "$home_key"; allowed ips 10.0.0.10/32; };
	peer "other" { public key "$(wg genkey | wg pubkey)";
		allowed ips 10.0.0.11/32; };
	ipv4 { import all; export where source = RTS_BGP; };
}
protocol bgp home {
	local as 65000; neighbor wireguard "wg0" "home" as 65010;
	graceful restart on;
	ipv4 { import all; export where source = RTS_DEVICE; };
}
C
cat > "$TMP/fs/home/etc/warren.conf" <<C
router id 10.0.0.10;
$common
protocol wireguard wg0 {
	private key file "/etc/warren/wg0.key"; forward yes;
	peer "hub" { public key "$hub_key";
		endpoint "198.51.100.1:51820"; persistent keepalive 25; };
	ipv4 { export where source = RTS_BGP; };
}
protocol bgp hub {
	local as 65010; neighbor wireguard "wg0" "hub" as 65000;
	graceful restart on;
	ipv4 { import all; export where source = RTS_DEVICE; };
}
C

has() { ip -n "$1" route show "$2" | grep -q "$3"; }
started=$(now_ms)
start hub hub warrend -f
start home home warrend -f
check hub_route wait_for 'has hub 192.168.10.0/24 "via inet6 fe80::.*wg0"' 8
check home_route wait_for 'has home 10.77.1.0/24 "via inet6 fe80::.*wg0"' 8
echo "# routes on both ends after $(($(now_ms) - started)) ms"
check allowed_ips wait_for \
	'on hub wg show wg0 allowed-ips | grep -q 192.168.10.0/24' 5
check list_is_route wait_for 'has hub 10.0.0.10 "dev wg0"' 5
check ping on home ping -c 3 -i 0.1 -W 20 -I 192.168.10.1 10.77.1.1

# A reload adds a peer and disturbs nobody.
third=$(wg genkey | wg pubkey)
sed -i "s|^protocol wireguard wg0 {|&\n\tpeer \"third\" { public key \"$third\"; \
		allowed ips 10.0.0.12/32; };|" "$TMP/fs/hub/etc/warren.conf"
kill -HUP "${pid[hub]}"
check reload_peer wait_for 'on hub wg show wg0 allowed-ips | grep -q 10.0.0.12' 5
check reload_route wait_for 'has hub 10.0.0.12 wg0' 5
check reload_keeps test "$(grep -c 'Session established' "$TMP/home.log")" = 1
check reload_allowed eval \
	'on hub wg show wg0 allowed-ips | grep -q 192.168.10.0/24'

lost() {
	awk '/packets transmitted/ { print $1 - $4 }' "$TMP/$1"
}

# warrend dies: nobody notices.
on home ping -i 0.1 -c 40 -I 192.168.10.1 10.77.1.1 > "$TMP/ping1" &
ping=$!
sleep 0.5
stop hub KILL
sleep 0.5
: > "$TMP/home.log"
start hub hub warrend -f
check back wait_for 'grep -q "Session established" $TMP/home.log' 5
wait "$ping"
check none_lost test "$(lost ping1)" = 0

# The data plane dies, and is healed by itself: how soon is printed.
data_plane() {
	local p
	for p in $(pgrep -x warren-wg); do
		[ "$(readlink "/proc/$p/ns/net")" != \
		    "$(readlink "/proc/${pid[hub]}/ns/net")" ] || echo "$p"
	done
}
dead=$(data_plane)
at=$(now_ms)
kill -9 "$dead"
check another wait_for 'p=$(data_plane) && [ -n "$p" ] && [ "$p" != "$dead" ]' 10
check answers_again wait_for \
	'on home ping -c 1 -W 1 -I 192.168.10.1 10.77.1.1' 10
echo "# healed after $(($(now_ms) - at)) ms"
comes healed has hub 192.168.10.0/24 wg0

# And stays when warrend is told to end.
if stop hub; then ok term; else not_ok term "exit status"; fi
check term_keeps on home ping -c 3 -i 0.1 -W 20 -I 192.168.10.1 10.77.1.1

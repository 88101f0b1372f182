#!/bin/bash
# SPDX-License-Identifier: ISC
# A peer behind a NAT that gives it another port, then another address, then
# a new uplink; and a host of two addresses answers from the one called.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/wglib.sh"
need wg wireguard-go nft conntrack

# home -- nat -- hub
host home nat hub
link home eth0 nat lan 192.168.1.2/24 192.168.1.1/24
link nat wan hub eth0 192.0.2.1/24 192.0.2.2/24
ip -n nat address add 192.0.2.77/24 dev wan
ip -n hub address add 192.0.2.99/24 dev eth0
ip -n home route add default via 192.168.1.1
on nat sysctl -qw net.ipv4.ip_forward=1
wg_keys home hub

snat() {
	on nat nft -f - <<-END
		table ip nat
		flush table ip nat
		table ip nat {
			chain post {
				type nat hook postrouting priority 100;
				oifname wan udp sport 51820 snat to $1
			}
		}
	END
	on nat conntrack -F 2> /dev/null
}
endpoint() { on hub wg show wg0 endpoints | cut -f2; }

# roam NAME PROGRAM_HOME PROGRAM_HUB
roam() {
	snat 192.0.2.1:1111
	wg_start home wg0 "$2"
	wg_start hub wg0 "$3"
	on home wg set wg0 private-key "$TMP/home.key" listen-port 51820 \
		peer "$(pub hub)" endpoint 192.0.2.99:51820 \
		allowed-ips 10.0.0.2/32
	on hub wg set wg0 private-key "$TMP/hub.key" listen-port 51820 \
		peer "$(pub home)" allowed-ips 10.0.0.1/32
	wg_addr hub wg0 10.0.0.2/24
	wg_addr home wg0 10.0.0.1/24
	check "roam/$1: through the NAT" pings home 10.0.0.2
	check "roam/$1: seen there" test "$(endpoint)" = 192.0.2.1:1111
	check "roam/$1: answered from the address called" test \
		"$(on home wg show wg0 endpoints | cut -f2)" = 192.0.2.99:51820
	snat 192.0.2.1:2222
	check "roam/$1: another port" pings home 10.0.0.2
	check "roam/$1: is followed" test "$(endpoint)" = 192.0.2.1:2222
	check "roam/$1: both ways" pings hub 10.0.0.1
	snat 192.0.2.77:3333
	check "roam/$1: another address" pings home 10.0.0.2
	check "roam/$1: is followed too" test "$(endpoint)" = 192.0.2.77:3333
	# The address that we send from is taken away; wireguard-go's end.
	if [ "$2" != wireguard-go ]; then
		readdress "$1"
	fi
	wg_stop home wg0
	wg_stop hub wg0
}

readdress() {
	ip -n home address add 192.168.1.3/24 dev eth0
	ip -n home address del 192.168.1.2/24 dev eth0
	ip -n home address show dev eth0 | grep -q 192.168.1.3 ||
		ip -n home address add 192.168.1.3/24 dev eth0
	ip -n home route replace default via 192.168.1.1
	on nat conntrack -F 2> /dev/null
	check "roam/$1: home has another address" pings home 10.0.0.2
	ip -n home address del 192.168.1.3/24 dev eth0
	ip -n home address add 192.168.1.2/24 dev eth0
	ip -n home route replace default via 192.168.1.1
}

roam "wireguard-go roams" wireguard-go "$WARREN_WG"
roam "we roam" "$WARREN_WG" wireguard-go
roam "with ourselves" "$WARREN_WG" "$WARREN_WG"

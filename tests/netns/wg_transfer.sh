#!/bin/bash
# SPDX-License-Identifier: ISC
# Much TCP through the tunnel arrives as it was sent: from the machine itself
# and through it, where offloads meet forwarding; and UDP in all sizes.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/wglib.sh"
need wg wireguard-go socat sha256sum python3

# la -- a ==wg== b -- lb
host la a b lb
link a eth0 b eth0 192.0.2.1/24 192.0.2.2/24
link la eth0 a lan 10.1.0.2/24 10.1.0.1/24
link lb eth0 b lan 10.2.0.2/24 10.2.0.1/24
ip -n la route add default via 10.1.0.1
ip -n lb route add default via 10.2.0.1
on a sysctl -qw net.ipv4.ip_forward=1
on b sysctl -qw net.ipv4.ip_forward=1
wg_keys a b
head -c 50000000 /dev/urandom > "$TMP/data"
sum=$(sha256sum < "$TMP/data")

# send NAME FROM TO ADDRESS
transfer() {
	local got

	on "$3" timeout 200 socat -u "TCP-LISTEN:5000,reuseaddr,pf=ip${5:-4}" \
		STDOUT > "$TMP/got" 2>> "$TMP/socat.log" &
	wait_for "on $3 ss -ltn | grep -q :5000" 5
	on "$2" timeout 200 socat -u "FILE:$TMP/data" "TCP:$4:5000" \
		2>> "$TMP/socat.log"
	wait $!
	got=$(sha256sum < "$TMP/got")
	check "$1" test "$got" = "$sum"
}

# Each size from 1 to 1500 bytes, there and back.
sizes() {
	start echo b python3 -c '
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("10.0.0.2", 6000))
while True:
    d, a = s.recvfrom(65536)
    s.sendto(d[::-1], a)
'
	wait_for "on b ss -lun | grep -q :6000" 5
	check "$1" on a timeout 200 python3 -c '
import os, socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.settimeout(30)
for n in list(range(1, 1501, 7)) + [4000, 20000, 60000]:
    d = os.urandom(n)
    s.sendto(d, ("10.0.0.2", 6000))
    assert s.recvfrom(65536)[0] == d[::-1], n
'
	stop echo
}

pair() {
	wg_start a wg0 "$2"
	wg_start b wg0 "$3"
	on a wg set wg0 private-key "$TMP/a.key" listen-port 51820 \
		peer "$(pub b)" endpoint 192.0.2.2:51820 \
		allowed-ips 10.0.0.2/32,fd00::2/128,10.2.0.0/24
	on b wg set wg0 private-key "$TMP/b.key" listen-port 51820 \
		peer "$(pub a)" endpoint 192.0.2.1:51820 \
		allowed-ips 10.0.0.1/32,fd00::1/128,10.1.0.0/24
	wg_addr a wg0 10.0.0.1/24 fd00::1/64
	wg_addr b wg0 10.0.0.2/24 fd00::2/64
	ip -n a link set wg0 mtu "${4:-1420}"
	ip -n b link set wg0 mtu "${4:-1420}"
	ip -n a route add 10.2.0.0/24 dev wg0
	ip -n b route add 10.1.0.0/24 dev wg0
	pings a 10.0.0.2 > /dev/null
	transfer "transfer/$1: out" a b 10.0.0.2
	transfer "transfer/$1: in" b a 10.0.0.1
	transfer "transfer/$1: IPv6 out" a b '[fd00::2]' 6
	transfer "transfer/$1: IPv6 in" b a '[fd00::1]' 6
	transfer "transfer/$1: LAN to LAN" la lb 10.2.0.2
	transfer "transfer/$1: and back" lb la 10.1.0.2
	sizes "transfer/$1: UDP of all sizes"
	wg_stop a wg0
	wg_stop b wg0
}

pair "wireguard-go" "$WARREN_WG" wireguard-go
pair "itself" "$WARREN_WG" "$WARREN_WG"

# A path with a small MTU: slow, for each packet is cut in two, and not dead.
ip -n a link set eth0 mtu 1300
ip -n b link set eth0 mtu 1300
head -c 3000000 "$TMP/data" > "$TMP/less"
mv "$TMP/less" "$TMP/data"
sum=$(sha256sum < "$TMP/data")
pair "path MTU 1300" "$WARREN_WG" "$WARREN_WG"
ip -n a link set eth0 mtu 9000
ip -n b link set eth0 mtu 9000
pair "jumbo packets" "$WARREN_WG" wireguard-go 8920
ip -n a link set eth0 mtu 1500
ip -n b link set eth0 mtu 1500
pair "an MTU above the path's" "$WARREN_WG" "$WARREN_WG" 20000

#!/bin/bash
# SPDX-License-Identifier: ISC
# Handshakes and packets with Debian's wireguard-go, in both roles, and with
# ourselves: IPv4 and IPv6 outside and inside, with and without a preshared
# key.  Only the initiator knows where the other is.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/wglib.sh"
need wg wireguard-go ping

host a b
link a eth0 b eth0 192.0.2.1/24 192.0.2.2/24
ip -n a address add 2001:db8::1/64 dev eth0 nodad
ip -n b address add 2001:db8::2/64 dev eth0 nodad
wg_keys a b
(umask 077; wg genpsk > "$TMP/psk")

# pair NAME PROGRAM_A PROGRAM_B ENDPOINT_OF_B [PSK]
pair() {
	local name=interop/$1 psk=${5-}

	wg_start a wg0 "$2"
	wg_start b wg0 "$3"
	on a wg set wg0 private-key "$TMP/a.key" peer "$(pub b)" \
		${psk:+preshared-key "$TMP/psk"} endpoint "$4:51820" \
		allowed-ips 10.0.0.2/32,fd00::2/128
	on b wg set wg0 private-key "$TMP/b.key" listen-port 51820 \
		peer "$(pub a)" ${psk:+preshared-key "$TMP/psk"} \
		allowed-ips 10.0.0.1/32,fd00::1/128
	wg_addr b wg0 10.0.0.2/24 fd00::2/64
	wg_addr a wg0 10.0.0.1/24 fd00::1/64
	check "$name: IPv4 inside" pings a 10.0.0.2
	check "$name: IPv6 inside" pings a fd00::2
	check "$name: the other way" pings b 10.0.0.1
	check "$name: full packets" on b ping -c 1 -W 20 -M do -s 1392 10.0.0.1
	check "$name: a handshake is shown" bash -c \
		"[ $(on b wg show wg0 latest-handshakes | cut -f2) -gt 0 ]"
	wg_stop a wg0
	wg_stop b wg0
}

w=$WARREN_WG
local_b=$(ip -n b -6 -o address show dev eth0 scope link |
	awk '{ sub("/.*", "", $4); print $4 }')
pair "initiates over IPv4" "$w" wireguard-go 192.0.2.2 psk
pair "responds over IPv4" wireguard-go "$w" 192.0.2.2 psk
pair "initiates over IPv6" "$w" wireguard-go '[2001:db8::2]'
pair "responds over IPv6" wireguard-go "$w" '[2001:db8::2]'
pair "with itself over IPv4" "$w" "$w" 192.0.2.2
pair "with itself over IPv6" "$w" "$w" '[2001:db8::2]' psk
pair "over a link-local address" "$w" "$w" "[$local_b%eth0]"

# The wrong preshared key must not connect.
wg_start a wg0 "$w"
wg_start b wg0 wireguard-go
on a wg set wg0 private-key "$TMP/a.key" peer "$(pub b)" \
	preshared-key "$TMP/psk" endpoint 192.0.2.2:51820 \
	allowed-ips 10.0.0.2/32
on b wg set wg0 private-key "$TMP/b.key" listen-port 51820 \
	peer "$(pub a)" allowed-ips 10.0.0.1/32
wg_addr b wg0 10.0.0.2/24
wg_addr a wg0 10.0.0.1/24
if on a ping -c 2 -i 0.3 -W 1 10.0.0.2 > /dev/null; then
	not_ok "interop/another preshared key" "they talk"
else
	ok "interop/another preshared key"
fi

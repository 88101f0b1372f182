#!/bin/bash
# SPDX-License-Identifier: ISC
# Handshakes and packets between warren-wg and the kernel's own WireGuard, in
# both roles: IPv4 and IPv6 outside and inside, with a preshared key.
. "$(dirname "$0")/../netns/lib.sh"
. "$(dirname "$0")/../netns/wglib.sh"
need wg ping
patience=180	# the guest may be an emulated machine

host ours kernel
link ours eth0 kernel eth0 192.0.2.1/24 192.0.2.2/24
ip -n ours address add 2001:db8::1/64 dev eth0 nodad
ip -n kernel address add 2001:db8::2/64 dev eth0 nodad
wg_keys ours kernel
(umask 077; wg genpsk > "$TMP/psk")

# An emulated machine is slow: give it time.
reaches() { on "$1" ping -c 5 -i 0.5 -W 5 "$2"; }

# pair NAME ENDPOINT_OF_OURS ENDPOINT_OF_KERNEL: one of the two is "".
pair() {
	local name=kernel/$1
	if ! ip -n kernel link add wg0 type wireguard; then
		skip "$name" "the kernel has no WireGuard"
		return
	fi
	wg_start ours wg0 "$WARREN_WG"
	on ours wg set wg0 private-key "$TMP/ours.key" listen-port 51820 \
		peer "$(pub kernel)" preshared-key "$TMP/psk" \
		${3:+endpoint "$3:51820"} allowed-ips 10.0.0.2/32,fd00::2/128
	on kernel wg set wg0 private-key "$TMP/kernel.key" listen-port 51820 \
		peer "$(pub ours)" preshared-key "$TMP/psk" \
		${2:+endpoint "$2:51820"} allowed-ips 10.0.0.1/32,fd00::1/128
	wg_addr ours wg0 10.0.0.1/24 fd00::1/64
	wg_addr kernel wg0 10.0.0.2/24 fd00::2/64
	if [ -n "$3" ]; then
		check "$name" reaches ours 10.0.0.2
	else
		check "$name" reaches kernel 10.0.0.1
	fi
	check "$name, IPv6 inside" reaches kernel fd00::1
	check "$name, full packets" \
		on ours ping -c 1 -W 5 -M do -s 1392 10.0.0.2
	ip -n kernel link del wg0
	wg_stop ours wg0
}

pair "initiates over IPv4" '' 192.0.2.2
pair "responds over IPv4" 192.0.2.1 ''
pair "initiates over IPv6" '' '[2001:db8::2]'
pair "responds over IPv6" '[2001:db8::1]' ''

#!/bin/bash
# SPDX-License-Identifier: ISC
# wg-quick with us as its userspace implementation, up and down.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/wglib.sh"
need wg wg-quick ping

if [ -e /sys/module/wireguard ]; then
	skip "$NAME" "the kernel's WireGuard would be used"
	exit 0
fi
host a b
link a eth0 b eth0 192.0.2.1/24 192.0.2.2/24
wg_keys a b
export WG_QUICK_USERSPACE_IMPLEMENTATION=$WARREN_WG
for h in a b; do
	mkdir -p "$TMP/$h"
	[ $h = a ] && o=b n=1 m=2 || o=a n=2 m=1
	(umask 077; cat > "$TMP/$h/wg0.conf") <<-END
		[Interface]
		PrivateKey = $(key $h)
		ListenPort = 51820
		Address = 10.0.0.$n/24, fd00::$n/64
		MTU = 1400

		[Peer]
		PublicKey = $(pub $o)
		Endpoint = 192.0.2.$m:51820
		AllowedIPs = 10.0.0.$m/32, fd00::$m/128, 10.8.$m.0/24
	END
done
for h in a b; do
	check "quick/up on $h" on $h wg-quick up "$TMP/$h/wg0.conf"
done
check "quick/a ping" pings a 10.0.0.2
check "quick/and by IPv6" pings b fd00::1
check "quick/the MTU of the file" grep -q 'mtu 1400' \
	<<< "$(ip -n a link show wg0)"
check "quick/the route of the file" grep -q wg0 \
	<<< "$(ip -n a route show 10.8.2.0/24)"
check "quick/down" on a wg-quick down "$TMP/a/wg0.conf"
check "quick/nothing is left" bash -c \
	'! ip -n a link show wg0 2> /dev/null'
wait_for '! on a test -e /var/run/wireguard/wg0.sock' 5
check "quick/not the socket either" bash -c \
	"! nsenter -t ${holder[a]} -m test -e /var/run/wireguard/wg0.sock"
check "quick/up again" on a wg-quick up "$TMP/a/wg0.conf"
check "quick/and a ping" pings a 10.0.0.2
on a wg-quick down "$TMP/a/wg0.conf" > /dev/null 2>&1
wait_for '! ip -n a link show wg0' 5

# Everything through the tunnel, but the tunnel's own packets by their mark.
ip -n a route add default via 192.0.2.2
ip -n b address add 198.51.100.1/32 dev lo
sed -i 's#^AllowedIPs.*#AllowedIPs = 0.0.0.0/0, ::/0#' "$TMP/a/wg0.conf"
check "quick/up with a default route" on a wg-quick up "$TMP/a/wg0.conf"
check "quick/the mark is set" test "$(on a wg show wg0 fwmark)" != off
check "quick/a ping by the default route" pings a 198.51.100.1
check "quick/and it went through the tunnel" grep -q wg0 \
	<<< "$(ip -n a route get 198.51.100.1)"
check "quick/down again" on a wg-quick down "$TMP/a/wg0.conf"

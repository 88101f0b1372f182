#!/bin/bash
# SPDX-License-Identifier: ISC
# A hub that passes packets on from peer to peer by its one interface, and
# what happens when its data plane or a peer's dies and is started anew.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/wglib.sh"
need wg wireguard-go socat sha256sum

host hub east west
link hub east east eth0 192.0.2.1/24 192.0.2.2/24
link hub west west eth0 198.51.100.1/24 198.51.100.2/24
on hub sysctl -qw net.ipv4.ip_forward=1
wg_keys hub east west

set_hub() {
	on hub wg set wg0 private-key "$TMP/hub.key" listen-port 51820 \
		peer "$(pub east)" allowed-ips 10.0.0.2/32 \
		peer "$(pub west)" allowed-ips 10.0.0.3/32
	wg_addr hub wg0 10.0.0.1/24
}
# spoke NAME ENDPOINT ADDRESS
set_spoke() {
	on "$1" wg set wg0 private-key "$TMP/$1.key" peer "$(pub hub)" \
		endpoint "$2:51820" allowed-ips 10.0.0.0/24 \
		persistent-keepalive 1
	wg_addr "$1" wg0 "$3/24"
}

wg_start hub wg0 "$WARREN_WG"
wg_start east wg0 "$WARREN_WG"
wg_start west wg0 wireguard-go
set_hub
set_spoke east 192.0.2.1 10.0.0.2
set_spoke west 198.51.100.1 10.0.0.3
wait_for '[ "$(on hub wg show wg0 latest-handshakes |
	awk "\$2 > 0" | wc -l)" = 2 ]' 10
on east ping -c 3 -i 0.2 -W 20 10.0.0.3 > "$TMP/ping.log"
check "hub/from peer to peer" grep -q ' 0% packet loss' "$TMP/ping.log"
check "hub/without redirects" bash -c "! grep -qi redirect $TMP/ping.log"
check "hub/one hop less to live" grep -q 'ttl=63' "$TMP/ping.log"

head -c 30000000 /dev/urandom > "$TMP/data"
on west timeout 200 socat -u TCP-LISTEN:5000,reuseaddr STDOUT > "$TMP/got" &
wait_for 'on west ss -ltn | grep -q :5000' 5
on east timeout 200 socat -u "FILE:$TMP/data" TCP:10.0.0.3:5000
wait $!
check "hub/much from peer to peer" cmp "$TMP/data" "$TMP/got"

# The hub's data plane dies.  Its peers do not know and go on in sessions that
# are no more.  Whoever starts it anew gives it the endpoints that were; from
# there comes what it cannot read, and so it calls them.
on hub wg showconf wg0 > "$TMP/hub.conf"
stop hub-wg0 KILL
wait_for '! ip -n hub link show wg0' 5
wg_start hub wg0 "$WARREN_WG"
t=$(now_ms)
on hub wg setconf wg0 "$TMP/hub.conf"
wg_addr hub wg0 10.0.0.1/24
check "hub/killed and started anew" wait_for \
	'on east ping -c 1 -W 1 10.0.0.3' 2
echo "# after $(($(now_ms) - t)) ms"

# A peer's; it starts the handshake itself, so it is back at once.
stop east-wg0 KILL
wait_for '! ip -n east link show wg0' 5
wg_start east wg0 "$WARREN_WG"
t=$(now_ms)
set_spoke east 192.0.2.1 10.0.0.2
check "hub/a peer killed and started anew" wait_for \
	'on east ping -c 1 -W 1 10.0.0.3' 2
echo "# after $(($(now_ms) - t)) ms"

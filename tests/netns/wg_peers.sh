#!/bin/bash
# SPDX-License-Identifier: ISC
# What is sent where: no peer, no endpoint, the mark, keepalives, ECN, and a
# thousand peers.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/wglib.sh"
need wg wireguard-go nft ping

host a b
link a eth0 b eth0 192.0.2.1/24 192.0.2.2/24
wg_keys a b
wg_start a wg0 "$WARREN_WG"
wg_start b wg0 wireguard-go
on a wg set wg0 private-key "$TMP/a.key" listen-port 51820 fwmark 0x77 \
	peer "$(pub b)" endpoint 192.0.2.2:51820 \
	allowed-ips 10.0.0.2/32,fd00::2/128 persistent-keepalive 1
on b wg set wg0 private-key "$TMP/b.key" listen-port 51820 \
	peer "$(pub a)" allowed-ips 10.0.0.1/32,fd00::1/128
on a nft -f - <<'END'
table inet t {
	counter marked { }
	counter unmarked { }
	counter ect { }
	counter dscp { }
	chain out {
		type filter hook output priority 0;
		udp dport 51820 meta mark 0x77 counter name marked
		udp dport 51820 meta mark != 0x77 counter name unmarked
		udp dport 51820 ip ecn ect0 counter name ect
		udp dport 51820 udp length 200-1500 ip dscp != cs0 counter name dscp
	}
}
END
counter() {
	on a nft list counter inet t "$1" | sed -n 's/.*packets \([0-9]*\).*/\1/p'
}

# Keepalives, without one packet of ours.
wg_addr b wg0 10.0.0.2/24 fd00::2/64
wg_addr a wg0 10.0.0.1/24 fd00::1/64
check "peers/a keepalive makes the handshake" wait_for \
	'[ $(on b wg show wg0 latest-handshakes | cut -f2) -gt 0 ]' 8
before=$(on b wg show wg0 transfer | cut -f2)
check "peers/and they go on" wait_for \
	'after=$(on b wg show wg0 transfer | cut -f2)
	[ $((after - before)) -ge 64 ]' 10
after=$(on b wg show wg0 transfer | cut -f2)
check "peers/32 bytes each" test $(((after - before) % 32)) = 0
check "peers/all carry the mark" test "$(counter marked)" -gt 0 \
	-a "$(counter unmarked)" = 0
on a wg set wg0 fwmark off
wait_for '[ $(counter unmarked) -gt 0 ]' 4
check "peers/which can be taken off" test "$(counter unmarked)" -gt 0

# ECN goes outside, DSCP does not.  Handshakes have a class of their own.
on a ping -c 3 -i 0.2 -Q 0x02 10.0.0.2 > /dev/null
check "peers/ECN is copied outside" test "$(counter ect)" -ge 3
on a ping -c 3 -i 0.2 -Q 0xb8 -s 200 10.0.0.2 > /dev/null
check "peers/DSCP is not" test "$(counter dscp)" = 0

# Nobody there.
on a ping -c 1 -W 20 10.0.0.9 > "$TMP/ping.log"
check "peers/no peer: host unreachable" \
	grep -q 'Destination Host Unreachable' "$TMP/ping.log"
on a ping -c 1 -W 20 fd00::9 > "$TMP/ping6.log"
check "peers/no peer: address unreachable" \
	grep -q 'Destination unreachable: Address unreachable' "$TMP/ping6.log"
on a wg set wg0 peer "$(wg genkey | wg pubkey)" allowed-ips 10.0.0.8/32
on a ping -c 1 -W 20 10.0.0.8 > "$TMP/ping.log"
check "peers/no endpoint: host unreachable" \
	grep -q 'Destination Host Unreachable' "$TMP/ping.log"
# A source that the peer may not use.
ip -n b address add 10.0.0.66/24 dev wg0
if on b ping -c 1 -W 1 -I 10.0.0.66 10.0.0.1 > /dev/null; then
	not_ok "peers/a source of another" "is answered"
else
	ok "peers/a source of another"
fi

# A thousand.
python3 - "$(key a)" > "$TMP/many.conf" <<'END'
import base64, os, sys
print("[Interface]\nListenPort = 51820\nPrivateKey =", sys.argv[1])
for i in range(1000):
    print("[Peer]\nPublicKey =", base64.b64encode(os.urandom(32)).decode())
    print("AllowedIPs = 10.%d.%d.0/24, fd00:%x::/32" % (64 + i // 256, i % 256, i + 1))
    print("Endpoint = 192.0.2.2:%d" % (2000 + i))
END
t=$(now_ms)
check "peers/a thousand peers are set" on a wg setconf wg0 "$TMP/many.conf"
echo "# in $(($(now_ms) - t)) ms"
check "peers/and shown" test "$(on a wg show wg0 peers | wc -l)" = 1000
check "peers/with all allowed ips" test \
	"$(on a wg show wg0 allowed-ips | tr '\t ' '\n\n' | grep -cE '/[0-9]+$')" = 2000
# A sanitizer's own memory is not ours.
if ! grep -q libasan "/proc/${pid[a-wg0]}/maps"; then
	rss=$(awk '/VmRSS/ { print $2 }' "/proc/${pid[a-wg0]}/status")
	check "peers/in $((rss / 1024)) MiB, less than 64" \
		test "$rss" -lt 65536
fi

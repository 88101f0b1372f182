#!/bin/bash
# SPDX-License-Identifier: ISC
# Debian's wg(8) on the socket: every way to configure and to show, compared
# with what wireguard-go answers to the same commands.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/wglib.sh"
need wg wireguard-go

host a b
wg_keys a b c d
(umask 077; wg genpsk > "$TMP/psk")
wg_start a wg0 "$WARREN_WG"
wg_start b wg0 wireguard-go

cat > "$TMP/one.conf" <<END
[Interface]
PrivateKey = $(key a)
ListenPort = 51820
FwMark = 0x1234

[Peer]
PublicKey = $(pub b)
PresharedKey = $(cat "$TMP/psk")
AllowedIPs = 10.0.0.0/8, fd00::/16, 0.0.0.0/0
Endpoint = 192.0.2.2:51820
PersistentKeepalive = 25

[Peer]
PublicKey = $(pub c)
AllowedIPs = 10.1.0.0/16
Endpoint = [2001:db8::3]:1
END
cat > "$TMP/two.conf" <<END
[Interface]
PrivateKey = $(key a)
ListenPort = 51821

[Peer]
PublicKey = $(pub c)
AllowedIPs = 10.1.0.0/16, 10.0.0.0/8

[Peer]
PublicKey = $(pub d)
AllowedIPs = 192.168.0.0/24
END

both() {
	on a wg "$@" > "$TMP/a.out" 2>&1
	echo "status $?" >> "$TMP/a.out"
	on b wg "$@" > "$TMP/b.out" 2>&1
	echo "status $?" >> "$TMP/b.out"
}

# Without what passes with time; wireguard-go has an order of its own.
dump() {
	on "$1" wg show wg0 dump |
		awk -F'\t' -v OFS='\t' 'NF == 8 { $5 = $6 = $7 = 0 } 1' | sort
}

same() {
	local name="config/$1"
	shift
	both "$@"
	dump a > "$TMP/a.dump"
	dump b > "$TMP/b.dump"
	if ! diff "$TMP/a.out" "$TMP/b.out" > "$TMP/diff" ||
	    ! diff "$TMP/a.dump" "$TMP/b.dump" > "$TMP/diff"; then
		not_ok "$name" "$(head -4 "$TMP/diff" | tr '\n' ' ')"
	else
		ok "$name"
	fi
}

# The kernel has no port before it is up; wireguard-go has a random one.
check "config/a new interface is empty" test "$(on a wg show wg0 dump)" = \
	"$(printf '(none)\t(none)\t0\toff')"
ip -n a link set wg0 up
ip -n b link set wg0 up
same "setconf" setconf wg0 "$TMP/one.conf"
same "a setting of one peer" set wg0 peer "$(pub c)" persistent-keepalive 7
same "another psk" set wg0 peer "$(pub c)" preshared-key "$TMP/psk"
same "no psk" set wg0 peer "$(pub c)" preshared-key /dev/null
same "an allowed ip moves" set wg0 peer "$(pub c)" allowed-ips 10.0.0.0/8
same "allowed ips of none" set wg0 peer "$(pub c)" allowed-ips ""
same "a peer is removed" set wg0 peer "$(pub b)" remove
same "addconf" addconf wg0 "$TMP/two.conf"
same "syncconf" syncconf wg0 "$TMP/two.conf"
same "syncconf back" syncconf wg0 "$TMP/one.conf"
same "setconf again" setconf wg0 "$TMP/two.conf"
same "the port alone" set wg0 listen-port 51999
same "the mark alone" set wg0 fwmark 77
same "no mark" set wg0 fwmark off
same "our own key as a peer" set wg0 peer "$(pub a)" \
	allowed-ips 10.9.0.0/16
same "no private key" set wg0 private-key /dev/null
same "setconf at last" setconf wg0 "$TMP/one.conf"
for what in public-key private-key listen-port fwmark peers preshared-keys \
    endpoints allowed-ips latest-handshakes persistent-keepalive; do
	on a wg show wg0 "$what" | sort > "$TMP/a.out"
	on b wg show wg0 "$what" | sort > "$TMP/b.out"
	check "config/show $what" diff "$TMP/a.out" "$TMP/b.out"
done
on a wg showconf wg0 > "$TMP/shown.conf"
dump a > "$TMP/a.dump"
on a wg setconf wg0 "$TMP/shown.conf"
check "config/showconf is setconf's reverse" diff "$TMP/a.dump" \
	<(dump a)
check "config/the interface is listed" test "$(on a wg show interfaces)" = wg0

# A port that somebody else has.
start port a socat -u UDP-RECV:40000 /dev/null
wait_for 'on a ss -lun | grep -q :40000' 5
if on a wg set wg0 listen-port 40000 2> "$TMP/err"; then
	not_ok "config/a port that is taken" "is accepted"
else
	check "config/a port that is taken" grep -q "in use" "$TMP/err"
fi
check "config/and the old port stays" bash -c \
	"[ $(on a wg show wg0 listen-port) = 51820 ]"

# Several clients at once, one of which says nothing.
start idle a socat -u PIPE:"$TMP/never" UNIX:/var/run/wireguard/wg0.sock
sleep 0.2
for i in 1 2 3 4 5 6 7 8; do
	(for _ in 1 2 3 4 5; do dump a; done) \
		> "$TMP/many.$i" &
	clients[i]=$!
done
wait "${clients[@]}"
check "config/several clients" test \
	"$(cat "$TMP"/many.* | sort | uniq -c | awk '{ print $1 }' | sort -u)" \
	= 40

#!/bin/bash
# SPDX-License-Identifier: ISC
# "masquerade" and "clamp mss": a table of our own in nftables, replaced as a
# whole, gone with the tunnel; other tables stay as they are.
. "$(dirname "$0")/lib.sh"
need wg ping nft python3

host far gate lan
if ! on gate nft add table inet theirs; then
	skip "$NAME" "no nftables here"
	exit 0
fi
link far eth0 gate eth1 192.0.2.2/24 192.0.2.1/24
link gate eth0 lan eth0 198.51.100.1/24 198.51.100.2/24
for h in far gate; do (umask 077; wg genkey > "$TMP/fs/$h/etc/wg0.key"); done
key() { wg pubkey < "$TMP/fs/$1/etc/wg0.key"; }

cat > "$TMP/fs/gate/etc/warren.conf" <<C
router id 10.9.0.1;
log stderr all;
protocol device {}
protocol wireguard wg0 {
	private key file "/etc/warren/wg0.key"; listen port 51820;
	address 10.9.0.1/24; forward yes; mtu 1300;
	masquerade;
	clamp mss;
	peer "far" { public key "$(key far)"; };
}
C
cat > "$TMP/fs/far/etc/warren.conf" <<C
router id 10.9.0.2;
log stderr all;
protocol device {}
protocol kernel { ipv4 { export all; }; }
protocol static { ipv4; route 198.51.100.0/24 via "wg0"; }
protocol wireguard wg0 {
	private key file "/etc/warren/wg0.key"; address 10.9.0.2/24; mtu 1500;
	peer "gate" { public key "$(key gate)"; endpoint "192.0.2.1:51820"; };
}
C
table() { on gate nft list table inet warren; }
has() { table | grep -q "$1"; }

# Left by one that died: ours is put in its place.
on gate nft add table inet warren
on gate nft add chain inet warren stale
start gate gate warrend -f
start far far warrend -f
check rules wait_for 'has " masquerade$" && has "maxseg size set 1260"' 5
check whole eval '! has stale'
check ping wait_for 'on far ping -c 1 -W 1 198.51.100.2' 10

cat > "$TMP/mss.py" <<'P'
import socket, sys
if sys.argv[1] == "server":
    s = socket.create_server(("198.51.100.2", 7777))
    print("listening", flush=True)
    c, who = s.accept()
    print(who[0], c.getsockopt(6, 2), flush=True)
else:
    s = socket.create_connection(("198.51.100.2", 7777), 60)
    print(s.getsockopt(6, 2))
P
start server lan python3 "$TMP/mss.py" server
wait_for 'grep -q listening $TMP/server.log' 5
mss=$(on far python3 "$TMP/mss.py" client)
check seen_as_gate wait_for 'grep -q "^198.51.100.1 " $TMP/server.log' 5
# Less 12 for timestamps.
check clamped_in test "${mss:-9999}" -le 1260
check clamped_out test "$(awk '/^198/ { print $2 }' "$TMP/server.log")" -le 1260

# Another MTU, without masquerade.
sed -i '/masquerade/d; s/mtu 1300/mtu 1280/' "$TMP/fs/gate/etc/warren.conf"
kill -HUP "${pid[gate]}"
check replaced wait_for '! has " masquerade$" && has "maxseg size set 1240"' 5
check no_longer eval '! on far ping -c 1 -W 1 198.51.100.2'

# It stays where the tunnel stays, and goes with it.
stop gate
check term_keeps has 'maxseg size set 1240'
: > "$TMP/gate.log"
start gate gate warrend -f
check adopted wait_for 'grep -q "wg0 is up" $TMP/gate.log' 5
check still has 'maxseg size set 1240'
on gate "$BUILD/src/warren/warren" down > "$TMP/down.log"
check down_removes wait_for '! table' 5
check theirs on gate nft list table inet theirs

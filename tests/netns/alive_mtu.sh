#!/bin/bash
# SPDX-License-Identifier: ISC
# "mtu auto" with liveness: a way that silently drops what is large.
#
#	la - a --- m --- b - lb
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/wglib.sh"
need wg nft ping python3 ethtool

host a b m la lb
link a lan la eth0 192.168.1.1/24 192.168.1.2/24
link b lan lb eth0 192.168.2.1/24 192.168.2.2/24
link a eth0 m toa 10.1.1.2/24 10.1.1.1/24
link b eth0 m tob 10.1.2.2/24 10.1.2.1/24
ip -n a route add 10.1.2.0/24 via 10.1.1.1
ip -n b route add 10.1.1.0/24 via 10.1.2.1
ip -n la route add default via 192.168.1.1
ip -n lb route add default via 192.168.2.1
# Single packets on the cable, whose length nft can see; and no row of them.
for h in a b; do
	on $h ethtool -K eth0 tx-udp-segmentation off tso off gso off
done
on m ethtool -K toa gro off
on m ethtool -K tob gro off
on m sysctl -qw net.ipv4.ip_forward=1
on m nft 'add table ip t; add chain ip t f {
	type filter hook forward priority filter; }'
for h in a b; do
	(umask 077; wg genkey > "$TMP/fs/$h/etc/key")
	wg pubkey < "$TMP/fs/$h/etc/key" > "$TMP/$h.pub"
done
conf() {	# HOST NUMBER PEER
	cat > "$TMP/fs/$1/etc/warren.conf" <<C
router id 10.0.0.$2;
log stderr all;
protocol device {}
protocol direct { ipv4; interface "lan"; }
protocol kernel { ipv4 { export all; import none; }; }
protocol wireguard wg0 { private key file "/etc/warren/key"; forward yes;
	listen port 51820;
	peer "$3" { public key "$(pub "$3")"; endpoint "10.1.$((3 - $2)).2:51820"; };
}
protocol bgp $3 { local as 6500$2;
	neighbor wireguard "wg0" "$3" as 6500$((3 - $2));
	ipv4 { import all; export where source = RTS_DEVICE; }; }
C
}
conf a 1 b
conf b 2 a
mtu() {	# HOST LEAST MOST
	local n
	n=$(on "$1" cat /sys/class/net/wg0/mtu) && [ "$n" -ge "$2" ] && [ "$n" -le "$3" ]
}
narrow() { on m nft add rule ip t f udp length gt "$(($1 - 20))" drop; }
# A megabyte over TCP, from LAN to LAN, with the segments that they like.
cat > "$TMP/serve.py" <<'P'
import socket
s = socket.create_server(('192.168.2.2', 8000))
while True:
    c, _ = s.accept()
    n = 0
    while True:
        b = c.recv(65536)
        if not b:
            break
        n += len(b)
    c.sendall(b'%d' % n)
    c.close()
P
cat > "$TMP/send.py" <<'P'
import socket
c = socket.create_connection(('192.168.2.2', 8000), timeout=5)
c.sendall(b'x' * 1000000)
c.shutdown(socket.SHUT_WR)
assert c.recv(100) == b'1000000'
P
transfer() { on la timeout 20 python3 "$TMP/send.py"; }

start b b warrend -f
start a a warrend -f
start serve lb python3 "$TMP/serve.py"
check mtu/up wait_for 'on la ping -c 1 -W 1 192.168.2.2' 20 || exit 1
check mtu/full wait_for 'mtu a 1440 1440 && mtu b 1440 1440' 5
check mtu/transfer transfer
sleep 1
check mtu/full-stays eval 'mtu a 1440 1440 && mtu b 1440 1440'
stop a
stop b
for h in a b; do ip -n $h link del wg0; done

# 1400 bytes outside are 1340 inside, and these in sixteens.
narrow 1400
start b b warrend -f
start a a warrend -f
check mtu/narrow-up wait_for 'on la ping -c 1 -W 1 192.168.2.2' 20
check mtu/lowered wait_for 'mtu a 1310 1340 && mtu b 1310 1340' 20
comes mtu/said grep -qE 'Peer b: packets of more than 13[0-9]+ bytes get lost' \
	"$TMP/a.log"
check mtu/shown eval 'on a warren show tunnels |
	grep -qE "path mtu: 13[0-9]+, where 1440 should fit"'
check mtu/narrow-transfer transfer
# A host behind it is told, and the packet goes in pieces or not at all.
check mtu/too-large-is-said eval 'on la ping -c 1 -W 2 -M do -s 1380 192.168.2.2 2>&1 |
	grep -qE "Frag needed|message too long|Message too long"'
check mtu/alive eval '! grep -q dead "$TMP/a.log"'

# It is wide again; a peer that comes back is looked at anew.
on m nft flush chain ip t f
on m nft add rule ip t f drop
check mtu/dead wait_for 'grep -q "Peer b: dead" "$TMP/a.log" &&
	grep -q "Peer a: dead" "$TMP/b.log"' 8
on m nft flush chain ip t f
check mtu/raised wait_for 'mtu a 1440 1440 && mtu b 1440 1440' 20
comes mtu/raised-said grep -q 'Peer b: packets of 1440 bytes get through again' \
	"$TMP/a.log"
check mtu/wide-transfer transfer
for h in a b; do
	stop $h
done

#!/bin/bash
# SPDX-License-Identifier: ISC
# "check link": a cable that is pulled ends the session at once, and one that
# is put back begins it; and a log that goes away over UDP meanwhile.
. "$(dirname "$0")/lib.sh"
need python3

host a b c
link a eth1 b eth0 192.0.2.1/24 192.0.2.2/24
link a eth2 c eth0 198.51.100.1/24 198.51.100.2/24
# conf NAME NUMBER OTHER ADDRESS EXTRA
cat > "$TMP/fs/a/etc/warren.conf" <<C
router id 10.0.0.1;
log stderr all;
log udp 127.0.0.1 port 5514 all;
protocol device {}
protocol bgp b { local as 1; neighbor 192.0.2.2 as 2; ipv4 { import all; export all; }; }
protocol bgp c { local as 1; neighbor 198.51.100.2 as 3; check link no; ipv4 { import all; export all; }; }
C
for h in b c; do
	n=2 net=192.0.2
	[ $h = b ] || n=3 net=198.51.100
	cat > "$TMP/fs/$h/etc/warren.conf" <<C
router id 10.0.0.$n;
log stderr all;
protocol device {}
protocol bgp a { local as $n; neighbor $net.1 as 1; ipv4 { import all; export all; }; }
C
done
cat > "$TMP/syslog.py" <<'P'
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 5514))
print("listening", flush=True)
while True:
    print(s.recv(2000).decode(), flush=True)
P
start syslog a python3 "$TMP/syslog.py"
wait_for 'grep -q listening "$TMP/syslog.log"' 5
for h in a b c; do start $h $h warrend -f; done
up() { on a "$BUILD/src/warren/warren" show protocols "$1" |
	grep -q Established; }
check up_b wait_for 'up b' 15 || exit 1
check up_c wait_for 'up c' 15
comes log_udp grep -q '^<30>[A-Z][a-z][a-z] .* a warrend: b: Session established' \
	"$TMP/syslog.log"

began=$(now_ms)
ip -n b link set eth0 down
ip -n c link set eth0 down
check down wait_for '! up b' 3
echo "# down after $(($(now_ms) - began)) ms"
sleep 1
check not_checked up c

ip -n b link set eth0 up
ip -n c link set eth0 up
check back wait_for 'up b' 15
check back_c wait_for 'up c' 15

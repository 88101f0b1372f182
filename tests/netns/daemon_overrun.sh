#!/bin/bash
# SPDX-License-Identifier: ISC
# More news than the kernel keeps for us: it drops them, warrend looks at
# everything again, and ends with what is there.
. "$(dirname "$0")/lib.sh"

n=40000
host a
link a eth0 a eth9 192.0.2.1/24
cat > "$TMP/fs/a/etc/warren.conf" <<C
router id 10.0.0.1;
log stderr all;
protocol device {}
protocol kernel { learn; ipv4 { import all; export where source = RTS_STATIC; }; }
protocol static { ipv4;
	route 172.16.0.0/16 via 192.0.2.9; route 172.17.0.0/16 via 192.0.2.9; }
C
# routes ACTION: of somebody else, n of them.
routes() {
	awk -v n="$n" -v verb="$1" 'BEGIN { for (i = 0; i < n; i++)
		printf "route %s 10.%d.%d.%d/32 via 192.0.2.%d proto static\n",
		    verb, i / 65536, i / 256 % 256, i % 256, 10 + i % 3 }' |
		ip -n a -batch -
}
ctl() { on a "$BUILD/src/warren/warren" "$@"; }
# How many routes does warrend know that it has learned?
learned() {
	ctl show route protocol kernel1 count |
		awk '/ routes? for / { print $1; exit }'
}
ours() { [ "$(ip -n a route show proto bird | wc -l)" = 2 ]; }

start a a warrend -f
check ours wait_for ours 5
routes add
check learned wait_for '[ "$(learned)" = '$n' ]' 20
# A busy machine may well have lost some of these already.
echo "# $(grep -c dropped "$TMP/a.log") overruns before it was asleep"
: > "$TMP/a.log"

# It sleeps while everything changes: all go, some come back, ours are taken.
kill -STOP "${pid[a]}"
routes del
n=1000
routes add
ip -n a route del 172.16.0.0/16
ip -n a address add 198.51.100.1/24 dev eth0
ip -n a link add eth1 type veth peer name eth2
kill -CONT "${pid[a]}"
check overrun wait_for 'grep -q "dropped netlink messages" "$TMP/a.log"' 10
check relearned wait_for '[ "$(learned)" = 1000 ]' 20
check put_back wait_for ours 10
check sees_address wait_for 'ctl show interfaces | grep -q 198.51.100.1' 5
check sees_link wait_for 'ctl show interfaces | grep -q eth1' 5

# And as well awake as before.
ip -n a route add 10.200.0.0/16 via 192.0.2.9
check still_awake wait_for '[ "$(learned)" = 1001 ]' 5
ip -n a route del 10.200.0.0/16
check still_awake_gone wait_for '[ "$(learned)" = 1000 ]' 5
if stop a; then ok term; else not_ok term "exit status"; fi

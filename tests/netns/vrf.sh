#!/bin/bash
# SPDX-License-Identifier: ISC
# A protocol in a VRF whose device is not there says so and waits for it; then
# its sockets are bound to the device.  A bridge stands for the VRF here, for
# kernels without VRFs: to a socket it is a device like another.
. "$(dirname "$0")/lib.sh"
need birdc ss

host ours
host theirs
link ours eth0 theirs eth0
ip -n theirs addr add 10.1.0.2/24 dev eth0
cat > "$TMP/ours.conf" <<EOF
router id 10.1.0.1;
protocol device { }
protocol static { vrf "red"; ipv4; route 10.9.0.0/16 via 10.1.0.2; }
protocol direct { vrf "red"; ipv4; }
protocol bgp there {
	vrf "red";
	local as 65001;
	neighbor 10.1.0.2 as 65002;
	connect delay time 1;
	connect retry time 1;
	ipv4 { import all; export where source = RTS_STATIC; };
}
protocol bgp ranges {
	vrf "red";
	local port 1790 as 65001;
	neighbor range 10.3.0.0/16 external;
	ipv4 { import all; export all; };
}
EOF
cat > "$TMP/theirs.conf" <<EOF
router id 10.1.0.2;
protocol device { }
protocol bgp there {
	local as 65002;
	neighbor 10.1.0.1 as 65001;
	passive;
	ipv4 { import all; export none; };
}
EOF
start ours ours warrend -f -c "$TMP/ours.conf" -s "$TMP/ours.ctl"
start theirs theirs warrend -f -c "$TMP/theirs.conf" -s "$TMP/theirs.ctl"
show() { birdc -s "$TMP/ours.ctl" show "$@"; }
check vrf/missing wait_for 'show protocols | grep -q "No VRF device .red"' 10
check vrf/missing_log grep -q "<ERR> there: No VRF device" "$TMP/ours.log"

# An address elsewhere is none of its.
ip -n ours link add other type bridge
ip -n ours addr add 10.1.0.1/24 dev other
ip -n ours link set other up
check vrf/not_there eval '! show protocols there | grep -q Established'
check vrf/static eval '! show route 10.9.0.0/16 | grep -q 10.1.0.2'
ip -n ours link del other

ip -n ours link add red type bridge
ip -n ours link set eth0 master red
ip -n ours addr add 10.1.0.1/24 dev red
ip -n ours link set red up
check vrf/up wait_for 'show protocols there | grep -q Established' 30
check vrf/bound_dial eval 'on ours ss -Htn | grep -q "10.1.0.1%red"'
check vrf/bound_listen eval 'on ours ss -Hltn | grep -q "%red:179 "'
check vrf/bound_range eval 'on ours ss -Hltn | grep -q "%red:1790 "'
check vrf/route wait_for \
	'birdc -s "$TMP/theirs.ctl" show route | grep -q 10.9.0.0/16' 10
check vrf/direct eval 'show route 10.1.0.0/24 | grep -q "dev red"'

#!/bin/bash
# SPDX-License-Identifier: ISC
# Options of device and kernel that act on what the kernel has: preferred
# addresses (side by side with BIRD), "learn all", and "scan time 0".
. "$(dirname "$0")/lib.sh"
need bird birdc

machine() {
	host "$1"
	ip -n "$1" link add eth0 type veth peer name far0
	ip -n "$1" link set far0 addrgenmode none up
	ip -n "$1" link set eth0 addrgenmode none up
	ip -n "$1" addr add 10.0.0.1/24 dev eth0
	ip -n "$1" addr add 10.0.1.1/24 dev eth0
	ip -n "$1" addr add 2001:db8:1::1/64 dev eth0 nodad
	ip -n "$1" addr add 2001:db8:2::1/64 dev eth0 nodad
	ip -n "$1" addr add fe80::1/64 dev eth0 nodad
	ip -n "$1" addr add fe80::2/64 dev eth0 nodad
}

conf() {	# PREFERRED…
	echo 'router id 10.0.0.1;'
	echo "protocol device { interface \"eth*\" { $* }; }"
	echo 'protocol kernel { learn; scan time 0; ipv4 { import all; }; }'
}

machine theirs
machine ours
pick='preferred 10.0.1.1; preferred 2001:db8:2::1; preferred fe80::2;'
conf "$pick" > "$TMP/bird.conf"
conf "$pick" > "$TMP/ours.conf"
start bird theirs bird -f -c "$TMP/bird.conf" -s "$TMP/bird.ctl" \
	-P /run/bird.pid
start ours ours warrend -f -c "$TMP/ours.conf" -s "$TMP/ours.ctl"
addresses() { birdc -s "$TMP/$1.ctl" show interfaces | grep scope |
	sort; }
alike() { diff <(addresses bird) <(addresses ours); }
wait_for 'addresses bird | grep -q "10.0.1.1/24 (Preferred"' 10
wait_for 'alike > /dev/null' 10
check device/preferred alike
check device/preferred_link_local eval \
	'addresses ours | grep -q "fe80::2/64 (Preferred"'

# A change is heeded at once.
conf 'preferred 10.0.0.1;' > "$TMP/ours.conf"
birdc -s "$TMP/ours.ctl" configure > "$TMP/configure.log"
check device/preferred_reload eval \
	'addresses ours | grep -q "10.0.0.1/24 (Preferred"'

# What the kernel made of the addresses itself is learned with "all" only.
learned() { birdc -s "$TMP/ours.ctl" show route 10.0.1.0/24 protocol kernel1; }
check device/learn eval '! learned | grep -q eth0'
sed -i 's/learn;/learn all;/' "$TMP/ours.conf"
birdc -s "$TMP/ours.ctl" configure >> "$TMP/configure.log"
check device/learn_all wait_for 'learned | grep -q "dev eth0"' 10

# Without scans news are heard of all the same.
ip -n ours route add 172.16.0.0/24 via 10.0.0.7 proto static
check device/scan_time_zero wait_for \
	'birdc -s "$TMP/ours.ctl" show route | grep -q 172.16.0.0/24' 10

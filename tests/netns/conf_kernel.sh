#!/bin/bash
# SPDX-License-Identifier: ISC
# One file for two daemons: what BIRD and warrend make of it in the kernel is
# the same, route by route.
. "$(dirname "$0")/lib.sh"
need bird

# The same machine twice, so that neither sees what the other has left.
machine() {
	local i
	host "$1"
	for i in 0 1 2; do
		ip -n "$1" link add eth$i type veth peer name far$i
		ip -n "$1" link set far$i up
		ip -n "$1" link set eth$i up
	done
	ip -n "$1" addr add 10.99.0.1/32 dev lo
	ip -n "$1" addr add 192.0.2.1/24 dev eth0
	ip -n "$1" addr add 198.51.100.1/24 dev eth1
	ip -n "$1" addr add 203.0.113.1 peer 203.0.113.2 dev eth2
	ip -n "$1" addr add 2001:db8:1::1/64 dev eth0 nodad
	ip -n "$1" addr add 2001:db8:2::1/64 dev eth1 nodad
	# Of others: learned, and never touched.
	ip -n "$1" route add 172.16.1.0/24 via 192.0.2.7 proto static metric 77
	ip -n "$1" route add 172.16.2.0/24 via 192.0.2.8 proto 99
	ip -n "$1" route add blackhole 172.16.3.0/24 proto static
	ip -n "$1" -6 route add 2001:db8:77::/48 via 2001:db8:1::7 proto static
}

routes() {
	{
		ip -n "$1" -4 route show table all
		ip -n "$1" -6 route show table all
	} | grep -vE 'table local|ff00::|fe80::/' |
		sed 's/  */ /g; s/ $//' | sort
}

some() { [ "$(routes "$1" | grep -c bird)" -gt 5 ]; }
alike() { diff <(routes bird"$1") <(routes warren"$1"); }

n=0
for f in "$TOP"/tests/netns/conf/kernel-*.conf; do
	n=$((n + 1))
	machine bird$n
	machine warren$n
	start bird$n bird$n bird -f -c "$f" -s "$TMP/bird$n.ctl" -P /run/p
	start warren$n warren$n warrend -f -c "$f" -s "$TMP/warren$n.ctl"
	# Both have installed something, and then all of it.
	wait_for "some bird$n" 5
	sleep 2
	comes "conf_kernel/$(basename "$f" .conf)" alike $n
	check "conf_kernel/some" some warren$n
	stop bird$n
	stop warren$n
done

#!/bin/bash
# SPDX-License-Identifier: ISC
# The kernel's WireGuard, by our netlink and seen by wg(8).  Where this
# machine's kernel has none, runs itself in a guest that has
# (tests/kernel-lab, which downloads a kernel the first time).
#
# usage: wgnl_test.sh [BUILD]
set -u
here=$(cd "$(dirname "$0")" && pwd)
BUILD=$(cd "${1:-${WARREN_BUILD:-$here/../../build}}" && pwd) || exit 2
probe=$BUILD/tests/kernel/wgnl_probe
rtnl=$BUILD/tests/netns/netlink_probe

if [ -z "${WGNL_HERE-}" ]; then
	if unshare -n ip link add wgtest type wireguard 2>/dev/null; then
		WGNL_HERE=1 exec unshare -n bash "$0" "$BUILD"
	fi
	exec "$here/../kernel-lab/run" -- \
		env WGNL_HERE=1 bash "$here/wgnl_test.sh" "$BUILD"
fi

failures=0
# says NAME EXPECTED COMMAND...
says() {
	local name=$1 want=$2 got
	shift 2
	got=$("$@" 2>&1)
	if [ "$got" = "$want" ]; then
		echo "ok wgnl_test/$name"
	else
		failures=$((failures + 1))
		echo "not ok wgnl_test/$name: want '$want', got '$got'"
	fi
}
# What wg(8) sees of an interface: peers, and allowed ips of all.
seen() {
	echo "$(wg show "$1" peers | wc -l) $(wg show "$1" allowed-ips |
		cut -f 2- | tr ' ' '\n' | grep -c /)"
}

ip link set lo up
says "a wireguard link by netlink" 0 "$rtnl" link add wg0 wireguard
says "the family is there" 0 "$probe" family
says "an empty device" "peers 0 allowed 0 port 0 mark 0 key 0" \
	"$probe" dump wg0
says "a device that is not there" ENODEV "$probe" dump wg9
says "one that is not WireGuard's" EOPNOTSUPP "$probe" dump lo

says "two peers" 0 "$probe" fill wg0 2 3
says "as wg sees it" "2 6" seen wg0
says "as we see it" "peers 2 allowed 6 port 51820 mark 119 key 1; 0: :: \
port 0 keepalive 0 allowed 3 rx 0; 1: :: port 0 keepalive 0 allowed 3 rx 0" \
	"$probe" dump wg0
says "an endpoint" 0 "$probe" set wg0 0 192.0.2.1 1000 25
says "another" 0 "$probe" set wg0 1 2001:db8::1 2000 0
says "are there" "peers 2 allowed 6 port 51820 mark 119 key 1; 0: 192.0.2.1 \
port 1000 keepalive 25 allowed 3 rx 0; 1: 2001:db8::1 port 2000 keepalive 0 \
allowed 3 rx 0" "$probe" dump wg0
says "for wg, too" "192.0.2.1:1000 [2001:db8::1]:2000 " bash -c \
	"wg show wg0 endpoints | cut -f 2 | tr '\n' ' '"

says "an allowed ip moves" 0 "$probe" move wg0 1 10.0.0.0/32
says "from one to the other" "2 4" bash -c "wg show wg0 allowed-ips |
	cut -f 2- | awk '{ printf \"%s%d\", s, NF; s = \" \" }'"
# Linux 6.16 can take one away, older ones say so.
if [ "$(printf '%s\n' 6.16 "$(uname -r)" | sort -V | head -n 1)" = 6.16 ]
then
	says "is taken away" 0 "$probe" take wg0 1 10.0.0.0/32
	says "and gone" "2 5" seen wg0
else
	says "is not taken away by this kernel" EINVAL \
		"$probe" take wg0 1 10.0.0.0/32
	says "and there" "2 6" seen wg0
fi
says "a peer goes" 0 "$probe" remove wg0 1
says "and no other" "1 2" seen wg0
says "to update a peer that is not there makes none" 0 \
	"$probe" move wg0 7 10.9.0.0/16
says "indeed" "1 2" seen wg0

# More than fits one message, both ways.
says "one peer with 4,000 allowed ips" 0 "$probe" fill wg0 1 4000
says "all there" "1 4000" seen wg0
says "and read back as one peer" "peers 1 allowed 4000 port 51820 mark 119 \
key 1; 0: :: port 0 keepalive 0 allowed 4000 rx 0" "$probe" dump wg0
says "1,000 peers" 0 "$probe" fill wg0 1000 3
says "all there, too" "1000 3000" seen wg0
says "and read back" "peers 1000 allowed 3000 port 51820 mark 119 key 1" \
	"$probe" dump wg0
says "the link goes" 0 "$rtnl" link del wg0
says "and is gone" ENODEV "$probe" dump wg0
[ "$failures" = 0 ]

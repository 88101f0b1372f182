#!/bin/bash
# SPDX-License-Identifier: ISC
# Run inside a guest: two netns, veth, kernel WireGuard by netlink, ping and iperf3 through it.
set -eu
for n in a b; do ip netns add $n; ip -n $n link set lo up; done
ip link add v0 netns a type veth peer name v1 netns b
ip -n a addr add 10.0.0.1/24 dev v0; ip -n b addr add 10.0.0.2/24 dev v1
ip -n a link set v0 up; ip -n b link set v1 up
for n in a b; do wg genkey > /tmp/$n.key; wg pubkey < /tmp/$n.key > /tmp/$n.pub; ip -n $n link add wg0 type wireguard; done
ip netns exec a wg set wg0 private-key /tmp/a.key listen-port 1000 peer "$(cat /tmp/b.pub)" allowed-ips 192.168.9.2/32,fd09::2/128 endpoint 10.0.0.2:1000
ip netns exec b wg set wg0 private-key /tmp/b.key listen-port 1000 peer "$(cat /tmp/a.pub)" allowed-ips 192.168.9.1/32,fd09::1/128 endpoint 10.0.0.1:1000
ip -n a addr add 192.168.9.1/24 dev wg0; ip -n b addr add 192.168.9.2/24 dev wg0
ip -n a addr add fd09::1/64 dev wg0;     ip -n b addr add fd09::2/64 dev wg0
ip -n a link set wg0 up; ip -n b link set wg0 up
uname -srv
ip netns exec a ping -c 3 -i 0.2 192.168.9.2
ip netns exec a ping -c 3 -i 0.2 fd09::2
ip netns exec a wg show
if command -v iperf3 > /dev/null; then
	ip netns exec b iperf3 -s -1 -D > /dev/null 2>&1; sleep 0.5
	ip netns exec a iperf3 -c 192.168.9.2 -t 3 | tail -4
fi

#!/bin/bash
# SPDX-License-Identifier: ISC
# Reloading from A to B ends where starting at B does, for random A and B:
# tables, protocols, what the neighbours were told, the kernel's routes,
# tunnels.  See reload_pairs.py.  By hand, for any seed and as many pairs:
#
#	SEED=7 PAIRS=200 tests/netns/run -t 3600 tests/netns/reload_pairs.sh
. "$(dirname "$0")/lib.sh"
need bird python3 wg

for n in 1 2; do
	host "r$n" "p$n"
	link "r$n" v0 "p$n" v1 10.0.0.1/24 10.0.0.11/24
	# The same addresses of hardware: so the same link-local ones.
	for i in "r$n v0 02:00:00:00:00:01" "p$n v1 02:00:00:00:00:02"; do
		set -- $i
		ip -n "$1" link set "$2" down
		ip -n "$1" link set "$2" address "$3"
		ip -n "$1" link set "$2" up
	done
	for a in 10.0.0.2/24 10.0.0.3/24 fd00:1::1/64; do
		ip -n "r$n" address add $a dev v0
	done
	for a in 10.0.0.12/24 10.0.0.13/24 fd00:1::11/64 fd00:1::12/64; do
		ip -n "p$n" address add $a dev v1
	done
	ip -n "r$n" route add 10.77.0.0/24 dev v0 table 100 proto static
done
cp "$(dirname "$0")/reload_pairs.peer" "$TMP/peer.conf"
start peer1 p1 bird -f -c "$TMP/peer.conf" -s "$TMP/p1.ctl"
start peer2 p2 bird -f -c "$TMP/peer.conf" -s "$TMP/p2.ctl"
check peers wait_for '[ -S $TMP/p1.ctl ] && [ -S $TMP/p2.ctl ]' 10
seed=${SEED:-1}
# What differs is shown, and not only its end.
if python3 "$(dirname "$0")/reload_pairs.py" "$TMP" "$seed" "${PAIRS:-24}" \
    r1="${holder[r1]}" r2="${holder[r2]}"; then
	ok "pairs_of_seed_$seed"
else
	not_ok "pairs_of_seed_$seed" "see above; SEED=$seed shows it again"
fi
[ -z "${KEEP:-}" ] || cp "$TMP"/*.conf "$TMP"/*.state "$KEEP" 2>/dev/null || :

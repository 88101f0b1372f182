#!/bin/bash
# SPDX-License-Identifier: ISC
# A peer that starts again in the moment after its session came up, and whose
# end nobody was told of: its dial looks like the loser of a collision, is told
# so, and is soon tried again.
. "$(dirname "$0")/lib.sh"
need nft ss

host a b
link a v b v 192.0.2.1/24 192.0.2.2/24
for h in 'a 1 2' 'b 2 1'; do
	set -- $h
	cat > "$TMP/fs/$1/etc/warren.conf" <<-C
		router id 10.0.0.$2;
		log stderr all;
		protocol device {}
		protocol bgp up {
			local as $2; neighbor 192.0.2.$3 as $3;
			graceful restart on;
			$([ "$1" = b ] || echo passive yes\;)
			connect delay time 1; connect retry time 100;
			ipv4 { import all; export all; };
		}
	C
done
ups() { grep -c 'up: Session established' "$TMP/$1.log"; }
start a a warrend -f
start b b warrend -f
check first wait_for '[ "$(ups a)" -ge 1 ]' 20
for i in 1 2 3; do
	n=$(ups a)
	port=$(on b ss -Htn state established | awk '{ print $3 }' |
		sed -n 's/.*://p')
	on b nft -f - <<-N
		add table ip x$i
		add chain ip x$i o { type filter hook output priority 0; }
		add rule ip x$i o tcp sport $port drop
	N
	stop b KILL
	start b b warrend -f
	check "again_$i" wait_for "[ \"\$(ups a)\" -gt $n ]" 20
done

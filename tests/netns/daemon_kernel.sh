#!/bin/bash
# SPDX-License-Identifier: ISC
# The table and the kernel: installed, followed, adopted, respected.
. "$(dirname "$0")/lib.sh"

host r far
link r lan0 far up0 192.0.2.1/24 192.0.2.2/24
cat > "$TMP/fs/r/etc/warren.conf" <<-'C'
	log stderr all;
	router id 10.0.0.1;
	protocol device {}
	protocol direct { ipv4; }
	protocol kernel { learn; ipv4 { import all; export all; }; }
	protocol kernel { ipv6 { export all; }; }
	protocol static {
		ipv4;
		route 10.1.0.0/16 via 192.0.2.2;
		route 10.2.0.0/16 blackhole;
		route 10.3.0.0/16 via "lan0";
		route 10.4.0.0/16 recursive 10.1.2.3;
		route 10.5.0.0/16 via 203.0.113.1;
		route 10.6.0.0/16 via 192.0.2.2 { krt_realm = 9; krt_metric = 99; };
		route 10.7.0.0/16 via 192.0.2.2 { krt_prefsrc = 9.9.9.9; };
	}
	protocol static { ipv6; route 2001:db8::/32 unreachable; }
C
cp "$TMP/fs/r/etc/warren.conf" "$TMP/good.conf"

has() { ip -n r route show "$1" | grep -q "$2"; }
not() { ! "$@" > /dev/null 2>&1; }
hasnt() { ! has "$1" proto; }
begin() { start r r warrend -f; }

ip -n r route add 10.8.0.0/16 via 192.0.2.77
ip -n r route add 10.9.0.0/16 via 192.0.2.2 proto bird metric 32
ip -n r route add 10.1.0.0/16 via 192.0.2.2 proto bird metric 32

check config on r warrend -p
begin
check via wait_for 'has 10.1.0.0/16 "via 192.0.2.2.*proto bird metric 32"' 5
check blackhole wait_for 'has 10.2.0.0/16 "^blackhole"' 5
check device wait_for 'has 10.3.0.0/16 "dev lan0 proto bird"' 5
check recursive wait_for 'has 10.4.0.0/16 "via 192.0.2.2"' 5
check no_way hasnt 10.5.0.0/16
check metric wait_for 'has 10.6.0.0/16 "metric 32 realm 9"' 5
check prefsrc_told wait_for \
	'grep -q "refuses 10.7.0.0/16.*krt_prefsrc" $TMP/r.log' 5
ip -n r address add 9.9.9.9/32 dev lo
check prefsrc_then wait_for \
	'ip -n r route | grep -q "^10.7.0.0/16 .*src 9.9.9.9"' 5
check ipv6 wait_for 'ip -n r -6 route | grep -q "2001:db8::/32.*bird"' 5
check stale_goes wait_for 'hasnt 10.9.0.0/16' 5
check others_stay has 10.8.0.0/16 192.0.2.77

ip -n r link set lan0 down
check link_down wait_for 'hasnt 10.1.0.0/16 && hasnt 10.3.0.0/16' 5
ip -n r link set lan0 up
check link_up wait_for 'has 10.1.0.0/16 bird && has 10.3.0.0/16 bird' 5

ip -n r route del 10.3.0.0/16
check taken_by_force wait_for 'has 10.3.0.0/16 bird' 5

# Killed, and started again: the kernel sees no change at all.
ip -n r route > "$TMP/before"
stop r KILL
ip -n r monitor route > "$TMP/news" &
monitor=$!
: > "$TMP/r.log"
begin
wait_for 'grep -q "Recovery is over" $TMP/r.log' 10
sleep 0.5
kill "$monitor"
grep -v 10.7.0.0 "$TMP/news" > "$TMP/news.ours"
check killed_no_news test ! -s "$TMP/news.ours"
ip -n r route > "$TMP/after"
check killed_same diff "$TMP/before" "$TMP/after"

# A reload touches what changed; a bad file changes nothing.
sed -i 's/10.2.0.0\/16 blackhole/10.20.0.0\/16 blackhole/' \
	"$TMP/fs/r/etc/warren.conf"
kill -HUP "${pid[r]}"
check reload wait_for 'has 10.20.0.0/16 bird && hasnt 10.2.0.0/16' 5
echo 'protocol nonsense {' >> "$TMP/fs/r/etc/warren.conf"
kill -HUP "${pid[r]}"
check refused wait_for 'grep -q "nothing was changed" $TMP/r.log' 5
check refused_same has 10.20.0.0/16 bird
check refused_p not on r warrend -p
check error_has_place eval \
	'on r warrend -p 2>&1 | grep -q "warren.conf:[0-9]*:[0-9]*: "'

if stop r; then ok term; else not_ok term "exit status"; fi
check term_keeps has 10.1.0.0/16 bird

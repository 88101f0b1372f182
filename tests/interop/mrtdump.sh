#!/bin/bash
# SPDX-License-Identifier: ISC
# "mrtdump": what neighbors say, and their states, read by bgpdump.
. "$(dirname "$0")/../netns/lib.sh"
need bird birdc bgpdump

host r p
link r eth0 p eth0 192.0.2.1/24 192.0.2.2/24
ip -n r address add 2001:db8::1/64 dev eth0
ip -n p address add 2001:db8::2/64 dev eth0
W=$TMP/w.ctl
F=$TMP/updates.mrt

w_conf() {
	cat > "$TMP/w.conf" <<-C
	router id 192.0.2.1; log stderr all;
	$1
	protocol device {}
	protocol bgp peer {
		local as 65000; neighbor 192.0.2.2 as 4200000001;
		connect delay time 1; connect retry time 1;
		$2
		ipv4 { import all; export none; add paths rx; };
	}
	protocol bgp six {
		local as 65000; neighbor 2001:db8::2 as 4200000001;
		connect delay time 1; connect retry time 1;
		$3
		ipv6 { import all; export none; };
	}
	C
}
cat > "$TMP/p.conf" << EOF
router id 192.0.2.2; log stderr all; protocol device {}
protocol static st { ipv4; route 10.1.0.0/16 blackhole {
	bgp_community.add((65010,7)); }; }
protocol static s6 { ipv6; route 2001:db8:1::/48 blackhole; }
protocol bgp a { local as 4200000001; neighbor 192.0.2.1 as 65000;
	connect delay time 1; connect retry time 1;
	ipv4 { import none; export all; add paths tx; }; }
protocol bgp b { local as 4200000001; neighbor 2001:db8::1 as 65000;
	connect delay time 1; connect retry time 1;
	ipv6 { import none; export all; }; }
EOF
w_conf "mrtdump \"$F\"; mrtdump protocols all;" '' 'mrtdump { states };'
start warrend r warrend -c "$TMP/w.conf" -s "$W" -f
start peer p bird -f -c "$TMP/p.conf" -s "$TMP/p.ctl"
W() { birdc -s "$W" "$@"; }
lines() { bgpdump -m "$F" 2> "$TMP/bgpdump.log" | cut -d'|' -f1,3-; }
said() { lines | grep -qE "$1"; }
check mrtdump_up wait_for 'W show route | grep -q 10.1.0.0/16' 20
check mrtdump_state wait_for \
	'said "^BGP4MP\|STATE\|192.0.2.2\|4200000001\|5\|6"' 5
check mrtdump_update wait_for 'said "A\|192.0.2.2\|4200000001\|10.1.0.0/16.*\|4200000001\|IGP\|192.0.2.2\|.*65010:7"' 5
check mrtdump_state6 wait_for \
	'said "STATE\|2001:db8::2\|4200000001\|5\|6"' 20
check mrtdump_option eval '! said "A\|2001:db8::2"'
birdc -s "$TMP/p.ctl" disable st > "$TMP/answer"
check mrtdump_withdrawn wait_for 'said "W\|192.0.2.2\|4200000001\|10.1.0.0/16"' 5

# The option and the file change with the configuration; no session falls.
ups=$(grep -c 'Session established' "$TMP/warrend.log")
w_conf "mrtdump \"$F.2\";" '' 'mrtdump { messages };'
W configure > "$TMP/answer"
birdc -s "$TMP/p.ctl" reload out b > "$TMP/answer"
F=$F.2
check mrtdump_reload wait_for 'said "A\|2001:db8::2\|4200000001\|2001:db8:1::/48"' 5
check mrtdump_reload_states eval '! said STATE'
check mrtdump_reload_others eval '! said 192.0.2.2'
check mrtdump_reload_no_flap test "$ups" = \
	"$(grep -c 'Session established' "$TMP/warrend.log")"
w_conf "mrtdump \"$TMP/no/dir\";" '' ''
W configure > "$TMP/answer"
comes mrtdump_error grep -q 'mrtdump .*/no/dir: No such file' \
	"$TMP/warrend.log"
stop warrend
check mrtdump_end test $? = 0

#!/bin/bash
# SPDX-License-Identifier: ISC
# Table dumps in MRT format, read by bgpdump.
. "$(dirname "$0")/../netns/lib.sh"
need bird birdc bgpdump

host r p
link r eth0 p eth0 192.0.2.1/24 192.0.2.2/24
W=$TMP/w.ctl
D=$TMP/dumps
mkdir "$D"

cat > "$TMP/w.conf" << EOF
router id 192.0.2.1; log stderr all; debug protocols { events };
protocol device {}
ipv4 table other;
protocol static { ipv4 { table other; }; route 172.16.0.0/12 blackhole; }
protocol static { ipv4; route 10.9.0.0/16 unreachable; }
protocol bgp peer {
	local as 65000; neighbor 192.0.2.2 as 4200000001;
	ipv4 { import all; export none; };
	ipv6 { import all; export none; };
}
protocol mrt all { table "*"; filename "$D/%N-%%.mrt"; period 1; }
protocol mrt some { table master4; where source = RTS_BGP;
	filename "$D/bgp.mrt"; period 1; }
protocol mrt paths { table master4; filename "$D/paths.mrt";
	period 1; always add path; }
protocol mrt nowhere { table master4; filename "$D/no/dir"; period 1; }
EOF
cat > "$TMP/p.conf" << EOF
router id 192.0.2.2; log stderr all; protocol device {}
protocol static { ipv4; route 10.1.0.0/16 blackhole {
		bgp_path.prepend(65010); bgp_community.add((65010,7));
		bgp_large_community.add((65010,1,2)); };
	route 10.2.0.0/16 blackhole; }
protocol static { ipv6; route 2001:db8:1::/48 blackhole; }
protocol bgp { local as 4200000001; neighbor 192.0.2.1 as 65000;
	ipv4 { import none; export all; };
	ipv6 { import none; export all; next hop address 2001:db8::2; }; }
EOF
start warrend r warrend -c "$TMP/w.conf" -s "$W" -f
start peer p bird -c "$TMP/p.conf" -s "$TMP/p.ctl" -P "$TMP/p.pid" -f
has_routes() {
	birdc -s "$W" show route table all | grep -q 10.1.0.0/16 &&
		birdc -s "$W" show route table all | grep -q 2001:db8:1::/48
}
check "mrt/the neighbor's routes" wait_for has_routes 20

dump() {	# ARGUMENTS...: by command, to $D/cmd.mrt
	rm -f "$D/cmd.mrt"
	birdc -s "$W" "mrt dump table $1 to \"$D/cmd.mrt\" ${2-}" |
		tail -n +2 > "$TMP/answer"
}
# The lines of a dump without its time.
lines() { bgpdump -m "$1" 2>/dev/null | cut -d'|' -f3- | sort; }

dump master6
lines "$D/cmd.mrt" > "$TMP/master6.log"
check "mrt/a table of IPv6" test "$(lines "$D/cmd.mrt")" = \
	"B|192.0.2.2|4200000001|2001:db8:1::/48|4200000001|IGP|2001:db8::2|100|0||NAG||"

dump master4 'where source != RTS_BGP'
check "mrt/what is not of BGP is nobody's" \
	grep -q '^B|::|0|10.9.0.0/16|' <(lines "$D/cmd.mrt")
check "mrt/and alone, by its filter" test "$(lines "$D/cmd.mrt" | wc -l)" = 1

dump '"oth*"'
check "mrt/tables by a pattern" \
	grep -q '|172.16.0.0/12|' <(lines "$D/cmd.mrt")
dump master4 'where bgp_path.len = 2'
bgpdump "$D/cmd.mrt" > "$TMP/long" 2>/dev/null
check "mrt/every attribute" test "$(grep -vE '^(TIME|ORIGINATED|$)' \
	"$TMP/long")" = "TYPE: TABLE_DUMP_V2/IPV4_UNICAST
PREFIX: 10.1.0.0/16
SEQUENCE: 0
FROM: 192.0.2.2 AS4200000001
ORIGIN: IGP
ASPATH: 4200000001 65010
NEXT_HOP: 192.0.2.2
LOCAL_PREF: 100
COMMUNITY: 65010:7
LARGE_COMMUNITY: 65010:1:2"

birdc -s "$W" "mrt dump table nix to \"$D/x\"" > "$TMP/answer"
check "mrt/no such table" grep -q 'expected' "$TMP/answer"
birdc -s "$W" "mrt dump table master4 to \"$D/no/dir\"" > "$TMP/answer"
check "mrt/no such folder" \
	grep -q 'no/dir.: No such file or directory' "$TMP/answer"

check "mrt/the protocol's dumps" wait_for \
	'[ -s $D/other-%.mrt ] && [ -s $D/master4-%.mrt ] &&
	[ -s $D/master6-%.mrt ] && [ -s $D/bgp.mrt ] &&
	[ -s $D/paths.mrt ]' 10
count() { lines "$1" | grep -c "$2"; }
check "mrt/the protocol's filter" wait_for \
	'[ "$(count $D/bgp.mrt 10.1.0.0/16)" -gt 0 ] &&
	[ "$(count $D/bgp.mrt 10.9.0.0/16)" = 0 ]' 10
first=$(stat -c %s "$D/bgp.mrt")
check "mrt/which come again, behind the last" \
	wait_for '[ "$(stat -c %s $D/bgp.mrt)" -gt "$first" ]' 5
bgpdump "$D/paths.mrt" > "$TMP/paths" 2>/dev/null
check "mrt/always add path" bash -c \
	"grep -q ADDPATH $TMP/paths && ! grep -q 'UNICAST\$' $TMP/paths"
comes "mrt/what cannot be written is said" grep -q \
	'nowhere: MRT dump of table master4: No such file' "$TMP/warrend.log"
check "mrt/they are up" bash -c \
	"birdc -s $W show protocols all | grep -q '^all  *MRT  *---  *up '"
stop warrend
check "mrt/an end without complaint" test $? = 0

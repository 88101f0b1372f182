#!/bin/bash
# SPDX-License-Identifier: ISC
# "import table" and "export table", in BIRD's words, with a BIRD at the other
# end that knows no ROUTE-REFRESH: a reload has only the table to go by.
. "$(dirname "$0")/../netns/lib.sh"
need bird birdc

host w p
link w we p pe 10.0.1.1/24 10.0.1.2/24
mkdir -p "$TMP/fs/w/run/warren"
W() { on w birdc -s /run/warren/warren.ctl "$@" | tail -n +2; }
# birdc knows BIRD's commands only
C() { warren -s "$TMP/fs/w/run/warren/warren.ctl" "$@"; }
P() { on p birdc -s /run/p.ctl "$@"; }
w_conf() {	# IMPORT OPTIONS
	cat > "$TMP/fs/w/etc/warren.conf" <<-C
	log stderr all; router id 10.0.0.1;
	protocol device { scan time 1; }
	protocol static st { ipv4; route 10.1.1.0/24 blackhole;
		route 10.1.2.0/24 blackhole; }
	protocol bgp x { local 10.0.1.1 as 65001; neighbor 10.0.1.2 as 65002;
		connect delay time 1; connect retry time 1;
		error wait time 1, 1; $2
		ipv4 { import $1; import table on; export table on;
			export filter { if net = 10.1.2.0/24 then reject;
				bgp_med = 7; accept; }; };
		ipv6 { import all; export all; }; }
	C
}
cat > "$TMP/fs/p/etc/bird.conf" <<-C
	log stderr all; router id 10.0.0.2;
	protocol device { scan time 1; }
	protocol static st { ipv4; route 10.2.1.0/24 blackhole;
		route 10.2.2.0/24 blackhole { bgp_med = 5; }; }
	protocol static s6 { ipv6; route 2001:db8:2::/48 blackhole; }
	protocol bgp w { local 10.0.1.2 as 65002; neighbor 10.0.1.1 as 65001;
		connect delay time 1; connect retry time 1;
		enable route refresh off; graceful restart on;
		ipv4 { import all; export all; };
		ipv6 { import all; export all; next hop address 2001:db8::2; }; }
	C
w_conf 'where net != 10.2.1.0/24' ''
start p p bird -f -c /etc/warren/bird.conf -s /run/p.ctl
start w w warrend -f
has() { W show route protocol x | grep -q "^$1 "; }
check tables_up wait_for 'has 10.2.2.0/24' 15

same() {	# NAME COMMAND EXPECTED, without times
	printf '%s\n' "$3" > "$TMP/want"
	comes "$1" differs "$2"
}
differs() {
	W "$1" | sed -E 's/ [0-9:.-]+\]/ T]/' | diff "$TMP/want" -
}
same tables_import 'show route import table x.ipv4' 'Table import:
10.2.1.0/24          unicast [x T] * (100) [AS65002i]
	via 10.0.1.2 on we
10.2.2.0/24          unicast [x T] * (100) [AS65002i]
	via 10.0.1.2 on we'
same tables_import_all 'show route 10.2.2.0/24 import table x.ipv4 all' \
'Table import:
10.2.2.0/24          unicast [x T] * (100) [AS65002i]
	via 10.0.1.2 on we
	Type: BGP univ
	BGP.origin: IGP
	BGP.as_path: 65002
	BGP.next_hop: 10.0.1.2
	BGP.med: 5
	BGP.local_pref: 100'
same tables_import_count 'show route import table x.ipv4 count' \
	'2 of 2 routes for 2 networks in table import'
same tables_import_none 'show route import table x.ipv6' \
	'No import table in channel x.ipv6'
same tables_import_for 'show route for 10.2.1.7 import table x.ipv4' \
'Table import:
10.2.1.0/24          unicast [x T] * (100) [AS65002i]
	via 10.0.1.2 on we'
same tables_export 'show route export table x.ipv4' 'Table export:
10.1.1.0/24          blackhole [st T] * (200)'
check tables_export_all eval "W 'show route export table x.ipv4 all' |
	grep -q 'BGP.as_path: 65001\$'"
check tables_export_med eval "W 'show route export table x.ipv4 all' |
	grep -q 'BGP.med: 7\$'"
same tables_export_channel 'show route export x.ipv4' 'Table master4:
10.1.1.0/24          blackhole [st T] * (200)'
check tables_json eval "warren -s $TMP/fs/w/run/warren/warren.ctl -j \
	show route import table x.ipv4 | grep -q 10.2.1.0/24"

# A new filter: no flap, no question.
ups() { grep -c 'x: Session established' "$TMP/w.log"; }
w_conf 'where net != 10.2.2.0/24' ''
W configure > "$TMP/answer"
check tables_reload wait_for 'has 10.2.1.0/24 && ! has 10.2.2.0/24' 10
check tables_reload_no_flap test "$(ups)" = 1
w_conf 'all' ''
W configure > "$TMP/answer"
check tables_reload_all wait_for 'has 10.2.1.0/24 && has 10.2.2.0/24' 10
W reload in x > "$TMP/answer"
check tables_reload_command eval 'grep -q "reload failed" "$TMP/answer"'
sed -i 's/import all; export all; }; }$/import all; import table; export all; }; }/' \
	"$TMP/fs/w/etc/warren.conf"
W configure > "$TMP/answer"
check tables_both wait_for 'W show route import table x |
	grep -q 2001:db8:2::/48' 15
W reload in x > "$TMP/answer"
check tables_reload_both eval '! grep -q "reload failed" "$TMP/answer"'

# Withdrawn there is withdrawn here; a lost peer's are stale, and come back.
wait_for 'has 10.2.1.0/24' 10
P disable st > "$TMP/answer"
check tables_withdrawn wait_for '! W show route import table x.ipv4 |
	grep -q 10.2' 10
P enable st > "$TMP/answer"
check tables_back wait_for 'W show route import table x.ipv4 |
	grep -q 10.2.1.0/24' 10
stop p KILL
check tables_stale wait_for 'W show route import table x.ipv4 |
	grep -q "10.2.1.0/24 .*(100s)"' 10
W reload in x > "$TMP/answer"
sed -i 's/route 10.2.1.0.24 blackhole;//' "$TMP/fs/p/etc/bird.conf"
start p p bird -R -f -c /etc/warren/bird.conf -s /run/p.ctl
check tables_swept wait_for 'has 10.2.2.0/24 && ! has 10.2.1.0/24 &&
	! W show route import table x.ipv4 | grep -q 10.2.1.0/24' 20
# RFC 8326: the neighbor is asked to turn to others, and asked no more.
C graceful shutdown x > "$TMP/answer"
check drain_answer grep -q '^x: graceful shutdown$' "$TMP/answer"
tagged() { P show route 10.1.1.0/24 all |
	grep -q 'BGP.community:.*(65535,0)'; }
check drain_told wait_for tagged 5
check drain_shown eval 'W show protocols x |
	grep -q "Established *Graceful shutdown"'
C graceful shutdown all > "$TMP/answer"
check drain_twice grep -q '^x: graceful shutdown is on already$' "$TMP/answer"
C graceful shutdown off x > "$TMP/answer"
check drain_over wait_for 'P show route 10.1.1.0/24 | grep -q w && ! tagged' 5

W disable x > "$TMP/answer"
check tables_down wait_for 'W show route import table x.ipv4 |
	grep -qE "down|No import"' 5
stop w
check tables_end test $? = 0

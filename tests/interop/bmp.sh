#!/bin/bash
# SPDX-License-Identifier: ISC
# A BMP station is told of BIRDs, before and after the import filter.
. "$(dirname "$0")/../netns/lib.sh"
need bird birdc python3

host w p
link w we p pe 10.0.1.1/24 10.0.1.2/24
ip -n w address add 2001:db8::1/64 dev we
ip -n p address add 2001:db8::2/64 dev pe
S=$TMP/said
W() { on w birdc -s "$TMP/w.ctl" "$@"; }
P() { on p birdc -s "$TMP/p.ctl" "$@"; }
times='connect delay time 1; connect retry time 1; error wait time 1, 1;'
w_conf() {
	cat > "$TMP/w.conf" <<-C
	router id 10.0.0.1; log stderr all; hostname "watched";
	protocol device {}
	protocol bmp {
		station address ip 10.0.1.2 port 1790;
		monitoring rib in pre_policy;
		monitoring rib in post_policy;
		statistics period 1;
		tx buffer limit 64;
		$1
	}
	protocol bgp x { local 10.0.1.1 as 65001; neighbor 10.0.1.2 as 65002;
		$times
		ipv4 { import filter { if net = 10.2.1.0/24 then reject;
			bgp_med = 9; accept; }; import table;
			export none; add paths rx; };
		ipv6 { import all; export none; }; }
	C
}
cat > "$TMP/p.conf" <<-C
	log stderr all; router id 10.0.0.2; protocol device {}
	protocol static st { ipv4; route 10.2.1.0/24 blackhole;
		route 10.2.2.0/24 blackhole; route 10.2.3.0/24 blackhole; }
	protocol static s6 { ipv6; route 2001:db8:2::/48 blackhole; }
	protocol bgp w { local 10.0.1.2 as 65002; neighbor 10.0.1.1 as 65001;
		$times
		ipv4 { import all; export all; add paths tx; };
		ipv6 { import all; export all; next hop address 2001:db8::2; }; }
	C
said() { grep -qE -- "$1" "$S"; }
state() { W show protocols | grep -qE "^bmp1 +BMP +--- +$1"; }

# The neighbor is up before the station is: it gets the whole table.
w_conf ''
start p p bird -f -c "$TMP/p.conf" -s "$TMP/p.ctl"
start w w warrend -f -c "$TMP/w.conf" -s "$TMP/w.ctl"
check bmp_waits wait_for 'state "start .*refused" &&
	W show route | grep -q 2001:db8:2::/48' 15
start station p python3 "$TOP/tests/interop/bmp_station.py" 10.0.1.2 1790 "$S"
check bmp_initiation wait_for 'said "^initiation watched Warren"' 35
check bmp_state wait_for 'state "up .*Established"' 5
check bmp_up wait_for 'said "^up 10.0.1.2 as 65002 id 10.0.0.2 local 10.0.1.1 as 65001$"' 5
check bmp_before wait_for 'said "^pre 10.0.1.2 .*\+10.2.1.0/24#"' 5
check bmp_before_attributes said \
	'^pre 10.0.1.2 .*10.2.1.0/24#.* path=65002 hop=10.0.1.2 pref=100'
check bmp_after wait_for 'said "^post 10.0.1.2 .*\+10.2.2.0/24#.* med=9 "' 5
comes bmp_together said '^post .*\+10.2.2.0/24#[0-9]+ \+10.2.3.0/24#|^post .*\+10.2.3.0/24#[0-9]+ \+10.2.2.0/24#'
check bmp_not_filtered eval '! said "^post .*10.2.1.0/24"'
comes bmp_after6 said '^post 10.0.1.2 \+2001:db8:2::/48 hop=2001:db8::2 '
check bmp_no_table eval '! said "^pre .*2001:db8:2::/48"'
check bmp_eor wait_for 'said "^post 10.0.1.2 eor ipv6" &&
	said "^pre 10.0.1.2 eor ipv4" && said "^post 10.0.1.2 eor ipv4"' 5
check bmp_stats wait_for \
	'said "^stats 10.0.1.2 .* 0=1 7=3 9/1=3 9/2=0 8=3 10/1=2 10/2=1$"' 5

# News.
P disable st > "$TMP/answer"
check bmp_withdrawn wait_for 'said "^pre 10.0.1.2 .*-10.2.1.0/24#" &&
	said "^post 10.0.1.2 .*-10.2.2.0/24#"' 5
P enable st > "$TMP/answer"
check bmp_again wait_for '[ "$(grep -cE "^pre .*\+10.2.1.0/24#" "$S")" = 2 ]' 5
P restart w > "$TMP/answer"
check bmp_down wait_for 'said "^down 10.0.1.2 as 65002 id 10.0.0.2 reason 3 6 4$"' 5
check bmp_up_again wait_for '[ "$(grep -c ^up "$S")" = 2 ]' 15
check bmp_told_again wait_for '[ "$(grep -cE "^post .*\+2001:db8:2::/48" "$S")" = 2 ]' 10
W disable x > "$TMP/answer"
check bmp_local_down wait_for 'said "^down .* reason 1 6 [29]$"' 5
W enable x > "$TMP/answer"
check bmp_up_third wait_for '[ "$(grep -c ^up "$S")" = 3 ]' 15

# The station goes and comes back; then we go.
stop station KILL
check bmp_lost wait_for 'state start' 5
rm "$S"
start station p python3 "$TOP/tests/interop/bmp_station.py" 10.0.1.2 1790 "$S"
check bmp_back wait_for 'said "^post 10.0.1.2 .*\+10.2.2.0/24#"' 20
W disable bmp1 > "$TMP/answer"
check bmp_termination wait_for 'said "^termination 0$"' 5
check bmp_end_of_it wait_for 'tail -n 1 "$S" | grep -q ^end' 5
check bmp_all_well eval '! said BAD'
stop w
check bmp_end test $? = 0
cp "$S" "$TMP/said.log"

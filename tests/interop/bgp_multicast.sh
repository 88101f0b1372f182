#!/bin/bash
# SPDX-License-Identifier: ISC
# Channels "ipv4 multicast" and "ipv6 multicast" (SAFI 2), with BIRD at the
# other end and in tables of their own, beside the unicast ones.
. "$(dirname "$0")/../netns/lib.sh"
need bird birdc

host w p
link w we p pe 10.0.1.1/24 10.0.1.2/24
ip -n w address add 2001:db8:1::1/64 dev we nodad
ip -n p address add 2001:db8:1::2/64 dev pe nodad
conf() {	# NUMBER OTHER REFRESHES
	cat <<-C
	log stderr all; router id 10.0.0.$1;
	protocol device { }
	ipv4 table mc4; ipv6 table mc6;
	protocol static u { ipv4; route 10.$1.0.0/16 blackhole; }
	protocol static m4 { ipv4 { table mc4; };
		route 10.1$1.0.0/16 blackhole; }
	protocol static m6 { ipv6 { table mc6; };
		route 2001:db8:a$1::/48 blackhole; }
	protocol bgp them {
		local 10.0.1.$1 as 6500$1; neighbor 10.0.1.$2 as 6500$2;
		connect delay time 1; connect retry time 1;
		graceful restart;
		ipv4 { import all; export where source = RTS_STATIC; };
		ipv4 multicast { table mc4; export where source = RTS_STATIC;
			import filter { bgp_local_pref = 77; accept; }; };
		ipv6 multicast { table mc6; import all; next hop self;
			export where source = RTS_STATIC; };
	}
	C
}
conf 1 2 > "$TMP/w.conf"
conf 2 1 > "$TMP/p.conf"
W() { on w birdc -s "$TMP/w.ctl" "$@"; }
P() { on p birdc -s "$TMP/p.ctl" "$@"; }
start p p bird -f -c "$TMP/p.conf" -s "$TMP/p.ctl" -P /run/p.pid
start w w warrend -f -c "$TMP/w.conf" -s "$TMP/w.ctl"
check multicast/up wait_for 'W show protocols | grep -q "^them .*Establ"' 20
ours() { W show route table "$1" | grep -q "^$2 .*them"; }
theirs() { P show route table "$1" | grep -q "^$2 .*them"; }
check multicast/ours4 wait_for 'ours mc4 10.12.0.0/16' 10
check multicast/ours6 wait_for 'ours mc6 2001:db8:a2::/48' 10
check multicast/unicast wait_for 'ours master4 10.2.0.0/16' 10
check multicast/apart eval '! ours master4 10.12.0.0/16 &&
	! ours mc4 10.2.0.0/16'
check multicast/theirs4 wait_for 'theirs mc4 10.11.0.0/16' 10
check multicast/theirs6 wait_for 'theirs mc6 2001:db8:a1::/48' 10
check multicast/filter eval \
	'W show route table mc4 all | grep -q "local_pref: 77"'
families() { "$1" show protocols all them | grep -E "AF |Channel" |
	sed 's/ *$//' | sort | uniq -c; }
check multicast/shown eval 'diff <(families W) <(families P)'

# A withdrawal, and more paths told of after a refresh.
sed -i 's/route 10.12.0.0.16 blackhole/route 10.22.0.0\/16 blackhole/' \
	"$TMP/p.conf"
P configure > "$TMP/answer"
check multicast/withdrawn wait_for \
	'ours mc4 10.22.0.0/16 && ! ours mc4 10.12.0.0/16' 10
sed -i 's/pref = 77/pref = 78/' "$TMP/w.conf"
W configure > "$TMP/answer"
check multicast/refreshed wait_for \
	'W show route table mc4 all | grep -q "local_pref: 78"' 10
check multicast/same_session eval '! W show protocols all them |
	grep -q "Last error"'
# The channel goes: its routes, and the session is made anew.
sed -i '/ipv4 multicast/,/};$/d' "$TMP/w.conf"
W configure > "$TMP/answer"
check multicast/gone wait_for '! ours mc4 10.22.0.0/16 &&
	ours mc6 2001:db8:a2::/48' 20

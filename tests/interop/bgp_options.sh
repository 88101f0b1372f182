#!/bin/bash
# SPDX-License-Identifier: ISC
# What single options of protocol bgp do, seen with a BIRD at the other end.
. "$(dirname "$0")/../netns/lib.sh"
need bird birdc

host w p q
link w we p pe 10.0.1.1/24 10.0.1.2/24
link w wq q qe 10.0.2.1/24 10.0.2.2/24
link w wo q qo 10.9.9.1/32 10.8.8.2/32
ip -n w address add fe80::1/64 dev wq
ip -n q address add fe80::2/64 dev qe
ip -n w route add 10.8.8.2 dev wo
ip -n q route add 10.9.9.1 dev qo
times='connect delay time 1; connect retry time 1; error wait time 1, 1;'
mkdir -p "$TMP/fs/w/run/warren"

W() { on w birdc -s /run/warren/warren.ctl "$@"; }
P() { on p birdc -s /run/p.ctl "$@"; }
Q() { on q birdc -s /run/q.ctl "$@"; }
w_conf() {	# OPTIONS CHANNEL4 MORE
	cat > "$TMP/fs/w/etc/warren.conf" <<-C
	log stderr all; router id 10.0.0.1;
	protocol device { scan time 1; }
	protocol kernel { ipv4 { export where source = RTS_BGP; }; }
	protocol bgp p { local 10.0.1.1 as 65001; neighbor 10.0.1.2 as 65002;
		$times $1 ipv4 { import all; export all; $2 }; }
	${3-}
	C
}
p_conf() {	# OPTIONS CHANNELS
	cat > "$TMP/fs/p/etc/bird.conf" <<-C
	log stderr all; router id 10.0.0.2;
	protocol device { scan time 1; }
	protocol static st { ipv4; route 10.100.1.0/24 blackhole;
		route 10.100.2.0/24 blackhole; }
	protocol bgp w { local 10.0.1.2 as 65002; neighbor 10.0.1.1 as 65001;
		$times $1 $2 }
	C
}
all='ipv4 { import all; export all; };'
up() { W show protocols | grep -qE "^$1 .* Established"; }
state() { W show protocols | grep -qE "^p .*$1"; }
all_has() { W show protocols all p | grep -qE "$1"; }
again() { W configure > "$TMP/answer"; P configure > "$TMP/answer"; }

w_conf '' ''
p_conf '' "$all"
start p p bird -f -c /etc/warren/bird.conf -s /run/p.ctl
start w w warrend -f
check options_plain wait_for 'up p' 15

# A family that the neighbor must have.
w_conf "" "mandatory;"
p_conf '' 'ipv6 { import all; export all; };'
sed -i 's/^\tC$//; s/export all; mandatory; };/export all; mandatory; }; ipv6 { import all; export all; };/' \
	"$TMP/fs/w/etc/warren.conf"
again
check options_mandatory wait_for 'state "BGP Error: .*apabilit"' 10
check options_mandatory_down eval '! up p'
p_conf '' "$all"
again
check options_mandatory_there wait_for 'up p' 15

# RFC 8950 must be there.
w_conf '' 'extended next hop; require extended next hop;'
again
check options_require_8950 wait_for 'state "apabilit"' 10
p_conf '' 'ipv4 { import all; export all; extended next hop; };'
again
check options_require_8950_there wait_for 'up p' 15

# No capabilities: plain BGP-4.
w_conf 'capabilities off;' ''
p_conf '' "$all"
again
check options_silent wait_for 'up p' 15
theirs() { P show protocols all w | awk '/Neighbor capabilities/ { in_ = 1 }
	/Session:/ { in_ = 0 } in_'; }
check options_silent_says eval '! theirs | grep -qE "4-octet|efresh|restart"'
check options_silent_routes wait_for 'W show route 10.100.1.0/24 |
	grep -q unicast' 5

# Graceful restart of one family and not of another.
w_conf 'graceful restart on;' 'graceful restart off;'
again
wait_for 'up p' 15
check options_gr_channel wait_for 'theirs | grep -q "Graceful restart" &&
	! theirs | grep -q "AF supported: ipv4"' 10
w_conf 'graceful restart on;' ''
again
check options_gr_on wait_for 'up p && theirs | grep -q "AF supported: ipv4"' 15

# Errors and Cease disable, where it is said.
w_conf 'disable after cease { administrative shutdown };' ''
again
wait_for 'up p' 15
P restart w > "$TMP/answer"
check options_cease_other wait_for 'state "Received: Administrative reset"' 5
check options_cease_back wait_for 'up p' 15
P disable w > "$TMP/answer"
check options_cease_disables wait_for 'state " down "' 5
P enable w > "$TMP/answer"
sleep 2
check options_cease_stays state ' down '
W enable p > "$TMP/answer"
check options_enabled wait_for 'up p' 15
w_conf 'disable after error; hold time 3;' ''
again
wait_for 'up p' 15
kill -STOP "${pid[p]}"
check options_error_disables wait_for 'state " down "' 12
kill -CONT "${pid[p]}"
W enable p > "$TMP/answer"
check options_error_enabled wait_for 'up p' 15

# "authentication none": a password that is not used.
w_conf 'password "secret"; authentication none;' ''
again
check options_no_authentication wait_for 'up p' 15

# secondary: q's neighbor gets what is second where the first is rejected;
# cost decides between two that are direct; onlink.
cat > "$TMP/fs/q/etc/bird.conf" <<-C
	log stderr all; router id 10.0.0.3;
	protocol device { scan time 1; }
	protocol static st { ipv4; route 10.100.1.0/24 blackhole; }
	protocol bgp w { local 10.0.2.2 as 65003; neighbor 10.0.2.1 as 65001;
		$times ipv4 { import all; export all; }; }
	protocol bgp l { local fe80::2 as 65006; neighbor fe80::1%qe as 65001;
		$times ipv6 { import none; export none; }; }
	protocol bgp o { local 10.8.8.2 as 65005; neighbor 10.9.9.1 as 65001;
		multihop 2; passive;
		$times ipv4 { import none; export all; }; }
	C
start q q bird -f -c /etc/warren/bird.conf -s /run/q.ctl
second='protocol bgp q { local 10.0.2.1 as 65001; neighbor 10.0.2.2 as 65003;
		'$times' ipv4 { import all; cost COST; export none; }; }
	protocol static own { ipv4 { preference 200; };
		route 10.100.1.0/24 blackhole; }
	protocol bgp l { local fe80::1 as 65001; neighbor fe80::2 as 65006;
		interface "wq"; strict bind; passive;
		ipv6 { import none; export none; }; }
	protocol bgp o { local 10.9.9.1 as 65001; neighbor 10.8.8.2 as 65005;
		'$times' interface "wo"; onlink;
		ipv4 { import all; export none; }; }'
# without: own, which is best, is rejected and nothing is told
w_conf '' 'export where source = RTS_BGP;' "${second/cost COST;/}"
again
p_sees() { P show route 10.100.1.0/24 all | grep -qE "as_path: $1"; }
check options_q_up wait_for 'up q && up p' 15
sleep 1
check options_no_secondary eval '! p_sees "65001 6500[35]"'
w_conf '' 'secondary; export where source = RTS_BGP;' \
	"${second/cost COST;/}"
again
check options_secondary wait_for 'p_sees "65001 6500[35]"' 10
check options_secondary_shown wait_for 'W show route export p |
	grep -q 10.100.1.0/24' 10
check options_strict_bind wait_for 'up l' 15
listens() { on w ss -Hltn | grep -q '\[fe80::1\]%wq:179\|fe80::1%wq\]*:179'; }
check options_strict_bind_there listens
check options_onlink wait_for 'up o && W show route 10.100.1.0/24 protocol o |
	grep -q "via 10.8.8.2 on wo onlink"' 15
first() { W show route 10.100.1.0/24 where source = RTS_BGP |
	grep -m1 -qE "\[$1 "; }
check options_cost_without wait_for 'first p' 10
w_conf '' 'cost 20; export none;' "${second/COST/10}"
again
check options_cost wait_for 'first o' 10

# An attribute that nobody but the file knows, there and back again.
w_conf '' 'export filter { mine = hex:0102ff; accept; };' 'protocol static {
	ipv4; route 10.44.0.0/16 blackhole; }'
sed -i '1i attribute bgp 200 bytestring mine;' "$TMP/fs/w/etc/warren.conf"
again
check options_attribute wait_for 'P show route 10.44.0.0/16 all |
	grep -q "BGP.c8 .t.: 01 02 ff"' 15
w_conf '' '' 'protocol pipe { table t; peer table master4; import where
	! defined(mine) || mine != hex:0102ff; export none; }
	protocol bgp q { local 10.0.2.1 as 65001; neighbor 10.0.2.2 as 65003;
		'"$times"' ipv4 { import none; export where mine = hex:0102ff; }; }
	protocol static { ipv4 { import filter { mine = hex:0102ff; accept; };
		}; route 10.44.0.0/16 blackhole; route 10.45.0.0/16 blackhole
		{ mine = hex:03; }; }'
sed -i '1i attribute bgp 200 bytestring mine; ipv4 table t;' \
	"$TMP/fs/w/etc/warren.conf"
again
check options_attribute_heeded wait_for 'Q show route all |
	grep -q "BGP.c8 .t.: 01 02 ff"' 15
check options_attribute_static eval \
	'W show route 10.44.0.0/16 all | grep -q "BGP.c8 .t.: 01 02 ff"'
stop w
check options_end test $? = 0

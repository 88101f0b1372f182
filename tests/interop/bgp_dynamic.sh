#!/bin/bash
# SPDX-License-Identifier: ISC
# Neighbours that no file names: BIRDs dial into a range, and come and go.
. "$(dirname "$0")/../netns/lib.sh"
need bird birdc

host w a b c
link w wa a aw 10.0.1.1/24 10.0.1.2/24
link w wb b bw 10.0.2.1/24 10.0.2.2/24
link w wc c cw 10.9.3.1/24 10.9.3.2/24
ip -n w address add fe80::1/64 dev wa
ip -n a address add fe80::2/64 dev aw

w_conf() {	# CHANNEL, OPTIONS: of the ranges
	cat <<-C
	log stderr all;
	router id 10.0.0.1;
	protocol device { scan time 1; }
	protocol static { ipv4; route 10.50.1.0/24 blackhole; }
	protocol bgp spokes {
		local as 65001;
		neighbor range 10.0.0.0/16 external;
		dynamic name "spoke";
		dynamic name digits 2;
		$2
		password "one for all";
		ipv4 { $1 export where source = RTS_STATIC; };
	}
	protocol bgp links {
		local as 65001;
		neighbor range fe80::/64 as 65002;
		ipv6 { import all; export all; };
	}
	protocol bgp last { local as 65001; neighbor 10.0.7.2 as 65007;
		ipv4 { import all; export all; }; }
	C
}
peer() {	# NAME ID AS LOCAL REMOTE PASSWORD
	cat > "$TMP/fs/$1/etc/bird.conf" <<-C
	log stderr all;
	router id 10.0.0.$2;
	protocol device { scan time 1; }
	protocol static { ipv4; route 10.1$2.1.0/24 blackhole; }
	protocol bgp w {
		local $4 as $3; neighbor $5 as 65001;
		connect delay time 1; connect retry time 1;
		error wait time 1, 1;
		password "$6";
		ipv4 { import all; export where source = RTS_STATIC; };
	}
	$7
	C
}
peer a 2 65002 10.0.1.2 10.0.1.1 'one for all' 'protocol bgp l {
	local as 65002; neighbor fe80::1%aw as 65001;
	connect delay time 1; connect retry time 1;
	ipv6 { import all; export all; }; }'
peer b 3 65003 10.0.2.2 10.0.2.1 'one for all' ''
peer c 4 65004 10.9.3.2 10.9.3.1 'one for all' ''

ask() { local h=$1; shift; on "$h" birdc -s "/run/$h.ctl" "$@"; }
W() { on w birdc -s /run/warren/warren.ctl "$@"; }
shows() { W show protocols | grep -qE "$1"; }
lacks() { ! shows "$1"; }
up() { ask "$1" show protocols w | grep -q Established; }
has() { W show route "$1" | grep -qE "$2"; }
has_not() { ! W show route "$1" | grep -qE "unicast"; }

mkdir -p "$TMP/fs/w/run/warren"
w_conf 'import all;' '' > "$TMP/fs/w/etc/warren.conf"
start w w warrend -f
check dynamic_listens wait_for \
	"shows '^spokes +BGP +--- +start .* Passive'" 10
start a a bird -f -c /etc/warren/bird.conf -s /run/a.ctl
check dynamic_first wait_for 'shows "^spoke01 +BGP +--- +up .*Established"' 15
check dynamic_at_peer wait_for 'up a' 5
check dynamic_link_local wait_for \
	'shows "^dynbgp1 +BGP +--- +up .*Established"' 15
start b b bird -f -c /etc/warren/bird.conf -s /run/b.ctl
start c c bird -f -c /etc/warren/bird.conf -s /run/c.ctl
check dynamic_second wait_for 'shows "^spoke02 .*Established"' 15
check dynamic_routes wait_for \
	'has 10.12.1.0/24 "spoke01" && has 10.13.1.0/24 "spoke02"' 10
check dynamic_export wait_for \
	'ask b show route 10.50.1.0/24 | grep -q unicast' 10
check dynamic_order test "$(W show protocols | awk '/BGP/ { print $1 }' |
	tr '\n' ' ')" = "spokes spoke01 spoke02 links dynbgp1 last "
all() { W show protocols all spoke01 | grep -qE "$1"; }
check dynamic_address all 'Neighbor address: 10.0.1.2$'
check dynamic_as all 'Neighbor AS: +65002'
check dynamic_range bash -c "birdc -s $TMP/fs/w/run/warren/warren.ctl \
	show protocols all spokes | grep -q 'Neighbor range: *10.0.0.0/16'"
check dynamic_only_range eval '! up c'

# Reload: the sessions stand, and follow.
ups=$(grep -c 'Session established' "$TMP/w.log")
w_conf 'import where net != 10.12.1.0/24;' '' > "$TMP/fs/w/etc/warren.conf"
check dynamic_reload eval 'W configure | grep -q Reconfigured'
check dynamic_refiltered wait_for 'has_not 10.12.1.0/24' 10
check dynamic_kept has 10.13.1.0/24 spoke02
check dynamic_no_flap test "$ups" = \
	"$(grep -c 'Session established' "$TMP/w.log")"
check dynamic_order_kept test "$(W show protocols | awk '/BGP/ { print $1 }' |
	tr '\n' ' ')" = "spokes spoke01 spoke02 links dynbgp1 last "

# Commands; who is disabled stays out until a reload.
W disable spoke02 > "$TMP/answer"
check dynamic_disabled wait_for 'shows "^spoke02 .* down "' 5
sleep 2
check dynamic_barred eval '! up b'
W configure > "$TMP/answer"
check dynamic_forgiven wait_for 'up b && lacks "^spoke02 "' 15

# A session that ends takes its protocol along.
stop a TERM
check dynamic_gone wait_for 'lacks spoke01 && lacks dynbgp1' 10
start a a bird -f -c /etc/warren/bird.conf -s /run/a.ctl
check dynamic_again wait_for 'up a' 15

# No more than so many.
stop a TERM
wait_for '! W show protocols all | grep -q "address: 10.0.1.2$"' 10
w_conf 'import all;' 'dynamic limit 1;' > "$TMP/fs/w/etc/warren.conf"
W configure > "$TMP/answer"
start a a bird -f -c /etc/warren/bird.conf -s /run/a.ctl
check dynamic_limit wait_for \
	'grep -q "from 10.0.1.2 refused: the dynamic limit" $TMP/w.log' 10
check dynamic_limit_others up b

# Without the range nobody of it stays.
w_conf 'import all;' '' | awk '/^protocol bgp spokes/ { skip = 1 }
	!skip; /^}/ { skip = 0 }' > "$TMP/fs/w/etc/warren.conf"
W configure > "$TMP/answer"
check dynamic_removed wait_for 'lacks spoke' 10
check dynamic_other_stays shows '^links '
stop w
check dynamic_end test $? = 0

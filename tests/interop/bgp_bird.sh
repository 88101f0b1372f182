#!/bin/bash
# SPDX-License-Identifier: ISC
# warrend between four BIRDs: e outside, i inside (with a password), m two
# hops away (with TTL security), x on a link that has link-local addresses
# only.  What they tell each other passes through w, and the kernel there is
# where its own view is read.
. "$(dirname "$0")/../netns/lib.sh"
need bird birdc

host w e i m x
link w we e ew 10.0.1.1/24 10.0.1.2/24
link w wi i iw 10.0.2.1/24 10.0.2.2/24
link e em m me 10.0.3.1/24 10.0.3.2/24
link w wx x xw
ip -n w address add 2001:db8:1::1/64 dev we
ip -n e address add 2001:db8:1::2/64 dev ew
ip -n w address add 2001:db8:2::1/64 dev wi
ip -n i address add 2001:db8:2::2/64 dev iw
ip -n w address add fe80::1/64 dev wx
ip -n x address add fe80::2/64 dev xw
ip -n w route add 10.0.3.0/24 via 10.0.1.2
ip -n m route add default via 10.0.3.1
on e sysctl -qw net.ipv4.ip_forward=1

times='hold time 9; connect delay time 1; connect retry time 2;
	error wait time 1, 2; graceful restart on; graceful restart time 30;'
times_bird='hold time 9; connect delay time 1; connect retry time 2;
	error wait time 1, 2; graceful restart on; graceful restart time 30;'

w_conf() {
	cat <<-C
	log stderr all;
	router id 10.0.0.1;
	protocol device { scan time 1; }
	protocol direct { ipv4; ipv6; }
	protocol kernel { learn; ipv4 { export where source = RTS_BGP; }; }
	protocol kernel { ipv6 { export where source = RTS_BGP; }; }
	protocol static {
		ipv4;
		route 10.50.1.0/24 blackhole;
		route 10.50.2.0/24 blackhole;
	}
	protocol static { ipv6; route 2001:db8:50::/48 blackhole; }
	filter tell {
		if source = RTS_DEVICE then reject;
		if net = 10.50.1.0/24 then {
			bgp_med = 33;
			bgp_community.add((65001, 50));
			bgp_large_community.add((65001, 5, 0));
		}
		accept;
	}
	protocol bgp e {
		local 10.0.1.1 as 65001;
		neighbor 10.0.1.2 as 4200000001;
		$times
		$1
		ipv4 { import ${2:-all}; export filter tell; };
		ipv6 { import all; export filter tell; };
	}
	protocol bgp i {
		local 10.0.2.1 as 65001;
		neighbor 10.0.2.2 as 65001;
		$times
		password "correct horse";
		ipv4 { import all; export filter tell; };
		ipv6 { import all; export filter tell; };
	}
	protocol bgp m {
		local 10.0.1.1 as 65001;
		neighbor 10.0.3.2 as 65040;
		multihop 2;
		ttl security on;
		$times
		ipv4 { import all; export filter tell; };
	}
	protocol bgp x {
		local fe80::1 as 65001;
		neighbor fe80::2 as 65030;
		interface "wx";
		$times
		ipv4 { import all; export filter tell; extended next hop; };
		ipv6 { import all; export filter tell; };
	}
	C
}

# peer NAME ROUTER-ID NETS-DIGIT SESSION-LINES CHANNEL4 CHANNEL6
peer() {
	cat > "$TMP/fs/$1/etc/bird.conf" <<-C
	log stderr all;
	router id 10.0.0.$2;
	protocol device { scan time 1; }
	protocol static s4 {
		ipv4;
		route 10.$3.1.0/24 blackhole;
		route 10.$3.2.0/24 blackhole;
	}
	protocol static s6 { ipv6; route 2001:db8:$3::/48 blackhole; }
	filter tell {
		if source != RTS_STATIC then reject;
		if net.len = 24 && net = 10.$3.1.0/24 then {
			bgp_path.prepend(65010);
			bgp_med = 50;
			bgp_community.add((65010, 1));
			bgp_ext_community.add((rt, 65010, 7));
			bgp_large_community.add((4200000001, 1, 2));
		}
		accept;
	}
	protocol bgp w {
		$4
		$times_bird
		ipv4 { import all; export filter tell; $5 };
		$6
	}
	C
}
all6='ipv6 { import all; export all; };'
peer e 2 100 'local 10.0.1.2 as 4200000001; neighbor 10.0.1.1 as 65001;' \
	'' "$all6"
peer i 3 101 'local 10.0.2.2 as 65001; neighbor 10.0.2.1 as 65001;
	password "correct horse"; passive;' '' "$all6"
peer m 4 102 'local 10.0.3.2 as 65040; neighbor 10.0.1.1 as 65001;
	multihop 2; ttl security on;' '' ''
peer x 5 103 'local fe80::2 as 65030; neighbor fe80::1 as 65001;
	interface "xw";' 'extended next hop on;' "$all6"

bird_start() {
	start "$1" "$1" bird -f -c /etc/warren/bird.conf -s "/run/$1.ctl" \
		${2-}
}
ask() { local h=$1; shift; on "$h" birdc -s "/run/$h.ctl" "$@"; }
# what a BIRD shows of one net, and the kernel of w
shows() { ask "$1" show route "$2" all | grep -qE "$3"; }
lacks() { ! ask "$1" show route "$2" all | grep -qE "$3"; }
kernel() { ip -n w route show "$1" | grep -qE "$2"; }
kernel6() { ip -n w -6 route show "$1" | grep -qE "$2"; }
no_kernel() { ! kernel "$1" proto; }
up() { ask "$1" show protocols w | grep -q Established; }
logged() { grep -qE "$2" "$TMP/$1.log"; }

w_conf '' > "$TMP/fs/w/etc/warren.conf"
check config on w warrend -p
for p in e i m x; do bird_start $p; done
start w w warrend -f

for p in e i m x; do
	check "session_$p" wait_for "up $p" 20 || exit 1
done

# From e to the kernel and on to i: RFC 4271 5, 6793, 8092.
check kernel_e wait_for 'kernel 10.100.1.0/24 "via 10.0.1.2 dev we"' 10
check kernel_e_more wait_for 'kernel 10.100.2.0/24 "via 10.0.1.2"' 10
check kernel_e6 wait_for 'kernel6 2001:db8:100::/48 "dev we"' 10
check kernel_i wait_for 'kernel 10.101.1.0/24 "via 10.0.2.2 dev wi"' 10
check kernel_i6 wait_for 'kernel6 2001:db8:101::/48 "dev wi"' 10
check kernel_m wait_for 'kernel 10.102.1.0/24 "via 10.0.1.2 dev we"' 10
check kernel_x wait_for 'kernel 10.103.1.0/24 "via inet6 fe80::2 dev wx"' 10
check kernel_x6 wait_for 'kernel6 2001:db8:103::/48 "via fe80::2 dev wx"' 10
check to_i wait_for 'shows i 10.100.1.0/24 BGP.as_path' 10
for want in 'as_path: 4200000001 65010$' 'next_hop: 10.0.1.2$' 'med: 50$' \
    'local_pref: 100$' 'community: \(65010,1\)$' \
    'ext_community: \(rt, 65010, 7\)$' \
    'large_community: \(4200000001, 1, 2\)$' 'origin: IGP$'; do
	check "to_i_${want%%:*}" shows i 10.100.1.0/24 "BGP.$want"
done
check to_i_6 wait_for 'shows i 2001:db8:100::/48 "next_hop: 2001:db8:1::2"' 5

# From i to e: the path grows, MED and preference stay behind.
check to_e wait_for 'shows e 10.101.1.0/24 BGP.as_path' 10
check to_e_path shows e 10.101.1.0/24 'as_path: 65001 65010$'
check to_e_hop shows e 10.101.1.0/24 'next_hop: 10.0.1.1$'
check to_e_no_med lacks e 10.101.1.0/24 'BGP.med'
check to_e_community shows e 10.101.1.0/24 'community: \(65010,1\)$'
check to_e_6 wait_for \
	'shows e 2001:db8:101::/48 "next_hop: 2001:db8:1::1( fe80|$)"' 5
# Its own; what the filter sets goes out.
for want in 'as_path: 65001$' 'med: 33$' 'community: \(65001,50\)$' \
    'large_community: \(65001, 5, 0\)$'; do
	check "own_to_e_${want%%:*}" wait_for \
		"shows e 10.50.1.0/24 'BGP.$want'" 5
done
check own_to_e_6 wait_for 'shows e 2001:db8:50::/48 "as_path: 65001$"' 5
check own_to_m wait_for 'shows m 10.50.1.0/24 "next_hop: 10.0.1.1$"' 5
check own_to_x wait_for 'shows x 10.50.1.0/24 "next_hop: .*fe80::1"' 5
check own_to_x6 wait_for 'shows x 2001:db8:50::/48 "next_hop: .*fe80::1"' 5
check e_to_m wait_for 'shows m 10.100.1.0/24 "path: 65001 4200000001 65010"' 5
check nothing_back lacks e 10.100.1.0/24 'as_path: 65001'

# Withdrawn, and back; changed.
ask e disable s4 > /dev/null
check withdrawn wait_for 'no_kernel 10.100.1.0/24' 5
check withdrawn_at_i wait_for 'lacks i 10.100.1.0/24 BGP' 5
ask e enable s4 > /dev/null
check announced_again wait_for 'kernel 10.100.1.0/24 10.0.1.2' 5
sed -i 's/bgp_med = 50/bgp_med = 51/' "$TMP/fs/e/etc/bird.conf"
ask e configure > /dev/null
check changed wait_for 'shows i 10.100.1.0/24 "BGP.med: 51$"' 5

# Route refresh, asked by BIRD and by us.
refreshed() {
	local n
	n=$(ask e show protocols all w | awk '/Import updates:/ {
		print $3; exit }')
	[ "$n" -gt "$1" ]
}
before=$(ask e show protocols all w | awk '/Import updates:/ { print $3;
	exit }')
ask e reload in w > /dev/null
check refresh_out wait_for "refreshed $before" 5
w_conf '' 'where net != 10.100.2.0/24' > "$TMP/fs/w/etc/warren.conf"
kill -HUP "${pid[w]}"
check refresh_in_filter wait_for 'no_kernel 10.100.2.0/24' 5
check refresh_in_kept kernel 10.100.1.0/24 10.0.1.2
w_conf '' > "$TMP/fs/w/etc/warren.conf"
kill -HUP "${pid[w]}"
check refresh_in wait_for 'kernel 10.100.2.0/24 10.0.1.2' 5
check refresh_no_flap test "$(grep -c 'e: Session established' \
	"$TMP/w.log")" = 1

# The peer dies and comes back: nothing moves in the kernel.
watch_kernel() {
	: > "$TMP/news"
	ip -n w monitor route > "$TMP/news" &
	monitor=$!
	sleep 0.2
}
quiet() { ! grep -q 'proto bird' "$TMP/news"; }
watch_kernel
stop e KILL
sleep 1
check gr_peer_kept kernel 10.100.1.0/24 10.0.1.2
comes gr_peer_noticed logged w 'e: Graceful restart: its routes are kept'
bird_start e -R
check gr_peer_back wait_for 'up e' 20
check gr_peer_over wait_for 'logged w "e: Graceful restart is over"' 20
sleep 0.5
kill "$monitor"
check gr_peer_no_flap quiet
check gr_peer_still kernel 10.100.1.0/24 10.0.1.2

# We die and come back: neither the kernel nor the peers see it.
up_since() { ask e show route 10.50.1.0/24 all | grep -q 'as_path: 65001$'; }
check gr_self_before wait_for up_since 10
watch_kernel
stop w KILL
sleep 1
check gr_self_kept up_since
start w w warrend -f
check gr_self_back wait_for 'up e && up i' 20
check gr_self_recovered wait_for 'logged w "Recovery is over"' 70
check gr_self_still up_since
sleep 0.5
kill "$monitor"
check gr_self_no_flap quiet
check gr_self_kernel kernel 10.100.1.0/24 10.0.1.2

# A text with the shutdown: RFC 9003.
ask e disable w '"mending the cable"' > /dev/null
check shutdown_text wait_for 'logged w "mending the cable"' 5
check shutdown_gone wait_for 'no_kernel 10.100.1.0/24' 5
ask e enable w > /dev/null
check enabled_again wait_for 'up e && kernel 10.100.1.0/24 10.0.1.2' 20

# No more keepalives: the hold timer, and RFC 4724 does not help a liar.
kill -STOP "${pid[x]}"
check hold_timer wait_for 'logged w "x: .*[Hh]old timer expired"' 15
check hold_gone wait_for 'no_kernel 10.103.1.0/24' 35
kill -CONT "${pid[x]}"
check hold_back wait_for 'kernel 10.103.1.0/24 fe80::2' 25

# A wrong password lets nobody in.
sed -i 's/correct horse/wrong horse/' "$TMP/fs/i/etc/bird.conf"
ask i configure > /dev/null
wait_for '! up i' 10
sleep 3
check wrong_password eval '! up i'
sed -i 's/wrong horse/correct horse/' "$TMP/fs/i/etc/bird.conf"
ask i configure > /dev/null
check right_password wait_for 'up i' 25

# A block that is taken out of the file says so; a daemon that ends leaves
# all as it is, for its next run.
awk '/^protocol bgp m/ { skip = 1 } !skip; /^}/ { skip = 0 }' \
	"$TMP/fs/w/etc/warren.conf" > "$TMP/without_m"
cp "$TMP/without_m" "$TMP/fs/w/etc/warren.conf"
kill -HUP "${pid[w]}"
check deconfigured wait_for 'ask m show protocols all w |
	grep -qi "Received: Peer de-configured"' 5
check deconfigured_gone wait_for 'lacks m 10.50.1.0/24 as_path' 5
stop w TERM
sleep 0.5
check end_is_graceful shows e 10.50.1.0/24 'as_path: 65001$'
check end_leaves_routes kernel 10.100.1.0/24 10.0.1.2

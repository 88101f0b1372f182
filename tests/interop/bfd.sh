#!/bin/bash
# SPDX-License-Identifier: ISC
# BFD with BIRD and with FRR.  Around w: b ("bfd", with SHA-1; and a static
# route of w's through it), g ("bfd graceful", link-local, IPv6), m (behind
# b, over two hops) and f (FRR).  A cut is a wall that drops everything but
# leaves the link as it is, so that only BFD can notice.
. "$(dirname "$0")/../netns/lib.sh"
need bird birdc nft

frr=/usr/lib/frr
hosts='b g m'
host w b g m f
link w wb b bw 10.0.1.1/24 10.0.1.2/24
link w wg g gx
link b bm m mb 10.0.3.1/24 10.0.3.2/24
link w wf f fw 10.0.4.1/24 10.0.4.2/24
ip -n w address add fe80::1/64 dev wg nodad
ip -n g address add fe80::2/64 dev gx nodad
ip -n w route add 10.0.3.0/24 via 10.0.1.2
ip -n m route add default via 10.0.3.1
on b sysctl -qw net.ipv4.ip_forward=1

times='hold time 240; connect delay time 1; connect retry time 2;
	error wait time 1, 2; graceful restart on; graceful restart time 120;'

w_conf() {
	cat > "$TMP/fs/w/etc/warren.conf" <<-C
	log stderr all;
	router id 10.0.0.1;
	debug protocols { states, events };
	protocol device { }
	protocol direct { ipv4; ipv6; }
	protocol kernel { learn; ipv4 { export where source = RTS_BGP ||
		source = RTS_STATIC; }; }
	protocol kernel { ipv6 { export where source = RTS_BGP; }; }
	protocol static { ipv4; route 10.60.0.0/24 via 10.0.1.2 bfd; }
	protocol bfd {
		interface "wb" {
			interval 200 ms; multiplier 10; $1
		};
		multihop { interval 200 ms; multiplier 10; };
	}
	protocol bgp b {
		local 10.0.1.1 as 65001; neighbor 10.0.1.2 as 65002; $times
		bfd;
		ipv4 { import all; export none; };
	}
	protocol bgp g {
		local fe80::1 as 65001; neighbor fe80::2%wg as 65003; $times
		bfd graceful;
		bfd { interval 200 ms; multiplier 10; };
		ipv6 { import all; export none; };
	}
	protocol bgp m {
		local as 65001; neighbor 10.0.3.2 as 65004; $times
		multihop; bfd;
		ipv4 { import all; export none; };
	}
	protocol bgp f {
		local 10.0.4.1 as 65001; neighbor 10.0.4.2 as 65005; $times
		bfd { interval 200 ms; multiplier 10; };
		ipv4 { import all; export none; };
	}
	C
}

# peer NAME ROUTER-ID NET SESSION-LINES BFD-LINES
peer() {
	cat > "$TMP/fs/$1/etc/bird.conf" <<-C
	log stderr all;
	router id 10.0.0.$2;
	protocol device { }
	protocol static { $3 blackhole; }
	protocol bfd { $5 }
	protocol bgp w { $4 $times
		${6:-ipv4} { import all; export all; };
	}
	C
}
b_conf() {
	peer b 2 'ipv4; route 10.100.0.0/24' \
		'local 10.0.1.2 as 65002; neighbor 10.0.1.1 as 65001; bfd;' \
		"interface \"bw\" { interval 200 ms; multiplier 10; $1 };"
}
sha1='authentication meticulous keyed sha1; password "otter and weasel" { id 7; };'
w_conf "$sha1"
b_conf "$sha1"
peer g 3 'ipv6; route 2001:db8:101::/48' 'local fe80::2 as 65003;
	neighbor fe80::1%gx as 65001; bfd graceful;' \
	'interface "gx" { interval 200 ms; multiplier 10; };' ipv6
peer m 4 'ipv4; route 10.102.0.0/24' 'local 10.0.3.2 as 65004;
	neighbor 10.0.1.1 as 65001; multihop; bfd;' \
	'multihop { interval 200 ms; multiplier 10; };'

frr_start() {
	mkdir -p "$TMP/fs/f/etc/frr" "$TMP/frr"
	chmod 777 "$TMP" "$TMP/frr"
	cat > "$TMP/frr/bgpd.conf" <<-C
	router bgp 65005
	 bgp router-id 10.0.0.5
	 no bgp ebgp-requires-policy
	 neighbor 10.0.4.1 remote-as 65001
	 neighbor 10.0.4.1 bfd 10 200 200
	 neighbor 10.0.4.1 timers connect 2
	 address-family ipv4 unicast
	  network 10.103.0.0/24
	 no bgp network import-check
	C
	: > "$TMP/frr/bfdd.conf"
	: > "$TMP/frr/zebra.conf"
	chown -R frr:frr "$TMP/frr"
	for d in zebra bfdd bgpd; do
		start "frr_$d" f "$frr/$d" -f "$TMP/frr/$d.conf" \
			-i "$TMP/frr/$d.pid" -z "$TMP/frr/zserv" \
			--vty_socket "$TMP/frr" -A 127.0.0.1 --log stdout \
			$([ $d != bfdd ] || echo --bfdctl "$TMP/frr/ctl")
		sleep 0.3
	done
}

ask() { local h=$1; shift; on "$h" birdc -s "/run/$h.ctl" "$@"; }
ours() { on w birdc -s /run/warren/warren.ctl "$@"; }
bfd() { ours show bfd sessions | grep -qE "^$1 .* $2 "; }
their_bfd() { ask "$1" show bfd sessions | grep -qE " $2 "; }
up() { ours show protocols "$1" | grep -q Established; }
not_up() { ! up "$1"; }
kernel() { ip -n w route show "$1" | grep -q .; }
no_kernel() { ! kernel "$1"; }
kernel6() { ip -n w -6 route show "$1" | grep -q .; }
logged() { grep -qE "$2" "$TMP/$1.log"; }
wall() {
	on "$1" nft -f - <<-C
	table inet wall {
		chain in { type filter hook prerouting priority -500; drop; }
		chain out { type filter hook output priority -500; drop; }
	}
	C
}
no_wall() { on "$1" nft delete table inet wall; }
# falls LABEL PROTOCOL PEER: the session ends, long before its hold time.
falls() {
	local at
	at=$(now_ms)
	wall "$3"
	check "$1" wait_for "not_up $2" 10 || return
	echo "# $1: after $(($(now_ms) - at)) ms"
}

check config on w warrend -p
for p in $hosts; do
	start $p $p bird -f -c /etc/warren/bird.conf -s /run/$p.ctl
done
peers='b g m'
if [ -x $frr/bfdd ]; then
	peers="$peers f"
	frr_start
else
	skip frr 'bfdd is not installed'
fi
start w w warrend -f

for p in $peers; do
	check "bgp_$p" wait_for "up $p" 20 || exit 1
done
check bfd_b wait_for 'bfd 10.0.1.2 Up' 10
check bfd_b_theirs wait_for 'their_bfd b Up' 5
check bfd_g wait_for 'bfd fe80::2 Up' 10
check bfd_m wait_for 'bfd 10.0.3.2 Up' 10
check bfd_m_is_multihop wait_for 'bfd 10.0.3.2 "---  *Up"' 1
[ "$peers" = 'b g m' ] || check bfd_f wait_for 'bfd 10.0.4.2 Up' 10
check shows_columns wait_for 'bfd 10.0.1.2 "wb  *Up .* 0.200    2.000$|x"' 5
check shows_all wait_for \
	'ours show bfd sessions all | grep -q "meticulous keyed sha1"' 2
check static_up wait_for 'kernel 10.60.0.0/24' 5
check routes wait_for \
	'kernel 10.100.0.0/24 && kernel6 2001:db8:101::/48' 10

# Nothing falls by itself.  (FRR makes its session anew when BGP comes up,
# which may end ours once before.)
before=$(grep -c 'Session established' "$TMP/w.log")
sleep 3
for p in $peers; do
	check "steady_$p" up $p
done
check no_flap test "$(grep -c "Session established" "$TMP/w.log")" = "$before"

# Detection is 2 s, which a busy machine keeps to, the hold timer 240 s: what
# is noticed within a minute was noticed by BFD.
falls cut_g g g
check cut_g_graceful kernel6 2001:db8:101::/48
check cut_g_says wait_for 'logged w "g: BFD session down"' 2
if [ "$peers" != 'b g m' ]; then
	falls cut_f f f
	check cut_f_routes wait_for 'no_kernel 10.103.0.0/24' 2
	no_wall f
fi
falls cut_m m m
check cut_m_routes wait_for 'no_kernel 10.102.0.0/24' 2
check others_stand up b
falls cut_b b b
check cut_b_routes wait_for 'no_kernel 10.100.0.0/24' 2
check cut_b_static wait_for 'no_kernel 10.60.0.0/24' 2

# And all come back.
for p in $hosts; do
	no_wall $p
done
for p in $peers; do
	check "back_$p" wait_for "up $p" 40
done
check back_bfd wait_for 'bfd 10.0.1.2 Up && bfd fe80::2 Up' 10
check back_static wait_for 'kernel 10.60.0.0/24' 5
check back_g_routes wait_for 'kernel6 2001:db8:101::/48' 5

# A peer's operator who takes BFD down says nothing of the path.
ask g disable bfd1 > /dev/null
check admin_down wait_for 'bfd fe80::2 Down' 5
sleep 1
check admin_down_stands up g
ask g enable bfd1 > /dev/null
check admin_up wait_for 'bfd fe80::2 Up' 10

# Every kind of authentication, and a wrong key.
pass='password "weasel";'
for kind in none simple 'keyed md5' 'meticulous keyed md5' 'keyed sha1'; do
	a="authentication $kind; $pass"
	[ "$kind" != none ] || a=
	w_conf "$a"
	b_conf "$a"
	kill -HUP "${pid[w]}"
	ask b configure > /dev/null
	ask b restart bfd1 > /dev/null
	check "auth_${kind// /_}" wait_for \
		'bfd 10.0.1.2 Up && their_bfd b Up' 20
	sleep 1
	check "auth_${kind// /_}_stays" bfd 10.0.1.2 Up
done
# A new session of the peer's counts anew: it must not be taken for a replay
# for as long as a multiplier of 20 would have it.
a='authentication keyed sha1; password "weasel";'
w_conf "multiplier 20; $a"
b_conf "multiplier 20; $a"
kill -HUP "${pid[w]}"
ask b configure > /dev/null
ask b restart bfd1 > /dev/null
check auth_slow wait_for 'bfd 10.0.1.2 Up && their_bfd b Up' 20
sleep 1
ask b restart bfd1 > /dev/null
check auth_slow_gone wait_for '! bfd 10.0.1.2 Up' 10
check auth_slow_back wait_for 'bfd 10.0.1.2 Up && their_bfd b Up' 20

w_conf 'authentication keyed sha1; password "stoat";'
kill -HUP "${pid[w]}"
check auth_wrong_key wait_for 'bfd 10.0.1.2 "(Down|Init)"' 5
sleep 2
check auth_wrong_key_never bfd 10.0.1.2 '(Down|Init)'

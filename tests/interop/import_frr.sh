#!/bin/bash
# SPDX-License-Identifier: ISC
# What "warren import frr" makes of a configuration, side by side with FRR on
# that configuration: the same neighbors are told the same, and the kernel
# gets the same routes.  d runs FRR first and warrend afterwards; a, b, c and
# h are outside, i inside, all BIRD.
. "$(dirname "$0")/../netns/lib.sh"
bgpd=/usr/lib/frr/bgpd
need vtysh bird birdc python3
[ -x $bgpd ] || { skip import_frr "FRR is not installed"; exit 0; }
sed -i '/^frrvty:/s/[^:,]$/&,root/;/^frrvty:.*:$/s/$/root/' /etc/group

host d a b i x
link d toa a eth0 10.0.1.1/24 10.0.1.2/24
link d tob b eth0 10.0.2.1/24 10.0.2.2/24
link d toi i eth0 10.0.3.1/24 10.0.3.2/24
link d lan x eth0 10.9.9.1/24 10.9.9.2/24
# Those that are not on a common network with d.
ip -n a address add 10.0.8.1/32 dev lo
ip -n a address add 10.0.9.1/32 dev lo
ip -n d route add 10.0.8.1/32 via 10.0.1.2
ip -n d route add 10.0.9.1/32 via 10.0.1.2
ip -n d route add 8.8.8.8/32 dev lan

# peer NAME LOCAL AS NEIGHBOR [OPTIONS]
peer() {
	cat <<-C
	protocol bgp $1 {
		local $2 as $3;
		neighbor $4 as ${6-65000};
		${5-}
		connect delay time 1;
		connect retry time 1;
		error wait time 1, 1;
		disabled;
		enforce first as off;
		ipv4 {
			add paths off;
			import all;
			export where source = RTS_STATIC;
		};
	}
	C
}
# route PREFIX [STATEMENTS]
route() { echo "route $1 blackhole { bgp_origin = ORIGIN_IGP; ${2-} };"; }
head_of() {
	echo "router id $1; protocol device {} protocol static { ipv4;"
}
{
	head_of 10.0.1.2
	for n in 0 1 3 5; do
		route 20.0.$n.0/24 'bgp_path.prepend(64777);'
		route 20.1.$n.0/24 'bgp_path.prepend(64700);'
	done
	route 20.0.2.0/24
	route 20.0.4.0/24 'bgp_med = 7;'
	route 20.0.6.0/24 'bgp_med = 7;'
	route 20.0.7.0/24 'bgp_large_community.add((64500,1,1)); bgp_med = 4;'
	route 20.2.0.0/24 'bgp_community.add((64500,1));
		bgp_community.add((64500,2));'
	route 20.2.1.0/24 'bgp_community.add((64500,150));
		bgp_community.add((64500,9));'
	route 20.2.2.0/24 'bgp_community.add((64500,1));'
	route 20.2.3.0/24 'bgp_path.prepend(65000);'
	route 20.2.4.0/24 'bgp_path.prepend(64600);'
	route 20.2.5.0/24 'bgp_origin = ORIGIN_INCOMPLETE; bgp_med = 90;'
	route 20.3.0.0/16
	route 20.3.1.0/28 'bgp_path.prepend(64512); bgp_path.prepend(3356);'
	route 10.54.0.0/16 'bgp_path.prepend(64777);'
	echo '}'
	peer d 10.0.1.2 64500 10.0.1.1
	peer c 10.0.8.1 64508 10.0.1.1 'multihop;'
	peer h 10.0.9.1 64509 10.0.1.1 'multihop;'
} > "$TMP/fs/a/etc/bird.conf"
{
	head_of 10.0.2.2
	for n in 0 1 2 3 4 5; do
		route 20.0.$n.0/24
		route 20.1.$n.0/29
	done
	route 20.2.0.0/24
	route 20.3.0.0/16 'bgp_med = 10;'
	route 20.4.0.0/24 'bgp_path.prepend(65003);'
	route 20.4.1.0/24 'bgp_path.prepend(64600);'
	route 20.4.2.0/24 'bgp_path.prepend(64600); bgp_path.prepend(1);'
	echo '}'
	peer d 10.0.2.2 64501 10.0.2.1 "${TTL-}"
	peer e 10.0.2.2 64501 10.0.2.1 'ttl security on;' 65099
} > "$TMP/fs/b/etc/bird.conf"
{
	head_of 10.0.3.2
	route 20.5.0.0/24
	route 20.0.1.0/24 'bgp_local_pref = 90;'
	echo '}'
	peer d 10.0.3.2 65000 10.0.3.1
} > "$TMP/fs/i/etc/bird.conf"
for h in a b i; do
	start $h $h bird -f -c /etc/warren/bird.conf -s "$TMP/$h.ctl"
done

# Each time in a folder of its own: what a dead one left would mislead.
frr_start() {
	local conf=$1 run=/run/frr.$2 p
	vty=$run
	on d mkdir -p "$run"
	for p in zebra staticd bgpd; do
		: > "$TMP/fs/d/etc/$p.conf"
		: > "$TMP/$p.log"
	done
	start zebra d /usr/lib/frr/zebra -u root -g root -P 0 \
		-f /etc/warren/zebra.conf -i "$run/zebra.pid" \
		-z "$run/zserv.api" --vty_socket "$run" --log stdout
	wait_for "on d test -S $run/zserv.api" 10
	for p in staticd bgpd; do
		start $p d /usr/lib/frr/$p ${s[$p]-} -P 0 \
			-f "/etc/warren/$p.conf" -i "$run/$p.pid" \
			-z "$run/zserv.api" --vty_socket "$run" --log stdout
	done
	wait_for "on d test -S $run/bgpd.vty -a -S $run/staticd.vty" 10
	wait_for 'grep -q "only static routes" "$TMP/zebra.log" &&
		grep -q "only bgp routes" "$TMP/zebra.log"' 10
	on d vtysh --vty_socket "$run" -f "$conf" > "$TMP/vtysh.log" 2>&1
}
declare -A s=([staticd]='-u root -g root' [bgpd]=-S)
# What is still there of one program would be found by the next.
clean() {
	local r
	ip -n d route show proto "$1" | while read -r r; do
		# shellcheck disable=SC2086
		ip -n d route del $r proto "$1"
	done
}
frr_stop() {
	for p in bgpd staticd zebra; do
		stop $p
	done
	clean bgp
	clean 196
}

# The sessions of a file, as "! up: a b" says; c and h live at a.
where() { case $1 in c|h) echo a ;; *) echo "$1" ;; esac; }
session() { case $1 in c|h) echo "$1" ;; *) echo "${other[$1]-d}" ;; esac; }
is_up() {
	birdc -s "$TMP/$(where "$1").ctl" show protocols "$(session "$1")" |
		grep -q Established
}
all_up() { local n; for n in $up; do is_up "$n" || return 1; done; }
none_up() { local n; for n in $up; do ! is_up "$n" || return 1; done; }
# What each of them was told, and what the kernel of d was given.
told() {
	local n
	for n in $up; do
		echo "--- $n"
		birdc -s "$TMP/$(where "$n").ctl" show route all protocol \
			"$(session "$n")" | python3 "$TMP/tidy.py"
	done
	echo '--- kernel'
	ip -n d route show | grep -E 'proto (bgp|bird|196|static)' |
		sed -E -e 's/nhid [0-9]+ //; s/ proto .*//; s/ onlink//' \
		-e 's/^(blackhole|unreachable) (.*)/\1 \2/; s/ *$//' | sort
}
cat > "$TMP/tidy.py" <<-'P'
	import re, sys
	rows, net = [], None
	for l in sys.stdin:
	    m = re.match(r'(\S+)\s+\S+ \[', l)
	    if m and m.group(1) != '':
	        net = m.group(1)
	        rows.append([net])
	    elif net and re.match(r'\s+BGP\.', l):
	        if 'originator' not in l and 'cluster' not in l:
	            rows[-1].append(l.strip())
	for r in sorted(rows):
	    print(r[0], '; '.join(sorted(r[1:])))
P
settled() {
	local was= is quiet=0
	for _ in {1..30}; do
		is=$(told)
		quiet=$((quiet + 1))
		[ "$is" = "$was" ] || quiet=0
		[ $quiet -lt 3 ] || return 0
		was=$is
		sleep 1
	done
}
same() { told > "$TMP/$1.warren"; cmp -s "$TMP/$1.frr" "$TMP/$1.warren"; }
differ() { diff "$TMP/$1.frr" "$TMP/$1.warren" | head -n 40 | tee /dev/stderr; false; }

# Of several paths FRR shows the youngest first: in an order of their own.
cat > "$TMP/order.py" <<-'P'
	import re, sys
	rows = []
	def flush():
	    for r in sorted(rows):
	        print(r)
	    rows.clear()
	for l in sys.stdin:
	    m = re.match(r'([* ][> ][i ])(.{17})([0-9a-f].*)', l)
	    if not m or m.group(2).strip():
	        flush()
	    if not m:
	        print(l, end='')
	        continue
	    net = m.group(2) if m.group(2).strip() else net
	    rows.append(m.group(1) + net + m.group(3))
	flush()
P
# FRR's words, asked of FRR and of ours.  FRR counts what it tells a neighbor
# of its own routes, shows what it received with its own AS, and waits in Active where we are Idle.
words() {
	local q
	while read -r q; do
		echo "== $q"
		"$@" "$q"
	done <<-'Q' | python3 "$TMP/order.py" | sed -E -e 's/[0-9]{2}:[0-9]{2}:[0-9]{2}/TIME/g' \
		-e 's/^(BGP table version (is )?)[0-9]+/\1N/' \
		-e 's/^RIB entries.*/RIB entries/; s/^(Peers [0-9]+),.*/\1/' \
		-e 's/, version [0-9]+//; s/ \((First|AS|Router|Older).*\)$//' \
		-e 's/^(10\.0[^ ]* +4 +[0-9]+) +[0-9]+ +[0-9]+/\1 M M/' \
		-e 's/(Last update: ).*/\1DATE/' -e '/^ *$/d' \
		-e 's/^(Total number of prefixes).*/\1/; /64500 65000 i$/d; /fe80::.64 is/d' \
		-e '/^10\.0\.7\.7 /d' -e 's/^(10\.0\.1\.2 .*[^ ]) +[0-9]+ The/\1 The/'
		show bgp summary
		show ip bgp summary
		show bgp ipv4 unicast summary
		show bgp ipv4 unicast
		show ip bgp
		show ip bgp 20.5.0.0/24
		show bgp ipv4 unicast 20.5.0.9
		show ip bgp 10.51.0.0/16
		show ip bgp 99.0.0.0/8
		show bgp ipv4 unicast neighbors 10.0.3.2 advertised-routes
		show ip bgp neighbors 10.0.1.2 received-routes
		show bgp ipv4 unicast neighbors 10.0.1.2 routes
		show bgp neighbors 1.1.1.1
		show bgp ipv6 unicast
		show bgp ipv6 summary
		show ip route
		show ipv6 route
		show ip route 20.0.0.0/24
		show ip route 99.0.0.0/8
	Q
}
ask_frr() { on d vtysh --vty_socket "$vty" -c "$1"; }
ask_us() { on d warren -s "$TMP/d.ctl" "$1"; }
say() { diff "$TMP/words.told" "$TMP/words.ours" | head -n 60; false; }

one() {
	local conf=$1 n
	n=$(basename "$conf" .conf)
	up=$(sed -n 's/^! up: //p' "$conf")
	declare -gA other=()
	! grep -q 'neighbor 10.0.2.2 local-as' "$conf" || other[b]=e
	for h in a b i; do
		for p in c d e h; do
			birdc -s "$TMP/$h.ctl" disable $p
		done
	done > /dev/null
	for h in $up; do
		birdc -s "$TMP/$(where "$h").ctl" enable "$(session "$h")"
	done > /dev/null
	frr_start "$conf" "$n"
	if ! check "${n}_frr" wait_for all_up 30; then
		frr_stop
		return
	fi
	settled
	told > "$TMP/$n.frr"
	[ "$n" != words ] || words ask_frr > "$TMP/words.told"
	frr_stop
	check "${n}_import" eval "warren import frr '$conf' \
		> '$TMP/$n.conf' 2> '$TMP/$n.notes.log'" || return
	check "${n}_config" on d warrend -p -c "$TMP/$n.conf" || return
	wait_for none_up 10
	start "w_$n" d warrend -f -c "$TMP/$n.conf" -s "$TMP/d.ctl"
	check "${n}_warren" wait_for all_up 30 || return
	check "${n}_same" wait_for "same $n" 20 || differ "$n"
	check "${n}_something" test "$(wc -l < "$TMP/$n.frr")" -gt 5
	if [ "$n" = words ]; then
		check words_same wait_for 'words ask_us > "$TMP/words.ours"
			cmp -s "$TMP/words.told" "$TMP/words.ours"' 10 || say
	fi
	stop "w_$n"
	clean bird
}

[ $# -gt 0 ] || set -- "$TOP"/tests/interop/frr/*.conf
for conf; do
	one "$conf"
done

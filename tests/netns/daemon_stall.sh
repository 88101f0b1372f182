#!/bin/bash
# SPDX-License-Identifier: ISC
# Whatever a full table makes warrend do, it answers meanwhile.  How fast is
# printed; what is asserted is generous, for the machine may be busy.
. "$(dirname "$0")/lib.sh"
need cc python3

n=${STALL_PREFIXES:-200000}
bench=$TOP/tests/bench/bgp
cc -O2 -o "$TMP/bgpbench" "$bench"/{bgpbench,table,fib}.c || exit 1

host a
host p
link a eth0 p eth0 100.64.0.1/16 100.64.0.2/16
ip -n p addr add 100.64.1.1/16 dev eth0
for i in 1 2 3; do ip -n p addr add 100.64.2.$i/16 dev eth0; done

# config FILTER ROAS [IMPORT-FILTER]
config() {
	cat <<C
router id 10.0.0.1;
log stderr all;
roa4 table r4;
protocol device {}
protocol kernel { scan time 2; ipv4 { import none; export all; }; }
protocol static { roa4 { table r4; };
$2
}
filter out { if $1 then reject; accept; }
template bgp peer { local 100.64.0.1 as 64500; passive on; connect delay time 1; }
protocol bgp feed from peer { neighbor 100.64.1.1 as 64601;
	ipv4 { import filter { if ${3:-false} then reject; accept; };
		import table; export none; }; }
C
	for i in 1 2 3; do
		echo "protocol bgp sink$i from peer { neighbor 100.64.2.$i as 6500$i;"
		echo "ipv4 { import none; export filter out; }; }"
	done
}
reconfigure() {
	config "$@" > "$TMP/fs/a/etc/warren.conf"
	ctl configure > "$TMP/configure.log"
}
ctl() { on a "$BUILD/src/warren/warren" "$@"; }
phase() { echo "$1" > "$TMP/phase.new"; mv "$TMP/phase.new" "$TMP/phase"; }
events() { grep -c "^ev $1 " "$TMP/peers.log"; }
ends() { grep -c '^stat end' "$TMP/peers.log"; }
# present N: all three have N prefixes now.
present() {
	local before
	before=$(ends)
	echo stat >&3
	wait_for "[ \"\$(ends)\" -gt $before ]" 5 || return 1
	[ "$(grep '^stat .* sink=' "$TMP/peers.log" | tail -n 3 |
	    grep -c " present=$1 ")" = 3 ]
}
# Asks for what is long, and reads it all.
long_answers() {
	ctl show route > /dev/null &&
	    ctl show route all where bgp_path.len = 77 > /dev/null &&
	    ctl show route count | grep -q "^$n of"
}
in_kernel() {
	[ "$(on a awk '/^Main/ { m = 1 } /^Local/ { m = 0 }
	    m && /Prefixes/ { print $2 }' /proc/net/fib_triestat)" -ge "$1" ]
}

config false '' > "$TMP/fs/a/etc/warren.conf"
start a a warrend -f
wait_for 'ctl show status > /dev/null' 10
phase idle
start ask a python3 "$TOP/tests/netns/ask.py" /run/warren/warren.ctl \
	"$TMP/phase" "$TMP/result"
mkfifo "$TMP/commands"
start peers p sh -c "exec \"$TMP/bgpbench\" peers --dut 100.64.0.1 \
	--dut-as 64500 --prefixes $n --feeder 100.64.1.1,64601 \
	--sink 100.64.2.1,65001 --sink 100.64.2.2,65002 \
	--sink 100.64.2.3,65003 < \"$TMP/commands\""
exec 3> "$TMP/commands"
check established wait_for '[ "$(events established)" = 1 ]' 20

phase load
echo start >&3
check told wait_for '[ "$(events sink_right)" = 3 ]' 60
phase kernel
check kernel wait_for "in_kernel $n" 60
phase scan
sleep 5
phase refilter
reconfigure 'net.len > 22' ''
check filtered wait_for '! present '$n 30
reconfigure false ''
check unfiltered wait_for 'present '$n 30
phase import
reconfigure false '' 'net.len > 22'
check import_filtered wait_for '! present '$n 30
reconfigure false ''
check import_unfiltered wait_for 'present '$n 30
phase reload
for i in sink1 sink2 kernel1 feed; do
	check reload_$i ctl reload $i
done
check reloaded wait_for 'present '$n 30
phase show
check long_answers long_answers
phase kernel_off
ctl disable kernel1 > "$TMP/disable.log"
check kernel_off wait_for '! in_kernel 1000' 60
phase kernel_on
ctl enable kernel1 > "$TMP/enable.log"
check kernel_on wait_for "in_kernel $n" 60
phase roa
reconfigure 'roa_check(r4, net, 64999) = ROA_INVALID' \
	'route 0.0.0.0/0 max 21 as 1;'
check invalid wait_for '! present '$n 30
reconfigure false ''
check valid wait_for 'present '$n 30
phase withdraw
echo 'drop 0' >&3
check withdrawn wait_for '[ "$(events sink_zero)" = 3 ]' 60
check kernel_empty wait_for '! in_kernel 1000' 60
phase end
check asked wait_for '[ -s "$TMP/result" ]' 10
[ "$(events lost)" = 0 ] && ok nobody_lost || not_ok nobody_lost "a session"
while read -r name count ms; do
	echo "# $name: $count answers, the slowest after $ms ms"
	[ "$ms" -le 20000 ] && ok "answers_$name" ||
		not_ok "answers_$name" "after $ms ms"
done < "$TMP/result"
exec 3>&-
if stop a; then ok term; else not_ok term "exit status"; fi

#!/bin/bash
# SPDX-License-Identifier: ISC
# The main job, and that it survives: two homes behind carrier-grade NAT and
# a VPS, numbered and unnumbered, while parts of it are killed, roam, and are
# given other files.
#
#	homes.sh [numbered | unnumbered]
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/labs/homes.sh"
need wg nft ping traceroute

which=${1:-numbered}
t=homes/$which

# Ten pings a second from LAN to LAN, until ping_end; then $lost and the
# longest gap in $gap (milliseconds).
ping_begin() {
	start ping east-lan ping -D -n -i 0.1 -W 1 192.168.20.20
	: > "$TMP/ping.log"
	sleep 0.5
}

ping_end() {
	sleep 1
	stop ping INT
	read -r lost gap < <(awk '
		match($0, /^\[[0-9.]+\]/) && /time=/ {
			at = substr($0, 2, RLENGTH - 2)
			match($0, /icmp_seq=[0-9]+/)
			seq = substr($0, RSTART + 9, RLENGTH - 9)
			if (last && seq > last + 1)
				lost += seq - last - 1
			if (last && at - then > gap)
				gap = at - then
			last = seq; then = at
		}
		END { printf "%d %d\n", last ? lost : 999, gap * 1000 }
	' "$TMP/ping.log")
}

# Route changes of the homes' LANs in the kernels, counted.
watch_begin() {
	local h
	for h in vps east west; do
		start "watch-$h" $h ip monitor route
	done
	sleep 0.2
}

watch_end() {
	local h
	for h in vps east west; do
		stop "watch-$h"
	done
	flaps=$(cat "$TMP"/watch-*.log | grep -c '^Deleted 192\.168\.')
}

# The data plane's process on a host, by whose network it has.
wg_pid() {
	local p
	for p in $(pgrep -x warren-wg); do
		[ "$(readlink "/proc/$p/ns/net")" != \
		    "$(readlink "/proc/${holder[$1]}/ns/net")" ] || echo "$p"
	done
}

all_up() { homes_tunnels && homes_sessions && homes_routes && homes_ping; }

homes_world
homes_files "$([ "$which" = unnumbered ] && echo yes || echo no)"
homes_start vps
wait_for homes_listens 10
homes_start east west
begun=$(now_ms)
if wait_for all_up 20; then
	ok "$t/joined after $(($(now_ms) - begun)) ms"
else
	not_ok "$t/joined" "not within 20 s"
	exit 1
fi
# The hub's allowed ips hold what BGP has told, and nothing else's.
if wait_for 'on vps wg show wg0 allowed-ips | grep -q 192.168.10.0/24 &&
    on vps wg show wg0 allowed-ips | grep -q 192.168.20.0/24' 10; then
	ok "$t/bgp fills the cryptokey table"
else
	not_ok "$t/bgp fills the cryptokey table" \
		"$(on vps wg show wg0 allowed-ips | tr '\n' ' ')"
fi
hops() {
	on east-lan traceroute -n -q 1 -w 2 192.168.20.20 |
		awk 'NR > 1 && $2 != "*" { n++ } END { print n + 0 }'
}
if wait_for 'hops=$(hops) && [ "$hops" = 4 ]' 10; then
	ok "$t/four hops from LAN to LAN"
else
	not_ok "$t/four hops from LAN to LAN" "$hops answered"
fi

for h in vps east west; do
	ping_begin
	watch_begin
	stop $h KILL
	sleep 1
	: > "$TMP/$h.log"
	homes_start $h
	if ! wait_for 'grep -q "Session established" $TMP/$h.log &&
	    homes_sessions' 30; then
		not_ok "$t/$h killed and started again" "sessions stay down"
	fi
	sleep 3
	watch_end
	ping_end
	if [ "$lost" = 0 ] && [ "$flaps" = 0 ]; then
		ok "$t/warrend on $h killed: no packet lost, no route flapped"
	else
		not_ok "$t/warrend on $h killed" "$lost lost, $flaps flaps"
	fi
done

for h in vps east; do
	dead=$(wg_pid $h)
	ping_begin
	kill -9 "$dead"
	wait_for 'p=$(wg_pid $h) && [ -n "$p" ] && [ "$p" != "$dead" ]' 10 &&
		wait_for homes_ping 10
	answers=$?
	sleep 1
	ping_end
	if [ $answers = 0 ]; then
		ok "$t/warren-wg on $h killed: healed after $gap ms"
	else
		not_ok "$t/warren-wg on $h killed" "no answer"
	fi
done

# The provider gives the home another public address and forgets its state.
ping_begin
# (Masquerading forgets what went out by an address that is taken away.)
on isp-east ip address del 198.51.100.2/29 dev wan
on isp-east ip address add 198.51.100.3/29 dev wan
on isp-east ip route replace default via 198.51.100.1
wait_for 'on vps wg show wg0 endpoints | grep -q 198.51.100.3 && homes_ping' 30
roams=$?
sleep 1
ping_end
if [ $roams = 0 ]; then
	ok "$t/a home roams: followed, $lost pings lost"
else
	not_ok "$t/a home roams" "$(on vps wg show wg0 endpoints | tr '\n' ' ')"
fi

# A file with an error changes nothing; a changed filter resets no session.
since() { on vps warren show protocols | awk '$1 == "east" { print $5 }'; }
was=$(since)
on vps sh -c 'cp /etc/warren/warren.conf /tmp/good
	echo "protocol bgp { nonsense 1; }" >> /etc/warren/warren.conf'
if ! on vps warren configure > "$TMP/conf.log" 2>&1 && [ "$(since)" = "$was" ] &&
    wait_for homes_ping 10; then
	ok "$t/a refused reload changes nothing"
else
	not_ok "$t/a refused reload changes nothing" "$(cat "$TMP/conf.log")"
fi
on vps sh -c 'sed "s/export where source = RTS_BGP; }; }/export none; }; }/" \
	/tmp/good > /etc/warren/warren.conf'
on vps warren configure > "$TMP/conf.log" 2>&1
if wait_for '! on east ip route | grep -q 192.168.20.0/24' 5 &&
    [ "$(since)" = "$was" ]; then
	ok "$t/another filter: routes withdrawn, the session stays"
else
	not_ok "$t/another filter" "$(cat "$TMP/conf.log")"
fi
on vps cp /tmp/good /etc/warren/warren.conf
on vps warren configure > "$TMP/conf.log" 2>&1
check "$t/and back" wait_for homes_routes 5

for h in vps east west; do
	stop $h
done

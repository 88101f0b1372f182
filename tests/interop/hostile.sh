#!/bin/bash
# SPDX-License-Identifier: ISC
# Peers that send slowly, never read, flood, flap, talk nonsense, announce far
# too much or come by the hundred, and clients of the control socket that are
# no better, all at once; and one good peer, BIRD, who must notice nothing.
# What they meet is in "HOSTILE PEERS" of warrend(8).
. "$(dirname "$0")/../netns/lib.sh"
need bird birdc python3

host w g h
link w wg0 g gw 10.0.1.1/24 10.0.1.2/24
link w wh h hw 10.0.9.1/24 10.0.9.2/24
for i in $(seq 3 40); do
	ip -n h address add "10.0.9.$i/24" dev hw
done

hostile() {	# hostile NAME LAST-OCTET LINES CHANNEL-LINES
	cat <<-C
	protocol bgp $1 {
		local 10.0.9.1 as 65001;
		neighbor 10.0.9.$2 as 65066;
		passive; hold time 9; startup hold time 6;
		error wait time 300, 300;
		${3-}
		ipv4 { import all; export all; ${4-} };
	}
	C
}
{
	cat <<-C
	log stderr all;
	router id 10.0.0.1;
	protocol device { scan time 1; }
	protocol static { ipv4; route 10.50.1.0/24 blackhole; }
	protocol bgp good {
		local 10.0.1.1 as 65001;
		neighbor 10.0.1.2 as 65002;
		connect delay time 1; hold time 30;
		ipv4 { import all; export where net = 10.50.1.0/24; };
	}
	C
	hostile slow_open 2
	hostile slow_update 3
	hostile deaf 4 'send hold time 10;'
	hostile flood 5
	hostile flap 6
	hostile garbage 7
	hostile many 8
	hostile warn 9 '' 'import limit 1000 action warn;'
	hostile block 10 '' 'import limit 1000 action block;'
	hostile restart 11 '' 'import limit 1000 action restart;'
	hostile disable 12 '' 'import limit 1000 action disable;'
	hostile receive 13 '' 'import none; import keep filtered; receive limit 1000 action disable;'
} > "$TMP/fs/w/etc/warren.conf"

# Enough that a socket and a queue cannot hold it.
cat > "$TMP/fs/g/etc/bird.conf" <<-C
	log stderr all;
	router id 10.0.0.2;
	protocol device { scan time 1; }
	protocol static {
		ipv4;
		$(for i in $(seq 0 19999); do
			echo "route 12.$((i / 256)).$((i % 256)).0/24 blackhole {
			bgp_community.add((65002, $i)); };"
		done)
	}
	protocol bgp w {
		local 10.0.1.2 as 65002;
		neighbor 10.0.1.1 as 65001;
		connect delay time 1; hold time 30;
		ipv4 { import all; export where source = RTS_STATIC; };
	}
C

start g g bird -f -c "$TMP/fs/g/etc/bird.conf" -s /run/bird.ctl
start w w warrend -f -c /etc/warren/warren.conf -s /run/warren.ctl
ask() { timeout 60 nsenter --target "${holder[w]}" --mount --net --uts \
	--root -- birdc -s /run/warren.ctl "$@" 2>&1; }
ask_g() { on g birdc -s /run/bird.ctl "$@" 2>&1; }
routes() { ask show route count table master4 protocol "$1" |
	sed -n 's/^\([0-9]*\) of.*/\1/p'; }
line() { ask show protocols "$1" | tail -n 1; }
rss() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/${pid[w]}/status"; }
good_since() { line good | awk '{ print $5, $6 }'; }
meet() {	# meet MODE OCTET [NUMBER]
	start "$1$2" h "$TOP/tests/interop/hostile.py" "$1" "10.0.9.$2" \
		10.0.9.1 "${3:-0}"
}
said() { grep -q "$2" "$TMP/$1.log"; }
# One who is busy sending may lose the last word that it was told.
ended() { said "$1" 'notified 6/1' || said "$1" closed; }

check good_peer wait_for '[ "$(routes good)" = 20000 ]' 30
since=$(good_since)
g_since=$(ask_g show protocols w | tail -n 1 | awk '{ print $5, $6 }')

meet slow-open 2
meet slow-update 3
meet deaf 4
meet flood 5
meet flap 6 60
meet garbage 7 60
meet many 8 400
meet many 33 400		# nobody's neighbour
for i in 9 10 11 12 13; do
	meet announce $i 50000
done

# While they are at it: questions are answered, and the good one is told of
# what is new.
asked=0
for i in $(seq 1 10); do
	ask show status | grep -q 'up and running' && asked=$((asked + 1))
	sleep 0.3
done
check questions_are_answered [ "$asked" = 10 ]

check slow_open_ends wait_for 'said slow-open2 "notified 4/0"' 20
check slow_update_ends wait_for 'said slow-update3 "notified 4/0"' 25
check deaf_ends wait_for \
	'grep -q "deaf:.*[Ss]end hold timer" $TMP/w.log' 40
check flap_gets_through wait_for 'said flap6 "flapped 60"' 120
check garbage_is_refused wait_for 'said garbage7 "answered [123]$"' 20
check many_of_a_neighbour wait_for 'said many8 "left [01]$"' 20
check many_of_nobody wait_for 'said many33 "left 0"' 20

check limit_warn wait_for '[ "$(routes warn)" = 50000 ]' 30
comes limit_warn_is_told grep -q 'warn:.*import limit hit' "$TMP/w.log"
check limit_block wait_for '[ "$(routes block)" = 1000 ]' 20
check limit_restart wait_for 'ended announce11' 20
check limit_restart_waits wait_for \
	'ask show protocols all restart | grep -q "Error wait"' 10
check limit_restart_text wait_for \
	'ask show protocols all restart | grep -q "Route limit exceeded"' 10
check limit_disable wait_for 'ended announce12' 20
check limit_disable_stays wait_for 'line disable | grep -q down' 10
check limit_receive wait_for 'ended announce13' 20

# The control socket.
cat > "$TMP/client.py" <<'C'
import socket, sys, time
def door():
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(60)
    s.connect('/run/warren.ctl')
    return s
keep = []
if sys.argv[1] == 'deaf':		# asks for all and reads nothing
    for _ in range(20):
        keep.append(door())
        keep[-1].sendall(b'show route all\n' * 50)
elif sys.argv[1] == 'endless':		# a line that has no end
    s = door()
    for _ in range(40):
        s.sendall(b'show ' * 10000)
    s.sendall(b'\nshow status\n')
    got = b''
    while b'0013' not in got:
        got += s.recv(65536)
    print('too long' if b'9000' in got else 'not told')
    sys.exit()
else:					# one after the other, all stay
    for _ in range(1500):
        try:
            keep.append(door())
        except OSError:
            time.sleep(0.01)
print('ready', flush=True)
time.sleep(1000)
C
start endless w python3 "$TMP/client.py" endless
check ctl_endless_line wait_for 'said endless "too long"' 30
start ctl_deaf w python3 "$TMP/client.py" deaf
check ctl_deaf wait_for 'said ctl_deaf ready' 20
check ctl_deaf_others sh -c "$(declare -p holder 2>/dev/null |
	sed -n 's/.*\[w\]="\([0-9]*\)".*/H=\1/p')
	timeout 60 nsenter --target \$H --mount --net --root -- \
	birdc -s /run/warren.ctl show status | grep -q running"
start ctl_many w python3 "$TMP/client.py" many
check ctl_many wait_for 'said ctl_many ready' 40
check ctl_many_others wait_for 'ask show status | grep -q running' 20

# After all that.
check good_session_untouched [ "$(good_since)" = "$since" ]
check good_peer_untouched [ "$(ask_g show protocols w | tail -n 1 |
	awk '{ print $5, $6 }')" = "$g_since" ]
check good_routes [ "$(routes good)" = 20000 ]
check good_is_told wait_for 'ask_g show route 10.50.1.0/24 | grep -q w' 10
echo "# warrend: $(rss) KiB"
# A sanitizer's own memory is not ours.
if ! grep -q libasan "/proc/${pid[w]}/maps"; then
	check memory_is_bounded [ "$(rss)" -lt 150000 ]
fi
kill "${pid[flood5]}" 2>/dev/null
if stop w; then ok stops; else not_ok stops "status $?"; fi

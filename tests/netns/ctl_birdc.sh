#!/bin/bash
# SPDX-License-Identifier: ISC
# The control socket: Debian's birdc as its client, warren, a client that does
# not read, and BIRD itself, asked the same about the same network.
. "$(dirname "$0")/lib.sh"
need birdc bird python3

host r peer
link r v0 peer v1 10.0.0.1/24 10.0.0.2/24

cat > "$TMP/r.conf" <<-'C'
	router id 10.0.0.1;
	protocol device {}
	protocol direct { ipv4; ipv6; }
	protocol kernel k4 { ipv4 { export none; import none; }; }
	protocol static s1 {
		ipv4;
		route 10.1.0.0/24 blackhole;
		route 10.2.0.0/24 via 10.0.0.2;
		route 10.3.0.0/24 unreachable;
		route 10.4.0.0/24 via 10.0.0.2 weight 2 via 10.0.0.3;
		route 10.5.0.0/24 via "v0";
		route 10.6.0.0/24 prohibit;
		route 10.2.0.0/25 recursive 10.2.0.9;
	}
	filter f1 { bgp_community.add((65000,1)); accept; }
	define X = 5;
	function ff(int a) { return a; }
	template bgp tt {
		local 10.0.0.1 as 65000;
		ipv4 { import all; export filter f1; import limit 100 action block; };
	}
	protocol bgp b1 from tt { neighbor 10.0.0.2 as 65001; description "hello"; }
	protocol bgp b2 from tt { neighbor 10.0.0.9 as 65002; disabled; }
C
cat > "$TMP/peer.conf" <<-'C'
	router id 10.0.0.2;
	protocol device {}
	protocol static s1 {
		ipv4;
		route 20.1.0.0/24 blackhole;
		route 20.2.0.0/24 blackhole;
		route 20.3.0.0/24 blackhole;
	}
	protocol bgp b1 {
		local 10.0.0.2 as 65001;
		neighbor 10.0.0.1 as 65000;
		ipv4 {
			import all;
			export filter {
				bgp_med = 5;
				bgp_large_community.add((1,2,3));
				bgp_community.add((65001,7));
				if net = 20.3.0.0/24 then bgp_path.prepend(64512);
				accept;
			};
		};
	}
C
printf '%s\n' 'show status' 'show protocols' 'show protocols all' \
	'show protocols "b*"' 'show protocols all b1' 'show protocols all b2' \
	'show route' 'show route all' 'show route 20.3.0.0/24 all' \
	'show route for 20.1.0.5' 'show route for 99.1.1.1' \
	'show route 99.0.0.0/8' 'show route count' 'show route protocol b1' \
	'show route export b1' 'show route noexport b1' \
	'show route where net ~ [20.0.0.0/8+]' \
	'show route table master4 count' 'show route table master6' \
	'show route stats' 'show route filtered' 'show route primary' \
	'show route in 20.0.0.0/8 all' 'show interfaces' \
	'show interfaces summary' 'show symbols X' 'show static' \
	'disable b1' 'disable b1' 'show protocols all b1' 'enable b1' \
	'enable b1' 'configure check' 'configure' 'configure "/nope"' \
	'configure timeout 3' 'configure confirm' 'eval 1+2' 'eval (1,2)' \
	'eval net' 'echo all' 'echo off' 'debug b1 all' 'debug b1 off' 'foo' \
	'show foo' 'disable nope' 'show route table nope' 'restrict' \
	'disable b1' 'show route count' 'down' > "$TMP/commands"

# What may differ: the moment, the version, the words after "expecting",
# timers, counters of what was announced again, how the file is named.
same() {
	sed -E -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]+\.[0-9]{3}/DATE/' \
		-e 's/[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}/TIME/' \
		-e 's/BIRD 2[.0-9]*( \(Warren [0-9.]*\))?/BIRD/' \
		-e 's/^(9001 syntax error).*/\1/' \
		-e 's/^(8008 runtime error).*/\1/' \
		-e 's/((Hold|Keepalive) timer: +)[0-9.]+/\1T/' \
		-e '/(Import|Export) (updates|withdraws):/d' \
		-e '/Long-lived graceful restart/d' \
		-e '/^(1006-)? *Kernel (table|routes): /d' \
		-e '/^ *$/d' \
		-e 's/^1006-/ /' \
		-e 's/(configuration from ).*\//\1/' "$1"
}

up() { on r birdc -s "$1" show protocols b1 | grep -q Established; }
fed() { on r birdc -s "$1" show route count | grep -q '^11 of'; }

# Raw, with its codes: what comes over the socket.
ask() { on r python3 "$TOP/tests/netns/birdc_ask.py" "$1" "$TMP/commands"; }

start peer peer bird -f -c "$TMP/peer.conf" -s "$TMP/peer.ctl"
start bird r bird -f -c "$TMP/r.conf" -s "$TMP/bird.ctl"
check bird wait_for 'up $TMP/bird.ctl && fed $TMP/bird.ctl' 30
ask "$TMP/bird.ctl" > "$TMP/bird.out"
stop bird

start warrend r warrend -f -c "$TMP/r.conf" -s "$TMP/ctl"
check warrend wait_for 'up $TMP/ctl && fed $TMP/ctl' 30
ask "$TMP/ctl" > "$TMP/warren.out"
same "$TMP/bird.out" > "$TMP/bird.same"
same "$TMP/warren.out" > "$TMP/warren.same"
check same_as_bird diff "$TMP/bird.same" "$TMP/warren.same"
check something_was_said test "$(wc -l < "$TMP/bird.same")" -gt 300

# birdc and warren.
B() { on r birdc -s "$TMP/ctl" "$@"; }
W() { on r warren -s "$TMP/ctl" "$@"; }
gives() { local want=$1; shift; "$@" > /dev/null 2>&1; test $? = "$want"; }
check up_again wait_for 'up $TMP/ctl && fed $TMP/ctl' 30
check birdc_abbreviates eval 'B sh pr | grep -q "^b1 .*Established"'
check birdc_restricted eval 'B -r disable b1 | grep -q "Access denied"'
check mode eval 'test "$(stat -c %a "$TMP/ctl")" = 660'
check warren_shows eval 'W show route for 20.1.0.5 | grep -q "^20.1.0.0/24 "'
check warren_0 gives 0 W show status
check warren_1 gives 1 W show route for 99.9.9.9
check warren_1_syntax gives 1 W show nothing
check warren_2 gives 2 W -Z
check warren_3 gives 3 on r warren -s "$TMP/no.ctl" show status
check json eval 'W -j show route | python3 -c "
import json, sys
v = json.load(sys.stdin)
assert len(v) == 11 and any(r[\"net\"] == \"20.3.0.0/24\" for r in v)"'
check json_protocols eval 'W -j show protocols | python3 -c "
import json, sys
v = {p[\"name\"]: p for p in json.load(sys.stdin)}
assert v[\"b1\"][\"bgp\"][\"state\"] == \"Established\"
assert v[\"b1\"][\"channels\"][0][\"preferred\"] == 3"'
check json_of_lines eval 'W -j configure check | python3 -c "
import json, sys
assert json.load(sys.stdin)[-1][\"code\"] == 20"'
check piped eval 'printf "show status\nshow route count\n" | W | grep -q Total'
key=$(warren genkey)
check pubkey test "$(echo "$key" | warren pubkey)" = \
	"$(echo "$key" | { command -v wg > /dev/null && wg pubkey ||
	warren pubkey; })"
check psk test "$(warren genpsk | wc -c)" = 45

# A configuration that is not confirmed goes away by itself.
sed '/disabled/d' "$TMP/r.conf" > "$TMP/new.conf"
check undo_scheduled eval 'W configure "$TMP/new.conf" timeout 1 |
	grep -q "Undo scheduled in 1 s"'
check is_new eval '! W show protocols b2 | grep -q "^b2"'
check undone wait_for 'W show protocols b2 | grep -q "^b2 .*down"' 5

stop warrend
{
	cat "$TMP/r.conf"
	echo 'ipv4 table big; protocol static many { ipv4 { table big; };'
	seq 0 29999 | awk '{ printf "route 30.%d.%d.%d/32 blackhole;\n",
		$1 / 65536, $1 / 256 % 256, $1 % 256 }'
	echo '}'
} > "$TMP/big.conf"
# A socket that a dead one has left is no hindrance, a live one is.
python3 -c "
import socket; socket.socket(socket.AF_UNIX).bind('$TMP/ctl')"
start warrend r warrend -f -c "$TMP/big.conf" -s "$TMP/ctl"
check stale_socket wait_for \
	'W show route table big count | grep -q "^30000 of"' 15
check second_refused gives 1 on r warrend -f -c "$TMP/r.conf" -s "$TMP/ctl"
check first_goes_on gives 0 W show status

# Somebody who asks for everything and reads nothing stalls nobody, and
# costs no memory; when he is gone, so is his command.
rss() { awk '/VmRSS/ { print $2 }' "/proc/$(pidof -s warrend)/status"; }
before=$(rss)
on r python3 -c "
import socket, time
v = []
for i in range(8):
    s = socket.socket(socket.AF_UNIX); s.connect('$TMP/ctl')
    s.sendall(b'show route table big all\n' * 20); v.append(s)
print('asked', flush=True)
time.sleep(1000)" > "$TMP/deaf.log" &
deaf=$!
wait_for 'grep -q asked "$TMP/deaf.log"' 10
sleep 1
check not_stalled gives 0 W show status
check while_he_is_there kill -0 $deaf
# Answers in full would be 300 MB; a sanitizer keeps freed memory for a while.
most=8192
grep -q __asan_init "$(command -v warrend)" && most=131072
check bounded test $(($(rss) - before)) -lt $most
kill $deaf
check whole eval 'test "$(W show route table big | grep -c "^30\.")" = 30000'
check long_line eval 'head -c 100000 /dev/zero | tr "\0" a |
	{ cat; echo; echo show status; } | W -v | grep -q "^9000 Command too"'
check after_it gives 0 W show status
check half_a_line eval 'printf "show status" | W | grep -q "up and running"'

check down eval 'W down | grep -q "Shutdown requested"'
check is_down wait_for '! kill -0 ${pid[warrend]} 2>/dev/null' 10
check socket_gone test ! -e "$TMP/ctl"

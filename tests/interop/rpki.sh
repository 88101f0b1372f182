#!/bin/bash
# SPDX-License-Identifier: ISC
# Protocol rpki: with stayrtr and BIRD beside it on the same cache, with a
# cache of our own that does what real ones do once in a year, and what
# changed ROAs mean for routes that were judged by them.
. "$(dirname "$0")/../netns/lib.sh"
need bird birdc stayrtr python3

host r p
link r eth0 p eth0 192.0.2.1/24 192.0.2.2/24
W=$TMP/w.ctl

roas() {	# PREFIX MAX AS ...
	local sep=
	printf '{"metadata":{"buildtime":"2026-01-01T00:00:00Z"},"roas":['
	while [ $# -gt 0 ]; do
		printf '%s{"prefix":"%s","maxLength":%s,"asn":"AS%s","ta":"t"}' \
			"$sep" "$1" "$2" "$3"
		sep=,
		shift 3
	done
	printf ']}\n'
}

# The ROAs of a table as a list, without who and when.
table_of() {
	birdc -s "$1" show route table "$2" 2>/dev/null |
		sed -n 's/^\([0-9a-f:.]*\/[0-9-]* AS[0-9]*\).*/\1/p' | sort
}
same_tables() {
	[ -n "$(table_of "$W" r4)" ] &&
		[ "$(table_of "$W" r4)" = "$(table_of "$TMP/b.ctl" r4)" ] &&
		[ "$(table_of "$W" r6)" = "$(table_of "$TMP/b.ctl" r6)" ]
}
has() { table_of "$W" "$1" | grep -qxF "$2"; }
state() { birdc -s "$W" show protocols "$1" | grep -q " $2\$"; }
field() { birdc -s "$W" show protocols all "$1" | grep -qE "^  $2\$"; }
is_net() { birdc -s "$W" show route "$1" | grep -q "^$1 "; }

roas 10.0.0.0/8 24 64500 10.1.0.0/16 16 64501 2001:db8::/32 48 64501 \
	> "$TMP/roas.json"
start stayrtr r stayrtr -bind 127.0.0.1:8282 -metrics.addr "" \
	-cache "$TMP/roas.json" -checktime=false -refresh 1

mkdir "$TMP/own"
cat > "$TMP/own/say" << EOF
roa 10.9.0.0/16 16 65001
roa 2001:db8:9::/48 48 65001
EOF
start own r python3 "$TOP/tests/interop/rtr_cache.py" 8283 "$TMP/own"

tables='router id 192.0.2.1; log stderr all; roa4 table r4; roa6 table r6;
roa4 table o4; roa6 table o6; protocol device {}'
stay='protocol rpki stay { roa4 { table r4; }; roa6 { table r6; };
	remote 127.0.0.1 port 8282; retry keep 1; refresh keep 30; }'
cat > "$TMP/w.conf" << EOF
$tables
debug protocols { states, events };
$stay
protocol rpki own { roa4 { table o4; }; roa6 { table o6; };
	remote "localhost" port 8283; retry keep 1; }
protocol bgp peer {
	local as 65000; neighbor 192.0.2.2 as 65001;
	ipv4 {
		import filter {
			if roa_check(o4, net, bgp_path.last) = ROA_INVALID
				then reject;
			accept;
		};
		export where source = RTS_STATIC &&
			roa_check(o4, net, 65009) != ROA_INVALID;
	};
}
protocol static told { ipv4; route 10.7.0.0/16 blackhole; }
ipv4 table s4;
protocol static lively { ipv4 { table s4;
	import where roa_check(o4, net, 65001) != ROA_INVALID; };
	route 10.9.0.0/16 blackhole; }
protocol static deaf { ipv4 { table s4; rpki reload off;
	import where roa_check(o4, net, 65001) != ROA_INVALID; };
	route 10.9.0.0/16 unreachable; }
EOF
printf '%s\n%s\n' "$tables" "$stay" > "$TMP/b.conf"
cat > "$TMP/p.conf" << EOF
router id 192.0.2.2; log stderr all; protocol device {}
protocol static { ipv4; route 10.9.0.0/16 blackhole;
	route 10.8.0.0/16 blackhole; }
protocol bgp { local as 65001; neighbor 192.0.2.1 as 65000;
	ipv4 { import all; export where source = RTS_STATIC; }; }
EOF
wait_for 'on r ss -ltn | grep -q :8282 && on r ss -ltn | grep -q :8283' 10
start warrend r warrend -c "$TMP/w.conf" -s "$W" -f
start bird r bird -c "$TMP/b.conf" -s "$TMP/b.ctl" -P "$TMP/b.pid" -f
start peer p bird -c "$TMP/p.conf" -s "$TMP/p.ctl" -P "$TMP/p.pid" -f

check "rpki/the same ROAs as BIRD has" wait_for same_tables 20
check "rpki/three of them" test \
	"$(table_of "$W" r4; table_of "$W" r6)" = "10.0.0.0/8-24 AS64500
10.1.0.0/16-16 AS64501
2001:db8::/32-48 AS64501"
comes "rpki/up and Established" state stay Established

# The words of "show protocols all", but for numbers.
words() {
	birdc -s "$1" show protocols all stay |
		sed -n '/Cache server/,/Expire timer/p' | sed 's/[0-9.]\+/N/g'
}
same_words() { diff <(words "$TMP/b.ctl") <(words "$W"); }
comes "rpki/the details are BIRD's" same_words

roas 10.0.0.0/8 20 64500 10.1.0.0/16 16 64501 10.2.0.0/16 17 64502 \
	> "$TMP/roas.json"
kill -HUP "${pid[stayrtr]}"
check "rpki/a change comes by Serial Notify" \
	wait_for "has r4 '10.2.0.0/16-17 AS64502'" 15
check "rpki/and is what BIRD has" \
	wait_for '! has r6 "2001:db8::/32-48 AS64501" &&
	! has r4 "10.0.0.0/8-24 AS64500" && [ "$(table_of "$W" r4)" = \
	"$(table_of "$TMP/b.ctl" r4)" ]' 15

stop stayrtr KILL
check "rpki/a cache that died" wait_for '! state stay Established' 5
check "rpki/takes nothing with it" has r4 '10.2.0.0/16-17 AS64502'
roas 10.3.0.0/16 16 64503 > "$TMP/roas.json"
sleep 1.1	# its session id is made of the time
start stayrtr r stayrtr -bind 127.0.0.1:8282 -metrics.addr "" \
	-cache "$TMP/roas.json" -checktime=false -refresh 1
check "rpki/and is back with another session and other ROAs" \
	wait_for '[ "$(table_of "$W" r4)" = "10.3.0.0/16-16 AS64503" ]' 20

# A cache of our own, found by name.
check "rpki/a cache by its name" wait_for 'state own Established' 10
check "rpki/by a Reset Query first" \
	test "$(head -n 1 "$TMP/own/asked")" = "reset v1"
check "rpki/routes of the neighbor" \
	wait_for 'is_net 10.9.0.0/16 && is_net 10.8.0.0/16' 20
cat > "$TMP/own/say" << EOF
serial 2
change 2 - 10.9.0.0/16 16 65001
change 2 + 10.9.0.0/16 16 65009
EOF
check "rpki/a delta" wait_for "has o4 '10.9.0.0/16-16 AS65009'" 5
check "rpki/asked for by serial" \
	test "$(tail -n 1 "$TMP/own/asked")" = "serial 1 v1"
comes "rpki/the old one is withdrawn" \
	bash -c "! birdc -s $W show route table o4 | grep -q AS65001"
check "rpki/what is invalid now goes" wait_for '! is_net 10.9.0.0/16' 10
check "rpki/and nothing else" is_net 10.8.0.0/16
comes "rpki/by one route refresh" grep -q \
	'peer: Automatic RPKI reload, table o4 has changed' "$TMP/warrend.log"
comes "rpki/and from static likewise" bash -c \
	"! birdc -s $W show route protocol lively | grep -q 10.9"
check "rpki/but not where it is off" bash -c \
	"birdc -s $W show route protocol deaf | grep -q 10.9"

cat > "$TMP/own/say" << EOF
serial 3
reset
roa 10.9.0.0/16 16 65001
EOF
check "rpki/after a Cache Reset everything is asked for" \
	wait_for '[ "$(table_of "$W" o4)" = "10.9.0.0/16-16 AS65001" ] &&
	[ -z "$(table_of "$W" o6)" ]' 5
check "rpki/what is valid again comes back" wait_for 'is_net 10.9.0.0/16' 10

hears() {
	birdc -s "$TMP/p.ctl" show route "$1" | grep -q "^$1 "
}
check "rpki/the neighbor is told" wait_for 'hears 10.7.0.0/16' 10
cat > "$TMP/own/say" << EOF
session 2
serial 1
roa 10.9.0.0/16 16 65001
roa 10.7.0.0/16 16 65001
EOF
check "rpki/another session id" \
	wait_for "has o4 '10.7.0.0/16-16 AS65001'" 10

check "rpki/and is told no more of what became invalid" \
	wait_for '! hears 10.7.0.0/16' 10

stop own KILL
cat > "$TMP/own/say" << EOF
version 0
session 5
roa 10.6.0.0/16 16 65001
EOF
start own r python3 "$TOP/tests/interop/rtr_cache.py" 8283 "$TMP/own"
check "rpki/a cache of version 0" \
	wait_for '[ "$(table_of "$W" o4)" = "10.6.0.0/16-16 AS65001" ]' 60
check "rpki/which is shown" field own 'Protocol version: 0'

echo nodata > "$TMP/own/say"
birdc -s "$W" reload own > "$TMP/reload.out"
check "rpki/no data available" \
	wait_for 'state own Cache-Error-No-Data-Available' 10
check "rpki/no data takes nothing away" has o4 '10.6.0.0/16-16 AS65001'
birdc -s "$W" disable own > "$TMP/disable.out"
check "rpki/disabled, nothing is left" \
	wait_for '[ -z "$(table_of "$W" o4)" ]' 5

sed -i 's/retry keep 1; refresh keep 30/retry keep 2; refresh keep 40/' \
	"$TMP/w.conf"
birdc -s "$W" configure > "$TMP/configure.out"
check "rpki/new timers without a new connection" \
	wait_for "field stay 'Refresh timer   : .*' &&
	grep -q Reconfigured $TMP/configure.out && state stay Established" 5
# Real ROAs, where they are at hand.
real=${WARREN_SAMPLES:-$TOP/../shared/samples}/dn42/rtr-excerpt.json
if [ -r "$real" ]; then
	cp "$real" "$TMP/roas.json"
	kill -HUP "${pid[stayrtr]}"
	# It may be asking for the serial of a session that is over still.
	birdc -s "$TMP/b.ctl" restart stay > "$TMP/restart.out"
	check "rpki/real ROAs, as BIRD has them" wait_for \
		'[ "$(table_of "$W" r6 | wc -l)" -gt 20 ] && same_tables' 30
else
	skip "rpki/real ROAs" "no samples"
fi
stop warrend
check "rpki/an end without complaint" test $? = 0

#!/bin/bash
# SPDX-License-Identifier: ISC
# Neighbours that announce a table far larger than any there is, with the
# limits that warrend(8) names and without, and a good one, BIRD, who must
# notice nothing.  HOSTILE_PREFIXES asks for more, 10000000 say.
. "$(dirname "$0")/../netns/lib.sh"
need bird birdc python3

n=${HOSTILE_PREFIXES:-300000}
limit=20000
patience=${HOSTILE_SECONDS:-60}

host w g h
link w wg0 g gw 10.0.1.1/24 10.0.1.2/24
link w wh h hw 10.0.9.1/24 10.0.9.2/24
for i in 3 4; do
	ip -n h address add "10.0.9.$i/24" dev hw
done

hostile() {	# NAME LAST-OCTET CHANNEL-LINES
	cat <<-C
	protocol bgp $1 {
		local 10.0.9.1 as 65001;
		neighbor 10.0.9.$2 as 65066;
		passive; hold time 9; error wait time 60, 300;
		ipv4 { import all; export none; $3 };
	}
	C
}
{
	cat <<-C
	log stderr all;
	router id 10.0.0.1;
	protocol device { scan time 1; }
	protocol static s { ipv4; }
	protocol bgp good {
		local 10.0.1.1 as 65001;
		neighbor 10.0.1.2 as 65002;
		connect delay time 1; hold time 9;
		ipv4 { import all; export where source = RTS_STATIC; };
	}
	C
	hostile limited 2 "import limit $limit action disable;"
	hostile received 3 "import none; import keep filtered; receive limit $limit action disable;"
	hostile unlimited 4 ''
} > "$TMP/fs/w/etc/warren.conf"
cat > "$TMP/fs/g/etc/bird.conf" <<-C
	log stderr all;
	router id 10.0.0.2;
	protocol device { scan time 1; }
	protocol static { ipv4; $(for i in $(seq 0 99); do
		echo "route 10.99.$i.0/24 blackhole;"; done) }
	protocol bgp w {
		local 10.0.1.2 as 65002;
		neighbor 10.0.1.1 as 65001;
		connect delay time 1; hold time 9;
		ipv4 { import all; export where source = RTS_STATIC; };
	}
C
start g g bird -f -c "$TMP/fs/g/etc/bird.conf" -s /run/bird.ctl
start w w warrend -f -c /etc/warren/warren.conf -s /run/warren.ctl
ask() { timeout 60 nsenter --target "${holder[w]}" --mount --net --uts \
	--root -- birdc -s /run/warren.ctl "$@" 2>&1; }
ask_g() { on g birdc -s /run/bird.ctl "$@" 2>&1; }
routes() { ask show protocols all "$1" |
	sed -n 's/^ *Routes: *\([0-9]*\) imported.*/\1/p'; }
line() { ask show protocols "$1" | tail -n 1; }
rss() { sed -n 's/^VmRSS:[^0-9]*\([0-9]*\).*/\1/p' "/proc/${pid[w]}/status"; }
since() { line good | awk '{ print $5, $6 }'; }
meet() { start "$1" h "$TOP/tests/interop/hostile.py" announce "10.0.9.$2" \
	10.0.9.1 "$n"; }
said() { grep -q "$2" "$TMP/$1.log"; }
sanitized() { grep -q libasan "/proc/${pid[w]}/maps"; }

check good_peer wait_for '[ "$(routes good)" = 100 ]' 30
before=$(since)
empty=$(rss)

meet limited 2
meet received 3
check limit_ends_it wait_for 'said limited "notified 6/1"' "$patience"
check limit_disables wait_for 'line limited | grep -q down' 20
check receive_ends_it wait_for 'said received "notified 6/1"' "$patience"
check receive_disables wait_for 'line received | grep -q down' 20
echo "# $limit at most: $(($(rss) - empty)) KiB more"
sanitized || check limits_save_memory [ $(($(rss) - empty)) -lt 40000 ]

# Those of 127/8 are nobody's.
bogus=$(( n > (127 - 11) << 16 ? 1 << 16 : 0 ))
meet unlimited 4
t=$(now_ms)
told=0
while [ $(($(now_ms) - t)) -lt $((patience * 5000)) ]; do
	now=$(routes unlimited)
	[ "${now:-0}" -lt $((told + n / 10)) ] || {
		told=$now
		echo "# $now: $(rss) KiB, $(($(now_ms) - t)) ms"
	}
	[ "${now:-0}" -lt $((n - bogus)) ] || break
	sleep 0.1
done
check unlimited [ "$(routes unlimited)" = $((n - bogus)) ]
sanitized || check memory_for_each [ $((($(rss) - empty) * 1024 / n)) -lt 250 ]
check questions_are_answered eval 'ask show status | grep -q running'

# What is new is told to the good one, and it is as it was.
sed -i 's#protocol static s { ipv4; }#protocol static s { ipv4; route 10.50.1.0/24 blackhole; }#' \
	"$TMP/fs/w/etc/warren.conf"
ask configure > /dev/null
check good_is_told wait_for 'ask_g show route 10.50.1.0/24 | grep -q w' 30
stop unlimited
check gone wait_for \
	'ask show route count protocol unlimited | grep -q "^0 of"' "$patience"
check good_routes [ "$(routes good)" = 100 ]
check good_untouched [ "$(since)" = "$before" ]
check good_peer_untouched eval '! grep -q "w: " "$TMP/g.log"'
if stop w; then ok stops; else not_ok stops "status $?"; fi

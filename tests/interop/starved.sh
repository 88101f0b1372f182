#!/bin/bash
# SPDX-License-Identifier: ISC
# warrend whose memory is out now and again, between two BIRDs: while it lasts
# sessions may fail and answers be short; it lives, and when there is memory
# again everything comes back by itself.
. "$(dirname "$0")/../netns/lib.sh"
need bird birdc

ROUTES=3000
if grep -q libasan < <(ldd "$BUILD/src/warrend/warrend"); then
	skip starved "a sanitizer has its own malloc"
	exit 0
fi
host w g s
link w wg0 g gw 10.0.1.1/24 10.0.1.2/24
link w ws s sw 10.0.2.1/24 10.0.2.2/24

conf() {
	cat <<-C
	log stderr all;
	router id 10.0.0.1;
	protocol device { scan time 1; }
	protocol direct { ipv4; }
	protocol kernel { scan time 2; ipv4 { export where source = RTS_BGP; }; }
	protocol static { ipv4; route 10.50.$1.0/24 blackhole; }
	ipv4 table side;
	protocol pipe { table master4; peer table side; import none; export all; }
	filter tell {
		bgp_community.add((65001, $1));
		bgp_path.prepend(65001);
		accept;
	}
	template bgp t {
		local as 65001;
		hold time 9; connect delay time 1; connect retry time 2;
		error wait time 1, 2;
		ipv4 { import filter { bgp_med = $1; accept; };
			export filter tell; import table; };
	}
	protocol bgp g from t { neighbor 10.0.1.2 as 65002; }
	protocol bgp s from t { neighbor 10.0.2.2 as 65003; }
	C
}
conf 1 > "$TMP/fs/w/etc/warren.conf"

bird_conf() {	# bird_conf HOST LAST-AS OCTET STATIC-LINES
	cat > "$TMP/fs/$1/etc/bird.conf" <<-C
	log stderr all;
	router id 10.0.0.$3;
	protocol device { scan time 1; }
	protocol static {
		ipv4;
		$4
	}
	protocol bgp w {
		local as $2;
		neighbor 10.0.$3.1 as 65001;
		hold time 9; connect delay time 1; connect retry time 2;
		error wait time 1, 2;
		ipv4 { import all; export where source = RTS_STATIC; };
	}
	C
}
bird_conf g 65002 1 "$(for i in $(seq 0 $((ROUTES - 1))); do
	echo "route 12.$((i / 256)).$((i % 256)).0/24 blackhole {
	bgp_community.add((65002, $((i / 3)))); };"
done)"
bird_conf s 65003 2 'route 13.0.0.0/8 blackhole;'

start g g bird -f -c "$TMP/fs/g/etc/bird.conf" -s /run/bird.ctl
start s s bird -f -c "$TMP/fs/s/etc/bird.conf" -s /run/bird.ctl
head -c 8 /dev/zero > "$TMP/starve"
start w w env "LD_PRELOAD=$BUILD/tests/interop/libstarve.so" \
	"STARVE=$TMP/starve" "$BUILD/src/warrend/warrend" -f \
	-c /etc/warren/warren.conf -s /run/warren.ctl
ask() { timeout 60 nsenter --target "${holder[w]}" --mount --net --uts \
	--root -- birdc -s /run/warren.ctl "$@" 2>&1; }
ask_s() { on s birdc -s /run/bird.ctl "$@" 2>&1; }
ask_g() { on g birdc -s /run/bird.ctl "$@" 2>&1; }
one_in() { python3 -c 'import struct, sys
f = open(sys.argv[1], "r+b"); f.write(struct.pack("<I", int(sys.argv[2])))' \
	"$TMP/starve" "$1"; }
failed() { od -An -j4 -N4 -tu4 "$TMP/starve" | tr -d ' '; }
passed_on() {
	[ "$(ask_s show route count protocol w |
		sed -n 's/^\([0-9]*\) of.*/\1/p')" = $((ROUTES + $1)) ]
}
in_kernel() {
	[ "$(ip -n w route show proto 12 | wc -l)" = $((ROUTES + 1)) ]
}
in_side() { ask show route count table side | grep -q "^$((ROUTES + 4)) of"; }

check begin wait_for 'passed_on 3' 30
for every in 30 5; do
	one_in "$every"
	for i in 1 2 3; do
		ask_g restart w
		conf $((i + 1)) > "$TMP/fs/w/etc/warren.conf"
		ask configure
		ask show route all
		ask_s reload w
		ask reload all
		ask show protocols all
		sleep 1
		ask restart s
		ask show route export s
		ask show memory
	done > /dev/null
	one_in 0
	check "lives_$every" kill -0 "${pid[w]}"
	conf 1 > "$TMP/fs/w/etc/warren.conf"
	wait_for 'ask configure | grep -q Reconfigured' 10
	ask enable all > /dev/null
	check "passed_on_$every" wait_for 'passed_on 3' 30
	check "configured_$every" wait_for \
		'ask_s show route all 12.0.1.0/24 | grep -q "65001,1)"' 20
	check "kernel_$every" wait_for in_kernel 30
	check "pipe_$every" wait_for in_side 10
done
[ "$(failed)" -gt 50 ] || not_ok starved "it was not: $(failed)"
echo "# $(failed) allocations failed"
if stop w; then ok stops; else not_ok stops "status $?"; fi

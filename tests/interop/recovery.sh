#!/bin/bash
# SPDX-License-Identifier: ISC
# warrend is killed and started again; of its two neighbours the worse one is
# back first.  What the kernel has stays as it was until the other one has
# told its routes again, too: nothing goes by the worse way meanwhile.
. "$(dirname "$0")/../netns/lib.sh"
need bird birdc

host w a b
link w wa a aw 10.0.1.1/24 10.0.1.2/24
link w wb b bw 10.0.2.1/24 10.0.2.2/24

times='hold time 90; connect delay time 1; connect retry time 1;
	error wait time 1, 2; graceful restart on;'
cat > "$TMP/fs/w/etc/warren.conf" <<C
log stderr all;
router id 10.0.0.1;
protocol device { scan time 1; }
protocol kernel { scan time 1; ipv4 { export where source = RTS_BGP; }; }
template bgp t {
	local as 65001;
	$times
	ipv4 { import all; export none; };
}
protocol bgp a from t { neighbor 10.0.1.2 as 65010; }
protocol bgp b from t { neighbor 10.0.2.2 as 65020; }
C

peer() {	# NAME AS OCTET ROUTES EXPORT
	cat > "$TMP/fs/$1/etc/bird.conf" <<-C
	log stderr all;
	router id 10.0.0.1$3;
	protocol device { }
	protocol static st { ipv4; $4 }
	protocol bgp w {
		local 10.0.$3.2 as $2;
		neighbor 10.0.$3.1 as 65001;
		$times
		ipv4 { import all; export filter { $5 accept; }; };
	}
	C
	start "$1" "$1" bird -f -c /etc/warren/bird.conf -s "/run/$1.ctl"
}
peer a 65010 1 'route 10.50.0.0/16 blackhole; route 10.51.0.0/16 blackhole;' \
	'bgp_path.prepend(65010); bgp_path.prepend(65010);'
peer b 65020 2 'route 10.50.0.0/16 blackhole; route 10.52.0.0/16 blackhole;' ''
goes() { ip -n w route show "$1" | grep -q "via $2 "; }
ctl() { on w "$BUILD/src/warren/warren" "$@"; }
told() { ctl show route "$1" protocol "$2" | grep -q "$1.*$2"; }

start w w warrend -f
check best wait_for 'goes 10.50.0.0/16 10.0.2.2' 30
check only_a wait_for 'goes 10.51.0.0/16 10.0.1.2' 30
check only_b wait_for 'goes 10.52.0.0/16 10.0.2.2' 30

stop w KILL
kill -STOP "${pid[b]}"
ip -n w monitor route > "$TMP/news" &
monitor=$!
: > "$TMP/w.log"
start w w warrend -f
check worse_is_back wait_for 'told 10.50.0.0/16 a' 30
# Long enough for scans, and for what is wanted to have been sent.
sleep 3
check recovering grep -q Recovering "$TMP/w.log"
check not_over eval '! grep -q "Recovery is over" $TMP/w.log'
check stays goes 10.50.0.0/16 10.0.2.2
check stays_alone goes 10.52.0.0/16 10.0.2.2
kill -CONT "${pid[b]}"
check better_is_back wait_for 'told 10.50.0.0/16 b' 30
check over wait_for 'grep -q "Recovery is over" $TMP/w.log' 30
sleep 1
kill "$monitor"
check kernel_saw_nothing diff /dev/null "$TMP/news"

# What nobody came back for goes, or by the other way, when it is over.
stop w KILL
stop b
: > "$TMP/w.log"
sed -i 's/^router id/graceful restart wait 5;\n&/' \
	"$TMP/fs/w/etc/warren.conf"
start w w warrend -f
check worse_then wait_for 'goes 10.50.0.0/16 10.0.1.2' 30
check gone_then wait_for '! ip -n w route | grep -q ^10.52.0.0' 30
check after_wait grep -q "Recovery is over" "$TMP/w.log"
if stop w; then ok stops; else not_ok stops "status $?"; fi

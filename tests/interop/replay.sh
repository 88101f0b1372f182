#!/bin/bash
# SPDX-License-Identifier: ISC
# What was said on a real exchange is said to warrend and to a BIRD: neither
# ends the session, and their tables are the same.  replay.hex is ours; a
# collector's dump is replayed where there is one.
. "$(dirname "$0")/../netns/lib.sh"
need bird birdc
here=$(cd "$(dirname "$0")" && pwd)
samples=${WARREN_SAMPLES:-$TOP/../shared/samples}
dump=$samples/mrt/updates.20160811.1600.gz

host w b f
link w wf f fw 10.0.1.1/24 10.0.1.9/24
link b bf f fb 10.0.2.1/24 10.0.2.9/24

# conf NAME MORE: routes by next hops that nobody knows are kept all the same.
conf() {
	cat <<-C
	log stderr all;
	router id 10.0.0.$1;
	protocol device { }
	protocol bgp f {
		local 10.0.$1.1 as 65001;
		neighbor 10.0.$1.9 as 65010;
		multihop; passive;
		hold time 240;
		$2
		ipv4 { import all; export none; };
		ipv6 { import all; export none; };
	}
	C
}
conf 1 'allow as sets on;' > "$TMP/fs/w/etc/warren.conf"
conf 2 '' > "$TMP/fs/b/etc/bird.conf"
ours() { on w birdc -s /run/warren/warren.ctl "$@"; }
theirs() { on b birdc -s /run/bird.ctl "$@"; }
table() { "$1" show route table "$2" all |
	/usr/bin/env python3 "$here/replay.py" table; }
marked() { "$1" show route 203.0.113.0/24 | grep -q 203; }
count() { wc -l < "$TMP/$1"; }

# replay NAME FILE FEWEST
replay() {
	local n
	start "w_$1" w warrend -f
	start "b_$1" b bird -f -c /etc/warren/bird.conf -s /run/bird.ctl
	start "f_$1" f /usr/bin/env python3 "$here/replay.py" feed "$2" \
		65010 10.0.1.1 10.0.2.1
	check "$1/all_said" wait_for 'marked ours && marked theirs' 60
	check "$1/no_end" eval "! grep -E 'closed|notification' \
		'$TMP/f_$1.log'"
	check "$1/up" eval 'ours show protocols f | grep -q Established'
	check "$1/established_once" test \
		"$(grep -c 'f: Session established' "$TMP/w_$1.log")" = 1
	for n in master4 master6; do
		table ours $n > "$TMP/$1.$n.ours"
		table theirs $n > "$TMP/$1.$n.theirs"
		check "$1/$n" diff "$TMP/$1.$n.theirs" "$TMP/$1.$n.ours"
	done
	check "$1/not_few" test "$(count "$1.master4.ours")" -ge "$3"
	stop "f_$1"
	stop "b_$1"
	stop "w_$1"
}

replay own "$here/replay.hex" 10
if [ -e "$dump" ]; then
	replay dump "$dump" 1000
else
	skip replay/dump "no dump at $dump"
fi

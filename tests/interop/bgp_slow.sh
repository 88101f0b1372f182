#!/bin/bash
# SPDX-License-Identifier: ISC
# "tx size warning": a BIRD that stops reading, behind small socket buffers.
. "$(dirname "$0")/../netns/lib.sh"
need bird birdc

host w p
link w we p pe 10.0.1.1/24 10.0.1.2/24
on w sysctl -qw net.ipv4.tcp_wmem='4096 4096 4096'
on p sysctl -qw net.ipv4.tcp_rmem='4096 4096 4096'
{
	cat <<-C
	log stderr all; router id 10.0.0.1;
	protocol device { }
	protocol bgp p { local 10.0.1.1 as 65001; neighbor 10.0.1.2 as 65002;
		connect delay time 1; tx size warning 20000;
		ipv4 { import all; export none; tx size warning 1000000; }; }
	protocol static { ipv4;
	C
	for a in {0..159}; do
		for b in {0..255}; do
			echo "route 100.$a.$b.0/24 blackhole;"
		done
	done
	echo '}'
} > "$TMP/w.conf"
cat > "$TMP/p.conf" <<-C
	log stderr all; router id 10.0.0.2;
	protocol device { }
	protocol bgp w { local 10.0.1.2 as 65002; neighbor 10.0.1.1 as 65001;
		connect delay time 1; connect retry time 1;
		ipv4 { import all; export all; }; }
	C
W() { on w birdc -s "$TMP/w.ctl" "$@"; }
start p p bird -f -c "$TMP/p.conf" -s "$TMP/p.ctl" -P /run/p.pid
start w w warrend -f -c "$TMP/w.conf" -s "$TMP/w.ctl"
check slow/up wait_for 'W show protocols p | grep -q Established' 20
check slow/quiet eval '! grep -q "size warning" "$TMP/w.log"'
kill -STOP "${pid[p]}"
sed -i 's/export none/export all/' "$TMP/w.conf"
W configure > "$TMP/answer"
check slow/warns wait_for \
	'grep -q "<WARN> p: .* wait to be sent, more than .tx size" "$TMP/w.log"' 20
sleep 1
check slow/once test "$(grep -c "wait to be sent" "$TMP/w.log")" = 1
kill -CONT "${pid[p]}"
check slow/all wait_for '[ "$(on p birdc -s "$TMP/p.ctl" show route count |
	grep -c "^40960 of")" = 1 ]' 30

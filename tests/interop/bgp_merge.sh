#!/bin/bash
# SPDX-License-Identifier: ISC
# Two BIRDs tell warrend of one net, equally well: the kernel gets both ways,
# IPv4 over an IPv6 next hop as well, and a BIRD that takes all paths gets
# both of them.
. "$(dirname "$0")/../netns/lib.sh"
need bird birdc

host w a b c
link w wa a aw 10.0.1.1/24 10.0.1.2/24
link w wb b bw 10.0.2.1/24 10.0.2.2/24
link w wc c cw 10.0.3.1/24 10.0.3.2/24
for i in 'w wa 1::1' 'w wb 2::1' 'a aw 1::2' 'b bw 2::2'; do
	read -r h d x <<< "$i"
	ip -n "$h" address add "2001:db8:$x/64" dev "$d" nodad
done

times='hold time 9; connect delay time 1; connect retry time 2;
	error wait time 1, 2;'

cat > "$TMP/fs/w/etc/warren.conf" <<C
log stderr all;
router id 10.0.0.1;
protocol device { scan time 1; }
protocol kernel { ipv4 { export where source = RTS_BGP; }; merge paths on; }
template bgp t {
	local as 65001;
	$times
	ipv4 { import all; export none; extended next hop; };
}
protocol bgp a from t { neighbor 10.0.1.2 as 65010; }
protocol bgp b from t { neighbor 2001:db8:2::2 as 65020; }
protocol bgp c from t {
	neighbor 10.0.3.2 as 65030;
	ipv4 { export all; add paths tx; };
}
C

peer() { # NAME AS ADDRESS NEIGHBOUR
	cat > "$TMP/fs/$1/etc/bird.conf" <<-C
	log stderr all;
	router id ${5};
	protocol device { }
	protocol static st { ipv4; route 10.77.0.0/16 blackhole; }
	protocol bgp w {
		local $3 as $2;
		neighbor $4 as 65001;
		$times
		ipv4 { import all; export ${6-all}; extended next hop on;
			add paths rx; };
	}
	C
	start "$1" "$1" bird -f -c /etc/warren/bird.conf -s "/run/$1.ctl"
}
ask() { local h=$1; shift; on "$h" birdc -s "/run/$h.ctl" "$@"; }
kernel() { ip -n w route show 10.77.0.0/16; }
both() { [ "$(kernel | grep -c nexthop)" = 2 ]; }
paths() { [ "$(ask c show route 10.77.0.0/16 protocol w | grep -c via)" = "$1" ]; }

start w w warrend -f
peer a 65010 10.0.1.2 10.0.1.1 10.0.0.2
peer b 65020 2001:db8:2::2 2001:db8:2::1 10.0.0.3
peer c 65030 10.0.3.2 10.0.3.1 10.0.0.4 none

if wait_for both 20; then
	ok merged
else
	not_ok merged "$(kernel)"
fi
check 'one over IPv4' eval "kernel | grep -q 'via 10.0.1.2 dev wa'"
check 'one over IPv6' eval "kernel | grep -q 'via inet6 .* dev wb'"
check 'all paths told' wait_for 'paths 2' 10
ask b disable st > "$TMP/disable.log"
check 'one left' wait_for '! both && kernel | grep -q 10.0.1.2' 10
check 'one path left' wait_for 'paths 1' 10
ask b enable st > "$TMP/enable.log"
check 'both again' wait_for both 10
check 'both paths again' wait_for 'paths 2' 10

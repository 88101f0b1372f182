#!/bin/bash
# SPDX-License-Identifier: ISC
# warrend between three FRRs: e outside (both dial), i inside (with a
# password, passive on our side), x on a link that has link-local addresses
# only.  What e says is read at i, after it went through w.
. "$(dirname "$0")/../netns/lib.sh"
bgpd=/usr/lib/frr/bgpd
need vtysh
[ -x $bgpd ] || { skip bgp_frr "FRR is not installed"; exit 0; }

# zebra wants its user in this group; /etc is ours alone here.
sed -i '/^frrvty:/s/[^:,]$/&,root/;/^frrvty:.*:$/s/$/root/' /etc/group

host w e i x
link w we e ew 10.0.1.1/24 10.0.1.2/24
link w wi i iw 10.0.2.1/24 10.0.2.2/24
link w wx x xw
ip -n w address add 2001:db8:1::1/64 dev we
ip -n e address add 2001:db8:1::2/64 dev ew
ip -n w address add 2001:db8:2::1/64 dev wi
ip -n i address add 2001:db8:2::2/64 dev iw
ip -n w address flush dev wx scope link
ip -n w address add fe80::1/64 dev wx
ip -n x address flush dev xw scope link
ip -n x address add fe80::2/64 dev xw

w_conf() {
	cat <<-C
	log stderr all;
	router id 10.0.0.1;
	protocol device { scan time 1; }
	protocol direct { ipv4; ipv6; }
	protocol kernel { learn; ipv4 { export where source = RTS_BGP; }; }
	protocol kernel { ipv6 { export where source = RTS_BGP; }; }
	protocol static {
		ipv4;
		route 10.50.1.0/24 blackhole;
	}
	protocol static { ipv6; route 2001:db8:50::/48 blackhole; }
	filter tell {
		if source = RTS_DEVICE then reject;
		if net = 10.50.1.0/24 then {
			bgp_med = 33;
			bgp_community.add((65001, 50));
			bgp_large_community.add((65001, 5, 0));
		}
		accept;
	}
	template bgp peer {
		hold time 9;
		connect delay time 1;
		connect retry time 2;
		error wait time 1, 2;
		graceful restart on;
		graceful restart time 30;
	}
	protocol bgp e from peer {
		local 10.0.1.1 as 65001;
		neighbor 10.0.1.2 as 4200000001;
		ttl security on;
		ipv4 { import ${1:-all}; export filter tell; };
		ipv6 { import all; export filter tell; };
	}
	protocol bgp i from peer {
		local 10.0.2.1 as 65001;
		neighbor 10.0.2.2 as 65001;
		password "correct-horse";
		passive;
		ipv4 { import all; export filter tell; };
		ipv6 { import all; export filter tell; };
	}
	protocol bgp x from peer {
		local fe80::1 as 65001;
		neighbor fe80::2 as 65030;
		interface "wx";
		ipv4 { import all; export filter tell; extended next hop; };
		ipv6 { import all; export filter tell; };
	}
	C
}

# frr NAME AS ID DIGIT NEIGHBOR AS-OF-W, more lines on stdin: for the neighbor
frr() {
	{
	cat <<-C
	hostname $1
	log stdout
	ip prefix-list one permit 10.$4.1.0/24
	bgp community-list standard none permit 1:1
	route-map tell permit 10
	 match ip address prefix-list one
	 set metric 50
	 set community 65010:1
	 set large-community 4200000001:1:2
	 set as-path prepend 65010
	route-map tell permit 20
	router bgp $2
	 bgp router-id 10.0.0.$3
	 no bgp ebgp-requires-policy
	 no bgp network import-check
	 no bgp default ipv4-unicast
	 bgp graceful-restart
	 bgp graceful-restart preserve-fw-state
	 timers bgp 3 9
	 neighbor $5 remote-as $6
	 neighbor $5 timers connect 2
	 neighbor $5 advertisement-interval 0
	C
	cat
	cat <<-C
	 address-family ipv4 unicast
	  network 10.$4.1.0/24
	  network 10.$4.2.0/24
	  neighbor $5 activate
	  neighbor $5 route-map tell out
	  neighbor $5 soft-reconfiguration inbound
	 address-family ipv6 unicast
	  network 2001:db8:$4::/48
	  neighbor $5 activate
	C
	} > "$TMP/fs/$1/etc/bgpd.conf"
}
frr e 4200000001 2 100 10.0.1.1 65001 <<'C'
 neighbor 10.0.1.1 ttl-security hops 1
C
frr i 65001 3 101 10.0.2.1 65001 <<'C'
 neighbor 10.0.2.1 password correct-horse
C
frr x 65030 5 103 fe80::1 65001 <<'C'
 neighbor fe80::1 interface xw
 neighbor fe80::1 capability extended-nexthop
C

frr_start() {
	start "$1" "$1" $bgpd -S -f /etc/warren/bgpd.conf -P 0 \
		-i "/run/frr.$1/bgpd.pid" --vty_socket "/run/frr.$1" \
		-z "/run/frr.$1/zserv.api" --log stdout
}
# It tells bgpd of interfaces.
zebra_start() {
	on "$1" mkdir -p "/run/frr.$1"
	: > "$TMP/fs/$1/etc/zebra.conf"
	start "zebra_$1" "$1" /usr/lib/frr/zebra -u root -g root -P 0 \
		-f /etc/warren/zebra.conf -i "/run/frr.$1/zebra.pid" \
		-z "/run/frr.$1/zserv.api" --vty_socket "/run/frr.$1" \
		--log stdout
	wait_for "on $1 test -S /run/frr.$1/zserv.api" 5
}
ask() {
	local h=$1
	shift
	on "$h" vtysh --vty_socket "/run/frr.$h" -d bgpd -c "$*"
}
# what an FRR shows of one net
shows() { ask "$1" show bgp "${3:-ipv4}" unicast "$2" json | grep -qE "$4"; }
lacks() { ! shows "$@"; }
v4() { shows "$1" "$2" ipv4 "$3"; }
v6() { shows "$1" "$2" ipv6 "$3"; }
no_v4() { ! v4 "$@"; }
kernel() { ip -n w route show "$1" | grep -qE "$2"; }
kernel6() { ip -n w -6 route show "$1" | grep -qE "$2"; }
no_kernel() { ! kernel "$1" proto; }
up() { ask "$1" show bgp neighbors json | grep -q '"bgpState":"Established"'; }
logged() { grep -qE "$2" "$TMP/$1.log"; }

w_conf > "$TMP/fs/w/etc/warren.conf"
check config on w warrend -p
for p in e i x; do zebra_start $p; frr_start $p; done
start w w warrend -f
for p in e i x; do
	check "session_$p" wait_for "up $p" 20 || exit 1
done

check kernel_e wait_for 'kernel 10.100.1.0/24 "via 10.0.1.2 dev we"' 10
check kernel_e6 wait_for 'kernel6 2001:db8:100::/48 "dev we"' 10
check kernel_i wait_for 'kernel 10.101.1.0/24 "via 10.0.2.2 dev wi"' 10
check kernel_x wait_for 'kernel 10.103.1.0/24 "via inet6 fe80::2 dev wx"' 10
check kernel_x6 wait_for 'kernel6 2001:db8:103::/48 "via fe80::2 dev wx"' 10

check to_i wait_for 'v4 i 10.100.1.0/24 "4200000001 65010"' 10
for want in '"metric":50' '"locPrf":100' '65010:1' '4200000001:1:2' \
    '"ip":"10.0.1.2"' '"origin":"IGP"'; do
	check "to_i_$want" v4 i 10.100.1.0/24 "$want"
done
check to_i_6 wait_for 'v6 i 2001:db8:100::/48 "2001:db8:1::2"' 5
check to_e wait_for 'v4 e 10.101.1.0/24 "65001 65010"' 10
check to_e_hop v4 e 10.101.1.0/24 '"ip":"10.0.1.1"'
check to_e_no_med no_v4 e 10.101.1.0/24 '"metric":50'
check own_to_e wait_for 'v4 e 10.50.1.0/24 "\"string\":\"65001\""' 5
for want in '"metric":33' '65001:50' '65001:5:0'; do
	check "own_to_e_$want" v4 e 10.50.1.0/24 "$want"
done
check own_to_e_6 wait_for 'v6 e 2001:db8:50::/48 "2001:db8:1::1"' 5
check own_to_x wait_for 'v4 x 10.50.1.0/24 "fe80::1"' 5
check own_to_x6 wait_for 'v6 x 2001:db8:50::/48 "fe80::1"' 5

# Withdrawn, back, changed.
conf() {
	local h=$1 args=() l
	shift
	for l; do args+=(-c "$l"); done
	on "$h" vtysh --vty_socket "/run/frr.$h" -d bgpd -c 'configure' \
		"${args[@]}"
}
conf e 'router bgp' 'address-family ipv4 unicast' 'no network 10.100.1.0/24'
check withdrawn wait_for 'no_kernel 10.100.1.0/24' 5
check withdrawn_at_i wait_for 'no_v4 i 10.100.1.0/24 65010' 5
conf e 'router bgp' 'address-family ipv4 unicast' 'network 10.100.1.0/24'
check announced_again wait_for 'kernel 10.100.1.0/24 10.0.1.2' 5
conf e 'route-map tell permit 10' 'set metric 51'
check changed wait_for "v4 i 10.100.1.0/24 '\"metric\":51'" 15

# Route refresh, asked by FRR and by us.
count() { ask e show bgp neighbors json | grep -oE "\"$1\":[0-9]+" |
	head -n 1 | cut -d: -f2; }
had=$(count updatesRecv)
conf e 'router bgp' 'address-family ipv4 unicast' \
	'no neighbor 10.0.1.1 soft-reconfiguration inbound'
ask e clear bgp ipv4 unicast 10.0.1.1 soft in
check refresh_out wait_for '[ "$(count updatesRecv)" -gt "$had" ]' 5
w_conf 'where net != 10.100.2.0/24' > "$TMP/fs/w/etc/warren.conf"
kill -HUP "${pid[w]}"
check refresh_in_filter wait_for 'no_kernel 10.100.2.0/24' 5
w_conf > "$TMP/fs/w/etc/warren.conf"
kill -HUP "${pid[w]}"
check refresh_in wait_for 'kernel 10.100.2.0/24 10.0.1.2' 5
check refresh_no_flap test "$(grep -c 'e: Session established' \
	"$TMP/w.log")" = 1

# The peer dies and comes back: nothing moves in the kernel.
watch_kernel() {
	: > "$TMP/news"
	ip -n w monitor route > "$TMP/news" &
	monitor=$!
	sleep 0.2
}
quiet() { ! grep -q 'proto bird' "$TMP/news"; }
watch_kernel
stop e KILL
sleep 1
check gr_peer_kept kernel 10.100.1.0/24 10.0.1.2
frr_start e
check gr_peer_back wait_for 'up e' 20
check gr_peer_over wait_for 'logged w "e: Graceful restart is over"' 20
sleep 0.5
kill "$monitor"
check gr_peer_no_flap quiet
check gr_peer_still kernel 10.100.1.0/24 10.0.1.2

# We die and come back: neither the kernel nor the peers see it.
check gr_self_before wait_for 'v4 e 10.50.1.0/24 65001' 10
watch_kernel
stop w KILL
sleep 1
check gr_self_kept v4 e 10.50.1.0/24 65001
start w w warrend -f
check gr_self_back wait_for 'up e && up i' 20
check gr_self_recovered wait_for 'logged w "Recovery is over"' 70
check gr_self_still v4 e 10.50.1.0/24 65001
sleep 0.5
kill "$monitor"
check gr_self_no_flap quiet
check gr_self_kernel kernel 10.100.1.0/24 10.0.1.2

# A text with the shutdown: RFC 9003.
conf e 'router bgp' 'neighbor 10.0.1.1 shutdown message mending the cable'
check shutdown_text wait_for 'logged w "mending the cable"' 5
check shutdown_gone wait_for 'no_kernel 10.100.1.0/24' 5
conf e 'router bgp' 'no neighbor 10.0.1.1 shutdown'
check enabled_again wait_for 'kernel 10.100.1.0/24 10.0.1.2' 20

# No more keepalives.
kill -STOP "${pid[x]}"
check hold_timer wait_for 'logged w "x: .*[Hh]old timer expired"' 15
kill -CONT "${pid[x]}"
check hold_back wait_for 'up x && kernel 10.103.1.0/24 fe80::2' 25

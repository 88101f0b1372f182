#!/bin/bash
# SPDX-License-Identifier: ISC
# Everything through the tunnel: a home behind NAT takes its default routes
# from the VPS, and the tunnel's own packets go on by the underlay, whatever
# becomes of that.
. "$(dirname "$0")/lib.sh"
need wg ping nft python3
backend=${WARREN_TEST_BACKEND:-userspace}

host client home gate gate2 net vps web
link client eth0 home lan 10.42.23.50/24 10.42.23.1/24
link home eth0 gate eth0 192.0.2.2/24 192.0.2.1/24
link home eth1 gate2 eth0 192.168.7.2/24 192.168.7.1/24
link gate eth1 net eth0 100.64.0.2/24 100.64.0.1/24
link gate2 eth1 net eth1 100.65.0.2/24 100.65.0.1/24
link net eth2 vps eth0 203.0.113.1/24 203.0.113.2/24
link net eth3 web eth0 198.51.100.1/24 198.51.100.80/24
six() { ip -n "$1" address add "$3" dev "$2" nodad; }
six client eth0 fd42:23::50/64; six home lan fd42:23::1/64
six home eth0 2001:db8:1::2/64; six gate eth0 2001:db8:1::1/64
six gate eth1 2001:db8:64::2/64; six net eth0 2001:db8:64::1/64
six net eth2 2001:db8:113::1/64; six vps eth0 2001:db8:113::2/64
six net eth3 2001:db8:80::1/64; six web eth0 2001:db8:80::80/64
for h in home gate gate2 net; do
	on $h sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
done
# The strictest that there is: replies must come in where we would send.
on home sysctl -qw net.ipv4.conf.all.rp_filter=1 \
	net.ipv4.conf.eth0.rp_filter=1 net.ipv4.conf.eth1.rp_filter=1
ip -n client route add default via 10.42.23.1
ip -n client -6 route add default via fd42:23::1
ip -n home route add default via 192.0.2.1 proto dhcp metric 1000
ip -n home -6 route add default via 2001:db8:1::1 metric 2000
ip -n gate route add default via 100.64.0.1
ip -n gate -6 route add default via 2001:db8:64::1
ip -n gate2 route add default via 100.65.0.1
ip -n net -6 route add 2001:db8:1::/64 via 2001:db8:64::2
for h in vps web; do
	ip -n $h route add default via "$([ $h = vps ] && echo 203.0.113.1 ||
		echo 198.51.100.1)"
	ip -n $h -6 route add default via "$([ $h = vps ] &&
		echo 2001:db8:113::1 || echo 2001:db8:80::1)"
done
for h in gate gate2; do
	on $h nft -f - <<-N
	table ip nat { chain post { type nat hook postrouting priority 100;
		oifname "eth1" masquerade; }; }
	N
done
for h in home vps; do
	(umask 077; wg genkey > "$TMP/fs/$h/etc/wg0.key")
done
key() { wg pubkey < "$TMP/fs/$1/etc/wg0.key"; }

cat > "$TMP/fs/vps/etc/warren.conf" <<C
router id 10.0.0.1;
log stderr all;
protocol device {}
protocol kernel { ipv4 { export where source = RTS_BGP; }; }
protocol kernel { ipv6 { export where source = RTS_BGP; }; }
protocol static { ipv4; route 0.0.0.0/0 blackhole; }
protocol static { ipv6; route ::/0 blackhole; }
protocol wireguard wg0 {
	private key file "/etc/warren/wg0.key"; listen port 51820;
	backend $backend; forward yes; masquerade;
	peer "home" { public key "$(key home)"; };
	ipv4 { export where source = RTS_BGP; };
	ipv6 { export where source = RTS_BGP; };
}
protocol bgp home {
	local as 65000; neighbor wireguard "wg0" "home" as 65010;
	graceful restart on; graceful restart time 5;
	ipv4 { import all; export where source = RTS_STATIC; };
	ipv6 { import all; export where source = RTS_STATIC; };
}
C
cat > "$TMP/fs/home/etc/warren.conf" <<C
router id 10.0.0.10;
log stderr all;
protocol device {}
protocol direct { ipv4; ipv6; interface "lan"; }
protocol kernel { learn; ipv4 { import where net = 203.0.113.2/32;
	export where source = RTS_BGP; }; }
protocol kernel { ipv6 { export where source = RTS_BGP; }; }
protocol wireguard wg0 {
	private key file "/etc/warren/wg0.key"; backend $backend;
	peer "vps" { public key "$(key vps)"; endpoint "203.0.113.2:51820";
		persistent keepalive 1; };
	ipv4 { export where source = RTS_BGP; };
	ipv6 { export where source = RTS_BGP; };
}
protocol bgp vps {
	local as 65010; neighbor wireguard "wg0" "vps" as 65000;
	graceful restart on; hold time 15; keepalive time 3;
	ipv4 { import all; export where source = RTS_DEVICE; };
	ipv6 { import all; export where source = RTS_DEVICE; };
}
C

# Says to whoever asks where they seem to come from.
cat > "$TMP/who.py" <<'P'
import socket
s = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
s.bind(('::', 7))
while True:
    d, a = s.recvfrom(100)
    s.sendto(a[0].replace('::ffff:', '').encode(), a)
P
cat > "$TMP/ask.py" <<'P'
import socket, sys
a = socket.getaddrinfo(sys.argv[1], 7, type=socket.SOCK_DGRAM)[0]
s = socket.socket(a[0], socket.SOCK_DGRAM)
s.settimeout(1)
s.sendto(b'?', a[4])
print(s.recv(100).decode())
P
start who web python3 "$TMP/who.py"
seen_as() { [ "$(on client python3 "$TMP/ask.py" "$1")" = "$2" ]; }
own() { ip -n home route show "$1" proto 87 | grep -q "$2"; }
own_is() { [ "$(ip -n home route show proto 87; ip -n home -6 route show \
	proto 87)" = "$(printf "%b" "$1")" ]; }
default_is() { ip -n home "$1" route get "$2" | grep -q "dev $3"; }

start vps vps warrend -f
start home home warrend -f
check default wait_for 'default_is -4 198.51.100.80 wg0' 10
check default6 wait_for 'default_is -6 2001:db8:80::80 wg0' 5
check own wait_for 'own 203.0.113.2 "via 192.0.2.1 dev eth0"' 3
check one_alone own_is '203.0.113.2 via 192.0.2.1 dev eth0 metric 1 '
check leaves_at_vps wait_for 'seen_as 198.51.100.80 203.0.113.2' 8
check leaves_at_vps6 wait_for 'seen_as 2001:db8:80::80 2001:db8:113::2' 8
check outer default_is -4 203.0.113.2 eth0

# Nobody learns it, nobody is told.
ctl() { on "$1" warren "${@:2}"; }
check not_learned eval '! ctl home show route where net = 203.0.113.2/32 |
	grep -q 203.0.113.2/32'
check not_told eval '! ctl vps show route | grep -q 203.0.113.2/32'

# DHCP: another gateway on the same link; then the address itself goes and
# comes, and its routes with it, without a word from the kernel.
ip -n gate address add 192.0.2.9/24 dev eth0
ip -n home route replace default via 192.0.2.9 proto dhcp metric 1000
check renewed wait_for 'own 203.0.113.2 "via 192.0.2.9 dev eth0"' 3
ip -n home address flush dev eth0 scope global
check no_way wait_for 'own 203.0.113.2 . ; ip -n home route show type \
	unreachable 203.0.113.2 | grep -q 203.0.113.2' 5
ip -n home address add 192.0.2.77/24 dev eth0
six home eth0 2001:db8:1::2/64
ip -n home route add default via 192.0.2.1 proto dhcp metric 1000
ip -n home -6 route replace default via 2001:db8:1::1 metric 2000
check way_again wait_for 'own 203.0.113.2 "via 192.0.2.1 dev eth0"' 5
check still_at_vps wait_for 'seen_as 198.51.100.80 203.0.113.2' 10

# The other uplink: a better default, then the first cable is out.
ip -n home route add default via 192.168.7.1 metric 900
check other_uplink wait_for 'own 203.0.113.2 "via 192.168.7.1 dev eth1"' 3
check over_other wait_for 'seen_as 198.51.100.80 203.0.113.2' 10
ip -n home route del default via 192.168.7.1
check back wait_for 'own 203.0.113.2 "via 192.0.2.1 dev eth0"' 3
ip -n home route add default via 192.168.7.1 metric 1100
ip -n home link set eth0 down
check cable_out wait_for 'own 203.0.113.2 "via 192.168.7.1 dev eth1"' 3
check over_other_again wait_for 'seen_as 198.51.100.80 203.0.113.2' 10
ip -n home link set eth0 up
six home eth0 2001:db8:1::2/64
ip -n home route add default via 192.0.2.1 proto dhcp metric 1000
ip -n home -6 route replace default via 2001:db8:1::1 metric 2000
check cable_in wait_for 'own 203.0.113.2 "via 192.0.2.1 dev eth0"' 3

# A rule of the person's for the marked packets: nothing is needed then, but
# a look the other way at those that come back, which have no mark.
on home sysctl -qw net.ipv4.conf.eth0.rp_filter=2
ip -n home rule add fwmark 0x77 table 100 priority 100
ip -n home route add default via 192.0.2.1 table 100
sed -i 's/private key file/fwmark 0x77; &/' "$TMP/fs/home/etc/warren.conf"
kill -HUP "${pid[home]}"
check rule_instead wait_for 'own_is ""' 8
check with_rule wait_for 'seen_as 198.51.100.80 203.0.113.2' 10
ip -n home rule del fwmark 0x77 table 100 priority 100
on home sysctl -qw net.ipv4.conf.eth0.rp_filter=1
check rule_gone wait_for 'own 203.0.113.2 "via 192.0.2.1 dev eth0"' 5

# Killed, and the way changes meanwhile: found again, and put right.
stop home KILL
before=$(grep -c 'Session established' "$TMP/home.log")
check left_behind own 203.0.113.2 "via 192.0.2.1 dev eth0"
ip -n home route replace default via 192.0.2.9 proto dhcp metric 1000
start home home warrend -f
check adopted wait_for 'own_is \
	"203.0.113.2 via 192.0.2.9 dev eth0 metric 1 "' 8
check after_death wait_for 'seen_as 198.51.100.80 203.0.113.2' 10
check session wait_for '[ "$(grep -c "Session established" \
	"$TMP/home.log")" -gt '"$before"' ]' 10
sleep 3
check stays own_is '203.0.113.2 via 192.0.2.9 dev eth0 metric 1 '

# The endpoint moves into the other family: so does its route.
sed -i 's/203.0.113.2:51820/[2001:db8:113::2]:51820/' \
	"$TMP/fs/home/etc/warren.conf"
kill -HUP "${pid[home]}"
ip -n vps address del 203.0.113.2/24 dev eth0
sent() { on home wg show wg0 transfer | cut -f3; }
before=$(sent)
check moved wait_for 'own_is "2001:db8:113::2 via 2001:db8:1::1 dev eth0 \
metric 1 pref medium"' 20
check not_in_circles test $(($(sent) - before)) -lt 1000000
check moved_works wait_for 'seen_as 2001:db8:80::80 2001:db8:113::2' 10

# The hub is gone: the underlay's default is everybody's again.
stop vps KILL
ip -n net link set eth2 down
check underlay_again wait_for 'default_is -4 198.51.100.80 eth0' 30
check own_removed wait_for 'own_is ""' 5
ip -n gate route add 10.42.23.0/24 via 192.0.2.77
check direct wait_for 'seen_as 198.51.100.80 100.64.0.2' 3

# It is back; and "down" takes all with it.
ip -n net link set eth2 up
six net eth2 2001:db8:113::1/64
ip -n net route replace 2001:db8:113::/64 dev eth2 2>/dev/null
start vps vps warrend -f
check back_again wait_for 'own 2001:db8:113::2 eth0 || ip -n home -6 route \
	show proto 87 | grep -q eth0' 30
check down ctl home down
check nothing_left wait_for 'own_is ""' 5

#!/bin/bash
# SPDX-License-Identifier: ISC
# The interface and its process from birth to each way of death.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/wglib.sh"
need wg

host a b c
link a eth0 b eth0 192.0.2.1/24 192.0.2.2/24
wg_keys a b
sock=/var/run/wireguard/wg0.sock

dead() { wait_for "! kill -0 ${pid[a-wg0]}" 5; }
gone() {
	wait_for "! ip -n a link show wg0" 5 &&
		wait_for "! on a test -e $sock" 5
}

# What it looks like.
wg_start a wg0 "$WARREN_WG"
shown=$(ip -n a -d link show wg0)
check "life/POINTOPOINT,NOARP as the kernel's" \
	grep -q '<POINTOPOINT,NOARP>' <<< "$shown"
check "life/MTU 1420" grep -q 'mtu 1420' <<< "$shown"
ip -n a link set wg0 up
sleep 0.3
check "life/no link-local address of the kernel's making" \
	test -z "$(ip -n a -6 address show dev wg0)"
check "life/the socket is private" test "$(on a stat -c %a $sock)" = 600

for where in all wg0; do
	check "life/no ICMP redirects, $where" test 0 = \
		"$(on a sysctl -n net.ipv4.conf.$where.send_redirects)"
done

caps=$(sed -n 's/^CapEff:\t//p' "/proc/${pid[a-wg0]}/status")
check "life/no privileges but for the network and namespaces" \
	test $((0x$caps)) = $((1 << 12 | 1 << 10 | 1 << 21))

# A second one of the name, and what becomes of the first.
if on a timeout 10 "$WARREN_WG" -f wg0 2> "$TMP/err"; then
	not_ok "life/a second one is refused" "it runs"
else
	check "life/a second one is refused" grep -qi busy "$TMP/err"
fi
check "life/and the first goes on" on a wg show wg0

# The ways to end it.
stop a-wg0 TERM
check "life/SIGTERM ends it well" test $? = 0
check "life/and cleans up" gone
wg_start a wg0 "$WARREN_WG"
stop a-wg0 INT
check "life/SIGINT as well" gone
wg_start a wg0 "$WARREN_WG"
on a rm $sock
check "life/removing the socket ends it" dead
check "life/and its interface" gone
wg_start a wg0 "$WARREN_WG"
ip -n a link del wg0
check "life/deleting the interface ends it" dead
check "life/and its socket" gone

# kill -9 leaves a socket that nobody answers.
wg_start a wg0 "$WARREN_WG"
stop a-wg0 KILL
check "life/kill -9 leaves the socket" on a test -S $sock
start again a "$WARREN_WG" -f wg0
check "life/which the next one replaces" \
	wait_for "on a wg show wg0" 5
stop again

# In the background, and its parent's death.
on a "$WARREN_WG" wg0
check "life/in the background the socket is there at once" on a wg show wg0
ip -n a link del wg0
check "life/and it ends with its interface" gone
start shell a bash -c "setsid $WARREN_WG -f wg0 & sleep 100"
wait_for "on a test -S $sock" 5
wait_for "on a wg show wg0" 5
stop shell KILL
sleep 0.2
check "life/it outlives its parent" on a wg show wg0
on a rm $sock
check "life/and can be ended still" gone

# Down and up, with peers; a port that changes.
pair() {
	wg_start a wg0 "$WARREN_WG"
	wg_start b wg0 "$WARREN_WG"
	on a wg set wg0 private-key "$TMP/a.key" peer "$(pub b)" \
		endpoint 192.0.2.2:51820 allowed-ips 10.0.0.2/32
	on b wg set wg0 private-key "$TMP/b.key" listen-port 51820 \
		peer "$(pub a)" allowed-ips 10.0.0.1/32
	wg_addr b wg0 10.0.0.2/24
}
pair
wg_addr a wg0 10.0.0.1/24
check "life/a ping" pings a 10.0.0.2
port=$(on a wg show wg0 listen-port)
check "life/a random port when up" test "$port" -gt 0
ip -n a link set wg0 down
check "life/down closes its sockets" \
	wait_for "! on a ss -lun | grep -q :$port" 2
ip -n a link set wg0 up
check "life/up again" pings a 10.0.0.2
check "life/on the same port" test "$(on a wg show wg0 listen-port)" = "$port"
on a wg set wg0 listen-port 12345
check "life/a new port while it runs" pings a 10.0.0.2
check "life/in both families" test \
	"$(on a ss -lun | grep -c ':12345 ')" = 2
check "life/the other side follows" test \
	"$(on b wg show wg0 endpoints | cut -f2)" = 192.0.2.1:12345
ip -n a link set wg0 mtu 1280
check "life/a smaller MTU" on a ping -c 2 -W 20 -M do -s 1252 10.0.0.2
wg_stop a wg0
wg_stop b wg0

# Moved into another namespace, as for a container; the sockets stay behind.
pair
ip -n a link set wg0 netns c
wg_addr c wg0 10.0.0.1/24
check "life/without a link-local address there too" \
	test -z "$(ip -n c -6 address show dev wg0 scope link)"
check "life/moved to another namespace it works" pings c 10.0.0.2
ip -n c link set wg0 down
check "life/and is followed: down" \
	wait_for '[ -z "$(on a ss -Hlun)" ]' 2
ip -n c link set wg0 up
check "life/and up" pings c 10.0.0.2
ip -n c link del wg0
check "life/and deleted" dead
wg_stop b wg0

# Up while another has the port: it waits for it.
start port a socat -u UDP-RECV:51820,reuseaddr /dev/null
wait_for 'on a ss -Hlun | grep -q :51820' 5
pair
on a wg set wg0 listen-port 51820
wg_addr a wg0 10.0.0.1/24
sleep 0.3
check "life/no port, no packets" bash -c \
	"! ip netns exec a ping -c 1 -W 1 10.0.0.2"
stop port
check "life/the port is free: it works" wait_for \
	'on a ping -c 1 -W 1 10.0.0.2' 5
wg_stop a wg0

# Descriptors from a parent, as wireguard-go takes them.
start given a python3 -c '
import fcntl, os, socket, struct, sys
tun = os.open("/dev/net/tun", os.O_RDWR)
IFF_TUN, IFF_NO_PI, IFF_VNET_HDR, TUNSETIFF = 1, 0x1000, 0x4000, 0x400454ca
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", b"wg0",
    IFF_TUN | IFF_NO_PI | IFF_VNET_HDR))
s = socket.socket(socket.AF_UNIX)
s.bind("/var/run/wireguard/wg0.sock")
s.listen()
os.set_inheritable(tun, True)
s.set_inheritable(True)
os.environ.update(WG_TUN_FD=str(tun), WG_UAPI_FD=str(s.fileno()))
os.execvp(sys.argv[1], [sys.argv[1], "-f", "wg0"])
' "$WARREN_WG"
check "life/with descriptors from a parent" \
	wait_for 'on a wg set wg0 listen-port 7777' 5
ip -n a link set wg0 up
check "life/which are used" wait_for \
	'[ "$(on a ss -Hlun | grep -c :7777)" = 2 ]' 2
on a rm $sock
check "life/and ended as usual" wait_for '! ip -n a link show wg0' 5

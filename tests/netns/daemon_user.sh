#!/bin/bash
# SPDX-License-Identifier: ISC
# warrend -u: another user, three capabilities, and everything still works:
# tunnel, forwarding, kernel routes, a low port for BGP, the control socket.
. "$(dirname "$0")/lib.sh"
need wg ping setpriv

user=nobody
host a b
link a eth0 b eth0 192.0.2.1/24 192.0.2.2/24
for h in a b; do (umask 077; wg genkey > "$TMP/fs/$h/etc/wg0.key"); done
chown "$user" "$TMP/fs/a/etc/wg0.key"
chmod 755 "$TMP" "$TMP/fs" "$TMP/fs/a" "$TMP/fs/a/etc"
key() { wg pubkey < "$TMP/fs/$1/etc/wg0.key"; }
# conf NAME AS PEER PEER_AS NET EXTRA
conf() {
	cat > "$TMP/fs/$1/etc/warren.conf" <<C
router id 10.0.0.$2;
log stderr all;
protocol device {}
protocol kernel { ipv4 { export where source = RTS_BGP; }; }
protocol static { ipv4; route $5 unreachable; }
protocol wireguard wg0 {
	private key file "/etc/warren/wg0.key"; listen port 51820;
	address 10.9.0.$2/24; forward yes;
	peer "$3" { public key "$(key "$3")"; $6 allowed ips any; };
	ipv4 { export none; };
}
protocol bgp $3 {
	local as $2; neighbor wireguard "wg0" "$3" as $4; $7
	ipv4 { import all; export where source = RTS_STATIC; };
}
C
	chmod 644 "$TMP/fs/$1/etc/warren.conf"
}
conf a 1 b 2 10.1.0.0/16 '' 'passive;'
conf b 2 a 1 10.2.0.0/16 'endpoint "192.0.2.1:51820";' ''

# As udev makes it; where there is none it may be root's alone.
mknod -m 666 "$TMP/tun" c 10 200
on a mount --bind "$TMP/tun" /dev/net/tun
start a a warrend -f -u "$user" -P /run/warren/warrend.pid
start b b warrend -f
has() { ip -n "$1" route show "$2" | grep -q wg0; }
check route_a wait_for 'has a 10.2.0.0/16' 8
check route_b wait_for 'has b 10.1.0.0/16' 8

status() { awk -v k="$2:" '$1 == k { print $2 }' "/proc/$1/status"; }
caps=0000000000003400	# NET_BIND_SERVICE 10, NET_ADMIN 12, NET_RAW 13
p=${pid[a]}
check user test "$(status "$p" Uid)" = "$(id -u "$user")"
check group test "$(status "$p" Gid)" = "$(id -g "$user")"
check groups test -z "$(status "$p" Groups)"
for set in CapEff CapPrm CapAmb; do
	check "$set" test "$(status "$p" $set)" = "$caps"
done
check CapBnd test "$(status "$p" CapBnd)" = 0000000000000000
for q in $(pgrep -x warren-wg); do
	[ "$(status "$q" Uid)" = "$(id -u "$user")" ] && child=$q
done
check child test -n "${child-}"
# It keeps what it needs of ours, and has nothing else.
check child_caps test \
	$((0x$(status "${child:-1}" CapEff) & ~0x$caps)) = 0

check pid_file test "$(cat "$TMP/fs/a/run/warren/warrend.pid")" != ""
check pid_owner test "$(stat -c %U "$TMP/fs/a/run/warren/warrend.pid")" = "$user"
check socket on a setpriv --reuid="$user" --clear-groups \
	"$BUILD/src/warren/warren" show status
sed -i 's|route 10.1.0.0/16|route 10.3.0.0/16|' "$TMP/fs/a/etc/warren.conf"
check configure on a "$BUILD/src/warren/warren" configure
check configured wait_for 'has b 10.3.0.0/16' 5

# Killed, and started again as the same user.
stop a KILL
start a a warrend -f -u "$user" -P /run/warren/warrend.pid
check again wait_for 'has a 10.2.0.0/16 && has b 10.3.0.0/16' 20
if stop a; then ok term; else not_ok term "exit status"; fi
check pid_gone test ! -e "$TMP/fs/a/run/warren/warrend.pid"
check socket_gone test ! -e "$TMP/fs/a/run/warren/warren.ctl"


# A folder for the socket that was not there before belongs to the user.
echo 'router id 1.1.1.1; protocol device {}' > "$TMP/fs/a/etc/small.conf"
chmod 644 "$TMP/fs/a/etc/small.conf"
start small a warrend -f -u "$user" -c /etc/warren/small.conf \
	-s /run/elsewhere/w.ctl
check "socket_in_a_new_folder" wait_for \
	'on a warren -s /run/elsewhere/w.ctl show status' 10
kill "${pid[small]}" 2> /dev/null

# And one in a folder where the user may write nothing is the user's, too.
start small a warrend -f -u "$user" -c /etc/warren/small.conf -s /run/w.ctl
check "socket_in_roots_folder" wait_for \
	'on a setpriv --reuid="$user" --clear-groups \
	"$(command -v warren)" -s /run/w.ctl show status' 10
kill "${pid[small]}" 2> /dev/null

if on a warrend -f -u no-such-user > "$TMP/no.log" 2>&1; then
	not_ok no_user "it started"
else
	check no_user grep -q 'No such' "$TMP/no.log"
fi

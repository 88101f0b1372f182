#!/bin/bash
# SPDX-License-Identifier: ISC
# warren doctor: finds nothing on a healthy network, and each thing that is
# broken on purpose; --fix mends what it says that it can.
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/labs/homes.sh"
need wg nft ping

homes_world
homes_files no
homes_start vps
wait_for homes_listens 10
homes_start east west
wait_for 'homes_routes && homes_ping' 20 || { not_ok doctor/joined "no"; exit 1; }
doctor() { on "$1" warren doctor "${@:2}" > "$TMP/doctor.log" 2>&1; }
finds() { ! doctor "$1" && grep -q "^$2: " "$TMP/doctor.log" && grep -q '^    mend it: ' "$TMP/doctor.log"; }
well() {
	if doctor "$1" && grep -qx 'Nothing to mend.' "$TMP/doctor.log"; then
		ok "doctor/$2"
	else
		not_ok "doctor/$2" "$(head -n 3 "$TMP/doctor.log" | tr '\n' ' ')"
	fi
}
for h in vps east west; do well $h "healthy: $h"; done

# Without -c it is the file of the daemon that is asked.
on west sh -c 'echo "router id 10.9.9.9; protocol ospf { }" > /etc/warren/other.conf
	sed "s/protocol ospf.*//" /etc/warren/other.conf > /etc/warren/well.conf'
start well west warrend -f -c /etc/warren/well.conf -s /run/well.ctl
wait_for 'on west warren -s /run/well.ctl show status' 10
on west cp /etc/warren/other.conf /etc/warren/well.conf
on west warren -s /run/well.ctl doctor > "$TMP/doctor.log" 2>&1
check "doctor/reads the daemon's own file" grep -q \
	'^configuration: /etc/warren/well.conf:1:' "$TMP/doctor.log"
stop well

# broken FINDING HOST COMMAND [UNDO]: found, and nothing else of that name after
broken() {
	on "$2" sh -c "$3" > "$TMP/do.log" 2>&1
	if wait_for "finds $2 $1" 10; then
		ok "doctor/$1"
	else
		not_ok "doctor/$1" "$(head -n 3 "$TMP/doctor.log" | tr '\n' ' ')"
	fi
	[ -z "${4-}" ] || on "$2" sh -c "$4" > "$TMP/do.log" 2>&1
}
mended() {
	if doctor "$2" --fix --yes && ! finds "$2" "$1"; then
		ok "doctor/$1 mended"
	else
		not_ok "doctor/$1 mended" "$(tail -n 3 "$TMP/doctor.log" | tr '\n' ' ')"
	fi
}
broken key-readable east "chmod 644 /etc/warren/wg0.key"
mended key-readable east
broken rp-filter west "sysctl -qw net.ipv4.conf.wg0.rp_filter=1"
mended rp-filter west
broken no-forwarding vps "sysctl -qw net.ipv4.ip_forward=0"
mended no-forwarding vps
broken no-forwarding east "sysctl -qw net.ipv4.ip_forward=0"
mended no-forwarding east
on east cp /etc/warren/warren.conf /tmp/good
broken edited east "sleep 2; cp /tmp/good /etc/warren/warren.conf"
sleep 1
mended edited east
broken configuration east "echo 'protocol ospf { }' >> /etc/warren/warren.conf" \
	"cp /tmp/good /etc/warren/warren.conf; warren configure"
broken firewall-input vps "nft add table ip x; nft add chain ip x i '{ type filter hook input priority 0; policy drop; }'" \
	"nft delete table ip x"
broken firewall-forward east "nft add table ip x; nft add chain ip x f '{ type filter hook forward priority 0; policy drop; }'" \
	"nft delete table ip x"
broken endpoint-loop east "ip route add 203.0.113.10/32 dev wg0" \
	"ip route del 203.0.113.10/32 dev wg0"
broken overlap east "ip address add 10.0.0.200/16 dev lan0" \
	"ip address del 10.0.0.200/16 dev lan0"
broken covers-lan vps "ip link add d0 type bridge; ip address add 192.168.0.1/16 dev d0; ip link set d0 up" \
	"ip link del d0"
# conf FINDING HOST SED-SCRIPT: with a changed file
conf() {
	on "$2" cp /etc/warren/warren.conf /tmp/good
	broken "$1" "$2" "sed -i '$3' /etc/warren/warren.conf; warren configure" \
		"cp /tmp/good /etc/warren/warren.conf; warren configure"
}
conf no-keepalive east 's/persistent keepalive 25;//'
conf router-id east 's/^router id.*//'
conf mtu east 's/forward yes;/& mtu 1500;/'
conf shared-space west 's/forward yes;/& address 100.70.0.1\/32;/'
conf endpoint-port west 's/203.0.113.10:51820/203.0.113.10:51821/'
conf nothing-said east 's/import all; export where source = RTS_DEVICE;/import where false; export where false;/'
wait_for 'homes_routes && homes_ping' 20 || not_ok doctor/back "$(on east warren show protocols)"
conf all-filtered west 's/import all; export where source/import where false; export where source/'
conf neighbor-no-key vps 's#allowed ips 10.0.0.11/32;#allowed ips 10.0.0.12/32;#'
conf session-down west 's/local as 65011/local as 65012/'
wait_for 'homes_sessions && homes_routes && homes_ping' 60 ||
	not_ok doctor/again "$(on vps warren show protocols)"
for i in 1 2 3 4 5; do
	n=$(grep -c 'vps: Session established' "$TMP/east.log")
	on east warren restart vps > /dev/null
	wait_for '[ "$(grep -c "vps: Session established" $TMP/east.log)" -gt $n ] &&
		homes_sessions' 20
done
broken flaps vps true

# A provider that lets nothing through, from the beginning.
stop west
stop east
on net nft -f - <<'END'
table ip provider {
	chain f {
		type filter hook forward priority filter
		ip daddr 203.0.113.10 udp dport 51820 drop
	}
}
END
on east warren-wg --version > /dev/null 2>&1
ip -n east link del wg0
ip -n west link del wg0
wait_for '! on east test -e /var/run/wireguard/wg0.sock' 5
stop vps
ip -n vps link del wg0
homes_start vps east
sleep 16
broken no-handshake east true
broken waits-for-peer vps true
stop east
broken no-daemon east true
check doctor/json sh -c "nsenter -t ${holder[vps]} -m -n -u warren -j doctor |
	python3 -c 'import json, sys; o = json.load(sys.stdin); assert o and all(f[\"finding\"] and f[\"mend\"] for f in o)'"
stop vps

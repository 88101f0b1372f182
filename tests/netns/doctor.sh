#!/bin/bash
# SPDX-License-Identifier: ISC
# warren doctor: finds nothing on a healthy network, and each thing that is
# broken on purpose in the file, the host or its firewall; the command that it
# prints mends it.
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/labs/homes.sh"
. "$TOP/tests/netns/doclib.sh"
need wg nft ping

doc_world
for h in vps east west; do well $h; done

# Without -c it is the file of the daemon that is asked.
on west sh -c 'echo "router id 10.9.9.9; protocol ospf { }" > /etc/warren/other.conf
	sed "s/protocol ospf.*//" /etc/warren/other.conf > /etc/warren/well.conf'
start well west warrend -f -c /etc/warren/well.conf -s /run/well.ctl
wait_for 'on west warren -s /run/well.ctl show status' 10
on west cp /etc/warren/other.conf /etc/warren/well.conf
on west warren -s /run/well.ctl doctor > "$TMP/doctor.log" 2>&1
check "doctor/reads the daemon's own file" grep -q \
	'^configuration: /etc/warren/well.conf:1:' "$TMP/doctor.log"
check "doctor/commands are for that daemon" grep -q \
	'mend it: vi +1 /etc/warren/well.conf && warren -s /run/well.ctl configure' \
	"$TMP/doctor.log"
stop well

# --- files ---
breaks key-readable east "chmod 644 /etc/warren/wg0.key" fix
breaks key-mismatch east "warren genkey | warren pubkey > /etc/warren/wg0.pub" mend
breaks key-changed east "cp /etc/warren/wg0.key /tmp/wg0.key
	warren genkey > /etc/warren/wg0.key; rm /etc/warren/wg0.pub" \
	"cat /tmp/wg0.key > /etc/warren/wg0.key"
on east cp /etc/warren/warren.conf /tmp/good
breaks edited east "sleep 2; cp /tmp/good /etc/warren/warren.conf" fix
breaks configuration east "echo 'protocol ospf { }' >> /etc/warren/warren.conf" \
	"cp /tmp/good /etc/warren/warren.conf; sleep 1; warren configure"
breaks clock east "touch -d 'now + 1 day' /etc/warren/warren.conf" mend
conf router-id east 's/^router id.*//' fix

# --- the host ---
breaks rp-filter west "sysctl -qw net.ipv4.conf.wg0.rp_filter=1" fix
breaks rp-filter west "sysctl -qw net.ipv4.conf.wg0.rp_filter=0 net.ipv4.conf.all.rp_filter=1" mend
breaks no-forwarding vps "sysctl -qw net.ipv4.ip_forward=0" fix
breaks no-forwarding east "sysctl -qw net.ipv4.ip_forward=0" mend

# --- the firewall: never by --fix, always by the command ---
chain() { echo "nft add table ip x; nft add chain ip x c '{ type filter hook $1 priority 0; policy ${2-drop}; }'"; }
on vps sh -c "$(chain input)"
on vps nft add rule ip x c iifname wg0 accept
doctor vps --fix --yes
check "doctor/--fix leaves the firewall alone" on vps sh -c '[ $(nft list chain ip x c | grep -c accept) = 1 ]'
breaks firewall-input vps true mend
on vps nft delete table ip x
breaks firewall-forward vps "$(chain forward)" mend
on vps nft delete table ip x
breaks firewall-forward east "$(chain forward); nft add rule ip x c iifname lan0 accept" mend
on east nft delete table ip x
breaks firewall-forward east "nft add table inet y; nft add chain inet y c '{ type filter hook forward priority 0; }'
	nft add rule inet y c iifname vmap '{ lo : accept, wg0 : drop }'" mend
on east nft delete table inet y
# One that lets the tunnels through is none of our business.
on vps sh -c "$(chain forward); nft add rule ip x c iifname vmap '{ eth0 : drop, wg0 : accept }'"
well vps "a firewall that lets the peers through"
on vps nft delete table ip x

# --- who else is there ---
breaks wg-quick east "mkdir -p /etc/systemd/system/multi-user.target.wants
	ln -s /nowhere /etc/systemd/system/multi-user.target.wants/wg-quick@wg0.service" mend
breaks networkd east 'mkdir -p /run/systemd/netif/links
	echo ADMIN_STATE=configured > /run/systemd/netif/links/$(cat /sys/class/net/wan/ifindex)' fix
breaks networkmanager west 'mkdir -p /run/NetworkManager/devices
	printf "[device]\nmanaged=true\n" > /run/NetworkManager/devices/$(cat /sys/class/net/wg0/ifindex)' fix

# What --fix does is asked for first.
on east chmod 644 /etc/warren/wg0.key
echo n | on east warren doctor --fix > "$TMP/doctor.log" 2>&1
check "doctor/--fix asks" grep -q 'do it?  chmod 600' "$TMP/doctor.log"
check "doctor/and takes no for an answer" on east sh -c '[ "$(stat -c %a /etc/warren/wg0.key)" = 644 ]'
echo y | on east warren doctor --fix > "$TMP/doctor.log" 2>&1
check "doctor/and yes" on east sh -c '[ "$(stat -c %a /etc/warren/wg0.key)" = 600 ]'
check doctor/json sh -c "chmod 644 /run/lab/fs/east/etc/wg0.key
	nsenter -t ${holder[east]} -m -n -u warren -j doctor |
	python3 -c 'import json, sys; o = json.load(sys.stdin); assert o and all(f[\"finding\"] and f[\"mend\"] for f in o)'"
on east chmod 600 /etc/warren/wg0.key
check doctor/usage sh -c "nsenter -t ${holder[east]} -m -n -u warren doctor --nonsense; [ \$? = 2 ]"
stop east
breaks no-daemon east true
for h in vps west; do stop $h; done

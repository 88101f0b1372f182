#!/bin/bash
# SPDX-License-Identifier: ISC
# warren explain: the whole way over two tunnels by one command, and each link
# of it broken once.
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/labs/homes.sh"
need wg nft ping

homes_world
homes_files no
homes_start vps
wait_for homes_listens 10
homes_start east west
wait_for 'homes_routes && homes_ping' 20 || { not_ok explain/joined "no"; exit 1; }
explain() { on "$1" warren "${@:3}" explain $2 > "$TMP/explain.log" 2>&1; }
says() { grep -qE -- "$1" "$TMP/explain.log"; }
lan="192.168.20.20 from 192.168.10.20"

comes explain/well explain east "$lan"
for want in "as east sees it" "^  route +192.168.20.0/24 by vps" \
    "^  kernel +192.168.20.0/24 via 10.0.0.1 dev wg0 proto bird metric 32, as in the table" \
    "^  forwarding +on, in by lan0, out by wg0" "^  peer +vps: 0.0.0.0/0" \
    "^  endpoint +203.0.113.10:51820, by wan" "^  handshake +[0-9]+ s ago" \
    "^  192.168.20.20 from 192.168.10.20, as vps sees it" \
    "^    peer +west: 192.168.20.0/24" \
    "^    192.168.20.20 from 192.168.10.20, as west sees it" \
    "^      kernel .*dev lan0" "^Nothing is wrong on this way"; do
	check "explain/well: $want" says "$want"
done
check explain/self explain east 192.168.10.1
check explain/self-said says "is an address of this host"
ip -n east route add unreachable 198.18.5.0/24
explain east 198.18.5.1
check "explain/no way, and how to look" says 'ip route get 198\.18\.5\.1$'
check explain/json explain east "$lan" -j
check explain/json-valid python3 - "$TMP/explain.log" <<'EOP'
import json, sys
o = json.load(open(sys.argv[1]))
assert o['wrong'] == 0, o
inner = [s for s in o['steps'] if 'steps' in s]
assert inner and [s for s in inner[0]['steps'] if 'steps' in s], o
assert any(s.get('step') == 'peer' and 'vps' in s['text'] for s in o['steps'])
EOP

# broken NAME HOST-TO-BREAK COMMAND MEND REGEX: seen from the other end
broken() {
	local name=$1 host=$2 do=$3 undo=$4 want=$5 prefix=${6-'! '}

	on "$host" sh -c "$do" > "$TMP/do.log" 2>&1
	# The daemons hear of it in a moment.
	if wait_for '! explain east "$lan" && says "^ *$prefix$want" &&
	    says "mend it: "' 10; then
		ok "explain/$name"
	else
		not_ok "explain/$name" "$(grep '^ *!' "$TMP/explain.log" |
			head -n 2)"
	fi
	on "$host" sh -c "$undo" > "$TMP/do.log" 2>&1
}
broken forwarding vps "sysctl -qw net.ipv4.ip_forward=0" \
	"sysctl -qw net.ipv4.ip_forward=1" "forwarding +this host does not"
broken firewall west "nft add table ip x; nft add chain ip x f '{ type filter hook forward priority 0; policy drop; }'" \
	"nft delete table ip x" "netfilter +drops it: table ip x, chain f"
broken rule vps "nft add table inet y; nft add chain inet y f '{ type filter hook forward priority 0; }'; nft add rule inet y f iifname wg0 ip daddr 192.168.20.0/24 drop" \
	"nft delete table inet y" "netfilter +drops it: table inet y, chain f, handle [0-9]+: drop"
broken no-key vps "wg set wg0 peer ${homes_public[west]} allowed-ips 10.0.0.11/32" \
	"warren restart wg0" "peer +no peer of wg0 has 192.168.20.20"
wait_for 'homes_sessions && homes_ping' 30 || not_ok explain/back "no"
broken rp_filter west "sysctl -qw net.ipv4.conf.wg0.rp_filter=1; ip route add 192.168.10.0/24 dev lan0" \
	"sysctl -qw net.ipv4.conf.wg0.rp_filter=0; ip route del 192.168.10.0/24 dev lan0" \
	"rp_filter +is strict on wg0, and the way back is by lan0"
broken kernel east "ip route add blackhole 192.168.20.20/32" \
	"ip route del blackhole 192.168.20.20/32" "kernel +no way to"
wait_for homes_ping 10
# Who does not answer is no error.
on vps sed -i 's/forward yes;/& explain off;/' /etc/warren/warren.conf
on vps warren configure > /dev/null
comes explain/off explain east "$lan"
check explain/off-said says "the far end does not say"
# Nobody but a peer is answered: not even the host itself.
check explain/usage sh -c "! nsenter -t ${holder[east]} -m -n warren explain nonsense"
for h in vps east west; do
	stop $h
done
# Without a daemon the kernel and WireGuard tell what they know.
check explain/no-daemon sh -c 'true'
explain east 203.0.113.10
check explain/no-daemon-said says "^  warrend +does not run here"

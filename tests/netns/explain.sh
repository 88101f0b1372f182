#!/bin/bash
# SPDX-License-Identifier: ISC
# warren explain: the whole way over two tunnels by one command, and each link
# of it broken once.
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/labs/homes.sh"
. "$TOP/tests/netns/doclib.sh"
need wg nft ping

doc_stubs
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
# --- by hand: what the kernel says no to ---
for kind in unreachable blackhole prohibit; do
	ip -n east route add $kind 198.18.5.0/24
	explain east 198.18.5.1
	check "explain/$kind: which" says "^! kernel +no way to 198.18.5.1: $kind 198.18.5.0/24 proto boot"
	typed east "$(sed -n 's/^ *mend it: //p;T;q' "$TMP/explain.log")"
	check "explain/$kind: mended" test -z "$(ip -n east route show 198.18.5.0/24)"
done
ip -n east route del default
explain east 198.51.100.1
check "explain/no route at all" says "^! kernel +no way to 198.51.100.1: Network is unreachable; neither the kernel nor a table"
check "explain/the first broken link is named" says "^1 thing is wrong.  The first broken link, on east: kernel: no way"
explain east fd00::1
check "explain/IPv6" says "^! kernel +no way to fd00::1"
ip -n east route add default via 100.64.0.1
# Two ways: which one is this flow's.
ip -n east route add 198.18.7.0/24 nexthop via 100.64.0.1 dev wan weight 2 nexthop via 192.168.10.20 dev lan0
explain east 198.18.7.1
check "explain/multipath" says "^ +this flow takes via [0-9.]+ dev (wan|lan0) weight [12]$"
check "explain/multipath: the other one" says "^ +others may take via [0-9.]+ dev (wan|lan0) weight [12]$"
ip -n east route del 198.18.7.0/24
# A net is its first address; one of ours is nowhere else.
check explain/prefix explain east 192.168.20.0/24
check explain/prefix-said says '^192.168.20.1, as east sees it'
explain east "$lan" -j
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
broken mtu east "ip link set wg0 mtu 1490" "ip link set wg0 mtu 1420" \
	"mtu +1490 in wg0, and with 60 more wan carries only 1500"
# WireGuard takes from a peer what it may send there: 000's spokes.
ll=$(ip -n east -o -6 address show dev wg0 scope link | awk '{ sub("/.*", "", $4); print $4 }')
broken source vps "wg set wg0 peer ${homes_public[east]} allowed-ips 10.0.0.10/32,$ll/128" \
	"warren restart wg0" "from +192.168.10.20 comes from peer east of wg0 and is in nobody's allowed ips"
wait_for 'homes_sessions && homes_ping' 30 || not_ok explain/again "no"
# The mend that a far end has said is what it is there.
on vps sysctl -qw net.ipv4.ip_forward=0
explain east "$lan"
check "explain/mend it there" says '^    mend it there: sysctl -w net.ipv4.ip_forward=1'
explain east "$lan" -j
check "explain/the first, as JSON" python3 -c 'import json; f = json.load(open("'"$TMP"'/explain.log"))["first"]
assert f["host"] == "vps" and f["step"] == "forwarding" and f["mend"], f'
on vps sysctl -qw net.ipv4.ip_forward=1
# For the far end itself.
on vps nft add table ip x
on vps nft add chain ip x c '{ type filter hook input priority 0; }'
on vps nft add rule ip x c ip saddr 10.0.0.10 drop
explain east 10.0.0.1
check "explain/dropped on arrival" says "^ *! netfilter +drops it: table ip x, chain c"
on vps nft delete table ip x
check "explain/and let in" explain east 10.0.0.1
check "explain/from whom" says "^ +from +east may send as 10.0.0.10 on wg0"
# A peer that was never heard has no endpoint.
on vps cp /etc/warren/warren.conf /tmp/good
on vps sh -c "sed -i 's#peer \"east\"#peer \"x\" { public key \"$(warren genkey | warren pubkey)\"; allowed ips 10.0.0.99/32; }; &#' /etc/warren/warren.conf; warren configure" > /dev/null
explain vps 10.0.0.99
check "explain/no endpoint" says '^! endpoint +x has none and has never called'
on vps sh -c 'cp /tmp/good /etc/warren/warren.conf; warren configure' > /dev/null
# Who does not answer is no error.
on vps sed -i 's/forward yes;/& explain off;/' /etc/warren/warren.conf
on vps warren configure > /dev/null
comes explain/off explain east "$lan"
check explain/off-said says "the far end does not say \\(Connection refused\\)"
check explain/off-seen says "^Nothing is wrong on this way, as far as it is seen from here"
# Nobody but a peer is answered: not even the host itself.
check explain/usage sh -c "nsenter -t ${holder[east]} -m -n warren explain nonsense; [ \$? = 2 ]"
# A daemon that is gone cannot be asked, and is not waited for; its tunnel may stand.
on vps cp /tmp/good /etc/warren/warren.conf
stop vps KILL
check "explain/the next one is gone" timeout 20 nsenter -t "${holder[east]}" -m -n -u warren explain 192.168.20.20 from 192.168.10.20
explain east "$lan"
check "explain/and it says so" says "the far end does not say"
for h in east west; do
	stop $h
done
# Without a daemon the kernel and WireGuard tell what they know.
check explain/no-daemon explain east 203.0.113.10
check explain/no-daemon-said says "^  warrend +does not run here"

#!/bin/bash
# SPDX-License-Identifier: ISC
# warren doctor on tunnels: endpoints, NAT, addresses, MTU, keys that others
# have, routes that lead to nobody, the kernel's routes against ours.
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/labs/homes.sh"
. "$TOP/tests/netns/doclib.sh"
need wg nft ping setpriv

doc_world

# --- endpoints and NAT ---
conf no-keepalive east 's/persistent keepalive 25;//' mend
conf no-keepalive east 's/persistent keepalive 25;//' fix
conf long-keepalive east 's/keepalive 25;/keepalive 90;/' mend
conf endpoint-port west 's/203.0.113.10:51820/203.0.113.10:51821/' mend
breaks endpoint-loop east "ip route add 203.0.113.10/32 dev wg0" mend
echo 'options timeout:1 attempts:1' >> /etc/resolv.conf
extra() { echo "s#peer \"east\"#peer \"x\" { public key \"$1\"; allowed ips 10.0.0.77/32; endpoint \"$2\"; }; &#"; }
conf endpoint-name vps "$(extra "$(warren genkey | warren pubkey)" nobody.invalid:9)"
doc_settled

# --- addresses and MTU ---
breaks overlap east "ip address add 10.0.0.200/16 dev lan0" \
	"ip address del 10.0.0.200/16 dev lan0"
with=router-id conf shared-space west 's/forward yes;/& address 100.70.0.1\/32;/'
with=''
conf mtu east 's/forward yes;/& mtu 1500;/' mend

# --- a nameserver beyond the tunnel ---
cp /etc/resolv.conf "$TMP/resolv" 2>/dev/null || : > "$TMP/resolv"
echo "203.0.113.10 vps.example" >> /etc/hosts
conf_resolver='cp /run/lab/resolv /etc/resolv.conf; cp /tmp/good /etc/warren/warren.conf; warren configure'
on east cp /etc/warren/warren.conf /tmp/good
breaks resolver-loop east "sed -i s/203.0.113.10:51820/vps.example:51820/ /etc/warren/warren.conf
	warren configure; echo nameserver 192.168.20.53 > /etc/resolv.conf" mend
on east sh -c "$conf_resolver; ip route del 192.168.20.53" > /dev/null 2>&1
doc_settled

# --- keys ---
published=WdFWaWzgFYqcCEVgnkphNkWKu3u9N6cYnki87GXFhX0=
conf published-key vps "$(extra $published 203.0.113.1:9)"
with=route-no-key
conf own-key vps "$(extra "$(on vps sh -c 'warren pubkey < /etc/warren/wg0.key')" 203.0.113.1:9)"
with=''
conf same-endpoint vps "$(extra "$(warren genkey | warren pubkey)" 203.0.113.1:9); $(extra "$(warren genkey | warren pubkey)" 203.0.113.1:9 | sed 's/"x/"y/; s/0.77/0.78/')"
# --- the kernel's routes ---
breaks alien-route east "ip route add 192.168.20.0/24 via 192.168.10.20 dev lan0 proto static metric 5" mend
breaks route-no-key vps "wg set wg0 peer ${homes_public[west]} allowed-ips 10.0.0.11/32" mend
doc_settled
conf kernel-refuses east 's/kernel { graceful restart; ipv4 { export all;/kernel { graceful restart; ipv4 { export filter { krt_prefsrc = 192.168.10.77; accept; };/' mend
on east ip address del 192.168.10.77/32 dev lo
doc_settled

# --- no announcement, no masquerading: no way back ---
conf no-way-back east 's/export where source = RTS_DEVICE/export none/' mend

for h in vps east west; do stop $h; done

#!/bin/bash
# SPDX-License-Identifier: ISC
# warren doctor on BGP: each reason for which there is no session, and
# sessions that are up and of no use.
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/labs/homes.sh"
. "$TOP/tests/netns/doclib.sh"
need wg nft ping setpriv

doc_world

# Who was refused comes again soon.
for h in vps east west; do
	on $h sed -i 's/bgp vps {/& error wait time 1, 2;/; s/bgp home {/& error wait time 1, 2;/' /etc/warren/warren.conf
	on $h warren configure > /dev/null
done
doc_settled

# --- no session ---
conf session-down west 's/neighbor 10.0.0.1 as 65000;/& passive; local 10.0.0.99;/'
conf wrong-as west 's/local as 65011/local as 65012/'
on vps sed -i 's/as 65011/as 65000/; /bgp home/s/export where source = RTS_BGP/export none/' /etc/warren/warren.conf
on vps warren configure > /dev/null
on west cp /etc/warren/warren.conf /tmp/other-as
on west sed -i 's/as 65011/as 65000/' /etc/warren/warren.conf
on west warren configure > /dev/null
wait_for homes_sessions 20
conf same-router-id west 's/router id 10.0.0.11/router id 10.0.0.1/' mend
# Whoever has "protocol direct" for its LAN alone knows no way to 10.0.0.10.
on vps sh -c "sed -i 's/export none/export where source = RTS_BGP/' /etc/warren/warren.conf; warren configure" > /dev/null
breaks no-next-hop west true
on vps sed -i 's/neighbor 10.0.0.11 as 65000/neighbor 10.0.0.11 as 65011/' /etc/warren/warren.conf
on vps warren configure > /dev/null
on west cp /tmp/other-as /etc/warren/warren.conf
on west warren configure > /dev/null
doc_settled
conf not-on-link west 's/neighbor 10.0.0.1 as/neighbor 203.0.113.10 as/'
doc_settled
breaks bgp-blocked west "nft add table ip x; nft add chain ip x c '{ type filter hook input priority 0; }'
	nft add rule ip x c tcp dport 179 drop; nft add rule ip x c tcp sport 179 drop; warren restart vps" \
	"nft delete table ip x"
doc_settled
conf wrong-ttl west 's/neighbor 10.0.0.1 as 65000;/& ttl security on;/' mend
conf wrong-password west 's/neighbor 10.0.0.1 as 65000;/& password "abc";/'
doc_settled

# --- many sessions ---
stop vps
start vps vps warrend -f
doc_settled
for i in 1 2 3 4; do
	n=$(grep -c 'vps: Session established' "$TMP/east.log")
	on east warren restart vps > /dev/null
	wait_for '[ "$(grep -c "vps: Session established" $TMP/east.log)" -gt $n ] &&
		homes_sessions' 20
done
breaks flaps vps true
for h in vps east; do
	stop $h
	homes_start $h
done
doc_settled

# --- sessions that are of no use ---
conf nothing-said east 's/import all; export where source = RTS_DEVICE;/import where false; export where false;/'
doc_settled
conf all-filtered west 's/import all; export where source/import where false; export where source/'
on west cp /etc/warren/warren.conf /tmp/good
on west sh -c "sed -i 's/export where source = RTS_DEVICE/export none/' /etc/warren/warren.conf; warren configure" > /dev/null
on vps warren restart west > /dev/null
within=20 breaks neighbor-quiet vps true
on west sh -c 'cp /tmp/good /etc/warren/warren.conf; warren configure' > /dev/null
doc_settled
with=route-no-key conf neighbor-no-key vps 's#allowed ips 10.0.0.11/32;#allowed ips 10.0.0.12/32;#' mend
on west cp /etc/warren/warren.conf /tmp/good
on west sh -c "sed -i 's/router id 10.0.0.11/router id 10.0.0.10/' /etc/warren/warren.conf; warren configure" > /dev/null
breaks same-router-id vps true
on west sh -c 'cp /tmp/good /etc/warren/warren.conf; warren configure' > /dev/null
doc_settled
breaks covers-lan vps "ip link add d0 type bridge; ip address add 192.168.0.1/16 dev d0; ip link set d0 up" \
	"ip link del d0"
for h in vps east west; do stop $h; done

#!/bin/bash
# SPDX-License-Identifier: ISC
# "Wireguard reminds me of policy-based IPsec": from a key that is required
# to tunnels that are routed, with an interface per peer and with one for all
#
#	              +-- eth2 --- s2   (lo 2.2.2.2)
#	s1 --- eth1 r1
#	              +-- eth3 --- s3   (lo 3.3.3.3)
#
# doc/labs/004.md tells which item of the text is shown where.
. "$(dirname "$0")/lab.sh"
need wg wg-quick ping tcpdump nft traceroute

dummy() {	# HOST ADDRESS: a bridge without ports does as well
	on "$1" ip link add dummy0 type bridge
	on "$1" ip link set dev dummy0 up
	on "$1" ip address add "$2" dev dummy0
}

declare -A public=()
keys() {
	local h

	for h; do
		on "$h" sh -c 'umask 077; warren genkey > /etc/warren/key'
		public[$h]=$(on "$h" sh -c 'warren pubkey < /etc/warren/key')
	done
}

# Fills in the keys: %key is the host's own private one, %NAME a public one.
keyed() {
	local h key text

	key=$(on "$1" cat /etc/warren/key)
	text=$(sed "s,%key,$key,")
	for h in "${!public[@]}"; do
		text=${text//%$h/${public[$h]}}
	done
	put "$1" "$2" <<< "$text"
}

answers() { on "$1" ping -c 1 -W 1 "$2"; }

established() {	# HOST NUMBER
	[ "$(on "$1" warren show protocols | grep -c Established)" = "$2" ]
}

# --- the network ---------------------------------------------------------

title "S1, a router, S2 and S3: veth pairs, and R1 forwards"
host s1 r1 s2 s3
link s1 eth1 r1 eth1 10.1.0.2/24 10.1.0.1/24
link s2 eth1 r1 eth2 10.2.0.2/24 10.2.0.1/24
link s3 eth1 r1 eth3 10.3.0.2/24 10.3.0.1/24
router r1
for h in s1 s2 s3; do
	n=${h#s}
	ip -n $h route add 10.0.0.0/14 via "10.$n.0.1"
done
keys s1 s2 s3
show s1 ping -c 1 10.2.0.2
sees underlay "1 received"

# --- the failure ---------------------------------------------------------

title "A tunnel as wg-quick makes it: a list says what may pass"
keyed s1 /etc/wireguard/wg0.conf <<'END'
[Interface]
PrivateKey = %key
Address = 100.64.187.1/32

[Peer]
PublicKey = %s2
Endpoint = 10.2.0.2:51820
AllowedIPs = 198.18.0.1/32
END
keyed s2 /etc/wireguard/wg0.conf <<'END'
[Interface]
Address = 198.18.0.1/32
PrivateKey = %key
SaveConfig = false
ListenPort = 51820

[Peer]
PublicKey = %s1
AllowedIPs = 100.64.187.1/32
END
file s1 /etc/wireguard/wg0.conf
export WG_QUICK_USERSPACE_IMPLEMENTATION=warren-wg
show s2 wg-quick up wg0
show s1 wg-quick up wg0
sees wg-quick-routes 'ip -4 route add 198.18.0.1/32 dev wg0'
start dump r1 tcpdump -c 4 -i eth2 -l -p -nn udp
wait_for 'grep -q listening "$TMP/dump.log"' 5
show s1 ping -c 2 198.18.0.1
sees point-to-point '2 received'
wait_for 'grep -q captured "$TMP/dump.log"' 5
show r1 grep UDP "$TMP/dump.log"
sees outer-packets '10\.2\.0\.2\.51820.*UDP, length 128'

title "One route more, and no key for it"
show s1 ip route add 8.8.8.8/32 via 198.18.0.1
show s1 ip route get fibmatch 8.8.8.8
sees fibmatch '^8\.8\.8\.8 via 198\.18\.0\.1 dev wg0'
show s1 ping -c 2 8.8.8.8
sees no-key 'Destination Host Unreachable'
show s1 wg show wg0 allowed-ips
sees one-prefix '198\.18\.0\.1/32$'
show s1 warren explain 8.8.8.8
sees explained '^! peer +no peer of wg0 has 8\.8\.8\.8 in its allowed ips'
sees explained-name 'Required key not available'
sees explained-mend "mend it: wg set wg0 peer KEY allowed-ips \+8\.8\.8\.8/32"
show s1 wg-quick down wg0
show s2 wg-quick down wg0

# --- two routers ---------------------------------------------------------

title "The same two by Warren: the routing table says what may pass"
keyed s1 /etc/wireguard/wg0.conf <<'END'
[Interface]
PrivateKey = %key
Address = 100.64.187.1/32
Table = off

[Peer]
PublicKey = %s2
Endpoint = 10.2.0.2:51820
AllowedIPs = 0.0.0.0/0
END
keyed s2 /etc/wireguard/wg0.conf <<'END'
[Interface]
Address = 198.18.0.1/32
PrivateKey = %key
SaveConfig = false
ListenPort = 51820
Table = off

[Peer]
PublicKey = %s1
AllowedIPs = 0.0.0.0/0
END
dummy s2 8.8.8.8/32
put s1 /etc/warren/warren.conf <<'END'
router id 100.64.187.1;
protocol device {}
protocol direct { ipv4; interface "wg0"; }
protocol kernel { ipv4 { export where source ~ [ RTS_BGP, RTS_STATIC ]; import none; }; }
protocol wireguard wg0 { config file "/etc/wireguard/wg0.conf"; }
protocol static { ipv4; route 198.18.0.1/32 via "wg0"; }
protocol bgp s2 {
    local 100.64.187.1 as 65500;
    neighbor 198.18.0.1 as 65501;
    multihop;
    ipv4 { import table on; import all; export none; };
}
END
put s2 /etc/warren/warren.conf <<'END'
router id 198.18.0.1;
protocol device {}
protocol direct { ipv4; interface "dummy0", "wg0"; }
protocol kernel { ipv4 { export where source ~ [ RTS_BGP, RTS_STATIC ]; import none; }; }
protocol wireguard wg0 { config file "/etc/wireguard/wg0.conf"; }
protocol static { ipv4; route 100.64.187.1/32 via "wg0"; }
define EIGHTEIGHT = [ 8.8.8.8/32 ];
protocol bgp s1 {
    local 198.18.0.1 as 65501;
    neighbor 100.64.187.1 as 65500;
    multihop;
    ipv4 { import all; export where net ~ EIGHTEIGHT; };
}
END
file s1 /etc/warren/warren.conf
start s2 s2 warrend -f
wait_for 'on s2 wg show wg0 listen-port | grep -qx 51820' 10
start s1 s1 warrend -f
await two-routers 'established s1 1 && answers s1 8.8.8.8' 20
show s1 warren show route all for 8.8.8.8
show s1 warren show bgp ipv4 unicast neighbors 198.18.0.1 received-routes
sees received-routes '8\.8\.8\.8/32 +198\.18\.0\.1 .* 65501 '
show s1 ip route get fibmatch 8.8.8.8
sees learned '^8\.8\.8\.8 .*dev wg0 proto bird'
show s1 wg show wg0 allowed-ips
sees any-prefix '0\.0\.0\.0/0'
show s1 ping -c 2 8.8.8.8
sees eight-eight '2 received'
show s1 warren explain 8.8.8.8
sees explained-well 'Nothing is wrong on this way'
stop s1
stop s2
for h in s1 s2; do
	on $h warrend -p > /dev/null || not_ok files "$h's is refused"
	ip -n $h link del wg0 2> /dev/null
done
ip -n s2 link del dummy0

# --- three nodes, an interface per peer ----------------------------------

title "Three nodes, unnumbered over loopbacks, an interface per peer"
ip -n s1 address add 1.1.1.1/32 dev lo
ip -n s2 address add 2.2.2.2/32 dev lo
ip -n s3 address add 3.3.3.3/32 dev lo
dummy s2 198.19.0.1/32
dummy s3 198.18.0.1/32
for n in 0:s2:10.2.0.2 1:s3:10.3.0.2; do
	IFS=: read -r i peer endpoint <<< "$n"
	keyed s1 /etc/wireguard/wg$i.conf <<-END
	[Interface]
	PrivateKey = %key
	Table = off

	[Peer]
	PublicKey = %$peer
	Endpoint = $endpoint:51820
	AllowedIPs = 0.0.0.0/0, ::/0
	END
	keyed $peer /etc/wireguard/wg0.conf <<-'END'
	[Interface]
	PrivateKey = %key
	SaveConfig = false
	ListenPort = 51820
	Table = off

	[Peer]
	PublicKey = %s1
	AllowedIPs = 0.0.0.0/0, ::/0
	END
done
put s1 /etc/warren/warren.conf <<'END'
router id 1.1.1.1;
protocol device {}
protocol direct { ipv4; interface "lo"; }
protocol kernel {
    ipv4 {
        import none;
        export filter { if source = RTS_DEVICE then reject; krt_prefsrc = 1.1.1.1; accept; };
    };
}
protocol wireguard wg0 { config file "/etc/wireguard/wg0.conf"; }
protocol wireguard wg1 { config file "/etc/wireguard/wg1.conf"; }
protocol static {
    ipv4;
    route 2.2.2.2/32 via "wg0";
    route 3.3.3.3/32 via "wg1";
}
template bgp node {
    local 1.1.1.1 as 65500;
    multihop;
    ipv4 { import all; export none; };
}
protocol bgp s2 from node { description "S2"; neighbor 2.2.2.2 as 65501; }
protocol bgp s3 from node { description "S3"; neighbor 3.3.3.3 as 65502; }
END
for n in s2:2.2.2.2:65501 s3:3.3.3.3:65502; do
	IFS=: read -r h loopback as <<< "$n"
	put $h /etc/warren/warren.conf <<-END
	router id $loopback;
	protocol device {}
	protocol direct { ipv4; interface "lo", "dummy0"; }
	protocol kernel {
	    ipv4 {
	        import none;
	        export filter { if source = RTS_DEVICE then reject; krt_prefsrc = $loopback; accept; };
	    };
	}
	protocol wireguard wg0 { config file "/etc/wireguard/wg0.conf"; }
	protocol static { ipv4; route 1.1.1.1/32 via "wg0"; }
	protocol bgp s1 {
	    description "S1";
	    local $loopback as $as;
	    neighbor 1.1.1.1 as 65500;
	    multihop;
	    ipv4 { import all; export where ifname = "dummy0"; };
	}
	END
done
file s1 /etc/warren/warren.conf
start s2 s2 warrend -f
start s3 s3 warrend -f
wait_for 'on s2 wg show wg0 listen-port | grep -qx 51820 &&
	on s3 wg show wg0 listen-port | grep -qx 51820' 10
start s1 s1 warrend -f
await per-peer 'established s1 2 && answers s1 198.18.0.1 &&
	answers s1 198.19.0.1' 20
show s1 wg show all allowed-ips
sees two-interfaces '^wg1.*0\.0\.0\.0/0 ::/0'
show s1 ip route get 2.2.2.2
sees source-address '^2\.2\.2\.2 dev wg0 src 1\.1\.1\.1'
show s1 warren show protocols all s2
sees source-of-session 'Source address: +1\.1\.1\.1'
show s1 warren show route
show s1 warren show bgp ipv4 unicast
sees frr-routes '^ ?\*> +198\.19\.0\.1/32 +2\.2\.2\.2 '
sees frr-total '^Displayed +2 routes and 2 total paths'
show s1 ip route show proto bird
sees through-wg1 '^198\.18\.0\.1 .*dev wg1'
sees through-wg0 '^198\.19\.0\.1 .*dev wg0'
show s1 ping -c 2 198.18.0.1
sees ping-s3 '2 received'
show s1 ping -c 2 198.19.0.1
sees ping-s2 '2 received'
for h in s1 s2 s3; do
	stop $h
	for i in wg0 wg1; do
		ip -n $h link del $i 2> /dev/null
	done
done

# --- three nodes, one interface ------------------------------------------

title "And what the text says cannot be done: one interface, one port, both peers"
put s1 /etc/warren/warren.conf <<END
router id 1.1.1.1;
protocol device {}
protocol direct { ipv4; interface "lo"; }
protocol kernel {
    ipv4 {
        import none;
        export filter { if source = RTS_DEVICE then reject; krt_prefsrc = 1.1.1.1; accept; };
    };
}
protocol wireguard wg0 {
    private key file "/etc/warren/key";
    listen port 51820;
    peer "s2" { public key "${public[s2]}"; endpoint "10.2.0.2:51820"; };
    peer "s3" { public key "${public[s3]}"; endpoint "10.3.0.2:51820"; };
    ipv4 { import all; export where source = RTS_BGP; };
}
template bgp node {
    local as 65500;
    ipv4 { import all; export where source ~ [ RTS_DEVICE, RTS_BGP ]; };
}
protocol bgp s2 from node { neighbor wireguard "wg0" "s2" as 65501; }
protocol bgp s3 from node { neighbor wireguard "wg0" "s3" as 65502; }
END
for n in s2:2.2.2.2:65501 s3:3.3.3.3:65502; do
	IFS=: read -r h loopback as <<< "$n"
	put $h /etc/warren/warren.conf <<-END
	router id $loopback;
	protocol device {}
	protocol direct { ipv4; interface "lo", "dummy0"; }
	protocol kernel {
	    ipv4 {
	        import none;
	        export filter { if source = RTS_DEVICE then reject; krt_prefsrc = $loopback; accept; };
	    };
	}
	protocol wireguard wg0 {
	    private key file "/etc/warren/key";
	    listen port 51820;
	    peer "s1" { public key "${public[s1]}"; };
	}
	protocol bgp s1 {
	    local as $as;
	    neighbor wireguard "wg0" "s1" as 65500;
	    ipv4 { import all; export where source = RTS_DEVICE; };
	}
	END
done
file s1 /etc/warren/warren.conf
start s2 s2 warrend -f
start s3 s3 warrend -f
wait_for 'on s2 wg show wg0 listen-port | grep -qx 51820 &&
	on s3 wg show wg0 listen-port | grep -qx 51820' 10
start s1 s1 warrend -f
await one-interface 'established s1 2 && answers s1 198.18.0.1 &&
	answers s1 198.19.0.1' 20
show s1 wg show all allowed-ips
sees cryptokey-s2 "$(literal "${public[s2]}").*198\.19\.0\.1/32"
sees cryptokey-s3 "$(literal "${public[s3]}").*198\.18\.0\.1/32"
show s1 ip route show proto bird
sees one-dev '^198\.18\.0\.1 .*dev wg0'
show s1 ping -c 2 198.18.0.1
sees ping-s3-again '2 received'
# Through s1, which the text did not try.
on s1 sysctl -qw net.ipv4.ip_forward=1
await from-s2-to-s3 'on s2 ping -c 1 -W 1 198.18.0.1' 10
show s1 warren doctor
sees doctor 'Nothing to mend'

# --- and one way of two is cut -------------------------------------------

title "A third side, by \"configure\": then the way between S1 and S2 is cut"
for n in s2:2.2.2.2:65501:s3:10.3.0.2:65502 s3:3.3.3.3:65502:s2:10.2.0.2:65501; do
	IFS=: read -r h loopback as other endpoint other_as <<< "$n"
	put $h /etc/warren/warren.conf <<-END
	router id $loopback;
	protocol device {}
	protocol direct { ipv4; interface "lo", "dummy0"; }
	protocol kernel {
	    ipv4 {
	        import none;
	        export filter { if source = RTS_DEVICE then reject; krt_prefsrc = $loopback; accept; };
	    };
	}
	protocol wireguard wg0 {
	    private key file "/etc/warren/key";
	    listen port 51820;
	    forward yes;
	    peer "s1" { public key "${public[s1]}"; };
	    peer "$other" { public key "${public[$other]}"; endpoint "$endpoint:51820"; };
	    ipv4 { import all; export where source = RTS_BGP; };
	}
	template bgp node {
	    local as $as;
	    ipv4 { import all; export where source ~ [ RTS_DEVICE, RTS_BGP ]; };
	}
	protocol bgp s1 from node { neighbor wireguard "wg0" "s1" as 65500; }
	protocol bgp $other from node { neighbor wireguard "wg0" "$other" as $other_as; }
	END
	on $h warren configure > "$TMP/configure.log"
done
file s2 /etc/warren/warren.conf
lives() { on "$1" warren show tunnels | grep -c "liveness: alive"; }
await triangle 'established s1 2 && established s2 2 && established s3 2 &&
	[ "$(lives s1) $(lives s2)" = "2 2" ] && answers s1 198.19.0.1' 20
show s1 warren show tunnels
sees watched 'liveness: alive, round trip'
start pings s1 ping -n -q -i 0.05 -c 160 198.19.0.1
sleep 1
on r1 nft 'add table ip cut; add chain ip cut f {
	type filter hook forward priority filter; }'
show r1 nft add rule ip cut f ip saddr { 10.1.0.2, 10.2.0.2 } \
	ip daddr { 10.1.0.2, 10.2.0.2 } drop
await through-s3 'on s1 wg show wg0 allowed-ips |
	grep -F "${public[s3]}" | grep -q 198.19.0.1 &&
	answers s1 198.19.0.1' 8
show s1 warren show protocols s2
sees held 'Tunnel dead'
show s1 traceroute -n -q 1 -w 2 198.19.0.1
sees over-s3 '^ 2  198\.19\.0\.1 '
wait "${pid[pings]}"
show s1 tail -n 3 "$TMP/pings.log"
lost=$(awk '/packets transmitted/ { print $1 - $4 }' "$TMP/pings.log")
# Twenty a second: the hold timer of BGP would have lost all the rest.
check few-lost test "$lost" -lt 50
show r1 nft flush chain ip cut f
await direct-again 'on s1 wg show wg0 allowed-ips |
	grep -F "${public[s2]}" | grep -q 198.19.0.1' 15
lab_end s1 s2 s3

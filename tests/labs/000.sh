#!/bin/bash
# SPDX-License-Identifier: ISC
# "The BGP and WireGuard experiment": two laptops, both behind carrier-grade
# NAT, and a BGP session between them through a VPS; as in the text, with what
# it stumbles over explained, and then as Warren does it
#
#	lan-a --- a --- isp-a --- net --- vps
#	              (NAT)        |
#	lan-b --- b --- mac --- isp-b
#	             (NAT)    (NAT)
#
# b is a virtual machine on a laptop, behind two NATs.  doc/labs/000.md tells
# which item of the text is shown where.
. "$(dirname "$0")/lab.sh"
need wg ping

# --- the network ---------------------------------------------------------

title "Two laptops behind carrier-grade NAT, one of them a virtual machine, and a VPS"
host net vps isp-a isp-b mac a b lan-a lan-b
link net vps0 vps eth0 172.232.112.1/24 172.232.112.230/24
link net a0 isp-a wan 198.51.100.1/29 198.51.100.2/29
link net b0 isp-b wan 198.51.100.9/29 198.51.100.10/29
link isp-a cgn a eth0 100.64.0.1/24 100.64.0.2/24
link isp-b cgn mac eth0 100.64.0.1/24 100.64.0.2/24
link mac vm b eth0 192.168.64.1/24 192.168.64.2/24
link a lan0 lan-a eth0 192.168.10.1/24 192.168.10.20/24
link b lan0 lan-b eth0 192.168.20.1/24 192.168.20.20/24
router net isp-a isp-b mac
ip -n vps route add default via 172.232.112.1
ip -n isp-a route add default via 198.51.100.1
ip -n isp-b route add default via 198.51.100.9
ip -n mac route add default via 100.64.0.1
ip -n a route add default via 100.64.0.1
ip -n b route add default via 192.168.64.1
ip -n lan-a route add default via 192.168.10.1
ip -n lan-b route add default via 192.168.20.1
for h in isp-a:wan isp-b:wan mac:eth0; do
	on ${h%:*} nft -f - <<-END
	table ip nat {
		chain post {
			type nat hook postrouting priority srcnat
			oifname "${h#*:}" masquerade random
		}
		chain forward {
			type filter hook forward priority filter; policy drop
			ct state established,related accept
			oifname "${h#*:}" accept
		}
	}
	END
done
show a ping -c 1 -W 1 198.51.100.10
show vps ping -c 1 -W 1 100.64.0.2
sees unsolicited '0 received'

title "Keys; the file is its owner's alone"
declare -A public=()
for h in vps a b; do
	on $h sh -c 'umask 077; warren genkey | tee /etc/wireguard/privatekey |
		warren pubkey > /etc/wireguard/publickey'
	public[$h]=$(on $h cat /etc/wireguard/publickey)
done

# --- as in the text ------------------------------------------------------

# laptop HOST ADDRESS ALLOWED-IPS [MORE LINES OF THE PEER]
laptop() {
	put "$1" /etc/wireguard/wg0.conf <<-END
	[Interface]
	PrivateKey = $(on "$1" cat /etc/wireguard/privatekey)
	Address = $2/24
	ListenPort = 51820

	[Peer]
	PublicKey = ${public[vps]}
	AllowedIPs = $3
	${4-}
	END
}
# frr_text HOST AS OTHER-AS OWN OTHER [LINES OF THE ADDRESS FAMILY]
frr_text() {
	put "$1" /etc/warren/frr.conf <<-END
	route-map ACCEPT-ALL permit 10
	exit
	!
	router bgp $2
	 bgp router-id $4
	 neighbor $5 remote-as $3
	 neighbor $5 ebgp-multihop 5
	 neighbor $5 timers connect 2
	 !
	 address-family ipv4 unicast
	  neighbor $5 route-map ACCEPT-ALL in
	${6-}
	 exit-address-family
	exit
	END
	on "$1" sh -c 'warren import frr /etc/warren/frr.conf > /etc/warren/bgp.conf' \
		> "$TMP/import.log" 2>&1
	put "$1" /etc/warren/warren.conf <<-'END'
	include "/etc/warren/bgp.conf";
	protocol wireguard wg0 { config file "/etc/wireguard/wg0.conf"; }
	END
}
title "The text's wg0.conf, and its BGP by warren import frr"
laptop a 10.0.0.10 10.0.0.1/32
laptop b 10.0.0.11 10.0.0.1/32
frr_text a 65010 65011 10.0.0.10 10.0.0.11
frr_text b 65011 65010 10.0.0.11 10.0.0.10
file a /etc/wireguard/wg0.conf
file a /etc/warren/frr.conf
show a warren import frr /etc/warren/frr.conf
sees imported 'neighbor 10\.0\.0\.11 as 65011;'
sees imported-multihop 'multihop 5;'
sees imported-policy 'export none;.*no policy, so nothing \(RFC 8212\)'
put vps /etc/wireguard/wg0.conf <<END
[Interface]
PrivateKey = $(on vps cat /etc/wireguard/privatekey)
Address = 10.0.0.1/24
ListenPort = 51820

[Peer]
PublicKey = ${public[a]}
AllowedIPs = 10.0.0.10/32

[Peer]
PublicKey = ${public[b]}
AllowedIPs = 10.0.0.11/32
END
put vps /etc/warren/warren.conf <<'END'
router id 10.0.0.1;
protocol device {}
protocol wireguard wg0 { config file "/etc/wireguard/wg0.conf"; }
END
start vps vps warrend -f
wait_for 'on vps wg show wg0 listen-port | grep -qx 51820' 10
start a a warrend -f
start b b warrend -f
say "neither end knows where the other is: sixteen seconds of patience"
sleep 16
show a warren doctor
sees no-endpoint 'waits-for-peer: peer peer1 of wg0 has no endpoint here'
show vps warren doctor
sees no-forwarding 'no-forwarding: wg0 has several peers'

title "An endpoint and a keepalive: the tunnels are up, BGP is not"
laptop a 10.0.0.10 10.0.0.1/32 "Endpoint = 172.232.112.230:51820
PersistentKeepalive = 25"
laptop b 10.0.0.11 10.0.0.1/32 "Endpoint = 172.232.112.230:51820
PersistentKeepalive = 25"
for h in a b; do on $h warren configure > /dev/null; done
await tunnels '[ "$(on vps wg show wg0 latest-handshakes |
	awk "\$2 > 0" | wc -l)" = 2 ]' 15
show a wg
sees wg-fields 'latest handshake'
sees wg-hidden 'private key: \(hidden\)'
show a ip address show wg0
sees link-flags 'POINTOPOINT.*NOARP|link/none'
show a warren doctor
sees neighbor-no-key 'neighbor-no-key: .*10\.0\.0\.11 is reached by wg0'
show a warren explain 10.0.0.11
sees explained '^! peer +no peer of wg0 has 10\.0\.0\.11'

title "The whole tunnel net in the list, forwarding on the hub: a session end to end"
for h in a:10.0.0.10 b:10.0.0.11; do
	laptop ${h%:*} ${h#*:} 10.0.0.0/24 "Endpoint = 172.232.112.230:51820
PersistentKeepalive = 25"
	on ${h%:*} warren configure > /dev/null
done
show vps warren doctor --fix --yes
show vps sysctl net.ipv4.ip_forward
sees forwarding-fixed '= 1'
await end-to-end 'on a warren show protocols | grep -q Established' 30
show a warren show protocols all peer_10_0_0_11
sees multihop-session 'Session: *external multihop'
show vps ip route show
sees hub-routes '^10\.0\.0\.0/24 dev wg0'

title "Something to announce: the session has it, the key tables have not"
frr_text a 65010 65011 10.0.0.10 10.0.0.11 "  network 192.168.10.0/24
  neighbor 10.0.0.11 route-map ACCEPT-ALL out"
frr_text b 65011 65010 10.0.0.11 10.0.0.10 "  network 192.168.20.0/24
  neighbor 10.0.0.10 route-map ACCEPT-ALL out"
for h in a b; do
	on $h warren configure > /dev/null
	on $h sysctl -qw net.ipv4.ip_forward=1
done
await learned 'on a warren show route 192.168.20.0/24 | grep -q peer_10_0_0_11' 20
show lan-a ping -c 1 -W 1 192.168.20.20
sees hub-drops '0 received'
show a warren explain 192.168.20.20 from 192.168.10.20
sees hub-explained '! '
for h in a b vps; do
	stop $h
	ip -n $h link del wg0 2> /dev/null
	on $h rm -f /etc/warren/warren.conf
done

# --- as Warren does it ---------------------------------------------------

title "As Warren does it: the hub speaks BGP, and nobody has an address plan"
put vps /etc/warren/warren.conf <<END
router id 10.0.0.1;
protocol device {}
protocol kernel { ipv4 { export all; import none; }; }
protocol wireguard wg0 {
    private key file "/etc/wireguard/privatekey";
    listen port 51820;
    forward yes;
    peer "a" { public key "${public[a]}"; };
    peer "b" { public key "${public[b]}"; };
    ipv4 { import all; export where source = RTS_BGP; };
}
template bgp laptop {
    local as 65000;
    ipv4 { import all; export where source = RTS_BGP; };
}
protocol bgp a from laptop { neighbor wireguard "wg0" "a" as 65010; }
protocol bgp b from laptop { neighbor wireguard "wg0" "b" as 65011; }
END
for n in a:65010:10 b:65011:20; do
	IFS=: read -r h as lan <<< "$n"
	put $h /etc/warren/warren.conf <<-END
	router id 192.168.$lan.1;
	protocol device {}
	protocol direct { ipv4; interface "lan0"; }
	protocol kernel {
	    ipv4 { export filter { krt_prefsrc = 192.168.$lan.1; accept; }; import none; };
	}
	protocol wireguard wg0 {
	    private key file "/etc/wireguard/privatekey";
	    forward yes;
	    peer "vps" {
	        public key "${public[vps]}";
	        endpoint "172.232.112.230:51820";
	        persistent keepalive 25;
	    };
	}
	protocol bgp vps {
	    local as $as;
	    neighbor wireguard "wg0" "vps" as 65000;
	    ipv4 { import all; export where source = RTS_DEVICE; };
	}
	END
done
file vps /etc/warren/warren.conf
file a /etc/warren/warren.conf
start vps vps warrend -f
wait_for 'on vps wg show wg0 listen-port | grep -qx 51820' 10
start a a warrend -f
start b b warrend -f
await joined 'on lan-a ping -c 1 -W 1 192.168.20.20' 20
show lan-a ping -c 2 -i 0.3 192.168.20.20
sees lan-to-lan '2 received'
show vps warren show tunnels
show a warren explain 192.168.20.20 from 192.168.10.20
sees explained-well 'Nothing is wrong on this way'
for h in vps a b; do
	show $h warren doctor
	sees doctor-$h 'Nothing to mend'
done
lab_end vps a b

#!/bin/bash
# SPDX-License-Identifier: ISC
# "iBGP AWS": a VPS reaches dn42 through a home router with five eBGP
# peerings, on the BIRD 1.6 file that its author had
#
#	                                 +-- p1 ... p4   (others on dn42)
#	vps --- igw --- net --- erx -----+
#	   (1:1 NAT)      (firewall)     +-- highdef --- m1 --- m2 --- target
#
# vps is Warren's; erx is FRR and a stock WireGuard in the EdgeRouter's
# place; the others are BIRD.  doc/labs/003.md tells which item of the text
# is shown where.
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/frr.sh"
need wg wireguard-go bird birdc ping traceroute route
frr_install

home=4242421869

# --- the network ---------------------------------------------------------

title "A VPS in Amazon's default VPC, a home router, and five dn42 peers"
host net igw vps erx p1 p2 p3 p4 highdef m1 m2 target
link vps eth0 igw vpc 172.31.0.189/20 172.31.0.1/20
link igw wan net igw0 198.51.100.20/24 198.51.100.1/24
link erx eth0 net erx0 203.0.113.67/24 203.0.113.1/24
router net igw erx highdef m1 m2
ip -n vps route add default via 172.31.0.1
ip -n igw route add default via 198.51.100.1
ip -n erx route add default via 203.0.113.1
# Amazon's gateway and its security group: one public address, one port.
on igw nft -f - <<'END'
table ip igw {
	chain pre {
		type nat hook prerouting priority dstnat
		iifname "wan" dnat to 172.31.0.189
	}
	chain post {
		type nat hook postrouting priority srcnat
		oifname "wan" snat to 198.51.100.20
	}
	chain security-group {
		type filter hook forward priority filter; policy drop
		ct state established,related accept
		iifname "vpc" accept
		ip saddr 203.0.113.67 udp dport 51823 accept
	}
}
END
# The EdgeRouter's WAN_LOCAL, rule 25.
on erx nft -f - <<'END'
table ip wan {
	chain local {
		type filter hook input priority filter; policy accept
		iifname "eth0" ct state established,related accept
		iifname "eth0" udp dport 51823 log accept
		iifname "eth0" drop
	}
}
END
echo "198.51.100.20 aws.vps.com" >> /etc/hosts

title "WireGuard on the EdgeRouter: stock, no listen port, endpoint by name"
on vps sh -c 'umask 077; warren genkey > /etc/warren/privatekey
	warren pubkey < /etc/warren/privatekey > /etc/warren/publickey'
on erx sh -c 'umask 077; wg genkey > /etc/wireguard/privatekey
	wg pubkey < /etc/wireguard/privatekey > /etc/wireguard/publickey'
vps_key=$(on vps cat /etc/warren/publickey)
erx_key=$(on erx cat /etc/wireguard/publickey)
start erx-wg67 erx wireguard-go -f wg67
wait_for 'on erx wg show wg67' 10
show erx ip address add 10.132.0.2/30 dev wg67
show erx ip link set wg67 mtu 1420 up
show erx wg set wg67 private-key /etc/wireguard/privatekey \
	peer "$vps_key" allowed-ips 0.0.0.0/0 endpoint aws.vps.com:51823 \
	persistent-keepalive 25

# --- dn42 ----------------------------------------------------------------

# bird_peer HOST AS FIRST COUNT ROUTER-ID, more of the file on stdin
# COUNT routes of many lengths, as the network has them, from the number FIRST.
bird_peer() {
	{
		cat <<-END
		router id $5;
		protocol device {}
		protocol direct { ipv4; interface "up*", "down*", "lo"; }
		protocol kernel { ipv4 { export where source = RTS_BGP; import none; }; }
		protocol static {
		    ipv4;
		END
		awk -v first="$3" -v n="$4" 'BEGIN {
			for (i = first; i < first + n; i++) {
				len = 32 - (i % 6)
				a = i * 64
				printf "    route 172.%d.%d.%d/%d blackhole;\n",
				    20 + int(a / 65536) % 2,
				    int(a / 256) % 256, a % 256, len
			}
		}'
		echo '}'
		cat
	} | put "$1" /etc/warren/bird.conf
	start "$1" "$1" bird -f -c /etc/warren/bird.conf -s /run/bird.ctl
}

n=0
for p in p1:4242420101:92 p2:4242420102:93 p3:4242420103:94 p4:4242420104:90; do
	IFS=: read -r h as count <<< "$p"
	n=$((n + 1))
	link erx dn42-$n $h up0 172.20.229.$((n * 2))/31 \
		172.20.229.$((n * 2 + 1))/31
	bird_peer $h $as $((n * 120)) $count 172.20.229.$((n * 2 + 1)) <<-END
	protocol bgp erx {
	    local as $as;
	    neighbor 172.20.229.$((n * 2)) as $home;
	    ipv4 { import all; export where source != RTS_DEVICE; next hop self; };
	}
	END
done
link erx dn42-5 highdef up0 172.20.229.117/31 172.20.229.116/31
link highdef down0 m1 up0 172.20.129.186/31 172.20.129.187/31
link m1 down0 m2 up0 172.20.129.168/31 172.20.129.169/31
link m2 down0 target eth0 172.23.0.81/28 172.23.0.80/28
ip -n target route add default via 172.23.0.81
# chain HOST AS UP-ADDRESS UP-AS DOWN-ADDRESS DOWN-AS
chain() {
	local down=${5:-}

	cat <<-END
	protocol bgp nearer {
	    local as $2;
	    neighbor $3 as $4;
	    ipv4 { import all; export all; next hop self; };
	}
	END
	[ -z "$down" ] || cat <<-END
	protocol bgp further {
	    local as $2;
	    neighbor $5 as $6;
	    ipv4 { import all; export all; next hop self; };
	}
	END
}
chain highdef 4242421080 172.20.229.117 $home 172.20.129.187 4242422001 |
	bird_peer highdef 4242421080 700 87 172.20.229.116
chain m1 4242422001 172.20.129.186 4242421080 172.20.129.169 4242422002 |
	bird_peer m1 4242422001 820 1 172.20.129.187
chain m2 4242422002 172.20.129.168 4242422001 |
	bird_peer m2 4242422002 840 1 172.20.129.169

title "BGP on the EdgeRouter: five eBGP peers, and the VPS as iBGP"
{
	cat <<-END
	hostname erx
	log stdout
	router bgp $home
	 bgp router-id 172.22.132.161
	 no bgp ebgp-requires-policy
	 no bgp network import-check
	 neighbor 10.132.0.1 remote-as $home
	 neighbor 10.132.0.1 description iBGP
	 neighbor 10.132.0.1 timers connect 2
	END
	for p in 3:4242420101 5:4242420102 7:4242420103 9:4242420104 \
	    116:4242421080; do
		echo " neighbor 172.20.229.${p%:*} remote-as ${p#*:}"
		echo " neighbor 172.20.229.${p%:*} timers connect 2"
	done
	cat <<-END
	 address-family ipv4 unicast
	  network 172.22.132.160/27
	  neighbor 10.132.0.1 next-hop-self
	  neighbor 10.132.0.1 soft-reconfiguration inbound
	 exit-address-family
	END
} | frr_start erx
await five-peerings '[ "$(vty erx "show bgp ipv4 unicast summary" |
	grep -cE "^172\.20\..*[0-9]+ +[0-9]+ N/A *$")" = 5 ]' 60

# --- the VPS -------------------------------------------------------------

title "The VPS: the file that was in /etc/bird/bird.conf, as it is"
put vps /etc/warren/bird.conf <<'END'
router id 172.22.132.169;
protocol kernel {
scan time 20;
import none;
export filter {
if source = RTS_STATIC then reject;
krt_prefsrc = 172.22.132.169;
accept;
};
};
protocol device {
scan time 60;
}
protocol direct {
interface "*";
}
protocol bgp {
description "BIRD BGP CONFIG";
local as 4242421869;
neighbor 10.132.0.2 as 4242421869;
graceful restart;
direct;
import all;
export all;
}
END
file vps /etc/warren/bird.conf
show vps warrend -p -c /etc/warren/bird.conf
sees bird-1.6-warned 'warning.*1\.6|BIRD 1'
check bird-1.6-taken on vps warrend -p -c /etc/warren/bird.conf
title "and the tunnel in the same place"
put vps /etc/warren/warren.conf <<END
include "/etc/warren/bird.conf";
protocol wireguard wg0 {
    private key file "/etc/warren/privatekey";
    listen port 51823;
    address 10.132.0.1/30;
    peer "erx" {
        public key "$erx_key";
        endpoint "203.0.113.67:51823";
        allowed ips 0.0.0.0/0;
    };
}
END
file vps /etc/warren/warren.conf
ip -n vps address add 172.22.132.169/32 dev lo
start vps vps warrend -f
await tunnel 'on vps ping -c 1 -W 1 10.132.0.2 &&
	on erx ping -c 1 -W 1 10.132.0.1' 30
show erx ping -c 3 -i 0.3 10.132.0.1
sees ping-to-vps '3 received'
show vps ping -c 3 -i 0.3 10.132.0.2
sees ping-to-erx '3 received'
show vps wg
sees wg-fields 'listening port: 51823'
sees wg-roamed 'endpoint: 203\.0\.113\.67:'
sees wg-handshake 'latest handshake'
sees wg-hidden 'private key: \(hidden\)'
show erx wg show wg67
sees erx-hidden 'private key: \(hidden\)'
show vps warren show tunnels

# --- iBGP ----------------------------------------------------------------

title "The iBGP session"
imported() {
	on vps birdc -s /run/warren/warren.ctl show protocols all bgp1 |
		grep -q 'Routes: *463 imported'
}
await session 'imported' 60
show_vty erx "show ip bgp neighbors 10.132.0.1"
sees erx-established 'BGP state = Established'
sees erx-internal 'internal link'
sees erx-as4 '4 Byte AS: advertised and received'
sees erx-refresh 'Route refresh: advertised and received'
sees erx-soft 'Inbound soft reconfiguration allowed'
sees erx-self 'NEXT_HOP is always this router'
sees erx-ports 'Foreign port: [0-9]+'
show vps birdc -s /run/warren/warren.ctl show protocols all bgp1
sees vps-established '^bgp1 .*Established'
sees vps-description 'Description: *BIRD BGP CONFIG'
sees vps-routes '463 imported'
sees vps-as 'Neighbor AS: *4242421869'
sees vps-id 'Neighbor ID: *172\.22\.132\.161'
sees vps-timers 'Keepalive timer: .*/'
sees vps-filter-is-the-files 'Output filter: *ACCEPT'
# What the file says, "direct", is what runs.
sees vps-direct 'Session: *internal AS4'

title "The VPS's kernel and the way to dn42"
wait_for '[ "$(on vps ip route show proto bird | grep -c "src 172.22.132.169")" \
	-ge 463 ]' 10
seen=$(on vps route -n)
head -n 12 <<< "$seen" | sed 's/^/    /'
sees kernel-host '^172\.2.*10\.132\.0\.2 +255\.255\.255\.255 +UGH .*wg0'
sees kernel-net '^172\.2.*10\.132\.0\.2 .*UG +.*wg0'
sees default-stays '^0\.0\.0\.0 +172\.31\.0\.1 .*eth0'
if [ "$(on vps ip route show proto bird | grep -c 'src 172.22.132.169')" \
    -ge 463 ]; then
	ok kernel-prefsrc
else
	not_ok kernel-prefsrc "$(on vps ip route show proto bird | head -n 3)"
fi
await reaches 'on vps ping -c 1 -W 1 172.23.0.80' 20
show vps ping -c 3 -i 0.3 172.23.0.80
sees ttl 'ttl=60'
show vps traceroute -n -q 1 -w 2 172.23.0.80
sees hop-1 '^ *1 +10\.132\.0\.2'
sees hop-2 '^ *2 +172\.20\.229\.116'
sees hop-3 '^ *3 +172\.20\.129\.187'
sees hop-4 '^ *4 +172\.20\.129\.169'
sees hop-5 '^ *5 +172\.23\.0\.80'
show vps warren doctor
sees doctor-port 'endpoint-port: peer erx is configured with port 51823'
show vps warren explain 172.23.0.80
sees explained 'Nothing is wrong'
lab_end vps

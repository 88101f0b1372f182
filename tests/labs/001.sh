#!/bin/bash
# SPDX-License-Identifier: ISC
# "Running iBGP over WireGuard for dn42 and beyond": a VPS peers on dn42, the
# home router is its iBGP client, and the whole LAN has dn42 and a split exit
#
#	lan --- home --- isp --- net --- vps ... dn42: p1 p2 p3
#	                (NAT)     |  (firewall)
#	                          +--- cf   (104.16.132.229)
#
# vps and home are Warren's, home on the bird.conf of the text; p1 and p3 are
# BIRD, p2 is FRR, p1 and p2 behind stock WireGuard.  doc/labs/001.md tells
# which item of the text is shown where.
. "$(dirname "$0")/lab.sh"
. "$(dirname "$0")/frr.sh"
need wg wireguard-go bird birdc ping tracepath
frr_install

# --- the network ---------------------------------------------------------

title "A home with a LAN, a VPS behind its provider's firewall, dn42, the Internet"
host net isp fw vps home lan cf p1 p2 p3
link net fw0 fw wan 203.0.113.1/24 203.0.113.2/24
link fw dmz vps eth0 203.0.113.9/29 203.0.113.10/29
link net isp0 isp wan 198.51.100.1/29 198.51.100.2/29
link isp lan home eth0 100.64.0.1/24 100.64.0.2/24
link home lan0 lan eth0 10.42.23.1/24 10.42.23.50/24
link net cf0 cf eth0 104.16.132.1/24 104.16.132.229/24
ip -n net address add 2001:db8:1::1/64 dev fw0
ip -n fw address add 2001:db8:1::2/64 dev wan
ip -n fw address add 2001:db8:2::1/64 dev dmz
ip -n vps address add 2001:db8:2::10/64 dev eth0
ip -n home address add fdb7:1dec:4d21:23::1/64 dev lan0
ip -n lan address add fdb7:1dec:4d21:23::50/64 dev eth0
ip -n net address add 2606:4700::1/64 dev cf0
ip -n cf address add 2606:4700::6810:84e5/64 dev eth0
for p in 1 2 3; do
	link net p$p-0 p$p eth0 192.0.2.$((p * 8 + 1))/29 192.0.2.$((p * 8 + 2))/29
	ip -n p$p route add default via 192.0.2.$((p * 8 + 1))
done
router net isp fw home
ip -n net route add 203.0.113.8/29 via 203.0.113.2
ip -n net route add 2001:db8:2::/64 via 2001:db8:1::2
ip -n fw route add default via 203.0.113.1
ip -n fw route add default via 2001:db8:1::1
ip -n vps route add default via 203.0.113.9
ip -n vps route add default via 2001:db8:2::1
ip -n isp route add default via 198.51.100.1
ip -n home route add default via 100.64.0.1
ip -n lan route add default via 10.42.23.1
ip -n lan route add default via fdb7:1dec:4d21:23::1
ip -n cf route add default via 104.16.132.1
ip -n cf route add default via 2606:4700::1
on isp nft -f - <<'END'
table ip isp {
	chain post {
		type nat hook postrouting priority srcnat
		oifname "wan" masquerade random
	}
}
END
# The provider's firewall in front of the VPS: nothing is open yet.
on fw nft -f - <<'END'
table ip provider {
	chain forward {
		type filter hook forward priority filter; policy drop
		ct state established,related accept
		iifname "dmz" accept
		icmp type echo-request accept
	}
}
END
# The home router's own firewall, with the rules of the text.
on home nft -f - <<'END'
table inet home {
	set lan_nat_ifaces { type ifname; elements = { "lan0" } }
	chain forward {
		type filter hook forward priority filter; policy drop
		ct state established,related accept
		iifname "lan0" oifname "eth0" accept
		iifname "wg-ibgp" accept
		oifname "wg-ibgp" accept
	}
	chain post {
		type nat hook postrouting priority srcnat
		iifname @lan_nat_ifaces oifname "wg-ibgp" masquerade
		iifname @lan_nat_ifaces oifname "eth0" masquerade
	}
}
END
# And what the VPS says to dn42 comes from its own address there.
on vps nft -f - <<'END'
table inet dn42 {
	chain post {
		type nat hook postrouting priority srcnat
		oifname "dn42-*" ip saddr != 172.20.0.0/14 snat ip to 172.23.101.1
		oifname "dn42-*" ip6 saddr fdb7:1dec:4d21:ff::/64 snat ip6 to fdb7:1dec:4d21::1
	}
}
END

# --- dn42 ----------------------------------------------------------------

title "dn42: two peers behind stock WireGuard, one on a cable"
for h in home vps; do
	on $h sh -c 'umask 077; warren genkey > /etc/warren/key'
done
on home sh -c 'umask 077; warren genpsk > /etc/warren/psk'
on home cat /etc/warren/psk | put vps /etc/warren/psk
vps_key=$(on vps sh -c 'warren pubkey < /etc/warren/key')
home_key=$(on home sh -c 'warren pubkey < /etc/warren/key')
declare -A peer_key=()
for n in 1 2; do
	on p$n sh -c 'umask 077; wg genkey > /etc/wireguard/key'
	peer_key[$n]=$(on p$n sh -c 'wg pubkey < /etc/wireguard/key')
	start p$n-wg p$n wireguard-go -f wg0038
	wait_for "on p$n wg show wg0038" 10
	on p$n wg set wg0038 listen-port 20038 \
		private-key /etc/wireguard/key peer "$vps_key" \
		allowed-ips 172.20.0.0/14,10.0.0.0/8,fd00::/8,fe80::/10 \
		endpoint "203.0.113.10:2010$n"
	ip -n p$n link set wg0038 up
done
# Link-local only, and one session for both families.
ip -n p1 address add fe80::101/64 dev wg0038 nodad
ip -n p2 address add 172.20.102.1/32 peer 172.23.101.1/32 dev wg0038
link vps dn42-p3 p3 dn42 172.20.103.2/30 172.20.103.1/30
ip -n p1 address add 172.20.101.1/32 dev lo
ip -n p1 address add fd42:101::1/128 dev lo
ip -n p3 address add 172.20.103.65/32 dev lo

put p1 /etc/warren/bird.conf <<'END'
router id 172.20.101.1;
protocol device {}
protocol kernel { ipv4 { export where source = RTS_BGP; import none; }; }
protocol kernel { ipv6 { export where source = RTS_BGP; import none; }; }
protocol static {
    ipv4;
    route 172.20.101.0/24 blackhole;
    route 172.20.104.0/26 blackhole;
    route 172.20.105.0/27 blackhole;
    route 172.21.10.0/27 blackhole;
}
protocol static { ipv6; route fd42:101::/48 blackhole; }
protocol bgp vps {
    local fe80::101 as 4242420101;
    neighbor fe80::38 % 'wg0038' as 4242420038;
    ipv4 { import all; export where source = RTS_STATIC; extended next hop; };
    ipv6 { import all; export where source = RTS_STATIC; };
}
END
start p1 p1 bird -f -c /etc/warren/bird.conf -s /run/bird.ctl
frr_start p2 <<'END'
hostname p2
log stdout
router bgp 4242420102
 bgp router-id 172.20.102.1
 no bgp ebgp-requires-policy
 no bgp network import-check
 neighbor 172.23.101.1 remote-as 4242420038
 neighbor 172.23.101.1 disable-connected-check
 neighbor 172.23.101.1 timers connect 2
 address-family ipv4 unicast
  network 172.20.102.0/24
  network 172.21.20.0/26
  network 172.22.50.0/27
 exit-address-family
END
put p3 /etc/warren/bird.conf <<'END'
router id 172.20.103.1;
protocol device {}
protocol kernel { ipv4 { export where source = RTS_BGP; import none; }; }
protocol static {
    ipv4;
    route 172.20.103.64/26 blackhole;
    route 172.22.60.0/27 blackhole;
    route 10.37.0.0/16 blackhole;
}
protocol bgp vps {
    local 172.20.103.1 as 4242420103;
    neighbor 172.20.103.2 as 4242420038;
    ipv4 { import all; export where source = RTS_STATIC; };
}
END
start p3 p3 bird -f -c /etc/warren/bird.conf -s /run/bird.ctl

# --- the VPS -------------------------------------------------------------

title "The VPS: eBGP with dn42, a reflector for home, the split exit as static routes"
put vps /etc/warren/warren.conf <<END
router id 172.23.101.1;
protocol device { scan time 10; }
protocol direct { ipv4; ipv6; interface "wg-ibgp"; }

define OWNAS = 4242420038;
define OWNNET_v4 = [ 172.23.101.0/27 ];
define OWNNET_v6 = [ fdb7:1dec:4d21::/48 ];
define DN42_NET_v4 = [ 172.20.0.0/14{21,29}, 172.31.0.0/16+, 10.0.0.0/8{15,24} ];
define DN42_NET_v6 = [ fd00::/8{44,64} ];

protocol kernel {
    ipv4 {
        import none;
        export filter { if source != RTS_BGP && proto != "peers" then reject; krt_prefsrc = 172.23.101.1; accept; };
    };
}
protocol kernel {
    ipv6 {
        import none;
        export filter { if source != RTS_BGP then reject; krt_prefsrc = fdb7:1dec:4d21::1; accept; };
    };
}

protocol static own4 { ipv4; route 172.23.101.0/27 unreachable; }
protocol static own6 { ipv6; route fdb7:1dec:4d21::/48 unreachable; }
# What home shall reach by us.
protocol static exit4 {
    ipv4;
    route 104.16.0.0/13 via 203.0.113.9;
    route 104.24.0.0/14 via 203.0.113.9;
    route 172.64.0.0/13 via 203.0.113.9;
    route 141.101.64.0/18 via 203.0.113.9;
    route 108.162.192.0/18 via 203.0.113.9;
    route 162.158.0.0/15 via 203.0.113.9;
}
protocol static exit6 {
    ipv6;
    route 2606:4700::/32 via 2001:db8:2::1;
    route 2803:f800::/32 via 2001:db8:2::1;
}

protocol wireguard wg_ibgp {
    interface "wg-ibgp";
    private key file "/etc/warren/key";
    listen port 51821;
    address 10.255.255.2/30;
    address fdb7:1dec:4d21:ff::1/64;
    forward yes;
    masquerade;
    peer "pve" {
        public key "$home_key";
        preshared key file "/etc/warren/psk";
    };
}
protocol bgp ibgp_pve {
    local 10.255.255.2 as OWNAS;
    neighbor 10.255.255.1 as OWNAS;
    rr client;
    ipv4 { next hop self; import none; export where proto != "own4" && proto != "peers"; };
    ipv6 { next hop self; import none; export where proto != "own6"; };
}

template bgp dn42 {
    local as OWNAS;
    ipv4 {
        import where net ~ DN42_NET_v4 && net !~ OWNNET_v4;
        import limit 9000 action block;
        export where net ~ OWNNET_v4;
    };
}
protocol wireguard dn42_p1 {
    interface "dn42-p1";
    private key file "/etc/warren/key";
    listen port 20101;
    link local fe80::38;
    peer "p1" { public key "${peer_key[1]}"; endpoint "192.0.2.10:20038"; };
}
protocol bgp p1 from dn42 {
    local fe80::38 as OWNAS;
    neighbor fe80::101%'dn42-p1' as 4242420101;
    ipv4 { extended next hop; };
    ipv6 { import where net ~ DN42_NET_v6 && net !~ OWNNET_v6; export where net ~ OWNNET_v6; };
}
protocol wireguard dn42_p2 {
    interface "dn42-p2";
    private key file "/etc/warren/key";
    listen port 20102;
    address 172.23.101.1/32;
    peer "p2" { public key "${peer_key[2]}"; endpoint "192.0.2.18:20038"; };
}
protocol static peers { ipv4; route 172.20.102.1/32 via "dn42-p2"; }
protocol bgp p2 from dn42 {
    local 172.23.101.1 as OWNAS;
    neighbor 172.20.102.1 as 4242420102;
    multihop;
}
protocol bgp p3 from dn42 {
    local 172.20.103.2 as OWNAS;
    neighbor 172.20.103.1 as 4242420103;
}
END
ip -n vps address add 172.23.101.1/32 dev lo
ip -n vps address add fdb7:1dec:4d21::1/128 dev lo
file vps /etc/warren/warren.conf
start vps vps warrend -f
await dn42-peers '[ "$(on vps warren show protocols "\"p?\"" |
	grep -c Established)" = 3 ]' 30

# --- home ----------------------------------------------------------------

title "The home router: the bird.conf of the text"
put home /etc/warren/bird.conf <<'END'
router id 172.23.101.2;

protocol device { scan time 10; }

# Learn tunnel interface for next-hop resolution (both v4 and v6)
protocol direct {
  ipv4;
  ipv6;
  interface "wg-ibgp";
}

define OWNAS = 4242420038;
define DN42_NET_v4 = [ 172.20.0.0/14{21,29}, 172.31.0.0/16+, 10.0.0.0/8{15,24} ];
define DN42_NET_v6 = [ fd00::/8{44,64} ];
define CF_NET_v4 = [ 104.16.0.0/13, 172.64.0.0/13, 104.24.0.0/14, 141.101.64.0/18, 108.162.192.0/18, 162.158.0.0/15 ];
define CF_NET_v6 = [ 2606:4700::/32, 2803:f800::/32 ];

# Install routes to kernel
protocol kernel {
  scan time 20;
  ipv4 { export where net ~ DN42_NET_v4 || net ~ CF_NET_v4; import none; };
}
protocol kernel {
  scan time 20;
  ipv6 { export where net ~ DN42_NET_v6 || net ~ CF_NET_v6; import none; };
}

# iBGP from VPS (session over IPv4, but carries both v4 and v6 routes)
protocol bgp ibgp_dmz {
  local 10.255.255.1 as OWNAS;
  neighbor 10.255.255.2 as OWNAS;

  ipv4 {
    import all;
    export none;
  };
  ipv6 {
    import all;
    export none;
  };
}
END
check text-taken on home warrend -p -c /etc/warren/bird.conf
title "and its tunnel, in the same words as the text's"
put home /etc/warren/warren.conf <<END
include "/etc/warren/bird.conf";
protocol wireguard wg_ibgp {
    interface "wg-ibgp";
    private key file "/etc/warren/key";
    listen port 51821;
    address 10.255.255.1/30;
    address fdb7:1dec:4d21:ff::2/64;
    peer "dmz" {
        public key "$vps_key";
        preshared key file "/etc/warren/psk";
        endpoint "203.0.113.10:51821";
        # Cover all without being default route
        allowed ips 0.0.0.0/1, 128.0.0.0/1, ::/1, 8000::/1;
        persistent keepalive 25;
    };
}
END
file home /etc/warren/warren.conf

title "The first bite: the provider's firewall drops UDP 51821"
start home home warrend -f
sleep 2
show home warren show tunnels
sees_not no-handshake 'latest handshake'
say "the provider opens the port"
on fw nft insert rule ip provider forward udp dport 51821 accept
await session 'on home warren show protocols ibgp_dmz | grep -q Established' 40
show home birdc -s /run/warren/warren.ctl show protocols ibgp_dmz
sees columns '^Name +Proto +Table +State +Since +Info'
await all-routes 'on home birdc -s /run/warren/warren.ctl show route count |
	grep -q "^18 of 18 routes for 17 networks in table master4"' 20
show home birdc -s /run/warren/warren.ctl show route count
show home warren show route 10.255.255.0/30 all
sees twice-over 'ibgp_dmz'
show home sh -c 'ip route | grep wg-ibgp'
sees kernel-routes '^104\.16\.0\.0/13 .*dev wg-ibgp proto bird .*metric 32'
show home sh -c 'ip -6 route | grep wg-ibgp'
sees kernel-routes-6 '^2606:4700::/32 .*dev wg-ibgp proto bird'
show home warren show route all for 2606:4700::6810:84e5
sees next-hop-6 'fdb7:1dec:4d21:ff::1'

# --- the data ------------------------------------------------------------

title "From the LAN"
await lan-to-exit 'on lan ping -c 1 -W 1 104.16.132.229' 20
show lan tracepath -n 104.16.132.229
sees trace-home '^ *1:? +10\.42\.23\.1 '
sees trace-vps '^ *2:? +10\.255\.255\.2 '
sees trace-there '104\.16\.132\.229 .*reached'
show lan ping -c 2 -i 0.3 2606:4700::6810:84e5
sees exit-6 '2 received'
show lan ping -c 2 -i 0.3 172.20.101.1
sees dn42-p1 '2 received'
show lan ping -c 2 -i 0.3 fd42:101::1
sees dn42-p1-6 '2 received'
show lan ping -c 2 -i 0.3 172.20.102.1
sees dn42-p2 '2 received'
show lan ping -c 2 -i 0.3 172.20.103.65
sees dn42-p3 '2 received'
show vps nft list table inet warren
sees masquerade 'iifname "wg-ibgp" .*masquerade'
show home ip route get 8.8.8.8
sees default-stays 'via 100\.64\.0\.1 dev eth0'

show home warren doctor
sees doctor-home 'Nothing to mend'
show vps warren doctor
sees doctor-vps 'Nothing to mend'
show home warren explain 104.16.132.229 from 10.42.23.50
sees explained 'as vps sees it'
sees explained-well 'Nothing is wrong'

title "A route more on the VPS is a route more at home"
on vps sed -i 's,^    route 104.24.0.0/14.*,&\n    route 173.245.48.0/20 via 203.0.113.9;,' \
	/etc/warren/warren.conf
show vps warren configure
await one-more 'on home warren show route 173.245.48.0/20 | grep -q ibgp_dmz' 5
title "A dn42 peer goes: its routes go from home by themselves"
stop p3
await withdrawn '! on home warren show route 172.22.60.0/27 | grep -q ibgp_dmz' 10
lab_end home
on vps warren down > /dev/null
await tidy '! on vps nft list table inet warren' 5

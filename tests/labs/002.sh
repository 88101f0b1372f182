#!/bin/bash
# SPDX-License-Identifier: ISC
# "Circumventing CG-NAT with WireGuard": stock clients reach a home LAN behind
# carrier-grade NAT through a VPS, and a phone is invited with one command
#
#	camera --- home --- isp --- net --- vps
#	                  (NAT)      |
#	     peer1, peer2, phone --- cafe (NAT)
#
# vps and home are Warren's; peer1, peer2 and phone are wireguard-go with
# files for wg(8), and speak no BGP.  doc/labs/002.md tells which item of the
# text is shown where.
. "$(dirname "$0")/lab.sh"
need wg wireguard-go ping curl script

# --- the network ---------------------------------------------------------

title "A home behind carrier-grade NAT, a VPS with the one public address"
host net isp cafe vps home camera peer1 peer2 phone
link net vps0 vps eth0 203.0.113.1/24 203.0.113.10/24
link net isp0 isp wan 198.51.100.1/29 198.51.100.2/29
link net cafe0 cafe wan 198.51.100.9/29 198.51.100.10/29
link isp cgn home wan 100.64.0.1/24 100.64.0.2/24
link home lan0 camera eth0 192.168.1.1/24 192.168.1.50/24
ip -n vps route add default via 203.0.113.1
ip -n isp route add default via 198.51.100.1
ip -n cafe route add default via 198.51.100.9
ip -n home route add default via 100.64.0.1
ip -n camera route add default via 192.168.1.1
n=0
for h in peer1 peer2 phone; do
	n=$((n + 1))
	link cafe $h $h wlan0 172.16.$n.1/24 172.16.$n.2/24
	ip -n $h route add default via 172.16.$n.1
done
router net isp cafe
for h in isp cafe; do
	on $h nft -f - <<-'END'
	table ip nat {
		chain post {
			type nat hook postrouting priority srcnat
			oifname "wan" masquerade random
		}
		chain forward {
			type filter hook forward priority filter; policy drop
			ct state established,related accept
			oifname "wan" accept
		}
	}
	END
done
# No address of the home can be reached from outside.
show vps ping -c 1 -W 1 100.64.0.2
sees cg-nat '0 received'

# --- the hub -------------------------------------------------------------

title "The VPS: the wg0.conf of the text, and BGP for the home's subnet"
for h in vps home; do
	on $h sh -c 'umask 077; warren genkey > /etc/warren/key'
done
for h in peer1 peer2; do
	on $h sh -c 'umask 077; wg genkey > /etc/wireguard/key'
done
psk=$(wg genpsk)
pub() {
	on "$1" sh -c "wg pubkey < /etc/$2/key"
}
put vps /etc/wireguard/wg0.conf <<END
[Interface]
Address = 10.66.0.1/24
ListenPort = 51871
PrivateKey = $(on vps cat /etc/warren/key)

[Peer]
PublicKey = $(pub home warren)
AllowedIPs = 10.66.0.2/32

[Peer]
PublicKey = $(pub peer1 wireguard)
AllowedIPs = 10.66.0.3/32
PreSharedKey = $psk

[Peer]
PublicKey = $(pub peer2 wireguard)
AllowedIPs = 10.66.0.4/32
END
file vps /etc/wireguard/wg0.conf
put vps /etc/warren/warren.conf <<'END'
router id 10.66.0.1;
protocol device {}
protocol kernel { ipv4 { export all; import none; }; }
protocol wireguard wg0 {
    config file "/etc/wireguard/wg0.conf";
    invite pool 10.66.0.64/26;
    invite endpoint "203.0.113.10:51871";
    forward yes;
    ipv4 { import all; export where source = RTS_BGP; };
}
protocol bgp home {
    local 10.66.0.1 as 65000;
    neighbor 10.66.0.2 as 65001;
    ipv4 { import all; export where source = RTS_WIREGUARD; };
}
END
file vps /etc/warren/warren.conf
on vps warrend -p || not_ok vps-file "refused"

title "The home router: one tunnel, its LAN announced"
put home /etc/warren/warren.conf <<END
router id 10.66.0.2;
protocol device {}
protocol direct { ipv4; interface "lan0"; }
protocol kernel { ipv4 { export where source = RTS_BGP; import none; }; }
protocol wireguard wg0 {
    private key file "/etc/warren/key";
    listen port 51820;
    address 10.66.0.2/24;
    forward yes;
    peer "wgclient1" {
        public key "$(pub vps warren)";
        endpoint "203.0.113.10:51871";
        persistent keepalive 25;
    };
}
protocol bgp vps {
    local 10.66.0.2 as 65001;
    neighbor 10.66.0.1 as 65000;
    ipv4 {
        # The access list: who of the tunnels may know of this home.
        import where net ~ [ 10.66.0.0/24+ ];
        export where source = RTS_DEVICE;
    };
}
END
file home /etc/warren/warren.conf
start vps vps warrend -f
wait_for 'on vps wg show wg0 listen-port | grep -qx 51871' 10
start home home warrend -f
await home-joined 'on vps ip route show proto bird | grep -q 192.168.1.0/24' 30
show vps wg show wg0 allowed-ips
sees home-by-bgp '192\.168\.1\.0/24'
show vps sysctl net.ipv4.ip_forward
sees forwarding-on '= 1'

# --- the road warriors ---------------------------------------------------

# warrior HOST ADDRESS [PSK]: as a stock client is set up by hand
warrior() {
	start "$1-wg" "$1" wireguard-go -f wg0
	wait_for "on $1 wg show wg0" 10
	on "$1" wg setconf wg0 /etc/wireguard/wg0.conf
	ip -n "$1" address add "$2" dev wg0
	ip -n "$1" link set wg0 mtu 1420 up
	ip -n "$1" route add 192.168.1.0/24 dev wg0
	ip -n "$1" route add 10.66.0.0/24 dev wg0
}
title "Two road warriors with stock WireGuard, one with a preshared key"
for h in peer1:10.66.0.3 peer2:10.66.0.4; do
	IFS=: read -r who address <<< "$h"
	put "$who" /etc/wireguard/wg0.conf <<-END
	[Interface]
	PrivateKey = $(on "$who" cat /etc/wireguard/key)

	[Peer]
	PublicKey = $(pub vps warren)
	$([ "$who" = peer1 ] && echo "PresharedKey = $psk")
	Endpoint = 203.0.113.10:51871
	AllowedIPs = 10.66.0.0/24, 192.168.1.0/24
	PersistentKeepalive = 25
	END
	warrior "$who" "$address/32"
done
await warriors 'on peer1 ping -c 1 -W 1 192.168.1.50 &&
	on peer2 ping -c 1 -W 1 192.168.1.50' 15
show peer1 ping -c 2 -i 0.3 192.168.1.50
sees peer1-to-camera '2 received'
show peer2 ping -c 2 -i 0.3 10.66.0.3
sees peer-to-peer '2 received'
show camera ping -c 2 -i 0.3 10.66.0.4
sees camera-to-peer2 '2 received'
show home ip route show proto bird
sees routes-for-warriors '^10\.66\.0\.3 '
show vps warren show tunnels
sees psk-hidden 'preshared key: \(hidden\)'
sees_not psk-unseen "$(literal "$psk")"

show vps warren doctor
sees doctor-vps 'Nothing to mend'
show home warren doctor
sees doctor-home 'Nothing to mend'

title "The access list: what a client may call itself"
ip -n peer2 address add 10.66.0.99/32 dev wg0
show peer2 ping -c 2 -i 0.3 -W 1 -I 10.66.0.99 192.168.1.50
sees not-as-another '0 received'

# --- the phone -----------------------------------------------------------

title "A phone more: one command on the running hub"
show vps warren show protocols home
since=$(awk '$1 == "home" { print $5 }' <<< "$seen")
on vps warren invite phone > "$TMP/phone.conf"
sed -E 's/^/    /; s/((Private|Preshared)Key = ).*/\1(hidden)/' "$TMP/phone.conf"
seen=$(cat "$TMP/phone.conf")
sees invite-address '^Address = 10\.66\.0\.65/32$'
sees invite-endpoint '^Endpoint = 203\.0\.113\.10:51871$'
sees invite-lan '^AllowedIPs = .*192\.168\.1\.0/24'
key=$(sed -n 's/^PrivateKey = //p' "$TMP/phone.conf")
if on vps grep -rqF "$key" /etc/warren /etc/wireguard /run/warren; then
	not_ok invite-key-nowhere "the phone's private key is on the hub"
else
	ok invite-key-nowhere
fi
show vps stat -c '%a %n' /etc/warren/warren.conf.invited
sees invited-0600 '^600 '
grep -v '^Address' "$TMP/phone.conf" | put phone /etc/wireguard/wg0.conf
warrior phone 10.66.0.65/32
await invited-in 'on phone ping -c 1 -W 1 192.168.1.50' 15
show home ip route show proto bird
sees invited-by-bgp '^10\.66\.0\.65 '
show vps warren show protocols home
sees invite-resets-nothing "$(literal "$since")"
show vps warren invite phone
sees invited-once 'has a peer phone already'
title "On a terminal, with a picture for the phone's camera"
show vps script -qc 'warren invite tablet | sed s/Key.=.*/Key/' /dev/null
on vps script -qc 'warren invite laptop' /dev/null > "$TMP/qr"
seen=$(grep -v Key "$TMP/qr")
sees qr-code '█▀▀▀▀▀█|▄▄▄▄▄|█'
on vps warren invite kindle -q /etc/warren/kindle.png > /dev/null
show vps sh -c 'head -c 4 /etc/warren/kindle.png; stat -c " %a" /etc/warren/kindle.png'
sees qr-png 'PNG 600'

title "A hub that starts again knows them; revoked, they are out"
stop vps
start vps vps warrend -f
await invited-stays 'on vps warren show status &&
	on phone ping -c 1 -W 1 192.168.1.50' 30
show vps warren revoke phone
sees revoked 'phone is revoked'
await revoked-route '! on home ip route show proto bird | grep -q "^10.66.0.65 "' 10
show phone ping -c 2 -i 0.3 -W 1 192.168.1.50
sees revoked-out '0 received|unreachable'
show vps warren revoke peer1
sees not-invited 'was not invited'
on vps sed -i 's/invite pool/#&/' /etc/warren/warren.conf
show vps warren invite another
sees edited-since 'not any more what is running'
lab_end vps home

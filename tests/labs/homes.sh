# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Two homes behind carrier-grade NAT and a VPS: the network and the files of
# the demo and of the tests that break it.  Sourced after netns/lib.sh.
#
#	 east-lan --- east --- isp-east --+
#	             (NAT: one public     |
#	              address for many)  net --- vps
#	                                  |
#	 west-lan --- west --- isp-west --+
#
# homes_world           makes the hosts, cables, NATs and default routes
# homes_files [yes]     keys and configurations; yes: unnumbered
# homes_start HOST...   warrend there; labels are the hosts' names
# homes_listens, homes_tunnels, homes_sessions, homes_routes, homes_ping
#                       true once it is so

homes_world() {
	local h

	host net vps isp-east isp-west east west east-lan west-lan
	link net vps0 vps eth0 203.0.113.1/24 203.0.113.10/24
	link net east0 isp-east wan 198.51.100.1/29 198.51.100.2/29
	link net west0 isp-west wan 198.51.100.9/29 198.51.100.10/29
	for h in east west; do
		link isp-$h cgn $h wan 100.64.0.1/24 100.64.0.2/24
		on isp-$h nft -f - <<-'EOF'
		table ip cgn {
			chain post {
				type nat hook postrouting priority srcnat
				oifname "wan" masquerade random
			}
			chain forward {
				type filter hook forward priority filter
				policy drop
				ct state established,related accept
				iifname "cgn" accept
			}
		}
		EOF
		on $h ip route add default via 100.64.0.1
	done
	on isp-east ip route add default via 198.51.100.1
	on isp-west ip route add default via 198.51.100.9
	link east lan0 east-lan eth0 192.168.10.1/24 192.168.10.20/24
	link west lan0 west-lan eth0 192.168.20.1/24 192.168.20.20/24
	on east-lan ip route add default via 192.168.10.1
	on west-lan ip route add default via 192.168.20.1
	on vps ip route add default via 203.0.113.1
	# Providers route; what runs Warren does not, until Warren says so.
	for h in net isp-east isp-west; do
		on $h sysctl -qw net.ipv4.ip_forward=1
	done
	for h in vps east west; do
		on $h sysctl -qw net.ipv4.ip_forward=0
	done
}

declare -A homes_public=()

homes_home() {	# HOST NUMBER AS LAN-ADDRESS UNNUMBERED
	local address="address 10.0.0.$2/24;" kernel="export all"
	local neighbor="neighbor 10.0.0.1 as 65000"

	if [ "$5" = yes ]; then
		address=""
		neighbor='neighbor wireguard "wg0" "vps" as 65000'
		kernel="export filter { krt_prefsrc = $4; accept; }"
	fi
	on "$1" sh -c 'cat > /etc/warren/warren.conf' <<-EOF
	router id 10.0.0.$2;
	protocol device {}
	protocol direct { ipv4; interface "lan0"; }
	protocol kernel { graceful restart; ipv4 { $kernel; import none; }; }
	protocol wireguard wg0 {
	    private key file "/etc/warren/wg0.key"; $address forward yes;
	    peer "vps" {
	        public key "${homes_public[vps]}";
	        endpoint "203.0.113.10:51820"; persistent keepalive 25;
	    };
	}
	protocol bgp vps {
	    local as $3; $neighbor; graceful restart on;
	    ipv4 { import all; export where source = RTS_DEVICE; };
	}
	EOF
}

homes_hub() {	# UNNUMBERED
	local address="address 10.0.0.1/24;" local="local 10.0.0.1 as 65000"
	local east="neighbor 10.0.0.10 as 65010"
	local west="neighbor 10.0.0.11 as 65011"
	local allow_east="allowed ips 10.0.0.10/32;"
	local allow_west="allowed ips 10.0.0.11/32;"

	if [ "$1" = yes ]; then
		address="" allow_east="" allow_west=""
		local="local as 65000"
		east='neighbor wireguard "wg0" "east" as 65010'
		west='neighbor wireguard "wg0" "west" as 65011'
	fi
	on vps sh -c 'cat > /etc/warren/warren.conf' <<-EOF
	router id 10.0.0.1;
	protocol device {}
	protocol kernel { graceful restart; ipv4 { export all; import none; }; }
	protocol wireguard wg0 {
	    private key file "/etc/warren/wg0.key"; listen port 51820; $address forward yes;
	    peer "east" { public key "${homes_public[east]}"; $allow_east };
	    peer "west" { public key "${homes_public[west]}"; $allow_west };
	    ipv4 { import all; export where source = RTS_BGP; };
	}
	template bgp home { $local; graceful restart on; ipv4 { import all; export where source = RTS_BGP; }; }
	protocol bgp east from home { $east; }
	protocol bgp west from home { $west; }
	EOF
}

homes_files() {
	local h unnumbered=${1:-no}

	for h in vps east west; do
		on $h sh -c 'umask 077; warren genkey > /etc/warren/wg0.key'
		homes_public[$h]=$(on $h sh -c \
			'warren pubkey < /etc/warren/wg0.key')
	done
	homes_hub "$unnumbered"
	homes_home east 10 65010 192.168.10.1 "$unnumbered"
	homes_home west 11 65011 192.168.20.1 "$unnumbered"
}

homes_start() {
	local h

	for h; do
		start "$h" "$h" warrend -f
	done
}

homes_listens() {
	on vps wg show wg0 listen-port | grep -qx 51820
}

homes_tunnels() {
	[ "$(on vps wg show wg0 latest-handshakes |
		awk '$2 > 0' | wc -l)" = 2 ]
}

homes_sessions() {
	[ "$(on vps warren show protocols | grep -c Established)" = 2 ]
}

homes_routes() {
	on east ip route get 192.168.20.20 | grep -q wg0 &&
		on west ip route get 192.168.10.20 | grep -q wg0
}

homes_ping() {
	on east-lan ping -c 1 -W 1 192.168.20.20
}

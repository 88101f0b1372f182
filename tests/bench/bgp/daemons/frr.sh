# SPDX-License-Identifier: ISC
# FRRouting: bgpd with zebra. Without FIB=1 bgpd keeps its routes to itself (-n).
FRR=${FRR:-/usr/lib/frr}

d_version() { "$FRR/bgpd" --version 2>&1 | head -1 | sed 's/bgpd version /FRR /'; }

d_config() {
	local p
	chown frr:frr "$DIR"	# both drop root, and put sockets and pid files there
	echo "hostname dut" >"$DIR/zebra.conf"
	{
		echo "hostname dut"
		echo "router bgp $DUT_AS"
		echo " bgp router-id $DUT_IP"
		echo " no bgp ebgp-requires-policy"
		for p in $FEEDERS $SINKS; do
			echo " neighbor ${p%%:*} remote-as ${p##*:}"
			echo " neighbor ${p%%:*} passive"
		done
		for af in ipv4 ipv6; do
			[ $af = ipv6 ] && [ "$V6" != 1 ] && continue
			echo " address-family $af unicast"
			for p in $FEEDERS $SINKS; do echo "  neighbor ${p%%:*} activate"; done
			for p in $FEEDERS; do echo "  neighbor ${p%%:*} route-map NONE out"; done
			echo " exit-address-family"
		done
		echo "route-map NONE deny 10"
	} >"$DIR/bgpd.conf"
}

d_start() {
	local nofib z="-z $DIR/zserv.api --vty_socket $DIR -A 127.0.0.1"
	launch "$FRR/zebra" $z -P 0 -i "$DIR/zebra.pid" -f "$DIR/zebra.conf"
	for _ in $(seq 50); do [ -S "$DIR/zserv.api" ] && break; sleep 0.1; done
	[ "$FIB" = 1 ] && nofib= || nofib=-n
	launch "$FRR/bgpd" $z -P 0 -l "$DUT_IP" -p 179 $nofib -i "$DIR/bgpd.pid" -f "$DIR/bgpd.conf"
}

d_count() {
	vtysh --vty_socket "$DIR" -d bgpd -c "show bgp ipv4 unicast summary json" |
		awk -F'[:,]' '/"pfxRcd"/ { n += $2 } END { print n + 0 }'
}

d_detail() { vtysh --vty_socket "$DIR" -d bgpd -c "show memory bgpd" | awk 'NF && $2 > 1000'; }

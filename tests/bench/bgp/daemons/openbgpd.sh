# SPDX-License-Identifier: ISC
# OpenBGPD (portable). It cannot install routes in a Linux kernel.
d_version() { bgpd -V 2>&1; }
d_can_fib() { return 1; }

d_config() {
	local p
	{
		echo "AS $DUT_AS"
		echo "router-id $DUT_IP"
		echo "fib-update no"
		echo "listen on $DUT_IP"
		echo "socket \"$DIR/bgpd.sock\""
		echo "group feeders {"
		echo "  passive"
		echo "  export none"
		[ "$V6" = 1 ] && echo "  announce IPv6 unicast"
		for p in $FEEDERS; do echo "  neighbor ${p%%:*} { remote-as ${p##*:} }"; done
		echo "}"
		if [ -n "$SINKS" ]; then
			echo "group sinks {"
			echo "  passive"
			[ "$V6" = 1 ] && echo "  announce IPv6 unicast"
			for p in $SINKS; do echo "  neighbor ${p%%:*} { remote-as ${p##*:} }"; done
			echo "}"
		fi
		echo "allow from any"
		echo "allow to any"
	} >"$DIR/bgpd.conf"
	chmod 600 "$DIR/bgpd.conf"
}

d_start() {
	mkdir -p "$(getent passwd _openbgpd | cut -d: -f6)"	# its chroot; the service manager would make it
	launch bgpd -d -f "$DIR/bgpd.conf"
}

d_count() {
	bgpctl -s "$DIR/bgpd.sock" show neighbor group feeders |
		awk '/^ *Prefixes received/ { n += $NF } /^  Prefixes +[0-9]/ { m += $3 } END { print (n ? n : m) + 0 }'
}

d_detail() { bgpctl -s "$DIR/bgpd.sock" show rib memory; }

#!/bin/bash
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154
# The scenarios with FRR.
can='families internal add_paths extended_next_hop link_local gr_peer gr_gone
	gr_self llgr llgr_self refresh enhanced_refresh roles otc md5
	ttl_security reflect reflected confederation as2 as2_self bfd
	shutdown_text hold_timer collision'
dir=/usr/lib/frr
p_need() {
	need vtysh
	[ -x $dir/bgpd ] || { skip "$NAME" 'FRR is not installed'; exit 0; }
	# vtysh wants its user in this group; /etc is ours alone here.
	sed -i '/^frrvty:/s/[^:,]$/&,root/;/^frrvty:.*:$/s/$/root/' /etc/group
}
family() { case $1 in *:*) echo ipv6 ;; *) echo ipv4 ;; esac; }

frr_session() {	# NAME IFACE LOCAL REMOTE AS WORD...
	local n=$4 w
	echo " neighbor $n remote-as $5"
	echo " neighbor $n timers connect 2"
	echo " neighbor $n advertisement-interval 0"
	case $n in fe80:*) echo " neighbor $n interface $2" ;; esac
	for w in "${@:6}"; do
		case $w in
		hold=*)	echo " neighbor $n timers 1 ${w#*=}" ;;
		passive) echo " neighbor $n passive" ;;
		md5=*)	echo " neighbor $n password ${w#*=}" ;;
		gtsm)	echo " neighbor $n ttl-security hops 1" ;;
		enh)	echo " neighbor $n capability extended-nexthop" ;;
		as2)	echo " neighbor $n dont-capability-negotiate" ;;
		bfd)	echo " neighbor $n bfd 10 200 200" ;;
		role=rs) echo " neighbor $n local-role rs-server" ;;
		role=*)	echo " neighbor $n local-role ${w#*=}" ;;
		esac
	done
}
frr_family() {	# FAMILY NETS; sessions on stdin
	local n name iface local remote ras words
	echo " address-family ipv$1 unicast"
	for n in $2; do
		[ "$(family "$n")" != "ipv$1" ] || echo "  network $n"
	done
	while read -r name iface local remote ras words; do
		case $(word fam $words) in [46]) [ "$(word fam $words)" = "$1" ] ||
			continue ;; esac
		echo "  neighbor $remote activate"
		echo "  neighbor $remote route-map tell out"
		for n in $words; do
			case $n in
			addpath) echo "  neighbor $remote addpath-tx-all-paths" ;;
			rr)	echo "  neighbor $remote route-reflector-client" ;;
			self)	echo "  neighbor $remote next-hop-self" ;;
			esac
		done
	done
	echo ' exit-address-family'
}
p_conf() {
	local sessions line gr llgr
	sessions=$(cat)
	gr=$(word gr $sessions)
	llgr=$(word llgr $sessions)
	{
	cat <<-C
	log stdout
	debug bgp neighbor-events
	ip prefix-list one permit 10.$digit.1.0/24
	ipv6 prefix-list one permit 2001:db8:$digit::/48
	route-map tell permit 10
	 match ip address prefix-list one
	 on-match goto 30
	 set metric $digit
	 set community 64999:$digit additive
	 set large-community 4200000009:$digit:7 additive
	route-map tell permit 20
	 match ipv6 address prefix-list one
	 set metric $digit
	 set community 64999:$digit additive
	 set large-community 4200000009:$digit:7 additive
	route-map tell permit 30
	router bgp $as
	 bgp router-id $id
	 no bgp ebgp-requires-policy
	 no bgp network import-check
	 no bgp default ipv4-unicast
	 $([ -z "$gr" ] || echo "bgp graceful-restart
	 bgp graceful-restart preserve-fw-state
	 bgp graceful-restart restart-time $gr")
	 $([ -z "$llgr" ] ||
		echo "bgp long-lived-graceful-restart stale-time $llgr")
	 $(set -- $confed; [ $# = 0 ] || echo "bgp confederation identifier $1
	 bgp confederation peers ${*:2}")
	C
	while read -r line; do
		[ -z "$line" ] || frr_session $line
	done <<< "$sessions"
	frr_family 4 "$(nets "$digit")" <<< "$sessions"
	frr_family 6 "$(nets "$digit")" <<< "$sessions"
	} > "$TMP/fs/$1/etc/bgpd.conf"
	! word bfd $sessions || : > "$TMP/fs/$1/etc/bfdd.conf"
}
# zebra tells bgpd of interfaces.
p_start() {
	local d=/run/frr
	if [ -z "${2-}" ]; then
		on "$1" mkdir -p $d
		: > "$TMP/fs/$1/etc/zebra.conf"
		start "zebra_$1" "$1" $dir/zebra -u root -g root -P 0 \
			-f /etc/warren/zebra.conf -i $d/zebra.pid \
			-z $d/zserv.api --vty_socket $d --log stdout
		wait_for "on $1 test -S $d/zserv.api" 5
		[ ! -e "$TMP/fs/$1/etc/bfdd.conf" ] ||
			start "bfdd_$1" "$1" $dir/bfdd -u root -g root -P 0 \
			-f /etc/warren/bfdd.conf -i $d/bfdd.pid \
			--bfdctl $d/bfdd.ctl --vty_socket $d \
			-z $d/zserv.api --log stdout
	fi
	start "$1" "$1" $dir/bgpd -S -f /etc/warren/bgpd.conf -P 0 \
		-i $d/bgpd.pid --vty_socket $d -z $d/zserv.api --log stdout
}
frr_ask() {
	local h=$1
	shift
	on "$h" vtysh --vty_socket /run/frr -d bgpd -c "$*"
}
frr_set() {
	local h=$1 args=() l
	shift
	for l; do args+=(-c "$l"); done
	on "$h" vtysh --vty_socket /run/frr -d bgpd -c configure "${args[@]}"
}
p_routes() {
	frr_ask "$1" show bgp "$(family "$2")" unicast "$2" json | view frr "$2"
}
p_announce() {
	frr_set "$1" 'router bgp' "address-family $(family "$2") unicast" \
		"${3-}network $2"
}
p_withdraw() { p_announce "$1" "$2" 'no '; }
remote_of() { case $2 in *6) echo "2001:db8:ffff:1::1" ;; *) echo 10.0.1.1 ;; esac; }
p_refresh() {
	frr_ask "$1" clear bgp ipv4 unicast "$(remote_of "$@")" soft in
}
p_shutdown() {
	frr_set "$1" 'router bgp' \
		"neighbor $(remote_of "$@") shutdown message $3"
}
p_heard() { frr_ask "$1" show bgp neighbors json | grep -qF "$2"; }

. "$(dirname "$0")/lib.sh"

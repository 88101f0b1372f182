#!/bin/bash
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154
# The scenarios with OpenBGPD.
can='families internal add_paths gr_self refresh enhanced_refresh roles otc
	md5 ttl_security reflect reflected as2 as2_self
	shutdown_text hold_timer collision'
p_need() {
	need bgpd bgpctl
	bgpd -V 2>&1 | grep -q OpenBGPD || {
		skip "$NAME" 'bgpd is not OpenBGPD'
		exit 0
	}
}
obgp_session() {	# NAME IFACE LOCAL REMOTE AS WORD...
	local w fam add=
	fam=$(word fam "${@:6}") || fam=46
	echo "neighbor $4 {"
	echo "	descr \"$1\""
	echo "	remote-as $5"
	echo "	local-address $3"
	case $fam in
	*4*)	echo "	announce IPv4 unicast" ;;
	*)	echo "	announce IPv4 none" ;;
	esac
	case $fam in
	*6*)	echo "	announce IPv6 unicast" ;;
	*)	echo "	announce IPv6 none" ;;
	esac
	echo "	announce enhanced refresh yes"
	for w in "${@:6}"; do
		case $w in
		hold=*)	echo "	holdtime ${w#*=}" ;;
		passive) echo '	passive' ;;
		md5=*)	echo "	tcp md5sig password \"${w#*=}\"" ;;
		gtsm)	echo '	ttl-security yes' ;;
		as2)	echo '	announce as-4byte no' ;;
		nocaps)	echo '	announce capabilities no' ;;
		role=*)	echo "	announce policy ${w#*=}" ;;
		rr)	echo '	route-reflector' ;;
		self)	echo '	set nexthop self' ;;
		addpath) echo '	announce add-path recv yes'
			echo '	announce add-path send all' ;;
		esac
	done
	echo '}'
}
p_conf() {
	local line n
	{
	cat <<-C
	AS $as
	router-id $id
	fib-update no
	listen on 0.0.0.0
	listen on ::
	socket "/run/bgpd.sock"
	log updates
	C
	for n in $(nets "$digit"); do
		echo "network $n"
	done
	while read -r line; do
		[ -z "$line" ] || obgp_session $line
	done
	cat <<-C
	allow from any
	allow to any
	C
	for n in "10.$digit.1.0/24" "2001:db8:$digit::/48"; do
		echo "match to any prefix $n set { metric $digit \
		    community 64999:$digit \
		    large-community 4200000009:$digit:7 }"
	done
	} > "$TMP/fs/$1/etc/bgpd.conf"
	chmod 600 "$TMP/fs/$1/etc/bgpd.conf"
}
p_start() {
	# Its chroot; who starts it as a service makes that.
	on "$1" mkdir -p "$(getent passwd _openbgpd | cut -d: -f6)"
	start "$1" "$1" bgpd -d -v -f /etc/warren/bgpd.conf
	# It dials before it has read its rules.
	wait_for "logged $1 'RDE soft reconfiguration done'" 10
}
obgp_ask() { local h=$1; shift; on "$h" bgpctl -s /run/bgpd.sock "$@"; }
p_routes() {
	obgp_ask "$1" -j show rib detail "$2" | view openbgpd "$2"
}
p_announce() { obgp_ask "$1" network add "$2" > /dev/null; }
p_withdraw() { obgp_ask "$1" network delete "$2" > /dev/null; }
# 7.7 takes the request and says "not negotiated", to BIRD as well.
answers_refresh=no
one_dial=yes
steady=no
p_refresh() { obgp_ask "$1" neighbor "$2" refresh > /dev/null; }
p_shutdown() { obgp_ask "$1" neighbor "$2" down "$3" > /dev/null; }
p_heard() { obgp_ask "$1" show neighbor | grep -qF "$2"; }

. "$(dirname "$0")/lib.sh"

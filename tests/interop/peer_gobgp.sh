#!/bin/bash
# SPDX-License-Identifier: ISC
# shellcheck disable=SC2154
# The scenarios with GoBGP.
can='families next_hop_unasked internal add_paths extended_next_hop
	link_local gr_peer gr_gone
	gr_self llgr llgr_self refresh md5 ttl_security reflect reflected
	confederation aigp as2_self
	shutdown_text hold_timer'
p_need() { need gobgpd gobgp; }
gobgp_session() {	# NAME IFACE LOCAL REMOTE AS WORD...
	local w fam f gr llgr words="${*:6}"
	fam=$(word fam $words) || fam=46
	gr=$(word gr $words)
	llgr=$(word llgr $words)
	cat <<-C
	[[neighbors]]
	  [neighbors.config]
	    $(case $4 in fe80:*) echo "neighbor-interface = \"$2\"" ;;
	    *) echo "neighbor-address = \"$4\"" ;; esac)
	    peer-as = $5
	    $(w=$(word md5 $words) && echo "auth-password = \"$w\"")
	  [neighbors.timers.config]
	    connect-retry = 2
	    idle-hold-time-after-reset = 2
	    $(w=$(word hold $words) && echo "hold-time = $w
	    keepalive-interval = 1")
	  [neighbors.transport.config]
	    $(case $3 in fe80:*) ;; *) echo "local-address = \"$3\"" ;; esac)
	    $(word passive $words > /dev/null && echo 'passive-mode = true')
	  $(word gtsm $words > /dev/null && echo '[neighbors.ttl-security.config]
	    enabled = true
	    ttl-min = 255')
	  $(word rr $words > /dev/null && echo '[neighbors.route-reflector.config]
	    route-reflector-client = true
	    route-reflector-cluster-id = "'"$id"'"')
	  $([ -z "$gr" ] || echo "[neighbors.graceful-restart.config]
	    enabled = true
	    notification-enabled = true
	    long-lived-enabled = ${llgr:+true}${llgr:-false}
	    restart-time = $gr" | sed 's/true[0-9]*$/true/')
	C
	for f in 4 6; do
		case $fam in *$f*) ;; *) continue ;; esac
		cat <<-C
		  [[neighbors.afi-safis]]
		    [neighbors.afi-safis.config]
		      afi-safi-name = "ipv$f-unicast"
		    $([ -z "$gr" ] || echo '[neighbors.afi-safis.mp-graceful-restart.config]
		      enabled = true')
		    $([ -z "$llgr" ] ||
		    echo "[neighbors.afi-safis.long-lived-graceful-restart.config]
		      enabled = true
		      restart-time = $llgr")
		    $(word addpath $words > /dev/null &&
		    echo '[neighbors.afi-safis.add-paths.config]
		      receive = true
		      send-max = 8')
		C
	done
}
p_conf() {
	local line members sessions
	sessions=$(cat)
	members=$(set -- $confed; shift; echo "$*" | tr ' ' ,)
	{
	cat <<-C
	[global.config]
	  as = $as
	  router-id = "$id"
	$(set -- $confed; [ $# = 0 ] || echo "[global.confederation.config]
	  enabled = true
	  identifier = $1
	  member-as-list = [$members]")
	C
	while read -r line; do
		[ -z "$line" ] || gobgp_session $line
	done <<< "$sessions"
	} > "$TMP/fs/$1/etc/gobgpd.toml"
	case $sessions in *enh* | *unasked*) : > "$TMP/fs/$1/enh" ;; esac
	case $sessions in *aigp*) : > "$TMP/fs/$1/aigp" ;; esac
	echo "$digit" > "$TMP/fs/$1/digit"
}
p_start() {
	local digit n aigp=
	digit=$(cat "$TMP/fs/$1/digit")
	[ ! -e "$TMP/fs/$1/aigp" ] || aigp="aigp metric $digit"
	# What is on the other end of a link it reads from the kernel's list.
	[ "$scenario" != link_local ] ||
		wait_for "on $1 ping -6 -c 1 -W 1 fe80::1:1%to_w" 10
	start "$1" "$1" gobgpd -f /etc/warren/gobgpd.toml \
		--api-hosts 127.0.0.1:50051 --pprof-disable -l debug -p \
		${2:+-r}
	wait_for "gobgp_ask $1 global" 10
	for n in $(nets "$digit"); do
		if decorated "$n"; then
			p_announce "$1" "$n" med "$digit" \
				community "64999:$digit" \
				large-community "4200000009:$digit:7" $aigp
		else
			p_announce "$1" "$n"
		fi
	done
}
gobgp_ask() { local h=$1; shift; on "$h" gobgp "$@"; }
family() { case $1 in *:*) echo ipv6 ;; *) echo ipv4 ;; esac; }
# It puts the session's own address into a route of either family, so one
# that is to be right on both transports needs a next hop of its own.
p_announce() {
	local hop
	hop=$(ip -n "$1" -br address show scope global |
		grep -oE '(10\.0|2001:db8:ffff)[.:][0-9a-f.:]+' |
		grep "$(family "$2" | sed 's/ipv4/[.]/; s/ipv6/:/')" |
		head -n 1)
	[ -z "$hop" ] || hop="nexthop $hop"
	[ ! -e "$TMP/fs/$1/enh" ] || hop=
	# shellcheck disable=SC2086
	gobgp_ask "$1" global rib add "$2" origin igp $hop "${@:3}" \
		-a "$(family "$2")"
}
p_withdraw() { gobgp_ask "$1" global rib del "$2" -a "$(family "$2")"; }
p_routes() {
	gobgp_ask "$1" -j global rib "$2" -a "$(family "$2")" |
		view gobgp "$2" | grep -v 'from=<nil>'
}
remote_of() { case $2 in *6) echo "2001:db8:ffff:1::1" ;; *) echo 10.0.1.1 ;; esac; }
asks_refresh=no
steady_peer=no
p_refresh() {
	gobgp_ask "$1" neighbor "$(remote_of "$@")" softresetin
}
p_shutdown() {
	gobgp_ask "$1" neighbor "$(remote_of "$@")" shutdown --reason "$3"
}
p_heard() { logged "$1" "$2"; }

# Routes of IPv4 whose next hop is the session's IPv6 address, though nobody
# has agreed to RFC 8950: they are not taken, and the session stands.
scenario_next_hop_unasked() {
	pair hold=30 unasked
	go
	check said wait_for 'logged w "s6: .*IPv6 next hop not agreed on"' 10
	check not_taken lacks s6 10.60.1.0/24 path
	check others wait_for "has s6 2001:db8:60::/48 'path=$them '" 10
	check over_ipv4 wait_for "has s4 10.60.1.0/24 'path=$them '" 10
	sleep 3
	check no_flap test "$(grep -c 'Session established' "$TMP/w.log")" = 2
}

. "$(dirname "$0")/lib.sh"

#!/bin/bash
# SPDX-License-Identifier: ISC
# The scenarios with BIRD.
can='families internal add_paths extended_next_hop link_local gr_peer gr_gone
	gr_self llgr llgr_self refresh enhanced_refresh roles otc md5
	ttl_security reflect reflected confederation aigp extended_messages as2
	as2_self bfd shutdown_text hold_timer collision'
p_need() { need bird; }
# "aigp originate" of BIRD 2.0 gives nothing to static routes without one.
p_conf() {
	local sessions more=$more
	sessions=$(cat)
	case $sessions in *aigp*) more='igp_metric = 60;' ;; esac
	bird_conf <<< "$sessions" > "$TMP/fs/$1/etc/bird.conf"
}
p_start() {
	start "$1" "$1" bird -f -c /etc/warren/bird.conf -s /run/bird.ctl \
		${2:+-R}
}
# Without 4-octet numbers it takes a capability's for a wrong one.
as2_sees=external
bird_ask() { local h=$1; shift; on "$h" birdc -s /run/bird.ctl "$@"; }
p_routes() {
	bird_ask "$1" show route "$2" where source = RTS_BGP all |
		view bird "$2"
}
p_announce() {
	bird_static "$2" | sed 's/static/static more/' \
		>> "$TMP/fs/$1/etc/bird.conf"
	bird_ask "$1" configure > /dev/null
}
p_withdraw() {
	sed -i '/static more/d' "$TMP/fs/$1/etc/bird.conf"
	bird_ask "$1" configure > /dev/null
}
p_refresh() { bird_ask "$1" reload in "$2" > /dev/null; }
p_shutdown() { bird_ask "$1" disable "$2" "\"$3\"" > /dev/null; }
p_heard() { bird_ask "$1" show protocols all | grep -qF "$2"; }

. "$(dirname "$0")/lib.sh"

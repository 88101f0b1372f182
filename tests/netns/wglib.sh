# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# WireGuard interfaces for the tests of the data plane; after lib.sh.
#
# wg_keys NAME...       $TMP/NAME.key, $TMP/NAME.pub
# wg_start HOST IFACE PROGRAM
#                       in the foreground of the background, until its socket
#                       answers; its label is HOST-IFACE
# wg_stop HOST IFACE    ends it
# wg_addr HOST IFACE ADDRESS...
#                       gives it addresses and sets it up
# key NAME, pub NAME    print them
# pings HOST ADDRESS    true when an answer comes within some seconds
#
# WARREN_WG names the program to be tested, so that a test itself can be
# tested on wireguard-go.

WARREN_WG=${WARREN_WG:-warren-wg}

wg_keys() {
	local name
	for name; do
		(umask 077; wg genkey > "$TMP/$name.key")
		wg pubkey < "$TMP/$name.key" > "$TMP/$name.pub"
	done
}

pub() { cat "$TMP/$1.pub"; }
key() { cat "$TMP/$1.key"; }

wg_start() {
	start "$1-$2" "$1" env LOG_LEVEL=verbose "$3" -f "$2"
	if ! wait_for "on $1 wg show $2" 10; then
		not_ok "$NAME" "$3 does not start on $1"
		exit 1
	fi
}

wg_stop() {
	stop "$1-$2"
	wait_for "! ip -n $1 link show $2" 5
}

wg_addr() {
	local on=$1 dev=$2 a
	shift 2
	for a; do
		case $a in
		*:*)	ip -n "$on" address add "$a" dev "$dev" nodad ;;
		*)	ip -n "$on" address add "$a" dev "$dev" ;;
		esac
	done
	ip -n "$on" link set "$dev" up
}

pings() {
	wait_for "on $1 ping -c 1 -W 1 $2" 10
}

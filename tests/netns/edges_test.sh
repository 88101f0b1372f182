#!/bin/bash
# SPDX-License-Identifier: ISC
# The small parts of sys/ that need a network of their own: forwarding, BGP's
# TCP between two hosts, a child that outlives its parent.
. "$(dirname "$0")/lib.sh"

probe=$BUILD/tests/netns/edges_probe
[ -x "$probe" ] || { not_ok "$NAME" "edges_probe is not built"; exit 1; }

host a b
link a va b vb 192.0.2.1/24 192.0.2.2/24
ip -n a address add fe80::a/64 dev va nodad
ip -n b address add fe80::b/64 dev vb nodad

# says NAME EXPECTED COMMAND...
says() {
	local name=$1 want=$2 got
	shift 2
	got=$("$@" 2>&1)
	if [ "$got" = "$want" ]; then ok "$NAME/$name"
	else not_ok "$NAME/$name" "want '$want', got '$got'"; fi
}
sysctl() { on a cat "/proc/sys/net/$1"; }
turn() { on a sh -c "echo $2 > /proc/sys/net/$1"; }

turn ipv4/conf/all/rp_filter 0
turn ipv4/conf/va/rp_filter 0
turn ipv4/ip_forward 0
turn ipv6/conf/all/forwarding 0
turn ipv6/conf/va/accept_ra 1
says "forwarding goes on" "0 changed 1 v4 0 v6 0 strict 0 now 1 1" \
	on a "$probe" forward va
says "in IPv4" 1 sysctl ipv4/ip_forward
says "in IPv6" 1 sysctl ipv6/conf/va/forwarding
says "without losing router advertisements" 2 sysctl ipv6/conf/va/accept_ra
says "once" "0 changed 0 v4 0 v6 0 strict 0 now 1 1" \
	on a "$probe" forward va
turn ipv4/conf/va/forwarding 0
turn ipv4/conf/all/rp_filter 1
says "also where one interface was off, and sees a strict filter" \
	"0 changed 1 v4 0 v6 0 strict 1 now 1 1" on a "$probe" forward va
turn ipv4/conf/va/rp_filter 2
says "unless the interface is loose" \
	"0 changed 0 v4 0 v6 0 strict 0 now 1 1" on a "$probe" forward va
says "an interface that is not there" \
	"0 changed 0 v4 ENOENT v6 0 strict 1 now 0 1" on a "$probe" forward wg9

# meet NAME EXPECTED_CONNECT EXPECTED_LISTEN LISTEN-ARGS -- CONNECT-ARGS
meet() {
	local name=$1 want=$2 heard=$3 listen=() got
	shift 3
	while [ "$1" != -- ]; do listen+=("$1"); shift; done
	shift
	rm -f "$TMP/listen.log"
	start listen b "$probe" listen "${listen[@]}"
	wait_for "grep -q listening $TMP/listen.log" 3
	says "$name" "$want" on a "$probe" connect "$@"
	wait "${pid[listen]}"
	got=$(grep -v listening "$TMP/listen.log" | tr '\n' ' ')
	if [ "$got" = "$heard" ]; then ok "$NAME/$name, heard"
	else not_ok "$NAME/$name, heard" "want '$heard', got '$got'"; fi
}
meet "a session over IPv4" 0 \
	"from 192.0.2.1 to 192.0.2.2 port 179 scope none heard hello " \
	4 - - -- 192.0.2.2 192.0.2.1 - 255
meet "over a link-local address" 0 \
	"from fe80::a to fe80::b port 179 scope some heard hello " \
	6 - vb -- fe80::b fe80::a va 255
meet "bound to the address" 0 \
	"from fe80::a to fe80::b port 179 scope some heard hello " \
	6 fe80::b vb -- fe80::b fe80::a va 255
meet "with a password" 0 \
	"from 192.0.2.1 to 192.0.2.2 port 179 scope none heard hello " \
	4 - - secret 192.0.2.1 -- 192.0.2.2 192.0.2.1 - 255 secret
meet "with another" ETIMEDOUT "ETIMEDOUT " \
	4 - - secret 192.0.2.1 -- 192.0.2.2 192.0.2.1 - 255 other
says "nobody there" ECONNREFUSED on a "$probe" connect 192.0.2.2 - - 1
says "from an address that is not ours" EADDRNOTAVAIL \
	on a "$probe" connect 192.0.2.2 192.0.2.99 - 1

child=$(on a "$probe" spawn /bin/sleep 300)
check "$NAME/a child outlives its parent" kill -0 "$child"
says "in a session of its own" "$child" bash -c \
	"ps -o sid= -p $child | tr -d ' '"
kill "$child"
says "a program that is not there" ENOENT on a "$probe" spawn /no/such

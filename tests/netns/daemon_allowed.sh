#!/bin/bash
# SPDX-License-Identifier: ISC
# A route that comes while the data plane owes an answer gets into the key
# table once that is there.
. "$(dirname "$0")/lib.sh"
need wg

host a
(umask 077; wg genkey > "$TMP/fs/a/etc/wg0.key")
p=$(wg genkey | wg pubkey)
q=$(wg genkey | wg pubkey)
cat > "$TMP/fs/a/etc/warren.conf" <<C
router id 10.0.0.1;
log stderr all;
protocol device {}
protocol static later { disabled; ipv4;
	route 10.50.0.0/16 via 10.9.0.2; route 10.51.0.0/16 via 10.9.0.3; }
protocol wireguard wg0 {
	backend userspace;
	private key file "/etc/warren/wg0.key"; address 10.9.0.1/24;
	peer "p" { public key "$p"; allowed ips 10.9.0.2/32; };
	peer "q" { public key "$q"; allowed ips 10.9.0.3/32; };
	ipv4 { import all; export where source = RTS_STATIC; };
}
C
has() { on a wg show wg0 allowed-ips | grep -F "$1" | grep -qF "$2"; }
start a a warrend -f
check allowed_up wait_for "has $p 10.9.0.2/32 && has $q 10.9.0.3/32" 10
wait_for 'grep -q "wg0 is up" $TMP/a.log' 10

# It is asked each second how it is: by then a question waits for its answer.
data_plane=$(pgrep -x warren-wg)
kill -STOP "$data_plane"
sleep 2
check allowed_told on a warren enable later
comes allowed_routed eval 'on a warren show route | grep -q 10.51.0.0/16'
sleep 0.5
kill -CONT "$data_plane"
check allowed_then wait_for "has $p 10.50.0.0/16 && has $q 10.51.0.0/16" 10
stop a

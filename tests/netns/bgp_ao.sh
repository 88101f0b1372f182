#!/bin/bash
# SPDX-License-Identifier: ISC
# "authentication ao": a session between two of us where the kernel has TCP-AO
# (Linux 6.7 and later, if it was built in); where it has not, the protocol
# says so and no session comes up without it.
. "$(dirname "$0")/lib.sh"
need birdc python3

served() {
	python3 - <<-P
	import errno, socket, sys
	try:
	    socket.socket().getsockopt(socket.IPPROTO_TCP, 40, 64)
	except OSError as e:
	    sys.exit(e.errno == errno.ENOPROTOOPT)
	P
}
host a b
link a eb b ea 10.0.1.1/24 10.0.1.2/24
conf() {	# NUMBER OTHER SECRET
	cat > "$TMP/$1.conf" <<-C
	router id 10.0.0.$1;
	protocol device { }
	protocol bgp other {
		local 10.0.1.$1 as 6500$1; neighbor 10.0.1.$2 as 6500$2;
		connect delay time 1; connect retry time 1;
		authentication ao;
		keys {
			key { id 1; secret "$3"; };
			key { id 2; secret "$3$3"; algorithm cmac aes128;
				deprecated; };
		};
		ipv4 { import all; export all; };
	}
	C
}
conf 1 2 secret
conf 2 1 secret
start a a warrend -f -c "$TMP/1.conf" -s "$TMP/1.ctl"
start b b warrend -f -c "$TMP/2.conf" -s "$TMP/2.ctl"
shows() { birdc -s "$TMP/1.ctl" show protocols other | grep -q "$1"; }
if served; then
	check bgp_ao/up wait_for 'shows Established' 20
	conf 1 2 another
	birdc -s "$TMP/1.ctl" configure > "$TMP/answer"
	sleep 5
	check bgp_ao/wrong_key eval '! shows Established'
else
	check bgp_ao/not_served wait_for 'shows "no TCP-AO"' 10
	check bgp_ao/log grep -q '<ERR> other: This kernel has no TCP-AO' \
		"$TMP/a.log"
	check bgp_ao/no_session eval '! shows Established'
fi
check bgp_ao/no_secret_shown eval '! grep -rq "secret\|another" "$TMP"/*.log'

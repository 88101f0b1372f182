#!/bin/bash
# SPDX-License-Identifier: ISC
# The hooks of a wg-quick file: with "run hooks", in their order, one after the
# other, once for each life of the interface; and not at all without.
. "$(dirname "$0")/lib.sh"
need wg

host r
(umask 077; cat > "$TMP/fs/r/wireguard/wg0.conf") <<END
[Interface]
PrivateKey = $(wg genkey)
Address = 10.0.0.1/24
PreUp = sleep 1; echo preup %i >> /tmp/hooks
PostUp = echo postup %i >> /tmp/hooks; ip link show %i > /dev/null
PostUp = echo again >> /tmp/hooks; false
PostUp = echo never >> /tmp/hooks
PreDown = sleep 1; echo predown %i >> /tmp/hooks
PostDown = echo postdown %i >> /tmp/hooks
END
conf() {
	on r sh -c 'cat > /etc/warren/warren.conf' <<-END
	router id 10.0.0.1;
	protocol device {}
	protocol wireguard wg0 { config file "/etc/wireguard/wg0.conf"; $1 }
	END
}
hooks() { on r cat /tmp/hooks 2>/dev/null | tr '\n' ' '; }
is() { [ "$(hooks)" = "$1" ]; }
conf ""
start r r warrend -f
wait_for 'on r wg show wg0' 10
sleep 1.5
check hooks/not-unless-told is ""
on r warren down > /dev/null
wait "${pid[r]}"
conf "run hooks yes;"
start r r warrend -f
check hooks/up wait_for 'is "preup wg0 postup wg0 again "' 10
check hooks/failure-told wait_for 'grep -q "PostUp ended with status 1" $TMP/r.log' 5
# A warrend that finds its tunnel running does not run them again.
stop r KILL
start r r warrend -f
wait_for 'on r warren show protocols wg0 | grep -q up' 10
sleep 1.5
check hooks/once is "preup wg0 postup wg0 again "
on r warren disable wg0 > /dev/null
check hooks/down wait_for \
	'is "preup wg0 postup wg0 again predown wg0 postdown wg0 "' 5
# One by one in a shutdown, too, when nobody is left to see to it.
on r sh -c ': > /tmp/hooks'
on r warren enable wg0 > /dev/null
wait_for 'is "preup wg0 postup wg0 again "' 5
on r warren down > /dev/null
wait "${pid[r]}"
check hooks/shutdown wait_for \
	'is "preup wg0 postup wg0 again predown wg0 postdown wg0 "' 5

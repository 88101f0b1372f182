#!/bin/bash
# SPDX-License-Identifier: ISC
# warren doctor on peers that do not answer, on two machines with one key, and
# on other programs that do what warrend does.
. "$(dirname "$0")/lib.sh"
. "$TOP/tests/labs/homes.sh"
. "$TOP/tests/netns/doclib.sh"
need wg nft ping setpriv

doc_world

# --- another daemon beside us ---
if command -v bird > /dev/null; then
	cat > "$TMP/bird.conf" <<-'END'
	router id 10.9.9.9;
	protocol device { }
	END
	start bird east bird -f -c "$TMP/bird.conf" -s /run/bird.test
	within=10 breaks other-daemon east true mend
	unset 'pid[bird]'
else
	skip doctor/other-daemon "bird is not installed"
fi
stop east
start taker east python3 -c 'import socket, time
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("0.0.0.0", 179)); s.listen(); time.sleep(600)'
wait_for 'on east grep -q ":00B3 00000000:0000 0A" /proc/net/tcp' 10
homes_start east
wait_for 'on east warren show status' 10
breaks port-taken east true mend
unset 'pid[taker]'
stop east
homes_start east
doc_settled

# --- nobody at the other end ---
stop vps KILL
with='no-way no-forwarding'
breaks bgp-refused east true
with=''
homes_start vps
doc_settled

# --- no way there ---
on east cp /etc/warren/warren.conf /tmp/good
with='silent-peer'
breaks no-way east "sed -i 's/neighbor 10.0.0.1 as/neighbor 10.77.0.1 as/; s/protocol bgp vps {/& multihop;/' /etc/warren/warren.conf
	ip route del default; warren configure" \
	"ip route add default via 100.64.0.1; cp /tmp/good /etc/warren/warren.conf; warren configure"
with=''
doc_settled

# --- silence, of a Warren ---
on isp-east nft insert rule ip cgn forward drop
with='session-down bgp-refused wrong-ttl'
breaks silent-peer east true
with=''
on isp-east sh -c 'nft flush chain ip cgn forward
	nft "add rule ip cgn forward ct state established,related accept; add rule ip cgn forward iifname cgn accept"'
doc_settled

# --- long silence, of anybody else ---
# Three minutes pass at once: who stands between makes every handshake old.
cat > "$TMP/later.py" <<'END'
import re, socket, threading
def later(m):
    return m.group(1) + b'2020-01-01T00:00:00'
def copy(a, b, change):
    while data := a.recv(1 << 20):
        b.sendall(re.sub(rb'("latest_handshake": ?")[0-9T:-]{19}', later, data)
                  if change else data)
    b.shutdown(socket.SHUT_WR)
s = socket.socket(socket.AF_UNIX)
s.bind('/run/later.ctl')
s.listen()
while True:
    a, _ = s.accept()
    b = socket.socket(socket.AF_UNIX)
    b.connect('/run/warren/warren.ctl')
    threading.Thread(target=copy, args=(a, b, False)).start()
    threading.Thread(target=copy, args=(b, a, True)).start()
END
start later east python3 "$TMP/later.py"
wait_for 'on east test -S /run/later.ctl' 5
doc_socket=/run/later.ctl breaks silent-peer east true
stop later

# --- one key, two machines ---
# west gets east's; each calls from behind its own NAT.
stop west
ip -n west link del wg0
on west sh -c 'cp /etc/warren/wg0.key /tmp/own; cat > /etc/warren/wg0.key' \
	< "$TMP/fs/east/etc/wg0.key"
on west sed -i 's/persistent keepalive 25/persistent keepalive 1/' /etc/warren/warren.conf
on east sh -c "sed -i 's/persistent keepalive 25/persistent keepalive 1/' /etc/warren/warren.conf; warren configure" > /dev/null
wait_for '! on west test -e /var/run/wireguard/wg0.sock' 5
homes_start west
for i in 1 2 3; do
	sleep 1.5
	on east wg set wg0 peer "${homes_public[vps]}" persistent-keepalive 1
	on east warren restart wg0 > /dev/null
	sleep 1.5
	on west warren restart wg0 > /dev/null
done
with='no-handshake waits-for-peer session-down flaps bgp-refused no-way silent-peer firewall-input'
breaks same-key vps true
with=''
stop west
ip -n west link del wg0
on west cp /tmp/own /etc/warren/wg0.key

# --- a tunnel that cannot be made ---
on west mv /etc/warren/wg0.key /tmp/own
on west mkdir /etc/warren/wg0.key
homes_start west
with='session-down no-way not-on-link'
within=25 breaks tunnel-down west true
with=''
stop west
on west sh -c 'rmdir /etc/warren/wg0.key; mv /tmp/own /etc/warren/wg0.key'

# --- our own firewall, and a provider's, from the beginning ---
stop east
stop vps
for h in east west vps; do ip -n $h link del wg0 2>/dev/null; done
on net nft -f - <<'END'
table ip provider {
	chain f {
		type filter hook forward priority filter
		ip daddr 203.0.113.10 udp dport 51820 drop
	}
}
END
wait_for '! on east test -e /var/run/wireguard/wg0.sock' 5
homes_start vps east
sleep 16
with='session-down no-way wrong-ttl'
breaks no-handshake east true
breaks waits-for-peer vps true
breaks firewall-output east "nft add table ip x; nft add chain ip x c '{ type filter hook output priority 0; }'; nft add rule ip x c udp dport 51820 drop"
for h in vps east; do stop $h; done

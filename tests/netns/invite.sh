#!/bin/bash
# SPDX-License-Identifier: ISC
# warren invite and revoke: pools that are full, of IPv6 alone, of both; names;
# several tunnels; what a restart and a reload keep; who may see the secrets.
. "$(dirname "$0")/lib.sh"
need wg wg-quick python3 script

host hub
ip -n hub address add 203.0.113.10/32 dev lo
on hub sh -c 'umask 077; for i in 0 1 2 3; do warren genkey > /etc/warren/wg$i.key; done'
other=$(warren genkey | warren pubkey)
on hub sh -c 'cat > /etc/warren/warren.conf' <<-END
	log stderr all;
	router id 10.1.0.1;
	debug protocols all;
	protocol device {}
	protocol wireguard small {
	    interface "wg0"; private key file "/etc/warren/wg0.key"; listen port 51820;
	    address 10.1.0.1/24; invite pool 10.1.0.64/30; invite endpoint "vpn.example:51820";
	    peer "mine" { public key "$other"; allowed ips 10.1.0.2/32; };
	}
	protocol wireguard six {
	    interface "wg1"; private key file "/etc/warren/wg1.key"; listen port 51821;
	    address fd00:1::1/64; invite pool fd00:1::100/120; invite endpoint "[2001:db8::10]:51821";
	}
	protocol wireguard both {
	    interface "wg2"; private key file "/etc/warren/wg2.key"; listen port 51822;
	    address 10.2.0.1/24; address fd00:2::1/64; masquerade yes;
	    invite pool 10.2.0.64/26, fd00:2::40/122; invite endpoint "203.0.113.10:51822";
	}
	protocol wireguard none {
	    interface "wg3"; private key file "/etc/warren/wg3.key"; listen port 51823; address 10.3.0.1/24;
	}
END
start hub hub warrend -f
wait_for 'on hub wg show wg3 listen-port | grep -q 51823' 10 || { not_ok invite/up "no"; exit 1; }

# invite STATUS ARGUMENT...: answers in $TMP/out and $TMP/err
invite() {
	local want=$1
	shift
	on hub warren invite "$@" > "$TMP/out" 2> "$TMP/err"
	[ $? = "$want" ]
}
says() { grep -qE -- "$1" "$TMP/${2:-out}"; }
field() { sed -n "s/^$1 = //p" "$TMP/out"; }

check "invite/which of several tunnels" invite 1 phone
check "invite/it asks for -i" says 'Several tunnels invite' err
check "invite/and gives nothing away" test ! -s "$TMP/out"
check "invite/no pool" invite 1 phone -i wg3
check "invite/no pool, and how to have one" says 'invite pool PREFIX' err
check "invite/no such tunnel" invite 1 phone -i nonsense
for bad in '' 'a"b' "$(printf 'x%.0s' $(seq 64))"; do
	check "invite/a bad name (${#bad} characters)" sh -c "! nsenter -t ${holder[hub]} -m -n warren invite '$bad' -i wg0 > /run/lab/out 2>&1"
	check "invite/… leaves no trace" test ! -e "$TMP/fs/hub/etc/warren.conf.invited"
done
on hub warren invite > /dev/null 2>&1
check "invite/usage" test $? = 2
on hub warren -s /run/nobody invite x > /dev/null 2>&1
check "invite/no daemon" test $? = 3

# --- a full pool ---
check "invite/first" invite 0 phone -i wg0
check "invite/address" test "$(field Address)" = 10.1.0.65/32
check "invite/endpoint" test "$(field Endpoint)" = vpn.example:51820
check "invite/allowed ips" says '^AllowedIPs = 10\.1\.0\.0/24$'
cp "$TMP/out" "$TMP/phone.conf"
check "invite/second" invite 0 tablet -i wg0
check "invite/another address" test "$(field Address)" = 10.1.0.66/32
check "invite/full" invite 1 laptop -i wg0
check "invite/full: it says so" says 'invite pool 10\.1\.0\.64/30 is full' err
check "invite/the name twice" invite 1 phone -i wg0
check "invite/the name twice: it says so" says 'has a peer phone already' err
check "invite/the name of a configured peer" invite 1 mine -i wg0
for c in 'invite y -i wg2' 'revoke phone -i wg0' 'doctor --fix --yes'; do
	on hub warren -r $c > "$TMP/out" 2> "$TMP/err"
	check "invite/who is restricted may not $c" says 'Access denied' err
done
on hub warren revoke nobody -i wg0 > "$TMP/out" 2> "$TMP/err"
check "revoke/nobody" test $? = 1
check "revoke/nobody: it says so" says 'no peer nobody' err
on hub warren revoke mine -i wg0 > "$TMP/out" 2> "$TMP/err"
check "revoke/a configured peer stays" says 'was not invited' err
check "revoke/phone" on hub warren revoke phone -i wg0
gone=$(sed -n 's/^PrivateKey = //p' "$TMP/phone.conf" | wg pubkey)
check "revoke/its key is gone" wait_for '! on hub wg show wg0 peers | grep -qF "$gone"' 5
check "invite/the freed address" invite 0 laptop -i wg0
check "invite/is given again" test "$(field Address)" = 10.1.0.65/32

# --- IPv6 alone, and both ---
check "invite/IPv6 alone" invite 0 six -i wg1
check "invite/IPv6: address" test "$(field Address)" = fd00:1::101/128
check "invite/IPv6: endpoint" test "$(field Endpoint)" = '[2001:db8::10]:51821'
check "invite/IPv6: nothing of IPv4" sh -c "! grep -q '0\.0\.0\.0' '$TMP/out'"
check "invite/both" invite 0 both -i wg2
check "invite/both: addresses" test "$(field Address)" = '10.2.0.65/32, fd00:2::41/128'
check "invite/both: everything, for it masquerades" test "$(field AllowedIPs)" = '0.0.0.0/0, ::/0'

# --- the file is what WireGuard's own tools take ---
cp "$TMP/out" "$TMP/client.conf"
check "invite/wg-quick strip" sh -c "wg-quick strip '$TMP/client.conf' > '$TMP/stripped'"
start stock hub wireguard-go -f stock
if wait_for 'on hub wg show stock' 10; then
	check "invite/wg setconf" on hub wg setconf stock "$TMP/stripped"
	check "invite/with the preshared key" test "$(on hub wg show stock preshared-keys | cut -f 2)" = "$(field PresharedKey)"
	check "invite/the hub has the same" sh -c "nsenter -t ${holder[hub]} -m -n wg show wg2 preshared-keys | grep -qF '$(on hub wg show stock public-key)	$(field PresharedKey)'"
else
	skip invite/setconf "wireguard-go does not start"
fi
stop stock

# --- pictures ---
check "invite/no picture in a pipe" sh -c "! grep -q '[▀▄█]' '$TMP/out'"
on hub script -qc 'warren invite onscreen -i wg2' /dev/null > "$TMP/out" 2>&1
check "invite/one on a terminal" says '[▀▄█]'
check "invite/png" invite 0 paper -i wg2 -q /etc/warren/paper.png
check "invite/png: only we may read it" test "$(on hub stat -c %a /etc/warren/paper.png)" = 600
check "invite/png: a picture" python3 - "$TMP/fs/hub/etc/paper.png" <<'END'
import struct, sys, zlib
d = open(sys.argv[1], 'rb').read()
assert d[:8] == b'\x89PNG\r\n\x1a\n'
at, idat, head, end = 8, b'', None, False
while at < len(d):
    n, kind = struct.unpack('>I4s', d[at:at + 8])
    body = d[at + 8:at + 8 + n]
    assert struct.unpack('>I', d[at + 8 + n:at + 12 + n])[0] == zlib.crc32(kind + body)
    head = struct.unpack('>IIBBBBB', body) if kind == b'IHDR' else head
    idat += body if kind == b'IDAT' else b''
    end = end or kind == b'IEND'
    at += 12 + n
width, height, depth, colour = head[:4]
raw = zlib.decompress(idat)
assert end and width == height >= 100
channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
assert len(raw) == height * (1 + (width * depth * channels + 7) // 8)
assert len(set(raw)) > 1
END
if command -v zbarimg > /dev/null; then
	check "invite/png: says the same" sh -c "zbarimg -q --raw '$TMP/fs/hub/etc/paper.png' | grep -qF '$(field PrivateKey)'"
fi
on hub warren invite lost -i wg2 -q /nowhere/x.png > "$TMP/out" 2> "$TMP/err"
check "invite/no place for the picture" test $? = 1
check "invite/… is invited all the same" says '^PrivateKey = '

# --- who is kept ---
peers() { on hub sh -c 'for i in wg0 wg1 wg2; do wg show $i allowed-ips; done' | sort; }
peers > "$TMP/before"
on hub warren configure > /dev/null
check "invite/configure keeps them" sh -c "[ \$(wc -l < '$TMP/before') = 8 ]"
peers > "$TMP/after"
check "invite/configure changes nothing" cmp "$TMP/before" "$TMP/after"
stop hub
start hub hub warrend -f
wait_for 'peers > $TMP/after; cmp $TMP/before $TMP/after' 10
check "invite/a restart keeps them" cmp "$TMP/before" "$TMP/after"
stop hub KILL
start hub hub warrend -f
wait_for 'peers > $TMP/after; cmp $TMP/before $TMP/after' 10
check "invite/a crash keeps them" cmp "$TMP/before" "$TMP/after"
wait_for 'on hub warren revoke six -i wg1' 10
check "revoke/after a restart" sh -c "! nsenter -t ${holder[hub]} -m -n wg show wg1 peers | grep -q ."

# --- secrets ---
check "invite/0600" test "$(on hub stat -c %a /etc/warren/warren.conf.invited)" = 600
psk=$(sed -n 's/^PresharedKey = //p' "$TMP/phone.conf" "$TMP/client.conf")
keys=$(sed -n 's/^PrivateKey = //p' "$TMP/phone.conf" "$TMP/client.conf")
for k in $psk $keys; do
	check "invite/no secret in the log" sh -c "! grep -qF '$k' '$TMP/hub.log'"
	check "invite/nor shown" sh -c "! nsenter -t ${holder[hub]} -m -n warren show tunnels | grep -qF '$k'"
done
for k in $keys; do
	check "invite/the private key is nowhere" sh -c "! grep -rqF '$k' '$TMP/fs/hub/etc' '$TMP/fs/hub/run'"
done
# Who was invited and has not come yet is no finding.
on hub sed -i '/peer "mine"/d' /etc/warren/warren.conf
on hub warren configure > /dev/null
on hub sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
on hub warren doctor > "$TMP/out"
check "doctor/an inviting hub is well" says '^Nothing to mend'
stop hub

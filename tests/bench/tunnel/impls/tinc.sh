# SPDX-License-Identifier: ISC
# tinc 1.0 (Debian), router mode, defaults (legacy protocol: Blowfish-CBC + HMAC-SHA1 over UDP).
IMPL_KIND=other
impl_version() { tincd --version | head -1; }
impl_setup() {
	local s o d="$TB_TMP/tinc"
	[ "$1" = a ] && o=b || o=a
	mkdir -p "$d/$1/hosts"
	for s in a b; do
		[ -e "$d/$s.key" ] || { openssl genrsa -traditional -out "$d/$s.key" 2048 2> /dev/null; openssl rsa -in "$d/$s.key" -RSAPublicKey_out -out "$d/$s.pub" 2> /dev/null; }
	done
	local lin=$6 rin=$7 rout=$5 rport=$9 port=$8
	cp "$d/$1.key" "$d/$1/rsa_key.priv"; chmod 600 "$d/$1/rsa_key.priv"
	{ echo "Name = $1"; echo "Interface = $3"; echo "Mode = router"; echo "Port = $port"; echo "AddressFamily = ipv4"; [ "$1" = a ] && echo "ConnectTo = b"; true; } > "$d/$1/tinc.conf"
	{ echo "Subnet = $lin/32"; echo "Port = $port"; cat "$d/$1.pub"; } > "$d/$1/hosts/$1"
	{ [ "$1" = a ] && echo "Address = $rout"; echo "Port = $rport"; echo "Subnet = $rin/32"; cat "$d/$o.pub"; } > "$d/$1/hosts/$o"
	ip netns exec "$2" tincd -D -c "$d/$1" --pidfile="$d/$1.pid" > "$TB_TMP/$3.log" 2>&1 < /dev/null &
	echo $!
}

# SPDX-License-Identifier: ISC
# fastd (Debian), method "null": its own handshake and I/O, no encryption at all.
IMPL_KIND=other
FASTD_METHOD=${FASTD_METHOD:-null}
impl_version() { fastd --version | head -1; echo "method $FASTD_METHOD"; }
impl_setup() {	# $1 side $2 netns $3 if $4 own outer $5 other's outer $6 own inner $7 other's inner $8 own port $9 other's port
	local s o d="$TB_TMP/fastd-$1" peer
	for s in a b; do
		[ -e "$TB_TMP/fastd.$s" ] || fastd --generate-key 2> /dev/null | tr -d ' ' > "$TB_TMP/fastd.$s"
	done
	[ "$1" = a ] && o=b || o=a
	mkdir -p "$d/peers"
	sec() { sed -n 's/^Secret://p' "$TB_TMP/fastd.$1"; }
	pub() { sed -n 's/^Public://p' "$TB_TMP/fastd.$1"; }
	{ echo "key \"$(pub $o)\";"; echo "interface \"$3\";"; [ "$1" = a ] && echo "remote $5:$9;"; true; } > "$d/peers/other"
	cat > "$d/conf" <<C
mode tun;
method "$FASTD_METHOD";
bind $4:$8;
secret "$(sec "$1")";
mtu 1420;
log to stderr level info;
include peers from "$d/peers";
C
	chmod 600 "$d/conf"
	ip netns exec "$2" fastd -c "$d/conf" > "$TB_TMP/$3.log" 2>&1 < /dev/null &
	echo $!
}
